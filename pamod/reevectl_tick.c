/*
 * `reevectl trail tick`: what a timer does for the trail every few minutes.
 * The module never forks and never looks through /proc, so it is done here.
 */
#include "pamod/reevectl_trail.h"

#include <stdio.h>
#include <string.h>

#include "pamod/message.h"
#include "schema/archive.h"

/* So that a gap in the trail is a gap in time as well. */
static int
heartbeat(struct trail_tools *t, struct err *e)
{
	static const struct trail_record beat = { .type = "heartbeat",
		.uid = -1,
		.real_uid = -1,
		.audit_session = -1 };

	return trail_note(t->trail, &beat, e);
}

static int
sign(struct trail_tools *t, struct err *e)
{
	const char *why = NULL;
	int result = epoch_is_over(t->epoch) ? epoch_advance(t->epoch, &why, e)
	                                     : epoch_checkpoint(t->epoch, e);

	if (result == -1)
		return -1;
	if (why != NULL)
		fprintf(stderr,
		    _("reevectl: trail tick: a new origin has begun "
		      "(%s)\n"),
		    why);
	trail_tools_log(t);
	return 0;
}

static const struct {
	const char *name;
	int (*run)(struct trail_tools *, struct err *);
} steps[] = {
	{ "heartbeat", heartbeat },
	{ "checkpoint", sign },
};

/* Each step is tried, whatever became of the one before. */
enum status
trail_tick(const struct context *c, int argc, char **argv)
{
	enum status status = STATUS_DONE;
	struct trail_tools t = { 0 };
	struct err e = { .code = ERR_NONE };

	(void)argv;
	if (argc != 1)
		return command_usage(&command_trail);
	if (trail_tools_open(&t, c, &e) == -1)
		return command_error("trail tick", &e);
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		if (steps[i].run(&t, &e) == -1) {
			err_in(&e, "%s", steps[i].name);
			status = command_error("trail tick", &e);
		}
	if (archive_release_room(trail_directory(t.trail), &e) == -1)
		status = command_error("trail tick", &e);
	trail_tools_close(&t);
	return status;
}
