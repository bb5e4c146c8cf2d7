/*
 * libzxcvbn, loaded when it is asked for, so that a program that judges no
 * passwords never maps it.
 */
#ifndef PAMOD_STRENGTH_H
#define PAMOD_STRENGTH_H

#include "schema/base/err.h"

#define STRENGTH_LIBRARY "libzxcvbn.so.0"

struct strength;

/* library is a soname or a path. ERR_MISSING if it can't be loaded. */
int strength_open(struct strength **, const char *library, struct err *);
void strength_close(struct strength **);

/*
 * Log2 of the guesses. words, which ends with NULL, are known to the guesser.
 * libzxcvbn looks at 100 bytes at most, so no more are shown to it.
 */
double strength_bits(
    const struct strength *, const char *password, const char *const *words);

#endif
