/*
 * Between what a source delivered and what the store has: found in numbers,
 * judged by pull.c, and then written, all within one transaction of the
 * caller's.
 */
#ifndef REVIEW_DIFFERENCE_H
#define REVIEW_DIFFERENCE_H

#include "review/staging.h"

/* A stored membership that ends, or a member that no object answers to. */
struct ended_edge {
	int64_t group, member, since;
	uint32_t group_place, member_place; /* of a full pull */
	uint8_t how;
	bool lost; /* counted in members_lost */
};

struct staged_dangling {
	uint32_t group; /* place of the object */
	const char *text;
	uint8_t form;
	uint8_t how;
	bool removed;
	bool kept; /* the store has it */
};

struct ended_dangling {
	int64_t group, since;
	char *reference;
	uint8_t form;
};

struct run_edge {
	uint32_t member; /* place */
	uint32_t more;   /* as staged_edge's */
};

struct difference {
	struct staging *staging;
	bool ends;    /* what is missing is gone: the pull is complete */
	bool follows; /* the directory's groups follow a renamed member */

	/* Memberships by group: those of place g are run[first[g]] and on. */
	uint32_t *first;
	struct run_edge *run;
	size_t placed;         /* how many objects have a place in first */
	struct array ended;    /* struct ended_edge */
	struct array dangling; /* struct staged_dangling */
	struct array dangling_ended; /* struct ended_dangling */
	struct array unnamed;        /* struct ended_edge: became dangling */

	int64_t accounts_new, accounts_changed, accounts_gone;
	int64_t groups_new, groups_gone;
	int64_t members_new, members_gone;
	/*
	 * Memberships lost between objects that are both still there, or whose
	 * group is gone: those of accounts that are gone are counted as these.
	 */
	int64_t members_lost;
};

/* product: "ad" and the like; "" if not known. */
int difference_find(
    struct difference **, struct staging *, const char *product, struct err *);
void difference_free(struct difference **);

/* The staging's source must be in the store. pull: the number it gets. */
int difference_write(struct difference *, int64_t pull, struct err *);

#endif
