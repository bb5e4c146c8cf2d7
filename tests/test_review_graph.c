/* Rights through nesting: paths, depths, ways; cycles end; other sources. */
#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "review/graph.h"
#include "unit.h"

static struct err e;
static struct store *s;
static char folder[] = "/tmp/reeve-graph-XXXXXX";

static void
sql(const char *text)
{
	ck_assert_msg(
	    sqlite3_exec(store_handle(s), text, NULL, NULL, NULL) == SQLITE_OK,
	    "%s", sqlite3_errmsg(store_handle(s)));
}

/* Objects 1 to 60: accounts to 30, groups above. */
static void
setup(void)
{
	char path[64];

	(void)strcpy(strrchr(folder, '-'), "-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/review.db", folder);
	memset(&e, 0, sizeof(e));
	ck_assert_ok(store_open(&s, path, STORE_WRITE, &e));
	sql("INSERT INTO source (id, name, url, realm, core)"
	    " VALUES (1, 's', 'ldif:x', 's', 1);"
	    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < 60) INSERT INTO object (id, source, kind, key)"
	    " SELECT i, 1, i > 30, 'k' || i FROM n");
}

static void
teardown(void)
{
	char command[64 + sizeof(folder)];

	store_close(&s);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	ck_assert_int_eq(system(command), 0);
}

static void
edge(int group, int member, enum edge_how how)
{
	char text[160];

	(void)snprintf(text, sizeof(text),
	    "INSERT INTO edge (grp, member, how, since, until)"
	    " VALUES (%d, %d, %d, 5, 9223372036854775807)",
	    group, member, (int)how);
	sql(text);
}

/* What was reported, as "RIGHT<HOLDER DEPTH/WAYS: HOW>GROUP ...". */
static int
remember(void *context, const struct graph_holding *h, struct err *error)
{
	char *text = context;

	(void)error;
	(void)sprintf(text + strlen(text), "%d<%d %zu/%zu:", (int)h->right,
	    (int)h->holder, h->depth, h->ways);
	for (size_t i = 0; i < h->depth; i++)
		(void)sprintf(text + strlen(text), " %s>%d",
		    edge_how_names[h->steps[i].how], (int)h->steps[i].group);
	(void)strcat(text, "; ");
	return 0;
}

static char text[8192];

static const char *
rights_at(int64_t account, int64_t state)
{
	text[0] = '\0';
	ck_assert_ok(graph_rights(s, state, account, remember, text, &e));
	return text;
}

static const char *
rights(int64_t account)
{
	return rights_at(account, STORE_NOW);
}

START_TEST(a_direct_member_holds_it_in_one_step)
{
	edge(31, 1, EDGE_MEMBER);
	ck_assert_str_eq(rights(1), "31<1 1/1: member>31; ");
}
END_TEST

START_TEST(twenty_groups_deep_is_found)
{
	const char *found;

	for (int i = 31; i < 50; i++)
		edge(i, i + 1, EDGE_MEMBER);
	edge(50, 1, EDGE_MEMBER);
	found = strstr(rights(1), "31<1 ");
	ck_assert_ptr_nonnull(found);
	ck_assert_msg(
	    strncmp(found, "31<1 20/1: member>50 member>49 ", 31) == 0, "%s",
	    found);
	ck_assert_ptr_nonnull(strstr(found, "member>32 member>31; "));
}
END_TEST

START_TEST(a_cycle_ends)
{
	edge(31, 32, EDGE_MEMBER);
	edge(32, 33, EDGE_MEMBER);
	edge(33, 31, EDGE_MEMBER);
	edge(33, 33, EDGE_MEMBER);
	edge(33, 1, EDGE_MEMBER);
	ck_assert_str_eq(rights(1),
	    "33<1 1/1: member>33; "
	    "32<1 2/1: member>33 member>32; "
	    "31<1 3/1: member>33 member>32 member>31; ");
}
END_TEST

START_TEST(a_diamond_has_two_ways_and_one_shortest_path)
{
	edge(31, 32, EDGE_MEMBER);
	edge(31, 33, EDGE_MEMBER);
	edge(32, 1, EDGE_MEMBER);
	edge(33, 1, EDGE_MEMBER);
	ck_assert_ptr_nonnull(
	    strstr(rights(1), "31<1 2/2: member>32 member>31; "));
}
END_TEST

START_TEST(a_direct_membership_does_not_hide_the_way_round)
{
	edge(31, 32, EDGE_MEMBER);
	edge(31, 1, EDGE_NAME);
	edge(32, 1, EDGE_MEMBER);
	ck_assert_ptr_nonnull(strstr(rights(1), "31<1 1/2: name>31; "));
}
END_TEST

START_TEST(a_primary_group_nested_in_it_counts)
{
	edge(31, 32, EDGE_MEMBER);
	edge(32, 1, EDGE_PRIMARY);
	ck_assert_ptr_nonnull(
	    strstr(rights(1), "31<1 2/1: primary>32 member>31; "));
}
END_TEST

START_TEST(who_carries_a_members_sid_holds_what_that_member_holds)
{
	edge(31, 1, EDGE_MEMBER);
	edge(1, 2, EDGE_SID_HISTORY);
	ck_assert_str_eq(rights(2),
	    "1<2 1/1: sid-history>1; "
	    "31<2 2/1: sid-history>1 member>31; ");
}
END_TEST

START_TEST(a_past_state_has_the_memberships_of_then)
{
	edge(31, 1, EDGE_MEMBER);
	sql("UPDATE edge SET until = 7");
	edge(31, 2, EDGE_MEMBER);
	sql("UPDATE edge SET since = 7 WHERE member = 2");
	ck_assert_str_eq(rights_at(1, 4), "");
	ck_assert_str_eq(rights_at(1, 6), "31<1 1/1: member>31; ");
	ck_assert_str_eq(rights(1), "");
	ck_assert_str_eq(rights(2), "31<2 1/1: member>31; ");
}
END_TEST

START_TEST(a_host_of_the_realm_names_it)
{
	sql("UPDATE source SET product = 'openldap';"
	    "INSERT INTO source (id, name, url, realm, core)"
	    " VALUES (2, 'h', 'passwd:x', 's', 1);"
	    "UPDATE object SET source = 2 WHERE id > 50;"
	    "INSERT INTO account_fact (object, since, until, digest, kind, "
	    "name)"
	    " VALUES (1, 5, 9223372036854775807, x'00', 'user', 'Ann');"
	    "INSERT INTO dangling VALUES"
	    " (51, 2, 'ann', 1, 5, 9223372036854775807),"
	    " (52, 3, 'ann', 1, 5, 9223372036854775807)");
	ck_assert_str_eq(rights(1), "51<1 1/1: name>51; ");
	/* Two of that name: nobody knows which. */
	sql("INSERT INTO account_fact (object, since, until, digest, kind, "
	    "name)"
	    " VALUES (2, 5, 9223372036854775807, x'00', 'user', 'ANN')");
	ck_assert_str_eq(rights(1), "");
	sql("DELETE FROM account_fact WHERE object = 2;"
	    "UPDATE source SET realm = 'x' WHERE id = 2");
	ck_assert_str_eq(rights(1), "");
}
END_TEST

START_TEST(what_is_not_there_has_no_rights)
{
	ck_assert_str_eq(rights(1), "");
	ck_assert_str_eq(rights(4711), "");
	ck_assert_str_eq(rights(-1), "");
}
END_TEST

static int
refuse(void *context, const struct graph_holding *h, struct err *error)
{
	(void)context;
	(void)h;
	return err_set(error, ERR_LIMIT, "enough");
}

START_TEST(who_listens_may_stop_it)
{
	edge(31, 1, EDGE_MEMBER);
	ck_assert_int_eq(graph_rights(s, STORE_NOW, 1, refuse, NULL, &e), -1);
	ck_assert_str_eq(e.text, "enough");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("review_graph");
	TCase *c = tcase_create("graph");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, a_direct_member_holds_it_in_one_step);
	tcase_add_test(c, twenty_groups_deep_is_found);
	tcase_add_test(c, a_cycle_ends);
	tcase_add_test(c, a_diamond_has_two_ways_and_one_shortest_path);
	tcase_add_test(c, a_direct_membership_does_not_hide_the_way_round);
	tcase_add_test(c, a_primary_group_nested_in_it_counts);
	tcase_add_test(
	    c, who_carries_a_members_sid_holds_what_that_member_holds);
	tcase_add_test(c, a_past_state_has_the_memberships_of_then);
	tcase_add_test(c, a_host_of_the_realm_names_it);
	tcase_add_test(c, what_is_not_there_has_no_rights);
	tcase_add_test(c, who_listens_may_stop_it);
	suite_add_tcase(suite, c);
	return unit_run(suite);
}
