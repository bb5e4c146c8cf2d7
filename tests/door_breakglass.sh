#!/usr/bin/env bash
# Break-glass at a real login: at the machine's own console alone, with
# reeve.conf broken, the disk full or read-only, and loud.
set -u
. "$(dirname "$0")/lib.sh"
sandbox "$@"

# /dev is the sandbox's own; a terminal is mounted on this, below.
line=/dev/tty9
: >"$line"

# State, trail and codes on a small disk, which can be filled.
disk small 160 || exit 2
cp -a /var/lib/pam "$SANDBOX/small/"
mount --bind "$SANDBOX/small" /var/lib
word='long Horse 4 battery'
reeve_host
shipped login
echo "root:$word" | chpasswd
person ada "$word" -G admins
ada=$(enroll ada hotp)
reevectl breakglass make --first Ann --second Bob --count 8 \
    --first-file "$SANDBOX/ann" --second-file "$SANDBOX/bob" >/dev/null ||
    die "no codes"

# login(1) whose terminal is called like the console, for it alone.
cat >"$SANDBOX/bin/console" <<END
#!/bin/sh
exec unshare --mount sh -c 'mount --bind "\$(tty)" $line &&
    exec /bin/login -p <$line >$line 2>&1'
END
chmod 755 "$SANDBOX/bin/console"

# half FILE NUMBER
half() {
	grep "BG0$2" "$1" | tr -d ' '
}

# open_with PROGRAM NAME FIRST SECOND: logs in with password and both halves.
open_with() {
	dialogue "$1" <<-END
	expect "login:"; send "$2\r"
	expect "assword:"; send "$word\r"
	expect "ode:"; send "$3\r"
	expect {
		"half:" { send "$4\r" }
		"login:" { exit 1 }
		"incorrect" { exit 1 }
	}
	expect {
		-re {[#$] \$} { send "echo is-\\\$(id -un)\r" }
		"incorrect" { exit 1 }
		"login:" { exit 1 }
	}
	expect "is-$2" { send "exit\r"; expect eof; exit 0 }
	END
}

# glass NUMBER [NAME]: at the console, with that code.
glass() {
	open_with console "${2-root}" "$(half "$SANDBOX/ann" "$1")" \
	    "$(half "$SANDBOX/bob" "$1")"
}

left_are() {
	reevectl breakglass list | grep -q "^$1 break-glass code"
}

trail_mark
check "at the console a code opens" glass 1
check "the trail says so" recorded type=breakglass result=yes
check "... which code it was" recorded type=breakglass factors=password,breakglass:1
check "syslog says whose" grep -q "break-glass code 1 of Ann and Bob" \
    "$SANDBOX/syslog.log"
check "it is over, and no failure" not_recorded reason=not-completed
check "seven are left" left_are 7
refuse "the same code opens no more" glass 1
refuse "one half is not enough" open_with console root \
    "$(half "$SANDBOX/ann" 2)" "$(half "$SANDBOX/ann" 2)"
refuse "nor are halves of two codes" open_with console root \
    "$(half "$SANDBOX/ann" 2)" "$(half "$SANDBOX/bob" 3)"
refuse "elsewhere than at the console a code is none" \
    open_with /bin/login root "$(half "$SANDBOX/ann" 2)" \
    "$(half "$SANDBOX/bob" 2)"
check "and is not used up" left_are 7

cp /etc/reeve/reeve.conf "$SANDBOX/good.conf"
echo 'no [section' >/etc/reeve/reeve.conf
check "with reeve.conf broken a code opens" glass 2
refuse "once" glass 2
refuse "and nothing else does" open_with console ada "$(hotp "$ada" 1)" x
mv "$SANDBOX/good.conf" /etc/reeve/reeve.conf

dd if=/dev/zero of="$SANDBOX/small/fill" bs=64k 2>/dev/null
dd if=/dev/zero of="$SANDBOX/small/fill2" bs=1k 2>/dev/null
check "with the disk full a code opens" glass 3
refuse "once, then too" glass 3
rm -f "$SANDBOX/small/fill" "$SANDBOX/small/fill2"

mv /var/lib/reeve/trail "$SANDBOX/small/trail"
check "without a trail a code opens" glass 4
cp /etc/reeve/reeve.conf "$SANDBOX/good.conf"
printf '[service login]\ntype = login\ntrail_failure = deny\n' \
    >>/etc/reeve/reeve.conf
refuse "unless trail_failure = deny" glass 6
mv "$SANDBOX/good.conf" /etc/reeve/reeve.conf
mv "$SANDBOX/small/trail" /var/lib/reeve/trail

mount -o remount,ro,bind /var/lib
check "on a read-only file system a code opens" glass 5
refuse "and no more" glass 5
refuse "where nothing else does" open_with console ada "$(hotp "$ada" 2)" x
mount -o remount,rw,bind /var/lib
refuse "nor when it can be written again" glass 5
check "two are left, all of it on disk" left_are 2
check "nothing is noted under /run alone" \
    bash -c '! reevectl breakglass list | grep -q "under /run"'
rm -f /run/reeve/breakglass
refuse "nor after a reboot" glass 5

# A line of ours whose arguments are not the first one's refuses: this one too.
differing() { # PHASE: its lines get an argument
	sed "/reserve/!s/^$1.*pam_reeve.so/& service.login.type=login/" \
	    "$top/contrib/pam.d/login" | stack login
}
differing auth
refuse "with arguments that differ nobody gets in" \
    open_with console ada "$(hotp "$ada" 3)" x
check "but a code opens" glass 7
differing account
check "whichever line it is" glass 8
shipped login
check "none is left" left_are 0
check "the trail verifies" reevectl trail verify

report
