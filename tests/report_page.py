"""Pages of reports in Chromium, by WebDriver: report_page.py FOLDER AXE PAGE...

For each page, at a phone's and a desktop's width, light and dark: nothing but
its own tables scrolls sideways, and axe-core finds nothing. Prints "ok ..." or
"not ok ..." for each page; what is wrong stands behind it. FOLDER is for the
browser's profile, and gets a PNG of each page if SHOTS is set.
"""
import base64
import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.error
import urllib.request

folder, axe, *pages = sys.argv[1:]
PORT = 9517
FLAGS = ('--headless --no-sandbox --disable-gpu --no-first-run --disable-quic '
         '--disable-background-networking --disable-component-update '
         '--disable-sync --disable-dev-shm-usage --hide-scrollbars').split()
VIEWS = ((360, 'light'), (360, 'dark'), (1280, 'light'), (1280, 'dark'))
# Wider than the window, and not inside of what scrolls by itself.
WIDE = '''
const room = document.documentElement.clientWidth;
return [...document.querySelectorAll('body *')].filter((e) =>
    e.getBoundingClientRect().right > room + 1 &&
    getComputedStyle(e).clipPath === 'none' &&
    !e.closest('.scroll > *, svg, .unseen')).map((e) =>
    e.tagName + '.' + e.className + ' ' + e.textContent.slice(0, 40));
'''
AXE = '''
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ['violations']}).then((r) => done(
    r.violations.map((v) => v.id + ' (' + v.nodes.length + '): ' +
        v.nodes.slice(0, 2).map((n) => n.html.slice(0, 120)).join(' | '))),
    (e) => done(['axe: ' + e]));
'''


def call(method, path, body=None):
    request = urllib.request.Request(
        f'http://127.0.0.1:{PORT}{path}', method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={'Content-Type': 'application/json'})
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)['value']
    except urllib.error.HTTPError as error:
        raise RuntimeError(error.read()[:500]) from error


def ready():
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            if call('GET', '/status')['ready']:
                return
        except OSError:
            time.sleep(0.05)
    raise SystemExit('not ok chromedriver starts')


def start():
    options = {'args': FLAGS + [f'--user-data-dir={folder}/profile']}
    return '/session/' + call('POST', '/session', {'capabilities': {
        'alwaysMatch': {'goog:chromeOptions': options}}})['sessionId']


def look(session, width, scheme, source, shot):
    def cdp(command, **parameters):
        return call('POST', session + '/goog/cdp/execute',
                    {'cmd': command, 'params': parameters})

    def run(kind, script):
        return call('POST', f'{session}/execute/{kind}',
                    {'script': script, 'args': []})

    cdp('Emulation.setDeviceMetricsOverride', width=width, height=900,
        deviceScaleFactor=1, mobile=False)
    cdp('Emulation.setEmulatedMedia', features=[
        {'name': 'prefers-color-scheme', 'value': scheme}])
    wrong = [f'too wide: {w}' for w in run('sync', WIDE)]
    run('sync', source)
    wrong += run('async', AXE)
    if shot:
        png = cdp('Page.captureScreenshot', captureBeyondViewport=True)['data']
        pathlib.Path(shot).write_bytes(base64.b64decode(png))
    return wrong


def main():
    source = pathlib.Path(axe).read_text()
    driver = subprocess.Popen(['chromedriver', f'--port={PORT}'],
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    try:
        ready()
        session = start()
        call('POST', session + '/timeouts', {'script': 100000})
        for page in pages:
            name = '-'.join(pathlib.Path(page).parts[-2:])
            call('POST', session + '/url', {'url': pathlib.Path(page).resolve().as_uri()})
            wrong = []
            for width, scheme in VIEWS:
                shot = os.environ.get('SHOTS') and (
                    f'{folder}/{name}-{width}-{scheme}.png')
                wrong += [f'{width} {scheme}: {w}' for w in look(
                    session, width, scheme, source, shot)]
            print('not ok' if wrong else 'ok', name,
                  *(' '.join(w.split()) for w in wrong[:6]), flush=True)
        call('DELETE', session)
    finally:
        driver.terminate()
        driver.wait()


main()
