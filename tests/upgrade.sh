#!/usr/bin/env bash
# An upgrade under a running sshd, and the way back: of this version and one
# that differs in its number, an option, and a member of the trail's records.
# Nobody who was enrolled is locked out by it, and nobody gets in by it.
set -u
. "$(dirname "$0")/lib.sh"
[ -n "${SANDBOX-}" ] || packages openssl python3
sandbox "$@"

word='long Horse 4 battery'
drive=$top/build/release/tests/tool_pamdrive
reeve_host
shipped sshd sudo login
lock=('[throttle]' 'style = lock')
reeve_conf "${lock[@]}"
printf 'Defaults !fqdn, timestamp_timeout=0, passwd_tries=1\nada ALL=(ALL:ALL) ALL\n' \
    >/etc/sudoers.d/test
chmod 440 /etc/sudoers.d/test

# ---- The two versions ----

# Of the next one only what differs is compiled.
make_next() {
	mkdir -p next/build/release &&
	    cp -a "$top/Makefile" "$top/pamod" "$top/schema" next &&
	    cp -a "$top"/build/release/{pamod,schema,pamod.a,schema.a} \
	        next/build/release &&
	    sed -i '/^static const struct conf_key notice_keys/a\
	{ "colour", CONF_BOOL, offsetof(struct options_notice, last_login),\
	    NULL, "yes", "of what is told" },' next/pamod/options.c &&
	    sed -i '/^put_members(/,/^{/s/^{/&\
	line_text(members, "program", REEVE_VERSION, 64);/' \
	        next/schema/trail.c &&
	    touch next/pamod/reevectl.c &&
	    make -s -C next VERSION=9.9.9 build/release/pam_reeve.so \
	        build/release/reevectl
}
check "the next version is built" make_next
this=$top/build/release next=$SANDBOX/next/build/release
security=$(dirname "$(find /lib/*/security /usr/lib/*/security \
    /lib/security -name pam_reeve.so 2>/dev/null | head -n 1)")

# As dpkg and rpm replace a file, whole. put VERSION module|reevectl...
put() {
	local from=$1 what to

	shift
	for what in "$@"; do
		case $what in
		module) what=pam_reeve.so to=$security ;;
		reevectl) to=/usr/local/sbin ;;
		esac
		cp "$from/$what" "$to/$what.new" && mv "$to/$what.new" "$to/$what"
	done
}
is_version() {
	[ "$(reevectl --version)" = "reevectl $1" ]
}

# ---- People ----

for name in ada bea cat dan eve; do
	person "$name" "$word" -G admins
done
ada_totp=$(enroll ada totp) && ada=$(enroll ada hotp) && bea=$(enroll bea hotp) &&
    cat=$(enroll cat hotp) || exit 1
recovery=$(reevectl enroll ada recovery </dev/null |
    awk '$1 ~ /^[0-9]+$/ { print $2; exit }')
reevectl breakglass make --first Ann --second Bob --count 3 \
    --first-file ann --second-file bob >/dev/null || exit 1
denylist_keys

# login NAME CODE [COMMAND...]
login() {
	local name=$1 code=$2

	shift 2
	PASSWORD=$word CODE=$code by_ssh "$name" "${@-true}"
}
# ada's next code, of the token; in a file, since checks are subshells.
echo 0 >pressed
press() {
	echo $(($(cat pressed) + 1)) >pressed
	hotp "$ada" "$(cat pressed)"
}
ada_in() {
	login ada "$(press)"
}
glass() { # NUMBER: a break-glass code, at the console
	printf 'ode=%s\nhalf=%s\nassword=%s\n' "$(grep -o "BG0$1A.*" ann)" \
	    "$(grep -o "BG0$1B.*" bob)" "$word" |
	    "$drive" login root tty=tty1 -- auth acct
}
echo "root:$word" | chpasswd
settings() {
	find /etc/reeve /etc/pam.d -type f -exec sha256sum {} +
}

# ---- Before ----

sshd_start keyboard-interactive
check "ada logs in" ada_in
for _ in 1 2 3; do
	login bea 000000 2>/dev/null
done
refuse "bea has guessed too often and is locked" login bea "$(hotp "$bea" 1)"
denylist_text 3 '* * cat - leaver -' | denylist_sign key >note3
denylist_text 4 '* * cat - leaver -' | denylist_sign key >note4
denylist_text 5 '* * nobody - leaver -' | denylist_sign key >note5
check "a review has cat refused" reevectl denylist install note4
reevectl trail checkpoint >held || exit 1

# A session, which stays open over the upgrade and does as it is told.
mkfifo orders answers
chmod 666 orders answers
trail_mark
login ada "$(totp "$ada_totp" -1)" "exec 8<>'$SANDBOX/orders' 9>'$SANDBOX/answers'
while read -r order <&8; do eval \"\$order\" >&9 2>&1; echo \"status \$?\" >&9; done" &
session=$!
exec 8<>orders 9<>answers
wait_for 20 recorded type=open user=ada || die "no session"
# in_session COMMAND: its output and status.
in_session() {
	local line

	printf '%s\n' "$1" >&8
	while read -r -t 30 line <&9; do
		printf '%s\n' "$line"
		[[ $line != status* ]] || break
	done
	[ "$line" = 'status 0' ]
}
by_sudo() { # CODE COMMAND
	in_session "printf '%s\\n' '$word' '$1' | sudo -S -p '' $2"
}
before=$(settings)

# ---- During ----

# The files of both versions go to and fro as fast as they can.
to_and_fro() {
	until [ -e settled ]; do
		put "$next" module reevectl
		put "$this" module reevectl
	done
}
at_both() { # the newest logins were
	local grants

	grants=$(trail_lines | tail -n "+$((trail_marked + 1))" |
	    grep '"type":"grant"')
	grep -q '"program":"9.9.9"' <<<"$grants" &&
	    grep -qv '"program"' <<<"$grants"
}
swapped() {
	local i

	for ((i = 1; i <= 30; i++)); do
		login ada 000000 2>/dev/null && return 1
		ada_in && reevectl list ada >/dev/null || return 1
		[ "$i" -lt 4 ] || ! at_both || return 0
	done
	return 1
}
trail_mark
to_and_fro &
swapping=$!
check "while files are replaced, right codes let in and wrong ones do not" swapped
refuse "... nor is who has no factor let in" login dan 000000
touch settled
wait "$swapping"
check "what both versions wrote verifies, by the older" reevectl trail verify \
    --checkpoint held

# Half an upgrade: either half alone.
half() { # who is enrolled by one version is let in by the other
	local secret

	secret=$(enroll eve hotp --label "$1") && login eve "$(hotp "$secret" 1)" &&
	    ada_in && reevectl list eve >/dev/null && reevectl trail tick &&
	    reevectl trail verify && reevectl remove eve hotp >/dev/null
}
put "$next" module
check "the next module with this reevectl" half one
put "$this" module
put "$next" reevectl
check "this module with the next reevectl" half two
rm "$security/pam_reeve.so"
refuse "while the module is missing nobody gets in" login ada "$(press)"
refuse "... nor does anybody become root" by_sudo "$(press)" 'id -u'
put "$next" module
check "... and then ada does" ada_in

# ---- After ----

check "the upgrade is made" is_version 9.9.9
check "configuration and stacks are as they were" test "$before" = "$(settings)"
trail_mark
check "with the same token ada logs in" ada_in
check "... at the next version" recorded type=grant user=ada program=9.9.9
refuse "... not with a code that was used before it" login ada "$(hotp "$ada" 1)"
check "with the same telephone" login ada "$(totp "$ada_totp" 0)"
check "with a recovery code" login ada "$recovery"
refuse "... once" login ada "$recovery"
refuse "bea is locked still" login bea "$(hotp "$bea" 1)"
check "... until unlock" reevectl unlock bea
check "... and then let in" login bea "$(hotp "$bea" 1)"
refuse "cat is refused still" login cat "$(hotp "$cat" 1)"
check "the deny list's counter stays: an older one is refused" exits 3 \
    reevectl denylist install note3
check "break-glass opens" glass 1

check "the open session is alive" in_session 'id -un | grep -x ada'
trail_mark
refuse "... its sudo still wants another device than its login's" by_sudo \
    "$(totp "$ada_totp" 1)" 'id -u'
check "... and says so" recorded service=sudo result=no reason=same-factor
check "... and takes the other" by_sudo "$(press)" 'id -u'
sed -i 's/reeve-session-1/reeve-session-9/' /run/reeve/sessions/a*
trail_mark
check "... also when it was noted in another version's format" by_sudo \
    "$(press)" 'id -u'
check "... as a login whose factors are not known" recorded type=stepup \
    user=ada 'factors=password,hotp.*'
printf 'exit\n' >&8
wait "$session"
check "it is closed, and that is recorded" wait_for 20 recorded type=close \
    user=ada
reeve_conf "${lock[@]}" '[notice]' 'colour = no'
check "the next version takes its new option" ada_in
check "... and a newer deny list" reevectl denylist install note5
check "cat may come in again" login cat "$(hotp "$cat" 2)"

# ---- And back ----

put "$this" module reevectl
said() { # WORDS COMMAND...: refused with these words, also by syslog
	local words=$1

	shift
	! "$@" >said 2>&1
	grep -q "$words" said && grep -q "pam_reeve.*$words" syslog.log
}
refuse "an older version refuses an option that it does not know" ada_in
check "... and says where it stands" said \
    'reeve.conf:6: .*colour' reevectl list ada
check "... break-glass opens" glass 2
reeve_conf '[reeve]' 'mode = observe' "${lock[@]}" '[notice]' 'colour = no' \
    2>/dev/null
check "... and in observe mode nobody is locked out" login dan ''
reeve_conf "${lock[@]}"
check "without that option the older version lets ada in" ada_in
check "... and knows the newer deny list: what was before it is refused" \
    exits 3 reevectl denylist install note4

# What a version to come writes at its "state upgrade".
record=/var/lib/reeve/users/ada
later_format() {
	python3 -c '
import hashlib, sys
with open(sys.argv[1], "r+b") as f:
    head = f.read(8) + (int.from_bytes(f.read(4), "little") + 1).to_bytes(4, "little") + f.read(4)
    f.seek(0)
    f.write(head + hashlib.sha256(head).digest())' "$record"
}
cp -a "$record" "$SANDBOX/record"
later_format
later=$(sha256sum <"$record")
refuse "state of a later format is refused" ada_in
check "... as newer, not as damaged" said 'format 2 is newer' reevectl list ada
refuse "... and nothing is enrolled over it" reevectl enroll ada recovery
check "... break-glass opens" glass 3
check "... others come in" login cat "$(hotp "$cat" 3)"
check "... and the record stays as it is" test "$later" = "$(sha256sum <"$record")"
mv "$SANDBOX/record" "$record"
check "where it can be read, ada comes in" ada_in

for reevectl in "$this/reevectl" "$next/reevectl"; do
	check "the trail of both verifies, by $("$reevectl" --version)" \
	    "$reevectl" trail verify --checkpoint held
done
check "... and by the auditor's verifier" python3 \
    "$top/contrib/trail-verify.py" --checkpoint held /var/lib/reeve/trail
report
