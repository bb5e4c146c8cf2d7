#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "review/config.h"
#include "unit.h"

static struct err e;
static char path[] = "/tmp/reeve-config-XXXXXX";

static struct review_config *
load(const char *text)
{
	struct review_config *c;
	char name[sizeof(path)];
	int fd;

	memcpy(name, path, sizeof(path));
	fd = mkstemp(name);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	ck_assert_int_eq(close(fd), 0);
	c = config_load(name, true, &e);
	ck_assert_int_eq(unlink(name), 0);
	return c;
}

START_TEST(without_a_file_all_is_preset)
{
	struct review_config *c =
	    config_load("/nonexistent/review.conf", false, &e);
	struct source_settings s;

	ck_assert_ptr_nonnull(c);
	ck_assert_str_eq(c->profile, "house");
	ck_assert_int_eq(config_source(c, "ldif:/tmp/a.ldif", &s, &e), 0);
	ck_assert_str_eq(s.url, "ldif:/tmp/a.ldif");
	ck_assert_int_eq(s.page_size, 1000);
	ck_assert_int_eq(s.system_class, CLASS_CORE);
	config_free(&c);
	ck_assert_ptr_null(c);
}
END_TEST

START_TEST(a_file_that_is_named_must_be_there)
{
	ck_assert_ptr_null(config_load("/nonexistent/review.conf", true, &e));
	ck_assert_int_eq(e.code, ERR_MISSING);
}
END_TEST

START_TEST(a_source_is_found_by_its_name)
{
	struct review_config *c = load("[review]\nprofile = tw-twse\n"
	                               "[source corp]\n"
	                               "url = ldaps://dc1.example.tw\n"
	                               "system_class = other\n"
	                               "page_size = 500\n"
	                               "timeout = 2m\n"
	                               "[source hr]\nurl = csv:/srv/hr.csv\n"
	                               "columns = \"name=員工 姓名\"\n");
	struct source_settings s;

	ck_assert_msg(c != NULL, "%s", e.text);
	ck_assert_uint_eq(c->source_count, 2);
	ck_assert_int_eq(config_source(c, "corp", &s, &e), 0);
	ck_assert_str_eq(s.url, "ldaps://dc1.example.tw");
	ck_assert_int_eq(s.system_class, CLASS_OTHER);
	ck_assert_int_eq(s.page_size, 500);
	ck_assert_int_eq(s.timeout, 120);
	ck_assert_int_eq(config_source(c, "hr", &s, &e), 0);
	ck_assert(conf_list_has(&s.columns, "name=員工 姓名"));
	config_free(&c);
}
END_TEST

START_TEST(what_is_wrong_is_told_with_its_line)
{
	static const struct {
		const char *text, *wanted;
	} cases[] = {
		{ "[source a]\nurl = x\npassword = y\n", ":3: unknown key" },
		{ "[source a]\npage_size = 0\n", ":2: page_size" },
		{ "[source a]\ntls = none\n[source b]\ntls = none\n"
		  "[source a]\ntls = none\n",
		    "there already" },
		{ "[source a:b]\ntls = none\n", "unknown section" },
		{ "[other]\nx = y\n", ":2: unknown section" },
		{ "[source a]\ntls = maybe\n", ":2: tls" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_ptr_null(load(cases[i].text));
		ck_assert_msg(strstr(e.text, cases[i].wanted) != NULL,
		    "%zu: %s", i, e.text);
	}
}
END_TEST

START_TEST(a_source_without_url_is_refused)
{
	struct review_config *c = load("[source corp]\ntls = none\n");
	struct source_settings s;

	ck_assert_ptr_nonnull(c);
	ck_assert_int_eq(config_source(c, "corp", &s, &e), -1);
	ck_assert_str_eq(e.text, "source corp: url is missing");
	config_free(&c);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config");
	TCase *tests = tcase_create("config");

	tcase_add_test(tests, without_a_file_all_is_preset);
	tcase_add_test(tests, a_file_that_is_named_must_be_there);
	tcase_add_test(tests, a_source_is_found_by_its_name);
	tcase_add_test(tests, what_is_wrong_is_told_with_its_line);
	tcase_add_test(tests, a_source_without_url_is_refused);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
