/*
 * The tables of an .xlsx file (ECMA-376), row by row, from anybody: sizes are
 * bounded while they are unpacked, not by what the file says of itself.
 * Refused whole: formulas, macros, links to other files, document types and so
 * entities, encryption, two parts of one name. Of cells only their text is
 * read; a number is as the file spells it.
 */
#ifndef REVIEW_SPREADSHEET_H
#define REVIEW_SPREADSHEET_H

#include <stddef.h>
#include <stdint.h>

#include "schema/base/err.h"

#define SPREADSHEET_COLUMNS  64u            /* those beyond are passed over */
#define SPREADSHEET_CELL_MAX (128u * 1024)  /* bytes */
#define SPREADSHEET_PARTS    512u           /* files in it */
#define SPREADSHEET_PART_MAX (128ull << 20) /* bytes of one, unpacked */

struct spreadsheet_row {
	const char *sheet;                      /* its name */
	int64_t number;                         /* as people see it: from 1 */
	const char *cells[SPREADSHEET_COLUMNS]; /* "" where nothing is */
};

/* -1 stops, with *e set. Rows with nothing in them are passed over. */
typedef int spreadsheet_row_fn(
    void *context, const struct spreadsheet_row *, struct err *);

/*
 * Sheets in their order. ERR_FORMAT, ERR_LIMIT: the text says which sheet and
 * cell, as "Review!B7: a formula".
 */
int spreadsheet_read(const void *bytes, size_t length, spreadsheet_row_fn *,
    void *context, struct err *);
/*
 * Whether a file that we have written has that many rows below each sheet's
 * first; parts may be as large as the disk lets. ERR_FULL: it has not.
 */
int spreadsheet_check(const char *path, uint64_t rows, struct err *);
/* "B" of 1. */
void spreadsheet_column_name(size_t column, char name[4]);

#endif
