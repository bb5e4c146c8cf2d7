/* reeve verify: what was changed is found, and named. */
#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review/act_internal.h"
#include "review/confirmation.h"
#include "schema/base/digest.h"
#include "schema/base/enc.h"
#include "review_keys.h"
#include "unit.h"

#define NOW INT64_C(1795000000)

static struct err e;
static struct store *store;
static char folder[32], db[64], path[256], roster[64], head[96];
static struct buf said; /* "word: act N: text" lines */

static void
run_sql(const char *sql)
{
	char *text = NULL;

	ck_assert_msg(sqlite3_exec(store_handle(store), sql, NULL, NULL,
	                  &text) == SQLITE_OK,
	    "%s: %s", sql, text);
}

/* Formatted, for names and values of the tests' own. */
static void
run_format(const char *format, ...)
{
	va_list list;
	char *sql;

	va_start(list, format);
	sql = sqlite3_vmprintf(format, list);
	va_end(list);
	run_sql(sql);
	sqlite3_free(sql);
}

static void
open_store(void)
{
	ck_assert_ok(store_open(&store, db, STORE_WRITE, &e));
}

/* ---- One of everything ---- */

/* A value for that column, and of that type: another for each row. */
static void
put_value(struct buf *b, const struct act_kind *kind, const char *column,
    const char *type, bool only_key, int64_t act, int row)
{
	if (strcmp(column, "act") == 0)
		buf_printf(b, "%lld", (long long)act);
	else if (strcmp(column, "campaign") == 0)
		buf_printf(b, "%d", only_key ? row + 1 : 1);
	else if (strcmp(column, "bytes") == 0)
		buf_put_string(b, "NULL"); /* else it must be a worksheet */
	else if (strcmp(column, "grade") == 0)
		buf_put_string(b, "'transcribed'");
	else if (strcmp(type, "INTEGER") == 0)
		buf_printf(b, "%d", row + 1);
	else if (strcmp(type, "BLOB") == 0)
		buf_printf(b, "x'00ff%02d'", row);
	else
		buf_printf(b, "'%s %s %d'", kind->name, column, row);
}

static void
put_rows(const struct act_kind *kind, const char *table, int64_t act)
{
	char *sql = sqlite3_mprintf("SELECT name, type, pk, "
	                            "(SELECT count(*) FROM "
	                            "pragma_table_info(%Q) WHERE pk > 0), "
	                            "(SELECT group_concat(name) FROM "
	                            "pragma_table_info(%Q) WHERE pk > 0) "
	                            "FROM pragma_table_info(%Q)",
	    table, table, table);
	sqlite3_stmt *st = NULL;
	int rows = 3;

	ck_assert_int_eq(
	    sqlite3_prepare_v2(store_handle(store), sql, -1, &st, NULL),
	    SQLITE_OK);
	for (int row = 0; row < rows; row++) {
		struct buf b = buf_new(65536);

		buf_printf(&b, "INSERT INTO %s VALUES (", table);
		(void)sqlite3_reset(st);
		for (int i = 0; sqlite3_step(st) == SQLITE_ROW; i++) {
			const char *name =
			    (const char *)sqlite3_column_text(st, 0);
			bool alone = sqlite3_column_int(st, 2) != 0 &&
			    sqlite3_column_int(st, 3) == 1;

			if (strcmp((const char *)sqlite3_column_text(st, 4),
			        "act") == 0)
				rows = 1;
			if (i > 0)
				buf_put_byte(&b, ',');
			put_value(&b, kind, name,
			    (const char *)sqlite3_column_text(st, 1), alone,
			    act, row);
		}
		buf_put_byte(&b, ')');
		run_sql(buf_string(&b));
		buf_free(&b);
	}
	(void)sqlite3_finalize(st);
	sqlite3_free(sql);
}

/* An act of each kind but those of persons, with rows in all its tables. */
static void
make_all(void)
{
	struct act_how how = keys_how(folder, "wang", NOW, path);

	ck_assert_int_eq(store_check_keys(store, false, &e), 0);
	for (const struct act_kind *k = act_kinds; k->name != NULL; k++) {
		struct act *act;

		if (strncmp(k->name, "person", 6) == 0 ||
		    strcmp(k->name, "second") == 0)
			continue;
		how.roles = k->roles;
		ck_assert_ok(act_begin(&act, store, k->name, &how, &e));
		for (size_t i = 0; i < ACT_TABLES && k->tables[i] != NULL; i++)
			put_rows(k, k->tables[i], act_number(act));
		ck_assert_ok(act_commit(&act, NULL, &e));
	}
}

static int64_t
confirm(const char *who)
{
	struct act_how how = keys_how(folder, who, NOW, path);
	struct act *act;
	int64_t number;

	ck_assert_ok(act_begin(&act, store, "confirmation", &how, &e));
	number = act_number(act);
	run_format("INSERT INTO confirmation VALUES (%lld, 'host', 'db1', "
	           "x'00ff')",
	    (long long)number);
	ck_assert_ok(act_commit(&act, NULL, &e));
	return number;
}

static void
write_roster(void)
{
	char key[2][512];
	FILE *f;

	(void)snprintf(roster, sizeof(roster), "%s/roster", folder);
	keys_public(folder, "wang", key[0]);
	keys_public(folder, "chen", key[1]);
	f = fopen(roster, "w");
	ck_assert_ptr_nonnull(f);
	fprintf(f,
	    "# held by the auditor\n\"wang da\" namespaces=\"reeve-*\" "
	    "%schen %s",
	    key[0], key[1]);
	ck_assert_int_eq(fclose(f), 0);
}

static void
setup(void)
{
	struct act_state state;

	strcpy(folder, "/tmp/reeve-verify-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(db, sizeof(db), "%s/review.db", folder);
	said = buf_new(1u << 20);
	open_store();
	keys_enrol(store, folder, "wang", "E1", NOW);
	keys_enrol(store, folder, "chen", "E2", NOW);
	write_roster();
	ck_assert_int_eq(confirm("wang"), 3);
	ck_assert_int_eq(
	    act_second(store, 3, true, "seen",
	        &(struct act_how){ .now = NOW,
	            .key = (snprintf(path, sizeof(path), "%s/chen", folder),
	                path) },
	        NULL, &e),
	    0);
	ck_assert_int_eq(act_state(store, &state, &e), 0);
	(void)snprintf(head, sizeof(head), "%s", state.head);
}

static void
teardown(void)
{
	store_close(&store);
	buf_free(&said);
	(void)shell("rm -rf %s", folder);
}

/* ---- Verifying ---- */

static void
hear(void *context, const struct act_fault *f)
{
	(void)context;
	if (strncmp(f->text, "schema: is not there", 20) != 0)
		buf_printf(&said, "%s: act %lld: %s\n", f->word,
		    (long long)f->act, f->text);
}

static const char *
verify(const char *pinned_roster, const char *pinned_head)
{
	struct act_trust trust = {
		.roster = pinned_roster, .head = pinned_head, .quick = true
	};

	buf_clear(&said);
	ck_assert_msg(
	    act_verify(store, &trust, hear, NULL, &e) != -1, "%s", e.text);
	return buf_string(&said);
}

static void
says(const char *words)
{
	const char *text = verify(NULL, NULL);

	ck_assert_msg(
	    strstr(text, words) != NULL, "wanted %s, said:\n%s", words, text);
}

START_TEST(what_nobody_touched_verifies)
{
	struct act_trust trust = { .roster = roster, .head = head };

	make_all();
	ck_assert_str_eq(verify(NULL, NULL), "");
	ck_assert_msg(act_verify(store, &trust, hear, NULL, &e) == 0, "%s",
	    buf_string(&said));
}
END_TEST

/* ---- Every column ---- */

struct column {
	char table[32], name[32], type[16];
	char where[256]; /* of the last row */
};

static size_t
list_columns(struct column *out, size_t room)
{
	static const char sql[] =
	    "SELECT m.name, c.name, c.type FROM sqlite_schema m "
	    "JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND "
	    "(m.name = 'question' OR EXISTS (SELECT 1 FROM "
	    "pragma_table_info(m.name) a WHERE a.name = 'act')) "
	    "ORDER BY 1, c.cid";
	sqlite3_stmt *st = NULL;
	size_t count = 0;

	ck_assert_int_eq(
	    sqlite3_prepare_v2(store_handle(store), sql, -1, &st, NULL),
	    SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW) {
		ck_assert_uint_lt(count, room);
		strcpy(
		    out[count].table, (const char *)sqlite3_column_text(st, 0));
		strcpy(
		    out[count].name, (const char *)sqlite3_column_text(st, 1));
		strcpy(
		    out[count].type, (const char *)sqlite3_column_text(st, 2));
		count++;
	}
	(void)sqlite3_finalize(st);
	return count;
}

/* The primary key of that table's last row, as a condition. */
static void
find_row(struct column *c)
{
	char *sql = sqlite3_mprintf("SELECT name FROM pragma_table_info(%Q) "
	                            "WHERE pk > 0 ORDER BY pk",
	    c->table);
	sqlite3_stmt *st = NULL;
	struct buf b = buf_new(4096);
	bool first = true;

	ck_assert_int_eq(
	    sqlite3_prepare_v2(store_handle(store), sql, -1, &st, NULL),
	    SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(st, 0);

		buf_printf(&b, "%s\"%s\" IS (SELECT \"%s\" FROM last)",
		    first ? "" : " AND ", name, name);
		first = false;
	}
	(void)snprintf(c->where, sizeof(c->where), "%s", buf_string(&b));
	(void)sqlite3_finalize(st);
	sqlite3_free(sql);
	buf_free(&b);
}

/* A value that is not the one there, and the one there again. */
static void
change(const struct column *c)
{
	const char *other = strcmp(c->type, "INTEGER") == 0
	    ? "ifnull(%s, 0) + 1000000"
	    : strcmp(c->type, "BLOB") == 0 ? "%s || x'01'"
	                                   : "ifnull(%s, '') || ' '";
	char quoted[64], value[128];

	(void)snprintf(quoted, sizeof(quoted), "\"%s\"", c->name);
	(void)snprintf(value, sizeof(value), other, quoted);
	if (strcmp(c->type, "BLOB") == 0)
		(void)snprintf(value, sizeof(value),
		    "CAST(ifnull(%s, x'') || x'01' AS BLOB)", quoted);
	run_format("CREATE TEMP TABLE before AS SELECT * FROM main.\"%w\"; "
	           "CREATE TEMP TABLE last AS SELECT * FROM before ORDER BY "
	           "1 DESC, 2 DESC, 3 DESC LIMIT 1",
	    c->table);
	run_format("UPDATE main.\"%w\" SET \"%w\" = %s WHERE %s", c->table,
	    c->name, value, c->where);
	ck_assert_int_eq(sqlite3_changes(store_handle(store)), 1);
}

static void
change_back(const struct column *c)
{
	run_format("DELETE FROM main.\"%w\"; INSERT INTO main.\"%w\" SELECT * "
	           "FROM before; DROP TABLE before; DROP TABLE last",
	    c->table, c->table);
}

START_TEST(every_column_of_every_table_is_covered)
{
	static struct column columns[400];
	size_t count;

	make_all();
	keys_enrol_later(
	    store, folder, "lin", "E3", "officer", NOW, "wang", "chen");
	/* Somebody whose time ended, and a row of each of the persons' acts. */
	ck_assert_ok(roster_end(store, "chen", "left",
	    &(struct act_how){ .now = NOW,
	        .key =
	            (snprintf(path, sizeof(path), "%s/wang", folder), path) },
	    NULL, &e));
	acts_unlock(store);
	ck_assert_str_eq(verify(roster, head), "");
	count = list_columns(columns, sizeof(columns) / sizeof(columns[0]));
	ck_assert_uint_gt(count, 180);
	for (size_t i = 0; i < count; i++) {
		const char *text;
		char words[sizeof(columns->table) + 8];

		find_row(&columns[i]);
		change(&columns[i]);
		text = verify(NULL, NULL);
		ck_assert_msg(text[0] != '\0', "%s.%s: not found",
		    columns[i].table, columns[i].name);
		(void)snprintf(
		    words, sizeof(words), "table %.31s", columns[i].table);
		ck_assert_msg(strcmp(columns[i].table, "act") == 0 ||
		        strstr(text, words) != NULL,
		    "%s.%s: not named:\n%s", columns[i].table, columns[i].name,
		    text);
		change_back(&columns[i]);
	}
	ck_assert_str_eq(verify(roster, head), "");
}
END_TEST

static int64_t
ask(const char *sql)
{
	sqlite3_stmt *st = NULL;
	int64_t n;

	ck_assert_int_eq(
	    sqlite3_prepare_v2(store_handle(store), sql, -1, &st, NULL),
	    SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(st), SQLITE_ROW);
	n = sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	return n;
}

static const struct act_kind *
kind_of(int64_t act)
{
	sqlite3_stmt *st = NULL;
	const struct act_kind *kind;

	ck_assert_int_eq(
	    sqlite3_prepare_v2(store_handle(store),
	        "SELECT kind FROM act WHERE id = ?1", -1, &st, NULL),
	    SQLITE_OK);
	(void)sqlite3_bind_int64(st, 1, act);
	ck_assert_int_eq(sqlite3_step(st), SQLITE_ROW);
	kind = act_kind_find((const char *)sqlite3_column_text(st, 0));
	(void)sqlite3_finalize(st);
	ck_assert_ptr_nonnull(kind);
	return kind;
}

static int
hear_row(void *context, int64_t row, const char *row_text, size_t length,
    struct err *error)
{
	(void)row, (void)length, (void)error;
	buf_put_string(context, row_text);
	buf_put_byte(context, '\n');
	return 0;
}

/* "SELECT json_array(...)" of all its columns, by its primary key. */
static void
put_query(struct buf *b, const char *table, int64_t act)
{
	static const char *const clauses[] = {
		"SELECT name, type FROM pragma_table_info(%Q) ORDER BY cid",
		"SELECT name, '' FROM pragma_table_info(%Q) WHERE pk > 0 "
		"ORDER BY pk",
	};

	buf_put_string(b, "SELECT json_array(");
	for (int i = 0; i < 2; i++) {
		char *sql = sqlite3_mprintf(clauses[i], table);
		sqlite3_stmt *st = NULL;
		const char *comma = "";

		ck_assert_int_eq(
		    sqlite3_prepare_v2(store_handle(store), sql, -1, &st, NULL),
		    SQLITE_OK);
		while (sqlite3_step(st) == SQLITE_ROW) {
			bool blob =
			    strcmp((const char *)sqlite3_column_text(st, 1),
			        "BLOB") == 0;

			const char *name =
			    (const char *)sqlite3_column_text(st, 0);

			buf_printf(b, "%s", comma);
			buf_printf(b,
			    blob ? "CASE WHEN \"%s\" IS NOT NULL THEN "
			           "hex(\"%s\") END"
			         : "\"%s\"",
			    name, name);
			comma = ", ";
		}
		(void)sqlite3_finalize(st);
		sqlite3_free(sql);
		if (i == 0 && strcmp(table, "question") == 0)
			buf_printf(b, ") FROM %s ORDER BY ", table);
		else if (i == 0)
			buf_printf(b, ") FROM %s WHERE act = %lld ORDER BY ",
			    table, (long long)act);
	}
}

static void
check_order(const char *table, int64_t act)
{
	struct buf query = buf_new(8192), ours = buf_new(65536),
	           theirs = buf_new(65536);
	sqlite3_stmt *st = NULL;
	struct act_digest d;

	ck_assert_int_eq(
	    act_digest_rows(store, table, act, &d, hear_row, &ours, &e), 0);
	ck_assert_int_gt(d.rows, 0);
	put_query(&query, table, act);
	ck_assert_int_eq(sqlite3_prepare_v2(store_handle(store),
	                     buf_string(&query), -1, &st, NULL),
	    SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW)
		buf_printf(&theirs, "%s\n", sqlite3_column_text(st, 0));
	(void)sqlite3_finalize(st);
	ck_assert_str_eq(buf_string(&ours), buf_string(&theirs));
	buf_free(&query);
	buf_free(&ours);
	buf_free(&theirs);
}

/* As reeve-acts(5) has it. */
START_TEST(a_rows_text_is_all_columns_in_the_tables_order)
{
	int64_t last;

	make_all();
	last = ask("SELECT max(id) FROM act");
	for (int64_t act = 1; act <= last; act++)
		for (size_t i = 0; i < ACT_TABLES; i++) {
			const char *table = kind_of(act)->tables[i];

			if (table != NULL)
				check_order(table, act);
		}
}
END_TEST

/* ---- Particular changes ---- */

static const struct {
	const char *sql, *said;
} changes[] = {
	{ "DELETE FROM act WHERE id = 2",
	    "incomplete: act 3: acts 2 to 2 are not there" },
	{ "UPDATE act SET id = 99 WHERE id = 3; UPDATE act SET id = 3 WHERE "
	  "id = 4; UPDATE act SET id = 4 WHERE id = 99",
	    "altered: act 3: its link to the act before" },
	{ "UPDATE act SET signature = '' WHERE id = 3",
	    "unsigned: act 3: it has no signature" },
	{ "UPDATE act SET signer = NULL, signature = '' WHERE id = 3",
	    "unsigned: act 3: no person signed it" },
	{ "UPDATE act SET signature = (SELECT signature FROM act WHERE id = 1) "
	  "WHERE id = 3",
	    "altered: act 3: signature: does not verify" },
	{ "UPDATE act SET text = replace(text, ':false', ': false') "
	  "WHERE id = 3",
	    "altered: act 3: whether it is a rehearsal" },
	{ "UPDATE act SET text = text || ' ' WHERE id = 3",
	    "altered: act 3: its text is not of the form" },
	{ "UPDATE act SET kind = 'gift' WHERE id = 3",
	    "altered: act 3: it is of no known kind" },
	{ "UPDATE second SET verdict = 'refused'",
	    "altered: act 4: table second, row 1 is not as it was signed, or "
	    "one before it is gone: [4,3,\"refused\"" },
	{ "DELETE FROM confirmation",
	    "altered: act 3: table confirmation: rows after row 0 are gone" },
	{ "INSERT INTO confirmation VALUES (77, 'pull', '1', x'00')",
	    "altered: act 77: table confirmation: rows that no such act has" },
	/* Under an act that is there, but of another kind. */
	{ "INSERT INTO decision VALUES (3, 1, 1, 1, 0, 'keep', 'x', NULL, "
	  "NULL, "
	  "NULL, NULL, 'E1', 'signed', NULL, NULL, 1)",
	    "altered: act 3: table decision: rows that no such act has" },
	{ "INSERT INTO question VALUES (5, 1, 'single', '', '', 1, 1, 0, 0, 0)",
	    "table question: rows of campaign 5, which no act has frozen" },
	{ "INSERT INTO setting VALUES ('rehearsal', 'yes')",
	    "altered: act 1: whether it is a rehearsal" },
	{ "UPDATE act_aid SET sums = x'00000000' WHERE act = 3",
	    "altered: act 3: table act_aid: not of the rows of confirmation" },
	/* setup's confirmation is of db1's key, but of no such key. */
	{ "INSERT INTO host_pin VALUES ('db1', 'db1+1+AAAA', 1, 1, x'00', "
	  "'ann, "
	  "bob')",
	    "unsigned: act 0: the key of db1 is not one that two persons" },
	{ "INSERT INTO pull (id, source, started, mode, state, complete, "
	  "scope, "
	  "program, let_through) VALUES (9, 1, 1, 'full', 'applied', 1, '', "
	  "'', "
	  "8)",
	    "unsigned: act 0: pull 9 let a loss through" },
	{ "INSERT INTO act_aid VALUES (3, 'item', 0, x'00')",
	    "table act_aid: rows that no act has" },
};

START_TEST(each_change_is_named)
{
	ck_assert_int_eq(store_check_keys(store, false, &e), 0);
	acts_unlock(store);
	run_sql(changes[_i].sql);
	says(changes[_i].said);
}
END_TEST

START_TEST(each_byte_of_a_text_and_a_signature_counts)
{
	int64_t length;

	acts_unlock(store);
	for (int64_t at = 1; at <= 600; at += 9) {
		run_format("UPDATE act SET text = substr(text, 1, %lld) || "
		           "char(unicode(substr(text, %lld, 1)) + 1) || "
		           "substr(text, %lld) WHERE id = 3 AND length(text) "
		           ">= %lld",
		    (long long)at - 1, (long long)at, (long long)at + 1,
		    (long long)at);
		length = sqlite3_changes(store_handle(store));
		if (length == 0)
			break;
		says("act 3");
		run_format("UPDATE act SET text = substr(text, 1, %lld) || "
		           "char(unicode(substr(text, %lld, 1)) - 1) || "
		           "substr(text, %lld) WHERE id = 3",
		    (long long)at - 1, (long long)at, (long long)at + 1);
	}
	ck_assert_str_eq(verify(roster, head), "");
}
END_TEST

START_TEST(what_is_signed_is_not_changed_by_mistake)
{
	static const char *const sql[] = {
		"UPDATE act SET at = at + 1",
		"DELETE FROM act",
		"UPDATE confirmation SET subject = '1'",
		"DELETE FROM signer",
		"REPLACE INTO confirmation VALUES (3, 'pull', '1', x'00')",
		"DELETE FROM act_aid",
	};

	for (size_t i = 0; i < sizeof(sql) / sizeof(sql[0]); i++)
		ck_assert_int_eq(
		    sqlite3_exec(store_handle(store), sql[i], NULL, NULL, NULL),
		    SQLITE_CONSTRAINT_TRIGGER);
	ck_assert_str_eq(verify(roster, head), "");
}
END_TEST

START_TEST(a_chain_made_anew_with_other_keys_is_not_in_the_roster)
{
	store_close(&store);
	ck_assert_int_eq(shell("mkdir %s/old && mv %s/review.db* %s/wang* "
	                       "%s/chen* %s/old",
	                     folder, folder, folder, folder, folder),
	    0);
	open_store();
	keys_enrol(store, folder, "wang", "E1", NOW);
	keys_enrol(store, folder, "chen", "E2", NOW);
	ck_assert_int_eq(confirm("wang"), 3);
	ck_assert_str_eq(verify(NULL, NULL), "");
	ck_assert_ptr_nonnull(strstr(verify(roster, NULL), "untrusted: act 1"));
	ck_assert_ptr_nonnull(strstr(verify(NULL, head),
	    "incomplete: act 0: it ends at act 3; act 4 is held elsewhere"));
	ck_assert_int_eq(confirm("chen"), 4);
	ck_assert_ptr_nonnull(strstr(verify(NULL, head),
	    "altered: act 4: it is not the head that is held elsewhere"));
}
END_TEST

START_TEST(a_cut_tail_is_found_back_to_the_head)
{
	acts_unlock(store);
	run_sql("DELETE FROM second; DELETE FROM act_aid WHERE act = 4; "
	        "DELETE FROM act WHERE id = 4");
	ck_assert_str_eq(verify(roster, NULL), "");
	ck_assert_ptr_nonnull(strstr(
	    verify(roster, head), "incomplete: act 0: it ends at act 3"));
}
END_TEST

/* By whoever has a key and does not use act_second. */
static void
force_second(const char *who, int64_t of)
{
	struct act_how how = keys_how(folder, who, NOW, path);
	struct act *act;

	how.roles = "officer,reviewer,auditor";
	ck_assert_int_eq(act_begin(&act, store, "second", &how, &e), 0);
	run_format("INSERT INTO second VALUES (%lld, %lld, 'approved', '')",
	    (long long)act_number(act), (long long)of);
	ck_assert_ok(act_commit(&act, NULL, &e));
}

START_TEST(two_persons_are_two_persons)
{
	char key[512];
	struct newcomer n = { .name = "hsu", .role = "officer", .key = key };
	struct act_how how;
	bool waits;
	int64_t number = confirm("wang");

	force_second("wang", number);
	says("untrusted: act 6: wang signed act 5 as well");
	force_second("chen", number);
	says("untrusted: act 7: act 5 had its second person already");
	force_second("chen", 4);
	says("untrusted: act 8: it approves or refuses nothing that waits");
	keys_enrol_later(
	    store, folder, "lin", "E3", "reviewer", NOW, "wang", "chen");
	number = confirm("wang");
	force_second("lin", number);
	says("untrusted: act 12: lin, enrolled as reviewer, may not");
	/* An auditor, of enrolments alone. */
	keys_enrol_later(
	    store, folder, "kao", "E4", "auditor", NOW, "wang", "chen");
	number = confirm("wang");
	force_second("kao", number);
	says("untrusted: act 16: kao, enrolled as auditor, may not");
	keys_make(folder, "hsu");
	keys_public(folder, "hsu", key);
	how = keys_how(folder, "wang", NOW, path);
	ck_assert_int_eq(roster_add(store, &n, &how, &waits, NULL, &e), 0);
	force_second("kao", 17);
	ck_assert_ptr_null(strstr(verify(NULL, NULL), "act 18"));
}
END_TEST

/* wang excepts account 10. The act's number. */
static int64_t
except(void)
{
	struct act_how how = keys_how(folder, "wang", NOW, path);
	struct statement *st;
	struct act *act;
	int64_t number;

	how.roles = "officer,reviewer";
	ck_assert_int_eq(act_begin(&act, store, "exception", &how, &e), 0);
	number = act_number(act);
	st = store_use(store, "exempted_add", &e);
	bind_int(st, ":act", number);
	bind_int(st, ":account", 10);
	for (const char *const *name = (const char *const[]){ ":right", ":rule",
	         ":renews", ":renews_n", ":campaign", ":item", NULL };
	     *name != NULL; name++)
		bind_null(st, *name);
	for (const char *const *name = (const char *const[]){ ":reason",
	         ":compensation", ":owner", NULL };
	     *name != NULL; name++)
		bind_text(st, *name, "x");
	bind_int(st, ":ends", NOW + 1);
	ck_assert_ok(store_run(st, &e));
	ck_assert_ok(act_commit(&act, NULL, &e));
	return number;
}

START_TEST(whom_an_act_is_about_stays_as_it_was_when_it_was_signed)
{
	struct act_how how;
	int64_t number;

	run_sql("INSERT INTO source (id, name, url, realm, core)"
	        " VALUES (1, 'corp', 'ldap://x', 'corp', 1);"
	        "INSERT INTO object VALUES (10, 1, 0, 'name:x');"
	        "INSERT INTO person VALUES (1, 'E1'), (2, 'E2'), (3, 'E3'),"
	        " (10, 'E10');"
	        "INSERT INTO person_account VALUES"
	        " (10, 3, 'ambiguous', '', 1), (10, 10, 'ambiguous', '', 1)");
	number = except();
	how = keys_how(folder, "chen", NOW, path);
	ck_assert_ok(act_second(store, number, true, "", &how, NULL, &e));
	ck_assert_str_eq(verify(NULL, NULL), "");
	/* Of account 10 all whose it might be are written down. */
	run_sql("SELECT CASE holder WHEN 'E10,E3' THEN 1"
	        " ELSE abs(-9223372036854775808) END FROM exempted");
	run_sql("UPDATE person_account SET person = 2 WHERE person = 3");
	ck_assert_str_eq(verify(NULL, NULL), "");
	/* From now on it is chen's, who approves no more of it. */
	number = except();
	how = keys_how(folder, "chen", NOW, path);
	ck_assert_int_eq(
	    act_second(store, number, true, "", &how, NULL, &e), -1);
	force_second("chen", number);
	says("is about chen, its second person");
	run_sql("DELETE FROM person_account");
	says("is about chen, its second person");
	/* Matched between the first word and the second. */
	number = except();
	run_sql("INSERT INTO person_account VALUES (10, 2, 'mail', '', 1)");
	how = keys_how(folder, "chen", NOW, path);
	ck_assert_int_eq(
	    act_second(store, number, true, "", &how, NULL, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "is about chen"));
}
END_TEST

/* A worksheet that chen (E2) signed, in an act of wang's. */
#define SHEET(reason)                                                          \
	"{\"worksheet\":\"reeve-worksheet 1\",\"campaign\":\"Q4\","            \
	"\"reviewer\":\"E2\",\"digest\":\""                                    \
	"0000000000000000000000000000000000000000000000000000000000000000"     \
	"\",\"language\":\"en\","                                              \
	"\"decisions\":[\n{\"question\":1,\"seen\":\"00\",\"item\":0,"         \
	"\"decision\":\"keep\",\"reason\":\"" reason                           \
	"\",\"bulk\":1}\n],\n\"hmac\":\"\"}\n"
static const struct {
	const char *bytes;    /* in the row; SHEET("x") was signed */
	const char *reviewer; /* in the rows */
	const char *decided;  /* whose decision it says to be */
	const char *said;     /* "" it verifies */
} sheets[] = {
	{ SHEET("x"), "E2", "E2", "" },
	{ SHEET("y"), "E2", "E2",
	    "altered: act 6: worksheet 1: signature: does not verify" },
	{ SHEET("x"), "E1", "E1",
	    "untrusted: act 6: worksheet 1: its signer is not its reviewer" },
	{ SHEET("x"), "E2", "E3",
	    "unsigned: act 6: decision 1: E3, whose it is, signed neither" },
	/* Of who signs the act, no worksheet is wanted. */
	{ SHEET("x"), "E2", "E1", "" },
};

static char signature[SSHSIG_TEXT_MAX]; /* chen's, of SHEET("x") */

/* wang imports it, in that act. */
static void
import_sheet(int number, size_t i)
{
	struct act_how how = keys_how(folder, "wang", NOW, path);
	unsigned char digest[DIGEST_SHA256_LENGTH];
	struct buf hex = buf_new(2 * sizeof(digest) + 1);
	struct act *act;

	ck_assert_ok(digest_sha256(
	    sheets[i].bytes, strlen(sheets[i].bytes), digest, &e));
	enc_hex(&hex, digest, sizeof(digest));
	ck_assert_int_eq(act_begin(&act, store, "decisions", &how, &e), 0);
	run_format("INSERT INTO returned VALUES (%d, 1, 1, %Q, 5, 'f', 'json', "
	           "x'%s', 'signed', 2, %Q, CAST(%Q AS BLOB), 1, 0)",
	    number, sheets[i].reviewer, buf_string(&hex), signature,
	    sheets[i].bytes);
	run_format("INSERT INTO decision VALUES (%d, 1, 1, 1, 0, 'keep', 'x', "
	           "NULL, NULL, NULL, NULL, %Q, 'signed', NULL, NULL, 1)",
	    number, sheets[i].decided);
	ck_assert_ok(act_commit(&act, NULL, &e));
	buf_free(&hex);
}

static void
hand_out_and_sign(void)
{
	struct act_how how = keys_how(folder, "wang", NOW, path);
	char file[128];
	struct act *act;
	FILE *f;

	(void)snprintf(file, sizeof(file), "%s/s", folder);
	f = fopen(file, "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(SHEET("x"), f), 0);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(shell("cd %s && ssh-keygen -q -Y sign -n "
	                       "reeve-worksheet -f chen s",
	                     folder),
	    0);
	(void)snprintf(file, sizeof(file), "%s/s.sig", folder);
	f = fopen(file, "r");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_gt(fread(signature, 1, sizeof(signature) - 1, f), 0);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(store_check_keys(store, false, &e), 0);
	ck_assert_int_eq(act_begin(&act, store, "worksheets", &how, &e), 0);
	run_sql("INSERT INTO worksheet VALUES (5, 1, 'E2', zeroblob(32), "
	        "NULL)");
	ck_assert_ok(act_commit(&act, NULL, &e));
}

START_TEST(a_signed_worksheet_comes_back_once)
{
	hand_out_and_sign();
	import_sheet(6, 0);
	import_sheet(7, 0);
	says("altered: act 7: a worksheet came back that act 6 has already");
}
END_TEST

START_TEST(a_signed_worksheet_is_its_reviewers)
{
	hand_out_and_sign();
	import_sheet(6, (size_t)_i);
	if (sheets[_i].said[0] != '\0')
		says(sheets[_i].said);
	else
		ck_assert_str_eq(verify(roster, head), "");
}
END_TEST

START_TEST(whoever_was_not_enrolled_then_is_not_trusted)
{
	char key[512];
	struct newcomer n = { .name = "lin", .role = "officer", .key = key };
	struct act_how how = keys_how(folder, "wang", NOW, path);
	bool waits;

	keys_make(folder, "lin");
	keys_public(folder, "lin", key);
	ck_assert_int_eq(roster_add(store, &n, &how, &waits, NULL, &e), 0);
	how = keys_how(folder, "chen", NOW, path);
	ck_assert_int_eq(act_second(store, 5, true, "", &how, NULL, &e), 0);
	ck_assert_int_eq(confirm("lin"), 7);
	acts_unlock(store);
	/* As if nobody had approved. */
	run_sql("DELETE FROM second WHERE act = 6");
	says("untrusted: act 7: SHA256:");
}
END_TEST

static void
hear_all(void *context, const struct act_fault *f)
{
	(void)context;
	buf_printf(&said, "%s\n", f->text);
}

START_TEST(a_confirmation_that_nobody_signed_is_none)
{
	const unsigned char digest[DIGEST_SHA256_LENGTH] = { 7 };
	struct act_how how = keys_how(folder, "wang", NOW, path);
	struct confirmed c;

	run_sql("INSERT INTO act VALUES (5, 5, 'confirmation', 1, '{}', 'x', "
	        "x'00'), (6, 6, 'second', 2, '{}', 'x', x'00');"
	        "INSERT INTO confirmation VALUES (5, 'host', 'db2', "
	        "CAST(x'07' || zeroblob(31) AS BLOB));"
	        "INSERT INTO second VALUES (6, 5, 'approved', '')");
	ck_assert_int_eq(
	    confirmation_say(store, "host", "db2", digest, &how, &c, &e), -1);
	ck_assert_int_eq(e.code, ERR_TAMPERED);
}
END_TEST

START_TEST(another_schema_is_found)
{
	struct act_trust trust = { .quick = true };

	run_sql("DROP VIEW item_decision; CREATE VIEW item_decision AS SELECT "
	        "1; DROP TRIGGER act_kept; CREATE TRIGGER gift AFTER INSERT "
	        "ON act BEGIN SELECT 1; END");
	ck_assert_int_eq(act_verify(store, &trust, hear_all, NULL, &e), 3);
	ck_assert_ptr_nonnull(strstr(buf_string(&said),
	    "schema: not as the program has it: view item_decision"));
	ck_assert_ptr_nonnull(strstr(
	    buf_string(&said), "schema: is not there: trigger act_kept"));
	ck_assert_ptr_nonnull(
	    strstr(buf_string(&said), "schema: was added: trigger gift"));
}
END_TEST

START_TEST(a_roster_that_cannot_be_read_is_an_error)
{
	static const struct {
		const char *line, *error;
	} lines[] = {
		{ "# nothing\n", "nobody is in it" },
		{ "SHA256:short x\n", "roster:1: not a whole fingerprint" },
		{ "\n\nwang AAAA\n", "roster:3: no public key in the line" },
	};
	struct act_trust trust = { .roster = roster };

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		FILE *f = fopen(roster, "w");

		ck_assert_ptr_nonnull(f);
		fputs(lines[i].line, f);
		ck_assert_int_eq(fclose(f), 0);
		ck_assert_int_eq(act_verify(store, &trust, hear, NULL, &e), -1);
		ck_assert_msg(
		    strstr(e.text, lines[i].error) != NULL, "%s", e.text);
	}
	trust = (struct act_trust){ .head = "17 12" };
	ck_assert_int_eq(act_verify(store, &trust, hear, NULL, &e), -1);
	ck_assert_int_eq(e.code, ERR_USAGE);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("review_verify");
	TCase *t = tcase_create("verify");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, what_nobody_touched_verifies);
	tcase_add_test(t, every_column_of_every_table_is_covered);
	tcase_add_test(t, a_rows_text_is_all_columns_in_the_tables_order);
	tcase_add_loop_test(
	    t, each_change_is_named, 0, sizeof(changes) / sizeof(changes[0]));
	tcase_add_test(t, each_byte_of_a_text_and_a_signature_counts);
	tcase_add_test(t, what_is_signed_is_not_changed_by_mistake);
	tcase_add_test(
	    t, a_chain_made_anew_with_other_keys_is_not_in_the_roster);
	tcase_add_test(t, a_cut_tail_is_found_back_to_the_head);
	tcase_add_test(t, two_persons_are_two_persons);
	tcase_add_test(
	    t, whom_an_act_is_about_stays_as_it_was_when_it_was_signed);
	tcase_add_test(t, a_signed_worksheet_comes_back_once);
	tcase_add_loop_test(t, a_signed_worksheet_is_its_reviewers, 0,
	    sizeof(sheets) / sizeof(sheets[0]));
	tcase_add_test(t, whoever_was_not_enrolled_then_is_not_trusted);
	tcase_add_test(t, a_confirmation_that_nobody_signed_is_none);
	tcase_add_test(t, another_schema_is_found);
	tcase_add_test(t, a_roster_that_cannot_be_read_is_an_error);
	tcase_set_timeout(t, 120);
	suite_add_tcase(s, t);
	return unit_run(s);
}
