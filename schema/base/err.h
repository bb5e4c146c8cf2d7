/*
 * An error is a code for the program and a text for the administrator.
 *
 * Functions that can fail return 0 or -1 (or a pointer or NULL) and fill the
 * struct err they are given. The text grows from the inside out: each caller
 * that knows more puts its own "where: " before it, so the finished line reads
 * like a path from the file to the fault. Callers choose by code, never by
 * text. No function here allocates, prints or ends the process.
 */
#ifndef SCHEMA_BASE_ERR_H
#define SCHEMA_BASE_ERR_H

enum err_code {
	ERR_NONE = 0,
	ERR_SYS,      /* a system call failed in a way nothing below names */
	ERR_MEMORY,   /* out of memory */
	ERR_MISSING,  /* it is not there (ENOENT), and only that */
	ERR_ACCESS,   /* it is there and may not be used: EACCES, owner, mode */
	ERR_FULL,     /* no room, or a read-only file system */
	ERR_BUSY,     /* a lock was not had within its deadline */
	ERR_FORMAT,   /* bytes that are not what they should be */
	ERR_NEWER,    /* well-formed, by a later version than this one */
	ERR_CONFIG,   /* configuration: the text begins with file and line */
	ERR_USAGE,    /* command line */
	ERR_LIMIT,    /* a documented bound would be exceeded */
	ERR_CRYPTO,   /* libcrypto or libcrypt failed, or gave no entropy */
	ERR_TAMPERED, /* does not verify */
	ERR_INCOMPLETE /* a part is missing; what is there verifies */
};

#define ERR_TEXT_SIZE 400 /* bytes, the closing NUL among them */

struct err {
	enum err_code code;
	char text[ERR_TEXT_SIZE];
};

/* Sets code and text; the text is cut at its end if too long. Returns -1. */
int err_set(struct err *e, enum err_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Like err_set, with the code that fits errno and ": strerror" at the end.
 * ENOENT is ERR_MISSING, EACCES and EPERM and ELOOP are ERR_ACCESS, ENOSPC and
 * EDQUOT and EROFS are ERR_FULL, ENOMEM is ERR_MEMORY, the rest ERR_SYS.
 * Returns -1.
 */
int err_sys(struct err *e, int number, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "where: " before the text; the end is cut if too long. Returns -1. */
int err_in(struct err *e, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* An analyser that sees one file at a time (tests/lint) is told what they
 * return, or it looks at paths on which a failure is none. */
#ifdef REEVE_ANALYSED
#define err_set(...) (err_set(__VA_ARGS__), -1)
#define err_sys(...) (err_sys(__VA_ARGS__), -1)
#define err_in(...)  (err_in(__VA_ARGS__), -1)
#endif

#endif
