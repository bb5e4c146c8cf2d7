/* Trails in the database: nothing twice, and whose account a name is. */
#include <check.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review/use_import.h"
#include "unit.h"

#define NIGHT INT64_C(1795910400) /* 2026-11-29T00:00:00Z */

static struct err e;
static struct store *store;
static struct use_import_result result;
static char folder[40], path[64], db[64];

static void
setup(void)
{
	strcpy(folder, "/tmp/reeve-import-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/auth.log", folder);
	(void)snprintf(db, sizeof(db), "%s/review.db", folder);
	ck_assert_ok(store_open(&store, db, STORE_WRITE, &e));
}

static void
teardown(void)
{
	char command[128];

	store_close(&store);
	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}

static void
import(const char *host, const char *text)
{
	const struct use_import_options o = { .now = NIGHT + 86400,
		.host = host,
		.clock = { .as_of = NIGHT + 86400 } };
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	(void)close(fd);
	ck_assert_ok(use_import(store, path, &o, &result, &e));
}

static void
run_sql(const char *sql)
{
	char *why = NULL;

	ck_assert_msg(sqlite3_exec(store_handle(store), sql, NULL, NULL,
	                  &why) == SQLITE_OK,
	    "%s", why);
}

static const char *
ask(const char *sql)
{
	static char text[4096];
	sqlite3_stmt *s;

	text[0] = '\0';
	ck_assert_msg(sqlite3_prepare_v2(
	                  store_handle(store), sql, -1, &s, NULL) == SQLITE_OK,
	    "%s", sqlite3_errmsg(store_handle(store)));
	while (sqlite3_step(s) == SQLITE_ROW) {
		const unsigned char *value = sqlite3_column_text(s, 0);

		if (text[0] != '\0')
			strcat(text, ";");
		strcat(text, value == NULL ? "-" : (const char *)value);
	}
	sqlite3_finalize(s);
	return text;
}

#define is(wanted, sql) ck_assert_str_eq(ask(sql), wanted)

#define IN(time, host, who)                                                    \
	"Nov 29 " time " " host " sshd[1]: Accepted password for " who         \
	" from 10.0.0.1 port 1 ssh2\n"
#define NOT_IN(time, host, who)                                                \
	"Nov 29 " time " " host " sshd[1]: Failed password for " who           \
	" from 10.0.0.1 port 1 ssh2\n"
#define TOTAL "SELECT sum(sessions) FROM use_day"

START_TEST(a_log_may_be_imported_while_it_grows_and_in_any_order)
{
	import(NULL, IN("02:00:00", "db1", "a") IN("03:00:00", "db1", "a"));
	is("2", TOTAL);
	import(NULL,
	    IN("02:00:00", "db1", "a") IN("03:00:00", "db1", "a")
	        IN("04:00:00", "db1", "a"));
	is("3", TOTAL);
	/* An older file, which ends where the first began. */
	import(NULL, IN("01:00:00", "db1", "a") IN("02:00:00", "db1", "a"));
	is("4", TOTAL);
	is("1", "SELECT count(*) FROM use_day");
	/* The same times of another host are others. */
	import(NULL, IN("02:00:00", "db2", "a"));
	is("5", TOTAL);
	import(NULL, IN("02:00:00", "db2", "a"));
	ck_assert_int_eq(result.state, USE_IMPORT_SEEN);
}
END_TEST

START_TEST(a_log_that_grows_within_a_second_loses_nothing)
{
	import(NULL, IN("02:00:00", "db1", "a") IN("02:00:00", "db1", "a"));
	is("2", TOTAL);
	import(NULL,
	    IN("02:00:00", "db1", "a") IN("02:00:00", "db1", "a")
	        IN("02:00:00", "db1", "a") IN("02:00:01", "db1", "a"));
	is("4", TOTAL);
	import(NULL,
	    IN("02:00:00", "db1", "a") IN("02:00:00", "db1", "a")
	        IN("02:00:00", "db1", "a") IN("02:00:01", "db1", "a")
	            IN("02:00:01", "db1", "a"));
	is("5", TOTAL);
	is("5", "SELECT sum(count) FROM use_part");
}
END_TEST

START_TEST(a_quiet_trail_has_lines_all_the_same)
{
	import(NULL,
	    "Nov 29 01:00:00 db1 CRON[1]: nothing of ours\n"
	    "Nov 29 01:10:00 db1 CRON[1]: nothing of ours\n"
	    "Nov 29 03:00:00 db1 CRON[1]: nothing of ours\n");
	is("3600 4200 0;10800 10800 0",
	    "SELECT (first - 1795910400) || ' ' || (last - 1795910400) || ' ' "
	    "|| "
	    "broken FROM trail_span ORDER BY first");
	is("0", "SELECT count(*) FROM use_part");
}
END_TEST

START_TEST(what_is_still_to_come_is_refused_and_covers_nothing)
{
	import(NULL,
	    IN("02:00:00", "db1", "a") "2099-01-01T00:00:00.000000+00:00 db1 "
	                               "sshd[1]: Accepted password "
	                               "for a from 10.0.0.1 port 1 ssh2\n");
	ck_assert_int_eq(result.records, 1);
	ck_assert_int_eq(result.refused, 1);
	is("1", TOTAL);
	import(NULL, IN("03:00:00", "db1", "a"));
	is("2", TOTAL);
}
END_TEST

START_TEST(one_file_of_many_hosts_is_covered_host_by_host)
{
	import(NULL, IN("02:00:00", "db1", "a") IN("03:00:00", "db2", "a"));
	ck_assert_uint_eq(result.hosts, 2);
	ck_assert_str_eq(result.host, "");
	is("db1;db2", "SELECT host FROM trail_import ORDER BY 1");
	import(NULL, IN("02:30:00", "db2", "a") IN("03:00:00", "db2", "a"));
	is("3", TOTAL);
}
END_TEST

START_TEST(the_host_that_is_named_stands_over_the_files)
{
	import("db1.corp.example", IN("02:00:00", "db1", "a"));
	is("db1.corp.example", "SELECT host FROM use_day");
}
END_TEST

#define SOURCES                                                                \
	"INSERT INTO source (id, name, url, realm, core) VALUES "              \
	"(1, 'ad', 'ldaps://dc', 'corp', 1), "                                 \
	"(2, 'hosts', 'passwd:/srv', 'corp', 1), "                             \
	"(3, 'other', 'ldap://o', 'other', 1), "                               \
	"(4, 'app', 'csv:/srv/a.csv', 'app', 1);"
#define ACCOUNT(id, source, name, host)                                        \
	"INSERT INTO object VALUES (" #id ", " #source ", 0, 'k" #id "'); "    \
	"INSERT INTO account_fact (object, since, until, digest, kind, name, " \
	"host) VALUES (" #id ", 1, 9223372036854775807, x'00', 'user', '" name \
	"', " host ");"

#define OBJECT(host, name)                                                     \
	"SELECT object FROM use_day WHERE host = '" host "' AND name = '" name \
	"'"

START_TEST(a_name_is_the_hosts_own_account_or_its_realms_or_the_only_one)
{
	run_sql(SOURCES ACCOUNT(1, 1, "Alice", "NULL") ACCOUNT(2, 2, "root",
	    "'db1'") ACCOUNT(3, 3, "alice", "NULL") ACCOUNT(4, 4, "bob", "NULL")
	        ACCOUNT(5, 3, "carol", "NULL") ACCOUNT(6, 2, "root", "'db2'"));
	import(NULL,
	    IN("02:00:00", "db1", "root") IN("02:00:00", "db2", "root")
	        IN("02:00:01", "db1", "alice") IN("02:00:01", "db9", "alice")
	            IN("02:00:02", "db9", "bob") IN("02:00:03", "db9",
	                "carol@o.example") IN("02:00:04", "db1", "Root"));
	ck_assert_ok(use_day_match(store, &e));
	is("2", OBJECT("db1", "root"));
	is("6", OBJECT("db2", "root"));
	is("1", OBJECT("db1", "alice"));
	/* Of an unknown host either might be; an application's are no one's. */
	is("-", OBJECT("db9", "alice"));
	is("-", OBJECT("db9", "bob"));
	is("5", OBJECT("db9", "carol@o.example"));
	/* On hosts, names have a case. */
	is("-", OBJECT("db1", "Root"));
}
END_TEST

START_TEST(a_failed_name_is_kept_if_the_store_knows_it)
{
	run_sql(SOURCES ACCOUNT(1, 1, "alice", "NULL"));
	import(NULL,
	    NOT_IN("02:00:00", "db1", "alice") NOT_IN(
	        "02:00:01", "db1", "s3cret") IN("02:00:02", "db1", "bob"));
	is("<>;<alice>;<bob>",
	    "SELECT '<' || name || '>' FROM use_day ORDER BY name");
	/* Who came in once is known from then on. */
	import(NULL, NOT_IN("03:00:00", "db2", "bob"));
	is("bob", "SELECT name FROM use_day WHERE host = 'db2'");
}
END_TEST

START_TEST(a_file_of_no_form_is_refused)
{
	const struct use_import_options o = { .now = NIGHT };
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_eq(write(fd, "hello\n", 6), 6);
	(void)close(fd);
	ck_assert_int_eq(use_import(store, path, &o, &result, &e), -1);
	ck_assert_int_eq(e.code, ERR_FORMAT);
	is("0", "SELECT count(*) FROM trail_import");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("review_use_import");
	TCase *c = tcase_create("use_import");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(
	    c, a_log_may_be_imported_while_it_grows_and_in_any_order);
	tcase_add_test(c, one_file_of_many_hosts_is_covered_host_by_host);
	tcase_add_test(c, the_host_that_is_named_stands_over_the_files);
	tcase_add_test(
	    c, a_name_is_the_hosts_own_account_or_its_realms_or_the_only_one);
	tcase_add_test(c, a_log_that_grows_within_a_second_loses_nothing);
	tcase_add_test(c, a_quiet_trail_has_lines_all_the_same);
	tcase_add_test(c, what_is_still_to_come_is_refused_and_covers_nothing);
	tcase_add_test(c, a_failed_name_is_kept_if_the_store_knows_it);
	tcase_add_test(c, a_file_of_no_form_is_refused);
	suite_add_tcase(s, c);
	return unit_run(s);
}
