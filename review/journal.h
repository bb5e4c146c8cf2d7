/*
 * A journal's messages of sshd, sudo, su and login, from files that
 * journalctl(1) made: -o export or -o json. Unlike auth.log, a journal says
 * who wrote: messages of others than root, or than sudo and su themselves,
 * are refused.
 */
#ifndef REVIEW_JOURNAL_H
#define REVIEW_JOURNAL_H

#include "review/authlog.h"
#include "review/textfile.h"

#define JOURNAL_LINE_MAX (1024u * 1024) /* bytes of a JSON line */

enum journal_form { JOURNAL_NONE = 0, JOURNAL_EXPORT, JOURNAL_JSON };

/* By how the file begins. */
enum journal_form journal_form(const char *start, size_t length);

struct journal;
int journal_new(
    struct journal **, enum journal_form, struct textfile *, struct err *);
void journal_free(struct journal **);
/* Told of every entry with a time and a host, whatever it is. */
void journal_watch(struct journal *,
    void (*)(void *, const char *host, int64_t at), void *context);

/*
 * The next entry: 1 and an event; 0: the end; -1: the file can't be read on.
 * Entries that are nothing of ours are passed over, those that should be and
 * are not well-formed are counted in *refused.
 */
int journal_next(
    struct journal *, struct authlog_event *, int64_t *refused, struct err *);

#endif
