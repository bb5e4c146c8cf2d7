#!/usr/bin/env bash
# What people are told is in their language: by the module in that of
# reeve.conf, whatever the application's is; by reevectl in that of the caller.
set -u
. "$(dirname "$0")/lib.sh"
# Not in the sandbox: packages come before it.
[ -n "${SANDBOX-}" ] || packages locales
sandbox "$@"

drive=$top/build/release/tests/tool_pamdrive
mkdir -p "$SANDBOX/locales"
localedef -i zh_TW -f UTF-8 "$SANDBOX/locales/zh_TW.UTF-8" ||
    die "no locale zh_TW"
export LOCPATH=$SANDBOX/locales
unset LANGUAGE
reeve_host
shipped passwd
person ada 'long Horse 4 battery' -G admins
stack door <<-'EOF'
auth      required  pam_reeve.so reserve
auth      required  pam_reeve.so
EOF

# Both in an application of that locale: what a bad password is told, and the
# prompt for a code.
told() {
	printf 'short\nshort\n' | LC_ALL=$2 timeout 60 passwd ada 2>&1 |
	    grep -F "$1"
}
asked() {
	printf 'assword=short\node=000000\n' |
	    LC_ALL=$2 timeout 60 "$drive" -v door ada tty=pts/1 -- auth 2>&1 |
	    grep -F "$1"
}

reeve_conf '[service door]' 'type = login'
check "in English where nothing is said of a language" \
    told 'The password is too short.' C
check "... the prompt too" asked 'Verification code:' C
check "an application's own language is taken" \
    told '密碼長度不足。' zh_TW.UTF-8
reeve_conf '[service door]' 'type = login' '[reeve]' \
    'language = zh_TW.UTF-8'
check "reeve.conf says zh_TW: so does the door, in an English application" \
    told '密碼長度不足。' C
check "... the prompt too" asked '驗證碼：' C
reeve_conf '[service door]' 'type = login' '[reeve]' 'language = xx_YY.UTF-8'
check "a language that is not installed is English" \
    told 'The password is too short.' C

in_chinese() {
	LC_ALL=zh_TW.UTF-8 reevectl "$@" 2>&1 | grep -F '用法：reevectl'
}
check "reevectl speaks the caller's language" in_chinese --help
# /usr/bin/locale is a program, beside which reeve is installed.
mkdir "$SANDBOX/beside"
cp "$top/build/release/reeve" "$SANDBOX/beside/"
: >"$SANDBOX/beside/locale"
asked_for() {
	LC_ALL=C "$SANDBOX/beside/reeve" --lang zh_TW --help | grep -F '用法：reeve'
}
check "reeve speaks the language it is asked for" asked_for
check "a Chinese manual is installed" \
    test -s /usr/local/share/man/zh_TW/man8/pam_reeve.8
report
