#include "pamod/otp.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "schema/base/digest.h"
#include "schema/base/secret.h"

static const struct {
	const char *name;
	enum digest digest;
	size_t length; /* bytes */
} algorithms[] = {
	[OTP_SHA1] = { "SHA1", DIGEST_SHA1, 20 },
	[OTP_SHA256] = { "SHA256", DIGEST_SHA256, 32 },
	[OTP_SHA512] = { "SHA512", DIGEST_SHA512, 64 },
};

#define ALGORITHMS (sizeof(algorithms) / sizeof(algorithms[0]))

static const uint32_t powers_of_ten[] = { 1, 10, 100, 1000, 10000, 100000,
	1000000, 10000000, 100000000 };

const char *
otp_algorithm_name(unsigned algorithm)
{
	return algorithm < ALGORITHMS ? algorithms[algorithm].name : NULL;
}

unsigned
otp_algorithm_find(const char *name)
{
	for (unsigned i = OTP_SHA1; i < ALGORITHMS; i++)
		if (strcasecmp(algorithms[i].name, name) == 0)
			return i;
	return 0;
}

size_t
otp_seed_length(unsigned algorithm)
{
	return algorithm < ALGORITHMS ? algorithms[algorithm].length : 0;
}

/* RFC 4226 section 5.3, dynamic truncation: 31 bits of the HMAC. */
static uint32_t
truncate_hash(const unsigned char *hash, size_t length)
{
	size_t at = hash[length - 1] & 0x0f;

	return (uint32_t)(hash[at] & 0x7f) << 24 |
	    (uint32_t)hash[at + 1] << 16 | (uint32_t)hash[at + 2] << 8 |
	    (uint32_t)hash[at + 3];
}

int
otp_code(const struct otp *otp, uint64_t counter, char *out, struct err *e)
{
	unsigned char message[8];
	unsigned char hash[DIGEST_LENGTH_MAX];
	size_t length = otp_seed_length(otp->algorithm);
	int result = -1;

	out[0] = '\0';
	if (otp_algorithm_name(otp->algorithm) == NULL ||
	    otp->digits < OTP_DIGITS_MIN || otp->digits > OTP_DIGITS_MAX ||
	    otp->seed_length == 0)
		return err_set(e, ERR_FORMAT, "not a seed for codes");
	for (int i = 0; i < 8; i++)
		message[i] = (unsigned char)(counter >> (56 - 8 * i));
	if (digest_hmac(algorithms[otp->algorithm].digest, otp->seed,
	        otp->seed_length, message, sizeof(message), hash, e) == -1)
		goto out;
	snprintf(out, OTP_DIGITS_MAX + 1, "%0*u", (int)otp->digits,
	    truncate_hash(hash, length) % powers_of_ten[otp->digits]);
	result = 0;
out:
	secret_wipe(hash, sizeof(hash));
	return result;
}

bool
otp_looks_like(const char *answer, char *out)
{
	size_t count = 0;

	for (const char *c = answer; *c != '\0'; c++) {
		if (*c == ' ')
			continue;
		if (*c < '0' || *c > '9' || count == OTP_DIGITS_MAX)
			return false;
		if (out != NULL)
			out[count] = *c;
		count++;
	}
	if (out != NULL)
		out[count] = '\0';
	return count >= OTP_DIGITS_MIN;
}

int
otp_find(const struct otp *otp, const char *digits, uint64_t first,
    uint64_t last, struct otp_match *match, struct err *e)
{
	char code[OTP_DIGITS_MAX + 1];
	bool of_length = strlen(digits) == otp->digits;
	int result = -1;

	*match = (struct otp_match){ .found = false };
	if (last < first || last - first >= OTP_SPAN_MAX)
		return err_set(
		    e, ERR_LIMIT, "more than %d counters to try", OTP_SPAN_MAX);
	for (uint64_t i = 0; i <= last - first; i++) {
		if (otp_code(otp, first + i, code, e) == -1)
			goto out;
		if (of_length && secret_equal(code, digits, otp->digits)) {
			match->found = true;
			match->newest = first + i;
		}
	}
	result = 0;
out:
	if (result == -1)
		*match = (struct otp_match){ .found = false };
	secret_wipe(code, sizeof(code));
	return result;
}
