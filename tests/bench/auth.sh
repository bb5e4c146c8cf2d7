#!/usr/bin/env bash
# A login by HOTP: ours beside google-authenticator and pam_oath, which keep
# their counter in a file too; and two bare fdatasyncs, the floor for ours.
set -u
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/table.sh"
[ -n "${SANDBOX-}" ] || {
	packages libpam-google-authenticator libpam-oath
	make -s -C "$top" -j2 all benches || exit 1
}
sandbox "$@"
reeve_host
reeve_conf '[reeve]' 'profile =' '[service reeve]' 'type = login'
rounds=${ROUNDS-100}
bench=$top/build/release/bench/bench_auth
dir=$SANDBOX/services
mkdir "$dir"
person ada 'long Horse 4 battery' -G admins
seed=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ # of RFC 4226

codes() {
	oathtool --hotp -b -c "$1" -w "$((rounds - 1))" "$seed"
}

service() {
	cat >"$dir/$1"
}

# row NAME ARGUMENT...: of bench_auth; the median and the memory are in $median
# and $rss then, the median of the floor in $floor.
row() {
	local lines

	lines=$("$bench" "${@:2}") || exit 1
	{
		read -r median p95 cpu rss
		read -r floor floor_rest
	} <<<"$lines"
	printf '%-36s %8s %8s %8s %8s\n' "$1" "$median" "$p95" "$cpu" "$rss"
	[ -z "$floor" ] || printf '%-36s %8s %8s %8s %8s\n' \
	    'two writes with fdatasync' "$floor" $floor_rest
}

printf '%-36s %8s %8s %8s %8s\n' "$rounds rounds, each a process" median \
    p95 CPU RSS '' ms ms ms KiB

service permit <<<'auth required pam_permit.so
account required pam_permit.so'
row "pam_permit" "$dir" permit ada "$rounds" auth acct < <(codes 0)
without=$rss

service google <<<"auth required pam_google_authenticator.so secret=$SANDBOX/google user=root allowed_perm=0400
account required pam_permit.so"
printf '%s\n" HOTP_COUNTER 1\n" WINDOW_SIZE 17\n' "$seed" >"$SANDBOX/google"
chmod 400 "$SANDBOX/google"
row "google-authenticator" "$dir" google ada "$rounds" auth acct < <(codes 1)
google=$median google_rss=$((rss - without))

service oath <<<"auth required pam_oath.so usersfile=$SANDBOX/oath window=20 digits=6
account required pam_permit.so"
printf 'HOTP ada - 3132333435363738393031323334353637383930\n' >"$SANDBOX/oath"
chmod 600 "$SANDBOX/oath"
row "pam_oath" "$dir" oath ada "$rounds" auth acct < <(codes 0)
oath=$median oath_rss=$((rss - without))

service reeve <<<'auth required pam_reeve.so reserve
auth required pam_reeve.so
account required pam_reeve.so'
ours=$(enroll ada hotp) || exit 1
FLOOR=/var/lib/reeve.bench row "pam_reeve, recorded durably" \
    "$dir" reeve ada "$rounds" auth acct \
    < <(oathtool --hotp -b -c 1 -w "$((rounds - 1))" "$ours")
reeve=$median reeve_rss=$((rss - without))
figure "added to a login, beside two fdatasyncs (median)" \
    "in all: google-authenticator $google ms, pam_oath $oath ms" \
    "$(awk "BEGIN { printf \"%.2f\", $reeve - $floor }")" '<' 1 ms
figure "memory added to a login" \
    "google-authenticator $(ratio "$google_rss" 1024 1) MiB, pam_oath \
$(ratio "$oath_rss" 1024 1) MiB" "$(ratio "$reeve_rss" 1024 1)" '<' 5 MiB
