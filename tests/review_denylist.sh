#!/usr/bin/env bash
# From a decision to a closed door: decided, approved, signed, brought to the
# host by contrib/, refused at a real sshd at the next login although the
# account is as it was; and what a list can't do.
set -u
. "$(dirname "$0")/lib.sh"
packages openssh-server sqlite3
sandbox "$@"
reeve_host

reeve=${REEVE:-$top/build/release/reeve}
[ -x "$reeve" ] || make -s -C "$top" build/release/reeve
export TZ=UTC REEVE_DB=$SANDBOX/review.db
pinned=/etc/reeve/denylist.pub
door=$top/contrib/review
srv=$SANDBOX/srv
mkdir -p "$srv/denylist"

officer() { # NAME ARGUMENT...: reeve by that officer's key
	local name=$1

	shift
	"$reeve" --key "$SANDBOX/$name.officer" "$@"
}

# ---- The host: four administrators who all come in ----

word='long Horse 4 battery'
shipped sshd
groupadd dbusers
for name in wang chen lin tsai; do
	person "$name" "$word" -G admins,dbusers
	key "$name"
	reevectl enroll "$name" sshkey --fingerprint \
	    "$(ssh-keygen -l -f "$SANDBOX/$name.key.pub" | cut -d' ' -f2)" \
	    >/dev/null
done
sshd_start publickey,keyboard-interactive
login() {
	PASSWORD=$word by_ssh "$1" true
}
for name in chen lin; do
	check "before: $name comes in" login "$name"
done

# ---- The review machine ----

for name in kao wu; do
	ssh-keygen -q -t ed25519 -N '' -f "$SANDBOX/$name.officer"
done
mkdir -p hosts/testhost
"$door/collect" | tar -C hosts/testhost -xf -
cat >people.csv <<'X'
employee,name,department,status,left
E1,Wang,IT,left,2026-01-05
E2,Chen,IT,active,
E3,Lin,IT,active,
E4,Tsai,IT,active,
E8,Kao,Audit,active,
E9,Wu,Audit,active,
X
cat >"$SANDBOX/review.conf" <<X
[review]
deny = nothing-here=testhost/sshd
[source hosts]
url = passwd:$SANDBOX/hosts
X
chmod 644 review.conf
prepare() {
	"$reeve" --config review.conf pull hosts &&
	    "$reeve" hr people.csv &&
	    "$reeve" hr match wang E1 && "$reeve" hr match chen E2 &&
	    "$reeve" hr match lin E3 && "$reeve" hr match tsai E4 &&
	    officer kao person add Kao --employee E8 &&
	    officer wu person add Wu --employee E9 || return
	"$reeve" check >/dev/null
	[ $? -le 1 ]
}
check 'the host is pulled, persons and officers are known' prepare

# decide NAME RIGHT DECISION: by the officer who is asked.
decide() {
	local question

	question=$(sqlite3 "$REEVE_DB" "SELECT i.question FROM item i
	    JOIN account_fact f ON f.object = i.account
	        AND f.until = 9223372036854775807
	    LEFT JOIN group_fact g ON g.object = i.\"right\"
	        AND g.until = 9223372036854775807
	    WHERE f.name = '$1' AND ifnull(g.name, '') = '$2'")
	officer kao decide "$question" "$3" --reason 'shown by a test'
}

open_campaign() {
	officer kao campaign open 2026Q4 --due 2030-01-01 --fallback E8 \
	    --type ad-hoc --include account=chen --include account=lin &&
	    officer kao campaign assign 2026Q4
}
check 'a campaign asks about chen and lin' open_campaign
key_of_list=$SANDBOX/denylist.key
"$reeve" denylist keygen --name denylist.example.com "$key_of_list" \
    >"$pinned" 2>/dev/null
chmod 644 "$pinned"

trail_mark
account=$(sqlite3 "$REEVE_DB" "SELECT max(\"right\" IS NULL) FROM item i
    JOIN account_fact f ON f.object = i.account WHERE f.name = 'chen'")
right=dbusers
[ "$account" = 0 ] || right=
check "it is decided that chen's account goes" decide chen "$right" disable
check "and that lin loses a right" decide lin dbusers revoke
answers 'one officer proposes a list' \
    0 '* wang ' officer kao denylist propose
refuse 'before a second one approved it there is nothing to bring' \
    officer kao denylist export 1 --sign "$key_of_list" "$srv/denylist/all"
answers 'who proposed it does not approve it' 2 '' \
    officer kao denylist approve 1
answers 'nor is it approved without a look at what is decided now' \
    2 'reeve denylist approve 1' officer wu approve "$(sqlite3 "$REEVE_DB" \
    'SELECT act FROM denied WHERE counter = 1')"
"$reeve" hr match tsai E1 >/dev/null
answers 'nor when somebody has left since' \
    2 '+ testhost * tsai ' officer wu denylist approve 1
"$reeve" hr match tsai E4 >/dev/null
answers 'another one does, and sees what changes' \
    0 '+ testhost * chen ' officer wu denylist approve 1
answers 'it is signed with a key that is no officer'"'s" \
    0 'signed by denylist.example.com' "$reeve" denylist export \
    --sign "$key_of_list" "$srv/denylist/all"
refuse "an officer's key does not sign lists" "$reeve" denylist export \
    --sign "$SANDBOX/kao.officer" "$srv/denylist/wrong"

# ---- Brought by contrib/, as the timer does it ----

ssh-keygen -q -t ed25519 -N '' -f "$SANDBOX/deliver"
sed "s|^PATH=|&$SANDBOX/bin:|" "$door/reeve-door" >"$SANDBOX/reeve-door"
chmod 755 "$SANDBOX/reeve-door"
printf 'restrict,command="%s/reeve-door" %s\n' "$SANDBOX" \
    "$(cat "$SANDBOX/deliver.pub")" >"$SANDBOX/authorized/root"
# Root's key alone, on a second door that is the delivery's own.
sed "s|^Port .*|Port 2223|; s|^PidFile .*|PidFile $SANDBOX/sshd2.pid|
    s|^AuthenticationMethods .*|AuthenticationMethods publickey|
    s|^UsePAM .*|UsePAM no|" "$SANDBOX/sshd_config" >"$SANDBOX/sshd2_config"
/usr/sbin/sshd -f "$SANDBOX/sshd2_config" -E "$SANDBOX/sshd2.log"
wait_for 10 test -s "$SANDBOX/sshd2.pid"
sed 's/:2222/:2223/' "$SANDBOX/known_hosts" >"$SANDBOX/known_hosts2"
export REEVE_SRV=$srv
REEVE_SSH="ssh -F none -p 2223 -o BatchMode=yes -i $SANDBOX/deliver"
REEVE_SSH+=" -o UserKnownHostsFile=$SANDBOX/known_hosts2"
REEVE_SSH+=" -o IdentitiesOnly=yes -o IdentityAgent=none -o LogLevel=ERROR"
export REEVE_SSH
printf '# hosts\ntesthost root@127.0.0.1\n' >"$srv/hosts"
check 'the list is brought and the trail fetched' "$door/reeve-deliver"
answers 'nothing else is let through' 2 'denylist, or trail' \
    $REEVE_SSH root@127.0.0.1 id
answers 'the list is in force' 0 'counter 1' reevectl denylist show

refuse 'chen is refused at the next login' login chen
check '... and the trail says why' recorded result=no reason=denylist \
    user=chen
answers '... although the account is as it was' 0 'chen P ' passwd -S chen
refuse 'wang, who left, is refused' login wang
check 'lin lost a right that no door enforces, and comes in' login lin
check 'tsai, of whom nothing was decided, comes in' login tsai
"$door/reeve-deliver" >/dev/null
check 'the trail that is fetched then has it' grep -qsa \
    '"reason":"denylist"' -r "$srv/trail/testhost"
check 'the same list is not brought twice' test \
    "$(trail_lines | grep -c '"type":"denylist"')" = 1

# ---- A right that review.conf maps ----

sed -i 's|nothing-here=|dbusers=|' review.conf
answers 'mapped, the right closes that one door' 0 \
    '+ testhost sshd lin - revoked -' officer kao --config review.conf \
    denylist propose
officer wu --config review.conf denylist approve 2 >/dev/null
"$reeve" denylist export --sign "$key_of_list" "$srv/denylist/testhost" \
    >/dev/null
answers 'more than half of the administrators: the host holds it' 1 \
    'list 2 is held' "$door/reeve-deliver"
check '... lin still comes in' login lin
refuse '... and leavers stay out' login wang
check 'root confirms' reevectl denylist install --confirm \
    "$srv/denylist/testhost"
refuse 'then lin is out' login lin
check '... and tsai is in' login tsai
answers 'one person does not use up the counters' 2 'too far above 2' \
    officer kao denylist propose --counter 9223372036854775807
answers 'a counter is never used again' 2 'is not above 2' \
    officer kao denylist propose --counter 2
officer kao --config review.conf denylist propose --scope testhost >/dev/null
officer wu --config review.conf denylist approve 3 >/dev/null
answers 'the list of one host is not that of all' 0 'list 2, signed' \
    "$reeve" denylist export --sign "$key_of_list" "$srv/denylist/again"

kill "$(cat "$SANDBOX/sshd2.pid")" 2>/dev/null
sshd_stop
report
