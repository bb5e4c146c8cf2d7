#!/usr/bin/env bash
# The review store: staging and applying what a source delivers that costs
# nothing itself. LARGE=1: a million accounts with ten million memberships.
set -u
. "$(dirname "$0")/../lib.sh"
make -s -C "$top" -j2 benches || exit 1
folder=$(mktemp -d /var/tmp/reeve-bench.XXXXXX) || exit 1
trap 'rm -rf "$folder"' EXIT
bench=$top/build/release/bench/bench_review_store
if [ -n "${LARGE-}" ]; then
	"$bench" "$folder" 1000000 2000 10000000
else
	"$bench" "$folder"
fi
