/*
 * What one account holds through nesting: the memberships that hold at one
 * state, walked up over groups in groups, primary groups, SID history, rules.
 * Iterative and safe in cycles. The other way, from all privileged rights down
 * to everybody who holds them, is one for all rules: sql/views.sql, holder.
 *
 * A node is an object's id, of an account or a right: SID history makes an
 * account hold what another account holds, so that accounts can be steps too.
 */
#ifndef REVIEW_GRAPH_H
#define REVIEW_GRAPH_H

#include <stddef.h>
#include <stdint.h>

#include "review/fact.h"
#include "review/store.h"

/* One step of a path: what the one before (at first: the holder) is in. */
struct graph_step {
	int64_t group;
	enum edge_how how;
};

struct graph_holding {
	int64_t right;
	int64_t holder; /* the account */
	size_t depth;   /* steps of the shortest path; 1: a direct holder */
	/*
	 * Through how many memberships of its own the holder has it: so many
	 * must end before it has lost it.
	 */
	size_t ways;
	/* depth of them, from the holder's own membership to the right. */
	const struct graph_step *steps;
};

/* Returns 0 to go on, or -1 with *e set. The holding is alive until then. */
typedef int graph_report(
    void *context, const struct graph_holding *, struct err *);

/*
 * Everything that one account (or group) holds at that state (an applied pull's
 * number, or STORE_NOW), of all sources: nearest first.
 */
int graph_rights(struct store *, int64_t state, int64_t account, graph_report *,
    void *context, struct err *);

#endif
