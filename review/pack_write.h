/*
 * The parts of a pack, written as a stream (libxml2's xmlTextWriter) in memory
 * of a fixed size: rows of one class into parts/CLASS-0001.xml and so on, each
 * at most EVIDENCE_PART_BYTES, its last row, and 64 KiB; hashed while it is
 * written and synced before it counts. Each row is one element on one line.
 */
#ifndef REVIEW_PACK_WRITE_H
#define REVIEW_PACK_WRITE_H

#include <stdint.h>

#include "review/manifest.h"
#include "review/pack_schema.h"
#include "review/store.h"
#include "review/tally.h"

struct pack_writer;

/*
 * directory: open, empty but for what the caller put there. Files that are
 * written are added to the manifest, rows are counted in the tallies (may be
 * NULL). All outlive the writer.
 */
int pack_writer_new(struct pack_writer **, int directory, struct manifest *,
    const struct pack_schema *, struct tallies *, struct err *);
void pack_writer_free(struct pack_writer **);
/* For tests: a part is full after so many bytes. */
void pack_part_bytes(struct pack_writer *, uint64_t);
/* progress(context, class, rows of it, 0) every 4096 rows. */
void pack_watch(struct pack_writer *,
    void (*progress)(
        void *context, const char *what, int64_t done, int64_t total),
    void *context);

/* Each row that was written, as a reader will have it. */
void pack_hear(struct pack_writer *, pack_row_fn *, void *context);

/*
 * A class's rows: begin, a row for each, end; the last names the class in the
 * manifest. total: how many the database has without scope and period.
 */
int pack_begin(struct pack_writer *, const char *class, struct err *);
/*
 * Values in the order of the class's columns, NULL: not recorded. What XML 1.0
 * can't carry becomes U+FFFD, ill-formed UTF-8 too. ERR_FORMAT if a required
 * one is missing or a value is none of its type (pack_value.h), so that what is
 * written is valid; texts of more than 65536 bytes, contents of more than 8 MiB.
 */
int pack_row(struct pack_writer *, const char *const *values, struct err *);
int pack_end(
    struct pack_writer *, int64_t total, const char *withheld, struct err *);

/*
 * All rows of a statement, stepped to its end. Its columns are named as the
 * class's, in their order; "left:time" is written as a time (FACT_NEVER:
 * "never"), ":day" a day since 1970, ":flag" 1 and 0, ":hex" a blob, ":body" the
 * content, whose column is named "body:body".
 */
int pack_rows(struct pack_writer *, struct statement *, struct err *);

/*
 * Between classes. A file that others made below the directory, hashed and
 * added.
 */
int pack_add_file(struct pack_writer *, const char *name, struct err *);
/* Writes one, hashes and adds it. */
int pack_put_file(struct pack_writer *, const char *name, const void *bytes,
    size_t length, struct err *);

#endif
