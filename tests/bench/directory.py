#!/usr/bin/env python3
"""directory.py ACCOUNTS GROUPS MEMBERSHIPS: a directory of that size as LDIF;
groups of very different sizes. The same arguments give the same, but for the
times, which count back from now."""
import random, sys, time
accounts, groups, members = map(int, sys.argv[1:])
draw = random.Random(7)
now = int(time.time())
base = "dc=example,dc=org"
out = sys.stdout
def stamp(seconds):
    return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(seconds))
def uuid(kind, n):
    return "%08x-0000-4000-8000-%012x" % (kind, n)
out.write("dn: %s\nobjectClass: dcObject\nobjectClass: organization\n"
          "o: Example\ndc: example\n\n" % base)
for ou in ("people", "groups"):
    out.write("dn: ou=%s,%s\nobjectClass: organizationalUnit\nou: %s\n\n"
              % (ou, base, ou))
for n in range(accounts):
    made = now - draw.randrange(30, 3000) * 86400
    last = max(made, now - int(draw.expovariate(1 / 40)) * 86400)
    out.write("dn: uid=u%07d,ou=people,%s\nobjectClass: inetOrgPerson\n"
              "objectClass: posixAccount\nuid: u%07d\ncn: Given Sn%d\nsn: Sn%d\n"
              "mail: u%07d@example.org\nemployeeNumber: %d\n"
              "departmentNumber: D%d\nuidNumber: %d\ngidNumber: 100\n"
              "homeDirectory: /home/u%07d\nentryUUID: %s\n"
              "createTimestamp: %s\npwdChangedTime: %s\npwdLastSuccess: %s\n\n"
              % (n, base, n, n, n, n, n, n % 50, 10000 + n, n, uuid(1, n),
                 stamp(made), stamp(max(made, now - 40 * 86400)), stamp(last)))
weights = [1 / (1 + g) ** .7 for g in range(groups)]
scale = members / sum(weights)
for g in range(groups):
    size = min(accounts, max(1, round(weights[g] * scale)))
    out.write("dn: cn=g%05d,ou=groups,%s\nobjectClass: groupOfNames\n"
              "cn: g%05d\nentryUUID: %s\n" % (g, base, g, uuid(2, g)))
    first, step = draw.randrange(accounts), 1 + draw.randrange(97)
    for n in sorted({(first + k * step) % accounts for k in range(size)}):
        out.write("member: uid=u%07d,ou=people,%s\n" % (n, base))
    out.write("\n")
