/*
 * A secret that a person types on their terminal, which does not show it. Where
 * there is no terminal it is a line of standard input.
 */
#ifndef REVIEW_PASSPHRASE_H
#define REVIEW_PASSPHRASE_H

#include <stddef.h>

#include "schema/base/err.h"

/* signing_ask_fn; context is not used. */
int passphrase_ask(void *context, const char *what, char *out, size_t size);
/* A new one, asked for twice, of at least PASSPHRASE_MIN bytes. ERR_USAGE. */
int passphrase_new(const char *what, char *out, size_t size, struct err *);

#define PASSPHRASE_MIN 8u

#endif
