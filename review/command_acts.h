/*
 * What an act says, for whoever is to sign a second time.
 */
#ifndef REVIEW_COMMAND_ACTS_H
#define REVIEW_COMMAND_ACTS_H

#include "review/command.h"
#include "review/store.h"

/* Its kind, who signed it, and its rows, the first 50 of each table. */
int acts_show(
    struct command_context *, struct store *, int64_t act, struct err *);

#endif
