#!/usr/bin/env bash
# reeve against a real Active Directory domain controller, Samba's: binds,
# what memberOf and member hide, and pulls of changes.
set -u
. "$(dirname "$0")/lib.sh"
packages samba samba-ad-dc samba-ad-provision samba-dsdb-modules \
    samba-vfs-modules winbind krb5-user libsasl2-modules-gssapi-mit \
    libsasl2-modules ldap-utils ldb-tools openssl sqlite3
sandbox "$@"
# shellcheck disable=SC2154
. "$top/tests/directories.sh"

for name in reeve tests/tool_review_search tests/tool_review_facts; do
	[ -x "$top/build/release/$name" ] ||
	    make -s -C "$top" "build/release/$name"
done
facts=$top/build/release/tests/tool_review_facts
search=$top/build/release/tests/tool_review_search
ou=OU=Staff,$samba_base

samba_make || die 'no domain'
samba_start || die 'the domain controller does not start'
samba_tool user create reader Read-0nly >/dev/null || die reader
samba_tool spn add ldap/dc1.review.test 'DC1$' >/dev/null || die spn
printf 'Read-0nly\n' >"$SANDBOX/secret"
printf 'wrong\n' >"$SANDBOX/wrong"
chmod 600 "$SANDBOX/secret" "$SANDBOX/wrong"
authority

# ---- What is there ----

user() {
	local name=$1

	shift
	printf 'dn: CN=%s,%s\nobjectClass: user\nsAMAccountName: %s\n' \
	    "$name" "${OU-$ou}" "$name"
	[ "$#" -eq 0 ] || printf '%s\n' "$@"
	printf '\n'
}

group() {
	local name=$1

	shift
	printf 'dn: CN=%s,%s\nobjectClass: group\nsAMAccountName: %s\n' \
	    "$name" "$ou" "$name"
	[ "$#" -eq 0 ] || printf '%s\n' "$@"
	printf '\n'
}

plant() {
	local i

	printf 'dn: %s\nobjectClass: organizationalUnit\n\n' "$ou" \
	    "OU=Elsewhere,$samba_base"
	for ((i = 0; i < 300; i++)); do
		user "u$i" 'userAccountControl: 544'
	done
	user enabled 'userAccountControl: 66080' 'mail: a@review.test' \
	    'employeeNumber: 42' 'accountExpires: 0'
	user disabled 'userAccountControl: 546'
	user expired 'userAccountControl: 544' \
	    'accountExpires: 130000000000000000'
	user seen 'userAccountControl: 544' \
	    'lastLogonTimestamp: 134000000000000000'
	user primary 'userAccountControl: 544'
	user historic 'userAccountControl: 544'
	user roaster 'userAccountControl: 544' \
	    'servicePrincipalName: HTTP/www.review.test'
	user doomed 'userAccountControl: 544'
	user mover 'userAccountControl: 544'
	for ((i = 20; i >= 1; i--)); do
		group "deep$i" "member: CN=$(
			[ "$i" -lt 20 ] && echo "deep$((i + 1))" ||
			    echo enabled),$ou"
	done
	group ring1
	group ring2 "member: CN=ring1,$ou"
	printf 'dn: CN=ring1,%s\nchangetype: modify\nadd: member\nmember: CN=ring2,%s\n\n' \
	    "$ou" "$ou"
	mapfile -t all < <(for ((i = 0; i < 300; i++)); do
		printf 'member: CN=u%d,%s\n' "$i" "$ou"
	done)
	group all "${all[@]}" "member: CN=doomed,$ou"
	group foreign 'member: <SID=S-1-5-21-1-2-3-1104>' \
	    "member: CN=S-1-5-11,CN=ForeignSecurityPrincipals,$samba_base"
	group hidden
	printf '%s\n' "dn: CN=managed,$ou" \
	    'objectClass: msDS-GroupManagedServiceAccount' \
	    'sAMAccountName: managed$' 'userAccountControl: 4096' \
	    'msDS-ManagedPasswordInterval: 30' ''
	OU=OU=Elsewhere,$samba_base user outside 'userAccountControl: 544'
}

plant >"$SANDBOX/plant.ldif"
samba_as_administrator ldapmodify -a -f "$SANDBOX/plant.ldif" \
    >"$SANDBOX/plant.log" 2>&1 || die "$(grep -v '^adding\|^$' "$SANDBOX/plant.log")"

attribute_of() {
	samba_as_administrator ldapsearch -LLL -b "$samba_base" \
	    "(sAMAccountName=$1)" "$2" | sed -n "s/^$2: //p"
}

rid_of() {
	ldbsearch -H "$samba/dc/private/sam.ldb" "(sAMAccountName=$1)" \
	    objectSid 2>/dev/null | sed -n 's/^objectSid: .*-//p'
}

# Its primary group is one that is nowhere in its memberOf.
samba_modify >/dev/null <<EOF || die 'primary group'
dn: CN=hidden,$ou
changetype: modify
add: member
member: CN=primary,$ou

dn: CN=primary,$ou
changetype: modify
replace: primaryGroupID
primaryGroupID: $(rid_of hidden)
EOF
# It can't be set by LDAP, as on Windows.
ldbmodify -H "$samba/dc/private/sam.ldb" --controls=relax:0 \
    >"$SANDBOX/plant.log" 2>&1 <<EOF || say "$(cat "$SANDBOX/plant.log")"
dn: CN=historic,$ou
changetype: modify
add: sIDHistory
sIDHistory: S-1-5-21-11-22-33-1104

EOF

# ---- How it is reached ----

simple=('bind_dn = reader@review.test' "secret_file = $SANDBOX/secret"
    "ca_file = $samba_ca" 'timeout = 30')
url='url = ldaps://dc1.review.test'
source_conf ad "$url" "${simple[@]}"
source_conf starttls 'url = ldap://dc1.review.test' "${simple[@]}"
source_conf clear 'url = ldap://dc1.review.test' 'tls = none' "${simple[@]}"
source_conf other-ca "$url" "${simple[@]/%"$samba_ca"/"$authority/ca.pem"}"
source_conf wrong "$url" "${simple[@]/%secret/wrong}"
source_conf ticket-tls "$url" "ca_file = $samba_ca" 'auth = gssapi'
source_conf ticket-clear 'url = ldap://dc1.review.test' 'tls = none' \
    'auth = gssapi'

# search_says NAME STATUS TEXT SOURCE
search_says() {
	local said got

	said=$(timeout 60 "$search" "$SANDBOX/review.conf" "$4" \
	    "$samba_base" 2 '(sAMAccountName=enabled)' cn 2>&1)
	got=$?
	if [ "$got" -eq "$2" ] && grep -qE -- "$3" <<<"$said"; then
		ok "$1"
	else
		not_ok "$1 (status $got, wanted $2)"
		tail -n 2 <<<"$said" | cut -c1-400 | sed 's/^/  | /'
	fi
}

search_says 'ldaps:// is TLS' 0 'tls=TLS1.* complete' ad
search_says 'StartTLS serves' 0 'tls=TLS1.* complete' starttls
search_says 'a password is not sent in clear' 1 'not sent without TLS' clear
search_says 'a certificate of another CA is refused' 1 'connect: ' other-ca
search_says 'why a bind fails is explained' 1 'wrong name or password' wrong
search_says 'references are recorded and not followed' 0 'referrals=[1-9]' ad
search_says 'without a ticket GSSAPI fails' 1 'GSSAPI: ' ticket-tls
kinit reader@REVIEW.TEST <"$SANDBOX/secret" >/dev/null || die kinit
search_says 'GSSAPI inside TLS serves' 0 'tls=TLS1.* complete' ticket-tls
search_says 'GSSAPI without TLS seals by itself' 0 'tls=none .*complete' ticket-clear

# ---- The planted cases ----

"$facts" "$SANDBOX/review.conf" ad >"$SANDBOX/facts" ||
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

has_not() {
	refuse "$1" grep -E -- "$2" "$SANDBOX/facts"
}

has_not 'accounts and groups are read to the end' \
    '^query.(accounts|groups).*incomplete'
has_not 'memberOf is not asked for' '[mM]emberOf'
has 'a domain policy is read' '^policy' 'form=ad-domain' 'min-length=7'
has 'an account is enabled' '^account' 'name=enabled' 'enabled=yes' \
    'control=66080' 'employee=42' 'expires=never'
has 'its password never expires' '^account' 'name=enabled' \
    'password_never_expires=yes'
has 'one is disabled' '^account' 'name=disabled' 'enabled=no'
has 'one has expired' '^account' 'name=expired' 'expires=1355526400'
has 'the last logon lags' '^usage.*seen' 'attribute=lastLogonTimestamp' \
    'resolution=1209600'
has 'a primary group is a membership' "^member.*rid:$(rid_of hidden)" \
    'how=primary'
has 'an old SID is kept' '^value.*sid-history=S-1-5-21-11-22-33-1104'
has 'a managed service account is one' '^account' 'name=managed' \
    'kind=managed-service'
has 'a machine is one' '^account' 'name=DC1\$' 'kind=machine'
has 'a foreign principal is known by its SID' '^account' 'kind=foreign' \
    'sid=S-1-5-21-1-2-3-1104'
has 'a service name is kept' '^value.*spn=HTTP/www.review.test'
has 'nesting is read to the last' '^member' 'member=dn:CN=enabled,'
has 'a ring is read' '^member' 'member=dn:CN=ring2,'
check '301 members are 301' [ "$(grep -c "^member.*how=member" <(
	key=$(sed -n 's/^group.\([^\t]*\).*name=all\t.*/\1/p' "$SANDBOX/facts")
	grep -F "$key" "$SANDBOX/facts"))" -eq 301 ]

source_conf controllers "$url" 'servers = ldaps://127.0.0.1:9' \
    'all_controllers = yes' "${simple[@]}"
"$facts" "$SANDBOX/review.conf" controllers >"$SANDBOX/facts"
has 'a controller that is not reached is named' '^query.lastLogon' \
    'server=ldaps://127.0.0.1:9' 'incomplete'
has 'and the rest is read' '^query.accounts' 'complete'

# ---- What changed, read alone, is what all of it says ----

happen() {
	samba_modify >"$SANDBOX/happen.log" 2>&1 <<-EOF
	dn: CN=enabled,$ou
	changetype: modify
	replace: mail
	mail: b@review.test

	dn: CN=u1,$ou
	changetype: modrdn
	newrdn: CN=renamed
	deleteoldrdn: 1

	dn: CN=mover,$ou
	changetype: modrdn
	newrdn: CN=mover
	deleteoldrdn: 1
	newsuperior: OU=Elsewhere,$samba_base

	dn: CN=outside,OU=Elsewhere,$samba_base
	changetype: modrdn
	newrdn: CN=outside
	deleteoldrdn: 1
	newsuperior: $ou

	dn: CN=doomed,$ou
	changetype: delete

	dn: CN=all,$ou
	changetype: modify
	delete: member
	member: CN=u7,$ou
	member: CN=u8,$ou
	-
	add: member
	member: CN=seen,$ou

	dn: CN=primary,$ou
	changetype: modify
	replace: primaryGroupID
	primaryGroupID: 513

	dn: CN=new,$ou
	changetype: add
	objectClass: user
	sAMAccountName: new
	userAccountControl: 544

	dn: CN=newgroup,$ou
	changetype: add
	objectClass: group
	sAMAccountName: newgroup
	member: CN=new,$ou
	member: CN=renamed,$ou
	EOF
}

happen_again() {
	samba_modify >"$SANDBOX/happen.log" 2>&1 <<-EOF
	dn: CN=mover,OU=Elsewhere,$samba_base
	changetype: modrdn
	newrdn: CN=mover
	deleteoldrdn: 1
	newsuperior: $ou

	dn: CN=renamed,$ou
	changetype: modrdn
	newrdn: CN=u1
	deleteoldrdn: 1

	dn: CN=newgroup,$ou
	changetype: delete

	dn: CN=outside,$ou
	changetype: modrdn
	newrdn: CN=outside
	deleteoldrdn: 1
	newsuperior: OU=Elsewhere,$samba_base

	dn: CN=all,$ou
	changetype: modify
	delete: member
	member: CN=seen,$ou
	-
	add: member
	member: CN=u7,$ou
	member: CN=u8,$ou

	dn: CN=new,$ou
	changetype: delete

	dn: CN=doomed,$ou
	changetype: add
	objectClass: user
	sAMAccountName: doomed
	userAccountControl: 544

	dn: CN=all,$ou
	changetype: modify
	add: member
	member: CN=doomed,$ou
	EOF
}

# The tombstone comes back, as an administrator brings it.
restore() {
	local tombstone

	tombstone=$(samba_as_administrator ldapsearch -LLL -o ldif-wrap=no \
	    -E '!1.2.840.113556.1.4.417' -b "$samba_base" \
	    '(&(isDeleted=TRUE)(sAMAccountName=new))' 1.1 |
	    sed -n 's/^dn: //p')
	LDAPTLS_CACERT=$samba_ca ldapmodify -x -H ldaps://dc1.review.test \
	    -D Administrator@review.test -w "$samba_password" \
	    -e '!1.2.840.113556.1.4.417' >"$SANDBOX/happen.log" 2>&1 <<-EOF
	dn: $tombstone
	changetype: modify
	delete: isDeleted
	-
	replace: distinguishedName
	distinguishedName: CN=new,$ou
	EOF
}

history() {
	local name=$1 source=$2 mode=$3

	rm -f "$SANDBOX"/a.db*
	pull a "$source"
	happen || die "a change failed: $(tail -n 3 "$SANDBOX/happen.log")"
	agrees "$name: many changes" "$source" "$mode"
	happen_again ||
	    die "a change failed: $(tail -n 3 "$SANDBOX/happen.log")"
	samba_modify >/dev/null <<-EOF
	dn: CN=primary,$ou
	changetype: modify
	replace: primaryGroupID
	primaryGroupID: $(rid_of hidden)

	EOF
	agrees "$name: most are undone" "$source" "$mode"
	agrees "$name: nothing happened" "$source" "$mode"
	verifies "$name: a full pull finds nothing missed" "$source" 0
}

source_conf usn "$url" "${simple[@]}" "base = $ou"
source_conf dirsync "$url" "base = $ou" 'incremental = dirsync' \
    'bind_dn = Administrator@review.test' \
    "secret_file = $SANDBOX/administrator" "ca_file = $samba_ca"
source_conf dirsync-reader "$url" "base = $ou" 'incremental = dirsync' \
    "${simple[@]}"
printf '%s' "$samba_password" >"$SANDBOX/administrator"
chmod 600 "$SANDBOX/administrator"
history 'uSNChanged' usn changes
if restore; then
	agrees 'uSNChanged: a tombstone comes back' usn changes
	samba_modify >/dev/null <<<"dn: CN=new,$ou
changetype: delete"
else
	not_ok "restored: $(tail -n 1 "$SANDBOX/happen.log")"
fi
sqlite3 "$SANDBOX/a.db" "UPDATE cookie SET value = 'MCAx' WHERE name = 'cookie'"
agrees 'another domain controller is read whole' usn full
history 'DirSync' dirsync changes
history 'DirSync by who may not replicate' dirsync-reader changes
samba_modify >/dev/null <<EOF
dn: OU=Elsewhere,$samba_base
changetype: modrdn
newrdn: OU=Nowhere
deleteoldrdn: 1
EOF
agrees 'a container that was renamed is read whole' dirsync-reader full
samba_stop
report
