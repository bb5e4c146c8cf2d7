#include <stdio.h>
#include <string.h>

#include "pamod/command.h"
#include "schema/epoch.h"

static enum status
run_init(const struct context *c, int argc, char **argv)
{
	struct err e;

	(void)argv;
	if (argc != 1)
		return STATUS_USAGE;
	if (epoch_init(c->options->reeve.trail_directory, "localhost",
	        &c->clock, &c->entropy, &e) == -1)
		return command_error("trail init", &e);
	return STATUS_DONE;
}

static const struct {
	const char *name;
	enum status (*run)(const struct context *, int argc, char **argv);
} subcommands[] = {
	{ "init", run_init },
};

static enum status run(const struct context *, int argc, char **argv);

const struct command command_trail = {
	.name = "trail",
	.summary = "the record of every decision and session",
	.usage = "reevectl trail init\n",
	.run = run,
};

static enum status
run(const struct context *c, int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(subcommands) / sizeof(*subcommands); i++)
		if (argc > 1 && strcmp(argv[1], subcommands[i].name) == 0)
			return subcommands[i].run(c, argc - 1, argv + 1);
	return command_usage(&command_trail);
}
