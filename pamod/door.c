#include "pamod/door.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <syslog.h>
#include <unistd.h>

#include "pamod/attempt.h"
#include "pamod/breakglass.h"
#include "pamod/door_inside.h"
#include "pamod/factor_recovery.h"
#include "pamod/recent.h"
#include "schema/base/enc.h"

#define LOG_TEXT_MAX   600
#define NAME_HASH_SIZE 32 /* HMAC-SHA-256 */
#define DETAIL_SIZE    256

static void record_end(struct door *);

int
door_new(struct door **out, struct options **options,
    const struct door_tools *tools, struct err *e)
{
	struct door *d = calloc(1, sizeof(*d));

	*out = NULL;
	if (d == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	d->options = *options;
	*options = NULL;
	d->observes =
	    d->options != NULL && d->options->reeve.mode == MODE_OBSERVE;
	d->tools = *tools;
	d->pid = (int32_t)getpid();
	*out = d;
	return 0;
}

void
door_distrust(struct door *d, bool observes)
{
	d->observes = observes;
	d->service = NULL; /* it is one of theirs */
	options_free(&d->options);
}

static void
close_tools(struct door *d)
{
	trail_close(&d->trail);
	state_close(&d->state);
	session_store_close(&d->store);
	state_wipe(&d->user);
}

void
door_free(struct door **d)
{
	if (*d == NULL)
		return;
	if ((*d)->attempt != 0 && (*d)->pid == (int32_t)getpid())
		record_end(*d);
	close_tools(*d);
	if ((*d)->has_key)
		sshkey_free(&(*d)->key);
	options_free(&(*d)->options);
	secret_wipe(*d, sizeof(**d));
	free(*d);
	*d = NULL;
}

const char *
door_language(const struct door *d)
{
	return d->options == NULL ? "" : d->options->reeve.language;
}

void
door_log(struct door *d, int priority, const char *format, ...)
{
	char text[LOG_TEXT_MAX];
	va_list args;

	va_start(args, format);
	if (vsnprintf(text, sizeof(text), format, args) >= 0)
		d->tools.log(d->tools.log_context, priority, text);
	va_end(args);
}

int64_t
door_now(const struct door *d)
{
	return moment_seconds(&d->now);
}

bool
door_observes(const struct door *d)
{
	return d->observes;
}

static bool
is_same_person(const struct person *a, const struct person *b)
{
	return a->known == b->known && a->uid == b->uid &&
	    strcmp(a->name, b->name) == 0;
}

bool
door_is_same_person(const struct door *d)
{
	return is_same_person(&d->who, &d->identity);
}

bool
door_steps_up(const struct door *d)
{
	return d->service != NULL &&
	    (d->service->type == SERVICE_SUDO ||
	        d->service->type == SERVICE_SU ||
	        d->service->type == SERVICE_POLKIT);
}

unsigned
door_kinds(const struct door *d)
{
	unsigned kinds = KIND_NONE;

	for (size_t i = 0; i < d->factor_count; i++)
		kinds |= (unsigned)d->factors[i].kind;
	return kinds;
}

int
door_kind_count(unsigned kinds)
{
	return ((kinds & KIND_KNOW) != 0) + ((kinds & KIND_HAVE) != 0) +
	    ((kinds & KIND_ARE) != 0);
}

void
door_add_factor(struct door *d, const struct factor_used *used)
{
	if (d->factor_count < SESSION_FACTORS_MAX)
		d->factors[d->factor_count++] = *used;
}

void
door_factors_text(const struct factor_used *factors, size_t count, char *out)
{
	struct buf b = buf_new(DOOR_FACTORS_TEXT - 1);

	for (size_t i = 0; i < count; i++)
		buf_printf(&b, "%s%s%s%s", i == 0 ? "" : ",", factors[i].type,
		    factors[i].label[0] == '\0' ? "" : ":", factors[i].label);
	(void)snprintf(out, DOOR_FACTORS_TEXT, "%s", buf_string(&b));
	buf_free(&b);
}

/* A name that is not ours is never written in clear: people type passwords. */
static void
name_of_record(struct door *d, struct trail_record *r, struct buf *hash)
{
	unsigned char digest[NAME_HASH_SIZE];
	struct err e;

	if (d->identity.known) {
		r->user = d->identity.name;
		r->uid = (int64_t)d->identity.uid;
	} else if (d->state != NULL && d->caller.user != NULL &&
	    state_hash(d->state, "user", d->caller.user, digest, &e) == 0) {
		enc_hex(hash, digest, sizeof(digest));
		r->user_hash = buf_string(hash);
	}
}

static int
open_trail(struct door *d, struct err *e)
{
	const struct options *o = d->options;

	if (d->trail != NULL)
		return 0;
	if (trail_open(
	        &d->trail, o->reeve.trail_directory, &d->tools.clock, e) == -1)
		return err_in(e, "trail");
	trail_set_limits(
	    d->trail, o->trail.segment_bytes, o->trail.segment_seconds);
	return 0;
}

int
door_record(struct door *d, const char *type, const char *result,
    const char *reason, bool durable, struct err *e)
{
	struct trail_record r = { .type = type,
		.service = d->caller.service,
		.result = result,
		.reason = reason,
		.uid = -1,
		.real_uid = -1,
		.source = d->caller.source,
		.tty = d->caller.tty,
		.pid = d->caller.pid,
		.audit_session = -1,
		.attempt = d->attempt };
	struct buf hash = buf_new(2 * NAME_HASH_SIZE);
	char factors[DOOR_FACTORS_TEXT];
	char detail[DETAIL_SIZE];
	int64_t login_uid;
	int written;

	if (d->options == NULL)
		return err_set(e, ERR_CONFIG, "no configuration, so no trail");
	if (open_trail(d, e) == -1)
		return -1;
	if (process_audit(&r.audit_session, &login_uid, e) == -1)
		return -1;
	name_of_record(d, &r, &hash);
	if (door_steps_up(d)) {
		/* Who really calls; of polkit's helper that is anybody. */
		r.real_uid = (int64_t)d->caller.real_uid;
		if (d->service->type != SERVICE_POLKIT) {
			r.real_uid = (int64_t)d->identity.uid;
			r.real_user = d->identity.name;
		}
		if (d->caller.user != NULL && d->target.known) {
			r.user = d->target.name;
			r.uid = (int64_t)d->target.uid;
		}
	}
	if (d->session.id[0] != '\0')
		r.session = d->session.id;
	else if (d->within_known)
		r.session = d->within.id;
	if (d->has_key) {
		r.key = d->key.fingerprint;
		r.key_type = d->key.type;
	} else if (d->session.key[0] != '\0') {
		r.key = d->session.key;
		r.key_type = d->session.key_type;
	}
	door_factors_text(d->factors, d->factor_count, factors);
	r.factors = factors;
	r.policy = d->options->digest;
	if (d->passed_over > 0) {
		(void)snprintf(detail, sizeof(detail), "%llu more like it",
		    (unsigned long long)d->passed_over);
		r.detail = detail;
		d->passed_over = 0;
	} else if (d->has_key && d->key.certificate) {
		/* Whoever revokes it needs its number, and whose it is. */
		(void)snprintf(detail, sizeof(detail),
		    "certificate %llu of CA %s: %s",
		    (unsigned long long)d->key.serial, d->key.ca_fingerprint,
		    d->key.key_id);
		r.detail = detail;
	}
	if (door_observes(d)) {
		r.mode = "observe";
		if (strcmp(result, "no") == 0)
			r.result = "would-refuse";
	}
	written = durable ? trail_append(d->trail, &r, e)
	                  : trail_note(d->trail, &r, e);
	buf_free(&hash);
	return written;
}

/*
 * Refusals that cost nobody a guess come without end if somebody wants them
 * to: of those one a while and a person is said, with how many there were.
 */
static bool
is_cheap(const char *reason)
{
	return strcmp(reason, REASON_THROTTLED) == 0 ||
	    strcmp(reason, REASON_UNKNOWN_USER) == 0 ||
	    strcmp(reason, RESULT_ABANDONED) == 0 ||
	    strcmp(reason, REASON_CANT_ASK) == 0;
}

static bool
was_said(struct door *d, const char *reason)
{
	char what[STATE_NAME_MAX + 32];

	d->passed_over = 0;
	if (d->options == NULL || !is_cheap(reason))
		return false;
	(void)snprintf(what, sizeof(what), "%s %s", reason,
	    d->identity.known ? d->identity.name : "");
	return recent_was_said(d->options->reeve.run_directory, what,
	    door_now(d), &d->passed_over);
}

enum door_answer
door_refuse(struct door *d, const char *type, const char *reason,
    const struct err *cause)
{
	struct err e;

	if (was_said(d, reason))
		return door_observes(d) ? DOOR_NOT_OURS : DOOR_REFUSE;
	door_log(d, cause == NULL ? LOG_NOTICE : LOG_ERR, "%s: %s %s%s%s",
	    door_observes(d) ? "would refuse" : "refused", type, reason,
	    cause == NULL ? "" : ": ", cause == NULL ? "" : cause->text);
	if (door_record(d, type, "no", reason, false, &e) == -1 &&
	    d->options != NULL)
		door_log(d, LOG_ERR, "not recorded: %s", e.text);
	return door_observes(d) ? DOOR_NOT_OURS : DOOR_REFUSE;
}

enum door_answer
door_refuse_attempt(struct door *d, const char *type, const char *reason,
    const struct err *cause)
{
	struct state_lock *lock = NULL;
	enum door_answer answer = door_refuse(d, type, reason, cause);
	struct err e;

	d->refused = reason;
	if (d->attempt != 0 && d->state != NULL && d->identity.known) {
		if (state_lock(
		        d->state, d->identity.name, &lock, &d->user, &e) == 0) {
			door_close_attempt(d);
			(void)state_save(lock, &d->user, false, &e);
		}
		state_unlock(&lock);
	}
	return answer;
}

static enum door_answer
refuse_error(struct door *d, const struct err *cause)
{
	return door_refuse(d, "refuse", REASON_ERROR, cause);
}

/*
 * What guesses are counted by. Anybody may start polkit's helper for anybody:
 * then it is that uid's doing, not the host's own.
 */
static void
name_source(struct door *d)
{
	throttle_source(d->caller.source, d->source);
	if (strcmp(d->source, THROTTLE_LOCAL) == 0 && door_steps_up(d) &&
	    d->caller.real_uid != d->identity.uid)
		(void)snprintf(d->source, sizeof(d->source), "uid %u",
		    (unsigned)d->caller.real_uid);
}

/*
 * For sudo and su, who is to prove himself is who calls: the real uid, which
 * targetpw and rootpw don't change.
 */
static int
resolve(struct door *d, struct err *e)
{
	bool by_uid = d->service != NULL &&
	    (d->service->type == SERVICE_SUDO ||
	        d->service->type == SERVICE_SU);
	const char *name = d->caller.user == NULL ? "" : d->caller.user;

	if (person_by_name(&d->target, name, e) == -1)
		return -1;
	if (!by_uid)
		d->identity = d->target;
	else if (!d->resolved && /* later phases run as root */
	    person_by_uid(&d->identity, d->caller.real_uid, e) == -1)
		return -1;
	name_source(d);
	d->resolved = true;
	return 0;
}

/*
 * Who has a factor, or is to have one, is concerned, whatever a name service
 * says of groups. A record alone is not enough: whoever once tried su has one.
 */
static bool
is_enrolled(const struct state_user *u)
{
	return state_has_any_factor(u) || u->enroll_deadline != 0 ||
	    u->ticket_expires != 0;
}

/* Reads the person's record, too: *found says whether there is one. */
static int
one_is_concerned(struct door *d, const struct person *p, struct state_user *u,
    bool *found, bool *concerned, struct err *e)
{
	*found = false;
	*concerned = true; /* unknown names are treated as ours */
	if (!p->known)
		return 0;
	if (state_read(d->state, p->name, u, e) == 0)
		*found = true;
	else if (e->code != ERR_MISSING)
		return -1;
	if (*found && is_enrolled(u))
		return 0;
	return person_is_concerned(p, &d->options->who, concerned, e);
}

/* Who is not the identity: the other side of a su or sudo. */
static int
target_is_concerned(struct door *d, bool *concerned, struct err *e)
{
	struct state_user other = { 0 };
	bool found;
	int result;

	result = one_is_concerned(d, &d->target, &other, &found, concerned, e);
	state_wipe(&other);
	return result;
}

/* Either side of a su or sudo is enough. */
static int
is_concerned(struct door *d, bool *concerned, struct err *e)
{
	bool target;

	if (one_is_concerned(d, &d->identity, &d->user, &d->has_record,
	        &d->identity_concerned, e) == -1)
		return -1;
	target = d->identity_concerned;
	if (!is_same_person(&d->identity, &d->target) &&
	    target_is_concerned(d, &target, e) == -1)
		return -1;
	*concerned = d->identity_concerned || target;
	return 0;
}

int
door_need_record(const struct door *d, struct err *e)
{
	return d->has_record
	    ? 0
	    : err_set(e, ERR_MISSING, "record of %s: none", d->identity.name);
}

static int
open_tools(struct door *d, struct err *e)
{
	if (state_open(&d->state, d->options->reeve.state_directory,
	        &d->tools.clock, &d->tools.entropy, e) == -1)
		return err_in(e, "state");
	if (session_store_open(&d->store, d->options->reeve.run_directory, e) ==
	    -1)
		return err_in(e, "sessions");
	return 0;
}

/* The login that a sudo or su is within, if the kernel and we know it. */
static int
find_login(struct door *d, struct err *e)
{
	int64_t audit_session;
	int64_t login_uid;

	d->within_known = false;
	if (!door_steps_up(d))
		return 0;
	if (process_audit(&audit_session, &login_uid, e) == -1)
		return -1;
	if (session_find(d->store, audit_session, &d->within, e) == -1) {
		/* Of another version: its factors are unknown, and asked. */
		if (e->code == ERR_FORMAT)
			door_log(d, LOG_NOTICE, "%s", e->text);
		return e->code == ERR_MISSING || e->code == ERR_FORMAT ? 0 : -1;
	}
	/* Of another person, its factors say nothing of this one. */
	d->within_known = d->within.factor_count > 0 &&
	    d->within.uid == d->identity.uid &&
	    login_uid == (int64_t)d->identity.uid;
	return 0;
}

/* On the console break-glass is left, which opens by itself what it needs. */
static enum door_answer
in_emergency(struct door *d, enum door_answer otherwise)
{
	if (otherwise == DOOR_NOT_OURS || !d->console)
		return otherwise;
	d->emergency = true;
	return DOOR_GO_ON;
}

/*
 * su and sudo run with their invoker's group and limits: files would be that
 * group's, and a limit on their size would keep us from recording him.
 */
static void
become_host(struct door *d)
{
	struct rlimit ours = { .rlim_cur = RLIM_INFINITY,
		.rlim_max = RLIM_INFINITY };

	d->file_group = (gid_t)setfsgid(0); /* this thread's alone */
	d->lifted = getrlimit(RLIMIT_FSIZE, &d->file_size) == 0 &&
	    d->file_size.rlim_cur != RLIM_INFINITY &&
	    setrlimit(RLIMIT_FSIZE, &ours) == 0;
}

enum door_answer
door_begin(struct door *d, const struct door_caller *caller, bool any_service)
{
	struct err e;
	bool concerned = true;

	d->caller = *caller;
	d->emergency = false;
	d->has_record = false;
	become_host(d);
	if (caller->service == NULL)
		d->caller.service = "";
	if (caller->effective_uid != 0) {
		door_log(d, LOG_ERR, "the application does not run as root");
		return door_observes(d) ? DOOR_NOT_OURS : DOOR_UNAVAILABLE;
	}
	d->service = d->options == NULL
	    ? NULL
	    : options_service(d->options, d->caller.service);
	d->console = breakglass_is_console(
	    d->caller.service, d->caller.tty, d->caller.source);
	if (clock_read(&d->tools.clock, &d->now, &e) == -1 ||
	    resolve(d, &e) == -1)
		return in_emergency(d, refuse_error(d, &e));
	if (d->options == NULL)
		return in_emergency(
		    d, door_observes(d) ? DOOR_NOT_OURS : DOOR_REFUSE);
	if (open_tools(d, &e) == -1)
		return in_emergency(d, refuse_error(d, &e));
	if (is_concerned(d, &concerned, &e) == -1)
		return in_emergency(
		    d, door_refuse(d, "refuse", REASON_LOOKUP, &e));
	if (!concerned) {
		door_log(d, LOG_INFO, "%s is not concerned", d->identity.name);
		return DOOR_NOT_OURS;
	}
	if (d->service == NULL && !any_service)
		return in_emergency(
		    d, door_refuse(d, "refuse", REASON_SERVICE, NULL));
	if (find_login(d, &e) == -1)
		return refuse_error(d, &e);
	return DOOR_GO_ON;
}

void
door_end(struct door *d)
{
	close_tools(d);
	if (d->lifted)
		(void)setrlimit(RLIMIT_FSIZE, &d->file_size);
	d->lifted = false;
	(void)setfsgid(d->file_group);
	d->caller = (struct door_caller){ 0 };
}

bool
door_is_stepped_up(const struct door *d)
{
	int64_t age = d->now.boot_ns - d->within.stepup_boot_ns;

	return d->within_known && d->within.stepup_boot_ns > 0 &&
	    d->within.stepup_uid == d->identity.uid && age >= 0 &&
	    age / CLOCK_NS_PER_SECOND < d->options->stepup.lifetime;
}

void
door_close_attempt(struct door *d)
{
	attempt_close(&d->user, d->attempt);
	d->attempt = 0;
}

/* Counts the attempt before anything of it is compared. */
static int
reserve_known(struct door *d, struct err *e)
{
	struct state_attempt ended[STATE_ATTEMPTS_MAX];
	struct state_lock *lock = NULL;
	size_t count;
	int result = -1;

	if (state_lock_or_create(d->state, d->identity.name, d->identity.uid,
	        &lock, &d->user, e) == -1)
		return -1;
	/*
	 * Also a deadline that is over at once: it says for good that this one
	 * is concerned, also when a directory stops to give groups.
	 */
	if (d->user.enroll_deadline == 0 && d->identity_concerned &&
	    !state_has_any_factor(&d->user))
		d->user.enroll_deadline =
		    d->user.created + d->options->enroll.deadline;
	door_close_attempt(d);
	count = attempt_sweep(&d->user, ended);
	d->throttled = throttle_reserve(&d->user, d->source,
	                   &d->options->throttle, door_now(d)) != THROTTLE_GO;
	if (attempt_enter(&d->user, d->caller.service, d->source, d->caller.pid,
	        door_now(d), &d->attempt, e) == -1 ||
	    state_save(lock, &d->user, false, e) == -1)
		goto out;
	result = 0;
out:
	state_unlock(&lock);
	if (result == 0 && count > 0 &&
	    (open_trail(d, e) == -1 ||
	        attempt_record(d->trail, &d->user, ended, count, e) == -1))
		door_log(d, LOG_ERR, "not recorded: %s", e->text);
	return result;
}

static int
reserve(struct door *d, struct err *e)
{
	if (d->identity.known)
		return reserve_known(d, e);
	d->throttled = throttle_reserve_unknown(d->state, d->source,
	                   &d->options->throttle, e) != THROTTLE_GO;
	return 0;
}

static void
forget_judgement(struct door *d)
{
	d->judged = false;
	d->verdict = VERDICT_DENY;
	d->refused = NULL;
	d->same_device = false;
	d->unenrolled = false;
	d->breakglass = false;
}

static void
forget_attempt(struct door *d)
{
	forget_judgement(d);
	d->throttled = false;
	d->reserve_failed = false;
	d->password_offered = false;
	d->automation = false;
	d->factor_count = 0;
	d->session_ready = false;
}

static enum door_answer
reserve_phase(struct door *d, const struct convo *c)
{
	static const struct factor_used password = { .type = "password",
		.kind = KIND_KNOW };
	const char *offered;
	struct err e;

	d->who = d->identity; /* also of an attempt that ends here */
	/* Nothing typed is what ssh sends for a cancelled prompt. */
	if (c->password(c->context, &offered, &e) == -1 ||
	    (offered[0] == '\0' && err_set(&e, ERR_MISSING, "no password"))) {
		door_log(d, LOG_INFO, "%s", e.text);
		d->reserve_failed = true;
		if (d->options != NULL && !was_said(d, RESULT_ABANDONED))
			(void)door_record(d, "auth", RESULT_ABANDONED,
			    REASON_CANT_ASK, false, &e);
		return door_observes(d) ? DOOR_NOT_OURS : DOOR_REFUSE;
	}
	if (!d->emergency && reserve(d, &e) == -1) {
		enum door_answer answer = in_emergency(d, refuse_error(d, &e));

		d->reserve_failed = answer != DOOR_GO_ON;
		if (answer != DOOR_GO_ON)
			return answer;
	}
	d->password_offered = true;
	door_add_factor(d, &password);
	/* Whoever must wait learns nothing of the password, not by time. */
	if (d->throttled && !door_observes(d) && !d->console &&
	    c->spoil_password(c->context, &e) == -1)
		return refuse_error(d, &e);
	return DOOR_GO_ON;
}

enum door_answer
door_reserve(
    struct door *d, const struct door_caller *caller, const struct convo *c)
{
	enum door_answer answer;

	if (d->attempt != 0)
		record_end(d);
	forget_attempt(d);
	answer = door_begin(d, caller, false);
	if (answer == DOOR_GO_ON)
		answer = reserve_phase(d, c);
	door_end(d);
	return answer;
}

/* An attempt that no account phase ended. */
static void
record_end(struct door *d)
{
	struct door_caller caller = d->caller;
	struct state_lock *lock = NULL;
	struct err e;

	become_host(d);
	if (d->options == NULL || !d->identity.known ||
	    (d->state == NULL && open_tools(d, &e) == -1))
		goto out;
	if (caller.service == NULL) /* the phase is over, its items gone */
		d->caller.service = d->service == NULL ? "" : d->service->name;
	d->caller.pid = d->pid;
	(void)door_record(d, "auth", "no", REASON_NO_ACCOUNT, false, &e);
	if (state_lock(d->state, d->identity.name, &lock, &d->user, &e) == 0) {
		door_close_attempt(d);
		(void)state_save(lock, &d->user, false, &e);
	}
	state_unlock(&lock);
out:
	d->attempt = 0;
	door_end(d);
	d->caller = caller;
}

/* What the login showed must not be shown again. */
struct spent {
	uint32_t ids[SESSION_FACTORS_MAX];
	size_t count;
};

static void
find_spent(const struct door *d, struct spent *s)
{
	if (!d->within_known)
		return;
	for (size_t i = 0; i < d->within.factor_count; i++)
		/* 0 stands for the recovery codes; other types have it too. */
		if (d->within.factors[i].id != 0 ||
		    strcmp(d->within.factors[i].type, "recovery") == 0)
			s->ids[s->count++] = d->within.factors[i].id;
}

static unsigned
login_kinds(const struct door *d)
{
	unsigned kinds = KIND_NONE;

	for (size_t i = 0; i < d->within.factor_count; i++)
		kinds |= (unsigned)d->within.factors[i].kind;
	return kinds;
}

bool
door_clock_is_plausible(const struct door *d)
{
	const struct state_user *u = &d->user;
	int64_t newest =
	    u->created > u->last_login ? u->created : u->last_login;

	for (size_t i = 0; i < STATE_FACTORS_MAX; i++)
		if (u->factors[i].last_used > newest)
			newest = u->factors[i].last_used;
	return door_now(d) >= newest;
}

static bool
is_exempt(const struct door *d)
{
	return d->user.exempt_until > door_now(d) && door_clock_is_plausible(d);
}

int64_t
door_kinds_needed(const struct door *d)
{
	return is_exempt(d) ? 1 : d->service->kinds;
}

/*
 * Enough? A login wants so many different kinds. A step-up within a login
 * whose factors are known wants one that differs from all of them: another
 * kind, or (where the rule allows) another device of a kind that was used. A
 * password is one device. Recovery codes replace a device that is lost, and
 * so differ from those that are not.
 */
static bool
suffices(const struct door *d)
{
	unsigned login;
	bool differs = false;

	if (!door_steps_up(d) || !d->within_known || is_exempt(d))
		return door_kind_count(door_kinds(d)) >= door_kinds_needed(d);
	login = login_kinds(d);
	for (size_t i = 0; i < d->factor_count; i++) {
		const struct factor_used *f = &d->factors[i];

		/* Spent ids can't have said yes: it is another device. */
		if ((login & (unsigned)f->kind) == 0 ||
		    (d->options->stepup.rule == STEPUP_KIND_OR_DEVICE &&
		        f->kind != KIND_KNOW))
			differs = true;
	}
	return differs;
}

static bool
may_come_unenrolled(const struct door *d)
{
	int64_t now = door_now(d);

	/* Who has anything enrolled shows it, whatever was typed. */
	return !door_steps_up(d) && !state_has_any_factor(&d->user) &&
	    door_clock_is_plausible(d) &&
	    (d->user.enroll_deadline > now || d->user.ticket_expires > now ||
	        d->options->enroll.self_by_password);
}

/* A no; but it may be the login's own device, which the record is to say. */
static enum verdict
judge_spent(struct door *d, const struct spent *spent,
    const struct factor_request *request, enum verdict verdict)
{
	struct err unused;

	switch (factor_judge_spent(
	    &d->user, spent->ids, spent->count, request, &unused)) {
	case VERDICT_ALLOW:
		d->same_device = true;
		return VERDICT_DENY;
	case VERDICT_REPLAYED:
		return VERDICT_REPLAYED;
	default:
		return verdict;
	}
}

/* Judges and burns under the user's lock; ALLOW only when it is on disk. */
static enum verdict
judge_locked(
    struct door *d, const char *answer, struct factor_used *used, struct err *e)
{
	struct recovery_prepared prepared;
	struct factor_request request = { .state = d->state,
		.answer = answer,
		.now = door_now(d),
		.limits = d->options->factor,
		.prepared = &prepared };
	struct spent spent = { 0 };
	struct state_lock *lock = NULL;
	enum verdict verdict = VERDICT_DENY;

	find_spent(d, &spent);
	recovery_prepare(&d->user.recovery, answer, &prepared);
	if (state_lock(d->state, d->identity.name, &lock, &d->user, e) == -1)
		goto out;
	*e = (struct err){ 0 }; /* what is left in it was no fault */
	verdict =
	    factor_judge(&d->user, spent.ids, spent.count, &request, used, e);
	if (verdict != VERDICT_ALLOW && spent.count > 0)
		verdict = judge_spent(d, &spent, &request, verdict);
	if ((verdict == VERDICT_ALLOW || d->same_device) &&
	    state_save(lock, &d->user, true, e) == -1)
		verdict = VERDICT_DENY;
	state_unlock(&lock);
out:
	secret_wipe(&prepared, sizeof(prepared));
	return verdict;
}

static enum verdict
judge_breakglass(
    struct door *d, const struct convo *c, const char *first, struct err *e)
{
	struct breakglass_used used = { 0 };
	char second[CONVO_ANSWER_MAX + 1] = "";
	enum verdict verdict = VERDICT_DENY;

	if (convo_ask(c, N_("Second half: "), false, second, e) == 0)
		verdict = breakglass_judge(d->options == NULL
		        ? BREAKGLASS_STATE_DIRECTORY
		        : d->options->reeve.state_directory,
		    d->options == NULL ? BREAKGLASS_RUN_DIRECTORY
		                       : d->options->reeve.run_directory,
		    first, second, door_now(d), &used, e);
	secret_wipe(second, sizeof(second));
	if (verdict == VERDICT_ALLOW) {
		struct factor_used factor = { .type = "breakglass",
			.kind = KIND_HAVE };

		(void)snprintf(
		    factor.label, sizeof(factor.label), "%u", used.number);
		d->breakglass = true;
		door_add_factor(d, &factor);
		door_log(d, LOG_EMERG,
		    "break-glass code %u of %s and %s used on %s; %u left",
		    used.number, used.holders[0], used.holders[1],
		    d->caller.tty, used.left);
	}
	return verdict;
}

static const char *
reason_of(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_REPLAYED:
		return REASON_REPLAYED;
	case VERDICT_UNAVAILABLE:
		return REASON_NOT_ENROLLED;
	default:
		return REASON_WRONG_CODE;
	}
}

static enum verdict
judge_answer(
    struct door *d, const struct convo *c, const char *answer, struct err *e)
{
	struct factor_used used = { 0 };
	enum verdict verdict;

	if (d->console && breakglass_looks_like(answer))
		return judge_breakglass(d, c, answer, e);
	if (d->emergency || d->throttled || !d->identity.known) {
		factor_pretend(answer, door_now(d));
		return VERDICT_DENY;
	}
	verdict = judge_locked(d, answer, &used, e);
	if (verdict == VERDICT_ALLOW)
		door_add_factor(d, &used);
	return verdict;
}

static enum door_answer
refuse_answer(struct door *d, enum verdict verdict, const struct err *e)
{
	const char *reason = reason_of(verdict);

	if (d->same_device)
		reason = REASON_SAME_FACTOR;
	else if (verdict == VERDICT_UNAVAILABLE &&
	    state_has_any_factor(&d->user))
		reason = REASON_WRONG_CODE; /* it looked like nothing we know */
	if (d->throttled)
		reason = REASON_THROTTLED;
	else if (!d->identity.known)
		reason = REASON_UNKNOWN_USER;
	return door_refuse_attempt(
	    d, "auth", reason, e->code == ERR_NONE ? NULL : e);
}

/* Asks for a code and judges it. */
static enum door_answer
ask_and_judge(struct door *d, const struct convo *c)
{
	char answer[CONVO_ANSWER_MAX + 1] = "";
	struct err e = { 0 };

	if (convo_ask(c, N_("Verification code: "), true, answer, &e) == -1)
		return door_refuse_attempt(d, "auth", REASON_CANT_ASK, &e);
	d->verdict = judge_answer(d, c, answer, &e);
	secret_wipe(answer, sizeof(answer));
	d->judged = true;
	if (d->breakglass && d->verdict == VERDICT_ALLOW)
		return DOOR_GO_ON;
	if (d->verdict == VERDICT_UNAVAILABLE && !d->emergency &&
	    may_come_unenrolled(d)) {
		d->unenrolled = true;
		return DOOR_GO_ON;
	}
	if (d->verdict != VERDICT_ALLOW)
		return refuse_answer(d, d->verdict, &e);
	if (!suffices(d)) {
		d->verdict = VERDICT_DENY;
		return door_refuse_attempt(d, "auth",
		    d->within_known ? REASON_SAME_FACTOR : REASON_KINDS, NULL);
	}
	return DOOR_GO_ON;
}

static enum door_answer
judge_phase(struct door *d, const struct convo *c)
{
	struct err e = { 0 };

	if (d->reserve_failed) /* and said so */
		return door_observes(d) ? DOOR_NOT_OURS : DOOR_REFUSE;
	if (d->emergency)
		return ask_and_judge(d, c);
	if (!d->password_offered && !d->console)
		return door_refuse_attempt(d, "auth", REASON_NO_RESERVE, NULL);
	if ((d->identity.known && door_need_record(d, &e) == -1) ||
	    door_take_key(d, &e) == -1) {
		enum door_answer answer = in_emergency(d, refuse_error(d, &e));

		return answer == DOOR_GO_ON ? ask_and_judge(d, c) : answer;
	}
	/* In observe mode nobody is asked for what nobody has. */
	if (door_observes(d) && !suffices(d) &&
	    factor_kinds(&d->user, NULL, 0) == KIND_NONE) {
		d->judged = true;
		return door_refuse_attempt(
		    d, "auth", REASON_NOT_ENROLLED, NULL);
	}
	/* The smallest sufficient set: keys already shown are enough. */
	if (d->identity.known && !d->throttled && suffices(d)) {
		d->judged = true;
		d->verdict = VERDICT_ALLOW;
		return DOOR_GO_ON;
	}
	return ask_and_judge(d, c);
}

enum door_answer
door_judge(
    struct door *d, const struct door_caller *caller, const struct convo *c)
{
	enum door_answer answer = door_begin(d, caller, false);
	bool reserved = d->password_offered || d->reserve_failed;

	/* What an earlier try showed or was granted is nothing to this one. */
	forget_judgement(d);
	if (!reserved || (answer == DOOR_GO_ON && !door_is_same_person(d))) {
		forget_attempt(d);
		d->who = d->identity;
	}
	if (answer == DOOR_GO_ON)
		answer = judge_phase(d, c);
	door_end(d);
	return answer;
}
