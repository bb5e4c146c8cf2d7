/*
 * Signs of use in parts of a day, for reeve daily (schema/store.sql,
 * use_part): successes by the quarter of an hour, failures by the minute. A
 * name that is no account's has a mask instead.
 *
 * However many names somebody tries in one minute, USE_PART_NAMES of them are
 * told apart, and the rest are counted together.
 */
#ifndef REVIEW_USE_PART_H
#define REVIEW_USE_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "review/authlog.h"
#include "schema/base/err.h"

#define USE_MASK_MAX   64u /* bytes of a mask, with its NUL */
#define USE_PART_NAMES 100u
#define USE_MASK_MORE  "+" /* the mask of all further ones */

struct use_part {
	const char *host;
	int64_t at;       /* s since 1970, when its part of the day begins */
	const char *name; /* "": nobody's */
	const char *mask; /* then; "": what was typed is not known */
	const char *service, *key, *origin;
	bool success;
	enum authlog_class why; /* else */
	bool elsewhere;         /* the masked name is some account's */
	int64_t count;
	int64_t first, last;
};

/* When the part of the day begins that a time is in. */
int64_t use_part_at(int64_t at, bool success);

/*
 * What was typed as a name, to be told apart and never read: "HASH LENGTH X",
 * an HMAC-SHA-256 of it cut to 24 hexadecimal digits, its length in
 * characters, and its first one.
 */
int use_part_mask(const unsigned char key[32], const char *typed, size_t length,
    char out[USE_MASK_MAX], struct err *);

struct use_parts;
int use_parts_new(struct use_parts **, struct err *);
void use_parts_free(struct use_parts **);
void use_parts_clear(struct use_parts *);
size_t use_parts_count(const struct use_parts *);

/* Adds to the part that is there, or begins it. */
int use_parts_add(struct use_parts *, const struct use_part *, struct err *);
/* In no order that means anything; ends when the callback fails. */
int use_parts_walk(struct use_parts *,
    int (*)(void *, const struct use_part *, struct err *), void *context,
    struct err *);

#endif
