#include "pamod/hours.h"

#include <string.h>
#include <strings.h>
#include <time.h>

#define DAYS         7u
#define DAY_MINUTES  (24u * 60u)
#define WEEK_MINUTES (DAYS * DAY_MINUTES)

static const char day_names[DAYS][4] = { "Sun", "Mon", "Tue", "Wed", "Thu",
	"Fri", "Sat" };

struct period {
	unsigned days;  /* bit 0: Sunday; the day on which it starts */
	unsigned start; /* minutes of that day */
	unsigned end;   /* minutes; up to 48 h when it lies on the next day */
};

/* One day's name at *at, or -1. */
static int
take_day(const char **at)
{
	for (unsigned day = 0; day < DAYS; day++)
		if (strncasecmp(*at, day_names[day], 3) == 0) {
			*at += 3;
			return (int)day;
		}
	return -1;
}

/* "Mon", "Mon-Fri", "Fri-Mon": sets their bits. */
static bool
take_range(const char **at, unsigned *days)
{
	int first = take_day(at);
	int last = first;

	if (first >= 0 && **at == '-') {
		(*at)++;
		last = take_day(at);
	}
	if (first < 0 || last < 0)
		return false;
	for (unsigned day = (unsigned)first;; day = (day + 1) % DAYS) {
		*days |= 1u << day;
		if (day == (unsigned)last)
			return true;
	}
}

static bool
take_days(const char **at, unsigned *days)
{
	do {
		if (!take_range(at, days))
			return false;
	} while (**at == ',' && (*at)++ != NULL);
	return true;
}

static bool
take_two_digits(const char **at, unsigned *value)
{
	const char *s = *at;

	if (s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9')
		return false;
	*value = (unsigned)(s[0] - '0') * 10 + (unsigned)(s[1] - '0');
	*at += 2;
	return true;
}

/* "08:30" in minutes of the day; 24:00 is the last. */
static bool
take_time(const char **at, unsigned *minutes)
{
	unsigned hour;
	unsigned minute;

	if (!take_two_digits(at, &hour) || *(*at)++ != ':' ||
	    !take_two_digits(at, &minute) || minute > 59)
		return false;
	*minutes = hour * 60 + minute;
	return *minutes <= DAY_MINUTES;
}

static void
skip_blanks(const char **at)
{
	*at += strspn(*at, " \t");
}

/* One period and the ';' or the end behind it. */
static bool
take_period(const char **at, struct period *p)
{
	*p = (struct period){ 0 };
	skip_blanks(at);
	if (!take_days(at, &p->days) || *(*at)++ != ' ' ||
	    !take_time(at, &p->start) || *(*at)++ != '-' ||
	    !take_time(at, &p->end) || p->start == p->end ||
	    p->start == DAY_MINUTES)
		return false;
	if (p->end < p->start)
		p->end += DAY_MINUTES;
	skip_blanks(at);
	if (**at == ';') {
		(*at)++;
		skip_blanks(at);
		return **at != '\0';
	}
	return **at == '\0';
}

int
hours_parse(const char *hours, struct err *e)
{
	struct period p;

	for (const char *at = hours; *at != '\0';)
		if (!take_period(&at, &p))
			return err_set(e, ERR_CONFIG,
			    "\"%s\": must be like \"Mon-Fri 08:00-20:00; "
			    "Sat 09:00-12:00\"",
			    hours);
	return 0;
}

static bool
period_has(const struct period *p, unsigned minute_of_week)
{
	for (unsigned day = 0; day < DAYS; day++) {
		/* How long ago that day began, the week being a circle. */
		unsigned since =
		    (minute_of_week + WEEK_MINUTES - day * DAY_MINUTES) %
		    WEEK_MINUTES;

		if ((p->days & 1u << day) != 0 && since >= p->start &&
		    since < p->end)
			return true;
	}
	return false;
}

bool
hours_allow_minute(const char *hours, unsigned minute_of_week)
{
	bool found = *hours == '\0';
	struct period p;

	if (minute_of_week >= WEEK_MINUTES)
		return false;
	for (const char *at = hours; *at != '\0';) {
		if (!take_period(&at, &p))
			return false;
		found = found || period_has(&p, minute_of_week);
	}
	return found;
}

int
hours_offset(const char *text, int64_t *seconds, struct err *e)
{
	static const char form[] = "+00:00";
	int digits[4];
	size_t count = 0;

	if (strlen(text) != sizeof(form) - 1 ||
	    (text[0] != '+' && text[0] != '-') || text[3] != ':')
		return err_set(e, ERR_CONFIG, "must be like +08:00");
	for (size_t i = 1; i < sizeof(form) - 1; i++) {
		if (i == 3)
			continue;
		digits[count] = text[i] - '0';
		if (digits[count] < 0 || digits[count] > 9)
			return err_set(e, ERR_CONFIG, "must be like +08:00");
		count++;
	}
	*seconds = (digits[0] * 10 + digits[1]) * 3600 +
	    (digits[2] * 10 + digits[3]) * 60;
	if (*seconds > 14 * 3600 || digits[2] > 5)
		return err_set(
		    e, ERR_CONFIG, "must be between -14:00 and +14:00");
	if (text[0] == '-')
		*seconds = -*seconds;
	return 0;
}

bool
hours_allow(const char *hours, const char *utc_offset, int64_t now)
{
	time_t t;
	int64_t offset;
	struct tm local;
	struct err e;

	if (*hours == '\0')
		return true;
	if (hours_offset(utc_offset, &offset, &e) == -1)
		return false;
	t = (time_t)(now + offset);
	if (gmtime_r(&t, &local) == NULL)
		return false;
	return hours_allow_minute(hours,
	    (unsigned)local.tm_wday * DAY_MINUTES +
	        (unsigned)local.tm_hour * 60 + (unsigned)local.tm_min);
}
