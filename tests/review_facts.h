/*
 * A review database with the facts of tests/rules/base.sql, for tests: ago(n)
 * is n days before NOW.
 */
#ifndef TESTS_REVIEW_FACTS_H
#define TESTS_REVIEW_FACTS_H

#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "review/store.h"
#include "shell.h"

#define NOW INT64_C(1796083200) /* 2026-12-01T00:00:00Z */
#define DAY INT64_C(86400)

static inline void
facts_ago(sqlite3_context *context, int count, sqlite3_value **values)
{
	(void)count;
	sqlite3_result_int64(context,
	    NOW - (int64_t)(sqlite3_value_double(values[0]) * (double)DAY));
}

static inline void
facts_sql(struct store *store, const char *text)
{
	char *message = NULL;

	if (sqlite3_exec(store_handle(store), text, NULL, NULL, &message) !=
	    SQLITE_OK)
		ck_abort_msg("%s in: %.300s", message, text);
}

static inline void
facts_file(struct store *store, const char *name)
{
	static char text[65536];
	FILE *file = fopen(name, "r");
	size_t length;

	ck_assert_msg(file != NULL, "%s", name);
	length = fread(text, 1, sizeof(text) - 1, file);
	text[length] = '\0';
	ck_assert_int_eq(fclose(file), 0);
	facts_sql(store, text);
}

/* folder: room for 32 bytes, in which the database is made. */
static inline void
facts_open(struct store **store, char folder[32])
{
	struct err e = { .code = ERR_NONE };
	char path[64];

	(void)strcpy(folder, "/tmp/reeve-facts-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/review.db", folder);
	ck_assert_msg(
	    store_open(store, path, STORE_WRITE, &e) == 0, "%s", e.text);
	ck_assert_int_eq(
	    sqlite3_create_function(store_handle(*store), "ago", 1,
	        SQLITE_UTF8 | SQLITE_INNOCUOUS, NULL, facts_ago, NULL, NULL),
	    SQLITE_OK);
	facts_file(*store, "tests/rules/base.sql");
}

static inline void
facts_close(struct store **store, const char *folder)
{
	store_close(store);
	(void)shell("rm -rf %s", folder);
}

#endif
