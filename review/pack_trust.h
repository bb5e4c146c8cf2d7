/*
 * Whom a verifier believes, from outside of the pack: certificates and Ed25519
 * public keys in PEM, certificates' SHA-256 fingerprints, authorities of time
 * stamps. What a pack brings along is never trusted for being there.
 *
 * A signer is trusted whose very certificate is given (as a file, or by its
 * fingerprint), or whose chain ends at a given self-signed authority
 * (basicConstraints CA, RFC 5280). An intermediate authority alone is not
 * enough. Revocation is not looked at: a pack fetches nothing.
 */
#ifndef REVIEW_PACK_TRUST_H
#define REVIEW_PACK_TRUST_H

#include <stdbool.h>
#include <stdint.h>

#include <openssl/x509.h>

#include "schema/base/digest.h"
#include "schema/base/err.h"

#define PACK_TRUST_MAX 64u /* of each kind */

struct pack_trust;
int pack_trust_new(struct pack_trust **, struct err *);
void pack_trust_free(struct pack_trust **);
/*
 * A PEM file of certificates (a signer's own, or an authority's) and Ed25519
 * public keys. ERR_FORMAT if there is anything else in it.
 */
int pack_trust_file(struct pack_trust *, const char *path, struct err *);
/* 64 hexadecimal digits, colons allowed: of a signer's own certificate. */
int pack_trust_fingerprint(struct pack_trust *, const char *, struct err *);
/* A PEM file of authorities of time stamps. */
int pack_trust_time(struct pack_trust *, const char *path, struct err *);
bool pack_trust_has_time(const struct pack_trust *);

enum pack_trust_answer {
	PACK_UNTRUSTED = 0, /* and why */
	PACK_EXPIRED,       /* trusted, but not valid at that time; and why */
	PACK_TRUSTED,
};
/*
 * Whether the chain leads to somebody trusted, at that time. Its first
 * certificate is for signing: keyUsage, if it is there, has digitalSignature or
 * nonRepudiation. One that an authority issued is not for servers, time stamps
 * or OCSP alone (extendedKeyUsage).
 */
enum pack_trust_answer pack_trust_chain(const struct pack_trust *,
    X509 *const *chain, size_t count, int64_t at, char *why, size_t size);
/* Whether that Ed25519 key (32 bytes, raw) is trusted. */
bool pack_trust_key(const struct pack_trust *, const unsigned char key[32]);
/*
 * An RFC 3161 token (TimeStampResp) over those bytes: *at is its time. Its
 * authority's certificate is for time stamps alone (RFC 3161 section 2.3), and
 * was valid at that time. -1 with *e: ERR_TAMPERED, ERR_ACCESS (nobody trusted
 * made it), ERR_FORMAT.
 */
int pack_trust_token(const struct pack_trust *, const void *token,
    size_t token_length, const void *bytes, size_t length, int64_t *at,
    struct err *);

#endif
