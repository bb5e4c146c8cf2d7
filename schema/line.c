#include "schema/line.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "schema/base/digest.h"
#include "schema/base/enc.h"
#include "schema/trail.h"

void
line_begin(struct buf *b, const struct line *l)
{
	buf_printf(b, "{\"v\":1,\"seq\":%" PRIu64, l->seq);
	line_hex(b, "prev", l->prev, LINE_HASH);
	line_text(b, "host", l->host, LINE_UUID);
	line_text(b, "boot", l->boot, LINE_UUID);
	buf_put_string(b, ",\"t\":\"");
	enc_time(b, l->at.wall_ns);
	buf_put_byte(b, '"');
	line_number(b, "mono", l->at.boot_ns);
	line_text(b, "clk", l->at.synchronised ? "sync" : "unsync", 6);
	line_text(b, "type", l->type, LINE_TYPE_MAX);
}

/* Plain puts: this is done under the lock of all who log in. */
static void
put_name(struct buf *b, const char *name)
{
	buf_put(b, ",\"", 2);
	buf_put_string(b, name);
	buf_put(b, "\":", 2);
}

void
line_text(struct buf *b, const char *name, const char *value, size_t max)
{
	put_name(b, name);
	enc_json_string(b, value, strnlen(value, max));
}

void
line_number(struct buf *b, const char *name, int64_t value)
{
	put_name(b, name);
	buf_printf(b, "%" PRId64, value);
}

void
line_hex(struct buf *b, const char *name, const void *bytes, size_t length)
{
	put_name(b, name);
	buf_put_byte(b, '"');
	enc_hex(b, bytes, length);
	buf_put_byte(b, '"');
}

void
line_end(struct buf *b)
{
	buf_put_byte(b, '}');
}

/* ---- reading ---- */

/* Where in the line; never past its end. */
struct scan {
	const char *at;
	const char *end;
};

static inline bool
literal(struct scan *s, const char *text, size_t length)
{
	if ((size_t)(s->end - s->at) < length ||
	    memcmp(s->at, text, length) != 0)
		return false;
	s->at += length;
	return true;
}

#define LITERAL(s, text) literal(s, text, sizeof(text) - 1)

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The value of a digit; 16 for no digit. Lower case only: one spelling. */
static const unsigned char hex_values[256] = {
#define NONE8 16, 16, 16, 16, 16, 16, 16, 16
	NONE8,
	NONE8,
	NONE8,
	NONE8,
	NONE8,
	NONE8,
	0,
	1,
	2,
	3,
	4,
	5,
	6,
	7,
	8,
	9,
	16,
	16,
	16,
	16,
	16,
	16,
	NONE8,
	NONE8,
	NONE8,
	NONE8,
	16,
	10,
	11,
	12,
	13,
	14,
	15,
	16,
	NONE8,
	NONE8,
	NONE8,
	NONE8,
	NONE8,
	NONE8,
	NONE8,
	NONE8,
	NONE8,
	NONE8,
	NONE8,
	NONE8,
	NONE8,
	NONE8,
	NONE8,
	NONE8,
	NONE8,
	NONE8,
	NONE8,
#undef NONE8
};

static unsigned
hex_value(char c)
{
	return hex_values[(unsigned char)c];
}

static bool
hex(struct scan *s, unsigned char *out, size_t length)
{
	unsigned wrong = 0;

	if ((size_t)(s->end - s->at) < 2 * length)
		return false;
	for (size_t i = 0; i < length; i++, s->at += 2) {
		unsigned high = hex_value(s->at[0]), low = hex_value(s->at[1]);

		wrong |= high | low;
		out[i] = (unsigned char)(high << 4 | low);
	}
	return (wrong & 16) == 0;
}

/* No leading zero, no "-0", within int64_t. */
static bool
integer(struct scan *s, int64_t *value)
{
	bool negative = s->at < s->end && *s->at == '-';
	const char *digits = s->at + negative;
	uint64_t limit = (uint64_t)INT64_MAX + negative, n = 0;

	for (s->at = digits; s->at < s->end && is_digit(*s->at); s->at++) {
		uint64_t digit = (uint64_t)(*s->at - '0');

		if (n > (limit - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	if (s->at == digits || (*digits == '0' && s->at - digits > 1) ||
	    (negative && n == 0))
		return false;
	*value = negative ? -(int64_t)(n - 1) - 1 : (int64_t)n;
	return true;
}

bool
line_is_uuid(const char *text, size_t length)
{
	unsigned wrong = 0;

	if (length != LINE_UUID || text[8] != '-' || text[13] != '-' ||
	    text[18] != '-' || text[23] != '-')
		return false;
	for (size_t i = 0; i < length; i++)
		wrong |= text[i] == '-' ? 0 : hex_value(text[i]);
	/* A hyphen in another place makes for too few digits. */
	for (size_t i = 0; i < length; i++)
		if (text[i] == '-' && i != 8 && i != 13 && i != 18 && i != 23)
			return false;
	return (wrong & 16) == 0;
}

static bool
uuid(struct scan *s, char *out)
{
	if ((size_t)(s->end - s->at) < LINE_UUID ||
	    !line_is_uuid(s->at, LINE_UUID))
		return false;
	memcpy(out, s->at, LINE_UUID);
	out[LINE_UUID] = '\0';
	s->at += LINE_UUID;
	return true;
}

/* A word, "type" or a member's name; the cursor ends on what follows. */
static size_t
word(struct scan *s, size_t max)
{
	const char *from = s->at;

	while (s->at < s->end && (size_t)(s->at - from) <= max &&
	    ((*s->at >= 'a' && *s->at <= 'z') || is_digit(*s->at) ||
	        *s->at == '_' || *s->at == '-'))
		s->at++;
	return (size_t)(s->at - from) > max ? 0 : (size_t)(s->at - from);
}

/* count digits, then the byte `after`. */
static bool
digits(struct scan *s, int count, char after, int64_t *value)
{
	*value = 0;
	for (; count > 0; count--, s->at++) {
		if (!is_digit(*s->at))
			return false;
		*value = *value * 10 + (*s->at - '0');
	}
	return *s->at++ == after;
}

/* Days since 1970 in the proleptic Gregorian calendar, or false. */
static bool
days_of(int64_t year, int64_t month, int64_t day, int64_t *days)
{
	static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243,
		273, 304, 334, 365 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	int64_t y = year - 1;

	/* Outside of that, nanoseconds do not fit in 64 bits. */
	if (year < 1678 || year > 2261 || month < 1 || month > 12 || day < 1 ||
	    day > before[month] - before[month - 1] + (leap && month == 2))
		return false;
	*days = y * 365 + y / 4 - y / 100 + y / 400 + before[month - 1] +
	    (leap && month > 2) + day - 1 - 719162;
	return true;
}

#define TIME_LENGTH 27u /* 2026-11-24T08:15:30.000001Z */

/* What enc_time writes. Here because verify reads a million a second. */
static bool
time_of(struct scan *s, struct moment *at)
{
	int64_t year, month, day, hour, minute, second, micro, days;

	if ((size_t)(s->end - s->at) < TIME_LENGTH ||
	    !digits(s, 4, '-', &year) || !digits(s, 2, '-', &month) ||
	    !digits(s, 2, 'T', &day) || !digits(s, 2, ':', &hour) ||
	    !digits(s, 2, ':', &minute) || !digits(s, 2, '.', &second) ||
	    !digits(s, 6, 'Z', &micro) || hour > 23 || minute > 59 ||
	    second > 59 || !days_of(year, month, day, &days))
		return false;
	at->wall_ns = ((days * 24 + hour) * 60 + minute) * 60 + second;
	at->wall_ns = at->wall_ns * CLOCK_NS_PER_SECOND + micro * 1000;
	return true;
}

/* As many bytes as a value has, whatever they are. */
static bool
pass_over(struct scan *s, size_t length)
{
	if ((size_t)(s->end - s->at) < length)
		return false;
	s->at += length;
	return true;
}

/* loose: the values that are as long as any of their kind are not read. */
static bool
head(struct scan *s, bool loose, struct line *l)
{
	int64_t seq;
	size_t length;

	if (!LITERAL(s, "{\"v\":1,\"seq\":") || !integer(s, &seq) || seq < 0 ||
	    !LITERAL(s, ",\"prev\":\"") ||
	    !(loose ? pass_over(s, (size_t)2 * LINE_HASH)
	            : hex(s, l->prev, LINE_HASH)) ||
	    !LITERAL(s, "\",\"host\":\"") ||
	    !(loose ? pass_over(s, LINE_UUID) : uuid(s, l->host)) ||
	    !LITERAL(s, "\",\"boot\":\"") ||
	    !(loose ? pass_over(s, LINE_UUID) : uuid(s, l->boot)) ||
	    !LITERAL(s, "\",\"t\":\"") ||
	    !(loose ? pass_over(s, TIME_LENGTH) : time_of(s, &l->at)) ||
	    !LITERAL(s, "\",\"mono\":") || !integer(s, &l->at.boot_ns))
		return false;
	l->seq = (uint64_t)seq;
	l->at.synchronised = LITERAL(s, ",\"clk\":\"sync\"");
	if ((!l->at.synchronised && !LITERAL(s, ",\"clk\":\"unsync\"")) ||
	    !LITERAL(s, ",\"type\":\"") ||
	    (length = word(s, LINE_TYPE_MAX)) == 0)
		return false;
	memcpy(l->type, s->at - length, length);
	l->type[length] = '\0';
	return LITERAL(s, "\"");
}

/* The escapes that enc_json_string writes. */
static bool
escape(struct scan *s)
{
	unsigned char point[2];

	if (LITERAL(s, "\\\"") || LITERAL(s, "\\\\"))
		return true;
	/* Neither NUL nor half a surrogate pair. */
	return LITERAL(s, "\\u") && hex(s, point, sizeof(point)) &&
	    (point[0] | point[1]) != 0 && (point[0] & 0xf8) != 0xd8;
}

/* Behind the opening quote, through the closing one. */
static bool
string(struct scan *s)
{
	const char *from = s->at;
	bool ascii = true;

	while (s->at < s->end && *s->at != '"') {
		unsigned char c = (unsigned char)*s->at;

		if (c < 0x20 || c == 0x7f)
			return false;
		ascii = ascii && c < 0x80;
		if (c != '\\')
			s->at++;
		else if (!escape(s))
			return false;
	}
	if (s->at == s->end ||
	    (!ascii && !enc_is_utf8(from, (size_t)(s->at - from))))
		return false;
	s->at++;
	return true;
}

struct member {
	const char *name;
	size_t name_length;
	const char *value; /* the string without its quotes, or the integer */
	size_t value_length;
	bool is_text;
};

static bool
member(struct scan *s, struct member *m)
{
	int64_t number;

	if (!LITERAL(s, ",\"") ||
	    (m->name_length = word(s, LINE_NAME_MAX)) == 0)
		return false;
	m->name = s->at - m->name_length;
	if (!LITERAL(s, "\":"))
		return false;
	m->is_text = LITERAL(s, "\"");
	m->value = s->at;
	if (m->is_text ? !string(s) : !integer(s, &number))
		return false;
	m->value_length = (size_t)(s->at - m->value) - m->is_text;
	return true;
}

static bool
same_name(const struct member *a, const char *name, size_t length)
{
	return a->name_length == length && memcmp(a->name, name, length) == 0;
}

/* Two readers of a name given twice could see two different things. */
static bool
name_is_new(const struct member *all, size_t count)
{
	static const char *const heads[] = { "v", "seq", "prev", "host", "boot",
		"t", "mono", "clk", "type" };
	const struct member *m = &all[count];

	for (size_t i = 0; i < count; i++)
		if (same_name(&all[i], m->name, m->name_length))
			return false;
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
		if (m->name[0] == heads[i][0] &&
		    same_name(m, heads[i], strlen(heads[i])))
			return false;
	return true;
}

static bool
members(struct scan *s)
{
	struct member all[LINE_MEMBERS_MAX];

	for (size_t count = 0; s->end - s->at > 1; count++)
		if (count == LINE_MEMBERS_MAX || !member(s, &all[count]) ||
		    !name_is_new(all, count))
			return false;
	return LITERAL(s, "}") && s->at == s->end;
}

static int
parse(
    const void *bytes, size_t length, bool whole, struct line *l, struct err *e)
{
	struct scan s = { .at = bytes, .end = (const char *)bytes + length };
	struct scan v = s;

	if (length > TRAIL_LINE_MAX)
		return err_set(e, ERR_FORMAT, "a line of %zu bytes", length);
	if (!head(&s, !whole, l)) {
		if (LITERAL(&v, "{\"v\":") && v.end - v.at > 1 &&
		    (v.at[0] != '1' || v.at[1] != ',') && is_digit(v.at[0]))
			return err_set(
			    e, ERR_NEWER, "a record of a later version");
		return err_set(e, ERR_FORMAT, "not a record");
	}
	l->members = s.at;
	if (whole ? !members(&s) : s.end[-1] != '}')
		return err_set(e, ERR_FORMAT, "not a record");
	l->members_length = (size_t)(s.end - l->members) - 1;
	return 0;
}

int
line_parse(const void *bytes, size_t length, struct line *l, struct err *e)
{
	return parse(bytes, length, true, l, e);
}

int
line_parse_head(const void *bytes, size_t length, struct line *l, struct err *e)
{
	return parse(bytes, length, false, l, e);
}

static bool
find(const struct line *l, const char *name, struct member *m)
{
	struct scan s = { .at = l->members,
		.end = l->members + l->members_length };
	size_t length = strlen(name);

	while (s.at < s.end && member(&s, m))
		if (same_name(m, name, length))
			return true;
	return false;
}

/* One character of a string that string() has accepted, as UTF-8. */
static void
unescape(struct scan *s, struct buf *out)
{
	unsigned char point[2] = { 0 };
	unsigned value;

	if (*s->at != '\\') {
		buf_put_byte(out, (unsigned char)*s->at++);
		return;
	}
	if (s->at[1] != 'u') {
		buf_put_byte(out, (unsigned char)s->at[1]);
		s->at += 2;
		return;
	}
	s->at += 2;
	(void)hex(s, point, sizeof(point));
	value = (unsigned)point[0] << 8 | point[1];
	if (value < 0x80) {
		buf_put_byte(out, (unsigned char)value);
	} else if (value < 0x800) {
		buf_put_byte(out, (unsigned char)(0xc0 | value >> 6));
		buf_put_byte(out, (unsigned char)(0x80 | (value & 63)));
	} else {
		buf_put_byte(out, (unsigned char)(0xe0 | value >> 12));
		buf_put_byte(out, (unsigned char)(0x80 | (value >> 6 & 63)));
		buf_put_byte(out, (unsigned char)(0x80 | (value & 63)));
	}
}

int
line_get_text(const struct line *l, const char *name, char *out, size_t size,
    struct err *e)
{
	struct buf text = buf_new(size - 1);
	struct member m;
	struct scan s;
	int result = -1;

	out[0] = '\0';
	if (!find(l, name, &m) || !m.is_text)
		return 0;
	s = (struct scan){ .at = m.value, .end = m.value + m.value_length };
	while (s.at < s.end)
		unescape(&s, &text);
	if (buf_status(&text, e) == -1) {
		err_in(e, "%s", name);
		goto out;
	}
	memcpy(out, buf_string(&text), text.length + 1);
	result = 1;
out:
	buf_free(&text);
	return result;
}

int
line_get_number(
    const struct line *l, const char *name, int64_t *value, struct err *e)
{
	struct member m;
	struct scan s;

	*value = 0;
	if (!find(l, name, &m) || m.is_text)
		return 0;
	s = (struct scan){ .at = m.value, .end = m.value + m.value_length };
	if (!integer(&s, value))
		return err_set(e, ERR_FORMAT, "%s: not a number", name);
	return 1;
}

int
line_get_hex(const struct line *l, const char *name, void *out, size_t length,
    struct err *e)
{
	struct member m;
	struct scan s;

	memset(out, 0, length);
	if (!find(l, name, &m) || !m.is_text)
		return 0;
	s = (struct scan){ .at = m.value, .end = m.value + m.value_length };
	if (m.value_length != 2 * length || !hex(&s, out, length))
		return err_set(e, ERR_FORMAT,
		    "%s: not %zu bytes in hexadecimal", name, length);
	return 1;
}

int
line_hash(const void *bytes, size_t length, unsigned char *hash, struct err *e)
{
	return digest_sha256(bytes, length, hash, e);
}
