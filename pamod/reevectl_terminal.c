#include "pamod/reevectl_terminal.h"

#include <errno.h>
#include <langinfo.h>
#include <qrencode.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "schema/base/secret.h"

#define QUIET 4 /* modules around the code, ISO/IEC 18004 section 6.3.8 */

/* A byte at a time, so that no more than the line is taken from a pipe. */
static int
read_line(char *answer, struct err *e)
{
	size_t length = 0;
	char c;

	for (;;) {
		ssize_t got = read(STDIN_FILENO, &c, 1);

		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return err_sys(e, errno, "standard input");
		if (got == 0 && length == 0)
			return err_set(e, ERR_MISSING, "no answer");
		if (got == 0 || c == '\n')
			break;
		if (length == TERMINAL_LINE_MAX)
			return err_set(e, ERR_LIMIT,
			    "an answer has up to %d "
			    "bytes",
			    TERMINAL_LINE_MAX);
		answer[length++] = c;
	}
	answer[length] = '\0';
	return memchr(answer, '\0', length) == NULL
	    ? 0
	    : err_set(e, ERR_FORMAT, "a NUL byte in the answer");
}

int
terminal_ask(const char *prompt, bool echo, char *answer, struct err *e)
{
	struct termios before;
	struct termios silent;
	sigset_t stops;
	sigset_t mask;
	bool hidden = !echo && tcgetattr(STDIN_FILENO, &before) == 0;
	int result;

	printf("%s", prompt);
	(void)fflush(stdout);
	if (hidden) {
		/* A signal waits until the terminal echoes again. */
		sigemptyset(&stops);
		sigaddset(&stops, SIGINT);
		sigaddset(&stops, SIGQUIT);
		sigaddset(&stops, SIGTERM);
		sigaddset(&stops, SIGHUP);
		sigaddset(&stops, SIGTSTP);
		(void)sigprocmask(SIG_BLOCK, &stops, &mask);
		silent = before;
		silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK);
		silent.c_lflag |= ECHONL;
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	}
	result = read_line(answer, e);
	if (hidden) {
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
		(void)sigprocmask(SIG_SETMASK, &mask, NULL);
	}
	if (result == -1)
		secret_wipe(answer, TERMINAL_LINE_MAX + 1);
	return result;
}

int
terminal_show(struct buf *b, struct err *e)
{
	size_t done = 0;
	int result = -1;

	if (buf_status(b, e) == -1)
		goto out;
	if (fflush(stdout) != 0) {
		err_sys(e, errno, "standard output");
		goto out;
	}
	while (done < b->length) {
		ssize_t put =
		    write(STDOUT_FILENO, b->data + done, b->length - done);

		if (put == -1 && errno == EINTR)
			continue;
		if (put == -1) {
			err_sys(e, errno, "standard output");
			goto out;
		}
		done += (size_t)put;
	}
	result = 0;
out:
	buf_free(b);
	return result;
}

int
terminal_clear(struct err *e)
{
	struct buf b = buf_new(16);

	if (!isatty(STDOUT_FILENO))
		return 0;
	buf_put_string(&b, "\033[H\033[2J\033[3J"); /* ECMA-48, and xterm's */
	return terminal_show(&b, e);
}

/* Whether that module is dark; what lies outside is the quiet zone. */
static bool
is_dark(const QRcode *code, int x, int y)
{
	return x >= 0 && y >= 0 && x < code->width && y < code->width &&
	    (code->data[y * code->width + x] & 1) != 0;
}

/* Two modules above each other a character, light ones drawn. */
static void
put_row(struct buf *b, const QRcode *code, int y)
{
	static const char *const blocks[] = { "\u2588", "\u2584", "\u2580",
		" " };

	buf_put_string(b, "\033[97;40m");
	for (int x = -QUIET; x < code->width + QUIET; x++)
		buf_put_string(b,
		    blocks[2 * is_dark(code, x, y + 1) + is_dark(code, x, y)]);
	buf_put_string(b, "\033[0m\n");
}

int
terminal_put_qr(struct buf *b, const char *text, struct err *e)
{
	QRcode *code;

	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		return 0;
	code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);
	if (code == NULL)
		return err_sys(e, errno, "QR code");
	for (int y = -QUIET; y < code->width + QUIET; y += 2)
		put_row(b, code, y);
	secret_wipe(code->data, (size_t)code->width * (size_t)code->width);
	QRcode_free(code);
	return buf_status(b, e);
}
