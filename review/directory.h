/*
 * A directory server, read and never written: connected with failover and
 * time-outs, verified, bound, asked page by page. Only directory_*.c know
 * libldap; there is no global state of it, all options are per handle.
 *
 * Whatever a server does, a search ends: every size is bounded, every wait
 * has its time-out, a cookie or a range that doesn't move on is an error. What
 * was not read to its end is said to be incomplete, with the reason.
 */
#ifndef REVIEW_DIRECTORY_H
#define REVIEW_DIRECTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "review/config.h"
#include "review/entry.h"
#include "review/sink.h"
#include "schema/base/err.h"

#define DIRECTORY_MESSAGE_MAX    (256u * 1024 * 1024) /* bytes of one answer */
#define DIRECTORY_VALUES_MAX     4000000u             /* of one entry */
#define DIRECTORY_ATTRIBUTES_MAX 4096u                /* of one entry */
#define DIRECTORY_COOKIE_MAX     65536u               /* bytes */
#define DIRECTORY_SECRET_MAX     4096u                /* bytes */
#define DIRECTORY_DN_MAX         8192u                /* bytes */
#define DIRECTORY_KEY_MAX        4096u   /* bytes of a key, NUL among them */
#define DIRECTORY_EMPTY_PAGES    1000    /* in a row; AD gives a few */
#define DIRECTORY_OTHERS_MAX     1000000 /* references and the like */

enum directory_scope { SCOPE_BASE = 0, SCOPE_ONE = 1, SCOPE_SUBTREE = 2 };

struct directory;

/*
 * Connects to the first of the source's servers that answers, with TLS as the
 * settings say, binds and reads the root DSE. url NULL: settings->url, then
 * settings->servers in turn; else that one alone. A refused bind ends it: the
 * same password is not tried at server after server. The password is read
 * from its file (owner root or ours, mode 0600) or systemd credential, and
 * wiped.
 */
int directory_open(struct directory **, const struct source_settings *,
    const char *url, struct err *);
void directory_close(struct directory **);

const char *directory_url(const struct directory *); /* who answered */
const char *directory_tls(const struct directory *); /* for the ledger */
/* Bound as: what the server says (RFC 4532), else what was asked for. */
const char *directory_identity(const struct directory *);
const struct entry *directory_root(const struct directory *);
/* The root DSE's first value of that name, or NULL. */
const char *directory_root_value(const struct directory *, const char *name);
/* supportedControl, supportedExtension and the like list that OID. */
bool directory_offers(
    const struct directory *, const char *attribute, const char *oid);

struct directory_search {
	const char *what; /* for the ledger: "accounts" */
	const char *base;
	enum directory_scope scope;
	const char *filter;            /* RFC 4515 */
	const char *const *attributes; /* ends with NULL */
	int64_t page_size;             /* RFC 2696; 0: unpaged */
	int64_t entry_limit;           /* 0: none but memory's */
	bool optional;   /* noSuchObject is an empty and complete answer */
	bool descriptor; /* owner and DACL of nTSecurityDescriptor */
	bool deleted;    /* tombstones too (MS-ADTS showDeleted) */
};

/* Who hears of what is read. -1 stops the search, which returns it. */
struct directory_reader {
	int (*entry)(void *context, const struct entry *, struct err *);
	/*
	 * An attribute came as "member;range=0-1499": what its entry is known
	 * by, and then each further range of it. May be NULL, and then ranges
	 * stay open, which is incomplete.
	 */
	int (*key)(void *context, const struct entry *, char *out, size_t size,
	    struct err *);
	int (*more)(void *context, const char *key,
	    const struct entry_attribute *, struct err *);
	void (*progress)(void *context, int64_t entries); /* may be NULL */
	void *context;
};

/*
 * The line of the ledger; what query points to is in here, in the directory,
 * or in the search.
 *
 * Its digest is SHA-256 over, for each entry in the order received (ranges
 * among them): the length of the DN (4 bytes, little-endian), the DN, the
 * length of the rest (4 bytes), and the BER of its attributes as received,
 * from the type of the first attribute to the end of the last (RFC 4511
 * section 4.5.2).
 */
struct directory_answer {
	struct query query;
	char reason[ERR_TEXT_SIZE];
	char diagnostic[ERR_TEXT_SIZE];
	char attributes[4096];
	char base[DIRECTORY_DN_MAX];
};

/* 0 also if incomplete. -1: the reader's error, or no memory. */
int directory_search(struct directory *, const struct directory_search *,
    const struct directory_reader *, struct directory_answer *, struct err *);

#endif
