#include "review/store_internal.h"

#include <stdlib.h>
#include <string.h>

#include "review/embedded.h"
#include "review/fact.h"

#define FOLDER "review/sql/"
#define MARK   "-- name: "

struct statement {
	struct store *store;
	const char *name; /* into the embedded text, as sql is */
	size_t name_length;
	const char *sql;
	size_t sql_length;
	const char *file;
	char *label; /* the name, ended */
	sqlite3_stmt *handle;
	bool failed; /* a bind did; the text says which */
	struct err error;
};

/* ---- Finding them ---- */

static int
by_name(const void *a, const void *b)
{
	const struct statement *one = a, *other = b;

	return strcmp(one->label, other->label);
}

static bool
is_mark(const char *line)
{
	return strncmp(line, MARK, strlen(MARK)) == 0;
}

static const char *
next_line(const char *at)
{
	const char *end = strchr(at, '\n');

	return end == NULL ? at + strlen(at) : end + 1;
}

static int
add(struct store *s, const char *file, const char *mark, struct err *e)
{
	struct statement *more, *st;
	const char *at;

	more = realloc(s->statements, (s->count + 1) * sizeof(*more));
	if (more == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	s->statements = more;
	st = &more[s->count];
	memset(st, 0, sizeof(*st));
	st->store = s;
	st->file = file;
	st->name = mark + strlen(MARK);
	st->name_length = strcspn(st->name, " \t\n");
	st->label = strndup(st->name, st->name_length);
	if (st->label == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	s->count++;
	st->sql = next_line(mark);
	for (at = st->sql; *at != '\0' && !is_mark(at); at = next_line(at))
		;
	st->sql_length = (size_t)(at - st->sql);
	return 0;
}

static int
refuse_twins(struct store *s, struct err *e)
{
	for (size_t i = 1; i < s->count; i++)
		if (strcmp(s->statements[i - 1].label,
		        s->statements[i].label) == 0)
			return err_set(e, ERR_FORMAT,
			    "%s and %s: statement %s is there twice",
			    s->statements[i - 1].file, s->statements[i].file,
			    s->statements[i].label);
	return 0;
}

int
statements_load(struct store *s, struct err *e)
{
	for (const struct embedded *f = embedded_files; f->name != NULL; f++) {
		if (strncmp(f->name, FOLDER, strlen(FOLDER)) != 0)
			continue;
		for (const char *at = f->text; *at != '\0'; at = next_line(at))
			if (is_mark(at) && add(s, f->name, at, e) == -1)
				return -1;
	}
	if (s->count > 0)
		qsort(s->statements, s->count, sizeof(*s->statements), by_name);
	return refuse_twins(s, e);
}

void
statements_free(struct store *s)
{
	for (size_t i = 0; i < s->count; i++) {
		(void)sqlite3_finalize(s->statements[i].handle);
		free(s->statements[i].label);
	}
	free(s->statements);
	s->statements = NULL;
	s->count = 0;
}

const char *
store_statement_name(const struct store *s, size_t i)
{
	return i < s->count ? s->statements[i].label : NULL;
}

void
statements_reset(struct store *s)
{
	for (size_t i = 0; i < s->count; i++)
		store_done(&s->statements[i]);
}

/* ---- Using them ---- */

static bool
is_blank(const char *at, const char *end)
{
	while (at < end && strchr(" \t\n", *at) != NULL)
		at++;
	return at >= end;
}

static int
prepare(struct statement *st, struct err *e)
{
	const char *tail = NULL;

	if (sqlite3_prepare_v3(st->store->db, st->sql, (int)st->sql_length,
	        SQLITE_PREPARE_PERSISTENT, &st->handle, &tail) != SQLITE_OK) {
		(void)store_error(st->store, st->label, e);
		return err_in(e, "%s", st->file);
	}
	if (st->handle == NULL || !is_blank(tail, st->sql + st->sql_length))
		return err_set(e, ERR_FORMAT,
		    "%s: %s is not exactly one statement", st->file, st->label);
	return 0;
}

struct statement *
store_use(struct store *s, const char *name, struct err *e)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct statement *st = &s->statements[middle];
		int order = strcmp(name, st->label);

		if (order == 0) {
			if (st->handle == NULL && prepare(st, e) == -1)
				return NULL;
			store_done(st);
			(void)sqlite3_clear_bindings(st->handle);
			st->failed = false;
			return st;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	err_set(e, ERR_FORMAT, "no statement is called %s", name);
	return NULL;
}

void
store_done(struct statement *st)
{
	if (st != NULL && st->handle != NULL)
		(void)sqlite3_reset(st->handle);
}

void
store_again(struct statement *st)
{
	store_done(st);
}

/* The first failure stays. */
static void
bound(struct statement *st, const char *parameter, int result)
{
	if (result == SQLITE_OK || st->failed)
		return;
	st->failed = true;
	err_set(&st->error, result == SQLITE_TOOBIG ? ERR_LIMIT : ERR_FORMAT,
	    "%s: %s: %s", st->label, parameter, sqlite3_errstr(result));
}

int
bind_place(struct statement *st, const char *parameter)
{
	int place;

	if (st == NULL)
		return 0;
	place = sqlite3_bind_parameter_index(st->handle, parameter);
	if (place == 0 && !st->failed) {
		st->failed = true;
		err_set(&st->error, ERR_FORMAT, "%s: has no parameter %s",
		    st->label, parameter);
	}
	return place;
}

void
bind_text(struct statement *st, const char *parameter, const char *text)
{
	int place = bind_place(st, parameter);

	if (place > 0)
		bound(st, parameter,
		    sqlite3_bind_text(
		        st->handle, place, text, -1, SQLITE_TRANSIENT));
}

void
bind_int(struct statement *st, const char *parameter, int64_t number)
{
	int place = bind_place(st, parameter);

	if (place > 0)
		bound(st, parameter,
		    sqlite3_bind_int64(st->handle, place, number));
}

void
bind_fact(struct statement *st, const char *parameter, int64_t number)
{
	if (number == FACT_UNKNOWN)
		bind_null(st, parameter);
	else
		bind_int(st, parameter, number);
}

void
bind_tri(struct statement *st, const char *parameter, enum tri fact)
{
	bind_fact(st, parameter, fact == TRI_UNKNOWN ? FACT_UNKNOWN : fact);
}

void
bind_blob(struct statement *st, const char *parameter, const void *bytes,
    size_t length)
{
	int place = bind_place(st, parameter);

	if (place > 0)
		bound(st, parameter,
		    sqlite3_bind_blob64(st->handle, place,
		        bytes == NULL ? "" : bytes, length, SQLITE_TRANSIENT));
}

void
bind_null(struct statement *st, const char *parameter)
{
	int place = bind_place(st, parameter);

	if (place > 0)
		bound(st, parameter, sqlite3_bind_null(st->handle, place));
}

void
bind_text_at(struct statement *st, int place, const char *text, size_t length)
{
	if (st != NULL)
		bound(st, "text",
		    sqlite3_bind_text64(st->handle, place, text, length,
		        SQLITE_STATIC, SQLITE_UTF8));
}

void
bind_int_at(struct statement *st, int place, int64_t number)
{
	if (st != NULL)
		bound(st, "number",
		    sqlite3_bind_int64(st->handle, place, number));
}

void
bind_fact_at(struct statement *st, int place, int64_t number)
{
	if (st == NULL)
		return;
	if (number == FACT_UNKNOWN)
		bound(st, "null", sqlite3_bind_null(st->handle, place));
	else
		bind_int_at(st, place, number);
}

void
bind_blob_at(struct statement *st, int place, const void *bytes, size_t length)
{
	if (st != NULL)
		bound(st, "blob",
		    sqlite3_bind_blob64(
		        st->handle, place, bytes, length, SQLITE_STATIC));
}

int
store_step(struct statement *st, struct err *e)
{
	if (st == NULL)
		return -1;
	if (st->failed) {
		*e = st->error;
		return -1;
	}
	switch (sqlite3_step(st->handle)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		return 0;
	default:
		(void)store_error(st->store, st->label, e);
		store_done(st);
		return -1;
	}
}

int
store_run(struct statement *st, struct err *e)
{
	int more = store_step(st, e);

	if (more == 1)
		err_set(e, ERR_FORMAT, "%s: gave a row that nobody wanted",
		    st->label);
	store_done(st);
	return more == 0 ? 0 : -1;
}

/* ---- Reading rows ---- */

int
column_count(struct statement *st)
{
	return st == NULL ? 0 : sqlite3_column_count(st->handle);
}

const char *
column_name(struct statement *st, int column)
{
	return st == NULL ? NULL : sqlite3_column_name(st->handle, column);
}

int
column_of(struct statement *st, const char *name)
{
	for (int i = 0; i < column_count(st); i++)
		if (strcmp(column_name(st, i), name) == 0)
			return i;
	return -1;
}

int64_t
column_int(struct statement *st, int column)
{
	return sqlite3_column_int64(st->handle, column);
}

int64_t
column_fact(struct statement *st, int column)
{
	return column_is_null(st, column) ? FACT_UNKNOWN
	                                  : column_int(st, column);
}

const char *
column_text(struct statement *st, int column)
{
	return (const char *)sqlite3_column_text(st->handle, column);
}

size_t
column_length(struct statement *st, int column)
{
	return (size_t)sqlite3_column_bytes(st->handle, column);
}

const void *
column_blob(struct statement *st, int column, size_t *length)
{
	const void *bytes = sqlite3_column_blob(st->handle, column);

	*length = (size_t)sqlite3_column_bytes(st->handle, column);
	return bytes;
}

bool
column_is_null(struct statement *st, int column)
{
	return sqlite3_column_type(st->handle, column) == SQLITE_NULL;
}
