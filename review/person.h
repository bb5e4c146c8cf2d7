/*
 * Persons, from personnel's files, and whose account is whose.
 *
 * A file is all of personnel on one day. It is taken whole or not at all: a
 * row that can't be read might be somebody who then seemed to have left.
 */
#ifndef REVIEW_PERSON_H
#define REVIEW_PERSON_H

#include "review/config.h"
#include "review/store.h"
#include "schema/base/buf.h"

#define PERSON_MAX    2000000u /* rows of a file */
#define PERSON_ERRORS 20u      /* bad rows that are named, at most */

struct person_import_options {
	int64_t now;   /* s since 1970 */
	int64_t as_of; /* the day that the file speaks of: its beginning */
	int64_t zone;  /* s east of Greenwich, of the file's dates */
	bool confirm;  /* the circuit breaker is to let it through */
	const struct source_settings *settings; /* columns, delimiter... */
};

enum person_import_state {
	PERSON_IMPORT_NEW = 0,
	PERSON_IMPORT_SEEN, /* that very file of that day was: nothing done */
	PERSON_IMPORT_HELD, /* too many are gone: nothing done */
};

struct person_import_result {
	enum person_import_state state;
	int64_t id; /* of the import */
	int64_t rows, fresh, changed, gone, events;
	int64_t before; /* persons there were who had not left */
};

/*
 * ERR_FORMAT for bad rows: *rows then has a line for each of the first
 * PERSON_ERRORS, "FILE: line LINE: why".
 */
int person_import(struct store *, const char *path,
    const struct person_import_options *, struct person_import_result *,
    struct buf *rows, struct err *);

/*
 * Matches accounts with persons, by ordered keys: employee number, mail, name
 * with department. What fits several is kept as ambiguous, one row for each;
 * confirmed matches stay as they are. Runs after every import and pull.
 */
int person_match(struct store *, int64_t now, struct err *);
/* The same of accounts that changed in that pull or later ones alone. */
int person_match_since(struct store *, int64_t pull, int64_t now, struct err *);

/* The account's id, by name, key, DN or SOURCE:NAME; ERR_USAGE if it is not
   exactly one. */
int person_account(
    struct store *, const char *account, int64_t *object, struct err *);
/* A person says that the account is that person's. Remembered. */
int person_confirm(struct store *, int64_t object, const char *employee,
    int64_t now, struct err *);
/* Forgets it again. ERR_USAGE if nothing was confirmed. */
int person_release(struct store *, int64_t object, struct err *);

/*
 * For comparing: in small letters, full-width forms as ASCII, without blanks
 * and punctuation; words of a Latin name in the order of the alphabet, so
 * that "Chen, Wei" is "Wei Chen".
 */
void person_fold_name(struct buf *, const char *name);
/* Of numbers, leading zeros go as well: "007" is "7". */
void person_fold_key(struct buf *, const char *key);

#endif
