/*
 * A table as XLSX, by libxlsxwriter: one sheet, its head in sight. Every value
 * is a text or a number, never a formula; what is longer than a cell may be
 * is cut, and says so.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <xlsxwriter.h>

#include "review/report_internal.h"
#include "review/spreadsheet.h"

#define CELL_BYTES 32000u /* Excel: 32,767 characters */
#define CUT        " [...]"
#define EXACT      15u /* digits that a spreadsheet's number keeps */

struct report_xlsx {
	char *path;
	const struct pack_class *class;
	lxw_workbook *workbook;
	lxw_worksheet *sheet;
	lxw_format *head;
	bool is_number[PACK_COLUMNS];
	uint64_t rows;
	const char *failed;
};

static void
note(struct report_xlsx *x, lxw_error error)
{
	if (error != LXW_NO_ERROR && x->failed == NULL)
		x->failed = lxw_strerror(error);
}

static void
put_head(struct report_xlsx *x)
{
	format_set_bold(x->head);
	format_set_bg_color(x->head, 0xE8EDF3);
	worksheet_freeze_panes(x->sheet, 1, 1);
	for (uint16_t i = 0; i < x->class->count; i++) {
		const struct pack_column *c = &x->class->columns[i];
		char text[256];

		(void)snprintf(
		    text, sizeof(text), "%s %s", c->title, c->title_zh);
		note(x, worksheet_set_column(x->sheet, i, i, 18, NULL));
		note(x, worksheet_write_string(x->sheet, 0, i, text, x->head));
		x->is_number[i] = strcmp(c->type, "count") == 0 ||
		    strcmp(c->type, "decimal") == 0;
	}
}

int
report_xlsx_new(struct report_xlsx **out, const char *path, const char *scratch,
    const struct pack_class *class, struct err *e)
{
	/* Row by row: memory does not grow with them. */
	lxw_workbook_options options = { .constant_memory = LXW_TRUE,
		.tmpdir = (char *)(uintptr_t)scratch };
	/* The same pack makes the same file, but for this. */
	lxw_doc_properties properties = { .created = 1 };
	struct report_xlsx *x = calloc(1, sizeof(*x));

	*out = NULL;
	if (x == NULL || (x->path = strdup(path)) == NULL) {
		free(x);
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	*out = x;
	x->class = class;
	if ((x->workbook = workbook_new_opt(path, &options)) != NULL)
		x->sheet = workbook_add_worksheet(x->workbook, class->name);
	if (x->sheet != NULL)
		x->head = workbook_add_format(x->workbook);
	if (x->head == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	note(x, workbook_set_properties(x->workbook, &properties));
	put_head(x);
	return 0;
}

/* Up to the last character that fits. */
static lxw_error
write_cut(
    struct report_xlsx *x, lxw_row_t row, uint16_t column, const char *value)
{
	char text[CELL_BYTES + sizeof(CUT)];
	size_t length = CELL_BYTES;

	while (length > 0 && ((unsigned char)value[length] & 0xc0) == 0x80)
		length--;
	memcpy(text, value, length);
	memcpy(text + length, CUT, sizeof(CUT));
	return worksheet_write_string(x->sheet, row, column, text, NULL);
}

static lxw_error
write_cell(
    struct report_xlsx *x, lxw_row_t row, uint16_t column, const char *value)
{
	size_t length = strlen(value);

	if (x->is_number[column] && length <= EXACT)
		return worksheet_write_number(
		    x->sheet, row, column, strtod(value, NULL), NULL);
	if (length > CELL_BYTES)
		return write_cut(x, row, column, value);
	return worksheet_write_string(x->sheet, row, column, value, NULL);
}

int
report_xlsx_row(
    struct report_xlsx *x, const struct pack_row *row, struct err *e)
{
	lxw_row_t at = (lxw_row_t)++x->rows;

	for (uint16_t i = 0; i < x->class->count && x->failed == NULL; i++)
		if (row->values[i] != NULL && *row->values[i] != '\0')
			note(x, write_cell(x, at, i, row->values[i]));
	return x->failed != NULL ? err_set(e, ERR_SYS, "%s", x->failed) : 0;
}

int
report_xlsx_end(struct report_xlsx **xlsx, struct err *e)
{
	struct report_xlsx *x = *xlsx;
	int result = 0;

	if (x == NULL)
		return 0;
	if (x->workbook != NULL)
		note(x, workbook_close(x->workbook)); /* frees it */
	if (x->failed != NULL)
		result = err_set(e, ERR_FULL, "%s", x->failed);
	else if (x->workbook != NULL && chmod(x->path, 0640) == -1)
		result = err_set(e, ERR_SYS, "its mode can't be set");
	else if (x->workbook != NULL)
		result = spreadsheet_check(x->path, x->rows, e);
	free(x->path);
	free(x);
	*xlsx = NULL;
	return result == -1 ? err_in(e, "xlsx") : 0;
}
