#!/usr/bin/env bash
# Step-up at a real sudo: the factor must not be the login's, and lasts a while.
set -u
. "$(dirname "$0")/lib.sh"
sandbox "$@"

word='long Horse 4 battery'
reeve_host
shipped sshd sudo sudo-i
for name in ada bea rob; do
	person "$name" "$word" -G admins
done
totp=$(enroll ada totp) || exit 1
hotp=$(enroll ada hotp) || exit 1
bea=$(enroll bea totp) || exit 1
rob=$(enroll rob hotp) || exit 1
sshd_start keyboard-interactive

sudoers() {
	printf '%s\n' 'Defaults !fqdn' "$@" >/etc/sudoers.d/test
	chmod 440 /etc/sudoers.d/test
}

# within LOGIN-CODE COMMAND...: in a session of ada's.
within() {
	local code=$1

	shift
	PASSWORD=$word CODE=$code by_ssh "${WHO-ada}" "$@"
}

# What sudo -S reads: the password, then the code.
sudo_with() {
	printf "printf '%%s\\\\n' '%s' '%s' | sudo -S -p 'Password: ' %s" \
	    "$word" "$1" "$2"
}

n=0
next_hotp() {
	n=$((n + 1))
	code=$(hotp "$hotp" "$n")
}

sudoers 'Defaults timestamp_timeout=0' 'ada,bea ALL=(ALL:ALL) ALL' \
    'rob ALL=(ALL:ALL) NOPASSWD: ALL'

trail_mark
next_hotp
check "a login with TOTP steps up with HOTP" within "$(totp "$totp" -1)" \
    "$(sudo_with "$code" 'id -u') | grep -qx 0"
check "... recorded with the invoker, the target and the audit session" \
    recorded type=stepup service=sudo user=ada 'audit_session=[0-9]+' \
    'factors=.*hotp.*'
next_hotp
login=$code
trail_mark
refuse "the login's own device again, with a fresh code, is refused" within \
    "$(totp "$totp" 0)" "$(sudo_with "$(totp "$totp" 1)" 'id -u')"
check "... and says why in the trail" recorded service=sudo result=no \
    user=ada reason=same-factor
trail_mark
refuse "a code of nobody's is refused as well" within "$login" \
    "$(sudo_with 000000 'id -u')"
check "... as wrong" recorded service=sudo result=no reason=wrong-code
spent=$code
next_hotp
# The login by one HOTP code, the step-up by it again: one code, one use.
trail_mark
refuse "a spent HOTP code is refused" within "$code" \
    "$(sudo_with "$spent" 'id -u')"
check "... as spent" recorded service=sudo result=no reason=replayed-code
next_hotp
login=$code
next_hotp
trail_mark
refuse "a login with HOTP does not step up with HOTP" within "$login" \
    "$(sudo_with "$code" 'id -u')"
check "... which is the same device" recorded service=sudo reason=same-factor
refuse "... and that code is burnt, nowhere good any more" within "$code" true
next_hotp
refuse "a password alone does not step up" within "$code" \
    "$(sudo_with '' 'id -u')"

# Outside a login of ours its factors are unknown: two kinds are asked. What
# was refused above must not make this one wait.
reevectl unlock ada >/dev/null
trail_mark
next_hotp
two_kinds() {
	as ada bash -c "$(sudo_with "$1" 'id -u') | grep -qx 0"
}
check "without a login of ours two kinds are asked, and suffice" \
    two_kinds "$code"
refuse "... not the password alone" two_kinds ''
refuse "sudo -n where a password is needed" as ada sudo -n true

# NOPASSWD and the timestamp skip auth: only a fresh step-up passes.
trail_mark
refuse "NOPASSWD without a step-up is refused" as rob sudo -n id
check "... and recorded" recorded service=sudo result=no user=rob \
    'reason=(no-stepup|no-auth)'
reeve_conf '[stepup]' 'automation = rob'
trail_mark
check "NOPASSWD of named automation passes" as rob sudo -n id
check "... and is recorded" recorded type=stepup service=sudo user=rob
reeve_conf

sudoers 'Defaults timestamp_timeout=15' 'Defaults timestamp_type=global' \
    'ada,bea ALL=(ALL:ALL) ALL'
wait_step() { # until there is a TOTP code that was not used
	sleep "$((31 - $(date +%s) % 30))"
}
wait_step
next_hotp
check "the timestamp serves a second sudo while the step-up is fresh" within \
    "$(totp "$totp" 1)" "$(sudo_with "$code" true) && sudo -n id -u | grep -qx 0"
reeve_conf '[stepup]' 'lifetime = 1s'
next_hotp
wait_step
trail_mark
refuse "... and no longer than the step-up lasts" within "$(totp "$totp" 1)" \
    "sudo -k; $(sudo_with "$code" true) && sleep 2 && sudo -n true"
check "... though it was granted at first" recorded type=stepup service=sudo
reeve_conf

# Another's password: the identity stays the invoker's.
sudoers 'Defaults targetpw, timestamp_timeout=0' 'ada ALL=(ALL:ALL) ALL'
next_hotp
trail_mark
check "targetpw: the target's password, the invoker's code" as ada bash -c \
    "$(sudo_with "$code" '-u bea id -un') | grep -qx bea"
check "... recorded as the invoker's" recorded type=stepup \
    service=sudo real_user=ada
refuse "targetpw: the target's code is not the invoker's" as ada bash -c \
    "$(sudo_with "$(totp "$bea" 0)" '-u bea id -un') | grep -qx bea"

sudoers 'Defaults timestamp_timeout=0' 'rob ALL=(ALL:ALL) ALL'
check "sudo -i has a stack of its own" as rob bash -c \
    "$(sudo_with "$(hotp "$rob" 1)" '-i id -u') | grep -qx 0"
check "the trail of all this verifies" reevectl trail verify
report
