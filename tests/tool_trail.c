/*
 * Appends records to a trail for the shell tests, and says of each that it is
 * durable once it is:
 *
 *   tool_trail [--at SECONDS] [--session ID] append|note|TYPE DIR COUNT
 *       [SEGMENT_BYTES]
 *   tool_trail session RUN_DIR ID
 *
 * note does not wait for the disk; with --at the clock stands still. session
 * enters a session whose leader is gone when it returns.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pamod/process.h"
#include "pamod/session.h"
#include "schema/trail.h"

static struct moment still;

static int
append(struct trail *t, const char *what, const char *session, long n)
{
	bool durable = strcmp(what, "note") != 0;
	const char *kind =
	    !durable || strcmp(what, "append") == 0 ? "grant" : what;
	char id[64], line[80];
	struct trail_record r = { .type = kind,
		.uid = 1000,
		.real_uid = -1,
		.audit_session = -1,
		.user = "alice",
		.service = "sshd",
		.result = "yes",
		.session = session,
		.detail = id };
	struct err e = { 0 };
	int length;

	(void)snprintf(id, sizeof(id), "%ld-%ld", (long)getpid(), n);
	if ((durable ? trail_append : trail_note)(t, &r, &e) == -1) {
		fprintf(stderr, "%s\n", e.text);
		return -1;
	}
	length = snprintf(line, sizeof(line), "ack %s\n", id);
	/* At once: who is killed next has said it or has not. */
	return write(STDOUT_FILENO, line, (size_t)length) == length ? 0 : -1;
}

static int
enter(const char *directory, const char *id)
{
	struct session_store *store;
	struct session s = {
		.user = "alice", .uid = 1000, .audit_session = -1
	};
	struct err e;

	(void)snprintf(s.id, sizeof(s.id), "%s", id);
	if (process_read(getpid(), &s.leader, &e) == -1 ||
	    session_store_open(&store, directory, &e) == -1 ||
	    session_enter(store, &s, 0, &e) == -1) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	session_store_close(&store);
	return 0;
}

int
main(int argc, char **argv)
{
	struct clock clock = clock_system();
	struct trail *t;
	struct err e;
	const char *what, *session = "00000000-0000-4000-8000-000000000001";
	long count;

	argv++;
	argc--;
	for (; argc > 2 && argv[0][0] == '-'; argv += 2, argc -= 2) {
		if (strcmp(argv[0], "--session") == 0) {
			session = argv[1];
			continue;
		}
		still.wall_ns =
		    strtoll(argv[1], NULL, 10) * CLOCK_NS_PER_SECOND;
		clock = clock_fixed(&still);
	}
	if (argc < 3)
		return 2;
	if (strcmp(argv[0], "session") == 0)
		return enter(argv[1], argv[2]);
	what = argv[0];
	count = strtol(argv[2], NULL, 10);
	if (trail_open(&t, argv[1], &clock, &e) == -1) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	if (argc > 3)
		trail_set_limits(t, strtoll(argv[3], NULL, 10), 0);
	for (long n = 0; n < count; n++)
		if (append(t, what, session, n) == -1)
			return 1;
	trail_close(&t);
	return 0;
}
