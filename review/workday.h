/*
 * Days by the clock of one zone, and those on which people work: Monday to
 * Friday, but for what the calendar says (reeve register, kind calendar). A day
 * is a number: days since 1970-01-01, local.
 */
#ifndef REVIEW_WORKDAY_H
#define REVIEW_WORKDAY_H

#include <stdbool.h>
#include <stdint.h>

#include "review/store.h"

#define DAY_SECONDS_ INT64_C(86400)
#define DAY_TEXT     16u /* bytes of "2026-11-29", with its NUL */

int64_t day_of(int64_t at, int64_t zone);
int64_t day_start(int64_t day, int64_t zone); /* s since 1970 */
/* 0 Monday to 6 Sunday. */
int day_of_week(int64_t day);
const char *day_text(int64_t day, char out[DAY_TEXT]);
/* "2026-11-29"; ERR_USAGE. */
int day_read(const char *text, int64_t *day, struct err *);

/* "2026Q4", as its first and last day; ERR_USAGE. */
int quarter_read(const char *text, int64_t *first, int64_t *last, struct err *);
/* That which the day is in. */
void quarter_of(int64_t day, int64_t *first, int64_t *last);

/* 1, 0, -1. */
int workday_is(struct store *, int64_t day, struct err *);
/* Noon of the next working day. */
int workday_due(
    struct store *, int64_t day, int64_t zone, int64_t *due, struct err *);

#endif
