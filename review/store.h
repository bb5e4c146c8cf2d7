/*
 * The review database (schema/store.sql): opened, migrated, and asked through
 * statements that have names. All SQL of the program is in review/sql/, in
 * files of statements that each follow a line "-- name: NAME", and in
 * review/rules/. Values are bound by name; no statement is put together from
 * texts. Only store*.c, rule*.c, and passwd_lastlog2.c, which reads hosts' own
 * databases, know sqlite3.h.
 */
#ifndef REVIEW_STORE_H
#define REVIEW_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "review/fact.h"
#include "schema/base/err.h"

#define STORE_VERSION 1
#define STORE_OPEN    INT64_MAX       /* "until" of what still holds */
#define STORE_NOW     (INT64_MAX - 1) /* the state of all that still holds */

struct store;

enum store_mode {
	STORE_READ, /* ERR_MISSING if there is none */
	STORE_WRITE, /* made, mode 0600, if there is none; one writer at a time */
};

/*
 * path NULL or "": $REEVE_DB, else /var/lib/reeve/review.db for root and
 * $XDG_STATE_HOME/reeve/review.db (~/.local/state) for others, whose folders
 * are made. A database by a newer program is ERR_NEWER; one that is not ours,
 * ERR_FORMAT; owner or mode wrong, ERR_ACCESS.
 */
int store_open(
    struct store **, const char *path, enum store_mode, struct err *);
void store_close(struct store **);
const char *store_path(const struct store *);

/* The connection itself, for rule.c: its authorizer, its rules' statements. */
struct sqlite3;
struct sqlite3 *store_handle(struct store *);
/* The error of that connection's last call. "where" begins its text. */
int store_error(struct store *, const char *where, struct err *);

/*
 * begin ... commit, or rollback; they do not nest. A writer's begin waits for
 * other writers (ERR_BUSY after 5 min) and then is the only one.
 */
int store_begin(struct store *, struct err *);
int store_commit(struct store *, struct err *);
void store_rollback(struct store *);

/*
 * Outside of transactions: whether foreign keys are checked, as they are at
 * first. For a writer of millions of rows that knows its keys to be there.
 */
int store_check_keys(struct store *, bool check, struct err *);

/*
 * A named statement, prepared once and kept. Bind, step, read, and it is reset
 * by the next store_use of the same name (which forgets what was bound) or by
 * store_done. store_use fails with NULL; bind and column functions take that
 * NULL and do nothing, and store_step then is -1, so one check is enough.
 *
 *	struct statement *s = store_use(db, "account_by_key", e);
 *	bind_text(s, ":key", key);
 *	while ((more = store_step(s, e)) == 1)
 *		... column_int(s, "since") ...
 */
struct statement;
struct statement *store_use(struct store *, const char *name, struct err *);
/* A text of NULL, FACT_UNKNOWN and TRI_UNKNOWN are NULL. */
void bind_text(struct statement *, const char *parameter, const char *);
void bind_int(struct statement *, const char *parameter, int64_t);
void bind_fact(struct statement *, const char *parameter, int64_t);
void bind_tri(struct statement *, const char *parameter, enum tri);
void bind_blob(
    struct statement *, const char *parameter, const void *, size_t length);
void bind_null(struct statement *, const char *parameter);

/*
 * The same for what runs a million times: the parameter's place is looked up
 * once, and texts and blobs are not copied: they stay alive until the next
 * bind or store_use. A text of NULL is NULL.
 */
int bind_place(struct statement *, const char *parameter);
void bind_text_at(struct statement *, int place, const char *, size_t length);
void bind_int_at(struct statement *, int place, int64_t);
void bind_fact_at(struct statement *, int place, int64_t);
void bind_blob_at(struct statement *, int place, const void *, size_t length);
/* Begins anew, keeping what is bound. */
void store_again(struct statement *);

/* 1: a row; 0: no more; -1: failed, also when a bind did. NULL: failed. */
int store_step(struct statement *, struct err *);
/* Steps to the end; rows are an error. */
int store_run(struct statement *, struct err *);
void store_done(struct statement *);

/* By place or name; NULL is 0, NULL, or FACT_UNKNOWN with column_fact. */
int column_of(struct statement *, const char *name);
int64_t column_int(struct statement *, int column);
int64_t column_fact(struct statement *, int column);
/* Valid until the next step. */
const char *column_text(struct statement *, int column);
size_t column_length(struct statement *, int column); /* of that text */
const void *column_blob(struct statement *, int column, size_t *length);
bool column_is_null(struct statement *, int column);
int column_count(struct statement *);
const char *column_name(struct statement *, int column);

int64_t store_last_id(struct store *);
/* How many rows the statement that ran last changed or deleted. */
int64_t store_changes(struct store *);

/*
 * For what must be gone and not only deleted. Before the transaction: what it
 * deletes is overwritten in its pages. After it: the whole file is written
 * anew, since pages keep remains of rows that were moved, and nothing stays in
 * the journal; takes the database's size on disk beside it, and ERR_BUSY where
 * another reader keeps the journal from being emptied.
 */
int store_overwrite(struct store *, struct err *);
int store_rewrite(struct store *, struct err *);

/*
 * Whether the database is sound: its pages and indexes (unless quick), and that
 * its tables, indexes, views and triggers are those of schema/store.sql. Says
 * each thing that is not; returns how many, or -1.
 */
int64_t store_check(struct store *, bool quick,
    void (*say)(void *, const char *), void *context, struct err *);

/*
 * A copy of all that is committed, while others may write, by SQLite's backup:
 * into a file that must not be there, mode 0600, synced. On failure it is gone.
 */
int store_backup(struct store *, const char *path,
    void (*progress)(void *, const char *what, int64_t, int64_t), void *context,
    struct err *);

/* The names of all statements, sorted; NULL beyond the last. */
const char *store_statement_name(const struct store *, size_t);

#endif
