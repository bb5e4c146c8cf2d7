# Private directory servers in a sandbox; sourced after lib.sh, inside it.
#
#   authority                       a CA of our own, $authority/ca.pem
#   slapd_conf [LINE...]            slapd.conf of one database, dc=example,dc=org
#   slapd_load FILE, slapd_start, slapd_stop
#   source_conf NAME LINE...        a section of $SANDBOX/review.conf
#
# They listen on the sandbox's own loopback and are ended by their pid.
# shellcheck shell=bash

authority=$SANDBOX/authority
slapd=$SANDBOX/slapd
slapd_base=dc=example,dc=org
slapd_local=ldapi://${slapd//\//%2F}%2Fldapi

# certificate NAME SUBJECT [ALTERNATIVE]: NAME.pem and NAME.key, by our CA.
certificate() {
	openssl req -newkey rsa:2048 -nodes -keyout "$authority/$1.key" \
	    -out "$authority/$1.csr" -subj "$2" 2>/dev/null &&
	    openssl x509 -req -in "$authority/$1.csr" -CA "$authority/ca.pem" \
	        -CAkey "$authority/ca.key" -CAcreateserial -days 30 \
	        -out "$authority/$1.pem" \
	        -extfile <([ -z "${3-}" ] || printf 'subjectAltName=%s' "$3") \
	        2>/dev/null
}

authority() {
	[ ! -e "$authority/ca.pem" ] || return 0
	mkdir -p "$authority"
	openssl req -x509 -newkey rsa:2048 -nodes -days 30 \
	    -keyout "$authority/ca.key" -out "$authority/ca.pem" \
	    -subj '/CN=Test CA' 2>/dev/null &&
	    openssl req -x509 -newkey rsa:2048 -nodes -days 30 \
	        -keyout "$authority/other.key" -out "$authority/other.pem" \
	        -subj '/CN=Some other CA' 2>/dev/null &&
	    certificate server /CN=localhost 'DNS:localhost,IP:127.0.0.1'
}

# The lines go behind the database's own.
slapd_conf() {
	local module

	authority || return 1
	mkdir -p "$slapd/db"
	{
		for module in core cosine nis inetorgperson dyngroup; do
			printf 'include /etc/ldap/schema/%s.schema\n' "$module"
		done
		printf 'modulepath /usr/lib/ldap\n'
		for module in back_mdb ppolicy memberof lastbind syncprov \
		    dynlist; do
			printf 'moduleload %s\n' "$module"
		done
		cat <<-EOF
		pidfile $slapd/pid
		argsfile $slapd/args
		TLSCACertificateFile $authority/ca.pem
		TLSCertificateFile $authority/server.pem
		TLSCertificateKeyFile $authority/server.key
		TLSVerifyClient try
		sizelimit size.soft=500 size.hard=500
		authz-regexp "gidNumber=0\\\\+uidNumber=0,cn=peercred,cn=external,cn=auth" "uid=reader,$slapd_base"
		authz-regexp "cn=auditor" "uid=reader,$slapd_base"
		database mdb
		suffix $slapd_base
		rootdn cn=admin,$slapd_base
		rootpw secret
		directory $slapd/db
		maxsize 1073741824
		index objectClass,uid,entryUUID,entryCSN,member eq
		limits dn.exact="uid=reader,$slapd_base" size=unlimited size.pr=unlimited size.prtotal=unlimited
		access to attrs=userPassword by anonymous auth by * none
		access to * by dn.exact="uid=reader,$slapd_base" read by users read by anonymous auth
		EOF
		[ "$#" -eq 0 ] || printf '%s\n' "$@"
	} >"$slapd/slapd.conf"
}

slapd_load() {
	rm -f "$slapd"/db/*
	slapadd -q -f "$slapd/slapd.conf" -l "$1" 2>"$slapd/slapadd.log" || {
		cat "$slapd/slapadd.log" >&2
		return 1
	}
}

slapd_start() {
	/usr/sbin/slapd -f "$slapd/slapd.conf" -h "ldap://127.0.0.1:389 \
ldaps://127.0.0.1:636 $slapd_local" \
	    2>"$slapd/slapd.log" || return 1
	wait_for 10 ldapsearch -x -H ldap://127.0.0.1 -s base -b '' 1.1
}

slapd_stop() {
	local pid

	[ -s "$slapd/pid" ] || return 0
	pid=$(cat "$slapd/pid")
	kill "$pid" 2>/dev/null
	wait_for 10 test ! -e "/proc/$pid"
}

# As the database's administrator.
slapd_change() {
	ldapmodify -x -H ldap://127.0.0.1 -D "cn=admin,$slapd_base" -w secret \
	    "$@"
}

source_conf() {
	printf '[source %s]\n' "$1" >>"$SANDBOX/review.conf"
	shift
	printf '%s\n' "$@" '' >>"$SANDBOX/review.conf"
	chmod 644 "$SANDBOX/review.conf"
}
