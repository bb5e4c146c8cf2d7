/*
 * What a reviewer has said and not signed yet: one file of their own, mode
 * 0600, in $XDG_STATE_HOME/reeve, written anew at each answer, so that a lost
 * connection loses nothing. It proves nothing: only the act does.
 */
#ifndef REVIEW_DRAFT_H
#define REVIEW_DRAFT_H

#include <stddef.h>

#include "review/decision.h"
#include "review/question.h"
#include "schema/base/err.h"

struct draft;

/* The draft of that employee on that database, as it was left. */
int draft_open(
    struct draft **, const char *database, const char *employee, struct err *);
void draft_close(struct draft **);
const char *draft_path(const struct draft *);

size_t draft_count(const struct draft *);
/* Texts are the draft's. population: of the campaign it was said of. */
const struct decision *draft_at(
    const struct draft *, size_t, const char **population);
/* By campaign, question and item; NULL: nothing was said of it. */
const struct decision *draft_find(
    const struct draft *, int64_t campaign, int64_t question, int64_t item);

/* Copies it, in place of what was said of the same. */
int draft_put(struct draft *, const struct decision *, const char *population,
    struct err *);
void draft_remove(
    struct draft *, int64_t campaign, int64_t question, int64_t item);
/* Writes the file. */
int draft_save(const struct draft *, struct err *);
/* All of it is signed: the file goes, too. */
int draft_clear(struct draft *, struct err *);

#endif
