# Private directory servers in a sandbox; sourced after lib.sh, inside it.
#
#   authority                       a CA of our own, $authority/ca.pem
#   slapd_conf [LINE...]            slapd.conf of one database, dc=example,dc=org
#   slapd_load FILE, slapd_start, slapd_stop
#   source_conf NAME LINE...        a section of $SANDBOX/review.conf
#
# They listen on the sandbox's own loopback and are ended by their pid.
# shellcheck shell=bash disable=SC2034,SC2154

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

# ---- Pulls into a database, and what it then holds ----
#
#   pull DB SOURCE [OPTION...]      reeve pull into $SANDBOX/DB.db
#   pulled DB                       "MODE STATE COMPLETE" of the last one
#   holds DB                        what is current, in lines to compare
#   agrees NAME SOURCE MODE         changes pulled into a.db were of that mode,
#                                   and say what a full pull says
#   verifies NAME SOURCE DRIFT      what a full pull found that they had missed

reeve=$top/build/release/reeve

pull() {
	local db=$SANDBOX/$1.db

	shift
	"$reeve" --config "$SANDBOX/review.conf" --db "$db" --quiet pull "$@" \
	    >"$SANDBOX/pull.log" 2>&1
}

pulled() {
	sqlite3 -separator ' ' "$SANDBOX/$1.db" \
	    'SELECT mode, state, complete FROM pull ORDER BY id DESC LIMIT 1'
}

holds() {
	sqlite3 "$SANDBOX/$1.db" <<-'EOF' | LC_ALL=C sort
	SELECT 'account', o.key, f.name, f.dn, f.enabled, f.locked,
	    hex(f.digest) FROM account_fact f JOIN object o ON o.id = f.object
	    WHERE f.until = 9223372036854775807;
	SELECT 'group', o.key, f.name, f.dn, hex(f.digest)
	    FROM group_fact f JOIN object o ON o.id = f.object
	    WHERE f.until = 9223372036854775807;
	SELECT 'value', o.key, f.attribute, f.value
	    FROM account_value f JOIN object o ON o.id = f.object
	    WHERE f.until = 9223372036854775807;
	SELECT 'edge', g.key, m.key, f.how FROM edge f
	    JOIN object g ON g.id = f.grp JOIN object m ON m.id = f.member
	    WHERE f.until = 9223372036854775807;
	SELECT 'dangling', g.key, f.form, f.reference, f.how
	    FROM dangling f JOIN object g ON g.id = f.grp
	    WHERE f.until = 9223372036854775807;
	SELECT 'policy', key, hex(digest) FROM policy_fact
	    WHERE until = 9223372036854775807;
	SELECT 'usage', o.key, f.attribute, f.server, f.latest
	    FROM usage f JOIN object o ON o.id = f.object
	    WHERE EXISTS (SELECT 1 FROM account_fact a WHERE a.object = o.id
	        AND a.until = 9223372036854775807);
	EOF
}

agrees() {
	local name=$1 source=$2 mode=$3 said

	pull a "$source"
	said=$(pulled a)
	if [ "$said" != "$mode applied 1" ]; then
		not_ok "$name (the pull: $said)"
		sed 's/^/  | /' "$SANDBOX/pull.log"
		return
	fi
	rm -f "$SANDBOX"/b.db*
	pull b "$source"
	if diff <(holds a) <(holds b) >"$SANDBOX/diff"; then
		ok "$name"
	else
		not_ok "$name"
		head -n 20 "$SANDBOX/diff" | cut -c1-300 | sed 's/^/  | /'
	fi
}

# verifies NAME SOURCE DRIFT: a full pull into a.db finds that much that the
# changes pulled before had missed.
verifies() {
	local said

	pull a "$2" --full
	said=$(sqlite3 -separator ' ' "$SANDBOX/a.db" 'SELECT mode, state,
	    drift FROM pull ORDER BY id DESC LIMIT 1')
	if [ "$said" = "full applied $3" ]; then
		ok "$1"
	else
		not_ok "$1 ($said)"
		sqlite3 "$SANDBOX/a.db" 'SELECT * FROM drift' |
		    sed 's/^/  | /'
	fi
}

# ---- Samba as a domain controller: dc1.review.test ----
#
#   samba_make; samba_start; samba_stop
#   samba_add, samba_modify         LDIF on standard input, as Administrator
#
# Its ports are fixed; the sandbox's network is its own.

samba=$SANDBOX/samba
samba_base=DC=review,DC=test
samba_domain=REVIEW
samba_password=Passw0rd.1

samba_make() {
	mkdir -p "$samba"/{log,run,ncalrpc}
	: >"$samba/empty.conf"
	printf '127.0.0.1 dc1.review.test dc1\n' >>/etc/hosts
	samba-tool domain provision --configfile="$samba/empty.conf" \
	    --targetdir="$samba/dc" --realm=REVIEW.TEST \
	    --domain="$samba_domain" --server-role=dc --dns-backend=NONE \
	    --adminpass="$samba_password" --host-name=dc1 \
	    --host-ip=127.0.0.1 --function-level=2008_R2 \
	    --option='interfaces=127.0.0.1/8' \
	    --option='bind interfaces only=yes' \
	    --option='server services = ldap, kdc, cldap' \
	    --option="log file=$samba/log/log.samba" \
	    --option="pid directory=$samba/run" \
	    --option="ncalrpc dir=$samba/ncalrpc" \
	    --option='load printers=no' --option='printing=bsd' \
	    >"$samba/provision.log" 2>&1 || {
		tail -n 5 "$samba/provision.log" >&2
		return 1
	}
	# The provision drops options that it does not know.
	sed -i 's/^\[global\]/&\n\tkccsrv:samba_kcc = no\
	ldap server require strong auth = allow_sasl_over_tls/' \
	    "$samba/dc/etc/smb.conf"
	cat >"$samba/krb5.conf" <<-EOF
	[libdefaults]
	default_realm = REVIEW.TEST
	dns_lookup_kdc = false
	dns_lookup_realm = false
	dns_canonicalize_hostname = false
	rdns = false
	default_ccache_name = FILE:$samba/ccache
	[realms]
	REVIEW.TEST = {
		kdc = 127.0.0.1
	}
	EOF
	export KRB5_CONFIG=$samba/krb5.conf
	samba_ca=$samba/dc/private/tls/ca.pem
}

samba_start() {
	samba -D -s "$samba/dc/etc/smb.conf" || return 1
	wait_for 30 ldapsearch -x -H ldap://dc1.review.test -s base -b '' 1.1
}

samba_stop() {
	local pid

	[ -s "$samba/run/samba.pid" ] || return 0
	pid=$(cat "$samba/run/samba.pid")
	kill "$pid" 2>/dev/null
	wait_for 10 test ! -e "/proc/$pid"
}

samba_tool() {
	samba-tool "$@" -s "$samba/dc/etc/smb.conf"
}

samba_as_administrator() {
	LDAPTLS_CACERT=$samba_ca "$@" -x -H ldaps://dc1.review.test \
	    -D "Administrator@review.test" -w "$samba_password"
}

samba_add() {
	samba_as_administrator ldapadd
}

samba_modify() {
	samba_as_administrator ldapmodify
}

# ---- 389 Directory Server ----
#
#   ds389_make; ds389_start; ds389_stop; ds389_load FILE
#   ds389_change                    LDIF on standard input, as its manager

ds389=$SANDBOX/ds389
ds389_base=dc=example,dc=org
ds389_password=Passw0rd.1

# Its tools insist on their places, which are private here.
ds389_places() {
	mkdir -p "$ds389"/{varlib,varlog,lock} /run/dirsrv /run/lock/dirsrv \
	    /var/lib/dirsrv /var/log/dirsrv
	mkdir -p /dev/shm
	chmod 1777 /dev/shm
	chmod 755 "$SANDBOX" "$ds389"
	chown -R dirsrv:dirsrv /etc/dirsrv /run/dirsrv /run/lock/dirsrv \
	    /var/lib/dirsrv /var/log/dirsrv
	sed 's/with_systemd = 1/with_systemd = 0/' \
	    /usr/share/dirsrv/inf/defaults.inf >"$ds389/defaults.inf"
	mount --bind "$ds389/defaults.inf" /usr/share/dirsrv/inf/defaults.inf
}

ds389_make() {
	ds389_places
	printf '127.0.0.1 localhost.localdomain\n' >>/etc/hosts
	cat >"$ds389/ds.inf" <<-EOF
	[general]
	config_version = 2
	full_machine_name = localhost.localdomain
	strict_host_checking = False
	systemd = False
	selinux = False
	start = True
	[slapd]
	instance_name = review
	port = 1389
	secure_port = 1636
	root_password = $ds389_password
	self_sign_cert = True
	db_lib = bdb
	db_home_dir = /var/lib/dirsrv/slapd-review/dbhome
	[backend-userroot]
	suffix = $ds389_base
	create_suffix_entry = True
	EOF
	dscreate from-file "$ds389/ds.inf" >"$ds389/create.log" 2>&1 || {
		tail -n 5 "$ds389/create.log" >&2
		return 1
	}
	ds389_ca=/etc/dirsrv/slapd-review/ca.crt
}

ds389_ready() {
	wait_for 60 ldapsearch -x -H ldap://127.0.0.1:1389 -s base -b '' 1.1
}

ds389_start() {
	ns-slapd -D /etc/dirsrv/slapd-review \
	    -i /run/dirsrv/slapd-review.pid && ds389_ready
}

# It ends in its own time.
ds389_stop() {
	local pid

	[ -s /run/dirsrv/slapd-review.pid ] || return 0
	pid=$(cat /run/dirsrv/slapd-review.pid)
	kill "$pid" 2>/dev/null
	wait_for 30 test ! -e "/proc/$pid"
}

ds389_load() {
	cp "$1" /var/lib/dirsrv/slapd-review/ldif/load.ldif &&
	    chown dirsrv: /var/lib/dirsrv/slapd-review/ldif/load.ldif &&
	    ns-slapd ldif2db -D /etc/dirsrv/slapd-review -n userroot \
	        -i /var/lib/dirsrv/slapd-review/ldif/load.ldif \
	        >"$ds389/load.log" 2>&1
}

ds389_change() {
	ldapmodify -x -H ldap://127.0.0.1:1389 -D 'cn=Directory Manager' \
	    -w "$ds389_password" "$@"
}
