/*
 * What pack_verify*.c share, and no one else includes.
 */
#ifndef REVIEW_PACK_VERIFY_INTERNAL_H
#define REVIEW_PACK_VERIFY_INTERNAL_H

#include "review/hash.h"
#include "review/manifest.h"
#include "review/oscal.h"
#include "review/pack_folder.h"
#include "review/pack_read.h"
#include "review/pack_verify.h"
#include "review/tally.h"
#include "review/xmldsig.h"

#define PACK_PARTS "parts/"

struct act_kind;
struct act_digest;
struct pins;

/* A few bytes an act: all that is kept in memory of a pack's rows. */
struct pack_act {
	int64_t at;
	const struct act_kind *kind;
	int64_t
	    second; /* the act of a second person's word on it; 0: unknown */
	int64_t of; /* of an act "second": the act it is about; 0: unknown */
	int32_t person; /* the first with its signer's key; -1: the program's */
	bool included;
	bool approved, refused; /* as its row says */
};

struct pack_person {        /* enrolled: a row of the class "signer" */
	int64_t act, ended; /* 0: not ended */
	int64_t id;         /* as signed rows call them; 0: not known */
	bool end_signed;    /* "ended" is what an act of it says */
	char name[128], employee[64], role[16];
	char fingerprint[64];
};

struct pack_check {
	const struct pack_verifying *asked;
	struct pack_verdict *verdict;
	struct pack_folder folder;
	/* What the signatures are over; sorted by name. NULL: unsigned. */
	struct xmldsig_reference *references;
	size_t reference_count;
	struct manifest *manifest;
	struct manifest *before; /* of the pack before, if it is the one */
	struct pack_schema *schema;
	struct pack_xsd *xsd;
	struct oscal *oscal; /* made again of the rows; NULL: not */
	struct hash_key key; /* random: nobody could know it beforehand */
	int64_t faults;
	char part[EVIDENCE_NAME_MAX + 1]; /* whose rows are being read */
	struct pack_act *acts;            /* of number i + 1 */
	int64_t act_count;
	struct pack_person *persons; /* sorted by fingerprint */
	size_t person_count;
	const struct pins *pins; /* while acts are checked */
	int64_t
	    founded; /* who is enrolled up to this act may be so by himself */
	int64_t done, total; /* bytes, for the progress */
};

/* Reports one. text may be longer than a line. */
void pack_fault(struct pack_check *, const char *word, const char *name,
    int64_t line, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/*
 * What went wrong with a file: a fault, and 0; or, if it is not the pack's
 * (memory, libcrypto), -1. The text begins with the file's name.
 */
int pack_fault_of(struct pack_check *, const char *name, struct err *);
void pack_told(void *check, int64_t bytes);

/* Steps 1 and, of Ed25519, 3. 0, or -1 if it could not be done. */
int pack_check_signatures(struct pack_check *, struct err *);
int pack_check_required(struct pack_check *, struct err *);

void pack_part_name(const char *class, int64_t number, char *out, size_t size);
/* Rows of a class, all parts in order. The function may report faults. */
int pack_each_row(struct pack_check *, const char *class, bool validate,
    pack_row_fn *, void *context, struct err *);

/* Step 4. The pack before first: its acts are the beginning of these. */
int pack_check_previous(struct pack_check *, struct err *);
int pack_check_parts(struct pack_check *, struct err *);
int pack_check_acts(struct pack_check *, struct err *);
/*
 * The rows that acts are over, in the order of acts; then what other classes
 * show of them. expected: the digests of the included acts' tables, in order.
 */
struct pack_table {
	int64_t act, rows;
	const char *name;
	unsigned char digest[DIGEST_SHA256_LENGTH];
};
int pack_check_signed(struct pack_check *, const struct pack_table *expected,
    size_t count, struct err *);

/* A signed row: a JSON array of numbers, texts and nulls. */
#define PACK_VALUES 20u
struct pack_signed {
	int64_t act;
	const char *table;
	const char *values[PACK_VALUES]; /* NULL: null */
	size_t count;
	int64_t line;
};

/* Values are in text. */
int pack_signed_read(struct pack_signed *, struct buf *text,
    const struct pack_row *, struct err *);
/* A value of it: a number, -1 if it is none; a text, "" if it is none. */
int64_t pack_signed_number(const struct pack_signed *, size_t i);
const char *pack_signed_text(const struct pack_signed *, size_t i);
void pack_signed_fault(struct pack_check *, const struct pack_signed *,
    const char *word, const char *why);

/* The list with room for one more; NULL with *e set. */
void *pack_grow(
    void *list, size_t count, size_t max, size_t size, struct err *);

/*
 * Columns that other rows tell anew (pack_verify_derived.c): each signed row is
 * taken once, then the classes are read.
 */
struct pack_derived;
int pack_derived_new(struct pack_derived **, struct pack_check *, struct err *);
void pack_derived_free(struct pack_derived **);
int pack_derived_take(
    struct pack_derived *, const struct pack_signed *, struct err *);
int pack_derived_check(struct pack_derived *, struct err *);

/*
 * Worksheets that came back (pack_verify_sheet.c), and whose word a decision
 * is. Each signed row is taken once, in their order.
 */
struct pack_sheets;
int pack_sheets_new(struct pack_sheets **, struct pack_check *, struct err *);
void pack_sheets_free(struct pack_sheets **);
int pack_sheets_take(
    struct pack_sheets *, const struct pack_signed *, struct err *);
/* Each came back once: once all were taken. */
void pack_sheets_end(struct pack_sheets *);

/*
 * What classes show of signed rows (pack_verify_shown.c): each is taken once
 * while signed rows are read, then the classes are read and compared.
 */
struct pack_shown;
int pack_shown_new(struct pack_shown **, struct pack_check *, struct err *);
void pack_shown_free(struct pack_shown **);
int pack_shown_take(
    struct pack_shown *, const struct pack_signed *, struct err *);
int pack_shown_compare(struct pack_shown *, struct err *);
void pack_row_altered(
    struct pack_check *, const struct pack_row *, const char *why);
/* Whether acts of its kind have rows of that table. */
bool pack_act_has(const struct pack_act *, const char *table);

/*
 * Which decision has effect on an item (pack_verify_word.c): all rows of the
 * class "decision" are taken, then those of the class "item" are checked.
 */
struct pack_words;
int pack_words_new(struct pack_words **, struct pack_check *, struct err *);
void pack_words_free(struct pack_words **);
int pack_words_take(struct pack_words *, const struct pack_row *, struct err *);
int pack_words_check(
    struct pack_words *, const struct pack_row *, struct err *);
struct pack_act *pack_act_find(const struct pack_check *, int64_t act);
/* The persons with the key of an act's signer, one by one; NULL: no more. */
const struct pack_person *pack_act_person(
    const struct pack_check *, const struct pack_act *, size_t i);
/* Whether one of them is called so. */
bool pack_act_is_by(
    const struct pack_check *, const struct pack_act *, const char *name);
/*
 * Once the rows of the acts before it were taken: whether that person might
 * sign then, and is in the roster; who of them signed the act, or NULL.
 */
bool pack_person_valid(
    const struct pack_check *, const struct pack_person *, int64_t act);
const struct pack_person *pack_act_signer(
    const struct pack_check *, int64_t act);
/* A value of a row; NULL: not recorded. */
const char *pack_value(const struct pack_row *, const char *column);

/* Step 5. */
int pack_check_sessions(struct pack_check *, struct err *);
int pack_check_oscal(struct pack_check *, struct err *);

#endif
