/* The writer: chaining, repairing, and what it does on bad days. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "schema/base/file.h"
#include "schema/epoch.h"
#include "schema/reader.h"
#include "schema/trail.h"
#include "schema/verify.h"
#include "tests/unit.h"

/* The disk, as the trail sees it: it fails when told so. */
static int syncs_to_fail;

int fdatasync(int fd);
int
fdatasync(int fd)
{
	if (syncs_to_fail > 0) {
		syncs_to_fail--;
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_fdatasync, fd);
}

static char directory[64];
static struct clock system_clock;
static struct err e;

static void
run(const char *format, ...)
{
	char command[512];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	ck_assert_int_eq(system(command), 0);
}

#define LAID 4 /* records that init writes */

static int
init(void)
{
	struct entropy entropy = entropy_system();
	struct buf vkey = buf_new(1024);
	char run_directory[80];
	int result;

	snprintf(run_directory, sizeof(run_directory), "%s/run", directory);
	result = epoch_init(directory, run_directory, "example.com",
	    &system_clock, &entropy, &vkey, &e);
	buf_free(&vkey);
	return result;
}

static void
set_up(void)
{
	system_clock = clock_system();
	strcpy(directory, "/var/tmp/reeve-test-trail.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	ck_assert_msg(init() == 0, "%s", e.text);
}

static void
tear_down(void)
{
	run("rm -rf %s", directory);
}

static void
path_of(char *out, size_t size, const char *name)
{
	snprintf(out, size, "%s/%s", directory, name);
}

static struct trail *
opened(void)
{
	struct trail *t;

	ck_assert_msg(
	    trail_open(&t, directory, &system_clock, &e) == 0, "%s", e.text);
	return t;
}

static const struct trail_record grant = { .type = "grant",
	.uid = 1000,
	.real_uid = -1,
	.audit_session = -1,
	.user = "alice",
	.service = "sshd",
	.result = "yes" };

static void
append(struct trail *t)
{
	ck_assert_msg(trail_append(t, &grant, &e) == 0, "%s", e.text);
}

/* All of segment 1, as it is. */
static struct buf
segment(uint32_t number)
{
	char name[SEGMENT_NAME_SIZE], path[128];
	struct buf b = buf_new(1 << 26);
	int fd;

	segment_name(name, number, ".jsonl");
	path_of(path, sizeof(path), name);
	fd = open(path, O_RDONLY);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(file_read(fd, &b, &e), 0);
	close(fd);
	return b;
}

/* Checks that the whole segment chains, passing over what repairs cover. */
static uint64_t
count_chained(uint32_t number)
{
	struct buf b = segment(number);
	const char *at = buf_string(&b), *feed;
	struct place p = { 0 };
	uint64_t torn = 0;

	while ((feed = strchr(at, '\n')) != NULL) {
		struct line l;

		if (line_parse(at, (size_t)(feed - at), &l, &e) == 0 &&
		    l.seq == p.seq && memcmp(l.prev, p.prev, LINE_HASH) == 0) {
			p.seq++;
			line_hash(at, (size_t)(feed - at), p.prev, &e);
		} else
			torn++;
		at = feed + 1;
	}
	ck_assert_str_eq(at, "");
	ck_assert_uint_le(torn, 1);
	buf_free(&b);
	return p.seq;
}

static bool
says(uint32_t number, const char *text)
{
	struct buf b = segment(number);
	bool found = memmem(b.data, b.length, text, strlen(text)) != NULL;

	buf_free(&b);
	return found;
}

static void
add_to_segment(const void *bytes, size_t length)
{
	char path[128];
	int fd;

	path_of(path, sizeof(path), "segment-00000001.jsonl");
	fd = open(path, O_WRONLY | O_APPEND);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, length), (ssize_t)length);
	close(fd);
}

START_TEST(records_chain_across_handles)
{
	for (int i = 0; i < 3; i++) {
		struct trail *t = opened();

		append(t);
		append(t);
		trail_close(&t);
	}
	ck_assert_uint_eq(count_chained(1), LAID + 6);
}
END_TEST

START_TEST(a_torn_tail_is_repaired_and_never_cut)
{
	static const struct {
		const char *bytes;
		size_t length;
	} tails[] = { { "{\"v\":1,\"seq\":1,\"pr", 18 }, { "\0\0\0\0\0\0", 6 },
		{ "\n", 1 }, { "{\"v\":1}\nxx", 10 },
		{ "junk\n\0junk\n", 11 } };
	struct trail *t = opened();
	struct buf before, after;

	append(t);
	add_to_segment(tails[_i].bytes, tails[_i].length);
	before = segment(1);
	append(t);
	after = segment(1);
	ck_assert_uint_gt(after.length, before.length);
	ck_assert_mem_eq(after.data, before.data, before.length);
	ck_assert(says(1, "\"type\":\"repair\",\"torn_length\":"));
	trail_close(&t);
	buf_free(&before);
	buf_free(&after);
}
END_TEST

START_TEST(a_record_that_lacks_only_its_line_feed_counts)
{
	struct trail *t = opened();
	struct buf whole;
	char path[128];

	append(t);
	append(t);
	whole = segment(1);
	path_of(path, sizeof(path), "segment-00000001.jsonl");
	ck_assert_int_eq(truncate(path, (off_t)whole.length - 1), 0);
	append(t);
	ck_assert_uint_eq(count_chained(1), LAID + 3);
	ck_assert(!says(1, "repair"));
	trail_close(&t);
	buf_free(&whole);
}
END_TEST

/* Overwrites bytes of a file of the trail. */
static void
damage(const char *name, const void *bytes, size_t length, int64_t at)
{
	char path[128];
	int fd;

	path_of(path, sizeof(path), name);
	ck_assert_int_ge(fd = open(path, O_WRONLY | O_CLOEXEC), 0);
	ck_assert_int_eq(pwrite(fd, bytes, length, (off_t)at), (ssize_t)length);
	close(fd);
}

/* How many records the trail has for who reads it. */
static uint64_t
count_read(void)
{
	int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct reader *reader;
	struct reader_item item;
	uint64_t count = 0;
	int more;

	ck_assert_msg(reader_open(&reader, dir, &e) == 0, "%s", e.text);
	while ((more = reader_next(reader, &item, &e)) == 1)
		count++;
	ck_assert_msg(more == 0, "%s", e.text);
	reader_close(&reader);
	close(dir);
	return count;
}

/*
 * Issue 2: a power cut left a hole among lines that nobody had been promised,
 * and whole ones behind it, while "tail" was torn, since its writer had been
 * killed in the middle. The hole stayed, and verify called the trail altered.
 */
START_TEST(a_hole_is_mended_though_a_durable_place_is_torn)
{
	static const char nothing[64] = { 0 };
	struct trail *t = opened();
	struct buf before, after;

	for (int i = 0; i < 6; i++)
		append(t);
	before = segment(1);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(trail_note(t, &grant, &e), 0);
	after = segment(1);
	trail_close(&t);
	damage("segment-00000001.jsonl", nothing, sizeof(nothing),
	    (int64_t)before.length + 30);
	damage("segment-00000001.jsonl", "{\"v\":1", 6, (int64_t)after.length);
	damage("tail", "torn", 4, 128 * _i + 40);
	t = opened();
	append(t);
	trail_close(&t);
	ck_assert_uint_eq(count_read(), LAID + 6 + 2); /* with the repair */
	buf_free(&before);
	buf_free(&after);
}
END_TEST

START_TEST(many_writers_chain)
{
	pid_t child[8];
	const int each = 50;

	for (int i = 0; i < 8; i++) {
		if ((child[i] = fork()) == 0) {
			struct trail *t = opened();

			for (int n = 0; n < each; n++)
				append(t);
			_exit(0);
		}
	}
	for (int i = 0; i < 8; i++) {
		int status;

		waitpid(child[i], &status, 0);
		ck_assert_int_eq(status, 0);
	}
	ck_assert_uint_eq(count_chained(1), 8 * (uint64_t)each + LAID);
}
END_TEST

START_TEST(what_could_not_be_written_is_said_later)
{
	struct trail *t = opened(), *other = opened();
	char path[128];

	append(t);
	path_of(path, sizeof(path), "segment-00000001.jsonl");
	/* A segment that somebody else may write to is not used. */
	ck_assert_int_eq(chmod(path, 0622), 0);
	ck_assert_int_eq(trail_append(other, &grant, &e), -1);
	ck_assert_int_eq(trail_append(other, &grant, &e), -1);
	ck_assert_int_eq(e.code, ERR_ACCESS);
	ck_assert_int_eq(chmod(path, 0600), 0);
	append(other);
	append(other);
	ck_assert(says(1, "\"type\":\"gap\",\"missed\":2,\"since\":\"20"));
	ck_assert(says(1, "\"reason\":\"access\"}"));
	ck_assert_uint_eq(count_chained(1), LAID + 4);
	trail_close(&t);
	trail_close(&other);
}
END_TEST

START_TEST(a_full_segment_is_followed_by_another)
{
	struct trail *t = opened();
	struct stat st;
	char path[128];

	trail_set_limits(t, 3000, 0);
	for (int i = 0; i < 20; i++)
		append(t);
	trail_close(&t);
	ck_assert(says(2, "\"type\":\"segment\",\"segment\":2}"));
	path_of(path, sizeof(path), "segment-00000002.jsonl");
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_ge(st.st_blocks * 512, 16 << 20);
}
END_TEST

/* 0, or the error's code. */
static enum err_code
verified(struct verify_report *report)
{
	int dir = open(directory, O_RDONLY | O_DIRECTORY);
	enum err_code code = ERR_NONE;
	struct verify *v;

	ck_assert_int_eq(verify_new(&v, &e), 0);
	if (verify_run(v, dir, report, &e) == -1)
		code = e.code;
	verify_free(&v);
	close(dir);
	return code;
}

START_TEST(a_failed_sync_is_never_tried_again_in_that_segment)
{
	struct verify_report report;
	struct trail *t = opened();

	append(t);
	syncs_to_fail = 1;
	append(t);
	/* It stands once, behind the last durable one, in a new segment. */
	ck_assert(says(2, "\"segment\":2,\"poisoned\":1,\"kept\":"));
	append(t);
	trail_close(&t);
	ck_assert_msg(verified(&report) == ERR_NONE, "%s", e.text);
	ck_assert_uint_gt(report.counts.set_aside_bytes, 0);
	ck_assert_uint_eq(report.records, LAID + 1 + 1 + 2);
}
END_TEST

START_TEST(a_disk_that_takes_nothing_is_an_error_and_is_recorded_later)
{
	struct verify_report report;
	struct trail *t = opened();

	syncs_to_fail = 100;
	ck_assert_int_eq(trail_append(t, &grant, &e), -1);
	ck_assert_int_eq(e.code, ERR_SYS);
	syncs_to_fail = 0;
	append(t);
	trail_close(&t);
	ck_assert_msg(verified(&report) == ERR_NONE, "%s", e.text);
	ck_assert_uint_eq(report.missed, 1);
}
END_TEST

START_TEST(another_writer_follows_into_the_new_segment)
{
	struct verify_report report;
	struct trail *t = opened(), *other = opened();

	append(t);
	append(other);
	syncs_to_fail = 1;
	append(t);
	append(other);
	append(t);
	trail_close(&t);
	trail_close(&other);
	ck_assert_msg(verified(&report) == ERR_NONE, "%s", e.text);
	ck_assert_uint_eq(report.records, LAID + 2 + 1 + 3);
}
END_TEST

/* One writer has written and not synced when the other's sync fails. */
START_TEST(what_was_not_durable_is_set_aside_and_said)
{
	struct verify_report report;
	struct trail *t = opened(), *other = opened();

	append(t);
	ck_assert_int_eq(trail_note(other, &grant, &e), 0);
	syncs_to_fail = 1;
	append(t);
	trail_close(&t);
	trail_close(&other);
	ck_assert_msg(verified(&report) == ERR_NONE, "%s", e.text);
	ck_assert_uint_gt(report.counts.set_aside_bytes, 2 * 300);
}
END_TEST

START_TEST(every_flipped_bit_of_a_record_is_noticed)
{
	struct verify_report report;
	struct trail *t = opened();
	struct buf whole;
	char path[128];
	char *from;
	size_t begin, end;
	int fd;

	for (int i = 0; i < 3; i++)
		append(t);
	trail_close(&t);
	whole = segment(1);
	path_of(path, sizeof(path), "segment-00000001.jsonl");
	from = strstr(buf_string(&whole), "{\"v\":1,\"seq\":5,");
	ck_assert_ptr_nonnull(from);
	begin = (size_t)(from - (char *)whole.data);
	end = (size_t)(strchr(from, '\n') - (char *)whole.data);
	fd = open(path, O_RDWR);
	for (size_t bit = begin * 8; bit <= end * 8 + 7; bit++) {
		unsigned char one = whole.data[bit / 8];

		one ^= (unsigned char)(1u << bit % 8);
		ck_assert_int_eq(pwrite(fd, &one, 1, (off_t)(bit / 8)), 1);
		ck_assert_msg(verified(&report) != ERR_NONE, "bit %zu", bit);
		ck_assert_int_eq(
		    pwrite(fd, &whole.data[bit / 8], 1, (off_t)(bit / 8)), 1);
	}
	ck_assert_msg(verified(&report) == ERR_NONE, "%s", e.text);
	close(fd);
	buf_free(&whole);
}
END_TEST

START_TEST(hostile_text_stays_one_line_and_reads_back)
{
	static const char *const texts[] = { "a\nb\r\x1b[2J\x7f", "\xff\xfe",
		"\"},{\"seq\":1", "\\", "\xe2\x80\xae.", "\xc2\x9b", "-" };
	struct trail_record hostile = grant;
	struct verify_report report;
	struct trail *t = opened();
	char many[2000];

	memset(many, '"', sizeof(many) - 1);
	many[sizeof(many) - 1] = '\0';
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		hostile.user = hostile.source = hostile.tty = texts[i];
		hostile.detail = many;
		ck_assert_int_eq(trail_append(t, &hostile, &e), 0);
	}
	trail_close(&t);
	ck_assert_uint_eq(
	    count_chained(1), LAID + sizeof(texts) / sizeof(*texts));
	ck_assert_msg(verified(&report) == ERR_NONE, "%s", e.text);
}
END_TEST

START_TEST(init_refuses_a_second_time)
{
	ck_assert_int_eq(init(), -1);
	ck_assert_int_eq(e.code, ERR_USAGE);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("trail");
	TCase *tc = tcase_create("writer");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, records_chain_across_handles);
	tcase_add_loop_test(tc, a_torn_tail_is_repaired_and_never_cut, 0, 5);
	tcase_add_test(tc, a_record_that_lacks_only_its_line_feed_counts);
	tcase_add_loop_test(
	    tc, a_hole_is_mended_though_a_durable_place_is_torn, 0, 4);
	tcase_add_test(tc, many_writers_chain);
	tcase_add_test(tc, what_could_not_be_written_is_said_later);
	tcase_add_test(tc, a_full_segment_is_followed_by_another);
	tcase_add_test(tc, init_refuses_a_second_time);
	tcase_add_test(tc, a_failed_sync_is_never_tried_again_in_that_segment);
	tcase_add_test(
	    tc, a_disk_that_takes_nothing_is_an_error_and_is_recorded_later);
	tcase_add_test(tc, another_writer_follows_into_the_new_segment);
	tcase_add_test(tc, what_was_not_durable_is_set_aside_and_said);
	tcase_add_test(tc, hostile_text_stays_one_line_and_reads_back);
	tcase_add_test(tc, every_flipped_bit_of_a_record_is_noticed);
	tcase_set_timeout(tc, 60);
	suite_add_tcase(s, tc);
	return unit_run(s);
}
