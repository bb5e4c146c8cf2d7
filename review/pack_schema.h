/*
 * The classes of rows that a pack has, and their columns, as
 * schema/evidence.xsd (compiled in) declares and documents them: what is
 * written, read, and shown with titles in two languages comes from there alone.
 * Texts belong to the struct.
 */
#ifndef REVIEW_PACK_SCHEMA_H
#define REVIEW_PACK_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "schema/base/err.h"

#define PACK_COLUMNS 32u /* of one class, at most */
#define PACK_WORDS   16u /* of one type, at most */

/* Whether a value, with a NUL behind it, is of that form. */
typedef bool pack_form_fn(const char *value, size_t length);

/* A simple type: "text", "word", "id", "count", "time", "flag", "long", ... */
struct pack_type {
	const char *name;
	size_t max;         /* characters; 0: not said */
	pack_form_fn *form; /* NULL: any */
	const char
	    *words[PACK_WORDS + 1]; /* its only values, then NULL; or none */
};

struct pack_column {
	const char
	    *name; /* of the attribute; the last may be the content: "" */
	const char *type; /* name of what follows */
	const struct pack_type *as;
	const char *title, *title_zh;
	bool required;
};

struct pack_class {
	const char *name;
	const char *title, *title_zh;
	const char *what; /* one sentence, English */
	struct pack_column columns[PACK_COLUMNS];
	size_t count;
	bool has_body; /* the last column is the element's content */
};

struct pack_schema;
int pack_schema_load(struct pack_schema **, struct err *);
void pack_schema_free(struct pack_schema **);
/* In the order of evidence.xsd; NULL beyond the last. */
const struct pack_class *pack_schema_at(const struct pack_schema *, size_t);
const struct pack_class *pack_schema_find(
    const struct pack_schema *, const char *name);
/* Its place in the class, or -1. */
int pack_column_find(const struct pack_class *, const char *name);

#endif
