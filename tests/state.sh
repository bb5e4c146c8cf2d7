#!/usr/bin/env bash
# reevectl unlock and reevectl state upgrade, on records that logins made.
set -u
. "$(dirname "$0")/lib.sh"
packages faketime
sandbox "$@"
drive=$top/build/release/tests/tool_pamdrive
reeve_host
stack door <<-'EOF'
auth required pam_reeve.so reserve
auth required pam_reeve.so
account required pam_reeve.so
EOF
reeve_conf '[service door]' 'type = login' '[throttle]' 'style = lock'
person ann 'long Horse 4 battery' -G admins
secret=$(enroll ann totp)
record=$(find /var/lib/reeve -path "*users/ann")

# log_in CODE [COMMAND...]: COMMAND runs the driver.
log_in() {
	local code=$1

	shift
	printf 'ode=%s\nassword=x\n' "$code" |
	    "$@" "$drive" door ann rhost=192.0.2.7 tty=pts/7 -- auth acct
}

day=2880 # of steps of 30 s
# Without the wrapper "faketime", whose semaphores sandboxes would share.
faketime=$(find /usr/lib -name libfaketime.so.1 | head -n 1)
at() { # at OFFSET STEPS: the code of that time, at that time
	log_in "$(totp "$secret" "$2")" env FAKETIME_DONT_FAKE_MONOTONIC=1 \
	    "LD_PRELOAD=$faketime" "FAKETIME=$1"
}

wrong() {
	log_in 000000 >/dev/null
	log_in 000000 >/dev/null
	log_in 000000 >/dev/null
}

# No step ends before this is over.
until [ $(($(date +%s) % 30)) -lt 12 ]; do
	sleep 1
done
wrong
refuse "three wrong codes lock" log_in "$(totp "$secret" -1)"
trail_mark
check "reevectl unlock ends a lock" reevectl unlock ann
check "it is in the trail" recorded type=unlock result=yes user=ann
check "then the right code is right" log_in "$(totp "$secret" -1)"

check "a day ahead, the code of that day is right" at +1d "$day"
refuse "back in time, that day's step blocks TOTP" \
    log_in "$(totp "$secret" 0)"
reevectl unlock ann >/dev/null
refuse "unlock alone does not change that" log_in "$(totp "$secret" 1)"
trail_mark
check "unlock --clock does" reevectl unlock ann --clock
check "it is in the trail, with its reason" \
    recorded type=unlock user=ann detail=clock
refuse "no step that may have been burnt comes back" \
    log_in "$(totp "$secret" 1)"
check "but the code after next is right" at +60s 2

check "nobody's record: exit status 1" \
    bash -c 'reevectl unlock nobody; [ $? -eq 1 ]'
check "a wrong option: exit status 2" \
    bash -c 'reevectl unlock ann --now; [ $? -eq 2 ]'

# An old copy comes back: the trail knows of later attempts.
enroll ann hotp >/dev/null
cp -a "$record" "$SANDBOX/old"
log_in 000000 >/dev/null
trail_mark
check "state upgrade on a record that is as new as the trail" \
    reevectl state upgrade
refuse "suspends nothing" recorded type=suspend
mv "$SANDBOX/old" "$record"
check "state upgrade on an old copy" reevectl state upgrade
check "suspends what may be spent" recorded type=suspend user=ann
trail_mark
check "once" reevectl state upgrade
refuse "and not again" recorded type=suspend

# The state on a disk of its own, filled to the last byte.
disk full 24
chmod 700 "$SANDBOX/full"
cp -a /var/lib/reeve/. "$SANDBOX/full"
reeve_conf '[reeve]' "state_directory = $SANDBOX/full" \
    '[service door]' 'type = login'
until ! head -c 1M /dev/zero >>"$SANDBOX/full/rest"; do :; done 2>/dev/null
until ! head -c 1 /dev/zero >>"$SANDBOX/full/rest"; do :; done 2>/dev/null
reevectl unlock ann >/dev/null
check "on a full disk a right code is right" at +120s 4
refuse "on a full disk it is burnt all the same" at +120s 4
person bob 'long Horse 4 battery' -G admins
log_in_bob() {
	printf 'ode=000000\nassword=x\n' |
	    "$drive" door bob rhost=192.0.2.7 tty=pts/7 -- auth acct
}
refuse "whose record can't be made is refused" log_in_bob
no_half() {
	[ "$(df --output=avail "$SANDBOX/full" | tail -n 1)" -eq 0 ] &&
	    [ "$(ls -A "$SANDBOX/full/users")" = ann ]
}
check "and has no half of one" no_half
reeve_conf '[service door]' 'type = login' '[throttle]' 'style = lock'
umount "$SANDBOX/full"

# A reset password is to be changed until another one is stored.
change_by() { # the module behind ours
	stack change <<-EOF
	auth required pam_reeve.so reserve
	auth required pam_reeve.so
	account required pam_reeve.so
	password requisite pam_reeve.so
	password required $1
	EOF
}
reeve_conf '[service door]' 'type = login' '[service change]' 'type = login'
person dot 'long Horse 4 battery' -G admins
dot=$(enroll dot hotp)
# shellcheck disable=SC2086
phases() { # RESULT OPERATION [PASSWORD]
	echo >>"$SANDBOX/presses"
	printf 'ode=%s\nCurrent=uncanny Zebra 77 lamp\nassword=%s\n' \
	    "$(hotp "$dot" "$(wc -l <"$SANDBOX/presses")")" "${3-x}" |
	    "$drive" change dot tty=pts/7 -- ${2} 2>&1 | tee "$SANDBOX/drive.log" |
	    grep -q "^0 $1 " || ! cat "$SANDBOX/drive.log"
}
change_by 'pam_unix.so use_authtok yescrypt'
check "nothing is to be changed" phases 'acct 0' 'auth acct'
check "root resets a password" phases 'passwd 0' passwd 'uncanny Zebra 77 lamp'
check "... which its holder is to change" phases 'acct 12' 'auth acct'
change_by pam_deny.so
check "a new one that can't be stored" phases 'expired [1-9][0-9]*' expired \
    'quiet Badger 52 moon'
check "... leaves the change to be made" phases 'acct 12' 'auth acct'
change_by 'pam_unix.so use_authtok yescrypt'
check "one that is stored" phases 'expired 0' expired 'brisk Otter 31 fjord'
check "... is the end of it" phases 'acct 0' 'auth acct'

reeve_conf '[service door]' 'type = login' '[throttle]' 'style = lock'

# Fresh hosts: state and trail on mounts of their own, as mkfs(8) made them.
disk own 64
disk trail 64
cat >"$SANDBOX/own.conf" <<END
[reeve]
state_directory = $SANDBOX/own
run_directory = $SANDBOX/own.run
trail_directory = $SANDBOX/trail
END
check "init takes a state and a trail that are empty mounts" \
    reevectl --config "$SANDBOX/own.conf" init
mode_700() { [ "$(stat -c %a "$SANDBOX/own")" = 700 ]; }
check "... and the state is root's alone" mode_700
keeps() { reevectl --config "$SANDBOX/own.conf" init | grep -q "kept *$SANDBOX/own"; }
check "... once" keeps
umount "$SANDBOX/own" "$SANDBOX/trail"

# A disk that has room for the name of reeve.conf, not for all of it.
disk etc 8
until ! head -c 64k /dev/zero >>"$SANDBOX/etc/rest"; do :; done 2>/dev/null
until ! head -c 1 /dev/zero >>"$SANDBOX/etc/rest"; do :; done 2>/dev/null
truncate -s -4096 "$SANDBOX/etc/rest"
refuse "init on a full disk says so" reevectl --config "$SANDBOX/etc/reeve.conf" init
no_conf() { [ -z "$(find "$SANDBOX/etc" -name 'reeve*')" ]; }
check "... and leaves no half of a reeve.conf" no_conf
umount "$SANDBOX/etc"

# A restore with tar -S leaves holes.
before=$(stat -c %b "$record")
cp --sparse=always "$record" "$SANDBOX/sparse" &&
    cat "$SANDBOX/sparse" >/dev/null && mv "$SANDBOX/sparse" "$record"
holes() { [ "$(stat -c %b "$record")" -lt "$before" ]; }
check "a restored record has holes" holes
trail_mark
check "state upgrade writes records anew" reevectl state upgrade
check "it is in the trail" recorded type=state-upgrade result=yes
whole() { [ "$(stat -c %b "$record")" -ge "$before" ]; }
check "the holes are filled" whole
check "state upgrade: nothing else may be said" \
    bash -c 'reevectl state; [ $? -eq 2 ]'
printf 'x' | dd of="$record" bs=1 conv=notrunc 2>/dev/null
named() {
	local out

	out=$(reevectl state upgrade 2>&1)
	[ $? -eq 1 ] && grep "record of ann: corrupt" <<<"$out"
}
check "a corrupt record is named, exit status 1" named
report
