#include "review/daily_internal.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "review/csv.h"
#include "review/purge.h"
#include "review/rule_view.h"
#include "schema/message.h"

#define ACCOUNTS    "review/sql/daily_account.sql"
#define PART        900 /* s: a day begins with a part of one; use_part.h */
#define MINUTE      60
#define HOUR        3600
#define SOURCES_MAX 100000u

/* ---- Beginning ---- */

/* "07:00": s of the day. */
static const char *
read_clock(const char *text, int64_t *at)
{
	int hour, minute;

	for (size_t i = 0; i < 5; i++)
		if (i == 2 ? text[i] != ':' : text[i] < '0' || text[i] > '9')
			return NULL;
	hour = (text[0] - '0') * 10 + text[1] - '0';
	minute = (text[3] - '0') * 10 + text[4] - '0';
	*at = hour * HOUR + minute * MINUTE;
	return minute < 60 && *at <= DAY_SECONDS_ ? text + 5 : NULL;
}

static int
read_hours(struct daily *d, struct err *e)
{
	const char *text = d->options.config->working_hours, *rest;

	d->opens = d->closes = -1;
	if (text[0] == '\0')
		return 0;
	rest = read_clock(text, &d->opens);
	if (rest != NULL && *rest == '-')
		rest = read_clock(rest + 1, &d->closes);
	if (rest == NULL || *rest != '\0' || d->closes <= d->opens ||
	    d->opens % PART != 0 || d->closes % PART != 0)
		return err_set(e, ERR_CONFIG,
		    "working_hours %s: not like 07:00-20:00, in quarters of "
		    "an hour",
		    text);
	return 0;
}

static int
read_trusted(struct daily *d, struct err *e)
{
	const struct conf_list *list = &d->options.config->trusted_networks;
	const char *word = NULL;

	while ((word = conf_list_next(list, word)) != NULL) {
		struct network *more = reallocarray(
		    d->trusted, d->trusted_count + 1, sizeof(*more));

		if (more == NULL)
			return err_set(e, ERR_MEMORY, "out of memory");
		d->trusted = more;
		if (!network_read(word, strlen(word), &more[d->trusted_count]))
			return err_set(e, ERR_CONFIG,
			    "trusted_networks: %s is no network", word);
		d->trusted_count++;
	}
	return 0;
}

static int
read_limits(struct daily *d, struct err *e)
{
	struct daily_limits *l = &d->limits;
	const struct {
		const char *name;
		int64_t *to;
		int64_t unit;
	} wanted[] = {
		{ "spray_accounts", &l->spray, 1 },
		{ "stuffing_unknown", &l->stuffing, 1 },
		{ "bruteforce_failures", &l->bruteforce, 1 },
		{ "attempt_minutes", &l->window, MINUTE },
		{ "source_lookback_days", &l->lookback, 1 },
		{ "idle_flag_days", &l->idle, 1 },
		{ "trail_gap_hours", &l->gap, HOUR },
	};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		double value;

		if (view_threshold(
		        d->options.profile, wanted[i].name, &value, e) == -1)
			return -1;
		*wanted[i].to = (int64_t)value * wanted[i].unit;
	}
	return 0;
}

/* Accounts as they are now, in a transaction of their own. */
static int
look_at_accounts(struct daily *d, struct err *e)
{
	const struct view_options o = { .config = d->options.config,
		.profile = d->options.profile,
		.now = d->options.now,
		.tables = true,
		.progress = d->options.progress,
		.progress_context = d->options.progress_context };
	struct view *view = NULL;
	int status = -1;

	if (store_begin(d->store, e) == -1)
		return -1;
	if (view_begin(&view, d->store, &o, e) == 0) {
		status = view_steps(view, ACCOUNTS, e);
		if (view_end(&view, status == 0, e) == -1)
			status = -1;
	}
	if (status == 0)
		return store_commit(d->store, e);
	store_rollback(d->store);
	return -1;
}

int
daily_new(struct daily **out, struct store *store,
    const struct daily_options *options, struct err *e)
{
	struct daily *d = calloc(1, sizeof(*d));

	*out = d;
	if (d == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	d->store = store;
	d->options = *options;
	if (csv_zone(options->config->time_zone, &d->zone, e) == -1) {
		(void)err_in(e, "time_zone");
		goto fail;
	}
	if (d->zone % PART != 0) {
		err_set(e, ERR_CONFIG, "time_zone %s: not a quarter of an hour",
		    options->config->time_zone);
		goto fail;
	}
	if (read_hours(d, e) == 0 && read_trusted(d, e) == 0 &&
	    read_limits(d, e) == 0 && listed_load(&d->listed, store, e) == 0 &&
	    (options->looks || look_at_accounts(d, e) == 0))
		return 0;
fail:
	daily_free(out);
	return -1;
}

void
daily_free(struct daily **d)
{
	if (*d == NULL)
		return;
	daily_bursts_forget(&(*d)->bursts);
	listed_free(&(*d)->listed);
	free((*d)->trusted);
	free(*d);
	*d = NULL;
}

int64_t
daily_zone(const struct daily *d)
{
	return d->zone;
}

/* ---- What is to have records ---- */

struct source {
	char *name;
	int64_t since; /* its first day */
};

struct sources {
	struct source *items;
	size_t count;
};

static bool
is_out_of_scope(const struct daily *d, const char *source)
{
	const struct conf_list *list = &d->options.config->daily_not;
	const char *word = NULL;

	while ((word = conf_list_next(list, word)) != NULL)
		if (fnmatch(word, source, FNM_CASEFOLD) == 0)
			return true;
	return false;
}

static void
free_sources(struct sources *all)
{
	for (size_t i = 0; i < all->count; i++)
		free(all->items[i].name);
	free(all->items);
	*all = (struct sources){ .count = 0 };
}

static int
add_source(struct sources *all, const char *name, int64_t since, struct err *e)
{
	struct source *more;

	if (all->count == SOURCES_MAX)
		return err_set(e, ERR_LIMIT, "over %u hosts", SOURCES_MAX);
	more = reallocarray(all->items, all->count + 1, sizeof(*more));
	if (more == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	all->items = more;
	more[all->count] =
	    (struct source){ .name = strdup(name), .since = since };
	if (more[all->count].name == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	all->count++;
	return 0;
}

static int
load_sources(struct daily *d, struct sources *all, struct err *e)
{
	struct statement *s = store_use(d->store, "daily_sources", e);
	int more;

	*all = (struct sources){ .count = 0 };
	while ((more = store_step(s, e)) == 1) {
		const char *name = column_text(s, 0);

		if (!is_out_of_scope(d, name) &&
		    add_source(all, name, day_of(column_int(s, 1), d->zone),
		        e) == -1) {
			more = -1;
			break;
		}
	}
	store_done(s);
	if (more == -1)
		free_sources(all);
	return more;
}

int
daily_sources(struct daily *d,
    int (*give)(void *, const char *, int64_t, struct err *), void *context,
    struct err *e)
{
	struct sources all;
	int result = load_sources(d, &all, e);

	for (size_t i = 0; result == 0 && i < all.count; i++)
		result =
		    give(context, all.items[i].name, all.items[i].since, e);
	free_sources(&all);
	return result;
}

/* ---- Writing records ---- */

struct run {
	struct daily *daily;
	struct act *act; /* begun with the first record that is new */
	const struct act_how *how;
	void (*made)(void *, const struct daily_record *);
	void *context;
	int64_t count;
};

struct newest {
	int64_t version; /* 0: none */
	int64_t due, import;
};

static int
find_newest(struct daily *d, int64_t day, const char *source, struct newest *n,
    struct err *e)
{
	struct statement *s = store_use(d->store, "daily_newest", e);
	int there;

	*n = (struct newest){ .version = 0 };
	bind_int(s, ":day", day);
	bind_text(s, ":source", source);
	if ((there = store_step(s, e)) == 1) {
		n->version = column_int(s, 0);
		n->due = column_int(s, 3);
		n->import = column_int(s, 4);
	}
	store_done(s);
	return there == -1 ? -1 : 0;
}

static int
newest_import(struct daily *d, int64_t day, const char *source, int64_t *import,
    struct err *e)
{
	struct statement *s = store_use(d->store, "daily_import", e);
	int there;

	bind_text(s, ":host", source);
	bind_int(s, ":from", day_start(day, d->zone) - d->limits.gap);
	bind_int(s, ":to", day_start(day + 1, d->zone) + d->limits.gap);
	if ((there = store_step(s, e)) == 1)
		*import = column_int(s, 0);
	store_done(s);
	return there == 1 ? 0 : -1;
}

/* Whether the newest version says it already: 1, 0, -1. */
static int
is_same(struct daily *d, struct daily_record *r, struct err *e)
{
	struct statement *s = store_use(d->store, "daily_same", e);
	int there;

	bind_int(s, ":day", r->day);
	bind_text(s, ":source", r->source);
	bind_text(s, ":state", r->state);
	bind_text(s, ":reason", r->reason);
	bind_text(s, ":facts", buf_string(&r->facts));
	there = store_step(s, e);
	store_done(s);
	return there;
}

/*
 * What was examined in time and then became known to be more is due on the
 * next working day after that. What was late or never signed stays due when it
 * was: nothing that comes later makes it punctual.
 */
static int
set_due(struct run *run, struct daily_record *r, const struct newest *n,
    struct err *e)
{
	struct daily *d = run->daily;
	struct statement *s;
	int there;

	if (n->version == 0)
		return 0;
	s = store_use(d->store, "daily_signed_in_time", e);
	bind_int(s, ":day", r->day);
	bind_text(s, ":source", r->source);
	there = store_step(s, e);
	store_done(s);
	if (there == 1)
		return workday_due(d->store, day_of(act_at(run->act), d->zone),
		    d->zone, &r->due, e);
	r->due = n->due;
	return there;
}

static int
write_record(struct run *run, struct daily_record *r, struct err *e)
{
	struct daily *d = run->daily;
	struct newest n;
	struct statement *s;

	if (run->act == NULL &&
	    act_begin(&run->act, d->store, "daily", run->how, e) == -1)
		return -1;
	/* Others may have written since it was looked at. */
	if (find_newest(d, r->day, r->source, &n, e) == -1 ||
	    set_due(run, r, &n, e) == -1)
		return -1;
	r->version = n.version + 1;
	s = store_use(d->store, "daily_add", e);
	bind_int(s, ":act", act_number(run->act));
	bind_int(s, ":day", r->day);
	bind_text(s, ":source", r->source);
	bind_int(s, ":version", r->version);
	bind_text(s, ":state", r->state);
	bind_text(s, ":reason", r->reason);
	bind_int(s, ":due", r->due);
	bind_text(s, ":facts", buf_string(&r->facts));
	if (store_run(s, e) == -1)
		return -1;
	run->count++;
	if (run->made != NULL)
		run->made(run->context, r);
	return 0;
}

/* Only what has no record yet, or what an import since tells more of. */
static int
run_one(struct run *run, int64_t day, const char *source, struct err *e)
{
	struct daily *d = run->daily;
	struct daily_record r;
	struct newest n;
	int64_t import = 0;
	int same = 0, result = -1;

	if (find_newest(d, day, source, &n, e) == -1 ||
	    newest_import(d, day, source, &import, e) == -1)
		return -1;
	if (n.version > 0 && import <= n.import)
		return 0;
	if (daily_examine(d, day, source, &r, NULL, NULL, e) == -1)
		return -1;
	if (n.version > 0)
		same = is_same(d, &r, e);
	if (same != -1)
		result = same == 1 ? 0 : write_record(run, &r, e);
	daily_record_clear(&r);
	return result;
}

static int
run_days(struct run *run, const struct sources *all, int64_t first,
    int64_t last, const char *source, struct err *e)
{
	const struct daily_options *o = &run->daily->options;

	for (int64_t day = first; day <= last; day++) {
		if (o->progress != NULL)
			o->progress(o->progress_context, _("days"), day - first,
			    last - first + 1);
		for (size_t i = 0; i < all->count; i++)
			if (all->items[i].since <= day &&
			    (source == NULL ||
			        strcmp(all->items[i].name, source) == 0) &&
			    run_one(run, day, all->items[i].name, e) == -1)
				return -1;
	}
	return 0;
}

static bool
has_source(const struct sources *all, const char *source)
{
	for (size_t i = 0; i < all->count; i++)
		if (strcmp(all->items[i].name, source) == 0)
			return true;
	return false;
}

/* Of a day whose logins were erased a record would say that nothing was. */
static int
judge_purged(struct daily *d, int64_t first, struct err *e)
{
	char day[DAY_TEXT];
	int64_t before;

	if (purge_last(d->store, "logins", &before, e) == -1)
		return -1;
	if (before != FACT_UNKNOWN && day_start(first, d->zone) < before)
		return err_set(e, ERR_USAGE,
		    _("logins before %s were erased when their period had "
		      "passed: later days only"),
		    day_text(day_of(before - 1, d->zone) + 1, day));
	return 0;
}

int
daily_run(struct daily *d, int64_t first, int64_t last, const char *source,
    const struct act_how *how,
    void (*made)(void *, const struct daily_record *), void *context,
    int64_t *count, struct err *e)
{
	struct run run = {
		.daily = d, .how = how, .made = made, .context = context
	};
	int64_t yesterday = day_of(d->options.now, d->zone) - 1;
	struct sources all;
	int result;

	*count = 0;
	if (judge_purged(d, first, e) == -1 || load_sources(d, &all, e) == -1)
		return -1;
	if (last > yesterday)
		last = yesterday;
	if (source != NULL && !has_source(&all, source))
		result = err_set(e, ERR_USAGE,
		    _("%s: no such host or core directory is known"), source);
	else
		result = run_days(&run, &all, first, last, source, e);
	free_sources(&all);
	if (run.act != NULL && result == 0)
		result = act_commit(&run.act, NULL, e);
	act_cancel(&run.act);
	*count = result == 0 ? run.count : 0;
	return result;
}

int
daily_begin(struct daily *d, int64_t *first, struct err *e)
{
	int64_t yesterday = day_of(d->options.now, d->zone) - 1;
	struct sources all;

	if (load_sources(d, &all, e) == -1)
		return -1;
	*first = yesterday;
	for (size_t i = 0; i < all.count; i++)
		if (all.items[i].since < *first)
			*first = all.items[i].since;
	if (*first < yesterday - DAILY_DAYS_MAX + 1)
		*first = yesterday - DAILY_DAYS_MAX + 1;
	free_sources(&all);
	return 0;
}

/* ---- Alerts ---- */

struct telling {
	struct daily *daily;
	daily_alert_fn *tell;
	void *context;
	int64_t count;
};

/* Told once: the store keeps what was. */
static int
tell_once(void *context, const struct daily_alert *a, struct err *e)
{
	struct telling *t = context;
	struct buf facts = buf_new(4096);
	struct statement *s;
	int fresh;

	buf_put_byte(&facts, '{');
	daily_put_text(&facts, "hosts", a->hosts);
	buf_printf(&facts, ",\"count\":%lld,\"names\":%lld,",
	    (long long)a->count, (long long)a->names);
	daily_put_time(&facts, "last", a->last);
	buf_put_byte(&facts, '}');
	s = store_use(t->daily->store, "daily_alert_add", e);
	bind_text(s, ":rule", a->rule);
	bind_text(s, ":subject", a->subject);
	bind_int(s, ":at", a->at);
	bind_int(s, ":told", t->daily->options.now);
	bind_text(s, ":facts", buf_string(&facts));
	fresh = store_step(s, e);
	store_done(s);
	buf_free(&facts);
	if (fresh != 1)
		return fresh;
	t->count++;
	return t->tell(t->context, a, e);
}

static int
tell_bursts(struct telling *t, int64_t day, struct err *e)
{
	struct daily *d = t->daily;

	if (daily_bursts_of(d, day, e) == -1)
		return -1;
	for (size_t i = 0; i < d->bursts.count; i++) {
		const struct daily_burst *b = &d->bursts.items[i];
		struct buf hosts = buf_new(1024);
		int told;

		for (size_t j = 0; j < b->host_count && j < 20; j++)
			buf_printf(&hosts, "%s%s", j == 0 ? "" : ", ",
			    b->hosts[j].host);
		if (b->host_count > 20)
			buf_put_string(&hosts, ", ...");
		told = tell_once(t,
		    &(struct daily_alert){ .rule = b->rule,
		        .subject = b->subject,
		        .at = b->first,
		        .last = b->last,
		        .hosts = buf_string(&hosts),
		        .count = b->attempts,
		        .names = b->names },
		    e);
		buf_free(&hosts);
		if (told == -1)
			return -1;
	}
	return 0;
}

static int
tell_day(
    struct telling *t, const struct sources *all, int64_t day, struct err *e)
{
	if (tell_bursts(t, day, e) == -1)
		return -1;
	for (size_t i = 0; i < all->count; i++) {
		struct daily_record r;

		if (all->items[i].since > day)
			continue;
		if (daily_examine(t->daily, day, all->items[i].name, &r,
		        tell_once, t, e) == -1)
			return -1;
		daily_record_clear(&r);
	}
	return 0;
}

int
daily_alerts(struct daily *d, int64_t first, int64_t last, daily_alert_fn *tell,
    void *context, int64_t *count, struct err *e)
{
	struct telling t = { .daily = d, .tell = tell, .context = context };
	struct sources all;
	int result = 0;

	*count = 0;
	if (load_sources(d, &all, e) == -1)
		return -1;
	if (store_begin(d->store, e) == -1) {
		free_sources(&all);
		return -1;
	}
	for (int64_t day = first; result == 0 && day <= last; day++)
		result = tell_day(&t, &all, day, e);
	free_sources(&all);
	if (result == 0)
		result = store_commit(d->store, e);
	else
		store_rollback(d->store);
	*count = result == 0 ? t.count : 0;
	return result;
}
