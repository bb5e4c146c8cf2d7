/*
 * What sshd, sudo, su and login say of logins, in lines of auth.log (RFC 3164
 * section 4.1, or with the ISO 8601 times of Debian 12 and later) and in the
 * messages of a journal.
 *
 * Names and working directories are of whoever tries, so a message is read
 * from the ends that sshd and sudo write themselves. What could be read in
 * two ways is not guessed: see "ambiguous". Whoever may write to /dev/log can
 * put whole lines into auth.log; only a journal tells who wrote.
 */
#ifndef REVIEW_AUTHLOG_H
#define REVIEW_AUTHLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AUTHLOG_LINE_MAX 65536u /* bytes; longer lines are refused */
#define AUTHLOG_NAME_MAX 256u   /* bytes of an account's or a host's name */
#define AUTHLOG_TEXT_MAX 64u    /* bytes of a service, an address, a key */

enum authlog_kind {
	AUTHLOG_LOGIN = 1, /* user came in: by a key, a password, sudo, su */
	AUTHLOG_FAILED,    /* user did not; count times */
	AUTHLOG_UNKNOWN,   /* sshd was asked for a name that is nobody's */
	AUTHLOG_OPENED,    /* PAM opened a session */
	AUTHLOG_CLOSED,    /* PAM closed one */
	AUTHLOG_GONE,      /* sshd saw the client go */
	AUTHLOG_DENIED,    /* sshd: user exists, and may not come in */
	AUTHLOG_HINT       /* why that process's next failure is one */
};

/* Why somebody did not come in, as far as it is said. */
enum authlog_class {
	AUTHLOG_SECRET = 0, /* a wrong password, code or key */
	AUTHLOG_NO_ACCOUNT, /* no account has that name */
	AUTHLOG_LOCKED,     /* after too many tries */
	AUTHLOG_DISABLED,   /* or expired: the account */
	AUTHLOG_PASSWORD,   /* it has expired, or must be changed */
	AUTHLOG_REFUSED,    /* not at that hour, from there, or to do that */
	AUTHLOG_DIRECTORY,  /* the directory did not answer: nobody's fault */
	AUTHLOG_CLASSES
};

struct authlog_event {
	enum authlog_kind kind;
	int64_t at;    /* s since 1970 */
	int64_t pid;   /* of who wrote; -1: not said */
	int64_t count; /* of FAILED; else 1 */
	bool nobody;   /* no account has that name, says sshd; user is "" */
	/* Of sudo: whom it was to become can't be told; user is "". */
	bool ambiguous;
	bool covered; /* an earlier import counted it: set by the importer */
	enum authlog_class why; /* of FAILED, UNKNOWN, DENIED and HINT */
	char host[AUTHLOG_NAME_MAX + 1];
	char service[AUTHLOG_TEXT_MAX + 1]; /* "sshd", "sudo", "su", "login" */
	char user[AUTHLOG_NAME_MAX + 1];    /* the account that is used */
	char by[AUTHLOG_NAME_MAX + 1];      /* who used sudo or su; "" else */
	char origin[AUTHLOG_TEXT_MAX + 1]; /* an address; "" if there is none */
	int64_t port;                      /* of it; -1: not said */
	char key[AUTHLOG_TEXT_MAX + 1];    /* "SHA256:..."; "" if none */
	/*
	 * Of nobody: what was typed as a name, which may be a password and is
	 * never kept; how many bytes, though only the first of them are here.
	 */
	char typed[AUTHLOG_NAME_MAX];
	size_t typed_length;
	char hash[AUTHLOG_TEXT_MAX + 1]; /* or what its writer made of it */
};

/* What lines leave out. */
struct authlog_clock {
	int64_t as_of; /* s since 1970: no line is a day later than that */
	int32_t zone;  /* s east of Greenwich, of times without one */
};

/*
 * 1: an event; 0: nothing of ours; -1: it should have been something of ours
 * and is not well-formed. A line comes without its line feed.
 */
int authlog_line(const char *line, size_t length, const struct authlog_clock *,
    struct authlog_event *);

/*
 * The same of a message alone. Who wrote it is its tag: "sshd". at, pid and
 * host of the event are set by the caller, before or after.
 */
int authlog_message(const char *tag, const char *message, size_t length,
    struct authlog_event *);

/* Whether a line begins as auth.log's do. */
bool authlog_is_line(const char *line, size_t length);

#endif
