/*
 * Rules: SQL files with a header, compiled in (review/rules/) or of a site
 * (root's, /etc/reeve/rules.d/), run read-only under an authorizer against the
 * tables that review/sql/views.sql prepares. reeve-rules(7) is made from the
 * headers, and describes the tables; see also rules/README.
 *
 *	-- id:          AR-101
 *	-- severity:    medium          (critical, high, medium, low, info)
 *	-- title:       Dormant account
 *	-- title.zh_TW: 閒置帳號（久未使用）
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
 *	about      text that tells findings of one subject apart; '' in an
 *	           unknown of a subject: none of its findings is over
 *	state      'hit' or 'unknown'
 *	certainty  'certain', 'possible', 'hint'
 *	severity   NULL for the header's
 *	reason     of unknown: a short English token from rules/README
 *
 * Of two rows of the same subject and about, the worse stands. Then come
 * columns of its own, which are the evidence and may stand in the
 * texts: {name}, {name:time}, {name:day}, {name:days} (of seconds),
 * {name:percent} (of a share). A column "stands_for" says how many subjects a
 * row about none of them stands for: what is unknown of a whole source is one
 * row about 'source:NAME', never one for each account.
 *
 * :now is bound, :day (86400 s), :hour, :never (FACT_NEVER), and each threshold
 * by its name, in its unit; no number but 0 and 1 may be in a rule, nor any
 * date, time or random function: use when_text(), days_between() and the
 * others of reeve-rules(7).
 */
#ifndef REVIEW_RULE_H
#define REVIEW_RULE_H

#include "review/config.h"
#include "review/store.h"
#include "schema/base/buf.h"

struct rule {
	char id[24];
	char severity[12];
	const char *title, *title_zh; /* all of them are freed by rule_clear */
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

/* A rule's file; what is wrong is ERR_CONFIG with file and line. */
int rule_parse(struct rule *, const char *file, const char *text, struct err *);
void rule_clear(struct rule *);

/*
 * The compiled-in ones, then those of dir (NULL or not there: none), which must
 * be root's, and nobody else's to write. Sorted by id; an id is had once.
 */
int rule_set_load(struct rule_set **, const char *dir, struct err *);
void rule_set_free(struct rule_set **);
size_t rule_set_count(const struct rule_set *);
const struct rule *rule_set_at(const struct rule_set *, size_t);
const struct rule *rule_set_find(const struct rule_set *, const char *id);

struct check_options {
	int64_t now; /* s since 1970 */
	bool now_given;
	const char *profile; /* of schema/controls.xml; several: "a,b" */
	const char *only;    /* one rule's id; NULL: all */
	uint64_t work; /* virtual machine steps a rule may take; 0: a preset */
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

/* One value of the evidence as text. 1; 0: null or not there; -1: not JSON. */
int rule_evidence(const char *evidence, const char *name, struct buf *);

/*
 * A rule's text with the evidence (a JSON object) put in. zh: in Chinese.
 * Directory text in it is made harmless for a terminal by the printer.
 */
int rule_text(const struct rule *, const char *evidence, bool zh, struct buf *,
    struct err *);

/* The rule's title, and what it says; of what can't be told, why (reason). */
int rule_finding(const struct rule *, const char *state, const char *reason,
    const char *evidence, bool zh, struct buf *, struct err *);

#endif
