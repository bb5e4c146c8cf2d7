/*
 * What store*.c share, and no one else includes.
 */
#ifndef REVIEW_STORE_INTERNAL_H
#define REVIEW_STORE_INTERNAL_H

#include <sqlite3.h>

#include "review/store.h"

struct store {
	sqlite3 *db;
	char *path;
	enum store_mode mode;
	struct statement *statements; /* sorted by name */
	size_t count;
};

/* Finds the blocks "-- name: NAME" of every review/sql/ file. */
int statements_load(struct store *, struct err *);
void statements_free(struct store *);
void statements_reset(struct store *); /* of all, before a rollback */

/*
 * The path that store_open's rules give, its folder there and resolved; the
 * caller frees. make: folders are made.
 */
char *store_place(const char *path, bool make, struct err *);

/* Makes the tables, or brings them to STORE_VERSION. */
int store_migrate(struct store *, struct err *);

#endif
