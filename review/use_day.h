/*
 * Signs of use reduced to facts: one account, one day, one host, one service,
 * one key, one origin, one result (schema/store.sql, use_day). What trails say
 * beyond that is not kept.
 *
 * The name of a login that failed is kept only if it is an account's: people
 * type passwords there. All others are counted under the name "", and told
 * apart by a mask.
 */
#ifndef REVIEW_USE_DAY_H
#define REVIEW_USE_DAY_H

#include <stdbool.h>
#include <stdint.h>

#include "review/authlog.h"
#include "review/use_part.h"
#include "schema/base/err.h"

struct use_day {
	const char *host;
	const char *name; /* the account's on that host; "": nobody's */
	int64_t day;      /* since 1970, of UTC */
	const char *service;
	const char *key;    /* "SHA256:..." or "" */
	const char *origin; /* an address, or who used sudo and su, or "" */
	bool success;
	int64_t sessions; /* or attempts */
	int64_t first, last;
	uint32_t hours; /* bit h: begun in that hour of UTC */
	/* Begun while one of another key and origin ran. */
	int64_t overlaps;
};

struct use_options {
	/* Whether an account has that name there. NULL: none is known. */
	bool (*known)(void *, const char *host, const char *name);
	/* Takes a fact; one may come in parts, which add up. */
	int (*deliver)(void *, const struct use_day *, struct err *);
	/*
	 * Takes a part of a day, likewise. NULL: none is made. mask makes the
	 * mask of what was typed: a keyed hash, its length, how it begins.
	 */
	int (*part)(void *, const struct use_part *, struct err *);
	int (*mask)(void *, const char *typed, size_t length,
	    char out[USE_MASK_MAX], struct err *);
	void *context;    /* of all */
	size_t facts_max; /* so many are kept before some are delivered */
};

struct use;

/* The options are copied, what they point to is not. */
int use_new(struct use **, const struct use_options *, struct err *);
void use_free(struct use **);

/* Events in the order of their times, as logs have them. */
int use_event(struct use *, const struct authlog_event *, struct err *);
/* Delivers all that is left, in no order that means anything. */
int use_end(struct use *, struct err *);
#endif
