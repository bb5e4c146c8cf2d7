/*
 * A directory entry as it was read, from LDAP or LDIF, before anything is made
 * of it. What it points to is alive until the call that was given it returns.
 */
#ifndef REVIEW_ENTRY_H
#define REVIEW_ENTRY_H

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

#endif
