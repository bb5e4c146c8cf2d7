/*
 * The trail beside what it can't be faster than, in the same run: append
 * beside a bare write and fdatasync of the same bytes under the same lock, by
 * 1 and 16 processes; verify beside a bare SHA-256 tree over the same lines.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "schema/base/file.h"
#include "schema/epoch.h"
#include "schema/reader.h"
#include "schema/trail.h"
#include "schema/tree.h"
#include "schema/verify.h"

#define WRITERS_MAX 16
#define EACH        400 /* records of each writer in a round */
#define ROUNDS      5
#define RECORDS     400000u /* for verify */
#define PARTS       5

static char place[] = "/var/tmp/reeve-bench.XXXXXX";
static struct clock system_clock;
static struct err e;

static const struct trail_record grant = { .type = "grant",
	.service = "sshd",
	.result = "yes",
	.user = "alice",
	.uid = 1000,
	.real_uid = -1,
	.source = "192.0.2.17",
	.tty = "ssh",
	.pid = 4711,
	.audit_session = 42,
	.session = "00000000-0000-4000-8000-000000000001",
	.factors = "password,totp:phone",
	.policy = "e3b0c44298fc1c149afbf4c8996fb924"
	          "27ae41e4649b934ca495991b7852b855" };

static void
die(const char *what)
{
	fprintf(stderr, "bench_trail: %s: %s\n", what, e.text);
	exit(1);
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* One way of appending: opened once a process. */
struct way {
	const char *name;
	void *(*open)(void);
	void (*append)(void *);
};

static void *
trail_begin(void)
{
	struct trail *t;

	if (trail_open(&t, place, &system_clock, &e) == -1)
		die("open");
	return t;
}

static void
trail_one(void *t)
{
	if (trail_append(t, &grant, &e) == -1)
		die("append");
}

struct bare {
	int fd;
	int lock;
};

static void *
bare_begin(void)
{
	struct bare *b = malloc(sizeof(*b));
	char path[64];

	snprintf(path, sizeof(path), "%s/bare", place);
	b->fd = open(path, O_WRONLY | O_APPEND | O_CREAT, 0600);
	snprintf(path, sizeof(path), "%s/bare.lock", place);
	b->lock = open(path, O_RDWR | O_CREAT, 0600);
	return b;
}

static void
bare_one(void *context)
{
	static const char line[620] = "";
	struct bare *b = context;

	if (file_lock(b->lock, true, 10000, &e) == -1 ||
	    write(b->fd, line, sizeof(line)) != sizeof(line) ||
	    file_unlock(b->lock, &e) == -1 || fdatasync(b->fd) == -1)
		die("bare");
}

static const struct way ways[] = { { "trail", trail_begin, trail_one },
	{ "write+fdatasync", bare_begin, bare_one } };

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* What each append took, in seconds, of all writers. */
static double
round_of(const struct way *w, int writers, double *took)
{
	pid_t child[WRITERS_MAX];
	double begin = now();

	for (int i = 0; i < writers; i++) {
		if ((child[i] = fork()) == 0) {
			void *context = w->open();

			for (int n = 0; n < EACH; n++) {
				double at = now();

				w->append(context);
				took[i * EACH + n] = now() - at;
			}
			_exit(0);
		}
	}
	for (int i = 0; i < writers; i++)
		waitpid(child[i], NULL, 0);
	return now() - begin;
}

/* The rounds of both in turn, so that both have the same weather. */
static void
bench_append(int writers)
{
	size_t count = (size_t)writers * EACH;
	double *took[2], total[2] = { 0 };

	for (int w = 0; w < 2; w++)
		took[w] = mmap(NULL, ROUNDS * count * sizeof(double),
		    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (size_t r = 0; r < ROUNDS; r++)
		for (int w = 0; w < 2; w++)
			total[w] +=
			    round_of(&ways[w], writers, took[w] + r * count);
	for (int w = 0; w < 2; w++) {
		qsort(took[w], ROUNDS * count, sizeof(double), by_value);
		printf("append, %2d writers, %-16s %7.0f records/s, p50 %.3f "
		       "ms, p99 %.3f ms\n",
		    writers, ways[w].name, ROUNDS * (double)count / total[w],
		    took[w][ROUNDS * count / 2] * 1e3,
		    took[w][ROUNDS * count * 99 / 100] * 1e3);
	}
	printf("append, %2d writers, ratio of the medians %.2f, of the rates "
	       "%.2f\n",
	    writers, took[0][ROUNDS * count / 2] / took[1][ROUNDS * count / 2],
	    total[0] / total[1]);
}

/* As verify must: read the file, hash each line, build the tree. */
static void
hash_lines(struct tree *t, const char *at, const char *end)
{
	unsigned char hash[TREE_HASH];
	const char *feed;

	for (; (feed = memchr(at, '\n', (size_t)(end - at))) != NULL;
	     at = feed + 1)
		if (tree_leaf(t, at, (size_t)(feed - at), hash, &e) == -1 ||
		    tree_add(t, hash, &e) == -1)
			die("tree");
}

static double
bare_tree(int dir)
{
	double begin = now();
	char *bytes = malloc(SEGMENT_BYTES_MAX);
	struct tree *t;

	if (bytes == NULL || tree_new(&t, &e) == -1)
		die("tree");
	for (uint32_t n = 1; segment_exists(dir, n); n++) {
		char name[SEGMENT_NAME_SIZE];
		struct stat st;
		int fd;

		segment_name(name, n, ".jsonl");
		if ((fd = openat(dir, name, O_RDONLY)) == -1 ||
		    fstat(fd, &st) == -1 ||
		    file_get(fd, bytes, (size_t)st.st_size, 0, &e) == -1)
			die("read");
		hash_lines(t, bytes, bytes + st.st_size);
		file_close(&fd);
	}
	tree_free(&t);
	free(bytes);
	return now() - begin;
}

/* So that most records are under a signed root, as on any host. */
static void
checkpoint(struct trail *t)
{
	struct entropy entropy = entropy_system();
	struct epoch *epoch;
	char run[64];

	snprintf(run, sizeof(run), "%s/run", place);
	if (epoch_open(&epoch, t, run, &system_clock, &entropy, &e) == -1 ||
	    epoch_checkpoint(epoch, &e) == -1)
		die("checkpoint");
	epoch_close(&epoch);
}

static double
verify_all(int dir)
{
	struct verify_report report;
	double begin = now();
	struct verify *v;

	if (verify_new(&v, &e) == -1 || verify_run(v, dir, &report, &e) == -1)
		die("verify");
	verify_free(&v);
	return now() - begin;
}

static void
bench_verify(void)
{
	double ours[PARTS], bare[PARTS];
	struct trail *t = trail_begin();
	int dir = trail_directory(t);

	for (unsigned i = 0; i < RECORDS; i++)
		if (trail_note(t, &grant, &e) == -1)
			die("note");
	checkpoint(t);
	for (int i = 0; i < PARTS; i++) {
		bare[i] = bare_tree(dir);
		ours[i] = verify_all(dir);
	}
	qsort(ours, PARTS, sizeof(double), by_value);
	qsort(bare, PARTS, sizeof(double), by_value);
	printf("verify %u records: %.0f/s; bare SHA-256 tree %.0f/s; ratio "
	       "%.2f\n",
	    RECORDS, RECORDS / ours[PARTS / 2], RECORDS / bare[PARTS / 2],
	    bare[PARTS / 2] / ours[PARTS / 2]);
	trail_close(&t);
}

int
main(void)
{
	struct entropy entropy = entropy_system();
	struct buf key = buf_new(1024);
	char command[96], run[64];

	system_clock = clock_system();
	if (mkdtemp(place) == NULL)
		die(place);
	snprintf(run, sizeof(run), "%s/run", place);
	if (epoch_init(place, run, "example.com", &system_clock, &entropy, &key,
	        &e) == -1)
		die("init");
	bench_append(1);
	bench_append(16);
	bench_verify();
	buf_free(&key);
	snprintf(command, sizeof(command), "rm -rf %s", place);
	return system(command) == 0 ? 0 : 1;
}
