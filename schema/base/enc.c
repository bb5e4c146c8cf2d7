#include "schema/base/enc.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char hex_lower[] = "0123456789abcdef";
static const char hex_upper[] = "0123456789ABCDEF";
static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base32_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/* The place of c in digits, or -1. */
static int
digit_value(const char *digits, char c)
{
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	return at == NULL ? -1 : (int)(at - digits);
}

static bool
is_between(unsigned c, unsigned low, unsigned high)
{
	return c >= low && c <= high;
}

static bool
is_alnum(unsigned char c)
{
	return is_between(c, '0', '9') || is_between(c, 'A', 'Z') ||
	    is_between(c, 'a', 'z');
}

static char
to_upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static char
to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

void
enc_hex(struct buf *b, const void *bytes, size_t length)
{
	const unsigned char *from = bytes;

	for (size_t i = 0; i < length; i++) {
		const char pair[2] = { hex_lower[from[i] >> 4],
			hex_lower[from[i] & 15] };

		buf_put(b, pair, sizeof(pair));
	}
}

int
enc_unhex(const char *text, size_t text_length, void *out, size_t length,
    struct err *e)
{
	unsigned char *to = out;

	if (text_length / 2 != length || text_length % 2 != 0)
		return err_set(
		    e, ERR_FORMAT, "not %zu hexadecimal digits", 2 * length);
	for (size_t i = 0; i < length; i++) {
		int high = digit_value(hex_lower, to_lower(text[2 * i]));
		int low = digit_value(hex_lower, to_lower(text[2 * i + 1]));

		if (high < 0 || low < 0)
			return err_set(e, ERR_FORMAT, "not hexadecimal");
		to[i] = (unsigned char)(high << 4 | low);
	}
	return 0;
}

/* Bytes in groups of bits, most significant first. */
static void
put_digits(struct buf *b, const unsigned char *from, size_t length,
    const char *digits, unsigned bits)
{
	unsigned held = 0;
	unsigned count = 0;

	for (size_t i = 0; i < length; i++) {
		held = (held << 8 | from[i]) & 0xffffu;
		for (count += 8; count >= bits; count -= bits)
			buf_put_byte(b,
			    (unsigned char)digits[held >> (count - bits) &
			        ((1u << bits) - 1)]);
	}
	if (count > 0)
		buf_put_byte(b,
		    (unsigned char)
		        digits[held << (bits - count) & ((1u << bits) - 1)]);
}

struct undigits {
	struct buf *out;
	unsigned held;
	unsigned count;
};

static void
take_digit(struct undigits *u, int value, unsigned bits)
{
	u->held = (u->held << bits | (unsigned)value) & 0xffffu;
	u->count += bits;
	if (u->count >= 8) {
		u->count -= 8;
		buf_put_byte(u->out, (unsigned char)(u->held >> u->count));
	}
}

/* Fewer spare bits than a digit holds, all zero: one spelling each. */
static bool
spare_is_clean(const struct undigits *u, unsigned bits)
{
	return u->count < bits && (u->held & ((1u << u->count) - 1)) == 0;
}

void
enc_base64(struct buf *b, const void *bytes, size_t length)
{
	put_digits(b, bytes, length, base64_digits, 6);
	for (size_t i = length % 3; i == 1 || i == 2; i = (i + 1) % 3)
		buf_put_byte(b, '=');
}

int
enc_unbase64(
    const char *text, size_t text_length, struct buf *out, struct err *e)
{
	struct undigits u = { .out = out };
	size_t used = text_length;

	if (text_length % 4 != 0)
		return err_set(e, ERR_FORMAT, "base64 of a wrong length");
	while (used > 0 && text_length - used < 2 && text[used - 1] == '=')
		used--;
	for (size_t i = 0; i < used; i++) {
		int value = digit_value(base64_digits, text[i]);

		if (value < 0)
			return err_set(e, ERR_FORMAT, "not base64");
		take_digit(&u, value, 6);
	}
	if (!spare_is_clean(&u, 6))
		return err_set(e, ERR_FORMAT, "base64 with spare bits");
	return buf_status(out, e);
}

void
enc_base32(struct buf *b, const void *bytes, size_t length)
{
	put_digits(b, bytes, length, base32_digits, 5);
}

int
enc_unbase32(
    const char *text, size_t text_length, struct buf *out, struct err *e)
{
	struct undigits u = { .out = out };

	for (size_t i = 0; i < text_length; i++) {
		int value;

		if (text[i] == ' ' || text[i] == '-')
			continue;
		value = digit_value(base32_digits, to_upper(text[i]));
		if (value < 0)
			return err_set(e, ERR_FORMAT, "not base32");
		take_digit(&u, value, 5);
	}
	if (!spare_is_clean(&u, 5))
		return err_set(e, ERR_FORMAT, "base32 with spare bits");
	return buf_status(out, e);
}

/*
 * The length of the well-formed sequence at the start of s (RFC 3629 section
 * 4), and its code point; 0 if there is none.
 */
static size_t
utf8_sequence(const unsigned char *s, size_t left, uint32_t *point)
{
	size_t length;
	uint32_t least;

	if (left == 0)
		return 0;
	if (s[0] < 0x80) {
		*point = s[0];
		return 1;
	}
	if (is_between(s[0], 0xc2, 0xdf)) {
		length = 2;
		least = 0x80;
		*point = s[0] & 0x1fu;
	} else if (is_between(s[0], 0xe0, 0xef)) {
		length = 3;
		least = 0x800;
		*point = s[0] & 0x0fu;
	} else if (is_between(s[0], 0xf0, 0xf4)) {
		length = 4;
		least = 0x10000;
		*point = s[0] & 0x07u;
	} else {
		return 0;
	}
	if (length > left)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*point = *point << 6 | (s[i] & 0x3fu);
	}
	if (*point < least || *point > 0x10ffff ||
	    is_between(*point, 0xd800, 0xdfff))
		return 0;
	return length;
}

/* How many bytes from the start are ASCII without NUL, in whole words. */
static size_t
ascii_length(const unsigned char *s, size_t length)
{
	size_t i = 0;
	uint64_t word;

	for (; length - i >= sizeof(word); i += sizeof(word)) {
		memcpy(&word, s + i, sizeof(word));
		/* A high bit is set, or a subtraction borrowed from a zero. */
		if (((word | (word - UINT64_C(0x0101010101010101))) &
		        UINT64_C(0x8080808080808080)) != 0)
			break;
	}
	return i;
}

bool
enc_is_utf8(const void *bytes, size_t length)
{
	const unsigned char *s = bytes;
	uint32_t point;
	size_t step;

	for (size_t i = ascii_length(s, length); i < length; i += step) {
		step = utf8_sequence(s + i, length - i, &point);
		if (step == 0 || point == 0)
			return false;
	}
	return true;
}

static bool
must_be_escaped(uint32_t point)
{
	return point < 0x20 || point == '"' || point == '\\' ||
	    is_between(point, 0x7f, 0x9f) ||
	    is_between(point, 0x202a, 0x202e) ||
	    is_between(point, 0x2066, 0x2069);
}

void
enc_json_string(struct buf *b, const char *text, size_t length)
{
	const unsigned char *s = (const unsigned char *)text;
	uint32_t point = 0;
	size_t plain = 0; /* what is from there on is to be put as it is */

	buf_put_byte(b, '"');
	for (size_t i = 0, step; i < length; i += step == 0 ? 1 : step) {
		step = utf8_sequence(s + i, length - i, &point);
		if (step != 0 && point != '"' && point != '\\' &&
		    !must_be_escaped(point))
			continue;
		buf_put(b, s + plain, i - plain);
		plain = i + (step == 0 ? 1 : step);
		if (step == 0)
			buf_put_string(b, "\\ufffd");
		else if (point == '"' || point == '\\')
			buf_printf(b, "\\%c", (char)point);
		else
			buf_printf(b, "\\u%04x", (unsigned)point);
	}
	buf_put(b, s + plain, length - plain);
	buf_put_byte(b, '"');
}

static void
put_percent(struct buf *b, unsigned char c)
{
	buf_put_byte(b, '%');
	buf_put_byte(b, (unsigned char)hex_upper[c >> 4]);
	buf_put_byte(b, (unsigned char)hex_upper[c & 15]);
}

void
enc_path_component(struct buf *b, const char *name)
{
	for (const char *c = name; *c != '\0'; c++) {
		bool dot_inside = *c == '.' && c != name;

		if (is_alnum((unsigned char)*c) || *c == '_' || *c == '-' ||
		    dot_inside)
			buf_put_byte(b, (unsigned char)*c);
		else
			put_percent(b, (unsigned char)*c);
	}
	if (*name == '\0')
		buf_put_byte(b, '%');
}

int
enc_unpath_component(const char *component, struct buf *out, struct err *e)
{
	struct buf name = buf_new(out->limit);
	struct buf again = buf_new(3 * out->limit);
	unsigned char byte = 0;
	int result = -1;

	/* "%" alone is the empty name. */
	for (const char *c = strcmp(component, "%") == 0 ? "" : component;
	     *c != '\0'; c++)
		if (*c == '%' &&
		    enc_unhex(c + 1, strnlen(c + 1, 2), &byte, 1, e) == 0) {
			buf_put_byte(&name, byte);
			c += 2;
		} else {
			buf_put_byte(&name, (unsigned char)*c);
		}
	/* What spells it otherwise comes out other; so does a NUL inside. */
	enc_path_component(&again, buf_string(&name));
	if (strcmp(buf_string(&again), component) != 0) {
		err_set(e, ERR_FORMAT, "not a name");
		goto out;
	}
	buf_put(out, name.data, name.length);
	result = buf_status(out, e);
out:
	buf_free(&name);
	buf_free(&again);
	return result;
}

void
enc_percent(struct buf *b, const char *text)
{
	for (const char *c = text; *c != '\0'; c++)
		if (is_alnum((unsigned char)*c) || strchr("-._~", *c) != NULL)
			buf_put_byte(b, (unsigned char)*c);
		else
			put_percent(b, (unsigned char)*c);
}

#define TIME_LENGTH 27 /* 2026-11-24T08:15:30.000001Z */
#define YEAR_1      INT64_C(-62135596800)
#define YEAR_10000  INT64_C(253402300800)

void
enc_time(struct buf *b, int64_t wall_ns)
{
	int64_t second = wall_ns / 1000000000;
	int64_t ns = wall_ns % 1000000000;
	time_t when;
	struct tm tm;

	if (ns < 0) {
		ns += 1000000000;
		second--;
	}
	when = (time_t)second;
	if (second < YEAR_1 || second >= YEAR_10000 ||
	    gmtime_r(&when, &tm) == NULL) {
		if (b->failed == ERR_NONE)
			b->failed = ERR_LIMIT;
		return;
	}
	buf_printf(b, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", tm.tm_year + 1900,
	    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
	    (int)(ns / 1000));
}

/* The digits at text[from..from + count), or -1. */
static int
time_field(const char *text, size_t from, size_t count)
{
	int value = 0;

	for (size_t i = from; i < from + count; i++) {
		if (!is_between((unsigned char)text[i], '0', '9'))
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value;
}

int
enc_untime(const char *text, size_t length, int64_t *wall_ns, struct err *e)
{
	struct tm tm = { 0 };
	struct buf again = buf_new(TIME_LENGTH);
	int micro;
	int result = -1;

	if (length != TIME_LENGTH)
		return err_set(e, ERR_FORMAT, "not a time");
	tm.tm_year = time_field(text, 0, 4) - 1900;
	tm.tm_mon = time_field(text, 5, 2) - 1;
	tm.tm_mday = time_field(text, 8, 2);
	tm.tm_hour = time_field(text, 11, 2);
	tm.tm_min = time_field(text, 14, 2);
	tm.tm_sec = time_field(text, 17, 2);
	micro = time_field(text, 20, 6);
	*wall_ns = 0;
	/* A time whose nanoseconds fit 63 bits: the years 1678 to 2261. */
	if (micro >= 0 && is_between((unsigned)tm.tm_year + 1900, 1678, 2261)) {
		*wall_ns = (int64_t)timegm(&tm) * 1000000000 + micro * 1000L;
		/* What is not a time, or is spelt otherwise, comes out other. */
		enc_time(&again, *wall_ns);
		if (again.length == length &&
		    memcmp(again.data, text, length) == 0)
			result = 0;
	}
	buf_free(&again);
	return result == 0 ? 0 : err_set(e, ERR_FORMAT, "not a time");
}

int
enc_number(const char *text, size_t length, uint64_t max, uint64_t *value,
    struct err *e)
{
	uint64_t sum = 0;

	if (length == 0 || (text[0] == '0' && length > 1))
		return err_set(e, ERR_FORMAT, "not a number");
	for (size_t i = 0; i < length; i++) {
		unsigned digit = (unsigned)((unsigned char)text[i] - '0');

		if (digit > 9)
			return err_set(e, ERR_FORMAT, "not a number");
		if (sum > (max - digit) / 10 || (max < digit))
			return err_set(e, ERR_LIMIT, "more than %llu",
			    (unsigned long long)max);
		sum = sum * 10 + digit;
	}
	*value = sum;
	return 0;
}
