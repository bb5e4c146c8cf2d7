/*
 * What `reevectl trail`'s files share.
 */
#ifndef PAMOD_REEVECTL_TRAIL_H
#define PAMOD_REEVECTL_TRAIL_H

#include "pamod/command.h"
#include "schema/base/err.h"
#include "schema/epoch.h"
#include "schema/trail.h"

struct trail_tools {
	const struct context *context;
	struct trail *trail;
	struct epoch *epoch;
};

/* The host's own trail, with its limits and keys. */
int trail_tools_open(
    struct trail_tools *, const struct context *, struct err *);
void trail_tools_close(struct trail_tools *);
/* Sends the checkpoint that was made last to syslog. */
void trail_tools_log(const struct trail_tools *);

extern const struct command command_trail;

/* `trail tick` */
enum status trail_tick(const struct context *, int argc, char **argv);

#endif
