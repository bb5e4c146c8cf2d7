#include <check.h>
#include <fcntl.h>
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review/report_internal.h"
#include "review/spreadsheet.h"
#include "schema/base/file.h"
#include "tests/unit.h"

#define HEAD                                                                   \
	"<xsl:stylesheet version='1.0' "                                       \
	"xmlns:xsl='http://www.w3.org/1999/XSL/Transform' "                    \
	"xmlns:ev='urn:reeve:evidence:1' exclude-result-prefixes='ev'>"
#define FOOT "</xsl:stylesheet>"

static struct err e;
static char folder[] = "/tmp/reeve-report-XXXXXX";

/* ---- Stylesheets ---- */

/* What a template says of that document, or the error's text. */
static const char *
said_of(const char *document, const char *top, const char *body)
{
	static char said[1024];
	struct buf text = buf_new(4096);
	struct report_sheets *sheets;
	xmlDoc *input =
	    xmlReadMemory(document, (int)strlen(document), NULL, NULL, 0);
	xmlDoc *result = NULL;
	xmlChar *content;

	ck_assert_ok(report_sheets_new(&sheets, &e));
	buf_printf(&text,
	    HEAD "%s<xsl:template match='/'><p>%s</p>"
	         "</xsl:template>" FOOT,
	    top, body);
	if (report_sheet_add(sheets, "it", buf_string(&text), &e) == -1 ||
	    report_sheet_apply(sheets, "it", input, &result, &e) == -1)
		(void)snprintf(said, sizeof(said), "%s", e.text);
	else {
		content = xmlNodeGetContent(xmlDocGetRootElement(result));
		(void)snprintf(said, sizeof(said), "%s", (char *)content);
		xmlFree(content);
	}
	xmlFreeDoc(result);
	xmlFreeDoc(input);
	report_sheets_free(&sheets);
	ck_assert_ptr_null(sheets);
	buf_free(&text);
	return said;
}

static const char *
said_by(const char *top, const char *body)
{
	return said_of("<a/>", top, body);
}

START_TEST(a_stylesheet_includes_what_is_compiled_in)
{
	ck_assert_str_eq(
	    said_by("<xsl:import href='common.xsl'/>",
	        "<xsl:call-template name='roc'><xsl:with-param name='day'>"
	        "2026-10-01</xsl:with-param></xsl:call-template>"),
	    "2026-10-01");
}
END_TEST

static const char *const elsewhere[] = { "/etc/passwd", "../schema/store.sql",
	"file:///etc/passwd", "http://192.0.2.1/x.xsl", "nothing.xsl",
	"../review/rules/AR-101-dormant.sql" };

START_TEST(and_nothing_else)
{
	struct buf top = buf_new(1024);

	buf_printf(&top, "<xsl:include href='%s'/>", elsewhere[_i]);
	ck_assert_ptr_nonnull(
	    strstr(said_by(buf_string(&top), ""), "reports/it.xsl: "));
	buf_free(&top);
}
END_TEST

START_TEST(no_document_is_read_while_it_works)
{
	struct buf body = buf_new(1024);
	const char *said;

	buf_printf(&body, "[<xsl:value-of select=\"document('%s')\"/>]",
	    elsewhere[_i]);
	said = said_by("", buf_string(&body));
	ck_assert_msg(strstr(said, "root:") == NULL, "%s", said);
	ck_assert_msg(strncmp(said, "[]", 2) == 0 ||
	        strncmp(said, "reports/it.xsl: ", 16) == 0,
	    "%s", said);
	buf_free(&body);
}
END_TEST

START_TEST(no_document_is_written)
{
	char path[128];
	struct buf body = buf_new(1024);

	(void)snprintf(path, sizeof(path), "%s/written", folder);
	buf_printf(&body,
	    "<xsl:document xmlns:xsl='http://www.w3.org/1999/XSL/Transform' "
	    "href='%s'><b/></xsl:document>",
	    path);
	(void)said_by("", buf_string(&body));
	ck_assert_int_eq(access(path, F_OK), -1);
	buf_free(&body);
}
END_TEST

START_TEST(templates_that_never_end_are_stopped)
{
	ck_assert_ptr_nonnull(strstr(
	    said_by("<xsl:template name='x'><xsl:call-template name='x'/>"
	            "</xsl:template>",
	        "<xsl:call-template name='x'/>"),
	    "reports/it.xsl: "));
}
END_TEST

START_TEST(every_page_compiles)
{
	static const char *const pages[] = { "index", "worklist", "reviewer",
		"account", "list" };
	struct report_sheets *sheets;
	xmlDoc *input = xmlReadMemory("<a/>", 4, NULL, NULL, 0), *result;

	ck_assert_ok(report_sheets_new(&sheets, &e));
	ck_assert_ok(report_sheet_apply(sheets, pages[_i], input, &result, &e));
	xmlFreeDoc(result);
	xmlFreeDoc(input);
	report_sheets_free(&sheets);
}
END_TEST

/* ---- Times ---- */

#define TAIPEI "2026-09-30T16:00:00Z"

static const struct {
	const char *from, *at, *said;
} times[] = {
	{ TAIPEI, "2026-09-30T16:00:00Z", "2026-10-01 00:00 UTC+8" },
	{ TAIPEI, "2026-12-31T16:00:00Z", "2027-01-01 00:00 UTC+8" },
	{ TAIPEI, "2026-12-31T15:59:59Z", "2026-12-31 23:59 UTC+8" },
	{ TAIPEI, "2028-02-28T16:00:00Z", "2028-02-29 00:00 UTC+8" },
	{ TAIPEI, "2028-02-29T16:00:00Z", "2028-03-01 00:00 UTC+8" },
	{ TAIPEI, "2100-02-28T16:00:00Z", "2100-03-01 00:00 UTC+8" },
	{ TAIPEI, "2026-06-15T03:04:05Z", "2026-06-15 11:04 UTC+8" },
	{ "2026-10-01T00:00:00Z", "2026-06-15T03:04:05Z",
	    "2026-06-15 03:04 UTC" },
	{ "2026-09-30T18:30:00Z", "2026-12-31T18:45:00Z",
	    "2027-01-01 00:15 UTC+5:30" },
	{ "2026-10-01T03:30:00Z", "2028-03-01T03:29:00Z",
	    "2028-02-29 23:59 UTC\xe2\x88\x92"
	    "3:30" },
	{ "2026-10-01T05:00:00Z", "2027-01-01T04:00:00Z",
	    "2026-12-31 23:00 UTC\xe2\x88\x92"
	    "5" },
};

START_TEST(times_are_of_the_zone_that_the_packs_days_begin_in)
{
	struct buf body = buf_new(2048), input = buf_new(512);

	buf_printf(&input,
	    "<input xmlns='urn:reeve:evidence:1'><manifest from='%s'/>"
	    "</input>",
	    times[_i].from);
	buf_printf(&body,
	    "<xsl:call-template name='date'><xsl:with-param name='at'>%s"
	    "</xsl:with-param></xsl:call-template><xsl:text> </xsl:text>"
	    "<xsl:call-template name='zone'/>",
	    times[_i].at);
	ck_assert_str_eq(
	    said_of(buf_string(&input), "<xsl:import href='common.xsl'/>",
	        buf_string(&body)),
	    times[_i].said);
	buf_free(&body);
	buf_free(&input);
}
END_TEST

START_TEST(a_period_ends_with_its_last_day)
{
	ck_assert_str_eq(
	    said_of(
	        "<input xmlns='urn:reeve:evidence:1'><manifest from='" TAIPEI
	        "' to='2026-12-31T16:00:00Z'/></input>",
	        "<xsl:import href='common.xsl'/>",
	        "<xsl:call-template name='period'/>"),
	    "2026-10-01period.to2026-12-31");
}
END_TEST

/* ---- Rows ---- */

static struct pack_schema *schema;

static struct pack_row
row_of(const char *class)
{
	struct pack_row row = { .class = pack_schema_find(schema, class) };

	ck_assert_ptr_nonnull(row.class);
	return row;
}

START_TEST(rows_put_aside_come_back_and_are_kept_once)
{
	struct report_rows rows;
	struct pack_row row = row_of("source"), back;
	struct report_pick all = { .class = row.class, .limit = 2 };
	struct report_pick some = { .class = row.class, .limit = 10 };

	ck_assert_ok(report_rows_new(&rows, folder, &e));
	for (int i = 0; i < 3; i++) {
		row.values[1] = i == 1 ? "" : "a name";
		row.values[2] = i == 1 ? NULL : "ldap://<&>";
		report_rows_next(&rows);
		ck_assert_ok(report_keep(&rows, &all, &row, &e));
		ck_assert_ok(report_keep(&rows, &some, &row, &e));
	}
	ck_assert_int_eq(all.total, 3);
	ck_assert_uint_eq(all.count, 2);
	ck_assert_uint_eq(some.count, 3);
	ck_assert_uint_eq(all.at[1], some.at[1]);
	ck_assert_ok(report_kept(&rows, &some, 1, &back, &e));
	ck_assert_str_eq(back.values[1], "");
	ck_assert_ptr_null(back.values[2]);
	ck_assert_ok(report_kept(&rows, &some, 2, &back, &e));
	ck_assert_str_eq(back.values[1], "a name");
	ck_assert_str_eq(back.values[2], "ldap://<&>");
	report_pick_free(&all);
	report_pick_free(&some);
	report_rows_free(&rows);
}
END_TEST

/* ---- Lists ---- */

static const char summary[] =
    "<summary xmlns='urn:reeve:evidence:1' version='1' pack='1'>"
    "<tally id='findings' class='finding' by='status severity' count='3' "
    "truncated='false'><cell a='open' b='high' count='2'/>"
    "<cell a='open' b='low' count='1'/></tally></summary>";

static const struct {
	const char *tally, *cell;
	bool good;
} links[] = { { "findings", "0", true }, { "findings", "1", true },
	{ "findings", "a2", true }, { "findings", "abc1", true },
	{ "findings", "3", false }, { "findings", "01", false },
	{ "findings", "-1", false }, { "findings", "d1", false },
	{ "findings", "../../x", false }, { "findings", "a", false },
	{ "findings", "1 ", false },
	{ "findings", "99999999999999999999999999999999999999999", false },
	{ "finding", "1", false } };

START_TEST(a_link_names_a_list_that_there_is)
{
	struct report_pack pack = { .folder = -1, .schema = schema };
	struct report_lists *lists;
	struct report_rows rows;
	struct buf html = buf_new(1024);
	xmlDoc *page;
	int got;

	pack.summary_xml = xmlReadMemory(
	    summary, (int)strlen(summary), NULL, NULL, XML_PARSE_NOBLANKS);
	ck_assert_ok(report_rows_new(&rows, folder, &e));
	ck_assert_ok(report_lists_new(&lists, &pack, &rows, &e));
	buf_printf(&html,
	    "<p><b><a href='x' data-tally='%s' data-cell='%s'>2</a></b>"
	    "<a data-tally='none' data-cell='no-link'>0</a></p>",
	    links[_i].tally, links[_i].cell);
	page = xmlReadMemory((const char *)html.data, (int)html.length, NULL,
	    NULL, XML_PARSE_NOBLANKS);
	got = report_lists_want(lists, page, &e);
	ck_assert_msg(
	    got == (links[_i].good ? 0 : -1), "%s: %s", links[_i].cell, e.text);
	xmlFreeDoc(page);
	report_lists_free(&lists);
	report_rows_free(&rows);
	xmlFreeDoc(pack.summary_xml);
	buf_free(&html);
}
END_TEST

/* ---- XLSX ---- */

static int
see_cells(void *context, const struct spreadsheet_row *row, struct err *error)
{
	struct buf *b = context;

	(void)error;
	if (row->number > 1)
		buf_printf(b, "%s|%zu|%.4s|%s;", row->cells[1],
		    strlen(row->cells[2]),
		    row->cells[2] + strlen(row->cells[2]) - 4, row->cells[3]);
	return 0;
}

START_TEST(cells_are_never_formulas_and_long_ones_say_that_they_are_cut)
{
	struct pack_row row = row_of("source");
	struct report_xlsx *x;
	struct buf seen = buf_new(4096), bytes = buf_new(1u << 20);
	char path[128], text[40001];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/t.xlsx", folder);
	/* Three bytes each: 32000 is within one of them. */
	for (size_t i = 0; i + 3 < sizeof(text); i += 3)
		memcpy(text + i, "\xe6\x9e\x97", 4);
	row.values[0] = "1";
	row.values[1] = "=1+1";
	row.values[2] = text;
	row.values[3] = "@x";
	ck_assert_ok(report_xlsx_new(&x, path, folder, row.class, &e));
	ck_assert_ok(report_xlsx_row(x, &row, &e));
	ck_assert_ok(report_xlsx_end(&x, &e));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	ck_assert_ok(file_read(fd, &bytes, &e));
	file_close(&fd);
	ck_assert_ok(
	    spreadsheet_read(bytes.data, bytes.length, see_cells, &seen, &e));
	ck_assert_str_eq(buf_string(&seen), "=1+1|32004|...]|@x;");
	buf_free(&seen);
	buf_free(&bytes);
}
END_TEST

/* ---- The folder ---- */

START_TEST(a_report_is_written_over_nothing)
{
	struct report_wanted wanted = { .folder = "/nonexistent",
		.out = folder,
		.en = true,
		.banner = "" };
	struct report_made made;
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/file", folder);
	(void)close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	ck_assert_fails(report_make(&wanted, &made, &e), ERR_USAGE);
	(void)unlink(path);
}
END_TEST

static void
set_up(void)
{
	ck_assert_ok(pack_schema_load(&schema, &e));
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void
tear_down(void)
{
	static const char *const made[] = { "t.xlsx", "file" };
	char path[128];

	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, made[i]);
		(void)unlink(path);
	}
	(void)rmdir(folder);
	pack_schema_free(&schema);
}

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

int
main(void)
{
	Suite *suite = suite_create("report");
	TCase *c = tcase_create("report");

	tcase_set_timeout(c, 60);
	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, a_stylesheet_includes_what_is_compiled_in);
	tcase_add_loop_test(c, and_nothing_else, 0, COUNT(elsewhere));
	tcase_add_loop_test(
	    c, no_document_is_read_while_it_works, 0, COUNT(elsewhere));
	tcase_add_test(c, no_document_is_written);
	tcase_add_test(c, templates_that_never_end_are_stopped);
	tcase_add_loop_test(c, every_page_compiles, 0, 5);
	tcase_add_loop_test(c,
	    times_are_of_the_zone_that_the_packs_days_begin_in, 0,
	    COUNT(times));
	tcase_add_test(c, a_period_ends_with_its_last_day);
	tcase_add_test(c, rows_put_aside_come_back_and_are_kept_once);
	tcase_add_loop_test(
	    c, a_link_names_a_list_that_there_is, 0, COUNT(links));
	tcase_add_test(
	    c, cells_are_never_formulas_and_long_ones_say_that_they_are_cut);
	tcase_add_test(c, a_report_is_written_over_nothing);
	suite_add_tcase(suite, c);
	return unit_run(suite);
}
