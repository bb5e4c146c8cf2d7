#include "review/pack_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "review/evidence.h"
#include "schema/base/file.h"

#define FOLDER (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* The folder of the file, to be closed; *base is the rest of the name. */
static int
open_folder(int directory, const char *name, bool make, const char **base,
    struct err *e)
{
	char part[EVIDENCE_NAME_MAX + 1];
	int fd, next;

	if (!evidence_name_ok(name))
		return err_set(
		    e, ERR_FORMAT, "%.255s: not a file's name", name);
	fd = openat(directory, ".", FOLDER);
	*base = name;
	for (const char *slash;
	     fd != -1 && (slash = strchr(*base, '/')) != NULL;
	     *base = slash + 1) {
		memcpy(part, *base, (size_t)(slash - *base));
		part[slash - *base] = '\0';
		next = -1;
		if (!make || mkdirat(fd, part, 0750) == 0 || errno == EEXIST)
			next = openat(fd, part, FOLDER);
		if (next == -1)
			err_sys(e, errno, "%s", name);
		(void)close(fd);
		if (next == -1)
			return -1;
		fd = next;
	}
	return fd == -1 ? err_sys(e, errno, "%s", name) : fd;
}

int
pack_file_create(int directory, const char *name, struct err *e)
{
	const char *base;
	int folder = open_folder(directory, name, true, &base, e);
	int fd;

	if (folder == -1)
		return -1;
	fd = openat(folder, base,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
	if (fd == -1)
		err_sys(e, errno, "%s", name);
	file_close(&folder);
	return fd;
}

int
pack_file_open(int directory, const char *name, struct err *e)
{
	const char *base;
	int folder = open_folder(directory, name, false, &base, e);
	struct stat st;
	int fd;

	if (folder == -1)
		return -1;
	fd = openat(folder, base,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &st) == -1)
		err_sys(e, errno, "%s", name);
	else if (!S_ISREG(st.st_mode))
		err_set(e, ERR_ACCESS, "%s: not a file", name);
	else
		goto out;
	file_close(&fd);
out:
	file_close(&folder);
	return fd;
}

int
pack_file_done(int *fd, const char *name, struct err *e)
{
	int result = fsync(*fd) == -1 ? err_sys(e, errno, "%s", name) : 0;

	if (close(*fd) == -1 && result == 0)
		result = err_sys(e, errno, "%s", name);
	*fd = -1;
	return result;
}

int
pack_file_sync_folder(int directory, const char *name, struct err *e)
{
	const char *base;
	int folder = open_folder(directory, name, false, &base, e);
	int result = 0;

	if (folder == -1)
		return -1;
	if (fsync(folder) == -1)
		result = err_sys(e, errno, "%s", name);
	file_close(&folder);
	return result;
}
