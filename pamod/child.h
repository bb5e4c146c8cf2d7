/*
 * Running another program for what it prints: no shell, an environment of
 * our own (a path and LC_ALL=C), no input, bounded output, a deadline.
 */
#ifndef PAMOD_CHILD_H
#define PAMOD_CHILD_H

#include "schema/base/buf.h"
#include "schema/base/err.h"

/*
 * argv[0] is an absolute path; argv ends with NULL. What it prints on standard
 * output is put behind out, as far as out's limit; what it says on standard
 * error is lost. *status is as waitpid(2) says. After `seconds` it is killed:
 * ERR_BUSY. More output than fits is ERR_LIMIT.
 */
int child_run(char *const argv[], int seconds, struct buf *out, int *status,
    struct err *);

#endif
