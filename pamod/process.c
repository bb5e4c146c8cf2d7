#include "pamod/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schema/base/buf.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"

#define PROC_FILE_MAX 4096u      /* a stat line is far shorter */
#define UNSET         UINT32_MAX /* what the kernel calls an unset id */

static int
read_proc(const char *path, struct buf *b, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int result;

	if (fd == -1)
		return err_sys(e, errno, "%s", path);
	if ((result = file_read(fd, b, e)) == -1)
		err_in(e, "%s", path);
	file_close(&fd);
	return result;
}

/* 8-4-4-4-12 hexadecimal digits and a line feed. */
static int
read_boot(unsigned char *boot, struct err *e)
{
	struct buf b = buf_new(PROC_FILE_MAX);
	char digits[2 * PROCESS_BOOT_SIZE];
	size_t count = 0;
	int result = -1;

	if (read_proc("/proc/sys/kernel/random/boot_id", &b, e) == -1)
		goto out;
	for (size_t i = 0; i < b.length && count < sizeof(digits); i++)
		if (b.data[i] != '-' && b.data[i] != '\n')
			digits[count++] = (char)b.data[i];
	result = enc_unhex(digits, count, boot, PROCESS_BOOT_SIZE, e);
out:
	buf_free(&b);
	return result == 0 ? 0 : err_in(e, "boot_id");
}

/*
 * Field 22 of stat: the second field is a name in parentheses that may hold
 * blanks and parentheses, so count from the last ')'.
 */
static int
parse_start(const char *stat, uint64_t *start, struct err *e)
{
	const char *at = strrchr(stat, ')');

	for (int field = 2; at != NULL && field < 22; field++)
		if ((at = strchr(at, ' ')) != NULL)
			at++;
	if (at == NULL ||
	    enc_number(at, strcspn(at, " "), UINT64_MAX, start, e) == -1)
		return err_set(e, ERR_FORMAT, "stat line");
	return 0;
}

int
process_read(int32_t pid, struct process *p, struct err *e)
{
	struct buf b = buf_new(PROC_FILE_MAX);
	char path[32];
	int result = -1;

	*p = (struct process){ .pid = pid };
	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (read_proc(path, &b, e) == -1) {
		/* It ended while we read; any other failure is no answer. */
		if (e->code == ERR_SYS && kill(pid, 0) == -1 && errno == ESRCH)
			e->code = ERR_MISSING;
		goto out;
	}
	if (parse_start(buf_string(&b), &p->start, e) == -1) {
		err_in(e, "%s", path);
		goto out;
	}
	result = read_boot(p->boot, e);
out:
	buf_free(&b);
	return result;
}

bool
process_lives(const struct process *p)
{
	struct process now;
	struct err e;

	if (process_read(p->pid, &now, &e) == -1)
		return e.code != ERR_MISSING;
	return now.start == p->start &&
	    memcmp(now.boot, p->boot, sizeof(now.boot)) == 0;
}

/* A decimal number; -1 where the kernel says unset. */
static int
read_id(const char *path, int64_t *id, struct err *e)
{
	struct buf b = buf_new(PROC_FILE_MAX);
	uint64_t value = 0;
	int result = -1;

	*id = -1;
	if (read_proc(path, &b, e) == -1) {
		/* A kernel without audit: unset is what that means. */
		result = e->code == ERR_MISSING ? 0 : -1;
		goto out;
	}
	if (enc_number(buf_string(&b), strcspn(buf_string(&b), "\n"), UNSET,
	        &value, e) == -1) {
		err_in(e, "%s", path);
		goto out;
	}
	if (value != UNSET)
		*id = (int64_t)value;
	result = 0;
out:
	buf_free(&b);
	return result;
}

int
process_audit(int64_t *session, int64_t *login_uid, struct err *e)
{
	if (read_id("/proc/self/sessionid", session, e) == -1 ||
	    read_id("/proc/self/loginuid", login_uid, e) == -1)
		return -1;
	return 0;
}

int
process_session_lives(int64_t audit_session, bool *lives, struct err *e)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	char path[64];
	int64_t id;

	*lives = true;
	if (proc == NULL)
		return err_sys(e, errno, "/proc");
	for (*lives = false; !*lives && (entry = readdir(proc)) != NULL;) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9' ||
		    strlen(entry->d_name) > 10)
			continue;
		(void)snprintf(
		    path, sizeof(path), "/proc/%.10s/sessionid", entry->d_name);
		/* One that ended meanwhile says nothing. */
		*lives = read_id(path, &id, e) == 0 && id == audit_session;
	}
	(void)closedir(proc);
	return 0;
}
