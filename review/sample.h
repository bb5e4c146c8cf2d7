/*
 * An audit sample that anybody can draw again: of each stratum the n smallest
 * SHA-256 over three lines, each ended by a line feed:
 *
 *	the seed, which the auditor chooses
 *	the population's digest: 64 hexadecimal digits of the freeze's act
 *	the item's key, as sample_key() writes it
 *
 * so that printf, sha256sum and sort repeat it (reeve-sample(1)). The digest is
 * fixed before the seed is chosen; each draw is an act.
 */
#ifndef REVIEW_SAMPLE_H
#define REVIEW_SAMPLE_H

#include "review/act.h"
#include "review/campaign.h"
#include "review/store.h"

#define SAMPLE_SIZE_MAX 10000u
#define SAMPLE_SEED_MAX 128u /* bytes */

/* Of the frozen population alone: what is decided later changes none. */
extern const char *const sample_strata[]; /* ends with NULL */

struct sample {
	int64_t campaign;
	const unsigned char *population; /* 32 bytes */
	const char *seed;                /* one line of text */
	size_t size;
	const char *stratum;
};

struct sample_item {
	int64_t item;
	unsigned char digest[32];
};

/*
 * item.key in one line: control characters but TAB, and '\\', as \uXXXX of
 * JSON, \\ for the last.
 */
void sample_key(const char *key, struct buf *out);

/* ERR_USAGE: no such stratum; a seed that is no line; a size out of bounds. */
int sample_check(const struct sample *, struct err *);

/* *items (the caller frees), by digest; population: items of the stratum. */
int sample_draw(struct store *, const struct sample *,
    struct sample_item **items, size_t *count, int64_t *population,
    struct err *);

/* Every key of the stratum, by item. */
int sample_keys(struct store *, const struct sample *,
    int (*give)(void *, const char *key, struct err *), void *context,
    struct err *);

/* The row of one draw, in an act of the kind "sample". */
int sample_add(
    struct act *, struct store *, const struct sample *, struct err *);
/* The act in which just that was drawn before; 0: none. */
int sample_drawn(
    struct store *, const struct sample *, int64_t *act, struct err *);

#endif
