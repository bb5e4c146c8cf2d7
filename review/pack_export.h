/*
 * A pack of evidence made of the database: one writing transaction, one act of
 * the kind "pack", so that all of it is of one moment and its place in the
 * chain of packs is its own.
 *
 * In this order, each synced before the next: parts, summary, schema, guide,
 * OSCAL; SHA256SUMS; the manifest under the name manifest.xml.new; the act with
 * the manifest's digest is committed; the manifest gets its name. So a folder
 * with manifest.xml is whole and registered, and one without is no pack. Killed
 * between the last two there is a registered pack whose manifest lacks its
 * name: the same command again gives it. A sequence number without a pack is a
 * gap that can be seen; a pack that no act knows of could not be told from a
 * false one.
 */
#ifndef REVIEW_PACK_EXPORT_H
#define REVIEW_PACK_EXPORT_H

#include "review/act.h"
#include "review/manifest.h"
#include "review/pack_content.h"

#define EVIDENCE_MANIFEST_NEW "manifest.xml.new"

struct pack_exporting {
	const char *folder; /* empty, or made: mode 0750 */
	const char *kind;   /* "periodic", "annual", "case", "topic" */
	struct pack_scope scope;
	const struct manifest_signer *signers; /* who must sign */
	size_t signer_count;
	const char *const *trails; /* "DIR[:SESSION,...]": pack_trail.h */
	size_t trail_count;
	struct act_how how;
	const struct review_config *config;
	void (*progress)(void *, const char *what, int64_t done, int64_t total);
	void *progress_context;
};

struct pack_exported {
	struct manifest *manifest; /* NULL: only the name was missing */
	int64_t sequence;
	unsigned char digest[DIGEST_SHA256_LENGTH]; /* of manifest.xml */
	struct buf receipt;                         /* "act 17 HEX"; or empty */
};

/*
 * ERR_TAMPERED if acts are not what was signed; ERR_USAGE if the folder is not
 * empty (the text says what is there); ERR_FULL. What was written stays. The
 * caller frees.
 */
int pack_export(struct store *, const struct pack_exporting *,
    struct pack_exported *, struct err *);
void pack_exported_free(struct pack_exported *);

#endif
