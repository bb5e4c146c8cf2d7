/*
 * What regulators and standards demand of the options: one row a demand.
 */
#ifndef PAMOD_PROFILE_H
#define PAMOD_PROFILE_H

#include "pamod/options.h"
#include "schema/base/err.h"

/*
 * ERR_CONFIG naming profile, key and demand if a mandatory profile is not met
 * or two of them contradict each other (neither is ever loosened or merged);
 * a reference profile that is not met is no error.
 */
int profile_check(const struct options *, struct err *);

#endif
