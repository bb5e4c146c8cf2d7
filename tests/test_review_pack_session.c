/*
 * Sessions that a pack quotes: that they are the host's is proven, and what a
 * trusted signer does to that is found.
 */
#include "host_trail.h"
#include "review_pack.h"

#include "review/use_import.h"

#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))

static struct pack_fixture fixture;
static struct host_trail host;
static struct pack_trust *trust;
static struct fixture_result result;
static struct err e;
static char path[80], good[80], asks[2][200];
static const char *trails[] = { asks[0], asks[1], NULL };
static const char *host_keys[] = { host.first_key, NULL };

static void
verify(void)
{
	const struct pack_verifying asked = { .now = PACK_NOW,
		.host_keys = host_keys };

	buf_free(&result.all);
	fixture_verify(path, trust, &asked, &result);
	ck_assert_msg(result.faults >= 0, "%s", result.e.text);
}

/* A copy of it as it is now, of which these sessions will be asked for. */
static void
copy(int number, const char *sessions)
{
	(void)snprintf(asks[number], sizeof(asks[number]), "%s/copy%d:%s",
	    fixture.folder, number, sessions);
	ck_assert_int_eq(
	    shell("cp -r %s %s/copy%d", host.folder, fixture.folder, number),
	    0);
}

static void
import(void)
{
	struct use_import_options options = { .host = "web1", .now = PACK_NOW };
	struct use_import_result imported;

	ck_assert_ok(
	    use_import(fixture.store, host.folder, &options, &imported, &e));
	ck_assert_int_eq(imported.state, USE_IMPORT_NEW);
}

static void
once(void)
{
	fixture_new(&fixture, "/tmp/reeve-session-XXXXXX");
	host_trail_new(&host, fixture.folder);
	host_trail_grow(&host, 1, 3, host_trail_advance);
	host_trail_grow(&host, 1, 2, epoch_checkpoint);
	import();
	host_trail_grow(&host, 2, 40, host_trail_advance);
	copy(0, HOST_SESSION "1");
	host_trail_grow(&host, 3, 9, host_trail_advance);
	copy(1, HOST_SESSION "2," HOST_SESSION "3");
	fixture.trails = trails;
	(void)snprintf(good, sizeof(good), "%s/good", fixture.folder);
	(void)snprintf(path, sizeof(path), "%s/pack", fixture.folder);
	fixture_pack(&fixture, good);
	fixture_sign(good, &fixture.officer, "officer");
}

/* The key of the first session's row. */
static void
read_key(char *key, size_t size)
{
	char file[120];
	FILE *f;

	(void)shell("sed -n '/<session /{s/.* key=\"//;s/\".*//;p;q}' "
	            "%s/parts/session-0001.xml >%s/key",
	    good, fixture.folder);
	(void)snprintf(file, sizeof(file), "%s/key", fixture.folder);
	f = fopen(file, "r");
	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(fgets(key, (int)size, f));
	(void)fclose(f);
	key[strcspn(key, "\n")] = '\0';
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

START_TEST(quoted_sessions_lead_back_to_the_hosts_first_key)
{
	verify();
	ck_assert_msg(result.faults == 0, "%s", buf_string(&result.all));
	ck_assert_int_eq(result.verdict.sessions, 3);
	ck_assert_int_eq(result.verdict.hosts, 0);
	ck_assert_int_eq(result.verdict.uncertified, 0);
}
END_TEST

START_TEST(a_later_key_of_the_host_is_not_its_first)
{
	char key[2 * NOTE_NAME_MAX];
	FILE *f;

	(void)shell("sed -n '/type\":\"epoch/{s/.*\"vkey\":\"//;s/\".*//;p;q}' "
	            "%s/trail/web1/outline-* > %s/later",
	    path, fixture.folder);
	(void)snprintf(key, sizeof(key), "%s/later", fixture.folder);
	f = fopen(key, "r");
	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(fgets(key, sizeof(key), f));
	(void)fclose(f);
	key[strcspn(key, "\n")] = '\0';
	host_keys[0] = key;
	verify();
	host_keys[0] = host.first_key;
	ck_assert_int_eq(result.faults, 0);
	ck_assert_int_eq(result.verdict.hosts, 3);
}
END_TEST

#define ONE "$(ls outline-* | sort -t- -nk2 | head -n 1)"
#define TWO "$(ls outline-* | sort -t- -nk2 | tail -n 1)"
#define S   HOST_SESSION
#define HASH_OF(line)                                                          \
	"$( (printf '\\000'; sed -n \"" line                                   \
	"p\" $o | tr -d '\\n') | sha256sum | cut -c 1-64)"

/* In trail/web1; the signer lists and signs the files anew. */
static const struct {
	const char *command, *word, *name, *text;
} lies[] = {
	{ "rm " ONE, "incomplete", "outline-", "it is not there" },
	{ "rm " TWO, "incomplete", "outline-", "it is not there" },
	{ "rm pinned", "incomplete", "outline-",
	    "no checkpoint that was kept" },
	{ "sed -i '2s/$/0/' pinned", "altered", "outline-",
	    "older than the checkpoint that was kept" },
	{ "sed -i '3{s/^A/B/;t;s/^./A/}' pinned", "altered", "outline-",
	    "another root" },
	{ "sed -i 1s/$/x/ pinned", "altered", "outline-", "another origin" },
	{ "awk 'NR==2{$0=30}1' pinned >x && mv x pinned", "incomplete",
	    "outline-", "can't be computed" },
	/* The older copy's for the newer one's, and the other way round. */
	{ "cp " ONE " " TWO, "incomplete", "outline-", "it ends with record" },
	{ "cp " TWO " " ONE, "altered", "outline-", "" },
	/* All keys but the first hidden behind their right hashes. */
	{ "for o in outline-*; do for l in $(grep -n '^{' $o | "
	  "grep -v '\"init\"' | cut -d: -f1); do h=" HASH_OF(
	      "${l}") "; sed -i \"${l}s/.*/0 $h/\" $o; done; done",
	    "untrusted", "outline-", "is not one that was certified" },
	/* One of them, of which the next one hangs. */
	{ "o=" TWO
	  "; l=$(grep -n 'type\":\"epoch' $o | sed -n '2{s/:.*//;p}'); "
	  "h=" HASH_OF("${l}") "; sed -i \"${l}s/.*/0 $h/\" $o",
	    "altered", "outline-", "" },
	{ "mv " S "2 x && mv " S "3 " S "2 && mv x " S "3", "altered", S "2",
	    "not of that session" },
	{ "sed -i 's,folder=\"trail/web1/,&../,' "
	  "../../parts/session-0001.xml",
	    "altered", "parts/session-0001.xml", "not a folder of sessions" },
	/* Under the older tree's name: the same records, once more. */
	{ "sed -i \"1!s/ tree=\\\"[0-9]*/ tree=\\\"$(ls outline-* | sort -t- "
	  "-nk2 | sed -n '1s/.*-//p')/\" ../../parts/session-0001.xml",
	    "altered", S "2", "records of a tree of" },
	/* Of the session nothing but that it is said to be there. */
	{ ": >" S "1/records.jsonl && rm " S "1/*.tlog-proof && sed -i "
	  "'s/ records=\"5\"/ records=\"0\"/' ../../parts/session-0001.xml && "
	  "n=$(awk -F 'records=\"' '/<session /{n+=$2}END{print n}' "
	  "../../parts/session-0001.xml) && sed -i \"/id=.sessions/,/.tally>/"
	  "s/ sum=.[0-9][0-9]*./ sum=\\\"$n\\\"/\" ../../summary.xml",
	    "incomplete", S "1", "no record" },
	/* Beside what is verified, what is not. */
	{ "cp -r " S "1 " S "9 && sed -i s/alice/mallo/ " S "9/records.jsonl",
	    "altered", "trail/", "of no session of the pack" },
	{ "touch " S "1/99.tlog-proof", "altered", "trail/",
	    "of no session of the pack" },
	{ "sed -i \"s| key=\\\"[^\\\"]*| key=\\\"$(sed -n "
	  "'/init/{s/.*vkey\":\"//;s/\".*//;p}' " ONE
	  ")|\" ../../parts/session-0001.xml",
	    "altered", S "1", "not signed by that key" },
};

START_TEST(what_a_signer_does_to_a_hosts_trail_is_found)
{
	FILE *f;
	char script[120];

	(void)snprintf(script, sizeof(script), "%s/script", fixture.folder);
	f = fopen(script, "w");
	ck_assert_ptr_nonnull(f);
	(void)fputs(lies[_i].command, f);
	(void)fclose(f);
	ck_assert_int_eq(
	    shell("cd %s/trail/web1 && sh -e %s", path, script), 0);
	fixture_resign(path, &fixture.officer);
	verify();
	ck_assert_msg(result.faults > 0 &&
	        strcmp(result.first, lies[_i].word) == 0 &&
	        strstr(result.name, lies[_i].name) != NULL &&
	        strstr(buf_string(&result.all), lies[_i].text) != NULL,
	    "%.3000s", buf_string(&result.all));
}
END_TEST

/* A pack in which the first session has one more row, of that host. */
static void
quote_again(const char *name)
{
	char file[120], sql[1200], size[40], key[2 * NOTE_NAME_MAX];
	FILE *f;

	(void)snprintf(
	    file, sizeof(file), "%s/copy0/checkpoint", fixture.folder);
	f = fopen(file, "r");
	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(fgets(sql, sizeof(sql), f));
	ck_assert_ptr_nonnull(fgets(size, sizeof(size), f));
	(void)fclose(f);
	read_key(key, sizeof(key));
	(void)snprintf(sql, sizeof(sql),
	    "SELECT '%s','" S "1','trail/%s/" S "1',5,%lld,'%s'", name, name,
	    atoll(size), key);
	fixture.class = "session";
	fixture.sql = sql;
	(void)shell("rm -rf %s", path);
	fixture_pack(&fixture, path);
	fixture.class = NULL;
}

START_TEST(a_session_is_quoted_once)
{
	quote_again("web1");
	fixture_sign(path, &fixture.officer, "officer");
	verify();
	ck_assert_msg(result.faults > 0 &&
	        strstr(buf_string(&result.all), "is quoted already") != NULL,
	    "%s", buf_string(&result.all));
}
END_TEST

START_TEST(a_trail_is_one_hosts)
{
	quote_again("web2");
	ck_assert_int_eq(
	    shell("cd %s/trail && cp -r web1 web2 && cd web2 && rm -r " S
	          "[23] " TWO,
	        path),
	    0);
	fixture_resign(path, &fixture.officer);
	verify();
	ck_assert_msg(result.faults > 0 &&
	        strstr(buf_string(&result.all), "is that of host web1") != NULL,
	    "%s", buf_string(&result.all));
}
END_TEST

START_TEST(an_origin_that_nobody_certified_is_told)
{
	host_trail_grow(&host, 4, 1, epoch_restart);
	ck_assert_int_eq(shell("rm -rf %s/copy1", fixture.folder), 0);
	copy(1, HOST_SESSION "4");
	(void)shell("rm -rf %s", path);
	fixture_pack(&fixture, path);
	fixture_sign(path, &fixture.officer, "officer");
	verify();
	ck_assert_msg(result.faults == 0, "%s", buf_string(&result.all));
	ck_assert_int_eq(result.verdict.sessions, 2);
	ck_assert_int_eq(result.verdict.uncertified, 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("review_pack_session");
	TCase *tests = tcase_create("session");

	tcase_add_unchecked_fixture(tests, once, at_last);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, quoted_sessions_lead_back_to_the_hosts_first_key);
	tcase_add_test(tests, a_later_key_of_the_host_is_not_its_first);
	tcase_add_loop_test(tests, what_a_signer_does_to_a_hosts_trail_is_found,
	    0, COUNT(lies));
	tcase_add_test(tests, a_session_is_quoted_once);
	tcase_add_test(tests, a_trail_is_one_hosts);
	tcase_add_test(tests, an_origin_that_nobody_certified_is_told);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
