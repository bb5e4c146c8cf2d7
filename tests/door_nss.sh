#!/usr/bin/env bash
# Accounts and groups of a name service that is there, that is away in the ways
# in which real ones are, and that comes back. Whom nobody can tell to be of no
# concern is refused, whoever is enrolled gets in.
set -u
. "$(dirname "$0")/lib.sh"
sandbox "$@"

drive=$top/build/release/tests/tool_pamdrive
cat >"$SANDBOX/service.c" <<-'EOS'
#include <errno.h>
#include <grp.h>
#include <nss.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the file says: "STATUS ERRNO"; the service's whole mind. */
static enum nss_status
now(int *number)
{
	int status = NSS_STATUS_UNAVAIL;
	FILE *f = fopen("/run/service", "re");

	*number = ENOENT;
	if (f != NULL) {
		if (fscanf(f, "%d %d", &status, number) != 2)
			abort();
		fclose(f);
	}
	return (enum nss_status)status;
}

static enum nss_status
person(struct passwd *p, int found, int *number)
{
	enum nss_status status = now(number);

	*p = (struct passwd){ "dora", "x", 4711, 4711, "", "/", "/bin/sh" };
	return status == NSS_STATUS_SUCCESS && !found ? NSS_STATUS_NOTFOUND
	                                              : status;
}

enum nss_status
_nss_service_getpwnam_r(const char *name, struct passwd *p, char *room,
    size_t size, int *number)
{
	return person(p, strcmp(name, "dora") == 0, number);
}

enum nss_status
_nss_service_getpwuid_r(
    uid_t uid, struct passwd *p, char *room, size_t size, int *number)
{
	return person(p, uid == 4711, number);
}

enum nss_status
_nss_service_getgrnam_r(const char *name, struct group *g, char *room,
    size_t size, int *number)
{
	static char *members[] = { "dora", "ben", "eve", NULL };
	enum nss_status status = now(number);

	*g = (struct group){ "ops", "x", 4712, members };
	return status == NSS_STATUS_SUCCESS && strcmp(name, "ops") != 0
	    ? NSS_STATUS_NOTFOUND
	    : status;
}

enum nss_status
_nss_service_initgroups_dyn(const char *name, gid_t first, long *at,
    long *size, gid_t **groups, long limit, int *number)
{
	enum nss_status status = now(number);

	if (status == NSS_STATUS_SUCCESS && *at < *size && name[0] != 't')
		(*groups)[(*at)++] = 4712;
	return status;
}
EOS
gcc -shared -fPIC -Wno-unused-parameter -o "$SANDBOX/libnss_service.so.2" \
    "$SANDBOX/service.c" || die "no name service"

reeve_host
printf '[who]\ngroups = ops, wheel\n[reeve]\nprofile =\n[service door]\ntype = login\n[throttle]\nattempts = 100\n' \
    >/etc/reeve/reeve.conf
stack door <<-'EOS'
auth required pam_reeve.so reserve
auth required pam_reeve.so
auth required pam_permit.so
account required pam_reeve.so
account required pam_permit.so
EOS
for name in ben eve tom; do
	person "$name" 'long Horse 4 battery'
done
sed -i -e '/^passwd:/d' -e '/^group:/d' -e '/^initgroups:/d' /etc/nsswitch.conf
printf '%s: files service\n' passwd group >>/etc/nsswitch.conf
export LD_LIBRARY_PATH=$SANDBOX
mkdir -p /run
echo 1 0 >/run/service # NSS_STATUS_SUCCESS
ben=$(enroll ben hotp) || exit 1
dora=$(enroll dora hotp) || exit 1

# gets_in NAME [CODE]: the module says yes or that it is of no concern.
gets_in() {
	printf 'ode=%s\nassword=x\n' "${2-000000}" | timeout 30 "$drive" door \
	    "$1" tty=pts/1 -- auth acct >"$SANDBOX/drive.log" 2>&1 &&
	    grep -q ' acct 0 ' "$SANDBOX/drive.log"
}

check "an account of the service, in its group, gets in by its code" \
    gets_in dora "$(hotp "$dora" 1)"
refuse "... and not without" gets_in dora
refuse "a local account in a group of the service is concerned" gets_in eve
check "who is in none is not" gets_in tom
n=1
for away in '-1 111' '-2 11' '-1 110'; do # UNAVAIL, TRYAGAIN
	echo "$away" >/run/service
	n=$((n + 1))
	refuse "service away ($away): its account does not get in" \
	    gets_in dora "$(hotp "$dora" $n)"
	refuse "... nor who may be in its group" gets_in tom
	check "... a local account that is enrolled does, by its code" \
	    gets_in ben "$(hotp "$ben" $n)"
	refuse "... and not without" gets_in ben
	check "... and root's own batch jobs run" eval \
	    'printf "" | "$drive" cron root -- acct | grep -q " acct 0 "'
done
# Its socket is gone: what it answers is what packages that nobody set up answer
# all the time. Then check says so.
rm /run/service
refuse "service gone: its account does not get in" \
    gets_in dora "$(hotp "$dora" $((n + 1)))"
check "... a local account that is enrolled does, by its code" \
    gets_in ben "$(hotp "$ben" $((n + 1)))"
refuse "... and not without" gets_in ben
refuse "... nor who was seen once in its group" gets_in eve
names() {
	reevectl check | grep '^!' | grep -F "can't be looked up" | grep -qw "$1"
}
check "... and check names the group" names ops
echo 1 0 >/run/service
refuse "it is back, and check is quiet" names ops
check "... its account gets in" gets_in dora "$(hotp "$dora" $((n + 2)))"
check "... and who is of no concern" gets_in tom
check "the trail of all this verifies" reevectl trail verify
report
