#!/usr/bin/env bash
# Step-up at a real pkexec: polkit's helper, which anybody may start for
# anybody, asks as sudo does.
set -u
. "$(dirname "$0")/lib.sh"
[ -n "${SANDBOX-}" ] || packages pkexec polkitd dbus
sandbox "$@"

word='long Horse 4 battery'
reeve_host
shipped sshd polkit-1
person ada "$word" -G admins
person tom "$word"
totp=$(enroll ada totp) || exit 1
hotp=$(enroll ada hotp) || exit 1
mkdir -p /run/dbus /etc/polkit-1/rules.d
printf '%s\n' 'polkit.addAdminRule(function(action, subject) {' \
    '	return ["unix-user:ada"];' '});' >/etc/polkit-1/rules.d/10-test.rules
chmod 644 /etc/polkit-1/rules.d/10-test.rules
dbus-daemon --system --nofork --nopidfile 2>/dev/null &
wait_for 10 test -S /run/dbus/system_bus_socket
/usr/lib/polkit-1/polkitd --no-debug >"$SANDBOX/polkitd.log" 2>&1 &
wait_for 10 dbus-send --system --print-reply --dest=org.freedesktop.DBus / \
    org.freedesktop.DBus.GetNameOwner string:org.freedesktop.PolicyKit1
sshd_start keyboard-interactive

# At a terminal within a session. The agent throws away what was typed before it
# was ready for it, so it is typed again when nothing comes of it.
cat >"$SANDBOX/pkexec.exp" <<-'EOS'
set timeout 3
exec sh -c "rm -f ready; mkfifo ready"
spawn -noecho bash -c {
	pkttyagent --process $$ --notify-fd 5 5>ready &
	cat ready
	pkexec --disable-internal-agent id -u
	exit # so that bash stays pkexec's parent
}
set last ""
for {set tries 0} {$tries < 8} {incr tries} {
	if {$last ne ""} { after 100; send "$last\r" }
	expect {
		assword: { set last [lindex $argv 0] }
		code: { set last [lindex $argv 1] }
		-re {[\nm]0\r\n} { exit 0 }
		eof { exit 1 }
	}
}
exit 3
EOS
chmod 644 "$SANDBOX/pkexec.exp"

# becomes_root WHO LOGIN-CODE CODE
becomes_root() {
	PASSWORD=$word CODE=$2 by_ssh "$1" expect -f "$SANDBOX/pkexec.exp" \
	    "'$word'" "$3"
}

trail_mark
check "a login with TOTP steps up with HOTP" \
    becomes_root ada "$(totp "$totp" -1)" "$(hotp "$hotp" 1)"
check "... recorded with both" recorded type=stepup service=polkit-1 user=ada \
    result=yes 'audit_session=[0-9]+' 'factors=.*hotp.*'
check "... and the session of the command" recorded type=open \
    service=polkit-1 result=yes
trail_mark
refuse "the login's own device with a fresh code is refused" \
    becomes_root ada "$(totp "$totp" 0)" "$(totp "$totp" 1)"
check "... and the trail says why" recorded service=polkit-1 result=no \
    user=ada reason=same-factor
trail_mark
refuse "another's wrong guesses get nowhere" \
    becomes_root tom '' 000000
check "... and are recorded with who guessed" recorded service=polkit-1 \
    result=no user=ada "real_uid=$(id -u tom)"
check "the trail of all this verifies" reevectl trail verify
report
