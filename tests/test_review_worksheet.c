/*
 * Worksheets: handed out in three forms and taken back, by whom, how well that
 * is known, and what is refused. The campaign is laid out in SQL; persons and
 * acts are real.
 */
#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "review/act.h"
#include "review/decision.h"
#include "review/embedded.h"
#include "review/json.h"
#include "review/spreadsheet.h"
#include "review/worksheet.h"
#include "review_keys.h"
#include "schema/base/digest.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"
#include "schema/base/secret.h"
#include "unit.h"

#define NOW INT64_C(1796083200) /* 2026-12-01T00:00:00Z */

static struct err e;
static struct store *db;
static struct campaign campaign;
static struct worksheet *sheet;
static char folder[32], path[128];
static char code[WORKSHEET_CODE + 1];
static struct buf text, reports;
static struct worksheet_taken taken;

/*
 * E1 reviews. Question 1 is privileged, 2 of low risk, 3 of three that are
 * alike, 4 an account as such, 5 of E1's own. Names are of people who try things.
 */
static const char facts[] =
    "INSERT INTO source (id, name, url, realm, core)"
    " VALUES (1, 'corp', 'ldap://x', 'corp', 1);"
    "INSERT INTO pull (id, source, started, mode, state, complete, scope,"
    " program) VALUES (1, 1, 1796000000, 'full', 'applied', 1, '', 't');"
    "INSERT INTO hr_import VALUES (1, 1, 1, 'hr.csv', x'00', 6, 0);"
    "INSERT INTO person (id, employee) VALUES (1, 'E1'), (2, 'E2'), (3, 'E3');"
    "INSERT INTO person_fact (person, since, until, name, mail, kind, status)"
    " SELECT id, 1, 9223372036854775807, 'name ' || employee, 'a@x', 'staff',"
    " 'active' FROM person;"
    "INSERT INTO object VALUES (10, 1, 0, 'name:ben'), (20, 1, 1, 'name:r');"
    "INSERT INTO check_run VALUES (1, 1, 1, 0, 1, 'house', 't', NULL);"
    "INSERT INTO campaign VALUES (1, 1, '2026Q4', 'periodic', 1798675200,"
    " 'E3', NULL, NULL);"
    "INSERT INTO campaign_freeze VALUES (2, 1, 1, 1, 'house', 2, 0, 6, 4);"
    "INSERT INTO question VALUES (1, 1, 'single', '', '', 1, 9, 1, 1, 0),"
    " (1, 2, 'single', '', '', 1, 1, 0, 0, 1),"
    " (1, 3, 'template', 'the VPN', '=all of \"VPN\", 經紀部', 3, 1, 0, 0, 1),"
    " (1, 4, 'single', '', '', 1, 1, 0, 0, 0), (1, 5, 'single', '', '', 1, 1, "
    "0, 0, 1);"
    "INSERT INTO item SELECT 2, 1, n, q, 'corp' || char(9) || 'k' || n, 10,"
    " CASE q WHEN 4 THEN NULL ELSE 20 END, CASE q WHEN 5 THEN 'E1' ELSE 'E2' "
    "END, CASE q WHEN 1 THEN 1 ELSE 0"
    " END, CASE q WHEN 1 THEN 'high' ELSE '' END, 'new', q IN (2, 3), 1, f"
    " FROM (SELECT 1 AS n, 1 AS q, json_object('source', 'corp', 'account',"
    " '</script><script>x()</script>', 'person', '=cmd|'' /C calc''!A0',"
    " 'employee', 'E2', 'right', 'a & b', 'right_zh', '寫入', 'path',"
    " json('[\"ops\",\"a & b\"]'), 'ways', 2, 'description', 'line'"
    " || char(10) || 'two' || char(8232) || char(8238) || '_x0041_',"
    " 'findings', json('[{\"rule\":\"AR-1\",\"severity\":\"high\",\"title\":"
    "\"Old\",\"title_zh\":\"舊\",\"text\":\"t\"}]')) AS f"
    " UNION ALL SELECT 2, 2, json_object('source', 'corp', 'account', '007',"
    " 'right', '1E5', 'used', '2026-11-20T00:00:00Z', 'used_certain',"
    " json('true'), 'peers', 20, 'peers_holding', 11)"
    " UNION ALL SELECT 3, 3, json_object('source', 'c', 'account', 'x')"
    " UNION ALL SELECT 4, 3, json_object('source', 'c', 'account', 'y')"
    " UNION ALL SELECT 5, 3, json_object('source', 'c', 'account', 'z')"
    " UNION ALL SELECT 6, 4, json_object('source', 'c', 'account', 'w')"
    " UNION ALL SELECT 7, 5, json_object('source', 'c', 'account', 'ann'));"
    "INSERT INTO assignment SELECT 2, 1, n, 'E1', 'manager' FROM question;";

static void
sql(const char *statement)
{
	char *message = NULL;

	ck_assert_msg(sqlite3_exec(store_handle(db), statement, NULL, NULL,
	                  &message) == SQLITE_OK,
	    "%s", message);
}

/* One row as a text, its columns with '|'. */
static const char *
ask(const char *query)
{
	static char out[512];
	sqlite3_stmt *s;

	out[0] = '\0';
	ck_assert_msg(sqlite3_prepare_v2(
	                  store_handle(db), query, -1, &s, NULL) == SQLITE_OK,
	    "%s", sqlite3_errmsg(store_handle(db)));
	if (sqlite3_step(s) == SQLITE_ROW)
		for (int i = 0; i < sqlite3_column_count(s); i++) {
			const unsigned char *t = sqlite3_column_text(s, i);

			(void)snprintf(out + strlen(out),
			    sizeof(out) - strlen(out), "%s%s",
			    i == 0 ? "" : "|",
			    t == NULL ? "-" : (const char *)t);
		}
	sqlite3_finalize(s);
	return out;
}

static const char *
in_folder(const char *name)
{
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void
write_file(const char *name, const void *bytes, size_t length)
{
	FILE *f = fopen(in_folder(name), "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(bytes, 1, length, f), length);
	ck_assert_int_eq(fclose(f), 0);
}

/* Into text. */
static void
read_file(const char *name)
{
	FILE *f = fopen(in_folder(name), "r");
	char part[4096];
	size_t got;

	ck_assert_ptr_nonnull(f);
	buf_clear(&text);
	while ((got = fread(part, 1, sizeof(part), f)) > 0)
		buf_put(&text, part, got);
	ck_assert_int_eq(fclose(f), 0);
}

/* ---- Handing out ---- */

static void
hand_out(void)
{
	char key_path[256];
	struct act_how how = keys_how(folder, "lin", NOW, key_path);
	struct entropy entropy = entropy_system();
	unsigned char key[WORKSHEET_KEY], check[2];
	struct act *act = NULL;
	struct statement *s;

	ck_assert_ok(campaign_find(db, "2026Q4", &campaign, &e));
	ck_assert_ok(act_begin(&act, db, "worksheets", &how, &e));
	ck_assert_ok(
	    worksheet_open(&sheet, db, &campaign, "E1", act_number(act), &e));
	ck_assert_ok(worksheet_code_make(&entropy, code, &e));
	ck_assert_ok(worksheet_code_key(code, sheet->digest, key, check, &e));
	s = store_use(db, "worksheet_add", &e);
	bind_int(s, ":act", act_number(act));
	bind_int(s, ":campaign", campaign.id);
	bind_text(s, ":reviewer", "E1");
	bind_blob(s, ":digest", sheet->digest, 32);
	bind_blob(s, ":code", key, sizeof(key));
	ck_assert_ok(store_run(s, &e));
	ck_assert_ok(act_commit(&act, NULL, &e));
}

static void
setup(void)
{
	e = (struct err){ 0 };
	(void)strcpy(folder, "/tmp/reeve-sheets-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	text = buf_new(16u << 20);
	reports = buf_new(1u << 20);
	ck_assert_ok(store_open(&db, in_folder("db"), STORE_WRITE, &e));
	keys_enrol(db, folder, "lin", "E8", NOW);
	keys_enrol(db, folder, "ann", "E1", NOW);
	sql(facts);
	hand_out();
}

static void
teardown(void)
{
	worksheet_free(&sheet);
	store_close(&db);
	buf_free(&text);
	buf_free(&reports);
	(void)shell("rm -rf %s", folder);
}

/* ---- Taking back ---- */

static int
report(void *context, const char *file, const char *place, const char *why,
    struct err *error)
{
	(void)context;
	(void)error;
	buf_printf(&reports, "%s %s: %s\n", strrchr(file, '/') + 1,
	    place == NULL ? "whole" : place, why);
	return 0;
}

/* By lin, in one act; committed if anything was taken. */
static void
take_as(const char *who, const char *name)
{
	char key_path[256];
	struct act_how how = keys_how(folder, who, NOW, key_path);
	struct worksheet_import import = {
		.store = db, .zone = 8 * 3600, .report = report
	};

	buf_clear(&reports);
	ck_assert_ok(act_begin(&import.act, db, "decisions", &how, &e));
	ck_assert_ok(worksheet_take(&import, in_folder(name), &taken, &e));
	if (taken.taken > 0)
		ck_assert_ok(act_commit(&import.act, NULL, &e));
	act_cancel(&import.act);
}

static void
take(const char *name)
{
	take_as("lin", name);
}

static void
reported(const char *what)
{
	ck_assert_msg(strstr(buf_string(&reports), what) != NULL, "%s in: %s",
	    what, buf_string(&reports));
}

static const char *
seen_of(int64_t question)
{
	return sheet->questions[question - 1].seen;
}

static void
put_answer(
    int64_t question, int64_t item, const char *decision, const char *rest)
{
	buf_printf(&text,
	    "%s{\"question\":%lld,\"seen\":\"%s\",\"item\":%lld,\"decision\":"
	    "\"%s\"%s}",
	    text.data[text.length - 1] == '[' ? "\n" : ",\n",
	    (long long)question, seen_of(question), (long long)item, decision,
	    rest);
}

static void
begin_answers(void)
{
	buf_clear(&text);
	buf_printf(&text,
	    "{\"worksheet\":\"" WORKSHEET_FORM "\",\"campaign\":\"2026Q4\","
	    "\"reviewer\":\"E1\",\"digest\":\"%s\",\"language\":\"zh-TW\",\n"
	    "\"decisions\":[",
	    sheet->digest_hex);
}

/* As the page does; without a code if key is NULL. */
static void
end_answers(const char *name, const char *with)
{
	unsigned char key[WORKSHEET_KEY], check[2], mac[32];

	buf_put_string(&text, "\n],\n");
	if (with != NULL) {
		struct buf hex = buf_new(100);

		ck_assert_ok(
		    worksheet_code_key(with, sheet->digest, key, check, &e));
		ck_assert_ok(digest_hmac(DIGEST_SHA256, key, sizeof(key),
		    text.data, text.length, mac, &e));
		enc_hex(&hex, mac, sizeof(mac));
		buf_printf(&text, "\"hmac\":\"%s\"}\n", buf_string(&hex));
		buf_free(&hex);
	} else
		buf_put_string(&text, "\"hmac\":\"\"}\n");
	write_file(name, text.data, text.length);
}

static void
simple_answers(const char *name, const char *with)
{
	begin_answers();
	put_answer(1, 0, "keep",
	    ",\"reason\":\"her work\",\"decided\":"
	    "\"2026-12-01T00:03:00Z\",\"seconds\":7");
	put_answer(2, 0, "keep", ",\"reason\":\"\",\"seconds\":21,\"bulk\":3");
	end_answers(name, with);
}

/* ---- The page ---- */

static size_t
count_of(const char *needle)
{
	size_t count = 0;

	for (const char *at = buf_string(&text);
	     (at = strstr(at, needle)) != NULL; at++)
		count++;
	return count;
}

static void
make_page(void)
{
	FILE *f = fopen(in_folder("page.html"), "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_ok(worksheet_page(f, db, sheet,
	    (const unsigned char *)"\xab\xcd", true, "2026Q4-E1", &e));
	ck_assert_int_eq(fclose(f), 0);
	read_file("page.html");
}

START_TEST(what_a_directory_says_cannot_end_the_pages_data)
{
	make_page();
	ck_assert_uint_eq(count_of("</script>"), 2);
	ck_assert_uint_eq(count_of("<script>"), 1);
	ck_assert_uint_eq(count_of("\xe2\x80\xa8"), 0);
	ck_assert_uint_eq(count_of("\xe2\x80\xae"), 0);
	ck_assert_uint_eq(count_of("\\u003c/script\\u003e"), 2);
	ck_assert_uint_eq(count_of("\"check\":\"abcd\""), 1);
}
END_TEST

START_TEST(the_pages_policy_has_the_hashes_of_its_script_and_style)
{
	unsigned char digest[32];
	struct buf script = buf_new(1u << 20), hash = buf_new(400);

	make_page();
	buf_put_string(&script, embedded_text("review/page/words.js"));
	buf_put_string(&script, embedded_text("review/page/page.js"));
	ck_assert_ok(digest_sha256(script.data, script.length, digest, &e));
	buf_put_string(
	    &hash, "content=\"default-src 'none'; script-src 'sha256-");
	enc_base64(&hash, digest, sizeof(digest));
	buf_put_string(&hash, "'; style-src 'sha256-");
	ck_assert_uint_eq(count_of(buf_string(&hash)), 1);
	buf_free(&script);
	buf_free(&hash);
}
END_TEST

START_TEST(the_pages_script_makes_no_markup_of_texts)
{
	static const char *const never[] = { "innerHTML", "outerHTML",
		"insertAdjacent", "document.write", "eval(", "localStorage",
		"http://", "https://", "DOMParser", "srcdoc" };

	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
		ck_assert_ptr_null(
		    strstr(embedded_text("review/page/page.js"), never[i]));
		ck_assert_ptr_null(
		    strstr(embedded_text("review/page/page.html"), never[i]));
	}
}
END_TEST

/* ---- Codes ---- */

START_TEST(a_code_is_read_as_people_type_it)
{
	char again[WORKSHEET_CODE + 1];

	ck_assert_uint_eq(strlen(code), WORKSHEET_CODE);
	ck_assert_ok(worksheet_code_read(code, again, &e));
	ck_assert_str_eq(code, again);
	ck_assert_ok(worksheet_code_read("o123 41618 9abcdefghjo", again, &e));
	ck_assert_str_eq(again, "01234-16189-ABCDE-FGHJ0");
	ck_assert_fails(worksheet_code_read("", again, &e), ERR_FORMAT);
	ck_assert_fails(
	    worksheet_code_read("U1234-12345-12345-12345", again, &e),
	    ERR_FORMAT);
	ck_assert_fails(
	    worksheet_code_read("11234-12345-12345-123456", again, &e),
	    ERR_FORMAT);
}
END_TEST

START_TEST(a_key_is_of_its_code_and_its_worksheet)
{
	unsigned char one[32], two[32], check[2], digest[32] = { 1 };

	ck_assert_ok(worksheet_code_key(code, sheet->digest, one, check, &e));
	ck_assert_ok(worksheet_code_key(code, digest, two, check, &e));
	ck_assert_mem_ne(one, two, 32);
	ck_assert_ok(worksheet_code_key(
	    "00000-00000-00000-00000", sheet->digest, two, check, &e));
	ck_assert_mem_ne(one, two, 32);
}
END_TEST

/* ---- JSON ---- */

START_TEST(answers_with_the_code_are_coded_and_taken_once)
{
	simple_answers("a.json", code);
	take("a.json");
	ck_assert_int_eq(taken.taken, 2);
	ck_assert_int_eq(taken.refused, 0);
	ck_assert_str_eq(ask("SELECT group_concat(question || decision || grade"
	                     " || reviewer || ifnull(seconds, '') || bulk, ' ')"
	                     " FROM decision"),
	    "1keepcodedE171 2keepcodedE1213");
	ck_assert_str_eq(ask("SELECT reviewer, form, grade, decisions, refused,"
	                     " signer, length(bytes) > 0 FROM returned"),
	    "E1|json|coded|2|0|-|1");
	take("a.json");
	ck_assert_int_eq(taken.taken, 0);
	ck_assert_int_ne(taken.before, 0);
	simple_answers("b.json", NULL);
	take("b.json"); /* the same answers, known less well */
	ck_assert_int_eq(taken.taken, 0);
	ck_assert_int_eq(taken.unchanged, 2);
	ck_assert_str_eq(ask("SELECT count(*) FROM decision"), "2");
}
END_TEST

START_TEST(answers_without_a_code_are_transcribed)
{
	simple_answers("a.json", NULL);
	take("a.json");
	ck_assert_str_eq(ask("SELECT group_concat(grade) FROM decision"),
	    "transcribed,transcribed");
	simple_answers("b.json", code); /* and become coded by it */
	take("b.json");
	ck_assert_int_eq(taken.taken, 2);
	ck_assert_str_eq(taken.grade, "coded");
}
END_TEST

START_TEST(an_altered_file_is_refused_whole)
{
	simple_answers("a.json", code);
	for (size_t i = 0; i < text.length; i += 7) {
		text.data[i] ^= 1;
		write_file("b.json", text.data, text.length);
		text.data[i] ^= 1;
		take("b.json");
		ck_assert_msg(taken.taken == 0, "byte %zu", i);
	}
	simple_answers("c.json", "00000-00000-00000-00000");
	take("c.json");
	reported("c.json whole: it was altered, or made with another code");
}
END_TEST

START_TEST(anothers_worksheet_or_question_is_refused)
{
	begin_answers();
	buf_clear(&text);
	buf_printf(&text,
	    "{\"worksheet\":\"" WORKSHEET_FORM "\",\"campaign\":\"2026Q4\","
	    "\"reviewer\":\"E3\",\"digest\":\"%s\",\n\"decisions\":[",
	    sheet->digest_hex);
	end_answers("a.json", NULL);
	take("a.json");
	reported("whole: no such worksheet was handed out to E3 in 2026Q4");
	begin_answers();
	put_answer(2, 0, "keep", "");
	buf_printf(&text,
	    ",\n{\"question\":4,\"seen\":\"%s\",\"decision\":\"keep\"}",
	    seen_of(2));
	buf_put_string(&text, ",\n{\"question\":9,\"decision\":\"keep\"}");
	end_answers("b.json", NULL);
	take("b.json");
	ck_assert_int_eq(taken.taken, 1);
	ck_assert_int_eq(taken.refused, 2);
	reported("b.json line 4: the digest is not that of question 4");
	reported("b.json line 5: question 9 is not of the campaign");
}
END_TEST

START_TEST(a_frozen_fact_that_changed_refuses_its_answers)
{
	simple_answers("a.json", code);
	sql("DROP TRIGGER item_fixed; UPDATE item SET facts ="
	    " json_set(facts, '$.right', 'less') WHERE n = 1");
	take("a.json");
	reported("the digest is not that of question 1");
}
END_TEST

START_TEST(a_reason_is_judged_and_the_others_are_taken)
{
	begin_answers();
	put_answer(1, 0, "keep", "");
	put_answer(2, 0, "revoke", ",\"reason\":\"moved\"");
	put_answer(4, 0, "approve", "");
	end_answers("a.json", NULL);
	take("a.json");
	ck_assert_int_eq(taken.taken, 1);
	reported("a.json line 3: what is privileged needs a reason");
	reported("a.json line 5: \"approve\" is no decision");
	ck_assert_str_eq(
	    ask("SELECT decisions, refused, length(bytes) FROM returned"),
	    "1|2|-");
}
END_TEST

START_TEST(an_exceptions_day_counts_to_its_end_where_it_was_written)
{
	begin_answers();
	put_answer(4, 0, "exception",
	    ",\"reason\":\"r\",\"compensation\":\"c\",\"ends\":\"2027-03-31\"");
	end_answers("a.json", NULL);
	take("a.json");
	ck_assert_str_eq(
	    ask("SELECT datetime(ends, 'unixepoch') FROM decision"),
	    "2027-03-31 16:00:00");
}
END_TEST

START_TEST(an_older_answer_does_not_replace_a_later_one)
{
	begin_answers();
	put_answer(2, 0, "keep", ",\"decided\":\"2026-12-01T00:02:00Z\"");
	end_answers("new.json", code);
	begin_answers();
	put_answer(2, 0, "revoke",
	    ",\"reason\":\"r\",\"decided\":\"2026-12-01T00:01:00Z\"");
	end_answers("old.json", code);
	take("new.json");
	take("old.json");
	ck_assert_int_eq(taken.taken, 0);
	reported("line 3: a later answer to it was taken before");
}
END_TEST

START_TEST(what_is_transcribed_does_not_replace_what_is_coded)
{
	simple_answers("a.json", code);
	take("a.json");
	begin_answers();
	put_answer(2, 0, "revoke", ",\"reason\":\"says the importer\"");
	end_answers("b.json", NULL);
	take("b.json");
	ck_assert_int_eq(taken.taken, 0);
	reported("what stands is coded: what is transcribed does not replace");
}
END_TEST

START_TEST(what_anybody_signed_on_an_item_stands_against_a_transcribed_group)
{
	sql("INSERT INTO decision VALUES (2, 1, 1, 3, 4, 'revoke', 'r', NULL,"
	    " NULL, NULL, NULL, 'E7', 'signed', NULL, NULL, 1)");
	begin_answers();
	put_answer(3, 0, "keep", "");
	put_answer(3, 4, "keep", "");
	put_answer(3, 5, "keep", "");
	end_answers("a.json", NULL);
	take("a.json");
	ck_assert_int_eq(taken.taken, 1); /* of the item beside it */
	reported("line 3: what stands is signed: what is transcribed does not");
	reported("line 4: what stands is signed: what is transcribed does not");
}
END_TEST

START_TEST(an_answer_without_a_time_is_as_old_as_its_worksheet)
{
	begin_answers();
	put_answer(2, 0, "keep", "");
	end_answers("old.json", code);
	begin_answers();
	put_answer(2, 0, "revoke",
	    ",\"reason\":\"r\",\"decided\":\"2026-12-01T00:01:00Z\"");
	end_answers("new.json", code);
	take("new.json");
	ck_assert_int_eq(taken.taken, 1);
	take("old.json");
	ck_assert_int_eq(taken.taken, 0);
	reported("it was decided after this worksheet was handed out");
	/* Found by review: the same content handed out again let it pass. */
	worksheet_free(&sheet);
	hand_out();
	take("old.json");
	ck_assert_int_eq(taken.taken, 0);
	reported("it was decided after this worksheet was handed out (by act");
	begin_answers();
	put_answer(2, 0, "keep", "");
	end_answers("again.json", code);
	take("again.json");
	ck_assert_int_eq(taken.taken, 1);
}
END_TEST

static int64_t
asked(const char *query)
{
	return strtoll(ask(query), NULL, 10);
}

START_TEST(a_file_is_of_one_export_and_an_older_ones_is_recorded_as_that)
{
	int64_t first;

	simple_answers("old.json", code);
	buf_clear(&text);
	buf_printf(&text, "%s", sheet->digest_hex);
	worksheet_free(&sheet);
	hand_out();
	ck_assert_str_ne(buf_string(&text), sheet->digest_hex);
	first = asked("SELECT min(act) FROM worksheet");
	take("old.json");
	ck_assert_int_eq(taken.taken, 2);
	ck_assert_int_eq(taken.exported, first);
	ck_assert_int_gt(taken.newest, first);
	ck_assert_int_eq(asked("SELECT exported FROM returned"), first);
	ck_assert_str_eq(buf_string(&reports), "");
	simple_answers("other.json", code);
	take("other.json");
	ck_assert_int_eq(taken.exported, taken.newest);
}
END_TEST

START_TEST(a_signed_file_is_of_whose_key_signed_it)
{
	simple_answers("a.json", NULL);
	ck_assert_int_eq(shell("ssh-keygen -q -Y sign -n reeve-worksheet -f "
	                       "%s/ann %s/a.json 2>/dev/null",
	                     folder, folder),
	    0);
	take("a.json");
	ck_assert_int_eq(taken.taken, 2);
	ck_assert_str_eq(ask("SELECT r.grade, s.name, r.bytes IS NOT NULL,"
	                     " r.signature <> '' FROM returned r JOIN signer s"
	                     " ON s.id = r.signer"),
	    "signed|ann|1|1");
}
END_TEST

START_TEST(a_bad_signature_refuses_the_file)
{
	simple_answers("a.json", NULL);
	ck_assert_int_eq(shell("cd %s && ssh-keygen -q -Y sign -n reeve-act -f "
	                       "ann a.json 2>/dev/null",
	                     folder),
	    0);
	take("a.json"); /* for another purpose */
	ck_assert_str_eq(taken.reviewer, "");
	ck_assert_int_eq(taken.refused, 1);
	keys_make(folder, "eve");
	ck_assert_int_eq(
	    shell("cd %s && rm a.json.sig && ssh-keygen -q -Y sign -n "
	          "reeve-worksheet -f eve a.json 2>/dev/null",
	        folder),
	    0);
	take("a.json");
	reported("is no enrolled person's of personnel data");
	/* An officer who is not the reviewer signs as the officer. */
	ck_assert_int_eq(
	    shell("cd %s && rm a.json.sig && ssh-keygen -q -Y sign -n "
	          "reeve-worksheet -f lin a.json 2>/dev/null",
	        folder),
	    0);
	take("a.json");
	ck_assert_int_eq(taken.taken, 0);
	reported("is not E8's to decide");
	ck_assert_str_eq(ask("SELECT count(*) FROM decision"), "0");
}
END_TEST

static void
note_fault(void *context, const char *why)
{
	(void)context;
	buf_printf(&reports, "%s\n", why);
}

/* What the check says of the newest act. */
static void
check_newest(void)
{
	buf_clear(&reports);
	ck_assert_ok(worksheet_check(db,
	    strtoll(ask("SELECT max(id) FROM act"), NULL, 10), note_fault, NULL,
	    &e));
}

START_TEST(what_was_taken_is_in_the_files_that_came_with_it)
{
	begin_answers();
	put_answer(1, 0, "keep",
	    ",\"reason\":\"r\",\"seconds\":7,\"decided\":"
	    "\"2026-12-01T00:03:00Z\"");
	put_answer(4, 0, "exception",
	    ",\"reason\":\"r\",\"compensation\":\"c\",\"ends\":\"2027-03-31\"");
	put_answer(3, 4, "not-mine", ",\"reason\":\"r\",\"proposal\":\"E3\"");
	end_answers("a.json", code);
	take("a.json");
	ck_assert_int_eq(taken.taken, 3);
	check_newest();
	ck_assert_str_eq(buf_string(&reports), "");
}
END_TEST

START_TEST(decisions_that_the_importer_adds_or_changes_are_found)
{
	char key_path[256];
	struct act_how how = keys_how(folder, "lin", NOW, key_path);
	struct worksheet_import import = { .store = db, .report = report };

	simple_answers("a.json", code);
	ck_assert_ok(act_begin(&import.act, db, "decisions", &how, &e));
	ck_assert_ok(worksheet_take(&import, in_folder("a.json"), &taken, &e));
	sql("DROP TRIGGER decision_fixed;"
	    "UPDATE decision SET reason = 'mine' WHERE question = 1;"
	    "INSERT INTO decision SELECT act, 9, campaign, 4, 0, 'keep', '',"
	    " NULL, NULL, NULL, NULL, reviewer, 'coded', NULL, NULL, 1"
	    " FROM decision LIMIT 1");
	ck_assert_ok(act_commit(&import.act, NULL, &e));
	check_newest();
	reported("in no worksheet that came with it: decision 1\n");
	reported("in no worksheet that came with it: decision 9\n");
	ck_assert_ptr_null(strstr(buf_string(&reports), "decision 2"));
}
END_TEST

START_TEST(an_export_that_the_importer_makes_up_is_found)
{
	char key_path[256];
	struct act_how how = keys_how(folder, "lin", NOW, key_path);
	struct worksheet_import import = { .store = db, .report = report };

	simple_answers("a.json", code);
	ck_assert_ok(act_begin(&import.act, db, "decisions", &how, &e));
	ck_assert_ok(worksheet_take(&import, in_folder("a.json"), &taken, &e));
	sql("DROP TRIGGER returned_fixed; UPDATE returned SET exported = 1");
	ck_assert_ok(act_commit(&import.act, NULL, &e));
	check_newest();
	reported("it is not of the export that is recorded: worksheet 1");
}
END_TEST

START_TEST(a_file_that_the_importer_calls_coded_is_found)
{
	char key_path[256];
	struct act_how how = keys_how(folder, "lin", NOW, key_path);
	struct worksheet_import import = { .store = db, .report = report };

	simple_answers("a.json", NULL);
	ck_assert_ok(act_begin(&import.act, db, "decisions", &how, &e));
	ck_assert_ok(worksheet_take(&import, in_folder("a.json"), &taken, &e));
	sql("DROP TRIGGER decision_fixed; DROP TRIGGER returned_fixed;"
	    "UPDATE decision SET grade = 'coded';"
	    "UPDATE returned SET grade = 'coded', bytes = x'7b7d'");
	ck_assert_ok(act_commit(&import.act, NULL, &e));
	check_newest();
	reported("it can't be read: worksheet 1\n");
	reported("in no worksheet that came with it: decision 2\n");
}
END_TEST

START_TEST(nobody_transcribes_their_own)
{
	simple_answers("a.json", code);
	take_as("ann", "a.json");
	ck_assert_int_eq(taken.taken, 0);
	reported("it is your own: sign the file, or use reeve decide");
}
END_TEST

START_TEST(nobody_decides_on_their_own_right)
{
	begin_answers();
	put_answer(5, 0, "keep", "");
	end_answers("a.json", code);
	take("a.json");
	ck_assert_int_eq(taken.taken, 0);
	reported("line 3: E1 holds what is decided");
}
END_TEST

START_TEST(a_bad_file_does_not_stop_the_others)
{
	static const char *const bad[] = { "", "{", "[]", "{}",
		"{\"worksheet\":\"reeve-worksheet 2\"}", "PK\3\4", "a,b\n1,2\n",
		"{\"worksheet\":\"reeve-worksheet 1\",\"decisions\":[{}]}",
		"\xff\xfe\x00" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		write_file("bad", bad[i], strlen(bad[i]));
		take("bad");
		ck_assert_str_eq(taken.reviewer, "");
		ck_assert_int_eq(taken.refused, 1);
	}
	take("not there");
	reported("it can't be opened");
	ck_assert_int_eq(shell("mkfifo %s/pipe", folder), 0);
	take("pipe");
	reported("it is no file");
}
END_TEST

/* ---- CSV ---- */

static void
make_csv(void)
{
	FILE *f = fopen(in_folder("s.csv"), "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_ok(worksheet_csv(f, db, sheet, &e));
	ck_assert_int_eq(fclose(f), 0);
	read_file("s.csv");
}

/* The first place of a text in text becomes another, in the file. */
static void
replace(const char *from, const char *to, const char *name)
{
	char *at = strstr((char *)(uintptr_t)buf_string(&text), from);
	struct buf out = buf_new(16u << 20);

	ck_assert_msg(at != NULL, "%s", from);
	buf_put(&out, text.data, (size_t)(at - (char *)text.data));
	buf_put_string(&out, to);
	buf_put_string(&out, at + strlen(from));
	buf_clear(&text);
	buf_put(&text, out.data, out.length);
	buf_free(&out);
	write_file(name, text.data, text.length);
}

/* The answer's cells of a row, which begins with these ones. */
static void
fill_csv(const char *row, const char *cells)
{
	char *at = strstr((char *)(uintptr_t)buf_string(&text), row);
	struct buf out = buf_new(16u << 20);
	char *seen;

	ck_assert_msg(at != NULL, "%s", row);
	seen = strstr(at, ",,,,,,,\"sha256:");
	ck_assert_msg(seen != NULL, "%s", row);
	buf_put(&out, text.data, (size_t)(seen - (char *)text.data) + 1);
	buf_put_string(&out, cells);
	buf_put_string(&out, seen + 6);
	buf_clear(&text);
	buf_put(&text, out.data, out.length);
	buf_free(&out);
	write_file("s.csv", text.data, text.length);
}

START_TEST(a_csv_has_no_formulas)
{
	make_csv();
	ck_assert_uint_eq(count_of("\"="), 0);
	ck_assert_uint_ge(count_of("\"'=cmd|"), 1);
	ck_assert_uint_ge(count_of("\"'=all of \"\"VPN\"\""), 1);
}
END_TEST

START_TEST(a_csv_comes_back)
{
	make_csv();
	fill_csv("\r\n\"1\",,", "保留,\"why, \"\"so\"\"\",,,,");
	fill_csv("\r\n\"3\",,", "keep,,,,,");
	fill_csv("\r\n\"3\",\"4\",", "revoke 撤銷權限,gone,,,,");
	fill_csv("\r\n\"4\",,", "Exception,r,,c,116/3/31,");
	take("s.csv");
	ck_assert_msg(taken.taken == 4, "%s", buf_string(&reports));
	ck_assert_str_eq(ask("SELECT group_concat(question || '.' || item || "
	                     "decision || reason, ' ') FROM decision"),
	    "1.0keepwhy, \"so\" 3.0keep 3.4revokegone 4.0exceptionr");
	ck_assert_str_eq(ask("SELECT datetime(ends, 'unixepoch') FROM decision"
	                     " WHERE question = 4"),
	    "2027-03-31 16:00:00");
	ck_assert_str_eq(
	    ask("SELECT form, grade FROM returned"), "csv|transcribed");
}
END_TEST

START_TEST(a_csv_that_excel_saved_comes_back)
{
	make_csv();
	fill_csv("\r\n\"2\",,", "keep,,,,,");
	/* Quotes only where needed, semicolons, no apostrophes. */
	ck_assert_int_eq(
	    shell("python3 - %s <<'E'\n"
	          "import csv, io, sys\n"
	          "d = sys.argv[1]\n"
	          "rows = list(csv.reader(io.open(d + '/s.csv', "
	          "encoding='utf-8-sig', newline='')))\n"
	          "rows = [[c[1:] if c[:2] in (\"'=\",) else c for c in r] for "
	          "r in rows]\n"
	          "f = io.open(d + '/e.csv', 'w', encoding='utf-8-sig', "
	          "newline='')\n"
	          "csv.writer(f, delimiter=';').writerows(rows)\n"
	          "f.close()\n"
	          "E",
	        folder),
	    0);
	take("e.csv");
	ck_assert_msg(taken.taken == 1, "%s", buf_string(&reports));
}
END_TEST

START_TEST(a_row_whose_shown_cells_changed_is_refused)
{
	make_csv();
	fill_csv("\r\n\"1\",,", "keep,why,,,,");
	fill_csv("\r\n\"2\",,", "keep,,,,,");
	replace("corp: 007", "corp: 7", "s.csv");
	take("s.csv");
	ck_assert_int_eq(taken.taken, 1);
	reported(
	    "s.csv line 3: column \"account\" was changed: \"corp: 7\", was "
	    "\"corp: 007\"");
}
END_TEST

START_TEST(a_text_without_a_decision_is_reported)
{
	make_csv();
	fill_csv("\r\n\"2\",,", ",only a reason,,,,");
	take("s.csv");
	reported("line 3: there is a text, but no decision");
}
END_TEST

START_TEST(rows_of_two_worksheets_are_refused)
{
	make_csv();
	replace("\"E1\",\"sha256", "\"E2\",\"sha256", "s.csv");
	take("s.csv");
	reported("s.csv whole: line 3: campaign, reviewer or worksheet differ");
}
END_TEST

START_TEST(a_bad_number_in_a_table_refuses_it_whole)
{
	make_csv();
	fill_csv("\r\n\"1\",,", "keep,why,,,,");
	fill_csv("\r\n\"2\",,", "keep,,,,,");
	replace("\r\n\"2\",,", "\r\n\"two\",,", "s.csv");
	take("s.csv");
	ck_assert_int_eq(taken.taken, 0);
	reported("s.csv whole: line 3: ");
}
END_TEST

/* ---- XLSX ---- */

static void
make_xlsx(uint32_t rows_max)
{
	char out[128];

	(void)snprintf(out, sizeof(out), "%s/s.xlsx", folder);
	ck_assert_ok(worksheet_xlsx(out, folder, db, sheet, rows_max, NOW, &e));
}

/* A part of s.xlsx, into text. */
static void
read_part(const char *part)
{
	zip_t *zip = zip_open(in_folder("s.xlsx"), ZIP_RDONLY, NULL);
	zip_file_t *f = zip_fopen(zip, part, 0);
	char bytes[4096];
	zip_int64_t got;

	ck_assert_ptr_nonnull(f);
	buf_clear(&text);
	while ((got = zip_fread(f, bytes, sizeof(bytes))) > 0)
		buf_put(&text, bytes, (size_t)got);
	(void)zip_fclose(f);
	zip_discard(zip);
}

/* text becomes a part of s.xlsx. */
static void
write_part(const char *part)
{
	zip_t *zip = zip_open(in_folder("s.xlsx"), ZIP_CREATE, NULL);
	zip_source_t *source =
	    zip_source_buffer(zip, text.data, text.length, 0);

	ck_assert_ptr_nonnull(source);
	ck_assert_int_ge(zip_file_add(zip, part, source, ZIP_FL_OVERWRITE), 0);
	ck_assert_int_eq(zip_close(zip), 0);
}

static void
fill_cell(const char *part, const char *cell, const char *xml)
{
	char find[32];
	char *at, *end;
	struct buf out = buf_new(16u << 20);

	(void)snprintf(find, sizeof(find), "<c r=\"%s\"", cell);
	read_part(part);
	at = strstr((char *)(uintptr_t)buf_string(&text), find);
	ck_assert_msg(at != NULL, "%s", cell);
	end = strstr(at, "/>") + 2;
	buf_put(&out, text.data, (size_t)(at - (char *)text.data));
	buf_printf(&out, "<c r=\"%s\" %s", cell, xml);
	buf_put_string(&out, end);
	buf_clear(&text);
	buf_put(&text, out.data, out.length);
	buf_free(&out);
	write_part(part);
}

#define FIRST        "xl/worksheets/sheet1.xml"
#define INLINE(text) "t=\"inlineStr\"><is><t>" text "</t></is></c>"

START_TEST(an_xlsx_comes_back)
{
	make_xlsx(WORKSHEET_ROWS_MAX);
	fill_cell(FIRST, "M2", INLINE("keep 保留"));
	fill_cell(FIRST, "N2",
	    "t=\"inlineStr\"><is><r><t>her </t></r><r><t>work"
	    "</t></r><rPh><t>not this</t></rPh></is></c>");
	fill_cell(FIRST, "M3", INLINE("revoke 撤銷權限"));
	fill_cell(FIRST, "N3", INLINE("moved &amp; gone"));
	fill_cell(FIRST, "M8", INLINE("例外"));
	fill_cell(FIRST, "N8", INLINE("r"));
	fill_cell(FIRST, "P8", INLINE("c"));
	fill_cell(FIRST, "Q8", "><v>46477</v></c>"); /* 2027-03-31 */
	take("s.xlsx");
	ck_assert_msg(taken.taken == 3, "%s", buf_string(&reports));
	ck_assert_str_eq(
	    ask("SELECT group_concat(question || decision || reason,"
	        " ';') FROM decision"),
	    "1keepher work;2revokemoved & gone;4exceptionr");
	ck_assert_str_eq(ask("SELECT datetime(ends, 'unixepoch') FROM decision"
	                     " WHERE question = 4"),
	    "2027-03-31 16:00:00");
}
END_TEST

START_TEST(an_xlsx_has_a_list_of_decisions_and_locked_cells)
{
	make_xlsx(WORKSHEET_ROWS_MAX);
	read_part(FIRST);
	ck_assert_uint_eq(count_of("<sheetProtection"), 1);
	ck_assert_uint_eq(count_of("<dataValidation type=\"list\""), 1);
	ck_assert_uint_eq(count_of("state=\"frozen\""), 1);
	ck_assert_uint_eq(count_of("<f>"), 0);
}
END_TEST

START_TEST(an_xlsx_of_many_rows_has_several_sheets)
{
	make_xlsx(3); /* of eight rows */
	read_part("xl/worksheets/sheet3.xml");
	fill_cell("xl/worksheets/sheet3.xml", "M2", INLINE("keep"));
	take("s.xlsx");
	ck_assert_msg(taken.taken == 1, "%s", buf_string(&reports));
	ck_assert_str_eq(ask("SELECT question FROM decision"), "4");
}
END_TEST

START_TEST(a_changed_cell_of_an_xlsx_is_refused_with_its_row)
{
	make_xlsx(WORKSHEET_ROWS_MAX);
	fill_cell(FIRST, "M3", INLINE("keep"));
	read_part(FIRST);
	replace("corp: 007", "corp: 008", "part");
	write_part(FIRST);
	take("s.xlsx");
	ck_assert_int_eq(taken.taken, 0);
	reported("s.xlsx Review!3: column \"account\" was changed");
}
END_TEST

START_TEST(formulas_macros_links_and_entities_are_refused)
{
	make_xlsx(WORKSHEET_ROWS_MAX);
	fill_cell(FIRST, "M2", "t=\"str\"><f>1+1</f><v>keep</v></c>");
	take("s.xlsx");
	reported("s.xlsx whole: Review!M2: a formula");

	make_xlsx(WORKSHEET_ROWS_MAX);
	buf_clear(&text);
	buf_put_string(&text, "x");
	write_part("xl/vbaProject.bin");
	take("s.xlsx");
	reported("it has macros");

	make_xlsx(WORKSHEET_ROWS_MAX);
	read_part(FIRST);
	replace("<worksheet", "<!DOCTYPE w [<!ENTITY a \"keep\">]><worksheet",
	    "part");
	write_part(FIRST);
	take("s.xlsx");
	reported("a document type or entity");

	make_xlsx(WORKSHEET_ROWS_MAX);
	read_part("xl/_rels/workbook.xml.rels");
	replace("Target=", "TargetMode=\"External\" Target=", "part");
	write_part("xl/_rels/workbook.xml.rels");
	take("s.xlsx");
	reported("a link to another file");
}
END_TEST

START_TEST(a_file_that_unpacks_to_too_much_is_refused)
{
	static char blanks[1024 * 1024];

	make_xlsx(WORKSHEET_ROWS_MAX);
	read_part(FIRST);
	memset(blanks, ' ', sizeof(blanks));
	buf_free(&text);
	text = buf_new(SPREADSHEET_PART_MAX + (2u << 20));
	buf_put_string(&text, "<worksheet><sheetData>");
	for (uint64_t i = 0; i <= SPREADSHEET_PART_MAX; i += sizeof(blanks))
		buf_put(&text, blanks, sizeof(blanks));
	write_part(FIRST);
	take("s.xlsx");
	ck_assert_str_eq(taken.reviewer, "");
	ck_assert_int_eq(taken.refused, 1);
}
END_TEST

START_TEST(every_cut_of_an_xlsx_is_refused)
{
	make_xlsx(WORKSHEET_ROWS_MAX);
	fill_cell(FIRST, "M3", INLINE("keep"));
	read_file("s.xlsx");
	for (size_t length = 0; length < text.length; length += 97) {
		write_file("cut.xlsx", text.data, length);
		take("cut.xlsx");
		ck_assert_int_eq(taken.taken, 0);
		ck_assert_str_eq(taken.reviewer, "");
	}
}
END_TEST

/* ---- JSON's reader ---- */

static int
skip(const char *json)
{
	struct json j = json_new(json, strlen(json));

	(void)json_skip(&j);
	return json_finish(&j, &e);
}

START_TEST(json_is_read_strictly)
{
	static const char *const good[] = { "{}", "[]", "\"\"", "0", "-1.5e3",
		" [1 , {\"a\":[true,false,null]} ]\n",
		"\"\\u00e9\\ud83d\\ude00\"" };
	static const char *const bad[] = { "", "{", "[1,]", "{\"a\"}", "[1 2]",
		"\"\\x\"", "\"\t\"", "\"\xff\"", "\"\\ud800\"", "\"\\u0000\"",
		"{} {}", "'a'", "[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]", "\"a",
		"nul", "{\"a\":1,}" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert_msg(skip(good[i]) == 0, "%s: %s", good[i], e.text);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(skip(bad[i]) == -1, "%s", bad[i]);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("worksheet");
	TCase *c = tcase_create("worksheet");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_set_timeout(c, 60);
	tcase_add_test(c, what_a_directory_says_cannot_end_the_pages_data);
	tcase_add_test(
	    c, the_pages_policy_has_the_hashes_of_its_script_and_style);
	tcase_add_test(c, the_pages_script_makes_no_markup_of_texts);
	tcase_add_test(c, a_code_is_read_as_people_type_it);
	tcase_add_test(c, a_key_is_of_its_code_and_its_worksheet);
	tcase_add_test(c, answers_with_the_code_are_coded_and_taken_once);
	tcase_add_test(c, answers_without_a_code_are_transcribed);
	tcase_add_test(c, an_altered_file_is_refused_whole);
	tcase_add_test(c, anothers_worksheet_or_question_is_refused);
	tcase_add_test(c, a_frozen_fact_that_changed_refuses_its_answers);
	tcase_add_test(c, a_reason_is_judged_and_the_others_are_taken);
	tcase_add_test(
	    c, an_exceptions_day_counts_to_its_end_where_it_was_written);
	tcase_add_test(c, an_older_answer_does_not_replace_a_later_one);
	tcase_add_test(c, what_is_transcribed_does_not_replace_what_is_coded);
	tcase_add_test(c,
	    what_anybody_signed_on_an_item_stands_against_a_transcribed_group);
	tcase_add_test(c, an_answer_without_a_time_is_as_old_as_its_worksheet);
	tcase_add_test(
	    c, a_file_is_of_one_export_and_an_older_ones_is_recorded_as_that);
	tcase_add_test(c, a_signed_file_is_of_whose_key_signed_it);
	tcase_add_test(c, a_bad_signature_refuses_the_file);
	tcase_add_test(c, what_was_taken_is_in_the_files_that_came_with_it);
	tcase_add_test(
	    c, decisions_that_the_importer_adds_or_changes_are_found);
	tcase_add_test(c, an_export_that_the_importer_makes_up_is_found);
	tcase_add_test(c, a_file_that_the_importer_calls_coded_is_found);
	tcase_add_test(c, nobody_transcribes_their_own);
	tcase_add_test(c, nobody_decides_on_their_own_right);
	tcase_add_test(c, a_bad_number_in_a_table_refuses_it_whole);
	tcase_add_test(c, a_bad_file_does_not_stop_the_others);
	tcase_add_test(c, a_csv_has_no_formulas);
	tcase_add_test(c, a_csv_comes_back);
	tcase_add_test(c, a_csv_that_excel_saved_comes_back);
	tcase_add_test(c, a_row_whose_shown_cells_changed_is_refused);
	tcase_add_test(c, a_text_without_a_decision_is_reported);
	tcase_add_test(c, rows_of_two_worksheets_are_refused);
	tcase_add_test(c, an_xlsx_comes_back);
	tcase_add_test(c, an_xlsx_has_a_list_of_decisions_and_locked_cells);
	tcase_add_test(c, an_xlsx_of_many_rows_has_several_sheets);
	tcase_add_test(c, a_changed_cell_of_an_xlsx_is_refused_with_its_row);
	tcase_add_test(c, formulas_macros_links_and_entities_are_refused);
	tcase_add_test(c, a_file_that_unpacks_to_too_much_is_refused);
	tcase_add_test(c, every_cut_of_an_xlsx_is_refused);
	tcase_add_test(c, json_is_read_strictly);
	suite_add_tcase(suite, c);
	return unit_run(suite);
}
