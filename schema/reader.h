/*
 * Reads a trail's records in order, on the host or from a copy, and stops at
 * the first thing that is not as it should be.
 *
 * It knows what crashes leave: torn bytes that a repair record accounts for,
 * and bytes of a poisoned segment behind the last durable record; these are
 * passed over and counted. What else does not follow is an error that names
 * the record: ERR_TAMPERED if it was altered or moved, ERR_INCOMPLETE if it
 * is missing.
 */
#ifndef SCHEMA_READER_H
#define SCHEMA_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/err.h"
#include "schema/line.h"
#include "schema/segment.h"

struct reader_item {
	uint32_t segment;
	int64_t offset; /* of the line in its file */
	uint64_t seq;
	/* The record, until the next call; NULL where pruning left a hash. */
	const char *bytes;
	size_t length;
	struct line line;
	bool hurried;                  /* of line, seq and type alone are set */
	unsigned char leaf[LINE_HASH]; /* of a pruned record only */
};

struct reader_counts {
	uint64_t repairs;
	uint64_t torn_bytes;      /* that repairs account for */
	uint64_t set_aside_bytes; /* behind the last durable record */
	uint64_t pruned;          /* records of which only hashes are left */
	uint32_t pruned_segments; /* from the first on */
	uint64_t tail_bytes;      /* at the very end, of no record yet */
};

struct reader;

/* From the first record. The directory stays the caller's. */
int reader_open(struct reader **, int dir, struct err *);
/* From the line behind *from, which is a place of this trail. */
int reader_open_at(
    struct reader **, int dir, const struct place *from, struct err *);
/*
 * Records before that one are not checked against their chain, and only their
 * first members are looked at: the caller has a signed root over them, and
 * reads all again without this if anything does not fit. Types that keys or
 * verify look into are parsed whole nevertheless.
 */
void reader_hurry(struct reader *, uint64_t until);
/* 1 and an item; 0 at the end; -1. */
int reader_next(struct reader *, struct reader_item *, struct err *);
/* Behind the item that was read last. */
void reader_place(struct reader *, struct place *);
const struct reader_counts *reader_counts(const struct reader *);
void reader_close(struct reader **);

#endif
