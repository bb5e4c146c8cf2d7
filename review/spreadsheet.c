#include "review/spreadsheet.h"

#include <libxml/xmlreader.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "schema/base/buf.h"
#include "schema/base/enc.h"

#define SHEETS_MAX 64u
#define SHARED_MAX (64u * 1024 * 1024) /* bytes of all shared texts */
#define PART_NAME  256u                /* bytes of a part's or sheet's name */
#define ROW_MAX    1048576

struct sheet {
	char name[PART_NAME], relation[PART_NAME], part[PART_NAME];
};

struct book {
	zip_t *zip;
	uint64_t part_max;
	struct sheet sheets[SHEETS_MAX];
	size_t count;
	struct buf shared;     /* texts, a NUL after each */
	size_t *shared_places; /* where each begins */
	size_t shared_count, shared_room;
	spreadsheet_row_fn *fn;
	void *context;
};

/* ---- A part: a file in the archive, as XML ---- */

struct part {
	struct book *book;
	const char *name;
	zip_file_t *file;
	xmlTextReader *reader;
	uint64_t unpacked;
	bool too_long;
};

static int
part_bytes(void *context, char *out, int length)
{
	struct part *p = context;
	zip_int64_t got = zip_fread(p->file, out, (zip_uint64_t)length);

	if (got < 0)
		return -1;
	p->unpacked += (uint64_t)got;
	if (p->unpacked > p->book->part_max) {
		p->too_long = true;
		return -1;
	}
	return (int)got;
}

/* What is wrong is said by us, once. */
static void
say_nothing(void *context, xmlErrorPtr error)
{
	(void)context;
	(void)error;
}

/* 1: it is open; 0: there is no such part. */
static int
part_open(struct part *p, struct book *b, const char *name, struct err *e)
{
	memset(p, 0, sizeof(*p));
	p->book = b;
	p->name = name;
	if (zip_name_locate(b->zip, name, 0) == -1)
		return 0;
	p->file = zip_fopen(b->zip, name, 0);
	if (p->file == NULL)
		return err_set(
		    e, ERR_FORMAT, "%s: %s", name, zip_strerror(b->zip));
	p->reader = xmlReaderForIO(part_bytes, NULL, p, NULL, NULL,
	    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	if (p->reader == NULL) {
		(void)zip_fclose(p->file);
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	xmlTextReaderSetStructuredErrorHandler(p->reader, say_nothing, NULL);
	return 1;
}

static void
part_close(struct part *p)
{
	if (p->reader != NULL)
		xmlFreeTextReader(p->reader);
	if (p->file != NULL)
		(void)zip_fclose(p->file);
	p->reader = NULL;
	p->file = NULL;
}

/* The next node. 1, 0 at the end, -1. A document type is refused. */
static int
part_next(struct part *p, struct err *e)
{
	int more = xmlTextReaderRead(p->reader);
	int type = more == 1 ? xmlTextReaderNodeType(p->reader) : 0;

	if (p->too_long)
		return err_set(e, ERR_LIMIT, "%s: more than %llu bytes",
		    p->name, (unsigned long long)p->book->part_max);
	if (more == -1)
		return err_set(e, ERR_FORMAT, "%s: not well-formed", p->name);
	if (type == XML_READER_TYPE_DOCUMENT_TYPE ||
	    type == XML_READER_TYPE_ENTITY_REFERENCE ||
	    type == XML_READER_TYPE_ENTITY)
		return err_set(
		    e, ERR_FORMAT, "%s: a document type or entity", p->name);
	return more;
}

static bool
is_begin(const struct part *p, const char *name)
{
	const xmlChar *found = xmlTextReaderConstLocalName(p->reader);

	return xmlTextReaderNodeType(p->reader) == XML_READER_TYPE_ELEMENT &&
	    found != NULL && strcmp((const char *)found, name) == 0;
}

static bool
is_end(const struct part *p, const char *name)
{
	const xmlChar *found = xmlTextReaderConstLocalName(p->reader);

	return xmlTextReaderNodeType(p->reader) ==
	    XML_READER_TYPE_END_ELEMENT &&
	    found != NULL && strcmp((const char *)found, name) == 0;
}

static bool
is_text(const struct part *p)
{
	int type = xmlTextReaderNodeType(p->reader);

	return type == XML_READER_TYPE_TEXT || type == XML_READER_TYPE_CDATA ||
	    type == XML_READER_TYPE_SIGNIFICANT_WHITESPACE ||
	    type == XML_READER_TYPE_WHITESPACE;
}

/* An attribute's text; "" if it is not there or too long. */
static void
attribute(const struct part *p, const char *name, char *out, size_t size)
{
	out[0] = '\0';
	if (xmlTextReaderMoveToFirstAttribute(p->reader) != 1)
		return;
	do {
		const xmlChar *local = xmlTextReaderConstLocalName(p->reader);
		const xmlChar *value = xmlTextReaderConstValue(p->reader);

		if (local != NULL && value != NULL &&
		    strcmp((const char *)local, name) == 0 &&
		    strlen((const char *)value) < size)
			(void)strcpy(out, (const char *)value);
	} while (xmlTextReaderMoveToNextAttribute(p->reader) == 1);
	(void)xmlTextReaderMoveToElement(p->reader);
}

/* ---- Texts ---- */

/* ECMA-376 part 1, 22.9.2.19: _x000A_ stands for U+000A. */
static size_t
escaped(const char *at, unsigned *value)
{
	unsigned char bytes[2];
	struct err e;

	if (strncmp(at, "_x", 2) != 0 || strnlen(at, 7) < 7 || at[6] != '_' ||
	    enc_unhex(at + 2, 4, bytes, 2, &e) == -1)
		return 0;
	*value = (unsigned)bytes[0] << 8 | bytes[1];
	return 7;
}

/* A control character is a blank to us; the rest stays as it is. */
static void
put_text(struct buf *out, const char *text)
{
	unsigned value;

	while (*text != '\0') {
		size_t length = escaped(text, &value);

		if (length > 0 && value < 0x80) {
			buf_put_byte(out,
			    value < 0x20 || value == 0x7f
			        ? ' '
			        : (unsigned char)value);
			text += length;
		} else
			buf_put_byte(out, (unsigned char)*text++);
	}
}

/*
 * The text of the element that was just begun, up to its end: all its <t> but
 * those of how it is pronounced (<rPh>).
 */
static int
read_runs(struct part *p, const char *name, struct buf *out, struct err *e)
{
	bool inside = false, aside = false;
	int more;

	if (xmlTextReaderIsEmptyElement(p->reader) == 1)
		return 0;
	while ((more = part_next(p, e)) == 1 && !is_end(p, name)) {
		if (is_begin(p, "rPh") || is_end(p, "rPh"))
			aside = is_begin(p, "rPh") &&
			    xmlTextReaderIsEmptyElement(p->reader) != 1;
		if (is_begin(p, "t") || is_end(p, "t"))
			inside = is_begin(p, "t") &&
			    xmlTextReaderIsEmptyElement(p->reader) != 1;
		if (inside && !aside && is_text(p))
			put_text(out,
			    (const char *)xmlTextReaderConstValue(p->reader));
	}
	return more == 1 ? 0
	    : more == 0  ? err_set(e, ERR_FORMAT, "%s: ends early", p->name)
	                 : -1;
}

static int
add_shared(struct book *b, struct part *p, struct err *e)
{
	size_t *places;

	if (b->shared_count == b->shared_room) {
		b->shared_room = b->shared_room == 0 ? 256 : 2 * b->shared_room;
		places =
		    realloc(b->shared_places, b->shared_room * sizeof(*places));
		if (places == NULL)
			return err_set(e, ERR_MEMORY, "out of memory");
		b->shared_places = places;
	}
	b->shared_places[b->shared_count++] = b->shared.length;
	if (read_runs(p, "si", &b->shared, e) == -1)
		return -1;
	buf_put_byte(&b->shared, '\0');
	return buf_status(&b->shared, e) == -1 ? err_in(e, "%s", p->name) : 0;
}

static int
read_shared(struct book *b, struct err *e)
{
	struct part p;
	int more = part_open(&p, b, "xl/sharedStrings.xml", e);

	if (more != 1)
		return more;
	while ((more = part_next(&p, e)) == 1)
		if (is_begin(&p, "si") && add_shared(b, &p, e) == -1) {
			more = -1;
			break;
		}
	part_close(&p);
	return more;
}

/* ---- Which sheets there are ---- */

static int
add_sheet(struct book *b, struct part *p, struct err *e)
{
	struct sheet *s = &b->sheets[b->count];

	if (b->count == SHEETS_MAX)
		return err_set(
		    e, ERR_LIMIT, "it has more than %u sheets", SHEETS_MAX);
	attribute(p, "name", s->name, sizeof(s->name));
	attribute(p, "id", s->relation, sizeof(s->relation));
	if (s->name[0] == '\0' || s->relation[0] == '\0')
		return err_set(
		    e, ERR_FORMAT, "%s: a sheet without a name", p->name);
	b->count++;
	return 0;
}

static int
read_workbook(struct book *b, struct err *e)
{
	struct part p;
	int more = part_open(&p, b, "xl/workbook.xml", e);

	if (more == 0)
		return err_set(e, ERR_FORMAT, "it is no .xlsx file");
	if (more == -1)
		return -1;
	while ((more = part_next(&p, e)) == 1)
		if (is_begin(&p, "sheet") && add_sheet(b, &p, e) == -1) {
			more = -1;
			break;
		}
	part_close(&p);
	return more;
}

static int
add_relation(struct book *b, struct part *p, struct err *e)
{
	char id[PART_NAME], target[PART_NAME - 4], mode[32];

	attribute(p, "Id", id, sizeof(id));
	attribute(p, "Target", target, sizeof(target));
	attribute(p, "TargetMode", mode, sizeof(mode));
	if (strcmp(mode, "External") == 0)
		return err_set(
		    e, ERR_FORMAT, "%s: a link to another file", p->name);
	for (size_t i = 0; i < b->count; i++) {
		struct sheet *s = &b->sheets[i];

		if (strcmp(s->relation, id) != 0)
			continue;
		if (target[0] == '/')
			(void)strcpy(s->part, target + 1);
		else
			(void)snprintf(
			    s->part, sizeof(s->part), "xl/%s", target);
	}
	return 0;
}

static int
read_relations(struct book *b, struct err *e)
{
	struct part p;
	int more = part_open(&p, b, "xl/_rels/workbook.xml.rels", e);

	if (more == 0)
		return err_set(e, ERR_FORMAT, "it is no .xlsx file");
	if (more == -1)
		return -1;
	while ((more = part_next(&p, e)) == 1)
		if (is_begin(&p, "Relationship") &&
		    add_relation(b, &p, e) == -1) {
			more = -1;
			break;
		}
	part_close(&p);
	return more;
}

/* ---- A sheet's rows ---- */

struct rows {
	struct book *book;
	const struct sheet *sheet;
	struct buf cells[SPREADSHEET_COLUMNS];
	int64_t number;
	size_t column;
	bool any;
	char type[16];
	struct buf passed; /* of columns that are too far right */
};

void
spreadsheet_column_name(size_t column, char name[4])
{
	size_t at = 0;

	if (column >= 26)
		name[at++] = (char)('A' + column / 26 - 1);
	name[at++] = (char)('A' + column % 26);
	name[at] = '\0';
}

static int
cell_error(
    const struct rows *r, enum err_code code, const char *text, struct err *e)
{
	char column[4] = "?";

	if (r->column < SPREADSHEET_COLUMNS)
		spreadsheet_column_name(r->column, column);
	return err_set(e, code, "%s!%s%lld: %s", r->sheet->name, column,
	    (long long)r->number, text);
}

/* "B7" is column 1; without an address it is the one after the last. */
static size_t
column_of_address(const char *address, size_t next)
{
	size_t column = 0, i = 0;

	if (address[0] == '\0')
		return next;
	for (; address[i] >= 'A' && address[i] <= 'Z' && i < 4; i++)
		column = column * 26 + (size_t)(address[i] - 'A' + 1);
	return i == 0 ? SPREADSHEET_COLUMNS : column - 1;
}

static int
take_shared(struct rows *r, struct buf *out, struct err *e)
{
	uint64_t index;
	struct err ignored;

	if (enc_number(buf_string(out), out->length, UINT32_MAX, &index,
	        &ignored) == -1 ||
	    index >= r->book->shared_count)
		return cell_error(
		    r, ERR_FORMAT, "its text is not in the file", e);
	buf_clear(out);
	buf_put_string(out,
	    (const char *)r->book->shared.data + r->book->shared_places[index]);
	return 0;
}

/* From <c> to </c>. */
static int
read_cell(struct rows *r, struct part *p, struct err *e)
{
	struct buf *out =
	    r->column < SPREADSHEET_COLUMNS ? &r->cells[r->column] : &r->passed;
	bool inside = false;
	int more;

	buf_clear(out);
	if (xmlTextReaderIsEmptyElement(p->reader) == 1)
		return 0;
	while ((more = part_next(p, e)) == 1 && !is_end(p, "c")) {
		if (is_begin(p, "f"))
			return cell_error(r, ERR_FORMAT, "a formula", e);
		if (is_begin(p, "is") && read_runs(p, "is", out, e) == -1)
			return -1;
		if (is_begin(p, "v") || is_end(p, "v"))
			inside = is_begin(p, "v") &&
			    xmlTextReaderIsEmptyElement(p->reader) != 1;
		if (inside && is_text(p))
			put_text(out,
			    (const char *)xmlTextReaderConstValue(p->reader));
	}
	if (more != 1)
		return more == -1
		    ? -1
		    : err_set(e, ERR_FORMAT, "%s: ends early", p->name);
	if (strcmp(r->type, "e") == 0)
		return cell_error(
		    r, ERR_FORMAT, "an error instead of a text", e);
	if (strcmp(r->type, "s") == 0 && take_shared(r, out, e) == -1)
		return -1;
	if (out->failed != ERR_NONE)
		return cell_error(r, out->failed, "too long", e);
	r->any = r->any || (out != &r->passed && out->length > 0);
	return 0;
}

static int
begin_row(struct rows *r, struct part *p, struct err *e)
{
	char text[16];
	uint64_t number = (uint64_t)r->number + 1;
	struct err ignored;

	attribute(p, "r", text, sizeof(text));
	if ((text[0] != '\0' &&
	        enc_number(text, strlen(text), ROW_MAX, &number, &ignored) ==
	            -1) ||
	    (int64_t)number <= r->number || number > ROW_MAX)
		return err_set(e, ERR_FORMAT, "%s: row %s is out of order",
		    r->sheet->name, text);
	r->number = (int64_t)number;
	r->column = SIZE_MAX;
	r->any = false;
	for (size_t i = 0; i < SPREADSHEET_COLUMNS; i++)
		buf_clear(&r->cells[i]);
	return 0;
}

static int
end_row(struct rows *r, struct err *e)
{
	struct spreadsheet_row row = { .sheet = r->sheet->name,
		.number = r->number };

	if (!r->any)
		return 0;
	for (size_t i = 0; i < SPREADSHEET_COLUMNS; i++)
		row.cells[i] = buf_string(&r->cells[i]);
	return r->book->fn(r->book->context, &row, e);
}

static int
read_node(struct rows *r, struct part *p, struct err *e)
{
	char address[16];
	size_t column;

	if (is_begin(p, "row")) {
		if (begin_row(r, p, e) == -1)
			return -1;
		return xmlTextReaderIsEmptyElement(p->reader) == 1
		    ? end_row(r, e)
		    : 0;
	}
	if (is_end(p, "row"))
		return end_row(r, e);
	if (!is_begin(p, "c"))
		return 0;
	attribute(p, "r", address, sizeof(address));
	attribute(p, "t", r->type, sizeof(r->type));
	column = column_of_address(address, r->column + 1);
	/* Twice the same cell would be read differently by others. */
	if (r->column != SIZE_MAX && column <= r->column &&
	    column < SPREADSHEET_COLUMNS)
		return cell_error(r, ERR_FORMAT, "cells out of order", e);
	r->column = column;
	return read_cell(r, p, e);
}

static int
read_sheet(struct book *b, const struct sheet *sheet, struct err *e)
{
	struct rows *r;
	struct part p;
	int more = part_open(&p, b, sheet->part, e);

	if (more != 1)
		return more == -1
		    ? -1
		    : err_set(e, ERR_FORMAT, "%s: the sheet is not in the file",
		          sheet->name);
	r = calloc(1, sizeof(*r));
	if (r == NULL) {
		part_close(&p);
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	r->book = b;
	r->sheet = sheet;
	for (size_t i = 0; i < SPREADSHEET_COLUMNS; i++)
		r->cells[i] = buf_new(SPREADSHEET_CELL_MAX);
	r->passed = buf_new(SPREADSHEET_CELL_MAX);
	while ((more = part_next(&p, e)) == 1)
		if (read_node(r, &p, e) == -1) {
			more = -1;
			break;
		}
	for (size_t i = 0; i < SPREADSHEET_COLUMNS; i++)
		buf_free(&r->cells[i]);
	buf_free(&r->passed);
	free(r);
	part_close(&p);
	return more;
}

/* ---- The archive ---- */

/* What may not be in it, as part of a part's name. */
static const struct {
	const char *part, *why;
} refused[] = {
	{ "vbaproject", "macros" },
	{ "macrosheets/", "macros" },
	{ "activex/", "macros" },
	{ "externallinks/", "links to other files" },
	{ "embeddings/", "other files within" },
	{ "customui/", "macros" },
};

static int
judge_parts(struct book *b, struct err *e)
{
	zip_int64_t count = zip_get_num_entries(b->zip, 0);

	if (count > (zip_int64_t)SPREADSHEET_PARTS)
		return err_set(e, ERR_LIMIT, "it has more than %u parts",
		    SPREADSHEET_PARTS);
	for (zip_int64_t i = 0; i < count; i++) {
		const char *name = zip_get_name(b->zip, (zip_uint64_t)i, 0);

		if (name == NULL ||
		    zip_name_locate(b->zip, name, ZIP_FL_NOCASE) != i)
			return err_set(
			    e, ERR_FORMAT, "two of its parts have one name");
		for (size_t k = 0; k < sizeof(refused) / sizeof(refused[0]);
		     k++)
			if (strcasestr(name, refused[k].part) != NULL)
				return err_set(
				    e, ERR_FORMAT, "it has %s", refused[k].why);
	}
	return 0;
}

static int
read_book(zip_t *zip, uint64_t part_max, spreadsheet_row_fn *fn, void *context,
    struct err *e)
{
	struct book *b = calloc(1, sizeof(*b));
	int result = -1;

	if (b == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	b->zip = zip;
	b->part_max = part_max;
	b->shared = buf_new(SHARED_MAX);
	b->fn = fn;
	b->context = context;
	if (judge_parts(b, e) == -1 || read_workbook(b, e) == -1 ||
	    read_relations(b, e) == -1 || read_shared(b, e) == -1)
		goto out;
	for (size_t i = 0; i < b->count; i++)
		if (read_sheet(b, &b->sheets[i], e) == -1)
			goto out;
	result = 0;
out:
	buf_free(&b->shared);
	free(b->shared_places);
	free(b);
	return result;
}

int
spreadsheet_read(const void *bytes, size_t length, spreadsheet_row_fn *fn,
    void *context, struct err *e)
{
	zip_error_t error;
	zip_source_t *source;
	zip_t *zip = NULL;
	int result;

	zip_error_init(&error);
	source = zip_source_buffer_create(bytes, length, 0, &error);
	if (source != NULL)
		zip = zip_open_from_source(
		    source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
	if (zip == NULL) {
		err_set(e, ERR_FORMAT, "it is no .xlsx file: %s",
		    zip_error_strerror(&error));
		zip_source_free(source);
		zip_error_fini(&error);
		return -1;
	}
	zip_error_fini(&error);
	result = read_book(zip, SPREADSHEET_PART_MAX, fn, context, e);
	zip_discard(zip);
	return result;
}

static int
count_row(void *context, const struct spreadsheet_row *row, struct err *e)
{
	uint64_t *rows = context;

	(void)e;
	if (row->number > 1)
		++*rows;
	return 0;
}

int
spreadsheet_check(const char *path, uint64_t rows, struct err *e)
{
	int code = 0, result;
	zip_t *zip = zip_open(path, ZIP_RDONLY, &code);
	uint64_t found = 0;

	if (zip == NULL)
		return err_set(
		    e, ERR_FORMAT, "it can't be read again (%d)", code);
	result = read_book(zip, INT64_MAX, count_row, &found, e);
	zip_discard(zip);
	if (result == 0 && found != rows)
		return err_set(e, ERR_FULL, "it could not be written whole");
	return result;
}
