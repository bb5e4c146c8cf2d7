#include "review/pack_value.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "review/evidence.h"
#include "review/fact.h"
#include "schema/base/enc.h"

#define NEVER        "never"
#define ZERO_TIME    "0000-00-00T00:00:00Z"
#define FIRST_TIME   INT64_C(-62135596800) /* 0001-01-01T00:00:00Z */
#define LAST_TIME    INT64_C(253402300799) /* 9999-12-31T23:59:59Z */
#define TENTHOUSAND  INT64_C(10000)
#define WHOLE_DIGITS 14u /* what a decimal may have before its point */

static size_t
digits(const char *text, size_t length)
{
	size_t n = 0;

	while (n < length && text[n] >= '0' && text[n] <= '9')
		n++;
	return n;
}

/* ---- Forms; each gets a value that has a NUL behind it ---- */

static bool
is_count(const char *v, size_t length)
{
	uint64_t value;
	struct err e;

	return length > 0 && length <= 19 && digits(v, length) == length &&
	    enc_number(v, length, INT64_MAX, &value, &e) == 0;
}

static bool
is_long(const char *v, size_t length)
{
	return *v == '-' && v[1] != '0' ? is_count(v + 1, length - 1)
	                                : is_count(v, length);
}

/* "9" in the form stands for any digit. */
static bool
has_form(const char *v, size_t length, const char *form)
{
	if (length != strlen(form))
		return false;
	for (size_t i = 0; i < length; i++)
		if (form[i] == '9' ? digits(v + i, 1) == 0 : v[i] != form[i])
			return false;
	return true;
}

static bool
is_day(const char *v, size_t length)
{
	return has_form(v, length, "9999-99-99");
}

static bool
is_time(const char *v, size_t length)
{
	return has_form(v, length, "9999-99-99T99:99:99Z") ||
	    strcmp(v, NEVER) == 0;
}

static bool
is_decimal(const char *v, size_t length)
{
	int64_t value;
	struct err e;

	(void)length;
	return pack_undecimal(v, &value, &e) == 0;
}

static bool
is_word(const char *v, size_t length)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789"
	                              "+.:-";

	return length > 0 && strspn(v, letters) == length &&
	    strchr("+.:-", *v) == NULL;
}

static bool
is_hex(const char *v, size_t length)
{
	return length % 2 == 0 && strspn(v, "0123456789abcdef") == length;
}

static bool
is_sha256(const char *v, size_t length)
{
	return length == 64 && is_hex(v, length);
}

static bool
is_file(const char *v, size_t length)
{
	(void)length;
	return evidence_name_ok(v);
}

static const struct {
	const char *type;
	pack_form_fn *ok;
} forms[] = {
	{ "count", is_count },
	{ "day", is_day },
	{ "decimal", is_decimal },
	{ "file", is_file },
	{ "hex", is_hex },
	{ "id", is_count },
	{ "long", is_long },
	{ "sha256", is_sha256 },
	{ "time", is_time },
	{ "word", is_word },
};

static bool
is_one_of(const char *value, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcmp(value, *words) == 0)
			return true;
	return false;
}

bool
pack_value_ok(const struct pack_type *type, const char *value, size_t length)
{
	if (type->max != 0 && length > type->max)
		return false;
	if (type->words[0] != NULL)
		return is_one_of(value, type->words);
	return type->form == NULL || type->form(value, length);
}

pack_form_fn *
pack_form(const char *type)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (strcmp(forms[i].type, type) == 0)
			return forms[i].ok;
	return NULL;
}

/* ---- Times, decimals, counts ---- */

/* Digits over the zeros that end at `end`. */
static void
put_digits(char *end, int number)
{
	for (; number > 0; number /= 10)
		*--end = (char)('0' + number % 10);
}

const char *
pack_time(int64_t at, char out[PACK_TIME_SIZE])
{
	time_t t = (time_t)(at < FIRST_TIME ? FIRST_TIME
	        : at > LAST_TIME            ? LAST_TIME
	                                    : at);
	struct tm tm;

	if (at == FACT_NEVER)
		return memcpy(out, NEVER, sizeof(NEVER));
	(void)gmtime_r(&t, &tm);
	memcpy(out, ZERO_TIME, sizeof(ZERO_TIME));
	put_digits(out + 4, tm.tm_year + 1900);
	put_digits(out + 7, tm.tm_mon + 1);
	put_digits(out + 10, tm.tm_mday);
	put_digits(out + 13, tm.tm_hour);
	put_digits(out + 16, tm.tm_min);
	put_digits(out + 19, tm.tm_sec);
	return out;
}

/* So many digits as a number. */
static int
take_digits(const char *text, size_t count)
{
	int number = 0;

	while (count-- > 0)
		number = number * 10 + (*text++ - '0');
	return number;
}

int
pack_untime(const char *text, int64_t *at, struct err *e)
{
	char again[PACK_TIME_SIZE];

	*at = FACT_NEVER;
	if (strcmp(text, NEVER) == 0)
		return 0;
	if (is_time(text, strlen(text))) {
		struct tm tm = { .tm_year = take_digits(text, 4) - 1900,
			.tm_mon = take_digits(text + 5, 2) - 1,
			.tm_mday = take_digits(text + 8, 2),
			.tm_hour = take_digits(text + 11, 2),
			.tm_min = take_digits(text + 14, 2),
			.tm_sec = take_digits(text + 17, 2) };

		*at = timegm(&tm);
		/* There is no 30 February: it would be 1 or 2 March. */
		if (strcmp(pack_time(*at, again), text) == 0)
			return 0;
	}
	return err_set(e, ERR_FORMAT, "%.40s: not a time", text);
}

int
pack_undecimal(const char *text, int64_t *value, struct err *e)
{
	const char *p = text + (*text == '-');
	size_t whole = digits(p, WHOLE_DIGITS + 1), behind = 0;
	int64_t n = 0;

	for (size_t i = 0; i < whole; i++)
		n = n * 10 + (p[i] - '0');
	if (p[whole] == '.')
		behind = digits(p + whole + 1, 5);
	for (size_t i = 0; i < 4; i++)
		n = n * 10 + (i < behind ? p[whole + 1 + i] - '0' : 0);
	p += whole + (behind > 0 ? behind + 1 : 0);
	if (whole == 0 || whole > WHOLE_DIGITS || behind > 4 || *p != '\0')
		return err_set(e, ERR_FORMAT, "%.40s: not a decimal", text);
	*value = *text == '-' ? -n : n;
	return 0;
}

const char *
pack_decimal(int64_t value, char out[PACK_DECIMAL_SIZE])
{
	int64_t whole = value / TENTHOUSAND, behind = value % TENTHOUSAND;
	size_t length;

	(void)snprintf(out, PACK_DECIMAL_SIZE, "%s%lld.%04lld",
	    value < 0 ? "-" : "", (long long)(whole < 0 ? -whole : whole),
	    (long long)(behind < 0 ? -behind : behind));
	length = strlen(out);
	while (out[length - 1] == '0')
		out[--length] = '\0';
	if (out[length - 1] == '.')
		out[length - 1] = '\0';
	return out;
}

int
pack_uncount(const char *text, int64_t *value, struct err *e)
{
	uint64_t number;

	if (enc_number(text, strlen(text), INT64_MAX, &number, e) == -1)
		return -1;
	*value = (int64_t)number;
	return 0;
}
