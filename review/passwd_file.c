#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "review/passwd.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"

#define NAMES_MAX 100000u /* in one folder */

/* Within the host's folder, links included; -1 and errno. */
static int
open_within(int dir, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned)(flags | O_RDONLY | O_CLOEXEC | O_NOCTTY |
		    O_NONBLOCK),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
}

/* Where the path lies in a flat folder; NULL: it has no such place. */
static const char *
flat(const char *path)
{
	static const char *const folders[] = { "etc/", "var/log/",
		"var/lib/lastlog/" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		size_t length = strlen(folders[i]);

		if (strncmp(path, folders[i], length) == 0)
			return path + length;
	}
	return NULL;
}

static int
open_either(const struct passwd_host *h, const char *path, int flags)
{
	int fd = open_within(h->dir, path, flags);

	if (fd == -1 && (errno == ENOENT || errno == ENOTDIR) &&
	    flat(path) != NULL)
		fd = open_within(h->dir, flat(path), flags);
	return fd;
}

enum passwd_got
passwd_open(struct passwd_host *h, const char *path, int *fd)
{
	struct stat st;

	*fd = open_either(h, path, 0);
	if (*fd == -1 && (errno == ENOENT || errno == ENOTDIR))
		return PASSWD_MISSING;
	if (*fd == -1 || fstat(*fd, &st) == -1) {
		ledger_incomplete(&h->ledger, "%s: %s", path, strerror(errno));
		file_close(fd);
		return PASSWD_UNREADABLE;
	}
	if (S_ISREG(st.st_mode)) {
		h->ledger.query.pages++;
		return PASSWD_GOT;
	}
	ledger_incomplete(&h->ledger, "%s: not a regular file", path);
	file_close(fd);
	return PASSWD_UNREADABLE;
}

void
passwd_whole(char *text)
{
	size_t length = strlen(text);

	for (int i = 0; i < 3 && !enc_is_utf8(text, length); i++)
		text[--length] = '\0';
}

void
passwd_digest(
    struct passwd_host *h, const char *path, const void *bytes, size_t length)
{
	struct buf head = buf_new(8192);

	/* A path's end can't be mistaken for a file's beginning. */
	buf_put_string(&head, path);
	buf_put_byte(&head, '\0');
	buf_put_u64(&head, length);
	if (head.failed != ERR_NONE ||
	    EVP_DigestUpdate(h->digest, head.data, head.length) != 1 ||
	    EVP_DigestUpdate(h->digest, bytes, length) != 1)
		ledger_incomplete(&h->ledger, "%s: no digest", path);
	buf_free(&head);
}

enum passwd_got
passwd_read(struct passwd_host *h, const char *path, struct buf *out)
{
	size_t before = out->length;
	struct err why = { 0 };
	enum passwd_got got;
	int fd;

	if ((got = passwd_open(h, path, &fd)) != PASSWD_GOT)
		return got;
	if (file_read(fd, out, &why) == -1) {
		ledger_incomplete(&h->ledger, "%s: %s", path, why.text);
		got = PASSWD_UNREADABLE;
	} else if (memchr(out->data == NULL ? (const void *)"" : out->data,
	               '\0', out->length) != NULL) {
		ledger_incomplete(&h->ledger, "%s: a NUL byte", path);
		got = PASSWD_UNREADABLE;
	} else {
		passwd_digest(h, path,
		    out->data == NULL ? out->data : out->data + before,
		    out->length - before);
	}
	file_close(&fd);
	return got;
}

bool
passwd_has_dir(struct passwd_host *h, const char *path)
{
	int fd = open_either(h, path, O_DIRECTORY);

	if (fd == -1)
		return false;
	file_close(&fd);
	return true;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool
read_names(struct passwd_host *h, DIR *dir, const char **names, size_t *count)
{
	struct dirent *entry;

	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		if (*count == NAMES_MAX)
			return false;
		names[(*count)++] =
		    pool_text(&h->pool, entry->d_name, strlen(entry->d_name));
	}
	return true;
}

enum passwd_got
passwd_list(
    struct passwd_host *h, const char *path, const char ***names, size_t *count)
{
	int fd = open_either(h, path, O_DIRECTORY);
	DIR *dir;
	bool whole = false;

	*count = 0;
	*names = NULL;
	if (fd == -1 && (errno == ENOENT || errno == ENOTDIR))
		return PASSWD_MISSING;
	if (fd == -1 || (dir = fdopendir(fd)) == NULL) {
		ledger_incomplete(&h->ledger, "%s: %s", path, strerror(errno));
		file_close(&fd);
		return PASSWD_UNREADABLE;
	}
	*names = calloc(NAMES_MAX, sizeof(**names));
	if (*names != NULL && read_names(h, dir, *names, count))
		whole = true;
	else
		ledger_incomplete(&h->ledger,
		    "%s: more than %u names, or no memory", path, NAMES_MAX);
	(void)closedir(dir);
	if (*count > 0)
		qsort(*names, *count, sizeof(**names), by_name);
	return whole ? PASSWD_GOT : PASSWD_UNREADABLE;
}
