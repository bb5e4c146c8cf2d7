/*
 * The rows of a part, read as a stream (pack_xml.h) and validated against the
 * evidence.xsd that is compiled in, never against the pack's own. It reads
 * bytes that were hashed before: what the caller passes is held against
 * `sha256` while it is read, so that a file that changes between the two is
 * noticed.
 */
#ifndef REVIEW_PACK_READ_H
#define REVIEW_PACK_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "review/pack_schema.h"
#include "review/pack_xml.h"
#include "schema/base/digest.h"
#include "schema/base/err.h"

struct pack_reading {
	const struct pack_schema *schema;
	const char *name;  /* of the file, for texts */
	const char *class; /* that it must have; NULL: any */
	int64_t pack;      /* sequence number it must have; 0: any */
	int64_t number;    /* of the part; 0: any */
	bool validate;     /* against evidence.xsd: not when it was before */
	struct pack_xsd
	    *xsd; /* to validate with; NULL: compiled for this one */
	/* Of the whole file; NULL: nothing to hold it against. */
	const unsigned char *sha256;
};

struct pack_row {
	const struct pack_class *class;
	/*
	 * By column; NULL: not recorded, but for the content, which is then "".
	 * Alive until the function returns.
	 */
	const char *values[PACK_COLUMNS];
	int64_t line; /* from 1 */
};

/* -1 stops, with *e set. */
typedef int pack_row_fn(void *context, const struct pack_row *, struct err *);

/*
 * fd is read from its beginning and stays open. ERR_FORMAT, with "NAME, line 7:
 * why"; ERR_TAMPERED if the bytes are not those of sha256. rows may be NULL.
 */
int pack_read(int fd, const struct pack_reading *, pack_row_fn *, void *context,
    int64_t *rows, struct err *);

#endif
