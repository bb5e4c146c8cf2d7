/* What has passed its period is erased, by two persons, and nothing else. */
#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review/fact.h"
#include "review/purge.h"
#include "review_keys.h"
#include "unit.h"

#define NOW      INT64_C(1795953600) /* 2026-11-29T12:00:00Z */
#define BEFORE36 INT64_C(1698796800) /* 2023-11-01 */
#define BEFORE60 INT64_C(1635724800) /* 2021-11-01 */
#define MARK     "zebrafinch-origin-7402"

static struct err e;
static struct store *store;
static char folder[40], db[64], key_ann[256], key_bob[256];
static struct act_how ann, bob;
static const struct config_retention retention = { 36, 36, 60, 60 };

static void
run_sql(const char *sql)
{
	char *why = NULL;

	ck_assert_msg(sqlite3_exec(store_handle(store), sql, NULL, NULL,
	                  &why) == SQLITE_OK,
	    "%s", why);
}

static int64_t
number(const char *sql)
{
	sqlite3_stmt *st = NULL;
	int64_t n;

	ck_assert_int_eq(
	    sqlite3_prepare_v2(store_handle(store), sql, -1, &st, NULL),
	    SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(st), SQLITE_ROW);
	n = sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	return n;
}

/* Pulls of 2020, June 2021, and 2022; imports of personnel data likewise. */
static const char data[] =
    "PRAGMA foreign_keys = OFF;"
    "INSERT INTO source (id, name, url, realm, core) VALUES (1, 's', 'ldif:s', "
    "'s', 1);"
    "INSERT INTO pull (id, source, started, mode, state, complete, scope, "
    "program) VALUES"
    " (1, 1, 1577836800, 'full', 'applied', 1, '', ''),"
    " (2, 1, 1622505600, 'full', 'applied', 1, '', ''),"
    " (3, 1, 1640995200, 'full', 'applied', 1, '', '');"
    "INSERT INTO object (id, source, kind, key) VALUES"
    " (1, 1, 0, 'name:old'), (2, 1, 0, 'name:new'), (3, 1, 1, 'name:right');"
    /* The first ended in 2021, before the limit; the second in 2022. */
    "INSERT INTO account_fact (object, since, until, digest, kind, name) VALUES"
    " (1, 1, 2, x'', 'user', 'old'), (2, 1, 3, x'', 'user', 'new'),"
    " (2, 3, 9223372036854775807, x'', 'user', 'new');"
    "INSERT INTO account_value VALUES (1, 'mail', 'old@x', 1, 2);"
    "INSERT INTO group_fact (object, since, until, digest, kind, "
    "members_incomplete)"
    " VALUES (3, 1, 2, x'', 'group', 0), (3, 2, 9223372036854775807, x'', "
    "'group', 0);"
    "INSERT INTO edge VALUES (3, 1, 0, 1, 2, NULL), (3, 2, 0, 1, 3, NULL);"
    "INSERT INTO dangling VALUES (3, 1, 'cn=x', 0, 1, 2);"
    "INSERT INTO policy_fact (source, key, since, until, digest, form, "
    "is_default)"
    " VALUES (1, 'p', 1, 2, x'', 'ppolicy', 1);"
    "INSERT INTO policy_target VALUES (1, 'p', 1, 1, 2);"
    "INSERT INTO hr_import VALUES (1, 1577836800, 1577836800, '', x'', 1, 0),"
    " (2, 1622505600, 1622505600, '', x'', 1, 0),"
    " (3, 1640995200, 1640995200, '', x'', 1, 0);"
    "INSERT INTO person VALUES (1, 'E1'), (2, 'E2');"
    "INSERT INTO person_fact (person, since, until, name, kind, status) VALUES"
    " (1, 1, 2, 'once', 'staff', 'active'),"
    " (1, 2, 9223372036854775807, 'now', 'staff', 'left'),"
    " (2, 1, 2, 'gone', 'staff', 'left');"
    "INSERT INTO person_event VALUES (1, 1577836800, 'joined', NULL, 'IT', 1),"
    " (1, 1262304000, 'transferred', NULL, 'IT', 3);"
    /* Days 19600 (2023-08-31) and 19661 (2023-10-31) are due, 19662 not. */
    "INSERT INTO use_day VALUES"
    " ('h', 'u', 19600, 'sshd', '', '" MARK
    "', 'success', 1, 1693440000, 1693440000, 1, 0, 1),"
    " ('h', 'u', 19661, 'sshd', '', 'b', 'success', 1, 1698710400, 1698710400, "
    "1, 0, 1),"
    " ('h', 'u', 19661, 'sshd', '', 'b', 'failure', 1, 1698710400, 1698710400, "
    "1, 0, 1),"
    " ('h', 'w', 19662, 'sshd', '', 'b', 'failure', 1, 1698796800, 1698796800, "
    "1, 0, NULL);"
    "INSERT INTO use_part VALUES"
    " ('h', 1693440000, 'secret', 'u', '', 'sshd', '', 'b', 'auth.log', 0, 1, "
    "1693440000, 1693440009),"
    " ('h', 1698796800, 'secret', 'u', '', 'sshd', '', 'b', 'auth.log', 0, 1, "
    "1698796800, 1698796800);"
    "INSERT INTO trail_span VALUES (1, 'h', 1693440000, 1693440900, 0),"
    " (1, 'h', 1698796000, 1698799000, 0);"
    "INSERT INTO daily_alert VALUES ('spray', 'a', 1693440000, 1, '{}'),"
    " ('spray', 'b', 1795900000, 1, '{}');"
    "PRAGMA foreign_keys = ON;";

static void
setup(void)
{
	strcpy(folder, "/tmp/reeve-purge-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(db, sizeof(db), "%s/review.db", folder);
	ck_assert_ok(store_open(&store, db, STORE_WRITE, &e));
	keys_enrol(store, folder, "ann", "E1001", NOW - 1000);
	keys_enrol(store, folder, "bob", "E1002", NOW - 1000);
	ann = keys_how(folder, "ann", NOW, key_ann);
	bob = keys_how(folder, "bob", NOW, key_bob);
	run_sql(data);
}

static void
teardown(void)
{
	store_close(&store);
	(void)shell("rm -rf %s", folder);
}

static int64_t
due(const char *kind, struct purge_part *out)
{
	struct purge_part parts[PURGE_KINDS];

	ck_assert_ok(purge_look(store, &retention, NOW, parts, &e));
	for (size_t i = 0; i < PURGE_KINDS; i++)
		if (strcmp(parts[i].kind->name, kind) == 0) {
			if (out != NULL)
				*out = parts[i];
			return parts[i].rows;
		}
	ck_abort_msg("no kind %s", kind);
}

static int64_t
propose(const char *kinds)
{
	int64_t act = 0;

	ck_assert_ok(
	    purge_propose(store, &retention, kinds, &ann, &act, NULL, &e));
	return act;
}

static struct purge_result
apply(int64_t act)
{
	struct purge_result r;

	ck_assert_ok(purge_apply(store, &retention, act, &ann, &r, NULL, &e));
	return r;
}

static int
try_apply(int64_t act)
{
	struct purge_result r;

	return purge_apply(store, &retention, act, &ann, &r, NULL, &e);
}

static int64_t
approved(const char *kinds)
{
	int64_t act = propose(kinds);

	ck_assert_ok(act_second(store, act, true, "", &bob, NULL, &e));
	return act;
}

static void
say_fault(void *context, const struct act_fault *f)
{
	(void)context;
	(void)fprintf(
	    stderr, "act %lld: %s: %s\n", (long long)f->act, f->word, f->text);
}

START_TEST(a_period_ends_with_a_month)
{
	ck_assert_int_eq(purge_before(NOW, 36), BEFORE36);
	ck_assert_int_eq(purge_before(NOW, 60), BEFORE60);
	ck_assert_int_eq(purge_before(NOW, 11), 1767225600 - 31 * 86400);
	ck_assert_int_eq(purge_before(NOW, 1200), 0);
}
END_TEST

START_TEST(an_empty_database_has_nothing_due)
{
	struct store *empty = NULL;
	struct purge_part parts[PURGE_KINDS];
	char path[80];

	(void)snprintf(path, sizeof(path), "%s/empty.db", folder);
	ck_assert_ok(store_open(&empty, path, STORE_WRITE, &e));
	ck_assert_ok(purge_look(empty, &retention, NOW, parts, &e));
	for (size_t i = 0; i < PURGE_KINDS; i++) {
		ck_assert_int_eq(parts[i].rows, 0);
		ck_assert_int_eq(parts[i].have, FACT_UNKNOWN);
		ck_assert_int_eq(parts[i].oldest, FACT_UNKNOWN);
	}
	store_close(&empty);
}
END_TEST

START_TEST(what_is_due_is_counted_by_kind)
{
	struct purge_part p;

	/* The success of day 19661 is the account's last use. */
	ck_assert_int_eq(due("logins", &p), 4);
	ck_assert_int_eq(p.before, BEFORE36);
	ck_assert_int_eq(p.oldest, 1693440000);
	ck_assert_int_eq(p.have, 1693440000);
	ck_assert_int_eq(p.purged, FACT_UNKNOWN);
	ck_assert_int_eq(due("alerts", NULL), 1);
	ck_assert_int_eq(due("accounts", &p), 7);
	ck_assert_int_eq(p.oldest, 1622505600);
	ck_assert_int_eq(due("personnel", NULL), 2);
}
END_TEST

START_TEST(what_was_counted_is_what_is_erased)
{
	static const char *const kinds[] = { "logins", "alerts", "accounts",
		"personnel" };
	int64_t rows = due(kinds[_i], NULL), act = approved(kinds[_i]);

	ck_assert_int_eq(apply(act).rows, rows);
	ck_assert_int_eq(due(kinds[_i], NULL), 0);
	ck_assert_int_eq(number("SELECT rows FROM purged"), rows);
}
END_TEST

START_TEST(what_has_not_passed_its_period_stays)
{
	(void)apply(approved(NULL));
	ck_assert_int_eq(number("SELECT count(*) FROM use_part"), 1);
	ck_assert_int_eq(number("SELECT count(*) FROM trail_span"), 1);
	ck_assert_int_eq(number("SELECT count(*) FROM use_day"), 2);
	ck_assert_int_eq(number("SELECT count(*) FROM daily_alert"), 1);
	ck_assert_int_eq(number("SELECT count(*) FROM account_fact"), 2);
	ck_assert_int_eq(number("SELECT count(*) FROM group_fact"), 1);
	ck_assert_int_eq(number("SELECT count(*) FROM edge"), 1);
	ck_assert_int_eq(number("SELECT count(*) FROM person_fact"), 2);
	ck_assert_int_eq(number("SELECT count(*) FROM person_event"), 1);
	ck_assert_int_eq(number("SELECT count(*) FROM object"), 3);
}
END_TEST

START_TEST(an_account_keeps_its_last_use)
{
	(void)apply(approved("logins"));
	ck_assert_int_eq(
	    number("SELECT max(last) FROM use_day WHERE object = 1"),
	    1698710400);
}
END_TEST

START_TEST(what_held_when_a_campaign_froze_stays)
{
	run_sql("PRAGMA foreign_keys = OFF; INSERT INTO campaign_freeze "
	        "VALUES (9, 1, 1, 1, 'house', 1, 0, 1, 1)");
	ck_assert_int_eq(due("accounts", NULL), 0);
	run_sql("UPDATE campaign_freeze SET state = 2");
	ck_assert_int_eq(due("accounts", NULL), 7);
}
END_TEST

START_TEST(the_last_facts_of_what_a_finding_is_about_stay)
{
	run_sql(
	    "PRAGMA foreign_keys = OFF; INSERT INTO finding (rule, subject, "
	    "about, state, certainty, severity, reason, evidence, first_run, "
	    "last_run) VALUES ('AR-101', 1, '', 'hit', 'certain', 'low', '', "
	    "'{}', 1, 1)");
	ck_assert_int_eq(due("accounts", NULL), 6);
	ck_assert_int_eq(apply(approved("accounts")).rows, 6);
	ck_assert_int_eq(
	    number("SELECT count(*) FROM account_fact WHERE object = 1"), 1);
}
END_TEST

START_TEST(a_finding_about_no_account_keeps_nothing)
{
	run_sql(
	    "PRAGMA foreign_keys = OFF; INSERT INTO finding (rule, subject, "
	    "about, state, certainty, severity, reason, evidence, first_run, "
	    "last_run) VALUES ('AR-305', NULL, 'host', 'hit', 'certain', "
	    "'low', '', '{}', 1, 1)");
	ck_assert_int_eq(due("accounts", NULL), 7);
	ck_assert_int_eq(apply(approved("accounts")).rows, 7);
	ck_assert_int_eq(
	    number("SELECT count(*) FROM account_fact WHERE object = 1"), 0);
}
END_TEST

START_TEST(nothing_is_erased_without_a_second_person)
{
	int64_t act = propose(NULL);

	ck_assert_fails(try_apply(act), ERR_ACCESS);
	ck_assert_ptr_nonnull(strstr(e.text, "second person"));
	ck_assert_fails(
	    act_second(store, act, true, "", &ann, NULL, &e), ERR_ACCESS);
	ck_assert_fails(try_apply(act), ERR_ACCESS);
	ck_assert_int_eq(due("logins", NULL), 4);
}
END_TEST

START_TEST(what_was_refused_is_not_erased)
{
	int64_t act = propose(NULL);

	ck_assert_ok(act_second(store, act, false, "no", &bob, NULL, &e));
	ck_assert_fails(try_apply(act), ERR_ACCESS);
	ck_assert_ptr_nonnull(strstr(e.text, "refused"));
	ck_assert_int_eq(due("logins", NULL), 4);
}
END_TEST

START_TEST(a_proposal_that_was_altered_is_not_carried_out)
{
	int64_t act = approved("logins");

	run_sql("DROP TRIGGER purge_fixed; UPDATE purge SET \"before\" = "
	        "\"before\" - 86400");
	ck_assert_fails(try_apply(act), ERR_TAMPERED);
	ck_assert_int_eq(due("logins", NULL), 4);
}
END_TEST

START_TEST(it_is_carried_out_once)
{
	int64_t act = approved(NULL);
	struct purge_result first = apply(act), second = apply(act);

	ck_assert(!first.before);
	ck_assert(second.before);
	ck_assert_int_eq(second.act, first.act);
	ck_assert_int_eq(second.rows, 0);
	ck_assert_int_eq(number("SELECT count(DISTINCT act) FROM purged"), 1);
}
END_TEST

START_TEST(a_hold_stops_it_and_after_its_end_two_speak_anew)
{
	int64_t act = approved(NULL);

	ck_assert_ok(
	    purge_hold(store, "case 7", true, "court", &ann, NULL, &e));
	ck_assert_int_eq(purge_holds(store, NULL, NULL, &e), 1);
	ck_assert_fails(try_apply(act), ERR_ACCESS);
	ck_assert_ptr_nonnull(strstr(e.text, "hold"));
	ck_assert_fails(
	    purge_hold(store, "case 7", true, "again", &ann, NULL, &e),
	    ERR_USAGE);
	ck_assert_fails(
	    purge_hold(store, "case 8", false, "what", &ann, NULL, &e),
	    ERR_USAGE);
	ck_assert_ok(
	    purge_hold(store, "case 7", false, "over", &bob, NULL, &e));
	ck_assert_int_eq(purge_holds(store, NULL, NULL, &e), 0);
	/* Who ended it alone can't use what was approved before. */
	ck_assert_fails(try_apply(act), ERR_ACCESS);
	ck_assert_ptr_nonnull(strstr(e.text, "anew"));
	ck_assert_int_gt(apply(approved(NULL)).rows, 0);
}
END_TEST

START_TEST(an_approval_is_for_no_more_rows_than_were_proposed)
{
	int64_t act = approved("alerts");

	run_sql("INSERT INTO daily_alert VALUES ('spray', 'late', 1693440001, "
	        "1, '{}')");
	ck_assert_fails(try_apply(act), ERR_ACCESS);
	ck_assert_ptr_nonnull(strstr(e.text, "2 rows are due by now"));
	ck_assert_int_eq(number("SELECT count(*) FROM daily_alert"), 3);
	ck_assert_int_eq(number("SELECT count(*) FROM purged"), 0);
	ck_assert_int_eq(apply(approved("alerts")).rows, 2);
}
END_TEST

START_TEST(a_hold_says_why)
{
	ck_assert_fails(
	    purge_hold(store, "case 7", true, NULL, &ann, NULL, &e), ERR_USAGE);
	ck_assert_fails(
	    purge_hold(store, "case 7", true, " ", &ann, NULL, &e), ERR_USAGE);
	ck_assert_fails(
	    purge_hold(store, "case\n7", true, "court", &ann, NULL, &e),
	    ERR_USAGE);
}
END_TEST

START_TEST(a_period_that_is_longer_by_now_holds_for_what_waits)
{
	const struct config_retention longer = { 48, 36, 60, 60 };
	int64_t act = approved(NULL);
	struct purge_result r;

	ck_assert_fails(
	    purge_apply(store, &longer, act, &ann, &r, NULL, &e), ERR_ACCESS);
	ck_assert_int_eq(due("logins", NULL), 4);
}
END_TEST

START_TEST(nothing_due_is_nothing_to_propose)
{
	int64_t act;

	(void)apply(approved(NULL));
	ck_assert_fails(
	    purge_propose(store, &retention, NULL, &ann, &act, NULL, &e),
	    ERR_MISSING);
	ck_assert_fails(purge_propose(store, &retention, "logins,nonsense",
	                    &ann, &act, NULL, &e),
	    ERR_USAGE);
	ck_assert_fails(try_apply(1), ERR_USAGE);
}
END_TEST

static int
refuse_to_sign(void *context, const char *key, const char *text, size_t length,
    struct buf *signature, struct err *why)
{
	(void)context;
	(void)key;
	(void)text;
	(void)length;
	(void)signature;
	return err_set(why, ERR_ACCESS, "no touch");
}

START_TEST(what_is_not_signed_is_not_erased)
{
	int64_t act = approved(NULL);
	struct act_how unable = ann;
	struct purge_result r;

	unable.sign = refuse_to_sign;
	ck_assert_fails(
	    purge_apply(store, &retention, act, &unable, &r, NULL, &e),
	    ERR_ACCESS);
	ck_assert_int_eq(due("logins", NULL), 4);
	ck_assert_int_eq(number("SELECT count(*) FROM purged"), 0);
}
END_TEST

START_TEST(before_when_was_erased_is_told_from_nothing_happened)
{
	struct purge_part p;
	int64_t before;

	ck_assert_ok(purge_last(store, "logins", &before, &e));
	ck_assert_int_eq(before, FACT_UNKNOWN);
	(void)apply(approved("logins"));
	ck_assert_int_eq(due("logins", &p), 0);
	ck_assert_int_eq(p.purged, BEFORE36);
	ck_assert_int_eq(p.have, 1698796000);
	ck_assert_ok(purge_last(store, "alerts", &before, &e));
	ck_assert_int_eq(before, FACT_UNKNOWN);
}
END_TEST

START_TEST(what_persons_signed_still_verifies)
{
	const struct act_trust trust = { .quick = false };

	(void)apply(approved(NULL));
	ck_assert_ok(purge_clean(store, &e));
	ck_assert_int_eq(act_verify(store, &trust, say_fault, NULL, &e), 0);
}
END_TEST

START_TEST(erased_is_gone_from_the_files)
{
	ck_assert_int_eq(shell("cat %s* | grep -q " MARK, db), 0);
	(void)apply(approved("logins"));
	ck_assert_ok(purge_clean(store, &e));
	ck_assert_int_ne(shell("cat %s* | grep -q " MARK, db), 0);
	ck_assert_int_eq(shell("test ! -s %s-wal", db), 0);
}
END_TEST

START_TEST(who_reads_meanwhile_keeps_remains_and_that_is_said)
{
	struct store *reader = NULL;
	struct statement *s;

	(void)apply(approved("logins"));
	(void)sqlite3_busy_timeout(store_handle(store), 50);
	ck_assert_ok(store_open(&reader, db, STORE_READ, &e));
	ck_assert_ok(store_begin(reader, &e));
	s = store_use(reader, "holds", &e);
	ck_assert_int_ne(store_step(s, &e), -1);
	ck_assert_fails(purge_clean(store, &e), ERR_BUSY);
	store_rollback(reader);
	store_close(&reader);
	ck_assert_ok(purge_clean(store, &e));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("review/purge");
	TCase *t = tcase_create("purge");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_period_ends_with_a_month);
	tcase_add_test(t, an_empty_database_has_nothing_due);
	tcase_add_test(t, what_is_due_is_counted_by_kind);
	tcase_add_loop_test(
	    t, what_was_counted_is_what_is_erased, 0, (int)PURGE_KINDS);
	tcase_add_test(t, what_has_not_passed_its_period_stays);
	tcase_add_test(t, an_account_keeps_its_last_use);
	tcase_add_test(t, what_held_when_a_campaign_froze_stays);
	tcase_add_test(t, the_last_facts_of_what_a_finding_is_about_stay);
	tcase_add_test(t, a_finding_about_no_account_keeps_nothing);
	tcase_add_test(t, nothing_is_erased_without_a_second_person);
	tcase_add_test(t, what_was_refused_is_not_erased);
	tcase_add_test(t, a_proposal_that_was_altered_is_not_carried_out);
	tcase_add_test(t, it_is_carried_out_once);
	tcase_add_test(t, a_hold_stops_it_and_after_its_end_two_speak_anew);
	tcase_add_test(t, an_approval_is_for_no_more_rows_than_were_proposed);
	tcase_add_test(t, a_hold_says_why);
	tcase_add_test(t, a_period_that_is_longer_by_now_holds_for_what_waits);
	tcase_add_test(t, nothing_due_is_nothing_to_propose);
	tcase_add_test(t, what_is_not_signed_is_not_erased);
	tcase_add_test(t, before_when_was_erased_is_told_from_nothing_happened);
	tcase_add_test(t, what_persons_signed_still_verifies);
	tcase_add_test(t, erased_is_gone_from_the_files);
	tcase_add_test(t, who_reads_meanwhile_keeps_remains_and_that_is_said);
	suite_add_tcase(suite, t);
	return unit_run(suite);
}
