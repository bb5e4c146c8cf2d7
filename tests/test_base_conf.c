#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pamod/options.h"
#include "schema/base/conf.h"
#include "tests/unit.h"

static struct err e;

/* A configuration of every kind. */
struct sample {
	int64_t number;
	bool flag;
	int choice;
	char text[9];
	char path[17];
	struct conf_list list;
	int64_t seconds;
};

static const struct conf_key sample_keys[] = {
	{ "number", CONF_INT, offsetof(struct sample, number), "1-10", "3",
	    "a number" },
	{ "flag", CONF_BOOL, offsetof(struct sample, flag), NULL, "no",
	    "a flag" },
	{ "choice", CONF_CHOICE, offsetof(struct sample, choice),
	    "red|green|blue", "green", "a colour" },
	{ "text", CONF_TEXT, offsetof(struct sample, text), "8", "", "a text" },
	{ "path", CONF_PATH, offsetof(struct sample, path), "16", "/tmp",
	    "a path" },
	{ "list", CONF_LIST, offsetof(struct sample, list), "3x4", "a,b",
	    "a list" },
	{ "seconds", CONF_SECONDS, offsetof(struct sample, seconds), "5-7200",
	    "60", "a time" },
	{ .name = NULL },
};

static void *
sample_target(void *config, const char *instance, struct err *error)
{
	(void)instance;
	(void)error;
	return config;
}

static void *
named_target(void *config, const char *instance, struct err *error)
{
	if (strcmp(instance, "one") == 0)
		return config;
	err_set(error, ERR_CONFIG, "no room");
	return NULL;
}

static const struct conf_section sections[] = {
	{ "plain", "A section.", sample_keys, sample_target, false },
	{ "named", "One with a name.", sample_keys, named_target, true },
	{ .name = NULL },
};

static int
parse(struct sample *s, const char *text)
{
	ck_assert_ok(conf_preset(s, sample_keys, &e));
	e = (struct err){ 0 };
	return conf_parse(s, sections, text, strlen(text), "f", &e);
}

START_TEST(a_good_file_says_what_it_says)
{
	struct sample s;

	ck_assert_ok(parse(&s,
	    "# comment\n; another\n\n[plain]\nnumber = 10\n"
	    "flag=yes\nchoice  =  blue  \r\ntext = a b;c#d\n"
	    "path = /a/b..c\nlist = x, yy\n zzzz\n"
	    "seconds = 2h"));
	ck_assert_int_eq(s.number, 10);
	ck_assert(s.flag);
	ck_assert_int_eq(s.choice, 2);
	ck_assert_str_eq(s.text, "a b;c#d");
	ck_assert_str_eq(s.path, "/a/b..c");
	ck_assert_uint_eq(s.list.count, 3);
	ck_assert(conf_list_has(&s.list, "zzzz"));
	ck_assert(!conf_list_has(&s.list, "zz"));
	ck_assert_int_eq(s.seconds, 7200);
	ck_assert_ok(parse(&s, "\xef\xbb\xbf[named one]\nnumber=1"));
	ck_assert_int_eq(s.number, 1);
	ck_assert_ok(parse(&s, ""));
	ck_assert_int_eq(s.number, 3);
}
END_TEST

START_TEST(a_bad_file_is_refused_with_file_and_line)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
		{ "number = 3", "f:1: unknown section []" },
		{ "[plain]\nnumbr = 3",
		    "f:2: unknown key \"numbr\" in [plain]" },
		{ "[plian]\nnumber = 3", "f:2: unknown section [plian]" },
		{ "[plain]\nnumber = 3\nnumber = 3",
		    "f:3: \"number\" is given" },
		{ "[plain]\nnumber = 11", "f:2: number: must be a number of" },
		{ "[plain]\nnumber = 0", "f:2: number" },
		{ "[plain]\nnumber = -1", "f:2: number" },
		{ "[plain]\nnumber = 1x", "f:2: number" },
		{ "[plain]\nnumber = 99999999999999999999", "f:2: number" },
		{ "[plain]\nnumber =", "f:2: number" },
		{ "[plain]\nnumber", "f:2: neither" },
		{ "[plain]\nflag = true", "f:2: flag: must be yes or no" },
		{ "[plain]\nflag = Yes", "f:2: flag" },
		{ "[plain]\nchoice = gree", "f:2: choice: must be one of red" },
		{ "[plain]\nchoice = red|green", "f:2: choice" },
		{ "[plain]\nchoice =", "f:2: choice" },
		{ "[plain]\ntext = 123456789", "f:2: text: longer than 8" },
		{ "[plain]\ntext = a\001b", "f:2: text: control" },
		{ "[plain]\ntext = a\xff", "f: not UTF-8" },
		{ "[plain]\ntext = a ;b", "f:2: a comment needs" },
		{ "[plain]\ntext = a\t;b", "f:2: a comment needs" },
		{ "[plain]\ntext = ;b", "f:2: a comment needs" },
		{ "[plain] ; comment\n", "f:1: a comment needs" },
		{ "[plain] junk\n", "f:1: something behind" },
		{ "[plain\nnumber = 1", "f:1: something behind" },
		{ "[plain]\npath = a/b", "f:2: path: must be an absolute" },
		{ "[plain]\npath = /a/../b", "f:2: path: must be an absolute" },
		{ "[plain]\npath = /a/..", "f:2: path: must be an absolute" },
		{ "[plain]\nlist = a b c d", "f:2: list: more than 3 words" },
		{ "[plain]\nlist = abcde", "f:2: list: a word of more than 4" },
		{ "[plain]\nlist = \"a b", "f:2: list: a quote that is not" },
		{ "[plain]\nlist = \"a\"b", "f:2: list: a quote that is not" },
		{ "[plain]\nlist = a,\"\"", "f:2: list: an empty word" },
		{ "[plain]\nlist = a\nnumber = 1\nlist = b",
		    "f:4: \"list\" is given" },
		{ "[plain]\nseconds = 4", "f:2: seconds: must be a time" },
		{ "[plain]\nseconds = 3h", "f:2: seconds" },
		{ "[plain]\nseconds = 99999999999999999d", "f:2: seconds" },
		{ "[plain]\nseconds = 5 m", "f:2: seconds" },
		{ "[plain]\nseconds = m", "f:2: seconds" },
		{ "[plain x]\nnumber = 1", "f:2: unknown section" },
		{ "[named]\nnumber = 1", "f:2: unknown section" },
		{ "[named two]\nnumber = 1", "f:2: [named two]: no room" },
		{ "[named o/e]\nnumber = 1", "f:2: unknown section" },
		{ "[named a b]\nnumber = 1", "f:2: unknown section" },
	};
	struct sample s;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		ck_assert_msg(
		    parse(&s, rows[i].text) == -1, "%s", rows[i].text);
		ck_assert_int_eq(e.code, ERR_CONFIG);
		ck_assert_msg(
		    strncmp(e.text, rows[i].error, strlen(rows[i].error)) == 0,
		    "%s\nis %s\nnot %s", rows[i].text, e.text, rows[i].error);
	}
	ck_assert_int_eq(
	    conf_parse(&s, sections, "[plain]\ntext=a\0b", 16, "f", &e), -1);
}
END_TEST

START_TEST(a_line_has_a_bound)
{
	char text[256] = "[plain]\n#";
	struct sample s;

	memset(text + 9, 'x', CONF_LINE_MAX - 1);
	ck_assert_ok(parse(&s, text));
	text[9 + CONF_LINE_MAX - 1] = 'x';
	ck_assert_int_eq(parse(&s, text), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "f:2: too long"));
}
END_TEST

START_TEST(an_argument_is_as_good_as_a_line)
{
	static const struct {
		const char *argument;
		int result;
	} rows[] = {
		{ "plain.number=7", 1 },
		{ "named.one.number=7", 1 },
		{ "plain.text=a=b.c", 1 },
		{ "debug", 0 },
		{ "a=b", 0 },
		{ "a=b.c", 0 },
		{ "plain.number", 0 },
		{ "plain.number=11", -1 },
		{ "plain.numbr=7", -1 },
		{ "plan.number=7", -1 },
		{ "plain.one.number=7", -1 },
		{ "named.number=7", -1 },
		{ "named..number=7", -1 },
		{ "named.two.number=7", -1 },
		{ "named.o e.number=7", -1 },
		{ "plain.text= a", -1 },
		{ "plain.text=a ", -1 },
		{ "plain.text=a ;b", -1 },
		{ "plain.text=;b", -1 },
		{ "plain.text=a\nb", -1 },
		{ "plain.list=a,;b", -1 },
		{ "plain.list=#", -1 },
		{ "plain.list=a,[b", -1 }, /* found by libFuzzer */
		{ "plain.list=a\"", -1 },  /* likewise */
		{ ".=", -1 },
	};
	struct sample s;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		ck_assert_ok(conf_preset(&s, sample_keys, &e));
		e = (struct err){ 0 };
		ck_assert_msg(conf_argument(&s, sections, rows[i].argument,
		                  &e) == rows[i].result,
		    "%s: %s", rows[i].argument, e.text);
		if (rows[i].result == -1)
			ck_assert_int_eq(e.code, ERR_CONFIG);
	}
}
END_TEST

/* A value other than the preset, as the kind of the row allows. */
static void
other_value(const struct conf_key *key, char *out, size_t size)
{
	char *end;

	if (key->set == conf_set_bool)
		(void)snprintf(out, size, "%s",
		    strcmp(key->preset, "yes") == 0 ? "no" : "yes");
	else if (key->set == conf_set_choice) {
		(void)snprintf(out, size, "%s", key->arg);
		out[strcspn(out, "|")] = '\0';
		if (strcmp(out, key->preset) == 0) {
			(void)snprintf(out, size, "%s",
			    key->arg + strcspn(key->arg, "|") + 1);
			out[strcspn(out, "|")] = '\0';
		}
	} else if (key->set == conf_set_int || key->set == conf_set_seconds) {
		long low = strtol(key->arg, &end, 10);
		long high = strtol(end + 1, NULL, 10);
		struct buf b = buf_new(64);
		int64_t preset;

		ck_assert_ok(key->set(&preset, key->preset, key, &e));
		(void)snprintf(out, size, "%ld", preset == low ? high : low);
		buf_free(&b);
	} else if (key->set == conf_set_text)
		(void)snprintf(out, size, "z");
	else if (key->set == conf_set_path)
		(void)snprintf(out, size, "/z");
	else if (key->set == conf_set_list)
		(void)snprintf(out, size, "z1,z2");
	else
		(void)snprintf(out, size, "none"); /* password.classes */
}

static void
value_of(const void *target, const struct conf_key *key, struct buf *b)
{
	buf_clear(b);
	key->get((const char *)target + key->offset, key, b);
	ck_assert_ok(buf_status(b, &e));
}

/* Changes one key; that one, and no other of the section, reads otherwise. */
static void
change_one(struct options *o, const struct conf_section *section,
    const struct conf_key *key)
{
	struct options *fresh = options_new(&e);
	struct buf before = buf_new(CONF_LIST_SIZE);
	struct buf after = buf_new(CONF_LIST_SIZE);
	void *was = section->target(fresh, section->named ? "zz" : "", &e);
	void *is = section->target(o, section->named ? "zz" : "", &e);
	char argument[256];
	char value[128];

	other_value(key, value, sizeof(value));
	(void)snprintf(argument, sizeof(argument), "%s%s.%s=%s", section->name,
	    section->named ? ".zz" : "", key->name, value);
	ck_assert_msg(conf_argument(o, options_sections, argument, &e) == 1,
	    "%s: %s", argument, e.text);
	for (const struct conf_key *k = section->keys; k->name != NULL; k++) {
		value_of(was, k, &before);
		value_of(is, k, &after);
		ck_assert_msg((strcmp(buf_string(&before),
		                   buf_string(&after)) != 0) == (k == key),
		    "%s changes %s", argument, k->name);
	}
	buf_free(&before);
	buf_free(&after);
	options_free(&fresh);
}

START_TEST(each_option_is_its_own_field)
{
	size_t count = 0;

	for (const struct conf_section *s = options_sections; s->name != NULL;
	     s++)
		for (const struct conf_key *k = s->keys; k->name != NULL; k++) {
			struct options *o = options_new(&e);

			ck_assert_ptr_nonnull(o);
			change_one(o, s, k);
			options_free(&o);
			count++;
		}
	ck_assert_uint_gt(count, 40);
}
END_TEST

START_TEST(what_is_printed_is_read_back_the_same)
{
	struct options *o = options_new(&e);
	char argument[256];
	char value[128];

	for (const struct conf_section *s = options_sections; s->name != NULL;
	     s++)
		for (const struct conf_key *k = s->keys; k->name != NULL; k++) {
			other_value(k, value, sizeof(value));
			(void)snprintf(argument, sizeof(argument), "%s%s.%s=%s",
			    s->name, s->named ? ".new" : "", k->name, value);
			ck_assert_int_eq(
			    conf_argument(o, options_sections, argument, &e),
			    1);
		}
	for (int help = 0; help < 2; help++) {
		struct options *again = options_new(&e);
		struct buf first = buf_new(CONF_FILE_MAX);
		struct buf second = buf_new(CONF_FILE_MAX);

		options_print(o, help == 1, &first);
		ck_assert_ok(conf_parse(again, options_sections,
		    buf_string(&first), first.length, "printed", &e));
		options_print(again, help == 1, &second);
		ck_assert_str_eq(buf_string(&first), buf_string(&second));
		buf_free(&first);
		buf_free(&second);
		options_free(&again);
	}
	options_free(&o);
}
END_TEST

START_TEST(a_word_in_quotes_may_have_blanks_and_commas)
{
	static const struct conf_key key = { "list", CONF_LIST, 0, "9x30", "",
		"names" };
	struct conf_list list;
	struct buf b = buf_new(100);

	ck_assert_ok(conf_set_list(
	    &list, "\"Domain Admins\", wheel \"cn=a,dc=b\"", &key, &e));
	ck_assert_uint_eq(list.count, 3);
	ck_assert(conf_list_has(&list, "Domain Admins"));
	ck_assert(conf_list_has(&list, "cn=a,dc=b"));
	conf_get_list(&list, &key, &b);
	ck_assert_str_eq(
	    buf_string(&b), "\"Domain Admins\",wheel,\"cn=a,dc=b\"");
	buf_free(&b);
}
END_TEST

START_TEST(a_long_list_is_printed_on_lines_that_are_read)
{
	static const struct conf_key key = { "list", CONF_LIST, 0, "256x64", "",
		"long" };
	static const struct conf_key keys[] = {
		{ "list", CONF_LIST, 0, "256x64", "", "long" },
		{ .name = NULL },
	};
	static const struct conf_section long_sections[] = {
		{ "plain", "A section.", keys, sample_target, false },
		{ .name = NULL },
	};
	struct conf_list list;
	struct conf_list again;
	struct buf text = buf_new(CONF_FILE_MAX);
	struct buf value = buf_new(CONF_LIST_SIZE);

	for (unsigned length = 1; length <= 64; length++) {
		buf_clear(&value);
		for (unsigned i = 0; i < 30; i++)
			buf_printf(&value, "%s%0*u", i == 0 ? "" : ",",
			    (int)length, i % 9);
		memset(&list, 0, sizeof(list)); /* what is behind is anything */
		ck_assert_ok(
		    conf_set_list(&list, buf_string(&value), &key, &e));
		buf_clear(&text);
		conf_print(&list, long_sections, NULL, false, &text);
		memset(&again, 0, sizeof(again));
		ck_assert_msg(conf_parse(&again, long_sections,
		                  buf_string(&text), text.length, "f", &e) == 0,
		    "%u: %s", length, e.text);
		ck_assert_int_eq(memcmp(&list, &again, sizeof(list)), 0);
	}
	buf_free(&text);
	buf_free(&value);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("base_conf");
	TCase *tests = tcase_create("base_conf");

	tcase_add_test(tests, a_good_file_says_what_it_says);
	tcase_add_test(tests, a_bad_file_is_refused_with_file_and_line);
	tcase_add_test(tests, a_line_has_a_bound);
	tcase_add_test(tests, an_argument_is_as_good_as_a_line);
	tcase_add_test(tests, each_option_is_its_own_field);
	tcase_add_test(tests, what_is_printed_is_read_back_the_same);
	tcase_add_test(tests, a_word_in_quotes_may_have_blanks_and_commas);
	tcase_add_test(tests, a_long_list_is_printed_on_lines_that_are_read);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
