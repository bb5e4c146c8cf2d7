/*
 * How many guesses. An attempt is reserved, which counts it as a failure,
 * before any secret of it is compared; only success takes it back. So no
 * number of processes guessing at once gets more guesses than one.
 *
 * Two layers: per (user, source) inside the user's record, and a fixed table
 * keyed by source for attempts on names that are not ours, so that spraying
 * can't fill the disk.
 *
 * Waits are counted by uptime (state.h), never by the wall clock, and an
 * uptime of another boot is taken for the start of this one: so a clock set
 * back, at 1970 or far in the future neither makes anybody wait for longer
 * than lock_seconds nor makes a wait disappear. The wall clock decides only
 * what is shown, and known_days. Waits count from when the struct state_user
 * was read; a test that moves clock_fixed on moves boot_ns, too.
 */
#ifndef PAMOD_THROTTLE_H
#define PAMOD_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

#include "pamod/state.h"
#include "schema/base/err.h"

/* The key of what has no address: the console, sudo, su. */
#define THROTTLE_LOCAL "console"

enum throttle_style {
	THROTTLE_BACKOFF = 0, /* ever longer waits, per source */
	THROTTLE_LOCK         /* hard: after `attempts`, from everywhere */
};

struct throttle_rules {
	int style;             /* enum throttle_style */
	int64_t attempts;      /* failures that are free of waiting, 1 to 100 */
	int64_t lock_seconds;  /* LOCK: how long; BACKOFF: the longest wait */
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
 * comparing). It is counted as a failure, in failures_since_login too. On
 * REFUSE nothing is counted and nothing need be saved. `source` is an address
 * as throttle_source made it; now is s since 1970.
 */
enum throttle_answer throttle_reserve(struct state_user *, const char *source,
    const struct throttle_rules *, int64_t now);

/*
 * After success in account: forgets this source's and the user's failures, and
 * takes its own reservation out of failures_since_login, which is otherwise
 * the caller's to show and to set to 0.
 */
void throttle_success(struct state_user *, const char *source, int64_t now);

/* After an abandoned prompt: takes one reservation back. */
void throttle_forgive(struct state_user *, const char *source);

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
 * its places are taken one overflow row is shared. Errors are REFUSE.
 */
enum throttle_answer throttle_reserve_unknown(struct state *,
    const char *source, const struct throttle_rules *, struct err *);

#endif
