#!/usr/bin/env bash
# What a real server tells over LDAP and what its own tools write as LDIF are
# the same accounts, rights and policies: OpenLDAP, Samba AD, 389-DS.
set -u
. "$(dirname "$0")/lib.sh"
# shellcheck disable=SC2154
packages slapd slapd-contrib ldap-utils openssl samba samba-ad-provision \
    samba-ad-dc samba-dsdb-modules samba-vfs-modules winbind krb5-user \
    389-ds-base python3-lib389 libsasl2-modules libsasl2-modules-gssapi-mit
sandbox "$@"
. "$top/tests/directories.sh"

dump=$top/build/release/tests/tool_review_dump
[ -x "$dump" ] || make -s -C "$top" build/release/tests/tool_review_dump
now=1795931498

# facts SOURCE: what it delivers, but who answered and what was ever seen.
facts() {
	timeout 120 "$dump" "$1" "$now" "$SANDBOX/review.conf" |
	    grep -v -e '^query ' -e '^seen ' -e '^remember ' |
	    sed -e '/^usage /s/ server=[^ ]*//' | sort
}

# same NAME SOURCE FILE: the server and the file say the same, and something.
same() {
	local name=$1 count

	facts "$2" >"$SANDBOX/by_ldap"
	facts "ldif:$3" >"$SANDBOX/by_ldif"
	count=$(grep -c '^account ' "$SANDBOX/by_ldif")
	if [ "$count" -ge "$4" ] &&
	    diff "$SANDBOX/by_ldap" "$SANDBOX/by_ldif" >"$SANDBOX/diff"; then
		ok "$name: $count accounts"
	else
		not_ok "$name: $count accounts"
		head -n 20 "$SANDBOX/diff" | cut -c1-300 | sed 's/^/  | /'
	fi
}

tells() {
	if grep -qE -- "$3" "$2"; then
		ok "$1"
	else
		not_ok "$1"
		grep -E "${4-^account}" "$2" | cut -c1-400 | head -n 5 |
		    sed 's/^/  | /'
	fi
}

# ---- OpenLDAP ----

openldap_entries() {
	local i

	cat <<-EOF
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

	dn: ou=people,$slapd_base
	objectClass: organizationalUnit
	ou: people

	dn: cn=hard,$slapd_base
	objectClass: organizationalRole
	objectClass: pwdPolicy
	cn: hard
	pwdAttribute: userPassword
	pwdLockout: TRUE
	pwdLockoutDuration: 900
	pwdMinLength: 14
	pwdMaxAge: 7776000

	EOF
	for ((i = 0; i < 50; i++)); do
		cat <<-EOF
		dn: uid=u$i,ou=people,$slapd_base
		objectClass: inetOrgPerson
		objectClass: posixAccount
		objectClass: shadowAccount
		uid: u$i
		cn:: 546L5bCP5piO
		sn: Person $i
		mail: u$i@example.org
		ou: $((i % 2 == 0)) ops
		description: a text that is longer than a line of LDIF may be, so that it is folded by what writes it
		uidNumber: $((10000 + i))
		gidNumber: 100
		homeDirectory: /home/u$i
		loginShell: /bin/bash
		userPassword: {SSHA}c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0
		shadowExpire: $((i == 7 ? 1 : -1))

		EOF
	done
	cat <<-EOF
	dn: cn=ops,$slapd_base
	objectClass: groupOfNames
	cn: ops
	member: uid=u1,ou=people,$slapd_base
	member: uid=u2,ou=people,$slapd_base

	dn: cn=dyn,$slapd_base
	objectClass: groupOfURLs
	cn: dyn
	memberURL: ldap:///ou=people,$slapd_base??sub?(&(objectClass=posixAccount)(ou=1 ops))
	EOF
}

openldap() {
	slapd_conf 'lastbind on' 'overlay ppolicy' "ppolicy_default cn=hard,$slapd_base" &&
	    openldap_entries >"$SANDBOX/in.ldif" &&
	    slapd_load "$SANDBOX/in.ldif" && slapd_start || return 1
	slapd_change >/dev/null 2>&1 <<-EOF
	dn: uid=u3,ou=people,$slapd_base
	changetype: modify
	add: pwdAccountLockedTime
	pwdAccountLockedTime: 000001010000Z
	EOF
	ldapwhoami -x -H ldap://127.0.0.1 -D "uid=reader,$slapd_base" \
	    -w readme >/dev/null || return 1
	slapcat -f "$slapd/slapd.conf" -l "$SANDBOX/slapcat.ldif" || return 1
	source_conf openldap "url = $slapd_local" "base = $slapd_base" \
	    "default_policy = cn=hard,$slapd_base"
	source_conf slapcat "url = ldif:$SANDBOX/slapcat.ldif" \
	    "default_policy = cn=hard,$slapd_base"
	facts openldap >"$SANDBOX/by_ldap"
	facts slapcat >"$SANDBOX/by_ldif"
}

if openldap; then
	check 'OpenLDAP by slapcat: as over LDAP' \
	    diff "$SANDBOX/by_ldap" "$SANDBOX/by_ldif"
	tells 'OpenLDAP: fifty persons and a reader are there' \
	    "$SANDBOX/by_ldif" '^account .* name=u49 .* display=王小明 '
	tells 'OpenLDAP: an account is disabled by its lock under its policy' \
	    "$SANDBOX/by_ldif" \
	    ' name=u3 .* enabled=no reason=pwdAccountLockedTime 000001010000Z'
	tells 'OpenLDAP: an account is disabled by its shadow expiry' \
	    "$SANDBOX/by_ldif" ' name=u7 .* enabled=no reason=shadowExpire 1 '
	tells 'OpenLDAP: a dynamic group has its members' \
	    "$SANDBOX/by_ldif" '^member .* dynamic$' '^member'
	check 'OpenLDAP: 25 of them' \
	    test "$(grep -c ' dynamic$' "$SANDBOX/by_ldif")" -eq 25
	if grep -qE 'SSHA|c2Vjc|readme' "$SANDBOX/by_ldap" "$SANDBOX/by_ldif"; then
		not_ok 'OpenLDAP: no password is delivered'
	else
		ok 'OpenLDAP: no password is delivered'
	fi
else
	not_ok 'OpenLDAP was not started'
fi
slapd_stop

# ---- Samba AD ----

samba_cases() {
	samba_add >/dev/null <<-EOF
	dn: CN=Wang,CN=Users,$samba_base
	objectClass: user
	sAMAccountName: wang
	userAccountControl: 544
	description:: 5biz6Jmf

	dn: CN=Nested,CN=Users,$samba_base
	objectClass: group
	sAMAccountName: Nested
	member: CN=Wang,CN=Users,$samba_base
	member: <SID=S-1-5-21-7-7-7-1104>

	EOF
	# A group that is somebody's primary one does not name him any more.
	samba_modify >/dev/null <<-EOF
	dn: CN=Domain Admins,CN=Users,$samba_base
	changetype: modify
	add: member
	member: CN=Wang,CN=Users,$samba_base

	dn: CN=Wang,CN=Users,$samba_base
	changetype: modify
	replace: primaryGroupID
	primaryGroupID: 512
	EOF
}

# Everything, the descriptors and the computed attributes, as ldapsearch(1).
samba_search() {
	samba_as_administrator ldapsearch -E pr=100/noprompt \
	    -E '!1.2.840.113556.1.4.801=::MAMCAQU=' -b "$samba_base" \
	    '(objectClass=*)' '*' nTSecurityDescriptor \
	    msDS-User-Account-Control-Computed \
	    msDS-UserPasswordExpiryTimeComputed >"$SANDBOX/ad.ldif"
}

samba_case() {
	samba_make && samba_start && samba_cases && samba_search || return 1
	printf '%s' "$samba_password" >"$SANDBOX/samba_secret"
	chmod 600 "$SANDBOX/samba_secret"
	source_conf samba 'url = ldaps://dc1.review.test' \
	    "bind_dn = Administrator@review.test" \
	    "secret_file = $SANDBOX/samba_secret" "ca_file = $samba_ca"
}

if samba_case; then
	same 'Samba AD by ldapsearch: as over LDAP' samba "$SANDBOX/ad.ldif" 5
	tells 'Samba AD: who may replicate is told' "$SANDBOX/by_ldif" \
	    '^member control:DCSync sid:S-1-5-32-544 rule' '^member control'
	tells 'Samba AD: a foreign principal is one' "$SANDBOX/by_ldif" \
	    '^account .* kind=foreign name=S-1-5-21-7-7-7-1104 '
	tells 'Samba AD: and a member' "$SANDBOX/by_ldif" \
	    '^member guid:.* dn:CN=S-1-5-21-7-7-7-1104,.* foreign$' '^member'
	tells 'Samba AD: the domain has its policy' "$SANDBOX/by_ldif" \
	    '^policy .* ad-domain .* default min_length=7 history=24' '^policy'
	reeve=("$top/build/release/reeve" --db "$SANDBOX/review.db")
	"${reeve[@]}" pull "ldif:$SANDBOX/ad.ldif" >"$SANDBOX/said" 2>&1
	"${reeve[@]}" check >>"$SANDBOX/said" 2>&1
	"${reeve[@]}" findings >"$SANDBOX/findings" 2>&1
	tells 'Samba AD: who is a Domain Admin by primary group is found' \
	    "$SANDBOX/findings" 'hit +AR-152 +wang ' 'AR-152|error'
	refuse 'Samba AD: a domain controller is no hidden administrator' \
	    grep -q 'AR-152 .*DC1' "$SANDBOX/findings"
else
	not_ok 'Samba was not started'
fi
samba_stop

# ---- 389-DS ----

ds389_entries() {
	cat <<-EOF
	dn: ou=people2,$ds389_base
	changetype: add
	objectClass: organizationalUnit
	ou: people2

	dn: uid=lin,ou=people2,$ds389_base
	changetype: add
	objectClass: inetOrgPerson
	uid: lin
	cn: Lin
	sn: Lin
	userPassword: Secret.123

	dn: uid=chen,ou=people2,$ds389_base
	changetype: add
	objectClass: inetOrgPerson
	uid: chen
	cn: Chen
	sn: Chen
	nsAccountLock: true

	dn: cn=ops2,$ds389_base
	changetype: add
	objectClass: groupOfUniqueNames
	cn: ops2
	uniqueMember: uid=lin,ou=people2,$ds389_base
	EOF
}

ds389_case() {
	ds389_make && ds389_entries | ds389_change >/dev/null || return 1
	printf '%s' "$ds389_password" >"$SANDBOX/ds389_secret"
	chmod 600 "$SANDBOX/ds389_secret"
	source_conf ds389 'url = ldap://127.0.0.1:1389' 'tls = none' \
	    'insecure_simple_bind = yes' 'bind_dn = cn=Directory Manager' \
	    "base = $ds389_base" "secret_file = $SANDBOX/ds389_secret"
	facts ds389 >"$SANDBOX/ds389.ldap"
	ds389_stop
	ns-slapd db2ldif -D /etc/dirsrv/slapd-review -n userroot \
	    -a /var/lib/dirsrv/slapd-review/ldif/out.ldif \
	    >"$ds389/db2ldif.log" 2>&1 || return 1
	facts ldif:/var/lib/dirsrv/slapd-review/ldif/out.ldif >"$SANDBOX/by_ldif"
}

if ds389_case; then
	# cn=config is not in the file.
	grep -v '^policy cn=config ' "$SANDBOX/ds389.ldap" >"$SANDBOX/by_ldap"
	check '389-DS by db2ldif: as over LDAP' \
	    diff "$SANDBOX/by_ldap" "$SANDBOX/by_ldif"
	tells '389-DS: a locked account is disabled' "$SANDBOX/by_ldif" \
	    ' name=chen .* enabled=no reason=nsAccountLock true'
	tells '389-DS: the policy of cn=config is read over LDAP' \
	    "$SANDBOX/ds389.ldap" '^policy cn=config 389ds .* default' '^policy'
	if grep -qE 'Secret.123|PBKDF2' "$SANDBOX/by_ldap" "$SANDBOX/by_ldif"; then
		not_ok '389-DS: no password is delivered'
	else
		ok '389-DS: no password is delivered'
	fi
else
	not_ok '389-DS was not started'
	tail -n 3 "$ds389"/*.log | sed 's/^/  | /'
fi
ds389_stop
report
