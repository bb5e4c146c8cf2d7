/*
 * What is taken out of a trail: a copy, one session's records with their
 * proofs, and old segments.
 */
#ifndef SCHEMA_ARCHIVE_H
#define SCHEMA_ARCHIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/base/buf.h"
#include "schema/base/err.h"
#include "schema/note.h"
#include "schema/trail.h"

/*
 * Copies all that verify needs into an empty directory: the latest checkpoint,
 * and then the segments, so that the copy holds what that covers.
 */
int archive_copy(int dir, int to, struct err *);

struct archive_proofs {
	uint64_t proven;   /* records written, each with its proof */
	uint64_t unproven; /* behind the checkpoint: written nowhere */
};

/*
 * Writes the records of a session that the latest checkpoint covers into the
 * directory: records.jsonl, checkpoint, and SEQ.tlog-proof for each.
 * ERR_TAMPERED if the trail no longer has the checkpoint's root.
 */
int archive_prove(int dir, const char *session, int to, struct archive_proofs *,
    struct err *);
/*
 * Verifies such a directory. key may be NULL: then the checkpoint's signature
 * is not looked at, and the caller compares *note with one held elsewhere.
 * session may be NULL: then records may be of any.
 */
int archive_check_proofs(int from, const struct note_key *key,
    const char *session, struct buf *note, uint64_t *records, struct err *);

/*
 * Removes closed segments whose last record is older than the time, from the
 * first on; each leaves the hashes of its records, and those records that the
 * rest is proven by. With to != -1 each is copied there first. Refuses a
 * trail that does not read well so far.
 */
int archive_prune(
    struct trail *, int64_t before_ns, int to, uint32_t *count, struct err *);

/* Gives back the room that closed segments have past their ends. */
int archive_release_room(int dir, struct err *);

#endif
