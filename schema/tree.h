/*
 * The Merkle tree of RFC 6962 section 2.1 over the trail's lines, kept as the
 * few complete subtrees that its size is the sum of: adding a leaf and taking
 * the root cost a hash or two, however large the tree is.
 */
#ifndef SCHEMA_TREE_H
#define SCHEMA_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "schema/base/buf.h"
#include "schema/base/err.h"

#define TREE_HASH   32u /* bytes of a SHA-256 */
#define TREE_LEVELS 63u /* so that a size fits int64_t */

/* An audit path (RFC 6962 section 2.1.1), from the leaf's sibling upwards. */
struct tree_path {
	uint64_t index; /* of the leaf */
	size_t count;
	unsigned char hash[TREE_LEVELS][TREE_HASH];
};

struct tree;

int tree_new(struct tree **, struct err *);
void tree_free(struct tree **);

uint64_t tree_size(const struct tree *);
/* SHA-256(0x00 || bytes), without adding it. */
int tree_leaf(struct tree *, const void *bytes, size_t length,
    unsigned char *hash, struct err *);
/* SHA-256 of the bytes alone, with the tree's own hashing context. */
int tree_plain(struct tree *, const void *bytes, size_t length,
    unsigned char *hash, struct err *);
int tree_add(struct tree *, const unsigned char *leaf, struct err *);
/*
 * Adds 2^level leaves at once, by the hash over them; of level 0 it is a leaf.
 * ERR_FORMAT if no complete subtree of that level begins at the tree's size.
 * Not while paths are being collected.
 */
int tree_add_subtree(
    struct tree *, unsigned level, const unsigned char *hash, struct err *);
/* SHA-256(0x01 || left || right). hash may be either of them. */
int tree_node(struct tree *, const unsigned char *left,
    const unsigned char *right, unsigned char *hash, struct err *);
/*
 * The root over all leaves so far; of none, SHA-256 of nothing. The paths
 * that are being collected are not touched.
 */
int tree_root(struct tree *, unsigned char *root, struct err *);

/*
 * Collects the path of the leaf that is added next. *path must stay where it
 * is until tree_finish, which completes all paths and after which the tree
 * is only good for tree_free.
 */
int tree_watch(struct tree *, struct tree_path *, struct err *);
int tree_finish(struct tree *, unsigned char *root, struct err *);

/* Whether the path leads from that leaf of a tree of that size to root. */
int tree_includes(const struct tree_path *, uint64_t size,
    const unsigned char *leaf, const unsigned char *root, struct err *);

/* The whole of it as bytes, and back into a new tree. */
void tree_print(const struct tree *, struct buf *);
int tree_read(struct tree *, struct cursor *, struct err *);

#endif
