#!/usr/bin/env bash
# T4: links, FIFOs, devices and folders in place of each of our files, and
# what a program inherits that is started at any moment of a phase.
set -u
. "$(dirname "$0")/lib.sh"
sandbox "$@"

drive=$top/build/release/tests/tool_pamdrive
reeve_host
reeve_conf '[reeve]' 'profile =' '[service door]' 'type = login' '[throttle]' \
    'attempts = 100' 'user_attempts = 1000'
stack door <<-'EOS'
auth required pam_reeve.so reserve
auth required pam_reeve.so
account required pam_reeve.so
session required pam_reeve.so
password required pam_reeve.so
password required pam_permit.so
EOS
person ada 'long Horse 4 battery' -G admins
ada=$(enroll ada hotp) || exit 1
echo 1 >"$SANDBOX/counter" # a file, since check runs subshells

# login [OPERATION...]: with a right code; 0 when all went well.
login() {
	local status counter

	counter=$(cat "$SANDBOX/counter")
	printf 'ode=%s\nassword=uncanny Zebra 77 lamp\n' \
	    "$(hotp "$ada" "$counter")" | timeout 20 "$drive" door ada \
	    rhost=192.0.2.7 tty=pts/7 -- auth acct "$@" >"$SANDBOX/drive.log" 2>&1
	status=$?
	[ "$status" -ne 124 ] || touch "$SANDBOX/hung"
	! grep -q ' auth 0 ' "$SANDBOX/drive.log" ||
	    echo $((counter + 1)) >"$SANDBOX/counter"
	return "$status"
}

# ---- What is inherited ----

# listed [FILE]: at each call of the module; FILE is open, and inherited.
listed() (
	local fd

	rm -f "$SANDBOX/list.log"
	for fd in "/proc/$BASHPID/fd/"*; do # what bash itself leaves
		[ "${fd##*/}" -le 2 ] || eval "exec ${fd##*/}>&-"
	done
	[ -z "${1-}" ] || exec 9<"$1"
	LD_PRELOAD=$top/build/release/tests/fault_preload.so \
	    FAULT_OBJECT=pam_reeve FAULT_LIST="$SANDBOX/list.log" \
	    login open close expired
)

# "TARGET" a line, of children ("self") or of the process that we are in.
descriptors() {
	awk -v whose="$1" '
	/^\/proc\/.*:$/ { mine = ($0 == "/proc/self/fd:") == (whose == "self") }
	/ -> / && mine && $(NF - 2) > 2 { print $NF }' "$SANDBOX/list.log"
}

inherited() {
	descriptors self | grep -vxE '/proc/[0-9]+/fd'
}

check "a login while programs are started at each of its calls" listed
for file in host.key users/ trail/segment-; do
	check "... at some of which $file is open" \
	    grep -qF "/var/lib/reeve/$file" <(descriptors process)
done
refuse "of which they inherit nothing" inherited
listed "$SANDBOX/init.log"
check "... by a test that sees what is inherited" \
    grep -q init.log <(inherited)

# ---- What stands in a file's place ----

# put KIND FILE: in its place; a link leads to the file itself.
put() {
	rm -rf "$2.away"
	mv "$2" "$2.away"
	case $1 in
	link) ln -s "$2.away" "$2" ;;
	hardlink) ln "$2.away" "$2" ;;
	fifo) mkfifo -m 600 "$2" ;;
	device) mknod -m 600 "$2" c 1 5 ;;
	directory) mkdir -m 700 "$2" ;;
	other) cp -p "$2.away" "$2" && chown daemon "$2" ;;
	writable) cp -p "$2.away" "$2" && chmod 666 "$2" ;;
	esac
}

# passes KIND FILE: somebody is let in by a file that stands there instead.
passes() {
	local sum status=1

	sum=$(sha256sum <"$2")
	put "$1" "$2"
	! login open || status=0
	[ "$sum" = "$(sha256sum <"$2.away")" ] || touch "$SANDBOX/written"
	rm -rf "$2"
	mv "$2.away" "$2"
	reevectl unlock ada >/dev/null 2>&1
	return "$status"
}

for file in /etc/reeve/reeve.conf /var/lib/reeve/host.key \
    /var/lib/reeve/users/ada; do
	for kind in link hardlink fifo device directory other writable; do
		refuse "$file: $kind" passes "$kind" "$file"
	done
	check "$file is itself again" login open
done
# Some are only a help, and made anew.
mapfile -t files < <(find /var/lib/reeve /run/reeve -type f ! -name '*.key' \
    ! -path '*/users/*' ! -path '*/sessions/p*')
for file in "${files[@]}"; do
	passes link "$file"
	passes fifo "$file"
	check "$file was a link and a FIFO, and is itself again" login open
done
refuse "nothing was written through a link" test -e "$SANDBOX/written"
refuse "nothing hung" test -e "$SANDBOX/hung"
report
