/*
 * A host's trail for tests: sessions, checkpoints, and keys of several epochs.
 */
#ifndef TESTS_HOST_TRAIL_H
#define TESTS_HOST_TRAIL_H

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "schema/epoch.h"
#include "schema/line.h"
#include "schema/note.h"
#include "schema/trail.h"
#include "tests/unit.h"

#define HOST_SESSION "00000000-0000-4000-8000-00000000000"

struct host_trail {
	char folder[80], run[96];
	char first_key[2 * NOTE_NAME_MAX];
	struct clock clock;
	struct entropy entropy;
};

static inline void
host_trail_new(struct host_trail *h, const char *above)
{
	struct buf vkey = buf_new(sizeof(h->first_key) - 1);
	struct err e;

	h->clock = clock_system();
	h->entropy = entropy_system();
	(void)snprintf(h->folder, sizeof(h->folder), "%s/trail", above);
	(void)snprintf(h->run, sizeof(h->run), "%s/run", above);
	ck_assert_ok(epoch_init(h->folder, h->run, "example.com", &h->clock,
	    &h->entropy, &vkey, &e));
	(void)snprintf(
	    h->first_key, sizeof(h->first_key), "%s", buf_string(&vkey));
	buf_free(&vkey);
}

/*
 * Records of session HOST_SESSION "1" to "9", then a checkpoint, by the key
 * of the next epoch if that is wanted, or of a new origin.
 */
static inline void
host_trail_grow(struct host_trail *h, int session, int records,
    int (*sign)(struct epoch *, struct err *))
{
	char id[LINE_UUID + 1];
	struct trail_record r = { .type = "open",
		.uid = 1000,
		.real_uid = -1,
		.audit_session = -1,
		.user = "alice",
		.service = "sshd",
		.result = "yes",
		.session = id };
	struct epoch *epoch;
	struct trail *t;
	struct err e;

	(void)snprintf(id, sizeof(id), HOST_SESSION "%d", session);
	ck_assert_ok(trail_open(&t, h->folder, &h->clock, &e));
	for (; records > 0; records--)
		ck_assert_ok(trail_append(t, &r, &e));
	ck_assert_ok(epoch_open(&epoch, t, h->run, &h->clock, &h->entropy, &e));
	ck_assert_ok(sign(epoch, &e));
	epoch_close(&epoch);
	trail_close(&t);
}

static inline int
host_trail_advance(struct epoch *epoch, struct err *e)
{
	const char *why;

	return epoch_advance(epoch, &why, e);
}

#endif
