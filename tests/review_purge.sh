#!/usr/bin/env bash
# reeve purge and reeve hold: logins of a real trail are gone from the file
# once two persons said so; a kill in the middle erases all of it or nothing.
set -u
. "$(dirname "$0")/lib.sh"
[ -n "${SANDBOX-}" ] || packages sqlite3
sandbox "$@"

reeve=${REEVE:-$top/build/release/reeve}
[ -x "$reeve" ] || make -s -C "$top" build/release/reeve
export TZ=UTC REEVE_DB=$SANDBOX/review.db
unset REEVE_CONFIG
now=2026-11-29T12:00:00Z

by() {
	local who=$1

	shift
	"$reeve" --now "$now" --key "$who" "$@"
}

"$reeve" init --rehearsal >/dev/null
for who in ann bob; do
	ssh-keygen -q -t ed25519 -N '' -C '' -f "$who"
	by "$who" person add "$who" --employee "E-$who" --role officer \
	    --pub "$who.pub" >/dev/null
done
ask 'SELECT count(*) FROM signer' | grep -qx 2 || die 'two are not enrolled'

# Two years of one host, as rsyslog writes it; the address is a mark.
for ((i = 0; i < 800; i++)); do
	date -u -d "2022-09-01T09:00:00Z + $i days" \
	    +'%FT%TZ web1 sshd[7]: Accepted password for alice from 203.0.113.77 port 5 ssh2'
done >auth.log
check "a trail is imported" by ann trail --host web1 auth.log
# The mark without a trail's own help, so that only rows can have it.
check "the database has the address" grep -qaF 203.0.113.77 "$REEVE_DB"
before=$(ask 'SELECT count(*) FROM use_day')

answers "what is due is listed" 0 2023-11-01T00:00:00Z by ann purge
answers "one proposes" 0 'Nothing is erased yet' by ann purge --propose
act=$(ask "SELECT max(id) FROM act WHERE kind = 'purge'")
answers "one person is not enough" 2 'second person' by ann purge --apply "$act"
answers "and not the same one twice" 2 '' by ann approve "$act"
check "a second person approves" by bob approve "$act"
answers "that is listed" 0 "reeve purge --apply $act" by ann purge
check "a hold begins" by ann hold add 'case 7' --reason 'a letter of the court'
answers "and is listed" 0 'case 7' by ann hold list
answers "it stops everything" 2 'legal hold' by bob purge --apply "$act"
check "a hold ends" by bob hold end 'case 7' --reason 'the case is closed'
answers "what was approved before is proposed anew" 2 'anew' \
    by bob purge --apply "$act"
by ann purge --propose >/dev/null
act=$(ask "SELECT max(id) FROM act WHERE kind = 'purge'")
by bob approve "$act" >/dev/null
[ "$(ask 'SELECT count(*) FROM use_day')" = "$before" ] &&
    ok "nothing was erased so far" || not_ok "nothing was erased so far"

# Killed at many moments: all of it or nothing, and the acts verify.
left=$(ask "SELECT count(*) FROM use_day WHERE (day + 1) * 86400 > $(date -u -d 2023-11-01 +%s)")
torn=0
for wait in 0.001 0.003 0.005 0.01 0.015 0.02 0.03 0.04 0.06 0.08; do
	{ timeout -s KILL "$wait" "$reeve" --now "$now" --key ann purge \
	    --apply "$act"; } >/dev/null 2>&1
	rows=$(ask 'SELECT count(*) FROM use_day')
	done_=$(ask 'SELECT count(*) FROM purged')
	case $rows:$((done_ > 0)) in
	"$before:0" | "$left:1") ;;
	*) torn=1 say "killed after $wait s: $rows rows, purged $done_" ;;
	esac
done
[ "$torn" = 0 ] && ok "a kill erases all of it or nothing" ||
    not_ok "a kill erases all of it or nothing"
check "it is carried out" by ann purge --apply "$act"
answers "and once only" 0 'before' by ann purge --apply "$act"
[ "$(ask 'SELECT count(*) FROM use_day')" = "$left" ] &&
    ok "what has not passed its period stays" ||
    not_ok "what has not passed its period stays"
answers "what was signed verifies" 0 '' by ann verify
answers "days that are gone get no record" 2 'erased' \
    by ann daily --from 2023-01-01 --to 2023-01-05
answers "a purge is told from nothing" 0 2023-11-01T00:00:00Z \
    by ann --format csv purge --list

# All of one kind gone: its last trace, too.
cat >one.log <<'X'
2022-09-01T09:00:00Z web2 sshd[7]: Failed password for alice from 198.51.100.201 port 5 ssh2
2022-09-01T09:00:05Z web2 sshd[7]: Failed password for alice from 198.51.100.201 port 5 ssh2
X
check "a second trail is imported" by ann trail --host web2 one.log
check "the files have its address" \
    bash -c "cat '$REEVE_DB'* | grep -qaF 198.51.100.201"
by ann purge --propose >/dev/null
act=$(ask "SELECT max(id) FROM act WHERE kind = 'purge'")
by bob approve "$act" >/dev/null
check "it is erased" by ann purge --apply "$act"
refuse "and is in no file any more" \
    bash -c "cat '$REEVE_DB'* | grep -qaF 198.51.100.201"
report
