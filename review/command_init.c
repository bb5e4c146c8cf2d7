/*
 * reeve init: makes the database. Nobody needs it, since a first pull does the
 * same; but only here a database is made in which --now may set the time.
 */
#include <getopt.h>

#include "review/command.h"
#include "review/store.h"
#include "schema/message.h"

extern const struct command command_init;

static const struct option options[] = {
	{ "rehearsal", no_argument, NULL, 'r' },
	{ NULL, 0, NULL, 0 },
};

/* Never one that is there. */
static int
make(struct command_context *c, bool rehearsal, struct err *e)
{
	const char *path = command_database(c);
	struct store *store = NULL;
	struct statement *s;
	int result = -1;

	if (store_open(&store, path, STORE_READ, e) == 0) {
		err_set(
		    e, ERR_USAGE, "%s: is there already", store_path(store));
		goto out;
	}
	if (e->code != ERR_MISSING)
		return -1;
	if (store_open(&store, path, STORE_WRITE, e) == -1)
		return -1;
	if (rehearsal) {
		s = store_use(store, "setting_add", e);
		bind_text(s, ":name", "rehearsal");
		bind_text(s, ":value", "yes");
		if (store_run(s, e) == -1)
			goto out;
	}
	fprintf(c->out, "%s\n", store_path(store));
	result = 0;
out:
	store_close(&store);
	return result;
}

static int
run_init(struct command_context *c, int argc, char **argv)
{
	bool rehearsal = false;
	struct err e = { .code = ERR_NONE };
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'r')
			return command_usage(
			    c, &command_init, _("no such option"));
		rehearsal = true;
	}
	if (optind < argc)
		return command_usage(
		    c, &command_init, _("nothing more is wanted"));
	if (make(c, rehearsal, &e) == -1)
		return command_fail(c, "init", &e);
	return STATUS_DONE;
}

const struct command command_init = {
	.name = "init",
	.arguments = "[--rehearsal]",
	.summary = N_("make the database; a first pull does it as well"),
	.help = N_("--rehearsal  one in which --now may set the time; whoever "
	           "uses it is told so\n"),
	.run = run_init,
};
