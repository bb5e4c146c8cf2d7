/*
 * Whether a database is sound, and copies of it.
 */
#include "review/store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review/embedded.h"
#include "schema/base/buf.h"
#include "schema/base/file.h"
#include "schema/message.h"

#define SAY_MAX    512u
#define STEP_PAGES 1024 /* between two looks at the progress: 8 MiB */
#define NAP_MS     50   /* while a writer holds the database */

struct check {
	struct store *store;
	void (*say)(void *, const char *);
	void *context;
	int64_t faults;
};

static void
fault(struct check *c, const char *format, const char *a, const char *b)
{
	char text[SAY_MAX];

	(void)snprintf(text, sizeof(text), "%s: %s %s", format, a, b);
	c->faults++;
	c->say(c->context, text);
}

/* ---- Pages and indexes ---- */

static int
check_pages(struct check *c, struct err *e)
{
	sqlite3_stmt *st = NULL;
	int result = -1, step = SQLITE_ERROR;

	if (sqlite3_prepare_v2(c->store->db, "PRAGMA integrity_check(20)", -1,
	        &st, NULL) == SQLITE_OK) {
		while ((step = sqlite3_step(st)) == SQLITE_ROW) {
			const char *text =
			    (const char *)sqlite3_column_text(st, 0);

			if (text != NULL && strcmp(text, "ok") != 0)
				fault(c, _("database"), text, "");
		}
		result = 0;
	}
	if (step == SQLITE_CORRUPT || step == SQLITE_NOTADB)
		fault(c, _("database"), sqlite3_errmsg(c->store->db), "");
	else if (step != SQLITE_DONE)
		result = store_error(c->store, "integrity_check", e);
	(void)sqlite3_finalize(st);
	return result;
}

/* ---- The schema ---- */

static int
make_reference(sqlite3 **db, struct err *e)
{
	const char *sql = embedded_text("schema/store.sql");

	if (sqlite3_open(":memory:", db) != SQLITE_OK || sql == NULL ||
	    sqlite3_exec(*db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return err_set(e, ERR_MEMORY, "schema/store.sql: %s",
		    *db == NULL ? "out of memory" : sqlite3_errmsg(*db));
	return 0;
}

/* White space apart: whether the two say the same. */
static bool
same_sql(const char *a, const char *b)
{
	for (;; a++, b++) {
		size_t x = strspn(a, " \t\n"), y = strspn(b, " \t\n");

		a += x;
		b += y;
		if (*a == '\0' || *b == '\0')
			return *a == *b;
		if ((x > 0) != (y > 0) || *a != *b)
			return false;
	}
}

/* Each object of one that the other has not, or has otherwise. */
static int
compare(struct check *c, sqlite3 *one, sqlite3 *other, bool both,
    const char *missing, struct err *e)
{
	static const char all[] =
	    "SELECT type, name, sql FROM sqlite_schema "
	    "WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY type, name";
	static const char find[] = "SELECT sql FROM sqlite_schema "
	                           "WHERE type = ?1 AND name = ?2";
	sqlite3_stmt *st = NULL, *twin = NULL;
	int result = -1, step = SQLITE_ERROR;

	if (sqlite3_prepare_v2(one, all, -1, &st, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(other, find, -1, &twin, NULL) != SQLITE_OK)
		goto out;
	while ((step = sqlite3_step(st)) == SQLITE_ROW) {
		const char *type = (const char *)sqlite3_column_text(st, 0);
		const char *name = (const char *)sqlite3_column_text(st, 1);
		const char *sql = (const char *)sqlite3_column_text(st, 2);
		const char *twin_sql;

		(void)sqlite3_reset(twin);
		(void)sqlite3_bind_text(twin, 1, type, -1, SQLITE_TRANSIENT);
		(void)sqlite3_bind_text(twin, 2, name, -1, SQLITE_TRANSIENT);
		if (sqlite3_step(twin) != SQLITE_ROW)
			fault(c, missing, type, name);
		else if (both && sql != NULL &&
		    ((twin_sql = (const char *)sqlite3_column_text(twin, 0)) ==
		            NULL ||
		        !same_sql(sql, twin_sql)))
			fault(c, _("schema: not as the program has it"), type,
			    name);
	}
	if (step == SQLITE_DONE)
		result = 0;
out:
	if (result == -1)
		store_error(c->store, "schema", e);
	(void)sqlite3_finalize(st);
	(void)sqlite3_finalize(twin);
	return result;
}

static int
check_schema(struct check *c, struct err *e)
{
	sqlite3 *reference = NULL;
	int result = -1;

	if (make_reference(&reference, e) == 0 &&
	    compare(c, reference, c->store->db, true, _("schema: is not there"),
	        e) == 0 &&
	    compare(c, c->store->db, reference, false, _("schema: was added"),
	        e) == 0)
		result = 0;
	(void)sqlite3_close(reference);
	return result;
}

int64_t
store_check(struct store *s, bool quick, void (*say)(void *, const char *),
    void *context, struct err *e)
{
	struct check c = { .store = s, .say = say, .context = context };

	if (check_schema(&c, e) == -1 || (!quick && check_pages(&c, e) == -1))
		return -1;
	return c.faults;
}

/* ---- Copies ---- */

static int
copy_pages(sqlite3_backup *b,
    void (*progress)(void *, const char *, int64_t, int64_t), void *context)
{
	int result;

	do {
		result = sqlite3_backup_step(b, STEP_PAGES);
		if (progress != NULL)
			progress(context, _("pages"),
			    sqlite3_backup_pagecount(b) -
			        sqlite3_backup_remaining(b),
			    sqlite3_backup_pagecount(b));
		if (result == SQLITE_BUSY || result == SQLITE_LOCKED)
			(void)sqlite3_sleep(NAP_MS);
	} while (result == SQLITE_OK || result == SQLITE_BUSY ||
	    result == SQLITE_LOCKED);
	return result;
}

static int
sync_all(const char *path, struct err *e)
{
	char folder[PATH_MAX];
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int dir = -1, result = -1;

	(void)snprintf(folder, sizeof(folder), "%s", path);
	dir = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (file == -1 || dir == -1 || fsync(file) == -1 || fsync(dir) == -1)
		err_sys(e, errno, "%s", path);
	else
		result = 0;
	file_close(&file);
	file_close(&dir);
	return result;
}

static int
copy_into(struct store *s, const char *path,
    void (*progress)(void *, const char *, int64_t, int64_t), void *context,
    struct err *e)
{
	sqlite3 *copy = NULL;
	sqlite3_backup *b = NULL;
	int result = SQLITE_ERROR;

	if (sqlite3_open_v2(path, &copy,
	        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW,
	        NULL) == SQLITE_OK &&
	    (b = sqlite3_backup_init(copy, "main", s->db, "main")) != NULL) {
		result = copy_pages(b, progress, context);
		(void)sqlite3_backup_finish(b);
	}
	if (result == SQLITE_DONE)
		result = SQLITE_OK;
	else
		err_set(e,
		    sqlite3_errcode(copy) == SQLITE_FULL ? ERR_FULL : ERR_SYS,
		    "%s: %s", path,
		    copy == NULL ? "out of memory" : sqlite3_errmsg(copy));
	if (sqlite3_close(copy) != SQLITE_OK && result == SQLITE_OK)
		return err_set(e, ERR_SYS, "%s: close", path);
	return result == SQLITE_OK ? sync_all(path, e) : -1;
}

int
store_backup(struct store *s, const char *path,
    void (*progress)(void *, const char *, int64_t, int64_t), void *context,
    struct err *e)
{
	int fd = open(
	    path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd == -1)
		return err_sys(e, errno, "%s", path);
	file_close(&fd);
	if (copy_into(s, path, progress, context, e) == 0)
		return 0;
	(void)unlink(path);
	return -1;
}
