/*
 * Configuration: one row of a table per option, for a line of a file and for
 * a "section.key=value" argument alike.
 *
 * A file is INI as libinih reads it: [section] lines, key = value, whole-line
 * comments that begin with '#' or ';', a list continued on indented lines (a
 * list key repeated in the very next line counts as that).
 * Unknown sections and keys, values out of bounds, keys given twice, and lines
 * over CONF_LINE_MAX bytes are ERR_CONFIG with file and line; nothing is
 * ignored and nothing guessed.
 */
#ifndef SCHEMA_BASE_CONF_H
#define SCHEMA_BASE_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/buf.h"
#include "schema/base/err.h"
#include "schema/base/file.h"

#define CONF_FILE_MAX (256u * 1024) /* bytes */
#define CONF_LINE_MAX 190u          /* bytes; libinih would split longer ones */
#define CONF_KEYS_MAX 128u          /* rows of one section */

struct conf_key {
	const char *name;
	/* Checks value and stores it; the error text says what is allowed. */
	int (*set)(void *field, const char *value, const struct conf_key *,
	    struct err *);
	/* Writes the field as a file would say it. */
	void (*get)(const void *field, const struct conf_key *, struct buf *);
	size_t offset;      /* of the field in the section's struct */
	const char *arg;    /* for set: "1-10", "deny|allow" */
	const char *preset; /* as a file would say it; "" for nothing */
	const char *help;   /* one sentence for the manual and the sample */
};

struct conf_section {
	const char *name; /* "throttle"; for "service" also [service NAME] */
	const char *help;
	const struct conf_key *keys; /* ends with a row whose name is NULL */
	/*
	 * The struct to fill: called once per section found in the file, with
	 * "" or, for a named section, the NAME. NULL means no such section or
	 * no more room, with *e set.
	 */
	void *(*target)(void *config, const char *instance, struct err *);
	bool named; /* takes [name INSTANCE] */
};

/* Sets every key of the struct to its preset. A bad preset is a bug: -1. */
int conf_preset(void *target, const struct conf_key *, struct err *);

/*
 * Reads text over what config holds. sections ends with a NULL name. file is
 * for error texts only.
 */
int conf_parse(void *config, const struct conf_section *sections,
    const char *text, size_t length, const char *file, struct err *);

/* Opens as file_read_path does, and parses. */
int conf_load(void *config, const struct conf_section *sections,
    const char *path, const struct file_rule *, struct err *);

/*
 * One argument, "section.key=value" (named sections: "section.NAME.key=").
 * Returns 1 if it was one, 0 if it has not that form, -1 on error.
 */
int conf_argument(void *config, const struct conf_section *sections,
    const char *argument, struct err *);

/*
 * One section's struct as a file would say it, re-readable. instance may be
 * NULL. With help: each key behind its sentence and bounds, and commented out
 * where it equals its preset.
 */
void conf_print(const void *target, const struct conf_section *,
    const char *instance, bool help, struct buf *);

/*
 * Setters and getters. arg is:
 *   int      "LOW-HIGH"             into int64_t
 *   bool     unused (yes, no)       into bool
 *   choice   "first|second|..."     into int, the place in the list
 *   text     "LENGTH", a maximum    into char[LENGTH + 1]; UTF-8, printable
 *   path     "LENGTH"               the same; absolute, without "/../"
 *   list     "COUNTxLENGTH"         into struct conf_list: words at commas or
 *                                   blanks; "in quotes" a word may have them
 *   seconds  "LOW-HIGH" in seconds  into int64_t; also 90s, 5m, 8h, 30d
 */
int conf_set_int(void *, const char *, const struct conf_key *, struct err *);
int conf_set_bool(void *, const char *, const struct conf_key *, struct err *);
int conf_set_choice(
    void *, const char *, const struct conf_key *, struct err *);
int conf_set_text(void *, const char *, const struct conf_key *, struct err *);
int conf_set_path(void *, const char *, const struct conf_key *, struct err *);
int conf_set_list(void *, const char *, const struct conf_key *, struct err *);
int conf_set_seconds(
    void *, const char *, const struct conf_key *, struct err *);

void conf_get_int(const void *, const struct conf_key *, struct buf *);
void conf_get_bool(const void *, const struct conf_key *, struct buf *);
void conf_get_choice(const void *, const struct conf_key *, struct buf *);
void conf_get_text(const void *, const struct conf_key *, struct buf *);
void conf_get_list(const void *, const struct conf_key *, struct buf *);
void conf_get_seconds(const void *, const struct conf_key *, struct buf *);

/* Words, kept in one string with a NUL behind each and one more at the end. */
#define CONF_LIST_SIZE 4096u
struct conf_list {
	size_t count;
	char words[CONF_LIST_SIZE]; /* each with its NUL; an empty one ends */
};

/* The first word with NULL, then each next one; NULL at the end. */
const char *conf_list_next(const struct conf_list *, const char *word);
bool conf_list_has(const struct conf_list *, const char *word);

/* The rows of one kind, so that a table reads as a table. */
#define CONF_INT     conf_set_int, conf_get_int
#define CONF_BOOL    conf_set_bool, conf_get_bool
#define CONF_CHOICE  conf_set_choice, conf_get_choice
#define CONF_TEXT    conf_set_text, conf_get_text
#define CONF_PATH    conf_set_path, conf_get_text
#define CONF_LIST    conf_set_list, conf_get_list
#define CONF_SECONDS conf_set_seconds, conf_get_seconds

#endif
