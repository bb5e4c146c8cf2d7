#include "review/difference.h"

#include <stdlib.h>
#include <string.h>

#include "review/record.h"

/* From so many new rows on, and twice as many as there were, indexes are
 * made anew: sorting is cheaper than finding each row's place. */
#define REINDEX_ROWS 50000

/* s a clock may be ahead; what lies beyond is no sign of use. */
#define FUTURE_MAX INT64_C(86400)

/* Statements that run once a value: where their parameters are. */
struct value_statement {
	struct statement *st;
	int object, attribute, value;
};

struct usage_statement {
	struct statement *st;
	int object, attribute, server, latest, raw, maximum, maximum_raw;
	int resolution;
};

struct writing {
	struct difference *d;
	struct staging *s;
	struct store *store;
	int64_t pull;
	struct value_statement value;
	struct usage_statement usage;
};

static struct object *
object_at(struct writing *w, size_t place)
{
	return staging_object(w->s, (uint32_t)place);
}

static int
run_plain(struct writing *w, const char *name, struct err *e)
{
	return store_run(store_use(w->store, name, e), e);
}

/* Whether so many new rows want a table's index made anew. */
static int
wants_reindex(struct writing *w, const char *counting, int64_t added,
    bool *wants, struct err *e)
{
	struct statement *st;

	*wants = false;
	if (added < REINDEX_ROWS)
		return 0;
	st = store_use(w->store, counting, e);
	bind_int(st, ":limit", added / 2 + 1);
	if (store_step(st, e) != 1)
		return -1;
	*wants = column_int(st, 0) <= added / 2;
	store_done(st);
	return 0;
}

/* ---- Objects ---- */

static int
write_objects(struct writing *w, struct err *e)
{
	struct statement *st = store_use(w->store, "object_add", e);
	int id = bind_place(st, ":id"), kind = bind_place(st, ":kind");
	int key = bind_place(st, ":key");

	bind_int(st, ":source", w->s->source);
	for (size_t i = 0; i < w->s->objects.count; i++) {
		const struct object *o = object_at(w, i);

		if ((o->flags & OBJECT_NEW) == 0)
			continue;
		store_again(st);
		bind_int_at(st, id, o->id);
		bind_int_at(st, kind, o->kind);
		bind_text_at(st, key, o->key, strlen(o->key));
		if (store_run(st, e) == -1)
			return -1;
	}
	return 0;
}

static int
end_fact(struct writing *w, const struct object *o, struct err *e)
{
	struct statement *st = store_use(w->store,
	    o->kind == OBJECT_ACCOUNT ? "account_fact_end" : "group_fact_end",
	    e);

	bind_int(st, ":object", o->id);
	bind_int(st, ":since", o->since);
	bind_int(st, ":pull", w->pull);
	return store_run(st, e);
}

/* ---- Values ---- */

static int
end_value(struct writing *w, const struct object *o, const char *attribute,
    const char *value, int64_t since, struct err *e)
{
	struct statement *st = store_use(w->store, "value_end", e);

	bind_int(st, ":object", o->id);
	bind_text(st, ":attribute", attribute);
	bind_text(st, ":value", value);
	bind_int(st, ":since", since);
	bind_int(st, ":pull", w->pull);
	return store_run(st, e);
}

static void
prepare_value(struct writing *w, struct err *e)
{
	struct value_statement *v = &w->value;

	v->st = store_use(w->store, "value_add", e);
	v->object = bind_place(v->st, ":object");
	v->attribute = bind_place(v->st, ":attribute");
	v->value = bind_place(v->st, ":value");
	bind_int(v->st, ":pull", w->pull);
}

static int
add_value(struct writing *w, const struct object *o, const struct value *v,
    struct err *e)
{
	const struct value_statement *s = &w->value;

	store_again(s->st);
	bind_int_at(s->st, s->object, o->id);
	bind_text_at(s->st, s->attribute, v->attribute, strlen(v->attribute));
	bind_text_at(s->st, s->value, v->value, strlen(v->value));
	return store_run(s->st, e);
}

static int
compare_value(const struct value *v, struct statement *stored)
{
	int order = strcmp(v->attribute, column_text(stored, 0));

	return order != 0 ? order : strcmp(v->value, column_text(stored, 1));
}

/* Both come sorted: a walk along the two. */
static int
write_values(struct writing *w, const struct object *o, struct cursor *values,
    struct err *e)
{
	struct statement *st = NULL;
	struct value v;
	int stored = 0;
	int staged = staged_value(values, &v, e);
	int result = -1;

	if ((o->flags & OBJECT_NEW) == 0) {
		st = store_use(w->store, "stored_values_of", e);
		bind_int(st, ":object", o->id);
		stored = store_step(st, e);
	}
	while (stored != -1 && staged != -1 && (stored == 1 || staged == 1)) {
		int order = stored == 0 ? -1
		    : staged == 0       ? 1
		                        : compare_value(&v, st);

		if (order < 0 && add_value(w, o, &v, e) == -1)
			goto out;
		if (order > 0 && w->d->ends &&
		    end_value(w, o, column_text(st, 0), column_text(st, 1),
		        column_int(st, 2), e) == -1)
			goto out;
		if (order <= 0)
			staged = staged_value(values, &v, e);
		if (order >= 0)
			stored = store_step(st, e);
	}
	result = stored == -1 || staged == -1 ? -1 : 0;
out:
	store_done(st);
	return result;
}

/* ---- Signs of use ---- */

static void
prepare_usage(struct writing *w, struct err *e)
{
	struct usage_statement *u = &w->usage;

	u->st = store_use(w->store, "usage_put", e);
	u->object = bind_place(u->st, ":object");
	u->attribute = bind_place(u->st, ":attribute");
	u->server = bind_place(u->st, ":server");
	u->latest = bind_place(u->st, ":latest");
	u->raw = bind_place(u->st, ":raw");
	u->maximum = bind_place(u->st, ":maximum");
	u->maximum_raw = bind_place(u->st, ":maximum_raw");
	u->resolution = bind_place(u->st, ":resolution");
	bind_int(u->st, ":pull", w->pull);
}

static int
put_usage(struct writing *w, const struct object *o, const struct usage *u,
    struct err *e)
{
	const struct usage_statement *s = &w->usage;
	bool real = u->when != FACT_UNKNOWN && u->when != FACT_NEVER &&
	    u->when <= w->s->sink.now + FUTURE_MAX;
	size_t length = u->raw == NULL ? 0 : strlen(u->raw);

	store_again(s->st);
	bind_int_at(s->st, s->object, o->id);
	bind_text_at(s->st, s->attribute, u->attribute, strlen(u->attribute));
	bind_text_at(s->st, s->server, u->server, strlen(u->server));
	bind_fact_at(s->st, s->latest, u->when);
	bind_text_at(s->st, s->raw, u->raw, length);
	bind_fact_at(s->st, s->maximum, real ? u->when : FACT_UNKNOWN);
	bind_text_at(s->st, s->maximum_raw, real ? u->raw : NULL, length);
	bind_int_at(s->st, s->resolution, u->resolution);
	return store_run(s->st, e);
}

static int
write_usages(struct writing *w, const struct object *o, struct cursor *usages,
    struct err *e)
{
	struct usage u;
	int more;

	while ((more = staged_usage(usages, &u, e)) == 1)
		if (put_usage(w, o, &u, e) == -1)
			return -1;
	return more;
}

/* ---- Facts ---- */

struct fact_statement {
	struct statement *st;
	struct record_places places;
	int object, digest;
};

static void
prepare_fact(struct fact_statement *f, struct writing *w, const char *name,
    enum record_kind kind, struct err *e)
{
	f->st = store_use(w->store, name, e);
	f->object = bind_place(f->st, ":object");
	f->digest = bind_place(f->st, ":digest");
	bind_int(f->st, ":pull", w->pull);
	record_find(&f->places, kind, f->st);
}

static int
write_fact(struct writing *w, const struct fact_statement *f,
    const struct object *o, struct staged_record *r, struct err *e)
{
	if ((o->flags & OBJECT_CURRENT) != 0 && end_fact(w, o, e) == -1)
		return -1;
	store_again(f->st);
	bind_int_at(f->st, f->object, o->id);
	bind_blob_at(f->st, f->digest, r->digest, sizeof(r->digest));
	return record_bind(&f->places, f->st, &r->fact, e) == -1
	    ? -1
	    : store_run(f->st, e);
}

static int
write_gone(struct writing *w, const struct object *o, struct err *e)
{
	struct statement *st;

	if (end_fact(w, o, e) == -1)
		return -1;
	if (o->kind != OBJECT_ACCOUNT)
		return 0;
	st = store_use(w->store, "values_end", e);
	bind_int(st, ":object", o->id);
	bind_int(st, ":pull", w->pull);
	return store_run(st, e);
}

static int
write_object(struct writing *w, const struct fact_statement *facts,
    const struct object *o, struct err *e)
{
	struct staged_record r;

	if (staging_record(w->s, o->record, &r, e) == -1)
		return -1;
	if ((o->flags & OBJECT_CHANGED) != 0 &&
	    write_fact(w, &facts[o->kind], o, &r, e) == -1)
		return -1;
	if ((o->flags & OBJECT_VALUES) != 0 &&
	    write_values(w, o, &r.values, e) == -1)
		return -1;
	return (o->flags & OBJECT_USAGES) != 0 &&
	        write_usages(w, o, &r.usages, e) == -1
	    ? -1
	    : 0;
}

static int
write_facts(struct writing *w, struct err *e)
{
	const unsigned waiting = OBJECT_CHANGED | OBJECT_VALUES | OBJECT_USAGES;
	struct fact_statement facts[2];

	prepare_fact(
	    &facts[OBJECT_ACCOUNT], w, "account_fact_add", RECORD_ACCOUNT, e);
	prepare_fact(
	    &facts[OBJECT_GROUP], w, "group_fact_add", RECORD_GROUP, e);
	prepare_value(w, e);
	prepare_usage(w, e);
	if (facts[0].st == NULL || facts[1].st == NULL || w->value.st == NULL ||
	    w->usage.st == NULL)
		return -1;
	for (size_t i = 0; i < w->s->objects.count; i++) {
		const struct object *o = object_at(w, i);

		if ((o->flags & OBJECT_DELIVERED) != 0) {
			if ((o->flags & waiting) != 0 &&
			    write_object(w, facts, o, e) == -1)
				return -1;
		} else if ((o->flags & (OBJECT_GONE | OBJECT_CURRENT)) ==
		        (OBJECT_GONE | OBJECT_CURRENT) &&
		    write_gone(w, o, e) == -1)
			return -1;
	}
	return 0;
}

/* ---- Memberships ---- */

static int
end_edges(struct writing *w, struct err *e)
{
	const struct ended_edge *all = w->d->ended.data;

	for (size_t i = 0; i < w->d->ended.count; i++) {
		struct statement *st = store_use(w->store, "edge_end", e);

		bind_int(st, ":group", all[i].group);
		bind_int(st, ":member", all[i].member);
		bind_int(st, ":how", all[i].how);
		bind_int(st, ":since", all[i].since);
		bind_int(st, ":pull", w->pull);
		if (store_run(st, e) == -1)
			return -1;
	}
	return 0;
}

static int64_t
acquired_of(const struct writing *w, uint32_t more)
{
	uint32_t place = more >> EDGE_SHIFT;

	return place == 0 ? FACT_UNKNOWN
	                  : ((const int64_t *)w->s->acquired.data)[place - 1];
}

static int
add_edges(struct writing *w, struct err *e)
{
	struct statement *st = store_use(w->store, "edge_add", e);
	int group = bind_place(st, ":group"), how = bind_place(st, ":how");
	int member = bind_place(st, ":member");
	int acquired = bind_place(st, ":acquired");

	bind_int(st, ":pull", w->pull);
	for (size_t g = 0; g < w->d->placed; g++)
		for (uint32_t i = w->d->first[g]; i < w->d->first[g + 1]; i++) {
			const struct run_edge *r = &w->d->run[i];

			if ((r->more & (EDGE_KEPT | EDGE_REMOVED)) != 0)
				continue;
			store_again(st);
			bind_int_at(st, group, object_at(w, g)->id);
			bind_int_at(st, member, object_at(w, r->member)->id);
			bind_int_at(st, how, r->more & EDGE_HOW_MASK);
			bind_fact_at(st, acquired, acquired_of(w, r->more));
			if (store_run(st, e) == -1)
				return -1;
		}
	return 0;
}

static int
write_edges(struct writing *w, struct err *e)
{
	bool reindex;

	if (end_edges(w, e) == -1 ||
	    wants_reindex(w, "edge_rows", w->d->members_new, &reindex, e) ==
	        -1 ||
	    (reindex && run_plain(w, "edge_index_drop", e) == -1) ||
	    add_edges(w, e) == -1)
		return -1;
	return reindex ? run_plain(w, "edge_index_make", e) : 0;
}

static int
write_unnamed(struct writing *w, struct err *e)
{
	const struct ended_edge *all = w->d->unnamed.data;

	for (size_t i = 0; i < w->d->unnamed.count; i++) {
		struct statement *st =
		    store_use(w->store, "dangling_unnamed", e);

		bind_int(st, ":group", all[i].group);
		bind_int(st, ":member", all[i].member);
		bind_int(st, ":how", all[i].how);
		bind_int(st, ":pull", w->pull);
		if (store_run(st, e) == -1)
			return -1;
	}
	return 0;
}

static int
write_dangling(struct writing *w, struct err *e)
{
	const struct ended_dangling *ended = w->d->dangling_ended.data;
	const struct staged_dangling *all = w->d->dangling.data;

	for (size_t i = 0; i < w->d->dangling_ended.count; i++) {
		struct statement *st = store_use(w->store, "dangling_end", e);

		bind_int(st, ":group", ended[i].group);
		bind_int(st, ":form", ended[i].form);
		bind_text(st, ":reference", ended[i].reference);
		bind_int(st, ":since", ended[i].since);
		bind_int(st, ":pull", w->pull);
		if (store_run(st, e) == -1)
			return -1;
	}
	for (size_t i = 0; i < w->d->dangling.count; i++) {
		struct statement *st;

		if (all[i].kept || all[i].removed)
			continue;
		st = store_use(w->store, "dangling_add", e);
		bind_int(st, ":group", object_at(w, all[i].group)->id);
		bind_int(st, ":form", all[i].form);
		bind_text(st, ":reference", all[i].text);
		bind_int(st, ":how", all[i].how);
		bind_int(st, ":pull", w->pull);
		if (store_run(st, e) == -1)
			return -1;
	}
	return 0;
}

/* ---- Policies: few ---- */

static int
add_policy(struct writing *w, const struct staged_policy *p, struct err *e)
{
	struct statement *st = store_use(w->store, "policy_fact_add", e);
	struct record_places places;
	const unsigned char *bytes;
	struct cursor record;
	size_t length;

	bytes = scratch_get(w->s->scratch, p->record, &length, e);
	if (bytes == NULL || st == NULL)
		return -1;
	record = cursor_new(bytes, length);
	record_find(&places, RECORD_POLICY, st);
	bind_int(st, ":source", w->s->source);
	bind_text(st, ":key", p->key);
	bind_blob(st, ":digest", p->digest, sizeof(p->digest));
	bind_int(st, ":pull", w->pull);
	return record_bind(&places, st, &record, e) == -1 ? -1
	                                                  : store_run(st, e);
}

static int
end_policy(struct writing *w, const char *key, int64_t since, struct err *e)
{
	struct statement *st = store_use(w->store, "policy_fact_end", e);

	bind_int(st, ":source", w->s->source);
	bind_text(st, ":key", key);
	bind_int(st, ":since", since);
	bind_int(st, ":pull", w->pull);
	return store_run(st, e);
}

static int
put_target(struct writing *w, const char *statement, const char *key,
    int64_t object, int64_t since, struct err *e)
{
	struct statement *st = store_use(w->store, statement, e);

	bind_int(st, ":source", w->s->source);
	bind_text(st, ":key", key);
	bind_int(st, ":object", object);
	if (since != 0)
		bind_int(st, ":since", since);
	bind_int(st, ":pull", w->pull);
	return store_run(st, e);
}

/* Ids of the policy's targets, each once; -1 when there is no memory. */
static int
list_targets(struct writing *w, const struct staged_policy *p,
    struct array *ids, struct err *e)
{
	const uint32_t *slots = w->s->targets.data;

	for (size_t i = 0; p != NULL && i < p->target_count; i++) {
		uint32_t place, state = 0;

		while ((place = refindex_next(w->s->index,
		            slots[p->first_target + i], &state)) != REF_NONE) {
			int64_t id = object_at(w, place)->id;
			bool known = id == 0;

			for (size_t j = 0; j < ids->count && !known; j++)
				known = ((int64_t *)ids->data)[j] == id;
			if (known)
				continue;
			if (array_reserve(ids, sizeof(id), e) == -1)
				return -1;
			((int64_t *)ids->data)[ids->count++] = id;
		}
	}
	return 0;
}

/* p NULL: the policy is gone, and so is whom it named. */
static int
write_targets(struct writing *w, const char *key, const struct staged_policy *p,
    struct err *e)
{
	struct array ids = { .data = NULL };
	struct statement *st;
	int more = list_targets(w, p, &ids, e);
	int64_t *all = ids.data;

	st = more == -1 ? NULL : store_use(w->store, "stored_targets", e);
	bind_int(st, ":source", w->s->source);
	bind_text(st, ":key", key);
	while (more != -1 && (more = store_step(st, e)) == 1) {
		int64_t id = column_int(st, 0);
		bool found = false;

		for (size_t i = 0; i < ids.count && !found; i++)
			if (all[i] == id) {
				all[i] = 0;
				found = true;
			}
		if (!found && w->d->ends &&
		    put_target(
		        w, "target_end", key, id, column_int(st, 1), e) == -1)
			more = -1;
	}
	store_done(st);
	for (size_t i = 0; i < ids.count && more != -1; i++)
		if (all[i] != 0)
			more = put_target(w, "target_add", key, all[i], 0, e);
	free(ids.data);
	return more;
}

/* The last delivered of that key, or NULL. */
static struct staged_policy *
find_policy(struct writing *w, const char *key)
{
	struct staged_policy *all = w->s->policies.data;

	for (size_t i = w->s->policies.count; i > 0; i--)
		if (strcmp(all[i - 1].key, key) == 0)
			return &all[i - 1];
	return NULL;
}

static int
meet_policy(struct writing *w, struct statement *stored, struct err *e)
{
	const char *key = column_text(stored, 0);
	struct staged_policy *p = find_policy(w, key);
	size_t length;
	const void *digest = column_blob(stored, 2, &length);

	if (p == NULL) {
		if (!w->d->ends || w->s->sink.mode != SINK_FULL)
			return 0;
		return end_policy(w, key, column_int(stored, 1), e) == -1
		    ? -1
		    : write_targets(w, key, NULL, e);
	}
	p->known = true;
	if (length == sizeof(p->digest) &&
	    memcmp(digest, p->digest, length) == 0)
		return 0;
	p->changed = true;
	return end_policy(w, key, column_int(stored, 1), e);
}

static int
write_policies(struct writing *w, struct err *e)
{
	struct staged_policy *all = w->s->policies.data;
	struct statement *st = store_use(w->store, "stored_policies", e);
	int more;

	bind_int(st, ":source", w->s->source);
	while ((more = store_step(st, e)) == 1)
		if (meet_policy(w, st, e) == -1) {
			more = -1;
			break;
		}
	store_done(st);
	for (size_t i = 0; i < w->s->policies.count && more != -1; i++) {
		struct staged_policy *p = &all[i];

		if (find_policy(w, p->key) != p)
			continue;
		if ((!p->known || p->changed) && add_policy(w, p, e) == -1)
			return -1;
		more = write_targets(w, p->key, p, e);
	}
	return more;
}

/* ---- All of it ---- */

static int
count_new_objects(const struct writing *w)
{
	return (int)(w->d->accounts_new + w->d->groups_new);
}

int
difference_write(struct difference *d, int64_t pull, struct err *e)
{
	struct writing w = { .d = d,
		.s = d->staging,
		.store = d->staging->store,
		.pull = pull };
	bool reindex;

	if (wants_reindex(
	        &w, "object_rows", count_new_objects(&w), &reindex, e) == -1 ||
	    (reindex &&
	        (run_plain(&w, "object_index_drop", e) == -1 ||
	            run_plain(&w, "value_index_drop", e) == -1)) ||
	    write_unnamed(&w, e) == -1 || write_objects(&w, e) == -1 ||
	    write_facts(&w, e) == -1 ||
	    (reindex &&
	        (run_plain(&w, "object_index_make", e) == -1 ||
	            run_plain(&w, "value_index_make", e) == -1)) ||
	    write_edges(&w, e) == -1 || write_dangling(&w, e) == -1)
		return -1;
	return write_policies(&w, e);
}
