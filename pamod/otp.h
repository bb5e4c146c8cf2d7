/*
 * One-time passwords from a counter: HOTP (RFC 4226), and so TOTP (RFC 6238),
 * whose counter is the time step.
 */
#ifndef PAMOD_OTP_H
#define PAMOD_OTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/err.h"

#define OTP_DIGITS_MIN   6
#define OTP_DIGITS_MAX   8
#define OTP_PERIOD_SHORT 30  /* s */
#define OTP_PERIOD_LONG  60  /* s */
#define OTP_SPAN_MAX     256 /* counters tried for one answer */

/* Kept in the record: the numbers stay. */
enum otp_algorithm { OTP_SHA1 = 1, OTP_SHA256 = 2, OTP_SHA512 = 3 };

/* "SHA1", "SHA256", "SHA512" as otpauth URIs spell them; NULL: none such. */
const char *otp_algorithm_name(unsigned algorithm);
/* Either case; 0: none such. */
unsigned otp_algorithm_find(const char *name);
/* Bytes of a seed: the hash's own length (RFC 6238 section 5.1). */
size_t otp_seed_length(unsigned algorithm);

/* What makes a seed's codes. */
struct otp {
	unsigned algorithm; /* enum otp_algorithm */
	unsigned digits;    /* OTP_DIGITS_MIN to OTP_DIGITS_MAX */
	const unsigned char *seed;
	size_t seed_length;
};

/* The code of that counter with its NUL: OTP_DIGITS_MAX + 1 bytes. */
int otp_code(const struct otp *, uint64_t counter, char *out, struct err *);

/*
 * Whether an answer has the form of a code: 6 to 8 digits, with blanks where
 * people put them. out (OTP_DIGITS_MAX + 1 bytes, may be NULL) gets the digits
 * alone.
 */
bool otp_looks_like(const char *answer, char *out);

/* Where a code was found among counters. */
struct otp_match {
	bool found;
	uint64_t newest; /* the highest counter that has this code */
};

/*
 * Looks for digits among the counters first to last. All of them are
 * computed and compared in constant time wherever it is found, so the time
 * says nothing. The highest counter is what to burn: no other one in reach
 * has the same code.
 */
int otp_find(const struct otp *, const char *digits, uint64_t first,
    uint64_t last, struct otp_match *, struct err *);

#endif
