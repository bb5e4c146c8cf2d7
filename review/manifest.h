/*
 * The manifest of a pack: manifest.xml (schema/evidence.xsd, "manifest"). The
 * struct owns its texts; arrays grow as they are added to.
 */
#ifndef REVIEW_MANIFEST_H
#define REVIEW_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "review/evidence.h"
#include "schema/base/buf.h"
#include "schema/base/digest.h"
#include "schema/base/err.h"

#define MANIFEST_BYTES (4u << 20) /* at most */

struct manifest_file {
	char name[EVIDENCE_NAME_MAX + 1];
	int64_t bytes;
	unsigned char sha256[DIGEST_SHA256_LENGTH];
	char class[32]; /* "" where it is no part */
	int64_t rows;   /* of a part */
};

struct manifest_class {
	char name[32];
	int64_t rows, total, parts;
	char withheld[256]; /* "" */
};

struct manifest_scope {
	char what[16]; /* "system", "person", "rule", "campaign" */
	char value[256];
};

struct manifest_retention {
	char kind[32];
	int64_t months, oldest, purged; /* FACT_UNKNOWN: none */
};

struct manifest_signer {
	char name[64];
	bool pinned;
	unsigned char certificate[DIGEST_SHA256_LENGTH];
};

struct manifest {
	int64_t sequence;
	bool first; /* there is no previous */
	unsigned char previous[DIGEST_SHA256_LENGTH];
	char kind[16]; /* "periodic", "annual", "case", "topic" */
	int64_t from, to, made;
	char program[64];
	bool rehearsal;
	int64_t state, state_at, check, checked; /* FACT_UNKNOWN: none */
	char profile[128];
	int64_t head; /* act */
	unsigned char head_digest[DIGEST_SHA256_LENGTH];
	int64_t places, covered;
	struct manifest_scope *scopes;
	struct manifest_retention *retentions;
	struct manifest_signer *signers;
	struct manifest_class *classes;
	struct manifest_file *files;
	size_t scope_count, retention_count, signer_count, class_count,
	    file_count;
};

int manifest_new(struct manifest **, struct err *);
void manifest_free(struct manifest **);
/* Each adds one, zeroed, and returns it; NULL with *e set (ERR_LIMIT). */
struct manifest_scope *manifest_add_scope(struct manifest *, struct err *);
struct manifest_retention *manifest_add_retention(
    struct manifest *, struct err *);
struct manifest_signer *manifest_add_signer(struct manifest *, struct err *);
struct manifest_class *manifest_add_class(struct manifest *, struct err *);
struct manifest_file *manifest_add_file(struct manifest *, struct err *);
const struct manifest_file *manifest_file_find(
    const struct manifest *, const char *name);
const struct manifest_class *manifest_class_find(
    const struct manifest *, const char *name);

/*
 * Its XML; files are sorted by name first. ERR_LIMIT if it is longer than
 * MANIFEST_BYTES.
 */
int manifest_write(struct manifest *, struct buf *, struct err *);
/* The XML of anybody, validated; every name passes evidence_name_ok(). */
int manifest_read(
    struct manifest **, const void *bytes, size_t length, struct err *);
/* SHA256SUMS: of the files, and of the manifest as these bytes. */
int manifest_sums(const struct manifest *, const void *bytes, size_t length,
    struct buf *, struct err *);

#endif
