/*
 * A worksheet that came back as a table, as anybody may send it. The first byte
 * says what the rest is: a whole .xlsx file, a sheet, its shared texts, its
 * workbook, or a CSV file.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "review/worksheet.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const char *const parts[] = { "xl/worksheets/sheet1.xml",
	"xl/sharedStrings.xml", "xl/workbook.xml",
	"xl/_rels/workbook.xml.rels" };

static const char *const texts[] = {
	"<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c>"
	"<c r=\"V1\" t=\"s\"><v>1</v></c></row></sheetData></worksheet>",
	"<sst><si><t>question</t></si><si><t>worksheet</t></si></sst>",
	"<workbook><sheets><sheet name=\"Review\" id=\"rId1\"/></sheets>"
	"</workbook>",
	"<Relationships><Relationship Id=\"rId1\" "
	"Target=\"worksheets/sheet1.xml\"/></Relationships>"
};

static int
on_answer(void *context, const struct worksheet_answer *a, struct err *e)
{
	(void)context;
	(void)e;
	if (a->cells == NULL)
		abort();
	for (int i = 0; i <= WORKSHEET_LAST; i++)
		(void)strlen(a->cells[i]);
	return 0;
}

static void
read_both(const void *bytes, size_t length, bool csv)
{
	struct worksheet_identity identity;
	struct err e = { 0 };

	if (worksheet_read_table(
	        bytes, length, csv, &identity, NULL, NULL, &e) == 0)
		(void)worksheet_read_table(
		    bytes, length, csv, &identity, on_answer, NULL, &e);
}

/* An archive in memory, whose part `which` is the bytes. */
static void
read_archive(const uint8_t *bytes, size_t length, size_t which)
{
	zip_source_t *all = zip_source_buffer_create(NULL, 0, 0, NULL);
	zip_t *zip = zip_open_from_source(all, ZIP_TRUNCATE, NULL);
	zip_stat_t st;
	uint8_t *out;

	if (zip == NULL)
		abort();
	zip_source_keep(all);
	for (size_t i = 0; i < 4; i++) {
		zip_source_t *part = i == which
		    ? zip_source_buffer(zip, bytes, length, 0)
		    : zip_source_buffer(zip, texts[i], strlen(texts[i]), 0);
		zip_int64_t n = zip_file_add(zip, parts[i], part, 0);

		if (n < 0 ||
		    zip_set_file_compression(
		        zip, (zip_uint64_t)n, ZIP_CM_STORE, 0) == -1)
			abort();
	}
	if (zip_close(zip) == -1 || zip_source_open(all) == -1 ||
	    zip_source_stat(all, &st) == -1 ||
	    (out = malloc(st.size)) == NULL ||
	    zip_source_read(all, out, st.size) != (zip_int64_t)st.size)
		abort();
	(void)zip_source_close(all);
	zip_source_free(all);
	read_both(out, st.size, false);
	free(out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	switch (data[0]) {
	case 'z':
		read_both(data + 1, size - 1, false);
		break;
	case 'c':
		read_both(data + 1, size - 1, true);
		break;
	default:
		read_archive(data + 1, size - 1, data[0] % 4);
	}
	return 0;
}
