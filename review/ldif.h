/*
 * LDIF (RFC 2849) content records, one entry at a time, in memory bounded by
 * the largest entry. Values that name a file or a URL ("attr:< ...") are
 * refused, and so are change records, but for "changetype: add", which is how
 * ldifde(1) writes each entry. Beyond the RFC, because tools write it so:
 * UTF-8 that is not in base64, and the lines that ldapsearch(1) prints around
 * entries (result, search references, page cookies), which are reported.
 *
 * Passwords and what stands for them (entry_is_secret) are passed over where
 * they are read: no entry has them.
 */
#ifndef REVIEW_LDIF_H
#define REVIEW_LDIF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "review/entry.h"
#include "schema/base/err.h"

#define LDIF_LINE_MAX  (16u << 20)  /* bytes of a line, its folds joined */
#define LDIF_ENTRY_MAX (256u << 20) /* bytes of an entry */

struct ldif;

/* A file, or "-" for standard input. Errors say FILE:LINE: first. */
int ldif_open(struct ldif **, const char *path, struct err *);
/* Of bytes that the caller keeps; name is for errors. */
int ldif_of(struct ldif **, const char *name, const void *bytes, size_t length,
    struct err *);
void ldif_close(struct ldif **);

/* 1: *out, until the next call; 0: the end; -1: *e, and it is over. */
int ldif_next(struct ldif *, struct entry *out, struct err *);

/* To the start once more; ERR_USAGE where the input can't (a pipe). */
int ldif_rewind(struct ldif *, struct err *);
bool ldif_can_rewind(const struct ldif *);

struct ldif_report {
	int64_t entries;
	int64_t values;
	int64_t secrets;   /* values that were passed over */
	int64_t referrals; /* search references of ldapsearch */
	int64_t results;   /* "result:" lines of it */
	int64_t result;    /* the first that is not 0, or 0 */
	char result_text[128];
	bool page_open; /* its last page had a cookie: there is more */
	int64_t bytes;  /* read so far */
	int64_t total;  /* of the file; 0: not known */
	int64_t line;   /* the last one read */
};
const struct ldif_report *ldif_report(const struct ldif *);

/*
 * After the end: SHA-256 over the file's bytes as they are, but that of each
 * line of a secret attribute, with its folded rest and its line feed, only
 * what stands before the first colon, and the colon, is taken. So the digest
 * tells nothing about a password, and a file with other passwords has the
 * same one.
 */
int ldif_digest(struct ldif *, unsigned char out[32], struct err *);

#endif
