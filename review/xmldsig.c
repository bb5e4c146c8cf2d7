#include "review/xmldsig.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "review/certificate.h"
#include "schema/base/enc.h"
#include "schema/message.h"

#define CURVE         "prime256v1" /* P-256, as OpenSSL calls it */
#define SCALAR        32u          /* bytes of r, and of s */
#define RSA_BITS_MIN  3072
#define RSA_BITS_MAX  8192
#define SIGNATURE_MAX (RSA_BITS_MAX / 8u)
#define ROOM_FIRST    16u /* references */
#define COLUMNS       64u /* of base64 */

#define SPACE "http://www.w3.org/2000/09/xmldsig#"

/*
 * All of a signature but its fields. Elements have end tags even when they are
 * empty, and SignedInfo repeats its name space: so its octets are canonical.
 */
#define BEFORE                                                                 \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"                         \
	"<Signature xmlns=\"" SPACE "\">\n"
#define INFO_BEGIN                                                             \
	"<SignedInfo xmlns=\"" SPACE "\">\n"                                   \
	"<CanonicalizationMethod Algorithm="                                   \
	"\"http://www.w3.org/2001/10/xml-exc-c14n#\">"                         \
	"</CanonicalizationMethod>\n"                                          \
	"<SignatureMethod Algorithm=\""
#define METHOD_END "\"></SignatureMethod>\n"
#define REFERENCE  "<Reference URI=\""
#define DIGEST                                                                 \
	"\">\n"                                                                \
	"<DigestMethod Algorithm="                                             \
	"\"http://www.w3.org/2001/04/xmlenc#sha256\"></DigestMethod>\n"        \
	"<DigestValue>"
#define REFERENCE_END   "</DigestValue>\n</Reference>\n"
#define INFO_END        "</SignedInfo>"
#define VALUE           "\n<SignatureValue>\n"
#define VALUE_END       "</SignatureValue>\n<KeyInfo>\n<X509Data>\n"
#define CERTIFICATE     "<X509Certificate>\n"
#define CERTIFICATE_END "</X509Certificate>\n"
#define AFTER           "</X509Data>\n</KeyInfo>\n</Signature>\n"

struct method {
	const char *uri;
	const char *key; /* its kind, as OpenSSL calls it */
};

static const struct method methods[] = {
	{ "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", "EC" },
	{ "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "RSA" },
};
#define METHODS (sizeof(methods) / sizeof(methods[0]))

struct xmldsig {
	const struct method *method;
	struct xmldsig_reference *references;
	size_t count, room;
	unsigned char value[SIGNATURE_MAX];
	size_t value_length;
	X509 *chain[XMLDSIG_CHAIN];
	size_t chain_count;
};

/* ---- Keys ---- */

static bool
is_p256(const EVP_PKEY *key)
{
	char group[32];
	size_t length;
	int explicit = 0;

	/* Parameters of one's own could be another generator. */
	(void)EVP_PKEY_get_int_param(
	    key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &explicit);
	return explicit == 0 &&
	    EVP_PKEY_get_group_name(key, group, sizeof(group), &length) == 1 &&
	    strcmp(group, CURVE) == 0;
}

static const struct method *
method_of(const EVP_PKEY *key)
{
	int bits = EVP_PKEY_get_bits(key);

	if (EVP_PKEY_is_a(key, "EC") == 1 && is_p256(key))
		return &methods[0];
	if (EVP_PKEY_is_a(key, "RSA") == 1 && bits >= RSA_BITS_MIN &&
	    bits <= RSA_BITS_MAX)
		return &methods[1];
	return NULL;
}

static int
find_method(const EVP_PKEY *key, const struct method **m, struct err *e)
{
	*m = key == NULL ? NULL : method_of(key);
	ERR_clear_error();
	return *m != NULL
	    ? 0
	    : err_set(e, ERR_FORMAT,
	          _("the key is neither EC P-256 nor RSA of %d to %d bits"),
	          RSA_BITS_MIN, RSA_BITS_MAX);
}

int
xmldsig_key_ok(const EVP_PKEY *key, struct err *e)
{
	const struct method *m;

	return find_method(key, &m, e);
}

/* ---- Writing ---- */

static void
put_lines(struct buf *out, const void *bytes, size_t length)
{
	struct buf digits = buf_new(XMLDSIG_BYTES);

	enc_base64(&digits, bytes, length);
	for (size_t at = 0; at < digits.length; at += COLUMNS) {
		size_t left = digits.length - at;

		buf_put(out, digits.data + at, left < COLUMNS ? left : COLUMNS);
		buf_put_byte(out, '\n');
	}
	if (digits.failed != ERR_NONE)
		out->failed = digits.failed;
	buf_free(&digits);
}

static void
put_info(struct buf *out, const struct xmldsig *x)
{
	buf_put_string(out, INFO_BEGIN);
	buf_put_string(out, x->method->uri);
	buf_put_string(out, METHOD_END);
	for (size_t i = 0; i < x->count; i++) {
		const struct xmldsig_reference *r = &x->references[i];

		buf_put_string(out, REFERENCE);
		buf_put_string(out, r->name);
		buf_put_string(out, DIGEST);
		enc_base64(out, r->sha256, sizeof(r->sha256));
		buf_put_string(out, REFERENCE_END);
	}
	buf_put_string(out, INFO_END);
}

static int
put_certificate(struct buf *out, X509 *certificate, struct err *e)
{
	unsigned char *der = NULL;
	int length = i2d_X509(certificate, &der);

	if (length <= 0)
		return err_set(e, ERR_CRYPTO, "i2d_X509");
	buf_put_string(out, CERTIFICATE);
	put_lines(out, der, (size_t)length);
	buf_put_string(out, CERTIFICATE_END);
	OPENSSL_free(der);
	return 0;
}

static int
put_all(struct buf *out, const struct xmldsig *x, struct err *e)
{
	buf_put_string(out, BEFORE);
	put_info(out, x);
	buf_put_string(out, VALUE);
	put_lines(out, x->value, x->value_length);
	buf_put_string(out, VALUE_END);
	for (size_t i = 0; i < x->chain_count; i++)
		if (put_certificate(out, x->chain[i], e) == -1)
			return -1;
	buf_put_string(out, AFTER);
	return buf_status(out, e);
}

/* ---- Reading ---- */

struct field {
	const unsigned char *at;
	size_t length;
};

static bool
is_next(const struct cursor *c, const char *literal)
{
	size_t length = strlen(literal);

	return cursor_left(c) >= length && memcmp(c->at, literal, length) == 0;
}

static int
expect(struct cursor *c, const char *literal, struct err *e)
{
	if (!is_next(c, literal))
		return err_set(
		    e, ERR_FORMAT, _("not of the shape that Reeve writes"));
	(void)cursor_take(c, strlen(literal));
	return 0;
}

/* Up to that letter, which ends it and stays; nothing if it is not there. */
static struct field
take_until(struct cursor *c, char end)
{
	struct field f = { c->at, 0 };
	const unsigned char *stop = NULL;

	if (cursor_left(c) > 0)
		stop = memchr(c->at, end, cursor_left(c));
	if (stop != NULL) {
		f.length = (size_t)(stop - f.at);
		(void)cursor_take(c, f.length);
	}
	return f;
}

/* Base64, of any lines: what is written again tells whether they were ours. */
static int
decode(struct field f, void *out, size_t room, size_t *length, struct err *e)
{
	struct buf digits = buf_new(XMLDSIG_BYTES), bytes = buf_new(room);
	int result = -1;

	for (size_t i = 0; i < f.length; i++)
		if (f.at[i] != '\n')
			buf_put_byte(&digits, f.at[i]);
	if (buf_status(&digits, e) == 0 &&
	    enc_unbase64(buf_string(&digits), digits.length, &bytes, e) == 0) {
		if (bytes.length > 0)
			memcpy(out, bytes.data, bytes.length);
		*length = bytes.length;
		result = 0;
	}
	buf_free(&digits);
	buf_free(&bytes);
	if (result == -1)
		e->code = ERR_FORMAT;
	return result;
}

static int
read_method(struct cursor *c, struct xmldsig *x, struct err *e)
{
	for (size_t i = 0; i < METHODS && x->method == NULL; i++)
		if (is_next(c, methods[i].uri))
			x->method = &methods[i];
	if (x->method == NULL)
		return err_set(e, ERR_FORMAT,
		    _("signed by neither ecdsa-sha256 nor rsa-sha256"));
	return expect(c, x->method->uri, e) == -1 ||
	        expect(c, METHOD_END, e) == -1
	    ? -1
	    : 0;
}

static int
read_name(struct cursor *c, struct xmldsig_reference *r, struct err *e)
{
	struct field name = take_until(c, '"');

	if (name.length == 0 || name.length > EVIDENCE_NAME_MAX ||
	    memchr(name.at, '\0', name.length) != NULL)
		return err_set(e, ERR_FORMAT, _("not the name of a file"));
	memcpy(r->name, name.at, name.length);
	r->name[name.length] = '\0';
	return evidence_name_ok(r->name)
	    ? 0
	    : err_set(e, ERR_FORMAT, _("not the name of a file"));
}

/* Room for one more, which may be of anybody's making: so not for all. */
static struct xmldsig_reference *
next_reference(struct xmldsig *x, struct err *e)
{
	size_t room = x->room == 0 ? ROOM_FIRST : 2 * x->room;
	struct xmldsig_reference *grown;

	if (x->count == XMLDSIG_REFERENCES) {
		err_set(e, ERR_FORMAT, _("more than %u files are signed"),
		    XMLDSIG_REFERENCES);
		return NULL;
	}
	if (x->count == x->room) {
		grown = reallocarray(x->references, room, sizeof(*grown));
		if (grown == NULL) {
			err_set(e, ERR_MEMORY, "out of memory");
			return NULL;
		}
		x->references = grown;
		x->room = room;
	}
	memset(&x->references[x->count], 0, sizeof(*grown));
	return &x->references[x->count];
}

static int
read_reference(struct cursor *c, struct xmldsig *x, struct err *e)
{
	struct xmldsig_reference *r = next_reference(x, e);
	size_t length = 0;

	if (r == NULL || expect(c, REFERENCE, e) == -1 ||
	    read_name(c, r, e) == -1 || expect(c, DIGEST, e) == -1 ||
	    decode(take_until(c, '<'), r->sha256, sizeof(r->sha256), &length,
	        e) == -1 ||
	    expect(c, REFERENCE_END, e) == -1)
		return -1;
	if (length != sizeof(r->sha256))
		return err_set(e, ERR_FORMAT, _("%s: not a digest"), r->name);
	if (x->count > 0 && strcmp(r[-1].name, r->name) >= 0)
		return err_set(e, ERR_FORMAT,
		    _("%s: twice, or not in its place"), r->name);
	x->count++;
	return 0;
}

static int
read_certificate(struct cursor *c, struct xmldsig *x, struct err *e)
{
	unsigned char der[CERTIFICATE_BYTES];
	size_t length = 0;

	if (x->chain_count == XMLDSIG_CHAIN)
		return err_set(e, ERR_FORMAT, _("more than %u certificates"),
		    XMLDSIG_CHAIN);
	if (expect(c, CERTIFICATE, e) == -1 ||
	    decode(take_until(c, '<'), der, sizeof(der), &length, e) == -1 ||
	    expect(c, CERTIFICATE_END, e) == -1)
		return -1;
	x->chain[x->chain_count] = certificate_parse(der, length, e);
	return x->chain[x->chain_count++] == NULL ? -1 : 0;
}

static int
read_info(struct cursor *c, struct xmldsig *x, struct err *e)
{
	if (expect(c, BEFORE INFO_BEGIN, e) == -1 || read_method(c, x, e) == -1)
		return -1;
	do
		if (read_reference(c, x, e) == -1)
			return -1;
	while (!is_next(c, INFO_END));
	return expect(c, INFO_END VALUE, e);
}

static int
read_value_and_chain(struct cursor *c, struct xmldsig *x, struct err *e)
{
	if (decode(take_until(c, '<'), x->value, sizeof(x->value),
	        &x->value_length, e) == -1 ||
	    expect(c, VALUE_END, e) == -1)
		return -1;
	do
		if (read_certificate(c, x, e) == -1)
			return -1;
	while (!is_next(c, AFTER));
	if (expect(c, AFTER, e) == -1)
		return -1;
	return cursor_left(c) == 0
	    ? 0
	    : err_set(e, ERR_FORMAT, _("bytes behind the end"));
}

static int
judge_method(const struct xmldsig *x, struct err *e)
{
	const struct method *m;

	if (find_method(X509_get0_pubkey(x->chain[0]), &m, e) == -1)
		return -1;
	return m == x->method
	    ? 0
	    : err_set(e, ERR_FORMAT,
	          _("the method is not that of the certificate's key"));
}

/* That there was one way only to write it: no byte was passed over. */
static int
compare(
    const struct xmldsig *x, const void *bytes, size_t length, struct err *e)
{
	struct buf again = buf_new(XMLDSIG_BYTES);
	int result = put_all(&again, x, e);

	if (result == 0 &&
	    (again.length != length || memcmp(again.data, bytes, length) != 0))
		result = err_set(
		    e, ERR_FORMAT, _("not of the shape that Reeve writes"));
	buf_free(&again);
	return result;
}

static int
new_xmldsig(struct xmldsig **out, struct err *e)
{
	*out = calloc(1, sizeof(**out));
	return *out != NULL ? 0 : err_set(e, ERR_MEMORY, "out of memory");
}

int
xmldsig_read(
    struct xmldsig **out, const void *bytes, size_t length, struct err *e)
{
	struct cursor c = cursor_new(bytes, length);
	struct xmldsig *x = NULL;

	*out = NULL;
	if (length > XMLDSIG_BYTES)
		return err_set(
		    e, ERR_FORMAT, _("longer than %u bytes"), XMLDSIG_BYTES);
	if (new_xmldsig(&x, e) == -1)
		return -1;
	if (read_info(&c, x, e) == -1 || read_value_and_chain(&c, x, e) == -1 ||
	    compare(x, bytes, length, e) == -1 || judge_method(x, e) == -1) {
		xmldsig_free(&x);
		return -1;
	}
	*out = x;
	return 0;
}

void
xmldsig_free(struct xmldsig **x)
{
	if (*x == NULL)
		return;
	for (size_t i = 0; i < (*x)->chain_count; i++)
		X509_free((*x)->chain[i]);
	free((*x)->references);
	free(*x);
	*x = NULL;
}

size_t
xmldsig_count(const struct xmldsig *x)
{
	return x->count;
}

const struct xmldsig_reference *
xmldsig_at(const struct xmldsig *x, size_t i)
{
	return &x->references[i];
}

size_t
xmldsig_chain(const struct xmldsig *x, X509 *const **chain)
{
	*chain = x->chain;
	return x->chain_count;
}

/* ---- The signature: XML has r and s side by side, OpenSSL as DER ---- */

static int
pair_to_der(const struct xmldsig *x, unsigned char **der, struct err *e)
{
	ECDSA_SIG *pair = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(x->value, (int)SCALAR, NULL);
	BIGNUM *s = BN_bin2bn(x->value + SCALAR, (int)SCALAR, NULL);
	int length = -1;

	if (pair != NULL && r != NULL && s != NULL &&
	    ECDSA_SIG_set0(pair, r, s) == 1) {
		r = s = NULL;
		length = i2d_ECDSA_SIG(pair, der);
	}
	ECDSA_SIG_free(pair);
	BN_free(r);
	BN_free(s);
	return length > 0 ? length : err_set(e, ERR_MEMORY, "out of memory");
}

static int
pair_from_der(struct xmldsig *x, struct err *e)
{
	const unsigned char *at = x->value;
	ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, (long)x->value_length);
	unsigned char out[2 * SCALAR];
	int result = -1;

	if (pair == NULL || at != x->value + x->value_length ||
	    BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, (int)SCALAR) == -1 ||
	    BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + SCALAR, (int)SCALAR) ==
	        -1) {
		err_set(e, ERR_CRYPTO, _("the key gave no ECDSA signature"));
	} else {
		memcpy(x->value, out, sizeof(out));
		x->value_length = sizeof(out);
		result = 0;
	}
	ECDSA_SIG_free(pair);
	return result;
}

static int
verify(EVP_PKEY *key, const unsigned char *value, size_t length,
    const struct buf *info, struct err *e)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	int result = -1;

	if (c == NULL ||
	    EVP_DigestVerifyInit_ex(c, NULL, "SHA256", NULL, NULL, key, NULL) !=
	        1)
		err_set(e, ERR_CRYPTO, "EVP_DigestVerifyInit");
	else if (EVP_DigestVerify(c, value, length, info->data, info->length) !=
	    1)
		err_set(e, ERR_TAMPERED,
		    _("the key of its certificate did not make it"));
	else
		result = 0;
	EVP_MD_CTX_free(c);
	ERR_clear_error();
	return result;
}

int
xmldsig_check(const struct xmldsig *x, struct err *e)
{
	EVP_PKEY *key = X509_get0_pubkey(x->chain[0]);
	struct buf info = buf_new(XMLDSIG_BYTES);
	bool pair = x->method == &methods[0];
	unsigned char *der = NULL;
	int length, result = -1;

	put_info(&info, x);
	if (buf_status(&info, e) == -1)
		goto out;
	if (x->value_length !=
	    (pair ? 2 * SCALAR : (size_t)EVP_PKEY_get_size(key))) {
		err_set(e, ERR_TAMPERED,
		    _("the key of its certificate did not make it"));
		goto out;
	}
	if (!pair)
		result = verify(key, x->value, x->value_length, &info, e);
	else if ((length = pair_to_der(x, &der, e)) != -1)
		result = verify(key, der, (size_t)length, &info, e);
out:
	OPENSSL_free(der);
	buf_free(&info);
	return result;
}

/* ---- Signing ---- */

static int
make_value(struct xmldsig *x, EVP_PKEY *key, struct err *e)
{
	struct buf info = buf_new(XMLDSIG_BYTES);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	size_t length = sizeof(x->value);
	int result = -1;

	put_info(&info, x);
	if (buf_status(&info, e) == -1)
		goto out;
	/* Not _ex: that would want a provider's key, and a token's is none. */
	if (c == NULL ||
	    EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, key) != 1 ||
	    EVP_DigestSign(c, x->value, &length, info.data, info.length) != 1) {
		err_set(e, ERR_CRYPTO, _("the key can't sign"));
		goto out;
	}
	x->value_length = length;
	result = x->method == &methods[0] ? pair_from_der(x, e) : 0;
out:
	EVP_MD_CTX_free(c);
	ERR_clear_error();
	buf_free(&info);
	return result;
}

static int
read_again(const struct buf *xml, struct err *e)
{
	struct xmldsig *x = NULL;
	int result;

	if (xmldsig_read(&x, xml->data, xml->length, e) == -1)
		return -1;
	result = xmldsig_check(x, e);
	xmldsig_free(&x);
	return result;
}

static int
fill(struct xmldsig *x, const struct xmldsig_reference *references,
    size_t count, X509 *const *chain, size_t chain_count, struct err *e)
{
	if (count == 0 || count > XMLDSIG_REFERENCES || chain_count == 0 ||
	    chain_count > XMLDSIG_CHAIN)
		return err_set(e, ERR_LIMIT,
		    _("1 to %u files and 1 to %u certificates"),
		    XMLDSIG_REFERENCES, XMLDSIG_CHAIN);
	x->references = calloc(count, sizeof(*references));
	if (x->references == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	memcpy(x->references, references, count * sizeof(*references));
	x->count = x->room = count;
	for (size_t i = 0; i < chain_count; i++) {
		if (X509_up_ref(chain[i]) != 1)
			return err_set(e, ERR_CRYPTO, "X509_up_ref");
		x->chain[x->chain_count++] = chain[i];
	}
	return find_method(X509_get0_pubkey(chain[0]), &x->method, e);
}

int
xmldsig_sign(const struct xmldsig_reference *references, size_t count,
    EVP_PKEY *key, X509 *const *chain, size_t chain_count, struct buf *xml,
    struct err *e)
{
	struct xmldsig *x = NULL;
	struct buf out = buf_new(XMLDSIG_BYTES);
	int result = -1;

	if (new_xmldsig(&x, e) == 0 &&
	    fill(x, references, count, chain, chain_count, e) == 0 &&
	    make_value(x, key, e) == 0 && put_all(&out, x, e) == 0 &&
	    read_again(&out, e) == 0) {
		buf_put(xml, out.data, out.length);
		result = buf_status(xml, e);
	}
	buf_free(&out);
	xmldsig_free(&x);
	return result;
}
