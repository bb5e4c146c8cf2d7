/*
 * RFC 9180: the vector of appendix A.1.1, and our own suite there and back.
 */
#include <string.h>

#include "pamod/hpke.h"
#include "schema/base/enc.h"
#include "tests/unit.h"

static struct err error;

static void
unhex(const char *text, unsigned char *out)
{
	ck_assert_int_eq(
	    enc_unhex(text, strlen(text), out, strlen(text) / 2, &error), 0);
}

START_TEST(the_vector_of_appendix_a_1_1_comes_out)
{
	static const char info[] = "Ode on a Grecian Urn";
	static const char plain[] = "Beauty is truth, truth beauty";
	static const struct hpke hpke = { HPKE_AES_128_GCM, info, "Count-0" };
	unsigned char ephemeral[HPKE_KEY];
	unsigned char secret_key[HPKE_KEY];
	unsigned char public_key[HPKE_KEY];
	unsigned char expected[128];
	struct buf sealed = buf_new(256);
	struct buf opened = buf_new(256);

	unhex(
	    "52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736",
	    ephemeral);
	unhex(
	    "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8",
	    secret_key);
	unhex(
	    "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d",
	    expected);
	ck_assert_int_eq(hpke_public_key(secret_key, public_key, &error), 0);
	ck_assert_mem_eq(public_key, expected, HPKE_KEY);
	ck_assert_int_eq(hpke_seal(&hpke, public_key, ephemeral, plain,
	                     strlen(plain), &sealed, &error),
	    0);
	unhex("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431"
	      "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a9"
	      "6d8770ac83d07bea87e13c512a",
	    expected);
	ck_assert_uint_eq(sealed.length, 32 + strlen(plain) + HPKE_TAG);
	ck_assert_mem_eq(sealed.data, expected, sealed.length);
	ck_assert_int_eq(hpke_open(&hpke, secret_key, sealed.data,
	                     sealed.length, &opened, &error),
	    0);
	ck_assert_str_eq(buf_string(&opened), plain);
	buf_free(&sealed);
	buf_free(&opened);
}
END_TEST

START_TEST(nothing_altered_and_nothing_meant_for_another_opens)
{
	static const struct hpke hpke = { HPKE_AES_256_GCM, "test", "alice" };
	static const struct hpke others[] = {
		{ HPKE_AES_256_GCM, "test", "bob" },
		{ HPKE_AES_256_GCM, "text", "alice" },
		{ HPKE_AES_128_GCM, "test", "alice" },
	};
	static const unsigned char ephemeral[HPKE_KEY] = { 1, 2, 3 };
	static const unsigned char zeros[HPKE_KEY];
	unsigned char secret_key[HPKE_KEY] = { 9 };
	unsigned char public_key[HPKE_KEY];
	struct buf sealed = buf_new(256);
	struct buf opened = buf_new(256);

	ck_assert_int_eq(hpke_public_key(secret_key, public_key, &error), 0);
	ck_assert_int_eq(hpke_seal(&hpke, public_key, ephemeral, "hello", 5,
	                     &sealed, &error),
	    0);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		ck_assert_int_eq(hpke_open(&others[i], secret_key, sealed.data,
		                     sealed.length, &opened, &error),
		    -1);
	for (size_t i = 0; i < sealed.length; i++) {
		sealed.data[i] ^= 1;
		ck_assert_int_eq(hpke_open(&hpke, secret_key, sealed.data,
		                     sealed.length, &opened, &error),
		    -1);
		ck_assert_uint_eq(opened.length, 0);
		sealed.data[i] ^= 1;
	}
	for (size_t i = 0; i < sealed.length; i++)
		ck_assert_int_eq(hpke_open(&hpke, secret_key, sealed.data, i,
		                     &opened, &error),
		    -1);
	/* A public key of small order gives no secret (RFC 7748, 6.1). */
	ck_assert_int_eq(
	    hpke_seal(&hpke, zeros, ephemeral, "hello", 5, &opened, &error),
	    -1);
	ck_assert_int_eq(hpke_open(&hpke, secret_key, sealed.data,
	                     sealed.length, &opened, &error),
	    0);
	ck_assert_str_eq(buf_string(&opened), "hello");
	secret_key[1] = 1;
	ck_assert_int_eq(hpke_open(&hpke, secret_key, sealed.data,
	                     sealed.length, &opened, &error),
	    -1);
	ck_assert_int_eq(error.code, ERR_TAMPERED);
	buf_free(&sealed);
	buf_free(&opened);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("hpke");
	TCase *tests = tcase_create("hpke");

	tcase_add_test(tests, the_vector_of_appendix_a_1_1_comes_out);
	tcase_add_test(
	    tests, nothing_altered_and_nothing_meant_for_another_opens);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
