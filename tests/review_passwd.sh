#!/usr/bin/env bash
# passwd: on a real Debian: accounts that its own tools made, locked and aged,
# sudo's own opinion of sudoers files, and the records of a real login.
set -u
. "$(dirname "$0")/lib.sh"
sandbox "$@"

dump=${DUMP:-$top/build/release/tests/tool_review_dump}
[ -x "$dump" ] || make -s -C "$top" tests
now=$(date +%s)

pull() {
	"$dump" "passwd:${1-/}" "$now" >pulled 2>pulled.err || {
		cat pulled.err >&2
		return 1
	}
}

# listed NAME PATTERN...: one line of what was pulled has all of them.
listed() {
	local name=$1 lines pattern

	shift
	lines=$(cat pulled)
	for pattern in "$@"; do
		lines=$(grep -E -- "$pattern" <<<"$lines")
	done
	if [ -n "$lines" ]; then
		ok "$name"
	else
		not_ok "$name (no line has: $*)"
		grep -E -- "$1" pulled | sed 's/^/  | /'
	fi
}

# says_not NAME PATTERN
says_not() {
	if grep -qE -- "$2" pulled; then
		not_ok "$1"
		grep -E -- "$2" pulled | sed 's/^/  | /'
	else
		ok "$1"
	fi
}

# An account's line, up to its first blank.
account() {
	printf '^account host:testhost/%s ' "$1"
}

# ---- Accounts, as useradd, usermod, chage and passwd leave them ----

printf 'testhost\n' >/etc/hostname
for name in plain locked expired inactive noshell keyed must nopass; do
	person "$name" "Corr3ct horse $name" -c "Person $name,,0912" ||
	    die "no $name"
done
useradd -o -u 0 -g 0 -M -s /bin/bash toor
useradd -r -s /usr/sbin/nologin daemonish
groupadd -f docker
usermod -L locked
usermod -e 1 expired
chage -d 2020-01-01 -M 90 -I 30 inactive
usermod -s /usr/sbin/nologin noshell
usermod -s /usr/sbin/nologin keyed
chage -d 0 must
passwd -q -d nopass
usermod -aG sudo plain
gpasswd -a locked docker >/dev/null
for name in locked keyed; do
	mkdir -p "people/$name/.ssh"
	ssh-keygen -q -t ed25519 -N '' -C "$name@laptop" -f "$name.key"
	cat "$name.key.pub" >>"people/$name/.ssh/authorized_keys"
done
finger=$(ssh-keygen -lf locked.key.pub | cut -d' ' -f2)
touch /var/log/wtmp /var/log/lastlog

check "a whole Debian is pulled" pull
listed "... completely" '^query host testhost ' ' complete'
listed "an account by useradd is enabled" "$(account plain)" ' enabled=yes ' \
    'display=Person plain ' ' phone=0912 ' 'password_locked=no'
listed "... and has a scheme, but no hash" \
    '^value host:testhost/plain password-scheme=y$'
says_not "no hash is anywhere" '\$y\$|\$6\$'
listed "usermod -L locks the password alone" "$(account locked)" \
    ' enabled=yes ' 'password_locked=yes' 'has_keys=yes'
listed "the key has ssh-keygen's fingerprint" \
    "^value host:testhost/locked ssh-key=${finger//+/\\+}\$"
listed "... and its comment" 'ssh-key-comment=SHA256:.* locked@laptop$'
listed "usermod -e 1 disables" "$(account expired)" ' enabled=no ' \
    'reason=shadow: the expiry date has passed' ' expires=86400 '
listed "chage -I disables after the password" "$(account inactive)" \
    ' enabled=no ' 'inactive since its password expired'
listed "nologin without keys is disabled" "$(account noshell)" \
    ' enabled=no ' 'no shell, no keys'
listed "nologin with keys is not" "$(account keyed)" ' enabled=yes ' \
    'no shell, but keys' 'login_shell=no'
listed "chage -d 0 must change" "$(account must)" 'password_must_change=yes' \
    'password_set=never'
listed "passwd -d leaves it empty" "$(account nopass)" 'empty_password=yes'
listed "a second uid 0 is told" "$(account toor)" ' uid=0 '
listed "a system account is disabled" "$(account daemonish)" ' enabled=no '
listed "usermod -aG gives a group" \
    '^member host:testhost/sudo account:plain@testhost name$'
listed "docker is a privilege" '^group host:testhost/docker ' 'privileged=yes'
listed "a policy is told" '^policy testhost/local local ' \
    'lockout_attempts=never' 'max_age=never'

# chage -l and we say the same of every account.
chage_says() {
	local name expires

	while IFS=: read -r name _; do
		expires=$(chage -l "$name" | sed -n \
		    's/^Account expires.*: //p')
		if [ "$expires" = never ]; then
			grep -q "$(account "$name").* expires=never " pulled
		else
			grep -q "$(account "$name").* expires=$(date -u \
			    -d "$expires" +%s) " pulled
		fi || {
			say "$name: chage listed $expires"
			return 1
		}
	done </etc/passwd
}
check "chage -l agrees on every expiry" chage_says

# ---- sudo: visudo and we accept and refuse the same lines ----

sudoers_row() {
	local text=$1 theirs ours

	printf '%b\n' "$text" >/etc/sudoers
	chmod 440 /etc/sudoers
	theirs=bad ours=bad
	! visudo -cf /etc/sudoers >visudo.log 2>&1 || theirs=good
	pull
	! grep -q '^query host testhost .* complete' pulled || ours=good
	if [ "$theirs" = "$ours" ]; then
		ok "sudoers: visudo and reeve say $ours: $text"
	else
		not_ok "sudoers: visudo $theirs, reeve $ours: $text"
		sed 's/^/  | /' visudo.log
		grep '^query' pulled | sed 's/^/  | /'
	fi
}

cp /etc/sudoers sudoers.debian
mkdir -p /etc/sudoers.d
while IFS= read -r row; do
	sudoers_row "$row"
done <<'ROWS'
root ALL=(ALL:ALL) ALL
%sudo ALL=(ALL:ALL) NOPASSWD:ALL
plain ALL = /bin/ls, !/bin/ls /root, (noshell) /bin/id
plain, #1001, %#27, +net ALL=ALL
%:nonunix, "%a b", %a\\ b ALL=/bin/ls
User_Alias A = plain, locked : B = must\nA, !B ALL=ALL
A ALL=/bin/ls\nUser_Alias A = plain
Cmnd_Alias C = /bin/ls, D : D = /bin/id\nplain ALL=C
Cmd_Alias C = /bin/ls\nplain ALL=C
Runas_Alias R = root, #7 : S = %adm\nplain ALL=(R:adm) ALL
Host_Alias H = web1, web*, 10.0.0.0/8, 10.1.1.1, fe80::1, +net\nplain H=ALL
plain testhost=/bin/ls : other=/bin/id
plain ALL=(ALL, !root) ALL
plain ALL=() ALL
plain ALL=(:adm) /bin/ls
plain ALL=NOEXEC:SETENV:LOG_INPUT:NOMAIL:FOLLOW: /usr/bin/vi
plain ALL=CWD=/tmp TIMEOUT=5m /bin/ls
plain ALL=CHROOT=/srv NOTAFTER=20370101000000Z /bin/ls
plain ALL=ROLE=a TYPE=b /bin/ls
plain ALL=sudoedit /etc/motd
plain ALL=list
plain ALL=/bin/ls ""
plain ALL=/usr/bin/
plain ALL=/bin/x a\\,b\\:c\\=d
plain ALL=/bin/x ^a(b|c)$
plain ALL=^/usr/bin/[a-z]+$
plain ALL=sha224:0GomF8mNN3wlDt1HD9XldjJ3SNgpFdbjO1+NsQ== /bin/ls
plain ALL=/bin/ls \\\n\t-l # comment
Defaults env_reset, !authenticate\nDefaults:plain !requiretty\nplain ALL=ALL
Defaults@testhost log_output\nDefaults>root noexec\nDefaults!/bin/ls noexec
Defaults secure_path="/a:/b"\nDefaults runas_default = noshell
@includedir /etc/sudoers.d
#includedir /etc/sudoers.d
# a comment\n#\n
plain ALL=(root ALL
plain ALL=ls
plain ALL
plain ALL=
plain ALL=/bin/ls,
what is this
"plain ALL=ALL
User_Alias a = plain
User_Alias A plain
plain ALL=NOSUCHTAG: /bin/ls
plain ALL=/bin/x ^a
plain : ALL=ALL
= ALL
ROWS
cp sudoers.debian /etc/sudoers

# sudo -l and we say the same of who has everything.
printf 'User_Alias OPS = locked, must\nOPS, !must ALL=(ALL) ALL
%%docker ALL=(ALL) ALL\nnoshell other=(ALL) ALL\nkeyed ALL=(root) /bin/ls
' >>/etc/sudoers
pull
everything() {
	local name theirs ours

	for name in plain locked must noshell keyed; do
		theirs=no ours=no
		! sudo -l -U "$name" | grep -qE '\(ALL( : ALL)?\) ALL$' ||
		    theirs=yes
		! all_of "$name" || ours=yes
		[ "$theirs" = "$ours" ] || {
			say "$name: sudo listed $theirs, reeve $ours"
			return 1
		}
	done
}
# Whether a privileged sudo right names the account, or a group of its.
all_of() {
	local key group

	for key in $(sed -n 's/^group \(sudo:[^ ]*\) .*privileged=yes.*/\1/p' \
	    pulled); do
		grep -q "^member $key account:$1@" pulled && return 0
		for group in $(id -nG "$1"); do
			grep -q "^member $key group:$group@" pulled && return 0
		done
	done
	return 1
}
check "sudo -l agrees on who may do everything" everything

# ---- A real login leaves wtmp and lastlog ----

login_once() {
	dialogue /bin/login -p <<-EOF
	expect "login:"; send "plain\r"
	expect "assword:"; send "Corr3ct horse plain\r"
	expect -re {[$#] } { send "exit\r" }
	expect eof { exit 0 }
	EOF
}
before=$(date +%s)
check "login(1) lets in" login_once
now=$(($(date +%s) + 1))
pull
# used SOURCE: when plain was last in, by that.
used() {
	sed -n "s/^usage host:testhost\/plain $1=\([0-9]*\) .*/\1/p" pulled
}
in_time() {
	local when

	when=$(used "$1")
	[ -n "$when" ] && [ "$when" -ge "$before" ] && [ "$when" -le "$now" ]
}
if [ -s /var/log/wtmp ]; then
	check "wtmp has the login" in_time wtmp
	listed "... and where it begins" '^query host testhost .*wtmp begins at'
	says_not "who did not log in is not in wtmp" \
	    '^usage host:testhost/locked wtmp='
else
	skip "login(1) wrote no wtmp here"
fi
if [ -s /var/log/lastlog ]; then
	check "lastlog has the login" in_time lastlog
	listed "who never logged in is never" \
	    '^usage host:testhost/locked lastlog=never '
else
	skip "login(1) wrote no lastlog here"
fi

# ---- Folders of hosts ----

mkdir -p hosts/web1 hosts/web2/etc hosts/broken
cp -a /etc hosts/web1/
cp -a /etc/passwd /etc/shadow /etc/group /etc/gshadow hosts/web2/etc/
pull hosts
listed "a copied host is read like the real one" \
    '^account host:web1/expired ' ' enabled=no '
listed "another without sudoers is incomplete" '^query host web2 ' \
    'incomplete why=web2: etc/sudoers is not there'
listed "... and delivered all the same" '^account host:web2/plain '
listed "an empty folder is named" '^query host broken ' \
    'why=broken: etc/passwd is not there'
ln -sf /etc/passwd hosts/broken/passwd
mkdir -p hosts/broken/etc
ln -sf "$SANDBOX/hosts/web2/etc/passwd" hosts/broken/etc/passwd
pull hosts
says_not "no link leads out of a folder" '^account host:broken/'

# ---- A new host is no change of scope; a missing one ends nothing ----

reeve=${REEVE:-$top/build/release/reeve}
export REEVE_DB=$SANDBOX/review.db

# pulls NAME STATUS WORDS
pulls() {
	local said got

	said=$("$reeve" pull passwd:fleet 2>&1)
	got=$?
	if [ "$got" = "$2" ] && grep -qF -- "$3" <<<"$said"; then
		ok "$1"
	else
		not_ok "$1 (status $got, wanted $2)"
		printf '%s\n' "$said" | sed 's/^/  | /'
	fi
}

mkdir -p fleet/web1 fleet/web2
for name in web1 web2; do
	cp -a /etc fleet/$name/
done
pulls "hosts are pulled" 0 "First pull"
pulls "... and again, unchanged" 0 "new 0, changed 0, gone 0)"
mkdir fleet/web3
pulls "a host without files is named" 4 "web3: etc/passwd is not there"
cp -a /etc fleet/web3/
pulls "a new host is let in" 0 "gone 0)"
mv fleet/web2 .
pulls "a missing host is named" 4 "web2: its folder is not there"
pulls "... and nothing of it is gone" 4 "gone 0)"
touch fleet/web2.retired
pulls "a retired host's accounts are a loss" 4 "HELD"

# ---- What contrib's collector brings is what is there ----

facts() {
	grep -E '^(account|value|usage|member|group|policy) .*testhost' |
	    sed -E 's/ (reason=passwd: .*|expires=)/ \1/
	        s/ reason=passwd: [^=]* ([a-z_]+=)/ \1/; s/ has_keys=no//
	        s/ enabled=no( expires)/\1/' | sort
}
collected() {
	mkdir -p collected/testhost &&
	    sh "$top/contrib/review/collect" |
	    tar -C collected/testhost -xf - && pull collected &&
	    facts <pulled >after && diff before after
}
pull
facts <pulled >before
check "the collector brings all facts" collected
listed "... completely" '^query host testhost ' ' complete'
refuse "... and no hash" grep -rqE '\$(y|6)\$[^x]' collected
refuse "... of old passwords neither" test -e \
    collected/testhost/etc/security/opasswd

# The example of a configuration is one.
example() {
	"$dump" "$1" "$now" "$top/contrib/review/review.conf" 2>&1 |
	    grep -qF "/srv/reeve/$2: No such file or directory"
}
for row in 'hosts hosts' 'trading trading.csv' 'doors doors.csv'; do
	# shellcheck disable=SC2086
	check "the example of review.conf has a source ${row% *}" example $row
done

report
