#!/usr/bin/env bash
# Many at once: one HOTP code for 20 sessions, the right codes of different
# people, wrong guesses at a limit of 3. Ours beside google-authenticator,
# pam_oath and faillock, ROUNDS rounds of each. tests/hostile_race.sh asserts
# ours, of all kinds of code.
set -u
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/table.sh"
[ -n "${SANDBOX-}" ] || {
	packages libpam-google-authenticator libpam-oath
	make -s -C "$top" -j2 all build/release/tests/tool_pamdrive || exit 1
}
sandbox "$@"
reeve_host
door_conf() {
	reeve_conf '[reeve]' 'profile =' '[service door]' 'type = login' \
	    '[throttle]' "$@"
}
door_conf 'attempts = 100' 'user_attempts = 1000'
rounds=${ROUNDS-25} copies=20
seed=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ # of RFC 4226
hex=3132333435363738393031323334353637383930
mkdir "$SANDBOX/google"
for ((i = 0; i <= copies; i++)); do # the last one's code is raced for
	person "u$i" 'long Horse 4 battery' -G admins
	seeds[i]=$(enroll "u$i" hotp) || exit 1
done

stack google <<<"auth required pam_google_authenticator.so secret=$SANDBOX/google/\${USER} user=root allowed_perm=0400
account required pam_permit.so"
stack oath <<<"auth required pam_oath.so usersfile=$SANDBOX/oath window=20 digits=6
account required pam_permit.so"
# A guess that faillock lets through to pam_unix leaves a letter.
stack faillock <<<"auth requisite pam_faillock.so preauth deny=3 dir=$SANDBOX/faillock
auth optional pam_exec.so quiet $SANDBOX/bin/evaluated
auth [success=1 default=ignore] pam_unix.so nodelay
auth [default=die] pam_faillock.so authfail deny=3 dir=$SANDBOX/faillock
account required pam_permit.so"
printf '#!/bin/sh\nprintf x >>%s\n' "$SANDBOX/evaluated" \
    >"$SANDBOX/bin/evaluated"
chmod 755 "$SANDBOX/bin/evaluated"
stack door <<-'END'
auth required pam_reeve.so reserve
auth required pam_reeve.so
account required pam_reeve.so
END

# at_once SERVICE NAME: answers on standard input; prints how many got in.
at_once() {
	"$top/build/release/tests/tool_pamdrive" -n "$copies" "$1" "$2" \
	    rhost=192.0.2.7 tty=pts/7 -- auth acct >"$SANDBOX/race.log" 2>&1
	grep -c ' acct 0 ' "$SANDBOX/race.log"
}

# The state of each module at a round's begin, and a person's code for it.
google_begin() {
	for ((i = 0; i <= copies; i++)); do
		rm -f "$SANDBOX/google/u$i"
		printf '%s\n" HOTP_COUNTER %s\n" WINDOW_SIZE 17\n' "$seed" \
		    "$1" >"$SANDBOX/google/u$i"
		chmod 400 "$SANDBOX/google/u$i"
	done
}

oath_begin() {
	for ((i = 0; i <= copies; i++)); do
		printf 'HOTP u%d - %s %d\n' "$i" "$hex" "$1"
	done >"$SANDBOX/oath"
	chmod 600 "$SANDBOX/oath"
}

door_begin() {
	for ((i = 0; i <= copies; i++)); do
		reevectl unlock "u$i" >/dev/null 2>&1
	done
}

google_code() { hotp "$seed" "$2"; }
oath_code() { hotp "$seed" "$2"; }
door_code() { hotp "${seeds[$1]}" "$2"; }

# google-authenticator and ours ask for a code, pam_oath for a password.
one_code() {
	local code

	"$1_begin" "$2"
	code=$("$1_code" "$copies" "$2")
	printf 'ode=%s\nassword=%s\n' "$code" "$code" |
	    at_once "$1" "u$copies"
}

all_right() {
	local i code

	"$1_begin" "$2"
	for ((i = 0; i < copies; i++)); do
		code=$("$1_code" "$i" "$2")
		printf '%d/ode=%s\n%d/assword=%s\n' "$i" "$code" "$i" "$code"
	done | at_once "$1" 'u%d'
}

guesses() {
	case $1 in
	faillock)
		rm -rf "$SANDBOX/faillock" "$SANDBOX/evaluated"
		printf 'assword=wrong\n' | at_once faillock u0 >/dev/null
		wc -c <"$SANDBOX/evaluated"
		;;
	door)
		reevectl unlock u0 >/dev/null 2>&1
		trail_mark
		printf 'ode=000000\nassword=x\n' | at_once door u0 >/dev/null
		trail_lines | tail -n "+$((trail_marked + 1))" |
		    grep -c '"reason":"wrong-code"'
		;;
	esac
}

# span WHAT SERVICE: the least and the most of all rounds, in $least and $most.
span() {
	local round got

	least=$copies most=0
	for ((round = 1; round <= rounds; round++)); do
		got=$("$1" "$2" "$round")
		[ "$got" -ge "$least" ] || least=$got
		[ "$got" -le "$most" ] || most=$got
	done
	printf '%-44s %-22s %2d to %2d\n' "$3" "$2" "$least" "$most"
}

printf '%d at once, %d rounds\n' "$copies" "$rounds"
what='one HOTP code for 20 sessions: let in'
span one_code google "$what"
peer="google-authenticator $least to $most"
span one_code oath "$what"
peer+=", pam_oath $least to $most"
span one_code door "$what"
[ "$least" = 1 ] || most=$least
figure "one code, 20 sessions at once, $rounds rounds: let in" "$peer" \
    "$most" = 1

what='right codes of 20 people: let in'
span all_right google "$what"
peer="google-authenticator $((copies - least))"
span all_right oath "$what"
peer+=", pam_oath $((copies - least))"
span all_right door "$what"
figure "right codes of 20 people at once: denied, at worst" "$peer" \
    "$((copies - least))" = 0

door_conf 'attempts = 3' 'user_attempts = 1000' 'style = lock'
what='20 wrong guesses, limit 3: evaluated'
span guesses faillock "$what"
peer="faillock $least to $most"
span guesses door "$what"
figure "20 wrong guesses at once, limit 3: evaluated" "$peer" "$most" '<=' 3
