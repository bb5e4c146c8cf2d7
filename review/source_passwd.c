/*
 * passwd:DIR: copies of hosts' account files, a folder for each host, or one
 * host's alone; passwd.h says what lies in it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review/passwd.h"
#include "review/source.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"

#define HOSTS_MAX  100000u
#define POOL_MAX   (1024u * 1024 * 1024) /* bytes, of one host */
#define REMEMBERED "+hosts"              /* the names of last time's */
#define RETIRED    ".retired"            /* HOST.retired: it is gone for good */

struct hosts {
	struct pool pool;
	const char **names; /* sorted */
	size_t count;
};

/* ---- One host ---- */

static int
tell_seen(struct passwd_host *h, const char *attribute, int64_t entries,
    int64_t begins, struct err *e)
{
	const struct attribute_seen seen = {
		.server = h->name,
		.what = "host",
		.attribute = attribute,
		.entries = entries < 0 ? 0 : entries,
		.recorded = entries < 0 ? TRI_UNKNOWN : TRI_YES,
		.begins = begins,
	};

	return h->sink->seen(h->sink, &seen, e);
}

static int
tell_all_seen(struct passwd_host *h, struct err *e)
{
	/* lastlog keeps the last login of everybody, however old. */
	bool all = h->seen_lastlog >= 0 || h->seen_lastlog2 >= 0;
	const struct {
		const char *name;
		int64_t entries, begins;
	} rows[] = {
		{ "shadow", h->seen_shadow, 0 },
		{ "authorized_keys", h->seen_keys, 0 },
		{ "lastlog", h->seen_lastlog, 0 },
		{ "wtmp", h->seen_wtmp, all ? 0 : h->wtmp_begins },
		{ "lastlog2", h->seen_lastlog2, 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (tell_seen(h, rows[i].name, rows[i].entries, rows[i].begins,
		        e) == -1)
			return -1;
	return 0;
}

static int
read_host(struct passwd_host *h, struct err *e)
{
	if (passwd_accounts_read(h, e) == -1)
		return -1;
	passwd_keys(h);
	passwd_logins(h);
	passwd_lastlog2(h);
	return passwd_accounts_deliver(h, e) == -1 ||
	        passwd_groups(h, e) == -1 || passwd_sudo(h, e) == -1 ||
	        passwd_policy(h, e) == -1 || tell_all_seen(h, e) == -1
	    ? -1
	    : 0;
}

static int
finish_host(struct passwd_host *h, struct err *e)
{
	if (EVP_DigestFinal_ex(h->digest, h->ledger.query.digest, NULL) != 1)
		return err_set(e, ERR_CRYPTO, "SHA-256");
	return ledger_close(&h->ledger, h->sink, e);
}

/* dir is the host's folder, and stays the caller's. */
static int
pull_host(int dir, const char *name, struct sink *sink, struct err *e)
{
	struct passwd_host h = {
		.name = name,
		.dir = dir,
		.sink = sink,
		.ledger = ledger_open("host", name),
		.digest = EVP_MD_CTX_new(),
		.pool = pool_new(POOL_MAX),
		.passwd = buf_new(PASSWD_FILE_MAX),
		.seen_shadow = -1,
		.seen_keys = -1,
		.seen_lastlog = -1,
		.seen_wtmp = -1,
		.seen_lastlog2 = -1,
	};
	int result = -1;

	h.ledger.where = name;
	if (h.digest == NULL ||
	    EVP_DigestInit_ex(h.digest, EVP_sha256(), NULL) != 1)
		err_set(e, ERR_CRYPTO, "SHA-256");
	else if (read_host(&h, e) == 0)
		result = finish_host(&h, e);
	EVP_MD_CTX_free(h.digest);
	ledger_free(&h.ledger);
	known_free(&h.names);
	free(h.accounts);
	buf_free(&h.passwd);
	pool_free(&h.pool);
	return result;
}

/* A line of the ledger for a host that nothing was read of. */
static int
tell_missing(
    struct sink *sink, const char *name, const char *why, struct err *e)
{
	struct ledger l = ledger_open("host", name);

	l.where = name;
	ledger_incomplete(&l, "%s", why);
	return ledger_close(&l, sink, e);
}

static int
pull_named(int parent, const char *name, struct sink *sink, struct err *e)
{
	int dir = openat(
	    parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int result;

	if (dir == -1)
		return tell_missing(sink, name, strerror(errno), e);
	result = pull_host(dir, name, sink, e);
	file_close(&dir);
	return result;
}

/* ---- All hosts ---- */

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int
add_host(struct hosts *hosts, const char *name, size_t length, struct err *e)
{
	if (hosts->count == HOSTS_MAX)
		return err_set(e, ERR_LIMIT, "more than %u hosts", HOSTS_MAX);
	hosts->names[hosts->count++] = pool_text(&hosts->pool, name, length);
	return hosts->pool.failed ? err_set(e, ERR_MEMORY, "out of memory") : 0;
}

static bool
is_dir(int parent, const struct dirent *entry)
{
	int fd;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	fd = openat(parent, entry->d_name,
	    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		return false;
	file_close(&fd);
	return true;
}

static int
list_hosts(int parent, struct hosts *hosts, struct err *e)
{
	int fd = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int result = 0;

	if (dir == NULL) {
		file_close(&fd);
		return err_sys(e, errno, "reading the folder");
	}
	while (result == 0 && (entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.' && is_dir(parent, entry) &&
		    enc_is_utf8(entry->d_name, strlen(entry->d_name)))
			result = add_host(
			    hosts, entry->d_name, strlen(entry->d_name), e);
	(void)closedir(dir);
	if (hosts->count > 0)
		qsort(
		    hosts->names, hosts->count, sizeof(*hosts->names), by_name);
	return result;
}

static bool
has_host(const struct hosts *hosts, const char *name)
{
	return hosts->count > 0 &&
	    bsearch(&name, hosts->names, hosts->count, sizeof(*hosts->names),
	        by_name) != NULL;
}

static bool
is_retired(int parent, const char *name)
{
	char path[NAME_MAX + sizeof(RETIRED) + 1];

	if (strlen(name) > NAME_MAX)
		return false;
	(void)stpcpy(stpcpy(path, name), RETIRED);
	return faccessat(parent, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/*
 * A host of last time whose folder is not there: its accounts are not gone,
 * they were not looked at. It stays so until somebody says it is retired.
 */
static int
tell_gone(int parent, const struct hosts *now, const char *then,
    struct buf *remembered, struct sink *sink, struct err *e)
{
	char name[NAME_MAX + 1];

	while (*then != '\0') {
		size_t length = strcspn(then, "/");

		if (length <= NAME_MAX) {
			memcpy(name, then, length);
			name[length] = '\0';
			if (!has_host(now, name) && !is_retired(parent, name)) {
				buf_printf(remembered, "%s/", name);
				if (tell_missing(sink, name,
				        "its folder is not there; NAME.retired "
				        "says that the host is gone",
				        e) == -1)
					return -1;
			}
		}
		then += length + (then[length] == '/');
	}
	return 0;
}

static int
remember(
    int parent, const struct hosts *hosts, struct sink *sink, struct err *e)
{
	struct buf names = buf_new(HOSTS_MAX * (NAME_MAX + 1u));
	const char *then =
	    sink->recall == NULL ? NULL : sink->recall(sink, REMEMBERED);
	int result = -1;

	for (size_t i = 0; i < hosts->count; i++)
		buf_printf(&names, "%s/", hosts->names[i]);
	if (then == NULL ||
	    tell_gone(parent, hosts, then, &names, sink, e) == 0)
		result = buf_status(&names, e);
	if (result == 0 && sink->remember != NULL)
		result =
		    sink->remember(sink, REMEMBERED, buf_string(&names), e);
	buf_free(&names);
	return result;
}

static int
pull_hosts(int parent, struct sink *sink, struct err *e)
{
	struct hosts hosts = { .pool = pool_new(POOL_MAX) };
	int result = -1;

	hosts.names = calloc(HOSTS_MAX, sizeof(*hosts.names));
	if (hosts.names == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (list_hosts(parent, &hosts, e) == -1)
		goto out;
	if (hosts.count == 0) {
		err_set(e, ERR_MISSING, "neither passwd nor a host's folder");
		goto out;
	}
	for (size_t i = 0; i < hosts.count; i++) {
		if (pull_named(parent, hosts.names[i], sink, e) == -1) {
			(void)err_in(e, "%s", hosts.names[i]);
			goto out;
		}
		if (sink->progress != NULL)
			sink->progress(sink, "hosts", (int64_t)i + 1,
			    (int64_t)hosts.count);
	}
	result = remember(parent, &hosts, sink, e);
out:
	free(hosts.names);
	pool_free(&hosts.pool);
	return result;
}

/* What a single host calls itself; else the folder's name. */
static int
own_name(int dir, const char *path, char out[NAME_MAX + 1], struct err *e)
{
	static const char *const files[] = { "etc/hostname", "hostname" };
	char *whole;
	ssize_t got = 0;

	for (size_t i = 0; i < 2 && got <= 0; i++) {
		int fd =
		    openat(dir, files[i], O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

		got = fd == -1 ? 0 : read(fd, out, NAME_MAX);
		file_close(&fd);
	}
	out[got > 0 ? got : 0] = '\0';
	out[strcspn(out, " \t\r\n/")] = '\0';
	if (out[0] != '\0' && enc_is_utf8(out, strlen(out)))
		return 0;
	if ((whole = realpath(path, NULL)) == NULL)
		return err_sys(e, errno, "%s", path);
	(void)strncpy(out, strrchr(whole, '/') + 1, NAME_MAX);
	if (out[0] == '\0')
		(void)strcpy(out, "localhost");
	free(whole);
	return 0;
}

static int
pull(const struct source_settings *settings, struct sink *sink, struct err *e)
{
	const char *path = settings->url + strlen("passwd:");
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char name[NAME_MAX + 1] = "";
	int result;

	sink->mode = SINK_FULL;
	if (dir == -1)
		return err_sys(e, errno, "%s", path);
	if (faccessat(dir, "etc/passwd", F_OK, 0) == 0 ||
	    faccessat(dir, "passwd", F_OK, 0) == 0)
		result = own_name(dir, path, name, e) == -1
		    ? -1
		    : pull_host(dir, name, sink, e);
	else
		result = pull_hosts(dir, sink, e);
	file_close(&dir);
	return result == -1 ? err_in(e, "%s", path) : 0;
}

const struct source_type source_passwd = {
	.scheme = "passwd",
	.summary = "copies of hosts' passwd, shadow, group, sudoers and more",
	.pull = pull,
};
