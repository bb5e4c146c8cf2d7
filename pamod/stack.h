/*
 * PAM stacks as libpam reads and walks them: what a service's lines are, and
 * what can come of them.
 *
 * pam.conf(5) and pam.d(5) say how they are written; Debian's "@include" is
 * known too. The walk is libpam's, over every result that every module might
 * give, so "no path" is a proof within these bounds.
 */
#ifndef PAMOD_STACK_H
#define PAMOD_STACK_H

#include <stdbool.h>
#include <stddef.h>

#include "schema/base/buf.h"
#include "schema/base/err.h"

#define STACK_LINES_MAX     256 /* lines of one service, includes resolved */
#define STACK_LEVELS_MAX    16  /* as libpam: of includes within includes */
#define STACK_FILE_MAX      65536u
#define STACK_NAME_MAX      127
#define STACK_ARGUMENTS_MAX 1023 /* no line is longer */
#define STACK_RESULTS       32   /* values a module may return */

enum stack_phase {
	STACK_AUTH,
	STACK_ACCOUNT,
	STACK_SESSION,
	STACK_PASSWORD,
	STACK_PHASES
};

enum stack_action {
	ACTION_BAD = 0, /* a jump over N lines is N */
	ACTION_IGNORE = -1,
	ACTION_OK = -2,
	ACTION_DONE = -3,
	ACTION_DIE = -4,
	ACTION_RESET = -5
};

struct stack_line {
	enum stack_phase phase;
	bool marker; /* where a substack begins; calls nothing */
	bool fails;  /* libpam can't make sense of it: it never grants */
	unsigned level;
	int action[STACK_RESULTS];
	/* "pam_unix", without path and .so; "" where none is called. */
	char module[STACK_NAME_MAX + 1];
	char arguments[STACK_ARGUMENTS_MAX + 1];
	char file[STACK_NAME_MAX + 1];
	unsigned number; /* of the line in it */
};

struct stack {
	char service[STACK_NAME_MAX + 1];
	bool missing;             /* no file of that name: "other" serves */
	bool other[STACK_PHASES]; /* this phase is that of "other" */
	size_t count;
	struct stack_line lines[STACK_LINES_MAX];
};

/* Where files come from. ERR_MISSING if there is none of that name. */
struct stack_source {
	int (*read)(
	    void *context, const char *name, struct buf *text, struct err *);
	void *context;
};

/* The first of the directories (ended by NULL) that has such a file. */
struct stack_source stack_directories(const char *const *directories);

/* What libpam would walk. *stack is NULL on failure. */
int stack_load(struct stack **, const struct stack_source *,
    const char *service, struct err *);
void stack_free(struct stack **);

const char *stack_phase_name(enum stack_phase);
/* Whether the word is among the arguments. */
bool stack_line_has(const struct stack_line *, const char *argument);
/* The first line of that module in the phase, or NULL. */
const struct stack_line *stack_find(
    const struct stack *, enum stack_phase, const char *module);
/* Whether the module is one that checks or sets the password. */
bool stack_is_password(const struct stack_line *);

/* What an exploration of every path has found. */
struct stack_paths {
	bool grants;         /* some path ends in success */
	bool grants_without; /* and pam_reeve has not said yes on it */
	bool unreserved;     /* a password is checked before "reserve" */
	bool judged_early;   /* pam_reeve is asked before the password */
	/* The path that grants without: "pam_unix (sshd:4) success, ...". */
	struct buf witness;
};

/*
 * In auth, session and password success is PAM_SUCCESS; in account also
 * PAM_NEW_AUTHTOK_REQD, after which an application lets in once the password
 * is changed. pam_rootok never succeeds here: root needs nobody's leave.
 */
int stack_explore(
    const struct stack *, enum stack_phase, struct stack_paths *, struct err *);
void stack_paths_free(struct stack_paths *);

/*
 * One walk: result(context, line) is what each module returns. Returns what
 * libpam would. For tests, which hold it against libpam.
 */
int stack_walk(const struct stack *, enum stack_phase,
    int (*result)(void *, const struct stack_line *), void *context);

#endif
