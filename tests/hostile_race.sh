#!/usr/bin/env bash
# T7, T8, T9: many at once. One code lets exactly one in; different people's
# right codes let everybody in; wrong guesses never outrun the limit.
# SOAK=1: 1,000 rounds.
set -u
. "$(dirname "$0")/lib.sh"
sandbox "$@"

rounds=${ROUNDS-$([ -n "${SOAK-}" ] && echo 1000 || echo 25)}
drive=$top/build/release/tests/tool_pamdrive
reeve_host
door_conf() {
	reeve_conf '[reeve]' 'profile =' '[service door]' 'type = login' \
	    '[throttle]' "$@"
}
stack door <<-'EOF'
auth required pam_reeve.so reserve
auth required pam_reeve.so
account required pam_reeve.so
EOF
person ada 'long Horse 4 battery' -G admins
door_conf 'attempts = 100' 'user_attempts = 1000'

# at_once COPIES DELAY NAME: answers on standard input; prints how many got in.
at_once() {
	"$drive" -n "$1" -d "$2" door "$3" rhost=192.0.2.7 tty=pts/7 -- \
	    auth acct >"$SANDBOX/race.log" 2>&1
	grep -c ' acct 0 ' "$SANDBOX/race.log"
}

unlock() {
	reevectl unlock "$1" >/dev/null 2>&1
}

# one_code KIND COMMAND: prints the code of round $i; N from 2 to 64, delays
# from 0 to 5 ms over all copies.
one_code() {
	local kind=$1 i n delay got bad=0

	shift
	for ((i = 1; i <= rounds; i++)); do
		n=$((2 << (i % 6)))
		delay=$((i % 5 * 1000 / n))
		got=$(printf 'ode=%s\nassword=x\n' "$("$@" "$i")" |
		    at_once "$n" "$delay" ada)
		[ "$got" = 1 ] || {
			bad=$((bad + 1))
			say "round $i: $got of $n got in"
			cp "$SANDBOX/race.log" "$SANDBOX/race.$kind.log"
		}
		unlock ada
	done
	[ "$bad" -eq 0 ]
}

seed=$(enroll ada hotp) || exit 1
check "one HOTP code, 2 to 64 at once, $rounds rounds: one gets in" \
    one_code hotp hotp "$seed"

reevectl remove ada hotp >/dev/null
codes=$SANDBOX/codes
recovery_code() {
	local at=$((($1 - 1) % 10)) renew=()

	[ "$1" -eq 1 ] || renew=(--renew)
	[ "$at" -ne 0 ] || reevectl enroll ada recovery --count 10 \
	    "${renew[@]}" </dev/null | awk '$1 ~ /^[0-9]+$/ { print $2 }' \
	    >"$codes"
	sed -n "$((at + 1))p" "$codes"
}
saved=$rounds
rounds=$(((rounds + 4) / 5))
check "one recovery code, 2 to 64 at once, $rounds rounds: one gets in" \
    one_code recovery recovery_code

# Both halves of a break-glass code, at the console.
stack login </etc/pam.d/door
breakglass_once() {
	local i n got number bad=0

	for ((i = 1; i <= rounds; i++)); do
		n=$((2 << (i % 6)))
		number=$(printf 'BG%02d' "$(((i - 1) % 16 + 1))")
		[ "$number" != BG01 ] || reevectl breakglass make --renew \
		    --count 16 --first Ann --second Bob \
		    --first-file "$codes.a" --second-file "$codes.b" \
		    >/dev/null </dev/null || return 1
		printf 'ode=%s\nhalf=%s\nassword=x\n' \
		    "$(grep -o "${number}A.*" "$codes.a")" \
		    "$(grep -o "${number}B.*" "$codes.b")" |
		    "$drive" -l -n "$n" login ada tty=tty1 -- auth acct \
		    >"$SANDBOX/race.log" 2>&1
		got=$(grep -c ' acct 0 ' "$SANDBOX/race.log")
		[ "$got" = 1 ] || {
			bad=$((bad + 1))
			say "round $i: $got of $n got in"
		}
		[ "$number" != BG16 ] || rm -f "$codes.a" "$codes.b"
	done
	[ "$bad" -eq 0 ]
}
check "one break-glass code, 2 to 64 at once, $rounds rounds: one gets in" \
    breakglass_once
rounds=$saved

# TOTP has one code every 30 s, so its record is put back between rounds.
seed=$(enroll ada totp) || exit 1
cp -a /var/lib/reeve/users "$SANDBOX/before"
totp_code() {
	cp -a "$SANDBOX/before/." /var/lib/reeve/users/
	totp "$seed"
}
check "one TOTP code, 2 to 64 at once, $rounds rounds: one gets in" \
    one_code totp totp_code

# Everybody's own right code at the same moment.
people=20
seeds=()
for ((i = 0; i < people; i++)); do
	person "u$i" 'long Horse 4 battery' -G admins
	seed=$(enroll "u$i" hotp) || exit 1
	seeds+=("$seed")
done
all_right() {
	local round i got bad=0

	for ((round = 1; round <= (rounds + 4) / 5; round++)); do
		got=$({
			for ((i = 0; i < people; i++)); do
				printf '%d/ode=%s\n' "$i" \
				    "$(hotp "${seeds[i]}" "$round")"
			done
			printf 'assword=x\n'
		} | at_once "$people" 0 'u%d')
		[ "$got" = "$people" ] || {
			bad=$((bad + 1))
			say "round $round: $got of $people got in"
			tail -n 5 "$SANDBOX/race.log" >&2
		}
	done
	[ "$bad" -eq 0 ]
}
check "$people people's right codes at once: nobody is refused" all_right

# Guesses: of 20 at once no more than the limit are looked at.
door_conf 'attempts = 3' 'user_attempts = 1000' 'style = lock'
guesses() {
	local i seen bad=0

	for ((i = 0; i < (rounds + 4) / 5; i++)); do
		unlock u0
		trail_mark
		printf 'ode=000000\nassword=x\n' | at_once 20 0 u0 >/dev/null
		seen=$(trail_lines | tail -n "+$((trail_marked + 1))" |
		    grep -c '"reason":"wrong-code"')
		case $seen in
		[123]) ;;
		*)
			bad=$((bad + 1))
			say "$seen of 20 guesses were looked at"
			;;
		esac
	done
	[ "$bad" -eq 0 ]
}
check "20 wrong guesses at once, limit 3: no more than 3 are looked at" guesses
locked_out() {
	printf 'ode=%s\nassword=x\n' "$(hotp "${seeds[0]}" 900)" |
	    at_once 1 0 u0 | grep -qx 0
}
check "... after which a right one is refused too" locked_out
one_handle() {
	# CVE-2015-5600: many guesses within one PAM handle.
	unlock u1
	trail_mark
	printf 'ode=000000\nassword=x\n' | "$drive" door u1 rhost=192.0.2.8 \
	    -- auth! auth! auth! auth! auth! auth! auth! auth! >/dev/null
	[ "$(trail_lines | tail -n "+$((trail_marked + 1))" |
	    grep -c '"reason":"wrong-code"')" -le 3 ]
}
check "... also when they come within one PAM handle" one_handle
check "the trail of all this verifies" reevectl trail verify
report
