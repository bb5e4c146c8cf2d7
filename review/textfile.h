/*
 * A file of lines that may be larger than memory, read once from its start
 * to its end; a line is never larger than its bound. Bytes may be read
 * between lines, too, as a journal's export has them.
 */
#ifndef REVIEW_TEXTFILE_H
#define REVIEW_TEXTFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/err.h"

#define TEXTFILE_DIGEST 32u /* SHA-256 */

struct textfile;

/*
 * A regular file that can be read; line_max bytes a line, the line feed not
 * counted. Fails as open(2) does, or ERR_FORMAT for what is no file.
 */
int textfile_open(
    struct textfile **, const char *path, size_t line_max, struct err *);
/* Of bytes that the caller keeps, for tests and fuzzers. */
int textfile_of(struct textfile **, const void *bytes, size_t length,
    size_t line_max, struct err *);
void textfile_close(struct textfile **);

struct textfile_line {
	char *text; /* NUL behind it, which is not counted; until the next */
	size_t length;
	int64_t number; /* from 1 */
	bool cut;       /* it was longer: this is how it begins */
};

/* 1: a line, without "\n" or "\r\n"; 0: the end; -1. */
int textfile_next(struct textfile *, struct textfile_line *, struct err *);
/* Exactly so many bytes; out may be NULL: passed over. 0, or -1. */
int textfile_bytes(struct textfile *, void *out, uint64_t length, struct err *);
/* The next bytes, up to size, which stay to be read. Returns how many. */
size_t textfile_peek(struct textfile *, void *out, size_t size);

/* SHA-256 of the whole file, read from its start; nothing stays open. */
int textfile_digest(const char *path, unsigned char *digest, struct err *);

#endif
