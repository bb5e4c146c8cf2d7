/*
 * bench_auth DIR SERVICE USER ROUNDS OPERATION...: how long PAM takes to let
 * somebody in, each round in a process of its own as in sshd. Codes come on
 * standard input, one a round. Prints the median and the 95th percentile in
 * milliseconds, and the median of the processes' peak memory in KiB.
 *
 * With $FLOOR, a file, a second line has the same of two writes of 512 bytes
 * with fdatasync, the floor for a login that is recorded durably: one of them
 * before each round, so that both have the same weather.
 */
#include <fcntl.h>
#include <openssl/crypto.h>
#include <security/pam_appl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS_MAX 10000

struct round {
	double ms;
	double cpu_ms;
	double kib;
};

static _Noreturn void
die(const char *text)
{
	fprintf(stderr, "bench_auth: %s\n", text);
	exit(2);
}

static double
now_ms(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int
converse(int count, const struct pam_message **messages,
    struct pam_response **responses, void *data)
{
	struct pam_response *r = calloc((size_t)count, sizeof(*r));

	if (r == NULL)
		return PAM_CONV_ERR;
	for (int i = 0; i < count; i++)
		if (messages[i]->msg_style == PAM_PROMPT_ECHO_OFF ||
		    messages[i]->msg_style == PAM_PROMPT_ECHO_ON)
			r[i].resp = strdup(data);
	*responses = r;
	return PAM_SUCCESS;
}

static void
run_operations(char **argv, char *code, struct round *r)
{
	const struct pam_conv conv = { converse, code };
	pam_handle_t *pam = NULL;
	struct rusage usage;
	double start, cpu;
	int status = PAM_SUCCESS;

	if (pam_start_confdir(argv[2], argv[3], &conv, argv[1], &pam) !=
	    PAM_SUCCESS)
		die("pam_start");
	pam_set_item(pam, PAM_RHOST, "127.0.0.1");
	pam_set_item(pam, PAM_TTY, "ssh");
	pam_putenv(pam, "SSH_AUTH_INFO_0=");
	cpu = now_ms(CLOCK_PROCESS_CPUTIME_ID);
	start = now_ms(CLOCK_MONOTONIC);
	for (char **op = argv + 5; *op != NULL && status == PAM_SUCCESS; op++)
		status = strcmp(*op, "acct") == 0 ? pam_acct_mgmt(pam, 0)
		                                  : pam_authenticate(pam, 0);
	r->ms = now_ms(CLOCK_MONOTONIC) - start;
	r->cpu_ms = now_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	if (status != PAM_SUCCESS)
		die(pam_strerror(pam, status));
	pam_end(pam, status);
	getrusage(RUSAGE_SELF, &usage);
	r->kib = (double)usage.ru_maxrss;
}

/* In a child, which tells its numbers through a pipe. */
static void
one_round(char **argv, char *code, struct round *r)
{
	int ends[2], status;
	pid_t pid;

	if (pipe(ends) == -1 || (pid = fork()) == -1)
		die("fork");
	if (pid == 0) {
		run_operations(argv, code, r);
		_exit(write(ends[1], r, sizeof(*r)) != sizeof(*r));
	}
	close(ends[1]);
	if (read(ends[0], r, sizeof(*r)) != sizeof(*r) ||
	    waitpid(pid, &status, 0) == -1 || status != 0)
		die("a round failed");
	close(ends[0]);
}

static void
sync_round(int fd, struct round *r)
{
	static const char record[512] = "x";
	double start = now_ms(CLOCK_MONOTONIC);
	double cpu = now_ms(CLOCK_PROCESS_CPUTIME_ID);

	for (int i = 0; i < 2; i++)
		if (write(fd, record, sizeof(record)) != sizeof(record) ||
		    fdatasync(fd) == -1)
			die("write");
	r->ms = now_ms(CLOCK_MONOTONIC) - start;
	r->cpu_ms = now_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	r->kib = 0;
}

static int
by_ms(const void *a, const void *b)
{
	const struct round *x = a, *y = b;

	return (x->ms > y->ms) - (x->ms < y->ms);
}

static int
by_cpu(const void *a, const void *b)
{
	const struct round *x = a, *y = b;

	return (x->cpu_ms > y->cpu_ms) - (x->cpu_ms < y->cpu_ms);
}

static int
by_kib(const void *a, const void *b)
{
	const struct round *x = a, *y = b;

	return (x->kib > y->kib) - (x->kib < y->kib);
}

static void
print_rounds(struct round *rounds, size_t count)
{
	qsort(rounds, count, sizeof(*rounds), by_ms);
	printf(
	    "%8.3f %8.3f", rounds[count / 2].ms, rounds[count * 95 / 100].ms);
	qsort(rounds, count, sizeof(*rounds), by_cpu);
	printf(" %8.3f", rounds[count / 2].cpu_ms);
	qsort(rounds, count, sizeof(*rounds), by_kib);
	printf(" %8.0f\n", rounds[count / 2].kib);
}

int
main(int argc, char **argv)
{
	static struct round rounds[ROUNDS_MAX], floors[ROUNDS_MAX];
	const char *floor_path = getenv("FLOOR");
	char code[64];
	size_t count;
	int fd = -1;

	if (OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL) != 1)
		die("libcrypto");
	count = argc > 5 ? strtoul(argv[4], NULL, 10) : 0;
	if (floor_path != NULL &&
	    (fd = open(floor_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
	         0600)) == -1)
		die(floor_path);
	if (count < 1 || count > ROUNDS_MAX)
		die("usage: see the head of bench_auth.c");
	for (size_t i = 0; i < count; i++) {
		if (fd != -1)
			sync_round(fd, &floors[i]);
		if (fgets(code, sizeof(code), stdin) == NULL)
			die("too few codes");
		code[strcspn(code, "\n")] = '\0';
		one_round(argv, code, &rounds[i]);
	}
	print_rounds(rounds, count);
	if (fd != -1)
		print_rounds(floors, count);
	return 0;
}
