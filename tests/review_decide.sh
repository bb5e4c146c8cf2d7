#!/usr/bin/env bash
# reeve decide and reeve exception: a reviewer with a key at a terminal, in two
# languages, by name, and what nobody may decide.
set -u
. "$(dirname "$0")/lib.sh"
[ -n "${SANDBOX-}" ] || packages sqlite3
sandbox "$@"

reeve=${REEVE:-$top/build/release/reeve}
[ -x "$reeve" ] || make -s -C "$top" build/release/reeve
export TZ=Asia/Taipei REEVE_DB=$SANDBOX/review.db
export XDG_STATE_HOME=$SANDBOX/state LC_ALL=C.UTF-8
cd "$SANDBOX" || exit 2
now=2026-11-20T00:00:00Z

# as_who KEY COMMAND...
as_who() {
	local key=$1

	shift
	"$reeve" --quiet --now "$now" --key "$SANDBOX/$key.key" "$@"
}

# at_terminal NAME LANGUAGE KEY: an expect script on standard input; 80x24.
at_terminal() {
	local name=$1 lang=$2 key=$3

	{
		printf 'set timeout 20\nset stty_init "rows 24 columns 80"\n'
		printf 'spawn -noecho %s\n' "$reeve --lang $lang --quiet \
--now $now --key $SANDBOX/$key.key decide"
		printf 'expect_after timeout { exit 1 } eof { exit 1 }\n'
		cat
		printf '\nexpect eof\nlassign [wait] - - - s\nexit $s\n'
	} >terminal.exp
	check "$name" expect -f terminal.exp
}

# ---- A small company ----

for key in ann olga ben; do
	ssh-keygen -q -t ed25519 -N '' -f "$key.key"
done
cat >app.csv <<'X'
account,name,employee,roles,last_login,created,enabled,privileged
ben,Ben Wu,E2,trader,2026-11-18,2024-01-05,yes,no
cho,Cho Li,E3,trader,2026-11-10,2024-01-05,yes,no
dan,Dan Hsu,E4,trader;approver,2026-11-19,2024-01-05,yes,no
eva,Eva Yu,E5,trader,2026-11-15,2024-01-05,yes,no
fay,Fay Su,E6,trader,2026-05-01,2024-01-05,yes,no
gus,Gus Ko,E7,trader,2026-11-16,2024-01-05,yes,no
adm-ben,Ben Wu,E2,sysadmin,2026-11-18,2024-01-05,yes,yes
ann,Ann Lin,E1,approver,2026-11-18,2024-01-05,yes,no
X
cat >hr.csv <<'X'
employee,name,department,title,manager,status,hired
E1,Ann Lin,Trading,manager,E9,active,2015-01-05
E2,Ben Wu,Trading,trader,E1,active,2020-01-05
E3,Cho Li,Trading,trader,E1,active,2020-01-05
E4,Dan Hsu,Trading,trader,E1,active,2020-01-05
E5,Eva Yu,Trading,trader,E1,active,2020-01-05
E6,Fay Su,Trading,trader,E1,active,2020-01-05
E7,Gus Ko,Trading,trader,E1,active,2020-01-05
E8,Olga Ho,Security,officer,E9,active,2018-01-05
E9,Max Kao,Board,chief,,active,2010-01-05
X
cat >rights.csv <<'X'
right,name_en,name_zh,owner,privileged
sysadmin,All of the trading system,交易系統最高權限,E9,yes
trader,Enter orders,下單,E1,no
approver,Approve orders,覆核委託,E1,no
X
cat >approvals.csv <<'X'
ticket,requester,approver,account,right,not_before
T-7,E5,E9,eva,trader,2024-01-05
X
{
	"$reeve" init --rehearsal
	as_who olga person add Olga --employee E8
	as_who ann person add Ann --employee E1
	as_who olga person add Ben --employee E2 --role reviewer --pub ben.key.pub
	as_who ann approve 3
	as_who ann hr --as-of 2026-11-19 hr.csv
	as_who ann pull csv:app.csv
	as_who ann register rights.csv approvals.csv
	as_who ann check
	as_who olga campaign open 2026Q4 --due 2026-12-15 --fallback E9
	as_who olga campaign assign 2026Q4
} >setup.log 2>&1
asked "six questions are asked" "6" 'SELECT count(*) FROM question'

# question RIGHT [ACCOUNT]: the number of who holds what.
question() {
	sqlite3 "$REEVE_DB" "SELECT min(question) FROM item WHERE
	    facts ->> 'right' = '$1' AND facts ->> 'account' LIKE '${2-%}'"
}
admin=$(question sysadmin)
own=$(question approver ann)
dan=$(question approver dan)
traders=$(question trader ben)

# ---- Lists ----

answers "what is open to whom is listed, and is status 1" 1 \
    "All of the trading system (sysadmin)" as_who ann decide --list
answers "in Chinese by their Chinese names" 1 "交易系統最高權限 (sysadmin)" \
    as_who ann --lang zh_TW decide --list
answers "one's own needs no key when named" 1 "$own" \
    as_who nobody decide --list --reviewer E9
answers "and for programs" 1 "2026Q4,$admin,E1,1,1,privileged,adm-ben" \
    as_who nobody --format csv decide --list --all
answers "a question is shown in plain words" 0 \
    "Ben Wu (E2), trader, Trading, active" as_who ann decide --show "$admin"

# ---- By name ----

answers "what is privileged is not kept without a reason" 2 \
    "privileged needs a reason" as_who ann decide "$admin" keep
answers "an administrator does not decide on his own account" 2 \
    "E2 holds what is decided (adm-ben)" \
    as_who ben decide "$admin" keep --reason 'I need it'
answers "nor the own right of another question" 2 "E1 holds" \
    as_who ann decide "$own" keep
answers "nor does she pick who decides on it" 2 "somebody else gives it" \
    as_who ann campaign reassign --from E9 --to E8 --question "$own"
answers "nobody gives it to one of her own people" 2 "E2 reports to who holds" \
    as_who olga campaign reassign --from E9 --to e2 --question "$own"
answers "nor to her, however her number is spelt" 2 "that E1 may decide" \
    as_who olga campaign reassign --from e9 --to e1 --question "$own"
printf 'what,value,reviewer\naccount,ann,e8\n' >list.csv
answers "nor does a list of hers pick" 2 "the list gives question $own to E8" \
    as_who ann campaign assign --again --list list.csv
sed 's/e8/E2/' list.csv >below.csv
answers "nor give it to one below" 2 "question $own to E2, who reports" \
    as_who olga campaign assign --again --list below.csv
asked "so it stays whose it was" E9 "SELECT reviewer FROM assignment
    WHERE question = $own ORDER BY act DESC LIMIT 1"
answers "others' questions are refused" 2 "not E8's to decide" \
    as_who olga decide "$dan" revoke --reason 'x'
answers "there must be such a decision" 2 "not keep, modify" \
    as_who ann decide "$dan" maybe
answers "an exception needs a control" 2 "compensating control" \
    as_who ann decide "$dan" exception --reason x --ends 2027-01-31
answers "and ends within 180 days" 2 "within 180 days" as_who ann decide \
    "$dan" exception --reason x --ends 2027-06-30 --compensation y
answers "what is to be kept at one stroke is of low risk" 2 "low risk" \
    as_who ann decide "$traders,$admin" keep --reason x
asked "nothing refused was recorded" 0 'SELECT count(*) FROM decision'
answers "a decision is signed" 0 "act " \
    as_who ann decide "$dan" keep --reason 'Deputy of the desk'
answers "a later one corrects it" 0 "act " \
    as_who ann decide "$dan" revoke --reason 'Not any more'
asked "which stands, and the first stays" "revoke 2" \
    "SELECT d.decision || ' ' || (SELECT count(*) FROM decision)
     FROM item_decision d WHERE question = $dan"
answers "with no terminal, one is told how" 2 "no terminal" \
    as_who ann decide </dev/null

# ---- On a terminal ----

at_terminal "answers are kept when somebody leaves" en ann <<X
expect "1 of 4"
expect "end and sign"
send "k"
expect "Reason: "
send "On duty\r"
expect "2 of 4"
expect "end and sign"
send "\003"
expect "y/n"
send "y"
expect "kept in"
X
asked "nothing was signed" 2 'SELECT count(*) FROM decision'
check "in a file of their own" test "$(stat -c %a state/reeve/*.draft)" = 600

# Ended from elsewhere, the terminal is given back first; sh leaves it alone.
while read -r signal status keys; do
	cat >signal.exp <<-X
	set timeout 20
	set stty_init "rows 24 columns 80 echo icanon isig"
	spawn -noecho sh -c "$reeve --quiet --now $now --key $SANDBOX/ann.key \
	    decide; echo over \\\$?; stty -a"
	set sh [exp_pid]
	expect_after timeout { exit 1 } eof { exit 1 }
	expect "end and sign"
	send "$keys"
	if { "$keys" != "" } { expect "should become" }
	exec sh -c "kill -$signal \\\$(ps -o pid= --ppid \$sh)"
	expect "over $status"
	expect -re {\nisig icanon iexten echo }
	expect eof
	X
	check "SIG$signal leaves the terminal as it was${keys:+, in a line}" \
	    expect -f signal.exp
done <<X
TERM 143
INT 130
HUP 129
TERM 143 m
X

at_terminal "they are there next time, and signed once" en ann <<X
expect "Not signed yet, from last time: 1"
expect "You said*Keep: On duty"
expect "end and sign"
send "s"
expect "2 of 4"
expect "end and sign"
send "k"
expect "Reason: "
send "\003"
expect "2 of 4"
expect "end and sign"
send "r"
expect "Reason: "
send "\r"
expect "Reason: "
send "Left the team\r"
expect "3 of 4"
expect "AR-101"
expect "end and sign"
send "i"
expect "3 of 5"
expect "end and sign"
send "e"
expect "Compensating control: "
send "Asked each month\r"
expect "180 days"
send "2028-01-01\r"
expect "Reason: "
send "On leave\r"
expect "within 180 days"
expect "3 of 5"
expect "end and sign"
send "e"
expect "Compensating control: "
send "Asked each month\r"
expect "180 days"
send "116/2/1\r"
expect "Reason: "
send "On leave\r"
expect "4 of 5"
expect "end and sign"
send "b"
expect "You said*Exception: On leave"
expect "end and sign"
send "s"
expect "4 of 5"
expect "end and sign"
send "k"
expect {
	"Reason: " { send "Parental leave\r" }
	"5 of 5" { }
}
expect "end and sign"
send "K"
expect "5 accounts of department Trading with the right *(trader)"
expect "Keep all of them"
send "y"
expect "end and sign"
send "q"
expect "has decided 5 of 5"
expect "  3  Keep"
send "y"
expect "act "
expect "reeve approve"
X
asked "each with its seconds" 0 \
    'SELECT count(*) FROM decision WHERE act = (SELECT max(act) FROM decision)
     AND (seconds IS NULL OR seconds < 0)'
asked "as one act of the reviewer" "1 E1 signed" \
    "SELECT count(DISTINCT act) || ' ' || reviewer || ' ' || grade FROM decision
     WHERE act = (SELECT max(act) FROM decision)"
check "and the draft is gone" test ! -e "$(echo state/reeve/*.draft)"
answers "then nothing is left" 0 "Nothing is left" timeout 20 \
    script -qec \
    "$reeve --quiet --now $now --key $SANDBOX/ann.key decide" /dev/null

# ---- Exceptions ----

# excepted: accounts and rules of findings that an exception covers.
excepted() {
	as_who olga check >check.log 2>&1
	as_who olga --format json findings 2>>check.log | tr -d '\n' | sed 's/},/}\n/g' |
	    grep '"excepted":"1"' | sed 's/.*"rule":"\([^"]*\).*"subject":"\([^"]*\).*/\2 \1/'
}

last=$(sqlite3 "$REEVE_DB" 'SELECT max(act) FROM decision')
answers "an exception of a review waits for a second person" 0 "waiting" \
    as_who olga exception list
check "and covers nothing until then" test -z "$(excepted)"
answers "what a second person confirms is shown, and who may not" 0 \
    "E1 may not confirm it, having signed it" \
    as_who olga decide --confirm "$last"
answers "the signer can't" 2 "" as_who ann decide --confirm "$last" --yes
answers "nor a holder" 2 "" as_who ben decide --confirm "$last" --yes
answers "another one does" 0 "act " as_who olga decide --confirm "$last" --yes
answers "then it counts" 0 "counts" as_who olga exception list
is_excepted=$(excepted)
check "the finding stays to be seen, as excepted" \
    test "$is_excepted" = "fay AR-101"

add() {
	local who=$1 account=$2

	shift 2
	as_who "$who" exception add --account "$account" --rule AR-162 \
	    --reason 'Old system' --compensation 'One host' --owner E1 "$@"
}
answers "nobody makes an exception of their own account" 2 "holds that account" \
    add ben adm-ben --ends 2027-01-31
answers "one ends within 180 days" 2 "within 180 days" \
    add ann cho --ends 2027-05-20
answers "it needs an owner that there is" 2 "nobody with the number E77" \
    add ann cho --ends 2027-01-31 --owner E77
answers "and a rule that there is" 2 "no such rule" \
    add ann cho --ends 2027-01-31 --rule AR-999
answers "with all that it is signed" 0 "counts once a second person" \
    add ann cho --ends 2026-12-10
made=$(sqlite3 "$REEVE_DB" 'SELECT max(act) FROM exempted')
answers "what is not approved is not renewed" 2 "not approved yet" \
    as_who ann exception renew "$made.1" --reason 'Still there' --ends 2027-01-31
as_who olga approve "$made" >out 2>&1
answers "what ends soon is status 1" 1 "$made.1" \
    as_who olga exception list --expiring 30
answers "each is renewed by itself" 2 "one exception is wanted" \
    as_who ann exception renew "$made.1" "$last.1" --reason x --ends 2027-01-31
answers "with a reason of its own" 0 "counts once a second person" \
    as_who ann exception renew "$made.1" --reason 'Still there' --ends 2027-01-31
as_who olga approve "$(sqlite3 "$REEVE_DB" 'SELECT max(act) FROM exempted')" \
    >out 2>&1
answers "which takes its place" 0 "" as_who olga exception list --expiring 30
asked "and the first one stays on record" 2 "SELECT count(*) FROM exempted"
answers "one may end before" 0 "act " as_who olga exception end \
    "$(sqlite3 "$REEVE_DB" 'SELECT max(act) FROM exempted').1" --reason 'Gone'
answers "and then is over" 0 "ended" as_who olga exception list --all

# ---- In Chinese ----

as_who olga campaign open 2026Q5 --due 2026-12-15 --include account=dan \
    --type ad-hoc >setup.log 2>&1
as_who olga campaign assign 2026Q5 >>setup.log 2>&1
at_terminal "questions are asked in Chinese, and wide letters are keys" zh_TW \
    ann <<'X'
expect "覆核委託*dan"
send "r"
expect ": "
send "已調離交易部\r"
expect "下單"
send "ｋ"
expect "保留"
send "y"
expect "act "
X
asked "and signed" "revoke:已調離交易部 keep:" \
    "SELECT group_concat(decision || ':' || reason, ' ') FROM decision
     WHERE act = (SELECT max(act) FROM decision)"

# ---- What waits, and what was refused ----

# word: what stands on dan's right to approve, and what has effect.
word="SELECT (SELECT decision || effective FROM item_decision WHERE
    campaign = 2 AND question = d.question) || ' ' || d.decision
    FROM item_effect d WHERE campaign = 2 AND question = "
dan=$(sqlite3 "$REEVE_DB" "SELECT min(question) FROM item WHERE campaign = 2
    AND facts ->> 'right' = 'approver'")
word+=$dan
as_who ann decide --campaign 2026Q5 "$dan" disable --reason 'Left' >out 2>&1
answers "an exception is signed" 0 "act " as_who ann decide --campaign 2026Q5 \
    "$dan" exception --reason x --compensation y --ends 2027-01-31
asked "but what it would replace stands until it is approved" \
    "exception0 disable" "$word"
last=$(sqlite3 "$REEVE_DB" 'SELECT max(act) FROM decision')
answers "so that the campaign does not close" 4 "reeve approve $last" \
    as_who olga campaign close 2026Q5
answers "and the act is listed as waiting" 0 "$last" as_who olga acts --waiting
as_who olga refuse "$last" --reason 'No control' >out 2>&1
asked "nor is it replaced when it is refused" "disable1 disable" "$word"
as_who olga campaign cancel 2026Q5 --reason 'Oops' >out 2>&1
asked "nor by cancelling the campaign" "disable" "SELECT decision FROM
    standing_decision WHERE campaign = 2 AND decision <> 'revoke'"
report
