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
	int64_t accounts_before, members_before; /* totals; 0 at the first */
	int64_t members_lost; /* of members_gone: see below */
	bool scope_changed;
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
 * when the store itself failed, and then nothing changed. ERR_BUSY when
 * another pull of the same source was applied meanwhile.
 *
 * The circuit breaker, per class (accounts, memberships): more than 10 % or
 * more than 20 lost (whichever is reached first), a result of zero where
 * there was something, or a changed scope (base, filters, product, as
 * configured and as asked). A first pull never stops. Losses are counted after
 * renames are told from losses, by keys; memberships that end because their
 * account is gone are that account's loss, and are not counted again. An
 * incomplete pull adds and changes, and ends nothing; nor are its cookies
 * kept. What the source remembers as "product" becomes the source's product.
 */
int pull_run(struct store *, const struct source_settings *,
    const struct source_type *, const struct pull_options *,
    struct pull_result *, struct err *);

/*
 * Two persons let a held pull through (review/confirmation.h, of its number and
 * digest): the next pull of its source may lose what that one would have
 * (review/loss.h), or less of it, with the same scope; once, and only if none
 * was applied in between. Whether that pull is such a one: ERR_USAGE if not;
 * the digest of its loss; and room for its source's name.
 */
int pull_held(struct store *, int64_t pull, unsigned char digest[32],
    char source_name[CONFIG_TEXT_MAX + 1], struct err *);

#endif
