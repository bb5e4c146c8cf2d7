/*
 * What difference.c and difference_resolve.c share. Nothing else includes this.
 */
#ifndef REVIEW_DIFFERENCE_INTERNAL_H
#define REVIEW_DIFFERENCE_INTERNAL_H

#include "review/difference.h"

struct object *difference_object(const struct difference *, uint32_t place);

/*
 * Before memberships get their places: everything that references may mean is
 * in the index, and whoever a stored membership means now is asked into it.
 */
int difference_resolve(struct difference *, struct err *);

/* A row of stored_dangling. */
struct stored_dangling {
	struct member member;
	int64_t group, since;
};

typedef int meet_dangling(
    struct difference *, const struct stored_dangling *, struct err *);
int difference_each_dangling(
    struct difference *, meet_dangling *, struct err *);
int difference_end_dangling(
    struct difference *, const struct stored_dangling *, struct err *);

#endif
