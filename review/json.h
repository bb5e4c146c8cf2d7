/*
 * JSON (RFC 8259) read from its beginning to its end, member by member, from
 * anybody. The first thing that is not as it should be latches a failure with
 * its line; every read after it fails too, so one check at the end is enough.
 *
 *	json_begin(&j, '{')
 *	while (json_member(&j, &name))
 *		if (strcmp(buf_string(&name), "size") == 0)
 *			size = json_int(&j, 0, 100);
 *		else
 *			json_skip(&j);
 *	json_finish(&j, e)
 */
#ifndef REVIEW_JSON_H
#define REVIEW_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/buf.h"
#include "schema/base/err.h"

#define JSON_DEPTH 16u

struct json {
	const char *start, *at, *end;
	const char *failed; /* why; NULL: nothing did */
	unsigned depth;
	bool first[JSON_DEPTH +
	    1]; /* nothing of this array or object was read */
};

struct json json_new(const void *bytes, size_t length);
/* From 1: of what is read next. */
int64_t json_line(const struct json *);

/* '{' or '['. */
bool json_begin(struct json *, char bracket);
/* The next member's name; false at the object's end, which is then passed. */
bool json_member(struct json *, struct buf *name);
/* Whether another element follows; false at the array's end, likewise. */
bool json_element(struct json *);

/* UTF-8 without NUL. A string beyond the buffer's limit fails. */
bool json_string(struct json *, struct buf *);
/* A whole number from least to most; least if it fails. */
int64_t json_int(struct json *, int64_t least, int64_t most);
/* Any value. */
bool json_skip(struct json *);
void json_fail(struct json *, const char *why);

/* Nothing but blanks may be left. ERR_FORMAT: "line 3: why". */
int json_finish(struct json *, struct err *);

#endif
