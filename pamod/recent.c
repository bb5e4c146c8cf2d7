#include "pamod/recent.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/buf.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"

#define RECENT_NAME_MAX 250u
#define RECENT_SIZE     16 /* when it was said, and what came since */
#define RECENT_WAIT_MS  1000

static const struct file_rule ours = { .owner = 0, .forbidden = 077 };

static int
open_file(const char *run_directory, const char *what, struct err *e)
{
	struct buf name = buf_new(RECENT_NAME_MAX);
	int run = file_open_dir(run_directory, &ours, e);
	int dir = -1;
	int fd = -1;

	if (run == -1)
		return -1;
	enc_path_component(&name, what);
	if ((mkdirat(run, "recent", 0700) == 0 || errno == EEXIST) &&
	    (dir = file_open_dir_at(run, "recent", &ours, e)) != -1 &&
	    buf_status(&name, e) == 0)
		fd = file_open_at(
		    dir, buf_string(&name), O_RDWR | O_CREAT, &ours, e);
	buf_free(&name);
	file_close(&dir);
	file_close(&run);
	return fd;
}

bool
recent_was_said(const char *run_directory, const char *what, int64_t now,
    uint64_t *passed_over)
{
	unsigned char bytes[RECENT_SIZE] = { 0 };
	struct buf out = buf_new(RECENT_SIZE);
	struct cursor c;
	struct err e;
	int64_t said;
	uint64_t since;
	bool lately = false;
	int fd = open_file(run_directory, what, &e);

	*passed_over = 0;
	if (fd == -1 || file_lock(fd, true, RECENT_WAIT_MS, &e) == -1)
		goto out;
	/* A new file says: never. */
	if (file_get(fd, bytes, sizeof(bytes), 0, &e) == -1 &&
	    e.code != ERR_INCOMPLETE)
		goto out;
	c = cursor_new(bytes, sizeof(bytes));
	said = (int64_t)cursor_u64(&c);
	since = cursor_u64(&c);
	lately = said <= now && now - said < RECENT_SECONDS;
	*passed_over = lately ? 0 : since;
	buf_put_u64(&out, (uint64_t)(lately ? said : now));
	buf_put_u64(&out, lately ? since + 1 : 0);
	if (file_put(fd, out.data, out.length, 0, &e) == -1)
		lately = false;
out:
	file_close(&fd);
	buf_free(&out);
	return lately;
}
