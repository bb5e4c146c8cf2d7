#include "review/use_day.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_SECONDS  INT64_C(86400)
#define HOUR_SECONDS 3600

#define OPEN_MAX        4096u /* sessions that run at one time, of one trail */
#define PENDING_MAX     64u   /* of sudo, that wait for PAM's line */
#define PENDING_SECONDS 10
#define UNKNOWNS_MAX    256u /* connections at one time */
#define HINTS_MAX       64u  /* processes whose next failure is explained */
#define HINT_SECONDS    60
/* A session whose end no log has is not believed to run for ever. */
#define OPEN_SECONDS DAY_SECONDS

/* A fact; text has name, host, service, key, origin, each with its NUL. */
struct fact {
	char *text;
	size_t length;
	struct use_day day;
};

/* An account that came in: its name may be kept. */
struct seen {
	char *text; /* host, NUL, name */
	size_t length;
};

/* What sshd said of a connection before its first "Failed". */
struct unknown {
	struct authlog_event event; /* pid -1: none */
	bool counted;               /* its first "Failed" was passed over */
};

/* Why the next failure of that process is one. */
struct hint {
	int64_t pid, at; /* pid 0: none */
	enum authlog_class why;
	char host[AUTHLOG_NAME_MAX + 1];
};

struct use {
	struct use_options options;
	void *facts; /* tsearch(3) */
	size_t fact_count;
	void *seen;
	struct authlog_event *open; /* by which they began */
	size_t open_count;
	bool ends; /* the log has ends of sessions at all */
	struct authlog_event *pending;
	size_t pending_count;
	/*
	 * "Invalid user" and refusals by sshd, once counted, of connections
	 * that may still fail; the next one goes to unknown_at. Of those that
	 * come at one time, lines are in any order.
	 */
	struct unknown *unknowns;
	size_t unknown_at;
	struct hint hints[HINTS_MAX]; /* the next one goes to hint_at */
	size_t hint_at;
	struct use_parts *parts;
	struct err *error; /* while facts are delivered */
};

int
use_new(struct use **out, const struct use_options *options, struct err *e)
{
	struct use *u = calloc(1, sizeof(*u));

	*out = NULL;
	if (u == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	u->options = *options;
	u->open = calloc(OPEN_MAX, sizeof(*u->open));
	u->pending = calloc(PENDING_MAX, sizeof(*u->pending));
	u->unknowns = calloc(UNKNOWNS_MAX, sizeof(*u->unknowns));
	if (u->open == NULL || u->pending == NULL || u->unknowns == NULL ||
	    use_parts_new(&u->parts, e) == -1) {
		use_free(&u);
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	for (size_t i = 0; i < UNKNOWNS_MAX; i++)
		u->unknowns[i].event.pid = -1;
	*out = u;
	return 0;
}

static void
free_fact(void *node)
{
	struct fact *f = node;

	free(f->text);
	free(f);
}

static void
free_seen(void *node)
{
	struct seen *s = node;

	free(s->text);
	free(s);
}

static void
forget_facts(struct use *u)
{
	tdestroy(u->facts, free_fact);
	use_parts_clear(u->parts);
	u->facts = NULL;
	u->fact_count = 0;
}

void
use_free(struct use **u)
{
	if (*u == NULL)
		return;
	forget_facts(*u);
	use_parts_free(&(*u)->parts);
	tdestroy((*u)->seen, free_seen);
	free((*u)->open);
	free((*u)->pending);
	if ((*u)->unknowns != NULL)
		explicit_bzero(
		    (*u)->unknowns, UNKNOWNS_MAX * sizeof(*(*u)->unknowns));
	free((*u)->unknowns);
	free(*u);
	*u = NULL;
}

/* ---- Names ---- */

static int
by_bytes(const char *a, size_t a_length, const char *b, size_t b_length)
{
	int order = memcmp(a, b, a_length < b_length ? a_length : b_length);

	if (order != 0 || a_length == b_length)
		return order;
	return a_length < b_length ? -1 : 1;
}

static int
by_name(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;

	return by_bytes(x->text, x->length, y->text, y->length);
}

static size_t
put(char *to, size_t at, const char *text)
{
	size_t length = strlen(text) + 1;

	memcpy(to + at, text, length);
	return at + length;
}

static bool
was_seen(const struct use *u, const char *host, const char *name)
{
	char text[2 * AUTHLOG_NAME_MAX + 2];
	struct seen s = { .text = text };

	s.length = put(text, put(text, 0, host), name);
	return tfind(&s, &u->seen, by_name) != NULL;
}

static int
remember(struct use *u, const char *host, const char *name, struct err *e)
{
	struct seen *s;

	if (was_seen(u, host, name))
		return 0;
	s = calloc(1, sizeof(*s));
	if (s != NULL)
		s->text = malloc(strlen(host) + strlen(name) + 2);
	if (s == NULL || s->text == NULL) {
		free(s);
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	s->length = put(s->text, put(s->text, 0, host), name);
	if (tsearch(s, &u->seen, by_name) == NULL) {
		free_seen(s);
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	return 0;
}

static bool
is_account(const struct use *u, const char *host, const char *name)
{
	return was_seen(u, host, name) ||
	    (u->options.known != NULL &&
	        u->options.known(u->options.context, host, name));
}

/* ---- Facts ---- */

static int
by_fact(const void *a, const void *b)
{
	const struct fact *x = a, *y = b;

	if (x->day.day != y->day.day)
		return x->day.day < y->day.day ? -1 : 1;
	if (x->day.success != y->day.success)
		return x->day.success ? -1 : 1;
	return by_bytes(x->text, x->length, y->text, y->length);
}

#define FACT_TEXT (2 * AUTHLOG_NAME_MAX + 3 * AUTHLOG_NAME_MAX + 5)

static void
set_text(struct fact *f, const char *name, const char *host,
    const char *service, const char *key, const char *origin)
{
	size_t at = 0;

	f->day.name = f->text;
	at = put(f->text, at, name);
	f->day.host = f->text + at;
	at = put(f->text, at, host);
	f->day.service = f->text + at;
	at = put(f->text, at, service);
	f->day.key = f->text + at;
	at = put(f->text, at, key);
	f->day.origin = f->text + at;
	f->length = put(f->text, at, origin);
}

/* The one that is there, or a new one with nothing counted. */
static struct fact *
find_fact(struct use *u, const struct fact *like, struct err *e)
{
	void *node = tfind(like, &u->facts, by_fact);
	struct fact *f;

	if (node != NULL)
		return *(struct fact **)node;
	f = malloc(sizeof(*f));
	if (f == NULL)
		goto memory;
	*f = *like;
	f->text = malloc(like->length);
	if (f->text == NULL)
		goto memory;
	set_text(f, like->day.name, like->day.host, like->day.service,
	    like->day.key, like->day.origin);
	if (tsearch(f, &u->facts, by_fact) == NULL)
		goto memory;
	u->fact_count++;
	return f;
memory:
	if (f != NULL)
		free_fact(f);
	err_set(e, ERR_MEMORY, "out of memory");
	return NULL;
}

static void
deliver_one(const void *node, VISIT visit, void *context)
{
	const struct fact *f = *(struct fact *const *)node;
	struct use *u = context;
	struct use_day day = f->day;

	if ((visit != postorder && visit != leaf) || u->error->code != ERR_NONE)
		return;
	if (!day.success && !is_account(u, day.host, day.name))
		day.name = "";
	if (u->options.deliver(u->options.context, &day, u->error) == -1 &&
	    u->error->code == ERR_NONE)
		err_set(u->error, ERR_SYS, "a fact was not taken");
}

/* The account's name, or else its mask: what was typed is not kept. */
static int
mask_part(const struct use *u, struct use_part *p, char mask[USE_MASK_MAX],
    struct err *e)
{
	if (p->success || p->name[0] == '\0' || is_account(u, p->host, p->name))
		return 0;
	if (u->options.mask(
	        u->options.context, p->name, strlen(p->name), mask, e) == -1)
		return -1;
	p->name = "";
	p->mask = mask;
	return 0;
}

static int
deliver_part(void *context, const struct use_part *p, struct err *e)
{
	struct use *u = context;
	struct use_part part = *p;
	char mask[USE_MASK_MAX];

	if (mask_part(u, &part, mask, e) == -1 ||
	    u->options.part(u->options.context, &part, e) == -1)
		return -1;
	return 0;
}

static int
deliver(struct use *u, struct err *e)
{
	struct err error = { .code = ERR_NONE };

	u->error = &error;
	twalk_r(u->facts, deliver_one, u);
	u->error = NULL;
	if (error.code == ERR_NONE &&
	    use_parts_walk(u->parts, deliver_part, u, &error) == -1 &&
	    error.code == ERR_NONE)
		err_set(&error, ERR_SYS, "a part of a day was not taken");
	forget_facts(u);
	if (error.code == ERR_NONE)
		return 0;
	*e = error;
	return -1;
}

static int64_t
day_of(int64_t at)
{
	return at / DAY_SECONDS - (at % DAY_SECONDS < 0);
}

/* ---- Parts of a day ---- */

static int
set_mask(struct use *u, const struct authlog_event *event, char *mask,
    bool *elsewhere, struct err *e)
{
	char name[AUTHLOG_NAME_MAX + 1];
	size_t length = event->typed_length;

	mask[0] = '\0';
	*elsewhere = false;
	if (event->hash[0] != '\0')
		(void)snprintf(mask, USE_MASK_MAX, "%.24s - ?", event->hash);
	if (!event->nobody || length == 0)
		return 0;
	if (length < sizeof(event->typed) &&
	    memchr(event->typed, '\0', length) == NULL) {
		memcpy(name, event->typed, length);
		name[length] = '\0';
		*elsewhere = is_account(u, event->host, name);
		explicit_bzero(name, sizeof(name));
	}
	return u->options.mask(
	    u->options.context, event->typed, length, mask, e);
}

static int
count_part(struct use *u, const struct authlog_event *event, bool success,
    struct err *e)
{
	char mask[USE_MASK_MAX] = "";
	struct use_part part = { .host = event->host,
		.at = use_part_at(event->at, success),
		.name = event->user,
		.mask = mask,
		.service = event->service,
		.key = event->key,
		.origin = event->by[0] != '\0' ? event->by : event->origin,
		.success = success,
		.why = success ? AUTHLOG_SECRET : event->why,
		.count = event->count,
		.first = event->at,
		.last = event->at };

	if (u->options.part == NULL)
		return 0;
	if (!success && set_mask(u, event, mask, &part.elsewhere, e) == -1)
		return -1;
	return use_parts_add(u->parts, &part, e);
}

/* ---- Counting ---- */

static int
count(struct use *u, const struct authlog_event *event, bool success,
    bool overlaps, struct err *e)
{
	char text[FACT_TEXT];
	struct fact like = { .text = text };
	struct fact *f;
	int64_t at = event->at;

	if (event->covered)
		return 0;
	if (count_part(u, event, success, e) == -1)
		return -1;
	set_text(&like, event->user, event->host, event->service, event->key,
	    event->by[0] != '\0' ? event->by : event->origin);
	like.day.day = day_of(at);
	like.day.success = success;
	like.day.first = at;
	like.day.last = at;
	f = find_fact(u, &like, e);
	if (f == NULL)
		return -1;
	f->day.sessions += event->count;
	f->day.overlaps += overlaps;
	f->day.hours |= UINT32_C(1)
	    << (at - like.day.day * DAY_SECONDS) / HOUR_SECONDS;
	if (at < f->day.first)
		f->day.first = at;
	if (at > f->day.last)
		f->day.last = at;
	if (u->fact_count + use_parts_count(u->parts) >= u->options.facts_max)
		return deliver(u, e);
	return 0;
}

/* ---- Sessions ---- */

static void
close_at(struct use *u, size_t i)
{
	u->open[i] = u->open[--u->open_count];
}

static void
close_sessions(struct use *u, const struct authlog_event *event)
{
	u->ends = true;
	for (size_t i = u->open_count; i-- > 0;) {
		const struct authlog_event *o = &u->open[i];
		bool same = event->kind == AUTHLOG_GONE
		    ? o->port == event->port && o->port != -1 &&
		        strcmp(o->origin, event->origin) == 0 &&
		        strcmp(o->user, event->user) == 0
		    : o->pid == event->pid && o->pid != -1;

		if (same && strcmp(o->host, event->host) == 0)
			close_at(u, i);
	}
}

/*
 * Whether the account's session of another key and origin runs. Of a log that
 * has no ends nobody knows.
 */
static bool
begin_session(struct use *u, const struct authlog_event *event)
{
	struct authlog_event *o;
	bool overlaps = false;
	size_t oldest = 0;

	for (size_t i = u->open_count; i-- > 0;) {
		o = &u->open[i];
		if (event->at - o->at > OPEN_SECONDS ||
		    (o->pid == event->pid && o->pid != -1 &&
		        strcmp(o->host, event->host) == 0))
			close_at(u, i);
	}
	for (size_t i = 0; i < u->open_count; i++) {
		o = &u->open[i];
		if (strcmp(o->user, event->user) == 0 &&
		    strcmp(o->host, event->host) == 0 &&
		    strcmp(o->key, event->key) != 0 &&
		    strcmp(o->origin, event->origin) != 0)
			overlaps = true;
		if (o->at < u->open[oldest].at)
			oldest = i;
	}
	if (u->open_count == OPEN_MAX)
		close_at(u, oldest);
	u->open[u->open_count++] = *event;
	return overlaps && u->ends;
}

/* ---- sudo whose account only PAM can tell ---- */

/* The i-th is counted, for the account that PAM names or for nobody. */
static int
settle(struct use *u, size_t i, const char *user, struct err *e)
{
	struct authlog_event event = u->pending[i];

	u->pending_count--;
	memmove(u->pending + i, u->pending + i + 1,
	    (u->pending_count - i) * sizeof(event));
	if (user != NULL)
		(void)snprintf(event.user, sizeof(event.user), "%s", user);
	if (user != NULL && event.kind == AUTHLOG_LOGIN &&
	    remember(u, event.host, user, e) == -1)
		return -1;
	return count(u, &event, event.kind == AUTHLOG_LOGIN, false, e);
}

static int
settle_old(struct use *u, int64_t at, struct err *e)
{
	while (u->pending_count > 0 && at - u->pending[0].at > PENDING_SECONDS)
		if (settle(u, 0, NULL, e) == -1)
			return -1;
	return 0;
}

static int
wait_for_pam(struct use *u, const struct authlog_event *event, struct err *e)
{
	if (u->pending_count == PENDING_MAX && settle(u, 0, NULL, e) == -1)
		return -1;
	u->pending[u->pending_count++] = *event;
	return 0;
}

static int
hear_pam(struct use *u, const struct authlog_event *event, struct err *e)
{
	for (size_t i = 0; i < u->pending_count; i++) {
		const struct authlog_event *p = &u->pending[i];

		if (p->kind == AUTHLOG_LOGIN &&
		    strcmp(p->host, event->host) == 0 &&
		    (event->by[0] == '\0' || strcmp(p->by, event->by) == 0))
			return settle(u, i, event->user, e);
	}
	return 0;
}

/* ---- Events ---- */

static int
came_in(struct use *u, const struct authlog_event *event, struct err *e)
{
	bool overlaps = false;

	if (event->ambiguous)
		return wait_for_pam(u, event, e);
	if (remember(u, event->host, event->user, e) == -1)
		return -1;
	/* sudo and su are within a session that was counted. */
	if (event->by[0] == '\0')
		overlaps = begin_session(u, event);
	return count(u, event, true, overlaps, e);
}

static bool
is_same_connection(const struct authlog_event *a, const struct authlog_event *b)
{
	return a->pid == b->pid && a->pid != -1 &&
	    (a->port == b->port || a->port == -1) &&
	    strcmp(a->host, b->host) == 0;
}

static struct unknown *
find_unknown(struct use *u, const struct authlog_event *event)
{
	for (size_t i = 0; i < UNKNOWNS_MAX; i++)
		if (is_same_connection(&u->unknowns[i].event, event))
			return &u->unknowns[i];
	return NULL;
}

/* A process that begins anew has no earlier connection. */
static void
keep_unknown(struct use *u, const struct authlog_event *event)
{
	struct unknown *to = find_unknown(u, event);

	if (to == NULL) {
		to = &u->unknowns[u->unknown_at];
		u->unknown_at = (u->unknown_at + 1) % UNKNOWNS_MAX;
	}
	to->event = *event;
	to->counted = false;
}

/* What PAM's modules said of that process, once. */
static void
explain(struct use *u, struct authlog_event *event)
{
	for (size_t i = 0; i < HINTS_MAX; i++) {
		struct hint *h = &u->hints[i];

		if (h->pid == 0 || h->pid != event->pid ||
		    strcmp(h->host, event->host) != 0)
			continue;
		if (event->at - h->at <= HINT_SECONDS &&
		    (!event->nobody || h->why == AUTHLOG_DIRECTORY))
			event->why = h->why;
		h->pid = 0;
	}
}

static void
keep_hint(struct use *u, const struct authlog_event *event)
{
	struct hint *h = &u->hints[u->hint_at];

	if (event->pid <= 0)
		return;
	u->hint_at = (u->hint_at + 1) % HINTS_MAX;
	h->pid = event->pid;
	h->at = event->at;
	h->why = event->why;
	(void)snprintf(h->host, sizeof(h->host), "%s", event->host);
}

static void
name_denied(struct authlog_event *event, const struct authlog_event *denied)
{
	event->nobody = false;
	event->why = denied->why;
	event->typed_length = 0;
	(void)snprintf(event->user, sizeof(event->user), "%s", denied->user);
}

/*
 * sshd says "Invalid user" once a connection, and "Failed" for each password:
 * the first of these is not counted again.
 */
static int
failed(struct use *u, const struct authlog_event *event, struct err *e)
{
	struct authlog_event nameless = *event;
	struct unknown *before;

	if (event->ambiguous)
		return wait_for_pam(u, event, e);
	nameless.key[0] = '\0';
	if (event->kind != AUTHLOG_UNKNOWN)
		explain(u, &nameless);
	if (event->kind == AUTHLOG_UNKNOWN || event->kind == AUTHLOG_DENIED) {
		keep_unknown(u, &nameless);
		return count(u, &nameless, false, false, e);
	}
	before = event->nobody ? find_unknown(u, event) : NULL;
	if (before == NULL)
		return count(u, &nameless, false, false, e);
	/* What sshd refuses it then calls an invalid user, too. */
	if (before->event.kind == AUTHLOG_DENIED)
		name_denied(&nameless, &before->event);
	if (!before->counted)
		nameless.count--;
	before->counted = true;
	return nameless.count == 0 ? 0 : count(u, &nameless, false, false, e);
}

/* Of others than sshd, sudo and su a session says all there is. */
static int
opened(struct use *u, const struct authlog_event *event, struct err *e)
{
	struct authlog_event plain = *event;

	if (strcmp(event->service, "sudo") == 0)
		return hear_pam(u, event, e);
	if (strcmp(event->service, "login") != 0)
		return 0;
	plain.by[0] = '\0';
	return came_in(u, &plain, e);
}

int
use_event(struct use *u, const struct authlog_event *event, struct err *e)
{
	if (settle_old(u, event->at, e) == -1)
		return -1;
	switch (event->kind) {
	case AUTHLOG_LOGIN:
		return came_in(u, event, e);
	case AUTHLOG_FAILED:
	case AUTHLOG_UNKNOWN:
	case AUTHLOG_DENIED:
		return failed(u, event, e);
	case AUTHLOG_HINT:
		keep_hint(u, event);
		return 0;
	case AUTHLOG_OPENED:
		return opened(u, event, e);
	case AUTHLOG_CLOSED:
	case AUTHLOG_GONE:
		close_sessions(u, event);
		return 0;
	}
	return 0;
}

int
use_end(struct use *u, struct err *e)
{
	while (u->pending_count > 0)
		if (settle(u, 0, NULL, e) == -1)
			return -1;
	return deliver(u, e);
}
