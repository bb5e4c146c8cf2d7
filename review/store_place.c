#include "review/store_internal.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/buf.h"

#define DATABASE "reeve/review.db"

static char *
copy(struct buf *b, struct err *e)
{
	char *text = NULL;

	if (buf_status(b, e) == 0 && (text = strdup(buf_string(b))) == NULL)
		err_set(e, ERR_MEMORY, "out of memory");
	buf_free(b);
	return text;
}

/* Without a path: $REEVE_DB, root's place, or the user's own. */
static char *
preset(struct err *e)
{
	struct buf b = buf_new(PATH_MAX);
	const char *named = getenv("REEVE_DB");
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");

	if (named != NULL && named[0] != '\0')
		buf_put_string(&b, named);
	else if (geteuid() == 0)
		buf_put_string(&b, REEVE_LOCALSTATEDIR "/lib/" DATABASE);
	else if (state != NULL && state[0] == '/')
		buf_printf(&b, "%s/" DATABASE, state);
	else if (home != NULL && home[0] == '/')
		buf_printf(&b, "%s/.local/state/" DATABASE, home);
	else {
		err_set(e, ERR_USAGE,
		    "no place for the database: --db, REEVE_DB, or HOME");
		return NULL;
	}
	return copy(&b, e);
}

/* Every folder above the last component that is missing, mode 0700. */
static int
make_folders(char *path, struct err *e)
{
	for (char *slash = strchr(path + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		int failed;

		*slash = '\0';
		failed = mkdir(path, 0700) == -1 && errno != EEXIST ? errno : 0;
		if (failed != 0)
			err_sys(e, failed, "%s", path);
		*slash = '/';
		if (failed != 0)
			return -1;
	}
	return 0;
}

/*
 * Who may write the folder may lay a journal beside the database, which
 * SQLite would play back.
 */
static int
judge_folder(const char *folder, struct err *e)
{
	struct stat st;

	if (stat(folder, &st) == -1)
		return err_sys(e, errno, "%s", folder);
	if (!S_ISDIR(st.st_mode))
		return err_set(e, ERR_ACCESS, "%s: not a folder", folder);
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return err_set(e, ERR_ACCESS,
		    "%s: the database's folder is owned by uid %u, not %u",
		    folder, (unsigned)st.st_uid, (unsigned)geteuid());
	if ((st.st_mode & 022) != 0)
		return err_set(e, ERR_ACCESS,
		    "%s: others may write in the database's folder (mode %04o)",
		    folder, (unsigned)st.st_mode & 07777u);
	return 0;
}

char *
store_place(const char *given, bool make, struct err *e)
{
	struct buf b = buf_new(PATH_MAX);
	char *path =
	    given != NULL && given[0] != '\0' ? strdup(given) : preset(e);
	char *name, *folder = NULL, *whole = NULL;

	if (path == NULL) {
		if (e->code == ERR_NONE)
			err_set(e, ERR_MEMORY, "out of memory");
		return NULL;
	}
	if (make && make_folders(path, e) == -1)
		goto out;
	name = strrchr(path, '/');
	if (name != NULL)
		*name++ = '\0';
	folder = realpath(name == NULL ? "."
	        : path[0] == '\0'      ? "/"
	                               : path,
	    NULL);
	if (folder == NULL) {
		err_sys(e, errno, "%s", name == NULL ? "." : path);
		goto out;
	}
	if (name == NULL)
		name = path;
	if (name[0] == '\0') {
		err_set(e, ERR_USAGE, "%s: a folder, not a database", folder);
		goto out;
	}
	if (judge_folder(folder, e) == -1)
		goto out;
	buf_printf(&b, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, name);
	whole = copy(&b, e);
out:
	buf_free(&b);
	free(folder);
	free(path);
	return whole;
}
