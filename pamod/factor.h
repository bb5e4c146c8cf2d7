/*
 * A factor: how one answer is judged. Each is a file factor_NAME.c and two
 * lines in factor.c. It knows no PAM, no clock and no file: it is told the
 * time and the record, and says what to store before the answer is yes.
 */
#ifndef PAMOD_FACTOR_H
#define PAMOD_FACTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pamod/state.h"
#include "schema/base/err.h"

enum verdict {
	VERDICT_DENY = 0,             /* what memory set to zero says */
	VERDICT_UNAVAILABLE = 0x51c8, /* nothing enrolled that could judge it */
	VERDICT_REPLAYED = 0x94a3,    /* was right once, and is spent: a no */
	VERDICT_ALLOW = 0x2b17 /* no few flipped bits away from the others */
};

/* NIST SP 800-63: what you know, have, are. Bits, so that kinds add up. */
enum factor_kind { KIND_NONE = 0, KIND_KNOW = 1, KIND_HAVE = 2, KIND_ARE = 4 };

/* What a policy allows a factor; see reeve.conf(5), section [factor]. */
struct factor_limits {
	int64_t totp_window; /* steps accepted each side, 0 to 5 */
	int64_t totp_drift;  /* steps of drift that may be learnt, 0 to 10 */
	int64_t hotp_window; /* counters of look-ahead, 1 to 100 */
};

struct recovery_prepared;
struct factor_request {
	struct state *state; /* to unseal */
	const char *answer;  /* what the user typed; bounded, no NUL inside */
	int64_t now;         /* s since 1970 */
	struct factor_limits limits;
	const struct recovery_prepared *prepared; /* of answer; NULL: none */
};

/* Which one said yes; zero when none did. */
struct factor_used {
	char type[16];
	uint32_t id; /* the state_factor's; 0 for recovery codes */
	enum factor_kind kind;
	char label[STATE_LABEL_MAX + 1];
};

struct factor_type {
	const char *name;    /* in the configuration and in the record */
	const char *summary; /* one line for the manual page */
	enum factor_kind kind;
	bool typed;         /* judged from an answer to our prompt */
	bool replaces_lost; /* recovery codes: every use is flagged */

	/*
	 * Whether answer could be one of this type at all (digits, length):
	 * cheap, and the same for everybody. digits gets it without blanks,
	 * and may be NULL. NULL when not typed.
	 */
	bool (*looks_like)(const char *answer, char *digits);
	/*
	 * Judges the answer against everything of this type that the user has
	 * enrolled and confirmed and that is not among `spent` (factor ids
	 * that may not be used: those of the login, when stepping up; 0
	 * stands for the recovery codes). On
	 * ALLOW the record has been changed in memory so that the same answer
	 * can never be right again; the caller makes it durable before it
	 * says yes. Anything else leaves the record as it was, HOTP's
	 * look-ahead included.
	 */
	enum verdict (*verify)(const struct factor_type *, struct state_user *,
	    const uint32_t *spent, size_t spent_count,
	    const struct factor_request *, struct factor_used *, struct err *);
	/* Where verify is factor_verify_codes: the same against one factor. */
	enum verdict (*verify_code)(const struct state_user *,
	    struct state_factor *, const char *digits,
	    const struct factor_request *, struct factor_used *, struct err *);
};

/* The registry; ends with NULL. */
extern const struct factor_type *const factor_types[];

const struct factor_type *factor_find(const char *name);

/*
 * Judges a typed answer against every typed factor of the user. An error in
 * one (an unreadable seed, say) is that one's DENY, with *e set, and stands
 * above an UNAVAILABLE of the others; an ALLOW of another stays one. An
 * answer that is right for several factors is burnt in all of them.
 */
enum verdict factor_judge(struct state_user *, const uint32_t *spent,
    size_t spent_count, const struct factor_request *, struct factor_used *,
    struct err *);

/*
 * The same against the spent ones alone: whether an answer that is a no was
 * the code of a device that may not be used here. Right, it is burnt, so that
 * asking this tells nobody a code that is good elsewhere.
 */
enum verdict factor_judge_spent(struct state_user *, const uint32_t *spent,
    size_t spent_count, const struct factor_request *, struct err *);

/*
 * Takes the time that judging takes, and judges nothing: for who is unknown,
 * locked or waiting, so that the wait for an answer tells nobody which.
 */
void factor_pretend(const char *answer, int64_t now);

/* Whether a place of the record holds a factor that may be used. */
bool factor_counts(
    const struct state_factor *, const uint32_t *spent, size_t spent_count);
/*
 * Opens the factor's seed and describes its codes. The seed stays in *secret,
 * which the caller frees.
 */
struct otp;
int factor_open_seed(const struct state_user *, const struct state_factor *,
    const struct factor_request *, struct otp *, struct buf *secret,
    struct err *);
/*
 * verify of a type whose answers are codes: asks verify_code of each factor of
 * that type that counts, and joins what they say.
 */
enum verdict factor_verify_codes(const struct factor_type *,
    struct state_user *, const uint32_t *spent, size_t spent_count,
    const struct factor_request *, struct factor_used *, struct err *);
/* Writes down which factor said yes, and when. */
void factor_note_use(struct state_factor *, const struct factor_type *,
    int64_t now, struct factor_used *);

/* The verdict of two: an ALLOW, else the no that says most. */
enum verdict verdict_join(enum verdict, enum verdict);

/*
 * Kinds the user has: confirmed, not suspended, not spent. Recovery codes
 * are left out, because they only stand in for a lost device.
 */
unsigned factor_kinds(
    const struct state_user *, const uint32_t *spent, size_t spent_count);

/*
 * SSH keys (door.md section 1.4). info is SSH_AUTH_INFO_0. Parses the lines;
 * for the first "publickey" line gives the SHA-256 fingerprint of the key (of
 * a certificate, the certified key) and what kind of key it is.
 */
struct sshkey_info {
	char type[48];        /* "ssh-ed25519", "sk-ssh-ed25519@openssh.com" */
	char fingerprint[51]; /* "SHA256:" and 43 base64 digits, as sshd logs */
	unsigned char digest[32];
	bool hardware; /* sk-: a FIDO authenticator */
	bool certificate;
	char ca_fingerprint[51]; /* of a certificate's CA; else "" */
	char key_id[128];        /* of a certificate, cleaned; else "" */
	uint64_t serial;
	uint64_t valid_after; /* s since 1970 */
	uint64_t valid_before;
	struct buf principals;       /* each with a NUL behind it */
	struct buf source_addresses; /* critical option, or empty */
};
/* 1: found; 0: no publickey line; -1: ERR_FORMAT. */
int sshkey_parse(
    const char *info, size_t length, struct sshkey_info *, struct err *);
/* One key as a .pub file has it, "TYPE BASE64", without the comment. */
int sshkey_parse_key(
    const char *text, size_t length, struct sshkey_info *, struct err *);
void sshkey_free(struct sshkey_info *);
/* "SHA256:..." back into the digest. */
int sshkey_parse_fingerprint(
    const char *, unsigned char digest[32], struct err *);
/* The enrolled factor with that fingerprint, or NULL. */
const struct state_factor *sshkey_enrolled(
    const struct state_user *, const struct sshkey_info *);

#endif
