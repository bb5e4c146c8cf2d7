/*
 * Reeve's own trail (trail(5)) as signs of use: verified first, against the
 * first key and the highest checkpoint that were kept from earlier. Only what
 * the host's latest checkpoint covers is read; the rest waits for the next.
 */
#ifndef REVIEW_USE_OWN_H
#define REVIEW_USE_OWN_H

#include "review/use_form.h"
#include "schema/note.h"
#include "schema/tree.h"

#define USE_OWN_KEY (2 * NOTE_NAME_MAX) /* bytes of a verifier key */

/* What is kept of a host: its first key and its highest checkpoint. */
struct use_pin {
	char key[USE_OWN_KEY]; /* "": none yet */
	uint64_t size;         /* records; read up to here already */
	unsigned char root[TREE_HASH];
};

struct use_own {
	bool verified;
	bool uncertified;   /* it has an origin that nobody certified */
	struct use_pin pin; /* as it is to be kept now, if it verified */
	uint64_t records;   /* in the directory */
	uint64_t waiting;   /* of these, behind the checkpoint */
	struct err why;     /* if not verified */
};

/* Whether the directory looks like a trail. */
bool use_own_is(int dir);

/*
 * Verifies, and gives the events of records from the pin's size on. 0 also
 * for a trail that does not verify: then no event is given. key may be NULL;
 * else it is the first key as it is known from elsewhere.
 */
int use_own_read(int dir, const struct use_pin *, const char *key,
    struct use_reading *, struct use_own *, struct err *);

#endif
