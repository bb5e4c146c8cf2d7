#!/usr/bin/env bash
# Worksheets as a manager has them: a page in a real Chromium, opened from a
# file, decided by keyboard, saved, and taken back; and imports that meet each
# other, a kill and a full disk.
set -u
. "$(dirname "$0")/lib.sh"
[ -n "${SANDBOX-}" ] || packages chromium chromium-driver python3
sandbox "$@"

reeve=${REEVE:-$top/build/release/reeve}
[ -x "$reeve" ] || make -s -C "$top" build/release/reeve
mkdir "$SANDBOX/home"
export TZ=Asia/Taipei HOME=$SANDBOX/home
cd "$SANDBOX" || exit 2
disk store 24 || exit 2
export REEVE_DB=$SANDBOX/store/review.db
# The browser's clock: what is decided before the freeze is refused.
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)

as_lin() {
	"$reeve" --quiet --now "$now" --key "$SANDBOX/lin" "$@" 2>>err
}

filetime() {
	echo "$((($(date -ud "$now" +%s) - $1 * 86400 + 11644473600) * 10000000))"
}

sid() {
	printf '\001\005\0\0\0\0\0\005\025\0\0\0\001\0\0\0\002\0\0\0\003\0\0\0' |
	    cat - <(printf '%b' "\\x$1\\x$2\\0\\0") | base64 -w0
}

user() {
	cat <<-E

	dn: CN=$1,CN=Users,DC=corp,DC=example
	objectClass: top
	objectClass: person
	objectClass: organizationalPerson
	objectClass: user
	cn: $1
	sAMAccountName: $1
	employeeNumber: $3
	sAMAccountType: 805306368
	objectGUID: 0123456789abcd$2
	objectSid:: $(sid "$2" 04)
	primaryGroupID: 513
	userAccountControl: 512
	whenCreated: 20240101000000.0Z
	pwdLastSet: $(filetime 10)
	lastLogonTimestamp: $(filetime 3)
	E
}

group() {
	local i

	cat <<-E

	dn: CN=$1,CN=Users,DC=corp,DC=example
	objectClass: top
	objectClass: group
	cn: $1
	sAMAccountName: $1
	description: =$1
	objectGUID: 0123456789abcd$2
	objectSid:: $(sid "$3" "$4")
	E
	shift 4
	for i; do
		echo "member: CN=$i,CN=Users,DC=corp,DC=example"
	done
}

# A manager (E1001), who decides on nine people's rights.
{
	echo 'version: 1'
	user wang 11 E1001
	user ann 12 E1002
	for i in 13 14 15 16 17 18 19 20; do
		user "user$i" "$i" "E10$i"
	done
	group 'Domain Admins' zz 00 02 ann
	group vpn zy 00 03 user{13,14,15,16,17,18,19,20}
} >corp.ldif
{
	echo 'employee,name,department,title,manager,mail,status,hired'
	echo 'E1000,總經理,總經理室,總經理,,c@x.example,active,2010-01-01'
	echo 'E1001,王大明,經紀部,經理,E1000,w@x.example,active,2015-01-01'
	printf '%s' 'E1002,"</script><script>document.title=""hit""</script>"'
	echo ',經紀部,營業員,E1001,a@x.example,active,2015-01-01'
	for i in 13 14 15 16 17 18 19 20; do
		echo "E10$i,林$i,經紀部,營業員,E1001,$i@x.example,active,2015-01-01"
	done
} >hr.csv
for who in lin wu wang; do
	ssh-keygen -q -t ed25519 -N '' -C '' -f "$who"
done
{
	"$reeve" init --rehearsal
	as_lin pull "ldif:$SANDBOX/corp.ldif"
	as_lin hr --as-of "$(date -u -d yesterday +%F)" hr.csv
	as_lin check
	as_lin person add lin --employee E2001
	"$reeve" --now "$now" --key wu person add wu --employee E2002
	as_lin person add wang --employee E1001 --role reviewer --pub wang.pub \
	    --grounds 'in person'
	"$reeve" --now "$now" --key wu approve 3
	as_lin campaign open 2026Q4 --due "$(date -u -d "30 days" +%F)" --fallback E1000
	as_lin campaign assign 2026Q4
} >setup.log 2>&1

# ---- Handed out ----

status 'worksheets are handed out in three forms' 0 \
    as_lin campaign export --format-of html,xlsx,csv 2026Q4 sheets
is 'nobody else can read one' \
    "$(find sheets sheets.codes.csv -type f ! -perm 600)" ''
is 'codes are not in the folder that is sent' \
    "$(find sheets -type f | sed 's/.*\.//' | sort | uniq -c | tr -s ' \n' ' ')" \
    ' 2 csv 2 html 2 xlsx '
is 'nothing unfinished is left' "$(find sheets -name '.*')" ''
code=$(sed -n 's/^"E1001".*,"\(.*\)"\r$/\1/p' sheets.codes.csv)
status 'an unknown reviewer has no worksheet' 2 \
    as_lin campaign export --reviewer E9 2026Q4 sheets

# ---- In the browser ----

mkdir downloads
while IFS= read -r line; do
	case $line in
	'ok '*) ok "page: ${line#ok }" ;;
	*) not_ok "page: ${line#not ok }" ;;
	esac
done < <(timeout 100 python3 "$top/tests/worksheet_page.py" "$SANDBOX" \
    "$SANDBOX/sheets/2026Q4-E1001.html" "$code" 2>&1)
saved=$SANDBOX/downloads/2026Q4-E1001.json
check 'the browser saved the answers' test -s "$saved"

# ---- Taken back ----

cp "$REEVE_DB" fresh.db
restore() {
	rm -f "$REEVE_DB"-*
	cp fresh.db "$REEVE_DB"
}
taken_from() {
	as_lin --format csv campaign import "$@" | tail -n +2
}

sed 's/her work/our work/' "$saved" >altered.json
status 'an altered file is refused' 1 as_lin campaign import altered.json
said '... and it is said why' 'it was altered, or made with another code'
status 'what the page saved is taken' 0 \
    as_lin campaign import --receipts receipts "$saved"
said '... as coded' coded
check 'the reviewer gets a receipt with the head of the chain' \
    grep -qE ': act [0-9]+ [0-9a-f]{64}$' receipts/2026Q4-E1001-*.txt
cp "$REEVE_DB" taken.db
status 'importing again is no failure' 0 as_lin campaign import "$saved"
check '... and changes nothing' cmp "$REEVE_DB" taken.db
status 'what was recorded verifies' 0 "$reeve" verify
as_lin evidence export coded >out
status '... so does a pack of it' 0 "$reeve" evidence verify coded --unsigned
said '... which says that its code is not there yet' 'codes that are not in this pack'

restore
head -n -1 "$saved" >signed.json
printf '"hmac":""}\n' >>signed.json
ssh-keygen -q -Y sign -n reeve-worksheet -f wang signed.json 2>/dev/null
status 'a file with a signature is taken' 0 as_lin campaign import signed.json
said '... as signed' signed
as_lin evidence export signed >out
status '... and a pack has it, with its signature' 0 \
    "$reeve" evidence verify signed --unsigned

restore
python3 - <<'E'
import csv, io
rows = list(csv.reader(io.open('sheets/2026Q4-E1001.csv',
                               encoding='utf-8-sig', newline='')))
at = {c.split()[0]: i for i, c in enumerate(rows[0])}
for row in rows[1:]:
    if row[at['item']] == '':
        row[at['decision']], row[at['reason']] = '保留', '職務需要'
with io.open('filled.csv', 'w', encoding='utf-8-sig', newline='') as f:
    csv.writer(f).writerows(rows)
rows[1][at['who']] = 'somebody else'
with io.open('changed.csv', 'w', encoding='utf-8-sig', newline='') as f:
    csv.writer(f).writerows(rows)
E
status 'a changed cell refuses its row alone' 1 as_lin campaign import changed.csv
said '... and names the column' 'column "who" was changed'

# ---- Two at once, a kill, a full disk ----

restore
mkdir one two
cp "$saved" one/a.json
cp filled.csv two/b.csv
taken_from one >one.out &
taken_from two >two.out
wait
is 'of two imports at once both are recorded, or one stands already' \
    "$(cat one.out two.out | grep -cE ',(taken|nothing),')" 2
status '... in one chain' 0 "$reeve" verify

halves=0 killed=0
for wait in 0.01 0.02 0.03 0.05 0.08 0.12 0.2 0.3; do
	restore
	{
		timeout -s KILL "$wait" "$reeve" --quiet --now "$now" \
		    --key "$SANDBOX/lin" campaign import "$saved" >/dev/null
		[ "$?" -ne 137 ] || killed=$((killed + 1))
	} 2>/dev/null
	"$reeve" verify >/dev/null 2>&1 || halves=$((halves + 1))
	# Taken now, or already: never a part.
	as_lin campaign import "$saved" >out || halves=$((halves + 1))
	grep -qE ' (taken|before) ' out || halves=$((halves + 1))
done
is "after $killed of 8 imports were killed each was whole or not at all" \
    "$halves" 0

restore
dd if=/dev/zero of=store/full bs=1k 2>/dev/null
as_lin campaign import "$saved" >out
is 'on a full disk an import fails' "$?" 2
rm store/full
check '... and the store is as it was' test "$(
    "$reeve" --format csv acts 2>/dev/null | wc -l)" = "$(
    REEVE_DB=$SANDBOX/fresh.db "$reeve" --format csv acts 2>/dev/null | wc -l)"
status '... and takes it when there is room' 0 as_lin campaign import "$saved"
status '... and verifies' 0 "$reeve" verify

disk small 2 || exit 2
dd if=/dev/zero of=small/full bs=1k 2>/dev/null
as_lin campaign export --format-of html,xlsx 2026Q4 small/sheets >out
is 'on a full disk nothing is handed out' "$?" 2
is '... and nothing is left there' "$(find small -name '*.*' -type f)" ''
report
