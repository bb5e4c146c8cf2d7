/*
 * Showing and asking what is secret: nothing of it stays in stdio's buffers.
 */
#ifndef PAMOD_REEVECTL_TERMINAL_H
#define PAMOD_REEVECTL_TERMINAL_H

#include <stdbool.h>

#include "schema/base/buf.h"
#include "schema/base/err.h"

#define TERMINAL_LINE_MAX 512 /* bytes of an answer */

/*
 * Asks, and reads one line of standard input, which may also be a pipe. On a
 * terminal nothing is echoed if echo is false. answer has TERMINAL_LINE_MAX + 1
 * bytes; ERR_MISSING at the end of the input.
 */
int terminal_ask(const char *prompt, bool echo, char *answer, struct err *);

/* Writes the whole buffer to standard output, and wipes it. */
int terminal_show(struct buf *, struct err *);

/* Wipes the screen and what was scrolled off it, where there is one. */
int terminal_clear(struct err *);

/*
 * text as a QR code of UTF-8 half blocks (ISO/IEC 18004, level L), black on
 * white whatever the terminal's colours. Puts nothing if the locale's encoding
 * is not UTF-8.
 */
int terminal_put_qr(struct buf *, const char *text, struct err *);

#endif
