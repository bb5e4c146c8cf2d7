/*
 * Sessions of hosts' trails that a pack quotes: their records are under their
 * checkpoint, whose key was certified from the host's first one on, and the
 * host's trees are beginnings of one another (pack_trail.h).
 */
#include "review/pack_verify_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review/pack_trail.h"
#include "review/pack_value.h"
#include "schema/archive.h"
#include "schema/base/file.h"
#include "schema/message.h"
#include "schema/note.h"
#include "schema/outline.h"

#define BELOW         "trail/"
#define SESSION_FILES 2u /* beside proofs: records, checkpoint */
#define HOST_FILES    1u /* beside outlines: pinned */

#define FOLDER (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

struct tree_of_host { /* that sessions are quoted from */
	char host[EVIDENCE_NAME_MAX + 1];
	struct checkpoint checkpoint;
	struct note_key key;   /* that signed it */
	struct note_key first; /* of the host; once the tree was checked */
	int64_t sessions;
};

struct sessions {
	struct pack_check *check;
	struct tree_of_host *trees;
	size_t count;
	struct hash folders[PACK_TRAIL_SESSIONS]; /* of sessions */
	size_t folder_count;
	size_t files; /* below trail/ that were looked into */
};

/* ---- One session: its records and their proofs ---- */

struct quoted { /* what a row says of it */
	const char *host, *session, *folder;
	int64_t records, tree;
	struct note_key key;
};

/* The folder below the pack, no link on the way; or -1. */
static int
open_below(const struct pack_check *c, const char *name, struct err *e)
{
	char part[EVIDENCE_NAME_MAX + 1];
	int fd = openat(c->folder.fd, ".", FOLDER), next;

	while (fd != -1 && *name != '\0') {
		size_t length = strcspn(name, "/");

		(void)snprintf(part, sizeof(part), "%.*s", (int)length, name);
		next = openat(fd, part, FOLDER);
		file_close(&fd);
		fd = next;
		name += length + (name[length] == '/');
	}
	return fd == -1 ? err_sys(e, errno, "%s", name) : fd;
}

static int
read_session(const struct pack_row *row, struct quoted *q, struct err *e)
{
	char folder[EVIDENCE_NAME_MAX + 1];

	q->host = pack_value(row, "host");
	q->session = pack_value(row, "session");
	q->folder = pack_value(row, "folder");
	(void)snprintf(
	    folder, sizeof(folder), "trail/%s/%s", q->host, q->session);
	if (!evidence_name_ok(q->folder) || strcmp(q->folder, folder) != 0 ||
	    strchr(q->host, '/') != NULL || strchr(q->session, '/') != NULL)
		return err_set(e, ERR_FORMAT, _("not a folder of sessions"));
	return pack_uncount(pack_value(row, "records"), &q->records, e) == -1 ||
	        pack_uncount(pack_value(row, "tree"), &q->tree, e) == -1
	    ? -1
	    : note_key_parse(pack_value(row, "key"), &q->key, e);
}

static int
check_proofs(const struct pack_check *c, const struct quoted *q,
    struct checkpoint *checkpoint, struct err *e)
{
	struct buf note = buf_new(NOTE_MAX);
	struct note parsed;
	uint64_t records = 0;
	int fd = open_below(c, q->folder, e), result = -1;

	if (fd == -1 ||
	    archive_check_proofs(fd, &q->key, q->session, &note, &records, e) ==
	        -1 ||
	    note_parse((const char *)note.data, note.length, &parsed, e) == 0 ||
	    checkpoint_parse(parsed.text, parsed.text_length, checkpoint, e) ==
	        -1)
		goto out;
	if (records != (uint64_t)q->records ||
	    checkpoint->size != (uint64_t)q->tree)
		err_set(e, ERR_TAMPERED,
		    _("%lld records of a tree of %lld; there are %lld, of "
		      "%lld"),
		    (long long)q->records, (long long)q->tree,
		    (long long)records, (long long)checkpoint->size);
	else
		result = 0;
out:
	file_close(&fd);
	buf_free(&note);
	return result;
}

/* ---- The trees that they are of ---- */

static struct tree_of_host *
find_tree(const struct sessions *s, const char *host, uint64_t size)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->trees[i].checkpoint.size == size &&
		    strcmp(s->trees[i].host, host) == 0)
			return &s->trees[i];
	return NULL;
}

static int
note_tree(struct sessions *s, const struct quoted *q,
    const struct checkpoint *checkpoint, struct err *e)
{
	struct tree_of_host *t = find_tree(s, q->host, checkpoint->size);

	if (t == NULL) { /* not more of them than sessions */
		t = &s->trees[s->count++];
		(void)snprintf(t->host, sizeof(t->host), "%s", q->host);
		t->checkpoint = *checkpoint;
		t->key = q->key;
	}
	t->sessions++;
	if (memcmp(t->checkpoint.root, checkpoint->root, TREE_HASH) != 0 ||
	    !note_key_same(&t->key, &q->key))
		return err_set(e, ERR_TAMPERED,
		    _("another session of the host has another checkpoint of "
		      "that size"));
	return 0;
}

/* Each is there once: what is counted twice is quoted twice. */
static int
note_folder(struct sessions *s, const struct quoted *q, struct err *e)
{
	const struct hash h =
	    hash_of(&s->check->key, q->folder, strlen(q->folder));

	for (size_t i = 0; i < s->folder_count; i++)
		if (s->folders[i].low == h.low && s->folders[i].high == h.high)
			return err_set(e, ERR_FORMAT, _("%s is quoted already"),
			    q->folder);
	if (s->folder_count == PACK_TRAIL_SESSIONS)
		return err_set(e, ERR_LIMIT, _("more rows than a pack has"));
	s->folders[s->folder_count++] = h;
	return 0;
}

static int
take_session(void *context, const struct pack_row *row, struct err *e)
{
	struct sessions *s = context;
	struct pack_check *c = s->check;
	struct err why = { .code = ERR_NONE };
	struct checkpoint checkpoint;
	struct quoted q;

	c->verdict->sessions++;
	if (read_session(row, &q, e) == -1 || note_folder(s, &q, e) == -1)
		return -1;
	s->files += (size_t)q.records + SESSION_FILES;
	if (check_proofs(c, &q, &checkpoint, &why) == 0 &&
	    note_tree(s, &q, &checkpoint, &why) == 0)
		return 0;
	if (pack_fault_of(c, q.folder, &why) == 0)
		return 0;
	*e = why;
	return -1;
}

/* ---- That they are the host's ---- */

static int
read_pinned(const struct pack_check *c, const struct tree_of_host *t,
    struct checkpoint *pinned, struct err *e)
{
	char name[EVIDENCE_NAME_MAX + 1];
	const struct pack_entry *entry;
	struct buf b = buf_new(NOTE_MAX);
	int result = -1;

	(void)snprintf(name, sizeof(name), "trail/%.200s/pinned", t->host);
	entry = pack_folder_find(&c->folder, name);
	if (entry == NULL)
		err_set(e, ERR_MISSING,
		    _("there is no checkpoint that was "
		      "kept of the host before"));
	else if (pack_entry_read(&c->folder, entry, &b, e) == 0 &&
	    checkpoint_parse(buf_string(&b), b.length, pinned, e) == 0) {
		result = 0;
		if (pinned->size > t->checkpoint.size)
			result = err_set(e, ERR_TAMPERED,
			    _("it is older than the checkpoint that was kept "
			      "of the host before"));
	}
	buf_free(&b);
	return result;
}

static int
by_size(const void *a, const void *b)
{
	uint64_t x = (*(const struct checkpoint *const *)a)->size,
	         y = (*(const struct checkpoint *const *)b)->size;

	return (x > y) - (x < y);
}

/* The outline has the pinned tree and all of the host's up to this one. */
static int
check_outline(const struct sessions *s, const struct tree_of_host *t,
    const struct buf *outline, const struct checkpoint *pinned,
    struct keys *keys, struct err *e)
{
	const struct checkpoint *held[PACK_TRAIL_SESSIONS + 1];
	size_t count = 0;

	held[count++] = pinned;
	for (size_t i = 0; i < s->count; i++)
		if (s->trees[i].checkpoint.size <= t->checkpoint.size &&
		    strcmp(s->trees[i].host, t->host) == 0)
			held[count++] = &s->trees[i].checkpoint;
	qsort(held, count, sizeof(held[0]), by_size);
	return outline_check(
	    (const char *)outline->data, outline->length, held, count, keys, e);
}

static bool
is_certified(const struct keys *keys, const struct note_key *key)
{
	for (size_t i = 0; i < keys->count; i++)
		if (note_key_same(&keys->all[i], key))
			return true;
	return false;
}

static bool
is_given(const struct pack_check *c, const struct note_key *key)
{
	struct note_key given;
	struct err ignored;

	for (const char *const *k = c->asked->host_keys;
	     k != NULL && *k != NULL; k++)
		if (note_key_parse(*k, &given, &ignored) == 0 &&
		    note_key_same(&given, key))
			return true;
	return false;
}

/* Whose trail that is as well, by its first key; NULL: nobody else's. */
static const char *
is_others(const struct sessions *s, const struct tree_of_host *t)
{
	for (const struct tree_of_host *other = s->trees; other < t; other++)
		if (strcmp(other->host, t->host) != 0 &&
		    note_key_same(&other->first, &t->first))
			return other->host;
	return NULL;
}

static int
judge(const struct sessions *s, struct tree_of_host *t, const char *name,
    const struct checkpoint *pinned, const struct keys *keys, struct err *e)
{
	struct pack_check *c = s->check;
	const struct note_key *first = &keys->all[0];
	const char *other;

	t->first = *first;
	if ((other = is_others(s, t)) != NULL)
		return err_set(e, ERR_TAMPERED,
		    _("its first key is that of host %s"), other);
	if (strcmp(pinned->origin, first->name) != 0)
		return err_set(e, ERR_TAMPERED,
		    _("the checkpoint that was kept is of another origin"));
	if (!is_certified(keys, &t->key) ||
	    strcmp(t->checkpoint.origin, t->key.name) != 0)
		pack_fault(c, "untrusted", name, 0,
		    _("the key of the checkpoint is not one that was certified "
		      "from the host's first key on"));
	c->verdict->hosts += is_given(c, first) ? 0 : t->sessions;
	c->verdict->uncertified += keys->uncertified > 0 ? t->sessions : 0;
	return 0;
}

static int
check_tree(const struct sessions *s, struct tree_of_host *t, const char *name,
    struct err *e)
{
	struct pack_check *c = s->check;
	const struct pack_entry *entry = pack_folder_find(&c->folder, name);
	struct buf outline = buf_new(OUTLINE_MAX);
	struct checkpoint pinned;
	struct keys keys = { 0 };
	int result = -1;

	if (entry == NULL)
		err_set(e, ERR_MISSING,
		    _("it is not there: by which key the checkpoint may be "
		      "signed"));
	else if (pack_entry_read(&c->folder, entry, &outline, e) == 0 &&
	    read_pinned(c, t, &pinned, e) == 0 &&
	    check_outline(s, t, &outline, &pinned, &keys, e) == 0)
		result = judge(s, t, name, &pinned, &keys, e);
	keys_free(&keys);
	buf_free(&outline);
	return result;
}

static bool
is_first_of_host(const struct sessions *s, size_t tree)
{
	for (size_t i = 0; i < tree; i++)
		if (strcmp(s->trees[i].host, s->trees[tree].host) == 0)
			return false;
	return true;
}

/* What nothing was proven of would pass for what was. */
static void
check_files(struct sessions *s)
{
	struct pack_check *c = s->check;
	size_t there = 0;

	for (size_t i = 0; i < s->count; i++)
		s->files += is_first_of_host(s, i) ? 1 + HOST_FILES : 1;
	for (size_t i = 0; i < c->folder.count; i++)
		there += strncmp(c->folder.entries[i].name, BELOW,
		             strlen(BELOW)) == 0;
	if (there > s->files)
		pack_fault(c, "altered", BELOW, 0,
		    _("%zu files below it are of no session of the pack"),
		    there - s->files);
}

int
pack_check_sessions(struct pack_check *c, struct err *e)
{
	struct sessions s = { .check = c };
	char name[EVIDENCE_NAME_MAX + 1];
	int64_t before = c->faults;
	int result;

	s.trees = calloc(PACK_TRAIL_SESSIONS, sizeof(*s.trees));
	if (s.trees == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	result = pack_each_row(c, "session", false, take_session, &s, e);
	for (size_t i = 0; result == 0 && i < s.count; i++) {
		(void)snprintf(name, sizeof(name),
		    "trail/%.200s/outline-%" PRIu64, s.trees[i].host,
		    s.trees[i].checkpoint.size);
		if (check_tree(&s, &s.trees[i], name, e) == -1)
			result = pack_fault_of(c, name, e);
	}
	if (result == 0 && c->faults == before)
		check_files(&s);
	free(s.trees);
	return result;
}
