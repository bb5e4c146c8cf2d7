#include "review/difference.h"

#include <stdlib.h>
#include <string.h>

#include "review/difference_internal.h"

#define STORED(flags)                                                          \
	(((flags) & (OBJECT_CURRENT | OBJECT_GONE)) == OBJECT_CURRENT)

struct object *
difference_object(const struct difference *d, uint32_t place)
{
	return staging_object(d->staging, place);
}

/* It will be there when the pull is applied. */
static bool
is_alive(const struct difference *d, uint32_t place)
{
	unsigned flags = difference_object(d, place)->flags;

	return (flags & OBJECT_DELIVERED) != 0 || STORED(flags);
}

/* ---- Who is new, changed, gone ---- */

static void
judge_object(struct difference *d, struct object *o)
{
	const struct staging *s = d->staging;
	bool account = o->kind == OBJECT_ACCOUNT;

	if (!d->ends)
		o->flags &= (uint16_t)~OBJECT_GONE;
	else if (s->sink.mode != SINK_CHANGES &&
	    (o->flags & (OBJECT_DELIVERED | OBJECT_PRESENT)) == 0)
		o->flags |= OBJECT_GONE;
	if ((o->flags & OBJECT_DELIVERED) != 0) {
		if ((o->flags & OBJECT_CURRENT) == 0)
			*(account ? &d->accounts_new : &d->groups_new) += 1;
		else if (account && (o->flags & OBJECT_CHANGED) != 0)
			d->accounts_changed++;
	} else if ((o->flags & OBJECT_CURRENT) != 0 &&
	    (o->flags & OBJECT_GONE) != 0)
		*(account ? &d->accounts_gone : &d->groups_gone) += 1;
}

static int
judge_objects(struct difference *d, struct err *e)
{
	struct statement *st = store_use(d->staging->store, "last_object", e);
	int64_t id;

	if (store_step(st, e) != 1)
		return -1;
	id = column_int(st, 0);
	store_done(st);
	for (size_t i = 0; i < d->staging->objects.count; i++) {
		struct object *o = difference_object(d, (uint32_t)i);

		judge_object(d, o);
		/* In the order of delivery, which is that of the scratch. */
		if (o->id == 0 && (o->flags & OBJECT_DELIVERED) != 0) {
			o->id = ++id;
			o->flags |= OBJECT_NEW;
		}
	}
	return 0;
}

/*
 * Whether an object answers in that role: one entry may be a group and an
 * account at once, and then as a member the account is meant.
 */
static bool
has_alive(const struct difference *d, uint32_t slot, enum object_kind kind)
{
	const struct refindex *index = d->staging->index;
	uint32_t object;

	for (uint32_t state = 0;
	     (object = refindex_next(index, slot, &state)) != REF_NONE;)
		if (difference_object(d, object)->kind == kind &&
		    is_alive(d, object))
			return true;
	return false;
}

/* The next alive object of the slot, of the kind that is preferred. */
static uint32_t
next_meant(const struct difference *d, uint32_t slot, uint32_t *state,
    enum object_kind preferred)
{
	const struct refindex *index = d->staging->index;
	uint32_t object, first_state = 0;
	bool several;

	(void)refindex_next(index, slot, &first_state);
	several = first_state != REF_NONE;
	while ((object = refindex_next(index, slot, state)) != REF_NONE)
		if (is_alive(d, object) &&
		    (!several ||
		        difference_object(d, object)->kind == preferred ||
		        !has_alive(d, slot, preferred)))
			return object;
	return REF_NONE;
}

/* ---- Memberships, from slots to places ---- */

static int
add_dangling(struct difference *d, uint32_t group,
    const struct staged_edge *edge, struct err *e)
{
	struct staged_dangling dangling = { .group = group,
		.how = (uint8_t)(edge->more & EDGE_HOW_MASK),
		.removed = (edge->more & EDGE_REMOVED) != 0 };
	struct reference ref;

	/* One whose object was delivered and then taken back has no text. */
	if (!refindex_reference(d->staging->index, edge->member, &ref))
		return 0;
	dangling.form = (uint8_t)ref.form;
	dangling.text = ref.text; /* no more references are added */
	if (array_reserve(&d->dangling, sizeof(dangling), e) == -1)
		return -1;
	((struct staged_dangling *)d->dangling.data)[d->dangling.count++] =
	    dangling;
	return 0;
}

static int
place_edge(struct difference *d, struct array *extra, struct staged_edge *edge,
    struct err *e)
{
	struct staged_edge slots = *edge;
	uint32_t group, member;
	bool placed = false;

	edge->group = REF_NONE;
	for (uint32_t gs = 0; (group = next_meant(d, slots.group, &gs,
	                           OBJECT_GROUP)) != REF_NONE;) {
		bool any = false;

		for (uint32_t ms = 0; (member = next_meant(d, slots.member, &ms,
		                           OBJECT_ACCOUNT)) != REF_NONE;) {
			struct staged_edge made = { group, member, slots.more };

			any = true;
			if (!placed) {
				*edge = made;
				placed = true;
				continue;
			}
			if (array_reserve(extra, sizeof(made), e) == -1)
				return -1;
			((struct staged_edge *)extra->data)[extra->count++] =
			    made;
		}
		if (!any && add_dangling(d, group, &slots, e) == -1)
			return -1;
	}
	return 0;
}

static int
by_member(const void *a, const void *b)
{
	const struct run_edge *one = a, *other = b;
	uint32_t how = one->more & EDGE_HOW_MASK;
	uint32_t other_how = other->more & EDGE_HOW_MASK;

	if (one->member != other->member)
		return one->member < other->member ? -1 : 1;
	if (how != other_how)
		return how < other_how ? -1 : 1;
	/* What was removed and added again holds: the later word wins. */
	return (one->more & EDGE_REMOVED) < (other->more & EDGE_REMOVED) ? -1
	    : (one->more & EDGE_REMOVED) > (other->more & EDGE_REMOVED)  ? 1
	                                                                 : 0;
}

static void
count_edges(struct difference *d, const struct array *edges)
{
	const struct staged_edge *all = edges->data;

	for (size_t i = 0; i < edges->count; i++)
		if (all[i].group != REF_NONE)
			d->first[all[i].group + 1]++;
}

static void
deal_edges(struct difference *d, uint32_t *next, const struct array *edges)
{
	const struct staged_edge *all = edges->data;

	for (size_t i = 0; i < edges->count; i++)
		if (all[i].group != REF_NONE)
			d->run[next[all[i].group]++] =
			    (struct run_edge){ all[i].member, all[i].more };
}

/* Sorts each group's run and leaves each membership once. */
static void
tidy_runs(struct difference *d, size_t groups)
{
	uint32_t out = 0;

	for (size_t g = 0; g < groups; g++) {
		uint32_t begin = d->first[g], end = d->first[g + 1];
		uint32_t start = out;
		bool sorted = true;

		for (uint32_t i = begin + 1; i < end && sorted; i++)
			sorted = by_member(&d->run[i - 1], &d->run[i]) <= 0;
		if (!sorted)
			qsort(&d->run[begin], end - begin, sizeof(*d->run),
			    by_member);
		for (uint32_t i = begin; i < end; i++)
			if (out == start ||
			    d->run[out - 1].member != d->run[i].member ||
			    ((d->run[out - 1].more ^ d->run[i].more) &
			        EDGE_HOW_MASK) != 0)
				d->run[out++] = d->run[i];
		d->first[g] = start;
	}
	d->first[groups] = out;
}

static int
place_edges(struct difference *d, struct err *e)
{
	struct staging *s = d->staging;
	struct array extra = { .data = NULL };
	size_t groups = s->objects.count;
	uint32_t *next = NULL;
	int result = -1;

	for (size_t i = 0; i < s->edges.count; i++)
		if (place_edge(d, &extra,
		        (struct staged_edge *)s->edges.data + i, e) == -1)
			goto out;
	d->first = calloc(groups + 2, sizeof(*d->first));
	next = calloc(groups + 2, sizeof(*next));
	d->run = malloc((s->edges.count + extra.count + 1) * sizeof(*d->run));
	if (d->first == NULL || next == NULL || d->run == NULL ||
	    s->edges.count + extra.count >= UINT32_MAX) {
		err_set(e, ERR_MEMORY, "out of memory");
		goto out;
	}
	d->placed = groups;
	count_edges(d, &s->edges);
	count_edges(d, &extra);
	for (size_t g = 0; g < groups; g++)
		d->first[g + 1] += d->first[g];
	memcpy(next, d->first, (groups + 1) * sizeof(*next));
	deal_edges(d, next, &s->edges);
	deal_edges(d, next, &extra);
	free(s->edges.data);
	s->edges = (struct array){ .data = NULL };
	tidy_runs(d, groups);
	result = 0;
out:
	free(next);
	free(extra.data);
	return result;
}

/* ---- Against the stored memberships ---- */

/* The run's edge, or NULL. hint: where the last one was found. */
static struct run_edge *
find_run(struct difference *d, uint32_t group, uint32_t member, uint32_t how,
    uint32_t *hint)
{
	struct run_edge wanted = { member, how };
	uint32_t low, high;

	if (group >= d->placed) /* found after the runs were made */
		return NULL;
	low = d->first[group];
	high = d->first[group + 1];
	if (*hint >= low && *hint < high) {
		int order = by_member(&d->run[*hint], &wanted);

		if (order == 0)
			return &d->run[(*hint)++];
		if (order < 0)
			low = *hint;
	}
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		struct run_edge found = d->run[middle];
		int order;

		found.more &= EDGE_HOW_MASK;
		order = by_member(&found, &wanted);
		if (order == 0) {
			*hint = middle + 1;
			return &d->run[middle];
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* By another way the member holds it still. */
static bool
holds_otherwise(struct difference *d, uint32_t group, uint32_t member)
{
	uint32_t hint = 0;

	for (uint32_t how = 0; how < EDGE_HOWS; how++) {
		struct run_edge *r = find_run(d, group, member, how, &hint);

		if (r != NULL && (r->more & EDGE_REMOVED) == 0)
			return true;
	}
	return false;
}

struct stored_edge {
	uint32_t group, member; /* places; REF_NONE: not loaded */
	struct ended_edge edge;
};

static int
end_edge(struct difference *d, const struct stored_edge *stored, struct err *e)
{
	struct ended_edge ended = stored->edge;
	bool of_gone = stored->member != REF_NONE &&
	    !is_alive(d, stored->member) &&
	    difference_object(d, stored->member)->kind == OBJECT_ACCOUNT;

	ended.group_place = stored->group;
	ended.member_place = stored->member;
	ended.lost = !of_gone &&
	    (stored->group == REF_NONE || stored->member == REF_NONE ||
	        !holds_otherwise(d, stored->group, stored->member));
	if (array_reserve(&d->ended, sizeof(ended), e) == -1)
		return -1;
	((struct ended_edge *)d->ended.data)[d->ended.count++] = ended;
	return 0;
}

static void
read_edge(struct statement *st, struct ended_edge *edge)
{
	edge->group = column_int(st, 0);
	edge->member = column_int(st, 1);
	edge->how = (uint8_t)column_int(st, 2);
	edge->since = column_int(st, 3);
}

/* Stated by the account, not by the group. */
static bool
is_accounts_own(unsigned how)
{
	return how == EDGE_PRIMARY || how == EDGE_SID_HISTORY ||
	    how == EDGE_DYNAMIC;
}

/* A full pull: the stored edge is delivered again, or ends. */
static int
meet_full(struct difference *d, const struct stored_edge *stored,
    uint32_t *hint, struct err *e)
{
	struct run_edge *r =
	    find_run(d, stored->group, stored->member, stored->edge.how, hint);

	if (r != NULL) {
		r->more |= EDGE_KEPT;
		return 0;
	}
	if (!d->ends)
		return 0;
	if (!is_accounts_own(stored->edge.how) &&
	    (difference_object(d, stored->group)->flags & OBJECT_PARTIAL) !=
	        0 &&
	    is_alive(d, stored->group) && is_alive(d, stored->member))
		return 0;
	return end_edge(d, stored, e);
}

/* From ids to places, for the objects that were loaded. */
static uint32_t *
places_by_id(const struct difference *d, int64_t *count, struct err *e)
{
	const struct staging *s = d->staging;
	uint32_t *places;
	int64_t last = 0;

	for (size_t i = 0; i < s->objects.count; i++)
		if (difference_object(d, (uint32_t)i)->id > last)
			last = difference_object(d, (uint32_t)i)->id;
	places = malloc(((size_t)last + 1) * sizeof(*places));
	if (places == NULL) {
		err_set(e, ERR_MEMORY, "out of memory");
		return NULL;
	}
	memset(places, 0xff, ((size_t)last + 1) * sizeof(*places));
	for (size_t i = 0; i < s->objects.count; i++)
		if (difference_object(d, (uint32_t)i)->id > 0)
			places[difference_object(d, (uint32_t)i)->id] =
			    (uint32_t)i;
	*count = last + 1;
	return places;
}

static uint32_t
place_of(const uint32_t *places, int64_t count, int64_t id)
{
	return id > 0 && id < count ? places[id] : REF_NONE;
}

static int
compare_full(struct difference *d, struct err *e)
{
	struct statement *st;
	struct stored_edge stored;
	int64_t count = 0;
	uint32_t *places = places_by_id(d, &count, e);
	uint32_t hint = 0;
	int more = -1;

	if (places == NULL)
		return -1;
	st = store_use(d->staging->store, "stored_edges", e);
	bind_int(st, ":source", d->staging->source);
	while ((more = store_step(st, e)) == 1) {
		read_edge(st, &stored.edge);
		stored.group = place_of(places, count, stored.edge.group);
		stored.member = place_of(places, count, stored.edge.member);
		if (stored.group != REF_NONE && stored.member != REF_NONE &&
		    meet_full(d, &stored, &hint, e) == -1) {
			more = -1;
			break;
		}
	}
	store_done(st);
	free(places);
	return more;
}

/* ---- The same where only changes came ---- */

static int
by_edge(const void *a, const void *b)
{
	const struct ended_edge *one = a, *other = b;

	if (one->group != other->group)
		return one->group < other->group ? -1 : 1;
	if (one->member != other->member)
		return one->member < other->member ? -1 : 1;
	return (one->how > other->how) - (one->how < other->how);
}

/* Rows of an object's edges: each is judged with its two objects. */
typedef int meet(struct difference *, const struct stored_edge *,
    uint32_t *hint, struct err *);

static int
find_place(struct difference *d, struct statement *st, int column,
    uint32_t *place, struct err *e)
{
	return staging_find(d->staging,
	    (enum object_kind)column_int(st, column),
	    column_text(st, column + 1), place, e);
}

/* Rows: grp, member, how, since, kind and key of both. */
static int
compare_object(struct difference *d, const char *statement, uint32_t place,
    meet *judge, struct err *e)
{
	struct statement *st;
	uint32_t hint = 0;
	struct array rows = { .data = NULL };
	int more;

	st = store_use(d->staging->store, statement, e);
	bind_int(st, ":object", difference_object(d, place)->id);
	while ((more = store_step(st, e)) == 1) {
		struct stored_edge stored;

		read_edge(st, &stored.edge);
		if (find_place(d, st, 4, &stored.group, e) == -1 ||
		    find_place(d, st, 6, &stored.member, e) == -1 ||
		    array_reserve(&rows, sizeof(stored), e) == -1) {
			more = -1;
			break;
		}
		((struct stored_edge *)rows.data)[rows.count++] = stored;
	}
	store_done(st);
	for (size_t i = 0; more != -1 && i < rows.count; i++)
		more = judge(d, (struct stored_edge *)rows.data + i, &hint, e);
	free(rows.data);
	return more;
}

static struct run_edge *
find_loaded(
    struct difference *d, const struct stored_edge *stored, uint32_t *hint)
{
	return stored->group == REF_NONE || stored->member == REF_NONE
	    ? NULL
	    : find_run(
	          d, stored->group, stored->member, stored->edge.how, hint);
}

/* All members of the group were delivered anew. */
static int
meet_of_group(struct difference *d, const struct stored_edge *stored,
    uint32_t *hint, struct err *e)
{
	struct run_edge *r = find_loaded(d, stored, hint);

	if (r != NULL && (r->more & EDGE_REMOVED) == 0) {
		r->more |= EDGE_KEPT;
		return 0;
	}
	return d->ends &&
	        (r != NULL ||
	            (difference_object(d, stored->group)->flags &
	                OBJECT_PARTIAL) == 0)
	    ? end_edge(d, stored, e)
	    : 0;
}

/* Single memberships: each is asked for. anew: the accounts' own alone. */
static int
compare_run(struct difference *d, uint32_t group, bool anew, struct err *e)
{
	for (uint32_t i = d->first[group]; i < d->first[group + 1]; i++) {
		struct run_edge *r = &d->run[i];
		struct stored_edge stored = { .group = group,
			.member = r->member };
		struct statement *st;
		int more;

		if (anew && !is_accounts_own(r->more & EDGE_HOW_MASK))
			continue;
		stored.edge =
		    (struct ended_edge){ .group =
			                     difference_object(d, group)->id,
			    .member = difference_object(d, r->member)->id,
			    .how = (uint8_t)(r->more & EDGE_HOW_MASK) };
		st = store_use(d->staging->store, "stored_edge", e);
		bind_int(st, ":group", stored.edge.group);
		bind_int(st, ":member", stored.edge.member);
		bind_int(st, ":how", stored.edge.how);
		if ((more = store_step(st, e)) == 1)
			stored.edge.since = column_int(st, 0);
		store_done(st);
		if (more == -1)
			return -1;
		if (more == 0)
			continue;
		if ((r->more & EDGE_REMOVED) == 0)
			r->more |= EDGE_KEPT;
		else if (d->ends && end_edge(d, &stored, e) == -1)
			return -1;
	}
	return 0;
}

/* What an account states itself comes with it, or is no more. */
static int
meet_of_account(struct difference *d, const struct stored_edge *stored,
    uint32_t *hint, struct err *e)
{
	return is_accounts_own(stored->edge.how) && d->ends &&
	        find_loaded(d, stored, hint) == NULL
	    ? end_edge(d, stored, e)
	    : 0;
}

static int
meet_of_gone(struct difference *d, const struct stored_edge *stored,
    uint32_t *hint, struct err *e)
{
	(void)hint;
	return end_edge(d, stored, e);
}

/*
 * A directory that names members by DN, and does not follow a rename or a
 * deletion by itself, still has the old name: nobody answers to it now.
 */
static int
meet_of_unnamed(struct difference *d, const struct stored_edge *stored,
    uint32_t *hint, struct err *e)
{
	unsigned flags, wanted, taken;

	if (stored->group == REF_NONE ||
	    (difference_object(d, stored->group)->flags &
	        (OBJECT_ANEW | OBJECT_GONE)) != 0 ||
	    find_loaded(d, stored, hint) != NULL)
		return 0;
	flags = difference_object(d, stored->member)->flags;
	wanted = stored->edge.how == EDGE_MEMBER ? OBJECT_MOVED
	    : stored->edge.how == EDGE_NAME      ? OBJECT_RENAMED
	                                         : 0u;
	if (wanted == 0 || (flags & (wanted | OBJECT_GONE)) == 0)
		return 0;
	taken = wanted == OBJECT_MOVED ? OBJECT_DN_TAKEN : OBJECT_NAME_TAKEN;
	if ((flags & taken) != 0)
		return end_edge(d, stored, e);
	if (array_reserve(&d->unnamed, sizeof(stored->edge), e) == -1)
		return -1;
	((struct ended_edge *)d->unnamed.data)[d->unnamed.count++] =
	    stored->edge;
	return end_edge(d, stored, e);
}

static int
compare_changed(struct difference *d, uint32_t place, struct err *e)
{
	unsigned flags = difference_object(d, place)->flags;
	bool runs = place < d->placed && d->first[place] < d->first[place + 1];

	if ((flags & OBJECT_CURRENT) == 0)
		return 0;
	if ((flags & (OBJECT_GONE | OBJECT_RENAMED | OBJECT_MOVED)) != 0 &&
	    d->ends && !d->follows &&
	    compare_object(d, "edges_of_member", place, meet_of_unnamed, e) ==
	        -1)
		return -1;
	if ((flags & OBJECT_GONE) != 0)
		return compare_object(
		           d, "edges_of_member", place, meet_of_gone, e) == -1
		    ? -1
		    : compare_object(
		          d, "edges_of_group", place, meet_of_gone, e);
	if ((flags & OBJECT_ANEW) != 0 &&
	    compare_object(
	        d, "edges_stated_by_group", place, meet_of_group, e) == -1)
		return -1;
	if (runs && compare_run(d, place, (flags & OBJECT_ANEW) != 0, e) == -1)
		return -1;
	return (flags & OBJECT_DELIVERED) != 0
	    ? compare_object(d, "edges_of_member", place, meet_of_account, e)
	    : 0;
}

/* One edge may end for two reasons. */
static void
end_once(struct difference *d)
{
	struct ended_edge *all = d->ended.data;
	size_t out = 0;

	if (d->ended.count > 1)
		qsort(all, d->ended.count, sizeof(*all), by_edge);
	for (size_t i = 0; i < d->ended.count; i++)
		if (out == 0 || by_edge(&all[out - 1], &all[i]) != 0)
			all[out++] = all[i];
	d->ended.count = out;
}

static int
compare_changes(struct difference *d, struct err *e)
{
	size_t count = d->staging->objects.count;

	for (size_t i = 0; i < count; i++)
		if (compare_changed(d, (uint32_t)i, e) == -1)
			return -1;
	end_once(d);
	return 0;
}

/* ---- Members that no object answers to ---- */

static int
by_reference(const void *a, const void *b)
{
	const struct staged_dangling *one = a, *other = b;

	if (one->group != other->group)
		return one->group < other->group ? -1 : 1;
	if (one->form != other->form)
		return one->form < other->form ? -1 : 1;
	return strcmp(one->text, other->text);
}

/* Each once; of a removed and an added one, the added. */
static void
tidy_dangling(struct difference *d)
{
	struct staged_dangling *all = d->dangling.data;
	size_t out = 0;

	if (d->dangling.count > 1)
		qsort(all, d->dangling.count, sizeof(*all), by_reference);
	for (size_t i = 0; i < d->dangling.count; i++)
		if (out > 0 && by_reference(&all[out - 1], &all[i]) == 0)
			all[out - 1].removed =
			    all[out - 1].removed && all[i].removed;
		else
			all[out++] = all[i];
	d->dangling.count = out;
}

/* Who is missing from a group that was delivered whole is gone from it. */
static bool
is_judged(const struct difference *d, uint32_t group)
{
	unsigned flags = difference_object(d, group)->flags;

	if ((flags & OBJECT_GONE) != 0)
		return true;
	return (flags & OBJECT_PARTIAL) == 0 &&
	    (d->staging->sink.mode == SINK_FULL || (flags & OBJECT_ANEW) != 0);
}

static int
meet_stored_dangling(
    struct difference *d, const struct stored_dangling *row, struct err *e)
{
	struct staged_dangling wanted = { .text = row->member.member.text,
		.form = (uint8_t)row->member.member.form };
	struct staged_dangling *found;

	if (staging_find(d->staging, OBJECT_GROUP, row->member.group.text,
	        &wanted.group, e) == -1)
		return -1;
	if (wanted.group == REF_NONE)
		return 0;
	found = d->dangling.count == 0
	    ? NULL
	    : bsearch(&wanted, d->dangling.data, d->dangling.count,
	          sizeof(wanted), by_reference);
	if (found != NULL && !found->removed) {
		found->kept = true;
		return 0;
	}
	return d->ends && (found != NULL || is_judged(d, wanted.group))
	    ? difference_end_dangling(d, row, e)
	    : 0;
}

/* ---- All of it ---- */

/* Both come group by group, and in a group member by member. */
static void
count_lost(struct difference *d)
{
	struct ended_edge *all = d->ended.data;

	for (size_t i = 0; i < d->ended.count; i++) {
		if (i > 0 && all[i - 1].lost &&
		    all[i - 1].group == all[i].group &&
		    all[i - 1].member == all[i].member) {
			all[i - 1].lost = false; /* held in two ways */
			d->members_lost--;
		}
		if (all[i].lost)
			d->members_lost++;
	}
}

static void
count_new(struct difference *d)
{
	for (uint32_t i = 0; i < d->first[d->placed]; i++)
		if ((d->run[i].more & (EDGE_KEPT | EDGE_REMOVED)) == 0)
			d->members_new++;
	d->members_gone = (int64_t)d->ended.count;
	count_lost(d);
}

int
difference_find(struct difference **out, struct staging *s, const char *product,
    struct err *e)
{
	struct difference *d = calloc(1, sizeof(*d));

	*out = NULL;
	if (d == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	d->staging = s;
	d->ends = s->complete;
	d->follows = strcmp(product, "ad") == 0;
	if (staging_begin(s, e) == -1 || judge_objects(d, e) == -1 ||
	    difference_resolve(d, e) == -1 || place_edges(d, e) == -1)
		goto fail;
	tidy_dangling(d);
	if ((s->sink.mode == SINK_FULL ? compare_full(d, e)
	                               : compare_changes(d, e)) == -1 ||
	    difference_each_dangling(d, meet_stored_dangling, e) == -1)
		goto fail;
	count_new(d);
	*out = d;
	return 0;
fail:
	difference_free(&d);
	return -1;
}

void
difference_free(struct difference **out)
{
	struct difference *d = *out;
	struct ended_dangling *ended;

	if (d == NULL)
		return;
	ended = d->dangling_ended.data;
	for (size_t i = 0; i < d->dangling_ended.count; i++)
		free(ended[i].reference);
	free(d->first);
	free(d->run);
	free(d->ended.data);
	free(d->dangling.data);
	free(d->dangling_ended.data);
	free(d->unnamed.data);
	free(d);
	*out = NULL;
}
