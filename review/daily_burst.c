#include "review/daily_internal.h"

#include <stdlib.h>
#include <string.h>

#include "schema/message.h"

/*
 * Attempts from one origin, or on one account, with less than the window
 * between them are a burst. It fires a rule once the window before some
 * attempt has enough. Rows are minutes, with their first and last attempt: who
 * was tried at `first` was tried within the window if its row's last is.
 */

#define NEAR_MAX 1000u /* the greatest threshold; more is never kept */

/* What is within the window, until the rule fires. */
struct near {
	char name[320]; /* of spraying: told apart */
	bool nobody;
	int64_t first, last, count;
};

struct scan {
	struct daily *daily;
	struct daily_bursts *out;
	/* The burst that runs: of which form and subject. */
	char form[16], subject[320], name[320], mask[64];
	int64_t first, last;
	bool any;
	bool fired_names, fired_nobody, fired_count;
	struct near *near;
	size_t near_count;
};

/* ---- What fired ---- */

static void
free_burst(struct daily_burst *b)
{
	for (size_t i = 0; i < b->host_count; i++)
		free(b->hosts[i].host);
	free(b->hosts);
	free(b->subject);
	free(b->form);
}

void
daily_bursts_forget(struct daily_bursts *b)
{
	for (size_t i = 0; i < b->count; i++)
		free_burst(&b->items[i]);
	free(b->items);
	*b = (struct daily_bursts){ .day = 0 };
}

static int
add_host(struct daily_burst *b, const char *host, int64_t count, struct err *e)
{
	struct daily_burst_host *more =
	    reallocarray(b->hosts, b->host_count + 1, sizeof(*more));

	if (more == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	b->hosts = more;
	more[b->host_count].count = count;
	more[b->host_count].host = strdup(host);
	if (more[b->host_count].host == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	b->host_count++;
	b->attempts += count;
	return 0;
}

static void
bind_burst(struct statement *s, const struct scan *c)
{
	bind_text(s, ":form", c->form);
	bind_int(s, ":first", c->first);
	bind_int(s, ":last", c->last);
}

/* On which hosts it was, and of how many names or from how many origins. */
static int
load_burst(struct scan *c, struct daily_burst *b, bool by_name, struct err *e)
{
	struct statement *s = store_use(c->daily->store,
	    by_name ? "daily_burst_name" : "daily_burst_origin", e);
	/* Of stuffing it is names of nobody that count. */
	const char *class = strcmp(b->rule, "stuffing") == 0 ? "unknown" : NULL;
	int more;

	if (by_name) {
		bind_text(s, ":name", c->name);
		bind_text(s, ":mask", c->mask);
	} else {
		bind_text(s, ":origin", c->subject);
		bind_text(s, ":class", class);
	}
	bind_burst(s, c);
	while ((more = store_step(s, e)) == 1) {
		if (column_int(s, 2) > b->names)
			b->names = column_int(s, 2);
		if (add_host(b, column_text(s, 0), column_int(s, 1), e) == -1) {
			more = -1;
			break;
		}
	}
	store_done(s);
	if (more == -1 || by_name)
		return more;
	s = store_use(c->daily->store, "daily_burst_origin_names", e);
	bind_text(s, ":origin", c->subject);
	bind_text(s, ":class", class);
	bind_burst(s, c);
	if ((more = store_step(s, e)) == 1)
		b->names = column_int(s, 0);
	store_done(s);
	return more == 1 ? 0 : -1;
}

/* Two forms of trail tell of the same: the one that has more of it stands. */
static bool
is_told(struct daily_bursts *all, struct daily_burst *b)
{
	for (size_t i = 0; i < all->count; i++) {
		struct daily_burst *other = &all->items[i];
		struct daily_burst swap;

		if (strcmp(other->rule, b->rule) != 0 ||
		    strcmp(other->subject, b->subject) != 0 ||
		    strcmp(other->form, b->form) == 0 ||
		    other->last < b->first || b->last < other->first)
			continue;
		if (b->attempts > other->attempts) {
			swap = *other;
			*other = *b;
			*b = swap;
		}
		return true;
	}
	return false;
}

static int
keep_burst(struct scan *c, const char *rule, bool by_name, struct err *e)
{
	struct daily_bursts *all = c->out;
	struct daily_burst b = {
		.rule = rule, .first = c->first, .last = c->last
	};
	struct daily_burst *more;

	if (all->count == DAILY_BURSTS_MAX) {
		all->more = true;
		return 0;
	}
	b.subject = strdup(c->subject);
	b.form = strdup(c->form);
	if (b.subject == NULL || b.form == NULL) {
		free_burst(&b);
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	if (load_burst(c, &b, by_name, e) == -1) {
		free_burst(&b);
		return -1;
	}
	if (is_told(all, &b)) {
		free_burst(&b);
		return 0;
	}
	more = reallocarray(all->items, all->count + 1, sizeof(*more));
	if (more == NULL) {
		free_burst(&b);
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	all->items = more;
	more[all->count++] = b;
	return 0;
}

/* Of spraying and stuffing there may be both. */
static int
end_burst(struct scan *c, bool by_name, struct err *e)
{
	int64_t day_start_ = day_start(c->out->day, c->daily->zone);
	bool counts = c->any && c->last >= day_start_;

	if (counts && c->fired_nobody &&
	    keep_burst(c, "stuffing", false, e) == -1)
		return -1;
	if (counts && c->fired_names && keep_burst(c, "spray", false, e) == -1)
		return -1;
	if (counts && c->fired_count &&
	    keep_burst(c, "bruteforce", by_name, e) == -1)
		return -1;
	c->any = c->fired_names = c->fired_nobody = c->fired_count = false;
	c->near_count = 0;
	return 0;
}

/* Begins the next burst where this row is of another, or too late for it. */
static int
follow(struct scan *c, const char *form, const char *subject, int64_t first,
    int64_t last, bool by_name, struct err *e)
{
	if (c->any &&
	    (strcmp(c->form, form) != 0 || strcmp(c->subject, subject) != 0 ||
	        first - c->last >= c->daily->limits.window) &&
	    end_burst(c, by_name, e) == -1)
		return -1;
	if (!c->any) {
		(void)snprintf(c->form, sizeof(c->form), "%s", form);
		(void)snprintf(c->subject, sizeof(c->subject), "%s", subject);
		c->first = first;
		c->last = last;
		c->any = true;
	}
	if (last > c->last)
		c->last = last;
	return 0;
}

/* Forgets what is not within the window before that time. */
static void
forget_far(struct scan *c, int64_t at)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->near_count; i++)
		if (c->near[i].last > at - c->daily->limits.window)
			c->near[kept++] = c->near[i];
	c->near_count = kept;
}

/* ---- Names that one origin tries ---- */

static void
try_name(
    struct scan *c, const char *name, bool nobody, int64_t first, int64_t last)
{
	const struct daily_limits *l = &c->daily->limits;
	size_t at, known, nobodies = 0;

	if (c->fired_names && c->fired_nobody)
		return;
	forget_far(c, first);
	for (at = 0; at < c->near_count; at++)
		if (strcmp(c->near[at].name, name) == 0)
			break;
	if (at == c->near_count && c->near_count == NEAR_MAX)
		return;
	if (at == c->near_count) {
		c->near[c->near_count++] = (struct near){ .nobody = nobody };
		(void)snprintf(
		    c->near[at].name, sizeof(c->near[at].name), "%s", name);
	}
	if (last > c->near[at].last || c->near[at].last == 0)
		c->near[at].last = last;
	for (size_t i = 0; i < c->near_count; i++)
		nobodies += c->near[i].nobody;
	if ((int64_t)nobodies >= l->stuffing)
		c->fired_nobody = true;
	/* Where names of nobody are enough for stuffing, that says it. */
	known = c->near_count - nobodies;
	if ((int64_t)known >= l->spray ||
	    (known > 0 && (int64_t)c->near_count >= l->spray &&
	        (int64_t)nobodies < l->stuffing))
		c->fired_names = true;
}

static int
scan_origins(struct scan *c, int64_t from, int64_t to, struct err *e)
{
	struct statement *s =
	    store_use(c->daily->store, "daily_attempts_by_origin", e);
	int more;

	bind_int(s, ":from", from);
	bind_int(s, ":to", to);
	while ((more = store_step(s, e)) == 1) {
		const char *name = column_text(s, 2);
		int64_t first = column_int(s, 6), last = column_int(s, 7);
		char told[320];

		if (follow(c, column_text(s, 0), column_text(s, 1), first, last,
		        false, e) == -1) {
			more = -1;
			break;
		}
		/* A mask has a blank, and an account's name has none before. */
		(void)snprintf(
		    told, sizeof(told), "%s\x1f%s", name, column_text(s, 3));
		try_name(c, told, strcmp(column_text(s, 4), "unknown") == 0,
		    first, last);
	}
	store_done(s);
	return more == -1 ? -1 : end_burst(c, false, e);
}

/* ---- Failures on one account ---- */

/*
 * A minute that only ends within the window counts as one: never more than
 * there were.
 */
static void
try_account(struct scan *c, int64_t count, int64_t first, int64_t last)
{
	int64_t sum = 0, begin = last - c->daily->limits.window;

	if (c->fired_count)
		return;
	forget_far(c, last);
	if (c->near_count < NEAR_MAX)
		c->near[c->near_count++] = (struct near){
			.first = first, .last = last, .count = count
		};
	for (size_t i = 0; i < c->near_count; i++)
		sum += c->near[i].first > begin ? c->near[i].count : 1;
	if (sum >= c->daily->limits.bruteforce)
		c->fired_count = true;
}

static int
scan_accounts(struct scan *c, int64_t from, int64_t to, struct err *e)
{
	struct statement *s =
	    store_use(c->daily->store, "daily_attempts_by_name", e);
	int more;

	bind_int(s, ":from", from);
	bind_int(s, ":to", to);
	while ((more = store_step(s, e)) == 1) {
		struct buf shown = buf_new(sizeof(c->subject) - 1);
		const char *name = column_text(s, 1), *mask = column_text(s, 2);
		int64_t first = column_int(s, 4), last = column_int(s, 5);

		if (name[0] == '\0')
			daily_mask_text(mask, &shown);
		else
			buf_put_string(&shown, name);
		if (follow(c, column_text(s, 0), buf_string(&shown), first,
		        last, true, e) == -1)
			more = -1;
		buf_free(&shown);
		if (more == -1)
			break;
		(void)snprintf(c->name, sizeof(c->name), "%s", name);
		(void)snprintf(c->mask, sizeof(c->mask), "%s", mask);
		try_account(c, column_int(s, 3), first, last);
	}
	store_done(s);
	return more == -1 ? -1 : end_burst(c, true, e);
}

int
daily_bursts_of(struct daily *d, int64_t day, struct err *e)
{
	int64_t from = day_start(day, d->zone) - d->limits.window;
	int64_t to = day_start(day + 1, d->zone);
	struct scan c = { .daily = d, .out = &d->bursts };
	int result = -1;

	if (d->bursts.loaded && d->bursts.day == day)
		return 0;
	daily_bursts_forget(&d->bursts);
	d->bursts.day = day;
	c.near = calloc(NEAR_MAX, sizeof(*c.near));
	if (c.near == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (scan_origins(&c, from, to, e) == 0 &&
	    scan_accounts(&c, from, to, e) == 0)
		result = 0;
	d->bursts.loaded = result == 0;
	free(c.near);
	return result;
}
