#!/usr/bin/env bash
# The door at a real su, login and cron, and for a caller that is not root.
set -u
. "$(dirname "$0")/lib.sh"
sandbox "$@"

word='long Horse 4 battery'
reeve_host
shipped su su-l login cron
for name in ada bea eve; do
	person "$name" "$word" -G admins
done
person tom "$word"
hotp=$(enroll ada hotp) || exit 1
bea=$(enroll bea totp) || exit 1

n=0
next() {
	n=$((n + 1))
	code=$(hotp "$hotp" "$n")
}

# su reads standard input where there is no terminal: password, then code.
su_as() {
	local who=$1 target=$2 code=$3

	shift 3
	printf '%s\n' "$word" "$code" | as "$who" su "$@" "$target" -c 'id -un' |
	    grep -qx "$target"
}

next
trail_mark
check "su: the target's password, the invoker's code" su_as ada bea "$code"
check "... recorded with both" recorded type=stepup \
    service=su real_user=ada
refuse "su: the code again is refused" su_as ada bea "$code"
refuse "su: the target's code is not the invoker's" su_as ada bea \
    "$(totp "$bea" 0)"
next
check "su - has a stack of its own" su_as ada bea "$code" -
trail_mark
check "su by root asks nothing" su bea -c true
check "... and is recorded" recorded type=stepup service=su
of_root() {
	! find /var/lib/reeve /run/reeve ! \( -user root -group root \) | grep .
}
refuse "su: tom to ada has no record yet" su_as tom ada ''
check "... and what su's process made is root's, group and all" of_root
check "su: tom to tom's own kind is of no concern" su_as tom tom ''

# login(1) asks on a terminal.
at_console() {
	dialogue /bin/login -p <<-EOF
	expect "login:"; send "$1\r"
	expect "assword:"; send "$2\r"
	expect "ode:"; send "$3\r"
	expect {
		-re {[$] \$} { send "echo is-\\\$(id -un)\r" }
		"incorrect" { exit 1 }
		"login:" { exit 1 }
	}
	expect "is-$1" { send "exit\r"; expect eof; exit 0 }
	EOF
}
next
trail_mark
check "login: password and code" at_console ada "$word" "$code"
check "... opened and closed" wait_for 5 recorded type=close service=login \
    user=ada
refuse "login: the code again" at_console ada "$word" "$code"
next
refuse "login: a wrong password" at_console ada 'wrong one 1' "$code"
refuse "login: no factor" at_console eve "$word" 000000
# The name may change on one handle: each attempt is its own.
two_names() {
	dialogue /bin/login -p <<-EOF
	expect "login:"; send "eve\r"
	expect "assword:"; send "wrong one 1\r"
	expect "ode:"; send "000000\r"
	expect "login:"; send "ada\r"
	expect "assword:"; send "$word\r"
	expect "ode:"; send "$1\r"
	expect -re {[$] \$}; send "echo is-\\\$(id -un)\r"
	expect "is-ada" { send "exit\r"; expect eof; exit 0 }
	EOF
}
next
trail_mark
check "login: another name's attempt before does not matter" two_names "$code"
check "... and both are recorded" recorded type=auth result=no user=eve

# cron runs jobs once a minute; ours is due at once.
trail_mark
printf 'SHELL=/bin/sh\n* * * * * ada touch %s/ran.ada\n* * * * * tom touch %s/ran.tom\n' \
    "$SANDBOX/people/ada" "$SANDBOX/people/tom" >/etc/cron.d/test
chmod 644 /etc/cron.d/test
cron
check "cron: a job of ada's runs" wait_for 75 test -e "$SANDBOX/people/ada/ran.ada"
check "... and is recorded" wait_for 5 recorded type=grant service=cron user=ada
check "cron: a job of tom's runs" wait_for 5 test -e "$SANDBOX/people/tom/ran.tom"

# Who is not root can't read the state, and is told nothing.
drive=$SANDBOX/bin/pamdrive
install -m 755 "$top/build/release/tests/tool_pamdrive" "$drive"
trail_mark
not_root() {
	printf 'assword=%s\node=%s\n' "$word" "$1" |
	    as ada "$drive" login ada -- auth
}
next
refuse "a caller that is not root is refused" not_root "$code"
unavailable() {
	not_root "$code" | grep -q '^0 auth 9 '
}
check "... as unavailable" unavailable
check "the trail of all this verifies" reevectl trail verify
report
