/*
 * The sink that a source delivers into: each delivery beside what the store has
 * of it, kept whole only where it differs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "review/dn.h"
#include "review/record.h"
#include "review/staging_internal.h"

#define SID_DOMAIN "S-1-5-21-"
#define EDGES_MAX  (UINT32_MAX - 1)
#define MORE_MAX   ((UINT32_MAX >> EDGE_SHIFT) - 1)

/* ---- What an object is called ---- */

static int
define(struct staging *s, uint32_t place, enum reference_form form,
    const char *text, const char *host, struct err *e)
{
	struct reference ref = { form, text, host };

	return text == NULL || text[0] == '\0'
	    ? 0
	    : refindex_define(s->index, &ref, place, e);
}

static int
define_number(struct staging *s, uint32_t place, enum reference_form form,
    int64_t number, const char *host, struct err *e)
{
	char text[24];

	if (number == FACT_UNKNOWN)
		return 0;
	(void)snprintf(text, sizeof(text), "%lld", (long long)number);
	return define(s, place, form, text, host, e);
}

/* Which domain is the source's own: the one of most SIDs. */
static void
vote_domain(struct staging *s, const char *sid)
{
	const char *rid = sid == NULL ? NULL : strrchr(sid, '-');
	size_t length = rid == NULL ? 0 : (size_t)(rid - sid);

	if (length <= strlen(SID_DOMAIN) || length >= SID_ROOM ||
	    strncmp(sid, SID_DOMAIN, strlen(SID_DOMAIN)) != 0)
		return;
	if (strncmp(s->domain.sid, sid, length) == 0 &&
	    s->domain.sid[length] == '\0')
		s->domain.votes++;
	else if (s->domain.votes > 0)
		s->domain.votes--;
	else {
		memcpy(s->domain.sid, sid, length);
		s->domain.sid[length] = '\0';
		s->domain.votes = 1;
	}
}

static int
define_account(
    struct staging *s, uint32_t place, const struct account *a, struct err *e)
{
	if (define(s, place, REF_DN, a->dn, NULL, e) == -1 ||
	    define(s, place, REF_NAME, a->name, a->host, e) == -1 ||
	    define(s, place, REF_SID, a->sid, NULL, e) == -1)
		return -1;
	if (a->kind != ACCOUNT_FOREIGN)
		vote_domain(s, a->sid);
	/* Only local files name an account by its number. */
	return a->host == NULL
	    ? 0
	    : define_number(s, place, REF_UID, a->uid_number, a->host, e);
}

static int
define_group(
    struct staging *s, uint32_t place, const struct group *g, struct err *e)
{
	if (define(s, place, REF_DN, g->dn, NULL, e) == -1 ||
	    define(s, place, REF_GROUP_NAME, g->name, g->host, e) == -1 ||
	    define(s, place, REF_SID, g->sid, NULL, e) == -1 ||
	    define_number(s, place, REF_GID, g->gid_number, g->host, e) == -1)
		return -1;
	vote_domain(s, g->sid);
	/* With a SID the RID follows from it, and from the domain's. */
	return g->sid != NULL
	    ? 0
	    : define_number(s, place, REF_RID, g->rid, NULL, e);
}

static int
compare_texts(const char *a, const char *b)
{
	return strcmp(a == NULL ? "" : a, b == NULL ? "" : b);
}

static int
by_value(const void *a, const void *b)
{
	const struct value *one = a, *other = b;
	int order = compare_texts(one->attribute, other->attribute);

	return order != 0 ? order : compare_texts(one->value, other->value);
}

static int
by_usage(const void *a, const void *b)
{
	const struct usage *one = a, *other = b;
	int order = compare_texts(one->attribute, other->attribute);

	return order != 0 ? order : compare_texts(one->server, other->server);
}

/* Sorted copies: few have more than a handful. */
static int
put_values(struct staging *s, const struct account *a, struct err *e)
{
	struct value few[16];
	struct value *sorted = few;

	buf_clear(&s->extras);
	if (a->value_count == 0)
		return 0;
	if (a->value_count > sizeof(few) / sizeof(few[0]) &&
	    (sorted = calloc(a->value_count, sizeof(*sorted))) == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	memcpy(sorted, a->values, a->value_count * sizeof(*sorted));
	qsort(sorted, a->value_count, sizeof(*sorted), by_value);
	for (size_t i = 0; i < a->value_count; i++)
		if (i == 0 || by_value(&sorted[i - 1], &sorted[i]) != 0)
			staging_put_value(&s->extras, &sorted[i]);
	if (sorted != few)
		free(sorted);
	return buf_status(&s->extras, e);
}

/* Of two that say the same of one server, the later one. */
static int
put_usages(struct staging *s, const struct account *a, struct err *e)
{
	struct usage few[16];
	struct usage *sorted = few;

	buf_clear(&s->extras);
	if (a->usage_count == 0)
		return 0;
	if (a->usage_count > sizeof(few) / sizeof(few[0]) &&
	    (sorted = calloc(a->usage_count, sizeof(*sorted))) == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	memcpy(sorted, a->usages, a->usage_count * sizeof(*sorted));
	qsort(sorted, a->usage_count, sizeof(*sorted), by_usage);
	for (size_t i = 0; i < a->usage_count; i++) {
		if (i + 1 < a->usage_count &&
		    by_usage(&sorted[i], &sorted[i + 1]) == 0) {
			if (sorted[i].when > sorted[i + 1].when)
				sorted[i + 1] = sorted[i];
			continue;
		}
		staging_put_usage(&s->extras, &sorted[i]);
	}
	if (sorted != few)
		free(sorted);
	return buf_status(&s->extras, e);
}

/* ---- The sink ---- */

static struct staging *
staging_of(struct sink *sink)
{
	return (struct staging *)(void *)sink; /* its first member */
}

static int
stage_gone(struct sink *sink, const char *key, struct err *e)
{
	struct staging *s = staging_of(sink);
	uint32_t place;

	if (staging_begin(s, e) == -1)
		return -1;
	for (int kind = OBJECT_ACCOUNT; kind <= OBJECT_GROUP; kind++) {
		if (staging_find(s, (enum object_kind)kind, key, &place, e) ==
		    -1)
			return -1;
		if (place == REF_NONE)
			continue;
		staging_object(s, place)->flags |= OBJECT_GONE;
		staging_object(s, place)->flags &=
		    (uint16_t) ~(OBJECT_DELIVERED | OBJECT_PRESENT);
	}
	return 0;
}

static int
stage_mark(struct staging *s, const char *key, unsigned flag, struct err *e)
{
	uint32_t place;

	if (staging_begin(s, e) == -1)
		return -1;
	for (int kind = OBJECT_ACCOUNT; kind <= OBJECT_GROUP; kind++) {
		if (staging_find(s, (enum object_kind)kind, key, &place, e) ==
		    -1)
			return -1;
		if (place != REF_NONE)
			staging_object(s, place)->flags |= (uint16_t)flag;
	}
	return 0;
}

static int
stage_present(struct sink *sink, const char *key, struct err *e)
{
	return stage_mark(staging_of(sink), key, OBJECT_PRESENT, e);
}

/* May come before the group itself does. */
static int
stage_members_anew(struct sink *sink, const char *key, struct err *e)
{
	struct staging *s = staging_of(sink);
	uint32_t place;

	if (staging_begin(s, e) == -1 ||
	    staging_object_of(s, OBJECT_GROUP, key, &place, e) == -1)
		return -1;
	staging_object(s, place)->flags |= OBJECT_ANEW;
	return 0;
}

static void
put_part(struct buf *whole, const struct buf *part)
{
	buf_put_u32(whole, (uint32_t)part->length);
	buf_put(whole, part->data, part->length);
}

/* digest, then each part behind its length. */
static int
put_record(struct staging *s, struct object *o, const unsigned char *digest,
    struct err *e)
{
	struct buf *whole = &s->whole;

	buf_clear(whole);
	buf_put(whole, digest, 32);
	put_part(whole, &s->bytes);
	put_part(whole, &s->values);
	put_part(whole, &s->usages);
	return buf_status(whole, e) == -1 ? -1
	                                  : scratch_put(s->scratch, whole->data,
	                                        whole->length, &o->record, e);
}

static struct cursor
take_part(struct cursor *c)
{
	uint32_t length = cursor_u32(c);
	const unsigned char *part = cursor_take(c, length);

	return cursor_new(part, part == NULL ? 0 : length);
}

int
staging_record(
    struct staging *s, uint64_t at, struct staged_record *r, struct err *e)
{
	size_t length;
	const unsigned char *bytes = scratch_get(s->scratch, at, &length, e);
	struct cursor c;

	if (bytes == NULL)
		return -1;
	c = cursor_new(bytes, length);
	cursor_copy(&c, r->digest, sizeof(r->digest));
	r->fact = take_part(&c);
	r->values = take_part(&c);
	r->usages = take_part(&c);
	return cursor_finish(&c, "a staged record", e);
}

/* A fact, whichever: says whether it changed. */
static int
stage_fact(struct staging *s, struct object *o, enum record_kind kind,
    const void *fact, unsigned char digest[32], struct err *e)
{
	buf_clear(&s->bytes);
	record_put(&s->bytes, kind, fact);
	if (buf_status(&s->bytes, e) == -1 ||
	    staging_digest(&s->bytes, digest, e) == -1)
		return -1;
	o->flags &= (uint16_t) ~(
	    OBJECT_CHANGED | OBJECT_VALUES | OBJECT_USAGES | OBJECT_GONE);
	if ((o->flags & OBJECT_CURRENT) == 0 ||
	    memcmp(o->digest, digest, sizeof(o->digest)) != 0)
		o->flags |= OBJECT_CHANGED;
	return 0;
}

static bool
same_dn(const char *a, const char *b)
{
	char one[DN_ROOM(FACT_TEXT_MAX)], other[DN_ROOM(FACT_TEXT_MAX)];
	size_t length, other_length;

	if (a == NULL || b == NULL || strcmp(a, b) == 0)
		return true;
	length = dn_normal(a, strlen(a), one, sizeof(one));
	other_length = dn_normal(b, strlen(b), other, sizeof(other));
	return length != 0 && length == other_length &&
	    memcmp(one, other, length) == 0;
}

static bool
same_name(const char *a, const char *b, bool local)
{
	return a == NULL || b == NULL ||
	    (local ? strcmp(a, b) : strcasecmp(a, b)) == 0;
}

/* Of one that changed, when not all groups are delivered. */
static int
note_rename(struct staging *s, struct object *o, const char *dn,
    const char *name, const char *host, struct err *e)
{
	struct statement *st;
	int more;

	if (s->sink.mode == SINK_FULL ||
	    (~o->flags & (OBJECT_CURRENT | OBJECT_CHANGED)) != 0)
		return 0;
	st = store_use(s->store, "stored_name", e);
	bind_int(st, ":object", o->id);
	more = store_step(st, e);
	if (more == 1) {
		if (!same_dn(column_text(st, 0), dn))
			o->flags |= OBJECT_MOVED;
		if (!same_name(column_text(st, 1), name, host != NULL))
			o->flags |= OBJECT_RENAMED;
	}
	store_done(st);
	return more == -1 ? -1 : 0;
}

/* What put_values or put_usages left, where it is not what is stored. */
static int
stage_extras(struct staging *s, struct object *o, uint64_t stored,
    struct buf *out, unsigned flag, struct err *e)
{
	if (s->loaded && stored == staging_hash(s))
		return 0;
	buf_put(out, s->extras.data, s->extras.length);
	o->flags |= (uint16_t)flag;
	return buf_status(out, e);
}

/* Two entries of one key would be one account, with the rights of both. */
static int
refuse_twin(struct staging *s, uint32_t place, const char *dn, struct err *e)
{
	const struct object *o = staging_object(s, place);
	struct reference ref = { .form = REF_DN, .text = dn };
	uint32_t slot, object, state = 0;

	if (!s->sink.one_state || dn == NULL ||
	    (o->flags & OBJECT_DELIVERED) == 0)
		return 0;
	if (refindex_find(s->index, &ref, &slot, e) == -1)
		return -1;
	while (slot != REF_NONE &&
	    (object = refindex_next(s->index, slot, &state)) != REF_NONE)
		if (object == place)
			return 0;
	return err_set(
	    e, ERR_FORMAT, "has the key of another entry, %.100s", o->key);
}

static int
stage_account(struct sink *sink, const struct account *a, struct err *e)
{
	const unsigned waiting = OBJECT_CHANGED | OBJECT_VALUES | OBJECT_USAGES;
	struct staging *s = staging_of(sink);
	unsigned char digest[32];
	struct object *o;
	uint32_t place;

	if (a->deleted)
		return stage_gone(sink, a->key, e);
	if (staging_begin(s, e) == -1 ||
	    staging_object_of(s, OBJECT_ACCOUNT, a->key, &place, e) == -1 ||
	    refuse_twin(s, place, a->dn, e) == -1)
		return -1;
	o = staging_object(s, place);
	buf_clear(&s->values);
	buf_clear(&s->usages);
	if (stage_fact(s, o, RECORD_ACCOUNT, a, digest, e) == -1 ||
	    note_rename(s, o, a->dn, a->name, a->host, e) == -1 ||
	    put_values(s, a, e) == -1 ||
	    stage_extras(s, o, o->values, &s->values, OBJECT_VALUES, e) == -1 ||
	    put_usages(s, a, e) == -1 ||
	    stage_extras(s, o, o->usages, &s->usages, OBJECT_USAGES, e) == -1)
		return -1;
	if ((o->flags & waiting) != 0 && put_record(s, o, digest, e) == -1)
		return -1;
	if ((o->flags & OBJECT_DELIVERED) == 0)
		s->accounts++;
	o->flags |= OBJECT_DELIVERED;
	return define_account(s, place, a, e);
}

static int
stage_group(struct sink *sink, const struct group *g, struct err *e)
{
	struct staging *s = staging_of(sink);
	unsigned char digest[32];
	struct object *o;
	uint32_t place;

	if (g->deleted)
		return stage_gone(sink, g->key, e);
	if (staging_begin(s, e) == -1 ||
	    staging_object_of(s, OBJECT_GROUP, g->key, &place, e) == -1 ||
	    refuse_twin(s, place, g->dn, e) == -1)
		return -1;
	o = staging_object(s, place);
	if (stage_fact(s, o, RECORD_GROUP, g, digest, e) == -1 ||
	    note_rename(s, o, g->dn, g->name, g->host, e) == -1)
		return -1;
	buf_clear(&s->values);
	buf_clear(&s->usages);
	if ((o->flags & OBJECT_CHANGED) != 0 &&
	    put_record(s, o, digest, e) == -1)
		return -1;
	if ((o->flags & OBJECT_DELIVERED) == 0)
		s->groups++;
	o->flags |= OBJECT_DELIVERED;
	o->flags &= (uint16_t)~OBJECT_PARTIAL;
	if (g->members_incomplete)
		o->flags |= OBJECT_PARTIAL;
	return define_group(s, place, g, e);
}

/* Members come group by group, so the last group is often the next. */
static int
group_slot(struct staging *s, const struct reference *ref, uint32_t *slot,
    struct err *e)
{
	struct buf *text = &s->last.text;

	if (s->last.valid && s->last.form == ref->form && ref->host == NULL &&
	    ref->text != NULL &&
	    strcmp((const char *)text->data, ref->text) == 0) {
		*slot = s->last.slot;
		return 0;
	}
	if (refindex_slot(s->index, ref, slot, e) == -1)
		return -1;
	s->last.valid = ref->host == NULL && ref->text != NULL;
	if (!s->last.valid)
		return 0;
	buf_clear(text);
	staging_put_text(text, ref->text);
	s->last.form = ref->form;
	s->last.slot = *slot;
	return buf_status(text, e);
}

static int
stage_acquired(struct staging *s, int64_t when, uint32_t *more, struct err *e)
{
	if (when == FACT_UNKNOWN)
		return 0;
	if (s->acquired.count >= MORE_MAX)
		return err_set(e, ERR_LIMIT, "too many memberships");
	if (array_reserve(&s->acquired, sizeof(when), e) == -1)
		return -1;
	((int64_t *)s->acquired.data)[s->acquired.count++] = when;
	*more |= (uint32_t)s->acquired.count << EDGE_SHIFT;
	return 0;
}

static int
stage_member(struct sink *sink, const struct member *m, struct err *e)
{
	struct staging *s = staging_of(sink);
	struct staged_edge edge = { .more = (uint32_t)m->how };

	if (staging_begin(s, e) == -1)
		return -1;
	if (s->edges.count >= EDGES_MAX)
		return err_set(e, ERR_LIMIT, "too many memberships");
	if (m->removed)
		edge.more |= EDGE_REMOVED;
	if (group_slot(s, &m->group, &edge.group, e) == -1 ||
	    refindex_slot(s->index, &m->member, &edge.member, e) == -1 ||
	    stage_acquired(s, m->acquired, &edge.more, e) == -1 ||
	    array_reserve(&s->edges, sizeof(edge), e) == -1)
		return -1;
	((struct staged_edge *)s->edges.data)[s->edges.count++] = edge;
	return 0;
}

static int
stage_policy(struct sink *sink, const struct policy *p, struct err *e)
{
	struct staging *s = staging_of(sink);
	struct staged_policy staged = { .key = p->key,
		.first_target = s->targets.count,
		.target_count = p->target_count };

	if (p->key == NULL || p->key[0] == '\0')
		return err_set(e, ERR_FORMAT, "a source gave no key");
	if (staging_begin(s, e) == -1 || staging_keep(s, &staged.key, e) == -1)
		return -1;
	buf_clear(&s->bytes);
	record_put(&s->bytes, RECORD_POLICY, p);
	if (buf_status(&s->bytes, e) == -1 ||
	    staging_digest(&s->bytes, staged.digest, e) == -1 ||
	    scratch_put(s->scratch, s->bytes.data, s->bytes.length,
	        &staged.record, e) == -1)
		return -1;
	for (size_t i = 0; i < p->target_count; i++) {
		uint32_t slot;

		if (refindex_slot(s->index, &p->targets[i], &slot, e) == -1 ||
		    array_reserve(&s->targets, sizeof(slot), e) == -1)
			return -1;
		((uint32_t *)s->targets.data)[s->targets.count++] = slot;
	}
	if (array_reserve(&s->policies, sizeof(staged), e) == -1)
		return -1;
	((struct staged_policy *)s->policies.data)[s->policies.count++] =
	    staged;
	return 0;
}

static void
note_incomplete(struct staging *s, const struct query *q)
{
	s->complete = false;
	if (s->incomplete[0] == '\0')
		(void)snprintf(s->incomplete, sizeof(s->incomplete), "%s: %s",
		    q->what == NULL ? "?" : q->what,
		    q->incomplete == NULL ? "not complete" : q->incomplete);
}

static int
stage_query(struct sink *sink, const struct query *q, struct err *e)
{
	struct staging *s = staging_of(sink);
	struct query kept = *q;

	if (staging_begin(s, e) == -1 || staging_keep(s, &kept.what, e) == -1 ||
	    staging_keep(s, &kept.server, e) == -1 ||
	    staging_keep(s, &kept.base, e) == -1 ||
	    staging_keep(s, &kept.filter, e) == -1 ||
	    staging_keep(s, &kept.attributes, e) == -1 ||
	    staging_keep(s, &kept.identity, e) == -1 ||
	    staging_keep(s, &kept.tls, e) == -1 ||
	    staging_keep(s, &kept.diagnostic, e) == -1 ||
	    staging_keep(s, &kept.incomplete, e) == -1 ||
	    array_reserve(&s->queries, sizeof(kept), e) == -1)
		return -1;
	if (s->queries.count == 0)
		s->complete = true;
	((struct query *)s->queries.data)[s->queries.count++] = kept;
	if (!q->complete)
		note_incomplete(s, q);
	return 0;
}

static int
stage_seen(struct sink *sink, const struct attribute_seen *seen, struct err *e)
{
	struct staging *s = staging_of(sink);
	struct attribute_seen kept = *seen;

	if (staging_keep(s, &kept.server, e) == -1 ||
	    staging_keep(s, &kept.what, e) == -1 ||
	    staging_keep(s, &kept.attribute, e) == -1 ||
	    array_reserve(&s->seen, sizeof(kept), e) == -1)
		return -1;
	((struct attribute_seen *)s->seen.data)[s->seen.count++] = kept;
	return 0;
}

static int
stage_remember(
    struct sink *sink, const char *name, const char *text, struct err *e)
{
	struct staging *s = staging_of(sink);
	struct staged_text kept = { name, text };
	struct staged_text *all = s->remembered.data;

	if (staging_keep(s, &kept.name, e) == -1 ||
	    staging_keep(s, &kept.text, e) == -1)
		return -1;
	for (size_t i = 0; i < s->remembered.count; i++)
		if (strcmp(all[i].name, name) == 0) {
			all[i] = kept;
			return 0;
		}
	if (array_reserve(&s->remembered, sizeof(kept), e) == -1)
		return -1;
	all = s->remembered.data;
	all[s->remembered.count++] = kept;
	return 0;
}

static const char *
stage_recall(struct sink *sink, const char *name)
{
	struct staging *s = staging_of(sink);
	const struct staged_text *all = s->cookies.data;

	for (size_t i = 0; i < s->cookies.count && !s->forget; i++)
		if (strcmp(all[i].name, name) == 0)
			return all[i].text;
	return NULL;
}

static void
stage_progress(struct sink *sink, const char *what, int64_t done, int64_t total)
{
	const struct pull_options *o = staging_of(sink)->options;

	if (o->progress != NULL)
		o->progress(o->progress_context, what, done, total);
}

const struct sink staging_sink = {
	.account = stage_account,
	.group = stage_group,
	.member = stage_member,
	.policy = stage_policy,
	.query = stage_query,
	.seen = stage_seen,
	.gone = stage_gone,
	.present = stage_present,
	.members_anew = stage_members_anew,
	.remember = stage_remember,
	.recall = stage_recall,
	.progress = stage_progress,
	.mode = SINK_FULL,
};
