#include "review/dn.h"

#include <stdbool.h>
#include <string.h>

/* In the normal form; within a value they stand behind ESCAPE. */
enum { NEXT_RDN = 1, NEXT_PART = 2, ESCAPE = 3 };

/* RFC 4519: the long names and the numbers of what RDNs are made of. */
static const struct {
	const char *spelt;
	const char *normal;
} types[] = {
	{ "commonname", "cn" },
	{ "2.5.4.3", "cn" },
	{ "surname", "sn" },
	{ "2.5.4.4", "sn" },
	{ "countryname", "c" },
	{ "2.5.4.6", "c" },
	{ "localityname", "l" },
	{ "2.5.4.7", "l" },
	{ "stateorprovincename", "st" },
	{ "2.5.4.8", "st" },
	{ "organizationname", "o" },
	{ "2.5.4.10", "o" },
	{ "organizationalunitname", "ou" },
	{ "2.5.4.11", "ou" },
	{ "userid", "uid" },
	{ "0.9.2342.19200300.100.1.1", "uid" },
	{ "domaincomponent", "dc" },
	{ "0.9.2342.19200300.100.1.25", "dc" },
};

struct reading {
	const char *at, *end;
	char *out;
};

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void
skip_blanks(struct reading *r)
{
	while (r->at < r->end && *r->at == ' ')
		r->at++;
}

static bool
is_type_character(char c)
{
	c = lower(c);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	    c == '.';
}

/* "cn", then '='. */
static bool
read_type(struct reading *r)
{
	char *type = r->out;
	size_t length;

	skip_blanks(r);
	if (r->end - r->at > 4 && strncmp(r->at, "OID.", 4) == 0)
		r->at += 4;
	while (r->at < r->end && is_type_character(*r->at))
		*r->out++ = lower(*r->at++);
	length = (size_t)(r->out - type);
	skip_blanks(r);
	if (length == 0 || r->at == r->end || *r->at != '=')
		return false;
	r->at++;
	for (size_t i = 0; length > 5 && i < sizeof(types) / sizeof(types[0]);
	     i++)
		if (strlen(types[i].spelt) == length &&
		    memcmp(types[i].spelt, type, length) == 0) {
			length = strlen(types[i].normal);
			memcpy(type, types[i].normal, length);
			r->out = type + length;
		}
	*r->out++ = '=';
	return true;
}

/* What a backslash stands before: a pair of digits or the thing itself. */
static bool
read_escape(struct reading *r, char *c)
{
	if (r->end - r->at >= 2 && digit(r->at[0]) >= 0 &&
	    digit(r->at[1]) >= 0) {
		*c = (char)(digit(r->at[0]) * 16 + digit(r->at[1]));
		r->at += 2;
		return true;
	}
	if (r->at == r->end)
		return false;
	*c = *r->at++;
	return true;
}

static void
put(struct reading *r, char c, const char *value)
{
	if (c == ' ' && (r->out == value || r->out[-1] == ' '))
		return;
	if (c == NEXT_RDN || c == NEXT_PART || c == ESCAPE)
		*r->out++ = ESCAPE;
	*r->out++ = lower(c);
}

static bool
read_value(struct reading *r)
{
	const char *value = r->out;
	bool quoted = false;

	skip_blanks(r);
	while (r->at < r->end) {
		char c = *r->at;

		if (!quoted && (c == ',' || c == ';' || c == '+'))
			break;
		r->at++;
		if (c == '"') { /* as RFC 2253 section 4 still reads */
			quoted = !quoted;
			continue;
		}
		if (c == '\\' && !read_escape(r, &c))
			return false;
		put(r, c, value);
	}
	while (r->out > value && r->out[-1] == ' ')
		r->out--;
	return !quoted;
}

#define PARTS_MAX 16

/* One more part of an RDN, put in order among those that begin at starts. */
static bool
sort_part(char *const *starts, size_t count, char *end)
{
	/* Parts lie one behind the other, each closed by NEXT_PART. */
	for (size_t i = 0; i + 1 < count; i++) {
		char *mine = starts[count - 1];
		size_t length = (size_t)(end - mine);
		size_t other = (size_t)(starts[i + 1] - starts[i]);
		size_t shorter = length < other ? length : other;
		int order = memcmp(mine, starts[i], shorter);

		if (order > 0 || (order == 0 && length >= other))
			continue;
		/* Turn the bytes from there so that mine stands first. */
		for (size_t n = 0; n < length; n++) {
			char last = end[-1];

			memmove(starts[i] + 1, starts[i],
			    (size_t)(end - starts[i]) - 1);
			*starts[i] = last;
		}
		return true;
	}
	return false;
}

static void
restart(char **starts, size_t count, const char *end)
{
	char *at = starts[0];

	for (size_t i = 1; i < count; i++) {
		while (at < end && *at != NEXT_PART)
			at += *at == ESCAPE ? 2 : 1;
		starts[i] = ++at;
	}
}

static bool
read_rdn(struct reading *r)
{
	char *starts[PARTS_MAX];
	size_t count = 0;

	for (;;) {
		if (count == PARTS_MAX)
			return false;
		starts[count++] = r->out;
		if (!read_type(r) || !read_value(r))
			return false;
		if (count > 1 || (r->at < r->end && *r->at == '+'))
			*r->out++ = NEXT_PART;
		if (count > 1 && sort_part(starts, count, r->out))
			restart(starts, count, r->out);
		if (r->at == r->end || *r->at != '+')
			return true;
		r->at++;
	}
}

size_t
dn_normal(const char *dn, size_t length, char *out, size_t room)
{
	struct reading r = { dn, dn + length, out };

	if (length == 0 || room < DN_ROOM(length))
		return 0;
	for (;;) {
		if (!read_rdn(&r))
			return 0;
		if (r.at == r.end)
			return (size_t)(r.out - out);
		r.at++; /* ',' or ';' */
		*r.out++ = NEXT_RDN;
	}
}
