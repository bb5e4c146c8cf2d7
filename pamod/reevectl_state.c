/*
 * reevectl state upgrade: writes every record anew, in the newest format.
 */
#include <stdio.h>
#include <string.h>

#include "pamod/message.h"
#include "pamod/reevectl_desk.h"

extern const struct command command_state;

struct work {
	struct desk desk;
	unsigned done;
	unsigned failed;
	struct err last;
};

/* One that can't be is told, and does not stop the others. */
static int
upgrade_one(void *context, const char *user)
{
	struct work *w = context;

	if (state_upgrade(w->desk.state, user, &w->last) == 0) {
		w->done++;
	} else {
		w->failed++;
		(void)command_error("state", &w->last);
	}
	return 0;
}

static int
upgrade(struct work *w, struct err *e)
{
	char detail[64];

	if (state_each(w->desk.state, upgrade_one, w, e) == -1)
		return -1;
	printf(_("Records written anew: %u, failed: %u\n"), w->done, w->failed);
	(void)snprintf(detail, sizeof(detail), "records %u, failed %u", w->done,
	    w->failed);
	return desk_record(&w->desk, "state-upgrade",
	    w->failed == 0 ? "yes" : "no", NULL, NULL, detail, e);
}

static enum status
run(const struct context *context, int argc, char **argv)
{
	struct err e = { .code = ERR_NONE };
	struct work work = { .done = 0 };
	int result = -1;

	if (argc != 2 || strcmp(argv[1], "upgrade") != 0)
		return command_usage(&command_state);
	if (desk_open(&work.desk, context, DESK_CHANGE, &e) == 0) {
		result = upgrade(&work, &e);
		desk_close(&work.desk);
	}
	if (result == -1)
		return command_error("state", &e);
	return work.failed == 0 ? STATUS_DONE : STATUS_FOUND;
}

const struct command command_state = {
	.name = "state",
	.summary = N_("write the records of users in the newest format"),
	.usage = "reevectl state upgrade\n",
	.run = run,
};
