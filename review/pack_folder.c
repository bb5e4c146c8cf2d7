#include "review/pack_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "review/pack_file.h"
#include "schema/base/file.h"
#include "schema/message.h"

#define FOLDER (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define DEPTH  5u /* components of a name */
#define CHUNK  65536u

struct walk {
	struct pack_folder *folder;
	size_t room;
	size_t odd; /* oddities count against the bound, too */
	pack_oddity_fn *tell;
	void *context;
	struct err *e;
};

static int walk_folder(struct walk *, int fd, const char *path, unsigned depth);

static int
too_many(struct walk *w)
{
	if (w->folder->count + w->odd < PACK_FOLDER_FILES)
		return 0;
	return err_set(w->e, ERR_LIMIT, _("more files than a pack has"));
}

static int
tell_odd(struct walk *w, const char *name, const char *why)
{
	if (too_many(w) == -1)
		return -1;
	w->odd++;
	w->tell(w->context, name, why);
	return 0;
}

static int
add_file(struct walk *w, const char *name, const struct stat *st)
{
	struct pack_folder *f = w->folder;
	struct pack_entry *grown;

	if (too_many(w) == -1)
		return -1;
	if (f->count == w->room) {
		w->room = w->room == 0 ? 64 : w->room * 2;
		grown = realloc(f->entries, w->room * sizeof(*grown));
		if (grown == NULL)
			return err_set(w->e, ERR_MEMORY, "out of memory");
		f->entries = grown;
	}
	f->entries[f->count] = (struct pack_entry){
		.bytes = st->st_size, .device = st->st_dev, .inode = st->st_ino
	};
	memcpy(f->entries[f->count].name, name, strlen(name) + 1);
	f->count++;
	return 0;
}

static int
walk_below(
    struct walk *w, int fd, const char *base, const char *name, unsigned depth)
{
	int below = openat(fd, base, FOLDER);

	if (below == -1)
		return tell_odd(w, name, strerror(errno));
	return walk_folder(w, below, name, depth + 1);
}

static int
walk_entry(
    struct walk *w, int fd, const char *path, const char *base, unsigned depth)
{
	char name[EVIDENCE_NAME_MAX + 1];
	struct stat st;
	int length = snprintf(
	    name, sizeof(name), "%s%s%s", path, *path == '\0' ? "" : "/", base);

	if (length < 0 || (size_t)length >= sizeof(name) ||
	    !evidence_name_ok(name) || depth >= DEPTH)
		return tell_odd(w, name, _("no name that a pack's file has"));
	if (fstatat(fd, base, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return tell_odd(w, name, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return walk_below(w, fd, base, name, depth);
	if (S_ISLNK(st.st_mode))
		return tell_odd(w, name, _("a symbolic link, not a file"));
	if (!S_ISREG(st.st_mode))
		return tell_odd(w, name, _("not a file"));
	if (st.st_nlink > 1)
		return tell_odd(w, name,
		    _("it has a second name (a hard link), by which it could "
		      "be changed"));
	return add_file(w, name, &st);
}

static bool
is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Closes fd. */
static int
walk_folder(struct walk *w, int fd, const char *path, unsigned depth)
{
	DIR *dir = fdopendir(fd);
	struct dirent *entry;
	int result = 0;
	bool empty = true;

	if (dir == NULL) {
		err_sys(w->e, errno, "%s", path);
		(void)close(fd);
		return -1;
	}
	errno = 0;
	while (result == 0 && (entry = readdir(dir)) != NULL) {
		if (is_dots(entry->d_name))
			continue;
		empty = false;
		result = walk_entry(w, fd, path, entry->d_name, depth);
		errno = 0;
	}
	if (result == 0 && errno != 0)
		result = err_sys(w->e, errno, "%s", path);
	(void)closedir(dir);
	if (result == 0 && empty && *path != '\0' &&
	    strcmp(path, EVIDENCE_SIGNATURES) != 0)
		result = tell_odd(w, path, _("a folder without a file"));
	return result;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct pack_entry *)a)->name,
	    ((const struct pack_entry *)b)->name);
}

int
pack_folder_open(struct pack_folder *f, const char *path, pack_oddity_fn *tell,
    void *context, struct err *e)
{
	struct walk w = {
		.folder = f, .tell = tell, .context = context, .e = e
	};
	int fd;

	*f = (struct pack_folder){ .fd = open(path, FOLDER) };
	if (f->fd == -1)
		return err_sys(e, errno, "%s", path);
	fd = openat(f->fd, ".", FOLDER);
	if (fd == -1)
		return err_sys(e, errno, "%s", path);
	if (walk_folder(&w, fd, "", 0) == -1)
		return err_in(e, "%s", path);
	if (f->count > 0)
		qsort(f->entries, f->count, sizeof(*f->entries), by_name);
	return 0;
}

void
pack_folder_close(struct pack_folder *f)
{
	file_close(&f->fd);
	free(f->entries);
	f->entries = NULL;
	f->count = 0;
}

struct pack_entry *
pack_folder_find(const struct pack_folder *f, const char *name)
{
	size_t low = 0, high = f->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(name, f->entries[middle].name);

		if (order == 0)
			return &f->entries[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

int
pack_entry_open(
    const struct pack_folder *f, const struct pack_entry *entry, struct err *e)
{
	int fd = pack_file_open(f->fd, entry->name, e);
	struct stat st;

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1)
		err_sys(e, errno, "%s", entry->name);
	else if (st.st_dev != entry->device || st.st_ino != entry->inode ||
	    st.st_size != entry->bytes)
		err_set(e, ERR_TAMPERED, _("%s: it changed while it was read"),
		    entry->name);
	else
		return fd;
	file_close(&fd);
	return -1;
}

int
pack_entry_read(const struct pack_folder *f, const struct pack_entry *entry,
    struct buf *out, struct err *e)
{
	int fd, result;

	if (entry->bytes > (int64_t)out->limit)
		return err_set(
		    e, ERR_LIMIT, _("%s: it is too long"), entry->name);
	if ((fd = pack_entry_open(f, entry, e)) == -1)
		return -1;
	result = file_read(fd, out, e);
	if (result == -1)
		err_in(e, "%s", entry->name);
	else if (out->length != (size_t)entry->bytes)
		result = err_set(e, ERR_TAMPERED,
		    _("%s: it changed while it was read"), entry->name);
	file_close(&fd);
	return result;
}

static int
hash_file(int fd, EVP_MD_CTX *c, void (*told)(void *, int64_t), void *context,
    int64_t *total)
{
	static const size_t size = CHUNK;
	unsigned char *chunk = malloc(size);
	ssize_t n = -1;

	*total = 0;
	while (chunk != NULL && (n = read(fd, chunk, size)) > 0) {
		if (EVP_DigestUpdate(c, chunk, (size_t)n) != 1)
			break;
		*total += n;
		if (told != NULL)
			told(context, n);
	}
	free(chunk);
	return n == 0 ? 0 : -1;
}

int
pack_entry_hash(const struct pack_folder *f, struct pack_entry *entry,
    void (*told)(void *, int64_t), void *context, struct err *e)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	int fd = pack_entry_open(f, entry, e), result = -1;
	int64_t total;

	if (fd == -1)
		goto out;
	if (c == NULL || EVP_DigestInit_ex(c, EVP_sha256(), NULL) != 1)
		err_set(e, ERR_CRYPTO, "SHA-256");
	else if (hash_file(fd, c, told, context, &total) == -1)
		err_sys(e, errno, "%s", entry->name);
	else if (total != entry->bytes)
		err_set(e, ERR_TAMPERED, _("%s: it changed while it was read"),
		    entry->name);
	else if (EVP_DigestFinal_ex(c, entry->sha256, NULL) != 1)
		err_set(e, ERR_CRYPTO, "%s: SHA-256", entry->name);
	else
		result = 0;
out:
	file_close(&fd);
	EVP_MD_CTX_free(c);
	return result;
}
