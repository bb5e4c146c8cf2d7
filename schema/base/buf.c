#include "schema/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/secret.h"

#define FIRST_ROOM 1024u /* a line of the trail is shorter */

struct buf
buf_new(size_t limit)
{
	return (struct buf){ .limit = limit };
}

void
buf_free(struct buf *b)
{
	secret_wipe(b->data, b->room);
	free(b->data);
	*b = (struct buf){ .limit = b->limit };
}

void
buf_clear(struct buf *b)
{
	secret_wipe(b->data, b->length);
	b->length = 0;
	b->failed = ERR_NONE;
}

/* Room for more bytes and a NUL behind them; false latches the failure. */
static bool
reserve(struct buf *b, size_t more)
{
	unsigned char *data;
	size_t room;

	if (b->failed != ERR_NONE)
		return false;
	if (more > b->limit - b->length) {
		b->failed = ERR_LIMIT;
		return false;
	}
	if (b->room - b->length > more)
		return true;
	room = b->room == 0 ? FIRST_ROOM : b->room;
	while (room - b->length <= more) {
		if (room > SIZE_MAX / 2) {
			b->failed = ERR_MEMORY;
			return false;
		}
		room *= 2;
	}
	if ((data = malloc(room)) == NULL) {
		b->failed = ERR_MEMORY;
		return false;
	}
	/* Not realloc, which could leave a copy behind. */
	if (b->length > 0)
		memcpy(data, b->data, b->length);
	secret_wipe(b->data, b->room);
	free(b->data);
	b->data = data;
	b->room = room;
	return true;
}

void
buf_put(struct buf *b, const void *bytes, size_t length)
{
	if (length == 0 || !reserve(b, length))
		return;
	memcpy(b->data + b->length, bytes, length);
	b->length += length;
}

void
buf_put_string(struct buf *b, const char *string)
{
	buf_put(b, string, strlen(string));
}

void
buf_put_byte(struct buf *b, unsigned char byte)
{
	buf_put(b, &byte, 1);
}

static void
put_little(struct buf *b, uint64_t value, size_t bytes)
{
	unsigned char out[8];

	for (size_t i = 0; i < bytes; i++)
		out[i] = (unsigned char)(value >> (8 * i));
	buf_put(b, out, bytes);
}

void
buf_put_u16(struct buf *b, uint16_t value)
{
	put_little(b, value, 2);
}

void
buf_put_u32(struct buf *b, uint32_t value)
{
	put_little(b, value, 4);
}

void
buf_put_u64(struct buf *b, uint64_t value)
{
	put_little(b, value, 8);
}

void
buf_put_zeros(struct buf *b, size_t count)
{
	if (count == 0 || !reserve(b, count))
		return;
	memset(b->data + b->length, 0, count);
	b->length += count;
}

void
buf_printf(struct buf *b, const char *format, ...)
{
	char near[64]; /* what numbers and names fit into is formatted once */
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(near, sizeof(near), format, args);
	va_end(args);
	if (length < 0) {
		if (b->failed == ERR_NONE)
			b->failed = ERR_FORMAT;
	} else if ((size_t)length < sizeof(near)) {
		buf_put(b, near, (size_t)length);
	} else if (reserve(b, (size_t)length)) {
		va_start(args, format);
		(void)vsnprintf((char *)b->data + b->length, (size_t)length + 1,
		    format, args);
		va_end(args);
		b->length += (size_t)length;
	}
	secret_wipe(near, sizeof(near));
}

const char *
buf_string(struct buf *b)
{
	if (b->failed != ERR_NONE || b->data == NULL)
		return "";
	b->data[b->length] = '\0'; /* reserve keeps a byte for it */
	return (const char *)b->data;
}

int
buf_status(const struct buf *b, struct err *e)
{
	switch (b->failed) {
	case ERR_NONE:
		return 0;
	case ERR_LIMIT:
		return err_set(e, ERR_LIMIT, "more than %zu bytes", b->limit);
	case ERR_MEMORY:
		return err_set(e, ERR_MEMORY, "out of memory");
	default:
		return err_set(e, b->failed, "text can't be formatted");
	}
}

struct cursor
cursor_new(const void *bytes, size_t length)
{
	static const unsigned char nothing[1];
	const unsigned char *start = length == 0 ? nothing : bytes;

	return (struct cursor){ .at = start, .end = start + length };
}

size_t
cursor_left(const struct cursor *c)
{
	return (size_t)(c->end - c->at);
}

const unsigned char *
cursor_take(struct cursor *c, size_t length)
{
	const unsigned char *taken = c->at;

	if (c->failed || length > cursor_left(c)) {
		c->failed = true;
		return NULL;
	}
	c->at += length;
	return taken;
}

void
cursor_copy(struct cursor *c, void *out, size_t length)
{
	const unsigned char *from = cursor_take(c, length);

	if (from == NULL)
		memset(out, 0, length);
	else
		memcpy(out, from, length);
}

static uint64_t
take_little(struct cursor *c, size_t bytes)
{
	const unsigned char *from = cursor_take(c, bytes);
	uint64_t value = 0;

	if (from == NULL)
		return 0;
	for (size_t i = 0; i < bytes; i++)
		value |= (uint64_t)from[i] << (8 * i);
	return value;
}

unsigned char
cursor_byte(struct cursor *c)
{
	return (unsigned char)take_little(c, 1);
}

uint16_t
cursor_u16(struct cursor *c)
{
	return (uint16_t)take_little(c, 2);
}

uint32_t
cursor_u32(struct cursor *c)
{
	return (uint32_t)take_little(c, 4);
}

uint64_t
cursor_u64(struct cursor *c)
{
	return take_little(c, 8);
}

int
cursor_finish(const struct cursor *c, const char *what, struct err *e)
{
	if (c->failed)
		return err_set(e, ERR_FORMAT, "%s: ends too early", what);
	if (c->at != c->end)
		return err_set(e, ERR_FORMAT, "%s: %zu bytes left over", what,
		    cursor_left(c));
	return 0;
}
