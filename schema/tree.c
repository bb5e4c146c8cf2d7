#include "schema/tree.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#define PATHS_MAX 65536u

struct tree {
	EVP_MD_CTX *context;
	uint64_t size;
	/* node[l] is the complete subtree of 2^l leaves, if size has bit l. */
	unsigned char node[TREE_LEVELS][TREE_HASH];
	struct tree_path **path;
	size_t paths;
};

int
tree_new(struct tree **out, struct err *e)
{
	struct tree *t = calloc(1, sizeof(*t));

	*out = NULL;
	if (t == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	t->context = EVP_MD_CTX_new();
	if (t->context == NULL ||
	    EVP_DigestInit_ex(t->context, EVP_sha256(), NULL) != 1) {
		tree_free(&t);
		return err_set(e, ERR_CRYPTO, "SHA-256 is not to be had");
	}
	*out = t;
	return 0;
}

void
tree_free(struct tree **t)
{
	if (*t == NULL)
		return;
	EVP_MD_CTX_free((*t)->context);
	free((*t)->path);
	free(*t);
	*t = NULL;
}

uint64_t
tree_size(const struct tree *t)
{
	return t->size;
}

/* The digest was fetched once, by tree_new; this only starts it afresh. */
static int
sum(EVP_MD_CTX *context, const char *prefix, const void *a, size_t a_length,
    const void *b, size_t b_length, unsigned char *hash, struct err *e)
{
	if (EVP_DigestInit_ex(context, NULL, NULL) != 1 ||
	    (prefix != NULL && EVP_DigestUpdate(context, prefix, 1) != 1) ||
	    EVP_DigestUpdate(context, a, a_length) != 1 ||
	    (b_length > 0 && EVP_DigestUpdate(context, b, b_length) != 1) ||
	    EVP_DigestFinal_ex(context, hash, NULL) != 1)
		return err_set(e, ERR_CRYPTO, "SHA-256 failed");
	return 0;
}

int
tree_leaf(struct tree *t, const void *bytes, size_t length, unsigned char *hash,
    struct err *e)
{
	return sum(t->context, "\0", bytes, length, NULL, 0, hash, e);
}

int
tree_plain(struct tree *t, const void *bytes, size_t length,
    unsigned char *hash, struct err *e)
{
	return sum(t->context, NULL, bytes, length, NULL, 0, hash, e);
}

static int
node(EVP_MD_CTX *context, const unsigned char *left, const unsigned char *right,
    unsigned char *hash, struct err *e)
{
	unsigned char both[1 + 2 * TREE_HASH] = { 1 };

	memcpy(both + 1, left, TREE_HASH);
	memcpy(both + 1 + TREE_HASH, right, TREE_HASH);
	return sum(context, NULL, both, sizeof(both), NULL, 0, hash, e);
}

static void
path_add(struct tree_path *p, const unsigned char *hash)
{
	memcpy(p->hash[p->count++], hash, TREE_HASH);
}

/* Two subtrees of 2^level leaves become one that ends with leaf `last`. */
static void
merge_paths(struct tree *t, unsigned level, uint64_t last,
    const unsigned char *left, const unsigned char *right)
{
	uint64_t of_right = last >> level;

	for (size_t i = 0; i < t->paths; i++) {
		uint64_t at = t->path[i]->index >> level;

		if (at == of_right)
			path_add(t->path[i], left);
		else if (at == of_right - 1)
			path_add(t->path[i], right);
	}
}

int
tree_node(struct tree *t, const unsigned char *left, const unsigned char *right,
    unsigned char *hash, struct err *e)
{
	return node(t->context, left, right, hash, e);
}

int
tree_add(struct tree *t, const unsigned char *leaf, struct err *e)
{
	return tree_add_subtree(t, 0, leaf, e);
}

int
tree_add_subtree(
    struct tree *t, unsigned level, const unsigned char *subtree, struct err *e)
{
	const uint64_t most = UINT64_C(1) << (TREE_LEVELS - 1);
	unsigned char hash[TREE_HASH];
	uint64_t leaves;

	if (level >= TREE_LEVELS - 1 || t->size >= most ||
	    (leaves = UINT64_C(1) << level) > most - t->size)
		return err_set(e, ERR_LIMIT, "the tree is full");
	if ((t->size & (leaves - 1)) != 0)
		return err_set(e, ERR_FORMAT,
		    "no complete subtree of that level begins there");
	memcpy(hash, subtree, TREE_HASH);
	for (; (t->size >> level & 1) != 0; level++) {
		if (t->paths > 0)
			merge_paths(t, level, t->size, t->node[level], hash);
		if (node(t->context, t->node[level], hash, hash, e) == -1)
			return -1;
	}
	memcpy(t->node[level], hash, TREE_HASH);
	t->size += leaves;
	return 0;
}

/* Joins the complete subtrees, the smallest first. */
static int
join(struct tree *t, bool with_paths, unsigned char *root, struct err *e)
{
	uint64_t begin = t->size; /* of the leaves that root covers so far */
	bool any = false;

	if (t->size == 0)
		return sum(t->context, NULL, "", 0, NULL, 0, root, e);
	for (unsigned level = 0; level < TREE_LEVELS; level++) {
		uint64_t from;

		if ((t->size >> level & 1) == 0)
			continue;
		from = begin - (UINT64_C(1) << level);
		for (size_t i = 0; any && with_paths && i < t->paths; i++) {
			struct tree_path *p = t->path[i];

			if (p->index >= begin)
				path_add(p, t->node[level]);
			else if (p->index >= from)
				path_add(p, root);
		}
		if (!any)
			memcpy(root, t->node[level], TREE_HASH);
		else if (node(t->context, t->node[level], root, root, e) == -1)
			return -1;
		any = true;
		begin = from;
	}
	return 0;
}

int
tree_root(struct tree *t, unsigned char *root, struct err *e)
{
	return join(t, false, root, e);
}

int
tree_watch(struct tree *t, struct tree_path *path, struct err *e)
{
	struct tree_path **all;

	if (t->paths == PATHS_MAX)
		return err_set(
		    e, ERR_LIMIT, "more than %u proofs at once", PATHS_MAX);
	/* Grown at each power of two. */
	if ((t->paths & (t->paths - 1)) == 0) {
		size_t room = t->paths == 0 ? 1 : 2 * t->paths;

		if ((all = realloc(
		         t->path, room * sizeof(struct tree_path *))) == NULL)
			return err_set(e, ERR_MEMORY, "out of memory");
		t->path = all;
	}
	path->index = t->size;
	path->count = 0;
	t->path[t->paths++] = path;
	return 0;
}

int
tree_finish(struct tree *t, unsigned char *root, struct err *e)
{
	return join(t, true, root, e);
}

/* RFC 9162 section 2.1.3.2, which is of the same tree as RFC 6962. */
int
tree_includes(const struct tree_path *p, uint64_t size,
    const unsigned char *leaf, const unsigned char *root, struct err *e)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint64_t at = p->index, last = size - 1;
	unsigned char hash[TREE_HASH];
	int result = -1;

	if (context == NULL ||
	    EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1) {
		err_set(e, ERR_CRYPTO, "SHA-256 is not to be had");
		goto out;
	}
	memcpy(hash, leaf, TREE_HASH);
	if (p->index >= size || p->count > TREE_LEVELS)
		goto bad;
	for (size_t i = 0; i < p->count; i++) {
		bool from_left = (at & 1) != 0 || at == last;

		if (last == 0)
			goto bad;
		if ((from_left
		            ? node(context, p->hash[i], hash, hash, e)
		            : node(context, hash, p->hash[i], hash, e)) == -1)
			goto out;
		while (from_left && (at & 1) == 0 && at != 0) {
			at >>= 1;
			last >>= 1;
		}
		at >>= 1;
		last >>= 1;
	}
	if (last != 0 || memcmp(hash, root, TREE_HASH) != 0)
		goto bad;
	result = 0;
	goto out;
bad:
	err_set(e, ERR_TAMPERED, "the proof does not lead to the root");
out:
	EVP_MD_CTX_free(context);
	return result;
}

void
tree_print(const struct tree *t, struct buf *b)
{
	buf_put_u64(b, t->size);
	for (unsigned level = 0; level < TREE_LEVELS; level++)
		if ((t->size >> level & 1) != 0)
			buf_put(b, t->node[level], TREE_HASH);
}

int
tree_read(struct tree *t, struct cursor *c, struct err *e)
{
	t->size = cursor_u64(c);
	if (t->size >> (TREE_LEVELS - 1) != 0)
		return err_set(e, ERR_FORMAT, "no tree has that size");
	for (unsigned level = 0; level < TREE_LEVELS; level++)
		if ((t->size >> level & 1) != 0)
			cursor_copy(c, t->node[level], TREE_HASH);
	return c->failed ? err_set(e, ERR_FORMAT, "a tree is cut off") : 0;
}
