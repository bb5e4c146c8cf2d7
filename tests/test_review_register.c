/* Registers: whole or not at all, with history, in both languages. */
#include <check.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review/register.h"
#include "unit.h"

#define DAY INT64_C(86400)
#define MAY (INT64_C(20574) * DAY) /* 2026-05-01 */

static struct err e;
static struct store *store;
static struct buf rows;
static struct review_config *config;
static struct source_settings settings;
static struct register_result result;
static char folder[32], path[64], db[64];

static void
setup(void)
{
	strcpy(folder, "/tmp/reeve-register-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/r.csv", folder);
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

static int
import_at(int64_t now, const char *kind, bool empty, const char *text)
{
	const struct register_options o = { .now = now,
		.zone = 8 * 3600,
		.kind = kind,
		.exception_days = 180,
		.empty = empty,
		.settings = &settings };
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	(void)close(fd);
	buf_clear(&rows);
	e.code = ERR_NONE;
	return register_import(store, path, &o, &result, &rows, &e);
}

static void
imported(const char *kind, const char *text)
{
	ck_assert_msg(import_at(MAY, kind, false, text) == 0, "%s\n%s", e.text,
	    buf_string(&rows));
}

/* The rows' first values, with ';' between. */
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

/* One file of each kind, its columns in Chinese or English. */
static const struct {
	const char *kind;
	const char *text;
	const char *ask, *answer;
} good[] = {
	{ "approvals",
	    "申請單號,申請人,核准人,帳號,權限,起日,迄日\n"
	    "T-1,ming,boss,alice,Domain Admins,2026-05-01,115/5/2\n",
	    "SELECT ticket || account || \"right\" || "
	    "datetime(not_before, 'unixepoch') || ' ' || "
	    "datetime(not_after, 'unixepoch') FROM approval",
	    "T-1aliceDomain Admins2026-04-30 16:00:00 2026-05-02 16:00:00" },
	{ "systems",
	    "系統名稱,系統分級,負責人,標籤,主機\n"
	    "下單系統,核心,交易部,個資,db1\n內部網站,非核心,,,\n",
	    "SELECT class || ifnull(tags, '-') FROM system",
	    "core個資;other-" },
	{ "rights",
	    "right,name_en,name_zh,owner,privileged\n"
	    "Domain Admins,Rules the domain,網域管理,IT,是\n",
	    "SELECT name_zh || privileged FROM right_name", "網域管理1" },
	{ "workstations",
	    "host,address,person,shared\nws-1,10.1.1.1,E1,\ndesk-1,,,yes\n",
	    "SELECT host || shared FROM workstation ORDER BY 1 DESC",
	    "ws-10;desk-11" },
	{ "contracts", "合約編號,廠商,到期日\nC-7,甲公司,2026/12/31\n",
	    "SELECT datetime(ends, 'unixepoch') FROM contract",
	    "2026-12-31 16:00:00" },
	{ "sod", "名稱,權限一,權限二,原因\n下單與交割,Trader,Settler,牽制\n",
	    "SELECT first || second FROM sod_pair", "TraderSettler" },
	{ "accounts",
	    "類別,帳號,負責人,到期日\n特權帳號,root,IT,\n臨時,tmp1,IT,"
	    "2026-06-01\n",
	    "SELECT kind || account FROM registered_account",
	    "privilegedroot;temporarytmp1" },
	{ "exceptions",
	    "rule,account,reason,approver,ends\nAR-161,svc,old,boss,"
	    "2026-08-01\n",
	    "SELECT rule || account FROM exception", "AR-161svc" },
	/* As DGPA publishes it. */
	{ "calendar",
	    "西元日期,星期,是否放假,備註\n20260101,四,2,開國紀念日\n"
	    "20260102,五,0,\n",
	    "SELECT day || '=' || works || ifnull(name, '') FROM calendar",
	    "20454=0開國紀念日;20455=1" },
};

START_TEST(a_register_is_known_by_its_header)
{
	imported(NULL, good[_i].text);
	ck_assert_str_eq(result.kind, good[_i].kind);
	is(good[_i].answer, good[_i].ask);
	ck_assert(result.changed);
	/* The same again, or told its kind, changes nothing. */
	imported(good[_i].kind, good[_i].text);
	ck_assert(!result.changed);
	ck_assert_int_eq(result.kept, result.rows);
	is("1", "SELECT count(*) FROM register_import");
}
END_TEST

START_TEST(rows_that_are_no_longer_there_end_and_stay_in_history)
{
	imported(NULL, "contract,vendor,ends\nC-1,A,2026-12-31\nC-2,B,\n");
	imported(NULL, "contract,vendor,ends\nC-2,B,\nC-3,C,\n");
	ck_assert_int_eq(result.fresh, 1);
	ck_assert_int_eq(result.ended, 1);
	ck_assert_int_eq(result.kept, 1);
	is("C-1 1-2;C-2 1-;C-3 2-",
	    "SELECT contract || ' ' || since || '-' || CASE until WHEN "
	    "9223372036854775807 THEN '' ELSE until END FROM contract "
	    "ORDER BY contract");
	ck_assert_int_eq(import_at(MAY, NULL, false, "contract,vendor\n"), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "--empty"));
	ck_assert_int_eq(import_at(MAY, NULL, true, "contract,vendor\n"), 0);
	ck_assert_int_eq(result.ended, 2);
}
END_TEST

START_TEST(approvals_are_added)
{
	imported(NULL, "ticket,account\nT-1,alice\n");
	imported(NULL, "ticket,account\nT-2,alice\n");
	is("T-1;T-2",
	    "SELECT ticket FROM approval WHERE until = 9223372036854775807");
}
END_TEST

START_TEST(one_kind_of_account_leaves_the_others_alone)
{
	imported(NULL, "kind,account\nshared,kiosk\nprivileged,root\n");
	imported("shared", "account,owner\nscan,Desk\n");
	ck_assert_str_eq(result.kind, "shared");
	is("privileged root;shared scan",
	    "SELECT kind || ' ' || account FROM registered_account "
	    "WHERE until = 9223372036854775807 ORDER BY 1");
	imported(NULL, "kind,account\nprivileged,admin\n");
	is("privileged admin;shared scan",
	    "SELECT kind || ' ' || account FROM registered_account "
	    "WHERE until = 9223372036854775807 ORDER BY 1");
}
END_TEST

static const struct {
	const char *kind;
	const char *text;
	const char *says;
} bad[] = {
	{ NULL, "ticket,account\nT-1,alice\nT-1,alice\n",
	    "line 3: the same as line 2" },
	{ NULL, "ticket,account\nT-1,\n", "line 2: account is empty" },
	{ NULL, "ticket,account,requester,approver\nT-1,a,bob,bob\n",
	    "line 2: requester and approver" },
	{ NULL,
	    "ticket,account,not_before,not_after\nT-1,a,2026-05-02,"
	    "2026-04-01\n",
	    "line 2: it ends before" },
	{ NULL, "ticket,account,not_before\nT-1,a,soon\n",
	    "line 2: not_before" },
	{ NULL, "name,class\nx,perhaps\n", "line 2: class \"perhaps\"" },
	{ NULL, "name,first,second\nx,A,A\n", "line 2: both rights" },
	{ NULL, "kind,account\ntemporary,x\n", "line 2: a temporary" },
	{ NULL,
	    "rule,account,reason,approver,ends\nAR-161,svc,old,boss,"
	    "2026-10-29\n",
	    "line 2: an exception ends within 180 days" },
	{ NULL, "rule,account,reason,approver,ends\nAR-161,svc,old,boss,\n",
	    "line 2: ends is empty" },
	{ NULL, "host,shared\nws-1,maybe\n", "line 2: shared \"maybe\"" },
	{ "rights", "right,privileged\nA,yes\nB\n", "line 3" },
};

START_TEST(a_bad_row_is_named_and_nothing_is_taken)
{
	ck_assert_int_eq(import_at(MAY, bad[_i].kind, false, bad[_i].text), -1);
	ck_assert_msg(strstr(buf_string(&rows), bad[_i].says) != NULL,
	    "no \"%s\" in %s%s", bad[_i].says, buf_string(&rows), e.text);
	is("0", "SELECT count(*) FROM register_import");
}
END_TEST

START_TEST(an_exception_of_180_days_is_taken)
{
	imported(NULL,
	    "rule,account,reason,approver,ends\n"
	    "AR-161,svc,old,boss,2026-10-27\n");
}
END_TEST

START_TEST(a_header_that_tells_nothing_wants_a_kind)
{
	ck_assert_int_eq(import_at(MAY, NULL, false, "a,b\n1,2\n"), -1);
	ck_assert_int_eq(e.code, ERR_USAGE);
	ck_assert_ptr_nonnull(strstr(e.text, "--kind"));
	ck_assert_int_eq(import_at(MAY, "sofa", false, "a,b\n1,2\n"), -1);
	ck_assert_int_eq(import_at(MAY, "sod", false, "a,b\n1,2\n"), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "name"));
}
END_TEST

START_TEST(a_calendar_speaks_of_the_days_that_it_has)
{
	imported("calendar",
	    "西元日期,星期,是否放假,備註\n20260101,四,2,開國紀念日\n"
	    "20260102,五,0,\n");
	/* The next year's file ends nothing of this one. */
	imported("calendar", "day,holiday,name\n2027-01-01,yes,New Year\n");
	is("20454=0;20455=1;20819=0",
	    "SELECT day || '=' || works FROM calendar "
	    "WHERE until = 9223372036854775807 ORDER BY 1");
	/* A day that is announced anew replaces it: a typhoon. */
	imported("calendar", "day,holiday,name\n2026-01-02,2,typhoon\n");
	is("20454=0;20455=0;20819=0",
	    "SELECT day || '=' || works FROM calendar "
	    "WHERE until = 9223372036854775807 ORDER BY 1");
	is("4", "SELECT count(*) FROM calendar");
	ck_assert_int_eq(import_at(MAY, "calendar", false,
	                     "day,holiday\n2026-01-02,perhaps\n"),
	    -1);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("review_register");
	TCase *c = tcase_create("register");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_loop_test(c, a_register_is_known_by_its_header, 0,
	    (int)(sizeof(good) / sizeof(good[0])));
	tcase_add_test(
	    c, rows_that_are_no_longer_there_end_and_stay_in_history);
	tcase_add_test(c, approvals_are_added);
	tcase_add_test(c, one_kind_of_account_leaves_the_others_alone);
	tcase_add_loop_test(c, a_bad_row_is_named_and_nothing_is_taken, 0,
	    (int)(sizeof(bad) / sizeof(bad[0])));
	tcase_add_test(c, an_exception_of_180_days_is_taken);
	tcase_add_test(c, a_header_that_tells_nothing_wants_a_kind);
	tcase_add_test(c, a_calendar_speaks_of_the_days_that_it_has);
	suite_add_tcase(s, c);
	return unit_run(s);
}
