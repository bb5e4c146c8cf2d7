/*
 * Decisions: what may be said of a question, and by whom. The campaign is laid
 * out in SQL; the act is a stand-in, so that no keys are needed.
 */
#include <check.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "review/decision.h"
#include "review/store.h"
#include "schema/base/buf.h"
#include "unit.h"

#define NOW INT64_C(1796083200) /* 2026-12-01T00:00:00Z */
#define DAY INT64_C(86400)
#define DUE INT64_C(1796500000) /* the campaign's */

static struct err e;
static char folder[64];
static char path[96];
static struct store *db;

struct act {
	int64_t number, at;
	struct signer *signer;
};

int64_t
act_number(const struct act *act)
{
	return act->number;
}

int64_t
act_at(const struct act *act)
{
	return act->at;
}

const struct signer *
act_signer(const struct act *act)
{
	return act->signer;
}

static void
sql(const char *text)
{
	char *message = NULL;

	if (sqlite3_exec(store_handle(db), text, NULL, NULL, &message) !=
	    SQLITE_OK)
		ck_abort_msg("%s in: %.200s", message, text);
}

static int64_t
number(const char *text)
{
	sqlite3_stmt *st;
	int64_t n;

	ck_assert_msg(sqlite3_prepare_v2(
	                  store_handle(db), text, -1, &st, NULL) == SQLITE_OK,
	    "%s", sqlite3_errmsg(store_handle(db)));
	ck_assert_int_eq(sqlite3_step(st), SQLITE_ROW);
	n = sqlite3_column_int64(st, 0);
	ck_assert_int_eq(sqlite3_finalize(st), SQLITE_OK);
	return n;
}

/*
 * Ann (E1) reviews; Ben (E2) holds; Cai (E3) is her deputy for two questions;
 * Dan (E4) asked for trader's grant, Eva (E5) approved it; Fay (E6) has left.
 * Question 1 is of low risk, 2 privileged, 3 flagged, 4 three alike, 5 Ann's
 * own, 6 what Dan asked for.
 */
static const char facts[] =
    "INSERT INTO source (id, name, url, realm, core)"
    " VALUES (1, 'corp', 'ldap://x', 'corp', 1);"
    "INSERT INTO pull (id, source, started, mode, state, complete, scope,"
    " program) VALUES (1, 1, 1796000000, 'full', 'applied', 1, '', 't');"
    "INSERT INTO hr_import VALUES (1, 1, 1, 'hr.csv', x'00', 6, 0);"
    "INSERT INTO person (id, employee) VALUES (1, 'E1'), (2, 'E2'), (3, 'E3'),"
    " (4, 'E4'), (5, 'E5'), (6, 'E6');"
    "INSERT INTO person_fact (person, since, until, name, kind, status)"
    " SELECT id, 1, 9223372036854775807, 'name ' || employee, 'staff',"
    " CASE id WHEN 6 THEN 'left' ELSE 'active' END FROM person;"
    "INSERT INTO object VALUES (10, 1, 0, 'name:ben'), (11, 1, 0, 'name:ann'),"
    " (20, 1, 1, 'name:trader'), (21, 1, 1, 'name:root');"
    "INSERT INTO account_fact (object, since, until, digest, kind, name)"
    " VALUES (10, 1, 9223372036854775807, x'00', 'user', 'ben'), (11, 1,"
    " 9223372036854775807, x'00', 'user', 'ann');"
    "INSERT INTO group_fact (object, since, until, digest, kind, name,"
    " members_incomplete) VALUES (20, 1, 9223372036854775807, x'00',"
    " 'group', 'trader', 0), (21, 1, 9223372036854775807, x'00', 'group',"
    " 'root', 0);"
    "INSERT INTO register_import VALUES (1, 1, 'a.csv', x'00', 'approvals',"
    " 1);"
    "INSERT INTO approval VALUES ('T1', 'name E4', 'E5', 'BEN', 'trader',"
    " NULL, NULL, 1, 9223372036854775807);"
    "INSERT INTO check_run VALUES (1, 1, 1, 0, 1, 'house', 't', NULL);"
    "INSERT INTO act VALUES (1, 1, 'campaign-open', NULL, '', '', x'00'),"
    " (2, 2, 'campaign-freeze', NULL, '', '', x'00'),"
    " (3, 3, 'assign', NULL, '', '', x'00');"
    "INSERT INTO campaign VALUES (1, 1, 'Q4', 'periodic', 1796500000, 'E4',"
    " NULL, NULL);"
    "INSERT INTO campaign_freeze VALUES (2, 1, 1, 1, 'house', 2, 0, 8, 6);"
    "INSERT INTO question VALUES (1, 1, 'single', '', '', 1, 1, 0, 0, 1),"
    " (1, 2, 'single', '', '', 1, 9, 1, 0, 0), (1, 3, 'single', '', '', 1, 5, "
    "0, 1,"
    " 0), (1, 4, 'template', 'all', '', 3, 1, 0, 0, 1), (1, 5, 'single', '', "
    "'', 1,"
    " 1, 0, 0, 1), (1, 6, 'single', '', '', 1, 1, 0, 0, 1);"
    "INSERT INTO item SELECT 2, 1, n, q, 'k' || n, a, r, p, v, s, 'new', l,"
    " 1, json_object('account', CASE a WHEN 10 THEN 'ben' ELSE 'ann' END)"
    " FROM (SELECT 1 AS n, 1 AS q, 10 AS a, 20 AS r, 'E2' AS p, 0 AS v,"
    " '' AS s, 1 AS l UNION ALL SELECT 2, 2, 10, 21, 'E2', NULL, '', 0"
    " UNION ALL SELECT 3, 3, 10, 21, 'E2', 0, 'medium', 0"
    " UNION ALL SELECT 4, 4, 10, NULL, 'E2', 0, 'low', 1"
    " UNION ALL SELECT 5, 4, 10, NULL, NULL, 0, '', 1"
    " UNION ALL SELECT 6, 4, 10, NULL, NULL, 0, '', 1"
    " UNION ALL SELECT 7, 5, 11, 20, 'E1', 0, '', 1"
    " UNION ALL SELECT 8, 6, 10, 20, 'E2', 0, '', 1);"
    "INSERT INTO assignment SELECT 3, 1, n, 'E1', 'manager' FROM question;"
    "INSERT INTO assignment VALUES (2, 1, 6, 'E9', 'manager');"
    "INSERT INTO deputy VALUES (3, 'E1', 'E3', 1796000000, 1797000000, 2);";

static void
setup(void)
{
	memset(&e, 0, sizeof(e));
	(void)strcpy(folder, "/tmp/reeve-decision-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/review.db", folder);
	ck_assert_ok(store_open(&db, path, STORE_WRITE, &e));
	sql(facts);
}

static void
teardown(void)
{
	char command[96];

	store_close(&db);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	ck_assert_int_eq(system(command), 0);
}

static struct decision
keep(int64_t question)
{
	struct decision d = { .campaign = 1,
		.question = question,
		.kind = DECISION_KEEP,
		.reason = "",
		.ends = FACT_UNKNOWN,
		.reviewer = "E1",
		.grade = "signed",
		.decided = FACT_UNKNOWN,
		.seconds = 4,
		.bulk = 1 };

	return d;
}

static void
may(const struct decision *d)
{
	ck_assert_ok(decision_judge(db, d, NOW, &e));
}

static void
may_not(const struct decision *d, const char *because)
{
	ck_assert_int_eq(decision_judge(db, d, NOW, &e), -1);
	ck_assert_int_eq(e.code, ERR_ACCESS);
	ck_assert_msg(
	    strstr(e.text, because) != NULL, "%s: %s", because, e.text);
}

START_TEST(a_decision_is_found_by_its_name_and_its_title_in_both_languages)
{
	for (int i = DECISION_KEEP; i < DECISION_KINDS; i++) {
		enum decision_kind kind = (enum decision_kind)i;
		const char *zh = decision_title(kind, true);
		const char *en = decision_title(kind, false);
		const char *name = decision_names[i];

		ck_assert_int_eq(decision_find(name, strlen(name)), i);
		ck_assert_int_eq(decision_find(zh, strlen(zh)), i);
		ck_assert_int_eq(decision_find(en, strlen(en)), i);
	}
	ck_assert_int_eq(decision_find("KEEP", 4), DECISION_KEEP);
	ck_assert_int_eq(decision_find("保留", strlen("保留")), DECISION_KEEP);
	ck_assert_int_eq(decision_find("", 0), DECISION_NONE);
	ck_assert_int_eq(decision_find("kee", 3), DECISION_NONE);
	ck_assert_int_eq(decision_find("keeper", 6), DECISION_NONE);
}
END_TEST

START_TEST(low_risk_is_kept_without_a_reason_and_all_else_with_one)
{
	struct decision d = keep(1);

	may(&d);
	d = keep(2);
	may_not(&d, "privileged needs a reason");
	d.reason = " \n";
	may_not(&d, "privileged needs a reason");
	d.reason = "on call";
	may(&d);
	d = keep(3);
	may_not(&d, "findings needs a reason");
	d = keep(1);
	d.kind = DECISION_REVOKE;
	may_not(&d, "needs a reason");
	d.reason = "moved";
	may(&d);
}
END_TEST

START_TEST(what_is_low_in_severity_is_no_flag)
{
	struct decision d = keep(4);

	may(&d);
}
END_TEST

START_TEST(only_the_assigned_reviewer_decides)
{
	struct decision d = keep(1);

	d.reviewer = "E4";
	d.question = 5;
	may_not(&d, "not E4's");
	d.question = 1;
	d.reviewer = "";
	may_not(&d, "no employee number");
	sql("INSERT INTO act VALUES (4, 4, 'assign', NULL, '', '', x'00');"
	    "INSERT INTO assignment VALUES (4, 1, 1, 'E6', 'escalated:E1')");
	d = keep(1);
	may_not(&d, "not E1's");
	d.reviewer = "E6";
	may_not(&d, "has left");
}
END_TEST

START_TEST(a_deputy_decides_within_the_limits)
{
	struct decision d = keep(1);

	d.reviewer = "E3";
	may(&d);
	sql("INSERT INTO decision VALUES (3, 1, 1, 2, 0, 'keep', 'x', NULL,"
	    " NULL, NULL, NULL, 'E3', 'signed', NULL, NULL, 1);");
	may(&d);
	sql("INSERT INTO decision VALUES (3, 2, 1, 3, 0, 'keep', 'x', NULL,"
	    " NULL, NULL, NULL, 'E3', 'signed', NULL, NULL, 1);");
	may_not(&d, "at most 2");
	d.question = 3; /* what was counted may be corrected */
	d.reason = "x";
	may(&d);
	ck_assert_int_eq(decision_judge(db, &d, NOW + 30 * DAY, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "not E3's"));
	sql("INSERT INTO act VALUES (4, 4, 'deputy', NULL, '', '', x'00');"
	    "INSERT INTO deputy VALUES (4, 'E1', 'E4', 1, 1797000000, 9);");
	may_not(&d, "not E3's");
}
END_TEST

START_TEST(nobody_decides_on_what_they_hold_asked_for_or_approved)
{
	struct decision d = keep(5);

	may_not(&d, "E1 holds");
	sql("INSERT INTO act VALUES (4, 4, 'assign', NULL, '', '', x'00');"
	    "INSERT INTO assignment VALUES (4, 1, 6, 'E4', 'list')");
	d = keep(6);
	d.reviewer = "E4"; /* the register names him by his name */
	may_not(&d, "E4 asked for");
	sql("INSERT INTO act VALUES (5, 5, 'assign', NULL, '', '', x'00');"
	    "INSERT INTO assignment VALUES (5, 1, 6, 'E5', 'list')");
	d.reviewer = "E5";
	may_not(&d, "E5 approved");
	sql("UPDATE approval SET until = 1");
	may(&d);
}
END_TEST

START_TEST(an_approval_without_a_right_is_of_the_account_as_such)
{
	struct decision d = keep(1);

	sql("UPDATE approval SET requester = 'E1', \"right\" = NULL");
	may(&d);
	d = keep(4);
	may_not(&d, "E1 asked for");
}
END_TEST

START_TEST(an_exception_has_a_control_and_an_end_within_180_days)
{
	struct decision d = keep(1);

	d.kind = DECISION_EXCEPTION;
	d.reason = "old system";
	may_not(&d, "compensating control");
	d.compensation = "logged daily";
	may_not(&d, "an end that is to come");
	d.ends = NOW;
	may_not(&d, "an end that is to come");
	d.ends = NOW + DECISION_EXCEPTION_MAX + 1;
	may_not(&d, "within 180 days");
	d.ends = NOW + DECISION_EXCEPTION_MAX;
	may(&d);
	d.question = 4;
	may_not(&d, "each item by itself");
	d.item = 4;
	may(&d);
}
END_TEST

START_TEST(not_mine_says_whose_it_is)
{
	struct decision d = keep(1);

	d.kind = DECISION_NOT_MINE;
	d.reason = "not my department";
	may_not(&d, "whose it is");
	d.proposal = "E2";
	may_not(&d, "E2 holds it");
	d.proposal = "E1";
	may_not(&d, "yourself");
	d.proposal = "E99";
	may_not(&d, "nobody with the number E99");
	d.proposal = "E6";
	may_not(&d, "has left");
	d.proposal = "E4";
	may(&d);
}
END_TEST

START_TEST(modify_says_what_it_becomes)
{
	struct decision d = keep(1);

	d.kind = DECISION_MODIFY;
	d.reason = "too much";
	may_not(&d, "changed to");
	d.change = "read only";
	may(&d);
}
END_TEST

START_TEST(only_low_risk_is_kept_in_bulk)
{
	struct decision d = keep(1);

	d.bulk = 5;
	may(&d);
	d.question = 2;
	d.reason = "x";
	may_not(&d, "low risk");
	d.question = 3;
	may_not(&d, "low risk");
	d.question = 1;
	d.kind = DECISION_REVOKE;
	may_not(&d, "only keep");
}
END_TEST

START_TEST(texts_are_lines_of_utf8_and_bounded)
{
	static char longer[DECISION_REASON_MAX + 2];
	struct decision d = keep(1);

	memset(longer, 'x', DECISION_REASON_MAX + 1);
	d.reason = longer;
	may_not(&d, "longer than");
	longer[DECISION_REASON_MAX] = '\0';
	may(&d);
	d.reason = "\033[2J";
	may_not(&d, "control character");
	d.reason = "\xff";
	may_not(&d, "UTF-8");
	d.reason = "one\nother 理由";
	may(&d);
}
END_TEST

START_TEST(there_must_be_such_a_question_in_an_open_campaign)
{
	struct decision d = keep(77);

	may_not(&d, "not of that campaign");
	d = keep(1);
	d.item = 2;
	may_not(&d, "not of question");
	sql("INSERT INTO campaign_end VALUES (3, 1, 'closed', '', 1, 0, 0);"
	    "INSERT INTO campaign VALUES (2, 1, 'Q5', 'periodic', 1796500000,"
	    " 'E4', NULL, NULL);"
	    "INSERT INTO question VALUES (2, 1, 'single', '', '', 1, 1, 0, 0, "
	    "1)");
	d = keep(1);
	may_not(&d, "is closed");
	d.campaign = 2;
	may_not(&d, "not frozen");
}
END_TEST

START_TEST(silence_proposes_to_revoke_what_is_due_and_undecided)
{
	struct decision d = keep(2);

	d.grade = "silent";
	d.reviewer = "";
	d.reason = "nobody answered";
	may_not(&d, "to revoke");
	d.kind = DECISION_REVOKE;
	may_not(&d, "before it is due");
	ck_assert_ok(decision_judge(db, &d, DUE, &e));
	sql("INSERT INTO decision VALUES (3, 1, 1, 2, 0, 'keep', 'x', NULL,"
	    " NULL, NULL, NULL, 'E1', 'signed', NULL, NULL, 1)");
	ck_assert_int_eq(decision_judge(db, &d, DUE, &e), -1);
	ck_assert_str_eq(e.text, "it is decided");
	sql("INSERT INTO decision VALUES (3, 2, 1, 3, 0, 'not-mine', 'x', NULL,"
	    " NULL, NULL, 'E5', 'E1', 'signed', NULL, NULL, 1)");
	d.question = 3;
	ck_assert_ok(decision_judge(db, &d, DUE, &e));
}
END_TEST

START_TEST(who_brings_in_decisions_does_not_decide_by_that)
{
	struct signer ann = { .id = 1, .employee = "E1" };
	struct act act = { .number = 3, .at = NOW, .signer = &ann };
	struct decision d = keep(1);

	d.grade = "transcribed";
	ck_assert_int_eq(decision_add(&act, db, &d, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "reeve decide"));
	(void)strcpy(ann.employee, "e1"); /* in another spelling */
	ck_assert_int_eq(decision_add(&act, db, &d, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "reeve decide"));
	ann.employee[0] = '\0';
	ck_assert_int_eq(decision_add(&act, db, &d, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "no employee number"));
	(void)strcpy(ann.employee, "E3");
	ck_assert_ok(decision_add(&act, db, &d, &e));
	act.signer = NULL;
	ck_assert_int_eq(decision_add(&act, db, &d, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "nobody signs"));
}
END_TEST

START_TEST(nobody_brings_in_decisions_on_what_they_hold_or_approved)
{
	struct signer ben = { .id = 1, .employee = "E2" };
	struct act act = { .number = 3, .at = NOW, .signer = &ben };
	struct decision d = keep(1);

	d.grade = "coded";
	ck_assert_int_eq(decision_add(&act, db, &d, &e), -1);
	ck_assert_int_eq(e.code, ERR_ACCESS);
	ck_assert_ptr_nonnull(strstr(e.text, "E2 holds"));
	(void)strcpy(ben.employee, "E5");
	ck_assert_int_eq(decision_add(&act, db, &d, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "E5 approved"));
	ck_assert_int_eq(number("SELECT count(*) FROM decision"), 0);
	(void)strcpy(ben.employee, "E2");
	d.grade = "signed"; /* it is E1 whose signature is in the file */
	ck_assert_ok(decision_add(&act, db, &d, &e));
}
END_TEST

START_TEST(nothing_is_decided_before_the_freeze_or_in_time_to_come)
{
	struct decision d = keep(1);

	d.decided = NOW + 301;
	may_not(&d, "to come");
	d.decided = NOW + 300; /* clocks differ */
	may(&d);
	d.decided = 1;
	may_not(&d, "before the campaign was frozen");
	d.decided = 2;
	may(&d);
}
END_TEST

START_TEST(a_deputy_decides_nothing_of_whoever_named_them_or_is_above)
{
	struct decision d = keep(1);

	d.reviewer = "E3";
	may(&d);
	sql("UPDATE person_fact SET manager = 'E2' WHERE person = 3");
	may_not(&d, "E3 reports to who holds it");
	sql("UPDATE person_fact SET manager = NULL WHERE person = 3;"
	    "INSERT INTO signer VALUES (1, 3, 'ben', 'e2', 'officer', 'k', 'f',"
	    " ''); INSERT INTO act VALUES (4, 4, 'deputy', 1, '', '', x'00');"
	    "INSERT INTO deputy VALUES (4, 'E1', 'E3', 1796000000, 1797000000,"
	    " 2)");
	may_not(&d, "E2 named this deputy");
}
END_TEST

START_TEST(rows_of_an_act_are_numbered_and_the_newest_stands)
{
	struct signer ann = { .id = 1, .employee = "E1" };
	struct act act = { .number = 2, .at = NOW, .signer = &ann };
	struct decision d = keep(4);

	d.change = "not kept with a keep";
	ck_assert_ok(decision_add(&act, db, &d, &e));
	d.item = 5;
	d.kind = DECISION_REVOKE;
	d.reason = "this one not";
	ck_assert_ok(decision_add(&act, db, &d, &e));
	ck_assert_int_eq(number("SELECT group_concat(n) = '1,2' AND"
	                        " max(change) IS NULL FROM decision"),
	    1);
	ck_assert_int_eq(
	    number("SELECT count(*) FROM item_decision WHERE"
	           " (item IN (4, 6) AND decision = 'keep' AND grouped) OR"
	           " (item = 5 AND decision = 'revoke' AND NOT grouped)"),
	    3);
	act.number = 3;
	d.kind = DECISION_KEEP;
	ck_assert_ok(decision_add(&act, db, &d, &e));
	ck_assert_int_eq(number("SELECT decision = 'keep' AND act = 3 FROM"
	                        " item_decision WHERE item = 5"),
	    1);
}
END_TEST

/* One word in an act of its own; item 0: of the whole question. */
static void
said(int act, int question, int item, const char *decision, const char *grade)
{
	char text[512];

	(void)snprintf(text, sizeof(text),
	    "INSERT INTO act VALUES (%d, %d, 'decisions', NULL, '', '', x'00');"
	    "INSERT INTO decision VALUES (%d, 1, 1, %d, %d, '%s', 'x', NULL,"
	    " 'y', 1797000000, NULL, 'E1', '%s', NULL, NULL, 1)",
	    act, act, act, question, item, decision, grade);
	sql(text);
}

static void
seconded(int act, const char *verdict)
{
	char text[256];

	(void)snprintf(text, sizeof(text),
	    "INSERT INTO act VALUES (%d, 9, 'second', NULL, '', '', x'00');"
	    "INSERT INTO second VALUES (%d, %d, '%s', '')",
	    act + 100, act + 100, act, verdict);
	sql(text);
}

/* What a query's one text is; "-" if there is none. */
static void
tells(const char *query, const char *expected)
{
	sqlite3_stmt *st;
	const char *text = "-";

	ck_assert_msg(sqlite3_prepare_v2(
	                  store_handle(db), query, -1, &st, NULL) == SQLITE_OK,
	    "%s", sqlite3_errmsg(store_handle(db)));
	if (sqlite3_step(st) == SQLITE_ROW &&
	    sqlite3_column_type(st, 0) != SQLITE_NULL)
		text = (const char *)sqlite3_column_text(st, 0);
	ck_assert_str_eq(text, expected);
	ck_assert_int_eq(sqlite3_finalize(st), SQLITE_OK);
}

/* Whether a named statement has a row, of an act and an employee. */
static bool
has(const char *name, int act, const char *employee)
{
	struct statement *s = store_use(db, name, &e);
	int more;

	bind_int(s, ":act", act);
	if (employee != NULL)
		bind_text(s, ":employee", employee);
	more = store_step(s, &e);
	ck_assert_int_ne(more, -1);
	store_done(s);
	return more == 1;
}

#define WORD(item)                                                             \
	"SELECT decision || ' ' || effective FROM item_decision WHERE item "   \
	"= " item
#define STANDS                                                                 \
	"SELECT group_concat(decision || ifnull("                              \
	"' ' || \"right\", ''), ', ') FROM"                                    \
	" (SELECT * FROM standing_decision ORDER BY decision)"

START_TEST(an_exception_counts_once_approved_and_what_stood_until_then)
{
	said(4, 1, 0, "disable", "signed");
	ck_assert(!has("act_wants_decisions", 4, NULL));
	said(5, 1, 0, "exception", "signed");
	ck_assert(has("act_wants_decisions", 5, NULL));
	tells(WORD("1"), "exception 0");
	tells(STANDS, "disable");
	tells("SELECT count(*) FROM exemption WHERE approved", "0");
	seconded(5, "refused");
	tells(WORD("1"), "disable 1");
	tells(STANDS, "disable");
	said(6, 1, 0, "exception", "signed");
	seconded(6, "approved");
	tells(WORD("1"), "exception 1");
	tells(STANDS, "exception 20");
	/* And it stays one while another word waits. */
	said(7, 1, 0, "exception", "signed");
	tells(STANDS, "exception 20");
	tells("SELECT group_concat(act || ' ' || approved) FROM"
	      " (SELECT * FROM exemption ORDER BY act)",
	    "6 1,7 0");
}
END_TEST

START_TEST(a_word_without_effect_takes_nothing_from_one_that_has_it)
{
	said(4, 2, 0, "revoke", "signed");
	said(5, 2, 0, "keep", "transcribed");
	tells(WORD("2"), "keep 0");
	tells(STANDS, "revoke 21");
	seconded(5, "approved");
	tells(STANDS, "keep 21");
	said(6, 2, 0, "not-mine", "signed");
	tells(STANDS, "keep 21");
}
END_TEST

START_TEST(what_a_second_person_refused_has_no_effect_unless_it_waited_for_none)
{
	said(4, 1, 0, "disable", "transcribed");
	tells(STANDS, "disable");
	seconded(4, "refused");
	tells(STANDS, "-");
	tells(WORD("1"), "-");
	said(5, 2, 0, "disable", "signed");
	seconded(5, "refused");
	tells(STANDS, "disable");
}
END_TEST

START_TEST(a_later_word_on_all_of_a_question_is_on_each_item)
{
	said(4, 4, 5, "keep", "signed");
	said(5, 4, 0, "revoke", "signed");
	tells(WORD("5"), "revoke 1");
	tells("SELECT count(*) FROM item_decision WHERE decision = 'revoke'",
	    "3");
}
END_TEST

START_TEST(what_was_taken_away_stays_so_when_a_campaign_is_cancelled)
{
	said(4, 1, 0, "disable", "signed");
	said(5, 2, 0, "keep", "signed");
	sql("INSERT INTO campaign_end VALUES (3, 1, 'cancelled', '', 0, 0, 0)");
	tells(STANDS, "disable");
	/* Unless it was taken back before. */
	said(6, 1, 0, "keep", "signed");
	tells(STANDS, "-");
}
END_TEST

START_TEST(who_an_account_is_matched_with_after_the_freeze_is_its_holder)
{
	struct decision d = keep(6);

	may(&d);
	said(4, 1, 0, "keep", "transcribed");
	ck_assert(!has("act_about_matched", 4, "E1"));
	sql("INSERT INTO person_account VALUES (10, 1, 'ambiguous', '', 9)");
	may_not(&d, "E1 holds");
	ck_assert(has("act_about_matched", 4, "E1"));
	ck_assert(!has("act_about_decisions", 4, "E1"));
	ck_assert(has("act_about_decisions", 4, "E2"));
}
END_TEST

START_TEST(an_approver_of_a_privileged_right_decides_nothing_privileged_of_it)
{
	struct decision d = keep(2);

	d.reason = "x";
	sql("UPDATE approval SET approver = 'E1', \"right\" = 'wheel'");
	may(&d);
	sql("INSERT INTO right_name VALUES ('wheel', 'All', NULL, NULL, 1, 1,"
	    " 9223372036854775807)");
	may_not(&d, "E1 approved"); /* the same by another name */
	d.question = 4;
	may_not(&d, "E1 approved"); /* nor the account as such */
	d.question = 1;
	may(&d);
	sql("UPDATE approval SET \"right\" = 'root'"); /* by what is reviewed */
	d.question = 4;
	may_not(&d, "E1 approved");
	/* Found by review: registers are typed. */
	sql("UPDATE approval SET approver = 'e1'");
	may_not(&d, "E1 approved");
	sql("UPDATE approval SET approver = 'E5', requester = 'e1'");
	may_not(&d, "E1 asked");
	sql("UPDATE approval SET requester = NULL");
	may(&d);
	/* Nor does it help to be in no personnel data. */
	sql("INSERT INTO act VALUES (4, 4, 'assign', NULL, '', '', x'00');"
	    "INSERT INTO signer VALUES (1, 4, 'gus', 'S7', 'reviewer', 'k', "
	    "'f',"
	    " '');"
	    "INSERT INTO assignment VALUES (4, 1, 4, 'S7', 'list');");
	d.reviewer = "S7";
	may(&d);
	sql("UPDATE approval SET approver = 's7'");
	may_not(&d, "S7 approved");
}
END_TEST

/* 200,000 in one act, each judged: seconds. Run by hand with a number. */
START_TEST(many_are_judged_fast)
{
	const char *many = getenv("REEVE_DECISIONS");
	int count = many == NULL ? 2000 : (int)strtol(many, NULL, 10);
	struct signer ann = { .id = 1, .employee = "E1" };
	struct act act = { .number = 3, .at = NOW, .signer = &ann };
	char text[1024];

	(void)snprintf(text, sizeof(text),
	    "WITH RECURSIVE n (n) AS (SELECT 101 UNION ALL SELECT n + 1 FROM n"
	    " WHERE n < %d) INSERT INTO item SELECT 2, 1, n, n, 'k' || n, 10,"
	    " 20, 'E2', 0, '', 'new', 1, 1, '{\"account\":\"ben\"}' FROM n;"
	    "INSERT INTO question SELECT 1, n, 'single', '', '', 1, 1, 0, 0, 1 "
	    "FROM"
	    " item WHERE n > 100; INSERT INTO assignment SELECT 3, 1, n, 'E1',"
	    " 'manager' FROM question WHERE n > 100",
	    count + 100);
	sql(text);
	ck_assert_ok(store_begin(db, &e));
	for (int i = 101; i <= count + 100; i++) {
		struct decision d = keep(i);

		ck_assert_ok(decision_add(&act, db, &d, &e));
	}
	ck_assert_ok(store_commit(db, &e));
	ck_assert_int_eq(number("SELECT count(*) FROM decision"), count);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("decision");
	TCase *tests = tcase_create("decision");

	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests,
	    a_decision_is_found_by_its_name_and_its_title_in_both_languages);
	tcase_add_test(
	    tests, low_risk_is_kept_without_a_reason_and_all_else_with_one);
	tcase_add_test(tests, what_is_low_in_severity_is_no_flag);
	tcase_add_test(tests, only_the_assigned_reviewer_decides);
	tcase_add_test(tests, a_deputy_decides_within_the_limits);
	tcase_add_test(
	    tests, nobody_decides_on_what_they_hold_asked_for_or_approved);
	tcase_add_test(
	    tests, an_approval_without_a_right_is_of_the_account_as_such);
	tcase_add_test(
	    tests, an_exception_has_a_control_and_an_end_within_180_days);
	tcase_add_test(tests, not_mine_says_whose_it_is);
	tcase_add_test(tests, modify_says_what_it_becomes);
	tcase_add_test(tests, only_low_risk_is_kept_in_bulk);
	tcase_add_test(tests, texts_are_lines_of_utf8_and_bounded);
	tcase_add_test(
	    tests, there_must_be_such_a_question_in_an_open_campaign);
	tcase_add_test(
	    tests, silence_proposes_to_revoke_what_is_due_and_undecided);
	tcase_add_test(tests, who_brings_in_decisions_does_not_decide_by_that);
	tcase_add_test(
	    tests, nobody_brings_in_decisions_on_what_they_hold_or_approved);
	tcase_add_test(
	    tests, nothing_is_decided_before_the_freeze_or_in_time_to_come);
	tcase_add_test(
	    tests, a_deputy_decides_nothing_of_whoever_named_them_or_is_above);
	tcase_add_test(
	    tests, rows_of_an_act_are_numbered_and_the_newest_stands);
	tcase_add_test(
	    tests, an_exception_counts_once_approved_and_what_stood_until_then);
	tcase_add_test(
	    tests, a_word_without_effect_takes_nothing_from_one_that_has_it);
	tcase_add_test(tests,
	    what_a_second_person_refused_has_no_effect_unless_it_waited_for_none);
	tcase_add_test(
	    tests, a_later_word_on_all_of_a_question_is_on_each_item);
	tcase_add_test(
	    tests, what_was_taken_away_stays_so_when_a_campaign_is_cancelled);
	tcase_add_test(tests,
	    who_an_account_is_matched_with_after_the_freeze_is_its_holder);
	tcase_add_test(tests,
	    an_approver_of_a_privileged_right_decides_nothing_privileged_of_it);
	tcase_add_test(tests, many_are_judged_fast);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
