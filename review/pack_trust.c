#include "review/pack_trust.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include "review/certificate.h"
#include "review/timestamp.h"
#include "schema/base/enc.h"
#include "schema/message.h"

#define ED25519_LENGTH 32u
/* 112 bits (OpenSSL's level 2): no SHA-1, no RSA below 2048 bits. */
#define STRENGTH 2

struct pack_trust {
	STACK_OF(X509) * people, *time;
	unsigned char fingerprints[PACK_TRUST_MAX][DIGEST_SHA256_LENGTH];
	size_t fingerprint_count;
	unsigned char keys[PACK_TRUST_MAX][ED25519_LENGTH];
	size_t key_count;
};

int
pack_trust_new(struct pack_trust **out, struct err *e)
{
	struct pack_trust *t = calloc(1, sizeof(*t));

	*out = NULL;
	if (t != NULL) {
		t->people = sk_X509_new_null();
		t->time = sk_X509_new_null();
		if (t->people == NULL || t->time == NULL)
			pack_trust_free(&t);
	}
	*out = t;
	return t != NULL ? 0 : err_set(e, ERR_MEMORY, "out of memory");
}

void
pack_trust_free(struct pack_trust **t)
{
	if (*t == NULL)
		return;
	sk_X509_pop_free((*t)->people, X509_free);
	sk_X509_pop_free((*t)->time, X509_free);
	free(*t);
	*t = NULL;
}

/* ---- What is given ---- */

static int
too_many(struct err *e)
{
	return err_set(
	    e, ERR_LIMIT, _("more than %u to trust"), PACK_TRUST_MAX);
}

static int
add_certificate(
    STACK_OF(X509) * to, const unsigned char *der, size_t length, struct err *e)
{
	X509 *c = certificate_parse(der, length, e);

	if (c == NULL)
		return -1;
	if (sk_X509_num(to) < (int)PACK_TRUST_MAX && sk_X509_push(to, c) > 0)
		return 0;
	X509_free(c);
	return too_many(e);
}

static int
add_key(struct pack_trust *t, const unsigned char *der, size_t length,
    struct err *e)
{
	const unsigned char *at = der;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &at, (long)length);
	size_t size = ED25519_LENGTH;
	int result = -1;

	if (t->key_count == PACK_TRUST_MAX)
		too_many(e);
	else if (key == NULL || at != der + length ||
	    EVP_PKEY_is_a(key, "ED25519") != 1 ||
	    EVP_PKEY_get_raw_public_key(key, t->keys[t->key_count], &size) != 1)
		err_set(e, ERR_FORMAT, _("not an Ed25519 key"));
	else
		result = 0;
	if (result == 0)
		t->key_count++;
	EVP_PKEY_free(key);
	ERR_clear_error();
	return result;
}

/* certificate_block_fn */
static int
take_person(void *context, const char *label, const unsigned char *der,
    size_t length, struct err *e)
{
	struct pack_trust *t = context;

	if (strcmp(label, "CERTIFICATE") == 0)
		return add_certificate(t->people, der, length, e);
	if (strcmp(label, "PUBLIC KEY") == 0)
		return add_key(t, der, length, e);
	return err_set(e, ERR_FORMAT,
	    _("neither a certificate nor a public key: %.40s"), label);
}

static int
take_authority(void *context, const char *label, const unsigned char *der,
    size_t length, struct err *e)
{
	struct pack_trust *t = context;

	if (strcmp(label, "CERTIFICATE") == 0)
		return add_certificate(t->time, der, length, e);
	return err_set(e, ERR_FORMAT, _("not a certificate: %.40s"), label);
}

static int
read_file(struct pack_trust *t, const char *path, certificate_block_fn *take,
    struct err *e)
{
	struct buf text = buf_new(CERTIFICATE_FILE);
	int result = certificate_file(path, &text, e);

	if (result == 0 &&
	    certificate_blocks(text.data, text.length, take, t, e) == -1)
		result = err_in(e, "%s", path);
	buf_free(&text);
	return result;
}

int
pack_trust_file(struct pack_trust *t, const char *path, struct err *e)
{
	return read_file(t, path, take_person, e);
}

int
pack_trust_time(struct pack_trust *t, const char *path, struct err *e)
{
	return read_file(t, path, take_authority, e);
}

bool
pack_trust_has_time(const struct pack_trust *t)
{
	return sk_X509_num(t->time) > 0;
}

int
pack_trust_fingerprint(struct pack_trust *t, const char *text, struct err *e)
{
	struct buf digits = buf_new(2 * DIGEST_SHA256_LENGTH);
	int result = -1;

	for (const char *p = text; *p != '\0'; p++)
		if (*p != ':')
			buf_put_byte(&digits, (unsigned char)*p);
	if (t->fingerprint_count == PACK_TRUST_MAX)
		too_many(e);
	else if (digits.failed != ERR_NONE ||
	    enc_unhex(buf_string(&digits), digits.length,
	        t->fingerprints[t->fingerprint_count], DIGEST_SHA256_LENGTH,
	        e) == -1)
		err_set(e, ERR_USAGE,
		    _("%.80s: not the SHA-256 fingerprint of a certificate: 64 "
		      "hexadecimal digits"),
		    text);
	else
		result = 0;
	if (result == 0)
		t->fingerprint_count++;
	buf_free(&digits);
	return result;
}

bool
pack_trust_key(const struct pack_trust *t, const unsigned char key[32])
{
	for (size_t i = 0; i < t->key_count; i++)
		if (memcmp(t->keys[i], key, ED25519_LENGTH) == 0)
			return true;
	return false;
}

/* ---- Chains ---- */

/* Only authorities issue: a signer's own certificate in it does not. */
static X509_STORE *
make_store(STACK_OF(X509) * given)
{
	X509_STORE *store = X509_STORE_new();
	int failed = store == NULL;

	for (int i = 0; i < sk_X509_num(given) && !failed; i++)
		if (X509_check_ca(sk_X509_value(given, i)) == 1)
			failed = X509_STORE_add_cert(
			             store, sk_X509_value(given, i)) != 1;
	if (failed) {
		X509_STORE_free(store);
		return NULL;
	}
	X509_VERIFY_PARAM_set_auth_level(
	    X509_STORE_get0_param(store), STRENGTH);
	return store;
}

static bool
is_given(const struct pack_trust *t, const X509 *c)
{
	unsigned char digest[DIGEST_SHA256_LENGTH];
	struct err e;

	for (int i = 0; i < sk_X509_num(t->people); i++)
		if (X509_cmp(sk_X509_value(t->people, i), c) == 0)
			return true;
	if (certificate_digest(c, digest, &e) == -1)
		return false;
	for (size_t i = 0; i < t->fingerprint_count; i++)
		if (memcmp(t->fingerprints[i], digest, sizeof(digest)) == 0)
			return true;
	return false;
}

static int
verify(X509_STORE *store, X509 *c, STACK_OF(X509) * others,
    const int64_t *at /* NULL: at any time */)
{
	X509_STORE_CTX *x = X509_STORE_CTX_new();
	int result = X509_V_ERR_OUT_OF_MEM;

	if (x != NULL && X509_STORE_CTX_init(x, store, c, others) == 1) {
		if (at != NULL)
			X509_STORE_CTX_set_time(x, 0, (time_t)*at);
		else
			X509_STORE_CTX_set_flags(x, X509_V_FLAG_NO_CHECK_TIME);
		(void)X509_STORE_CTX_set_purpose(x, X509_PURPOSE_ANY);
		result = X509_verify_cert(x) == 1 ? X509_V_OK
		                                  : X509_STORE_CTX_get_error(x);
	}
	X509_STORE_CTX_free(x);
	ERR_clear_error();
	return result;
}

static enum pack_trust_answer
say(enum pack_trust_answer answer, char *why, size_t size, const char *text)
{
	(void)snprintf(why, size, "%s", text);
	return answer;
}

static enum pack_trust_answer
say_error(int error, char *why, size_t size)
{
	switch (error) {
	case X509_V_OK:
		return say(PACK_TRUSTED, why, size, "");
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return say(PACK_EXPIRED, why, size,
		    _("a certificate had expired at that time"));
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return say(PACK_EXPIRED, why, size,
		    _("a certificate was not valid yet at that time"));
	default:
		(void)snprintf(why, size, _("no chain to anybody trusted: %s"),
		    X509_verify_cert_error_string(error));
		return PACK_UNTRUSTED;
	}
}

/*
 * Whom an authority made a server, or one that stamps time or answers OCSP, is
 * nobody who signs packs. All bits where no purpose is said.
 */
static bool
is_person(X509 *c)
{
	uint32_t purposes = X509_get_extended_key_usage(c);

	return (purposes & (XKU_SSL_SERVER | XKU_TIMESTAMP | XKU_OCSP_SIGN)) ==
	    0 ||
	    (purposes &
	        (XKU_SSL_CLIENT | XKU_SMIME | XKU_CODE_SIGN | XKU_ANYEKU)) != 0;
}

static enum pack_trust_answer
judge_issued(const struct pack_trust *t, X509 *const *chain, size_t count,
    int64_t at, char *why, size_t size)
{
	X509_STORE *store = make_store(t->people);
	STACK_OF(X509) *others = sk_X509_new_null();
	int error = X509_V_ERR_OUT_OF_MEM;
	bool ready = store != NULL && others != NULL;

	for (size_t i = 1; i < count && ready; i++)
		ready = sk_X509_push(others, chain[i]) > 0;
	/* What is no chain at all is untrusted, however old it is. */
	if (ready &&
	    (error = verify(store, chain[0], others, NULL)) == X509_V_OK)
		error = verify(store, chain[0], others, &at);
	sk_X509_free(others);
	X509_STORE_free(store);
	return say_error(error, why, size);
}

static enum pack_trust_answer
judge_given(const X509 *c, int64_t at, char *why, size_t size)
{
	time_t when = (time_t)at;
	int begin = X509_cmp_time(X509_get0_notBefore(c), &when);
	int end = X509_cmp_time(X509_get0_notAfter(c), &when);

	if (begin == 0 || end == 0)
		return say(PACK_UNTRUSTED, why, size,
		    _("its certificate has no time"));
	return say_error(begin > 0 ? X509_V_ERR_CERT_NOT_YET_VALID
	        : end < 0          ? X509_V_ERR_CERT_HAS_EXPIRED
	                           : X509_V_OK,
	    why, size);
}

enum pack_trust_answer
pack_trust_chain(const struct pack_trust *t, X509 *const *chain, size_t count,
    int64_t at, char *why, size_t size)
{
	if (count == 0)
		return say(PACK_UNTRUSTED, why, size, _("no certificate"));
	/* All bits where it is not there. */
	if ((X509_get_key_usage(chain[0]) &
	        (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) == 0)
		return say(PACK_UNTRUSTED, why, size,
		    _("its certificate is not for signing (keyUsage)"));
	if (is_given(t, chain[0]))
		return judge_given(chain[0], at, why, size);
	if (!is_person(chain[0]))
		return say(PACK_UNTRUSTED, why, size,
		    _("its certificate is for servers (extendedKeyUsage)"));
	return judge_issued(t, chain, count, at, why, size);
}

/* ---- Time stamps ---- */

/* Everything in it becomes the context's, which frees it. */
static TS_VERIFY_CTX *
make_context(
    const struct pack_trust *t, const void *bytes, size_t length, int64_t at)
{
	TS_VERIFY_CTX *c = TS_VERIFY_CTX_new();
	X509_STORE *store = make_store(t->time);
	STACK_OF(X509) *certificates = X509_chain_up_ref(t->time);
	BIO *data = BIO_new_mem_buf(bytes, (int)length);

	if (c == NULL || store == NULL || certificates == NULL ||
	    data == NULL) {
		TS_VERIFY_CTX_free(c);
		X509_STORE_free(store);
		sk_X509_pop_free(certificates, X509_free);
		BIO_free(data);
		return NULL;
	}
	X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), (time_t)at);
	TS_VERIFY_CTX_set_flags(
	    c, TS_VFY_VERSION | TS_VFY_SIGNATURE | TS_VFY_DATA);
	(void)TS_VERIFY_CTX_set_store(c, store);
	(void)TS_VERIFY_CTX_set_certs(c, certificates);
	(void)TS_VERIFY_CTX_set_data(c, data);
	return c;
}

/* Of OpenSSL's errors, those that mean a stranger and not a change. */
static bool
is_stranger(void)
{
	unsigned long error = ERR_peek_error();

	return (ERR_GET_LIB(error) == ERR_LIB_TS &&
	           ERR_GET_REASON(error) == TS_R_CERTIFICATE_VERIFY_ERROR) ||
	    (ERR_GET_LIB(error) == ERR_LIB_PKCS7 &&
	        ERR_GET_REASON(error) == PKCS7_R_SIGNER_CERTIFICATE_NOT_FOUND);
}

static int
check_token(const struct pack_trust *t, TS_RESP *token, const void *bytes,
    size_t length, int64_t at, struct err *e)
{
	TS_VERIFY_CTX *c = make_context(t, bytes, length, at);
	int result = -1;

	ERR_clear_error();
	if (c == NULL)
		err_set(e, ERR_MEMORY, "out of memory");
	else if (TS_RESP_verify_response(c, token) == 1)
		result = 0;
	else if (is_stranger())
		err_set(e, ERR_ACCESS,
		    _("no trusted authority made the time stamp"));
	else
		err_set(e, ERR_TAMPERED, _("the time stamp does not verify"));
	TS_VERIFY_CTX_free(c);
	ERR_clear_error();
	return result;
}

int
pack_trust_token(const struct pack_trust *t, const void *token,
    size_t token_length, const void *bytes, size_t length, int64_t *at,
    struct err *e)
{
	TS_RESP *r = timestamp_parse(token, token_length, e);
	int result = -1;

	if (r == NULL)
		return -1;
	if (timestamp_fits(r, bytes, length, at, e) == 0)
		result = check_token(t, r, bytes, length, *at, e);
	TS_RESP_free(r);
	return result;
}
