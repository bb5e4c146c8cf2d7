#include "review/daily_internal.h"

#include <stdlib.h>
#include <string.h>

const char *const daily_status_names[DAILY_STATUSES] = {
	[DAILY_NONE] = "",
	[DAILY_OPEN] = "open",
	[DAILY_ON_TIME] = "on-time",
	[DAILY_LATE] = "late",
	[DAILY_MISSING] = "missing",
};

/* How many are to have records from each day on. */
struct counting {
	struct daily *daily;
	int64_t first;
	size_t days;
	struct daily_cell *cells;
};

static int
expect(void *context, const char *source, int64_t since, struct err *e)
{
	struct counting *c = context;

	(void)source;
	(void)e;
	for (size_t i = 0; i < c->days; i++)
		c->cells[i].expected += since <= c->first + (int64_t)i;
	return 0;
}

static void
take_record(struct daily_cell *cell, bool is_signed, bool late, int64_t due,
    int64_t now)
{
	cell->records++;
	if (late)
		cell->late++;
	else if (is_signed)
		cell->on_time++;
	else if (now > due)
		cell->missing++;
}

static int
read_records(struct counting *c, struct err *e)
{
	struct statement *s = store_use(c->daily->store, "daily_calendar", e);
	int more;

	bind_int(s, ":from", c->first);
	bind_int(s, ":to", c->first + (int64_t)c->days - 1);
	while ((more = store_step(s, e)) == 1) {
		struct daily_cell *cell =
		    &c->cells[column_int(s, 0) - c->first];

		if (strcmp(column_text(s, 3), "complete") != 0)
			cell->incomplete = true;
		take_record(cell, column_int(s, 5) != 0, column_int(s, 6) != 0,
		    column_int(s, 4), c->daily->options.now);
	}
	store_done(s);
	return more;
}

static int
judge(struct counting *c, struct daily_cell *cell, struct err *e)
{
	struct daily *d = c->daily;
	int64_t due;

	if (cell->expected < cell->records)
		cell->expected = cell->records;
	if (cell->expected == 0)
		return 0;
	if (workday_due(d->store, cell->day, d->zone, &due, e) == -1)
		return -1;
	if (d->options.now > due)
		cell->missing += cell->expected - cell->records;
	cell->status = cell->missing > 0      ? DAILY_MISSING
	    : cell->late > 0                  ? DAILY_LATE
	    : cell->on_time == cell->expected ? DAILY_ON_TIME
	                                      : DAILY_OPEN;
	return 0;
}

int
daily_calendar(struct daily *d, int64_t first, int64_t last,
    int (*give)(void *, const struct daily_cell *, struct err *), void *context,
    struct err *e)
{
	int64_t today = day_of(d->options.now, d->zone);
	struct counting c = { .daily = d, .first = first };
	int result;

	if (last < first || last - first > 4000)
		return err_set(e, ERR_USAGE, "not a span of days");
	c.days = (size_t)(last - first) + 1;
	c.cells = calloc(c.days, sizeof(*c.cells));
	if (c.cells == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	result = daily_sources(d, expect, &c, e);
	if (result == 0)
		result = read_records(&c, e);
	for (size_t i = 0; result == 0 && i < c.days; i++) {
		c.cells[i].day = first + (int64_t)i;
		if (c.cells[i].day > today)
			c.cells[i].expected = 0;
		result = judge(&c, &c.cells[i], e);
		if (result == 0)
			result = give(context, &c.cells[i], e);
	}
	free(c.cells);
	return result;
}
