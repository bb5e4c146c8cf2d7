#include "review/pack_trail.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "review/evidence.h"
#include "review/use_own.h"
#include "schema/archive.h"
#include "schema/base/file.h"
#include "schema/keys.h"
#include "schema/message.h"
#include "schema/outline.h"
#include "schema/reader.h"

/* Why fewer sessions are quoted: in the manifest, so in English. */
#define FULL    "a pack quotes 500 sessions in 1500 files at most"
#define WAITING "the checkpoint does not cover the others yet"

#define DAY        INT64_C(86400)
#define SECOND     INT64_C(1000000000) /* ns */
#define HOST_MAX   180u
#define NAME_SIZE  256u /* of a record's user */
#define FOLDER_MAX (HOST_MAX + LINE_UUID + 8)
#define BESIDE     4u /* files beside proofs: two of the session, two of the host */

struct quoted { /* a row */
	char host[HOST_MAX + 1];
	char session[LINE_UUID + 1];
	char folder[FOLDER_MAX];
	uint64_t records, tree;
	unsigned char root[TREE_HASH]; /* of that tree */
	char key[USE_OWN_KEY];
};

struct pack_trail {
	struct quoted rows[PACK_TRAIL_SESSIONS];
	size_t count;
	size_t files;
	int64_t asked; /* sessions; those that are not quoted, too */
	bool full;     /* a bound was met */
	bool limited;
};

/* One trail that is being quoted from. */
struct quoting {
	struct pack_trail *all;
	struct pack_writer *writer;
	struct store *store;
	int directory; /* the pack's */
	int trail;     /* the copy of the host's */
	int64_t from, to;
	bool named;
	char (*sessions)[LINE_UUID + 1];
	size_t count;
	char host[HOST_MAX + 1];
	struct use_pin pin; /* as the database has it */
	struct keys keys;
	struct buf note; /* its latest checkpoint */
	struct checkpoint checkpoint;
	char key[USE_OWN_KEY]; /* that signed it */
	struct outline *outline;
};

int
pack_trail_new(struct pack_trail **t, bool limited, struct err *e)
{
	*t = calloc(1, sizeof(**t));
	if (*t == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	(*t)->limited = limited;
	return 0;
}

void
pack_trail_free(struct pack_trail **t)
{
	free(*t);
	*t = NULL;
}

/* ---- Which sessions ---- */

static bool
has_session(const struct quoting *q, const char *session)
{
	for (size_t i = 0; i < q->count; i++)
		if (strcmp(q->sessions[i], session) == 0)
			return true;
	return false;
}

/* From an older copy of the same host's trail. */
static bool
is_quoted(const struct quoting *q, const char *session)
{
	for (size_t i = 0; i < q->all->count; i++)
		if (strcmp(q->all->rows[i].host, q->host) == 0 &&
		    strcmp(q->all->rows[i].session, session) == 0)
			return true;
	return false;
}

/* Whether that is the size of a tree that will be compared with this one. */
static bool
is_compared(const struct quoting *q, uint64_t size)
{
	for (size_t i = 0; i < q->all->count; i++)
		if (q->all->rows[i].tree == size &&
		    strcmp(q->all->rows[i].host, q->host) == 0)
			return true;
	return size == q->pin.size;
}

static void
want(struct quoting *q, const char *session)
{
	if (has_session(q, session))
		return;
	q->all->asked++;
	if (q->count == PACK_TRAIL_SESSIONS)
		q->all->full = true;
	else
		(void)snprintf(
		    q->sessions[q->count++], LINE_UUID + 1, "%s", session);
}

/* "UUID,UUID" */
static int
read_sessions(struct quoting *q, const char *list, struct err *e)
{
	char session[LINE_UUID + 1];

	for (const char *at = list;; at++) {
		size_t length = strcspn(at, ",");

		if (!line_is_uuid(at, length))
			return err_set(e, ERR_USAGE,
			    _("%.40s: not the UUID of a session"), at);
		memcpy(session, at, length);
		session[length] = '\0';
		want(q, session);
		at += length;
		if (*at == '\0')
			return 0;
	}
}

/* A path may have colons: what is behind the last one counts if it can be. */
static int
open_trail(struct quoting *q, const char *ask, struct err *e)
{
	const char *colon = strrchr(ask, ':');
	char *path;

	if (colon != NULL &&
	    strspn(colon + 1, "0123456789abcdef-,") != strlen(colon + 1))
		colon = NULL;
	if (colon == NULL && q->all->limited)
		return err_set(e, ERR_USAGE,
		    _("a pack that is limited has only sessions that are "
		      "named: DIR:SESSION,..."));
	path =
	    strndup(ask, colon == NULL ? strlen(ask) : (size_t)(colon - ask));
	if (path == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	q->named = colon != NULL;
	q->trail = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (q->trail == -1)
		err_sys(e, errno, "%s", path);
	else if (!use_own_is(q->trail)) {
		err_set(e, ERR_FORMAT, _("%s: no trail"), path);
		file_close(&q->trail);
	}
	free(path);
	if (q->trail == -1)
		return -1;
	return colon != NULL ? read_sessions(q, colon + 1, e) : 0;
}

/* ---- Whose it is ---- */

static int
find_host(struct quoting *q, const char *key, struct err *e)
{
	struct statement *s = store_use(q->store, "pack_trail_host", e);
	size_t length = 0;
	const void *root;
	bool cut = false;
	int found;

	bind_text(s, ":key", key);
	if ((found = store_step(s, e)) == 1) {
		cut = column_length(s, 0) > HOST_MAX;
		(void)snprintf(
		    q->host, sizeof(q->host), "%s", column_text(s, 0));
		(void)snprintf(
		    q->pin.key, sizeof(q->pin.key), "%s", column_text(s, 1));
		q->pin.size = (uint64_t)column_int(s, 2);
		root = column_blob(s, 3, &length);
		if (length == sizeof(q->pin.root))
			memcpy(q->pin.root, root, length);
		else
			found = err_set(e, ERR_FORMAT, "host_pin: not a root");
	}
	store_done(s);
	if (found == 0)
		return err_set(e, ERR_ACCESS,
		    _("no trail with the first key %s was imported: reeve "
		      "trail"),
		    key);
	if (found == 1 &&
	    (cut || !evidence_name_ok(q->host) || strchr(q->host, '/') != NULL))
		return err_set(e, ERR_FORMAT,
		    _("%s: a host of that name can't be a folder of a pack"),
		    q->host);
	return found == 1 ? 0 : -1;
}

static int
ignore_event(void *context, const struct authlog_event *event, struct err *e)
{
	(void)context;
	(void)event;
	(void)e;
	return 0;
}

/* The highest checkpoint that is known: the database's, or of an older copy. */
static struct use_pin
find_seen(const struct quoting *q)
{
	struct use_pin seen = q->pin;

	for (size_t i = 0; i < q->all->count; i++) {
		const struct quoted *row = &q->all->rows[i];

		if (strcmp(row->host, q->host) != 0 || row->tree < seen.size)
			continue;
		seen.size = row->tree;
		memcpy(seen.root, row->root, sizeof(seen.root));
	}
	return seen;
}

static int
verify_trail(struct quoting *q, struct err *e)
{
	struct use_reading reading = { .host = q->host, .event = ignore_event };
	const struct use_pin seen = find_seen(q);
	struct use_own own;

	if (q->checkpoint.size < seen.size && seen.size > q->pin.size)
		return err_set(e, ERR_USAGE,
		    _("%s: of copies of one trail name the older first"),
		    q->host);
	if (use_own_read(q->trail, &seen, NULL, &reading, &own, e) == -1)
		return -1;
	return own.verified
	    ? 0
	    : err_set(e, ERR_TAMPERED, _("%s: its trail does not verify: %s"),
	          q->host, own.why.text);
}

/* ---- One pass: the host, the keys, the sessions that are asked for ---- */

static int
look_for_host(struct quoting *q, const struct reader_item *item, struct err *e)
{
	char key[USE_OWN_KEY];
	int there;

	if (q->host[0] != '\0' || strcmp(item->line.type, "init") != 0)
		return 0;
	there = line_get_text(&item->line, "vkey", key, sizeof(key), e);
	return there == 1 ? find_host(q, key, e)
	    : there == 0  ? err_set(e, ERR_FORMAT, "init names no key")
	                  : -1;
}

static int
is_asked(struct quoting *q, const char *user, int64_t at, struct err *e)
{
	struct statement *s = store_use(q->store, "pack_trail_asked", e);
	int found;

	bind_text(s, ":host", q->host);
	bind_text(s, ":user", user);
	bind_int(s, ":at", at);
	bind_int(s, ":day", at / DAY);
	found = store_step(s, e);
	store_done(s);
	return found;
}

static int
look_for_session(
    struct quoting *q, const struct reader_item *item, struct err *e)
{
	char session[LINE_UUID + 1], user[NAME_SIZE + 1];
	int64_t at = item->line.at.wall_ns / SECOND;
	int asked;

	if (q->named || strcmp(item->line.type, "open") != 0 || at < q->from ||
	    at >= q->to ||
	    line_get_text(
	        &item->line, "session", session, sizeof(session), e) != 1 ||
	    !line_is_uuid(session, strlen(session)) ||
	    line_get_text(&item->line, "user", user, sizeof(user), e) != 1)
		return 0;
	if ((asked = is_asked(q, user, at, e)) == 1)
		want(q, session);
	return asked == -1 ? -1 : 0;
}

static int
look_into(struct quoting *q, struct tree *tree, const struct reader_item *item,
    unsigned char *leaf, struct err *e)
{
	unsigned char root[TREE_HASH];

	if (keys_needs_root(&item->line) && tree_root(tree, root, e) == -1)
		return -1;
	if (look_for_host(q, item, e) == -1 ||
	    look_for_session(q, item, e) == -1 ||
	    keys_record(&q->keys, &item->line, root, NULL, e) == -1)
		return -1;
	return tree_leaf(tree, item->bytes, item->length, leaf, e);
}

static int
take_record(struct quoting *q, struct tree *tree,
    const struct reader_item *item, struct err *e)
{
	uint64_t size = tree_size(tree);
	unsigned char leaf[TREE_HASH];

	if (item->bytes == NULL)
		memcpy(leaf, item->leaf, sizeof(leaf));
	else if (look_into(q, tree, item, leaf, e) == -1)
		return -1;
	if (size < q->checkpoint.size &&
	    ((is_compared(q, size) && outline_mark(q->outline, e) == -1) ||
	        outline_add(q->outline, item, leaf, e) == -1))
		return -1;
	return tree_add(tree, leaf, e);
}

static int
read_trail(struct quoting *q, struct err *e)
{
	struct reader *reader = NULL;
	struct tree *tree = NULL;
	struct reader_item item;
	int more = -1;

	if (tree_new(&tree, e) == 0 && reader_open(&reader, q->trail, e) == 0)
		while ((more = reader_next(reader, &item, e)) == 1)
			if (take_record(q, tree, &item, e) == -1) {
				more = -1;
				break;
			}
	reader_close(&reader);
	tree_free(&tree);
	return more == 0 && q->host[0] == '\0'
	    ? err_set(e, ERR_FORMAT, "the trail has no init record")
	    : more;
}

/* ---- Its checkpoint ---- */

static int
read_checkpoint(struct quoting *q, struct err *e)
{
	int result = -1,
	    fd = openat(q->trail, "checkpoint",
	        O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct note n;

	if (fd == -1)
		return err_sys(e, errno, "checkpoint");
	if (file_read(fd, &q->note, e) == 0 &&
	    note_parse(buf_string(&q->note), q->note.length, &n, e) ==
	        q->note.length &&
	    checkpoint_parse(n.text, n.text_length, &q->checkpoint, e) == 0)
		result = 0;
	file_close(&fd);
	return result;
}

/* Which certified key signed it. */
static int
find_signer(struct quoting *q, struct err *e)
{
	struct buf key = buf_new(USE_OWN_KEY - 1);
	int result = 0;
	struct note n;

	if (note_parse(buf_string(&q->note), q->note.length, &n, e) == 0)
		return -1;
	for (size_t i = q->keys.count; i > 0; i--) {
		const struct note_key *one = &q->keys.all[i - 1];
		const struct note_line *line = note_find(&n, one);
		struct err ignored;

		if (line == NULL ||
		    note_verify(one, n.text, n.text_length, line->signature,
		        &ignored) == -1)
			continue;
		note_key_print(one, &key);
		break;
	}
	if (key.length == 0 || buf_status(&key, e) == -1)
		result = err_set(e, ERR_TAMPERED,
		    _("%s: no certified key signed its checkpoint"), q->host);
	(void)snprintf(q->key, sizeof(q->key), "%s", buf_string(&key));
	buf_free(&key);
	return result;
}

/* ---- Quoting ---- */

/* A folder below, made if it is not there. Returns it, or -1. */
static int
make_folder(int above, const char *name, struct err *e)
{
	int fd;

	if (mkdirat(above, name, 0750) == -1 && errno != EEXIST)
		return err_sys(e, errno, "%s", name);
	fd = openat(
	    above, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	return fd == -1 ? err_sys(e, errno, "%s", name) : fd;
}

/* trail/HOST/SESSION; *host stays open for the caller. */
static int
make_folders(
    const struct quoting *q, const char *session, int *host, struct err *e)
{
	int trail = make_folder(q->directory, "trail", e), fd = -1;

	*host = trail == -1 ? -1 : make_folder(trail, q->host, e);
	if (*host != -1)
		fd = make_folder(*host, session, e);
	file_close(&trail);
	return fd;
}

/* Calls fn for each file of the folder. */
static int
each_file(int folder, int (*fn)(void *, int folder, const char *, struct err *),
    void *context, struct err *e)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int result = 0;

	if (d == NULL) {
		file_close(&fd);
		return err_sys(e, errno, "the folder of a session");
	}
	while (result == 0 && (entry = readdir(d)) != NULL)
		if (entry->d_name[0] != '.')
			result = fn(context, folder, entry->d_name, e);
	(void)closedir(d);
	return result;
}

static int
drop_file(void *context, int folder, const char *name, struct err *e)
{
	(void)context;
	return unlinkat(folder, name, 0) == -1 ? err_sys(e, errno, "%s", name)
	                                       : 0;
}

static int
drop_folder(int host, int folder, const char *session, struct err *e)
{
	if (each_file(folder, drop_file, NULL, e) == -1)
		return -1;
	return unlinkat(host, session, AT_REMOVEDIR) == -1
	    ? err_sys(e, errno, "%s", session)
	    : 0;
}

struct adding {
	struct quoting *quoting;
	const struct quoted *row;
};

static int
add_file(void *context, int folder, const char *name, struct err *e)
{
	const struct adding *a = context;
	char path[FOLDER_MAX + 64];

	if (fchmodat(folder, name, 0640, 0) == -1)
		return err_sys(e, errno, "%s", name);
	(void)snprintf(path, sizeof(path), "%s/%s", a->row->folder, name);
	a->quoting->all->files++;
	return pack_add_file(a->quoting->writer, path, e);
}

static int
add_row(struct quoting *q, int folder, const char *session, uint64_t records,
    struct err *e)
{
	struct quoted *row = &q->all->rows[q->all->count++];
	struct adding adding = { q, row };

	(void)snprintf(row->host, sizeof(row->host), "%s", q->host);
	(void)snprintf(row->session, sizeof(row->session), "%s", session);
	(void)snprintf(
	    row->folder, sizeof(row->folder), "trail/%s/%s", q->host, session);
	(void)snprintf(row->key, sizeof(row->key), "%s", q->key);
	row->records = records;
	row->tree = q->checkpoint.size;
	memcpy(row->root, q->checkpoint.root, sizeof(row->root));
	return each_file(folder, add_file, &adding, e);
}

/* Its files; gone again where there is no room for them, or nothing in it. */
static int
quote(struct quoting *q, const char *session, struct err *e)
{
	struct archive_proofs proofs = { 0 };
	int host = -1, folder = make_folders(q, session, &host, e);
	int result = -1;

	if (folder == -1 ||
	    archive_prove(q->trail, session, folder, &proofs, e) == -1)
		goto out;
	if (proofs.proven == 0) {
		if (drop_folder(host, folder, session, e) == 0)
			err_set(e, ERR_MISSING,
			    _("%s: no record of session %s is under the "
			      "checkpoint"),
			    q->host, session);
		goto out;
	}
	result = q->all->files + proofs.proven + BESIDE > PACK_TRAIL_FILES ||
	        q->all->count == PACK_TRAIL_SESSIONS
	    ? drop_folder(host, folder, session, e)
	    : add_row(q, folder, session, proofs.proven, e);
out:
	file_close(&folder);
	file_close(&host);
	return result;
}

/* A session that began behind the checkpoint waits for the next pack. */
static int
quote_all(struct quoting *q, struct err *e)
{
	for (size_t i = 0; i < q->count; i++) {
		struct err failed = { .code = ERR_NONE };

		if (is_quoted(q, q->sessions[i]) ||
		    quote(q, q->sessions[i], &failed) == 0 ||
		    (!q->named && failed.code == ERR_MISSING))
			continue;
		*e = failed;
		return -1;
	}
	return 0;
}

/* trail/HOST/NAME */
static int
put_file(struct quoting *q, const char *name, const void *bytes, size_t length,
    struct err *e)
{
	char path[FOLDER_MAX];

	(void)snprintf(path, sizeof(path), "trail/%s/%s", q->host, name);
	q->all->files++;
	return pack_put_file(q->writer, path, bytes, length, e);
}

/* The checkpoint that was kept, unsigned: what the database says it saw. */
static int
put_pinned(struct quoting *q, struct err *e)
{
	struct checkpoint c = { .size = q->pin.size };
	struct buf b = buf_new(NOTE_MAX);
	struct note_key key;
	int result = -1;

	if (note_key_parse(q->pin.key, &key, e) == -1)
		return -1;
	(void)snprintf(c.origin, sizeof(c.origin), "%s", key.name);
	memcpy(c.root, q->pin.root, sizeof(c.root));
	checkpoint_print(&c, &b);
	if (buf_status(&b, e) == 0)
		result = put_file(q, "pinned", b.data, b.length, e);
	buf_free(&b);
	return result;
}

/* Whether one of the first `count` rows is of that tree; tree 0: of any. */
static bool
has_tree(const struct quoting *q, size_t count, uint64_t tree)
{
	for (size_t i = 0; i < count; i++)
		if ((tree == 0 || q->all->rows[i].tree == tree) &&
		    strcmp(q->all->rows[i].host, q->host) == 0)
			return true;
	return false;
}

/* Beside its sessions, from row `before` on: why their key is the host's. */
static int
put_beside(struct quoting *q, size_t before, struct err *e)
{
	const struct buf *outline;
	char name[LINE_UUID + 1];

	if (q->all->count == before)
		return 0;
	if (!has_tree(q, before, 0) && put_pinned(q, e) == -1)
		return -1;
	if (has_tree(q, before, q->checkpoint.size))
		return 0;
	(void)snprintf(
	    name, sizeof(name), "outline-%" PRIu64, q->checkpoint.size);
	return outline_bytes(q->outline, &outline, e) == -1
	    ? -1
	    : put_file(q, name, outline->data, outline->length, e);
}

int
pack_trail_add(struct pack_trail *t, const char *ask, int directory,
    struct pack_writer *w, struct store *store, int64_t from, int64_t to,
    struct err *e)
{
	struct quoting q = { .all = t,
		.writer = w,
		.store = store,
		.directory = directory,
		.trail = -1,
		.from = from,
		.to = to };
	size_t before = t->count;
	int result = -1;

	q.note = buf_new(NOTE_MAX);
	q.sessions = calloc(PACK_TRAIL_SESSIONS, sizeof(*q.sessions));
	if (q.sessions == NULL) {
		err_set(e, ERR_MEMORY, "out of memory");
		goto out;
	}
	if (outline_new(&q.outline, e) == 0 && open_trail(&q, ask, e) == 0 &&
	    read_checkpoint(&q, e) == 0 && read_trail(&q, e) == 0 &&
	    verify_trail(&q, e) == 0 && find_signer(&q, e) == 0 &&
	    quote_all(&q, e) == 0)
		result = put_beside(&q, before, e);
out:
	outline_free(&q.outline);
	buf_free(&q.note);
	keys_free(&q.keys);
	free(q.sessions);
	file_close(&q.trail);
	return result == -1 ? err_in(e, "--trail") : 0;
}

/* ---- Rows ---- */

int
pack_trail_rows(void *context, struct pack_writer *w, int64_t *total,
    const char **withheld, struct err *e)
{
	const struct pack_trail *t = context;
	char records[24], tree[24];

	*total = t->asked;
	if (t->asked > (int64_t)t->count)
		*withheld = t->full ? FULL : WAITING;
	for (size_t i = 0; i < t->count; i++) {
		const struct quoted *r = &t->rows[i];

		(void)snprintf(
		    records, sizeof(records), "%" PRIu64, r->records);
		(void)snprintf(tree, sizeof(tree), "%" PRIu64, r->tree);
		if (pack_row(w,
		        (const char *const[]){ r->host, r->session, r->folder,
		            records, tree, r->key },
		        e) == -1)
			return -1;
	}
	return 0;
}
