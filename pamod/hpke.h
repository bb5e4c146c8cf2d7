/*
 * Hybrid public key encryption, RFC 9180: single-shot base mode (section 6.1)
 * with DHKEM(X25519, HKDF-SHA256) and HKDF-SHA256.
 */
#ifndef PAMOD_HPKE_H
#define PAMOD_HPKE_H

#include <stddef.h>
#include <stdint.h>

#include "schema/base/buf.h"
#include "schema/base/err.h"

#define HPKE_KEY 32 /* bytes of a key of X25519, private or public */
#define HPKE_TAG 16

enum hpke_aead { HPKE_AES_128_GCM = 1, HPKE_AES_256_GCM = 2 };

struct hpke {
	enum hpke_aead aead;
	const char *info; /* what the message is, e.g. "reeve-enrolment-1" */
	const char *aad;  /* what it is about; both sides know it */
};

int hpke_public_key(const unsigned char secret_key[HPKE_KEY],
    unsigned char public_key[HPKE_KEY], struct err *);

/*
 * Appends the encapsulated key and the ciphertext with its tag to out.
 * ephemeral is 32 fresh random bytes, used for this message alone.
 */
int hpke_seal(const struct hpke *, const unsigned char public_key[HPKE_KEY],
    const unsigned char ephemeral[HPKE_KEY], const void *plain,
    size_t plain_length, struct buf *out, struct err *);

/* Appends the plain text to out. ERR_TAMPERED: not for this key, or altered. */
int hpke_open(const struct hpke *, const unsigned char secret_key[HPKE_KEY],
    const void *sealed, size_t sealed_length, struct buf *out, struct err *);

#endif
