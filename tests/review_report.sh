#!/usr/bin/env bash
# Reports of packs: made-up ones of hostile names, of nothing and of much, and
# one of a real database. Each figure on each page is counted again from the
# pack's rows (report_figures.py), each other number, drawing and time told by
# them (report_numbers.py), each link followed, each page shown by a real
# Chromium without a network, and printed by it.
set -u
. "$(dirname "$0")/lib.sh"
[ -n "${SANDBOX-}" ] || packages chromium libxml2-utils openssh-client \
    poppler-utils python3
sandbox "$@"

built=$top/build/release
reeve=${REEVE:-$built/reeve}
[ -x "$reeve" ] && [ -x "$built/tests/tool_review_pack" ] ||
    make -s -C "$top" build/release/reeve build/release/tests/tool_review_pack
mkdir "$SANDBOX/home"
export TZ=Asia/Taipei HOME=$SANDBOX/home
cd "$SANDBOX" || exit 2

pack() {
	"$built/tests/tool_review_pack" "$@"
}

# Made-up packs have no acts that a verifier would believe.
report_of() {
	"$reeve" --quiet report "$@" --unverified
}

# status NAME WANTED WORDS COMMAND...
status() {
	local name=$1 wanted=$2 words=$3 got

	shift 3
	"$@" >said 2>&1
	got=$?
	if [ "$got" = "$wanted" ] &&
	    { [ -z "$words" ] || grep -qF -- "$words" said; }; then
		ok "$name"
	else
		not_ok "$name (status $got, wanted $wanted)"
		tail -n 12 said | cut -c1-300 | sed 's/^/  | /'
	fi
}

# What HTML 4's parser says of HTML 5's elements is no fault.
well_formed() {
	! find "$1" -type f -name '*.html' -print0 | xargs -0 xmllint --html --noout 2>&1 |
	    grep -E ': HTML parser (error|warning)' | grep -vE 'Tag [a-z]+ invalid'
}

# counted NAME PACK REPORT [exported]
counted() {
	check "$1: every figure is what the rows say, every link leads somewhere" \
	    python3 "$top/tests/report_figures.py" "$2" "$3"
	check "$1: every other number is told by the rows" \
	    python3 "$top/tests/report_numbers.py" "$2" "$3" "${4-}"
	check "$1: pages are well-formed" well_formed "$3"
}

# ---- Hostile names ----

pack hostile 200 2200 || die 'no pack'
status 'a pack is reported in two languages' 0 'tables: ' \
    report_of hostile --out made --account key-17
counted 'hostile' hostile made
check '... with a list of several pages' \
    test -f made/en/lists/findings/a11-2.html
check '... of a text in two languages, the page has its own' bash -c \
    "! grep -qF 'What it says (zh-TW)' made/en/lists/findings/a11.html &&
    grep -qF '說明（中文）' made/zh_TW/lists/findings/a11.html"
check '... what was meant as markup is text' \
    grep -qF '&lt;script&gt;alert(1)&lt;/script&gt;' made/en/worklist.html
check '... in Chinese: dates of the Republic' \
    grep -q '民國 115 年 10 月 1 日 至 民國 115 年 12 月 31 日' \
    made/zh_TW/index.html
check "... that nobody's signature was checked is on every page" \
    test "$(grep -rLF 'class="banner"' made --include='*.html' | wc -l)" = 0
check '... a word of the pack without a translation stands as it is' \
    grep -q 'some-word' made/en/account.html
check '... but no word of ours is missing' bash -c \
    "! grep -rhoE '>(page|worklist|index|list|account|event|banner)\.[a-z-]+<' \
    made --include='*.html' | grep -v '[.]csv<'"
check 'the same pack makes the same pages' bash -c \
    "\"$reeve\" --quiet report hostile --out again --account key-17 --unverified &&
    diff -r -x '*.xlsx' made again"
check 'one language alone' report_of hostile --out one --lang zh_TW
check '... links to no other' bash -c \
    "test ! -e one/en && ! grep -rqF 'lang=\"en\"' one --include='*.html'"

# ---- Nothing, and much ----

pack nothing 0 0 || die 'no pack'
check 'a pack without accounts or findings' report_of nothing --out none
counted 'nothing' nothing none
check 'a folder may be named with a slash behind it' bash -c \
    "mkdir slash && '$reeve' --quiet report nothing --out slash/ --unverified &&
    test -f slash/en/index.html && ! ls -d slash.* slash/.[a-zA-Z]*"
pack much 300 4500 plain || die 'no pack'
check 'more rows than a page may have' report_of much --out lots
counted 'much' much lots
check '... a list of more than 1,000 rows says so' \
    grep -q 'class="caution"' lots/en/lists/findings/a16.html
# Of each severity a fifth: what is cut off is of the least grave.
marks() {
	grep -oF "class=\"mark $1\"" lots/en/worklist.html | wc -l
}
check '... and a page of more findings' \
    grep -qF '1,000 / 1,125 rows are shown' lots/en/worklist.html
check '... they are the gravest' \
    test "$(marks critical)" -gt $(($(marks info) + 200))

# ---- A real one ----

now=2026-12-01T00:00:00Z
by_ann() {
	REEVE_DB=$SANDBOX/review.db "$reeve" --config review.conf --key ann \
	    --now "$now" --quiet "$@" >>real.log 2>&1
}

python3 "$top/tests/company.py" --managers --persons 120 --now "$now" company
cat >review.conf <<-EOF
[review]
time_zone = +08:00
[source corp]
url = ldif:$SANDBOX/company/directory.ldif
EOF
by_ann init --rehearsal
ssh-keygen -q -t ed25519 -N '' -C '' -f ann
by_ann person add ann --employee X-ann
by_ann hr --as-of 2026-11-03 --zone +00:00 company/hr-2026-11-03.csv
by_ann pull
by_ann check
by_ann campaign open Q4 --due 2026-12-31 --fallback E00003
by_ann campaign freeze Q4
by_ann evidence export q4 --quarter 2026Q4
check 'a pack of a company is reported, without its database' \
    "$reeve" --quiet report q4 --out q4.html --account wu4
check '... and says that no signature was checked' \
    grep -q 'The signature was not checked' q4.html/en/quarter.html
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -subj /CN=nobody -keyout stranger.key -out stranger.pem 2>/dev/null
status '... unless it should have been' 3 'unsigned' \
    "$reeve" --quiet report q4 --out trusted --trust stranger.pem
check '... and then there is none' test ! -e trusted
cp -r q4 changed
sed -i 's/enabled="true"/enabled="false"/' changed/parts/account-0001.xml
status '... a pack that was altered is not reported' 3 'altered: ' \
    "$reeve" --quiet report changed --out changed.html
counted 'company' q4 q4.html exported
cp -r q4.html forged
sed -i '0,/<td class="number">1</s//<td class="number">2</' \
    forged/en/dashboard.html
refuse '... a number that was changed on a page is found' \
    python3 "$top/tests/report_numbers.py" q4 forged
check '... of whole days' grep -qF '2026-10-01 to 2026-12-31' q4.html/en/index.html
check '... with the life of an account' \
    grep -q '<bdi>wu4</bdi>' q4.html/en/account.html
check '... no value is left without a word of ours' bash -c \
    "! grep -ohE '<dd><bdi>(user|staff|active|group)</bdi>' q4.html/zh_TW/*.html"

# ---- What is refused ----

status 'a folder that is not empty is not written to' 2 'not empty' \
    report_of hostile --out made
status 'an account that is not there' 2 'no account "nobody"' \
    report_of hostile --out nobody --account nobody
check '... leaves nothing' test "$(find . -maxdepth 1 -name 'nobody*' | wc -l)" = 0
cp -r hostile altered
sed -i 's/severity="high"/severity="low"/' altered/parts/finding-0001.xml
status 'a part that was altered' 3 'finding-0001.xml' \
    report_of altered --out bad
cp -r hostile linked
mv linked/parts/finding-0001.xml elsewhere
ln -s ../../elsewhere linked/parts/finding-0001.xml
status 'a part that is a link' 2 'finding-0001.xml' \
    report_of linked --out bad
check '... nor anything of it' test ! -e bad

"$reeve" --quiet report much --out stopped --unverified >said 2>&1 &
reporting=$!
until compgen -G 'stopped.*' >/dev/null || ! kill -0 "$reporting"; do :; done
kill -TERM "$reporting"
wait "$reporting"
check 'a report that is ended by a signal' test "$?" = 143
check '... leaves nothing' test "$(find . -maxdepth 1 -name 'stopped*' | wc -l)" = 0

disk small 6 || exit 2
report_of much --out small/report >said 2>&1
check 'on a full disk' test "$?" = 2
check '... nothing is left' test "$(find small -name 'report*' | wc -l)" = 0

# ---- As people see it ----

chromium_of() {
	timeout 120 unshare -n chromium --headless --no-sandbox --disable-gpu \
	    --user-data-dir="$SANDBOX/chromium" "$@" >chromium.log 2>&1
}

for page in en/index zh_TW/worklist en/account; do
	chromium_of --no-pdf-header-footer \
	    --print-to-pdf="$SANDBOX/page.pdf" "file://$PWD/made/$page.html"
	check "$page is printed by Chromium, without a network" \
	    pdftotext page.pdf page.txt
done
check '... with the text that was there' grep -q '<script>alert(1)</script>' page.txt
report
