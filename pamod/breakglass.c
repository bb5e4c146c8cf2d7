#include "pamod/breakglass.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/sha.h>

#include "pamod/factor_recovery.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"

/*
 * The file: a header and BREAKGLASS_CODES_MAX slots, each a disk's sector, so
 * that burning one code is one sector written in place.
 */
#define FILE_NAME  "breakglass"
#define SECTOR     512u
#define FILE_SIZE  (SECTOR * (1 + BREAKGLASS_CODES_MAX))
#define SALT       16u
#define DIGEST     32u
#define HALF_BYTES RECOVERY_BYTES
#define WAIT_NAPS  5000 /* of a millisecond, for the lock */

/* Under the run directory: the salt of the batch, and what was burnt. */
#define RUN_SIZE (8 + SALT + 9 * BREAKGLASS_CODES_MAX)

static const char magic[8] = { 'R', 'E', 'E', 'V', 'E', 'B', 'G', 1 };
static const char run_magic[8] = { 'R', 'E', 'E', 'V', 'E', 'B', 'R', 1 };
/* Anything but this is burnt, a sector torn in half too. */
static const char unused_mark[8] = { 'U', 'N', 'U', 'S', 'E', 'D', '\n', 0 };
static const char burnt_mark[8] = { 'B', 'U', 'R', 'N', 'T', '\n', 0, 0 };

static const struct file_rule private = { .owner = 0, .forbidden = 077 };

struct slot {
	bool burnt;
	int64_t when;
	unsigned char digest[DIGEST];
};

/* The file, locked and read. */
struct vault {
	int dir; /* which holds the lock */
	int fd;
	bool writable;
	const char *run_directory;
	int64_t made;
	unsigned count;
	unsigned char salt[SALT];
	char holders[2][BREAKGLASS_NAME_MAX + 1];
	struct slot slots[BREAKGLASS_CODES_MAX];
	/* What was burnt under the run directory. */
	struct slot run[BREAKGLASS_CODES_MAX];
};

static const char *const console_services[] = { "login", NULL };
/* A name, or what digits must follow. */
static const struct {
	const char *name;
	bool numbered;
} console_lines[] = {
	{ "console", false },
	{ "tty", true },
	{ "ttyS", true },
	{ "ttyAMA", true },
	{ "hvc", true },
};

static bool
is_number(const char *text)
{
	return *text != '\0' && strspn(text, "0123456789") == strlen(text);
}

bool
breakglass_is_console(const char *service, const char *tty, const char *rhost)
{
	bool login = false;

	if (service == NULL || tty == NULL || (rhost != NULL && *rhost != '\0'))
		return false;
	for (const char *const *s = console_services; *s != NULL; s++)
		login = login || strcmp(service, *s) == 0;
	if (!login)
		return false;
	if (strncmp(tty, "/dev/", 5) == 0)
		tty += 5;
	for (size_t i = 0; i < sizeof(console_lines) / sizeof(console_lines[0]);
	     i++) {
		size_t length = strlen(console_lines[i].name);

		if (strncmp(tty, console_lines[i].name, length) == 0 &&
		    (console_lines[i].numbered ? is_number(tty + length)
		                               : tty[length] == '\0'))
			return true;
	}
	return false;
}

/* One half as it was typed. */
struct half {
	unsigned number;
	unsigned holder; /* 0 or 1 */
	unsigned char bytes[HALF_BYTES];
};

/* "BG03A" in front, in any case, with blanks and hyphens anywhere. */
static bool
parse_half(const char *answer, struct half *half)
{
	char text[6 + RECOVERY_DIGITS];
	struct buf bytes = buf_new(HALF_BYTES);
	struct err e;
	size_t count = 0;
	bool good = false;

	for (const char *c = answer; *c != '\0'; c++) {
		if (*c == ' ' || *c == '-')
			continue;
		if (count == sizeof(text) - 1)
			goto out;
		text[count++] =
		    *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
	}
	text[count] = '\0';
	if (count != 5 + RECOVERY_DIGITS || text[0] != 'B' || text[1] != 'G' ||
	    text[2] < '0' || text[2] > '9' || text[3] < '0' || text[3] > '9' ||
	    (text[4] != 'A' && text[4] != 'B') ||
	    enc_unbase32(text + 5, RECOVERY_DIGITS, &bytes, &e) == -1 ||
	    bytes.length != HALF_BYTES)
		goto out;
	half->number =
	    (unsigned)(text[2] - '0') * 10 + (unsigned)(text[3] - '0');
	half->holder = text[4] == 'B';
	memcpy(half->bytes, bytes.data, HALF_BYTES);
	good = true;
out:
	secret_wipe(text, sizeof(text));
	buf_free(&bytes);
	return good;
}

bool
breakglass_looks_like(const char *answer)
{
	struct half half;
	bool good = parse_half(answer, &half);

	secret_wipe(&half, sizeof(half));
	return good;
}

/* SHA-256 over salt, number, and both halves. */
static int
digest_code(const unsigned char salt[SALT], unsigned number,
    const unsigned char *first, const unsigned char *second,
    unsigned char out[DIGEST], struct err *e)
{
	unsigned char text[SALT + 1 + 2 * HALF_BYTES];
	int result = -1;

	memcpy(text, salt, SALT);
	text[SALT] = (unsigned char)number;
	memcpy(text + SALT + 1, first, HALF_BYTES);
	memcpy(text + SALT + 1 + HALF_BYTES, second, HALF_BYTES);
	if (SHA256(text, sizeof(text), out) == NULL)
		err_set(e, ERR_CRYPTO, "SHA-256 failed");
	else
		result = 0;
	secret_wipe(text, sizeof(text));
	return result;
}

/*
 * Locks the directory, so that the file may be replaced; flock(2), because
 * fcntl's exclusive locks want a descriptor open for writing, which a
 * read-only file system does not give.
 */
static int
lock_directory(int dir, struct err *e)
{
	const struct timespec nap = { .tv_nsec = 1000000 };

	for (int i = 0; flock(dir, LOCK_EX | LOCK_NB) == -1; i++) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_sys(e, errno, "lock");
		if (i == WAIT_NAPS)
			return err_set(e, ERR_BUSY, "lock not had in 5 s");
		(void)nanosleep(&nap, NULL);
	}
	return 0;
}

static void
put_holder(struct buf *b, const char *name)
{
	buf_put(b, name, strlen(name));
	buf_put_zeros(b, BREAKGLASS_NAME_MAX + 1 - strlen(name));
}

static int
put_header(struct buf *b, const struct vault *v, struct err *e)
{
	unsigned char sum[DIGEST];

	buf_put(b, magic, sizeof(magic));
	buf_put_u32(b, v->count);
	buf_put_u64(b, (uint64_t)v->made);
	buf_put(b, v->salt, SALT);
	put_holder(b, v->holders[0]);
	put_holder(b, v->holders[1]);
	buf_put_zeros(b, SECTOR - DIGEST - b->length);
	if (buf_status(b, e) == -1)
		return -1;
	if (SHA256(b->data, SECTOR - DIGEST, sum) == NULL)
		return err_set(e, ERR_CRYPTO, "SHA-256 failed");
	buf_put(b, sum, DIGEST);
	return buf_status(b, e);
}

static void
put_slot(struct buf *b, const struct slot *slot)
{
	buf_put(b, slot->burnt ? burnt_mark : unused_mark, 8);
	buf_put_u64(b, (uint64_t)slot->when);
	buf_put(b, slot->digest, DIGEST);
	buf_put_zeros(b, SECTOR - 16 - DIGEST);
}

static void
take_slot(struct cursor *c, struct slot *slot)
{
	char mark[8];

	cursor_copy(c, mark, sizeof(mark));
	slot->burnt = memcmp(mark, unused_mark, sizeof(mark)) != 0;
	slot->when = (int64_t)cursor_u64(c);
	cursor_copy(c, slot->digest, DIGEST);
	cursor_take(c, SECTOR - 16 - DIGEST);
}

static int
parse_file(struct vault *v, const unsigned char bytes[FILE_SIZE], struct err *e)
{
	struct cursor c = cursor_new(bytes, FILE_SIZE);
	unsigned char sum[DIGEST];
	char found[8];

	if (SHA256(bytes, SECTOR - DIGEST, sum) == NULL)
		return err_set(e, ERR_CRYPTO, "SHA-256 failed");
	cursor_copy(&c, found, sizeof(found));
	if (memcmp(found, magic, sizeof(magic) - 1) == 0 && found[7] > magic[7])
		return err_set(e, ERR_NEWER, "of a later version");
	v->count = cursor_u32(&c);
	v->made = (int64_t)cursor_u64(&c);
	cursor_copy(&c, v->salt, SALT);
	for (int i = 0; i < 2; i++) {
		cursor_copy(&c, v->holders[i], sizeof(v->holders[i]));
		v->holders[i][BREAKGLASS_NAME_MAX] = '\0';
	}
	if (memcmp(found, magic, sizeof(magic)) != 0 ||
	    v->count > BREAKGLASS_CODES_MAX ||
	    memcmp(sum, bytes + SECTOR - DIGEST, DIGEST) != 0)
		return err_set(e, ERR_FORMAT, "damaged");
	c = cursor_new(bytes + SECTOR, FILE_SIZE - SECTOR);
	for (unsigned i = 0; i < BREAKGLASS_CODES_MAX; i++)
		take_slot(&c, &v->slots[i]);
	return cursor_finish(&c, "codes", e);
}

/* What was burnt there, of this batch; nothing is there on a good day. */
static int
read_run(struct vault *v, struct err *e)
{
	unsigned char bytes[RUN_SIZE] = { 0 };
	struct cursor c = cursor_new(bytes, sizeof(bytes));
	struct err why = { .code = ERR_NONE };
	int dir = file_open_dir(v->run_directory, &private, &why);
	int fd = -1;
	int result = -1;

	if (dir != -1)
		fd = file_open_at(dir, FILE_NAME, O_RDONLY, &private, &why);
	if (fd != -1)
		(void)file_get(fd, bytes, sizeof(bytes), 0, &why);
	/* Cut short while it was written: nobody was told yes. */
	if (why.code != ERR_NONE && why.code != ERR_MISSING &&
	    why.code != ERR_INCOMPLETE) {
		*e = why;
		goto out;
	}
	result = 0;
	if (memcmp(cursor_take(&c, 8), run_magic, 8) != 0 ||
	    memcmp(cursor_take(&c, SALT), v->salt, SALT) != 0)
		goto out; /* of codes that were renewed since */
	for (unsigned i = 0; i < BREAKGLASS_CODES_MAX; i++) {
		v->run[i].burnt = cursor_byte(&c) != 0;
		v->run[i].when = (int64_t)cursor_u64(&c);
	}
out:
	file_close(&fd);
	file_close(&dir);
	return result == -1 ? err_in(e, "%s", v->run_directory) : 0;
}

static int
write_run(struct vault *v, struct err *e)
{
	struct buf b = buf_new(RUN_SIZE);
	int dir = -1;
	int fd = -1;
	int result = -1;

	(void)mkdir(v->run_directory, 0700); /* judged when it is opened */
	buf_put(&b, run_magic, sizeof(run_magic));
	buf_put(&b, v->salt, SALT);
	for (unsigned i = 0; i < BREAKGLASS_CODES_MAX; i++) {
		buf_put_byte(&b, v->run[i].burnt);
		buf_put_u64(&b, (uint64_t)v->run[i].when);
	}
	if (buf_status(&b, e) == -1 ||
	    (dir = file_open_dir(v->run_directory, &private, e)) == -1 ||
	    (fd = file_open_at(
	         dir, FILE_NAME, O_RDWR | O_CREAT, &private, e)) == -1 ||
	    file_put(fd, b.data, b.length, 0, e) == -1)
		goto out;
	if (fdatasync(fd) == -1) {
		err_sys(e, errno, "sync");
		goto out;
	}
	result = 0;
out:
	file_close(&fd);
	file_close(&dir);
	buf_free(&b);
	return result == -1 ? err_in(e, "%s", v->run_directory) : 0;
}

static void
vault_close(struct vault *v)
{
	file_close(&v->fd);
	file_close(&v->dir); /* and the lock is gone */
}

static int
open_file(struct vault *v, struct err *e)
{
	v->writable = true;
	v->fd = file_open_at(v->dir, FILE_NAME, O_RDWR, &private, e);
	if (v->fd == -1 && e->code == ERR_FULL) { /* EROFS */
		v->writable = false;
		v->fd = file_open_at(v->dir, FILE_NAME, O_RDONLY, &private, e);
	}
	return v->fd == -1 ? -1 : 0;
}

/* Locks, opens and reads. ERR_MISSING: there are no codes. */
static int
vault_open(struct vault *v, const char *state_directory,
    const char *run_directory, struct err *e)
{
	unsigned char bytes[FILE_SIZE];

	*v = (struct vault){ .fd = -1, .run_directory = run_directory };
	v->dir = file_open_dir(state_directory, &private, e);
	if (v->dir == -1)
		return -1;
	if (lock_directory(v->dir, e) == -1 || open_file(v, e) == -1 ||
	    file_get(v->fd, bytes, sizeof(bytes), 0, e) == -1 ||
	    parse_file(v, bytes, e) == -1) {
		vault_close(v);
		return err_in(e, "%s", state_directory);
	}
	if (read_run(v, e) == -1) {
		vault_close(v);
		return -1;
	}
	return 0;
}

/* Burns in the file: one sector in place, on disk when this returns 0. */
static int
burn_in_file(struct vault *v, unsigned i, int64_t now, struct err *e)
{
	struct buf b = buf_new(SECTOR);
	struct slot slot = v->slots[i];
	int result = -1;

	slot.burnt = true;
	slot.when = now;
	put_slot(&b, &slot);
	if (!v->writable || buf_status(&b, e) == -1 ||
	    file_put(v->fd, b.data, b.length, (off_t)(SECTOR * (1 + i)), e) ==
	        -1)
		goto out;
	if (fdatasync(v->fd) == -1) {
		err_sys(e, errno, "sync");
		goto out;
	}
	v->slots[i] = slot;
	result = 0;
out:
	buf_free(&b);
	return result;
}

static int
burn(struct vault *v, unsigned i, int64_t now, bool *unsettled, struct err *e)
{
	struct err why;

	*unsettled = false;
	if (burn_in_file(v, i, now, &why) == 0)
		return 0;
	v->run[i] = (struct slot){ .burnt = true, .when = now };
	if (write_run(v, e) == -1)
		return -1;
	*unsettled = true;
	return 0;
}

/* Moves to the file what could not be burnt in it; next time, if not now. */
static void
settle(struct vault *v)
{
	struct err ignored;

	for (unsigned i = 0; i < v->count; i++)
		if (v->run[i].burnt && !v->slots[i].burnt)
			(void)burn_in_file(v, i, v->run[i].when, &ignored);
}

static unsigned
codes_left(const struct vault *v)
{
	unsigned left = 0;

	for (unsigned i = 0; i < v->count; i++)
		left += !v->slots[i].burnt && !v->run[i].burnt;
	return left;
}

/* halves[0] is the first holder's. */
static enum verdict
judge_halves(struct vault *v, const struct half halves[2], int64_t now,
    struct breakglass_used *used, struct err *e)
{
	unsigned number = halves[0].number;
	unsigned char digest[DIGEST];
	enum verdict verdict = VERDICT_DENY;
	unsigned i = number - 1;

	if (number < 1 || number > v->count || halves[1].number != number)
		return VERDICT_DENY;
	if (digest_code(v->salt, number, halves[0].bytes, halves[1].bytes,
	        digest, e) == -1 ||
	    !secret_equal(digest, v->slots[i].digest, DIGEST))
		goto out;
	if (v->slots[i].burnt || v->run[i].burnt) {
		verdict = VERDICT_REPLAYED;
		goto out;
	}
	if (burn(v, i, now, &used->unsettled, e) == -1)
		goto out;
	used->number = number;
	used->left = codes_left(v);
	memcpy(used->holders, v->holders, sizeof(used->holders));
	verdict = VERDICT_ALLOW;
out:
	secret_wipe(digest, sizeof(digest));
	return verdict;
}

enum verdict
breakglass_judge(const char *state_directory, const char *run_directory,
    const char *first, const char *second, int64_t now,
    struct breakglass_used *used, struct err *e)
{
	struct half halves[2];
	struct half swapped;
	struct vault v;
	enum verdict verdict = VERDICT_DENY;

	*used = (struct breakglass_used){ .number = 0 };
	e->code = ERR_NONE;
	if (!parse_half(first, &halves[0]) || !parse_half(second, &halves[1]) ||
	    halves[0].holder == halves[1].holder)
		goto out;
	if (halves[0].holder == 1) {
		swapped = halves[0];
		halves[0] = halves[1];
		halves[1] = swapped;
		secret_wipe(&swapped, sizeof(swapped));
	}
	if (vault_open(&v, state_directory, run_directory, e) == -1) {
		if (e->code == ERR_MISSING) {
			e->code = ERR_NONE;
			verdict = VERDICT_UNAVAILABLE;
		}
		goto out;
	}
	settle(&v);
	verdict = judge_halves(&v, halves, now, used, e);
	vault_close(&v);
out:
	secret_wipe(halves, sizeof(halves));
	return verdict;
}

int
breakglass_read(const char *state_directory, const char *run_directory,
    struct breakglass_status *status, struct err *e)
{
	struct vault v;

	*status = (struct breakglass_status){ .count = 0 };
	if (vault_open(&v, state_directory, run_directory, e) == -1)
		return -1;
	settle(&v);
	status->made = v.made;
	status->count = v.count;
	status->left = codes_left(&v);
	memcpy(status->holders, v.holders, sizeof(status->holders));
	for (unsigned i = 0; i < v.count; i++) {
		status->unsettled[i] = v.run[i].burnt && !v.slots[i].burnt;
		status->burnt[i] = v.run[i].burnt || v.slots[i].burnt;
		status->burnt_at[i] =
		    v.slots[i].burnt ? v.slots[i].when : v.run[i].when;
	}
	vault_close(&v);
	return 0;
}

static int
make_half(unsigned number, unsigned holder, const struct entropy *entropy,
    char out[BREAKGLASS_HALF_SIZE], struct half *half, struct err *e)
{
	char code[RECOVERY_SIZE];
	int result = -1;

	if (recovery_make_code(entropy, code, e) == -1)
		return -1;
	snprintf(out, BREAKGLASS_HALF_SIZE, "BG%02u%c-%s", number % 100,
	    holder == 0 ? 'A' : 'B', code);
	if (parse_half(out, half))
		result = 0;
	else
		err_set(e, ERR_CRYPTO, "a half came out ill-formed");
	secret_wipe(code, sizeof(code));
	return result;
}

static int
make_slots(struct vault *v, const struct entropy *entropy,
    struct breakglass_halves *first, struct breakglass_halves *second,
    struct err *e)
{
	struct half halves[2];
	int result = -1;

	for (unsigned i = 0; i < v->count; i++) {
		if (make_half(i + 1, 0, entropy, first->half[i], &halves[0],
		        e) == -1 ||
		    make_half(i + 1, 1, entropy, second->half[i], &halves[1],
		        e) == -1 ||
		    digest_code(v->salt, i + 1, halves[0].bytes,
		        halves[1].bytes, v->slots[i].digest, e) == -1)
			goto out;
	}
	result = 0;
out:
	secret_wipe(halves, sizeof(halves));
	return result;
}

static int
write_file(const struct vault *v, struct err *e)
{
	struct buf b = buf_new(FILE_SIZE);
	int result = -1;

	if (put_header(&b, v, e) == -1)
		goto out;
	for (unsigned i = 0; i < BREAKGLASS_CODES_MAX; i++)
		put_slot(&b, &v->slots[i]);
	if (buf_status(&b, e) == -1 ||
	    file_replace_at(v->dir, FILE_NAME, 0600, b.data, b.length, e) == -1)
		goto out;
	result = 0;
out:
	buf_free(&b);
	return result;
}

static int
check_holders(
    struct vault *v, const char *first, const char *second, struct err *e)
{
	const char *names[] = { first, second };

	if (strcmp(first, second) == 0)
		return err_set(
		    e, ERR_USAGE, "the halves go to two different people");
	for (int i = 0; i < 2; i++) {
		size_t length = strlen(names[i]);

		if (length == 0 || length > BREAKGLASS_NAME_MAX ||
		    !enc_is_utf8(names[i], length))
			return err_set(e, ERR_LIMIT,
			    "a holder's name has 1 to %d bytes of UTF-8",
			    BREAKGLASS_NAME_MAX);
		memcpy(v->holders[i], names[i], length + 1);
	}
	return 0;
}

/* Not silently: a file that is there, even a damaged one, is not replaced. */
static int
check_renewal(const struct vault *v, bool renew, struct err *e)
{
	struct stat st;

	if (fstatat(v->dir, FILE_NAME, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return renew ? 0
		             : err_set(e, ERR_LIMIT,
		                   "there are break-glass codes already");
	return errno == ENOENT ? 0 : err_sys(e, errno, FILE_NAME);
}

int
breakglass_make(const char *state_directory, unsigned count,
    const char *first_holder, const char *second_holder, bool renew,
    const struct entropy *entropy, int64_t now, struct breakglass_halves *first,
    struct breakglass_halves *second, struct err *e)
{
	struct vault v = { .dir = -1, .fd = -1, .made = now, .count = count };
	int result = -1;

	if (count < 1 || count > BREAKGLASS_CODES_MAX)
		return err_set(e, ERR_LIMIT, "1 to %d break-glass codes",
		    BREAKGLASS_CODES_MAX);
	for (unsigned i = count; i < BREAKGLASS_CODES_MAX; i++)
		v.slots[i].burnt = true;
	if (check_holders(&v, first_holder, second_holder, e) == -1 ||
	    (v.dir = file_open_dir(state_directory, &private, e)) == -1 ||
	    lock_directory(v.dir, e) == -1 ||
	    check_renewal(&v, renew, e) == -1 ||
	    entropy_fill(entropy, v.salt, SALT, e) == -1 ||
	    make_slots(&v, entropy, first, second, e) == -1 ||
	    write_file(&v, e) == -1)
		goto out;
	result = 0;
out:
	if (result == -1) {
		secret_wipe(first, sizeof(*first));
		secret_wipe(second, sizeof(*second));
	}
	vault_close(&v);
	return result;
}
