/*
 * Drives PAM as sshd, sudo or login would: any sequence of operations, any
 * items, scripted answers, N copies that answer at the same moment.
 *
 *   tool_pamdrive [-c DIR] [-n COPIES] [-d USEC] [-l] [-s] [-p] [-v]
 *       SERVICE USER [ITEM=VALUE | env:NAME=VALUE]... -- OPERATION...
 *
 *   -c DIR     the folder of service files (pam_start_confdir)
 *   -n COPIES  processes; "%d" in USER and in answers is the copy's number
 *   -d USEC    copy i answers i * USEC after the first
 *   -l         all copies wait for each other at the last scripted answer
 *              instead of the first prompt
 *   -s         after each operation, and after pam_end, looks for every answer
 *              in its own memory
 *   -p         leaves a copy of each answer in freed memory, for -s to find
 *   -v         shows what PAM says on standard error
 *
 * ITEM is rhost, ruser, tty or authtok. OPERATION is auth, acct, open,
 * close, cred, passwd, expired (the holder's change at a login), or user=NAME (as sudo does after account). An
 * operation that fails ends the sequence, unless it ends in "!".
 *
 * Answers come on standard input, "TEXT=ANSWER" a line: the answer to
 * prompts that have TEXT in them, each used once and in turn; the last of
 * them again and again. "!null", "!error", "!again", "!kill" and "!long:N"
 * are special. "3/TEXT=ANSWER" is copy 3's alone. "needle=WORD" is a further
 * word for -s, and "needle=0xHEX" are bytes.
 *
 * Prints "COPY OPERATION NUMBER TEXT" a line, then "COPY found WORD'S LINE"
 * for -s. Exit status: 0 when every operation of every copy succeeded and
 * nothing was found, 1 otherwise, 2 usage.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <security/pam_appl.h>
#include <security/pam_modules.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ANSWERS_MAX 80
#define TEXT_MAX    128
#define COPIES_MAX  256
#define MASK        0x5a /* answers lie masked, so that -s doesn't find our own */
#define PLANT_SIZE  1000 /* of a bin that nobody else takes from */

struct answer {
	char prompt[TEXT_MAX];
	unsigned char masked[TEXT_MAX];
	size_t len;
	bool used;
};

struct drive {
	const char *confdir;
	const char *service;
	const char *user;
	char **items; /* up to "--" */
	char **operations;
	struct answer answers[ANSWERS_MAX];
	size_t count;
	int copies;
	long delay_usec;
	bool wait_last;
	bool search;
	bool plant;
	bool verbose;

	int copy;             /* our number */
	bool arrived;         /* at the barrier */
	atomic_int *arrivals; /* of all copies */
};

static _Noreturn void
die(const char *text)
{
	fprintf(stderr, "tool_pamdrive: %s\n", text);
	exit(2);
}

static void
arrive(struct drive *d)
{
	if (!d->arrived)
		atomic_fetch_add(d->arrivals, 1);
	d->arrived = true;
}

/* All copies go on from here together, d->delay_usec apart. */
static void
meet(struct drive *d)
{
	const struct timespec moment = { 0, 20000 };
	int64_t usec;

	if (d->arrived)
		return;
	arrive(d);
	while (atomic_load(d->arrivals) < d->copies)
		nanosleep(&moment, NULL);
	usec = d->delay_usec * d->copy;
	if (usec > 0)
		nanosleep(
		    &(struct timespec){ usec / 1000000, usec % 1000000 * 1000 },
		    NULL);
}

/* Two hexadecimal digits a byte, up to the line's end. */
static void
mask_bytes(struct answer *a, const char *hex)
{
	unsigned byte;

	for (; sscanf(hex, "%2x", &byte) == 1; hex += 2)
		a->masked[a->len++] = (unsigned char)(byte ^ MASK);
}

/* One line of the script; what it says leaves no copy but the masked one. */
static void
add_answer(struct drive *d, char *line)
{
	char *equals = strchr(line, '=');
	struct answer *a = &d->answers[d->count];

	if (equals == NULL || d->count == ANSWERS_MAX ||
	    strlen(line) >= TEXT_MAX)
		die("answers are TEXT=ANSWER, at most 80 of them");
	d->count++;
	memcpy(a->prompt, line, (size_t)(equals - line));
	if (strncmp(line, "needle=0x", 9) == 0)
		mask_bytes(a, line + 9);
	else
		for (const char *p = equals + 1; *p != '\0'; p++)
			a->masked[a->len++] = (unsigned char)*p ^ MASK;
	explicit_bzero(line, strlen(line));
}

static void
read_answers(struct drive *d)
{
	char text[ANSWERS_MAX * TEXT_MAX], *line = text, *end;
	size_t len = 0;
	ssize_t n;

	while (len < sizeof(text) - 1 &&
	    (n = read(STDIN_FILENO, text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		*end = '\0';
		if (*line != '\0')
			add_answer(d, line);
	}
}

/* Whether the answer is for this prompt, and for this copy. */
static bool
is_for(const struct drive *d, const struct answer *a, const char *prompt)
{
	const char *text = a->prompt;
	char *slash;
	long copy = strtol(text, &slash, 10);

	if (slash != text && *slash == '/') {
		if (copy != d->copy)
			return false;
		text = slash + 1;
	}
	return strcmp(text, "needle") != 0 && strcasestr(prompt, text) != NULL;
}

/* The next answer for a prompt: unused before used. */
static struct answer *
find_answer(struct drive *d, const char *prompt)
{
	struct answer *last = NULL;

	for (size_t i = 0; i < d->count; i++) {
		struct answer *a = &d->answers[i];

		if (!is_for(d, a, prompt))
			continue;
		last = a;
		if (!a->used)
			break;
	}
	return last;
}

static bool
is_last(const struct drive *d, const struct answer *answer)
{
	for (const struct answer *a = answer + 1; a < d->answers + d->count;
	     a++)
		if (strcmp(a->prompt, "needle") != 0)
			return false;
	return true;
}

/* On the heap, as PAM wants it: its reader wipes and frees it. */
static char *
unmask(const struct drive *d, const struct answer *a)
{
	char *text = malloc(a->len + 16);
	size_t n = 0;

	if (text == NULL)
		die("memory");
	for (size_t i = 0; i < a->len; i++) {
		char c = (char)(a->masked[i] ^ MASK);

		if (c == '%' && i + 1 < a->len &&
		    (a->masked[i + 1] ^ MASK) == 'd') {
			n += (size_t)snprintf(text + n, 8, "%d", d->copy);
			i++;
		} else {
			text[n++] = c;
		}
	}
	text[n] = '\0';
	return text;
}

/* What a careless module leaves; malloc(3) writes over its first 16 bytes. */
static void
plant(const char *text)
{
	size_t len = strlen(text);
	/* volatile: else a compiler sees that nobody reads it */
	volatile char *copy = malloc(PLANT_SIZE);

	if (copy == NULL)
		die("memory");
	for (size_t i = 0; i < len; i++)
		copy[PLANT_SIZE - len + i] = text[i];
	free((void *)(uintptr_t)copy);
}

static char *
long_answer(size_t len)
{
	char *text = malloc(len + 1);

	if (text == NULL)
		die("memory");
	memset(text, 'A', len);
	text[len] = '\0';
	return text;
}

static int
answer_prompt(struct drive *d, const char *prompt, char **response)
{
	struct answer *a = find_answer(d, prompt);
	char *text;

	if (a == NULL)
		return PAM_CONV_ERR;
	a->used = true;
	if (!d->wait_last || is_last(d, a))
		meet(d);
	text = unmask(d, a);
	if (d->plant)
		plant(text);
	if (*text != '!') {
		*response = text;
		return PAM_SUCCESS;
	}
	*response = NULL;
	if (strcmp(text, "!error") == 0) {
		free(text);
		return PAM_CONV_ERR;
	}
	if (strcmp(text, "!again") == 0) {
		free(text);
		return PAM_CONV_AGAIN;
	}
	if (strcmp(text, "!kill") == 0)
		raise(SIGKILL);
	if (strncmp(text, "!long:", 6) == 0)
		*response = long_answer(strtoul(text + 6, NULL, 10));
	free(text);
	return PAM_SUCCESS;
}

static int
converse(int count, const struct pam_message **messages,
    struct pam_response **responses, void *data)
{
	struct drive *d = data;
	struct pam_response *r;
	int status = PAM_SUCCESS;

	if (count < 1 || (r = calloc((size_t)count, sizeof(*r))) == NULL)
		return PAM_CONV_ERR;
	for (int i = 0; i < count && status == PAM_SUCCESS; i++) {
		const struct pam_message *m = messages[i];

		if (d->verbose)
			fprintf(stderr, "%d [%d] %s\n", d->copy, m->msg_style,
			    m->msg);
		if (m->msg_style == PAM_PROMPT_ECHO_OFF ||
		    m->msg_style == PAM_PROMPT_ECHO_ON)
			status = answer_prompt(d, m->msg, &r[i].resp);
	}
	if (status != PAM_SUCCESS) {
		for (int i = 0; i < count; i++)
			free(r[i].resp);
		free(r);
		return status;
	}
	*responses = r;
	return PAM_SUCCESS;
}

/* Stands for pam_fail_delay's sleep, which would only make tests slow. */
static void
no_delay(int status, unsigned usec, void *data)
{
	(void)status;
	(void)usec;
	(void)data;
}

static void
skip_delay(pam_handle_t *pam)
{
	void (*function)(int, unsigned, void *) = no_delay;
	void *item;

	memcpy(&item, &function, sizeof(item));
	if (pam_set_item(pam, PAM_FAIL_DELAY, item) != PAM_SUCCESS)
		die("PAM_FAIL_DELAY");
}

static void
preset(pam_handle_t *pam, char **items)
{
	static const struct {
		const char *name;
		int item;
	} known[] = {
		{ "rhost=", PAM_RHOST },
		{ "ruser=", PAM_RUSER },
		{ "tty=", PAM_TTY },
	};

	for (; *items != NULL && strcmp(*items, "--") != 0; items++) {
		bool done = false;

		if (strncmp(*items, "env:", 4) == 0)
			done = pam_putenv(pam, *items + 4) == PAM_SUCCESS;
		for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
			if (strncmp(*items, known[i].name,
			        strlen(known[i].name)) == 0)
				done = pam_set_item(pam, known[i].item,
				           *items + strlen(known[i].name)) ==
				    PAM_SUCCESS;
		if (!done)
			die("unknown item");
	}
}

static int
operate(pam_handle_t *pam, const char *name, size_t len)
{
	static const struct {
		const char *name;
		int (*call)(pam_handle_t *, int);
		int flags;
	} known[] = {
		{ "auth", pam_authenticate, 0 },
		{ "acct", pam_acct_mgmt, 0 },
		{ "cred", pam_setcred, PAM_ESTABLISH_CRED },
		{ "open", pam_open_session, 0 },
		{ "close", pam_close_session, 0 },
		{ "passwd", pam_chauthtok, 0 },
		{ "expired", pam_chauthtok, PAM_CHANGE_EXPIRED_AUTHTOK },
	};

	if (strncmp(name, "user=", 5) == 0)
		return pam_set_item(pam, PAM_USER, name + 5);
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strlen(known[i].name) == len &&
		    strncmp(known[i].name, name, len) == 0)
			return known[i].call(pam, known[i].flags);
	die("unknown operation");
}

/* The masked answer at p: compared without unmasking it anywhere. */
static bool
lies_at(const unsigned char *p, const struct answer *a)
{
	for (size_t i = 0; i < a->len; i++)
		if ((p[i] ^ MASK) != a->masked[i])
			return false;
	return true;
}

static bool
search_range(const struct drive *d, uintptr_t from, uintptr_t to)
{
	bool found = false;

	for (size_t i = 0; i < d->count; i++) {
		const struct answer *a = &d->answers[i];

		if (a->len < 5 || (a->masked[0] ^ MASK) == '!')
			continue;
		for (uintptr_t p = from; p + a->len <= to; p++) {
			if (!lies_at((const unsigned char *)p, a))
				continue;
			printf("%d found the answer of line %zu at %#lx\n",
			    d->copy, i + 1, (unsigned long)p);
			found = true;
		}
	}
	return found;
}

/* Heap with what was freed, stack with what was left, data of libraries. */
static bool
search_memory(const struct drive *d)
{
	static char maps[256 * 1024];
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n;
	bool found = false;

	while (fd != -1 && len < sizeof(maps) - 1 &&
	    (n = read(fd, maps + len, sizeof(maps) - 1 - len)) > 0)
		len += (size_t)n;
	if (len == 0)
		die("/proc/self/maps");
	close(fd);
	for (char *line = maps, *end; (end = strchr(line, '\n')) != NULL;
	     line = end + 1) {
		char *p;
		uintptr_t from = strtoul(line, &p, 16), to;

		*end = '\0';
		to = strtoul(p + 1, &p, 16);
		if (p[1] == 'r' && p[2] == 'w')
			found |= search_range(d, from, to);
	}
	return found;
}

static void
fill_in(char *text, size_t size, const char *pattern, int copy)
{
	const char *percent = strstr(pattern, "%d");

	if (percent == NULL)
		snprintf(text, size, "%s", pattern);
	else
		snprintf(text, size, "%.*s%d%s", (int)(percent - pattern),
		    pattern, copy, percent + 2);
}

static int
drive(struct drive *d)
{
	const struct pam_conv conv = { converse, d };
	pam_handle_t *pam = NULL;
	char user[512];
	int result = PAM_SUCCESS, status = 0;

	fill_in(user, sizeof(user), d->user, d->copy);
	if ((d->confdir != NULL
	            ? pam_start_confdir(
	                  d->service, user, &conv, d->confdir, &pam)
	            : pam_start(d->service, user, &conv, &pam)) != PAM_SUCCESS)
		die("pam_start");
	skip_delay(pam);
	preset(pam, d->items);
	for (char **op = d->operations; *op != NULL; op++) {
		size_t len = strlen(*op);
		bool go_on = (*op)[len - 1] == '!';

		result = operate(pam, *op, len - go_on);
		printf("%d %.*s %d %s\n", d->copy, (int)(len - go_on), *op,
		    result, pam_strerror(pam, result));
		fflush(stdout);
		if (d->search && search_memory(d))
			status = 1;
		if (result != PAM_SUCCESS) {
			status = 1;
			if (!go_on)
				break;
		}
	}
	arrive(d);
	pam_end(pam, result);
	if (d->search && search_memory(d))
		status = 1;
	fflush(stdout);
	return status;
}

/* Copies that were killed count as failed. */
static int
drive_copies(struct drive *d)
{
	int status = 0, one;

	for (int i = 0; i < d->copies; i++) {
		switch (fork()) {
		case -1:
			die("fork");
		case 0:
			d->copy = i;
			_exit(drive(d));
		}
	}
	while (wait(&one) != -1 || errno == EINTR) {
		if (WIFSIGNALED(one)) {
			printf("- killed %d\n", WTERMSIG(one));
			atomic_fetch_add(d->arrivals, 1);
		}
		if (!WIFEXITED(one) || WEXITSTATUS(one) != 0)
			status = 1;
	}
	return status;
}

int
main(int argc, char **argv)
{
	struct drive d = { .copies = 1 };
	int option;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((option = getopt(argc, argv, "+c:n:d:lspv")) != -1) {
		switch (option) {
		case 'c':
			d.confdir = optarg;
			break;
		case 'n':
			d.copies = (int)strtol(optarg, NULL, 10);
			break;
		case 'd':
			d.delay_usec = strtol(optarg, NULL, 10);
			break;
		case 'l':
			d.wait_last = true;
			break;
		case 's':
			d.search = true;
			break;
		case 'p':
			d.plant = true;
			break;
		case 'v':
			d.verbose = true;
			break;
		default:
			die("usage: see the head of tool_pamdrive.c");
		}
	}
	if (argc - optind < 3 || d.copies < 1 || d.copies > COPIES_MAX)
		die("usage: see the head of tool_pamdrive.c");
	d.service = argv[optind];
	d.user = argv[optind + 1];
	d.items = argv + optind + 2;
	for (d.operations = d.items; *d.operations != NULL; d.operations++)
		if (strcmp(*d.operations, "--") == 0)
			break;
	if (*d.operations == NULL)
		die("no operations");
	d.operations++;
	read_answers(&d);
	d.arrivals = mmap(NULL, sizeof(*d.arrivals), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (d.arrivals == MAP_FAILED)
		die("mmap");
	return drive_copies(&d);
}
