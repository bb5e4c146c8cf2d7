/* Personnel's files: whole or not at all; and whose account is whose. */
#include <check.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review/identity.h"
#include "review/person.h"
#include "unit.h"

#define DAY INT64_C(86400)
#define MAY (INT64_C(20574) * DAY) /* 2026-05-01 */

static struct err e;
static struct store *store;
static struct buf rows;
static struct review_config *config;
static struct source_settings settings;
static struct person_import_result result;
static char folder[] = "/tmp/reeve-person-XXXXXX";
static char path[64], db[64];

static void
setup(void)
{
	strcpy(folder, "/tmp/reeve-person-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/hr.csv", folder);
	(void)snprintf(db, sizeof(db), "%s/review.db", folder);
	rows = buf_new(65536);
	config = config_load("/nonexistent", false, &e);
	ck_assert_ptr_nonnull(config);
	ck_assert_int_eq(config_source(config, path, &settings, &e), 0);
	ck_assert_ok(store_open(&store, db, STORE_WRITE, &e));
}

static void
teardown(void)
{
	char command[128];

	store_close(&store);
	config_free(&config);
	buf_free(&rows);
	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}

/* 0 or -1, as person_import. */
static int
import(int64_t as_of, bool confirm, const char *text)
{
	const struct person_import_options o = { .now = as_of + 3600,
		.as_of = as_of,
		.confirm = confirm,
		.settings = &settings };
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	(void)close(fd);
	buf_clear(&rows);
	e.code = ERR_NONE;
	return person_import(store, path, &o, &result, &rows, &e);
}

static void
imported(int64_t as_of, const char *text)
{
	ck_assert_msg(import(as_of, false, text) == 0, "%s\n%s", e.text,
	    buf_string(&rows));
	ck_assert_int_eq(result.state, PERSON_IMPORT_NEW);
}

static void
run_sql(const char *sql)
{
	char *why = NULL;

	ck_assert_msg(sqlite3_exec(store_handle(store), sql, NULL, NULL,
	                  &why) == SQLITE_OK,
	    "%s", why);
}

/* The one value, or the values of the rows with ';' between. */
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

static void
is(const char *wanted, const char *sql)
{
	ck_assert_str_eq(ask(sql), wanted);
}

#define EVENTS                                                                 \
	"SELECT p.employee || ' ' || what || ' ' || date(at, 'unixepoch') || " \
	"' ' || ifnull(before, '-') || '>' || ifnull(after, '-') "             \
	"FROM person_event JOIN person p ON p.id = person ORDER BY at, 1"

START_TEST(history_is_told_by_dates_and_by_comparing)
{
	imported(MAY,
	    "員工編號,姓名,部門,職稱,狀態,到職日,離職日,異動日\n"
	    "E1,王小明,交易部,經理,在職,104/03/02,,\n"
	    "E2,陳美玲,結算部,專員,在職,2020-01-06,,\n"
	    "E3,Wei Lin,結算部,專員,留職停薪,,,\n"
	    "E4,舊人,結算部,專員,離職,,115/4/1,\n");
	is("E1 joined 2015-03-02 ->交易部;E2 joined 2020-01-06 ->結算部;"
	   "E4 left 2026-04-02 結算部>-;E3 absent 2026-05-01 結算部>-",
	    EVENTS);
	imported(MAY + 28 * DAY,
	    "員工編號,姓名,部門,職稱,狀態,到職日,離職日,異動日\n"
	    "E1,王小明,資訊部,協理,在職,104/03/02,,115/05/11\n"
	    "E2,陳美玲,結算部,專員,離職,2020-01-06,115/5/20,\n"
	    "E3,Wei Lin,結算部,專員,在職,,,\n"
	    "E5,新人,交易部,專員,在職,,,\n"
	    "E4,舊人,結算部,專員,離職,,115/4/1,\n");
	ck_assert_int_eq(result.fresh, 1);
	ck_assert_int_eq(result.changed, 3);
	ck_assert_int_eq(result.events, 4);
	is("E1 transferred 2026-05-11 交易部>資訊部;"
	   "E2 left 2026-05-21 結算部>-;E3 returned 2026-05-29 ->結算部;"
	   "E5 joined 2026-05-29 ->交易部",
	    "SELECT * FROM (" EVENTS ") WHERE 1 LIMIT 4 OFFSET 4");
	/* What was true at the first import can still be asked. */
	is("交易部",
	    "SELECT department FROM person_fact f JOIN person p ON "
	    "p.id = f.person WHERE employee = 'E1' AND since <= 1 "
	    "AND until > 1");
	is("資訊部",
	    "SELECT department FROM person_fact f JOIN person p ON p.id = "
	    "f.person WHERE employee = 'E1' AND until = 9223372036854775807");
}
END_TEST

START_TEST(a_last_day_counts_to_its_end)
{
	imported(MAY,
	    "employee,name,status,left,contract,contract end date,kind\n"
	    "V1,Ann,,2026-04-30,C-7,2026-06-30,vendor\n"
	    "V2,Bob,,2026-04-30 17:30,C-7,,委外\n");
	is("left 2026-05-01 00:00:00 vendor 2026-07-01;"
	   "left 2026-04-30 17:30:00 vendor -",
	    "SELECT status || ' ' || datetime(left_at, 'unixepoch') || ' ' || "
	    "kind || ' ' || ifnull(date(contract_end, 'unixepoch'), '-') "
	    "FROM person_fact ORDER BY person");
}
END_TEST

START_TEST(the_same_file_again_changes_nothing)
{
	static const char text[] = "employee,name\nE1,Ann\nE2,Bob\n";

	imported(MAY, text);
	ck_assert_int_eq(import(MAY, false, text), 0);
	ck_assert_int_eq(result.state, PERSON_IMPORT_SEEN);
	is("1", "SELECT count(*) FROM hr_import");
	/* Of another day it says that all is as it was. */
	imported(MAY + DAY, text);
	ck_assert_int_eq(result.changed + result.fresh + result.events, 0);
	ck_assert_int_eq(import(MAY, false, "employee,name\nE1,Ann\n"), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "later day"));
}
END_TEST

/* count persons, from number first on. */
static const char *
many(int first, int count)
{
	static char text[65536];
	size_t at = 0;

	at += (size_t)sprintf(text, "employee,name\n");
	for (int i = first; i < first + count; i++)
		at += (size_t)sprintf(text + at, "E%d,Name %d\n", i, i);
	return text;
}

START_TEST(too_many_gone_without_a_word_stop_the_import)
{
	imported(MAY, many(0, 100));
	ck_assert_int_eq(import(MAY + DAY, false, many(11, 89)), 0);
	ck_assert_int_eq(result.state, PERSON_IMPORT_HELD);
	ck_assert_int_eq(result.gone, 11);
	is("1", "SELECT count(*) FROM hr_import");
	imported(MAY + DAY, many(10, 90));
	ck_assert_int_eq(result.gone, 10);
	is("10", "SELECT count(*) FROM person_event WHERE what = 'left'");
	ck_assert_int_eq(import(MAY + 2 * DAY, true, many(50, 50)), 0);
	ck_assert_int_eq(result.state, PERSON_IMPORT_NEW);
	is("50", "SELECT count(*) FROM person_event WHERE what = 'left'");
	/* They are not missed twice, and may come back. */
	imported(MAY + 3 * DAY, many(50, 50));
	ck_assert_int_eq(result.gone, 0);
	imported(MAY + 4 * DAY, many(49, 51));
	is("joined",
	    "SELECT what FROM person_event WHERE import = "
	    "(SELECT max(id) FROM hr_import)");
}
END_TEST

START_TEST(more_than_twenty_gone_stop_the_import_of_many)
{
	imported(MAY, many(0, 1000));
	ck_assert_int_eq(import(MAY + DAY, false, many(21, 979)), 0);
	ck_assert_int_eq(result.state, PERSON_IMPORT_HELD);
	imported(MAY + DAY, many(20, 980));
}
END_TEST

static const struct {
	const char *text;
	const char *says;
} bad[] = {
	{ "employee,name\nE1,Ann\nE1,Bob\n",
	    ": line 3: employee \"E1\" stands" },
	{ "employee,name\nE1,\n", ": line 2: name is empty" },
	{ "employee,name\n,Ann\n", ": line 2: employee is empty" },
	{ "employee,name,hired\nE1,Ann,soon\n", ": line 2: hired" },
	{ "employee,name,hired\nE1,Ann,2026-02-30\n", ": line 2: hired" },
	{ "employee,name,status\nE1,Ann,perhaps\n",
	    ": line 2: status \"perhaps\"" },
	{ "employee,name,hired,left\nE1,Ann,2026-02-03,2026-01-01\n",
	    ": line 2: left before hired" },
	{ "employee,name\nE1,Ann,more\n", ": line 2:" },
};

START_TEST(a_bad_row_is_named_and_nothing_is_taken)
{
	ck_assert_int_eq(import(MAY, false, bad[_i].text), -1);
	ck_assert_int_eq(e.code, ERR_FORMAT);
	ck_assert_msg(strstr(buf_string(&rows), bad[_i].says) != NULL,
	    "no \"%s\" in %s", bad[_i].says, buf_string(&rows));
	is("0", "SELECT count(*) FROM person");
}
END_TEST

START_TEST(identity_numbers_are_known_by_their_last_digit)
{
	ck_assert(identity_is("A123456789"));
	ck_assert(identity_is("a123456789"));
	ck_assert(identity_is("F131104093"));
	ck_assert(identity_is("A800000014"));
	ck_assert(!identity_is("A123456788"));
	ck_assert(!identity_is("A323456789"));
	ck_assert(!identity_is("A12345678"));
	ck_assert(!identity_is("1123456789"));
	ck_assert(!identity_is("A12345678X"));
}
END_TEST

START_TEST(a_column_of_national_identity_numbers_is_refused)
{
	ck_assert_int_eq(import(MAY, false,
	                     "employee,name,身分證字號\n"
	                     "E1,Ann,A123456789\nE2,Bob,F131104093\n"
	                     "E3,Cid,\n"),
	    -1);
	ck_assert_ptr_nonnull(strstr(e.text, "身分證字號"));
	ck_assert_ptr_nonnull(strstr(e.text, "identity"));
	is("0", "SELECT count(*) FROM person");
	/* A number that happens to fit is not a column of them. */
	imported(MAY,
	    "employee,name\nA123456789,Ann\nA123456780,Bob\n"
	    "A123456781,Cid\n");
}
END_TEST

/* ---- Whose account ---- */

static int account_count;

/* An account as a pull leaves it. */
static void
account(const char *name, const char *columns, const char *values)
{
	char sql[1024];

	if (account_count++ == 0)
		run_sql("INSERT INTO source (id, name, url, realm, core) "
		        "VALUES (1, 'ad', 'ldaps://dc', 'ad', 1)");
	(void)snprintf(sql, sizeof(sql),
	    "INSERT INTO object (id, source, kind, key) VALUES (%d, 1, 0, "
	    "'name:%s'); INSERT INTO account_fact (object, since, until, "
	    "digest, kind, name%s) VALUES (%d, 1, 9223372036854775807, x'00', "
	    "'user', '%s'%s)",
	    account_count, name, columns, account_count, name, values);
	run_sql(sql);
}

static void
persons_and_accounts(void)
{
	account_count = 0;
	imported(MAY,
	    "employee,name,department,mail\n"
	    "0071,王小明,交易部,ming@x.tw\n"
	    "0072,王小明,結算部,\n"
	    "0073,\"Chen, Wei-Lun\",Trading Desk,wei@x.tw\n"
	    "0074,Ann Lee,Audit,shared@x.tw\n"
	    "0075,Bob Lee,Audit,shared@x.tw\n");
	account("ming", ", employee, mail", ", '71', 'wei@x.tw'");
	account("wei", ", mail, display", ", 'WEI@x.tw', 'Somebody'");
	account("ming2", ", display, department", ", '王 小明', '結算部'");
	account("ming3", ", display", ", '王小明'");
	account("lee", ", mail", ", 'Shared@x.tw'");
	account(
	    "chen", ", display, department", ", 'weilun CHEN', 'trading desk'");
	account("gone", ", employee, display", ", '999', 'Nobody'");
	account("second", ", mail", ", 'other@x.tw'");
	run_sql("INSERT INTO account_value VALUES (8, 'mail', 'Ming@X.tw', 1, "
	        "9223372036854775807)");
	ck_assert_ok(person_match(store, MAY, &e));
}

#define MATCHES(name)                                                          \
	"SELECT p.employee || ' ' || how FROM person_account a JOIN person p " \
	"ON p.id = a.person JOIN account_fact f ON f.object = a.object "       \
	"WHERE f.name = '" name "' ORDER BY 1"

START_TEST(accounts_are_matched_by_keys_in_their_order)
{
	persons_and_accounts();
	is("0071 employee", MATCHES("ming"));
	is("0073 mail", MATCHES("wei"));
	is("0072 name", MATCHES("ming2"));
	is("0073 name", MATCHES("chen"));
	is("", MATCHES("gone"));
	is("0071 mail", MATCHES("second"));
}
END_TEST

START_TEST(what_fits_several_is_kept_as_ambiguous_and_never_guessed)
{
	persons_and_accounts();
	is("0074 ambiguous;0075 ambiguous", MATCHES("lee"));
	is("0071 ambiguous;0072 ambiguous", MATCHES("ming3"));
}
END_TEST

START_TEST(a_confirmed_match_is_remembered)
{
	int64_t object;

	persons_and_accounts();
	ck_assert_int_eq(person_account(store, "ad:LEE", &object, &e), 0);
	ck_assert_int_eq(person_confirm(store, object, "0075", MAY, &e), 0);
	is("0075 confirmed", MATCHES("lee"));
	ck_assert_int_eq(person_match(store, MAY, &e), 0);
	is("0075 confirmed", MATCHES("lee"));
	ck_assert_int_eq(person_release(store, object, &e), 0);
	ck_assert_int_eq(person_match(store, MAY, &e), 0);
	is("0074 ambiguous;0075 ambiguous", MATCHES("lee"));
	ck_assert_int_eq(person_release(store, object, &e), -1);
	ck_assert_int_eq(person_account(store, "nosuch", &object, &e), -1);
	ck_assert_int_eq(e.code, ERR_USAGE);
	ck_assert_int_eq(person_confirm(store, object, "9", MAY, &e), -1);
}
END_TEST

START_TEST(a_match_changes_with_what_it_was_made_of)
{
	persons_and_accounts();
	imported(MAY + DAY,
	    "employee,name,department,mail\n"
	    "0071,王小明,交易部,ming@x.tw\n"
	    "0072,王小明,結算部,\n"
	    "0073,\"Chen, Wei-Lun\",Trading Desk,wei2@x.tw\n"
	    "0074,Ann Lee,Audit,shared@x.tw\n"
	    "0075,Bob Lee,Audit,bob@x.tw\n");
	ck_assert_int_eq(person_match(store, MAY + DAY, &e), 0);
	is("", MATCHES("wei"));
	is("0074 mail", MATCHES("lee"));
	/* Nothing was written anew that is as it was. */
	is("1", "SELECT count(*) FROM person_account WHERE at > 1777593600");
}
END_TEST

START_TEST(after_a_pull_only_what_changed_is_matched)
{
	persons_and_accounts();
	run_sql("UPDATE account_fact SET mail = NULL WHERE name = 'wei'");
	ck_assert_int_eq(person_match_since(store, 2, MAY, &e), 0);
	is("0073 mail", MATCHES("wei"));
	run_sql("UPDATE account_fact SET since = 2 WHERE name = 'wei'");
	run_sql("UPDATE account_value SET value = 'wei@x.tw', since = 2");
	ck_assert_int_eq(person_match_since(store, 2, MAY, &e), 0);
	is("", MATCHES("wei"));
	is("0073 mail", MATCHES("second"));
	is("0071 employee", MATCHES("ming"));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("review_person");
	TCase *c = tcase_create("person");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, history_is_told_by_dates_and_by_comparing);
	tcase_add_test(c, a_last_day_counts_to_its_end);
	tcase_add_test(c, the_same_file_again_changes_nothing);
	tcase_add_test(c, too_many_gone_without_a_word_stop_the_import);
	tcase_add_test(c, more_than_twenty_gone_stop_the_import_of_many);
	tcase_add_loop_test(c, a_bad_row_is_named_and_nothing_is_taken, 0,
	    (int)(sizeof(bad) / sizeof(bad[0])));
	tcase_add_test(c, identity_numbers_are_known_by_their_last_digit);
	tcase_add_test(c, a_column_of_national_identity_numbers_is_refused);
	tcase_add_test(c, accounts_are_matched_by_keys_in_their_order);
	tcase_add_test(
	    c, what_fits_several_is_kept_as_ambiguous_and_never_guessed);
	tcase_add_test(c, a_confirmed_match_is_remembered);
	tcase_add_test(c, a_match_changes_with_what_it_was_made_of);
	tcase_add_test(c, after_a_pull_only_what_changed_is_matched);
	suite_add_tcase(s, c);
	return unit_run(s);
}
