/*
 * What a source delivers, put aside until it is known whether to take it: the
 * sink that pull.c gives a source. Only what differs from the store is kept
 * whole, in a scratch file; memberships are pairs of numbers.
 *
 * The structures are here for difference*.c, which make the store so.
 */
#ifndef REVIEW_STAGING_H
#define REVIEW_STAGING_H

#include "review/hash.h"
#include "review/pull.h"
#include "review/refindex.h"
#include "review/scratch.h"
#include "review/sink.h"
#include "review/store.h"
#include "schema/base/buf.h"

enum object_kind { OBJECT_ACCOUNT = 0, OBJECT_GROUP = 1 };

enum object_flag {
	OBJECT_CURRENT = 1,       /* a stored fact of it holds */
	OBJECT_DELIVERED = 2,     /* in this pull */
	OBJECT_CHANGED = 4,       /* its fact differs from the stored one */
	OBJECT_VALUES = 8,        /* its values may differ */
	OBJECT_USAGES = 16,       /* its signs of use may differ */
	OBJECT_GONE = 32,         /* said to be, or found missing */
	OBJECT_PRESENT = 64,      /* said to be there still */
	OBJECT_ANEW = 128,        /* all its members come in this pull */
	OBJECT_PARTIAL = 256,     /* not all its members could be read */
	OBJECT_RENAMED = 512,     /* its name is another than the stored one */
	OBJECT_MOVED = 1024,      /* its DN is */
	OBJECT_NEW = 2048,        /* to be put into the store */
	OBJECT_DN_TAKEN = 4096,   /* its old DN is another object's now */
	OBJECT_NAME_TAKEN = 8192, /* its old name is */
};

struct object {
	int64_t id;      /* of the store; 0: new */
	int64_t since;   /* of the fact that holds */
	uint64_t record; /* in scratch, if anything is to be written */
	uint64_t values; /* hashes of what is stored; 0: nothing is */
	uint64_t usages;
	const char *key;
	unsigned char digest[32]; /* of the stored fact */
	uint16_t flags;
	uint8_t kind;
};

/* In staged_edge.more: how, then these, then 1 + the place in acquired. */
#define EDGE_HOW_MASK 7u
#define EDGE_REMOVED  8u
#define EDGE_KEPT     16u /* the store has it */
#define EDGE_SHIFT    5

#define SID_ROOM 192 /* bytes */

/* At first slots of the index, later places of objects. */
struct staged_edge {
	uint32_t group;
	uint32_t member;
	uint32_t more;
};

struct staged_policy {
	const char *key;
	uint64_t record;
	unsigned char digest[32];
	size_t first_target, target_count; /* in targets: slots */
	bool known;                        /* the store has it */
	bool changed;                      /* and otherwise */
};

struct staged_text {
	const char *name;
	const char *text;
};

struct block; /* of an arena */

/* A growing array: data of so many elements. */
struct array {
	void *data;
	size_t count, room;
};
int array_reserve(struct array *, size_t size, struct err *);

struct staging {
	struct sink sink;
	struct store *store;
	int64_t source; /* its id in the store; 0: never seen */
	bool begun;     /* the stored objects are loaded, as the mode wants */
	bool loaded;    /* all stored objects are: their order is their ids' */
	bool forget;    /* recall gives nothing */
	const struct pull_options *options;

	struct hash_key key;
	struct refindex *index;
	struct scratch *scratch;
	struct block *arena;
	struct buf bytes;  /* of the fact being staged */
	struct buf extras; /* of its values or its usages, to be compared */
	struct buf values; /* those that are staged */
	struct buf usages;
	struct buf whole; /* the record of all */

	struct array objects;    /* struct object */
	struct array edges;      /* struct staged_edge */
	struct array acquired;   /* int64_t */
	struct array policies;   /* struct staged_policy */
	struct array targets;    /* uint32_t slots */
	struct array queries;    /* struct query */
	struct array seen;       /* struct attribute_seen */
	struct array cookies;    /* struct staged_text: what the store has */
	struct array remembered; /* struct staged_text */

	struct { /* the last group asked for: members come group by group */
		bool valid;
		enum reference_form form;
		uint32_t slot;
		struct buf text;
	} last;

	struct { /* the domain whose SIDs are delivered most: a running vote */
		char sid[SID_ROOM];
		int64_t votes;
	} domain;

	int64_t accounts, groups; /* delivered */
	bool complete;            /* every query was, and there was one */
	char incomplete[200];     /* the first that was not, and why */
};

/* folder: for the scratch file. The sink's now is options->now. */
int staging_new(struct staging **, struct store *, int64_t source,
    const char *folder, const struct pull_options *, struct err *);
void staging_free(struct staging **);

/* Loads what the mode wants, if no delivery has done so already. */
int staging_begin(struct staging *, struct err *);

/* The object of that key, REF_NONE if neither store nor source knows it. */
int staging_find(struct staging *, enum object_kind, const char *key,
    uint32_t *place, struct err *);
struct object *staging_object(struct staging *, uint32_t place);

/*
 * Of stored facts that hold and whose objects were not delivered: those that
 * an open reference asks for are put into the index.
 */
int staging_resolve_stored(struct staging *, struct err *);

/* A staged record taken apart. Pointers until the next scratch_get. */
struct staged_record {
	unsigned char digest[32];
	struct cursor fact, values, usages;
};
int staging_record(
    struct staging *, uint64_t at, struct staged_record *, struct err *);

/* One value or usage of such a cursor. 1, 0 at the end, -1. */
int staged_value(struct cursor *, struct value *, struct err *);
int staged_usage(struct cursor *, struct usage *, struct err *);

#endif
