#include "review/quote.h"

#include <string.h>

#include "review/command.h"
#include "schema/base/enc.h"

static bool
is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

static bool
has_control(const char *text)
{
	while (*text != '\0')
		if (is_control(*text++))
			return true;
	return false;
}

void
quote_shell(struct buf *b, const char *text)
{
	bool escaped = has_control(text);

	buf_put_string(b, escaped ? "$'" : "'");
	for (; *text != '\0'; text++) {
		/* Always three digits: what follows can't join them. */
		if (is_control(*text))
			buf_printf(b, "\\%03o", (unsigned char)*text);
		else if (escaped && (*text == '\'' || *text == '\\'))
			buf_printf(b, "\\%c", *text);
		else if (*text == '\'')
			buf_put_string(b, "'\\''");
		else
			buf_put_byte(b, (unsigned char)*text);
	}
	buf_put_byte(b, '\'');
}

/* U+2018 to U+201B in UTF-8. */
static bool
is_typographic(const char *text)
{
	return strncmp(text, "\xe2\x80", 2) == 0 &&
	    (unsigned char)text[2] >= 0x98 && (unsigned char)text[2] <= 0x9b;
}

void
quote_powershell(struct buf *b, const char *text)
{
	bool joined = has_control(text);

	buf_put_string(b, joined ? "('" : "'");
	for (; *text != '\0'; text++) {
		if (is_control(*text)) {
			buf_printf(b, "'+[char]%u+'", (unsigned char)*text);
		} else if (is_typographic(text)) {
			buf_put(b, text, 3);
			buf_put(b, text, 3);
			text += 2;
		} else {
			if (*text == '\'')
				buf_put_byte(b, '\'');
			buf_put_byte(b, (unsigned char)*text);
		}
	}
	buf_put_string(b, joined ? "')" : "'");
}

static bool
is_safe(const unsigned char *value, size_t length)
{
	if (length == 0)
		return true;
	if (strchr(" :<", value[0]) != NULL || value[length - 1] == ' ')
		return false;
	for (size_t i = 0; i < length; i++)
		if (value[i] < ' ' || value[i] > '~')
			return false;
	return true;
}

void
quote_ldif(
    struct buf *b, const char *attribute, const void *value, size_t length)
{
	buf_put_string(b, attribute);
	if (is_safe(value, length)) {
		buf_put_string(b, ": ");
		buf_put(b, value, length);
	} else {
		buf_put_string(b, ":: ");
		enc_base64(b, value, length);
	}
	buf_put_byte(b, '\n');
}

void
quote_comment(struct buf *b, const char *text)
{
	command_harmless(b, text);
}

void
quote_cell(struct buf *b, const char *text)
{
	bool quoted = strpbrk(text, "\",\r\n") != NULL;

	if (quoted)
		buf_put_byte(b, '"');
	if (*text != '\0' && strchr("=+-@\t\r", *text) != NULL)
		buf_put_byte(b, '\'');
	for (; *text != '\0'; text++) {
		if (*text == '"')
			buf_put_byte(b, '"');
		buf_put_byte(b, (unsigned char)*text);
	}
	if (quoted)
		buf_put_byte(b, '"');
}
