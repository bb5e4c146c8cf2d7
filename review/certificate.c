#include "review/certificate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "schema/base/file.h"
#include "schema/message.h"

int
certificate_file(const char *path, struct buf *out, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int result = -1;

	if (fd == -1)
		return err_sys(e, errno, "%s", path);
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))
		err_set(e, ERR_ACCESS, "%s: %s", path, _("not a file"));
	else if (file_read(fd, out, e) == -1)
		err_in(e, "%s", path);
	else
		result = 0;
	file_close(&fd);
	return result;
}

/* 1: a block; 0: no more; -1. It may be a private key: so it is wiped. */
static int
next_block(BIO *in, certificate_block_fn *take, void *context, struct err *e)
{
	char *label = NULL, *header = NULL;
	unsigned char *der = NULL;
	long length = 0;
	int result = 1;

	if (PEM_read_bio_ex(
	        in, &label, &header, &der, &length, PEM_FLAG_SECURE) != 1) {
		result =
		    ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE
		    ? 0
		    : err_set(e, ERR_FORMAT, _("a block of PEM is broken"));
		ERR_clear_error();
		return result;
	}
	if (take(context, label, der, (size_t)length, e) == -1)
		result = -1;
	OPENSSL_secure_free(label);
	OPENSSL_secure_free(header);
	OPENSSL_secure_clear_free(der, (size_t)length);
	return result;
}

int
certificate_blocks(const void *text, size_t length, certificate_block_fn *take,
    void *context, struct err *e)
{
	BIO *in = NULL;
	int more, count = 0;

	if (length > CERTIFICATE_FILE)
		return err_set(
		    e, ERR_LIMIT, _("longer than %u bytes"), CERTIFICATE_FILE);
	if (length > 0)
		in = BIO_new_mem_buf(text, (int)length);
	if (length > 0 && in == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	while ((more = in == NULL ? 0 : next_block(in, take, context, e)) == 1)
		count++;
	BIO_free(in);
	if (more == 0 && count == 0)
		return err_set(e, ERR_FORMAT, _("no PEM"));
	return more;
}

X509 *
certificate_parse(const unsigned char *der, size_t length, struct err *e)
{
	const unsigned char *at = der;
	X509 *c = NULL;

	if (length <= CERTIFICATE_BYTES)
		c = d2i_X509(NULL, &at, (long)length);
	ERR_clear_error();
	if (c != NULL && at == der + length)
		return c;
	X509_free(c);
	err_set(e, ERR_FORMAT, _("not a certificate"));
	return NULL;
}

int
certificate_digest(
    const X509 *c, unsigned char digest[DIGEST_SHA256_LENGTH], struct err *e)
{
	unsigned length = DIGEST_SHA256_LENGTH;

	return X509_digest(c, EVP_sha256(), digest, &length) == 1
	    ? 0
	    : err_set(e, ERR_CRYPTO, "X509_digest");
}

void
certificate_print(const unsigned char digest[DIGEST_SHA256_LENGTH],
    char out[CERTIFICATE_PRINT])
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < DIGEST_SHA256_LENGTH; i++) {
		out[3 * i] = digits[digest[i] >> 4];
		out[3 * i + 1] = digits[digest[i] & 0x0fu];
		out[3 * i + 2] = i + 1 < DIGEST_SHA256_LENGTH ? ':' : '\0';
	}
}

void
certificate_name(const X509 *c, char *out, size_t size)
{
	const X509_NAME *name = X509_get_subject_name(c);
	int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
	unsigned char *text = NULL;
	int length = -1;

	if (at >= 0)
		length = ASN1_STRING_to_UTF8(&text,
		    X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
	(void)snprintf(out, size, "%s", length > 0 ? (const char *)text : "?");
	OPENSSL_free(text);
	ERR_clear_error();
}
