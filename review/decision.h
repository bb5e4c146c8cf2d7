/*
 * Decisions on the questions of a campaign: what may be said, by whom, and how
 * it is recorded. Worksheets, `reeve decide` and the program's own proposals
 * all go this way. What stands on an item is the view item_decision of
 * schema/store.sql.
 */
#ifndef REVIEW_DECISION_H
#define REVIEW_DECISION_H

#include <stddef.h>
#include <stdint.h>

#include "review/act.h"

#define DECISION_REASON_MAX    1000u                  /* bytes */
#define DECISION_EXCEPTION_MAX (180 * INT64_C(86400)) /* s; PAR-38 */

enum decision_kind {
	DECISION_NONE = 0, /* nothing was said: never a keep */
	DECISION_KEEP,
	DECISION_MODIFY,
	DECISION_REVOKE,
	DECISION_DISABLE,
	DECISION_DELETE,
	DECISION_EXCEPTION,
	DECISION_NOT_MINE,
	DECISION_KINDS
};

/* "keep", ... as the store, worksheets and --format csv spell them. */
extern const char *const decision_names[DECISION_KINDS];
/* For people: _() of the English; zh 保留 調整 撤銷權限 停用 刪除 例外 非本人權責 */
const char *decision_title(enum decision_kind, bool zh);
/* Also by its title in either language. DECISION_NONE: no such. */
enum decision_kind decision_find(const char *name, size_t length);

struct decision {
	int64_t campaign, question;
	int64_t item; /* 0: all of the question's without one of their own */
	enum decision_kind kind;
	const char *reason;                           /* "" none */
	const char *change, *compensation, *proposal; /* NULL: none */
	int64_t ends;         /* of an exception; FACT_UNKNOWN */
	const char *reviewer; /* employee number of who decides */
	const char *grade;    /* "signed", "coded", "transcribed", "silent" */
	int64_t decided, seconds; /* self-reported; FACT_UNKNOWN */
	int64_t bulk; /* decided at one stroke, which took the seconds; 1: by
	                 itself */
};

/*
 * Whether it may be recorded: the campaign is frozen and open; the question is
 * the reviewer's (assigned, or as deputy within limits); the reviewer is not
 * the holder, nor who requested or approved the grant; a reason where the item
 * is privileged (or can't be told not to be) or has findings of medium or
 * above, and for anything but keep; an exception of one
 * item, with compensation and an end within DECISION_EXCEPTION_MAX; not-mine with a
 * proposal that is not the holder; bulk keep only of unflagged low risk.
 * "decided" is neither before the freeze nor to come.
 * ERR_ACCESS with a text for the reviewer, in the reader's language.
 */
int decision_judge(
    struct store *, const struct decision *, int64_t now, struct err *);

/*
 * Judges it at the act's time, and adds it to the act ("decisions") as its next
 * row. ERR_ACCESS also if who signs the act brings in, coded or transcribed,
 * decisions of their own (those are signed), or on what they hold, asked for
 * or approved.
 */
int decision_add(
    struct act *, struct store *, const struct decision *, struct err *);

#endif
