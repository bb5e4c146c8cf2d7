#include <stdio.h>
#include <string.h>

#include "pamod/throttle.h"
#include "tests/unit.h"

#define NOW  INT64_C(1800000000) /* s since 1970 */
#define HOME "192.0.2.1"

static const struct throttle_rules backoff = { .style = THROTTLE_BACKOFF,
	.attempts = 3,
	.lock_seconds = 900,
	.user_attempts = 30,
	.known_days = 30 };
static const struct throttle_rules lock = { .style = THROTTLE_LOCK,
	.attempts = 3,
	.lock_seconds = 900,
	.user_attempts = 30,
	.known_days = 30 };

#define ck_assert_go(u, source, rules)                                         \
	ck_assert_int_eq(throttle_reserve(u, source, rules, NOW), THROTTLE_GO)
#define ck_assert_refused(u, source, rules)                                    \
	ck_assert_int_eq(                                                      \
	    throttle_reserve(u, source, rules, NOW), THROTTLE_REFUSE)

START_TEST(waits_double_up_to_the_longest)
{
	static const int64_t waits[] = { 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256,
		512, 900, 900 };
	struct state_user u = { .uptime = 1000 };

	for (size_t i = 0; i < sizeof(waits) / sizeof(*waits); i++) {
		ck_assert_go(&u, HOME, &backoff);
		ck_assert_int_eq(
		    throttle_wait(&u, HOME, &backoff, NOW), waits[i]);
		if (waits[i] == 0)
			continue;
		u.uptime += waits[i] * 1000 - 1;
		ck_assert_refused(&u, HOME, &backoff);
		u.uptime++;
	}
	throttle_success(&u, HOME, NOW);
	ck_assert_int_eq(throttle_wait(&u, HOME, &backoff, NOW), 0);
	ck_assert_uint_eq(u.failures, 0);
}
END_TEST

START_TEST(one_source_does_not_make_another_wait)
{
	struct state_user u = { .uptime = 1000 };

	for (int i = 0; i < 3; i++)
		ck_assert_go(&u, HOME, &backoff);
	ck_assert_refused(&u, HOME, &backoff);
	ck_assert_go(&u, "192.0.2.2", &backoff);
	ck_assert_go(&u, "console", &backoff);
}
END_TEST

/* Each stranger's address is used once. */
static void
attack(struct state_user *u, int addresses, int *evaluated)
{
	char source[STATE_SOURCE_MAX];

	for (int i = 0; i < addresses; i++) {
		(void)snprintf(
		    source, sizeof(source), "198.51.%d.%d", i / 256, i % 256);
		if (throttle_reserve(u, source, &backoff, NOW) == THROTTLE_GO)
			(*evaluated)++;
	}
}

START_TEST(strangers_make_strangers_wait_and_not_a_known_source)
{
	struct state_user u = { .uptime = 1000000 };
	int evaluated = 0;

	ck_assert_go(&u, HOME, &backoff);
	throttle_success(&u, HOME, NOW - 29 * 86400);
	attack(&u, 1000, &evaluated);
	ck_assert_int_eq(evaluated, 30);
	ck_assert_refused(&u, "203.0.113.1", &backoff);
	ck_assert_go(&u, HOME, &backoff);
	/* A day of it: the waits bound it, and HOME is still known. */
	for (int minute = 0; minute < 24 * 60; minute++) {
		u.uptime += 60000;
		attack(&u, 200, &evaluated);
	}
	ck_assert_int_le(evaluated, 30 + 10 + 96);
	ck_assert_go(&u, HOME, &backoff);
}
END_TEST

START_TEST(a_source_is_known_for_known_days)
{
	static const struct {
		int64_t age; /* s */
		int64_t known_days;
		bool spared;
	} rows[] = {
		{ 0, 30, true },
		{ 30 * 86400, 30, true },
		{ 30 * 86400 + 1, 30, false },
		{ -3600, 30, true }, /* the clock was set back */
		{ 0, 0, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct state_user u = {
			.uptime = 1000, .failures = 100, .failure_uptime = 1000
		};
		struct throttle_rules rules = backoff;

		rules.known_days = rows[i].known_days;
		memcpy(u.sources[3].source, HOME, sizeof(HOME));
		u.sources[3].last_success = NOW - rows[i].age;
		ck_assert_int_eq(throttle_wait(&u, HOME, &rules, NOW),
		    rows[i].spared ? 0 : 900);
	}
}
END_TEST

START_TEST(a_place_is_taken_over_only_when_its_wait_has_ended)
{
	struct state_user u = { .uptime = 1000 };
	struct throttle_rules rules = backoff;
	char source[STATE_SOURCE_MAX];

	rules.user_attempts = 1000;
	/* The last place is the host's own. */
	for (int i = 0; i < STATE_SOURCES_MAX - 1; i++) {
		(void)snprintf(source, sizeof(source), "198.51.100.%d", i);
		for (int j = 0; j < 4; j++) {
			ck_assert_go(&u, source, &rules);
			u.uptime += j < 2 ? 0 : 1000;
		}
		u.sources[i].failures = 20;
	}
	/* All places wait: the rest share one. */
	for (int i = 0; i < 3; i++) {
		(void)snprintf(source, sizeof(source), "203.0.113.%d", i);
		ck_assert_go(&u, source, &rules);
	}
	ck_assert_uint_eq(u.overflow.failures, 3);
	ck_assert_refused(&u, "203.0.113.9", &rules);
	ck_assert_go(&u, THROTTLE_LOCAL, &rules);
	ck_assert_str_eq(
	    u.sources[STATE_SOURCES_MAX - 1].source, THROTTLE_LOCAL);
	/* The oldest wait ends: that place, and no other, is taken over. */
	u.uptime = u.sources[0].failure_uptime + 900000;
	ck_assert_go(&u, "203.0.113.9", &rules);
	ck_assert_str_eq(u.sources[0].source, "203.0.113.9");
	ck_assert_uint_eq(u.sources[0].failures, 1);
	ck_assert_str_eq(u.sources[1].source, "198.51.100.1");
	/* A success from where there is no place gets one. */
	throttle_success(&u, "203.0.113.77", NOW);
	ck_assert_int_eq(throttle_wait(&u, "203.0.113.77", &rules, NOW), 0);
}
END_TEST

START_TEST(a_hard_lock_counts_all_sources_and_ends_by_time)
{
	struct state_user u = { .uptime = 1000 };

	for (int round = 0; round < 3; round++) {
		ck_assert_go(&u, HOME, &lock);
		ck_assert_go(&u, "192.0.2.2", &lock);
		ck_assert_uint_eq(u.locked, 0);
		ck_assert_go(&u, "console", &lock);
		ck_assert_uint_eq(u.locked, 1);
		ck_assert_int_eq(u.locked_since, NOW);
		ck_assert_refused(&u, "192.0.2.3", &lock);
		ck_assert_refused(&u, HOME, &lock);
		ck_assert_int_eq(throttle_wait(&u, "console", &lock, NOW), 900);
		u.uptime += 899999;
		ck_assert_refused(&u, HOME, &lock);
		u.uptime++;
	}
	ck_assert_go(&u, HOME, &lock);
	throttle_unlock(&u);
	ck_assert_uint_eq(u.failures, 0);
	ck_assert_uint_eq(u.locked, 0);
}
END_TEST

START_TEST(the_last_free_attempt_may_succeed)
{
	struct state_user u = { .uptime = 1000 };

	for (int i = 0; i < 3; i++)
		ck_assert_go(&u, HOME, &lock);
	throttle_success(&u, HOME, NOW);
	ck_assert_uint_eq(u.locked, 0);
	ck_assert_uint_eq(u.failures, 0);
	ck_assert_uint_eq(u.failures_since_login, 2);
	ck_assert_go(&u, HOME, &lock);
}
END_TEST

START_TEST(an_abandoned_prompt_does_not_count)
{
	const struct throttle_rules *styles[] = { &backoff, &lock };

	for (size_t i = 0; i < 2; i++) {
		struct state_user u = { .uptime = 1000 };

		for (int j = 0; j < 10; j++) {
			ck_assert_go(&u, HOME, styles[i]);
			throttle_forgive(&u, HOME);
		}
		ck_assert_uint_eq(u.failures, 0);
		ck_assert_uint_eq(u.failures_since_login, 0);
		/* But while it is open it does. */
		for (int j = 0; j < 3; j++)
			ck_assert_go(&u, HOME, styles[i]);
		ck_assert_refused(&u, HOME, styles[i]);
	}
}
END_TEST

START_TEST(no_wall_clock_lengthens_or_ends_a_wait)
{
	static const int64_t clocks[] = { -1, 0, 1, NOW - 86400, NOW,
		NOW + 86400, INT64_C(253402300800) };
	static const size_t count = sizeof(clocks) / sizeof(*clocks);
	const struct throttle_rules *styles[] = { &backoff, &lock };

	for (size_t i = 0; i < 2 * count * count; i++) {
		const struct throttle_rules *rules = styles[i % 2];
		int64_t before = clocks[i / 2 % count];
		int64_t after = clocks[i / 2 / count];
		struct state_user u = { .uptime = 1000000, .failures = 2 };

		memcpy(u.sources[0].source, HOME, sizeof(HOME));
		u.sources[0].failures = 20;
		ck_assert_int_eq(
		    throttle_reserve(&u, HOME, rules, before), THROTTLE_GO);
		ck_assert_int_eq(throttle_wait(&u, HOME, rules, after), 900);
		u.uptime += 899999;
		ck_assert_int_eq(
		    throttle_reserve(&u, HOME, rules, after), THROTTLE_REFUSE);
		u.uptime++;
		ck_assert_int_eq(
		    throttle_reserve(&u, HOME, rules, after), THROTTLE_GO);
	}
}
END_TEST

START_TEST(an_impossible_uptime_is_the_start_of_this_boot)
{
	static const int64_t uptimes[] = { -1, INT64_MIN, INT64_MAX, 500001 };

	for (size_t i = 0; i < sizeof(uptimes) / sizeof(*uptimes); i++) {
		struct state_user u = { .uptime = 500000,
			.failures = 3,
			.failure_uptime = uptimes[i] };

		ck_assert_int_eq(throttle_wait(&u, HOME, &lock, NOW), 400);
		u.uptime = 900000;
		u.failure_uptime = 900000;
		ck_assert_int_eq(throttle_wait(&u, HOME, &lock, NOW), 900);
	}
}
END_TEST

START_TEST(a_source_that_is_none_is_refused)
{
	struct state_user u = { .uptime = 1000 };
	char longer[STATE_SOURCE_MAX + 1];

	memset(longer, 'a', STATE_SOURCE_MAX);
	longer[STATE_SOURCE_MAX] = '\0';
	ck_assert_refused(&u, "", &backoff);
	ck_assert_refused(&u, longer, &backoff);
	throttle_success(&u, longer, NOW);
	ck_assert_str_eq(u.sources[0].source, "");
}
END_TEST

START_TEST(sources_are_addresses_and_never_names)
{
	static const struct {
		const char *rhost, *source;
	} rows[] = {
		{ NULL, "console" },
		{ "", "console" },
		{ "192.0.2.1", "192.0.2.1" },
		{ "::ffff:192.0.2.1", "192.0.2.1" },
		{ "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64" },
		{ "2001:DB8:1:2::", "2001:db8:1:2::/64" },
		{ "fe80::1%eth0", "fe80::/64" },
		{ "::1", "::/64" },
		{ "192.0.2.1%eth0", "name" },
		{ "192.0.2.01", "name" },
		{ "0x7f.1", "name" },
		{ "localhost", "name" },
		{ "192.0.2.1.example.org", "name" },
		{ "overflow", "name" },
		{ "console", "name" },
		{ "2001:db8:1:2:3:4:5:6:7:8:9:10:11:12:13:14:15:16", "name" },
	};
	char out[STATE_SOURCE_MAX];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		throttle_source(rows[i].rhost, out);
		ck_assert_str_eq(out, rows[i].source);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("throttle");
	TCase *tests = tcase_create("throttle");

	tcase_add_test(tests, waits_double_up_to_the_longest);
	tcase_add_test(tests, one_source_does_not_make_another_wait);
	tcase_add_test(
	    tests, strangers_make_strangers_wait_and_not_a_known_source);
	tcase_add_test(tests, a_source_is_known_for_known_days);
	tcase_add_test(
	    tests, a_place_is_taken_over_only_when_its_wait_has_ended);
	tcase_add_test(tests, a_hard_lock_counts_all_sources_and_ends_by_time);
	tcase_add_test(tests, the_last_free_attempt_may_succeed);
	tcase_add_test(tests, an_abandoned_prompt_does_not_count);
	tcase_add_test(tests, no_wall_clock_lengthens_or_ends_a_wait);
	tcase_add_test(tests, an_impossible_uptime_is_the_start_of_this_boot);
	tcase_add_test(tests, a_source_that_is_none_is_refused);
	tcase_add_test(tests, sources_are_addresses_and_never_names);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
