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
#include <sys/stat.h>
#include <unistd.h>

#include "review/config.h"
#include "review/rule.h"
#include "review/store.h"
#include "schema/base/buf.h"
#include "unit.h"

#define NOW  INT64_C(1796083200) /* 2026-12-01T00:00:00Z */
#define DAY  86400
#define ROOM (1024u * 1024)

static struct err e;
static char folder[] = "/tmp/reeve-rules-XXXXXX";
static char path[64];
static struct store *db;
static struct rule_set *rules;
static struct review_config *config;

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

/* ---- Lives of findings ---- */

#define LIFE                                                                   \
	"SELECT ifnull(a.name, f.about), f.state, f.first_run, f.last_run,"    \
	" f.closed_run, f.exception FROM finding f"                            \
	" LEFT JOIN account_fact a ON a.object = f.subject"                    \
	" AND a.until = 9223372036854775807 ORDER BY f.id"

#define OPEN "9223372036854775807"

static void
one_dormant(void)
{
	sql_file("tests/rules/base.sql");
	sql("INSERT INTO acct (id, name, created) VALUES (11, 'idle', "
	    "ago(400));"
	    "INSERT INTO used (id, at) VALUES (11, ago(100))");
}

START_TEST(a_finding_is_one_from_its_first_check_to_its_last)
{
	struct check_result r;

	one_dormant();
	r = checked("AR-101", NOW, "house");
	ck_assert_int_eq(r.hits, 1);
	ck_assert_int_eq(r.fresh, 1);
	r = checked("AR-101", NOW + DAY, "house");
	ck_assert_int_eq(r.hits, 1);
	ck_assert_int_eq(r.fresh, 0);
	equals(LIFE, "idle,hit,1,2,,\n");
	sql("UPDATE usage SET maximum = ago(1)");
	r = checked("AR-101", NOW + 2 * DAY, "house");
	ck_assert_int_eq(r.closed, 1);
	equals(LIFE, "idle,hit,1,2,3,\n");
	/* The same again is another life. */
	sql("UPDATE usage SET maximum = ago(100)");
	r = checked("AR-101", NOW + 3 * DAY, "house");
	ck_assert_int_eq(r.fresh, 1);
	equals(LIFE, "idle,hit,1,2,3,\nidle,hit,4,4,,\n");
}
END_TEST

/* The most that one statement of a check had to do, in SQLite's own steps. */
static int
most_steps(unsigned type, void *most, void *statement, void *unused)
{
	int steps =
	    sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 0);

	(void)type;
	(void)unused;
	if (steps > *(int *)most)
		*(int *)most = steps;
	return 0;
}

START_TEST(of_many_findings_each_is_looked_up)
{
	int most = 0;

	sql_file("tests/rules/base.sql");
	sql("WITH RECURSIVE n (n) AS (VALUES (11) UNION ALL SELECT n + 1 FROM n"
	    " WHERE n < 2010) INSERT INTO acct (id, name, created)"
	    " SELECT n, 'idle' || n, ago(400) FROM n;"
	    "INSERT INTO used (id, at) SELECT object, ago(100)"
	    " FROM account_fact"
	    " WHERE name LIKE 'idle%'");
	ck_assert_int_eq(checked("AR-101", NOW, "house").fresh, 2000);
	ck_assert_int_eq(sqlite3_trace_v2(store_handle(db),
	                     SQLITE_TRACE_PROFILE, most_steps, &most),
	    SQLITE_OK);
	ck_assert_int_eq(checked("AR-101", NOW + DAY, "house").fresh, 0);
	ck_assert_int_gt(most, 2000);
	ck_assert_int_lt(most, 2000 * 500); /* reading all: 2000 * 2000 * 5 */
}
END_TEST

/* A host's sudo group names ann, who is in the directory only. */
static void
ann_of_the_directory(void)
{
	sql_file("tests/rules/base.sql");
	sql("INSERT INTO acct (id, source, name, created) VALUES"
	    " (11, 3, 'Ann', ago(400)), (12, 3, 'bob', ago(400));"
	    "INSERT INTO used (id, at) VALUES (11, ago(50)), (12, ago(50));"
	    "INSERT INTO groups (id, source, name, host) VALUES"
	    " (90, 2, 'sudo', 'h1'), (91, 2, 'wheel', 'h1');"
	    "INSERT INTO groups (id, source, name) VALUES (92, 3, 'ops');"
	    "INSERT INTO holds (member, grp) VALUES (12, 92);"
	    "INSERT INTO dangling VALUES (90, 2, 'ann', 1, 2, " OPEN "),"
	    " (91, 3, 'ops', 5, 2, " OPEN ")");
}

START_TEST(a_host_names_accounts_and_groups_of_a_directory_of_its_realm)
{
	ann_of_the_directory();
	/* Dormant after 45 days who is privileged, after 90 who is not. */
	ck_assert_int_eq(checked("AR-101", NOW, "house").hits, 0);
	ck_assert_int_eq(checked("AR-123", NOW, "house").hits, 2);
	sql("UPDATE source SET realm = 'all' WHERE id IN (2, 3)");
	ck_assert_int_eq(checked("AR-101", NOW, "house").hits, 2);
	ck_assert_int_eq(checked("AR-123", NOW, "house").hits, 0);
}
END_TEST

START_TEST(a_name_that_two_directories_of_the_realm_have_is_nobodys)
{
	ann_of_the_directory();
	sql("UPDATE source SET realm = 'all' WHERE id IN (1, 2, 3);"
	    "INSERT INTO acct (id, source, name) VALUES (13, 1, 'ANN')");
	ck_assert_int_eq(checked("AR-101", NOW, "house").hits, 1);
	ck_assert_int_eq(checked("AR-123", NOW, "house").hits, 1);
}
END_TEST

START_TEST(a_look_by_another_profile_ends_no_finding)
{
	one_dormant();
	sql("UPDATE usage SET maximum = ago(50);"
	    "UPDATE account_fact SET name = 'chief';"
	    "INSERT INTO groups (id, name, sid, rid) VALUES (90, 'x',"
	    " 'S-1-5-21-1-2-3-512', 512);"
	    "INSERT INTO holds (member, grp) VALUES (11, 90)");
	/* Privileged: 45 days in the house, 90 for cards. */
	ck_assert_int_eq(checked("AR-101", NOW, "house").fresh, 1);
	ck_assert_int_eq(checked("AR-101", NOW + DAY, "pci-4").closed, 0);
	ck_assert_int_eq(checked("AR-101", NOW + 2 * DAY, "house").fresh, 0);
	equals(LIFE, "chief,hit,1,3,,\n");
	/* Changed for good, it is over after a while. */
	ck_assert_int_eq(checked("AR-101", NOW + 31 * DAY, "pci-4").closed, 0);
	ck_assert_int_eq(checked("AR-101", NOW + 33 * DAY, "pci-4").closed, 1);
}
END_TEST

START_TEST(an_incomplete_pull_closes_nothing)
{
	one_dormant();
	(void)checked("AR-101", NOW, "house");
	sql("UPDATE usage SET maximum = ago(1);"
	    "UPDATE pull SET complete = 0 WHERE source = 1");
	(void)checked("AR-101", NOW, "house");
	equals(LIFE, "idle,hit,1,1,,\n");
}
END_TEST

START_TEST(what_can_no_longer_be_told_is_not_over)
{
	struct check_result r;

	one_dormant();
	(void)checked("AR-101", NOW, "house");
	/* The reader lost the right to see the attribute. */
	sql("DELETE FROM usage");
	r = checked("AR-101", NOW, "house");
	ck_assert_int_eq(r.hits, 0);
	ck_assert_int_eq(r.unknowns, 1);
	equals(LIFE, "idle,hit,1,1,,\nsource:corp,unknown,2,2,,\n");
}
END_TEST

START_TEST(a_subject_that_can_no_longer_be_told_of_keeps_its_findings)
{
	sql_file("tests/rules/base.sql");
	sql_file("tests/rules/AR-141/facts.sql");
	(void)checked("AR-141", NOW, "house");
	/* The department that it came from has few persons left to compare. */
	sql("UPDATE person_fact SET department = 'Audit' WHERE department = "
	    "'Sales' AND person > 3");
	ck_assert_int_eq(checked("AR-141", NOW, "house").closed, 0);
	equals("SELECT count(*) FROM finding WHERE closed_run IS NULL AND "
	       "state = 'hit'",
	    "3\n");
}
END_TEST

START_TEST(an_old_trail_tells_nothing_of_today)
{
	sql_file("tests/rules/base.sql");
	sql_file("tests/rules/AR-172/facts.sql");
	sql("UPDATE trail_import SET last = ago(200);"
	    "UPDATE use_day SET day = day(200), last = ago(200)");
	(void)checked("AR-172", NOW, "house");
	equals("SELECT state, reason FROM finding", "unknown,no-trail\n");
}
END_TEST

/* ---- What others write fails no rule ---- */

static const struct {
	const char *rule, *sql, *found;
} doubled[] = {
	{ "AR-122",
	    "INSERT INTO acct (id, name) VALUES (11, 'svc');"
	    "INSERT INTO registers (kind, account, owner) VALUES "
	    "('service', 'svc', NULL), ('shared', 'SVC', NULL)",
	    "svc,,hit,certain,medium,\n" },
	{ "AR-124",
	    "INSERT INTO people (id, name, kind, contract) VALUES "
	    "(1, 'ven', 'vendor', 'C1');"
	    "INSERT INTO acct (id, name) VALUES (11, 'ven');"
	    "INSERT INTO owns (person, object) VALUES (1, 11);"
	    "INSERT INTO contract VALUES ('C1', 'v', NULL, ago(9), 1, " OPEN
	    "), ('C1', 'v', NULL, ago(5), 1, " OPEN ")",
	    "ven,ended,hit,certain,high,\n" },
	{ "AR-123",
	    "INSERT INTO groups (id, name) VALUES (90, 'g');"
	    "INSERT INTO dangling (grp, form, reference, since, until, how) "
	    "VALUES (90, 1, 'x', 1, " OPEN ", 0), (90, 2, 'x', 1, " OPEN ", 1)",
	    "g,x,hit,possible,low,\n" },
	{ "AR-152",
	    "INSERT INTO groups (id, name, privileged) VALUES (90, 'g', 1);"
	    "INSERT INTO dangling (grp, form, reference, since, until, how) "
	    "VALUES (90, 8, 'ALL', 1, " OPEN ", 0), (90, 8, 'ANYONE', 1, " OPEN
	    ", 1)",
	    "g,everyone,hit,certain,critical,\n" },
	{ "AR-156",
	    "INSERT INTO registers (kind, account) VALUES "
	    "('privileged', 'gone'), ('privileged', 'Gone')",
	    ",registered:gone,hit,certain,medium,\n" },
	{ "AR-191",
	    "INSERT INTO sod_pair VALUES ('pay', 'enter', 'release', 'x', "
	    "1, " OPEN ");"
	    "INSERT INTO groups (id, name) VALUES (90, 'enter'), "
	    "(91, 'release');"
	    "INSERT INTO groups (id, key, name) VALUES (92, 'k', 'release');"
	    "INSERT INTO acct (id, name) VALUES (11, 'both');"
	    "INSERT INTO holds (member, grp) VALUES (11, 90), (11, 91), "
	    "(11, 92)",
	    "both,pair:pay,hit,certain,high,\n" },
};
#define DOUBLED (sizeof(doubled) / sizeof(doubled[0]))

START_TEST(two_rows_about_the_same_are_one_finding)
{
	sql_file("tests/rules/base.sql");
	sql(doubled[_i].sql);
	ck_assert_int_eq(
	    (int)checked(doubled[_i].rule, NOW, "house").failed, 0);
	equals(FOUND, doubled[_i].found);
}
END_TEST

START_TEST(a_list_without_end_is_cut_and_fails_no_rule)
{
	sql_file("tests/rules/base.sql");
	sql("INSERT INTO people (id, name) VALUES (1, 'ann');"
	    "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n "
	    "WHERE n < 3000) INSERT INTO acct (id, name) SELECT 100 + n, "
	    "printf('account-of-a-long-name-%08d', n) FROM n;"
	    "INSERT INTO owns (person, object) SELECT 1, id FROM object");
	ck_assert_int_eq((int)checked("AR-133", NOW, "house").failed, 0);
	equals("SELECT count(*), length(evidence) BETWEEN 8192 AND 9000,"
	       " evidence LIKE '%...\"%' FROM finding",
	    "1,1,1\n");
}
END_TEST

START_TEST(a_register_s_line_of_one_source_says_nothing_of_another)
{
	sql_file("tests/rules/base.sql");
	sql("INSERT INTO people (id, name) VALUES (1, 'ann');"
	    "INSERT INTO acct (id, source, name) VALUES (11, 1, 'batch'), "
	    "(12, 3, 'batch');"
	    "INSERT INTO registers (kind, account, source) VALUES "
	    "('service', 'batch', 'tree')");
	(void)checked("AR-121", NOW, "house");
	equals("SELECT subject FROM finding", "11\n");
}
END_TEST

START_TEST(an_exception_covers_until_its_end_and_180_days_at_most)
{
	struct check_result r;

	one_dormant();
	sql("INSERT INTO register_import VALUES (1, ago(10), 'x.csv', x'00', "
	    "'exception', 1);"
	    "INSERT INTO exception VALUES ('AR-101', 'IDLE', 'corp', 'leave', "
	    "'', 'E1', ago(-1), 1, " OPEN ")");
	r = checked("AR-101", NOW, "house");
	ck_assert_int_eq(r.hits, 1);
	ck_assert_int_eq(r.excepted, 1);
	equals(LIFE, "idle,hit,1,1,,1\n");
	r = checked("AR-101", NOW + DAY, "house");
	ck_assert_int_eq(r.excepted, 0);
	sql("UPDATE exception SET ends = ago(10) + 180 * 86400");
	ck_assert_int_eq(checked("AR-101", NOW + DAY, "house").excepted, 1);
	sql("UPDATE exception SET ends = ends + 1");
	ck_assert_int_eq(checked("AR-101", NOW + DAY, "house").excepted, 0);
	sql("UPDATE exception SET ends = ends - 1, source = 'unix'");
	ck_assert_int_eq(checked("AR-101", NOW + DAY, "house").excepted, 0);
}
END_TEST

/*
 * Exceptions that persons signed, one for each of the accounts 21 to 29, which
 * are all idle. Those of acts 30 and 32 are approved.
 */
static const char exempted[] =
    "INSERT INTO acct (id, name, created) WITH RECURSIVE n (n) AS (SELECT 21"
    " UNION ALL SELECT n + 1 FROM n WHERE n < 29) SELECT n, 'idle' || n,"
    " ago(400) FROM n;"
    "INSERT INTO used (id, at) SELECT object, ago(100) FROM account_fact"
    " WHERE object > 20;"
    "INSERT INTO groups (id, name) VALUES (90, 'g');"
    "INSERT INTO act VALUES (30, ago(10), 'exception', NULL, '', '', x'00'),"
    " (31, ago(9), 'exception', NULL, '', '', x'00'),"
    " (32, ago(10), 'exception', NULL, '', '', x'00'),"
    " (33, ago(8), 'second', NULL, '', '', x'00'),"
    " (34, ago(8), 'second', NULL, '', '', x'00'),"
    " (35, ago(7), 'exception-end', NULL, '', '', x'00'),"
    " (40, ago(6), 'decisions', NULL, '', '', x'00');"
    "INSERT INTO second VALUES (33, 30, 'approved', ''),"
    " (34, 32, 'approved', '');"
    "INSERT INTO exempted SELECT CASE column1 WHEN 22 THEN 31 ELSE 30 END,"
    " column1, column1, column2, '', column3, 'r', 'c', column4, 'E1', NULL, "
    "NULL,"
    " NULL, NULL FROM (VALUES"
    " (21, NULL, 'AR-101', ago(-1)), (22, NULL, 'AR-101', ago(-1)),"
    " (23, NULL, 'AR-102', ago(-1)), (24, NULL, 'AR-101', ago(0)),"
    " (25, NULL, 'AR-101', ago(10) + 180 * 86400 + 1),"
    " (26, NULL, 'AR-101', ago(-1)), (27, NULL, 'AR-101', ago(-1)),"
    " (28, 90, 'AR-101', ago(-1)), (29, NULL, 'AR-101', ago(-1)));"
    "INSERT INTO exempted_end VALUES (35, 30, 26, 'gone');"
    /* 27's renewal is longer; a later review disables 29 */
    "INSERT INTO exempted VALUES (32, 1, 27, NULL, '', 'AR-101', 'r', 'c',"
    " ago(-9), 'E1', 30, 27, NULL, NULL);"
    "INSERT INTO campaign VALUES (1, 40, 'Q4', 'periodic', ago(-9), 'E9',"
    " NULL, NULL);"
    "INSERT INTO item VALUES (40, 1, 1, 1, 'k', 29, NULL, NULL, 0, '', 'new',"
    " 1, 1, '{}');"
    "INSERT INTO decision VALUES (40, 1, 1, 1, 0, 'disable', 'r', NULL, NULL,"
    " NULL, NULL, 'E9', 'signed', NULL, NULL, 1);";

START_TEST(a_signed_exception_covers_once_it_is_approved)
{
	sql_file("tests/rules/base.sql");
	sql(exempted);
	sql("UPDATE account_fact SET name = 'renamed' WHERE object = 21");
	ck_assert_int_eq(checked("AR-101", NOW, "house").hits, 9);
	equals("SELECT subject FROM finding WHERE exception ORDER BY 1",
	    "21\n27\n");
	ck_assert_int_eq(checked("AR-101", NOW + DAY, "house").excepted, 1);
	equals("SELECT subject FROM finding WHERE exception", "27\n");
	ck_assert_int_eq(checked("AR-101", NOW + 9 * DAY, "house").excepted, 0);
}
END_TEST

/* What was shown with the item, and nothing else of that account. */
START_TEST(an_exception_of_a_review_covers_what_the_reviewer_saw)
{
	one_dormant();
	sql("INSERT INTO acct (id, name, created) VALUES (12, 'other', "
	    "ago(400)); INSERT INTO used (id, at) VALUES (12, ago(100))");
	ck_assert_int_eq(checked("AR-101", NOW, "house").excepted, 0);
	sql("INSERT INTO act VALUES (40, ago(0), 'decisions', NULL, '', '', "
	    "x'00'), (41, ago(0), 'second', NULL, '', '', x'00');"
	    "INSERT INTO campaign VALUES (1, 40, 'Q4', 'periodic', ago(-9), "
	    "'E9', NULL, NULL);"
	    "INSERT INTO item SELECT 40, 1, object, 1, 'k' || object, object, "
	    "NULL, NULL, 0, 'medium', 'new', 1, 1, json_object('findings', "
	    "json_array(json_object('id', (SELECT id FROM finding "
	    "WHERE subject = object)))) FROM account_fact WHERE object < 13;"
	    "INSERT INTO decision VALUES (40, 1, 1, 1, 11, 'exception', 'r', "
	    "NULL, 'c', ago(-5), NULL, 'E9', 'signed', NULL, NULL, 1)");
	ck_assert_int_eq(checked("AR-101", NOW, "house").excepted, 0);
	sql("INSERT INTO second VALUES (41, 40, 'approved', '')");
	ck_assert_int_eq(checked("AR-101", NOW, "house").excepted, 1);
	equals("SELECT subject FROM finding WHERE exception", "11\n");
	ck_assert_int_eq(checked("AR-101", NOW + 5 * DAY, "house").excepted, 0);
}
END_TEST

/* As pulls of Active Directory have it: real ones count no such attribute. */
START_TEST(descriptors_that_were_read_tell_who_is_privileged)
{
	sql_file("tests/rules/base.sql");
	sql("DELETE FROM attribute_seen;"
	    "INSERT INTO acct (id, name, admin_count) VALUES (11, 'was', 1);"
	    "INSERT INTO groups (id, name, kind, privileged) VALUES"
	    " (91, 'DCSync', 'control', 1), (92, 'Root', 'control', 1)");
	ck_assert_int_eq(checked("AR-154", NOW, "house").hits, 1);
	sql("INSERT INTO groups (id, name, kind) VALUES"
	    " (93, 'AdminSDHolder', 'control')"); /* not readable */
	ck_assert_int_eq(checked("AR-154", NOW, "house").hits, 0);
}
END_TEST

START_TEST(a_clock_behind_what_is_stored_judges_nothing)
{
	struct check_options options = { .now = NOW - 1, .profile = "house" };
	struct check_result result;

	one_dormant();
	ck_assert_int_eq(
	    check_run(db, config, rules, &options, &result, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "the clock is behind"));
	equals("SELECT count(*) FROM check_run", "0\n");
}
END_TEST

START_TEST(evidence_says_how_to_see_it_and_how_it_was_counted)
{
	const struct rule *rule = rule_set_find(rules, "AR-101");
	struct buf text = buf_new(ROOM);
	struct buf evidence = buf_new(ROOM);

	sql_file("tests/rules/base.sql");
	sql("INSERT INTO acct (id, name, created, dn) VALUES (11, 'o', "
	    "ago(400), 'CN=O''Neil,DC=x');"
	    "INSERT INTO used VALUES (11, ago(105) - 1, 'lastLogonTimestamp', "
	    "'dc1', 14 * 86400, '134400050984818910')");
	(void)checked("AR-101", NOW, "house");
	query(&evidence, "SELECT evidence FROM finding");
	ck_assert_ok(rule_text(rule, buf_string(&evidence), false, &text, &e));
	ck_assert_str_eq(buf_string(&text),
	    "Last used 2026-08-17T23:59:59Z as lastLogonTimestamp of dc1 says "
	    "(134400050984818910; it may lag 14 days), 105 days before the "
	    "data was read; the limit is 90.");
	buf_clear(&text);
	ck_assert_int_eq(
	    rule_evidence(buf_string(&evidence), "reproduce", &text), 1);
	ck_assert_str_eq(buf_string(&text),
	    "ldapsearch -LLL -o ldif-wrap=no -H 'ldaps://dc1.example' -b "
	    "'CN=O'\\''Neil,DC=x' -s base '(objectClass=*)' "
	    "lastLogonTimestamp lastLogon whenCreated userAccountControl "
	    "msDS-User-Account-Control-Computed accountExpires");
	buf_free(&text);
	buf_free(&evidence);
}
END_TEST

/* ---- What a site's rule may not do ---- */

#define HEADER                                                                 \
	"-- id:          SITE-1\n"                                             \
	"-- severity:    low\n"                                                \
	"-- title:       T\n"                                                  \
	"-- title.zh_TW: 題\n"                                                \
	"-- why:         W goes on\n"                                          \
	"--     here\n"                                                        \
	"-- why.zh_TW:   原\n"                                                \
	"--     因\n"                                                         \
	"-- over:        account\n"                                            \
	"-- controls:    PAR-01\n"                                             \
	"-- text:        X {name}\n"                                           \
	"-- text.zh_TW:  甲 {name}\n"                                         \
	"--\n"
#define ROW_                                                                   \
	"SELECT NULL AS subject, '' AS about, 'hit' AS state, 'certain' AS "   \
	"certainty, NULL AS severity, '' AS reason, "

static char site[80];

static void
site_rule(const char *text)
{
	FILE *file;
	char name[128];

	(void)snprintf(site, sizeof(site), "%s/rules.d", folder);
	ck_assert_int_eq(mkdir(site, 0755), 0);
	(void)snprintf(name, sizeof(name), "%s/site.sql", site);
	file = fopen(name, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(chmod(name, 0644), 0);
	rule_set_free(&rules);
}

/* Runs it; the error that was recorded of it. */
static void
site_says(const char *text, uint64_t work, const char *error)
{
	struct buf b = buf_new(ROOM);
	struct check_options options = {
		.now = NOW, .profile = "house", .only = "SITE-1", .work = work
	};
	struct check_result result;

	site_rule(text);
	ck_assert_ok(rule_set_load(&rules, site, &e));
	one_dormant();
	ck_assert_ok(check_run(db, config, rules, &options, &result, &e));
	query(&b, "SELECT ifnull(error, '') FROM rule_run");
	ck_assert_msg(
	    strstr(buf_string(&b), error) != NULL, "%s", buf_string(&b));
	ck_assert_int_eq((int)result.failed, *error == '\0' ? 0 : 1);
	ck_assert_int_eq(result.hits, *error == '\0' ? 1 : 0);
	buf_free(&b);
}

static const struct {
	const char *sql, *error;
} forbidden[] = {
	{ ROW_ "date('now') AS name", "not authorized to use function: date" },
	{ ROW_ "strftime('%s') AS name", "not authorized" },
	{ ROW_ "random() AS name", "not authorized to use function: random" },
	{ ROW_ "load_extension('x') AS name", "not authorized" },
	{ ROW_ "current_timestamp AS name", "not authorized" },
	{ ROW_ "name FROM sqlite_schema", "prohibited" },
	{ ROW_ "file AS name FROM pragma_database_list", "not authorized" },
	{ ROW_ "rule AS name FROM finding", "prohibited" },
	{ "PRAGMA user_version", "not authorized" },
	{ "ATTACH 'x' AS y", "not authorized" },
	{ "DELETE FROM source", "not authorized" },
	{ "UPDATE account SET name = ''", "not authorized" },
	{ "CREATE TEMP TABLE x (y)", "not authorized" },
	{ ROW_ "'' AS name; " ROW_ "'' AS name", "not exactly one query" },
	{ "SELECT 1", "column 1 must be" },
	{ ROW_ ":idle_flag_days AS name", "a threshold that its header names" },
	{ "SELECT NULL AS subject, '' AS about, 'maybe' AS state, 'certain' AS "
	  "certainty, NULL AS severity, '' AS reason",
	    "state \"maybe\"" },
	{ "SELECT NULL AS subject, '' AS about, 'unknown' AS state, 'certain' "
	  "AS certainty, NULL AS severity, '' AS reason",
	    "unknown without a reason" },
	{ ROW_ "'fine' AS name", "" },
};
#define FORBIDDEN (sizeof(forbidden) / sizeof(forbidden[0]))

START_TEST(a_rule_only_reads_what_rules_may_read)
{
	struct buf b = buf_new(ROOM);

	buf_printf(&b, "%s%s\n", HEADER, forbidden[_i].sql);
	site_says(buf_string(&b), 0, forbidden[_i].error);
	buf_free(&b);
}
END_TEST

START_TEST(of_two_rows_about_the_same_the_worse_stands)
{
	site_says(HEADER
	    "SELECT NULL AS subject, '' AS about, 'unknown' AS state,"
	    " 'certain' AS certainty, 'critical' AS severity, 'x' AS reason,"
	    " 'a' AS name"
	    " UNION ALL SELECT NULL, '', 'hit', 'certain', 'low', '', 'b'"
	    " UNION ALL SELECT NULL, '', 'hit', 'certain', 'high', '', 'c'"
	    " UNION ALL SELECT NULL, '', 'hit', 'certain', 'medium', '', 'd'",
	    0, "");
	equals("SELECT state, severity, evidence FROM finding",
	    "hit,high,{\"name\":\"c\"}\n");
}
END_TEST

START_TEST(a_rule_without_end_is_stopped_and_the_others_go_on)
{
	site_says(HEADER "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i "
	                 "+ 1 FROM n)\n" ROW_ "count(*) AS name FROM n",
	    5000000, "takes too long");
}
END_TEST

static const struct {
	const char *text, *error;
} malformed[] = {
	{ HEADER ROW_ "7 AS name", "line 14: the number 7" },
	{ HEADER ROW_ "'7' AS name -- 7\n, 0.5 AS x",
	    "line 15: the number 0.5" },
	{ HEADER ROW_ "0x10 AS name", "the number 0x10" },
	{ "-- id: SITE-1\n-- bogus: x\n", "line 2: unknown: -- bogus" },
	{ "-- id: SITE-1\n-- id: SITE-1\n", "line 2: id given twice" },
	{ "-- id: SITE-1\n", "no \"-- severity:\"" },
	{ "SELECT 1\n", "no \"-- id:\"" },
	{ "-- id: \xff\n", "not UTF-8" },
};
#define MALFORMED (sizeof(malformed) / sizeof(malformed[0]))

START_TEST(a_bad_rule_is_refused_with_its_line)
{
	struct rule rule;

	ck_assert_int_eq(
	    rule_parse(&rule, "site.sql", malformed[_i].text, &e), -1);
	ck_assert_int_eq(e.code, ERR_CONFIG);
	ck_assert_msg(
	    strstr(e.text, malformed[_i].error) != NULL, "%s", e.text);
	ck_assert_ptr_null(rule.sql);
}
END_TEST

START_TEST(a_header_goes_on_in_lines_of_four_blanks)
{
	struct rule rule;

	ck_assert_ok(
	    rule_parse(&rule, "site.sql", HEADER ROW_ "'' AS name", &e));
	ck_assert_str_eq(rule.why, "W goes on here");
	ck_assert_str_eq(rule.why_zh, "原因");
	rule_clear(&rule);
}
END_TEST

START_TEST(a_rule_that_others_may_write_is_refused)
{
	char name[128];

	site_rule(HEADER ROW_ "'' AS name");
	(void)snprintf(name, sizeof(name), "%s/site.sql", site);
	ck_assert_int_eq(chmod(name, 0664), 0);
	ck_assert_int_eq(rule_set_load(&rules, site, &e), -1);
	ck_assert_int_eq(e.code, ERR_ACCESS);
	ck_assert_int_eq(chmod(name, 0644), 0);
	ck_assert_int_eq(chmod(site, 0777), 0);
	ck_assert_int_eq(rule_set_load(&rules, site, &e), -1);
	ck_assert_int_eq(e.code, ERR_ACCESS);
}
END_TEST

/* ---- Profiles ---- */

static void
a_domain(void)
{
	sql_file("tests/rules/base.sql");
	sql("INSERT INTO policies (source, key, name, form, is_default, "
	    "min_length, history, max_age, lockout_attempts, complexity) "
	    "VALUES (1, 'DC=x', 'domain', 'ad-domain', 1, 8, 5, 90 * 86400, "
	    "9223372036854775807, 1);"
	    "INSERT INTO acct (id, name) VALUES (11, 'ann')");
	(void)checked("AR-101", NOW, "house");
}

START_TEST(complexity_alone_never_proves_the_symbol)
{
	a_domain();
	equals("SELECT profile, verdict FROM verdict WHERE policy = 'DC=x'"
	       " AND requirement = 'password.classes' ORDER BY 1",
	    "house,partly\nnist-63b-4,not\npci-4,partly\n"
	    "tw-annex10-mid,needs-reading\ntw-twse,partly\n");
	sql("UPDATE policy_fact SET needs_letter = 1, needs_digit = 1, "
	    "needs_symbol = 1");
	(void)checked("AR-101", NOW, "house");
	equals("SELECT verdict FROM verdict WHERE policy = 'DC=x'"
	       " AND requirement = 'password.classes' AND profile = 'tw-twse'",
	    "conforming\n");
}
END_TEST

START_TEST(each_profile_has_a_verdict_of_its_own)
{
	a_domain();
	equals("SELECT profile, requirement, verdict, wanted, found FROM "
	       "verdict WHERE policy = 'DC=x' AND requirement IN "
	       "('password.max_age_days', 'lockout.attempts') ORDER BY 1, 2",
	    "bank,lockout.attempts,not,max 5,no limit\n"
	    "bank,password.max_age_days,conforming,max 90,90\n"
	    "house,lockout.attempts,not,max 3,no limit\n"
	    "house,password.max_age_days,conforming,max 90,90\n"
	    "nist-63b-4,lockout.attempts,not,max 100,no limit\n"
	    "nist-63b-4,password.max_age_days,not,forbid,90\n"
	    "pci-4,lockout.attempts,not,max 10,no limit\n"
	    "tw-annex10-mid,lockout.attempts,not,max 5,no limit\n"
	    "tw-annex10-mid,password.max_age_days,needs-reading,unspecified,"
	    "90\n"
	    "tw-baseline,lockout.attempts,not,max 3,no limit\n"
	    "tw-twse,password.max_age_days,conforming,max 90,90\n");
	/* Whether a second factor lowers the length, a person knows. */
	equals("SELECT requirement, verdict FROM verdict WHERE policy = 'DC=x'"
	       " AND profile IN ('nist-63b-4', 'house')"
	       " AND requirement LIKE 'password.min_length%' ORDER BY 1",
	    "password.min_length,not\n"
	    "password.min_length [multi-factor],conforming\n"
	    "password.min_length [privileged],not-applicable\n"
	    "password.min_length [single-factor],needs-reading\n");
	/* Of a source that told of no policy, nothing is made up. */
	equals("SELECT DISTINCT verdict FROM verdict WHERE source = 4",
	    "unavailable\n");
}
END_TEST

START_TEST(profiles_that_conflict_are_said_and_never_merged)
{
	a_domain();
	equals(
	    "SELECT count(*) FROM verdict WHERE verdict = 'conflict'", "0\n");
	(void)checked("AR-101", NOW, "tw-twse,nist-63b-4");
	equals("SELECT profile, requirement, wanted FROM verdict"
	       " WHERE verdict = 'conflict' ORDER BY 2",
	    "tw-twse+nist-63b-4,password.classes,"
	    "tw-twse: contains letter digit symbol; nist-63b-4: forbid\n"
	    "tw-twse+nist-63b-4,password.max_age_days,"
	    "tw-twse: max 90; nist-63b-4: forbid\n");
	/* The verdict of each stays as it was. */
	equals("SELECT verdict FROM verdict WHERE profile = 'tw-twse'"
	       " AND policy = 'DC=x' AND requirement = 'password.max_age_days'",
	    "conforming\n");
}
END_TEST

START_TEST(a_profile_that_is_not_there_is_named)
{
	struct check_options options = { .now = NOW, .profile = "hous" };
	struct check_result result;

	one_dormant();
	ck_assert_int_eq(
	    check_run(db, config, rules, &options, &result, &e), -1);
	ck_assert_int_eq(e.code, ERR_USAGE);
	ck_assert_ptr_nonnull(strstr(e.text, "no profile hous; there are"));
}
END_TEST

static TCase *
engine(void)
{
	TCase *t = tcase_create("engine");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_finding_is_one_from_its_first_check_to_its_last);
	tcase_add_test(t, of_many_findings_each_is_looked_up);
	tcase_add_test(t, a_look_by_another_profile_ends_no_finding);
	tcase_add_test(
	    t, a_host_names_accounts_and_groups_of_a_directory_of_its_realm);
	tcase_add_test(
	    t, a_name_that_two_directories_of_the_realm_have_is_nobodys);
	tcase_add_test(t, an_incomplete_pull_closes_nothing);
	tcase_add_test(t, what_can_no_longer_be_told_is_not_over);
	tcase_add_test(
	    t, a_subject_that_can_no_longer_be_told_of_keeps_its_findings);
	tcase_add_test(t, an_old_trail_tells_nothing_of_today);
	tcase_add_loop_test(
	    t, two_rows_about_the_same_are_one_finding, 0, (int)DOUBLED);
	tcase_add_test(t, of_two_rows_about_the_same_the_worse_stands);
	tcase_add_test(t, a_list_without_end_is_cut_and_fails_no_rule);
	tcase_add_test(
	    t, a_register_s_line_of_one_source_says_nothing_of_another);
	tcase_add_test(
	    t, an_exception_covers_until_its_end_and_180_days_at_most);
	tcase_add_test(t, a_signed_exception_covers_once_it_is_approved);
	tcase_add_test(
	    t, an_exception_of_a_review_covers_what_the_reviewer_saw);
	tcase_add_test(t, descriptors_that_were_read_tell_who_is_privileged);
	tcase_add_test(t, a_clock_behind_what_is_stored_judges_nothing);
	tcase_add_test(t, evidence_says_how_to_see_it_and_how_it_was_counted);
	tcase_add_loop_test(
	    t, a_rule_only_reads_what_rules_may_read, 0, FORBIDDEN);
	tcase_add_test(t, a_rule_without_end_is_stopped_and_the_others_go_on);
	tcase_add_loop_test(
	    t, a_bad_rule_is_refused_with_its_line, 0, MALFORMED);
	tcase_add_test(t, a_header_goes_on_in_lines_of_four_blanks);
	tcase_add_test(t, a_rule_that_others_may_write_is_refused);
	tcase_add_test(t, complexity_alone_never_proves_the_symbol);
	tcase_add_test(t, each_profile_has_a_verdict_of_its_own);
	tcase_add_test(t, profiles_that_conflict_are_said_and_never_merged);
	tcase_add_test(t, a_profile_that_is_not_there_is_named);
	return t;
}

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
	tcase_set_timeout(one, 60);
	suite_add_tcase(suite, one);
	suite_add_tcase(suite, engine());
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
