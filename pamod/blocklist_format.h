/*
 * What the reader and the builder of a filter must agree on; the format is
 * specified in reeve-blocklist(5). Numbers are little-endian.
 */
#ifndef PAMOD_BLOCKLIST_FORMAT_H
#define PAMOD_BLOCKLIST_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pamod/blocklist.h"

#define BLOCKLIST_MAGIC   "ReeveBlk"
#define BLOCKLIST_VERSION 1u
#define BLOCKLIST_HEADER  4096u /* bytes; what is not used is zero */
#define BLOCKLIST_SUMMED  88u   /* bytes of it under its own checksum */

enum blocklist_flag {
	BLOCKLIST_SHA1 = 1,
	BLOCKLIST_NTLM = 2,
	BLOCKLIST_MODEL = 4
};
#define BLOCKLIST_FLAGS 7u

#define EXACT_SIZE      3u  /* bytes of an entry */
#define EXACT_BITS      24u /* of the key, behind those that chose the bucket */
#define CORE_SIZE       5u
#define CORE_BITS       34u /* then the rank */
#define RANK_BITS       6u
#define BUCKET_BITS_MIN 1u
#define BUCKET_BITS_MAX 24u   /* 2 to the power of 30 entries */
#define BUCKET_ENTRIES  64u   /* at most, on average */
#define BUCKET_LIMIT    4096u /* more in one bucket means damage */
#define SYMBOLS         40u   /* kinds of characters of the model */
#define MODEL_SIZE      ((uint64_t)SYMBOLS * SYMBOLS * SYMBOLS)

struct blocklist_header {
	uint32_t flags;
	int64_t built;
	uint64_t exact_count;
	uint64_t core_count;
	uint32_t exact_bits; /* 2 to the power of it are the buckets */
	uint32_t core_bits;
	unsigned char body_digest[32]; /* SHA-256 of all behind the header */
};

/* Where the sections begin; they follow each other without a gap. */
struct blocklist_layout {
	uint64_t exact_index; /* entries before each bucket, and all: u64 */
	uint64_t exact_entries;
	uint64_t core_index;
	uint64_t core_entries;
	uint64_t model;
	uint64_t size;
};

struct blocklist_layout blocklist_layout(const struct blocklist_header *);

/* BLOCKLIST_HEADER bytes. */
int blocklist_header_write(
    const struct blocklist_header *, unsigned char *out, struct err *);
int blocklist_header_read(struct blocklist_header *, const unsigned char *,
    size_t length, struct err *);

uint64_t blocklist_bucket(uint64_t key, uint32_t bucket_bits);
/* The bits behind those. */
uint64_t blocklist_rest(uint64_t key, uint32_t bucket_bits, uint32_t bits);

/* The key of a digest, and of a core that is complete. */
uint64_t blocklist_digest_key(const unsigned char *digest);
uint64_t blocklist_core_key(const struct blocklist_core *);

int blocklist_sha1(
    const char *password, size_t length, uint64_t *key, struct err *);
/* password is UTF-8. ERR_CRYPTO in FIPS mode. */
int blocklist_ntlm(
    const char *password, size_t length, uint64_t *key, struct err *);
int blocklist_md4_is_allowed(struct err *);

/* Which of the model's SYMBOLS a character of folded text is; 0: none. */
unsigned blocklist_symbol(char c);

#endif
