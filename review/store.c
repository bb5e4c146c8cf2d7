#include "review/store_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "review/embedded.h"
#include "schema/base/file.h"

#define APPLICATION_ID 0x52656576 /* "Reev" */
#define BUSY_MS        300000     /* a first pull of millions takes a while */
#define STRINGIFY_(x)  #x
#define STRINGIFY(x)   STRINGIFY_(x)

/* From a version to the next one, in order; schema/store.sql is the newest. */
static const struct migration {
	int from;
	const char *sql; /* an embedded file */
} migrations[] = {
	{ 0, NULL },
};

static const struct {
	int result; /* primary code */
	enum err_code code;
} codes[] = {
	{ SQLITE_FULL, ERR_FULL },
	{ SQLITE_BUSY, ERR_BUSY },
	{ SQLITE_LOCKED, ERR_BUSY },
	{ SQLITE_NOMEM, ERR_MEMORY },
	{ SQLITE_CORRUPT, ERR_FORMAT },
	{ SQLITE_NOTADB, ERR_FORMAT },
	{ SQLITE_CANTOPEN, ERR_ACCESS },
	{ SQLITE_PERM, ERR_ACCESS },
	{ SQLITE_READONLY, ERR_ACCESS },
	{ SQLITE_AUTH, ERR_ACCESS },
	{ SQLITE_TOOBIG, ERR_LIMIT },
};

static enum err_code
code_of(sqlite3 *db)
{
	int result = sqlite3_errcode(db) & 0xff;
	int number = sqlite3_system_errno(db);

	if ((result == SQLITE_IOERR || result == SQLITE_CANTOPEN) &&
	    (number == ENOSPC || number == EDQUOT))
		return ERR_FULL;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].result == result)
			return codes[i].code;
	return ERR_SYS;
}

int
store_error(struct store *s, const char *where, struct err *e)
{
	return err_set(e, code_of(s->db), "%s: %s: %s", s->path, where,
	    sqlite3_errmsg(s->db));
}

struct sqlite3 *
store_handle(struct store *s)
{
	return s->db;
}

const char *
store_path(const struct store *s)
{
	return s->path;
}

int64_t
store_last_id(struct store *s)
{
	return sqlite3_last_insert_rowid(s->db);
}

static int
execute(struct store *s, const char *what, const char *sql, struct err *e)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK
	    ? 0
	    : store_error(s, what, e);
}

/* One number that a pragma or query gives. */
static int
ask(struct store *s, const char *sql, int64_t *number, struct err *e)
{
	sqlite3_stmt *st = NULL;
	int result = -1;

	if (sqlite3_prepare_v2(s->db, sql, -1, &st, NULL) != SQLITE_OK ||
	    sqlite3_step(st) != SQLITE_ROW)
		(void)store_error(s, sql, e);
	else {
		*number = sqlite3_column_int64(st, 0);
		result = 0;
	}
	(void)sqlite3_finalize(st);
	return result;
}

int
store_begin(struct store *s, struct err *e)
{
	return execute(s, "begin",
	    s->mode == STORE_WRITE ? "BEGIN IMMEDIATE" : "BEGIN", e);
}

int
store_commit(struct store *s, struct err *e)
{
	if (execute(s, "commit", "COMMIT", e) == 0)
		return 0;
	store_rollback(s);
	return -1;
}

int
store_check_keys(struct store *s, bool check, struct err *e)
{
	return execute(s, "foreign keys",
	    check ? "PRAGMA foreign_keys = ON" : "PRAGMA foreign_keys = OFF",
	    e);
}

int64_t
store_changes(struct store *s)
{
	return sqlite3_changes64(s->db);
}

int
store_overwrite(struct store *s, struct err *e)
{
	int64_t on = 0;

	if (ask(s, "PRAGMA secure_delete = ON", &on, e) == -1)
		return -1;
	return on == 1
	    ? 0
	    : err_set(e, ERR_SYS, "%s: SQLite does not overwrite", s->path);
}

int
store_rewrite(struct store *s, struct err *e)
{
	int64_t busy = 1;

	statements_reset(s);
	if (execute(s, "vacuum", "VACUUM", e) == -1 ||
	    ask(s, "PRAGMA wal_checkpoint(TRUNCATE)", &busy, e) == -1)
		return -1;
	return busy == 0
	    ? 0
	    : err_set(e, ERR_BUSY, "%s: another program reads it", s->path);
}

void
store_rollback(struct store *s)
{
	statements_reset(s);
	if (sqlite3_get_autocommit(s->db) == 0)
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
}

/*
 * *empty: nothing was ever written in it. Anything else must be ours, and not
 * newer than this program.
 */
static int
recognise(struct store *s, int64_t *version, bool *empty, struct err *e)
{
	int64_t id, tables;

	if (ask(s, "PRAGMA application_id", &id, e) == -1 ||
	    ask(s, "PRAGMA user_version", version, e) == -1 ||
	    ask(s, "SELECT count(*) FROM sqlite_schema", &tables, e) == -1)
		return -1;
	*empty = id == 0 && *version == 0 && tables == 0;
	if (*empty)
		return 0;
	if (id != APPLICATION_ID || *version < 1)
		return err_set(
		    e, ERR_FORMAT, "%s: not a database of Reeve's", s->path);
	if (*version > STORE_VERSION)
		return err_set(e, ERR_NEWER,
		    "%s: version %lld, by a newer program than this one (%d)",
		    s->path, (long long)*version, STORE_VERSION);
	return 0;
}

static int
make_tables(struct store *s, struct err *e)
{
	const char *sql = embedded_text("schema/store.sql");

	if (sql == NULL)
		return err_set(e, ERR_FORMAT, "schema/store.sql is not in us");
	return execute(s, "schema/store.sql", sql, e);
}

static int
migrate_from(struct store *s, int64_t version, struct err *e)
{
	for (const struct migration *m = migrations; m->sql != NULL; m++) {
		const char *sql;

		if (m->from != version)
			continue;
		if ((sql = embedded_text(m->sql)) == NULL)
			return err_set(
			    e, ERR_FORMAT, "%s is not in us", m->sql);
		if (execute(s, m->sql, sql, e) == -1)
			return -1;
		version++;
	}
	if (version != STORE_VERSION)
		return err_set(e, ERR_FORMAT,
		    "%s: version %lld can't be brought to %d", s->path,
		    (long long)version, STORE_VERSION);
	return 0;
}

int
store_migrate(struct store *s, struct err *e)
{
	int64_t version;
	bool empty;

	if (recognise(s, &version, &empty, e) == -1)
		return -1;
	if (s->mode == STORE_READ && (empty || version < STORE_VERSION))
		return empty
		    ? err_set(
		          e, ERR_MISSING, "%s: nothing is in it yet", s->path)
		    : err_set(e, ERR_FORMAT,
		          "%s: version %lld; any writing command, such as "
		          "reeve pull, brings it to %d",
		          s->path, (long long)version, STORE_VERSION);
	if (!empty && version == STORE_VERSION)
		return 0;
	/* Once more where no other can be doing the same. */
	if (store_begin(s, e) == -1)
		return -1;
	if (recognise(s, &version, &empty, e) == -1 ||
	    (empty ? make_tables(s, e) : migrate_from(s, version, e)) == -1 ||
	    execute(s, "version",
	        "PRAGMA application_id = " STRINGIFY(
	            APPLICATION_ID) ";"
	                            "PRAGMA user_version = " STRINGIFY(
	                                STORE_VERSION),
	        e) == -1) {
		store_rollback(s);
		return -1;
	}
	return store_commit(s, e);
}

/*
 * There, ours alone, a regular file: looked at without opening it, because
 * closing a descriptor of a database drops this process's locks on it.
 */
static int
judge(const char *path, enum store_mode mode, struct err *e)
{
	struct file_rule rule = { .owner = geteuid(), .forbidden = 077 };
	int fd;

	if (mode == STORE_WRITE) {
		fd = open(path,
		    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd == -1 && errno != EEXIST)
			return err_sys(e, errno, "%s", path);
		file_close(&fd);
	}
	if ((fd = file_open(path, O_PATH, &rule, e)) == -1)
		return -1;
	file_close(&fd);
	return 0;
}

static int
open_database(struct store *s, struct err *e)
{
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW |
	    (s->mode == STORE_WRITE ? SQLITE_OPEN_READWRITE
	                            : SQLITE_OPEN_READONLY);
	int on;

	if (sqlite3_open_v2(s->path, &s->db, flags, NULL) != SQLITE_OK)
		return s->db == NULL ? err_set(e, ERR_MEMORY, "out of memory")
		                     : store_error(s, "open", e);
	(void)sqlite3_extended_result_codes(s->db, 1);
	(void)sqlite3_busy_timeout(s->db, BUSY_MS);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, &on);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, &on);
	(void)sqlite3_db_config(
	    s->db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, &on);
	return execute(s, "settings",
	    "PRAGMA page_size = 8192;" /* bytes, of one that is being made */
	    "PRAGMA foreign_keys = ON;"
	    "PRAGMA recursive_triggers = ON;" /* REPLACE deletes, too */
	    "PRAGMA cell_size_check = ON;"
	    "PRAGMA cache_size = -65536;"           /* KiB */
	    "PRAGMA journal_size_limit = 67108864;" /* bytes kept of a WAL */
	    "PRAGMA temp.cache_size = -65536;"
	    "PRAGMA synchronous = FULL",
	    e);
}

static int
set_journal(struct store *s, struct err *e)
{
	return s->mode == STORE_READ
	    ? 0
	    : execute(s, "journal", "PRAGMA journal_mode = WAL", e);
}

int
store_open(
    struct store **out, const char *path, enum store_mode mode, struct err *e)
{
	struct store *s = calloc(1, sizeof(*s));

	*out = NULL;
	if (s == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	s->mode = mode;
	if ((s->path = store_place(path, mode == STORE_WRITE, e)) == NULL ||
	    judge(s->path, mode, e) == -1 || open_database(s, e) == -1 ||
	    statements_load(s, e) == -1 || set_journal(s, e) == -1 ||
	    store_migrate(s, e) == -1) {
		store_close(&s);
		return -1;
	}
	*out = s;
	return 0;
}

void
store_close(struct store **s)
{
	if (*s == NULL)
		return;
	statements_free(*s);
	(void)sqlite3_close((*s)->db);
	free((*s)->path);
	free(*s);
	*s = NULL;
}
