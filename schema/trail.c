#include "schema/trail.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "schema/base/buf.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"
#include "schema/line.h"

#define WAIT_MS        2000 /* at most for the lock */
#define SEGMENT_PRESET (INT64_C(64) << 20)
#define MISSED_ROOM    (INT64_C(1) << 20)
#define MISSED_LINE    40u /* bytes: a time, a word filled up, a line feed */
#define MISSED_WORD    28u /* where the word begins */
#define TEXT_MAX       256u
#define DETAIL_MAX     1024u

/*
 * The file "tail": the lock, and records that are written in place. Of the
 * durable place there are several, so that one that is torn, since its writer
 * was killed or the power cut in the middle of it, leaves others.
 */
#define TAIL_MAGIC       UINT64_C(0x314c494154565252) /* "RRVTAIL1" */
#define TAIL_DURABLE     68u                          /* bytes */
#define TAIL_PLACES      4u
#define TAIL_PLACE_STEP  128u
#define TAIL_REPORTED_AT 512
#define TAIL_REPORTED    24u
#define TAIL_SIZE        1024u
#define TAIL_CHECK       8u /* bytes of SHA-256 at the end of each record */

struct trail {
	int dir;
	int tail;           /* the lock is on it */
	unsigned char *map; /* of it; NULL before it is first written */
	int segment;        /* the active one */
	struct clock clock;
	struct host host;
	char boot[LINE_UUID + 1];
	int64_t bytes_max;
	int64_t seconds_max;
	struct place place; /* as of our last write; segment 0: unknown */
	int64_t began_ns;   /* wall clock of the segment's first record */
};

/* ---- what is known to be durable ---- */

static int
checked(const void *bytes, size_t length, unsigned char *check, struct err *e)
{
	unsigned char hash[LINE_HASH];

	if (line_hash(bytes, length, hash, e) == -1)
		return -1;
	memcpy(check, hash, TAIL_CHECK);
	return 0;
}

/*
 * The file "tail" is written through a mapping: a write(2) would change its
 * times, and every fdatasync of the trail would then wait for that too.
 */
static int
tail_map(struct trail *t, struct err *e)
{
	void *map;

	if (t->map != NULL)
		return 0;
	map = mmap(
	    NULL, TAIL_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, t->tail, 0);
	if (map == MAP_FAILED)
		return err_sys(e, errno, "tail");
	t->map = map;
	return 0;
}

static int
tail_judge(const struct trail *t, struct err *e)
{
	struct stat st;

	if (fstat(t->tail, &st) == -1)
		return err_sys(e, errno, "tail");
	if (st.st_size < (off_t)TAIL_SIZE)
		return err_set(e, ERR_TAMPERED, "tail: it is cut off");
	return 0;
}

static int
tail_write(struct trail *t, struct buf *b, size_t at, struct err *e)
{
	unsigned char check[TAIL_CHECK];
	int result = -1;

	if (buf_status(b, e) == 0 && tail_map(t, e) == 0 &&
	    checked(b->data, b->length, check, e) == 0) {
		memcpy(t->map + at, b->data, b->length);
		memcpy(t->map + at + b->length, check, sizeof(check));
		result = 0;
	}
	buf_free(b);
	return result;
}

/* Whether the record is there whole. A writer may be in the middle of it. */
static bool
tail_read(const struct trail *t, void *out, size_t length, size_t at)
{
	unsigned char check[TAIL_CHECK];
	struct err ignored;

	for (int tries = 0; tries < 3; tries++) {
		if (file_get(t->tail, out, length, (off_t)at, &ignored) == -1)
			return false;
		if (checked(out, length - TAIL_CHECK, check, &ignored) == 0 &&
		    memcmp(check, (unsigned char *)out + length - TAIL_CHECK,
		        TAIL_CHECK) == 0)
			return true;
	}
	return false;
}

/*
 * Not under the lock: writers may come in any order, and then what stands may
 * be an earlier place, which is durable just as well.
 */
static int
durable_write(struct trail *t, const struct place *p, struct err *e)
{
	struct buf b = buf_new(TAIL_SIZE);

	buf_put_u64(&b, TAIL_MAGIC);
	buf_put_u32(&b, p->segment);
	buf_put_u64(&b, (uint64_t)p->end);
	buf_put_u64(&b, p->seq);
	buf_put(&b, p->prev, LINE_HASH);
	return tail_write(
	    t, &b, p->seq % TAIL_PLACES * (size_t)TAIL_PLACE_STEP, e);
}

static bool
durable_read_at(const struct trail *t, size_t at, struct place *p)
{
	unsigned char bytes[TAIL_DURABLE] = { 0 };
	struct cursor c = cursor_new(bytes, sizeof(bytes));

	if (!tail_read(t, bytes, sizeof(bytes), at) ||
	    cursor_u64(&c) != TAIL_MAGIC)
		return false;
	p->segment = cursor_u32(&c);
	p->end = (int64_t)cursor_u64(&c);
	p->seq = cursor_u64(&c);
	cursor_copy(&c, p->prev, LINE_HASH);
	return true;
}

/* The places that are whole, the furthest first; how many. */
static size_t
durable_read_all(const struct trail *t, struct place places[TAIL_PLACES])
{
	size_t count = 0;

	for (size_t i = 0; i < TAIL_PLACES; i++) {
		struct place p = { 0 };
		size_t at = count;

		if (!durable_read_at(t, i * TAIL_PLACE_STEP, &p))
			continue;
		for (; at > 0 && places[at - 1].seq < p.seq; at--)
			places[at] = places[at - 1];
		places[at] = p;
		count++;
	}
	return count;
}

static bool
durable_read(const struct trail *t, struct place *p)
{
	struct place places[TAIL_PLACES];

	if (durable_read_all(t, places) == 0)
		return false;
	*p = places[0];
	return true;
}

/* ---- what could not be written ---- */

static const struct {
	enum err_code code;
	const char *word;
} missed_words[] = {
	{ ERR_FULL, "full" },
	{ ERR_ACCESS, "access" },
	{ ERR_BUSY, "busy" },
	{ ERR_MEMORY, "memory" },
};

static const char *
missed_word(enum err_code code)
{
	for (size_t i = 0; i < sizeof(missed_words) / sizeof(*missed_words);
	     i++)
		if (missed_words[i].code == code)
			return missed_words[i].word;
	return "error";
}

/*
 * A line of "missed", whose room was allocated beforehand, so that a full disk
 * can't stop it; nor can a lock, since lines this short are appended whole.
 */
static void
missed_add(int dir, const struct clock *clock, enum err_code code)
{
	struct buf b = buf_new(2 * MISSED_LINE);
	struct moment now = { 0 };
	struct stat st;
	struct err ignored;
	int fd = file_open_at(
	    dir, "missed", O_WRONLY | O_APPEND, &segment_rule, &ignored);

	if (fd == -1)
		return;
	(void)clock_read(clock, &now, &ignored);
	enc_time(&b, now.wall_ns);
	if (b.failed != ERR_NONE) {
		buf_clear(&b);
		enc_time(&b, 0);
	}
	buf_printf(&b, " %-*s\n", (int)(MISSED_LINE - MISSED_WORD - 1),
	    missed_word(code));
	if (buf_status(&b, &ignored) == 0 && fstat(fd, &st) == 0 &&
	    st.st_size < MISSED_ROOM)
		if (write(fd, b.data, b.length) == (ssize_t)b.length)
			(void)fdatasync(fd);
	buf_free(&b);
	file_close(&fd);
}

static int64_t
reported_read(const struct trail *t)
{
	unsigned char bytes[TAIL_REPORTED] = { 0 };
	struct cursor c = cursor_new(bytes, sizeof(bytes));

	if (!tail_read(t, bytes, sizeof(bytes), TAIL_REPORTED_AT) ||
	    cursor_u64(&c) != TAIL_MAGIC)
		return 0;
	return (int64_t)cursor_u64(&c);
}

static int
reported_write(struct trail *t, int64_t bytes, struct err *e)
{
	struct buf b = buf_new(TAIL_SIZE);

	buf_put_u64(&b, TAIL_MAGIC);
	buf_put_u64(&b, (uint64_t)bytes);
	return tail_write(t, &b, TAIL_REPORTED_AT, e);
}

/* ---- lines ---- */

static int
compose(const struct trail *t, const char *type, const struct buf *members,
    struct buf *out, struct err *e)
{
	struct line l = { .seq = t->place.seq };

	memcpy(l.prev, t->place.prev, LINE_HASH);
	memcpy(l.host, t->host.uuid, sizeof(l.host));
	memcpy(l.boot, t->boot, sizeof(l.boot));
	(void)snprintf(l.type, sizeof(l.type), "%s", type);
	if (clock_read(&t->clock, &l.at, e) == -1)
		return -1;
	line_begin(out, &l);
	buf_put(out, members->data, members->length);
	line_end(out);
	buf_put_byte(out, '\n');
	return buf_status(out, e);
}

/*
 * One write, and what a short one left. A line that ends torn is repaired by
 * whoever comes next, never by cutting it off.
 */
static int
append_bytes(struct trail *t, const struct buf *b, struct err *e)
{
	size_t done = 0;

	while (done < b->length) {
		ssize_t put =
		    write(t->segment, b->data + done, b->length - done);

		if (put == -1 && errno == EINTR)
			continue;
		if (put <= 0) {
			t->place.segment = 0;
			return err_sys(
			    e, put == 0 ? ENOSPC : errno, "write the trail");
		}
		done += (size_t)put;
	}
	return 0;
}

/* feed: a line feed first, which ends what was torn. */
static int
write_line(struct trail *t, bool feed, const char *type,
    const struct buf *members, struct err *e)
{
	struct buf b = buf_new(TRAIL_LINE_MAX + 2);
	int result = -1;

	if (feed)
		buf_put_byte(&b, '\n');
	if (compose(t, type, members, &b, e) == -1 ||
	    append_bytes(t, &b, e) == -1 ||
	    line_hash(b.data + feed, b.length - 1 - feed, t->place.prev, e) ==
	        -1)
		goto out;
	t->place.seq++;
	t->place.end += (int64_t)b.length;
	result = 0;
out:
	buf_free(&b);
	return result;
}

/* ---- segments ---- */

/* Begins segment `number` behind t->place; it is on disk when this is 0. */
static int
begin_segment(
    struct trail *t, uint32_t number, uint32_t poisoned, struct err *e)
{
	struct buf members = buf_new(TRAIL_LINE_MAX);
	struct buf b = buf_new(TRAIL_LINE_MAX + 1);
	struct place next = t->place;
	int result = -1, fd;

	line_number(&members, "segment", number);
	if (poisoned != 0) {
		line_number(&members, "poisoned", poisoned);
		line_number(&members, "kept", t->place.end);
	}
	if (buf_status(&members, e) == -1 ||
	    compose(t, "segment", &members, &b, e) == -1 ||
	    line_hash(b.data, b.length - 1, next.prev, e) == -1 ||
	    (fd = segment_create(t->dir, number, &b, e)) == -1)
		goto out;
	next.segment = number;
	next.seq++;
	next.end = (int64_t)b.length;
	file_close(&t->segment);
	t->segment = fd;
	t->place = next;
	t->began_ns = INT64_MIN;
	/* So that what is found after a crash is never of another segment. */
	if (durable_write(t, &next, e) == -1)
		goto out;
	if (fdatasync(t->tail) == -1) {
		err_sys(e, errno, "sync tail");
		goto out;
	}
	result = 0;
out:
	buf_free(&members);
	buf_free(&b);
	return result;
}

/* Opens the newest segment, unless it is open. */
static int
open_newest(struct trail *t, struct err *e)
{
	uint32_t number = t->place.segment, was = number;
	struct place known = { 0 };

	if (number == 0 && durable_read(t, &known))
		number = known.segment;
	if (number == 0 || !segment_exists(t->dir, number)) {
		if (segment_highest(t->dir, false, &number, e) == -1)
			return -1;
		if (number == 0)
			return err_set(e, ERR_MISSING, "no segment");
	}
	while (number < SEGMENT_LAST && segment_exists(t->dir, number + 1))
		number++;
	if (t->segment != -1 && number == was)
		return 0;
	file_close(&t->segment);
	t->place = (struct place){ .segment = 0 };
	t->began_ns = INT64_MIN;
	if ((t->segment = segment_open(t->dir, number, e)) == -1)
		return -1;
	t->place.segment = number;
	return 0;
}

/* Whether a line ends at *p that is the one p says. */
static bool
stands(int fd, const struct place *p)
{
	struct place found;
	struct line head;
	struct err ignored;

	return segment_last(fd, p->end, p->segment, &found, &head, &ignored) ==
	    0 &&
	    found.end == p->end && found.seq == p->seq &&
	    memcmp(found.prev, p->prev, LINE_HASH) == 0;
}

/*
 * Finds the tail after a crash, a boot, or a torn write. What was durable is
 * where to begin; behind it only lines that chain on count, since a power cut
 * may have left a hole with whole lines behind it. If that place is not to be
 * had, only what is no record at the very end is given up.
 */
static int
find_tail_slowly(struct trail *t, int64_t size, const struct place *last,
    bool *unfed, struct err *e)
{
	struct place places[TAIL_PLACES];
	size_t count = durable_read_all(t, places);
	struct place p = *last;

	*unfed = false;
	for (size_t i = 0; i < count; i++)
		if (places[i].segment == last->segment &&
		    places[i].end <= size && stands(t->segment, &places[i])) {
			p = places[i];
			break;
		}
	if (segment_follow(t->segment, size, &p, unfed, e) == -1)
		return -1;
	t->place = p;
	return 0;
}

static int
find_tail(struct trail *t, int64_t size, bool *unfed, struct err *e)
{
	struct place last;
	struct line head;

	*unfed = false;
	if (t->place.end == size)
		return 0;
	if (segment_last(t->segment, size, t->place.segment, &last, &head, e) ==
	    -1)
		return -1;
	if (last.end == size && strcmp(head.boot, t->boot) == 0) {
		t->place = last;
		return 0;
	}
	return find_tail_slowly(t, size, &last, unfed, e);
}

/* SHA-256 of the torn bytes, and whether they end in a line feed. */
static int
hash_torn(int fd, int64_t from, int64_t to, unsigned char *hash, bool *fed,
    struct err *e)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char chunk[4096];
	int result = -1;

	*fed = false;
	if (context == NULL ||
	    EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
		goto crypto;
	while (from < to) {
		size_t have = to - from < (int64_t)sizeof(chunk)
		    ? (size_t)(to - from)
		    : sizeof(chunk);

		if (file_get(fd, chunk, have, from, e) == -1)
			goto out;
		if (EVP_DigestUpdate(context, chunk, have) != 1)
			goto crypto;
		from += (int64_t)have;
		*fed = chunk[have - 1] == '\n';
	}
	if (EVP_DigestFinal_ex(context, hash, NULL) != 1)
		goto crypto;
	result = 0;
	goto out;
crypto:
	err_set(e, ERR_CRYPTO, "SHA-256 failed");
out:
	EVP_MD_CTX_free(context);
	return result;
}

/* Ends what is torn behind t->place, and records what it was. */
static int
repair(struct trail *t, int64_t size, struct err *e)
{
	struct buf members = buf_new(TRAIL_LINE_MAX);
	unsigned char hash[LINE_HASH];
	int64_t torn = size - t->place.end;
	bool fed;
	int result = -1;

	if (hash_torn(t->segment, t->place.end, size, hash, &fed, e) == -1)
		goto out;
	line_number(&members, "torn_length", torn);
	line_hex(&members, "torn_sha256", hash, sizeof(hash));
	if (buf_status(&members, e) == -1)
		goto out;
	t->place.end = size;
	result = write_line(t, !fed, "repair", &members, e);
	if (result == -1)
		t->place.segment = 0;
out:
	buf_free(&members);
	return result;
}

/* A last line that lacks only its line feed is a record: it gets that. */
static int
feed_last(struct trail *t, struct err *e)
{
	struct buf feed = buf_new(1);
	int result;

	buf_put_byte(&feed, '\n');
	if ((result = buf_status(&feed, e)) == 0 &&
	    (result = append_bytes(t, &feed, e)) == 0)
		t->place.end++;
	buf_free(&feed);
	return result;
}

static int64_t
segment_began(struct trail *t)
{
	struct place behind;
	struct line head;
	struct err ignored;

	if (t->began_ns == INT64_MIN &&
	    segment_first(
	        t->segment, t->place.segment, &head, &behind, &ignored) == 0)
		t->began_ns = head.at.wall_ns;
	return t->began_ns;
}

static bool
segment_is_full(struct trail *t)
{
	struct moment now;
	struct err ignored;
	int64_t began;

	if (t->place.end >= t->bytes_max)
		return true;
	if (t->seconds_max == 0 ||
	    clock_read(&t->clock, &now, &ignored) == -1 ||
	    (began = segment_began(t)) == INT64_MIN)
		return false;
	return (now.wall_ns - began) / CLOCK_NS_PER_SECOND >= t->seconds_max;
}

/* Poisons the segment: goes on in a new one, behind what is durable. */
static int
poison_locked(struct trail *t, uint32_t number, struct err *e)
{
	struct place durable;

	if (segment_exists(t->dir, number + 1))
		return 0;
	if (durable_read(t, &durable) && durable.segment == number)
		t->place = durable;
	return begin_segment(t, number + 1, number, e);
}

/*
 * Closes a full segment. If there is no room for the next one, the room that
 * this one has past its end is worth more than the bound.
 */
static int
rotate(struct trail *t, struct err *e)
{
	uint32_t number = t->place.segment;
	struct err full;

	if (fdatasync(t->segment) == -1)
		return poison_locked(t, number, e);
	if (durable_write(t, &t->place, e) == -1)
		return -1;
	if (begin_segment(t, number + 1, 0, &full) == 0)
		return 0;
	if (full.code == ERR_FULL && t->place.segment == number &&
	    t->place.end < SEGMENT_BYTES_MAX)
		return 0;
	*e = full;
	return -1;
}

/* From the first line that was not reported: since when, and why. */
static void
put_missed(int dir, int64_t from, int64_t to, struct buf *members)
{
	char line[MISSED_LINE + 1] = { 0 };
	struct err ignored;
	int fd = file_open_at(dir, "missed", O_RDONLY, &segment_rule, &ignored);

	line_number(members, "missed", (to - from) / MISSED_LINE);
	if (fd != -1 && file_get(fd, line, MISSED_LINE, from, &ignored) == 0) {
		line[MISSED_WORD - 1] = '\0';
		line_text(members, "since", line, MISSED_WORD);
		line[MISSED_WORD + strcspn(line + MISSED_WORD, " \n")] = '\0';
		line_text(members, "reason", line + MISSED_WORD, MISSED_LINE);
	}
	file_close(&fd);
}

/* How many bytes of "missed" there are that no record speaks of. */
static int64_t
unreported(const struct trail *t, int64_t *size)
{
	struct stat st;

	if (fstatat(t->dir, "missed", &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    st.st_size == 0)
		return 0;
	*size = st.st_size;
	return st.st_size - reported_read(t);
}

/* Says how many records could not be written since it was last said. */
static int
report_missed(struct trail *t, struct err *e)
{
	struct buf members = buf_new(TRAIL_LINE_MAX);
	int64_t size = 0, missed = unreported(t, &size);
	int result = -1;

	if (missed < MISSED_LINE) /* somebody was faster */
		return 0;
	put_missed(t->dir, size - missed, size, &members);
	if (buf_status(&members, e) == 0 &&
	    write_line(t, false, "gap", &members, e) == 0)
		result = reported_write(t, size, e);
	buf_free(&members);
	return result;
}

/* ---- the whole of an append ---- */

/* Under the lock: finds the tail, mends it, and closes a full segment. */
static int
get_ready(struct trail *t, bool missed, struct err *e)
{
	struct stat st;
	bool unfed;

	if (open_newest(t, e) == -1)
		return -1;
	if (fstat(t->segment, &st) == -1)
		return err_sys(e, errno, "stat the segment");
	segment_keep_room(t->segment, &st);
	if (find_tail(t, st.st_size, &unfed, e) == -1 ||
	    (unfed && feed_last(t, e) == -1) ||
	    (t->place.end < st.st_size && repair(t, st.st_size, e) == -1) ||
	    (missed && report_missed(t, e) == -1))
		return -1;
	return segment_is_full(t) ? rotate(t, e) : 0;
}

static int
make_and_write(struct trail *t, const struct trail_maker *maker, struct err *e)
{
	struct buf members = buf_new(TRAIL_LINE_MAX);
	int result = -1;

	if (maker->after_sync) {
		if (fdatasync(t->segment) == -1 &&
		    poison_locked(t, t->place.segment, e) == -1)
			goto out;
		if (durable_write(t, &t->place, e) == -1)
			goto out;
	}
	if (maker->make(maker->context, &t->place, &members, e) == -1 ||
	    buf_status(&members, e) == -1 ||
	    write_line(t, false, maker->type, &members, e) == -1)
		goto out;
	result = 0;
out:
	buf_free(&members);
	return result;
}

static int
put_locked(struct trail *t, const struct trail_maker *maker, struct err *e)
{
	struct err ignored;
	int64_t size;
	/* Looked at first: every look under the lock is one for all. */
	bool missed = unreported(t, &size) >= MISSED_LINE;
	int result;

	if (file_lock(t->tail, true, WAIT_MS, e) == -1)
		return -1;
	result = get_ready(t, missed, e);
	if (result == 0)
		result = make_and_write(t, maker, e);
	/* Whatever failed: the file says best where its end is. */
	if (result == -1)
		t->place.end = 0;
	(void)file_unlock(t->tail, &ignored);
	return result;
}

/* Whether the line before *p was set aside by somebody whose sync failed. */
static bool
set_aside(const struct trail *t, const struct place *p)
{
	struct place behind;
	struct line head;
	struct err ignored;
	bool result = false;
	int fd;

	if (!segment_exists(t->dir, p->segment + 1))
		return false;
	fd = segment_open(t->dir, p->segment + 1, &ignored);
	if (fd != -1 &&
	    segment_first(fd, p->segment + 1, &head, &behind, &ignored) == 0)
		result = head.seq < p->seq;
	file_close(&fd);
	return result;
}

static int
poison(struct trail *t, uint32_t number, struct err *e)
{
	struct err ignored;
	int result;

	if (file_lock(t->tail, true, WAIT_MS, e) == -1)
		return -1;
	result = poison_locked(t, number, e);
	(void)file_unlock(t->tail, &ignored);
	return result;
}

/* 1: durable. 0: not, and the line stands in no segment that counts. */
static int
make_durable(struct trail *t, struct err *e)
{
	struct place mine = t->place;
	struct err ignored;

	/* After a failed sync the kernel may call the same bytes clean. */
	if (fdatasync(t->segment) == -1)
		return poison(t, mine.segment, e) == -1 ? -1 : 0;
	if (set_aside(t, &mine))
		return 0;
	(void)durable_write(t, &mine, &ignored);
	return 1;
}

int
trail_put(struct trail *t, const struct trail_maker *maker, bool durable,
    struct err *e)
{
	int result = -1, made = 0;

	/* Once more, in a new segment, if the first one failed. */
	for (int tries = 0; tries < 2 && made == 0; tries++) {
		if (put_locked(t, maker, e) == -1)
			goto out;
		if ((made = durable ? make_durable(t, e) : 1) == -1)
			goto out;
	}
	if (made == 0) {
		err_set(e, ERR_SYS, "the disk does not take the trail");
		goto out;
	}
	result = 0;
out:
	if (result == -1)
		missed_add(t->dir, &t->clock, e->code);
	return result;
}

/* ---- records ---- */

enum kind {
	TEXT,
	NUMBER, /* -1: unset */
	COUNT,  /* 0: unset */
	TIME    /* ns; 0: unset */
};

static const struct {
	const char *name;
	enum kind kind;
	size_t offset;
	size_t max; /* bytes */
} record_members[] = {
#define MEMBER(name, kind, max)                                                \
	{                                                                      \
#name, kind, offsetof(struct trail_record, name), max          \
	}
	MEMBER(service, TEXT, 64),
	MEMBER(result, TEXT, 32),
	MEMBER(reason, TEXT, 64),
	MEMBER(user, TEXT, TEXT_MAX),
	MEMBER(user_hash, TEXT, TEXT_MAX),
	MEMBER(uid, NUMBER, 0),
	MEMBER(real_user, TEXT, TEXT_MAX),
	MEMBER(real_uid, NUMBER, 0),
	MEMBER(source, TEXT, TEXT_MAX),
	MEMBER(tty, TEXT, TEXT_MAX),
	MEMBER(pid, COUNT, 0),
	MEMBER(audit_session, NUMBER, 0),
	MEMBER(session, TEXT, TEXT_MAX),
	MEMBER(attempt, COUNT, 0),
	MEMBER(factors, TEXT, TEXT_MAX),
	MEMBER(key, TEXT, TEXT_MAX),
	MEMBER(key_type, TEXT, TEXT_MAX),
	MEMBER(policy, TEXT, TEXT_MAX),
	MEMBER(mode, TEXT, 32),
	{ "event_t", TIME, offsetof(struct trail_record, event_wall_ns), 0 },
	MEMBER(detail, TEXT, DETAIL_MAX),
#undef MEMBER
};

static void
put_text_member(struct buf *b, const char *name, const char *text, size_t max)
{
	if (text != NULL && *text != '\0')
		line_text(b, name, text, max);
}

static void
put_number_member(struct buf *b, const char *name, enum kind kind, int64_t n)
{
	struct buf time = buf_new(64);

	if (n == (kind == NUMBER ? -1 : 0))
		return;
	if (kind != TIME) {
		line_number(b, name, n);
		return;
	}
	enc_time(&time, n);
	line_text(b, name, buf_string(&time), TEXT_MAX);
	buf_free(&time);
}

static void
put_members(struct buf *members, const struct trail_record *record)
{
	const char *r = (const char *)record;

	for (size_t i = 0; i < sizeof(record_members) / sizeof(*record_members);
	     i++) {
		const char *field = r + record_members[i].offset;
		const char *text;
		int64_t number;

		if (record_members[i].kind == TEXT) {
			memcpy(&text, field, sizeof(text));
			put_text_member(members, record_members[i].name, text,
			    record_members[i].max);
		} else {
			memcpy(&number, field, sizeof(number));
			put_number_member(members, record_members[i].name,
			    record_members[i].kind, number);
		}
	}
}

/* They were made before the lock was taken. */
static int
make_record(
    void *context, const struct place *at, struct buf *members, struct err *e)
{
	const struct buf *made = context;

	(void)at;
	buf_put(members, made->data, made->length);
	return buf_status(members, e);
}

static int
put_record(
    struct trail *t, const struct trail_record *r, bool durable, struct err *e)
{
	struct buf members = buf_new(TRAIL_LINE_MAX);
	struct trail_maker maker = {
		.type = r->type, .make = make_record, .context = &members
	};
	int result;

	if (r->type == NULL || *r->type == '\0' ||
	    strlen(r->type) > LINE_TYPE_MAX ||
	    r->type[strspn(
	        r->type, "abcdefghijklmnopqrstuvwxyz0123456789_-")] != '\0')
		return err_set(e, ERR_USAGE, "no such type of record");
	put_members(&members, r);
	result = buf_status(&members, e);
	if (result == 0)
		result = trail_put(t, &maker, durable, e);
	buf_free(&members);
	return result;
}

int
trail_append(struct trail *t, const struct trail_record *r, struct err *e)
{
	return put_record(t, r, true, e);
}

int
trail_note(struct trail *t, const struct trail_record *r, struct err *e)
{
	return put_record(t, r, false, e);
}

/* ---- opening ---- */

static const struct file_rule directory_rule = { .owner = 0, .forbidden = 077 };

static int
open_files(struct trail *t, const char *directory, struct err *e)
{
	bool copy_on_write;

	if ((t->dir = file_open_dir(directory, &directory_rule, e)) == -1)
		return -1;
	if (file_system_is_durable(t->dir, &copy_on_write, e) == -1 ||
	    host_boot(t->boot, e) == -1 || host_read(t->dir, &t->host, e) == -1)
		return err_in(e, "%s", directory);
	t->tail = file_open_at(t->dir, "tail", O_RDWR, &segment_rule, e);
	if (t->tail == -1) {
		/* With a host there was a trail: it is not merely absent. */
		if (e->code == ERR_MISSING)
			e->code = ERR_TAMPERED;
		return err_in(e, "%s", directory);
	}
	return tail_judge(t, e) == -1 ? err_in(e, "%s", directory) : 0;
}

int
trail_open(struct trail **out, const char *directory, const struct clock *clock,
    struct err *e)
{
	struct trail *t = calloc(1, sizeof(*t));

	*out = NULL;
	if (t == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	t->dir = t->tail = t->segment = -1;
	t->clock = *clock;
	t->bytes_max = SEGMENT_PRESET;
	t->began_ns = INT64_MIN;
	if (open_files(t, directory, e) == -1) {
		if (t->dir != -1)
			missed_add(t->dir, clock, e->code);
		trail_close(&t);
		return -1;
	}
	*out = t;
	return 0;
}

void
trail_close(struct trail **t)
{
	if (*t == NULL)
		return;
	if ((*t)->map != NULL)
		(void)munmap((*t)->map, TAIL_SIZE);
	file_close(&(*t)->segment);
	file_close(&(*t)->tail);
	file_close(&(*t)->dir);
	free(*t);
	*t = NULL;
}

void
trail_set_limits(struct trail *t, int64_t bytes, int64_t seconds)
{
	t->bytes_max = bytes > SEGMENT_BYTES_MAX ? SEGMENT_BYTES_MAX : bytes;
	t->seconds_max = seconds;
}

int
trail_directory(const struct trail *t)
{
	return t->dir;
}

const struct host *
trail_host(const struct trail *t)
{
	return &t->host;
}

const char *
trail_boot(const struct trail *t)
{
	return t->boot;
}

int
trail_reload_host(struct trail *t, struct err *e)
{
	return host_read(t->dir, &t->host, e);
}

/* A file of that size with room allocated past it. */
static int
lay_file(int dir, const char *name, size_t size, int64_t room, struct err *e)
{
	static const unsigned char zeros[TAIL_SIZE];
	int fd = file_open_at(
	    dir, name, O_RDWR | O_CREAT | O_EXCL, &segment_rule, e);
	int result = -1;

	if (fd == -1)
		return -1;
	if (file_put(fd, zeros, size, 0, e) == -1)
		goto out;
	if (room > 0)
		(void)fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, room);
	if (fsync(fd) == -1) {
		err_sys(e, errno, "%s", name);
		goto out;
	}
	result = 0;
out:
	file_close(&fd);
	return result;
}

int
trail_lay(int dir, const struct clock *clock, struct err *e)
{
	struct trail t = { .dir = dir,
		.tail = -1,
		.segment = -1,
		.clock = *clock,
		.began_ns = INT64_MIN };
	bool copy_on_write;
	uint32_t number;
	int result = -1;

	if (file_system_is_durable(dir, &copy_on_write, e) == -1 ||
	    segment_highest(dir, false, &number, e) == -1)
		return -1;
	if (number != 0)
		return err_set(e, ERR_USAGE, "there is a trail already");
	if (host_boot(t.boot, e) == -1 || host_read(dir, &t.host, e) == -1 ||
	    lay_file(dir, "tail", TAIL_SIZE, 0, e) == -1 ||
	    lay_file(dir, "missed", 0, MISSED_ROOM, e) == -1 ||
	    (t.tail = file_open_at(dir, "tail", O_RDWR, &segment_rule, e)) ==
	        -1)
		goto out;
	result = begin_segment(&t, 1, 0, e);
out:
	if (t.map != NULL)
		(void)munmap(t.map, TAIL_SIZE);
	file_close(&t.segment);
	file_close(&t.tail);
	return result;
}
