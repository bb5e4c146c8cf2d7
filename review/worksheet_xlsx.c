/*
 * XLSX, by libxlsxwriter: the first row and the first columns stay in sight,
 * what is shown is locked, a decision is chosen from a list. What is written
 * is read again: the library does not tell of a full disk in every place.
 */
#include <string.h>
#include <sys/stat.h>
#include <xlsxwriter.h>

#include "review/spreadsheet.h"
#include "review/worksheet.h"

#define FROZEN_COLUMNS 4

struct book {
	lxw_workbook *workbook;
	lxw_worksheet *sheet;
	lxw_format *head, *shown, *asked, *number;
	uint32_t rows_max; /* of a sheet, without its head */
	uint32_t row;      /* the next of this sheet; 0: no sheet yet */
	uint32_t sheets;
	uint64_t rows; /* in all, without heads */
	const char *failed;
};

/* In the order of frequency; the first word is what is read. */
static const char *const choices[] = { "keep 保留", "revoke 撤銷權限",
	"modify 調整", "disable 停用", "delete 刪除", "exception 例外",
	"not-mine 非本人權責", NULL };

static void
note(struct book *b, lxw_error error)
{
	if (error != LXW_NO_ERROR && b->failed == NULL)
		b->failed = lxw_strerror(error);
}

static void
make_formats(struct book *b)
{
	b->head = workbook_add_format(b->workbook);
	b->shown = workbook_add_format(b->workbook);
	b->asked = workbook_add_format(b->workbook);
	b->number = workbook_add_format(b->workbook);
	if (b->head == NULL || b->shown == NULL || b->asked == NULL ||
	    b->number == NULL) {
		b->failed = "out of memory";
		return;
	}
	format_set_bold(b->head);
	format_set_text_wrap(b->head);
	format_set_bg_color(b->head, 0xE8EDF3);
	format_set_align(b->head, LXW_ALIGN_VERTICAL_TOP);
	format_set_text_wrap(b->shown);
	format_set_align(b->shown, LXW_ALIGN_VERTICAL_TOP);
	format_set_align(b->number, LXW_ALIGN_VERTICAL_TOP);
	format_set_text_wrap(b->asked);
	format_set_align(b->asked, LXW_ALIGN_VERTICAL_TOP);
	format_set_unlocked(b->asked);
	format_set_num_format(b->asked, "@"); /* text: a date stays as typed */
	format_set_bg_color(b->asked, 0xFFF8E1);
	format_set_border(b->asked, LXW_BORDER_THIN);
	format_set_border_color(b->asked, 0xC9B26B);
}

static void
add_choices(struct book *b)
{
	lxw_data_validation list = { 0 };

	list.validate = LXW_VALIDATION_TYPE_LIST;
	list.value_list = (void *)(uintptr_t)choices;
	list.error_type = LXW_VALIDATION_ERROR_TYPE_STOP;
	note(b,
	    worksheet_data_validation_range(b->sheet, 1, WORKSHEET_DECISION,
	        b->rows_max, WORKSHEET_DECISION, &list));
}

static void
add_sheet(struct book *b)
{
	const uint16_t columns = WORKSHEET_COLUMNS;
	lxw_protection may = { .format_columns = LXW_TRUE,
		.format_rows = LXW_TRUE,
		.autofilter = LXW_TRUE };
	char name[32];

	b->sheets++;
	(void)snprintf(name, sizeof(name),
	    b->sheets == 1 ? "Review" : "Review %u", b->sheets);
	b->sheet = workbook_add_worksheet(b->workbook, name);
	if (b->sheet == NULL) {
		b->failed = "no sheet can be made";
		return;
	}
	for (uint16_t i = 0; i < columns; i++)
		note(b,
		    worksheet_set_column(
		        b->sheet, i, i, worksheet_columns[i].width, NULL));
	worksheet_freeze_panes(b->sheet, 1, FROZEN_COLUMNS);
	worksheet_protect(b->sheet, NULL, &may);
	add_choices(b);
	worksheet_set_landscape(b->sheet);
	worksheet_repeat_rows(b->sheet, 0, 0);
	worksheet_fit_to_pages(b->sheet, 1, 0);
	for (uint16_t i = 0; i < columns; i++) {
		char text[64];

		(void)snprintf(text, sizeof(text), "%s %s",
		    worksheet_columns[i].name, worksheet_columns[i].zh);
		note(b, worksheet_write_string(b->sheet, 0, i, text, b->head));
	}
	b->row = 1;
}

static void
put_cell(struct book *b, uint16_t column, const struct worksheet_row *row)
{
	const char *text = row->cells[column];

	if (worksheet_is_asked(column))
		note(b,
		    worksheet_write_blank(b->sheet, b->row, column, b->asked));
	else if (*text == '\0')
		return;
	else if (column == WORKSHEET_QUESTION)
		note(b,
		    worksheet_write_number(b->sheet, b->row, column,
		        (double)row->question, b->number));
	else if (column == WORKSHEET_ITEM)
		note(b,
		    worksheet_write_number(b->sheet, b->row, column,
		        (double)row->item, b->number));
	else
		note(b,
		    worksheet_write_string(b->sheet, b->row, column, text,
		        column > WORKSHEET_PROPOSAL ? b->number : b->shown));
}

static int
put_row(void *context, const struct worksheet_row *row, struct err *e)
{
	struct book *b = context;

	if (b->row == 0 || b->row > b->rows_max)
		add_sheet(b);
	for (uint16_t i = 0; i < WORKSHEET_COLUMNS && b->failed == NULL; i++)
		put_cell(b, i, row);
	b->row++;
	b->rows++;
	return b->failed != NULL ? err_set(e, ERR_SYS, "%s", b->failed) : 0;
}

int
worksheet_xlsx(const char *path, const char *scratch, struct store *store,
    const struct worksheet *w, uint32_t rows_max, int64_t now, struct err *e)
{
	/* Row by row: memory does not grow with them. */
	lxw_workbook_options options = { .constant_memory = LXW_TRUE,
		.tmpdir = (char *)(uintptr_t)scratch };
	lxw_doc_properties properties = { .created = now };
	struct book b = { .rows_max = rows_max };
	lxw_error error;
	int result;

	b.workbook = workbook_new_opt(path, &options);
	if (b.workbook == NULL)
		return err_set(e, ERR_MEMORY, "%s: out of memory", path);
	make_formats(&b);
	note(&b, workbook_set_properties(b.workbook, &properties));
	result = b.failed == NULL ? worksheet_rows(store, w, put_row, &b, e)
	                          : err_set(e, ERR_SYS, "%s", b.failed);
	error = workbook_close(b.workbook); /* frees it in any case */
	if (result == 0 && error != LXW_NO_ERROR)
		result = err_set(e, ERR_FULL, "%s", lxw_strerror(error));
	if (result == 0 && chmod(path, 0600) == -1)
		result = err_set(e, ERR_SYS, "its mode can't be set");
	if (result == 0)
		result = spreadsheet_check(path, b.rows, e);
	return result == -1 ? err_in(e, "%s", path) : 0;
}
