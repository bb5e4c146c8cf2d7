/*
 * Acts: what enrolled persons said, in one chain (schema/store.sql, "Acts").
 * Every command that decides, approves, opens, closes or confirms writes one:
 *
 *	act_begin(&act, store, "decisions", &how, e)
 *	... the rows, with act_number(act) in their column "act" ...
 *	act_commit(&act, &receipt, e)
 *
 * The rows of an act are what the statements of its kind (act_kind.c's table,
 * their SQL in sql/act.sql) give for its number: one text a row, made by
 * json_array() of every column, in an order that is stated. For each table
 * their SHA-256, one line feed after each, is in the act's text; the act
 * before is, by its digest. The text is signed as sshsig (OpenSSH
 * PROTOCOL.sshsig) in the namespace ACT_NAMESPACE by ssh-keygen -Y sign: so
 * ssh-agent serves, and sk- keys. reeve-acts(5) has it in full.
 *
 *	{"act":17,"previous":"HEX","at":"2026-11-29T12:00:00Z",
 *	 "kind":"decisions","signer":"SHA256:...","rehearsal":false,
 *	 "tables":[{"table":"returned","rows":1,"digest":"HEX"},
 *	 {"table":"decision","rows":25,"digest":"HEX"}]}
 *
 * Where two persons are needed the second one's act is of the kind "second"
 * (act_second): what waits for it does nothing until then. Only act.c inserts
 * into "act" and "second".
 */
#ifndef REVIEW_ACT_H
#define REVIEW_ACT_H

#include <stdbool.h>
#include <stdint.h>

#include "review/command.h"
#include "review/sshsig.h"
#include "review/store.h"
#include "schema/base/buf.h"
#include "schema/base/err.h"

#define ACT_NAMESPACE "reeve-act"

struct signer { /* an enrolled person; its texts live as long as the struct */
	int64_t id;
	char name[128];
	char employee[64]; /* "" not in personnel data */
	char role[16];     /* "officer", "reviewer", "auditor" */
	char fingerprint[SSHSIG_FINGERPRINT];
};

/*
 * Signs the text with that key, and puts the armoured signature behind the
 * last but one.
 */
typedef int act_sign_fn(void *context, const char *key, const char *text,
    size_t length, struct buf *signature, struct err *);

/* By whom and when. */
struct act_how {
	int64_t now;     /* s since 1970 */
	bool now_given;  /* --now: only in a rehearsal */
	const char *key; /* --key: file of a private or public key; NULL: see
			    signer_key_file() in signer.h */
	bool by_program; /* unsigned, by the program itself */
	/* Who may: roles, comma-separated; NULL: "officer". */
	const char *roles;
	act_sign_fn *sign; /* NULL: ssh-keygen */
	void *sign_context;
};

struct act;

/* From --now, --key and the clock. */
struct act_how act_how(const struct command_context *);

/*
 * Begins the one writing transaction. ERR_ACCESS if the key is nobody's, or not
 * (yet, any more) valid, or of another role: the text says which command
 * enrols. ERR_CONFIG if the clock is behind the newest act. kind is one of
 * act.c's table.
 */
int act_begin(struct act **, struct store *, const char *kind,
    const struct act_how *, struct err *);
/*
 * The same for kind "person" of the first two, who enrol themselves: self is to
 * be a row of "signer" in this act; its id is given here. ERR_ACCESS if two are
 * enrolled.
 */
int act_begin_self(struct act **, struct store *, const struct signer *self,
    const struct act_how *, struct err *);
int64_t act_number(const struct act *);
int64_t act_at(const struct act *); /* when: s since 1970 */
/* Who signs it; NULL: the program. */
const struct signer *act_signer(const struct act *);

/*
 * Digests the rows, signs, verifies what was signed, commits. The signer may be
 * asked for a passphrase or a touch on the terminal: at most 2 minutes, since
 * others wait. receipt (may be NULL) gets "act 17 HEX": the head, to be held
 * elsewhere. On failure nothing was written, and *act is NULL.
 */
int act_commit(struct act **, struct buf *receipt, struct err *);
void act_cancel(struct act **);

/*
 * Several acts, one transaction: act_next() ends the one and begins another of
 * the same person without a commit between them.
 */
int act_next(struct act **, const char *kind, struct err *);

/*
 * A second person's word on an act. ERR_ACCESS if they signed the act
 * themselves, share the employee number of who did, might not have signed it,
 * or are whom it is about
 * (a holder in its rows; see act.c's table for what that is in each kind).
 */
int act_second(struct store *, int64_t of, bool approve, const char *reason,
    const struct act_how *, struct buf *receipt, struct err *);

/*
 * Before what persons signed takes effect: the acts of that kind, or that one
 * (0: all), and the words of second persons on them, are what was signed, by
 * whom it says, and so are all enrolments. ERR_TAMPERED names the first act
 * that is not. It is not act_verify(): nothing is held against what is kept
 * elsewhere, nor is the chain walked.
 */
int act_check(struct store *, const char *kind, int64_t act, struct err *);

/* Whether a second person approved it. 1, 0, -1. */
int act_approved(struct store *, int64_t act, struct err *);

/* The person of a signature, by fingerprint, as enrolled at an act. 1, 0, -1 */
int signer_find(
    struct store *, const char *fingerprint, struct signer *, struct err *);

struct act_trust {
	/*
	 * Pinned from outside, or NULL: a file of allowed_signers lines, or of
	 * fingerprints. Whoever signed any act must be in it.
	 */
	const char *roster;
	/* A head held elsewhere, "17 HEX", or NULL: act 17 must be that. */
	const char *head;
	bool quick; /* the acts only, not whether the database is sound */
	void (*progress)(
	    void *context, const char *what, int64_t done, int64_t total);
	void *progress_context;
};

struct act_fault {
	int64_t act;      /* 0: of no act */
	const char *word; /* "altered", "incomplete", "unsigned", "untrusted" */
	const char *text; /* which row, which signature */
};

/*
 * Everything again, from the rows: order, links, digests, signatures, who may
 * sign what, two persons where two are needed, rows that no act has, the
 * schema. Calls report for each fault. In memory of a size that does not depend
 * on the database. Returns how many, or -1: it could not be done.
 */
int64_t act_verify(struct store *, const struct act_trust *,
    void (*report)(void *, const struct act_fault *), void *context,
    struct err *);

struct act_state {
	int64_t acts, signed_by; /* how many; the last that a person signed */
	int64_t unsigned_after;  /* the program's own since: nobody vouches */
	int64_t unnumbered;      /* persons without an employee number */
	char head[96];           /* "17 HEX"; "" if there is none */
};
int act_state(struct store *, struct act_state *, struct err *);

#endif
