/*
 * Verifies a pack, from its folder, trust from outside, and nothing else. It
 * fetches nothing and needs no database. In this order, and nothing is parsed
 * before its bytes are known to be what somebody trusted signed:
 *
 * 1. signatures/: each NAME.xml (at most 1 MiB) for shape, key, trust, time
 * 2. raw bytes of every file that is signed; every file of the folder is listed
 * 3. manifest.xml; that signatures, SHA256SUMS and manifest name the same files
 *    with the same digests; who must have signed
 * 4. every part, streamed and validated; totals counted again; ascending
 *    numbers; the chain of acts and the rows they signed; worksheets that came
 *    back; what is shown of these rows, and what follows from them; the chain
 *    of packs
 * 5. quoted sessions: proofs, keys, checkpoints; OSCAL's digests
 *
 * A fault in 1 to 3 ends it there: what nobody vouches for is not read.
 *
 * What it does not do is in pack_verdict, to be said to whoever reads it. It
 * can't know whether the records are true: only that they are those that the
 * signers vouch for, that they agree with each other, and that the acts among
 * them are the persons' own.
 */
#ifndef REVIEW_PACK_VERIFY_H
#define REVIEW_PACK_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "review/pack_trust.h"
#include "schema/base/digest.h"
#include "schema/base/err.h"

#define PACK_FAULTS     200u /* that are reported of one pack; more are counted */
#define PACK_SIGNERS    16u
#define PACK_SEVERITIES 4u /* that are to be mended */

struct pack_fault {
	/*
	 * "altered", "incomplete", "unsigned", "untrusted", "expired": of
	 * several the first of these is the pack's word.
	 */
	const char *word;
	const char *name; /* the file; "" the pack */
	int64_t line;     /* 0: none */
	const char *text;
};

struct pack_verifying {
	const struct pack_trust *trust;
	int64_t now;
	const char *previous; /* folder of the pack before; NULL: not at hand */
	/* As act_trust has them: whose keys may sign acts; NULL: not at hand. */
	const char *roster, *head;
	/* First keys of hosts: "name+id+key"; ends with NULL. */
	const char *const *host_keys;
	bool unsigned_ok; /* --unsigned: digests and content only; says so */
	void (*report)(void *, const struct pack_fault *);
	void *context;
	void (*progress)(void *, const char *what, int64_t done, int64_t total);
	void *progress_context;
};

struct pack_signed_by {    /* somebody trusted */
	char name[64];     /* of the file */
	char subject[256]; /* of the certificate */
	char fingerprint[2 * DIGEST_SHA256_LENGTH + 1];
	int64_t until;   /* the certificate's end: s since 1970 */
	int64_t stamped; /* time of a trusted token; FACT_UNKNOWN: none */
	bool ed25519;    /* beside it, by a trusted key */
	unsigned char key[DIGEST_SHA256_LENGTH]; /* SHA-256 of the public key */
};

struct pack_verdict {
	int64_t sequence, files, rows, acts;
	char kind[16];
	int64_t from, to, made;
	size_t scopes;      /* what it is limited to; 0: nothing */
	int64_t signatures; /* by somebody trusted */
	int64_t stamped;    /* of them, with a trusted token */
	int64_t covered, places;
	/* Until a finding is due, critical to low: days; 0: there is none. */
	int64_t days[PACK_SEVERITIES];
	bool rehearsal;
	unsigned char manifest[DIGEST_SHA256_LENGTH]; /* what was verified */
	struct pack_signed_by by[PACK_SIGNERS];
	/* What was not verified, and how much there was of it. */
	bool first, previous; /* it is the first; the one before was compared */
	bool roster;          /* acts' signers were compared with one */
	int64_t unseen;    /* acts of persons whose rows are not in the pack */
	int64_t unproven;  /* rows that say what such an act signed */
	int64_t uncoded;   /* worksheets whose code is not in the pack */
	int64_t strangers; /* signers whose enrolment is not in the pack */
	int64_t sessions;  /* quoted */
	int64_t hosts;     /* of them, of a host whose key is not given */
	int64_t uncertified; /* of a host with an origin nobody certified */
	int64_t unlooked;   /* tokens and Ed25519 keys without trust for them */
	bool other_program; /* made it: its OSCAL was not made again */
	bool other_schema;  /* its evidence.xsd is not the one compiled in */
};

/* Returns how many faults, or -1: it could not be done. */
int64_t pack_verify(const char *folder, const struct pack_verifying *,
    struct pack_verdict *, struct err *);

#endif
