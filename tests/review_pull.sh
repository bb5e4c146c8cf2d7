#!/usr/bin/env bash
# What kill -9, a full disk and two pulls at once leave of the review database:
# the old state or the new one, whole. SOAK=1 kills at many more moments.
set -u
. "$(dirname "$0")/lib.sh"
packages sqlite3
sandbox "$@"

reeve=${REEVE:-$top/build/release/reeve}
[ -x "$reeve" ] || make -s -C "$top" build/release/reeve
kills=$([ -n "${SOAK-}" ] && echo 200 || echo 12)
people=3000

# ldif TITLE [FIRST [LAST]]: persons of that title in ten groups.
ldif() {
	awk -v title="$1" -v first="${2-1}" -v last="${3-$people}" 'BEGIN {
		for (i = first; i <= last; i++) {
			printf "dn: uid=u%d,ou=people,dc=x\n", i
			printf "objectClass: inetOrgPerson\nuid: u%d\n", i
			printf "cn: u%d\nsn: u\ntitle: %s\n", i, title
			printf "entryUUID: 00000000-0000-0000-0000-%012d\n\n", i
		}
		for (g = 0; g < 10; g++) {
			printf "dn: cn=g%d,ou=groups,dc=x\n", g
			printf "objectClass: groupOfNames\ncn: g%d\n", g
			printf "entryUUID: 10000000-0000-0000-0000-%012d\n", g
			for (i = first; i <= last; i++)
				if (i % 10 == g)
					printf "member: uid=u%d,ou=people,dc=x\n", i
			printf "\n"
		}
	}'
}

# sql DATABASE QUERY
sql() {
	sqlite3 "$1" "$2"
}

pull() {
	"$reeve" --config "$SANDBOX/review.conf" --db "$1" --quiet pull "$2"
}

# For the background: the process itself, so that it can be killed.
pulling() {
	exec "$reeve" --config "$SANDBOX/review.conf" --db "$1" --quiet \
	    pull "$2"
}

# whole DATABASE: nothing is broken, and each person is of one state, that of
# the last applied pull.
whole() {
	local title pulls

	[ "$(sql "$1" 'PRAGMA integrity_check')" = ok ] || return 1
	[ -z "$(sql "$1" 'PRAGMA foreign_key_check')" ] || return 1
	pulls=$(sql "$1" "SELECT count(*) FROM pull WHERE state = 'applied'")
	title=$(sql "$1" "SELECT DISTINCT title FROM account_fact
	    WHERE until = 9223372036854775807")
	case $pulls:$title in
	1:old | 2:new) ;;
	*) say "$pulls pulls applied, titles: $title"; return 1 ;;
	esac
	[ "$(sql "$1" "SELECT count(*) FROM account_fact
	    WHERE until = 9223372036854775807")" = "$people" ] &&
	    [ "$(sql "$1" "SELECT count(*) FROM edge
	        WHERE until = 9223372036854775807")" = "$people" ]
}

is_old() {
	whole "$1" && [ "$(sql "$1" 'SELECT max(until <> 9223372036854775807)
	    FROM account_fact')" = 0 ]
}

is_new() {
	whole "$1" && [ "$(sql "$1" "SELECT count(*) FROM account_fact
	    WHERE title = 'new' AND until = 9223372036854775807")" = "$people" ]
}

cat >"$SANDBOX/review.conf" <<EOF
[source hq]
url = ldif:$SANDBOX/hq.ldif
[source branch]
url = ldif:$SANDBOX/branch.ldif
EOF
chmod 600 "$SANDBOX/review.conf"
mkdir -m 700 "$SANDBOX/base" "$SANDBOX/kill"
ldif old >"$SANDBOX/hq.ldif"
ldif branch 1 500 >"$SANDBOX/branch.ldif"
check "the first pull is applied" pull "$SANDBOX/base/review.db" hq
check "it is whole" is_old "$SANDBOX/base/review.db"
ldif new >"$SANDBOX/hq.ldif"

# ---- kill -9, at moments spread over the whole run ----

copy() {
	rm -f "$SANDBOX/kill"/*
	cp -p "$SANDBOX/base"/review.db* "$SANDBOX/kill/"
}

copy
begin=$(date +%s%N)
check "a second pull changes everybody" pull "$SANDBOX/kill/review.db" hq
took=$(($(date +%s%N) - begin))
check "they are new" is_new "$SANDBOX/kill/review.db"

old=0 new=0 broken=0
for ((i = 1; i <= kills; i++)); do
	copy
	moment=$((took * i / kills))
	pulling "$SANDBOX/kill/review.db" hq >/dev/null 2>&1 &
	pid=$!
	sleep "$(printf '%d.%09d' $((moment / 1000000000)) \
	    $((moment % 1000000000)))"
	kill -KILL "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	if is_old "$SANDBOX/kill/review.db"; then
		old=$((old + 1))
	elif is_new "$SANDBOX/kill/review.db"; then
		new=$((new + 1))
	else
		broken=$((broken + 1))
	fi
done
check "killed $kills times: the state is the old one or the new one, whole" \
    [ "$broken" -eq 0 ]
say "killed: $old left the old state, $new the new one"
check "killed early it is the old one" [ "$old" -gt 0 ]
pull "$SANDBOX/kill/review.db" hq >/dev/null 2>&1
check "the next pull goes on from there" \
    [ "$(sql "$SANDBOX/kill/review.db" "SELECT DISTINCT title
        FROM account_fact WHERE until = 9223372036854775807")" = new ]
check "no scratch file is left" \
    [ -z "$(find "$SANDBOX/kill" -name '.reeve-*')" ]

# ---- A full disk ----

# Blocks of a memory page, as large disks have them: below that SQLite's index
# of the WAL meets the full disk as SIGBUS, which is as good as kill -9.
truncate -s 48M "$SANDBOX/full.img"
mkfs.ext4 -q -F -m 0 -b 4096 "$SANDBOX/full.img" || die "mkfs.ext4 failed"
mkdir "$SANDBOX/full"
mount -o loop "$SANDBOX/full.img" "$SANDBOX/full" || die "no loop device"
chmod 700 "$SANDBOX/full"
cp -p "$SANDBOX/base/review.db" "$SANDBOX/full/"
room=$(df --output=avail -B1 "$SANDBOX/full" | tail -n 1)
head -c $((room - 1000000)) /dev/zero >"$SANDBOX/full/filler"
pull "$SANDBOX/full/review.db" hq >"$SANDBOX/full.log" 2>&1
check "a full disk is exit status 2" [ $? -eq 2 ]
check "it is named" grep -qi 'full\|space' "$SANDBOX/full.log"
rm "$SANDBOX/full/filler"
check "and leaves the old state" is_old "$SANDBOX/full/review.db"
check "with room again the pull is applied" pull "$SANDBOX/full/review.db" hq
check "whole" is_new "$SANDBOX/full/review.db"

# ---- Two at once ----

both=$SANDBOX/both/review.db
mkdir -m 700 "$SANDBOX/both"
cp -p "$SANDBOX/base/review.db" "$both"
pull "$both" hq >"$SANDBOX/one.log" 2>&1 &
one=$!
pull "$both" branch >"$SANDBOX/other.log" 2>&1 &
other=$!
wait "$one"
check "of two sources pulled at once the one is applied" [ $? -eq 0 ]
wait "$other"
check "and the other is applied" [ $? -eq 0 ]
check "their numbers differ, and both are whole" [ "$(sql "$both" "SELECT
    count(DISTINCT id), count(*) FROM pull WHERE state = 'applied'")" = '3|3' ]

cp -p "$SANDBOX/base/review.db" "$SANDBOX/both/same.db"
pull "$SANDBOX/both/same.db" hq >"$SANDBOX/one.log" 2>&1 &
one=$!
pull "$SANDBOX/both/same.db" hq >"$SANDBOX/other.log" 2>&1 &
other=$!
wait "$one"
first=$?
wait "$other"
second=$?
# One after the other, or the later one is told to begin again.
check "of one source pulled twice at once one at least is applied" \
    [ "$first" -eq 0 -o "$second" -eq 0 ]
for log in "$SANDBOX/one.log" "$SANDBOX/other.log"; do
	grep -q ': 3000 accounts\|another pull of it was applied' "$log" ||
	    not_ok "of one source pulled twice: $(cat "$log")"
done
check "and nothing is there twice" [ "$(sql "$SANDBOX/both/same.db" "SELECT
    count(*) FROM account_fact WHERE title = 'new'")" = "$people" ]

report
