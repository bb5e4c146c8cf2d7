/*
 * How many guesses a password costs whoever has the lists that a filter was
 * built from: the cheapest way to write it as words, walks, repetitions,
 * numbers that people use, and single characters that are likely or not.
 */
#ifndef PAMOD_GUESS_H
#define PAMOD_GUESS_H

#include <stddef.h>

#include "pamod/blocklist.h"
#include "schema/base/err.h"

#define GUESS_UNIT 16u  /* of these make a bit */
#define GUESS_MAX  128u /* characters looked at; more only add to it */

struct guess {
	unsigned cost;   /* in sixteenths of a bit: log2 of the guesses */
	size_t in_words; /* characters that are part of a known core */
};

/* text is valid UTF-8. The filter has a model. -1: the filter is damaged. */
int guess_cost(const struct blocklist *, const char *text, size_t length,
    struct guess *, struct err *);

#endif
