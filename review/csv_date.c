#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "review/csv.h"

#define YEAR_MIN  1900
#define YEAR_MAX  9999
#define ROC_EPOCH 1911 /* 民國元年 is 1912 */

static bool
take_text(const char **p, const char *text)
{
	size_t length = strlen(text);

	if (strncmp(*p, text, length) != 0)
		return false;
	*p += length;
	return true;
}

static size_t
digits_at(const char *p)
{
	return strspn(p, "0123456789");
}

/* Exactly count digits. */
static bool
take_number(const char **p, size_t count, int *out)
{
	*out = 0;
	if (count == 0 || count > 6 || digits_at(*p) < count)
		return false;
	while (count-- > 0)
		*out = *out * 10 + (*(*p)++ - '0');
	return true;
}

/* One or two digits, and no third. */
static bool
take_short(const char **p, int *out)
{
	size_t count = digits_at(*p);

	return count <= 2 && take_number(p, count, out);
}

/* Without separators: the last four digits are month and day. */
static bool
take_compact(const char **p, size_t count, bool roc, int *year, struct tm *tm)
{
	if (count != 8 && !(roc && (count == 7 || count == 6)))
		return false;
	return take_number(p, count - 4, year) &&
	    take_number(p, 2, &tm->tm_mon) && take_number(p, 2, &tm->tm_mday);
}

static bool
take_parted(const char **p, size_t count, int *year, struct tm *tm)
{
	static const char *const parts[][3] = {
		{ "-", "-", "" },
		{ "/", "/", "" },
		{ ".", ".", "" },
		{ "年", "月", "日" },
	};

	if (!take_number(p, count, year))
		return false;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (take_text(p, parts[i][0]))
			return take_short(p, &tm->tm_mon) &&
			    take_text(p, parts[i][1]) &&
			    take_short(p, &tm->tm_mday) &&
			    take_text(p, parts[i][2]);
	return false;
}

static bool
take_day(const char **p, bool roc, struct tm *tm)
{
	bool marked = roc && take_text(p, "民國");
	size_t count;
	int year;

	while (marked && **p == ' ')
		(*p)++;
	count = digits_at(*p);
	if (count >= 6 ? !take_compact(p, count, roc, &year, tm)
	               : !take_parted(p, count, &year, tm))
		return false;
	if (count == 4 || count == 8) {
		if (marked)
			return false;
	} else if (roc && count != 5) {
		year += ROC_EPOCH;
	} else {
		return false;
	}
	tm->tm_year = year - 1900;
	tm->tm_mon--;
	return true;
}

/* 0: none; 1: before noon; 2: after. */
static int
take_half(const char **p)
{
	if (take_text(p, "上午") || take_text(p, "AM"))
		return 1;
	return take_text(p, "下午") || take_text(p, "PM") ? 2 : 0;
}

static void
pass_blanks(const char **p)
{
	while (**p == ' ')
		(*p)++;
}

static bool
take_clock(const char **p, struct tm *tm)
{
	size_t count = digits_at(*p);

	if (count == 4 || count == 6)
		return take_number(p, 2, &tm->tm_hour) &&
		    take_number(p, 2, &tm->tm_min) &&
		    (count == 4 || take_number(p, 2, &tm->tm_sec));
	if (!take_short(p, &tm->tm_hour) || !take_text(p, ":") ||
	    !take_number(p, 2, &tm->tm_min))
		return false;
	if (!take_text(p, ":"))
		return true;
	if (!take_number(p, 2, &tm->tm_sec))
		return false;
	/* Parts of a second are cut off. */
	if ((**p == '.' || **p == ',') && digits_at(*p + 1) > 0)
		*p += 1 + digits_at(*p + 1);
	return true;
}

static bool
take_zone(const char **p, int64_t *offset)
{
	bool west = **p == '-';
	int hours;
	int minutes = 0;

	if (take_text(p, "Z")) {
		*offset = 0;
		return true;
	}
	if ((!take_text(p, "+") && !take_text(p, "-")) ||
	    !take_number(p, 2, &hours))
		return false;
	(void)take_text(p, ":");
	if (digits_at(*p) > 0 && !take_number(p, 2, &minutes))
		return false;
	if (hours > 14 || minutes > 59)
		return false;
	*offset = (hours * INT64_C(60) + minutes) * 60 * (west ? -1 : 1);
	return true;
}

static bool
take_time(const char **p, struct tm *tm, int64_t *offset)
{
	int half;

	if (!take_text(p, "T") && !take_text(p, " "))
		return false;
	pass_blanks(p);
	half = take_half(p);
	pass_blanks(p);
	if (!take_clock(p, tm) || tm->tm_hour > 23 || tm->tm_min > 59 ||
	    tm->tm_sec > 60)
		return false;
	pass_blanks(p);
	if (half == 0 && (half = take_half(p)) != 0)
		pass_blanks(p);
	if (half != 0 && (tm->tm_hour < 1 || tm->tm_hour > 12)) {
		/* Excel's zh_TW form has 上午 12, but some write 上午 00. */
		if (half == 2 || tm->tm_hour != 0)
			return false;
	} else if (half != 0) {
		tm->tm_hour = tm->tm_hour % 12 + (half == 2 ? 12 : 0);
	}
	return **p == '\0' || take_zone(p, offset);
}

static bool
read_own(const char *text, bool roc, struct tm *tm, int64_t *offset)
{
	return take_day(&text, roc, tm) &&
	    (*text == '\0' || take_time(&text, tm, offset)) && *text == '\0';
}

static bool
read_form(const char *text, const char *form, struct tm *tm, int64_t *offset)
{
	const char *end;

	tm->tm_gmtoff = 0;
	end = strptime(text, form, tm);
	if (end == NULL || *end != '\0')
		return false;
	if (strstr(form, "%z") != NULL)
		*offset = tm->tm_gmtoff;
	return true;
}

/* How many bytes of a text an error shows: whole characters. */
static int
shown(const char *text)
{
	size_t length = strnlen(text, 40);

	while (length > 0 && (text[length] & 0xc0) == 0x80)
		length--;
	return (int)length;
}

int
csv_date(const struct csv_dates *dates, const char *text, int64_t *when,
    struct err *e)
{
	struct tm tm = { .tm_mday = 1 };
	struct tm back;
	int64_t offset = dates->offset;
	bool roc = strcmp(dates->format, "roc") == 0;
	bool good = roc || dates->format[0] == '\0'
	    ? read_own(text, roc, &tm, &offset)
	    : read_form(text, dates->format, &tm, &offset);

	if (good && tm.tm_year >= YEAR_MIN - 1900 &&
	    tm.tm_year <= YEAR_MAX - 1900) {
		/* 30 February comes back as 1 or 2 March. */
		back = tm;
		*when = timegm(&back) - offset;
		if (back.tm_mday == tm.tm_mday && back.tm_mon == tm.tm_mon)
			return 0;
		/* A leap second at midnight is the next day, and a time. */
		if (tm.tm_sec == 60)
			return 0;
	}
	return err_set(e, ERR_FORMAT, "\"%.*s\" is no date in the form %s",
	    shown(text), text,
	    dates->format[0] == '\0' ? "YYYY-MM-DD" : dates->format);
}

int
csv_zone(const char *text, int64_t *offset, struct err *e)
{
	const char *p = text;

	if (!take_zone(&p, offset) || *p != '\0')
		return err_set(e, ERR_CONFIG,
		    "time_zone \"%s\": such as +08:00, or Z", text);
	return 0;
}
