/*
 * Lists of addresses that others warn of, F-ISAC's for one: CSV or a line
 * each, of IPv4, IPv6 and networks. A list has a name; a new file of it is all
 * of it, and what it no longer has ends and stays in the history.
 */
#ifndef REVIEW_LISTED_H
#define REVIEW_LISTED_H

#include "review/network.h"
#include "review/store.h"
#include "schema/base/buf.h"

#define LISTED_LINE_MAX 4096u    /* bytes */
#define LISTED_MAX      1000000u /* of one list */
#define LISTED_NAME_MAX 64u      /* bytes of a list's name */
#define LISTED_NOTE_MAX 200u     /* bytes that are kept of a line */
#define LISTED_ERRORS   20u      /* bad lines that are named, at most */

struct listed_line {
	struct network network;
	char note[LISTED_NOTE_MAX + 1]; /* the rest of the line */
};

/*
 * 1: one; 0: nothing is on it, or a comment ('#', ';' first); -1: no address is
 * on it, or a network so wide (IPv4 /8, IPv6 /16) that it would be everybody.
 */
int listed_read(const char *line, size_t length, struct listed_line *);

struct listed_result {
	int64_t rows, fresh, kept, ended;
	bool changed;
};

/*
 * ERR_FORMAT for bad lines: *rows has a line for each of the first
 * LISTED_ERRORS. The first line may be a header.
 */
int listed_import(struct store *, const char *path, const char *name,
    int64_t now, struct listed_result *, struct buf *rows, struct err *);

/* All lists, in memory. */
struct listed;
int listed_load(struct listed **, struct store *, struct err *);
void listed_free(struct listed **);
/* The name of a list that the address is on; NULL: on none. */
const char *listed_find(
    const struct listed *, const unsigned char address[NETWORK_BYTES]);

#endif
