/*
 * Enrolled persons: put in, ended. Who they are is the table signer; whether
 * their word counts, signer_find (act.h).
 */
#ifndef REVIEW_ROSTER_H
#define REVIEW_ROSTER_H

#include "review/act.h"

struct newcomer {
	const char *name;     /* one line, not empty, nobody else's */
	const char *employee; /* NULL or "": not in personnel data */
	const char *role;     /* "officer", "reviewer", "auditor" */
	const char *key;      /* a line of a .pub file */
	const char *grounds;  /* how the key was brought; "" */
};

/*
 * The first two enrol themselves: how's key is that key, and they are officers
 * at once. A later one is enrolled by an officer, and *waits: until a second
 * person approves the act. ERR_USAGE for a name, number or role that won't do;
 * ERR_ACCESS for a key that is somebody's.
 */
int roster_add(struct store *, const struct newcomer *, const struct act_how *,
    bool *waits, struct buf *receipt, struct err *);

/*
 * By name. Counts once a second person approves the act. ERR_USAGE if fewer
 * than two officers would be left.
 */
int roster_end(struct store *, const char *name, const char *reason,
    const struct act_how *, struct buf *receipt, struct err *);

#endif
