/*
 * The keys that sign packs. A signer has a certificate with an EC P-256 or RSA
 * key (at least 3072 bits), and may have an Ed25519 key beside it.
 *
 * FILE            PEM (RFC 7468): a private key (may be encrypted), its
 *                 certificate, issuers' certificates; or PKCS#12 (RFC 7292).
 *                 Owned by who signs, and nobody else's to read
 * pkcs11:...      RFC 7512: a token's key, through OpenSSL's engine "pkcs11"
 *                 (libengine-pkcs11-openssl), which finds the token's module in
 *                 PKCS11_MODULE_PATH, openssl.cnf or p11-kit; the certificate is
 *                 on the token or in --certificate
 */
#ifndef REVIEW_SIGNING_KEY_H
#define REVIEW_SIGNING_KEY_H

#include <stdbool.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "review/xmldsig.h"
#include "schema/base/err.h"

#define SIGNING_PASSPHRASE 256u /* bytes, with its NUL */

struct signing_token; /* what a token's key needs while it is there */

struct signing_key {
	EVP_PKEY *key;
	X509 *chain[XMLDSIG_CHAIN]; /* its certificate, then issuers' */
	size_t chain_count;
	EVP_PKEY *ed25519; /* NULL: none */
	struct signing_token *token;
};

/* Asks for a passphrase or PIN; size of out; -1: there is none. */
typedef int signing_ask_fn(
    void *context, const char *what, char *out, size_t size);

/*
 * What certificate names goes before what is with the key.
 * ERR_ACCESS: not only its owner's, or a wrong passphrase; ERR_MISSING: no such
 * file or token; ERR_FORMAT: not what signs packs, or without a certificate.
 */
int signing_key_load(struct signing_key **, const char *place,
    const char *certificate /* NULL */, const char *ed25519 /* NULL */,
    signing_ask_fn *, void *context, struct err *);
void signing_key_free(struct signing_key **);

#define SIGNING_NAME 64u /* bytes, with its NUL */
/*
 * A person's name as the name of their files: "Chen Mei-ling" is
 * "chen-mei-ling", and "signer" who has no letter of ASCII.
 */
void signing_name(const char *person, char out[SIGNING_NAME]);
/* Whether signatures/NAME.xml may be called so. */
bool signing_name_ok(const char *name);

/*
 * Of signing_key.c: the key of that URI; and its certificate, unless there is
 * none (NULL).
 */
int signing_token_open(struct signing_token **, const char *uri,
    signing_ask_fn *, void *context, EVP_PKEY **, X509 **, struct err *);
void signing_token_close(struct signing_token **);

#endif
