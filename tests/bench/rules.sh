#!/usr/bin/env bash
# Precision and recall of the rules on a company that is made up, with each
# confounder there and away. Synthetic: it says how rules treat these patterns,
# not how they do in a real company. Beside AR-131 stand two plain counts that
# other tools go by: three addresses, two keys.
set -u
. "$(dirname "$0")/../lib.sh"
# shellcheck disable=SC2086
packages $build_packages python3-minimal
make -s -C "$top" -j2 all || exit 1
reeve=$top/build/release/reeve
dir=$(mktemp -d /var/tmp/reeve.bench.XXXXXX) || exit 1
trap 'rm -rf "$dir"' EXIT

# review WITHOUT...: the company without these confounders, pulled and judged.
review() {
	local day arguments=() file

	day=$(date -u +%Y-%m-%d)
	for file in "$@"; do
		arguments+=(--without "$file")
	done
	rm -rf "$dir/company" "$dir"/review.db*
	python3 "$top/tests/company.py" --persons "${PERSONS-600}" \
	    --seed "${SEED-1}" --now "${day}T00:00:00Z" "${arguments[@]}" \
	    "$dir/company" || return 1
	set -- "$reeve" --db "$dir/review.db" --quiet
	for file in "$dir"/company/hr-*.csv; do
		file=${file##*/hr-}
		"$@" hr --as-of "${file%.csv}" --zone +00:00 \
		    "$dir/company/hr-$file" || return 1
	done
	"$@" register "$dir/company/workstations.csv" &&
	    "$@" pull "ldif:$dir/company/directory.ldif" &&
	    "$@" trail --host company "$dir/company/auth.log" || return 1
	"$@" check
	[ $? -le 1 ] || return 1
	"$@" --format csv findings --state hit >"$dir/findings.csv"
	[ $? -le 1 ]
}

table() {
	python3 - "$dir/findings.csv" "$dir/company/truth.csv" "$1" \
	    "$dir/company/auth.log" <<'END'
import csv, json, re, sys
found, true = {}, {}
for row in csv.DictReader(open(sys.argv[1], encoding="utf-8", newline="")):
    about = json.loads(row["evidence"])["right"] \
        if row["rule"] == "AR-141" else ""
    rule = "AR-131/2" if row["rule"] in ("AR-131", "AR-132") else row["rule"]
    found.setdefault(rule, set()).add((row["subject"], about))
    if row["rule"] == "AR-131":
        found.setdefault("AR-131", set()).add((row["subject"], about))
for row in csv.DictReader(open(sys.argv[2], encoding="utf-8", newline="")):
    about = row["about"] if row["rule"] == "AR-141" else ""
    true.setdefault(row["rule"], set()).add((row["account"], about))
    if row["rule"] == "AR-131":
        true.setdefault("AR-131/2", set()).add((row["account"], about))
seen = {}
for line in open(sys.argv[4], encoding="utf-8"):
    _, name, address, key = re.search(
        r"(for) (\S+) from (\S+) port .* (\S+)$", line).groups()
    both = seen.setdefault(name, (set(), set()))
    both[0].add(address)
    both[1].add(key)
for rule, place, least in (("3 hosts", 0, 3), ("2 keys", 1, 2)):
    true[rule] = true["AR-131"]
    found[rule] = {(n, "") for n in seen if len(seen[n][place]) >= least}
for rule in sorted(true):
    hit, truth = found.get(rule, set()), true[rule]
    good = len(hit & truth)
    print("%-22s %-9s %7d %7d %9s %7.2f" % (
        sys.argv[3], rule, len(truth), len(hit),
        "%.2f" % (good / len(hit)) if hit else "-", good / len(truth)))
END
}

printf 'synthetic: %s persons, seed %s\n' "${PERSONS-600}" "${SEED-1}"
printf '%-22s %-9s %7s %7s %9s %7s\n' confounders rule planted found \
    precision recall
for without in '' hot-desk helpdesk vpn rotation parallel fan-out; do
	# shellcheck disable=SC2086
	review $without >"$dir/log" 2>&1 || {
		cat "$dir/log"
		exit 1
	}
	table "${without:+no }${without:-all}"
done
