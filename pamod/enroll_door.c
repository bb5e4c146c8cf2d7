/*
 * Self-enrolment at the door (door.md section 1.6): a ticket, a seed, a first
 * code, all in the account phase of a login whose auth already succeeded.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pamod/convo.h"
#include "pamod/enroll.h"
#include "schema/message.h"

#define HOST_MAX 64
#define TRIES    3 /* at the first code */

static int
show(const struct enrolment *enrolment, const char *user, const struct convo *c,
    struct err *e)
{
	char host[HOST_MAX + 1] = "";
	struct buf uri = buf_new(CONVO_TEXT_MAX);
	struct buf secret = buf_new(CONVO_TEXT_MAX);
	int result = -1;

	(void)gethostname(host, sizeof(host) - 1);
	if (enroll_uri(enrolment, user, host, &uri, e) == -1 ||
	    enroll_secret_text(enrolment, &secret, e) == -1)
		goto out;
	convo_tell(c, false,
	    N_("Add this account to your authenticator app, then type the "
	       "code that it shows."));
	c->tell(c->context, buf_string(&uri), false);
	c->tell(c->context, buf_string(&secret), false);
	result = 0;
out:
	buf_free(&uri);
	buf_free(&secret);
	return result;
}

static int
now(const struct enroll_door *door, int64_t *seconds, struct err *e)
{
	struct moment moment;

	if (clock_read(door->clock, &moment, e) == -1)
		return -1;
	*seconds = moment_seconds(&moment);
	return 0;
}

/* ALLOW: the user has the seed, for a code of it was typed. */
static enum verdict
prove(struct enrolment *enrolment, const struct enroll_door *door,
    const struct convo *c, struct err *e)
{
	enum verdict verdict = VERDICT_DENY;

	for (int i = 0; i < TRIES && verdict != VERDICT_ALLOW; i++) {
		char answer[CONVO_ANSWER_MAX + 1] = "";
		int64_t seconds;

		if (convo_ask(c, N_("First code: "), true, answer, e) == -1)
			return VERDICT_DENY;
		if (now(door, &seconds, e) == 0)
			verdict = enroll_prove(enrolment, answer, seconds, e);
		secret_wipe(answer, sizeof(answer));
	}
	return verdict;
}

/* Spends the ticket and stores the factor in one step, on disk. */
static int
store(const struct enroll_door *door, const char *ticket,
    struct enrolment *enrolment, uint32_t *id, struct err *e)
{
	struct state_user *user = calloc(1, sizeof(*user));
	struct state_lock *lock = NULL;
	int64_t seconds;
	int result = -1;

	if (user == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (now(door, &seconds, e) == -1 ||
	    state_lock(door->state, door->user, &lock, user, e) == -1)
		goto out;
	/* Of two logins at once the second finds a factor: no ticket, no more. */
	if (door->without_ticket && state_has_any_factor(user)) {
		err_set(e, ERR_LIMIT, "a factor is enrolled already");
		goto out;
	}
	if (!door->without_ticket &&
	    enroll_ticket_use(user, ticket, seconds, e) != VERDICT_ALLOW) {
		err_set(e, ERR_MISSING, "the ticket is not good");
		goto out;
	}
	if (enroll_store(door->state, user, enrolment, id, e) == -1)
		goto out;
	user->enroll_deadline = 0; /* met */
	result = state_save(lock, user, true, e);
out:
	state_unlock(&lock);
	state_wipe(user);
	free(user);
	return result;
}

/* Whether the ticket would be good; nothing is spent by asking. */
static bool
ticket_is_good(
    const struct enroll_door *door, const char *ticket, struct err *e)
{
	struct state_user *user = calloc(1, sizeof(*user));
	int64_t seconds;
	bool good = false;

	if (user == NULL) {
		err_set(e, ERR_MEMORY, "out of memory");
		return false;
	}
	if (now(door, &seconds, e) == 0 &&
	    state_read(door->state, door->user, user, e) == 0)
		good = enroll_ticket_use(user, ticket, seconds, e) ==
		    VERDICT_ALLOW;
	state_wipe(user);
	free(user);
	return good;
}

static enum enroll_door_result
enroll(const struct enroll_door *door, const char *ticket,
    const struct convo *c, struct factor_used *used, struct err *e)
{
	struct state_factor wanted = { .type = "totp" };
	struct enrolment enrolment;
	int64_t seconds;
	enum enroll_door_result result = ENROLL_DOOR_REFUSED;

	if (now(door, &seconds, e) == -1 ||
	    enroll_begin(&enrolment, &wanted, door->entropy, seconds, e) == -1)
		return ENROLL_DOOR_REFUSED;
	if (show(&enrolment, door->user, c, e) == 0 &&
	    prove(&enrolment, door, c, e) == VERDICT_ALLOW &&
	    store(door, ticket, &enrolment, &used->id, e) == 0) {
		memcpy(used->type, enrolment.factor.type, sizeof(used->type));
		memcpy(
		    used->label, enrolment.factor.label, sizeof(used->label));
		used->kind = KIND_HAVE;
		result = ENROLL_DOOR_DONE;
	}
	enroll_wipe(&enrolment);
	return result;
}

enum enroll_door_result
enroll_at_the_door(const struct enroll_door *door, const struct convo *c,
    struct factor_used *used, struct err *e)
{
	char ticket[CONVO_ANSWER_MAX + 1] = "";
	enum enroll_door_result result = ENROLL_DOOR_LATER;

	*used = (struct factor_used){ 0 };
	if (!door->without_ticket &&
	    convo_ask(c, N_("Enrolment ticket (Enter if you have none): "),
	        true, ticket, e) == -1)
		return ENROLL_DOOR_REFUSED;
	if (door->without_ticket || ticket[0] != '\0') {
		result = ENROLL_DOOR_REFUSED;
		if (door->without_ticket || ticket_is_good(door, ticket, e))
			result = enroll(door, ticket, c, used, e);
	}
	secret_wipe(ticket, sizeof(ticket));
	return result;
}
