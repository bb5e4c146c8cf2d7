#include "review/json.h"

#include <string.h>

#include "schema/base/enc.h"

struct json
json_new(const void *bytes, size_t length)
{
	struct json j = { .start = bytes };

	j.at = j.start;
	j.end = length == 0 ? j.start : j.start + length;
	return j;
}

void
json_fail(struct json *j, const char *why)
{
	if (j->failed == NULL)
		j->failed = why;
}

int64_t
json_line(const struct json *j)
{
	int64_t line = 1;

	for (const char *at = j->start; at < j->at; at++)
		line += *at == '\n';
	return line;
}

static bool
blanks(struct json *j)
{
	while (j->at < j->end && strchr(" \t\r\n", *j->at) != NULL &&
	    *j->at != '\0')
		j->at++;
	return j->failed == NULL && j->at < j->end;
}

/* That byte, after blanks. */
static bool
expect(struct json *j, char byte, const char *why)
{
	if (!blanks(j) || *j->at != byte) {
		json_fail(j, why);
		return false;
	}
	j->at++;
	return true;
}

static bool
peek(struct json *j, char byte)
{
	return blanks(j) && *j->at == byte;
}

bool
json_begin(struct json *j, char bracket)
{
	if (!expect(j, bracket,
	        bracket == '{' ? "an object is wanted" : "an array is wanted"))
		return false;
	if (j->depth == JSON_DEPTH) {
		json_fail(j, "nested too deep");
		return false;
	}
	j->first[++j->depth] = true;
	return true;
}

/* Past the comma before what follows; false at the closing bracket. */
static bool
follows(struct json *j, char bracket)
{
	if (j->failed != NULL)
		return false;
	if (peek(j, bracket)) {
		j->at++;
		j->depth--;
		return false;
	}
	if (!j->first[j->depth] && !expect(j, ',', "a comma is wanted"))
		return false;
	j->first[j->depth] = false;
	return j->failed == NULL;
}

bool
json_element(struct json *j)
{
	return follows(j, ']');
}

bool
json_member(struct json *j, struct buf *name)
{
	buf_clear(name);
	return follows(j, '}') && json_string(j, name) &&
	    expect(j, ':', "a colon is wanted");
}

/* ---- Strings ---- */

/* Four hexadecimal digits. */
static bool
unit(struct json *j, unsigned *value)
{
	unsigned char bytes[2];
	struct err e;

	if (j->end - j->at < 4 || enc_unhex(j->at, 4, bytes, 2, &e) == -1) {
		json_fail(j, "\\u without four digits");
		return false;
	}
	*value = (unsigned)bytes[0] << 8 | bytes[1];
	j->at += 4;
	return true;
}

static void
put_utf8(struct buf *out, unsigned c)
{
	if (c < 0x80) {
		buf_put_byte(out, (unsigned char)c);
		return;
	}
	if (c < 0x800) {
		buf_put_byte(out, (unsigned char)(0xc0 | c >> 6));
	} else if (c < 0x10000) {
		buf_put_byte(out, (unsigned char)(0xe0 | c >> 12));
		buf_put_byte(out, (unsigned char)(0x80 | (c >> 6 & 0x3f)));
	} else {
		buf_put_byte(out, (unsigned char)(0xf0 | c >> 18));
		buf_put_byte(out, (unsigned char)(0x80 | (c >> 12 & 0x3f)));
		buf_put_byte(out, (unsigned char)(0x80 | (c >> 6 & 0x3f)));
	}
	buf_put_byte(out, (unsigned char)(0x80 | (c & 0x3f)));
}

/* After "\u": a character, or a pair of surrogates. */
static bool
put_escaped(struct json *j, struct buf *out)
{
	unsigned high, low;

	if (!unit(j, &high))
		return false;
	if (high >= 0xd800 && high < 0xdc00 && j->end - j->at >= 6 &&
	    j->at[0] == '\\' && j->at[1] == 'u') {
		j->at += 2;
		if (!unit(j, &low))
			return false;
		if (low >= 0xdc00 && low < 0xe000) {
			put_utf8(out,
			    0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
			return true;
		}
		high = 0xd800; /* half a pair */
	}
	if (high == 0 || (high >= 0xd800 && high < 0xe000)) {
		json_fail(j, "a character that is none");
		return false;
	}
	put_utf8(out, high);
	return true;
}

static bool
put_escape(struct json *j, struct buf *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *found;

	if (j->at == j->end) {
		json_fail(j, "a string without an end");
		return false;
	}
	if (*j->at == 'u') {
		j->at++;
		return put_escaped(j, out);
	}
	found = *j->at == '\0' ? NULL : strchr(from, *j->at);
	if (found == NULL) {
		json_fail(j, "a backslash before what needs none");
		return false;
	}
	j->at++;
	buf_put_byte(out, (unsigned char)to[found - from]);
	return true;
}

bool
json_string(struct json *j, struct buf *out)
{
	const char *from;

	buf_clear(out);
	if (!expect(j, '"', "a string is wanted"))
		return false;
	while (j->at < j->end && *j->at != '"') {
		from = j->at;
		while (j->at < j->end && *j->at != '"' && *j->at != '\\' &&
		    (unsigned char)*j->at >= 0x20)
			j->at++;
		buf_put(out, from, (size_t)(j->at - from));
		if (j->at < j->end && (unsigned char)*j->at < 0x20) {
			json_fail(j, "a control character in a string");
			return false;
		}
		if (j->at < j->end && *j->at == '\\') {
			j->at++;
			if (!put_escape(j, out))
				return false;
		}
	}
	if (!expect(j, '"', "a string without an end"))
		return false;
	if (out->failed != ERR_NONE)
		json_fail(j, "a string is too long");
	else if (!enc_is_utf8(out->data, out->length))
		json_fail(j, "a string is not UTF-8");
	return j->failed == NULL;
}

/* ---- Numbers, and what nobody asked for ---- */

int64_t
json_int(struct json *j, int64_t least, int64_t most)
{
	const char *from;
	bool negative;
	uint64_t value;
	struct err e;

	if (!blanks(j)) {
		json_fail(j, "a number is wanted");
		return least;
	}
	negative = *j->at == '-';
	j->at += negative;
	from = j->at;
	while (j->at < j->end && *j->at >= '0' && *j->at <= '9')
		j->at++;
	if (enc_number(from, (size_t)(j->at - from), INT64_MAX, &value, &e) ==
	        -1 ||
	    (negative && value == 0) ||
	    (negative ? -(int64_t)value : (int64_t)value) < least ||
	    (negative ? -(int64_t)value : (int64_t)value) > most ||
	    (j->at < j->end && strchr(".eE", *j->at) != NULL &&
	        *j->at != '\0')) {
		json_fail(j, "a whole number in its bounds is wanted");
		return least;
	}
	return negative ? -(int64_t)value : (int64_t)value;
}

/* RFC 8259 section 6, its value not looked at. */
static bool
skip_number(struct json *j)
{
	size_t digits = 0;

	if (*j->at == '-')
		j->at++;
	for (; j->at < j->end && *j->at != '\0' &&
	     strchr("0123456789.eE+-", *j->at) != NULL;
	     j->at++)
		digits += *j->at >= '0' && *j->at <= '9';
	if (digits == 0)
		json_fail(j, "a value is wanted");
	return j->failed == NULL;
}

static bool
skip_word(struct json *j)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t length = strlen(words[i]);

		if ((size_t)(j->end - j->at) >= length &&
		    memcmp(j->at, words[i], length) == 0) {
			j->at += length;
			return true;
		}
	}
	return skip_number(j);
}

bool
json_skip(struct json *j)
{
	struct buf text = buf_new((size_t)(j->end - j->at) + 1);

	if (peek(j, '{')) {
		(void)json_begin(j, '{');
		while (json_member(j, &text))
			(void)json_skip(j);
	} else if (peek(j, '[')) {
		(void)json_begin(j, '[');
		while (json_element(j))
			(void)json_skip(j);
	} else if (peek(j, '"')) {
		(void)json_string(j, &text);
	} else if (blanks(j)) {
		(void)skip_word(j);
	} else {
		json_fail(j, "a value is wanted");
	}
	buf_free(&text);
	return j->failed == NULL;
}

int
json_finish(struct json *j, struct err *e)
{
	if (j->failed == NULL && blanks(j))
		json_fail(j, "more than one value");
	return j->failed == NULL ? 0
	                         : err_set(e, ERR_FORMAT, "line %lld: %s",
	                               (long long)json_line(j), j->failed);
}
