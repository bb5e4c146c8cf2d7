#include "pamod/session.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/buf.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"

#define SESSION_FILE_MAX 4096u
#define SESSION_NAME_MAX 64
#define SESSION_WAIT_MS  5000
static const char magic[] = "reeve-session-1";

struct session_store {
	int verdicts;
	int sessions;
};

static const struct file_rule ours = { .owner = 0, .forbidden = 077 };

static int
open_or_make(int at, const char *name, struct err *e)
{
	int fd = file_open_dir_at(at, name, &ours, e);

	if (fd != -1 || e->code != ERR_MISSING)
		return fd;
	if (mkdirat(at, name, 0700) == -1 && errno != EEXIST)
		return err_sys(e, errno, "%s", name);
	return file_open_dir_at(at, name, &ours, e);
}

int
session_store_open(struct session_store **out, const char *path, struct err *e)
{
	struct session_store *s = malloc(sizeof(*s));
	int dir = -1;
	int result = -1;

	*out = NULL;
	if (s == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	*s = (struct session_store){ .verdicts = -1, .sessions = -1 };
	if ((dir = open_or_make(AT_FDCWD, path, e)) == -1 ||
	    (s->verdicts = open_or_make(dir, "verdicts", e)) == -1 ||
	    (s->sessions = open_or_make(dir, "sessions", e)) == -1)
		goto out;
	*out = s;
	s = NULL;
	result = 0;
out:
	file_close(&dir);
	session_store_close(&s);
	return result;
}

void
session_store_close(struct session_store **s)
{
	if (*s == NULL)
		return;
	file_close(&(*s)->verdicts);
	file_close(&(*s)->sessions);
	free(*s);
	*s = NULL;
}

int
session_make_id(
    char id[SESSION_ID_SIZE], const struct entropy *entropy, struct err *e)
{
	unsigned char r[16];
	struct buf b = buf_new(2 * sizeof(r));
	const char *hex;

	if (entropy_fill(entropy, r, sizeof(r), e) == -1)
		return -1;
	r[6] = (unsigned char)((r[6] & 0x0f) | 0x40); /* RFC 9562 5.4 */
	r[8] = (unsigned char)((r[8] & 0x3f) | 0x80);
	enc_hex(&b, r, sizeof(r));
	hex = buf_string(&b);
	(void)snprintf(id, SESSION_ID_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hex,
	    hex + 8, hex + 12, hex + 16, hex + 20);
	buf_free(&b);
	return b.failed == ERR_NONE ? 0 : buf_status(&b, e);
}

static void
put_text(struct buf *b, const char *text, size_t size)
{
	size_t length = strnlen(text, size - 1);

	buf_put(b, text, length);
	buf_put_zeros(b, size - length);
}

static void
take_text(struct cursor *c, char *text, size_t size)
{
	cursor_copy(c, text, size);
	if (text[size - 1] != '\0')
		c->failed = true;
	text[size - 1] = '\0';
}

static void
put_process(struct buf *b, const struct process *p)
{
	buf_put_u32(b, (uint32_t)p->pid);
	buf_put_u64(b, p->start);
	buf_put(b, p->boot, sizeof(p->boot));
}

static void
take_process(struct cursor *c, struct process *p)
{
	p->pid = (int32_t)cursor_u32(c);
	p->start = cursor_u64(c);
	cursor_copy(c, p->boot, sizeof(p->boot));
}

static void
encode(struct buf *b, const struct session *s)
{
	buf_put(b, magic, sizeof(magic));
	put_text(b, s->id, sizeof(s->id));
	put_text(b, s->user, sizeof(s->user));
	buf_put_u32(b, s->uid);
	put_text(b, s->service, sizeof(s->service));
	put_text(b, s->source, sizeof(s->source));
	put_text(b, s->tty, sizeof(s->tty));
	put_process(b, &s->leader);
	buf_put_u64(b, (uint64_t)s->audit_session);
	buf_put_u64(b, (uint64_t)s->opened_ns);
	buf_put_byte(b, s->factor_count);
	for (size_t i = 0; i < SESSION_FACTORS_MAX; i++) {
		put_text(b, s->factors[i].type, sizeof(s->factors[i].type));
		buf_put_u32(b, s->factors[i].id);
		buf_put_u32(b, (uint32_t)s->factors[i].kind);
		put_text(b, s->factors[i].label, sizeof(s->factors[i].label));
	}
	put_text(b, s->key, sizeof(s->key));
	put_text(b, s->key_type, sizeof(s->key_type));
	buf_put_u64(b, (uint64_t)s->stepup_boot_ns);
	buf_put_u32(b, s->stepup_uid);
	buf_put_u64(b, (uint64_t)s->previous_login);
	put_text(b, s->previous_source, sizeof(s->previous_source));
	buf_put_u32(b, s->failures);
	buf_put_byte(b, s->new_source);
	buf_put_byte(b, s->undecided);
}

static int
decode(const struct buf *b, struct session *s, struct err *e)
{
	struct cursor c = cursor_new(b->data, b->length);
	char seen[sizeof(magic)];

	*s = (struct session){ 0 };
	cursor_copy(&c, seen, sizeof(seen));
	if (memcmp(seen, magic, sizeof(magic)) != 0)
		return err_set(e, ERR_FORMAT, "not a session");
	take_text(&c, s->id, sizeof(s->id));
	take_text(&c, s->user, sizeof(s->user));
	s->uid = cursor_u32(&c);
	take_text(&c, s->service, sizeof(s->service));
	take_text(&c, s->source, sizeof(s->source));
	take_text(&c, s->tty, sizeof(s->tty));
	take_process(&c, &s->leader);
	s->audit_session = (int64_t)cursor_u64(&c);
	s->opened_ns = (int64_t)cursor_u64(&c);
	s->factor_count = cursor_byte(&c);
	for (size_t i = 0; i < SESSION_FACTORS_MAX; i++) {
		take_text(&c, s->factors[i].type, sizeof(s->factors[i].type));
		s->factors[i].id = cursor_u32(&c);
		s->factors[i].kind = (enum factor_kind)cursor_u32(&c);
		take_text(&c, s->factors[i].label, sizeof(s->factors[i].label));
	}
	take_text(&c, s->key, sizeof(s->key));
	take_text(&c, s->key_type, sizeof(s->key_type));
	s->stepup_boot_ns = (int64_t)cursor_u64(&c);
	s->stepup_uid = cursor_u32(&c);
	s->previous_login = (int64_t)cursor_u64(&c);
	take_text(&c, s->previous_source, sizeof(s->previous_source));
	s->failures = cursor_u32(&c);
	s->new_source = cursor_byte(&c) == 1;
	s->undecided = cursor_byte(&c) == 1;
	if (s->factor_count > SESSION_FACTORS_MAX)
		return err_set(e, ERR_FORMAT, "too many factors");
	return cursor_finish(&c, "session", e);
}

static int
write_entry(int dir, const char *name, const struct session *s, struct err *e)
{
	struct buf b = buf_new(SESSION_FILE_MAX);
	int result = -1;

	encode(&b, s);
	if (buf_status(&b, e) == 0)
		result = file_replace_at(dir, name, 0600, b.data, b.length, e);
	buf_free(&b);
	return result;
}

static int
read_entry(int dir, const char *name, struct session *s, struct err *e)
{
	struct buf b = buf_new(SESSION_FILE_MAX);
	int result = -1;

	*s = (struct session){ 0 };
	if (file_read_at(dir, name, &ours, &b, e) == 0) {
		result = decode(&b, s, e);
		if (result == -1)
			err_in(e, "%s", name);
	}
	buf_free(&b);
	return result;
}

static void
process_name(char *name, const struct process *p)
{
	(void)snprintf(name, SESSION_NAME_MAX, "p%d-%llu", (int)p->pid,
	    (unsigned long long)p->start);
}

static void
session_name(char *name, const struct session *s)
{
	if (s->audit_session == -1)
		process_name(name, &s->leader);
	else
		(void)snprintf(name, SESSION_NAME_MAX, "a%lld",
		    (long long)s->audit_session);
}

int
session_leave(struct session_store *store, const struct process *p,
    const struct session *s, struct err *e)
{
	struct session mine = *s;
	char name[SESSION_NAME_MAX];

	mine.leader = *p;
	process_name(name, p);
	return write_entry(store->verdicts, name, &mine, e);
}

int
session_take(struct session_store *store, const struct process *p,
    struct session *s, struct err *e)
{
	char name[SESSION_NAME_MAX];
	char taken[SESSION_NAME_MAX + 8];
	int result = -1;

	*s = (struct session){ 0 };
	process_name(name, p);
	(void)snprintf(taken, sizeof(taken), "%s.taken", name);
	/* Renamed first, so that of two takers one has it. */
	if (renameat(store->verdicts, name, store->verdicts, taken) == -1)
		return err_sys(e, errno, "%s", name);
	if (read_entry(store->verdicts, taken, s, e) == 0) {
		if (s->leader.pid == p->pid && s->leader.start == p->start &&
		    memcmp(s->leader.boot, p->boot, sizeof(p->boot)) == 0)
			result = 0;
		else
			err_set(e, ERR_FORMAT, "%s: of another process", name);
	}
	if (unlinkat(store->verdicts, taken, 0) == -1)
		result = err_sys(e, errno, "%s", taken);
	if (result == -1)
		*s = (struct session){ 0 };
	return result;
}

/* The process that an entry's name says; a name of none is nobody's. */
static bool
is_of_the_dead(const char *name, const struct process *self)
{
	struct process p = *self; /* its boot: /run begins anew with each */
	unsigned long long start;
	int pid;

	/* NOLINTNEXTLINE(cert-err34-c): root's folder, bounds in the format */
	if (sscanf(name, "p%9d-%19llu", &pid, &start) != 2)
		return false;
	p.pid = (int32_t)pid;
	p.start = start;
	return !process_lives(&p);
}

int
session_sweep_verdicts(struct session_store *store, struct err *e)
{
	int fd =
	    openat(store->verdicts, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *entry;
	struct process self;
	int result = -1;

	if (dir == NULL) {
		err_sys(e, errno, "verdicts");
		file_close(&fd);
		return -1;
	}
	if (process_read((int32_t)getpid(), &self, e) == -1)
		goto out;
	while ((entry = readdir(dir)) != NULL)
		if (is_of_the_dead(entry->d_name, &self) &&
		    unlinkat(store->verdicts, entry->d_name, 0) == -1 &&
		    errno != ENOENT) {
			err_sys(e, errno, "%s", entry->d_name);
			goto out;
		}
	result = 0;
out:
	(void)closedir(dir);
	return result;
}

static bool
of_this_boot(const struct session *s)
{
	struct process self;
	struct err e;

	return process_read((int32_t)getpid(), &self, &e) == 0 &&
	    memcmp(self.boot, s->leader.boot, sizeof(self.boot)) == 0;
}

struct count {
	const char *user;
	int64_t live;
};

static int
count_one(void *context, const struct session *s)
{
	struct count *c = context;

	if (strcmp(s->user, c->user) == 0 && process_lives(&s->leader))
		c->live++;
	return 0;
}

/* One writer at a time: counting and entering, reading and updating. */
static int
lock_sessions(struct session_store *store, struct err *e)
{
	int fd =
	    file_open_at(store->sessions, ".lock", O_RDWR | O_CREAT, &ours, e);

	if (fd != -1 && file_lock(fd, true, SESSION_WAIT_MS, e) == -1)
		file_close(&fd);
	return fd;
}

int
session_enter(struct session_store *store, const struct session *s,
    int64_t limit, struct err *e)
{
	struct count count = { .user = s->user };
	char name[SESSION_NAME_MAX];
	int lock = lock_sessions(store, e);
	int result = -1;

	if (lock == -1)
		return -1;
	if (limit > 0 && session_each(store, count_one, &count, e) == -1)
		goto out;
	if (limit > 0 && count.live >= limit) {
		err_set(e, ERR_LIMIT, "%lld sessions at once",
		    (long long)count.live);
		goto out;
	}
	session_name(name, s);
	result = write_entry(store->sessions, name, s, e);
out:
	file_close(&lock);
	return result;
}

int
session_find(struct session_store *store, int64_t audit_session,
    struct session *s, struct err *e)
{
	struct session key = { .audit_session = audit_session };
	char name[SESSION_NAME_MAX];

	*s = (struct session){ 0 };
	if (audit_session == -1)
		return err_set(e, ERR_MISSING, "audit session unset");
	session_name(name, &key);
	if (read_entry(store->sessions, name, s, e) == -1)
		return -1;
	if (s->audit_session != audit_session || !of_this_boot(s)) {
		*s = (struct session){ 0 };
		return err_set(e, ERR_MISSING, "%s: of another boot", name);
	}
	return 0;
}

int
session_stepped_up(struct session_store *store, int64_t audit_session,
    uint32_t uid, int64_t boot_ns, struct err *e)
{
	struct session s;
	char name[SESSION_NAME_MAX];
	int lock = lock_sessions(store, e);
	int result = -1;

	if (lock == -1)
		return -1;
	if (session_find(store, audit_session, &s, e) == 0) {
		s.stepup_boot_ns = boot_ns;
		s.stepup_uid = uid;
		session_name(name, &s);
		result = write_entry(store->sessions, name, &s, e);
	}
	file_close(&lock);
	return result;
}

int
session_remove(
    struct session_store *store, const struct session *s, struct err *e)
{
	char name[SESSION_NAME_MAX];

	session_name(name, s);
	if (unlinkat(store->sessions, name, 0) == -1 && errno != ENOENT)
		return err_sys(e, errno, "%s", name);
	return 0;
}

int
session_each(struct session_store *store,
    int (*visit)(void *, const struct session *), void *context, struct err *e)
{
	int fd =
	    openat(store->sessions, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *entry;
	struct session s;
	struct err unread;
	int result = 0;

	if (dir == NULL) {
		err_sys(e, errno, "sessions");
		file_close(&fd);
		return -1;
	}
	while (result == 0 && (entry = readdir(dir)) != NULL)
		if ((entry->d_name[0] == 'a' || entry->d_name[0] == 'p') &&
		    strchr(entry->d_name, '.') == NULL &&
		    read_entry(store->sessions, entry->d_name, &s, &unread) ==
		        0)
			result = visit(context, &s);
	(void)closedir(dir);
	return result;
}
