/*
 * The program's commands: one file command_NAME.c each, and its line in
 * main.c. What all share is here: the store's path, the time, the language,
 * the way of printing lists.
 */
#ifndef REVIEW_COMMAND_H
#define REVIEW_COMMAND_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "review/config.h"
#include "schema/base/buf.h"
#include "schema/base/err.h"

/* Exit statuses, design.md section 6; of several, 2, 3, 4, 1 win in turn. */
enum command_status {
	STATUS_DONE = 0,
	STATUS_FOUND = 1, /* done, and something was found or refused */
	STATUS_USAGE = 2, /* command line, configuration, or it can't run */
	STATUS_UNVERIFIED = 3, /* evidence or trail does not verify */
	STATUS_INCOMPLETE = 4,
};
int command_worse(int status, int other);

enum command_format { FORMAT_TEXT, FORMAT_CSV, FORMAT_JSON, FORMAT_XML };

struct command_context {
	const char
	    *config_path; /* NULL: /etc/reeve/review.conf, if it is there */
	struct review_config *config; /* loaded before run */
	const char *db;               /* NULL: see store.h */
	const char *key;              /* whose acts are signed; see act.h */
	int64_t now;                  /* s since 1970 */
	bool now_given;
	bool zh; /* people read Traditional Chinese */
	bool quiet;
	enum command_format format;
	FILE *out;
	FILE *err;
};

struct command {
	const char *name;
	const char *arguments; /* "[SOURCE...]" */
	const char *summary;   /* one line; P_() marks it for translation */
	const char *help;      /* the rest of its --help */
	/* argv[0] is the command's name. Returns an enum command_status. */
	int (*run)(struct command_context *, int argc, char **argv);
	bool writes; /* --now only in a database of `init --rehearsal` */
	/*
	 * Whether it wants neither configuration nor database, as an auditor has
	 * neither: then no file of theirs is even looked at. NULL: it wants them.
	 */
	bool (*alone)(int argc, char **argv);
};

/* A command of several words, as campaign: one file command_NAME_WORD.c each. */
struct command_word {
	const char *name;
	const char *arguments;
	const char *summary; /* one line; P_() marks it for translation */
	const char *help;    /* the rest of its --help; may be NULL */
	/* argv[0] is the word. Returns an enum command_status. */
	int (*run)(struct command_context *, int argc, char **argv);
	bool alone; /* as struct command says */
};
/* Runs the word that argv[1] is; the table ends with NULL. */
int command_words(struct command_context *, const char *command,
    const struct command_word *const *words, int argc, char **argv);
/* Whether the word that argv[1] is stands alone. */
bool command_word_alone(
    const struct command_word *const *words, int argc, char **argv);
/* Says "reeve COMMAND WORD: text", and returns the status that fits. */
int command_word_fail(struct command_context *, const char *command,
    const char *word, const struct err *);
/* The same of the command line; then how it is used. */
int command_word_usage(struct command_context *, const char *command,
    const struct command_word *, const char *format, va_list)
    __attribute__((format(printf, 4, 0)));

/*
 * Text of a directory, a file or a server can't act on the terminal: its
 * control characters and line ends are written as JSON does. The last is for
 * a text of lines.
 */
void command_harmless(struct buf *, const char *text);
void command_say(FILE *, const char *text);
void command_say_lines(FILE *, const char *text);

/* For store_open: --db, else review.conf's, else "". */
const char *command_database(const struct command_context *);

/* Says "reeve NAME: text" and returns the status that fits the error. */
int command_fail(
    struct command_context *, const char *name, const struct err *);
int command_usage(struct command_context *, const struct command *,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* A line that is drawn over while out is a terminal; nothing else. */
void command_progress(
    void *context, const char *what, int64_t done, int64_t total);
void command_progress_end(struct command_context *);

/*
 * Lists: a table of columns, rows printed in the context's format. CSV is RFC
 * 4180 with cells that a spreadsheet would take for a formula (= + - @ tab CR
 * first) behind an apostrophe; JSON an array of objects; XML <list><row>.
 * Directory text is made harmless in FORMAT_TEXT, and in every form while the
 * list goes to a terminal: a file or a program gets it as it is.
 */
struct list;
struct list_column {
	const char *name;  /* in CSV, JSON, XML: English, stable */
	const char *title; /* in text; P_() */
	int width;         /* in text: columns at least; 0: as needed, last */
};
int list_begin(struct list **, struct command_context *, const char *what,
    const struct list_column *columns /* ends with a NULL name */,
    struct err *);
/* As many values as columns; NULL is "not recorded". */
void list_row(struct list *, const char *const *values);
int list_end(struct list **, struct err *); /* ERR_SYS if output failed */

#endif
