#include "review/newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/file.h"
#include "schema/message.h"

static int
is_there(const char *name, struct err *e)
{
	return err_set(e, ERR_ACCESS,
	    _("%s: is there already; nothing is written over"), name);
}

int
newfile_check(int folder, const char *name, struct err *e)
{
	struct stat st;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return is_there(name, e);
	return errno == ENOENT ? 0 : err_sys(e, errno, "%s", name);
}

static int
fill(int fd, mode_t mode, const void *bytes, size_t length, struct err *e)
{
	if (file_put(fd, bytes, length, 0, e) == -1)
		return -1;
	if (fchmod(fd, mode) == -1 || fsync(fd) == -1)
		return err_sys(e, errno, "sync");
	return 0;
}

/* renameat2 knows whether there is one; not every file system or kernel has
 * it. */
static int
move(int folder, const char *from, const char *to, struct err *e)
{
	if (renameat2(folder, from, folder, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno == EEXIST)
		return is_there(to, e);
	if (errno != EINVAL && errno != ENOSYS)
		return err_sys(e, errno, "%s", to);
	if (linkat(folder, from, folder, to, 0) == -1)
		return errno == EEXIST ? is_there(to, e)
		                       : err_sys(e, errno, "%s", to);
	(void)unlinkat(folder, from, 0);
	return 0;
}

int
newfile_put(int folder, const char *name, mode_t mode, const void *bytes,
    size_t length, struct err *e)
{
	char temporary[NAME_MAX + 32];
	int fd, result;

	if (newfile_check(folder, name, e) == -1)
		return -1;
	(void)snprintf(temporary, sizeof(temporary), "%.*s.new.%ld", NAME_MAX,
	    name, (long)getpid());
	fd = openat(folder, temporary,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1)
		return err_sys(e, errno, "%s", temporary);
	result = fill(fd, mode, bytes, length, e);
	if (close(fd) == -1 && result == 0)
		result = err_sys(e, errno, "close");
	if (result == -1)
		err_in(e, "%s", name);
	else
		result = move(folder, temporary, name, e);
	if (result == -1)
		(void)unlinkat(folder, temporary, 0);
	else if (fsync(folder) == -1)
		result = err_sys(e, errno, "sync");
	return result;
}
