/*
 * X.509 certificates (RFC 5280) in PEM files (RFC 7468), for who signs packs
 * and who verifies them.
 */
#ifndef REVIEW_CERTIFICATE_H
#define REVIEW_CERTIFICATE_H

#include <stddef.h>

#include <openssl/x509.h>

#include "schema/base/buf.h"
#include "schema/base/digest.h"
#include "schema/base/err.h"

#define CERTIFICATE_FILE  (1u << 20) /* bytes of a PEM file, at most */
#define CERTIFICATE_BYTES 16384u     /* of a certificate's DER, at most */
#define CERTIFICATE_PRINT 96u        /* of a fingerprint as text, with NUL */

/* What is public: any regular file, appended. */
int certificate_file(const char *path, struct buf *, struct err *);

/*
 * For each block of PEM, its label and DER, which the function does not keep.
 * ERR_FORMAT if there is none, or if one is broken.
 */
typedef int certificate_block_fn(void *context, const char *label,
    const unsigned char *der, size_t length, struct err *);
int certificate_blocks(const void *text, size_t length, certificate_block_fn *,
    void *context, struct err *);

/* Exactly these bytes, or NULL: ERR_FORMAT. X509_free. */
X509 *certificate_parse(const unsigned char *der, size_t length, struct err *);
/* SHA-256 of the DER. */
int certificate_digest(
    const X509 *, unsigned char digest[DIGEST_SHA256_LENGTH], struct err *);
/* As openssl x509 -fingerprint -sha256 prints it: "AB:CD:...". */
void certificate_print(const unsigned char digest[DIGEST_SHA256_LENGTH],
    char out[CERTIFICATE_PRINT]);
/* The common name, else "?"; of anybody, so not for a terminal as it is. */
void certificate_name(const X509 *, char *out, size_t size);

#endif
