/*
 * The terminal of a person who is asked: one key at a time, or a line. Nothing
 * is drawn but text, so it works over ssh and on any terminal.
 *
 * While it is open Ctrl-C is a key (TERMINAL_INTERRUPT), so that nobody loses
 * what they said; terminal_rest gives the terminal back to other programs
 * (ssh-keygen asks for a passphrase), terminal_close for good. SIGTERM, SIGINT,
 * SIGHUP, SIGQUIT and SIGTSTP wait until a key or line is read; then the
 * terminal is given back, and they do what they do.
 */
#ifndef REVIEW_TERMINAL_H
#define REVIEW_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

#include "schema/base/buf.h"
#include "schema/base/err.h"

#define TERMINAL_INTERRUPT 3 /* Ctrl-C */
#define TERMINAL_END       4 /* Ctrl-D, or the connection is gone */

struct terminal;

/* ERR_USAGE if standard input is none. */
int terminal_open(struct terminal **, FILE *out, struct err *);
void terminal_close(struct terminal **);
int terminal_rest(struct terminal *, struct err *);

void terminal_size(const struct terminal *, int *columns, int *lines);
void terminal_clear(struct terminal *);

/*
 * The next key, as a Unicode code point; letters that an input method makes
 * wide are the plain ones. Escape sequences of other keys are 0.
 */
int terminal_key(struct terminal *, int *key, struct err *);

/*
 * A line, which the terminal lets them edit, without control characters: 1.
 * 0: Ctrl-C or Ctrl-D, no line. -1: failed, or too long.
 */
int terminal_line(struct terminal *, struct buf *line, struct err *);

#endif
