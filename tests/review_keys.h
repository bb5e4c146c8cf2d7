/*
 * Persons for tests of the review program: keys by ssh-keygen in a folder, and
 * enrolled.
 */
#ifndef TESTS_REVIEW_KEYS_H
#define TESTS_REVIEW_KEYS_H

#include <check.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review/roster.h"
#include "shell.h"

/* folder/name and folder/name.pub, without a passphrase. */
static inline void
keys_make(const char *folder, const char *name)
{
	ck_assert_int_eq(shell("ssh-keygen -q -t ed25519 -N '' -C '' -f %s/%s",
	                     folder, name),
	    0);
}

/* How that key's owner acts. path lives as long as what uses it. */
static inline struct act_how
keys_how(const char *folder, const char *name, int64_t now, char path[256])
{
	(void)snprintf(path, 256, "%s/%s", folder, name);
	return (struct act_how){ .now = now, .key = path };
}

static inline void
keys_public(const char *folder, const char *name, char out[512])
{
	char path[256];
	ssize_t got;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s.pub", folder, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_ne(fd, -1);
	got = read(fd, out, 511);
	ck_assert_int_gt(got, 0);
	out[got] = '\0';
	(void)close(fd);
}

/*
 * Makes a key and enrols its owner as an officer: one of the first two, who
 * do so themselves.
 */
static inline void
keys_enrol(struct store *store, const char *folder, const char *name,
    const char *employee, int64_t now)
{
	char key[512], path[256];
	struct act_how how = keys_how(folder, name, now, path);
	struct newcomer n = { .name = name,
		.employee = employee,
		.role = "officer",
		.key = key };
	struct err e = { .code = ERR_NONE };
	bool waits;

	keys_make(folder, name);
	keys_public(folder, name, key);
	ck_assert_msg(
	    roster_add(store, &n, &how, &waits, NULL, &e) == 0, "%s", e.text);
	ck_assert(!waits);
}

/* A third or later one, enrolled by first and approved by second. */
static inline void
keys_enrol_later(struct store *store, const char *folder, const char *name,
    const char *employee, const char *role, int64_t now, const char *first,
    const char *second)
{
	char key[512], path[256];
	struct act_how how = keys_how(folder, first, now, path);
	struct newcomer n = {
		.name = name, .employee = employee, .role = role, .key = key
	};
	struct buf receipt = buf_new(256);
	struct err e = { .code = ERR_NONE };
	bool waits;

	keys_make(folder, name);
	keys_public(folder, name, key);
	ck_assert_msg(roster_add(store, &n, &how, &waits, &receipt, &e) == 0,
	    "%s", e.text);
	ck_assert(waits);
	how = keys_how(folder, second, now, path);
	ck_assert_msg(act_second(store, atoll(buf_string(&receipt) + 4), true,
	                  "", &how, NULL, &e) == 0,
	    "%s", e.text);
	buf_free(&receipt);
}

/*
 * Lets a test change what was signed: the triggers that forbid it, away. The
 * schema is then not as it should be, and reeve verify says so.
 */
static inline void
acts_unlock(struct store *store)
{
	sqlite3 *db = store_handle(store);
	sqlite3_stmt *st = NULL;
	char *drops = NULL;

	ck_assert_int_eq(sqlite3_prepare_v2(db,
	                     "SELECT group_concat('DROP TRIGGER ' || name, ';')"
	                     " FROM sqlite_schema WHERE type = 'trigger'",
	                     -1, &st, NULL),
	    SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(st), SQLITE_ROW);
	drops = sqlite3_mprintf("%s", sqlite3_column_text(st, 0));
	(void)sqlite3_finalize(st);
	ck_assert_int_eq(sqlite3_exec(db, drops, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_free(drops);
}

#endif
