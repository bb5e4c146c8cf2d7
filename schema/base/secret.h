/*
 * Bytes that must not outlive their use: wiping, comparing, making.
 */
#ifndef SCHEMA_BASE_SECRET_H
#define SCHEMA_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "schema/base/err.h"

/* Overwrites in a way no compiler drops. NULL with length 0 is allowed. */
void secret_wipe(void *bytes, size_t length);

/* Wipes a string that malloc made, and frees it. Takes NULL, leaves NULL. */
void secret_free_string(char **string);

/*
 * Whether the two are the same, in a time that depends on length alone.
 * For length 0 the answer is false: nothing is not a secret that matches.
 */
bool secret_equal(const void *a, const void *b, size_t length);

/*
 * Where random bytes come from. It is an argument everywhere, so that a test
 * can make it exact, or make it fail.
 */
struct entropy {
	int (*fill)(void *context, unsigned char *out, size_t length);
	void *context;
};

/* The kernel's getrandom(2): nothing to seed, nothing that fork copies. */
struct entropy entropy_system(void);

/* Fills all of out, or fails with ERR_CRYPTO and out wiped. */
int entropy_fill(
    const struct entropy *, void *out, size_t length, struct err *);

#endif
