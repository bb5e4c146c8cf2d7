#!/usr/bin/env bash
# The door at a real sshd: each AuthenticationMethods setting with a password,
# codes and keys (T27), and who gets in without us.
set -u
. "$(dirname "$0")/lib.sh"
sandbox "$@"

word='long Horse 4 battery'
reeve_host
shipped sshd
for name in ada bea cat dan eve; do
	person "$name" "$word" -G admins
done
person tom "$word" # of no concern
ada=$(enroll ada totp) || exit 1
bea=$(enroll bea totp) || exit 1
cat_seed=$(enroll cat hotp) || exit 1
key cat
key eve
key tom

# login NAME CODE [COMMAND...]
login() {
	local name=$1 code=$2

	shift 2
	PASSWORD=$word CODE=$code by_ssh "$name" "${@-true}"
}

wrong_password() {
	PASSWORD='not it at all 1' CODE=$2 by_ssh "$1" true
}

sshd_start keyboard-interactive

trail_mark
code=$(totp "$ada" -1)
check "kbdint: password and TOTP let ada in" login ada "$code"
check "... which is recorded as granted" recorded type=grant result=yes \
    service=sshd user=ada 'factors=password,totp.*'
check "... and its session is opened and closed" wait_for 5 recorded \
    type=close user=ada
check "... with the kernel's audit session" recorded type=open user=ada \
    'audit_session=[0-9]+'
trail_mark
refuse "kbdint: the same code again is refused" login ada "$code"
check "... and recorded as replayed" recorded result=no \
    reason=replayed-code user=ada
trail_mark
refuse "kbdint: a wrong code is refused" login ada 000000
check "... and recorded as wrong" recorded result=no reason=wrong-code \
    user=ada
trail_mark
code=$(totp "$bea" -1)
refuse "kbdint: a right code after a wrong password is refused" \
    wrong_password bea "$code"
check "... grants nothing" not_recorded type=grant user=bea
refuse "... and the code is spent" login bea "$code"
check "... after which bea's next code still works" login bea \
    "$(totp "$bea" 0)"
check "... and tells what failed before" recorded type=auth result=no \
    user=bea

# What is asked must not tell who exists, who is enrolled, who is locked.
asked() {
	: >"$SANDBOX/asked.log"
	PASSWORD=wrong CODE=000000 by_ssh "$1" true 2>/dev/null
	sed "s/$1/NAME/g" "$SANDBOX/asked.log" | md5sum
}
same=$(asked ada)
check "prompts: a user that there is not is asked the same" \
    test "$(asked nobody-here)" = "$same"
check "prompts: a user without a factor is asked the same" \
    test "$(asked dan)" = "$same"
for _ in 1 2 3 4 5; do
	login dan 000000 2>/dev/null
done
check "prompts: a user who must wait is asked the same" \
    test "$(asked dan)" = "$same"
trail_mark
refuse "kbdint: dan has no factor and is refused" login dan 000000
check "kbdint: tom is of no concern and needs a password alone" \
    login tom ''
refuse "kbdint: ... but the right one" wrong_password tom ''

trail_mark
refuse "kbdint: a login that is cancelled" env CODE= PASSWORD= bash -c \
    ". '$top/tests/lib.sh'; by_ssh cat true"
check "... is recorded as abandoned" wait_for 5 recorded result=abandoned

# Keys. cat's is enrolled later, eve's never.
sshd_start publickey
trail_mark
refuse "publickey: a key alone is refused" by_ssh cat true
check "... and recorded" recorded result=no reason=key-only user=cat
check "publickey: tom is of no concern" by_ssh tom true

sshd_start publickey,keyboard-interactive
check "publickey,kbdint: key, password and code let cat in" \
    login cat "$(hotp "$cat_seed" 1)"
refuse "publickey,kbdint: an unenrolled key does not count" login eve 000000
print=$(ssh-keygen -l -f "$SANDBOX/cat.key.pub" | cut -d' ' -f2)
check "reevectl enrols a key" reevectl enroll cat sshkey \
    --fingerprint "$print"
trail_mark
: >"$SANDBOX/asked.log"
check "publickey,kbdint: an enrolled key and the password are enough" \
    login cat ''
refuse "... no code is asked for" grep -qi code "$SANDBOX/asked.log"
check "... and the key is recorded" recorded type=grant \
    user=cat "key=${print//+/\\+}"
refuse "publickey,kbdint: an enrolled key and a wrong password are not" \
    wrong_password cat ''

# Certificates, of a CA that sshd trusts and reeve.conf may list.
ssh-keygen -q -t ed25519 -N '' -f "$SANDBOX/ca"
ssh-keygen -q -s "$SANDBOX/ca" -I 'eve laptop' -z 4711 -n eve -V +1d \
    "$SANDBOX/eve.key.pub"
mv "$SANDBOX/authorized/eve" "$SANDBOX/plain" # the certificate alone is left
sshd_start publickey,keyboard-interactive "TrustedUserCAKeys $SANDBOX/ca.pub"
refuse "a certificate of a CA that is not listed does not count" login eve ''
ca=$(ssh-keygen -l -f "$SANDBOX/ca.pub" | cut -d' ' -f2)
reeve_conf '[enroll]' "certificate_authorities = $ca"
trail_mark
check "one of a listed CA, and the password, are enough" login eve ''
check "... and its number, CA and name are recorded" recorded type=grant \
    user=eve "detail=certificate 4711 of CA ${ca//+/\\+}: eve laptop"
reeve_conf
mv "$SANDBOX/plain" "$SANDBOX/authorized/eve"
rm "$SANDBOX/eve.key-cert.pub"

# No profile, for all of them demand two kinds.
reeve_conf '[reeve]' 'profile =' '[service sshd]' 'type = sshd' 'kinds = 1' \
    'key_only = session'
sshd_start publickey
trail_mark
check "key_only = session: an enrolled key alone suffices for one kind" \
    by_ssh cat true
refuse "key_only = session: a key that is not enrolled does not" \
    by_ssh eve true
reeve_conf '[service sshd]' 'type = sshd' 'key_only = session'
refuse "key_only = session: one kind is not two" by_ssh cat true
reeve_conf

sshd_start password
refuse "password: there is no prompt for a code, so nobody gets in" \
    login ada "$(totp "$ada" 0)"
check "password: tom is of no concern" login tom ''
sshd_start publickey,password
trail_mark
key_or_nobody() { # OpenSSH 9 shows auth no key there, 10 does
	! login cat '' || recorded type=grant user=cat "key=${print//+/\\+}"
}
check "publickey,password: nobody gets in but by a key that sshd shows" \
    key_or_nobody

# Configuration.
sshd_start keyboard-interactive
printf '[reeve]\nmoode = observe\n' >/etc/reeve/reeve.conf
refuse "a bad reeve.conf refuses those it concerned" login cat \
    "$(hotp "$cat_seed" 2)"
refuse "... and those it did not, since nobody can tell" login tom ''
reeve_conf
chmod 666 /etc/reeve/reeve.conf
refuse "a reeve.conf that others may write refuses" login tom ''
reeve_conf
sed -i '1i [reeve]\nmode = observe' /etc/reeve/reeve.conf
trail_mark
check "observe: dan gets in by his password" login dan ''
check "... and what would have been is recorded" recorded \
    result=would-refuse user=dan
refuse "observe: a wrong password is still refused" wrong_password dan ''
sed -i '/^account.*pam_reeve/s/$/ service.sshd.kinds=1/' /etc/pam.d/sshd
check "observe: lines with different arguments lock nobody out" login dan ''
printf '[reeve]\nmode = observe\n[whom]\n' >/etc/reeve/reeve.conf
check "observe: nor does a fault elsewhere in reeve.conf" login dan ''
check "... nor those it does not concern" login tom ''
reeve_conf
refuse "lines with different arguments refuse where it enforces" \
    login cat "$(hotp "$cat_seed" 3)"
shipped sshd
stack sshd2 </etc/pam.d/sshd
reeve_conf '[service sshd]' 'type = none'
refuse "a service that is not listed is refused" login cat \
    "$(hotp "$cat_seed" 3)"
reeve_conf

# A session whose end nobody saw.
trail_mark
login cat "$(hotp "$cat_seed" 4)" 'exec sleep 300' 2>/dev/null &
if wait_for 20 recorded type=open user=cat; then
	pgrep -f 'sshd.*: cat \[priv\]' | xargs -r kill -9
	pkill -9 -u cat
fi
ticked() { # until the kernel has reaped them all
	reevectl trail tick && recorded type=lost user=cat
}
check "tick closes a session whose sshd was killed" wait_for 20 ticked
check "the trail of all this verifies" reevectl trail verify
report
