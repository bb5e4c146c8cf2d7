/*
 * More 64-bit keys than memory has room for: thrown on a pile in any order,
 * taken from it in order. They wait in temporary files that have no name, one
 * for each value of a key's first bits.
 */
#ifndef PAMOD_BLOCKLIST_PILE_H
#define PAMOD_BLOCKLIST_PILE_H

#include <stdint.h>

#include "schema/base/err.h"

/* Keys of one part: 2 x 512 MiB while they are sorted. */
#define PILE_PART_MAX (UINT64_C(1) << 26)

struct pile;

/* dir is an open directory, where the room is. */
int pile_new(struct pile **, int dir, struct err *);
void pile_free(struct pile **);
int pile_put(struct pile *, uint64_t key, struct err *);
uint64_t pile_count(const struct pile *);
/* Calls each with every key in ascending order; stops at its first -1. */
int pile_sorted(struct pile *, int (*each)(void *, uint64_t key, struct err *),
    void *context, struct err *);

#endif
