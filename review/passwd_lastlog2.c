/*
 * lastlog2(8), which follows lastlog(8) in Debian 13: an SQLite database, by
 * whoever made it. It is opened read-only and trusted with nothing.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "review/passwd.h"
#include "schema/base/file.h"

#define FILE_LIMIT  (256 * 1024 * 1024) /* bytes */
#define STEPS       1000000             /* of SQLite's machine, between looks */
#define LOOKS_LIMIT 200
#define A_DAY       INT64_C(86400)
#define PATH        "var/lib/lastlog/lastlog2.db"

static int
enough(void *context)
{
	int *looks = context;

	return ++*looks > LOOKS_LIMIT;
}

static sqlite3 *
open_database(int fd, int *looks)
{
	char uri[64];
	sqlite3 *db = NULL;

	(void)snprintf(
	    uri, sizeof(uri), "file:/proc/self/fd/%d?immutable=1", fd);
	if (sqlite3_open_v2(uri, &db,
	        SQLITE_OPEN_READONLY | SQLITE_OPEN_URI |
	            SQLITE_OPEN_PRIVATECACHE,
	        NULL) != SQLITE_OK ||
	    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL) !=
	        SQLITE_OK ||
	    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL) !=
	        SQLITE_OK ||
	    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL) !=
	        SQLITE_OK) {
		(void)sqlite3_close(db);
		return NULL;
	}
	(void)sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 65536);
	(void)sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_progress_handler(db, STEPS, enough, looks);
	return db;
}

static void
take_row(struct passwd_host *h, const char *name, int64_t when)
{
	struct passwd_account *a = passwd_account_find(h, name);
	char raw[32];

	if (a == NULL)
		return;
	if (when <= 0 || when > h->sink->now + A_DAY) {
		ledger_invalid(
		    &h->ledger, "%s: lastlog2 has no such time", a->line.name);
		return;
	}
	(void)snprintf(raw, sizeof(raw), "%" PRId64, when);
	passwd_usage(h, a,
	    &(struct usage){
	        .attribute = "lastlog2", .when = when, .raw = raw });
	passwd_digest(h, PATH, raw, strlen(raw));
	h->seen_lastlog2++;
}

static bool
take_rows(struct passwd_host *h, sqlite3 *db)
{
	sqlite3_stmt *s = NULL;
	int result = sqlite3_prepare_v2(db,
	    "SELECT Name, Time FROM Lastlog2 WHERE typeof(Name) = 'text' "
	    "AND typeof(Time) = 'integer' ORDER BY Name",
	    -1, &s, NULL);

	while (
	    result == SQLITE_OK && (result = sqlite3_step(s)) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(s, 0);

		if (name != NULL)
			take_row(h, name, sqlite3_column_int64(s, 1));
		result = SQLITE_OK;
	}
	(void)sqlite3_finalize(s);
	return result == SQLITE_DONE;
}

/* Who has no row never logged in since the database was made. */
static void
tell_never(struct passwd_host *h)
{
	for (size_t i = 0; i < h->account_count; i++) {
		struct passwd_account *a = &h->accounts[i];

		if (!a->line.nis &&
		    (a->usage_count == 0 ||
		        strcmp(a->usages[a->usage_count - 1].attribute,
		            "lastlog2") != 0))
			passwd_usage(h, a,
			    &(struct usage){ .attribute = "lastlog2",
			        .when = FACT_NEVER,
			        .raw = "" });
	}
}

void
passwd_lastlog2(struct passwd_host *h)
{
	sqlite3 *db;
	int looks = 0;
	int fd;

	if (passwd_open(h, PATH, &fd) != PASSWD_GOT)
		return;
	h->seen_lastlog2 = 0;
	db = lseek(fd, 0, SEEK_END) > FILE_LIMIT ? NULL
	                                         : open_database(fd, &looks);
	if (db == NULL || !take_rows(h, db))
		ledger_incomplete(&h->ledger, "%s: %s", PATH,
		    db == NULL ? "not opened" : sqlite3_errmsg(db));
	else
		tell_never(h);
	(void)sqlite3_close(db);
	file_close(&fd);
}
