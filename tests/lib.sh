# The set-up that demo, tests and benches share; sourced by bash scripts.
#
#   packages NAME...    Debian packages, installed when missing
#   sandbox "$@"        the calling script again, in a world of its own
#   install_reeve       our module and reevectl, in that world alone
#   sshd_start, ...     private servers and people in it
#   ok, not_ok, skip, check, refuse, status, said, answers, is, asked, report
#                       what a test says
#
# In a sandbox /etc, /run, /var/{lib,log,mail,spool}, /dev/pts, the processes
# and the network are private, and $SANDBOX is a folder on a durable disk.
# All of it is gone when the script ends, also after Ctrl-C or kill.
# shellcheck shell=bash

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export LC_ALL=C
passed=0 failed=0 skipped=0

say() {
	printf '%s\n' "$*" >&2
}

die() {
	say "${0##*/}: $*"
	exit 2
}

# ---- What a test says: a line each, which tests/run counts ----

ok() {
	passed=$((passed + 1))
	printf 'ok %s\n' "$*"
}

not_ok() {
	failed=$((failed + 1))
	printf 'not ok %s\n' "$*"
}

skip() {
	skipped=$((skipped + 1))
	printf 'skip %s\n' "$*"
}

# check NAME COMMAND...: the command must succeed; its output is shown if not.
check() {
	local name=$1 out
	shift
	if out=$("$@" 2>&1); then
		ok "$name"
	else
		not_ok "$name"
		printf '%s\n' "$out" | tail -n 20 | sed 's/^/  | /'
	fi
}

# refuse NAME COMMAND...: the command must fail.
refuse() {
	local name=$1 out
	shift
	if out=$("$@" 2>&1); then
		not_ok "$name"
		printf '%s\n' "$out" | tail -n 20 | sed 's/^/  | /'
	else
		ok "$name"
	fi
}

# status NAME WANTED COMMAND...: it ends with that status. What it says is in
# out and err, here.
status() {
	local name=$1 wanted=$2 got

	shift 2
	"$@" >out 2>err
	got=$?
	if [ "$got" = "$wanted" ]; then
		ok "$name"
	else
		not_ok "$name (status $got, wanted $wanted)"
		tail -n 20 out err | sed 's/^/  | /'
	fi
}

# said NAME WORDS: the command of the last status did.
said() {
	check "$1" grep -qF -- "$2" out err
}

# answers NAME WANTED WORDS COMMAND...: it ends with that status and says that.
answers() {
	local name=$1 wanted=$2 words=$3 text got

	shift 3
	text=$("$@" 2>&1)
	got=$?
	if [ "$got" = "$wanted" ] && grep -qF -- "$words" <<<"$text"; then
		ok "$name"
	else
		not_ok "$name (status $got, wanted $wanted)"
		tail -n 20 <<<"$text" | cut -c1-300 | sed 's/^/  | /'
	fi
}

# is NAME ONE OTHER: the two are the same text.
is() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1 ($2 is not $3)"
	fi
}

# ask SQL: of the review database; asked NAME WANTED SQL: it answers that.
ask() {
	sqlite3 -cmd '.timeout 60000' "$REEVE_DB" "$1"
}

asked() {
	is "$1" "$2" "$(ask "$3")"
}

# For check. exits STATUS COMMAND...: it ends with that status; says WORDS
# COMMAND...: it says them, however it ends.
exits() {
	local wanted=$1 got

	shift
	"$@"
	got=$?
	[ "$got" = "$wanted" ] || {
		echo "status $got, wanted $wanted"
		return 1
	}
}

says() {
	local words=$1

	shift
	"$@" 2>&1 | grep -F -- "$words"
}

# The one line at the end, and the exit status.
report() {
	printf '%s passed, %s failed' "$passed" "$failed"
	if [ "$skipped" -gt 0 ]; then
		printf ', %s skipped' "$skipped"
	fi
	printf '\n'
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

# ---- Packages ----

# As root, or with the one line to run instead.
root_only() {
	[ "$(id -u)" -eq 0 ] || die "this makes private servers and namespaces, and
so needs root. Run instead:

    sudo ${MAKE_LINE-$0}
"
}

# $@ are the missing; a process of its own, under the lock.
# shellcheck disable=SC2016
install_packages='
set -u
policy=/usr/sbin/policy-rc.d
export DEBIAN_FRONTEND=noninteractive
install() {
	apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
	    install -y --no-install-recommends "$@"
}
# A package must not start its server on the machine.
if [ ! -e "$policy" ]; then
	trap "rm -f $policy" EXIT
	trap "exit 130" INT
	trap "exit 143" HUP TERM
	printf "#!/bin/sh\nexit 101\n" >"$policy"
	chmod 755 "$policy"
fi
if ! install "$@" >/dev/null 2>&1; then
	apt-get -qq update && install "$@" >/dev/null
fi
'

packages() {
	local name missing=()

	for name in "$@"; do
		if [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" \
		    2>/dev/null)" != installed ]; then
			missing+=("$name")
		fi
	done
	[ "${#missing[@]}" -gt 0 ] || return 0
	[ "${DEPS-}" != no ] || die "these packages are missing, and DEPS=no:

    apt-get install --no-install-recommends ${missing[*]}
"
	root_only
	say "installing with apt-get: ${missing[*]}"
	flock /var/lock/reeve-packages bash -c "$install_packages" \
	    packages "${missing[@]}" ||
	    die "these packages could not be installed: ${missing[*]}"
}

build_packages='gcc make libc6-dev pkg-config libpam0g-dev libssl-dev
	libinih-dev libcrypt-dev libqrencode-dev libzxcvbn-dev libldap-dev
	libsasl2-dev libsqlite3-dev libxlsxwriter-dev libzip-dev
	libxml2-dev libxml2-utils libxslt1-dev check gettext'
server_packages='openssh-server openssh-client sudo login passwd cron
	util-linux iproute2 expect oathtool procps psmisc hostname e2fsprogs
	libpam-modules libpam-runtime python3-minimal'

# What root has built in somebody's tree, as by "sudo make demo", is theirs.
hand_back() {
	[ "$(id -u)" -ne 0 ] || [ -O "$top" ] || [ ! -d "$top/build" ] ||
	    chown -R --reference="$top" "$top/build" 2>/dev/null
}

# ---- The sandbox ----

# The calling script again, inside; returns when it is inside already.
sandbox() {
	local child status

	if [ -n "${SANDBOX-}" ]; then
		[ "$$" -ne 1 ] || sandbox_enter
		return 0
	fi
	# shellcheck disable=SC2086
	packages $build_packages $server_packages
	root_only
	SANDBOX=$(mktemp -d /var/tmp/reeve.XXXXXX)
	chmod 755 "$SANDBOX"
	export SANDBOX
	trap 'rm -rf "$SANDBOX"; hand_back' EXIT
	trap 'kill -KILL "$child" 2>/dev/null' INT TERM HUP
	# When this process dies the kernel kills unshare, then all inside.
	setpriv --pdeathsig KILL -- unshare --mount --pid --net --ipc --uts \
	    --fork --kill-child --mount-proc --propagation private -- \
	    env --default-signal=INT,QUIT bash "$0" "$@" <&0 &
	child=$!
	wait "$child"
	status=$?
	wait "$child" 2>/dev/null # again, should a signal have ended the first
	exit "$status"
}

sandbox_bind() {
	mkdir -p "$SANDBOX/$1"
	mount --bind "$SANDBOX/$1" "$2"
}

sandbox_enter() {
	local dir

	set +m
	umask 022
	cp -a /etc "$SANDBOX/etc"
	sandbox_bind etc /etc
	mkdir -p "$SANDBOX/lib"
	# State and trail refuse a tmpfs.
	[ "$(stat -f -c %T "$SANDBOX")" != tmpfs ] || disk lib 512 || exit 2
	cp -a /var/lib/pam "$SANDBOX/lib/"
	for dir in lib log spool mail; do
		[ ! -d "/var/$dir" ] || [ -L "/var/$dir" ] ||
		    sandbox_bind "$dir" "/var/$dir"
	done
	mkdir -p /var/spool/cron/crontabs
	chgrp crontab /var/spool/cron/crontabs
	chmod 1730 /var/spool/cron/crontabs
	mount -t tmpfs -o mode=755,nosuid,nodev tmpfs /run
	mkdir -p /run/lock /run/sshd "$SANDBOX/bin" "$SANDBOX/people"
	chmod 1777 /run/lock
	sandbox_devices
	ip link set lo up
	hostname testhost
	printf '127.0.0.1 localhost testhost\n' >/etc/hosts
	# Not the services that some package has put there.
	sed -i -E 's/^(passwd|group|initgroups):.*/\1: files/' /etc/nsswitch.conf
	rm -f /etc/ssh/sshd_config.d/* /etc/sudoers.d/* /etc/nologin
	PATH=$SANDBOX/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
	export PATH
	unset XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS SSH_AUTH_SOCK
	cd "$SANDBOX" || exit 2
	# The last act of process 1; then the kernel ends whatever is left.
	trap 'sandbox_leave' EXIT
}

# A /dev of our own, so that /dev/log is.
sandbox_devices() {
	local i

	mkdir "$SANDBOX/dev"
	mount -t tmpfs -o mode=755,nosuid tmpfs "$SANDBOX/dev"
	cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom \
	    /dev/tty "$SANDBOX/dev"
	[ ! -e /dev/loop-control ] || cp -a /dev/loop-control "$SANDBOX/dev"
	for ((i = 0; i < 64; i++)); do
		mknod -m 660 "$SANDBOX/dev/loop$i" b 7 "$i"
	done
	ln -s /proc/self/fd "$SANDBOX/dev/fd"
	ln -s fd/0 "$SANDBOX/dev/stdin"
	ln -s fd/1 "$SANDBOX/dev/stdout"
	ln -s fd/2 "$SANDBOX/dev/stderr"
	ln -s pts/ptmx "$SANDBOX/dev/ptmx"
	mkdir "$SANDBOX/dev/pts"
	mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 \
	    devpts "$SANDBOX/dev/pts"
	mount --move "$SANDBOX/dev" /dev
}

# Who listens at /dev/log; what is said there goes to $SANDBOX/syslog.log.
syslog_start() {
	python3 -c '
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("/dev/log")
os.chmod("/dev/log", 0o666)
out = open(sys.argv[1], "ab", buffering=0)
while True:
    out.write(s.recv(65536).rstrip(b"\n\0") + b"\n")
' "$SANDBOX/syslog.log" &
	wait_for 5 test -S /dev/log
}

sandbox_leave() {
	local status=$?

	[ -z "${KEEP-}" ] || [ "$status" -eq 0 ] || sandbox_show >&2
	exit "$status"
}

# What helps to see why: KEEP=1 tests/door_sshd.sh
sandbox_show() {
	local file

	for file in "$SANDBOX"/*.log /var/lib/reeve/trail/*; do
		[ -f "$file" ] || continue
		printf '%s\n' "==> $file"
		tail -n 40 "$file"
	done
}

# disk NAME MIB: a file system of its own, mounted on $SANDBOX/NAME.
disk() {
	truncate -s "$2M" "$SANDBOX/$1.img"
	mkfs.ext4 -q -F -m 0 "$SANDBOX/$1.img" || return 1
	mkdir -p "$SANDBOX/$1"
	mount -o loop "$SANDBOX/$1.img" "$SANDBOX/$1"
}

# wait_for SECONDS COMMAND...: until it succeeds, or the time is over.
wait_for() {
	local i=$(($1 * 20))

	shift
	until "$@" >/dev/null 2>&1; do
		i=$((i - 1))
		[ "$i" -gt 0 ] || return 1
		sleep 0.05
	done
}

# ---- Reeve in the sandbox ----

# As "make install" puts it, so that a forgotten file is missed here.
install_reeve() {
	local built=$top/build/release security

	[ -x "$built/reevectl" ] && [ -f "$built/pam_reeve.so" ] ||
	    make -s -C "$top" -j2 all || die "the build failed"
	security=$(dirname "$(find /lib/*/security /usr/lib/*/security \
	    /lib/security -name pam_unix.so 2>/dev/null | head -n 1)")
	make -s -C "$top" install "DESTDIR=$SANDBOX/root" \
	    prefix=/usr/local pamdir="$security" >/dev/null ||
	    die "make install failed"
	cp -a "$security/." "$SANDBOX/root/$security/"
	mount --bind "$SANDBOX/root/$security" "$security"
	for dir in sbin share; do
		mount --bind "$SANDBOX/root/usr/local/$dir" "/usr/local/$dir"
	done
}

# A host that enforces, on members of "admins". What init said is in
# $SANDBOX/init.log.
reeve_host() {
	syslog_start
	install_reeve
	groupadd -f admins
	reevectl init >"$SANDBOX/init.log" 2>&1 ||
	    die "reevectl init: $(tail -n 5 "$SANDBOX/init.log")"
	# shellcheck disable=SC2119
	reeve_conf
}

# reeve_conf [LINE...]: reeve.conf anew. Enforcing is the preset.
# shellcheck disable=SC2120
reeve_conf() {
	{
		printf '[who]\ngroups = admins\n'
		[ "$#" -eq 0 ] || printf '%s\n' "$@"
	} >/etc/reeve/reeve.conf.new
	chmod 644 /etc/reeve/reeve.conf.new
	mv /etc/reeve/reeve.conf.new /etc/reeve/reeve.conf
	reevectl list >/dev/null # says so if it is bad
}

# enroll USER FACTOR [OPTION...]: prints the secret. The first code, which is
# burnt, is of the step before last; so codes of steps -1, 0 and 1 are left.
enroll() {
	local user=$1 factor=$2 line code='' secret='' reevectl_pid
	local log=$SANDBOX/enroll.log from to

	coproc ENROLL { reevectl enroll "$@" 2>&1; }
	reevectl_pid=$ENROLL_PID
	# Copies: bash closes its own, and unsets ENROLL, when reevectl ends.
	exec {from}<&"${ENROLL[0]}" {to}>&"${ENROLL[1]}"
	while IFS= read -r line <&"$from"; do
		printf '%s\n' "$line" >>"$log"
		[ -z "$secret" ] || continue
		secret=$(uri_secret <<<"$line")
		case $secret:$factor in
		:*) continue ;;
		*:totp) code=$(totp "$secret" -2) ;;
		*:hotp) code=$(hotp "$secret" 0) ;;
		esac
		printf '%s\n' "$code" >&"$to"
	done 2>/dev/null
	exec {from}<&- {to}>&-
	wait "$reevectl_pid" || die "enroll $user $factor: $(tail -n 3 "$log")"
	printf '%s\n' "$secret"
}

# trail_mark; then recorded MEMBER=VALUE...: a record since has all of them.
trail_lines() {
	cat /var/lib/reeve/trail/segment-* 2>/dev/null | tr -d '\0'
}

trail_mark() {
	trail_marked=$(trail_lines | wc -l)
}

recorded() {
	local lines pair

	lines=$(trail_lines | tail -n "+$((trail_marked + 1))")
	for pair in "$@"; do
		lines=$(grep -E "\"${pair%%=*}\":\"?${pair#*=}[\",}]" \
		    <<<"$lines") || {
			say "no record with $pair; there are:"
			trail_lines | tail -n "+$((trail_marked + 1))" >&2
			return 1
		}
	done
}

not_recorded() {
	! recorded "$@" 2>/dev/null
}

# stack SERVICE: the PAM stack on standard input becomes the service's.
stack() {
	cat >"/etc/pam.d/$1"
	chmod 644 "/etc/pam.d/$1"
}

# shipped SERVICE...: the stacks of contrib/pam.d become the services'.
shipped() {
	local service

	for service in "$@"; do
		stack "$service" <"$top/contrib/pam.d/$service"
	done
}

# ---- People ----

# person NAME PASSWORD [USERADD OPTION...]
person() {
	local name=$1 password=$2

	shift 2
	useradd -m -b "$SANDBOX/people" -s /bin/bash "$@" "$name" &&
	    printf '%s:%s\n' "$name" "$password" | chpasswd
}

# as NAME COMMAND...: with that person's ids, without PAM.
as() {
	local name=$1

	shift
	HOME=$SANDBOX/people/$name USER=$name LOGNAME=$name setpriv \
	    --reuid "$name" --regid "$name" --init-groups -- "$@"
}

# The base32 secret of an otpauth URI on standard input.
uri_secret() {
	sed -n 's/.*otpauth:.*[?&]secret=\([A-Z2-7]*\).*/\1/p' | head -n 1
}

# totp SECRET [STEPS]: the code of STEPS times 30 s from now; never one whose
# time is nearly over, so that what uses it at once need not hurry.
totp() {
	local left=$((30 - $(date +%s) % 30))

	[ "$left" -gt 3 ] || sleep "$left"
	oathtool --totp -b "$1" --now "@$(($(date +%s) + 30 * ${2-0}))"
}

# hotp SECRET COUNTER
hotp() {
	oathtool --hotp -b -c "$2" "$1"
}

# ---- A deny list, signed with openssl alone ----

denylist_signer=denylist.example.com

# Files "key", which is pinned, and "stranger", which is not.
denylist_keys() {
	openssl genpkey -algorithm ed25519 -out key &&
	    openssl genpkey -algorithm ed25519 -out stranger &&
	    printf '%s+%s+%s\n' "$denylist_signer" "$(denylist_key_id key)" "$({
		printf '\001'
		denylist_public key
	} | base64 -w 0)" >/etc/reeve/denylist.pub &&
	    chmod 644 /etc/reeve/denylist.pub
}

denylist_public() { # the 32 bytes of a key
	openssl pkey -in "$1" -pubout -outform DER | tail -c 32
}

denylist_key_id() {
	{
		printf '%s\n\001' "$denylist_signer"
		denylist_public "$1"
	} | sha256sum | cut -c1-8
}

# denylist_text COUNTER ENTRY...: the text of a list.
denylist_text() {
	local counter=$1

	shift
	printf 'reeve-denylist 1\nscope *\ncounter %s\n' "$counter"
	printf 'issued %s\nentries %s\n' \
	    "$(date -u +%Y-%m-%dT%H:%M:%S.000000Z)" "$#"
	[ "$#" -eq 0 ] || printf '%s\n' "$@"
}

# denylist_sign KEY: the text on standard input becomes a note.
denylist_sign() {
	local key=$1

	cat >text
	openssl pkeyutl -sign -inkey "$key" -rawin -in text -out signature
	cat text
	printf '\n\342\200\224 %s %s\n' "$denylist_signer" "$({
		denylist_key_id "$key" | sed 's/../\\x&/g' |
		    xargs -0 printf '%b' | head -c 4
		cat signature
	} | base64 -w 0)"
}

# ---- A private sshd on port 2222 of the sandbox's own loopback ----

sshd_port=2222

sshd_keys() {
	[ ! -f "$SANDBOX/host_key" ] || return 0
	ssh-keygen -q -t ed25519 -N '' -f "$SANDBOX/host_key"
	printf '[127.0.0.1]:%s %s\n' "$sshd_port" \
	    "$(cut -d' ' -f1,2 "$SANDBOX/host_key.pub")" \
	    >"$SANDBOX/known_hosts"
	mkdir -p "$SANDBOX/authorized"
	# Answers by what is asked; an unset answer cancels.
	cat >"$SANDBOX/bin/askpass" <<-'EOF'
	#!/bin/sh
	printf '%s\n' "$1" >>"$SANDBOX/asked.log"
	case $1 in
	*ode*) answer=${CODE-} ;;
	*assword*) answer=${PASSWORD-} ;;
	*) answer=${OTHER-} ;;
	esac
	[ -n "$answer" ] || exit 1
	printf '%s\n' "$answer"
	EOF
	chmod 755 "$SANDBOX/bin/askpass"
}

# key NAME [SSH-KEYGEN OPTION...]: a key that sshd takes for the person.
key() {
	local name=$1

	shift
	sshd_keys
	ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$SANDBOX/$name.key" "$@"
	cat "$SANDBOX/$name.key.pub" >>"$SANDBOX/authorized/$name"
	chmod 644 "$SANDBOX/authorized/$name"
}

# sshd_start METHODS [LINE...]: AuthenticationMethods, more of sshd_config.
# OpenSSH from 9.8 on would cut off a source that fails as often as tests do.
sshd_start() {
	local methods=$1

	shift
	sshd_stop
	sshd_keys
	{
		cat <<-EOF
		Port $sshd_port
		ListenAddress 127.0.0.1
		HostKey $SANDBOX/host_key
		PidFile $SANDBOX/sshd.pid
		AuthorizedKeysFile $SANDBOX/authorized/%u
		StrictModes no
		UsePAM yes
		UseDNS no
		PermitRootLogin yes
		MaxAuthTries 20
		MaxStartups 200
		LogLevel VERBOSE
		KbdInteractiveAuthentication yes
		PasswordAuthentication $(case $methods in
			*password*) echo yes ;; *) echo no ;; esac)
		AuthenticationMethods $methods
		$(! grep -qi persourcepenalties /usr/sbin/sshd ||
			echo PerSourcePenalties no)
		EOF
		[ "$#" -eq 0 ] || printf '%s\n' "$@"
	} >"$SANDBOX/sshd_config"
	# The service's name is the program's up to OpenSSH 9.7; then "sshd".
	/usr/sbin/sshd -f "$SANDBOX/sshd_config" -E "$SANDBOX/sshd.log" ||
	    return 1
	wait_for 10 test -s "$SANDBOX/sshd.pid"
}

sshd_stop() {
	local pid

	[ -s "$SANDBOX/sshd.pid" ] || return 0
	pid=$(cat "$SANDBOX/sshd.pid")
	rm -f "$SANDBOX/sshd.pid"
	kill "$pid" 2>/dev/null
	wait_for 5 test ! -e "/proc/$pid"
}

# by_ssh NAME COMMAND...: PASSWORD and CODE (in the environment) answer.
by_ssh() {
	local name=$1 identity=()

	shift
	if [ -f "${KEY-$SANDBOX/$name.key}" ]; then
		identity=(-i "${KEY-$SANDBOX/$name.key}")
	fi
	DISPLAY=:0 SSH_ASKPASS=$SANDBOX/bin/askpass \
	    SSH_ASKPASS_REQUIRE=force PASSWORD="${PASSWORD-}" \
	    CODE="${CODE-}" OTHER="${OTHER-}" \
	    timeout 60 ssh -F none -p "$sshd_port" -o BatchMode=no \
	    -o "UserKnownHostsFile=$SANDBOX/known_hosts" \
	    -o GlobalKnownHostsFile=/dev/null \
	    -o StrictHostKeyChecking=yes -o IdentitiesOnly=yes \
	    -o IdentityAgent=none -o LogLevel=ERROR \
	    -o "NumberOfPasswordPrompts=${TRIES-1}" "${identity[@]}" \
	    "$name@127.0.0.1" "$@" </dev/null
}

# ---- Programs that ask on a terminal ----

# dialogue PROGRAM...: an expect script on standard input, after its spawn.
# Exit status: what the script's "exit" says; 1 at a time-out or early end.
dialogue() {
	local script

	script=$(mktemp "$SANDBOX/dialogue.XXXXXX")
	{
		printf 'set timeout 30\nlog_user 1\n'
		printf 'spawn -noecho'
		printf ' {%s}' "$@"
		printf '\nexpect_after timeout { exit 1 } eof { exit 1 }\n'
		cat
	} >"$script"
	expect -f "$script"
}
