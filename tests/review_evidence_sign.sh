#!/usr/bin/env bash
# Signing a pack, with the tools that an auditor has: xmlsec1, openssl and
# sha256sum say what Reeve says, about keys in files and on a token, one signer
# and two, with a time stamp.
set -u
. "$(dirname "$0")/lib.sh"
[ -n "${SANDBOX-}" ] || packages xmlsec1 openssl softhsm2 opensc \
    libengine-pkcs11-openssl libxml2-utils expect
sandbox "$@"

reeve=${REEVE:-$top/build/release/reeve}
[ -x "$reeve" ] || make -s -C "$top" build/release/reeve
mkdir "$SANDBOX/home"
export TZ=Asia/Taipei HOME=$SANDBOX/home
unset REEVE_DB
cd "$SANDBOX" || exit 2
umask 022

# pack DIR REHEARSAL [SIGNER...]: a small one, as the export leaves it.
pack() {
	local dir=$1 rehearsal=$2 file signer
	shift 2
	rm -rf "$dir"
	mkdir -p "$dir/parts"
	printf '<summary/>\n' >"$dir/summary.xml"
	printf '<part/>\n' >"$dir/parts/account-0001.xml"
	printf 'cd DIR\n' >"$dir/VERIFY.txt"
	{
		printf '<?xml version="1.0" encoding="UTF-8"?>\n'
		printf '<manifest xmlns="urn:reeve:evidence:1" version="1" sequence="1"'
		printf ' kind="periodic" from="2026-09-30T16:00:00Z"'
		printf ' to="2026-12-31T16:00:00Z" made="2027-01-04T01:00:00Z"'
		printf ' program="reeve 0.1.0" rehearsal="%s">\n' "$rehearsal"
		printf ' <state/>\n <head act="1" digest="%064d"/>\n' 0
		printf ' <coverage places="12" covered="12"/>\n'
		for signer in "$@"; do
			printf ' <signer name="%s"' "${signer%%=*}"
			[ "$signer" = "${signer#*=}" ] ||
			    printf ' certificate="%s"' "${signer#*=}"
			printf '/>\n'
		done
		printf ' <class name="account" rows="1" total="1" parts="1"/>\n'
		for file in VERIFY.txt parts/account-0001.xml summary.xml; do
			printf ' <file name="%s" bytes="%s" sha256="%s"' "$file" \
			    "$(stat -c %s "$dir/$file")" "$(digest "$dir/$file")"
			[ "$file" != parts/account-0001.xml ] ||
			    printf ' class="account" rows="1"'
			printf '/>\n'
		done
		printf '</manifest>\n'
	} >"$dir/manifest.xml"
	(cd "$dir" && sha256sum VERIFY.txt manifest.xml \
	    parts/account-0001.xml summary.xml >SHA256SUMS)
}

digest() {
	sha256sum "$1" | cut -d' ' -f1
}

# The certificate's digest, as a pin is written.
print_of() {
	openssl x509 -in "$1" -outform DER | sha256sum | cut -d' ' -f1
}

# As the auditor's guide says it: xml DIR NAME TRUSTED
xml() {
	(cd "$1" && xmlsec1 --verify --enabled-key-data x509 \
	    --trusted-pem "$3" "signatures/$2.xml")
}

ed25519() {
	(cd "$1" && openssl pkeyutl -verify -pubin -inkey "$3" -rawin \
	    -in SHA256SUMS -sigfile "signatures/$2.ed25519")
}

sign() {
	"$reeve" evidence sign "$@"
}

keys=$SANDBOX/keys
keygen() {
	"$reeve" evidence keygen "$@" "$keys"
}

# ---- keygen ----

status "keys are made" 0 keygen --name 'Chen Mei-ling' --no-passphrase \
    --request
said "the fingerprint is printed as openssl prints it" \
    "$(openssl x509 -in "$keys/chen-mei-ling.crt" -noout -fingerprint \
        -sha256 | cut -d= -f2)"
is "private keys are their owner's alone" \
    "$(stat -c %a "$keys" "$keys"/*.pem | xargs)" "700 600 600"
check "openssl reads the certificate, the key and the request" bash -c \
    "openssl x509 -in $keys/chen-mei-ling.crt -noout -checkend 94000000 &&
    openssl pkey -in $keys/chen-mei-ling.pem -noout &&
    openssl pkey -in $keys/chen-mei-ling.ed25519.pem -noout &&
    openssl req -in $keys/chen-mei-ling.csr -verify -noout"
check "it is no authority" bash -c "openssl x509 -noout -ext \
    basicConstraints -in $keys/chen-mei-ling.crt | grep -q CA:FALSE"
cp "$keys/chen-mei-ling.pem" before
status "keys are never written over" 2 keygen --name 'chen mei ling' \
    --no-passphrase
check "and are as they were" cmp before "$keys/chen-mei-ling.pem"
status "a name that is not ASCII has files all the same" 0 \
    keygen --name 陳美玲 --no-passphrase --rsa
check "RSA has 3072 bits" bash -c \
    "openssl x509 -in $keys/signer.crt -noout -text | grep -q '(3072 bit)'"
status "without a name there are no keys" 2 keygen --no-passphrase
cat >keygen.exp <<'E'
set timeout 60
spawn {*}$argv
expect "passphrase for the new keys: "
send "correct horse\r"
expect "the same again: "
send "[lindex $env(AGAIN) 0]\r"
expect eof
exit [lindex [wait] 3]
E
AGAIN=wrong status "a passphrase that is mistyped makes no keys" 2 \
    expect keygen.exp "$reeve" evidence keygen --name Lin "$keys"
refuse "none at all" ls "$keys/lin.pem"
AGAIN='{correct horse}' status "keys with a passphrase" 0 \
    expect keygen.exp "$reeve" evidence keygen --name Lin "$keys"
check "which openssl asks for" openssl pkey -in "$keys/lin.pem" \
    -passin 'pass:correct horse' -noout
refuse "and does not do without" openssl pkey -in "$keys/lin.pem" \
    -passin pass:wrong -noout

# ---- One signer ----

chen=$keys/chen-mei-ling
pack p false
status "a pack is signed" 0 sign --key "$chen.pem" \
    --ed25519 "$chen.ed25519.pem" p
said "after it is shown" "Pack 1, periodic: 2026-10-01 to 2026-12-31"
check "xmlsec1 verifies it" xml p chen-mei-ling "$chen.crt"
check "openssl verifies SHA256SUMS" ed25519 p chen-mei-ling "$chen.ed25519.pub"
check "the public key beside it is that key" \
    cmp "$chen.ed25519.pub" p/signatures/chen-mei-ling.ed25519.pem
check "sha256sum agrees" bash -c "cd p && sha256sum --quiet -c SHA256SUMS"
is "each file is signed, and the manifest and SHA256SUMS" \
    "$(grep -o 'URI="[^"]*"' p/signatures/chen-mei-ling.xml | xargs)" \
    "URI=SHA256SUMS URI=VERIFY.txt URI=manifest.xml URI=parts/account-0001.xml URI=summary.xml"
refuse "xmlsec1 does not trust another's certificate" \
    xml p chen-mei-ling "$keys/lin.crt"
# SignedInfo alone, in its canonical form, is what stands in the file.
sed -n '/^<SignedInfo/,/^<\/SignedInfo>/p' p/signatures/chen-mei-ling.xml >info.xml
check "SignedInfo is canonical as it stands" bash -c \
    "xmllint --exc-c14n info.xml | cmp - <(head -c -1 info.xml)"
status "nobody signs twice under one name" 2 sign --key "$chen.pem" p
said "and hears why" "is there already"

for file in SHA256SUMS manifest.xml VERIFY.txt parts/account-0001.xml; do
	cp "p/$file" whole
	printf ' ' >>"p/$file"
	refuse "xmlsec1 refuses an altered $file" xml p chen-mei-ling "$chen.crt"
	status "and we do not sign it" 3 sign --key "$chen.pem" --name other p
	cp whole "p/$file"
	mv "p/$file" away
	refuse "xmlsec1 refuses a pack without $file" \
	    xml p chen-mei-ling "$chen.crt"
	status "and we do not sign it" 3 sign --key "$chen.pem" --name other p
	mv away "p/$file"
done
touch p/parts/more.xml
status "a file that is not listed is not signed" 3 \
    sign --key "$chen.pem" --name other p
said "it is named" "parts/more.xml"
rm p/parts/more.xml
ln -s VERIFY.txt p/link
status "nor is a link" 3 sign --key "$chen.pem" --name other p
rm p/link
is "refusals leave nothing behind" \
    "$(find p/signatures -type f -printf '%f\n' | sort | xargs)" \
    "chen-mei-ling.ed25519 chen-mei-ling.ed25519.pem chen-mei-ling.xml"
check "the whole one still verifies" xml p chen-mei-ling "$chen.crt"

pack r true
status "a pack of a rehearsal is not signed" 2 sign --key "$chen.pem" r
said "unless one says so" "--rehearsal"
status "then it is" 0 sign --rehearsal --key "$chen.pem" r
said "and it says what it is" "REHEARSAL"

# ---- Several signers, each required ----

pack q false "ciso=$(print_of "$keys/signer.crt")" officer
status "the manifest names who must sign, by certificate" 0 \
    sign --key "$keys/signer.pem" q
check "that signature has the manifest's name" ls q/signatures/ciso.xml
status "another can't sign in that name" 2 sign --key "$chen.pem" --name ciso q
status "a second signer signs beside the first" 0 \
    sign --key "$chen.pem" --name officer q
check "xmlsec1 verifies the first (RSA)" xml q ciso "$keys/signer.crt"
check "and the second" xml q officer "$chen.crt"
status "who is not asked for may sign, and hears it" 0 \
    sign --key "$chen.pem" --name guest q
said "they are not among them" "guest is not among those"

# ---- Passphrases, PKCS#12, a firm's authority ----

cat >sign.exp <<'E'
set timeout 60
spawn {*}$argv
expect ": "
expect {
	-re {(passphrase|PIN) of [^:]*: } { send "$env(SECRET)\r" }
}
expect eof
exit [lindex [wait] 3]
E
pack p false
SECRET=wrong status "a wrong passphrase signs nothing" 2 \
    expect sign.exp "$reeve" evidence sign --key "$keys/lin.pem" p
refuse "nothing at all" ls p/signatures
SECRET='correct horse' status "with the passphrase it is signed" 0 \
    expect sign.exp "$reeve" evidence sign --key "$keys/lin.pem" p
check "and verifies" xml p lin "$keys/lin.crt"

ca() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout "$1.key" -out "$1.crt" -days 3650 -subj "/CN=$1" \
	    -addext 'basicConstraints=critical,CA:TRUE' \
	    -addext 'keyUsage=critical,keyCertSign,cRLSign' 2>/dev/null
}
ca firm
printf 'keyUsage=critical,digitalSignature\n' >usage
openssl x509 -req -in "$chen.csr" -CA firm.crt -CAkey firm.key \
    -CAcreateserial -days 365 -extfile usage -out issued.crt 2>/dev/null
cat issued.crt firm.crt >chain.crt
status "a certificate of the firm's authority takes the place of its own" 0 \
    sign --key "$chen.pem" --certificate chain.crt --name firm p
check "xmlsec1 trusts it by that authority" xml p firm "$SANDBOX/firm.crt"
refuse "and not by another" xml p firm "$keys/lin.crt"

(umask 077 && openssl pkcs12 -export -inkey "$chen.pem" -in issued.crt \
    -certfile firm.crt -passout 'pass:correct horse' -out chen.p12)
SECRET='correct horse' status "PKCS#12 signs" 0 expect sign.exp "$reeve" \
    evidence sign --key chen.p12 --name p12 p
check "and verifies" xml p p12 "$SANDBOX/firm.crt"
chmod 644 chen.p12
SECRET='correct horse' status "a key that others may read does not" 2 \
    "$reeve" evidence sign --key chen.p12 --name other p

for kind in 'rsa -pkeyopt rsa_keygen_bits:2048' \
    'ec -pkeyopt ec_paramgen_curve:P-384'; do
	# shellcheck disable=SC2086
	(umask 077 && openssl req -x509 -newkey $kind -nodes -keyout weak.key \
	    -out weak.crt -days 30 -subj /CN=weak 2>/dev/null)
	status "a key of ${kind##*:} does not sign" 2 sign --key weak.key \
	    --certificate weak.crt --name other p
	said "and it is said what would" "EC P-256"
done

# ---- A token ----

export SOFTHSM2_CONF=$SANDBOX/softhsm2.conf
mkdir tokens
printf 'directories.tokendir = %s/tokens\nobjectstore.backend = file\n' \
    "$SANDBOX" >"$SOFTHSM2_CONF"
module=$(find /usr/lib -name libsofthsm2.so | head -n 1)
export PKCS11_MODULE_PATH=$module
softhsm2-util --init-token --free --label officer --pin 4321 --so-pin 8765 \
    >/dev/null
for kind in EC:prime256v1 rsa:3072; do
	name=${kind%%:*}
	pkcs11-tool --module "$module" --token-label officer --login --pin 4321 \
	    --keypairgen --key-type "$kind" --label "$name" --id "${#name}1" \
	    >/dev/null 2>&1
	uri="pkcs11:token=officer;object=$name"
	openssl req -new -x509 -engine pkcs11 -keyform engine \
	    -key "$uri;type=private;pin-value=4321" -out "$name.crt" \
	    -days 30 -subj "/CN=token $name" 2>/dev/null
	SECRET=4321 status "a token's $name key signs" 0 expect sign.exp \
	    "$reeve" evidence sign --key "$uri" --certificate "$name.crt" p
	check "and xmlsec1 verifies it" xml p "token-${name,,}" "$SANDBOX/$name.crt"
	openssl x509 -in "$name.crt" -outform DER -out "$name.der"
	pkcs11-tool --module "$module" --token-label officer --login --pin 4321 \
	    --write-object "$name.der" --type cert --label "$name" \
	    --id "${#name}1" >/dev/null 2>&1
	SECRET=4321 status "its certificate may be on the token" 0 expect \
	    sign.exp "$reeve" evidence sign --key "$uri" --name "on-$name" p
	check "and xmlsec1 verifies it" xml p "on-$name" "$SANDBOX/$name.crt"
done
SECRET=1111 status "a wrong PIN signs nothing" 2 expect sign.exp "$reeve" \
    evidence sign --key "$uri" --name other p
status "a PIN has no place in a command line" 2 sign \
    --key "$uri?pin-value=4321" --name other p
status "a token that is not there is told" 2 sign \
    --key 'pkcs11:token=nobody;object=x' --name other p

# ---- Time stamps ----

tsa() {
	ca "$1"
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout "$1-time.key" -out "$1-time.csr" -subj "/CN=$1 time" \
	    2>/dev/null
	printf 'keyUsage=critical,digitalSignature
extendedKeyUsage=critical,timeStamping\n' >usage
	openssl x509 -req -in "$1-time.csr" -CA "$1.crt" -CAkey "$1.key" \
	    -CAcreateserial -days 365 -extfile usage -out "$1-time.crt" \
	    2>/dev/null
	printf '01\n' >"$1.serial"
	cat >"$1.cnf" <<-E
	[tsa]
	serial = $SANDBOX/$1.serial
	signer_cert = $SANDBOX/$1-time.crt
	signer_key = $SANDBOX/$1-time.key
	signer_digest = sha256
	default_policy = 1.2.3.4.1
	digests = sha256, sha512
	ess_cert_id_alg = sha256
	E
}
reply() {
	openssl ts -reply -config "$1.cnf" -section tsa -queryfile "$2" \
	    -out "$3" 2>/dev/null
}
stamp() {
	"$reeve" evidence timestamp "$@"
}
tsa stamps
tsa strange
status "a time stamp is asked for" 0 stamp --name lin --request p
said "in words that a person can run" "curl --fail"
query=p/signatures/lin.tsq
check "the request is of the signature" bash -c \
    "openssl ts -query -in $query -text | grep -q 'Hash Algorithm: sha256'"
status "it is not asked for twice" 2 stamp --name lin --request p
reply stamps "$query" lin.tsr
status "the answer is taken" 0 stamp --name lin --token lin.tsr \
    --authority stamps.crt p
check "openssl verifies it" openssl ts -verify -data p/signatures/lin.xml \
    -in p/signatures/lin.tsr -CAfile stamps.crt
status "and not twice" 2 stamp --name lin --token lin.tsr p
status "it is not that of another signature" 3 stamp --name firm \
    --token lin.tsr p
status "a request for another" 0 stamp --name firm --request p
openssl ts -query -data p/signatures/firm.xml -sha256 -cert -out alien.tsq \
    2>/dev/null
reply stamps alien.tsq alien.tsr
status "an answer to another request is not taken" 3 stamp --name firm \
    --token alien.tsr p
reply strange p/signatures/firm.tsq strange.tsr
status "nor one of a stranger" 2 stamp --name firm --token strange.tsr \
    --authority stamps.crt p
status "nor what is no answer" 2 stamp --name firm --token firm.crt p
refuse "nothing of it was kept" ls p/signatures/firm.tsr
status "what is not signed is not stamped" 2 stamp --name nobody --request p

# ---- Time ----

export REEVE_DB=$SANDBOX/rehearsal.db
"$reeve" init --rehearsal >/dev/null 2>&1
status "whose certificate has expired does not sign" 2 "$reeve" \
    --now 2031-01-01 evidence sign --key "$chen.pem" --name late p
said "and hears why" "not valid today"
refuse "nothing was signed" ls p/signatures/late.xml

report
