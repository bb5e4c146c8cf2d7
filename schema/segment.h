/*
 * The files of a trail's directory: segments of lines, in numbers from 1
 * without a hole, and for a pruned one what stands for it.
 *
 *   segment-00000001.jsonl   one record a line
 *   segment-00000001.pruned  hashes of removed records, and kept ones
 *   host                     who this trail belongs to
 *   tail                     the lock, and what is known to be durable
 *   missed                   a line for each record that could not be written
 *   checkpoint               the latest, signed
 *   key.next                 the next epoch's private key
 *   tree                     a cache of the tree, never trusted by verify
 */
#ifndef SCHEMA_SEGMENT_H
#define SCHEMA_SEGMENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "schema/base/buf.h"
#include "schema/base/err.h"
#include "schema/base/file.h"
#include "schema/line.h"

#define SEGMENT_NAME_SIZE 32u
#define SEGMENT_LAST      99999999u
#define SEGMENT_BYTES_MAX (INT64_C(1) << 30)  /* and one line more */
#define SEGMENT_ROOM      (INT64_C(16) << 20) /* always allocated past the end */

extern const struct file_rule segment_rule; /* root's, 0600 or less */

/* Where the next line goes. */
struct place {
	uint32_t segment;
	int64_t end;                   /* bytes of the segment that count */
	uint64_t seq;                  /* of the next line */
	unsigned char prev[LINE_HASH]; /* of the last line */
};

void segment_name(char *out, uint32_t number, const char *suffix);
/* The number in a name with that suffix, or 0. */
uint32_t segment_number(const char *name, const char *suffix);
/* The highest segment in the directory; *number is 0 if there is none. */
int segment_highest(int dir, bool or_pruned, uint32_t *number, struct err *);
bool segment_exists(int dir, uint32_t number);

/*
 * Makes a segment whose first line is given (with its line feed), with room
 * past its end, on disk with its name: whole or not at all. Returns a
 * descriptor for appending.
 */
int segment_create(
    int dir, uint32_t number, const struct buf *first, struct err *);
/* Opens for appending; only the bytes at the end can change. */
int segment_open(int dir, uint32_t number, struct err *);

/*
 * Allocates room past the end once less than SEGMENT_ROOM of it is left. A
 * full disk is no error: then the room is what is being used up.
 */
void segment_keep_room(int fd, const struct stat *);

/*
 * Follows lines that chain on from *place up to size, and moves *place behind
 * the last of them. *whole is set if a last line lacks only its line feed. A
 * line that does not follow ends it, and is no error.
 */
int segment_follow(
    int fd, int64_t size, struct place *, bool *whole, struct err *);
/* The first line of a segment, and the place behind it. head has no members. */
int segment_first(int fd, uint32_t number, struct line *head,
    struct place *behind, struct err *);
/*
 * The last line that is a record, whatever is behind it; found from the end.
 * ERR_MISSING if there is none.
 */
int segment_last(int fd, int64_t size, uint32_t number, struct place *,
    struct line *head, struct err *);

#endif
