/*
 * A pack of evidence: a folder that stands for itself (schema/evidence.xsd).
 *
 *	manifest.xml       written last; what the pack is, and every other file
 *	summary.xml        the totals that reports show
 *	parts/CLASS-0001.xml
 *	schema/evidence.xsd
 *	oscal/             the same findings as OSCAL assessment-results
 *	trail/HOST/SESSION/  quoted sessions: records.jsonl, checkpoint, proofs
 *	VERIFY.txt, VERIFY.zh_TW.txt, trail-verify.py   how to verify it
 *	SHA256SUMS         of all of these, as sha256sum -c reads it
 *	signatures/NAME.xml        detached XML-DSig over each of these files
 *	signatures/NAME.ed25519    Ed25519 (RFC 8032) over SHA256SUMS, 64 bytes
 *	signatures/NAME.ed25519.pem  its public key (RFC 8410)
 *	signatures/NAME.tsq, .tsr  RFC 3161, of NAME.xml
 *
 * Files are made with mode 0640 in folders of mode 0750, and nothing that
 * exists is ever written over.
 */
#ifndef REVIEW_EVIDENCE_H
#define REVIEW_EVIDENCE_H

#include "review/command.h"

#define EVIDENCE_NAMESPACE  "urn:reeve:evidence:1"
#define EVIDENCE_MANIFEST   "manifest.xml"
#define EVIDENCE_SUMMARY    "summary.xml"
#define EVIDENCE_SUMS       "SHA256SUMS"
#define EVIDENCE_SIGNATURES "signatures"
#define EVIDENCE_PART_BYTES (64u << 20) /* then a part is full */
#define EVIDENCE_FILES      2000u /* of one pack; a signature stays < 1 MiB */
#define EVIDENCE_NAME_MAX   255u  /* bytes, of a file below the pack */

/*
 * The name of a file of a pack, from anybody: relative, at most 5 components
 * that begin with a letter or digit and have only letters, digits, ".", "_"
 * and "-". So nothing is above the pack, hidden, or a URL.
 */
bool evidence_name_ok(const char *name);

/* "periodic: 2026-10-01 to 2026-12-31, made 2027-01-04", in the site's zone. */
#define EVIDENCE_PERIOD 160u
int evidence_period(const struct command_context *, const char *kind,
    int64_t from, int64_t to, int64_t made, char out[EVIDENCE_PERIOD],
    struct err *);

/* Says "reeve evidence WORD: text", and returns the status that fits. */
int evidence_fail(
    struct command_context *, const char *word, const struct err *);
/* The same of the command line; then how it is used. */
int evidence_usage(struct command_context *, const struct command_word *,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
