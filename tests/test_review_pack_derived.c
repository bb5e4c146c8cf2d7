/*
 * What a trusted signer shows of remedies and findings, beside what their acts,
 * pulls and other rows tell.
 */
#include "review_pack.h"

#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))

/* Acts are at PACK_NOW, the pack is made a day later. */
#define NOW "(SELECT max(at) FROM act)"
#define DAYS(n)                                                                \
	"strftime('%Y-%m-%dT%H:%M:%SZ'," NOW "+86400*(" #n "),'unixepoch')"

static const struct fixture_class classes[] = {
	{ "pull", "SELECT * FROM temp.pull_shown ORDER BY id" },
	{ "remedy", "SELECT * FROM temp.remedy_shown ORDER BY id" },
	{ "finding", "SELECT * FROM temp.finding_shown ORDER BY id" },
	{ NULL, NULL },
};

static const char rows[] =
    "CREATE TEMP TABLE pull_shown AS SELECT 3 AS id,1 AS source," DAYS(
        0.5) " AS started,NULL AS ended,'full' AS mode,'applied' AS state,"
             "'true' AS complete,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,"
             "NULL,NULL,'t','false',NULL;"
             "CREATE TEMP TABLE "
             "remedy_shown(id,act,account,name,right,rightName,"
             "holder,action,severity,owner,ordered,due,approved,status,closed,"
             "proof,"
             "overdue,extended,ticket,before,after,plan,finding,campaign);"
             "INSERT INTO remedy_shown SELECT "
             "id,act,account,'acc',NULL,NULL,holder,"
             "action,severity,owner," DAYS(
                 0) ",strftime('%Y-%m-%dT%H:%M:%SZ',due,"
                    "'unixepoch'),'true','approved',NULL,NULL,'false',0,NULL,''"
                    ",NULL,'',"
                    "finding,NULL FROM main.remedy;"
                    "UPDATE remedy_shown SET due=" DAYS(
                        60) ",extended=1,status='open',after='still there' "
                            "WHERE id=1;"
                            "UPDATE remedy_shown SET "
                            "status='proven',proof=3,closed=" DAYS(
                                0.5) ",after='gone' WHERE id=2;"
                                     "UPDATE remedy_shown SET "
                                     "overdue='true',ticket='T-1' WHERE id=3;"
                                     "CREATE TEMP TABLE "
                                     "finding_shown(id,rule,account,right,name,"
                                     "about,source,"
                                     "department,core,state,certainty,severity,"
                                     "status,reason,first,last,"
                                     "closed,repeated,due,points,text,textZh,"
                                     "body);"
                                     "INSERT INTO finding_shown SELECT "
                                     "column1,'AR-101',column2,NULL,'n','',1,"
                                     "NULL,'false',column3,'certain',column4,"
                                     "column5,'',"
                                     "column6," DAYS(
                                         0) ",column7,column8,column9,column10,"
                                            "'t','t','{}' FROM (VALUES"
                                            "(1,11,'hit','high','open'," DAYS(-20) ",NULL,'false'," DAYS(
                                                60) ",'3.0'),"
                                                    "(2,12,'hit','high','"
                                                    "overdue'," DAYS(
                                                        -20) ",NULL,'false'"
                                                             "," DAYS(
                                                                 -6) ",'4."
                                                                     "5'),"
                                                                     "(3,"
                                                                     "12,'"
                                                                     "hit'"
                                                                     ",'"
                                                                     "high"
                                                                     "','"
                                                                     "open"
                                                                     "'"
                                                                     "," DAYS(-5) ",NULL,'false'," DAYS(
                                                                         9) ",'"
                                                                            "3."
                                                                            "0'"
                                                                            "),"
                                                                            "(4"
                                                                            ",1"
                                                                            "2,"
                                                                            "'h"
                                                                            "it"
                                                                            "',"
                                                                            "'m"
                                                                            "ed"
                                                                            "iu"
                                                                            "m'"
                                                                            ",'"
                                                                            "op"
                                                                            "en"
                                                                            "'"
                                                                            "," DAYS(-1) ",NULL,'true'," DAYS(
                                                                                29) ",'4.0'),"
                                                                                    "(5,12,'hit','info','open'," DAYS(
                                                                                        -1) ",NULL,'false',NULL,'0.0'),"
                                                                                            "(6,11,'hit','low','excepted'," DAYS(-200) ",NULL,'false'," DAYS(
                                                                                                -110) ",'0.5'),"
                                                                                                      "(7,12,'hit','critical','closed'," DAYS(-30) "," DAYS(
                                                                                                          0) ",'false'," DAYS(-27) ",'0.0'),"
                                                                                                                                   "(8,12,'unknown','medium','open'," DAYS(
                                                                                                                                       -30) ",NULL,'false',NULL,'0.0'));";

/* A statement over rows as they should be. */
static const struct lie {
	const char *sql;
	const char *text; /* NULL: it verifies */
} lies[] = {
	{ "SELECT 1", NULL },
	{ "UPDATE remedy_shown SET due=" DAYS(30) " WHERE id=1",
	    "remedy 1: the column \"due\" says" },
	{ "UPDATE remedy_shown SET due=" DAYS(30) ",overdue='false' WHERE id=3",
	    "remedy 3: the column \"due\" says" },
	{ "UPDATE remedy_shown SET extended=0 WHERE id=1",
	    "remedy 1: the column \"extended\" says \"0\"; by the other rows "
	    "it "
	    "is \"1\"" },
	{ "UPDATE remedy_shown SET status='proven' WHERE id=1",
	    "remedy 1: the column \"status\" says \"proven\"; by the other "
	    "rows "
	    "it is \"open\"" },
	{ "UPDATE remedy_shown SET status='proven',overdue='false',proof=3,"
	  "closed=" DAYS(0.5) " WHERE id=3",
	    "remedy 3: the column \"status\" says" },
	{ "UPDATE remedy_shown SET status='back' WHERE id=2",
	    "remedy 2: the column \"status\" says" },
	{ "UPDATE remedy_shown SET proof=4 WHERE id=2",
	    "remedy 2: the column \"proof\" says \"4\"" },
	{ "UPDATE remedy_shown SET proof=NULL,closed=NULL WHERE id=2",
	    "remedy 2: the column \"proof\" says \"\"" },
	{ "UPDATE remedy_shown SET closed=" DAYS(0) " WHERE id=2",
	    "remedy 2: the column \"closed\" says" },
	{ "UPDATE pull_shown SET complete='false'",
	    "remedy 2: the column \"closed\" says" },
	{ "UPDATE pull_shown SET state='held'",
	    "remedy 2: the column \"closed\" says" },
	{ "DELETE FROM pull_shown", "remedy 2: the column \"closed\" says" },
	{ "UPDATE pull_shown SET started=" DAYS(
	      0) ";UPDATE remedy_shown SET closed=" DAYS(0) " WHERE id=2",
	    "remedy 2: the column \"closed\" says" },
	{ "UPDATE remedy_shown SET overdue='true' WHERE id=2",
	    "remedy 2: the column \"overdue\" says" },
	{ "UPDATE remedy_shown SET overdue='false' WHERE id=3",
	    "remedy 3: the column \"overdue\" says \"false\"" },
	{ "UPDATE remedy_shown SET after='mended' WHERE id=1",
	    "remedy 1: the column \"after\" is not what was signed" },
	{ "UPDATE remedy_shown SET ticket='T-2' WHERE id=3",
	    "remedy 3: the column \"ticket\" is not what was signed" },
	{ "UPDATE finding_shown SET due=" DAYS(-6) ",status='overdue',"
	                                           "points='4.5' WHERE id=1",
	    "finding 1: the column \"due\" says" },
	{ "UPDATE finding_shown SET due=" DAYS(9) ",status='open',"
	                                          "points='3.0' WHERE id=2",
	    "finding 3: the column \"due\" says" },
	{ "UPDATE finding_shown SET first='0001-01-01T00:00:00Z',due='never',"
	  "status='open',points='3.0' WHERE id=2",
	    "finding 2: the column \"due\" says \"never\"" },
	{ "UPDATE finding_shown SET due=NULL,status='open',points='3.0' "
	  "WHERE id=3",
	    "finding 3: the column \"due\" says \"\"" },
	{ "UPDATE finding_shown SET due=" DAYS(9) " WHERE id=5",
	    "finding 5: the column \"due\" says" },
	{ "UPDATE finding_shown SET status='open',points='3.0' WHERE id=2",
	    "finding 2: the column \"status\" says \"open\"; by the other rows "
	    "it is \"overdue\"" },
	{ "UPDATE finding_shown SET status='overdue',points='4.5' WHERE id=3",
	    "finding 3: the column \"status\" says" },
	{ "UPDATE finding_shown SET status='open',points='3.0' WHERE id=7",
	    "finding 7: the column \"status\" says" },
	{ "UPDATE finding_shown SET status='closed',points='0.0' WHERE id=2",
	    "finding 2: the column \"status\" says \"closed\"" },
	{ "UPDATE finding_shown SET status='excepted',points='1.5' WHERE id=2",
	    "finding 2: the column \"status\" says \"excepted\"" },
	{ "UPDATE finding_shown SET rule='AR-102' WHERE id=6",
	    "finding 6: the column \"status\" says \"excepted\"" },
	{ "UPDATE finding_shown SET points='2.0' WHERE id=4",
	    "finding 4: the column \"points\" says \"2.0\"; by the other rows "
	    "it is \"4.0\"" },
};

static struct pack_fixture fixture;
static struct pack_trust *trust;
static struct fixture_result result;
static struct err e;
static char path[80];

static void
seconded(int64_t act)
{
	char key[256];
	const struct act_how how =
	    keys_how(fixture.folder, "chen", PACK_NOW, key);

	ck_assert_ok(act_second(fixture.store, act, true, "", &how, NULL, &e));
}

/* Acts 11 to 16: three orders; the first extended and still open. */
static void
remedies(void)
{
	fixture_act(&fixture, "wang", "remedy", NULL,
	    "INSERT INTO remedy SELECT %1$lld,column1,column2,NULL,'E9',"
	    "'disable','high'," NOW
	    "+86400*column3,'E9','{}',NULL,NULL,column4 "
	    "FROM (VALUES(1,11,30,1),(2,12,-10,NULL),(3,12,-5,NULL))");
	seconded(11);
	fixture_act(&fixture, "wang", "remedy-event", NULL,
	    "INSERT INTO remedy_event VALUES(%lld,1,'extended',NULL," NOW
	    "+86400*60,'vendor')");
	seconded(13);
	fixture_act(&fixture, "wang", "remedy-event", NULL,
	    "INSERT INTO remedy_event VALUES"
	    "(%1$lld,1,'open',NULL,NULL,'still there'),"
	    "(%1$lld,2,'proven',3,NULL,'gone')");
	fixture_act(&fixture, "wang", "remedy-event", NULL,
	    "INSERT INTO remedy_event VALUES(%lld,3,'ticket',NULL,NULL,'T-1')");
}

/* Else points may be counted otherwise. */
static void
by_this_version(struct manifest *m)
{
	(void)snprintf(
	    m->program, sizeof(m->program), "reeve %s", REEVE_VERSION);
}

static void
once(void)
{
	fixture_new(&fixture, "/tmp/reeve-derived-XXXXXX");
	remedies();
	fixture.more = classes;
	fixture.bend_manifest = by_this_version;
	(void)snprintf(path, sizeof(path), "%s/pack", fixture.folder);
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
	(void)shell("rm -rf %s", path);
	fixture_sql(&fixture, rows);
}

static void
tear_down(void)
{
	pack_trust_free(&trust);
	buf_free(&result.all);
	fixture_sql(&fixture,
	    "DROP TABLE temp.pull_shown; DROP TABLE temp.remedy_shown;"
	    "DROP TABLE temp.finding_shown");
}

static void
verify(void)
{
	fixture_pack(&fixture, path);
	fixture_sign(path, &fixture.officer, "officer");
	fixture_verify(path, trust, NULL, &result);
}

START_TEST(what_follows_from_other_rows_is_so)
{
	const struct lie *lie = &lies[_i];

	fixture_sql(&fixture, lie->sql);
	verify();
	if (lie->text == NULL) {
		ck_assert_msg(
		    result.faults == 0, "%s", buf_string(&result.all));
		ck_assert_int_eq(result.verdict.unproven, 0);
	} else
		ck_assert_msg(strcmp(result.first, "altered") == 0 &&
		        strstr(buf_string(&result.all), lie->text) != NULL,
		    "%s", buf_string(&result.all));
}
END_TEST

START_TEST(who_verifies_is_told_how_long_findings_may_stand)
{
	static const int64_t days[PACK_SEVERITIES] = { 3, 14, 30, 90 };

	verify();
	ck_assert_mem_eq(result.verdict.days, days, sizeof(days));
}
END_TEST

/* Before the period, so that only what became of remedies must be here. */
static void
in_the_next_period(struct manifest *m)
{
	by_this_version(m);
	m->from = PACK_NOW + 1;
}

static bool
without_act_15(int64_t act, const char *table, int64_t row, const char **text)
{
	(void)table;
	(void)row;
	(void)text;
	return act == 15;
}

START_TEST(what_became_of_remedies_is_here_whenever_it_was_said)
{
	fixture.bend_manifest = in_the_next_period;
	fixture.bend_signed = without_act_15;
	fixture.class = "act";
	fixture.sql = "SELECT a.id," PACK_AT(
	    "a.at") ",a.kind,g.fingerprint,g.name,(SELECT verdict FROM second "
	            "s "
	            "WHERE s.of=a.id),iif(a.id=15,'false','true'),"
	            "lower(hex(a.digest)),nullif(a.signature,''),a.text FROM "
	            "act "
	            "a LEFT JOIN signer g ON g.id=a.signer ORDER BY a.id";
	fixture_sql(&fixture,
	    "UPDATE remedy_shown SET status='proven',proof=3,closed=" DAYS(
	        0.5) ",after='gone' WHERE id=1");
	verify();
	ck_assert_msg(strcmp(result.first, "incomplete") == 0 &&
	        strstr(buf_string(&result.all),
	            "act 15 is of remedies, and its rows are not here") != NULL,
	    "%s", buf_string(&result.all));
}
END_TEST

/* The last one: it adds an act. */
START_TEST(remedies_are_ordered_once)
{
	fixture_act(&fixture, "wang", "remedy", NULL,
	    "INSERT INTO remedy VALUES(%lld,0,11,NULL,'E9','disable','high',"
	    "1,'E9','{}',NULL,NULL,NULL)");
	verify();
	ck_assert_msg(strstr(buf_string(&result.all),
	                  "a remedy is there twice, or out of order") != NULL,
	    "%s", buf_string(&result.all));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("review_pack_derived");
	TCase *tests = tcase_create("derived");

	tcase_add_unchecked_fixture(tests, once, at_last);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(
	    tests, what_follows_from_other_rows_is_so, 0, COUNT(lies));
	tcase_add_test(tests, who_verifies_is_told_how_long_findings_may_stand);
	tcase_add_test(
	    tests, what_became_of_remedies_is_here_whenever_it_was_said);
	tcase_add_test(tests, remedies_are_ordered_once);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
