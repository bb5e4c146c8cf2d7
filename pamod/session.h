/*
 * What a login was granted with, kept in a root-only directory under /run.
 *
 * First as a verdict, keyed by the process that will open the session (sshd's
 * monitor: account runs in its child), good for one use. Then, from
 * open_session on, keyed by the kernel's audit session, which is how sudo and
 * su find the login's factors. Never the environment.
 */
#ifndef PAMOD_SESSION_H
#define PAMOD_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pamod/factor.h"
#include "pamod/process.h"
#include "schema/base/err.h"
#include "schema/base/secret.h"

#define SESSION_ID_SIZE     37 /* a UUID (RFC 9562) with its NUL */
#define SESSION_FACTORS_MAX 8
#define SESSION_TTY_MAX     32

struct session {
	char id[SESSION_ID_SIZE];
	char user[STATE_NAME_MAX + 1];
	uint32_t uid;
	char service[STATE_SERVICE_MAX];
	char source[STATE_SOURCE_MAX];
	char tty[SESSION_TTY_MAX];
	struct process leader;
	int64_t audit_session; /* -1: unset */
	int64_t opened_ns;     /* wall clock */

	uint8_t factor_count; /* 0: the login's factors are not known */
	struct factor_used factors[SESSION_FACTORS_MAX];
	char key[51]; /* fingerprint, "" none; counted only if among factors */
	char key_type[48];

	/* The newest step-up within; boot clock, so nobody can set it back. */
	int64_t stepup_boot_ns; /* 0: none */
	uint32_t stepup_uid;    /* whose it was */

	/* What the user is told at the start. */
	int64_t previous_login; /* s since 1970; 0: none */
	char previous_source[STATE_SOURCE_MAX];
	uint32_t failures; /* since then */
	bool new_source;   /* no login from here is on record */
	bool undecided;    /* key_only = session: open_session decides */
};

struct session_store;

/* Makes the directory (root's, 0700) if it is not there. */
int session_store_open(struct session_store **, const char *path, struct err *);
void session_store_close(struct session_store **);

/* A new random UUID, version 4. */
int session_make_id(
    char id[SESSION_ID_SIZE], const struct entropy *, struct err *);

/* Leaves a verdict for that process, and takes it: once, for it alone. */
int session_leave(struct session_store *, const struct process *,
    const struct session *, struct err *);
/* ERR_MISSING: there is none. It is gone afterwards, whatever is returned. */
int session_take(struct session_store *, const struct process *,
    struct session *, struct err *);

/*
 * Enters the session under its audit session (or, where that is unset, under
 * its leader). With limit > 0 and that many live sessions of the user it is
 * ERR_LIMIT; counting and entering are one step.
 */
int session_enter(struct session_store *, const struct session *, int64_t limit,
    struct err *);
/* The session of that audit session of this boot; ERR_MISSING. */
int session_find(struct session_store *, int64_t audit_session,
    struct session *, struct err *);
/* Remembers a step-up in it. */
int session_stepped_up(struct session_store *, int64_t audit_session,
    uint32_t uid, int64_t boot_ns, struct err *);
int session_remove(
    struct session_store *, const struct session *, struct err *);

/*
 * Removes verdicts, and what is left of taking and writing them, whose process
 * is gone: nobody will take them.
 */
int session_sweep_verdicts(struct session_store *, struct err *);

/*
 * Calls visit with each session and says what its entry is called; stops at,
 * and returns, its first non-0. An entry that can't be read is passed over.
 */
int session_each(struct session_store *,
    int (*visit)(void *, const struct session *), void *context, struct err *);

#endif
