/*
 * The file of one record: a header, a mark, and three slots; reeve-state(5).
 *
 * Which slot is written. Let N be the newest good slot and D the newest that is
 * known to be on disk. A save never writes N, so that kill -9 in the middle of
 * it costs nothing that was there; and never D, so that a power cut, which may
 * take all that was not synced, leaves D. With three slots one is always left.
 *
 * How D is known. A durable save syncs the slot and then notes its sequence
 * number in the mark, unsynced: within one boot the mark is exact, because all
 * processes see one page cache. After a reboot it may be old; but then
 * whatever good slot of an earlier boot can be read came from the disk, and the
 * newest of those counts as D. If neither is found, the file is synced before
 * it is written.
 *
 * A slot is read and hashed only if what it claims could matter: from the
 * highest number down to the first that is good, which is N, and in the same
 * way for D. A damaged slot can claim what it likes: it is never taken for good
 * unchecked, and to overwrite it, or the one that is neither, is right in
 * either case.
 *
 * A mark beyond the newest good slot says that a slot which was acknowledged as
 * durable has been damaged since.
 */
#ifndef PAMOD_STATE_FILE_H
#define PAMOD_STATE_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "pamod/state_record.h"
#include "schema/base/err.h"

#define RECORD_SLOTS 3u

struct record_file {
	int fd; /* locked by whoever uses this */
	uint32_t version;
	/* What the slots claim to be; only N has been checked. 0: not good. */
	struct record_stamp slots[RECORD_SLOTS];
	uint64_t synced; /* the mark; 0: none */
	size_t newest;   /* place of N */
};

/* The bytes of a whole new file with that user in its first slot. */
int record_file_make(const struct state_user *, const unsigned char *boot,
    struct buf *, struct err *);

/*
 * Reads what fd holds. *damaged: the mark is beyond the newest good slot.
 * ERR_FORMAT: no good slot, or not such a file; ERR_NEWER.
 */
int record_file_read(struct record_file *, int fd, struct state_user *,
    bool *damaged, struct err *);

int record_file_save(struct record_file *, const struct state_user *,
    const unsigned char *boot, bool durable, struct err *);

#endif
