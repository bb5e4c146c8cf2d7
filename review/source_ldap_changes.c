/*
 * Only what changed since the last pull. First it is learnt which objects did
 * (source_ldap_methods.c), and nothing is delivered; then these are read with
 * the very queries of a full pull, so that both say the same of an object. What
 * can't be told apart for certain (a container that moved, a changed policy, a
 * lost cookie, too many changes) is left to a full pull.
 */
#include "review/source_ldap_changes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "schema/base/digest.h"
#include "schema/base/enc.h"

#define COOKIE_TEXT_MAX (2 * DIRECTORY_COOKIE_MAX)

static void
changes_free(struct changes *c)
{
	for (size_t i = 0; i < c->delta_count; i++) {
		free(c->deltas[i].name);
		free(c->deltas[i].values);
	}
	free(c->deltas);
	free(c->changed.items);
	free(c->gone.items);
	free(c->present.items);
	free(c->found);
	buf_free(&c->cookie);
}

/* ---- Sweep: the keys of all that is there ---- */

static int
hear_present(void *context, const struct entry *entry, struct err *e)
{
	struct changes *c = context;
	unsigned char id[ID_SIZE];

	if (id_of_entry(c->pull, entry, id))
		return ids_add(&c->present, id, e);
	changes_need_full(c, "%s has no %s", entry->dn, id_attribute(c->pull));
	return 0;
}

static int
sweep(struct changes *c, struct err *e)
{
	struct ldap_pull *p = c->pull;
	const char *attributes[] = { id_attribute(p), NULL };
	struct directory_reader reader = { .entry = hear_present,
		.context = c };
	struct ldap_query query;

	for (const struct attrmap_query *q = attrmap_queries(p->map);
	     q->what != NULL && c->why[0] == '\0'; q++) {
		if (!ldap_query_is_large(q))
			continue;
		if (ldap_query_make(p, q, &query, e) == -1)
			return -1;
		query.search.what = "present";
		query.search.attributes = attributes;
		p->what = query.search.what;
		if (directory_search(p->directory, &query.search, &reader,
		        &p->answer, e) == -1 ||
		    changes_record(c, e) == -1)
			return -1;
	}
	return 0;
}

/* ---- What moves without a change: logons, locks that end, expiries ---- */

/*
 * Values that are not replicated, or that time alone changes, are in no list of
 * changes: accounts that have such are read again. %1 is the last pull, %2 is
 * now, as FILETIME (f), GeneralizedTime (t) or days (d).
 */
static const char *const drifts[] = {
	[PRODUCT_OPENLDAP] = "(|(pwdAccountLockedTime=*)"
	                     "(&(pwdStartTime>=%1t)(pwdStartTime<=%2t))"
	                     "(&(pwdEndTime>=%1t)(pwdEndTime<=%2t))"
	                     "(&(shadowExpire>=%1d)(shadowExpire<=%2d)))",
	[PRODUCT_AD] = "(|(lastLogon>=%1f)(lockoutTime>=1)"
	               "(&(accountExpires>=%1f)(accountExpires<=%2f)))",
	[PRODUCT_389DS] = "(|(lastLoginTime>=%1t)(accountUnlockTime=*))",
};

static void
put_drift(const char *from, int64_t since, int64_t now, struct buf *out)
{
	char text[32];

	for (; *from != '\0'; from++) {
		int64_t at = from[0] == '%' && from[1] == '1' ? since : now;

		if (*from != '%') {
			buf_put_byte(out, (unsigned char)*from);
			continue;
		}
		from += 2;
		if (*from == 't') {
			changes_spell_time(at, text, sizeof(text));
			buf_put_string(out, text);
		} else if (*from == 'f')
			buf_printf(out, "%" PRId64,
			    (at + INT64_C(11644473600)) * INT64_C(10000000));
		else
			buf_printf(out, "%lld", (long long)(at / 86400));
	}
}

static int
learn_drift(struct changes *c, struct err *e)
{
	struct ldap_pull *p = c->pull;
	struct buf filter = buf_new(2048);
	int status;

	put_drift(drifts[p->product], c->since - CHANGES_OVERLAP, p->sink->now,
	    &filter);
	status = buf_status(&filter, e);
	if (status == 0)
		status = changes_find(c, "expiries", buf_string(&filter), e);
	buf_free(&filter);
	return status;
}

/* ---- What it rests on: settings, policies, dynamic groups ---- */

/* The one that is set, else the first that the server offers; or NULL. */
static const struct method *
choose(const struct ldap_pull *p)
{
	int setting = p->settings->incremental;

	/* One controller's list of changes has nothing of logons at others. */
	if (id_attribute(p) == NULL || p->settings->all_controllers)
		return NULL;
	for (const struct method *m = ldap_methods; m->name != NULL; m++)
		if ((setting == INCREMENTAL_AUTO ||
		        setting == (int)m->setting) &&
		    m->offered(p))
			return m;
	return NULL;
}

static int
put_digest(const struct buf *of, struct buf *out, struct err *e)
{
	unsigned char digest[DIGEST_SHA256_LENGTH];

	if (buf_status(of, e) == -1 ||
	    digest_sha256(of->data, of->length, digest, e) == -1)
		return -1;
	buf_clear(out);
	enc_hex(out, digest, sizeof(digest));
	return buf_status(out, e);
}

/* What is asked for: if it is another now, changes say nothing of the rest. */
static int
scope_of(const struct ldap_pull *p, struct buf *out, struct err *e)
{
	struct buf all = buf_new(64 * 1024);
	struct ldap_query query;
	int result = -1;

	buf_printf(&all, "%s\n%s\n%s\n", REEVE_VERSION, attrmap_product(p->map),
	    p->base);
	for (const struct attrmap_query *q = attrmap_queries(p->map);
	     q->what != NULL; q++) {
		if (ldap_query_make(p, q, &query, e) == -1)
			goto out;
		buf_printf(&all, "%s\n%s\n%d\n%s\n", q->what, query.base,
		    q->scope, query.search.filter);
		for (const char *const *a = q->attributes; *a != NULL; a++)
			buf_printf(&all, "%s\n", *a);
	}
	result = put_digest(&all, out, e);
out:
	buf_free(&all);
	return result;
}

static int
ignore_entry(void *context, const struct entry *entry, struct err *e)
{
	(void)context;
	(void)entry;
	(void)e;
	return 0;
}

/*
 * Policies and the URLs of dynamic groups, as their queries' digests: all
 * accounts are judged by them. Read for this alone; deliveries come later.
 */
static int
standing_of(struct ldap_pull *p, struct buf *out, struct err *e)
{
	struct directory_reader reader = { .entry = ignore_entry };
	struct buf all = buf_new(4096);
	struct ldap_query query;
	int result = -1;

	for (const struct attrmap_query *q = attrmap_queries(p->map);
	     q->what != NULL; q++) {
		if (strcmp(q->what, "policies") != 0 &&
		    strcmp(q->what, "dynamic") != 0)
			continue;
		if (ldap_query_make(p, q, &query, e) == -1 ||
		    directory_search(p->directory, &query.search, &reader,
		        &p->answer, e) == -1)
			goto out;
		buf_put(&all, p->answer.query.digest,
		    sizeof(p->answer.query.digest));
	}
	result = put_digest(&all, out, e);
out:
	buf_free(&all);
	return result;
}

/* ---- What is remembered ---- */

static const char *
recall(const struct ldap_pull *p, const char *name)
{
	const char *text = p->sink->recall(p->sink, name);

	return text == NULL ? "" : text;
}

static int64_t
recall_time(const struct ldap_pull *p, const char *name)
{
	const char *text = recall(p, name);
	uint64_t value = 0;
	struct err ignored;

	return enc_number(text, strlen(text), INT64_MAX, &value, &ignored) == -1
	    ? 0
	    : (int64_t)value;
}

static int
remember(struct ldap_pull *p, const char *name, const char *text, struct err *e)
{
	return p->sink->remember == NULL
	    ? 0
	    : p->sink->remember(p->sink, name, text, e);
}

static int
remember_time(
    struct ldap_pull *p, const char *name, int64_t when, struct err *e)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%lld", (long long)when);
	return remember(p, name, text, e);
}

static void
mark_new(struct ldap_pull *p)
{
	p->mark.method = NULL;
	p->mark.cookie = buf_new(DIRECTORY_COOKIE_MAX + 1);
	p->mark.scope = buf_new(256);
	p->mark.standing = buf_new(256);
}

int
ldap_mark(struct ldap_pull *p, struct err *e)
{
	const struct method *method = choose(p);

	mark_new(p);
	if (method == NULL)
		return 0;
	if (method->mark(p, &p->mark.cookie, e) == -1)
		return -1;
	if (p->mark.cookie.length == 0)
		return 0;
	if (scope_of(p, &p->mark.scope, e) == -1 ||
	    standing_of(p, &p->mark.standing, e) == -1)
		return -1;
	p->mark.method = method->name;
	return 0;
}

/*
 * An incomplete pull is no ground for changes: an empty "method" takes away
 * what an earlier pull said.
 */
int
ldap_mark_remember(struct ldap_pull *p, bool full, struct err *e)
{
	struct buf text = buf_new(COOKIE_TEXT_MAX);
	int result = -1;

	if (p->mark.method == NULL || !p->complete)
		return remember(p, "method", "", e);
	enc_base64(&text, p->mark.cookie.data, p->mark.cookie.length);
	if (buf_status(&text, e) == 0 &&
	    remember(p, "method", p->mark.method, e) == 0 &&
	    remember(p, "cookie", buf_string(&text), e) == 0 &&
	    remember(p, "scope", buf_string(&p->mark.scope), e) == 0 &&
	    remember(p, "standing", buf_string(&p->mark.standing), e) == 0 &&
	    remember_time(p, "at", p->sink->now, e) == 0 &&
	    remember_time(p, "full",
	        full ? p->sink->now : recall_time(p, "full"), e) == 0)
		result = 0;
	buf_free(&text);
	return result;
}

void
ldap_mark_free(struct ldap_pull *p)
{
	buf_free(&p->mark.cookie);
	buf_free(&p->mark.scope);
	buf_free(&p->mark.standing);
}

/* ---- Delivery ---- */

static int
hear_changed(void *context, const struct entry *entry, struct err *e)
{
	struct changes *c = context;
	unsigned char id[ID_SIZE];
	ptrdiff_t place;

	if (id_of_entry(c->pull, entry, id) &&
	    (place = ids_find(&c->changed, id)) >= 0)
		c->found[place] = true;
	return attrmap_entry(c->pull->run, entry, e);
}

static int
hear_key(void *context, const struct entry *entry, char *out, size_t size,
    struct err *e)
{
	struct changes *c = context;

	return attrmap_key(c->pull->run, entry, out, size, e);
}

static int
hear_more(void *context, const char *key, const struct entry_attribute *a,
    struct err *e)
{
	struct changes *c = context;

	return attrmap_members(c->pull->run, key, a, false, e);
}

/* The id must come too, by which an entry is known to be one of them. */
static void
list_attributes(const struct changes *c, const struct attrmap_query *q,
    const char **out, size_t room)
{
	size_t n = 0;

	out[n++] = id_attribute(c->pull);
	for (const char *const *a = q->attributes; *a != NULL && n + 1 < room;
	     a++)
		if (strcasecmp(*a, out[0]) != 0 &&
		    !(c->deltas_only && strcasecmp(*a, "member") == 0))
			out[n++] = *a;
	out[n] = NULL;
}

static int
deliver_batch(struct changes *c, struct directory_search *search, size_t from,
    struct err *e)
{
	struct ldap_pull *p = c->pull;
	struct directory_reader reader = { .entry = hear_changed,
		.key = hear_key,
		.more = hear_more,
		.context = c };
	struct buf both = buf_new(ID_FILTER_MAX + 2 * CONFIG_TEXT_MAX);
	struct attrmap_counts before = *attrmap_counts(p->run);
	const char *filter = search->filter;
	int status;

	buf_printf(&both, "(&%s", filter);
	id_filter(p, &c->changed, from, &both);
	buf_put_byte(&both, ')');
	search->filter = buf_string(&both);
	p->what = search->what;
	status = buf_status(&both, e);
	if (status == 0)
		status = directory_search(
		    p->directory, search, &reader, &p->answer, e);
	/* The ledger tells what was asked, not of whom. */
	search->filter = filter;
	p->answer.query.filter = filter;
	if (status == 0)
		status = ldap_query_record(p, &before, e);
	buf_free(&both);
	return status;
}

/* The changed objects that this query is for. */
static int
deliver_changed(struct changes *c, const struct attrmap_query *q, struct err *e)
{
	const char *attributes[256];
	struct ldap_query query;
	int status = ldap_query_make(c->pull, q, &query, e);

	list_attributes(
	    c, q, attributes, sizeof(attributes) / sizeof(attributes[0]));
	query.search.attributes = attributes;
	for (size_t i = 0; i < c->changed.count && status == 0; i += ID_BATCH)
		status = deliver_batch(c, &query.search, i, e);
	return status;
}

static int
deliver_deltas(struct changes *c, struct err *e)
{
	struct ldap_pull *p = c->pull;
	char key[DIRECTORY_KEY_MAX];

	for (size_t i = 0; i < c->delta_count; i++) {
		const struct delta *d = &c->deltas[i];
		struct entry_attribute a = {
			.name = d->name, .values = d->values, .count = d->count
		};

		if (id_key(p, d->group, key, sizeof(key), e) == -1 ||
		    attrmap_members(p->run, key, &a, d->removed, e) == -1)
			return -1;
	}
	return 0;
}

typedef int (*tell_key)(struct sink *, const char *, struct err *);

static int
tell(struct changes *c, const struct ids *ids, tell_key say, struct err *e)
{
	char key[DIRECTORY_KEY_MAX];

	for (size_t i = 0; i < ids->count; i++)
		if (id_key(c->pull, ids->items[i], key, sizeof(key), e) == -1 ||
		    say(c->pull->sink, key, e) == -1)
			return -1;
	return 0;
}

/* Deleted; or changed so that no query finds it any more. */
static int
deliver_gone(struct changes *c, struct err *e)
{
	for (size_t i = 0; i < c->changed.count; i++)
		if (!c->found[i] &&
		    ids_add(&c->gone, c->changed.items[i], e) == -1)
			return -1;
	ids_tidy(&c->gone);
	return tell(c, &c->gone, c->pull->sink->gone, e);
}

/*
 * The queries in their order, as in a full pull: whole where they are small
 * and all else rests on them, else the changed objects alone. Which attributes
 * were ever seen is said by full pulls only.
 */
static int
deliver_queries(struct changes *c, struct err *e)
{
	struct ldap_pull *p = c->pull;
	struct ldap_query query;

	for (const struct attrmap_query *q = attrmap_queries(p->map);
	     q->what != NULL; q++) {
		attrmap_keep_members(
		    p->run, c->deltas_only && strcmp(q->what, "groups") == 0);
		if (ldap_query_is_large(q)) {
			if (deliver_changed(c, q, e) == -1)
				return -1;
		} else if (ldap_query_make(p, q, &query, e) == -1 ||
		    ldap_query_run(p, &query.search, e) == -1)
			return -1;
	}
	return 0;
}

static int
deliver(struct changes *c, struct err *e)
{
	struct ldap_pull *p = c->pull;
	struct sink *sink = p->sink;

	sink->mode =
	    c->sweep || c->absent_is_gone ? SINK_PRESENT : SINK_CHANGES;
	ids_tidy(&c->changed);
	c->found = calloc(c->changed.count + 1, sizeof(*c->found));
	if (c->found == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (deliver_queries(c, e) == -1 || deliver_deltas(c, e) == -1)
		return -1;
	if (sink->mode == SINK_CHANGES) {
		if (deliver_gone(c, e) == -1)
			return -1;
	} else if (tell(c, &c->present, sink->present, e) == -1)
		return -1;
	return attrmap_finish(p->run, e);
}

/* ---- All of it ---- */

/* Whether there is anything to build on. */
static bool
has_ground(const struct ldap_pull *p, const struct method *method)
{
	int64_t now = p->sink->now;

	return method != NULL && p->sink->recall != NULL &&
	    p->sink->remember != NULL &&
	    strcmp(recall(p, "method"), method->name) == 0 &&
	    recall_time(p, "at") <= now &&
	    now - recall_time(p, "full") < p->settings->full_every;
}

static int
learn(struct changes *c, const struct method *method, struct err *e)
{
	struct ldap_pull *p = c->pull;
	const char *text = recall(p, "cookie");
	struct buf cookie = buf_new(DIRECTORY_COOKIE_MAX + 1);
	int status = 0;

	if (scope_of(p, &p->mark.scope, e) == -1 ||
	    standing_of(p, &p->mark.standing, e) == -1)
		status = -1;
	else if (strcmp(recall(p, "scope"), buf_string(&p->mark.scope)) != 0)
		changes_need_full(c, "something else is asked for than before");
	else if (strcmp(recall(p, "standing"), buf_string(&p->mark.standing)) !=
	    0)
		changes_need_full(c, "policies or dynamic groups changed");
	else if (enc_unbase64(text, strlen(text), &cookie, e) == -1 ||
	    cookie.length < 2)
		changes_need_full(c, "the cookie is damaged");
	else
		status = method->learn(c, &cookie, e);
	if (status == 0 && c->why[0] == '\0')
		status = learn_drift(c, e);
	if (status == 0 && c->why[0] == '\0' && c->sweep)
		status = sweep(c, e);
	buf_free(&cookie);
	return status;
}

/* A line of the ledger that says why it is a full pull after all. */
static int
record_why(struct ldap_pull *p, const char *why, struct err *e)
{
	struct query q = {
		.what = "changes",
		.server = directory_url(p->directory),
		.attributes = "",
		.identity = directory_identity(p->directory),
		.tls = directory_tls(p->directory),
		.diagnostic = why,
		.complete = true,
	};

	return p->sink->query(p->sink, &q, e);
}

int
ldap_pull_changes(struct ldap_pull *p, bool *done, struct err *e)
{
	const struct method *method = choose(p);
	struct changes c = { .pull = p };
	int status;

	*done = false;
	if (!has_ground(p, method))
		return 0;
	c.since = recall_time(p, "at");
	c.cookie = buf_new(DIRECTORY_COOKIE_MAX + 1);
	mark_new(p);
	status = learn(&c, method, e);
	if (status == 0 && c.why[0] != '\0')
		status = record_why(p, c.why, e);
	else if (status == 0) {
		*done = true;
		p->mark.method = method->name;
		buf_put(&p->mark.cookie, c.cookie.data, c.cookie.length);
		status = deliver(&c, e);
		if (status == 0)
			status = ldap_mark_remember(p, false, e);
	}
	ldap_mark_free(p);
	changes_free(&c);
	return status;
}
