#!/usr/bin/env bash
# On a real slapd: a loss that is held and let through by two persons' keys,
# and a rule of the site's own in /etc/reeve/rules.d.
set -u
. "$(dirname "$0")/lib.sh"
packages slapd ldap-utils sqlite3 openssl openssh-client
sandbox "$@"
# shellcheck disable=SC2154
. "$top/tests/directories.sh"
[ -x "$reeve" ] || make -s -C "$top" build/release/reeve
people=ou=people,$slapd_base

# by NAME ARGUMENT...: reeve, as that person.
by() {
	HOME=$SANDBOX/$1 "$reeve" --config "$SANDBOX/review.conf" \
	    --db "$SANDBOX/site.db" --quiet "${@:2}"
}

# persons FIRST LAST: entries, or (delete) changes that take them away.
persons() {
	seq -f "dn: uid=u%g,$people" "$1" "$2" | while read -r dn; do
		printf '%s\n' "$dn" "${@:3}" ''
	done
}

company() {
	printf '%s\n' "dn: $slapd_base" 'objectClass: dcObject' \
	    'objectClass: organization' 'o: x' 'dc: example' '' \
	    "dn: uid=reader,$slapd_base" 'objectClass: account' \
	    'objectClass: simpleSecurityObject' 'userPassword: readme' '' \
	    "dn: $people" 'objectClass: organizationalUnit' ''
	persons 1 100 'objectClass: inetOrgPerson' 'cn: x' 'sn: x'
}

mkdir ann bob
company >"$SANDBOX/company.ldif"
slapd_conf
slapd_load "$SANDBOX/company.ldif" || die slapd_load
slapd_start || die slapd
source_conf corp "url = $slapd_local" "base = $people"

# ---- A loss is let through by two keys, and only that loss ----

answers 'a first pull' 0 '100 accounts' by ann pull corp
by ann person add Ann --employee E1 </dev/null >ann.log 2>&1 || die ann
by bob person add Bob --employee E2 </dev/null >bob.log 2>&1 || die bob
persons 1 30 'changetype: delete' | slapd_change >/dev/null
answers 'thirty who are deleted are held' 4 'reeve pull --confirm 2' \
    by ann pull corp
answers 'one person alone lets nothing through' 4 \
    'waits for a second person' by ann pull --confirm 2
persons 31 40 'changetype: delete' | slapd_change >/dev/null
answers 'nor the same one twice; all of it is told by name' 2 'account gone: u17 (uuid:' \
    by ann pull --confirm 2
answers 'the second one does, but ten more are another loss' 4 HELD \
    by bob pull --confirm 2
persons 31 40 'changetype: add' 'objectClass: inetOrgPerson' 'cn: x' \
    'sn: x' | slapd_change >/dev/null
answers 'those ten made anew are others: gone are the old ones' 4 HELD \
    by ann pull corp
newest=$(sqlite3 "$SANDBOX/site.db" 'SELECT max(id) FROM pull')
by ann pull --confirm "$newest" >/dev/null
answers 'what is confirmed by both is applied' 0 'let through as confirmed' \
    by bob pull --confirm "$newest"
answers 'seventy are left' 0 '70 accounts' by ann pull corp

# ---- A rule of the site's own ----

mkdir -p /etc/reeve/rules.d
chmod 755 /etc/reeve /etc/reeve/rules.d
cat >/etc/reeve/rules.d/SITE-1.sql <<'EOF'
-- id:          SITE-1
-- severity:    low
-- title:       Made anew
-- title.zh_TW: 重新建立之帳號
-- why:         The site wants to see them.
-- why.zh_TW:   依單位要求列示。
-- over:        account
-- controls:    PAR-10
-- text:        {name} ends with a nought.
-- text.zh_TW:  {name} 之末碼為零。
--
SELECT object AS subject, '' AS about, 'hit' AS state, 'certain' AS certainty,
	NULL AS severity, '' AS reason, name
FROM account WHERE name LIKE '%0'
EOF
answers 'a rule of the site runs beside ours' 1 SITE-1 by ann check
answers 'and its findings are told' 1 'u50 ends with a nought.' \
    by ann findings --rule SITE-1
check 'all of them: forty to a hundred' [ "$(by ann --format csv findings \
    --rule SITE-1 | grep -c 'SITE-1')" -eq 7 ]
chmod 666 /etc/reeve/rules.d/SITE-1.sql
answers 'a rule that others may write is refused' 2 SITE-1.sql by ann check
chmod 644 /etc/reeve/rules.d/SITE-1.sql
printf 'SELECT 1' >/etc/reeve/rules.d/SITE-2.sql
answers 'one that is no rule is named' 2 SITE-2.sql by ann check
slapd_stop
report
