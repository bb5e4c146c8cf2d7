/*
 * When logins are allowed: "Mon-Fri 08:00-20:00; Sat,Sun 09:00-12:00".
 *
 * Periods are separated by ';'. Each is days (names of three letters, ranges,
 * commas), a space, and a time of day HH:MM-HH:MM whose end is not part of it
 * and may be 24:00. An end before its start lies on the next day. Either case;
 * further blanks are allowed around ';' only.
 */
#ifndef PAMOD_HOURS_H
#define PAMOD_HOURS_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/base/err.h"

/* ERR_CONFIG if it is not well-formed; "" is. */
int hours_parse(const char *hours, struct err *);

/* "+08:00" as seconds to add to UTC; ERR_CONFIG if it is not of that form. */
int hours_offset(const char *text, int64_t *seconds, struct err *);

/*
 * Whether now (s since 1970) is within hours, in the time of that offset; ""
 * is always. Hours that are not well-formed are never. The host's local time
 * is not asked: within sudo and su the caller's TZ would decide it.
 */
bool hours_allow(const char *hours, const char *utc_offset, int64_t now);

/* The same, of a minute of the week: 0 is Sunday 00:00. */
bool hours_allow_minute(const char *hours, unsigned minute_of_week);

#endif
