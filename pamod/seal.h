/*
 * AES-256-GCM, NIST SP 800-38D: what is sealed is secret, and opens only with
 * its key and with what it was bound to.
 */
#ifndef PAMOD_SEAL_H
#define PAMOD_SEAL_H

#include <stddef.h>

#include "schema/base/buf.h"
#include "schema/base/err.h"

#define SEAL_KEY   32u /* bytes */
#define SEAL_NONCE 12u
#define SEAL_TAG   16u

/*
 * sealed is nonce || ciphertext || tag. The caller puts the nonce, never twice
 * the same one with a key; length is the secret's. ERR_CRYPTO.
 */
int seal_close(const unsigned char *key, const struct buf *bound,
    const unsigned char *secret, size_t length, unsigned char *sealed,
    struct err *);

/* ERR_TAMPERED, and secret wiped, if it is not what was sealed. */
int seal_open(const unsigned char *key, const struct buf *bound,
    const unsigned char *sealed, size_t length, unsigned char *secret,
    struct err *);

#endif
