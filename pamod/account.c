/*
 * The account phase: where a login becomes a yes, and nowhere else.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "pamod/door.h"
#include "pamod/door_inside.h"
#include "pamod/enroll.h"
#include "pamod/hours.h"
#include "pamod/network.h"
#include "schema/base/file.h"
#include "schema/denylist.h"
#include "schema/host.h"

#define DAY 86400

/*
 * How the caller got here without, or with, our auth lines. NULL is good; a
 * word says why it is not.
 */
static const char *
entrance_with_auth(const struct door *d)
{
	if (d->verdict == VERDICT_ALLOW || d->unenrolled)
		return NULL;
	return d->refused == NULL ? REASON_WRONG_CODE : d->refused;
}

static const char *
entrance_sshd(struct door *d)
{
	if (d->service->key_only != KEY_ONLY_SESSION)
		return REASON_KEY_ONLY;
	d->session.undecided = true; /* open_session sees the key */
	return NULL;
}

/* NOPASSWD, or sudo's own timestamp. */
static const char *
entrance_sudo(struct door *d)
{
	if (d->caller.real_uid == 0 || door_is_stepped_up(d))
		return NULL;
	if (conf_list_has(&d->options->stepup.automation, d->identity.name)) {
		d->automation = true;
		return NULL;
	}
	return REASON_NO_STEPUP;
}

static const char *
entrance_su(struct door *d)
{
	return d->caller.real_uid == 0 ? NULL : REASON_NO_AUTH;
}

static const char *
entrance_never(struct door *d)
{
	(void)d;
	return REASON_NO_AUTH;
}

static const char *
entrance_always(struct door *d)
{
	(void)d;
	return NULL;
}

/* The table of callers without auth, in the order of enum service_type. */
static const char *(*const entrances[])(struct door *) = {
	[SERVICE_NONE] = entrance_never,
	[SERVICE_SSHD] = entrance_sshd,
	[SERVICE_LOGIN] = entrance_never,
	[SERVICE_SUDO] = entrance_sudo,
	[SERVICE_SU] = entrance_su,
	[SERVICE_POLKIT] = entrance_never,
	[SERVICE_BATCH] = entrance_always,
};

static bool
read_host(const struct door *d, struct host *ours)
{
	const struct file_rule rule = { .owner = 0, .forbidden = 022 };
	struct err ignored;
	int trail =
	    file_open_dir(d->options->reeve.trail_directory, &rule, &ignored);
	bool is = trail != -1 && host_read(trail, ours, &ignored) == 0;

	file_close(&trail);
	return is;
}

/*
 * Whom the deny list is asked about: both sides of a sudo or su. *reason stays
 * NULL where nothing speaks against them.
 */
void
door_ask_denylist(struct door *d, const char **reason, struct err *e)
{
	const struct person *persons[] = { &d->identity, &d->target };
	char host[DENYLIST_HOST_MAX + 1] = "";
	struct denylist_place place = { .directory =
		                            d->options->reeve.state_directory,
		.key = d->options->denylist.key,
		.host = host,
		.owner = 0 };
	struct host ours;
	struct denylist *list = NULL;

	*reason = REASON_DENYLIST_INVALID;
	if (gethostname(host, sizeof(host) - 1) == -1) {
		err_sys(e, errno, "gethostname");
		return;
	}
	if (denylist_load(&list, &place, e) == -1) {
		if (e->code == ERR_MISSING) { /* none was ever installed */
			*reason = NULL;
			*e = (struct err){ 0 };
		}
		return;
	}
	/* Without it every entry that names a host by UUID is for us. */
	if (read_host(d, &ours))
		place.uuid = ours.uuid;
	for (size_t i = 0; i < 2; i++)
		if (persons[i]->known &&
		    denylist_match(list, &place, persons[i]->name,
		        (int64_t)persons[i]->uid, d->caller.service,
		        door_now(d), NULL)) {
			*reason = REASON_DENYLIST;
			goto out;
		}
	if (denylist_is_stale(
	        list, door_now(d), d->options->denylist.max_age)) {
		door_log(d, LOG_WARNING, "the deny list is stale");
		if (d->options->denylist.refuse_when_stale)
			goto out;
	}
	*reason = NULL;
out:
	denylist_free(&list);
}

/* Real uid 0 needs no door to become who it likes. */
static bool
is_interactive(const struct door *d)
{
	return d->service->type != SERVICE_BATCH &&
	    !(door_steps_up(d) && d->caller.real_uid == 0);
}

static const char *
refused_unknown(struct door *d)
{
	return d->identity.known && d->target.known ? NULL
	                                            : REASON_UNKNOWN_USER;
}

static const char *
refused_service_account(struct door *d)
{
	return conf_list_has(
	           &d->options->who.service_accounts, d->identity.name)
	    ? REASON_SERVICE_ACCOUNT
	    : NULL;
}

static const char *
refused_hours(struct door *d)
{
	return hours_allow(d->options->access.hours,
	           d->options->access.utc_offset, door_now(d))
	    ? NULL
	    : REASON_HOURS;
}

static const char *
refused_network(struct door *d)
{
	const struct conf_list *networks = &d->options->access.networks;
	const char *source = d->caller.source;

	if (networks->count == 0 || door_steps_up(d) || source == NULL ||
	    source[0] == '\0')
		return NULL;
	return networks_allow(networks, source) ? NULL : REASON_NETWORK;
}

static const char *
refused_idle(struct door *d)
{
	int64_t days = d->options->access.account_max_days;
	int64_t last =
	    d->user.last_login > 0 ? d->user.last_login : d->user.created;

	/* Of whom there is no record nothing is known, not even how long. */
	return d->has_record && days > 0 && door_now(d) - last > days * DAY
	    ? REASON_ACCOUNT_IDLE
	    : NULL;
}

static const char *
refused_locked(struct door *d)
{
	/*
	 * Reserved in auth. Who comes without it guesses nothing; so only a
	 * profile's lock, which is the account's, keeps him out.
	 */
	if (d->judged || d->options->throttle.style != THROTTLE_LOCK)
		return NULL;
	return throttle_wait(
	           &d->user, d->source, &d->options->throttle, door_now(d)) == 0
	    ? NULL
	    : REASON_THROTTLED;
}

/* What interactive use of an account must pass, in this order. */
static const char *(*const conditions[])(struct door *) = {
	refused_service_account,
	refused_hours,
	refused_network,
	refused_idle,
	refused_locked,
};

static const char *
refused_condition(struct door *d)
{
	const char *reason = refused_unknown(d);

	for (size_t i = 0; reason == NULL && is_interactive(d) &&
	     i < sizeof(conditions) / sizeof(*conditions);
	     i++)
		reason = conditions[i](d);
	return reason;
}

/* Days, so that a clock set back makes no password old. */
static int
must_change_password(struct door *d, bool *must, struct err *e)
{
	struct person_shadow shadow;
	int64_t max = d->options->password.max_age_days;
	int64_t today = door_now(d) / DAY;

	*must = false;
	if (d->service->type != SERVICE_SSHD &&
	    d->service->type != SERVICE_LOGIN)
		return 0;
	if (person_shadow(&d->identity, &shadow, e) == -1) {
		secret_wipe(&shadow, sizeof(shadow));
		return e->code == ERR_MISSING ? 0 : -1;
	}
	if (shadow.hash[0] != '$') {
		/* No password that its holder could change. */
		secret_wipe(&shadow, sizeof(shadow));
		return 0;
	}
	*must = door_change_is_due(&d->user, shadow.hash) ||
	    shadow.changed_day == 0 ||
	    (max > 0 && shadow.changed_day > 0 &&
	        today - shadow.changed_day > max);
	secret_wipe(&shadow, sizeof(shadow));
	return 0;
}

/* What open_session is to know; door_record takes its id from there. */
static int
fill_session(struct door *d, struct err *e)
{
	struct session *s = &d->session;
	bool undecided = s->undecided;

	*s = (struct session){ .uid = d->identity.uid,
		.audit_session = -1,
		.undecided = undecided };
	if (session_make_id(s->id, &d->tools.entropy, e) == -1)
		return -1;
	(void)snprintf(s->user, sizeof(s->user), "%s", d->identity.name);
	(void)snprintf(s->service, sizeof(s->service), "%s", d->caller.service);
	(void)snprintf(s->source, sizeof(s->source), "%s", d->source);
	s->factor_count = d->factor_count;
	memcpy(s->factors, d->factors, sizeof(s->factors));
	if (d->has_key) {
		memcpy(s->key, d->key.fingerprint, sizeof(s->key));
		memcpy(s->key_type, d->key.type, sizeof(s->key_type));
	}
	s->previous_login = d->user.last_login;
	(void)snprintf(s->previous_source, sizeof(s->previous_source), "%s",
	    d->user.last_source);
	/* Without this attempt, which stands counted until it is settled. */
	s->failures = d->user.failures_since_login;
	if (d->attempt != 0 && s->failures > 0)
		s->failures--;
	s->new_source = true;
	for (size_t i = 0; i < STATE_SOURCES_MAX; i++)
		if (d->user.sources[i].last_success > 0 &&
		    strcmp(d->user.sources[i].source, d->source) == 0)
			s->new_source = false;
	return 0;
}

void
door_remember_login(struct door *d)
{
	d->user.last_login = door_now(d);
	d->user.failures_since_login = 0;
	(void)snprintf(
	    d->user.last_source, sizeof(d->user.last_source), "%s", d->source);
	(void)snprintf(d->user.last_service, sizeof(d->user.last_service), "%s",
	    d->caller.service);
}

/* After the record is on disk: failures forgotten, the attempt closed. */
static int
settle(struct door *d, struct err *e)
{
	struct state_lock *lock = NULL;
	int result = -1;

	/* A batch job may be the first that is seen of somebody. */
	if (state_lock_or_create(d->state, d->identity.name, d->identity.uid,
	        &lock, &d->user, e) == -1)
		return -1;
	if (d->judged)
		throttle_success(&d->user, d->source, door_now(d));
	/* Of an undecided one, open_session remembers it. */
	if (!d->session.undecided &&
	    (d->service->type == SERVICE_SSHD ||
	        d->service->type == SERVICE_LOGIN))
		door_remember_login(d);
	door_close_attempt(d);
	result = state_save(lock, &d->user, false, e);
	state_unlock(&lock);
	return result;
}

/* Where open_session, maybe in the parent process, will find it. */
static int
leave_verdict(struct door *d, struct err *e)
{
	struct process opener;

	if (door_steps_up(d)) {
		if (d->judged && d->within_known &&
		    session_stepped_up(d->store, d->within.audit_session,
		        d->identity.uid, d->now.boot_ns, e) == -1)
			return -1;
		return 0;
	}
	d->session_ready = true;
	if (d->service->type != SERVICE_SSHD)
		return 0;
	if (process_read(d->caller.parent, &opener, e) == -1)
		return -1;
	return session_leave(d->store, &opener, &d->session, e);
}

static enum door_answer
grant(struct door *d)
{
	const char *type = door_steps_up(d) ? "stepup" : "grant";
	bool must_change;
	struct err e;

	if (must_change_password(d, &must_change, &e) == -1 ||
	    (!door_steps_up(d) && fill_session(d, &e) == -1))
		return door_refuse_attempt(d, "account", REASON_ERROR, &e);
	if (door_record(d, type, "yes",
	        d->automation              ? "automation"
	            : d->session.undecided ? "undecided"
	            : d->unenrolled        ? "unenrolled"
	            : must_change          ? "change-password"
	                                   : NULL,
	        true, &e) == -1 ||
	    settle(d, &e) == -1 || leave_verdict(d, &e) == -1)
		return door_refuse_attempt(d, "account", REASON_ERROR, &e);
	/* Looked at again: no single flipped bit gets past both. */
	if (d->judged && d->verdict != VERDICT_ALLOW && !d->unenrolled)
		return DOOR_REFUSE;
	return must_change && !door_observes(d) ? DOOR_CHANGE_PASSWORD
	                                        : DOOR_YES;
}

/*
 * Break-glass asks nothing of state, trail or deny list; what can be recorded
 * and settled in them is.
 */
static enum door_answer
account_breakglass(struct door *d)
{
	struct err e;

	if (d->verdict != VERDICT_ALLOW || !d->console)
		return DOOR_REFUSE;
	if (d->options != NULL && fill_session(d, &e) == 0) {
		d->session_ready = true;
		if (door_record(d, "breakglass", "yes", NULL, true, &e) == -1) {
			door_log(d, LOG_EMERG,
			    "break-glass login not recorded: %s", e.text);
			if (d->service != NULL &&
			    d->service->trail_failure == TRAIL_FAILURE_DENY)
				return door_observes(d) ? DOOR_NOT_OURS
				                        : DOOR_REFUSE;
		}
		if (d->state != NULL && d->service != NULL &&
		    d->identity.known && settle(d, &e) == -1)
			door_log(d, LOG_WARNING,
			    "break-glass login not settled: %s", e.text);
		d->attempt = 0;
	}
	return DOOR_YES;
}

/* A factor enrolled at the door; then the login is like any other. */
static enum door_answer
enroll_at_door(struct door *d, const struct convo *c)
{
	struct enroll_door request = { .state = d->state,
		.user = d->identity.name,
		.clock = &d->tools.clock,
		.entropy = &d->tools.entropy,
		.without_ticket = d->options->enroll.self_by_password };
	struct factor_used used = { 0 };
	enum enroll_door_result result = ENROLL_DOOR_LATER;
	struct err e = { 0 };

	if (request.without_ticket || d->user.ticket_expires > door_now(d))
		result = enroll_at_the_door(&request, c, &used, &e);
	switch (result) {
	case ENROLL_DOOR_DONE:
		d->unenrolled = false;
		d->verdict = VERDICT_ALLOW;
		door_add_factor(d, &used);
		if (door_record(d, "enroll", "yes", "self", true, &e) == -1)
			return door_refuse_attempt(
			    d, "account", REASON_ERROR, &e);
		return DOOR_GO_ON;
	case ENROLL_DOOR_LATER:
		/* Until the deadline the password alone is let in. */
		if (d->user.enroll_deadline > door_now(d) &&
		    door_clock_is_plausible(d)) {
			convo_tell(c, false,
			    N_("Your account needs a second factor before the "
			       "deadline: ask your administrator."));
			return DOOR_GO_ON;
		}
		return door_refuse_attempt(
		    d, "account", REASON_NOT_ENROLLED, NULL);
	default:
		return door_refuse_attempt(d, "account", REASON_NOT_ENROLLED,
		    e.code == ERR_NONE ? NULL : &e);
	}
}

static enum door_answer
account_phase(struct door *d, const struct convo *c)
{
	const char *reason;
	enum door_answer answer;
	struct err e = { 0 };

	if (d->judged && !door_is_same_person(d))
		return door_refuse_attempt(d, "account", REASON_NO_AUTH, NULL);
	if (d->breakglass)
		return account_breakglass(d);
	/* Also where the service is not listed: nothing below may look at it. */
	if (d->emergency)
		return door_refuse(d, "account", REASON_ERROR, NULL);
	reason =
	    d->judged ? entrance_with_auth(d) : entrances[d->service->type](d);
	if (reason != NULL && strcmp(reason, REASON_NO_STEPUP) == 0 &&
	    !door_observes(d))
		convo_tell(c, true,
		    N_("Reeve: this needs a fresh step-up. Run \"sudo -k\" "
		       "and try again."));
	if (reason != NULL)
		return door_refuse_attempt(d, "account", reason, NULL);
	door_ask_denylist(d, &reason, &e);
	if (reason != NULL)
		return door_refuse_attempt(
		    d, "account", reason, e.code == ERR_NONE ? NULL : &e);
	if ((reason = refused_unknown(d)) != NULL)
		return door_refuse_attempt(d, "account", reason, NULL);
	if (d->judged && door_need_record(d, &e) == -1)
		return door_refuse_attempt(d, "account", REASON_ERROR, &e);
	if ((reason = refused_condition(d)) != NULL)
		return door_refuse_attempt(d, "account", reason, NULL);
	if (d->unenrolled && (answer = enroll_at_door(d, c)) != DOOR_GO_ON)
		return answer;
	return grant(d);
}

enum door_answer
door_account(
    struct door *d, const struct door_caller *caller, const struct convo *c)
{
	enum door_answer answer = door_begin(d, caller, false);
	struct err e;

	if (answer == DOOR_GO_ON) {
		answer = account_phase(d, c);
		/* Observed, and so let in: it is a login, not a failure. */
		if (answer == DOOR_NOT_OURS && d->judged && !d->emergency &&
		    d->identity.known && settle(d, &e) == -1)
			door_log(d, LOG_ERR, "%s", e.text);
	}
	door_end(d);
	return answer;
}
