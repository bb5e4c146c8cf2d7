#include "pamod/convo.h"

#include <libintl.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>

#include "schema/message.h"

const char *
convo_text(const struct convo *c, const char *msgid)
{
	locale_t wanted = (locale_t)0;
	locale_t before;
	const char *text;

	/* Whoever runs us looks elsewhere; the domain is ours alone. */
	(void)bindtextdomain(MESSAGE_DOMAIN, REEVE_LOCALEDIR);
	if (c->language[0] == '\0')
		return dgettext(MESSAGE_DOMAIN, msgid);
	/* A locale that is not installed leaves the text in English. */
	wanted = newlocale(
	    LC_MESSAGES_MASK | LC_CTYPE_MASK, c->language, (locale_t)0);
	if (wanted == (locale_t)0)
		return msgid;
	before = uselocale(wanted);
	text = dgettext(MESSAGE_DOMAIN, msgid);
	(void)uselocale(before);
	freelocale(wanted);
	return text;
}

void
convo_tell(const struct convo *c, bool is_error, const char *msgid, ...)
{
	char text[CONVO_TEXT_MAX];
	va_list args;

	va_start(args, msgid);
/* The msgid was checked by the attribute; msgfmt --check checked the rest. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	if (vsnprintf(text, sizeof(text), convo_text(c, msgid), args) >= 0)
		c->tell(c->context, text, is_error);
#pragma GCC diagnostic pop
	va_end(args);
}

int
convo_ask(const struct convo *c, const char *msgid, bool echo, char *answer,
    struct err *e)
{
	return c->ask(c->context, convo_text(c, msgid), echo, answer, e);
}
