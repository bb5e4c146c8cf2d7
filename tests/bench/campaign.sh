#!/usr/bin/env bash
# How many questions a bank's 96,000 privileged entitlements come to, and what
# freezing and assigning takes. Synthetic. LARGE=1: a million accounts as well.
set -u
. "$(dirname "$0")/../lib.sh"
cd "$top" || exit 2
make -s -j2 benches || exit 1
folder=$(mktemp -d /var/tmp/reeve-bench.XXXXXX) || exit 1
trap 'rm -rf "$folder"' EXIT
bench=build/release/bench/bench_review_campaign

printf '96,000 privileged entitlements: 6 of each of 10,000 hosts, 12 of each of 3,000 people\n'
TYPE=privileged "$bench" "$folder" 10000 0 3000 3000 0 || exit 1
if [ -n "${LARGE-}" ]; then
	rm -f "$folder"/review.db*
	printf '\na million accounts\n'
	QUARTERS=2 "$bench" "$folder" 10000 76 200000 3000 8 || exit 1
fi
