/*
 * Proof that a remedy was done: nothing but a complete pull, newer than the
 * plan, that no longer shows the condition, by any path.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "review/graph.h"
#include "review/remedy.h"
#include "schema/denylist.h"
#include "schema/message.h"

#define DETAIL_MAX 4096u
#define PATHS_MAX  8u /* that are told */

/* One remedy, and what is to be said of it now. */
struct verdict {
	int64_t remedy, pull;
	char what[16]; /* "proven", "open", "back"; "": nothing can be said */
	char *detail;
	bool same; /* as was said last */
};

struct judging {
	struct store *store;
	const struct act_how *how;
	struct remedy_proof *proof;
	void (*tell)(void *, int64_t, const char *, const char *);
	void *context;
	struct verdict *verdicts;
	size_t count;
	struct err *e;
};

/* What stands in the row of "remedy_to_prove". */
struct remedy_row {
	int64_t id, account, right, at;
	char action[16], last[16];
	struct buf last_detail;
	int64_t pull;
	bool fresh; /* complete pulls after the plan, of all that it asks */
	bool there;
	enum tri enabled;
	char name[DENYLIST_NAME_MAX + 1], host[DENYLIST_HOST_MAX + 1];
};

/* ---- Paths ---- */

struct paths {
	struct judging *judging;
	int64_t right;
	size_t count;
	struct buf text;
};

static int
put_name(struct paths *p, int64_t object, struct err *e)
{
	struct statement *s = store_use(p->judging->store, "object_name", e);
	int found;

	bind_int(s, ":object", object);
	if ((found = store_step(s, e)) == 1)
		buf_put_string(&p->text, column_text(s, 0));
	store_done(s);
	return found == -1 ? -1 : 0;
}

/* Through each membership of its own that leads there. */
static int
add_path(void *context, const struct graph_holding *h, struct err *e)
{
	struct paths *p = context;

	if (h->right != p->right)
		return 0;
	p->count = h->ways;
	for (size_t i = 0; i < h->depth; i++) {
		if (i > 0)
			buf_put_string(&p->text, " > ");
		if (h->steps[i].how != EDGE_MEMBER &&
		    h->steps[i].how != EDGE_NAME)
			buf_printf(
			    &p->text, "(%s) ", edge_how_names[h->steps[i].how]);
		if (put_name(p, h->steps[i].group, e) == -1)
			return -1;
	}
	if (h->ways > 1)
		buf_printf(&p->text, _("; and %zu more ways"), h->ways - 1);
	return 0;
}

/* ---- Verdicts ---- */

static int
say(struct verdict *v, const char *what, const char *detail, struct err *e)
{
	(void)snprintf(v->what, sizeof(v->what), "%s", what);
	free(v->detail);
	v->detail = strdup(detail);
	return v->detail == NULL ? err_set(e, ERR_MEMORY, "out of memory") : 0;
}

/* 1: some later word or grant lets it be; 0; -1. what gets which. */
static int
is_let(struct judging *j, const struct remedy_row *r, const char *statement,
    struct buf *which)
{
	struct statement *s = store_use(j->store, statement, j->e);
	int found;

	bind_int(s, ":account", r->account);
	if (r->right != 0)
		bind_int(s, ":right", r->right);
	bind_int(s, ":at", r->at);
	if (strcmp(statement, "remedy_approved_anew") == 0)
		bind_int(s, ":now", j->how->now);
	if ((found = store_step(s, j->e)) == 1)
		for (int i = 0; i < column_count(s); i++)
			buf_printf(which, "%s%s", i == 0 ? "" : ", ",
			    column_text(s, i) == NULL ? "" : column_text(s, i));
	store_done(s);
	return found;
}

/* Still in effect: open, or back after it was proven. */
static int
still(struct judging *j, const struct remedy_row *r, const char *detail,
    struct verdict *v)
{
	bool was_gone =
	    strcmp(r->last, "proven") == 0 || strcmp(r->last, "back") == 0;
	struct buf which = buf_new(DETAIL_MAX);
	int let = 0, result;

	if (strcmp(r->last, "proven") == 0)
		let = is_let(j, r, "remedy_approved_anew", &which);
	if (let == 0)
		let = is_let(j, r, "remedy_kept", &which);
	if (let == 1)
		result = say(v, "proven",
		    was_gone && r->last_detail.length > 0
		        ? (const char *)r->last_detail.data
		        : buf_string(&which),
		    j->e);
	else
		result = let == -1
		    ? -1
		    : say(v, was_gone ? "back" : "open", detail, j->e);
	buf_free(&which);
	return result;
}

static int
gone(struct judging *j, const struct remedy_row *r, const char *detail,
    struct verdict *v)
{
	v->pull = r->pull;
	/* What was proven once keeps its proof. */
	if (strcmp(r->last, "proven") == 0)
		return say(
		    v, "proven", (const char *)r->last_detail.data, j->e);
	return say(v, "proven", detail, j->e);
}

static int
judge_right(struct judging *j, const struct remedy_row *r, struct verdict *v)
{
	struct paths p = {
		.judging = j, .right = r->right, .text = buf_new(DETAIL_MAX)
	};
	int result =
	    graph_rights(j->store, STORE_NOW, r->account, add_path, &p, j->e);

	if (result == 0 && p.count == 0)
		result = gone(j, r, _("no path leads there any more"), v);
	else if (result == 0)
		result = still(j, r, buf_string(&p.text), v);
	buf_free(&p.text);
	return result;
}

static int
judge_disable(struct judging *j, const struct remedy_row *r, struct verdict *v)
{
	if (!r->there)
		return gone(j, r, _("the account is gone"), v);
	if (r->enabled == TRI_NO)
		return gone(j, r, _("the account is disabled"), v);
	return still(j, r,
	    r->enabled == TRI_YES
	        ? _("the account is enabled")
	        : _("nothing tells whether the account is enabled"),
	    v);
}

static int
judge_delete(struct judging *j, const struct remedy_row *r, struct verdict *v)
{
	return r->there ? still(j, r, _("the account is there"), v)
	                : gone(j, r, _("the account is gone"), v);
}

/* What it should become nobody but its reviewer can tell. */
static int
judge_modify(struct judging *j, const struct remedy_row *r, struct verdict *v)
{
	struct buf which = buf_new(DETAIL_MAX);
	int result;

	if (r->right != 0 || !r->there) {
		result =
		    r->there ? judge_right(j, r, v) : judge_delete(j, r, v);
		goto out;
	}
	result = is_let(j, r, "remedy_kept", &which);
	if (result == 1)
		result = gone(j, r, buf_string(&which), v);
	else if (result == 0)
		result = say(v, "open",
		    _("done when a reviewer keeps it as it then is"), j->e);
out:
	buf_free(&which);
	return result;
}

/* A list that two persons approved names it; or it can't log in at all. */
static int
judge_deny(struct judging *j, const struct remedy_row *r, struct verdict *v)
{
	struct statement *s;
	struct denylist_entry entry = { .uid = -1, .expires = INT64_MAX };
	struct buf line = buf_new(2 * DENYLIST_LINE_MAX);
	char said[64] = "";
	int found;

	if (r->fresh && (!r->there || r->enabled == TRI_NO)) {
		buf_free(&line);
		return judge_disable(j, r, v);
	}
	s = store_use(j->store, "remedy_denied", j->e);
	(void)snprintf(entry.name, sizeof(entry.name), "%s", r->name);
	denylist_put_entry(&line, &entry);
	/* "* NAME ": behind the host and before the number. */
	if (line.length > 4) {
		char *name = (char *)line.data + 1;
		char *end = strchr(name + 2, ' ');

		if (end != NULL)
			end[1] = '\0';
		bind_text(s, ":name", name);
	}
	bind_text(s, ":host", r->host[0] == '\0' ? "*" : r->host);
	if ((found = store_step(s, j->e)) == 1)
		(void)snprintf(said, sizeof(said), _("deny list %lld"),
		    (long long)column_int(s, 0));
	store_done(s);
	buf_free(&line);
	if (found == -1)
		return -1;
	return found == 1 ? say(v, "proven", said, j->e)
	                  : say(v, "open", _("on no approved deny list"), j->e);
}

static int
judge(struct judging *j, const struct remedy_row *r, struct verdict *v)
{
	static const struct {
		const char *action;
		int (*judge)(struct judging *, const struct remedy_row *,
		    struct verdict *);
	} judges[] = {
		{ "disable", judge_disable },
		{ "remove-right", judge_right },
		{ "modify", judge_modify },
		{ "delete", judge_delete },
	};

	v->remedy = r->id;
	if (strcmp(r->action, "deny-login") == 0)
		return judge_deny(j, r, v);
	if (!r->fresh)
		return 0;
	for (size_t i = 0; i < sizeof(judges) / sizeof(judges[0]); i++)
		if (strcmp(judges[i].action, r->action) == 0)
			return judges[i].judge(j, r, v);
	return 0;
}

/* ---- All of them ---- */

static void
copy_text(struct statement *s, const char *column, char *out, size_t size)
{
	const char *text = column_text(s, column_of(s, column));

	(void)snprintf(out, size, "%s", text == NULL ? "" : text);
}

static int64_t
number(struct statement *s, const char *column)
{
	int at = column_of(s, column);

	return column_is_null(s, at) ? 0 : column_int(s, at);
}

static void
read_row(struct statement *s, struct remedy_row *r)
{
	int64_t enabled = column_fact(s, column_of(s, "enabled"));
	const char *detail = column_text(s, column_of(s, "detail"));

	r->id = number(s, "id");
	r->account = number(s, "account");
	r->right = number(s, "right");
	r->at = number(s, "at");
	r->pull = number(s, "pull");
	r->there = number(s, "there") != 0;
	r->enabled = enabled == FACT_UNKNOWN ? TRI_UNKNOWN
	    : enabled == 0                   ? TRI_NO
	                                     : TRI_YES;
	r->fresh = number(s, "complete") != 0 && number(s, "started") > r->at &&
	    (r->right == 0 ||
	        (number(s, "right_complete") != 0 &&
	            number(s, "right_started") > r->at));
	copy_text(s, "action", r->action, sizeof(r->action));
	copy_text(s, "what", r->last, sizeof(r->last));
	copy_text(s, "name", r->name, sizeof(r->name));
	copy_text(s, "host", r->host, sizeof(r->host));
	buf_clear(&r->last_detail);
	buf_put_string(&r->last_detail, detail == NULL ? "" : detail);
	(void)buf_string(&r->last_detail);
}

static int
keep_verdict(struct judging *j, const struct remedy_row *r, struct verdict *v)
{
	/* Grown at each power of two. */
	if ((j->count & (j->count - 1)) == 0) {
		size_t room = j->count == 0 ? 1 : 2 * j->count;
		struct verdict *wider =
		    realloc(j->verdicts, room * sizeof(*wider));

		if (wider == NULL)
			return err_set(j->e, ERR_MEMORY, "out of memory");
		j->verdicts = wider;
	}
	v->same = strcmp(v->what, r->last) == 0 &&
	    strcmp(v->detail == NULL ? "" : v->detail,
	        r->last_detail.data == NULL
	            ? ""
	            : (const char *)r->last_detail.data) == 0;
	j->verdicts[j->count++] = *v;
	v->detail = NULL;
	return 0;
}

static int
judge_all(struct judging *j)
{
	struct statement *s = store_use(j->store, "remedy_to_prove", j->e);
	struct remedy_row row = { .last_detail = buf_new(2 * DETAIL_MAX) };
	int more;

	while ((more = store_step(s, j->e)) == 1) {
		struct verdict v = { .remedy = 0 };

		read_row(s, &row);
		if (judge(j, &row, &v) == -1 ||
		    keep_verdict(j, &row, &v) == -1) {
			free(v.detail);
			more = -1;
			break;
		}
	}
	buf_free(&row.last_detail);
	return more;
}

static void
count_verdicts(struct judging *j)
{
	struct remedy_proof *p = j->proof;

	*p = (struct remedy_proof){ .proven = 0 };
	for (size_t i = 0; i < j->count; i++) {
		const struct verdict *v = &j->verdicts[i];
		bool proven = strcmp(v->what, "proven") == 0;

		if (v->what[0] == '\0')
			p->waiting++;
		else if (proven && v->same)
			p->still++;
		else if (proven)
			p->proven++;
		else if (strcmp(v->what, "back") == 0)
			p->back++;
		else
			p->open++;
		if (!proven && j->tell != NULL)
			j->tell(j->context, v->remedy, v->what,
			    v->detail == NULL ? "" : v->detail);
	}
}

static int
write_verdicts(struct judging *j, const struct act *act)
{
	for (size_t i = 0; i < j->count; i++) {
		const struct verdict *v = &j->verdicts[i];
		struct statement *s;

		if (v->same || v->what[0] == '\0')
			continue;
		s = store_use(j->store, "remedy_event_add", j->e);
		bind_int(s, ":act", act_number(act));
		bind_int(s, ":remedy", v->remedy);
		bind_text(s, ":what", v->what);
		if (v->pull != 0)
			bind_int(s, ":pull", v->pull);
		bind_text(s, ":detail", v->detail);
		if (store_run(s, j->e) == -1)
			return -1;
	}
	return 0;
}

static bool
any_new(const struct judging *j)
{
	for (size_t i = 0; i < j->count; i++)
		if (!j->verdicts[i].same && j->verdicts[i].what[0] != '\0')
			return true;
	return false;
}

int
remedy_verify(struct store *store, const struct act_how *how,
    struct remedy_proof *proof,
    void (*tell)(void *, int64_t, const char *, const char *), void *context,
    struct buf *receipt, struct err *e)
{
	struct act_how program = *how;
	struct judging j = { .store = store,
		.how = how,
		.proof = proof,
		.tell = tell,
		.context = context,
		.e = e };
	struct act *act = NULL;
	int result = -1;

	program.by_program = true;
	/* Judged within the act: nobody pulls in between. */
	if (act_begin(&act, store, "remedy-event", &program, e) == -1)
		return -1;
	if (judge_all(&j) == -1)
		goto out;
	count_verdicts(&j);
	if (!any_new(&j)) {
		result = 0;
		goto out;
	}
	if (write_verdicts(&j, act) == -1)
		goto out;
	result = act_commit(&act, receipt, e);
out:
	act_cancel(&act);
	for (size_t i = 0; i < j.count; i++)
		free(j.verdicts[i].detail);
	free(j.verdicts);
	return result;
}
