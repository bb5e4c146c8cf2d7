/*
 * Trails into the review database: each file in one transaction, and never
 * twice: neither the same file, nor what a file of the same host and form
 * covered before, so that a log may be imported while it grows.
 */
#ifndef REVIEW_USE_IMPORT_H
#define REVIEW_USE_IMPORT_H

#include "review/store.h"
#include "review/use_form.h"

struct use_import_options {
	int64_t now;      /* s since 1970 */
	const char *host; /* NULL: as the file says; needed by some */
	const char *form; /* NULL: as the file begins */
	const char *key;  /* of Reeve's own: the first key, known from
	                     elsewhere; NULL: the one that was kept */
	struct authlog_clock clock;
	int64_t epoch; /* see use_reading */
};

enum use_import_state {
	USE_IMPORT_NEW = 0,
	USE_IMPORT_SEEN,       /* that very file was: nothing is changed */
	USE_IMPORT_UNVERIFIED, /* recorded, and nothing else */
};

struct use_import_result {
	enum use_import_state state;
	char form[16];
	char host[AUTHLOG_NAME_MAX + 1]; /* "" if there are several */
	size_t hosts;
	int64_t records;     /* events of ours */
	int64_t refused;     /* lines ill-formed, or of the future */
	int64_t first, last; /* FACT_UNKNOWN: nothing */
	/* Of Reeve's own. */
	bool own;
	bool pinned; /* its first key is kept from now on */
	bool uncertified;
	char key[2 * 200];
	int64_t waiting;         /* records behind the latest checkpoint */
	char why[ERR_TEXT_SIZE]; /* it does not verify */
};

/* A file, or a directory of Reeve's own trail. */
int use_import(struct store *, const char *path,
    const struct use_import_options *, struct use_import_result *,
    struct err *);

/*
 * Two persons compared the host's first key with the one that its init
 * printed. by: who, as text for people. ERR_USAGE if there is none, or it is
 * another.
 */
int use_pin_confirm(struct store *, const char *host, const char *key,
    const char *by, struct err *);
/*
 * Two persons say that the host's trail was begun anew: what was kept of the
 * old one is forgotten, and a line in trail_import says so.
 */
int use_pin_forget(struct store *, const char *host, const char *by,
    int64_t now, struct err *);

/* Of use_part.class, beside "success". */
extern const char *const use_class_names[AUTHLOG_CLASSES];

/* Finds the accounts behind names that have none yet. After pulls, too. */
int use_day_match(struct store *, struct err *);

#endif
