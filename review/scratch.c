#include "review/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schema/base/file.h"

/* A piece is its length in four bytes, then itself. */
#define HEAD 4u

struct scratch {
	char *folder;
	int fd;
	uint64_t written;    /* bytes in the file; the rest are in memory */
	unsigned char *tail; /* SCRATCH_MEMORY of them, used to length */
	size_t length, room;
	unsigned char *window; /* a part of the file */
	uint64_t window_at;
	size_t window_length;
};

int
scratch_new(struct scratch **out, const char *folder, struct err *e)
{
	struct scratch *s = calloc(1, sizeof(*s));

	*out = NULL;
	if (s == NULL || (s->folder = strdup(folder)) == NULL) {
		free(s);
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	s->fd = -1;
	*out = s;
	return 0;
}

void
scratch_free(struct scratch **s)
{
	if (*s == NULL)
		return;
	file_close(&(*s)->fd);
	free((*s)->tail);
	free((*s)->window);
	free((*s)->folder);
	free(*s);
	*s = NULL;
}

static int
open_file(struct scratch *s, struct err *e)
{
	char name[PATH_MAX];

	s->fd = open(s->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (s->fd != -1)
		return 0;
	/* Not every file system has files without a name. */
	(void)snprintf(name, sizeof(name), "%s/.reeve-XXXXXX", s->folder);
	if ((s->fd = mkostemp(name, O_CLOEXEC)) == -1)
		return err_sys(e, errno, "%s: scratch file", s->folder);
	(void)unlink(name);
	return 0;
}

static int
spill(struct scratch *s, struct err *e)
{
	if (s->fd == -1 && open_file(s, e) == -1)
		return -1;
	if (file_put(s->fd, s->tail, s->length, (off_t)s->written, e) == -1)
		return err_in(e, "%s: scratch file", s->folder);
	s->written += s->length;
	s->length = 0;
	return 0;
}

static int
make_room(struct scratch *s, size_t wanted, struct err *e)
{
	size_t room = s->room == 0 ? 65536 : s->room;
	unsigned char *more;

	if (s->length + wanted <= s->room)
		return 0;
	while (room < s->length + wanted)
		room *= 2;
	if (room > SCRATCH_MEMORY)
		room = SCRATCH_MEMORY;
	if (s->length + wanted > room)
		return spill(s, e) == -1 ? -1 : make_room(s, wanted, e);
	if ((more = realloc(s->tail, room)) == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	s->tail = more;
	s->room = room;
	return 0;
}

int
scratch_put(struct scratch *s, const void *bytes, size_t length, uint64_t *at,
    struct err *e)
{
	uint32_t head = (uint32_t)length;

	if (length > SCRATCH_PIECE)
		return err_set(e, ERR_LIMIT, "an object of %zu bytes", length);
	if (make_room(s, HEAD + length, e) == -1)
		return -1;
	*at = s->written + s->length;
	memcpy(s->tail + s->length, &head, HEAD);
	if (length > 0)
		memcpy(s->tail + s->length + HEAD, bytes, length);
	s->length += HEAD + length;
	return 0;
}

/* Reads ahead, so that what follows is there too. */
static int
move_window(struct scratch *s, uint64_t at, size_t wanted, struct err *e)
{
	size_t length = SCRATCH_PIECE + HEAD;

	if (at >= s->window_at &&
	    at + wanted <= s->window_at + s->window_length)
		return 0;
	if (s->window == NULL && (s->window = malloc(length)) == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (length > s->written - at)
		length = (size_t)(s->written - at);
	s->window_length = 0;
	if (file_get(s->fd, s->window, length, (off_t)at, e) == -1)
		return err_in(e, "%s: scratch file", s->folder);
	s->window_at = at;
	s->window_length = length;
	return 0;
}

const unsigned char *
scratch_get(struct scratch *s, uint64_t at, size_t *length, struct err *e)
{
	const unsigned char *piece;
	uint32_t head;

	if (at >= s->written)
		piece = s->tail + (at - s->written);
	else {
		if (move_window(s, at, HEAD, e) == -1)
			return NULL;
		memcpy(&head, s->window + (at - s->window_at), HEAD);
		if (move_window(s, at, HEAD + head, e) == -1)
			return NULL;
		piece = s->window + (at - s->window_at);
	}
	memcpy(&head, piece, HEAD);
	*length = head;
	return piece + HEAD;
}
