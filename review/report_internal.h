/*
 * What the files of the report engine share; see report.h.
 */
#ifndef REVIEW_REPORT_INTERNAL_H
#define REVIEW_REPORT_INTERNAL_H

#include <libxml/tree.h>
#include <stddef.h>

#include "review/manifest.h"
#include "review/pack_read.h"
#include "review/pack_schema.h"
#include "review/report.h"
#include "review/scratch.h"

/* -1 if it is to stop: asked before each pass over rows, and each page. */
int report_go_on(const struct report_wanted *, struct err *);

/* ---- The pack: report_pack.c ---- */

struct report_pack {
	int folder;
	struct pack_schema *schema;
	struct manifest *manifest;
	xmlDoc *manifest_xml, *summary_xml;
	char digest[2 * DIGEST_SHA256_LENGTH + 1]; /* of manifest.xml */
};
int report_pack_open(struct report_pack *, const char *folder, struct err *);
void report_pack_close(struct report_pack *);
/* Each row of each part of the class, in order. */
int report_pack_rows(struct report_pack *, const char *class, pack_row_fn *,
    void *context, struct err *);

/* ---- Rows put aside: report_rows.c ---- */

/* Some rows of one class, in the pack's order. */
struct report_pick {
	const struct pack_class *class;
	const char *of; /* values that they have, "a|b"; NULL: any */
	size_t limit;   /* of those kept */
	int64_t total;  /* of all that belong to it */
	uint64_t *at;   /* in the scratch file */
	size_t count, room;
};
void report_pick_free(struct report_pick *);
/* Those of another of the class behind its own, up to its limit. */
int report_pick_append(
    struct report_pick *, const struct report_pick *more, struct err *);

struct report_rows {
	struct scratch *scratch;
	bool kept; /* the row that is being looked at, at `at` */
	uint64_t at;
};
int report_rows_new(struct report_rows *, const char *folder, struct err *);
void report_rows_free(struct report_rows *);
/* Call it for each row before it is kept, once or several times. */
void report_rows_next(struct report_rows *);
int report_keep(struct report_rows *, struct report_pick *,
    const struct pack_row *, struct err *);
/* The i-th; its texts live until the next call. */
int report_kept(struct report_rows *, const struct report_pick *, size_t i,
    struct pack_row *, struct err *);

/* ---- What a stylesheet is applied to: report_input.c ---- */

struct report_input {
	xmlDoc *doc;
	xmlNode *root;
	xmlNs *ns;
};
/* whole: with the manifest's files and the summary. */
int report_input_new(struct report_input *, const struct report_pack *,
    const char *banner, bool whole, struct err *);
void report_input_free(struct report_input *);
/* Another page: rows and lists go. root: "", or "../../" of lists. */
int report_input_begin(
    struct report_input *, const char *page, const char *root, struct err *);
int report_input_set(
    struct report_input *, const char *name, const char *value, struct err *);
/*
 * "en" or "zh_TW"; path: of the page below its folder, for the link to the
 * same page in the other language.
 */
int report_input_language(struct report_input *, const char *language,
    const char *path, const struct report_wanted *, struct err *);
/* One more of the root; NULL: no memory. */
xmlNode *report_input_element(struct report_input *, const char *name);
int report_input_add_page(
    struct report_input *, const char *name, struct err *);
/* Rows first to first + count of those kept. */
int report_input_add(struct report_input *, struct report_rows *,
    const struct report_pick *, size_t first, size_t count, struct err *);

/* ---- Stylesheets: report_sheet.c ---- */

/* One at a time in a process: libxslt's way to documents is global. */
struct report_sheets;
int report_sheets_new(struct report_sheets **, struct err *);
void report_sheets_free(struct report_sheets **);
/* For tests: one that is not compiled in. */
int report_sheet_add(
    struct report_sheets *, const char *name, const char *text, struct err *);
/* name: "quarter". The result tree is the caller's. */
int report_sheet_apply(struct report_sheets *, const char *name, xmlDoc *input,
    xmlDoc **result, struct err *);
/* The result as HTML into a new file below dir. */
int report_sheet_write(struct report_sheets *, const char *name, xmlDoc *result,
    int dir, const char *path, struct err *);

/* ---- Lists behind figures: report_list.c ---- */

struct report_lists;
int report_lists_new(struct report_lists **, struct report_pack *,
    struct report_rows *, struct err *);
void report_lists_free(struct report_lists **);
/*
 * Those that a page links to: <a href data-tally data-cell>. Beyond 10,000
 * lists the links are taken from the page.
 */
int report_lists_want(struct report_lists *, xmlDoc *page, struct err *);
/* Reads the parts, once, and writes the lists in each language. */
int report_lists_write(struct report_lists *, struct report_sheets *,
    struct report_input *, int out, const struct report_wanted *,
    int64_t *written, struct err *);

/* ---- Tables: report_table.c, report_xlsx.c ---- */

/* tables/CLASS.csv, .json and .xlsx below out, of classes that have rows. */
int report_tables_write(struct report_pack *, const char *path, int out,
    const struct report_wanted *, int64_t *written, struct err *);

#define REPORT_XLSX_ROWS 1048575u /* a sheet's, without its head */

struct report_xlsx;
int report_xlsx_new(struct report_xlsx **, const char *path,
    const char *scratch, const struct pack_class *, struct err *);
int report_xlsx_row(
    struct report_xlsx *, const struct pack_row *, struct err *);
/* Closes, and reads it again: the library does not tell of a full disk. */
int report_xlsx_end(struct report_xlsx **, struct err *);

/* ---- An account's story: report_story.c ---- */

#define REPORT_STORY_CLASSES 24u

/* Picks, ended by one without class: the caller frees each. */
int report_story(struct report_pack *, struct report_rows *,
    const char *account, struct report_pick picks[REPORT_STORY_CLASSES],
    struct err *);

#endif
