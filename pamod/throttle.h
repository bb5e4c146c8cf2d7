/*
 * How many guesses. An attempt is reserved, which counts it as a failure,
 * before any secret of it is compared; only success takes it back. So no
 * number of processes guessing at once gets more guesses than one.
 *
 * Two layers: per (user, source) inside the user's record, and a fixed table
 * keyed by source for attempts on names that are not ours, so that spraying
 * can't fill the disk.
 */
#ifndef PAMOD_THROTTLE_H
#define PAMOD_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

#include "pamod/state.h"
#include "schema/base/err.h"

enum throttle_style {
	THROTTLE_BACKOFF = 0, /* ever longer waits, per source */
	THROTTLE_LOCK	      /* hard: after `attempts`, from everywhere */
};

struct throttle_rules {
	int style;	   /* enum throttle_style */
	int64_t attempts;  /* failures that are free of waiting, 1 to 100 */
	int64_t lock_seconds; /* LOCK: how long; BACKOFF: the longest wait */
	int64_t user_attempts; /* over all sources, before user-wide waits */
	int64_t known_days; /* a source of a success this recent is spared the
			       user-wide wait */
};

enum throttle_answer {
	THROTTLE_REFUSE = 0, /* waits or is locked; nothing may be compared */
	THROTTLE_GO = 0x35c6 /* reserved: one comparison is paid for */
};

/*
 * Reserves one attempt in the record (in memory; the caller saves it before
 * comparing). `source` is an address as throttle_source made it. The clock
 * may have been set back: waits never grow by that.
 */
enum throttle_answer throttle_reserve(struct state_user *, const char *source,
    const struct throttle_rules *, int64_t now);

/* After success in account: forgets this source's and the user's failures. */
void throttle_success(struct state_user *, const char *source, int64_t now);

/* Seconds until throttle_reserve would say GO; 0: now. */
int64_t throttle_wait(const struct state_user *, const char *source,
    const struct throttle_rules *, int64_t now);

/* Root's unlock: forgets everything that makes anybody wait. */
void throttle_unlock(struct state_user *);

/*
 * PAM_RHOST as a key: an IPv4 address whole, IPv6 cut to its /64, "console"
 * for none, "name" for what is not an address (names are never believed).
 * out has STATE_SOURCE_MAX bytes.
 */
void throttle_source(const char *rhost, char *out);

/*
 * The table for unknown names, in the state directory: reserves an attempt
 * from that source. A row is taken over only when its wait has ended; when
 * the table is full one overflow row is shared. Errors are REFUSE.
 */
enum throttle_answer throttle_reserve_unknown(struct state *,
    const char *source, const struct throttle_rules *, int64_t now,
    struct err *);

#endif
