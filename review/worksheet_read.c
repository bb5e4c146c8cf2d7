/*
 * What came back as a table: CSV as Excel saves it (UTF-8, or the code page of
 * Taiwan's Windows), or XLSX. Columns are found by the first word of their
 * head, so that they may have been moved.
 */
#include <string.h>

#include "review/csv.h"
#include "review/fact.h"
#include "review/spreadsheet.h"
#include "review/worksheet.h"
#include "schema/base/enc.h"

#define NOWHERE SIZE_MAX

const char *const worksheet_forms[] = { "json", "xlsx", "csv" };

struct table {
	struct worksheet_identity *identity;
	bool known; /* the identity, from the first row */
	bool any;   /* a head was found */
	worksheet_answer_fn *fn;
	void *context;
	size_t places[WORKSHEET_COLUMNS];
	struct buf texts[WORKSHEET_COLUMNS];
};

/* A cell of a row that is somewhere. */
typedef const char *cell_fn(const void *row, size_t column);

/* ---- The head ---- */

static bool
is_column(const char *head, const char *name)
{
	size_t length = strlen(name);

	return strncmp(head, name, length) == 0 &&
	    (head[length] == '\0' || head[length] == ' ');
}

/* 1: it is a head; 0: it is none, this is somebody's own table. */
static int
read_head(struct table *t, const void *row, cell_fn *cell, size_t count,
    struct err *e)
{
	for (size_t i = 0; i < WORKSHEET_COLUMNS; i++)
		t->places[i] = NOWHERE;
	for (size_t k = 0; k < count; k++)
		for (size_t i = 0; i < WORKSHEET_COLUMNS; i++) {
			if (!is_column(cell(row, k), worksheet_columns[i].name))
				continue;
			if (t->places[i] != NOWHERE)
				return err_set(e, ERR_FORMAT,
				    "the column \"%s\" is there twice",
				    worksheet_columns[i].name);
			t->places[i] = k;
		}
	if (t->places[WORKSHEET_QUESTION] == NOWHERE &&
	    t->places[WORKSHEET_WORKSHEET] == NOWHERE)
		return 0;
	for (size_t i = 0; i < WORKSHEET_COLUMNS; i++)
		if (t->places[i] == NOWHERE)
			return err_set(e, ERR_FORMAT,
			    "the column \"%s\" is not there",
			    worksheet_columns[i].name);
	t->any = true;
	return 1;
}

/* ---- Rows ---- */

/* Folded, and without the apostrophe that CSV puts before a formula. */
static void
take_cell(struct buf *out, const char *text)
{
	if (text[0] == '\'' && worksheet_is_formula(text + 1))
		text++;
	buf_clear(out);
	worksheet_fold(out, text);
}

static const char *
of(struct table *t, enum worksheet_column column)
{
	return buf_string(&t->texts[column]);
}

/* "12", and "12.0" as some programs write it; 0: "". */
static int
read_number(const char *text, int64_t *out, struct err *e)
{
	size_t length = strlen(text);
	uint64_t value = 0;

	if (length > 2 && strcmp(text + length - 2, ".0") == 0)
		length -= 2;
	if (length > 0 && enc_number(text, length, INT64_MAX, &value, e) == -1)
		return -1;
	*out = (int64_t)value;
	return 0;
}

static const char *
hexadecimal(const char *text)
{
	return strncmp(text, "sha256:", 7) == 0 ? text + 7 : "";
}

static int
take_identity(struct table *t, struct err *e)
{
	struct worksheet_identity *i = t->identity;
	const char *const texts[] = { of(t, WORKSHEET_CAMPAIGN),
		of(t, WORKSHEET_REVIEWER),
		hexadecimal(of(t, WORKSHEET_WORKSHEET)) };
	char *const places[] = { i->campaign, i->reviewer, i->digest };
	const size_t sizes[] = { sizeof(i->campaign), sizeof(i->reviewer),
		sizeof(i->digest) };

	for (size_t k = 0; k < 3; k++) {
		if (texts[k][0] == '\0' || strlen(texts[k]) >= sizes[k])
			return err_set(e, ERR_FORMAT,
			    "campaign, reviewer or worksheet is not there");
		if (t->known && strcmp(texts[k], places[k]) != 0)
			return err_set(e, ERR_FORMAT,
			    "campaign, reviewer or worksheet differ from the "
			    "row before");
		(void)strcpy(places[k], texts[k]);
	}
	t->known = true;
	return 0;
}

static bool
is_answered(struct table *t)
{
	for (int i = WORKSHEET_DECISION; i <= WORKSHEET_PROPOSAL; i++)
		if (t->texts[i].length > 0)
			return true;
	return false;
}

static int
read_row(struct table *t, const char *place, const void *row, cell_fn *cell,
    struct err *e)
{
	struct worksheet_answer answer = { .place = place,
		.decided = FACT_UNKNOWN,
		.seconds = FACT_UNKNOWN,
		.bulk = 1 };
	const char *cells[WORKSHEET_LAST + 1];

	for (int i = 0; i < WORKSHEET_COLUMNS; i++) {
		take_cell(&t->texts[i], cell(row, t->places[i]));
		if (buf_status(&t->texts[i], e) == -1)
			return err_in(e, "%s", place);
	}
	if (take_identity(t, e) == -1)
		return err_in(e, "%s", place);
	if (!is_answered(t))
		return 0;
	for (int i = 0; i <= WORKSHEET_LAST; i++)
		cells[i] = of(t, (enum worksheet_column)i);
	if (read_number(cells[WORKSHEET_QUESTION], &answer.question, e) == -1 ||
	    read_number(cells[WORKSHEET_ITEM], &answer.item, e) == -1)
		return err_in(e, "%s", place);
	if (t->fn == NULL)
		return 0;
	answer.cells = cells;
	answer.seen = hexadecimal(of(t, WORKSHEET_SEEN));
	answer.decision = of(t, WORKSHEET_DECISION);
	answer.reason = of(t, WORKSHEET_REASON);
	answer.change = of(t, WORKSHEET_CHANGE);
	answer.compensation = of(t, WORKSHEET_COMPENSATION);
	answer.ends = of(t, WORKSHEET_ENDS);
	answer.proposal = of(t, WORKSHEET_PROPOSAL);
	return t->fn(t->context, &answer, e);
}

/* ---- XLSX ---- */

struct sheets {
	struct table *table;
	char name[256]; /* of the sheet whose rows come */
	bool ours;
};

static const char *
sheet_cell(const void *row, size_t column)
{
	const struct spreadsheet_row *r = row;

	return r->cells[column];
}

static int
sheet_row(void *context, const struct spreadsheet_row *row, struct err *e)
{
	struct sheets *s = context;
	char place[300];
	int ours;

	if (strcmp(s->name, row->sheet) != 0) {
		(void)snprintf(s->name, sizeof(s->name), "%s", row->sheet);
		ours = read_head(
		    s->table, row, sheet_cell, SPREADSHEET_COLUMNS, e);
		s->ours = ours == 1;
		return ours == -1 ? err_in(e, "%s", row->sheet) : 0;
	}
	if (!s->ours)
		return 0;
	(void)snprintf(place, sizeof(place), "%s!%lld", row->sheet,
	    (long long)row->number);
	return read_row(s->table, place, row, sheet_cell, e);
}

static int
read_sheets(struct table *t, const void *bytes, size_t length, struct err *e)
{
	struct sheets sheets = { .table = t };

	return spreadsheet_read(bytes, length, sheet_row, &sheets, e);
}

/* ---- CSV ---- */

static const char *
csv_cell_at(const void *row, size_t column)
{
	return csv_cell(row, column);
}

static const char *
csv_head_at(const void *row, size_t column)
{
	return csv_column(row, column);
}

/* The byte that follows the first column's head. */
static const char *
delimiter(const char *bytes, size_t length)
{
	size_t end = 0;

	while (end < length && end < 200 && bytes[end] != '\n')
		end++;
	if (memchr(bytes, ',', end) != NULL)
		return ",";
	return memchr(bytes, ';', end) != NULL ? ";" : "tab";
}

static int
csv_rows(struct table *t, struct csv *c, struct err *e)
{
	char place[32];
	enum csv_row got;

	while ((got = csv_next(c, e)) == CSV_GOOD) {
		(void)snprintf(
		    place, sizeof(place), "line %lld", (long long)csv_line(c));
		if (read_row(t, place, c, csv_cell_at, e) == -1)
			return -1;
	}
	return got == CSV_END ? 0 : -1;
}

static int
read_csv(struct table *t, const void *bytes, size_t length, struct err *e)
{
	const struct csv_form form = { delimiter(bytes, length),
		enc_is_utf8(bytes, length) ? "UTF-8" : "CP950" };
	struct csv *c = NULL;
	int result = -1;

	if (csv_open_bytes(&c, bytes, length, "table", &form, e) == -1)
		return -1;
	if (read_head(t, c, csv_head_at, csv_columns(c), e) != -1)
		result = t->any ? csv_rows(t, c, e) : 0;
	csv_free(&c);
	return result;
}

/* ---- */

int
worksheet_read_table(const void *bytes, size_t length, bool csv,
    struct worksheet_identity *identity, worksheet_answer_fn *fn, void *context,
    struct err *e)
{
	struct table t = { .identity = identity, .fn = fn, .context = context };
	int result;

	memset(identity, 0, sizeof(*identity));
	for (size_t i = 0; i < WORKSHEET_COLUMNS; i++)
		t.texts[i] = buf_new(SPREADSHEET_CELL_MAX);
	result = csv ? read_csv(&t, bytes, length, e)
	             : read_sheets(&t, bytes, length, e);
	if (result == 0 && !t.known)
		result = err_set(
		    e, ERR_FORMAT, "there is no worksheet of a review in it");
	for (size_t i = 0; i < WORKSHEET_COLUMNS; i++)
		buf_free(&t.texts[i]);
	return result;
}

int
worksheet_read(const void *bytes, size_t length, enum worksheet_form *form,
    struct worksheet_identity *identity, worksheet_answer_fn *fn, void *context,
    struct err *e)
{
	const char *at = bytes;

	*form = WORKSHEET_CSV;
	if (length == 0)
		return err_set(e, ERR_FORMAT, "it is empty");
	if (length >= 2 && memcmp(at, "PK", 2) == 0)
		*form = WORKSHEET_XLSX;
	else if (at[0] == '{')
		*form = WORKSHEET_JSON;
	if (*form == WORKSHEET_JSON)
		return worksheet_read_json(
		    bytes, length, identity, fn, context, e);
	return worksheet_read_table(
	    bytes, length, *form == WORKSHEET_CSV, identity, fn, context, e);
}
