/*
 * The keys that sign packs. A signer has a certificate with an EC P-256 or RSA
 * key (at least 3072 bits), and may have an Ed25519 key beside it.
 *
 * FILE            PEM (RFC 7468): a private key (may be encrypted), its
 *                 certificate, issuers' certificates; or PKCS#12 (RFC 7292)
 * pkcs11:...      RFC 7512: a token's key, through an OpenSSL engine or
 *                 provider; the certificate is on the token or in --certificate
 */
#ifndef REVIEW_SIGNING_KEY_H
#define REVIEW_SIGNING_KEY_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "review/xmldsig.h"
#include "schema/base/err.h"

struct signing_key {
	EVP_PKEY *key;
	X509 *chain[XMLDSIG_CHAIN];
	size_t chain_count;
	EVP_PKEY *ed25519; /* NULL: none */
};

/* Asks for a passphrase or PIN; size of out; -1: there is none. */
typedef int signing_ask_fn(
    void *context, const char *what, char *out, size_t size);

int signing_key_load(struct signing_key **, const char *place,
    const char *certificate /* NULL */, const char *ed25519 /* NULL */,
    signing_ask_fn *, void *context, struct err *);
void signing_key_free(struct signing_key **);

#endif
