/*
 * The inside of a run, for attrmap.c, attrmap_url.c and attrmap_read.c.
 */
#ifndef REVIEW_ATTRMAP_RUN_H
#define REVIEW_ATTRMAP_RUN_H

#include "review/attrmap_table.h"

#define NAMES_MAX      250u
#define NAME_PLACES    1024u
#define NO_NAME        255u
#define ROWS_MAX       96u
#define UNRECORDED_MAX 4u
#define MEMBERS_MAX    8u /* rows of members, the end among them */

enum { AT_CLASS, AT_MEMBER_URL, SPECIALS };

/* A piece of memory that lives as long as one entry. */
struct kept {
	struct kept *before;
	size_t room, used;
	char bytes[];
};

struct url_filter;

/* A dynamic group's URL (RFC 4516), evaluated on each account. */
struct url {
	char *group_key;
	char *base;
	int scope;                 /* LDAP_SCOPE_* as numbers */
	struct url_filter *filter; /* NULL: more than we evaluate */
	bool late;                 /* accounts went by before it was known */
};

/* An entry that is judged at the end: what it depends on was not there. */
struct waiting {
	struct entry *entry; /* a copy */
};

struct attrmap_run {
	const struct attrmap *map;
	const struct source_settings *settings;
	struct sink *sink;
	char *server;
	struct attrmap_counts counts;
	struct reading reading;
	bool failed; /* no memory */
	bool finishing;
	bool keep_members;

	/* Names of attributes, each with a number; places: number + 1. */
	const char *names[NAMES_MAX];
	size_t name_count;
	unsigned char places[NAME_PLACES];
	unsigned char row_names[MAP_KINDS][ROWS_MAX];

	/* The entry's attributes by number, and the number of each. */
	const struct entry_attribute *at[NAMES_MAX];
	unsigned char *instances;
	size_t instance_room;
	unsigned more; /* attributes that came again with other options */

	int64_t seen[MAP_KINDS][ROWS_MAX];
	int64_t seen_members[MEMBERS_MAX];

	const char *never_recorded[UNRECORDED_MAX];
	size_t never_count;

	struct kept *kept;
	struct value *values;
	size_t value_count, value_room;
	struct usage usages[READING_USAGES_MAX];
	size_t usage_count;
	struct member *edges;
	size_t edge_count, edge_room;
	struct reference *targets;
	size_t target_count, target_room;

	struct known_policy *policies;
	size_t policy_count, policy_room;
	char *default_policy;
	struct known_domain domain;

	struct url *urls;
	size_t url_count, url_room;
	bool shown_again;

	struct waiting *waiting;
	size_t waiting_count, waiting_room;
};

/* The number of an attribute's name, or -1. */
int run_number(const struct attrmap_run *, const char *name);
/* Of the entry before; all: of the run. */
void run_free_kept(struct attrmap_run *, bool all);
/* NULL, with failed latched, when there is no memory. */
void *run_grow(
    struct attrmap_run *, void *items, size_t count, size_t *room, size_t size);

/* The value of a DN's first part, unescaped where that is simple. */
const char *rdn_value(struct attrmap_run *, const char *dn);

/* Learns the URLs of the group just read. */
void urls_learn(struct attrmap_run *, const struct entry_attribute *);
/* Whether all of them were evaluated on all accounts. */
bool urls_are_complete(const struct attrmap_run *);
/*
 * Delivers the dynamic groups that the account just read is in: those that
 * were known before the first account, or those that were late.
 */
int urls_deliver(struct attrmap_run *, bool late, struct err *);
void url_free(struct url *);

#endif
