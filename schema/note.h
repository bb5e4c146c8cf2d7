/*
 * C2SP signed-note, tlog-checkpoint and tlog-proof, byte for byte, with
 * Ed25519 keys (signature type 0x01).
 */
#ifndef SCHEMA_NOTE_H
#define SCHEMA_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/buf.h"
#include "schema/base/err.h"
#include "schema/tree.h"

#define NOTE_NAME_MAX       200u /* bytes of a key's name, or an origin */
#define NOTE_KEY            32u  /* bytes of an Ed25519 key (RFC 8032) */
#define NOTE_SIGNATURE      64u
#define NOTE_SIGNATURES_MAX 32u
#define NOTE_MAX            65536u /* bytes of a note */

struct note_key {
	char name[NOTE_NAME_MAX + 1];
	uint32_t id;
	unsigned char key[NOTE_KEY]; /* public */
};

struct note_signer {
	struct note_key key;
	unsigned char seed[NOTE_KEY]; /* secret; wipe with note_signer_wipe */
};

/* "name+id+key", as it is given to verifiers. */
int note_key_parse(const char *text, struct note_key *, struct err *);
void note_key_print(const struct note_key *, struct buf *);
bool note_key_same(const struct note_key *, const struct note_key *);

/* Fills name, public key and id from name and seed. */
int note_signer_set(struct note_signer *, const char *name,
    const unsigned char *seed, struct err *);
void note_signer_wipe(struct note_signer *);

/* Signatures over text, which ends with a line feed. */
int note_sign(const struct note_signer *, const char *text, size_t length,
    unsigned char *signature, struct err *);
/* 0 if it is good; ERR_TAMPERED if not. */
int note_verify(const struct note_key *, const char *text, size_t length,
    const unsigned char *signature, struct err *);
/* The whole line: dash, name, id and signature, line feed. */
void note_print_signature(
    const struct note_key *, const unsigned char *signature, struct buf *);

struct note_line { /* one signature, as it was read */
	const char *name;
	size_t name_length;
	uint32_t id;
	/* All zero if it is of another length: then of no key we know. */
	unsigned char signature[NOTE_SIGNATURE];
	bool is_ours; /* has the length of an Ed25519 signature */
};

struct note {
	const char *text; /* with its last line feed */
	size_t text_length;
	size_t count;
	struct note_line line[NOTE_SIGNATURES_MAX];
};

/*
 * The note that the bytes begin with: one may be followed by others. Returns
 * how many bytes it took, or 0 with *e set. It keeps pointing into bytes.
 */
size_t note_parse(
    const char *bytes, size_t length, struct note *, struct err *);
/* The signature line of that key, or NULL. */
const struct note_line *note_find(const struct note *, const struct note_key *);

struct checkpoint {
	char origin[NOTE_NAME_MAX + 1];
	uint64_t size;
	unsigned char root[TREE_HASH];
};

/* The text of the note. Extension lines are read over. */
int checkpoint_parse(
    const char *text, size_t length, struct checkpoint *, struct err *);
void checkpoint_print(const struct checkpoint *, struct buf *);

/* What one tlog-proof says. */
struct proof {
	struct tree_path path;
	const char *note; /* the signed checkpoint, verbatim */
	size_t note_length;
};

int proof_parse(const char *bytes, size_t length, struct proof *, struct err *);
void proof_print(const struct tree_path *, const char *note, size_t note_length,
    struct buf *);

#endif
