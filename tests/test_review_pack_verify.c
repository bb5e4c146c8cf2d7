/*
 * Packs that were bent after they were signed, and packs that a trusted signer
 * bent before: each is refused, with the word and the file.
 */
#include "review_pack.h"

#include "review/oscal.h"
#include "review/report.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))

static struct pack_fixture fixture;
static struct pack_trust *trust;
static struct fixture_result result;
static struct err e;
static char path[80], good[80];

static void
verify(void)
{
	buf_free(&result.all);
	fixture_verify(path, trust, NULL, &result);
	ck_assert_msg(result.faults >= 0, "%s", result.e.text);
}

static void
refused(const char *word, const char *name)
{
	verify();
	ck_assert_msg(result.faults > 0, "it verifies");
	ck_assert_msg(
	    strcmp(result.first, word) == 0 && strcmp(result.name, name) == 0,
	    "%s", buf_string(&result.all));
}

static void
make(void)
{
	(void)shell("rm -rf %s", path);
	fixture_pack(&fixture, path);
	fixture_sign(path, &fixture.officer, "officer");
}

static void
once(void)
{
	fixture_new(&fixture, "/tmp/reeve-verify-XXXXXX");
	(void)snprintf(good, sizeof(good), "%s/good", fixture.folder);
	(void)snprintf(path, sizeof(path), "%s/pack", fixture.folder);
	fixture_pack(&fixture, good);
	fixture_sign(good, &fixture.officer, "officer");
}

static void
at_last(void)
{
	fixture_free(&fixture);
}

static void
set_up(void)
{
	e = (struct err){ 0 };
	ck_assert_ok(pack_trust_new(&trust, &e));
	fixture_trust(trust, &fixture.officer);
	ck_assert_int_eq(
	    shell("rm -rf %s && cp -r %s %s", path, good, path), 0);
}

static void
tear_down(void)
{
	pack_trust_free(&trust);
	buf_free(&result.all);
}

START_TEST(a_good_pack_verifies)
{
	verify();
	ck_assert_msg(result.faults == 0, "%s", buf_string(&result.all));
	ck_assert_int_eq(result.verdict.acts, 10);
	ck_assert_int_eq(result.verdict.signatures, 1);
	ck_assert_str_eq(result.verdict.by[0].subject, "CN=Wang Officer");
	ck_assert_int_eq(result.verdict.unseen, 0);
	ck_assert_int_eq(result.verdict.unproven, 0);
	ck_assert(!result.verdict.other_schema);
}
END_TEST

static void
ignore(void *context, const char *what, int64_t done, int64_t total)
{
	(void)context;
	(void)what;
	(void)done;
	(void)total;
}

START_TEST(a_report_is_of_the_pack_that_was_verified)
{
	char out[96];
	struct report_made made;
	struct report_wanted wanted = { .folder = path,
		.out = out,
		.en = true,
		.banner = "",
		.manifest = result.verdict.manifest,
		.progress = ignore };

	(void)snprintf(out, sizeof(out), "%s/report", fixture.folder);
	verify();
	ck_assert_ok(report_make(&wanted, &made, &e));
	ck_assert_int_eq(shell("rm -r %s", out), 0);
	/* Another one, as sound, takes its place. */
	fixture.sequence = 2;
	make();
	fixture.sequence = 0;
	ck_assert_int_eq(report_make(&wanted, &made, &e), -1);
	ck_assert_int_eq(e.code, ERR_TAMPERED);
	ck_assert_int_ne(access(out, F_OK), 0);
}
END_TEST

/* ---- What anybody can do to a folder ---- */

static const struct {
	const char *command; /* in the pack's folder */
	const char *word, *name;
} bent[] = {
	{ "rm parts/decision-0001.xml", "incomplete",
	    "parts/decision-0001.xml" },
	{ "rm manifest.xml", "incomplete", "manifest.xml" },
	{ "rm SHA256SUMS", "incomplete", "SHA256SUMS" },
	{ "rm summary.xml", "incomplete", "summary.xml" },
	{ "rm schema/evidence.xsd && rmdir schema", "incomplete",
	    "schema/evidence.xsd" },
	{ "cp parts/item-0001.xml parts/item-0002.xml", "altered",
	    "parts/item-0002.xml" },
	{ "cp parts/item-0001.xml parts/decision-0001.xml", "altered",
	    "parts/decision-0001.xml" },
	{ "mv parts/item-0001.xml x && mv parts/act-0001.xml "
	  "parts/item-0001.xml && mv x parts/act-0001.xml",
	    "altered", "parts/act-0001.xml" },
	{ "truncate -s -1 parts/act-0001.xml", "altered",
	    "parts/act-0001.xml" },
	{ "truncate -s 0 parts/act-0001.xml", "altered", "parts/act-0001.xml" },
	{ "truncate -s 0 manifest.xml", "altered", "manifest.xml" },
	{ "echo >>parts/act-0001.xml", "altered", "parts/act-0001.xml" },
	{ "echo >>SHA256SUMS", "altered", "SHA256SUMS" },
	{ "echo >>VERIFY.txt", "altered", "VERIFY.txt" },
	{ "echo >more.txt", "altered", "more.txt" },
	{ "echo >parts/.hidden", "altered", "parts/.hidden" },
	{ "echo >'a b'", "altered", "a b" },
	{ "mkdir empty", "altered", "empty" },
	{ "mkdir -p a/b/c/d/e && echo >a/b/c/d/e/f", "altered", "a/b/c/d/e/f" },
	{ "mv parts/act-0001.xml ../x; ln -s ../../x parts/act-0001.xml",
	    "altered", "parts/act-0001.xml" },
	{ "ln parts/act-0001.xml ../y", "altered", "parts/act-0001.xml" },
	{ "rm parts/act-0001.xml; mkfifo parts/act-0001.xml", "altered",
	    "parts/act-0001.xml" },
	{ "rm parts/act-0001.xml; mkdir parts/act-0001.xml", "altered",
	    "parts/act-0001.xml" },
	{ "mv parts ../p; ln -s ../p parts", "altered", "parts" },
	{ "ln -s /dev/zero zero", "altered", "zero" },
	{ "truncate -s 4T sparse", "altered", "sparse" },
	{ "rm -r signatures", "unsigned", "" },
	{ "truncate -s 0 signatures/officer.xml", "altered",
	    "signatures/officer.xml" },
	{ "truncate -s -1 signatures/officer.xml", "altered",
	    "signatures/officer.xml" },
	{ "truncate -s 2M signatures/officer.xml", "altered",
	    "signatures/officer.xml" },
	{ "echo >signatures/more", "altered", "signatures/more" },
	{ "mkdir signatures/a; mv signatures/officer.xml signatures/a",
	    "altered", "signatures/a/officer.xml" },
	{ "mv signatures/officer.xml signatures/chief.xml; echo "
	  ">signatures/officer.tsr",
	    "altered", "signatures/officer.tsr" },
	{ "sed -i '1a<!DOCTYPE x>' signatures/officer.xml", "altered",
	    "signatures/officer.xml" },
	{ "sed -i 's/Signature /Signature Id=\"a\" /' signatures/officer.xml",
	    "altered", "signatures/officer.xml" },
	{ "{ head -1 signatures/officer.xml; echo '<wrap>'; tail -n +2 "
	  "signatures/officer.xml; echo '</wrap>'; } >x; mv x "
	  "signatures/officer.xml",
	    "altered", "signatures/officer.xml" },
	{ "sed -i 's/<X509Data>/<KeyValue>1<\\/KeyValue><X509Data>/' "
	  "signatures/officer.xml",
	    "altered", "signatures/officer.xml" },
	{ "cp signatures/officer.xml signatures/second.xml", "untrusted",
	    "signatures/second.xml" },
};

START_TEST(what_was_done_to_a_folder_is_named)
{
	ck_assert_int_eq(shell("cd %s && %s", path, bent[_i].command), 0);
	refused(bent[_i].word, bent[_i].name);
}
END_TEST

/* ---- Who signed, and when ---- */

START_TEST(a_stranger_of_the_same_name_is_not_trusted)
{
	ck_assert_int_eq(shell("rm -r %s/signatures", path), 0);
	fixture_sign(path, &fixture.stranger, "officer");
	refused("untrusted", "signatures/officer.xml");
}
END_TEST

START_TEST(a_stranger_beside_the_officer_is_named)
{
	fixture_sign(path, &fixture.stranger, "stranger");
	refused("untrusted", "signatures/stranger.xml");
}
END_TEST

START_TEST(an_expired_certificate_is_told_apart)
{
	const struct pack_verifying later = { .now = PKI_TO + 1 };

	fixture_verify(path, trust, &later, &result);
	ck_assert_int_eq(result.faults, 1);
	ck_assert_str_eq(result.first, "expired");
	ck_assert_str_eq(result.name, "signatures/officer.xml");
}
END_TEST

START_TEST(nobody_is_trusted_for_being_there)
{
	pack_trust_free(&trust);
	ck_assert_ok(pack_trust_new(&trust, &e));
	refused("untrusted", "signatures/officer.xml");
}
END_TEST

START_TEST(unsigned_looks_at_digests_and_content)
{
	const struct pack_verifying all = { .now = PACK_NOW,
		.unsigned_ok = true };

	ck_assert_int_eq(shell("rm -r %s/signatures", path), 0);
	fixture_verify(path, trust, &all, &result);
	ck_assert_msg(result.faults == 0, "%s", buf_string(&result.all));
	ck_assert_int_eq(result.verdict.signatures, 0);
	buf_free(&result.all);
	ck_assert_int_eq(shell("echo >>%s/parts/act-0001.xml", path), 0);
	fixture_verify(path, trust, &all, &result);
	ck_assert_str_eq(result.first, "altered");
	ck_assert_str_eq(result.name, "parts/act-0001.xml");
}
END_TEST

static void
want_ciso(struct manifest *m)
{
	struct manifest_signer *s = manifest_add_signer(m, &e);

	strcpy(s->name, "ciso");
}

START_TEST(who_must_sign_has_to)
{
	fixture.bend_manifest = want_ciso;
	make();
	refused("unsigned", "signatures/ciso.xml");
	fixture_sign(path, &fixture.ciso, "ciso");
	refused("untrusted", "signatures/ciso.xml");
	fixture_trust(trust, &fixture.ciso);
	verify();
	ck_assert_msg(result.faults == 0, "%s", buf_string(&result.all));
	ck_assert_int_eq(result.verdict.signatures, 2);
}
END_TEST

static void
pin_ciso(struct manifest *m)
{
	struct manifest_signer *s = manifest_add_signer(m, &e);

	strcpy(s->name, "officer");
	s->pinned = true;
	memset(s->certificate, 7, sizeof(s->certificate));
}

START_TEST(a_pinned_certificate_is_the_only_one_that_will_do)
{
	fixture.bend_manifest = pin_ciso;
	make();
	refused("untrusted", "signatures/officer.xml");
}
END_TEST

START_TEST(two_signatures_of_one_key_are_one_signer)
{
	fixture.bend_manifest = want_ciso;
	make();
	fixture_sign(path, &fixture.officer, "ciso");
	refused("untrusted", "signatures/officer.xml");
}
END_TEST

/* ---- What a trusted signer could show ---- */

#define DECISION(what)                                                         \
	"SELECT d.act,n," PACK_AT(                                             \
	    "a.at") ",campaign,question,item," what                            \
	            ",compensation," PACK_AT("ends") ",proposal,reviewer,"     \
	                                             "grade," PACK_AT(         \
	                                                 "decided") ",seconds" \
	                                                            ",bulk "   \
	                                                            "FROM "    \
	                                                            "decision" \
	                                                            " d JOIN " \
	                                                            "act a "   \
	                                                            "ON "      \
	                                                            "a.id=d."  \
	                                                            "act "     \
	                                                            "ORDER "   \
	                                                            "BY 1,2"
#define ACT(at, name, seconded, included, text)                                \
	"SELECT a.id," at ",a.kind,g.fingerprint," name "," seconded           \
	"," included ",lower(hex(a.digest)),nullif(a.signature,'')," text      \
	" FROM act a LEFT JOIN signer g ON g.id=a.signer ORDER BY a.id"
#define ITEM(word)                                                             \
	"SELECT campaign,n,question,account,facts->>'$.account',\"right\","    \
	"facts->>'$.right',person,iif(privileged,'true','false'),severity,"    \
	"novelty,iif(low,'true','false')," word ",NULL FROM item ORDER BY n"
#define EXEMPTED(approver, status)                                             \
	"SELECT x.act,n,account,'acc 1',\"right\",'r',holder,rule,x.reason,"   \
	"compensation,owner," approver "," PACK_AT("a.at") "," PACK_AT(        \
	    "ends") "," status " FROM exempted x JOIN act a ON a.id=x.act"
#define SECONDED "(SELECT verdict FROM second s WHERE s.of=a.id)"
#define AT       PACK_AT("a.at")

static const struct {
	const char *class, *sql;
	const char *word, *text;
} lies[] = {
	{ "decision", DECISION("iif(n=1,'revoke',decision),reason,change"),
	    "altered", "altered parts/decision-0001.xml:3 it is not what" },
	{ "decision", DECISION("decision,iif(n=3,'x',reason),change"),
	    "altered", "altered parts/decision-0001.xml:5 it is not what" },
	{ "decision", DECISION("decision,reason,change") " LIMIT 2", "altered",
	    "class decision does not show the rows" },
	{ "decision",
	    "SELECT * FROM (" DECISION("decision,reason,change") ") UNION ALL "
	                                                         "SELECT "
	                                                         "7,4," PACK_AT(
	                                                             "177600000"
	                                                             "0") ",1,"
	                                                                  "1,0,"
	                                                                  "'kee"
	                                                                  "p','"
	                                                                  "',"
	                                                                  "NULL"
	                                                                  ",NUL"
	                                                                  "L,"
	                                                                  "NULL"
	                                                                  ",NUL"
	                                                                  "L,'"
	                                                                  "E3',"
	                                                                  "'sig"
	                                                                  "ned'"
	                                                                  ",NUL"
	                                                                  "L,"
	                                                                  "NULL"
	                                                                  ",1",
	    "altered", "its time is not that of its act" },
	{ "decision",
	    "SELECT * FROM (" DECISION("decision,reason,change") ") UNION ALL "
	                                                         "SELECT "
	                                                         "8,1," PACK_AT(
	                                                             "177600000"
	                                                             "0") ",1,"
	                                                                  "1,0,"
	                                                                  "'kee"
	                                                                  "p','"
	                                                                  "',"
	                                                                  "NULL"
	                                                                  ",NUL"
	                                                                  "L,"
	                                                                  "NULL"
	                                                                  ",NUL"
	                                                                  "L,'"
	                                                                  "E3',"
	                                                                  "'sig"
	                                                                  "ned'"
	                                                                  ",NUL"
	                                                                  "L,"
	                                                                  "NULL"
	                                                                  ",1",
	    "altered", "no act that is here can have it" },
	{ "item",
	    "SELECT campaign,n,question,account,'another',\"right\","
	    "facts->>'$.right',person,iif(privileged,'true','false'),severity,"
	    "novelty,iif(low,'true','false'),NULL,NULL,NULL,NULL FROM item "
	    "ORDER BY n",
	    "altered", "altered parts/item-0001.xml:3 it is not what" },
	{ "item",
	    "SELECT campaign,n,question,account,facts->>'$.account',\"right\","
	    "facts->>'$.right',person,'false',severity,"
	    "novelty,iif(low,'true','false'),NULL,NULL,NULL,NULL FROM item "
	    "ORDER BY n",
	    "altered", "altered parts/item-0001.xml:3 it is not what" },
	{ "item", ITEM("'revoke','E3',7"), "altered",
	    "altered parts/item-0001.xml:3 its act has no such decision" },
	{ "item", ITEM("'keep','E1',7"), "altered",
	    "altered parts/item-0001.xml:3 its act has no such decision" },
	{ "item", ITEM("'keep','E3',8"), "altered",
	    "altered parts/item-0001.xml:3 no act that is here can have it" },
	{ "item", ITEM("'keep','E3',NULL"), "altered",
	    "altered parts/item-0001.xml:3 a decision of no act" },
	{ "exception",
	    "SELECT act,n,account,'a',\"right\",NULL,holder,'AR-999',reason,"
	    "compensation,owner,NULL," PACK_AT("1776000000") "," PACK_AT(
	        "ends") ",'counts' FROM exempted",
	    "altered", "parts/exception-0001.xml:3 it is not what" },
	{ "exception",
	    "SELECT act,n,12,'acc "
	    "2',NULL,NULL,NULL,NULL,'because',compensation,"
	    "reviewer,NULL," PACK_AT("1776000000") "," PACK_AT(
	        "ends") ",'counts' FROM decision WHERE decision='exception'",
	    "altered", "parts/exception-0001.xml:3 it is not what" },
	{ "daily",
	    "SELECT '2024-10-04',source,version,state,reason," PACK_AT(
	        "due") ",NULL,NULL,NULL,'waiting',act,0,0,0,'{}' FROM daily",
	    "altered", "parts/daily-0001.xml:3 it is not what" },
	{ "campaign",
	    "SELECT id,'2026Q2',type," PACK_AT("1775000000") ",NULL," PACK_AT(
	        "due") ",NULL,NULL,'house','',2,0,2,2,2,0 FROM campaign",
	    "altered", "parts/campaign-0001.xml:3 it is not what" },
	{ "signer",
	    "SELECT act,name,employee,'officer',fingerprint,key,NULL FROM "
	    "signer ORDER BY id",
	    "altered", "parts/signer-0001.xml:5 it is not what" },
	{ "signer",
	    "SELECT act,name,'E7',role,fingerprint,key,NULL FROM signer "
	    "ORDER BY id",
	    "unsigned", "whose decision it is signed neither" },
	{ "signer",
	    "SELECT act,name,employee,role,fingerprint,(SELECT key FROM signer "
	    "WHERE id=1),NULL FROM signer ORDER BY id",
	    "altered", "has another fingerprint" },
	{ "signer",
	    "SELECT act,name,employee,role,fingerprint,key,NULL FROM signer "
	    "WHERE id<3",
	    "untrusted", "of no enrolled person" },
	{ "act", ACT(AT, "'liu'", SECONDED, "'true'", "a.text"), "untrusted",
	    "of no enrolled person of that name" },
	{ "act", ACT(PACK_AT("a.at+1"), "g.name", SECONDED, "'true'", "a.text"),
	    "altered", "its text is not of this act" },
	{ "act",
	    ACT(AT, "g.name", "iif(a.id=7,'approved'," SECONDED ")", "'true'",
	        "a.text"),
	    "altered", "what is said of a second person" },
	{ "act",
	    ACT(AT, "g.name", "iif(a.id=8,'refused'," SECONDED ")", "'true'",
	        "a.text"),
	    "altered", "says something else of its second person" },
	{ "act", ACT(AT, "g.name", "NULL", "'true'", "a.text"), "altered",
	    "says something else of its second person" },
	{ "act",
	    ACT(AT, "g.name", SECONDED, "iif(a.id=7,'false','true')", "a.text"),
	    "incomplete", "act 7 is of the period" },
	{ "act",
	    ACT(AT, "g.name", SECONDED, "iif(a.id=4,'false','true')", "a.text"),
	    "incomplete", "act 4 is of who may sign" },
	{ "act",
	    ACT(AT, "g.name", SECONDED, "'true'",
	        "replace(a.text,'\"rows\":3','\"rows\":2')"),
	    "altered", "act 7: " },
	{ "act",
	    "SELECT * FROM (" ACT(
	        AT, "g.name", SECONDED, "'true'", "a.text") ") WHERE id<>9",
	    "incomplete", "acts 9 to 9 are not there" },
	{ "act",
	    "SELECT * FROM (" ACT(
	        AT, "g.name", SECONDED, "'true'", "a.text") ") WHERE id<10",
	    "incomplete", "its head is act 10" },
	/* One row says that li's keys ended, the other that they did not. */
	{ "signer",
	    "SELECT act,name,employee,role,fingerprint,key,NULL FROM "
	    "(SELECT * FROM signer UNION ALL SELECT * FROM signer WHERE id=3) "
	    "ORDER BY id",
	    "altered", "act 3 enrols li, and class signer has it twice" },
	{ "signer",
	    "SELECT act,name,employee,role,fingerprint,key,iif(id=3,8,NULL) "
	    "FROM signer ORDER BY id",
	    "altered", "class signer says that act 8 ended li" },
	{ "item",
	    "SELECT campaign,n,question,account,facts->>'$.account',\"right\","
	    "facts->>'$.right',person,iif(privileged,'true','false'),severity,"
	    "novelty,iif(low,'true','false'),'revoke','E3',7,NULL FROM item "
	    "WHERE n=1 UNION ALL SELECT campaign,n,question,account,"
	    "facts->>'$.account',\"right\",facts->>'$.right',person,"
	    "iif(privileged,'true','false'),severity,novelty,"
	    "iif(low,'true','false'),NULL,NULL,NULL,NULL FROM item WHERE n=2",
	    "altered", "item-0001.xml:4 it shows no decision" },
	{ "exception", EXEMPTED("'liu'", "'counts'"), "altered",
	    "exception-0001.xml:3 whether it was approved" },
	{ "exception", EXEMPTED("NULL", "'waiting'"), "altered",
	    "exception-0001.xml:3 whether it was approved" },
	{ "exception", EXEMPTED("'chen'", "'refused'"), "altered",
	    "exception-0001.xml:3 whether it was approved" },
	{ "item", ITEM("NULL,NULL,NULL"), "altered",
	    "item-0001.xml:3 it shows no decision" },
	{ "item", ITEM("iif(n=1,'keep','exception'),'E3',7"), "altered",
	    "item-0001.xml:4 its act has no such" },
	{ "daily",
	    "SELECT "
	    "date(day*86400,'unixepoch'),source,version,state,reason," PACK_AT(
	        "due") "," PACK_AT("(SELECT at FROM act WHERE id=8)") ",'wang',"
	                                                              "'normal'"
	                                                              ",'on-"
	                                                              "time',"
	                                                              "act,3,0,"
	                                                              "0,facts "
	                                                              "FROM "
	                                                              "daily",
	    "altered", "nobody signed that it was examined so" },
	{ "daily",
	    "SELECT "
	    "date(day*86400,'unixepoch'),source,version,state,reason," PACK_AT(
	        "due") ",NULL,NULL,NULL,'waiting',act,0,0,0,facts FROM daily",
	    "altered", "daily-0001.xml:3 it is not what" },
	{ "daily", "SELECT * FROM daily WHERE false", "incomplete",
	    "class daily does not show" },
	{ "exception", "SELECT * FROM exempted WHERE false", "incomplete",
	    "class exception does not show" },
	{ "campaign", "SELECT * FROM campaign WHERE false", "incomplete",
	    "class campaign does not show" },
	{ "account",
	    "SELECT 1,1,'k','user',NULL,NULL,NULL,NULL,NULL,NULL,"
	    "'true',NULL,NULL,NULL,'false',NULL,NULL,NULL,NULL,NULL,"
	    "NULL,NULL FROM (SELECT 1 AS value UNION ALL SELECT 2)",
	    "altered", "row 1 is there twice" },
};

START_TEST(what_a_signer_shows_is_what_was_signed)
{
	fixture.class = lies[_i].class;
	fixture.sql = lies[_i].sql;
	make();
	verify();
	ck_assert_msg(result.faults > 0, "it verifies");
	ck_assert_msg(strcmp(result.first, lies[_i].word) == 0 &&
	        strstr(buf_string(&result.all), lies[_i].text) != NULL,
	    "%s", buf_string(&result.all));
}
END_TEST

static bool
drop_last(int64_t act, const char *table, int64_t row, const char **text)
{
	(void)table;
	(void)text;
	return act == 7 && row == 2;
}

static bool
change_one(int64_t act, const char *table, int64_t row, const char **text)
{
	(void)table;
	if (act == 8 && row == 0)
		*text = "[8,1,11,20,\"E9\",null,\"\",\"\",1,\"E9\",null,null,"
		        "null,null]";
	return false;
}

static bool
drop_table(int64_t act, const char *table, int64_t row, const char **text)
{
	(void)row;
	(void)text;
	return act == 6 && strcmp(table, "item") == 0;
}

START_TEST(signed_rows_are_those_of_their_acts)
{
	static const struct {
		bool (*bend)(int64_t, const char *, int64_t, const char **);
		const char *word, *text;
	} bends[] = {
		{ drop_last, "incomplete",
		    "act 7: the rows of table decision (2, of 3)" },
		{ change_one, "altered",
		    "act 8: the rows of table exempted (1, of 1)" },
		{ drop_table, "incomplete",
		    "act 6: the rows of table item (0, of 2)" },
	};

	fixture.bend_signed = bends[_i].bend;
	make();
	refused(bends[_i].word, "parts/signed-0001.xml");
	ck_assert_msg(strstr(buf_string(&result.all), bends[_i].text) != NULL,
	    "%s", buf_string(&result.all));
}
END_TEST

/* ---- What the manifest says ---- */

static void
bend_rehearsal(struct manifest *m)
{
	m->rehearsal = true;
}

static void
bend_rows(struct manifest *m)
{
	m->classes[0].rows++;
}

static void
bend_parts(struct manifest *m)
{
	m->classes[0].parts = INT64_MAX;
}

static void
bend_no_part(struct manifest *m)
{
	m->classes[0].parts = 0;
	m->classes[0].rows = 0;
}

static void
bend_class(struct manifest *m)
{
	m->class_count--;
}

static void
bend_head(struct manifest *m)
{
	m->head--;
}

static void
bend_size(struct manifest *m)
{
	m->files[0].bytes++;
}

static void
bend_missing(struct manifest *m)
{
	struct manifest_file *f = manifest_add_file(m, &e);

	strcpy(f->name, "parts/source-0002.xml");
	strcpy(f->class, "source");
}

static void
bend_unlisted(struct manifest *m)
{
	m->file_count--;
}

static void
bend_places(struct manifest *m)
{
	m->places = m->covered = 1;
}

static void
bend_own(struct manifest *m)
{
	struct manifest_file *f = manifest_add_file(m, &e);

	strcpy(f->name, "SHA256SUMS");
}

static const struct {
	void (*bend)(struct manifest *);
	const char *word, *name, *text;
} manifests[] = {
	{ bend_rehearsal, "altered", "parts/act-0001.xml", "not of this act" },
	{ bend_rows, "altered", "manifest.xml", "class source has 1 rows" },
	{ bend_parts, "incomplete", "parts/source-0002.xml", "not there" },
	{ bend_no_part, "altered", "parts/source-0001.xml", "no part of a" },
	{ bend_class, "incomplete", "manifest.xml", "class control is not" },
	{ bend_head, "altered", "manifest.xml", "its head is act 9" },
	{ bend_size, "altered", "parts/source-0001.xml", "not those that" },
	{ bend_missing, "incomplete", "parts/source-0002.xml", "not there" },
	{ bend_unlisted, "altered", "VERIFY.txt", "does not list it" },
	{ bend_places, "altered", "manifest.xml", "class coverage has 0 pl" },
	{ bend_own, "altered", "manifest.xml", "SHA256SUMS twice" },
};

START_TEST(what_the_manifest_says_is_so)
{
	fixture.bend_manifest = manifests[_i].bend;
	make();
	refused(manifests[_i].word, manifests[_i].name);
	ck_assert_msg(
	    strstr(buf_string(&result.all), manifests[_i].text) != NULL, "%s",
	    buf_string(&result.all));
}
END_TEST

START_TEST(totals_are_counted_again)
{
	ck_assert_int_eq(
	    shell(
	        "sed -i '0,/count=\"2\"/s//count=\"3\"/' %s/summary.xml", path),
	    0);
	fixture_resign(path, &fixture.officer);
	refused("altered", "summary.xml");
}
END_TEST

/* ---- Documents of a trusted signer who means ill ---- */

#define DECLARATION "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\\n"
#define PART                                                                   \
	"<part xmlns=\"urn:reeve:evidence:1\" version=\"1\" pack=\"1\" "       \
	"class=\"source\" number=\"1\">\\n"

/* Printed; a shell command makes what is between. */
static const struct {
	const char *name, *before, *fill, *after;
} hostile[] = {
	{ "entity bomb",
	    DECLARATION "<!DOCTYPE part [<!ENTITY a \"aaaaaaaaaa\">"
	                "<!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]>" PART,
	    "true", "&b;</part>" },
	{ "external entity",
	    DECLARATION "<!DOCTYPE part [<!ENTITY a SYSTEM "
	                "\"file:///etc/hostname\">]>" PART,
	    "true", "&a;</part>" },
	{ "external subset",
	    DECLARATION
	    "<!DOCTYPE part SYSTEM \"http://127.0.0.1:1/x.dtd\">" PART,
	    "true", "</part>" },
	{ "deep", DECLARATION PART, "yes '<source>' | head -c 60000000",
	    "</part>" },
	{ "a long value", DECLARATION PART "<source id=\"1\" name=\"",
	    "yes | tr -d '\\n' | head -c 60000000", "\"/></part>" },
	{ "a long name", DECLARATION PART "<",
	    "yes | tr -d '\\n' | head -c 60000000", "/></part>" },
	{ "attributes", DECLARATION PART "<source ",
	    "seq -f 'a%.0f=\"\"' 3000000", "/></part>" },
	{ "namespaces", DECLARATION PART "<source ",
	    "seq -f 'xmlns:a%.0f=\"u\"' 2000000", "/></part>" },
	{ "text", DECLARATION PART, "yes | head -c 60000000", "</part>" },
	{ "references", DECLARATION PART,
	    "yes '&amp;' | tr -d '\\n' | head -c 60000000", "</part>" },
	{ "binary", "", "head -c 1000000 /dev/zero", "" },
	{ "huge", DECLARATION PART, "head -c 200000000 /dev/zero", "</part>" },
};

START_TEST(hostile_documents_take_little_time_and_memory)
{
	struct rusage used;
	struct timespec start, now;
	pid_t pid;
	int status;

	ck_assert_int_eq(
	    shell("cd %s/parts && { printf '%s'; %s; printf "
	          "'%s'; } >source-0001.xml",
	        path, hostile[_i].before, hostile[_i].fill, hostile[_i].after),
	    0);
	fixture_resign(path, &fixture.officer);
	ck_assert_int_eq(clock_gettime(CLOCK_MONOTONIC, &start), 0);
	if ((pid = fork()) == 0) {
		verify();
		_exit(result.faults > 0 &&
		            strcmp(result.first, "altered") == 0 &&
		            strcmp(result.name, "parts/source-0001.xml") == 0
		        ? 0
		        : 1);
	}
	ck_assert_int_eq(wait4(pid, &status, 0, &used), pid);
	ck_assert_int_eq(clock_gettime(CLOCK_MONOTONIC, &now), 0);
	if (getenv("MEASURE") != NULL)
		fprintf(stderr, "%s: %.1f s, %ld MiB\n", hostile[_i].name,
		    (double)(now.tv_sec - start.tv_sec) +
		        (double)(now.tv_nsec - start.tv_nsec) / 1e9,
		    used.ru_maxrss / 1024);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s",
	    hostile[_i].name);
	ck_assert_int_lt(now.tv_sec - start.tv_sec, 30);
	ck_assert_int_lt(used.ru_maxrss, 1024 * 1024);
}
END_TEST

/* ---- OSCAL ---- */

static void
bend_oscal(struct manifest *m)
{
	struct manifest_file *f = manifest_add_file(m, &e);

	strcpy(f->name, OSCAL_RESULTS);
	strcpy(m->program, "reeve " REEVE_VERSION);
}

START_TEST(oscal_is_made_again_of_the_rows)
{
	ck_assert_int_eq(shell("rm -rf %s", path), 0);
	fixture.bend_manifest = bend_oscal;
	fixture_pack(&fixture, path);
	ck_assert_int_eq(
	    shell("cd %s && mkdir oscal && printf '<?xml version=\"1.0\" "
	          "encoding=\"UTF-8\"?>\\n<assessment-results xmlns=\""
	          "http://csrc.nist.gov/ns/oscal/1.0\"/>' >" OSCAL_RESULTS,
	        path),
	    0);
	fixture_resign(path, &fixture.officer);
	refused("altered", OSCAL_RESULTS);
	ck_assert_str_eq(result.text, "it is not what the rows give");
}
END_TEST

/* ---- The pack before ---- */

static void
digest_of(const char *folder, unsigned char digest[DIGEST_SHA256_LENGTH])
{
	struct pack_folder f;
	struct pack_entry *entry;

	ck_assert_ok(pack_folder_open(&f, folder, fixture_odd, NULL, &e));
	entry = pack_folder_find(&f, EVIDENCE_MANIFEST);
	ck_assert_ok(pack_entry_hash(&f, entry, NULL, NULL, &e));
	memcpy(digest, entry->sha256, DIGEST_SHA256_LENGTH);
	pack_folder_close(&f);
}

static void
verify_after(const char *before)
{
	const struct pack_verifying asked = { .now = PACK_NOW,
		.previous = before };

	buf_free(&result.all);
	fixture_verify(path, trust, &asked, &result);
	ck_assert_msg(result.faults >= 0, "%s", result.e.text);
}

START_TEST(packs_are_a_chain)
{
	fixture.sequence = 2;
	digest_of(good, fixture.previous);
	make();
	verify_after(good);
	ck_assert_msg(result.faults == 0, "%s", buf_string(&result.all));
	ck_assert(result.verdict.previous);
	fixture.previous[0] ^= 1;
	make();
	verify_after(good);
	ck_assert_str_eq(result.first, "altered");
	fixture.previous[0] ^= 1;
	fixture.sequence = 3;
	make();
	verify_after(good);
	ck_assert_str_eq(result.first, "incomplete");
	fixture.sequence = 4;
	make();
	verify_after(good);
	ck_assert_str_eq(result.first, "incomplete");
	ck_assert_ptr_nonnull(strstr(result.text, "packs 2 to 3 are missing"));
}
END_TEST

START_TEST(a_pack_is_not_numbered_before_those_that_its_acts_know_of)
{
	fixture_act(&fixture, "wang", "pack", NULL,
	    "INSERT INTO pack VALUES(%lld,1,'periodic',1,2,'{}','x',"
	    "zeroblob(32))");
	make();
	refused("altered", "manifest.xml");
	ck_assert_ptr_nonnull(
	    strstr(result.text, "its acts know of 1 before it"));
	fixture.sequence = 2;
	make();
	verify();
	ck_assert_msg(result.faults == 0, "%s", buf_string(&result.all));
}
END_TEST

/* ---- Held elsewhere ---- */

START_TEST(acts_are_held_against_a_roster_and_a_head)
{
	struct pack_verifying asked = { .now = PACK_NOW };
	char roster[80];

	(void)snprintf(roster, sizeof(roster), "%s/roster", fixture.folder);
	ck_assert_int_eq(shell("cd %s && cat wang.pub chen.pub li.pub | sed "
	                       "'s/^/x /' >roster",
	                     fixture.folder),
	    0);
	asked.roster = roster;
	fixture_verify(path, trust, &asked, &result);
	ck_assert_msg(result.faults == 0, "%s", buf_string(&result.all));
	ck_assert(result.verdict.roster);
	buf_free(&result.all);
	ck_assert_int_eq(
	    shell("cd %s && sed 's/^/x /' wang.pub >roster", fixture.folder),
	    0);
	fixture_verify(path, trust, &asked, &result);
	ck_assert_str_eq(result.first, "untrusted");
	ck_assert_str_eq(result.name, "parts/act-0001.xml");
	buf_free(&result.all);
	asked = (struct pack_verifying){ .now = PACK_NOW,
		.head = "11 "
		        "0000000000000000000000000000000000000000000000000000"
		        "000000000000" };
	fixture_verify(path, trust, &asked, &result);
	ck_assert_str_eq(result.first, "incomplete");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("pack_verify");
	TCase *tests = tcase_create("pack_verify");

	tcase_add_unchecked_fixture(tests, once, at_last);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, a_good_pack_verifies);
	tcase_add_test(tests, a_report_is_of_the_pack_that_was_verified);
	tcase_add_loop_test(
	    tests, what_was_done_to_a_folder_is_named, 0, COUNT(bent));
	tcase_add_test(tests, a_stranger_of_the_same_name_is_not_trusted);
	tcase_add_test(tests, a_stranger_beside_the_officer_is_named);
	tcase_add_test(tests, an_expired_certificate_is_told_apart);
	tcase_add_test(tests, nobody_is_trusted_for_being_there);
	tcase_add_test(tests, unsigned_looks_at_digests_and_content);
	tcase_add_test(tests, who_must_sign_has_to);
	tcase_add_test(
	    tests, a_pinned_certificate_is_the_only_one_that_will_do);
	tcase_add_test(tests, two_signatures_of_one_key_are_one_signer);
	tcase_add_loop_test(
	    tests, what_a_signer_shows_is_what_was_signed, 0, COUNT(lies));
	tcase_add_loop_test(tests, signed_rows_are_those_of_their_acts, 0, 3);
	tcase_add_loop_test(
	    tests, what_the_manifest_says_is_so, 0, COUNT(manifests));
	tcase_add_test(tests, totals_are_counted_again);
	tcase_add_loop_test(tests,
	    hostile_documents_take_little_time_and_memory, 0, COUNT(hostile));
	tcase_add_test(tests, oscal_is_made_again_of_the_rows);
	tcase_add_test(tests, packs_are_a_chain);
	tcase_add_test(
	    tests, a_pack_is_not_numbered_before_those_that_its_acts_know_of);
	tcase_add_test(tests, acts_are_held_against_a_roster_and_a_head);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
