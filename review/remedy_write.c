/*
 * All of one remedy: the changes, compared with the directory, and what would
 * break by them.
 */
#include <stdlib.h>
#include <string.h>

#include "review/graph.h"
#include "review/remedy.h"
#include "schema/base/clock.h"
#include "schema/base/enc.h"
#include "schema/message.h"

#define DAY      INT64_C(86400)
#define POOL_MAX (16u << 20) /* bytes of the texts of one remedy */
#define LIST_MAX (1u << 16)
#define WAYS_MAX 256u /* memberships of an account's own that are looked at */

struct writing {
	struct store *store;
	const struct remedy_plan *plan;
	const struct remedy_task *task;
	struct remedy_look *look;
	int64_t now;
	struct remedy_text *text;
	struct pool pool;
	struct remedy_subject subject;
	struct err *e;
};

/* ---- What would break ---- */

/* The names a statement gives, in one line; false: none. */
static int
list_names(struct writing *w, const char *statement, struct buf *names)
{
	struct statement *s = store_use(w->store, statement, w->e);
	int more;

	bind_int(s, ":account", w->task->account);
	while ((more = store_step(s, w->e)) == 1)
		buf_printf(names, "%s%s", names->length == 0 ? "" : ", ",
		    column_text(s, 0));
	return more;
}

static int
note_names(struct writing *w, const char *statement, const char *format)
{
	struct buf names = buf_new(LIST_MAX);
	struct buf line = buf_new(2 * LIST_MAX);
	int result = list_names(w, statement, &names);

	if (result == 0 && names.length > 0) {
		buf_printf(&line, "%s: %s", format, buf_string(&names));
		remedy_note(w->text, "%s", buf_string(&line));
	}
	buf_free(&line);
	buf_free(&names);
	return result;
}

static int
note_person(struct writing *w)
{
	struct statement *s = store_use(w->store, "remedy_others", w->e);
	int found;

	bind_int(s, ":account", w->task->account);
	found = store_step(s, w->e);
	if (found == 1 && !column_is_null(s, 1) && column_int(s, 0) == 0)
		remedy_note(w->text,
		    _("the last enabled account of %s that is known"),
		    column_text(s, 1));
	store_done(s);
	return found == -1 ? -1 : 0;
}

static int
note_sessions(struct writing *w)
{
	struct statement *s = store_use(w->store, "remedy_sessions", w->e);
	int more;

	bind_int(s, ":account", w->task->account);
	bind_int(s, ":since", w->now - DAY);
	while ((more = store_step(s, w->e)) == 1) {
		struct buf when = buf_new(64);

		enc_time(&when, column_int(s, 2) * CLOCK_NS_PER_SECOND);
		remedy_note(w->text,
		    _("sessions may run: %s on %s, last seen %.19sZ"),
		    column_text(s, 1), column_text(s, 0), buf_string(&when));
		buf_free(&when);
	}
	return more;
}

static int
note_account(struct writing *w)
{
	if (w->subject.kind != NULL && strcmp(w->subject.kind, "user") != 0)
		remedy_note(w->text, _("it is an account of the kind %s"),
		    w->subject.kind);
	if (note_person(w) == -1 ||
	    note_names(w, "remedy_services", _("services that would stop")) ==
	        -1 ||
	    note_names(w, "remedy_owned", _("owned or managed by it")) == -1)
		return -1;
	return note_sessions(w);
}

/* How many of this plan leave that group too. */
static size_t
leaving(const struct writing *w, int64_t right)
{
	size_t count = 0;

	for (size_t i = 0; i < w->plan->count; i++)
		count += w->plan->tasks[i].action == REMEDY_REMOVE_RIGHT &&
		    w->plan->tasks[i].right == right;
	return count;
}

static int
note_group(struct writing *w, int64_t group, const char *name)
{
	struct statement *s = store_use(w->store, "remedy_members", w->e);
	int found;

	bind_int(s, ":right", group);
	found = store_step(s, w->e);
	if (found == 1 && column_int(s, 0) <= (int64_t)leaving(w, group))
		remedy_note(w->text,
		    _("%s would have no member left; some directories refuse "
		      "that"),
		    name);
	store_done(s);
	return found == -1 ? -1 : 0;
}

/* ---- Memberships ---- */

struct way {
	int64_t group;
	enum edge_how how;
};

struct reach {
	int64_t right;
	bool found;
};

static int
reaches(void *context, const struct graph_holding *holding, struct err *e)
{
	struct reach *r = context;

	(void)e;
	r->found = r->found || holding->right == r->right;
	return 0;
}

static int
own_ways(struct writing *w, struct way *ways, size_t *count)
{
	struct statement *s = store_use(w->store, "remedy_memberships", w->e);
	int more;

	*count = 0;
	bind_int(s, ":account", w->task->account);
	while ((more = store_step(s, w->e)) == 1 && *count < WAYS_MAX) {
		ways[*count].group = column_int(s, 0);
		ways[(*count)++].how = (enum edge_how)column_int(s, 1);
	}
	store_done(s);
	return more == -1 ? -1 : 0;
}

static const char *
name_of(const struct remedy_right *r)
{
	return r->name != NULL ? r->name : r->key != NULL ? r->key : "?";
}

static int
leave(struct writing *w, const struct way *way)
{
	struct remedy_right right;
	const char *attribute = NULL, *value = NULL, *why = NULL;
	bool named = way->how == EDGE_MEMBER || way->how == EDGE_NAME ||
	    way->how == EDGE_RULE || way->how == EDGE_FOREIGN;

	if (remedy_right_find(w->store, way->group, &w->pool, &right, w->e) ==
	    -1)
		return -1;
	if (w->look == NULL || !named ||
	    !remedy_look_member(w->look, &w->subject, &right, way->how,
	        &attribute, &value, &why))
		attribute = value = NULL;
	if (why != NULL)
		remedy_note(w->text, "%s", why);
	remedy_leave(w->text, &w->subject, &right, way->how, attribute, value);
	return note_group(w, way->group, name_of(&right));
}

/* Through another group: to leave it takes more away than was decided. */
static int
note_nested(struct writing *w, const struct way *way)
{
	struct remedy_right through, right;

	if (remedy_right_find(w->store, way->group, &w->pool, &through, w->e) ==
	        -1 ||
	    remedy_right_find(
	        w->store, w->task->right, &w->pool, &right, w->e) == -1)
		return -1;
	remedy_note(w->text,
	    _("also held through %s: either it leaves %s, which gives other "
	      "things too, or %s leaves %s; until then the right stays"),
	    name_of(&through), name_of(&through), name_of(&through),
	    name_of(&right));
	return 0;
}

static int
look_at_way(struct writing *w, const struct way *way, size_t *ways)
{
	struct reach reach = { .right = w->task->right };

	if (way->group == w->task->right) {
		(*ways)++;
		return leave(w, way);
	}
	if (graph_rights(
	        w->store, STORE_NOW, way->group, reaches, &reach, w->e) == -1)
		return -1;
	if (!reach.found)
		return 0;
	(*ways)++;
	return note_nested(w, way);
}

static int
write_removal(struct writing *w)
{
	struct way *ways = calloc(WAYS_MAX, sizeof(*ways));
	size_t count, relevant = 0;
	int result = -1;

	if (ways == NULL)
		return err_set(w->e, ERR_MEMORY, "out of memory");
	if (own_ways(w, ways, &count) == -1)
		goto out;
	for (size_t i = 0; i < count; i++)
		if (look_at_way(w, &ways[i], &relevant) == -1)
			goto out;
	if (relevant == 0)
		remedy_note(w->text, _("it does not hold the right any more"));
	else if (w->text->change.length == 0)
		buf_put_string(&w->text->change,
		    _("see the notes: no membership of its own gives the "
		      "right"));
	result = 0;
out:
	free(ways);
	return result;
}

/* ---- Accounts ---- */

static int
write_disable(struct writing *w)
{
	const struct entry *entry = NULL;
	const char *why = NULL;

	if (!w->subject.there) {
		remedy_note(w->text, _("the account is not there any more"));
		return 0;
	}
	if (w->look != NULL)
		entry = remedy_look_account(w->look, &w->subject, &why);
	if (why != NULL)
		remedy_note(w->text, "%s", why);
	remedy_disable(w->text, &w->subject, entry);
	return note_account(w);
}

static int
write_delete(struct writing *w)
{
	const char *why = NULL;

	if (!w->subject.there) {
		remedy_note(w->text, _("the account is not there any more"));
		return 0;
	}
	if (w->look != NULL &&
	    remedy_look_account(w->look, &w->subject, &why) == NULL &&
	    why != NULL)
		remedy_note(w->text, "%s", why);
	remedy_delete(w->text, &w->subject);
	return note_account(w);
}

static int
write_deny(struct writing *w)
{
	w->text->form = "denylist";
	buf_put_string(
	    &w->text->change, _("the next deny list: reeve denylist propose"));
	return note_sessions(w);
}

static int
write_modify(struct writing *w)
{
	const char *change = w->task->change;

	buf_put_string(&w->text->change,
	    change != NULL && *change != '\0' ? change : w->task->reason);
	return 0;
}

int
remedy_write(struct store *store, const struct remedy_plan *plan,
    const struct remedy_task *task, struct remedy_look *look, int64_t now,
    struct remedy_text *text, struct err *e)
{
	static int (*const write[REMEDY_ACTIONS])(struct writing *) = {
		[REMEDY_DENY_LOGIN] = write_deny,
		[REMEDY_DISABLE] = write_disable,
		[REMEDY_REMOVE_RIGHT] = write_removal,
		[REMEDY_MODIFY] = write_modify,
		[REMEDY_DELETE] = write_delete,
	};
	struct writing w = { .store = store,
		.plan = plan,
		.task = task,
		.look = look,
		.now = now,
		.text = text,
		.pool = pool_new(POOL_MAX),
		.e = e };
	int result = -1;

	if (remedy_subject_find(store, task->account, &w.pool, &w.subject, e) ==
	    1)
		result = write[task->action](&w);
	else if (e->code == ERR_NONE)
		err_set(e, ERR_MISSING, "object %lld is no account",
		    (long long)task->account);
	if (result == 0 && w.pool.failed)
		result = err_set(e, ERR_MEMORY, "out of memory");
	pool_free(&w.pool);
	return result;
}
