#!/usr/bin/env bash
# Every command of guides/: the blocks marked "sh" of each guide run in their
# order, as they stand there, on a real sshd and a small company.
set -u
. "$(dirname "$0")/lib.sh"
sandbox "$@"

install_reeve
syslog_start
mkdir -p "$SANDBOX/guide/bin" "$SANDBOX/bin"
cd "$SANDBOX/guide" || exit 2

# ---- The company that the guides speak of ----

cat >export.ldif <<'LDIF'
dn: dc=example,dc=tw
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: uid=ada,dc=example,dc=tw
objectClass: inetOrgPerson
objectClass: posixAccount
uid: ada
cn: Ada Wang
sn: Wang
employeeNumber: E1001
mail: ada@example.tw
uidNumber: 5001
gidNumber: 5001
homeDirectory: /home/ada
loginShell: /bin/bash

dn: uid=portal,dc=example,dc=tw
objectClass: inetOrgPerson
objectClass: posixAccount
uid: portal
cn: Portal Vendor
sn: Vendor
employeeNumber: V2001
uidNumber: 5002
gidNumber: 5001
homeDirectory: /home/portal
loginShell: /bin/bash

dn: cn=wheel,dc=example,dc=tw
objectClass: groupOfNames
cn: wheel
member: uid=ada,dc=example,dc=tw
LDIF
cat >personnel.csv <<'CSV'
employee,name,mail,department,title,manager,kind,status,hired
E1001,Ada Wang,ada@example.tw,IT,Administrator,E1002,staff,active,2020-01-01
E1002,Chen Mei-ling,chen@example.tw,Security,Officer,,staff,active,2019-01-01
E1003,Lin Da-wei,lin@example.tw,Security,Officer,E1002,staff,active,2019-01-01
E1004,Wang Xiao-ming,wang@example.tw,Trading,Trader,E1002,staff,active,2019-01-01
V2001,Portal Vendor,,Vendors,,E1002,vendor,active,2021-01-01
CSV
for name in chen lin; do
	ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$name"
done
export REEVE_DB=$SANDBOX/guide/review.db HOME=$SANDBOX/guide
word='long Horse 4 battery'
groupadd -f sudo
person ada "$word" -G sudo
person ben "$word" -G sudo

sshd_start keyboard-interactive || die "sshd does not start"

# ---- The commands as a person has them ----

# What asks on a terminal is answered: a code at enrolment, a login by ssh.
reevectl_for_people() {
	case "${asked-} ${1-} ${3-}" in
	' enroll totp' | ' enroll hotp')
		local user=$2 factor=$3 asked=yes

		shift 3
		enroll "$user" "$factor" "$@" >"$SANDBOX/secret.$user"
		;;
	*) command reevectl "$@" ;;
	esac
}
ssh_for_people() {
	PASSWORD=$word CODE=$(totp "$(cat "$SANDBOX/secret.ada")" -1) \
	    by_ssh "${1%@*}" "${@:2}"
}
reevectl() { reevectl_for_people "$@"; }
ssh() {
	# by_ssh itself calls ssh.
	unset -f ssh
	ssh_for_people "$@"
}
reeve() { "$top/build/release/reeve" "$@"; }

# blocks GUIDE: each sh block as a file of its own, numbered.
blocks() {
	rm -rf "$SANDBOX/blocks"
	mkdir "$SANDBOX/blocks"
	awk -v to="$SANDBOX/blocks" '
	/^ *```sh$/ { n++; indent = index($0, "`") - 1; on = 1; next }
	/^ *```$/ { on = 0; next }
	on { print substr($0, indent + 1) >sprintf("%s/%02d", to, n) }' "$1"
}

# A block stops at the first command that fails; functions are as above.
run_block() (
	set -eu
	# shellcheck disable=SC1090
	. "$1"
)

run_guide() {
	local guide=$1 block

	blocks "$guide"
	for block in "$SANDBOX"/blocks/*; do
		check "$(basename "$guide" .md), block $((10#$(basename \
		    "$block"))): $(grep -v '^ *#' "$block" | head -n 1)" run_block "$block"
	done
}

for guide in rollout first-review adding-a-source writing-a-rule keeping \
    hardening; do
	run_guide "$top/guides/$guide.md"
done
listed() {
	local guide

	for guide in "$top"/guides/*.md; do
		grep -qw "$(basename "$guide" .md)" "$top/tests/guides.sh" || {
			say "$guide is run by nobody"
			return 1
		}
	done
}
check "every guide is run" listed
report
