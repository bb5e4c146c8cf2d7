/*
 * One pull of one source: staged whole, judged, applied in one transaction.
 * What can't be applied leaves the old state and a line that says why.
 */
#ifndef REVIEW_PULL_H
#define REVIEW_PULL_H

#include "review/config.h"
#include "review/sink.h"
#include "review/source.h"
#include "review/store.h"

enum pull_state {
	PULL_FAILED = 0, /* nothing usable was read */
	PULL_APPLIED,
	PULL_HELD, /* the circuit breaker: review.md section 2 */
};

struct pull_result {
	int64_t id;
	enum pull_state state;
	bool complete;
	bool first; /* of this source: scope not confirmed */
	int64_t accounts, groups, members; /* control totals */
	int64_t accounts_new, accounts_changed, accounts_gone;
	int64_t members_new, members_gone;
	char reason[400]; /* held, incomplete, or failed: why */
};

struct pull_options {
	int64_t now; /* s since 1970 */
	bool now_given;
	bool full; /* even if an incremental one were possible */
	void (*progress)(void *, const char *what, int64_t done, int64_t total);
	void *progress_context;
};

/*
 * 0 also for PULL_HELD and PULL_FAILED by the source, which are recorded; -1
 * when the store itself failed, and then nothing changed.
 *
 * The circuit breaker, per class (accounts, memberships): more than 10 % or
 * more than 20 lost (whichever is reached first), a result of zero where
 * there was something, or a changed scope. A first pull never stops. Losses
 * are counted after renames are told from losses, by keys. An incomplete pull
 * adds and changes, and ends nothing.
 */
int pull_run(struct store *, const struct source_settings *,
    const struct source_type *, const struct pull_options *,
    struct pull_result *, struct err *);

/*
 * Lets a held pull through: runs it again is the caller's part; this marks the
 * loss as expected for exactly that pull's totals, once. Two different
 * persons' signatures are asked for by the command.
 */
int pull_confirm(struct store *, int64_t pull, int64_t now, struct err *);

#endif
