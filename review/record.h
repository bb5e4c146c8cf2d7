/*
 * A fact as bytes: the columns of its table, in their order. Its digest tells
 * whether it changed; the bytes wait in a scratch file and are bound to the
 * statement that inserts them.
 */
#ifndef REVIEW_RECORD_H
#define REVIEW_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "review/fact.h"
#include "review/store.h"
#include "schema/base/buf.h"

#define RECORD_COLUMNS_MAX 64u

enum record_kind { RECORD_ACCOUNT, RECORD_GROUP, RECORD_POLICY, RECORD_KINDS };

/* Appends. fact: a struct account, group or policy. */
void record_put(struct buf *, enum record_kind, const void *fact);

/* The parameters of an inserting statement, by the names of the columns. */
struct record_places {
	enum record_kind kind;
	int places[RECORD_COLUMNS_MAX];
};
void record_find(struct record_places *, enum record_kind, struct statement *);
/* Binds; texts point into the bytes. */
int record_bind(const struct record_places *, struct statement *,
    struct cursor *, struct err *);

#endif
