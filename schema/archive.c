#include "schema/archive.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/enc.h"
#include "schema/base/file.h"
#include "schema/keys.h"
#include "schema/note.h"
#include "schema/reader.h"
#include "schema/tree.h"

#define RECORDS    "records.jsonl"
#define CHECKPOINT "checkpoint"
#define STUB_MAX   ((size_t)SEGMENT_BYTES_MAX)
#define ROOM_WORTH (INT64_C(1) << 20)

static int
open_read(int dir, const char *name, struct err *e)
{
	int fd = openat(dir, name,
	    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);

	return fd == -1 ? err_sys(e, errno, "%s", name) : fd;
}

static int
read_file(int dir, const char *name, struct buf *b, struct err *e)
{
	int fd = open_read(dir, name, e), result;

	if (fd == -1)
		return -1;
	if ((result = file_read(fd, b, e)) == -1)
		err_in(e, "%s", name);
	file_close(&fd);
	return result;
}

/* A new file in a directory that is not the host's. */
static int
create(int dir, const char *name, struct err *e)
{
	int fd = openat(dir, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	return fd == -1 ? err_sys(e, errno, "%s", name) : fd;
}

static int
put_new(
    int dir, const char *name, const void *bytes, size_t length, struct err *e)
{
	int fd = create(dir, name, e), result = -1;

	if (fd == -1)
		return -1;
	if (file_put(fd, bytes, length, 0, e) == 0)
		result = fsync(fd) == 0 ? 0 : err_sys(e, errno, "%s", name);
	if (close(fd) == -1 && result == 0)
		result = err_sys(e, errno, "%s", name);
	return result;
}

/* Up to the last line feed: a writer may be in the middle of a line. */
static int
whole_lines(int fd, off_t *size, struct err *e)
{
	char chunk[4096];

	while (*size > 0) {
		size_t have = *size < (off_t)sizeof(chunk) ? (size_t)*size
		                                           : sizeof(chunk);
		const char *feed;

		if (file_get(fd, chunk, have, *size - (off_t)have, e) == -1)
			return -1;
		feed = memrchr(chunk, '\n', have);
		*size -= feed == NULL ? (off_t)have
		                      : (off_t)have - (feed - chunk) - 1;
		if (feed != NULL)
			break;
	}
	return 0;
}

/* The file as long as it is now. */
static int
copy_file(int dir, const char *name, int to, struct err *e)
{
	unsigned char chunk[16384];
	int in = open_read(dir, name, e), out = -1, result = -1;
	off_t at = 0;
	struct stat st;

	if (in == -1 || (out = create(to, name, e)) == -1)
		goto out;
	if (fstat(in, &st) == -1) {
		err_sys(e, errno, "%s", name);
		goto out;
	}
	if (whole_lines(in, &st.st_size, e) == -1)
		goto out;
	while (at < st.st_size) {
		size_t have = st.st_size - at < (off_t)sizeof(chunk)
		    ? (size_t)(st.st_size - at)
		    : sizeof(chunk);

		if (file_get(in, chunk, have, at, e) == -1 ||
		    file_put(out, chunk, have, at, e) == -1)
			goto out;
		at += (off_t)have;
	}
	if (fsync(out) == -1) {
		err_sys(e, errno, "%s", name);
		goto out;
	}
	result = 0;
out:
	file_close(&in);
	file_close(&out);
	return result;
}

int
archive_copy(int dir, int to, struct err *e)
{
	char full[SEGMENT_NAME_SIZE], stub[SEGMENT_NAME_SIZE];

	if (copy_file(dir, CHECKPOINT, to, e) == -1)
		return -1;
	for (uint32_t n = 1; n <= SEGMENT_LAST; n++) {
		segment_name(full, n, ".jsonl");
		segment_name(stub, n, ".pruned");
		if (copy_file(dir, full, to, e) == 0)
			continue;
		if (e->code != ERR_MISSING)
			return -1;
		if (copy_file(dir, stub, to, e) == 0)
			continue;
		return e->code == ERR_MISSING && n > 1 ? 0 : -1;
	}
	return 0;
}

/* ---- proofs ---- */

struct proving {
	const char *session;
	struct tree *tree;
	struct checkpoint checkpoint;
	struct buf note;
	struct buf records;
	struct tree_path **path;
	size_t count;
	struct archive_proofs *result;
};

static bool
is_of_session(const struct line *l, const char *session)
{
	char id[LINE_UUID * 2];
	struct err ignored;

	return line_get_text(l, "session", id, sizeof(id), &ignored) == 1 &&
	    strcmp(id, session) == 0;
}

static int
watch(struct proving *p, const struct reader_item *item, struct err *e)
{
	struct tree_path **all, *one;

	if ((one = malloc(sizeof(*one))) == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	all = realloc(p->path, (p->count + 1) * sizeof(struct tree_path *));
	if (all == NULL) {
		free(one);
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	p->path = all;
	p->path[p->count++] = one;
	buf_put(&p->records, item->bytes, item->length);
	buf_put_byte(&p->records, '\n');
	if (buf_status(&p->records, e) == -1)
		return -1;
	return tree_watch(p->tree, one, e);
}

static int
prove_item(struct proving *p, const struct reader_item *item, struct err *e)
{
	unsigned char leaf[TREE_HASH];
	bool wanted =
	    item->bytes != NULL && is_of_session(&item->line, p->session);

	if (item->seq >= p->checkpoint.size) {
		p->result->unproven += wanted;
		return 0;
	}
	if (item->bytes == NULL)
		memcpy(leaf, item->leaf, TREE_HASH);
	else if (tree_leaf(p->tree, item->bytes, item->length, leaf, e) == -1)
		return -1;
	if (wanted && watch(p, item, e) == -1)
		return -1;
	return tree_add(p->tree, leaf, e);
}

static int
write_proofs(struct proving *p, int to, struct err *e)
{
	unsigned char root[TREE_HASH];

	if (tree_size(p->tree) != p->checkpoint.size)
		return err_set(e, ERR_INCOMPLETE,
		    "record %" PRIu64 " is cut off: the checkpoint covers it",
		    tree_size(p->tree));
	if (tree_finish(p->tree, root, e) == -1)
		return -1;
	if (memcmp(root, p->checkpoint.root, TREE_HASH) != 0)
		return err_set(
		    e, ERR_TAMPERED, "the checkpoint has another root");
	for (size_t i = 0; i < p->count; i++) {
		struct buf b = buf_new(NOTE_MAX * 2);
		char name[48];
		int result;

		proof_print(
		    p->path[i], buf_string(&p->note), p->note.length, &b);
		(void)snprintf(name, sizeof(name), "%" PRIu64 ".tlog-proof",
		    p->path[i]->index);
		result = buf_status(&b, e);
		if (result == 0)
			result = put_new(to, name, b.data, b.length, e);
		buf_free(&b);
		if (result == -1)
			return -1;
	}
	if (put_new(to, RECORDS, p->records.data, p->records.length, e) == -1 ||
	    put_new(to, CHECKPOINT, p->note.data, p->note.length, e) == -1)
		return -1;
	p->result->proven = p->count;
	return 0;
}

static int
read_note(int dir, struct buf *b, struct checkpoint *c, struct err *e)
{
	struct note n;

	if (read_file(dir, CHECKPOINT, b, e) == -1)
		return -1;
	if (note_parse(buf_string(b), b->length, &n, e) != b->length ||
	    checkpoint_parse(n.text, n.text_length, c, e) == -1)
		return err_set(
		    e, ERR_TAMPERED, "checkpoint: not a signed checkpoint");
	return 0;
}

int
archive_prove(int dir, const char *session, int to,
    struct archive_proofs *proofs, struct err *e)
{
	struct proving p = { .session = session, .result = proofs };
	struct reader *reader = NULL;
	struct reader_item item;
	int more = 0, result = -1;

	*proofs = (struct archive_proofs){ 0 };
	p.note = buf_new(NOTE_MAX);
	p.records = buf_new(STUB_MAX);
	if (read_note(dir, &p.note, &p.checkpoint, e) == -1 ||
	    tree_new(&p.tree, e) == -1 || reader_open(&reader, dir, e) == -1)
		goto out;
	while ((more = reader_next(reader, &item, e)) == 1)
		if (prove_item(&p, &item, e) == -1)
			goto out;
	if (more == 0)
		result = write_proofs(&p, to, e);
out:
	for (size_t i = 0; i < p.count; i++)
		free(p.path[i]);
	free(p.path);
	reader_close(&reader);
	tree_free(&p.tree);
	buf_free(&p.note);
	buf_free(&p.records);
	return result;
}

struct checking { /* a directory of proofs */
	int from;
	const char *session; /* NULL: any */
	const struct buf *note;
	const struct checkpoint *checkpoint;
	struct tree *hashing;
	uint64_t next; /* behind the record before */
};

/* The proof of one record leads to the checkpoint's root. */
static int
check_proof(struct checking *c, const char *bytes, size_t length, struct err *e)
{
	struct buf b = buf_new(NOTE_MAX * 2);
	unsigned char leaf[TREE_HASH];
	char name[48];
	struct proof proof;
	struct line line;
	int result = -1;

	if (line_parse(bytes, length, &line, e) == -1) {
		e->code = ERR_TAMPERED;
		goto out;
	}
	if (line.seq < c->next) {
		err_set(e, ERR_TAMPERED,
		    "record %" PRIu64 " is there twice, or out of order",
		    line.seq);
		goto out;
	}
	c->next = line.seq + 1;
	if (c->session != NULL && !is_of_session(&line, c->session)) {
		err_set(e, ERR_TAMPERED, "it is not of that session");
		goto out;
	}
	(void)snprintf(name, sizeof(name), "%" PRIu64 ".tlog-proof", line.seq);
	if (read_file(c->from, name, &b, e) == -1) {
		if (e->code == ERR_MISSING)
			e->code = ERR_INCOMPLETE;
		goto out;
	}
	if (proof_parse(buf_string(&b), b.length, &proof, e) == -1) {
		e->code = ERR_TAMPERED;
		goto out;
	}
	if (proof.path.index != line.seq ||
	    proof.note_length != c->note->length ||
	    memcmp(proof.note, c->note->data, c->note->length) != 0) {
		err_set(e, ERR_TAMPERED, "%s is of something else", name);
		goto out;
	}
	if (tree_leaf(c->hashing, bytes, length, leaf, e) == -1 ||
	    tree_includes(&proof.path, c->checkpoint->size, leaf,
	        c->checkpoint->root, e) == -1)
		goto out;
	result = 0;
out:
	buf_free(&b);
	return result;
}

static int
check_signature(
    const struct buf *note, const struct note_key *key, struct err *e)
{
	const struct note_line *l;
	struct note n;

	if (note_parse((const char *)note->data, note->length, &n, e) == 0)
		return -1;
	if ((l = note_find(&n, key)) == NULL)
		return err_set(e, ERR_TAMPERED,
		    "the checkpoint is not signed by that key");
	return note_verify(key, n.text, n.text_length, l->signature, e);
}

static int
check_records(struct checking *c, const struct buf *records, uint64_t *count,
    struct err *e)
{
	const char *at = (const char *)records->data;
	const char *end = at + records->length, *feed;

	for (; at < end; at = feed + 1, (*count)++) {
		feed = memchr(at, '\n', (size_t)(end - at));
		if (feed == NULL)
			return err_set(
			    e, ERR_INCOMPLETE, "a record is cut off");
		if (check_proof(c, at, (size_t)(feed - at), e) == -1)
			return err_in(
			    e, "the record in line %" PRIu64, *count + 1);
	}
	return *count > 0 ? 0 : err_set(e, ERR_INCOMPLETE, "no record");
}

int
archive_check_proofs(int from, const struct note_key *key, const char *session,
    struct buf *note, uint64_t *records, struct err *e)
{
	struct buf lines = buf_new(STUB_MAX);
	struct checkpoint checkpoint;
	struct checking c = { .from = from,
		.session = session,
		.note = note,
		.checkpoint = &checkpoint };
	int result = -1;

	*records = 0;
	if (read_note(from, note, &checkpoint, e) == 0 &&
	    (key == NULL || check_signature(note, key, e) == 0) &&
	    read_file(from, RECORDS, &lines, e) == 0 &&
	    tree_new(&c.hashing, e) == 0)
		result = check_records(&c, &lines, records, e);
	tree_free(&c.hashing);
	buf_free(&lines);
	return result;
}

/* ---- pruning ---- */

struct pruning {
	struct trail *trail;
	int dir;
	int64_t before_ns;
	int to;
	uint32_t segment; /* that the stub is of */
	struct buf stub;
	struct buf last; /* the record that was read last */
	int64_t last_ns;
	bool last_kept;
	bool want_checkpoint; /* the next one certifies a key */
	uint64_t records;
};

static int
make_prune(
    void *context, const struct place *at, struct buf *members, struct err *e)
{
	const struct pruning *p = context;

	(void)at;
	line_number(members, "through", p->segment);
	line_number(members, "records", (int64_t)p->records);
	line_text(members, "archived", p->to == -1 ? "no" : "yes", 3);
	return buf_status(members, e);
}

/* +a and +i are a hindrance to the clumsy; this is the way round for us. */
static void
clear_flags(int dir, const char *name, int *flags)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), clear;

	*flags = 0;
	if (fd == -1)
		return;
	if (ioctl(fd, FS_IOC_GETFLAGS, flags) == 0 &&
	    (*flags & (FS_APPEND_FL | FS_IMMUTABLE_FL)) != 0) {
		clear = *flags & ~(FS_APPEND_FL | FS_IMMUTABLE_FL);
		(void)ioctl(fd, FS_IOC_SETFLAGS, &clear);
	} else {
		*flags = 0;
	}
	file_close(&fd);
}

/* The last record is kept, so that the next segment's chain has its root. */
static void
put_last(struct pruning *p, bool at_end, struct tree *hashing, struct err *e)
{
	unsigned char leaf[TREE_HASH];

	if (p->last.length == 0)
		return;
	if (at_end || p->last_kept)
		buf_put(&p->stub, p->last.data, p->last.length);
	else if (tree_leaf(hashing, p->last.data, p->last.length, leaf, e) == 0)
		enc_hex(&p->stub, leaf, sizeof(leaf));
	else
		p->stub.failed = e->code;
	buf_put_byte(&p->stub, '\n');
	buf_clear(&p->last);
}

static int
prune_segment(struct pruning *p, struct err *e)
{
	struct trail_maker maker = {
		.type = "prune", .make = make_prune, .context = p
	};
	char full[SEGMENT_NAME_SIZE], stub[SEGMENT_NAME_SIZE];
	int flags;

	segment_name(full, p->segment, ".jsonl");
	segment_name(stub, p->segment, ".pruned");
	if (buf_status(&p->stub, e) == -1 ||
	    (p->to != -1 && copy_file(p->dir, full, p->to, e) == -1) ||
	    (p->to != -1 && fsync(p->to) == -1 &&
	        err_sys(e, errno, "archive") == -1) ||
	    file_replace_at(
	        p->dir, stub, 0600, p->stub.data, p->stub.length, e) == -1 ||
	    trail_put(p->trail, &maker, true, e) == -1)
		return -1;
	clear_flags(p->dir, full, &flags);
	if (unlinkat(p->dir, full, 0) == -1 || fsync(p->dir) == -1)
		return err_sys(e, errno, "%s", full);
	return 0;
}

/* Whether it stays: what names a key, and what certified that key. */
static bool
stays(struct pruning *p, const struct line *l)
{
	bool certifies = keys_needs_root(l) && p->want_checkpoint;

	if (keys_needs_root(l))
		p->want_checkpoint = false;
	else if (keys_names(l))
		p->want_checkpoint = true;
	return certifies || keys_is_kept(l);
}

/* The record's place in the stub of its segment. */
static void
take(struct pruning *p, const struct reader_item *item, struct tree *hashing,
    struct err *e)
{
	put_last(p, false, hashing, e);
	buf_put(&p->last, item->bytes, item->length);
	p->last_ns = item->line.at.wall_ns;
	p->last_kept = stays(p, &item->line);
	p->records++;
}

/* 1: the segment that ended was pruned; 0: it is too young, as all after. */
static int
end_segment(struct pruning *p, struct tree *hashing, struct err *e)
{
	if (p->last_ns >= p->before_ns)
		return 0;
	put_last(p, true, hashing, e);
	return prune_segment(p, e) == -1 ? -1 : 1;
}

static void
begin_segment(struct pruning *p, uint32_t number)
{
	p->segment = number;
	p->records = 0;
	buf_clear(&p->stub);
	buf_clear(&p->last);
}

static int
prune_all(struct pruning *p, struct reader *reader, struct tree *hashing,
    uint32_t *count, struct err *e)
{
	struct reader_item item;
	int more;

	while ((more = reader_next(reader, &item, e)) == 1) {
		/* Those that were pruned before come first. */
		if (item.segment <= reader_counts(reader)->pruned_segments) {
			if (item.bytes != NULL && keys_needs_root(&item.line))
				p->want_checkpoint = false;
			continue;
		}
		if (p->segment != item.segment) {
			int done =
			    p->segment == 0 ? 1 : end_segment(p, hashing, e);

			if (done != 1)
				return done;
			*count += p->segment != 0;
			begin_segment(p, item.segment);
		}
		if (item.bytes != NULL)
			take(p, &item, hashing, e);
	}
	return more;
}

int
archive_prune(
    struct trail *t, int64_t before_ns, int to, uint32_t *count, struct err *e)
{
	struct pruning p = { .trail = t, .before_ns = before_ns, .to = to };
	struct tree *hashing = NULL;
	struct reader *reader = NULL;
	int result = -1;

	*count = 0;
	p.dir = trail_directory(t);
	p.stub = buf_new(STUB_MAX);
	p.last = buf_new(TRAIL_LINE_MAX);
	if (tree_new(&hashing, e) == 0 && reader_open(&reader, p.dir, e) == 0)
		result = prune_all(&p, reader, hashing, count, e);
	reader_close(&reader);
	tree_free(&hashing);
	buf_free(&p.stub);
	buf_free(&p.last);
	return result;
}

/* ---- room ---- */

/*
 * A closed segment is truncated to the length it has, which frees the room
 * past its end and changes no byte of it.
 */
static int
release(int dir, uint32_t number, struct err *e)
{
	char name[SEGMENT_NAME_SIZE];
	int flags, fd, result = 0;
	struct stat st;

	segment_name(name, number, ".jsonl");
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    (int64_t)st.st_blocks * 512 < st.st_size + ROOM_WORTH)
		return 0;
	clear_flags(dir, name, &flags);
	fd = file_open_at(dir, name, O_RDWR, &segment_rule, e);
	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1 || ftruncate(fd, st.st_size) == -1)
		result = err_sys(e, errno, "%s", name);
	if (flags != 0)
		(void)ioctl(fd, FS_IOC_SETFLAGS, &flags);
	file_close(&fd);
	return result;
}

int
archive_release_room(int dir, struct err *e)
{
	uint32_t highest;

	if (segment_highest(dir, false, &highest, e) == -1)
		return -1;
	/* Where it was done before it takes a stat each. */
	for (uint32_t n = highest; n > 1 && segment_exists(dir, n - 1); n--)
		if (release(dir, n - 1, e) == -1)
			return -1;
	return 0;
}
