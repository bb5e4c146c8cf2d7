/*
 * What the files of `reevectl check` share: how a finding is told.
 */
#ifndef PAMOD_REEVECTL_CHECK_H
#define PAMOD_REEVECTL_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pamod/command.h"
#include "schema/base/buf.h"

#define CHECK_PEOPLE_MAX 1024

struct check {
	const struct context *context;
	const struct options *options;
	int64_t now;
	bool json;
	struct buf out;
	size_t findings;
	size_t notes;
	bool incomplete; /* something could not be looked at */
	/* Concerned accounts, for sshd -T. */
	size_t people_count;
	char (*people)[65];
};

enum check_grade {
	CHECK_FINDING, /* a way in, or somebody locked out */
	CHECK_NOTE,    /* to be known; the exit status is not changed by it */
	CHECK_UNSEEN   /* could not be looked at */
};

/*
 * area is a word, subject a file, user or service. change says what to do;
 * format what is so. Texts from files are cleaned when printed.
 */
void check_tell(struct check *, enum check_grade, const char *area,
    const char *subject, const char *change, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* The text in the user's language; in English where a program reads it. */
const char *check_text(const struct check *, const char *text)
    __attribute__((format_arg(2)));

/* The areas, each in a file of its own. */
void check_pam(struct check *);    /* stacks in /etc/pam.d */
void check_sshd(struct check *);   /* every running sshd */
void check_sudo(struct check *);   /* sudoers */
void check_host(struct check *);   /* polkit, gettys, rescue shells */
void check_people(struct check *); /* who could not log in tomorrow */

/*
 * A small file of root's, whole; NULL if it is not there (told unless
 * ERR_MISSING). free(3) it.
 */
char *check_read(struct check *, const char *area, const char *path);

#endif
