#!/usr/bin/env bash
# The deny list on a host: signed with openssl alone, installed, held, refused
# at a real sshd's door.
set -u
. "$(dirname "$0")/lib.sh"
packages openssl
sandbox "$@"
reeve_host

install_list() {
	reevectl denylist install "$@"
}

denylist_keys
for name in wang chen lin; do
	person "$name" "Passw0rd-$name" -G admins
	enroll "$name" totp >"$name.secret"
done

refuse 'no list: there is nothing to show' reevectl denylist show

denylist_text 3 '* * wang - leaver -' |
    denylist_sign key >note3
denylist_text 4 '* * wang - leaver -' '* * nobody - revoked -' |
    denylist_sign key >note4
denylist_text 5 '* * wang - leaver -' '* sshd chen - revoked -' |
    denylist_sign key >note5
denylist_text 6 '* * wang - leaver -' '* * chen - leaver -' '* * lin - revoked -' |
    denylist_sign key >note6
denylist_text 9 | denylist_sign stranger >forged

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
		cut -d+ -f3- /etc/reeve/denylist.pub | base64 -d | tail -c 32
	} >key.der
	openssl pkeyutl -verify -pubin -keyform DER -inkey key.der \
	    -rawin -in text -sigfile signature
}
check 'openssl agrees, as denylist(5) says' by_manual

report
