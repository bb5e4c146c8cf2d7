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
#include "review/pack_content.h"
#include "review/pack_schema.h"
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
	ck_assert_uint_eq(manifest->class_count, 29);
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
	for (size_t i = 0; i < manifest->class_count; i++)
		ck_assert_msg(
		    manifest->classes[i].rows <= manifest->classes[i].total,
		    "%s", manifest->classes[i].name);
	manifest_free(&manifest);
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
