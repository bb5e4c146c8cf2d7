/*
 * A CSV file as anybody may send it. The first byte chooses the delimiter and
 * the encoding. Each good row, written with every cell quoted, is read back as
 * it was; and dates are read in each form.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "review/csv.h"
#include "schema/base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const struct csv_form forms[] = {
	{ ",", "UTF-8" },
	{ ";", "BIG5" },
	{ "tab", "UTF-8" },
	{ "|", "UTF-16" },
};

static void
put_row(struct buf *b, const struct csv *c,
    const char *(*cell)(const struct csv *, size_t))
{
	for (size_t i = 0; i < csv_columns(c); i++) {
		buf_put_string(b, i == 0 ? "\"" : ",\"");
		for (const char *at = cell(c, i); *at != '\0'; at++) {
			if (*at == '"')
				buf_put_byte(b, '"');
			buf_put_byte(b, (unsigned char)*at);
		}
		buf_put_byte(b, '"');
	}
	buf_put_byte(b, '\n');
}

static void
read_back(const struct csv *row)
{
	struct buf text = buf_new(4 * CSV_ROW_MAX);
	struct csv *again;
	struct err e = { 0 };
	enum csv_row got;

	put_row(&text, row, csv_column);
	put_row(&text, row, csv_cell);
	if (text.failed != ERR_NONE ||
	    csv_open_bytes(
	        &again, text.data, text.length, "again", &forms[0], &e) == -1) {
		/* A header of blanks alone is none. */
		buf_free(&text);
		return;
	}
	got = csv_next(again, &e);
	if (got == CSV_GOOD) {
		if (csv_columns(again) != csv_columns(row))
			abort();
		for (size_t i = 0; i < csv_columns(row); i++)
			if (strcmp(csv_cell(again, i), csv_cell(row, i)) != 0)
				abort();
	} else if (got != CSV_END) {
		/* Longer for its quotes, or a row of blanks. */
		if (text.length < CSV_CELL_MAX)
			abort();
	}
	csv_free(&again);
	buf_free(&text);
}

static void
read_dates(const char *text)
{
	static const char *const dates[] = { "", "roc", "%d.%m.%Y", "%c" };
	struct err e = { 0 };
	int64_t when;

	for (size_t i = 0; i < sizeof(dates) / sizeof(*dates); i++)
		(void)csv_date(
		    &(struct csv_dates){ dates[i], 0 }, text, &when, &e);
	(void)csv_zone(text, &when, &e);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct csv_field fields[] = { { "a", "b|帳號", 0 },
		{ "c", NULL, 0 } };
	size_t place[2];
	struct err e = { 0 };
	enum csv_row got;
	struct csv *c;

	if (size == 0 ||
	    csv_open_bytes(
	        &c, data + 1, size - 1, "fuzz", &forms[data[0] % 4], &e) == -1)
		return 0;
	(void)csv_map(c, fields, 2, NULL, place, &e);
	for (int i = 0; i < 100; i++) {
		got = csv_next(c, &e);
		if (got == CSV_END || got == CSV_FAILED)
			break;
		if (got != CSV_GOOD)
			continue;
		if (i < 3)
			read_back(c);
		read_dates(csv_cell(c, 0));
	}
	csv_free(&c);
	return 0;
}
