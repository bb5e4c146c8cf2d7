/* Pulls through the sink: what is stored, what is held, what was true when. */
#include <check.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "review/loss.h"
#include "review/pull.h"
#include "review_keys.h"
#include "unit.h"
#include "schema/base/buf.h"

static struct err e;
static struct store *s;
static char folder[] = "/tmp/reeve-pull-XXXXXX";
static char path[64];
static struct source_settings settings;
static struct pull_options options;
static struct pull_result result;

/* ---- A source that says what a test wants ---- */

static void (*say)(struct sink *);
static void (*say_changes)(struct sink *); /* once there is a cookie */
static bool incomplete;                    /* the ledger says so */
static bool fails;                         /* half-way */
static const char *base;

static int
fake_pull(
    const struct source_settings *unused, struct sink *sink, struct err *error)
{
	struct query q = { .what = "accounts",
		.server = "ldap://test",
		.base = base,
		.filter = "(x=y)",
		.complete = !incomplete,
		.incomplete = incomplete ? "size limit exceeded (4)" : NULL };

	(void)unused;
	if (say_changes != NULL && sink->recall(sink, "cookie") != NULL) {
		sink->mode = SINK_CHANGES;
		say_changes(sink);
	} else
		say(sink);
	if (say_changes != NULL)
		(void)sink->remember(sink, "cookie", "c", error);
	if (fails)
		return err_set(error, ERR_SYS, "the server hung up");
	return sink->query(sink, &q, error);
}

static const struct source_type fake = { "fake", "a test's", fake_pull };

static void
good(int status)
{
	ck_assert_ok(status);
}

static void
account(struct sink *sink, const char *name, const char *display)
{
	struct account a;
	char key[80], dn[80];

	account_init(&a);
	(void)snprintf(key, sizeof(key), "uuid:%s", name);
	(void)snprintf(dn, sizeof(dn), "uid=%s,ou=people,dc=test", name);
	a.key = key;
	a.name = name;
	a.dn = dn;
	a.display = display;
	good(sink->account(sink, &a, &e));
}

static void
accounts(struct sink *sink, int first, int last)
{
	char name[16];

	for (int i = first; i <= last; i++) {
		(void)snprintf(name, sizeof(name), "u%d", i);
		account(sink, name, NULL);
	}
}

static void
group_of(struct sink *sink, const char *name, bool partial)
{
	struct group g;
	char key[80], dn[80];

	group_init(&g);
	(void)snprintf(key, sizeof(key), "uuid:%s", name);
	(void)snprintf(dn, sizeof(dn), "cn=%s,ou=groups,dc=test", name);
	g.key = key;
	g.name = name;
	g.dn = dn;
	g.members_incomplete = partial;
	good(sink->group(sink, &g, &e));
}

static void
group(struct sink *sink, const char *name)
{
	group_of(sink, name, false);
}

static void
edge(struct sink *sink, const char *group_name, enum reference_form form,
    const char *text, enum edge_how how, bool removed)
{
	struct member m = {
		.how = how, .acquired = FACT_UNKNOWN, .removed = removed
	};
	char key[80];

	(void)snprintf(key, sizeof(key), "uuid:%s", group_name);
	m.group = (struct reference){ REF_KEY, key, NULL };
	m.member = (struct reference){ form, text, NULL };
	good(sink->member(sink, &m, &e));
}

static void
member(struct sink *sink, const char *group_name, const char *name)
{
	char dn[80];

	(void)snprintf(dn, sizeof(dn), "uid=%s,ou=people,dc=test", name);
	edge(sink, group_name, REF_DN, dn, EDGE_MEMBER, false);
}

static void
members(struct sink *sink, const char *group_name, int first, int last)
{
	char name[16];

	for (int i = first; i <= last; i++) {
		(void)snprintf(name, sizeof(name), "u%d", i);
		member(sink, group_name, name);
	}
}

static void
pull(void (*what)(struct sink *), enum pull_state wanted)
{
	say = what;
	options.now++;
	ck_assert_ok(pull_run(s, &settings, &fake, &options, &result, &e));
	ck_assert_msg(
	    result.state == wanted, "%d: %s", (int)result.state, result.reason);
}

/* ---- What the store has ---- */

static int64_t
number(const char *format, ...)
{
	char sql[1024];
	sqlite3_stmt *st;
	int64_t n;
	va_list args;

	va_start(args, format);
	(void)vsnprintf(sql, sizeof(sql), format, args);
	va_end(args);
	ck_assert_msg(sqlite3_prepare_v2(store_handle(s), sql, -1, &st, NULL) ==
	        SQLITE_OK,
	    "%s", sqlite3_errmsg(store_handle(s)));
	ck_assert_int_eq(sqlite3_step(st), SQLITE_ROW);
	n = sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	return n;
}

static char text[65536];

/* All of a query's rows as "a b c; ". */
static const char *
rows_of(struct store *store, const char *sql)
{
	sqlite3_stmt *st;

	ck_assert_msg(sqlite3_prepare_v2(
	                  store_handle(store), sql, -1, &st, NULL) == SQLITE_OK,
	    "%s", sqlite3_errmsg(store_handle(store)));
	text[0] = '\0';
	while (sqlite3_step(st) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(st); i++) {
			const unsigned char *t = sqlite3_column_text(st, i);

			(void)sprintf(text + strlen(text), "%s%s",
			    i == 0 ? "" : " ",
			    t == NULL ? "-" : (const char *)t);
		}
		(void)strcat(text, "; ");
	}
	(void)sqlite3_finalize(st);
	return text;
}

static const char *
rows(const char *sql)
{
	return rows_of(s, sql);
}

static int64_t
holds(const char *table, int64_t at)
{
	return number("SELECT count(*) FROM %s WHERE since <= %lld AND"
	              " until > %lld",
	    table, (long long)at, (long long)at);
}

/* Who is in which group now: "admins u1; ". */
static const char *
edges_now(void)
{
	return rows("SELECT substr(g.key, 6), substr(m.key, 6) FROM edge AS e"
	            " JOIN object AS g ON g.id = e.grp"
	            " JOIN object AS m ON m.id = e.member"
	            " WHERE until = 9223372036854775807 ORDER BY 1, 2");
}

static const char *
dangling_now(void)
{
	return rows("SELECT form, reference FROM dangling"
	            " WHERE until = 9223372036854775807 ORDER BY 1, 2");
}

static void
setup(void)
{
	(void)strcpy(strrchr(folder, '-'), "-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/review.db", folder);
	memset(&e, 0, sizeof(e));
	memset(&settings, 0, sizeof(settings));
	memset(&options, 0, sizeof(options));
	(void)strcpy(settings.name, "hq");
	(void)strcpy(settings.url, "fake:x");
	settings.full_every = 1000000;
	options.now = 1000000000;
	incomplete = fails = false;
	say_changes = NULL;
	base = "dc=test";
	good(store_open(&s, path, STORE_WRITE, &e));
}

static void
teardown(void)
{
	char command[64 + sizeof(folder)];

	store_close(&s);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	ck_assert_int_eq(system(command), 0);
}

/* ---- Full pulls ---- */

static void
hundred(struct sink *sink)
{
	accounts(sink, 1, 100);
	group(sink, "staff");
	group(sink, "admins");
	members(sink, "staff", 1, 100);
	members(sink, "admins", 1, 3);
}

START_TEST(a_first_pull_stores_what_was_delivered)
{
	pull(hundred, PULL_APPLIED);
	ck_assert(result.first);
	ck_assert(result.complete);
	ck_assert_int_eq(result.accounts, 100);
	ck_assert_int_eq(result.groups, 2);
	ck_assert_int_eq(result.members, 103);
	ck_assert_int_eq(result.accounts_new, 100);
	ck_assert_int_eq(holds("account_fact", result.id), 100);
	ck_assert_int_eq(holds("edge", result.id), 103);
	ck_assert_int_eq(number("SELECT count(*) FROM query"), 1);
	ck_assert_int_eq(
	    number("SELECT accounts FROM pull WHERE state = 'applied'"), 100);
	ck_assert_str_eq(rows("PRAGMA foreign_key_check"), "");
	ck_assert_str_eq(rows("PRAGMA integrity_check"), "ok; ");
}
END_TEST

START_TEST(the_same_again_writes_nothing_but_the_ledger)
{
	pull(hundred, PULL_APPLIED);
	pull(hundred, PULL_APPLIED);
	ck_assert(!result.first);
	ck_assert_int_eq(result.accounts_new + result.accounts_changed +
	        result.accounts_gone + result.members_new + result.members_gone,
	    0);
	ck_assert_int_eq(result.accounts, 100);
	ck_assert_int_eq(number("SELECT count(*) FROM account_fact"), 100);
	ck_assert_int_eq(number("SELECT count(*) FROM edge"), 103);
	ck_assert_int_eq(number("SELECT count(*) FROM pull"), 2);
}
END_TEST

static void
hundred_changed(struct sink *sink)
{
	hundred(sink);
	account(sink, "u7", "Seven");
}

START_TEST(a_change_opens_a_new_interval_and_the_past_can_be_asked)
{
	int64_t first;

	pull(hundred, PULL_APPLIED);
	first = result.id;
	pull(hundred_changed, PULL_APPLIED);
	ck_assert_int_eq(result.accounts_changed, 1);
	ck_assert_int_eq(number("SELECT count(*) FROM account_fact"), 101);
	ck_assert_int_eq(holds("account_fact", first), 100);
	ck_assert_int_eq(holds("account_fact", result.id), 100);
	ck_assert_str_eq(rows("SELECT since, until < 9223372036854775807,"
	                      " display FROM account_fact WHERE name = 'u7'"),
	    "1 1 -; 2 0 Seven; ");
}
END_TEST

static void
hundred_less_two(struct sink *sink)
{
	accounts(sink, 1, 98);
	group(sink, "staff");
	group(sink, "admins");
	members(sink, "staff", 1, 98);
	members(sink, "admins", 1, 2);
}

START_TEST(who_left_is_ended_and_stays_in_the_past)
{
	int64_t first;

	pull(hundred, PULL_APPLIED);
	first = result.id;
	pull(hundred_less_two, PULL_APPLIED);
	ck_assert_int_eq(result.accounts_gone, 2);
	ck_assert_int_eq(result.members_gone, 3);
	ck_assert_int_eq(result.members_lost, 1);
	ck_assert_int_eq(result.accounts, 98);
	ck_assert_int_eq(result.members, 100);
	ck_assert_int_eq(holds("account_fact", first), 100);
	ck_assert_int_eq(holds("account_fact", result.id), 98);
	ck_assert_int_eq(holds("edge", first), 103);
	ck_assert_int_eq(holds("edge", result.id), 100);
	pull(hundred, PULL_APPLIED);
	ck_assert_int_eq(result.accounts_new, 2);
	ck_assert_int_eq(number("SELECT count(*) FROM object"), 102);
	ck_assert_int_eq(holds("edge", result.id), 103);
}
END_TEST

static void
renamed(struct sink *sink)
{
	struct account a;

	accounts(sink, 1, 99);
	account_init(&a);
	a.key = "uuid:u100";
	a.name = "married";
	a.dn = "uid=married,ou=people,dc=test";
	good(sink->account(sink, &a, &e));
	group(sink, "staff");
	group(sink, "admins");
	members(sink, "staff", 1, 99);
	member(sink, "staff", "married");
	members(sink, "admins", 1, 3);
}

START_TEST(a_rename_is_a_rename_and_no_loss)
{
	pull(hundred, PULL_APPLIED);
	pull(renamed, PULL_APPLIED);
	ck_assert_int_eq(result.accounts_changed, 1);
	ck_assert_int_eq(result.accounts_gone + result.accounts_new, 0);
	ck_assert_int_eq(result.members_gone + result.members_new, 0);
}
END_TEST

static void
duplicate(struct sink *sink)
{
	account(sink, "u1", "before");
	account(sink, "u1", "after");
}

START_TEST(of_an_entry_that_comes_twice_the_later_one_counts)
{
	pull(duplicate, PULL_APPLIED);
	ck_assert_int_eq(result.accounts, 1);
	ck_assert_str_eq(rows("SELECT display FROM account_fact"), "after; ");
}
END_TEST

static void
with_tombstone(struct sink *sink)
{
	struct account a;

	account(sink, "u1", NULL);
	account_init(&a);
	a.key = "uuid:u2";
	a.name = "u2";
	a.deleted = true;
	good(sink->account(sink, &a, &e));
}

START_TEST(a_tombstone_is_no_account)
{
	pull(with_tombstone, PULL_APPLIED);
	ck_assert_int_eq(result.accounts, 1);
}
END_TEST

/* ---- The circuit breaker ---- */

static void
hundred_less_eleven(struct sink *sink)
{
	accounts(sink, 1, 89);
	group(sink, "staff");
	group(sink, "admins");
	members(sink, "staff", 1, 89);
	members(sink, "admins", 1, 3);
}

static void
thousand(struct sink *sink)
{
	accounts(sink, 1, 1000);
	group(sink, "staff");
	members(sink, "staff", 1, 1000);
}

static void
thousand_less_21(struct sink *sink)
{
	accounts(sink, 1, 979);
	group(sink, "staff");
	members(sink, "staff", 1, 979);
}

static void
thousand_less_20(struct sink *sink)
{
	accounts(sink, 1, 980);
	group(sink, "staff");
	members(sink, "staff", 1, 980);
}

static void
thousand_members_less_21(struct sink *sink)
{
	accounts(sink, 1, 1000);
	group(sink, "staff");
	members(sink, "staff", 1, 979);
}

static void
nothing(struct sink *sink)
{
	(void)sink;
}

START_TEST(a_loss_of_more_than_a_tenth_is_held_and_changes_nothing)
{
	int64_t first;

	pull(hundred, PULL_APPLIED);
	first = result.id;
	pull(hundred_less_eleven, PULL_HELD);
	ck_assert_str_eq(result.reason, "11 of 100 accounts are missing");
	ck_assert_int_eq(holds("account_fact", result.id), 100);
	ck_assert_int_eq(holds("edge", result.id), 103);
	ck_assert_int_eq(
	    number("SELECT count(*) FROM account_fact WHERE since > %lld",
	        (long long)first),
	    0);
	ck_assert_str_eq(rows("SELECT state, held FROM pull WHERE id = 2"),
	    "held 11 of 100 accounts are missing; ");
}
END_TEST

START_TEST(a_loss_of_more_than_twenty_is_held_and_of_twenty_is_not)
{
	pull(thousand, PULL_APPLIED);
	pull(thousand_less_21, PULL_HELD);
	ck_assert_str_eq(result.reason, "21 of 1000 accounts are missing");
	pull(thousand_members_less_21, PULL_HELD);
	ck_assert_str_eq(result.reason, "21 of 1000 memberships are missing");
	pull(thousand_less_20, PULL_APPLIED);
}
END_TEST

static void
hundred_less_6(struct sink *sink)
{
	accounts(sink, 1, 94);
}

static void
hundred_less_12(struct sink *sink)
{
	accounts(sink, 1, 88);
}

static void
hundred_alone(struct sink *sink)
{
	accounts(sink, 1, 100);
}

START_TEST(a_loss_in_small_pieces_is_held_as_well)
{
	pull(hundred_alone, PULL_APPLIED);
	pull(hundred_less_6, PULL_APPLIED);
	pull(hundred_less_6, PULL_APPLIED);
	pull(hundred_less_12, PULL_HELD);
	ck_assert_str_eq(
	    result.reason, "12 of 100 accounts went missing within a day");
	/* After a day it is a new one. */
	options.now += 86400;
	pull(hundred_less_12, PULL_APPLIED);
}
END_TEST

START_TEST(a_result_of_nothing_is_held)
{
	pull(duplicate, PULL_APPLIED);
	pull(nothing, PULL_HELD);
	ck_assert_str_eq(
	    result.reason, "1 of 1 accounts are missing: all there were");
}
END_TEST

START_TEST(a_first_pull_is_never_held)
{
	pull(nothing, PULL_APPLIED);
	ck_assert(result.first);
}
END_TEST

START_TEST(another_scope_is_held)
{
	pull(hundred, PULL_APPLIED);
	(void)strcpy(settings.account_filter, "(uid=*)");
	pull(hundred, PULL_HELD);
	ck_assert(result.scope_changed);
	ck_assert_str_eq(result.reason, "what is asked for is not what it was");
	settings.account_filter[0] = '\0';
	base = "dc=elsewhere";
	pull(hundred, PULL_HELD);
	base = "dc=test";
	pull(hundred, PULL_APPLIED);
}
END_TEST

static char named[CONFIG_TEXT_MAX + 1];
static unsigned char digest[32];

/* Two persons say so, with their keys. */
static void
confirm(int64_t held)
{
	char key[256], subject[32];
	struct act_how how;
	struct act *act;
	int64_t first;
	struct statement *st;

	if (number("SELECT count(*) FROM signer") == 0) {
		keys_enrol(s, folder, "ann", "E1", options.now);
		keys_enrol(s, folder, "bob", "E2", options.now);
	}
	good(pull_held(s, held, digest, named, &e));
	how = keys_how(folder, "ann", options.now, key);
	good(act_begin(&act, s, "confirmation", &how, &e));
	first = act_number(act);
	st = store_use(s, "confirmation_add", &e);
	bind_int(st, ":act", first);
	bind_text(st, ":what", "pull");
	(void)snprintf(subject, sizeof(subject), "%lld", (long long)held);
	bind_text(st, ":subject", subject);
	bind_blob(st, ":digest", digest, sizeof(digest));
	good(store_run(st, &e));
	good(act_commit(&act, NULL, &e));
	how = keys_how(folder, "bob", options.now, key);
	good(act_second(s, first, true, "", &how, NULL, &e));
}

START_TEST(a_confirmed_loss_is_let_through_once)
{
	int64_t held;

	pull(thousand, PULL_APPLIED);
	pull(thousand_less_21, PULL_HELD);
	held = result.id;
	confirm(held);
	ck_assert_str_eq(named, "hq");
	pull(thousand_less_21, PULL_APPLIED);
	ck_assert_int_eq(result.accounts, 979);
	ck_assert_int_eq(number("SELECT let_through FROM pull WHERE id = %lld",
	                     (long long)result.id),
	    held);
	pull(thousand, PULL_APPLIED);
	pull(thousand_less_21, PULL_HELD);
}
END_TEST

START_TEST(a_confirmation_does_not_cover_a_greater_loss)
{
	pull(thousand, PULL_APPLIED);
	pull(thousand_less_21, PULL_HELD);
	confirm(result.id);
	pull(hundred, PULL_HELD);
	pull(thousand_members_less_21, PULL_HELD);
}
END_TEST

/* Whoever may write to the database can't make what was signed cover more. */
START_TEST(rows_of_a_loss_that_were_added_later_are_not_covered)
{
	pull(thousand, PULL_APPLIED);
	pull(thousand_less_21, PULL_HELD);
	confirm(result.id);
	ck_assert_int_eq(
	    sqlite3_exec(store_handle(s),
	        "INSERT OR IGNORE INTO loss SELECT 2, 0, id FROM object; "
	        "INSERT OR IGNORE INTO loss SELECT 2, grp, member FROM edge",
	        NULL, NULL, NULL),
	    SQLITE_OK);
	pull(hundred, PULL_HELD);
}
END_TEST

static void
thousand_less_others(struct sink *sink)
{
	accounts(sink, 22, 1000);
	group(sink, "staff");
	members(sink, "staff", 22, 1000);
}

static void
thousand_less_22(struct sink *sink)
{
	accounts(sink, 1, 978);
	group(sink, "staff");
	members(sink, "staff", 1, 978);
}

START_TEST(a_confirmation_covers_what_was_lost_and_not_as_many_others)
{
	pull(thousand, PULL_APPLIED);
	pull(thousand_less_22, PULL_HELD);
	confirm(result.id);
	pull(thousand_less_others, PULL_HELD);
	pull(thousand_less_21, PULL_APPLIED);
	ck_assert_int_eq(number("SELECT let_through FROM pull WHERE id = %lld",
	                     (long long)result.id),
	    2);
}
END_TEST

static int
note_loss(void *context, const struct loss_row *row, struct err *error)
{
	struct buf *b = context;

	buf_printf(b, "%s %s %s; ", row->what, row->key,
	    row->group == NULL ? "" : row->group);
	return buf_status(b, error);
}

static void
two_groups(struct sink *sink)
{
	accounts(sink, 1, 2);
	group(sink, "a");
	group(sink, "b");
	members(sink, "a", 1, 2);
	members(sink, "b", 1, 2);
}

static void
one_group_of_one(struct sink *sink)
{
	accounts(sink, 2, 2);
	group(sink, "b");
}

START_TEST(what_a_held_pull_would_take_away_is_named_and_digested)
{
	unsigned char first[LOSS_DIGEST], second[LOSS_DIGEST];
	struct buf b = buf_new(4096);

	pull(two_groups, PULL_APPLIED);
	pull(one_group_of_one, PULL_HELD);
	good(loss_each(s, result.id, note_loss, &b, &e));
	ck_assert_str_eq(buf_string(&b),
	    "account uuid:u1 ; right uuid:a ; member uuid:u2 uuid:a; "
	    "member uuid:u2 uuid:b; ");
	good(loss_digest(s, result.id, first, &e));
	/* Met again it is the same, and its rows are there once. */
	options.now++;
	pull(one_group_of_one, PULL_HELD);
	good(loss_digest(s, result.id, second, &e));
	ck_assert_mem_eq(first, second, sizeof(first));
	ck_assert_int_eq(number("SELECT count(*) FROM loss"), 4);
	ck_assert_int_eq(
	    number(
	        "SELECT count(DISTINCT loss) FROM pull WHERE id > %lld", 1LL),
	    1);
	/* An applied one overtakes them. */
	pull(two_groups, PULL_APPLIED);
	ck_assert_int_eq(number("SELECT count(*) FROM loss"), 0);
	buf_free(&b);
}
END_TEST

START_TEST(only_a_held_pull_that_is_not_overtaken_can_be_confirmed)
{
	pull(thousand, PULL_APPLIED);
	ck_assert_int_eq(pull_held(s, 1, digest, named, &e), -1);
	ck_assert_str_eq(e.text, "pull 1 is not held but applied");
	ck_assert_int_eq(pull_held(s, 77, digest, named, &e), -1);
	ck_assert_str_eq(e.text, "there is no pull 77");
	pull(thousand_less_21, PULL_HELD);
	pull(thousand, PULL_APPLIED);
	ck_assert_int_eq(pull_held(s, 2, digest, named, &e), -1);
	ck_assert_str_eq(e.text,
	    "after pull 2 another of hq was applied; nothing of it is left "
	    "to confirm");
}
END_TEST

static void
hundred_less_account_of_30(struct sink *sink)
{
	char name[16];

	accounts(sink, 2, 100);
	for (int i = 0; i < 30; i++) {
		(void)snprintf(name, sizeof(name), "g%d", i);
		group(sink, name);
	}
}

static void
hundred_with_account_of_30(struct sink *sink)
{
	char name[16];

	hundred_less_account_of_30(sink);
	accounts(sink, 1, 1);
	for (int i = 0; i < 30; i++) {
		(void)snprintf(name, sizeof(name), "g%d", i);
		member(sink, name, "u1");
	}
}

START_TEST(memberships_of_who_is_gone_are_lost_with_the_account_alone)
{
	pull(hundred_with_account_of_30, PULL_APPLIED);
	pull(hundred_less_account_of_30, PULL_APPLIED);
	ck_assert_int_eq(result.members_gone, 30);
	ck_assert_int_eq(result.members_lost, 0);
}
END_TEST

static void
let_through(void (*what)(struct sink *))
{
	say = what;
	options.now++;
	good(pull_run(s, &settings, &fake, &options, &result, &e));
	if (result.state == PULL_APPLIED)
		return;
	ck_assert_int_eq(result.state, PULL_HELD);
	confirm(result.id);
	pull(what, PULL_APPLIED);
}

/* ---- What changes missed ---- */

static void
no_changes(struct sink *sink)
{
	(void)sink;
}

static void
five(struct sink *sink)
{
	accounts(sink, 1, 5);
	group(sink, "a");
	group(sink, "b");
	members(sink, "a", 1, 5);
	members(sink, "b", 1, 2);
}

static void
changed_1(struct sink *sink)
{
	account(sink, "u1", "told");
}

/* u2 renamed, u5 gone and u6 new; u3 left a and went to b. */
static void
five_otherwise(struct sink *sink)
{
	changed_1(sink);
	account(sink, "u2", "untold");
	accounts(sink, 3, 4);
	account(sink, "u6", NULL);
	group(sink, "a");
	group(sink, "b");
	members(sink, "a", 1, 2);
	members(sink, "a", 4, 4);
	members(sink, "b", 1, 3);
}

/* u1 is deleted and made anew, under the same name. */
static void
another_u1(struct sink *sink)
{
	struct account a;

	sink->mode = SINK_CHANGES;
	good(sink->gone(sink, "uuid:u1", &e));
	account_init(&a);
	a.key = "uuid:another";
	a.name = "u1";
	a.dn = "uid=u1,ou=people,dc=test";
	good(sink->account(sink, &a, &e));
}

START_TEST(who_is_made_anew_under_an_old_name_is_in_its_groups)
{
	pull(five, PULL_APPLIED);
	let_through(another_u1);
	ck_assert_str_eq(edges_now(),
	    "a another; a u2; a u3; a u4; a u5; b another; b u2; ");
	ck_assert_str_eq(dangling_now(), "");
}
END_TEST

static void
told_of_all_but_b(struct sink *sink)
{
	char key[] = "uuid:u5";

	changed_1(sink);
	account(sink, "u2", "untold");
	account(sink, "u6", NULL);
	good(sink->gone(sink, key, &e));
	group(sink, "a");
	good(sink->members_anew(sink, "uuid:a", &e));
	members(sink, "a", 1, 2);
	members(sink, "a", 4, 4);
}

static void
read_in_full_after_changes(
    void (*whole)(struct sink *), void (*told)(struct sink *))
{
	say_changes = no_changes;
	settings.full_every = 0; /* nothing is recalled */
	let_through(five);
	settings.full_every = 1000000;
	say_changes = changed_1;
	pull(five, PULL_APPLIED);
	say_changes = told;
	options.full = true;
	let_through(whole);
	options.full = false;
}

static const char *
drift_now(void)
{
	return rows("SELECT what, o.key || ifnull('<' || g.key, '')"
	            " FROM drift d JOIN object o ON o.id = member"
	            " LEFT JOIN object g ON g.id = grp ORDER BY 1, 2");
}

START_TEST(a_full_pull_names_what_changes_had_missed)
{
	read_in_full_after_changes(five_otherwise, no_changes);
	ck_assert_str_eq(drift_now(),
	    "changed uuid:u2; gone uuid:u5; member uuid:u3<uuid:b; "
	    "new uuid:u6; no-member uuid:u3<uuid:a; ");
	ck_assert_int_eq(number("SELECT drift FROM pull WHERE id = %lld",
	                     (long long)result.id),
	    5);
}
END_TEST

START_TEST(what_was_changed_since_is_not_missed)
{
	read_in_full_after_changes(five_otherwise, told_of_all_but_b);
	ck_assert_str_eq(drift_now(), "member uuid:u3<uuid:b; ");
}
END_TEST

START_TEST(what_can_not_be_told_is_not_judged)
{
	/* Its changes are all of it: there is nothing to compare with. */
	read_in_full_after_changes(five_otherwise, NULL);
	ck_assert_int_eq(number("SELECT count(*) FROM pull"
	                        " WHERE drift IS NOT NULL AND id > %lld",
	                     0LL),
	    0);
}
END_TEST

/* ---- Completeness ---- */

static void
ten_of_them(struct sink *sink)
{
	accounts(sink, 1, 10);
	account(sink, "u5", "changed");
	account(sink, "new", NULL);
	group(sink, "staff");
	members(sink, "staff", 1, 10);
	member(sink, "staff", "new");
	member(sink, "staff", "u99");
}

START_TEST(an_incomplete_pull_adds_and_changes_and_ends_nothing)
{
	pull(hundred, PULL_APPLIED);
	incomplete = true;
	pull(ten_of_them, PULL_APPLIED);
	ck_assert(!result.complete);
	ck_assert_str_eq(result.reason, "accounts: size limit exceeded (4)");
	ck_assert_int_eq(result.accounts_gone + result.members_gone, 0);
	ck_assert_int_eq(result.accounts_new, 1);
	ck_assert_int_eq(result.accounts_changed, 1);
	ck_assert_int_eq(holds("account_fact", result.id), 101);
	ck_assert_int_eq(holds("edge", result.id), 104);
	ck_assert_str_eq(dangling_now(), "");
}
END_TEST

static void
partial_group(struct sink *sink)
{
	accounts(sink, 1, 99);
	group_of(sink, "staff", true);
	group(sink, "admins");
	members(sink, "staff", 1, 50);
	members(sink, "admins", 1, 3);
}

START_TEST(a_group_not_read_whole_loses_only_who_is_gone_altogether)
{
	pull(hundred, PULL_APPLIED);
	pull(partial_group, PULL_APPLIED);
	ck_assert_int_eq(result.members_gone, 1);
	ck_assert_int_eq(holds("edge", result.id), 102);
}
END_TEST

START_TEST(a_source_that_fails_half_way_leaves_the_old_state_and_a_line)
{
	pull(hundred, PULL_APPLIED);
	fails = true;
	pull(ten_of_them, PULL_FAILED);
	ck_assert_str_eq(result.reason, "the server hung up");
	ck_assert_int_eq(number("SELECT count(*) FROM account_fact"), 100);
	ck_assert_str_eq(rows("SELECT state, error FROM pull WHERE id = 2"),
	    "failed the server hung up; ");
}
END_TEST

START_TEST(a_clock_behind_the_newest_record_is_refused)
{
	pull(hundred, PULL_APPLIED);
	options.now -= 1000;
	ck_assert_int_eq(
	    pull_run(s, &settings, &fake, &options, &result, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "the clock is 1000 s behind"));
}
END_TEST

static void
overtaken(struct sink *sink)
{
	struct pull_options quiet = options;
	struct pull_result other;
	void (*mine)(struct sink *) = say;

	accounts(sink, 1, 10);
	say = hundred;
	good(pull_run(s, &settings, &fake, &quiet, &other, &e));
	say = mine;
}

START_TEST(a_pull_overtaken_by_another_of_its_source_is_refused)
{
	say = overtaken;
	ck_assert_int_eq(
	    pull_run(s, &settings, &fake, &options, &result, &e), -1);
	ck_assert_int_eq(e.code, ERR_BUSY);
	ck_assert_int_eq(number("SELECT count(*) FROM account_fact"), 100);
}
END_TEST

/* ---- References ---- */

static void
spellings(struct sink *sink)
{
	struct account a;

	account_init(&a);
	a.key = "uuid:1";
	a.dn = "CN=Wang\\, Ta-ming,OU=People,DC=test";
	good(sink->account(sink, &a, &e));
	group(sink, "g");
	edge(sink, "g", REF_DN, "cn = wang\\2C  ta-MING , ou=people;dc=TEST",
	    EDGE_MEMBER, false);
}

START_TEST(a_dn_may_be_spelt_otherwise)
{
	pull(spellings, PULL_APPLIED);
	ck_assert_str_eq(edges_now(), "g 1; ");
}
END_TEST

static void
host_account(struct sink *sink, const char *host, const char *name, int uid)
{
	struct account a;
	char key[80];

	account_init(&a);
	(void)snprintf(key, sizeof(key), "host:%s/%s", host, name);
	a.key = key;
	a.name = name;
	a.host = host;
	a.uid_number = uid;
	good(sink->account(sink, &a, &e));
}

static void
host_group(struct sink *sink, const char *host, const char *name, int gid)
{
	struct group g;
	char key[80];

	group_init(&g);
	(void)snprintf(key, sizeof(key), "host:%s/%s", host, name);
	g.key = key;
	g.name = name;
	g.host = host;
	g.gid_number = gid;
	good(sink->group(sink, &g, &e));
}

static void
host_edge(struct sink *sink, struct reference g, struct reference m)
{
	struct member edge_of = { .group = g,
		.member = m,
		.how = EDGE_NAME,
		.acquired = FACT_UNKNOWN };

	good(sink->member(sink, &edge_of, &e));
}

static void
hosts(struct sink *sink)
{
	/* Members before who they are; the same key for both kinds. */
	host_edge(sink, (struct reference){ REF_GROUP_NAME, "wheel", "a" },
	    (struct reference){ REF_NAME, "root", "a" });
	host_edge(sink, (struct reference){ REF_GID, "10", "b" },
	    (struct reference){ REF_UID, "0", "b" });
	host_edge(sink, (struct reference){ REF_GROUP_NAME, "wheel", "b" },
	    (struct reference){ REF_NAME, "Root", "b" });
	host_edge(sink, (struct reference){ REF_KEY, "host:a/root", NULL },
	    (struct reference){ REF_KEY, "host:a/root", NULL });
	host_account(sink, "a", "root", 0);
	host_account(sink, "b", "root", 0);
	host_account(sink, "b", "toor", 0);
	host_group(sink, "a", "wheel", 10);
	host_group(sink, "b", "wheel", 10);
	host_group(sink, "a", "root", 0);
}

START_TEST(names_and_numbers_are_each_hosts_own)
{
	pull(hosts, PULL_APPLIED);
	ck_assert_str_eq(
	    rows("SELECT g.key, m.kind, m.key FROM edge AS e"
	         " JOIN object AS g ON g.id = e.grp"
	         " JOIN object AS m ON m.id = e.member ORDER BY 1, 3"),
	    "host:a/root 0 host:a/root; "
	    "host:a/wheel 0 host:a/root; "
	    "host:b/wheel 0 host:b/root; "
	    "host:b/wheel 0 host:b/toor; ");
	/* A host's names differ by case. */
	ck_assert_str_eq(dangling_now(), "2 Root; ");
}
END_TEST

static void
by_sid(struct sink *sink)
{
	struct account a;
	struct group g;

	edge(sink, "x", REF_SID, "S-1-5-21-1-2-3-1104", EDGE_MEMBER, false);
	account_init(&a);
	a.key = "guid:1";
	a.sid = "S-1-5-21-1-2-3-1104";
	good(sink->account(sink, &a, &e));
	group_init(&g);
	g.key = "uuid:x";
	g.sid = "S-1-5-21-1-2-3-513";
	good(sink->group(sink, &g, &e));
	a.key = "guid:f";
	a.kind = ACCOUNT_FOREIGN;
	a.sid = "S-1-5-21-9-9-9-513";
	good(sink->account(sink, &a, &e));
	host_edge(sink, (struct reference){ REF_RID, "513", NULL },
	    (struct reference){ REF_KEY, "guid:1", NULL });
	host_edge(sink, (struct reference){ REF_RID, "999", NULL },
	    (struct reference){ REF_KEY, "guid:1", NULL });
}

START_TEST(sids_are_whole_and_rids_are_of_the_domain)
{
	pull(by_sid, PULL_APPLIED);
	ck_assert_str_eq(rows("SELECT g.key, m.key, how FROM edge AS e"
	                      " JOIN object AS g ON g.id = e.grp"
	                      " JOIN object AS m ON m.id = e.member"
	                      " ORDER BY 3"),
	    "uuid:x guid:1 0; uuid:x guid:1 1; ");
}
END_TEST

static void
unknown_member(struct sink *sink)
{
	account(sink, "u1", NULL);
	group(sink, "g");
	member(sink, "g", "u1");
	member(sink, "g", "u2");
	member(sink, "g", "u2");
	edge(sink, "g", REF_EVERY, "ALL", EDGE_RULE, false);
}

static void
known_member(struct sink *sink)
{
	unknown_member(sink);
	account(sink, "u2", NULL);
}

START_TEST(members_nobody_answers_to_are_kept_until_somebody_does)
{
	pull(unknown_member, PULL_APPLIED);
	ck_assert_str_eq(edges_now(), "g u1; ");
	ck_assert_str_eq(dangling_now(), "1 uid=u2,ou=people,dc=test; 8 ALL; ");
	pull(unknown_member, PULL_APPLIED);
	ck_assert_int_eq(number("SELECT count(*) FROM dangling"), 2);
	pull(known_member, PULL_APPLIED);
	ck_assert_str_eq(edges_now(), "g u1; g u2; ");
	ck_assert_str_eq(dangling_now(), "8 ALL; ");
}
END_TEST

static void
entry_of_both_kinds(struct sink *sink)
{
	struct group g;

	account(sink, "both", NULL);
	group_init(&g);
	g.key = "uuid:both";
	g.dn = "uid=both,ou=people,dc=test";
	good(sink->group(sink, &g, &e));
	group(sink, "g");
	member(sink, "g", "both");
}

START_TEST(an_entry_of_both_kinds_is_meant_as_an_account_by_a_group)
{
	pull(entry_of_both_kinds, PULL_APPLIED);
	ck_assert_int_eq(result.members, 1);
	ck_assert_str_eq(rows("SELECT o.kind FROM edge AS e JOIN object AS o"
	                      " ON o.id = e.member"),
	    "0; ");
}
END_TEST

/* ---- Values, signs of use, policies ---- */

static const struct value *values;
static size_t value_count;
static struct usage usage;

static void
valued(struct sink *sink)
{
	struct account a;

	account_init(&a);
	a.key = "uuid:1";
	a.values = values;
	a.value_count = value_count;
	a.usages = &usage;
	a.usage_count = usage.attribute != NULL;
	good(sink->account(sink, &a, &e));
}

START_TEST(values_have_intervals_of_their_own)
{
	static const struct value first[] = { { "mail", "b@x" },
		{ "mail", "a@x" }, { "phone", "1" }, { "mail", "a@x" } };
	static const struct value second[] = { { "mail", "a@x" },
		{ "phone", "2" } };

	memset(&usage, 0, sizeof(usage));
	values = first;
	value_count = 4;
	pull(valued, PULL_APPLIED);
	pull(valued, PULL_APPLIED);
	ck_assert_int_eq(number("SELECT count(*) FROM account_value"), 3);
	values = second;
	value_count = 2;
	pull(valued, PULL_APPLIED);
	ck_assert_int_eq(result.accounts_changed, 0);
	ck_assert_str_eq(
	    rows("SELECT attribute, value, since, until < 9223372036854775807"
	         " FROM account_value ORDER BY 1, 2"),
	    "mail a@x 1 0; mail b@x 1 1; phone 1 1 1; phone 2 3 0; ");
	value_count = 0;
	pull(valued, PULL_APPLIED);
	ck_assert_int_eq(holds("account_value", result.id), 0);
}
END_TEST

START_TEST(the_latest_sign_of_use_may_fall_and_the_highest_does_not)
{
	value_count = 0;
	usage = (struct usage){ "authTimestamp", "ldap://1", 900, 0, "900Z" };
	pull(valued, PULL_APPLIED);
	usage.when = 500;
	usage.raw = "500Z";
	pull(valued, PULL_APPLIED);
	ck_assert_int_eq(result.accounts_changed, 0);
	ck_assert_str_eq(rows("SELECT latest, latest_raw, latest_pull, maximum,"
	                      " maximum_raw, maximum_pull FROM usage"),
	    "500 500Z 2 900 900Z 1; ");
	usage.when = FACT_NEVER;
	usage.raw = "0";
	pull(valued, PULL_APPLIED);
	ck_assert_str_eq(rows("SELECT latest = 9223372036854775807, maximum"
	                      " FROM usage"),
	    "1 900; ");
	usage.when = FACT_UNKNOWN;
	pull(valued, PULL_APPLIED);
	ck_assert_str_eq(rows("SELECT latest, maximum FROM usage"), "- 900; ");
	usage.when = options.now + 10000000;
	pull(valued, PULL_APPLIED);
	ck_assert_int_eq(number("SELECT maximum FROM usage"), 900);
	usage.when = 950;
	pull(valued, PULL_APPLIED);
	ck_assert_int_eq(number("SELECT maximum FROM usage"), 950);
}
END_TEST

static int64_t min_length;
static size_t target_count;

static void
with_policy(struct sink *sink)
{
	static const struct reference targets[] = {
		{ REF_DN, "cn=g,ou=groups,dc=test", NULL },
		{ REF_DN, "uid=u1,ou=people,dc=test", NULL },
		{ REF_DN, "uid=nobody,dc=test", NULL },
	};
	struct policy p;

	accounts(sink, 1, 1);
	group(sink, "g");
	if (min_length == 0)
		return;
	policy_init(&p);
	p.key = "cn=strict";
	p.form = "ad-pso";
	p.min_length = min_length;
	p.targets = targets;
	p.target_count = target_count;
	good(sink->policy(sink, &p, &e));
}

START_TEST(policies_and_whom_they_name_have_intervals)
{
	const char *asked = "SELECT since, until < 9223372036854775807,"
	                    " min_length FROM policy_fact";

	min_length = 8;
	target_count = 3;
	pull(with_policy, PULL_APPLIED);
	pull(with_policy, PULL_APPLIED);
	ck_assert_str_eq(rows(asked), "1 0 8; ");
	ck_assert_int_eq(holds("policy_target", result.id), 2);
	min_length = 12;
	target_count = 1;
	pull(with_policy, PULL_APPLIED);
	ck_assert_str_eq(rows(asked), "1 1 8; 3 0 12; ");
	ck_assert_int_eq(holds("policy_target", result.id), 1);
	ck_assert_int_eq(holds("policy_target", 2), 2);
	min_length = 0;
	pull(with_policy, PULL_APPLIED);
	ck_assert_int_eq(holds("policy_fact", result.id), 0);
	ck_assert_int_eq(holds("policy_target", result.id), 0);
}
END_TEST

/* ---- Changes alone ---- */

static const char *recalled;

static void
hundred_with_cookie(struct sink *sink)
{
	recalled = sink->recall(sink, "cookie");
	hundred(sink);
	good(sink->remember(sink, "cookie", "1", &e));
	good(sink->remember(sink, "product", "openldap", &e));
}

static void
some_changes(struct sink *sink)
{
	recalled = sink->recall(sink, "cookie");
	recalled = recalled == NULL ? NULL : strdup(recalled);
	sink->mode = SINK_CHANGES;
	account(sink, "u1", "changed");
	account(sink, "new", NULL);
	good(sink->gone(sink, "uuid:u100", &e));
	good(sink->gone(sink, "uuid:never-seen", &e));
	/* One group by single members, one whole. */
	edge(sink, "staff", REF_DN, "uid=u99,ou=people,dc=test", EDGE_MEMBER,
	    true);
	member(sink, "staff", "new");
	member(sink, "staff", "u5");
	good(sink->members_anew(sink, "uuid:admins", &e));
	group(sink, "admins");
	member(sink, "admins", "u2");
	member(sink, "admins", "u50");
	good(sink->remember(sink, "cookie", "2", &e));
}

START_TEST(changes_change_what_they_name_and_nothing_else)
{
	pull(hundred_with_cookie, PULL_APPLIED);
	ck_assert_ptr_null(recalled);
	pull(some_changes, PULL_APPLIED);
	ck_assert_str_eq(recalled, "1");
	ck_assert_int_eq(result.accounts, 100);
	ck_assert_int_eq(result.accounts_new, 1);
	ck_assert_int_eq(result.accounts_changed, 1);
	ck_assert_int_eq(result.accounts_gone, 1);
	/* staff: u100 and u99 out, new in; admins: u1 and u3 out, u50 in. */
	ck_assert_int_eq(result.members_gone, 4);
	ck_assert_int_eq(result.members_new, 2);
	ck_assert_int_eq(result.members, 101);
	ck_assert_int_eq(holds("edge", result.id), 101);
	ck_assert_int_eq(holds("account_fact", result.id), 100);
	ck_assert_str_eq(rows("SELECT mode FROM pull"), "full; changes; ");
	ck_assert_str_eq(rows("SELECT value FROM cookie"), "2; ");
	ck_assert_str_eq(rows("SELECT product FROM source"), "openldap; ");
}
END_TEST

START_TEST(changes_read_in_part_leave_the_old_cookie)
{
	pull(hundred_with_cookie, PULL_APPLIED);
	incomplete = true;
	pull(some_changes, PULL_APPLIED);
	ck_assert_int_eq(result.accounts_gone + result.members_gone, 0);
	ck_assert_str_eq(rows("SELECT value FROM cookie"), "1; ");
}
END_TEST

START_TEST(a_held_pull_leaves_the_old_cookie)
{
	pull(hundred_with_cookie, PULL_APPLIED);
	pull(nothing, PULL_HELD);
	ck_assert_str_eq(rows("SELECT value FROM cookie"), "1; ");
}
END_TEST

START_TEST(cookies_are_not_given_when_everything_is_wanted)
{
	pull(hundred_with_cookie, PULL_APPLIED);
	options.full = true;
	pull(hundred_with_cookie, PULL_APPLIED);
	ck_assert_ptr_null(recalled);
	options.full = false;
	options.now += settings.full_every;
	pull(hundred_with_cookie, PULL_APPLIED);
	ck_assert_ptr_null(recalled);
}
END_TEST

static void
primary(struct sink *sink, const char *name, const char *group_name)
{
	char key[80], group_key[80];
	struct member m = { .how = EDGE_PRIMARY, .acquired = FACT_UNKNOWN };

	(void)snprintf(key, sizeof(key), "uuid:%s", name);
	(void)snprintf(group_key, sizeof(group_key), "uuid:%s", group_name);
	m.group = (struct reference){ REF_KEY, group_key, NULL };
	m.member = (struct reference){ REF_KEY, key, NULL };
	good(sink->member(sink, &m, &e));
}

static void
with_primary(struct sink *sink)
{
	account(sink, "u1", NULL);
	account(sink, "u2", NULL);
	group(sink, "domain-users");
	group(sink, "domain-admins");
	primary(sink, "u1", "domain-users");
	primary(sink, "u2", "domain-users");
}

static void
other_primary(struct sink *sink)
{
	sink->mode = SINK_CHANGES;
	account(sink, "u1", NULL);
	primary(sink, "u1", "domain-admins");
}

START_TEST(a_changed_account_brings_its_primary_group_anew)
{
	int64_t confirmed;

	pull(with_primary, PULL_APPLIED);
	pull(other_primary, PULL_HELD); /* half of all memberships */
	confirmed = result.id;
	confirm(confirmed);
	pull(other_primary, PULL_APPLIED);
	ck_assert_str_eq(edges_now(), "domain-admins u1; domain-users u2; ");
}
END_TEST

static void
present_but_one(struct sink *sink)
{
	char key[24];

	sink->mode = SINK_PRESENT;
	for (int i = 1; i <= 99; i++) {
		(void)snprintf(key, sizeof(key), "uuid:u%d", i);
		good(sink->present(sink, key, &e));
	}
	good(sink->present(sink, "uuid:staff", &e));
	good(sink->present(sink, "uuid:admins", &e));
	account(sink, "new", NULL);
}

START_TEST(who_is_neither_delivered_nor_present_is_gone)
{
	pull(hundred, PULL_APPLIED);
	pull(present_but_one, PULL_APPLIED);
	ck_assert_int_eq(result.accounts_gone, 1);
	ck_assert_int_eq(result.accounts_new, 1);
	ck_assert_int_eq(result.members_gone, 1);
	ck_assert_int_eq(holds("edge", result.id), 102);
}
END_TEST

static const char *product;

static void
eleven(struct sink *sink)
{
	accounts(sink, 1, 11);
	group(sink, "g");
	members(sink, "g", 1, 11);
	good(sink->remember(sink, "product", product, &e));
}

static void
rename_one(struct sink *sink)
{
	struct account a;

	sink->mode = SINK_CHANGES;
	account_init(&a);
	a.key = "uuid:u1";
	a.name = "renamed";
	a.dn = "uid=renamed,ou=people,dc=test";
	good(sink->account(sink, &a, &e));
}

START_TEST(a_rename_that_groups_do_not_follow_leaves_the_old_name_in_them)
{
	product = "openldap";
	pull(eleven, PULL_APPLIED);
	pull(rename_one, PULL_APPLIED);
	ck_assert_int_eq(result.members, 10);
	ck_assert_str_eq(dangling_now(), "1 uid=u1,ou=people,dc=test; ");
}
END_TEST

START_TEST(a_rename_in_active_directory_changes_no_membership)
{
	product = "ad";
	pull(eleven, PULL_APPLIED);
	pull(rename_one, PULL_APPLIED);
	ck_assert_int_eq(result.members, 11);
	ck_assert_str_eq(dangling_now(), "");
}
END_TEST

static void
member_first(struct sink *sink)
{
	sink->mode = SINK_CHANGES;
	member(sink, "g", "u12");
}

static void
account_later(struct sink *sink)
{
	sink->mode = SINK_CHANGES;
	account(sink, "u12", NULL);
}

START_TEST(changes_resolve_who_was_unknown_before)
{
	product = "openldap";
	pull(eleven, PULL_APPLIED);
	pull(member_first, PULL_APPLIED);
	ck_assert_str_eq(dangling_now(), "1 uid=u12,ou=people,dc=test; ");
	pull(account_later, PULL_APPLIED);
	ck_assert_int_eq(result.members, 12);
	ck_assert_str_eq(dangling_now(), "");
}
END_TEST

/* ---- A directory of our own: changes must come to what a full pull has ---- */

#define PEOPLE 60
#define GROUPS 12

static struct {
	struct {
		bool exists, touched;
		int name, display, primary;
	} people[PEOPLE];
	struct {
		bool exists, touched;
		bool in[PEOPLE];   /* by person: names of then */
		int named[PEOPLE]; /* the name that the group has of them */
		bool contains[GROUPS];
	} groups[GROUPS];
	bool gone_person[PEOPLE], gone_group[GROUPS];
	uint64_t seed;
} d;

static int
chance(int of)
{
	d.seed = d.seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (int)((d.seed >> 33) % (uint64_t)of);
}

static void
tell_person(struct sink *sink, int i)
{
	struct member m = { .how = EDGE_PRIMARY, .acquired = FACT_UNKNOWN };
	struct account a;
	char key[24], dn[64], name[24], display[24], gid[24];

	account_init(&a);
	(void)snprintf(key, sizeof(key), "uuid:p%d", i);
	(void)snprintf(name, sizeof(name), "n%d", d.people[i].name);
	(void)snprintf(dn, sizeof(dn), "uid=%s,dc=test", name);
	(void)snprintf(display, sizeof(display), "%d", d.people[i].display);
	a.key = key;
	a.name = name;
	a.dn = dn;
	a.display = display;
	a.gid_number = 1000 + d.people[i].primary;
	good(sink->account(sink, &a, &e));
	(void)snprintf(gid, sizeof(gid), "%d", 1000 + d.people[i].primary);
	m.group = (struct reference){ REF_GID, gid, NULL };
	m.member = (struct reference){ REF_KEY, key, NULL };
	good(sink->member(sink, &m, &e));
}

static void
tell_group(struct sink *sink, int g)
{
	struct group made;
	char name[24], dn[64];

	(void)snprintf(name, sizeof(name), "uuid:g%d", g);
	if (sink->mode != SINK_FULL)
		good(sink->members_anew(sink, name, &e));
	group_init(&made);
	(void)snprintf(dn, sizeof(dn), "cn=g%d,ou=groups,dc=test", g);
	made.key = name;
	made.name = name + strlen("uuid:");
	made.dn = dn;
	made.gid_number = 1000 + g;
	good(sink->group(sink, &made, &e));
	for (int i = 0; i < PEOPLE; i++) {
		if (!d.groups[g].in[i])
			continue;
		(void)snprintf(
		    dn, sizeof(dn), "uid=n%d,dc=test", d.groups[g].named[i]);
		edge(sink, name + strlen("uuid:"), REF_DN, dn, EDGE_MEMBER,
		    false);
	}
	for (int i = 0; i < GROUPS; i++) {
		if (!d.groups[g].contains[i])
			continue;
		(void)snprintf(dn, sizeof(dn), "cn=g%d,ou=groups,dc=test", i);
		edge(sink, name + strlen("uuid:"), REF_DN, dn, EDGE_MEMBER,
		    false);
	}
}

static void
tell_all(struct sink *sink)
{
	for (int i = 0; i < PEOPLE; i++)
		if (d.people[i].exists)
			tell_person(sink, i);
	for (int i = 0; i < GROUPS; i++)
		if (d.groups[i].exists)
			tell_group(sink, i);
}

static void
tell_changes(struct sink *sink)
{
	char key[24];

	sink->mode = SINK_CHANGES;
	for (int i = 0; i < GROUPS; i++) {
		(void)snprintf(key, sizeof(key), "uuid:g%d", i);
		if (d.gone_group[i] && !d.groups[i].exists)
			good(sink->gone(sink, key, &e));
		else if (d.groups[i].exists && d.groups[i].touched)
			tell_group(sink, i);
	}
	for (int i = 0; i < PEOPLE; i++) {
		(void)snprintf(key, sizeof(key), "uuid:p%d", i);
		if (d.gone_person[i] && !d.people[i].exists)
			good(sink->gone(sink, key, &e));
		else if (d.people[i].exists && d.people[i].touched)
			tell_person(sink, i);
	}
}

static int names;

static void
change_person(int i)
{
	d.people[i].touched = true;
	switch (d.people[i].exists ? chance(4) : 4) {
	case 0:
		d.people[i].exists = false;
		d.gone_person[i] = true;
		break;
	case 1:
		d.people[i].name = names++;
		break;
	case 2:
		d.people[i].display = chance(5);
		break;
	case 3:
		d.people[i].primary = chance(GROUPS);
		break;
	default:
		d.people[i].exists = true;
		/* Sometimes under a name that a group has still. */
		d.people[i].name = chance(2) == 0 ? names++ : d.people[i].name;
		d.people[i].primary = chance(GROUPS);
	}
}

static void
change_group(int g)
{
	int i = chance(PEOPLE);

	d.groups[g].touched = true;
	switch (d.groups[g].exists ? chance(8) : 9) {
	case 0:
		d.groups[g].exists = false;
		d.gone_group[g] = true;
		break;
	case 1:
		d.groups[g].contains[chance(GROUPS)] = chance(2) == 0;
		break;
	case 9:
		d.groups[g].exists = true;
		break;
	default:
		d.groups[g].in[i] = !d.groups[g].in[i];
		d.groups[g].named[i] = d.people[i].name;
	}
}

static void
make_changes(int count)
{
	memset(d.gone_person, 0, sizeof(d.gone_person));
	memset(d.gone_group, 0, sizeof(d.gone_group));
	for (int i = 0; i < PEOPLE; i++)
		d.people[i].touched = false;
	for (int i = 0; i < GROUPS; i++)
		d.groups[i].touched = false;
	while (count-- > 0)
		if (chance(2) == 0)
			change_person(chance(PEOPLE));
		else
			change_group(chance(GROUPS));
}

/* Everything that holds, by keys. */
static char *
state_of(struct store *store)
{
	static const char sql[] =
	    "SELECT 'a', o.key, name, dn, display, '', '' FROM account_fact AS "
	    "a"
	    " JOIN object AS o ON o.id = a.object"
	    " WHERE until = 9223372036854775807 UNION ALL "
	    "SELECT 'g', o.key, name, dn, '', '', '' FROM group_fact AS a"
	    " JOIN object AS o ON o.id = a.object"
	    " WHERE until = 9223372036854775807 UNION ALL "
	    "SELECT 'e', g.key, m.key, how, '', '', '' FROM edge AS x"
	    " JOIN object AS g ON g.id = x.grp"
	    " JOIN object AS m ON m.id = x.member"
	    " WHERE until = 9223372036854775807 UNION ALL "
	    "SELECT 'd', g.key, form, reference, how, '', '' FROM dangling AS x"
	    " JOIN object AS g ON g.id = x.grp"
	    " WHERE until = 9223372036854775807 ORDER BY 1, 2, 3, 4";

	return strdup(rows_of(store, sql));
}

/* Check has no room for all of it: the first that differs. */
static void
same_state(const char *a, const char *b)
{
	size_t i = 0;

	while (a[i] == b[i] && a[i] != '\0')
		i++;
	while (i > 0 && a[i - 1] != ';')
		i--;
	ck_assert_msg(
	    strcmp(a, b) == 0, "%.100s\n against %.100s", a + i, b + i);
}

START_TEST(changes_come_to_the_same_state_as_a_full_pull)
{
	struct store *changed = s, *whole;
	char *one, *other, *totals;
	char fresh[80];

	memset(&d, 0, sizeof(d));
	d.seed = (uint64_t)_i + 1;
	names = PEOPLE;
	for (int i = 0; i < PEOPLE; i++) {
		d.people[i].name = i;
		d.people[i].exists = i % 3 != 0;
	}
	for (int i = 0; i < GROUPS; i++)
		d.groups[i].exists = i % 4 != 0;
	let_through(tell_all);
	for (int round = 0; round < 12; round++) {
		make_changes(1 + chance(20));
		let_through(tell_changes);
	}
	one = state_of(changed);
	ck_assert_int_eq(result.members, holds("edge", STORE_NOW));
	ck_assert_int_eq(result.accounts, holds("account_fact", STORE_NOW));
	/* Seen by a database that knows nothing, and by this one. */
	(void)snprintf(fresh, sizeof(fresh), "%s/fresh.db", folder);
	good(store_open(&whole, fresh, STORE_WRITE, &e));
	s = whole;
	let_through(tell_all);
	other = state_of(whole);
	s = changed;
	same_state(one, other);
	let_through(tell_all);
	ck_assert_int_eq(result.accounts_new + result.accounts_changed +
	        result.accounts_gone + result.members_new + result.members_gone,
	    0);
	totals = state_of(changed);
	same_state(one, totals);
	ck_assert_str_eq(rows("PRAGMA foreign_key_check"), "");
	store_close(&whole);
	free(one);
	free(other);
	free(totals);
}
END_TEST

static TCase *
full_pulls(void)
{
	TCase *c = tcase_create("full");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, a_first_pull_stores_what_was_delivered);
	tcase_add_test(c, the_same_again_writes_nothing_but_the_ledger);
	tcase_add_test(
	    c, a_change_opens_a_new_interval_and_the_past_can_be_asked);
	tcase_add_test(c, who_left_is_ended_and_stays_in_the_past);
	tcase_add_test(c, a_rename_is_a_rename_and_no_loss);
	tcase_add_test(c, of_an_entry_that_comes_twice_the_later_one_counts);
	tcase_add_test(c, a_tombstone_is_no_account);
	tcase_add_test(
	    c, a_loss_of_more_than_a_tenth_is_held_and_changes_nothing);
	tcase_add_test(
	    c, a_loss_of_more_than_twenty_is_held_and_of_twenty_is_not);
	tcase_add_test(c, a_loss_in_small_pieces_is_held_as_well);
	tcase_add_test(c, a_result_of_nothing_is_held);
	tcase_add_test(c, a_first_pull_is_never_held);
	tcase_add_test(c, another_scope_is_held);
	tcase_add_test(c, a_confirmed_loss_is_let_through_once);
	tcase_add_test(c, rows_of_a_loss_that_were_added_later_are_not_covered);
	tcase_add_test(c, a_confirmation_does_not_cover_a_greater_loss);
	tcase_add_test(
	    c, a_confirmation_covers_what_was_lost_and_not_as_many_others);
	tcase_add_test(
	    c, what_a_held_pull_would_take_away_is_named_and_digested);
	tcase_add_test(c, who_is_made_anew_under_an_old_name_is_in_its_groups);
	tcase_add_test(c, a_full_pull_names_what_changes_had_missed);
	tcase_add_test(c, what_was_changed_since_is_not_missed);
	tcase_add_test(c, what_can_not_be_told_is_not_judged);
	tcase_add_test(
	    c, only_a_held_pull_that_is_not_overtaken_can_be_confirmed);
	tcase_add_test(
	    c, memberships_of_who_is_gone_are_lost_with_the_account_alone);
	tcase_add_test(c, an_incomplete_pull_adds_and_changes_and_ends_nothing);
	tcase_add_test(
	    c, a_group_not_read_whole_loses_only_who_is_gone_altogether);
	tcase_add_test(
	    c, a_source_that_fails_half_way_leaves_the_old_state_and_a_line);
	tcase_add_test(c, a_clock_behind_the_newest_record_is_refused);
	tcase_add_test(c, a_pull_overtaken_by_another_of_its_source_is_refused);
	return c;
}

static TCase *
references(void)
{
	TCase *c = tcase_create("references");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, a_dn_may_be_spelt_otherwise);
	tcase_add_test(c, names_and_numbers_are_each_hosts_own);
	tcase_add_test(c, sids_are_whole_and_rids_are_of_the_domain);
	tcase_add_test(
	    c, members_nobody_answers_to_are_kept_until_somebody_does);
	tcase_add_test(
	    c, an_entry_of_both_kinds_is_meant_as_an_account_by_a_group);
	tcase_add_test(c, values_have_intervals_of_their_own);
	tcase_add_test(
	    c, the_latest_sign_of_use_may_fall_and_the_highest_does_not);
	tcase_add_test(c, policies_and_whom_they_name_have_intervals);
	return c;
}

static TCase *
changes(void)
{
	TCase *c = tcase_create("changes");

	tcase_set_timeout(c, 60);
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, changes_change_what_they_name_and_nothing_else);
	tcase_add_test(c, changes_read_in_part_leave_the_old_cookie);
	tcase_add_test(c, a_held_pull_leaves_the_old_cookie);
	tcase_add_test(c, cookies_are_not_given_when_everything_is_wanted);
	tcase_add_test(c, a_changed_account_brings_its_primary_group_anew);
	tcase_add_test(c, who_is_neither_delivered_nor_present_is_gone);
	tcase_add_test(
	    c, a_rename_that_groups_do_not_follow_leaves_the_old_name_in_them);
	tcase_add_test(c, a_rename_in_active_directory_changes_no_membership);
	tcase_add_test(c, changes_resolve_who_was_unknown_before);
	tcase_add_loop_test(
	    c, changes_come_to_the_same_state_as_a_full_pull, 0, 20);
	return c;
}

int
main(void)
{
	Suite *suite = suite_create("review_pull");

	suite_add_tcase(suite, full_pulls());
	suite_add_tcase(suite, references());
	suite_add_tcase(suite, changes());
	return unit_run(suite);
}
