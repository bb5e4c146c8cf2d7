/*
 * A whole file that was not there before: written beside its place, synced and
 * renamed, and never over one that is there.
 */
#ifndef REVIEW_NEWFILE_H
#define REVIEW_NEWFILE_H

#include <stddef.h>
#include <sys/types.h>

#include "schema/base/err.h"

/*
 * name is one component below the open folder; 0, or -1 and nothing is left.
 * ERR_ACCESS if there is one of that name.
 */
int newfile_put(int folder, const char *name, mode_t mode, const void *bytes,
    size_t length, struct err *);
/* That there is none yet: ERR_ACCESS. */
int newfile_check(int folder, const char *name, struct err *);

#endif
