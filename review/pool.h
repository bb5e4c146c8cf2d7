/*
 * Texts that live and die together. A failure is latched, as in a struct buf,
 * so that a reader is a plain list of puts and asks once at the end.
 */
#ifndef REVIEW_POOL_H
#define REVIEW_POOL_H

#include <stdbool.h>
#include <stddef.h>

struct pool_chunk;

struct pool {
	struct pool_chunk *chunks; /* the newest first */
	size_t left;               /* of the newest */
	size_t total;
	size_t limit;
	bool failed; /* no memory, or beyond the limit */
};

struct pool pool_new(size_t limit);
void pool_free(struct pool *);

/* Zeroed and aligned for any type; NULL: failed. */
void *pool_take(struct pool *, size_t size);
/* A copy, closed with a NUL; "" if it failed, never NULL. */
char *pool_text(struct pool *, const char *text, size_t length);

#endif
