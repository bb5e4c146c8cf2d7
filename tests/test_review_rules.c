/*
 * Every rule against facts of its own: tests/rules/ID/facts.sql, laid over
 * tests/rules/base.sql, and ID/expected.csv with all it must say, no more and
 * no less. A rule without both fails.
 */
#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review/config.h"
#include "review/rule.h"
#include "review/store.h"
#include "schema/base/buf.h"

#define NOW  INT64_C(1796083200) /* 2026-12-01T00:00:00Z */
#define DAY  86400
#define ROOM (1024u * 1024)

static struct err e;
static char folder[] = "/tmp/reeve-rules-XXXXXX";
static char path[64];
static struct store *db;
static struct rule_set *rules;
static struct review_config *config;

#define ck_assert_ok(expression)                                               \
	ck_assert_msg((expression) == 0, "%s: %s", #expression, e.text)

static void
ago(sqlite3_context *context, int count, sqlite3_value **values)
{
	(void)count;
	sqlite3_result_int64(
	    context, NOW - (int64_t)(sqlite3_value_double(values[0]) * DAY));
}

static void
day(sqlite3_context *context, int count, sqlite3_value **values)
{
	(void)count;
	sqlite3_result_int64(
	    context, NOW / DAY - sqlite3_value_int64(values[0]));
}

static void
setup(void)
{
	memset(&e, 0, sizeof(e));
	(void)strcpy(strrchr(folder, '-'), "-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/review.db", folder);
	ck_assert_ok(store_open(&db, path, STORE_WRITE, &e));
	ck_assert_int_eq(
	    sqlite3_create_function(store_handle(db), "ago", 1,
	        SQLITE_UTF8 | SQLITE_INNOCUOUS, NULL, ago, NULL, NULL),
	    SQLITE_OK);
	ck_assert_int_eq(
	    sqlite3_create_function(store_handle(db), "day", 1,
	        SQLITE_UTF8 | SQLITE_INNOCUOUS, NULL, day, NULL, NULL),
	    SQLITE_OK);
	ck_assert_ok(rule_set_load(&rules, NULL, &e));
	config = config_load("/nonexistent", false, &e);
	ck_assert_msg(config != NULL, "%s", e.text);
}

static void
teardown(void)
{
	char command[64 + sizeof(folder)];

	config_free(&config);
	rule_set_free(&rules);
	store_close(&db);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	ck_assert_int_eq(system(command), 0);
}

static void
sql(const char *text)
{
	char *message = NULL;

	if (sqlite3_exec(store_handle(db), text, NULL, NULL, &message) !=
	    SQLITE_OK)
		ck_abort_msg("%s in: %.200s", message, text);
}

static char *
read_file(const char *name)
{
	FILE *file = fopen(name, "r");
	char *text;
	size_t length;

	if (file == NULL)
		return NULL;
	text = malloc(ROOM);
	ck_assert_ptr_nonnull(text);
	length = fread(text, 1, ROOM - 1, file);
	text[length] = '\0';
	ck_assert_int_eq(fclose(file), 0);
	return text;
}

static void
sql_file(const char *name)
{
	char *text = read_file(name);

	ck_assert_msg(text != NULL, "%s is not there", name);
	sql(text);
	free(text);
}

static struct check_result
checked(const char *only, int64_t now, const char *profile)
{
	struct check_options options = {
		.now = now, .profile = profile, .only = only
	};
	struct check_result result;

	ck_assert_ok(check_run(db, config, rules, &options, &result, &e));
	return result;
}

static void
one_line(struct buf *b, sqlite3_stmt *st)
{
	for (int i = 0; i < sqlite3_column_count(st); i++) {
		const char *text = (const char *)sqlite3_column_text(st, i);

		buf_printf(
		    b, "%s%s", i == 0 ? "" : ",", text == NULL ? "" : text);
	}
	buf_put_byte(b, '\n');
}

static void
query(struct buf *b, const char *text)
{
	sqlite3_stmt *st;

	ck_assert_msg(sqlite3_prepare_v2(
	                  store_handle(db), text, -1, &st, NULL) == SQLITE_OK,
	    "%s", sqlite3_errmsg(store_handle(db)));
	while (sqlite3_step(st) == SQLITE_ROW)
		one_line(b, st);
	ck_assert_int_eq(sqlite3_finalize(st), SQLITE_OK);
}

static void
equals(const char *text, const char *expected)
{
	struct buf b = buf_new(ROOM);

	query(&b, text);
	ck_assert_str_eq(buf_string(&b), expected);
	buf_free(&b);
}

#define FOUND                                                                  \
	"SELECT ifnull(coalesce(a.name, g.name), ''), f.about, f.state,"       \
	" f.certainty, f.severity, f.reason FROM finding f"                    \
	" LEFT JOIN account_fact a ON a.object = f.subject"                    \
	" AND a.until = 9223372036854775807"                                   \
	" LEFT JOIN group_fact g ON g.object = f.subject"                      \
	" AND g.until = 9223372036854775807"                                   \
	" ORDER BY 1, 2"

/* Texts in both languages must find all the values that they name. */
static void
texts_are_whole(const struct rule *rule)
{
	sqlite3_stmt *st;
	struct buf text = buf_new(ROOM);

	ck_assert_int_eq(sqlite3_prepare_v2(store_handle(db),
	                     "SELECT evidence FROM finding WHERE state = 'hit'",
	                     -1, &st, NULL),
	    SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW)
		for (int zh = 0; zh < 2; zh++) {
			buf_clear(&text);
			ck_assert_ok(rule_text(rule,
			    (const char *)sqlite3_column_text(st, 0), zh == 1,
			    &text, &e));
			ck_assert_ptr_null(strchr(buf_string(&text), '{'));
		}
	ck_assert_int_eq(sqlite3_finalize(st), SQLITE_OK);
	buf_free(&text);
}

/* Each {name} must be a column of the rule's evidence. */
static void
names_are_columns(const struct rule *rule, const char *text)
{
	char name[64];

	for (const char *p = text; (p = strchr(p, '{')) != NULL; p++) {
		char as[80], bare[80];

		(void)snprintf(name, sizeof(name), "%.*s",
		    (int)strcspn(p + 1, ":}"), p + 1);
		(void)snprintf(as, sizeof(as), " AS %s", name);
		(void)snprintf(bare, sizeof(bare), "%s", name);
		ck_assert_msg(strstr(rule->sql, as) != NULL ||
		        strstr(rule->sql, bare) != NULL,
		    "%s: {%s} is no column", rule->id, name);
	}
}

START_TEST(a_rule_says_what_its_facts_make_it_say)
{
	const struct rule *rule;
	struct buf found = buf_new(ROOM);
	char name[128];
	char *expected;

	if ((size_t)_i >= rule_set_count(rules))
		return;
	rule = rule_set_at(rules, (size_t)_i);
	sql_file("tests/rules/base.sql");
	(void)snprintf(
	    name, sizeof(name), "tests/rules/%s/facts.sql", rule->id);
	sql_file(name);
	(void)snprintf(
	    name, sizeof(name), "tests/rules/%s/expected.csv", rule->id);
	expected = read_file(name);
	ck_assert_msg(expected != NULL, "%s is not there", name);
	(void)checked(rule->id, NOW, "house");
	equals("SELECT error FROM rule_run WHERE error IS NOT NULL", "");
	buf_put_string(
	    &found, "subject,about,state,certainty,severity,reason\n");
	query(&found, FOUND);
	ck_assert_msg(strcmp(buf_string(&found), expected) == 0,
	    "%s: found\n%s", rule->id, buf_string(&found));
	texts_are_whole(rule);
	names_are_columns(rule, rule->text);
	names_are_columns(rule, rule->text_zh);
	free(expected);
	buf_free(&found);
}
END_TEST

static Suite *
rules_suite(void)
{
	Suite *suite = suite_create("rules");
	TCase *one = tcase_create("each");
	struct rule_set *set = NULL;
	int count;

	if (rule_set_load(&set, NULL, &e) == -1) {
		fprintf(stderr, "%s\n", e.text);
		exit(1);
	}
	count = (int)rule_set_count(set);
	rule_set_free(&set);
	tcase_add_checked_fixture(one, setup, teardown);
	tcase_add_loop_test(
	    one, a_rule_says_what_its_facts_make_it_say, 0, count);
	suite_add_tcase(suite, one);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(rules_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
