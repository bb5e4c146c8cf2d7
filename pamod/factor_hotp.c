/*
 * HOTP, RFC 4226: a code for each press of a button. The record holds the
 * next counter expected; those up to the look-ahead behind it are accepted
 * (section 7.2). A token that ran further ahead is brought back by root with
 * two codes in a row (section 7.4), which nobody at the door can do.
 */
#include "pamod/factor.h"
#include "pamod/otp.h"

extern const struct factor_type factor_hotp;

/* As many spent counters are recognised as spent. */
#define LOOK_BACK 10

static enum verdict
verify_code(const struct state_user *user, struct state_factor *factor,
    const char *digits, const struct factor_request *request,
    struct factor_used *used, struct err *e)
{
	uint64_t ahead = (uint64_t)request->limits.hotp_window;
	uint64_t next = factor->counter;
	struct otp otp;
	struct buf secret;
	struct otp_match match;
	enum verdict verdict = VERDICT_DENY;

	if (factor_open_seed(user, factor, request, &otp, &secret, e) == -1)
		return VERDICT_DENY;
	if (next > UINT64_MAX - ahead - 1) {
		err_set(
		    e, ERR_LIMIT, "%s: its counter is used up", factor->label);
		goto out;
	}
	if (otp_find(&otp, digits, next < LOOK_BACK ? 0 : next - LOOK_BACK,
	        next + ahead, &match, e) == -1 ||
	    !match.found)
		goto out;
	if (match.newest < next) {
		verdict = VERDICT_REPLAYED;
		goto out;
	}
	factor->counter = match.newest + 1;
	factor_note_use(factor, &factor_hotp, request->now, used);
	verdict = VERDICT_ALLOW;
out:
	buf_free(&secret);
	return verdict;
}

const struct factor_type factor_hotp = {
	.name = "hotp",
	.summary = "a code for each press of a button, RFC 4226",
	.kind = KIND_HAVE,
	.typed = true,
	.looks_like = otp_looks_like,
	.verify = factor_verify_codes,
	.verify_code = verify_code,
};
