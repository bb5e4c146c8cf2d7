#!/usr/bin/env bash
# reeve daily and reeve sample: attempts at a real sshd become a record, an
# alert and a signature; a quiet day is zero and a dead host incomplete; an
# auditor repeats a sample with sha256sum and sort.
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

# at TIME COMMAND...: in a rehearsal the time is ours.
at() {
	local when=$1

	shift
	"$reeve" --now "$when" "$@"
}

# ---- A real sshd ----

syslog_start
person alice secretpw
ssh-keygen -q -A
cat >sshd_config <<X
Port 2222
ListenAddress 127.0.0.1
UsePAM yes
PasswordAuthentication yes
MaxStartups 100
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
export SSH_ASKPASS=$PWD/answer SSH_ASKPASS_REQUIRE=force ANSWER=hunter2

# into USER METHOD
into() {
	ssh -p 2222 -o StrictHostKeyChecking=no -o LogLevel=QUIET \
	    -o UserKnownHostsFile=/dev/null -o NumberOfPasswordPrompts=1 \
	    -o "PreferredAuthentications=$2" -l "$1" 127.0.0.1 true
}

tries=
for i in 1 2 3 4 5 6 7 8 9 10 11; do
	into "s3cret$i" password &
	tries="$tries $!"
done
into alice password &
# shellcheck disable=SC2086
wait $tries $!
ANSWER=secretpw into alice password
sleep 0.2
# As rsyslog writes it, at ten in the morning of 26 November in Taipei, among
# what a host says every hour.
hours() {
	local hour

	for ((hour = $2; hour <= $3; hour++)); do
		printf '%s %s CRON[1]: (root) CMD (true)\n' \
		    "$(date -u -d "2026-11-24T16:00:00Z + $hour hours" +%FT%TZ)" "$1"
	done
}
{
	hours db1 -1 34
	sed -E 's/^<[0-9]+>.{15} /2026-11-26T02:00:30Z db1 /' \
	    "$SANDBOX/syslog.log"
	hours db1 35 60
} >auth.log
"$reeve" init --rehearsal >/dev/null 2>&1
for name in wang chen; do
	ssh-keygen -q -t ed25519 -N '' -f "$name"
	at 2026-11-20T00:00:00Z --key "$SANDBOX/$name" person add "$name" \
	    --employee "E-$name" >/dev/null 2>&1
done

answers "what a real sshd wrote is imported" 0 "imported" \
    at 2026-11-26T02:05:00Z trail auth.log
answers "eleven names of nobody are one alert" 1 \
    "stuffing,127.0.0.1,db1,2026-11-26 10:00,2026-11-26 10:00,11,11" \
    at 2026-11-26T02:05:00Z --format csv daily --alert
asked "which is the only one" 1 "SELECT count(*) FROM daily_alert"
answers "and told once" 0 "" at 2026-11-26T02:06:00Z --quiet daily --alert
answers "days that are over get a record" 0 "2026-11-26" \
    at 2026-11-26T22:00:00Z daily --from 2026-11-25 --to 2026-11-26
asked "which counts 11 unknown, 1 wrong secret and 1 login" '11|1|1' \
    "SELECT facts ->> '\$.failed.unknown', facts ->> '\$.failed.secret',
     facts ->> '\$.logins' FROM daily WHERE source = 'db1'
     AND day = 20783"
asked "and of the quiet day before zero, which is complete" '0|complete' \
    "SELECT facts ->> '\$.failed.total', state FROM daily
     WHERE source = 'db1' AND day = 20782"
refuse "what was typed as a name is nowhere in the database" \
    grep -qE 's3cret|hunter2' "$REEVE_DB" "$REEVE_DB-wal"
answers "the same again is nothing new" 0 "nothing is new" \
    at 2026-11-26T22:00:00Z daily --from 2026-11-25 --to 2026-11-26
answers "people read it with masked names" 0 "s..(7)#" \
    at 2026-11-26T22:00:00Z daily show 2026-11-26

printf 'ip,seen\n127.0.0.0/8,2026-11-01\n2001:db8::/32,\n' >fisac.csv
answers "a list of addresses is imported" 0 "list fisac: 2 addresses: 2 new" \
    at 2026-11-26T22:10:00Z daily --list fisac.csv
answers "and the same again changes nothing" 0 "as before" \
    at 2026-11-26T22:11:00Z daily --list fisac.csv
answers "who is on it is told" 1 "listed-source,127.0.0.1,db1" \
    at 2026-11-26T22:12:00Z --format csv daily --alert --from 2026-11-26

# ---- A dead host, a real trail ----

mkdir own
printf '[reeve]\nstate_directory = %s/own/state\nrun_directory = %s/own/run\ntrail_directory = %s/own/trail\n' \
    "$SANDBOX" "$SANDBOX" "$SANDBOX" >own.conf
"$reevectl" --config own.conf trail init --org example.com >/dev/null 2>&1
begin=$(date -u -d 2026-11-25T15:00:00Z +%s)
for ((hour = 0; hour <= 27; hour += 3)); do
	"$tool" --at $((begin + hour * 3600)) append own/trail 1 >/dev/null
done
"$reevectl" --config own.conf trail checkpoint >/dev/null 2>&1
mkdir db2 && cp -a own/trail/. db2/
printf 'name,class,host\ntrading,core,db3\n' >systems.csv
at 2026-11-26T23:00:00Z register systems.csv >/dev/null
answers "a trail of Reeve's own is imported" 0 "imported" \
    at 2026-11-26T23:30:00Z trail db2
answers "a host of the register without a trail makes it incomplete" 4 \
    "no trail tells of it" at 2026-11-27T22:00:00Z daily \
    --from 2026-11-26 --to 2026-11-27 --source db3
at 2026-11-27T22:00:00Z daily --from 2026-11-26 --to 2026-11-26 >/dev/null
asked "a day of Reeve's own trail is complete and zero" 'complete|0' \
    "SELECT state, facts ->> '\$.failed.total' FROM daily
     WHERE source = 'db2' AND day = 20783"
asked "no record of a day before a host was known" 0 \
    "SELECT count(*) FROM daily WHERE source = 'db3' AND day < 20783"

# ---- Signatures, and the calendar ----

printf '西元日期,星期,是否放假,備註\n20261127,五,2,補假\n' >calendar.csv
answers "the working-day calendar is imported" 0 "calendar" \
    at 2026-11-27T22:00:00Z register calendar.csv
answers "a disposition is wanted" 2 "--disposition" \
    at 2026-11-27T23:00:00Z --key wang daily sign 2026-11-26
answers "an officer signs, late for a record that was due on Friday" 0 \
    "1 of them late" at 2026-11-27T23:00:00Z --key wang daily sign \
    2026-11-26 --source db1 --disposition "a scanner of ours"
answers "a signature is not given twice" 2 "signed already" \
    at 2026-11-27T23:01:00Z --key chen daily sign 2026-11-26 --source db1 \
    --disposition again
answers "nobody signs with a key that is not enrolled" 2 "" \
    at 2026-11-27T23:02:00Z --key /etc/ssh/ssh_host_ed25519_key daily sign \
    2026-11-25 --disposition x
answers "what waits is listed" 1 "2026-11-25,db1,1,complete" \
    at 2026-11-27T23:05:00Z --format csv daily --list-open
at 2026-11-27T23:05:00Z --key chen daily sign 2026-11-26 --disposition ok \
    >/dev/null 2>&1
answers "the quarter says which day is late" 1 "2026-11-26,late,no" \
    at 2026-11-27T23:05:00Z --format csv daily --calendar 2026Q4
for language in en zh_TW; do
	check "the calendar has 80 columns: $language" python3 - "$language" \
	    "$reeve" <<'X'
import os, subprocess, sys, unicodedata
out = subprocess.run([sys.argv[2], "--lang", sys.argv[1], "--now",
    "2026-11-27T23:05:00Z", "daily", "--calendar"], capture_output=True,
    env=dict(os.environ, LC_ALL="C.UTF-8")).stdout.decode()
wide = max(sum(2 if unicodedata.east_asian_width(c) in "WF" else 1
    for c in line) for line in out.split("\n"))
assert 40 < wide <= 80, (wide, out)
assert "26 " in out, out
X
done
answers "the chain verifies" 0 "" at 2026-11-28T00:00:00Z verify

# ---- A sample, drawn again by hand ----

{
	printf 'account,name,employee,roles\n'
	for ((i = 1; i <= 60; i++)); do
		printf 'u%d,User %d,E%d,clerk%s\n' $i $i $i \
		    "$([ $((i % 4)) = 0 ] && echo ';*admin')"
	done
} >accounts.csv
{
	printf 'employee,name,department,status,hired\n'
	for ((i = 1; i <= 60; i++)); do
		printf 'E%d,User %d,Sales,active,2020-01-01\n' $i $i
	done
} >people.csv
at 2026-11-28T00:01:00Z hr --as-of 2026-11-28 people.csv >/dev/null
at 2026-11-28T00:02:00Z --quiet pull csv:accounts.csv >/dev/null
at 2026-11-28T00:03:00Z --quiet check >/dev/null
at 2026-11-28T00:04:00Z --key wang --quiet campaign open 2026Q4 \
    --due 2026-12-31 --fallback E1 >campaign.log 2>&1
population=$(ask "SELECT lower(hex(digest)) FROM act
    WHERE kind = 'campaign-freeze'")
answers "a sample of each stratum is drawn and recorded" 0 \
    "population: $population" at 2026-11-28T00:05:00Z --key chen sample \
    --campaign 2026Q4 --seed 7402 --size 9 --stratum privileged,all
asked "as acts" 'privileged|9;all|9' \
    "SELECT group_concat(stratum || '|' || size, ';') FROM sample"
# shellcheck disable=SC2030,SC2031
again() {
	"$reeve" --quiet sample --campaign 2026Q4 --stratum "$1" --keys \
	    2>/dev/null | while IFS= read -r key; do
		printf '%s\n' 7402 "$population" "$key" | sha256sum
	done | sort | head -n 9 | cut -d' ' -f1
}
for stratum in privileged all; do
	drawn=$(at 2026-11-28T00:06:00Z --key chen --format csv sample \
	    --campaign 2026Q4 --seed 7402 --size 9 --stratum "$stratum" \
	    2>/dev/null | sed -n "s/^$stratum,[0-9]*,\([0-9a-f]*\),.*/\1/p")
	if [ -n "$drawn" ] && [ "$drawn" = "$(again "$stratum")" ]; then
		ok "sha256sum and sort draw the same: $stratum"
	else
		not_ok "sha256sum and sort draw the same: $stratum"
		printf '%s\n--\n%s\n' "$drawn" "$(again "$stratum")" |
		    sed 's/^/  | /'
	fi
done
asked "what was drawn before is not recorded again" 2 \
    "SELECT count(*) FROM sample"
answers "each item names its story" 0 "reeve account name:" \
    at 2026-11-28T00:07:00Z --key chen --format csv sample \
    --campaign 2026Q4 --seed 7402 --size 9
answers "the draws are listed" 0 "privileged,9,7402" \
    "$reeve" --format csv sample --campaign 2026Q4
answers "the chain verifies with them" 0 "" at 2026-11-28T00:10:00Z verify
report
