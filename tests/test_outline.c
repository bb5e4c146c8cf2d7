/* What an outline proves of a trail, and what it does not let pass. */
#include <string.h>

#include "schema/base/enc.h"
#include "schema/base/file.h"
#include "schema/outline.h"
#include "tests/host_trail.h"
#include "tests/shell.h"

#define MANY 4 /* checkpoints that are held */

static char folder[64];
static struct host_trail host;
static struct err e;
static struct checkpoint held[MANY];
static const struct checkpoint *const list[MANY] = { &held[0], &held[1],
	&held[2], &held[3] };
static struct buf bytes; /* of the outline of held[MANY - 1] */
static struct keys keys;

static void
take_checkpoint(struct checkpoint *c)
{
	struct buf b = buf_new(NOTE_MAX);
	char path[128];
	struct note n;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/checkpoint", host.folder);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	ck_assert_ok(file_read(fd, &b, &e));
	ck_assert(note_parse(buf_string(&b), b.length, &n, &e) == b.length);
	ck_assert_ok(checkpoint_parse(n.text, n.text_length, c, &e));
	file_close(&fd);
	buf_free(&b);
}

/* Of the records before that size. */
static void
outline(uint64_t size, bool marked)
{
	struct outline *o;
	struct reader *reader;
	struct reader_item item;
	const struct buf *made;
	struct tree *tree;
	int dir = open(host.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ck_assert_int_ge(dir, 0);
	ck_assert_ok(outline_new(&o, &e));
	ck_assert_ok(tree_new(&tree, &e));
	ck_assert_ok(reader_open(&reader, dir, &e));
	for (uint64_t n = 0; n < size; n++) {
		unsigned char leaf[TREE_HASH];

		for (size_t i = 0; marked && i < MANY; i++)
			if (held[i].size == n)
				ck_assert_ok(outline_mark(o, &e));
		ck_assert_int_eq(reader_next(reader, &item, &e), 1);
		ck_assert_ok(
		    tree_leaf(tree, item.bytes, item.length, leaf, &e));
		ck_assert_ok(outline_add(o, &item, leaf, &e));
	}
	ck_assert_ok(outline_bytes(o, &made, &e));
	buf_free(&bytes);
	bytes = buf_new(OUTLINE_MAX);
	buf_put(&bytes, made->data, made->length);
	reader_close(&reader);
	tree_free(&tree);
	outline_free(&o);
	file_close(&dir);
}

static int
check(void)
{
	keys_free(&keys);
	e = (struct err){ 0 };
	return outline_check(
	    buf_string(&bytes), bytes.length, list, MANY, &keys, &e);
}

static void
once(void)
{
	strcpy(folder, "/var/tmp/reeve-test-outline.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	host_trail_new(&host, folder);
	host_trail_grow(&host, 1, 37, epoch_checkpoint);
	take_checkpoint(&held[0]); /* in which no key was certified */
	host_trail_grow(&host, 2, 5, host_trail_advance);
	take_checkpoint(&held[1]);
	host_trail_grow(&host, 3, 70, host_trail_advance);
	take_checkpoint(&held[2]);
	host_trail_grow(&host, 4, 11, epoch_checkpoint);
	take_checkpoint(&held[3]);
}

static void
at_last(void)
{
	buf_free(&bytes);
	keys_free(&keys);
	(void)shell("rm -rf %s", folder);
}

static void
set_up(void)
{
	outline(held[MANY - 1].size, true);
}

START_TEST(keys_and_beginnings_are_proven_without_the_other_records)
{
	struct buf first = buf_new(512);

	ck_assert_ok(check());
	note_key_print(&keys.all[0], &first);
	ck_assert_str_eq(buf_string(&first), host.first_key);
	ck_assert_uint_ge(keys.count, 3);
	ck_assert_uint_eq(keys.uncertified, 0);
	ck_assert_ptr_null(strstr(buf_string(&bytes), HOST_SESSION));
	buf_free(&first);
}
END_TEST

START_TEST(what_was_not_marked_is_not_proven)
{
	outline(held[MANY - 1].size, false);
	ck_assert_int_eq(check(), -1);
	ck_assert_int_eq(e.code, ERR_INCOMPLETE);
	ck_assert_msg(
	    strstr(e.text, "can't be computed from it") != NULL, "%s", e.text);
}
END_TEST

START_TEST(no_altered_bit_and_no_missing_line_passes)
{
	const char *at;

	for (size_t bit = 0; bit < 8 * bytes.length; bit += 41) {
		bytes.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
		ck_assert_msg(check() == -1, "bit %zu", bit);
		ck_assert(e.code == ERR_TAMPERED || e.code == ERR_INCOMPLETE);
		bytes.data[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	while (bytes.length > 0) {
		bytes.length--;
		at = memrchr(bytes.data, '\n', bytes.length);
		bytes.length = at == NULL
		    ? 0
		    : (size_t)(at + 1 - (const char *)bytes.data);
		ck_assert_int_eq(check(), -1);
		ck_assert_int_eq(e.code, ERR_INCOMPLETE);
	}
}
END_TEST

START_TEST(an_outline_of_more_or_of_less_is_not_that_of_the_checkpoint)
{
	outline(held[MANY - 1].size + 1, true);
	ck_assert_int_eq(check(), -1);
	ck_assert_msg(strstr(e.text, "can't be computed") != NULL ||
	        strstr(e.text, "goes on behind") != NULL,
	    "%s", e.text);
	outline(held[MANY - 1].size - 1, true);
	ck_assert_int_eq(check(), -1);
	ck_assert_int_eq(e.code, ERR_INCOMPLETE);
}
END_TEST

/* Another key in the record of the second epoch. */
static void
forge_key(void)
{
	static const unsigned char seed[NOTE_KEY] = { 7 };
	char *vkey = strstr((char *)bytes.data, "\"type\":\"epoch\"");
	struct buf key = buf_new(512);
	struct note_signer theirs;

	ck_assert_ptr_nonnull(vkey);
	vkey = strstr(vkey, "\"vkey\":\"");
	ck_assert_ptr_nonnull(vkey);
	vkey += strlen("\"vkey\":\"");
	ck_assert_ok(note_signer_set(&theirs, keys.all[0].name, seed, &e));
	note_key_print(&theirs.key, &key);
	ck_assert_uint_eq(strcspn(vkey, "\""), key.length);
	memcpy(vkey, key.data, key.length);
	buf_free(&key);
}

/* The root of the outline as it is now. */
static void
compute_root(unsigned char *root)
{
	unsigned char hash[TREE_HASH];
	struct tree *tree;

	ck_assert_ok(tree_new(&tree, &e));
	for (const char *at = buf_string(&bytes), *feed; *at != '\0';
	     at = feed + 1) {
		unsigned level = (unsigned)strtoul(at, NULL, 10);

		feed = strchr(at, '\n');
		ck_assert_ok(*at == '{'
		        ? tree_leaf(tree, at, (size_t)(feed - at), hash, &e)
		        : enc_unhex(feed - 2 * TREE_HASH, 2 * TREE_HASH, hash,
		              sizeof(hash), &e));
		ck_assert_ok(tree_add_subtree(tree, level, hash, &e));
	}
	ck_assert_ok(tree_root(tree, root, &e));
	tree_free(&tree);
}

/*
 * They who have no key of the host's begin a tree with its own first records,
 * and take the checkpoint that it signed of the others for theirs.
 */
START_TEST(a_key_in_somebody_elses_tree_is_not_certified)
{
	struct checkpoint forged = held[MANY - 1];
	const struct checkpoint *const one[] = { &forged };

	ck_assert_ok(check());
	forge_key();
	compute_root(forged.root);
	keys_free(&keys);
	ck_assert_int_eq(
	    outline_check(buf_string(&bytes), bytes.length, one, 1, &keys, &e),
	    -1);
	ck_assert_int_eq(e.code, ERR_TAMPERED);
	ck_assert_msg(strstr(e.text, "has another root") != NULL, "%s", e.text);
}
END_TEST

START_TEST(a_subtree_that_cannot_begin_there_is_refused)
{
	static const char *const lines[] = { "0 ", "1 ", "62 ", "99 ", "x ",
		"" };
	const char *line = lines[_i];

	buf_clear(&bytes);
	if (_i == 1) /* behind one leaf */
		buf_printf(&bytes, "0 %064d\n", 0);
	buf_printf(&bytes, "%s%0*d\n", line, _i == 0 ? 63 : 64, 0);
	ck_assert_int_eq(check(), -1);
	ck_assert_int_eq(e.code, ERR_TAMPERED);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("outline");
	TCase *tests = tcase_create("outline");

	tcase_add_unchecked_fixture(tests, once, at_last);
	tcase_add_checked_fixture(tests, set_up, NULL);
	tcase_add_test(
	    tests, keys_and_beginnings_are_proven_without_the_other_records);
	tcase_add_test(tests, what_was_not_marked_is_not_proven);
	tcase_add_test(tests, no_altered_bit_and_no_missing_line_passes);
	tcase_add_test(
	    tests, an_outline_of_more_or_of_less_is_not_that_of_the_checkpoint);
	tcase_add_test(tests, a_key_in_somebody_elses_tree_is_not_certified);
	tcase_add_loop_test(
	    tests, a_subtree_that_cannot_begin_there_is_refused, 0, 6);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
