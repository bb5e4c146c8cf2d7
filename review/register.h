/*
 * Registers: what no directory knows, from CSV files. A kind is one row of
 * register.c's table.
 *
 * A file is taken whole or not at all. It is all of its register: what it no
 * longer has, ends (of accounts: within the kinds that it has). Approvals
 * are added instead, since each stands for itself. History is kept.
 */
#ifndef REVIEW_REGISTER_H
#define REVIEW_REGISTER_H

#include "review/config.h"
#include "review/store.h"
#include "schema/base/buf.h"

#define REGISTER_MAX    1000000u /* rows of a file */
#define REGISTER_ERRORS 20u      /* bad rows that are named, at most */

struct register_options {
	int64_t now;  /* s since 1970 */
	int64_t zone; /* s east of Greenwich, of the file's dates */
	/*
	 * NULL: by the header. "approvals", "systems", "rights",
	 * "workstations", "contracts", "sod", "accounts", "exceptions",
	 * "calendar"; or
	 * "privileged", "shared", "service", "temporary": accounts of it.
	 */
	const char *kind;
	int64_t exception_days; /* the longest that one may last */
	bool empty;             /* a file without rows empties the register */
	const struct source_settings *settings; /* columns, delimiter... */
};

struct register_result {
	const char *kind; /* what it was */
	int64_t rows, fresh, ended, kept;
	bool changed; /* else nothing was written */
};

/*
 * ERR_FORMAT for bad rows: *rows then has a line for each of the first
 * REGISTER_ERRORS, "FILE: line LINE: why".
 */
int register_import(struct store *, const char *path,
    const struct register_options *, struct register_result *, struct buf *rows,
    struct err *);

#endif
