/* Which accounts a deny list names, and how it is signed. */
#include "review/config.h"
#include "review/deny.h"
#include "review_facts.h"
#include "unit.h"

static struct err e;
static struct store *store;
static char folder[32];
static struct buf text;
static struct deny_count count;
static char told[1024];

static void
setup(void)
{
	facts_open(&store, folder);
	text = buf_new(DENYLIST_FILE_MAX);
	told[0] = '\0';
}

static void
teardown(void)
{
	buf_free(&text);
	facts_close(&store, folder);
}

static void
tell(void *context, const char *word, const char *name, const char *detail)
{
	size_t used = strlen(told);

	(void)context;
	(void)snprintf(
	    told + used, sizeof(told) - used, "%s %s %s\n", word, name, detail);
}

static void
map_of(struct conf_list *map, const char *word)
{
	memset(map, 0, sizeof(*map));
	if (*word != '\0') {
		map->count = 1;
		(void)strcpy(map->words, word);
	}
}

static void
refused_map(const char *word)
{
	struct conf_list map;
	struct deny_question q = {
		.scope = "*", .counter = 7, .now = NOW, .map = &map
	};

	map_of(&map, word);
	ck_assert_int_eq(deny_text(store, &q, &text, &count, &e), -1);
	ck_assert_int_eq(e.code, ERR_CONFIG);
}

/* The entries, without the header. */
static const char *
listed(const char *scope, const char *word)
{
	struct conf_list map;
	struct deny_question q = { .scope = scope,
		.counter = 7,
		.now = NOW,
		.map = &map,
		.tell = tell };
	const char *at;

	map_of(&map, word);
	buf_clear(&text);
	ck_assert_ok(deny_text(store, &q, &text, &count, &e));
	at = strstr(buf_string(&text), "\nentries ");
	ck_assert_ptr_nonnull(at);
	return strchr(at + 1, '\n') + 1;
}

START_TEST(a_leaver_is_denied_whatever_the_directory_says)
{
	facts_sql(store,
	    "INSERT INTO people (id, name, status, left_at) VALUES "
	    "(1, 'wang', 'left', ago(1)), (2, 'chen', 'active', NULL), "
	    "(3, 'soon', 'left', ago(-1));"
	    "INSERT INTO acct (id, name, uid_number, enabled) VALUES "
	    "(11, 'wang', 2001, 1), (12, 'chen', 2002, 1), (13, 'soon', 2003, "
	    "1), (15, 'twins', 2005, 1);"
	    "INSERT INTO acct (id, source, name, host, uid_number, key) VALUES "
	    "(14, 2, 'w.local', 'web1', 1004, 'host:web1/w.local');"
	    "INSERT INTO owns (person, object) VALUES (1, 11), (2, 12), "
	    "(3, 13), (1, 14);"
	    "INSERT INTO owns (person, object, how) VALUES "
	    "(1, 15, 'ambiguous'), (2, 15, 'ambiguous')");
	ck_assert_str_eq(listed("*", ""),
	    "* * wang 2001 leaver -\n"
	    "web1 * w.local 1004 leaver -\n");
	ck_assert_uint_eq(count.leavers, 2);
	/* Complete for one host: what is local elsewhere is not in it. */
	ck_assert_str_eq(listed("db1", ""), "* * wang 2001 leaver -\n");
	ck_assert_ptr_nonnull(strstr(buf_string(&text),
	    "reeve-denylist 1\nscope db1\ncounter 7\n"
	    "issued 2026-12-01T00:00:00.000000Z\nentries 1\n"));
}
END_TEST

START_TEST(a_last_day_that_is_past_is_enough)
{
	facts_sql(store,
	    "INSERT INTO people (id, name, status, left_at) VALUES "
	    "(1, 'a', 'active', ago(1)), (2, 'b', 'active', ago(-1));"
	    "INSERT INTO acct (id, name) VALUES (11, 'past'), (12, 'future');"
	    "INSERT INTO owns (person, object) VALUES (1, 11), (2, 12)");
	ck_assert_str_eq(listed("*", ""), "* * past - leaver -\n");
}
END_TEST

START_TEST(an_account_that_may_be_a_leaver_s_is_told)
{
	facts_sql(store,
	    "INSERT INTO people (id, name, status) VALUES (1, 'a', 'left'), "
	    "(2, 'b', 'active'), (3, 'c', 'active');"
	    "INSERT INTO acct (id, name) VALUES (11, 'twins'), (12, 'off');"
	    "INSERT INTO owns (person, object, how) VALUES "
	    "(1, 11, 'ambiguous'), (2, 11, 'ambiguous'), "
	    "(1, 12, 'ambiguous'), (3, 12, 'ambiguous');"
	    "INSERT INTO decided (id, account, grp, decision, at) VALUES "
	    "(1, 12, NULL, 'disable', ago(3))");
	ck_assert_str_eq(listed("*", ""), "* * off - disabled -\n");
	ck_assert_str_eq(told, "ambiguous twins E1 E2\n");
	ck_assert_uint_eq(count.ambiguous, 1);
}
END_TEST

START_TEST(a_right_of_several_sources_is_named_with_its_source)
{
	facts_sql(store,
	    "INSERT INTO acct (id, name) VALUES (11, 'ann');"
	    "INSERT INTO groups (id, name) VALUES (90, 'dba');"
	    "INSERT INTO groups (id, source, name, key) VALUES "
	    "(91, 2, 'dba', 'g:dba');"
	    "INSERT INTO holds (member, grp) VALUES (11, 90);"
	    "INSERT INTO decided (id, account, grp, decision, at) VALUES "
	    "(1, 11, 90, 'revoke', ago(3))");
	refused_map("dba=db1/sshd");
	ck_assert_ptr_nonnull(strstr(e.text, "SOURCE:dba=db1/sshd"));
	ck_assert_str_eq(
	    listed("*", "corp:dba=db1/sshd"), "db1 sshd ann - revoked -\n");
	ck_assert_str_eq(listed("*", "unix:dba=db1/sshd"), "");
	ck_assert_uint_eq(count.unmapped, 1);
}
END_TEST

START_TEST(break_glass_of_one_source_is_not_that_of_another)
{
	facts_sql(store,
	    "INSERT INTO people (id, name, status) VALUES (1, 'a', 'left');"
	    "INSERT INTO acct (id, name) VALUES (11, 'dan');"
	    "INSERT INTO owns (person, object) VALUES (1, 11);"
	    "INSERT INTO registers (kind, account, source) VALUES "
	    "('break-glass', 'dan', 'unix')");
	ck_assert_str_eq(listed("*", ""), "* * dan - leaver -\n");
	ck_assert_str_eq(told, "");
}
END_TEST

START_TEST(a_number_that_is_another_s_too_is_left_out)
{
	facts_sql(store,
	    "INSERT INTO people (id, name, status) VALUES (1, 'wang', 'left');"
	    "INSERT INTO acct (id, name, uid_number) VALUES (11, 'wang', 1001),"
	    " (12, 'toor', 0);"
	    "INSERT INTO acct (id, source, name, host, uid_number, key) VALUES "
	    "(13, 2, 'ubuntu', 'web1', 1001, 'host:web1/ubuntu');"
	    "INSERT INTO owns (person, object) VALUES (1, 11), (1, 12)");
	ck_assert_str_eq(
	    listed("*", ""), "* * toor - leaver -\n* * wang - leaver -\n");
}
END_TEST

START_TEST(who_shares_the_name_of_a_leaver_is_told)
{
	facts_sql(store,
	    "INSERT INTO people (id, name, status) VALUES (1, 'a', 'left'), "
	    "(2, 'b', 'active');"
	    "INSERT INTO acct (id, name) VALUES (11, 'wang');"
	    "INSERT INTO acct (id, source, name, host, key) VALUES "
	    "(12, 2, 'wang', 'web1', 'host:web1/wang');"
	    "INSERT INTO owns (person, object) VALUES (1, 11), (2, 12)");
	ck_assert_str_eq(listed("*", ""), "* * wang - leaver -\n");
	ck_assert_str_eq(told, "also wang E2\n");
}
END_TEST

START_TEST(a_decision_to_disable_denies_once_it_is_effective)
{
	facts_sql(store,
	    "INSERT INTO acct (id, name, uid_number) VALUES (11, 'off', 2001), "
	    "(12, 'gone', 2002), (13, 'kept', 2003), (14, 'unsigned', 2004), "
	    "(15, 'asked-of-a-right', 2005), (16, 'torn', 2006);"
	    "INSERT INTO groups (id, name) VALUES (90, 'dba');"
	    "INSERT INTO decided (id, account, grp, decision, at) VALUES "
	    "(1, 11, NULL, 'disable', ago(3)), (2, 12, NULL, 'delete', ago(3)),"
	    "(3, 13, NULL, 'disable', ago(3)), (4, 13, NULL, 'keep', ago(2)), "
	    "(6, 15, 90, 'disable', ago(1)), (7, 16, 90, 'disable', ago(2)), "
	    "(8, 16, NULL, 'keep', ago(1));"
	    "INSERT INTO decided (id, account, grp, decision, at, grade, "
	    "severity) VALUES (5, 14, NULL, 'disable', ago(1), 'transcribed', "
	    "'high')");
	/* Of one campaign the hardest word on an account stands. */
	ck_assert_str_eq(listed("*", ""),
	    "* * asked-of-a-right 2005 disabled -\n"
	    "* * gone 2002 disabled -\n"
	    "* * off 2001 disabled -\n"
	    "* * torn 2006 disabled -\n");
	facts_sql(store,
	    "INSERT INTO act VALUES (900, ago(1), 'second', NULL, '', '', "
	    "x'00'); INSERT INTO second VALUES (900, 105, 'approved', '')");
	ck_assert_ptr_nonnull(
	    strstr(listed("*", ""), "* * unsigned 2004 disabled -\n"));
}
END_TEST

START_TEST(a_revoked_right_denies_only_where_it_is_mapped_and_held)
{
	facts_sql(store,
	    "INSERT INTO acct (id, name, uid_number) VALUES (11, 'ann', 2001), "
	    "(12, 'bob', 2002);"
	    "INSERT INTO groups (id, name, dn) VALUES "
	    "(90, 'dba', 'cn=dba,dc=x'), (91, 'web', 'cn=web,dc=x'), "
	    "(92, 'inner', NULL);"
	    "INSERT INTO holds (member, grp) VALUES (11, 92), (92, 90), "
	    "(11, 91);"
	    "INSERT INTO decided (id, account, grp, decision, at) VALUES "
	    "(1, 11, 90, 'revoke', ago(3)), (2, 11, 91, 'revoke', ago(3)), "
	    "(3, 12, 90, 'revoke', ago(3))");
	ck_assert_str_eq(listed("*", ""), "");
	ck_assert_uint_eq(count.unmapped, 2);
	ck_assert_str_eq(
	    listed("*", "dba=db1/sshd"), "db1 sshd ann - revoked -\n");
	ck_assert_uint_eq(count.unmapped, 1);
	ck_assert_str_eq(
	    listed("*", "CN=dba,dc=x=*/sudo"), "* sudo ann - revoked -\n");
	ck_assert_str_eq(listed("web1", "dba=db1/sshd"), "");
}
END_TEST

START_TEST(break_glass_is_never_proposed)
{
	facts_sql(store,
	    "INSERT INTO people (id, name, status) VALUES (1, 'a', 'left');"
	    "INSERT INTO acct (id, name) VALUES (11, 'Emergency');"
	    "INSERT INTO owns (person, object) VALUES (1, 11);"
	    "INSERT INTO registers (kind, account) VALUES "
	    "('break-glass', 'emergency')");
	ck_assert_str_eq(listed("*", ""), "");
	ck_assert_uint_eq(count.break_glass, 1);
	ck_assert_str_eq(told, "break-glass Emergency \n");
}
END_TEST

START_TEST(hostile_names_stay_one_field_or_are_told)
{
	facts_sql(store,
	    "INSERT INTO people (id, name, status) VALUES (1, 'a', 'left');"
	    "INSERT INTO acct (id, name) VALUES (11, 'a b % c'), "
	    "(12, 'x' || char(10) || '* * root - leaver -'), "
	    "(13, '-rf $(x)');"
	    "INSERT INTO owns (person, object) VALUES (1, 11), (1, 12), "
	    "(1, 13)");
	ck_assert_str_eq(listed("*", ""),
	    "* * -rf%20$(x) - leaver -\n"
	    "* * a%20b%20%25%20c - leaver -\n");
	ck_assert_uint_eq(count.unwritable, 1);
}
END_TEST

START_TEST(a_rule_of_the_map_is_one_right_somewhere)
{
	static const struct {
		const char *word, *right, *host, *service;
	} rows[] = {
		{ "dba=db1/sshd", "dba", "db1", "sshd" },
		{ "cn=a,dc=b=*/sudo", "cn=a,dc=b", "*", "sudo" },
		{ "dba=db1/*", "dba", "db1", "*" },
		{ "corp:dba=db1/sshd", "corp:dba", "db1", "sshd" },
		{ "dba=*/*", NULL, NULL, NULL },
		{ "dba=db1", NULL, NULL, NULL },
		{ "=db1/sshd", NULL, NULL, NULL },
		{ "dba=/sshd", NULL, NULL, NULL },
		{ "dba=db1/", NULL, NULL, NULL },
		{ "dba", NULL, NULL, NULL },
		{ "", NULL, NULL, NULL },
	};
	struct deny_rule rule;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int result = deny_rule_parse(rows[i].word, &rule, &e);

		ck_assert_msg(result == (rows[i].right == NULL ? -1 : 0), "%s",
		    rows[i].word);
		if (result == -1) {
			ck_assert_int_eq(e.code, ERR_CONFIG);
			continue;
		}
		ck_assert_str_eq(rule.right, rows[i].right);
		ck_assert_str_eq(rule.host, rows[i].host);
		ck_assert_str_eq(rule.service, rows[i].service);
	}
}
END_TEST

START_TEST(a_key_is_made_once_and_read_by_its_owner_alone)
{
	struct note_signer made, read;
	char path[64];

	(void)snprintf(path, sizeof(path), "%s/key", folder);
	ck_assert_ok(deny_key_make(path, "denylist.example.com", &made, &e));
	ck_assert_int_eq(shell("test $(stat -c %%a %s) = 600", path), 0);
	ck_assert_int_eq(
	    deny_key_make(path, "denylist.example.com", &read, &e), -1);
	ck_assert_ok(deny_key_read(path, &read, &e));
	ck_assert(note_key_same(&made.key, &read.key));
	ck_assert_int_eq(shell("chmod 640 %s", path), 0);
	ck_assert_int_eq(deny_key_read(path, &read, &e), -1);
	ck_assert_int_eq(e.code, ERR_ACCESS);
	ck_assert_int_eq(deny_key_make(path, "two words", &made, &e), -1);
}
END_TEST

START_TEST(what_is_signed_is_what_a_host_takes)
{
	struct note_signer signer;
	struct denylist *list = NULL;
	struct buf note = buf_new(DENYLIST_FILE_MAX);
	char path[64];

	facts_sql(store,
	    "INSERT INTO people (id, name, status) VALUES (1, 'a', 'left');"
	    "INSERT INTO acct (id, name) VALUES (11, 'wang');"
	    "INSERT INTO owns (person, object) VALUES (1, 11)");
	(void)listed("*", "");
	(void)snprintf(path, sizeof(path), "%s/key", folder);
	ck_assert_int_eq(deny_key_make(path, "d", &signer, &e), 0);
	ck_assert_ok(deny_sign(&signer, buf_string(&text), &note, &e));
	ck_assert_int_eq(denylist_parse(&list, note.data, note.length, &e), 0);
	ck_assert_uint_eq(denylist_facts(list).counter, 7);
	ck_assert_uint_eq(denylist_facts(list).entries, 1);
	denylist_free(&list);
	buf_free(&note);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("review_denylist");
	TCase *c = tcase_create("list");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, a_leaver_is_denied_whatever_the_directory_says);
	tcase_add_test(c, a_last_day_that_is_past_is_enough);
	tcase_add_test(c, an_account_that_may_be_a_leaver_s_is_told);
	tcase_add_test(c, a_right_of_several_sources_is_named_with_its_source);
	tcase_add_test(c, break_glass_of_one_source_is_not_that_of_another);
	tcase_add_test(c, a_number_that_is_another_s_too_is_left_out);
	tcase_add_test(c, who_shares_the_name_of_a_leaver_is_told);
	tcase_add_test(c, a_decision_to_disable_denies_once_it_is_effective);
	tcase_add_test(
	    c, a_revoked_right_denies_only_where_it_is_mapped_and_held);
	tcase_add_test(c, break_glass_is_never_proposed);
	tcase_add_test(c, hostile_names_stay_one_field_or_are_told);
	tcase_add_test(c, a_rule_of_the_map_is_one_right_somewhere);
	tcase_add_test(c, a_key_is_made_once_and_read_by_its_owner_alone);
	tcase_add_test(c, what_is_signed_is_what_a_host_takes);
	suite_add_tcase(s, c);
	return unit_run(s);
}
