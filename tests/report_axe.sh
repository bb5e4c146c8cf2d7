#!/usr/bin/env bash
# Pages of reports in a real Chromium, at a phone's and a desktop's width, light
# and dark: of names that are 300 characters long, from right to left or markup,
# and of a pack without any row. axe-core is what npm has; or AXE, a path to it.
set -u
. "$(dirname "$0")/lib.sh"

# There is no network in the sandbox.
if [ -z "${SANDBOX-}" ] && [ -z "${AXE-}" ] && [ "$(id -u)" -eq 0 ] &&
    command -v npm >/dev/null; then
	npm=$(mktemp -d /var/tmp/reeve-axe.XXXXXX)
	timeout 120 npm install --prefix "$npm" --no-fund --no-audit axe-core@4 \
	    >/dev/null 2>&1
	export AXE=$npm/node_modules/axe-core/axe.min.js AXE_FOLDER=$npm
fi
[ -n "${SANDBOX-}" ] || packages chromium chromium-driver python3 xsltproc
sandbox "$@"

cd "$SANDBOX" || exit 2
mkdir home
export HOME=$SANDBOX/home

# pages KIND: all in both languages, as KIND/LANGUAGE-PAGE.html
pages() {
	local input sheet

	mkdir "$1"
	python3 "$top/tests/report_input.py" "$1" "$1" || return 1
	for input in "$1"/*.xml; do
		sheet=${input##*-}
		xsltproc --nonet --nowrite --nomkdir --maxdepth 400 \
		    "$top/reports/${sheet%.xml}.xsl" "$input" \
		    >"${input%.xml}.html" || return 1
		xmllint --html --xpath '//main//text()' "${input%.xml}.html" \
		    >>"$1.txt" 2>/dev/null
	done
}

for kind in hostile empty many; do
	check "pages of $kind are made" pages "$kind"
done
check 'of no rows it is said that there are none' \
    grep -q '本期無缺失' empty.txt
# How many rows of remedies have that sign and those words.
remedies() {
	xmllint --html --xpath "count(//tr[.//span[contains(@class, 'mark $1')]]
	    [contains(., '尚未證實')])" many/zh-remediation.html 2>/dev/null
}
check 'a remedy that is proven by no pull is not called unproven, too' \
    test "$(remedies proven)-$(remedies open)" = 0-4
check 'a name is no markup' \
    grep -qF '&lt;script&gt;&amp;"' hostile.txt
# A key stands for itself where there is no word.
says_every_word() {
	! grep -nE '(^|[^A-Za-z0-9._-])(decide|figure|findings|remedies|remedy|days|reviews|reason|why|limits|retention|risk|flow|types|trend|riskBlock|findingStatus|dailyMark|verdict|requirement|page)\.[a-z]' \
	    "$@"
}
check 'every word is in the catalogue' says_every_word hostile.txt empty.txt

if [ -s "${AXE-}" ]; then
	pages=("$SANDBOX"/hostile/zh-*.html)
	[ -z "${SOAK-}" ] ||
	    pages=("$SANDBOX"/hostile/*.html "$SANDBOX"/empty/zh-*.html)
	while IFS= read -r line; do
		case $line in
		'ok '*) ok "page: ${line#ok }" ;;
		*) not_ok "page: ${line#not ok }" ;;
		esac
	done < <(timeout 600 python3 "$top/tests/report_page.py" "$SANDBOX" \
	    "$AXE" "${pages[@]}" 2>&1)
else
	skip 'pages in Chromium: no npm, or it does not reach axe-core'
fi
[ -z "${AXE_FOLDER-}" ] || rm -rf "$AXE_FOLDER"
report
