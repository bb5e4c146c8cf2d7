#!/usr/bin/env bash
# Root attacks the trail. Each attack says whether the host's own files show
# it, or only a checkpoint held elsewhere does. The two verifiers, ours and
# the one in contrib/, must agree on every sample, good and bad.
set -u
. "$(dirname "$0")/lib.sh"
sandbox "$@"

reevectl=${REEVECTL:-$top/build/release/reevectl}
tool=$top/build/release/tests/tool_trail
python=$top/contrib/trail-verify.py
[ -x "$reevectl" ] && [ -x "$tool" ] ||
    make -s -C "$top" build/release/reevectl build/release/tests/tool_trail
number=0

# A directory T of its own, with T/trail, T/run, T/key and T/c.conf.
fresh() {
	number=$((number + 1))
	T=$SANDBOX/trail.$number
	mkdir -p "$T"
	printf '[reeve]\nstate_directory = %s\nrun_directory = %s\ntrail_directory = %s\n' \
	    "$T/state" "$T/run" "$T/trail" >"$T/c.conf"
	trail init --org example.com >"$T/key" 2>/dev/null
	K=$(cat "$T/key")
	S=$T/trail/segment-00000001.jsonl
}

trail() {
	"$reevectl" --config "$T/c.conf" trail "$@"
}

append() {
	"$tool" append "$T/trail" "$@" >/dev/null
}

# Ten records, a checkpoint kept elsewhere as T/held, three records more.
lived() {
	fresh
	append 10
	trail checkpoint >"$T/held"
	append 3
}

# judge NAME STATUS WORDS ARGUMENT...: both verifiers say STATUS; ours says
# WORDS as well.
judge() {
	local name=$1 status=$2 words=$3 ours theirs said

	shift 3
	said=$(trail verify "$@" 2>&1)
	ours=$?
	python3 "$python" "$@" >"$T/python" 2>&1
	theirs=$?
	if [ "$ours" = "$status" ] && [ "$theirs" = "$status" ] &&
	    grep -qF -- "$words" <<<"$said"; then
		ok "$name"
	else
		not_ok "$name (ours $ours, contrib $theirs, wanted $status)"
		printf '%s\n' "$said" "$(cat "$T/python")" | sed 's/^/  | /'
	fi
}

# A line's number in the file is its seq + 1 while there is one segment.
lived
judge "a trail as it was written verifies" 0 "first key: $K" --key "$K" "$T/trail"
judge "without a checkpoint from elsewhere it says what is not provable" 0 \
    "not provable without a checkpoint held elsewhere: that records from 0 on" "$T/trail"
judge "with one, it says which records can't have changed" 0 \
    "records 0 to 13 can't have changed" --checkpoint "$T/held" "$T/trail"
other=$K
lived
judge "another first key than the one kept elsewhere is noticed" 3 "first key" \
    --key "$other" "$T/trail"
sed -i '8s/alice/mallo/' "$S"
judge "altered record, from the host's files" 3 "record 7 was altered" "$T/trail"

lived
sed -i '8s/"v":1/"v";1/' "$S"
judge "a record made unreadable, from the host's files" 3 "record 7 was altered" "$T/trail"

lived
sed -i '18s/alice/mallo/' "$S"
judge "altered last record: the host's files do not show it" 0 "not provable" "$T/trail"
lived
trail checkpoint >"$T/held"
cp "$T/held" "$T/trail/checkpoint"
sed -i '18s/alice/mallo/' "$S"
judge "altered record under a checkpoint, from the host's files" 3 "record 17 was altered" \
    "$T/trail"

lived
sed -i '12q' "$S"
judge "cut tail, from the host's checkpoint" 4 "record 12 is cut off" "$T/trail"
lived
truncate -s -9 "$S"
judge "cut in the middle of a record" 4 "record 17 is cut off" "$T/trail"

lived
rm "$T/trail/checkpoint"
judge "removed checkpoint file, from the host's files" 4 "checkpoint is missing" "$T/trail"
lived
echo junk >"$T/trail/checkpoint"
judge "spoilt checkpoint file, from the host's files" 3 "checkpoint" "$T/trail"

fresh
append 5
trail checkpoint >"$T/early"
cp -a "$T/trail" "$T/old"
append 5
trail checkpoint >"$T/held"
rm -rf "$T/trail"
mv "$T/old" "$T/trail"
judge "rolled back to an old valid copy: the host's files do not show it" 0 "not provable" \
    "$T/trail"
judge "rolled back: an early checkpoint does not show it" 0 "can't have changed" \
    --checkpoint "$T/early" "$T/trail"
judge "rolled back: a later checkpoint held elsewhere shows it" 4 "is cut off" \
    --checkpoint "$T/held" "$T/trail"
check "rolled back in the same boot: nothing is signed any more" \
    bash -c '"$@" 2>&1 | grep -q "cut off: it was signed"' _ \
    "$reevectl" --config "$T/c.conf" trail checkpoint
trail epoch --restored >/dev/null 2>&1
judge "rolled back, and said so: a new origin that nobody certified" 1 "UNCERTIFIED" "$T/trail"
append 20
trail checkpoint >/dev/null
judge "rolled back and grown: a checkpoint held elsewhere shows it" 3 "another root" \
    --checkpoint "$T/held" "$T/trail"

fresh
append 30 3000
append 10 3000
trail checkpoint >"$T/held"
cp -a "$T/trail" "$T/whole"
judge "several segments verify" 0 "records:" --checkpoint "$T/held" "$T/trail"
rm "$T/trail/segment-00000003.jsonl"
judge "deleted segment, from the host's files" 4 "segment 3 is missing" "$T/trail"
rm -rf "$T/trail" && cp -a "$T/whole" "$T/trail"
segments=("$T"/trail/*.jsonl)
rm "${segments[-1]}"
judge "deleted last segment, from the host's checkpoint" 4 "is cut off" "$T/trail"
rm -rf "$T/trail" && cp -a "$T/whole" "$T/trail"
rm "$T"/trail/segment-*
judge "all segments deleted" 4 "no segment" "$T/trail"
rm -rf "$T/trail" && cp -a "$T/whole" "$T/trail"
mv "$T/trail/segment-00000002.jsonl" "$T/trail/x"
mv "$T/trail/segment-00000003.jsonl" "$T/trail/segment-00000002.jsonl"
mv "$T/trail/x" "$T/trail/segment-00000003.jsonl"
judge "segments swapped, from the host's files" 4 "is missing" "$T/trail"
rm -rf "$T/trail" && cp -a "$T/whole" "$T/trail"
sed -i '$d' "$T/trail/segment-00000002.jsonl"
judge "a closed segment's last record removed" 4 "is missing" "$T/trail"
truncate -s -5 "$T/trail/segment-00000002.jsonl"
judge "a closed segment cut in a record" 4 "is cut off at the end of segment 2" "$T/trail"

lived
mv "$T/trail" "$T/gone"
rm -rf "$T/run"
trail init --org example.com >/dev/null 2>&1
append 12
judge "deleted all and begun anew: the host's files do not show it" 0 "not provable" "$T/trail"
judge "deleted all and begun anew: the key kept elsewhere shows it" 3 "first key" \
    --key "$K" "$T/trail"
judge "deleted all and begun anew: a checkpoint held elsewhere shows it" 3 "another root" \
    --checkpoint "$T/held" "$T/trail"

lived
sed -i -e '9{h;d}' -e '10G' "$S"
judge "reordered records, from the host's files" 3 "record 8 is not in its place" "$T/trail"
lived
sed -i '9d' "$S"
judge "a record removed, from the host's files" 4 "record 8 is missing" "$T/trail"
lived
sed -i '9p' "$S"
judge "a record repeated, from the host's files" 3 "record 9 is not in its place" "$T/trail"

# With today's key root signs anew what is behind the last checkpoint that left.
fresh
append 5
trail checkpoint >"$T/early"
cp -a "$T/trail" "$T/old"
append 5
trail checkpoint >"$T/held"
rm -rf "$T/trail" "$T/run/trail.signed"
mv "$T/old" "$T/trail"
append 9
trail checkpoint >/dev/null
judge "signed anew with the living key: the host's files do not show it" 0 "not provable" \
    --key "$K" "$T/trail"
judge "signed anew: a checkpoint from before does not show it" 0 "not provable" \
    --checkpoint "$T/early" "$T/trail"
judge "signed anew: the checkpoint that had left shows it" 3 "another root" \
    --checkpoint "$T/held" "$T/trail"

# Root of a later epoch rewrites an earlier one, with a chain that fits.
fresh
append 5
trail checkpoint >/dev/null
trail epoch >/dev/null
append 5
trail checkpoint >/dev/null
python3 - "$S" <<'END'
import hashlib, re, sys
lines = open(sys.argv[1], "rb").read().split(b"\n")[:-1]
prev = None
for i, line in enumerate(lines):
    line = line.replace(b"alice", b"mallo") if i == 5 else line
    if prev:
        line = re.sub(rb'"prev":"[0-9a-f]{64}"', b'"prev":"' + prev + b'"', line, count=1)
    prev = hashlib.sha256(line).hexdigest().encode()
    lines[i] = line
open(sys.argv[1], "wb").write(b"\n".join(lines) + b"\n")
END
judge "rewritten with a chain that fits: signed checkpoints show it" 3 \
    "of the records 3 to 8 one was altered" --key "$K" "$T/trail"

# Root begins the trail anew, as if a machine had lost its keys at once.
fresh
head -n 1 "$S" >"$T/begun" && cat "$T/begun" >"$S"
rm -rf "$T/trail/checkpoint" "$T/trail/tree" "$T/trail/key.next" "$T/run"
trail epoch >/dev/null
append 3
trail checkpoint >/dev/null
judge "an origin that nobody certified is told, also if it is the first" 1 \
    "UNCERTIFIED" "$T/trail"
judge "a trail that begins with another key than the one given is another" 3 \
    "names another first key than the one given" --key "$K" "$T/trail"

# Nothing that can't be read passes for an origin that nobody certified.
fresh
rm "$S" && mkdir "$S"
python3 "$python" "$T/trail" >/dev/null 2>&1
is "a segment that is no file is altered" 3 $?

# What a crash leaves, and an attack that looks like one.
lived
printf '{"v":1,"seq":18,"pr' >>"$S"
judge "a torn tail is incomplete until it is mended" 4 "19 bytes at the end are no record" \
    "$T/trail"
append 1
judge "a mended tail verifies, and the repair is counted" 0 "repaired after a crash: 1" "$T/trail"
head -c 4096 /dev/zero >>"$S"
append 1
judge "a tail of NUL bytes is mended" 0 "repaired after a crash: 2" "$T/trail"
sed -i 's/"torn_length":19/"torn_length":18/' "$S"
judge "a repair that does not account for the bytes is none" 3 "was altered" "$T/trail"
lived
trail checkpoint >"$T/held"
size=$(stat -c %s "$S")
truncate -s $((size - 600)) "$S"
append 1
judge "a cut that looks like a crash, mended: the host's own checkpoint shows it" 3 \
    "another root" "$T/trail"

# Clones, restores, lost keys.
lived
cp -a "$T/trail" "$T/clone"
rm -rf "$T/trail" && mv "$T/clone" "$T/trail"
refuse "a clone does not go on silently" trail epoch
judge "a clone begins an origin that nobody certified" 1 "UNCERTIFIED" --key "$K" "$T/trail"
lived
rm "$T/trail/key.next"
refuse "a lost key does not go on silently" trail epoch
judge "a lost key begins an origin that nobody certified" 1 "UNCERTIFIED" "$T/trail"
lived
cp "$T/trail/key.next" "$T/key.old"
trail epoch >/dev/null && trail epoch >/dev/null
cp "$T/key.old" "$T/trail/key.next"
refuse "an old key does not go on silently" trail epoch
lived
for _ in 1 2 3; do
	trail epoch >/dev/null
	append 2
done
judge "epoch follows epoch, each certified by the one before" 0 "first key: $K" \
    --key "$K" --checkpoint "$T/held" "$T/trail"

# Checkpoints as syslog has them.
lived
{
	echo "Nov 24 12:00:00 h sshd[1]: Accepted"
	printf 'Nov 24 12:00:01 h reevectl[2]: trail checkpoint: '
	tr '\n' '|' <"$T/held"
	echo
} >"$T/log"
judge "checkpoints are found in a log" 0 "records 0 to 13 can't have changed" \
    --checkpoint "$T/log" "$T/trail"

# Proofs of one session.
lived
trail checkpoint >/dev/null
check "a session's records are exported with proofs" \
    trail export --proof 00000000-0000-4000-8000-000000000001 "$T/proofs"
check "the proofs verify" trail verify --proofs "$T/proofs" --key "$K"
check "and by the other verifier" \
    python3 "$python" --proofs --key "$K" "$T/proofs"
sed -i '3s/alice/mallo/' "$T/proofs/records.jsonl"
trail verify --proofs "$T/proofs" >/dev/null 2>&1
check "an altered record has no proof" [ $? = 3 ]
python3 "$python" --proofs "$T/proofs" >/dev/null 2>&1
check "nor for the other verifier" [ $? = 3 ]

# Copies and pruning.
fresh
"$tool" --at 1500000000 append "$T/trail" 40 3000 >/dev/null
trail checkpoint >"$T/held"
trail epoch >/dev/null
"$tool" --at 1500000000 append "$T/trail" 40 3000 >/dev/null
trail checkpoint >"$T/held2"
check "a copy is made" trail export "$T/copy"
judge "the copy verifies" 0 "records:" --key "$K" --checkpoint "$T/held2" "$T/copy"
check "old segments are pruned into an archive" trail prune --archive "$T/archive"
check "hashes stay for them" [ -s "$T/trail/segment-00000001.pruned" ]
refuse "and their records are gone" [ -e "$T/trail/segment-00000001.jsonl" ]
judge "the rest stays provable, from the first key and early checkpoints on" 0 "records pruned" \
    --key "$K" --checkpoint "$T/held" --checkpoint "$T/held2" "$T/trail"
check "the archive holds the segment as it was" \
    cmp "$T/archive/segment-00000001.jsonl" "$T/copy/segment-00000001.jsonl"
cp "$T/archive/segment-00000003.jsonl" "$T/trail/"
judge "an archived segment can be put back" 0 "records pruned" --key "$K" "$T/trail"
rm "$T/trail/segment-00000003.jsonl"
trail checkpoint >/dev/null
check "signing goes on after pruning" [ -s "$T/trail/checkpoint" ]
check "a pruned trail is copied" trail export "$T/pruned"
pruned=$T/pruned
cp "$T/trail/segment-00000002.pruned" "$T/stub"
sed -i '3y/0123456789abcdef/123456789abcdef0/' "$T/trail/segment-00000002.pruned"
judge "an altered hash of a pruned record, from the host's files" 3 "altered" "$T/trail"
cp "$T/stub" "$T/trail/segment-00000002.pruned"
rm "$T/trail/segment-00000001.pruned"
judge "deleted hashes of a pruned segment" 4 "segment 1 is missing" "$T/trail"

# Spoilt at random. SOAK=1 takes longer.
lived
printf 'torn' >>"$S"
append 2 2500
trail epoch >/dev/null
append 4 2500
trail checkpoint >/dev/null
trail export "$T/good" >/dev/null
rounds=$([ -n "${SOAK-}" ] && echo 20000 || echo 150)
differ() {
	python3 "$top/tests/trail_differ.py" "$rounds" "$1" "$2" "$T/spoilt" \
	    "$reevectl" --config "$T/c.conf" trail verify
}
check "both verifiers agree on $rounds trails spoilt at random" differ "${SEED-1}" "$T/good"
check "and on $rounds pruned ones" differ "${SEED-2}" "$pruned"

# tick, with a boot id of our own.
fresh
cat >>"$T/c.conf" <<END
[notice]
mail_from = reeve@example.com
sendmail = $T/sendmail
END
printf '#!/bin/sh\n{ echo "$@"; cat; } >>%s\n' "$T/mail" >"$T/sendmail"
chmod 755 "$T/sendmail"
useradd -M alice
cat /proc/sys/kernel/random/uuid >"$T/boot"
mount --bind "$T/boot" /proc/sys/kernel/random/boot_id
"$tool" open "$T/trail" 1 >/dev/null
umount /proc/sys/kernel/random/boot_id
"$tool" session "$T/run" 00000000-0000-4000-8000-00000000000a
touch "$T/run/verdicts/p999999999-1" "$T/run/verdicts/p999999999-2.taken"
check "a tick does its work" trail tick
left() { find "$T/run/verdicts" -mindepth 1 | grep .; }
refuse "it removes verdicts that nobody will take" left
lost=$(trail show --type lost)
check "it closes a session whose tasks are gone" grep -q \
    'session="00000000-0000-4000-8000-00000000000a".* ended_before=' <<<"$lost"
check "and one of an earlier boot, with the time in which it ended" grep -q \
    'session="00000000-0000-4000-8000-000000000001" ended_after=.* ended_before=' <<<"$lost"
check "it mails the holder" grep -q 'Subject: .*login of alice' "$T/mail"
check "the next tick does its work" trail tick
check "and closes nothing twice" [ "$(trail show --type lost | wc -l)" = 2 ]
check "and mails nothing twice" [ "$(grep -c Subject "$T/mail")" = 1 ]
judge "the key of the boot before does not sign in this one" 0 "first key" --key "$K" "$T/trail"
mount --bind "$T/boot" /proc/sys/kernel/random/boot_id
check "a boot begins an epoch by itself" trail tick
judge "and all that verifies" 0 "records" --key "$K" "$T/trail"
umount /proc/sys/kernel/random/boot_id
report
