#include "review/xml_text.h"

#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"

static const struct {
	char byte;
	const char *as;
} escapes[] = {
	{ '&', "&amp;" },
	{ '<', "&lt;" },
	{ '>', "&gt;" },
	{ '"', "&quot;" },
	{ '\t', "&#9;" },
	{ '\n', "&#10;" },
	{ '\r', "&#13;" },
};

static const char *
escape_of(char byte)
{
	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++)
		if (escapes[i].byte == byte)
			return escapes[i].as;
	return NULL;
}

static bool
continues(unsigned char byte)
{
	return (byte & 0xc0) == 0x80;
}

/*
 * Bytes of the character at p, not of ASCII, that XML can carry; 0: there is
 * none. RFC 3629 section 4; U+FFFE and U+FFFF are out, the other 64 of the
 * kind are in.
 */
static size_t
wide(const unsigned char *p, size_t left)
{
	if (left >= 2 && p[0] >= 0xc2 && p[0] <= 0xdf && continues(p[1]))
		return 2;
	if (left >= 3 && p[0] >= 0xe0 && p[0] <= 0xef && continues(p[1]) &&
	    continues(p[2]))
		return (p[0] == 0xe0 && p[1] < 0xa0) ||
		        (p[0] == 0xed && p[1] > 0x9f) ||
		        (p[0] == 0xef && p[1] == 0xbf && p[2] > 0xbd)
		    ? 0
		    : 3;
	if (left >= 4 && p[0] >= 0xf0 && p[0] <= 0xf4 && continues(p[1]) &&
	    continues(p[2]) && continues(p[3]))
		return (p[0] == 0xf0 && p[1] < 0x90) ||
		        (p[0] == 0xf4 && p[1] > 0x8f)
		    ? 0
		    : 4;
	return 0;
}

static bool
plain_byte(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '&' && c != '<' && c != '>' &&
	    c != '"';
}

size_t
xml_plain(const char *text, size_t length)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t at = 0, step;

	while (at < length) {
		if (plain_byte(p[at]))
			at++;
		else if (p[at] >= 0x80 &&
		    (step = wide(p + at, length - at)) > 0)
			at += step;
		else
			break;
	}
	return at;
}

bool
xml_is_clean(const char *text, size_t length)
{
	for (size_t at = 0;; at++) {
		at += xml_plain(text + at, length - at);
		if (at == length)
			return true;
		if (escape_of(text[at]) == NULL)
			return false;
	}
}

static void
put(struct buf *b, const char *text, size_t length, bool escaped)
{
	const char *as;

	for (size_t at = 0;; at++) {
		size_t plain = xml_plain(text + at, length - at);

		buf_put(b, text + at, plain);
		at += plain;
		if (at == length)
			return;
		if ((as = escape_of(text[at])) == NULL) {
			buf_put_string(b, REPLACEMENT);
			if (length - at >= 3 &&
			    memcmp(text + at, "\xef\xbf", 2) == 0)
				at += 2; /* U+FFFE, U+FFFF */
		} else if (escaped)
			buf_put_string(b, as);
		else
			buf_put_byte(b, (unsigned char)text[at]);
	}
}

void
xml_put(struct buf *b, const char *text, size_t length)
{
	put(b, text, length, true);
}

void
xml_put_clean(struct buf *b, const char *text, size_t length)
{
	put(b, text, length, false);
}

void
xml_put_attribute(struct buf *b, const char *name, const char *value)
{
	if (value == NULL)
		return;
	buf_printf(b, " %s=\"", name);
	xml_put(b, value, strlen(value));
	buf_put_byte(b, '"');
}
