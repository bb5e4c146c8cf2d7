#include "review/timestamp.h"

#include <string.h>
#include <time.h>

#include <openssl/err.h>

#include "schema/base/digest.h"
#include "schema/message.h"

#define NONCE 8u /* bytes */

/* ---- A request ---- */

static TS_MSG_IMPRINT *
make_imprint(const void *bytes, size_t length, struct err *e)
{
	unsigned char digest[DIGEST_SHA256_LENGTH];
	TS_MSG_IMPRINT *imprint = NULL;
	X509_ALGOR *algorithm = NULL;

	if (digest_sha256(bytes, length, digest, e) == -1)
		return NULL;
	imprint = TS_MSG_IMPRINT_new();
	algorithm = X509_ALGOR_new();
	if (imprint == NULL || algorithm == NULL ||
	    X509_ALGOR_set0(
	        algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) != 1 ||
	    TS_MSG_IMPRINT_set_algo(imprint, algorithm) != 1 ||
	    TS_MSG_IMPRINT_set_msg(imprint, digest, sizeof(digest)) != 1) {
		TS_MSG_IMPRINT_free(imprint);
		imprint = NULL;
		err_set(e, ERR_MEMORY, "out of memory");
	}
	X509_ALGOR_free(algorithm);
	return imprint;
}

/* Positive, and never shorter: the first bit is clear, the second set. */
static ASN1_INTEGER *
make_nonce(const struct entropy *entropy, struct err *e)
{
	unsigned char bytes[NONCE];
	ASN1_INTEGER *nonce = NULL;
	BIGNUM *number = NULL;

	if (entropy_fill(entropy, bytes, sizeof(bytes), e) == -1)
		return NULL;
	bytes[0] = (unsigned char)((bytes[0] & 0x3fu) | 0x40u);
	number = BN_bin2bn(bytes, sizeof(bytes), NULL);
	if (number != NULL)
		nonce = BN_to_ASN1_INTEGER(number, NULL);
	BN_free(number);
	if (nonce == NULL)
		err_set(e, ERR_MEMORY, "out of memory");
	return nonce;
}

static int
put_request(TS_REQ *request, struct buf *out, struct err *e)
{
	unsigned char *der = NULL;
	int length = i2d_TS_REQ(request, &der);

	if (length <= 0)
		return err_set(e, ERR_CRYPTO, "i2d_TS_REQ");
	buf_put(out, der, (size_t)length);
	OPENSSL_free(der);
	return buf_status(out, e);
}

int
timestamp_request(const void *bytes, size_t length,
    const struct entropy *entropy, struct buf *out, struct err *e)
{
	TS_MSG_IMPRINT *imprint = make_imprint(bytes, length, e);
	ASN1_INTEGER *nonce = NULL;
	TS_REQ *request = NULL;
	int result = -1;

	if (imprint == NULL || (nonce = make_nonce(entropy, e)) == NULL)
		goto out;
	request = TS_REQ_new();
	if (request == NULL || TS_REQ_set_version(request, 1) != 1 ||
	    TS_REQ_set_msg_imprint(request, imprint) != 1 ||
	    TS_REQ_set_nonce(request, nonce) != 1 ||
	    TS_REQ_set_cert_req(request, 1) != 1)
		err_set(e, ERR_MEMORY, "out of memory");
	else
		result = put_request(request, out, e);
out:
	TS_REQ_free(request);
	ASN1_INTEGER_free(nonce);
	TS_MSG_IMPRINT_free(imprint);
	return result;
}

/* ---- Its answer ---- */

TS_RESP *
timestamp_parse(const void *token, size_t length, struct err *e)
{
	const unsigned char *at = token;
	TS_RESP *r = NULL;

	if (length <= TIMESTAMP_BYTES)
		r = d2i_TS_RESP(NULL, &at, (long)length);
	ERR_clear_error();
	if (r == NULL || at != (const unsigned char *)token + length)
		err_set(e, ERR_FORMAT, _("not an RFC 3161 time stamp"));
	else if (TS_RESP_get_tst_info(r) == NULL)
		err_set(e, ERR_FORMAT,
		    _("the authority refused: it is no time stamp"));
	else
		return r;
	TS_RESP_free(r);
	return NULL;
}

static const EVP_MD *
find_hash(TS_MSG_IMPRINT *imprint)
{
	const ASN1_OBJECT *what;

	X509_ALGOR_get0(&what, NULL, NULL, TS_MSG_IMPRINT_get_algo(imprint));
	switch (OBJ_obj2nid(what)) {
	case NID_sha256:
		return EVP_sha256();
	case NID_sha384:
		return EVP_sha384();
	case NID_sha512:
		return EVP_sha512();
	default:
		return NULL;
	}
}

static int
compare(
    TS_MSG_IMPRINT *imprint, const void *bytes, size_t length, struct err *e)
{
	const EVP_MD *hash = find_hash(imprint);
	const ASN1_OCTET_STRING *is = TS_MSG_IMPRINT_get_msg(imprint);
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;

	if (hash == NULL)
		return err_set(e, ERR_FORMAT,
		    _("stamped by another hash than SHA-256, 384 or 512"));
	if (EVP_Digest(bytes, length, digest, &size, hash, NULL) != 1)
		return err_set(e, ERR_CRYPTO, "EVP_Digest");
	if (ASN1_STRING_length(is) != (int)size ||
	    memcmp(ASN1_STRING_get0_data(is), digest, size) != 0)
		return err_set(
		    e, ERR_TAMPERED, _("the time stamp is of other bytes"));
	return 0;
}

int
timestamp_fits(
    TS_RESP *r, const void *bytes, size_t length, int64_t *at, struct err *e)
{
	TS_TST_INFO *info = TS_RESP_get_tst_info(r);
	struct tm tm;

	if (compare(TS_TST_INFO_get_msg_imprint(info), bytes, length, e) == -1)
		return -1;
	if (ASN1_TIME_to_tm(TS_TST_INFO_get_time(info), &tm) != 1)
		return err_set(e, ERR_FORMAT, _("the time stamp has no time"));
	*at = timegm(&tm);
	return 0;
}

int
timestamp_answers(TS_RESP *r, const void *request, size_t length, struct err *e)
{
	const unsigned char *at = request;
	const ASN1_INTEGER *nonce =
	    TS_TST_INFO_get_nonce(TS_RESP_get_tst_info(r));
	TS_REQ *q = d2i_TS_REQ(NULL, &at, (long)length);
	int result = -1;

	if (q == NULL || TS_REQ_get_nonce(q) == NULL)
		err_set(e, ERR_FORMAT, _("not an RFC 3161 request"));
	else if (nonce == NULL ||
	    ASN1_INTEGER_cmp(nonce, TS_REQ_get_nonce(q)) != 0)
		err_set(e, ERR_TAMPERED,
		    _("the time stamp answers another request"));
	else
		result = 0;
	TS_REQ_free(q);
	ERR_clear_error();
	return result;
}
