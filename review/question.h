/*
 * The questions of campaigns as a person is asked them: which are open to whom,
 * and what is shown of each (campaign.h's facts, in plain words).
 */
#ifndef REVIEW_QUESTION_H
#define REVIEW_QUESTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "review/campaign.h"
#include "review/store.h"
#include "schema/base/buf.h"
#include "schema/base/err.h"

#define QUESTION_POPULATION 16u /* digits of the frozen population's digest */

struct question { /* or an item of one */
	int64_t campaign, number;
	int64_t item; /* 0: the question, all its items */
	int64_t due;
	char name[CAMPAIGN_NAME_MAX + 1]; /* of the campaign */
	char population[QUESTION_POPULATION + 1];
	char kind[16]; /* "single", "template", "account", "unchanged" */
	char reviewer[64];
	int64_t items, left; /* of the question; and undecided ones */
	bool privileged, flagged, low;
};

struct questions {
	struct question *rows;
	size_t count, room;
};

/*
 * What is asked in the open campaigns, or in that one (NULL: all). employee
 * NULL: of everybody; else of them, as deputy too. undecided: only what is.
 * ERR_MISSING if there is no open campaign of that name.
 */
int questions_read(struct questions *, struct store *, const char *campaign,
    const char *employee, bool undecided, int64_t now, struct err *);
/* The question at that place becomes its items. */
int questions_split(
    struct questions *, size_t at, struct store *, struct err *);
void questions_free(struct questions *);

/* "12", or "12/345" of an item: as commands take it. */
void question_label(const struct question *, char out[48]);

/*
 * One line for lists: the account and the right, or in account what several
 * have in common.
 */
int question_line(struct store *, const struct question *, struct buf *account,
    struct buf *right, bool zh, struct err *);

/*
 * All that the reviewer should know, within so many columns; lines is about
 * how many there are, findings are cut to fit (0: all are shown).
 */
int question_show(struct store *, const struct question *, bool zh, int columns,
    int lines, struct buf *, struct err *);

#endif
