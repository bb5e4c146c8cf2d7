/* Audit samples: which items, by arithmetic that anybody can repeat. */
#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review/sample.h"
#include "schema/base/digest.h"
#include "schema/base/enc.h"
#include "shell.h"
#include "unit.h"

#define ITEMS 500

static struct err e;
static struct store *store;
static char folder[40], db[64];
static unsigned char population[32];

static void
run_sql(const char *sql)
{
	char *why = NULL;

	ck_assert_msg(sqlite3_exec(store_handle(store), sql, NULL, NULL,
	                  &why) == SQLITE_OK,
	    "%s", why);
}

/* Items of campaign 1; every third privileged, every fifth with a finding. */
static void
setup(void)
{
	strcpy(folder, "/tmp/reeve-sample-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(db, sizeof(db), "%s/review.db", folder);
	ck_assert_ok(store_open(&store, db, STORE_WRITE, &e));
	memset(population, 0xab, sizeof(population));
	run_sql("PRAGMA foreign_keys = OFF");
	run_sql("WITH RECURSIVE k (n) AS (VALUES (1) UNION ALL "
	        "SELECT n + 1 FROM k WHERE n < 500) "
	        "INSERT INTO item (act, campaign, n, question, key, account, "
	        "privileged, severity, novelty, low, rank, facts) "
	        "SELECT 1, 1, n, n, 'src' || char(9) || 'name:u' || n, n, "
	        "CASE WHEN n = 1 THEN NULL ELSE n % 3 = 0 END, "
	        "CASE WHEN n % 5 = 0 THEN 'high' ELSE '' END, "
	        "CASE WHEN n % 7 = 0 THEN 'new' ELSE 'unchanged' END, "
	        "n % 2, 1, '{}' FROM k");
}

static void
teardown(void)
{
	store_close(&store);
	(void)shell("rm -rf %s", folder);
}

static struct sample
sample(const char *stratum, size_t size)
{
	return (struct sample){ .campaign = 1,
		.population = population,
		.seed = "2026-11-29 7402",
		.size = size,
		.stratum = stratum };
}

static void
digest_of(int n, unsigned char out[32])
{
	struct buf b = buf_new(1024);

	buf_put_string(&b, "2026-11-29 7402\n");
	enc_hex(&b, population, sizeof(population));
	buf_printf(&b, "\nsrc\tname:u%d\n", n);
	ck_assert_int_eq(digest_sha256(b.data, b.length, out, &e), 0);
	buf_free(&b);
}

static int64_t
draw(const struct sample *s, struct sample_item **items, size_t *count)
{
	int64_t all;

	ck_assert_ok(sample_draw(store, s, items, count, &all, &e));
	return all;
}

START_TEST(a_sample_has_the_smallest_digests_in_their_order)
{
	struct sample s = sample("all", 40);
	struct sample_item *items;
	unsigned char digest[32];
	size_t count, smaller = 0;

	ck_assert_int_eq(draw(&s, &items, &count), ITEMS);
	ck_assert_uint_eq(count, 40);
	for (size_t i = 0; i < count; i++) {
		digest_of((int)items[i].item, digest);
		ck_assert_mem_eq(digest, items[i].digest, 32);
		ck_assert(i == 0 ||
		    memcmp(items[i - 1].digest, items[i].digest, 32) < 0);
	}
	for (int n = 1; n <= ITEMS; n++) {
		digest_of(n, digest);
		smaller += memcmp(digest, items[count - 1].digest, 32) <= 0;
	}
	ck_assert_uint_eq(smaller, 40);
	free(items);
}
END_TEST

START_TEST(a_sample_repeats_and_another_seed_gives_another)
{
	struct sample s = sample("all", 25);
	struct sample_item *one, *again, *other;
	size_t count, count_again;

	(void)draw(&s, &one, &count);
	(void)draw(&s, &again, &count_again);
	ck_assert_mem_eq(one, again, count * sizeof(*one));
	s.seed = "2026-11-29 7403";
	(void)draw(&s, &other, &count_again);
	ck_assert_mem_ne(one, other, count * sizeof(*one));
	free(again);
	/* A greater one of the same seed begins with the smaller. */
	s = sample("all", 50);
	(void)draw(&s, &again, &count_again);
	ck_assert_mem_eq(one, again, count * sizeof(*one));
	free(one);
	free(again);
	free(other);
}
END_TEST

static const struct {
	const char *name;
	int64_t items;
} strata[] = {
	{ "all", 500 },
	{ "privileged", 166 + 1 }, /* nobody can tell of one */
	{ "flagged", 100 },
	{ "new", 71 },
	{ "low", 250 },
	{ "rest", 266 },
};

START_TEST(strata_are_of_the_frozen_population)
{
	struct sample s = sample(strata[_i].name, 1000);
	struct sample_item *items;
	size_t count;

	ck_assert_int_eq(draw(&s, &items, &count), strata[_i].items);
	/* All of it, where it is smaller than the sample. */
	ck_assert_uint_eq(count, (size_t)strata[_i].items);
	free(items);
}
END_TEST

static const struct {
	const char *seed, *stratum;
	size_t size;
	const char *says;
} bad[] = {
	{ "", "all", 1, "--seed" },
	{ "a\nb", "all", 1, "one line" },
	{ "a\xff", "all", 1, "--seed" },
	{ "7", "some", 1, "--stratum" },
	{ "7", "all", 0, "--size" },
	{ "7", "all", SAMPLE_SIZE_MAX + 1, "--size" },
};

START_TEST(what_is_no_sample_is_refused)
{
	struct sample s = sample(bad[_i].stratum, bad[_i].size);

	s.seed = bad[_i].seed;
	ck_assert_int_eq(sample_check(&s, &e), -1);
	ck_assert_int_eq(e.code, ERR_USAGE);
	ck_assert_ptr_nonnull(strstr(e.text, bad[_i].says));
}
END_TEST

START_TEST(a_key_is_one_line_and_no_two_keys_are_the_same)
{
	struct buf b = buf_new(256);

	sample_key("src\tname:a\nb\\n\x7f", &b);
	ck_assert_str_eq(buf_string(&b), "src\tname:a\\u000ab\\\\n\\u007f");
	buf_free(&b);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("sample");
	TCase *c = tcase_create("sample");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, a_sample_has_the_smallest_digests_in_their_order);
	tcase_add_test(c, a_sample_repeats_and_another_seed_gives_another);
	tcase_add_loop_test(c, strata_are_of_the_frozen_population, 0,
	    sizeof(strata) / sizeof(strata[0]));
	tcase_add_loop_test(
	    c, what_is_no_sample_is_refused, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(c, a_key_is_one_line_and_no_two_keys_are_the_same);
	suite_add_tcase(s, c);
	return unit_run(s);
}
