/*
 * The forms in which signs of use come: a file's lines become events. A form
 * is one row of use_form.c's table. Reeve's own trail is not among them, since
 * it is verified first (use_own.h).
 */
#ifndef REVIEW_USE_FORM_H
#define REVIEW_USE_FORM_H

#include "review/authlog.h"
#include "schema/base/err.h"

#define USE_FORM_START 4096u /* bytes of a file that tell its form */

struct use_reading {
	const char *path;
	const char *host; /* whose file it is; NULL: as the file says */
	struct authlog_clock clock;
	/* s since 1970 of what a file counts from (LANL). */
	int64_t epoch;
	int (*event)(void *, const struct authlog_event *, struct err *);
	/*
	 * That a line was there, of whatever: a trail that goes on. broken: the
	 * trail itself says that something before it is missing. NULL: unwanted.
	 */
	void (*line)(void *, const char *host, int64_t at, bool broken);
	void *context;   /* of both */
	int64_t refused; /* counted up: lines that were not well-formed */
};

struct use_form {
	const char *name; /* "auth.log" */
	bool needs_host;  /* its files don't say it */
	bool (*is)(const char *path, const char *start, size_t length);
	int (*read)(struct use_reading *, struct err *);
};

extern const struct use_form use_forms[]; /* ends with a NULL name */

/* By name, or (NULL) by how the file begins. ERR_FORMAT says what there is. */
const struct use_form *use_form_of(
    const char *path, const char *name, struct err *);

/* use_wtmp.c: wtmp(5). A session is service "wtmp". */
bool use_wtmp_is(const char *path, const char *start, size_t length);
int use_wtmp_read(struct use_reading *, struct err *);

#endif
