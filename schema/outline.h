/*
 * An outline of a trail: of its tree of one size, the records that say which
 * key may sign it (keys.h), each with its place, and for what lies between
 * them the hashes of complete subtrees. The tree's roots at these records, at
 * the sizes that were marked, and of the whole can be computed from it. So it
 * proves that these records are in the tree, and that the trees of those sizes
 * are its beginnings: what RFC 9162 sections 2.1.3 and 2.1.4 prove of one leaf
 * and of one size at a time. It does not prove that there are no others: who
 * makes it can hide one among the hashes, and has then one key less.
 *
 * A line each, in the order of the leaves: a record as the trail has it, or
 * "LEVEL HASH", the 2^LEVEL records that begin here (HASH in lower-case
 * hexadecimal). About 1.5 kB an epoch.
 */
#ifndef SCHEMA_OUTLINE_H
#define SCHEMA_OUTLINE_H

#include "schema/base/buf.h"
#include "schema/base/err.h"
#include "schema/keys.h"
#include "schema/note.h"
#include "schema/reader.h"
#include "schema/tree.h"

#define OUTLINE_MAX ((size_t)32 << 20) /* bytes */

struct outline;

int outline_new(struct outline **, struct err *);
void outline_free(struct outline **);
/* The next record, from the first on, whose leaf is given. */
int outline_add(struct outline *, const struct reader_item *,
    const unsigned char *leaf, struct err *);
/* The root of what was added so far will be wanted. */
int outline_mark(struct outline *, struct err *);
/* After the last mark; ERR_LIMIT past OUTLINE_MAX. Valid until it is freed. */
int outline_bytes(struct outline *, const struct buf **, struct err *);

/*
 * That the tree of the last of these checkpoints (in ascending size, at least
 * one) is outlined, and that it begins as the others say. keys, which begin
 * as zeros, are then all that were certified in it, the first key first;
 * keys_free in any case. ERR_TAMPERED, ERR_INCOMPLETE.
 */
int outline_check(const char *bytes, size_t length,
    const struct checkpoint *const *held, size_t count, struct keys *keys,
    struct err *);

#endif
