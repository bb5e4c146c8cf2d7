/*
 * Rules: SQL files with a header, compiled in (review/rules/) or of a site
 * (root's, /etc/reeve/rules.d/), run read-only under an authorizer against the
 * tables that review/sql/views.sql prepares. reeve-rules(7) is made from the
 * headers, and describes the tables; see also rules/README.
 *
 *	-- id:          AR-101
 *	-- severity:    medium          (critical, high, medium, low, info)
 *	-- title:       Dormant account
 *	-- title.zh_TW: 閒置帳號(久未使用)
 *	-- why:         An account nobody uses is one whose theft nobody sees.
 *	-- why.zh_TW:   ...
 *	-- over:        account         the table whose rows are judged: clear =
 *	--                              rows of it without hit or unknown
 *	-- thresholds:  idle_flag_days idle_flag_privileged_days
 *	-- controls:    PAR-08
 *	-- text:        Last used {seen:time} ({seen_attribute}), {days} days ago.
 *	-- text.zh_TW:  ...
 *
 * Long values go on in lines that begin "--" and at least four blanks. The
 * query gives one row a hit or unknown, with these columns first, all named:
 *
 *	subject    an object's id, or NULL
 *	about      text that tells findings of one subject apart, or ''
 *	state      'hit' or 'unknown'
 *	certainty  'certain', 'possible', 'hint'
 *	severity   NULL for the header's
 *	reason     of unknown: a short English token from rules/README
 *
 * and then columns of its own, which are the evidence and may stand in the
 * texts: {name}, {name:time}, {name:day}, {name:days}. :now is bound, and
 * each threshold by its name; no other number may be in a rule, nor any
 * date, time or random function: use when_text(), days_between().
 */
#ifndef REVIEW_RULE_H
#define REVIEW_RULE_H

#include "review/config.h"
#include "review/store.h"
#include "schema/base/buf.h"

struct rule {
	char id[24];
	char severity[12];
	const char *title, *title_zh; /* all into one text the rule owns */
	const char *why, *why_zh;
	const char *over;
	const char *thresholds;
	const char *controls;
	const char *text, *text_zh;
	const char *sql;
	const char *file; /* for errors: "review/rules/AR-101-dormant.sql" */
	unsigned char digest[32]; /* SHA-256 of the file */
};

struct rule_set;

/* The compiled-in ones, then those of dir (NULL: none). Sorted by id. */
int rule_set_load(struct rule_set **, const char *dir, struct err *);
void rule_set_free(struct rule_set **);
size_t rule_set_count(const struct rule_set *);
const struct rule *rule_set_at(const struct rule_set *, size_t);
const struct rule *rule_set_find(const struct rule_set *, const char *id);

struct check_options {
	int64_t now; /* s since 1970 */
	bool now_given;
	const char *profile; /* of schema/controls.xml */
	const char *only;    /* one rule's id; NULL: all */
	void (*progress)(void *, const char *what, int64_t done, int64_t total);
	void *progress_context;
};

struct check_result {
	int64_t run;
	int64_t hits, unknowns, excepted, fresh, closed;
	size_t failed; /* rules that could not run; each is in rule_run */
};

/* Prepares the tables, runs the rules, keeps the findings' lives. */
int check_run(struct store *, const struct review_config *,
    const struct rule_set *, const struct check_options *,
    struct check_result *, struct err *);

/*
 * A rule's text with the evidence (a JSON object) put in. zh: in Chinese.
 * Directory text in it is made harmless for a terminal by the printer.
 */
int rule_text(const struct rule *, const char *evidence, bool zh, struct buf *,
    struct err *);

#endif
