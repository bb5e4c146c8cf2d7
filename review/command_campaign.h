/*
 * What the files of `reeve campaign` share.
 */
#ifndef REVIEW_COMMAND_CAMPAIGN_H
#define REVIEW_COMMAND_CAMPAIGN_H

#include "review/campaign.h"
#include "review/command.h"

#define NUMBER_SIZE 24
#define TIME_SIZE   24

/* Says "reeve campaign WORD: text", and returns the status that fits. */
int campaign_fail(
    struct command_context *, const char *word, const struct err *);
/* The same of the command line; then how it is used. */
int campaign_usage(struct command_context *, const struct command_word *,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* A campaign in the state that a step needs; an error says which it is in. */
enum campaign_need { NEED_DRAFT, NEED_FROZEN };
int campaign_need(struct store *, const char *name, enum campaign_need,
    struct campaign *, struct err *);

/*
 * A day, or a time as RFC 3339 has it. A day is one of this machine's zone:
 * its end if `end`, else its beginning.
 */
int campaign_time(struct command_context *, const char *text, bool end,
    int64_t *, struct err *);

/* "2026-12-31 17:00" in this machine's zone; "" if it is not known. */
const char *campaign_when(char out[TIME_SIZE], int64_t);
const char *campaign_number(char out[NUMBER_SIZE], int64_t);

/* The profile whose thresholds hold: of the freeze, else review.conf's. */
int campaign_profile(struct store *, struct command_context *, int64_t campaign,
    char out[128], struct err *);

#define REASON_SIZE 512u
/*
 * Why a source or host is not whole, in people's words; how many accounts and
 * rights the scope leaves out of it.
 */
void campaign_reason_text(const char *reason, int64_t accounts, int64_t rights,
    char *out, size_t size);
/* Why a block keeps it from closing, likewise. */
void campaign_block_text(const struct campaign_block *, char *out, size_t size);

/* Says what is missing of a population; whether anything is. */
int campaign_say_missing(struct store *, struct command_context *,
    int64_t campaign, bool *missing, struct err *);

/* The head, to be held elsewhere. */
void campaign_say_receipt(struct command_context *, struct buf *receipt);

/* One tab-free line each, of whom an act gave questions to. */
int campaign_say_assigned(
    struct store *, struct command_context *, int64_t act, struct err *);

#endif
