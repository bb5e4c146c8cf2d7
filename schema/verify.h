/*
 * Verifies a trail from a copy of its directory and public keys alone. It
 * trusts nothing that the host made for its own use: the tree is computed
 * from the records.
 */
#ifndef SCHEMA_VERIFY_H
#define SCHEMA_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/buf.h"
#include "schema/base/err.h"
#include "schema/note.h"
#include "schema/reader.h"

#define VERIFY_CHECKPOINTS_MAX 1000000u

struct verify_report {
	uint64_t records;
	uint32_t segments;
	char first_time[32]; /* "" for none */
	char last_time[32];
	char first_key[2 * NOTE_NAME_MAX]; /* as a verifier key */
	uint64_t own_size;   /* covered by the host's own latest checkpoint */
	uint64_t held_size;  /* covered by one that was given; 0: none was */
	uint64_t held_count; /* how many of them agree */
	uint64_t held_unsigned; /* of these, with no signature we can check */
	uint64_t uncertified;   /* origins after the first */
	uint64_t uncertified_at;
	uint64_t missed; /* records that gap records say were never written */
	struct reader_counts counts;
};

struct verify;

int verify_new(struct verify **, struct err *);
void verify_free(struct verify **);
/* The first key, as it was printed by init and kept elsewhere. */
int verify_trust(struct verify *, const char *vkey, struct err *);
/*
 * Checkpoints that were kept elsewhere: one or more notes, or a log in which
 * they stand behind VERIFY_LOG_MARK with '|' for each line feed. where is for
 * texts.
 */
#define VERIFY_LOG_MARK "trail checkpoint: "
int verify_hold(
    struct verify *, const char *where, const struct buf *notes, struct err *);
/*
 * Reads it all. 0 if everything there is fits together. ERR_TAMPERED or
 * ERR_INCOMPLETE name the first record that does not; the report says how
 * far it came.
 */
int verify_run(struct verify *, int dir, struct verify_report *, struct err *);

#endif
