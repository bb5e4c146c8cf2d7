/*
 * What two persons confirm, each with their own key: that a held pull's loss is
 * right, that a host's first key was compared, that its trail was begun anew.
 * They run the same command one after the other; the digest is of what was
 * shown to them, so that neither confirms something else.
 */
#ifndef REVIEW_CONFIRMATION_H
#define REVIEW_CONFIRMATION_H

#include "review/act.h"
#include "schema/base/digest.h"

#define CONFIRMATION_PULL "pull"
#define CONFIRMATION_HOST "host"
#define CONFIRMATION_ANEW "anew"

struct confirmed {
	int64_t act;       /* the first person's */
	bool done;         /* by two */
	char by[2 * 160];  /* "Wang (act 5), Chen (act 6)" */
	char receipt[128]; /* of what was signed now; "" nothing was */
};

/*
 * The first person's word if there is none, else the second's; nothing if two
 * have spoken already. ERR_ACCESS as of act_begin and act_second.
 */
int confirmation_say(struct store *, const char *what, const char *subject,
    const unsigned char digest[DIGEST_SHA256_LENGTH], const struct act_how *,
    struct confirmed *, struct err *);

#endif
