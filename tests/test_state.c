#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pamod/state.h"
#include "schema/base/clock.h"
#include "schema/base/secret.h"

static char directory[64];
static struct moment moment = { .wall_ns = INT64_C(1800000000000000000),
	.boot_ns = INT64_C(5000000000) };
static struct clock the_clock;
static struct entropy the_entropy;
static struct state *state;
static struct err e;

#define ck_assert_ok(expression)                                               \
	ck_assert_msg((expression) == 0, "%s: %s", #expression, e.text)
#define ck_assert_fails(expression, code_)                                     \
	do {                                                                   \
		ck_assert_int_eq((expression), -1);                            \
		ck_assert_int_eq(e.code, (code_));                             \
	} while (0)

static void
set_up(void)
{
	(void)snprintf(directory, sizeof(directory), "/var/tmp/state.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	the_clock = clock_fixed(&moment);
	the_entropy = entropy_system();
	ck_assert_ok(state_init(directory, &the_entropy, &e));
	ck_assert_ok(
	    state_open(&state, directory, &the_clock, &the_entropy, &e));
}

static void
tear_down(void)
{
	char command[128];

	state_close(&state);
	(void)snprintf(command, sizeof(command), "rm -rf %s", directory);
	ck_assert_int_eq(system(command), 0);
}

START_TEST(a_record_is_made_saved_and_read_back)
{
	struct state_lock *lock;
	struct state_user u;

	ck_assert_fails(state_lock(state, "ann", &lock, &u, &e), ERR_MISSING);
	ck_assert_ptr_null(lock);
	ck_assert_ok(state_lock_or_create(state, "ann", 1000, &lock, &u, &e));
	ck_assert_str_eq(u.name, "ann");
	ck_assert_uint_eq(u.uid, 1000);
	ck_assert_int_eq(u.created, 1800000000);
	ck_assert_int_eq(u.uptime, 5000);
	for (unsigned i = 1; i <= 20; i++) {
		u.failures = i;
		ck_assert_ok(state_save(lock, &u, i % 3 == 0, &e));
		state_unlock(&lock);
		ck_assert_ok(state_lock(state, "ann", &lock, &u, &e));
		ck_assert_uint_eq(u.failures, i);
	}
	state_unlock(&lock);
	ck_assert_ok(state_upgrade(state, "ann", &e));
	ck_assert_ok(state_read(state, "ann", &u, &e));
	ck_assert_uint_eq(u.failures, 20);
	ck_assert_ok(state_remove(state, "ann", &e));
	ck_assert_fails(state_read(state, "ann", &u, &e), ERR_MISSING);
	state_wipe(&u);
}
END_TEST

START_TEST(a_seed_opens_only_where_it_was_sealed)
{
	static const unsigned char seed[] = "12345678901234567890";
	struct state_user u = { .name = "ann" };
	struct state_user other = { .name = "bob" };
	struct state_factor f = { .id = 1 };
	struct state_factor changed;
	struct buf out = buf_new(STATE_SECRET_MAX);

	ck_assert_ok(state_seal(state, &u, &f, seed, 20, &e));
	ck_assert_uint_eq(f.data_length, 12 + 20 + 16);
	ck_assert_ptr_null(memmem(f.data, sizeof(f.data), seed, 8));
	ck_assert_ok(state_unseal(state, &u, &f, &out, &e));
	ck_assert_uint_eq(out.length, 20);
	ck_assert_mem_eq(out.data, seed, 20);
	buf_clear(&out);
	ck_assert_fails(
	    state_unseal(state, &other, &f, &out, &e), ERR_TAMPERED);
	changed = f;
	changed.id = 2;
	ck_assert_fails(
	    state_unseal(state, &u, &changed, &out, &e), ERR_TAMPERED);
	for (size_t i = 0; i < 8u * f.data_length; i++) {
		changed = f;
		changed.data[i / 8] ^= (unsigned char)(1u << i % 8);
		ck_assert_fails(
		    state_unseal(state, &u, &changed, &out, &e), ERR_TAMPERED);
	}
	ck_assert_uint_eq(out.length, 0);
	buf_free(&out);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("state");
	TCase *tests = tcase_create("state");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, a_record_is_made_saved_and_read_back);
	tcase_add_test(tests, a_seed_opens_only_where_it_was_sealed);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
