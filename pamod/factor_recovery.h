/*
 * Recovery codes: 80 random bits each, typed once, instead of a device that
 * was lost. The record keeps SHA-256 of crypt(5) hashes under one shared
 * setting, so that an attempt costs one slow hash whoever makes it.
 */
#ifndef PAMOD_FACTOR_RECOVERY_H
#define PAMOD_FACTOR_RECOVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "pamod/state.h"
#include "schema/base/err.h"
#include "schema/base/secret.h"

#define RECOVERY_BYTES   10 /* 80 bits */
#define RECOVERY_DIGITS  16 /* base32, without hyphens */
#define RECOVERY_SIZE    20 /* "ABCD-EFGH-IJKL-MNOP" with its NUL */
#define RECOVERY_DEFAULT 10 /* codes of a batch */

/* The same, for whatever else is typed in this form. */
bool recovery_looks_like(const char *answer, char *digits);
int recovery_make_code(
    const struct entropy *, char code[RECOVERY_SIZE], struct err *);

/*
 * Makes a new batch in place of the old one, which is void from then on.
 * codes has count rows and is the only place where they ever are in clear:
 * the caller shows and wipes them.
 */
int recovery_make(struct state_recovery *, unsigned count,
    const struct entropy *, int64_t now, char (*codes)[RECOVERY_SIZE],
    struct err *);

/*
 * The slow hash of an answer, made before the record is locked: else of many
 * who come at once, each would wait for all the others' hashes.
 */
struct recovery_prepared {
	bool made;                    /* else it looks like no recovery code */
	char setting[STATE_HASH_MAX]; /* it was made under */
	unsigned char digest[32];
};

/* Leaves it not made where it can't be; then it is made when judged. */
void recovery_prepare(const struct state_recovery *, const char *answer,
    struct recovery_prepared *);

/* How many are left. */
unsigned recovery_left(const struct state_recovery *);

#endif
