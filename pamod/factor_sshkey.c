/*
 * An SSH key that root has enrolled by its fingerprint (door.md section 1.4).
 * It is never typed: the answer is SSH_AUTH_INFO_0, which is believed only in
 * services configured as sshd.
 */
#include <string.h>

#include "pamod/factor.h"

extern const struct factor_type factor_sshkey;

const struct state_factor *
sshkey_enrolled(const struct state_user *user, const struct sshkey_info *info)
{
	for (size_t i = 0; i < STATE_FACTORS_MAX; i++) {
		const struct state_factor *factor = &user->factors[i];

		if (strcmp(factor->type, factor_sshkey.name) == 0 &&
		    factor_counts(factor, NULL, 0) &&
		    factor->data_length == sizeof(info->digest) &&
		    secret_equal(
		        factor->data, info->digest, sizeof(info->digest)))
			return factor;
	}
	return NULL;
}

static enum verdict
verify(const struct factor_type *type, struct state_user *user,
    const uint32_t *spent, size_t spent_count,
    const struct factor_request *request, struct factor_used *used,
    struct err *e)
{
	struct sshkey_info info;
	const struct state_factor *factor;
	enum verdict verdict = VERDICT_DENY;
	int found =
	    sshkey_parse(request->answer, strlen(request->answer), &info, e);

	if (found == 0)
		return VERDICT_UNAVAILABLE;
	if (found != 1)
		return VERDICT_DENY;
	factor = sshkey_enrolled(user, &info);
	sshkey_free(&info);
	if (factor != NULL && factor_counts(factor, spent, spent_count)) {
		factor_note_use(&user->factors[factor - user->factors], type,
		    request->now, used);
		verdict = VERDICT_ALLOW;
	}
	return verdict;
}

const struct factor_type factor_sshkey = {
	.name = "sshkey",
	.summary = "an SSH key that sshd has verified",
	.kind = KIND_HAVE,
	.typed = false,
	.verify = verify,
};
