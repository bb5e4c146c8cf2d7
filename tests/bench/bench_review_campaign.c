/*
 * bench_review_campaign FOLDER HOSTS LOCALS PEOPLE PRIVILEGED PLAINS: freezes,
 * assigns and looks at a campaign on a bank that never was
 * (tests/review_bank.sql), and says how many questions it comes to. TYPE in the
 * environment: "periodic", "privileged".
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "review/campaign.h"

#define NOW INT64_C(1796083200) /* 2026-12-01T00:00:00Z */

static struct err e;

static double
seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Of this process, since the machine may have more to do. */
static double
processor(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static long
peak_mib(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss / 1024;
}

static void
must(int status, const char *what)
{
	if (status == 0)
		return;
	fprintf(stderr, "%s: %s\n", what, e.text);
	exit(2);
}

static void
sql(struct store *db, const char *text)
{
	char *message = NULL;

	if (sqlite3_exec(store_handle(db), text, NULL, NULL, &message) ==
	    SQLITE_OK)
		return;
	fprintf(stderr, "%s\n", message);
	exit(2);
}

static void
plant(struct store *db, char **argv)
{
	char text[512];
	char *bank = malloc(1u << 20);
	FILE *file = fopen("tests/review_bank.sql", "r");

	if (bank == NULL || file == NULL)
		exit(2);
	bank[fread(bank, 1, (1u << 20) - 1, file)] = '\0';
	(void)fclose(file);
	(void)snprintf(text, sizeof(text),
	    "PRAGMA foreign_keys = OFF; BEGIN; CREATE TEMP TABLE bank AS"
	    " SELECT %s AS hosts, %s AS locals, %s AS people, %s AS privileged,"
	    " %s AS plains",
	    argv[0], argv[1], argv[2], argv[3], argv[4]);
	sql(db, text);
	sql(db, bank);
	sql(db, "COMMIT; DROP TABLE bank; PRAGMA foreign_keys = ON");
	free(bank);
}

static int64_t
number(struct store *db, const char *text)
{
	sqlite3_stmt *st = NULL;
	int64_t n = -1;

	if (sqlite3_prepare_v2(store_handle(db), text, -1, &st, NULL) ==
	        SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	return n;
}

static void
say(const char *what, double *since, double *used)
{
	double now = seconds(), cpu = processor();

	printf("%-10s %8.1f s %8.1f s cpu %6ld MiB\n", what, now - *since,
	    cpu - *used, peak_mib());
	(void)fflush(stdout);
	*since = seconds();
	*used = processor();
}

int
main(int argc, char **argv)
{
	const char *type = getenv("TYPE");
	struct act_how how = { .now = NOW, .by_program = true };
	struct campaign_new n = { .name = "bench",
		.type = type == NULL ? "periodic" : type,
		.due = NOW + 86400,
		.fallback = "E1" };
	struct review_config *config = config_load("/nonexistent", false, &e);
	struct rule_set *rules = NULL;
	struct store *db = NULL;
	struct act *act = NULL;
	struct view *view = NULL;
	char path[4096];
	double since, used;
	int64_t id, count;

	if (argc != 7)
		return 2;
	(void)snprintf(path, sizeof(path), "%s/review.db", argv[1]);
	must(store_open(&db, path, STORE_WRITE, &e), "open");
	must(rule_set_load(&rules, NULL, &e), "rules");
	plant(db, argv + 2);
	printf("%lld accounts, %lld memberships\n",
	    (long long)number(db, "SELECT count(*) FROM account_fact"),
	    (long long)number(db, "SELECT count(*) FROM edge"));
	since = seconds();
	used = processor();
	must(act_begin(&act, db, "campaign-open", &how, &e), "begin");
	must(campaign_open(act, db, &n, &id, &e), "open");
	must(act_next(&act, "campaign-freeze", &e), "next");
	must(campaign_view(&view, act, db, config, rules, NULL, NULL, &e),
	    "view");
	say("tables", &since, &used);
	must(campaign_freeze(act, db, view, config, id, &e), "freeze");
	say("freeze", &since, &used);
	must(view_end(&view, true, &e), "drop");
	must(act_next(&act, "assign", &e), "digest");
	say("digest", &since, &used);
	must(campaign_assign(act, db, "house", id, ASSIGN_NEW, NULL, 0, &e),
	    "assign");
	say("assign", &since, &used);
	must(act_commit(&act, NULL, &e), "commit");
	say("commit", &since, &used);
	must(campaign_progress(&view, db, "house", id, &e), "progress");
	must(
	    campaign_blocks(db, "house", id, NULL, NULL, &count, &e), "blocks");
	must(campaign_progress_end(&view, &e), "progress");
	say("status", &since, &used);
	printf(
	    "%lld items (%lld privileged), %lld questions (%lld of several); "
	    "%lld MiB\n",
	    (long long)number(db, "SELECT count(*) FROM item"),
	    (long long)number(
	        db, "SELECT count(*) FROM item WHERE privileged = 1"),
	    (long long)number(db, "SELECT count(*) FROM question"),
	    (long long)number(
	        db, "SELECT count(*) FROM question WHERE items > 1"),
	    (long long)number(db, "PRAGMA page_count") * 8 / 1024);
	store_close(&db);
	rule_set_free(&rules);
	config_free(&config);
	return 0;
}
