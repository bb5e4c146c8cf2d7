/*
 * Who is meant: from what groups call their members to objects. Each distinct
 * reference is a slot that keeps its number; objects define slots by what they
 * are called, whether before or after the slot was asked for. All by keyed
 * hashes, so that a million names take 30 bytes each.
 */
#ifndef REVIEW_REFINDEX_H
#define REVIEW_REFINDEX_H

#include "review/fact.h"
#include "review/hash.h"
#include "schema/base/err.h"

#define REF_NONE UINT32_MAX

struct refindex;

int refindex_new(struct refindex **, const struct hash_key *, struct err *);
void refindex_free(struct refindex **);

/* The reference's slot, made if it is new. Its text is kept. */
int refindex_slot(
    struct refindex *, const struct reference *, uint32_t *slot, struct err *);
/* The object is called that. */
int refindex_define(
    struct refindex *, const struct reference *, uint32_t object, struct err *);
/* The slot if there is one, else REF_NONE; and an object put to one. */
int refindex_find(
    struct refindex *, const struct reference *, uint32_t *slot, struct err *);
int refindex_add(
    struct refindex *, uint32_t slot, uint32_t object, struct err *);

/* The objects of a slot: call with *state 0, until REF_NONE. */
uint32_t refindex_next(const struct refindex *, uint32_t slot, uint32_t *state);
/* Slots are 0 to count - 1. */
uint32_t refindex_count(const struct refindex *);
/* What was asked; false for a slot that objects alone made. */
bool refindex_reference(
    const struct refindex *, uint32_t slot, struct reference *out);
/* All that "from" has, "to" has too. */
int refindex_copy(struct refindex *, uint32_t to, uint32_t from, struct err *);

#endif
