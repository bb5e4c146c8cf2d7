#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "schema/base/file.h"
#include "tests/shell.h"
#include "tests/unit.h"

static const struct file_rule private = { .owner = 0, .forbidden = 077 };
static const struct file_rule public = { .owner = 0, .forbidden = 022 };
static char directory[64];
static int dir = -1;
static struct err e;

static void
set_up(void)
{
	(void)snprintf(directory, sizeof(directory), "/var/tmp/file.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	ck_assert_int_eq(chdir(directory), 0);
	dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void
tear_down(void)
{
	file_close(&dir);
	ck_assert_int_eq(shell("rm -rf %s", directory), 0);
}

static int64_t
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

START_TEST(only_what_the_rule_wants_is_opened)
{
	static const struct {
		const char *make; /* f */
		const struct file_rule *rule;
		enum err_code code;
		const char *text;
	} rows[] = {
		{ "touch f; chmod 600 f", &private, ERR_NONE, "" },
		{ "touch f; chmod 644 f", &public, ERR_NONE, "" },
		{ "touch f; chmod 640 f", &private, ERR_ACCESS, "0040" },
		{ "touch f; chmod 664 f", &public, ERR_ACCESS, "0020" },
		{ "touch f; chmod 602 f", &private, ERR_ACCESS, "0002" },
		{ "touch f; chown 1 f", &public, ERR_ACCESS, "uid 1" },
		{ "touch g; ln -s g f", &public, ERR_ACCESS, "symbolic" },
		{ "touch g; ln g f", &public, ERR_ACCESS, "hard links" },
		{ "mkfifo f", &public, ERR_ACCESS, "not a regular" },
		{ "mkdir f", &public, ERR_ACCESS, "not a regular" },
		{ "mknod f c 1 3; chmod 600 f", &public, ERR_ACCESS,
		    "not a regular" },
		{ "true", &public, ERR_MISSING, "No such file" },
		{ "ln -s nowhere f", &public, ERR_ACCESS, "symbolic" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int fd;

		ck_assert_int_eq(shell("rm -rf f g; umask 0"), 0);
		ck_assert_int_eq(shell("%s", rows[i].make), 0);
		e = (struct err){ 0 };
		fd = file_open_at(dir, "f", O_RDONLY, rows[i].rule, &e);
		ck_assert_msg((fd == -1) == (rows[i].code != ERR_NONE),
		    "%s: %s", rows[i].make, e.text);
		ck_assert_msg(e.code == rows[i].code &&
		        strstr(e.text, rows[i].text) != NULL,
		    "%s: %s", rows[i].make, e.text);
		if (fd != -1)
			ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
		file_close(&fd);
		ck_assert_int_eq(fd, -1);
	}
}
END_TEST

START_TEST(only_such_a_directory_is_opened)
{
	int fd;

	ck_assert_int_eq(shell("mkdir d; chmod 700 d; ln -s d l; touch f; "
	                       "mkdir w; chmod 770 w"),
	    0);
	fd = file_open_dir_at(dir, "d", &private, &e);
	ck_assert_int_ne(fd, -1);
	file_close(&fd);
	ck_assert_int_eq(file_open_dir("l", &private, &e), -1);
	ck_assert_int_ne(e.code, ERR_MISSING);
	ck_assert_int_eq(file_open_dir("f", &private, &e), -1);
	ck_assert_int_ne(e.code, ERR_MISSING);
	ck_assert_fails(file_open_dir("w", &private, &e), ERR_ACCESS);
	ck_assert_fails(file_open_dir("x", &private, &e), ERR_MISSING);
}
END_TEST

START_TEST(a_file_that_is_replaced_all_the_time_is_always_whole)
{
	struct buf b = buf_new(64);
	int64_t end = now_ms() + 500;
	pid_t pid;

	ck_assert_ok(file_replace_at(dir, "f", 0600, "0123456789", 10, &e));
	pid = fork();
	if (pid == 0) {
		for (;;) /* until it is killed */
			(void)file_replace_at(
			    dir, "f", 0600, "0123456789", 10, &e);
	}
	while (now_ms() < end) {
		buf_clear(&b);
		ck_assert_ok(file_read_at(dir, "f", &private, &b, &e));
		ck_assert_str_eq(buf_string(&b), "0123456789");
	}
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	buf_free(&b);
}
END_TEST

START_TEST(a_file_is_read_up_to_its_bound)
{
	for (size_t limit = 9; limit <= 11; limit++) {
		struct buf b = buf_new(limit);

		ck_assert_ok(
		    file_replace_at(dir, "f", 0600, "0123456789", 10, &e));
		if (limit < 10)
			ck_assert_fails(
			    file_read_at(dir, "f", &private, &b, &e),
			    ERR_LIMIT);
		else
			ck_assert_ok(file_read_at(dir, "f", &private, &b, &e));
		buf_free(&b);
	}
}
END_TEST

START_TEST(a_replaced_file_is_the_old_or_the_new)
{
	struct stat st;
	struct buf b = buf_new(64);

	ck_assert_ok(file_replace_at(dir, "f", 0640, "old", 3, &e));
	ck_assert_int_eq(fstatat(dir, "f", &st, 0), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0640);
	/* What a killed process of our number left is no obstacle. */
	{
		char name[64];

		(void)snprintf(
		    name, sizeof(name), "touch f.new.%ld", (long)getpid());
		ck_assert_int_eq(shell("%s", name), 0);
	}
	ck_assert_ok(file_replace_at(dir, "f", 0600, "new", 3, &e));
	ck_assert_ok(file_read_at(dir, "f", &private, &b, &e));
	ck_assert_str_eq(buf_string(&b), "new");
	ck_assert_int_eq(shell("[ \"$(ls)\" = f ]"), 0);
	/* A directory can't be replaced; nothing is left beside it. */
	ck_assert_int_eq(shell("mkdir d"), 0);
	ck_assert_int_eq(file_replace_at(dir, "d", 0600, "x", 1, &e), -1);
	ck_assert_int_eq(shell("[ \"$(ls -x)\" = 'd  f' ]"), 0);
	ck_assert_fails(
	    file_replace_at(dir, "none/f", 0600, "x", 1, &e), ERR_MISSING);
	buf_free(&b);
}
END_TEST

START_TEST(all_bytes_or_an_error)
{
	char out[8];
	int fd;

	ck_assert_ok(file_replace_at(dir, "f", 0600, "0123456789", 10, &e));
	fd = file_open_at(dir, "f", O_RDWR, &private, &e);
	ck_assert_ok(file_get(fd, out, 8, 2, &e));
	ck_assert_mem_eq(out, "23456789", 8);
	ck_assert_fails(file_get(fd, out, 8, 3, &e), ERR_INCOMPLETE);
	ck_assert_ok(file_put(fd, "xy", 2, 9, &e));
	ck_assert_ok(file_get(fd, out, 2, 9, &e));
	ck_assert_mem_eq(out, "xy", 2);
	file_close(&fd);
	ck_assert_int_eq(file_get(fd, out, 1, 0, &e), -1);
	ck_assert_int_eq(file_put(fd, out, 1, 0, &e), -1);
}
END_TEST

START_TEST(a_full_disk_is_full)
{
	int fd;

	fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	ck_assert_fails(file_put(fd, "x", 1, 0, &e), ERR_FULL);
	file_close(&fd);
}
END_TEST

START_TEST(a_lock_has_a_deadline_and_ends_with_its_process)
{
	int64_t start;
	int status;
	pid_t pid;
	int fd;
	int gate[2];
	char byte;

	ck_assert_int_eq(shell("touch f; chmod 600 f"), 0);
	ck_assert_int_eq(pipe(gate), 0);
	pid = fork();
	fd = file_open_at(dir, "f", O_RDWR, &private, &e);
	if (pid == 0) {
		if (file_lock(fd, true, 0, &e) == -1)
			_exit(1);
		(void)!write(gate[1], "x", 1);
		(void)pause();
	}
	ck_assert_int_eq(read(gate[0], &byte, 1), 1);
	for (int exclusive = 0; exclusive < 2; exclusive++) {
		start = now_ms();
		ck_assert_fails(
		    file_lock(fd, exclusive == 1, 300, &e), ERR_BUSY);
		ck_assert_int_ge(now_ms() - start, 300);
		ck_assert_int_le(now_ms() - start, 1500);
	}
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_ok(file_lock(fd, true, 0, &e));
	ck_assert_ok(file_unlock(fd, &e));
	file_close(&fd);
	ck_assert_int_eq(file_lock(fd, true, 100, &e), -1);
	ck_assert_int_eq(e.code, ERR_SYS);
}
END_TEST

START_TEST(readers_share_a_lock_and_writers_do_not)
{
	int a;
	int b;

	ck_assert_int_eq(shell("touch f; chmod 600 f"), 0);
	a = file_open_at(dir, "f", O_RDWR, &private, &e);
	b = file_open_at(dir, "f", O_RDWR, &private, &e);
	ck_assert_ok(file_lock(a, false, 0, &e));
	ck_assert_ok(file_lock(b, false, 0, &e));
	ck_assert_fails(file_lock(b, true, 0, &e), ERR_BUSY);
	ck_assert_ok(file_unlock(a, &e));
	ck_assert_ok(file_lock(b, true, 0, &e));
	/* An own descriptor's closing does not unlock another's. */
	file_close(&a);
	a = file_open_at(dir, "f", O_RDWR, &private, &e);
	ck_assert_fails(file_lock(a, false, 0, &e), ERR_BUSY);
	file_close(&b);
	ck_assert_ok(file_lock(a, true, 0, &e));
	file_close(&a);
}
END_TEST

START_TEST(a_file_system_says_whether_it_keeps_things)
{
	bool copy_on_write = true;
	int fd = open("/dev/shm", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ck_assert_ok(file_system_is_durable(dir, &copy_on_write, &e));
	if (fd == -1)
		return; /* no tmpfs here */
	ck_assert_fails(
	    file_system_is_durable(fd, &copy_on_write, &e), ERR_ACCESS);
	ck_assert_ptr_nonnull(strstr(e.text, "tmpfs"));
	file_close(&fd);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("base_file");
	TCase *tests = tcase_create("base_file");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, only_what_the_rule_wants_is_opened);
	tcase_add_test(tests, only_such_a_directory_is_opened);
	tcase_add_test(
	    tests, a_file_that_is_replaced_all_the_time_is_always_whole);
	tcase_add_test(tests, a_file_is_read_up_to_its_bound);
	tcase_add_test(tests, a_replaced_file_is_the_old_or_the_new);
	tcase_add_test(tests, all_bytes_or_an_error);
	tcase_add_test(tests, a_full_disk_is_full);
	tcase_add_test(tests, a_lock_has_a_deadline_and_ends_with_its_process);
	tcase_add_test(tests, readers_share_a_lock_and_writers_do_not);
	tcase_add_test(tests, a_file_system_says_whether_it_keeps_things);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
