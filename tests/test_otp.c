/*
 * The vectors of RFC 4226 appendix D and RFC 6238 appendix B, and what an
 * answer may look like.
 */
#include <string.h>

#include "pamod/otp.h"
#include "tests/unit.h"

/* The RFCs' seed: the digits 1 to 0 over and over. */
static const unsigned char seed[] = "1234567890123456789012345678901234567890"
                                    "123456789012345678901234";

START_TEST(hotp_gives_the_codes_of_rfc_4226)
{
	static const char *const codes[] = { "755224", "287082", "359152",
		"969429", "338314", "254676", "287922", "162583", "399871",
		"520489" };
	struct otp otp = { OTP_SHA1, 6, seed, 20 };
	char out[OTP_DIGITS_MAX + 1];
	struct err e;

	for (uint64_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		ck_assert_int_eq(otp_code(&otp, i, out, &e), 0);
		ck_assert_str_eq(out, codes[i]);
	}
}
END_TEST

START_TEST(totp_gives_the_codes_of_rfc_6238)
{
	static const struct {
		uint64_t time;
		const char *code[4]; /* by algorithm */
	} rows[] = {
		{ 59, { "", "94287082", "46119246", "90693936" } },
		{ 1111111109, { "", "07081804", "68084774", "25091201" } },
		{ 1111111111, { "", "14050471", "67062674", "99943326" } },
		{ 1234567890, { "", "89005924", "91819424", "93441116" } },
		{ 2000000000, { "", "69279037", "90698825", "38618901" } },
		{ 20000000000, { "", "65353130", "77737706", "47863826" } },
	};
	char out[OTP_DIGITS_MAX + 1];
	struct err e;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (unsigned a = OTP_SHA1; a <= OTP_SHA512; a++) {
			struct otp otp = { a, 8, seed, otp_seed_length(a) };

			ck_assert_int_eq(
			    otp_code(&otp, rows[i].time / 30, out, &e), 0);
			ck_assert_str_eq(out, rows[i].code[a]);
		}
	}
}
END_TEST

START_TEST(shorter_codes_are_the_tail_of_longer_ones)
{
	char out[OTP_DIGITS_MAX + 1];
	struct err e;

	for (unsigned digits = OTP_DIGITS_MIN; digits <= OTP_DIGITS_MAX;
	     digits++) {
		struct otp otp = { OTP_SHA1, digits, seed, 20 };

		ck_assert_int_eq(otp_code(&otp, 1, out, &e), 0);
		ck_assert_str_eq(out, "94287082" + 8 - digits);
	}
}
END_TEST

START_TEST(what_is_no_seed_gives_no_code)
{
	static const struct otp bad[] = {
		{ 0, 6, seed, 20 },
		{ 4, 6, seed, 20 },
		{ OTP_SHA1, 5, seed, 20 },
		{ OTP_SHA1, 9, seed, 20 },
		{ OTP_SHA1, 6, seed, 0 },
	};
	char out[OTP_DIGITS_MAX + 1];
	struct err e;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_int_eq(otp_code(&bad[i], 1, out, &e), -1);
		ck_assert_int_eq(e.code, ERR_FORMAT);
		ck_assert_str_eq(out, "");
	}
}
END_TEST

START_TEST(an_answer_is_six_to_eight_digits_with_blanks)
{
	static const struct {
		const char *answer;
		const char *digits; /* NULL: not a code */
	} rows[] = {
		{ "123456", "123456" },
		{ "123 456", "123456" },
		{ " 12345678 ", "12345678" },
		{ "1234567", "1234567" },
		{ "", NULL },
		{ "12345", NULL },
		{ "123456789", NULL },
		{ "12345a", NULL },
		{ "-123456", NULL },
		{ "123456\n", NULL },
		{ "\xef\xbc\x91"
		  "23456",
		    NULL },
	};
	char out[OTP_DIGITS_MAX + 1];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert(otp_looks_like(rows[i].answer, out) ==
		    (rows[i].digits != NULL));
		if (rows[i].digits != NULL)
			ck_assert_str_eq(out, rows[i].digits);
	}
}
END_TEST

START_TEST(a_code_is_found_among_counters_and_only_there)
{
	struct otp otp = { OTP_SHA1, 6, seed, 20 };
	struct otp_match match;
	struct err e;

	ck_assert_int_eq(otp_find(&otp, "254676", 0, 9, &match, &e), 0);
	ck_assert(match.found);
	ck_assert_uint_eq(match.newest, 5);
	ck_assert_int_eq(otp_find(&otp, "254676", 6, 9, &match, &e), 0);
	ck_assert(!match.found);
	/* The tail of the eight-digit code is not the code. */
	otp.digits = 8;
	ck_assert_int_eq(otp_find(&otp, "254676", 0, 9, &match, &e), 0);
	ck_assert(!match.found);
	ck_assert_int_eq(
	    otp_find(&otp, "254676", 0, OTP_SPAN_MAX, &match, &e), -1);
	ck_assert_int_eq(e.code, ERR_LIMIT);
	ck_assert_int_eq(
	    otp_find(&otp, "25467600", UINT64_MAX - 1, UINT64_MAX, &match, &e),
	    0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("otp");
	TCase *tests = tcase_create("otp");

	tcase_add_test(tests, hotp_gives_the_codes_of_rfc_4226);
	tcase_add_test(tests, totp_gives_the_codes_of_rfc_6238);
	tcase_add_test(tests, shorter_codes_are_the_tail_of_longer_ones);
	tcase_add_test(tests, what_is_no_seed_gives_no_code);
	tcase_add_test(tests, an_answer_is_six_to_eight_digits_with_blanks);
	tcase_add_test(tests, a_code_is_found_among_counters_and_only_there);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
