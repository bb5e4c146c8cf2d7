/*
 * sudoers(5), read far enough to say who may run what as whom, and whether
 * that is as good as being root. Every construct of its grammar up to sudo
 * 1.9.15 is known; a line with another is told and left out, and the reader's
 * caller calls the whole incomplete.
 */
#ifndef REVIEW_SUDOERS_H
#define REVIEW_SUDOERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/err.h"

#define SUDOERS_TEXT_MAX    (16u * 1024 * 1024) /* bytes, all files together */
#define SUDOERS_INCLUDE_MAX 128u                /* deep, as sudo has it */
#define SUDOERS_GRANT_MAX   (64u * 1024)        /* bytes of one, spelt out */

struct sudoers;

struct sudoers_world {
	/*
	 * An include or includedir: calls sudoers_read for each file. path is
	 * as spelt, "%h" and all.
	 */
	void (*include)(
	    void *context, struct sudoers *, const char *path, bool is_dir);
	/* What is wrong, where; harmless: only worth a remark. */
	void (*tell)(void *context, const char *file, int64_t line,
	    const char *what, bool harmless);
	void *context;
};

int sudoers_new(struct sudoers **, const struct sudoers_world *, struct err *);
void sudoers_free(struct sudoers **);

/* file is for what is told, and is copied, as the text is. */
void sudoers_read(
    struct sudoers *, const char *file, const char *text, size_t length);

enum sudo_form {
	SUDO_USER = 0,
	SUDO_UID,
	SUDO_GROUP,
	SUDO_GID,
	SUDO_NETGROUP, /* "+name" */
	SUDO_OTHER,    /* "%:group" of a plug-in */
	SUDO_ALL,
};

struct sudo_user {
	enum sudo_form form;
	const char *text; /* the name or number alone */
};

/* What one user specification gives on one host. */
struct sudo_grant {
	const struct sudo_user *users; /* aliases resolved */
	size_t user_count;
	/*
	 * "(ALL : ALL) NOPASSWD: /usr/bin/apt, !/bin/su", aliases resolved and
	 * blanks made one: the same text is the same grant. Cut at its bound.
	 */
	const char *what;
	bool as_root;    /* it is as good as being root */
	const char *why; /* "ALL", "/usr/bin/vi starts a shell"; NULL */
	bool without_password;
	bool
	    uncertain; /* of a netgroup of hosts or the like: it may not hold */
	const char *file;
	int64_t line;
	const char *text; /* the line as it was read, joined */
};

/*
 * Each grant that holds on a host of one of these names, in the order of the
 * lines. With no names every grant does. Returns 0, or the first of take's
 * results that is not.
 */
int sudoers_each(struct sudoers *, const char *const *names, size_t count,
    int (*take)(void *context, const struct sudo_grant *), void *context);
/* Grants that hold on other hosts alone, of the last sudoers_each. */
size_t sudoers_elsewhere(const struct sudoers *);
/* Memory ran out, or a bound was met: what came is not all. */
bool sudoers_failed(const struct sudoers *);

/*
 * sudo_shell.c: why that command, run as root, is as good as being root; NULL:
 * it is not known to be. arguments: NULL any, "" none; noexec: it may start no
 * other program.
 */
const char *sudo_shell(const char *command, const char *arguments, bool noexec);

#endif
