/*
 * The trail's signing keys and checkpoints.
 *
 * Key i lives for one boot or one day, in the run directory, which is on
 * tmpfs. While it lives, key i+1 is certified by a record and a checkpoint
 * under key i, and waits on disk for the next boot. So who becomes root
 * tomorrow has no key that could sign yesterday anew. (A snapshot of the disk
 * may hold one key that was not used yet.)
 */
#ifndef SCHEMA_EPOCH_H
#define SCHEMA_EPOCH_H

#include "schema/base/buf.h"
#include "schema/base/clock.h"
#include "schema/base/err.h"
#include "schema/base/secret.h"
#include "schema/trail.h"

struct epoch;

/*
 * Makes the directory if it is not there, and the trail in it. Puts the first
 * verifier key, which is to be kept elsewhere. ERR_USAGE if there is a trail
 * already. org names the origin; see host_new.
 */
int epoch_init(const char *directory, const char *run_directory,
    const char *org, const struct clock *, const struct entropy *,
    struct buf *vkey, struct err *);

/* The trail must stay open as long, and entropy alive. */
int epoch_open(struct epoch **, struct trail *, const char *run_directory,
    const struct clock *, const struct entropy *, struct err *);
void epoch_close(struct epoch **);

/*
 * Begins the next epoch. Without the certified key, or where the trail has
 * been copied or moved to, a new origin begins: *why is then a word for it,
 * else NULL. Ends with a checkpoint.
 */
int epoch_advance(struct epoch *, const char **why, struct err *);
/*
 * Begins a new origin though nothing seems to ask for it: after a restore
 * that the host itself can't see.
 */
int epoch_restart(struct epoch *, struct err *);
/*
 * Puts all records on disk, signs the tree, and records that. Begins an epoch
 * first if there is no key of this boot. ERR_TAMPERED if the trail no longer
 * holds what was signed in this boot; then nothing is signed.
 */
int epoch_checkpoint(struct epoch *, struct err *);
/* Whether the present key has lived for a day. */
bool epoch_is_over(struct epoch *);

/* The checkpoint that was made last, as a signed note. */
const struct buf *epoch_note(const struct epoch *);
/* The present key as a verifier key. */
int epoch_print_key(struct epoch *, struct buf *, struct err *);

#endif
