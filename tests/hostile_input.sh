#!/usr/bin/env bash
# T6, T11, T12, T13, T15, T18, T20: names, answers and items that are huge,
# empty, torn or malicious. Nothing gets in, nothing dies, the trail stays
# readable, and what people type where a name belongs is in no file.
set -u
. "$(dirname "$0")/lib.sh"
sandbox "$@"

drive=$top/build/release/tests/tool_pamdrive
reeve_host
reeve_conf '[reeve]' 'profile =' '[service door]' 'type = login' '[service ssh]' 'type = sshd' \
    '[throttle]' 'attempts = 100' 'user_attempts = 1000'
for name in door ssh; do
	stack "$name" <<-'EOF'
	auth required pam_reeve.so reserve
	auth required pam_reeve.so
	account required pam_reeve.so
	session required pam_reeve.so
	EOF
done
for name in ann anna ann.b; do
	person "$name" 'long Horse 4 battery' -G admins --badname
done
ann=$(enroll ann hotp) || exit 1
anna=$(enroll anna hotp) || exit 1

# told ANSWERS SERVICE NAME [ITEM...]: auth and account; 0 when let in. A death
# by signal is a failure of its own.
told() {
	local answers=$1 out

	shift
	out=$(printf '%b' "$answers" | timeout 30 "$drive" "$@" -- auth acct 2>&1)
	[ "$?" -ne 124 ] || say "hangs: $*"
	case $out in
	*killed*)
		say "died: $out"
		: >"$SANDBOX/died"
		;;
	esac
	grep -q ' acct 0 ' <<<"$out"
}

right="ode=$(hotp "$ann" 1)\nassword=x\n"
refuse "a right code under another's name" told "$right" door anna
refuse "a right code under a name in capitals" told "$right" door ANN
check "... is still right under its own" told "$right" door ann tty=pts/1
refuse "... once" told "$right" door ann tty=pts/1
check "and anna's is her own" told "ode=$(hotp "$anna" 1)\nassword=x\n" \
    door anna

right="ode=$(hotp "$ann" 2)\nassword=x\n"
long=$(printf '%05000d' 0)
# shellcheck disable=SC2016
names=('../ann' 'ann/../ann' '/etc/passwd' 'ann:' 'ann ' ' ann' $'ann\n'
	$'ann\t' '-x' '--help' '.' '..' '0' '1000' "$(id -u ann)" 'ann%n%s'
	$'\xff\xfe' $'ann\xe2\x80\xae' 'ａｎｎ' $'\x1b[2Jann' "${long:0:33}"
	"${long:0:256}" "$long" 'root;reboot' '$(id)' '`id`' 'ann@localhost')
for name in "${names[@]}"; do
	refuse "name $(printf '%q' "${name:0:20}")" told "$right" door "$name"
done
refuse "the empty name" told "$right" door ''
check "after which ann still gets in" told "$right" door ann

# Answers, of the code and of the password.
n=2
for answer in '' '!null' '!error' '!again' '!long:511' '!long:512' \
    '!long:513' '!long:65535' '!long:1048576' '%s%s%s%n' '\x1b]0;x\x07' \
    '000000\r' '-1' '0x10' '99999999999999999999' '１２３４５６' '\xff\xff'; do
	refuse "code ${answer:0:20}" told "ode=$answer\nassword=x\n" door ann
	n=$((n + 1))
	case $answer in
	'' | '!null' | '!error' | '!again')
		refuse "password ${answer:0:20}" told \
		    "ode=$(hotp "$ann" 3)\nassword=$answer\n" door ann
		;;
	esac
done
check "after which ann still gets in" told \
    "ode=$(hotp "$ann" 4)\nassword=x\n" door ann

# Items.
n=5
for item in "rhost=$long" 'rhost=localhost' 'rhost=tty1' 'rhost=' \
    $'rhost=a\nb' $'rhost=\xe2\x80\xae' 'rhost=fe80::1%eth0' "tty=$long" \
    $'tty=\x1b[31m' 'tty=../../etc' $'ruser=\x01\x02' "ruser=$long"; do
	# Refused or let in, but alive and recorded in a readable line.
	told "ode=$(hotp "$ann" "$n")\nassword=x\n" door ann "$item" &&
	    n=$((n + 1))
	reevectl unlock ann >/dev/null
	check "item $(printf '%q' "${item:0:20}") leaves a readable trail" \
	    reevectl trail verify
done
for info in "$long" 'publickey' 'publickey ssh-ed25519' \
    'publickey ssh-ed25519 !!!!' 'publickey ssh-ed25519 AAAA' \
    'publickey ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1lZDI1NTE5' \
    "publickey ssh-ed25519 $(head -c 60000 /dev/zero | base64 -w0)" \
    $'publickey ssh-rsa AAAA\npublickey ssh-rsa AAAA' 'x'; do
	refuse "SSH_AUTH_INFO_0 $(printf '%q' "${info:0:40}")" told 'ode=000000\nassword=x\n' \
	    ssh ann "env:SSH_AUTH_INFO_0=$info"
done
key=$(ssh-keygen -q -t ed25519 -N '' -f "$SANDBOX/k" && cut -d' ' -f1,2 \
    "$SANDBOX/k.pub")
check "a key is enrolled" reevectl enroll ann sshkey --file "$SANDBOX/k.pub"
refuse "SSH_AUTH_INFO_0 is not believed of a service that is no sshd" told \
    'ode=\nassword=x\n' door ann "env:SSH_AUTH_INFO_0=publickey $key"

# A key of a FIDO authenticator, as sshd would say it: one "have".
reevectl unlock ann >/dev/null
sk=$(tr -d '\0' <"$top/tests/fuzz/corpus/sshinfo/text-sk-ed25519" | head -n 1)
refuse "an sk- key that is not enrolled is none" told \
    'ode=000000\nassword=x\n' ssh ann "env:SSH_AUTH_INFO_0=$sk"
printf '%s\n' "${sk#publickey }" >"$SANDBOX/sk.pub"
check "an sk- key is enrolled" reevectl enroll ann sshkey \
    --label stick --file "$SANDBOX/sk.pub"
trail_mark
check "... and is a factor beside the password" told 'ode=\nassword=x\n' \
    ssh ann "env:SSH_AUTH_INFO_0=$sk"
check "... of one kind" recorded type=grant 'factors=password,sshkey[^,]*' \
    'key_type=sk-ssh-ed25519@openssh.com'

# Arguments: of one handle all of our lines have the same, or nobody gets in.
reevectl unlock ann >/dev/null
arguments() { # RESERVE'S MAIN'S ACCOUNT'S
	stack argued <<-EOF
	auth required pam_reeve.so $1 reserve
	auth required pam_reeve.so $2
	account required pam_reeve.so $3
	EOF
	told "ode=$(hotp "$ann" "$n")\nassword=x\n" argued ann tty=pts/1
}
for three in 'a.b=c|a.b=c|a.b=c' '|service.argued.kinds=1|' \
    'service.argued.type=login||' '||service.argued.tipe=login' \
    "$long|$long|$long"; do
	IFS='|' read -r first second third <<<"$three"
	refuse "arguments ${three:0:50}" arguments "$first" "$second" "$third"
done
trail_mark
same=service.argued.type=login
check "the same arguments on each line are in force" arguments $same $same $same
check "... and in the policy that is recorded" recorded type=grant \
    "policy=$(printf '%s\n%s' "$(sha256sum </etc/reeve/reeve.conf |
        cut -d' ' -f1)" "$same" | sha256sum | cut -d' ' -f1)"

# A user type their password where the name belongs.
told "$right" door 'hunter2-my-password' rhost=192.0.2.1
traces() {
	grep -rlaF hunter2-my-password /var/lib/reeve /run/reeve /var/log
}
refuse "the name of nobody stands in no file" traces
refuse "nothing died of a signal" test -e "$SANDBOX/died"
check "the trail of all this verifies" reevectl trail verify
report
