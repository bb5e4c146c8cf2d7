#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review/config.h"
#include "review/source.h"
#include "tests/review_sink.h"
#include "unit.h"

static struct err e;
static struct text_sink s;
static struct source_settings settings;
static char path[] = "/tmp/reeve-csv.XXXXXX";

static void
set_up(void)
{
	struct review_config *config = config_load("/nonexistent", false, &e);

	ck_assert_ptr_nonnull(config);
	ck_assert_int_eq(config_source(config, "csv:", &settings, &e), 0);
	config_free(&config);
	s = text_sink_new(1790000000);
}

static void
tear_down(void)
{
	buf_free(&s.lines);
}

static int
pull_text(const char *text)
{
	const struct source_type *type = source_type("csv:x", &e);
	int fd;
	int result;

	ck_assert_ptr_nonnull(type);
	(void)strcpy(path, "/tmp/reeve-csv.XXXXXX");
	ck_assert_int_ge(fd = mkstemp(path), 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	(void)close(fd);
	(void)stpcpy(stpcpy(settings.url, "csv:"), path);
	result = type->pull(&settings, &s.sink, &e);
	(void)unlink(path);
	return result;
}

static void
delivers(const char *line)
{
	ck_assert_msg(text_sink_has(&s, line), "no line \"%s\" in:\n%s", line,
	    buf_string(&s.lines));
}

static void
says(const char *part)
{
	ck_assert_msg(strstr(buf_string(&s.lines), part) != NULL,
	    "no \"%s\" in:\n%s", part, buf_string(&s.lines));
}

static void
pulls(const char *text)
{
	ck_assert_ok(pull_text(text));
}

START_TEST(a_row_is_an_account_with_all_its_facts)
{
	pulls("key,account,name,mail,phone,employee no,department,title,"
	      "company,manager,owner,description,host,status,locked,created,"
	      "expires,last login,password changed,type,mfa\n"
	      "7,wang,Wang,w@x;v@y,1,E7,Sales,Clerk,ACME,lee,chen,test,db1,"
	      "active,no,2026-01-01,2027-01-01,2026-10-01T09:00:00Z,"
	      "2026-09-01,service,yes\n");
	delivers("account key:7 name=wang host=db1 display=Wang mail=w@x "
	         "phone=1 employee=E7 department=Sales title=Clerk "
	         "company=ACME manager=lee owner=chen description=test "
	         "enabled=yes reason=active locked=no created=1767225600 "
	         "expires=1798761600 password_set=1788220800 mfa=yes");
	delivers("value key:7 mail=v@y");
	delivers("value key:7 kind=service");
	delivers("usage key:7 last_login=1790845200 resolution=0 "
	         "raw=2026-10-01T09:00:00Z");
	says("entries=1 skipped=0 invalid=0 complete\n");
	delivers("seen accounts last_login 1 recorded=yes");
	delivers("seen accounts roles 0 recorded=no");
}
END_TEST

START_TEST(what_is_not_stated_is_not_recorded)
{
	pulls("帳號,狀態,最後登入\nwang,,\n");
	delivers("account name:wang name=wang");
	delivers("seen accounts enabled 0 recorded=yes");
	delivers("seen accounts expires 0 recorded=no");
}
END_TEST

START_TEST(enabled_is_read_in_many_words)
{
	static const struct {
		const char *word, *state;
	} rows[] = {
		{ "Y", " enabled=yes reason=Y" },
		{ "啟用", " enabled=yes reason=啟用" },
		{ "Active", " enabled=yes reason=Active" },
		{ "1", " enabled=yes reason=1" },
		{ "停用", " enabled=no reason=停用" },
		{ "0", " enabled=no reason=0" },
		{ "LOCKED", " enabled=no reason=LOCKED" },
		{ "perhaps", " reason=perhaps" },
	};
	struct buf text = buf_new(200);

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		buf_clear(&text);
		buf_printf(&text, "account,enabled\nwang,%s\n", rows[i].word);
		buf_clear(&s.lines);
		pulls(buf_string(&text));
		buf_clear(&text);
		buf_printf(
		    &text, "account name:wang name=wang%s", rows[i].state);
		delivers(buf_string(&text));
	}
	buf_free(&text);
}
END_TEST

START_TEST(never_and_the_far_future_are_never)
{
	pulls("account,expires,last_login\na,永久,從未登入\n"
	      "b,9999-12-31,2026-10-01\nc,-,never\n");
	delivers("account name:a name=a expires=never");
	delivers("usage name:a last_login=never resolution=0 raw=從未登入");
	delivers("account name:b name=b expires=never");
	/* Of a day alone, the time may be its last second. */
	delivers("usage name:b last_login=1790812800 resolution=86399 "
	         "raw=2026-10-01");
	delivers("account name:c name=c expires=never");
}
END_TEST

START_TEST(roles_are_rights_and_rows_of_one_account_are_one)
{
	pulls("account,roles\nwang,dba; *sysadmin |app user\nlee,dba\n"
	      "wang,report\nwang,report\n");
	delivers("member role:dba name:wang member");
	delivers("member role:sysadmin name:wang member");
	delivers("member role:app user name:wang member");
	delivers("member role:report name:wang member");
	delivers("member role:dba name:lee member");
	delivers("group role:dba role name=dba");
	delivers("group role:sysadmin role name=sysadmin privileged=yes "
	         "detail=stated as privileged in the file");
	says("entries=4 skipped=0 invalid=0 complete\n");
}
END_TEST

START_TEST(a_privileged_account_holds_a_privileged_right)
{
	pulls("帳號,特權\nwang,是\nlee,否\n");
	delivers("member role:(privileged) name:wang member");
	delivers("group role:(privileged) role name=(privileged) "
	         "privileged=yes detail=stated as privileged in the file");
	ck_assert_ptr_null(
	    strstr(buf_string(&s.lines), "(privileged) name:lee"));
}
END_TEST

START_TEST(a_row_that_is_skipped_is_counted_and_leaves_it_incomplete)
{
	static const struct {
		const char *row, *why;
	} rows[] = {
		{ "x,1,2", "line 3: 3 cells, where the header has 2" },
		{ ",2026-01-01", "line 3: no account name" },
		{ "wang,2026-01-02",
		    "line 3: the account of line 2, with other facts" },
		{ "\"x", "line 3: a quote that is not closed" },
	};
	struct buf text = buf_new(300);

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		buf_clear(&text);
		buf_printf(&text, "account,created\nwang,2026-01-01\n%s\n",
		    rows[i].row);
		buf_clear(&s.lines);
		pulls(buf_string(&text));
		says("entries=2 skipped=1 invalid=0 incomplete why=");
		says(rows[i].why);
		delivers("account name:wang name=wang created=1767225600");
	}
	buf_free(&text);
}
END_TEST

START_TEST(a_value_that_is_none_is_counted_and_the_account_stays)
{
	pulls("account,expires,enabled,mfa\nwang,2026-02-30,what,who\n");
	delivers("account name:wang name=wang reason=what");
	says("entries=1 skipped=0 invalid=3 complete diagnostic=line 2: "
	     "enabled: neither yes nor no; line 2: expires: \"2026-02-30\" is "
	     "no date in the form YYYY-MM-DD; line 2: mfa: neither yes nor no");
}
END_TEST

START_TEST(bytes_of_another_encoding_leave_it_incomplete)
{
	(void)strcpy(settings.encoding, "BIG5");
	pulls("account\nwang\n\xff\xff\nlee\n");
	delivers("account name:wang name=wang");
	says("incomplete why=");
	says("line 3: bytes that are not BIG5");
}
END_TEST

START_TEST(columns_and_dates_are_as_configured)
{
	static const struct conf_key key = { .arg = "64x128" };

	ck_assert_int_eq(conf_set_list(&settings.columns,
	                     "name=who,\"created=since when\"", &key, &e),
	    0);
	(void)strcpy(settings.date_format, "roc");
	(void)strcpy(settings.time_zone, "+08:00");
	(void)strcpy(settings.delimiter, "semicolon");
	pulls("who;since when;account\nwang;113/04/01;x\n");
	delivers("account name:wang name=wang created=1711900800");
}
END_TEST

START_TEST(a_file_without_account_names_is_refused)
{
	ck_assert_int_eq(pull_text("a,b\n1,2\n"), -1);
	ck_assert_int_eq(e.code, ERR_CONFIG);
	ck_assert_msg(strstr(e.text,
	                  "there is no column for \"name\"; the header is: a, "
	                  "b") != NULL,
	    "%s", e.text);
	ck_assert_str_eq(buf_string(&s.lines), "");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("source csv");
	TCase *c = tcase_create("csv:");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, a_row_is_an_account_with_all_its_facts);
	tcase_add_test(c, what_is_not_stated_is_not_recorded);
	tcase_add_test(c, enabled_is_read_in_many_words);
	tcase_add_test(c, never_and_the_far_future_are_never);
	tcase_add_test(c, roles_are_rights_and_rows_of_one_account_are_one);
	tcase_add_test(c, a_privileged_account_holds_a_privileged_right);
	tcase_add_test(
	    c, a_row_that_is_skipped_is_counted_and_leaves_it_incomplete);
	tcase_add_test(
	    c, a_value_that_is_none_is_counted_and_the_account_stays);
	tcase_add_test(c, bytes_of_another_encoding_leave_it_incomplete);
	tcase_add_test(c, columns_and_dates_are_as_configured);
	tcase_add_test(c, a_file_without_account_names_is_refused);
	suite_add_tcase(suite, c);
	return unit_run(suite);
}
