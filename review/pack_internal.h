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
	int64_t now;
	struct manifest *manifest;
};

/* The rows of classes that are more than one statement. */
int pack_write_signed(struct pack_making *, struct err *);
int pack_write_controls(struct pack_making *, struct err *);

#endif
