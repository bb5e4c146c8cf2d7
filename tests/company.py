#!/usr/bin/env python3
"""A company that never was: persons, transfers, leavers, groups, sessions.

usage: company.py [--persons N] [--seed N] [--now TIME] [--days N]
                  [--without CONFOUNDER]... [--managers] DIR

Writes into DIR what a review reads (directory.ldif, a year of hr-DAY.csv,
workstations.csv, auth.log) and, beside it, the truth: truth.csv has a line
"rule,account,about" for each thing that is planted. The same arguments give
the same bytes. All of it is synthetic: what a rule finds here says how it
treats these patterns, not how it does in a real company.

Confounders look like what is planted and are not: hot-desk, helpdesk, vpn,
rotation, parallel, fan-out.
"""
import argparse
import base64
import csv
import datetime
import hashlib
import os
import random
import uuid

BASE = "dc=company,dc=test"
DAY = 86400
CONFOUNDERS = ("hot-desk", "helpdesk", "vpn", "rotation", "parallel", "fan-out")
SURNAMES = "chen lin huang chang lee wang wu liu tsai yang hsu cheng hsieh".split()
GIVEN = "wei ting yu chun hao ming hui fang jie lan shan ping kai en".split()
TITLES = ("staff", "senior", "manager")
GENERIC = ("admin", "test", "oper", "backup", "scan", "support", "kiosk", "trade")
SHARINGS = ("workstations", "keys", "both", "console")


def key_of(text):
    """A fingerprint as sshd prints it."""
    digest = hashlib.sha256(text.encode()).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def entry_uuid(text):
    return str(uuid.UUID(bytes=hashlib.md5(text.encode()).digest()))


def stamp(seconds):
    return datetime.datetime.fromtimestamp(
        seconds, datetime.timezone.utc).strftime("%Y%m%d%H%M%SZ")


def day_text(seconds):
    return datetime.datetime.fromtimestamp(
        seconds, datetime.timezone.utc).strftime("%Y-%m-%d")


class Person:
    def __init__(self, number, random_):
        self.number = number
        self.employee = "E%05d" % number
        self.name = "%s %s%s" % (random_.choice(SURNAMES), random_.choice(GIVEN),
                                 random_.choice(GIVEN))
        self.uid = "%s%s%d" % (self.name[0], self.name.split()[0][1:], number)
        self.department = None
        self.old_department = None
        self.moved = None
        self.left = None
        self.title = random_.choices(TITLES, (80, 15, 5))[0]
        self.address = "10.%d.%d.%d" % (1 + number // 60000,
                                        number // 250 % 240, 1 + number % 250)
        self.groups = set()


class Account:
    def __init__(self, uid, person=None):
        self.uid = uid
        self.person = person
        self.created = 0
        self.last = None
        self.password = 0
        self.locked = False
        self.service = False
        self.users = []   # persons who really use it
        self.pattern = None


class Company:
    def __init__(self, options):
        self.random = random.Random(options.seed)
        self.now = options.now
        self.days = options.days
        self.without = set(options.without)
        self.managers = options.managers
        self.truth = []
        self.departments = ["D%03d" % n for n in
                            range(max(4, options.persons // 60))]
        self.persons = [Person(n, self.random) for n in range(options.persons)]
        self.groups = {}      # name -> set of uids
        self.accounts = []
        self.hire()
        self.make_groups()
        self.move()
        self.leave()
        self.open_accounts()
        self.share()
        self.serve()

    def plant(self, rule, account, about=""):
        self.truth.append((rule, account, about))

    def chance(self, share):
        return self.random.random() < share

    def hire(self):
        for p in self.persons:
            p.department = self.random.choice(self.departments)

    def make_groups(self):
        """A department's own groups, everybody's, and projects across."""
        self.own = {d: ["%s-g%d" % (d.lower(), n) for n in range(4)]
                    for d in self.departments}
        everybody = ["all-%d" % n for n in range(5)]
        projects = ["project-%02d" % n for n in range(20)]
        for p in self.persons:
            p.groups |= {g for g in self.own[p.department] if self.chance(.85)}
            p.groups |= {g for g in everybody if self.chance(.9)}
            p.groups |= {g for g in projects if self.chance(.03)}

    def move(self):
        """Who moved keeps some rights of the old department: planted."""
        for p in self.persons:
            if not self.chance(.08):
                continue
            p.old_department = p.department
            p.department = self.random.choice(
                [d for d in self.departments if d != p.old_department])
            p.moved = self.now - self.random.randint(40, 350) * DAY
            left_over = {g for g in self.own[p.old_department]
                         if g in p.groups and self.chance(.45)}
            p.groups -= set(self.own[p.old_department]) - left_over
            p.groups |= {g for g in self.own[p.department] if self.chance(.85)}
            for group in sorted(left_over):
                self.plant("AR-141", p.uid, group)

    def leave(self):
        for p in self.persons:
            if self.chance(.03):
                p.left = self.now - self.random.randint(5, 300) * DAY

    def open_accounts(self):
        for p in self.persons:
            a = Account(p.uid, p)
            a.created = self.now - self.random.randint(120, 3000) * DAY
            a.password = max(a.created,
                             self.now - self.random.randint(1, 80) * DAY)
            a.last = self.now - self.random.randint(0, 20) * DAY
            a.users = [p]
            if p.left:
                a.locked = not self.chance(.4)
                a.last = p.left - self.random.randint(1, 5) * DAY
                a.users = []
                if not a.locked:
                    self.plant("AR-111", a.uid)
                    if self.chance(.3):
                        a.last = p.left + 3 * DAY
                        self.plant("AR-112", a.uid)
                    # Who left long ago is dormant as well.
                    if self.now - a.last > 90 * DAY:
                        self.plant("AR-101", a.uid)
            elif self.chance(.02):
                a.last = self.now - self.random.randint(100, 900) * DAY
                a.created = min(a.created, a.last - DAY)
                a.password = max(a.created, min(a.password, a.last))
                a.users = []
                self.plant("AR-101", a.uid)
            elif self.chance(.01):
                a.last = None
                a.users = []
                self.plant("AR-102", a.uid)
            self.accounts.append(a)
            for group in p.groups:
                self.groups.setdefault(group, set()).add(a.uid)
        for n in range(max(2, len(self.persons) // 150)):
            a = Account("former%d" % n)  # of nobody that personnel knows
            a.created = self.now - 900 * DAY
            a.last = self.now - DAY
            a.password = self.now - 30 * DAY
            self.accounts.append(a)
            self.plant("AR-121", a.uid)

    def share(self):
        active = [p for p in self.persons if not p.left]
        for n in range(max(4, len(self.persons) // 33)):
            generic = self.chance(.6)
            uid = "%s%d" % (self.random.choice(GENERIC), n) if generic \
                else "ops%dx" % n
            a = Account(uid)
            a.created = self.now - 1500 * DAY
            a.last = self.now - DAY
            a.password = self.now - 30 * DAY
            a.users = self.random.sample(active, self.random.randint(3, 6))
            a.pattern = SHARINGS[n % len(SHARINGS)]
            a.person = a.users[0]
            self.accounts.append(a)
            self.plant("AR-131", a.uid, a.pattern)

    def serve(self):
        for n in range(max(3, len(self.persons) // 50)):
            a = Account("svc-%02d" % n)
            a.service = True
            a.created = self.now - 1500 * DAY
            a.last = self.now - DAY
            a.password = self.now - 200 * DAY
            self.accounts.append(a)

    # ---- The sessions ----

    def trail(self):
        """(time, server, account, address, key), in order of time."""
        servers = ["srv%02d" % n for n in range(12)]
        desks = ["10.200.0.%d" % n for n in range(1, 9)]
        vpn = ["10.250.0.%d" % n for n in range(1, 31)]
        on = {c: c not in self.without for c in CONFOUNDERS}
        habits = {}
        for p in self.persons:
            habits[p.number] = {
                "desk": on["hot-desk"] and self.chance(.1),
                "vpn": on["vpn"] and self.chance(.35),
                "helpdesk": on["helpdesk"] and self.chance(.01),
                "rotation": on["rotation"] and self.chance(.1),
                "parallel": on["parallel"] and self.chance(.2),
            }
        first = self.now - self.days * DAY
        lines = []
        for a in self.accounts:
            if a.service:
                self.service_days(a, first, servers, on["fan-out"], lines)
                continue
            for p in a.users:
                self.person_days(a, p, habits[p.number], first,
                                 (servers, desks, vpn), lines)
        lines.sort()
        return lines

    def service_days(self, a, first, servers, fan_out, lines):
        for day in range(self.days):
            for n in range(3 if fan_out else 1):
                at = first + day * DAY + 3600 * ((day + n * 7) % 24)
                lines.append((at, self.random.choice(servers), a.uid,
                              "10.240.0.%d" % (1 + (n if fan_out else 0)),
                              key_of("service " + a.uid)))

    def person_days(self, a, p, habit, first, places, lines):
        servers, desks, vpn = places
        shared = a.pattern is not None
        rotated = self.random.randint(20, max(21, self.days - 20))
        for day in range(self.days):
            if day % 7 >= 5 or not self.chance(.3 if shared else .75):
                continue
            address = p.address
            if a.pattern in ("keys", "console"):
                address = a.users[0].address
            elif habit["desk"] and self.chance(.5):
                address = self.random.choice(desks)
            elif habit["vpn"] and self.chance(.4):
                address = self.random.choice(vpn)
            elif habit["helpdesk"] and self.chance(.5):
                address = self.random.choice(self.persons).address
            whose = p.uid
            if a.pattern in ("workstations", "console"):
                whose = a.uid  # one key, handed round
            if habit["rotation"] and not shared and day >= rotated:
                whose += " second"
            at = first + day * DAY + self.random.randint(8 * 3600, 18 * 3600)
            for n in range(2 if habit["parallel"] else 1):
                lines.append((at + n * 60, self.random.choice(servers), a.uid,
                              address, key_of("person " + whose)))

    # ---- What is written ----

    def write_ldif(self, out):
        def put(*lines):
            out.write("\n".join(lines) + "\n\n")
        put("dn: " + BASE, "objectClass: dcObject", "objectClass: organization",
            "o: Company", "dc: company", "entryUUID: " + entry_uuid(BASE))
        for ou in ("people", "groups"):
            put("dn: ou=%s,%s" % (ou, BASE), "objectClass: organizationalUnit",
                "ou: " + ou, "entryUUID: " + entry_uuid(ou))
        for n, a in enumerate(self.accounts):
            p = a.person
            lines = ["dn: uid=%s,ou=people,%s" % (a.uid, BASE),
                     "objectClass: inetOrgPerson", "objectClass: posixAccount",
                     "uid: " + a.uid, "cn: " + (p.name if p else a.uid),
                     "sn: " + (p.name.split()[0] if p else a.uid),
                     "uidNumber: %d" % (10000 + n), "gidNumber: 100",
                     "homeDirectory: /home/" + a.uid]
            if p and a.pattern is None:
                lines += ["employeeNumber: " + p.employee,
                          "departmentNumber: " + p.department,
                          "title: " + p.title,
                          "mail: %s@company.test" % p.uid]
            if a.locked:
                lines.append("pwdAccountLockedTime: 000001010000Z")
            if a.last:
                lines.append("pwdLastSuccess: " + stamp(a.last))
            lines += ["pwdChangedTime: " + stamp(a.password),
                      "createTimestamp: " + stamp(a.created),
                      "entryUUID: " + entry_uuid(a.uid)]
            put(*lines)
        for name in sorted(self.groups):
            put("dn: cn=%s,ou=groups,%s" % (name, BASE),
                "objectClass: groupOfNames", "cn: " + name,
                *("member: uid=%s,ou=people,%s" % (uid, BASE)
                  for uid in sorted(self.groups[name])),
                "entryUUID: " + entry_uuid("group " + name))

    def write_hr(self, out, at):
        """As personnel saw it on that day."""
        rows = csv.writer(out)
        rows.writerow(("employee", "name", "department", "title", "mail",
                       "status", "hired", "left", "kind")
                      + ("manager",) * self.managers)
        for p in self.persons:
            gone = p.left and p.left <= at
            department = p.old_department if p.moved and at < p.moved \
                else p.department
            rows.writerow((p.employee, p.name, department, p.title,
                           p.uid + "@company.test",
                           "left" if gone else "active", "2015-03-02",
                           day_text(p.left) if gone else "", "staff")
                          + (self.manager(p, department),) * self.managers)

    def manager(self, person, department):
        """The first who stays in a department heads it; E00000 heads them."""
        for p in self.persons[1:]:
            if p.department == department and not p.left and not p.moved:
                return "E00000" if p is person else p.employee
        return ""

    def write_workstations(self, out):
        rows = csv.writer(out)
        rows.writerow(("host", "address", "person", "shared"))
        for p in self.persons:
            rows.writerow(("ws-%d" % p.number, p.address, p.employee, "no"))
        for n in range(1, 9):
            rows.writerow(("desk-%d" % n, "10.200.0.%d" % n, "", "yes"))

    def write_log(self, out):
        for n, (at, server, uid, address, key) in enumerate(self.trail()):
            when = datetime.datetime.fromtimestamp(at, datetime.timezone.utc)
            out.write("%s.%06d+00:00 %s sshd[%d]: Accepted publickey for %s "
                      "from %s port %d ssh2: ED25519 %s\n" % (
                          when.strftime("%Y-%m-%dT%H:%M:%S"), n % 1000000,
                          server, 1000 + n % 30000, uid, address,
                          30000 + n % 30000, key))

    def write_truth(self, out):
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(("rule", "account", "about"))
        rows.writerows(sorted(self.truth))


def seconds(text):
    return int(datetime.datetime.fromisoformat(
        text.replace("Z", "+00:00")).timestamp())


def main():
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--persons", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--now", type=seconds,
                        default=seconds("2026-10-01T00:00:00Z"))
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--without", action="append", default=[],
                        choices=CONFOUNDERS)
    parser.add_argument("--managers", action="store_true",
                        help="personnel data say who heads a department")
    parser.add_argument("directory")
    options = parser.parse_args()
    company = Company(options)
    os.makedirs(options.directory, exist_ok=True)
    personnel = [("hr-%s.csv" % day_text(at),
                  lambda out, at=at: company.write_hr(out, at))
                 for at in range(options.now - 364 * DAY, options.now + 1,
                                 28 * DAY)]
    for name, write in (
            ("directory.ldif", company.write_ldif),
            ("workstations.csv", company.write_workstations),
            ("auth.log", company.write_log),
            ("truth.csv", company.write_truth),
            *personnel):
        with open(os.path.join(options.directory, name), "w",
                  encoding="utf-8", newline="") as out:
            write(out)


if __name__ == "__main__":
    main()
