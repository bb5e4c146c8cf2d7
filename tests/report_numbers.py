"""report_numbers.py PACK REPORT [exported]: each number of each page is told.

report_figures.py counts figures that lead to lists. Here is the rest: cells of
tables, shares, changes, what drawings show, times. All is computed again from
the pack's parts, never from summary.xml; a number that nothing here accounts
for is a fault. Of a pack that reeve exported ("exported") scores and trends
are counted again from accounts and findings, too.
"""
import collections
import datetime
import html.parser
import os
import re
import sys
import xml.etree.ElementTree as ET

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SPACE = '{urn:reeve:evidence:1}'
XS = '{http://www.w3.org/2001/XMLSchema}'
VOID = set('area base br col embed hr img input link meta source wbr'.split())
GRAVE = ['critical', 'high', 'medium', 'low']
NUMBER = re.compile(r'(?<![\w.#-])[+−]?\d[\d,]*(?:\.\d+)?%?(?![\w-])')
NONE = '–'
faults = []


def fault(where, what):
    if len(faults) < 40:
        faults.append('%s: %s' % (where, what))


def same(where, got, wanted):
    if got != wanted:
        fault(where, '%s, wanted %s' % (got, wanted))


# ---- The pack ----

class Pack:
    def __init__(self, folder):
        self.manifest = ET.parse(folder + '/manifest.xml').getroot()
        self.rows = collections.defaultdict(list)
        self.types = types()
        for f in self.manifest.iter(SPACE + 'file'):
            if f.get('class'):
                for e in ET.parse(folder + '/' + f.get('name')).getroot():
                    self.rows[f.get('class')].append(dict(e.attrib))
        begins = datetime.datetime.fromisoformat(
            self.manifest.get('from').replace('Z', '+00:00'))
        zone = -(begins.hour * 60 + begins.minute) % 1440
        self.zone = datetime.timedelta(
            minutes=zone - 1440 if zone > 840 else zone)

    def local(self, text):
        at = datetime.datetime.fromisoformat(text.replace('Z', '+00:00'))
        return (at + self.zone).strftime('%Y-%m-%d %H:%M')

    def having(self, kind, **values):
        return [r for r in self.rows[kind] if all(
            r.get(k, '') in v.split('|') for k, v in values.items())]


def types():
    """class: {column: type}"""
    return {e.get('name'): {a.get('name'): (a.get('type') or '').split(':')[-1]
                            for a in e.iter(XS + 'attribute')}
            for e in ET.parse(TOP + '/schema/evidence.xsd').getroot().findall(
                XS + 'element')}


# ---- The page ----

class Node:
    def __init__(self, tag, attributes, parent):
        self.tag, self.a, self.parent = tag, dict(attributes), parent
        self.children = []

    def has(self, name):
        return name in self.a.get('class', '').split()

    def text(self):
        return ' '.join(''.join(t for t, _ in self.texts()).split())

    def texts(self):
        for c in self.children:
            if isinstance(c, str):
                yield c, self
            else:
                yield from c.texts()

    def all(self, tag, name=None):
        for c in self.children:
            if isinstance(c, Node):
                if c.tag == tag and (name is None or c.has(name)):
                    yield c
                yield from c.all(tag, name)

    def above(self):
        node = self
        while node is not None:
            yield node
            node = node.parent


class Tree(html.parser.HTMLParser):
    def __init__(self, path):
        super().__init__(convert_charrefs=True)
        self.path, self.root = path, Node('', (), None)
        self.at = self.root
        with open(path, encoding='utf-8') as f:
            self.feed(f.read())
        self.close()
        self.main = next(self.root.all('main'))
        self.zh = next(self.root.all('html')).a['lang'] == 'zh-TW'

    def handle_starttag(self, tag, attributes):
        node = Node(tag, attributes, self.at)
        self.at.children.append(node)
        if tag not in VOID:
            self.at = node

    def handle_startendtag(self, tag, attributes):
        self.at.children.append(Node(tag, attributes, self.at))

    def handle_endtag(self, tag):
        if tag not in VOID:
            self.at = self.at.parent

    def handle_data(self, data):
        self.at.children.append(data)

    def regions(self):
        """[(name, [rows of cells])]: by id, or by position where it is a name."""
        for r in self.main.all('div', 'scroll'):
            body = next(r.all('tbody'))
            yield r, [[c for c in row.children if isinstance(c, Node)]
                      for row in body.children if isinstance(row, Node)]


# ---- How numbers are written ----

def shown(value, digits=4):
    if value in (None, ''):
        return NONE
    text = '{:,.{}f}'.format(float(value), digits)
    return text.rstrip('0').rstrip('.') if '.' in text else text


def percent(value, digits=1):
    # Half up, as XSLT writes it.
    text = '%.*f' % (digits, int(value * 100 * 10 ** digits + .5 + 1e-9)
                     / 10 ** digits)
    return (text.rstrip('0').rstrip('.') if '.' in text else text) + '%'


def quarter(period):
    return int(period[:4]) * 4 + int(period[5]) - 1


def numbers(row, names):
    return [shown(row.get(n)) for n in names.split()]


# ---- What pages must say: page: {table: rows of numbers} ----

def change(pack, row, back=1):
    rows = {quarter(r['period']): r for r in pack.rows['trend']
            if r['rule'] == row['rule'] and re.match(r'\d{4}Q\d$', r['period'])}
    if not re.match(r'\d{4}Q\d$', row['period']):
        return None
    now = quarter(row['period'])
    if now - back not in rows:
        return NONE
    between = [rows[q] for q in range(now - back + 1, now + 1) if q in rows]
    if len(between) < back or any(r['comparable'] == 'false' for r in between):
        return None  # a word
    n = int(row['open']) - int(rows[now - back]['open'])
    return '0' if n == 0 else '%s%s' % ('+' if n > 0 else '−', shown(abs(n)))


def gravity(row):
    return GRAVE.index(row['severity']) if row['severity'] in GRAVE else 4


def rule_rows(pack):
    rows = [r for r in pack.rows['rule'] if int(r['hits']) or
            int(r['unknowns']) or r.get('error')]
    for r in sorted(rows, key=lambda r: (gravity(r), -int(r['hits']))):
        trend = sorted((t for t in pack.rows['trend'] if t['rule'] == r['id']),
                       key=lambda t: t['ends'])
        yield numbers(r, 'population hits unknowns excepted') + [
            change(pack, trend[-1]) if trend else NONE]


def risks(pack):
    return sorted(pack.rows['risk'], key=lambda r: -float(r['points']))


def risk_rows(pack):
    over = any(float(r['exposure']) > 1 for r in pack.rows['risk'])
    for i, r in enumerate(risks(pack), 1):
        yield [str(i), shown(r['exposure'], 2) if over else
               percent(float(r['exposure']))] + numbers(
                   r, 'points accounts findings')


def periods(pack):
    first = {}
    for r in pack.rows['trend']:
        first.setdefault(r['period'], r)
    return sorted(first.values(), key=lambda r: r['ends'])


def of_period(pack, period):
    return [r for r in pack.rows['trend'] if r['period'] == period]


def flow_rows(pack):
    for p in reversed(periods(pack)):
        rows = of_period(pack, p['period'])
        yield [shown(sum(int(r[c]) for r in rows))
               for c in ('open', 'new', 'repeated', 'closed')]


def share(pack, row):
    total = sum(int(r['open']) for r in of_period(pack, row['period']))
    return int(row['open']) / total if total else 0


def newest(pack):
    return of_period(pack, periods(pack)[-1]['period']) if periods(pack) else []


def type_rows(pack):
    for r in sorted(newest(pack), key=lambda r: (-int(r['open']), r['rule'])):
        yield [shown(r['open']), percent(share(pack, r)), change(pack, r),
               change(pack, r, 4)] + numbers(
                   r, 'new repeated closed closeDays oldestDays')


def reviewer_rows(pack, campaign):
    rows = pack.having('reviewer', campaign=campaign['id'])
    for r in sorted(rows, key=lambda r: (-int(r['overdue']), r['employee'])):
        asked = int(r['questions'])
        yield numbers(r, 'questions items decided overdue kept revoked median'
                      ) + [percent(int(r['decided']) / asked, 0) if asked
                           else NONE]


def reviews(pack):
    return [list(reviewer_rows(pack, c)) for c in pack.rows['campaign']
            if pack.having('reviewer', campaign=c['id'])]


def faulty_days(pack):
    rows = [r for r in pack.rows['daily'] if r['mark'] in ('late', 'missing')
            or r['state'] == 'incomplete']
    return [numbers(r, 'failures unknown')
            for r in sorted(rows, key=lambda r: r['day'])]


def remedies(pack, overdue):
    rows = [r for r in pack.rows['remedy']
            if (r.get('overdue') == 'true') == overdue]
    return [[r['id']] for r in sorted(
        rows, key=lambda r: (gravity(r), r.get('due', '')))]


def again(pack):
    rows = pack.having('finding', repeated='true',
                       status='open|overdue|excepted')
    return [[r['id']] for r in sorted(rows, key=gravity)[:1000]]


def retention(pack):
    return [[r.get('months')] for r in pack.manifest.iter(SPACE + 'retention')]


def listed(kind, columns, rows):
    """A table of columns as they are: those that are numbers."""
    names = [c for c, t in types()[kind].items()
             if t in ('count', 'decimal') and c in columns.split()
             and any(r.get(c) for r in rows)]
    return [numbers(r, ' '.join(names)) for r in rows]


def worklist(pack):
    finding = 'rule severity name about department core due text'
    grave = sorted(pack.rows['finding'], key=gravity)
    of = lambda s: [r for r in grave if r['status'] == s][:1000]
    return [t for t in (
        listed('finding', finding, of('overdue')),
        listed('remedy', 'id', pack.having(
            'remedy', status='draft|approved|open|back')),
        listed('daily', 'failures unknown sessions', pack.having(
            'daily', mark='late|missing|waiting')),
        listed('exception', '', pack.having(
            'exception', status='counts|waiting')),
        listed('campaign', 'items decided waiting',
               pack.having('campaign', how='')),
        listed('pull', '', pack.having('pull', complete='false')),
        listed('coverage', '', pack.having('coverage', complete='false')),
        listed('finding', finding, of('open'))) if t]


def totals(pack):
    return [[None, shown(c.get('total'))]
            for c in pack.manifest.iter(SPACE + 'class')]


TABLES = {
    'quarter': {'rules': rule_rows, 'retention': retention, 'reviews': lambda p: [
        numbers(r, 'accounts excluded items decided waiting')
        for r in p.rows['campaign']]},
    'dashboard': {'status': risk_rows, 'flows': flow_rows, 'types': type_rows},
    'controls': {'controls': lambda p: [
        numbers(r, 'findings') for r in p.rows['control']]},
    'calendar': {'faults': faulty_days},
    'remediation': {'late': lambda p: remedies(p, True), 'again': again,
                    'all': lambda p: remedies(p, False)},
}
# Whose regions have a name in words: all of them, in their order.
ORDERED = {'reviewer': reviews, 'worklist': worklist, 'index': lambda p: [
    t for t in (listed('coverage', '', p.having('coverage', complete='false')),
                totals(p), [[] for _ in p.rows['signer']], retention(p)) if t]}


def check_tables(pack, page, name):
    ordered = ORDERED[name](pack) if name in ORDERED else []
    for i, (region, rows) in enumerate(page.regions()):
        label = region.a.get('aria-labelledby', '')
        got = [[c.text() for c in row if c.has('number')] for row in rows]
        if name in ORDERED:
            wanted = ordered[i] if i < len(ordered) else 'no such table'
        elif label in TABLES.get(name, ()):
            wanted = list(TABLES[name][label](pack))
        elif any(c.has('number') and not any(c.all('a', 'figure')) and
                 not any(c.all('span', 'figure')) for row in rows for c in row):
            fault(page.path, 'nobody counts the table %s' % label)
            continue
        else:
            continue
        if len(got) != len(wanted):
            fault(page.path, '%s %d: %d rows, wanted %d' %
                  (label, i, len(got), len(wanted)))
        for g, w in zip(got, wanted):
            same('%s %s' % (page.path, label or i),
                 [t for t, v in zip(g, w) if v is not None] + g[len(w):],
                 [v for v in w if v is not None])


# ---- Drawings: read as a person does, by the axis ----

def path_numbers(path):
    return [float(n) for n in re.findall(r'-?\d+(?:\.\d+)?', path)]


def near(where, got, wanted, room):
    if abs(got - wanted) > room:
        fault(where, 'drawn as %.4f, is %.4f' % (got, wanted))


def value_of(label):
    return float(label.strip('%').replace(',', '')) / (
        100 if label.endswith('%') else 1)


def check_trend(pack, page, figure, row):
    drawing = next(figure.all('svg', 'chart'))
    top = path_numbers(next(drawing.all('path', 'grid')).a['d'])[1]
    bottom = path_numbers(next(drawing.all('path', 'axis')).a['d'])[1]
    most = value_of([t.text() for t in drawing.all('text')][1])
    wanted = [share(pack, r) for p in periods(pack) for r in of_period(
        pack, p['period']) if r['rule'] == row['rule']]
    dots = list(drawing.all('circle', 'dot'))
    same(page.path + ' dots of ' + row['rule'], len(dots), len(wanted))
    for d, w in zip(dots, wanted):
        near(page.path, (bottom - float(d.a['cy'])) / (bottom - top) * most, w,
             most / 400)
    breaks = [r for p in periods(pack)[1:] for r in of_period(
        pack, p['period']) if r['rule'] == row['rule']
        and r['comparable'] == 'false']
    same(page.path + ' breaks of ' + row['rule'],
         len(list(drawing.all('path', 'break'))), len(breaks))
    strong = next(figure.all('strong')).text()
    same(page.path, strong, percent(share(pack, row)))
    caption = next(figure.all('figcaption')).text()
    same(page.path, NUMBER.findall(caption)[:2],
         [percent(share(pack, row)), shown(row['open'])])


def check_flow(pack, page, drawing):
    grid = path_numbers(next(drawing.all('path', 'grid')).a['d'])
    bottom = path_numbers(next(drawing.all('path', 'axis')).a['d'])[1]
    most = value_of(next(drawing.all('text')).text())
    for column in ('new', 'repeated', 'closed'):
        bars = list(drawing.all('rect', 'bar-' + column))
        wanted = [sum(int(r[column]) for r in of_period(pack, p['period']))
                  for p in periods(pack)]
        same(page.path + ' bars', len(bars), len(wanted))
        for bar, w in zip(bars, wanted):
            near(page.path, float(bar.a['height']) / (bottom - grid[1]) * most,
                 w, most / 300)
            beside = bar.parent.children
            label = next(c for c in beside[beside.index(bar):]
                         if isinstance(c, Node) and c.tag == 'text')
            same(page.path + ' bar', label.text(), str(w))


def check_risk(pack, page, drawing):
    left, top, bottom, right = path_numbers(
        next(drawing.all('path', 'axis')).a['d'])
    ticks = {(float(t.a['x']), float(t.a['y'])): t.text()
             for t in drawing.all('text')}
    most, widest = (value_of(ticks[at]) for at in (
        (left - 6, top + 8), (right, bottom + 17)))
    points = [c for c in drawing.children if isinstance(c, Node)
              and c.has('point')]
    same(page.path + ' points', len(points), len(pack.rows['risk']))
    for p, r in zip(points, risks(pack)):
        x, y = (float(p.a['cx']), float(p.a['cy'])) if p.tag == 'circle' else \
            path_numbers(p.a['d'])[:2]
        near(page.path + ' exposure', (x - left) / (right - left) * widest,
             float(r['exposure']), widest / 200)
        near(page.path + ' points', (bottom - y) / (bottom - top) * most,
             float(r['points']), most / 200)
        if not p.has(r['block']):
            fault(page.path, 'a sign of %s for %s' % (p.a['class'], r['block']))


def check_drawings(pack, page):
    for drawing in page.main.all('svg', 'chart'):
        if any(drawing.all('rect', 'area')):
            check_risk(pack, page, drawing)
        elif 'aria-labelledby' in drawing.a and any(
                drawing.all('rect', 'bar-new')):
            check_flow(pack, page, drawing)
    panels = [f for p in page.main.all('div', 'panels')
              for f in p.all('figure')]
    rows = sorted((r for r in newest(pack) if int(r['open'])),
                  key=lambda r: -int(r['open']))
    same(page.path + ' panels', len(panels), min(9, len(rows)))
    for figure, row in zip(panels, rows):
        check_trend(pack, page, figure, row)


# ---- The calendar: a sign for each day of each place ----

def check_calendar(pack, page):
    signs = {'on-time': '●', 'late': '◑', 'missing': '✕', 'waiting': '○'}
    wanted = collections.Counter(
        '△' if r['mark'] == 'on-time' and r['state'] == 'incomplete'
        else signs.get(r['mark'], '○') for r in {
            (r['source'], r['day']): r
            for r in reversed(pack.rows['daily'])}.values())
    got = collections.Counter(
        s.text() for t in page.main.all('table', 'month')
        for s in t.all('span') if s.a.get('aria-hidden'))
    same(page.path + ' days', got, wanted)
    for table in page.main.all('table', 'month'):
        days = [t.text() for t in next(table.all('thead')).all('th')][1:]
        same(page.path, days, [str(i + 1) for i in range(len(days))])


# ---- All that is left ----

def words():
    said = set()
    for name in ('words.xml', 'words-common.xml'):
        for w in ET.parse('%s/reports/%s' % (TOP, name)).getroot():
            for text in (w.get('en'), w.get('zh')):
                said.update(p.strip() for p in re.split(r'\{[^}]*\}', text))
    return said


def said_elsewhere(pack, name):
    """Numbers in sentences of a page."""
    m, m_class = pack.manifest, pack.rows
    cover = m.find(SPACE + 'coverage')
    if name in ('quarter', 'index'):
        yield from (shown(cover.get(k)) for k in ('places', 'covered'))
    if name == 'index':
        yield from (shown(m.get('sequence')), *NUMBER.findall(m.get('program')))
    if name == 'quarter':
        yield m.get('sequence')
    if name == 'controls':
        yield from (shown(r['count']) for r in m_class['control'])
    if name == 'remediation':
        for r in m_class['remedy']:
            yield from (shown(r.get('extended')), r.get('proof'),
                        r.get('finding'))
    if name == 'reviewer':
        for r in m_class['campaign']:
            yield from numbers(r, 'items decided waiting')
    if name in ('worklist', 'remediation'):
        for status in ('open', 'overdue', 'open|overdue|excepted'):
            yield '1,000'
            yield shown(len(pack.having('finding', status=status, **(
                {'repeated': 'true'} if '|' in status else {}))))


def check_rest(pack, page, name, catalogue):
    known = set(said_elsewhere(pack, name))
    skipped = ('figure', 'code', 'number', 'period', 'about', 'short', 'month',
               'path')
    for text, node in page.main.texts():
        found = NUMBER.findall(text)
        if not found or text.strip() in catalogue:
            continue
        if any(n.tag in ('time', 'bdi', 'svg', 'nav', 'h1', 'h2', 'figcaption',
                         'thead') or any(map(n.has, skipped))
               for n in node.above()):
            continue
        if not set(found) <= known:
            fault(page.path, 'nobody counts %s in "%s"' %
                  (sorted(set(found) - known), ' '.join(text.split())[:60]))


def check_times(pack, page):
    for t in page.root.all('time'):
        at = t.a['datetime']
        same(page.path, t.text(), at if len(at) == 10 else pack.local(at))


def check_period(pack, page):
    first = pack.local(pack.manifest.get('from'))[:10]
    last = pack.local(pack.manifest.get('to'))
    if last.endswith('00:00'):
        last = str(datetime.date.fromisoformat(last[:10]) -
                   datetime.timedelta(days=1))
    roc = lambda d: '民國 %d 年 %d 月 %d 日' % (
        int(d[:4]) - 1911, int(d[5:7]), int(d[8:10]))
    wanted = '%s to %s' % (first, last[:10]) if not page.zh else \
        '%s 至 %s（%s–%s）' % (roc(first), roc(last), first, last[:10])
    for p in page.main.all('p'):
        if p.has('period') or p.has('about'):
            same(page.path, p.text(), wanted)


# ---- Scores and trends, from what they are of ----

def score(f):
    if f['state'] != 'hit' or f['status'] == 'closed':
        return 0
    weight = {'critical': 5, 'high': 3, 'medium': 2, 'low': 1}
    return weight.get(f['severity'], 0) * (
        .5 if f['status'] == 'excepted' else 2 if f['repeated'] == 'true'
        else 1.5 if f['status'] == 'overdue' else 1)


def recount_risk(pack):
    for f in pack.rows['finding']:
        same('finding %s' % f['id'], float(f['points']), float(score(f)))
    for r in pack.rows['risk']:
        key = (lambda x: x.get('department')) if r['kind'] == 'department' else \
            (lambda x: 'core' if x['core'] == 'true' else 'other')
        held = [a for a in pack.rows['account'] if key(a) == r['area']]
        found = [f for f in pack.rows['finding'] if key(f) == r['area']]
        core = sum(a['core'] == 'true' for a in held) / len(held)
        points = sum(map(score, found))
        block = (('maintain', 'strengthen'), ('observe', 'improve'))[
            core >= .5][points >= 10]
        same('risk of ' + r['area'],
             (r['exposure'], r['points'], r['block'], r['accounts'],
              r['findings']),
             ('%.4f' % core, '%.1f' % points, block, str(len(held)),
              str(sum(score(f) > 0 for f in found))))


def recount_trend(pack):
    """Of the newest quarter, which is the pack's own."""
    seconds = lambda t: datetime.datetime.fromisoformat(
        t.replace('Z', '+00:00')).timestamp()
    begins = seconds(pack.manifest.get('from'))
    for r in newest(pack):
        ends = seconds(r['ends'])
        lives = [(seconds(f['first']), seconds(f['closed']) if f.get('closed')
                  else 1e12, f) for f in pack.having(
                      'finding', rule=r['rule'], state='hit')]
        open_ = [a for a, z, _ in lives if a < ends <= z]
        new = [f for a, _, f in lives if begins <= a < ends]
        closed = [z - a for a, z, _ in lives if begins <= z < ends]
        same('trend of ' + r['rule'], numbers(
            r, 'open new repeated closed closeDays oldestDays'),
            [shown(len(open_)), shown(len(new)),
             shown(sum(f['repeated'] == 'true' for f in new)),
             shown(len(closed)),
             shown('%.1f' % (sum(closed) / len(closed) / 86400))
             if closed else NONE,
             shown(int(max(ends - a for a in open_) // 86400))
             if open_ else NONE])


def main():
    pack, report = Pack(sys.argv[1]), sys.argv[2]
    catalogue = words()
    pages = 0
    for language in ('en', 'zh_TW'):
        folder = os.path.join(report, language)
        for file in sorted(os.listdir(folder)):
            name = file[:-len('.html')]
            if not file.endswith('.html') or name == 'account':
                continue
            page = Tree(os.path.join(folder, file))
            pages += 1
            check_tables(pack, page, name)
            check_rest(pack, page, name, catalogue)
            check_times(pack, page)
            check_period(pack, page)
            if name == 'dashboard':
                check_drawings(pack, page)
            if name == 'calendar':
                check_calendar(pack, page)
    if 'exported' in sys.argv[3:]:
        recount_risk(pack)
        recount_trend(pack)
    for line in faults:
        print(line)
    print('%d pages, %d faults' % (pages, len(faults)))
    sys.exit(1 if faults or not pages else 0)


main()
