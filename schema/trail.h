/*
 * The trail of a host: every decision at the door and every session, one JSON
 * object a line, each line bound to the one before, all of them leaves of a
 * Merkle tree (RFC 6962 section 2.1). trail(5) specifies the format.
 *
 * This header is the writer. It is used inside sshd and sudo: it starts no
 * thread, forks nothing, keeps no state in the process beyond its handle, and
 * never truncates a file or retries a failed fsync.
 */
#ifndef SCHEMA_TRAIL_H
#define SCHEMA_TRAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/base/clock.h"
#include "schema/base/err.h"
#include "schema/host.h"
#include "schema/segment.h"

#define TRAIL_LINE_MAX 65535u /* bytes without the line feed (C2SP tiles) */

/*
 * What is to be recorded. NULL, "" and the "unset" numbers leave the member
 * out of the line. Strings are cleaned (enc_json_string) and cut at bounds
 * that trail(5) states. The writer itself adds v, seq, host, boot, t, mono,
 * clk and prev.
 */
struct trail_record {
	const char *type;      /* "auth", "grant", "refuse", "open", "close",
				"lost", "stepup", "password", "enroll", ... */
	const char *service;   /* PAM service */
	const char *result;    /* "yes", "no", "would-refuse", "abandoned" */
	const char *reason;    /* a word of a fixed list: "wrong-code", ... */
	const char *user;      /* NULL for names that are not ours */
	const char *user_hash; /* keyed hash of such a name */
	int64_t uid;           /* -1: unset */
	const char *real_user; /* behind sudo and su */
	int64_t real_uid;      /* -1: unset */
	const char *source;    /* PAM_RHOST as given */
	const char *tty;
	int64_t pid;           /* 0: unset */
	int64_t audit_session; /* -1: unset */
	const char *session;   /* our session's UUID */
	uint64_t attempt;      /* state_attempt's id; 0: unset */
	const char *factors;   /* "password,totp:phone" */
	const char *key;       /* SSH fingerprint, "SHA256:..." */
	const char *key_type;
	const char *policy;    /* SHA-256 of the configuration, hexadecimal */
	const char *mode;      /* "observe" when nothing was refused */
	int64_t event_wall_ns; /* when it happened, if not now; 0: unset */
	const char *detail;    /* anything else a person should read */
};

struct trail;

/*
 * Opens the trail in that directory (made by `reevectl trail init`) for
 * appending. ERR_MISSING only if there is none.
 */
int trail_open(
    struct trail **, const char *directory, const struct clock *, struct err *);

/*
 * Appends and returns 0 only when the line, and so every line before it, is on
 * disk. ERR_FULL, ERR_ACCESS, ERR_SYS (an I/O error poisons the segment),
 * ERR_BUSY after the lock's deadline.
 */
int trail_append(struct trail *, const struct trail_record *, struct err *);

/* Appends without waiting for the disk: for what nobody is told "yes" on. */
int trail_note(struct trail *, const struct trail_record *, struct err *);

void trail_close(struct trail **);

/*
 * When a segment is full: bytes (at most SEGMENT_BYTES_MAX) or seconds since
 * its first record; 0 seconds: never by time. Preset: 64 MiB, never.
 */
void trail_set_limits(struct trail *, int64_t bytes, int64_t seconds);

/*
 * For reevectl and the rest of schema/: a record of any type whose members
 * are made under the lock, when it is known which record it will be.
 */
struct trail_maker {
	const char *type;
	/* Whether all before it is put on disk before make is called. */
	bool after_sync;
	/* Puts the members; *at is where the line will stand. */
	int (*make)(void *context, const struct place *at, struct buf *members,
	    struct err *);
	void *context;
};
int trail_put(
    struct trail *, const struct trail_maker *, bool durable, struct err *);

/* The directory, open, for as long as the trail is. */
int trail_directory(const struct trail *);
const struct host *trail_host(const struct trail *);
const char *trail_boot(const struct trail *);
/* Forgets and reads again whose trail it is. */
int trail_reload_host(struct trail *, struct err *);

/*
 * Lays the first segment and the files beside it into an empty directory
 * that has its "host" already. ERR_USAGE if there is a trail.
 */
int trail_lay(int dir, const struct clock *, struct err *);

#endif
