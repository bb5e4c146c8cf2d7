#include "review/authorized.h"

#include <string.h>
#include <strings.h>

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static size_t
pass_blanks(const char *line, size_t at, size_t length)
{
	while (at < length && is_blank(line[at]))
		at++;
	return at;
}

/* Up to a blank that stands outside quotes; a quote may be escaped. */
static size_t
options_end(const char *line, size_t at, size_t length)
{
	bool quoted = false;

	for (; at < length && (quoted || !is_blank(line[at])); at++)
		if (line[at] == '\\' && at + 1 < length && line[at + 1] == '"')
			at++;
		else if (line[at] == '"')
			quoted = !quoted;
	return at;
}

/* Whether a word of the options, outside quotes, is that one. */
static bool
has_option(const char *options, size_t length, const char *name)
{
	size_t size = strlen(name);
	bool quoted = false;
	bool fresh = true;

	for (size_t i = 0; i < length; i++) {
		if (fresh && size <= length - i &&
		    strncasecmp(options + i, name, size) == 0 &&
		    (i + size == length || options[i + size] == ','))
			return true;
		fresh = !quoted && options[i] == ',';
		if (options[i] == '\\' && i + 1 < length &&
		    options[i + 1] == '"')
			i++;
		else if (options[i] == '"')
			quoted = !quoted;
	}
	return false;
}

/* Where the comment begins: behind the kind and the base64. */
static size_t
comment_start(const char *line, size_t at, size_t length)
{
	for (int word = 0; word < 2; word++) {
		while (at < length && !is_blank(line[at]))
			at++;
		at = pass_blanks(line, at, length);
	}
	return at;
}

static bool
read_key(const char *line, size_t at, size_t length, struct authorized_key *out)
{
	size_t comment = comment_start(line, at, length);
	size_t end = comment;

	while (end > at && is_blank(line[end - 1]))
		end--;
	if (!decode_ssh_key(line + at, end - at, out->fingerprint))
		return false;
	out->comment = line + comment;
	out->comment_length = length - comment;
	return true;
}

enum authorized
authorized_key(const char *line, size_t length, struct authorized_key *out)
{
	size_t at = pass_blanks(line, 0, length);
	size_t end;

	memset(out, 0, sizeof(*out));
	while (length > at && is_blank(line[length - 1]))
		length--;
	if (at == length || line[at] == '#')
		return AUTHORIZED_NOTHING;
	if (read_key(line, at, length, out))
		return AUTHORIZED_KEY;
	/* What is no key must be options with one behind them. */
	end = options_end(line, at, length);
	out->options = line + at;
	out->options_length = end - at;
	out->is_authority =
	    has_option(out->options, out->options_length, "cert-authority");
	if (read_key(line, pass_blanks(line, end, length), length, out))
		return AUTHORIZED_KEY;
	return AUTHORIZED_WRONG;
}
