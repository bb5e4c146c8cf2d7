/*
 * SHA-1, SHA-2 and HMAC of what is in memory.
 *
 * They are libcrypto's own functions, called directly. Its EVP layer makes
 * every algorithm of a provider before it gives out the first one: 2 to 3 ms
 * and 2 MB in each process that lets somebody in, where the work itself takes
 * microseconds. Built with FIPS=1 all goes through EVP, and so through the
 * module that was validated.
 */
#ifndef SCHEMA_BASE_DIGEST_H
#define SCHEMA_BASE_DIGEST_H

#include <stddef.h>

#include "schema/base/err.h"

#define DIGEST_SHA256_LENGTH 32u
#define DIGEST_LENGTH_MAX    64u

enum digest {
	DIGEST_SHA1,   /* 20 bytes; FIPS 180-4 */
	DIGEST_SHA256, /* 32 */
	DIGEST_SHA512, /* 64 */
};

size_t digest_length(enum digest);

/* out has digest_length bytes. ERR_CRYPTO. */
int digest_make(enum digest, const void *bytes, size_t length,
    unsigned char *out, struct err *);
int digest_sha256(
    const void *bytes, size_t length, unsigned char *out, struct err *);

/* RFC 2104. ERR_CRYPTO. */
int digest_hmac(enum digest, const void *key, size_t key_length,
    const void *bytes, size_t length, unsigned char *out, struct err *);

#endif
