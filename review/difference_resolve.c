/*
 * Whom references mean, where not all objects were delivered: those in the
 * store, and of a name that changed hands, who has it now.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "review/difference_internal.h"

static int
domain_sid(struct staging *s, char *domain, size_t size, struct err *e)
{
	struct statement *st;
	int more;

	(void)snprintf(domain, size, "%s", s->domain.sid);
	if (domain[0] != '\0')
		return 0;
	st = store_use(s->store, "stored_domain_sid", e);
	bind_int(st, ":source", s->source);
	more = store_step(st, e);
	if (more == 1) {
		(void)snprintf(domain, size, "%s", column_text(st, 0));
		if (strrchr(domain, '-') != NULL)
			*strrchr(domain, '-') = '\0';
	}
	store_done(st);
	return more == -1 ? -1 : 0;
}

struct rid {
	uint32_t slot, sid_slot;
};

/* A RID that nobody bears is asked for as a SID of the domain. */
static int
ask_rids(struct staging *s, struct array *rids, struct err *e)
{
	uint32_t count = refindex_count(s->index);
	char domain[SID_ROOM], sid[SID_ROOM + 24];
	struct reference ref;

	domain[0] = '\0';
	for (uint32_t i = 0; i < count; i++) {
		struct rid rid = { i, REF_NONE };
		uint32_t state = 0;

		if (refindex_next(s->index, i, &state) != REF_NONE ||
		    !refindex_reference(s->index, i, &ref) ||
		    ref.form != REF_RID)
			continue;
		if (domain[0] == '\0' &&
		    domain_sid(s, domain, sizeof(domain), e) == -1)
			return -1;
		if (domain[0] == '\0')
			return 0;
		(void)snprintf(sid, sizeof(sid), "%s-%.20s", domain, ref.text);
		ref = (struct reference){ .form = REF_SID, .text = sid };
		if (refindex_slot(s->index, &ref, &rid.sid_slot, e) == -1 ||
		    array_reserve(rids, sizeof(rid), e) == -1)
			return -1;
		((struct rid *)rids->data)[rids->count++] = rid;
	}
	return 0;
}

static void
read_dangling(struct statement *st, struct stored_dangling *row)
{
	enum reference_form form = (enum reference_form)column_int(st, 1);
	bool local = form == REF_NAME || form == REF_GROUP_NAME ||
	    form == REF_UID || form == REF_GID;

	*row = (struct stored_dangling){
		.member = { .group = { REF_KEY, column_text(st, 5), NULL },
		    .member = { form, column_text(st, 2),
		        local ? column_text(st, 6) : NULL },
		    .how = (enum edge_how)column_int(st, 4),
		    .acquired = FACT_UNKNOWN },
		.group = column_int(st, 0),
		.since = column_int(st, 3)
	};
}

int
difference_end_dangling(
    struct difference *d, const struct stored_dangling *row, struct err *e)
{
	struct ended_dangling ended = { .group = row->group,
		.since = row->since,
		.form = (uint8_t)row->member.member.form };

	if (array_reserve(&d->dangling_ended, sizeof(ended), e) == -1)
		return -1;
	if ((ended.reference = strdup(row->member.member.text)) == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	((struct ended_dangling *)
	        d->dangling_ended.data)[d->dangling_ended.count++] = ended;
	return 0;
}

/* Of a group whose members are not all delivered: who was missing is here. */
static int
answer_dangling(
    struct difference *d, const struct stored_dangling *row, struct err *e)
{
	struct staging *s = d->staging;
	uint32_t slot, group, state = 0;

	if (staging_find(s, OBJECT_GROUP, row->member.group.text, &group, e) ==
	        -1 ||
	    refindex_find(s->index, &row->member.member, &slot, e) == -1)
		return -1;
	if (group == REF_NONE || slot == REF_NONE ||
	    (difference_object(d, group)->flags &
	        (OBJECT_ANEW | OBJECT_GONE)) != 0 ||
	    refindex_next(s->index, slot, &state) == REF_NONE)
		return 0;
	return s->sink.member(&s->sink, &row->member, e) == -1
	    ? -1
	    : difference_end_dangling(d, row, e);
}

int
difference_each_dangling(
    struct difference *d, meet_dangling *meet, struct err *e)
{
	struct statement *st =
	    store_use(d->staging->store, "stored_dangling", e);
	struct stored_dangling row;
	int more;

	bind_int(st, ":source", d->staging->source);
	while ((more = store_step(st, e)) == 1) {
		read_dangling(st, &row);
		if (meet(d, &row, e) == -1) {
			more = -1;
			break;
		}
	}
	store_done(st);
	return more;
}

/* A group that is new or has changed, where not all accounts come. */
static bool
has_new_group(struct difference *d)
{
	const unsigned wanted = OBJECT_DELIVERED | OBJECT_CHANGED;

	for (size_t i = 0; i < d->staging->objects.count; i++) {
		const struct object *o = difference_object(d, (uint32_t)i);

		if (o->kind == OBJECT_GROUP && (o->flags & wanted) == wanted)
			return true;
	}
	return false;
}

/* The account was not delivered: if its primary group was, it is in it. */
static int
ask_primary(struct difference *d, struct statement *row, const char *domain,
    struct err *e)
{
	struct staging *s = d->staging;
	char text[SID_ROOM + 24];
	struct member m = { .group = { REF_GID, text, NULL },
		.member = { REF_KEY, column_text(row, 0), NULL },
		.how = EDGE_PRIMARY,
		.acquired = FACT_UNKNOWN };
	uint32_t slot, group, account, state = 0;

	if (column_is_null(row, 2))
		(void)snprintf(
		    text, sizeof(text), "%lld", (long long)column_int(row, 1));
	else {
		m.group.form = REF_SID;
		(void)snprintf(text, sizeof(text), "%s-%lld", domain,
		    (long long)column_int(row, 2));
	}
	if (refindex_find(s->index, &m.group, &slot, e) == -1)
		return -1;
	if (slot == REF_NONE)
		return 0;
	while ((group = refindex_next(s->index, slot, &state)) != REF_NONE)
		if ((difference_object(d, group)->flags & OBJECT_CHANGED) != 0)
			break;
	if (group == REF_NONE)
		return 0;
	if (staging_find(s, OBJECT_ACCOUNT, m.member.text, &account, e) == -1)
		return -1;
	return account == REF_NONE ||
	        (difference_object(d, account)->flags &
	            (OBJECT_DELIVERED | OBJECT_GONE)) != 0
	    ? 0
	    : s->sink.member(&s->sink, &m, e);
}

static int
ask_primaries(struct difference *d, struct err *e)
{
	struct statement *st;
	char domain[SID_ROOM];
	int more;

	if (!has_new_group(d))
		return 0;
	if (domain_sid(d->staging, domain, sizeof(domain), e) == -1)
		return -1;
	st = store_use(d->staging->store, "stored_primaries", e);
	bind_int(st, ":source", d->staging->source);
	while ((more = store_step(st, e)) == 1)
		if (ask_primary(d, st, domain, e) == -1) {
			more = -1;
			break;
		}
	store_done(st);
	return more;
}

/* Another object, delivered, bears that name now. */
static int
is_taken(struct difference *d, uint32_t place, enum reference_form form,
    const char *text, const char *host, bool *taken, struct err *e)
{
	struct reference ref = { form, text, host };
	uint32_t slot, other, state = 0;

	*taken = false;
	if (text == NULL || text[0] == '\0')
		return 0;
	if (refindex_find(d->staging->index, &ref, &slot, e) == -1)
		return -1;
	while (slot != REF_NONE && !*taken &&
	    (other = refindex_next(d->staging->index, slot, &state)) !=
	        REF_NONE)
		*taken = other != place &&
		    (difference_object(d, other)->flags & OBJECT_DELIVERED) !=
		        0;
	return 0;
}

/* Of one membership: who has the name now is asked into the group. */
static int
ask_heir(struct difference *d, uint32_t place, struct statement *edge,
    const struct reference *dn, const struct reference *name, struct err *e)
{
	struct staging *s = d->staging;
	unsigned flags = difference_object(d, place)->flags;
	struct member m = { .group = { REF_KEY, column_text(edge, 5), NULL },
		.how = (enum edge_how)column_int(edge, 2),
		.acquired = FACT_UNKNOWN };
	uint32_t group;

	if (m.how == EDGE_MEMBER && (flags & OBJECT_DN_TAKEN) != 0)
		m.member = *dn;
	else if (m.how == EDGE_NAME && (flags & OBJECT_NAME_TAKEN) != 0)
		m.member = *name;
	else
		return 0;
	if (staging_find(s, OBJECT_GROUP, m.group.text, &group, e) == -1)
		return -1;
	return group == REF_NONE ||
	        (difference_object(d, group)->flags &
	            (OBJECT_ANEW | OBJECT_GONE)) != 0
	    ? 0
	    : s->sink.member(&s->sink, &m, e);
}

static int
ask_heirs_of(struct difference *d, uint32_t place, struct err *e)
{
	struct object *o = difference_object(d, place);
	enum reference_form form =
	    o->kind == OBJECT_ACCOUNT ? REF_NAME : REF_GROUP_NAME;
	struct statement *st = store_use(d->staging->store, "stored_name", e);
	struct statement *edges;
	struct reference dn, name;
	bool dn_taken = false, name_taken = false;
	int more;

	bind_int(st, ":object", o->id);
	if ((more = store_step(st, e)) != 1)
		return more;
	/* These texts stay until the statement is done with. */
	dn = (struct reference){ REF_DN, column_text(st, 0), NULL };
	name = (struct reference){ form, column_text(st, 1), NULL };
	if (is_taken(d, place, REF_DN, dn.text, NULL, &dn_taken, e) == -1 ||
	    is_taken(d, place, form, name.text, NULL, &name_taken, e) == -1)
		return -1;
	if (dn_taken)
		o->flags |= OBJECT_DN_TAKEN;
	if (name_taken)
		o->flags |= OBJECT_NAME_TAKEN;
	edges = store_use(d->staging->store, "edges_of_member", e);
	bind_int(edges, ":object", o->id);
	while ((dn_taken || name_taken) && more == 1 &&
	    (more = store_step(edges, e)) == 1)
		if (ask_heir(d, place, edges, &dn, &name, e) == -1)
			more = -1;
	store_done(edges);
	store_done(st);
	return more == -1 ? -1 : 0;
}

/*
 * Groups that do not follow keep the name of who was renamed or is gone: if
 * another has it now, that one is their member.
 */
static int
ask_heirs(struct difference *d, struct err *e)
{
	const unsigned left = OBJECT_GONE | OBJECT_RENAMED | OBJECT_MOVED;

	for (size_t i = 0;
	     !d->follows && d->ends && i < d->staging->objects.count; i++) {
		unsigned flags = difference_object(d, (uint32_t)i)->flags;

		if ((flags & OBJECT_CURRENT) != 0 && (flags & left) != 0 &&
		    ask_heirs_of(d, (uint32_t)i, e) == -1)
			return -1;
	}
	return 0;
}

int
difference_resolve(struct difference *d, struct err *e)
{
	struct staging *s = d->staging;
	struct array rids = { .data = NULL };
	bool changes = s->sink.mode != SINK_FULL;
	int result = -1;

	if ((changes &&
	        (difference_each_dangling(d, answer_dangling, e) == -1 ||
	            ask_primaries(d, e) == -1 || ask_heirs(d, e) == -1)) ||
	    ask_rids(s, &rids, e) == -1 ||
	    ((changes || !d->ends) && staging_resolve_stored(s, e) == -1))
		goto out;
	for (size_t i = 0; i < rids.count; i++) {
		const struct rid *rid = (const struct rid *)rids.data + i;

		if (refindex_copy(s->index, rid->slot, rid->sid_slot, e) == -1)
			goto out;
	}
	result = 0;
out:
	free(rids.data);
	return result;
}
