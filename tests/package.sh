#!/usr/bin/env bash
# The Debian packages: built from what is committed or stands here, without a
# complaint of lintian, twice the same to the byte; installed they change no PAM
# stack, and removed they leave none behind.
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
check "rpm reads the spec" eval "rpmspec -P --define '_unitdir /usr/lib/systemd/system' \
    '$top/contrib/rpm/reeve.spec' | grep -q '%build'"

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
report
