/*
 * What command_daily*.c share: the parts of reeve daily.
 */
#ifndef REVIEW_COMMAND_DAILY_H
#define REVIEW_COMMAND_DAILY_H

#include "review/command.h"
#include "review/daily.h"

/* "2026-11-30 12:00" by the records' own clock. */
#define DAILY_TIME_SIZE 24u
const char *daily_time_text(int64_t at, int64_t zone, char *out);

/* Why a record is incomplete, and the name of a rule, for people. */
const char *daily_reason_text(const char *reason);
const char *daily_rule_text(const char *rule);

/* "2026Q4" or "": the quarter of now. */
int command_daily_calendar(
    struct command_context *, struct daily *, const char *quarter);
int command_daily_open(struct command_context *, struct store *, int64_t zone);
int command_daily_show(struct command_context *, struct store *, int64_t day,
    const char *source, int64_t zone);

#endif
