/*
 * What was said lately: so that who knocks without end, and is refused without
 * a guess being looked at, does not fill the trail with the same line.
 */
#ifndef PAMOD_RECENT_H
#define PAMOD_RECENT_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/base/err.h"

#define RECENT_SECONDS 10 /* one line of a kind in this time */

/*
 * Whether what was said less than RECENT_SECONDS before now (s since 1970), in
 * a file of the run directory; if so it is counted. If not, it counts as said
 * now, and *passed_over is how often it was not said since the last time. An
 * error is a no: better said twice than not at all.
 */
bool recent_was_said(const char *run_directory, const char *what, int64_t now,
    uint64_t *passed_over);

#endif
