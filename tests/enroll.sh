#!/usr/bin/env bash
# reevectl enroll, list, remove and breakglass, as root runs them.
set -u
. "$(dirname "$0")/lib.sh"
sandbox "$@"

reeve_host
person alice correct-horse-9 -G admins
person bob correct-horse-9 -G admins

# A second host: the same program, with directories of its own.
mkdir "$SANDBOX/there"
cat >"$SANDBOX/there.conf" <<END
[reeve]
state_directory = $SANDBOX/there/state
run_directory = $SANDBOX/there/run
trail_directory = $SANDBOX/there/trail
[who]
groups = admins
END
there() {
	reevectl --config "$SANDBOX/there.conf" "$@"
}
check "a second host is set up" there init

# user:type:label:state of each row, by the CSV form.
rows() {
	reevectl list --format csv | tail -n +2 | tr -d '"\r' |
	    awk -F, '{ print $1 ":" $2 ":" $3 ":" $5 }'
}

has_row() {
	rows | grep -qxF -- "$1" || {
		rows >&2
		return 1
	}
}

# ---- TOTP, on a terminal ----

trail_mark
cat >"$SANDBOX/enroll.exp" <<'END'
set timeout 20
log_file -noappend $env(SANDBOX)/terminal.log
spawn reevectl enroll alice totp --label phone
expect -re {secret=([A-Z2-7]+)} { set seed $expect_out(1,string) }
expect "shows now: "
send "000000\r"
expect "not its code"
expect "shows now: "
send "[exec oathtool --totp -b $seed]\r"
expect "Enrolled for alice"
expect eof
exit [lindex [wait] 3]
END
check "a wrong first code is asked again, a right one enrols" \
    env LC_ALL=C.UTF-8 expect "$SANDBOX/enroll.exp"
check "on a terminal there is a QR code" \
    grep -qF "$(printf '\342\226\210 \342\226\204\342\226\204')" \
    "$SANDBOX/terminal.log"
check "the trail has it" recorded type=enroll user=alice \
    factors=totp:phone result=yes
check "it is listed, and that alice could not step up" \
    has_row alice:totp:phone:good
check "a user with one device is named" has_row alice:user::no-step-up

refuse "three wrong codes enrol nothing" \
    bash -c 'printf "1\n2\n3\n" | reevectl enroll alice totp --label x'
refuse "no code at all enrols nothing" \
    bash -c 'reevectl enroll alice totp --label x </dev/null'
check "and nothing is listed" bash -c '! reevectl list alice | grep -q " x "'

# ---- Bought tokens, keys, recovery codes ----

seed=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ
printf '%s\n' "$seed" >"$SANDBOX/seed"
chmod 644 "$SANDBOX/seed"
refuse "a seed that others can read is refused" bash -c \
    "echo $(hotp "$seed" 0) | reevectl enroll alice hotp --seed $SANDBOX/seed"
chmod 600 "$SANDBOX/seed"
check "a bought token is enrolled by its seed" bash -c \
    "oathtool --hotp -b -c 4 $seed |
	reevectl enroll alice hotp --label token --seed $SANDBOX/seed"
refuse "the same seed is refused under another name" bash -c \
    "oathtool --totp -b $seed |
	reevectl enroll alice totp --label copy --seed $SANDBOX/seed"
refuse "two codes that are not in a row do not bring it back" bash -c \
    "printf '%s\n' $(hotp "$seed" 400) $(hotp "$seed" 402) |
	reevectl enroll alice hotp --resync"
check "two codes in a row bring a token back" bash -c \
    "printf '%s\n' $(hotp "$seed" 400) $(hotp "$seed" 401) |
	reevectl enroll alice hotp --resync --label token"
check "with two devices alice can step up" has_row alice:user::good

ssh-keygen -q -t ed25519 -N '' -f "$SANDBOX/laptop"
check "a key is enrolled from its file" \
    reevectl enroll alice sshkey --file "$SANDBOX/laptop.pub" --label laptop
print=$(ssh-keygen -lf "$SANDBOX/laptop.pub" | cut -d' ' -f2)
check "its fingerprint is ssh-keygen's" \
    bash -c "reevectl list alice | grep -qF -- '$print'"
refuse "the same key is refused by its fingerprint" \
    reevectl enroll alice sshkey --fingerprint "$print" --label again

reevectl enroll alice recovery >"$SANDBOX/codes"
check "ten recovery codes are shown" \
    [ "$(grep -cE '^ +[0-9]+  ([A-Z2-7]{4}-){3}[A-Z2-7]{4}$' \
    "$SANDBOX/codes")" = 10 ]
refuse "they are not renewed while some are left" \
    reevectl enroll alice recovery
check "unless that is said" reevectl enroll alice recovery --renew --count 3
check "3 of 3 are left" \
    bash -c 'reevectl list alice | grep -q "3 of 3 left"'

# ---- Tickets, deadlines, another host ----

check "a ticket is made" \
    bash -c 'reevectl enroll bob --ticket | grep -qE "([A-Z2-7]{4}-){3}"'
check "a deadline is set" reevectl enroll bob --until 2020-01-31
check "who is past it is overdue" has_row bob:user::overdue
check "it is taken back" reevectl enroll bob --until none
check "who has nothing is listed so" has_row bob:user::no-factor
for wrong in 'bob' 'bob --until tomorrow' 'bob totp --ticket' \
    'bob sshkey --digits 6' 'bob totp --digits 5' 'bob totp --period 45' \
    'bob hotp --period 30' 'bob totp --algorithm MD5' 'bob password' \
    'bob recovery --count 17' 'nobody-of-this-name totp' \
    'bob totp --label a:b' 'bob --export /etc/passwd'; do
	# shellcheck disable=SC2086
	refuse "refused: enroll $wrong" reevectl enroll $wrong </dev/null
done

there enroll --public-key >"$SANDBOX/there.key"
reevectl enroll --public-key >"$SANDBOX/here.key"
check "enrolments are exported" bash -c "umask 077; reevectl enroll alice \
    --export $SANDBOX/there.key >$SANDBOX/alice.export"
refuse "they do not open here" \
    reevectl enroll bob --import "$SANDBOX/alice.export"
refuse "nor there for another" \
    there enroll bob --import "$SANDBOX/alice.export"
refuse "which leaves no record of that one" there list bob
check "they open there" there enroll alice --import "$SANDBOX/alice.export"
check "a device and a key came, no counter and no codes" \
    [ "$(there list alice --format csv | tail -n +2 | cut -d, -f2 |
    tr -d '"\n')" = usertotpsshkey ]

# ---- Forms, secrets, no trail ----

check "the JSON form is JSON" bash -c \
    'reevectl list --format json | python3 -m json.tool >/dev/null'
secret=$(uri_secret <"$SANDBOX/terminal.log")
check "there is a secret to look for" [ -n "$secret" ]
for word in "$secret" "$seed" "$(awk 'NR == 4 { print $2 }' "$SANDBOX/codes")"; do
	check "no secret in the trail, the records or a list" bash -c \
	    "! grep -rqF -- '$word' /var/lib/reeve && ! reevectl list |
		grep -qF -- '$word'"
done

before=$(rows)
mv /var/lib/reeve/trail "$SANDBOX/trail.away"
refuse "without a trail nothing is enrolled" \
    reevectl enroll bob --ticket
refuse "and nothing is removed" reevectl remove alice totp
mv "$SANDBOX/trail.away" /var/lib/reeve/trail
check "as the list says" [ "$(rows)" = "$before" ]

# ---- Removing ----

trail_mark
refuse "what is not there is not removed" \
    reevectl remove alice totp --label nope
check "a factor is removed" reevectl remove alice totp --label phone
check "the trail has that" recorded type=remove user=alice \
    factors=totp:phone
refuse "it is gone" has_row alice:totp:phone:good
check "a whole record is removed, of a user who left" \
    bash -c 'userdel bob && reevectl remove bob --all'
refuse "and gone" reevectl list bob

# ---- Break-glass ----

rm -f /var/lib/reeve/breakglass
refuse "no codes: list says so" reevectl breakglass list
refuse "one person is not two" \
    reevectl breakglass make --first Ann --second Ann
trail_mark
check "codes are written for two people" reevectl breakglass make \
    --first 'Ann Wu' --second 'Bob Lin' --count 4 \
    --first-file "$SANDBOX/ann" --second-file "$SANDBOX/bob"
check "in files of root alone" \
    [ "$(stat -c %a:%U "$SANDBOX/ann" "$SANDBOX/bob" | sort -u)" = 600:root ]
check "the trail knows" recorded type=breakglass result=yes
refuse "they are not renewed silently" reevectl breakglass make \
    --first Ann --second Bob --first-file "$SANDBOX/a" \
    --second-file "$SANDBOX/b"

# halves NUMBER: both, a line each.
halves() {
	grep -h "BG0$1" "$SANDBOX/ann" "$SANDBOX/bob" | tr -d ' '
}
export -f halves
refuse "halves of two codes are no code" bash -c \
    '{ halves 1 | head -n 1; halves 2 | tail -n 1; } | reevectl breakglass drill'
check "a drill with both halves" \
    bash -c 'halves 1 | reevectl breakglass drill'
refuse "uses the code up" bash -c 'halves 1 | reevectl breakglass drill'
check "three are left" \
    bash -c 'reevectl breakglass list | grep -q "^3 break-glass codes left"'
check "no half is in the trail or the records" \
    bash -c "! grep -rqF -- '$(halves 2 | head -n 1 | cut -c7-)' /var/lib/reeve"

echo 'no [section' >/etc/reeve/reeve.conf
check "reeve.conf broken: a drill works" \
    bash -c 'halves 2 | reevectl breakglass drill'
refuse "while enrolment does not" reevectl enroll alice recovery --renew
# shellcheck disable=SC2119
reeve_conf

# On a disk without a byte of room.
disk small 96 || exit 2
mkdir "$SANDBOX/small/etc"
sed "s,$SANDBOX/there,$SANDBOX/small," "$SANDBOX/there.conf" \
    >"$SANDBOX/small/etc/reeve.conf"
small() {
	reevectl --config "$SANDBOX/small/etc/reeve.conf" "$@"
}
small init >/dev/null 2>&1
small breakglass make --first Ann --second Bob --count 2 \
    --first-file "$SANDBOX/ann2" --second-file "$SANDBOX/bob2" >/dev/null
dd if=/dev/zero of="$SANDBOX/small/fill" bs=64k 2>/dev/null
dd if=/dev/zero of="$SANDBOX/small/fill2" bs=1k 2>/dev/null
refuse "a file system is full" cp /etc/services "$SANDBOX/small/one-more"
grep -h BG01 "$SANDBOX/ann2" "$SANDBOX/bob2" | tr -d ' ' >"$SANDBOX/full"
check "on a full disk a drill works" small breakglass drill \
    <"$SANDBOX/full"
refuse "and is remembered" small breakglass drill <"$SANDBOX/full"
mount -o remount,ro "$SANDBOX/small"
check "on a read-only disk they are counted" bash -c \
    "reevectl --config $SANDBOX/small/etc/reeve.conf breakglass list |
	grep -q '^1 break-glass code left'"
umount "$SANDBOX/small"

# Two people at a terminal: neither sees the other's sheet.
cat >"$SANDBOX/make.exp" <<'END'
set timeout 20
log_file -noappend $env(SANDBOX)/make.log
spawn reevectl breakglass make --first Ann --second Bob --count 2 --renew
expect "Only Ann"
send "\r"
expect "BG02A-"
expect "press Enter"
send "\r"
expect "Only Bob"
send "\r"
expect "BG02B-"
expect "press Enter"
send "\r"
expect "2 break-glass codes"
expect eof
exit [lindex [wait] 3]
END
check "renewed on a terminal, one holder after the other" \
    expect "$SANDBOX/make.exp"
check "the screen is wiped between them" bash -c \
    "awk '/BG02A/ { a = 1 } a && /\033\[3J/ { w = 1 } /BG01B/ { exit !w }' \
    $SANDBOX/make.log"
halves 3 >"$SANDBOX/old"
refuse "the old ones are void" bash -c \
    "reevectl breakglass drill <$SANDBOX/old"

report
