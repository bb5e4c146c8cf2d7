#include "schema/base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#undef err_set
#undef err_sys
#undef err_in

static void set_text(struct err *, const char *, va_list)
    __attribute__((format(printf, 2, 0)));

static void
set_text(struct err *e, const char *format, va_list args)
{
	if (vsnprintf(e->text, sizeof(e->text), format, args) < 0)
		e->text[0] = '\0';
}

int
err_set(struct err *e, enum err_code code, const char *format, ...)
{
	va_list args;

	e->code = code;
	va_start(args, format);
	set_text(e, format, args);
	va_end(args);
	return -1;
}

static enum err_code
code_of_errno(int number)
{
	switch (number) {
	case ENOENT:
		return ERR_MISSING;
	case EACCES:
	case EPERM:
	case ELOOP:
		return ERR_ACCESS;
	case ENOSPC:
	case EDQUOT:
	case EROFS:
		return ERR_FULL;
	case ENOMEM:
		return ERR_MEMORY;
	default:
		return ERR_SYS;
	}
}

int
err_sys(struct err *e, int number, const char *format, ...)
{
	char reason[80];
	va_list args;
	size_t used;

	e->code = code_of_errno(number);
	va_start(args, format);
	set_text(e, format, args);
	va_end(args);
	used = strlen(e->text);
	/* The GNU strerror_r, which may answer with a text of its own. */
	(void)snprintf(e->text + used, sizeof(e->text) - used, ": %s",
	    strerror_r(number, reason, sizeof(reason)));
	return -1;
}

int
err_in(struct err *e, const char *format, ...)
{
	char inner[ERR_TEXT_SIZE];
	va_list args;
	size_t used;

	memcpy(inner, e->text, sizeof(inner));
	inner[sizeof(inner) - 1] = '\0';
	va_start(args, format);
	set_text(e, format, args);
	va_end(args);
	used = strlen(e->text);
	(void)snprintf(e->text + used, sizeof(e->text) - used, ": %s", inner);
	return -1;
}
