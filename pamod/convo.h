/*
 * The conversation with whoever is at the door: PAM's, or a test's.
 */
#ifndef PAMOD_CONVO_H
#define PAMOD_CONVO_H

#include <stdbool.h>
#include <stddef.h>

#include "schema/base/err.h"

#define CONVO_ANSWER_MAX 512  /* bytes of an answer; longer ones are refused */
#define CONVO_TEXT_MAX   1024 /* bytes of a text shown */

struct convo {
	void *context;
	const char *language; /* a locale; "" the application's */
	/*
	 * Shows prompt and gives the answer, without its line feed. -1: there
	 * was none (ERR_MISSING: the application can't ask this here, or who
	 * is there went away), or it was too long (ERR_LIMIT). answer has
	 * CONVO_ANSWER_MAX + 1 bytes and is wiped on failure; the caller wipes
	 * it on success.
	 */
	int (*ask)(void *context, const char *prompt, bool echo, char *answer,
	    struct err *);
	void (*tell)(void *context, const char *text, bool is_error);
	/* The password, asked for if nobody has yet; *password is libpam's. */
	int (*password)(void *context, const char **password, struct err *);
	/* Puts one that is never right in its place; or asks anew next time. */
	int (*spoil_password)(void *context, struct err *);
	int (*forget_password)(void *context, struct err *);
};

/*
 * The text in the convo's language: gettext(3) under that locale for the
 * calling thread alone, for as long as the call. Never NULL.
 */
const char *convo_text(const struct convo *, const char *msgid);

/* tell(), with a format whose msgid is translated. */
void convo_tell(const struct convo *, bool is_error, const char *msgid, ...)
    __attribute__((format(printf, 3, 4)));

/* ask(), with the prompt translated. */
int convo_ask(const struct convo *, const char *msgid, bool echo, char *answer,
    struct err *);

#endif
