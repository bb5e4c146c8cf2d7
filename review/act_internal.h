/*
 * What act*.c share, and no one else includes.
 */
#ifndef REVIEW_ACT_INTERNAL_H
#define REVIEW_ACT_INTERNAL_H

#include <openssl/evp.h>

#include "review/act.h"
#include "schema/base/digest.h"

#define ACT_TABLES   4     /* of one kind, at most */
#define ACT_TEXT_MAX 8192u /* bytes */
#define ACT_AID_PART 1024  /* rows */
#define ACT_AID_SIZE 4     /* bytes of a row */

/* A kind of act: whose rows it has, who may sign it, and whom it is about. */
enum act_need {
	ACT_ALONE,  /* one person's word is enough, and no second is taken */
	ACT_MAY,    /* sometimes a second is wanted: what reads it knows when */
	ACT_SECOND, /* counts once a second person approved it */
};

struct act_kind {
	const char *name;
	const char *roles;   /* who may sign it at all */
	const char *seconds; /* who may be its second person; NULL: the same */
	enum act_need need;
	bool program; /* the program may say it, unsigned */
	/* A statement of :act and :employee: a row if it is about them, by what
	   was signed alone. */
	const char *about;
	/* Of :act, where a second may be wanted: a row if so. NULL: never. */
	const char *wants;
	/* Tables, in the order of the text; each has a statement "act_rows_X".
	 */
	const char *tables[ACT_TABLES];
};

extern const struct act_kind act_kinds[]; /* the last has no name */
const struct act_kind *act_kind_find(const char *name);
/* Who may be its second person: roles. */
const char *act_seconds(const struct act_kind *);
/* Whether role is one of that list. */
bool act_role_in(const char *roles, const char *role);

/* The digest over one table's rows of one act, and how many they are. */
struct act_digest {
	int64_t rows;
	unsigned char bytes[DIGEST_SHA256_LENGTH];
};
/* Called for each row's text, in order. -1 stops. */
typedef int act_row_fn(
    void *, int64_t row, const char *text, size_t length, struct err *);
int act_digest_rows(struct store *, const char *table, int64_t act,
    struct act_digest *, act_row_fn *, void *, struct err *);

/* The four bytes of a row that act_aid keeps. */
int act_row_sum(const char *text, size_t length,
    unsigned char out[ACT_AID_SIZE], struct err *);

/* SHA-256 over text, LF, signature. */
int act_make_digest(const char *text, const char *signature,
    unsigned char out[DIGEST_SHA256_LENGTH], struct err *);

/* What the text says, but for what its tables are. */
struct act_head {
	int64_t id, at;
	const char *kind;
	const char *signer;            /* fingerprint; NULL: the program */
	const unsigned char *previous; /* of act 1: zeros */
	bool rehearsal;
};
enum act_part {
	ACT_PART_ACT,
	ACT_PART_PREVIOUS,
	ACT_PART_AT,
	ACT_PART_KIND,
	ACT_PART_SIGNER,
	ACT_PART_REHEARSAL,
	ACT_PARTS
};
/* The text is the head, its tables with commas between, and "]}". */
void act_put_head(struct buf *, const struct act_head *);
void act_put_part(struct buf *, const struct act_head *, enum act_part);
void act_put_table(struct buf *, const char *table, const struct act_digest *);

/* Whether that person is one of those whom the act is about. 1, 0, -1. */
int act_is_about(struct store *, const struct act_kind *, int64_t act,
    const struct signer *, struct err *);
/* Of employee numbers, however they are spelt; "" is nobody's. */
bool act_same_person(const char *number, const char *other);
/*
 * The newest act is what was signed, and so are all enrolments: nobody signs
 * what builds on something else. ERR_TAMPERED
 */
int act_check_head(struct store *, struct err *);
/* As enrolled just before that act. 1, 0, -1 */
int signer_find_at(struct store *, const char *fingerprint, int64_t act,
    struct signer *, struct buf *key, struct err *);

#endif
