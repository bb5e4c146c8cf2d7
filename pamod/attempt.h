/*
 * Attempts that are not over yet, in a user's record: begun when a password
 * was offered, ended by account, by the end of the PAM handle, or, where the
 * process is gone without either (sshd's auth child never ends its handle), by
 * the next attempt or `reevectl trail tick`. For the trail alone: that they
 * count is throttle.h's business.
 */
#ifndef PAMOD_ATTEMPT_H
#define PAMOD_ATTEMPT_H

#include <stddef.h>
#include <stdint.h>

#include "pamod/state.h"
#include "schema/base/err.h"
#include "schema/trail.h"

/*
 * Enters an attempt of that process; *id is its number. Without a free place
 * it has a number all the same.
 */
int attempt_enter(struct state_user *, const char *service, const char *source,
    int32_t pid, int64_t now, uint64_t *id, struct err *);
/* Empties its place, if it has one. */
void attempt_close(struct state_user *, uint64_t id);
/* Moves those whose process is gone to ended; how many. */
size_t attempt_sweep(
    struct state_user *, struct state_attempt ended[STATE_ATTEMPTS_MAX]);
/* Records them as failed, when they happened. */
int attempt_record(struct trail *, const struct state_user *,
    const struct state_attempt *ended, size_t count, struct err *);

#endif
