/*
 * Every day (reeve-daily(1)): for each local day and each host or core
 * directory one record of failed logins, of attempts on names that do not
 * exist, of logins from unknown sources, and of every use of highest-privilege
 * accounts, to be examined and signed by another person by noon of the next
 * working day. A day with nothing has a record as well; a trail that does not
 * cover the day makes it incomplete, never zero.
 *
 * daily.facts, one JSON object; times are RFC 3339, UTC:
 *
 *	core, directory (answers that never came), logins, scheduled
 *	failed    {"total", and each class of use_part that occurs}
 *	elsewhere of those of unknown names: accounts somewhere else
 *	sources, accounts        that failed, distinct
 *	top_sources  [{"origin","count","names"}]
 *	top_accounts [{"name","count"}]; masked as "h..(7)#3f9c21"
 *	rules     [{"rule","subject","first","last","attempts","here","names",
 *	            "hosts"}] over all hosts; here: on this one
 *	listed    [{"origin","list","count","logins"}]
 *	unknown_sources, off_hours, idle, service
 *	          [{"account","service","origin","count","first","last"}]
 *	sessions  the same, and "by", "key", "employees", "ticket" (of an
 *	          approval that covers it; "" none)
 *	silent    [{"first","last"}] where the trail says nothing
 *	limits    the thresholds that were in force
 *	import    the newest trail_import that it knows of
 */
#ifndef REVIEW_DAILY_H
#define REVIEW_DAILY_H

#include "review/act.h"
#include "review/config.h"
#include "review/store.h"
#include "schema/base/buf.h"

#define DAILY_DAYS_MAX 92 /* that a run without --from looks back */

struct daily;

/* One record as it would be, or as it was made. Texts are the struct's. */
struct daily_record {
	int64_t day;
	char source[320];
	int64_t version; /* 0: not written */
	const char *state, *reason;
	int64_t due;
	struct buf facts;
	int64_t import;
	/* For lists. */
	int64_t failed, unknown, logins, sessions, rules;
};

struct daily_options {
	int64_t now;
	const struct review_config *config;
	const char *profile; /* whose thresholds */
	bool looks; /* at sources and days; nothing is examined or written */
	void (*progress)(void *, const char *what, int64_t done, int64_t total);
	void *progress_context;
};

/*
 * What all records of one run share: thresholds, lists, what accounts are.
 * Outside of a transaction; it writes daily_account.
 */
int daily_new(struct daily **, struct store *, const struct daily_options *,
    struct err *);
void daily_free(struct daily **);
int64_t daily_zone(const struct daily *);

/* Each host or directory that is to have records. since: its first day. */
int daily_sources(struct daily *,
    int (*)(void *, const char *source, int64_t since, struct err *),
    void *context, struct err *);

/* What an alert is about; rule and subject tell one from another. */
struct daily_alert {
	const char *rule, *subject;
	int64_t at, last;
	const char *hosts; /* names, with ", " between, cut */
	int64_t count, names;
};
typedef int daily_alert_fn(
    void *context, const struct daily_alert *, struct err *);

/* The record of that day, not written. alert may be NULL. */
int daily_examine(struct daily *, int64_t day, const char *source,
    struct daily_record *, daily_alert_fn *alert, void *context, struct err *);
void daily_record_clear(struct daily_record *);

/*
 * Records of the days from first to last (of one source, or NULL: all) that
 * are over, new or with new facts: one act of the program. made is called for
 * each; *count: how many. Nothing new: no act.
 */
int daily_run(struct daily *, int64_t first, int64_t last, const char *source,
    const struct act_how *, void (*made)(void *, const struct daily_record *),
    void *context, int64_t *count, struct err *);
/* Where a run begins by itself. */
int daily_begin(struct daily *, int64_t *first, struct err *);

/*
 * Alerts of the days from first to last that were not told before; what
 * belongs to several hosts is one.
 */
int daily_alerts(struct daily *, int64_t first, int64_t last,
    daily_alert_fn *tell, void *context, int64_t *count, struct err *);

/* ---- A span of days (daily_calendar.c) ---- */

enum daily_status {
	DAILY_NONE = 0, /* nothing was to have a record yet */
	DAILY_OPEN,     /* not due yet */
	DAILY_ON_TIME,
	DAILY_LATE,    /* signed, some of it late: for ever */
	DAILY_MISSING, /* due, and not signed, or without a record */
	DAILY_STATUSES
};
/* "on-time", ...; "" of DAILY_NONE. */
extern const char *const daily_status_names[DAILY_STATUSES];

struct daily_cell {
	int64_t day;
	enum daily_status status; /* the worst of its records */
	bool incomplete;          /* some trail was silent */
	int64_t expected, records, on_time, late, missing;
};

/* One call a day, from first to last. */
int daily_calendar(struct daily *, int64_t first, int64_t last,
    int (*give)(void *, const struct daily_cell *, struct err *), void *context,
    struct err *);

/* ---- Signatures (daily_sign.c) ---- */

struct daily_signing {
	const int64_t *days;
	size_t count;
	const char *source;      /* NULL: all of the day */
	int64_t version;         /* the one that was read; 0: the newest */
	const char *disposition; /* what was found and done */
};

/*
 * One act over the newest versions. ERR_ACCESS: the signer is a user of a
 * session in it. ERR_USAGE: there is none; an older version; signed already.
 */
int daily_sign(struct store *, const struct daily_signing *,
    const struct act_how *, int64_t *records, int64_t *late,
    struct buf *receipt, struct err *);

/* "h..(7)#3f9c21" of a mask in the store. */
void daily_mask_text(const char *mask, struct buf *);

#endif
