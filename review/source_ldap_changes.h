/*
 * Which objects changed since the last pull, as four methods tell it: what
 * source_ldap_changes.c and source_ldap_methods.c share.
 */
#ifndef REVIEW_SOURCE_LDAP_CHANGES_H
#define REVIEW_SOURCE_LDAP_CHANGES_H

#include "review/directory_sync.h"
#include "review/source_ldap.h"

#define ID_SIZE DIRECTORY_UUID_SIZE

/* ---- Ids: what a product's objects are known by for ever ---- */

struct ids {
	unsigned char (*items)[ID_SIZE];
	size_t count;
	size_t room;
};

int ids_add(struct ids *, const unsigned char *id, struct err *);
void ids_tidy(struct ids *); /* sorted, each once */
/* Its place in the tidied list, or -1. */
ptrdiff_t ids_find(const struct ids *, const unsigned char *id);

/*
 * The attribute that holds it, of which the map's keys are made; NULL: the
 * product has none such, and only full pulls.
 */
const char *id_attribute(const struct ldap_pull *);
bool id_of_entry(
    const struct ldap_pull *, const struct entry *, unsigned char *id);
/* The map's key of it, as of an entry that has nothing else. */
int id_key(struct ldap_pull *, const unsigned char *id, char *out, size_t size,
    struct err *);

#define ID_BATCH      200u   /* ids of one filter */
#define ID_FILTER_MAX 20000u /* bytes of it */
/* "(|(objectGUID=...)...)" of up to ID_BATCH ids from that place on. */
void id_filter(
    const struct ldap_pull *, const struct ids *, size_t from, struct buf *out);

/* ---- What was learnt ---- */

/* Members added to a group or taken away (DirSync). */
struct delta {
	unsigned char group[ID_SIZE];
	char *name;
	struct entry_value *values;
	size_t count;
	bool removed;
};

struct changes {
	struct ldap_pull *pull;
	int64_t since; /* s: when the last pull began */
	struct ids changed;
	struct ids gone;
	struct ids present;
	bool *found; /* of changed, once they are tidied */
	struct delta *deltas;
	size_t delta_count;
	size_t delta_room;
	size_t delta_values;
	bool deltas_only;    /* members come by deltas, not with their groups */
	bool sweep;          /* what is there is found by reading all keys */
	bool absent_is_gone; /* by the refresh itself */
	struct buf cookie;   /* the next one */
	char why[ERR_TEXT_SIZE]; /* a full pull is needed; "": it is not */
};

void changes_need_full(struct changes *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int changes_add(struct changes *, const unsigned char *id, struct err *);
/* The answer in the pull becomes a line of the ledger, if it is complete. */
int changes_record(struct changes *, struct err *);
/* Searches the base; what is found changed. */
int changes_find(
    struct changes *, const char *what, const char *filter, struct err *);

/* "20261129081500Z"; and how far clocks may be apart. */
void changes_spell_time(int64_t seconds, char *out, size_t size);
#define CHANGES_OVERLAP 3600 /* s */

/* ---- Methods ---- */

struct method {
	const char *name;
	enum source_incremental setting;
	bool (*offered)(const struct ldap_pull *);
	/* Before a full pull: where changes begin. Nothing put: it can't say. */
	int (*mark)(struct ldap_pull *, struct buf *cookie, struct err *);
	int (*learn)(struct changes *, const struct buf *cookie, struct err *);
};

/* Ends with a NULL name. The first that is offered is the preset. */
extern const struct method ldap_methods[];

#endif
