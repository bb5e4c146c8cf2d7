#include "review/workday.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "schema/message.h"

#define NOON        INT64_C(43200) /* s */
#define LOOK_MAX    60             /* days without work in a row */
#define THURSDAY    3              /* 1970-01-01 */
#define DAYS_A_WEEK 7

int64_t
day_of(int64_t at, int64_t zone)
{
	int64_t local = at + zone;

	return local / DAY_SECONDS_ - (local % DAY_SECONDS_ < 0);
}

int64_t
day_start(int64_t day, int64_t zone)
{
	return day * DAY_SECONDS_ - zone;
}

int
day_of_week(int64_t day)
{
	int64_t n = (day + THURSDAY) % DAYS_A_WEEK;

	return (int)(n < 0 ? n + DAYS_A_WEEK : n);
}

const char *
day_text(int64_t day, char out[DAY_TEXT])
{
	time_t at = (time_t)(day * DAY_SECONDS_);
	struct tm tm;

	if (gmtime_r(&at, &tm) == NULL ||
	    strftime(out, DAY_TEXT, "%Y-%m-%d", &tm) == 0)
		out[0] = '\0';
	return out;
}

int
day_read(const char *text, int64_t *day, struct err *e)
{
	struct tm tm = { 0 };
	const char *rest = strptime(text, "%Y-%m-%d", &tm);
	char again[DAY_TEXT];

	if (rest != NULL && *rest == '\0' && tm.tm_year >= 70) {
		*day = (int64_t)timegm(&tm) / DAY_SECONDS_;
		if (strcmp(day_text(*day, again), text) == 0)
			return 0;
	}
	return err_set(e, ERR_USAGE, _("%s: not a day like 2026-11-29"), text);
}

static void
quarter_days(int year, int quarter, int64_t *first, int64_t *last)
{
	struct tm begin = {
		.tm_year = year - 1900, .tm_mon = 3 * quarter, .tm_mday = 1
	};
	struct tm end = {
		.tm_year = year - 1900, .tm_mon = 3 * quarter + 3, .tm_mday = 1
	};

	*first = (int64_t)timegm(&begin) / DAY_SECONDS_;
	*last = (int64_t)timegm(&end) / DAY_SECONDS_ - 1;
}

int
quarter_read(const char *text, int64_t *first, int64_t *last, struct err *e)
{
	int64_t year;

	if (strlen(text) != 6 || strspn(text, "0123456789") != 4 ||
	    text[4] != 'Q' || text[5] < '1' || text[5] > '4' ||
	    (year = strtol(text, NULL, 10)) < 1970)
		return err_set(
		    e, ERR_USAGE, _("%s: not a quarter like 2026Q4"), text);
	quarter_days((int)year, text[5] - '1', first, last);
	return 0;
}

void
quarter_of(int64_t day, int64_t *first, int64_t *last)
{
	time_t at = (time_t)(day * DAY_SECONDS_);
	struct tm tm = { .tm_year = 70 };

	(void)gmtime_r(&at, &tm);
	quarter_days(tm.tm_year + 1900, tm.tm_mon / 3, first, last);
}

int
workday_is(struct store *store, int64_t day, struct err *e)
{
	struct statement *s = store_use(store, "calendar_day", e);
	int there, works = day_of_week(day) < 5;

	bind_int(s, ":day", day);
	if ((there = store_step(s, e)) == 1)
		works = column_int(s, 0) != 0;
	store_done(s);
	return there == -1 ? -1 : works;
}

int
workday_due(
    struct store *store, int64_t day, int64_t zone, int64_t *due, struct err *e)
{
	for (int64_t next = day + 1; next <= day + LOOK_MAX; next++) {
		int works = workday_is(store, next, e);

		if (works == -1)
			return -1;
		if (works == 1) {
			*due = day_start(next, zone) + NOON;
			return 0;
		}
	}
	return err_set(e, ERR_CONFIG,
	    _("the calendar has no working day within %d days"), LOOK_MAX);
}
