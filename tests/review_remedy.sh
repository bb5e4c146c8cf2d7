#!/usr/bin/env bash
# Remedies on real servers, OpenLDAP and Active Directory (Samba), and on a
# host: planned, approved, applied by their own tools, pulled, proven; undone
# to the byte; refused where somebody else changed things since.
set -u
. "$(dirname "$0")/lib.sh"
# shellcheck disable=SC2154
packages slapd ldap-utils openssl sqlite3 samba samba-ad-dc \
    samba-ad-provision samba-dsdb-modules samba-vfs-modules winbind
sandbox "$@"
. "$top/tests/directories.sh"

reeve=${REEVE:-$top/build/release/reeve}
[ -x "$reeve" ] || make -s -C "$top" build/release/reeve
export TZ=UTC REEVE_DB=$SANDBOX/review.db
plan=$SANDBOX/plan
date +%s >"$SANDBOX/clock"

# Each command a minute later: a rehearsal's time is what it is told.
at_next() {
	local clock=$(($(cat "$SANDBOX/clock") + 60))

	echo "$clock" >"$SANDBOX/clock"
	"$reeve" --config "$SANDBOX/review.conf" --key "$SANDBOX/$1.officer" \
	    --now "$(date -ud "@$clock" +%FT%TZ)" --quiet "${@:2}"
}

kao() {
	at_next kao "$@"
}

wu() {
	at_next wu "$@"
}

# The usual ports are the domain controller's.
tree_url=ldap://127.0.0.1:1389
tree_start() {
	/usr/sbin/slapd -f "$slapd/slapd.conf" -h "$tree_url $slapd_local" &&
	    wait_for 10 ldapsearch -x -H "$tree_url" -s base -b '' 1.1
}
tree_change() {
	ldapmodify -x -H "$tree_url" -D "cn=admin,$slapd_base" -w secret "$@"
}

# ---- Who is there ----

person_entry() {
	cat <<-X

	dn: uid=$1,$slapd_base
	objectClass: inetOrgPerson
	uid: $1
	cn: $1
	sn: $1
	employeeNumber: $2
	X
}

group_entry() {
	local name=$1 member

	shift
	printf '\ndn: cn=%s,%s\nobjectClass: groupOfNames\ncn: %s\n' \
	    "$name" "$slapd_base" "$name"
	for member; do
		printf 'member: %s,%s\n' "$member" "$slapd_base"
	done
}

tree() {
	local i

	cat <<-X
	dn: $slapd_base
	objectClass: dcObject
	objectClass: organization
	o: Example
	dc: example

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
	X
	person_entry wang E1
	person_entry chen E2
	person_entry lin E3
	group_entry dba uid=lin cn=inner uid=chen
	group_entry inner uid=chen uid=lin
	# So many that the loss of one stops no pull.
	for i in $(seq 20); do
		person_entry "f$i" "F$i"
	done
	# shellcheck disable=SC2046
	group_entry all $(seq -f uid=f%g 20)
}

slapd_conf 'overlay ppolicy' "ppolicy_default cn=default,$slapd_base"
tree >"$SANDBOX/tree.ldif"
slapd_load "$SANDBOX/tree.ldif" && tree_start || die 'no slapd'
source_conf tree "url = $slapd_local" \
    "default_policy = cn=default,$slapd_base"

samba_make && samba_start || die 'no domain controller'
samba_tool user create reader Read-0nly >/dev/null || die reader
wait_for 20 samba_as_administrator ldapsearch -s base -b '' 1.1 || die ldaps
printf 'Read-0nly' >"$SANDBOX/secret.ad"
chmod 600 "$SANDBOX/secret.ad"
source_conf corp 'url = ldaps://dc1.review.test' "ca_file = $samba_ca" \
    'bind_dn = reader@review.test' "secret_file = $SANDBOX/secret.ad" \
    'product = ad'
# A name that means something to shells, PowerShell and LDIF.
odd="CN=a'b\$(x)\\, 王,CN=Users,$samba_base"
samba_add >/dev/null <<-X || die users
dn:: $(printf '%s' "$odd" | base64 -w 0)
objectClass: user
sAMAccountName: odd
userAccountControl: 544
employeeNumber: E4

dn: CN=ann,CN=Users,$samba_base
objectClass: user
sAMAccountName: ann
userAccountControl: 544
employeeNumber: E5

dn: CN=Ops,CN=Users,$samba_base
objectClass: group
sAMAccountName: Ops
member: CN=ann,CN=Users,$samba_base
member: CN=reader,CN=Users,$samba_base

X
echo testhost >/etc/hostname
useradd -u 4711 -c 'Local' tmp && usermod -aG users tmp || die useradd
source_conf host "url = passwd:/"

cat >"$SANDBOX/people.csv" <<X
employee,name,department,status,left
E1,Wang,IT,left,2026-01-05
E2,Chen,IT,active,
E3,Lin,IT,active,
E4,Odd,IT,left,2026-01-05
E5,Ann,IT,active,
E6,Tmp,IT,left,2026-01-05
E8,Kao,Audit,active,
E9,Wu,Audit,active,
X

for name in kao wu; do
	ssh-keygen -q -t ed25519 -N '' -f "$SANDBOX/$name.officer"
done
prepare() {
	"$reeve" init --rehearsal &&
	    kao pull tree && kao pull corp && kao pull host &&
	    kao hr "$SANDBOX/people.csv" && kao hr match tmp E6 &&
	    kao person add Kao --employee E8 &&
	    wu person add Wu --employee E9 || return
	kao check
	[ $? -le 1 ]
}
check 'three sources are pulled, persons and officers known' prepare

decide() {
	kao decide "$(ask "SELECT i.question FROM item i
	    JOIN account_fact f ON f.object = i.account
	    JOIN group_fact g ON g.object = i.\"right\"
	    WHERE f.name = '$1' AND g.name = '$2'")" revoke --reason "$3"
}
campaign() {
	kao campaign open 2026Q4 --due 2030-01-01 --fallback E8 --type ad-hoc \
	    --include account=chen --include account=ann &&
	    kao campaign assign 2026Q4 &&
	    decide chen dba 'moved' && decide ann Ops 'moved'
}
check 'a campaign takes a right from chen, and one from ann' campaign

# ---- Planned and approved ----

answers 'a plan is written as drafts' 0 'DRAFT files' \
    kao remedy plan "$plan"
act=$(ask "SELECT max(id) FROM act WHERE kind = 'remedy'")
names() {
	(cd "$plan" && printf '%s\n' *"$1"* | grep -v '\*')
}
check 'all that is there are drafts' test -z \
    "$(names remedy | grep -v '^DRAFT-')"
refuse 'a draft can not be applied' tree_change -f \
    "$plan/DRAFT-remedy-$act-tree-2-disable.ldif"
refuse 'nor run' bash "$plan/DRAFT-remedy-$act-host-testhost-2-disable.sh"
check 'the report names the other way to the right' grep -q \
    'also held through inner' "$plan/DRAFT-remedy-$act.txt"
check 'whose accounts it is about is signed with it' test \
    "$(ask "SELECT group_concat(DISTINCT holder) FROM (SELECT holder
        FROM remedy ORDER BY 1)")" = E1,E2,E4,E5,E6
answers 'the same is not planned twice' 0 'there is nothing to plan' \
    kao remedy plan "$plan"
refuse 'who planned it does not approve it' kao remedy approve "$act" "$plan"
answers 'another one does' 0 'is approved' \
    wu remedy approve "$act" "$plan"
check 'no draft is left' test -z "$(names DRAFT)"
check 'the files carry the act and its digest' grep -q \
    "^# APPROVED act $act $(ask "SELECT lower(hex(digest)) FROM act
     WHERE id = $act")\$" "$plan/remedy-$act-tree-2-disable.ldif"
check 'a shell file says that it is for bash' test \
    "$(head -n 1 "$plan/remedy-$act-host-testhost-2-disable.sh")" = '#!/bin/bash'
answers 'nothing is proven before a pull' 4 'wait for a complete pull' \
    kao remedy verify

# ---- Applied by the directories' own tools ----

tree_entry() {
	ldapsearch -LLL -o ldif-wrap=no -x -H "$tree_url" \
	    -D "cn=admin,$slapd_base" -w secret -b "$1,$slapd_base" -s base \
	    '*' pwdAccountLockedTime
}
corp_entry() {
	samba_as_administrator ldapsearch -LLL -o ldif-wrap=no -b "$1" \
	    -s base userAccountControl member sAMAccountName
}
before_wang=$(tree_entry uid=wang)
before_dba=$(tree_entry cn=dba)
before_odd=$(corp_entry "$odd" | sort)
before_ops=$(corp_entry "CN=Ops,CN=Users,$samba_base" | sort)
before_tmp=$(getent shadow tmp)

tree_file() {
	tree_change -f "$plan/remedy-$act-tree-$1"
}
corp_file() {
	samba_modify <"$plan/remedy-$act-corp-$1"
}
host_file() {
	bash "$plan/remedy-$act-host-testhost-$1"
}
check 'OpenLDAP takes it: disabled' tree_file 2-disable.ldif
check 'OpenLDAP takes it: a membership' tree_file 3-remove-right.ldif
check 'Active Directory takes it: disabled, of a hostile name' \
    corp_file 2-disable.ldif
check 'Active Directory takes it: a membership' corp_file 3-remove-right.ldif
check 'the host takes it' host_file 2-disable.sh
refuse 'what was done can not be done again: OpenLDAP' \
    tree_file 3-remove-right.ldif
refuse 'what was done can not be done again: Active Directory' \
    corp_file 3-remove-right.ldif
ps=$plan/remedy-$act-corp-2-disable.ps1
check 'PowerShell gets the hostile name as one string' grep -qF -e \
    "-Identity 'CN=a''b\$(x)\\, 王,CN=Users,$samba_base'" "$ps"

pull_all() {
	kao pull tree && kao pull corp && kao pull host
}
check 'the pulls are not held' pull_all
answers 'what is gone is proven; another way to a right is named' \
    1 'open      inner > dba' kao remedy verify
# state NAME ACTION [RIGHT]: an account is asked about with all it holds.
state() {
	ask "SELECT e.what FROM remedy m
	    JOIN account_fact f ON f.object = m.account
	        AND f.until = 9223372036854775807
	    LEFT JOIN group_fact g ON g.object = m.\"right\"
	        AND g.until = 9223372036854775807
	    JOIN remedy_event e ON e.remedy = m.id
	    WHERE f.name = '$1' AND m.action = '$2'
	        AND '${3-}' IN ('', g.name)
	    ORDER BY e.act DESC LIMIT 1"
}
while read -r wanted name action right; do
	check "$name: $action${right:+ $right} is $wanted" test \
	    "$(state "$name" "$action" "$right")" = "$wanted"
done <<-X
	proven wang disable
	proven odd disable
	proven tmp disable
	proven ann remove-right Ops
	open ann remove-right Domain Users
	open chen remove-right dba
X
id=$(ask "SELECT m.id FROM remedy m JOIN account_fact f
    ON f.object = m.account WHERE f.name = 'chen'")
kao remedy ticket "$id" 'CHG-17 closed' >/dev/null 2>&1
answers 'a ticket that says closed proves nothing' 1 \
    'open      inner > dba' kao remedy verify
due() {
	kao --format csv remedy list 2>/dev/null | grep "^$id," | cut -d, -f4
}
later=$(date -ud '+100 days' +%F)
first=$(due)
answers 'an extension waits for another person' 0 'reeve approve' \
    kao remedy extend "$id" --until "$later" --reason 'change freeze'
check '... until then it is due as before' test "$(due)" = "$first"
extension=$(ask 'SELECT max(act) FROM remedy_event WHERE due NOT NULL')
refuse '... who wanted it does not approve it' kao approve "$extension"
wu approve "$extension" >/dev/null 2>&1
check '... and then it is due later' test "$(due)" = "$later"
tree_change >/dev/null <<-X
dn: cn=inner,$slapd_base
changetype: modify
delete: member
member: uid=chen,$slapd_base
X
kao pull tree >/dev/null 2>&1
kao remedy verify >/dev/null 2>&1
check 'through the last way, it is proven' test \
    "$(state chen remove-right)" = proven

# ---- Undone ----

check 'the undo is taken: OpenLDAP' tree_file 2-disable.undo.ldif
check 'the undo is taken: a membership' tree_file 3-remove-right.undo.ldif
check 'the undo is taken: Active Directory' corp_file 2-disable.undo.ldif
check 'the undo is taken: its membership' corp_file 3-remove-right.undo.ldif
check 'the undo is taken: the host' host_file 2-disable.undo.sh
same() {
	diff <(printf '%s\n' "$1") <(printf '%s\n' "$2")
}
check 'wang is as before, to the byte' same "$before_wang" \
    "$(tree_entry uid=wang)"
check 'so is the group' same "$before_dba" "$(tree_entry cn=dba)"
check 'so is the hostile name' same "$before_odd" \
    "$(corp_entry "$odd" | sort)"
check 'and its group' same "$before_ops" \
    "$(corp_entry "CN=Ops,CN=Users,$samba_base" | sort)"
check 'so is the local account' same "$before_tmp" "$(getent shadow tmp)"

check 'the pulls are not held' pull_all
answers 'what came back is said' 1 'came back' kao remedy verify
kao check >/dev/null 2>&1
answers 'and is a finding' 1 'AR-202' kao findings --rule AR-202
answers 'overdue and open are listed' 0 'back' kao remedy list
answers 'and followed up' 0 'came back: ' kao remedy list \
    --followup "$(date -u +%YQ)$((($(date -u +%-m) + 2) / 3))"

# ---- Somebody else's change in between ----

tree_file 2-disable.ldif >/dev/null
corp_file 2-disable.ldif >/dev/null
tree_change >/dev/null <<-X
dn: uid=wang,$slapd_base
changetype: modify
replace: pwdAccountLockedTime
pwdAccountLockedTime: 20260101000000Z
X
samba_modify >/dev/null <<-X
dn:: $(printf '%s' "$odd" | base64 -w 0)
changetype: modify
replace: userAccountControl
userAccountControl: 66082
X
refuse 'a later change makes the undo fail: OpenLDAP' \
    tree_file 2-disable.undo.ldif
refuse 'a later change makes the undo fail: Active Directory' \
    corp_file 2-disable.undo.ldif
check 'and is not overwritten' grep -q 'pwdAccountLockedTime: 20260101000000Z' \
    <(tree_entry uid=wang)

slapd_stop
samba_stop
report
