/*
 * One line of the trail, without its line feed: a flat JSON object whose
 * first members are always the same, in the same order:
 *
 *   {"v":1,"seq":N,"prev":HASH,"host":UUID,"boot":UUID,"t":TIME,"mono":NS,
 *    "clk":"sync"|"unsync","type":WORD
 *
 * and then members of the type, each a string or an integer. trail(5) lists
 * them. What is hashed is the bytes as written, so nothing is ever put into a
 * canonical form.
 */
#ifndef SCHEMA_LINE_H
#define SCHEMA_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/buf.h"
#include "schema/base/clock.h"
#include "schema/base/err.h"

#define LINE_HASH        32u /* bytes of a SHA-256 */
#define LINE_UUID        36u /* characters of a UUID, in lower case */
#define LINE_TYPE_MAX    24u /* characters of a type */
#define LINE_NAME_MAX    32u /* characters of a member's name */
#define LINE_MEMBERS_MAX 64u /* behind the type */

struct line {
	uint64_t seq; /* from 0, the leaf's index in the tree */
	unsigned char prev[LINE_HASH]; /* of the line before; zeros for none */
	char host[LINE_UUID + 1];
	char boot[LINE_UUID + 1];
	struct moment at;
	char type[LINE_TYPE_MAX + 1];
	const char *members; /* ",..." in the bytes parsed, without the '}' */
	size_t members_length;
};

/* Writing: begin, members, end. max is in bytes of value; the rest is cut. */
void line_begin(struct buf *, const struct line *);
void line_text(struct buf *, const char *name, const char *value, size_t max);
void line_number(struct buf *, const char *name, int64_t);
void line_hex(struct buf *, const char *name, const void *, size_t length);
void line_end(struct buf *);

/*
 * Syntax alone: ERR_FORMAT for anything that line_begin and the like would
 * not write, except that unknown members are welcome; ERR_NEWER for another
 * "v". The line keeps pointing into bytes.
 */
int line_parse(const void *bytes, size_t length, struct line *, struct err *);

/*
 * seq, mono, clk and type alone, of bytes that a signed root proves to be
 * those that were written. The rest of the line is left as it was.
 */
int line_parse_head(
    const void *bytes, size_t length, struct line *, struct err *);

/*
 * A member behind the type. 1 if it is there, 0 if not (or of another kind),
 * -1 with *e set if it does not fit: text longer than size - 1 bytes, or not
 * length bytes of hexadecimal.
 */
int line_get_text(const struct line *, const char *name, char *out, size_t size,
    struct err *);
int line_get_number(
    const struct line *, const char *name, int64_t *, struct err *);
int line_get_hex(const struct line *, const char *name, void *out,
    size_t length, struct err *);

/* SHA-256 of the line, which the next line has as its prev. */
int line_hash(
    const void *bytes, size_t length, unsigned char *hash, struct err *);

bool line_is_uuid(const char *text, size_t length);

#endif
