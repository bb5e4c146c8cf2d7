/*
 * Bytes being written, and bytes being read.
 *
 * struct buf grows as it is written. The first failure (no memory, or the
 * bound) is latched: later writes do nothing, and buf_status reports it once
 * at the end, so that a writer is a plain list of puts. Every buffer is wiped
 * when it grows and when it is freed, because it does not know what it holds.
 *
 * struct cursor moves over bytes it does not own and can't pass their end. The
 * first read that does not fit latches a failure; cursor_finish reports it,
 * and reports bytes left over.
 */
#ifndef SCHEMA_BASE_BUF_H
#define SCHEMA_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/err.h"

struct buf {
	unsigned char *data; /* NULL until the first put */
	size_t length;
	size_t room;
	size_t limit; /* the length may not pass it */
	enum err_code failed;
};

/* An empty buffer that may hold up to limit bytes. Never fails. */
struct buf buf_new(size_t limit);
void buf_free(struct buf *);  /* wipes; leaves an empty buffer */
void buf_clear(struct buf *); /* wipes the content, keeps the room */

void buf_put(struct buf *, const void *bytes, size_t length);
void buf_put_string(struct buf *, const char *);
void buf_put_byte(struct buf *, unsigned char);
void buf_put_u16(struct buf *, uint16_t); /* little-endian, as all of these */
void buf_put_u32(struct buf *, uint32_t);
void buf_put_u64(struct buf *, uint64_t);
void buf_put_zeros(struct buf *, size_t count);
void buf_printf(struct buf *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The content as a C string; "" if nothing was put or a put failed. */
const char *buf_string(struct buf *);

/* 0, or -1 with what the first failed put ran into. */
int buf_status(const struct buf *, struct err *);

struct cursor {
	const unsigned char *at;
	const unsigned char *end;
	bool failed;
};

struct cursor cursor_new(const void *bytes, size_t length);
size_t cursor_left(const struct cursor *);

/* length bytes at the cursor, or NULL and failed. */
const unsigned char *cursor_take(struct cursor *, size_t length);
/* Copies; on failure out is zeroed. */
void cursor_copy(struct cursor *, void *out, size_t length);
unsigned char cursor_byte(struct cursor *); /* 0 on failure, as all of these */
uint16_t cursor_u16(struct cursor *);
uint32_t cursor_u32(struct cursor *);
uint64_t cursor_u64(struct cursor *);

/* ERR_FORMAT if a read failed or bytes are left. */
int cursor_finish(const struct cursor *, const char *what, struct err *);

#endif
