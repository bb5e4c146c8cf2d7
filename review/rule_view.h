/*
 * The tables that rules see, for steps other than rules: a campaign's
 * population is frozen from the very state that was checked. Steps are files
 * of review/sql/ as rule_internal.h says, with :now, :day, :open, thresholds of
 * the profile, and the parameters that view_set gave. In them is also
 *
 *	in_scope(what, text...)   whether a campaign's scope has it: any text
 *	                          fits an include of "what", if there is one,
 *	                          and none fits an exclude
 *	included(what, text...)   the same without its excludes
 *	path_json(holder, right)  ["Helpdesk", "Domain Admins"]
 *	finding_json(id, rule, state, severity, excepted, evidence)
 *	finding_text(rule, state, reason, about, evidence, zh)  as reeve findings
 *	                          tells it, in Chinese if zh
 *	rule_told(rule, what)     its "severity", "title", "title_zh", "controls"
 *	facts_json(name, value, ...)  an object without the values that are
 *	                          NULL; of "=name" the value is JSON already
 *
 * The caller has a writing transaction open from view_begin to view_end.
 */
#ifndef REVIEW_RULE_VIEW_H
#define REVIEW_RULE_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "review/config.h"
#include "review/rule.h"
#include "review/store.h"

#define VIEW_PARAMETERS_MAX 16u

struct view_options {
	const struct review_config *config;
	const struct rule_set *rules; /* for texts of findings; may be NULL */
	const char *profile;
	int64_t now;
	bool tables;       /* of views.sql; else only steps and thresholds */
	const char *doing; /* what progress is told, with the steps done */
	void (*progress)(void *, const char *what, int64_t done, int64_t total);
	void *progress_context;
};

struct view;
int view_begin(
    struct view **, struct store *, const struct view_options *, struct err *);
/* name as ":act"; it lives as long as the view. Again: a new value. */
void view_set(struct view *, const char *name, int64_t value);
/* in_scope() is of that campaign from here on. */
int view_scope(struct view *, int64_t campaign, struct err *);
int view_steps(struct view *, const char *file, struct err *);
/* done: also drops the tables; else a rollback does. */
int view_end(struct view **, bool done, struct err *);

/* A threshold by its name, of those profiles. */
int view_threshold(
    const char *profile, const char *name, double *value, struct err *);

#endif
