/*
 * The files of a pack, as they are in its folder, from anybody: what is there,
 * not what the pack says is there. Everything is found below one open folder,
 * no link is followed, and what is no plain file with one name is an oddity.
 */
#ifndef REVIEW_PACK_FOLDER_H
#define REVIEW_PACK_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "review/evidence.h"
#include "schema/base/buf.h"
#include "schema/base/digest.h"
#include "schema/base/err.h"

#define PACK_FOLDER_FILES (EVIDENCE_FILES + 128u) /* with signatures */

struct pack_entry {
	char name[EVIDENCE_NAME_MAX + 1];
	int64_t bytes;
	dev_t device;
	ino_t inode;
	unsigned char sha256[DIGEST_SHA256_LENGTH]; /* once it was hashed */
};

struct pack_folder {
	int fd;
	struct pack_entry *entries; /* sorted by name */
	size_t count;
};

typedef void pack_oddity_fn(void *context, const char *name, const char *why);

/* ERR_MISSING, ERR_LIMIT (more than a pack has), ERR_SYS. */
int pack_folder_open(struct pack_folder *, const char *path, pack_oddity_fn *,
    void *context, struct err *);
void pack_folder_close(struct pack_folder *);
struct pack_entry *pack_folder_find(
    const struct pack_folder *, const char *name);

/*
 * Opened for reading, and still what was found: ERR_TAMPERED if it is not.
 * Returns it, or -1.
 */
int pack_entry_open(
    const struct pack_folder *, const struct pack_entry *, struct err *);
/* All its bytes, which are at most the buffer's limit (ERR_LIMIT). */
int pack_entry_read(const struct pack_folder *, const struct pack_entry *,
    struct buf *, struct err *);
/* Fills in sha256. told is called with the bytes since; it may be NULL. */
int pack_entry_hash(const struct pack_folder *, struct pack_entry *,
    void (*told)(void *, int64_t bytes), void *context, struct err *);

#endif
