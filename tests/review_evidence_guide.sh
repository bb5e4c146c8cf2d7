#!/usr/bin/env bash
# The auditor's guide in a pack, word for word: each command of VERIFY.txt runs
# as it stands there, on a pack that is signed, stamped, and quotes sessions of
# a real trail; and each says so when the pack was altered.
set -u
. "$(dirname "$0")/lib.sh"
[ -n "${SANDBOX-}" ] || packages sqlite3 libxml2-utils xmlsec1 openssl python3
sandbox "$@"

reeve=${REEVE:-$top/build/release/reeve}
reevectl=$top/build/release/reevectl
tool=$top/build/release/tests/tool_trail
[ -x "$reeve" ] && [ -x "$reevectl" ] && [ -x "$tool" ] ||
    make -s -C "$top" build/release/reeve build/release/reevectl \
	build/release/tests/tool_trail
export TZ=UTC REEVE_DB=$SANDBOX/review.db
cd "$SANDBOX" || exit 2
# Trails have the clock of the machine, so the rehearsal begins tomorrow.
now=$(date -u -d '+1 day' +%FT12:00:00Z)
from=$(date -u -d '-20 days' +%F)
to=$(date -u -d '+1 day' +%F)

at() {
	"$reeve" --config review.conf --key ann --now "$now" --quiet "$@"
}

# is NAME WANTED GOT
is() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1 (wanted $2, got $3)"
	fi
}

# status NAME STATUSES COMMAND...: it ends with one of these.
status() {
	local name=$1 wanted=$2 got

	shift 2
	"$@" >out 2>err
	got=$?
	case " $wanted " in
	*" $got "*) ok "$name" ;;
	*)
		not_ok "$name (wanted $wanted, got $got)"
		tail -n 20 out err | sed 's/^/  | /'
		;;
	esac
}

# ---- A host with a trail, and what a quarter has ----

mkdir -p hosts/web1/etc
printf 'root:x:0:0:root:/root:/bin/bash\nalice:x:1000:1000::/home/alice:/bin/bash\n' \
    >hosts/web1/etc/passwd
printf 'root:*:19000:0:99999:7:::\nalice:*:19000:0:99999:7:::\n' >hosts/web1/etc/shadow
printf 'root:x:0:\nsudo:x:27:alice\nalice:x:1000:\n' >hosts/web1/etc/group
printf '%%sudo ALL=(ALL:ALL) ALL\n' >hosts/web1/etc/sudoers
cat >review.conf <<X
[review]
time_zone = +00:00
[source servers]
url = passwd:$SANDBOX/hosts
[retention]
logins = 12
alerts = 12
accounts = 12
personnel = 12
X
"$reeve" init --rehearsal >/dev/null 2>&1
ssh-keygen -q -t ed25519 -N '' -C '' -f ann
at person add ann --employee X-ann >/dev/null 2>&1
at pull >/dev/null 2>&1
at check >/dev/null 2>&1

printf '[reeve]\nstate_directory = %s\nrun_directory = %s\ntrail_directory = %s\n' \
    "$SANDBOX/st" "$SANDBOX/run" "$SANDBOX/trail" >c.conf
"$reevectl" --config c.conf trail init --org example.com >key 2>/dev/null
session=00000000-0000-4000-8000-000000000001
second=00000000-0000-4000-8000-000000000002
"$tool" open trail 1 >/dev/null
"$tool" append trail 4 >/dev/null
"$tool" close trail 1 >/dev/null
"$reevectl" --config c.conf trail epoch >/dev/null
"$reevectl" --config c.conf trail checkpoint >/dev/null
check "a copy of the host's trail is made" \
    "$reevectl" --config c.conf trail export --from trail copy
refuse "of a trail that was never imported nothing is quoted" \
    at evidence export early --from "$from" --to "$to" --trail "copy:$session"
check "the trail is imported" at trail --host web1 copy
status "days get their records" '0 4' at daily --from "$from" --to "$to"
is "a daily record asks to examine a session" 1 "$(sqlite3 "$REEVE_DB" "
	SELECT count(*) FROM daily d, json_each(d.facts, '\$.sessions') s
	WHERE d.source = 'web1' AND s.value ->> '\$.account' = 'alice'")"

# ---- A pack that quotes it ----

mkdir audit
status "a pack is exported, with the sessions that records ask for" '0 4' \
    at evidence export audit/DIR --from "$from" --to "$to" --signer officer \
    --trail copy
folder=audit/DIR/trail/web1/$session
is "all six records are there with their proofs" 6/6 \
    "$(wc -l <"$folder/records.jsonl")/$(find "$folder" -name '*.tlog-proof' | wc -l)"
row=$(grep -o "<session [^>]*" audit/DIR/parts/session-0001.xml)
is "their row says so" 6 "$(sed 's/.* records="\([0-9]*\)".*/\1/' <<<"$row")"
vkey=$(sed 's/.* key="\([^"]*\)".*/\1/' <<<"$row")
refuse "and by which key, which is not the first" [ "$(cat key)" = "$vkey" ]
is "what was kept of the host before is there" 3 \
    "$(wc -l <audit/DIR/trail/web1/pinned)"
tree=$(sed 's/.* tree="\([0-9]*\)".*/\1/' <<<"$row")
outline=audit/DIR/trail/web1/outline-$tree
check "so is why its key is the host's" grep -q '"type":"init"' "$outline"
refuse "without any other record than those of keys" grep -q alice "$outline"
check "the key of the row is the checkpoint's" python3 \
    audit/DIR/trail-verify.py --proofs --key "$vkey" "$folder"
refuse "another key is not" python3 audit/DIR/trail-verify.py --proofs \
    --key "$(sed 's/+[^+]*$//' <<<"$vkey")+AXv0nPUjWYTjvWJzOsOAcUjHGFPG9nD41mJSHqMgyPJ8" "$folder"
is "each kind of record says how long it is kept" '12 12 12 12' "$(
    sed -n 's/.*<retention .* months="12".*/12/p' audit/DIR/manifest.xml | xargs)"
status "a session that is named" '0 4' at evidence export named \
    --from "$from" --to "$to" --trail "copy:$session"
is "is quoted" 1 "$(grep -c '<session ' named/parts/session-0001.xml)"
refuse "one that there is not is refused" at evidence export none \
    --from "$from" --to "$to" --trail "copy:00000000-0000-4000-8000-00000000000f"
cp -r copy spoilt
sed -i 's/"alice"/"mallo"/' spoilt/segment-00000001.jsonl
refuse "nothing is quoted of a trail that was altered" \
    at evidence export no --from "$from" --to "$to" --trail "spoilt:$session"

# Both verifiers say the same of proofs, whole and spoilt.
agree() {
	local ours theirs

	"$reevectl" --config c.conf trail verify --proofs p --key "$vkey" >/dev/null 2>&1
	ours=$?
	python3 "$top/contrib/trail-verify.py" --proofs --key "$vkey" p >/dev/null 2>&1
	theirs=$?
	is "$1: both verifiers say the same" "$2/$2" "$ours/$theirs"
}
spoil() {
	rm -rf p
	cp -r "$folder" p
	"$@"
}
first=$(sed -n '1s/.*"seq":\([0-9]*\),.*/\1/p' "$folder/records.jsonl")
spoil true && agree "whole proofs" 0
spoil sed -i '2s/alice/mallo/' p/records.jsonl && agree "an altered record" 3
spoil rm "p/$first.tlog-proof" && agree "a missing proof" 4
spoil cp "p/$((first + 1)).tlog-proof" "p/$first.tlog-proof" && agree "a swapped proof" 3
spoil sed -i "2s/$first/$((first + 1))/" "p/$first.tlog-proof" && agree "another index" 3

# ---- Two copies of one host's trail ----

"$tool" --session "$second" open trail 70 >/dev/null
"$reevectl" --config c.conf trail epoch >/dev/null
"$reevectl" --config c.conf trail export --from trail copy2 >/dev/null
status "a newer copy adds what the older one had not" '0 4' \
    at evidence export both --from "$from" --to "$to" \
    --trail "copy:$session" --trail "copy2:$session,$second"
is "each session is quoted once, each from its copy" "$session $second" \
    "$(grep -o 'session="[^"]*"' both/parts/session-0001.xml | cut -d '"' -f 2 | xargs)"
is "of each copy there is why its key is the host's" 2 \
    "$(find both/trail/web1 -name 'outline-*' | wc -l)"
status "reeve verifies both" '0 4' "$reeve" evidence verify both --unsigned \
    --host-key "$(cat key)"
check "so does the other verifier" python3 both/trail-verify.py --host \
    --key "$(cat key)" both/trail/web1
refuse "with another first key it does not" python3 both/trail-verify.py \
    --host --key "$vkey" both/trail/web1
refuse "the older copy comes first" at evidence export reversed \
    --from "$from" --to "$to" --trail "copy2:$second" --trail "copy:$session"

# bent NAME STATUS COMMAND...: what there is of a host is altered.
bent() {
	local name=$1 wanted=$2

	shift 2
	rm -rf h
	cp -r both/trail/web1 h
	(cd h && "$@")
	status "$name" "$wanted" python3 "$top/contrib/trail-verify.py" --host h
}
big=$(find both/trail/web1 -name 'outline-*' -printf '%f\n' | sort -t - -k 2n | tail -n 1)
bent "what is whole verifies" 0 true
bent "a host without its first key is not proven" 4 rm "$big"
bent "another hash among its records is seen" 3 \
    sed -i '/^[0-9]/s/[0-4]$/5/; /^[0-9]/s/[6-9a-f]$/4/' "$big"
bent "so is another key" 3 sed -i '/"epoch"/s/"vkey":"[^"]*"/"vkey":"x"/' "$big"
bent "a certificate that is left out" 3 sed -i '0,/"type":"epoch"/{/"type":"epoch"/d}' "$big"
bent "an epoch that is no number" 3 sed -i 's/"epoch":2,/"epoch":"2",/' "$big"
bent "the root of what was kept before" 3 sed -i '3{s/^A/B/;t;s/^./A/}' pinned
bent "what was kept is more than what is quoted" 3 sed -i '2s/$/0/' pinned
bent "the root of a session's checkpoint" 3 \
    sed -i '3{s/^A/B/;t;s/^./A/}' "$session/checkpoint"

# ---- Signed and stamped ----

mkdir keys
check "keys are made" "$reeve" evidence keygen --no-passphrase --name officer keys
status "the pack is signed" 0 "$reeve" evidence sign --key keys/officer.pem \
    --ed25519 keys/officer.ed25519.pem --name officer --rehearsal audit/DIR
openssl req -x509 -newkey rsa:3072 -nodes -keyout tsa.key -out audit/tsa.pem \
    -subj '/CN=Time' -days 3650 -addext 'extendedKeyUsage=critical,timeStamping' \
    2>/dev/null
echo 01 >serial
cat >tsa.conf <<X
[tsa]
default_tsa = t
[t]
serial = $SANDBOX/serial
signer_cert = $SANDBOX/audit/tsa.pem
signer_key = $SANDBOX/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
X
check "a time stamp is asked for" "$reeve" evidence timestamp --name officer \
    --request audit/DIR
openssl ts -reply -config tsa.conf -queryfile audit/DIR/signatures/officer.tsq \
    -out token.tsr 2>/dev/null
check "and taken" "$reeve" evidence timestamp --name officer --token token.tsr \
    --authority audit/tsa.pem audit/DIR
openssl x509 -in keys/officer.pem -out audit/trusted.pem
status "reeve verifies all of it at once" '0 4' "$reeve" evidence verify audit/DIR \
    --trust audit/trusted.pem --time-authority audit/tsa.pem --host-key "$(cat key)"
refuse "of no host the key is not given" grep -q 'host-key' out
status "a time stamp from the future is none" 3 "$reeve" \
    --now "$(date -u -d '-1 hour' +%FT%TZ)" evidence verify audit/DIR \
    --trust audit/trusted.pem --time-authority audit/tsa.pem
check "and its time is named" grep -q '^untrusted: .*in the future: 2' out

# ---- The guide ----

# guide FILE: runs its commands, each in the folder of the ones before, and
# prints what they print.
guide() {
	(
		cd audit || exit 1
		while IFS= read -r command; do
			printf '$ %s\n' "$command"
			eval "$command" 2>&1 || printf 'STATUS %s\n' "$?"
		done < <(sed -n 's/^    //p' "$1")
	)
}

for name in VERIFY.txt VERIFY.zh_TW.txt; do
	guide "$SANDBOX/audit/DIR/$name" >"said.$name"
	check "$name: no command fails" \
	    bash -c "! grep -v '^\$ ' said.$name | grep -E '^STATUS|FAILED|fails to validate|[Ee]rror'"
	check "$name: xmlsec1 says OK" grep -qx OK "said.$name"
	check "$name: openssl verifies the list" \
	    grep -qx 'Signature Verified Successfully' "said.$name"
	check "$name: openssl verifies the time" \
	    grep -qx 'Verification: OK' "said.$name"
	check "$name: manifest, summary and parts validate" [ \
	    "$(grep -c ' validates$' "said.$name")" = \
	    "$(($(find audit/DIR/parts -name '*.xml' | wc -l) + 2))" ]
	check "$name: the session is proven" \
	    grep -q '^records: 6, each under the checkpoint' "said.$name"
	check "$name: the host's first key is printed" \
	    grep -qxF "$(cat key)" "said.$name"
	is "$name: is one page" ok "$([ "$(wc -l <"audit/DIR/$name")" -le 80 ] && echo ok)"
done
is "both languages have the same commands" "$(grep '^    ' audit/DIR/VERIFY.txt)" \
    "$(grep '^    ' audit/DIR/VERIFY.zh_TW.txt)"

# spoilt NAME WORDS COMMAND...: the pack is altered, and a command says so.
spoilt() {
	local name=$1 words=$2

	shift 2
	mv audit/DIR audit/whole
	cp -r audit/whole audit/DIR
	(cd audit/DIR && "$@")
	guide "$SANDBOX/audit/whole/VERIFY.txt" >said
	rm -rf audit/DIR
	mv audit/whole audit/DIR
	check "$name is seen" grep -qE -- "$words" said
}
spoilt "an altered part" '^parts/account-0001.xml: FAILED' \
    sed -i 's/alice/mallo/' parts/account-0001.xml
spoilt "a file too many" '^< extra' touch extra
spoilt "a file that is missing" 'FAILED open or read' rm parts/account-0001.xml
spoilt "a list that was made anew" 'Signature Verification Failure' bash -c \
    'echo >>summary.xml; f=$(cut -c 67- SHA256SUMS); sha256sum $f >SHA256SUMS'
spoilt "files behind a signature's back" '^FAILED signatures/officer.xml' bash -c \
    'echo >>summary.xml; f=$(cut -c 67- SHA256SUMS); sha256sum $f >SHA256SUMS'
spoilt "a part of another form" '^FAILED parts/account-0001.xml' \
    sed -i 's/ source="/ sauce="/' parts/account-0001.xml
spoilt "a session's record" '^ALTERED: record' \
    sed -i '2s/alice/mallo/' "trail/web1/$session/records.jsonl"
spoilt "a hash of a host's trail" '^FAILED trail/web1' \
    sed -i '/^[0-9]/s/[0-4]$/5/; /^[0-9]/s/[6-9a-f]$/4/' "trail/web1/outline-$tree"
spoilt "another's time stamp" '^FAILED signatures/officer.tsr' \
    sed -i '$d' signatures/officer.xml
# Somebody else's keys: the guide's trust is from outside.
mkdir theirs
"$reeve" evidence keygen --no-passphrase --name officer theirs >/dev/null 2>&1
spoilt "a pack that was signed by somebody else" '^FAILED signatures/officer.xml' bash -c \
    "rm -r signatures && '$reeve' evidence sign --key '$SANDBOX/theirs/officer.pem' --name officer --rehearsal . >/dev/null 2>&1"
report
