/*
 * What a verifier holds from outside: a roster of keys, a head. For
 * act_verify.c.
 */
#ifndef REVIEW_ACT_TRUST_H
#define REVIEW_ACT_TRUST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "review/sshsig.h"
#include "schema/base/digest.h"

struct pins {
	char (*fingerprints)[SSHSIG_FINGERPRINT]; /* sorted */
	size_t count;
	bool roster;  /* there is one */
	int64_t head; /* act; 0: none */
	unsigned char digest[DIGEST_SHA256_LENGTH];
};

/*
 * Either may be NULL. A roster is a file of lines: a fingerprint "SHA256:..."
 * and anything behind it, or what allowed_signers of ssh-keygen(1) has: names,
 * options, a key. '#' begins a comment. A head is "17 HEX" or "act 17 HEX".
 * ERR_CONFIG with file and line, ERR_USAGE.
 */
int pins_load(
    struct pins *, const char *roster, const char *head, struct err *);
void pins_free(struct pins *);
bool pins_have(const struct pins *, const char *fingerprint);

#endif
