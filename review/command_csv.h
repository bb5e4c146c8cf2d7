/*
 * What commands share that read a table of people's own: how it is written
 * (a section of review.conf, options), and in which zone its dates are.
 */
#ifndef REVIEW_COMMAND_CSV_H
#define REVIEW_COMMAND_CSV_H

#include "review/command.h"

/* Of this machine at that time: s east of Greenwich. */
int64_t command_local_zone(int64_t at);

/*
 * Whether a [source] section is one of those, and no source of accounts: its
 * url is "hr:" or "register:".
 */
bool command_csv_is_section(const struct source_settings *);

/*
 * [source SECTION] if review.conf has it, else the presets. encoding and zone
 * stand over it if not NULL. Without either, dates are of this machine's zone.
 */
int command_csv_settings(struct command_context *, const char *section,
    const char *encoding, const char *zone, struct source_settings *,
    int64_t *offset, struct err *);

#endif
