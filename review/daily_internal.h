/*
 * What daily*.c share, and no one else includes.
 */
#ifndef REVIEW_DAILY_INTERNAL_H
#define REVIEW_DAILY_INTERNAL_H

#include "review/daily.h"
#include "review/listed.h"
#include "review/network.h"
#include "review/use_part.h"
#include "review/workday.h"

#define DAILY_BURSTS_MAX   2000u /* of one day and rule */
#define DAILY_HOSTS_MAX    64u   /* of one burst that are named */
#define DAILY_ITEMS_MAX    500u  /* of one array of the facts */
#define DAILY_SESSIONS_MAX 5000u /* beyond, nobody can examine them */
#define DAILY_TOP          10

struct daily_limits {
	int64_t spray, stuffing, bruteforce; /* counts */
	int64_t window;                      /* s */
	int64_t lookback, idle;              /* days */
	int64_t gap;                         /* s */
};

struct daily_burst_host {
	char *host;
	int64_t count;
};

/* Attempts that belong together, over all hosts, and fired a rule. */
struct daily_burst {
	const char *rule;
	char *subject; /* an address, or a name or mask as it is shown */
	char *form;
	int64_t first, last;
	int64_t attempts, names; /* of brute force: origins */
	struct daily_burst_host *hosts;
	size_t host_count;
};

struct daily_bursts {
	int64_t day;
	bool loaded;
	struct daily_burst *items;
	size_t count;
	bool more; /* than DAILY_BURSTS_MAX */
};

struct daily {
	struct store *store;
	struct daily_options options;
	struct daily_limits limits;
	int64_t zone;
	int64_t opens, closes; /* s of the day; -1: not judged */
	struct network *trusted;
	size_t trusted_count;
	struct listed *listed;
	struct daily_bursts bursts; /* of the day that was asked for last */
};

/* The bursts of a day; they live until another day is asked for. */
int daily_bursts_of(struct daily *, int64_t day, struct err *);
void daily_bursts_forget(struct daily_bursts *);

/* Where no trail covers the day. */
struct daily_health {
	const char *reason; /* "" it is covered */
	int64_t silent[8][2];
	size_t count;
};
int daily_health_of(struct daily *, const char *host, int64_t from, int64_t to,
    struct daily_health *, struct err *);

void daily_put_time(struct buf *, const char *name, int64_t at);
void daily_put_text(struct buf *, const char *name, const char *value);

#endif
