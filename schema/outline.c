#include "schema/outline.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/enc.h"

struct subtree {
	unsigned level;
	unsigned char hash[TREE_HASH];
};

struct outline {
	struct tree *hashing; /* of no leaf: for its context */
	struct buf lines;
	uint64_t size; /* records that were added */
	/* Those of them that are in no line yet, as few subtrees as can be. */
	struct subtree run[2 * TREE_LEVELS];
	size_t count;
	bool want_checkpoint; /* the next one certifies a key */
};

int
outline_new(struct outline **out, struct err *e)
{
	struct outline *o = calloc(1, sizeof(*o));

	*out = NULL;
	if (o == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	o->lines = buf_new(OUTLINE_MAX);
	if (tree_new(&o->hashing, e) == -1) {
		outline_free(&o);
		return -1;
	}
	*out = o;
	return 0;
}

void
outline_free(struct outline **o)
{
	if (*o == NULL)
		return;
	tree_free(&(*o)->hashing);
	buf_free(&(*o)->lines);
	free(*o);
	*o = NULL;
}

int
outline_mark(struct outline *o, struct err *e)
{
	for (size_t i = 0; i < o->count; i++) {
		buf_printf(&o->lines, "%u ", o->run[i].level);
		enc_hex(&o->lines, o->run[i].hash, TREE_HASH);
		buf_put_byte(&o->lines, '\n');
	}
	o->count = 0;
	return buf_status(&o->lines, e);
}

/*
 * Two neighbours of one level, the left of which begins where a subtree of the
 * next level can, become one. They end with the last record.
 */
static int
merge(struct outline *o, struct err *e)
{
	while (o->count > 1) {
		struct subtree *left = &o->run[o->count - 2], *right = left + 1;
		uint64_t begin = o->size - (UINT64_C(2) << right->level);

		if (left->level != right->level ||
		    (begin >> left->level & 1) != 0)
			return 0;
		if (tree_node(o->hashing, left->hash, right->hash, left->hash,
		        e) == -1)
			return -1;
		left->level++;
		o->count--;
	}
	return 0;
}

static bool
is_told(struct outline *o, const struct line *l)
{
	bool certifies = keys_needs_root(l) && o->want_checkpoint;

	if (keys_needs_root(l))
		o->want_checkpoint = false;
	else if (keys_names(l))
		o->want_checkpoint = true;
	return certifies || keys_names(l);
}

int
outline_add(struct outline *o, const struct reader_item *item,
    const unsigned char *leaf, struct err *e)
{
	if (item->bytes != NULL && is_told(o, &item->line)) {
		if (outline_mark(o, e) == -1)
			return -1;
		buf_put(&o->lines, item->bytes, item->length);
		buf_put_byte(&o->lines, '\n');
		o->size++;
		return buf_status(&o->lines, e);
	}
	o->run[o->count].level = 0;
	memcpy(o->run[o->count++].hash, leaf, TREE_HASH);
	o->size++;
	return merge(o, e);
}

int
outline_bytes(struct outline *o, const struct buf **bytes, struct err *e)
{
	*bytes = &o->lines;
	return outline_mark(o, e);
}

/* ---- Checking ---- */

struct checking {
	const struct checkpoint *const *held;
	size_t count, next; /* the first that the tree has not reached */
	struct tree *tree;
	struct keys *keys;
};

/* Those that are of the tree's present size; none may have been passed. */
static int
compare(struct checking *c, struct err *e)
{
	uint64_t size = tree_size(c->tree);
	unsigned char root[TREE_HASH];

	if (tree_root(c->tree, root, e) == -1)
		return -1;
	for (; c->next < c->count && c->held[c->next]->size == size; c->next++)
		if (memcmp(c->held[c->next]->root, root, TREE_HASH) != 0)
			return err_set(e, ERR_TAMPERED,
			    "its first %" PRIu64
			    " records have another root than the checkpoint "
			    "of that size",
			    size);
	if (c->next < c->count && c->held[c->next]->size < size)
		return err_set(e, ERR_INCOMPLETE,
		    "the root of the first %" PRIu64 " records can't be "
		    "computed from it",
		    c->held[c->next]->size);
	return 0;
}

static int
take_record(struct checking *c, const char *bytes, size_t length, struct err *e)
{
	unsigned char root[TREE_HASH], leaf[TREE_HASH];
	uint64_t size = tree_size(c->tree);
	struct line line;

	if (line_parse(bytes, length, &line, e) == -1)
		return -1;
	if (line.seq != size)
		return err_set(e, ERR_TAMPERED,
		    "record %" PRIu64 " stands where %" PRIu64 " should",
		    line.seq, size);
	if (tree_root(c->tree, root, e) == -1 ||
	    keys_record(c->keys, &line, root, NULL, e) == -1 ||
	    tree_leaf(c->tree, bytes, length, leaf, e) == -1)
		return -1;
	return tree_add(c->tree, leaf, e);
}

static int
take_subtree(
    struct checking *c, const char *bytes, size_t length, struct err *e)
{
	const char *space = memchr(bytes, ' ', length);
	unsigned char hash[TREE_HASH];
	uint64_t level;

	if (space == NULL ||
	    strspn(space + 1, "0123456789abcdef") < 2 * TREE_HASH)
		return err_set(e, ERR_FORMAT, "neither a record nor a subtree");
	if (enc_number(
	        bytes, (size_t)(space - bytes), TREE_LEVELS, &level, e) == -1 ||
	    enc_unhex(space + 1, length - (size_t)(space + 1 - bytes), hash,
	        sizeof(hash), e) == -1)
		return -1;
	return tree_add_subtree(c->tree, (unsigned)level, hash, e);
}

static int
take_lines(struct checking *c, const char *bytes, size_t length, struct err *e)
{
	const char *at = bytes, *end = bytes + length, *feed;

	for (; at < end; at = feed + 1) {
		feed = memchr(at, '\n', (size_t)(end - at));
		if (feed == NULL)
			return err_set(e, ERR_INCOMPLETE, "it is cut off");
		if ((*at == '{' ? take_record : take_subtree)(
		        c, at, (size_t)(feed - at), e) == -1 ||
		    compare(c, e) == -1)
			return -1;
	}
	return 0;
}

int
outline_check(const char *bytes, size_t length,
    const struct checkpoint *const *held, size_t count, struct keys *keys,
    struct err *e)
{
	struct checking c = { .held = held, .count = count, .keys = keys };
	int result = -1;

	if (tree_new(&c.tree, e) == -1)
		return -1;
	if (compare(&c, e) == -1 || take_lines(&c, bytes, length, e) == -1) {
		/* What can't be read, or is of another form, is not ours. */
		if (e->code == ERR_FORMAT || e->code == ERR_NEWER ||
		    e->code == ERR_LIMIT)
			e->code = ERR_TAMPERED;
	} else if (c.next < count)
		err_set(e, ERR_INCOMPLETE,
		    "it ends with record %" PRIu64 ", before %" PRIu64,
		    tree_size(c.tree), held[count - 1]->size);
	else if (tree_size(c.tree) != held[count - 1]->size)
		err_set(e, ERR_TAMPERED,
		    "it goes on behind the checkpoint of %" PRIu64 " records",
		    held[count - 1]->size);
	else if (keys->count == 0)
		err_set(e, ERR_INCOMPLETE, "it names no key");
	else
		result = 0;
	tree_free(&c.tree);
	return result;
}
