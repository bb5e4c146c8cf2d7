/* Names that are the same, names that are not; and the tables' hash. */
#include <check.h>
#include <endian.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review/dn.h"
#include "review/hash.h"
#include "review/scratch.h"
#include "unit.h"

static const struct {
	const char *a, *b;
} same[] = {
	{ "uid=ann,dc=x", "UID=Ann,DC=X" },
	{ "uid=ann,dc=x", " uid = ann , dc = x " },
	{ "uid=ann,dc=x", "uid=ann;dc=x" },
	{ "cn=a  b", "cn=A B" },
	{ "cn=Wang\\, Ming,o=x", "cn=Wang\\2C Ming,o=x" },
	{ "cn=Wang\\, Ming,o=x", "cn=\"Wang, Ming\",o=x" },
	{ "cn=\\ a\\ ,o=x", "cn=a,o=x" },
	{ "cn=\xe7\x8e\x8b,o=x", "cn=\\e7\\8E\\8b,o=x" },
	{ "cn=a+uid=b,o=x", "UID=b+CN=a,o=x" },
	{ "cn=c+cn=b+cn=a,o=x", "cn=a+cn=c+cn=b,o=x" },
	{ "2.5.4.3=a,OID.2.5.4.10=b", "cn=a,o=b" },
	{ "commonName=a,domainComponent=b", "cn=a,dc=b" },
	{ "userid=a,dc=x", "uid=a,dc=x" },
	{ "cn=,o=x", "cn= ,o=x" },
};

static const struct {
	const char *a, *b;
} different[] = {
	{ "uid=ann,dc=x", "uid=anna,dc=x" },
	{ "uid=ann,dc=x", "uid=ann" },
	{ "cn=a,o=x", "cn=a\\,o=x" },
	{ "cn=a+uid=b", "cn=a,uid=b" },
	{ "cn=a+uid=b", "cn=a\\+uid=b" },
	{ "cn=ab", "cn=a b" },
	{ "cn=a\\01uid=b", "cn=a,uid=b" },
	{ "cn=a\\02uid=b", "cn=a+uid=b" },
	{ "cn=a\\03\\01", "cn=a\\01" },
};

static const char *const none[] = { "", "ann", "=x", "uid=ann,", "uid=ann,,",
	"cn=\"a", "cn=a\\", "a b=c", "uid=ann,dc", "+" };

static size_t
normal(const char *dn, char *out)
{
	return dn_normal(dn, strlen(dn), out, DN_ROOM(strlen(dn)));
}

static bool
are_same(const char *a, const char *b)
{
	char one[512], other[512];
	size_t length = normal(a, one);

	ck_assert_msg(length > 0, "%s", a);
	ck_assert_msg(normal(b, other) > 0, "%s", b);
	return length == normal(b, other) && memcmp(one, other, length) == 0;
}

START_TEST(two_spellings_of_a_name_are_one)
{
	ck_assert_msg(are_same(same[_i].a, same[_i].b), "%s", same[_i].a);
}
END_TEST

START_TEST(two_names_are_two)
{
	ck_assert_msg(
	    !are_same(different[_i].a, different[_i].b), "%s", different[_i].a);
}
END_TEST

START_TEST(what_is_no_name_has_no_normal_form)
{
	char out[512];

	ck_assert_msg(normal(none[_i], out) == 0, "%s", none[_i]);
}
END_TEST

START_TEST(it_writes_no_more_than_its_room)
{
	char out[512];

	ck_assert_uint_eq(dn_normal("cn=a", 4, out, DN_ROOM(4) - 1), 0);
	ck_assert_uint_eq(dn_normal("cn=a", 4, out, DN_ROOM(4)), 4);
	/* Each byte escaped: twice as long at most. */
	ck_assert_uint_le(normal("a=\\01\\02\\03", out), DN_ROOM(11));
	ck_assert_uint_eq(normal("a=\1\2\3", out), 8);
}
END_TEST

START_TEST(the_hash_is_siphash)
{
	/* As openssl mac SIPHASH has them, key 00 to 0f. */
	static const struct {
		size_t length;
		unsigned char bytes[16];
	} vectors[] = {
		{ 0,
		    { 0xa3, 0x81, 0x7f, 0x04, 0xba, 0x25, 0xa8, 0xe6, 0x6d,
		        0xf6, 0x72, 0x14, 0xc7, 0x55, 0x02, 0x93 } },
		{ 15,
		    { 0x54, 0x93, 0xe9, 0x99, 0x33, 0xb0, 0xa8, 0x11, 0x7e,
		        0x08, 0xec, 0x0f, 0x97, 0xcf, 0xc3, 0xd9 } },
	};
	struct hash_key key;
	unsigned char text[16];

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (unsigned char)i;
	memcpy(&key, text, sizeof(key));
	key.words[0] = le64toh(key.words[0]);
	key.words[1] = le64toh(key.words[1]);
	for (size_t i = 0; i < 2; i++) {
		struct hash h = hash_of(&key, text, vectors[i].length);

		h.low = htole64(h.low);
		h.high = htole64(h.high);
		ck_assert_mem_eq(&h.low, vectors[i].bytes, 8);
		ck_assert_mem_eq(&h.high, vectors[i].bytes + 8, 8);
	}
}
END_TEST

#define PIECES 70
#define PIECE  1000003u

START_TEST(what_is_put_aside_comes_back_from_memory_and_from_the_file)
{
	char folder[] = "/tmp/reeve-scratch-XXXXXX";
	unsigned char *piece = malloc(PIECE);
	const unsigned char *back;
	struct scratch *s;
	uint64_t at[PIECES + 1];
	size_t length;
	struct err e;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(scratch_new(&s, folder, &e), 0);
	for (int i = 0; i < PIECES; i++) {
		memset(piece, i + 1, PIECE);
		ck_assert_int_eq(scratch_put(s, piece, PIECE, &at[i], &e), 0);
	}
	ck_assert_int_eq(scratch_put(s, NULL, 0, &at[PIECES], &e), 0);
	for (int i = PIECES - 1; i >= 0; i -= 3) {
		back = scratch_get(s, at[i], &length, &e);
		ck_assert_msg(back != NULL, "%s", e.text);
		ck_assert_uint_eq(length, PIECE);
		ck_assert_int_eq(back[0], i + 1);
		ck_assert_int_eq(back[PIECE - 1], i + 1);
	}
	ck_assert_ptr_nonnull(scratch_get(s, at[PIECES], &length, &e));
	ck_assert_uint_eq(length, 0);
	ck_assert_int_eq(
	    scratch_put(s, piece, SCRATCH_PIECE + 1, &at[0], &e), -1);
	ck_assert_int_eq(e.code, ERR_LIMIT);
	scratch_free(&s);
	free(piece);
	ck_assert_int_eq(rmdir(folder), 0); /* nothing is left in it */
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("review_dn");
	TCase *c = tcase_create("dn");

	tcase_add_loop_test(c, two_spellings_of_a_name_are_one, 0,
	    (int)(sizeof(same) / sizeof(same[0])));
	tcase_add_loop_test(c, two_names_are_two, 0,
	    (int)(sizeof(different) / sizeof(different[0])));
	tcase_add_loop_test(c, what_is_no_name_has_no_normal_form, 0,
	    (int)(sizeof(none) / sizeof(none[0])));
	tcase_add_test(c, it_writes_no_more_than_its_room);
	tcase_add_test(c, the_hash_is_siphash);
	tcase_add_test(
	    c, what_is_put_aside_comes_back_from_memory_and_from_the_file);
	suite_add_tcase(suite, c);
	return unit_run(suite);
}
