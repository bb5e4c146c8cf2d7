#!/usr/bin/env bash
# From an export to findings: reeve pull, check, findings, rules, account, on an
# LDIF of a small domain, as on a bare machine.
set -u
. "$(dirname "$0")/lib.sh"
[ -n "${SANDBOX-}" ] || packages libxml2-utils # xmllint
sandbox "$@"

reeve=${REEVE:-$top/build/release/reeve}
[ -x "$reeve" ] || make -s -C "$top" build/release/reeve
export TZ=UTC REEVE_DB=$SANDBOX/review.db
cd "$SANDBOX" || exit 2
now=2026-12-01T00:00:00Z

# FILETIME of a day before now.
filetime() {
	echo "$((($(date -ud "$now" +%s) - $1 * 86400 + 11644473600) * 10000000))"
}

user() {
	cat <<-EOF

	dn: CN=$1,CN=Users,DC=corp,DC=example
	objectClass: top
	objectClass: person
	objectClass: organizationalPerson
	objectClass: user
	cn: $1
	sAMAccountName: $1
	sAMAccountType: 805306368
	objectGUID: 0123456789abcd$2
	objectSid:: $(printf "$(printf '\\x%s' 01 05 00 00 00 00 00 05 15 00 00 00 01 00 00 00 02 00 00 00 03 00 00 00 "$2" 04 00 00)" | base64 -w0)
	primaryGroupID: 513
	userAccountControl: $3
	whenCreated: 20240101000000.0Z
	pwdLastSet: $(filetime 10)
	lastLogonTimestamp: $(filetime "$4")
	EOF
}

{
	echo 'version: 1'
	user ann 11 512 3
	user idle 12 512 200
	user lagging 13 512 95
	user asrep 14 4194816 3
	user off 15 514 400
	cat <<-EOF

	dn: CN=Domain Admins,CN=Users,DC=corp,DC=example
	objectClass: top
	objectClass: group
	cn: Domain Admins
	sAMAccountName: Domain Admins
	objectGUID: 0123456789abcdzz
	objectSid:: $(printf "$(printf '\\x%s' 01 05 00 00 00 00 00 05 15 00 00 00 01 00 00 00 02 00 00 00 03 00 00 00 00 02 00 00)" | base64 -w0)
	member: CN=ann,CN=Users,DC=corp,DC=example
	EOF
} >corp.ldif

status 'a time that is given is not for real databases' 2 "$reeve" --now "$now" pull "ldif:$SANDBOX/corp.ldif"
status 'a database for rehearsals is made' 0 "$reeve" init --rehearsal
status '... once' 2 "$reeve" init
status 'check before any pull says what to do' 2 "$reeve" check
check '... and that it is a rehearsal' grep -q REHEARSAL err
status 'an export is pulled' 0 "$reeve" --now "$now" pull "ldif:$SANDBOX/corp.ldif"
status 'before a check, findings are not said to be none' 2 "$reeve" findings
status 'check finds something' 1 "$reeve" --now "$now" check
said 'it lists each rule with its hits and unknowns' 'AR-101'
said 'it says what the totals are' 'hits ('
said 'and for which profile' 'profile house'
status 'one rule can be checked alone' 0 "$reeve" --now "$now" check AR-183
status 'a rule that is not there is refused' 2 "$reeve" check AR-999
status 'a profile that is not there is refused' 2 "$reeve" --now "$now" check --profile nobody
status 'findings of a rule are told' 1 "$reeve" findings --rule AR-101
said 'who is idle is among them' 'idle'
said 'who may be idle is among them' 'lagging'
said 'with the raw value' "$(filetime 200)"
refuse 'who is not idle is not' grep -qE '^[a-z]+ +[a-z]+ +AR-101 +(ann|off) ' out
status 'findings in Chinese' 1 "$reeve" --lang zh_TW findings --rule AR-101
said 'have the text of the rule in Chinese' '閒置帳號'
status 'findings as CSV' 1 "$reeve" --format csv findings --rule AR-101
said 'name their columns' 'id,rule,severity,state,certainty'
status 'findings as JSON' 1 "$reeve" --format json findings
check 'are JSON' python3 -m json.tool out
status 'findings as XML' 1 "$reeve" --format xml findings
check 'are XML' xmllint --noout out
status 'what nothing was found of ends well' 0 "$reeve" findings --account nobody
status 'verdicts on policies are told' 0 "$reeve" findings --verdicts --profile tw-twse
said 'one for each requirement of the profile' 'password.min_length'
said 'and unavailable where no policy was told of' 'unavailable'
status 'two profiles that conflict are checked' 1 "$reeve" --now "$now" check --profile tw-twse,nist-63b-4
status 'and their conflict is told' 1 "$reeve" findings --verdicts
said 'as one' 'conflict of profiles'
status 'the rules are listed' 0 "$reeve" rules
said 'each with its controls' 'PAR-08'
status 'a rule is shown' 0 "$reeve" rules show AR-101
said 'with its thresholds' 'idle_flag_days = 90'
said 'and its query' 'FROM account'
status 'an account has a page' 0 "$reeve" account ann
said 'with its right and the way to it' 'Domain Admins'
said 'and its use' 'lastLogonTimestamp'
status 'an account that is not there is none' 2 "$reeve" account nobody

sed -e '/^sAMAccountName: idle/,/^$/s/lastLogonTimestamp: .*/lastLogonTimestamp: '"$(filetime 1)"'/' corp.ldif >later.ldif
mv later.ldif corp.ldif
later=2026-12-02T00:00:00Z
status 'the next export is pulled' 0 "$reeve" --now "$later" pull "ldif:$SANDBOX/corp.ldif"
status 'and checked' 1 "$reeve" --now "$later" check
said 'what is over is closed' '1 closed'
status 'it is shown as closed' 1 "$reeve" findings --closed --rule AR-101
said 'by name' 'idle'
status 'a clock behind what is stored checks nothing' 2 "$reeve" --now "$now" check


# Two entries of one key are not one account.
sed -e 's/^objectGUID: 0123456789abcd12/objectGUID: 0123456789abcd11/' corp.ldif >twins.ldif
REEVE_DB=$SANDBOX/twins.db status 'two entries of one key are refused' 2 \
	"$reeve" pull "ldif:$SANDBOX/twins.ldif"
said 'by name' 'CN=idle,CN=Users,DC=corp,DC=example: has the key of another entry'

# What others wrote is shown, and does nothing to the terminal.
mkdir -p tree/etc
printf 'root:x:0:0:root:/root:/bin/bash\n' >tree/etc/passwd
printf 'root:*:19000:0:99999:7:::\n' >tree/etc/shadow
printf 'root:x:0:\n' >tree/etc/group
printf 'h1\033[2J\n' >tree/etc/hostname
export REEVE_DB=$SANDBOX/tree.db
status 'a tree without sudoers is not complete' 4 "$reeve" pull "passwd:$SANDBOX/tree"
"$reeve" check >out 2>err
said 'a check says so' 'h1\u001b[2J'
refuse 'and sends no control character' grep -q $'\033' out err
printf 'kind,account\n\033[31mred,a\n' >register.csv
status 'a register with a wrong word is refused' 2 "$reeve" register register.csv
refuse 'and sends none either' grep -q $'\033' out err
printf '\033[31mred,b\n1,x\n' >hr.csv
status 'nor personnel with a wrong header' 2 "$reeve" hr hr.csv
refuse 'sends one' grep -q $'\033' out err

report
