/*
 * A source of accounts and rights. How it is reached is one file,
 * source_NAME.c, and its line in source.c; how products spell an account is a
 * table (attrmap.h).
 */
#ifndef REVIEW_SOURCE_H
#define REVIEW_SOURCE_H

#include "review/config.h"
#include "review/sink.h"
#include "schema/base/err.h"

struct source_type {
	const char *scheme;  /* before the colon: "ldif" */
	const char *summary; /* one line, for --help and the manual */
	/*
	 * Reads everything (or, where the sink remembers and settings allow,
	 * what changed) and delivers it. Returns 0 also when the pull is
	 * incomplete: the ledger says so. -1: nothing usable was read.
	 */
	int (*pull)(
	    const struct source_settings *, struct sink *, struct err *);
};

/* By a URL's scheme, or NULL and *e set with what there is. */
const struct source_type *source_type(const char *url, struct err *);

/* The types, for --help; ends with NULL. */
extern const struct source_type *const source_types[];

#endif
