#!/usr/bin/env bash
# Packs of evidence on the command line: a company's quarter is exported, held
# against the schema and its sums by stock tools alone, killed at every sync,
# written to a full disk, and exported again in parts.
set -u
. "$(dirname "$0")/lib.sh"
[ -n "${SANDBOX-}" ] || packages sqlite3 libxml2-utils strace
sandbox "$@"

reeve=${REEVE:-$top/build/release/reeve}
[ -x "$reeve" ] || make -s -C "$top" build/release/reeve
export TZ=UTC REEVE_DB=$SANDBOX/review.db
cd "$SANDBOX" || exit 2
now=2026-12-01T00:00:00Z

# at TIME WORD...: reeve, then; by ann.
at() {
	local when=$1
	shift
	"${trace[@]}" "$reeve" --config review.conf "${key[@]}" --now "$when" \
		--quiet "$@"
}
trace=() key=(--key ann)

# holds PACK: with tools that know nothing of us.
holds() {
	(
		cd "$1" || exit 1
		sha256sum --strict --quiet -c SHA256SUMS || exit 1
		# Every file, and nothing else.
		diff <(find . -type f ! -name SHA256SUMS | sed 's,^\./,,' |
			LC_ALL=C sort) <(cut -c67- SHA256SUMS) || exit 1
		for file in manifest.xml summary.xml parts/*.xml; do
			xmllint --nonet --stream --noout \
			    --schema "$top/schema/evidence.xsd" "$file" \
			    >>"$SANDBOX/lint" 2>&1 || exit 1
		done
	)
}

# attribute PACK PATH: of its manifest.
attribute() {
	xmllint --nonet --xpath "string($2)" \
		<(sed 's/ xmlns="[^"]*"//' "$1/manifest.xml")
}

python3 "$top/tests/company.py" --managers --persons 120 --now "$now" company
for host in web1 web2; do
	mkdir -p "hosts/$host/etc"
	printf 'root:x:0:0:root:/root:/bin/bash\n' >"hosts/$host/etc/passwd"
	printf 'root:*:19000:0:99999:7:::\n' >"hosts/$host/etc/shadow"
	printf 'root:x:0:\nsudo:x:27:root\n' >"hosts/$host/etc/group"
	printf 'root ALL=(ALL:ALL) ALL\n' >"hosts/$host/etc/sudoers"
done
cat >review.conf <<-EOF
[review]
time_zone = +00:00
[source corp]
url = ldif:$SANDBOX/company/directory.ldif
[source servers]
url = passwd:$SANDBOX/hosts
system_class = other
EOF
"$reeve" init --rehearsal >out 2>&1
ssh-keygen -q -t ed25519 -N '' -C '' -f ann
at "$now" person add ann --employee X-ann >out 2>&1
at "$now" hr --as-of 2026-11-03 --zone +00:00 company/hr-2026-11-03.csv >out 2>&1

# ---- Before there is anything ----

status 'a pack of nothing is a pack' 4 at "$now" evidence export nothing
said 'and says that nothing was checked' 'Nothing was checked yet.'
check 'it holds' holds nothing

at "$now" pull >out 2>&1
at "$now" check >out 2>&1
at "$now" campaign open Q4 --due 2026-12-31 --fallback E00003 >out 2>&1

# ---- A quarter ----

status 'a quarter is exported' 0 at "$now" evidence export q4 \
	--quarter 2026Q4 --signer officer \
	--signer "ciso=$(printf 'ab%.0s' {1..32})"
said 'what is to be done next is said' 'reeve evidence sign q4'
said 'and that the quarter is not over' 'The period is not over.'
check 'it holds' holds q4
is 'it is the second' 2 "$(attribute q4 /manifest/@sequence)"
is 'it names the first' "$(sha256sum <nothing/manifest.xml | cut -c-64)" \
	"$(attribute q4 /manifest/@previous)"
is 'and has its days' 2026-10-01T00:00:00Z/2027-01-01T00:00:00Z \
	"$(attribute q4 /manifest/@from)/$(attribute q4 /manifest/@to)"
is 'a rehearsal is one for ever' true "$(attribute q4 /manifest/@rehearsal)"
is 'who must sign is named' officer/ciso \
	"$(attribute q4 '/manifest/signer[1]/@name')/$(attribute q4 '/manifest/signer[2]/@name')"
is 'the act has the digest of its manifest' \
	"$(sha256sum <q4/manifest.xml | cut -c-64)" \
	"$(ask 'SELECT lower(hex(manifest)) FROM pack WHERE sequence = 2')"
is 'all accounts are there' "$(ask 'SELECT count(*) FROM account_fact
	WHERE until = 9223372036854775807')" \
	"$(grep -c '^<account ' q4/parts/account-*.xml)"
is 'and as many as the manifest says' "$(attribute q4 '/manifest/class[@name="account"]/@rows')" \
	"$(grep -c '^<account ' q4/parts/account-*.xml)"
is 'totals are those of the rows' "$(grep -c '^<finding .* status="open"' q4/parts/finding-*.xml)" \
	"$(sed 's/ xmlns="[^"]*"//' q4/summary.xml |
		xmllint --xpath 'sum(//tally[@id="findings"]/cell[@a="open"]/@count)' -)"
is 'nobody else may read it' 640/750 "$(stat -c %a q4/manifest.xml)/$(stat -c %a q4)"
status 'the chain of acts still verifies' 0 at "$now" verify
status 'packs are listed' 0 at "$now" --format csv evidence list
said 'with their digests' ",q4"
status 'a pack is not written over' 2 at "$now" evidence export q4
said 'and it is said what is there' 'there is a pack'
check 'nor touched' holds q4
cp -r q4 copy

# ---- Command lines that mean nothing ----

for words in '--quarter 2026Q5' '--year 26' '--from 2026-10-01' \
	'--from 2026-10-02 --to 2026-10-01' '--quarter 2026Q4 --year 2026' \
	'--kind monthly' '--signer ../x' '--signer a=12' '--signer a --signer a' \
	'more'; do
	# shellcheck disable=SC2086
	status "refused: $words" 2 at "$now" evidence export no $words
done
check 'nothing is made of them' test ! -e no
mkdir other && touch other/file
status 'a folder with something in it is refused' 2 at "$now" evidence export other
mkdir -m 777 open
status 'so is one that anybody may write to' 2 at "$now" evidence export open
mkdir real && ln -s real link
status 'and a link' 2 at "$now" evidence export link
is 'neither has got a file' 0 "$(find real open -type f | wc -l)"
is 'nor a number' 2 "$(ask 'SELECT max(sequence) FROM pack')"

# ---- Killed ----

# Every folder with a manifest is a pack that an act registered.
sound() {
	local folder digest
	for folder in kill*; do
		[ -e "$folder/manifest.xml" ] || continue
		digest=$(sha256sum <"$folder/manifest.xml" | cut -c-64)
		[ "$(ask "SELECT count(*) FROM pack WHERE folder = '$folder'
			AND lower(hex(manifest)) = '$digest'")" = 1 ] || {
			say "$folder is no pack of ours"
			return 1
		}
		holds "$folder" || return 1
	done
}

trace=(strace -f -qq -o calls)
status 'an export under strace' 0 at "$now" evidence export killed
syncs=$(grep -cE '^[0-9]+ +(fsync|fdatasync)\(' calls)
killed=0 tried=0
for ((i = 1; i <= syncs; i++)); do
	[ -n "${SOAK-}" ] || [ $((i % 5)) -eq 0 ] || [ $((syncs - i)) -lt 8 ] ||
		continue
	tried=$((tried + 1))
	trace=(strace -f -qq -o /dev/null -e "inject=fsync,fdatasync:signal=KILL:when=$i")
	at "$now" evidence export "kill$i" >out 2>&1 || killed=$((killed + 1))
done
trace=(strace -f -qq -o /dev/null -e inject=renameat2:signal=KILL)
at "$now" evidence export killname >out 2>&1
trace=()
# Not every export has as many: the database's own depend on what it holds.
check "killed at syncs" test "$killed" -ge $((tried / 2))
check 'a folder with a manifest is a registered pack' sound
refuse 'one without is no pack' test -e kill5/manifest.xml
status 'killed before the manifest has its name' 2 at "$now" evidence export kill5
said 'what is there is said' 'was not finished; remove it'
check 'nothing of it has a name yet' test ! -e killname/manifest.xml
status 'what was registered is finished' 0 at "$now" evidence export killname
said 'and that is said' 'was whole but for its name'
check 'now it is one' holds killname
status 'the chain of acts verifies' 0 at "$now" verify

# ---- A full disk ----

mkdir small
mount -t tmpfs -o size=256k,mode=755 tmpfs small
before=$(ask 'SELECT max(sequence) FROM pack')
status 'a full disk is an error' 2 at "$now" evidence export small/pack
said 'that says so' 'No space left on device'
check 'there is no manifest' test ! -e small/pack/manifest.xml
is 'and no number is used up' "$before" "$(ask 'SELECT max(sequence) FROM pack')"
mount -o remount,size=64m small
rm -r small/pack
status 'with room it is made' 0 at "$now" evidence export small/pack
check 'and holds' holds small/pack
umount small

# ---- Two at once ----

at "$now" evidence export twin >out1 2>&1 &
at "$now" evidence export twin >out2 2>&1 &
wait %1
first=$?
wait %2
is 'of two into one folder one is refused' 2 "$((first + $?))"
check 'and the other is whole' holds twin

# ---- In part ----

status 'of a person' 0 at "$now" evidence export person --person E00005 --kind case
check 'it holds' holds person
is 'it says of whom' E00005 "$(attribute person '/manifest/scope[@what="person"]/@value')"
is 'and is a case' case "$(attribute person /manifest/@kind)"
is 'nobody else is in it' E00005 "$(cat person/parts/account-*.xml |
	grep -o ' employee="[^"]*"' | sort -u | cut -d'"' -f2)"
is 'totals are of it' "$(attribute person '/manifest/class[@name="account"]/@rows')" \
	"$(sed 's/ xmlns="[^"]*"//' person/summary.xml |
		xmllint --xpath 'string(//tally[@id="accounts"]/@count)' -)"
status 'of a source' 0 at "$now" evidence export system --system servers
check 'it holds' holds system
is 'it is a topic' topic "$(attribute system /manifest/@kind)"
status 'of a rule' 0 at "$now" evidence export rule --rule AR-101
check 'it holds' holds rule
is 'no other is in it' AR-101 "$(cat rule/parts/finding-*.xml 2>/dev/null |
	grep -o '^<finding [^>]* rule="[^"]*"' | grep -o 'rule="[^"]*"' |
	sort -u | cut -d'"' -f2)"
status 'of a year, by the program' 0 env -u SSH_AUTH_SOCK "$reeve" \
	--config review.conf --now "$now" --quiet evidence export year --year 2026
check 'it holds' holds year
is 'it is annual' annual "$(attribute year /manifest/@kind)"

# ---- An auditor, who has neither our configuration nor our database ----

mkdir -p /etc/reeve
echo 'not a line of it' >/etc/reeve/review.conf
status 'nothing of ours is needed to verify a pack' 0 env REEVE_DB=/nowhere/x \
	"$reeve" --quiet evidence verify year --unsigned
status 'while others name the file and line' 2 "$reeve" findings
said 'of it' '/etc/reeve/review.conf:1'
rm -r /etc/reeve
status 'whoever has nothing is told how to begin' 2 env REEVE_DB=nothing.db "$reeve"
said 'by a pull' 'reeve pull ldif:FILE'

# ---- Hosts that were not read ----

mkdir -p hosts/web3/etc
chmod 000 hosts/web3/etc
at "2026-12-01T01:00:00Z" pull >out 2>&1
at "2026-12-01T01:00:00Z" check >out 2>&1
status 'what was not read is a status of its own' 4 \
	at "2026-12-01T01:00:00Z" evidence export gap
said 'and is counted' 'Incomplete: '
check 'it holds all the same' holds gap

# ---- What does not check is not quoted ----

trigger=$(ask "SELECT sql FROM sqlite_schema WHERE name = 'act_fixed'")
ask "DROP TRIGGER act_fixed; UPDATE act SET text = text || ' ' WHERE id = 1;
	$trigger"
status 'acts that were changed are refused' 3 at "2026-12-01T02:00:00Z" evidence export bad
said 'by number' 'act 1'
check 'before anything is written' test ! -e bad
report
