/*
 * What regulators and standards demand of the options: one row a demand.
 *
 * A profile named in [reeve] profile is enforced; the others are measured.
 * Profiles only judge: they never loosen an option and never change one. A
 * demand of a mandatory profile that is not met, or two mandatory profiles
 * that contradict each other, make the configuration bad.
 */
#ifndef PAMOD_PROFILE_H
#define PAMOD_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "pamod/options.h"
#include "schema/base/buf.h"
#include "schema/base/err.h"

enum profile_op {
	DEMAND_MIN, /* at least */
	DEMAND_MAX, /* at most, and not 0 where 0 means no limit */
	DEMAND_EQUALS,
	DEMAND_CONTAINS, /* these bits, or with value 0 any text */
	DEMAND_FORBID,   /* must be 0 */
	DEMAND_OPEN      /* the clause gives no value: a person judges */
};

enum profile_when {
	WHEN_ALWAYS,
	WHEN_ONE_FACTOR, /* some service is content with one kind */
	WHEN_TWO_FACTORS
};

struct profile_demand {
	const char *profile;
	const char *section;
	const char *key;
	enum profile_op op;
	int64_t value;
	const char *clause; /* NULL: not verified, so not printed */
	const char *source;
	bool reference; /* measured even when the profile is enforced */
	enum profile_when when;
};

/* The built-in demands; ends with a NULL profile. */
extern const struct profile_demand profile_demands[];

/* The names of the profiles, in the order of the manual; ends with NULL. */
extern const char *const profile_names[];

/*
 * ERR_CONFIG naming profile, key and demand if a mandatory profile is not met
 * or two of them contradict each other (neither is ever loosened or merged);
 * a reference profile that is not met is no error.
 */
int profile_check(const struct options *, struct err *);

/* The same over another table, for tests. */
int profile_check_demands(
    const struct options *, const struct profile_demand *, struct err *);

/* controls.md section 3.3: one a profile, and never one for all. */
enum profile_verdict {
	PROFILE_NOT_APPLICABLE, /* no demand applies here */
	PROFILE_UNOBTAINABLE,   /* an option could not be read */
	PROFILE_UNDETERMINED, /* the rest is met; a person judges what is open */
	PROFILE_NOT_MET,
	PROFILE_PARTLY_MET,
	PROFILE_MET
};

/*
 * The verdict of one profile; a line for each demand that is not met or open
 * ("password.min_length is 8, demanded: at least 12 (PCI DSS 4.0.1 8.3.6)\n")
 * is put behind lines.
 */
enum profile_verdict profile_judge(const struct options *,
    const struct profile_demand *, const char *profile, struct buf *lines);

/* "符合 met" */
const char *profile_verdict_text(enum profile_verdict);
/* Whether [reeve] profile names it. */
bool profile_is_enforced(const struct options *, const char *profile);

#endif
