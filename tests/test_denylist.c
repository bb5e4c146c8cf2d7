#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "schema/base/enc.h"
#include "schema/denylist.h"
#include "tests/unit.h"

#define SIGNER "denylist.example.com"
#define HEAD(scope, counter, entries)                                          \
	"reeve-denylist 1\nscope " scope "\ncounter " counter                  \
	"\nissued 2026-11-24T08:00:00.000000Z\nentries " entries "\n"
#define ISSUED INT64_C(1795507200)

static const unsigned char seed[32] = "not a secret: a key for tests..";
static const unsigned char other_seed[32] = "not a secret: somebody else's..";

static EVP_PKEY *
private_key(const unsigned char *from)
{
	return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, from, 32);
}

/* algorithm and public key, and the id that goes with the name. */
static void
key_bytes(const unsigned char *from, const char *name, unsigned char *bytes,
    unsigned char *id)
{
	EVP_PKEY *key = private_key(from);
	unsigned char digest[EVP_MAX_MD_SIZE];
	struct buf b = buf_new(512);
	size_t length = 32;

	bytes[0] = 1;
	ck_assert_int_eq(
	    EVP_PKEY_get_raw_public_key(key, bytes + 1, &length), 1);
	buf_printf(&b, "%s\n", name);
	buf_put(&b, bytes, 33);
	ck_assert_int_eq(
	    EVP_Digest(b.data, b.length, digest, NULL, EVP_sha256(), NULL), 1);
	memcpy(id, digest, 4);
	buf_free(&b);
	EVP_PKEY_free(key);
}

static struct buf
verifier_key(const unsigned char *from, const char *name)
{
	struct buf b = buf_new(1024);
	unsigned char bytes[33];
	unsigned char id[4];

	key_bytes(from, name, bytes, id);
	buf_printf(&b, "%s+", name);
	enc_hex(&b, id, 4);
	buf_put_byte(&b, '+');
	enc_base64(&b, bytes, 33);
	buf_put_byte(&b, '\n');
	return b;
}

static void
put_signature(struct buf *note, const char *text, const unsigned char *from,
    const char *name)
{
	EVP_PKEY *key = private_key(from);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char bytes[33];
	unsigned char signature[4 + 64];
	size_t length = 64;

	key_bytes(from, name, bytes, signature);
	ck_assert_int_eq(EVP_DigestSignInit(context, NULL, NULL, NULL, key), 1);
	ck_assert_int_eq(EVP_DigestSign(context, signature + 4, &length,
	                     (const unsigned char *)text, strlen(text)),
	    1);
	buf_printf(note, "\xe2\x80\x94 %s ", name);
	enc_base64(note, signature, sizeof(signature));
	buf_put_byte(note, '\n');
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
}

static struct buf
signed_note(const char *text)
{
	struct buf note = buf_new(DENYLIST_FILE_MAX);

	buf_printf(&note, "%s\n", text);
	put_signature(&note, text, seed, SIGNER);
	return note;
}

static const char *const well_formed[] = {
	HEAD("*", "1", "0"),
	HEAD("web1.example.com", "9", "1") "* * wang 1004 leaver -\n",
	HEAD("*", "2", "3") "web1.example.com sudo chen - revoked "
	                    "2027-01-31T00:00:00.000000Z\n"
	                    "* * john%20smith 0 disabled -\n"
	                    "0b1e7c8e-5b0f-4f0e-9c58-2f4b4a6a0f11 * 100%25 "
	                    "4294967294 x -\n",
	HEAD("*", "2", "1") "* * \xe7\x8e\x8b 1 leaver -\n",
};

START_TEST(a_well_formed_list_is_parsed_and_verified)
{
	struct buf note = signed_note(well_formed[_i]);
	struct buf key = verifier_key(seed, SIGNER);
	struct denylist *list;
	struct err e = { 0 };

	ck_assert_msg(denylist_parse(&list, note.data, note.length, &e) == 0,
	    "%s", e.text);
	ck_assert_msg(
	    denylist_verify(list, buf_string(&key), key.length, &e) == 0, "%s",
	    e.text);
	ck_assert_str_eq(denylist_facts(list).signer, SIGNER);
	denylist_free(&list);
	buf_free(&note);
	buf_free(&key);
}
END_TEST

static int
put_each(void *context, const struct denylist_entry *entry)
{
	denylist_put_entry(context, entry);
	return 0;
}

START_TEST(what_was_read_is_written_back_byte_for_byte)
{
	struct buf note = signed_note(well_formed[_i]);
	struct buf lines = buf_new(DENYLIST_FILE_MAX);
	struct denylist *list;
	struct err e = { 0 };

	ck_assert_int_eq(denylist_parse(&list, note.data, note.length, &e), 0);
	ck_assert_int_eq(denylist_each(list, put_each, &lines), 0);
	ck_assert_str_eq(buf_string(&lines),
	    well_formed[_i] + strlen(well_formed[_i]) - lines.length);
	denylist_free(&list);
	buf_free(&lines);
	buf_free(&note);
}
END_TEST

#define WORD_OF_32 "abcdefghijklmnopqrstuvwxyz012345"
#define WORD_OF_256                                                            \
	WORD_OF_32 WORD_OF_32 WORD_OF_32 WORD_OF_32 WORD_OF_32 WORD_OF_32      \
	    WORD_OF_32 WORD_OF_32

static const struct {
	const char *text;
	enum err_code code;
	const char *says;
} ill_formed[] = {
	{ "", ERR_FORMAT, "no signature" },
	{ "reeve-trail 1\n", ERR_FORMAT, "not a deny list" },
	{ "reeve-denylist 2\nanything\n", ERR_NEWER, "another version" },
	{ "reeve-denylist 1\ncounter 1\n", ERR_FORMAT, "\"scope ...\"" },
	{ HEAD("*", "0", "0"), ERR_FORMAT, "must not be 0" },
	{ HEAD("*", "01", "0"), ERR_FORMAT, "counter" },
	{ HEAD("*", "1", "32769"), ERR_LIMIT, "entries" },
	{ HEAD("*", "1", "1"), ERR_FORMAT, "0 entries, not 1" },
	{ HEAD("*", "1", "0") "* * a 1 leaver -\n", ERR_FORMAT,
	    "1 entries, not 0" },
	{ HEAD("*", "1", "1") "* * a 1 leaver\n", ERR_FORMAT, "6 fields" },
	{ HEAD("*", "1", "1") "* * a 1 leaver - -\n", ERR_FORMAT, "6 fields" },
	{ HEAD("*", "1", "1") "*  * a 1 leaver -\n", ERR_FORMAT, "6 fields" },
	{ HEAD("*", "1", "1") "*  a 1 leaver -\n", ERR_FORMAT, "service" },
	{ HEAD("*", "1", "1") "* * a -1 leaver -\n", ERR_FORMAT, "uid" },
	{ HEAD("*", "1", "1") "* * a 4294967295 leaver -\n", ERR_LIMIT, "uid" },
	{ HEAD("*", "1", "1") "* * a%41 1 leaver -\n", ERR_FORMAT, "%20" },
	{ HEAD("*", "1", "1") "* * a%2 1 leaver -\n", ERR_FORMAT, "%20" },
	{ HEAD("*", "1", "1") "* * a 1 lea%25ver -\n", ERR_FORMAT, "no place" },
	{ HEAD("*", "1", "1") "* * a 1 leaver 2027-01-31\n", ERR_FORMAT,
	    "expiry" },
	{ HEAD("*", "1", "1") "* * a 1 leaver 2027-01-31T00:00:00.000001Z\n",
	    ERR_FORMAT, "whole second" },
	{ HEAD("*", "1", "1") "* * a\t 1 leaver -\n", ERR_FORMAT,
	    "control character" },
	{ HEAD("*", "1", "1") "* * a\xff 1 leaver -\n", ERR_FORMAT, "UTF-8" },
	{ HEAD("* x", "1", "0"), ERR_FORMAT, "scope" },
	{ HEAD("*", "1", "1") "* *  1 leaver -\n", ERR_FORMAT, "empty" },
	{ HEAD("*", "1", "1") "* * " WORD_OF_256 " 1 leaver -\n", ERR_FORMAT,
	    "name: more than" },
	{ HEAD("*", "1",
	      "1") "* * " WORD_OF_256 WORD_OF_256 WORD_OF_256 WORD_OF_256
	           " 1 leaver -\n",
	    ERR_FORMAT, "longer than" },
};

START_TEST(an_ill_formed_list_is_refused)
{
	struct buf note = signed_note(ill_formed[_i].text);
	struct denylist *list;
	struct err e = { 0 };

	ck_assert_int_eq(denylist_parse(&list, note.data, note.length, &e), -1);
	ck_assert_ptr_null(list);
	ck_assert_int_eq(e.code, ill_formed[_i].code);
	ck_assert_msg(
	    strstr(e.text, ill_formed[_i].says) != NULL, "%s", e.text);
	buf_free(&note);
}
END_TEST

START_TEST(every_flipped_bit_is_noticed)
{
	struct buf note = signed_note(well_formed[2]);
	struct buf key = verifier_key(seed, SIGNER);
	struct denylist *list;
	struct err e = { 0 };

	for (size_t bit = 0; bit < 8 * note.length; bit++) {
		note.data[bit / 8] ^= (unsigned char)(1u << bit % 8);
		if (denylist_parse(&list, note.data, note.length, &e) == 0)
			ck_assert_msg(denylist_verify(list, buf_string(&key),
			                  key.length, &e) == -1,
			    "bit %zu", bit);
		denylist_free(&list);
		note.data[bit / 8] ^= (unsigned char)(1u << bit % 8);
	}
	buf_free(&note);
	buf_free(&key);
}
END_TEST

START_TEST(every_cut_tail_is_noticed)
{
	struct buf note = signed_note(well_formed[2]);
	struct buf key = verifier_key(seed, SIGNER);
	struct denylist *list;
	struct err e = { 0 };

	for (size_t length = 0; length < note.length; length++) {
		if (denylist_parse(&list, note.data, length, &e) == 0)
			ck_assert_int_eq(denylist_verify(list, buf_string(&key),
			                     key.length, &e),
			    -1);
		denylist_free(&list);
	}
	buf_free(&note);
	buf_free(&key);
}
END_TEST

START_TEST(a_stranger_may_sign_besides_but_not_instead)
{
	struct buf key = verifier_key(seed, SIGNER);
	struct buf note = buf_new(DENYLIST_FILE_MAX);
	struct denylist *list;
	struct err e = { 0 };

	buf_printf(&note, "%s\n", well_formed[1]);
	put_signature(&note, well_formed[1], other_seed, "witness");
	/* The right name with another key is another signer too. */
	put_signature(&note, well_formed[1], other_seed, SIGNER);
	ck_assert_int_eq(denylist_parse(&list, note.data, note.length, &e), 0);
	ck_assert_int_eq(
	    denylist_verify(list, buf_string(&key), key.length, &e), -1);
	ck_assert_int_eq(e.code, ERR_TAMPERED);
	denylist_free(&list);

	put_signature(&note, well_formed[1], seed, SIGNER);
	ck_assert_int_eq(denylist_parse(&list, note.data, note.length, &e), 0);
	ck_assert_msg(
	    denylist_verify(list, buf_string(&key), key.length, &e) == 0, "%s",
	    e.text);
	denylist_free(&list);
	buf_free(&note);
	buf_free(&key);
}
END_TEST

static const char *const bad_keys[] = {
	"",
	"\n",
	"name",
	"name+00000000+AQ==\n",
	"+5d6b0aab+AYECAwQ=\n",
	/* The id of another key. */
	("denylist.example.com+00000000+"
	 "AWJhZCBrZXkgYmFkIGtleSBiYWQga2V5IGJhZCBr"
	 "ZXkh\n"),
};

START_TEST(a_pinned_key_that_is_none_is_refused)
{
	struct buf note = signed_note(well_formed[1]);
	struct denylist *list;
	struct err e = { 0 };

	ck_assert_int_eq(denylist_parse(&list, note.data, note.length, &e), 0);
	ck_assert_int_eq(
	    denylist_verify(list, bad_keys[_i], strlen(bad_keys[_i]), &e), -1);
	ck_assert_msg(strstr(e.text, "pinned key: ") == e.text, "%s", e.text);
	denylist_free(&list);
	buf_free(&note);
}
END_TEST

static const struct {
	const char *user;
	int64_t uid;
	const char *service;
	int64_t now;
	const char *host;
	bool denied;
} questions[] = {
	{ "wang", 1004, "sshd", ISSUED, "web1", true },
	{ "wang", -1, "sshd", ISSUED, "web1", true },
	{ "wang", 7, "sshd", ISSUED, "web1", true },
	{ "renamed", 1004, "sshd", ISSUED, "web1", true },
	{ "other", 1005, "sshd", ISSUED, "web1", false },
	{ "other", -1, "sshd", ISSUED, "web1", false },
	{ "Wang", -1, "sshd", ISSUED, "web1", false },
	{ "chen", 1006, "sudo", ISSUED, "web1", true },
	{ "chen", 1006, "sshd", ISSUED, "web1", false },
	{ "chen", 1006, "sudo", ISSUED, "web2", false },
	{ "chen", 1006, "sudo", ISSUED, "WEB1", true },
	{ "chen", 1006, "sudo", ISSUED + 3599, "web1", true },
	{ "chen", 1006, "sudo", ISSUED + 3600, "web1", false },
	{ "lin", 1007, "sshd", ISSUED, "web9", true },
	{ "john smith", 5, "sshd", ISSUED, "web9", true },
	{ "john%20smith", 5, "sshd", ISSUED, "web9", false },
	{ "root", 0, "sshd", ISSUED, "web1", false },
};

#define UUID "0b1e7c8e-5b0f-4f0e-9c58-2f4b4a6a0f11"

START_TEST(an_account_is_denied_or_not)
{
	struct buf note = signed_note(HEAD("*", "7",
	    "4") "* * wang 1004 leaver -\n"
	         "web1 sudo chen - revoked 2026-11-24T09:00:00.000000Z\n" UUID
	         " * lin - disabled -\n"
	         "* * john%20smith - leaver -\n");
	struct denylist_place place = { .host = questions[_i].host,
		.uuid = UUID };
	struct denylist_entry entry = { .reason = "" };
	struct denylist *list;
	struct err e = { 0 };

	ck_assert_int_eq(denylist_parse(&list, note.data, note.length, &e), 0);
	ck_assert_int_eq(
	    denylist_match(list, &place, questions[_i].user, questions[_i].uid,
	        questions[_i].service, questions[_i].now, &entry),
	    questions[_i].denied);
	ck_assert_int_eq(entry.reason[0] != '\0', questions[_i].denied);
	denylist_free(&list);
	buf_free(&note);
}
END_TEST

START_TEST(a_host_that_does_not_know_its_uuid_takes_any_for_its_own)
{
	struct buf note = signed_note(HEAD("*", "7", "2") UUID
	    " * lin - disabled -\nweb2 * wang - disabled -\n");
	struct denylist_place stranger = { .host = "web1" };
	struct denylist *list;
	struct err e = { 0 };

	ck_assert_int_eq(denylist_parse(&list, note.data, note.length, &e), 0);
	ck_assert(denylist_match(list, &stranger, "lin", 1, "sshd", 0, NULL));
	ck_assert(!denylist_match(list, &stranger, "wang", 1, "sshd", 0, NULL));
	stranger.uuid = "00000000-0000-4000-8000-000000000000";
	ck_assert(!denylist_match(list, &stranger, "lin", 1, "sshd", 0, NULL));
	denylist_free(&list);
	buf_free(&note);
}
END_TEST

START_TEST(a_list_grows_stale)
{
	struct buf note = signed_note(well_formed[0]);
	struct denylist *list;
	struct err e = { 0 };

	ck_assert_int_eq(denylist_parse(&list, note.data, note.length, &e), 0);
	ck_assert(!denylist_is_stale(list, ISSUED + 86400, 86400));
	ck_assert(denylist_is_stale(list, ISSUED + 86401, 86400));
	ck_assert(!denylist_is_stale(list, ISSUED + 86401, 0));
	ck_assert(!denylist_is_stale(list, 0, 86400));
	denylist_free(&list);
	buf_free(&note);
}
END_TEST

/* A host of its own for each test. */
static char state_dir[64];
static char key_path[96];
static struct denylist_place place;

static void
path_of(char *out, size_t size, const char *name)
{
	ck_assert_int_lt(
	    snprintf(out, size, "%s/%s", state_dir, name), (int)size);
}

static void
put_file(const char *path, const void *bytes, size_t length)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, length), (ssize_t)length);
	ck_assert_int_eq(close(fd), 0);
}

static void
set_up(void)
{
	struct buf key = verifier_key(seed, SIGNER);

	strcpy(state_dir, "/tmp/reeve-denylist.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(state_dir));
	path_of(key_path, sizeof(key_path), "key");
	put_file(key_path, key.data, key.length);
	buf_free(&key);
	place = (struct denylist_place){ .directory = state_dir,
		.key = key_path,
		.host = "web1",
		.owner = geteuid() };
}

static void
remove_file(const char *name)
{
	char path[128];

	path_of(path, sizeof(path), name);
	if (unlink(path) == -1)
		ck_assert_int_eq(errno, ENOENT);
}

static void
tear_down(void)
{
	char path[128];

	remove_file("key");
	remove_file("denylist/list");
	remove_file("denylist/held");
	remove_file("denylist/counter");
	remove_file("denylist/lock");
	path_of(path, sizeof(path), "denylist");
	(void)rmdir(path);
	ck_assert_int_eq(rmdir(state_dir), 0);
}

/* The error's code; ERR_NONE when it was installed. */
static enum err_code
install(const char *text, bool held)
{
	struct buf note = signed_note(text);
	struct denylist *list = NULL;
	struct err e = { 0 };

	if (denylist_accept(&list, &place, note.data, note.length, &e) == 0)
		(void)denylist_install(list, &place, held, &e);
	denylist_free(&list);
	buf_free(&note);
	return e.code == ERR_MISSING ? ERR_NONE : e.code;
}

static enum err_code
load_code(void)
{
	struct denylist *list;
	struct err e = { 0 };
	int result = denylist_load(&list, &place, &e);

	ck_assert_int_eq(result == 0, list != NULL);
	denylist_free(&list);
	return result == 0 ? ERR_NONE : e.code;
}

static bool
is_denied(const char *user)
{
	struct denylist *list;
	struct err e = { 0 };
	bool denied;

	ck_assert_msg(denylist_load(&list, &place, &e) == 0, "%s", e.text);
	denied = denylist_match(list, &place, user, -1, "sshd", ISSUED, NULL);
	denylist_free(&list);
	return denied;
}

#define LIST_5 HEAD("*", "5", "1") "* * wang - leaver -\n"
#define LIST_6                                                                 \
	HEAD("web1", "6", "2")                                                 \
	"* * chen - leaver -\n"                                                \
	"* * lin - revoked -\n"

START_TEST(no_list_was_ever_installed)
{
	ck_assert_int_eq(load_code(), ERR_MISSING);
}
END_TEST

START_TEST(an_installed_list_is_in_force)
{
	ck_assert_int_eq(install(LIST_5, false), ERR_NONE);
	ck_assert(is_denied("wang"));
	ck_assert(!is_denied("chen"));
	ck_assert_int_eq(install(LIST_6, false), ERR_NONE);
	ck_assert(!is_denied("wang"));
	ck_assert(is_denied("lin"));
}
END_TEST

START_TEST(an_older_or_equal_counter_is_refused)
{
	ck_assert_int_eq(install(LIST_6, false), ERR_NONE);
	ck_assert_int_eq(install(LIST_5, false), ERR_TAMPERED);
	ck_assert_int_eq(install(LIST_6, false), ERR_TAMPERED);
	ck_assert(is_denied("lin"));
}
END_TEST

START_TEST(a_list_for_another_host_is_refused)
{
	ck_assert_int_eq(install(HEAD("web2", "9", "0"), false), ERR_ACCESS);
	ck_assert_int_eq(load_code(), ERR_MISSING);
}
END_TEST

START_TEST(a_list_that_is_gone_refuses_all)
{
	ck_assert_int_eq(install(LIST_5, false), ERR_NONE);
	remove_file("denylist/list");
	ck_assert_int_eq(load_code(), ERR_TAMPERED);
}
END_TEST

START_TEST(an_older_copy_put_back_refuses_all)
{
	struct buf old = signed_note(LIST_5);
	char path[128];

	ck_assert_int_eq(install(LIST_5, false), ERR_NONE);
	ck_assert_int_eq(install(LIST_6, false), ERR_NONE);
	path_of(path, sizeof(path), "denylist/list");
	put_file(path, old.data, old.length);
	ck_assert_int_eq(load_code(), ERR_TAMPERED);
	buf_free(&old);
}
END_TEST

START_TEST(a_crash_between_list_and_counter_does_no_harm)
{
	struct buf list = signed_note(LIST_6);
	char path[128];

	ck_assert_int_eq(install(LIST_5, false), ERR_NONE);
	path_of(path, sizeof(path), "denylist/list");
	put_file(path, list.data, list.length);
	ck_assert(is_denied("lin"));
	ck_assert_int_eq(install(LIST_6, false), ERR_NONE);
	ck_assert(is_denied("lin"));
	buf_free(&list);
}
END_TEST

START_TEST(a_damaged_file_refuses_all)
{
	static const char *const files[] = { "denylist/list",
		"denylist/counter", "denylist/held" };
	char path[128];

	ck_assert_int_eq(install(LIST_5, false), ERR_NONE);
	ck_assert_int_eq(install(LIST_6, true), ERR_NONE);
	path_of(path, sizeof(path), files[_i]);
	put_file(path, "", 0);
	ck_assert_int_eq(load_code(), ERR_FORMAT);
	put_file(path, "garbage\n\n", 9);
	ck_assert_int_eq(load_code(), ERR_FORMAT);
	ck_assert_int_eq(chmod(path, 0666), 0);
	ck_assert_int_eq(load_code(), ERR_ACCESS);
}
END_TEST

START_TEST(a_key_that_is_gone_or_another_refuses_all)
{
	struct buf other = verifier_key(other_seed, SIGNER);

	ck_assert_int_eq(install(LIST_5, false), ERR_NONE);
	put_file(key_path, other.data, other.length);
	ck_assert_int_eq(load_code(), ERR_TAMPERED);
	remove_file("key");
	ck_assert_int_eq(load_code(), ERR_ACCESS);
	buf_free(&other);
}
END_TEST

START_TEST(a_held_list_denies_its_leavers_only)
{
	ck_assert_int_eq(install(LIST_5, false), ERR_NONE);
	ck_assert_int_eq(install(LIST_6, true), ERR_NONE);
	ck_assert(is_denied("wang"));
	ck_assert(is_denied("chen"));
	ck_assert(!is_denied("lin"));
	/* Root confirms the very same list. */
	ck_assert_int_eq(install(LIST_6, false), ERR_NONE);
	ck_assert(!is_denied("wang"));
	ck_assert(is_denied("lin"));
}
END_TEST

START_TEST(a_first_list_may_be_held_too)
{
	ck_assert_int_eq(install(LIST_6, true), ERR_NONE);
	ck_assert(is_denied("chen"));
	ck_assert(!is_denied("lin"));
}
END_TEST

START_TEST(another_list_with_the_held_counter_is_refused)
{
	ck_assert_int_eq(install(LIST_6, true), ERR_NONE);
	ck_assert_int_eq(install(HEAD("*", "6", "0"), false), ERR_TAMPERED);
	ck_assert_int_eq(install(LIST_5, false), ERR_TAMPERED);
	ck_assert_int_eq(install(HEAD("*", "7", "0"), false), ERR_NONE);
	ck_assert(!is_denied("chen"));
}
END_TEST

START_TEST(as_many_entries_as_are_allowed_fit)
{
	struct buf text = buf_new(DENYLIST_FILE_MAX);
	struct buf note;
	struct denylist *list;
	struct err e = { 0 };

	buf_printf(&text,
	    "reeve-denylist 1\nscope *\ncounter 1\n"
	    "issued 2026-11-24T08:00:00.000000Z\nentries %u\n",
	    DENYLIST_ENTRIES_MAX);
	for (unsigned i = 0; i < DENYLIST_ENTRIES_MAX; i++)
		buf_printf(&text, "* * user%u %u revoked -\n", i, i);
	note = signed_note(buf_string(&text));
	ck_assert_msg(denylist_parse(&list, note.data, note.length, &e) == 0,
	    "%s", e.text);
	ck_assert(
	    denylist_match(list, &place, "user32767", -1, "sshd", 0, NULL));
	denylist_free(&list);
	buf_free(&note);
	buf_free(&text);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("denylist");
	TCase *tc = tcase_create("format");
	TCase *host = tcase_create("host");

	tcase_add_loop_test(tc, a_well_formed_list_is_parsed_and_verified, 0,
	    sizeof(well_formed) / sizeof(*well_formed));
	tcase_add_loop_test(tc, what_was_read_is_written_back_byte_for_byte, 0,
	    sizeof(well_formed) / sizeof(*well_formed));
	tcase_add_loop_test(tc, an_ill_formed_list_is_refused, 0,
	    sizeof(ill_formed) / sizeof(*ill_formed));
	tcase_add_test(tc, every_flipped_bit_is_noticed);
	tcase_add_test(tc, every_cut_tail_is_noticed);
	tcase_add_test(tc, a_stranger_may_sign_besides_but_not_instead);
	tcase_add_loop_test(tc, a_pinned_key_that_is_none_is_refused, 0,
	    sizeof(bad_keys) / sizeof(*bad_keys));
	tcase_add_loop_test(tc, an_account_is_denied_or_not, 0,
	    sizeof(questions) / sizeof(*questions));
	tcase_add_test(
	    tc, a_host_that_does_not_know_its_uuid_takes_any_for_its_own);
	tcase_add_test(tc, a_list_grows_stale);
	tcase_add_test(tc, as_many_entries_as_are_allowed_fit);
	suite_add_tcase(suite, tc);

	tcase_add_checked_fixture(host, set_up, tear_down);
	tcase_add_test(host, no_list_was_ever_installed);
	tcase_add_test(host, an_installed_list_is_in_force);
	tcase_add_test(host, an_older_or_equal_counter_is_refused);
	tcase_add_test(host, a_list_for_another_host_is_refused);
	tcase_add_test(host, a_list_that_is_gone_refuses_all);
	tcase_add_test(host, an_older_copy_put_back_refuses_all);
	tcase_add_test(host, a_crash_between_list_and_counter_does_no_harm);
	tcase_add_loop_test(host, a_damaged_file_refuses_all, 0, 3);
	tcase_add_test(host, a_key_that_is_gone_or_another_refuses_all);
	tcase_add_test(host, a_held_list_denies_its_leavers_only);
	tcase_add_test(host, a_first_list_may_be_held_too);
	tcase_add_test(host, another_list_with_the_held_counter_is_refused);
	suite_add_tcase(suite, host);

	return unit_run(suite);
}
