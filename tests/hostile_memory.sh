#!/usr/bin/env bash
# T10: after every phase, whatever its answer, no password, code, seed or host
# key lies in the memory of the program that called us: heap with what was
# freed, stack with what was left, data of libraries. libpam wipes its own
# copies, and the driver's answers lie masked.
set -u
. "$(dirname "$0")/lib.sh"
sandbox "$@"

drive=$top/build/release/tests/tool_pamdrive
word='long Horse 4 battery'
reeve_host
reeve_conf '[reeve]' 'profile =' '[service login]' 'type = login' \
    '[throttle]' 'attempts = 100' 'user_attempts = 1000'
stack login <<-'EOF'
auth required pam_reeve.so reserve
auth required pam_reeve.so
account required pam_reeve.so
session required pam_reeve.so
password required pam_reeve.so
password required pam_permit.so
EOF
for name in ann bob eve; do
	person "$name" 'a word that was set before' -G admins
done
ann=$(enroll ann totp)
bob=$(enroll bob hotp)
reevectl enroll ann recovery --count 5 >"$SANDBOX/codes" || exit 1
reevectl breakglass make --first Ann --second Bob --count 2 \
    --first-file "$SANDBOX/first" --second-file "$SANDBOX/second" >/dev/null

hex() {
	printf '0x'
	od -An -v -tx1 "$@" | tr -d ' \n'
}

# What is looked for beside the answers: seeds, the key that seals them, the
# password's hash, the recovery codes without their dashes.
needles=$(
	for seed in "$ann" "$bob"; do
		printf 'needle=%s\n' "$(base32 -d <<<"$seed" | hex)"
	done
	printf 'needle=%s\n' "$(hex /var/lib/reeve/host.key)"
	getent shadow ann bob | cut -d: -f2 | sed 's/^/needle=/'
)
code() { # code totp STEPS, code hotp COUNTER
	case $1 in
	totp) oathtool --totp -b "$ann" --now "@$(($(date +%s) + 30 * $2))" ;;
	hotp) oathtool --hotp -b "$bob" -c "$2" ;;
	esac
}
recovery() {
	grep -oE '[A-Z2-7]{4}(-[A-Z2-7]{4})+' "$SANDBOX/codes" | sed -n "$1p"
}
half() {
	grep "BG0$2" "$1" | tr -d ' '
}

# searched ANSWERS OPTION... USER [ITEM...] -- OPERATION...: what was found.
searched() {
	local answers=$1

	shift
	printf '%b\n%s\n' "$answers" "$needles" |
	    timeout 60 "$drive" -s "$@" >"$SANDBOX/found.log" 2>&1
	grep ' found ' "$SANDBOX/found.log"
}

# clean NAME RESULT ANSWERS ARGUMENT...: this came of it, and nothing was found.
clean() {
	local name=$1 result=$2 found

	shift 2
	found=$(searched "$@")
	if [ -z "$found" ] && grep -q "^0 $result " "$SANDBOX/found.log"; then
		ok "nothing is left: $name"
	else
		not_ok "nothing is left: $name"
		sed 's/^/  | /' "$SANDBOX/found.log"
	fi
}

finds() {
	searched "$@" | grep -q ' found '
}

all='auth acct open close'
good="assword=$word"
# The test's own eyes: a copy in freed memory, and one that is kept.
check "what a module left in freed memory is found" finds \
    "$good\node=$(code hotp 1)" -p login bob tty=pts/1 -- auth
check "... and what lies in an item" finds "$good\node=000000" \
    login bob "ruser=$word" -- auth
check "... and bytes that are no text" finds \
    "$good\nneedle=$(printf '/pts/27' | hex)" login bob tty=/pts/27 -- auth

# shellcheck disable=SC2086
for way in "hotp 2:bob" "totp 0:ann"; do
	answers="$good\node=$(code ${way%:*})"
	clean "success with ${way%% *}" 'close 0' "$answers" login \
	    "${way#*:}" tty=pts/1 -- $all
	clean "that code again" 'auth 7' "$answers" login "${way#*:}" \
	    tty=pts/1 -- auth
done
clean "a wrong code" 'auth 7' "$good\node=735102" login ann -- auth
clean "a recovery code" 'acct 0' \
    "$good\node=$(recovery 1)\nneedle=$(recovery 1 | tr -d -)" \
    login ann tty=pts/1 -- auth acct
clean "a recovery code again" 'auth 7' \
    "$good\node=$(recovery 1)\nneedle=$(recovery 1 | tr -d -)" \
    login ann tty=pts/1 -- auth
clean "a wrong recovery code" 'auth 7' \
    "$good\node=ABCD-EFGH-2345-6723\nneedle=ABCDEFGH23456723" login ann -- auth
clean "a code of nobody's" 'auth 7' "$good\node=735102" \
    login nobody-of-this-name -- auth
clean "who has no factor" 'auth 7' "$good\node=735102" login eve -- auth
clean "abandoned at the code" 'auth 7' "$good\node=!error" login ann -- auth
clean "abandoned at the password" 'auth 7' "assword=!error" login ann -- auth
clean "an answer that is too long" 'auth 7' "$good\node=!long:600" \
    login ann -- auth
clean "no account phase" 'auth 0' "$good\node=$(code hotp 4)" \
    login bob -- auth
clean "break-glass" 'open 0' \
    "$good\node=$(half "$SANDBOX/first" 1)\nhalf=$(half "$SANDBOX/second" 1)" \
    login ann tty=/dev/tty1 -- auth acct open
clean "break-glass with a wrong half" 'auth 7' \
    "$good\node=$(half "$SANDBOX/first" 2)\nhalf=$(half "$SANDBOX/first" 2)" \
    login ann tty=/dev/tty1 -- auth
clean "a new password" 'passwd 0' "assword=uncanny Zebra 77 lamp" \
    login ann -- passwd
clean "a new password that is refused" 'passwd 20' "assword=monkey123" \
    login ann -- passwd
reeve_conf '[service login]' 'type = login' '[access]' 'networks = 192.0.2.0/24'
clean "refused in account" 'acct 6' "$good\node=$(code hotp 5)" \
    login bob rhost=198.51.100.7 -- auth acct
reeve_conf '[service login]' 'type = login' '[throttle]' 'style = lock'
for _ in 1 2 3; do
	searched "$good\node=735102" login ann -- auth >/dev/null
done
clean "locked" 'auth 7' "$good\node=$(code totp 1)" login ann -- auth
printf 'bad\n' >/etc/reeve/reeve.conf
clean "no configuration" 'auth 7' "$good\node=$(code hotp 6)" \
    login bob -- auth
report
