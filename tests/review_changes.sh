#!/usr/bin/env bash
# Many seeded changes of a real slapd: pulled batch by batch, they leave what a
# full pull finds. A few hundred; SOAK=1: 10,000. SEED draws others.
set -u
. "$(dirname "$0")/lib.sh"
packages slapd ldap-utils sqlite3 openssl python3-minimal
sandbox "$@"
# shellcheck disable=SC2154
. "$top/tests/directories.sh"
[ -x "$reeve" ] || make -s -C "$top" build/release/reeve
batches=$([ -n "${SOAK-}" ] && echo 40 || echo 3)
size=$([ -n "${SOAK-}" ] && echo 250 || echo 120)

# company.ldif, and a file of changes for each batch. No batch loses so much
# that the circuit breaker would hold it.
python3 - "${SEED-7}" "$batches" "$size" "$slapd_base" "$SANDBOX" <<'END' ||
import random, sys
seed, batches, size = map(int, sys.argv[1:4])
suffix, folder = sys.argv[4:]
draw = random.Random(seed)
inside, outside = "ou=company," + suffix, "ou=elsewhere," + suffix
accounts, groups, gone = {}, {}, []   # name -> where; name -> names in it
made = 0

def dn(name):
    if name in groups:
        return "cn=%s,%s" % (name, inside)
    return "uid=%s,%s" % (name, accounts[name])

def account(name):
    return ("objectClass: inetOrgPerson\nobjectClass: shadowAccount\n"
            "cn: %s\nsn: %s\n" % (name, name))

def fresh(letter):
    global made
    made += 1
    return "%s%d" % (letter, made)

def members(name):
    return sum(name in m for m in groups.values())

def drop(name):
    for m in groups.values():
        m.discard(name)

# Each gives its LDIF, how many accounts and memberships the batch loses.
def change():
    n = draw.choice(list(accounts))
    return ("dn: %s\nchangetype: modify\nreplace: title\ntitle: %s\n"
            % (dn(n), fresh("t")), 0, 0)

def expire():
    n = draw.choice(list(accounts))
    return ("dn: %s\nchangetype: modify\nreplace: shadowExpire\n"
            "shadowExpire: %d\n" % (dn(n), draw.choice((1, 99999))), 0, 0)

def add():
    n = gone.pop() if gone and draw.random() < .5 else fresh("u")
    accounts[n] = inside
    return "dn: %s\nchangetype: add\n%s" % (dn(n), account(n)), 0, 0

def delete():
    n = draw.choice([a for a in accounts if accounts[a] == inside])
    text = "dn: %s\nchangetype: delete\n" % dn(n)
    del accounts[n]
    gone.append(n)
    return text, 1, 0

def move(n, to):
    text = ("dn: %s\nchangetype: modrdn\nnewrdn: uid=%s\ndeleteoldrdn: 1\n"
            "newsuperior: %s\n" % (dn(n), n, to))
    accounts[n] = to
    return text

def leave():
    n = draw.choice([a for a in accounts if accounts[a] == inside])
    return move(n, outside), 1, 0

def come():
    away = [a for a in accounts if accounts[a] == outside]
    return (move(draw.choice(away), inside), 0, 0) if away else change()

def rename():
    n, new = draw.choice(list(accounts)), fresh("u")
    lost = members(n)
    text = ("dn: %s\nchangetype: modrdn\nnewrdn: uid=%s\ndeleteoldrdn: 1\n"
            % (dn(n), new))
    accounts[new] = accounts.pop(n)
    drop(n)
    return text, 0, lost

def join():
    g = draw.choice(list(groups))
    n = draw.choice(list(accounts) + [x for x in groups if x != g])
    if n in groups[g]:
        return change()
    groups[g].add(n)
    return ("dn: %s\nchangetype: modify\nadd: member\nmember: %s\n"
            % (dn(g), dn(n)), 0, 0)

def part():
    g = draw.choice([x for x in groups if groups[x]] or list(groups))
    there = [n for n in groups[g] if n in accounts or n in groups]
    if not there:
        return change()
    n = draw.choice(there)
    groups[g].discard(n)
    return ("dn: %s\nchangetype: modify\ndelete: member\nmember: %s\n"
            % (dn(g), dn(n)), 0, 1)

def found():
    g = fresh("g")
    groups[g] = set()
    return ("dn: %s\nchangetype: add\nobjectClass: groupOfNames\n"
            "member: cn=nobody\n" % dn(g), 0, 0)

def close():
    g = min(groups, key=lambda x: len(groups[x]))
    lost = len(groups[g]) + members(g)
    text = "dn: %s\nchangetype: delete\n" % dn(g)
    del groups[g]
    drop(g)
    return text, 0, lost

with open(folder + "/company.ldif", "w") as out:
    out.write("dn: %s\nobjectClass: dcObject\nobjectClass: organization\n"
              "o: x\ndc: example\n\n" % suffix)
    out.write("dn: uid=reader,%s\nobjectClass: account\n"
              "objectClass: simpleSecurityObject\nuserPassword: readme\n\n"
              % suffix)
    for ou in inside, outside:
        out.write("dn: %s\nobjectClass: organizationalUnit\n\n" % ou)
    for _ in range(600):
        n = fresh("u")
        accounts[n] = inside
        out.write("dn: %s\n%s\n" % (dn(n), account(n)))
    for _ in range(60):
        g = fresh("g")
        groups[g] = set(draw.sample(list(accounts), draw.randrange(1, 12)))
        out.write("dn: %s\nobjectClass: groupOfNames\nmember: cn=nobody\n%s\n"
                  % (dn(g), "".join("member: %s\n" % dn(n)
                                    for n in sorted(groups[g]))))
kinds = [change, change, expire, add, add, delete, leave, come, rename,
         join, join, join, part, found, close]
for b in range(batches):
    lost = [0, 0]
    with open("%s/changes.%d" % (folder, b + 1), "w") as out:
        done = 0
        while done < size:
            kind = draw.choice(kinds)
            if max(lost) > 12 and kind in (delete, leave, rename, part, close):
                continue
            if kind is close and len(groups) < 30:
                continue
            text, one, other = kind()
            lost[0] += one
            lost[1] += other
            out.write(text + "\n")
            done += 1
END
    die 'no changes were made'

source_conf corp "url = $slapd_local" "base = ou=company,$slapd_base" \
    'incremental = syncrepl' 'full_every = 365d'
slapd_conf 'overlay syncprov' 'syncprov-sessionlog 100000'
slapd_load "$SANDBOX/company.ldif" && slapd_start || die slapd

# Batches are days apart, so that their losses do not add up.
pull_at() {
	"$reeve" --config "$SANDBOX/review.conf" --db "$SANDBOX/$1.db" \
	    --quiet --now "$(date -u -d "2040-01-01 +$((2 * $2)) days" \
	    +%Y-%m-%dT%H:%M:%SZ)" pull corp >"$SANDBOX/pull.log" 2>&1
}

fresh() {
	rm -f "$SANDBOX/$1".db*
	"$reeve" --db "$SANDBOX/$1.db" init --rehearsal >/dev/null
}

fresh a
check 'a first pull' pull_at a 0
for ((n = 1; n <= batches; n++)); do
	slapd_change <"$SANDBOX/changes.$n" >"$SANDBOX/change.log" 2>&1 ||
	    die "$(tail -n 2 "$SANDBOX/change.log")"
	pull_at a "$n"
	fresh b
	pull_at b "$n"
	if [ "$(pulled a)" = 'changes applied 1' ] &&
	    diff <(holds a) <(holds b) >"$SANDBOX/diff"; then
		ok "batch $n: $size changes leave what a full pull finds"
	else
		not_ok "batch $n ($(pulled a); $(sqlite3 "$SANDBOX/a.db" \
		    'SELECT held FROM pull ORDER BY id DESC LIMIT 1'))"
		head -n 20 "$SANDBOX/diff" | cut -c1-300 | sed 's/^/  | /'
	fi
done
slapd_stop
report
