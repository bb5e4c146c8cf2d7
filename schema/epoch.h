/*
 * The trail's signing keys and checkpoints.
 *
 * Key i lives for one boot or one day, in the run directory, which is on
 * tmpfs. While it lives, key i+1 is certified by a record and a checkpoint
 * under key i, and waits on disk for the next boot. So who becomes root
 * tomorrow has no key that could sign yesterday anew.
 */
#ifndef SCHEMA_EPOCH_H
#define SCHEMA_EPOCH_H

#include "schema/base/clock.h"
#include "schema/base/err.h"
#include "schema/base/secret.h"

/*
 * Makes the directory if it is not there, and the trail in it. ERR_USAGE if
 * there is a trail already. org names the origin; see host_new.
 */
int epoch_init(const char *directory, const char *org, const struct clock *,
    const struct entropy *, struct err *);

#endif
