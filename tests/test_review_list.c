#include <check.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review/command.h"
#include "unit.h"

static struct err e;

static const struct list_column columns[] = {
	{ "name", "name", 8 },
	{ "note", "note", 0 },
	{ .name = NULL },
};

/* What a list of these rows is in a form; the caller frees. */
static char *
print(enum command_format format, const char *const (*rows)[2], size_t count)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	struct command_context c = {
		.out = out, .err = stderr, .format = format
	};
	struct list *list = NULL;

	ck_assert_ptr_nonnull(out);
	ck_assert_int_eq(list_begin(&list, &c, "people", columns, &e), 0);
	for (size_t i = 0; i < count; i++)
		list_row(list, rows[i]);
	ck_assert_int_eq(list_end(&list, &e), 0);
	ck_assert_int_eq(fclose(out), 0);
	return text;
}

static void
expect(enum command_format format, const char *name, const char *note,
    const char *wanted)
{
	const char *const rows[][2] = { { name, note } };
	char *text = print(format, rows, 1);

	ck_assert_str_eq(text, wanted);
	free(text);
}

START_TEST(a_cell_like_a_formula_is_disarmed_in_csv)
{
	static const struct {
		const char *value, *cell;
	} cases[] = {
		{ "=1+2", "'=1+2" },
		{ "+1", "'+1" },
		{ "-1", "'-1" },
		{ "@a", "'@a" },
		{ "\ta", "'\ta" },
		{ "\ra", "\"'\ra\"" },
		{ "=HYPERLINK(\"x\",\"y\")",
		    "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"" },
		{ "a=1", "a=1" },
		{ "a,b", "\"a,b\"" },
		{ "a\nb", "\"a\nb\"" },
	};
	char wanted[200];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(wanted, sizeof(wanted), "name,note\r\nx,%s\r\n",
		    cases[i].cell);
		expect(FORMAT_CSV, "x", cases[i].value, wanted);
	}
}
END_TEST

START_TEST(text_of_a_directory_cannot_act_on_the_terminal)
{
	expect(
	    FORMAT_TEXT, "a\x1b[2Jb", "c", "name      note\na\\u001b[2Jb  c\n");
	expect(FORMAT_TEXT, "\"q\\", "c", "name      note\n\"q\\       c\n");
}
END_TEST

/* What a terminal that a list goes to is sent: a row of that note. */
static void
expect_on_terminal(
    enum command_format format, const char *note, const char *wanted)
{
	const char *const row[] = { "a", note };
	struct command_context c = { .err = stderr, .format = format };
	struct list *list = NULL;
	char sent[512] = "";
	size_t length = 0;
	int master, slave;

	ck_assert_int_eq(openpty(&master, &slave, NULL, NULL, NULL), 0);
	c.out = fdopen(slave, "w");
	ck_assert_ptr_nonnull(c.out);
	ck_assert_int_eq(list_begin(&list, &c, "people", columns, &e), 0);
	list_row(list, row);
	ck_assert_int_eq(list_end(&list, &e), 0);
	/* It may come in pieces. */
	ck_assert_int_ge(fprintf(c.out, "the end\n"), 0);
	ck_assert_int_eq(fflush(c.out), 0);
	while (strstr(sent, "the end") == NULL) {
		ssize_t got =
		    read(master, sent + length, sizeof(sent) - 1 - length);

		ck_assert_int_gt(got, 0);
		length += (size_t)got;
		sent[length] = '\0';
	}
	ck_assert_ptr_nonnull(strstr(sent, wanted));
	ck_assert_ptr_null(strchr(sent, '\x1b'));
	ck_assert_ptr_null(strstr(sent, "\xc2\x9b"));
	(void)fclose(c.out);
	(void)close(master);
}

START_TEST(nor_in_any_form_of_a_list_that_goes_to_one)
{
	expect_on_terminal(FORMAT_CSV,
	    "b\x1b[2J\xc2\x9b"
	    "2J",
	    "a,b\\u001b[2J\\u009b2J\r");
	expect_on_terminal(FORMAT_JSON,
	    "b\x1b[2J\xc2\x9b"
	    "2J",
	    "b\\\\u001b[2J\\\\u009b2J");
	expect_on_terminal(FORMAT_XML,
	    "b\x1b[2J\xc2\x9b"
	    "2J",
	    "b\\u001b[2J\\u009b2J");
}
END_TEST

START_TEST(but_a_file_has_what_the_directory_has)
{
	expect(FORMAT_CSV, "x", "b\x1b[2J", "name,note\r\nx,b\x1b[2J\r\n");
}
END_TEST

START_TEST(wide_characters_take_two_columns)
{
	expect(FORMAT_TEXT, "帳號", "c", "name      note\n帳號      c\n");
}
END_TEST

START_TEST(not_recorded_is_told_from_empty)
{
	expect(FORMAT_TEXT, "x", NULL, "name      note\nx         -\n");
	expect(
	    FORMAT_JSON, "x", NULL, "[\n {\"name\":\"x\",\"note\":null}\n]\n");
	expect(FORMAT_XML, "x", NULL,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<list of=\"people\">\n <row><name>x</name></row>\n</list>\n");
}
END_TEST

START_TEST(xml_has_no_character_that_xml_cannot_hold)
{
	expect(FORMAT_XML, "<&>",
	    "a\x01"
	    "b",
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<list of=\"people\">\n <row><name>&lt;&amp;&gt;</name>"
	    "<note>a\xef\xbf\xbd"
	    "b</note></row>\n</list>\n");
	expect(FORMAT_XML, "\xef\xbf\xbe", "\xef\xbf\xbd\xef\xbf\xbf",
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<list of=\"people\">\n <row><name>\xef\xbf\xbd</name>"
	    "<note>\xef\xbf\xbd\xef\xbf\xbd</note></row>\n</list>\n");
}
END_TEST

START_TEST(a_line_that_is_cut_is_an_error_of_the_list)
{
	const size_t length = 2u << 20;
	char *name = malloc(length + 1);
	FILE *null = fopen("/dev/null", "w");
	struct command_context c = { .out = null, .err = stderr };
	struct list *list = NULL;

	ck_assert_ptr_nonnull(name);
	ck_assert_ptr_nonnull(null);
	memset(name, 'x', length);
	name[length] = '\0';
	for (int format = FORMAT_TEXT; format <= FORMAT_XML; format++) {
		const char *const row[] = { name, NULL };

		c.format = (enum command_format)format;
		ck_assert_int_eq(
		    list_begin(&list, &c, "people", columns, &e), 0);
		list_row(list, row);
		ck_assert_int_eq(list_end(&list, &e), -1);
	}
	free(name);
	ck_assert_int_eq(fclose(null), 0);
}
END_TEST

START_TEST(a_list_of_nothing_is_well_formed)
{
	static const struct {
		enum command_format format;
		const char *wanted;
	} cases[] = {
		{ FORMAT_TEXT, "name      note\n" },
		{ FORMAT_CSV, "name,note\r\n" },
		{ FORMAT_JSON, "[]\n" },
		{ FORMAT_XML,
		    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		    "<list of=\"people\">\n</list>\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = print(cases[i].format, NULL, 0);

		ck_assert_str_eq(text, cases[i].wanted);
		free(text);
	}
}
END_TEST

START_TEST(a_full_disk_is_an_error_of_the_list)
{
	FILE *full = fopen("/dev/full", "w");
	struct command_context c = { .out = full, .err = stderr };
	struct list *list = NULL;

	ck_assert_ptr_nonnull(full);
	ck_assert_int_eq(list_begin(&list, &c, "people", columns, &e), 0);
	ck_assert_int_eq(list_end(&list, &e), -1);
	ck_assert_ptr_null(list);
	(void)fclose(full);
}
END_TEST

START_TEST(of_two_statuses_the_graver_wins)
{
	static const int order[] = { STATUS_USAGE, STATUS_UNVERIFIED,
		STATUS_INCOMPLETE, STATUS_FOUND, STATUS_DONE };

	for (size_t i = 0; i < 5; i++)
		for (size_t k = i; k < 5; k++) {
			ck_assert_int_eq(
			    command_worse(order[i], order[k]), order[i]);
			ck_assert_int_eq(
			    command_worse(order[k], order[i]), order[i]);
		}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("list");
	TCase *tests = tcase_create("list");

	tcase_add_test(tests, a_cell_like_a_formula_is_disarmed_in_csv);
	tcase_add_test(tests, text_of_a_directory_cannot_act_on_the_terminal);
	tcase_add_test(tests, nor_in_any_form_of_a_list_that_goes_to_one);
	tcase_add_test(tests, but_a_file_has_what_the_directory_has);
	tcase_add_test(tests, wide_characters_take_two_columns);
	tcase_add_test(tests, not_recorded_is_told_from_empty);
	tcase_add_test(tests, xml_has_no_character_that_xml_cannot_hold);
	tcase_add_test(tests, a_line_that_is_cut_is_an_error_of_the_list);
	tcase_add_test(tests, a_list_of_nothing_is_well_formed);
	tcase_add_test(tests, a_full_disk_is_an_error_of_the_list);
	tcase_add_test(tests, of_two_statuses_the_graver_wins);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
