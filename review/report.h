/*
 * Reports: a pack of evidence, and nothing but the pack, as pages for people.
 *
 *	OUT/en/index.html, OUT/zh_TW/index.html, ...  pages, self-contained
 *	OUT/en/lists/TALLY/CELL.html   the rows behind a figure
 *	OUT/tables/CLASS.csv, .json, .xlsx  every row of every class
 *
 * A page is a stylesheet of reports/ (XSLT 1.0, compiled in) and the classes
 * that it reads: a line of the table in report.c. Each is applied to
 *
 *	<input xmlns="urn:reeve:evidence:1" lang="zh" page="quarter" root=""
 *	    digest="SHA-256 of the manifest" banner="unsigned">
 *	  <manifest .../><summary .../>     as the pack has them
 *	  <style>...</style> <words>...</words> <pages>...</pages>
 *	  <classes><class name= title= titleZh=><column name= type= .../>...
 *	  <rows class="finding" of="open" total="12" shown="12"
 *	      has="columns that any has"> the pack's elements </rows>
 *	</input>
 *
 * and common.xsl has what pages share. Neither a stylesheet nor a pack reads
 * or writes a file or asks a network: libxslt is told so, and what
 * stylesheets include is looked for among what is compiled in, alone.
 */
#ifndef REVIEW_REPORT_H
#define REVIEW_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/base/err.h"

#define REPORT_ROWS      20000u /* of a class, on one page */
#define REPORT_FINDINGS  1000u  /* the gravest, of one kind on one page */
#define REPORT_LIST_ROWS 1000u  /* behind a figure; the tables have all */
#define REPORT_LIST_PAGE 500u   /* of these, on one page */

struct report_wanted {
	const char *folder; /* of the pack */
	const char *out;    /* is not there, or is an empty folder */
	bool en, zh;
	const char *account; /* whose story: its key, name or id; NULL: none */
	/* On every page: "unsigned", "unverified"; "": it was verified. */
	const char *banner;
	/* SHA-256 of the manifest that was verified; NULL: of any. */
	const unsigned char *manifest;
	void (*progress)(void *, const char *what, int64_t done, int64_t total);
	bool (*stop)(void *); /* asked now and then; NULL: never */
	void *context;
};

struct report_made {
	int64_t pages, lists, tables;
};

/*
 * All or nothing: OUT is there once it is whole. ERR_TAMPERED if a file is not
 * what the manifest says; ERR_MISSING if there is no such account; ERR_SYS if
 * it was to stop.
 */
int report_make(
    const struct report_wanted *, struct report_made *, struct err *);

#endif
