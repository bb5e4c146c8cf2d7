/*
 * Texts for people, as gettext(3) wants them: the msgid is the English text.
 *
 * N_() marks a text in a table, _() looks one up. The locale is the
 * program's business: the mains set it, the module uses what the
 * application has set. Nothing else here calls setlocale(3).
 */
#ifndef SCHEMA_MESSAGE_H
#define SCHEMA_MESSAGE_H

#include <libintl.h>

#define MESSAGE_DOMAIN "reeve"

#define _(text)              dgettext(MESSAGE_DOMAIN, text)
#define N_(text)             text
#define P_(one, many, count) dngettext(MESSAGE_DOMAIN, one, many, count)

#endif
