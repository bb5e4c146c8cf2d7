#include "schema/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#define LOCKS_LINE_MAX   256
#define LOCK_PATIENCE_MS 500 /* before who holds a lock is looked at */
#define CAREFUL          (O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)

static int
judge(int fd, mode_t type, const struct file_rule *rule, const char *name,
    struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return err_sys(e, errno, "%s", name);
	if ((st.st_mode & S_IFMT) != type)
		return err_set(e, ERR_ACCESS, "%s: not a %s", name,
		    type == S_IFDIR ? "directory" : "regular file");
	if (st.st_uid != rule->owner)
		return err_set(e, ERR_ACCESS, "%s: owned by uid %u, not %u",
		    name, (unsigned)st.st_uid, (unsigned)rule->owner);
	if ((st.st_mode & rule->forbidden) != 0)
		return err_set(e, ERR_ACCESS,
		    "%s: mode %04o, of which %04o may not be set", name,
		    (unsigned)st.st_mode & 07777u,
		    (unsigned)(st.st_mode & rule->forbidden));
	/* None: it was replaced since it was opened, and is whole all the same. */
	if (type == S_IFREG && st.st_nlink > 1)
		return err_set(e, ERR_ACCESS, "%s: %lu hard links, not 1", name,
		    (unsigned long)st.st_nlink);
	return 0;
}

static int
open_and_judge(int dir, const char *name, int flags, mode_t type,
    const struct file_rule *rule, struct err *e)
{
	int fd = openat(dir, name, flags | CAREFUL, 0600);

	if (fd == -1)
		return err_sys(e, errno, "%s", name);
	if (judge(fd, type, rule, name, e) == -1) {
		(void)close(fd);
		if ((flags & O_EXCL) != 0) /* then this call made it */
			(void)unlinkat(dir, name, 0);
		return -1;
	}
	return fd;
}

int
file_open_dir_at(
    int dir, const char *name, const struct file_rule *rule, struct err *e)
{
	return open_and_judge(
	    dir, name, O_RDONLY | O_DIRECTORY, S_IFDIR, rule, e);
}

int
file_open_dir(const char *path, const struct file_rule *rule, struct err *e)
{
	return file_open_dir_at(AT_FDCWD, path, rule, e);
}

/* Nothing is in it but what mkfs(8) puts there. */
static bool
is_empty(int dir)
{
	/* A descriptor of its own: the position belongs to it. */
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *names = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *entry;
	bool empty = true;

	if (names == NULL) {
		file_close(&fd);
		return false;
	}
	while (empty && (entry = readdir(names)) != NULL)
		empty = strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0 ||
		    strcmp(entry->d_name, "lost+found") == 0;
	(void)closedir(names);
	return empty;
}

int
file_make_dir(const char *path, struct err *e)
{
	static const struct file_rule mount = { .owner = 0, .forbidden = 022 };
	static const struct file_rule secret = { .owner = 0, .forbidden = 077 };
	int dir;

	if (mkdir(path, 0700) == -1 && errno != EEXIST)
		return err_sys(e, errno, "%s", path);
	if ((dir = file_open_dir(path, &mount, e)) == -1)
		return -1;
	if ((is_empty(dir) && fchmod(dir, 0700) == -1 &&
	        err_sys(e, errno, "%s", path) == -1) ||
	    judge(dir, S_IFDIR, &secret, path, e) == -1)
		file_close(&dir);
	return dir;
}

int
file_open_at(int dir, const char *name, int flags, const struct file_rule *rule,
    struct err *e)
{
	return open_and_judge(dir, name, flags, S_IFREG, rule, e);
}

int
file_open(
    const char *path, int flags, const struct file_rule *rule, struct err *e)
{
	return file_open_at(AT_FDCWD, path, flags, rule, e);
}

int
file_read(int fd, struct buf *b, struct err *e)
{
	unsigned char chunk[4096];
	int result = -1;

	for (;;) {
		ssize_t got = read(fd, chunk, sizeof(chunk));

		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1) {
			err_sys(e, errno, "read");
			break;
		}
		if (got == 0) {
			result = buf_status(b, e);
			break;
		}
		buf_put(b, chunk, (size_t)got);
		if (buf_status(b, e) == -1)
			break;
	}
	explicit_bzero(chunk, sizeof(chunk));
	return result;
}

int
file_read_at(int dir, const char *name, const struct file_rule *rule,
    struct buf *b, struct err *e)
{
	int fd = file_open_at(dir, name, O_RDONLY, rule, e);
	int result;

	if (fd == -1)
		return -1;
	if ((result = file_read(fd, b, e)) == -1)
		err_in(e, "%s", name);
	file_close(&fd);
	return result;
}

int
file_read_path(const char *path, const struct file_rule *rule, struct buf *b,
    struct err *e)
{
	return file_read_at(AT_FDCWD, path, rule, b, e);
}

int
file_get(int fd, void *out, size_t length, off_t offset, struct err *e)
{
	unsigned char *to = out;

	while (length > 0) {
		ssize_t got = pread(fd, to, length, offset);

		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return err_sys(e, errno, "read");
		if (got == 0)
			return err_set(e, ERR_INCOMPLETE, "ends too early");
		to += got;
		length -= (size_t)got;
		offset += got;
	}
	return 0;
}

int
file_put(int fd, const void *bytes, size_t length, off_t offset, struct err *e)
{
	const unsigned char *from = bytes;

	while (length > 0) {
		ssize_t put = pwrite(fd, from, length, offset);

		if (put == -1 && errno == EINTR)
			continue;
		if (put == -1)
			return err_sys(e, errno, "write");
		if (put == 0)
			return err_set(e, ERR_FULL, "write: nothing was taken");
		from += put;
		length -= (size_t)put;
		offset += put;
	}
	return 0;
}

/* The temporary's content and mode, synced; it is closed either way. */
static int
fill_temporary(
    int fd, mode_t mode, const void *bytes, size_t length, struct err *e)
{
	int result = -1;

	if (file_put(fd, bytes, length, 0, e) == -1)
		goto out;
	if (fchmod(fd, mode) == -1 || fsync(fd) == -1) {
		err_sys(e, errno, "write");
		goto out;
	}
	result = 0;
out:
	if (close(fd) == -1 && result == 0)
		result = err_sys(e, errno, "close");
	return result;
}

int
file_replace_at(int dir, const char *name, mode_t mode, const void *bytes,
    size_t length, struct err *e)
{
	static const char suffix[] = ".new";
	char temporary[280];
	int fd;

	if ((size_t)snprintf(temporary, sizeof(temporary), "%s%s.%ld", name,
	        suffix, (long)getpid()) >= sizeof(temporary))
		return err_set(e, ERR_LIMIT, "%s: name too long", name);
	fd =
	    openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | CAREFUL, 0600);
	if (fd == -1 && errno == EEXIST) {
		/* A killed process of our number left it. */
		(void)unlinkat(dir, temporary, 0);
		fd = openat(dir, temporary,
		    O_WRONLY | O_CREAT | O_EXCL | CAREFUL, 0600);
	}
	if (fd == -1)
		return err_sys(e, errno, "%s", temporary);
	if (fill_temporary(fd, mode, bytes, length, e) == -1)
		goto fail;
	if (renameat(dir, temporary, dir, name) == -1) {
		err_sys(e, errno, "rename");
		goto fail;
	}
	/* AT_FDCWD has no descriptor to sync. */
	if (dir >= 0 && fsync(dir) == -1)
		return err_sys(e, errno, "%s: sync of its directory", name);
	return 0;
fail:
	(void)unlinkat(dir, temporary, 0);
	return err_in(e, "%s", name);
}

static int64_t
now_ms(void)
{
	struct timespec t = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/*
 * The process that holds the lock on that file, by /proc/locks: a line says
 * "N: FLOCK ADVISORY WRITE PID MAJOR:MINOR:INODE START END". 0: not to be
 * found, or of another pid namespace.
 */
static pid_t
find_holder(int fd)
{
	FILE *locks = fopen("/proc/locks", "re");
	char line[LOCKS_LINE_MAX];
	unsigned major_;
	unsigned minor_;
	unsigned long long inode;
	struct stat st;
	pid_t holder = 0;
	int pid;

	if (locks == NULL)
		return 0;
	while (holder == 0 && fstat(fd, &st) == 0 &&
	    fgets(line, sizeof(line), locks) != NULL)
		/* A waiting one is marked "->" and does not match.
		 * NOLINTNEXTLINE(cert-err34-c): the kernel's own numbers */
		if (sscanf(line, "%*d: FLOCK %*s %*s %d %x:%x:%llu", &pid,
		        &major_, &minor_, &inode) == 4 &&
		    major(st.st_dev) == major_ && minor(st.st_dev) == minor_ &&
		    st.st_ino == inode && pid > 0)
			holder = pid;
	(void)fclose(locks);
	return holder;
}

/* The state letter of proc(5)'s stat file; 0: no such process. */
static char
process_state(pid_t pid)
{
	char path[32];
	char text[128] = "";
	const char *name_end;
	ssize_t got;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return 0;
	got = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	name_end = got > 0 ? strrchr(text, ')') : NULL;
	return name_end == NULL || name_end[1] == '\0' ? 0 : name_end[2];
}

/*
 * Ends a holder that does not run. Whoever may signal a holder (su and sudo
 * keep their invoker's uid) could else stop it, or freeze it in a cgroup, and
 * with it everybody. Holders never sleep while they hold, except on a disk,
 * which is state D; and one that is killed leaves nothing that is not mended.
 */
static void
end_stopped_holder(int fd)
{
	struct timespec nap = { .tv_nsec = 20000000 };
	pid_t holder = find_holder(fd);

	for (int look = 0; look < 3; look++) {
		char state = process_state(holder);

		if (holder <= 0 || holder == getpid() || state == 0 ||
		    strchr("TtS", state) == NULL || find_holder(fd) != holder)
			return;
		(void)nanosleep(&nap, NULL);
	}
	(void)kill(holder, SIGKILL);
}

int
file_lock(int fd, bool exclusive, int wait_ms, struct err *e)
{
	int operation = (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB;
	/* Short naps that grow: a lock is held for well under a millisecond. */
	struct timespec nap = { .tv_nsec = 50000 };
	int64_t deadline = now_ms() + wait_ms;
	int64_t patience = now_ms() + LOCK_PATIENCE_MS;

	while (flock(fd, operation) == -1) {
		int64_t now = now_ms();

		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_sys(e, errno, "lock");
		if (now >= deadline)
			return err_set(
			    e, ERR_BUSY, "lock not had in %d ms", wait_ms);
		if (now >= patience) {
			end_stopped_holder(fd);
			patience = now + LOCK_PATIENCE_MS;
		}
		(void)nanosleep(&nap, NULL);
		if (nap.tv_nsec < 1000000)
			nap.tv_nsec += 50000;
	}
	return 0;
}

int
file_unlock(int fd, struct err *e)
{
	return flock(fd, LOCK_UN) == 0 ? 0 : err_sys(e, errno, "unlock");
}

#define CIFS_SUPER     0xff534d42L
#define FUSE_SUPER     0x65735546L
#define SMB2_SUPER     0xfe534d42L
#define ZFS_SUPER      0x2fc12fc1L
#define BCACHEFS_SUPER 0xca451a4eL

static const struct file_system {
	long magic;
	const char *name;
	bool durable; /* false: refused; true: copies on write */
} file_systems[] = {
	{ NFS_SUPER_MAGIC, "NFS", false },
	{ CIFS_SUPER, "CIFS", false },
	{ SMB2_SUPER, "SMB", false },
	{ SMB_SUPER_MAGIC, "SMB", false },
	{ FUSE_SUPER, "FUSE", false },
	{ TMPFS_MAGIC, "tmpfs", false },
	{ RAMFS_MAGIC, "ramfs", false },
	{ BTRFS_SUPER_MAGIC, "btrfs", true },
	{ ZFS_SUPER, "ZFS", true },
	{ BCACHEFS_SUPER, "bcachefs", true },
	{ OVERLAYFS_SUPER_MAGIC, "overlayfs", true },
};

int
file_system_is_durable(int fd, bool *copy_on_write, struct err *e)
{
	struct statfs fs;

	*copy_on_write = false;
	if (fstatfs(fd, &fs) == -1)
		return err_sys(e, errno, "statfs");
	for (size_t i = 0; i < sizeof(file_systems) / sizeof(*file_systems);
	     i++) {
		if ((long)fs.f_type != file_systems[i].magic)
			continue;
		if (!file_systems[i].durable)
			return err_set(e, ERR_ACCESS,
			    "on %s, which does not keep what is written to it",
			    file_systems[i].name);
		*copy_on_write = true;
	}
	return 0;
}

void
file_close(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}
