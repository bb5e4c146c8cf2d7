/*
 * C2SP signed-note, tlog-checkpoint, tlog-proof. The key and the note of
 * Peter Neumann are the published example of golang.org/x/mod/sumdb/note, the
 * behind-the-sofa checkpoint and the fancylog proof those of C2SP's texts.
 */
#include <string.h>

#include "schema/base/enc.h"
#include "schema/note.h"
#include "tests/unit.h"

#define VKEY                                                                   \
	"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
/* Of "PRIVATE+KEY+PeterNeumann+c74f20a3+...", behind the type. */
#define SEED64 "gQoUAtUUbI2E8kQzMPVAgOv5juF9nHT2JS/F1ccoMXM="
#define TEXT                                                                   \
	"If you think cryptography is the answer to your problem,\n"           \
	"then you don't know what your problem is.\n"
#define LINE                                                                   \
	"\xe2\x80\x94 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcE"   \
	"lZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
#define SOFA                                                                   \
	"example.com/behind-the-sofa\n20852163\n"                              \
	"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"                     \
	"\xe2\x80\x94 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1M"    \
	"yq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOA"     \
	"YQ8=\n"
#define PROOF                                                                  \
	"c2sp.org/tlog-proof@v1\n"                                             \
	"extra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6kYXJ3aW4tYXJ\n"         \
	"index 73894\n"                                                        \
	"gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n"                       \
	"B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=\n\n" SOFA

static struct err e;

START_TEST(the_published_note_verifies)
{
	struct note_key key;
	struct note note;
	const struct note_line *line;

	ck_assert_msg(note_key_parse(VKEY, &key, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(key.id, 0xc74f20a3);
	ck_assert_uint_eq(
	    note_parse(TEXT "\n" LINE, strlen(TEXT "\n" LINE), &note, &e),
	    strlen(TEXT "\n" LINE));
	ck_assert_uint_eq(note.text_length, strlen(TEXT));
	ck_assert_ptr_nonnull(line = note_find(&note, &key));
	ck_assert_int_eq(
	    note_verify(&key, note.text, note.text_length, line->signature, &e),
	    0);
	ck_assert_int_eq(note_verify(&key, note.text, note.text_length - 1,
	                     line->signature, &e),
	    -1);
	ck_assert_int_eq(e.code, ERR_TAMPERED);
}
END_TEST

START_TEST(the_published_note_is_signed_byte_for_byte)
{
	unsigned char signature[NOTE_SIGNATURE];
	struct buf seed = buf_new(64), b = buf_new(1024);
	struct note_signer signer;

	ck_assert_int_eq(enc_unbase64(SEED64, strlen(SEED64), &seed, &e), 0);
	ck_assert_int_eq(
	    note_signer_set(&signer, "PeterNeumann", seed.data, &e), 0);
	note_key_print(&signer.key, &b);
	ck_assert_str_eq(buf_string(&b), VKEY);
	buf_clear(&b);
	ck_assert_int_eq(
	    note_sign(&signer, TEXT, strlen(TEXT), signature, &e), 0);
	note_print_signature(&signer.key, signature, &b);
	ck_assert_str_eq(buf_string(&b), LINE);
	note_signer_wipe(&signer);
	buf_free(&b);
	buf_free(&seed);
}
END_TEST

/* As in the published tests: no part of a key is a key, no byte is idle. */
START_TEST(a_mangled_verifier_key_is_refused)
{
	struct note_key key;
	char text[sizeof(VKEY)];

	for (size_t from = 0; from < strlen(VKEY); from++)
		for (size_t to = from; to <= strlen(VKEY); to++) {
			memcpy(text, VKEY + from, to - from);
			text[to - from] = '\0';
			if (from != 0 || to != strlen(VKEY))
				ck_assert_int_eq(
				    note_key_parse(text, &key, &e), -1);
		}
	for (size_t i = 0; i < strlen(VKEY); i++) {
		strcpy(text, VKEY);
		text[i]++;
		ck_assert_int_eq(note_key_parse(text, &key, &e), -1);
	}
	ck_assert_int_eq(note_key_parse("PeterNeumann+cc469956+ARpc2QcUPDhMQeg"
	                                "wxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
	                     &key, &e),
	    -1);
	ck_assert_int_eq(note_key_parse("PeterNeumann+173116ae+ZRpc2QcUPDhMQeg"
	                                "wxbzhKqiBfsVkmqq/LDE4izWy10TW",
	                     &key, &e),
	    -1);
}
END_TEST

static const char *const bad_notes[] = {
	"",
	TEXT,
	TEXT LINE,
	"\n" LINE,
	TEXT "\n" LINE "\n" /* what is behind it is not of it */,
	TEXT "\n\xe2\x80\x94 PeterNeumann x08g",
	TEXT "\n\xe2\x80\x94 PeterNeumann x08g!\n",
	TEXT "\n\xe2\x80\x94  x08go/ZJkuBS9UG/\n",
	TEXT "\n\xe2\x80\x94 Peter+Neumann x08go/ZJkuBS9UG/\n",
	TEXT "\n\xe2\x80\x94 Peter\xe2\x80\x83Neumann x08go/ZJkuBS9UG/\n",
	"a\tb\n\n" LINE,
	"a\xff\n\n" LINE,
	TEXT "\n-- PeterNeumann x08go/ZJkuBS9UG/\n",
};

START_TEST(what_is_no_note_is_refused)
{
	struct note note;

	ck_assert_uint_ne(
	    note_parse(bad_notes[_i], strlen(bad_notes[_i]), &note, &e),
	    strlen(bad_notes[_i]) == 0 ? 1 : strlen(bad_notes[_i]));
}
END_TEST

START_TEST(sixteen_signatures_are_taken)
{
	struct buf b = buf_new(NOTE_MAX);
	struct note note;

	buf_put_string(&b, TEXT "\n");
	for (int i = 0; i < 16; i++)
		buf_put_string(&b, LINE);
	ck_assert_uint_eq(
	    note_parse(buf_string(&b), b.length, &note, &e), b.length);
	ck_assert_uint_eq(note.count, 16);
	for (int i = 0; i < 200; i++)
		buf_put_string(&b, LINE);
	ck_assert_uint_eq(note_parse(buf_string(&b), b.length, &note, &e), 0);
	buf_free(&b);
}
END_TEST

START_TEST(the_published_checkpoint_is_read_and_written_back)
{
	struct buf b = buf_new(1024);
	struct checkpoint c;
	struct note note;

	ck_assert_uint_eq(
	    note_parse(SOFA, strlen(SOFA), &note, &e), strlen(SOFA));
	ck_assert_int_eq(
	    checkpoint_parse(note.text, note.text_length, &c, &e), 0);
	ck_assert_str_eq(c.origin, "example.com/behind-the-sofa");
	ck_assert_uint_eq(c.size, 20852163);
	checkpoint_print(&c, &b);
	ck_assert_uint_eq(b.length, note.text_length);
	ck_assert_mem_eq(b.data, note.text, b.length);
	buf_free(&b);
}
END_TEST

static const char *const bad_checkpoints[] = {
	"",
	"example.com/x\n",
	"example.com/x\n1\n",
	"\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
	"example.com/x\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
	"example.com/x\n-1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
	"example.com/x\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2=\n",
	"example.com/x\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n",
	"example.com/x\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\nx\n",
	"example.com/x\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=",
};

START_TEST(what_is_no_checkpoint_is_refused)
{
	struct checkpoint c;

	ck_assert_int_eq(checkpoint_parse(bad_checkpoints[_i],
	                     strlen(bad_checkpoints[_i]), &c, &e),
	    -1);
}
END_TEST

START_TEST(the_published_proof_is_read)
{
	struct buf b = buf_new(4096);
	struct proof p;
	const char *index = strstr(PROOF, "index");

	ck_assert_msg(
	    proof_parse(PROOF, strlen(PROOF), &p, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(p.path.index, 73894);
	ck_assert_uint_eq(p.path.count, 2);
	proof_print(&p.path, p.note, p.note_length, &b);
	/* We write no extra data; the rest is the same. */
	ck_assert_str_eq(strstr(buf_string(&b), "index"), index);
	buf_free(&b);
}
END_TEST

START_TEST(a_proof_without_a_checkpoint_is_refused)
{
	static const char text[] = "c2sp.org/tlog-proof@v1\nindex 7\n";
	struct proof p;

	ck_assert_int_eq(proof_parse(text, strlen(text), &p, &e), -1);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("note");
	TCase *tc = tcase_create("C2SP");

	tcase_add_test(tc, the_published_note_verifies);
	tcase_add_test(tc, the_published_note_is_signed_byte_for_byte);
	tcase_add_test(tc, a_mangled_verifier_key_is_refused);
	tcase_add_loop_test(tc, what_is_no_note_is_refused, 0,
	    sizeof(bad_notes) / sizeof(*bad_notes));
	tcase_add_test(tc, sixteen_signatures_are_taken);
	tcase_add_test(tc, the_published_checkpoint_is_read_and_written_back);
	tcase_add_loop_test(tc, what_is_no_checkpoint_is_refused, 0,
	    sizeof(bad_checkpoints) / sizeof(*bad_checkpoints));
	tcase_add_test(tc, the_published_proof_is_read);
	tcase_add_test(tc, a_proof_without_a_checkpoint_is_refused);
	suite_add_tcase(s, tc);
	return unit_run(s);
}
