/*
 * The connection behind a store, for rule*.c alone: rules are statements of
 * others, run under an authorizer, and have no names. It belongs to the store.
 */
#ifndef REVIEW_STORE_SQLITE_H
#define REVIEW_STORE_SQLITE_H

#include "review/store.h"

struct sqlite3;
struct sqlite3 *store_sqlite(struct store *); /* store.c */

#endif
