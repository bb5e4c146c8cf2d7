#!/usr/bin/env bash
# The trail: append beside a bare write and fdatasync, verify beside a bare
# SHA-256 tree, in the same run.
set -u
. "$(dirname "$0")/../lib.sh"
make -s -C "$top" -j2 benches || exit 1
exec "$top/build/release/bench/bench_trail"
