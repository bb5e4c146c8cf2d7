#include <stdio.h>
#include <stdlib.h>

#include "review/command_csv.h"
#include "review/csv.h"
#include "review/daily.h"
#include "review/pack_content.h"
#include "review/workday.h"
#include "schema/message.h"

#define PLACES      "review/sql/place.sql"
#define STEPS       "review/sql/pack_steps.sql"
#define DROPS       "review/sql/pack_drop.sql"
#define PLACES_DROP "review/sql/place_drop.sql"

/* ---- The limits ---- */

static int
limit(struct store *store, const char *what, const char *value, struct err *e)
{
	struct statement *s;

	if (value == NULL)
		return 0;
	s = store_use(store, "pack_scope_add", e);
	bind_text(s, ":what", what);
	bind_text(s, ":value", value);
	return store_run(s, e);
}

static int
put_limits(struct store *store, const struct pack_scope *scope, struct err *e)
{
	if (store_run(store_use(store, "pack_scope_make", e), e) == -1 ||
	    store_run(store_use(store, "pack_scope_clear", e), e) == -1 ||
	    limit(store, "system", scope->system, e) == -1 ||
	    limit(store, "person", scope->person, e) == -1 ||
	    limit(store, "rule", scope->rule, e) == -1)
		return -1;
	return limit(store, "campaign", scope->campaign, e);
}

/* ---- What the database does not know ---- */

/* Sources that review.conf names and that were never pulled are missing. */
static int
add_never(
    struct store *store, const struct review_config *config, struct err *e)
{
	for (size_t i = 0; i < config->source_count; i++) {
		const struct source_settings *source = &config->sources[i];
		struct statement *s;

		if (command_csv_is_section(source))
			continue;
		s = store_use(store, "pack_place_add", e);
		bind_text(s, ":name", source->name);
		bind_int(s, ":core", source->system_class == CLASS_CORE);
		if (store_run(s, e) == -1)
			return -1;
	}
	return 0;
}

static int
judge_limits(struct store *store, struct err *e)
{
	struct statement *s = store_use(store, "pack_scope_unknown", e);
	int more = store_step(s, e);

	if (more == 1)
		more = err_set(e, ERR_MISSING,
		    _("--%s %s: nothing is known of it, so that a pack of it "
		      "would have nothing"),
		    column_text(s, 0), column_text(s, 1));
	store_done(s);
	return more;
}

struct days {
	struct store *store;
	int64_t zone, first, last; /* the period's days that are over */
	int64_t *due;              /* of each, once it was asked for; else 0 */
};

static int
add_day(struct days *d, const char *source, int64_t day, struct err *e)
{
	int64_t *due = &d->due[day - d->first];
	struct statement *s;

	if (*due == 0 && workday_due(d->store, day, d->zone, due, e) == -1)
		return -1;
	s = store_use(d->store, "pack_missing_add", e);
	bind_int(s, ":day", day);
	bind_text(s, ":source", source);
	bind_int(s, ":due", *due);
	return store_run(s, e);
}

static int
add_days(void *context, const char *source, int64_t since, struct err *e)
{
	struct days *d = context;

	for (int64_t day = since > d->first ? since : d->first; day <= d->last;
	     day++)
		if (add_day(d, source, day, e) == -1)
			return -1;
	return 0;
}

/* Days on which a host or directory was known, and that have no record. */
static int
add_missing(struct store *store, const struct pack_scope *scope,
    const struct daily_options *options, struct err *e)
{
	struct daily *daily = NULL;
	struct days days = { .store = store };
	int64_t until = scope->to < options->now ? scope->to : options->now;
	int status = 0;

	if (daily_new(&daily, store, options, e) == -1)
		return -1;
	days.zone = daily_zone(daily);
	days.first = day_of(scope->from, days.zone);
	days.last = day_of(until, days.zone) - 1;
	if (days.last < days.first)
		goto out;
	days.due =
	    calloc((size_t)(days.last - days.first) + 1, sizeof(*days.due));
	if (days.due == NULL)
		status = err_set(e, ERR_MEMORY, "out of memory");
	else
		status = daily_sources(daily, add_days, &days, e);
out:
	free(days.due);
	daily_free(&daily);
	return status;
}

/* ---- The tables ---- */

struct newest { /* check */
	int64_t run;
	char profile[128];
};

static int
find_check(struct store *store, const struct review_config *config,
    struct newest *newest, struct err *e)
{
	struct statement *s = store_use(store, "pack_check", e);
	int more = store_step(s, e);

	newest->run = more == 1 ? column_int(s, 0) : 0;
	(void)snprintf(newest->profile, sizeof(newest->profile), "%s",
	    more == 1 ? column_text(s, 2) : config->profile);
	store_done(s);
	return more == -1 ? -1 : 0;
}

static int
make(struct view *view, struct store *store, const struct pack_scope *scope,
    const struct view_options *o, int64_t run, struct err *e)
{
	const struct daily_options daily = { .now = o->now,
		.config = o->config,
		.profile = o->profile,
		.looks = true };
	int64_t zone;

	if (csv_zone(o->config->time_zone, &zone, e) == -1)
		return err_in(e, "time_zone");
	view_set(view, ":run", run);
	view_set(view, ":from", scope->from);
	view_set(view, ":to", scope->to);
	view_set(view, ":zone", zone);
	if (put_limits(store, scope, e) == -1 ||
	    view_steps(view, PLACES, e) == -1 ||
	    view_steps(view, STEPS, e) == -1 ||
	    add_never(store, o->config, e) == -1 ||
	    judge_limits(store, e) == -1)
		return -1;
	return add_missing(store, scope, &daily, e);
}

int
pack_tables(struct view **out, struct store *store,
    const struct pack_scope *scope, const struct review_config *config,
    const struct rule_set *rules, int64_t now,
    const struct pack_progress *progress, struct err *e)
{
	struct newest newest;
	struct view_options options = { .config = config,
		.rules = rules,
		.profile = newest.profile,
		.now = now,
		.tables = true,
		.doing = _("gathering") };

	*out = NULL;
	if (progress != NULL) {
		options.progress = progress->tell;
		options.progress_context = progress->context;
	}
	if (scope->from >= scope->to)
		return err_set(
		    e, ERR_USAGE, _("the period ends before it begins"));
	if (find_check(store, config, &newest, e) == -1 ||
	    view_begin(out, store, &options, e) == -1)
		return -1;
	if (make(*out, store, scope, &options, newest.run, e) == 0)
		return 0;
	(void)view_end(out, false, e);
	return -1;
}

int
pack_tables_end(struct view **view, struct err *e)
{
	int status = view_steps(*view, DROPS, e) == -1 ||
	        view_steps(*view, PLACES_DROP, e) == -1
	    ? -1
	    : 0;

	if (view_end(view, status == 0, e) == -1)
		status = -1;
	return status;
}
