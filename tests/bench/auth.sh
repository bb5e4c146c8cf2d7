#!/usr/bin/env bash
# A login by HOTP: ours beside google-authenticator and pam_oath, which keep
# their counter in a file too; and two bare fdatasyncs, the floor for ours.
set -u
. "$(dirname "$0")/../lib.sh"
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

row() {
	local name=$1

	shift
	printf '%-36s %s\n' "$name" "$("$bench" "$@")"
}

printf '%-36s %8s %8s %8s %8s\n' "$rounds rounds, each a process" median \
    p95 CPU RSS '' ms ms ms KiB

service permit <<<'auth required pam_permit.so
account required pam_permit.so'
codes 0 | row "pam_permit" "$dir" permit ada "$rounds" auth acct

service google <<<"auth required pam_google_authenticator.so secret=$SANDBOX/google user=root allowed_perm=0400
account required pam_permit.so"
printf '%s\n" HOTP_COUNTER 1\n" WINDOW_SIZE 17\n' "$seed" >"$SANDBOX/google"
chmod 400 "$SANDBOX/google"
codes 1 | row "google-authenticator" "$dir" google ada "$rounds" auth acct

service oath <<<"auth required pam_oath.so usersfile=$SANDBOX/oath window=20 digits=6
account required pam_permit.so"
printf 'HOTP ada - 3132333435363738393031323334353637383930\n' >"$SANDBOX/oath"
chmod 600 "$SANDBOX/oath"
codes 0 | row "pam_oath" "$dir" oath ada "$rounds" auth acct

service reeve <<<'auth required pam_reeve.so reserve
auth required pam_reeve.so
account required pam_reeve.so'
ours=$(enroll ada hotp) || exit 1
oathtool --hotp -b -c 1 -w "$((rounds - 1))" "$ours" |
    row "pam_reeve, recorded durably" "$dir" reeve ada "$rounds" auth acct
row "two writes with fdatasync" --sync /var/lib/reeve.bench "$rounds"
