/* The Merkle tree, by the test data that RFC 6962's own implementation has. */
#include <string.h>

#include "schema/base/enc.h"
#include "schema/tree.h"
#include "tests/unit.h"

/* The eight leaves of the certificate-transparency test vectors. */
static const struct {
	const char *leaf; /* hexadecimal */
	const char *root; /* of the tree up to and with it */
} vectors[] = {
	{ "",
	    "6e340b9cffb37a989ca544e6bb780a2c"
	    "78901d3fb33738768511a30617afa01d" },
	{ "00",
	    "fac54203e7cc696cf0dfcb42c92a1d9d"
	    "baf70ad9e621f4bd8d98662f00e3c125" },
	{ "10",
	    "aeb6bcfe274b70a14fb067a5e5578264"
	    "db0fa9b51af5e0ba159158f329e06e77" },
	{ "2021",
	    "d37ee418976dd95753c1c73862b9398f"
	    "a2a2cf9b4ff0fdfe8b30cd95209614b7" },
	{ "3031",
	    "4e3bbb1f7b478dcfe71fb631631519a3"
	    "bca12c9aefca1612bfce4c13a86264d4" },
	{ "40414243",
	    "76e67dadbcdf1e10e1b74ddc608abd2f"
	    "98dfb16fbce75277b5232a127f2087ef" },
	{ "5051525354555657",
	    "ddb89be403809e325750d3d263cd7892"
	    "9c2942b7942a34b77e122c9594a74c8c" },
	{ "606162636465666768696a6b6c6d6e6f",
	    "5dc9da79a70659a9ad559cb701ded9a2"
	    "ab9d823aad2f4960cfe370eff4604328" },
};
#define EMPTY   "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define VECTORS (sizeof(vectors) / sizeof(*vectors))

static struct err e;

static struct tree *
made(void)
{
	struct tree *t;

	ck_assert_msg(tree_new(&t, &e) == 0, "%s", e.text);
	return t;
}

static void
leaf(struct tree *t, size_t i, unsigned char *hash)
{
	unsigned char bytes[32];
	size_t length = strlen(vectors[i].leaf) / 2;

	ck_assert_int_eq(
	    enc_unhex(vectors[i].leaf, 2 * length, bytes, length, &e), 0);
	ck_assert_int_eq(tree_leaf(t, bytes, length, hash, &e), 0);
}

static void
expect(const unsigned char *hash, const char *hex)
{
	struct buf b = buf_new(80);

	enc_hex(&b, hash, TREE_HASH);
	ck_assert_str_eq(buf_string(&b), hex);
	buf_free(&b);
}

/* Section 2.1, word by word, to compare with. */
static void
slowly(const unsigned char (*leaves)[TREE_HASH], size_t n, unsigned char *root)
{
	unsigned char both[1 + 2 * TREE_HASH] = { 1 };
	struct tree *t = made();
	size_t k = 1;

	if (n == 1) {
		memcpy(root, leaves[0], TREE_HASH);
	} else {
		while (2 * k < n)
			k *= 2;
		slowly(leaves, k, both + 1);
		slowly(leaves + k, n - k, both + 1 + TREE_HASH);
		tree_plain(t, both, sizeof(both), root, &e);
	}
	tree_free(&t);
}

START_TEST(roots_are_those_of_the_published_vectors)
{
	unsigned char hash[TREE_HASH];
	struct tree *t = made();

	ck_assert_int_eq(tree_root(t, hash, &e), 0);
	expect(hash, EMPTY);
	for (size_t i = 0; i < VECTORS; i++) {
		leaf(t, i, hash);
		ck_assert_int_eq(tree_add(t, hash, &e), 0);
		ck_assert_int_eq(tree_root(t, hash, &e), 0);
		expect(hash, vectors[i].root);
	}
	tree_free(&t);
}
END_TEST

#define MANY 70

static void
many(unsigned char (*leaves)[TREE_HASH])
{
	struct tree *t = made();

	for (unsigned char i = 0; i < MANY; i++)
		tree_leaf(t, &i, 1, leaves[i], &e);
	tree_free(&t);
}

START_TEST(roots_are_those_of_the_definition)
{
	unsigned char leaves[MANY][TREE_HASH], root[TREE_HASH],
	    wanted[TREE_HASH];
	struct tree *t = made();

	many(leaves);
	for (size_t i = 0; i < MANY; i++) {
		ck_assert_int_eq(tree_add(t, leaves[i], &e), 0);
		ck_assert_int_eq(tree_root(t, root, &e), 0);
		slowly(
		    (const unsigned char(*)[TREE_HASH])leaves, i + 1, wanted);
		ck_assert_mem_eq(root, wanted, TREE_HASH);
	}
	tree_free(&t);
}
END_TEST

/* All leaves of a tree of _i leaves. */
START_TEST(each_leaf_is_proven_and_no_altered_proof_is)
{
	unsigned char leaves[MANY][TREE_HASH], root[TREE_HASH];
	struct tree_path path[MANY];
	uint64_t size = (uint64_t)_i;
	struct tree *t = made();

	many(leaves);
	for (size_t i = 0; i < size; i++) {
		ck_assert_int_eq(tree_watch(t, &path[i], &e), 0);
		ck_assert_int_eq(tree_add(t, leaves[i], &e), 0);
	}
	ck_assert_int_eq(tree_finish(t, root, &e), 0);
	for (size_t i = 0; i < size; i++) {
		ck_assert_msg(
		    tree_includes(&path[i], size, leaves[i], root, &e) == 0,
		    "%zu of %d", i, _i);
		for (size_t bit = 0; bit < path[i].count * 8; bit++) {
			path[i].hash[bit / 8][bit % 8] ^= 1;
			ck_assert_int_eq(
			    tree_includes(&path[i], size, leaves[i], root, &e),
			    -1);
			path[i].hash[bit / 8][bit % 8] ^= 1;
		}
		path[i].index ^= 1;
		ck_assert_int_eq(
		    tree_includes(&path[i], size, leaves[i], root, &e), -1);
		path[i].index ^= 1;
		path[i].count++;
		ck_assert_int_eq(
		    tree_includes(&path[i], size, leaves[i], root, &e), -1);
	}
	tree_free(&t);
}
END_TEST

START_TEST(a_tree_is_written_and_read_back)
{
	unsigned char leaves[MANY][TREE_HASH], root[TREE_HASH],
	    again[TREE_HASH];
	struct tree *t = made(), *other = made();
	struct buf b = buf_new(4096);
	struct cursor c;

	many(leaves);
	for (int i = 0; i < _i; i++)
		tree_add(t, leaves[i], &e);
	tree_print(t, &b);
	c = cursor_new(b.data, b.length);
	ck_assert_int_eq(tree_read(other, &c, &e), 0);
	ck_assert_int_eq(cursor_finish(&c, "tree", &e), 0);
	tree_root(t, root, &e);
	tree_root(other, again, &e);
	ck_assert_mem_eq(root, again, TREE_HASH);
	c = cursor_new(b.data, b.length - 1);
	ck_assert_int_eq(tree_read(other, &c, &e), -1);
	buf_free(&b);
	tree_free(&t);
	tree_free(&other);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("tree");
	TCase *tc = tcase_create("RFC 6962");

	tcase_add_test(tc, roots_are_those_of_the_published_vectors);
	tcase_add_test(tc, roots_are_those_of_the_definition);
	tcase_add_loop_test(
	    tc, each_leaf_is_proven_and_no_altered_proof_is, 1, 34);
	tcase_add_loop_test(tc, a_tree_is_written_and_read_back, 0, MANY);
	suite_add_tcase(s, tc);
	return unit_run(s);
}
