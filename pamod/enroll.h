/*
 * Enrolment: how a factor comes into a record. Shared by reevectl and by
 * self-enrolment at the door.
 *
 * A seed is made in memory, shown, proved by a first code, and only then put
 * into the record; so nothing half enrolled is ever stored, and no lock is
 * held while a person looks for their telephone. The order is: enroll_begin,
 * show enroll_uri, enroll_prove, write the trail record, lock, enroll_store,
 * state_save, unlock.
 */
#ifndef PAMOD_ENROLL_H
#define PAMOD_ENROLL_H

#include <stdbool.h>
#include <stdint.h>

#include "pamod/factor.h"
#include "pamod/factor_recovery.h"
#include "schema/base/buf.h"
#include "schema/base/err.h"
#include "schema/base/secret.h"

#define ENROLL_TICKET_LIFETIME (24 * 60 * 60) /* s */
#define ENROLL_PROOF_STEPS     2              /* TOTP steps each side */
#define ENROLL_PROOF_SPAN      100            /* HOTP counters from 0 */
#define ENROLL_RESYNC_SPAN     1000           /* HOTP counters searched */
#define ENROLL_SEED_MIN        16             /* bytes: RFC 4226 R6 */
#define ENROLL_KEY_LENGTH      32             /* X25519, RFC 7748 */
#define ENROLL_EXPORT_MAX      16384u         /* bytes of an export */

/* A factor that is not in any record yet; its seed is in clear. */
struct enrolment {
	struct state_factor factor; /* id 0; type, label, and what a code is */
	unsigned char seed[STATE_SECRET_MAX];
	size_t seed_length;
};
void enroll_wipe(struct enrolment *);

/*
 * A new seed for wanted->type "totp" or "hotp". Zero or "" in the rest of
 * *wanted stands for the usual: SHA1 (which every app knows), 6 digits, 30 s,
 * the type's name as label. ERR_USAGE for what no code can be.
 */
int enroll_begin(struct enrolment *, const struct state_factor *wanted,
    const struct entropy *, int64_t now, struct err *);
/* The same with the seed that a bought token came with. */
int enroll_begin_seed(struct enrolment *, const struct state_factor *wanted,
    const unsigned char *seed, size_t length, int64_t now, struct err *);

/* A key, by its fingerprint; root vouches for it and no code proves it. */
int enroll_begin_sshkey(struct enrolment *, const char *label,
    const char *fingerprint, int64_t now, struct err *);
/* The same from the fingerprint's 32 bytes. */
int enroll_begin_digest(struct enrolment *, const char *label,
    const unsigned char *digest, size_t length, int64_t now, struct err *);

/*
 * otpauth://totp/ISSUER:USER?secret=...: what an authenticator app reads.
 * Holds the seed.
 */
int enroll_uri(const struct enrolment *, const char *user, const char *issuer,
    struct buf *, struct err *);
/* The seed in groups of four base32 digits, to be typed. */
int enroll_secret_text(const struct enrolment *, struct buf *, struct err *);

/*
 * ALLOW: answer is a code of the seed, ENROLL_PROOF_STEPS around now or among
 * the first ENROLL_PROOF_SPAN counters. The code is burnt in it, and one
 * step of TOTP's drift learnt. Keys need no proof and have none.
 */
enum verdict enroll_prove(
    struct enrolment *, const char *answer, int64_t now, struct err *);

/*
 * Puts a proved enrolment into the locked record; the caller saves. *id is the
 * new factor's. ERR_LIMIT: no place left, the label is taken, or the same seed
 * or key is there already, under whatever label.
 */
int enroll_store(struct state *, struct state_user *, struct enrolment *,
    uint32_t *id, struct err *);

/* Whether the record holds that seed or key already. */
int enroll_is_known(struct state *, const struct state_user *,
    const struct enrolment *, bool *known, struct err *);

/*
 * The factor of that type and label; label "" means the only one of the type.
 * NULL and ERR_MISSING, or ERR_USAGE if there are several.
 */
struct state_factor *enroll_find(
    struct state_user *, const char *type, const char *label, struct err *);

/*
 * Two codes in a row (RFC 4226 section 7.4) bring a token back that ran ahead
 * further than the door looks, or that a restored backup suspended.
 */
enum verdict enroll_resync(struct state *, const struct state_user *,
    struct state_factor *, const char *first, const char *second, struct err *);

/*
 * A one-use ticket in the form of a recovery code, in place of an older one.
 * The record keeps its SHA-256, since it is 80 random bits and short-lived.
 */
int enroll_ticket_make(struct state_user *, int64_t expires,
    const struct entropy *, char ticket[RECOVERY_SIZE], struct err *);
/* ALLOW at most once: it is void in the record, which the caller saves. */
enum verdict enroll_ticket_use(
    struct state_user *, const char *answer, int64_t now, struct err *);

/*
 * Enrolments on their way to another host, sealed to its public key: HPKE
 * (RFC 9180) in base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
 * AES-256-GCM. TOTP and SSH keys travel; HOTP does not, because two hosts
 * can't share a counter, nor do recovery codes: each host makes its own. A
 * code is then one-time per host, not per fleet.
 */

/* This host's key pair in the state directory, made when it is not there. */
int enroll_host_key(struct state *, const struct entropy *,
    unsigned char public_key[ENROLL_KEY_LENGTH], struct err *);
/* One line of text and a line feed; *count factors went into it. */
int enroll_export(struct state *, const struct state_user *,
    const unsigned char public_key[ENROLL_KEY_LENGTH], const struct entropy *,
    struct buf *out, unsigned *count, struct err *);
/*
 * Opens an export made for this host and this user, and puts what is not there
 * yet into the locked record; the caller saves. *count factors were new.
 * ERR_TAMPERED if it was made for another host or altered.
 */
int enroll_import(struct state *, struct state_user *, const char *text,
    size_t length, int64_t now, unsigned *count, struct err *);

/* Self-enrolment in account, after auth succeeded (door.md section 1.6). */
struct enroll_door {
	struct state *state;
	const char *user;
	const struct clock *clock; /* read anew at each code: people are slow */
	const struct entropy *entropy;
	bool without_ticket; /* policy lets the password alone enrol */
};

enum enroll_door_result {
	ENROLL_DOOR_REFUSED = 0,    /* wrong ticket, no code, an error (*e) */
	ENROLL_DOOR_LATER = 0x4d92, /* no ticket was offered */
	ENROLL_DOOR_DONE = 0x2b6c   /* stored, durable, proved by a code */
};

struct convo;
enum enroll_door_result enroll_at_the_door(const struct enroll_door *,
    const struct convo *, struct factor_used *, struct err *);

#endif
