#!/usr/bin/env bash
# How many questions a bank's 96,000 privileged entitlements come to, and what
# freezing and assigning takes. Synthetic.
#
# LARGE=1: a campaign of ACCOUNTS (a million) from the pull to its end, on the
# command line, each step within a GiB of addresses: worksheets of REVIEWERS
# (4,000) filled and taken back, and the pack of evidence of it, signed,
# verified by reeve and by stock tools, and reported. Groups cut across
# departments, so that nearly each membership is a question: the worst case.
# Takes 15 GB in /var/tmp, and more than half an hour.
set -u
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/table.sh"
cd "$top" || exit 2
make -s -j2 all benches || exit 1
folder=$(mktemp -d /var/tmp/reeve-bench.XXXXXX) || exit 1
trap 'rm -rf "$folder"' EXIT
bench=$top/build/release/bench/bench_review_campaign

printf '96,000 privileged entitlements: 6 of each of 10,000 hosts, 12 of each of 3,000 people\n'
TYPE=privileged "$bench" "$folder" 10000 0 3000 3000 0 || exit 1
[ -n "${LARGE-}" ] || exit 0

packages libxml2-utils xmlsec1 openssl openssh-client python3-minimal
rm -f "$folder"/review.db*
cd "$folder" || exit 1
accounts=${ACCOUNTS-1000000} reviewers=${REVIEWERS-4000}
export TZ=UTC REEVE_DB=$folder/review.db
reeve=$top/build/release/reeve

# step WANTED NAME COMMAND...: reeve, with that exit status; by ann, or $key.
step() {
	measure "$2" prlimit --as=$((1 << 30)) "$reeve" --quiet \
	    --key "${key-ann}" "${@:3}" 2>>said
	[ "$exit" = "$1" ] && return
	tail -n 5 said
	exit 1
}

# Employees are their accounts' numbers; the first ones head the others.
personnel() {
	awk -v n="$accounts" -v heads="$reviewers" 'BEGIN {
		print "employee,name,department,manager"
		for (i = 0; i < n; i++) {
			head = i % heads
			if (head == i)
				head = i == 0 ? 1 : 0
			print i ",Given Sn" i ",D" i % 50 "," head
		}
	}'
}

# Acts that wait: ben approves each.
approve_all() {
	local act

	for act in $("$reeve" --format csv acts --waiting 2>/dev/null |
	    cut -d, -f1 | grep '^[0-9]'); do
		key=ben step 0 "approve $act" approve "$act"
	done
}

# shellcheck disable=SC2016
stock() {
	cd pack || exit 1
	measure 'sha256sum --check' sha256sum --check --strict --quiet SHA256SUMS
	measure 'xmlsec1 --verify' xmlsec1 --verify --enabled-key-data x509 \
	    --trusted-pem ../keys/ann.crt signatures/ann.xml
	measure 'openssl pkeyutl -verify' openssl pkeyutl -verify -pubin -inkey \
	    signatures/ann.ed25519.pem -rawin -in SHA256SUMS \
	    -sigfile signatures/ann.ed25519
	measure 'xmllint --stream --schema' bash -c 'for part in parts/*.xml; do
		xmllint --nonet --stream --noout --schema schema/evidence.xsd \
		    "$part" 2>/dev/null || exit 1
	done'
	cd ..
}

printf '\n%s accounts, %s reviewers\n%-44s %8s %8s %8s %5s\n' "$accounts" \
    "$reviewers" '' 'wall s' 'CPU s' 'RSS MiB' exit
for key in ann ben; do
	ssh-keygen -q -t ed25519 -N '' -C '' -f "$key"
	"$reeve" --key "$key" person add "$key" --employee "X-$key" >>said 2>&1
done
unset key
python3 "$top/tests/bench/directory.py" "$accounts" $((accounts / 50)) \
    $((accounts * 243 / 100)) >all.ldif
personnel >hr.csv
step 0 'pull' pull "ldif:$folder/all.ldif"
step 0 'hr' hr --as-of "$(date -d yesterday +%F)" hr.csv
rm all.ldif hr.csv
step 1 'check' check
step 1 'check again' check
step 0 'campaign open' campaign open Q --due "$(date -d '30 days' +%F)" --fallback 7
step 0 'campaign assign' campaign assign Q
step 0 'campaign export, tables' campaign export --format-of csv Q sheets
python3 "$top/tests/bench/answers.py" sheets sheets.codes.csv back \
    "$(date +%FT%TZ)" || exit 1
rm -rf sheets
for file in $(cd back && printf '%s\n' Q-1?.*); do
	step 0 "campaign import, $file alone" campaign import "back/$file"
done
step 0 'campaign import, all' campaign import back
rm -rf back
step 0 'campaign status' campaign status Q
approve_all
step 0 'campaign close' campaign close Q
step 0 'evidence export' evidence export pack
"$reeve" evidence keygen --name ann --no-passphrase keys >>said 2>&1
step 0 'evidence sign' evidence sign --key keys/ann.pem \
    --ed25519 keys/ann.ed25519.pem pack
step 0 'evidence verify' evidence verify pack --trust keys/ann.crt
stock
step 0 'report' report pack --out report --trust keys/ann.crt
printf '%s MiB of database, %s MiB of pack, %s MiB of report\n' \
    "$(du -sm review.db | cut -f1)" "$(du -sm pack | cut -f1)" \
    "$(du -sm report | cut -f1)"
