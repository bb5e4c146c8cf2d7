/* Acts: signed by enrolled persons, in one chain; a second person's word. */
#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review/act.h"
#include "review/signer.h"
#include "review_keys.h"
#include "unit.h"

#define NOW INT64_C(1795000000)

static struct err e;
static struct store *store;
static struct buf receipt;
static char folder[32], db[64], path[256];

static void
setup(void)
{
	strcpy(folder, "/tmp/reeve-act-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(db, sizeof(db), "%s/review.db", folder);
	receipt = buf_new(65536);
	ck_assert_ok(store_open(&store, db, STORE_WRITE, &e));
}

static void
teardown(void)
{
	store_close(&store);
	buf_free(&receipt);
	(void)shell("rm -rf %s", folder);
}

static void
enrol_two(void)
{
	setup();
	keys_enrol(store, folder, "wang", "E1", NOW);
	keys_enrol(store, folder, "chen", "E2", NOW);
}

static void
run_sql(const char *sql)
{
	char *text = NULL;

	ck_assert_msg(sqlite3_exec(store_handle(store), sql, NULL, NULL,
	                  &text) == SQLITE_OK,
	    "%s", text);
}

static int64_t
ask(const char *sql)
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

/* One of the kind that needs a second. Its number. */
static int64_t
confirm(const char *who)
{
	struct act_how how = keys_how(folder, who, NOW, path);
	struct act *a;
	char sql[128];
	int64_t number;

	ck_assert_ok(act_begin(&a, store, "confirmation", &how, &e));
	number = act_number(a);
	(void)snprintf(sql, sizeof(sql),
	    "INSERT INTO confirmation VALUES (%lld, 'pull', '3', x'00ff')",
	    (long long)number);
	run_sql(sql);
	ck_assert_ok(act_commit(&a, &receipt, &e));
	ck_assert_ptr_null(a);
	return number;
}

static int
second(const char *who, int64_t of)
{
	struct act_how how = keys_how(folder, who, NOW, path);

	return act_second(store, of, true, "seen", &how, NULL, &e);
}

/* The same by anybody's role, as reeve approve has it. */
static int
second_of(const char *who, int64_t of)
{
	struct act_how how = keys_how(folder, who, NOW, path);

	how.roles = "officer,reviewer,auditor";
	return act_second(store, of, true, "seen", &how, NULL, &e);
}

START_TEST(without_persons_the_error_names_the_command)
{
	struct act_how how = keys_how(folder, "none", NOW, path);
	struct act *a;

	ck_assert_int_eq(act_begin(&a, store, "confirmation", &how, &e), -1);
	ck_assert_int_eq(e.code, ERR_ACCESS);
	ck_assert_ptr_nonnull(strstr(e.text, "reeve person add NAME"));
	ck_assert_ptr_null(a);
}
END_TEST

START_TEST(an_act_holds_the_digest_of_its_rows_and_of_the_act_before)
{
	int64_t number = confirm("wang");

	ck_assert_int_eq(number, 3);
	ck_assert_int_eq(ask("SELECT count(*) FROM act"), 3);
	ck_assert_int_eq(
	    ask("SELECT instr((SELECT text FROM act WHERE id = 3), "
	        "lower(hex((SELECT digest FROM act WHERE id = 2)))) > 0"),
	    1);
	ck_assert_int_eq(
	    ask("SELECT json_extract(text, '$.tables[0].rows') FROM act "
	        "WHERE id = 3"),
	    1);
	ck_assert_int_eq(ask("SELECT count(*) FROM act_aid WHERE act = 3"), 1);
	ck_assert_int_eq(strncmp(buf_string(&receipt), "act 3 ", 6), 0);
	ck_assert_uint_eq(receipt.length, 6 + 64);
}
END_TEST

START_TEST(a_second_person_approves_and_nobody_approves_their_own)
{
	int64_t number = confirm("wang");

	ck_assert_int_eq(act_approved(store, number, &e), 0);
	ck_assert_int_eq(second("wang", number), -1);
	ck_assert_int_eq(e.code, ERR_ACCESS);
	ck_assert_ok(second("chen", number));
	ck_assert_int_eq(act_approved(store, number, &e), 1);
	ck_assert_int_eq(second("chen", number), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "approved already"));
	ck_assert_int_eq(second("chen", 99), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "no act 99"));
	ck_assert_int_eq(second("wang", number + 1), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "needs no second"));
}
END_TEST

/* Two of a small firm may be without numbers until there are any. */
START_TEST(without_a_number_nobody_is_a_second_person_of_a_firm_that_has_them)
{
	int64_t number;

	keys_enrol(store, folder, "wang", NULL, NOW);
	keys_enrol(store, folder, "chen", NULL, NOW);
	number = confirm("wang");
	ck_assert_ok(second("chen", number));
	run_sql("INSERT INTO person (employee) VALUES ('E1'), ('E2')");
	number = confirm("wang");
	ck_assert_int_eq(second("chen", number), -1);
	ck_assert_int_eq(e.code, ERR_ACCESS);
	ck_assert_ptr_nonnull(strstr(e.text, "without an employee number"));
	/* Else nobody who has one could be enrolled any more. */
	keys_enrol_later(
	    store, folder, "lin", "e1", "officer", NOW, "wang", "chen");
	ck_assert_int_eq(
	    ask("SELECT employee = 'E1' FROM signer WHERE name = 'lin'"), 1);
}
END_TEST

/* chen2 is another key of the same employee. */
START_TEST(a_later_person_counts_when_approved_and_two_keys_are_one_person)
{
	char key[512];
	struct act_how how = keys_how(folder, "wang", NOW, path);
	struct newcomer n = {
		.name = "chen2", .employee = "E2", .role = "officer", .key = key
	};
	bool waits;

	keys_make(folder, "chen2");
	keys_public(folder, "chen2", key);
	ck_assert_ok(roster_add(store, &n, &how, &waits, NULL, &e));
	ck_assert(waits);
	ck_assert_int_eq(second("chen", 3), -1); /* it is about E2 */
	ck_assert_ptr_nonnull(strstr(e.text, "is about chen"));
	ck_assert_int_eq(second("chen2", 3), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "reeve approve 3"));
	/* As chen's own act, wang may approve. */
	n.name = "chen3";
	how = keys_how(folder, "chen", NOW, path);
	keys_make(folder, "chen3");
	keys_public(folder, "chen3", key);
	ck_assert_int_eq(roster_add(store, &n, &how, &waits, NULL, &e), 0);
	ck_assert_ok(second("wang", 4));
	ck_assert_int_eq(confirm("chen3"), 6);
	ck_assert_int_eq(second("chen", 6), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "another person"));
	ck_assert_int_eq(second("wang", 6), 0);
}
END_TEST

START_TEST(a_lost_key_is_replaced_by_an_officer_and_an_auditor)
{
	struct act_how how;
	char key[512];
	struct newcomer n = { .name = "chen2",
		.employee = "E2",
		.role = "officer",
		.key = key,
		.grounds = "in person, passport" };
	bool waits;
	int64_t number;

	keys_enrol_later(
	    store, folder, "lin", "E3", "auditor", NOW, "wang", "chen");
	keys_enrol_later(
	    store, folder, "kao", "E4", "reviewer", NOW, "wang", "chen");
	/* From here on nobody has chen's key. */
	keys_make(folder, "chen2");
	keys_public(folder, "chen2", key);
	how = keys_how(folder, "wang", NOW, path);
	ck_assert_ok(roster_add(store, &n, &how, &waits, NULL, &e));
	number = ask("SELECT max(id) FROM act");
	ck_assert_int_eq(second_of("kao", number), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "this is for: officer,auditor"));
	ck_assert_ok(second_of("lin", number));
	how = keys_how(folder, "wang", NOW, path);
	ck_assert_ok(roster_end(store, "chen", "lost", &how, NULL, &e));
	number = ask("SELECT max(id) FROM act");
	ck_assert_int_eq(second_of("chen2", number), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "is about chen"));
	ck_assert_ok(second_of("lin", number));
	/* An auditor is the second person of nothing else. */
	number = confirm("wang");
	ck_assert_int_eq(second_of("lin", number), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "enrolled as auditor"));
	ck_assert_ok(second("chen2", number));
}
END_TEST

START_TEST(two_keys_of_one_person_are_not_two_officers_that_are_left)
{
	struct act_how how;

	keys_enrol_later(
	    store, folder, "wang2", "E1", "officer", NOW, "wang", "chen");
	how = keys_how(folder, "wang", NOW, path);
	ck_assert_int_eq(roster_end(store, "chen", "left", &how, NULL, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "enrol another first"));
}
END_TEST

START_TEST(whoever_is_ended_signs_no_more)
{
	struct act_how how = keys_how(folder, "wang", NOW, path);
	int64_t number;

	ck_assert_int_eq(
	    roster_end(store, "nobody", "left", &how, NULL, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "nobody called nobody"));
	ck_assert_int_eq(roster_end(store, "chen", "left", &how, NULL, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "enrol another first"));
	keys_enrol_later(
	    store, folder, "lin", "E3", "officer", NOW, "wang", "chen");
	how = keys_how(folder, "wang", NOW, path);
	ck_assert_ok(roster_end(store, "chen", "left", &how, NULL, &e));
	ck_assert_int_eq(second("chen", 5), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "is about chen"));
	/* Until it is approved chen may sign. */
	number = confirm("wang");
	ck_assert_ok(second("chen", number));
	ck_assert_ok(second("lin", 5));
	number = confirm("wang");
	ck_assert_int_eq(second("chen", number), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "may not sign any more"));
}
END_TEST

START_TEST(a_reviewer_approves_no_officers_act)
{
	struct act_how how;
	int64_t number;

	keys_enrol_later(
	    store, folder, "lin", "E3", "reviewer", NOW, "wang", "chen");
	number = confirm("wang");
	how = keys_how(folder, "lin", NOW, path);
	how.roles = "officer,reviewer";
	ck_assert_int_eq(
	    act_second(store, number, true, "", &how, NULL, &e), -1);
	ck_assert_ptr_nonnull(
	    strstr(e.text, "enrolled as reviewer; this is for: officer"));
}
END_TEST

START_TEST(a_stranger_and_a_missing_key_are_told_what_to_do)
{
	struct act_how how;
	struct act *a;

	keys_make(folder, "lin");
	how = keys_how(folder, "lin", NOW, path);
	ck_assert_int_eq(act_begin(&a, store, "confirmation", &how, &e), -1);
	ck_assert_int_eq(e.code, ERR_ACCESS);
	ck_assert_ptr_nonnull(strstr(e.text, "is nobody's key here"));
	how = keys_how(folder, "absent", NOW, path);
	ck_assert_int_eq(act_begin(&a, store, "confirmation", &how, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "is not there"));
}
END_TEST

START_TEST(a_clock_that_is_behind_refuses)
{
	struct act_how how = keys_how(folder, "wang", NOW - 1, path);
	struct act *a;

	ck_assert_int_eq(act_begin(&a, store, "confirmation", &how, &e), -1);
	ck_assert_int_eq(e.code, ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(e.text, "1 s behind"));
	how.now = NOW;
	how.now_given = true;
	ck_assert_int_eq(act_begin(&a, store, "confirmation", &how, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "--rehearsal"));
}
END_TEST

START_TEST(the_program_says_only_what_it_may)
{
	struct act_how how = { .now = NOW, .by_program = true };
	struct act *a;

	ck_assert_int_eq(act_begin(&a, store, "confirmation", &how, &e), -1);
	ck_assert_int_eq(act_begin(&a, store, "remind", &how, &e), 0);
	ck_assert_ptr_null(act_signer(a));
	ck_assert_int_eq(act_next(&a, "confirmation", &e), -1);
	ck_assert_ptr_null(a);
	ck_assert_int_eq(act_begin(&a, store, "remind", &how, &e), 0);
	ck_assert_int_eq(act_next(&a, "assign", &e), 0);
	ck_assert_int_eq(act_number(a), 4);
	ck_assert_ok(act_commit(&a, &receipt, &e));
	ck_assert_int_eq(ask("SELECT count(*) FROM act WHERE id > 2 AND "
	                     "signer IS NULL AND signature = ''"),
	    2);
}
END_TEST

/* ---- Signing that fails ---- */

static int
sign_nothing(void *context, const char *key, const char *text, size_t length,
    struct buf *signature, struct err *error)
{
	(void)context, (void)key, (void)text, (void)length, (void)signature,
	    (void)error;
	return 0;
}

static int
sign_with_another(void *context, const char *key, const char *text,
    size_t length, struct buf *signature, struct err *error)
{
	char other[256];

	(void)context, (void)key;
	(void)snprintf(other, sizeof(other), "%s/chen", folder);
	return signer_sign(NULL, other, text, length, signature, error);
}

static int
sign_another_text(void *context, const char *key, const char *text,
    size_t length, struct buf *signature, struct err *error)
{
	(void)context, (void)text, (void)length;
	return signer_sign(NULL, key, "{}", 2, signature, error);
}

static int
sign_refused(void *context, const char *key, const char *text, size_t length,
    struct buf *signature, struct err *error)
{
	(void)context, (void)key, (void)text, (void)length, (void)signature;
	return err_set(error, ERR_ACCESS, "no touch");
}

static const struct {
	act_sign_fn *sign;
	const char *text;
} failures[] = {
	{ sign_nothing, "no signature was made" },
	{ sign_with_another, "another key" },
	{ sign_another_text, "does not verify" },
	{ sign_refused, "no touch" },
};

START_TEST(what_is_not_signed_is_not_written)
{
	struct act_how how = keys_how(folder, "wang", NOW, path);
	struct act *a;

	how.sign = failures[_i].sign;
	ck_assert_int_eq(act_begin(&a, store, "confirmation", &how, &e), 0);
	run_sql("INSERT INTO confirmation VALUES (3, 'pull', '3', x'00ff')");
	ck_assert_int_eq(act_commit(&a, &receipt, &e), -1);
	ck_assert_msg(strstr(e.text, failures[_i].text) != NULL, "%s", e.text);
	ck_assert_ptr_null(a);
	ck_assert_uint_eq(receipt.length, 0);
	ck_assert_int_eq(ask("SELECT count(*) FROM act"), 2);
	ck_assert_int_eq(ask("SELECT count(*) FROM confirmation"), 0);
}
END_TEST

/* ---- The program that signs ---- */

static const struct {
	const char *program, *argument;
	int seconds;
	enum err_code code;
	const char *text;
} programs[] = {
	{ "sleep", "600", 1, ERR_BUSY, "sleep: took too long" },
	{ "yes", "y", 60, ERR_LIMIT, "yes: " },
	{ "false", "x", 60, ERR_ACCESS, "false: failed" },
	{ "no-such-program", "x", 60, ERR_MISSING, "can't be run" },
};

START_TEST(a_program_that_hangs_or_floods_or_fails_is_an_error)
{
	const char *const argv[] = { programs[_i].program,
		programs[_i].argument, NULL };

	ck_assert_int_eq(
	    signer_run(argv, "", 0, programs[_i].seconds, &receipt, &e), -1);
	ck_assert_int_eq(e.code, programs[_i].code);
	ck_assert_msg(strstr(e.text, programs[_i].text) != NULL, "%s", e.text);
}
END_TEST

START_TEST(it_gets_the_text_and_no_descriptor_of_ours)
{
	const char *const argv[] = { "sh", "-c",
		"cat; for f in /proc/$$/fd/*; do printf ' %s' ${f##*/}; done",
		NULL };
	int fd = dup(STDERR_FILENO); /* not closed on exec */

	ck_assert_int_ne(fd, -1);
	ck_assert_ok(signer_run(argv, "text", 4, 60, &receipt, &e));
	/* 255 is the script's own, of some shells. */
	ck_assert_msg(strncmp(buf_string(&receipt), "text 0 1 2", 10) == 0 &&
	        receipt.length <= strlen("text 0 1 2 10 255"),
	    "%s", buf_string(&receipt));
	(void)close(fd);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("review_act");
	TCase *bare = tcase_create("bare"), *two = tcase_create("two");

	tcase_add_checked_fixture(bare, setup, teardown);
	tcase_add_test(bare, without_persons_the_error_names_the_command);
	tcase_add_test(bare,
	    without_a_number_nobody_is_a_second_person_of_a_firm_that_has_them);
	tcase_add_loop_test(bare,
	    a_program_that_hangs_or_floods_or_fails_is_an_error, 0,
	    sizeof(programs) / sizeof(programs[0]));
	tcase_add_test(bare, it_gets_the_text_and_no_descriptor_of_ours);
	tcase_set_timeout(bare, 30);
	suite_add_tcase(s, bare);
	tcase_add_checked_fixture(two, enrol_two, teardown);
	tcase_add_test(
	    two, an_act_holds_the_digest_of_its_rows_and_of_the_act_before);
	tcase_add_test(
	    two, a_second_person_approves_and_nobody_approves_their_own);
	tcase_add_test(two,
	    a_later_person_counts_when_approved_and_two_keys_are_one_person);
	tcase_add_test(
	    two, two_keys_of_one_person_are_not_two_officers_that_are_left);
	tcase_add_test(two, whoever_is_ended_signs_no_more);
	tcase_add_test(
	    two, a_lost_key_is_replaced_by_an_officer_and_an_auditor);
	tcase_add_test(two, a_reviewer_approves_no_officers_act);
	tcase_add_test(two, a_stranger_and_a_missing_key_are_told_what_to_do);
	tcase_add_test(two, a_clock_that_is_behind_refuses);
	tcase_add_test(two, the_program_says_only_what_it_may);
	tcase_add_loop_test(two, what_is_not_signed_is_not_written, 0,
	    sizeof(failures) / sizeof(failures[0]));
	tcase_set_timeout(two, 30);
	suite_add_tcase(s, two);
	return unit_run(s);
}
