/*
 * The filter: what is built is found, what is not is not, and whatever is
 * wrong with a file is said before it is believed.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pamod/blocklist.h"
#include "pamod/blocklist_build.h"
#include "pamod/blocklist_format.h"
#include "pamod/blocklist_pile.h"
#include "pamod/guess.h"
#include "pamod/md4.h"
#include "pamod/password.h"
#include "schema/base/buf.h"
#include "schema/base/enc.h"
#include "tests/unit.h"

#define NOW INT64_C(1795000000)

static char folder[] = "/tmp/reeve-blocklist-XXXXXX";
static struct file_rule ours;

static const char *
at(const char *name)
{
	static char paths[4][200];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

static void
write_file(const char *name, const char *text)
{
	FILE *f = fopen(at(name), "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
}

/* A filter of one list; e is for what is expected to fail. */
static int
build_list(const char *text, enum blocklist_list kind, struct err *e)
{
	struct blocklist_build *b;
	int result;

	write_file("list", text);
	ck_assert_int_eq(
	    blocklist_build_new(&b, at("filter"), NULL, NULL, e), 0);
	result = blocklist_build_add(b, at("list"), kind, e);
	if (result == 0)
		result = blocklist_build_finish(b, NOW, e);
	blocklist_build_free(&b);
	return result;
}

static struct blocklist *
open_filter(void)
{
	struct blocklist *b;
	struct err e = { .code = ERR_NONE };

	if (blocklist_open(&b, at("filter"), &ours, &e) == -1)
		ck_abort_msg("%s", e.text);
	return b;
}

static struct blocklist *
filter_of(const char *text, enum blocklist_list kind)
{
	struct err e = { .code = ERR_NONE };

	if (build_list(text, kind, &e) == -1)
		ck_abort_msg("%s", e.text);
	return open_filter();
}

static int
has(const struct blocklist *b, const char *password)
{
	struct err e;

	return blocklist_has(b, password, strlen(password), &e);
}

START_TEST(md4_gives_the_digests_of_rfc_1320)
{
	static const struct {
		const char *text;
		const char *digest;
	} rows[] = {
		{ "", "31d6cfe0d16ae931b73c59d7e0c089c0" },
		{ "a", "bde52cb31de33e46245e05fbdbd6fb24" },
		{ "abc", "a448017aaf21d8525fc10ae87aa6729d" },
		{ "message digest", "d9130a8164549fe818874806e1c7014b" },
		{ "abcdefghijklmnopqrstuvwxyz",
		    "d79e1c308aa5bbcdeea8ed63df412da9" },
		{ "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		  "0123456789",
		    "043f8582f241db351ce627e153e7f0e4" },
		{ "1234567890123456789012345678901234567890"
		  "1234567890123456789012345678901234567890",
		    "e33b4ddc9c38f2199c3e7b164fcc0536" },
	};
	unsigned char digest[MD4_SIZE];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b = buf_new(100);

		md4(rows[i].text, strlen(rows[i].text), digest);
		enc_hex(&b, digest, sizeof(digest));
		ck_assert_str_eq(buf_string(&b), rows[i].digest);
		buf_free(&b);
	}
}
END_TEST

START_TEST(what_was_listed_is_found_and_nothing_else)
{
	struct blocklist *b = filter_of(
	    "dragon\nTrustno1!\r\n\n\u5bc6\u78bc\ndragon\n", LIST_DETECT);
	struct blocklist_facts facts = blocklist_facts(b);
	struct err e;

	ck_assert_uint_eq(facts.exact, 3);
	ck_assert_int_eq(facts.built, NOW);
	ck_assert(facts.sha1 && facts.model && !facts.ntlm);
	ck_assert_int_eq(has(b, "dragon"), 1);
	ck_assert_int_eq(has(b, "Trustno1!"), 1);
	ck_assert_int_eq(has(b, "\u5bc6\u78bc"), 1);
	ck_assert_int_eq(has(b, "Dragon"), 0);
	ck_assert_int_eq(has(b, ""), 0);
	ck_assert_int_eq(blocklist_verify(b, &e), 0);
	blocklist_close(&b);
	ck_assert_ptr_null(b);
}
END_TEST

/* The digests of "password", as the exports of Have I Been Pwned write them. */
static const struct {
	const char *list;
	bool ntlm;
} exports[] = {
	{ "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:9545824\n", false },
	{ "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8\r\n", false },
	{ "8846F7EAEE8FB117AD06BDD830B7586C:9545824\n", true },
	{ "8846f7eaee8fb117ad06bdd830b7586c\n", true },
};

START_TEST(exports_of_digests_are_recognised)
{
	struct blocklist *b = filter_of(exports[_i].list, LIST_DETECT);
	struct blocklist_facts facts = blocklist_facts(b);

	ck_assert(facts.ntlm == exports[_i].ntlm && !facts.model);
	ck_assert(facts.sha1 != exports[_i].ntlm);
	ck_assert_int_eq(has(b, "password"), 1);
	ck_assert_int_eq(has(b, "passwort"), 0);
	blocklist_close(&b);
}
END_TEST

START_TEST(ntlm_is_over_utf_16)
{
	/* MD4 of the UTF-16LE text, by another program. */
	struct blocklist *b = filter_of("515002e12ed971cfc16bb4959f50e109\n"
	                                "4239d4dcd7148a5ea8f750b376cfdbd6\n",
	    LIST_NTLM);

	ck_assert_int_eq(has(b, "\u00fc\u5bc6"), 1);
	ck_assert_int_eq(has(b, "\U0001f600x"), 1);
	ck_assert_int_eq(has(b, "\U0001f600y"), 0);
	blocklist_close(&b);
}
END_TEST

START_TEST(a_bad_line_is_named)
{
	struct err e;

	ck_assert_int_eq(
	    build_list("5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:1\n"
	               "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD\n",
	        LIST_DETECT, &e),
	    -1);
	ck_assert_int_eq(e.code, ERR_FORMAT);
	ck_assert_ptr_nonnull(strstr(e.text, "/list:2: not 40 hex"));
	ck_assert_int_eq(build_list("", LIST_DETECT, &e), -1);
	ck_assert_int_eq(e.code, ERR_USAGE);
}
END_TEST

START_TEST(a_failed_build_leaves_the_old_filter_and_nothing_else)
{
	struct blocklist *b = filter_of("dragon\n", LIST_RANKED);
	struct err e;

	blocklist_close(&b);
	ck_assert_int_eq(build_list("zz\n", LIST_SHA1, &e), -1);
	b = open_filter();
	ck_assert_int_eq(has(b, "dragon"), 1);
	blocklist_close(&b);
	ck_assert_int_eq(unlink(at("filter")), 0);
	ck_assert_int_eq(unlink(at("list")), 0);
	ck_assert_int_eq(rmdir(folder), 0); /* so it was empty */
	ck_assert_int_eq(mkdir(folder, 0700), 0);
}
END_TEST

START_TEST(a_missing_list_and_a_missing_directory_are_named)
{
	struct blocklist_build *b;
	struct err e;

	ck_assert_int_eq(
	    blocklist_build_new(&b, "/nowhere-at-all/filter", NULL, NULL, &e),
	    -1);
	ck_assert_int_eq(e.code, ERR_MISSING);
	ck_assert_int_eq(
	    blocklist_build_new(&b, at("filter"), NULL, NULL, &e), 0);
	ck_assert_int_eq(
	    blocklist_build_add(b, at("no-list"), LIST_DETECT, &e), -1);
	ck_assert_int_eq(e.code, ERR_MISSING);
	blocklist_build_free(&b);
}
END_TEST

/* Many entries, so that there are many buckets. */
static char *
many_lines(size_t count)
{
	char *text = malloc(count * 24);
	size_t length = 0;

	ck_assert_ptr_nonnull(text);
	for (size_t i = 0; i < count; i++)
		length +=
		    (size_t)sprintf(text + length, "Entry%zu\n", i * 7919);
	return text;
}

START_TEST(many_are_all_found_and_few_others_are)
{
	const size_t count = 100000;
	char *text = many_lines(count);
	struct blocklist *b = filter_of(text, LIST_WORDS);
	char password[40];
	int wrong = 0;

	free(text);
	/* Two that are cut to the same bits are one: 0.2 are expected. */
	ck_assert_uint_ge(blocklist_facts(b).exact, count - 3);
	for (size_t i = 0; i < count; i++) {
		snprintf(password, sizeof(password), "Entry%zu", i * 7919);
		ck_assert_int_eq(has(b, password), 1);
		snprintf(password, sizeof(password), "Other%zu", i);
		wrong += has(b, password);
	}
	/* 64 / 2^24 each are expected at most: 0.4 of them. */
	ck_assert_int_le(wrong, 5);
	blocklist_close(&b);
}
END_TEST

static int
expect_next(void *context, uint64_t key, struct err *e)
{
	uint64_t *last = context;

	(void)e;
	ck_assert_uint_ge(key, *last);
	*last = key;
	return 0;
}

START_TEST(a_pile_gives_its_keys_in_order)
{
	struct pile *p;
	uint64_t key = 88172645463325252u;
	uint64_t last = 0;
	struct err e;
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ck_assert_int_eq(pile_new(&p, dir, &e), 0);
	close(dir);
	for (int i = 0; i < 2000000; i++) {
		key ^= key << 13;
		key ^= key >> 7;
		key ^= key << 17;
		ck_assert_int_eq(pile_put(p, key, &e), 0);
	}
	ck_assert_uint_eq(pile_count(p), 2000000);
	ck_assert_int_eq(pile_sorted(p, expect_next, &last, &e), 0);
	ck_assert_uint_gt(last, UINT64_MAX / 100 * 99);
	pile_free(&p);
}
END_TEST

/* The filter as bytes, to be damaged. */
static unsigned char *
filter_bytes(size_t *length)
{
	struct buf b = buf_new(1u << 24);
	unsigned char *bytes;
	struct err e;

	ck_assert_int_eq(
	    build_list("dragon\nmonkey\nletmein\n", LIST_RANKED, &e), 0);
	ck_assert_int_eq(file_read_path(at("filter"), &ours, &b, &e), 0);
	*length = b.length;
	bytes = malloc(b.length);
	ck_assert_ptr_nonnull(bytes);
	memcpy(bytes, b.data, b.length);
	buf_free(&b);
	return bytes;
}

START_TEST(every_altered_byte_of_the_header_is_seen)
{
	size_t length;
	unsigned char *bytes = filter_bytes(&length);
	struct blocklist *b;
	struct err e;

	for (size_t i = 0; i < BLOCKLIST_SUMMED + 32; i++) {
		bytes[i] ^= 0x40;
		ck_assert_msg(
		    blocklist_from(&b, bytes, length, &e) == -1, "byte %zu", i);
		bytes[i] ^= 0x40;
	}
	ck_assert_int_eq(blocklist_from(&b, bytes, length, &e), 0);
	blocklist_close(&b);
	free(bytes);
}
END_TEST

START_TEST(a_file_cut_short_or_grown_is_not_opened)
{
	size_t length;
	unsigned char *bytes = filter_bytes(&length);
	struct blocklist *b;
	struct err e;

	ck_assert_int_eq(blocklist_from(&b, bytes, length - 1, &e), -1);
	ck_assert_int_eq(e.code, ERR_FORMAT);
	ck_assert_int_eq(blocklist_from(&b, bytes, BLOCKLIST_HEADER, &e), -1);
	ck_assert_int_eq(blocklist_from(&b, bytes, 20, &e), -1);
	ck_assert_int_eq(blocklist_from(&b, bytes, 0, &e), -1);
	free(bytes);
	ck_assert_int_eq(truncate(at("filter"), (off_t)length - 1), 0);
	ck_assert_int_eq(blocklist_open(&b, at("filter"), &ours, &e), -1);
	ck_assert_int_eq(truncate(at("filter"), (off_t)length + 1), 0);
	ck_assert_int_eq(blocklist_open(&b, at("filter"), &ours, &e), -1);
	ck_assert_int_eq(truncate(at("filter"), 0), 0);
	ck_assert_int_eq(blocklist_open(&b, at("filter"), &ours, &e), -1);
	ck_assert_int_eq(e.code, ERR_FORMAT);
}
END_TEST

START_TEST(an_index_that_leads_astray_is_an_error)
{
	size_t length;
	unsigned char *bytes = filter_bytes(&length);
	struct blocklist *b;
	struct err e;

	memset(bytes + BLOCKLIST_HEADER, 0xff, 24);
	ck_assert_int_eq(blocklist_from(&b, bytes, length, &e), 0);
	ck_assert_int_eq(blocklist_has(b, "dragon", 6, &e), -1);
	ck_assert_int_eq(e.code, ERR_FORMAT);
	ck_assert_int_eq(blocklist_verify(b, &e), -1);
	ck_assert_int_eq(e.code, ERR_TAMPERED);
	blocklist_close(&b);
	free(bytes);
}
END_TEST

START_TEST(a_later_version_is_newer_not_damaged)
{
	size_t length;
	unsigned char *bytes = filter_bytes(&length);
	struct blocklist *b;
	struct err e;

	bytes[8]++;
	ck_assert_int_eq(blocklist_from(&b, bytes, length, &e), -1);
	ck_assert_int_eq(e.code, ERR_NEWER);
	free(bytes);
}
END_TEST

START_TEST(a_file_that_others_may_write_is_not_opened)
{
	struct blocklist *b = filter_of("dragon\n", LIST_RANKED);
	struct err e;

	blocklist_close(&b);
	ck_assert_int_eq(chmod(at("filter"), 0666), 0);
	ck_assert_int_eq(blocklist_open(&b, at("filter"), &ours, &e), -1);
	ck_assert_int_eq(e.code, ERR_ACCESS);
	ck_assert_int_eq(chmod(at("filter"), 0644), 0);
	ck_assert_int_eq(symlink(at("filter"), at("link")), 0);
	ck_assert_int_eq(blocklist_open(&b, at("link"), &ours, &e), -1);
	ck_assert_int_eq(unlink(at("link")), 0);
}
END_TEST

static unsigned
cost_of(const struct blocklist *b, const char *password)
{
	struct guess g;
	struct err e;

	ck_assert_int_eq(guess_cost(b, password, strlen(password), &g, &e), 0);
	return g.cost / GUESS_UNIT;
}

START_TEST(what_is_made_from_known_words_is_cheap)
{
	static const char *const cheap[] = { "dragon", "Dragon1", "dr4g0n",
		"nogard99", "dragondragon", "DRAGON2024", "monkeydragon",
		"wangxiaoming", "linyating", "T4ipei5201314", "qwertyuiop",
		"(O*I&U^Y", "aaaaaaaaaaaa", "20240101" };
	static const char *const dear[] = { "Vn8#kTq2Lw!z", "hxqvbzkwjfpm",
		"\u5bc6\u78bc\u5bb6\u5c71" };
	struct blocklist *b =
	    filter_of("password\ndragon\nmonkey\nsunshine1\n", LIST_RANKED);

	for (size_t i = 0; i < sizeof(cheap) / sizeof(cheap[0]); i++)
		ck_assert_msg(cost_of(b, cheap[i]) < 35, "%s: %u", cheap[i],
		    cost_of(b, cheap[i]));
	for (size_t i = 0; i < sizeof(dear) / sizeof(dear[0]); i++)
		ck_assert_msg(cost_of(b, dear[i]) > 50, "%s: %u", dear[i],
		    cost_of(b, dear[i]));
	ck_assert_uint_eq(cost_of(b, ""), 0);
	blocklist_close(&b);
}
END_TEST

START_TEST(the_judge_asks_the_filter)
{
	struct password_rules rules = { .min_length = 1 };
	struct password_subject subject = { 0 };
	struct blocklist *b = filter_of("dragon\nwintersun\n", LIST_RANKED);
	unsigned reasons;
	struct err e;

	blocklist_close(&b);
	if (geteuid() != 0)
		return; /* it believes root's files only */
	snprintf(rules.blocklist, sizeof(rules.blocklist), "%s", at("filter"));
	ck_assert_int_eq(
	    password_judge(&rules, &subject, "wintersun", &reasons, &e), 0);
	ck_assert_uint_eq(reasons, PASSWORD_BLOCKED);
	ck_assert_int_eq(
	    password_judge(&rules, &subject, "W1ntersun!9", &reasons, &e), 0);
	ck_assert_uint_eq(reasons, PASSWORD_BLOCKED);
	ck_assert_int_eq(
	    password_judge(&rules, &subject, "Vn8#kTq2Lw!z", &reasons, &e), 0);
	ck_assert_uint_eq(reasons, 0);
	snprintf(rules.blocklist, sizeof(rules.blocklist), "%s", at("none"));
	ck_assert_int_eq(
	    password_judge(&rules, &subject, "Vn8#kTq2Lw!z", &reasons, &e), -1);
	ck_assert_uint_eq(reasons, ~0u);
	ck_assert_int_eq(e.code, ERR_CONFIG);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("blocklist");
	TCase *c = tcase_create("blocklist");
	int status;

	if (mkdtemp(folder) == NULL)
		return EXIT_FAILURE;
	ours.owner = geteuid();
	ours.forbidden = 022;
	tcase_set_timeout(c, 60);
	tcase_add_test(c, md4_gives_the_digests_of_rfc_1320);
	tcase_add_test(c, what_was_listed_is_found_and_nothing_else);
	tcase_add_loop_test(c, exports_of_digests_are_recognised, 0,
	    sizeof(exports) / sizeof(exports[0]));
	tcase_add_test(c, ntlm_is_over_utf_16);
	tcase_add_test(c, a_bad_line_is_named);
	tcase_add_test(
	    c, a_failed_build_leaves_the_old_filter_and_nothing_else);
	tcase_add_test(c, a_missing_list_and_a_missing_directory_are_named);
	tcase_add_test(c, many_are_all_found_and_few_others_are);
	tcase_add_test(c, a_pile_gives_its_keys_in_order);
	tcase_add_test(c, every_altered_byte_of_the_header_is_seen);
	tcase_add_test(c, a_file_cut_short_or_grown_is_not_opened);
	tcase_add_test(c, an_index_that_leads_astray_is_an_error);
	tcase_add_test(c, a_later_version_is_newer_not_damaged);
	tcase_add_test(c, a_file_that_others_may_write_is_not_opened);
	tcase_add_test(c, what_is_made_from_known_words_is_cheap);
	tcase_add_test(c, the_judge_asks_the_filter);
	suite_add_tcase(s, c);
	status = unit_run(s);
	(void)unlink(at("filter"));
	(void)unlink(at("list"));
	return rmdir(folder) == 0 ? status : EXIT_FAILURE;
}
