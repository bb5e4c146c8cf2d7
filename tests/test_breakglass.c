/*
 * Break-glass codes, in a directory of the test's own. Runs as root: the
 * files must be root's, and one test mounts read-only in a private namespace.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pamod/breakglass.h"
#include "tests/unit.h"

#define NOW 1790000000

static char directory[64];
static char state[80];
static char run[80];
static struct breakglass_halves first;
static struct breakglass_halves second;
static struct breakglass_used used;
static struct breakglass_status status;
static struct err error;

static void
setup(void)
{
	snprintf(directory, sizeof(directory), "/tmp/breakglass.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(state, sizeof(state), "%s/state", directory);
	snprintf(run, sizeof(run), "%s/run", directory);
	ck_assert_int_eq(mkdir(state, 0700), 0);
}

static void
teardown(void)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/breakglass", state);
	(void)unlink(path);
	snprintf(path, sizeof(path), "%s/breakglass", run);
	(void)unlink(path);
	(void)rmdir(state);
	(void)rmdir(run);
	ck_assert_int_eq(rmdir(directory), 0);
}

static int
make(unsigned count, bool renew)
{
	struct entropy entropy = entropy_system();

	return breakglass_make(state, count, "Ann", "Bob", renew, &entropy, NOW,
	    &first, &second, &error);
}

static enum verdict
judge(const char *a, const char *b)
{
	return breakglass_judge(state, run, a, b, NOW + 60, &used, &error);
}

static unsigned
left(void)
{
	ck_assert_int_eq(breakglass_read(state, run, &status, &error), 0);
	return status.left;
}

START_TEST(only_the_machines_own_console_counts)
{
	static const struct {
		const char *service;
		const char *tty;
		const char *rhost;
		bool console;
	} rows[] = {
		{ "login", "tty1", NULL, true },
		{ "login", "/dev/tty12", "", true },
		{ "login", "/dev/console", NULL, true },
		{ "login", "ttyS0", NULL, true },
		{ "login", "ttyAMA0", NULL, true },
		{ "login", "hvc0", NULL, true },
		{ "login", "tty", NULL, false },
		{ "login", "ttyS", NULL, false },
		{ "login", "tty1x", NULL, false },
		{ "login", "ttyUSB0", NULL, false },
		{ "login", "console2", NULL, false },
		{ "login", "pts/0", NULL, false },
		{ "login", "/dev/pts/1", NULL, false },
		{ "login", ":0", NULL, false },
		{ "login", "ssh", NULL, false },
		{ "login", "/dev/dev/tty1", NULL, false },
		{ "login", "../tty1", NULL, false },
		{ "login", "", NULL, false },
		{ "login", NULL, NULL, false },
		{ "login", "tty1", "192.0.2.1", false },
		{ "login", "tty1", "localhost", false },
		{ "sshd", "tty1", NULL, false },
		{ "sudo", "tty1", NULL, false },
		{ "su", "tty1", NULL, false },
		{ "loginx", "tty1", NULL, false },
		{ NULL, "tty1", NULL, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(
		    breakglass_is_console(rows[i].service, rows[i].tty,
		        rows[i].rhost) == rows[i].console,
		    "row %zu", i);
}
END_TEST

START_TEST(a_half_is_told_from_everything_else)
{
	static const struct {
		const char *answer;
		bool half;
	} rows[] = {
		{ "BG03A-ABCD-EFGH-IJKL-MNOP", true },
		{ "bg16b abcd efgh 2345 67aa", true },
		{ "BG03C-ABCD-EFGH-IJKL-MNOP", false },
		{ "BG03A-ABCD-EFGH-IJKL-MNO1", false },
		{ "BG03A-ABCD-EFGH-IJKL-MNOPQ", false },
		{ "BG03A-ABCD-EFGH-IJKL-MNO", false },
		{ "BGA3A-ABCD-EFGH-IJKL-MNOP", false },
		{ "ABCD-EFGH-IJKL-MNOP", false },
		{ "123456", false },
		{ "", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(
		    breakglass_looks_like(rows[i].answer) == rows[i].half,
		    "row %zu", i);
	/* Nor does any factor take a half for its own. */
	for (size_t i = 0; factor_types[i] != NULL; i++)
		ck_assert(factor_types[i]->looks_like == NULL ||
		    !factor_types[i]->looks_like(rows[0].answer, NULL));
}
END_TEST

START_TEST(both_halves_of_one_code_open_once)
{
	ck_assert_int_eq(make(3, false), 0);
	ck_assert_uint_eq(left(), 3);
	ck_assert_str_eq(status.holders[0], "Ann");
	ck_assert_str_eq(status.holders[1], "Bob");
	ck_assert_int_eq(status.made, NOW);
	ck_assert_int_eq(judge(first.half[0], first.half[0]), VERDICT_DENY);
	ck_assert_int_eq(judge(second.half[0], second.half[0]), VERDICT_DENY);
	ck_assert_int_eq(judge(first.half[0], second.half[1]), VERDICT_DENY);
	ck_assert_int_eq(judge(first.half[0], ""), VERDICT_DENY);
	ck_assert_int_eq(
	    judge(first.half[0], "BG01B-AAAA-AAAA-AAAA-AAAA"), VERDICT_DENY);
	ck_assert_int_eq(
	    judge("BG99A-AAAA-AAAA-AAAA-AAAA", "BG99B-AAAA-AAAA-AAAA-AAAA"),
	    VERDICT_DENY);
	ck_assert_int_eq(
	    judge("BG00A-AAAA-AAAA-AAAA-AAAA", "BG00B-AAAA-AAAA-AAAA-AAAA"),
	    VERDICT_DENY);
	ck_assert_int_eq(error.code, ERR_NONE);
	ck_assert_uint_eq(left(), 3);
	/* Either holder may be first. */
	ck_assert_int_eq(judge(second.half[1], first.half[1]), VERDICT_ALLOW);
	ck_assert_uint_eq(used.number, 2);
	ck_assert_uint_eq(used.left, 2);
	ck_assert(!used.unsettled);
	ck_assert_str_eq(used.holders[1], "Bob");
	ck_assert_int_eq(
	    judge(first.half[1], second.half[1]), VERDICT_REPLAYED);
	ck_assert_uint_eq(left(), 2);
	ck_assert(status.burnt[1]);
	ck_assert_int_eq(status.burnt_at[1], NOW + 60);
}
END_TEST

START_TEST(codes_are_never_renewed_silently)
{
	struct breakglass_halves old_first;
	struct breakglass_halves old_second;

	ck_assert_int_eq(make(2, false), 0);
	old_first = first;
	old_second = second;
	ck_assert_int_eq(make(2, false), -1);
	ck_assert_int_eq(error.code, ERR_LIMIT);
	ck_assert_str_eq(first.half[0], "");
	ck_assert_int_eq(
	    judge(old_first.half[0], old_second.half[0]), VERDICT_ALLOW);
	ck_assert_int_eq(make(2, true), 0);
	ck_assert_int_eq(
	    judge(old_first.half[1], old_second.half[1]), VERDICT_DENY);
	ck_assert_uint_eq(left(), 2);
}
END_TEST

START_TEST(two_people_are_two)
{
	struct entropy entropy = entropy_system();
	char long_name[BREAKGLASS_NAME_MAX + 2];

	memset(long_name, 'x', sizeof(long_name));
	long_name[sizeof(long_name) - 1] = '\0';
	ck_assert_int_eq(breakglass_make(state, 1, "Ann", "Ann", false,
	                     &entropy, NOW, &first, &second, &error),
	    -1);
	ck_assert_int_eq(error.code, ERR_USAGE);
	ck_assert_int_eq(breakglass_make(state, 1, "", "Ann", false, &entropy,
	                     NOW, &first, &second, &error),
	    -1);
	ck_assert_int_eq(breakglass_make(state, 1, "Ann", long_name, false,
	                     &entropy, NOW, &first, &second, &error),
	    -1);
	ck_assert_int_eq(make(0, false), -1);
	ck_assert_int_eq(make(BREAKGLASS_CODES_MAX + 1, false), -1);
	ck_assert_int_eq(make(BREAKGLASS_CODES_MAX, false), 0);
	ck_assert_uint_eq(left(), BREAKGLASS_CODES_MAX);
}
END_TEST

START_TEST(none_made_is_unavailable_and_damage_is_an_error)
{
	char path[128];
	unsigned char byte = 0xff;
	int fd;

	ck_assert_int_eq(
	    judge("BG01A-AAAA-AAAA-AAAA-AAAA", "BG01B-AAAA-AAAA-AAAA-AAAA"),
	    VERDICT_UNAVAILABLE);
	ck_assert_int_eq(error.code, ERR_NONE);
	ck_assert_int_eq(make(2, false), 0);
	snprintf(path, sizeof(path), "%s/breakglass", state);
	fd = open(path, O_RDWR);
	/* A mark torn in half is burnt; so is anything else. */
	ck_assert_int_eq(pwrite(fd, &byte, 1, 512 + 7), 1);
	ck_assert_int_eq(
	    judge(first.half[0], second.half[0]), VERDICT_REPLAYED);
	ck_assert_int_eq(pwrite(fd, &byte, 1, 20), 1);
	ck_assert_int_eq(judge(first.half[1], second.half[1]), VERDICT_DENY);
	ck_assert_int_eq(error.code, ERR_FORMAT);
	byte = 2;
	ck_assert_int_eq(pwrite(fd, &byte, 1, 7), 1);
	ck_assert_int_eq(judge(first.half[1], second.half[1]), VERDICT_DENY);
	ck_assert_int_eq(error.code, ERR_NEWER);
	ck_assert_int_eq(ftruncate(fd, 1000), 0);
	ck_assert_int_eq(judge(first.half[1], second.half[1]), VERDICT_DENY);
	ck_assert_int_eq(error.code, ERR_INCOMPLETE);
	ck_assert_int_eq(fchmod(fd, 0644), 0);
	ck_assert_int_eq(judge(first.half[1], second.half[1]), VERDICT_DENY);
	ck_assert_int_eq(error.code, ERR_ACCESS);
	close(fd);
}
END_TEST

/* Writes beyond the first 600 bytes of a file fail, as on a failing disk. */
static void
limit_writes(rlim_t bytes)
{
	struct rlimit limit = { .rlim_cur = bytes, .rlim_max = RLIM_INFINITY };

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

START_TEST(what_the_disk_does_not_take_is_burnt_under_run)
{
	ck_assert_int_eq(make(3, false), 0);
	limit_writes(600);
	ck_assert_int_eq(judge(first.half[1], second.half[1]), VERDICT_ALLOW);
	ck_assert(used.unsettled);
	ck_assert_uint_eq(used.left, 2);
	ck_assert_int_eq(
	    judge(first.half[1], second.half[1]), VERDICT_REPLAYED);
	ck_assert_uint_eq(left(), 2);
	ck_assert(status.unsettled[1]);
	/* Neither place takes it: no. */
	limit_writes(0);
	ck_assert_int_eq(judge(first.half[2], second.half[2]), VERDICT_DENY);
	ck_assert_int_ne(error.code, ERR_NONE);
	limit_writes(RLIM_INFINITY);
	ck_assert_uint_eq(left(), 2);
	ck_assert_uint_eq(left(), 2);
	ck_assert(status.burnt[1]);
	ck_assert(!status.unsettled[1]);
	ck_assert_int_eq(status.burnt_at[1], NOW + 60);
	ck_assert_int_eq(judge(first.half[2], second.half[2]), VERDICT_ALLOW);
}
END_TEST

START_TEST(a_read_only_file_system_burns_under_run)
{
	ck_assert_int_eq(make(2, false), 0);
	ck_assert_int_eq(mkdir(run, 0700), 0);
	ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
	ck_assert_int_eq(
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	ck_assert_int_eq(mount(state, state, NULL, MS_BIND, NULL), 0);
	ck_assert_int_eq(
	    mount(NULL, state, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL),
	    0);
	ck_assert_int_eq(judge(first.half[0], second.half[0]), VERDICT_ALLOW);
	ck_assert(used.unsettled);
	ck_assert_int_eq(
	    judge(first.half[0], second.half[0]), VERDICT_REPLAYED);
	ck_assert_int_eq(umount2(state, MNT_DETACH), 0);
	ck_assert_uint_eq(left(), 1);
	ck_assert(!status.unsettled[0]);
	ck_assert_int_eq(
	    judge(first.half[0], second.half[0]), VERDICT_REPLAYED);
}
END_TEST

/* Starts count processes that judge the same halves at once. */
static int
race(unsigned code, int count)
{
	int gate[2];
	int wins = 0;
	int result;

	ck_assert_int_eq(pipe(gate), 0);
	for (int i = 0; i < count; i++) {
		if (fork() == 0) {
			char byte;

			close(gate[1]);
			(void)!read(gate[0], &byte, 1); /* until it closes */
			_exit(judge(first.half[code], second.half[code]) ==
			            VERDICT_ALLOW
			        ? 1
			        : 0);
		}
	}
	close(gate[0]);
	close(gate[1]);
	for (int i = 0; i < count; i++) {
		ck_assert_int_ne(wait(&result), -1);
		ck_assert(WIFEXITED(result));
		wins += WEXITSTATUS(result);
	}
	return wins;
}

START_TEST(among_many_at_once_exactly_one_is_let_in)
{
	static const int counts[] = { 2, 4, 8, 16, 32, 64 };

	for (int round = 0; round < 3; round++) {
		ck_assert_int_eq(make(6, round > 0), 0);
		for (unsigned i = 0; i < 6; i++)
			ck_assert_int_eq(race(i, counts[i]), 1);
		ck_assert_uint_eq(left(), 0);
	}
	/* The same where it has to be burnt under run. */
	ck_assert_int_eq(make(6, true), 0);
	limit_writes(600);
	for (unsigned i = 1; i < 6; i++)
		ck_assert_int_eq(race(i, counts[i]), 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("breakglass");
	TCase *tests = tcase_create("breakglass");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, only_the_machines_own_console_counts);
	tcase_add_test(tests, a_half_is_told_from_everything_else);
	tcase_add_test(tests, both_halves_of_one_code_open_once);
	tcase_add_test(tests, codes_are_never_renewed_silently);
	tcase_add_test(tests, two_people_are_two);
	tcase_add_test(tests, none_made_is_unavailable_and_damage_is_an_error);
	tcase_add_test(tests, what_the_disk_does_not_take_is_burnt_under_run);
	tcase_add_test(tests, a_read_only_file_system_burns_under_run);
	tcase_add_test(tests, among_many_at_once_exactly_one_is_let_in);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
