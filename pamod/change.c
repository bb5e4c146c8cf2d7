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
#include "schema/base/digest.h"

#define HOST_MAX     255
#define CHANGE_TRIES 3
#define DAY          86400

/* What is to be replaced. */
struct present {
	int64_t changed; /* s since 1970, 0: unknown */
	uint8_t tag;     /* of its hash; 0: there is none */
	bool demanded;   /* its holder has to change it */
};

/* A byte of a hash, so that another one can be told from it; never 0 or 1. */
static uint8_t
tag_of(const char *hash)
{
	unsigned char digest[DIGEST_SHA256_LENGTH] = { 0 };
	struct err unlikely;

	(void)digest_sha256(hash, strlen(hash), digest, &unlikely);
	return (uint8_t)(2 + digest[0] % 254);
}

/*
 * That the holder has typed a good one does not say that the next line could
 * store it: until the hash is another, the change is still to be made. Of 254
 * new hashes one has the old one's tag, and its holder is asked once more.
 */
bool
door_change_is_due(const struct state_user *user, const char *hash)
{
	return user->must_change == 1 ||
	    (user->must_change > 1 && hash[0] == '$' &&
	        user->must_change == tag_of(hash));
}

/*
 * The hash that is being replaced is part of the history, unless it was set
 * through us and is there already, with another salt: else each password would
 * take two places. When it was set is what the minimum age counts from.
 */
static int
look_at_present(struct door *d, struct present *present, struct err *e)
{
	struct person_shadow shadow = { 0 };
	int result = 0;

	*present = (struct present){ 0 };
	if (person_shadow(&d->identity, &shadow, e) == -1)
		result = e->code == ERR_MISSING ? 0 : -1;
	else if (shadow.hash[0] == '$' &&
	    (shadow.changed_day <= 0 ||
	        shadow.changed_day * DAY > d->user.password_changed))
		result = password_remember_hash(&d->user, shadow.hash, e);
	if (shadow.changed_day > 0)
		present->changed = shadow.changed_day * DAY;
	if (result == 0 && shadow.hash[0] == '$')
		present->tag = tag_of(shadow.hash);
	present->demanded =
	    result == 0 && door_change_is_due(&d->user, shadow.hash);
	if (!present->demanded)
		d->user.must_change = 0;
	secret_wipe(&shadow, sizeof(shadow));
	return result;
}

/* Whether it is the holder's own wish; root's and a demanded one may be early. */
static bool
is_own_wish(const struct door *d)
{
	return d->caller.real_uid != 0 && !d->caller.change_expired &&
	    d->user.must_change == 0;
}

static int
judge_new(struct door *d, const char *candidate, struct present *present,
    unsigned *reasons, struct err *e)
{
	char host[HOST_MAX + 1] = "";
	struct password_subject subject = { .user = d->identity.name,
		.gecos = d->identity.gecos,
		.host = host,
		.old = d->caller.old_password,
		.record = &d->user };

	if (look_at_present(d, present, e) == -1)
		return -1;
	subject.changed = present->changed;
	if (is_own_wish(d))
		subject.now = door_now(d);
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

static int
remember_new(struct door *d, struct state_lock *lock,
    const struct present *present, const char *password, struct err *e)
{
	/* Who has it set by somebody else must change it at once. */
	if (d->caller.real_uid == 0 && d->identity.uid != 0 &&
	    !d->caller.change_expired)
		d->user.must_change = 1;
	else
		d->user.must_change = present->demanded ? present->tag : 0;
	d->user.password_changed = door_now(d);
	if (password_remember(&d->user, password, &d->tools.entropy, e) == -1)
		return -1;
	return state_save(lock, &d->user, true, e);
}

static enum door_answer
change(struct door *d, const struct convo *c, const char *candidate)
{
	struct state_lock *lock = NULL;
	struct present present;
	unsigned reasons = ~0u;
	struct err e;
	bool judged = state_lock_or_create(d->state, d->identity.name,
	                  d->identity.uid, &lock, &d->user, &e) == 0 &&
	    judge_new(d, candidate, &present, &reasons, &e) == 0 &&
	    (reasons != 0 ||
	        remember_new(d, lock, &present, candidate, &e) == 0);

	state_unlock(&lock);
	if (!judged) {
		door_log(
		    d, LOG_ERR, "password of %s: %s", d->identity.name, e.text);
		/* In observe mode the next line changes it all the same. */
		if (door_observes(d))
			convo_tell(
			    c, true, N_("The password can't be judged now."));
		else
			convo_tell(c, true,
			    N_("The password can't be judged now; it was not "
			       "changed."));
		return DOOR_REFUSE;
	}
	tell_reasons(c, reasons);
	return reasons == 0 ? DOOR_YES : DOOR_REFUSE;
}

/* Asked for and judged, a few times over. */
static enum door_answer
change_phase(struct door *d, const struct convo *c)
{
	const char *candidate;
	enum door_answer answer = DOOR_REFUSE;
	struct err e;

	/* Observe mode tells what it would refuse, and takes it. */
	int tries = door_observes(d) ? 1 : CHANGE_TRIES;

	for (int try = 0; try < tries && answer != DOOR_YES; try++) {
		if (c->password(c->context, &candidate, &e) == -1)
			return DOOR_REFUSE;
		answer = change(d, c, candidate);
		if (answer != DOOR_YES && !door_observes(d) &&
		    c->forget_password(c->context, &e) == -1)
			return DOOR_REFUSE;
	}
	return answer;
}

/* What observe mode lets pass is asked for and judged all the same. */
static enum door_answer
change_and_record(struct door *d, const struct convo *c)
{
	enum door_answer answer = DOOR_REFUSE;
	struct err e;

	if (d->options != NULL && d->state != NULL && d->identity.known)
		answer = change_phase(d, c);
	if (door_record(d, "password", answer == DOOR_YES ? "yes" : "no", NULL,
	        answer == DOOR_YES, &e) == -1) {
		door_log(d, LOG_ERR, "not recorded: %s", e.text);
		answer = DOOR_REFUSE;
	}
	return answer != DOOR_YES && door_observes(d) ? DOOR_NOT_OURS : answer;
}

enum door_answer
door_change_password(
    struct door *d, const struct door_caller *caller, const struct convo *c)
{
	enum door_answer answer = door_begin(d, caller, true);
	const char *unjudged;
	struct err e;

	if (answer == DOOR_GO_ON)
		answer = change_and_record(d, c);
	/* The modules behind us use the password that we asked for. */
	if (answer == DOOR_NOT_OURS &&
	    c->password(c->context, &unjudged, &e) == -1)
		answer = DOOR_REFUSE;
	/* A stack that goes on after our no might store it all the same. */
	if (answer == DOOR_REFUSE || answer == DOOR_UNAVAILABLE)
		(void)c->forget_password(c->context, &e);
	door_end(d);
	return answer;
}
