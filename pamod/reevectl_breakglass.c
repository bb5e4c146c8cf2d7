/*
 * reevectl breakglass: makes the codes for two people, counts them, and
 * drills. A drill goes the very way of a real use and so uses one code up: a
 * seal that was opened is no seal any more.
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "pamod/breakglass.h"
#include "schema/message.h"
#include "pamod/reevectl_desk.h"
#include "pamod/reevectl_terminal.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"

extern const struct command command_breakglass;

/* Where things are, whether or not reeve.conf can be read. */
struct site {
	const struct context *context;
	const struct options_reeve *reeve;
	struct trail *trail;
	int64_t now;
};

struct make {
	const char *holders[2];
	const char *files[2]; /* NULL: the screen, one after the other */
	unsigned count;
	bool renew;
};

static int
site_open(
    struct site *s, const struct context *context, bool change, struct err *e)
{
	struct moment moment;

	*s = (struct site){ .context = context,
		.reeve = &context->options->reeve };
	if (clock_read(&context->clock, &moment, e) == -1)
		return -1;
	s->now = moment_seconds(&moment);
	if (change &&
	    trail_open(
	        &s->trail, s->reeve->trail_directory, &context->clock, e) == -1)
		return err_in(e, "nothing is changed without a record of it");
	return 0;
}

/* The trail and syslog; what a site watches for. */
static int
announce(struct site *s, const char *result, const char *text, struct err *e)
{
	openlog("reevectl", LOG_PID, LOG_AUTHPRIV);
	syslog(LOG_ALERT, "break-glass: %s: %s", text, result);
	closelog();
	return desk_record_in(
	    s->trail, "breakglass", result, NULL, NULL, text, e);
}

static int
put_sheet(struct buf *b, const char *holder, unsigned count,
    const struct breakglass_halves *halves, struct err *e)
{
	char host[65] = "";

	(void)gethostname(host, sizeof(host) - 1);
	buf_printf(b,
	    _("Break-glass codes of %s: the halves of %s.\n"
	      "Both halves of one number are needed, at the console alone, "
	      "each number once.\nSeal them; show them to nobody.\n\n"),
	    host, holder);
	for (unsigned i = 0; i < count; i++)
		buf_printf(b, "  %s\n", halves->half[i]);
	return buf_status(b, e);
}

/* One holder sees theirs alone: the screen is wiped before and after. */
static int
show_sheet(const struct make *make, int holder,
    const struct breakglass_halves *halves, struct err *e)
{
	char answer[TERMINAL_LINE_MAX + 1];
	char prompt[256];
	struct buf b = buf_new(4096);

	snprintf(prompt, sizeof(prompt),
	    _("Only %s may see the screen now. Press Enter. "),
	    make->holders[holder]);
	if (terminal_clear(e) == -1 ||
	    terminal_ask(prompt, true, answer, e) == -1 ||
	    put_sheet(&b, make->holders[holder], make->count, halves, e) ==
	        -1 ||
	    terminal_show(&b, e) == -1 ||
	    terminal_ask(_("\nWrite them down, then press Enter. "), true,
	        answer, e) == -1) {
		buf_free(&b);
		return -1;
	}
	return terminal_clear(e);
}

/* To a new file of root's, or to a printer's device. */
static int
write_sheet(const struct make *make, int holder,
    const struct breakglass_halves *halves, struct err *e)
{
	const struct file_rule rule = { .owner = geteuid(), .forbidden = 077 };
	struct buf b = buf_new(4096);
	int result = -1;
	int fd = file_open(
	    make->files[holder], O_WRONLY | O_CREAT | O_EXCL, &rule, e);

	if (fd != -1 &&
	    put_sheet(&b, make->holders[holder], make->count, halves, e) == 0 &&
	    file_put(fd, b.data, b.length, 0, e) == 0)
		result = 0;
	file_close(&fd);
	buf_free(&b);
	return result == 0 ? 0 : err_in(e, "%s", make->files[holder]);
}

static int
hand_over(const struct make *make, const struct breakglass_halves halves[2],
    struct err *e)
{
	for (int i = 0; i < 2; i++)
		if ((make->files[i] != NULL
		            ? write_sheet(make, i, &halves[i], e)
		            : show_sheet(make, i, &halves[i], e)) == -1)
			return err_in(e,
			    "the codes are made but were not handed over: "
			    "renew them");
	return 0;
}

static int
make_codes(struct site *s, const struct make *make, struct err *e)
{
	struct breakglass_halves halves[2];
	char text[320];
	int result = -1;

	snprintf(text, sizeof(text), "%u codes %s for %s and %s", make->count,
	    make->renew ? "renewed" : "made", make->holders[0],
	    make->holders[1]);
	if (breakglass_make(s->reeve->state_directory, make->count,
	        make->holders[0], make->holders[1], make->renew,
	        &s->context->entropy, s->now, &halves[0], &halves[1],
	        e) == -1 ||
	    announce(s, "yes", text, e) == -1 ||
	    hand_over(make, halves, e) == -1)
		goto out;
	printf(_("%u break-glass codes for %s and %s. Drill one now: "
	         "reevectl breakglass drill\n"),
	    make->count, make->holders[0], make->holders[1]);
	if (strcmp(s->reeve->state_directory, BREAKGLASS_STATE_DIRECTORY) != 0)
		printf(_("Beware: on a day on which reeve.conf can't be read, "
		         "the door looks for them in %s only.\n"),
		    BREAKGLASS_STATE_DIRECTORY);
	result = 0;
out:
	secret_wipe(halves, sizeof(halves));
	return result;
}

static enum status
run_make(const struct context *context, int argc, char **argv)
{
	static const struct option options[] = {
		{ "first", required_argument, NULL, '1' },
		{ "second", required_argument, NULL, '2' },
		{ "first-file", required_argument, NULL, 'f' },
		{ "second-file", required_argument, NULL, 's' },
		{ "count", required_argument, NULL, 'c' },
		{ "renew", no_argument, NULL, 'r' },
		{ NULL, 0, NULL, 0 },
	};
	struct make make = { .count = BREAKGLASS_DEFAULT };
	struct site site;
	struct err e = { .code = ERR_NONE };
	uint64_t count = 0;
	int option;
	int result = -1;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == '1' || option == '2')
			make.holders[option - '1'] = optarg;
		else if (option == 'f' || option == 's')
			make.files[option == 's'] = optarg;
		else if (option == 'r')
			make.renew = true;
		else if (option == 'c' &&
		    enc_number(optarg, strlen(optarg), BREAKGLASS_CODES_MAX,
		        &count, &e) == 0)
			make.count = (unsigned)count;
		else
			return command_usage(&command_breakglass);
	}
	if (optind != argc || make.holders[0] == NULL ||
	    make.holders[1] == NULL ||
	    (make.files[0] == NULL) != (make.files[1] == NULL))
		return command_usage(&command_breakglass);
	if (site_open(&site, context, true, &e) == 0)
		result = make_codes(&site, &make, &e);
	trail_close(&site.trail);
	return result == 0 ? STATUS_DONE : command_error("breakglass", &e);
}

static void
print_code(const struct breakglass_status *status, unsigned i)
{
	time_t when = (time_t)status->burnt_at[i];
	char text[32] = "?";
	struct tm tm;

	if (gmtime_r(&when, &tm) != NULL)
		(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (!status->burnt[i])
		printf(_("  %2u  good\n"), i + 1);
	else if (status->unsettled[i])
		printf(
		    _("  %2u  used %s, noted under /run only\n"), i + 1, text);
	else
		printf(_("  %2u  used %s\n"), i + 1, text);
}

static enum status
run_list(const struct context *context, int argc, char **argv)
{
	struct breakglass_status status;
	struct site site;
	struct err e = { .code = ERR_NONE };

	(void)argv;
	if (argc != 1)
		return command_usage(&command_breakglass);
	if (site_open(&site, context, false, &e) == -1 ||
	    breakglass_read(site.reeve->state_directory,
	        site.reeve->run_directory, &status, &e) == -1)
		return command_error("breakglass", &e);
	printf(P_("%u break-glass code left, of %s and %s:\n",
	           "%u break-glass codes left, of %s and %s:\n", status.left),
	    status.left, status.holders[0], status.holders[1]);
	for (unsigned i = 0; i < status.count; i++)
		print_code(&status, i);
	return status.left > 0 ? STATUS_DONE : STATUS_FOUND;
}

static int
drill(struct site *s, struct err *e)
{
	char first[TERMINAL_LINE_MAX + 1];
	char second[TERMINAL_LINE_MAX + 1];
	char text[192];
	struct breakglass_used used;
	enum verdict verdict = VERDICT_DENY;
	int result = -1;

	if (terminal_ask(_("First half (not shown): "), false, first, e) ==
	        -1 ||
	    terminal_ask(_("Second half (not shown): "), false, second, e) ==
	        -1)
		goto out;
	verdict = breakglass_judge(s->reeve->state_directory,
	    s->reeve->run_directory, first, second, s->now, &used, e);
	if (verdict != VERDICT_ALLOW) {
		struct err why = *e;

		if (announce(s, "no", "drill", e) == -1)
			goto out;
		*e = why;
		if (e->code == ERR_NONE)
			err_set(e, ERR_FORMAT, "%s",
			    verdict == VERDICT_REPLAYED
			        ? "that code was used before"
			        : "those are not the halves of one code");
		goto out;
	}
	snprintf(text, sizeof(text), "drill: code %u of %.60s and %.60s",
	    used.number, used.holders[0], used.holders[1]);
	if (announce(s, "yes", text, e) == -1)
		goto out;
	printf(_("Code %u is right, and is used up by this drill; %u left.\n"),
	    used.number, used.left);
	if (used.unsettled)
		puts(_("It could be noted under /run only: look at the disk."));
	result = 0;
out:
	secret_wipe(first, sizeof(first));
	secret_wipe(second, sizeof(second));
	return result;
}

static enum status
run_drill(const struct context *context, int argc, char **argv)
{
	struct site site;
	struct err e = { .code = ERR_NONE };
	int result = -1;

	(void)argv;
	if (argc != 1)
		return command_usage(&command_breakglass);
	if (site_open(&site, context, true, &e) == 0)
		result = drill(&site, &e);
	trail_close(&site.trail);
	return result == 0 ? STATUS_DONE : command_error("breakglass", &e);
}

static const struct {
	const char *name;
	enum status (*run)(const struct context *, int argc, char **argv);
} actions[] = {
	{ "make", run_make },
	{ "list", run_list },
	{ "drill", run_drill },
};

/* With a reeve.conf that can't be read, the built-in places are meant. */
static enum status
run(const struct context *context, int argc, char **argv)
{
	struct context own = *context;
	struct err e = { .code = ERR_NONE };
	struct options *read = options_new(&e);
	enum status status = STATUS_USAGE;

	if (read == NULL)
		return command_error("breakglass", &e);
	if (options_load(read, context->config, &e) == 0)
		own.options = read;
	else
		fprintf(
		    stderr, _("reevectl: %s; going on without it\n"), e.text);
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (argc > 1 && strcmp(argv[1], actions[i].name) == 0) {
			status = actions[i].run(&own, argc - 1, argv + 1);
			goto out;
		}
	status = command_usage(&command_breakglass);
out:
	options_free(&read);
	return status;
}

const struct command command_breakglass = {
	.name = "breakglass",
	.summary = N_("sealed codes in two halves: make, count, drill"),
	.usage = "reevectl breakglass make --first NAME --second NAME "
	         "[--count 1-16] [--renew]\n"
	         "           [--first-file FILE --second-file FILE]\n"
	         "       reevectl breakglass list\n"
	         "       reevectl breakglass drill\n",
	.without_options = true,
	.run = run,
};
