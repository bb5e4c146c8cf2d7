#!/usr/bin/env bash
# Enrolment as people meet it: by themselves at a real sshd with a ticket, in
# both languages; and by root at a terminal, where a camera reads the QR code.
set -u
. "$(dirname "$0")/lib.sh"
[ -n "${SANDBOX-}" ] || packages locales tmux zbar-tools
sandbox "$@"

word='long Horse 4 battery'
mkdir -p "$SANDBOX/locales"
localedef -i zh_TW -f UTF-8 "$SANDBOX/locales/zh_TW.UTF-8" ||
    die "no locale zh_TW"
export TMUX_TMPDIR=$SANDBOX
cp -a /usr/lib/locale/C.utf8 "$SANDBOX/locales/"
mount --bind "$SANDBOX/locales" /usr/lib/locale
reeve_host
shipped sshd
for name in ada bea; do
	person "$name" "$word" -G admins
done
sshd_start keyboard-interactive

# ---- By themselves ----

cat >"$SANDBOX/self.exp" <<-'EOS'
lassign $argv user ticket asks first
set timeout 60
spawn -noecho ssh -tt -F none -p 2222 -o NumberOfPasswordPrompts=1 \
    -o UserKnownHostsFile=$env(SANDBOX)/known_hosts $user@127.0.0.1 echo inside
expect_after timeout { exit 3 } eof { exit 1 }
expect assword:
send "long Horse 4 battery\r"
expect $env(CODE_PROMPT)
send "000000\r"
expect $asks
send "$ticket\r"
expect -re {otpauth://totp/[^ ]*secret=([A-Z2-7]+)} {
	set seed $expect_out(1,string)
}
expect $first
send "000000\r"
expect $first
send "[exec oathtool --totp -b $seed]\r"
expect inside
puts "\nseed $seed"
EOS

# by_self USER TICKET TICKET'S-PROMPT FIRST-CODE'S-PROMPT
by_self() {
	LC_ALL=C.UTF-8 expect -f "$SANDBOX/self.exp" "$@" |
	    tee "$SANDBOX/self.$1"
	[ "${PIPESTATUS[0]}" -eq 0 ]
}
ticket() {
	reevectl enroll "$1" --ticket |
	    grep -oE '[A-Z2-7]{4}(-[A-Z2-7]{4})+' | head -n 1
}

export CODE_PROMPT='Verification code:'
trail_mark
refuse "a ticket of nobody lets nobody enrol" by_self ada AAAA-AAAA-AAAA-AAAA \
    'Enrolment ticket' 'First code:'
ada=$(ticket ada)
check "with a ticket ada enrols at her login, at the second try" by_self ada \
    "$ada" 'Enrolment ticket' 'First code:'
check "... which is recorded, and lets her in" recorded type=enroll user=ada \
    result=yes
seed=$(tr -d '\r' <"$SANDBOX/self.ada" | sed -n 's/^seed //p')
refuse "the ticket is spent" by_self ada "$ada" 'Enrolment ticket' 'First code:'
next_login() {
	PASSWORD=$word CODE=$(totp "$seed" 1) by_ssh ada true
}
check "the next login is by that device" next_login

reeve_conf '[reeve]' 'language = zh_TW.UTF-8'
CODE_PROMPT='驗證碼：'
bea=$(ticket bea)
check "in Chinese, too" by_self bea "$bea" '註冊憑單' '第一組驗證碼'
check "... all that is said" grep -q '驗證器' "$SANDBOX/self.bea"

# ---- By root, at a terminal ----

# What tmux shows, as a picture: a half block is two pixels, the upper one and
# the lower one, and light where it is drawn.
cat >"$SANDBOX/picture.py" <<-'EOS'
import sys
rows = []
for line in open(sys.argv[1], encoding="utf-8").read().split("\n"):
    if set(line.strip()) <= set("\u2588\u2580\u2584 ") and line.strip():
        line = line.ljust(100)[:100]
        rows.append([c in "\u2588\u2580" for c in line])
        rows.append([c in "\u2588\u2584" for c in line])
big = [[p for p in row for _ in range(4)] for row in rows for _ in range(4)]
print("P1", len(big[0]), len(big))
for row in big:
    print(" ".join("0" if p else "1" for p in row))
EOS
screen() { # LOCALE, each with a server of its own
	tmux -L "$1" capture-pane -p -t enroll >"$SANDBOX/screen"
}
shown() {
	screen "$1" && grep -q "$2" "$SANDBOX/screen"
}
read_by_camera() {
	python3 "$SANDBOX/picture.py" "$SANDBOX/screen" >"$SANDBOX/qr.pbm" &&
	    zbarimg -q --raw "$SANDBOX/qr.pbm"
}
on_a_terminal() {
	LC_ALL=$2 tmux -u -L "$2" new-session -d -s enroll -x 100 -y 60 \
	    "LC_ALL=$2 reevectl enroll cat totp" &&
	    wait_for 30 shown "$2" "$1" &&
	    read_by_camera >"$SANDBOX/read" &&
	    grep -q '^otpauth://totp/.*secret=' "$SANDBOX/read"
	status=$?
	tmux -L "$2" kill-server
	return "$status"
}
person cat "$word" -G admins
check "the QR code on a terminal is the URI, for a camera" \
    on_a_terminal 'shows now' C.UTF-8
check "... of a Chinese terminal, too" on_a_terminal '驗證碼' zh_TW.UTF-8
report
