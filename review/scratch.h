/*
 * Bytes put aside and read back in about the same order: in memory up to a
 * bound, then in a file without a name that is gone with its descriptor.
 */
#ifndef REVIEW_SCRATCH_H
#define REVIEW_SCRATCH_H

#include <stddef.h>
#include <stdint.h>

#include "schema/base/err.h"

#define SCRATCH_MEMORY (48u << 20) /* bytes */
#define SCRATCH_PIECE  (8u << 20)  /* bytes of one piece at most */

struct scratch;

/* folder: where the file goes. Copied. */
int scratch_new(struct scratch **, const char *folder, struct err *);
void scratch_free(struct scratch **);

/* *at is what scratch_get wants. */
int scratch_put(struct scratch *, const void *bytes, size_t length,
    uint64_t *at, struct err *);
/* The piece, until the next call. */
const unsigned char *scratch_get(
    struct scratch *, uint64_t at, size_t *length, struct err *);

#endif
