/*
 * Every call that the state directory's code makes fails in turn, once and
 * from then on. It never crashes, never calls a failure success, never says
 * that a record is missing, and never loses what it had promised.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pamod/state.h"
#include "pamod/throttle.h"
#include "tests/fault.h"
#include "tests/shell.h"
#include "tests/unit.h"

static char directory[64];
static struct moment moment = { .wall_ns = INT64_C(1800000000000000000),
	.boot_ns = INT64_C(5000000000) };
static struct clock the_clock;
static struct entropy the_entropy;
static struct err e;

static const int numbers[] = { 0, EIO, EACCES, EMFILE, ELOOP, ENOSPC, EINTR,
	ENOMEM };

static void
set_up(void)
{
	(void)snprintf(directory, sizeof(directory), "/var/tmp/state.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	the_clock = clock_fixed(&moment);
	the_entropy = entropy_system();
	ck_assert_ok(state_init(directory, &the_entropy, &e));
}

static void
tear_down(void)
{
	ck_assert_int_eq(shell("rm -rf %s", directory), 0);
}

/* What one operation did under faults. */
struct outcome {
	int result;
	uint32_t saved; /* the number that was acknowledged */
	bool wrong;     /* what was read is not what was written */
};

/* What a login does with the record. */
static void
use_record(struct outcome *o)
{
	static const unsigned char seed[] = "12345678901234567890";
	struct buf out = buf_new(STATE_SECRET_MAX);
	struct state *state = NULL;
	struct state_lock *lock = NULL;
	struct state_user u = { .uid = 0 };

	*o = (struct outcome){ .result = -1 };
	if (state_open(&state, directory, &the_clock, &the_entropy, &e) == -1)
		goto out;
	if (state_lock_or_create(state, "ann", 1, &lock, &u, &e) == -1)
		goto out;
	u.failures++;
	if (state_save(lock, &u, false, &e) == -1)
		goto out;
	o->saved = u.failures;
	u.factors[0].id = 1;
	if (state_seal(state, &u, &u.factors[0], seed, 20, &e) == -1 ||
	    state_unseal(state, &u, &u.factors[0], &out, &e) == -1)
		goto out;
	o->wrong = out.length != 20 || memcmp(out.data, seed, 20) != 0;
	u.failures++;
	if (state_save(lock, &u, true, &e) == -1)
		goto out;
	o->saved = u.failures;
	state_unlock(&lock);
	if (state_read(state, "ann", &u, &e) == -1)
		goto out;
	o->wrong |= u.failures != o->saved;
	o->result = 0;
out:
	buf_free(&out);
	state_unlock(&lock);
	state_close(&state);
	state_wipe(&u);
}

/* Without faults: what is there. */
static uint32_t
look(bool *there)
{
	struct state *state;
	struct state_user u;
	uint32_t failures;

	ck_assert_ok(
	    state_open(&state, directory, &the_clock, &the_entropy, &e));
	*there = state_read(state, "ann", &u, &e) == 0;
	ck_assert_msg(*there || e.code == ERR_MISSING, "%s", e.text);
	failures = *there ? u.failures : 0;
	state_close(&state);
	return failures;
}

/* One run with the n-th call failing; false when there are not so many. */
static bool
run(unsigned long n, bool onward, bool existed)
{
	struct outcome o;
	unsigned long count;
	const char *name;
	bool there;
	uint32_t before = look(&there);
	uint32_t after;

	ck_assert(there == existed);
	e = (struct err){ 0 };
	fault_arm(n, onward);
	use_record(&o);
	count = fault_disarm(&name);
	if (name == NULL)
		return false;
	ck_assert(!o.wrong);
	if (o.result == -1) {
		ck_assert_msg(e.code != ERR_NONE && e.text[0] != '\0',
		    "call %lu of %lu, %s: no error is said", n, count, name);
		ck_assert_msg(e.code != ERR_MISSING,
		    "call %lu, %s: \"%s\" says missing", n, name, e.text);
	}
	after = look(&there);
	ck_assert_msg(
	    after >= o.saved && after >= before && after <= before + 2,
	    "call %lu, %s: %u, %u was promised", n, name, after, o.saved);
	return true;
}

START_TEST(each_failing_call_is_an_error_and_loses_nothing)
{
	char number[16];
	unsigned long n;
	struct outcome o;

	(void)snprintf(number, sizeof(number), "%d", numbers[_i]);
	(void)setenv("FAULT_ERRNO", number, 1);
	use_record(&o);
	ck_assert_msg(o.result == 0, "%s", e.text);
	/* Who is always interrupted, or finds every lock taken, waits long. */
	for (int onward = 0; onward < (_i < 2 ? 2 : 1); onward++) {
		for (n = 1; run(n, onward != 0, true); n++)
			;
		ck_assert_uint_gt(n, 30);
	}
}
END_TEST

START_TEST(without_a_failing_call_nothing_fails)
{
	struct outcome o;

	use_record(&o);
	ck_assert_msg(o.result == 0 && !o.wrong && o.saved == 2, "%s", e.text);
}
END_TEST

START_TEST(a_record_is_made_whole_or_not_at_all)
{
	unsigned long n;

	(void)unsetenv("FAULT_ERRNO");
	for (n = 1; run(n, _i != 0, false); n++)
		ck_assert_int_eq(shell("rm -f %s/users/ann", directory), 0);
	ck_assert_uint_gt(n, 30);
	ck_assert_msg(
	    _i != 0 || shell("[ \"$(ls -A %s/users)\" = ann ]", directory) == 0,
	    "temporaries are left");
}
END_TEST

START_TEST(a_guess_that_could_not_be_counted_is_refused)
{
	static const struct throttle_rules rules = {
		.attempts = 3, .lock_seconds = 900, .user_attempts = 30
	};
	enum throttle_answer answer;
	struct state *state;
	const char *name;
	unsigned long n;

	(void)unsetenv("FAULT_ERRNO");
	ck_assert_ok(
	    state_open(&state, directory, &the_clock, &the_entropy, &e));
	for (n = 1;; n++) {
		fault_arm(n, false);
		answer =
		    throttle_reserve_unknown(state, "192.0.2.1", &rules, &e);
		(void)fault_disarm(&name);
		moment.boot_ns += 900 * CLOCK_NS_PER_SECOND;
		if (name == NULL)
			break;
		ck_assert_msg(
		    (answer == THROTTLE_REFUSE) == (e.code != ERR_NONE),
		    "call %lu, %s", n, name);
	}
	ck_assert_uint_gt(n, 10);
	ck_assert_int_eq(answer, THROTTLE_GO);
	state_close(&state);
}
END_TEST

START_TEST(a_directory_is_whole_or_is_not_used)
{
	unsigned long n;
	const char *name;
	char path[96];

	(void)unsetenv("FAULT_ERRNO");
	(void)snprintf(path, sizeof(path), "%s/new", directory);
	for (n = 1;; n++) {
		struct state *state;
		int result;

		fault_arm(n, false);
		result = state_init(path, &the_entropy, &e);
		(void)fault_disarm(&name);
		if (name == NULL)
			break;
		/* Run again, it finishes what was begun. */
		ck_assert_msg(result == 0 ||
		        state_open(
		            &state, path, &the_clock, &the_entropy, &e) == -1 ||
		        (state_close(&state), true),
		    "call %lu, %s", n, name);
		if (result == -1 && state_init(path, &the_entropy, &e) == -1)
			ck_assert_msg(e.code == ERR_USAGE, "call %lu, %s: %s",
			    n, name, e.text);
		ck_assert_ok(
		    state_open(&state, path, &the_clock, &the_entropy, &e));
		state_close(&state);
		ck_assert_int_eq(shell("rm -rf %s", path), 0);
	}
	ck_assert_uint_gt(n, 20);
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *suite = suite_create("state_fault");
	TCase *tests = tcase_create("state_fault");

	(void)argc;
	fault_preload(argv);
	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, without_a_failing_call_nothing_fails);
	if (FAULT_POSSIBLE) {
		tcase_add_loop_test(tests,
		    each_failing_call_is_an_error_and_loses_nothing, 0,
		    (int)(sizeof(numbers) / sizeof(*numbers)));
		tcase_add_loop_test(
		    tests, a_record_is_made_whole_or_not_at_all, 0, 2);
		tcase_add_test(
		    tests, a_guess_that_could_not_be_counted_is_refused);
		tcase_add_test(tests, a_directory_is_whole_or_is_not_used);
	}
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
