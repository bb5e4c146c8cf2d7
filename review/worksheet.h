/*
 * Worksheets: one reviewer's questions of a campaign as a file for people
 * without a shell, and what comes back. reeve-worksheet(5) has the formats.
 *
 * A question's digest ("seen") is SHA-256 over its lines in the store, a line
 * feed after each: the question and its items as JSON arrays, by
 * worksheet_lines of sql/worksheet.sql. A worksheet's digest is over a line of
 * WORKSHEET_FORM, campaign, population, reviewer and the act that hands it out,
 * and the lines of its questions' digests: so a file is of one export, and the
 * same content handed out again is another worksheet. The page shows just those lines, and saves nothing if a
 * digest is another; a table has each row's "seen".
 */
#ifndef REVIEW_WORKSHEET_H
#define REVIEW_WORKSHEET_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "review/campaign.h"
#include "review/decision.h"
#include "review/store.h"
#include "schema/base/buf.h"
#include "schema/base/err.h"

#define WORKSHEET_FORM      "reeve-worksheet 1"
#define WORKSHEET_NAMESPACE "reeve-worksheet" /* of sshsig over a file */
#define WORKSHEET_HEX       65u               /* of a SHA-256 */

struct worksheet_question {
	int64_t n;
	char seen[WORKSHEET_HEX];
};

struct worksheet {
	const struct campaign *campaign;
	char reviewer[64]; /* employee number */
	char *name, *mail; /* of personnel data; NULL if it has none */
	char *head;        /* the first line that its digest is over */
	unsigned char digest[32];
	char digest_hex[WORKSHEET_HEX];
	struct worksheet_question *questions; /* in the order of asking */
	size_t count;
};

/*
 * The questions that are that reviewer's now, and their digests, for that act.
 * The campaign stays the caller's. ERR_MISSING if there are none.
 */
int worksheet_open(struct worksheet **, struct store *, const struct campaign *,
    const char *reviewer, int64_t exported, struct err *);
void worksheet_free(struct worksheet **);

/* A question's digest by what is in the store now. ERR_MISSING: no such. */
int worksheet_seen(struct store *, int64_t campaign, int64_t question,
    char seen[WORKSHEET_HEX], struct err *);

/* ---- The code, which shows that the answers are the reviewer's ---- */

#define WORKSHEET_CODE 23u /* 20 digits of Crockford's base32: 100 bits */
#define WORKSHEET_KEY  32u

/* "ABCDE-FGHJK-MNPQR-STVWX", of the entropy given. */
struct entropy;
int worksheet_code_make(
    const struct entropy *, char code[WORKSHEET_CODE + 1], struct err *);
/* What the code is of what people typed: ERR_FORMAT if it is none. */
int worksheet_code_read(
    const char *typed, char code[WORKSHEET_CODE + 1], struct err *);
/*
 * HKDF-SHA-256 (RFC 5869): the code without its hyphens, salted with the
 * worksheet's digest. key is for the HMAC; check (2 bytes) goes into the page,
 * so that a slip in typing is seen at once: 84 bits stay unknown.
 */
int worksheet_code_key(const char code[WORKSHEET_CODE + 1],
    const unsigned char digest[32], unsigned char key[WORKSHEET_KEY],
    unsigned char check[2], struct err *);

/* ---- What is handed out ---- */

/* The page. check: of its code; NULL: it asks for none. */
int worksheet_page(FILE *, struct store *, const struct worksheet *,
    const unsigned char check[2], bool rehearsal, const char *file,
    struct err *);

enum worksheet_column {
	WORKSHEET_QUESTION,
	WORKSHEET_ITEM,
	WORKSHEET_RISK,
	WORKSHEET_WHO,
	WORKSHEET_ACCOUNT,
	WORKSHEET_RIGHT,
	WORKSHEET_PATH,
	WORKSHEET_ACQUIRED,
	WORKSHEET_USED,
	WORKSHEET_PEERS,
	WORKSHEET_FINDINGS,
	WORKSHEET_LAST,
	WORKSHEET_DECISION, /* from here to be filled in */
	WORKSHEET_REASON,
	WORKSHEET_CHANGE,
	WORKSHEET_COMPENSATION,
	WORKSHEET_ENDS,
	WORKSHEET_PROPOSAL, /* to here */
	WORKSHEET_SEEN,
	WORKSHEET_CAMPAIGN,
	WORKSHEET_REVIEWER,
	WORKSHEET_WORKSHEET,
	WORKSHEET_COLUMNS
};

struct worksheet_column_words {
	const char *name; /* begins the header's cell */
	const char *zh;   /* and follows it */
	int width;        /* in a spreadsheet, characters */
};
extern const struct worksheet_column_words worksheet_columns[WORKSHEET_COLUMNS];
bool worksheet_is_asked(enum worksheet_column);

/* One line of a table: texts, blanks folded; "" where nothing is. */
struct worksheet_row {
	int64_t question, item; /* item 0: all of the question's */
	const char *cells[WORKSHEET_COLUMNS];
};
typedef int worksheet_row_fn(
    void *context, const struct worksheet_row *, struct err *);

/*
 * The rows of one question; of a worksheet; seen and worksheet get their
 * "sha256:" here, so that no spreadsheet takes them for a number.
 */
int worksheet_rows(struct store *, const struct worksheet *, worksheet_row_fn *,
    void *context, struct err *);
/*
 * Of a question as imported tables are held against it: the columns up to
 * WORKSHEET_LAST, and seen.
 */
int worksheet_question_rows(struct store *, int64_t campaign,
    const struct worksheet_question *, worksheet_row_fn *, void *context,
    struct err *);
/* Blanks and control characters become one blank, none at the ends. */
void worksheet_fold(struct buf *, const char *text);
/* Whether a spreadsheet would take a CSV's cell for one. */
bool worksheet_is_formula(const char *text);

/* A bound of rows a sheet, so that a test can make it small. */
#define WORKSHEET_ROWS_MAX 1048575u
int worksheet_csv(
    FILE *, struct store *, const struct worksheet *, struct err *);
/* path must not be there; scratch is a folder for what is being written. */
int worksheet_xlsx(const char *path, const char *scratch, struct store *,
    const struct worksheet *, uint32_t rows_max, int64_t now, struct err *);

/* ---- What comes back ---- */

#define WORKSHEET_FILE_MAX (64u * 1024 * 1024) /* bytes */

enum worksheet_form { WORKSHEET_JSON, WORKSHEET_XLSX, WORKSHEET_CSV };
extern const char *const worksheet_forms[]; /* "json", ... */

/* What a file says it is; all of it is what anybody may write. */
struct worksheet_identity {
	char campaign[CAMPAIGN_NAME_MAX + 1];
	char reviewer[64];
	char digest[WORKSHEET_HEX]; /* of the worksheet, in hexadecimal */
	/* Of JSON: the HMAC in hexadecimal, "" none, and how many bytes of the
	   file it is over. */
	char hmac[WORKSHEET_HEX];
	size_t hmac_length;
};

/* One answer, as its file has it; texts until the callback returns. */
struct worksheet_answer {
	const char *place; /* "line 7", "Review!7" */
	int64_t question, item;
	const char *seen;     /* hexadecimal */
	const char *decision; /* a name or title; "" none */
	const char *reason, *change, *compensation, *ends, *proposal;
	int64_t decided, seconds; /* FACT_UNKNOWN: not in the file */
	int64_t bulk;
	/* Of a table: the cells up to WORKSHEET_LAST; NULL: of JSON. */
	const char *const *cells;
};
typedef int worksheet_answer_fn(
    void *context, const struct worksheet_answer *, struct err *);

/*
 * Reads a file that was returned, by how it begins. fn may be NULL. Rows
 * without an answer are not given. ERR_FORMAT, ERR_LIMIT: it is to be refused
 * whole, and the text says where.
 */
int worksheet_read(const void *bytes, size_t length, enum worksheet_form *,
    struct worksheet_identity *, worksheet_answer_fn *fn, void *context,
    struct err *);
/* The same of each form. */
int worksheet_read_json(const void *bytes, size_t length,
    struct worksheet_identity *, worksheet_answer_fn *, void *context,
    struct err *);
int worksheet_read_table(const void *bytes, size_t length, bool csv,
    struct worksheet_identity *, worksheet_answer_fn *, void *context,
    struct err *);

/* A name or a title, or a name with its title behind it: "keep 保留". */
enum decision_kind worksheet_kind(const char *);
/*
 * The end of a day, there: days as people write them, also of the Republic's
 * years, and as a spreadsheet counts them. "" is FACT_UNKNOWN.
 */
int worksheet_day(const char *, int64_t zone, int64_t *out, struct err *);
/* Sets *good if the HMAC is by that key. */
int worksheet_hmac(const struct worksheet_identity *, const void *bytes,
    const unsigned char *key, size_t length, bool *good, struct err *);

/*
 * Again, from what is stored: whether the decisions of an act that are said to
 * be signed or coded are what the files of that act say, and those with a code
 * have its HMAC. Whoever signed the act answers for their own. The signatures
 * of files are act.h's to check. Calls fault for each that is not so.
 */
typedef void worksheet_fault_fn(void *context, const char *text);
int worksheet_check(struct store *, int64_t act, worksheet_fault_fn *,
    void *context, struct err *);

/*
 * Puts one file's answers into the act "decisions". Answers that may not be
 * taken are reported one by one, and the others are; a file that is to be
 * refused whole is reported with a NULL place. Neither is an error.
 */
struct worksheet_taken {
	char reviewer[64]; /* who decided; "": it was refused whole */
	char campaign[CAMPAIGN_NAME_MAX + 1];
	const char *form, *grade;
	char digest[WORKSHEET_HEX]; /* of the file */
	/* The act that handed it out, and the reviewer's newest. */
	int64_t exported, newest;
	int64_t taken, unchanged, refused;
	int64_t before; /* the act that took the whole file; 0 none */
};
typedef int worksheet_report_fn(void *context, const char *file,
    const char *place, const char *why, struct err *);
struct worksheet_import {
	struct store *store;
	struct act *act;
	int64_t zone; /* s east of Greenwich: of days that people write */
	worksheet_report_fn *report;
	void *context;
	int64_t files; /* in the act so far */
};
int worksheet_take(struct worksheet_import *, const char *path,
    struct worksheet_taken *, struct err *);

#endif
