#include "review/terminal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#define COLUMNS   80
#define LINES     24
#define ESCAPE    27
#define ESCAPE_MS 25 /* within which the rest of a sequence comes */
#define WIDE_FROM 0xff01
#define WIDE_TO   0xff5e
#define WIDE_LESS 0xfee0

enum mode { MODE_KEYS, MODE_LINE };

struct terminal {
	FILE *out;
	struct termios before;
	enum mode mode;
	/* What would end or stop us waits while the terminal is not as it was,
	   and is read here. */
	sigset_t waiting, unblocked;
	int signals; /* signalfd */
};

static int
set_mode(struct terminal *t, enum mode mode, struct err *e)
{
	struct termios now = t->before;

	now.c_lflag &= ~(tcflag_t)ISIG;
	if (mode == MODE_KEYS) {
		now.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		now.c_cc[VMIN] = 1;
		now.c_cc[VTIME] = 0;
	} else {
		now.c_lflag |= ICANON | ECHO | ECHOE;
		now.c_iflag |= ICRNL | IUTF8;
		now.c_cc[VEOL] = TERMINAL_INTERRUPT; /* ends the line */
	}
	t->mode = mode;
	(void)sigprocmask(SIG_BLOCK, &t->waiting, NULL);
	if (tcsetattr(STDIN_FILENO, TCSADRAIN, &now) == -1)
		return err_sys(e, errno, "the terminal");
	return 0;
}

/* First as it was, then for the signals that waited. */
static int
give_back(const struct terminal *t, int when)
{
	int status = tcsetattr(STDIN_FILENO, when, &t->before);
	int number = errno;

	(void)sigprocmask(SIG_SETMASK, &t->unblocked, NULL);
	errno = number;
	return status;
}

static int
watch_signals(struct terminal *t, struct err *e)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT,
		SIGTSTP };

	(void)sigemptyset(&t->waiting);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		(void)sigaddset(&t->waiting, numbers[i]);
	(void)sigprocmask(SIG_BLOCK, NULL, &t->unblocked);
	t->signals = signalfd(-1, &t->waiting, SFD_CLOEXEC | SFD_NONBLOCK);
	return t->signals == -1 ? err_sys(e, errno, "signals") : 0;
}

int
terminal_open(struct terminal **out, FILE *file, struct err *e)
{
	struct terminal *t;

	*out = NULL;
	if (isatty(STDIN_FILENO) != 1)
		return err_set(e, ERR_USAGE,
		    "standard input is no terminal; name what you decide: see "
		    "reeve decide --help");
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	t->out = file;
	if (tcgetattr(STDIN_FILENO, &t->before) == -1)
		err_sys(e, errno, "the terminal");
	else if (watch_signals(t, e) == 0) {
		*out = t;
		return 0;
	}
	free(t);
	return -1;
}

int
terminal_rest(struct terminal *t, struct err *e)
{
	return give_back(t, TCSADRAIN) == -1 ? err_sys(e, errno, "the terminal")
	                                     : 0;
}

void
terminal_close(struct terminal **t)
{
	if (*t == NULL)
		return;
	(void)give_back(*t, TCSADRAIN);
	(void)close((*t)->signals);
	free(*t);
	*t = NULL;
}

void
terminal_size(const struct terminal *t, int *columns, int *lines)
{
	struct winsize size;

	(void)t;
	*columns = COLUMNS;
	*lines = LINES;
	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 &&
	    size.ws_row > 0) {
		*columns = size.ws_col;
		*lines = size.ws_row;
	}
}

void
terminal_clear(struct terminal *t)
{
	const char *term = getenv("TERM");

	if (term != NULL && strcmp(term, "dumb") != 0)
		fputs("\033[H\033[2J", t->out);
}

/*
 * The terminal as it was, then what the signal does: it ends us, or stops us
 * for a while. One that is ignored does nothing. The terminal may not take
 * output any more, so that it is not waited for.
 */
static int
obey_signal(struct terminal *t, struct err *e)
{
	struct signalfd_siginfo signal;

	if (read(t->signals, &signal, sizeof(signal)) != sizeof(signal))
		return errno == EAGAIN ? 0 : err_sys(e, errno, "signals");
	(void)give_back(t, TCSANOW);
	(void)raise((int)signal.ssi_signo);
	return set_mode(t, t->mode, e);
}

/* 1; 0: the end; -1. */
static int
read_byte(struct terminal *t, unsigned char *byte, struct err *e)
{
	struct pollfd p[] = { { .fd = t->signals, .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN } };
	ssize_t n;

	do {
		if (poll(p, 2, -1) == -1 && errno != EINTR)
			return err_sys(e, errno, "the terminal");
		if (p[0].revents != 0 && obey_signal(t, e) == -1)
			return -1;
	} while (p[1].revents == 0);
	do
		n = read(STDIN_FILENO, byte, 1);
	while (n == -1 && errno == EINTR);
	if (n == -1 && errno == EIO)
		return 0; /* hung up */
	return n == -1 ? err_sys(e, errno, "the terminal") : (int)n;
}

static bool
more_comes(void)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&p, 1, ESCAPE_MS) == 1 && (p.revents & POLLIN) != 0;
}

/* An arrow, say: none of ours, and its letters are no keys. */
static int
pass_sequence(struct terminal *t, int *key, struct err *e)
{
	unsigned char byte;
	int got = 1;

	*key = 0;
	while (got == 1 && more_comes())
		got = read_byte(t, &byte, e);
	return got == -1 ? -1 : 0;
}

static int
read_character(struct terminal *t, unsigned char first, int *key, struct err *e)
{
	int more = first < 0xc0 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
	int value = more == 0 ? first : first & (0x3f >> more);
	unsigned char byte;

	for (; more > 0; more--) {
		int got = read_byte(t, &byte, e);

		if (got != 1)
			return got;
		value = value << 6 | (byte & 0x3f);
	}
	*key =
	    value >= WIDE_FROM && value <= WIDE_TO ? value - WIDE_LESS : value;
	return 0;
}

int
terminal_key(struct terminal *t, int *key, struct err *e)
{
	unsigned char byte = 0;
	int got;

	*key = TERMINAL_END;
	if (fflush(t->out) != 0)
		return err_set(e, ERR_SYS, "the terminal can't be written");
	if (set_mode(t, MODE_KEYS, e) == -1)
		return -1;
	got = read_byte(t, &byte, e);
	if (got != 1)
		return got;
	return byte == ESCAPE ? pass_sequence(t, key, e)
	                      : read_character(t, byte, key, e);
}

int
terminal_line(struct terminal *t, struct buf *line, struct err *e)
{
	unsigned char byte = 0;
	int got;

	if (fflush(t->out) != 0)
		return err_set(e, ERR_SYS, "the terminal can't be written");
	if (set_mode(t, MODE_LINE, e) == -1)
		return -1;
	while ((got = read_byte(t, &byte, e)) == 1 && byte != '\n') {
		if (byte == TERMINAL_INTERRUPT) {
			fputc('\n', t->out);
			return 0;
		}
		buf_put_byte(line, byte < 0x20 || byte == 0x7f ? ' ' : byte);
	}
	if (got == 1)
		return buf_status(line, e) == -1 ? -1 : 1;
	return got;
}
