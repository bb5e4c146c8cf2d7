/*
 * Where a source delivers: accounts, rights, memberships, policies, and the
 * ledger that says whether that is all. The store's staging area is one
 * (pull.h); tests have one that only remembers.
 *
 * Each function returns 0, or -1 with *e set, and then the source stops and
 * passes the error on. Order is free: references are resolved at the end. A
 * source that fails half-way leaves nothing behind, since what was delivered
 * is only staged.
 */
#ifndef REVIEW_SINK_H
#define REVIEW_SINK_H

#include "review/fact.h"
#include "schema/base/err.h"

/*
 * One query, or one file: a line of the ledger. It may be delivered whole or
 * not; "complete" is the source's judgement and the only thing rules ask.
 */
struct query {
	const char *what;   /* "accounts", "groups", "policies", a file name */
	const char *server; /* URL of who answered; "" for a file */
	const char *base;
	const char *filter;
	const char *attributes; /* asked for: separated by blanks */
	const char *identity; /* bound as; the authzid where the server says */
	const char *tls;      /* "TLSv1.3 TLS_AES_256_GCM_SHA384", "none" */
	int64_t result;       /* LDAP result code; 0 for a good file */
	const char *diagnostic; /* the server's message, or ours; NULL: none */
	int64_t entries;
	int64_t values;
	int64_t pages;
	int64_t ranges;       /* member;range= loops, each closed at its "-*" */
	int64_t ranges_open;  /* those that were not */
	int64_t referrals;    /* recorded and not chased */
	int64_t skipped;      /* entries passed over, with the reason below */
	int64_t invalid;      /* values that were not what their syntax says */
	int64_t milliseconds; /* informative; never part of a digest */
	unsigned char digest[32]; /* SHA-256 over the raw extract, as documented
	                             by the source */
	bool complete;
	const char *incomplete; /* why not; NULL when complete */
};

/* How many entries carried an attribute: 0 of N is "reader can't see it". */
struct attribute_seen {
	const char *server;
	const char *what;      /* the query's */
	const char *attribute; /* as asked for */
	int64_t entries;
	/*
	 * The source records it at all (its schema, or its product, has it).
	 * TRI_NO makes a rule say "not recorded" rather than "can't see".
	 */
	enum tri recorded;
	int64_t begins; /* s; nothing older is kept there. 0: all is */
};

enum sink_mode {
	SINK_FULL, /* what is not delivered is gone, if the pull is complete */
	SINK_CHANGES, /* only what is delivered, and "gone", changes */
	SINK_PRESENT  /* as CHANGES, but what is neither delivered nor named
	                 by present() is gone, if the pull is complete */
};

struct sink {
	int (*account)(struct sink *, const struct account *, struct err *);
	int (*group)(struct sink *, const struct group *, struct err *);
	int (*member)(struct sink *, const struct member *, struct err *);
	int (*policy)(struct sink *, const struct policy *, struct err *);
	int (*query)(struct sink *, const struct query *, struct err *);
	int (*seen)(struct sink *, const struct attribute_seen *, struct err *);

	/*
	 * In SINK_CHANGES and SINK_PRESENT: the object of that key is gone
	 * (deleted, or moved out of scope); it is still there, and as it was;
	 * this group's members are all delivered anew. A group that is
	 * delivered without members_anew keeps its members, but for what
	 * "removed" takes away. An account that is delivered brings anew what
	 * it states itself: its edges of EDGE_PRIMARY, EDGE_SID_HISTORY and
	 * EDGE_DYNAMIC.
	 * A key that is not known is no error.
	 */
	int (*gone)(struct sink *, const char *key, struct err *);
	int (*present)(struct sink *, const char *key, struct err *);
	int (*members_anew)(struct sink *, const char *key, struct err *);

	/*
	 * Opaque bytes that the source wants back at its next pull (a syncrepl
	 * or DirSync cookie, a highest USN), as text; kept only when the pull is
	 * applied and complete, or, with a name that begins with '+', applied.
	 * NULL text from recall: there are none. "product" is what
	 * the source's product turned out to be, and is never recalled.
	 */
	int (*remember)(
	    struct sink *, const char *name, const char *text, struct err *);
	const char *(*recall)(struct sink *, const char *name);

	/* Progress for a person: how many of how many (0: not known). */
	void (*progress)(
	    struct sink *, const char *what, int64_t done, int64_t total);

	enum sink_mode mode; /* set by the source before its first delivery */
	/*
	 * Also set by the source: it reads one state, so that two entries of
	 * one key are somebody's doing, and no rename that came in between.
	 */
	bool one_state;
	int64_t now; /* s since 1970 */
};

#endif
