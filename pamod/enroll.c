#include "pamod/enroll.h"

#include <stdio.h>
#include <string.h>

#include <openssl/sha.h>

#include "pamod/otp.h"
#include "schema/base/enc.h"

#define DIGEST 32 /* of SHA-256 */

void
enroll_wipe(struct enrolment *n)
{
	secret_wipe(n, sizeof(*n));
}

/* Printable, so that it can't act on the terminal of who lists it. */
static int
check_label(const char *label, struct err *e)
{
	for (const char *c = label; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f || *c == ':' ||
		    *c == ',')
			return err_set(e, ERR_USAGE,
			    "a label has no control characters, \":\" or "
			    "\",\"");
	if (strlen(label) > STATE_LABEL_MAX ||
	    !enc_is_utf8(label, strlen(label)))
		return err_set(e, ERR_USAGE,
		    "a label has 1 to %d bytes of UTF-8", STATE_LABEL_MAX);
	return 0;
}

/* The usual in place of what was left open, and nothing that can't be. */
static int
set_up(struct state_factor *to, const struct state_factor *wanted, int64_t now,
    struct err *e)
{
	bool totp = strcmp(wanted->type, "totp") == 0;

	if (!totp && strcmp(wanted->type, "hotp") != 0)
		return err_set(
		    e, ERR_USAGE, "%s: not a kind of code", wanted->type);
	*to = (struct state_factor){
		.created = now,
		.algorithm =
		    wanted->algorithm == 0 ? OTP_SHA1 : wanted->algorithm,
		.digits = wanted->digits == 0 ? OTP_DIGITS_MIN : wanted->digits,
	};
	if (totp)
		to->period =
		    wanted->period == 0 ? OTP_PERIOD_SHORT : wanted->period;
	snprintf(to->type, sizeof(to->type), "%s", wanted->type);
	snprintf(to->label, sizeof(to->label), "%s",
	    wanted->label[0] == '\0' ? wanted->type : wanted->label);
	if (otp_algorithm_name(to->algorithm) == NULL)
		return err_set(
		    e, ERR_USAGE, "algorithms are SHA1, SHA256, SHA512");
	if (to->digits < OTP_DIGITS_MIN || to->digits > OTP_DIGITS_MAX)
		return err_set(e, ERR_USAGE, "codes have %d to %d digits",
		    OTP_DIGITS_MIN, OTP_DIGITS_MAX);
	if (totp && to->period != OTP_PERIOD_SHORT &&
	    to->period != OTP_PERIOD_LONG)
		return err_set(e, ERR_USAGE, "periods are %d or %d seconds",
		    OTP_PERIOD_SHORT, OTP_PERIOD_LONG);
	return check_label(to->label, e);
}

int
enroll_begin(struct enrolment *n, const struct state_factor *wanted,
    const struct entropy *entropy, int64_t now, struct err *e)
{
	*n = (struct enrolment){ .seed_length = 0 };
	if (set_up(&n->factor, wanted, now, e) == -1)
		return -1;
	n->seed_length = otp_seed_length(n->factor.algorithm);
	if (entropy_fill(entropy, n->seed, n->seed_length, e) == -1) {
		enroll_wipe(n);
		return -1;
	}
	return 0;
}

int
enroll_begin_seed(struct enrolment *n, const struct state_factor *wanted,
    const unsigned char *seed, size_t length, int64_t now, struct err *e)
{
	*n = (struct enrolment){ .seed_length = length };
	if (length < ENROLL_SEED_MIN || length > STATE_SECRET_MAX)
		return err_set(e, ERR_USAGE, "a seed has %d to %d bytes",
		    ENROLL_SEED_MIN, STATE_SECRET_MAX);
	memcpy(n->seed, seed, length);
	return set_up(&n->factor, wanted, now, e);
}

int
enroll_begin_digest(struct enrolment *n, const char *label,
    const unsigned char *digest, size_t length, int64_t now, struct err *e)
{
	*n = (struct enrolment){ .factor = { .type = "sshkey",
		                     .confirmed = true,
		                     .created = now,
		                     .data_length = DIGEST } };
	if (label[0] == '\0')
		label = "sshkey";
	if (length != DIGEST)
		return err_set(e, ERR_FORMAT, "not a key's fingerprint");
	if (check_label(label, e) == -1)
		return -1;
	memcpy(n->factor.data, digest, DIGEST);
	snprintf(n->factor.label, sizeof(n->factor.label), "%s", label);
	return 0;
}

int
enroll_begin_sshkey(struct enrolment *n, const char *label,
    const char *fingerprint, int64_t now, struct err *e)
{
	unsigned char digest[DIGEST];

	if (sshkey_parse_fingerprint(fingerprint, digest, e) == -1)
		return -1;
	return enroll_begin_digest(n, label, digest, DIGEST, now, e);
}

int
enroll_uri(const struct enrolment *n, const char *user, const char *issuer,
    struct buf *out, struct err *e)
{
	buf_printf(out, "otpauth://%s/", n->factor.type);
	enc_percent(out, issuer);
	buf_put_string(out, ":");
	enc_percent(out, user);
	buf_put_string(out, "?secret=");
	enc_base32(out, n->seed, n->seed_length);
	buf_put_string(out, "&issuer=");
	enc_percent(out, issuer);
	buf_printf(out, "&algorithm=%s&digits=%u",
	    otp_algorithm_name(n->factor.algorithm), n->factor.digits);
	if (n->factor.period != 0)
		buf_printf(out, "&period=%u", n->factor.period);
	else
		buf_put_string(out, "&counter=0");
	return buf_status(out, e);
}

int
enroll_secret_text(const struct enrolment *n, struct buf *out, struct err *e)
{
	struct buf digits = buf_new(2 * STATE_SECRET_MAX);

	enc_base32(&digits, n->seed, n->seed_length);
	for (size_t i = 0; i < digits.length; i++) {
		if (i > 0 && i % 4 == 0)
			buf_put_byte(out, ' ');
		buf_put_byte(out, digits.data[i]);
	}
	buf_free(&digits);
	return buf_status(out, e);
}

static struct otp
codes_of(const struct enrolment *n)
{
	return (struct otp){
		.algorithm = n->factor.algorithm,
		.digits = n->factor.digits,
		.seed = n->seed,
		.seed_length = n->seed_length,
	};
}

enum verdict
enroll_prove(
    struct enrolment *n, const char *answer, int64_t now, struct err *e)
{
	struct state_factor *factor = &n->factor;
	struct otp otp = codes_of(n);
	uint64_t first = 0;
	uint64_t last = ENROLL_PROOF_SPAN - 1;
	int64_t step = 0;
	char digits[OTP_DIGITS_MAX + 1];
	struct otp_match match;

	if (n->seed_length == 0 || !otp_looks_like(answer, digits))
		return VERDICT_DENY;
	if (factor->period != 0) {
		step = now / factor->period;
		if (step <= ENROLL_PROOF_STEPS)
			return VERDICT_DENY; /* a clock that stands at 1970 */
		first = (uint64_t)step - ENROLL_PROOF_STEPS;
		last = (uint64_t)step + ENROLL_PROOF_STEPS;
	}
	if (otp_find(&otp, digits, first, last, &match, e) == -1 ||
	    !match.found)
		return VERDICT_DENY;
	if (factor->period != 0) {
		factor->counter = match.newest;
		/* A step at most, as at the door: who types late is not slow. */
		factor->drift = (int64_t)match.newest > step
		    ? 1
		    : -((int64_t)match.newest < step);
	} else {
		factor->counter = match.newest + 1;
	}
	factor->confirmed = true;
	factor->last_used = now;
	return VERDICT_ALLOW;
}

/* Whether that factor of the record holds the same seed or key. */
static int
is_same(struct state *state, const struct state_user *user,
    const struct state_factor *factor, const struct enrolment *n, bool *same,
    struct err *e)
{
	struct buf seed = buf_new(STATE_SECRET_MAX);

	*same = false;
	if (n->seed_length == 0) {
		*same = strcmp(factor->type, n->factor.type) == 0 &&
		    factor->data_length == n->factor.data_length &&
		    secret_equal(
		        factor->data, n->factor.data, n->factor.data_length);
		return 0;
	}
	if (strcmp(factor->type, "sshkey") == 0)
		return 0;
	if (state_unseal(state, user, factor, &seed, e) == -1)
		return err_in(e, "%s %s", factor->type, factor->label);
	*same = seed.length == n->seed_length &&
	    secret_equal(seed.data, n->seed, n->seed_length);
	buf_free(&seed);
	return 0;
}

/* *there: the factor that holds the same seed or key, or NULL. */
static int
find_same(struct state *state, const struct state_user *user,
    const struct enrolment *n, const struct state_factor **there, struct err *e)
{
	*there = NULL;
	for (size_t i = 0; i < STATE_FACTORS_MAX; i++) {
		const struct state_factor *factor = &user->factors[i];
		bool same;

		if (factor->id == 0)
			continue;
		if (is_same(state, user, factor, n, &same, e) == -1)
			return -1;
		if (same)
			*there = factor;
	}
	return 0;
}

int
enroll_is_known(struct state *state, const struct state_user *user,
    const struct enrolment *n, bool *known, struct err *e)
{
	const struct state_factor *there;

	if (find_same(state, user, n, &there, e) == -1)
		return -1;
	*known = there != NULL;
	return 0;
}

static struct state_factor *
find_place(
    struct state_user *user, const struct state_factor *wanted, struct err *e)
{
	struct state_factor *place = NULL;

	for (size_t i = 0; i < STATE_FACTORS_MAX; i++) {
		struct state_factor *factor = &user->factors[i];

		if (factor->id == 0) {
			if (place == NULL)
				place = factor;
		} else if (strcmp(factor->type, wanted->type) == 0 &&
		    strcmp(factor->label, wanted->label) == 0) {
			err_set(e, ERR_LIMIT,
			    "there is a %s \"%s\" already: choose another "
			    "label",
			    wanted->type, wanted->label);
			return NULL;
		}
	}
	if (place == NULL)
		err_set(e, ERR_LIMIT, "%s has %d factors, the most there are",
		    user->name, STATE_FACTORS_MAX);
	return place;
}

int
enroll_store(struct state *state, struct state_user *user, struct enrolment *n,
    uint32_t *id, struct err *e)
{
	const struct state_factor *same;
	struct state_factor *place;
	struct state_factor made = n->factor;

	if (!n->factor.confirmed)
		return err_set(e, ERR_USAGE, "no code has proved it");
	if ((place = find_place(user, &n->factor, e)) == NULL ||
	    find_same(state, user, n, &same, e) == -1)
		return -1;
	if (same != NULL)
		return err_set(e, ERR_LIMIT,
		    "the same secret is there already, as %s \"%s\"",
		    same->type, same->label);
	if (user->next_factor_id == 0)
		user->next_factor_id = 1;
	if (user->next_factor_id == UINT32_MAX)
		return err_set(
		    e, ERR_LIMIT, "%s: no factor number is left", user->name);
	made.id = user->next_factor_id;
	if (n->seed_length > 0 &&
	    state_seal(state, user, &made, n->seed, n->seed_length, e) == -1)
		return -1;
	user->next_factor_id++;
	*place = made;
	*id = made.id;
	return 0;
}

struct state_factor *
enroll_find(
    struct state_user *user, const char *type, const char *label, struct err *e)
{
	struct state_factor *found = NULL;

	for (size_t i = 0; i < STATE_FACTORS_MAX; i++) {
		struct state_factor *factor = &user->factors[i];

		if (factor->id == 0 || strcmp(factor->type, type) != 0 ||
		    (label[0] != '\0' && strcmp(factor->label, label) != 0))
			continue;
		if (found != NULL) {
			err_set(e, ERR_USAGE,
			    "%s has several of type %s: say which label",
			    user->name, type);
			return NULL;
		}
		found = factor;
	}
	if (found == NULL)
		err_set(e, ERR_MISSING, "%s has no %s%s%s", user->name, type,
		    label[0] == '\0' ? "" : " ", label);
	return found;
}

enum verdict
enroll_resync(struct state *state, const struct state_user *user,
    struct state_factor *factor, const char *first, const char *second,
    struct err *e)
{
	struct factor_request request = { .state = state };
	char wanted[2][OTP_DIGITS_MAX + 1];
	char code[OTP_DIGITS_MAX + 1] = "";
	struct otp otp;
	struct buf seed;
	bool before = false; /* the counter before gives the first code */
	uint64_t next = 0;
	enum verdict verdict = VERDICT_DENY;

	if (!otp_looks_like(first, wanted[0]) ||
	    !otp_looks_like(second, wanted[1]) ||
	    strlen(wanted[0]) != factor->digits ||
	    strlen(wanted[1]) != factor->digits ||
	    factor->counter > UINT64_MAX - ENROLL_RESYNC_SPAN - 1 ||
	    factor_open_seed(user, factor, &request, &otp, &seed, e) == -1)
		return VERDICT_DENY;
	for (uint64_t i = 0; i < ENROLL_RESYNC_SPAN; i++) {
		if (otp_code(&otp, factor->counter + i, code, e) == -1)
			goto out;
		if (before && secret_equal(code, wanted[1], otp.digits))
			next = factor->counter + i + 1;
		before = secret_equal(code, wanted[0], otp.digits);
	}
	if (next == 0)
		goto out;
	factor->counter = next;
	factor->suspended = false;
	verdict = VERDICT_ALLOW;
out:
	secret_wipe(wanted, sizeof(wanted));
	secret_wipe(code, sizeof(code));
	buf_free(&seed);
	return verdict;
}

/* SHA-256 of a ticket's 16 digits. */
static int
digest_ticket(const char *ticket, unsigned char out[DIGEST], struct err *e)
{
	char digits[RECOVERY_DIGITS + 1];
	int result = -1;

	if (!recovery_looks_like(ticket, digits))
		err_set(e, ERR_FORMAT, "not a ticket");
	else if (SHA256((const unsigned char *)digits, RECOVERY_DIGITS, out) ==
	    NULL)
		err_set(e, ERR_CRYPTO, "SHA-256 failed");
	else
		result = 0;
	secret_wipe(digits, sizeof(digits));
	return result;
}

int
enroll_ticket_make(struct state_user *user, int64_t expires,
    const struct entropy *entropy, char ticket[RECOVERY_SIZE], struct err *e)
{
	if (recovery_make_code(entropy, ticket, e) == -1)
		return -1;
	if (digest_ticket(ticket, user->ticket_digest, e) == -1) {
		secret_wipe(ticket, RECOVERY_SIZE);
		return -1;
	}
	user->ticket_expires = expires;
	return 0;
}

enum verdict
enroll_ticket_use(
    struct state_user *user, const char *answer, int64_t now, struct err *e)
{
	unsigned char digest[DIGEST];
	enum verdict verdict = VERDICT_DENY;

	if (user->ticket_expires == 0)
		return VERDICT_UNAVAILABLE;
	if (!recovery_looks_like(answer, NULL) ||
	    digest_ticket(answer, digest, e) == -1)
		return VERDICT_DENY;
	if (now < user->ticket_expires &&
	    secret_equal(digest, user->ticket_digest, DIGEST)) {
		user->ticket_expires = 0;
		secret_wipe(user->ticket_digest, DIGEST);
		verdict = VERDICT_ALLOW;
	}
	secret_wipe(digest, sizeof(digest));
	return verdict;
}
