/*
 * Encodings. Decoders are strict: nothing left over, no white space, one
 * spelling for each value; they return -1 and ERR_FORMAT otherwise.
 */
#ifndef SCHEMA_BASE_ENC_H
#define SCHEMA_BASE_ENC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/buf.h"
#include "schema/base/err.h"

/* Lower-case hexadecimal. */
void enc_hex(struct buf *, const void *bytes, size_t length);
/* Exactly length bytes from 2 * length digits of either case. */
int enc_unhex(const char *text, size_t text_length, void *out, size_t length,
    struct err *);

/* RFC 4648 section 4, with padding. */
void enc_base64(struct buf *, const void *bytes, size_t length);
/* The spare bits of the last digit must be zero. Appends to out. */
int enc_unbase64(
    const char *text, size_t text_length, struct buf *out, struct err *);

/* RFC 4648 section 6, upper case, without padding (as otpauth URIs have it). */
void enc_base32(struct buf *, const void *bytes, size_t length);
/* Either case; spaces and hyphens, which people type, are passed over. */
int enc_unbase32(
    const char *text, size_t text_length, struct buf *out, struct err *);

/* Well-formed UTF-8 (RFC 3629 section 4) without NUL. */
bool enc_is_utf8(const void *bytes, size_t length);

/*
 * A JSON string (RFC 8259 section 7), quotes included. Control characters,
 * DEL, C1 controls and the bidirectional overrides (U+202A to U+202E, U+2066
 * to U+2069) are written as \uXXXX, bytes that are not UTF-8 as \ufffd, so
 * the text can't act on the terminal of who reads it.
 */
void enc_json_string(struct buf *, const char *text, size_t length);

/*
 * A name as one path component: letters, digits, '_', '-' and (but first) '.'
 * stand for themselves, every other byte is %XX in upper-case hexadecimal. So
 * "." and ".." and "" can't come out, and different names stay different.
 */
void enc_path_component(struct buf *, const char *name);
/* The name back, appended to out. */
int enc_unpath_component(const char *component, struct buf *out, struct err *);

/* RFC 3986 section 2.1: unreserved characters stand, the rest is %XX. */
void enc_percent(struct buf *, const char *text);

/*
 * RFC 3339 in UTC, as in 2026-11-24T08:15:30.000001Z: ns since 1970, cut to
 * microseconds. Years 0001 to 9999; anything else is ERR_LIMIT in the buffer.
 */
void enc_time(struct buf *, int64_t wall_ns);
/* That same spelling, and no other, back. */
int enc_untime(const char *text, size_t length, int64_t *wall_ns, struct err *);

/* A decimal number without sign, blank or leading zero, at most max. */
int enc_number(const char *text, size_t length, uint64_t max, uint64_t *value,
    struct err *);

#endif
