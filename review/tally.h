/*
 * Totals over the rows of a pack (schema/evidence.xsd, "summary"), counted
 * while rows are written and, by the same lines of code, while they are
 * verified, in memory of a bounded size. What is counted is a table in
 * tally_kind.c: reports show nothing else.
 */
#ifndef REVIEW_TALLY_H
#define REVIEW_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "review/pack_read.h"
#include "review/pack_schema.h"
#include "schema/base/buf.h"
#include "schema/base/err.h"

#define TALLY_BY    3u
#define TALLY_WHERE 8u
#define TALLY_CELLS 20000u /* of one tally; rows beyond are counted, no more */
#define TALLY_VALUE 256u   /* bytes of one value of "by"; longer ones are cut */

struct tally_where {
	const char *column, *value; /* "": not there, or empty */
};

struct tally_kind {
	const char *id, *class;
	const char *by[TALLY_BY];
	const char *sum; /* a column of decimals or counts; NULL: none */
	struct tally_where where[TALLY_WHERE];
};
extern const struct tally_kind tally_kinds[]; /* the last has no id */

struct tallies;
/* Of the table; or of a summary.xml, whose counts are put aside. */
int tallies_new(struct tallies **, const struct pack_schema *, struct err *);
int tallies_read(struct tallies **, const struct pack_schema *, const void *xml,
    size_t length, int64_t pack, struct err *);
void tallies_free(struct tallies **);

/* Counts the row in all tallies of its class. ERR_LIMIT: a sum overflows. */
int tallies_count(struct tallies *, const struct pack_row *, struct err *);
/* summary.xml; cells are sorted. */
int tallies_write(
    const struct tallies *, int64_t pack, struct buf *, struct err *);
/*
 * Of those read: that what was counted since is what the file says, and that
 * each of the table is there. ERR_TAMPERED names the first that is not.
 */
int tallies_compare(const struct tallies *, struct err *);

#endif
