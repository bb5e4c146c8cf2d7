#!/usr/bin/env bash
# The deny list on a host: signed with openssl alone, installed, held, refused
# at a real sshd's door.
set -u
. "$(dirname "$0")/lib.sh"
packages openssl
sandbox "$@"
reeve_host

pinned=/etc/reeve/denylist.pub
signer=denylist.example.com

public() { # the 32 bytes of a key
	openssl pkey -in "$1" -pubout -outform DER | tail -c 32
}

key_id() {
	{
		printf '%s\n\001' "$signer"
		public "$1"
	} | sha256sum | cut -c1-8
}

# sign KEY: the text on standard input becomes a note.
sign() {
	local key=$1

	cat >text
	openssl pkeyutl -sign -inkey "$key" -rawin -in text -out signature
	cat text
	printf '\n\342\200\224 %s %s\n' "$signer" "$({
		key_id "$key" | sed 's/../\\x&/g' | xargs -0 printf '%b' |
		    head -c 4
		cat signature
	} | base64 -w 0)"
}

# list COUNTER ENTRY...: the text of a list.
list() {
	local counter=$1

	shift
	printf 'reeve-denylist 1\nscope *\ncounter %s\n' "$counter"
	printf 'issued %s\nentries %s\n' \
	    "$(date -u +%Y-%m-%dT%H:%M:%S.000000Z)" "$#"
	[ "$#" -eq 0 ] || printf '%s\n' "$@"
}

install_list() {
	reevectl denylist install "$@"
}

openssl genpkey -quiet -algorithm ed25519 -out key 2>/dev/null ||
    openssl genpkey -algorithm ed25519 -out key
openssl genpkey -algorithm ed25519 -out stranger
printf '%s+%s+%s\n' "$signer" "$(key_id key)" "$({
	printf '\001'
	public key
} | base64 -w 0)" >"$pinned"
chmod 644 "$pinned"

for name in wang chen lin; do
	person "$name" "Passw0rd-$name" -G admins
	enroll "$name" totp >"$name.secret"
done

refuse 'no list: there is nothing to show' reevectl denylist show

list 3 '* * wang - leaver -' | sign key >note3
list 4 '* * wang - leaver -' '* * nobody - revoked -' | sign key >note4
list 5 '* * wang - leaver -' '* sshd chen - revoked -' | sign key >note5
list 6 '* * wang - leaver -' '* * chen - leaver -' '* * lin - revoked -' |
    sign key >note6
list 9 | sign stranger >forged

exits() {
	local expected=$1 status

	shift
	"$@"
	status=$?
	[ "$status" -eq "$expected" ] || {
		echo "exit status $status, not $expected"
		return 1
	}
}

says() {
	local text=$1

	shift
	"$@" 2>&1 | grep -F -- "$text"
}

check "a stranger's signature is not ours" exits 3 install_list forged
check 'an altered list does not verify' exits 3 install_list \
    <(sed 's/wang/wong/' note3)
trail_mark
check 'one of three may be refused' exits 0 install_list note3
check 'the installation is recorded' recorded type=denylist result=yes
check 'it is shown' says '* * wang - leaver -' reevectl denylist show
check 'and as JSON' says '"reason":"leaver"' reevectl denylist show \
    --format json
check 'the same again is refused' exits 3 install_list note3
check 'a newer one goes in its place' exits 0 install_list note4
check 'the older one does not come back' exits 3 install_list note3
trail_mark
check 'more than half of the enrolled are held' exits 1 install_list note5
check 'that is recorded' recorded type=denylist result=held
check 'held is shown' says ', held' reevectl denylist show
check 'the list before stays' says 'counter 4' reevectl denylist show
check 'leavers alone may be too many' says 'nothing of it applies' \
    install_list note6
check 'root confirms' exits 0 install_list --confirm note5
check 'then it is in force' says 'counter 5' reevectl denylist show

# The manual's words, with openssl and the shell alone.
by_manual() {
	sed '/^$/,$d' note5 >text
	sed -n 's/^— [^ ]* //p' note5 | base64 -d | tail -c 64 >signature
	{
		printf '\060\052\060\005\006\003\053\145\160\003\041\000'
		cut -d+ -f3- "$pinned" | base64 -d | tail -c 32
	} >key.der
	openssl pkeyutl -verify -pubin -keyform DER -inkey key.der \
	    -rawin -in text -sigfile signature
}
check 'openssl agrees, as denylist(5) says' by_manual

report
