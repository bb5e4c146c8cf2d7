"""A worksheet in Chromium, by WebDriver: worksheet_page.py FOLDER PAGE CODE

Prints "ok ..." or "not ok ..." for each fact, and leaves what the page saved
in FOLDER/downloads.
"""
import base64
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

folder, page, code = sys.argv[1:]
PORT = 9515
ENTER, ESCAPE, CONTROL = '\ue007', '\ue00c', '\ue009'
FLAGS = ('--headless --no-sandbox --disable-gpu --disable-quic --no-first-run '
         '--disable-background-networking --disable-component-update '
         '--disable-sync --disable-dev-shm-usage --lang=en --accept-lang=en '
         '--window-size=1200,900').split()


def call(method, path, body=None):
    request = urllib.request.Request(
        f'http://127.0.0.1:{PORT}{path}', method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={'Content-Type': 'application/json'})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)['value']
    except urllib.error.HTTPError as error:
        raise RuntimeError(error.read()[:500]) from error


def until(what, seconds=20):
    """What it gives once that is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            got = what()
        except (OSError, ValueError):
            got = None
        if got:
            return got
        time.sleep(0.02)
    return None


class Browser:
    def __init__(self):
        until(lambda: call('GET', '/status')['ready'])
        options = {
            'args': FLAGS + [f'--user-data-dir={folder}/profile'],
            'prefs': {'download.default_directory': f'{folder}/downloads'}}
        self.path = '/session/' + call('POST', '/session', {
            'capabilities': {'alwaysMatch': {
                'goog:chromeOptions': options}}})['sessionId']

    def post(self, path, body):
        return call('POST', self.path + path, body)

    def open(self, name):
        self.post('/url', {'url': 'file://' + name})
        return until(lambda: self.js('return document.body.dataset.ready'))

    def js(self, script, *args):
        return self.post('/execute/sync', {'script': script, 'args': args})

    def text(self, selector):
        return self.js('const e = document.querySelector(arguments[0]);'
                       'return e && e.textContent', selector)

    def keys(self, text, held=''):
        actions = [{'type': 'keyDown', 'value': k} for k in held]
        for key in text:
            actions += [{'type': 'keyDown', 'value': key},
                        {'type': 'keyUp', 'value': key}]
        actions += [{'type': 'keyUp', 'value': k} for k in held]
        self.post('/actions', {'actions': [
            {'type': 'key', 'id': 'keyboard', 'actions': actions}]})

    def click(self, text):
        self.js('[...document.querySelectorAll("button")].find('
                '(b) => b.textContent === arguments[0]).click()', text)

    def upload(self, selector, name):
        element = self.post('/element', {'using': 'css selector',
                                         'value': selector})
        self.post(f'/element/{list(element.values())[0]}/value',
                  {'text': name})

    def end(self):
        call('DELETE', self.path)


def fact(name, true):
    print(('ok ' if true else 'not ok ') + name, flush=True)


def decide_all(b):
    """By keyboard alone, as the questions come."""
    count = b.js('return document.querySelectorAll(".card").length')
    b.keys('n')
    for _ in range(count):
        b.keys('1')
        if b.js('return document.activeElement.matches("textarea")'):
            b.keys('her work' + ENTER)
        b.keys('n')
    return b.text('.count') == f'{count} of {count} decided'


def save(b, typed):
    b.keys('s', held=CONTROL)
    until(lambda: b.js('return document.activeElement.id') == 'code')
    b.js('document.getElementById("code").value = ""')
    b.keys(typed + ENTER)


def try_page(b):
    fact('it opens from a file, in English', b.open(page) and
         b.js('return document.title') == 'Access review 2026Q4')
    fact('markup in a name is text, and is not run',
         '</script><script>document.title="hit"</script>' in
         (b.text('.cards') or ''))
    b.js('const s = document.createElement("script");'
         's.textContent = "window.hit = 1"; document.body.append(s)')
    fact('no other script runs in it', b.js('return window.hit') is None)
    fact('it reaches no network', b.post('/execute/async', {
        'script': 'const [url, done] = arguments;'
                  'fetch(url, { mode: "no-cors" }).then('
                  '() => done("got"), () => done("refused"))',
        'args': [f'http://127.0.0.1:{PORT}/status']}) == 'refused')
    b.click('中文')
    fact('it says all in Chinese at once',
         b.js('return document.title') == '帳號權限審查 2026Q4' and
         '特權' in b.text('.cards') and 'Privileged' not in b.text('main'))
    b.click('English')
    b.keys('n1')
    fact('a keep of what is privileged asks for a reason',
         'Still needed: Reason' in b.text('.card.current .lacks'))
    b.keys('her work' + ENTER)
    fact('leaving with unsaved answers warns', b.js(
        'const e = new Event("beforeunload", { cancelable: true });'
        'dispatchEvent(e); return e.defaultPrevented'))
    fact('all is decided by keyboard', decide_all(b))


def try_group(b):
    b.js('const c = document.querySelector(".group").closest(".card");'
         'c.focus()')
    b.keys('u')
    fact('a group unfolds to its items',
         b.js('return document.querySelectorAll(".item").length') == 8)
    b.js('const s = document.querySelector(".item select"); s.value ='
         '"revoke"; s.dispatchEvent(new Event("change"))')
    b.js('document.querySelector(".item textarea").focus()')
    b.keys('moved' + ESCAPE)
    fact('an item has a decision of its own',
         b.js('return questions.some((q) => q.items.some('
              '(i) => i.answer.decision === "revoke"))'))


def try_save(b):
    name = f'{folder}/downloads/2026Q4-E1001.json'
    save(b, '00000-00000-00000-00000')
    fact('another code is refused at once', until(
        lambda: 'not the code of this page' in (b.text('#code-error') or '')))
    b.keys(ESCAPE)
    save(b, code.lower().replace('-', ' '))
    saved = until(lambda: os.path.exists(name) and
                  json.load(open(name, encoding='utf-8')))
    fact('it saves the answers as a file', saved and
         len(saved['decisions']) == 4 and len(saved['hmac']) == 64)
    fact('times are measured', saved and
         all(d['decided'] and d['seconds'] >= 0 for d in saved['decisions']))
    fact('what is saved may be left', not b.js(
        'const e = new Event("beforeunload", { cancelable: true });'
        'dispatchEvent(e); return e.defaultPrevented'))
    b.open(page)
    fact('a page opened anew has no answers',
         b.text('.count').startswith('0 of'))
    b.upload('input[type=file]', name)
    fact('it continues from the saved file', until(
        lambda: b.text('.count') == '3 of 3 decided'))
    return saved


def try_print(b):
    b.js('dispatchEvent(new Event("beforeprint"))')
    fact('on paper each answer is written out',
         b.js('return document.querySelectorAll(".printed").length') == 4 and
         b.js('return document.querySelectorAll(".item").length') == 8)
    b.js('dispatchEvent(new Event("afterprint"))')
    pdf = base64.b64decode(b.post('/print', {}))
    fact('it prints', pdf.startswith(b'%PDF') and len(pdf) > 10000)


def try_altered(b):
    other = f'{folder}/altered.html'
    with open(page, encoding='utf-8') as f, \
            open(other, 'w', encoding='utf-8') as out:
        out.write(f.read().replace('Domain Admins', 'Domain Users', 1))
    b.open(other)
    b.keys('s', held=CONTROL)
    fact('an altered page says so, and saves nothing',
         'altered or damaged' in (b.text('main .warning[role=alert]') or '')
         and b.text('dialog') is None)


driver = subprocess.Popen(['chromedriver', f'--port={PORT}'],
                          stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL)
try:
    browser = Browser()
    try:
        try_page(browser)
        try_group(browser)
        try_save(browser)
        try_print(browser)
        try_altered(browser)
    finally:
        browser.end()
except Exception as error:  # whatever it is, it is a failed test
    fact(f'the browser works ({error!r})', False)
finally:
    driver.terminate()
    driver.wait()
