/*
 * Enrolment over real records, on two hosts. Runs as root.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pamod/enroll.h"
#include "pamod/otp.h"
#include "schema/base/enc.h"
#include "tests/unit.h"

#define NOW INT64_C(1790000000)

static char directory[2][64];
static struct moment moment = { .wall_ns = NOW * CLOCK_NS_PER_SECOND };
static struct clock the_clock;
static struct entropy entropy;
static struct state *states[2];
static struct state *state; /* the first */
static struct state_user user;
static struct enrolment n;
static struct err e;

static void
set_up(void)
{
	the_clock = clock_fixed(&moment);
	entropy = entropy_system();
	for (int i = 0; i < 2; i++) {
		snprintf(directory[i], sizeof(directory[i]),
		    "/var/tmp/enroll.XXXXXX");
		ck_assert_ptr_nonnull(mkdtemp(directory[i]));
		ck_assert_ok(state_init(directory[i], &entropy, &e));
		ck_assert_ok(state_open(
		    &states[i], directory[i], &the_clock, &entropy, &e));
	}
	state = states[0];
	user = (struct state_user){ .name = "alice", .uid = 1000 };
}

static void
tear_down(void)
{
	char command[160];

	for (int i = 0; i < 2; i++) {
		state_close(&states[i]);
		snprintf(command, sizeof(command), "rm -rf %s", directory[i]);
		ck_assert_int_eq(system(command), 0);
	}
}

/* The code that the enrolment's device shows. */
static const char *
code_of(uint64_t counter)
{
	static char out[OTP_DIGITS_MAX + 1];
	struct otp otp = { n.factor.algorithm, n.factor.digits, n.seed,
		n.seed_length };

	ck_assert_ok(otp_code(&otp, counter, out, &e));
	return out;
}

static void
begin(const char *type, const char *label)
{
	struct state_factor wanted = { .id = 0 };

	snprintf(wanted.type, sizeof(wanted.type), "%s", type);
	snprintf(wanted.label, sizeof(wanted.label), "%s", label);
	ck_assert_ok(enroll_begin(&n, &wanted, &entropy, NOW, &e));
}

/* A TOTP or HOTP factor of the record, proved and stored. */
static uint32_t
add(const char *type, const char *label)
{
	uint32_t id = 0;

	begin(type, label);
	ck_assert_int_eq(
	    enroll_prove(&n,
	        code_of(strcmp(type, "totp") == 0 ? (uint64_t)NOW / 30 : 0),
	        NOW, &e),
	    VERDICT_ALLOW);
	ck_assert_ok(enroll_store(state, &user, &n, &id, &e));
	return id;
}

static enum verdict
judge(
    struct state *where, struct state_user *of, const char *answer, int64_t now)
{
	struct factor_request request = { .state = where,
		.answer = answer,
		.now = now,
		.limits = {
		    .totp_window = 1, .totp_drift = 4, .hotp_window = 10 } };
	struct factor_used used;

	return factor_judge(of, NULL, 0, &request, &used, &e);
}

START_TEST(a_factor_counts_only_after_its_first_code)
{
	uint32_t id;

	begin("totp", "phone");
	ck_assert_fails(enroll_store(state, &user, &n, &id, &e), ERR_USAGE);
	ck_assert_int_eq(enroll_prove(&n, "000000x", NOW, &e), VERDICT_DENY);
	ck_assert_int_eq(enroll_prove(&n, "", NOW, &e), VERDICT_DENY);
	ck_assert_int_eq(
	    enroll_prove(&n, code_of(NOW / 30 + 3), NOW, &e), VERDICT_DENY);
	ck_assert_int_eq(
	    enroll_prove(&n, code_of(NOW / 30), 5, &e), VERDICT_DENY);
	ck_assert_fails(enroll_store(state, &user, &n, &id, &e), ERR_USAGE);
	ck_assert_int_eq(
	    enroll_prove(&n, code_of(NOW / 30 - 2), NOW, &e), VERDICT_ALLOW);
	ck_assert_ok(enroll_store(state, &user, &n, &id, &e));
	ck_assert_uint_eq(id, 1);
	ck_assert_int_eq(user.factors[0].drift, -1);
	/* The first code is burnt; it was typed late by a clock that is right. */
	ck_assert_int_eq(
	    judge(state, &user, code_of(NOW / 30 - 2), NOW), VERDICT_REPLAYED);
	ck_assert_int_eq(
	    judge(state, &user, code_of(NOW / 30), NOW), VERDICT_ALLOW);
}
END_TEST

START_TEST(what_no_code_can_be_is_refused)
{
	static const struct state_factor bad[] = {
		{ .type = "recovery" },
		{ .type = "" },
		{ .type = "totp", .digits = 5 },
		{ .type = "totp", .digits = 9 },
		{ .type = "totp", .period = 45 },
		{ .type = "totp", .algorithm = 4 },
		{ .type = "totp", .label = "a\tb" },
		{ .type = "totp", .label = "a:b" },
		{ .type = "totp", .label = "\xff" },
	};
	static const unsigned char seed[STATE_SECRET_MAX + 1];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_fails(
		    enroll_begin(&n, &bad[i], &entropy, NOW, &e), ERR_USAGE);
	ck_assert_fails(
	    enroll_begin_seed(&n, &(struct state_factor){ .type = "hotp" },
	        seed, ENROLL_SEED_MIN - 1, NOW, &e),
	    ERR_USAGE);
	ck_assert_fails(
	    enroll_begin_seed(&n, &(struct state_factor){ .type = "hotp" },
	        seed, sizeof(seed), NOW, &e),
	    ERR_USAGE);
}
END_TEST

START_TEST(the_uri_and_the_text_say_what_an_app_needs)
{
	struct state_factor wanted = { .type = "totp",
		.algorithm = OTP_SHA256,
		.digits = 8,
		.period = 60 };
	struct buf out = buf_new(512);

	ck_assert_ok(enroll_begin_seed(&n, &wanted,
	    (const unsigned char *)"12345678901234567890", 20, NOW, &e));
	ck_assert_ok(enroll_uri(&n, "DOM\\al ice", "web:1", &out, &e));
	ck_assert_str_eq(buf_string(&out),
	    "otpauth://totp/web%3A1:DOM%5Cal%20ice?secret="
	    "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=web%3A1"
	    "&algorithm=SHA256&digits=8&period=60");
	buf_clear(&out);
	ck_assert_ok(enroll_secret_text(&n, &out, &e));
	ck_assert_str_eq(
	    buf_string(&out), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
	buf_free(&out);
}
END_TEST

START_TEST(the_same_seed_is_never_enrolled_twice)
{
	struct state_factor wanted = { .type = "hotp", .label = "copy" };
	unsigned char seed[STATE_SECRET_MAX];
	size_t length;
	uint32_t id;

	add("totp", "phone");
	length = n.seed_length;
	memcpy(seed, n.seed, length);
	ck_assert_ok(enroll_begin_seed(&n, &wanted, seed, length, NOW, &e));
	ck_assert_int_eq(enroll_prove(&n, code_of(7), NOW, &e), VERDICT_ALLOW);
	ck_assert_fails(enroll_store(state, &user, &n, &id, &e), ERR_LIMIT);
	ck_assert_ptr_nonnull(strstr(e.text, "totp \"phone\""));
	/* Nor a key, nor a label. */
	ck_assert_ok(enroll_begin_sshkey(&n, "laptop",
	    "SHA256:Ese0GUetOMqQPpnLLzlJIMNRXEZ5bEzg+kmLWe7i/QM", NOW, &e));
	ck_assert_ok(enroll_store(state, &user, &n, &id, &e));
	snprintf(n.factor.label, sizeof(n.factor.label), "other");
	ck_assert_fails(enroll_store(state, &user, &n, &id, &e), ERR_LIMIT);
	begin("totp", "phone");
	ck_assert_int_eq(
	    enroll_prove(&n, code_of(NOW / 30), NOW, &e), VERDICT_ALLOW);
	ck_assert_fails(enroll_store(state, &user, &n, &id, &e), ERR_LIMIT);
}
END_TEST

START_TEST(more_than_the_record_holds_is_refused)
{
	char label[24];
	uint32_t id;

	for (int i = 0; i < STATE_FACTORS_MAX; i++) {
		snprintf(label, sizeof(label), "token%d", i);
		ck_assert_uint_eq(add("hotp", label), (unsigned)i + 1);
	}
	begin("hotp", "more");
	ck_assert_int_eq(enroll_prove(&n, code_of(0), NOW, &e), VERDICT_ALLOW);
	ck_assert_fails(enroll_store(state, &user, &n, &id, &e), ERR_LIMIT);
	/* A place made free gets a new number. */
	secret_wipe(&user.factors[3], sizeof(user.factors[3]));
	ck_assert_ok(enroll_store(state, &user, &n, &id, &e));
	ck_assert_uint_eq(id, STATE_FACTORS_MAX + 1);
	ck_assert_ptr_null(enroll_find(&user, "hotp", "", &e));
	ck_assert_int_eq(e.code, ERR_USAGE);
	ck_assert_ptr_null(enroll_find(&user, "hotp", "token3", &e));
	ck_assert_int_eq(e.code, ERR_MISSING);
	ck_assert_ptr_eq(
	    enroll_find(&user, "hotp", "more", &e), &user.factors[3]);
}
END_TEST

START_TEST(an_unreadable_seed_stops_enrolment)
{
	uint32_t id;

	add("totp", "phone");
	user.factors[0].data[20] ^= 1;
	begin("totp", "tablet");
	ck_assert_int_eq(
	    enroll_prove(&n, code_of(NOW / 30), NOW, &e), VERDICT_ALLOW);
	ck_assert_fails(enroll_store(state, &user, &n, &id, &e), ERR_TAMPERED);
	ck_assert_uint_eq(user.factors[1].id, 0);
}
END_TEST

START_TEST(two_codes_in_a_row_bring_a_token_back)
{
	struct state_factor *token;
	char first[OTP_DIGITS_MAX + 1];
	char second[OTP_DIGITS_MAX + 1];

	add("hotp", "token");
	token = enroll_find(&user, "hotp", "", &e);
	token->suspended = true;
	snprintf(first, sizeof(first), "%s", code_of(500));
	snprintf(second, sizeof(second), "%s", code_of(501));
	ck_assert_int_eq(judge(state, &user, first, NOW), VERDICT_UNAVAILABLE);
	ck_assert_int_eq(enroll_resync(state, &user, token, second, first, &e),
	    VERDICT_DENY);
	ck_assert_int_eq(
	    enroll_resync(state, &user, token, first, first, &e), VERDICT_DENY);
	ck_assert_int_eq(enroll_resync(state, &user, token, first, second, &e),
	    VERDICT_ALLOW);
	ck_assert_uint_eq(token->counter, 502);
	ck_assert_int_eq(judge(state, &user, second, NOW), VERDICT_REPLAYED);
	ck_assert_int_eq(judge(state, &user, code_of(502), NOW), VERDICT_ALLOW);
	snprintf(first, sizeof(first), "%s", code_of(1600));
	snprintf(second, sizeof(second), "%s", code_of(1601));
	ck_assert_int_eq(enroll_resync(state, &user, token, first, second, &e),
	    VERDICT_DENY);
}
END_TEST

START_TEST(a_ticket_is_good_once_and_for_its_time)
{
	char old[RECOVERY_SIZE];
	char ticket[RECOVERY_SIZE];

	ck_assert_int_eq(
	    enroll_ticket_use(&user, "AAAA-AAAA-AAAA-AAAA", NOW, &e),
	    VERDICT_UNAVAILABLE);
	ck_assert_ok(enroll_ticket_make(&user, NOW + 100, &entropy, old, &e));
	ck_assert_ok(
	    enroll_ticket_make(&user, NOW + 100, &entropy, ticket, &e));
	ck_assert_int_eq(enroll_ticket_use(&user, old, NOW, &e), VERDICT_DENY);
	ck_assert_int_eq(
	    enroll_ticket_use(&user, ticket, NOW + 100, &e), VERDICT_DENY);
	ck_assert_int_eq(enroll_ticket_use(&user, "", NOW, &e), VERDICT_DENY);
	ck_assert_int_eq(
	    enroll_ticket_use(&user, ticket, NOW + 99, &e), VERDICT_ALLOW);
	ck_assert_int_eq(
	    enroll_ticket_use(&user, ticket, NOW, &e), VERDICT_UNAVAILABLE);
}
END_TEST

START_TEST(an_export_opens_on_its_host_for_its_user_alone)
{
	unsigned char key[ENROLL_KEY_LENGTH];
	unsigned char again[ENROLL_KEY_LENGTH];
	struct state_user there = { .name = "alice", .uid = 2000 };
	struct state_user other = { .name = "bob", .uid = 2001 };
	struct buf out = buf_new(ENROLL_EXPORT_MAX);
	unsigned count;
	uint32_t id;
	unsigned char seed[STATE_SECRET_MAX];

	add("hotp", "token");
	ck_assert_ok(enroll_begin_sshkey(&n, "laptop",
	    "SHA256:Ese0GUetOMqQPpnLLzlJIMNRXEZ5bEzg+kmLWe7i/QM", NOW, &e));
	ck_assert_ok(enroll_store(state, &user, &n, &id, &e));
	add("totp", "phone");
	memcpy(seed, n.seed, n.seed_length);
	ck_assert_fails(
	    enroll_import(states[1], &there, "x", 1, NOW, &count, &e),
	    ERR_FORMAT);
	ck_assert_ok(enroll_host_key(states[1], &entropy, key, &e));
	ck_assert_ok(enroll_host_key(states[1], &entropy, again, &e));
	ck_assert_mem_eq(key, again, sizeof(key));
	ck_assert_ok(
	    enroll_export(state, &user, key, &entropy, &out, &count, &e));
	ck_assert_uint_eq(count, 2);
	ck_assert_ptr_null(memmem(out.data, out.length, seed, 8));
	/* Not here, not for another, not altered. */
	ck_assert_fails(enroll_import(state, &there, buf_string(&out),
	                    out.length, NOW, &count, &e),
	    ERR_MISSING);
	ck_assert_ok(enroll_host_key(state, &entropy, again, &e));
	ck_assert_fails(enroll_import(state, &there, buf_string(&out),
	                    out.length, NOW, &count, &e),
	    ERR_TAMPERED);
	ck_assert_fails(enroll_import(states[1], &other, buf_string(&out),
	                    out.length, NOW, &count, &e),
	    ERR_TAMPERED);
	out.data[60] ^= 2;
	ck_assert_int_eq(enroll_import(states[1], &there, buf_string(&out),
	                     out.length, NOW, &count, &e),
	    -1);
	ck_assert_uint_eq(count, 0);
	out.data[60] ^= 2;
	/* There, and once. */
	ck_assert_ok(enroll_import(
	    states[1], &there, buf_string(&out), out.length, NOW, &count, &e));
	ck_assert_uint_eq(count, 2);
	ck_assert_ok(enroll_import(
	    states[1], &there, buf_string(&out), out.length, NOW, &count, &e));
	ck_assert_uint_eq(count, 0);
	ck_assert_uint_eq(factor_kinds(&there, NULL, 0), KIND_HAVE);
	/* What was burnt before is burnt there; then once a host. */
	ck_assert_int_eq(
	    judge(states[1], &there, code_of(NOW / 30), NOW), VERDICT_REPLAYED);
	ck_assert_int_eq(judge(states[1], &there, code_of(NOW / 30 + 1), NOW),
	    VERDICT_ALLOW);
	ck_assert_int_eq(
	    judge(state, &user, code_of(NOW / 30 + 1), NOW), VERDICT_ALLOW);
	buf_free(&out);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("enroll");
	TCase *tests = tcase_create("enroll");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, a_factor_counts_only_after_its_first_code);
	tcase_add_test(tests, what_no_code_can_be_is_refused);
	tcase_add_test(tests, the_uri_and_the_text_say_what_an_app_needs);
	tcase_add_test(tests, the_same_seed_is_never_enrolled_twice);
	tcase_add_test(tests, more_than_the_record_holds_is_refused);
	tcase_add_test(tests, an_unreadable_seed_stops_enrolment);
	tcase_add_test(tests, two_codes_in_a_row_bring_a_token_back);
	tcase_add_test(tests, a_ticket_is_good_once_and_for_its_time);
	tcase_add_test(tests, an_export_opens_on_its_host_for_its_user_alone);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
