/* The review database: where it is, who may open it, its named statements. */
#include <check.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "review/campaign.h"
#include "review/config.h"
#include "review/pack_content.h"
#include "review/store.h"
#include "unit.h"

static struct err e;
static char folder[] = "/tmp/reeve-store-XXXXXX";
static char path[64];

static void
setup(void)
{
	(void)strcpy(strrchr(folder, '-'), "-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/review.db", folder);
	memset(&e, 0, sizeof(e));
}

static void
teardown(void)
{
	char command[64 + sizeof(folder)];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	ck_assert_int_eq(system(command), 0);
}

static void
opened(struct store **s, enum store_mode mode)
{
	ck_assert_ok(store_open(s, path, mode, &e));
}

static void
refused(enum store_mode mode, enum err_code code, const char *text)
{
	struct store *s = NULL;

	ck_assert_int_eq(store_open(&s, path, mode, &e), -1);
	ck_assert_ptr_null(s);
	ck_assert_msg(e.code == code, "%d: %s", (int)e.code, e.text);
	ck_assert_msg(strstr(e.text, text) != NULL, "%s", e.text);
}

static void
by_sqlite(const char *sql)
{
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK,
	    "%s", sqlite3_errmsg(db));
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

START_TEST(a_writer_makes_it_with_its_folders_for_its_owner_alone)
{
	struct store *s;
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/a/b/review.db", folder);
	opened(&s, STORE_WRITE);
	ck_assert_str_eq(store_path(s), path);
	store_close(&s);
	ck_assert_ptr_null(s);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777u, 0600);
	*strrchr(path, '/') = '\0';
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777u, 0700);
}
END_TEST

START_TEST(a_reader_finds_none_where_none_was_made)
{
	refused(STORE_READ, ERR_MISSING, "review.db");
	ck_assert_int_eq(access(path, F_OK), -1);
}
END_TEST

START_TEST(a_reader_finds_nothing_in_an_empty_file)
{
	by_sqlite("PRAGMA user_version");
	ck_assert_int_eq(chmod(path, 0600), 0);
	refused(STORE_READ, ERR_MISSING, "nothing is in it");
}
END_TEST

START_TEST(reeve_db_names_it_when_nothing_else_does)
{
	struct store *s;

	ck_assert_int_eq(setenv("REEVE_DB", path, 1), 0);
	ck_assert_ok(store_open(&s, "", STORE_WRITE, &e));
	ck_assert_str_eq(store_path(s), path);
	store_close(&s);
}
END_TEST

START_TEST(one_that_others_may_read_is_refused)
{
	struct store *s;

	opened(&s, STORE_WRITE);
	store_close(&s);
	ck_assert_int_eq(chmod(path, 0640), 0);
	refused(STORE_WRITE, ERR_ACCESS, "mode 0640");
}
END_TEST

START_TEST(one_whose_folder_others_may_write_is_refused)
{
	ck_assert_int_eq(chmod(folder, 0777), 0);
	refused(STORE_WRITE, ERR_ACCESS, "others may write");
}
END_TEST

START_TEST(a_symbolic_link_is_refused)
{
	ck_assert_int_eq(symlink("/nowhere/review.db", path), 0);
	refused(STORE_WRITE, ERR_ACCESS, "review.db");
}
END_TEST

START_TEST(the_database_of_another_program_is_refused)
{
	by_sqlite("CREATE TABLE t (x)");
	ck_assert_int_eq(chmod(path, 0600), 0);
	refused(STORE_WRITE, ERR_FORMAT, "not a database of Reeve's");
}
END_TEST

START_TEST(what_is_no_database_is_refused)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	for (int i = 0; i < 1000; i++)
		(void)fputs("not a database ", f);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(chmod(path, 0600), 0);
	refused(STORE_WRITE, ERR_FORMAT, "not a database");
}
END_TEST

START_TEST(one_by_a_newer_program_is_refused)
{
	struct store *s;

	opened(&s, STORE_WRITE);
	store_close(&s);
	by_sqlite("PRAGMA user_version = 999");
	refused(STORE_READ, ERR_NEWER, "version 999");
}
END_TEST

START_TEST(a_writer_opens_what_it_made_again)
{
	struct store *s;

	opened(&s, STORE_WRITE);
	store_close(&s);
	opened(&s, STORE_WRITE);
	store_close(&s);
	opened(&s, STORE_READ);
	store_close(&s);
}
END_TEST

START_TEST(a_reader_can_not_write)
{
	struct store *s;

	opened(&s, STORE_WRITE);
	store_close(&s);
	opened(&s, STORE_READ);
	ck_assert_int_ne(
	    sqlite3_exec(store_handle(s), "DELETE FROM pull", NULL, NULL, NULL),
	    SQLITE_OK);
	store_close(&s);
}
END_TEST

START_TEST(every_named_statement_is_one_statement)
{
	const struct pack_scope scope = { .from = 0, .to = 1 };
	struct review_config *config = config_load("/nonexistent", false, &e);
	struct view *view = NULL, *pack = NULL;
	struct store *s;
	size_t i = 0;

	ck_assert_ptr_nonnull(config);
	opened(&s, STORE_WRITE);
	/* Temporary tables that some of them ask. */
	ck_assert_int_eq(
	    store_run(store_use(s, "assign_rule_make", &e), &e), 0);
	ck_assert_ok(campaign_progress(&view, s, "house", 1, &e));
	ck_assert_int_eq(store_begin(s, &e), 0);
	ck_assert_ok(pack_tables(&pack, s, &scope, config, NULL, 1, NULL, &e));
	for (; store_statement_name(s, i) != NULL; i++)
		ck_assert_msg(
		    store_use(s, store_statement_name(s, i), &e) != NULL, "%s",
		    e.text);
	ck_assert_uint_gt(i, 0);
	ck_assert_int_eq(pack_tables_end(&pack, &e), 0);
	ck_assert_int_eq(store_commit(s, &e), 0);
	ck_assert_int_eq(campaign_progress_end(&view, &e), 0);
	config_free(&config);
	store_close(&s);
}
END_TEST

START_TEST(a_statement_that_is_not_there_fails_once_and_for_all)
{
	struct store *s;
	struct statement *st;

	opened(&s, STORE_WRITE);
	st = store_use(s, "no_such", &e);
	ck_assert_ptr_null(st);
	bind_int(st, ":x", 1);
	ck_assert_int_eq(store_step(st, &e), -1);
	ck_assert_str_eq(e.text, "no statement is called no_such");
	store_close(&s);
}
END_TEST

START_TEST(a_wrong_parameter_is_reported_by_the_step)
{
	struct store *s;
	struct statement *st;

	opened(&s, STORE_WRITE);
	st = store_use(s, "source_by_name", &e);
	ck_assert_msg(st != NULL, "%s", e.text);
	bind_text(st, ":nom", "x");
	bind_text(st, ":name", "x");
	ck_assert_int_eq(store_step(st, &e), -1);
	ck_assert_str_eq(e.text, "source_by_name: has no parameter :nom");
	store_close(&s);
}
END_TEST

START_TEST(what_was_rolled_back_was_never_there)
{
	struct store *s;
	struct statement *st;

	opened(&s, STORE_WRITE);
	ck_assert_int_eq(store_begin(s, &e), 0);
	st = store_use(s, "source_add", &e);
	bind_text(st, ":name", "hq");
	bind_text(st, ":url", "ldif:x");
	bind_text(st, ":realm", "hq");
	bind_int(st, ":core", 1);
	ck_assert_ok(store_run(st, &e));
	store_rollback(s);
	st = store_use(s, "source_by_name", &e);
	bind_text(st, ":name", "hq");
	ck_assert_int_eq(store_step(st, &e), 0);
	store_close(&s);
}
END_TEST

START_TEST(a_second_writer_waits_while_a_reader_sees_the_old_state)
{
	struct store *one, *other, *reader;

	opened(&one, STORE_WRITE);
	opened(&other, STORE_WRITE);
	opened(&reader, STORE_READ);
	(void)sqlite3_busy_timeout(store_handle(other), 1);
	ck_assert_int_eq(store_begin(one, &e), 0);
	ck_assert_int_eq(store_begin(other, &e), -1);
	ck_assert_int_eq(e.code, ERR_BUSY);
	ck_assert_int_eq(store_begin(reader, &e), 0);
	ck_assert_int_eq(store_commit(reader, &e), 0);
	ck_assert_int_eq(store_commit(one, &e), 0);
	ck_assert_ok(store_begin(other, &e));
	store_rollback(other);
	store_close(&one);
	store_close(&other);
	store_close(&reader);
}
END_TEST

static void
unsound(void *context, const char *text)
{
	(void)context;
	ck_abort_msg("%s", text);
}

START_TEST(indexes_that_a_large_pull_made_anew_are_the_schemas)
{
	static const char *const names[] = { "object_index_drop",
		"value_index_drop", "edge_index_drop", "object_index_make",
		"value_index_make", "edge_index_make" };
	struct store *s;

	opened(&s, STORE_WRITE);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct statement *st = store_use(s, names[i], &e);

		ck_assert_msg(store_run(st, &e) == 0, "%s", e.text);
	}
	ck_assert_int_eq(store_check(s, true, unsound, NULL, &e), 0);
	store_close(&s);
}
END_TEST

/*
 * An act is added after its rows, and until then SQLite looks in each table for
 * those that wait for it. Those named here stay small.
 */
START_TEST(rows_that_wait_for_their_act_are_found_by_an_index)
{
	struct store *s;
	sqlite3_stmt *st;

	opened(&s, STORE_WRITE);
	ck_assert_int_eq(sqlite3_prepare_v2(store_handle(s),
	                     "SELECT t.name FROM sqlite_schema t,"
	                     " pragma_foreign_key_list(t.name) f"
	                     " WHERE t.type = 'table' AND f.\"table\" = 'act'"
	                     " AND f.\"from\" = 'act' AND t.name NOT IN"
	                     " ('signer', 'second', 'campaign_scope',"
	                     " 'campaign_source', 'sample', 'confirmation')"
	                     " AND NOT EXISTS (SELECT 1 FROM"
	                     " pragma_index_list(t.name) i,"
	                     " pragma_index_info(i.name) c"
	                     " WHERE c.seqno = 0 AND c.name = 'act')",
	                     -1, &st, NULL),
	    SQLITE_OK);
	if (sqlite3_step(st) == SQLITE_ROW)
		ck_abort_msg("%s has none", sqlite3_column_text(st, 0));
	ck_assert_int_eq(sqlite3_finalize(st), SQLITE_OK);
	store_close(&s);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("review_store");
	TCase *c = tcase_create("store");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(
	    c, a_writer_makes_it_with_its_folders_for_its_owner_alone);
	tcase_add_test(c, a_reader_finds_none_where_none_was_made);
	tcase_add_test(c, a_reader_finds_nothing_in_an_empty_file);
	tcase_add_test(c, reeve_db_names_it_when_nothing_else_does);
	tcase_add_test(c, one_that_others_may_read_is_refused);
	tcase_add_test(c, one_whose_folder_others_may_write_is_refused);
	tcase_add_test(c, a_symbolic_link_is_refused);
	tcase_add_test(c, the_database_of_another_program_is_refused);
	tcase_add_test(c, what_is_no_database_is_refused);
	tcase_add_test(c, one_by_a_newer_program_is_refused);
	tcase_add_test(c, a_writer_opens_what_it_made_again);
	tcase_add_test(c, a_reader_can_not_write);
	tcase_add_test(c, every_named_statement_is_one_statement);
	tcase_add_test(c, a_statement_that_is_not_there_fails_once_and_for_all);
	tcase_add_test(c, a_wrong_parameter_is_reported_by_the_step);
	tcase_add_test(c, what_was_rolled_back_was_never_there);
	tcase_add_test(
	    c, a_second_writer_waits_while_a_reader_sees_the_old_state);
	tcase_add_test(c, indexes_that_a_large_pull_made_anew_are_the_schemas);
	tcase_add_test(c, rows_that_wait_for_their_act_are_found_by_an_index);
	suite_add_tcase(s, c);
	return unit_run(s);
}
