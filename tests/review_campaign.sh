#!/usr/bin/env bash
# A quarter on the command line: opened, frozen, assigned, reminded, escalated,
# refused to close, and closed; with real keys, in a rehearsal's database.
set -u
. "$(dirname "$0")/lib.sh"
[ -n "${SANDBOX-}" ] || packages sqlite3
sandbox "$@"

reeve=${REEVE:-$top/build/release/reeve}
[ -x "$reeve" ] || make -s -C "$top" build/release/reeve
export TZ=UTC REEVE_DB=$SANDBOX/review.db
cd "$SANDBOX" || exit 2
now=2026-12-01T00:00:00Z

# at TIME WORD...: reeve campaign, then; by ann, unless KEY says whom by.
at() {
	local when=$1
	shift
	"$reeve" --config review.conf --key "${KEY:-ann}" --now "$when" --quiet "$@"
}

hosts() {
	local host

	for host in "$@"; do
		mkdir -p "hosts/$host/etc"
		printf 'root:x:0:0:root:/root:/bin/bash\nlin1:x:1001:1001::/home/lin1:/bin/bash\n' \
			>"hosts/$host/etc/passwd"
		printf 'root:*:19000:0:99999:7:::\nlin1:!:19000:0:99999:7:::\n' \
			>"hosts/$host/etc/shadow"
		printf 'root:x:0:\nsudo:x:27:lin1\nlin1:x:1001:\n' >"hosts/$host/etc/group"
		printf 'root ALL=(ALL:ALL) ALL\n%%sudo ALL=(ALL:ALL) ALL\n' \
			>"hosts/$host/etc/sudoers"
	done
}

python3 "$top/tests/company.py" --managers --persons 120 --now "$now" company
hosts web1 web2 web3
cat >review.conf <<-EOF
[source corp]
url = ldif:$SANDBOX/company/directory.ldif
[source servers]
url = passwd:$SANDBOX/hosts
system_class = other
EOF
"$reeve" init --rehearsal >out 2>&1
for name in ann ben; do
	ssh-keygen -q -t ed25519 -N '' -C '' -f "$name"
	KEY=$name at "$now" person add "$name" --employee "X-$name" >out 2>&1
done
at "$now" hr --as-of 2026-11-03 --zone +00:00 company/hr-2026-11-03.csv >out 2>&1
at "$now" hr --as-of 2026-12-01 --zone +00:00 company/hr-2026-12-01.csv >out 2>&1

status 'a campaign before any pull is refused' 2 at "$now" campaign open Q4 --due 2026-12-31
said 'and told what to do' 'reeve pull, then reeve check'
at "$now" pull >out 2>&1
at "$now" check AR-101 >out 2>&1
status 'a check of one rule is not enough' 2 at "$now" campaign open Q4 --due 2026-12-31
at "$now" check >out 2>&1

# ---- Opening ----

status 'a campaign without an end is refused' 2 at "$now" campaign open Q4
status 'one that is over before it began, too' 2 at "$now" campaign open Q4 --due 2026-11-30
status 'leaving out without a reason is refused' 2 at "$now" campaign open Q4 \
	--due 2026-12-31 --exclude 'account=cust-*'
said 'since it is signed' 'needs a reason'
KEY=nobody status 'who has no key opens none' 2 at "$now" campaign open Q4 --due 2026-12-31
status 'one that leaves out everything is refused' 2 at "$now" campaign open Q4 \
	--due 2026-12-31 --exclude 'source=*' --reason 'nothing to see'
said 'for it would close as if decided' 'nothing is in the campaign'
status 'a campaign is opened and frozen' 4 at "$now" campaign open Q4 --due 2026-12-31 \
	--exclude 'account=svc-*' --reason 'reviewed in June' --fallback E00003
said 'what is left out of a core source is named' 'corp (core): the scope leaves out'
said 'what is left out is counted' 'left out'
said 'what is asked is told' 'questions'
said 'so is the head' 'act '
status 'its scope is shown' 0 at "$now" --format csv campaign status Q4 --by scope
said 'with the reason of what is left out' '1,exclude,account,svc-*,reviewed in June'
status 'rights that are left out of core are not out of sight' 4 at "$now" campaign open Q6 \
	--due 2026-12-31 --type ad-hoc --exclude 'group=*' --reason 'a trial'
held=$(sqlite3 review.db "SELECT excluded_rights FROM campaign_source
	WHERE source = 'corp' AND campaign = (SELECT max(id) FROM campaign)")
all=$(sqlite3 review.db "SELECT sum(excluded_rights) FROM campaign_source
	WHERE campaign = (SELECT max(id) FROM campaign)")
check 'there are some' test "$held" -gt 100
said 'they are counted' "and $all rights of others"
said 'and two persons sign them' "or rights ($held) of it, which two persons must sign"
at "$now" campaign cancel Q6 --reason 'a trial' >out 2>&1
status 'nor in the list' 0 at "$now" --format csv campaign list
said 'of campaigns' ",$all,"
status 'a name is used once' 2 at "$now" campaign open Q4 --due 2026-12-31
status 'another of the same scope says what differs' 0 at "$now" campaign open Q5 --draft \
	--from Q4 --due 2026-12-31
status 'a frozen one is not frozen again' 2 at "$now" campaign freeze Q4
status 'a draft is cancelled with a reason' 0 at "$now" campaign cancel Q5 --reason 'a trial'
status 'and not twice' 2 at "$now" campaign cancel Q5 --reason again

# ---- Assigning ----

cat >list.csv <<-EOF
what,value,reviewer
source,servers,E00005
EOF
status 'questions are assigned' 0 at "$now" campaign assign Q4 --list list.csv
said 'to managers' 'manager'
said 'and by the list' 'list'
status 'a list with an unknown word is refused' 2 at "$now" campaign assign Q4 --again \
	--list <(printf 'what,value,reviewer\ncolour,red,E00005\n')
status 'from one to another' 0 at "$now" campaign reassign Q4 --from E00005 --to E00006
said 'it is said whose place they take' 'instead-of:E00005'
status 'not to somebody who is not there' 2 at "$now" campaign reassign Q4 --from E00006 --to E99999
status 'a deputy is named' 0 at "$now" campaign deputy E00006 E00007 --until 2026-12-24 --questions 5
status 'nobody is their own' 2 at "$now" campaign deputy E00006 E00006 --until 2026-12-24
status 'the word is taken back' 0 at "$now" campaign deputy E00006 --end

# ---- Status, reminders ----

status 'the only open one need not be named' 0 at "$now" campaign status
said 'reviewers are listed' 'E00006'
said 'with what keeps it from closing' 'questions are undecided'
at "$now" --format json campaign status --by department >status.json 2>err
check 'in a form for programs' python3 -m json.tool status.json
cat >sendmail <<-'EOF'
#!/bin/sh
cat >>"$SANDBOX/mails"
EOF
chmod 755 sendmail
status 'a reminder is shown' 0 at "$now" campaign remind --from audit@example.com
said 'in both languages' '題待您決定'
said 'and that it was not sent' 'nothing was sent'
check 'indeed' test ! -e mails
status 'and sent if told so' 0 at "$now" campaign remind --from audit@example.com \
	--send --sendmail "$SANDBOX/sendmail"
check 'to each reviewer' grep -q '^To: .*@company.test$' mails
check 'in mail that a parser understands' python3 - <<-'EOF'
import email, email.header
text = open("mails", encoding="utf-8").read()
one = email.message_from_string(text[:text.index("From:", 5)])
subject = str(email.header.make_header(email.header.decode_header(one["Subject"])))
assert "Q4" in subject and "題待您決定" in subject, subject
assert one["Auto-Submitted"] == "auto-generated"
EOF
status 'once a step' 0 at "$now" campaign remind --send --sendmail "$SANDBOX/sendmail"
said 'nobody is told twice' '0 mails sent'
status 'late, it is another step' 0 at 2027-01-03T00:00:00Z campaign remind --list
said 'the reminder' 'reminder'

# ---- Closing, refused; silence ----

status 'what is undecided can not be closed' 4 at 2027-01-02T00:00:00Z campaign close Q4
said 'and is named' 'E00006: '
status 'before its days are over nothing goes up' 0 at 2027-01-02T00:00:00Z campaign escalate
said 'so it says' 'nothing to escalate'
status 'then it goes up' 0 at 2027-01-06T00:00:00Z campaign escalate
said 'to whoever is above' 'escalated:'
status 'at last silence proposes to revoke' 0 at 2027-01-09T00:00:00Z campaign escalate
said 'which waits for a second person' 'reeve approve'
act=$(grep -o 'reeve approve [0-9]*' err | tail -n 1 | cut -d' ' -f3)
status 'what waits keeps it from closing' 4 at 2027-01-09T00:00:00Z campaign close Q4
said 'and is named as well' "reeve approve $act"
status 'an officer approves' 0 at 2027-01-09T00:00:00Z approve "$act"
status 'one person does not leave out core accounts' 4 at 2027-01-09T00:00:00Z campaign close Q4
said 'so closing names the source' 'corp: the scope leaves out'
status 'they say so' 0 at 2027-01-09T00:00:00Z campaign missing Q4 corp --reason 'in June'
act=$(grep -o 'reeve approve [0-9]*' out | cut -d' ' -f3)
KEY=ben status 'and another one signs it' 0 at 2027-01-09T00:00:00Z approve "$act"
status 'then it is closed' 0 at 2027-01-09T00:00:00Z campaign close Q4
status 'and stays so' 2 at 2027-01-09T00:00:00Z campaign assign Q4
status 'all that was signed verifies' 0 at 2027-01-09T00:00:00Z verify
status 'campaigns are listed' 0 at 2027-01-09T00:00:00Z campaign list
said 'with what became of them' 'closed'

# ---- A server that is not there ----

later=2027-03-01T00:00:00Z
rm -r hosts/web2
at "$later" pull >out 2>&1
status 'a check older than a pull is not frozen' 2 at "$later" campaign open Q1 --due 2027-03-31
said 'and the newest is asked for' 'run reeve check'
at "$later" check >out 2>&1
status 'a server that is gone makes it incomplete' 4 at "$later" campaign open Q1 \
	--fallback E00003 --due 2027-03-31
said 'and is named' 'servers web2'
status 'closing names it, too' 4 at "$later" campaign close Q1
said 'by its name' 'servers web2'
status 'a core source is never let through' 2 at "$later" campaign missing Q1 corp --reason x
status 'a server of others may be' 0 at "$later" campaign missing Q1 servers web2 --reason 'scrapped'
act=$(grep -o 'reeve approve [0-9]*' out | cut -d' ' -f3)
KEY=ben status 'by two persons' 0 at "$later" approve "$act"
status 'but not one of three' 4 at "$later" campaign close Q1
said 'which is more than may be' 'more hosts are let through than may be'

# ---- Who left ----

sed 's/^\(E00010,.*\),active,2015-03-02,,/\1,left,2015-03-02,2027-02-20,/' \
	company/hr-2026-12-01.csv >hr.csv
at "$later" hr --as-of 2027-03-01 --zone +00:00 hr.csv >out 2>&1
at "$later" check >out 2>&1
KEY=nobody status 'a review opens by itself for who left' 0 at "$later" campaign open --events
said 'one for each' '1 campaign opened'
KEY=nobody status 'once' 0 at "$later" campaign open --events
said 'and never again' '0 campaigns opened'
status 'it is of that person alone' 0 at "$later" campaign list
said 'and says why' 'left:E00010:2027-02-21'
status 'the chain still verifies' 0 at "$later" verify
report
