/*
 * reeve backup: a copy of the database while others use it.
 */
#include <getopt.h>

#include "review/act.h"
#include "review/command.h"
#include "schema/message.h"

extern const struct command command_backup;

static const struct option options[] = {
	{ NULL, 0, NULL, 0 },
};

/* The head of the copy, not of what was written since. */
static int
say_copy(struct command_context *c, const char *path, struct err *e)
{
	struct store *copy = NULL;
	struct act_state state;
	int result = -1;

	if (store_open(&copy, path, STORE_READ, e) == 0 &&
	    act_state(copy, &state, e) == 0) {
		command_say(c->out, path);
		fprintf(c->out, _(": %lld acts; head: %s\n"),
		    (long long)state.acts, state.acts == 0 ? "-" : state.head);
		result = 0;
	}
	store_close(&copy);
	return result;
}

static int
run(struct command_context *c, int argc, char **argv)
{
	struct store *store = NULL;
	struct err e = { .code = ERR_NONE };
	int result;

	if (getopt_long(argc, argv, "", options, NULL) != -1)
		return command_usage(c, &command_backup, _("no such option"));
	if (optind + 1 != argc)
		return command_usage(
		    c, &command_backup, _("backup wants one FILE"));
	result = store_open(&store, command_database(c), STORE_READ, &e);
	if (result == 0)
		result =
		    store_backup(store, argv[optind], command_progress, c, &e);
	command_progress_end(c);
	store_close(&store);
	if (result == 0)
		result = say_copy(c, argv[optind], &e);
	return result == 0 ? STATUS_DONE : command_fail(c, "backup", &e);
}

const struct command command_backup = {
	.name = "backup",
	.arguments = "FILE",
	.summary = N_("copy the database, whole, while it is in use"),
	.help = N_(
	    "FILE must not be there. Keep the head that is printed apart from "
	    "it: after\nrestoring, \"reeve verify --head\" says whether "
	    "anything later was lost.\n\n"
	    "Example: reeve backup /media/backup/review-2026-11-29.db\n"),
	.run = run,
};
