#!/usr/bin/env bash
# The packages, built from what is committed or stands here. Debian's: without a
# complaint of lintian, twice the same to the byte. Fedora's: by its spec, as far
# as that goes on Debian. Installed they change no PAM stack, and removed they
# leave none behind.
set -u
. "$(dirname "$0")/lib.sh"
# The whole program is compiled twice: for CI that is too long.
if [ -z "${SOAK-}" ]; then
	skip "packages are built: SOAK=1 tests/package.sh, or make soak"
	exit 0
fi
[ -n "${SANDBOX-}" ] ||
    packages debhelper lintian apparmor selinux-policy-dev rpm
# The sandbox has a /var/lib of its own: dpkg's comes along as a copy.
if [ -z "${SANDBOX-}" ]; then
	DPKG_COPY=$(mktemp -d /var/tmp/reeve-dpkg.XXXXXX)
	export DPKG_COPY
	cp -a /var/lib/dpkg "$DPKG_COPY/"
fi
sandbox "$@"
mv "$DPKG_COPY/dpkg" /var/lib/dpkg
rm -rf "$DPKG_COPY"

work=$SANDBOX/package

# copy TO: what git knows or would know of this tree.
copy() {
	mkdir -p "$1" && cd "$top" &&
	    git ls-files -z --cached --others --exclude-standard |
	    xargs -0 cp --parents -t "$1" 2>/dev/null
	[ -f "$1/debian/control" ]
}
build() {
	cd "$1" && timeout 900 dpkg-buildpackage -us -uc -b
}
sums() {
	(cd "$1" && sha256sum ./*.deb)
}
check "the packages are built" eval "copy $work/a/reeve && build $work/a/reeve"
check "... and again, in a folder of another name" \
    eval "copy $work/another/place && build $work/another/place"
same() {
	diff <(sums "$work/a") <(sums "$work/another")
}
check "both are the same to the byte" same
lints() {
	lintian --allow-root --fail-on error,warning "$work"/a/*.changes
}
check "lintian has nothing to say" lints

# ---- What confines it ----

check "AppArmor takes the profile of reeve" \
    apparmor_parser -Q -K -I /etc/apparmor.d "$top/contrib/apparmor/usr.bin.reeve"
selinux() {
	cp -a "$top/contrib/selinux" "$work/selinux" &&
	    make -C "$work/selinux" -f /usr/share/selinux/devel/Makefile reeve.pp
}
check "SELinux's compiler takes the policy of the door" selinux

# ---- Fedora's ----

# What systemd-rpm-macros and redhat-rpm-config define there.
macros=(--define "_topdir $work/rpm" --define "_dbpath $work/rpm/db"
	--define "_libdir /usr/lib/$(uname -m)-linux-gnu"
	--define '_unitdir /usr/lib/systemd/system'
	--define '_sysusersdir /usr/lib/sysusers.d'
	--define '_docdir /usr/share/doc'
	--define 'systemd_post() true' --define 'systemd_preun() true')
rpm_build() {
	local name

	name=reeve-$(sed -n 's/^VERSION := //p' "$top/Makefile")
	copy "$work/rpm/$name" && cd "$work/rpm" && tar -czf "$name.tar.gz" "$name" &&
	    timeout 900 rpmbuild -tb --nodeps "${macros[@]}" "$name.tar.gz"
}
check "rpmbuild makes packages of the spec" rpm_build
packed() { # QUERY...: of all of them
	rpm -qp "${macros[@]}" "$@" "$work"/rpm/RPMS/*/*.rpm
}
roots() {
	packed --qf '[%{FILEMODES:perms} %{FILEUSERNAME} %{FILENAMES}\n]' |
	    grep -vE '^([-d]rw[-x]r-[-x]r-[-x]|l.{9}) root ' | {
		! grep .
	}
}
check "all in them is root's, nothing is writable by others or setuid" roots
check "no configuration is in them that could be overwritten" \
    test -z "$(packed -c)"
alike() { # to the programs, manuals and units that Debian's have
	diff <(for deb in "$work"/a/*.deb; do dpkg-deb -c "$deb"; done |
	    awk '$6 ~ /[^\/]$/ { print substr($6, 2) }' | compared) \
	    <(packed -l | compared)
}
compared() {
	sed 's/\.gz$//' | grep -E '/(s?bin|security|man/.*|system|completions|LC_MESSAGES)/[^/]+$' |
	    grep -v 'man8/reeve-deliver.8' | sort -u
}
check "they have what Debian's have" alike

# ---- Installed, on private copies of what dpkg writes to ----

for folder in /usr/lib /usr/sbin /usr/bin /usr/share /var/cache/debconf; do
	mkdir -p "$SANDBOX/over$folder/up" "$SANDBOX/over$folder/work"
	mount -t overlay overlay -o "lowerdir=$folder,upperdir=$SANDBOX/over$folder/up,workdir=$SANDBOX/over$folder/work" "$folder"
done
stacks() {
	cat /etc/pam.d/* | sha256sum
}
before=$(stacks)
install() {
	DEBIAN_FRONTEND=noninteractive dpkg -i \
	    "$work"/a/reeve-common_*.deb "$work"/a/libpam-reeve_*.deb \
	    "$work"/a/reeve_*.deb "$work"/a/reeve-doc_*.deb
}
check "the packages install" install
check "no PAM stack is changed by it" [ "$before" = "$(stacks)" ]
check "reevectl and reeve run" eval "reevectl --version && reeve --version"
check "pam-auth-update puts the module into the stacks" env \
    DEBIAN_FRONTEND=noninteractive pam-auth-update --enable reeve \
    reeve-reserve reeve-password
check "... where it is" grep -q pam_reeve.so /etc/pam.d/common-auth
mkdir -p /etc/reeve
echo '# mine' >/etc/reeve/reeve.conf
reinstall() {
	install && grep -q '^# mine$' /etc/reeve/reeve.conf &&
	    grep -q pam_reeve.so /etc/pam.d/common-auth
}
check "an upgrade keeps configuration and stacks" reinstall
check "the packages are removed" env DEBIAN_FRONTEND=noninteractive dpkg -r \
    libpam-reeve reeve reeve-common reeve-doc
refuse "and no stack names the module" grep -rq --exclude='*.pam-old' \
    pam_reeve /etc/pam.d
check "configuration stays" grep -q '^# mine$' /etc/reeve/reeve.conf

# ---- Likewise Fedora's ----

rm -f /etc/pam.d/*.pam-old
before=$(stacks)
rpm_install() {
	rpm -U --nodeps --force "${macros[@]}" "$work"/rpm/RPMS/*/*.rpm
}
check "the .rpm install" rpm_install
check "they change no PAM stack either" [ "$before" = "$(stacks)" ]
check "reevectl and reeve run" eval "reevectl --version && reeve --version"
shipped sshd sudo
check "an upgrade keeps stacks and configuration" eval \
    "rpm_install && grep -q pam_reeve.so /etc/pam.d/sshd &&
    grep -q '^# mine$' /etc/reeve/reeve.conf"
check "the .rpm are removed" rpm -e --nodeps "${macros[@]}" pam_reeve reeve \
    reeve-common
refuse "and no stack names the module" grep -q pam_reeve /etc/pam.d/sshd \
    /etc/pam.d/sudo
check "... nor is it there" test ! -e \
    "/usr/lib/$(uname -m)-linux-gnu/security/pam_reeve.so"
check "configuration stays" grep -q '^# mine$' /etc/reeve/reeve.conf
report
