/*
 * Digests, HMAC and sealing: the standards' own vectors, and the same answers
 * as libcrypto's EVP layer, which a build with FIPS=1 uses, for every length.
 */
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "pamod/seal.h"
#include "schema/base/digest.h"
#include "schema/base/enc.h"
#include "schema/base/secret.h"
#include "tests/unit.h"

#define LENGTHS 300u /* past two blocks of the longest digest */

static struct err e;

static const EVP_MD *
evp_of(enum digest digest)
{
	return digest == DIGEST_SHA1  ? EVP_sha1()
	    : digest == DIGEST_SHA256 ? EVP_sha256()
	                              : EVP_sha512();
}

static void
ck_assert_hex(const unsigned char *bytes, size_t length, const char *hex)
{
	struct buf b = buf_new(1024);

	enc_hex(&b, bytes, length);
	ck_assert_str_eq(buf_string(&b), hex);
	buf_free(&b);
}

/* FIPS 180-4's "abc". */
static const struct {
	enum digest digest;
	const char *hex;
} digests[] = {
	{ DIGEST_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d" },
	{ DIGEST_SHA256,
	    "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad" },
	{ DIGEST_SHA512,
	    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea2"
	    "0a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
	    "454d4423643ce80e2a9ac94fa54ca49f" },
};

START_TEST(digests_are_those_of_fips_180)
{
	unsigned char out[DIGEST_LENGTH_MAX];

	ck_assert_ok(digest_make(digests[_i].digest, "abc", 3, out, &e));
	ck_assert_hex(out, digest_length(digests[_i].digest), digests[_i].hex);
}
END_TEST

/* RFC 2202 and 4231, cases 2 and 6: a short key, and one past a block. */
static const struct {
	enum digest digest;
	size_t key_length; /* of 0xaa; 0: the key is "Jefe" */
	const char *hex;
} hmacs[] = {
	{ DIGEST_SHA1, 0, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
	{ DIGEST_SHA1, 80, "aa4ae5e15272d00e95705637ce8a3b55ed402112" },
	{ DIGEST_SHA256, 0,
	    "5bdcc146bf60754e6a042426089575c7"
	    "5a003f089d2739839dec58b964ec3843" },
	{ DIGEST_SHA256, 131,
	    "60e431591ee0b67f0d8a26aacbf5b77f"
	    "8e0bc6213728c5140546040f0ee37f54" },
	{ DIGEST_SHA512, 0,
	    "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd6"
	    "10270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fd"
	    "caeab1a34d4a6b4b636e070a38bce737" },
	{ DIGEST_SHA512, 131,
	    "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1"
	    "121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e52"
	    "95e64f73f63f0aec8b915a985d786598" },
};

START_TEST(hmacs_are_those_of_rfc_2202_and_4231)
{
	static const char first[] = "what do ya want for nothing?";
	static const char sixth[] =
	    "Test Using Larger Than Block-Size Key - Hash Key First";
	const char *text = hmacs[_i].key_length == 0 ? first : sixth;
	unsigned char key[131] = "Jefe";
	unsigned char out[DIGEST_LENGTH_MAX];
	size_t length = 4;

	if (hmacs[_i].key_length > 0) {
		length = hmacs[_i].key_length;
		memset(key, 0xaa, length);
	}
	ck_assert_ok(digest_hmac(
	    hmacs[_i].digest, key, length, text, strlen(text), out, &e));
	ck_assert_hex(out, digest_length(hmacs[_i].digest), hmacs[_i].hex);
}
END_TEST

START_TEST(digests_and_hmacs_agree_with_evp_for_every_length)
{
	enum digest digest = (enum digest)_i;
	struct entropy entropy = entropy_system();
	unsigned char bytes[LENGTHS], out[DIGEST_LENGTH_MAX];
	unsigned char theirs[EVP_MAX_MD_SIZE];
	unsigned length;

	ck_assert_ok(entropy_fill(&entropy, bytes, sizeof(bytes), &e));
	for (size_t i = 0; i < LENGTHS; i++) {
		ck_assert_ok(digest_make(digest, bytes, i, out, &e));
		ck_assert_int_eq(
		    EVP_Digest(bytes, i, theirs, &length, evp_of(digest), NULL),
		    1);
		ck_assert_uint_eq(length, digest_length(digest));
		ck_assert_mem_eq(out, theirs, length);
		/* The same bytes as key, and their rest as text. */
		ck_assert_ok(digest_hmac(
		    digest, bytes, i, bytes + i, LENGTHS - i, out, &e));
		ck_assert_ptr_nonnull(HMAC(evp_of(digest), bytes, (int)i,
		    bytes + i, LENGTHS - i, theirs, &length));
		ck_assert_mem_eq(out, theirs, length);
	}
}
END_TEST

/* What EVP makes of it: ciphertext and tag. */
static void
evp_seal(const unsigned char *key, const unsigned char *nonce,
    const struct buf *bound, const unsigned char *text, size_t length,
    unsigned char *out)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int done;

	ck_assert_int_eq(
	    EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, nonce), 1);
	if (bound->length > 0)
		ck_assert_int_eq(EVP_EncryptUpdate(c, NULL, &done, bound->data,
		                     (int)bound->length),
		    1);
	ck_assert_int_eq(
	    EVP_EncryptUpdate(c, out, &done, text, (int)length), 1);
	ck_assert_int_eq(EVP_EncryptFinal_ex(c, out + length, &done), 1);
	ck_assert_int_eq(EVP_CIPHER_CTX_ctrl(
	                     c, EVP_CTRL_AEAD_GET_TAG, SEAL_TAG, out + length),
	    1);
	EVP_CIPHER_CTX_free(c);
}

START_TEST(a_seal_is_the_one_that_evp_makes_for_every_length)
{
	struct entropy entropy = entropy_system();
	unsigned char key[SEAL_KEY], text[100], open[100];
	unsigned char ours[SEAL_NONCE + 100 + SEAL_TAG], theirs[100 + SEAL_TAG];
	struct buf bound = buf_new(200);

	for (size_t i = 1; i <= sizeof(text); i++) {
		ck_assert_ok(entropy_fill(&entropy, key, sizeof(key), &e));
		ck_assert_ok(entropy_fill(&entropy, text, sizeof(text), &e));
		ck_assert_ok(entropy_fill(&entropy, ours, SEAL_NONCE, &e));
		buf_put_byte(&bound, (unsigned char)i);
		ck_assert_ok(seal_close(key, &bound, text, i, ours, &e));
		evp_seal(key, ours, &bound, text, i, theirs);
		ck_assert_mem_eq(ours + SEAL_NONCE, theirs, i + SEAL_TAG);
		ck_assert_ok(seal_open(key, &bound, ours, i, open, &e));
		ck_assert_mem_eq(open, text, i);
	}
	buf_free(&bound);
}
END_TEST

START_TEST(what_was_changed_does_not_open_and_leaves_nothing)
{
	static const unsigned char zeros[20];
	unsigned char key[SEAL_KEY] = "k", text[20] = "seed", open[20];
	unsigned char sealed[SEAL_NONCE + sizeof(text) + SEAL_TAG] = "nonce";
	struct buf bound = buf_new(16);

	buf_put_string(&bound, "ann");
	ck_assert_ok(seal_close(key, &bound, text, sizeof(text), sealed, &e));
	for (size_t bit = 0; bit < 8 * sizeof(sealed); bit++) {
		sealed[bit / 8] ^= (unsigned char)(1u << bit % 8);
		memset(open, 'x', sizeof(open));
		ck_assert_int_eq(
		    seal_open(key, &bound, sealed, sizeof(text), open, &e), -1);
		ck_assert_int_eq(e.code, ERR_TAMPERED);
		ck_assert_mem_eq(open, zeros, sizeof(open));
		sealed[bit / 8] ^= (unsigned char)(1u << bit % 8);
	}
	buf_put_byte(&bound, 0);
	ck_assert_int_eq(
	    seal_open(key, &bound, sealed, sizeof(text), open, &e), -1);
	buf_free(&bound);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("digest");
	TCase *tests = tcase_create("digest");

	tcase_add_loop_test(tests, digests_are_those_of_fips_180, 0,
	    sizeof(digests) / sizeof(*digests));
	tcase_add_loop_test(tests, hmacs_are_those_of_rfc_2202_and_4231, 0,
	    sizeof(hmacs) / sizeof(*hmacs));
	tcase_add_loop_test(tests,
	    digests_and_hmacs_agree_with_evp_for_every_length, DIGEST_SHA1,
	    DIGEST_SHA512 + 1);
	tcase_add_test(
	    tests, a_seal_is_the_one_that_evp_makes_for_every_length);
	tcase_add_test(
	    tests, what_was_changed_does_not_open_and_leaves_nothing);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
