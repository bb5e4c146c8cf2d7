/*
 * Whether a new password will do. All reasons against it at once.
 */
#ifndef PAMOD_PASSWORD_H
#define PAMOD_PASSWORD_H

#include <stdbool.h>
#include <stdint.h>

#include "pamod/state.h"
#include "schema/base/conf.h"
#include "schema/base/err.h"

#define PASSWORD_MAX 512 /* bytes; longer ones are refused, not cut */

enum password_class {
	CLASS_LETTER = 1, /* a-z, A-Z, and every letter beyond ASCII */
	CLASS_DIGIT = 2,
	CLASS_SYMBOL = 4
};

/* [password] of reeve.conf(5). */
struct password_rules {
	int64_t min_length; /* characters */
	unsigned classes;   /* of enum password_class, all of which; 0 none */
	int64_t
	    passphrase_length; /* so long, classes are not asked; 0: never */
	int64_t history;       /* former passwords that may not come back */
	int64_t max_age_days;  /* 0: no limit */
	int64_t min_age_days;
	int64_t min_strength_bits; /* by libzxcvbn, log2 of the guesses */
	struct conf_list site_words;
	char blocklist[256]; /* path of the filter; "" none */
};

enum password_reason {
	PASSWORD_TOO_SHORT = 1 << 0,
	PASSWORD_TOO_LONG = 1 << 1,
	PASSWORD_CLASSES = 1 << 2,
	PASSWORD_USED_BEFORE = 1 << 3,
	PASSWORD_SIMILAR = 1 << 4,   /* to the old one */
	PASSWORD_USER_WORD = 1 << 5, /* name, GECOS, host */
	PASSWORD_SITE_WORD = 1 << 6,
	PASSWORD_WALK = 1 << 7,       /* of keys on a keyboard */
	PASSWORD_ZHUYIN = 1 << 8,     /* words typed on a Zhuyin layout */
	PASSWORD_IDENTITY = 1 << 9,   /* identity, telephone number, ROC date */
	PASSWORD_BLOCKED = 1 << 10,   /* in the blocklist, or its core is */
	PASSWORD_GUESSABLE = 1 << 11, /* libzxcvbn's estimate is too low */
	PASSWORD_TOO_NEW = 1
	    << 12, /* the present one is younger than min age */
	PASSWORD_NOT_TEXT = 1 << 13 /* control characters, bad UTF-8 */
};

/* What the judge may know of who asks. Any of them may be NULL. */
struct password_subject {
	const char *user;
	const char *gecos;
	const char *host;
	const char *old; /* the present password, in clear, if it was typed */
	const struct state_user *record; /* for history and minimum age */
	int64_t now;     /* s since 1970; 0: the minimum age is not asked */
	int64_t changed; /* s since 1970, by shadow(5); 0: not known */
};

/*
 * *reasons is 0 exactly when the password will do. -1, with every bit of
 * *reasons set, if a judge could not do its work (history unreadable,
 * blocklist configured and not there, libzxcvbn missing): fails closed.
 */
int password_judge(const struct password_rules *,
    const struct password_subject *, const char *candidate, unsigned *reasons,
    struct err *);

/*
 * What the rules need and is slow to open: the filter and libzxcvbn. For who
 * judges many; password_judge opens and closes it itself. It is tied to the
 * rules, which the caller keeps alive. Fails as password_judge does.
 */
struct password_means;
int password_means_open(
    struct password_means **, const struct password_rules *, struct err *);
void password_means_close(struct password_means **);
int password_judge_with(const struct password_means *,
    const struct password_subject *, const char *candidate, unsigned *reasons,
    struct err *);

/* Every reason there is, in order; ends with 0. */
extern const enum password_reason password_reasons[];
/* The msgid of one reason, for gettext: a whole sentence. */
const char *password_reason_text(enum password_reason);
/* Its word for trail and scripts: "too-short". */
const char *password_reason_word(enum password_reason);

/* The hash of what has just become the password, put first in the history. */
int password_remember(struct state_user *, const char *password,
    const struct entropy *, struct err *);
/* The same of a hash that crypt(5) knows; nothing if it is there already. */
int password_remember_hash(struct state_user *, const char *hash, struct err *);

/* Setter and getter of the option "classes". */
int password_set_classes(
    void *, const char *, const struct conf_key *, struct err *);
void password_get_classes(const void *, const struct conf_key *, struct buf *);

#endif
