/*
 * A directory entry as it was read, from LDAP or LDIF, before anything is made
 * of it. What it points to is alive until the call that was given it returns.
 */
#ifndef REVIEW_ENTRY_H
#define REVIEW_ENTRY_H

#include <stdbool.h>
#include <stddef.h>

struct entry_value {
	const char *data; /* any bytes; a NUL follows, which is not counted */
	size_t length;
};

struct entry_attribute {
	const char *name;    /* as spelt, without options: "member" */
	const char *options; /* "range=0-1499", "binary"; NULL: none */
	const struct entry_value *values;
	size_t count;
};

struct entry {
	const char *dn; /* as spelt, UTF-8 */
	const struct entry_attribute *attributes;
	size_t count;
};

/* By name, in any case, options ignored; NULL: it has none. */
const struct entry_attribute *entry_find(const struct entry *, const char *);
/* Whether the attribute has that value, in any case. */
bool entry_has(const struct entry *, const char *name, const char *value);

/* In one piece of memory, for free(3); NULL: there is not enough. */
struct entry *entry_copy(const struct entry *);

/*
 * Attributes that hold a password or what stands for one (userPassword,
 * unicodePwd, krbPrincipalKey...): never asked for, passed over where a file
 * has them, and in no digest. length is the name's, without options.
 */
bool entry_is_secret(const char *name, size_t length);

/*
 * RFC 4514: whether both name the same, but for case and for blanks around
 * ',', '+' and '='; whether dn is base or below it. Escapes are compared as
 * they are spelt.
 */
bool dn_equal(const char *, const char *);
bool dn_is_below(const char *dn, const char *base);

#endif
