/*
 * What a held pull would take away, named one by one: accounts and rights that
 * are gone, and memberships lost between objects that stay. So two persons let
 * through what they saw, and a later pull that loses as many others does not.
 *
 * The digest is SHA-256 over lines, each field behind a tab:
 *
 *	source NAME			the source, and what it was asked for
 *	scope SCOPE
 *	account KEY			gone; by key, in the order of bytes
 *	right KEY
 *	member GROUP KIND KEY		lost; KIND is "account" or "right"
 *
 * It names no pull, so the same loss met again has the same digest.
 */
#ifndef REVIEW_LOSS_H
#define REVIEW_LOSS_H

#include "review/difference.h"

#define LOSS_DIGEST 32

/* Of a pull that was just recorded as held, in the same transaction. */
int loss_keep(struct difference *, int64_t pull, struct err *);

/* Whether all that this one loses is among what that pull would have. */
int loss_within(struct difference *, int64_t pull, bool *within, struct err *);

/* Of a held pull, from its rows as they are now. */
int loss_digest(struct store *, int64_t pull, unsigned char digest[LOSS_DIGEST],
    struct err *);

/* In the transaction that applies a pull; kept: the one let through, or 0. */
int loss_forget(
    struct store *, int64_t source, int64_t pull, int64_t kept, struct err *);

struct loss_row {
	const char *what;              /* "account", "right", "member" */
	const char *key;               /* of what is gone, or of the member */
	const char *group;             /* of a membership; else NULL */
	const char *name, *group_name; /* as last seen; NULL: it had none */
};
typedef int loss_see(void *, const struct loss_row *, struct err *);
int loss_each(
    struct store *, int64_t pull, loss_see *, void *context, struct err *);

#endif
