#include "pamod/factor.h"

#include <stdio.h>
#include <string.h>

#include "pamod/otp.h"

extern const struct factor_type factor_totp;
extern const struct factor_type factor_hotp;
extern const struct factor_type factor_recovery;
extern const struct factor_type factor_sshkey;

const struct factor_type *const factor_types[] = {
	&factor_totp,
	&factor_hotp,
	&factor_recovery,
	&factor_sshkey,
	NULL,
};

const struct factor_type *
factor_find(const char *name)
{
	for (const struct factor_type *const *t = factor_types; *t != NULL; t++)
		if (strcmp((*t)->name, name) == 0)
			return *t;
	return NULL;
}

static bool
is_among(uint32_t id, const uint32_t *ids, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (ids[i] == id)
			return true;
	return false;
}

bool
factor_counts(const struct state_factor *factor, const uint32_t *spent,
    size_t spent_count)
{
	return !is_among(factor->id, spent, spent_count) && factor->id != 0 &&
	    factor->confirmed && !factor->suspended;
}

int
factor_open_seed(const struct state_user *user,
    const struct state_factor *factor, const struct factor_request *request,
    struct otp *otp, struct buf *secret, struct err *e)
{
	*secret = buf_new(STATE_SECRET_MAX);
	if (state_unseal(request->state, user, factor, secret, e) == -1) {
		buf_free(secret);
		return err_in(e, "%s %s", factor->type, factor->label);
	}
	*otp = (struct otp){
		.algorithm = factor->algorithm,
		.digits = factor->digits,
		.seed = secret->data,
		.seed_length = secret->length,
	};
	return 0;
}

void
factor_note_use(struct state_factor *factor, const struct factor_type *type,
    int64_t now, struct factor_used *used)
{
	factor->last_used = now;
	if (used->kind != KIND_NONE)
		return; /* another one was first */
	*used = (struct factor_used){ .id = factor->id, .kind = type->kind };
	snprintf(used->type, sizeof(used->type), "%s", type->name);
	snprintf(used->label, sizeof(used->label), "%s", factor->label);
}

/* How much a verdict says; ALLOW only by its exact value. */
static int
verdict_rank(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_ALLOW:
		return 3;
	case VERDICT_REPLAYED:
		return 2;
	case VERDICT_UNAVAILABLE:
		return 0;
	case VERDICT_DENY:
		break;
	}
	return 1;
}

enum verdict
verdict_join(enum verdict a, enum verdict b)
{
	return verdict_rank(b) > verdict_rank(a) ? b : a;
}

enum verdict
factor_verify_codes(const struct factor_type *type, struct state_user *user,
    const uint32_t *spent, size_t spent_count,
    const struct factor_request *request, struct factor_used *used,
    struct err *e)
{
	char digits[OTP_DIGITS_MAX + 1];
	enum verdict verdict = VERDICT_UNAVAILABLE;

	if (!otp_looks_like(request->answer, digits))
		return VERDICT_DENY;
	for (size_t i = 0; i < STATE_FACTORS_MAX; i++) {
		struct state_factor *factor = &user->factors[i];

		if (strcmp(factor->type, type->name) == 0 &&
		    factor_counts(factor, spent, spent_count))
			verdict = verdict_join(verdict,
			    type->verify_code(
			        user, factor, digits, request, used, e));
	}
	secret_wipe(digits, sizeof(digits));
	return verdict;
}

enum verdict
factor_judge(struct state_user *user, const uint32_t *spent, size_t spent_count,
    const struct factor_request *request, struct factor_used *used,
    struct err *e)
{
	enum verdict verdict = VERDICT_UNAVAILABLE;
	struct err first = { .code = ERR_NONE };

	*used = (struct factor_used){ .kind = KIND_NONE };
	for (const struct factor_type *const *t = factor_types; *t != NULL;
	     t++) {
		struct err one = { .code = ERR_NONE };

		if (!(*t)->typed || !(*t)->looks_like(request->answer, NULL))
			continue;
		verdict = verdict_join(verdict,
		    (*t)->verify(
		        *t, user, spent, spent_count, request, used, &one));
		if (one.code != ERR_NONE && first.code == ERR_NONE)
			first = one;
	}
	if (first.code != ERR_NONE) {
		*e = first;
		verdict = verdict_join(verdict, VERDICT_DENY);
	}
	return verdict;
}

enum verdict
factor_judge_spent(struct state_user *user, const uint32_t *spent,
    size_t spent_count, const struct factor_request *request, struct err *e)
{
	uint32_t others[STATE_FACTORS_MAX + 1]; /* 0: the recovery codes */
	size_t count = 0;
	struct factor_used unused;

	if (!is_among(0, spent, spent_count))
		others[count++] = 0;
	for (size_t i = 0; i < STATE_FACTORS_MAX; i++)
		if (!is_among(user->factors[i].id, spent, spent_count))
			others[count++] = user->factors[i].id;
	return factor_judge(user, others, count, request, &unused, e);
}

void
factor_pretend(const char *answer, int64_t now)
{
	struct state_user nobody = { .uid = 0 };
	struct factor_request request = { .answer = answer, .now = now };
	struct factor_used used;
	struct err ignored;

	(void)factor_judge(&nobody, NULL, 0, &request, &used, &ignored);
}

unsigned
factor_kinds(
    const struct state_user *user, const uint32_t *spent, size_t spent_count)
{
	unsigned kinds = KIND_NONE;

	for (size_t i = 0; i < STATE_FACTORS_MAX; i++) {
		const struct state_factor *factor = &user->factors[i];
		const struct factor_type *type = factor_find(factor->type);

		if (type != NULL && factor_counts(factor, spent, spent_count))
			kinds |= (unsigned)type->kind;
	}
	return kinds;
}
