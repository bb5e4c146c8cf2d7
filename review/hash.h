/*
 * A keyed hash for tables in memory: SipHash-2-4 with 128 bits (Aumasson and
 * Bernstein, 2012). Who does not know the key can't make texts collide, so a
 * directory's owner can't slow a table or make one name pass for another. It
 * is no digest for what is kept: those are SHA-256.
 */
#ifndef REVIEW_HASH_H
#define REVIEW_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash_key {
	uint64_t words[2];
};

struct hash {
	uint64_t low, high;
};

struct hash hash_of(const struct hash_key *, const void *bytes, size_t length);

/* Of two struct hash, for qsort(3) and bsearch(3). */
int hash_order(const void *, const void *);

#endif
