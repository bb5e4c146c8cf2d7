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
 *	owner, owner_confirmed (true, false)  of an account that is nobody's
 *	system_owner
 *	right, right_en, right_zh, right_kind, right_owner, description
 *	path      ["direct group", ..., "right"], the shortest; ways: how many
 *	acquired, acquired_how ("directory", "pull", "approval"), ticket
 *	used, used_attribute, used_resolution (s), used_certain (true, false)
 *	peers, peers_holding                  settled ones of the department
 *	findings  [{"rule","severity","title","title_zh","text","text_zh","id",
 *	            "state" ("hit", "unknown"), "excepted" (true)}]
 *	last      {"decision","by","at","campaign","grade"}
 *
 * Times are RFC 3339, UTC. A finding of the account stands on all its items;
 * one of a right on that item alone. Severity is the worst of its hits, but for
 * those that an exception covers; from medium on an item is flagged.
 *
 * question.kind: "single"; "template": one right of many alike, of one
 * department under one manager, or over hosts; "account": an account with
 * findings and its unprivileged rights; "unchanged": one right, of low risk,
 * kept last time, and not in an "unchanged" one of several then.
 */
#ifndef REVIEW_CAMPAIGN_H
#define REVIEW_CAMPAIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "review/act.h"
#include "review/config.h"
#include "review/rule_view.h"

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
    int64_t now, char employee[64], struct err *);

/*
 * Whether that employee may not decide that item, and why: "holder",
 * "requester", "approver", "left". 1 with *why, 0, -1.
 */
int campaign_conflict(struct store *, int64_t campaign, int64_t item,
    const char *employee, int64_t now, const char **why, struct err *);

/* ---- Steps, each within an act of its kind ---- */

struct campaign_scope {
	bool include;
	const char *what, *value;
	const char *reason; /* "" of an include alone */
};

struct campaign_new {
	const char *name, *type;
	int64_t due;
	const char *fallback; /* employee number, or "" */
	int64_t previous;     /* whose scope is copied first; 0: none */
	const char *cause;    /* of an event, or NULL */
	const struct campaign_scope *scope;
	size_t scope_count;
};

/*
 * "campaign-open". ERR_USAGE says what of it won't do: a name that is used, a
 * type or a word of the scope there is not, an exclude without a reason.
 */
int campaign_open(struct act *, struct store *, const struct campaign_new *,
    int64_t *id, struct err *);

/*
 * The tables of the newest check's state, for campaign_freeze, in the act's
 * transaction. ERR_CONFIG: nothing was checked since the newest pull.
 */
int campaign_view(struct view **, struct act *, struct store *,
    const struct review_config *, const struct rule_set *,
    void (*progress)(void *, const char *, int64_t, int64_t), void *context,
    struct err *);

/*
 * "campaign-freeze". What is missing of it, campaign_source says. The view may
 * be used again; with ":only" set to a person's id, no other is looked at.
 */
int campaign_freeze(struct act *, struct store *, struct view *,
    const struct review_config *, int64_t campaign, struct err *);

/*
 * "assign". list (may be empty): who decides what, before anybody else; what:
 * "right", "department", "person", "source", "account".
 */
struct campaign_rule {
	const char *what, *value, *employee;
};
enum assign_mode {
	ASSIGN_NEW = 0, /* what nobody has */
	ASSIGN_AGAIN,   /* all that is undecided */
	ASSIGN_INSTEAD, /* undecided, and with somebody who may not, or left */
	ASSIGN_ESCALATED, /* undecided, to whoever is above */
};
int campaign_assign(struct act *, struct store *, const char *profile,
    int64_t campaign, enum assign_mode, const struct campaign_rule *list,
    size_t count, struct err *);

/*
 * Opens, freezes and assigns a campaign for each person who left or moved in
 * the last days and has accounts, once each: the program's acts, unsigned.
 * *count: how many.
 */
int campaign_events(struct store *, const struct review_config *,
    const struct rule_set *, const struct act_how *, const char *fallback,
    int64_t *count, struct err *);

/* ---- How far it is ---- */

/*
 * Tables of how far a campaign is, until campaign_progress_end. The statements
 * "progress_..." of sql/campaign.sql tell of them.
 */
int campaign_progress(struct view **, struct store *, const char *profile,
    int64_t campaign, struct err *);
int campaign_progress_end(struct view **, struct err *);

/* One thing that keeps it from closing. */
struct campaign_block {
	/*
	 * "source" (who: its name, host, why), "missing" (more were let
	 * through than may be), "nobody" (questions without a reviewer),
	 * "undecided" (who: the reviewer), "waiting" (items whose decisions
	 * have no effect until somebody approves `act`)
	 */
	const char *what;
	const char *who, *host, *why; /* "" where there is none */
	int64_t count;
	int64_t act;
	/* Of a source that is "excluded": what the scope leaves out of it. */
	int64_t accounts, rights;
};

/* Within campaign_progress. Calls say for each; *count gets how many. */
int campaign_blocks(struct store *, const char *profile, int64_t campaign,
    void (*say)(void *, const struct campaign_block *), void *context,
    int64_t *count, struct err *);

/*
 * "decisions", unsigned: proposes to revoke what nobody answered. Within
 * campaign_progress. *count: how many questions.
 */
int campaign_propose(struct act *, struct store *, int64_t campaign,
    int64_t *count, struct err *);

/* Whether somebody may be asked at all: 1, 0, -1. */
int campaign_may_ask(
    struct store *, const char *employee, int64_t now, struct err *);

#endif
