/*
 * What pack_content.c and its parts share, and no one else includes.
 */
#ifndef REVIEW_PACK_INTERNAL_H
#define REVIEW_PACK_INTERNAL_H

#include "review/pack_content.h"

struct pack_making {
	struct pack_writer *writer;
	struct store *store;
	struct view *view;
	const struct pack_scope *scope;
	const struct review_config *config;
	const struct rule_set *rules;
	const char *profile; /* whose thresholds are in force */
	int64_t now;
	struct manifest *manifest;
	int64_t total; /* of the class, where no statement tells; else -1 */
	char withheld[256];
};

/* The rows of classes that are more than one statement; may set total. */
int pack_write_signed(struct pack_making *, struct err *);
int pack_write_controls(struct pack_making *, struct err *);

#endif
