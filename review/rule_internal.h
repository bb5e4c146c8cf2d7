/*
 * What rule*.c share, and no one else includes.
 */
#ifndef REVIEW_RULE_INTERNAL_H
#define REVIEW_RULE_INTERNAL_H

#include <sqlite3.h>

#include "review/controls.h"
#include "review/rule.h"

/* One run of the rules. */
struct check {
	struct store *store;
	sqlite3 *db;
	const struct review_config *config;
	struct controls *controls;
	struct enforced enforced;
	const struct check_options *options;
	const struct rule *rule; /* that runs now */
	int64_t run;
	uint64_t work; /* steps of the virtual machine left to the rule */
	/*
	 * Our own statements run, not the rule's. The authorizer is asked anew
	 * when SQLite prepares a statement again, even in the midst of a rule.
	 */
	bool trusted;
	sqlite3_stmt *subject_of; /* for reproduce() */
	sqlite3_stmt *step_of;    /* for path_text() */
	sqlite3_stmt *keep;       /* a row of temp.result */
	/* Of steps, beside :now and thresholds: ":act". NULL, or ends so. */
	const struct check_parameter *parameters;
	const char *doing; /* told beside how many steps are done; or NULL */
};

struct check_parameter {
	const char *name;
	int64_t value;
};

/* -1 with what SQLite said of where. */
int check_sqlite(struct check *, const char *where, struct err *);

/* The SQL functions of rules, and what they need. */
int rule_functions_add(struct check *, struct err *);
int rule_functions_prepare(struct check *, struct err *);
void rule_functions_remove(struct check *);

/* '*' and '?', in any case of ASCII. */
bool rule_fits(const char *glob, const char *text);
/*
 * The shortest way by which an account or group holds a privileged or declared
 * right; no step if it has no way.
 */
void rule_path(struct check *, int64_t holder, int64_t group,
    void (*step)(void *, const char *name, int64_t how), void *context);

/* From here to rule_release, statements are held to what a rule may do. */
void rule_confine(struct check *);
void rule_release(struct check *);

/*
 * The steps of a file of review/sql/: "-- step: NAME", run once, and
 * "-- repeat: NAME", until it changes nothing. :now, :open and :run are bound.
 */
int check_steps(struct check *, const char *file, struct err *);
/* The functions and tables that rules see; and away with them. */
int check_tables(struct check *, struct err *);
int check_drop(struct check *, struct err *);
/* The query behind "-- over: NAME" of views.sql, prepared; the caller ends. */
sqlite3_stmt *check_over(struct check *, const char *name, struct err *);

/* Verdicts on password and lockout policies; after the views are made. */
int verdicts_make(struct check *, struct err *);

#endif
