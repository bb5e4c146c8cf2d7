#include "review/sshkey.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "schema/base/digest.h"

#define ED25519_LENGTH  32u  /* bytes of a public key; a signature has two */
#define RSA_MIN         256u /* bytes of the modulus: 2048 bits */
#define RSA_MAX         2048u
#define EXPONENT_MAX    8u /* bytes */
#define APPLICATION     "ssh:"
#define APPLICATION_MAX 256u
#define PRESENT         0x01u /* CTAP: somebody touched the device */
#define DEVICE_TEXT     (2 * DIGEST_SHA256_LENGTH + 5)

static const struct sshkey_kind kinds[] = {
	{ "ssh-ed25519", NULL, NULL, ED25519_LENGTH, NULL, false },
	{ "ecdsa-sha2-nistp256", "nistp256", "P-256", 65, "SHA256", false },
	{ "ecdsa-sha2-nistp384", "nistp384", "P-384", 97, "SHA384", false },
	{ "ecdsa-sha2-nistp521", "nistp521", "P-521", 133, "SHA512", false },
	{ "ssh-rsa", NULL, NULL, 0, NULL, false },
	{ "sk-ssh-ed25519@openssh.com", NULL, NULL, ED25519_LENGTH, NULL,
	    true },
	{ "sk-ecdsa-sha2-nistp256@openssh.com", "nistp256", "P-256", 65,
	    "SHA256", true },
};

/* RSA's signatures say which hash; SHA-1's "ssh-rsa" is not among them. */
static const struct {
	const char *type, *hash;
} rsa_kinds[] = {
	{ "rsa-sha2-512", "SHA512" },
	{ "rsa-sha2-256", "SHA256" },
};

/* ---- The wire ---- */

uint32_t
sshkey_u32(struct cursor *c)
{
	unsigned char b[4];

	cursor_copy(c, b, sizeof(b));
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
	    (uint32_t)b[2] << 8 | b[3];
}

struct bytes
sshkey_string(struct cursor *c)
{
	struct bytes b = { NULL, sshkey_u32(c) };

	b.at = cursor_take(c, b.length);
	if (b.at == NULL)
		b.length = 0;
	return b;
}

void
sshkey_put_string(struct buf *b, const void *bytes, size_t length)
{
	for (unsigned shift = 32; shift > 0; shift -= 8)
		buf_put_byte(b, (unsigned char)(length >> (shift - 8)));
	buf_put(b, bytes, length);
}

static bool
is_text(struct bytes b, const char *text)
{
	return b.at != NULL && b.length == strlen(text) &&
	    memcmp(b.at, text, b.length) == 0;
}

/* RFC 4251 section 5: positive, and no more zeros than the sign wants. */
static struct bytes
read_mpint(struct cursor *c)
{
	struct bytes b = sshkey_string(c);

	if (b.length == 0 || (b.at[0] & 0x80u) != 0 ||
	    (b.at[0] == 0 && (b.length == 1 || (b.at[1] & 0x80u) == 0))) {
		c->failed = true;
		return (struct bytes){ NULL, 0 };
	}
	if (b.at[0] == 0)
		return (struct bytes){ b.at + 1, b.length - 1 };
	return b;
}

/* ---- Keys ---- */

static const struct sshkey_kind *
find_kind(struct bytes type)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (is_text(type, kinds[i].type))
			return &kinds[i];
	return NULL;
}

static int
check_rsa(const struct sshkey *k, struct err *e)
{
	struct bytes n = k->modulus, x = k->exponent;

	if (n.length < RSA_MIN || n.length > RSA_MAX ||
	    (n.length == RSA_MIN && (n.at[0] & 0x80u) == 0))
		return err_set(e, ERR_FORMAT,
		    "RSA of less than 2048 or more than 16384 bits");
	if (x.length == 0 || x.length > EXPONENT_MAX ||
	    (x.at[x.length - 1] & 1u) == 0 || (x.length == 1 && x.at[0] < 3))
		return err_set(e, ERR_FORMAT, "RSA with a bad exponent");
	return 0;
}

static int
check_point(const struct sshkey *k, struct bytes curve, struct err *e)
{
	if (k->kind->curve != NULL && !is_text(curve, k->kind->curve))
		return err_set(e, ERR_FORMAT, "the curve is not the type's");
	if (k->point.length != k->kind->point ||
	    (k->kind->curve != NULL && k->point.at[0] != 0x04))
		return err_set(e, ERR_FORMAT, "not a point of the curve");
	if (k->kind->device &&
	    (k->application.length < strlen(APPLICATION) ||
	        k->application.length > APPLICATION_MAX ||
	        memcmp(k->application.at, APPLICATION, strlen(APPLICATION)) !=
	            0))
		return err_set(e, ERR_FORMAT, "a device's key not for SSH");
	return 0;
}

static EVP_PKEY *make_key(const struct sshkey *);

int
sshkey_parse(struct sshkey *k, struct bytes blob, struct err *e)
{
	struct cursor c = cursor_new(blob.at, blob.length);
	struct bytes type = sshkey_string(&c), curve = { NULL, 0 };
	EVP_PKEY *made;

	memset(k, 0, sizeof(*k));
	if (c.failed || (k->kind = find_kind(type)) == NULL)
		return err_set(
		    e, ERR_FORMAT, "a type of key that is not taken");
	if (k->kind->point == 0) {
		k->exponent = read_mpint(&c);
		k->modulus = read_mpint(&c);
	} else {
		if (k->kind->curve != NULL)
			curve = sshkey_string(&c);
		k->point = sshkey_string(&c);
	}
	if (k->kind->device)
		k->application = sshkey_string(&c);
	if (cursor_finish(&c, k->kind->type, e) == -1 ||
	    (k->kind->point == 0 ? check_rsa(k, e)
	                         : check_point(k, curve, e)) == -1)
		return -1;
	if ((made = make_key(k)) == NULL)
		return err_set(
		    e, ERR_FORMAT, "%s: not a key of that type", k->kind->type);
	EVP_PKEY_free(made);
	return 0;
}

/* ---- libcrypto's idea of them ---- */

static EVP_PKEY *
from_parameters(const char *type, OSSL_PARAM *parameters)
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *key = NULL;

	if (c == NULL || EVP_PKEY_fromdata_init(c) != 1 ||
	    EVP_PKEY_fromdata(c, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(c);
	return key;
}

static EVP_PKEY *
make_rsa(const struct sshkey *k)
{
	OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
	BIGNUM *n = BN_bin2bn(k->modulus.at, (int)k->modulus.length, NULL);
	BIGNUM *x = BN_bin2bn(k->exponent.at, (int)k->exponent.length, NULL);
	OSSL_PARAM *parameters = NULL;
	EVP_PKEY *key = NULL;

	if (b != NULL && n != NULL && x != NULL &&
	    OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
	    OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_E, x) == 1 &&
	    (parameters = OSSL_PARAM_BLD_to_param(b)) != NULL)
		key = from_parameters("RSA", parameters);
	OSSL_PARAM_free(parameters);
	OSSL_PARAM_BLD_free(b);
	BN_free(n);
	BN_free(x);
	return key;
}

/* That the point is on the curve, OpenSSL sees to. */
static EVP_PKEY *
make_ec(const struct sshkey *k)
{
	char group[8];
	unsigned char point[133];
	OSSL_PARAM parameters[] = {
		OSSL_PARAM_utf8_string(
		    OSSL_PKEY_PARAM_GROUP_NAME, group, strlen(k->kind->group)),
		OSSL_PARAM_octet_string(
		    OSSL_PKEY_PARAM_PUB_KEY, point, k->point.length),
		OSSL_PARAM_END,
	};

	(void)snprintf(group, sizeof(group), "%s", k->kind->group);
	memcpy(point, k->point.at, k->point.length);
	return from_parameters("EC", parameters);
}

static EVP_PKEY *
make_key(const struct sshkey *k)
{
	if (k->kind->point == 0)
		return make_rsa(k);
	if (k->kind->curve != NULL)
		return make_ec(k);
	return EVP_PKEY_new_raw_public_key(
	    EVP_PKEY_ED25519, NULL, k->point.at, k->point.length);
}

/* ---- Signatures ---- */

struct signed_text {
	struct bytes signature; /* as libcrypto wants it */
	const char *hash;
	const void *text;
	size_t length;
};

static int
check_signature(
    const struct sshkey *k, const struct signed_text *t, struct err *e)
{
	EVP_PKEY *key = make_key(k);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	int result = -1;

	if (key == NULL || c == NULL ||
	    EVP_DigestVerifyInit_ex(c, NULL, t->hash, NULL, NULL, key, NULL) !=
	        1)
		err_set(e, ERR_CRYPTO, "libcrypto can't verify with %s",
		    k->kind->type);
	else if (EVP_DigestVerify(c, t->signature.at, t->signature.length,
	             t->text, t->length) != 1)
		err_set(e, ERR_TAMPERED, "does not verify");
	else
		result = 0;
	EVP_MD_CTX_free(c);
	EVP_PKEY_free(key);
	return result;
}

/* SSH has r and s as two numbers, libcrypto as DER. */
static int
check_ecdsa(const struct sshkey *k, struct bytes pair, struct signed_text *t,
    struct err *e)
{
	struct cursor c = cursor_new(pair.at, pair.length);
	struct bytes r = read_mpint(&c), s = read_mpint(&c);
	ECDSA_SIG *numbers = NULL;
	BIGNUM *big_r = NULL, *big_s = NULL;
	unsigned char *der = NULL;
	int length = -1, result = -1;

	if (cursor_finish(&c, "r and s", e) == -1)
		return -1;
	if (r.length > k->kind->point / 2 || s.length > k->kind->point / 2)
		return err_set(e, ERR_FORMAT, "r or s is too long");
	numbers = ECDSA_SIG_new();
	big_r = BN_bin2bn(r.at, (int)r.length, NULL);
	big_s = BN_bin2bn(s.at, (int)s.length, NULL);
	if (numbers != NULL && big_r != NULL && big_s != NULL &&
	    ECDSA_SIG_set0(numbers, big_r, big_s) == 1) {
		big_r = big_s = NULL;
		length = i2d_ECDSA_SIG(numbers, &der);
	}
	if (length <= 0)
		err_set(e, ERR_MEMORY, "out of memory");
	else {
		t->signature = (struct bytes){ der, (size_t)length };
		result = check_signature(k, t, e);
	}
	OPENSSL_free(der);
	ECDSA_SIG_free(numbers);
	BN_free(big_r);
	BN_free(big_s);
	return result;
}

static int
check_by_kind(const struct sshkey *k, struct bytes type, struct bytes bytes,
    struct signed_text *t, struct err *e)
{
	t->signature = bytes;
	t->hash = k->kind->hash;
	if (k->kind->point == 0) {
		for (size_t i = 0; i < sizeof(rsa_kinds) / sizeof(rsa_kinds[0]);
		     i++)
			if (is_text(type, rsa_kinds[i].type))
				t->hash = rsa_kinds[i].hash;
		if (t->hash == NULL || bytes.length != k->modulus.length)
			return err_set(e, ERR_FORMAT,
			    "RSA: neither rsa-sha2-512 nor rsa-sha2-256");
		return check_signature(k, t, e);
	}
	if (!is_text(type, k->kind->type))
		return err_set(e, ERR_FORMAT, "not of the key's type");
	if (k->kind->curve != NULL)
		return check_ecdsa(k, bytes, t, e);
	if (bytes.length != 2 * ED25519_LENGTH)
		return err_set(e, ERR_FORMAT, "not 64 bytes");
	return check_signature(k, t, e);
}

/* A device signs digests, what it saw, and its counter (PROTOCOL.u2f). */
static int
make_device_text(const struct sshkey *k, struct bytes seen, const void *text,
    size_t length, unsigned char out[DEVICE_TEXT], struct err *e)
{
	if ((seen.at[0] & PRESENT) == 0)
		return err_set(
		    e, ERR_TAMPERED, "nobody was present at the device");
	memcpy(out + DIGEST_SHA256_LENGTH, seen.at, seen.length);
	return digest_sha256(
	           k->application.at, k->application.length, out, e) == 0 &&
	        digest_sha256(text, length,
	            out + DIGEST_SHA256_LENGTH + seen.length, e) == 0
	    ? 0
	    : -1;
}

int
sshkey_verify(const struct sshkey *k, struct bytes signature, const void *text,
    size_t length, struct err *e)
{
	struct cursor c = cursor_new(signature.at, signature.length);
	struct bytes type = sshkey_string(&c), bytes = sshkey_string(&c);
	struct bytes seen = { NULL, 5 }; /* flags, and a counter of 4 */
	struct signed_text t = { .text = text, .length = length };
	unsigned char device[DEVICE_TEXT];

	if (k->kind->device)
		seen.at = cursor_take(&c, seen.length);
	if (cursor_finish(&c, "the key's signature", e) == -1)
		return -1;
	if (k->kind->device) {
		if (make_device_text(k, seen, text, length, device, e) == -1)
			return -1;
		t.text = device;
		t.length = sizeof(device);
	}
	return check_by_kind(k, type, bytes, &t, e);
}
