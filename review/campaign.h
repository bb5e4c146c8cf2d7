/*
 * Campaigns: a frozen population, questions, who is to answer them, and what
 * keeps a campaign from closing. schema/store.sql has the tables; each step is
 * an act (act.h) of the kind "campaign-open", "campaign-freeze", "assign",
 * "deputy", "remind", "missing", "campaign-end".
 *
 * item.facts, one JSON object; what is not known is not in it:
 *
 *	source, class ("core", "other"), host, account, display, enabled
 *	person, employee, department, title, status      of the holder
 *	owner                                 of an account that is nobody's
 *	right, right_en, right_zh, right_kind, right_owner, description
 *	path      ["direct group", ..., "right"], the shortest; ways: how many
 *	acquired, acquired_how ("directory", "pull", "approval": ticket)
 *	used, used_attribute, used_resolution (s), used_certain (true, false)
 *	peers, peers_holding                  settled ones of the department
 *	findings  [{"rule","severity","title","title_zh","text","text_zh","id"}]
 *	last      {"decision","by","at","campaign","grade"}
 *
 * Times are RFC 3339, UTC.
 */
#ifndef REVIEW_CAMPAIGN_H
#define REVIEW_CAMPAIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "review/act.h"
#include "review/config.h"

#define CAMPAIGN_NAME_MAX 64u
#define CAMPAIGN_PAGE     50u /* questions on a page of a worksheet */

struct campaign {
	int64_t id;
	char name[CAMPAIGN_NAME_MAX + 1];
	char type[16];
	int64_t due;
	bool frozen;
	char end[16]; /* "", "closed", "cancelled" */
	unsigned char
	    population[32]; /* digest of the freeze act; zero before */
};

/* By name; NULL or "": the only open one. ERR_MISSING says which there are. */
int campaign_find(
    struct store *, const char *name, struct campaign *, struct err *);

/*
 * Who decides a question now: the assigned reviewer, unless they left or may
 * not (holder, requester, approver). Deputies are decision_judge's. employee
 * gets "" if there is nobody.
 */
int campaign_reviewer(struct store *, int64_t campaign, int64_t question,
    char employee[64], struct err *);

/*
 * Whether that employee may not decide that item, and why: "holder",
 * "requester", "approver", "left". 1 with *why, 0, -1.
 */
int campaign_conflict(struct store *, int64_t campaign, int64_t item,
    const char *employee, const char **why, struct err *);

/* command_campaign.c's table: one row a subcommand. */
struct campaign_command {
	const char *name;
	const char *arguments;
	const char *summary;
	const char *help;
	int (*run)(struct command_context *, int argc, char **argv);
};

#endif
