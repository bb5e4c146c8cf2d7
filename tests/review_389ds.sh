#!/usr/bin/env bash
# reeve against a real 389 Directory Server: its limits, locks and policies,
# and pulls of changes by times of modification.
set -u
. "$(dirname "$0")/lib.sh"
packages 389-ds-base python3-lib389 ldap-utils openssl sqlite3
sandbox "$@"
# shellcheck disable=SC2154
. "$top/tests/directories.sh"

for name in reeve tests/tool_review_facts; do
	[ -x "$top/build/release/$name" ] ||
	    make -s -C "$top" "build/release/$name"
done
facts=$top/build/release/tests/tool_review_facts
people=ou=people,$ds389_base

ds389_make || die '389-DS does not start'

# ---- What is there ----

entry() {
	local dn=$1 class

	printf 'dn: %s\nchangetype: add\n' "$dn"
	shift
	for class in ${1//,/ }; do
		printf 'objectClass: %s\n' "$class"
	done
	shift
	[ "$#" -eq 0 ] || printf '%s\n' "$@"
	printf '\n'
}

person() {
	local name=$1

	shift
	entry "uid=$name,$people" inetOrgPerson,posixAccount "uid: $name" \
	    "cn: $name" "sn: $name" 'uidNumber: 1000' 'gidNumber: 500' \
	    'homeDirectory: /' "$@"
}

plant() {
	local i

	entry "uid=reader,$ds389_base" account,simpleSecurityObject \
	    'uid: reader' 'userPassword: Read-0nly' 'nsSizeLimit: -1' \
	    'nsLookThroughLimit: -1' 'nsPagedSizeLimit: -1'
	entry "uid=limited,$ds389_base" account,simpleSecurityObject \
	    'uid: limited' 'userPassword: Read-0nly' 'nsLookThroughLimit: 50'
	printf '%s\n' "dn: $ds389_base" 'changetype: modify' 'add: aci' \
	    'aci: (targetattr != "userPassword")(version 3.0; acl "readers"; allow (read, search, compare) userdn = "ldap:///all";)' ''
	entry "$people" organizationalUnit
	entry "ou=elsewhere,$ds389_base" organizationalUnit
	for ((i = 0; i < 200; i++)); do
		person "u$i"
	done
	person enabled 'mail: a@example.org' 'employeeNumber: 42'
	person disabled 'nsAccountLock: true'
	person mover
	person doomed
	entry "cn=ops,$people" groupOfNames "member: uid=enabled,$people" \
	    "member: uid=doomed,$people"
	entry "cn=outer,$people" groupOfUniqueNames \
	    "uniqueMember: cn=ops,$people"
	entry "cn=posix,$people" posixGroup 'gidNumber: 500' \
	    'memberUid: enabled'
}

plant | ds389_change >"$SANDBOX/plant.log" 2>&1 ||
    die "$(grep -v '^adding\|^$' "$SANDBOX/plant.log")"

printf 'Read-0nly\n' >"$SANDBOX/secret"
chmod 600 "$SANDBOX/secret"
common=("secret_file = $SANDBOX/secret" "ca_file = $ds389_ca"
    'timeout = 30' 'url = ldaps://localhost.localdomain:1636')
source_conf ds "bind_dn = uid=reader,$ds389_base" "${common[@]}"
source_conf limited "bind_dn = uid=limited,$ds389_base" "${common[@]}"
source_conf sync "bind_dn = uid=reader,$ds389_base" "base = $people" \
    'incremental = syncrepl' "${common[@]}"
source_conf times "bind_dn = uid=reader,$ds389_base" "base = $people" \
    'incremental = timestamp' "${common[@]}"

# ---- The planted cases ----

"$facts" "$SANDBOX/review.conf" ds >"$SANDBOX/facts" ||
    die "the pull failed: $(tail -n 3 "$SANDBOX/facts")"

has() {
	local name=$1 lines pattern

	shift
	lines=$(cat "$SANDBOX/facts")
	for pattern in "$@"; do
		lines=$(grep -E -- "$pattern" <<<"$lines") || {
			not_ok "$name: no line with $pattern"
			return
		}
	done
	ok "$name"
}

refuse 'accounts and groups are read to the end' grep -E \
    '^query.(accounts|groups).*incomplete' "$SANDBOX/facts"
has 'it is told by its root DSE' '^account.nsuid:'
has 'an account is enabled' '^account' 'name=enabled' 'enabled=yes' \
    'employee=42'
has 'one is disabled' '^account' 'name=disabled' 'enabled=no'
has 'a member is one' '^member' "member=dn:uid=enabled,$people" 'how=member'
has 'a group is in another' '^member' "member=dn:cn=ops,$people"
has 'a posix group calls by name' '^member' 'member=name:enabled'
check 'all accounts are there, and no more' [ "$(grep -c '^account' \
    "$SANDBOX/facts")" -eq 206 ]
"$facts" "$SANDBOX/review.conf" limited >"$SANDBOX/facts" 2>&1
check 'a limit of the server is not the end' grep -E \
    'a limit of the server.s ended the search|size limit' "$SANDBOX/facts"

# ---- What changed, read alone, is what all of it says ----

# Containers that are younger than the clocks may be apart are read whole.
sleepless() {
	sqlite3 "$SANDBOX/a.db" "UPDATE cookie SET value = '$(
		date -u +%Y%m%d%H%M%SZ | base64 -w 0)' WHERE name = 'cookie'"
}

happen() {
	ds389_change >"$SANDBOX/happen.log" 2>&1 <<EOF || die happen
dn: uid=enabled,$people
changetype: modify
replace: mail
mail: b@example.org

dn: uid=mover,$people
changetype: modrdn
newrdn: uid=mover
deleteoldrdn: 1
newsuperior: ou=elsewhere,$ds389_base

dn: uid=doomed,$people
changetype: delete

dn: uid=u1,$people
changetype: modrdn
newrdn: uid=renamed
deleteoldrdn: 1

dn: uid=disabled,$people
changetype: modify
delete: nsAccountLock

dn: cn=ops,$people
changetype: modify
add: member
member: uid=u5,$people
EOF
}

pull a times
sleepless
happen
agrees 'modifyTimestamp: many changes' times changes
sleepless
agrees 'modifyTimestamp: nothing happened' times changes

# ---- The same by Content Sync, which wants the retro changelog ----

ds389_change >"$SANDBOX/plugins.log" 2>&1 <<EOF || die plugins
dn: cn=Retro Changelog Plugin,cn=plugins,cn=config
changetype: modify
replace: nsslapd-pluginEnabled
nsslapd-pluginEnabled: on
-
add: nsslapd-attribute
nsslapd-attribute: nsuniqueid:targetUniqueId

dn: cn=Content Synchronization,cn=plugins,cn=config
changetype: modify
replace: nsslapd-pluginEnabled
nsslapd-pluginEnabled: on
EOF
ds389_stop
ds389_start 2>"$SANDBOX/start.log" || die '389-DS does not start again'
undo() {
	ds389_change >"$SANDBOX/undo.log" 2>&1 <<EOF || die undo
dn: uid=mover,ou=elsewhere,$ds389_base
changetype: modrdn
newrdn: uid=mover
deleteoldrdn: 1
newsuperior: $people

dn: uid=renamed,$people
changetype: modrdn
newrdn: uid=u1
deleteoldrdn: 1

dn: uid=disabled,$people
changetype: modify
add: nsAccountLock
nsAccountLock: true

dn: cn=ops,$people
changetype: modify
delete: member
member: uid=u5,$people

dn: uid=doomed,$people
changetype: add
objectClass: inetOrgPerson
cn: doomed
sn: back
EOF
}
rm -f "$SANDBOX"/a.db*
pull a sync
undo
agrees 'Content Sync: what was done is undone' sync changes
happen
agrees 'Content Sync: many changes' sync changes
agrees 'Content Sync: nothing happened' sync changes
verifies 'Content Sync: a full pull finds nothing missed' sync 0

# ---- A remedy: a leaver is disabled, and undone to the byte ----

export REEVE_DB=$SANDBOX/remedy.db
by() { # OFFICER ARGUMENT...
	"$reeve" --config "$SANDBOX/review.conf" --key "$SANDBOX/$1.officer" \
	    --quiet "${@:2}" >"$SANDBOX/remedy.log" 2>&1
}
u7() {
	ldapsearch -LLL -x -H ldap://127.0.0.1:1389 -b "uid=u7,$people" \
	    -s base -D 'cn=Directory Manager' -w "$ds389_password" \
	    '*' nsAccountLock
}
planned() {
	printf 'employee,name,status,left\nE7,Seven,left,2026-01-05\n' \
	    >"$SANDBOX/people.csv"
	for name in kao wu; do
		ssh-keygen -q -t ed25519 -N '' -f "$SANDBOX/$name.officer"
	done
	by kao pull ds && by kao hr "$SANDBOX/people.csv" &&
	    by kao hr match u7 E7 && by kao person add Kao --employee K1 &&
	    by wu person add Wu --employee K2 || return
	by kao check --profile house
	by kao remedy plan "$SANDBOX/plan" &&
	    by wu remedy approve "$(sqlite3 "$REEVE_DB" \
	        "SELECT max(act) FROM remedy")" "$SANDBOX/plan"
}
check 'a plan for a leaver is made and approved' planned
before=$(u7)
check 'it is taken' ds389_change -f "$SANDBOX"/plan/*-2-disable.ldif
check 'the account is locked' grep -qi 'nsAccountLock: true' <(u7)
refuse 'but not twice' ds389_change -f "$SANDBOX"/plan/*-2-disable.ldif
check 'its undo is taken' ds389_change -f \
    "$SANDBOX"/plan/*-2-disable.undo.ldif
check 'and all is as before, to the byte' test "$(u7)" = "$before"
refuse 'an undo of what is undone fails' ds389_change -f \
    "$SANDBOX"/plan/*-2-disable.undo.ldif

ds389_stop
report
