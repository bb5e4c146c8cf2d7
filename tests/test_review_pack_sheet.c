/*
 * Decisions that came by worksheets: who imports them signs for what reviewers
 * signed, and in a pack it is found if that is something else.
 */
#include "review_pack.h"

#include "review/worksheet.h"

#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))
#define CODE        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define SHEET       "c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf"

#define MEI "signer=(SELECT id FROM signer WHERE name='mei')"

#define EFFECT                                                                 \
	"SELECT campaign,n,question,account,facts->>'$.account',\"right\","    \
	"facts->>'$.right',person,iif(privileged,'true','false'),severity,"    \
	"novelty,iif(low,'true','false'),iif(n=1,'keep','revoke'),'E3',"       \
	"iif(n=1,(SELECT max(act) FROM decision),7),NULL FROM item ORDER BY n"

/* What is done otherwise than it should be; NULL and 0: nothing is. */
static const struct sheet_case {
	const char *grade;   /* "signed" */
	const char *by;      /* whose key signs the file: li's */
	const char *answers; /* in the file */
	const char *decision, *reason, *ends; /* in the act */
	const char *reviewer;                 /* of the decision */
	const char *digest;                   /* of the worksheet in the file */
	const char *campaign;                 /* in the file */
	int files;                            /* so many came back; 0: one */
	const char *row; /* SQL over the row that came back */
	bool no_code, other_code, no_file;
	bool again;              /* imported in one more act */
	bool approved;           /* mei's key is */
	bool roster;             /* of the others' keys */
	bool counts;             /* it has effect on item 1 */
	const char *word, *text; /* NULL: it verifies */
} cases[] = {
	{ .counts = true, .word = NULL },
	{ .grade = "coded", .word = NULL },
	{ .grade = "transcribed", .decision = "revoke", .word = NULL },
	{ .decision = "exception",
	    .ends = "1790000000",
	    .answers = "\"decision\":\"exception\",\"reason\":\"used\","
	               "\"compensation\":\"watched\",\"ends\":\"2026-09-21\"",
	    .word = NULL },
	{ .decision = "exception",
	    .ends = "1790000000",
	    .answers = "\"decision\":\"exception\",\"reason\":\"used\","
	               "\"compensation\":\"watched\",\"ends\":\"2026-09-11\"",
	    .word = "altered",
	    .text = "no worksheet that came with it says so" },
	{ .decision = "revoke",
	    .word = "altered",
	    .text = "no worksheet that came with it says so" },
	{ .reason = "something else",
	    .word = "altered",
	    .text = "no worksheet that came with it says so" },
	{ .grade = "coded",
	    .decision = "revoke",
	    .word = "altered",
	    .text = "no worksheet that came with it says so" },
	{ .reviewer = "E2",
	    .word = "unsigned",
	    .text = "signed neither it nor a worksheet" },
	{ .no_file = true,
	    .word = "unsigned",
	    .text = "signed neither it nor a worksheet" },
	{ .grade = "coded",
	    .no_file = true,
	    .word = "unsigned",
	    .text = "signed neither it nor a worksheet" },
	{ .by = "chen",
	    .word = "altered",
	    .text = "a worksheet is not signed by its signer" },
	/* Another key of the reviewer's; enrolled by one person alone. */
	{ .counts = true, .by = "mei", .row = MEI, .approved = true },
	{ .counts = true,
	    .by = "mei",
	    .row = MEI,
	    .word = "untrusted",
	    .text = "the signer of a worksheet was not enrolled then" },
	{ .counts = true,
	    .by = "mei",
	    .row = MEI,
	    .approved = true,
	    .roster = true,
	    .word = "untrusted",
	    .text = "or is not in the roster" },
	{ .counts = true, .roster = true },
	{ .counts = true,
	    .campaign = "2025Q4",
	    .word = "altered",
	    .text = "not of the export that is recorded" },
	{ .counts = true,
	    .again = true,
	    .word = "altered",
	    .text = "a worksheet came back that act" },
	{ .files = 5000, .grade = "coded", .word = NULL },
	{ .row = "signer=(SELECT id FROM signer WHERE name='chen')",
	    .word = "untrusted",
	    .text = "the signer of a worksheet is not its reviewer" },
	{ .row = "bytes=CAST(replace(CAST(bytes AS TEXT),'keep','revoke') AS "
	         "BLOB)",
	    .decision = "revoke",
	    .word = "altered",
	    .text = "another digest than its bytes" },
	{ .row = "digest=zeroblob(32)",
	    .word = "altered",
	    .text = "another digest than its bytes" },
	{ .row = "exported=5",
	    .word = "altered",
	    .text = "not of the export that is recorded" },
	{ .digest = CODE,
	    .word = "altered",
	    .text = "not of the export that is recorded" },
	{ .grade = "coded",
	    .other_code = true,
	    .word = "altered",
	    .text = "was not made with its code" },
	{ .grade = "coded",
	    .no_code = true,
	    .word = "altered",
	    .text = "was not made with its code" },
};

static struct pack_fixture fixture;
static struct pack_trust *trust;
static struct fixture_result result;
static struct err e;
static char path[80];
static int64_t handed; /* the act */

static const char *
either(const char *is, const char *should_be)
{
	return is == NULL ? should_be : is;
}

/* The file as a reviewer sends it back. */
static void
put_file(const struct sheet_case *c)
{
	struct buf b = buf_new(4096);
	unsigned char key[32], hmac[32];
	char name[96];
	FILE *f;

	buf_printf(&b,
	    "{\"worksheet\":\"" WORKSHEET_FORM
	    "\",\"campaign\":\"%s\",\"reviewer\":\"E3\",\"digest\":\"%s\","
	    "\"decisions\":[\n{\"question\":1,\"seen\":\"" SHEET
	    "\",%s,\"decided\":\"2026-04-12T13:20:00Z\",\"seconds\":7}],\n",
	    either(c->campaign, "2026Q1"), either(c->digest, SHEET),
	    either(c->answers, "\"decision\":\"keep\",\"reason\":\"used\""));
	for (unsigned char i = 0; i < sizeof(key); i++)
		key[i] = c->other_code ? 7 : i;
	ck_assert_ok(digest_hmac(
	    DIGEST_SHA256, key, sizeof(key), b.data, b.length, hmac, &e));
	buf_put_string(&b, "\"hmac\":\"");
	for (size_t i = 0; i < sizeof(hmac); i++)
		buf_printf(&b, "%02x", hmac[i]);
	buf_put_string(&b, "\"}\n");
	(void)snprintf(name, sizeof(name), "%s/file", fixture.folder);
	f = fopen(name, "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(b.data, 1, b.length, f), b.length);
	ck_assert_int_eq(fclose(f), 0);
	buf_free(&b);
	ck_assert_int_eq(
	    shell("cd %s && ssh-keygen -q -Y sign -f %s -n " WORKSHEET_NAMESPACE
	          " file 2>/dev/null && { echo \"CREATE TEMP TABLE came AS "
	          "SELECT x'$(od -An -v -tx1 file | tr -d ' \\n')' AS bytes,"
	          "x'$(sha256sum file | cut -c 1-64)' AS digest,"
	          "'$(cat file.sig)\n' AS signature;\"; } > came.sql",
	        fixture.folder, either(c->by, "li")),
	    0);
}

static void
run_file(const char *name)
{
	char file[96], text[16384];
	size_t got;
	FILE *f;

	(void)snprintf(file, sizeof(file), "%s/%s", fixture.folder, name);
	f = fopen(file, "r");
	ck_assert_ptr_nonnull(f);
	got = fread(text, 1, sizeof(text) - 1, f);
	(void)fclose(f);
	text[got] = '\0';
	fixture_sql(&fixture, text);
}

/* As E3; wang asks for it, and chen may approve it. */
static void
enrol(const char *name, bool approved)
{
	char key[512], file[256];
	struct act_how how = keys_how(fixture.folder, "wang", PACK_NOW, file);
	struct newcomer n = {
		.name = name, .employee = "E3", .role = "reviewer", .key = key
	};
	bool waits;

	keys_make(fixture.folder, name);
	keys_public(fixture.folder, name, key);
	ck_assert_ok(roster_add(fixture.store, &n, &how, &waits, NULL, &e));
	how = keys_how(fixture.folder, "chen", PACK_NOW, file);
	if (approved)
		ck_assert_ok(act_second(fixture.store,
		    fixture_number(&fixture, "SELECT max(id) FROM act"), true,
		    "", &how, NULL, &e));
}

/* wang imports it. */
static void
import(const struct sheet_case *c)
{
	char sql[2048];

	put_file(c);
	run_file("came.sql");
	fixture_sql(&fixture,
	    "ALTER TABLE temp.came ADD signer;"
	    "ALTER TABLE temp.came ADD exported");
	(void)snprintf(sql, sizeof(sql),
	    "UPDATE temp.came SET exported=%lld,"
	    "signer=(SELECT id FROM signer WHERE name='li')",
	    (long long)handed);
	fixture_sql(&fixture, sql);
	if (c->row != NULL) {
		(void)snprintf(
		    sql, sizeof(sql), "UPDATE temp.came SET %s", c->row);
		fixture_sql(&fixture, sql);
	}
	(void)snprintf(sql, sizeof(sql),
	    "WITH RECURSIVE f(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM f "
	    "WHERE n<%d) INSERT INTO returned SELECT %%1$lld,n,1,'E3',"
	    "exported,'file','json',digest,'%s',signer,signature,bytes,1,0 "
	    "FROM f,temp.came WHERE %d;"
	    "INSERT INTO decision VALUES(%%1$lld,1,1,1,0,'%s','%s',NULL,%s,%s,"
	    "NULL,'%s','%s',1776000000,7,1)",
	    c->files > 0 ? c->files : 1, either(c->grade, "signed"),
	    !c->no_file, either(c->decision, "keep"), either(c->reason, "used"),
	    c->ends == NULL ? "NULL" : "'watched'", either(c->ends, "NULL"),
	    either(c->reviewer, "E3"), either(c->grade, "signed"));
	for (int i = 0; i <= c->again; i++)
		fixture_act(
		    &fixture, "wang", "decisions", "officer,reviewer", sql);
}

static void
set_up(void)
{
	e = (struct err){ 0 };
	fixture_new(&fixture, "/tmp/reeve-sheet-XXXXXX");
	(void)snprintf(path, sizeof(path), "%s/pack", fixture.folder);
	ck_assert_ok(pack_trust_new(&trust, &e));
	fixture_trust(trust, &fixture.officer);
}

static void
tear_down(void)
{
	pack_trust_free(&trust);
	buf_free(&result.all);
	fixture_free(&fixture);
}

START_TEST(a_decision_is_what_its_reviewer_sent_back)
{
	const struct sheet_case *c = &cases[_i];
	char sql[256], roster[80];
	struct pack_verifying asked = { .now = PACK_NOW };

	(void)snprintf(roster, sizeof(roster), "%s/roster", fixture.folder);
	if (c->roster)
		asked.roster = roster;
	ck_assert_int_eq(shell("cd %s && for k in *.pub; do echo \"x $(cat "
	                       "$k)\"; done >roster",
	                     fixture.folder),
	    0);
	if (strcmp(either(c->by, ""), "mei") == 0)
		enrol(c->by, c->approved);
	handed = fixture_number(&fixture, "SELECT max(id)+1 FROM act");
	(void)snprintf(sql, sizeof(sql),
	    "INSERT INTO worksheet VALUES(%%lld,1,'E3',x'" SHEET "',%s)",
	    c->no_code ? "NULL" : "x'" CODE "'");
	fixture_act(&fixture, "wang", "worksheets", NULL, sql);
	import(c);
	if (c->counts) {
		fixture.class = "item";
		fixture.sql = EFFECT;
	}
	fixture_pack(&fixture, path);
	fixture_sign(path, &fixture.officer, "officer");
	fixture_verify(path, trust, &asked, &result);
	if (c->word == NULL)
		ck_assert_msg(
		    result.faults == 0, "%s", buf_string(&result.all));
	else
		ck_assert_msg(strcmp(result.first, c->word) == 0 &&
		        strstr(buf_string(&result.all), c->text) != NULL,
		    "%s", buf_string(&result.all));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("review_pack_sheet");
	TCase *tests = tcase_create("sheet");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(
	    tests, a_decision_is_what_its_reviewer_sent_back, 0, COUNT(cases));
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
