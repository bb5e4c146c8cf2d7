/*
 * Careful files: open first, then judge the descriptor (type, owner, mode,
 * links), never the path; write beside, sync, rename; lock with a deadline.
 * Every descriptor is close-on-exec and was opened without following a final
 * symbolic link and without blocking on a FIFO.
 */
#ifndef SCHEMA_BASE_FILE_H
#define SCHEMA_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "schema/base/buf.h"
#include "schema/base/err.h"

/* What the descriptor must be, besides a regular file without a second
 * link. */
struct file_rule {
	uid_t owner;
	mode_t forbidden; /* bits that must be clear: 022, or 077 for secrets */
};

/*
 * A directory of that owner without forbidden bits. Returns the descriptor,
 * or -1: ERR_MISSING only if it is not there; ERR_ACCESS if it is not what the
 * rule wants.
 */
int file_open_dir(const char *path, const struct file_rule *, struct err *);
int file_open_dir_at(
    int dir, const char *name, const struct file_rule *, struct err *);

/*
 * A directory for secrets of root's, made 0700 if it is not there. One that is
 * there and empty (a mount of its own, as mkfs(8) made it) becomes so.
 */
int file_make_dir(const char *path, struct err *);

/* Opens as flags say (O_RDONLY, O_RDWR, with O_CREAT and O_EXCL mode 0600). */
int file_open_at(int dir, const char *name, int flags, const struct file_rule *,
    struct err *);
/* The same by path, relative to the working directory if it is not absolute. */
int file_open(
    const char *path, int flags, const struct file_rule *, struct err *);

/* All that fd has left, appended; more than limit bytes are ERR_LIMIT. */
int file_read(int fd, struct buf *, struct err *);
/* Opens, judges, reads whole, closes. The buffer's limit is the bound. */
int file_read_path(
    const char *path, const struct file_rule *, struct buf *, struct err *);
int file_read_at(int dir, const char *name, const struct file_rule *,
    struct buf *, struct err *);

/* All the bytes at that offset, or -1; a short file is ERR_INCOMPLETE. */
int file_get(int fd, void *out, size_t length, off_t offset, struct err *);
int file_put(
    int fd, const void *bytes, size_t length, off_t offset, struct err *);

/*
 * Puts a whole file in place of name: a temporary beside it, written, synced,
 * renamed, the directory synced. On failure the old file stands and the
 * temporary is gone.
 */
int file_replace_at(int dir, const char *name, mode_t mode, const void *bytes,
    size_t length, struct err *);

/*
 * Locks the open file description (flock(2)), so the kernel lets go when the
 * last descriptor closes, also of a killed process. Waits at most wait_ms,
 * then ERR_BUSY. A holder that was stopped or frozen, so that it never lets
 * go, is killed after half a second: see file.c.
 */
int file_lock(int fd, bool exclusive, int wait_ms, struct err *);
int file_unlock(int fd, struct err *);

/*
 * Whether that descriptor's file system keeps what is synced to it and shares
 * locks properly: NFS, CIFS, FUSE and tmpfs do not, and are ERR_ACCESS with a
 * text that names them. *copy_on_write is set for btrfs, ZFS and the like,
 * where room that was written once may still not be had again.
 */
int file_system_is_durable(int fd, bool *copy_on_write, struct err *);

/* Closes if >= 0 and sets to -1. */
void file_close(int *fd);

#endif
