/*
 * Files of this tree that are compiled in, by their names in it:
 * "schema/store.sql", "review/rules/AR-101-dormant.sql". Made by embed.awk.
 */
#ifndef REVIEW_EMBEDDED_H
#define REVIEW_EMBEDDED_H

struct embedded {
	const char *name;
	const char *text;
};

/* In the order of their names; ends with a NULL name. */
extern const struct embedded embedded_files[];

/* The text, or NULL. */
const char *embedded_text(const char *name);

#endif
