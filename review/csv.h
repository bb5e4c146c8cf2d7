/*
 * Tables as text: RFC 4180, read row by row in bounded memory.
 *
 * Rows end with CRLF or LF; cells may be quoted, and then hold delimiters,
 * line ends and doubled quotes. The first row is the header. A byte order mark
 * is passed over, and so are rows with nothing in them. Every other row has as
 * many cells as the header. What breaks a rule is refused with file and line,
 * never mended in silence. Cells come out as UTF-8 without NUL.
 */
#ifndef REVIEW_CSV_H
#define REVIEW_CSV_H

#include <stddef.h>
#include <stdint.h>

#include "schema/base/conf.h"
#include "schema/base/err.h"

#define CSV_CELL_MAX    (64u * 1024)   /* bytes of one cell, in UTF-8 */
#define CSV_ROW_MAX     (1024u * 1024) /* bytes of one row, in UTF-8 */
#define CSV_COLUMNS_MAX 512u

/* How a file is written; as review.conf's keys of these names say it. */
struct csv_form {
	/* One byte, or "tab", "\t", "comma", "semicolon", "pipe". */
	const char *delimiter;
	const char *encoding; /* of iconv(3): "UTF-8", "BIG5", "CP950" */
};

struct csv;

/*
 * Opens and reads the header. name stands in errors; it and the bytes are kept
 * by the caller until csv_free. ERR_FORMAT: not what the form says.
 */
int csv_open(
    struct csv **, const char *path, const struct csv_form *, struct err *);
int csv_open_bytes(struct csv **, const void *bytes, size_t length,
    const char *name, const struct csv_form *, struct err *);
void csv_free(struct csv **);

enum csv_row {
	CSV_FAILED = -1, /* nothing more can be read; *e says why */
	CSV_END = 0,
	CSV_GOOD,
	CSV_BAD, /* this row is refused, *e says why; the next can be read */
};
enum csv_row csv_next(struct csv *, struct err *);

/* The line on which the row begins, counted from 1. */
int64_t csv_line(const struct csv *);
size_t csv_columns(const struct csv *);
/* Both valid until the next row; without the blanks at both ends. */
const char *csv_column(const struct csv *, size_t column);
const char *csv_cell(const struct csv *, size_t column);
/* SHA-256 over the bytes read so far: at the end, of the file. */
int csv_digest(struct csv *, unsigned char out[32], struct err *);

/*
 * What a caller wants of each row: a table, and where it is in this file.
 * Names are compared without case, blanks, '_', '-' and '.', so "Last login",
 * "last_login" and "LastLogin" are one.
 */
struct csv_field {
	const char *name;   /* as in columns = NAME=Column */
	const char *others; /* names it has by custom: "employee no|工號" */
	int required;       /* nonzero: a file without it is refused */
};

#define CSV_NOWHERE SIZE_MAX

/*
 * Finds each field's column: where columns ("field=Column" words, "field=-"
 * for none) says, else by the others in their order, then by its name, unless
 * another field has that column. place has room for count; CSV_NOWHERE where
 * there is none. A word that names no field or no column, a name that two
 * columns bear, and a missing required field are ERR_CONFIG with the file's
 * header in the text.
 */
int csv_map(const struct csv *, const struct csv_field *, size_t count,
    const struct conf_list *columns, size_t *place, struct err *);
/* The field's cell in this row; "" where there is none. */
const char *csv_at(const struct csv *, size_t place);

/* How a file writes dates; as review.conf's keys say it. */
struct csv_dates {
	/*
	 * "": the year first, "2026-10-01", "2026/10/1", "20261001", and behind
	 * it perhaps a time, "T09:05:00.5+08:00", " 09:05", " 上午 09:05".
	 * "roc": those, and years of the Republic: "民國113年4月1日",
	 * "113/04/01", "1130401". Else strptime(3)'s form, which fits exactly.
	 */
	const char *format;
	int64_t offset; /* s east of UTC, of what states no zone */
};

/* "Z", "+08:00", "+0800" as seconds. */
int csv_zone(const char *text, int64_t *offset, struct err *);
/* s since 1970. No year outside 1900 to 9999 is believed: ERR_FORMAT. */
int csv_date(
    const struct csv_dates *, const char *text, int64_t *when, struct err *);

#endif
