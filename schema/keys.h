/*
 * Which key may sign which checkpoint of a trail, as its records tell it.
 *
 * The "init" record names the first key. An "epoch" record names the key of
 * the next epoch, and counts from the first checkpoint that covers it and is
 * signed by the key of the epoch before. An "uncertified" record begins a new
 * origin, whose first key nobody certified.
 */
#ifndef SCHEMA_KEYS_H
#define SCHEMA_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/err.h"
#include "schema/line.h"
#include "schema/note.h"

#define KEYS_MAX 65536u /* epochs: a key a day for 179 years */

struct keys_epoch {
	int64_t number; /* 0: unset */
	bool certified;
	struct note_key key;
};

struct keys {
	struct keys_epoch current;
	struct keys_epoch next;  /* current + 1 */
	struct keys_epoch after; /* current + 2 */
	struct note_key *all;    /* every key that was ever certified */
	size_t count;
	bool any_origin;         /* an init record was seen */
	uint64_t checked;        /* the size of the last checkpoint record */
	uint64_t uncertified;    /* origins that nobody certified, init apart */
	uint64_t uncertified_at; /* the last one's record */
};

/*
 * What a record that is in its place says of keys; others are passed over.
 * A checkpoint record must have the root that the tree has at that record.
 * trusted, if not NULL, is what the first key must be.
 */
int keys_record(struct keys *, const struct line *, const unsigned char *root,
    const struct note_key *trusted, struct err *);
/* Whether that record needs the root. */
bool keys_needs_root(const struct line *);
/* Whether it names a key: the next checkpoint counts for that key. */
bool keys_names(const struct line *);
/* Whether pruning must keep the record, because keys can't do without. */
bool keys_is_kept(const struct line *);

/*
 * Whether a checkpoint from anywhere is signed by a key that was certified:
 * 1, or 0 if no such key signed it; ERR_TAMPERED if one seems to have, badly.
 */
int keys_signed(const struct keys *, const struct note *, struct err *);
/* Whether the trail ever had that origin. */
bool keys_has_origin(const struct keys *, const char *origin);
void keys_free(struct keys *);

#endif
