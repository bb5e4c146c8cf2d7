/*
 * reeve campaign missing, close, cancel.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "review/command_campaign.h"
#include "schema/message.h"

extern const struct command_word campaign_command_cancel;
extern const struct command_word campaign_command_close;
extern const struct command_word campaign_command_missing;

#define RECEIPT_MAX 256u
#define TEXT_ROOM   4096u

static const struct option options[] = {
	{ "reason", required_argument, NULL, 'r' },
	{ NULL, 0, NULL, 0 },
};

/* --reason, and the rest from optind on. -1: said how it is used. */
static int
read_arguments(struct command_context *c, const struct command_word *word,
    int argc, char **argv, const char **reason)
{
	int option;

	*reason = "";
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'r') {
			(void)campaign_usage(
			    c, word, "%s", _("no such option"));
			return -1;
		}
		*reason = optarg;
	}
	return 0;
}

/* ---- missing ---- */

static int
judge_missing(struct store *store, const struct campaign *campaign,
    const char *source, const char *host, struct err *e)
{
	struct statement *s = store_use(store, "campaign_missing_one", e);
	int more;

	bind_int(s, ":campaign", campaign->id);
	bind_text(s, ":source", source);
	bind_text(s, ":host", host);
	more = store_step(s, e);
	if (more == 0)
		return err_set(e, ERR_USAGE, _("%s %s: is not missing in %s"),
		    source, host, campaign->name);
	if (more == 1 && column_int(s, 0) != 0)
		more = err_set(e, ERR_USAGE,
		    _("%s %s: is core; without it the campaign is never "
		      "closed"),
		    source, host);
	store_done(s);
	return more == -1 ? -1 : 0;
}

static int
add_missing(struct act *act, struct store *store, int64_t campaign,
    const char *source, const char *host, const char *reason, struct err *e)
{
	struct statement *s = store_use(store, "campaign_missing_add", e);

	bind_int(s, ":act", act_number(act));
	bind_int(s, ":campaign", campaign);
	bind_text(s, ":source", source);
	bind_text(s, ":host", host);
	bind_text(s, ":reason", reason);
	return store_run(s, e);
}

static int
let_missing(struct command_context *c, struct store *store, char **argv,
    const char *reason, struct buf *receipt, int64_t *number, struct err *e)
{
	struct act_how how = act_how(c);
	const char *host = argv[2] == NULL ? "" : argv[2];
	struct campaign campaign;
	struct act *act = NULL;

	if (campaign_need(store, argv[0], NEED_FROZEN, &campaign, e) == -1 ||
	    act_begin(&act, store, "missing", &how, e) == -1)
		return -1;
	*number = act_number(act);
	if (judge_missing(store, &campaign, argv[1], host, e) == -1 ||
	    add_missing(act, store, campaign.id, argv[1], host, reason, e) ==
	        -1 ||
	    act_commit(&act, receipt, e) == -1) {
		act_cancel(&act);
		return -1;
	}
	return 0;
}

static int
run_missing(struct command_context *c, int argc, char **argv)
{
	struct store *store = NULL;
	struct buf receipt = buf_new(RECEIPT_MAX);
	struct err e = { .code = ERR_NONE };
	const char *reason;
	int64_t number = 0;
	int status = STATUS_DONE;

	if (read_arguments(c, &campaign_command_missing, argc, argv, &reason) ==
	    -1)
		return STATUS_USAGE;
	if (argc - optind < 2 || argc - optind > 3 || *reason == '\0')
		return campaign_usage(c, &campaign_command_missing,
		    _("a campaign, a source, perhaps a host, and a --reason"));
	if (store_open(&store, command_database(c), STORE_WRITE, &e) == -1 ||
	    let_missing(
	        c, store, argv + optind, reason, &receipt, &number, &e) == -1)
		status = campaign_fail(c, "missing", &e);
	else
		fprintf(c->out,
		    _("counts once a second person runs: reeve approve "
		      "%lld\n"),
		    (long long)number);
	campaign_say_receipt(c, &receipt);
	buf_free(&receipt);
	store_close(&store);
	return status;
}

const struct command_word campaign_command_missing = {
	.name = "missing",
	.arguments = "CAMPAIGN SOURCE [HOST] --reason TEXT",
	.summary = N_("let it close without a host: two persons, never core"),
	.help = N_("No more than 2 of 100 hosts, and each by its name. Of core "
	           "only what the scope\n"
	           "leaves out: that needs the same, by host or for the whole "
	           "source.\n"
	           "Example: reeve campaign missing 2026Q4 servers web17 "
	           "--reason 'scrapped'\n"),
	.run = run_missing,
};

/* ---- close, cancel ---- */

struct ending {
	struct command_context *context;
	struct store *store;
	struct campaign campaign;
	char profile[128];
	const char *how, *reason;
};

static void
say_block(void *context, const struct campaign_block *block)
{
	const struct ending *end = context;
	FILE *out = end->context->err;
	char text[TEXT_ROOM];

	campaign_block_text(block, text, sizeof(text));
	if (*block->who != '\0') {
		command_say(out, block->who);
		if (*block->host != '\0') {
			fputc(' ', out);
			command_say(out, block->host);
		}
		fputs(": ", out);
	}
	if (strcmp(block->what, "source") != 0)
		fprintf(out, "%lld ", (long long)block->count);
	command_say(out, text);
	fputc('\n', out);
}

static int
add_end(struct ending *end, struct act *act, struct err *e)
{
	struct statement *s = store_use(end->store, "progress_totals", e);
	int64_t decided, excepted, revoked;

	bind_int(s, ":campaign", end->campaign.id);
	if (store_step(s, e) != 1)
		return -1;
	decided = column_int(s, 0);
	excepted = column_int(s, 1);
	revoked = column_int(s, 2);
	store_done(s);
	s = store_use(end->store, "campaign_end_add", e);
	bind_int(s, ":act", act_number(act));
	bind_int(s, ":campaign", end->campaign.id);
	bind_text(s, ":how", end->how);
	bind_text(s, ":reason", end->reason);
	bind_int(s, ":decided", decided);
	bind_int(s, ":excepted", excepted);
	bind_int(s, ":revoked", revoked);
	return store_run(s, e);
}

/* How many things block it; within the act, so that nothing comes between. */
static int
look(struct ending *end, int64_t *count, struct err *e)
{
	struct view *view = NULL;
	int status;

	*count = 0;
	if (strcmp(end->how, "cancelled") == 0)
		return 0;
	if (campaign_progress(
	        &view, end->store, end->profile, end->campaign.id, e) == -1)
		return -1;
	status = campaign_blocks(end->store, end->profile, end->campaign.id,
	    say_block, end, count, e);
	if (campaign_progress_end(&view, e) == -1)
		status = -1;
	if (status == 0 && *count > 0)
		status = err_set(e, ERR_INCOMPLETE,
		    P_("%s: not closed: %lld thing is missing",
		        "%s: not closed: %lld things are missing",
		        (unsigned long)*count),
		    end->campaign.name, (long long)*count);
	return status;
}

static int
end_campaign(
    struct ending *end, const char *name, struct buf *receipt, struct err *e)
{
	struct act_how how = act_how(end->context);
	struct act *act = NULL;
	int64_t count;

	if (campaign_find(end->store, name, &end->campaign, e) == -1 ||
	    campaign_need(end->store, end->campaign.name,
	        strcmp(end->how, "cancelled") == 0 && !end->campaign.frozen
	            ? NEED_DRAFT
	            : NEED_FROZEN,
	        &end->campaign, e) == -1 ||
	    campaign_profile(end->store, end->context, end->campaign.id,
	        end->profile, e) == -1 ||
	    act_begin(&act, end->store, "campaign-end", &how, e) == -1)
		return -1;
	if (look(end, &count, e) == -1 || add_end(end, act, e) == -1 ||
	    act_commit(&act, receipt, e) == -1) {
		act_cancel(&act);
		return -1;
	}
	return 0;
}

static int
run_end(struct command_context *c, const struct command_word *word,
    const char *how, int argc, char **argv)
{
	struct ending end = { .context = c, .how = how };
	struct buf receipt = buf_new(RECEIPT_MAX);
	struct err e = { .code = ERR_NONE };
	int status = STATUS_DONE;

	if (read_arguments(c, word, argc, argv, &end.reason) == -1)
		return STATUS_USAGE;
	if (argc - optind > 1 ||
	    (strcmp(how, "cancelled") == 0 && *end.reason == '\0'))
		return campaign_usage(c, word,
		    strcmp(how, "cancelled") == 0
		        ? _("a campaign, and a --reason")
		        : _("one campaign, or the only open one"));
	if (store_open(&end.store, command_database(c), STORE_WRITE, &e) ==
	        -1 ||
	    end_campaign(&end, argv[optind], &receipt, &e) == -1)
		status = campaign_fail(c, word->name, &e);
	campaign_say_receipt(c, &receipt);
	buf_free(&receipt);
	store_close(&end.store);
	return status;
}

static int
run_close(struct command_context *c, int argc, char **argv)
{
	return run_end(c, &campaign_command_close, "closed", argc, argv);
}

static int
run_cancel(struct command_context *c, int argc, char **argv)
{
	return run_end(c, &campaign_command_cancel, "cancelled", argc, argv);
}

const struct command_word campaign_command_close = {
	.name = "close",
	.arguments = "[CAMPAIGN] [--reason TEXT]",
	.summary = N_("close it; refused, and told why, while anything is "
	              "missing"),
	.help = N_("Status 4: a source or host is missing, items are "
	           "undecided, decisions wait\n"
	           "for a second person, or questions have no reviewer.\n"
	           "Example: reeve campaign close 2026Q4\n"),
	.run = run_close,
};

const struct command_word campaign_command_cancel = {
	.name = "cancel",
	.arguments = "[CAMPAIGN] --reason TEXT",
	.summary = N_("give a campaign up; it stays on record"),
	.help = N_("Example: reeve campaign cancel 2026Q4 --reason 'opened "
	           "without the branches'\n"),
	.run = run_cancel,
};
