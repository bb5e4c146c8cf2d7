#include "review/textfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "schema/base/file.h"

#define BLOCK 65536u

struct textfile {
	int fd; /* -1: all is in the block */
	unsigned char *block;
	size_t at, end; /* what is left of it */
	char *line;
	size_t line_max;
	int64_t number;
};

static struct textfile *
new_textfile(int fd, size_t line_max, size_t block, struct err *e)
{
	struct textfile *f = calloc(1, sizeof(*f));

	if (f == NULL) {
		err_set(e, ERR_MEMORY, "out of memory");
		return NULL;
	}
	f->fd = fd;
	f->line_max = line_max;
	f->block = malloc(block + 1);
	f->line = malloc(line_max + 1);
	if (f->block == NULL || f->line == NULL) {
		f->fd = -1; /* it stays the caller's */
		textfile_close(&f);
		err_set(e, ERR_MEMORY, "out of memory");
	}
	return f;
}

/* Symbolic links are fine: whoever names the file may read it. */
static int
open_regular(const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd == -1)
		return err_sys(e, errno, "%s", path);
	if (fstat(fd, &st) == -1) {
		err_sys(e, errno, "%s", path);
	} else if (!S_ISREG(st.st_mode)) {
		err_set(e, ERR_FORMAT, "%s: not a regular file", path);
	} else {
		return fd;
	}
	(void)close(fd);
	return -1;
}

int
textfile_open(
    struct textfile **out, const char *path, size_t line_max, struct err *e)
{
	int fd = open_regular(path, e);

	*out = NULL;
	if (fd == -1)
		return -1;
	*out = new_textfile(fd, line_max, BLOCK, e);
	if (*out != NULL)
		return 0;
	(void)close(fd);
	return -1;
}

int
textfile_of(struct textfile **out, const void *bytes, size_t length,
    size_t line_max, struct err *e)
{
	struct textfile *f = new_textfile(-1, line_max, length, e);

	*out = f;
	if (f == NULL)
		return -1;
	if (length > 0)
		memcpy(f->block, bytes, length);
	f->end = length;
	return 0;
}

void
textfile_close(struct textfile **f)
{
	if (*f == NULL)
		return;
	file_close(&(*f)->fd);
	free((*f)->block);
	free((*f)->line);
	free(*f);
	*f = NULL;
}

/* 1: there is something in the block; 0: the end; -1. */
static int
fill(struct textfile *f, struct err *e)
{
	ssize_t got;

	if (f->at < f->end)
		return 1;
	if (f->fd == -1)
		return 0;
	do
		got = read(f->fd, f->block, BLOCK);
	while (got == -1 && errno == EINTR);
	if (got == -1)
		return err_sys(e, errno, "read");
	f->at = 0;
	f->end = (size_t)got;
	return got > 0;
}

/* What of the block belongs to the line, with its feed if that is there. */
static size_t
take_part(struct textfile *f, struct textfile_line *l, bool *ended)
{
	const unsigned char *from = f->block + f->at;
	const unsigned char *feed = memchr(from, '\n', f->end - f->at);
	size_t length = feed == NULL ? f->end - f->at : (size_t)(feed - from);
	size_t room = f->line_max - l->length;
	size_t kept = length < room ? length : room;

	memcpy(f->line + l->length, from, kept);
	l->length += kept;
	l->cut = l->cut || kept < length;
	*ended = feed != NULL;
	return length + (feed != NULL);
}

int
textfile_next(struct textfile *f, struct textfile_line *l, struct err *e)
{
	bool ended = false, any = false;
	int more;

	*l = (struct textfile_line){ .text = f->line };
	while (!ended && (more = fill(f, e)) != 0) {
		if (more == -1)
			return -1;
		f->at += take_part(f, l, &ended);
		any = true;
	}
	if (!any)
		return 0;
	if (l->length > 0 && f->line[l->length - 1] == '\r' && !l->cut)
		l->length--;
	f->line[l->length] = '\0';
	l->number = ++f->number;
	return 1;
}

int
textfile_bytes(struct textfile *f, void *out, uint64_t length, struct err *e)
{
	unsigned char *to = out;

	while (length > 0) {
		int more = fill(f, e);
		size_t part = f->end - f->at;

		if (more == -1)
			return -1;
		if (more == 0)
			return err_set(e, ERR_INCOMPLETE, "the file is cut");
		if (part > length)
			part = (size_t)length;
		if (to != NULL) {
			memcpy(to, f->block + f->at, part);
			to += part;
		}
		f->at += part;
		length -= part;
	}
	return 0;
}

size_t
textfile_peek(struct textfile *f, void *out, size_t size)
{
	struct err e;
	size_t length;

	if (fill(f, &e) != 1)
		return 0;
	length = f->end - f->at < size ? f->end - f->at : size;
	memcpy(out, f->block + f->at, length);
	return length;
}

int
textfile_digest(const char *path, unsigned char *digest, struct err *e)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char *block = malloc(BLOCK);
	int fd = open_regular(path, e);
	int result = -1;
	ssize_t got;

	if (fd == -1)
		goto out;
	if (context == NULL || block == NULL ||
	    EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1) {
		err_set(e, ERR_CRYPTO, "SHA-256 could not be begun");
		goto out;
	}
	while ((got = read(fd, block, BLOCK)) > 0)
		if (EVP_DigestUpdate(context, block, (size_t)got) != 1)
			break;
	if (got != 0)
		err_sys(e, errno, "%s", path);
	else if (EVP_DigestFinal_ex(context, digest, NULL) != 1)
		err_set(e, ERR_CRYPTO, "SHA-256 failed");
	else
		result = 0;
out:
	file_close(&fd);
	free(block);
	EVP_MD_CTX_free(context);
	return result;
}
