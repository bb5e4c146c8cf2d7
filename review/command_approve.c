/*
 * reeve approve, reeve refuse: a second person's word on an act.
 */
#include <getopt.h>
#include <string.h>

#include "review/act.h"
#include "review/command.h"
#include "review/command_acts.h"
#include "review/confirmation.h"
#include "schema/base/enc.h"
#include "schema/message.h"

extern const struct command command_approve, command_refuse;

#define RECEIPT_SIZE 256u

static const struct option options[] = {
	{ "reason", required_argument, NULL, 'r' },
	{ NULL, 0, NULL, 0 },
};

static int
read_arguments(struct command_context *c, const struct command *command,
    int argc, char **argv, const char **reason, int64_t *act)
{
	uint64_t number;
	struct err e;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'r')
			return command_usage(c, command, _("no such option"));
		*reason = optarg;
	}
	if (optind + 1 != argc)
		return command_usage(
		    c, command, _("the number of one act is wanted"));
	if (enc_number(argv[optind], strlen(argv[optind]), INT64_MAX, &number,
	        &e) == -1)
		return command_usage(c, command,
		    _("%s: not the number of an act"), argv[optind]);
	*act = (int64_t)number;
	return STATUS_DONE;
}

/* What was confirmed is done by the command that asked for it. */
static void
say_next(struct command_context *c, struct store *store, int64_t act)
{
	struct err e;
	struct statement *st = store_use(store, "confirmation_get", &e);

	bind_int(st, ":act", act);
	if (store_step(st, &e) == 1) {
		const char *what = column_text(st, 0);

		if (strcmp(what, CONFIRMATION_PULL) == 0)
			fputs(_("Now run: reeve pull --confirm "), c->out);
		else if (strcmp(what, CONFIRMATION_HOST) == 0)
			fputs(_("Now run: reeve trail --confirm "), c->out);
		else
			fputs(_("Now run: reeve trail --anew "), c->out);
		command_say(c->out, column_text(st, 1));
		fputc('\n', c->out);
	}
	store_done(st);
}

/* A list is compared with what is decided now; its own command does that. */
static int
judge_list(struct store *store, int64_t act, struct err *e)
{
	struct statement *st = store_use(store, "denied_of", e);
	int found;

	bind_int(st, ":act", act);
	if ((found = store_step(st, e)) == 1)
		err_set(e, ERR_USAGE,
		    _("act %lld is a deny list: reeve denylist approve %lld"),
		    (long long)act, (long long)column_int(st, 0));
	store_done(st);
	return found == 0 ? 0 : -1;
}

static int
speak(struct command_context *c, const struct command *command, int argc,
    char **argv)
{
	struct store *store = NULL;
	struct buf receipt = buf_new(RECEIPT_SIZE);
	struct act_how how = act_how(c);
	struct err e = { .code = ERR_NONE };
	bool approve = command == &command_approve;
	const char *reason = "";
	int64_t act = 0;
	int status = read_arguments(c, command, argc, argv, &reason, &act);

	if (status != STATUS_DONE)
		return status;
	if (!approve && reason[0] == '\0')
		return command_usage(c, command, _("--reason is wanted"));
	how.roles = "officer,reviewer,auditor";
	if (store_open(&store, command_database(c), STORE_WRITE, &e) == -1 ||
	    acts_show(c, store, act, &e) == -1 ||
	    (approve && judge_list(store, act, &e) == -1) ||
	    act_second(store, act, approve, reason, &how, &receipt, &e) == -1)
		status = command_fail(c, command->name, &e);
	else {
		fprintf(c->out, "%s\n", buf_string(&receipt));
		if (approve)
			say_next(c, store, act);
	}
	buf_free(&receipt);
	store_close(&store);
	return status;
}

static int
run_approve(struct command_context *c, int argc, char **argv)
{
	return speak(c, &command_approve, argc, argv);
}

static int
run_refuse(struct command_context *c, int argc, char **argv)
{
	return speak(c, &command_refuse, argc, argv);
}

const struct command command_approve = {
	.name = "approve",
	.arguments = "ACT [--reason TEXT]",
	.summary = N_("approve, as a second person, what another one signed"),
	.help = N_("\"reeve acts --waiting\" lists what waits, \"reeve acts "
	           "ACT\" shows it. Nobody\napproves what they signed "
	           "themselves, or what is about them.\n\n"
	           "Example: reeve approve 17\n"),
	.run = run_approve,
	.writes = true,
};

const struct command command_refuse = {
	.name = "refuse",
	.arguments = "ACT --reason TEXT",
	.summary = N_("refuse, as a second person, what another one signed"),
	.help = N_("What was refused stays without effect; what is still "
	           "wanted needs a new act.\n\n"
	           "Example: reeve refuse 17 --reason 'The wrong host'\n"),
	.run = run_refuse,
	.writes = true,
};
