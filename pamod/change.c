/*
 * The password phase: the new password is asked for, judged, and put in the
 * history under the user's lock, so that changes at the same time lose none.
 */
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "pamod/door.h"
#include "pamod/door_inside.h"
#include "pamod/password.h"

#define HOST_MAX     255
#define CHANGE_TRIES 3

/* The hash that is being replaced is part of the history. */
static int
remember_present(struct state_user *user, const struct person *p, struct err *e)
{
	struct person_shadow shadow;
	int result = 0;

	if (person_shadow(p, &shadow, e) == -1)
		result = e->code == ERR_MISSING ? 0 : -1;
	else if (shadow.hash[0] == '$')
		result = password_remember_hash(user, shadow.hash, e);
	secret_wipe(&shadow, sizeof(shadow));
	return result;
}

static int
judge_new(
    struct door *d, const char *candidate, unsigned *reasons, struct err *e)
{
	char host[HOST_MAX + 1] = "";
	struct password_subject subject = { .user = d->identity.name,
		.gecos = d->identity.gecos,
		.host = host,
		.old = d->caller.old_password,
		.record = &d->user };

	(void)gethostname(host, sizeof(host) - 1);
	return password_judge(
	    &d->options->password, &subject, candidate, reasons, e);
}

/* All reasons at once, each a sentence in the user's language. */
static void
tell_reasons(const struct convo *c, unsigned reasons)
{
	for (unsigned bit = 1; bit != 0 && bit <= reasons; bit <<= 1)
		if ((reasons & bit) != 0)
			c->tell(c->context,
			    convo_text(c,
			        password_reason_text(
			            (enum password_reason)bit)),
			    true);
}

static enum door_answer
change(struct door *d, const struct convo *c, const char *candidate)
{
	struct state_lock *lock = NULL;
	unsigned reasons = ~0u;
	enum door_answer answer = DOOR_REFUSE;
	struct err e = { 0 };

	if (state_lock_or_create(d->state, d->identity.name, d->identity.uid,
	        &lock, &d->user, &e) == -1 ||
	    remember_present(&d->user, &d->identity, &e) == -1 ||
	    judge_new(d, candidate, &reasons, &e) == -1)
		goto out;
	if (reasons != 0) {
		tell_reasons(c, reasons);
		goto out;
	}
	/* Who has it set by somebody else must change it at once. */
	d->user.must_change = d->caller.real_uid == 0 && d->identity.uid != 0 &&
	    !d->caller.change_expired;
	d->user.password_changed = door_now(d);
	if (password_remember(&d->user, candidate, &d->tools.entropy, &e) ==
	        -1 ||
	    state_save(lock, &d->user, true, &e) == -1)
		goto out;
	answer = DOOR_YES;
out:
	state_unlock(&lock);
	if (e.code != ERR_NONE) {
		door_log(
		    d, LOG_ERR, "password of %s: %s", d->identity.name, e.text);
		convo_tell(c, true,
		    N_("The password can't be judged now; it was not "
		       "changed."));
	}
	return answer;
}

/* Asked for and judged, a few times over. */
static enum door_answer
change_phase(struct door *d, const struct convo *c)
{
	const char *candidate;
	enum door_answer answer = DOOR_REFUSE;
	struct err e;

	for (int try = 0; try < CHANGE_TRIES && answer != DOOR_YES; try++) {
		if (c->password(c->context, &candidate, &e) == -1)
			return DOOR_REFUSE;
		answer = change(d, c, candidate);
		if (answer != DOOR_YES &&
		    c->forget_password(c->context, &e) == -1)
			return DOOR_REFUSE;
	}
	return answer;
}

enum door_answer
door_change_password(
    struct door *d, const struct door_caller *caller, const struct convo *c)
{
	enum door_answer answer = door_begin(d, caller, true);
	struct err e;

	if (answer == DOOR_GO_ON) {
		answer = DOOR_REFUSE;
		if (d->options != NULL && d->state != NULL && d->identity.known)
			answer = change_phase(d, c);
		if (door_record(d, "password",
		        answer == DOOR_YES ? "yes" : "no", NULL,
		        answer == DOOR_YES, &e) == -1) {
			door_log(d, LOG_ERR, "not recorded: %s", e.text);
			answer = DOOR_REFUSE;
		}
	}
	door_end(d);
	return answer;
}
