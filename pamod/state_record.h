/*
 * A user's record as bytes: one slot of its file. reeve-state(5) has the
 * format.
 */
#ifndef PAMOD_STATE_RECORD_H
#define PAMOD_STATE_RECORD_H

#include <stdint.h>

#include "pamod/state.h"
#include "schema/base/buf.h"
#include "schema/base/err.h"

#define RECORD_VERSION 1u
#define RECORD_SLOT    12288u /* bytes, checksum included: three pages */
#define RECORD_STAMP   24u    /* bytes at its front that say which it is */

/* Which writing of the record it is. */
struct record_stamp {
	uint64_t sequence;              /* from 1; 0: no such slot */
	unsigned char boot[STATE_BOOT]; /* that wrote it */
};

/*
 * Fills RECORD_SLOT bytes. What lies in an empty place, behind a
 * string's NUL or beyond a count is written as zero, so one record has one
 * spelling. ERR_FORMAT if the struct breaks its own bounds.
 */
int record_write(const struct state_user *, const struct record_stamp *,
    unsigned char *slot, struct err *);

/*
 * Which writing the RECORD_STAMP bytes say a slot is; nothing vouches for it.
 * ERR_FORMAT if there can't be such a one.
 */
int record_claim(
    const unsigned char *stamp, struct record_stamp *, struct err *);

/* Whether the RECORD_SLOT bytes are what was once written whole; the stamp. */
int record_check(
    const unsigned char *slot, struct record_stamp *, struct err *);

/*
 * What a checked slot says. Accepts only what record_write would write, byte
 * for byte.
 */
int record_read(const unsigned char *slot, struct state_user *, struct err *);

#endif
