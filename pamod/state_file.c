#include "pamod/state_file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/digest.h"
#include "schema/base/file.h"
#include "schema/base/secret.h"

#define PAGE     4096u
#define MARK_AT  PAGE /* pages of their own: one torn write, one victim */
#define SLOTS_AT (2 * PAGE)
#define LENGTH   (SLOTS_AT + RECORD_SLOTS * RECORD_SLOT)
#define MARK     16u
#define DIGEST   DIGEST_SHA256_LENGTH

static const char magic[8] = { 'R', 'E', 'E', 'V', 'E', 'U', 'S', 'R' };

/* All versions begin like this, so that an old program can tell a new file. */
static int
put_header(struct buf *b, struct err *e)
{
	unsigned char digest[DIGEST];

	buf_put(b, magic, sizeof(magic));
	buf_put_u32(b, RECORD_VERSION);
	buf_put_u32(b, RECORD_SLOT);
	if (buf_status(b, e) == -1)
		return -1;
	if (digest_sha256(b->data, b->length, digest, e) == -1)
		return -1;
	buf_put(b, digest, sizeof(digest));
	return 0;
}

static int
check_header(struct record_file *f, const unsigned char *bytes, struct err *e)
{
	struct cursor c = cursor_new(bytes, PAGE);
	const unsigned char *found = cursor_take(&c, sizeof(magic));
	uint32_t version = cursor_u32(&c);
	uint32_t slot = cursor_u32(&c);
	unsigned char digest[DIGEST];

	if (memcmp(found, magic, sizeof(magic)) != 0)
		return err_set(e, ERR_FORMAT, "corrupt: not a record");
	if (digest_sha256(bytes, sizeof(magic) + 8, digest, e) == -1)
		return -1;
	if (memcmp(cursor_take(&c, DIGEST), digest, DIGEST) != 0)
		return err_set(e, ERR_FORMAT, "corrupt: bad header");
	if (version > RECORD_VERSION)
		return err_set(e, ERR_NEWER,
		    "format %u is newer than this program's %u",
		    (unsigned)version, RECORD_VERSION);
	if (version != RECORD_VERSION || slot != RECORD_SLOT)
		return err_set(e, ERR_FORMAT,
		    "corrupt: format %u, slots of "
		    "%u bytes",
		    (unsigned)version, (unsigned)slot);
	f->version = version;
	return 0;
}

/* The number and its complement: a damaged mark is none. */
static void
put_mark(struct buf *b, uint64_t sequence)
{
	buf_put_u64(b, sequence);
	buf_put_u64(b, ~sequence);
}

static uint64_t
read_mark(const unsigned char *bytes)
{
	struct cursor c = cursor_new(bytes, MARK);
	uint64_t sequence = cursor_u64(&c);

	return cursor_u64(&c) == ~sequence && sequence <= INT64_MAX ? sequence
	                                                            : 0;
}

static off_t
slot_at(size_t i)
{
	return (off_t)(SLOTS_AT + i * RECORD_SLOT);
}

int
record_file_make(const struct state_user *user, const unsigned char *boot,
    struct buf *b, struct err *e)
{
	struct record_stamp stamp = { .sequence = 1 };
	unsigned char slot[RECORD_SLOT];
	int result = -1;

	memcpy(stamp.boot, boot, sizeof(stamp.boot));
	if (put_header(b, e) == -1 || record_write(user, &stamp, slot, e) == -1)
		goto out;
	buf_put_zeros(b, MARK_AT - b->length);
	put_mark(b, stamp.sequence); /* true: the file is synced whole */
	buf_put_zeros(b, SLOTS_AT - b->length);
	buf_put(b, slot, sizeof(slot));
	buf_put_zeros(b, LENGTH - b->length);
	result = buf_status(b, e);
out:
	secret_wipe(slot, sizeof(slot));
	return result;
}

/* 1: slot i is good, and its bytes are in slot; 0: it is not; -1. */
static int
check_slot(struct record_file *f, size_t i, unsigned char *slot, struct err *e)
{
	if (file_get(f->fd, slot, RECORD_SLOT, slot_at(i), e) == -1)
		return -1;
	if (record_check(slot, &f->slots[i], e) == 0)
		return 1;
	f->slots[i] = (struct record_stamp){ 0 };
	return e->code == ERR_FORMAT ? 0 : -1;
}

/*
 * The slot among the wanted that claims the highest number, or RECORD_SLOTS.
 * wanted is NULL for all.
 */
static size_t
highest(const struct record_file *f, const bool *wanted)
{
	size_t found = RECORD_SLOTS;

	for (size_t i = 0; i < RECORD_SLOTS; i++)
		if (f->slots[i].sequence != 0 &&
		    (wanted == NULL || wanted[i]) &&
		    (found == RECORD_SLOTS ||
		        f->slots[i].sequence > f->slots[found].sequence))
			found = i;
	return found;
}

/* Finds N, and leaves its bytes in slot. */
static int
find_newest(struct record_file *f, unsigned char *slot, struct err *e)
{
	for (size_t i = 0; i < RECORD_SLOTS; i++) {
		unsigned char stamp[RECORD_STAMP];
		struct err unlikely;

		if (file_get(f->fd, stamp, sizeof(stamp), slot_at(i), e) == -1)
			return -1;
		if (record_claim(stamp, &f->slots[i], &unlikely) == -1)
			f->slots[i] = (struct record_stamp){ 0 };
	}
	for (;;) {
		size_t i = highest(f, NULL);
		int good;

		if (i == RECORD_SLOTS)
			return err_set(e, ERR_FORMAT, "corrupt: no good slot");
		if ((good = check_slot(f, i, slot, e)) == -1)
			return -1;
		if (good == 1) {
			f->newest = i;
			return 0;
		}
	}
}

int
record_file_read(struct record_file *f, int fd, struct state_user *user,
    bool *damaged, struct err *e)
{
	unsigned char front[MARK_AT + MARK];
	unsigned char slot[RECORD_SLOT];
	struct stat st;
	int result = -1;

	*f = (struct record_file){ .fd = fd };
	if (fstat(fd, &st) == -1)
		return err_sys(e, errno, "fstat");
	if (st.st_size != LENGTH)
		return err_set(e, ERR_FORMAT,
		    "corrupt: %lld bytes long, not %u", (long long)st.st_size,
		    LENGTH);
	if (file_get(fd, front, sizeof(front), 0, e) == -1 ||
	    check_header(f, front, e) == -1 || find_newest(f, slot, e) == -1)
		goto out;
	if (record_read(slot, user, e) == -1) {
		err_in(e, "corrupt");
		goto out;
	}
	f->synced = read_mark(front + MARK_AT);
	*damaged = f->synced > f->slots[f->newest].sequence;
	result = 0;
out:
	secret_wipe(slot, sizeof(slot));
	return result;
}

/* *place is D's, or RECORD_SLOTS. slot is room for one. */
static int
find_durable(struct record_file *f, const unsigned char *boot,
    unsigned char *slot, size_t *place, struct err *e)
{
	bool durable[RECORD_SLOTS];
	int good = 0;

	for (size_t i = 0; i < RECORD_SLOTS; i++)
		durable[i] = f->slots[i].sequence == f->synced ||
		    memcmp(f->slots[i].boot, boot, STATE_BOOT) != 0;
	while (good == 0 && (*place = highest(f, durable)) != RECORD_SLOTS)
		good = *place == f->newest ? 1 : check_slot(f, *place, slot, e);
	return good == -1 ? -1 : 0;
}

/* The oldest slot, or one that is not good, which is neither N nor D. */
static int
choose_slot(struct record_file *f, const unsigned char *boot,
    unsigned char *slot, size_t *chosen, struct err *e)
{
	size_t durable;
	size_t best = RECORD_SLOTS;

	if (find_durable(f, boot, slot, &durable, e) == -1)
		return -1;
	if (durable == RECORD_SLOTS) {
		if (fdatasync(f->fd) == -1)
			return err_sys(e, errno, "sync");
		durable = f->newest;
	}
	for (size_t i = 0; i < RECORD_SLOTS; i++)
		if (i != f->newest && i != durable &&
		    (best == RECORD_SLOTS ||
		        f->slots[i].sequence < f->slots[best].sequence))
			best = i;
	*chosen = best;
	return 0;
}

/* Only now is the slot known to be on disk; see state_file.h. */
static int
sync_and_mark(struct record_file *f, uint64_t sequence, struct err *e)
{
	struct buf mark = buf_new(MARK);
	int result = -1;

	put_mark(&mark, sequence);
	if (buf_status(&mark, e) == -1)
		goto out;
	if (fdatasync(f->fd) == -1) {
		err_sys(e, errno, "sync");
		goto out;
	}
	if (file_put(f->fd, mark.data, mark.length, MARK_AT, e) == -1)
		goto out;
	f->synced = sequence;
	result = 0;
out:
	buf_free(&mark);
	return result;
}

int
record_file_save(struct record_file *f, const struct state_user *user,
    const unsigned char *boot, bool durable, struct err *e)
{
	uint64_t newest = f->slots[f->newest].sequence;
	struct record_stamp stamp = { 0 };
	unsigned char slot[RECORD_SLOT];
	size_t chosen = 0;
	int result = -1;

	/* A number once given out is never given out again. */
	stamp.sequence = (newest > f->synced ? newest : f->synced) + 1;
	memcpy(stamp.boot, boot, sizeof(stamp.boot));
	if (choose_slot(f, boot, slot, &chosen, e) == -1 ||
	    record_write(user, &stamp, slot, e) == -1)
		goto out;
	f->slots[chosen] = (struct record_stamp){ 0 };
	if (file_put(f->fd, slot, sizeof(slot), slot_at(chosen), e) == -1)
		goto out;
	f->slots[chosen] = stamp;
	f->newest = chosen;
	if (durable && sync_and_mark(f, stamp.sequence, e) == -1)
		goto out;
	result = 0;
out:
	secret_wipe(slot, sizeof(slot));
	return result;
}
