#include "schema/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/enc.h"
#include "schema/trail.h"
#include "schema/tree.h"

#define FILE_MAX (SEGMENT_BYTES_MAX + 4 * (int64_t)(TRAIL_LINE_MAX + 1))

struct reader {
	int dir;
	struct tree *hashing; /* for its context alone */
	uint32_t segment;     /* 0: none was loaded yet */
	uint32_t highest;
	bool pruned; /* the file in data stands for a pruned segment */
	char *data;  /* the file from base on */
	size_t room;
	int64_t base;
	size_t length; /* that count: see poisoned */
	size_t at;
	bool at_first; /* the next line is its segment's first */
	uint64_t seq;
	uint64_t hurry; /* records before it are under a signed root */
	unsigned char prev[LINE_HASH];
	bool prev_known;
	/* The last line, if prev was not computed from it yet; else NULL. */
	const char *last;
	size_t last_length;
	struct reader_counts counts;
};

/* Any regular file; a copy may belong to anybody. */
static int
open_file(int dir, uint32_t number, const char *suffix, struct stat *st,
    struct err *e)
{
	char name[SEGMENT_NAME_SIZE];
	int fd;

	segment_name(name, number, suffix);
	fd = openat(dir, name,
	    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd == -1)
		return err_sys(e, errno, "%s", name);
	if (fstat(fd, st) == -1) {
		err_sys(e, errno, "%s", name);
		file_close(&fd);
	} else if (!S_ISREG(st->st_mode)) {
		err_set(e, ERR_ACCESS, "%s: not a regular file", name);
		file_close(&fd);
	} else if (st->st_size > FILE_MAX) {
		err_set(
		    e, ERR_LIMIT, "%s: over %" PRId64 " bytes", name, FILE_MAX);
		file_close(&fd);
	}
	return fd;
}

/* The full segment, or what pruning left of it. */
static int
open_either(
    int dir, uint32_t number, bool *pruned, struct stat *st, struct err *e)
{
	int fd = open_file(dir, number, ".jsonl", st, e);

	*pruned = false;
	if (fd != -1 || e->code != ERR_MISSING)
		return fd;
	*pruned = true;
	return open_file(dir, number, ".pruned", st, e);
}

/* How much of a segment counts, as the one behind it says. */
static int
kept_length(int dir, uint32_t number, int64_t *kept, struct err *e)
{
	size_t room = TRAIL_LINE_MAX + 1;
	int64_t poisoned = 0;
	char *first = NULL;
	struct line line;
	struct stat st = { 0 };
	bool pruned;
	int result = -1, fd;

	*kept = INT64_MAX;
	fd = open_either(dir, number + 1, &pruned, &st, e);
	if (fd == -1)
		return e->code == ERR_MISSING ? 0 : -1;
	if (st.st_size < (off_t)room)
		room = (size_t)st.st_size;
	if ((first = malloc(room + 1)) == NULL) {
		err_set(e, ERR_MEMORY, "out of memory");
		goto out;
	}
	if (file_get(fd, first, room, 0, e) == -1)
		goto out;
	first[room] = '\n';
	/* What is wrong with that line is found when it is read itself. */
	if (line_parse(first, (size_t)((char *)rawmemchr(first, '\n') - first),
	        &line, e) == 0 &&
	    line_get_number(&line, "poisoned", &poisoned, e) == 1 &&
	    poisoned == number &&
	    (line_get_number(&line, "kept", kept, e) != 1 || *kept < 0))
		*kept = INT64_MAX;
	result = 0;
out:
	free(first);
	file_close(&fd);
	return result;
}

/* Computes prev, where that was put off. */
static int
know_prev(struct reader *r, struct err *e)
{
	if (r->last == NULL)
		return 0;
	if (tree_plain(r->hashing, r->last, r->last_length, r->prev, e) == -1)
		return -1;
	r->last = NULL;
	return 0;
}

/* One buffer for all segments: fresh pages cost more than reading. */
static int
make_room(struct reader *r, size_t room, struct err *e)
{
	if (r->room >= room)
		return 0;
	free(r->data);
	r->room = 0;
	if ((r->data = malloc(room)) == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	r->room = room;
	return 0;
}

static int
load(struct reader *r, uint32_t number, int64_t base, struct err *e)
{
	int64_t size, kept;
	struct stat st = { 0 };
	int fd, result = -1;

	if (know_prev(r, e) == -1)
		return -1;
	r->at = r->length = 0;
	if ((fd = open_either(r->dir, number, &r->pruned, &st, e)) == -1) {
		if (e->code == ERR_MISSING)
			err_set(e, ERR_INCOMPLETE,
			    "segment %u is missing: records from %" PRIu64
			    " on",
			    number, r->seq);
		return -1;
	}
	if (kept_length(r->dir, number, &kept, e) == -1)
		goto out;
	size = st.st_size;
	if (!r->pruned && kept < size) {
		r->counts.set_aside_bytes += (uint64_t)(size - kept);
		size = kept;
	}
	/* A place is one of the file that was there before pruning. */
	if (r->pruned && base > 0) {
		err_set(e, ERR_INCOMPLETE, "segment %u was pruned", number);
		goto out;
	}
	if (base > size) {
		err_set(e, ERR_INCOMPLETE,
		    "segment %u is cut off: record %" PRIu64 " is missing",
		    number, r->seq);
		goto out;
	}
	if (make_room(r, (size_t)(size - base) + 1, e) == -1)
		goto out;
	if (file_get(fd, r->data, (size_t)(size - base), base, e) == -1)
		goto out;
	r->length = (size_t)(size - base);
	r->base = base;
	r->segment = number;
	r->at_first = base == 0;
	r->counts.pruned_segments += r->pruned;
	result = 0;
out:
	file_close(&fd);
	return result;
}

int
reader_open_at(
    struct reader **out, int dir, const struct place *from, struct err *e)
{
	struct reader *r = calloc(1, sizeof(*r));

	*out = NULL;
	if (r == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	r->dir = dir;
	r->seq = from->seq;
	memcpy(r->prev, from->prev, LINE_HASH);
	r->prev_known = true;
	if (tree_new(&r->hashing, e) == -1 ||
	    segment_highest(dir, true, &r->highest, e) == -1 ||
	    (r->highest == 0 &&
	        err_set(e, ERR_INCOMPLETE, "no segment") == -1) ||
	    load(r, from->segment, from->end, e) == -1) {
		reader_close(&r);
		return -1;
	}
	*out = r;
	return 0;
}

int
reader_open(struct reader **out, int dir, struct err *e)
{
	static const struct place start = { .segment = 1 };

	return reader_open_at(out, dir, &start, e);
}

void
reader_close(struct reader **r)
{
	if (*r == NULL)
		return;
	tree_free(&(*r)->hashing);
	free((*r)->data);
	free(*r);
	*r = NULL;
}

void
reader_hurry(struct reader *r, uint64_t until)
{
	r->hurry = until;
}

void
reader_place(struct reader *r, struct place *p)
{
	struct err ignored;

	(void)know_prev(r, &ignored);
	*p = (struct place){ .segment = r->segment,
		.end = r->base + (int64_t)r->at,
		.seq = r->seq };
	memcpy(p->prev, r->prev, LINE_HASH);
}

const struct reader_counts *
reader_counts(const struct reader *r)
{
	return &r->counts;
}

/* ---- what is wrong, where a line does not follow ---- */

/* The line at *at; it moves behind it. False: no line feed is left. */
static bool
next_line(const struct reader *r, size_t *at, const char **line, size_t *length)
{
	const char *from = r->data + *at;
	const char *feed = memchr(from, '\n', r->length - *at);

	if (feed == NULL)
		return false;
	*line = from;
	*length = (size_t)(feed - from);
	*at += *length + 1;
	return true;
}

/* Whether it is the repair of the torn bytes from r->at up to it. */
static bool
repairs(const struct reader *r, const struct line *l, size_t begin)
{
	unsigned char said[LINE_HASH], hash[LINE_HASH];
	size_t region = begin - r->at, torn;
	int64_t length;
	struct err ignored;

	if (strcmp(l->type, "repair") != 0 || l->seq != r->seq ||
	    memcmp(l->prev, r->prev, LINE_HASH) != 0 ||
	    line_get_number(l, "torn_length", &length, &ignored) != 1 ||
	    line_get_hex(l, "torn_sha256", said, LINE_HASH, &ignored) != 1 ||
	    length < 1 || (uint64_t)length > region)
		return false;
	torn = (size_t)length;
	/* One line feed was added if the torn bytes had none at their end. */
	if (torn != region &&
	    (torn + 1 != region || r->data[r->at + torn - 1] == '\n'))
		return false;
	return tree_plain(r->hashing, r->data + r->at, torn, hash, &ignored) ==
	    0 &&
	    memcmp(hash, said, LINE_HASH) == 0;
}

/* Passes over torn bytes up to the repair that accounts for them. */
static bool
skip_torn(struct reader *r)
{
	size_t at = r->at, length;
	const char *bytes;
	struct line line;
	struct err ignored;

	if (r->pruned || !r->prev_known || know_prev(r, &ignored) == -1)
		return false;
	while (next_line(r, &at, &bytes, &length)) {
		size_t begin = (size_t)(bytes - r->data);

		if (begin == r->at ||
		    line_parse(bytes, length, &line, &ignored) == -1 ||
		    !repairs(r, &line, begin))
			continue;
		r->counts.repairs++;
		r->counts.torn_bytes += begin - r->at;
		r->at = begin;
		return true;
	}
	return false;
}

/* Whether a record (with that seq, if any is false) stands in the rest. */
static bool
stands_later(const struct reader *r, bool any, uint64_t seq)
{
	size_t at = r->at, length;
	const char *bytes;
	struct line line;
	struct err ignored;

	while (next_line(r, &at, &bytes, &length))
		if ((size_t)(bytes - r->data) != r->at &&
		    line_parse(bytes, length, &line, &ignored) == 0 &&
		    (any || line.seq == seq))
			return true;
	return false;
}

/* A record stands where another should. */
static int
say_wrong_record(const struct reader *r, const struct line *l, struct err *e)
{
	if (l->seq == r->seq)
		return err_set(e, ERR_TAMPERED,
		    "record %" PRIu64 " was altered, or its hash in record "
		    "%" PRIu64 " (segment %u, byte %" PRId64 ")",
		    r->seq == 0 ? 0 : r->seq - 1, r->seq, r->segment,
		    r->base + (int64_t)r->at);
	if (l->seq < r->seq || stands_later(r, false, r->seq))
		return err_set(e, ERR_TAMPERED,
		    "record %" PRIu64 " is not in its place: there stands "
		    "record %" PRIu64 " (segment %u, byte %" PRId64 ")",
		    r->seq, l->seq, r->segment, r->base + (int64_t)r->at);
	return err_set(e, ERR_INCOMPLETE,
	    "record %" PRIu64 " is missing, up to record %" PRIu64
	    " (segment %u, byte %" PRId64 ")",
	    r->seq, l->seq - 1, r->segment, r->base + (int64_t)r->at);
}

/* What stands there is no record. 0: it is the trail's torn end. */
static int
say_no_record(struct reader *r, struct err *e)
{
	if (stands_later(r, true, 0))
		return err_set(e, ERR_TAMPERED,
		    "record %" PRIu64 " was altered: no record at byte %" PRId64
		    " of segment %u",
		    r->seq, r->base + (int64_t)r->at, r->segment);
	if (r->segment < r->highest)
		return err_set(e, ERR_INCOMPLETE,
		    "record %" PRIu64 " is cut off at the end of segment %u",
		    r->seq, r->segment);
	r->counts.tail_bytes = r->length - r->at;
	r->length = r->at;
	return 0;
}

/* ---- reading ---- */

/* Types with members that a reader of signed records looks at. */
static bool
has_members(const struct line *l)
{
	static const char *const types[] = { "checkpoint", "epoch", "gap",
		"init", "prune", "repair", "segment", "uncertified" };

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (l->type[0] == types[i][0] && strcmp(l->type, types[i]) == 0)
			return true;
	return false;
}

static int
parse(const struct reader *r, struct reader_item *item, struct err *e)
{
	item->hurried = false;
	if (r->seq < r->hurry) {
		if (line_parse_head(
		        item->bytes, item->length, &item->line, e) == -1)
			return -1;
		item->hurried = !has_members(&item->line);
		if (item->hurried)
			return 0;
	}
	return line_parse(item->bytes, item->length, &item->line, e);
}

static bool
in_place(struct reader *r, const struct line *l)
{
	struct err ignored;

	if (l->seq != r->seq)
		return false;
	if (!r->prev_known || r->seq < r->hurry)
		return true;
	return know_prev(r, &ignored) == 0 &&
	    memcmp(l->prev, r->prev, LINE_HASH) == 0;
}

/* A segment begins with its own number, so that none stands for another. */
static int
check_first(struct reader *r, const struct line *l, struct err *e)
{
	int64_t number = 0;

	if (!r->at_first)
		return 0;
	r->at_first = false;
	if (strcmp(l->type, "segment") != 0 ||
	    line_get_number(l, "segment", &number, e) != 1 ||
	    number != r->segment)
		return err_set(e, ERR_TAMPERED,
		    "record %" PRIu64 " does not begin segment %u", r->seq,
		    r->segment);
	return 0;
}

/* In a pruned segment, the hash of a record that was removed. */
static bool
is_hash(const struct reader *r, const char *bytes, size_t length,
    unsigned char *leaf)
{
	struct err ignored;

	return r->pruned && !r->at_first && length == (size_t)2 * LINE_HASH &&
	    enc_unhex(bytes, length, leaf, LINE_HASH, &ignored) == 0;
}

static int
take_hash(struct reader *r, struct reader_item *item)
{
	r->prev_known = false;
	r->last = NULL;
	r->counts.pruned++;
	item->bytes = NULL;
	item->seq = r->seq++;
	return 1;
}

static int
take_record(struct reader *r, struct reader_item *item, struct err *e)
{
	if (check_first(r, &item->line, e) == -1)
		return -1;
	r->prev_known = true;
	r->last = item->bytes;
	r->last_length = item->length;
	item->seq = r->seq++;
	return 1;
}

/* One line of the segment that is loaded, which has bytes left. */
static int
take_line(struct reader *r, struct reader_item *item, struct err *e)
{
	size_t at = r->at;
	bool whole = next_line(r, &at, &item->bytes, &item->length), parsed;
	struct err why = { .code = ERR_NONE };

	item->segment = r->segment;
	item->offset = r->base + (int64_t)r->at;
	if (whole && is_hash(r, item->bytes, item->length, item->leaf)) {
		r->at = at;
		return take_hash(r, item);
	}
	parsed = whole && parse(r, item, &why) == 0;
	if (parsed && in_place(r, &item->line)) {
		r->at = at;
		return take_record(r, item, e);
	}
	if (skip_torn(r))
		return take_line(r, item, e);
	return parsed ? say_wrong_record(r, &item->line, e)
	              : say_no_record(r, e);
}

int
reader_next(struct reader *r, struct reader_item *item, struct err *e)
{
	while (r->at == r->length) {
		if (r->segment >= r->highest)
			return 0;
		if (load(r, r->segment + 1, 0, e) == -1)
			return -1;
		if (r->length == 0 && r->segment < r->highest)
			return err_set(e, ERR_INCOMPLETE,
			    "segment %u is empty: record %" PRIu64
			    " is missing",
			    r->segment, r->seq);
	}
	return take_line(r, item, e);
}
