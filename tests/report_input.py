"""What a page of a report is made from, invented: report_input.py KIND OUT

Writes OUT/LANGUAGE-PAGE.xml for each language and page, as review/report.h
documents them: classes of schema/evidence.xsd, tallies as review/tally_kind.c
counts them. KIND: "company", "empty" (no rows at all), "hostile" (names of 300
characters, from right to left, emoji, markup) or "many" (10,000 findings).
The same KIND gives the same files.
"""
import datetime
import pathlib
import random
import re
import sys
import xml.etree.ElementTree as tree

TOP = pathlib.Path(__file__).resolve().parent.parent
NS = 'urn:reeve:evidence:1'
XS = '{http://www.w3.org/2001/XMLSchema}'
PAGES = {
    'quarter': 'coverage source rule trend campaign exception account person',
    'dashboard': 'risk trend rule',
    'register': 'privilege registered account right person source',
    'remediation': 'remedy finding account person pull',
    'calendar': 'daily',
    'verdicts': 'verdict source',
    'controls': 'control',
}
SEVERITIES = 'critical high medium low info'.split()
LONG = ('OU=分公司' * 3 + 'GRP_' + 'ACCESS_FULL_CONTROL_' * 20)[:300]
HOSTILE = [LONG, 'مدير النظام', '王\u202e小明', '👩‍💻 admin 🔑', '<script>&"\'',
           'a' * 300, '特' * 300, 'O\u2019Brien–Ñ']


def classes():
    """name: (title, titleZh, {column: (type, title, titleZh)})"""
    found = {}
    for element in tree.parse(TOP / 'schema/evidence.xsd').getroot().findall(
            XS + 'element'):
        columns = {}
        for a in element.iter(XS + 'attribute'):
            words = titles(a)
            if len(words) == 2:
                columns[a.get('name')] = (a.get('type').split(':')[1], *words)
        if len(titles(element)) == 2 and columns:
            found[element.get('name')] = (*titles(element), columns)
    return found


def titles(element):
    lang = '{http://www.w3.org/XML/1998/namespace}lang'
    return [d.text for d in element.findall(
        f'{XS}annotation/{XS}documentation') if d.get(lang)]


def kinds():
    """The rows of the table in review/tally_kind.c."""
    text = (TOP / 'review/tally_kind.c').read_text()
    for body in re.findall(r'\{ (\.id = "(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}',
                           text):
        get = dict(re.findall(r'\.(id|class|sum) = "([^"]*)"', body))
        by = re.search(r'\.by = \{([^}]*)\}', body)
        where = re.search(r'\.where = \{(.*)\}', body, re.S)
        yield (get['id'], get['class'], get.get('sum'),
               re.findall(r'"([^"]*)"', by[1]) if by else [],
               re.findall(r'\{ "([^"]*)", "([^"]*)" \}', where[1])
               if where else [])


class Company:
    def __init__(self, kind):
        self.kind = kind
        self.random = random.Random(5)
        self.now = datetime.datetime(2026, 12, 31, 15, 59, 59)
        self.rows = {}
        if kind != 'empty':
            self.fill()

    def name(self, usual):
        if self.kind == 'hostile' and self.random.random() < .5:
            return self.random.choice(HOSTILE)
        return usual

    def at(self, days):
        return (self.now - datetime.timedelta(days=days)).strftime(
            '%Y-%m-%dT%H:%M:%SZ')

    def add(self, of, **values):
        self.rows.setdefault(of, []).append(
            {k: str(v) for k, v in values.items() if v is not None})

    def fill(self):
        self.places()
        self.accounts()
        self.findings()
        self.reviews()
        self.remedies()
        self.daily()
        self.policies()
        self.scores()

    def places(self):
        for i, name in enumerate(('corp', 'trading', 'settlement'), 1):
            self.add('source', id=i, name=name, url=f'ldaps://{name}.example',
                     realm=name, product='ad', core='true' if i > 1 else 'false')
            self.add('pull', id=i, source=i, started=self.at(1), mode='full',
                     state='applied', complete='true', program='reeve',
                     clockGiven='false')
        for i in range(1, 41):
            whole = i not in (7, 23)
            self.add('coverage', source=1 + i % 3, name=f'host{i:02}',
                     host=self.name(f'srv{i:02}.corp.example'),
                     core='true' if i % 4 == 0 else 'false', pull=1,
                     at=self.at(1), complete='true' if whole else 'false',
                     reason='' if whole else self.name('no-answer'),
                     accounts=30)

    def accounts(self):
        departments = ['資訊部', '經紀部', '結算部', '自營部', '法遵室',
                       '風險管理室', '財務部', '總經理室']
        self.departments = [self.name(d) for d in departments]
        for i in range(1, 301):
            self.add('person', employee=f'E{i:04}', name=self.name(f'陳小明{i}'),
                     department=self.departments[i % 8], kind='employee',
                     status='active')
            self.add('account', id=i, source=1 + i % 3, key=f'k{i}', kind='user',
                     name=self.name(f'user{i:04}'), employee=f'E{i:04}',
                     host=None if i % 3 else f'srv{i % 40:02}',
                     core='true' if i % 4 == 0 else 'false', enabled='true',
                     privileged='true' if i % 9 == 0 else 'false',
                     service='false', department=self.departments[i % 8])
        for i in range(1, 13):
            self.add('right', id=1000 + i, source=1, key=f'r{i}', kind='group',
                     name=self.name(f'GRP_ADMIN_{i}'), privileged='true',
                     plain='may change every account',
                     plainZh='得變更任何帳號')
        for i in range(9, 301, 9):
            self.add('privilege', account=i, right=1001 + i % 12, depth=2,
                     path=self.name(f'user{i:04} > IT > GRP_ADMIN_{i % 12}'),
                     registered='false' if i % 45 == 0 else 'true')
            if i % 45:
                self.add('registered', kind='privileged', source='corp',
                         account=self.rows['account'][i - 1]['name'],
                         owner=f'E{i:04}', purpose='系統維運',
                         approver='E0002', confirmed=self.at(80), found='true')
        self.add('registered', kind='privileged', account=self.name('oldadmin'),
                 owner='E0003', purpose='舊系統', approver='E0002', found='false')

    def findings(self):
        self.rules = [
            ('AR-101', 'medium', 'An account has not been used for long',
             '久未使用帳號'),
            ('AR-111', 'critical', 'Somebody left, and the account is enabled',
             '離職人員帳號仍啟用'),
            ('AR-121', 'high', 'An account belongs to nobody', '孤兒帳號(無歸屬帳號)'),
            ('AR-131', 'high', 'An account is shared', '共用帳號'),
            ('AR-156', 'high', 'A privileged account is not registered',
             '特權帳號未列冊'),
            ('AR-161', 'medium', 'A password is older than allowed', '密碼逾使用期限'),
            ('AR-163', 'low', 'An account has dangerous flags', '帳號設有危險旗標'),
            ('AR-181', 'info', 'An account is expired, and still there',
             '帳號已到期仍存在')]
        count = {'many': 10000}.get(self.kind, 160)
        hits = {r[0]: 0 for r in self.rules}
        for i in range(1, count + 1):
            rule = self.rules[int(self.random.triangular(0, 7.99, 1))]
            account = self.random.randrange(300)
            status = self.random.choice(
                ['open', 'open', 'overdue', 'excepted', 'closed'])
            hits[rule[0]] += status != 'closed'
            self.add('finding', id=i, rule=rule[0], account=account + 1,
                     name=self.rows['account'][account]['name'],
                     about='', source=1, state='hit', certainty='certain',
                     department=self.departments[account % 8], core='false',
                     severity=rule[1], status=status, reason='',
                     first=self.at(60), last=self.at(1), due=self.at(20),
                     closed=self.at(5) if status == 'closed' else None,
                     repeated='true' if i % 17 == 0 else 'false',
                     points='0.0' if status == 'closed' else '3.0',
                     text=self.name(rule[2]), textZh=self.name(rule[3]))
        for rule in self.rules:
            self.add('rule', id=rule[0], severity=rule[1], title=rule[2],
                     titleZh=rule[3], controls='PAR-08', digest='00',
                     population=2013, hits=hits[rule[0]],
                     unknowns=3 if rule[0] == 'AR-101' else 0, excepted=2,
                     error=self.name('') or None)
        for n, period in enumerate(('2025Q3', '2025Q4', '2026Q1', '2026Q2',
                                    '2026Q3', '2026Q4')):
            for k, rule in enumerate(self.rules):
                why = '' if n else 'not-checked'
                if n == 3:
                    why = 'coverage'
                if n == 5 and k == 2:
                    why = 'rule thresholds'
                self.add('trend', period=period, ends=self.at(460 - 92 * n),
                         rule=rule[0], severity=rule[1],
                         open=(n * 7 + k * 13) % 31 + (k == 0) * 20,
                         new=(n + k * 3) % 9, repeated=(n + k) % 3,
                         closed=(n * 2 + k) % 8, closeDays='12.5',
                         oldestDays=200 - k * 11, why=why,
                         comparable='false' if why else 'true')

    def reviews(self):
        self.add('campaign', id=1, name=self.name('2026Q4'), type='periodic',
                 opened=self.at(80), frozen=self.at(70), due=self.at(30),
                 ended=self.at(20), how='closed', profile='tw-twse', scope='',
                 accounts=290, excluded=10, items=640, questions=410,
                 decided=636, waiting=1)
        for i in range(1, 641):
            decision = 'keep' if i % 11 else ('revoke', 'disable', 'exception',
                                              'modify')[i // 11 % 4]
            self.add('item', campaign=1, number=i, question=i, account=1 + i % 300,
                     severity='', novelty='unchanged', low='true',
                     decision=None if i > 636 else decision,
                     reviewer=f'E{i % 30:04}', assigned=f'E{i % 30:04}')
        for i in range(30):
            self.add('reviewer', campaign=1, employee=f'E{i:04}', questions=14,
                     items=21, decided=21, overdue=0, kept=20, revoked=1,
                     median='4.5', rubber='true' if i == 4 else 'false')
        for i in range(1, 7):
            self.add('exception', act=90 + i, number=1, account=i * 9,
                     name=f'user{i * 9:04}', rule='AR-161',
                     reason=self.name('交易主機無法於盤中變更密碼'),
                     compensation=self.name('每日覆核並限制來源'), owner='E0002',
                     since=self.at(100), ends=self.at(-60 - i),
                     status='expired' if i == 6 else 'counts')

    def remedies(self):
        states = ('draft', 'approved', 'open', 'back', 'proven', 'proven')
        for i in range(1, 25):
            status = states[i % 6]
            self.add('remedy', id=i, act=200 + i, account=i, severity=SEVERITIES[
                i % 4], name=f'user{i:04}', owner=f'E{i:04}',
                action=('disable', 'remove-right', 'delete', 'deny-login')[i % 4],
                ordered=self.at(40), status=status,
                due=self.at(10 if status == 'open' else -20),
                approved='false' if status == 'draft' else 'true',
                closed=self.at(3) if status == 'proven' else None,
                # What a deny list refuses is proven by no pull.
                proof=3 if status == 'proven' and i % 4 != 3 else None,
                overdue='true' if status == 'open' else 'false',
                extended=i % 2, ticket=self.name(f'CHG-{1000 + i}'),
                before=self.name('enabled'), plan='', finding=i, campaign=1)

    def daily(self):
        for k in range(1, 13):
            source = self.name(f'srv{k:02}.corp.example') if k > 1 else 'source:corp'
            for n in range(92):
                day = datetime.date(2026, 10, 1) + datetime.timedelta(days=n)
                luck = self.random.random()
                mark = ('waiting' if n > 89 else 'missing' if luck > .99 else
                        'late' if luck > .97 else 'on-time')
                if k > 6 and day.weekday() > 4:
                    continue
                whole = luck < .95 and mark != 'missing'
                self.add('daily', day=day, source=f'{source}' if k < 3 else
                         f'{source[:290]}{k}', version=1,
                         state='complete' if whole else 'incomplete',
                         reason='' if whole else self.name('source-silent'),
                         due=self.at(90 - n), mark=mark, act=300 + n,
                         examined=self.at(90 - n) if mark in ('on-time', 'late')
                         else None, examiner='E0002',
                         disposition=self.name('無異常') if mark == 'late' else None,
                         failures=12, unknown=2, sessions=3)

    def policies(self):
        wanted = (('password.min_length', '>= 6', '8'),
                  ('password.max_age_days', '<= 90', '180'),
                  ('password.classes', 'letter digit symbol', 'letter digit'),
                  ('lockout.attempts', '<= 3', ''))
        verdicts = ('conforming', 'not', 'partly', 'unavailable')
        for profile, policies in (('tw-twse', 3), ('house', 9)):
            for p in range(policies):
                for k, (key, value, found) in enumerate(wanted):
                    self.add('verdict', profile=profile, requirement=key,
                             source=1 + p % 3, policy=self.name(f'policy-{p}'),
                             verdict=verdicts[(k + p) % 4], wanted=value,
                             found=found, clause='CC-18000 (3)')

    def scores(self):
        for i, area in enumerate(dict.fromkeys(self.departments)):
            exposure = i * 37 % 100 / 100
            points = i * 53 % 47 + .5
            self.risk('department', area, exposure, points)
        self.risk('class', 'core', 1, 28)
        self.risk('class', 'other', 0, 9)
        for i in range(1, 39):
            self.add('control', id=f'PAR-{i:02}', title='Idle accounts',
                     titleZh='閒置帳號', requirement='flagged, disabled, or '
                     'excepted; quality of last login stated',
                     requirementZh='應標記、停用或例外核准,並註明最後登入時間之精確度',
                     nist='AC-2(3)', rules='AR-101 AR-102',
                     records='account finding', count=462, findings=i % 5,
                     verdict=('conforming', 'partly', 'not', 'needs-reading')[i % 4],
                     gap='' if i % 4 == 0 else self.name('no record of use'),
                     gapZh='' if i % 4 == 0 else self.name('無使用紀錄'))

    def risk(self, kind, area, exposure, points):
        block = (('maintain', 'strengthen'), ('observe', 'improve'))[
            exposure >= .5][points >= 10]
        self.add('risk', area=area, kind=kind, exposure=f'{exposure:.4f}',
                 points=f'{points:.1f}', block=block, accounts=40, findings=9,
                 formula='house-1')


def summary(parent, company, known):
    node = tree.SubElement(parent, 'summary', version='1', pack='7')
    for name, of, add, by, where in kinds():
        rows = [r for r in company.rows.get(of, ())
                if all(r.get(c, '') == v for c, v in where)]
        cells = {}
        for r in rows:
            key = tuple(r.get(c, '') for c in by)
            old = cells.get(key, (0, 0.0))
            cells[key] = old[0] + 1, old[1] + float(r.get(add, 0) or 0)
        assert set(by) <= set(known[of][2]), (name, by)
        tally = tree.SubElement(node, 'tally', id=name, by=' '.join(by),
                                count=str(len(rows)), truncated='false',
                                **{'class': of}, **({'sum': add} if add else {}))
        for key, (count, total) in sorted(cells.items()):
            tree.SubElement(tally, 'cell', count=str(count),
                            **dict(zip('abc', key)),
                            **({'sum': f'{total:g}'} if add else {}))


def manifest(parent, company, known):
    node = tree.SubElement(
        parent, 'manifest', version='1', sequence='7', kind='periodic',
        previous='ab' * 32, made='2027-01-04T01:00:00Z', rehearsal='true',
        program='reeve 0.5', to='2026-12-31T16:00:00Z',
        **{'from': '2026-09-30T16:00:00Z'})
    tree.SubElement(node, 'state', pull='3', at='2026-12-30T16:00:00Z', check='9',
                    checked='2026-12-30T17:00:00Z', profile='tw-twse')
    tree.SubElement(node, 'head', act='900', digest='cd' * 32)
    places = company.rows.get('coverage', [])
    tree.SubElement(node, 'coverage', places=str(len(places)), covered=str(
        sum(p['complete'] == 'true' for p in places)))
    tree.SubElement(node, 'retention', kind='logins', months='60',
                    oldest='2025-01-02T00:00:00Z')
    tree.SubElement(node, 'signer', name='officer', certificate='ef' * 32)
    tree.SubElement(node, 'signer', name='ciso')
    for name in known:
        count = str(len(company.rows.get(name, ())))
        tree.SubElement(node, 'class', name=name, rows=count, total=count,
                        parts='1')


def document(company, known, lang, page):
    root = tree.Element('input', xmlns=NS, lang=lang, page=page, root='',
                        digest='0123456789abcdef' * 4, banner='unsigned')
    manifest(root, company, known)
    summary(root, company, known)
    tree.SubElement(root, 'style').text = (TOP / 'reports/style.css').read_text()
    words = tree.SubElement(root, 'words')
    for file in sorted(TOP.glob('reports/words*.xml')):
        for word in tree.parse(file).getroot():
            tree.SubElement(words, 'word', word.attrib)
    pages = tree.SubElement(root, 'pages')
    for name in PAGES:
        tree.SubElement(pages, 'page', name=name)
    node = tree.SubElement(root, 'classes')
    for name, (title, title_zh, columns) in known.items():
        of = tree.SubElement(node, 'class', name=name, title=title,
                             titleZh=title_zh)
        for column, (kind, words_en, words_zh) in columns.items():
            tree.SubElement(of, 'column', name=column, type=kind,
                            title=words_en, titleZh=words_zh)
    for name in PAGES[page].split():
        rows = [r for r in company.rows.get(name, []) if page != 'remediation'
                or name != 'finding' or r['repeated'] == 'true' and
                r['status'] != 'closed']
        of = tree.SubElement(root, 'rows', total=str(len(rows)),
                             shown=str(len(rows)), **{'class': name})
        for row in rows:
            unknown = set(row) - set(known[name][2])
            assert not unknown, (name, unknown)
            tree.SubElement(of, name, row)
    return tree.ElementTree(root)


def main():
    kind, out = sys.argv[1:]
    company, known = Company(kind), classes()
    for page in PAGES:
        for lang in ('en', 'zh'):
            document(company, known, lang, page).write(
                f'{out}/{lang}-{page}.xml', encoding='utf-8',
                xml_declaration=True)


main()
