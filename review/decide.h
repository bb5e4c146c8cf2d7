/*
 * A reviewer at a terminal: one question after the other, then one signature
 * over all of it (reeve decide without arguments).
 */
#ifndef REVIEW_DECIDE_H
#define REVIEW_DECIDE_H

#include "review/act.h"
#include "review/decision.h"
#include "review/draft.h"
#include "review/store.h"

/*
 * Who decides: the person of the key. ERR_ACCESS as act_begin has it, or if no
 * employee number is known of them.
 */
int decide_person(
    struct command_context *, struct store *, struct signer *, struct err *);

/*
 * A line's or a terminal's end of an exception: a day is meant to its end, but
 * no later than what is allowed. ERR_ACCESS if it is no date.
 */
int decide_end(const char *text, int64_t now, int64_t *ends, struct err *);

/* As of --now, else of the clock, which went on since the program began. */
int decide_now(const struct command_context *, int64_t *now, struct err *);

/*
 * Signs all of the draft in one act, prints the receipt, and what still waits
 * for a second person. Nothing is recorded unless all is.
 */
int decide_sign(struct command_context *, struct store *, const struct draft *,
    struct err *);

/* Asks what is open to them. An enum command_status; says what went wrong. */
int decide_session(struct command_context *, struct store *,
    const struct signer *, const char *campaign /* NULL: all */);

#endif
