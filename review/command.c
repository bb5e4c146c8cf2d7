#include "review/command.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "schema/base/enc.h"
#include "schema/message.h"

#define HARMLESS_MAX (1u << 20) /* bytes of a text that is made so */

/* What an error means to who called us. */
static const int status_of[] = {
	[ERR_NONE] = STATUS_DONE,
	[ERR_SYS] = STATUS_USAGE,
	[ERR_MEMORY] = STATUS_USAGE,
	[ERR_MISSING] = STATUS_USAGE,
	[ERR_ACCESS] = STATUS_USAGE,
	[ERR_FULL] = STATUS_USAGE,
	[ERR_BUSY] = STATUS_USAGE,
	[ERR_FORMAT] = STATUS_USAGE,
	[ERR_NEWER] = STATUS_USAGE,
	[ERR_CONFIG] = STATUS_USAGE,
	[ERR_USAGE] = STATUS_USAGE,
	[ERR_LIMIT] = STATUS_USAGE,
	[ERR_CRYPTO] = STATUS_USAGE,
	[ERR_TAMPERED] = STATUS_UNVERIFIED,
	[ERR_INCOMPLETE] = STATUS_INCOMPLETE,
};

int
command_worse(int status, int other)
{
	static const int order[] = { STATUS_USAGE, STATUS_UNVERIFIED,
		STATUS_INCOMPLETE, STATUS_FOUND };

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (status == order[i] || other == order[i])
			return order[i];
	return STATUS_DONE;
}

void
command_harmless(struct buf *b, const char *text)
{
	struct buf json = buf_new(HARMLESS_MAX);
	const char *p;

	enc_json_string(&json, text, strlen(text));
	p = buf_string(&json); /* in quotes; "" if it failed */
	if (*p != '\0')
		p++;
	for (; p[0] != '\0' && p[1] != '\0'; p++) {
		if (p[0] == '\\' && (p[1] == '"' || p[1] == '\\'))
			p++;
		buf_put_byte(b, (unsigned char)*p);
	}
	if (json.failed != ERR_NONE)
		b->failed = json.failed;
	buf_free(&json);
}

void
command_say(FILE *out, const char *text)
{
	struct buf b = buf_new(HARMLESS_MAX);

	command_harmless(&b, text);
	fputs(buf_string(&b), out);
	buf_free(&b);
}

void
command_say_lines(FILE *out, const char *text)
{
	const char *at = text;
	struct buf line = buf_new(HARMLESS_MAX);

	while (*at != '\0') {
		size_t length = strcspn(at, "\n");

		buf_clear(&line);
		buf_put(&line, at, length);
		command_say(out, buf_string(&line));
		fputc('\n', out);
		at += length + (at[length] == '\n');
	}
	buf_free(&line);
}

const char *
command_database(const struct command_context *c)
{
	return c->db != NULL ? c->db : c->config->database;
}

int
command_fail(struct command_context *c, const char *name, const struct err *e)
{
	fprintf(c->err, "reeve%s%s: ", name == NULL ? "" : " ",
	    name == NULL ? "" : name);
	command_say(c->err, e->text);
	fputc('\n', c->err);
	return (size_t)e->code < sizeof(status_of) / sizeof(status_of[0])
	    ? status_of[e->code]
	    : STATUS_USAGE;
}

int
command_usage(struct command_context *c, const struct command *command,
    const char *format, ...)
{
	va_list args;

	fprintf(c->err, "reeve %s: ", command->name);
	va_start(args, format);
	vfprintf(c->err, format, args);
	va_end(args);
	fprintf(c->err, _("\nusage: reeve %s %s\n"), command->name,
	    command->arguments);
	return STATUS_USAGE;
}

void
command_progress(void *context, const char *what, int64_t done, int64_t total)
{
	struct command_context *c = context;

	if (c->quiet || isatty(fileno(c->err)) != 1)
		return;
	if (total > 0)
		fprintf(c->err, "\r\033[K%s %lld/%lld (%lld %%)", what,
		    (long long)done, (long long)total,
		    (long long)(done * 100 / total));
	else
		fprintf(c->err, "\r\033[K%s %lld", what, (long long)done);
	(void)fflush(c->err);
}

void
command_progress_end(struct command_context *c)
{
	if (!c->quiet && isatty(fileno(c->err)) == 1)
		fputs("\r\033[K", c->err);
}
