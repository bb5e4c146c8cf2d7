#!/usr/bin/env bash
# Packs of evidence, of a directory from LDIF and of one four times as large:
# the writing of parts beside a bare xmlTextWriter that writes the same bytes,
# the whole export, and reeve evidence verify beside xmllint --stream --schema.
# Memory stays: that of the export is SQLite's and its cache.
# ACCOUNTS sets the larger size, whose groups and memberships grow with it.
set -u
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/table.sh"
cd "$top" || exit 2
packages libxml2-utils python3-minimal
make -s -j2 all benches || exit 1
folder=$(mktemp -d /var/tmp/reeve-bench.XXXXXX) || exit 1
trap 'rm -rf "$folder"' EXIT
reeve=$top/build/release/reeve bench=$top/build/release/bench/bench_review_evidence
accounts=${ACCOUNTS-400000}
cd "$folder" || exit 1

# shellcheck disable=SC2016
lint='for part in pack/parts/*.xml; do
	xmllint --nonet --stream --noout --schema pack/schema/evidence.xsd \
	    "$part" 2>/dev/null || exit 1
done'

for n in $((accounts / 4)) "$accounts"; do
	rm -rf pack bare ours review.db*
	mkdir bare ours
	python3 "$top/tests/bench/directory.py" "$n" $((n / 50)) $((n * 243 / 100)) >all.ldif
	export REEVE_DB=$folder/review.db
	"$reeve" --quiet pull "ldif:$folder/all.ldif" >/dev/null &&
	    "$reeve" --quiet check >/dev/null
	rm all.ldif
	printf '\n%s accounts\n%-44s %8s %8s %8s %5s\n' "$n" '' 'wall s' 'CPU s' \
	    'RSS MiB' exit
	measure 'reeve evidence export' "$reeve" --quiet evidence export pack
	export=$wall smaller=${memory-} memory=$rss
	measure 'the same parts, bare xmlTextWriter' "$bench" bare pack bare
	bare=$wall
	measure 'the same parts, pack_write.c' "$bench" ours pack ours
	written=$wall
	measure 'xmllint --stream --schema' bash -c "$lint"
	lint_wall=$wall
	measure 'reeve evidence verify --unsigned' "$reeve" --quiet evidence \
	    verify --unsigned pack
	verify=$wall
	diff -rq pack/parts bare && diff -rq pack/parts ours/parts || exit 1
	printf '%s rows, %s MiB in %s parts\n' \
	    "$(cat pack/parts/*.xml | grep -vcE '^<(\?|part |/part)')" \
	    "$(du -sm pack/parts | cut -f1)" "$(find pack/parts -type f | wc -l)"
done
figure "evidence of $n accounts: its parts written" \
    "xmlTextWriter $bare s" "$(ratio "$written" "$bare")" '<=' 2 times
figure "... the whole export, with what the database takes" \
    "xmlTextWriter $bare s" "$(ratio "$export" "$bare")" '<=' 2 times
figure "... its memory, beside that for a fourth of the accounts" \
    "$smaller MiB" "$(ratio "$memory" "$smaller")" '<=' 1.2 times
figure "... verified" "xmllint --stream --schema $lint_wall s" \
    "$(ratio "$verify" "$lint_wall")" '<=' 2 times
