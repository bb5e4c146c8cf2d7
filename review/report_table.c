#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review/command.h"
#include "review/pack_file.h"
#include "review/report_internal.h"

#define CONTENT "content" /* the column that is an element's content */

static const struct {
	const char *suffix;
	enum command_format format;
} texts[] = { { "csv", FORMAT_CSV }, { "json", FORMAT_JSON } };

#define TEXTS (sizeof(texts) / sizeof(texts[0]))

struct table {
	const struct pack_class *class;
	struct list_column columns[PACK_COLUMNS + 1];
	struct command_context contexts[TEXTS];
	struct list *lists[TEXTS];
	struct report_xlsx *xlsx; /* NULL: too many rows */
	const struct report_wanted *wanted;
	int64_t rows, total;
};

static int
open_text(struct table *t, int out, size_t i, struct err *e)
{
	struct command_context *c = &t->contexts[i];
	char path[128];
	int fd;

	(void)snprintf(path, sizeof(path), "tables/%s.%s", t->class->name,
	    texts[i].suffix);
	if ((fd = pack_file_create(out, path, e)) == -1)
		return -1;
	if ((c->out = fdopen(fd, "w")) == NULL) {
		(void)close(fd);
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	c->format = texts[i].format;
	return list_begin(&t->lists[i], c, t->class->name, t->columns, e);
}

static int
open_xlsx(struct table *t, const char *path, struct err *e)
{
	char *name = NULL;
	int result;

	if (t->total > REPORT_XLSX_ROWS)
		return 0;
	if (asprintf(&name, "%s/tables/%s.xlsx", path, t->class->name) == -1)
		return err_set(e, ERR_MEMORY, "out of memory");
	result = report_xlsx_new(&t->xlsx, name, path, t->class, e);
	free(name);
	return result;
}

static int
open_table(struct table *t, const char *path, int out, struct err *e)
{
	for (size_t i = 0; i < t->class->count; i++) {
		const char *name = t->class->columns[i].name;

		t->columns[i].name = *name == '\0' ? CONTENT : name;
		t->columns[i].title = t->columns[i].name;
	}
	for (size_t i = 0; i < TEXTS; i++)
		if (open_text(t, out, i, e) == -1)
			return -1;
	return open_xlsx(t, path, e);
}

static int
put_row(void *context, const struct pack_row *row, struct err *e)
{
	struct table *t = context;

	for (size_t i = 0; i < TEXTS; i++)
		list_row(t->lists[i], row->values);
	if (++t->rows % 10000 == 0) {
		t->wanted->progress(
		    t->wanted->context, t->class->name, t->rows, t->total);
		if (report_go_on(t->wanted, e) == -1)
			return -1;
	}
	return t->xlsx == NULL ? 0 : report_xlsx_row(t->xlsx, row, e);
}

/* Closes all, also after a failure: then only to free. */
static int
close_table(struct table *t, int result, struct err *e)
{
	struct err failed = { .code = ERR_NONE };

	for (size_t i = 0; i < TEXTS; i++) {
		int ended = list_end(&t->lists[i], &failed);
		FILE *out = t->contexts[i].out;

		if (out != NULL && fclose(out) != 0 && ended == 0)
			ended = err_sys(&failed, errno, "%s", texts[i].suffix);
		if (ended == -1 && result == 0) {
			*e = failed;
			result = -1;
		}
	}
	if (report_xlsx_end(&t->xlsx, &failed) == -1 && result == 0) {
		*e = failed;
		result = -1;
	}
	return result;
}

static int
write_table(struct report_pack *p, const struct manifest_class *m,
    const char *path, int out, const struct report_wanted *wanted,
    struct err *e)
{
	struct table t = { .class = pack_schema_find(p->schema, m->name),
		.wanted = wanted,
		.total = m->rows };
	int result = -1;

	if (t.class == NULL)
		return err_set(e, ERR_FORMAT, "no class %s", m->name);
	if (open_table(&t, path, out, e) == 0)
		result = report_pack_rows(p, m->name, put_row, &t, e);
	result = close_table(&t, result, e);
	return result == -1 ? err_in(e, "tables/%s", m->name) : 0;
}

int
report_tables_write(struct report_pack *p, const char *path, int out,
    const struct report_wanted *wanted, int64_t *written, struct err *e)
{
	*written = 0;
	for (size_t i = 0; i < p->manifest->class_count; i++) {
		const struct manifest_class *m = &p->manifest->classes[i];

		if (m->rows == 0)
			continue;
		if (write_table(p, m, path, out, wanted, e) == -1)
			return -1;
		++*written;
	}
	return 0;
}
