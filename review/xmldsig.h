/*
 * The detached signature of a pack: XML-DSig (W3C xmldsig-core 1.1) over the
 * octets of each file, one Reference in SignedInfo a file, no transforms,
 * SHA-256, ecdsa-sha256 with P-256 or rsa-sha256 with 3072 to 8192 bits, X.509
 * certificates as the only KeyInfo. A Reference's URI is the file's name below
 * the pack: verifiers run in the pack's folder.
 *
 * It is of one shape to the byte, with SignedInfo in its canonical form (xml-
 * exc-c14n) as it stands in the file. So it is verified without an XML parser:
 * what does not read back as the very bytes that we would write is refused, and
 * nothing can be wrapped, hidden or moved. Stock xmlsec1 verifies it too.
 */
#ifndef REVIEW_XMLDSIG_H
#define REVIEW_XMLDSIG_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/x509.h>

#include "review/evidence.h"
#include "schema/base/buf.h"
#include "schema/base/digest.h"
#include "schema/base/err.h"

#define XMLDSIG_BYTES      (1u << 20)            /* at most */
#define XMLDSIG_CHAIN      4u                    /* certificates */
#define XMLDSIG_REFERENCES (EVIDENCE_FILES + 2u) /* manifest, SHA256SUMS */

struct xmldsig_reference {
	char name[EVIDENCE_NAME_MAX + 1];
	unsigned char sha256[DIGEST_SHA256_LENGTH];
};

/*
 * Whether that public key may sign packs: ERR_FORMAT says what would do. So
 * that a signer hears it before anything is signed.
 */
int xmldsig_key_ok(const EVP_PKEY *, struct err *);

/*
 * References sorted by name. chain[0] is the key's own certificate, issuers'
 * follow. What was written is read and checked before it is handed out.
 */
int xmldsig_sign(const struct xmldsig_reference *, size_t count, EVP_PKEY *,
    X509 *const *chain, size_t chain_count, struct buf *xml, struct err *);

struct xmldsig; /* one that was read */
/*
 * Of anybody: shape and bounds. ERR_FORMAT. Nothing of it is trusted yet; names
 * pass evidence_name_ok() and ascend.
 */
int xmldsig_read(
    struct xmldsig **, const void *bytes, size_t length, struct err *);
void xmldsig_free(struct xmldsig **);
/* That the key of its first certificate made it. ERR_TAMPERED. */
int xmldsig_check(const struct xmldsig *, struct err *);
size_t xmldsig_count(const struct xmldsig *);
const struct xmldsig_reference *xmldsig_at(const struct xmldsig *, size_t);
/* How many; they belong to the xmldsig. */
size_t xmldsig_chain(const struct xmldsig *, X509 *const **);

#endif
