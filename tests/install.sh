#!/usr/bin/env bash
# What "make install" puts where, that "make uninstall" takes all of it back,
# and that what contrib/ ships is taken by the programs it is for.
set -u
. "$(dirname "$0")/lib.sh"
sandbox "$@"

staged=$SANDBOX/staged

make_in() {
	make -s -C "$top" "$1" "DESTDIR=$staged" prefix=/usr \
	    pamdir=/usr/lib/security
}

has() {
	local file

	for file in "$@"; do
		[ -f "$staged$file" ] || {
			say "$file is missing"
			return 1
		}
	done
}

check "make install" make_in install
check "module, program, manuals and examples are installed" has \
    /usr/lib/security/pam_reeve.so /usr/sbin/reevectl \
    /usr/share/man/man8/reevectl.8 /usr/share/man/man8/pam_reeve.8 \
    /usr/share/man/man5/reeve.conf.5 \
    /usr/share/bash-completion/completions/reevectl \
    /usr/share/doc/reeve/examples/pam.d/sshd
check "the installed reevectl runs" "$staged/usr/sbin/reevectl" --version
run_by_units() {
	sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$staged"/usr/lib/systemd/system/*.service |
	    sort -u | {
		while read -r program; do
			[ -x "$staged$program" ] || echo "$program"
		done
	} | {
		! grep .
	}
}
check "what the units run is installed" run_by_units
stray() {
	[ -d "$staged/usr" ] && find "$staged" -type f \( -perm /022 -o -perm /6000 \) | {
		! grep .
	}
}
check "nothing installed is writable by others, nothing is setuid" stray
module=$staged/usr/lib/security/pam_reeve.so
on_a_full_disk() {
	local before

	before=$(sha256sum <"$module")
	disk full 16 && cp "$module" "$SANDBOX/full" &&
	    mount --bind "$SANDBOX/full" "${module%/*}" || return 1
	until ! head -c 64k /dev/zero >>"$SANDBOX/full/rest"; do :; done 2>/dev/null
	! make_in install && [ "$before" = "$(sha256sum <"$module")" ]
}
check "where it does not fit, the module that was there stays" on_a_full_disk
umount "${module%/*}"
nothing_left() {
	make_in uninstall && find "$staged" -type f | {
		! grep .
	}
}
check "make uninstall leaves no file" nothing_left

# pam-auth-update, with our profiles in a private copy of its folder.
cp -a /usr/share/pam-configs "$SANDBOX/pam-configs"
cp "$top"/contrib/pam-auth-update/* "$SANDBOX/pam-configs/"
mount --bind "$SANDBOX/pam-configs" /usr/share/pam-configs

# in_order FILE PATTERN...: its lines match the patterns, in this order.
in_order() {
	local file=$1 from=0 at pattern

	shift
	for pattern in "$@"; do
		at=$(grep -v '^#' "$file" | grep -nE "$pattern" |
		    awk -F: -v from="$from" '$1 > from { print $1; exit }')
		[ -n "$at" ] || {
			grep -v '^#' "$file"
			return 1
		}
		from=$at
	done
}

check "pam-auth-update takes our profiles" env DEBIAN_FRONTEND=noninteractive \
    pam-auth-update --force --enable reeve reeve-reserve reeve-password
check "pam-auth-update: reserve, password, code" in_order \
    /etc/pam.d/common-auth 'pam_reeve.so reserve' 'pam_unix' 'pam_reeve.so *$'
# Behind pam_unix an expired password would pass it by (reevectl check).
check "pam-auth-update: account" in_order /etc/pam.d/common-account \
    'pam_reeve.so' 'pam_unix'
check "pam-auth-update: session" grep -q 'pam_reeve.so' \
    /etc/pam.d/common-session /etc/pam.d/common-session-noninteractive
check "pam-auth-update: new passwords are judged, then set" in_order \
    /etc/pam.d/common-password 'pam_reeve.so' 'pam_unix.so.*use_authtok'
check "pam-auth-update takes them out again" env \
    DEBIAN_FRONTEND=noninteractive pam-auth-update --force --disable \
    reeve reeve-reserve reeve-password
refuse "... and nothing of ours is left" grep -r --exclude='*.pam-old' pam_reeve /etc/pam.d

if command -v systemd-analyze >/dev/null; then
	units() {
		sed -i 's,/usr/local/sbin/reevectl,/bin/true,' \
		    "$SANDBOX"/units/*.service &&
		    systemd-analyze --man=no verify "$SANDBOX"/units/* 2>&1 | {
			! grep -F "$SANDBOX"
		}
	}
	cp -a "$top/contrib/systemd" "$SANDBOX/units"
	check "systemd takes the units" units
fi

completes() {
	# What bash would do at "reevectl bre<TAB>".
	bash -c '. "$0"; COMP_WORDS=(reevectl bre) COMP_CWORD=1; _reevectl
	    [ "${COMPREPLY[*]}" = breakglass ]' \
	    "$top/contrib/completion/reevectl"
}
check "completion completes a command" completes
report
