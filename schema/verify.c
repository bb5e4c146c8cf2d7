#include "schema/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schema/base/enc.h"
#include "schema/base/file.h"
#include "schema/keys.h"
#include "schema/tree.h"

/* A checkpoint to compare with the tree when that has its size. */
struct held {
	struct checkpoint checkpoint;
	char *note; /* a copy */
	size_t length;
	bool own; /* the host's own file, not one that was kept elsewhere */
};

struct verify {
	bool trusting;
	struct note_key trusted;
	struct held *held; /* by size, from verify_run on */
	size_t count;
	size_t next; /* the first that the tree has not reached */
	struct tree *tree;
	struct keys keys;
	int64_t pruned_through; /* the last segment a prune record names */
};

int
verify_new(struct verify **out, struct err *e)
{
	struct verify *v = calloc(1, sizeof(*v));

	*out = NULL;
	if (v == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (tree_new(&v->tree, e) == -1) {
		verify_free(&v);
		return -1;
	}
	*out = v;
	return 0;
}

void
verify_free(struct verify **v)
{
	if (*v == NULL)
		return;
	for (size_t i = 0; i < (*v)->count; i++)
		free((*v)->held[i].note);
	free((*v)->held);
	tree_free(&(*v)->tree);
	keys_free(&(*v)->keys);
	free(*v);
	*v = NULL;
}

int
verify_trust(struct verify *v, const char *vkey, struct err *e)
{
	v->trusting = true;
	return note_key_parse(vkey, &v->trusted, e);
}

static int
hold(struct verify *v, const struct note *n, const char *bytes, size_t length,
    bool own, struct err *e)
{
	struct held h = { .length = length, .own = own };
	struct held *all;

	if (checkpoint_parse(n->text, n->text_length, &h.checkpoint, e) == -1)
		return -1;
	if (v->count == VERIFY_CHECKPOINTS_MAX)
		return err_set(e, ERR_LIMIT, "over %u checkpoints",
		    VERIFY_CHECKPOINTS_MAX);
	if ((h.note = malloc(length)) == NULL ||
	    (all = realloc(v->held, (v->count + 1) * sizeof(*all))) == NULL) {
		free(h.note);
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	memcpy(h.note, bytes, length);
	v->held = all;
	v->held[v->count++] = h;
	return 0;
}

/* A note in one line of a log, from `at` up to the end of the line. */
static int
hold_logged(struct verify *v, const char *at, const char *end, struct err *e)
{
	struct buf b = buf_new(NOTE_MAX);
	struct note n;
	size_t length;
	int result = -1;

	for (; at < end && *at != '\n'; at++)
		buf_put_byte(&b, *at == '|' ? '\n' : (unsigned char)*at);
	if (buf_status(&b, e) == 0 &&
	    (length = note_parse(buf_string(&b), b.length, &n, e)) != 0)
		result = hold(v, &n, buf_string(&b), length, false, e);
	buf_free(&b);
	return result;
}

/* 1: it was a log. */
static int
hold_log(struct verify *v, const struct buf *log, struct err *e)
{
	static const char mark[] = VERIFY_LOG_MARK;
	const char *at = (const char *)log->data, *end = at + log->length;
	int found = 0;

	while ((at = memmem(at, (size_t)(end - at), mark, sizeof(mark) - 1)) !=
	    NULL) {
		at += sizeof(mark) - 1;
		if (hold_logged(v, at, end, e) == -1)
			return -1;
		found = 1;
	}
	return found;
}

static int
hold_all(struct verify *v, const struct buf *notes, bool own, struct err *e)
{
	const char *at = (const char *)notes->data, *end = at + notes->length;

	if (notes->length == 0)
		return err_set(e, ERR_FORMAT, "no checkpoint in it");
	while (at < end) {
		struct note n;
		size_t length;

		if (*at == '\n') { /* between notes that were put together */
			at++;
			continue;
		}
		length = note_parse(at, (size_t)(end - at), &n, e);
		if (length == 0 || hold(v, &n, at, length, own, e) == -1)
			return -1;
		at += length;
	}
	return 0;
}

int
verify_hold(
    struct verify *v, const char *where, const struct buf *notes, struct err *e)
{
	int logged = notes->length == 0 ? 0 : hold_log(v, notes, e);

	if (logged == -1 || (logged == 0 && hold_all(v, notes, false, e) == -1))
		return err_in(e, "%s", where);
	return 0;
}

/* The host's own; it is a part of what is copied. */
static int
hold_own(struct verify *v, int dir, struct err *e)
{
	struct buf b = buf_new(NOTE_MAX);
	int fd = openat(dir, "checkpoint",
	    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	int result = -1;

	if (fd == -1 && errno == ENOENT)
		return err_set(
		    e, ERR_INCOMPLETE, "the latest checkpoint is missing");
	if (fd == -1)
		return err_sys(e, errno, "checkpoint");
	if (file_read(fd, &b, e) == 0 && hold_all(v, &b, true, e) == 0)
		result = 0;
	else if (e->code == ERR_FORMAT)
		e->code = ERR_TAMPERED;
	buf_free(&b);
	file_close(&fd);
	return result == -1 ? err_in(e, "checkpoint") : 0;
}

static int
by_size(const void *a, const void *b)
{
	const struct held *x = a, *y = b;

	if (x->checkpoint.size != y->checkpoint.size)
		return x->checkpoint.size < y->checkpoint.size ? -1 : 1;
	return 0;
}

static const char *
whose(const struct held *h)
{
	return h->own ? "the host's own checkpoint"
	              : "a checkpoint held elsewhere";
}

/* Compares with those that were made when the tree had its present size. */
static int
compare_held(struct verify *v, struct verify_report *r, struct err *e)
{
	unsigned char root[TREE_HASH];

	while (v->next < v->count &&
	    v->held[v->next].checkpoint.size == tree_size(v->tree)) {
		const struct held *h = &v->held[v->next];

		if (tree_root(v->tree, root, e) == -1)
			return -1;
		if (memcmp(root, h->checkpoint.root, TREE_HASH) != 0)
			return err_set(e, ERR_TAMPERED,
			    "%s of size %" PRIu64 " has another root: of the "
			    "records %" PRIu64 " to %" PRIu64
			    " one was altered",
			    whose(h), h->checkpoint.size,
			    h->own ? r->own_size : r->held_size,
			    h->checkpoint.size - 1);
		if (!h->own) {
			r->held_size = h->checkpoint.size;
			r->held_count++;
		}
		v->next++;
	}
	return 0;
}

static void
print_time(char *out, size_t size, int64_t wall_ns)
{
	struct buf b = buf_new(size - 1);

	enc_time(&b, wall_ns);
	(void)snprintf(out, size, "%s", buf_string(&b));
	buf_free(&b);
}

static int
note_record(struct verify *v, const struct line *l, struct verify_report *r,
    struct err *e)
{
	unsigned char root[TREE_HASH];
	int64_t number;

	if (keys_needs_root(l) && tree_root(v->tree, root, e) == -1)
		return -1;
	if (keys_record(
	        &v->keys, l, root, v->trusting ? &v->trusted : NULL, e) == -1)
		return -1;
	if (keys_needs_root(l))
		r->own_size = l->seq;
	if (strcmp(l->type, "prune") == 0 &&
	    line_get_number(l, "through", &number, e) == 1)
		v->pruned_through = number;
	if (strcmp(l->type, "gap") == 0 &&
	    line_get_number(l, "missed", &number, e) == 1 && number > 0)
		r->missed += (uint64_t)number;
	return 0;
}

static int
take(struct verify *v, const struct reader_item *item, struct verify_report *r,
    struct err *e)
{
	unsigned char leaf[TREE_HASH];

	if (item->bytes == NULL)
		memcpy(leaf, item->leaf, TREE_HASH);
	else if (tree_leaf(v->tree, item->bytes, item->length, leaf, e) == -1 ||
	    (!item->hurried && note_record(v, &item->line, r, e) == -1))
		return -1;
	if (tree_add(v->tree, leaf, e) == -1)
		return -1;
	r->records++;
	r->segments = item->segment;
	return compare_held(v, r, e);
}

/*
 * A root tells that one of many records was altered. If it was the last of
 * them, the record behind it tells that it was that one.
 */
static void
name_record(struct reader *reader, struct err *e)
{
	struct reader_item item;
	struct err named;

	if (e->code == ERR_TAMPERED &&
	    reader_next(reader, &item, &named) == -1 &&
	    named.code == ERR_TAMPERED)
		*e = named;
}

static int
read_all(struct verify *v, struct reader *reader, struct verify_report *r,
    struct err *e)
{
	struct reader_item item;
	int64_t last_ns = 0;
	int more;

	while ((more = reader_next(reader, &item, e)) == 1) {
		if (take(v, &item, r, e) == -1) {
			name_record(reader, e);
			more = -1;
			break;
		}
		if (item.bytes == NULL || item.hurried)
			continue;
		last_ns = item.line.at.wall_ns;
		if (r->first_time[0] == '\0')
			print_time(
			    r->first_time, sizeof(r->first_time), last_ns);
	}
	if (r->first_time[0] != '\0')
		print_time(r->last_time, sizeof(r->last_time), last_ns);
	r->counts = *reader_counts(reader);
	return more;
}

/* Those that were held are of this trail, and signed by its keys. */
static int
check_signatures(struct verify *v, struct verify_report *r, struct err *e)
{
	for (size_t i = 0; i < v->count; i++) {
		const struct held *h = &v->held[i];
		struct note n;
		int signers;

		if (!keys_has_origin(&v->keys, h->checkpoint.origin))
			return err_set(e, ERR_TAMPERED,
			    "%s is of origin %s, which this trail never had",
			    whose(h), h->checkpoint.origin);
		if (note_parse(h->note, h->length, &n, e) == 0 ||
		    (signers = keys_signed(&v->keys, &n, e)) == -1)
			return err_in(e, "%s of size %" PRIu64, whose(h),
			    h->checkpoint.size);
		if (signers == 0 && h->own)
			return err_set(e, ERR_TAMPERED,
			    "%s is signed by no key of this trail", whose(h));
		r->held_unsigned += signers == 0;
		if (h->own && h->checkpoint.size > r->own_size)
			r->own_size = h->checkpoint.size;
	}
	return 0;
}

static int
check_end(struct verify *v, const struct verify_report *r, struct err *e)
{
	uint64_t size = tree_size(v->tree);

	if (v->next < v->count) {
		const struct held *h = &v->held[v->count - 1];

		return err_set(e, ERR_INCOMPLETE,
		    "record %" PRIu64 " is cut off: %s covers records up to "
		    "%" PRIu64,
		    size, whose(h), h->checkpoint.size - 1);
	}
	if (r->counts.pruned_segments > v->pruned_through)
		return err_set(e, ERR_INCOMPLETE,
		    "segment %" PRId64 " was pruned, and no record says so",
		    v->pruned_through + 1);
	if (r->counts.tail_bytes > 0)
		return err_set(e, ERR_INCOMPLETE,
		    "record %" PRIu64 " is cut off: %" PRIu64
		    " bytes at the end are no record",
		    size, r->counts.tail_bytes);
	return 0;
}

static void
print_first_key(struct verify *v, struct verify_report *r)
{
	struct buf b = buf_new(sizeof(r->first_key) - 1);

	if (v->keys.count > 0) {
		note_key_print(&v->keys.all[0], &b);
		(void)snprintf(
		    r->first_key, sizeof(r->first_key), "%s", buf_string(&b));
	}
	r->uncertified = v->keys.uncertified;
	r->uncertified_at = v->keys.uncertified_at;
	buf_free(&b);
}

/* All that a run computes, as before the first record. */
static int
start(struct verify *v, struct verify_report *r, struct err *e)
{
	*r = (struct verify_report){ 0 };
	v->next = 0;
	v->pruned_through = 0;
	keys_free(&v->keys);
	tree_free(&v->tree);
	return tree_new(&v->tree, e);
}

static int
run(struct verify *v, int dir, uint64_t hurry, struct verify_report *r,
    struct err *e)
{
	struct reader *reader = NULL;
	int result = -1;

	if (start(v, r, e) == -1 || compare_held(v, r, e) == -1 ||
	    reader_open(&reader, dir, e) == -1)
		return -1;
	reader_hurry(reader, hurry);
	if (read_all(v, reader, r, e) == 0 && check_end(v, r, e) == 0 &&
	    check_signatures(v, r, e) == 0)
		result = 0;
	reader_close(&reader);
	return result;
}

/* Up to where the host's own latest checkpoint proves the bytes. */
static uint64_t
own_size(const struct verify *v)
{
	uint64_t size = 0;

	for (size_t i = 0; i < v->count; i++)
		if (v->held[i].own)
			size = v->held[i].checkpoint.size;
	return size;
}

/*
 * What a signed root covers needs no chain: if the bytes were others, the root
 * would be. If anything does not fit, all is read again with the chain, which
 * names the record.
 */
int
verify_run(struct verify *v, int dir, struct verify_report *r, struct err *e)
{
	struct err own = { .code = ERR_NONE };
	uint64_t hurry;
	int result;

	/* That it is missing is said only if nothing worse is found. */
	(void)hold_own(v, dir, &own);
	if (v->count > 0)
		qsort(v->held, v->count, sizeof(*v->held), by_size);
	hurry = own_size(v);
	result = hurry > 0 ? run(v, dir, hurry, r, e) : -1;
	if (result == -1)
		result = run(v, dir, 0, r, e);
	print_first_key(v, r);
	if (result == 0 && own.code != ERR_NONE) {
		*e = own;
		result = -1;
	}
	return result;
}
