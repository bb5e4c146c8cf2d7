/*
 * Who is meant: the account behind a name, and whether the policy is
 * concerned with it.
 */
#ifndef PAMOD_PERSON_H
#define PAMOD_PERSON_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "pamod/options.h"
#include "pamod/state.h"
#include "schema/base/err.h"

#define PERSON_GECOS_MAX  255
#define PERSON_GROUPS_MAX 1024 /* more are an error, never "not concerned" */

struct person {
	bool known; /* there is such an account */
	char name[STATE_NAME_MAX + 1];
	uid_t uid;
	gid_t gid;
	char gecos[PERSON_GECOS_MAX + 1];
};

/*
 * By name or uid, through NSS. No such account is 0 with known false; a name
 * service that can't answer is -1, which nobody may take for "unknown". Names
 * longer than STATE_NAME_MAX, or that are not plausible (blanks, control
 * characters, ':', '/', '-' at the beginning), are unknown.
 */
bool person_name_is_plausible(const char *name);
int person_by_name(struct person *, const char *name, struct err *);
int person_by_uid(struct person *, uid_t uid, struct err *);

/* Whether [who] of reeve.conf(5) names the person, a group, or uid 0. */
int person_is_concerned(const struct person *, const struct options_who *,
    bool *concerned, struct err *);

/*
 * The entry in /etc/shadow: days since 1970 of the last change and the hash. No
 * entry (a directory's user) is ERR_MISSING.
 */
struct person_shadow {
	int64_t changed_day; /* -1: none recorded; 0: must be changed */
	char hash[STATE_HASH_MAX];
};
int person_shadow(const struct person *, struct person_shadow *, struct err *);

#endif
