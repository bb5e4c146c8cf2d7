/*
 * What stands in a pack: the rows of every class of schema/evidence.xsd, by the
 * statements of sql/pack.sql over tables that sql/pack_steps.sql makes of the
 * state that was checked last. The period limits what happened in it (pulls,
 * findings that were alive, campaigns, acts' rows, days); accounts, rights and
 * memberships are those of now. A scope limits accounts and all that hangs on
 * them. The chain of acts is whole in every pack.
 */
#ifndef REVIEW_PACK_CONTENT_H
#define REVIEW_PACK_CONTENT_H

#include <stdint.h>

#include "review/config.h"
#include "review/manifest.h"
#include "review/pack_write.h"
#include "review/rule_view.h"
#include "review/store.h"

/* NULL: not limited by that. Several: what all of them let be. */
struct pack_scope {
	int64_t from, to;     /* s since 1970; to: the first one beyond */
	const char *system;   /* a source or a host */
	const char *person;   /* employee number */
	const char *rule;     /* its id */
	const char *campaign; /* its name; it is in whatever the period is */
	/*
	 * Writes the rows of the class "session" with pack_row: sessions that
	 * are quoted with their proofs. *total: how many there are, *withheld:
	 * why fewer are quoted. NULL: none is quoted.
	 */
	int (*sessions)(void *context, struct pack_writer *, int64_t *total,
	    const char **withheld, struct err *);
	void *sessions_context;
};

struct pack_progress {
	void (*tell)(void *, const char *what, int64_t done, int64_t total);
	void *context;
};

/*
 * Within the caller's writing transaction: writes every class, in evidence.xsd's
 * order, and says in the manifest what they are of: state, head, places, what
 * is withheld, and what there was before it was purged. The scope's limits are
 * added to the manifest. progress may be NULL.
 */
int pack_content(struct pack_writer *, struct store *,
    const struct pack_scope *, const struct review_config *, int64_t now,
    const struct pack_progress *, struct manifest *, struct err *);

/*
 * The temporary tables that the statements "pack_..." ask, until
 * pack_tables_end: for pack_content, and for tests. Within a writing
 * transaction. rules may be NULL.
 */
int pack_tables(struct view **, struct store *, const struct pack_scope *,
    const struct review_config *, const struct rule_set *, int64_t now,
    const struct pack_progress *, struct err *);
int pack_tables_end(struct view **, struct err *);

#endif
