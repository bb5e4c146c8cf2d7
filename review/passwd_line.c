#include "review/passwd_line.h"

#include <string.h>

#include "review/decode.h"
#include "review/fact.h"
#include "schema/base/enc.h"

#define ID_MAX   UINT32_MAX
#define NAME_MAX 256u /* bytes; useradd(8) allows 32 */

char *
passwd_next_line(char **rest)
{
	char *line = *rest;
	size_t length;

	if (*line == '\0')
		return NULL;
	length = strcspn(line, "\n");
	*rest = line + length;
	if (**rest == '\n')
		*(*rest)++ = '\0';
	return line;
}

char *
passwd_word(char **rest)
{
	char *word = *rest + strspn(*rest, ", \t");
	size_t length = strcspn(word, ", \t");

	if (length == 0)
		return NULL;
	*rest = word + length;
	if (**rest != '\0')
		*(*rest)++ = '\0';
	return word;
}

/* Exactly count fields. */
static bool
cut(char *line, char **fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		fields[i] = line;
		line += strcspn(line, ":");
		if (i + 1 == count)
			return *line == '\0';
		if (*line == '\0')
			return false;
		*line++ = '\0';
	}
	return false;
}

static bool
is_name(const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || length > NAME_MAX || !enc_is_utf8(name, length))
		return false;
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)name[i] <= ' ' || name[i] == 0x7f ||
		    name[i] == '/' || name[i] == ',')
			return false;
	return true;
}

static bool
is_nis(const char *name)
{
	return name[0] == '+' || name[0] == '-';
}

static bool
read_id(const char *text, int64_t *id)
{
	struct err unused;
	uint64_t number;

	if (enc_number(text, strlen(text), ID_MAX, &number, &unused) == -1)
		return false;
	*id = (int64_t)number;
	return true;
}

static bool
is_des(const char *hash)
{
	static const char digits[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                             "abcdefghijklmnopqrstuvwxyz";

	return strlen(hash) == 13 && strspn(hash, digits) == 13;
}

static void
read_scheme(const char *hash, char scheme[8])
{
	size_t length = hash[0] == '$' ? strcspn(hash + 1, "$") : 0;

	if (length > 0 && length < 8 && hash[1 + length] == '$' &&
	    strspn(hash + 1, "0123456789abcdefghijklmnopqrstuvwxyz-") ==
	        length) {
		memcpy(scheme, hash + 1, length);
		scheme[length] = '\0';
	} else if (hash[0] == '_') {
		memcpy(scheme, "bsdi", sizeof("bsdi"));
	} else if (is_des(hash)) {
		memcpy(scheme, "des", sizeof("des"));
	}
}

static struct password
read_password(const char *field)
{
	struct password p = { .state = PASSWORD_LOCKED };
	const char *hash = field + strspn(field, "!*");

	read_scheme(hash, p.scheme);
	if (field[0] == '\0')
		p.state = PASSWORD_EMPTY;
	else if (strcmp(field, "x") == 0)
		p.state = PASSWORD_ELSEWHERE;
	else if (hash == field && p.scheme[0] != '\0')
		p.state = PASSWORD_SET;
	return p;
}

const char *
passwd_line(char *line, struct passwd_line *out)
{
	char *f[7];

	memset(out, 0, sizeof(*out));
	out->nis = is_nis(line);
	if (out->nis && strchr(line, ':') == NULL) {
		out->name = line;
		out->uid = out->gid = FACT_UNKNOWN;
		out->gecos = out->home = out->shell = line + strlen(line);
		return is_name(line) ? NULL : "an ill-formed name";
	}
	if (!cut(line, f, 7))
		return "not seven fields";
	out->name = f[0];
	out->password = read_password(f[1]);
	out->gecos = f[4];
	out->home = f[5];
	out->shell = f[6];
	if (!is_name(out->name))
		return "an ill-formed name";
	out->uid = out->gid = FACT_UNKNOWN;
	if (!read_id(f[2], &out->uid) && !(out->nis && f[2][0] == '\0'))
		return "an ill-formed user id";
	if (!read_id(f[3], &out->gid) && !(out->nis && f[3][0] == '\0'))
		return "an ill-formed group id";
	return NULL;
}

const char *
shadow_line(char *line, struct shadow_line *out)
{
	char *f[9];
	int64_t *const days[] = { &out->changed, &out->min, &out->max,
		&out->warn, &out->inactive, &out->expires };

	memset(out, 0, sizeof(*out));
	if (!cut(line, f, 9))
		return "not nine fields";
	out->name = f[0];
	out->password = read_password(f[1]);
	/* Where the shadow file itself says "x", nothing matches. */
	if (out->password.state == PASSWORD_ELSEWHERE)
		out->password.state = PASSWORD_LOCKED;
	if (!is_name(out->name))
		return "an ill-formed name";
	for (size_t i = 0; i < sizeof(days) / sizeof(*days); i++)
		if (!decode_days(f[2 + i], strlen(f[2 + i]), days[i]))
			return "an ill-formed number of days";
	return NULL;
}

const char *
group_line(char *line, struct group_line *out)
{
	char *f[4];

	memset(out, 0, sizeof(*out));
	out->nis = is_nis(line);
	if (out->nis && strchr(line, ':') == NULL) {
		out->name = line;
		out->gid = FACT_UNKNOWN;
		out->members = line + strlen(line);
		return is_name(line) ? NULL : "an ill-formed name";
	}
	if (!cut(line, f, 4))
		return "not four fields";
	out->name = f[0];
	out->members = f[3];
	out->gid = FACT_UNKNOWN;
	if (!is_name(out->name))
		return "an ill-formed name";
	if (!read_id(f[2], &out->gid) && !(out->nis && f[2][0] == '\0'))
		return "an ill-formed group id";
	return NULL;
}

const char *
gshadow_line(char *line, struct gshadow_line *out)
{
	char *f[4];

	memset(out, 0, sizeof(*out));
	if (!cut(line, f, 4))
		return "not four fields";
	out->name = f[0];
	out->has_password = read_password(f[1]).state == PASSWORD_SET;
	out->administrators = f[2];
	out->members = f[3];
	if (!enc_is_utf8(out->administrators, strlen(out->administrators)))
		return "administrators that are not UTF-8";
	return is_name(out->name) ? NULL : "an ill-formed name";
}
