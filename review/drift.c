#include "review/drift.h"

struct drift {
	struct difference *d;
	struct staging *told;
	int64_t pull;
	int64_t count;
};

int
drift_wanted(struct store *store, int64_t source, bool *wanted, struct err *e)
{
	struct statement *st = store_use(store, "drift_wanted", e);

	bind_int(st, ":source", source);
	if (store_step(st, e) != 1)
		return -1;
	*wanted = column_int(st, 0) != 0;
	store_done(st);
	return 0;
}

int
drift_read(struct staging **told, struct store *store, int64_t source,
    const char *folder, const struct source_settings *settings,
    const struct source_type *type, const struct pull_options *options,
    struct err *e)
{
	struct source_settings changes = *settings;
	struct err failed = { .code = ERR_NONE };

	changes.full_every =
	    INT64_MAX; /* it is not time for another full one */
	if (staging_new(told, store, source, folder, options, e) == -1)
		return -1;
	if (type->pull(&changes, &(*told)->sink, &failed) == -1 ||
	    !(*told)->complete || (*told)->sink.mode == SINK_FULL)
		staging_free(told);
	return 0;
}

/* ---- What the changes tell of ---- */

/* Memberships may be told of without their group. */
static void
mark_groups(struct staging *told)
{
	const struct staged_edge *edges = told->edges.data;
	uint32_t place;

	for (size_t i = 0; i < told->edges.count; i++)
		for (uint32_t state = 0;
		     (place = refindex_next(
		          told->index, edges[i].group, &state)) != REF_NONE;)
			staging_object(told, place)->flags |= OBJECT_ANEW;
}

static int
is_told(const struct drift *f, const struct object *o, bool *is, struct err *e)
{
	const unsigned said = OBJECT_DELIVERED | OBJECT_GONE | OBJECT_ANEW;
	uint32_t place;
	unsigned flags;

	*is = false;
	if (staging_find(
	        f->told, (enum object_kind)o->kind, o->key, &place, e) == -1)
		return -1;
	if (place == REF_NONE)
		return 0;
	flags = staging_object(f->told, place)->flags;
	*is = (flags & said) != 0 ||
	    (f->told->sink.mode == SINK_PRESENT &&
	        (flags & (OBJECT_PRESENT | OBJECT_CURRENT)) == OBJECT_CURRENT);
	return 0;
}

/* ---- What the full pull found ---- */

static int
keep(struct drift *f, const char *what, int64_t group, int64_t member,
    struct err *e)
{
	struct statement *st;

	if (f->count++ >= DRIFT_ROWS)
		return 0;
	st = store_use(f->d->staging->store, "drift_add", e);
	bind_int(st, ":pull", f->pull);
	bind_text(st, ":what", what);
	bind_int(st, ":group", group);
	bind_int(st, ":member", member);
	return store_run(st, e);
}

/* NULL: it is as it was. */
static const char *
what_of(const struct object *o)
{
	if ((o->flags & OBJECT_DELIVERED) == 0)
		return (o->flags & (OBJECT_CURRENT | OBJECT_GONE)) ==
		        (OBJECT_CURRENT | OBJECT_GONE)
		    ? "gone"
		    : NULL;
	if ((o->flags & OBJECT_CURRENT) == 0)
		return "new";
	return (o->flags & (OBJECT_CHANGED | OBJECT_VALUES)) != 0 ? "changed"
	                                                          : NULL;
}

/* A whole object that came or went says enough of its memberships. */
static bool
is_whole(const struct object *o)
{
	const char *what = what_of(o);

	return what != NULL && what[0] != 'c';
}

static int
keep_member(struct drift *f, const char *what, const struct object *group,
    const struct object *member, struct err *e)
{
	bool told;

	if (is_whole(group) || is_whole(member))
		return 0;
	if (is_told(f, group, &told, e) == -1 ||
	    (!told && is_told(f, member, &told, e) == -1))
		return -1;
	return told ? 0 : keep(f, what, group->id, member->id, e);
}

static int
keep_objects(struct drift *f, struct err *e)
{
	struct staging *s = f->d->staging;

	for (size_t i = 0; i < s->objects.count; i++) {
		const struct object *o = staging_object(s, (uint32_t)i);
		const char *what = what_of(o);
		bool told = true;

		if (what != NULL && is_told(f, o, &told, e) == -1)
			return -1;
		if (!told && keep(f, what, 0, o->id, e) == -1)
			return -1;
	}
	return 0;
}

static int
keep_new_members(struct drift *f, struct err *e)
{
	const struct difference *d = f->d;

	for (size_t g = 0; g < d->placed; g++)
		for (uint32_t i = d->first[g]; i < d->first[g + 1]; i++)
			if ((d->run[i].more & (EDGE_KEPT | EDGE_REMOVED)) ==
			        0 &&
			    keep_member(f, "member",
			        staging_object(d->staging, (uint32_t)g),
			        staging_object(d->staging, d->run[i].member),
			        e) == -1)
				return -1;
	return 0;
}

static int
keep_ended_members(struct drift *f, struct err *e)
{
	const struct ended_edge *all = f->d->ended.data;

	for (size_t i = 0; i < f->d->ended.count; i++)
		if (keep_member(f, "no-member",
		        staging_object(f->d->staging, all[i].group_place),
		        staging_object(f->d->staging, all[i].member_place),
		        e) == -1)
			return -1;
	return 0;
}

int
drift_keep(
    struct difference *d, struct staging *told, int64_t pull, struct err *e)
{
	struct drift f = { .d = d, .told = told, .pull = pull };
	struct statement *st;

	mark_groups(told);
	if (keep_objects(&f, e) == -1 || keep_new_members(&f, e) == -1 ||
	    keep_ended_members(&f, e) == -1)
		return -1;
	st = store_use(d->staging->store, "drift_count", e);
	bind_int(st, ":pull", pull);
	bind_int(st, ":count", f.count);
	return store_run(st, e);
}
