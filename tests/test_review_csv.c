#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review/csv.h"
#include "schema/base/buf.h"
#include "schema/base/enc.h"
#include "unit.h"

#define NS INT64_C(1000000000)

static struct err e;
static const struct csv_form plain = { ",", "UTF-8" };

static struct csv *
opened(const char *text, const struct csv_form *form)
{
	struct csv *c;

	ck_assert_ok(csv_open_bytes(&c, text, strlen(text), "f", form, &e));
	return c;
}

/* All rows as "LINE:[cell][cell];", a refused one as its error. */
static void
dump(struct csv *c, struct buf *out)
{
	enum csv_row got;

	while ((got = csv_next(c, &e)) == CSV_GOOD || got == CSV_BAD) {
		if (got == CSV_BAD) {
			buf_printf(out, "%s;", e.text);
			continue;
		}
		buf_printf(out, "%lld:", (long long)csv_line(c));
		for (size_t i = 0; i < csv_columns(c); i++)
			buf_printf(out, "[%s]", csv_cell(c, i));
		buf_put_byte(out, ';');
	}
	if (got == CSV_FAILED)
		buf_printf(out, "%s;", e.text);
}

static void
reads_as(const char *text, const struct csv_form *form, const char *expected)
{
	struct buf out = buf_new(1024 * 1024);
	struct csv *c = opened(text, form);

	dump(c, &out);
	ck_assert_str_eq(buf_string(&out), expected);
	csv_free(&c);
	ck_assert_ptr_null(c);
	buf_free(&out);
}

START_TEST(rows_are_read_as_rfc_4180_says)
{
	static const struct {
		const char *text;
		const char *rows;
	} rows[] = {
		{ "a,b\r\n1,2\r\n3,4\r\n", "2:[1][2];3:[3][4];" },
		{ "a,b\n1,2\n3,4", "2:[1][2];3:[3][4];" },
		{ "a\n", "" },
		{ "a", "" },
		{ "a,b\n,\n\n1,\n,2\n", "4:[1][];5:[][2];" },
		{ "a,b\n\"1\",\"2\"\n", "2:[1][2];" },
		{ "a,b\n\"x,y\",\"say \"\"hi\"\"\"\n", "2:[x,y][say \"hi\"];" },
		{ "a,b\n\"two\nlines\",1\n2,3\n",
		    "2:[two\nlines][1];4:[2][3];" },
		{ "a,b\n\"two\r\nlines\",1\r\n2,3\r\n",
		    "2:[two\r\nlines][1];4:[2][3];" },
		{ "a,b\n\"\",\"\"\"\"\n", "2:[][\"];" },
		{ "a,b\n\"1\",2", "2:[1][2];" },
		{ "a,b\n1,\"2\"", "2:[1][2];" },
		{ "a,b\n 1 ,\t2\n", "2:[1][2];" },
		{ "a,b\n\xe3\x80\x80王 小明\xe3\x80\x80,\xe3\x80\x80\n",
		    "2:[王 小明][];" },
		{ "\xef\xbb\xbf"
		  "a,b\n1,2\n",
		    "2:[1][2];" },
		{ "\n\na,b\n1,2\n", "4:[1][2];" },
		{ "(帳號),b\n1,2\n", "2:[1][2];" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		reads_as(rows[i].text, &plain, rows[i].rows);
}
END_TEST

START_TEST(a_bad_row_is_refused_with_its_line_and_the_next_is_read)
{
	static const struct {
		const char *row;
		const char *error;
	} rows[] = {
		{ "1", "f: line 2: 1 cells, where the header has 2" },
		{ "1,2,3", "f: line 2: 3 cells, where the header has 2" },
		{ "1,a\"b\"",
		    "f: line 2: a quote inside a cell that is not quoted" },
		{ "1,\"a\"b", "f: line 2: text behind a closing quote" },
		{ "1,\"a\" ", "f: line 2: text behind a closing quote" },
		{ "1,a\rb", "f: line 2: a carriage return within a row" },
		{ "1,\xff", "f: line 2: bytes that are not UTF-8" },
		{ "1,\xed\xa0\x80", "f: line 2: bytes that are not UTF-8" },
	};
	struct buf text = buf_new(1024);
	struct buf expected = buf_new(1024);

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		buf_clear(&text);
		buf_clear(&expected);
		buf_printf(&text, "a,b\n%s\n3,4\n", rows[i].row);
		buf_printf(&expected, "%s;3:[3][4];", rows[i].error);
		reads_as(buf_string(&text), &plain, buf_string(&expected));
	}
	buf_free(&text);
	buf_free(&expected);
}
END_TEST

START_TEST(a_nul_byte_is_refused)
{
	static const char text[] = "a,b\n1,x\0y\n3,4\n";
	struct csv *c;

	ck_assert_ok(
	    csv_open_bytes(&c, text, sizeof(text) - 1, "f", &plain, &e));
	ck_assert_int_eq(csv_next(c, &e), CSV_BAD);
	ck_assert_str_eq(e.text, "f: line 2: a NUL byte");
	ck_assert_int_eq(csv_next(c, &e), CSV_GOOD);
	ck_assert_int_eq(csv_next(c, &e), CSV_END);
	csv_free(&c);
}
END_TEST

START_TEST(an_open_quote_at_the_end_is_refused)
{
	reads_as("a,b\n1,\"2\n3,4\n", &plain,
	    "f: line 2: a quote that is not closed;");
}
END_TEST

START_TEST(other_delimiters_are_read)
{
	static const struct {
		const char *delimiter;
		const char *text;
	} rows[] = {
		{ ";", "a;b\n1;x,y\n" },
		{ "semicolon", "a;b\n1;x,y\n" },
		{ "\t", "a\tb\n1\tx,y\n" },
		{ "\\t", "a\tb\n1\tx,y\n" },
		{ "tab", "a\tb\n1\tx,y\n" },
		{ "|", "a|b\n1|x,y\n" },
		{ "pipe", "a|b\n1|x,y\n" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		reads_as(rows[i].text,
		    &(struct csv_form){ rows[i].delimiter, "UTF-8" },
		    "2:[1][x,y];");
}
END_TEST

START_TEST(a_form_that_can_not_be_is_refused)
{
	static const struct csv_form forms[] = {
		{ "", "UTF-8" },
		{ ",,", "UTF-8" },
		{ "\"", "UTF-8" },
		{ "\n", "UTF-8" },
		{ ",", "" },
		{ ",", "no-such" },
		{ ",", "BIG5//IGNORE" },
		{ ",", "BIG5//TRANSLIT" },
	};
	struct csv *c;

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		ck_assert_int_eq(
		    csv_open_bytes(&c, "a", 1, "f", &forms[i], &e), -1);
		ck_assert_int_eq(e.code, ERR_CONFIG);
		ck_assert_ptr_null(c);
	}
}
END_TEST

/* 許功蓋: each second byte is 0x5c or 0x7c, and one is a delimiter's. */
START_TEST(big5_is_read_with_its_second_bytes)
{
	static const char text[] =
	    "\xb1\x62\xb8\xb9|x\r\n\xb3\x5c\xa5\x5c\xbb\x5c|\xbe\x7c\r\n";
	struct csv_form form = { "|", "BIG5" };
	struct csv *c = opened(text, &form);

	ck_assert_str_eq(csv_column(c, 0), "帳號");
	ck_assert_int_eq(csv_next(c, &e), CSV_GOOD);
	ck_assert_str_eq(csv_cell(c, 0), "許功蓋");
	ck_assert_str_eq(csv_cell(c, 1), "魯");
	csv_free(&c);
	form.encoding = "CP950";
	c = opened(text, &form);
	ck_assert_str_eq(csv_column(c, 0), "帳號");
	csv_free(&c);
}
END_TEST

START_TEST(bytes_of_another_encoding_stop_the_reading)
{
	struct csv_form form = { ",", "BIG5" };

	reads_as("a,b\n1,2\n3,\xff\xff\n5,6\n", &form,
	    "2:[1][2];f: line 3: bytes that are not BIG5;");
	/* The first half of a character at the end. */
	reads_as("a,b\n1,2\n3,\xb3", &form,
	    "2:[1][2];f: line 3: bytes that are not BIG5;");
}
END_TEST

START_TEST(a_file_without_a_header_is_refused)
{
	static const char *const texts[] = { "", "\n\n", "\xef\xbb\xbf" };
	struct csv *c;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		ck_assert_int_eq(csv_open_bytes(&c, texts[i], strlen(texts[i]),
		                     "f", &plain, &e),
		    -1);
		ck_assert_str_eq(e.text, "f: no header: the file is empty");
	}
	ck_assert_int_eq(
	    csv_open_bytes(&c, "\xff,b\n", 4, "f", &plain, &e), -1);
	ck_assert_str_eq(e.text, "f: line 1: bytes that are not UTF-8");
}
END_TEST

static char *
long_row(size_t cells, size_t size, const char *end)
{
	char *text = malloc(cells * (size + 1) + 64);
	char *at = text;

	ck_assert_ptr_nonnull(text);
	at = stpcpy(at, "a,b\n");
	for (size_t i = 0; i < cells; i++) {
		if (i > 0)
			*at++ = ',';
		memset(at, 'x', size);
		at += size;
	}
	(void)strcpy(at, end);
	return text;
}

START_TEST(what_is_too_long_is_refused)
{
	static const struct {
		size_t cells, size;
		const char *rows;
	} rows[] = {
		{ 3, CSV_CELL_MAX,
		    "f: line 2: 3 cells, where the header has 2;3:[3][4];" },
		{ 2, CSV_CELL_MAX + 1,
		    "f: line 2: a cell of more than 64 KiB;3:[3][4];" },
		{ CSV_COLUMNS_MAX, 1,
		    "f: line 2: 512 cells, where the header has 2;3:[3][4];" },
		{ CSV_COLUMNS_MAX + 1, 1,
		    "f: line 2: more than 512 cells;3:[3][4];" },
		{ 100000, 0, "f: line 2: more than 512 cells;3:[3][4];" },
		{ 17, CSV_CELL_MAX,
		    "f: line 2: a row of more than 1 MiB; is a quote not "
		    "closed?;" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *text = long_row(rows[i].cells, rows[i].size, "\n3,4\n");

		reads_as(text, &plain, rows[i].rows);
		free(text);
	}
}
END_TEST

START_TEST(a_file_is_read_as_its_bytes_are_and_digested)
{
	char path[] = "/tmp/reeve-csv.XXXXXX";
	unsigned char digest[32];
	struct buf hex = buf_new(64);
	struct csv *c;
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "a,b\n1,2\n", 8), 8);
	(void)close(fd);
	ck_assert_ok(csv_open(&c, path, &plain, &e));
	ck_assert_int_eq(csv_next(c, &e), CSV_GOOD);
	ck_assert_int_eq(csv_next(c, &e), CSV_END);
	ck_assert_ok(csv_digest(c, digest, &e));
	enc_hex(&hex, digest, sizeof(digest));
	ck_assert_str_eq(buf_string(&hex),
	    "492d5ea496056f1a6a6592241032fab7"
	    "64c321596317930b4fa0e1e8bc3b7470");
	buf_free(&hex);
	csv_free(&c);
	(void)unlink(path);
	ck_assert_int_eq(csv_open(&c, path, &plain, &e), -1);
	ck_assert_int_eq(e.code, ERR_MISSING);
	ck_assert_int_eq(csv_open(&c, "/", &plain, &e), -1);
	ck_assert_str_eq(e.text, "/: is a directory");
}
END_TEST

/* Columns */

static const struct csv_field fields[] = {
	{ "name", "account|帳號", 1 },
	{ "employee", "employee number|員工編號|工號", 0 },
	{ "last_login", "最後登入", 0 },
};
#define FIELDS (sizeof(fields) / sizeof(*fields))

static int
mapped(const char *header, const char *columns, size_t place[FIELDS])
{
	static const struct conf_key key = { .arg = "64x128" };
	struct csv *c = opened(header, &plain);
	struct conf_list list;
	int result;

	ck_assert_ok(conf_set_list(&list, columns, &key, &e));
	result = csv_map(c, fields, FIELDS, &list, place, &e);
	csv_free(&c);
	return result;
}

START_TEST(columns_are_found_by_name)
{
	const size_t no = CSV_NOWHERE;
	const struct {
		const char *header, *columns;
		size_t place[FIELDS];
	} rows[] = {
		{ "name,employee,last_login", "", { 0, 1, 2 } },
		{ "Last Login,NAME", "", { 1, no, 0 } },
		{ "帳號,工號,最後登入,x", "", { 0, 1, 2 } },
		{ "帳號,員工編號,工號", "", { 0, 1, no } },
		{ "user,name", "name=user", { 0, no, no } },
		{ "User Id,name", "name=user_id", { 0, no, no } },
		{ "name,employee", "employee=-", { 0, no, no } },
		{ "name,employee", "last_login=employee", { 0, no, 1 } },
		{ "name,最近", "last_login=最近", { 0, no, 1 } },
		{ "name,,", "", { 0, no, no } },
	};
	size_t place[FIELDS];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		ck_assert_ok(mapped(rows[i].header, rows[i].columns, place));
		for (size_t f = 0; f < FIELDS; f++)
			ck_assert_uint_eq(place[f], rows[i].place[f]);
	}
}
END_TEST

START_TEST(a_column_that_is_not_there_is_an_error_with_the_header)
{
	static const struct {
		const char *header, *columns, *error;
	} rows[] = {
		{ "a,b", "",
		    "there is no column for \"name\"; the header is: a, b" },
		{ "name,b", "employee=emp",
		    "there is no column \"emp\"; the header is: name, b" },
		{ "name,name", "",
		    "there are two columns \"name\"; the header is: name, "
		    "name" },
		{ "name,x,X", "employee=x",
		    "there are two columns \"x\"; the header is: name, x, X" },
		{ "name,b", "nick=b",
		    "columns: \"nick=b\" is not FIELD=COLUMN, with a field of: "
		    "name employee last_login" },
		{ "name,b", "name",
		    "columns: \"name\" is not FIELD=COLUMN, with a field of: "
		    "name employee last_login" },
		{ "name,b", "employee=b,employee=name",
		    "columns: employee is given twice" },
		{ "name,b", "employee=",
		    "there is no column \"\"; the header is: name, b" },
		{ "name,b", "name=-",
		    "there is no column for \"name\"; the header is: name, "
		    "b" },
	};
	size_t place[FIELDS];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		ck_assert_int_eq(
		    mapped(rows[i].header, rows[i].columns, place), -1);
		ck_assert_int_eq(e.code, ERR_CONFIG);
		ck_assert_str_eq(e.text, rows[i].error);
	}
}
END_TEST

/* Dates */

START_TEST(dates_are_read)
{
	static const struct {
		const char *form;
		int64_t offset;
		const char *text;
		const char *time; /* NULL: refused */
	} rows[] = {
		{ "", 0, "2026-10-01", "2026-10-01T00:00:00.000000Z" },
		{ "", 28800, "2026-10-01", "2026-09-30T16:00:00.000000Z" },
		{ "", 0, "2026/10/1", "2026-10-01T00:00:00.000000Z" },
		{ "", 0, "2026.10.01", "2026-10-01T00:00:00.000000Z" },
		{ "", 0, "20261001", "2026-10-01T00:00:00.000000Z" },
		{ "", 0, "2026年10月1日", "2026-10-01T00:00:00.000000Z" },
		{ "", 28800, "2026-10-01T09:05:00Z",
		    "2026-10-01T09:05:00.000000Z" },
		{ "", 0, "2026-10-01T09:05:00.25+08:00",
		    "2026-10-01T01:05:00.000000Z" },
		{ "", 0, "2026-10-01 09:05:00+08",
		    "2026-10-01T01:05:00.000000Z" },
		{ "", 0, "2026-10-01 09:05 -0530",
		    "2026-10-01T14:35:00.000000Z" },
		{ "", 0, "20261001T090500Z", "2026-10-01T09:05:00.000000Z" },
		{ "", 28800, "2026/10/1 上午 09:05:00",
		    "2026-10-01T01:05:00.000000Z" },
		{ "", 0, "2026/10/1 下午 12:05:00",
		    "2026-10-01T12:05:00.000000Z" },
		{ "", 0, "2026/10/1 上午 12:05:00",
		    "2026-10-01T00:05:00.000000Z" },
		{ "", 0, "2026/10/1 1:05 PM", "2026-10-01T13:05:00.000000Z" },
		{ "", 0, "2028-02-29", "2028-02-29T00:00:00.000000Z" },
		{ "", 0, "9999-12-31", "9999-12-31T00:00:00.000000Z" },
		{ "", 0, "2026-02-29", NULL },
		{ "", 0, "2026-13-01", NULL },
		{ "", 0, "2026-00-01", NULL },
		{ "", 0, "2026-01-00", NULL },
		{ "", 0, "1899-12-31", NULL },
		{ "", 0, "2026-10-01 24:00", NULL },
		{ "", 0, "2026-10-01 下午 13:00", NULL },
		{ "", 0, "2026-10-01x", NULL },
		{ "", 0, "2026-10/01", NULL },
		{ "", 0, "10/01/2026", NULL },
		{ "", 0, "113/04/01", NULL },
		{ "", 0, "1130401", NULL },
		{ "", 0, "", NULL },
		{ "", 0, "0000-00-00", NULL },
		{ "", 0, "2026-10-01T09:05+15", NULL },
		{ "roc", 0, "113/04/01", "2024-04-01T00:00:00.000000Z" },
		{ "roc", 0, "民國113年4月1日", "2024-04-01T00:00:00.000000Z" },
		{ "roc", 0, "民國 99-12-31", "2010-12-31T00:00:00.000000Z" },
		{ "roc", 28800, "1130401", "2024-03-31T16:00:00.000000Z" },
		{ "roc", 0, "991231", "2010-12-31T00:00:00.000000Z" },
		{ "roc", 0, "113.4.1 09:05", "2024-04-01T09:05:00.000000Z" },
		{ "roc", 0, "2024-04-01", "2024-04-01T00:00:00.000000Z" },
		{ "roc", 0, "民國2024/04/01", NULL },
		{ "roc", 0, "113/02/30", NULL },
		{ "%d.%m.%Y", 0, "01.04.2024", "2024-04-01T00:00:00.000000Z" },
		{ "%d.%m.%Y", 0, "01.04.2024 ", NULL },
		{ "%d/%m/%Y %H:%M %z", 28800, "01/04/2024 10:00 +0100",
		    "2024-04-01T09:00:00.000000Z" },
		{ "%d.%m.%Y", 0, "31.02.2024", NULL },
	};
	struct buf time = buf_new(64);

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct csv_dates dates = { rows[i].form, rows[i].offset };
		int64_t when;
		int result = csv_date(&dates, rows[i].text, &when, &e);

		if (rows[i].time == NULL) {
			ck_assert_msg(result == -1, "%s", rows[i].text);
			ck_assert_int_eq(e.code, ERR_FORMAT);
			continue;
		}
		ck_assert_ok(result);
		/* Nanoseconds end in 2262. */
		if (when > INT64_MAX / NS)
			continue;
		buf_clear(&time);
		enc_time(&time, when * NS);
		ck_assert_str_eq(buf_string(&time), rows[i].time);
	}
	buf_free(&time);
}
END_TEST

START_TEST(zones_are_read)
{
	static const struct {
		const char *text;
		int64_t offset; /* -1: refused */
	} rows[] = {
		{ "Z", 0 },
		{ "+08:00", 28800 },
		{ "+0800", 28800 },
		{ "+08", 28800 },
		{ "-05:30", -19800 },
		{ "", -1 },
		{ "8", -1 },
		{ "+8", -1 },
		{ "+08:00x", -1 },
		{ "+15:00", -1 },
		{ "+08:60", -1 },
		{ "Asia/Taipei", -1 },
	};
	int64_t offset;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int result = csv_zone(rows[i].text, &offset, &e);

		ck_assert_int_eq(result, rows[i].offset == -1 ? -1 : 0);
		if (result == 0)
			ck_assert_int_eq(offset, rows[i].offset);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("csv");
	TCase *c = tcase_create("csv");

	tcase_add_test(c, rows_are_read_as_rfc_4180_says);
	tcase_add_test(
	    c, a_bad_row_is_refused_with_its_line_and_the_next_is_read);
	tcase_add_test(c, a_nul_byte_is_refused);
	tcase_add_test(c, an_open_quote_at_the_end_is_refused);
	tcase_add_test(c, other_delimiters_are_read);
	tcase_add_test(c, a_form_that_can_not_be_is_refused);
	tcase_add_test(c, big5_is_read_with_its_second_bytes);
	tcase_add_test(c, bytes_of_another_encoding_stop_the_reading);
	tcase_add_test(c, a_file_without_a_header_is_refused);
	tcase_add_test(c, what_is_too_long_is_refused);
	tcase_add_test(c, a_file_is_read_as_its_bytes_are_and_digested);
	tcase_add_test(c, columns_are_found_by_name);
	tcase_add_test(
	    c, a_column_that_is_not_there_is_an_error_with_the_header);
	tcase_add_test(c, dates_are_read);
	tcase_add_test(c, zones_are_read);
	suite_add_tcase(suite, c);
	return unit_run(suite);
}
