#!/usr/bin/env bash
# reevectl check against good and bad stacks, sshd, sudoers and hosts; edit,
# observe and disable.
set -u
. "$(dirname "$0")/lib.sh"
packages openssh-server sudo python3-minimal
sandbox "$@"
reeve_host

# finds TEXT...: one finding has all of them. quiet TEXT: none has it.
finds() {
	local out text

	out=$(reevectl check | grep '^!')
	for text in "$@"; do
		out=$(grep -F -- "$text" <<<"$out") || {
			reevectl check
			return 1
		}
	done
}

quiet() {
	local out

	out=$(reevectl check)
	! grep '^[!?]' <<<"$out" | grep -F -- "$1"
}

sshd_config() {
	printf '%s\n' "$@" >/etc/ssh/sshd_config
	chmod 644 /etc/ssh/sshd_config
}

# Whatever else is installed on this machine has no service here.
find /etc/pam.d -type f | grep -vE \
    '/(ch|common|cron|group|login|newusers|other|passwd|runuser|ssh|su|user)[^/]*$' |
    xargs -r rm -f

good_host() {
	shipped sshd login su su-l sudo sudo-i cron passwd
	stack other <<-'EOF'
	auth     required pam_deny.so
	account  required pam_deny.so
	session  required pam_deny.so
	password required pam_deny.so
	EOF
	stack polkit-1 <"$top/contrib/pam.d/sudo"
	stack systemd-user <<-'EOF'
	account required pam_unix.so
	account required pam_reeve.so
	session required pam_loginuid.so
	session required pam_reeve.so
	EOF
	sshd_config 'UsePAM yes' 'KbdInteractiveAuthentication yes' \
	    'PasswordAuthentication no' 'PermitRootLogin no' \
	    'AuthenticationMethods publickey,keyboard-interactive'
	printf '%s\n' 'Defaults env_reset, timestamp_timeout = 5' \
	    'root ALL=(ALL:ALL) ALL' '%admins ALL=(ALL:ALL) ALL' \
	    '@includedir /etc/sudoers.d' >/etc/sudoers
	chmod 440 /etc/sudoers
	rm -f /etc/sudoers.d/*
}

ssh-keygen -A >/dev/null
person wang 'x-Passw0rd-7' -G admins
reeve_conf 'root = no'
good_host

# What a directory may call a member, and the door takes for nobody.
cp /etc/group "$SANDBOX/group.good"
sed -i 's|^admins:.*|&,Domain Admin,CORP/li,'"$(printf '%065d' 0)"'|' /etc/group
check 'a member with a blank in the name is named' finds \
    'people: Domain Admin' 'refused as unknown'
check '... and one with a slash' finds 'people: CORP/li' 'refused as unknown'
check '... and one of 65 bytes' finds 'people: 00000' 'refused as unknown'
cp "$SANDBOX/group.good" /etc/group
check 'who has no factor is named' finds 'people: wang' 'has no factor'
check 'with an exit status of 1' exits 1 reevectl check
enroll wang totp >/dev/null
check 'who could not step up is named' finds 'people: wang' 'step up'
enroll wang totp --label second >/dev/null
check 'a host as it should be has no finding' exits 0 reevectl check
check 'the verdict of each profile is said' \
    grep -c '部分符合\|符合 met' <(reevectl check)
json() {
	reevectl check --format json | python3 -c '
import json, sys
rows = json.load(sys.stdin)
assert any(r["area"] == "profile" for r in rows), rows'
}
check 'the JSON is JSON' json

# bad SERVICE NAME TEXT: the stack on standard input gives that finding.
bad() {
	local service=$1 name=$2

	shift 2
	stack "$service"
	check "$name" finds "pam: $service" "$@"
	good_host
}

bad sshd 'a sufficient line before ours' \
    'auth can succeed without pam_reeve' 'pam_unix (sshd:2) success' <<'EOF'
auth required pam_reeve.so reserve
auth sufficient pam_unix.so
auth required pam_reeve.so
account required pam_reeve.so
session required pam_loginuid.so
session required pam_reeve.so
EOF
bad sudo 'a jump over ours' 'auth can succeed without pam_reeve' <<'EOF'
auth required pam_reeve.so reserve
auth [success=1 default=die] pam_unix.so
auth required pam_reeve.so
auth required pam_permit.so
account required pam_reeve.so
session required pam_reeve.so
EOF
bad sshd 'an expired password passes a line of account by' \
    'account can succeed without pam_reeve' 'new_authtok_reqd' <<'EOF'
auth required pam_reeve.so reserve
auth required pam_unix.so
auth required pam_reeve.so
@include common-account
account required pam_reeve.so
session required pam_loginuid.so
session required pam_reeve.so
EOF
bad login 'no reserve line' 'before the guess is counted' <<'EOF'
auth required pam_unix.so
auth required pam_reeve.so
account required pam_reeve.so
session required pam_loginuid.so
session required pam_reeve.so
EOF
bad login 'the code before the password' 'before the password' <<'EOF'
auth required pam_reeve.so reserve
auth required pam_reeve.so
auth required pam_unix.so
account required pam_reeve.so
session required pam_loginuid.so
session required pam_reeve.so
EOF
bad sshd 'the session line before pam_loginuid' 'before pam_loginuid' <<'EOF'
auth required pam_reeve.so reserve
auth required pam_unix.so
auth required pam_reeve.so
account required pam_reeve.so
session required pam_reeve.so
session required pam_loginuid.so
EOF
bad sshd 'an argument on one of our lines alone' \
    'sshd:4: other arguments than in sshd:1' <<'EOF'
auth required pam_reeve.so reserve
auth required pam_unix.so
auth required pam_reeve.so
account required pam_reeve.so access.sesions=2
session required pam_loginuid.so
session required pam_reeve.so
EOF
many=$(printf 'access.sessions=2 %.0s' {1..20})
bad sshd 'the last of many arguments on one of our lines alone' \
    'sshd:4: other arguments than in sshd:1' <<EOF
auth required pam_reeve.so $many reserve
auth required pam_unix.so
auth required pam_reeve.so $many
account required pam_reeve.so $many access.sesions=2
session required pam_loginuid.so
session required pam_reeve.so $many
EOF
bad passwd 'new passwords that nobody judges' 'not judged' <<'EOF'
password required pam_unix.so yescrypt
EOF
bad passwd 'a password that is set before it is judged' \
    'before we have judged it' <<'EOF'
password required pam_unix.so yescrypt
password required pam_reeve.so
EOF
bad passwd 'no use_authtok' 'need not be the one' <<'EOF'
password required pam_reeve.so
password required pam_unix.so yescrypt
EOF
bad vsftpd 'a service that nobody listed' 'lets in without pam_reeve' <<'EOF'
auth required pam_unix.so
account required pam_unix.so
session required pam_permit.so
EOF
rm /etc/pam.d/vsftpd
bad sudo 'a line that libpam can not read' "libpam can't read it" <<'EOF'
auth required pam_reeve.so reserve
auth required pam_unix.so
auth requird pam_reeve.so
auth required pam_reeve.so
account required pam_reeve.so
session required pam_reeve.so
EOF
bad su 'a stack that lets nobody in' "can't succeed at all" <<'EOF'
auth required pam_reeve.so reserve
auth [default=5] pam_unix.so
auth required pam_reeve.so
account required pam_reeve.so
session required pam_reeve.so
EOF

# sshd NAME TEXT LINE...
sshd_says() {
	local name=$1 text=$2

	shift 2
	sshd_config "$@"
	check "sshd: $name" finds 'sshd: ' "$text"
	good_host
}
sshd_says 'no PAM' 'UsePAM is no' 'UsePAM no'
sshd_says 'names for sources' 'UseDNS is yes' 'UsePAM yes' \
    'KbdInteractiveAuthentication yes' 'PasswordAuthentication no' \
    'AuthenticationMethods keyboard-interactive' 'UseDNS yes'
sshd_says 'a key alone' 'a key alone is enough' 'UsePAM yes' \
    'KbdInteractiveAuthentication yes' 'PasswordAuthentication no'
sshd_says 'the method password' 'the password as its answer' 'UsePAM yes' \
    'KbdInteractiveAuthentication yes' 'AuthenticationMethods password'
sshd_says 'one alternative without a code' \
    'a way without keyboard-interactive' 'UsePAM yes' \
    'KbdInteractiveAuthentication yes' 'PasswordAuthentication no' \
    'AuthenticationMethods keyboard-interactive publickey'
sshd_says 'keyboard-interactive is off' 'would not start' 'UsePAM yes' \
    'KbdInteractiveAuthentication no' 'PasswordAuthentication no' \
    'AuthenticationMethods keyboard-interactive'
sshd_says 'root by name' 'PermitRootLogin is yes' 'UsePAM yes' \
    'KbdInteractiveAuthentication yes' 'PasswordAuthentication no' \
    'AuthenticationMethods keyboard-interactive' 'PermitRootLogin yes'
sshd_says 'a Match block by address' 'a way without' 'UsePAM yes' \
    'KbdInteractiveAuthentication yes' 'PasswordAuthentication no' \
    'AuthenticationMethods keyboard-interactive' \
    'Match Address 10.1.0.0/16' 'AuthenticationMethods publickey'
sshd_says 'a Match block by user' 'a way without' 'UsePAM yes' \
    'KbdInteractiveAuthentication yes' 'PasswordAuthentication no' \
    'AuthenticationMethods keyboard-interactive' \
    'Match User wang' 'AuthenticationMethods publickey'
mkdir -p /etc/ssh/more.d
printf 'Match LocalPort 2022\nAuthenticationMethods publickey\n' \
    >/etc/ssh/more.d/a.conf
sshd_says 'a Match block in an included file' 'a way without' 'UsePAM yes' \
    'KbdInteractiveAuthentication yes' 'PasswordAuthentication no' \
    'AuthenticationMethods keyboard-interactive' \
    'Include /etc/ssh/more.d/*.conf'
sshd_says 'a configuration that it refuses' 'would not start' 'Usepam maybe'

# Another sshd that runs, with a configuration of its own.
printf '%s\n' 'Port 2222' 'ListenAddress 127.0.0.1' 'UsePAM no' \
    "PidFile $SANDBOX/second.pid" >"$SANDBOX/second_config"
/usr/sbin/sshd -f "$SANDBOX/second_config"
wait_for 5 test -s "$SANDBOX/second.pid"
check 'sshd: a second one that runs' finds "$SANDBOX/second_config" \
    'UsePAM is no'
kill "$(cat "$SANDBOX/second.pid")"

# sudo NAME TEXT LINE...
sudo_says() {
	local name=$1 text=$2

	shift 2
	printf '%s\n' "$@" >/etc/sudoers.d/local
	check "sudo: $name" finds 'sudo: /etc/sudoers.d/local' "$text"
	rm /etc/sudoers.d/local
}
sudo_says 'NOPASSWD' 'NOPASSWD' 'wang ALL=(ALL) NOPASSWD: ALL'
sudo_says 'NOPASSWD on a continued line' 'NOPASSWD' 'wang ALL=(ALL) \' \
    '  NOPASSWD : ALL'
sudo_says 'no authentication' '!authenticate' 'Defaults:wang !authenticate'
sudo_says 'a timestamp that lasts' 'outlasts our step-up' \
    'Defaults timestamp_timeout=30'
sudo_says 'a timestamp that never ends' 'outlasts our step-up' \
    'Defaults!/bin/ls env_keep += "A B", timestamp_timeout=-1'
sudo_says 'another service' 'a service that is not listed' \
    'Defaults pam_service="mysudo"'
sudo_says 'the password of another' 'another'"'"'s password' \
    'Defaults targetpw'
printf '# wang ALL=(ALL) NOPASSWD: ALL\nCmnd_Alias X = /x "NOPASSWD: y"\n' \
    >/etc/sudoers.d/local
check 'sudo: comments and aliases say nothing' quiet NOPASSWD
printf 'wang ALL=(ALL) NOPASSWD: /bin/true\n' >/etc/sudoers.d/local
reeve_conf 'root = no' '[stepup]' 'automation = wang'
check 'sudo: named automation is exempt' quiet NOPASSWD
reeve_conf 'root = no'
rm /etc/sudoers.d/local

mkdir -p /etc/systemd/system/getty@tty1.service.d \
    /etc/systemd/system/rescue.service.d /etc/polkit-1/rules.d
printf '[Service]\nExecStart=-/sbin/agetty --autologin wang %%I\n' \
    >/etc/systemd/system/getty@tty1.service.d/a.conf
check 'a getty that logs in by itself' finds 'console: ' 'without asking'
rm -r /etc/systemd/system/getty@tty1.service.d
printf '[Service]\nEnvironment=SYSTEMD_SULOGIN_FORCE=1\n' \
    >/etc/systemd/system/rescue.service.d/a.conf
check 'a rescue shell without a password' finds 'rescue: ' 'asks for no'
rm -r /etc/systemd/system/rescue.service.d
mkdir -p /etc/systemd/system/sysinit.target.wants
ln -s /usr/lib/systemd/system/debug-shell.service \
    /etc/systemd/system/sysinit.target.wants/debug-shell.service
check 'the debug shell' finds 'rescue: ' 'debug-shell' 'tty9'
rm /etc/systemd/system/sysinit.target.wants/debug-shell.service
printf 'polkit.addRule(function(a, s) { return polkit.Result.YES; });\n' \
    >/etc/polkit-1/rules.d/a.rules
check 'a polkit rule that grants' finds 'polkit: ' 'without asking'
rm /etc/polkit-1/rules.d/a.rules

chmod 755 /var/lib/reeve
check 'a state directory that is open' finds 'files: /var/lib/reeve' 'mode'
chmod 700 /var/lib/reeve
check 'and all is well again' exits 0 reevectl check

# ---- A bad configuration ----

printf '[reeve]\nmode = maybe\n' >/etc/reeve/reeve.conf
check 'a bad reeve.conf is exit status 2' exits 2 reevectl check
printf '[reeve]\nprofile = house,tw-twse\n' >/etc/reeve/reeve.conf
check "what a profile demands is named" \
    says 'profile tw-twse: [password] passphrase_length is 24' reevectl check
check 'and is exit status 2' exits 2 reevectl check
reeve_conf 'root = no'

# ---- edit, observe ----

# editor SCRIPT: becomes $EDITOR; $1 is the file.
editor() {
	cat >"$SANDBOX/bin/editor"
	chmod 755 "$SANDBOX/bin/editor"
}
export EDITOR="$SANDBOX/bin/editor"
unset VISUAL

same() {
	cmp /etc/reeve/reeve.conf "$SANDBOX/before"
}
cp /etc/reeve/reeve.conf "$SANDBOX/before"
editor <<'EOF'
#!/bin/sh
printf '[who]\nusrs = wang\n' >"$1"
EOF
check 'edit refuses a bad file' exits 2 reevectl edit </dev/null
check 'and says where' says 'reeve.conf.edit:2' reevectl edit </dev/null
check 'and leaves the good one' same
editor <<'EOF'
#!/bin/sh
exit 1
EOF
check 'an editor that fails changes nothing' exits 2 reevectl edit
check 'the file is as it was' same
editor <<'EOF'
#!/bin/sh
# As editors do that write a new file.
{ cat "$1"; printf '[access]\nsessions = 5\n'; } >"$1.new"
mv "$1.new" "$1"
EOF
trail_mark
check 'a good file goes in its place' exits 0 reevectl edit
check 'with what was edited' grep -q 'sessions = 5' /etc/reeve/reeve.conf
check 'the one before is kept' cmp /etc/reeve/reeve.conf.2*Z-0 "$SANDBOX/before"
check 'the change is recorded' recorded type=config
check 'nothing is left over' test ! -e /etc/reeve/reeve.conf.edit
editor <<'EOF'
#!/bin/sh
reevectl edit 2>"$SANDBOX/second" && exit 1
exit 0
EOF
reevectl edit >/dev/null
check 'only one edits at a time' grep -q 'somebody else' "$SANDBOX/second"

check 'observe switches' exits 0 reevectl observe
check 'to observe' grep -q '^mode = observe$' /etc/reeve/reeve.conf
check 'what else was there stays' grep -q 'sessions = 5' /etc/reeve/reeve.conf
check 'and back' exits 0 reevectl observe off
check 'to enforce' grep -q '^mode = enforce$' /etc/reeve/reeve.conf
check 'a word is there once' test \
    "$(grep -c '^mode' /etc/reeve/reeve.conf)" = 1

# ---- disable ----

ours_left() {
	grep -l pam_reeve /etc/pam.d/*
}
refuse 'before: not' exits 1 ours_left
stack odd <<'EOF'
auth [success=2 default=ignore] pam_unix.so
auth required pam_reeve.so reserve
auth requisite pam_deny.so
auth required pam_permit.so
EOF
stack only-us <<'EOF'
auth required pam_reeve.so
auth required pam_permit.so
EOF
cp -a /etc/pam.d "$SANDBOX/pam.before"
trail_mark
check 'what would let in without a password is left' exits 4 reevectl disable
rm /etc/pam.d/only-us
check 'the rest is taken out' exits 1 ours_left
check 'a line that a jump counts is replaced' grep -q \
    'default=ignore.*pam_permit' /etc/pam.d/odd
check 'it is recorded' recorded type=config
check 'what was there is kept' cmp /etc/reeve/pam.d.2*/sshd \
    "$SANDBOX/pam.before/sshd"
check 'again is no error' exits 0 reevectl disable

report
