#include "review/remedy.h"

#include <stdlib.h>
#include <string.h>

#include "review/controls.h"

#define DAY      INT64_C(86400)
#define POOL_MAX (256u << 20) /* bytes of one plan's texts */

int
remedy_days(const char *profile, struct remedy_days *days, struct err *e)
{
	struct {
		const char *name;
		int64_t *value;
	} wanted[] = {
		{ "remedy_critical_days", &days->critical },
		{ "remedy_high_days", &days->high },
		{ "remedy_medium_days", &days->medium },
		{ "remedy_low_days", &days->low },
		{ "delete_after_days", &days->delete_after },
	};
	struct controls *controls = NULL;
	struct enforced enforced;
	const char *from;
	int result = -1;

	if (controls_load(&controls, e) == -1)
		return -1;
	if (controls_enforce(controls, profile, &enforced, e) == -1)
		goto out;
	for (size_t w = 0; w < sizeof(wanted) / sizeof(wanted[0]); w++)
		for (size_t i = 0; i < controls_threshold_count(controls); i++)
			if (strcmp(controls_threshold_at(controls, i)->name,
			        wanted[w].name) == 0)
				*wanted[w].value = (int64_t)controls_value(
				    controls, &enforced, i, &from);
	result = 0;
out:
	controls_free(&controls);
	return result;
}

/* ---- How things are in the store ---- */

static const char *
keep(struct pool *pool, struct statement *s, const char *column)
{
	int at = column_of(s, column);

	return column_is_null(s, at)
	    ? NULL
	    : pool_text(pool, column_text(s, at), column_length(s, at));
}

static int64_t
fact(struct statement *s, const char *column)
{
	return column_fact(s, column_of(s, column));
}

static enum tri
tri(struct statement *s, const char *column)
{
	int64_t value = fact(s, column);

	return value == FACT_UNKNOWN ? TRI_UNKNOWN
	    : value == 0             ? TRI_NO
	                             : TRI_YES;
}

static const char *
or_else(const char *text, const char *other)
{
	return text == NULL ? other : text;
}

int
remedy_subject_find(struct store *store, int64_t account, struct pool *pool,
    struct remedy_subject *out, struct err *e)
{
	struct statement *s = store_use(store, "remedy_account", e);
	int found;

	*out = (struct remedy_subject){ .control = FACT_UNKNOWN };
	bind_int(s, ":account", account);
	if ((found = store_step(s, e)) == 1) {
		out->source = keep(pool, s, "source");
		out->url = keep(pool, s, "url");
		out->product = keep(pool, s, "product");
		out->key = keep(pool, s, "key");
		out->name = or_else(keep(pool, s, "name"), out->key);
		out->dn = keep(pool, s, "dn");
		out->host = keep(pool, s, "host");
		out->kind = keep(pool, s, "kind");
		out->person = keep(pool, s, "person");
		out->control = fact(s, "control");
		out->expires = fact(s, "expires");
		out->uid = fact(s, "uid_number");
		out->enabled = tri(s, "enabled");
		out->password_locked = tri(s, "password_locked");
		out->there = fact(s, "until") == STORE_OPEN;
		out->locks = column_int(s, column_of(s, "locks")) != 0;
	}
	store_done(s);
	return found;
}

int
remedy_right_find(struct store *store, int64_t right, struct pool *pool,
    struct remedy_right *out, struct err *e)
{
	struct statement *s = store_use(store, "remedy_right", e);
	int found;

	*out = (struct remedy_right){ .name = NULL };
	bind_int(s, ":right", right);
	if ((found = store_step(s, e)) == 1) {
		out->name = keep(pool, s, "name");
		out->dn = keep(pool, s, "dn");
		out->host = keep(pool, s, "host");
		out->key = keep(pool, s, "key");
		out->kind = keep(pool, s, "kind");
		out->detail = keep(pool, s, "detail");
		out->there = fact(s, "until") == STORE_OPEN;
	}
	store_done(s);
	return found;
}

/* ---- What is to be done ---- */

struct gathering {
	struct store *store;
	const struct remedy_days *days;
	int64_t now;
	struct remedy_plan *plan;
	struct err *e;
};

static int64_t
days_of(const struct remedy_days *d, const char *severity)
{
	return strcmp(severity, "critical") == 0 ? d->critical
	    : strcmp(severity, "high") == 0      ? d->high
	    : strcmp(severity, "medium") == 0    ? d->medium
	                                         : d->low;
}

/* 1, 0, -1: it is planned already. */
static int
is_known(struct gathering *g, const struct remedy_task *t)
{
	struct statement *s = store_use(g->store, "remedy_known", g->e);
	int found;

	bind_int(s, ":account", t->account);
	if (t->right != 0)
		bind_int(s, ":right", t->right);
	bind_text(s, ":action", remedy_action_names[t->action]);
	bind_int(s, ":since", t->since);
	if (t->finding != 0)
		bind_int(s, ":finding", t->finding);
	found = store_step(s, g->e);
	store_done(s);
	return found;
}

/* 1: long enough disabled to be deleted; 0; -1. */
static int
may_be_deleted(struct gathering *g, int64_t account)
{
	struct statement *s =
	    store_use(g->store, "remedy_disabled_since", g->e);
	int found;

	bind_int(s, ":account", account);
	found = store_step(s, g->e);
	if (found == 1 &&
	    column_int(s, 0) + g->days->delete_after * DAY > g->now)
		found = 0;
	store_done(s);
	return found;
}

static int
add_task(struct gathering *g, const struct remedy_task *t)
{
	struct remedy_plan *p = g->plan;
	int known = is_known(g, t);

	if (known != 0) {
		p->known += known == 1;
		return known == 1 ? 0 : -1;
	}
	if (p->count == REMEDY_MAX)
		return err_set(g->e, ERR_LIMIT,
		    "more than %u remedies: plan one campaign at a time",
		    REMEDY_MAX);
	/* Grown at each power of two. */
	if ((p->count & (p->count - 1)) == 0) {
		size_t room = p->count == 0 ? 1 : 2 * p->count;
		struct remedy_task *wider =
		    realloc(p->tasks, room * sizeof(*wider));

		if (wider == NULL)
			return err_set(g->e, ERR_MEMORY, "out of memory");
		p->tasks = wider;
	}
	p->tasks[p->count++] = *t;
	return 0;
}

/* Login is denied first; a deletion comes long after it is disabled. */
static int
add_disable(struct gathering *g, struct remedy_task t, bool deleted)
{
	int may = 0;

	t.action = REMEDY_DENY_LOGIN;
	if (add_task(g, &t) == -1)
		return -1;
	t.action = REMEDY_DISABLE;
	if (add_task(g, &t) == -1)
		return -1;
	if (!deleted)
		return 0;
	if ((may = may_be_deleted(g, t.account)) == -1)
		return -1;
	if (may == 0) {
		g->plan->later++;
		return 0;
	}
	t.action = REMEDY_DELETE;
	return add_task(g, &t);
}

static int64_t
number(struct statement *s, const char *column)
{
	int at = column_of(s, column);

	return column_is_null(s, at) ? 0 : column_int(s, at);
}

/* Who is to do it: the right's owner, else the system's. */
static int
find_owner(struct gathering *g, struct remedy_task *t)
{
	struct statement *s;
	int found;

	t->owner = "";
	s = store_use(g->store, "remedy_account", g->e);
	bind_int(s, ":account", t->account);
	if ((found = store_step(s, g->e)) == 1)
		t->owner = or_else(keep(&g->plan->pool, s, "system_owner"), "");
	store_done(s);
	if (found == -1 || t->right == 0)
		return found == -1 ? -1 : 0;
	s = store_use(g->store, "remedy_right", g->e);
	bind_int(s, ":right", t->right);
	if ((found = store_step(s, g->e)) == 1)
		t->owner = or_else(
		    keep(&g->plan->pool, s, "registered_owner"), t->owner);
	store_done(s);
	return found == -1 ? -1 : 0;
}

static int
add_word(struct gathering *g, struct statement *s)
{
	struct pool *pool = &g->plan->pool;
	const char *decision = or_else(keep(pool, s, "decision"), "");
	struct remedy_task t = { .account = number(s, "account"),
		.right = number(s, "right"),
		.severity = or_else(keep(pool, s, "severity"), "medium"),
		.reason = or_else(keep(pool, s, "reason"), ""),
		.change = keep(pool, s, "change"),
		.since = number(s, "at"),
		.campaign = number(s, "campaign"),
		.item = number(s, "item"),
		.finding = number(s, "finding") };

	t.due = t.since + days_of(g->days, t.severity) * DAY;
	if (find_owner(g, &t) == -1)
		return -1;
	if (strcmp(decision, "disable") == 0 || strcmp(decision, "delete") == 0)
		return add_disable(g, t, strcmp(decision, "delete") == 0);
	t.action = strcmp(decision, "revoke") == 0 && t.right != 0
	    ? REMEDY_REMOVE_RIGHT
	    : REMEDY_MODIFY;
	return add_task(g, &t);
}

static int
gather_decisions(struct gathering *g, int64_t campaign)
{
	struct statement *s = store_use(g->store, "remedy_decisions", g->e);
	int more;

	if (campaign != 0)
		bind_int(s, ":campaign", campaign);
	while ((more = store_step(s, g->e)) == 1)
		if (add_word(g, s) == -1)
			return -1;
	return more;
}

static int
add_leaver(struct gathering *g, struct statement *s, size_t decided)
{
	struct remedy_task t = { .account = number(s, "account"),
		.action = REMEDY_DISABLE };

	/* A decision of this plan says so already. */
	for (size_t i = 0; i < decided; i++)
		if (g->plan->tasks[i].account == t.account &&
		    g->plan->tasks[i].action == REMEDY_DISABLE)
			return 0;
	return add_word(g, s);
}

static int
gather_findings(struct gathering *g)
{
	struct statement *s = store_use(g->store, "remedy_findings", g->e);
	size_t decided = g->plan->count;
	int more;

	while ((more = store_step(s, g->e)) == 1)
		if (add_leaver(g, s, decided) == -1)
			return -1;
	return more;
}

int
remedy_gather(struct store *store, int64_t campaign,
    const struct remedy_days *days, int64_t now, struct remedy_plan *plan,
    struct err *e)
{
	struct gathering g = { store, days, now, plan, e };

	*plan = (struct remedy_plan){ .pool = pool_new(POOL_MAX) };
	if (gather_decisions(&g, campaign) == -1 ||
	    (campaign == 0 && gather_findings(&g) == -1)) {
		remedy_plan_free(plan);
		return -1;
	}
	if (plan->pool.failed) {
		remedy_plan_free(plan);
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	return 0;
}

void
remedy_plan_free(struct remedy_plan *p)
{
	pool_free(&p->pool);
	free(p->tasks);
	p->tasks = NULL;
	p->count = 0;
}
