#!/usr/bin/env bash
# reeve hr and reeve register: a company's year in personnel's files, whose
# accounts are whose, registers, in English and in Chinese (also in Big5).
set -u
. "$(dirname "$0")/lib.sh"
[ -n "${SANDBOX-}" ] || packages sqlite3
sandbox "$@"

reeve=${REEVE:-$top/build/release/reeve}
[ -x "$reeve" ] || make -s -C "$top" build/release/reeve
export TZ=Asia/Taipei REEVE_DB=$SANDBOX/review.db

# ---- Accounts, as an application has them ----

cat >accounts.csv <<'X'
account,name,mail,employee,department
ming,王小明,,E1,
lin,Lin Mei,mei@x.tw,,
wei,"WEI, Chen",,,交易部
twin,陳大文,,,
svc-backup,,,,
X
answers "accounts are pulled" 0 "" "$reeve" pull csv:accounts.csv
cat >january.csv <<'X'
員工編號,姓名,部門,職稱,電子郵件,狀態,到職日,離職日,身分別
E1,王小明,交易部,經理,ming@x.tw,在職,104/03/02,,正職
E2,Mei Lin,結算部,專員,mei@x.tw,在職,109/1/6,,正職
E3,Chen Wei,交易部,專員,wei@x.tw,在職,2020-01-06,,正職
E4,陳大文,交易部,專員,d1@x.tw,在職,2020-01-06,,正職
E5,陳大文,資訊部,專員,d2@x.tw,在職,2020-01-06,,正職
V1,吳外包,,,,在職,2026-01-02,,委外
X
answers "a file in Chinese is imported" 0 "6 persons: 6 new" \
    "$reeve" hr --as-of 2026-01-31 january.csv
asked "employee number, mail, and name with department are the keys" \
    'E1 employee,E2 mail,E3 name' \
    "SELECT group_concat(x) FROM (SELECT employee || ' ' || how AS x
     FROM person_account JOIN person p ON p.id = person
     WHERE how <> 'ambiguous' ORDER BY 1)"
answers "what can't be told is listed with whom it fits" 1 "E4 陳大文" \
    "$reeve" --format csv hr unmatched
answers "an account is confirmed as a person's" 0 "" "$reeve" hr match twin E5
answers "and is listed no more" 1 "svc-backup" "$reeve" --format csv hr unmatched
refuse "by name" sh -c "'$reeve' --format csv hr unmatched | grep -q twin"
answers "an account that is not there can't be confirmed" 2 "no such account" \
    "$reeve" hr match nobody E5
answers "nor a person who is not" 2 "no such employee" "$reeve" hr match twin E9

printf 'mei2,,mei@x.tw,,\n' >>accounts.csv
answers "a pull matches the accounts that it brings" 0 "" \
    "$reeve" pull csv:accounts.csv
asked "at once" 'E2 mail' \
    "SELECT p.employee || ' ' || how FROM person_account a
     JOIN person p ON p.id = person JOIN account_fact USING (object)
     WHERE account_fact.name = 'mei2'"

# ---- What happens to people ----

sed -e 's/^E1,王小明,交易部/E1,王小明,資訊部/' \
    -e 's/^E2,\(.*\),在職,109\/1\/6,,/E2,\1,離職,109\/1\/6,115\/2\/20,/' \
    january.csv | iconv -f UTF-8 -t BIG5 >february.csv
answers "a file in Big5 is imported" 0 "2 changed" \
    "$reeve" hr --as-of 115/2/28 --encoding BIG5 february.csv
asked "a transfer is seen by comparing" '交易部|資訊部|2026-02-28' \
    "SELECT before, after, date(at, 'unixepoch', '+8 hours') FROM person_event
     WHERE what = 'transferred'"
asked "a leaver's last day counts to its end, in Taipei" '2026-02-20 16:00:00' \
    "SELECT datetime(at, 'unixepoch') FROM person_event WHERE what = 'left'"
asked "a confirmed match is remembered" 'E5' \
    "SELECT employee FROM person_account JOIN person p ON p.id = person
     WHERE how = 'confirmed'"
head -n 4 january.csv >march.csv
answers "a file that lost too many stops" 4 "--confirm" \
    "$reeve" hr --as-of 2026-03-31 march.csv
asked "and changes nothing" 2 'SELECT count(*) FROM hr_import'
answers "unless that is confirmed" 0 "3 gone" \
    "$reeve" hr --confirm --as-of 2026-03-31 march.csv
answers "the same file of the same day changes nothing" 0 "seen before" \
    "$reeve" hr --as-of 2026-03-31 march.csv
answers "an older file is refused" 2 "later day" \
    "$reeve" hr --as-of 2026-01-31 march.csv
printf 'employee,name,id\nE1,A,A123456789\nE2,B,F131104093\n' >id.csv
answers "national identity numbers are refused" 2 "identity" \
    "$reeve" hr id.csv
printf 'employee,name,hired\nE1,A,soon\nE2,,\n' >bad.csv
answers "bad rows are named with file and line" 2 "bad.csv: line 3" \
    "$reeve" hr bad.csv
refuse "no identity number is in the database" \
    grep -q A123456789 "$REEVE_DB" "$REEVE_DB-wal"

cat >review.conf <<'X'
[source hr]
url = hr:
delimiter = semicolon
columns = employee=Nummer
X
printf 'Nummer;name\nE1;王小明\nE2;Mei Lin\nE3;Chen Wei\n' >other.csv
answers "review.conf says how other files are written" 0 "3 persons" \
    "$reeve" --config review.conf hr --as-of 2026-04-30 other.csv
answers "which is no source of accounts" 0 "" \
    "$reeve" --config review.conf pull

# ---- Registers ----

printf '類別,帳號,負責人,核准人\n特權帳號,root,資訊部,王小明\n共用帳號,kiosk,交易部,王小明\n' \
    >accounts-register.csv
answers "a register of accounts is known by its header" 0 "accounts: 2 rows" \
    "$reeve" register accounts-register.csv
printf 'ticket,requester,approver,account,right,not_before,not_after\nT-1,E1,E3,ming,Trader,2026-05-01,2026-05-02\n' \
    >approvals.csv
printf 'host,address,person,shared\nws-1,10.1.1.1,E1,no\ndesk-1,,,yes\n' \
    >workstations.csv
answers "several files are imported at once" 0 "workstations: 2 rows" \
    "$reeve" register approvals.csv workstations.csv
answers "the same again changes nothing" 0 "nothing is changed" \
    "$reeve" register workstations.csv
printf 'rule,account,reason,approver,ends\nAR-161,ming,old system,boss,%s\n' \
    "$(date -d '+170 days' +%F)" >exceptions.csv
answers "an exception is imported" 0 "exceptions: 1 rows" \
    "$reeve" register exceptions.csv
printf 'rule,account,reason,approver,ends\nAR-161,ming,old system,boss,%s\n' \
    "$(date -d '+190 days' +%F)" >long.csv
answers "one of more than 180 days is refused, with its line" 2 \
    "long.csv: line 2: an exception ends within 180 days" \
    "$reeve" register long.csv
asked "and the one that holds goes on" 1 \
    "SELECT count(*) FROM exception WHERE until = 9223372036854775807"
answers "a file of no known kind asks for one" 2 "--kind" \
    "$reeve" register accounts.csv
report
