#include "schema/line.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include <openssl/evp.h>

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

void
line_text(struct buf *b, const char *name, const char *value, size_t max)
{
	buf_printf(b, ",\"%s\":", name);
	enc_json_string(b, value, strnlen(value, max));
}

void
line_number(struct buf *b, const char *name, int64_t value)
{
	buf_printf(b, ",\"%s\":%" PRId64, name, value);
}

void
line_hex(struct buf *b, const char *name, const void *bytes, size_t length)
{
	buf_printf(b, ",\"%s\":\"", name);
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

static bool
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

static int
hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Lower case only: one spelling for each value. */
static bool
hex(struct scan *s, unsigned char *out, size_t length)
{
	if ((size_t)(s->end - s->at) < 2 * length)
		return false;
	for (size_t i = 0; i < length; i++, s->at += 2) {
		int value = hex_digit(s->at[0]) * 16 + hex_digit(s->at[1]);

		if (hex_digit(s->at[0]) < 0 || hex_digit(s->at[1]) < 0)
			return false;
		out[i] = (unsigned char)value;
	}
	return true;
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
	if (length != LINE_UUID)
		return false;
	for (size_t i = 0; i < length; i++) {
		bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;

		if (hyphen ? text[i] != '-' : hex_digit(text[i]) < 0)
			return false;
	}
	return true;
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

#define TIME_LENGTH 27u /* 2026-11-24T08:15:30.000001Z */

static bool
time_of(struct scan *s, struct moment *at)
{
	struct err ignored;

	if ((size_t)(s->end - s->at) < TIME_LENGTH ||
	    enc_untime(s->at, TIME_LENGTH, &at->wall_ns, &ignored) == -1)
		return false;
	s->at += TIME_LENGTH;
	return true;
}

static bool
head(struct scan *s, struct line *l)
{
	int64_t seq;
	size_t length;

	if (!LITERAL(s, "{\"v\":1,\"seq\":") || !integer(s, &seq) || seq < 0 ||
	    !LITERAL(s, ",\"prev\":\"") || !hex(s, l->prev, LINE_HASH) ||
	    !LITERAL(s, "\",\"host\":\"") || !uuid(s, l->host) ||
	    !LITERAL(s, "\",\"boot\":\"") || !uuid(s, l->boot) ||
	    !LITERAL(s, "\",\"t\":\"") || !time_of(s, &l->at) ||
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

int
line_parse(const void *bytes, size_t length, struct line *l, struct err *e)
{
	struct scan s = { .at = bytes, .end = (const char *)bytes + length };
	struct scan v = s;

	if (length > TRAIL_LINE_MAX)
		return err_set(e, ERR_FORMAT, "a line of %zu bytes", length);
	if (LITERAL(&v, "{\"v\":") && v.end - v.at > 1 &&
	    (v.at[0] != '1' || v.at[1] != ',') && is_digit(v.at[0]))
		return err_set(e, ERR_NEWER, "a record of a later version");
	if (!head(&s, l))
		return err_set(e, ERR_FORMAT, "not a record");
	l->members = s.at;
	if (!members(&s))
		return err_set(e, ERR_FORMAT, "not a record");
	l->members_length = (size_t)(s.at - l->members) - 1;
	return 0;
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
	if (EVP_Digest(bytes, length, hash, NULL, EVP_sha256(), NULL) != 1)
		return err_set(e, ERR_CRYPTO, "SHA-256 failed");
	return 0;
}
