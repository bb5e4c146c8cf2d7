/*
 * Which names were met before, by a digest of each: bounded memory for each
 * name however long it is, and no input makes looking it up slow.
 */
#ifndef REVIEW_KNOWN_H
#define REVIEW_KNOWN_H

#include <stddef.h>
#include <stdint.h>

#include "schema/base/err.h"

struct known_entry {
	unsigned char name[16];  /* the first bytes of its SHA-256 */
	unsigned char facts[16]; /* the caller's */
	int64_t number;          /* the caller's; 0 of a name met just now */
};

struct known {
	struct known_entry *entries;
	size_t room;
	size_t count;
};

/*
 * The name's entry, made if there is none: valid until the next call. NULL:
 * out of memory. An entry whose number stays 0 is one not made yet.
 */
struct known_entry *known_find(struct known *, const char *name, struct err *);
/* Its number, without making an entry; 0: there is none. */
int64_t known_number(const struct known *, const char *name);
void known_free(struct known *);

#endif
