/*
 * The lines of passwd(5), shadow(5), group(5) and gshadow(5). They are cut
 * where they stand, and what comes out points into them. The password fields
 * are looked at and forgotten: none is kept.
 */
#ifndef REVIEW_PASSWD_LINE_H
#define REVIEW_PASSWD_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum password_state {
	PASSWORD_LOCKED = 0, /* nothing that is typed can match */
	PASSWORD_EMPTY,      /* anything, or nothing, matches */
	PASSWORD_SET,
	PASSWORD_ELSEWHERE, /* "x": in the shadow file */
};

struct password {
	enum password_state state;
	/* crypt(5)'s prefix: "y", "6", "des" and so on; of a locked one, too. */
	char scheme[8];
};

struct passwd_line {
	char *name;
	struct password password;
	int64_t uid;
	int64_t gid;
	char *gecos;
	char *home;
	char *shell;
	bool nis; /* begins with '+' or '-': the rest may be empty */
};

/* Days since 1970, or of a span; FACT_UNKNOWN where nothing is set. */
struct shadow_line {
	char *name;
	struct password password;
	int64_t changed;
	int64_t min;
	int64_t max;
	int64_t warn;
	int64_t inactive;
	int64_t expires;
};

struct group_line {
	char *name;
	int64_t gid;
	char *members; /* names between commas: passwd_word */
	bool nis;
};

struct gshadow_line {
	char *name;
	bool has_password; /* with it anybody may join */
	char *administrators;
	char *members;
};

/* Each gives NULL, or what is wrong with the line. */
const char *passwd_line(char *line, struct passwd_line *);
const char *shadow_line(char *line, struct shadow_line *);
const char *group_line(char *line, struct group_line *);
const char *gshadow_line(char *line, struct gshadow_line *);

/* The next line of a text, cut out and without its end; NULL at the end. */
char *passwd_next_line(char **rest);
/* The next word between commas, without blanks; NULL at the end. */
char *passwd_word(char **rest);

#endif
