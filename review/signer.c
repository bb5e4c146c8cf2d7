#include "review/signer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "schema/base/file.h"
#include "schema/message.h"

#define NAP_NS 2000000 /* between looks at a program that closed its output */

/* ---- Which key ---- */

int
signer_key_file(const char *key, struct buf *path, struct err *e)
{
	const char *named = getenv("REEVE_KEY");
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");

	if (key != NULL)
		buf_put_string(path, key);
	else if (named != NULL && named[0] != '\0')
		buf_put_string(path, named);
	else if (config != NULL && config[0] == '/')
		buf_printf(path, "%s/reeve/key", config);
	else if (home != NULL && home[0] == '/')
		buf_printf(path, "%s/.config/reeve/key", home);
	else
		return err_set(e, ERR_USAGE,
		    _("no place for your key: --key, REEVE_KEY, or HOME"));
	return buf_status(path, e);
}

/* A public key is no secret: any regular file will do. */
static int
read_public(const char *path, struct buf *out, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int result = -1;

	if (fd == -1)
		return err_sys(e, errno, "%s", path);
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))
		err_set(e, ERR_ACCESS, "%s: not a file", path);
	else if (file_read(fd, out, e) == 0)
		result = 0;
	else
		err_in(e, "%s", path);
	file_close(&fd);
	return result;
}

static bool
is_private(const struct buf *text)
{
	static const char mark[] = "-----BEGIN";

	return text->length >= strlen(mark) &&
	    memcmp(text->data, mark, strlen(mark)) == 0;
}

int
signer_public(const char *path, struct buf *line,
    char fingerprint[SSHSIG_FINGERPRINT], struct err *e)
{
	struct buf text = buf_new(SSHSIG_TEXT_MAX);
	struct buf beside = buf_new(PATH_MAX);
	int result = -1;

	if (read_public(path, &text, e) == -1 && e->code != ERR_MISSING)
		goto out;
	/* Of a private key, or where only the agent has that. */
	if (text.length == 0 || is_private(&text)) {
		buf_clear(&text);
		buf_printf(&beside, "%s.pub", path);
		if (buf_status(&beside, e) == -1 ||
		    read_public(buf_string(&beside), &text, e) == -1)
			goto out;
	}
	if (sshkey_read(buf_string(&text), text.length, line, fingerprint, e) ==
	    -1)
		err_in(e, "%s", path);
	else
		result = 0;
out:
	buf_free(&text);
	buf_free(&beside);
	return result;
}

/* ---- Running ssh-keygen ---- */

static int64_t
now_ms(void)
{
	struct timespec t = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A file in memory, so that a program that does not read can't stop us. */
static int
make_input(const char *text, size_t length, struct err *e)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	if (fd == -1)
		return err_sys(e, errno, "memfd_create");
	if (file_put(fd, text, length, 0, e) == -1)
		file_close(&fd);
	return fd;
}

/* Between fork and exec: async-signal-safe calls only. */
static void
become(const char *const argv[], int in, int out)
{
	union { /* execvp(3) does not write to them */
		const char *const *ours;
		char *const *theirs;
	} words = { argv };

	if (dup2(in, STDIN_FILENO) == -1 || dup2(out, STDOUT_FILENO) == -1)
		_exit(127);
	(void)close_range(STDERR_FILENO + 1, ~0u, 0);
	(void)execvp(argv[0], words.theirs);
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
			return err_set(e, ERR_BUSY, _("took too long"));
		got = ready == -1 ? -1 : read(fd, chunk, sizeof(chunk));
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return err_sys(e, errno, "read");
		if (got == 0)
			return 0;
		buf_put(out, chunk, (size_t)got);
		if (buf_status(out, e) == -1)
			return -1;
	}
}

static int
reap(pid_t pid, int64_t deadline, int *status)
{
	struct timespec nap = { .tv_nsec = NAP_NS };
	pid_t got;

	while ((got = waitpid(pid, status, WNOHANG)) == 0 ||
	    (got == -1 && errno == EINTR)) {
		if (now_ms() >= deadline)
			(void)kill(pid, SIGKILL);
		(void)nanosleep(&nap, NULL);
	}
	return got == pid ? 0 : -1;
}

static int
spawn(const char *const argv[], int in, int ends[2], pid_t *pid, struct err *e)
{
	if (pipe2(ends, O_CLOEXEC) == -1)
		return err_sys(e, errno, "pipe");
	if ((*pid = fork()) == -1) {
		err_sys(e, errno, "fork");
		file_close(&ends[0]);
		file_close(&ends[1]);
		return -1;
	}
	if (*pid == 0)
		become(argv, in, ends[1]);
	file_close(&ends[1]);
	return 0;
}

int
signer_run(const char *const argv[], const char *input, size_t length,
    int seconds, struct buf *output, struct err *e)
{
	int64_t deadline = now_ms() + (int64_t)seconds * 1000;
	int in = input == NULL ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
	                       : make_input(input, length, e);
	int ends[2] = { -1, -1 };
	int status = 0, result = -1;
	pid_t pid = -1;

	if (in == -1)
		return input == NULL ? err_sys(e, errno, "standard input") : -1;
	if (spawn(argv, in, ends, &pid, e) == 0) {
		result = drain(ends[0], deadline, output, e);
		if (result == -1)
			(void)kill(pid, SIGKILL);
		if (reap(pid, deadline, &status) == -1 && result == 0)
			result = err_sys(e, errno, "waitpid");
	}
	file_close(&in);
	file_close(&ends[0]);
	if (result == 0 && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
		result = WIFEXITED(status) && WEXITSTATUS(status) == 127
		    ? err_set(e, ERR_MISSING, _("can't be run"))
		    : err_set(
		          e, ERR_ACCESS, _("failed; what it says is above"));
	return result == 0 ? 0 : err_in(e, "%s", argv[0]);
}

/* ssh-keygen says when a device is to be touched; else it need say nothing. */
static bool
is_device(const char *path)
{
	struct buf line = buf_new(SSHKEY_LINE_MAX);
	char fingerprint[SSHSIG_FINGERPRINT];
	struct err e;
	bool found = signer_public(path, &line, fingerprint, &e) == 0 &&
	    strncmp(buf_string(&line), "sk-", 3) == 0;

	buf_free(&line);
	return found;
}

int
signer_sign(void *context, const char *path, const char *text, size_t length,
    struct buf *signature, struct err *e)
{
	const char *const argv[] = { "ssh-keygen", "-Y", "sign", "-n",
		ACT_NAMESPACE, "-f", path, is_device(path) ? NULL : "-q",
		NULL };

	(void)context;
	return signer_run(argv, text, length, SIGNER_SECONDS, signature, e);
}
