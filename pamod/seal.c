#define OPENSSL_SUPPRESS_DEPRECATED /* schema/base/digest.h says why */

#include "pamod/seal.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

#ifdef REEVE_FIPS
#include <openssl/evp.h>
#else
#include <openssl/aes.h>
#include <openssl/modes.h>
#endif

#include "schema/base/secret.h"

#ifdef REEVE_FIPS

static bool
begin(EVP_CIPHER_CTX *c, const unsigned char *key, const struct buf *bound,
    const unsigned char *nonce, bool closing)
{
	int done;

	return c != NULL && bound->length <= INT_MAX &&
	    EVP_CipherInit_ex(
	        c, EVP_aes_256_gcm(), NULL, key, nonce, closing) == 1 &&
	    EVP_CipherUpdate(c, NULL, &done, bound->data, (int)bound->length) ==
	    1;
}

static bool
encrypt(const unsigned char *key, const struct buf *bound,
    const unsigned char *secret, size_t length, unsigned char *sealed)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	unsigned char *to = sealed + SEAL_NONCE;
	unsigned char last[SEAL_TAG];
	int done;
	bool good = length <= INT_MAX && begin(c, key, bound, sealed, true) &&
	    EVP_CipherUpdate(c, to, &done, secret, (int)length) == 1 &&
	    (size_t)done == length && EVP_CipherFinal_ex(c, last, &done) == 1 &&
	    EVP_CIPHER_CTX_ctrl(
	        c, EVP_CTRL_AEAD_GET_TAG, SEAL_TAG, to + length) == 1;

	EVP_CIPHER_CTX_free(c);
	return good;
}

static bool
decrypt(const unsigned char *key, const struct buf *bound,
    const unsigned char *sealed, size_t length, unsigned char *secret)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	const unsigned char *from = sealed + SEAL_NONCE;
	unsigned char tag[SEAL_TAG], last[SEAL_TAG];
	int done;
	bool good;

	memcpy(tag, from + length, SEAL_TAG);
	good = length <= INT_MAX && begin(c, key, bound, sealed, false) &&
	    EVP_CipherUpdate(c, secret, &done, from, (int)length) == 1 &&
	    (size_t)done == length &&
	    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, SEAL_TAG, tag) == 1 &&
	    EVP_CipherFinal_ex(c, last, &done) == 1;
	EVP_CIPHER_CTX_free(c);
	return good;
}

#else

static void
cipher_block(const unsigned char in[16], unsigned char out[16], const void *key)
{
	AES_encrypt(in, out, key);
}

/* NULL on failure; *aes must live as long. */
static GCM128_CONTEXT *
begin(AES_KEY *aes, const unsigned char *key, const struct buf *bound,
    const unsigned char *nonce)
{
	GCM128_CONTEXT *c = NULL;

	if (AES_set_encrypt_key(key, 8 * SEAL_KEY, aes) != 0 ||
	    (c = CRYPTO_gcm128_new(aes, cipher_block)) == NULL)
		return NULL;
	CRYPTO_gcm128_setiv(c, nonce, SEAL_NONCE);
	if (CRYPTO_gcm128_aad(c, bound->data, bound->length) == 0)
		return c;
	CRYPTO_gcm128_release(c);
	return NULL;
}

static bool
encrypt(const unsigned char *key, const struct buf *bound,
    const unsigned char *secret, size_t length, unsigned char *sealed)
{
	unsigned char *to = sealed + SEAL_NONCE;
	AES_KEY aes;
	GCM128_CONTEXT *c = begin(&aes, key, bound, sealed);
	bool good =
	    c != NULL && CRYPTO_gcm128_encrypt(c, secret, to, length) == 0;

	if (good)
		CRYPTO_gcm128_tag(c, to + length, SEAL_TAG);
	CRYPTO_gcm128_release(c);
	secret_wipe(&aes, sizeof(aes));
	return good;
}

static bool
decrypt(const unsigned char *key, const struct buf *bound,
    const unsigned char *sealed, size_t length, unsigned char *secret)
{
	const unsigned char *from = sealed + SEAL_NONCE;
	AES_KEY aes;
	GCM128_CONTEXT *c = begin(&aes, key, bound, sealed);
	bool good = c != NULL &&
	    CRYPTO_gcm128_decrypt(c, from, secret, length) == 0 &&
	    CRYPTO_gcm128_finish(c, from + length, SEAL_TAG) == 0;

	CRYPTO_gcm128_release(c);
	secret_wipe(&aes, sizeof(aes));
	return good;
}

#endif

int
seal_close(const unsigned char *key, const struct buf *bound,
    const unsigned char *secret, size_t length, unsigned char *sealed,
    struct err *e)
{
	return encrypt(key, bound, secret, length, sealed)
	    ? 0
	    : err_set(e, ERR_CRYPTO, "AES-256-GCM failed");
}

int
seal_open(const unsigned char *key, const struct buf *bound,
    const unsigned char *sealed, size_t length, unsigned char *secret,
    struct err *e)
{
	if (decrypt(key, bound, sealed, length, secret))
		return 0;
	secret_wipe(secret, length);
	return err_set(e, ERR_TAMPERED, "it does not open with this key");
}
