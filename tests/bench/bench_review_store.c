/*
 * bench_review_store FOLDER [ACCOUNTS GROUPS MEMBERSHIPS]: how long staging and
 * applying take when the source itself costs nothing. Synthetic: names by
 * number, groups of very different sizes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "review/graph.h"
#include "review/pull.h"

static struct {
	int64_t accounts, groups, memberships;
	int64_t changed; /* every so many-th account has another title */
	int64_t changes; /* so many objects, as an incremental pull */
} size = { 100000, 2000, 243000, 0, 0 };

/* Of this process, since the machine may have more to do. */
static double
processor(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static double
seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A number that looks like any: the same for the same i. */
static uint64_t
mixed(uint64_t i)
{
	i += UINT64_C(0x9e3779b97f4a7c15);
	i = (i ^ (i >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	i = (i ^ (i >> 27)) * UINT64_C(0x94d049bb133111eb);
	return i ^ (i >> 31);
}

static void
key_of(char out[48], const char *kind, int64_t i)
{
	uint64_t m = mixed((uint64_t)i * 2 + (kind[0] == 'g'));

	(void)snprintf(out, 48, "uuid:%08x-%04x-%04x-%04x-%012llx",
	    (unsigned)(m >> 32), (unsigned)(m >> 16) & 0xffff,
	    (unsigned)m & 0xffff, 0x8000u, (unsigned long long)i);
}

static int
tell_account(struct sink *sink, int64_t i, struct err *e)
{
	char key[48], name[32], dn[112], mail[48], display[48], raw[24];
	struct usage usage = { "authTimestamp", "ldap://1", 0, 0, raw };
	struct value value = { "mail", mail };
	struct account a;

	account_init(&a);
	key_of(key, "account", i);
	(void)snprintf(name, sizeof(name), "user%06lld", (long long)i);
	(void)snprintf(dn, sizeof(dn),
	    "uid=%s,ou=unit%03lld,ou=people,dc=bench,dc=test", name,
	    (long long)i % 200);
	(void)snprintf(mail, sizeof(mail), "%s@bench.test", name);
	(void)snprintf(
	    display, sizeof(display), "User Number %lld", (long long)i);
	usage.when = 1700000000 + (int64_t)(mixed((uint64_t)i) % 60000000);
	(void)snprintf(raw, sizeof(raw), "%lld", (long long)usage.when);
	a.key = key;
	a.name = name;
	a.dn = dn;
	a.mail = mail;
	a.display = display;
	a.employee = name + 4;
	a.department = "Department";
	a.title =
	    size.changed > 0 && i % size.changed == 0 ? "New title" : "Title";
	a.uid_number = 10000 + i;
	a.gid_number = 1000;
	a.enabled = TRI_YES;
	a.created = 1600000000;
	a.values = &value;
	a.value_count = 1;
	a.usages = &usage;
	a.usage_count = 1;
	return sink->account(sink, &a, e);
}

/* Group 0 has a tenth of all, the others share the rest. */
static int64_t
first_member(int64_t g)
{
	int64_t big = size.memberships / 12;

	if (big > size.accounts)
		big = size.accounts;
	return g == 0
	    ? 0
	    : big + (size.memberships - big) * (g - 1) / (size.groups - 1);
}

static int
tell_members(struct sink *sink, int64_t g, const char *key, struct err *e)
{
	int64_t count = first_member(g + 1) - first_member(g);
	int64_t start = (int64_t)(mixed((uint64_t)g) % (uint64_t)size.accounts);
	char dn[96];
	struct member m = { .group = { REF_KEY, key, NULL },
		.member = { REF_DN, dn, NULL },
		.acquired = FACT_UNKNOWN };

	if (g == size.groups - 1)
		count = size.memberships - first_member(g);
	for (int64_t i = 0; i < count && i < size.accounts; i++) {
		int64_t who = (start + i * 7919) % size.accounts;

		(void)snprintf(dn, sizeof(dn),
		    "uid=user%06lld,ou=unit%03lld,ou=people,dc=bench,dc=test",
		    (long long)who, (long long)who % 200);
		if (sink->member(sink, &m, e) == -1)
			return -1;
	}
	return 0;
}

static int
tell_group(struct sink *sink, int64_t g, struct err *e)
{
	char key[48], name[32], dn[112];
	struct group group;

	group_init(&group);
	key_of(key, "group", g);
	(void)snprintf(name, sizeof(name), "group%05lld", (long long)g);
	(void)snprintf(
	    dn, sizeof(dn), "cn=%s,ou=groups,dc=bench,dc=test", name);
	group.key = key;
	group.name = name;
	group.dn = dn;
	if (sink->mode != SINK_FULL && sink->members_anew(sink, key, e) == -1)
		return -1;
	return sink->group(sink, &group, e) == -1
	    ? -1
	    : tell_members(sink, g, key, e);
}

static int
bench_pull(
    const struct source_settings *settings, struct sink *sink, struct err *e)
{
	struct query q = { .what = "all", .complete = true };
	int64_t accounts = size.accounts, groups = size.groups;

	(void)settings;
	if (size.changes > 0) {
		sink->mode = SINK_CHANGES;
		accounts = size.changes;
		groups = 10;
	}
	for (int64_t i = 0; i < accounts; i++)
		if (tell_account(sink, i, e) == -1)
			return -1;
	for (int64_t g = 0; g < groups; g++)
		if (tell_group(sink, g + (size.changes > 0), e) == -1)
			return -1;
	return sink->query(sink, &q, e);
}

static const struct source_type bench = { "bench", "", bench_pull };

static int
fail(const struct err *e)
{
	fprintf(stderr, "bench_review_store: %s\n", e->text);
	return EXIT_FAILURE;
}

static int
run(struct store *s, const char *what, struct err *e)
{
	static int64_t now = 1000000000;
	struct source_settings *settings = calloc(1, sizeof(*settings));
	struct pull_options options = { .now = now };
	struct pull_result r;
	struct rusage usage;
	double begin = seconds(), cpu = processor();
	int status;

	if (settings == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	(void)strcpy(settings->name, "bench");
	(void)strcpy(settings->url, "bench:");
	settings->full_every = 1 << 30;
	now++;
	status = pull_run(s, settings, &bench, &options, &r, e);
	free(settings);
	if (status == -1 || r.state != PULL_APPLIED)
		return status == -1
		    ? -1
		    : err_set(e, ERR_FORMAT, "%s: %s", what, r.reason);
	(void)getrusage(RUSAGE_SELF, &usage);
	printf("%-22s %6.2f s, processor %5.2f s  accounts +%lld ~%lld -%lld, "
	       "memberships +%lld "
	       "-%lld, most memory %ld MiB\n",
	    what, seconds() - begin, processor() - cpu,
	    (long long)r.accounts_new, (long long)r.accounts_changed,
	    (long long)r.accounts_gone, (long long)r.members_new,
	    (long long)r.members_gone, usage.ru_maxrss / 1024);
	return 0;
}

static int
count_one(void *context, const struct graph_holding *h, struct err *e)
{
	(void)h;
	(void)e;
	++*(int64_t *)context;
	return 0;
}

/* What each of a thousand accounts holds. */
static int
close_over(struct store *s, struct err *e)
{
	int64_t rights = 0;
	double begin = seconds();

	for (int64_t i = 1; i <= 1000; i++)
		if (graph_rights(s, STORE_NOW, i, count_one, &rights, e) == -1)
			return -1;
	printf("%-22s %6.2f s  for %lld rights of 1,000 accounts\n", "graph",
	    seconds() - begin, (long long)rights);
	return 0;
}

int
main(int argc, char **argv)
{
	char path[4096];
	struct store *s = NULL;
	struct stat st;
	struct err e = { .code = ERR_NONE };

	if (argc != 2 && argc != 5) {
		fprintf(stderr,
		    "usage: bench_review_store FOLDER [ACCOUNTS GROUPS "
		    "MEMBERSHIPS]\n");
		return 2;
	}
	if (argc == 5) {
		size.accounts = strtoll(argv[2], NULL, 10);
		size.groups = strtoll(argv[3], NULL, 10);
		size.memberships = strtoll(argv[4], NULL, 10);
	}
	(void)snprintf(path, sizeof(path), "%s/bench.db", argv[1]);
	if (store_open(&s, path, STORE_WRITE, &e) == -1 ||
	    run(s, "first pull", &e) == -1 || run(s, "same again", &e) == -1)
		return fail(&e);
	size.changed = 100;
	if (run(s, "one account in 100", &e) == -1)
		return fail(&e);
	size.changed = 50;
	size.changes = 1000;
	if (run(s, "changes alone", &e) == -1 || close_over(s, &e) == -1)
		return fail(&e);
	store_close(&s);
	if (stat(path, &st) == 0)
		printf("%-22s %6lld MiB\n", "database",
		    (long long)st.st_size >> 20);
	return EXIT_SUCCESS;
}
