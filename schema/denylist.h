/*
 * The deny list: accounts that a review has revoked, refused at the door at
 * once. The review machine makes and signs it, any copy of the file brings it
 * to the host. denylist(5) specifies the format: text that a person can read,
 * in a C2SP signed note (Ed25519).
 *
 * A host keeps in DIRECTORY/denylist: "list", the note in force; "held", a
 * newer one that waits for root's confirmation; "counter", the counter of the
 * newest list ever in force, which is also the mark that there was one.
 */
#ifndef SCHEMA_DENYLIST_H
#define SCHEMA_DENYLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "schema/base/buf.h"
#include "schema/base/err.h"
#include "schema/note.h"

#define DENYLIST_FILE_MAX    (4u * 1024 * 1024) /* bytes of a note */
#define DENYLIST_ENTRIES_MAX 32768u
#define DENYLIST_LINE_MAX    1024u
#define DENYLIST_HOST_MAX    253 /* RFC 1035 section 2.3.4 */
#define DENYLIST_SERVICE_MAX 63
#define DENYLIST_NAME_MAX    255
#define DENYLIST_REASON_MAX  31

/* The reason whose entries apply while a list is held. */
#define DENYLIST_LEAVER "leaver"

struct denylist_entry {
	char host[DENYLIST_HOST_MAX + 1]; /* a host's name, its UUID, or "*" */
	char service[DENYLIST_SERVICE_MAX + 1]; /* or "*" */
	char name[DENYLIST_NAME_MAX + 1];
	int64_t uid;                          /* -1: not known */
	char reason[DENYLIST_REASON_MAX + 1]; /* a word: "leaver", "revoked" */
	int64_t expires; /* s since 1970; INT64_MAX: never */
};

struct denylist;

/* What a list says of itself. */
struct denylist_facts {
	uint64_t counter; /* 1 for the first list, ever higher */
	int64_t issued;   /* s since 1970 */
	size_t entries;
	char scope[DENYLIST_HOST_MAX + 1]; /* the hosts it is complete for */
	char signer[NOTE_NAME_MAX + 1];    /* the pinned key's name; "" before
						 denylist_verify */
	bool held; /* waits for confirmation; its leavers apply */
};

/* Where a host keeps the list, and what it is called. */
struct denylist_place {
	const char *directory; /* the state directory */
	const char *key;  /* the pinned key's file: one C2SP verifier key */
	const char *host; /* as gethostname(2) says */
	const char *uuid; /* of the host, or NULL */
	uid_t owner;      /* of the files: 0 */
};

/*
 * Syntax: a whole note. Versions other than 1 are ERR_NEWER, numbers over their
 * bound ERR_LIMIT, everything else ERR_FORMAT. *list is NULL on failure.
 */
int denylist_parse(
    struct denylist **, const void *note, size_t length, struct err *);

/*
 * Authenticity: ERR_TAMPERED unless the key (the text of the pinned file) has
 * signed it.
 */
int denylist_verify(
    struct denylist *, const char *key, size_t key_length, struct err *);

void denylist_free(struct denylist **);

struct denylist_facts denylist_facts(const struct denylist *);

/* Calls visit with each entry; stops at, and returns, its first non-0. */
int denylist_each(const struct denylist *,
    int (*visit)(void *, const struct denylist_entry *), void *context);

/* An entry's line, line feed included: what the parser takes, byte for byte. */
void denylist_put_entry(struct buf *, const struct denylist_entry *);

/*
 * Whether the entry is meant for that host. Where the host's UUID is not known
 * any UUID may be it: nobody passes because of that.
 */
bool denylist_is_here(
    const struct denylist_entry *, const struct denylist_place *);

/*
 * What is in force on this host, read and verified. ERR_MISSING only if no
 * list was ever installed. After any other error everybody but break-glass is
 * to be refused: ERR_TAMPERED if the list is gone, older than the counter, or
 * not signed by the pinned key; ERR_FORMAT, ERR_ACCESS, ...
 */
int denylist_load(
    struct denylist **, const struct denylist_place *, struct err *);

/*
 * Whether the list refuses that account there and now: either the name or the
 * uid (-1: not known) matches, on a service or all of them. *entry may be
 * NULL. A held list's leavers match too.
 */
bool denylist_match(const struct denylist *, const struct denylist_place *,
    const char *user, int64_t uid, const char *service, int64_t now,
    struct denylist_entry *entry);

/* Whether it is older than max_age (s; 0: never too old). */
bool denylist_is_stale(const struct denylist *, int64_t now, int64_t max_age);

/*
 * A note that came to the host: parsed, verified against the pinned key, its
 * scope and its counter judged (ERR_TAMPERED: not newer than what was in
 * force). Nothing is changed.
 */
int denylist_accept(struct denylist **, const struct denylist_place *,
    const void *note, size_t length, struct err *);

/*
 * Puts an accepted list in force, atomically; or, held, beside the one in
 * force. The counter is judged again under a lock.
 */
int denylist_install(const struct denylist *, const struct denylist_place *,
    bool held, struct err *);

/* The list that is held, or ERR_MISSING. */
int denylist_load_held(
    struct denylist **, const struct denylist_place *, struct err *);

#endif
