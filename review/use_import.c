#include "review/use_import.h"

#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "review/fact.h"
#include "review/textfile.h"
#include "review/use_day.h"
#include "review/use_own.h"
#include "schema/base/buf.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"

#define A_DAY     86400   /* s that a clock may be ahead */
#define FACTS_MAX 200000u /* about 60 MB */
#define OWN_FORM  "reeve"

#define STRETCH_GAP   900     /* s between lines that follow each other */
#define STRETCHES_MAX 100000u /* of one host and file */

/* What an earlier import covered, by its events. */
struct span {
	int64_t first, last;
	int64_t at_last; /* events of that second; a log goes on within it */
};

/* Where lines of whatever followed each other. */
struct stretch {
	int64_t first, last;
	bool broken; /* the trail says that what was before it is missing */
};

/* What is imported of a host, and was before. */
struct host_part {
	char *host;
	int64_t records, first, last;
	int64_t at_last;    /* events at "last" */
	struct span *spans; /* by first */
	size_t span_count;
	int64_t edge, edge_seen; /* events of this file at that second */
	struct stretch *stretches;
	size_t stretch_count;
};

/* Names of accounts, in one text, sorted. */
struct name_set {
	bool loaded;
	struct buf text;
	size_t *at;
	size_t count;
};

struct import {
	struct store *store;
	const struct use_import_options *options;
	struct use_import_result *result;
	const char *form;
	struct use *use;
	void *hosts; /* tsearch(3) of struct host_part */
	struct host_part *last_host;
	size_t host_count;
	struct name_set names;
	struct err *error; /* while hosts are written */
	struct authlog_event event;
	bool covers; /* what was imported before is told by its time */
	bool keyed;  /* mask_key is loaded */
	unsigned char mask_key[32];
	unsigned char digest[TEXTFILE_DIGEST];
	const char *path;
	int64_t refused;
	char head[ERR_TEXT_SIZE]; /* of Reeve's own: "SIZE ROOT", or why not */
	int verified;             /* -1: does not apply */
};

/* ---- Hosts ---- */

static int
by_host(const void *a, const void *b)
{
	const struct host_part *x = a, *y = b;

	return strcmp(x->host, y->host);
}

static void
free_host(void *node)
{
	struct host_part *h = node;

	free(h->host);
	free(h->spans);
	free(h->stretches);
	free(h);
}

static int
load_spans(struct import *m, struct host_part *h, struct err *e)
{
	struct statement *s = store_use(m->store, "trail_spans", e);
	int more;

	bind_text(s, ":host", h->host);
	bind_text(s, ":form", m->form);
	while ((more = store_step(s, e)) == 1) {
		struct span *spans = reallocarray(
		    h->spans, h->span_count + 1, sizeof(*h->spans));

		if (spans == NULL)
			return err_set(e, ERR_MEMORY, "out of memory");
		h->spans = spans;
		spans[h->span_count++] = (struct span){ column_int(s, 0),
			column_int(s, 1), column_int(s, 2) };
	}
	store_done(s);
	return more;
}

static struct host_part *
find_host(struct import *m, const char *host, struct err *e)
{
	struct host_part like = { .host = NULL }, *h;
	char name[AUTHLOG_NAME_MAX + 1];
	void *node;

	if (m->last_host != NULL && strcmp(m->last_host->host, host) == 0)
		return m->last_host;
	(void)snprintf(name, sizeof(name), "%s", host);
	like.host = name;
	if ((node = tfind(&like, &m->hosts, by_host)) != NULL)
		return m->last_host = *(struct host_part **)node;
	h = calloc(1, sizeof(*h));
	if (h != NULL)
		h->host = strdup(host);
	if (h == NULL || h->host == NULL ||
	    tsearch(h, &m->hosts, by_host) == NULL) {
		if (h != NULL)
			free_host(h);
		err_set(e, ERR_MEMORY, "out of memory");
		return NULL;
	}
	h->first = FACT_UNKNOWN;
	h->last = FACT_UNKNOWN;
	h->edge = FACT_UNKNOWN;
	m->host_count++;
	return load_spans(m, h, e) == -1 ? NULL : (m->last_host = h);
}

/*
 * Whether an earlier import counted it: what is within its span, and of its
 * last second as many as it had. Spans overlap seldom, so a few steps back from
 * the nearest are enough.
 */
static bool
is_covered(struct host_part *h, int64_t at)
{
	size_t low = 0, high = h->span_count;
	int64_t counted = 0;

	if (h->edge != at) {
		h->edge = at;
		h->edge_seen = 0;
	}
	h->edge_seen++;
	while (low < high) { /* the first that begins behind it */
		size_t middle = low + (high - low) / 2;

		if (h->spans[middle].first <= at)
			low = middle + 1;
		else
			high = middle;
	}
	for (size_t i = low; i-- > 0 && low - i <= 8;) {
		if (at < h->spans[i].last)
			return true;
		if (at == h->spans[i].last && h->spans[i].at_last > counted)
			counted = h->spans[i].at_last;
	}
	return h->edge_seen <= counted;
}

/*
 * A line of whatever, so that a quiet day is told from a silent trail. Lines
 * may be a little out of order.
 */
static void
take_line(void *context, const char *host, int64_t at, bool broken)
{
	struct import *m = context;
	struct err e = { .code = ERR_NONE };
	struct host_part *h;
	struct stretch *s;

	if (at > m->options->now + A_DAY ||
	    (h = find_host(m, host, &e)) == NULL)
		return;
	s = h->stretch_count == 0 ? NULL : &h->stretches[h->stretch_count - 1];
	if (s != NULL && !broken && at - s->last <= STRETCH_GAP) {
		if (at > s->last)
			s->last = at;
		if (at < s->first && s->first - at <= STRETCH_GAP)
			s->first = at;
		return;
	}
	/* What is beyond stays unknown, and so the day incomplete. */
	if (h->stretch_count == STRETCHES_MAX)
		return;
	s = reallocarray(
	    h->stretches, h->stretch_count + 1, sizeof(*h->stretches));
	if (s == NULL)
		return;
	h->stretches = s;
	s[h->stretch_count++] = (struct stretch){ at, at, broken };
}

static int
take_event(void *context, const struct authlog_event *event, struct err *e)
{
	struct import *m = context;
	struct host_part *h;

	/* What is still to come would cover all that is imported until then. */
	if (event->at > m->options->now + A_DAY) {
		m->refused++;
		return 0;
	}
	if ((h = find_host(m, event->host, e)) == NULL)
		return -1;
	h->records++;
	if (h->first == FACT_UNKNOWN || event->at < h->first)
		h->first = event->at;
	if (h->last == FACT_UNKNOWN || event->at > h->last) {
		h->last = event->at;
		h->at_last = 0;
	}
	h->at_last += event->at == h->last;
	m->event = *event;
	m->event.covered = m->covers && is_covered(h, event->at);
	return use_event(m->use, &m->event, e);
}

/* ---- Names that may be kept ---- */

static int
load_names(struct import *m, struct err *e)
{
	struct name_set *n = &m->names;
	struct statement *s = store_use(m->store, "account_names", e);
	size_t room = 0;
	int more;

	n->loaded = true;
	n->text = buf_new(SIZE_MAX / 4);
	while ((more = store_step(s, e)) == 1) {
		if (n->count == room) {
			size_t *at;

			room = room == 0 ? 1024 : 2 * room;
			at = reallocarray(n->at, room, sizeof(*at));
			if (at == NULL)
				return err_set(e, ERR_MEMORY, "out of memory");
			n->at = at;
		}
		n->at[n->count++] = n->text.length;
		buf_put_string(&n->text, column_text(s, 0));
		buf_put_byte(&n->text, '\0');
	}
	store_done(s);
	return more == -1 || buf_status(&n->text, e) == -1 ? -1 : 0;
}

static bool
is_name(const struct name_set *n, const char *name)
{
	size_t low = 0, high = n->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order =
		    strcmp((const char *)n->text.data + n->at[middle], name);

		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* An error leaves the name out, which is the safe side. */
static bool
is_known(void *context, const char *host, const char *name)
{
	struct import *m = context;
	struct statement *s;
	struct err e;
	int there;

	(void)host;
	if (name[0] == '\0')
		return false;
	s = store_use(m->store, "use_day_has_name", &e);
	bind_text(s, ":name", name);
	there = store_step(s, &e);
	store_done(s);
	if (there == 1)
		return true;
	if (!m->names.loaded && load_names(m, &e) == -1)
		m->names.count = 0;
	return is_name(&m->names, name);
}

/* Reeve's own trail has names of accounts only. */
static bool
is_ours(void *context, const char *host, const char *name)
{
	(void)context;
	(void)host;
	return name[0] != '\0';
}

/* ---- Writing ---- */

static int
write_day(void *context, const struct use_day *d, struct err *e)
{
	struct import *m = context;
	struct statement *s = store_use(m->store, "use_day_add", e);

	bind_text(s, ":host", d->host);
	bind_text(s, ":name", d->name);
	bind_int(s, ":day", d->day);
	bind_text(s, ":service", d->service);
	bind_text(s, ":key", d->key);
	bind_text(s, ":origin", d->origin);
	bind_text(s, ":result", d->success ? "success" : "failure");
	bind_int(s, ":sessions", d->sessions);
	bind_int(s, ":first", d->first);
	bind_int(s, ":last", d->last);
	bind_int(s, ":hours", d->hours);
	bind_int(s, ":overlaps", d->overlaps);
	return store_run(s, e);
}

const char *const use_class_names[AUTHLOG_CLASSES] = {
	[AUTHLOG_SECRET] = "secret",
	[AUTHLOG_NO_ACCOUNT] = "unknown",
	[AUTHLOG_LOCKED] = "locked",
	[AUTHLOG_DISABLED] = "disabled",
	[AUTHLOG_PASSWORD] = "password",
	[AUTHLOG_REFUSED] = "refused",
	[AUTHLOG_DIRECTORY] = "directory",
};

static int
write_part(void *context, const struct use_part *p, struct err *e)
{
	struct import *m = context;
	struct statement *s = store_use(m->store, "use_part_add", e);

	bind_text(s, ":host", p->host);
	bind_int(s, ":at", p->at);
	bind_text(
	    s, ":class", p->success ? "success" : use_class_names[p->why]);
	bind_text(s, ":name", p->name);
	bind_text(s, ":mask", p->mask);
	bind_text(s, ":service", p->service);
	bind_text(s, ":key", p->key);
	bind_text(s, ":origin", p->origin);
	bind_text(s, ":form", m->form);
	bind_int(s, ":elsewhere", p->elsewhere);
	bind_int(s, ":count", p->count);
	bind_int(s, ":first", p->first);
	bind_int(s, ":last", p->last);
	return store_run(s, e);
}

/* The key of masks: of this database, and in nothing that leaves it. */
static int
load_mask_key(struct import *m, struct err *e)
{
	struct statement *s = store_use(m->store, "use_key", e);
	const void *key;
	size_t length;
	int there = store_step(s, e);

	if (there == 1) {
		key = column_blob(s, 0, &length);
		if (length == sizeof(m->mask_key))
			memcpy(m->mask_key, key, length);
		else
			there = err_set(e, ERR_FORMAT, "use_key: not a key");
	}
	store_done(s);
	if (there != 0)
		return there == 1 ? 0 : -1;
	if (getrandom(m->mask_key, sizeof(m->mask_key), 0) !=
	    (ssize_t)sizeof(m->mask_key))
		return err_sys(e, errno, "getrandom");
	s = store_use(m->store, "use_key_add", e);
	bind_blob(s, ":key", m->mask_key, sizeof(m->mask_key));
	return store_run(s, e);
}

static int
make_mask(void *context, const char *typed, size_t length,
    char out[USE_MASK_MAX], struct err *e)
{
	struct import *m = context;

	if (!m->keyed && load_mask_key(m, e) == -1)
		return -1;
	m->keyed = true;
	return use_part_mask(m->mask_key, typed, length, out, e);
}

static int
write_stretches(
    struct import *m, const struct host_part *h, int64_t import, struct err *e)
{
	for (size_t i = 0; i < h->stretch_count; i++) {
		struct statement *s = store_use(m->store, "trail_span_add", e);

		bind_int(s, ":import", import);
		bind_text(s, ":host", h->host);
		bind_int(s, ":first", h->stretches[i].first);
		bind_int(s, ":last", h->stretches[i].last);
		bind_int(s, ":broken", h->stretches[i].broken);
		if (store_run(s, e) == -1)
			return -1;
	}
	return 0;
}

static int
write_import(struct import *m, const struct host_part *h, struct err *e)
{
	struct statement *s = store_use(m->store, "trail_import_add", e);

	bind_int(s, ":at", m->options->now);
	bind_text(s, ":host", h->host);
	bind_text(s, ":file", m->path);
	bind_text(s, ":form", m->form);
	bind_blob(s, ":digest", m->digest, sizeof(m->digest));
	bind_fact(s, ":first", h->first);
	bind_fact(s, ":last", h->last);
	bind_int(s, ":at_last", h->at_last);
	bind_int(s, ":records", h->records);
	bind_int(s, ":refused", m->refused);
	bind_fact(
	    s, ":verified", m->verified == -1 ? FACT_UNKNOWN : m->verified);
	bind_text(s, ":head", m->head[0] == '\0' ? NULL : m->head);
	m->refused = 0; /* of the file: said once */
	if (store_run(s, e) == -1)
		return -1;
	return write_stretches(m, h, store_last_id(m->store), e);
}

static void
write_host(const void *node, VISIT visit, void *context)
{
	const struct host_part *h = *(struct host_part *const *)node;
	struct import *m = context;
	struct use_import_result *r = m->result;

	if ((visit != postorder && visit != leaf) || m->error->code != ERR_NONE)
		return;
	r->records += h->records;
	if (h->first != FACT_UNKNOWN &&
	    (r->first == FACT_UNKNOWN || h->first < r->first))
		r->first = h->first;
	if (h->last != FACT_UNKNOWN && h->last > r->last)
		r->last = h->last;
	(void)snprintf(r->host, sizeof(r->host), "%s", h->host);
	(void)write_import(m, h, m->error);
}

/* A line for each host; for a file with nothing of ours, one as well. */
static int
write_hosts(struct import *m, struct err *e)
{
	struct err error = { .code = ERR_NONE };

	m->result->first = FACT_UNKNOWN;
	m->result->last = FACT_UNKNOWN;
	m->result->refused = m->refused;
	if (m->hosts == NULL &&
	    find_host(m, m->options->host == NULL ? "" : m->options->host, e) ==
	        NULL)
		return -1;
	m->error = &error;
	twalk_r(m->hosts, write_host, m);
	m->error = NULL;
	m->result->hosts = m->host_count;
	if (m->host_count > 1)
		m->result->host[0] = '\0';
	if (error.code == ERR_NONE)
		return 0;
	*e = error;
	return -1;
}

/* ---- A file ---- */

static void
begin(struct import *m, struct store *store, const char *path,
    const struct use_import_options *options, struct use_import_result *result)
{
	*m = (struct import){ .store = store,
		.options = options,
		.result = result,
		.path = path,
		.verified = -1 };
	*result = (struct use_import_result){ .first = FACT_UNKNOWN,
		.last = FACT_UNKNOWN };
}

static void
end(struct import *m)
{
	use_free(&m->use);
	tdestroy(m->hosts, free_host);
	if (m->names.loaded)
		buf_free(&m->names.text);
	free(m->names.at);
	explicit_bzero(m->mask_key, sizeof(m->mask_key));
	explicit_bzero(&m->event, sizeof(m->event));
}

static int
new_use(struct import *m, bool own, struct err *e)
{
	struct use_options options = { .known = own ? is_ours : is_known,
		.deliver = write_day,
		/* Sets of logins to measure with have no days to examine. */
		.part =
		    strcmp(m->form, "lanl") == 0 || strcmp(m->form, "cert") == 0
		    ? NULL
		    : write_part,
		.mask = make_mask,
		.context = m,
		.facts_max = FACTS_MAX };

	m->covers = !own;
	return use_new(&m->use, &options, e);
}

/* 1: yes; 0: no; -1. */
static int
was_imported(struct import *m, struct err *e)
{
	struct statement *s = store_use(m->store, "trail_seen", e);
	int there;

	bind_blob(s, ":digest", m->digest, sizeof(m->digest));
	bind_text(s, ":form", m->form);
	there = store_step(s, e);
	store_done(s);
	return there;
}

static int
read_file(struct import *m, const struct use_form *form, struct err *e)
{
	struct use_reading reading = { .path = m->path,
		.host = m->options->host,
		.clock = m->options->clock,
		.epoch = m->options->epoch,
		.event = take_event,
		.line = take_line,
		.context = m };
	int seen = was_imported(m, e);

	if (seen != 0) {
		m->result->state = USE_IMPORT_SEEN;
		return seen == 1 ? 0 : -1;
	}
	if (new_use(m, false, e) == -1 || form->read(&reading, e) == -1 ||
	    use_end(m->use, e) == -1)
		return -1;
	m->refused += reading.refused;
	return write_hosts(m, e);
}

static int
import_file(struct import *m, struct err *e)
{
	const struct use_form *form = use_form_of(m->path, m->options->form, e);

	if (form == NULL || textfile_digest(m->path, m->digest, e) == -1)
		return -1;
	if (form->needs_host && m->options->host == NULL)
		return err_set(e, ERR_USAGE,
		    "%s: %s does not say whose it is: --host NAME", m->path,
		    form->name);
	m->form = form->name;
	return read_file(m, form, e);
}

/* ---- Reeve's own ---- */

static int
load_pin(struct import *m, struct use_pin *pin, struct err *e)
{
	struct statement *s = store_use(m->store, "host_pin", e);
	const void *root;
	size_t length;
	int there;

	*pin = (struct use_pin){ .size = 0 };
	bind_text(s, ":host", m->options->host);
	there = store_step(s, e);
	if (there == 1) {
		(void)snprintf(
		    pin->key, sizeof(pin->key), "%s", column_text(s, 0));
		pin->size = (uint64_t)column_int(s, 1);
		root = column_blob(s, 2, &length);
		if (length != sizeof(pin->root))
			there = err_set(e, ERR_FORMAT, "host_pin: not a root");
		else
			memcpy(pin->root, root, length);
	}
	store_done(s);
	return there == -1 ? -1 : 0;
}

static int
save_pin(struct import *m, const struct use_pin *pin, struct err *e)
{
	struct statement *s = store_use(m->store, "host_pin_set", e);

	bind_text(s, ":host", m->options->host);
	bind_text(s, ":key", pin->key);
	bind_int(s, ":at", m->options->now);
	bind_int(s, ":size", (int64_t)pin->size);
	bind_blob(s, ":root", pin->root, sizeof(pin->root));
	return store_run(s, e);
}

/* "SIZE ROOT", and the root as what tells one state from another. */
static void
set_head(struct import *m, const struct use_pin *pin)
{
	struct buf b = buf_new(sizeof(m->head) - 1);

	buf_printf(&b, "%llu ", (unsigned long long)pin->size);
	enc_hex(&b, pin->root, sizeof(pin->root));
	(void)snprintf(m->head, sizeof(m->head), "%s", buf_string(&b));
	memcpy(m->digest, pin->root, sizeof(m->digest));
	buf_free(&b);
}

/* What does not verify is recorded each time it is seen. */
static int
record_unverified(struct import *m, const struct use_own *own,
    const struct use_pin *pin, struct err *e)
{
	struct host_part h = { .first = FACT_UNKNOWN, .last = FACT_UNKNOWN };
	char host[AUTHLOG_NAME_MAX + 1];

	(void)snprintf(host, sizeof(host), "%s", m->options->host);
	h.host = host;
	m->result->state = USE_IMPORT_UNVERIFIED;
	(void)snprintf(
	    m->result->why, sizeof(m->result->why), "%s", own->why.text);
	set_head(m, pin); /* its digest: of what was kept */
	(void)snprintf(m->head, sizeof(m->head), "%s", own->why.text);
	m->verified = 0;
	return write_import(m, &h, e);
}

static int
confirm_pin(struct import *m, const char *key, const char *by, struct err *e)
{
	struct statement *s;
	struct use_pin pin;

	if (load_pin(m, &pin, e) == -1)
		return -1;
	if (pin.key[0] == '\0')
		return err_set(e, ERR_USAGE, "%s: no key of its trail is kept",
		    m->options->host);
	if (key == NULL || strcmp(pin.key, key) != 0)
		return err_set(e, ERR_USAGE,
		    "%s: the key that is kept is %s; --key must be the one "
		    "that its init printed, and the same",
		    m->options->host, pin.key);
	s = store_use(m->store, "host_pin_confirm", e);
	bind_text(s, ":host", m->options->host);
	bind_text(s, ":by", by);
	return store_run(s, e);
}

static int
forget_pin(struct import *m, const char *by, struct err *e)
{
	struct host_part h = { .first = FACT_UNKNOWN, .last = FACT_UNKNOWN };
	char host[AUTHLOG_NAME_MAX + 1];
	struct statement *s;
	struct use_pin pin;

	if (load_pin(m, &pin, e) == -1)
		return -1;
	if (pin.key[0] == '\0')
		return err_set(e, ERR_USAGE, "%s: no key of its trail is kept",
		    m->options->host);
	s = store_use(m->store, "host_pin_forget", e);
	bind_text(s, ":host", m->options->host);
	if (store_run(s, e) == -1)
		return -1;
	(void)snprintf(host, sizeof(host), "%s", m->options->host);
	h.host = host;
	(void)snprintf(m->head, sizeof(m->head), "begun anew, say %s", by);
	return write_import(m, &h, e);
}

/* Either of them, in a transaction. */
static int
change_pin(struct store *store, const char *host, const char *key,
    const char *by, bool forget, int64_t now, struct err *e)
{
	const struct use_import_options options = { .now = now, .host = host };
	struct import m = { .store = store,
		.options = &options,
		.form = OWN_FORM,
		.path = "",
		.verified = -1 };
	int done;

	if (store_begin(store, e) == -1)
		return -1;
	done = forget ? forget_pin(&m, by, e) : confirm_pin(&m, key, by, e);
	if (done == -1) {
		store_rollback(store);
		return -1;
	}
	return store_commit(store, e);
}

int
use_pin_confirm(struct store *store, const char *host, const char *key,
    const char *by, struct err *e)
{
	return change_pin(store, host, key, by, false, 0, e);
}

int
use_pin_forget(struct store *store, const char *host, const char *by,
    int64_t now, struct err *e)
{
	return change_pin(store, host, NULL, by, true, now, e);
}

static int
read_own(struct import *m, int dir, struct err *e)
{
	struct use_reading reading = { .path = m->path,
		.host = m->options->host,
		.event = take_event,
		.line = take_line,
		.context = m };
	struct use_import_result *r = m->result;
	struct use_own own;
	struct use_pin pin;

	if (load_pin(m, &pin, e) == -1 || new_use(m, true, e) == -1 ||
	    use_own_read(dir, &pin, m->options->key, &reading, &own, e) == -1)
		return -1;
	(void)snprintf(r->host, sizeof(r->host), "%s", m->options->host);
	if (!own.verified)
		return record_unverified(m, &own, &pin, e);
	(void)snprintf(r->key, sizeof(r->key), "%s", own.pin.key);
	r->pinned = pin.key[0] == '\0';
	r->uncertified = own.uncertified;
	r->waiting = (int64_t)own.waiting;
	if (own.pin.size == pin.size && !r->pinned) {
		r->state = USE_IMPORT_SEEN;
		return 0;
	}
	set_head(m, &own.pin);
	m->verified = 1;
	m->refused += reading.refused;
	if (use_end(m->use, e) == -1 || write_hosts(m, e) == -1)
		return -1;
	return save_pin(m, &own.pin, e);
}

static int
import_own(struct import *m, int dir, struct err *e)
{
	m->form = OWN_FORM;
	m->result->own = true;
	if (m->options->host == NULL)
		return err_set(e, ERR_USAGE,
		    "%s: whose trail is it? --host NAME", m->path);
	return read_own(m, dir, e);
}

/* ---- Both ---- */

/* A directory that can be opened; -1: it is something else. */
static int
open_directory(const char *path)
{
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int
use_import(struct store *store, const char *path,
    const struct use_import_options *options, struct use_import_result *result,
    struct err *e)
{
	int dir = open_directory(path);
	int done = -1;
	struct import m;

	begin(&m, store, path, options, result);
	if (store_begin(store, e) == -1)
		goto out;
	if (dir != -1 && !use_own_is(dir))
		err_set(e, ERR_FORMAT, "%s: no trail of Reeve's in it", path);
	else
		done = dir != -1 ? import_own(&m, dir, e) : import_file(&m, e);
	if (done == -1)
		store_rollback(store);
	else if (store_commit(store, e) == -1)
		done = -1;
	if (m.form != NULL)
		(void)snprintf(
		    result->form, sizeof(result->form), "%s", m.form);
out:
	end(&m);
	file_close(&dir);
	return done;
}

/* 1: some name may be an account's; 0; -1. */
static int
has_unmatched(struct store *store, struct err *e)
{
	struct statement *s = store_use(store, "use_day_unmatched", e);
	int there = store_step(s, e);

	store_done(s);
	return there;
}

int
use_day_match(struct store *store, struct err *e)
{
	int there = has_unmatched(store, e);

	if (there != 1)
		return there;
	if (store_begin(store, e) == -1)
		return -1;
	if (store_run(store_use(store, "use_day_match", e), e) == -1) {
		store_rollback(store);
		return -1;
	}
	return store_commit(store, e);
}
