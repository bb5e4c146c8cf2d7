/*
 * What sudoers.c reads and sudoers_grant.c spells out. Nothing else includes
 * this.
 */
#ifndef REVIEW_SUDOERS_INTERNAL_H
#define REVIEW_SUDOERS_INTERNAL_H

#include "review/known.h"
#include "review/pool.h"
#include "review/sudoers.h"

#define ALIAS_DEPTH_MAX 32

enum kind { USERS, RUNAS, HOSTS, COMMANDS, KINDS };

/* One word of a list; of a command, with what stands before it. */
struct item {
	struct item *next;
	bool negated;
	enum sudo_form form;
	char *text;      /* a name, a number, a host, a command's path */
	char *arguments; /* of a command; NULL: any */
	/* Of a command within a specification: what holds from here on. */
	bool has_runas;
	struct item *runas_users;
	struct item *runas_groups;
	unsigned tags_on;
	unsigned tags_off;
};

struct alias {
	char *name; /* its kind's digit, then the name */
	struct item *items;
};

/* "HOSTS = COMMANDS" of a user specification. */
struct spec {
	struct spec *next;
	struct item *users;
	struct item *hosts;
	struct item *commands;
	char *file;
	int64_t line;
	char *text;
};

struct sudoers {
	const struct sudoers_world *world;
	struct pool pool;
	struct known known; /* aliases by name: place + 1 */
	struct alias *aliases;
	size_t alias_count;
	struct spec *specs;
	struct spec **specs_end;
	char *runas_default;  /* NULL: root */
	bool no_authenticate; /* Defaults !authenticate */
	unsigned depth;       /* of includes */
	size_t text_total;
	size_t rule_items;
	size_t items;
	bool too_many;
	size_t elsewhere;
};

enum {
	TAG_NOPASSWD = 1,
	TAG_NOEXEC = 2,
	TAG_SETENV = 4,
};

/* How much of a text is an alias' name: capitals, digits, '_'; 0: none is. */
size_t sudoers_alias_length(const char *text);
/* NULL: there is none of that name. */
const struct alias *sudoers_alias(
    const struct sudoers *, enum kind, const char *name);

#endif
