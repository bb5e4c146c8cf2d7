#!/usr/bin/env bash
# Acts from the outside: persons and their keys, two of them on a held pull, the
# chain checked with ssh-keygen and sha256sum alone; two at once, kill -9 while
# signing, a full disk, a backup that is older than the head held elsewhere.
set -u
. "$(dirname "$0")/lib.sh"
[ -n "${SANDBOX-}" ] || packages sqlite3
sandbox "$@"

reeve=${REEVE:-$top/build/release/reeve}
[ -x "$reeve" ] || make -s -C "$top" build/release/reeve
export REEVE_DB=$SANDBOX/review.db
unset REEVE_KEY XDG_CONFIG_HOME SSH_ASKPASS

# by NAME ARGUMENT...: reeve, as that person.
by() {
	HOME=$SANDBOX/$1 "$reeve" "${@:2}"
}

# ---- Persons ----

mkdir ann bob carl eve
answers "the first person gets a key, and is told what it is" 0 \
    "stays secret" by ann person add Ann --employee E1 </dev/null
check "it is theirs alone" [ "$(stat -c %a ann/.config/reeve/key)" = 600 ]
answers "the second enrols the same way" 0 "as the second" \
    by bob person add Bob --employee E2 </dev/null
answers "two are told what a lost key would mean" 0 "If one of them loses a key" \
    by ann person list
answers "a third can't enrol themselves" 2 "two persons are enrolled already" \
    by carl person add Carl </dev/null
answers "one of the two does it" 0 "once a second person approves" by ann \
    person add Carl --role reviewer --pub carl/.config/reeve/key.pub
answers "which waits" 0 "waiting" by ann acts --waiting
answers "and counts for nothing yet" 2 "counts once a second person runs" \
    by carl approve 3
answers "until the other approves, who is shown what" 0 '"Carl"' by bob approve 3
answers "a name that looks like an option of allowed_signers is refused" 2 \
    "a name is one line" by ann person add 'x" cert-authority' --pub \
    carl/.config/reeve/key.pub
by ann person list --roster >roster

# ---- A key with a passphrase, and an agent ----

printf '#!/bin/sh\necho secretphrase\n' >askpass
chmod 755 askpass
mkdir -p dora/.config/reeve
ssh-keygen -q -t ecdsa -N secretphrase -C '' -f dora/.config/reeve/key
by ann person add Dora --pub dora/.config/reeve/key.pub >/dev/null
by bob approve 5 >/dev/null
check "three are not" bash -c '! "$0" person list 2>&1 | grep "loses a key"' "$reeve"
answers "a passphrase is asked for as ssh does" 0 "act 7 " \
    env SSH_ASKPASS="$PWD/askpass" SSH_ASKPASS_REQUIRE=force \
    HOME="$SANDBOX/dora" "$reeve" person end Carl --reason 'left'
eval "$(ssh-agent -s)" >/dev/null
SSH_ASKPASS=$PWD/askpass SSH_ASKPASS_REQUIRE=force \
    ssh-add -q dora/.config/reeve/key </dev/null
mkdir agent
mv dora/.config/reeve/key agent/key
answers "an agent signs where only the public key is" 0 "act 8 " \
    by dora person end Ann --reason 'only a test'
kill "$SSH_AGENT_PID"
unset SSH_AUTH_SOCK SSH_AGENT_PID
answers "without either nothing is signed" 2 "failed" \
    env SSH_ASKPASS=/bin/false SSH_ASKPASS_REQUIRE=force \
    HOME="$SANDBOX/dora" "$reeve" person end Carl --reason no
answers "nor written" 0 "verified: 8 acts" "$reeve" verify
answers "a reviewer may approve" 0 "act 9 " by bob refuse 8 --reason 'a test'

# ---- Two persons on a held pull ----

printf 'account,name\n' >hr.csv
for i in $(seq 100); do echo "u$i,User $i"; done >>hr.csv
check "a first pull" by ann --quiet pull csv:hr.csv
sed -i '50,$d' hr.csv
answers "half of them lost is held" 4 "reeve pull --confirm 2" \
    by ann --quiet pull csv:hr.csv
answers "what would be lost is shown, and signed by one" 4 \
    "account gone: " by ann pull --confirm 2
answers "who is one person" 2 "another person is wanted" \
    by ann pull --confirm 2
answers "so it is still held" 4 "HELD" by ann --quiet pull csv:hr.csv
answers "the second lets it through" 0 "by Ann (act 10), Bob (act 11)" \
    by bob --quiet pull --confirm 2

# ---- From the outside: reeve-acts(5)'s own commands ----

by ann person list --roster >roster
by ann acts 10 --text >act
by ann acts 10 --signature >act.sig
check "ssh-keygen verifies who signed it" bash -c \
    'ssh-keygen -Y verify -f roster -I Ann -n reeve-act -s act.sig <act'
refuse "and not another person" bash -c \
    'ssh-keygen -Y verify -f roster -I Bob -n reeve-act -s act.sig <act'
digest=$({ cat act; echo; cat act.sig; } | sha256sum | cut -d' ' -f1)
by ann acts 11 --text >next
check "sha256sum verifies the link to the act before" \
    grep -q "\"previous\":\"$digest\"" next
rows=$(by ann acts 10 --rows confirmation | sha256sum | cut -d' ' -f1)
check "and the rows" \
    grep -q "{\"table\":\"confirmation\",\"rows\":1,\"digest\":\"$rows\"}" act
answers "an act's rows are shown" 0 '"pull","2"' by ann acts 10
head=$(by ann verify | sed -n 's/.*head: //p')
answers "all verifies, with the roster and the head" 0 "verified: 11 acts" \
    "$reeve" verify --roster roster --head "$head"
grep -v Bob roster >without
answers "who is not in the roster is not trusted" 3 "untrusted: act 2:" \
    "$reeve" verify --roster without

# ---- A backup, and an older one restored ----

answers "a backup says its head" 0 "$head" "$reeve" backup "$SANDBOX/old.db"
refuse "it replaces nothing" "$reeve" backup "$SANDBOX/old.db"
mkdir key4
ssh-keygen -q -t ed25519 -N '' -C '' -f key4/key
by ann person add Eve --pub key4/key.pub >receipt
newer=$(sed -n 's/^act //p' receipt)
answers "what was acknowledged later is missed in it" 3 \
    "incomplete: it ends at act 11; act 12 is held elsewhere" \
    "$reeve" --db "$SANDBOX/old.db" verify --head "$newer"

# ---- What was changed is named ----

cp "$SANDBOX/old.db" changed.db
chmod 600 changed.db
sqlite3 changed.db "DROP TRIGGER confirmation_fixed;
    UPDATE confirmation SET subject = '3'"
answers "a changed row is named" 3 \
    'altered: act 10: table confirmation, row 1 is not as it was signed' \
    "$reeve" --db changed.db verify
"$reeve" --db changed.db --format csv verify >faults.csv
check "also for machines" grep -q '^altered,10,' faults.csv
cp "$SANDBOX/old.db" broken.db
chmod 600 broken.db
# A byte of the fingerprints in the file itself.
at=$(grep -abo 'SHA256:' broken.db | head -n 1 | cut -d: -f1)
printf 'X' | dd of=broken.db bs=1 seek=$((at + 9)) conv=notrunc status=none
answers "so is a byte that was changed in the file" 3 "altered: " \
    "$reeve" --db broken.db verify

cp "$SANDBOX/old.db" zeros.db
chmod 600 zeros.db
dd if=/dev/zero of=zeros.db bs=8192 seek=60 count=30 conv=notrunc status=none
answers "and a file that can't be read as a database" 3 "malformed" \
    "$reeve" --db zeros.db verify
cp "$SANDBOX/old.db" zeros.db
page=$(sqlite3 zeros.db "SELECT rootpage FROM sqlite_schema
    WHERE name = 'act'")
dd if=/dev/zero of=zeros.db bs=8192 seek=$((page - 1)) count=1 conv=notrunc \
    status=none
answers "and the acts, where they can't be read" 3 "altered: " \
    "$reeve" --db zeros.db verify

# ---- Two at once ----

for i in 1 2 3 4; do
	for who in ann bob; do
		ssh-keygen -q -t ed25519 -N '' -C '' -f "key4/$who$i"
	done
done
# four NAME: enrols four persons, one after the other.
four() {
	local i

	for i in 1 2 3 4; do
		by "$1" person add "$1$i" --pub "key4/$1$i.pub" || return 1
	done
}
four ann >one.log 2>&1 &
one=$!
four bob >two.log 2>&1 &
two=$!
wait "$one"
check "of two who sign at once the one is served" [ $? -eq 0 ]
wait "$two"
check "and the other" [ $? -eq 0 ]
answers "one after the other, in one chain" 0 "verified: 20 acts" \
    "$reeve" verify --roster roster --head "$head"

# ---- kill -9 while the key is asked ----

mkfifo ready hold
mkdir slow
cat >slow/ssh-keygen <<X
#!/bin/sh
echo ready >"$SANDBOX/ready"
cat "$SANDBOX/hold" >/dev/null
exit 1
X
chmod 755 slow/ssh-keygen
HOME=$SANDBOX/ann PATH=$SANDBOX/slow:$PATH "$reeve" person end Bob \
    --reason x >/dev/null 2>&1 &
pid=$!
read -r _ <ready
kill -KILL "$pid"
wait "$pid" 2>/dev/null
echo >hold
answers "killed while signing nothing is left of it" 0 "verified: 20 acts" \
    "$reeve" verify
answers "and the next one goes on" 0 "act 21 " \
    by ann person end Bob --reason 'only a test'
printf '#!/bin/sh\necho nonsense\n' >slow/ssh-keygen
answers "nor of a signer's nonsense" 2 "no BEGIN or END line" \
    env HOME="$SANDBOX/ann" PATH="$SANDBOX/slow:$PATH" "$reeve" person end \
    Bob --reason x
answers "nor where there is no signer" 2 "can't be run" \
    env HOME="$SANDBOX/ann" PATH="$SANDBOX/none" "$reeve" person end Bob \
    --reason x

# ---- Found by review: what is forged by SQL has no effect ----

forge() { # SQL: in a copy, without anybody's key
	"$reeve" backup forged.db >/dev/null && sqlite3 forged.db "$1"
}
forge "INSERT INTO act VALUES (22, strftime('%s'), 'second', 2, '{}', 'x',
    zeroblob(32)); INSERT INTO second VALUES (22, 21, 'approved', '')"
answers "a second person's word that nobody signed lets nothing pass" 3 \
    "act 22" by ann --db forged.db person end Dora --reason x
answers "nor is anything judged by it" 3 "reeve verify" \
    by ann --db forged.db check
rm -f forged.db*
forge "INSERT INTO signer SELECT 99, act, 'Mall', NULL, 'officer',
    'ssh-ed25519 AAAA', 'SHA256:x', '' FROM signer WHERE id = 3"
answers "a person put beside another into an act signs nothing" 3 "act " \
    by ann --db forged.db person end Dora --reason x
rm -f forged.db*
mkdir -p twin/.config/reeve
ssh-keygen -q -t ed25519 -N '' -C '' -f twin/.config/reeve/key
by ann person add Twin --employee e1 --pub twin/.config/reeve/key.pub \
    >/dev/null
twin=$(by bob acts --waiting | awk '/person/ { n = $1 } END { print n }')
by bob approve "$twin" >/dev/null
answers "a number in another spelling is the same person's" 2 \
    "another person is wanted" by twin approve 21

# ---- A full disk ----

truncate -s 8M full.img
mkfs.ext4 -q -F -m 0 -b 4096 full.img || die "mkfs.ext4 failed"
mkdir full
mount -o loop full.img full || die "no loop device"
chmod 700 full
"$reeve" backup full/review.db >/dev/null
room=$(df --output=avail -B1 full | tail -n 1)
head -c $((room - 40000)) /dev/zero >full/filler
ssh-keygen -q -t rsa -b 4096 -N '' -C '' -f key4/rsa
answers "a full disk is named" 2 "full" by ann --db full/review.db \
    person add Rita --pub key4/rsa.pub --grounds "$(head -c 90000 /dev/zero |
    tr '\0' x)"
answers "also to a backup, which is not left half" 2 "full" \
    "$reeve" backup full/copy.db
refuse "at all" [ -e full/copy.db ]
rm full/filler
answers "and leaves the chain whole" 0 "verified: 23 acts" \
    "$reeve" --db full/review.db verify
report
