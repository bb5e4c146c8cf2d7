/*
 * What stands in a pack of evidence, on a small database with planted truths:
 * the statements of each class have evidence.xsd's columns, tell what is so,
 * and keep to period and scope.
 */
#include <check.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "review/campaign.h"
#include "review/config.h"
#include "review/controls.h"
#include "review/pack_content.h"
#include "review/pack_schema.h"
#include "review/purge.h"
#include "review/rule.h"
#include "schema/base/buf.h"
#include "tests/review_facts.h"

#define ROOM (1024u * 1024)

static struct err e;
static char folder[32];
static struct store *db;
static struct rule_set *rules;
static struct review_config *config;
static struct view *view;

#define ck_assert_ok(expression)                                               \
	ck_assert_msg((expression) == 0, "%s: %s", #expression, e.text)

static void
setup(void)
{
	memset(&e, 0, sizeof(e));
	facts_open(&db, folder);
	ck_assert_ok(rule_set_load(&rules, NULL, &e));
	config = config_load("/nonexistent", false, &e);
	ck_assert_msg(config != NULL, "%s", e.text);
}

static void
teardown(void)
{
	config_free(&config);
	rule_set_free(&rules);
	facts_close(&db, folder);
}

static void
check_at(int64_t now)
{
	struct check_options options = { .now = now, .profile = "house" };
	struct check_result result;

	ck_assert_ok(check_run(db, config, rules, &options, &result, &e));
}

/* The tables of a pack of the 90 days before NOW. */
static void
gathered(const struct pack_scope *limits)
{
	struct pack_scope scope = { .from = NOW - 90 * DAY, .to = NOW + DAY };

	if (limits != NULL)
		scope = *limits;
	if (scope.to == 0) {
		scope.from = NOW - 90 * DAY;
		scope.to = NOW + DAY;
	}
	ck_assert_ok(store_begin(db, &e));
	ck_assert_ok(
	    pack_tables(&view, db, &scope, config, rules, NOW + DAY, NULL, &e));
}

static void
done(void)
{
	ck_assert_ok(pack_tables_end(&view, &e));
	ck_assert_ok(store_commit(db, &e));
}

/* The named columns of a class's rows, '|' between, a line a row. */
static void
has(const char *class, const char *columns, const char *expected)
{
	struct buf b = buf_new(ROOM);
	char name[64], column[64];
	struct statement *s;
	int more;

	(void)snprintf(name, sizeof(name), "pack_%s", class);
	s = store_use(db, name, &e);
	while ((more = store_step(s, &e)) == 1)
		for (const char *p = columns; *p != '\0';) {
			size_t n = strcspn(p, " ");
			const char *text;

			(void)snprintf(
			    column, sizeof(column), "%.*s", (int)n, p);
			text = column_text(s, column_of(s, column));
			buf_printf(&b, "%s%s", text == NULL ? "" : text,
			    p[n] == '\0' ? "\n" : "|");
			p += n;
			p += strspn(p, " ");
		}
	store_done(s);
	ck_assert_msg(more == 0, "%s: %s", class, e.text);
	ck_assert_str_eq(buf_string(&b), expected);
	buf_free(&b);
}

static int64_t
total(const char *class)
{
	char name[64];
	struct statement *s;
	int64_t n;

	(void)snprintf(name, sizeof(name), "pack_total_%s", class);
	s = store_use(db, name, &e);
	ck_assert_msg(store_step(s, &e) == 1, "%s: %s", class, e.text);
	n = column_int(s, 0);
	store_done(s);
	return n;
}

/*
 * Ann (E1) of D1 is a domain administrator through the helpdesk; Bob (E2) has
 * left, and his account is enabled; svc is nobody's and registered.
 */
static void
company(void)
{
	facts_sql(db,
	    "INSERT INTO people (id, name, department, manager, hired, mail)"
	    " VALUES (1, 'Ann', 'D1', 'E9', ago(900), 'ann@example.com'),"
	    " (9, 'Ida', 'D0', NULL, ago(900), NULL);"
	    "INSERT INTO people (id, name, department, status, left_at)"
	    " VALUES (2, 'Bob', 'D1', 'left', ago(60)),"
	    " (3, 'Nobody', 'D3', 'active', NULL);"
	    "INSERT INTO groups (id, name, sid, rid) VALUES"
	    " (100, 'Domain Admins', 'S-1-5-21-1-2-3-512', 512);"
	    "INSERT INTO groups (id, name) VALUES (101, 'helpdesk'),"
	    " (102, 'staff');"
	    "INSERT INTO acct (id, name, created, employee, phone) VALUES"
	    " (10, 'ann', ago(800), 'E1', '0912'),"
	    " (11, 'bob', ago(800), 'E2', NULL);"
	    "INSERT INTO acct (id, source, name, created) VALUES"
	    " (12, 4, 'svc-x', ago(800));"
	    "INSERT INTO owns (person, object) VALUES (1, 10), (2, 11);"
	    "INSERT INTO holds (member, grp) VALUES (10, 102), (11, 102),"
	    " (10, 101), (101, 100);"
	    "INSERT INTO used (id, at) VALUES (10, ago(3)), (11, ago(3));"
	    "INSERT INTO registers (kind, account, owner, purpose) VALUES"
	    " ('service', 'svc-x', 'E9', 'backup'),"
	    " ('privileged', 'ANN', 'E9', 'directory'),"
	    " ('privileged', 'gone', 'E9', 'once');");
	check_at(NOW);
}

/* ---- Columns ---- */

static bool
is_by_hand(const char *class)
{
	return strcmp(class, "signed") == 0 || strcmp(class, "session") == 0 ||
	    strcmp(class, "control") == 0;
}

/* "left:time" is the column "left" of type "time". */
static void
same_column(const struct pack_class *class, size_t i, const char *name)
{
	const struct pack_column *c = &class->columns[i];
	const char *suffix = strchr(name, ':');
	size_t length = suffix == NULL ? strlen(name) : (size_t)(suffix - name);
	const char *wanted =
	    class->has_body && i + 1 == class->count ? "body" : c->name;
	static const char *const typed[] = { "time", "day", "flag", "body" };

	ck_assert_msg(
	    length == strlen(wanted) && strncmp(name, wanted, length) == 0,
	    "%s: column %zu is %s, not %s", class->name, i, name, wanted);
	for (size_t t = 0; t < 4; t++)
		ck_assert_msg((strcmp(c->type, typed[t]) == 0) ==
		        (suffix != NULL && strcmp(suffix + 1, typed[t]) == 0),
		    "%s: %s is of type %s", class->name, name, c->type);
}

START_TEST(each_class_has_the_columns_of_the_schema_in_its_order)
{
	struct pack_schema *schema = NULL;
	struct view *progress = NULL;
	const struct pack_class *class;
	size_t classes = 0;

	company();
	gathered(NULL);
	ck_assert_ok(pack_schema_load(&schema, &e));
	ck_assert_ok(campaign_progress(&progress, db, "house", 1, &e));
	for (; (class = pack_schema_at(schema, classes)) != NULL; classes++) {
		char name[64];
		struct statement *s;

		if (is_by_hand(class->name))
			continue;
		(void)snprintf(name, sizeof(name), "pack_%s", class->name);
		s = store_use(db, name, &e);
		ck_assert_msg(s != NULL, "%s", e.text);
		ck_assert_msg((size_t)column_count(s) == class->count,
		    "%s: %d columns, not %zu", class->name, column_count(s),
		    class->count);
		for (size_t i = 0; i < class->count; i++)
			same_column(class, i, column_name(s, (int)i));
	}
	ck_assert_uint_gt(classes, 25);
	ck_assert_ok(campaign_progress_end(&progress, &e));
	pack_schema_free(&schema);
	done();
}
END_TEST

/* ---- The state ---- */

START_TEST(accounts_are_those_of_now_with_their_holders_and_owners)
{
	company();
	gathered(NULL);
	has("account",
	    "id name source employee owner department core:flag enabled:flag "
	    "privileged:flag service:flag registered",
	    "10|ann|1|E1|E9|D1|1|1|1|0|\n"
	    "11|bob|1|E2||D1|1|1|0|0|\n"
	    "12|svc-x|4||E9||0|1|0|1|service\n");
	ck_assert_int_eq(total("account"), 3);
	has("privilege", "account right depth path registered:flag",
	    "10|100|2|helpdesk > Domain Admins|1\n");
	ck_assert_int_eq(total("privilege"), 1);
	has("membership", "right member how",
	    "100|101|member\n101|10|member\n102|10|member\n102|11|member\n");
	ck_assert_int_eq(total("membership"), 4);
	has("right", "id name privileged:flag",
	    "100|Domain Admins|1\n101|helpdesk|1\n102|staff|0\n");
	has("registered", "kind account owner found:flag",
	    "privileged|ANN|E9|1\nprivileged|gone|E9|0\nservice|svc-x|E9|1\n");
	done();
}
END_TEST

START_TEST(persons_are_those_who_are_named_with_no_more_than_is_needed)
{
	company();
	gathered(NULL);
	/* Nobody has no account and is not named; E9 owns two. */
	has("person", "employee name department kind status",
	    "E1|Ann|D1|staff|active\nE2|Bob|D1|staff|left\n"
	    "E9|Ida|D0|staff|active\n");
	ck_assert_int_eq(total("person"), 4);
	done();
}
END_TEST

/* ---- Findings ---- */

/* As checks saw it: ids 1 at ago(100), 2 at ago(20), 3 at NOW. */
static void
checked_thrice(void)
{
	company();
	facts_sql(db,
	    "DELETE FROM finding; DELETE FROM rule_run; DELETE FROM verdict;"
	    "DELETE FROM check_run;"
	    "INSERT INTO check_run VALUES"
	    " (1, ago(100), ago(100), 0, 4, 'house', 't', x'01'),"
	    " (2, ago(20), ago(20), 0, 4, 'house', 't', x'01'),"
	    " (3, ago(0), ago(0), 0, 4, 'house', 't', x'02');"
	    "INSERT INTO rule_run VALUES"
	    " (1, 'AR-111', x'aa', 3, 1, 0, 0, NULL),"
	    " (1, 'AR-161', x'bb', 3, 1, 0, 0, NULL),"
	    " (2, 'AR-111', x'aa', 3, 1, 0, 0, NULL),"
	    " (2, 'AR-161', x'bc', 3, 1, 0, 0, NULL),"
	    " (3, 'AR-111', x'aa', 3, 1, 0, 0, NULL),"
	    " (3, 'AR-161', x'bc', 3, 1, 0, 0, NULL);"
	    "INSERT INTO finding (id, rule, subject, about, state, certainty,"
	    " severity, reason, evidence, first_run, last_run, closed_run,"
	    " exception) VALUES"
	    " (1, 'AR-111', 11, '', 'hit', 'certain', 'critical', '',"
	    "  '{}', 1, 1, 2, NULL),"
	    " (2, 'AR-111', 11, '', 'hit', 'certain', 'critical', '',"
	    "  '{}', 3, 3, NULL, NULL),"
	    " (3, 'AR-161', 10, '', 'hit', 'certain', 'high', '',"
	    "  '{\"age\":8640000,\"limit\":90}', 2, 3, NULL, NULL),"
	    " (4, 'AR-161', 12, '', 'hit', 'certain', 'medium', '',"
	    "  '{}', 3, 3, NULL, 1),"
	    " (5, 'AR-101', 12, '', 'unknown', 'certain', 'medium',"
	    "  'not-recorded', '{}', 3, 3, NULL, NULL),"
	    " (6, 'AR-103', NULL, 'source:app', 'hit', 'certain', 'low', '',"
	    "  '{}', 3, 3, NULL, NULL),"
	    " (7, 'AR-123', 101, '', 'hit', 'certain', 'info', '',"
	    "  '{}', 3, 3, NULL, NULL);"
	    "INSERT INTO exception VALUES ('AR-161', 'SVC-X', NULL, 'kept', "
	    "NULL, 'CISO', ago(-9), 1, 9223372036854775807)");
}

START_TEST(a_finding_has_its_life_its_due_date_and_its_points)
{
	checked_thrice();
	gathered(NULL);
	has("finding",
	    "id account right name source department core:flag status "
	    "repeated:flag due:time points",
	    "1|11||bob|1|D1|1|closed|0|1787702400|0.0\n"
	    "2|11||bob|1|D1|1|open|1|1796342400|10.0\n"
	    "3|10||ann|1|D1|1|overdue|0|1795564800|4.5\n"
	    "4|12||svc-x|4||0|excepted|0|1798675200|1.0\n"
	    "5|12||svc-x|4||0|open|0||0.0\n"
	    "6||||4||0|open|0|1803859200|1.0\n"
	    "7||101|helpdesk|1||1|open|0||0.0\n");
	ck_assert_int_eq(total("finding"), 7);
	has("risk", "area kind exposure points block accounts findings formula",
	    "core|class|1.0000|14.5|improve|2|2|house-1\n"
	    "other|class|0.0000|2.0|maintain|1|2|house-1\n"
	    "D1|department|1.0000|14.5|improve|2|2|house-1\n");
	done();
}
END_TEST

START_TEST(an_exception_that_is_gone_excepts_nothing)
{
	checked_thrice();
	facts_sql(db, "DELETE FROM exception");
	gathered(NULL);
	has("finding", "id status points",
	    "1|closed|0.0\n2|open|10.0\n3|overdue|4.5\n4|open|2.0\n"
	    "5|open|0.0\n6|open|1.0\n7|open|0.0\n");
	done();
}
END_TEST

START_TEST(a_due_date_is_as_its_remedy_was_extended_with_approval)
{
	checked_thrice();
	facts_sql(db,
	    "INSERT INTO act VALUES"
	    " (1, ago(10), 'remedy', NULL, '', '', x'00'),"
	    " (2, ago(9), 'second', NULL, '', '', x'00'),"
	    " (3, ago(8), 'remedy-event', NULL, '', '', x'00'),"
	    " (4, ago(7), 'second', NULL, '', '', x'00'),"
	    " (5, ago(6), 'remedy-event', NULL, '', '', x'00');"
	    "INSERT INTO remedy (act, id, account, \"right\", holder, action, "
	    "severity,"
	    " due, owner, plan, finding) VALUES (1, 1, 10, NULL, 'E1', "
	    "'disable',"
	    " 'high', ago(5), 'E9', '{\"change\":\"usermod -L ann\"}', 3);"
	    "INSERT INTO second VALUES (2, 1, 'approved', ''),"
	    " (4, 3, 'approved', '');"
	    "INSERT INTO remedy_event VALUES"
	    " (3, 1, 'extended', NULL, ago(-30), 'vendor'),"
	    " (5, 1, 'open', 4, NULL, 'still enabled')");
	gathered(NULL);
	has("remedy",
	    "id name action owner due:time approved:flag status overdue:flag "
	    "extended after plan finding",
	    "1|ann|disable|E9|1798675200|1|open|0|1|still enabled|"
	    "usermod -L ann|3\n");
	/* The same due date, so that the finding is not overdue either. */
	has("finding", "id status points",
	    "1|closed|0.0\n2|open|10.0\n3|open|3.0\n4|excepted|1.0\n"
	    "5|open|0.0\n6|open|1.0\n7|open|0.0\n");
	has("act", "id kind seconded included:flag",
	    "1|remedy|approved|1\n2|second||1\n3|remedy-event|approved|1\n"
	    "4|second||1\n5|remedy-event||1\n");
	done();
}
END_TEST

START_TEST(a_trend_breaks_where_rule_thresholds_or_checks_are_not_the_same)
{
	const struct pack_scope scope = { .from = NOW - 61 * DAY, .to = NOW };

	checked_thrice();
	gathered(&scope);
	/* ago(100) is in August, ago(20) and NOW in the fourth quarter. */
	has("trend",
	    "period rule open new repeated closed closeDays oldestDays "
	    "comparable:flag why",
	    "2026Q3|AR-111|1|1|0|0||38|0|not-checked\n"
	    "2026Q3|AR-161|0|0|0|0|||0|not-checked\n"
	    "2026Q4|AR-103|1|1|0|0||1|0|not-checked\n"
	    "2026Q4|AR-111|1|1|1|1|80.0|1|0|thresholds\n"
	    "2026Q4|AR-123|1|1|0|0||1|0|not-checked\n"
	    "2026Q4|AR-161|2|2|0|0||21|0|rule thresholds\n");
	done();
}
END_TEST

/* ---- Scopes ---- */

START_TEST(a_pack_of_one_person_has_nothing_of_another)
{
	const struct pack_scope scope = { .person = "E2" };

	checked_thrice();
	gathered(&scope);
	has("account", "id", "11\n");
	has("finding", "id", "1\n2\n");
	has("membership", "right member", "102|11\n");
	has("right", "id", "102\n");
	has("person", "employee", "E2\n");
	has("registered", "account", "");
	has("source", "id", "1\n");
	has("coverage", "name", "corp\n");
	has("daily", "source", "");
	ck_assert_int_eq(total("account"), 3);
	done();
}
END_TEST

START_TEST(a_finding_of_a_right_is_its_rules_and_not_who_holds_it)
{
	const struct pack_scope person = { .person = "E2" };
	const struct pack_scope rule = { .rule = "AR-123" };

	checked_thrice();
	facts_sql(db,
	    "INSERT INTO rule_run VALUES (3, 'AR-123', x'aa', 3, 2, 0, 0, "
	    "NULL);"
	    "INSERT INTO finding (id, rule, subject, about, state, certainty,"
	    " severity, reason, evidence, first_run, last_run) VALUES"
	    " (8, 'AR-123', 102, 'cn=ann', 'hit', 'certain', 'low', '',"
	    "  '{}', 3, 3)");
	gathered(&person);
	has("right", "id", "102\n");
	has("finding", "id", "1\n2\n");
	done();
	gathered(&rule);
	has("right", "id", "101\n102\n");
	has("finding", "id right", "7|101\n8|102\n");
	done();
}
END_TEST

START_TEST(what_could_not_be_told_of_all_is_told_of_each)
{
	const struct pack_scope person = { .person = "E2" };

	checked_thrice();
	facts_sql(db,
	    "INSERT INTO finding (id, rule, subject, about, state, certainty,"
	    " severity, reason, evidence, first_run, last_run) VALUES"
	    " (8, 'AR-101', NULL, 'source:corp', 'unknown', 'certain', 'low',"
	    "  'not-recorded', '{}', 3, 3),"
	    " (9, 'AR-131', NULL, '', 'unknown', 'certain', 'low',"
	    "  'no-trail', '{}', 3, 3)");
	gathered(&person);
	has("finding", "id", "1\n2\n8\n9\n");
	done();
}
END_TEST

START_TEST(a_limit_of_which_nothing_is_known_is_refused)
{
	const struct pack_scope slips[] = { { .system = "crop" },
		{ .person = "E22" }, { .rule = "AR-1" }, { .campaign = "Q9" } };

	checked_thrice();
	for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
		struct pack_scope scope = slips[i];

		scope.to = NOW;
		ck_assert_ok(store_begin(db, &e));
		ck_assert_int_eq(pack_tables(&view, db, &scope, config, rules,
		                     NOW, NULL, &e),
		    -1);
		ck_assert_int_eq(e.code, ERR_MISSING);
		store_rollback(db);
	}
}
END_TEST

START_TEST(a_pack_of_one_system_or_one_rule_has_what_hangs_on_it)
{
	const struct pack_scope system = { .system = "app" };
	const struct pack_scope rule = { .rule = "AR-161" };

	checked_thrice();
	gathered(&system);
	has("account", "id", "12\n");
	has("finding", "id", "4\n5\n6\n");
	has("privilege", "account", "");
	has("source", "name", "app\n");
	has("pull", "id", "4\n");
	done();
	gathered(&rule);
	has("account", "id", "10\n12\n");
	has("finding", "id", "3\n4\n");
	has("rule", "id", "AR-161\n");
	/* What somebody holds, and what that is in. */
	has("right", "id", "100\n101\n102\n");
	done();
}
END_TEST

START_TEST(a_period_limits_what_happened_and_not_the_state)
{
	const struct pack_scope scope = { .from = NOW - 300 * DAY,
		.to = NOW - 90 * DAY };

	checked_thrice();
	facts_sql(db,
	    "INSERT INTO pull (id, source, started, mode, state, complete,"
	    " scope, program) VALUES"
	    " (90, 1, ago(95), 'full', 'refused', 0, '', 't'),"
	    " (91, 1, ago(50), 'full', 'refused', 0, '', 't')");
	gathered(&scope);
	has("account", "id", "10\n11\n12\n");
	has("finding", "id", "1\n");
	has("pull", "id", "1\n2\n3\n4\n90\n");
	ck_assert_int_eq(total("pull"), 6);
	done();
}
END_TEST

/* ---- Reviews ---- */

/* One open campaign: ann keeps staff, bob's word waits for a second person. */
static void
reviewed(void)
{
	company();
	facts_sql(db,
	    "INSERT INTO act VALUES"
	    " (1, ago(30), 'campaign-open', NULL, 'a', '', zeroblob(32)),"
	    " (2, ago(29), 'campaign-freeze', NULL, 'a', '', zeroblob(32)),"
	    " (3, ago(28), 'assign', NULL, 'a', '', zeroblob(32)),"
	    " (4, ago(27), 'worksheets', NULL, 'a', '', zeroblob(32)),"
	    " (5, ago(20), 'decisions', NULL, 'a', '', zeroblob(32)),"
	    " (6, ago(19), 'decisions', NULL, 'a', '', zeroblob(32));"
	    "INSERT INTO campaign VALUES (1, 1, '2026Q4', 'periodic', ago(10),"
	    " 'E9', NULL, NULL);"
	    "INSERT INTO campaign_scope VALUES (1, 1, 1, 0, 'department', 'D9',"
	    " 'customers');"
	    "INSERT INTO campaign_freeze VALUES"
	    " (2, 1, 4, 1, 'house', 2, 1, 3, 3);"
	    "INSERT INTO question VALUES"
	    " (1, 1, 'single', '', '', 1, 0, 1, 0, 0),"
	    " (1, 2, 'single', '', '', 1, 0, 0, 0, 0),"
	    " (1, 3, 'single', '', '', 1, 0, 0, 0, 0);"
	    "INSERT INTO item VALUES"
	    " (2, 1, 1, 1, 'k1', 10, 100, 'E1', 1, '', 'new', 0, 0,"
	    "  '{\"account\":\"ann\",\"right\":\"Domain Admins\"}'),"
	    " (2, 1, 2, 2, 'k2', 11, 102, 'E2', 0, '', 'new', 0, 0,"
	    "  '{\"account\":\"bob\",\"right\":\"staff\"}'),"
	    " (2, 1, 3, 3, 'k3', 12, NULL, NULL, 0, '', 'new', 0, 0,"
	    "  '{\"account\":\"svc-x\"}');"
	    "INSERT INTO assignment VALUES (3, 1, 1, 'E9', 'manager'),"
	    " (3, 1, 2, 'E9', 'manager'), (3, 1, 3, 'E1', 'owner');"
	    "INSERT INTO worksheet VALUES (4, 1, 'E9', x'00', x'5ec2e7');"
	    "INSERT INTO decision (act, n, campaign, question, item, decision,"
	    " reason, reviewer, grade, seconds, bulk) VALUES"
	    " (5, 1, 1, 1, 0, 'revoke', 'no', 'E9', 'signed', 5, 1),"
	    " (5, 2, 1, 2, 0, 'revoke', 'left', 'E9', 'signed', 5, 1),"
	    " (6, 1, 1, 2, 2, 'keep', 'yes', 'E9', 'signed', 9, 1);");
}

START_TEST(an_item_has_the_word_with_effect_and_every_word_is_there)
{
	reviewed();
	gathered(NULL);
	has("campaign",
	    "name type how scope accounts items questions decided waiting",
	    "2026Q4|periodic||-department:D9 (customers)|2|3|3|2|0\n");
	has("item",
	    "number account name right rightName decision reviewer act "
	    "assigned",
	    "1|10|ann|100|Domain Admins|revoke|E9|5|E9\n"
	    "2|11|bob|102|staff|keep|E9|6|E9\n"
	    "3|12|svc-x||||||E1\n");
	has("decision", "act number item decision reason",
	    "5|1|0|revoke|no\n5|2|0|revoke|left\n6|1|2|keep|yes\n");
	ck_assert_int_eq(total("item"), 3);
	done();
}
END_TEST

/* ---- The whole ---- */

static struct manifest *manifest;

/* A pack's parts in the folder; what the manifest says is kept. */
static void
written(const struct pack_scope *limits)
{
	struct pack_scope scope = *limits;
	struct pack_schema *schema = NULL;
	struct pack_writer *writer = NULL;
	char path[64];
	int directory;

	(void)snprintf(path, sizeof(path), "%s/pack", folder);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ne(directory, -1);
	ck_assert_ok(pack_schema_load(&schema, &e));
	ck_assert_ok(manifest_new(&manifest, &e));
	ck_assert_ok(
	    pack_writer_new(&writer, directory, manifest, schema, NULL, &e));
	ck_assert_ok(store_begin(db, &e));
	ck_assert_ok(pack_content(
	    writer, db, &scope, config, NOW + DAY, NULL, manifest, &e));
	ck_assert_ok(store_commit(db, &e));
	pack_writer_free(&writer);
	pack_schema_free(&schema);
	ck_assert_int_eq(close(directory), 0);
}

static int64_t
rows_of(const char *class)
{
	const struct manifest_class *c = manifest_class_find(manifest, class);

	ck_assert_msg(c != NULL, "%s", class);
	return c->rows;
}

START_TEST(a_whole_pack_has_every_class_and_says_what_state_it_is_of)
{
	const struct pack_scope all = { .from = NOW - 90 * DAY,
		.to = NOW + DAY };

	company();
	written(&all);
	ck_assert_uint_eq(manifest->class_count, 30);
	ck_assert_int_eq(rows_of("account"), 3);
	ck_assert_int_eq(rows_of("control"), 38);
	ck_assert_int_eq(manifest_class_find(manifest, "control")->total, 38);
	ck_assert_int_eq(manifest->state, 4);
	ck_assert_int_eq(manifest->check, 1);
	ck_assert_int_eq(manifest->checked, NOW);
	ck_assert_str_eq(manifest->profile, "house");
	ck_assert_int_eq(manifest->head, 0);
	ck_assert_int_eq(manifest->places, 4);
	ck_assert_int_eq(manifest->covered, 4);
	ck_assert_uint_eq(manifest->scope_count, 0);
	/* Logins were never imported, and nothing was ever erased. */
	ck_assert_uint_eq(manifest->retention_count, PURGE_KINDS);
	ck_assert_str_eq(manifest->retentions[0].kind, "logins");
	ck_assert_int_eq(manifest->retentions[0].purged, FACT_UNKNOWN);
	for (size_t i = 0; i < manifest->class_count; i++)
		ck_assert_msg(
		    manifest->classes[i].rows <= manifest->classes[i].total,
		    "%s", manifest->classes[i].name);
	manifest_free(&manifest);
}
END_TEST

/* Whether a part of the pack has that text. */
static bool
tells(const char *class, const char *text)
{
	return shell("grep -qF -- '%s' %s/pack/parts/%s-0001.xml", text, folder,
	           class) == 0;
}

START_TEST(reviewers_are_told_with_what_is_overdue_and_what_they_said)
{
	const struct pack_scope all = { .from = NOW - 90 * DAY,
		.to = NOW + DAY };

	reviewed();
	written(&all);
	ck_assert(tells("reviewer",
	    "employee=\"E1\" name=\"Ann\" department=\"D1\" "
	    "questions=\"1\" items=\"1\" decided=\"0\" overdue=\"1\" "
	    "kept=\"0\" revoked=\"0\" rubber=\"false\""));
	ck_assert(tells("reviewer",
	    "employee=\"E9\" name=\"Ida\" department=\"D0\" "
	    "questions=\"2\" items=\"2\" decided=\"2\" overdue=\"0\" "
	    "kept=\"1\" revoked=\"1\""));
	manifest_free(&manifest);
}
END_TEST

START_TEST(keys_of_worksheets_stay_while_their_campaign_is_open)
{
	const struct pack_scope all = { .from = NOW - 90 * DAY,
		.to = NOW + DAY };

	reviewed();
	written(&all);
	/* 1 campaign and its scope, 1 freeze, 3 questions, 3 items, 3 assigned,
	   3 decisions; not the worksheet. */
	ck_assert_int_eq(rows_of("signed"), 15);
	ck_assert_int_eq(manifest_class_find(manifest, "signed")->total, 16);
	ck_assert_ptr_nonnull(
	    strstr(manifest_class_find(manifest, "signed")->withheld,
	        "1 acts: worksheet keys"));
	ck_assert(!tells("signed", "5EC2E7"));
	ck_assert(tells("act", "id=\"4\""));
	ck_assert(tells("signed", "act=\"2\" table=\"item\" number=\"3\""));
	manifest_free(&manifest);
}
END_TEST

START_TEST(once_it_is_over_its_keys_are_there_and_worksheets_can_be_verified)
{
	const struct pack_scope all = { .from = NOW - 90 * DAY,
		.to = NOW + DAY };

	reviewed();
	facts_sql(db,
	    "INSERT INTO act VALUES"
	    " (7, ago(5), 'campaign-end', NULL, 'g', '', zeroblob(32));"
	    "INSERT INTO campaign_end VALUES (7, 1, 'closed', '', 2, 0, 1)");
	written(&all);
	ck_assert_int_eq(rows_of("signed"), 17);
	ck_assert_str_eq(manifest_class_find(manifest, "signed")->withheld, "");
	ck_assert(tells("signed", "5EC2E7"));
	manifest_free(&manifest);
}
END_TEST

START_TEST(a_limited_pack_has_no_words_on_other_packs_cases_and_hosts)
{
	const struct pack_scope all = { .from = NOW - 90 * DAY,
		.to = NOW + DAY };
	const struct pack_scope person = {
		.from = NOW - 90 * DAY, .to = NOW + DAY, .person = "E2"
	};

	reviewed();
	facts_sql(db,
	    "INSERT INTO act VALUES"
	    " (7, ago(5), 'pack', NULL, 'g', '', zeroblob(32)),"
	    " (8, ago(5), 'hold', NULL, 'h', '', zeroblob(32)),"
	    " (9, ago(5), 'confirmation', NULL, 'i', '', zeroblob(32));"
	    "INSERT INTO pack VALUES (7, 1, 'topic', 1, 2, "
	    "'{\"person\":\"E1\"}', 'of-ann', zeroblob(32));"
	    "INSERT INTO hold VALUES (8, 'case of ann', 1, 'court');"
	    "INSERT INTO confirmation VALUES (9, 'host', 'web9', x'00')");
	written(&all);
	ck_assert(tells("signed", "of-ann"));
	ck_assert(tells("signed", "case of ann"));
	ck_assert(tells("signed", "web9"));
	manifest_free(&manifest);
	(void)shell("rm -r %s/pack", folder);
	written(&person);
	ck_assert(tells("signed", "act=\"6\" table=\"decision\""));
	ck_assert(!tells("signed", "of-ann"));
	ck_assert(!tells("signed", "case of ann"));
	ck_assert(!tells("signed", "web9"));
	manifest_free(&manifest);
}
END_TEST

START_TEST(in_a_pack_of_one_person_rows_of_others_are_not_there_though_acts_are)
{
	const struct pack_scope person = {
		.from = NOW - 90 * DAY, .to = NOW + DAY, .person = "E2"
	};

	reviewed();
	written(&person);
	ck_assert_int_eq(rows_of("act"), 6);
	/* Act 5 is about ann as well; act 6 about bob alone. */
	ck_assert_int_eq(rows_of("signed"), 1);
	ck_assert(tells("signed", "act=\"6\" table=\"decision\""));
	ck_assert_int_eq(rows_of("item"), 1);
	ck_assert_int_eq(rows_of("decision"), 2);
	ck_assert_uint_eq(manifest->scope_count, 1);
	ck_assert_str_eq(manifest->scopes[0].what, "person");
	ck_assert(!tells("control", "verdict=\"conforming\""));
	manifest_free(&manifest);
}
END_TEST

START_TEST(a_control_says_what_is_missing_in_both_languages)
{
	const struct pack_scope all = { .from = NOW - 90 * DAY,
		.to = NOW + DAY };

	checked_thrice();
	written(&all);
	/* AR-111 ran, is open and repeated; AR-112 did not run. */
	ck_assert(tells("control",
	    "rules=\"AR-111 AR-112 AR-113\" records=\"person finding\""));
	ck_assert(tells("control", "findings open: 1"));
	ck_assert(tells("control", "1 件缺失尚未改善"));
	ck_assert(tells("control", "daily records waiting to be examined: 2"));
	manifest_free(&manifest);
}
END_TEST

/* Whether a list of words with blanks between are all among these. */
static void
all_words(const char *list, bool (*known)(void *, const char *), void *context,
    const char *who)
{
	char word[64];

	for (const char *p = list; *p != '\0'; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");

		(void)snprintf(word, sizeof(word), "%.*s", (int)n, p);
		ck_assert_msg(known(context, word), "%s: %s", who, word);
		p += n;
	}
}

static bool
is_class(void *context, const char *word)
{
	return pack_schema_find(context, word) != NULL;
}

static bool
is_required(void *context, const char *word)
{
	const struct profile *house = controls_profile(context, "house");

	for (size_t i = 0; i < house->count; i++)
		if (strcmp(house->requirements[i].key, word) == 0)
			return true;
	return false;
}

START_TEST(a_period_in_which_nothing_was_checked_conforms_to_nothing)
{
	const struct pack_scope before = { .from = NOW - 190 * DAY,
		.to = NOW - 100 * DAY };

	reviewed();
	written(&before);
	ck_assert_int_eq(rows_of("finding"), 0);
	ck_assert(!tells("control", "verdict=\"conforming\""));
	ck_assert(tells("control", "nothing was checked in the period"));
	manifest_free(&manifest);
}
END_TEST

START_TEST(controls_name_classes_and_requirements_that_there_are)
{
	struct pack_schema *schema = NULL;
	struct controls *controls = NULL;

	ck_assert_ok(pack_schema_load(&schema, &e));
	ck_assert_ok(controls_load(&controls, &e));
	ck_assert_uint_eq(controls_control_count(controls), 38);
	for (size_t i = 0; i < 38; i++) {
		const struct control *c = controls_control_at(controls, i);

		all_words(c->records, is_class, schema, c->id);
		all_words(c->requires, is_required, controls, c->id);
		ck_assert_str_ne(c->requirement, "");
		ck_assert_str_ne(c->requirement_zh, "");
		ck_assert(c->nist[0] >= 'A' && c->nist[0] <= 'Z');
	}
	ck_assert_str_eq(
	    controls_gap(controls, "open")->text, "findings open: {n}");
	ck_assert_ptr_null(controls_gap(controls, "no such"));
	controls_free(&controls);
	pack_schema_free(&schema);
}
END_TEST

START_TEST(a_control_without_its_requirement_is_refused)
{
	static const char text[] = "<controls><control id='PAR-01' title='A' "
	                           "title-zh='B' nist='AC-2'/></controls>";
	struct controls *controls = NULL;

	ck_assert_int_eq(
	    controls_parse(&controls, text, sizeof(text) - 1, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "<control> without requirement"));
}
END_TEST

/* ---- Every day ---- */

#define TODAY (NOW / DAY) /* local day that NOW is in, at +08:00 */

START_TEST(a_day_is_on_time_late_missing_or_waiting)
{
	const struct pack_scope scope = { .from = NOW - 5 * DAY,
		.to = NOW + DAY };
	char text[2048];

	company();
	/* h1's trail is known since four days ago. */
	(void)snprintf(text, sizeof(text),
	    "UPDATE pull SET started = ago(0);"
	    "INSERT INTO trail_import (id, at, host, file, form, digest, first,"
	    " last, records, refused) VALUES (5, ago(4), 'h1', 'a', 'auth.log',"
	    " x'00', ago(4), ago(0), 1, 0);"
	    "INSERT INTO act VALUES"
	    " (1, ago(3), 'daily', NULL, '', '', zeroblob(32)),"
	    " (2, ago(2), 'daily-sign', NULL, '', '', zeroblob(32)),"
	    " (3, ago(1), 'daily-sign', NULL, '', '', zeroblob(32));"
	    "INSERT INTO daily VALUES"
	    " (1, %lld, 'h1', 1, 'complete', '', ago(2),"
	    "  '{\"failed\":{\"total\":7,\"unknown\":2},"
	    "\"sessions\":[1,2,3]}'),"
	    " (1, %lld, 'h1', 1, 'incomplete', 'silent', ago(1), '{}'),"
	    " (1, %lld, 'h1', 1, 'complete', '', ago(-9), '{}');"
	    "INSERT INTO daily_sign VALUES"
	    " (2, %lld, 'h1', 1, 'nothing', 0), (3, %lld, 'h1', 1, 'late', 1);",
	    (long long)TODAY - 4, (long long)TODAY - 3, (long long)TODAY - 1,
	    (long long)TODAY - 4, (long long)TODAY - 3);
	facts_sql(db, text);
	gathered(&scope);
	has("daily",
	    "source version state mark failures unknown sessions disposition",
	    "h1|1|complete|on-time|7|2|3|nothing\n"
	    "h1|1|incomplete|late|0|0|0|late\n"
	    "h1|0|none|missing|0|0|0|\n"
	    "h1|1|complete|waiting|0|0|0|\n"
	    "h1|0|none|waiting|0|0|0|\n"
	    "source:corp|0|none|waiting|0|0|0|\n"
	    "source:tree|0|none|waiting|0|0|0|\n");
	ck_assert_int_eq(total("daily"), 7);
	done();
}
END_TEST

/* ---- Exceptions ---- */

START_TEST(exceptions_are_those_that_persons_signed_and_those_of_the_register)
{
	company();
	facts_sql(db,
	    "INSERT INTO act VALUES"
	    " (1, ago(20), 'exception', NULL, '', '', zeroblob(32)),"
	    " (2, ago(19), 'second', NULL, '', '', zeroblob(32));"
	    "INSERT INTO exempted (act, n, account, \"right\", holder, rule,"
	    " reason, compensation, ends, owner) VALUES"
	    " (1, 1, 10, 102, 'E1', 'AR-161', 'old', 'read daily', ago(-30),"
	    "  'E9'),"
	    " (1, 2, 11, NULL, 'E2', 'AR-101', 'old', 'none', ago(5), 'E9');"
	    "INSERT INTO second VALUES (2, 1, 'approved', '');"
	    "INSERT INTO exception VALUES ('AR-121', 'SVC-X', NULL, 'kept', "
	    "NULL,"
	    " 'CISO', ago(-9), 1, 9223372036854775807)");
	gathered(NULL);
	has("exception",
	    "act number account name rightName holder rule owner approver "
	    "status",
	    "1|1|10|ann|staff|E1|AR-161|E9||counts\n"
	    "1|2|11|bob||E2|AR-101|E9||expired\n"
	    "|1|12|svc-x|||AR-121|CISO|CISO|counts\n");
	ck_assert_int_eq(total("exception"), 3);
	done();
}
END_TEST

START_TEST(a_source_that_was_never_pulled_is_a_place_that_is_not_covered)
{
	struct source_settings *source;

	company();
	source = &config->sources[config->source_count++];
	memset(source, 0, sizeof(*source));
	(void)strcpy(source->name, "branch");
	(void)strcpy(source->url, "ldaps://dc9.example");
	gathered(NULL);
	has("coverage", "source name complete:flag reason accounts",
	    "4|app|1||1\n|branch|0|never-pulled|0\n1|corp|1||2\n"
	    "3|tree|1||0\n2|unix|1||0\n");
	ck_assert_int_eq(total("coverage"), 5);
	done();
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("review/pack_content");
	TCase *t = tcase_create("content");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(
	    t, each_class_has_the_columns_of_the_schema_in_its_order);
	tcase_add_test(
	    t, accounts_are_those_of_now_with_their_holders_and_owners);
	tcase_add_test(
	    t, persons_are_those_who_are_named_with_no_more_than_is_needed);
	tcase_add_test(
	    t, a_whole_pack_has_every_class_and_says_what_state_it_is_of);
	tcase_add_test(t, a_finding_has_its_life_its_due_date_and_its_points);
	tcase_add_test(t, an_exception_that_is_gone_excepts_nothing);
	tcase_add_test(
	    t, a_due_date_is_as_its_remedy_was_extended_with_approval);
	tcase_add_test(
	    t, a_trend_breaks_where_rule_thresholds_or_checks_are_not_the_same);
	tcase_add_test(t, a_pack_of_one_person_has_nothing_of_another);
	tcase_add_test(t, what_could_not_be_told_of_all_is_told_of_each);
	tcase_add_test(t, a_limit_of_which_nothing_is_known_is_refused);
	tcase_add_test(
	    t, a_finding_of_a_right_is_its_rules_and_not_who_holds_it);
	tcase_add_test(
	    t, a_limited_pack_has_no_words_on_other_packs_cases_and_hosts);
	tcase_add_test(
	    t, a_pack_of_one_system_or_one_rule_has_what_hangs_on_it);
	tcase_add_test(t, a_period_limits_what_happened_and_not_the_state);
	tcase_add_test(
	    t, an_item_has_the_word_with_effect_and_every_word_is_there);
	tcase_add_test(
	    t, reviewers_are_told_with_what_is_overdue_and_what_they_said);
	tcase_add_test(t, keys_of_worksheets_stay_while_their_campaign_is_open);
	tcase_add_test(t,
	    once_it_is_over_its_keys_are_there_and_worksheets_can_be_verified);
	tcase_add_test(t,
	    in_a_pack_of_one_person_rows_of_others_are_not_there_though_acts_are);
	tcase_add_test(t, a_control_says_what_is_missing_in_both_languages);
	tcase_add_test(
	    t, a_period_in_which_nothing_was_checked_conforms_to_nothing);
	tcase_add_test(
	    t, controls_name_classes_and_requirements_that_there_are);
	tcase_add_test(t, a_control_without_its_requirement_is_refused);
	tcase_add_test(t, a_day_is_on_time_late_missing_or_waiting);
	tcase_add_test(t,
	    exceptions_are_those_that_persons_signed_and_those_of_the_register);
	tcase_add_test(
	    t, a_source_that_was_never_pulled_is_a_place_that_is_not_covered);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	SRunner *runner = srunner_create(suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
