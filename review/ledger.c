#include "review/ledger.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "schema/base/enc.h"

#define REMARKS_MAX 2048u /* bytes */
#define REMARK_MAX  400u

static int64_t
milliseconds(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_MONOTONIC, &now) == -1)
		return 0;
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

struct ledger
ledger_open(const char *what, const char *base)
{
	return (struct ledger){
		.query = { .what = what,
		    .server = "",
		    .base = base,
		    .attributes = "",
		    .identity = "",
		    .tls = "none",
		    .complete = true },
		.attributes = buf_new(4096),
		.diagnostic = buf_new(REMARKS_MAX + REMARK_MAX),
		.incomplete = buf_new(2 * REMARK_MAX),
		.started = milliseconds(),
	};
}

/* As much as fits, in whole characters. */
__attribute__((format(printf, 2, 0))) static void
write_text(char out[REMARK_MAX], const char *format, va_list arguments)
{
	size_t length;

	(void)vsnprintf(out, REMARK_MAX, format, arguments);
	length = strlen(out);
	for (int i = 0; i < 3 && !enc_is_utf8(out, length); i++)
		out[--length] = '\0';
}

__attribute__((format(printf, 2, 0))) static void
remark(struct ledger *l, const char *format, va_list arguments)
{
	char text[REMARK_MAX];

	if (l->diagnostic.length >= REMARKS_MAX - REMARK_MAX) {
		l->more++;
		return;
	}
	write_text(text, format, arguments);
	buf_printf(&l->diagnostic, "%s%s",
	    l->diagnostic.length == 0 ? "" : "; ", text);
}

__attribute__((format(printf, 2, 0))) static void
incomplete(struct ledger *l, const char *format, va_list arguments)
{
	char text[REMARK_MAX];

	l->query.complete = false;
	if (l->incomplete.length > 0)
		return;
	write_text(text, format, arguments);
	if (l->where != NULL)
		buf_printf(&l->incomplete, "%s: ", l->where);
	buf_put_string(&l->incomplete, text);
}

void
ledger_attribute(struct ledger *l, const char *format, ...)
{
	va_list arguments;
	char text[REMARK_MAX];

	va_start(arguments, format);
	write_text(text, format, arguments);
	va_end(arguments);
	buf_printf(
	    &l->attributes, "%s%s", l->attributes.length == 0 ? "" : " ", text);
}

void
ledger_remark(struct ledger *l, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	remark(l, format, arguments);
	va_end(arguments);
}

void
ledger_invalid(struct ledger *l, const char *format, ...)
{
	va_list arguments;

	l->query.invalid++;
	va_start(arguments, format);
	remark(l, format, arguments);
	va_end(arguments);
}

void
ledger_skipped(struct ledger *l, const char *format, ...)
{
	va_list arguments;

	l->query.skipped++;
	va_start(arguments, format);
	remark(l, format, arguments);
	va_end(arguments);
	va_start(arguments, format);
	incomplete(l, format, arguments);
	va_end(arguments);
}

void
ledger_incomplete(struct ledger *l, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	remark(l, format, arguments);
	va_end(arguments);
	va_start(arguments, format);
	incomplete(l, format, arguments);
	va_end(arguments);
}

int
ledger_close(struct ledger *l, struct sink *sink, struct err *e)
{
	int result;

	if (l->more > 0)
		buf_printf(
		    &l->diagnostic, "; and %lld more", (long long)l->more);
	l->query.attributes = buf_string(&l->attributes);
	if (l->diagnostic.length > 0)
		l->query.diagnostic = buf_string(&l->diagnostic);
	if (!l->query.complete)
		l->query.incomplete = buf_string(&l->incomplete);
	l->query.milliseconds = milliseconds() - l->started;
	result = sink->query(sink, &l->query, e);
	ledger_free(l);
	return result;
}

void
ledger_free(struct ledger *l)
{
	buf_free(&l->attributes);
	buf_free(&l->diagnostic);
	buf_free(&l->incomplete);
}
