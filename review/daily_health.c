#include "review/daily_internal.h"

#include <string.h>

/*
 * Lines of the host's trails, of whatever, must follow each other within
 * limits.gap, from before the day until behind it: what comes after the last
 * line that was imported is not known.
 */
struct walk {
	struct daily_health *health;
	int64_t from, to, gap;
	int64_t reach; /* lines are known until then */
	bool any;
};

static void
add_silence(struct walk *w, int64_t from, int64_t to, const char *reason)
{
	struct daily_health *h = w->health;
	const size_t room = sizeof(h->silent) / sizeof(h->silent[0]);

	if (from < w->from)
		from = w->from;
	if (to > w->to)
		to = w->to;
	if (from >= to)
		return;
	if (h->reason[0] == '\0')
		h->reason = reason;
	if (h->count == room) {
		h->silent[room - 1][1] = to; /* the last one has the rest */
		return;
	}
	h->silent[h->count][0] = from;
	h->silent[h->count++][1] = to;
}

static void
take_span(struct walk *w, int64_t first, int64_t last, bool broken)
{
	if (first > w->reach &&
	    (!w->any || broken || first - w->reach > w->gap))
		add_silence(w, w->any ? w->reach : w->from, first,
		    w->any && broken ? "missing-records" : "silent");
	w->any = true;
	if (last > w->reach)
		w->reach = last;
}

static int
read_spans(struct daily *d, const char *host, struct walk *w, struct err *e)
{
	struct statement *s = store_use(d->store, "daily_spans", e);
	int more;

	bind_text(s, ":host", host);
	bind_int(s, ":from", w->from - w->gap);
	bind_int(s, ":to", w->to + w->gap);
	while ((more = store_step(s, e)) == 1)
		take_span(w, column_int(s, 0), column_int(s, 1),
		    column_int(s, 2) != 0);
	store_done(s);
	return more;
}

static int
is_unverified(struct daily *d, const char *host, struct err *e)
{
	struct statement *s = store_use(d->store, "daily_unverified", e);
	int there;

	bind_text(s, ":host", host);
	there = store_step(s, e);
	if (there == 1)
		there = column_int(s, 0) != 0;
	store_done(s);
	return there;
}

int
daily_health_of(struct daily *d, const char *host, int64_t from, int64_t to,
    struct daily_health *h, struct err *e)
{
	struct walk w = { .health = h,
		.from = from,
		.to = to,
		.gap = d->limits.gap,
		.reach = from - d->limits.gap - 1 };
	int unverified;

	*h = (struct daily_health){ .reason = "" };
	if (read_spans(d, host, &w, e) == -1 ||
	    (unverified = is_unverified(d, host, e)) == -1)
		return -1;
	if (w.reach < to)
		add_silence(&w, w.any ? w.reach : from, to,
		    w.any ? "silent" : "no-trail");
	if (unverified == 1)
		h->reason = "unverified";
	return 0;
}
