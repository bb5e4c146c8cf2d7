/*
 * bench_review_campaign FOLDER HOSTS LOCALS PEOPLE PRIVILEGED PLAINS: freezes,
 * assigns and looks at a campaign on a bank that never was
 * (tests/review_bank.sql), and says how many questions it comes to. In the
 * environment: TYPE, "periodic" or "privileged"; QUARTERS, for a second one.
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

/* Signed keeps of every question, as far as the tables go. */
static const char kept[] =
    "INSERT INTO act (id, at, kind, signer, text, signature, digest)"
    " SELECT max(id) + 1, max(at), 'decisions', NULL, '', '', zeroblob(32)"
    " FROM act;"
    "INSERT INTO decision (act, n, campaign, question, item, decision, reason,"
    " reviewer, grade, seconds, bulk) SELECT (SELECT max(id) FROM act), q.n,"
    " q.campaign, q.n, 0, 'keep', 'x', a.reviewer, 'signed', 9, 1"
    " FROM question q JOIN assignment a ON a.campaign = q.campaign"
    " AND a.question = q.n WHERE q.campaign = (SELECT max(campaign) FROM"
    " campaign_freeze)";

struct bench {
	struct store *db;
	struct review_config *config;
	struct rule_set *rules;
	double since, used;
};

static void
quarter(struct bench *b, const char *name, int64_t now)
{
	const char *type = getenv("TYPE");
	struct act_how how = { .now = now, .by_program = true };
	struct campaign_new n = { .name = name,
		.type = type == NULL ? "periodic" : type,
		.due = now + 86400,
		.fallback = "E1" };
	struct act *act = NULL;
	struct view *view = NULL;
	int64_t id, count;

	b->since = seconds();
	b->used = processor();
	must(act_begin(&act, b->db, "campaign-open", &how, &e), "begin");
	must(campaign_open(act, b->db, &n, &id, &e), "open");
	must(act_next(&act, "campaign-freeze", &e), "next");
	must(campaign_view(
	         &view, act, b->db, b->config, b->rules, NULL, NULL, &e),
	    "view");
	say("tables", &b->since, &b->used);
	must(campaign_freeze(act, b->db, view, b->config, id, &e), "freeze");
	say("freeze", &b->since, &b->used);
	must(view_end(&view, true, &e), "drop");
	must(act_next(&act, "assign", &e), "digest");
	say("digest", &b->since, &b->used);
	must(campaign_assign(act, b->db, "house", id, ASSIGN_NEW, NULL, 0, &e),
	    "assign");
	say("assign", &b->since, &b->used);
	must(act_commit(&act, NULL, &e), "commit");
	say("commit", &b->since, &b->used);
	sql(b->db, kept);
	b->since = seconds();
	b->used = processor();
	must(campaign_progress(&view, b->db, "house", id, &e), "progress");
	must(campaign_blocks(b->db, "house", id, NULL, NULL, &count, &e),
	    "blocks");
	must(campaign_progress_end(&view, &e), "progress");
	say("status", &b->since, &b->used);
}

static void
show_size(struct store *db)
{
	printf(
	    "%lld items (%lld privileged), %lld questions (%lld of several); "
	    "%lld MiB\n",
	    (long long)number(
	        db, "SELECT items FROM campaign_freeze ORDER BY campaign DESC"),
	    (long long)number(db,
	        "SELECT count(*) FROM item WHERE privileged = 1 AND campaign ="
	        " (SELECT max(campaign) FROM campaign_freeze)"),
	    (long long)number(db,
	        "SELECT questions FROM campaign_freeze ORDER BY campaign DESC"),
	    (long long)number(db,
	        "SELECT count(*) FROM question WHERE items > 1 AND campaign ="
	        " (SELECT max(campaign) FROM campaign_freeze)"),
	    (long long)number(db, "PRAGMA page_count") * 8 / 1024);
}

int
main(int argc, char **argv)
{
	struct bench b = {
		.config = config_load("/nonexistent", false, &e),
	};
	char path[4096];

	if (argc != 7)
		return 2;
	(void)snprintf(path, sizeof(path), "%s/review.db", argv[1]);
	must(store_open(&b.db, path, STORE_WRITE, &e), "open");
	must(rule_set_load(&b.rules, NULL, &e), "rules");
	plant(b.db, argv + 2);
	printf("%lld accounts, %lld memberships\n",
	    (long long)number(b.db, "SELECT count(*) FROM account_fact"),
	    (long long)number(b.db, "SELECT count(*) FROM edge"));
	quarter(&b, "first", NOW);
	show_size(b.db);
	if (getenv("QUARTERS") != NULL) {
		printf("-- the next quarter\n");
		quarter(&b, "second", NOW + 86400);
		show_size(b.db);
	}
	store_close(&b.db);
	rule_set_free(&b.rules);
	config_free(&b.config);
	return 0;
}
