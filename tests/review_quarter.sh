#!/usr/bin/env bash
# Two quarters from end to end, on the command line: a company of 2,000 accounts
# in a real OpenLDAP and a real Active Directory (Samba), and 50 servers. Named
# after the acceptance tests of a review: what must be refused is refused, and
# what was decided is proven or stays open.
set -u
. "$(dirname "$0")/lib.sh"
# shellcheck disable=SC2154
packages slapd ldap-utils ldb-tools openssl sqlite3 samba samba-ad-dc \
    samba-ad-provision samba-dsdb-modules samba-vfs-modules winbind
sandbox "$@"
# shellcheck disable=SC2154
. "$top/tests/directories.sh"

reeve=${REEVE:-$top/build/release/reeve}
[ -x "$reeve" ] || make -s -C "$top" build/release/reeve
export TZ=UTC REEVE_DB=$SANDBOX/review.db XDG_STATE_HOME=$SANDBOX/state
# Real servers stamp what they hold with the real time: it is tomorrow.
open=9223372036854775807
start=$((($(date +%s) / 86400 + 1) * 86400))
clock=$start

# by KEY COMMAND...: a minute later each time.
by() {
	clock=$((clock + 60))
	"$reeve" --config "$SANDBOX/review.conf" --key "$SANDBOX/$1.key" \
	    --now "$(date -ud "@$clock" +%FT%TZ)" --quiet "${@:2}"
}

# hours N: so long after the beginning it is now.
hours() {
	clock=$((start + $1 * 3600))
}

# status NAME WANTED WORDS COMMAND...: it ends so, and says that.
status() {
	local name=$1 wanted=$2 words=$3 got

	shift 3
	clock=$((clock + 60)) # "by" counts in a subshell's copy
	"$@" >said 2>&1
	got=$?
	if [ "$got" = "$wanted" ] &&
	    { [ -z "$words" ] || grep -qF -- "$words" said; }; then
		ok "$name"
	else
		not_ok "$name (status $got, wanted $wanted)"
		tail -n 12 said | cut -c1-300 | sed 's/^/  | /'
	fi
}

ask() {
	sqlite3 -cmd '.timeout 60000' "$REEVE_DB" "$1"
}

# is NAME WANTED QUESTION
is() {
	local got

	got=$(ask "$3")
	if [ "$got" = "$2" ]; then
		ok "$1"
	else
		not_ok "$1 (wanted $2, got $got)"
	fi
}

day() {
	date -ud "@$((start + $1 * 86400))" +%F
}

# ---- The company ----

tree_url=ldap://127.0.0.1:1389
tree_start() {
	/usr/sbin/slapd -f "$slapd/slapd.conf" -h "$tree_url $slapd_local" &&
	    wait_for 10 ldapsearch -x -H "$tree_url" -s base -b '' 1.1
}
tree_change() {
	ldapmodify -x -H "$tree_url" -D "cn=admin,$slapd_base" -w secret "$@"
}

# The directory as slapadd takes it; who reads it; a default policy.
tree_ldif() {
	sed 's/dc=company,dc=test/dc=example,dc=org/; s/^dc: company/dc: example/' \
	    company/directory.ldif
	cat <<-X
	dn: uid=reader,$slapd_base
	objectClass: account
	objectClass: simpleSecurityObject
	uid: reader
	userPassword: readme

	dn: cn=default,$slapd_base
	objectClass: organizationalRole
	objectClass: pwdPolicy
	cn: default
	pwdAttribute: userPassword
	pwdLockout: TRUE
	pwdMaxFailure: 5
	pwdMinLength: 14

	X
}

# Persons again, administrators' second accounts, and what they hold.
domain_ldif() {
	python3 - "company/hr-$(day 0).csv" "OU=Staff,$samba_base" "$samba_base" <<-'X'
	import csv, sys
	rows = [r for r in csv.DictReader(open(sys.argv[1])) if r["status"] == "active"]
	ou, base = sys.argv[2], sys.argv[3]
	def put(dn, *lines):
	    print("dn: " + dn, *lines, "", sep="\n")
	put(ou, "objectClass: organizationalUnit")
	names = []
	def user(name, row):
	    dn = "CN=%s,%s" % (name, ou)
	    put(dn, "objectClass: user", "sAMAccountName: " + name,
	        "userAccountControl: 512", "employeeNumber: " + row["employee"],
	        "department: " + row["department"], "displayName: " + row["name"])
	    return dn
	staff = [user(r["employee"].lower(), r) for r in rows]
	admins = [user("adm-" + r["employee"].lower(), r) for r in rows[5:45]]
	def group(name, members):
	    put("CN=%s,%s" % (name, ou), "objectClass: group",
	        "sAMAccountName: " + name, *("member: " + m for m in members))
	group("VPN Users", staff[::2])
	group("Trading Floor", staff[::7])
	group("Server Operations", admins)
	print("dn: CN=Domain Admins,CN=Users," + base)
	print("changetype: modify\nadd: member")
	print(*("member: " + m for m in admins[:4]), "", sep="\n")
	X
}

hosts() {
	local n

	for ((n = 1; n <= 50; n++)); do
		mkdir -p "hosts/srv$n/etc"
		printf 'root:x:0:0:root:/root:/bin/bash\n' >"hosts/srv$n/etc/passwd"
		printf 'root:*:19000:0:99999:7:::\n' >"hosts/srv$n/etc/shadow"
		printf 'root:x:0:\n' >"hosts/srv$n/etc/group"
		printf 'root ALL=(ALL:ALL) ALL\n' >"hosts/srv$n/etc/sudoers"
	done
}

# Loaded before it starts: in one transaction, without its own tools.
make_domain() {
	samba_make && domain_ldif >domain.ldif || return
	python3 - <<-'X'
	text = open("domain.ldif").read()
	at = text.index("dn: CN=Domain Admins,CN=Users")
	open("domain-add.ldif", "w").write(text[:at])
	open("domain-modify.ldif", "w").write(text[at:])
	X
	ldbadd -H "$samba/dc/private/sam.ldb" domain-add.ldif >ldb.log 2>&1 &&
	    ldbmodify -H "$samba/dc/private/sam.ldb" domain-modify.ldif \
	        >>ldb.log 2>&1
}

cd "$SANDBOX" || exit 2
python3 "$top/tests/company.py" --managers --persons 960 --days 20 \
    --now "$(day 0)T00:00:00Z" company || die company
make_domain & domain=$!
slapd_conf 'overlay ppolicy' "ppolicy_default cn=default,$slapd_base"
tree_ldif >tree.ldif
slapd_load tree.ldif && tree_start || die 'no slapd'
hosts
wait "$domain" || die "no domain: $(tail -n 3 ldb.log)"
samba_ca=$samba/dc/private/tls/ca.pem # what samba_make set, in its subshell
export KRB5_CONFIG=$samba/krb5.conf
samba_start || die 'no domain controller'
wait_for 20 samba_as_administrator ldapsearch -s base -b '' 1.1 || die ldaps
printf '%s' "$samba_password" >secret.ad
chmod 600 secret.ad
source_conf tree "url = $slapd_local" \
    "default_policy = cn=default,$slapd_base"
source_conf corp 'url = ldaps://dc1.review.test' "ca_file = $samba_ca" \
    'bind_dn = Administrator@review.test' "secret_file = $SANDBOX/secret.ad" \
    'product = ad'
source_conf servers "url = passwd:$SANDBOX/hosts" 'system_class = other'

# ---- Who decides, and what is known ----

for name in olga pim dora; do
	ssh-keygen -q -t ed25519 -N '' -f "$name.key"
done
# An administrator, whose employee number is that of an adm- account.
dora=$(sed -n '/^sAMAccountName: adm-/,/^employeeNumber/s/^employeeNumber: //p' \
    domain.ldif | head -n 1)
printf 'ticket,requester,approver,account,right\nT-1,E00900,E00901,nobody,none\n' \
    >approvals.csv
prepare() {
	"$reeve" init --rehearsal &&
	    by olga person add Olga --employee X-olga &&
	    by pim person add Pim --employee X-pim &&
	    by olga person add Dora --employee "$dora" --role reviewer \
	        --pub dora.key.pub &&
	    by pim approve 3 || return
	for days in 364 196 84 0; do
		by olga hr --as-of "$(day "-$days")" --zone +00:00 \
		    "company/hr-$(day "-$days").csv" || return
	done
	by olga pull && by olga trail company/auth.log &&
	    by olga register company/workstations.csv approvals.csv
}
status "three sources are pulled, personnel and officers known" 0 "" prepare
is "they are 2,000 accounts" 1 "SELECT count(*) BETWEEN 1950 AND 2100
    FROM account_fact WHERE until = $open"

# ---- 2. A leaver disabled 26 hours late ----

leaver=$(ask "SELECT f.name FROM account_fact f JOIN person_account l USING (object)
    JOIN person p ON p.id = l.person JOIN person_fact h ON h.person = p.id
    WHERE h.status = 'active' AND h.until = $open AND f.until = $open
    AND f.enabled AND f.dn LIKE '%$slapd_base' AND p.employee > 'E00200'
    AND p.employee <> '$dora' ORDER BY p.employee LIMIT 1")
employee=$(ask "SELECT p.employee FROM person p JOIN person_account l
    ON l.person = p.id JOIN account_fact f USING (object)
    WHERE f.name = '$leaver' LIMIT 1")
leave() { # EMPLOYEE: as personnel say it, the last day was yesterday
	sed -i "s/^\($1,.*\),active,\([0-9-]*\),,/\1,left,\2,$(day "$2"),/" hr.csv
}
cp "company/hr-$(day 0).csv" hr.csv
leave "$employee" -1
hours 1
status "personnel say who left" 0 "" \
    by olga hr --as-of "$(day 0)" --zone +00:00 hr.csv
status "a leaver's open account is a finding" 1 "" by olga check
is "of both directories" 2 "SELECT count(*) FROM finding f
    JOIN person_account l ON l.object = f.subject JOIN person p ON p.id = l.person
    WHERE f.rule = 'AR-111' AND p.employee = '$employee'"
printf '%s srv03 sshd[9]: Accepted password for %s from 10.9.9.9 port 1 ssh2\n' \
    "$(date -ud "@$((start + 5 * 3600))" +%FT%T.000000+00:00)" "$leaver" >late.log
hours 20
by olga trail late.log >said 2>&1
by olga check >said 2>&1
is "the login in between is one, too" 1 "SELECT count(*) > 0 FROM finding f
    JOIN account_fact a ON a.object = f.subject
    WHERE f.rule = 'AR-112' AND a.name = '$leaver' AND a.until = $open"
hours 26
tree_change >said 2>&1 <<-X || cat said
dn: uid=$leaver,ou=people,$slapd_base
changetype: modify
add: pwdAccountLockedTime
pwdAccountLockedTime: 000001010000Z
X
samba_modify >said 2>&1 <<-X || cat said
dn: CN=${employee,,},OU=Staff,$samba_base
changetype: modify
replace: userAccountControl
userAccountControl: 514
X

# ---- 1. One server is not in the source any more ----

rm -r hosts/srv7
status "a pull without it is not complete, and says so" 4 "host: srv7" \
    by olga pull
by olga check >said 2>&1
is "26 hours late, and closed by the pull that shows it" "26 26" \
    "SELECT group_concat((r.now - h.left_at) / 3600, ' ') FROM finding f
     JOIN check_run r ON r.id = f.closed_run
     JOIN person_account l ON l.object = f.subject
     JOIN person p ON p.id = l.person
     JOIN person_fact h ON h.person = p.id AND h.until = $open
     WHERE f.rule = 'AR-111' AND p.employee = '$employee'"

# ---- The fourth quarter ----

status "a review with a server missing opens, and names it" 4 "srv7" \
    by olga campaign open 2026Q4 --due "$(day 14)" --fallback E00000
status "each question goes to who may decide it" 0 "manager" \
    by olga campaign assign 2026Q4
status "worksheets are made" 0 "worksheets with" by olga campaign export \
    --format-of csv --codes codes.csv 2026Q4 out

# 8. An administrator opens his own account.
own=$(ask "SELECT min(question) FROM item WHERE person = '$dora'
    AND facts ->> 'account' LIKE 'adm-%'")
status "an administrator does not decide on her own account" 2 "holds what is decided" \
    by dora decide --campaign 2026Q4 "$own" keep --reason 'I need it'

# fill CAMPAIGN DIR: each worksheet of out, answered. Leftovers of a transfer
# are revoked, one shared account and one administrator's right get an answer
# of their own, and all else is kept.
fill() {
	python3 - "$1" "$2" "$(day 100)" <<-'X'
	import csv, glob, os, sys
	campaign, folder, ends = sys.argv[1:]
	os.makedirs(folder)
	shared = taken = False
	for path in sorted(glob.glob("out/%s-*.csv" % campaign)):
	    rows = list(csv.reader(open(path, encoding="utf-8-sig", newline="")))
	    head = [h.split()[0] for h in rows[0]]
	    col = {n: head.index(n) for n in head}
	    several = {r[0] for r in rows[1:] if r[col["item"]] != ""}
	    def say(r, decision, reason, **more):
	        r[col["decision"]], r[col["reason"]] = decision, reason
	        for name, value in more.items():
	            r[col[name]] = value
	    for r in rows[1:]:
	        found, right = r[col["findings"]], r[col["right"]]
	        if "left over from before a transfer" in found and \
	                r[col["account"]].startswith("tree") and \
	                "E00003" not in path:
	            say(r, "revoke", "moved to another department")
	        elif not shared and right.startswith("the account itself") and \
	                "Used by several" in found:
	            say(r, "exception", "kiosk of the trading floor", ends=ends,
	                compensation="camera, and each day's log is read")
	            shared = True
	        elif not taken and right.startswith("Server Operations"):
	            say(r, "revoke", "no administrator any more")
	            taken = True
	        elif r[col["item"]] == "":
	            say(r, "keep", "needed for the work")
	    out = csv.writer(open(os.path.join(folder, os.path.basename(path)), "w",
	                          encoding="utf-8", newline=""))
	    out.writerows(rows)
	X
}
fill 2026Q4 in

# ---- A reviewer leaves midway ----

gone=$(ask "SELECT reviewer FROM assignment WHERE campaign = 1
    AND reviewer NOT IN ('E00000', 'E00001') GROUP BY 1 ORDER BY 1 DESC LIMIT 1")
leave "$gone" 1
hours 48
by olga hr --as-of "$(day 2)" --zone +00:00 hr.csv >said 2>&1 || cat said
status "what a reviewer who left sends is refused" 1 "has left" \
    by olga campaign import "in/2026Q4-$gone.csv"
rm "in/2026Q4-$gone.csv" out/*
status "the questions go to somebody else" 0 "instead-of:$gone" \
    by olga campaign reassign 2026Q4
by olga campaign export --format-of csv --codes codes2.csv 2026Q4 out \
    >said 2>&1
fill 2026Q4 in2

# ---- One altered worksheet ----

mkdir altered
sed '0,/D0[0-9]*.*,keep,needed/s/D0\([0-9]*.*,keep,needed\)/D9\1/' \
    in2/2026Q4-E00001.csv >altered/2026Q4-E00001.csv
status "what was altered is refused, with its line" 1 "line " \
    by olga campaign import altered

# ---- kill -9 during an import; two imports at once ----

mkdir a b
mv in2/*[02468].csv a
mv in2/*.csv b
before=$(ask 'SELECT count(*), (SELECT max(id) FROM act) FROM decision')
# Its rows are written, and it waits for the signature.
mkdir slow
cat >slow/ssh-keygen <<'X'
#!/bin/sh
case "$*" in
*"-Y sign"*)
	echo "$$" >"$SANDBOX/signing"
	exec sleep 600 ;;
esac
exec /usr/bin/ssh-keygen "$@"
X
chmod 755 slow/ssh-keygen
clock=$((clock + 60))
PATH=$SANDBOX/slow:$PATH "$reeve" --config review.conf --key olga.key --quiet \
    --now "$(date -ud "@$clock" +%FT%TZ)" campaign import a >said 2>&1 &
import=$!
check "an import is about to be signed" wait_for 60 test -s signing
kill -KILL "$import"
wait "$import" 2>/dev/null
kill "$(cat signing)" 2>/dev/null
is "killed in the midst, nothing of it is recorded" "$before" \
    'SELECT count(*), (SELECT max(id) FROM act) FROM decision'
status "and all that was signed verifies" 0 "" by olga verify
by olga campaign import a >one 2>&1 & one=$!
by olga campaign import b >other 2>&1 & other=$!
wait "$one"; first=$?
wait "$other"; second=$?
check "two imports at once both are taken, one after the other" \
    test "$first $second" = "0 0"
hours 50
is "as two acts of the chain" 2 "SELECT count(*) FROM act
    WHERE kind = 'decisions' AND id > ${before#*|}"

# ---- Two persons, and what keeps it from closing ----

confirm() {
	local act

	for act in $(ask "SELECT DISTINCT d.act FROM decision d WHERE NOT EXISTS
	    (SELECT 1 FROM second s WHERE s.of = d.act)"); do
		by "$1" decide --confirm "$act" --yes >confirmed 2>&1 || return
	done
}
status "who brought them in does not confirm them" 2 "" confirm olga
status "another officer does" 0 "" confirm pim
status "1. the review refuses to close, and names the server" 4 "servers srv7" \
    by olga campaign close 2026Q4
status "two persons let it close without that one" 0 "reeve approve" \
    by olga campaign missing 2026Q4 servers srv7 --reason 'scrapped in autumn'
by pim approve "$(ask 'SELECT max(id) FROM act')" >said 2>&1
status "then it closes" 0 "" by olga campaign close 2026Q4
is "everything has a decision that counts" 0 "SELECT count(*) FROM item i
    WHERE NOT EXISTS (SELECT 1 FROM item_decision d WHERE d.campaign = i.campaign
    AND d.item = i.n AND d.effective)"

# ---- A shared account ----

by olga check >said 2>&1
is "the shared account that was excepted stays a finding, as such" 1 \
    "SELECT count(*) FROM finding WHERE rule = 'AR-131' AND exception
     AND closed_run IS NULL"
status "its exception is listed with its end" 0 "camera" \
    by olga exception list

# ---- 9. A ticket is closed while the right is still there ----

status "what was revoked is planned" 0 "DRAFT files" \
    by olga remedy plan --campaign 2026Q4 plan
act=$(ask "SELECT max(id) FROM act WHERE kind = 'remedy'")
status "and approved by another person" 0 "is approved" \
    by pim remedy approve "$act" plan
apply() {
	local file

	for file in "plan/remedy-$act-tree"*remove-right.ldif; do
		tree_change -f "$file" || return
	done
}
status "the directory takes the changes" 0 "" apply
hours 60
status "so large a loss is held until two persons let it through" 4 "HELD" \
    by olga pull tree
let_through() {
	local pull

	pull=$(ask "SELECT max(id) FROM pull WHERE state = 'held'")
	by olga pull --confirm "$pull"
	by pim pull --confirm "$pull"
	by olga pull corp servers
}
status "two do" 4 "host: srv7" let_through
status "what is gone is proven, what is there is open" 1 "Server Operations" \
    by olga remedy verify
is "leftovers of transfers are gone, by proof" 1 "SELECT count(*) > 10 AND
    count(*) = sum(e.what = 'proven') FROM remedy m
    JOIN account_fact a ON a.object = m.account AND a.until = $open
    LEFT JOIN remedy_event e ON e.remedy = m.id
    WHERE m.action = 'remove-right' AND a.dn LIKE '%$slapd_base'"
ticket=$(ask "SELECT m.id FROM remedy m JOIN group_fact g ON g.object = m.\"right\"
    WHERE g.name = 'Server Operations' LIMIT 1")
by olga remedy ticket "$ticket" 'CHG-17 closed' >said 2>&1
status "a closed ticket proves nothing" 1 "Server Operations" \
    by olga remedy verify

# ---- The first quarter ----

# Somebody gives one of the rights back, without a new approval.
back=$(ask "SELECT g.dn || '|' || a.dn FROM remedy m
    JOIN remedy_event e ON e.remedy = m.id AND e.what = 'proven'
    JOIN account_fact a ON a.object = m.account AND a.until = $open
    JOIN group_fact g ON g.object = m.\"right\" AND g.until = $open
    WHERE a.enabled ORDER BY m.id LIMIT 1")
hours $((90 * 24))
tree_change >said 2>&1 <<-X || cat said
dn: ${back%%|*}
changetype: modify
add: member
member: ${back##*|}
X
touch hosts/srv7.retired
by olga hr --as-of "$(day 90)" --zone +00:00 hr.csv >said 2>&1
status "a quarter later, with the server retired, all is complete" 0 "" \
    by olga pull
by olga check >said 2>&1
status "a right that came back is a finding" 1 "AR-202" \
    by olga findings --rule AR-202
status "9. so is the one behind the closed ticket" 1 "AR-201" \
    by olga findings --rule AR-201
status "and reviewers who kept everything" 1 "AR-203" \
    by olga findings --rule AR-203
status "none decided on what is their own" 0 "0 hits" \
    by olga findings --rule AR-204 --state hit
status "the next review has last quarter's scope" 0 "questions" \
    by olga campaign open 2027Q1 --from 2026Q4 --due "$(day 104)"
by olga campaign assign 2027Q1 >said 2>&1
is "and knows what was there last time" 1 "SELECT sum(novelty = 'new') < 50
    FROM item WHERE campaign = 2"
rm -rf out
by olga campaign export --format-of csv --codes codes3.csv 2027Q1 out >said 2>&1
fill 2027Q1 in3
rm in3/2027Q1-E00002.csv # who does not answer
status "worksheets come back" 0 "taken" by olga campaign import in3
status "what needs two persons has them" 0 "" confirm pim
status "with one silent it does not close" 4 "E00002" \
    by olga campaign close 2027Q1
hours $((109 * 24))
status "late, it goes up" 0 "escalated:E00002" by olga campaign escalate
hours $((112 * 24))
status "silence keeps nothing: it is proposed to revoke" 0 "reeve approve" \
    by olga campaign escalate
status "which a second person approves" 0 "" confirm pim
status "and the quarter is closed" 0 "" by olga campaign close 2027Q1

# ---- 10. What was signed ----

by olga person list --roster >roster 2>/dev/null
status "two quarters verify against the roster kept elsewhere" 0 "" \
    by olga verify --roster roster
# Worksheets with codes, remedies proven, open, and back: all told anew.
by olga evidence export first --from "$(day -5)" --to "$(day 89)" >said 2>&1
status "a pack of the first verifies, though made in the second" 0 "verified: " \
    "$reeve" evidence verify first --unsigned --roster roster
by olga evidence export second --from "$(day 89)" --to "$(day 120)" >said 2>&1
status "so does one of the second" 0 "verified: " \
    "$reeve" evidence verify second --unsigned --roster roster --previous first
sqlite3 "$REEVE_DB" "VACUUM INTO 'changed.db'"
chmod 600 changed.db
trigger=$(sqlite3 changed.db "SELECT group_concat('DROP TRIGGER ' || name, ';')
    FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'decision'")
sqlite3 changed.db "$trigger; UPDATE decision SET decision = 'keep'
    WHERE (act, n) = (SELECT act, n FROM decision WHERE decision = 'revoke'
        ORDER BY act, n LIMIT 1)"
REEVE_DB=$SANDBOX/changed.db status "one changed decision is found, and named" \
    3 "altered" by olga verify
report
