#!/usr/bin/env bash
# reeve against a real OpenLDAP: how it is reached, what stops a search, and
# the planted cases of issue 3, all of them and nothing else.
set -u
. "$(dirname "$0")/lib.sh"
# shellcheck disable=SC2154
packages slapd slapd-contrib ldap-utils openssl libsasl2-modules sqlite3
sandbox "$@"
. "$top/tests/directories.sh"

search=$top/build/release/tests/tool_review_search
[ -x "$search" ] || make -s -C "$top" build/release/tests/tool_review_search

# What is in the directory: a reader, 600 persons.
people() {
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

	dn: uid=nobody,$slapd_base
	objectClass: account
	objectClass: simpleSecurityObject
	uid: nobody
	userPassword: readme

	dn: ou=people,$slapd_base
	objectClass: organizationalUnit
	ou: people

	EOF
	for ((i = 0; i < 600; i++)); do
		cat <<-EOF
		dn: uid=u$i,ou=people,$slapd_base
		objectClass: inetOrgPerson
		uid: u$i
		cn: Person $i
		sn: Person

		EOF
	done
}

# find SOURCE [FILTER [ATTRIBUTE...]]: what the tool says, in $said.
find_in() {
	local source=$1 filter=${2-(uid=u1)}

	shift
	[ "$#" -eq 0 ] || shift
	said=$(timeout 60 "$search" "$SANDBOX/review.conf" "$source" \
	    "${BASE-$slapd_base}" 2 "$filter" "${@-uid}" 2>&1)
}

# delivers NAME SOURCE TEXT: a search succeeds, and its ledger has the text.
delivers() {
	if find_in "$2" && grep -q '^uid=u1,.* uid u1$' <<<"$said" &&
	    grep -qE -- "$3" <<<"$said"; then
		ok "$1"
	else
		not_ok "$1"
		sed 's/^/  | /' <<<"$said"
	fi
}

# fails NAME STATUS TEXT SOURCE [FILTER...]
fails() {
	local name=$1 status=$2 text=$3 got

	shift 3
	find_in "$@"
	got=$?
	if [ "$got" -eq "$status" ] && grep -qE -- "$text" <<<"$said"; then
		ok "$name"
	else
		not_ok "$name (status $got, wanted $status)"
		tail -n 3 <<<"$said" | cut -c1-400 | sed 's/^/  | /'
	fi
}

slapd_conf 'overlay syncprov' 'overlay ppolicy' 'lastbind on' || die slapd_conf
people >"$SANDBOX/people.ldif"
slapd_load "$SANDBOX/people.ldif" || die slapd_load
slapd_start || die "slapd does not start: $(cat "$slapd/slapd.log")"

printf 'readme\n' >"$SANDBOX/secret"
chmod 600 "$SANDBOX/secret"
printf 'wrong' >"$SANDBOX/wrong"
chmod 600 "$SANDBOX/wrong"
printf 'readme' >"$SANDBOX/open"
chmod 644 "$SANDBOX/open"
certificate auditor /CN=auditor
simple=("bind_dn = uid=reader,$slapd_base" "secret_file = $SANDBOX/secret"
    "ca_file = $authority/ca.pem" 'network_timeout = 5' 'timeout = 10')
nobody=("${simple[@]/uid=reader/uid=nobody}")

# ---- How it is reached ----

source_conf starttls 'url = ldap://localhost' "${simple[@]}"
source_conf ldaps 'url = ldaps://localhost' "${simple[@]}"
source_conf clear 'url = ldap://localhost' 'tls = none' "${simple[@]}"
source_conf clear-told 'url = ldap://localhost' 'tls = none' \
    'insecure_simple_bind = yes' "${simple[@]}"
source_conf other-ca 'url = ldaps://localhost' \
    "${simple[@]/ca.pem/other.pem}"
source_conf other-ca-starttls 'url = ldap://localhost' \
    "${simple[@]/ca.pem/other.pem}"
source_conf system-ca 'url = ldap://localhost' "${simple[@]/ca_file*/}"
source_conf other-name 'url = ldaps://testhost' "${simple[@]}"
source_conf ldapi "url = $slapd_local"
source_conf client-certificate 'url = ldaps://localhost' \
    "ca_file = $authority/ca.pem" "cert_file = $authority/auditor.pem" \
    "key_file = $authority/auditor.key"
source_conf anonymous 'url = ldaps://localhost' "ca_file = $authority/ca.pem"
source_conf wrong 'url = ldaps://localhost' 'servers = ldaps://127.0.0.1' \
    "${simple[@]/%secret/wrong}"
source_conf open 'url = ldaps://localhost' "${simple[@]/%secret/open}"
source_conf credential 'url = ldaps://localhost' \
    "${simple[@]/secret_file*/secret_file = credential:reader}"
source_conf failover 'url = ldap://127.0.0.1:9' \
    'servers = ldaps://testhost,ldaps://localhost' "${simple[@]}"
source_conf nobody-answers 'url = ldap://127.0.0.1:9' \
    'servers = ldap://127.0.0.1:10' "${simple[@]}"
source_conf dn-in-url "url = ldap://localhost/$slapd_base" "${simple[@]}"

tls='tls=TLS1?v?1?.?[23]'
delivers 'StartTLS is the preset of ldap://' starttls "$tls"
delivers 'ldaps:// is TLS' ldaps "$tls"
delivers 'who we are is what the server says' ldaps \
    "identity=dn:uid=reader,$slapd_base "
fails 'a password is not sent in clear' 1 'not sent without TLS' clear
delivers 'unless told so' clear-told 'tls=none'
fails 'a certificate of another CA is refused' 1 'localhost: ' other-ca
fails 'by StartTLS too' 1 'localhost: TLS: ' other-ca-starttls
fails 'and if no CA is given' 1 'localhost: TLS: ' system-ca
fails 'a certificate of another name is refused' 1 'testhost: ' other-name
delivers 'ldapi:// binds by EXTERNAL' ldapi "identity=dn:uid=reader,.*local"
delivers 'a client certificate binds by EXTERNAL' client-certificate \
    "identity=dn:uid=reader,"
fails 'an anonymous reader sees nothing, and no success' 4 \
    'entries=0 .* incomplete: the reader may not read it .result 50' anonymous
fails 'a wrong password is refused at the first server' 1 \
    'ldaps://localhost: bind: Invalid credentials .49.$' wrong
fails 'a password file that others read is refused' 1 'open' open
fails 'a credential needs systemd' 1 'not started by systemd' credential
CREDENTIALS_DIRECTORY=$SANDBOX/credentials
export CREDENTIALS_DIRECTORY
mkdir -m 700 "$CREDENTIALS_DIRECTORY"
install -m 400 "$SANDBOX/secret" "$CREDENTIALS_DIRECTORY/reader"
delivers 'a credential of systemd is a password' credential "$tls"
delivers 'the next server is tried' failover 'server=ldaps://localhost '
fails 'all that failed are named' 1 \
    '127.0.0.1:9: connect: .*; ldap://127.0.0.1:10: connect: ' nobody-answers
fails 'a DN in the URL is refused' 1 'belongs into base' dn-in-url
printf 'TLS_REQCERT never\n' >/etc/ldap/ldap.conf
fails 'ldap.conf does not switch verification off' 1 'localhost: ' other-ca
LDAPTLS_REQCERT=never fails 'nor does the environment' 1 'localhost: ' other-ca

# ---- What stops a search ----

source_conf paged 'url = ldaps://localhost' 'page_size = 100' "${simple[@]}"
source_conf limited 'url = ldaps://localhost' 'page_size = 100' "${nobody[@]}"
source_conf few 'url = ldaps://localhost' 'entry_limit = 50' "${simple[@]}"

# 600 persons in pages of 100: the server says at the sixth that it is the last.
find_in paged '(objectClass=inetOrgPerson)'
check 'pages are read to the last cookie' \
    grep -E 'entries=600 values=600 pages=6 .* complete' <<<"$said"
first=$(sed -n 's/.*digest=\([0-9a-f]*\).*/\1/p' <<<"$said")
find_in starttls '(objectClass=inetOrgPerson)'
check 'the digest is of what was read, whatever the pages' \
    grep "digest=${first:-none}" <<<"$said"
fails 'a size limit is not the end' 4 \
    'result=4 entries=500 .*incomplete: the server.s size limit .*after 500' \
    limited '(objectClass=inetOrgPerson)'
fails 'an entry_limit is not the end' 4 \
    'incomplete: more entries than entry_limit allows, after 50' few \
    '(objectClass=inetOrgPerson)'
BASE=ou=nowhere,$slapd_base fails 'a base that is not there is no answer' 4 \
    'result=32 entries=0 .*incomplete: the base is not there' paged
slapd_stop
fails 'a server that is gone is said to be' 1 'connect: ' paged

# ---- The planted cases ----

# entry RDN CLASS[,CLASS...] [LINE...]: below ou=company.
entry() {
	local rdn=$1 classes=$2

	shift 2
	printf 'dn: %s,ou=company,%s\n' "$rdn" "$slapd_base"
	printf 'objectClass: %s\n' ${classes//,/ }
	printf '%s\n' "${rdn/=/: }" 'createTimestamp: 20250101000000Z' \
	    'modifyTimestamp: 20250101000000Z' "$@" ''
}

account() {
	local name=$1

	shift
	entry "uid=$name" inetOrgPerson "cn: $name" "sn: $name" "$@"
}

dn() {
	printf '%s,ou=company,%s' "$1" "$slapd_base"
}

company() {
	local i all

	people | sed '/^$/i\createTimestamp: 20250101000000Z\
modifyTimestamp: 20250101000000Z'
	cat <<-EOF
	dn: ou=company,$slapd_base
	objectClass: organizationalUnit
	ou: company
	createTimestamp: 20250101000000Z
	modifyTimestamp: 20250101000000Z

	dn: ou=elsewhere,$slapd_base
	objectClass: organizationalUnit
	ou: elsewhere
	createTimestamp: 20250101000000Z
	modifyTimestamp: 20250101000000Z

	EOF
	entry cn=policy organizationalRole,pwdPolicy \
	    'pwdAttribute: userPassword' 'pwdMaxAge: 7776000' \
	    'pwdLockout: TRUE' 'pwdMaxFailure: 5' 'pwdMinLength: 12'
	entry cn=lenient organizationalRole,pwdPolicy \
	    'pwdAttribute: userPassword' 'pwdLockout: FALSE'
	account locked 'pwdAccountLockedTime: 000001010000Z'
	account not-locked 'pwdAccountLockedTime: 000001010000Z' \
	    "pwdPolicySubentry: $(dn cn=lenient)"
	account must-change 'pwdReset: TRUE'
	account used 'pwdLastSuccess: 20260101120000Z' \
	    'authTimestamp: 20260102120000.5Z'
	account changed 'pwdChangedTime: 20251231235959Z'
	entry uid=expired account,shadowAccount 'shadowExpire: 100'
	account orphan "pwdPolicySubentry: $(dn cn=nothing)"
	account odd 'mail: odd@example.org'
	# So many that what is lost later is below the limits.
	mapfile -t all < <(for ((i = 0; i < 60; i++)); do
		printf 'member: %s\n' "$(dn "uid=filler$i")"
	done)
	for ((i = 0; i < 60; i++)); do
		account "filler$i"
	done
	entry cn=filler groupOfNames "${all[@]}"
	for ((i = 1; i <= 20; i++)); do
		entry "cn=deep$i" groupOfNames "member: $(
			[ "$i" -lt 20 ] && dn "cn=deep$((i + 1))" ||
			    dn uid=used)"
	done
	entry cn=ring1 groupOfNames "member: $(dn cn=ring2)"
	entry cn=ring2 groupOfNames "member: $(dn cn=ring1)"
	entry cn=unique groupOfUniqueNames \
	    "uniqueMember: $(dn uid=changed)#'0110'B"
	entry cn=posix posixGroup 'gidNumber: 500' 'memberUid: used' \
	    'memberUid: nobody-knows'
	entry uid=primary account,posixAccount 'cn: primary' \
	    'uidNumber: 1000' 'gidNumber: 500' 'homeDirectory: /'
	entry cn=dangling groupOfNames "member: $(dn uid=gone)"
	mapfile -t all < <(for ((i = 0; i < 2000; i++)); do
		printf 'member: uid=u%d,ou=people,%s\n' "$i" "$slapd_base"
	done)
	entry cn=all groupOfNames "${all[@]}"
	entry cn=dynamic groupOfURLs \
	    "memberURL: ldap:///ou=company,$slapd_base??sub?(mail=odd@*)"
}

source_conf company 'url = ldaps://localhost' "${simple[@]}" \
    "default_policy = $(dn cn=policy)"
facts=$top/build/release/tests/tool_review_facts
[ -x "$facts" ] || make -s -C "$top" build/release/tests/tool_review_facts

# has NAME PATTERN...: one line of the facts has all of them.
has() {
	local name=$1 lines pattern

	shift
	lines=$(cat "$SANDBOX/facts")
	for pattern in "$@"; do
		lines=$(grep -E -- "$pattern" <<<"$lines") || {
			not_ok "$name: no line with $pattern"
			grep -E -- "$1" "$SANDBOX/facts" | head -n 3 |
			    cut -c1-400 | sed 's/^/  | /'
			return
		}
	done
	ok "$name"
}

has_not() {
	refuse "$1" grep -E -- "$2" "$SANDBOX/facts"
}

slapd_conf 'overlay syncprov' 'overlay ppolicy' \
    "ppolicy_default $(dn cn=policy)" 'overlay memberof' \
    'overlay lastbind' 'overlay dynlist' \
    'dynlist-attrset groupOfURLs memberURL member'
company >"$SANDBOX/company.ldif"
slapd_load "$SANDBOX/company.ldif" || die slapd_load
slapd_start || die "slapd does not start: $(cat "$slapd/slapd.log")"
"$facts" "$SANDBOX/review.conf" company >"$SANDBOX/facts" ||
    die "the pull failed: $(tail -n 3 "$SANDBOX/facts")"

has_not 'all queries are complete' '^query.*incomplete'
has_not 'memberOf is not asked for' '[mM]emberOf'
has 'a permanent lock disables' '^account' 'name=locked' 'locked=yes' \
    'enabled=no'
has 'a lock without lock-out in the policy does not' '^account' \
    'name=not-locked' 'locked=no' 'enabled=yes'
has 'a reset password must change' '^account' 'name=must-change' \
    'password_must_change=yes'
has 'the last success is a sign of use' '^usage' 'used' \
    'attribute=pwdLastSuccess' 'when=1767268800'
has 'so is the time of the overlay' '^usage' 'used' \
    'attribute=authTimestamp' 'when=1767355200'
has 'the change of a password is known' '^account' 'name=changed' \
    'password-set=1767225599'
has 'an expired shadow account is disabled' '^account' 'name=expired' \
    'enabled=no'
has 'an unknown policy is named' '^account' 'name=orphan' \
    'policy=cn=nothing'
has 'the policy is read' '^policy' 'min-length=12' 'max-age=7776000'
has 'nesting is read to the last' '^member' 'member=dn:uid=used,' 'how=member'
has 'a ring is read' '^member' 'member=dn:cn=ring1,'
has 'a posix group calls by name' '^member' 'member=name:used' 'how=name'
has 'a primary group is a membership' '^member' 'gid:500' 'how=primary'
has 'a member that is not there is told' '^member' 'uid=gone,'
has 'a dynamic group is evaluated' '^member' 'how=dynamic'
check '2,000 members are 2,000' [ "$(grep -c \
    '^member.*member=dn:uid=u[0-9]*,ou=people.*how=member' \
    "$SANDBOX/facts")" -eq 2000 ]
check 'all accounts are there, and no more' [ "$(grep -c '^account' \
    "$SANDBOX/facts")" -eq $((600 + 2 + 9 + 60)) ]
check 'all groups are there, and no more' [ "$(grep -c '^group' \
    "$SANDBOX/facts")" -eq 28 ]
slapd_stop

# ---- What changed, read alone, is what all of it says ----

# More than one page of things that happen; losses stay below the limits.
happen() {
	slapd_change >/dev/null <<-EOF
	dn: $(dn uid=odd)
	changetype: modify
	add: mail
	mail: odder@example.org

	dn: $(dn uid=used)
	changetype: modrdn
	newrdn: uid=renamed
	deleteoldrdn: 1

	dn: $(dn uid=changed)
	changetype: modrdn
	newrdn: uid=changed
	deleteoldrdn: 1
	newsuperior: ou=elsewhere,$slapd_base

	dn: uid=u1,ou=people,$slapd_base
	changetype: modrdn
	newrdn: uid=u1
	deleteoldrdn: 1
	newsuperior: ou=company,$slapd_base

	dn: $(dn uid=orphan)
	changetype: delete

	dn: $(dn cn=dangling)
	changetype: delete

	dn: $(dn cn=all)
	changetype: modify
	delete: member
	member: uid=u7,ou=people,$slapd_base
	member: uid=u8,ou=people,$slapd_base
	-
	add: member
	member: $(dn uid=odd)

	dn: $(dn uid=locked)
	changetype: modify
	delete: pwdAccountLockedTime

	dn: $(dn uid=new)
	changetype: add
	objectClass: inetOrgPerson
	cn: new
	sn: new

	dn: $(dn cn=new)
	changetype: add
	objectClass: groupOfNames
	member: $(dn uid=new)

	dn: $(dn uid=not-locked)
	changetype: modify
	replace: objectClass
	objectClass: person
	objectClass: organizationalPerson
	objectClass: inetOrgPerson
	EOF
}

# And then: what was deleted comes back, what was moved returns.
happen_again() {
	slapd_change >/dev/null <<-EOF
	dn: $(dn uid=orphan)
	changetype: add
	objectClass: inetOrgPerson
	cn: orphan
	sn: back

	dn: uid=changed,ou=elsewhere,$slapd_base
	changetype: modrdn
	newrdn: uid=changed
	deleteoldrdn: 1
	newsuperior: ou=company,$slapd_base

	dn: $(dn uid=renamed)
	changetype: modrdn
	newrdn: uid=used
	deleteoldrdn: 1

	dn: $(dn cn=deep20)
	changetype: delete
	EOF
}

# history NAME SOURCE MODE [LINE...]: a new server with these lines.
history() {
	local name=$1 source=$2 mode=$3

	shift 3
	slapd_conf "$@" 'overlay ppolicy' "ppolicy_default $(dn cn=policy)"
	slapd_load "$SANDBOX/company.ldif" && slapd_start || die slapd
	rm -f "$SANDBOX"/a.db*
	pull a "$source"
	happen || die 'a change failed'
	agrees "$name: many changes" "$source" "$mode"
	happen_again || die 'a change failed'
	agrees "$name: some are undone" "$source" "$mode"
	agrees "$name: nothing happened" "$source" "$mode"
}

ou=("base = ou=company,$slapd_base" "default_policy = $(dn cn=policy)"
    "${simple[@]}")
source_conf sync 'url = ldaps://localhost' "${ou[@]}"
source_conf times 'url = ldaps://localhost' 'incremental = timestamp' \
    "${ou[@]}"
history 'syncrepl, present phase' sync changes 'overlay syncprov'

# What changes can't tell is read whole.
slapd_change >/dev/null <<-EOF
dn: ou=company,$slapd_base
changetype: modify
replace: description
description: may show others now
EOF
agrees 'a container that changed is read whole' sync full
slapd_change >/dev/null <<-EOF
dn: $(dn cn=policy)
changetype: modify
replace: pwdMinLength
pwdMinLength: 14
EOF
agrees 'a policy that changed is read whole' sync full
sqlite3 "$SANDBOX/a.db" \
    "UPDATE cookie SET value = 'AAAA' WHERE name = 'cookie'"
agrees 'a cookie that is refused is no loss' sync full
sqlite3 "$SANDBOX/a.db" "UPDATE cookie SET value = '1' WHERE name = 'full'"
agrees 'a full pull verifies in time' sync full
slapd_stop
history 'syncrepl, session log' sync changes 'overlay syncprov' \
    'syncprov-sessionlog 10000'

# ---- What changes had missed is a finding ----

verifies 'a full pull finds that changes missed nothing' sync 0
pull a sync
slapd_change >/dev/null <<-EOF
dn: $(dn uid=odd)
changetype: modify
replace: mail
mail: again@example.org

dn: cn=admins,ou=company,$slapd_base
changetype: add
objectClass: groupOfNames
member: $(dn uid=odd)
EOF
verifies 'nor does it count what happened since' sync 0
pull a sync
slapd_stop
# No entry changes by that, so no change is told.
sed -i '0,/^access to \*/s//access to attrs=mail by dn.exact=cn=nobody read\n&/' \
    "$slapd/slapd.conf"
slapd_start || die slapd
pull a sync
hidden=$(sqlite3 "$SANDBOX/a.db" "SELECT count(*) FROM account_fact
    WHERE until = 9223372036854775807 AND mail IS NOT NULL")
check 'an attribute that is hidden all at once is not told of' \
    [ "$hidden" -gt 0 ]
verifies 'and the next full pull counts it' sync "$hidden"
"$reeve" --config "$SANDBOX/review.conf" --db "$SANDBOX/a.db" --quiet check \
    >/dev/null
check 'which is the finding AR-193' grep -q "found $hidden differences" <(
	"$reeve" --config "$SANDBOX/review.conf" --db "$SANDBOX/a.db" \
	    findings --rule AR-193 2>&1)
slapd_stop
history 'modifyTimestamp' times changes
slapd_stop
report
