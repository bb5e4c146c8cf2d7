#!/usr/bin/env bash
# Pull and check of a real slapd and of LDIF, beside ldapsearch reading the
# same attributes. ACCOUNTS, GROUPS and MEMBERSHIPS set the size.
set -u
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/table.sh"
[ -n "${SANDBOX-}" ] || {
	packages slapd ldap-utils sqlite3 python3-minimal openssl
	make -s -C "$top" -j2 all || exit 1
}
sandbox "$@"
. "$top/tests/directories.sh"
accounts=${ACCOUNTS-100000} groups=${GROUPS_-2000} members=${MEMBERSHIPS-243000}

search() {
	measure "$1" bash -c "ldapsearch -LLL -H '$slapd_local' -Y EXTERNAL -Q \
	    -E pr=1000/noprompt -b ou=people,$slapd_base '(objectClass=inetOrgPerson)' \
	    uid cn mail employeeNumber departmentNumber uidNumber gidNumber entryUUID \
	    createTimestamp pwdChangedTime pwdLastSuccess >/dev/null &&
	    ldapsearch -LLL -H '$slapd_local' -Y EXTERNAL -Q -E pr=1000/noprompt \
	    -b ou=groups,$slapd_base '(objectClass=groupOfNames)' cn member entryUUID \
	    >/dev/null"
}

# A thousand accounts get another title.
change() {
	local n

	for ((n = 0; n < 1000; n++)); do
		printf 'dn: uid=u%07d,ou=people,%s\nchangetype: modify\nreplace: title\ntitle: t%s\n\n' \
		    "$((n * (accounts / 1000)))" "$slapd_base" "$RANDOM"
	done | slapd_change >/dev/null
}

python3 "$top/tests/bench/directory.py" "$accounts" "$groups" "$members" \
    >"$SANDBOX/all.ldif"
slapd_conf 'lastbind on' 'overlay ppolicy' 'overlay syncprov' \
    'syncprov-sessionlog 100000'
sed -i 's/^maxsize .*/maxsize 17179869184/' "$slapd/slapd.conf"
if ! slapd_load "$SANDBOX/all.ldif" || ! slapd_start; then
	say 'slapd does not start'
	exit 1
fi
source_conf corp "url = $slapd_local"
reeve_() {
	local name=$1

	shift
	measure "$name" "$reeve" --config "$SANDBOX/review.conf" \
	    --db "$SANDBOX/$db.db" --quiet "$@"
}

printf '%s accounts, %s groups, about %s memberships\n' "$accounts" "$groups" \
    "$members"
printf '%-44s %8s %8s %8s %5s\n' '' 'wall s' 'CPU s' 'RSS MiB' exit
search 'ldapsearch, the same attributes'
peer=$wall
db=ldap
reeve_ 'reeve pull corp, the first' pull corp
pull=$wall pull_cpu=$cpu
reeve_ 'reeve check, all rules' check
limit=2
[ "$accounts" -le 100000 ] || limit=25 # of a million
figure "$accounts accounts: pull, decode, store, all rules" \
    "ldapsearch alone $peer s" \
    "$(sum "$pull" "$wall")" '<=' "$limit" s
figure "... of that, the processor's" '' "$(sum "$pull_cpu" "$cpu")" '<=' \
    "$limit" s
reeve_ 'reeve pull corp --full, nothing changed' pull corp --full
change
reeve_ 'reeve pull corp, 1,000 changes' pull corp
db=ldif
reeve_ 'reeve pull ldif:, the first' pull "ldif:$SANDBOX/all.ldif"
search 'ldapsearch again'
slapd_stop
