#include "review/command.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review/xml_text.h"
#include "schema/base/buf.h"
#include "schema/base/enc.h"
#include "schema/message.h"

#define COLUMNS_MAX 32u
#define ROW_MAX     (1u << 20) /* bytes */

struct list {
	struct command_context *context;
	const struct list_column *columns;
	size_t count;
	const char *what;
	bool terminal; /* values are made harmless first, whatever the form */
	bool any;
	bool cut; /* a line was longer than its buffer */
	struct buf line;
};

struct form {
	void (*begin)(struct list *);
	void (*row)(struct list *, const char *const *values);
	void (*end)(struct list *);
};

/* How many terminal columns: East Asian wide characters are two. */
static int
width_of(const char *text)
{
	int width = 0;

	for (const unsigned char *p = (const unsigned char *)text; *p != '\0';
	     p++)
		if (*p >= 0xe3 && *p < 0xf5)
			width += 2;
		else if (*p < 0x80 || *p >= 0xc0)
			width++;
	return width;
}

static void
text_cell(struct list *l, const char *value, int width, bool last)
{
	struct buf cell = buf_new(ROW_MAX);
	int used;

	command_harmless(&cell, value);
	l->cut = l->cut || cell.failed != ERR_NONE;
	used = width_of(buf_string(&cell));
	buf_put_string(&l->line, buf_string(&cell));
	buf_free(&cell);
	if (last)
		return;
	buf_printf(&l->line, "%*s", (used < width ? width - used : 0) + 2, "");
}

static void
text_begin(struct list *l)
{
	for (size_t i = 0; i < l->count; i++)
		text_cell(l, _(l->columns[i].title), l->columns[i].width,
		    i + 1 == l->count);
	buf_put_byte(&l->line, '\n');
}

static void
text_row(struct list *l, const char *const *values)
{
	for (size_t i = 0; i < l->count; i++)
		text_cell(l, values[i] == NULL ? "-" : values[i],
		    l->columns[i].width, i + 1 == l->count);
	buf_put_byte(&l->line, '\n');
}

static void
nothing(struct list *l)
{
	(void)l;
}

/* RFC 4180; a cell that begins like a formula gets an apostrophe. */
static void
csv_cell(struct list *l, const char *value)
{
	bool formula = value[0] != '\0' && strchr("=+-@\t\r", value[0]) != NULL;
	bool quote = strpbrk(value, "\",\r\n") != NULL;

	if (quote)
		buf_put_byte(&l->line, '"');
	if (formula)
		buf_put_byte(&l->line, '\'');
	for (const char *p = value; *p != '\0'; p++) {
		if (*p == '"')
			buf_put_byte(&l->line, '"');
		buf_put_byte(&l->line, (unsigned char)*p);
	}
	if (quote)
		buf_put_byte(&l->line, '"');
}

static void
csv_begin(struct list *l)
{
	for (size_t i = 0; i < l->count; i++)
		buf_printf(
		    &l->line, "%s%s", i == 0 ? "" : ",", l->columns[i].name);
	buf_put_string(&l->line, "\r\n");
}

static void
csv_row(struct list *l, const char *const *values)
{
	for (size_t i = 0; i < l->count; i++) {
		if (i > 0)
			buf_put_byte(&l->line, ',');
		csv_cell(l, values[i] == NULL ? "" : values[i]);
	}
	buf_put_string(&l->line, "\r\n");
}

static void
json_begin(struct list *l)
{
	buf_put_byte(&l->line, '[');
}

static void
json_row(struct list *l, const char *const *values)
{
	buf_put_string(&l->line, l->any ? ",\n {" : "\n {");
	for (size_t i = 0; i < l->count; i++) {
		buf_printf(&l->line, "%s\"%s\":", i == 0 ? "" : ",",
		    l->columns[i].name);
		if (values[i] == NULL)
			buf_put_string(&l->line, "null");
		else
			enc_json_string(&l->line, values[i], strlen(values[i]));
	}
	buf_put_byte(&l->line, '}');
}

static void
json_end(struct list *l)
{
	buf_put_string(&l->line, l->any ? "\n]\n" : "]\n");
}

static void
xml_begin(struct list *l)
{
	buf_printf(&l->line,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<list of=\"%s\">\n",
	    l->what);
}

static void
xml_row(struct list *l, const char *const *values)
{
	buf_put_string(&l->line, " <row>");
	for (size_t i = 0; i < l->count; i++) {
		if (values[i] == NULL)
			continue;
		buf_printf(&l->line, "<%s>", l->columns[i].name);
		xml_put(&l->line, values[i], strlen(values[i]));
		buf_printf(&l->line, "</%s>", l->columns[i].name);
	}
	buf_put_string(&l->line, "</row>\n");
}

static void
xml_end(struct list *l)
{
	buf_put_string(&l->line, "</list>\n");
}

static const struct form forms[] = {
	[FORMAT_TEXT] = { text_begin, text_row, nothing },
	[FORMAT_CSV] = { csv_begin, csv_row, nothing },
	[FORMAT_JSON] = { json_begin, json_row, json_end },
	[FORMAT_XML] = { xml_begin, xml_row, xml_end },
};

static void
flush_line(struct list *l)
{
	l->cut = l->cut || l->line.failed != ERR_NONE;
	/* A failed write stays in ferror(3), which list_end asks. */
	(void)fwrite(l->line.data, 1, l->line.length, l->context->out);
	buf_clear(&l->line);
}

int
list_begin(struct list **out, struct command_context *c, const char *what,
    const struct list_column *columns, struct err *e)
{
	struct list *l = calloc(1, sizeof(*l));

	*out = NULL;
	if (l == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	l->context = c;
	l->what = what;
	l->terminal = isatty(fileno(c->out)) == 1;
	l->columns = columns;
	while (l->count < COLUMNS_MAX && columns[l->count].name != NULL)
		l->count++;
	l->line = buf_new(ROW_MAX);
	forms[c->format].begin(l);
	flush_line(l);
	*out = l;
	return 0;
}

/* What a program reads is exact; what a person looks at can do nothing. */
static void
harmless_row(struct list *l, const char *const *values)
{
	struct buf texts[COLUMNS_MAX];
	const char *told[COLUMNS_MAX];

	for (size_t i = 0; i < l->count; i++) {
		texts[i] = buf_new(ROW_MAX);
		if (values[i] != NULL)
			command_harmless(&texts[i], values[i]);
		told[i] = values[i] == NULL ? NULL : buf_string(&texts[i]);
		l->cut = l->cut || texts[i].failed != ERR_NONE;
	}
	forms[l->context->format].row(l, told);
	for (size_t i = 0; i < l->count; i++)
		buf_free(&texts[i]);
}

void
list_row(struct list *l, const char *const *values)
{
	if (l->terminal && l->context->format != FORMAT_TEXT)
		harmless_row(l, values);
	else
		forms[l->context->format].row(l, values);
	l->any = true;
	flush_line(l);
}

int
list_end(struct list **list, struct err *e)
{
	struct list *l = *list;
	struct command_context *c;
	bool cut;

	if (l == NULL)
		return 0;
	c = l->context;
	forms[c->format].end(l);
	flush_line(l);
	cut = l->cut;
	buf_free(&l->line);
	free(l);
	*list = NULL;
	if (cut)
		return err_set(
		    e, ERR_LIMIT, "a line of the list is too long: it is cut");
	if (fflush(c->out) != 0 || ferror(c->out))
		return err_set(e, ERR_SYS, "the list could not be written");
	return 0;
}
