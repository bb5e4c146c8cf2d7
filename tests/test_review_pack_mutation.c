/*
 * Every bit of a manifest that is turned over is refused, and every bit that
 * was looked at of all other files; every file that is taken away, emptied,
 * cut, doubled, exchanged for another one, or a link.
 *
 * A time stamp's token and request are no evidence by themselves, and are not
 * among the files here.
 */
#include "review_pack.h"

#include <time.h>

#define SAMPLES 150u /* bits of each other file */

static struct pack_fixture fixture;
static struct pack_trust *trust;
static char pack[80];
static struct fixture_result result;

static const char *
verify(void)
{
	buf_free(&result.all);
	fixture_verify(pack, trust, NULL, &result);
	ck_assert_msg(result.faults >= 0, "%s", result.e.text);
	return result.faults == 0 ? "verified" : result.first;
}

static void
once(void)
{
	struct err e = { .code = ERR_NONE };

	fixture_new(&fixture, "/tmp/reeve-mutate-XXXXXX");
	(void)snprintf(pack, sizeof(pack), "%s/pack", fixture.folder);
	fixture_pack(&fixture, pack);
	fixture_sign(pack, &fixture.officer, "officer");
	ck_assert_ok(pack_trust_new(&trust, &e));
	fixture_trust(trust, &fixture.officer);
	ck_assert_str_eq(verify(), "verified");
}

static void
at_last(void)
{
	pack_trust_free(&trust);
	buf_free(&result.all);
	fixture_free(&fixture);
}

static int
opened(const char *name, int64_t *bytes)
{
	char path[400];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", pack, name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	ck_assert_int_ne(fd, -1);
	*bytes = lseek(fd, 0, SEEK_END);
	return fd;
}

static void
turn(int fd, int64_t bit)
{
	unsigned char byte;

	ck_assert_int_eq(pread(fd, &byte, 1, bit / 8), 1);
	byte ^= (unsigned char)(1u << (bit % 8));
	ck_assert_int_eq(pwrite(fd, &byte, 1, bit / 8), 1);
}

/* A signature that fails is altered, or no longer of somebody trusted. */
static void
refused(const char *name, int64_t bit)
{
	const char *word = verify();

	ck_assert_msg(strcmp(word, "altered") == 0 ||
	        (strncmp(name, "signatures/", 11) == 0 &&
	            (strcmp(word, "untrusted") == 0 ||
	                strcmp(word, "expired") == 0)),
	    "%s, bit %lld: %s", name, (long long)bit, word);
	ck_assert_msg(strcmp(result.name, name) == 0, "%s, bit %lld: %s", name,
	    (long long)bit, buf_string(&result.all));
}

START_TEST(every_bit_of_a_manifest_counts)
{
	int64_t bytes;
	int fd = opened(EVIDENCE_MANIFEST, &bytes);

	for (int64_t bit = 0; bit < bytes * 8; bit++) {
		turn(fd, bit);
		refused(EVIDENCE_MANIFEST, bit);
		turn(fd, bit);
	}
	(void)close(fd);
	ck_assert_str_eq(verify(), "verified");
}
END_TEST

static struct pack_folder
listed(void)
{
	struct err e = { .code = ERR_NONE };
	struct pack_folder f;

	ck_assert_ok(pack_folder_open(&f, pack, fixture_odd, NULL, &e));
	return f;
}

START_TEST(bits_of_every_file_count)
{
	const char *seed = getenv("SEED");
	struct pack_folder f = listed();

	srand48(seed == NULL ? 20261129 : strtol(seed, NULL, 10));
	for (size_t i = 0; i < f.count; i++) {
		int64_t bytes;
		int fd = opened(f.entries[i].name, &bytes);

		for (unsigned n = 0; n < SAMPLES; n++) {
			int64_t bit = (int64_t)(drand48() * (double)bytes * 8);

			turn(fd, bit);
			refused(f.entries[i].name, bit);
			turn(fd, bit);
		}
		(void)close(fd);
	}
	pack_folder_close(&f);
	ck_assert_str_eq(verify(), "verified");
}
END_TEST

/* %1$s: the folder; %2$s: the file; %3$s: another one. */
static const struct {
	const char *change, *back;
	const char *word; /* NULL: any, of the file */
} changes[] = {
	{ "mv %1$s/%2$s %1$s/../kept", "mv %1$s/../kept %1$s/%2$s", NULL },
	{ "cp %1$s/%2$s %1$s/../kept && truncate -s 0 %1$s/%2$s",
	    "mv %1$s/../kept %1$s/%2$s", "altered" },
	{ "cp %1$s/%2$s %1$s/../kept && truncate -s -1 %1$s/%2$s",
	    "mv %1$s/../kept %1$s/%2$s", "altered" },
	{ "cp %1$s/%2$s %1$s/../kept && printf x >>%1$s/%2$s",
	    "mv %1$s/../kept %1$s/%2$s", "altered" },
	{ "cp %1$s/%2$s %1$s/../kept && cat %1$s/../kept >>%1$s/%2$s",
	    "mv %1$s/../kept %1$s/%2$s", "altered" },
	{ "cp %1$s/%2$s %1$s/../kept && cp %1$s/%3$s %1$s/%2$s",
	    "mv %1$s/../kept %1$s/%2$s", "altered" },
	{ "mv %1$s/%2$s %1$s/../kept && ln -s %1$s/../kept %1$s/%2$s",
	    "mv %1$s/../kept %1$s/%2$s", "altered" },
};

static void
run(const char *format, const char *name, const char *other)
{
	char command[1000];

	(void)snprintf(command, sizeof(command), format, pack, name, other);
	ck_assert_int_eq(shell("%s", command), 0);
}

static bool
is_named(const char *name)
{
	return strstr(buf_string(&result.all), name) != NULL ||
	    strcmp(result.first, "unsigned") == 0;
}

START_TEST(what_is_done_to_any_file_is_named)
{
	struct pack_folder f = listed();

	for (size_t i = 0; i < f.count; i++) {
		const char *name = f.entries[i].name;
		const char *other = f.entries[(i + 1) % f.count].name;

		run(changes[_i].change, name, other);
		(void)verify();
		ck_assert_msg(result.faults > 0 && is_named(name) &&
		        (changes[_i].word == NULL ||
		            strcmp(result.first, changes[_i].word) == 0),
		    "%s: %s", name, buf_string(&result.all));
		run(changes[_i].back, name, other);
	}
	pack_folder_close(&f);
	ck_assert_str_eq(verify(), "verified");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("pack_mutation");
	TCase *tests = tcase_create("pack_mutation");

	tcase_add_unchecked_fixture(tests, once, at_last);
	tcase_set_timeout(tests, 900);
	tcase_add_test(tests, every_bit_of_a_manifest_counts);
	tcase_add_test(tests, bits_of_every_file_count);
	tcase_add_loop_test(tests, what_is_done_to_any_file_is_named, 0,
	    (int)(sizeof(changes) / sizeof(changes[0])));
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
