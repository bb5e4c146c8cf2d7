/* A lock that whoever holds it may be kept from letting go. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "schema/base/file.h"
#include "tests/unit.h"

static char path[64];
static struct err e;

static void
set_up(void)
{
	int fd;

	strcpy(path, "/var/tmp/reeve-lock.XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ne(fd, -1);
	close(fd);
}

static void
tear_down(void)
{
	unlink(path);
}

static int
opened(void)
{
	struct file_rule rule = { .owner = geteuid() };
	int fd = file_open(path, O_RDWR, &rule, &e);

	ck_assert_int_ne(fd, -1);
	return fd;
}

/* A child that holds the lock and does as told. */
static pid_t
holder(void (*then)(void))
{
	int ready[2];
	char byte;
	pid_t child;

	ck_assert_int_eq(pipe(ready), 0);
	if ((child = fork()) == 0) {
		int fd = opened();

		if (file_lock(fd, true, 1000, &e) == -1 ||
		    write(ready[1], "x", 1) != 1)
			_exit(2);
		then();
		_exit(0);
	}
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	return child;
}

static void
stop(void)
{
	raise(SIGSTOP);
}

/* Busy, as one that computes; it is not stopped, and not ended. */
static void
spin(void)
{
	for (volatile long i = 0;; i++)
		;
}

/* Found by review: SIGSTOP of one's own su kept everybody out. */
START_TEST(a_stopped_holder_is_ended)
{
	int fd = opened();
	pid_t child = holder(stop);
	int status;

	ck_assert_msg(file_lock(fd, true, 4000, &e) == 0, "%s", e.text);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	close(fd);
}
END_TEST

START_TEST(a_running_holder_is_waited_for_and_not_ended)
{
	int fd = opened();
	pid_t child = holder(spin);

	ck_assert_int_eq(file_lock(fd, true, 1500, &e), -1);
	ck_assert_int_eq(e.code, ERR_BUSY);
	ck_assert_int_eq(kill(child, 0), 0);
	kill(child, SIGKILL);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	ck_assert_int_eq(file_lock(fd, true, 1500, &e), 0);
	close(fd);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("lock");
	TCase *tc = tcase_create("lock");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, a_stopped_holder_is_ended);
	tcase_add_test(tc, a_running_holder_is_waited_for_and_not_ended);
	suite_add_tcase(s, tc);
	return unit_run(s);
}
