/*
 * TOTP, RFC 6238. A step at or below the newest one burnt is never right
 * again (section 5.2), and the device's drift is learnt one step at a time
 * (section 6), within the bounds of [factor].
 */
#include "pamod/factor.h"
#include "pamod/otp.h"

extern const struct factor_type factor_totp;

/* The steps to try, and what a match among them means. */
struct steps {
	int64_t now;    /* the step by our clock */
	int64_t center; /* by the device's clock, as far as it was learnt */
	uint64_t first;
	uint64_t last;
};

static int64_t
bounded(int64_t value, int64_t bound)
{
	if (value > bound)
		return bound;
	return value < -bound ? -bound : value;
}

/*
 * -1 if the clock stands before every step that could be. Step 0, the first
 * seconds of 1970, is left out: a record's 0 means that none was burnt.
 */
static int
steps_around(const struct state_factor *factor,
    const struct factor_request *request, struct steps *s)
{
	const struct factor_limits *limits = &request->limits;
	int64_t first;
	int64_t last;

	if (request->now < 0 || factor->period == 0)
		return -1;
	s->now = request->now / factor->period;
	s->center = s->now + bounded(factor->drift, limits->totp_drift);
	first = s->center - limits->totp_window;
	last = s->center + limits->totp_window;
	if (last < 1)
		return -1;
	s->first = first < 1 ? 1 : (uint64_t)first;
	s->last = (uint64_t)last;
	return 0;
}

/* One step towards where the code was found: lateness is not drift. */
static int32_t
drift_after(const struct steps *s, uint64_t found, int64_t bound)
{
	int64_t drift = s->center - s->now;

	if ((int64_t)found > s->center)
		drift++;
	else if ((int64_t)found < s->center)
		drift--;
	return (int32_t)bounded(drift, bound);
}

static enum verdict
verify_code(const struct state_user *user, struct state_factor *factor,
    const char *digits, const struct factor_request *request,
    struct factor_used *used, struct err *e)
{
	struct otp otp;
	struct buf secret;
	struct otp_match match;
	struct steps steps;
	enum verdict verdict = VERDICT_DENY;

	if (factor_open_seed(user, factor, request, &otp, &secret, e) == -1)
		return VERDICT_DENY;
	if (steps_around(factor, request, &steps) == -1 ||
	    otp_find(&otp, digits, steps.first, steps.last, &match, e) == -1 ||
	    !match.found)
		goto out;
	if (match.newest <= factor->counter) {
		verdict = VERDICT_REPLAYED;
		goto out;
	}
	factor->counter = match.newest;
	factor->drift =
	    drift_after(&steps, match.newest, request->limits.totp_drift);
	factor_note_use(factor, &factor_totp, request->now, used);
	verdict = VERDICT_ALLOW;
out:
	buf_free(&secret);
	return verdict;
}

const struct factor_type factor_totp = {
	.name = "totp",
	.summary = "a code that changes with time, RFC 6238",
	.kind = KIND_HAVE,
	.typed = true,
	.looks_like = otp_looks_like,
	.verify = factor_verify_codes,
	.verify_code = verify_code,
};
