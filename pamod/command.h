/*
 * reevectl's subcommands: a file reevectl_NAME.c each, and two lines in
 * reevectl.c.
 */
#ifndef PAMOD_COMMAND_H
#define PAMOD_COMMAND_H

#include <stdbool.h>

#include "pamod/options.h"
#include "schema/base/clock.h"
#include "schema/base/err.h"
#include "schema/base/secret.h"

/* Exit statuses; when several apply the order is 2, 3, 4, 1. */
enum status {
	STATUS_DONE = 0,
	STATUS_FOUND = 1,      /* something was found, or refused */
	STATUS_USAGE = 2,      /* usage or configuration */
	STATUS_UNVERIFIED = 3, /* evidence or trail does not verify */
	STATUS_INCOMPLETE = 4
};

struct context {
	const char *config; /* path of reeve.conf */
	/* Never NULL; the presets when a command runs without_options. */
	const struct options *options;
	struct clock clock;
	struct entropy entropy;
};

struct command {
	const char *name;
	const char *summary;  /* one line, for --help */
	const char *usage;    /* what --help prints: the whole of it */
	bool without_options; /* runs though reeve.conf is bad or absent */
	/*
	 * argv[0] is the command's own name. Says what went wrong by
	 * command_error and returns a status.
	 */
	enum status (*run)(const struct context *, int argc, char **argv);
};

/* "reevectl: NAME: text" on stderr; the status that fits e->code. */
enum status command_error(const char *name, const struct err *e);
/* The usage on stderr; STATUS_USAGE. */
enum status command_usage(const struct command *);

#endif
