/*
 * What the host remembers of a user: one fixed-size record a user, in a
 * directory that belongs to root.
 *
 * A record is three slots, each with a sequence number and a checksum. A save
 * writes one that is neither the newest nor the newest known to be on disk: so
 * neither kill -9 nor a power cut in the middle loses what was acknowledged,
 * and only what must be durable waits for the disk. The file is written whole
 * when created, so a full disk can't stop an update. Reading, judging and
 * writing back happen under one waiting lock a user; users never block each
 * other.
 *
 * Waits are counted by the clock that can't be set (CLOCK_BOOTTIME): times
 * called uptime are milliseconds of that, of this boot. In a record that was
 * last written in another boot they are read as 0, the boot's start.
 *
 * Every bound below is documented in reeve-state(5); exceeding one is
 * ERR_LIMIT when the thing is added, never later.
 */
#ifndef PAMOD_STATE_H
#define PAMOD_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "schema/base/buf.h"
#include "schema/base/clock.h"
#include "schema/base/err.h"
#include "schema/base/secret.h"

#define STATE_NAME_MAX     64 /* bytes of a user name */
#define STATE_FACTORS_MAX  8
#define STATE_RECOVERY_MAX 16
#define STATE_HISTORY_MAX  24
#define STATE_SOURCES_MAX  16
#define STATE_ATTEMPTS_MAX 16 /* attempts that are not over yet */
#define STATE_LABEL_MAX    32 /* bytes of a factor's label */
#define STATE_SECRET_MAX   64 /* bytes of a seed */
#define STATE_SEALED_MAX   (12 + STATE_SECRET_MAX + 16) /* nonce, tag */
#define STATE_SOURCE_MAX   64 /* bytes: an address, an IPv6 /64, "console" */
#define STATE_SERVICE_MAX  32
#define STATE_HASH_MAX     128       /* bytes of a crypt(5) hash with its NUL */
#define STATE_WAIT_MS      5000      /* at most for a lock */
#define STATE_BOOT         16        /* bytes of a boot id */
#define STATE_TABLE        "sources" /* attempts on names that are not ours: */
#define STATE_TABLE_ROWS   4096u     /* places, and one more for the rest; */
#define STATE_TABLE_ROW    32u       /* bytes each; see reeve-state(5) */

struct state_factor {
	uint32_t id;   /* 0: this place is empty; else never used again */
	char type[16]; /* a factor_type's name */
	char label[STATE_LABEL_MAX + 1];
	bool confirmed;    /* a first code proved it; else it does not count */
	bool suspended;    /* a restored backup: see door.md section 2 */
	int64_t created;   /* s since 1970 */
	int64_t last_used; /* s since 1970; 0: never */
	uint8_t algorithm; /* enum otp_algorithm */
	uint8_t digits;
	uint16_t period; /* s; TOTP only */
	int32_t drift;   /* TOTP: steps the device is ahead, learnt */
	/* TOTP: the newest step burnt; HOTP: the next counter expected. */
	uint64_t counter;
	/* What the type keeps: a sealed seed, or an SSH fingerprint. */
	uint16_t data_length;
	unsigned char data[STATE_SEALED_MAX];
};

/* One batch; the codes share a salt, so an attempt costs one slow hash. */
struct state_recovery {
	int64_t made;                 /* s since 1970; 0: none */
	char setting[STATE_HASH_MAX]; /* crypt(5) setting with the salt */
	uint8_t count;
	uint16_t used; /* bit i: code i is spent */
	unsigned char digest[STATE_RECOVERY_MAX][32]; /* SHA-256 of the hash */
};

/* Failures from one place; see throttle.h. */
struct state_source {
	char source[STATE_SOURCE_MAX]; /* "": this place is empty */
	uint32_t failures;             /* since the last success from here */
	int64_t last_failure;          /* s since 1970, to be shown */
	int64_t last_success;          /* s since 1970; 0: never */
	int64_t failure_uptime;        /* of the last failure, to wait by */
};

/*
 * An attempt that was begun and is not over. It is closed by account, by the
 * end of its PAM handle, or, once its process is gone, by the next attempt or
 * `reevectl trail tick`.
 */
struct state_attempt {
	uint64_t id; /* 0: this place is empty */
	int32_t pid;
	uint64_t pid_start; /* ticks since boot: /proc/PID/stat field 22 */
	unsigned char boot[STATE_BOOT];
	int64_t begun;    /* s since 1970 */
	uint8_t answered; /* a secret was offered: it counts as a failure */
	char service[STATE_SERVICE_MAX];
	char source[STATE_SOURCE_MAX];
};

struct state_user {
	char name[STATE_NAME_MAX + 1];
	uint32_t uid;
	int64_t created;
	int64_t enroll_deadline; /* s since 1970; 0: none set */
	/* 1: the password was reset by somebody else; above: change.c's tag of
	 * its hash, for whose holder has typed a new one. */
	uint8_t must_change;
	int64_t password_changed; /* s since 1970, through us; 0: unknown */

	uint32_t next_factor_id;
	struct state_factor factors[STATE_FACTORS_MAX];
	struct state_recovery recovery;
	/* A one-use self-enrolment ticket. */
	int64_t ticket_expires; /* s since 1970; 0: none */
	unsigned char ticket_digest[32];
	/* An approved exemption from the second kind; at most 90 days. */
	int64_t exempt_until;
	char exempt_approver[STATE_NAME_MAX + 1];

	uint32_t failures; /* over all sources since the last success */
	int64_t last_failure;
	int64_t failure_uptime; /* of that */
	uint8_t locked; /* a profile's hard lock; ends by time or by root */
	int64_t locked_since;
	uint32_t failures_since_login; /* to be shown at the next login */
	int64_t last_login;            /* s since 1970; 0: never */
	char last_source[STATE_SOURCE_MAX];
	char last_service[STATE_SERVICE_MAX];
	struct state_source sources[STATE_SOURCES_MAX];
	struct state_source overflow; /* shared by sources without a place */
	uint64_t next_attempt_id;     /* the newest given out; see below */
	struct state_attempt attempts[STATE_ATTEMPTS_MAX];

	/* Newest first; crypt(5) hashes of former passwords. */
	uint8_t history_count;
	char history[STATE_HISTORY_MAX][STATE_HASH_MAX];

	/* Not stored: the uptime when it was read; throttle.h waits by it. */
	int64_t uptime;
};

struct state;

/*
 * Opens a state directory: root's, mode 0700, on a durable file system, with
 * the host key in it. Nothing is created. clock and entropy are kept; the
 * caller keeps what they point to alive.
 */
int state_open(struct state **, const char *path, const struct clock *,
    const struct entropy *, struct err *);
void state_close(struct state **);

/*
 * `reevectl init`: makes directory, host key and the tables; an empty one that
 * is there (a mount of its own) becomes mode 0700, and one whose making was
 * cut short is finished. Never twice: ERR_USAGE where there is a host key.
 */
int state_init(const char *path, const struct entropy *, struct err *);

/*
 * Locks and reads the user's record. ERR_MISSING only if there is none;
 * ERR_BUSY after STATE_WAIT_MS; ERR_FORMAT if no slot is good; ERR_NEWER. If a
 * slot that was acknowledged as durable has been damaged since, an older one is
 * read and treated as state_suspend_old says. *lock is NULL on failure. The
 * caller wipes the struct with state_wipe.
 */
struct state_lock;
int state_lock(struct state *, const char *user, struct state_lock **,
    struct state_user *, struct err *);

/* Like state_lock, and makes the record if there is none. */
int state_lock_or_create(struct state *, const char *user, uid_t uid,
    struct state_lock **, struct state_user *, struct err *);

/* Writes the record back. With durable it is on disk when this returns 0. */
int state_save(
    struct state_lock *, const struct state_user *, bool durable, struct err *);
void state_unlock(struct state_lock **);
void state_wipe(struct state_user *);

/* Whether anything is enrolled, confirmed or not, suspended or not. */
bool state_has_any_factor(const struct state_user *);

/* A snapshot without keeping the lock. */
int state_read(
    struct state *, const char *user, struct state_user *, struct err *);
/* Removes the record. */
int state_remove(struct state *, const char *user, struct err *);
/*
 * Writes the record anew, whole, in the newest format: after an upgrade of
 * Reeve, and after a restore that may have left holes in the file.
 */
int state_upgrade(struct state *, const char *user, struct err *);
/* Calls visit with each user's name; stops at, and returns, its first non-0. */
int state_each(struct state *, int (*visit)(void *, const char *user),
    void *context, struct err *);

/*
 * Seals a seed into factor->data with AES-256-GCM under the host key (NIST SP
 * 800-38D; random 96-bit nonce; bound to user, factor id and version), and
 * opens it again. This protects copies and backups, not against root.
 */
int state_seal(struct state *, const struct state_user *, struct state_factor *,
    const unsigned char *secret, size_t length, struct err *);
int state_unseal(struct state *, const struct state_user *,
    const struct state_factor *, struct buf *secret, struct err *);

/*
 * newest_attempt is the id of the newest attempt that the trail has of the
 * user. If the record's own is older, it is an old copy (a restored backup), and what it calls unused may be spent: HOTP factors are
 * marked suspended, recovery codes and a ticket are spent. TOTP stays, since
 * time spends its codes. Whether it is so; the caller saves and records it.
 * Ids begin with the time of the record's creation, so a record that root
 * removed and made again is not taken for an old copy.
 */
bool state_suspend_old(struct state_user *, uint64_t newest_attempt);

/*
 * HMAC-SHA-256 of text under the host key, for names that may not be written
 * in clear. purpose keeps uses apart. out has 32 bytes.
 */
int state_hash(struct state *, const char *purpose, const char *text,
    unsigned char *out, struct err *);

/* For the tables beside the records: descriptor, and uptime in ms. */
int state_directory(const struct state *);
int state_uptime(struct state *, int64_t *uptime, struct err *);
/* The kernel's boot id, 16 bytes. */
const unsigned char *state_boot(const struct state *);

#endif
