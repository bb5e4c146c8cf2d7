/*
 * Recovery codes: 80 random bits each, typed once, instead of a device that
 * was lost. The record keeps SHA-256 of crypt(5) hashes under one shared
 * setting, so that an attempt costs one slow hash whoever makes it.
 */
#ifndef PAMOD_FACTOR_RECOVERY_H
#define PAMOD_FACTOR_RECOVERY_H

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

/* How many are left. */
unsigned recovery_left(const struct state_recovery *);

#endif
