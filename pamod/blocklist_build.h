/*
 * Makes a filter from lists, one entry a line. At most 2 GiB of memory are
 * used, however long the lists; what does not fit waits in unnamed temporary
 * files beside the filter, 8 bytes an entry.
 */
#ifndef PAMOD_BLOCKLIST_BUILD_H
#define PAMOD_BLOCKLIST_BUILD_H

#include <stdint.h>

#include "schema/base/err.h"

enum blocklist_list {
	LIST_DETECT = 0, /* by its first line */
	LIST_RANKED,     /* plain text, the most common first */
	LIST_WORDS,      /* plain text in any other order */
	LIST_SHA1,       /* 40 hexadecimal digits, and more behind a ':' */
	LIST_NTLM        /* 32 */
};

struct blocklist_build;

/* What happened so far; called every so many lines. May be NULL. */
typedef void blocklist_progress(
    void *context, const char *what, uint64_t lines);

/* path is where the filter will be; its directory must be there. */
int blocklist_build_new(struct blocklist_build **, const char *path,
    blocklist_progress *, void *context, struct err *);
/* Whatever was not finished leaves nothing behind. */
void blocklist_build_free(struct blocklist_build **);

/* "-" is standard input. An error names the file and the line. */
int blocklist_build_add(struct blocklist_build *, const char *file,
    enum blocklist_list, struct err *);

/* Lines that were no entry: empty, too long, not UTF-8, comments. */
uint64_t blocklist_build_passed_over(const struct blocklist_build *);

/* Writes a temporary, syncs it, renames it to path. */
int blocklist_build_finish(struct blocklist_build *, int64_t now, struct err *);

#endif
