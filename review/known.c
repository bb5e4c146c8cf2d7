#include "review/known.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_AT_FIRST 256u

/* Where it is, or would be; there is always a free place. */
static struct known_entry *
place(const struct known *k, const unsigned char name[16])
{
	size_t at;

	memcpy(&at, name, sizeof(at));
	for (;; at++) {
		struct known_entry *entry = &k->entries[at & (k->room - 1)];

		if (entry->number == 0 ||
		    memcmp(entry->name, name, sizeof(entry->name)) == 0)
			return entry;
	}
}

static int
grow(struct known *k, struct err *e)
{
	struct known wider = { .room =
		                   k->room == 0 ? ROOM_AT_FIRST : 2 * k->room };

	wider.entries = calloc(wider.room, sizeof(*wider.entries));
	if (wider.entries == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < k->room; i++)
		if (k->entries[i].number != 0) {
			*place(&wider, k->entries[i].name) = k->entries[i];
			wider.count++;
		}
	free(k->entries);
	*k = wider;
	return 0;
}

struct known_entry *
known_find(struct known *k, const char *name, struct err *e)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	struct known_entry *entry;

	/* count may exceed what is there, never fall below it. */
	if (2 * (k->count + 1) > k->room && grow(k, e) == -1)
		return NULL;
	(void)SHA256((const unsigned char *)name, strlen(name), digest);
	entry = place(k, digest);
	if (entry->number == 0) {
		memset(entry, 0, sizeof(*entry));
		memcpy(entry->name, digest, sizeof(entry->name));
		k->count++;
	}
	return entry;
}

int64_t
known_number(const struct known *k, const char *name)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];

	if (k->room == 0)
		return 0;
	(void)SHA256((const unsigned char *)name, strlen(name), digest);
	return place(k, digest)->number;
}

void
known_free(struct known *k)
{
	free(k->entries);
	*k = (struct known){ 0 };
}
