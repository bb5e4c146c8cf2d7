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
 *    numbers; the chain of acts and the rows they signed; the chain of packs
 * 5. proofs of quoted sessions; OSCAL's digests
 */
#ifndef REVIEW_PACK_VERIFY_H
#define REVIEW_PACK_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "review/pack_trust.h"
#include "schema/base/err.h"

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
	bool unsigned_ok; /* --unsigned: digests and content only; says so */
	void (*report)(void *, const struct pack_fault *);
	void *context;
	void (*progress)(void *, const char *what, int64_t done, int64_t total);
	void *progress_context;
};

struct pack_verdict {
	int64_t sequence, files, rows, acts;
	int64_t signatures; /* by somebody trusted */
	int64_t stamped;    /* of them, with a trusted token */
	int64_t covered, places;
	bool rehearsal;
};

/* Returns how many faults, or -1: it could not be done. */
int64_t pack_verify(const char *folder, const struct pack_verifying *,
    struct pack_verdict *, struct err *);

#endif
