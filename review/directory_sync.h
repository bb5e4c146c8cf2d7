/*
 * What changed in a directory since a cookie: RFC 4533 in its refreshOnly
 * form, and DirSync of Active Directory (MS-ADTS 3.1.1.3.4.1.3).
 */
#ifndef REVIEW_DIRECTORY_SYNC_H
#define REVIEW_DIRECTORY_SYNC_H

#include "review/directory.h"
#include "schema/base/buf.h"

#define DIRECTORY_UUID_SIZE 16u

/* Each returns 0, or -1 with *e set, which ends it. */
struct sync_reader {
	/* Added or modified, in the form that the search asks for. */
	int (*changed)(void *context, const unsigned char *uuid,
	    const struct entry *, struct err *);
	int (*deleted)(void *context, const unsigned char *uuid, struct err *);
	/* Unchanged. */
	int (*present)(void *context, const unsigned char *uuid, struct err *);
	void *context;
};

struct sync_result {
	struct buf cookie; /* the new one; empty: there is none */
	/*
	 * What was neither changed nor present is gone: true only of a
	 * completed refresh.
	 */
	bool absent_is_gone;
	/* The old cookie is of no use (any more): all must be read. */
	bool refused;
};
void sync_result_free(struct sync_result *);

/*
 * cookie NULL: none, so that all entries are "changed". Whether it came to its
 * end is in the answer, as with directory_search.
 */
int directory_syncrepl(struct directory *, const struct directory_search *,
    const struct buf *cookie, const struct sync_reader *, struct sync_result *,
    struct directory_answer *, struct err *);

enum dirsync_flag {
	DIRSYNC_OBJECT_SECURITY = 1, /* what the reader may see, no more */
	DIRSYNC_INCREMENTAL_VALUES = 2,
};

/*
 * The search's base is the root of a naming context. Entries go to the
 * reader's entry(): only attributes that changed, an attribute that was
 * removed without values; with INCREMENTAL_VALUES linked values come as
 * "member;range=1-1" (added) and "member;range=0-0" (removed).
 */
int directory_dirsync(struct directory *, const struct directory_search *,
    unsigned flags, const struct buf *cookie, const struct directory_reader *,
    struct sync_result *, struct directory_answer *, struct err *);

#endif
