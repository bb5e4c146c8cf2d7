/*
 * One pull of one directory: what source_ldap*.c share.
 */
#ifndef REVIEW_SOURCE_LDAP_H
#define REVIEW_SOURCE_LDAP_H

#include "review/attrmap.h"
#include "review/directory.h"
#include "schema/base/buf.h"

struct ldap_pull {
	const struct source_settings *settings;
	struct sink *sink;
	struct directory *directory;
	const struct attrmap *map;
	struct attrmap_run *run;
	enum source_product product;
	char base[CONFIG_TEXT_MAX + 1];
	char context[CONFIG_TEXT_MAX + 1]; /* the naming context it is in */
	int64_t entries;                   /* of all queries so far */
	bool complete;                     /* all of them */
	char incomplete[ERR_TEXT_SIZE];    /* the first reason */
	const char *what;                  /* the query that runs */
	struct directory_answer answer;    /* and its line */
	struct {
		const char *method; /* NULL: the next pull is a full one */
		struct buf cookie;
		struct buf scope;    /* digest of what is asked for */
		struct buf standing; /* of policies and dynamic groups */
	} mark;                      /* where the next pull may begin */
	struct ldap_logons *logons;  /* of other controllers; NULL: not asked */
};

/* The query as this source's settings have it. */
struct ldap_query {
	char base[DIRECTORY_DN_MAX];
	struct directory_search search;
};
int ldap_query_make(const struct ldap_pull *, const struct attrmap_query *,
    struct ldap_query *, struct err *);

/* Of accounts and groups: the rest is small, and read whole every time. */
bool ldap_query_is_large(const struct attrmap_query *);

/* One query, delivered and written into the ledger. */
int ldap_query_run(
    struct ldap_pull *, const struct directory_search *, struct err *);
/* The line of the ledger of the answer that is in the pull. */
int ldap_query_record(
    struct ldap_pull *, const struct attrmap_counts *before, struct err *);
/* A reader that hands entries to the map. */
struct directory_reader ldap_reader(struct ldap_pull *);

/*
 * Only what changed since what the sink recalls; *done is false when it takes
 * a full pull, and then nothing was delivered.
 */
int ldap_pull_changes(struct ldap_pull *, bool *done, struct err *);

/* Before a full pull, and after it: where the changes begin that follow. */
int ldap_mark(struct ldap_pull *, struct err *);
int ldap_mark_remember(struct ldap_pull *, bool full, struct err *);
void ldap_mark_free(struct ldap_pull *);

/*
 * all_controllers: the sink for the map, which adds what other domain
 * controllers know of logons, or the pull's own; NULL is no memory. Then it is
 * read, once there is a run.
 */
struct sink *ldap_logons_sink(struct ldap_pull *, struct err *);
int ldap_logons_read(struct ldap_pull *, struct err *);
void ldap_logons_free(struct ldap_pull *);

#endif
