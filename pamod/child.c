#include "pamod/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NOTHING "/dev/null"

static int64_t
now_ms(void)
{
	struct timespec t = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Between fork and exec: async-signal-safe calls only. */
static void
become(char *const argv[], int out)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	static char locale[] = "LC_ALL=C";
	static char frontend[] = "DEBIAN_FRONTEND=noninteractive";
	static char *const environment[] = { path, locale, frontend, NULL };
	int null = open(NOTHING, O_RDWR | O_CLOEXEC);

	if (null == -1 || dup2(null, STDIN_FILENO) == -1 ||
	    dup2(out, STDOUT_FILENO) == -1 || dup2(null, STDERR_FILENO) == -1)
		_exit(127);
	(void)execve(argv[0], argv, environment);
	_exit(127);
}

/* Until the end of the output; -1 on an error, too much, or too late. */
static int
drain(int fd, int64_t deadline, struct buf *out, struct err *e)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char chunk[4096];

	for (;;) {
		int64_t left = deadline - now_ms();
		int ready = left <= 0 ? 0 : poll(&p, 1, (int)left);
		ssize_t got;

		if (ready == -1 && errno == EINTR)
			continue;
		if (ready == 0)
			return err_set(e, ERR_BUSY, "took too long");
		if (ready == -1 ||
		    ((got = read(fd, chunk, sizeof(chunk))) == -1 &&
		        errno != EINTR))
			return err_sys(e, errno, "read");
		if (got == 0)
			return 0;
		if (got > 0)
			buf_put(out, chunk, (size_t)got);
		if (buf_status(out, e) == -1)
			return -1;
	}
}

static void
reap(pid_t pid, int64_t deadline, int *status)
{
	struct timespec nap = { .tv_nsec = 1000000 };
	pid_t got;

	while ((got = waitpid(pid, status, WNOHANG)) == 0 ||
	    (got == -1 && errno == EINTR)) {
		if (now_ms() >= deadline)
			(void)kill(pid, SIGKILL);
		(void)nanosleep(&nap, NULL);
	}
}

int
child_run(char *const argv[], int seconds, struct buf *out, int *status,
    struct err *e)
{
	int64_t deadline = now_ms() + (int64_t)seconds * 1000;
	int ends[2];
	int result;
	pid_t pid;

	*status = 127 << 8;
	if (pipe2(ends, O_CLOEXEC) == -1)
		return err_sys(e, errno, "pipe");
	if ((pid = fork()) == -1) {
		err_sys(e, errno, "fork");
		(void)close(ends[0]);
		(void)close(ends[1]);
		return -1;
	}
	if (pid == 0)
		become(argv, ends[1]);
	(void)close(ends[1]);
	result = drain(ends[0], deadline, out, e);
	(void)close(ends[0]);
	if (result == -1)
		(void)kill(pid, SIGKILL);
	reap(pid, deadline, status);
	return result == -1 ? err_in(e, "%s", argv[0]) : 0;
}
