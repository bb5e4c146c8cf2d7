#include "schema/segment.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/enc.h"
#include "schema/trail.h"

#define TEMPORARY  ".segment.new"
#define ROOM_STEP  (INT64_C(1) << 20) /* so that not every append allocates */
#define CHUNK      (2 * ((size_t)TRAIL_LINE_MAX + 1))
#define DIGITS     8
#define SHORT_LINE 2048u /* bytes; most lines are within it */

const struct file_rule segment_rule = { .owner = 0, .forbidden = 0177 };

void
segment_name(char *out, uint32_t number, const char *suffix)
{
	(void)snprintf(
	    out, SEGMENT_NAME_SIZE, "segment-%0*u%s", DIGITS, number, suffix);
}

uint32_t
segment_number(const char *name, const char *suffix)
{
	static const char prefix[] = "segment-";
	const char *digits = name + sizeof(prefix) - 1;
	uint64_t number = 0;
	struct err ignored;

	if (strncmp(name, prefix, sizeof(prefix) - 1) != 0 ||
	    strlen(digits) != DIGITS + strlen(suffix) ||
	    strcmp(digits + DIGITS, suffix) != 0)
		return 0;
	while (*digits == '0')
		digits++;
	if (enc_number(digits, strspn(digits, "0123456789"), SEGMENT_LAST,
	        &number, &ignored) == -1)
		return 0;
	return (uint32_t)number;
}

int
segment_highest(int dir, bool or_pruned, uint32_t *number, struct err *e)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *entry;
	DIR *list;
	int result = 0;

	*number = 0;
	if (fd == -1 || (list = fdopendir(fd)) == NULL) {
		err_sys(e, errno, "list segments");
		file_close(&fd);
		return -1;
	}
	while ((errno = 0, entry = readdir(list)) != NULL) {
		uint32_t n = segment_number(entry->d_name, ".jsonl");

		if (n == 0 && or_pruned)
			n = segment_number(entry->d_name, ".pruned");
		if (n > *number)
			*number = n;
	}
	if (errno != 0)
		result = err_sys(e, errno, "list segments");
	(void)closedir(list);
	return result;
}

bool
segment_exists(int dir, uint32_t number)
{
	char name[SEGMENT_NAME_SIZE];
	struct stat st;

	segment_name(name, number, ".jsonl");
	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

int
segment_open(int dir, uint32_t number, struct err *e)
{
	char name[SEGMENT_NAME_SIZE];

	segment_name(name, number, ".jsonl");
	return file_open_at(dir, name, O_RDWR | O_APPEND, &segment_rule, e);
}

int
segment_create(int dir, uint32_t number, const struct buf *first, struct err *e)
{
	char name[SEGMENT_NAME_SIZE];
	struct stat st;
	int fd;

	if (number > SEGMENT_LAST)
		return err_set(
		    e, ERR_LIMIT, "no more than %u segments", SEGMENT_LAST);
	segment_name(name, number, ".jsonl");
	/* The lock is held: whoever made this one is gone. */
	(void)unlinkat(dir, TEMPORARY, 0);
	fd = file_open_at(dir, TEMPORARY, O_RDWR | O_APPEND | O_CREAT | O_EXCL,
	    &segment_rule, e);
	if (fd == -1)
		return -1;
	if (file_put(fd, first->data, first->length, 0, e) == -1)
		goto fail;
	if (fstat(fd, &st) == -1) {
		err_sys(e, errno, "stat");
		goto fail;
	}
	segment_keep_room(fd, &st);
	if (fsync(fd) == -1 ||
	    renameat2(dir, TEMPORARY, dir, name, RENAME_NOREPLACE) == -1 ||
	    fsync(dir) == -1) {
		err_sys(e, errno, "make");
		goto fail;
	}
	return fd;
fail:
	(void)unlinkat(dir, TEMPORARY, 0);
	file_close(&fd);
	return err_in(e, "%s", name);
}

void
segment_keep_room(int fd, const struct stat *st)
{
	if ((int64_t)st->st_blocks * 512 >= st->st_size + SEGMENT_ROOM)
		return;
	(void)fallocate(
	    fd, FALLOC_FL_KEEP_SIZE, st->st_size, SEGMENT_ROOM + ROOM_STEP);
}

/* Whether the line is a record that comes at place; then moves place. */
static bool
follows(const char *bytes, size_t length, struct place *p)
{
	struct line line;
	struct err ignored;

	if (line_parse(bytes, length, &line, &ignored) == -1 ||
	    line.seq != p->seq || memcmp(line.prev, p->prev, LINE_HASH) != 0 ||
	    line_hash(bytes, length, p->prev, &ignored) == -1)
		return false;
	p->seq++;
	return true;
}

/* Takes the whole lines in have bytes; -1: one of them does not follow. */
static ssize_t
follow_chunk(const char *chunk, size_t have, struct place *p)
{
	const char *at = chunk, *end = chunk + have, *feed;

	while ((feed = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		if (!follows(at, (size_t)(feed - at), p))
			return -1;
		p->end += feed - at + 1;
		at = feed + 1;
	}
	return at - chunk;
}

int
segment_follow(
    int fd, int64_t size, struct place *p, bool *whole, struct err *e)
{
	char *chunk = malloc(CHUNK);
	int result = -1;

	*whole = false;
	if (chunk == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	while (p->end < size) {
		int64_t left = size - p->end;
		size_t have = left > (int64_t)CHUNK ? CHUNK : (size_t)left;
		ssize_t used;

		if (file_get(fd, chunk, have, p->end, e) == -1)
			goto out;
		if ((used = follow_chunk(chunk, have, p)) == -1)
			break;
		if (used > 0)
			continue;
		/* No line feed in all that is left, or in all that may be. */
		if ((int64_t)have == left && follows(chunk, have, p)) {
			p->end = size;
			*whole = true;
		}
		break;
	}
	result = 0;
out:
	free(chunk);
	return result;
}

/* The first line that is among the first bytes of a segment. */
static int
first_in(const char *bytes, size_t length, uint32_t number, struct line *head,
    struct place *behind, struct err *e)
{
	const char *feed = memchr(bytes, '\n', length);

	if (feed == NULL)
		return err_set(e, ERR_MISSING, "no first line");
	length = (size_t)(feed - bytes);
	*behind =
	    (struct place){ .segment = number, .end = (int64_t)length + 1 };
	if (line_parse(bytes, length, head, e) == -1 ||
	    line_hash(bytes, length, behind->prev, e) == -1)
		return -1;
	head->members = NULL;
	head->members_length = 0;
	behind->seq = head->seq + 1;
	return 0;
}

static int
read_first(int fd, int64_t size, char *room, size_t length, uint32_t number,
    struct line *head, struct place *behind, struct err *e)
{
	if (size < (int64_t)length)
		length = (size_t)size;
	if (file_get(fd, room, length, 0, e) == -1)
		return -1;
	return first_in(room, length, number, head, behind, e);
}

int
segment_first(int fd, uint32_t number, struct line *head, struct place *behind,
    struct err *e)
{
	char near[SHORT_LINE];
	char *chunk;
	struct stat st;
	int result;

	if (fstat(fd, &st) == -1)
		return err_sys(e, errno, "stat");
	result = read_first(
	    fd, st.st_size, near, sizeof(near), number, head, behind, e);
	if (result == -1 && e->code == ERR_MISSING) {
		if ((chunk = malloc(CHUNK)) == NULL)
			return err_set(e, ERR_MEMORY, "out of memory");
		result = read_first(
		    fd, st.st_size, chunk, CHUNK, number, head, behind, e);
		free(chunk);
		if (result == -1 && e->code == ERR_MISSING)
			e->code = ERR_FORMAT;
	}
	return result == -1 ? err_in(e, "segment %u", number) : 0;
}

/* The last line feed in front of end at or behind begin, or NULL. */
static const char *
feed_before(const char *begin, const char *end)
{
	return memrchr(begin, '\n', (size_t)(end - begin));
}

/* Looks among the whole lines of a piece; from its back to its front. */
static bool
last_in(const char *piece, size_t length, int64_t offset, bool from_start,
    struct place *p, struct line *head)
{
	const char *end = feed_before(piece, piece + length);
	struct err ignored;

	while (end != NULL) {
		const char *before = feed_before(piece, end);
		const char *at = before == NULL ? piece : before + 1;

		if ((before != NULL || from_start) &&
		    line_parse(at, (size_t)(end - at), head, &ignored) == 0 &&
		    line_hash(at, (size_t)(end - at), p->prev, &ignored) == 0) {
			head->members = NULL;
			head->members_length = 0;
			p->seq = head->seq + 1;
			p->end = offset + (end - piece) + 1;
			return true;
		}
		end = before;
	}
	return false;
}

/* 1: found in the piece of that length in front of end; 0: not; -1. */
static int
read_last(int fd, int64_t end, char *piece, size_t length, struct place *p,
    struct line *head, struct err *e)
{
	int64_t offset;

	if (end < (int64_t)length)
		length = (size_t)end;
	offset = end - (int64_t)length;
	if (file_get(fd, piece, length, offset, e) == -1)
		return -1;
	return last_in(piece, length, offset, offset == 0, p, head);
}

/* From end, piece by piece. */
static int
search_last(
    int fd, int64_t end, struct place *p, struct line *head, struct err *e)
{
	char *piece = malloc(CHUNK);
	int found;

	if (piece == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	while ((found = read_last(fd, end, piece, CHUNK, p, head, e)) == 0 &&
	    end > (int64_t)CHUNK)
		/* The next piece overlaps by a line cut at its front. */
		end -= (int64_t)CHUNK - TRAIL_LINE_MAX - 1;
	free(piece);
	return found;
}

int
segment_last(int fd, int64_t size, uint32_t number, struct place *p,
    struct line *head, struct err *e)
{
	char near[SHORT_LINE];
	int found;

	*p = (struct place){ .segment = number };
	found = read_last(fd, size, near, sizeof(near), p, head, e);
	if (found == 0)
		found = search_last(fd, size, p, head, e);
	if (found == 0)
		err_set(e, ERR_MISSING, "segment %u: no record in it", number);
	return found == 1 ? 0 : -1;
}
