#!/usr/bin/env bash
# The trail: append beside a bare write and fdatasync, verify beside a bare
# SHA-256 tree, in the same run.
set -u
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/table.sh"
make -s -C "$top" -j2 benches || exit 1

measured=$("$top/build/release/bench/bench_trail") || exit 1
printf '%s\n' "$measured"
while read -ra word; do
	n=${word[1]}
	case ${word[*]} in
	append*ratio*)
		figure "trail append, $n writer(s): time" "$peer" \
		    "${word[11]}" '<=' 1.2 times
		figure "... of 99 in 100" "$peer_p99" "$p99" '<=' 5 ms
		;;
	append*fdatasync*)
		peer="write + fdatasync ${word[4]} records/s"
		peer_p99="write + fdatasync ${word[10]} ms"
		;;
	append*) p99=${word[10]} ;;
	verify*)
		figure "trail verify: speed" "SHA-256 tree ${word[7]}" \
		    "${word[9]}" '>=' 0.8 times
		;;
	esac
done <<<"${measured//[,;:]/}"
