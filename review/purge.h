/*
 * What is erased when its period has passed, and what must not be: reeve purge
 * and reeve hold (reeve-purge(1)). One person proposes (act "purge": for each
 * kind, older than what), a second one approves, and then it is deleted in one
 * transaction with the act "purged" that says what was. Acts and the rows that
 * they signed are never erased, nor is what those refer to (sql/purge.sql).
 *
 * Erased means gone from the file: deleted cells are overwritten, and
 * purge_clean() writes the database anew, since pages also have remains of
 * rows that were once moved. Copies, such as backups, are not reached.
 */
#ifndef REVIEW_PURGE_H
#define REVIEW_PURGE_H

#include "review/act.h"
#include "review/config.h"
#include "review/manifest.h"
#include "review/store.h"
#include "schema/base/buf.h"
#include "schema/base/err.h"

#define PURGE_NAME_MAX   64u   /* bytes of a hold's name */
#define PURGE_REASON_MAX 1000u /* bytes of its reason */

struct purge_kind {
	const char *name;  /* "logins": in acts, packs and review.conf */
	const char *title; /* P_() */
	size_t months;     /* offset in struct config_retention */
	const char *count, *oldest;
	const char *deletes[8]; /* statements, in order; NULL ends */
};
extern const struct purge_kind purge_kinds[]; /* the last has no name */
#define PURGE_KINDS 4u

struct purge_part {
	const struct purge_kind *kind;
	int64_t months;
	int64_t
	    before; /* older than that may be erased: a month's first second */
	int64_t rows;   /* that would be */
	int64_t oldest; /* of these; FACT_UNKNOWN: none */
	int64_t
	    have; /* how far back there is any; FACT_UNKNOWN: there is none */
	int64_t
	    purged; /* before when it was erased already; FACT_UNKNOWN: never */
};

/*
 * Before when rows of that period may be erased: the first second (UTC) of the
 * month that many months before the present one.
 */
int64_t purge_before(int64_t now, int64_t months);

/* Each kind as it is now. */
int purge_look(struct store *, const struct config_retention *, int64_t now,
    struct purge_part parts[PURGE_KINDS], struct err *);
/* The same for a pack's manifest. */
int purge_retention(struct store *, const struct config_retention *,
    int64_t now, struct manifest *, struct err *);
/* Before when that kind was erased; FACT_UNKNOWN: nothing ever was. */
int purge_last(struct store *, const char *kind, int64_t *before, struct err *);

/*
 * The act "purge" of what is due, of these kinds ("logins,alerts"; NULL: all).
 * ERR_MISSING if nothing is. parts (may be NULL) as purge_look.
 */
int purge_propose(struct store *, const struct config_retention *,
    const char *kinds, const struct act_how *, int64_t *act,
    struct buf *receipt, struct err *);

struct purge_result {
	int64_t act;  /* the act "purged" */
	int64_t rows; /* deleted */
	bool before;  /* it was carried out before; nothing was deleted now */
};
/*
 * ERR_ACCESS while a hold stands, without a second person's approval, where it
 * was refused, or where a period is longer by now; ERR_USAGE if it is no purge.
 */
int purge_apply(struct store *, const struct config_retention *, int64_t of,
    const struct act_how *, struct purge_result *, struct buf *receipt,
    struct err *);
/* Writes the database anew, without what was deleted. Takes its size on disk. */
int purge_clean(struct store *, struct err *);

struct purge_hold {
	const char *name, *reason, *by; /* by: NULL not known */
	int64_t at, act;
};
/* Those in force. Returns how many, or -1. fn may be NULL. */
int64_t purge_holds(struct store *, void (*)(void *, const struct purge_hold *),
    void *context, struct err *);
/* ERR_USAGE if it is as is wanted already, or the text is not well-formed. */
int purge_hold(struct store *, const char *name, bool held, const char *reason,
    const struct act_how *, struct buf *receipt, struct err *);

#endif
