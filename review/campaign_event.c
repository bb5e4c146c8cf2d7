#include "review/campaign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/message.h"

#define DAY        86400
#define CAUSE_SIZE 128u

struct event {
	int64_t person;
	char employee[64];
	char cause[CAUSE_SIZE];
	char name[CAMPAIGN_NAME_MAX + 1];
};

struct events {
	struct event *rows;
	size_t count;
};

static int
read_event(struct statement *s, struct event *v, struct err *e)
{
	const char *employee = column_text(s, column_of(s, "employee"));
	const char *cause = column_text(s, column_of(s, "cause"));

	v->person = column_int(s, column_of(s, "person"));
	if (strlen(employee) >= sizeof(v->employee) ||
	    strlen(cause) > CAMPAIGN_NAME_MAX)
		return err_set(e, ERR_LIMIT, "%s", cause);
	(void)strcpy(v->employee, employee);
	(void)strcpy(v->cause, cause);
	(void)strcpy(v->name, cause);
	return 0;
}

static int
find_events(struct store *store, int64_t now, int64_t since,
    struct events *events, struct err *e)
{
	struct statement *s = store_use(store, "campaign_events", e);
	int more;

	bind_int(s, ":now", now);
	bind_int(s, ":since", since);
	while ((more = store_step(s, e)) == 1) {
		struct event *rows = realloc(
		    events->rows, (events->count + 1) * sizeof(*events->rows));

		if (rows == NULL)
			return err_set(e, ERR_MEMORY, "out of memory");
		events->rows = rows;
		if (read_event(s, &rows[events->count], e) == -1)
			return -1;
		events->count++;
	}
	return more;
}

/* What the newest campaign had, if nothing is said. */
static int
find_fallback(
    struct store *store, const char *given, char out[64], struct err *e)
{
	struct statement *s;
	int more;

	if (given != NULL) {
		(void)snprintf(out, 64, "%s", given);
		return 0;
	}
	s = store_use(store, "campaign_last_fallback", e);
	more = store_step(s, e);
	if (more == 1)
		(void)snprintf(out, 64, "%s", column_text(s, 0));
	store_done(s);
	return more == -1 ? -1 : 0;
}

struct opening {
	struct store *store;
	const struct review_config *config;
	const char *profile, *fallback;
	int64_t due;
};

/* Three acts: the first has begun, the last is not ended. */
static int
open_event(struct opening *o, struct act **act, struct view *view,
    const struct event *v, struct err *e)
{
	const struct campaign_scope scope = { true, "person", v->employee, "" };
	const struct campaign_new n = {
		.name = v->name,
		.type = "event",
		.due = o->due,
		.fallback = o->fallback,
		.cause = v->cause,
		.scope = &scope,
		.scope_count = 1,
	};
	int64_t id;

	view_set(view, ":only", v->person);
	if (campaign_open(*act, o->store, &n, &id, e) == -1 ||
	    act_next(act, "campaign-freeze", e) == -1 ||
	    campaign_freeze(*act, o->store, view, o->config, id, e) == -1 ||
	    act_next(act, "assign", e) == -1)
		return -1;
	return campaign_assign(
	    *act, o->store, o->profile, id, ASSIGN_NEW, NULL, 0, e);
}

static int
open_all(struct opening *o, struct act **act, const struct rule_set *rules,
    const struct events *events, struct err *e)
{
	struct view *view = NULL;
	int status = 0;

	if (campaign_view(
	        &view, *act, o->store, o->config, rules, NULL, NULL, e) == -1)
		return -1;
	for (size_t i = 0; i < events->count && status == 0; i++) {
		if (i > 0)
			status = act_next(act, "campaign-open", e);
		if (status == 0)
			status = open_event(o, act, view, &events->rows[i], e);
	}
	if (status == 0)
		return view_end(&view, true, e);
	(void)view_end(&view, false, e);
	return -1;
}

static int
open_events(struct opening *o, const struct rule_set *rules,
    const struct act_how *how, const struct events *events, struct err *e)
{
	struct act_how program = *how;
	struct act *act = NULL;

	program.by_program = true;
	if (events->count == 0)
		return 0;
	if (act_begin(&act, o->store, "campaign-open", &program, e) == -1)
		return -1;
	if (open_all(o, &act, rules, events, e) == -1 ||
	    act_commit(&act, NULL, e) == -1) {
		act_cancel(&act);
		return -1;
	}
	return 0;
}

int
campaign_events(struct store *store, const struct review_config *config,
    const struct rule_set *rules, const struct act_how *how,
    const char *fallback, int64_t *count, struct err *e)
{
	char fallback_copy[64] = "";
	struct opening o = { .store = store,
		.config = config,
		.profile = config->profile,
		.fallback = fallback_copy };
	struct events events = { .count = 0 };
	double past, due;
	int status = -1;

	*count = 0;
	if (view_threshold(config->profile, "review_event_days", &past, e) ==
	        -1 ||
	    view_threshold(config->profile, "mover_review_days", &due, e) ==
	        -1 ||
	    find_fallback(store, fallback, fallback_copy, e) == -1)
		return -1;
	o.due = how->now + (int64_t)(due * DAY);
	if (find_events(store, how->now, how->now - (int64_t)(past * DAY),
	        &events, e) == 0)
		status = open_events(&o, rules, how, &events, e);
	if (status == 0)
		*count = (int64_t)events.count;
	free(events.rows);
	return status;
}
