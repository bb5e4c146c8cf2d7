#include "review/worksheet.h"

#include <ctype.h>
#include <string.h>

#define CELL_MAX 30000u /* bytes; a spreadsheet's cell has 32767 characters */

const struct worksheet_column_words worksheet_columns[WORKSHEET_COLUMNS] = {
	{ "question", "題號", 9 },
	{ "item", "項次", 8 },
	{ "risk", "風險", 18 },
	{ "who", "持有人", 28 },
	{ "account", "帳號", 24 },
	{ "right", "權限", 40 },
	{ "path", "取得途徑", 24 },
	{ "acquired", "取得時間", 22 },
	{ "used", "最後使用", 22 },
	{ "peers", "同部門同仁", 16 },
	{ "findings", "缺失", 40 },
	{ "last", "上次審查", 22 },
	{ "decision", "審查結果", 20 },
	{ "reason", "理由", 36 },
	{ "change", "調整為", 20 },
	{ "compensation", "補強管控", 20 },
	{ "ends", "例外到期日", 14 },
	{ "proposal", "應由誰審查", 14 },
	{ "seen", "題目雜湊值", 12 },
	{ "campaign", "審查作業", 12 },
	{ "reviewer", "審查人", 12 },
	{ "worksheet", "審查表雜湊值", 12 },
};

bool
worksheet_is_asked(enum worksheet_column column)
{
	return column >= WORKSHEET_DECISION && column <= WORKSHEET_PROPOSAL;
}

/* What spreadsheets take for a character: _x0041_ (ECMA-376, 22.9.2.19). */
static bool
is_escape(const unsigned char *at)
{
	return at[0] == '_' && at[1] == 'x' && isxdigit(at[2]) &&
	    isxdigit(at[3]) && isxdigit(at[4]) && isxdigit(at[5]) &&
	    at[6] == '_';
}

/* U+202A to U+202E, U+2066 to U+2069: they turn a line around. */
static size_t
turns(const unsigned char *at)
{
	return at[0] == 0xe2 &&
	        ((at[1] == 0x80 && at[2] >= 0xaa && at[2] <= 0xae) ||
	            (at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9))
	    ? 3
	    : 0;
}

/* Whatever a text file or a spreadsheet could change by itself. */
void
worksheet_fold(struct buf *out, const char *text)
{
	bool blank = false;

	for (const unsigned char *at = (const unsigned char *)text; *at != '\0';
	     at++) {
		if (*at <= 0x20 || *at == 0x7f || turns(at) > 0) {
			blank = out->length > 0;
			at += turns(at) > 0 ? 2 : 0;
			continue;
		}
		if (blank)
			buf_put_byte(out, ' ');
		blank = false;
		buf_put_byte(out, *at);
		if (is_escape(at))
			buf_put_byte(out, ' ');
	}
}

/* At most CELL_MAX bytes, whole characters. */
static void
put_cell(struct buf *b, const char *text)
{
	size_t length;

	worksheet_fold(b, text);
	if (b->length <= CELL_MAX)
		return;
	length = CELL_MAX;
	while (length > 0 && (b->data[length] & 0xc0) == 0x80)
		length--;
	b->length = length;
}

struct cells {
	struct buf texts[WORKSHEET_COLUMNS];
};

static int
give(struct cells *c, struct worksheet_row *row, worksheet_row_fn *fn,
    void *context, struct err *e)
{
	for (size_t i = 0; i < WORKSHEET_COLUMNS; i++) {
		if (buf_status(&c->texts[i], e) == -1)
			return -1;
		row->cells[i] = buf_string(&c->texts[i]);
	}
	return fn(context, row, e);
}

static void
put_row(struct cells *c, struct statement *s, struct worksheet_row *row)
{
	row->question = column_int(s, 0);
	row->item = column_int(s, 1);
	for (int i = 0; i <= WORKSHEET_LAST; i++)
		buf_clear(&c->texts[i]);
	buf_printf(&c->texts[0], "%lld", (long long)row->question);
	if (row->item != 0)
		buf_printf(&c->texts[1], "%lld", (long long)row->item);
	for (int i = WORKSHEET_RISK; i <= WORKSHEET_LAST; i++) {
		const char *text = column_text(s, i);

		put_cell(&c->texts[i], text == NULL ? "" : text);
	}
}

static int
question_rows(struct cells *c, struct store *store, int64_t campaign,
    const struct worksheet_question *q, worksheet_row_fn *fn, void *context,
    struct err *e)
{
	struct statement *s = store_use(store, "worksheet_cells", e);
	struct worksheet_row row;
	int more;

	bind_int(s, ":campaign", campaign);
	bind_int(s, ":question", q->n);
	buf_clear(&c->texts[WORKSHEET_SEEN]);
	buf_printf(&c->texts[WORKSHEET_SEEN], "sha256:%s", q->seen);
	while ((more = store_step(s, e)) == 1) {
		put_row(c, s, &row);
		if (give(c, &row, fn, context, e) == -1)
			return -1;
	}
	return more;
}

static void
cells_begin(struct cells *c)
{
	for (size_t i = 0; i < WORKSHEET_COLUMNS; i++)
		c->texts[i] = buf_new(1024u * 1024);
}

static void
cells_end(struct cells *c)
{
	for (size_t i = 0; i < WORKSHEET_COLUMNS; i++)
		buf_free(&c->texts[i]);
}

int
worksheet_question_rows(struct store *store, int64_t campaign,
    const struct worksheet_question *q, worksheet_row_fn *fn, void *context,
    struct err *e)
{
	struct cells cells;
	int result;

	cells_begin(&cells);
	result = question_rows(&cells, store, campaign, q, fn, context, e);
	cells_end(&cells);
	return result;
}

int
worksheet_rows(struct store *store, const struct worksheet *w,
    worksheet_row_fn *fn, void *context, struct err *e)
{
	struct cells cells;
	int result = 0;

	cells_begin(&cells);
	worksheet_fold(&cells.texts[WORKSHEET_CAMPAIGN], w->campaign->name);
	worksheet_fold(&cells.texts[WORKSHEET_REVIEWER], w->reviewer);
	buf_printf(
	    &cells.texts[WORKSHEET_WORKSHEET], "sha256:%s", w->digest_hex);
	for (size_t i = 0; i < w->count && result == 0; i++)
		result = question_rows(&cells, store, w->campaign->id,
		    &w->questions[i], fn, context, e);
	cells_end(&cells);
	return result;
}

/* ---- CSV ---- */

bool
worksheet_is_formula(const char *text)
{
	/* East Asian editions take the wide ones, too. */
	static const char *const begins[] = { "=", "+", "-", "@", "＝", "＋",
		"－", "＠" };

	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		if (strncmp(text, begins[i], strlen(begins[i])) == 0)
			return true;
	return false;
}

/* RFC 4180. A cell that begins like a formula stands behind an apostrophe. */
static void
put_csv(FILE *out, const char *text)
{
	putc('"', out);
	if (worksheet_is_formula(text))
		putc('\'', out);
	for (; *text != '\0'; text++) {
		if (*text == '"')
			putc('"', out);
		putc(*text, out);
	}
	putc('"', out);
}

static int
csv_row(void *context, const struct worksheet_row *row, struct err *e)
{
	FILE *out = context;

	for (size_t i = 0; i < WORKSHEET_COLUMNS; i++) {
		if (i > 0)
			putc(',', out);
		if (row->cells[i][0] != '\0')
			put_csv(out, row->cells[i]);
	}
	fputs("\r\n", out);
	return ferror(out) ? err_set(e, ERR_FULL, "it could not be written")
	                   : 0;
}

int
worksheet_csv(
    FILE *out, struct store *store, const struct worksheet *w, struct err *e)
{
	fputs("\xef\xbb\xbf", out); /* else Excel takes it for Big5 */
	for (size_t i = 0; i < WORKSHEET_COLUMNS; i++)
		fprintf(out, "%s%s %s", i == 0 ? "" : ",",
		    worksheet_columns[i].name, worksheet_columns[i].zh);
	fputs("\r\n", out);
	return worksheet_rows(store, w, csv_row, out, e);
}
