#!/usr/bin/env bash
# reeve trail: real lines of a real sshd, sudo and su; wtmp; Reeve's own trail,
# whole, grown, cut, altered; and nothing counted twice.
set -u
. "$(dirname "$0")/lib.sh"
[ -n "${SANDBOX-}" ] || packages sqlite3
sandbox "$@"

reeve=${REEVE:-$top/build/release/reeve}
reevectl=$top/build/release/reevectl
tool=$top/build/release/tests/tool_trail
[ -x "$reeve" ] && [ -x "$reevectl" ] && [ -x "$tool" ] ||
    make -s -C "$top" build/release/reeve build/release/reevectl \
	build/release/tests/tool_trail
export TZ=UTC REEVE_DB=$SANDBOX/review.db
unset REEVE_CONFIG
log=$SANDBOX/auth.log

# ---- A real sshd ----

syslog_start
person alice secretpw
person bob otherpw
mkdir keys
ssh-keygen -q -t ed25519 -N '' -f keys/one
ssh-keygen -q -t ed25519 -N '' -f keys/ca
install -d -o alice -m 700 people/alice/.ssh
install -o alice -m 600 keys/one.pub people/alice/.ssh/authorized_keys
ssh-keygen -q -A
cat >sshd_config <<X
Port 2222
ListenAddress 127.0.0.1
UsePAM yes
PasswordAuthentication yes
KbdInteractiveAuthentication yes
HostKey /etc/ssh/ssh_host_ed25519_key
StrictModes no
X
/usr/sbin/sshd -f sshd_config
wait_for 5 bash -c 'echo >/dev/tcp/127.0.0.1/2222'
cat >answer <<'X'
#!/bin/sh
echo "$ANSWER"
X
chmod 755 answer
export SSH_ASKPASS=$PWD/answer SSH_ASKPASS_REQUIRE=force ANSWER=secretpw

# into USER METHOD [OPTION...]
into() {
	local user=$1 method=$2

	shift 2
	ssh -p 2222 -o StrictHostKeyChecking=no -o LogLevel=ERROR \
	    -o UserKnownHostsFile=/dev/null -o NumberOfPasswordPrompts=1 \
	    -o IdentitiesOnly=yes -o "PreferredAuthentications=$method" "$@" \
	    -l "$user" 127.0.0.1 true
}

into alice publickey -i keys/one
into alice publickey -i keys/one
into alice password
into alice keyboard-interactive
ANSWER=wrong into alice password
ANSWER=hunter2 into 'root from 1.2.3.4 port 22 ssh2' password
ANSWER=hunter2 into s3cretname keyboard-interactive
printf 'alice ALL=(ALL) NOPASSWD: ALL\n' >/etc/sudoers.d/alice
chmod 440 /etc/sudoers.d/alice
spoof="$SANDBOX/people/alice/x ; USER=bob ; COMMAND=y"
mkdir "$spoof"
(cd / && as alice sudo id)
(cd / && as alice sudo -l)
(cd "$spoof" && as alice sudo id)
(cd / && printf 'wrong\n' | as bob sudo -S id)
(cd / && printf 'secretpw\n' | as bob su alice -c id)
(cd / && printf 'bad\n' | as bob su alice -c id)
sleep 0.2
# As rsyslog writes it: the priority gone, the host put in.
sed -E 's/^<[0-9]+>(.{15}) /\1 testhost /' "$SANDBOX/syslog.log" >"$log"
fingerprint=$(ssh-keygen -lf keys/one.pub | awk '{ print $2 }')

answers "auth.log of a real sshd is imported" 0 "auth.log" "$reeve" trail "$log"
asked "logins by key are known by the key's fingerprint" 2 \
    "SELECT sessions FROM use_day WHERE name='alice' AND key='$fingerprint'
     AND origin='127.0.0.1' AND result='success' AND service='sshd'"
asked "logins by password and by keyboard-interactive count" 2 \
    "SELECT sessions FROM use_day WHERE name='alice' AND key=''
     AND result='success' AND service='sshd'"
asked "a wrong password is alice's failure" 1 \
    "SELECT sessions FROM use_day WHERE name='alice' AND result='failure'
     AND service='sshd'"
asked "names of nobody are counted by their true origin" '127.0.0.1|2' \
    "SELECT origin, sessions FROM use_day WHERE name='' AND service='sshd'"
asked "sudo is a use of root by alice, whatever the folder is called" 'root|alice|2' \
    "SELECT name, origin, sessions FROM use_day WHERE service='sudo'
     AND result='success'"
asked "a refused sudo is a failure of bob's" 'bob' \
    "SELECT DISTINCT origin FROM use_day WHERE service='sudo'
     AND result='failure'"
asked "su is a use of alice by bob" 'alice|bob|1|1' \
    "SELECT name, origin, sum(sessions * (result='success')),
     sum(sessions * (result='failure')) FROM use_day WHERE service='su'"
asked "no line that should be read is refused" 0 \
    "SELECT refused FROM trail_import"
refuse "what was typed as a name is nowhere in the database" \
    grep -qE 's3cretname|hunter2|1\.2\.3\.4' "$REEVE_DB" "$REEVE_DB-wal"

total='SELECT sum(sessions) FROM use_day'
before=$(ask "$total")
answers "the same file again is seen before" 0 "seen before" \
    "$reeve" trail "$log"
asked "and changes nothing" "$before" "$total"
next=$(date -u -d '+1 hour' '+%b %e %H:%M:%S')
printf '%s testhost sshd[9]: Accepted password for alice from 127.0.0.1 port 9 ssh2\n' \
    "$next" >>"$log"
answers "a log that has grown is imported" 0 "imported" "$reeve" trail "$log"
asked "and only what is new counts" "$((before + 1))" "$total"

# ---- A real journald ----

# It wants control groups, which a bare root need not have.
journald=/lib/systemd/systemd-journald
if [ -x "$journald" ] && [ -n "$(ls -A /sys/fs/cgroup)" ]; then
	mkdir -p /run/systemd/journal /run/log/journal
	[ -s /etc/machine-id ] || printf '%032d\n' 7 >/etc/machine-id
	printf '[Journal]\nStorage=volatile\nReadKMsg=no\nAudit=no\n' \
	    >/etc/systemd/journald.conf
	"$journald" >journald.log 2>&1 &
	wait_for 5 test -S /run/systemd/journal/dev-log
	ln -sf /run/systemd/journal/dev-log /dev/log
	(cd / && as alice sudo id)
	as alice logger -t sshd \
	    'Accepted password for root from 6.6.6.6 port 6 ssh2'
	into alice publickey -i keys/one
	wait_for 5 sh -c 'journalctl -D /run/log/journal |
	    grep -q "session closed for user alice"'
	journalctl -D /run/log/journal -o export >journal.export
	journalctl -D /run/log/journal -o json >journal.json
	answers "a journal's export is imported" 0 "journal" \
	    "$reeve" trail --host j1 journal.export
	asked "with the key of a login, and with sudo" '1|1' \
	    "SELECT sum(key = '$fingerprint'), sum(service = 'sudo' AND
	     origin = 'alice') FROM use_day WHERE host = 'j1'"
	asked "what another than root wrote as sshd is refused" '1|0' \
	    "SELECT refused, (SELECT count(*) FROM use_day
	     WHERE origin = '6.6.6.6') FROM trail_import WHERE host = 'j1'"
	"$reeve" trail --host j2 journal.json >/dev/null
	asked "as JSON it says the same" 0 \
	    "SELECT count(*) FROM (SELECT name, service, key, origin, sessions
	     FROM use_day WHERE host = 'j1' EXCEPT SELECT name, service, key,
	     origin, sessions FROM use_day WHERE host = 'j2')"
else
	skip "there is no journald here, or no control groups for it"
fi

# ---- wtmp ----

python3 - "$SANDBOX/wtmp" <<'X'
import struct, sys
def record(kind, pid, user, at):
    return struct.pack("<h2xi32s4s32s256shhiii16s20x", kind, pid, b"pts/0",
        b"ts/0", user, b"", 0, 0, 0, at, 0, bytes([10, 0, 0, 9]) + bytes(12))
open(sys.argv[1], "wb").write(record(7, 5, b"carol", 1795953600) +
    record(8, 5, b"", 1795953700))
X
answers "wtmp needs to be told whose it is" 2 "--host NAME" \
    "$reeve" trail "$SANDBOX/wtmp"
answers "wtmp is imported" 0 "wtmp" "$reeve" trail --host db9 "$SANDBOX/wtmp"
asked "with its origin" 'carol|db9|10.0.0.9' \
    "SELECT name, host, origin FROM use_day WHERE service='wtmp'"

# ---- Reeve's own ----

own() {
	"$reevectl" --config "$SANDBOX/own.conf" trail "$@"
}

# copy NAME: an export of the trail as it is, as a directory of that name.
copy() {
	mkdir "$SANDBOX/$1" && own export "$SANDBOX/$1" >/dev/null
}

mkdir own
printf '[reeve]\nstate_directory = %s/own/state\nrun_directory = %s/own/run\ntrail_directory = %s/own/trail\n' \
    "$SANDBOX" "$SANDBOX" "$SANDBOX" >own.conf
key=$(own init --org example.com 2>/dev/null)
for i in 1 2 3; do
	"$tool" open own/trail 1 >/dev/null
	"$tool" close own/trail 1 >/dev/null
done
own checkpoint >/dev/null
"$tool" open own/trail 1 >/dev/null
mkdir db1 && cp -a own/trail/. db1/
answers "Reeve's own trail is verified and imported" 0 "first key kept" \
    "$reeve" --format csv trail db1
asked "its sessions count, up to its latest checkpoint" 3 \
    "SELECT sessions FROM use_day WHERE host='db1' AND name='alice'"
asked "its first key is kept" "$key" "SELECT key FROM host_pin WHERE host='db1'"
answers "the same trail again changes nothing" 0 "seen before" \
    "$reeve" trail db1
own checkpoint >/dev/null
rm -r db1 && mkdir db1 && cp -a own/trail/. db1/
answers "a trail that has grown is imported" 0 "imported" "$reeve" trail db1
asked "from where the last import ended" 4 \
    "SELECT sessions FROM use_day WHERE host='db1' AND name='alice'"

mkdir -p old/db1 && cp -a db1/. old/db1/
"$tool" open own/trail 2 >/dev/null
own checkpoint >/dev/null
rm -r db1 && mkdir db1 && cp -a own/trail/. db1/
answers "and on it goes" 0 "imported" "$reeve" trail db1
answers "a trail rolled back to an older copy does not verify" 3 \
    "DOES NOT VERIFY" "$reeve" trail old/db1
asked "which is recorded" 1 \
    "SELECT count(*) FROM trail_import WHERE verified=0 AND host='db1'"
printf 'account,name\nalice,Alice\n' >accounts.csv
"$reeve" --quiet pull csv:accounts.csv >/dev/null
"$reeve" --quiet check >/dev/null
answers "and a critical finding" 1 "AR-192,critical" \
    "$reeve" --format csv findings
asked "and changes no fact" 6 \
    "SELECT sessions FROM use_day WHERE host='db1' AND name='alice'"
sed -i '5s/alice/mallo/' db1/segment-00000001.jsonl
answers "an altered trail does not verify" 3 "was altered" "$reeve" trail db1
rm -rf own db1 && mkdir own
own init --org example.com >/dev/null 2>&1
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	"$tool" open own/trail 2 >/dev/null
done
own checkpoint >/dev/null
mkdir db1 && cp -a own/trail/. db1/
answers "a trail begun anew does not pass for the old one" 3 "first key" \
    "$reeve" trail db1
answers "without persons it says how to enrol one" 2 "reeve person add NAME" \
    "$reeve" trail --anew db1
mkdir ann bob
for name in ann bob; do
	HOME=$PWD/$name "$reeve" person add "$name" </dev/null >/dev/null 2>&1
done
# by NAME COMMAND...
by() {
	HOME=$PWD/$1 "${@:2}"
}
answers "one person can't let it begin anew" 4 "second person" \
    by ann "$reeve" trail --anew db1
answers "not even by saying it twice" 2 "another person" \
    by ann "$reeve" trail --anew db1
answers "two can" 0 "done, by ann" by bob "$reeve" trail --anew db1
answers "then its first key is kept" 0 "first key kept" "$reeve" trail db1
asked "and who let it is on record" 1 \
    "SELECT count(*) FROM trail_import
     WHERE head LIKE 'begun anew, say ann (act 3), bob (act 4)%'"
answers "a key is confirmed only if it is the one that is kept" 2 \
    "must be the one" by ann "$reeve" trail --confirm db1 --key "$key"
kept=$(ask "SELECT key FROM host_pin WHERE host='db1'")
answers "by one person" 4 "second person" \
    by bob "$reeve" trail --confirm db1 --key "$kept"
answers "and another" 0 "done" \
    by ann "$reeve" trail --confirm db1 --key "$kept"
asked "who are recorded" 1 \
    "SELECT count(*) FROM host_pin
     WHERE host='db1' AND confirmed LIKE 'bob (act 5), ann (act 6)'"
answers "reeve verify finds all of it signed" 0 "verified: 6 acts" \
    "$reeve" verify
answers "another host's is nothing to it" 0 "imported" \
    "$reeve" trail --host db2 db1
answers "a first key from elsewhere must be the trail's" 3 "first key" \
    "$reeve" trail --host db3 --key "$key" db1
answers "a directory that is no trail is refused" 2 "no trail" \
    "$reeve" trail people
report
