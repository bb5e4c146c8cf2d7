/*
 * Sessions that a pack quotes from copies of hosts' trails (trail(5)): of each
 * a folder trail/HOST/SESSION/ with records.jsonl, the checkpoint, and for each
 * record its SEQ.tlog-proof (schema/archive.h). Of its host trail/HOST/pinned,
 * the checkpoint that the database kept before, as its three lines; and
 * trail/HOST/outline-SIZE (schema/outline.h), which proves that the key which
 * signed the checkpoint of SIZE records was certified from the host's first
 * one on, and that the trees of the pinned and of smaller quoted checkpoints
 * are beginnings of this one.
 *
 * Nothing is quoted of a trail that does not verify, from the first key that is
 * kept of the host on and with the checkpoint that is kept, which is never the
 * higher one; nor of a copy that is older than one that was quoted before.
 */
#ifndef REVIEW_PACK_TRAIL_H
#define REVIEW_PACK_TRAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "review/pack_write.h"
#include "review/store.h"
#include "schema/base/err.h"

#define PACK_TRAIL_SESSIONS 500u  /* of one pack */
#define PACK_TRAIL_FILES    1500u /* of them all: a pack has EVIDENCE_FILES */

struct pack_trail;
/* limited: the pack is; then only sessions that are named are quoted. */
int pack_trail_new(struct pack_trail **, bool limited, struct err *);
void pack_trail_free(struct pack_trail **);

/*
 * Quotes from "DIR", the sessions that begun from `from` until before `to` and
 * that a daily record asks to examine, by account and time; or from
 * "DIR:SESSION,...", these. directory is the pack's, of the writer. Before
 * the classes are written. ERR_TAMPERED if the trail does not verify,
 * ERR_MISSING if it has no such session under its checkpoint, ERR_ACCESS if no
 * trail with its first key was ever imported.
 */
int pack_trail_add(struct pack_trail *, const char *ask, int directory,
    struct pack_writer *, struct store *, int64_t from, int64_t to,
    struct err *);

/*
 * For struct pack_scope: the rows of the class "session", and why they are
 * fewer than was asked for.
 */
int pack_trail_rows(void *pack_trail, struct pack_writer *, int64_t *total,
    const char **withheld, struct err *);

#endif
