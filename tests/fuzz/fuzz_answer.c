/*
 * What people type at the prompt. Only a code of a seed at its time is right,
 * and it is right once; every other answer leaves the record as it was.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pamod/breakglass.h"
#include "pamod/factor.h"
#include "pamod/factor_recovery.h"
#include "pamod/otp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW        INT64_C(1790000000)
#define ANSWER_MAX 512

static const unsigned char seed[] = "12345678901234567890";

static void
must(bool fact)
{
	if (!fact)
		abort();
}

/* Seeds are in clear here. */
int
state_unseal(struct state *state, const struct state_user *user,
    const struct state_factor *factor, struct buf *secret, struct err *e)
{
	(void)state;
	(void)user;
	buf_put(secret, factor->data, factor->data_length);
	return buf_status(secret, e);
}

static void
set_up(struct state_user *user)
{
	static const char *const names[] = { "totp", "hotp", "sshkey" };

	memset(user, 0, sizeof(*user)); /* padding too: it is compared */
	for (unsigned i = 0; i < 3; i++) {
		struct state_factor *factor = &user->factors[i];

		factor->id = i + 1;
		factor->confirmed = true;
		snprintf(factor->type, sizeof(factor->type), "%s", names[i]);
		factor->algorithm = OTP_SHA1;
		factor->digits = 6;
		factor->period = 30;
		factor->data_length = 20;
		memcpy(factor->data, seed, 20);
	}
}

/* Whether those digits are a code that may be right now. */
static bool
is_code(const char *digits)
{
	struct otp otp = { OTP_SHA1, 6, seed, 20 };
	struct otp_match match;
	struct err e;

	must(otp_find(&otp, digits, NOW / 30 - 1, NOW / 30 + 1, &match, &e) ==
	    0);
	if (match.found)
		return true;
	must(otp_find(&otp, digits, 0, 10, &match, &e) == 0);
	return match.found;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct state_user user;
	static struct state_user before;
	char answer[ANSWER_MAX + 1];
	char digits[OTP_DIGITS_MAX + 1];
	struct factor_request request = {
		.answer = answer,
		.now = NOW,
		.limits = { .totp_window = 1,
		    .totp_drift = 4,
		    .hotp_window = 10 },
	};
	struct factor_used used;
	struct err e = { .code = ERR_NONE };
	enum verdict verdict;

	if (size > ANSWER_MAX || memchr(data, '\0', size) != NULL)
		return 0;
	memcpy(answer, data, size);
	answer[size] = '\0';
	must(!breakglass_looks_like(answer) || !otp_looks_like(answer, NULL));
	must(!breakglass_looks_like(answer) ||
	    !recovery_looks_like(answer, NULL));
	set_up(&user);
	before = user;
	verdict = factor_judge(&user, NULL, 0, &request, &used, &e);
	must((verdict == VERDICT_ALLOW) ==
	    (otp_looks_like(answer, digits) && is_code(digits)));
	if (verdict != VERDICT_ALLOW) {
		/* Bytes, padding too: nothing may have been touched. */
		must(memcmp((const unsigned char *)&user,
		         (const unsigned char *)&before, sizeof(user)) == 0);
		return 0;
	}
	must(used.kind == KIND_HAVE && used.id != 0);
	must(
	    factor_judge(&user, NULL, 0, &request, &used, &e) != VERDICT_ALLOW);
	return 0;
}
