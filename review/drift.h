/*
 * Whether pulls of changes had brought all there was: a full pull that follows
 * such pulls finds what they missed. What was changed since the last of them
 * is no miss: so right after the full pull was read the changes are asked for
 * too, from where the last pull ended, and what these tell of is left out.
 */
#ifndef REVIEW_DRIFT_H
#define REVIEW_DRIFT_H

#include "review/config.h"
#include "review/difference.h"
#include "review/source.h"

/* Whether pulls of changes were applied since the last full one. */
int drift_wanted(struct store *, int64_t source, bool *wanted, struct err *);

/*
 * Reads the changes that a full pull stands for. NULL when they can't be had,
 * and then nothing is verified.
 */
int drift_read(struct staging **told, struct store *, int64_t source,
    const char *folder, const struct source_settings *,
    const struct source_type *, const struct pull_options *, struct err *);

/*
 * Into "drift", what the applied full pull found and the changes had not told,
 * of which at most DRIFT_ROWS by name, and their number into the pull.
 */
#define DRIFT_ROWS 50
int drift_keep(
    struct difference *, struct staging *told, int64_t pull, struct err *);

#endif
