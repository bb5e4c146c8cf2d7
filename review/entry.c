#include "review/entry.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

const struct entry_attribute *
entry_find(const struct entry *entry, const char *name)
{
	for (size_t i = 0; i < entry->count; i++)
		if (strcasecmp(entry->attributes[i].name, name) == 0)
			return &entry->attributes[i];
	return NULL;
}

bool
entry_has(const struct entry *entry, const char *name, const char *value)
{
	size_t length = strlen(value);

	for (size_t i = 0; i < entry->count; i++) {
		const struct entry_attribute *a = &entry->attributes[i];

		if (strcasecmp(a->name, name) != 0)
			continue;
		for (size_t v = 0; v < a->count; v++)
			if (a->values[v].length == length &&
			    strncasecmp(a->values[v].data, value, length) == 0)
				return true;
	}
	return false;
}

/* ---- a copy ---- */

static size_t
text_size(const char *text)
{
	return text == NULL ? 0 : strlen(text) + 1;
}

static const char *
put_bytes(char **at, const char *bytes, size_t size)
{
	char *copy = *at;

	if (bytes == NULL)
		return NULL;
	memcpy(copy, bytes, size);
	*at += size;
	return copy;
}

struct entry *
entry_copy(const struct entry *from)
{
	struct entry *copy;
	struct entry_attribute *attributes;
	struct entry_value *values;
	size_t size = sizeof(*copy), count = 0;
	char *at;

	size += from->count * sizeof(*attributes) + text_size(from->dn);
	for (size_t i = 0; i < from->count; i++) {
		const struct entry_attribute *a = &from->attributes[i];

		count += a->count;
		size += text_size(a->name) + text_size(a->options);
		for (size_t v = 0; v < a->count; v++)
			size += a->values[v].length + 1;
	}
	size += count * sizeof(*values);
	copy = malloc(size);
	if (copy == NULL)
		return NULL;
	attributes = (struct entry_attribute *)(copy + 1);
	values = (struct entry_value *)(attributes + from->count);
	at = (char *)(values + count);
	copy->dn = put_bytes(&at, from->dn, text_size(from->dn));
	copy->attributes = attributes;
	copy->count = from->count;
	for (size_t i = 0; i < from->count; i++) {
		const struct entry_attribute *a = &from->attributes[i];

		attributes[i].name =
		    put_bytes(&at, a->name, text_size(a->name));
		attributes[i].options =
		    put_bytes(&at, a->options, text_size(a->options));
		attributes[i].values = values;
		attributes[i].count = a->count;
		for (size_t v = 0; v < a->count; v++) {
			values->data = put_bytes(
			    &at, a->values[v].data, a->values[v].length + 1);
			values->length = a->values[v].length;
			values++;
		}
	}
	return copy;
}

/* ---- secrets ---- */

#define NAME(text)                                                             \
	{                                                                      \
		text, sizeof(text) - 1                                         \
	}
static const struct {
	const char *name;
	size_t length;
} secrets[] = {
	NAME("authPassword"),
	NAME("clearPassword"),
	NAME("currentPassword"),
	NAME("currentValue"),
	NAME("dBCSPwd"),
	NAME("goCryptPassword"),
	NAME("initialAuthIncoming"),
	NAME("initialAuthOutgoing"),
	NAME("ipaNTHash"),
	NAME("ipaNTTrustAuthIncoming"),
	NAME("ipaNTTrustAuthOutgoing"),
	NAME("ipatokenOTPkey"),
	NAME("ipatokenRadiusSecret"),
	NAME("krbExtraData"),
	NAME("krbMKey"),
	NAME("krbPrincipalKey"),
	NAME("krbPwdHistory"),
	NAME("lmPwdHistory"),
	NAME("ms-Mcs-AdmPwd"),
	NAME("msDS-ManagedPassword"),
	NAME("msLAPS-EncryptedDSRMPassword"),
	NAME("msLAPS-EncryptedDSRMPasswordHistory"),
	NAME("msLAPS-EncryptedPassword"),
	NAME("msLAPS-EncryptedPasswordHistory"),
	NAME("msLAPS-Password"),
	NAME("nsds5ReplicaCredentials"),
	NAME("ntPwdHistory"),
	NAME("oathSecret"),
	NAME("olcRootPW"),
	NAME("nsslapd-rootpw"),
	NAME("passwordHistory"),
	NAME("priorValue"),
	NAME("pwdHistory"),
	NAME("sambaLMPassword"),
	NAME("sambaNTPassword"),
	NAME("sambaPasswordHistory"),
	NAME("sambaPreviousClearTextPassword"),
	NAME("sambaClearTextPassword"),
	NAME("supplementalCredentials"),
	NAME("trustAuthIncoming"),
	NAME("trustAuthOutgoing"),
	NAME("unhashed#user#password"),
	NAME("unicodePwd"),
	NAME("userPKCS12"),
	NAME("userPassword"),
};

bool
entry_is_secret(const char *name, size_t length)
{
	/* Asked of every line of a file: nearly all end at the first test. */
	for (size_t i = 0; i < sizeof(secrets) / sizeof(*secrets); i++)
		if (secrets[i].length == length &&
		    ((secrets[i].name[0] ^ name[0]) | 0x20) == 0x20 &&
		    strncasecmp(name, secrets[i].name, length) == 0)
			return true;
	return false;
}

/* ---- names ---- */

static bool
is_separator(char c)
{
	return c == ',' || c == '+' || c == '=' || c == ';';
}

/* The next byte that counts, in lower case; 0 at the end. */
static unsigned char
next_of_dn(const char **at, bool *after_separator)
{
	const char *c = *at;

	for (;;) {
		const char *rest = c;

		if (*c != ' ')
			break;
		while (*rest == ' ')
			rest++;
		/* Blanks count inside a value only. */
		if (*rest == '\0' || is_separator(*rest) || *after_separator)
			c = rest;
		else
			break;
	}
	*after_separator = is_separator(*c);
	*at = *c == '\0' ? c : c + 1;
	if (*c == '\\' && **at != '\0') {
		/* An escaped separator is none. */
		*after_separator = false;
	}
	if (*c >= 'A' && *c <= 'Z')
		return (unsigned char)(*c + ('a' - 'A'));
	return (unsigned char)(*c == ';' ? ',' : *c);
}

bool
dn_equal(const char *a, const char *b)
{
	bool after_a = true, after_b = true;
	unsigned char x, y;

	do {
		x = next_of_dn(&a, &after_a);
		y = next_of_dn(&b, &after_b);
	} while (x == y && x != '\0');
	return x == y;
}

bool
dn_is_below(const char *dn, const char *base)
{
	if (*base == '\0' || dn_equal(dn, base))
		return true;
	for (const char *c = dn; *c != '\0'; c++) {
		if (*c == '\\' && c[1] != '\0')
			c++;
		else if (*c == ',' && dn_equal(c + 1, base))
			return true;
	}
	return false;
}
