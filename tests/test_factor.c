/*
 * How answers are judged, over records made by hand. Seeds are kept in clear:
 * state_unseal is this file's own.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "pamod/factor.h"
#include "pamod/factor_recovery.h"
#include "pamod/otp.h"
#include "tests/unit.h"

#define NOW    INT64_C(1790000000) /* the middle of a step, about 2026 */
#define PERIOD 30

static const unsigned char seed[] = "12345678901234567890";
static const unsigned char other_seed[] = "abcdefghijabcdefghij";

int
state_unseal(struct state *state, const struct state_user *user,
    const struct state_factor *factor, struct buf *secret, struct err *e)
{
	(void)state;
	(void)user;
	if (strcmp(factor->label, "broken") == 0)
		return err_set(e, ERR_TAMPERED, "seed does not open");
	buf_put(secret, factor->data, factor->data_length);
	return buf_status(secret, e);
}

static struct state_factor *
add_factor(struct state_user *user, const char *type, const char *label,
    const unsigned char *bytes)
{
	struct state_factor *factor = user->factors;

	while (factor->id != 0)
		factor++;
	factor->id = ++user->next_factor_id;
	factor->confirmed = true;
	factor->algorithm = OTP_SHA1;
	factor->digits = 6;
	factor->period = PERIOD;
	snprintf(factor->type, sizeof(factor->type), "%s", type);
	snprintf(factor->label, sizeof(factor->label), "%s", label);
	factor->data_length = 20;
	memcpy(factor->data, bytes, 20);
	return factor;
}

/* The seed's code of that counter. */
static const char *
code_of(const unsigned char *bytes, int64_t counter)
{
	static char out[OTP_DIGITS_MAX + 1];
	struct otp otp = { OTP_SHA1, 6, bytes, 20 };
	struct err e;

	ck_assert_int_eq(otp_code(&otp, (uint64_t)counter, out, &e), 0);
	return out;
}

static struct factor_used used;
static struct err error;

static enum verdict
judge(struct state_user *user, const char *answer, int64_t now)
{
	struct factor_request request = {
		.answer = answer,
		.now = now,
		.limits = { .totp_window = 1,
		    .totp_drift = 2,
		    .hotp_window = 10 },
	};

	error = (struct err){ .code = ERR_NONE };
	return factor_judge(user, NULL, 0, &request, &used, &error);
}

static enum verdict
judge_spent(struct state_user *user, const char *answer, uint32_t spent)
{
	struct factor_request request = {
		.answer = answer,
		.now = NOW,
		.limits = { .totp_window = 1, .hotp_window = 10 },
	};

	error = (struct err){ .code = ERR_NONE };
	return factor_judge(user, &spent, 1, &request, &used, &error);
}

START_TEST(a_totp_code_is_right_once_within_its_window)
{
	static const struct {
		int step;
		enum verdict verdict;
	} rows[] = { { -2, VERDICT_DENY }, { -1, VERDICT_ALLOW },
		{ 0, VERDICT_ALLOW }, { 1, VERDICT_ALLOW },
		{ 2, VERDICT_DENY } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct state_user user = { .uid = 1000 };
		struct state_user before;
		const char *code = code_of(seed, NOW / PERIOD + rows[i].step);

		add_factor(&user, "totp", "phone", seed);
		before = user;
		ck_assert_int_eq(judge(&user, code, NOW), rows[i].verdict);
		if (rows[i].verdict == VERDICT_ALLOW) {
			ck_assert_str_eq(used.type, "totp");
			ck_assert_str_eq(used.label, "phone");
			ck_assert_int_eq(used.kind, KIND_HAVE);
			ck_assert_uint_eq(used.id, 1);
			ck_assert_int_eq(user.factors[0].last_used, NOW);
			ck_assert_int_eq(
			    judge(&user, code, NOW), VERDICT_REPLAYED);
		} else {
			ck_assert_mem_eq(&user, &before, sizeof(user));
			ck_assert_int_eq(used.kind, KIND_NONE);
		}
	}
}
END_TEST

START_TEST(a_step_below_a_burnt_one_is_burnt_too)
{
	struct state_user user = { .uid = 1000 };

	add_factor(&user, "totp", "phone", seed);
	ck_assert_int_eq(
	    judge(&user, code_of(seed, NOW / PERIOD), NOW), VERDICT_ALLOW);
	ck_assert_int_eq(judge(&user, code_of(seed, NOW / PERIOD - 1), NOW),
	    VERDICT_REPLAYED);
	ck_assert_int_eq(
	    judge(&user, code_of(seed, NOW / PERIOD + 1), NOW), VERDICT_ALLOW);
}
END_TEST

START_TEST(drift_is_learnt_a_step_at_a_time_and_bounded)
{
	static const struct {
		int device; /* steps it is ahead, at this login */
		enum verdict verdict;
		int drift; /* learnt after it */
	} rows[] = { { 1, VERDICT_ALLOW, 1 }, { 2, VERDICT_ALLOW, 2 },
		{ 3, VERDICT_ALLOW, 2 }, { 4, VERDICT_DENY, 2 },
		{ 0, VERDICT_DENY, 2 }, { 1, VERDICT_ALLOW, 1 },
		{ 0, VERDICT_ALLOW, 0 }, { -1, VERDICT_ALLOW, -1 },
		{ -2, VERDICT_ALLOW, -2 }, { -3, VERDICT_ALLOW, -2 } };
	struct state_user user = { .uid = 1000 };
	struct state_factor *phone = add_factor(&user, "totp", "phone", seed);
	int64_t now = NOW;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *code = code_of(seed, now / PERIOD + rows[i].device);

		ck_assert_int_eq(judge(&user, code, now), rows[i].verdict);
		ck_assert_int_eq(phone->drift, rows[i].drift);
		now += 3600;
	}
	/* A record from looser days is held to today's bound. */
	phone->drift = 50;
	ck_assert_int_eq(
	    judge(&user, code_of(seed, now / PERIOD + 3), now), VERDICT_ALLOW);
	ck_assert_int_eq(phone->drift, 2);
}
END_TEST

START_TEST(a_step_burnt_in_the_future_blocks_only_totp)
{
	struct state_user user = { .uid = 1000 };
	struct state_factor *phone = add_factor(&user, "totp", "phone", seed);

	add_factor(&user, "hotp", "token", other_seed);
	phone->counter = NOW / PERIOD + 100000;
	ck_assert_int_eq(
	    judge(&user, code_of(seed, NOW / PERIOD), NOW), VERDICT_REPLAYED);
	ck_assert_int_eq(
	    judge(&user, code_of(other_seed, 0), NOW), VERDICT_ALLOW);
}
END_TEST

START_TEST(a_clock_at_the_beginning_of_time_lets_no_totp_in)
{
	static const int64_t times[] = { INT64_MIN, -1, 0, 29 };

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		struct state_user user = { .uid = 1000 };

		add_factor(&user, "totp", "phone", seed);
		ck_assert_int_eq(
		    judge(&user, code_of(seed, 0), times[i]), VERDICT_DENY);
	}
}
END_TEST

START_TEST(hotp_looks_ahead_and_never_back)
{
	struct state_user user = { .uid = 1000 };
	struct state_factor *token = add_factor(&user, "hotp", "token", seed);
	static const struct {
		int counter;
		enum verdict verdict;
		uint64_t next;
	} rows[] = { { 0, VERDICT_ALLOW, 1 }, { 0, VERDICT_REPLAYED, 1 },
		{ 5, VERDICT_ALLOW, 6 }, { 3, VERDICT_REPLAYED, 6 },
		{ 16, VERDICT_ALLOW, 17 }, { 28, VERDICT_DENY, 17 },
		{ 2, VERDICT_DENY, 17 }, { 17, VERDICT_ALLOW, 18 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_int_eq(
		    judge(&user, code_of(seed, rows[i].counter), NOW),
		    rows[i].verdict);
		ck_assert_uint_eq(token->counter, rows[i].next);
	}
	token->counter = UINT64_MAX - 3;
	ck_assert_int_eq(judge(&user, "123456", NOW), VERDICT_DENY);
	ck_assert_int_eq(error.code, ERR_LIMIT);
}
END_TEST

START_TEST(a_factor_that_does_not_count_is_not_asked)
{
	struct state_user user = { .uid = 1000 };
	struct state_factor *phone = add_factor(&user, "totp", "phone", seed);
	const char *code = code_of(seed, NOW / PERIOD);

	ck_assert_int_eq(
	    judge_spent(&user, code, phone->id), VERDICT_UNAVAILABLE);
	phone->confirmed = false;
	ck_assert_int_eq(judge(&user, code, NOW), VERDICT_UNAVAILABLE);
	phone->confirmed = true;
	phone->suspended = true;
	ck_assert_int_eq(judge(&user, code, NOW), VERDICT_UNAVAILABLE);
	phone->suspended = false;
	ck_assert_int_eq(judge(&user, code, NOW), VERDICT_ALLOW);
	ck_assert_int_eq(judge(&user, "not a code", NOW), VERDICT_UNAVAILABLE);
}
END_TEST

START_TEST(the_second_device_is_another_factor)
{
	struct state_user user = { .uid = 1000 };
	struct state_factor *phone = add_factor(&user, "totp", "phone", seed);
	char code[OTP_DIGITS_MAX + 1];

	add_factor(&user, "totp", "tablet", other_seed);
	snprintf(code, sizeof(code), "%s", code_of(other_seed, NOW / PERIOD));
	ck_assert_int_eq(judge_spent(&user, code, phone->id), VERDICT_ALLOW);
	ck_assert_str_eq(used.label, "tablet");
	ck_assert_int_eq(
	    judge_spent(&user, code_of(seed, NOW / PERIOD), phone->id),
	    VERDICT_DENY);
}
END_TEST

START_TEST(the_code_of_a_device_that_is_spent_is_burnt_all_the_same)
{
	struct state_user user = { .uid = 1000 };
	struct state_factor *phone = add_factor(&user, "totp", "phone", seed);
	struct factor_request request = { .now = NOW,
		.limits = { .totp_window = 1, .hotp_window = 10 } };
	char right[OTP_DIGITS_MAX + 1];

	add_factor(&user, "totp", "tablet", other_seed);
	request.answer = code_of(other_seed, NOW / PERIOD);
	ck_assert_int_eq(
	    factor_judge_spent(&user, &phone->id, 1, &request, &error),
	    VERDICT_DENY);
	snprintf(right, sizeof(right), "%s", code_of(seed, NOW / PERIOD));
	request.answer = right;
	ck_assert_int_eq(
	    factor_judge_spent(&user, &phone->id, 1, &request, &error),
	    VERDICT_ALLOW);
	ck_assert_int_eq(judge(&user, right, NOW), VERDICT_REPLAYED);
	ck_assert_int_eq(
	    factor_judge_spent(&user, &phone->id, 1, &request, &error),
	    VERDICT_REPLAYED);
	request.answer = "ABCD-EFGH-2345-6723";
	ck_assert_int_eq(
	    factor_judge_spent(&user, &phone->id, 1, &request, &error),
	    VERDICT_UNAVAILABLE);
}
END_TEST

START_TEST(an_unreadable_seed_is_a_no_with_a_reason_and_hides_no_yes)
{
	struct state_user user = { .uid = 1000 };

	add_factor(&user, "totp", "broken", seed);
	ck_assert_int_eq(
	    judge(&user, code_of(seed, NOW / PERIOD), NOW), VERDICT_DENY);
	ck_assert_int_eq(error.code, ERR_TAMPERED);
	add_factor(&user, "hotp", "token", other_seed);
	ck_assert_int_eq(
	    judge(&user, code_of(other_seed, 0), NOW), VERDICT_ALLOW);
	ck_assert_str_eq(used.label, "token");
}
END_TEST

START_TEST(an_answer_right_for_two_is_burnt_in_both)
{
	struct state_user user = { .uid = 1000 };
	const char *code = code_of(seed, NOW / PERIOD);

	add_factor(&user, "totp", "phone", seed);
	add_factor(&user, "totp", "copy", seed);
	ck_assert_int_eq(judge(&user, code, NOW), VERDICT_ALLOW);
	ck_assert_str_eq(used.label, "phone");
	ck_assert_int_eq(judge(&user, code, NOW), VERDICT_REPLAYED);
}
END_TEST

START_TEST(a_broken_record_judges_nothing)
{
	struct state_user user = { .uid = 1000 };
	struct state_factor *phone = add_factor(&user, "totp", "phone", seed);
	const char *code = code_of(seed, NOW / PERIOD);

	phone->period = 0;
	ck_assert_int_eq(judge(&user, code, NOW), VERDICT_DENY);
	phone->period = PERIOD;
	phone->algorithm = 9;
	ck_assert_int_eq(judge(&user, code, NOW), VERDICT_DENY);
	ck_assert_int_eq(error.code, ERR_FORMAT);
	phone->algorithm = OTP_SHA1;
	phone->data_length = 0;
	ck_assert_int_eq(judge(&user, code, NOW), VERDICT_DENY);
	phone->data_length = 20;
	phone->drift = INT32_MIN;
	ck_assert_int_eq(
	    judge(&user, code_of(seed, NOW / PERIOD - 2), NOW), VERDICT_ALLOW);
}
END_TEST

START_TEST(each_recovery_code_is_right_once)
{
	struct state_user user = { .uid = 1000 };
	struct entropy entropy = entropy_system();
	char codes[3][RECOVERY_SIZE];
	char typed[2 * RECOVERY_SIZE];
	struct err e;

	ck_assert_int_eq(
	    recovery_make(&user.recovery, 3, &entropy, NOW, codes, &e), 0);
	ck_assert_uint_eq(recovery_left(&user.recovery), 3);
	ck_assert_int_eq(judge(&user, codes[1], NOW), VERDICT_ALLOW);
	ck_assert_str_eq(used.type, "recovery");
	ck_assert_uint_eq(used.id, 0);
	ck_assert_int_eq(judge(&user, codes[1], NOW), VERDICT_REPLAYED);
	ck_assert_uint_eq(recovery_left(&user.recovery), 2);
	/* As people type: lower case, blanks. */
	for (size_t i = 0; i < RECOVERY_SIZE; i++)
		typed[i] = codes[0][i] == '-' ? ' '
		    : codes[0][i] >= 'A'      ? (char)(codes[0][i] + 32)
		                              : codes[0][i];
	ck_assert_int_eq(judge(&user, typed, NOW), VERDICT_ALLOW);
	ck_assert_int_eq(
	    judge(&user, "AAAA-AAAA-AAAA-AAAA", NOW), VERDICT_DENY);
	ck_assert_int_eq(judge_spent(&user, codes[2], 0), VERDICT_UNAVAILABLE);
	/* A new batch voids the old one. */
	ck_assert_int_eq(
	    recovery_make(&user.recovery, 1, &entropy, NOW, codes, &e), 0);
	ck_assert_int_eq(judge(&user, codes[2], NOW), VERDICT_DENY);
	ck_assert_int_eq(judge(&user, codes[0], NOW), VERDICT_ALLOW);
	ck_assert_uint_eq(recovery_left(&user.recovery), 0);
}
END_TEST

static int
no_entropy(void *context, unsigned char *out, size_t length)
{
	(void)context;
	memset(out, 'x', length);
	return -1;
}

START_TEST(recovery_codes_are_bounded_and_need_entropy)
{
	struct state_recovery recovery = { .made = 0 };
	struct entropy entropy = entropy_system();
	struct entropy none = { .fill = no_entropy };
	char codes[STATE_RECOVERY_MAX + 1][RECOVERY_SIZE];
	struct err e;

	ck_assert_int_eq(
	    recovery_make(&recovery, 0, &entropy, NOW, codes, &e), -1);
	ck_assert_int_eq(recovery_make(&recovery, STATE_RECOVERY_MAX + 1,
	                     &entropy, NOW, codes, &e),
	    -1);
	ck_assert_int_eq(e.code, ERR_LIMIT);
	ck_assert_int_eq(
	    recovery_make(&recovery, 1, &none, NOW, codes, &e), -1);
	ck_assert_int_eq(e.code, ERR_CRYPTO);
	ck_assert_int_eq(recovery.made, 0);
}
END_TEST

START_TEST(who_has_no_recovery_codes_gets_no_yes_from_them)
{
	struct state_user user = { .uid = 1000 };

	ck_assert_int_eq(
	    judge(&user, "AAAA-AAAA-AAAA-AAAA", NOW), VERDICT_UNAVAILABLE);
	user.recovery.made = NOW;
	user.recovery.count = 255;
	ck_assert_int_eq(
	    judge(&user, "AAAA-AAAA-AAAA-AAAA", NOW), VERDICT_UNAVAILABLE);
	user.recovery.count = 3;
	ck_assert_int_eq(
	    judge(&user, "AAAA-AAAA-AAAA-AAAA", NOW), VERDICT_DENY);
	ck_assert_int_eq(error.code, ERR_CRYPTO);
}
END_TEST

/* Lowers *least to the microseconds of processor time that judging takes. */
static void
time_one(struct state_user *user, const char *answer, double *least)
{
	struct timespec begin;
	struct timespec end;
	double took;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	if (user == NULL)
		factor_pretend(answer, NOW);
	else
		(void)judge(user, answer, NOW);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	took = (double)(end.tv_sec - begin.tv_sec) * 1e6 +
	    (double)(end.tv_nsec - begin.tv_nsec) / 1e3;
	if (took < *least)
		*least = took;
}

static bool
are_alike(double a, double b)
{
	return a < 1.5 * b && b < 1.5 * a;
}

START_TEST(nobody_costs_what_somebody_costs)
{
	static const char wrong[] = "AAAA-AAAA-AAAA-AAAA";
	struct state_user user = { .uid = 1000 };
	struct state_user nobody = { .uid = 1000 };
	struct entropy entropy = entropy_system();
	char codes[STATE_RECOVERY_MAX][RECOVERY_SIZE];
	double real = 1e9, none = 1e9, pretended = 1e9;

	ck_assert_int_eq(recovery_make(&user.recovery, STATE_RECOVERY_MAX,
	                     &entropy, NOW, codes, &error),
	    0);
	/* In turn, until a busy machine has let each run undisturbed once. */
	for (int i = 0; i < 5 ||
	     (i < 60 && !(are_alike(real, none) && are_alike(real, pretended)));
	     i++) {
		time_one(&nobody, wrong, &none);
		time_one(NULL, wrong, &pretended);
		time_one(&user, wrong, &real);
	}
	/* One slow hash each, however many codes there are. */
	ck_assert_double_lt(real, 1.5 * none);
	ck_assert_double_lt(none, 1.5 * real);
	ck_assert_double_lt(real, 1.5 * pretended);
	ck_assert_double_lt(pretended, 1.5 * real);
}
END_TEST

START_TEST(kinds_are_those_of_factors_that_count)
{
	struct state_user user = { .uid = 1000 };
	struct state_factor *phone;

	ck_assert_uint_eq(factor_kinds(&user, NULL, 0), KIND_NONE);
	user.recovery.made = NOW;
	ck_assert_uint_eq(factor_kinds(&user, NULL, 0), KIND_NONE);
	phone = add_factor(&user, "totp", "phone", seed);
	ck_assert_uint_eq(factor_kinds(&user, NULL, 0), KIND_HAVE);
	ck_assert_uint_eq(factor_kinds(&user, &phone->id, 1), KIND_NONE);
	add_factor(&user, "of-tomorrow", "x", seed);
	ck_assert_uint_eq(factor_kinds(&user, &phone->id, 1), KIND_NONE);
}
END_TEST

START_TEST(verdicts_differ_in_many_bits_and_deny_is_zero)
{
	static const unsigned verdicts[] = { VERDICT_DENY, VERDICT_UNAVAILABLE,
		VERDICT_REPLAYED };

	ck_assert_int_eq(VERDICT_DENY, 0);
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		ck_assert_int_ge(
		    __builtin_popcount(verdicts[i] ^ VERDICT_ALLOW), 6);
}
END_TEST

START_TEST(factor_names_are_found_and_differ)
{
	for (size_t i = 0; factor_types[i] != NULL; i++) {
		ck_assert_ptr_eq(
		    factor_find(factor_types[i]->name), factor_types[i]);
		ck_assert_uint_lt(strlen(factor_types[i]->name), 16);
	}
	ck_assert_ptr_null(factor_find("password"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("factor");
	TCase *tests = tcase_create("factor");

	tcase_set_timeout(tests, 60); /* slow hashes, beside other work */
	tcase_add_test(tests, a_totp_code_is_right_once_within_its_window);
	tcase_add_test(tests, a_step_below_a_burnt_one_is_burnt_too);
	tcase_add_test(tests, drift_is_learnt_a_step_at_a_time_and_bounded);
	tcase_add_test(tests, a_step_burnt_in_the_future_blocks_only_totp);
	tcase_add_test(tests, a_clock_at_the_beginning_of_time_lets_no_totp_in);
	tcase_add_test(tests, hotp_looks_ahead_and_never_back);
	tcase_add_test(tests, a_factor_that_does_not_count_is_not_asked);
	tcase_add_test(tests, the_second_device_is_another_factor);
	tcase_add_test(
	    tests, the_code_of_a_device_that_is_spent_is_burnt_all_the_same);
	tcase_add_test(
	    tests, an_unreadable_seed_is_a_no_with_a_reason_and_hides_no_yes);
	tcase_add_test(tests, an_answer_right_for_two_is_burnt_in_both);
	tcase_add_test(tests, a_broken_record_judges_nothing);
	tcase_add_test(tests, each_recovery_code_is_right_once);
	tcase_add_test(tests, recovery_codes_are_bounded_and_need_entropy);
	tcase_add_test(tests, who_has_no_recovery_codes_gets_no_yes_from_them);
	tcase_add_test(tests, nobody_costs_what_somebody_costs);
	tcase_add_test(tests, kinds_are_those_of_factors_that_count);
	tcase_add_test(tests, verdicts_differ_in_many_bits_and_deny_is_zero);
	tcase_add_test(tests, factor_names_are_found_and_differ);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
