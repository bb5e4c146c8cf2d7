"""report_figures.py PACK REPORT: every figure of every page counted again.

Knows nothing of the engine: it reads the pack's parts row by row, and the
pages as a browser without a network would. Prints a line for each fault.
"""
import collections
import csv
import html.parser
import json
import os
import sys
import xml.etree.ElementTree as ET
import zipfile

SPACE = '{urn:reeve:evidence:1}'
VOID = set('area base br col embed hr img input link meta source wbr'.split())
faults = []


def fault(where, what):
    if len(faults) < 50:
        faults.append('%s: %s' % (where, what))


class Pack:
    def __init__(self, folder):
        self.folder = folder
        self.manifest = ET.parse(folder + '/manifest.xml').getroot()
        self.summary = ET.parse(folder + '/summary.xml').getroot()
        self.rows = collections.Counter()
        self.counts = {}
        self.wanted = collections.defaultdict(set)  # tally: list names
        self.tallies = {t.get('id'): t for t in self.summary}

    def parts(self):
        for f in self.manifest.iter(SPACE + 'file'):
            if f.get('class'):
                yield f.get('class'), self.folder + '/' + f.get('name')

    def each(self, name):
        for event, e in ET.iterparse(name, ('end',)):
            if e.tag != SPACE + 'part':
                yield e
                e.clear()

    def condition(self, tally, name):
        """The columns and values that a list's rows have."""
        t = self.tallies[tally]
        where = [(w.get('column'), w.get('value'))
                 for w in t.iter(SPACE + 'where')]
        letters = name.rstrip('0123456789')
        place = int(name[len(letters):])
        if place:
            cell = t.findall(SPACE + 'cell')[place - 1]
            for letter, column in zip('abc', t.get('by').split()):
                if not letters or letter in letters:
                    where.append((column, cell.get(letter, '')))
        return where

    def count(self):
        by_class = collections.defaultdict(list)
        for tally, names in self.wanted.items():
            t = self.tallies[tally]
            for name in names:
                key = (tally, name)
                self.counts[key] = [0, 0.0]
                by_class[t.get('class')].append(
                    (key, self.condition(tally, name), t.get('sum')))
        for kind, part in self.parts():
            for row in self.each(part):
                self.rows[kind] += 1
                for key, where, column in by_class[kind]:
                    if all(row.get(c, '') == v for c, v in where):
                        self.counts[key][0] += 1
                        if column:
                            self.counts[key][1] += float(row.get(column, 0))


class Page(html.parser.HTMLParser):
    def __init__(self, name, text):
        super().__init__(convert_charrefs=True)
        self.name, self.open, self.ids = name, [], set()
        self.figures, self.links, self.text = [], [], []
        self.seen = collections.Counter()
        self.body_rows = 0
        self.feed(text)
        self.close()
        if self.open:
            fault(name, 'never closed: %s' % self.open)
        for tag in ('title', 'h1', 'main', 'html', 'body'):
            if self.seen[tag] != 1:
                fault(name, '%d <%s>' % (self.seen[tag], tag))

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        if 'svg' not in self.open:  # its drawings have titles, too
            self.seen[tag] += 1
        if tag in ('script', 'iframe', 'object', 'embed', 'form', 'base'):
            fault(self.name, '<%s>' % tag)
        for key, value in attributes:
            if key.startswith('on'):
                fault(self.name, 'attribute %s' % key)
            if key in ('href', 'src', 'action', 'xlink:href'):
                self.links.append(value or '')
        if 'id' in a:
            if a['id'] in self.ids:
                fault(self.name, 'id %s twice' % a['id'])
            self.ids.add(a['id'])
        if tag == 'html' and a.get('lang') not in ('en', 'zh-TW'):
            fault(self.name, 'lang %s' % a.get('lang'))
        if tag == 'th' and 'scope' not in a:
            fault(self.name, '<th> without scope')
        if tag == 'tr' and 'tbody' in self.open:
            self.body_rows += 1
        if 'figure' in a.get('class', '').split():
            self.figures.append((a, len(self.text)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if not self.open or self.open[-1] != tag:
            fault(self.name, '</%s> in %s' % (tag, self.open[-3:]))
        else:
            self.open.pop()
        self.text.append(' ')

    def handle_data(self, data):
        if 'style' in self.open:
            for word in ('http:', 'https:', '@import', 'url('):
                if word in data.replace('url(data:', ''):
                    fault(self.name, 'style has %s' % word)
        else:
            self.text.append(data)


def read_pages(report):
    for folder, _, names in os.walk(report):
        for name in sorted(names):
            if name.endswith('.html'):
                path = os.path.join(folder, name)
                with open(path, encoding='utf-8') as f:
                    yield path, Page(path, f.read())


def check_links(path, page, report):
    for link in page.links:
        target, _, anchor = link.partition('#')
        if ':' in link or link.startswith('/'):
            fault(path, 'link out of the report: %s' % link)
        elif target == '':
            if anchor not in page.ids:
                fault(path, 'no such place: %s' % link)
        else:
            found = os.path.realpath(
                os.path.join(os.path.dirname(path), target))
            if not found.startswith(os.path.realpath(report) + '/') or \
                    not os.path.isfile(found):
                fault(path, 'no such file: %s' % link)


def shown(value):
    text = '%.4f' % float(value)
    whole, rest = text.split('.')
    rest = rest.rstrip('0')
    return '{:,}'.format(int(whole)) + ('.' + rest if rest else '')


def check_figure(path, page, pack, a, at):
    value = float(a['data-value'])
    if 'data-shown' not in a:
        said = ''.join(page.text[at:]).split()
        if not said or said[0] != shown(value):
            fault(path, 'says %s of %s' % (said[:1], a))
    if 'data-class' in a:
        if value != pack.rows[a['data-class']]:
            fault(path, '%s has %d rows' % (a, pack.rows[a['data-class']]))
        return
    tally = a.get('data-tally') or a['data-list']
    if tally not in pack.tallies:
        fault(path, 'no tally %s' % tally)
    elif a['data-cell'] == '':
        if value != 0:
            fault(path, '%s of no cell' % a)
    else:
        count, total = pack.counts[(tally, a['data-cell'])]
        wanted = total if a.get('data-what') == 'sum' else count
        if abs(value - wanted) > 0.00005:
            fault(path, '%s is %s' % (a, wanted))


def check_rows(path, page, pack):
    """A list has the rows that its figure counts, 500 a page."""
    for a, _ in page.figures:
        if 'data-list' not in a:
            continue
        base = os.path.basename(path)[:-len('.html')]
        number = int(base.split('-')[1]) if '-' in base else 1
        listed = min(int(a['data-value']), 1000)
        wanted = max(0, min(500, listed - 500 * (number - 1)))
        if page.body_rows != wanted:
            fault(path, '%d rows, wanted %d' % (page.body_rows, wanted))


def check_tables(pack, report):
    csv.field_size_limit(1 << 30)
    for c in pack.manifest.iter(SPACE + 'class'):
        base = '%s/tables/%s' % (report, c.get('name'))
        rows = int(c.get('rows'))
        if rows == 0:
            if os.path.exists(base + '.csv'):
                fault(base, 'a table of nothing')
            continue
        with open(base + '.csv', newline='', encoding='utf-8') as f:
            lines = list(csv.DictReader(f))
        with open(base + '.json', encoding='utf-8') as f:
            objects = json.load(f)
        if len(lines) != rows or len(objects) != rows:
            fault(base, '%d, %d rows' % (len(lines), len(objects)))
        for line in lines:
            for value in line.values():
                if value[:1] in ('=', '+', '-', '@', '\t', '\r'):
                    fault(base, 'a formula: %s' % value)
        check_values(pack, c.get('name'), base, lines, objects)
        check_xlsx(base + '.xlsx', rows)


def check_values(pack, kind, base, lines, objects):
    i = 0
    for each, part in pack.parts():
        if each != kind:
            continue
        for row in pack.each(part):
            wanted = dict(row.attrib)
            if 'content' in objects[i]:
                wanted['content'] = row.text or ''
            got = {k: v for k, v in objects[i].items() if v is not None}
            plain = {k: v for k, v in lines[i].items()}
            if got != wanted:
                fault(base, 'row %d is %s, not %s' % (i, got, wanted))
            for k, v in plain.items():
                if v != wanted.get(k, '') and v != "'" + wanted.get(k, ''):
                    fault(base, 'row %d: %s is %s' % (i, k, v))
            i += 1


def check_xlsx(path, rows):
    with zipfile.ZipFile(path) as z:
        count = 0
        for _, e in ET.iterparse(z.open('xl/worksheets/sheet1.xml')):
            tag = e.tag.split('}')[1]
            if tag == 'f':
                fault(path, 'a formula')
            if tag == 'row':
                count += 1
                e.clear()
        if count != rows + 1:
            fault(path, '%d rows' % count)


def main():
    pack, report = Pack(sys.argv[1]), sys.argv[2]
    pages = list(read_pages(report))
    figures = 0
    for path, page in pages:
        check_links(path, page, report)
        check_rows(path, page, pack)
        for a, _ in page.figures:
            tally = a.get('data-tally') or a.get('data-list')
            if tally in pack.tallies and a['data-cell']:
                pack.wanted[tally].add(a['data-cell'])
    pack.count()
    for path, page in pages:
        for a, at in page.figures:
            figures += 1
            check_figure(path, page, pack, a, at)
    check_tables(pack, report)
    for line in faults:
        print(line)
    print('%d pages, %d figures, %d faults' %
          (len(pages), figures, len(faults)))
    sys.exit(1 if faults or not figures else 0)


main()
