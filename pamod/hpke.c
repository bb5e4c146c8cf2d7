#include "pamod/hpke.h"

#include <limits.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "schema/base/secret.h"

#define HASH  32 /* bytes of SHA-256 */
#define NONCE 12
#define TEXT  512 /* bytes hashed at most; see below */

static const unsigned char kem_suite[] = { 'K', 'E', 'M', 0x00, 0x20 };

/* What seals one message. */
struct keys {
	unsigned char key[HASH]; /* 16 bytes of it for AES-128 */
	unsigned char nonce[NONCE];
};

/* The "HPKE" suite_id of section 5.1. */
struct suite {
	unsigned char id[10];
};

static struct suite
suite_of(enum hpke_aead aead)
{
	return (struct suite){ { 'H', 'P', 'K', 'E', 0x00, 0x20, 0x00, 0x01,
	    0x00, (unsigned char)aead } };
}

static int
hmac(const unsigned char *key, size_t key_length, struct buf *text,
    unsigned char out[HASH], struct err *e)
{
	unsigned length = 0;

	if (buf_status(text, e) == -1)
		return -1;
	if (HMAC(EVP_sha256(), key, (int)key_length, text->data, text->length,
	        out, &length) == NULL ||
	    length != HASH)
		return err_set(e, ERR_CRYPTO, "HMAC failed");
	return 0;
}

static void
put_label(struct buf *text, const unsigned char *suite, size_t suite_length,
    const char *label)
{
	buf_put_string(text, "HPKE-v1");
	buf_put(text, suite, suite_length);
	buf_put_string(text, label);
}

/* Section 4, LabeledExtract; an empty salt is one of zeros (RFC 5869, 2.2). */
static int
extract(const unsigned char *suite, size_t suite_length,
    const unsigned char salt[HASH], const char *label, const void *ikm,
    size_t ikm_length, unsigned char out[HASH], struct err *e)
{
	static const unsigned char zeros[HASH];
	struct buf text = buf_new(TEXT);
	int result;

	put_label(&text, suite, suite_length, label);
	buf_put(&text, ikm, ikm_length);
	result = hmac(salt == NULL ? zeros : salt, HASH, &text, out, e);
	buf_free(&text);
	return result;
}

/* Section 4, LabeledExpand, of at most one block (RFC 5869 section 2.3). */
static int
expand(const unsigned char *suite, size_t suite_length,
    const unsigned char prk[HASH], const char *label, const void *info,
    size_t info_length, unsigned char *out, size_t length, struct err *e)
{
	struct buf text = buf_new(TEXT);
	unsigned char block[HASH];
	int result;

	buf_put_byte(&text, 0);
	buf_put_byte(&text, (unsigned char)length);
	put_label(&text, suite, suite_length, label);
	buf_put(&text, info, info_length);
	buf_put_byte(&text, 1);
	result = hmac(prk, HASH, &text, block, e);
	if (result == 0)
		memcpy(out, block, length);
	secret_wipe(block, sizeof(block));
	buf_free(&text);
	return result;
}

/* X25519 (RFC 7748 section 5); a result of zeros is an error (section 6.1). */
static int
agree(const unsigned char secret_key[HPKE_KEY],
    const unsigned char public_key[HPKE_KEY], unsigned char out[HPKE_KEY],
    struct err *e)
{
	EVP_PKEY *own = EVP_PKEY_new_raw_private_key(
	    EVP_PKEY_X25519, NULL, secret_key, HPKE_KEY);
	EVP_PKEY *peer = EVP_PKEY_new_raw_public_key(
	    EVP_PKEY_X25519, NULL, public_key, HPKE_KEY);
	EVP_PKEY_CTX *context =
	    own == NULL ? NULL : EVP_PKEY_CTX_new(own, NULL);
	size_t length = HPKE_KEY;
	int result = -1;

	if (context == NULL || peer == NULL ||
	    EVP_PKEY_derive_init(context) != 1 ||
	    EVP_PKEY_derive_set_peer(context, peer) != 1 ||
	    EVP_PKEY_derive(context, out, &length) != 1 || length != HPKE_KEY) {
		err_set(e, ERR_CRYPTO, "X25519 failed");
		goto out;
	}
	result = 0;
out:
	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(own);
	EVP_PKEY_free(peer);
	return result;
}

int
hpke_public_key(const unsigned char secret_key[HPKE_KEY],
    unsigned char public_key[HPKE_KEY], struct err *e)
{
	EVP_PKEY *own = EVP_PKEY_new_raw_private_key(
	    EVP_PKEY_X25519, NULL, secret_key, HPKE_KEY);
	size_t length = HPKE_KEY;
	int result = -1;

	if (own == NULL ||
	    EVP_PKEY_get_raw_public_key(own, public_key, &length) != 1 ||
	    length != HPKE_KEY)
		err_set(e, ERR_CRYPTO, "X25519 failed");
	else
		result = 0;
	EVP_PKEY_free(own);
	return result;
}

/* Section 4.1, ExtractAndExpand, over what X25519 gave. */
static int
kem_secret(const unsigned char dh[HPKE_KEY], const unsigned char enc[HPKE_KEY],
    const unsigned char public_key[HPKE_KEY], unsigned char out[HASH],
    struct err *e)
{
	unsigned char context[2 * HPKE_KEY];
	unsigned char prk[HASH];
	int result = -1;

	memcpy(context, enc, HPKE_KEY);
	memcpy(context + HPKE_KEY, public_key, HPKE_KEY);
	if (extract(kem_suite, sizeof(kem_suite), NULL, "eae_prk", dh, HPKE_KEY,
	        prk, e) == 0)
		result = expand(kem_suite, sizeof(kem_suite), prk,
		    "shared_secret", context, sizeof(context), out, HASH, e);
	secret_wipe(prk, sizeof(prk));
	return result;
}

/* Section 5.1, KeySchedule in mode_base, without the exporter. */
static int
schedule(const struct hpke *hpke, const unsigned char shared[HASH],
    struct keys *keys, struct err *e)
{
	struct suite suite = suite_of(hpke->aead);
	const size_t id = sizeof(suite.id);
	unsigned char context[1 + 2 * HASH] = { 0 }; /* mode_base is 0 */
	unsigned char secret[HASH];
	int result = -1;

	if (extract(suite.id, id, NULL, "psk_id_hash", "", 0, context + 1, e) ==
	        -1 ||
	    extract(suite.id, id, NULL, "info_hash", hpke->info,
	        strlen(hpke->info), context + 1 + HASH, e) == -1 ||
	    extract(suite.id, id, shared, "secret", "", 0, secret, e) == -1 ||
	    expand(suite.id, id, secret, "key", context, sizeof(context),
	        keys->key, hpke->aead == HPKE_AES_128_GCM ? 16 : 32, e) == -1 ||
	    expand(suite.id, id, secret, "base_nonce", context, sizeof(context),
	        keys->nonce, NONCE, e) == -1)
		goto out;
	result = 0;
out:
	secret_wipe(secret, sizeof(secret));
	return result;
}

/* The keys of one message, from one side's private and the other's public. */
static int
derive(const struct hpke *hpke, const unsigned char own[HPKE_KEY],
    const unsigned char peer[HPKE_KEY], const unsigned char enc[HPKE_KEY],
    const unsigned char recipient[HPKE_KEY], struct keys *keys, struct err *e)
{
	unsigned char dh[HPKE_KEY];
	unsigned char shared[HASH];
	int result = -1;

	if (agree(own, peer, dh, e) == 0 &&
	    kem_secret(dh, enc, recipient, shared, e) == 0)
		result = schedule(hpke, shared, keys, e);
	secret_wipe(dh, sizeof(dh));
	secret_wipe(shared, sizeof(shared));
	return result;
}

static int
cipher_begin(EVP_CIPHER_CTX *c, const struct hpke *hpke,
    const struct keys *keys, int encrypt)
{
	int length;

	return EVP_CipherInit_ex(c,
	           hpke->aead == HPKE_AES_128_GCM ? EVP_aes_128_gcm()
	                                          : EVP_aes_256_gcm(),
	           NULL, keys->key, keys->nonce, encrypt) == 1 &&
	        EVP_CipherUpdate(c, NULL, &length,
	            (const unsigned char *)hpke->aad,
	            (int)strlen(hpke->aad)) == 1
	    ? 0
	    : -1;
}

/* Both ways: from is as long as to; tag is made, or checked. */
static int
cipher_run(const struct hpke *hpke, const struct keys *keys, bool encrypt,
    const unsigned char *from, size_t length, unsigned char *to,
    unsigned char tag[HPKE_TAG], struct err *e)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int done = 0;
	int last = 0;
	int result = -1;

	if (c == NULL || cipher_begin(c, hpke, keys, encrypt) == -1 ||
	    EVP_CipherUpdate(c, to, &done, from, (int)length) != 1 ||
	    (!encrypt &&
	        EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, HPKE_TAG, tag) !=
	            1)) {
		err_set(e, ERR_CRYPTO, "AES-GCM failed");
		goto out;
	}
	if (EVP_CipherFinal_ex(c, to + done, &last) != 1) {
		err_set(e, ERR_TAMPERED, "does not open");
		goto out;
	}
	if (encrypt &&
	    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, HPKE_TAG, tag) != 1) {
		err_set(e, ERR_CRYPTO, "AES-GCM failed");
		goto out;
	}
	result = 0;
out:
	EVP_CIPHER_CTX_free(c);
	return result;
}

int
hpke_seal(const struct hpke *hpke, const unsigned char public_key[HPKE_KEY],
    const unsigned char ephemeral[HPKE_KEY], const void *plain,
    size_t plain_length, struct buf *out, struct err *e)
{
	struct keys keys = { { 0 }, { 0 } };
	unsigned char enc[HPKE_KEY];
	unsigned char tag[HPKE_TAG];
	size_t at = out->length + HPKE_KEY;
	int result = -1;

	if (plain_length > INT_MAX ||
	    hpke_public_key(ephemeral, enc, e) == -1 ||
	    derive(hpke, ephemeral, public_key, enc, public_key, &keys, e) ==
	        -1)
		goto out;
	buf_put(out, enc, sizeof(enc));
	buf_put_zeros(out, plain_length);
	if (buf_status(out, e) == -1 ||
	    cipher_run(hpke, &keys, true, plain, plain_length, out->data + at,
	        tag, e) == -1)
		goto out;
	buf_put(out, tag, sizeof(tag));
	result = buf_status(out, e);
out:
	secret_wipe(&keys, sizeof(keys));
	return result;
}

int
hpke_open(const struct hpke *hpke, const unsigned char secret_key[HPKE_KEY],
    const void *sealed, size_t sealed_length, struct buf *out, struct err *e)
{
	const unsigned char *enc = sealed;
	struct keys keys = { { 0 }, { 0 } };
	unsigned char public_key[HPKE_KEY];
	unsigned char tag[HPKE_TAG];
	size_t at = out->length;
	size_t length;
	int result = -1;

	if (sealed_length < HPKE_KEY + HPKE_TAG || sealed_length > INT_MAX)
		return err_set(e, ERR_FORMAT, "too short to be sealed");
	length = sealed_length - HPKE_KEY - HPKE_TAG;
	memcpy(tag, enc + HPKE_KEY + length, HPKE_TAG);
	if (hpke_public_key(secret_key, public_key, e) == -1 ||
	    derive(hpke, secret_key, enc, enc, public_key, &keys, e) == -1)
		goto out;
	buf_put_zeros(out, length);
	if (buf_status(out, e) == -1)
		goto out;
	result = cipher_run(
	    hpke, &keys, false, enc + HPKE_KEY, length, out->data + at, tag, e);
	if (result == -1)
		buf_clear(out);
out:
	secret_wipe(&keys, sizeof(keys));
	return result;
}
