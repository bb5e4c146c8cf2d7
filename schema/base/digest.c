#define OPENSSL_SUPPRESS_DEPRECATED /* digest.h says why */

#include "schema/base/digest.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

#ifdef REEVE_FIPS
#include <openssl/evp.h>
#include <openssl/hmac.h>
#else
#include <openssl/sha.h>
#endif

#include "schema/base/secret.h"

#ifdef REEVE_FIPS

static const struct {
	const EVP_MD *(*type)(void);
	size_t length; /* bytes */
} algorithms[] = {
	[DIGEST_SHA1] = { EVP_sha1, 20 },
	[DIGEST_SHA256] = { EVP_sha256, 32 },
	[DIGEST_SHA512] = { EVP_sha512, 64 },
};

static bool
make(enum digest digest, const void *bytes, size_t length, unsigned char *out)
{
	return EVP_Digest(bytes, length, out, NULL, algorithms[digest].type(),
	           NULL) == 1;
}

static bool
make_hmac(enum digest digest, const void *key, size_t key_length,
    const void *bytes, size_t length, unsigned char *out)
{
	return key_length <= INT_MAX &&
	    HMAC(algorithms[digest].type(), key, (int)key_length, bytes, length,
	        out, NULL) != NULL;
}

#else

#define BLOCK_MAX SHA512_CBLOCK

/* The hash of two pieces behind each other. */
static bool
sha1(const void *a, size_t a_length, const void *b, size_t b_length,
    unsigned char *out)
{
	SHA_CTX c;
	bool good = SHA1_Init(&c) == 1 && SHA1_Update(&c, a, a_length) == 1 &&
	    SHA1_Update(&c, b, b_length) == 1 && SHA1_Final(out, &c) == 1;

	secret_wipe(&c, sizeof(c));
	return good;
}

static bool
sha256(const void *a, size_t a_length, const void *b, size_t b_length,
    unsigned char *out)
{
	SHA256_CTX c;
	bool good = SHA256_Init(&c) == 1 &&
	    SHA256_Update(&c, a, a_length) == 1 &&
	    SHA256_Update(&c, b, b_length) == 1 && SHA256_Final(out, &c) == 1;

	secret_wipe(&c, sizeof(c));
	return good;
}

static bool
sha512(const void *a, size_t a_length, const void *b, size_t b_length,
    unsigned char *out)
{
	SHA512_CTX c;
	bool good = SHA512_Init(&c) == 1 &&
	    SHA512_Update(&c, a, a_length) == 1 &&
	    SHA512_Update(&c, b, b_length) == 1 && SHA512_Final(out, &c) == 1;

	secret_wipe(&c, sizeof(c));
	return good;
}

static const struct {
	bool (*hash)(
	    const void *, size_t, const void *, size_t, unsigned char *out);
	size_t length; /* bytes */
	size_t block;
} algorithms[] = {
	[DIGEST_SHA1] = { sha1, SHA_DIGEST_LENGTH, SHA_CBLOCK },
	[DIGEST_SHA256] = { sha256, SHA256_DIGEST_LENGTH, SHA256_CBLOCK },
	[DIGEST_SHA512] = { sha512, SHA512_DIGEST_LENGTH, SHA512_CBLOCK },
};

static bool
make(enum digest digest, const void *bytes, size_t length, unsigned char *out)
{
	return algorithms[digest].hash(bytes, length, "", 0, out);
}

/* RFC 2104 section 2: H(K ^ opad, H(K ^ ipad, text)). */
static bool
make_hmac(enum digest digest, const void *key, size_t key_length,
    const void *bytes, size_t length, unsigned char *out)
{
	size_t block = algorithms[digest].block;
	unsigned char inner[BLOCK_MAX] = { 0 }, outer[BLOCK_MAX];
	unsigned char hash[DIGEST_LENGTH_MAX];
	bool good = true;

	if (key_length > block)
		good = make(digest, key, key_length, inner);
	else if (key_length > 0)
		memcpy(inner, key, key_length);
	for (size_t i = 0; i < block; i++) {
		outer[i] = inner[i] ^ 0x5c;
		inner[i] ^= 0x36;
	}
	good = good &&
	    algorithms[digest].hash(inner, block, bytes, length, hash) &&
	    algorithms[digest].hash(
	        outer, block, hash, algorithms[digest].length, out);
	secret_wipe(inner, sizeof(inner));
	secret_wipe(outer, sizeof(outer));
	secret_wipe(hash, sizeof(hash));
	return good;
}

#endif

size_t
digest_length(enum digest digest)
{
	return algorithms[digest].length;
}

int
digest_make(enum digest digest, const void *bytes, size_t length,
    unsigned char *out, struct err *e)
{
	return make(digest, bytes, length, out)
	    ? 0
	    : err_set(e, ERR_CRYPTO, "a digest failed");
}

int
digest_sha256(
    const void *bytes, size_t length, unsigned char *out, struct err *e)
{
	return digest_make(DIGEST_SHA256, bytes, length, out, e);
}

int
digest_hmac(enum digest digest, const void *key, size_t key_length,
    const void *bytes, size_t length, unsigned char *out, struct err *e)
{
	return make_hmac(digest, key, key_length, bytes, length, out)
	    ? 0
	    : err_set(e, ERR_CRYPTO, "HMAC failed");
}
