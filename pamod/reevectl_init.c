/*
 * reevectl init: a fresh host gets its keys, its state, its trail and a
 * commented reeve.conf in observe mode. What is there already stays as it is.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pamod/command.h"
#include "schema/message.h"
#include "pamod/state.h"
#include "schema/base/file.h"
#include "schema/epoch.h"

#define VKEY_MAX 4096u

extern const struct command command_breakglass;

struct init {
	const struct context *context;
	const struct options *options; /* as the file says, or as preset */
	const char *org;
	char *first; /* holders of break-glass halves */
	char *second;
};

static const struct file_rule ours = { .owner = 0, .forbidden = 022 };

static void
say(const char *what, const char *path)
{
	printf("  %-9s %s\n", what, path);
}

/* The directory part of path, made if it is not there. */
static int
make_parent(const char *path, mode_t mode, struct err *e)
{
	char copy[OPTIONS_PATH_MAX + 1];
	const char *parent;

	if ((size_t)snprintf(copy, sizeof(copy), "%s", path) >= sizeof(copy))
		return err_set(e, ERR_LIMIT, "%s: path too long", path);
	parent = dirname(copy);
	if (mkdir(parent, mode) == -1 && errno != EEXIST)
		return err_sys(e, errno, "%s", parent);
	return 0;
}

/* The sample: every option with its sentence, all at their presets. */
static int
write_sample(const char *path, const struct options *options, struct err *e)
{
	struct options sample = *options;
	struct buf text = buf_new(CONF_FILE_MAX);
	char copy[OPTIONS_PATH_MAX + 1];
	int dir = -1;
	int result = -1;

	sample.reeve.mode = MODE_OBSERVE;
	options_print(&sample, true, &text);
	if (buf_status(&text, e) == -1 || make_parent(path, 0755, e) == -1)
		goto out;
	(void)snprintf(copy, sizeof(copy), "%s", path);
	dir = file_open_dir(dirname(copy), &ours, e);
	if (dir == -1)
		goto out;
	(void)snprintf(copy, sizeof(copy), "%s", path);
	result = file_replace_at(
	    dir, basename(copy), 0644, text.data, text.length, e);
out:
	file_close(&dir);
	buf_free(&text);
	return result;
}

static int
init_configuration(struct init *init, struct options *options, struct err *e)
{
	const char *path = init->context->config;

	if (options_load(options, path, e) == 0) {
		say(_("kept"), path);
		return 0;
	}
	if (e->code != ERR_MISSING)
		return -1;
	if (write_sample(path, options, e) == -1)
		return err_in(e, "%s", path);
	say(_("made"), path);
	return options_load(options, path, e);
}

static int
init_state(struct init *init, struct err *e)
{
	const char *path = init->options->reeve.state_directory;
	struct state *state = NULL;
	struct err made;

	if (state_open(&state, path, &init->context->clock,
	        &init->context->entropy, e) == 0) {
		state_close(&state);
		say(_("kept"), path);
		return 0;
	}
	/* One that is empty, or whose making was cut short, is there as well. */
	if (make_parent(path, 0755, e) == -1)
		return -1;
	if (state_init(path, &init->context->entropy, &made) == -1) {
		if (made.code != ERR_USAGE) /* set up, and with a fault */
			*e = made;
		return -1;
	}
	say(_("made"), path);
	return 0;
}

static int
init_trail(struct init *init, struct err *e)
{
	const struct options_reeve *reeve = &init->options->reeve;
	struct buf vkey = buf_new(VKEY_MAX);
	int result;

	result =
	    epoch_init(reeve->trail_directory, reeve->run_directory, init->org,
	        &init->context->clock, &init->context->entropy, &vkey, e);
	if (result == -1 && e->code == ERR_USAGE) {
		say(_("kept"), reeve->trail_directory);
		result = 0;
	} else if (result == 0) {
		say(_("made"), reeve->trail_directory);
		printf(_("\nThe trail's first verifier key. Keep it on another "
		         "machine:\n  %s\n"),
		    buf_string(&vkey));
	}
	buf_free(&vkey);
	return result;
}

/* The command that makes them shows each holder their halves alone. */
static enum status
init_breakglass(const struct init *init)
{
	struct context context = *init->context;
	char names[][16] = { "breakglass", "make", "--first", "--second" };
	char *arguments[] = { names[0], names[1], names[2], init->first,
		names[3], init->second, NULL };

	context.options = init->options;
	optind = 0; /* getopt_long(3): begin anew */
	return command_breakglass.run(&context, 6, arguments);
}

static void
say_next(const struct init *init)
{
	puts(_("\nWhat comes next:"));
	if (init->first == NULL)
		puts(_("  reevectl breakglass make --first NAME --second NAME\n"
		       "      sealed codes for the day nothing else works"));
	puts(_("  reevectl enroll USER totp\n"
	       "      a factor for each administrator"));
	puts(_("  put the three lines into each PAM stack: pam_reeve(8)\n"
	       "  reevectl check\n"
	       "      what is still open, and who could not log in"));
	if (init->options->reeve.mode == MODE_OBSERVE)
		puts(_("  reevectl observe off\n"
		       "      until then the door only records what it would "
		       "refuse"));
}

static enum status run(const struct context *, int, char **);

const struct command command_init = {
	.name = "init",
	.summary = N_("make keys, state, trail and a commented reeve.conf"),
	.usage =
	    "reevectl init [--org DOMAIN] [--first NAME --second NAME]\n"
	    "  --org             names the trail's origin (localhost)\n"
	    "  --first, --second the holders of break-glass halves; without "
	    "them no codes\n"
	    "                    are made. What is there already is kept.\n",
	.without_options = true,
	.run = run,
};

static int
parse(struct init *init, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "org", required_argument, NULL, 'o' },
		{ "first", required_argument, NULL, '1' },
		{ "second", required_argument, NULL, '2' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	optind = 0;
	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1)
		switch (option) {
		case 'o':
			init->org = optarg;
			break;
		case '1':
			init->first = optarg;
			break;
		case '2':
			init->second = optarg;
			break;
		default:
			return -1;
		}
	return optind == argc && (init->first == NULL) == (init->second == NULL)
	    ? 0
	    : -1;
}

static enum status
run(const struct context *context, int argc, char **argv)
{
	struct init init = { .context = context, .org = "localhost" };
	struct options *options;
	enum status status;
	struct err e;

	if (parse(&init, argc, argv) == -1)
		return command_usage(&command_init);
	if (geteuid() != 0) {
		err_set(&e, ERR_USAGE, "only root can do this");
		return command_error("init", &e);
	}
	if ((options = options_new(&e)) == NULL)
		return command_error("init", &e);
	init.options = options;
	if (init_configuration(&init, options, &e) == -1 ||
	    init_state(&init, &e) == -1 || init_trail(&init, &e) == -1)
		status = command_error("init", &e);
	else
		status =
		    init.first == NULL ? STATUS_DONE : init_breakglass(&init);
	if (status == STATUS_DONE)
		say_next(&init);
	options_free(&options);
	return status;
}
