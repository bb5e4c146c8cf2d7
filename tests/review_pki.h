/*
 * Keys and certificates for tests of packs: a signer's, an authority's, one
 * that is wrong in a way that the test names.
 */
#ifndef TESTS_REVIEW_PKI_H
#define TESTS_REVIEW_PKI_H

#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#define PKI_FROM INT64_C(1767225600) /* 2026-01-01 */
#define PKI_DAY  INT64_C(86400)
#define PKI_TO   (PKI_FROM + 1095 * PKI_DAY)

struct pki {
	EVP_PKEY *key;
	X509 *certificate;
};

struct pki_want {
	const char *name;
	const char *kind; /* "P-256", "P-384", "RSA-3072"; NULL: P-256 */
	const struct pki *issuer; /* NULL: itself */
	int64_t from, to;         /* 0: PKI_FROM, PKI_TO */
	const char *constraints;  /* NULL: "critical,CA:FALSE"; "": none */
	const char *usage;        /* keyUsage; NULL: none */
	const char *extended;     /* extendedKeyUsage; NULL: none */
};

static inline EVP_PKEY *
pki_key(const char *kind)
{
	if (strncmp(kind, "RSA-", 4) == 0)
		return EVP_PKEY_Q_keygen(
		    NULL, NULL, "RSA", (size_t)atoi(kind + 4));
	if (strncmp(kind, "P-", 2) == 0)
		return EVP_PKEY_Q_keygen(NULL, NULL, "EC", kind);
	return EVP_PKEY_Q_keygen(NULL, NULL, kind);
}

static inline void
pki_extend(X509 *c, X509 *issuer, int kind, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *extension;

	if (value == NULL || value[0] == '\0')
		return;
	X509V3_set_ctx(&context, issuer, c, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
	ck_assert_ptr_nonnull(extension);
	ck_assert_int_eq(X509_add_ext(c, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

static inline void
pki_name(X509_NAME *out, const char *name)
{
	ck_assert_int_eq(X509_NAME_add_entry_by_txt(out, "CN", MBSTRING_UTF8,
	                     (const unsigned char *)name, -1, -1, 0),
	    1);
}

static inline void
pki_make(struct pki *p, const struct pki_want *w)
{
	static long serial = 1;
	const char *constraints =
	    w->constraints == NULL ? "critical,CA:FALSE" : w->constraints;
	X509 *c = X509_new(), *issuer;

	p->key = pki_key(w->kind == NULL ? "P-256" : w->kind);
	ck_assert_ptr_nonnull(p->key);
	p->certificate = c;
	issuer = w->issuer == NULL ? c : w->issuer->certificate;
	ck_assert_int_eq(X509_set_version(c, 2), 1);
	ASN1_INTEGER_set(X509_get_serialNumber(c), serial++);
	ASN1_TIME_set(
	    X509_getm_notBefore(c), w->from == 0 ? PKI_FROM : w->from);
	ASN1_TIME_set(X509_getm_notAfter(c), w->to == 0 ? PKI_TO : w->to);
	pki_name(X509_get_subject_name(c), w->name);
	X509_set_issuer_name(c, X509_get_subject_name(issuer));
	X509_set_pubkey(c, p->key);
	pki_extend(c, issuer, NID_basic_constraints, constraints);
	pki_extend(c, issuer, NID_key_usage, w->usage);
	pki_extend(c, issuer, NID_ext_key_usage, w->extended);
	pki_extend(c, issuer, NID_subject_key_identifier, "hash");
	ck_assert_int_ne(
	    X509_sign(c, w->issuer == NULL ? p->key : w->issuer->key,
	        strncmp(w->kind == NULL ? "" : w->kind, "ED", 2) == 0
	            ? NULL
	            : EVP_sha256()),
	    0);
}

static inline void
pki_free(struct pki *p)
{
	EVP_PKEY_free(p->key);
	X509_free(p->certificate);
	memset(p, 0, sizeof(*p));
}

/* A PEM file of what is not NULL, mode 0600. */
static inline void
pki_write(const char *path, const EVP_PKEY *key, X509 *const *certificates,
    size_t count)
{
	FILE *f = fopen(path, "wx");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fchmod(fileno(f), 0600), 0);
	if (key != NULL)
		ck_assert_int_eq(PEM_write_PKCS8PrivateKey(
		                     f, key, NULL, NULL, 0, NULL, NULL),
		    1);
	for (size_t i = 0; i < count; i++)
		ck_assert_int_eq(PEM_write_X509(f, certificates[i]), 1);
	ck_assert_int_eq(fclose(f), 0);
}

#endif
