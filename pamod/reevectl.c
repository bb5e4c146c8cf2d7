/*
 * reevectl(8): a table of subcommands.
 */
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "pamod/command.h"
#include "schema/message.h"

extern const struct command command_check;
extern const struct command command_edit;
extern const struct command command_observe;
extern const struct command command_disable;
extern const struct command command_enroll;
extern const struct command command_init;
extern const struct command command_list;
extern const struct command command_blocklist;
extern const struct command command_remove;
extern const struct command command_breakglass;
extern const struct command command_denylist;
extern const struct command command_password;
extern const struct command command_sessions;
extern const struct command command_unlock;
extern const struct command command_state;
extern const struct command command_trail;

static const struct command *const commands[] = {
	&command_check,
	&command_edit,
	&command_observe,
	&command_disable,
	&command_enroll,
	&command_init,
	&command_list,
	&command_blocklist,
	&command_remove,
	&command_breakglass,
	&command_denylist,
	&command_password,
	&command_sessions,
	&command_unlock,
	&command_state,
	&command_trail,
	NULL,
};

/* What an error means to who called us. */
static const enum status status_of[] = {
	[ERR_NONE] = STATUS_DONE,
	[ERR_SYS] = STATUS_INCOMPLETE,
	[ERR_MEMORY] = STATUS_INCOMPLETE,
	[ERR_MISSING] = STATUS_FOUND,
	[ERR_ACCESS] = STATUS_INCOMPLETE,
	[ERR_FULL] = STATUS_INCOMPLETE,
	[ERR_BUSY] = STATUS_INCOMPLETE,
	[ERR_FORMAT] = STATUS_FOUND,
	[ERR_NEWER] = STATUS_USAGE,
	[ERR_CONFIG] = STATUS_USAGE,
	[ERR_USAGE] = STATUS_USAGE,
	[ERR_LIMIT] = STATUS_FOUND,
	[ERR_CRYPTO] = STATUS_INCOMPLETE,
	[ERR_TAMPERED] = STATUS_UNVERIFIED,
	[ERR_INCOMPLETE] = STATUS_INCOMPLETE,
};

enum status
command_error(const char *name, const struct err *e)
{
	fprintf(stderr, "reevectl: %s: %s\n", name, e->text);
	return (size_t)e->code < sizeof(status_of) / sizeof(status_of[0])
	    ? status_of[e->code]
	    : STATUS_INCOMPLETE;
}

enum status
command_usage(const struct command *command)
{
	fprintf(stderr, "usage: %s", command->usage);
	return STATUS_USAGE;
}

static void
print_help(FILE *out)
{
	fputs(_("usage: reevectl [--config FILE] COMMAND [ARGUMENT...]\n"
	        "       reevectl COMMAND --help\n"
	        "       reevectl --version\n\n"),
	    out);
	for (const struct command *const *c = commands; *c != NULL; c++)
		fprintf(out, "  %-12s %s\n", (*c)->name, _((*c)->summary));
}

static const struct command *
find_command(const char *name)
{
	for (const struct command *const *c = commands; *c != NULL; c++)
		if (strcmp((*c)->name, name) == 0)
			return *c;
	return NULL;
}

static enum status
run_command(
    const struct command *command, const char *config, int argc, char **argv)
{
	struct err e = { .code = ERR_NONE };
	struct options *options = options_new(&e);
	struct context context = {
		.config = config,
		.clock = clock_system(),
		.entropy = entropy_system(),
	};
	enum status status;

	if (options == NULL ||
	    (!command->without_options &&
	        options_load(options, config, &e) == -1)) {
		status = command_error(command->name, &e);
		goto out;
	}
	context.options = options;
	status = command->run(&context, argc, argv);
	/* What was printed counts only if it arrived. */
	if (fflush(stdout) != 0 || ferror(stdout)) {
		err_set(&e, ERR_SYS, "standard output could not be written");
		status = command_error(command->name, &e);
	}
out:
	options_free(&options);
	return status;
}

int
main(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	const char *config = OPTIONS_DEFAULT_PATH;
	const struct command *command;
	int option;

	setlocale(LC_ALL, "");
	bindtextdomain(MESSAGE_DOMAIN, REEVE_LOCALEDIR);
	while (
	    (option = getopt_long(argc, argv, "+", long_options, NULL)) != -1) {
		if (option == 'c') {
			config = optarg;
		} else if (option == 'h') {
			print_help(stdout);
			return STATUS_DONE;
		} else if (option == 'V') {
			puts("reevectl " REEVE_VERSION);
			return STATUS_DONE;
		} else {
			print_help(stderr);
			return STATUS_USAGE;
		}
	}
	if (optind == argc) {
		print_help(stderr);
		return STATUS_USAGE;
	}
	command = find_command(argv[optind]);
	if (command == NULL) {
		fprintf(
		    stderr, _("reevectl: no command \"%s\"\n"), argv[optind]);
		print_help(stderr);
		return STATUS_USAGE;
	}
	argc -= optind;
	argv += optind;
	optind = 0; /* getopt_long(3): start over */
	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		printf("usage: %s", command->usage);
		return STATUS_DONE;
	}
	return (int)run_command(command, config, argc, argv);
}
