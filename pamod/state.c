#include "pamod/state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pamod/seal.h"
#include "pamod/state_file.h"
#include "schema/base/digest.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"

#define KEY_NAME     "host.key"
#define KEY_LENGTH   SEAL_KEY
#define USERS_NAME   "users"
#define BOOT_ID_PATH "/proc/sys/kernel/random/boot_id"
#define NAME_SIZE    (3 * STATE_NAME_MAX + 1) /* of a file, with its NUL */
#define RETRIES      100 /* a record is replaced only by its upgrade */
#define SEAL_VERSION 1u

static const struct file_rule private = { .owner = 0, .forbidden = 077 };

struct state {
	int dir;
	int users;
	struct clock clock;
	struct entropy entropy;
	unsigned char boot[STATE_BOOT];
	unsigned char key[KEY_LENGTH];
};

struct state_lock {
	struct state *state;
	char user[STATE_NAME_MAX + 1];
	struct record_file file;
};

/* The kernel's boot id: 32 hexadecimal digits in five groups. */
static int
read_boot(unsigned char *boot, struct err *e)
{
	struct buf text = buf_new(64);
	char digits[2 * STATE_BOOT];
	size_t used = 0;
	int fd = open(BOOT_ID_PATH, O_RDONLY | O_CLOEXEC);
	int result = -1;

	if (fd == -1) {
		err_sys(e, errno, "%s", BOOT_ID_PATH);
		e->code = ERR_SYS; /* it is no record that is missing */
		return -1;
	}
	if (file_read(fd, &text, e) == -1)
		goto out;
	for (const char *c = buf_string(&text); *c != '\0' && *c != '\n'; c++)
		if (*c != '-' && used < sizeof(digits))
			digits[used++] = *c;
	result = enc_unhex(digits, used, boot, STATE_BOOT, e);
out:
	if (result == -1)
		err_in(e, "%s", BOOT_ID_PATH);
	file_close(&fd);
	buf_free(&text);
	return result;
}

static int
read_key(int dir, unsigned char *key, struct err *e)
{
	struct buf bytes = buf_new(KEY_LENGTH);
	int result = -1;

	if (file_read_at(dir, KEY_NAME, &private, &bytes, e) == -1)
		goto out;
	if (bytes.length != KEY_LENGTH) {
		err_set(
		    e, ERR_FORMAT, "%s: not %u bytes", KEY_NAME, KEY_LENGTH);
		goto out;
	}
	memcpy(key, bytes.data, KEY_LENGTH);
	result = 0;
out:
	buf_free(&bytes);
	return result;
}

/* A part that is missing from a directory that is there is damage. */
static int
damage(struct err *e)
{
	if (e->code == ERR_MISSING)
		e->code = ERR_INCOMPLETE;
	return -1;
}

static int
open_parts(struct state *s, struct err *e)
{
	bool copy_on_write;

	if (file_system_is_durable(s->dir, &copy_on_write, e) == -1)
		return -1;
	s->users = file_open_dir_at(s->dir, USERS_NAME, &private, e);
	if (s->users == -1 || read_key(s->dir, s->key, e) == -1)
		return damage(e);
	return read_boot(s->boot, e);
}

int
state_open(struct state **out, const char *path, const struct clock *clock,
    const struct entropy *entropy, struct err *e)
{
	struct state *s = calloc(1, sizeof(*s));

	*out = NULL;
	if (s == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	s->clock = *clock;
	s->entropy = *entropy;
	s->users = -1;
	s->dir = file_open_dir(path, &private, e);
	if (s->dir == -1 || open_parts(s, e) == -1) {
		if (s->dir != -1)
			err_in(e, "%s", path);
		state_close(&s);
		return -1;
	}
	*out = s;
	return 0;
}

void
state_close(struct state **s)
{
	if (*s == NULL)
		return;
	file_close(&(*s)->users);
	file_close(&(*s)->dir);
	secret_wipe(*s, sizeof(**s));
	free(*s);
	*s = NULL;
}

int
state_directory(const struct state *s)
{
	return s->dir;
}

const unsigned char *
state_boot(const struct state *s)
{
	return s->boot;
}

int
state_uptime(struct state *s, int64_t *uptime, struct err *e)
{
	int64_t boot_ns;

	if (clock_uptime(&s->clock, &boot_ns, e) == -1)
		return -1;
	*uptime = boot_ns / 1000000;
	return 0;
}

static int
make_dir(int dir, const char *name, struct err *e)
{
	if (mkdirat(dir, name, 0700) == -1 && errno != EEXIST)
		return err_sys(e, errno, "%s", name);
	return 0;
}

/* Written, not only allocated: a full disk is no matter to it later. */
static int
fill_table(int fd, struct err *e)
{
	struct buf zeros = buf_new((STATE_TABLE_ROWS + 1) * STATE_TABLE_ROW);
	int result = -1;

	buf_put_zeros(&zeros, zeros.limit);
	if (buf_status(&zeros, e) == -1 ||
	    file_put(fd, zeros.data, zeros.length, 0, e) == -1)
		goto out;
	if (fsync(fd) == -1) {
		err_sys(e, errno, "sync");
		goto out;
	}
	result = 0;
out:
	buf_free(&zeros);
	return result;
}

static int
make_key(int dir, const struct entropy *entropy, struct err *e)
{
	unsigned char key[KEY_LENGTH];
	int result = -1;

	if (entropy_fill(entropy, key, sizeof(key), e) == 0)
		result =
		    file_replace_at(dir, KEY_NAME, 0600, key, sizeof(key), e);
	secret_wipe(key, sizeof(key));
	return result;
}

/* 1: there is a record; a new key could not open its seeds. */
static int
stop_at_first(void *context, const char *user)
{
	(void)context;
	(void)user;
	return 1;
}

static int each_name(
    int users, int (*visit)(void *, const char *), void *, struct err *);

/* The host key comes last: with it the directory is whole. */
static int
init_parts(int dir, int table, const struct entropy *entropy, struct err *e)
{
	struct stat st;
	int users;
	int found;

	if (fstatat(dir, KEY_NAME, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return err_set(e, ERR_USAGE, "is set up already");
	if (errno != ENOENT)
		return err_sys(e, errno, "%s", KEY_NAME);
	if (make_dir(dir, USERS_NAME, e) == -1 ||
	    (users = file_open_dir_at(dir, USERS_NAME, &private, e)) == -1)
		return -1;
	found = each_name(users, stop_at_first, NULL, e);
	file_close(&users);
	if (found == -1)
		return -1;
	if (found == 1)
		return err_set(e, ERR_INCOMPLETE,
		    "has records but no %s: restore it, or remove them",
		    KEY_NAME);
	if (fill_table(table, e) == -1)
		return -1;
	return make_key(dir, entropy, e);
}

int
state_init(const char *path, const struct entropy *entropy, struct err *e)
{
	bool copy_on_write;
	int table = -1;
	int result = -1;
	int dir = file_make_dir(path, e);

	if (dir == -1)
		return -1;
	if (file_system_is_durable(dir, &copy_on_write, e) == -1)
		goto out;
	table = file_open_at(dir, STATE_TABLE, O_RDWR | O_CREAT, &private, e);
	if (table == -1 || file_lock(table, true, STATE_WAIT_MS, e) == -1)
		goto out;
	result = init_parts(dir, table, entropy, e);
out:
	if (result == -1)
		err_in(e, "%s", path);
	file_close(&table);
	file_close(&dir);
	return result;
}

static int
file_name(const char *user, char *out, struct err *e)
{
	struct buf name = buf_new(NAME_SIZE - 1);
	size_t length = strlen(user);

	if (length == 0 || length > STATE_NAME_MAX)
		return err_set(e, ERR_LIMIT,
		    "a user name of %zu bytes; 1 to %d are allowed", length,
		    STATE_NAME_MAX);
	enc_path_component(&name, user);
	memcpy(out, buf_string(&name), name.length + 1);
	buf_free(&name);
	return out[0] != '\0' ? 0 : err_set(e, ERR_MEMORY, "out of memory");
}

/* Whether fd is still what stands at that name: 1, 0, or -1. */
static int
is_current(int users, const char *name, int fd, struct err *e)
{
	struct stat ours;
	struct stat theirs;

	if (fstat(fd, &ours) == -1)
		return err_sys(e, errno, "%s", name);
	if (fstatat(users, name, &theirs, AT_SYMLINK_NOFOLLOW) == -1)
		return errno == ENOENT ? 0 : err_sys(e, errno, "%s", name);
	return ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

/*
 * The record's file, open and locked. While it waited for the lock, the file
 * may have been removed or replaced; then it looks again.
 */
static int
open_locked(struct state *s, const char *user, bool exclusive, struct err *e)
{
	char name[NAME_SIZE];
	int64_t now, deadline;

	if (file_name(user, name, e) == -1 || state_uptime(s, &now, e) == -1)
		return -1;
	deadline = now + STATE_WAIT_MS;
	for (int i = 0; i < RETRIES; i++) {
		int fd = file_open_at(
		    s->users, name, exclusive ? O_RDWR : O_RDONLY, &private, e);
		int current = -1;

		if (fd == -1)
			return -1;
		if (file_lock(fd, exclusive,
		        now < deadline ? (int)(deadline - now) : 0, e) == 0)
			current = is_current(s->users, name, fd, e);
		if (current == 1)
			return fd;
		file_close(&fd);
		if (current == -1 || state_uptime(s, &now, e) == -1)
			return -1;
	}
	return err_set(e, ERR_BUSY, "%s is replaced again and again", name);
}

/* Uptimes of another boot mean nothing in this one. */
static void
forget_uptimes(struct state_user *u)
{
	u->failure_uptime = 0;
	u->overflow.failure_uptime = 0;
	for (size_t i = 0; i < STATE_SOURCES_MAX; i++)
		u->sources[i].failure_uptime = 0;
}

/* What an old copy calls unused may be spent. */
static void
suspend(struct state_user *u)
{
	for (size_t i = 0; i < STATE_FACTORS_MAX; i++)
		if (strcmp(u->factors[i].type, "hotp") == 0)
			u->factors[i].suspended = true;
	if (u->recovery.made != 0)
		u->recovery.used = UINT16_MAX;
	u->ticket_expires = 0;
}

bool
state_suspend_old(struct state_user *u, uint64_t newest_attempt)
{
	if (newest_attempt <= u->next_attempt_id)
		return false;
	suspend(u);
	u->next_attempt_id = newest_attempt;
	return true;
}

static int
load(struct state *s, struct record_file *f, int fd, const char *name,
    struct state_user *u, struct err *e)
{
	bool damaged;
	int64_t uptime;

	if (state_uptime(s, &uptime, e) == -1 ||
	    record_file_read(f, fd, u, &damaged, e) == -1)
		return -1;
	if (strcmp(u->name, name) != 0) {
		state_wipe(u);
		return err_set(e, ERR_FORMAT, "corrupt: of another user");
	}
	if (damaged)
		suspend(u);
	if (memcmp(f->slots[f->newest].boot, s->boot, STATE_BOOT) != 0)
		forget_uptimes(u);
	u->uptime = uptime;
	return 0;
}

int
state_lock(struct state *s, const char *user, struct state_lock **out,
    struct state_user *u, struct err *e)
{
	struct state_lock *lock = calloc(1, sizeof(*lock));

	*out = NULL;
	*u = (struct state_user){ 0 };
	if (lock == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	lock->state = s;
	lock->file.fd = -1;
	if ((lock->file.fd = open_locked(s, user, true, e)) == -1 ||
	    load(s, &lock->file, lock->file.fd, user, u, e) == -1) {
		err_in(e, "record of %s", user);
		state_unlock(&lock);
		return -1;
	}
	memcpy(lock->user, user, strlen(user) + 1);
	*out = lock;
	return 0;
}

int
state_read(
    struct state *s, const char *user, struct state_user *u, struct err *e)
{
	struct record_file f;
	int result = -1;
	int fd;

	*u = (struct state_user){ 0 };
	if ((fd = open_locked(s, user, false, e)) != -1)
		result = load(s, &f, fd, user, u, e);
	if (result == -1)
		err_in(e, "record of %s", user);
	file_close(&fd);
	return result;
}

/*
 * Writes bytes to a new file beside the records and moves it to name, over
 * what is there only if replace says so. Its own name begins with a dot, as no
 * record's does. 0; 1: name is taken; -1.
 */
static int
put_file(struct state *s, const char *name, const struct buf *bytes,
    bool replace, struct err *e)
{
	unsigned char random[8];
	struct buf temporary = buf_new(32);
	int result = -1;
	int fd = -1;

	if (entropy_fill(&s->entropy, random, sizeof(random), e) == -1)
		return -1;
	buf_put_string(&temporary, ".new.");
	enc_hex(&temporary, random, sizeof(random));
	if (buf_status(&temporary, e) == -1)
		goto out;
	fd = file_open_at(s->users, buf_string(&temporary),
	    O_RDWR | O_CREAT | O_EXCL, &private, e);
	if (fd == -1)
		goto out;
	if (file_put(fd, bytes->data, bytes->length, 0, e) == -1)
		goto out;
	if (fsync(fd) == -1) {
		err_sys(e, errno, "sync");
		goto out;
	}
	if (renameat2(s->users, buf_string(&temporary), s->users, name,
	        replace ? 0 : RENAME_NOREPLACE) == -1) {
		if (errno == EEXIST)
			result = 1;
		else
			err_sys(e, errno, "rename");
		goto out;
	}
	file_close(&fd);
	result = fsync(s->users) == 0 ? 0 : err_sys(e, errno, "sync");
out:
	if (fd != -1)
		(void)unlinkat(s->users, buf_string(&temporary), 0);
	file_close(&fd);
	buf_free(&temporary);
	return damage(e), result;
}

static int
write_whole(
    struct state *s, const struct state_user *u, bool replace, struct err *e)
{
	struct buf bytes = buf_new(SIZE_MAX / 4);
	char name[NAME_SIZE];
	int result = -1;

	if (file_name(u->name, name, e) == 0 &&
	    record_file_make(u, s->boot, &bytes, e) == 0)
		result = put_file(s, name, &bytes, replace, e);
	buf_free(&bytes);
	return result;
}

static int
create(struct state *s, const char *user, uid_t uid, struct err *e)
{
	struct state_user u = { .uid = uid, .next_factor_id = 1 };
	struct moment now;

	if (strlen(user) > STATE_NAME_MAX)
		return err_set(e, ERR_LIMIT,
		    "a user name of more than %d "
		    "bytes",
		    STATE_NAME_MAX);
	if (clock_read(&s->clock, &now, e) == -1)
		return -1;
	memcpy(u.name, user, strlen(user) + 1);
	u.created = moment_seconds(&now);
	u.next_attempt_id = u.created > 0 ? (uint64_t)u.created << 16 : 1;
	return write_whole(s, &u, false, e);
}

int
state_lock_or_create(struct state *s, const char *user, uid_t uid,
    struct state_lock **lock, struct state_user *u, struct err *e)
{
	if (state_lock(s, user, lock, u, e) == 0)
		return 0;
	if (e->code != ERR_MISSING)
		return -1;
	/* 1, somebody else was faster, is as good. */
	if (create(s, user, uid, e) == -1)
		return err_in(e, "record of %s", user);
	return state_lock(s, user, lock, u, e);
}

int
state_save(struct state_lock *lock, const struct state_user *u, bool durable,
    struct err *e)
{
	if (strcmp(u->name, lock->user) != 0)
		return err_set(e, ERR_FORMAT, "record of %s: not of that user",
		    lock->user);
	if (record_file_save(&lock->file, u, lock->state->boot, durable, e) ==
	    -1)
		return err_in(e, "record of %s", lock->user);
	return 0;
}

void
state_unlock(struct state_lock **lock)
{
	if (*lock == NULL)
		return;
	file_close(&(*lock)->file.fd);
	free(*lock);
	*lock = NULL;
}

void
state_wipe(struct state_user *u)
{
	secret_wipe(u, sizeof(*u));
}

int
state_remove(struct state *s, const char *user, struct err *e)
{
	char name[NAME_SIZE];
	int result = -1;
	int fd;

	/* A record that is corrupt can be removed, too. */
	if (file_name(user, name, e) == -1 ||
	    (fd = open_locked(s, user, true, e)) == -1)
		return err_in(e, "record of %s", user);
	if (unlinkat(s->users, name, 0) == -1 || fsync(s->users) == -1)
		err_sys(e, errno, "record of %s: remove", user);
	else
		result = 0;
	file_close(&fd);
	return result;
}

int
state_upgrade(struct state *s, const char *user, struct err *e)
{
	struct state_user u;
	struct state_lock *lock;
	int result;

	if (state_lock(s, user, &lock, &u, e) == -1)
		return -1;
	if ((result = write_whole(s, &u, true, e)) == -1)
		err_in(e, "record of %s", user);
	state_unlock(&lock);
	state_wipe(&u);
	return result;
}

static int
each_name(
    int users, int (*visit)(void *, const char *), void *context, struct err *e)
{
	/* A descriptor of its own: the position belongs to it. */
	int fd = openat(users, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	struct buf name = buf_new(STATE_NAME_MAX);
	struct dirent *entry;
	int result = 0;

	if (dir == NULL) {
		err_sys(e, errno, "%s", USERS_NAME);
		file_close(&fd);
		return damage(e);
	}
	while (errno = 0, result == 0 && (entry = readdir(dir)) != NULL) {
		buf_clear(&name);
		if (entry->d_name[0] == '.') /* no record's name does */
			continue;
		if (enc_unpath_component(entry->d_name, &name, e) == -1)
			result = err_in(e, "%s/%s", USERS_NAME, entry->d_name);
		else
			result = visit(context, buf_string(&name));
	}
	if (result == 0 && errno != 0)
		result = err_sys(e, errno, "%s", USERS_NAME);
	buf_free(&name);
	(void)closedir(dir);
	return result;
}

int
state_each(struct state *s, int (*visit)(void *, const char *user),
    void *context, struct err *e)
{
	return each_name(s->users, visit, context, e);
}

int
state_hash(struct state *s, const char *purpose, const char *text,
    unsigned char *out, struct err *e)
{
	struct buf input = buf_new(SIZE_MAX / 4);
	int result = -1;

	buf_put(&input, purpose, strlen(purpose) + 1);
	buf_put_string(&input, text);
	if (buf_status(&input, e) == -1)
		goto out;
	result = digest_hmac(DIGEST_SHA256, s->key, KEY_LENGTH, input.data,
	    input.length, out, e);
out:
	buf_free(&input);
	return result;
}

/* What a sealed seed is bound to. */
static int
associated(const struct state_user *u, const struct state_factor *f,
    struct buf *b, struct err *e)
{
	buf_put(b, u->name, strnlen(u->name, sizeof(u->name)) + 1);
	buf_put_u32(b, f->id);
	buf_put_u32(b, SEAL_VERSION);
	return buf_status(b, e);
}

int
state_seal(struct state *s, const struct state_user *u, struct state_factor *f,
    const unsigned char *secret, size_t length, struct err *e)
{
	unsigned char sealed[STATE_SEALED_MAX] = { 0 };
	struct buf bound = buf_new(STATE_NAME_MAX + 16);
	int result = -1;

	if (length == 0 || length > STATE_SECRET_MAX)
		return err_set(e, ERR_LIMIT,
		    "a secret of %zu bytes; 1 to %d "
		    "are allowed",
		    length, STATE_SECRET_MAX);
	if (associated(u, f, &bound, e) == -1 ||
	    entropy_fill(&s->entropy, sealed, SEAL_NONCE, e) == -1 ||
	    seal_close(s->key, &bound, secret, length, sealed, e) == -1)
		goto out;
	memcpy(f->data, sealed, sizeof(sealed));
	f->data_length = (uint16_t)(SEAL_NONCE + length + SEAL_TAG);
	result = 0;
out:
	buf_free(&bound);
	secret_wipe(sealed, sizeof(sealed));
	return result;
}

int
state_unseal(struct state *s, const struct state_user *u,
    const struct state_factor *f, struct buf *secret, struct err *e)
{
	unsigned char open[STATE_SECRET_MAX];
	struct buf bound = buf_new(STATE_NAME_MAX + 16);
	size_t length = f->data_length - (size_t)(SEAL_NONCE + SEAL_TAG);
	int result = -1;

	if (f->data_length <= SEAL_NONCE + SEAL_TAG ||
	    f->data_length > STATE_SEALED_MAX)
		return err_set(e, ERR_FORMAT, "factor %u: no sealed secret",
		    (unsigned)f->id);
	if (associated(u, f, &bound, e) == -1)
		goto out;
	if (seal_open(s->key, &bound, f->data, length, open, e) == -1) {
		err_set(e, ERR_TAMPERED,
		    "factor %u: its secret does not open with this host's key",
		    (unsigned)f->id);
		goto out;
	}
	buf_put(secret, open, length);
	result = buf_status(secret, e);
out:
	buf_free(&bound);
	secret_wipe(open, sizeof(open));
	return result;
}

bool
state_has_any_factor(const struct state_user *user)
{
	for (size_t i = 0; i < STATE_FACTORS_MAX; i++)
		if (user->factors[i].id != 0)
			return true;
	return user->recovery.made != 0;
}
