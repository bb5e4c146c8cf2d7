/*
 * The session phases: what account granted becomes a session, found from then
 * on by the kernel's audit session.
 */
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "pamod/door.h"
#include "pamod/door_inside.h"

/* It is the last login from now on. */
static int
remember(struct door *d, struct err *e)
{
	struct state_lock *lock = NULL;
	int result = -1;

	if (state_lock(d->state, d->identity.name, &lock, &d->user, e) == 0) {
		door_remember_login(d);
		result = state_save(lock, &d->user, false, e);
	}
	state_unlock(&lock);
	return result;
}

/* sshd with a key alone, where policy leaves the decision to us. */
static int
decide_key(struct door *d, const char **reason, struct err *e)
{
	d->factor_count = 0;
	if (door_need_record(d, e) == -1 || door_take_key(d, e) == -1) {
		*reason = REASON_ERROR;
		return -1;
	}
	if (door_kind_count(door_kinds(d)) < door_kinds_needed(d)) {
		*reason = REASON_KINDS;
		return err_set(e, ERR_NONE, "a key alone");
	}
	d->session.factor_count = d->factor_count;
	memcpy(d->session.factors, d->factors, sizeof(d->factors));
	(void)snprintf(
	    d->session.key, sizeof(d->session.key), "%s", d->key.fingerprint);
	(void)snprintf(d->session.key_type, sizeof(d->session.key_type), "%s",
	    d->key.type);
	d->session.undecided = false;
	if (remember(d, e) == -1) {
		*reason = REASON_ERROR;
		return -1;
	}
	return 0;
}

/* A session without a login's factors: a batch job, or in observe mode. */
static int
begin_without(struct door *d, struct err *e)
{
	d->session =
	    (struct session){ .uid = d->identity.uid, .audit_session = -1 };
	if (session_make_id(d->session.id, &d->tools.entropy, e) == -1)
		return -1;
	(void)snprintf(
	    d->session.user, sizeof(d->session.user), "%s", d->identity.name);
	(void)snprintf(d->session.service, sizeof(d->session.service), "%s",
	    d->caller.service);
	(void)snprintf(
	    d->session.source, sizeof(d->session.source), "%s", d->source);
	return 0;
}

/* What account left: on this handle, or (sshd) for this process. */
static int
find_verdict(struct door *d, const char **reason, struct err *e)
{
	struct process self;
	struct err gone;

	*reason = REASON_ERROR;
	if (process_read(d->caller.pid, &self, e) == -1)
		return -1;
	if (d->session_ready) {
		/* Where auth ran in this very process nobody takes it. */
		struct session unused;
		struct process parent;

		if (d->service->type == SERVICE_SSHD &&
		    process_read(d->caller.parent, &parent, &gone) == 0)
			(void)session_take(d->store, &parent, &unused, &gone);
	} else if (d->service->type == SERVICE_BATCH) {
		if (begin_without(d, e) == -1)
			return -1;
	} else if (session_take(d->store, &self, &d->session, e) == -1) {
		if (e->code == ERR_MISSING)
			*reason = REASON_NO_VERDICT;
		return -1;
	}
	d->session_ready = false; /* good for one use */
	d->session.leader = self;
	if (strcmp(d->session.user, d->identity.name) != 0 ||
	    d->session.uid != d->identity.uid ||
	    strcmp(d->session.service, d->caller.service) != 0) {
		*reason = REASON_NO_VERDICT;
		return err_set(e, ERR_FORMAT, "the verdict is another's");
	}
	d->factor_count = d->session.factor_count;
	memcpy(d->factors, d->session.factors, sizeof(d->factors));
	return d->session.undecided ? decide_key(d, reason, e) : 0;
}

static void
format_time(int64_t seconds, char *out, size_t size)
{
	time_t when = (time_t)seconds;
	struct tm tm;

	out[0] = '\0';
	if (localtime_r(&when, &tm) != NULL)
		(void)strftime(out, size, "%Y-%m-%d %H:%M:%S %z", &tm);
}

static void
say_last_login(const struct door *d, const struct convo *c)
{
	const struct session *s = &d->session;
	char when[40];

	if (!d->options->notice.last_login || s->undecided)
		return;
	if (s->previous_login > 0) {
		format_time(s->previous_login, when, sizeof(when));
		convo_tell(c, false, N_("Last login: %s from %s."), when,
		    s->previous_source);
	} else {
		convo_tell(
		    c, false, N_("This is your first login on record here."));
	}
	if (s->failures > 0)
		convo_tell(c, false, N_("Failed attempts since then: %u."),
		    s->failures);
	if (s->new_source && s->previous_login > 0)
		convo_tell(c, false,
		    N_("No login from %s is on record. If this was not you, "
		       "tell your security officer."),
		    s->source);
}

static enum door_answer
refuse_session(struct door *d, const char *reason, const struct err *e)
{
	return door_refuse(d, "open", reason, e->code == ERR_NONE ? NULL : e);
}

/* sudo and su: within a login, or within nothing we know. */
static enum door_answer
open_within(struct door *d)
{
	const char *reason;
	struct err e = { 0 };

	/* Only now sudo says whom it becomes. */
	door_ask_denylist(d, &reason, &e);
	if (reason != NULL)
		return refuse_session(d, reason, &e);
	if (door_record(d, "open", "yes", NULL, true, &e) == -1)
		return refuse_session(d, REASON_ERROR, &e);
	return DOOR_YES;
}

static enum door_answer
open_login(struct door *d, const struct convo *c)
{
	const char *reason;
	int64_t login_uid;
	int64_t limit =
	    d->service->type == SERVICE_BATCH ? 0 : d->options->access.sessions;
	struct err e = { 0 };

	if (find_verdict(d, &reason, &e) == -1) {
		enum door_answer answer = refuse_session(d, reason, &e);

		/* What observe mode lets pass is a session like others. */
		if (answer != DOOR_NOT_OURS || begin_without(d, &e) == -1 ||
		    process_read(d->caller.pid, &d->session.leader, &e) == -1)
			return answer;
	}
	d->session.opened_ns = d->now.wall_ns;
	(void)snprintf(d->session.tty, sizeof(d->session.tty), "%s",
	    d->caller.tty == NULL ? "" : d->caller.tty);
	if (process_audit(&d->session.audit_session, &login_uid, &e) == -1)
		return refuse_session(d, REASON_ERROR, &e);
	/* A number that is somebody else's login's ties nothing together. */
	if (login_uid != (int64_t)d->identity.uid)
		d->session.audit_session = -1;
	if (session_enter(d->store, &d->session, limit, &e) == -1)
		return refuse_session(d,
		    e.code == ERR_LIMIT ? REASON_SESSIONS : REASON_ERROR, &e);
	if (door_record(d, "open", "yes", NULL, true, &e) == -1) {
		struct err unused;

		(void)session_remove(d->store, &d->session, &unused);
		return refuse_session(d, REASON_ERROR, &e);
	}
	if (d->service->type != SERVICE_BATCH)
		say_last_login(d, c);
	return DOOR_YES;
}

/* The break-glass session opens whatever else fails. */
static enum door_answer
open_breakglass(struct door *d)
{
	struct err e;

	if (d->verdict != VERDICT_ALLOW)
		return DOOR_REFUSE;
	if (d->options != NULL &&
	    door_record(d, "open", "yes", "breakglass", true, &e) == -1)
		door_log(d, LOG_EMERG, "break-glass session not recorded: %s",
		    e.text);
	return DOOR_YES;
}

enum door_answer
door_open_session(
    struct door *d, const struct door_caller *caller, const struct convo *c)
{
	enum door_answer answer = door_begin(d, caller, false);

	if (answer == DOOR_GO_ON) {
		if (d->breakglass)
			answer = open_breakglass(d);
		else if (d->emergency)
			answer = door_observes(d) ? DOOR_NOT_OURS : DOOR_REFUSE;
		else if (door_steps_up(d))
			answer = open_within(d);
		else
			answer = open_login(d, c);
	}
	door_end(d);
	return answer;
}

/* Closing is never refused: what could not be recorded is logged. */
enum door_answer
door_close_session(
    struct door *d, const struct door_caller *caller, const struct convo *c)
{
	enum door_answer answer = door_begin(d, caller, false);
	struct err e;

	(void)c;
	if (answer == DOOR_GO_ON && d->options != NULL) {
		if (door_record(d, "close", "yes", NULL, true, &e) == -1)
			door_log(d, LOG_ERR, "close not recorded: %s", e.text);
		if (!door_steps_up(d) && d->session.id[0] != '\0' &&
		    d->store != NULL &&
		    session_remove(d->store, &d->session, &e) == -1)
			door_log(d, LOG_ERR, "%s", e.text);
		answer = DOOR_YES;
	}
	door_end(d);
	return answer;
}
