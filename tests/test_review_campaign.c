/*
 * Campaigns on a small database: what is in the population, how it is asked,
 * and of whom. Acts are the program's or of real keys.
 */
#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "review/campaign.h"
#include "review/config.h"
#include "review/rule.h"
#include "review/store.h"
#include "schema/base/buf.h"
#include "unit.h"

#define NOW  INT64_C(1796083200) /* 2026-12-01T00:00:00Z */
#define DAY  86400
#define ROOM (4096u * 1024)

static struct err e;
static char folder[] = "/tmp/reeve-campaign-XXXXXX";
static char path[64];
static struct store *db;
static struct rule_set *rules;
static struct review_config *config;
static int64_t now;

static void
ago(sqlite3_context *context, int count, sqlite3_value **values)
{
	(void)count;
	sqlite3_result_int64(
	    context, NOW - (int64_t)(sqlite3_value_double(values[0]) * DAY));
}

static void
setup(void)
{
	memset(&e, 0, sizeof(e));
	now = NOW;
	(void)strcpy(strrchr(folder, '-'), "-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/review.db", folder);
	ck_assert_ok(store_open(&db, path, STORE_WRITE, &e));
	ck_assert_int_eq(
	    sqlite3_create_function(store_handle(db), "ago", 1,
	        SQLITE_UTF8 | SQLITE_INNOCUOUS, NULL, ago, NULL, NULL),
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

static void
sql_file(const char *name)
{
	FILE *file = fopen(name, "r");
	char *text = malloc(ROOM);

	ck_assert_ptr_nonnull(file);
	ck_assert_ptr_nonnull(text);
	text[fread(text, 1, ROOM - 1, file)] = '\0';
	ck_assert_int_eq(fclose(file), 0);
	sql(text);
	free(text);
}

/* The rows of a query as lines, '|' between columns. */
static void
equals(const char *query, const char *expected)
{
	struct buf b = buf_new(ROOM);
	sqlite3_stmt *st;

	ck_assert_msg(sqlite3_prepare_v2(
	                  store_handle(db), query, -1, &st, NULL) == SQLITE_OK,
	    "%s", sqlite3_errmsg(store_handle(db)));
	while (sqlite3_step(st) == SQLITE_ROW)
		for (int i = 0, n = sqlite3_column_count(st); i < n; i++) {
			const char *text =
			    (const char *)sqlite3_column_text(st, i);

			buf_printf(&b, "%s%s", text == NULL ? "" : text,
			    i + 1 < n ? "|" : "\n");
		}
	ck_assert_int_eq(sqlite3_finalize(st), SQLITE_OK);
	ck_assert_str_eq(buf_string(&b), expected);
	buf_free(&b);
}

static void
check_all(void)
{
	struct check_options options = { .now = now, .profile = "house" };
	struct check_result result;

	ck_assert_ok(check_run(db, config, rules, &options, &result, &e));
}

static struct act *
begin(const char *kind)
{
	struct act_how how = { .now = now, .by_program = true };
	struct act *act = NULL;

	ck_assert_ok(act_begin(&act, db, kind, &how, &e));
	return act;
}

static int64_t
opened(const struct campaign_new *n)
{
	struct act *act = begin("campaign-open");
	int64_t id = 0;

	ck_assert_ok(campaign_open(act, db, n, &id, &e));
	ck_assert_ok(act_commit(&act, NULL, &e));
	return id;
}

static void
frozen(int64_t id)
{
	struct act *act = begin("campaign-freeze");
	struct view *view = NULL;

	ck_assert_ok(
	    campaign_view(&view, act, db, config, rules, NULL, NULL, &e));
	ck_assert_ok(campaign_freeze(act, db, view, config, id, &e));
	ck_assert_ok(view_end(&view, true, &e));
	ck_assert_ok(act_commit(&act, NULL, &e));
}

static void
assigned(int64_t id, enum assign_mode mode, const struct campaign_rule *list,
    size_t count)
{
	struct act *act = begin("assign");

	ck_assert_ok(
	    campaign_assign(act, db, "house", id, mode, list, count, &e));
	ck_assert_ok(act_commit(&act, NULL, &e));
}

static const struct campaign_new quarter = { .name = "2026Q4",
	.type = "periodic",
	.due = NOW + 14 * DAY,
	.fallback = "" };

/*
 * E9 manages E1 to E7 of D1, and E8 manages E9. ann (E1) holds "staff", and is
 * a domain administrator through "helpdesk"; ben (E2) to gil (E7) hold "staff";
 * svc-x is nobody's, and has an owner.
 */
static void
company(void)
{
	sql_file("tests/rules/base.sql");
	sql("INSERT INTO people (id, name, department, manager, hired) VALUES"
	    " (1, 'Ann', 'D1', 'E9', ago(900)), (2, 'Ben', 'D1', 'E9', "
	    "ago(900)),"
	    " (3, 'Cai', 'D1', 'E9', ago(900)), (4, 'Dan', 'D1', 'E9', "
	    "ago(900)),"
	    " (5, 'Eva', 'D1', 'E9', ago(900)), (6, 'Fay', 'D1', 'E9', "
	    "ago(900)),"
	    " (7, 'Gil', 'D1', 'E9', ago(900)), (8, 'Hal', 'D0', NULL, "
	    "ago(900)),"
	    " (9, 'Ida', 'D1', 'E8', ago(900));"
	    "INSERT INTO groups (id, name, sid, rid) VALUES"
	    " (100, 'Domain Admins', 'S-1-5-21-1-2-3-512', 512);"
	    "INSERT INTO groups (id, name) VALUES (101, 'helpdesk'),"
	    " (102, 'staff');"
	    "INSERT INTO acct (id, name, created, employee) VALUES"
	    " (10, 'ann', ago(800), 'E1'), (11, 'ben', ago(800), 'E2'),"
	    " (12, 'cai', ago(800), 'E3'), (13, 'dan', ago(800), 'E4'),"
	    " (14, 'eva', ago(800), 'E5'), (15, 'fay', ago(800), 'E6'),"
	    " (16, 'gil', ago(800), 'E7'), (17, 'svc-x', ago(800), NULL);"
	    "INSERT INTO person_account SELECT object, object - 9, 'employee',"
	    " '', ago(0) FROM account_fact WHERE object BETWEEN 10 AND 16;"
	    "INSERT INTO holds (member, grp) SELECT object, 102 FROM "
	    "account_fact"
	    " WHERE object BETWEEN 10 AND 16;"
	    "INSERT INTO holds (member, grp) VALUES (10, 101), (101, 100);"
	    "INSERT INTO used (id, at) SELECT object, ago(3) FROM account_fact;"
	    "INSERT INTO registers (kind, account, owner, purpose) VALUES"
	    " ('service', 'svc-x', 'E2', 'backup');");
}

/* What is judged here is the campaign, not the rules: only these findings. */
static void
checked(const char *findings)
{
	check_all();
	sql("DELETE FROM finding");
	if (findings != NULL)
		sql(findings);
}

#define ITEMS                                                                  \
	"SELECT question, facts ->> 'account', ifnull(facts ->> 'right', "     \
	"'-'),"                                                                \
	" ifnull(privileged, '?'), severity, novelty, low, rank FROM item"     \
	" WHERE campaign = (SELECT max(campaign) FROM campaign_freeze)"        \
	" ORDER BY n"

START_TEST(rights_of_persons_are_items_and_alike_ones_one_question)
{
	company();
	checked(NULL);
	frozen(opened(&quarter));
	/* Nested privileged rights; what leads there is privileged as well. */
	equals(ITEMS,
	    "1|ann|Domain Admins|1||new|0|15\n"
	    "2|ann|helpdesk|1||new|0|15\n"
	    "3|ann|staff|0||new|1|0\n"
	    "3|ben|staff|0||new|1|0\n"
	    "3|cai|staff|0||new|1|0\n"
	    "3|dan|staff|0||new|1|0\n"
	    "3|eva|staff|0||new|1|0\n"
	    "3|fay|staff|0||new|1|0\n"
	    "3|gil|staff|0||new|1|0\n"
	    "4|svc-x|-|0||new|0|0\n");
	equals("SELECT n, kind, title, items, rank, privileged, flagged, low"
	       " FROM question",
	    "1|single||1|15|1|0|0\n"
	    "2|single||1|15|1|0|0\n"
	    "3|template|7 accounts of department D1 with the right "
	    "staff|7|0|0|0|1"
	    "\n"
	    "4|single||1|0|0|0|0\n");
	equals("SELECT facts -> 'path', facts ->> 'ways', facts ->> 'peers',"
	       " facts ->> 'peers_holding', facts ->> 'used',"
	       " facts ->> 'used_certain', facts ->> 'person' FROM item"
	       " WHERE n IN (1, 3)",
	    "[\"helpdesk\",\"Domain "
	    "Admins\"]|1|6|0|2026-11-28T00:00:00Z|1|Ann\n"
	    "[\"staff\"]|1|6|6|2026-11-28T00:00:00Z|1|Ann\n");
	equals(
	    "SELECT accounts, excluded, items, questions FROM campaign_freeze",
	    "8|0|10|4\n");
	equals("SELECT source, host, core, complete, accounts, rights, excluded"
	       " FROM campaign_source",
	    "app||0|1|0|0|0\n"
	    "corp||1|1|8|3|0\n"
	    "tree||1|1|0|0|0\n"
	    "unix||1|1|0|0|0\n");
}
END_TEST

START_TEST(what_alike_ones_have_in_common_is_said_in_words_of_both_languages)
{
	company();
	sql("INSERT INTO right_name (\"right\", name_en, name_zh, owner,"
	    " privileged, since, until) VALUES ('staff', 'Use the floor',"
	    " '使用交易室', NULL, 0, 1, 9223372036854775807)");
	checked(NULL);
	frozen(opened(&quarter));
	equals("SELECT title, title_zh FROM question WHERE kind = 'template'",
	    "7 accounts of department D1 with the right Use the floor (staff)|"
	    "D1 人員之 7 個帳號，均具存取權限「使用交易室 (staff)」\n");
}
END_TEST

START_TEST(nobody_decides_what_is_theirs_or_what_they_asked_for_or_approved)
{
	int64_t id;

	company();
	sql("INSERT INTO register_import VALUES (7, 1, 'a', x'00', "
	    "'approvals', 1);"
	    "INSERT INTO approval VALUES ('T1', 'Ben', 'E9', 'ANN', 'helpdesk',"
	    " ago(700), NULL, 7, 9223372036854775807)");
	checked(NULL);
	id = opened(&quarter);
	frozen(id);
	assigned(id, ASSIGN_NEW, NULL, 0);
	/* The manager approved what questions 1 and 2 are about, in two names;
	   svc-x's owner has not confirmed. */
	equals("SELECT question, reviewer, why FROM assignment",
	    "1|E8|manager-above\n"
	    "2|E8|manager-above\n"
	    "3|E9|manager\n"
	    "4|E9|manager-above; unconfirmed:E2\n");
	equals("SELECT facts ->> 'acquired_how', facts ->> 'ticket' FROM item"
	       " WHERE question = 2",
	    "approval|T1\n");
}
END_TEST

START_TEST(nobody_is_asked_who_then_may_not_decide_in_whatever_spelling)
{
	static const char *const spellings[] = { "e9", "0E9", "E 9", "IDA",
		"i da" };
	const char *why;
	int64_t id;

	company();
	sql("INSERT INTO register_import VALUES (7, 1, 'a', x'00', "
	    "'approvals', 1);"
	    "INSERT INTO approval VALUES ('T1', 'E2', 'x', 'ann', 'helpdesk',"
	    " ago(700), NULL, 7, 9223372036854775807)");
	checked(NULL);
	id = opened(&quarter);
	frozen(id);
	for (size_t i = 0; i < sizeof(spellings) / sizeof(*spellings); i++) {
		char *set = sqlite3_mprintf(
		    "UPDATE approval SET approver = %Q", spellings[i]);

		sql(set);
		sqlite3_free(set);
		assigned(id, ASSIGN_AGAIN, NULL, 0);
		equals("SELECT reviewer, why FROM assignment"
		       " WHERE question = 2 ORDER BY act DESC LIMIT 1",
		    "E8|manager-above\n");
		ck_assert_int_eq(
		    campaign_conflict(db, id, 2, "E9", now, &why, &e), 1);
		ck_assert_str_eq(why, "approver");
	}
}
END_TEST

START_TEST(whoever_an_account_is_matched_with_since_the_freeze_is_not_asked)
{
	int64_t id;

	company();
	checked(NULL);
	id = opened(&quarter);
	frozen(id);
	sql("INSERT INTO person_account VALUES (17, 9, 'ambiguous', '', 1)");
	assigned(id, ASSIGN_NEW, NULL, 0);
	equals("SELECT reviewer, why FROM assignment WHERE question = 4",
	    "E8|manager-above; unconfirmed:E2\n");
}
END_TEST

/* What the next quarter asks, of the same rights. */
static void
quarter_later(const char *name)
{
	struct campaign_new n = quarter;

	now += 90 * DAY;
	sql("UPDATE usage SET maximum = maximum + 90 * 86400;"
	    "UPDATE pull SET started = started + 90 * 86400");
	checked(NULL);
	n.name = name;
	n.due = now + 14 * DAY;
	frozen(opened(&n));
}

/* A signed word on all of a campaign, as far as the tables go. */
static void
all_kept(void)
{
	sql("INSERT INTO act (id, at, kind, signer, text, signature, digest)"
	    " SELECT max(id) + 1, max(at), 'decisions', NULL, '', '', "
	    "zeroblob(32)"
	    " FROM act;"
	    "INSERT INTO decision (act, n, campaign, question, item, decision,"
	    " reason, reviewer, grade, bulk) SELECT (SELECT max(id) FROM act),"
	    " n, campaign, n, 0, 'keep', 'needed', 'E9', 'signed', 1"
	    " FROM question WHERE campaign = (SELECT max(campaign) FROM"
	    " campaign_freeze)");
}

#define QUESTIONS                                                              \
	"SELECT n, kind, items, rank, flagged, low FROM question"              \
	" WHERE campaign = (SELECT max(campaign) FROM campaign_freeze)"

START_TEST(what_is_unchanged_and_low_is_kept_at_one_stroke_but_not_twice)
{
	company();
	checked(NULL);
	frozen(opened(&quarter));
	all_kept();
	quarter_later("2027Q1");
	equals(QUESTIONS,
	    "1|single|1|5|0|0\n2|single|1|5|0|0\n"
	    "3|unchanged|7|0|0|1\n4|single|1|0|0|0\n");
	equals("SELECT facts -> 'last' FROM item WHERE campaign = 2 AND n = 3",
	    "{\"decision\":\"keep\",\"by\":\"E9\","
	    "\"at\":\"2026-12-01T00:00:00Z\",\"campaign\":\"2026Q4\","
	    "\"grade\":\"signed\"}\n");
	all_kept();
	quarter_later("2027Q2");
	equals("SELECT kind, count(*), sum(items) FROM question"
	       " WHERE campaign = 3 GROUP BY kind",
	    "single|10|10\n");
	all_kept();
	quarter_later("2027Q3");
	equals("SELECT kind, count(*), sum(items) FROM question"
	       " WHERE campaign = 4 GROUP BY kind",
	    "single|3|3\nunchanged|1|7\n");
}
END_TEST

START_TEST(what_is_flagged_or_new_is_asked_by_itself)
{
	company();
	checked(NULL);
	frozen(opened(&quarter));
	all_kept();
	/* ben is dormant, cai's "staff" left over, dan's an exception's. */
	now += 90 * DAY;
	sql("INSERT INTO pull (id, source, started, mode, state, complete, "
	    "scope,"
	    " program) VALUES (9, 1, ago(0), 'changes', 'applied', 1, '', 't');"
	    "INSERT INTO groups (id, name) VALUES (103, 'payments');"
	    "INSERT INTO edge VALUES (103, 13, 0, 9, 9223372036854775807, "
	    "NULL);"
	    "UPDATE usage SET maximum = maximum + 90 * 86400;"
	    "UPDATE pull SET started = started + 90 * 86400");
	checked(
	    "INSERT INTO finding (rule, subject, about, state, certainty,"
	    " severity, reason, evidence, first_run, last_run, exception)"
	    " VALUES ('AR-101', 11, '', 'hit', 'certain', 'medium', '', '{}',"
	    " 2, 2, NULL), ('AR-141', 12, 'right:name:staff', 'hit',"
	    " 'certain', 'high', '', '{}', 2, 2, NULL), ('AR-101', 13, '',"
	    " 'hit', 'certain', 'high', '', '{}', 2, 2, 1), ('AR-121', 14, '',"
	    " 'unknown', 'certain', 'high', 'ambiguous', '{}', 2, 2, NULL)");
	frozen(opened(&(struct campaign_new){ .name = "2027Q1",
	    .type = "periodic",
	    .due = now + DAY,
	    .fallback = "" }));
	/* What an account has of findings is one question with what it holds. */
	equals(ITEMS,
	    "1|cai|staff|0|high|finding|0|6\n"
	    "2|ann|Domain Admins|1||unchanged|0|5\n"
	    "3|ann|helpdesk|1||unchanged|0|5\n"
	    "4|ben|-|0|medium|finding|0|4\n"
	    "4|ben|staff|0|medium|finding|0|4\n"
	    "5|dan|payments|0||new|0|0\n"
	    "6|dan|staff|0||finding|0|0\n"
	    "7|eva|staff|0||finding|0|0\n"
	    "8|ann|staff|0||unchanged|1|0\n"
	    "8|fay|staff|0||unchanged|1|0\n"
	    "8|gil|staff|0||unchanged|1|0\n"
	    "9|svc-x|-|0||unchanged|0|0\n");
	equals("SELECT n, kind, title FROM question WHERE campaign = 2 AND "
	       "items > 1",
	    "4|account|account ben, 2 items of it\n"
	    "8|unchanged|3 accounts with the right staff, kept last time\n");
	equals("SELECT facts -> '$.findings[0].excepted' FROM item"
	       " WHERE campaign = 2 AND n = 7",
	    "true\n");
}
END_TEST

START_TEST(an_owner_is_asked_who_confirmed_to_be_that)
{
	int64_t id;

	company();
	sql("UPDATE registered_account SET confirmed = ago(30)");
	checked(NULL);
	id = opened(&quarter);
	frozen(id);
	assigned(id, ASSIGN_NEW, NULL, 0);
	equals("SELECT reviewer, why FROM assignment WHERE question = 4",
	    "E2|owner\n");
	equals("SELECT facts ->> 'owner', facts ->> 'owner_confirmed' FROM item"
	       " WHERE question = 4",
	    "E2|1\n");
}
END_TEST

START_TEST(a_list_comes_first_but_not_for_who_may_not)
{
	const struct campaign_rule list[] = {
		{ "right", "staff", "E3" },
		{ "account", "svc-x", "E77" },
		{ "source", "corp", "E8" },
	};
	int64_t id;

	company();
	checked(NULL);
	id = opened(&quarter);
	frozen(id);
	assigned(id, ASSIGN_NEW, list, 3);
	/* Cai holds "staff"; E77 is nobody; Ann's rights are in "corp". */
	equals("SELECT question, reviewer, why FROM assignment",
	    "1|E8|list\n2|E8|list\n3|E8|list\n4|E8|list\n");
	/* Nothing is left to assign. */
	assigned(id, ASSIGN_NEW, list, 3);
	equals("SELECT count(*) FROM assignment", "4\n");
}
END_TEST

START_TEST(whoever_left_is_replaced_and_a_loop_of_managers_ends)
{
	char employee[64];
	const char *why;
	int64_t id;

	company();
	/* Hal's manager is Ida, whose manager is Hal. */
	sql("UPDATE person_fact SET manager = 'E9' WHERE person = 8");
	checked(NULL);
	id = opened(&quarter);
	frozen(id);
	assigned(id, ASSIGN_NEW, NULL, 0);
	ck_assert_ok(campaign_reviewer(db, id, 3, now, employee, &e));
	ck_assert_str_eq(employee, "E9");
	ck_assert_int_eq(campaign_conflict(db, id, 4, "E2", now, &why, &e), 1);
	ck_assert_str_eq(why, "holder");
	ck_assert_int_eq(campaign_conflict(db, id, 4, "E9", now, &why, &e), 0);
	sql("UPDATE person_fact SET status = 'left', left_at = ago(0)"
	    " WHERE person = 9");
	ck_assert_ok(campaign_reviewer(db, id, 3, now, employee, &e));
	ck_assert_str_eq(employee, "");
	ck_assert_int_eq(campaign_conflict(db, id, 4, "E9", now, &why, &e), 1);
	ck_assert_str_eq(why, "left");
	assigned(id, ASSIGN_INSTEAD, NULL, 0);
	/* What is theirs who may decide it stays with them. */
	assigned(id, ASSIGN_INSTEAD, NULL, 0);
	equals("SELECT question, reviewer, why FROM assignment WHERE why LIKE"
	       " 'instead%'",
	    "1|E8|instead-of:E9; manager-above\n"
	    "2|E8|instead-of:E9; manager-above\n"
	    "3|E8|instead-of:E9; manager-above\n"
	    "4|E8|instead-of:E9; manager-above; unconfirmed:E2\n");
}
END_TEST

START_TEST(what_is_not_theirs_goes_to_whom_they_name)
{
	int64_t id;

	company();
	checked(NULL);
	id = opened(&quarter);
	frozen(id);
	assigned(id, ASSIGN_NEW, NULL, 0);
	/* Ann, too, would be one to name for question 3, but holds it. */
	sql("INSERT INTO act (id, at, kind, signer, text, signature, digest)"
	    " SELECT max(id) + 1, max(at), 'decisions', NULL, '', '',"
	    " zeroblob(32) FROM act;"
	    "INSERT INTO decision (act, n, campaign, question, item, decision,"
	    " reason, proposal, reviewer, grade, bulk) VALUES"
	    " ((SELECT max(id) FROM act), 1, 1, 1, 0, 'not-mine', 'x', 'E7',"
	    " 'E9', 'signed', 1), ((SELECT max(id) FROM act), 2, 1, 3, 0,"
	    " 'not-mine', 'x', 'E1', 'E9', 'signed', 1)");
	assigned(id, ASSIGN_INSTEAD, NULL, 0);
	equals("SELECT question, reviewer, why FROM assignment WHERE act ="
	       " (SELECT max(act) FROM assignment)",
	    "1|E7|instead-of:E9; proposed:E9\n"
	    "3|E8|instead-of:E9; manager-above\n");
}
END_TEST

static void
remember(void *context, const struct campaign_block *block)
{
	buf_printf(context, "%s|%s|%s|%lld\n", block->what, block->who,
	    block->host, (long long)block->count);
}

static void
blocked(int64_t id, const char *expected)
{
	struct buf b = buf_new(ROOM);
	struct view *view = NULL;
	int64_t count;

	ck_assert_ok(campaign_progress(&view, db, "house", id, &e));
	ck_assert_ok(
	    campaign_blocks(db, "house", id, remember, &b, &count, &e));
	ck_assert_ok(campaign_progress_end(&view, &e));
	ck_assert_str_eq(buf_string(&b), expected);
	buf_free(&b);
}

static int64_t
proposed(int64_t id)
{
	struct act *act = begin("decisions");
	struct view *view = NULL;
	int64_t count;

	ck_assert_ok(campaign_progress(&view, db, "house", id, &e));
	ck_assert_ok(campaign_propose(act, db, id, &count, &e));
	ck_assert_ok(campaign_progress_end(&view, &e));
	ck_assert_ok(act_commit(&act, NULL, &e));
	return count;
}

START_TEST(silence_goes_up_once_a_step_and_then_proposes_to_revoke)
{
	int64_t id;

	company();
	sql("UPDATE person_fact SET manager = 'E9' WHERE person = 8");
	checked(NULL);
	id = opened(&quarter);
	frozen(id);
	assigned(id, ASSIGN_NEW, NULL, 0);
	blocked(id, "undecided|E9||4\n");
	/* Whoever has it since today has some days. */
	assigned(id, ASSIGN_ESCALATED, NULL, 0);
	equals("SELECT count(*) FROM assignment", "4\n");
	now = NOW + 18 * DAY;
	assigned(id, ASSIGN_ESCALATED, NULL, 0);
	blocked(id, "undecided|E8||4\n");
	equals("SELECT DISTINCT why FROM assignment WHERE act = (SELECT"
	       " max(act) FROM assignment)",
	    "escalated:E9\nescalated:E9; unconfirmed:E2\n");
	/* Above Hal is Ida again, who was silent: it stays where it is. */
	now = NOW + 23 * DAY;
	assigned(id, ASSIGN_ESCALATED, NULL, 0);
	blocked(id, "undecided|E8||4\n");
	sql("INSERT INTO act (id, at, kind, signer, text, signature, digest)"
	    " SELECT max(id) + 1, max(at), 'decisions', NULL, '', '',"
	    " zeroblob(32) FROM act;"
	    "INSERT INTO decision (act, n, campaign, question, item, decision,"
	    " reason, reviewer, grade, bulk) VALUES ((SELECT max(id) FROM act),"
	    " 1, 1, 3, 0, 'keep', '', 'E8', 'signed', 1)");
	ck_assert_int_eq(proposed(id), 3);
	equals("SELECT question, decision, grade, effective FROM item_decision"
	       " WHERE question <> 3",
	    "1|revoke|silent|0\n2|revoke|silent|0\n4|revoke|silent|0\n");
	/* It has no effect, and does not close anything, by itself. */
	blocked(id, "waiting|silent||3\n");
	ck_assert_int_eq(proposed(id), 0);
	/* What was refused is no answer: it is asked again. */
	sql("INSERT INTO act (id, at, kind, signer, text, signature, digest)"
	    " SELECT max(id) + 1, max(at), 'second', NULL, '', '',"
	    " zeroblob(32) FROM act;"
	    "INSERT INTO second SELECT max(id), (SELECT max(act) FROM decision"
	    " WHERE grade = 'silent'), 'refused', '' FROM act");
	blocked(id, "undecided|E8||3\n");
	ck_assert_int_eq(proposed(id), 3);
	blocked(id, "waiting|silent||3\n");
}
END_TEST

START_TEST(what_is_missing_keeps_a_campaign_from_closing)
{
	int64_t id;

	company();
	/* corp's newest pull is held, tree was never pulled, app is old; of
	   unix' hosts h2 was not read, and h3 is only in the register. */
	sql("INSERT INTO pull (id, source, started, mode, state, complete, "
	    "scope,"
	    " program) VALUES (9, 1, ago(0), 'full', 'held', 1, '', 't');"
	    "UPDATE pull SET state = 'failed' WHERE source = 3;"
	    "UPDATE pull SET started = ago(31) WHERE source = 4;"
	    "UPDATE pull SET complete = 0, incomplete = 'h2' WHERE source = 2;"
	    "INSERT INTO query SELECT 2, value, 'host', '', 'h' || value, NULL,"
	    " NULL, NULL, NULL, 0, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, x'00',"
	    " value <> 2, CASE value WHEN 2 THEN 'not there' END"
	    " FROM json_each('[1,2,4]');"
	    "INSERT INTO register_import VALUES (7, 1, 's', x'00', 'systems', "
	    "1);"
	    "INSERT INTO system VALUES ('s3', 'other', NULL, NULL, 'unix', "
	    "'h3',"
	    " 7, 9223372036854775807), ('s2', 'other', NULL, NULL, 'unix', "
	    "'h2',"
	    " 7, 9223372036854775807)");
	checked(NULL);
	id = opened(&(struct campaign_new){ .name = "x",
	    .type = "periodic",
	    .due = now + DAY,
	    .fallback = "E8" });
	frozen(id);
	equals(
	    "SELECT source, host, core, complete, reason FROM campaign_source",
	    "app||0|0|old\ncorp||1|0|held\ntree||1|0|never-pulled\n"
	    "unix|h1|1|1|\nunix|h2|0|0|not there\nunix|h3|0|0|not-read\n"
	    "unix|h4|1|1|\n");
	assigned(id, ASSIGN_NEW, NULL, 0);
	sql("INSERT INTO act (id, at, kind, signer, text, signature, digest)"
	    " SELECT max(id) + 1, max(at), 'missing', NULL, '', '',"
	    " zeroblob(32) FROM act;"
	    "INSERT INTO campaign_missing SELECT max(id), 1, 'unix', 'h2', 'x'"
	    " FROM act;"
	    "INSERT INTO campaign_missing SELECT max(id), 1, 'corp', '', 'x'"
	    " FROM act");
	blocked(id,
	    "source|corp||1\nsource|tree||1\nsource|app||1\n"
	    "source|unix|h2|1\nsource|unix|h3|1\nundecided|E9||4\n");
	/* Two persons, but it is one of seven; and core is never let through. */
	sql("INSERT INTO act (id, at, kind, signer, text, signature, digest)"
	    " SELECT max(id) + 1, max(at), 'second', NULL, '', '',"
	    " zeroblob(32) FROM act;"
	    "INSERT INTO second SELECT max(id), max(id) - 1, 'approved', ''"
	    " FROM act");
	blocked(id,
	    "source|corp||1\nsource|tree||1\nsource|app||1\n"
	    "source|unix|h3|1\nmissing|||1\nundecided|E9||4\n");
}
END_TEST

START_TEST(what_is_left_out_of_core_two_persons_sign)
{
	static const struct campaign_scope scope[] = {
		{ false, "account", "ann", "no need" },
		{ false, "source", "tree", "not in use" },
	};
	static const struct campaign_scope narrow[] = {
		{ true, "account", "ann", "" },
	};
	struct campaign_new n = { .name = "x",
		.type = "periodic",
		.due = NOW + DAY,
		.fallback = "E8",
		.scope = scope,
		.scope_count = 2 };

	company();
	checked(NULL);
	frozen(opened(&n));
	equals("SELECT source, reason FROM campaign_source WHERE campaign = 1"
	       " AND source IN ('corp', 'tree')",
	    "corp|excluded\ntree|excluded\n");
	/* What an ad-hoc campaign names is all that it is of. */
	n.name = "y";
	n.type = "ad-hoc";
	n.scope = narrow;
	n.scope_count = 1;
	frozen(opened(&n));
	equals("SELECT count(*) FROM campaign_source WHERE campaign = 2"
	       " AND reason = 'excluded'",
	    "0\n");
	/* A periodic one is of everything, however it is narrowed. */
	n.name = "z";
	n.type = "periodic";
	frozen(opened(&n));
	equals("SELECT source FROM campaign_source WHERE campaign = 3"
	       " AND reason = 'excluded' AND source = 'corp'",
	    "corp\n");
}
END_TEST

START_TEST(rights_that_are_left_out_of_core_are_counted_and_signed_for_too)
{
	static const struct campaign_scope group[] = {
		{ false, "group", "staff", "everybody has it" },
	};
	static const struct campaign_scope within[] = {
		{ true, "department", "D1", "" },
		{ true, "privileged", "yes", "" },
		{ false, "group", "Domain*", "technical" },
	};
	static const struct campaign_scope rule[] = {
		{ false, "rule", "AR-101", "known" },
	};
	static const struct {
		const char *name, *type;
		const struct campaign_scope *scope;
		size_t count;
		const char *reason, *rights;
	} cases[] = {
		{ "a", "periodic", group, 1, "excluded", "7" },
		{ "b", "ad-hoc", within, 3, "excluded", "1" },
		{ "c", "ad-hoc", within, 2, "", "0" },
		{ "d", "ad-hoc", rule, 1, "excluded", "1" },
	};

	company();
	checked("INSERT INTO finding (rule, subject, about, state, certainty,"
	        " severity, reason, evidence, first_run, last_run) VALUES"
	        " ('AR-101', 11, 'right:name:staff', 'hit', 'certain', 'low',"
	        " '', '{}', 1, 1)");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct campaign_new n = { .name = cases[i].name,
			.type = cases[i].type,
			.due = NOW + DAY,
			.fallback = "E8",
			.scope = cases[i].scope,
			.scope_count = cases[i].count };
		char expected[64];

		frozen(opened(&n));
		(void)snprintf(expected, sizeof(expected), "%s|%s\n",
		    cases[i].reason, cases[i].rights);
		equals("SELECT reason, excluded_rights FROM campaign_source"
		       " WHERE source = 'corp'"
		       " AND campaign = (SELECT max(id) FROM campaign)",
		    expected);
	}
}
END_TEST

START_TEST(a_scope_leaves_out_what_a_signed_line_says_and_counts_it)
{
	static const struct campaign_scope scope[] = {
		{ false, "account", "svc-*", "reviewed in June" },
		{ false, "group", "helpdesk", "a technical group" },
		{ false, "person", "E7", "on a mission" },
		{ false, "source", "tree", "not in use" },
	};
	static const struct campaign_scope privileged[] = {
		{ true, "privileged", "yes", "" },
	};
	static const struct campaign_scope rule[] = {
		{ true, "rule", "AR-1*", "" },
	};
	struct campaign_new n = { .name = "a",
		.type = "ad-hoc",
		.due = NOW + DAY,
		.fallback = "",
		.scope = scope,
		.scope_count = 4 };

	company();
	checked("INSERT INTO finding (rule, subject, about, state, certainty,"
	        " severity, reason, evidence, first_run, last_run) VALUES"
	        " ('AR-101', 11, '', 'hit', 'certain', 'low', '', '{}', 1, 1)");
	frozen(opened(&n));
	equals("SELECT facts ->> 'account', facts ->> 'right' FROM item"
	       " WHERE campaign = 1 ORDER BY key",
	    "ann|Domain Admins\nann|staff\nben|staff\ncai|staff\ndan|staff\n"
	    "eva|staff\nfay|staff\n");
	equals("SELECT accounts, excluded FROM campaign_freeze", "6|2\n");
	equals("SELECT source, reason, excluded, excluded_rights FROM "
	       "campaign_source WHERE source IN ('corp', 'tree')",
	    "corp|excluded|2|1\ntree|excluded|0|0\n");
	n.name = "b";
	n.scope = privileged;
	n.scope_count = 1;
	frozen(opened(&n));
	equals("SELECT facts ->> 'account', facts ->> 'right' FROM item"
	       " WHERE campaign = 2 ORDER BY n",
	    "ann|Domain Admins\n");
	n.name = "c";
	n.scope = rule;
	frozen(opened(&n));
	equals("SELECT facts ->> 'account', facts ->> 'right' FROM item"
	       " WHERE campaign = 3 ORDER BY n",
	    "ben|staff\n");
}
END_TEST

static void
refused(const struct campaign_new *n, const char *why)
{
	struct act *act = begin("campaign-open");
	int64_t id;

	ck_assert_int_eq(campaign_open(act, db, n, &id, &e), -1);
	ck_assert_msg(strstr(e.text, why) != NULL, "%s", e.text);
	act_cancel(&act);
}

START_TEST(what_will_not_do_is_refused)
{
	static const struct campaign_scope without[] = { { false, "account",
	    "c*", " " } };
	static const struct campaign_scope unknown[] = { { true, "colour",
	    "red", "" } };
	struct campaign_new n = quarter;
	struct act *act;
	struct view *view;

	company();
	checked(NULL);
	n.name = "";
	refused(&n, "1 to 64 bytes");
	n.name = "a\033[2J";
	refused(&n, "not one line of text");
	n.name = "a";
	n.type = "yearly";
	refused(&n, "periodic, privileged");
	n.type = "periodic";
	n.scope_count = 1;
	n.scope = without;
	refused(&n, "needs a reason");
	n.scope = unknown;
	refused(&n, "colour: not source");
	sql("INSERT INTO pull (id, source, started, mode, state, complete, "
	    "scope,"
	    " program) VALUES (9, 1, ago(0), 'changes', 'applied', 1, '', "
	    "'t')");
	act = begin("campaign-freeze");
	ck_assert_int_eq(
	    campaign_view(&view, act, db, config, rules, NULL, NULL, &e), -1);
	ck_assert_msg(
	    strstr(e.text, "older than the newest pull") != NULL, "%s", e.text);
	act_cancel(&act);
}
END_TEST

static void
say_fault(void *context, const struct act_fault *fault)
{
	(void)context;
	if (fault->act > 0) /* 0: the views and triggers of base.sql */
		ck_abort_msg(
		    "act %lld: %s", (long long)fault->act, fault->text);
}

START_TEST(a_review_opens_by_itself_for_who_left_or_moved_and_once)
{
	struct act_how how = { .now = NOW };
	int64_t count;

	company();
	sql("INSERT INTO person_event VALUES (3, ago(2), 'left', NULL, NULL, "
	    "1),"
	    " (4, ago(40), 'transferred', 'D0', 'D1', 1),"
	    " (5, ago(3), 'transferred', 'D0', 'D1', 1),"
	    " (8, ago(3), 'left', NULL, NULL, 1)");
	checked(NULL);
	ck_assert_ok(
	    campaign_events(db, config, rules, &how, "E8", &count, &e));
	/* Not the old one, nor who has no account. */
	ck_assert_int_eq(count, 2);
	equals("SELECT c.name, c.type, i.facts ->> 'account', a.reviewer"
	       " FROM campaign c JOIN item i ON i.campaign = c.id"
	       " JOIN assignment a ON a.campaign = c.id",
	    "transferred:E5:2026-11-28|event|eva|E9\n"
	    "left:E3:2026-11-29|event|cai|E9\n");
	equals("SELECT count(*) FROM act WHERE signer IS NULL", "6\n");
	ck_assert_ok(
	    campaign_events(db, config, rules, &how, "E8", &count, &e));
	ck_assert_int_eq(count, 0);
	ck_assert_int_ge(act_verify(db, &(struct act_trust){ .roster = NULL },
	                     say_fault, NULL, &e),
	    0);
}
END_TEST

/* A tenth of a bank: see tests/bench/campaign.sh for the whole of it. */
START_TEST(of_a_banks_privileged_entitlements_one_in_seventeen_is_asked)
{
	struct campaign_new n = quarter;

	sql("CREATE TEMP TABLE bank AS SELECT 1000 AS hosts, 0 AS locals,"
	    " 300 AS people, 300 AS privileged, 0 AS plains;"
	    "PRAGMA foreign_keys = OFF; BEGIN");
	sql_file("tests/review_bank.sql");
	sql("COMMIT; PRAGMA foreign_keys = ON");
	n.type = "privileged";
	frozen(opened(&n));
	equals("SELECT count(*), (SELECT count(*) FROM question),"
	       " (SELECT count(*) FROM question WHERE flagged) FROM item",
	    "9620|552|88\n");
	equals("SELECT count(*), title, title_zh FROM question"
	       " WHERE title LIKE 'account root on %' LIMIT 1",
	    "15|account root on 74 hosts: the account itself|"
	    "74 台主機上之帳號 root：帳號本身\n");
	/* What deviates is asked by itself, and never within many. */
	equals("SELECT count(*) FROM item i JOIN question q ON"
	       " q.campaign = i.campaign AND q.n = i.question"
	       " WHERE i.severity <> '' AND q.kind = 'template'",
	    "0\n");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("review campaign");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(
	    tc, rights_of_persons_are_items_and_alike_ones_one_question);
	tcase_add_test(tc,
	    what_alike_ones_have_in_common_is_said_in_words_of_both_languages);
	tcase_add_test(tc,
	    nobody_decides_what_is_theirs_or_what_they_asked_for_or_approved);
	tcase_add_test(
	    tc, nobody_is_asked_who_then_may_not_decide_in_whatever_spelling);
	tcase_add_test(tc,
	    whoever_an_account_is_matched_with_since_the_freeze_is_not_asked);
	tcase_add_test(
	    tc, what_is_unchanged_and_low_is_kept_at_one_stroke_but_not_twice);
	tcase_add_test(tc, what_is_flagged_or_new_is_asked_by_itself);
	tcase_add_test(tc, an_owner_is_asked_who_confirmed_to_be_that);
	tcase_add_test(tc, a_list_comes_first_but_not_for_who_may_not);
	tcase_add_test(
	    tc, whoever_left_is_replaced_and_a_loop_of_managers_ends);
	tcase_add_test(
	    tc, silence_goes_up_once_a_step_and_then_proposes_to_revoke);
	tcase_add_test(tc, what_is_missing_keeps_a_campaign_from_closing);
	tcase_add_test(tc, what_is_left_out_of_core_two_persons_sign);
	tcase_add_test(tc,
	    rights_that_are_left_out_of_core_are_counted_and_signed_for_too);
	tcase_add_test(
	    tc, a_scope_leaves_out_what_a_signed_line_says_and_counts_it);
	tcase_add_test(tc, what_will_not_do_is_refused);
	tcase_add_test(
	    tc, a_review_opens_by_itself_for_who_left_or_moved_and_once);
	tcase_add_test(
	    tc, of_a_banks_privileged_entitlements_one_in_seventeen_is_asked);
	tcase_add_test(tc, what_is_not_theirs_goes_to_whom_they_name);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
