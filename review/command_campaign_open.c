/*
 * reeve campaign open, freeze.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "review/command_campaign.h"
#include "schema/message.h"

extern const struct command_word campaign_command_freeze;
extern const struct command_word campaign_command_open;

#define SCOPE_MAX   256u
#define RECEIPT_MAX 256u

enum {
	OPT_TYPE = 1,
	OPT_DUE,
	OPT_INCLUDE,
	OPT_EXCLUDE,
	OPT_REASON,
	OPT_FROM,
	OPT_FALLBACK,
	OPT_DRAFT,
	OPT_EVENTS,
};

static const struct option options[] = {
	{ "type", required_argument, NULL, OPT_TYPE },
	{ "due", required_argument, NULL, OPT_DUE },
	{ "include", required_argument, NULL, OPT_INCLUDE },
	{ "exclude", required_argument, NULL, OPT_EXCLUDE },
	{ "reason", required_argument, NULL, OPT_REASON },
	{ "from", required_argument, NULL, OPT_FROM },
	{ "fallback", required_argument, NULL, OPT_FALLBACK },
	{ "draft", no_argument, NULL, OPT_DRAFT },
	{ "events", no_argument, NULL, OPT_EVENTS },
	{ NULL, 0, NULL, 0 },
};

struct opening {
	struct command_context *context;
	struct store *store;
	struct rule_set *rules;
	struct campaign_new new;
	struct campaign_scope scope[SCOPE_MAX];
	const char *due, *from;
	bool draft, events;
	struct campaign previous;
	char fallback[64];
};

/* ---- What was asked for ---- */

static int
add_scope(struct opening *o, bool include, char *text, struct err *e)
{
	char *equal = strchr(text, '=');
	struct campaign_scope *s = &o->scope[o->new.scope_count];

	if (equal == NULL)
		return err_set(
		    e, ERR_USAGE, _("%s: WHAT=VALUE, as in source=corp"), text);
	if (o->new.scope_count == SCOPE_MAX)
		return err_set(
		    e, ERR_LIMIT, _("more than %u lines of scope"), SCOPE_MAX);
	*equal = '\0';
	*s = (struct campaign_scope){ include, text, equal + 1, "" };
	o->new.scope_count++;
	return 0;
}

/* A reason is of the lines before it that have none. */
static void
set_reason(struct opening *o, const char *reason)
{
	for (size_t i = o->new.scope_count; i > 0; i--) {
		struct campaign_scope *s = &o->scope[i - 1];

		if (*s->reason != '\0')
			break;
		s->reason = reason;
	}
}

static int
read_option(struct opening *o, int option, struct err *e)
{
	switch (option) {
	case OPT_TYPE:
		o->new.type = optarg;
		return 0;
	case OPT_DUE:
		o->due = optarg;
		return 0;
	case OPT_INCLUDE:
	case OPT_EXCLUDE:
		return add_scope(o, option == OPT_INCLUDE, optarg, e);
	case OPT_REASON:
		set_reason(o, optarg);
		return 0;
	case OPT_FROM:
		o->from = optarg;
		return 0;
	case OPT_FALLBACK:
		o->new.fallback = optarg;
		return 0;
	case OPT_DRAFT:
		o->draft = true;
		return 0;
	case OPT_EVENTS:
		o->events = true;
		return 0;
	default:
		return err_set(e, ERR_USAGE, "%s", _("no such option"));
	}
}

static int
read_due(struct opening *o, struct err *e)
{
	struct command_context *c = o->context;

	if (o->due == NULL)
		return err_set(e, ERR_USAGE,
		    _("--due DATE: until when is it to be decided?"));
	if (campaign_time(c, o->due, true, &o->new.due, e) == -1)
		return err_in(e, "--due");
	if (o->new.due <= c->now)
		return err_set(e, ERR_USAGE, _("--due %s: is past"), o->due);
	return 0;
}

/* ---- The scope of a campaign before ---- */

static const char *
difference_text(const char *what)
{
	if (strcmp(what, "new") == 0)
		return _("is new");
	if (strcmp(what, "gone") == 0)
		return _("is not there any more");
	return _("has no class in the register of systems");
}

static void
say_difference(struct opening *o, struct statement *s)
{
	FILE *out = o->context->out;
	const char *host = column_text(s, 2);

	command_say(out, column_text(s, 1));
	if (*host != '\0') {
		fputc(' ', out);
		command_say(out, host);
	}
	fprintf(out, ": %s\n", difference_text(column_text(s, 0)));
}

static int
show_difference(struct opening *o, struct err *e)
{
	struct statement *s = store_use(o->store, "campaign_difference", e);
	int more;

	bind_int(s, ":previous", o->new.previous);
	while ((more = store_step(s, e)) == 1)
		if (o->context->format == FORMAT_TEXT)
			say_difference(o, s);
	return more;
}

static int
find_previous(struct opening *o, struct err *e)
{
	struct statement *s;
	int more;

	if (o->from == NULL)
		return 0;
	if (campaign_find(o->store, o->from, &o->previous, e) == -1)
		return err_in(e, "--from");
	o->new.previous = o->previous.id;
	if (o->new.type == NULL && strcmp(o->previous.type, "event") != 0)
		o->new.type = o->previous.type;
	if (o->new.fallback != NULL)
		return 0;
	s = store_use(o->store, "campaign_fallback", e);
	bind_int(s, ":campaign", o->previous.id);
	more = store_step(s, e);
	if (more == 1)
		(void)snprintf(
		    o->fallback, sizeof(o->fallback), "%s", column_text(s, 0));
	store_done(s);
	o->new.fallback = o->fallback;
	return more == 1 ? 0 : -1;
}

/* ---- Freezing ---- */

/* A campaign that asks nothing would close as if all had been decided. */
static int
judge_items(struct store *store, int64_t campaign, struct err *e)
{
	struct statement *s = store_use(store, "campaign_items", e);
	int more;
	int64_t items = 0;

	bind_int(s, ":campaign", campaign);
	if ((more = store_step(s, e)) == 1)
		items = column_int(s, 0);
	store_done(s);
	if (more == 1 && items == 0)
		return err_set(e, ERR_USAGE,
		    _("nothing is in the campaign: its scope leaves out all"));
	return more == 1 ? 0 : -1;
}

static int
freeze(struct opening *o, struct act *act, int64_t campaign, struct err *e)
{
	struct command_context *c = o->context;
	struct view *view = NULL;
	int status = -1;

	if (campaign_view(&view, act, o->store, c->config, o->rules,
	        command_progress, c, e) == -1)
		return -1;
	if (campaign_freeze(act, o->store, view, c->config, campaign, e) == 0)
		status = judge_items(o->store, campaign, e);
	if (status == 0)
		status = view_end(&view, true, e);
	else
		(void)view_end(&view, false, e);
	command_progress_end(c);
	return status;
}

static int
show_frozen(struct opening *o, int64_t campaign, struct err *e)
{
	struct statement *s = store_use(o->store, "campaign_freeze_row", e);
	FILE *out = o->context->out;

	bind_int(s, ":campaign", campaign);
	if (store_step(s, e) != 1)
		return -1;
	fprintf(out,
	    _("%lld accounts in the campaign, %lld left out, and %lld rights "
	      "of others\n"
	      "%lld items, asked in %lld questions (%lld of several at "
	      "once)\n"),
	    (long long)column_int(s, column_of(s, "accounts")),
	    (long long)column_int(s, column_of(s, "excluded")),
	    (long long)column_int(s, column_of(s, "excluded_rights")),
	    (long long)column_int(s, column_of(s, "items")),
	    (long long)column_int(s, column_of(s, "questions")),
	    (long long)column_int(s, column_of(s, "grouped")));
	store_done(s);
	return 0;
}

/* What is missing now is missing for good: the population stays as it is. */
static int
show_result(struct opening *o, int64_t campaign, struct err *e)
{
	bool missing = false;

	if (show_frozen(o, campaign, e) == -1 ||
	    campaign_say_missing(o->store, o->context, campaign, &missing, e) ==
	        -1)
		return campaign_fail(o->context, "freeze", e);
	if (!missing)
		return STATUS_DONE;
	fputs(_("it can't be closed without them: pull them and open another "
	        "campaign, or see reeve campaign missing --help\n"),
	    o->context->err);
	return STATUS_INCOMPLETE;
}

/* ---- Opening ---- */

static int
open_campaign(
    struct opening *o, struct buf *receipt, int64_t *id, struct err *e)
{
	struct act_how how = act_how(o->context);
	struct act *act = NULL;

	if (act_begin(&act, o->store, "campaign-open", &how, e) == -1)
		return -1;
	if (campaign_open(act, o->store, &o->new, id, e) == -1 ||
	    (!o->draft &&
	        (act_next(&act, "campaign-freeze", e) == -1 ||
	            freeze(o, act, *id, e) == -1)) ||
	    act_commit(&act, receipt, e) == -1) {
		act_cancel(&act);
		return -1;
	}
	return 0;
}

static int
run_opening(struct opening *o, const char *name)
{
	struct command_context *c = o->context;
	struct buf receipt = buf_new(RECEIPT_MAX);
	struct err e = { .code = ERR_NONE };
	int64_t id = 0;
	int status;

	o->new.name = name;
	o->new.scope = o->scope;
	if (read_due(o, &e) == -1 ||
	    rule_set_load(&o->rules, c->config->rules_dir, &e) == -1 ||
	    store_open(&o->store, command_database(c), STORE_WRITE, &e) == -1 ||
	    find_previous(o, &e) == -1 || show_difference(o, &e) == -1)
		return campaign_fail(c, "open", &e);
	if (o->new.fallback == NULL)
		o->new.fallback = "";
	if (o->new.type == NULL)
		o->new.type = "periodic";
	if (open_campaign(o, &receipt, &id, &e) == -1)
		status = campaign_fail(c, "open", &e);
	else if (o->draft)
		status = STATUS_DONE;
	else
		status = show_result(o, id, &e);
	campaign_say_receipt(c, &receipt);
	buf_free(&receipt);
	return status;
}

/* Of persons who left or moved: no name, no key. */
static int
run_events(struct opening *o)
{
	struct command_context *c = o->context;
	const struct act_how how = act_how(c);
	struct err e = { .code = ERR_NONE };
	int64_t count;

	if (rule_set_load(&o->rules, c->config->rules_dir, &e) == -1 ||
	    store_open(&o->store, command_database(c), STORE_WRITE, &e) == -1 ||
	    campaign_events(o->store, c->config, o->rules, &how,
	        o->new.fallback, &count, &e) == -1)
		return campaign_fail(c, "open", &e);
	fprintf(c->out,
	    P_("%lld campaign opened for who left or moved\n",
	        "%lld campaigns opened for who left or moved\n",
	        (unsigned long)count),
	    (long long)count);
	return STATUS_DONE;
}

static int
run_open(struct command_context *c, int argc, char **argv)
{
	struct opening o = { .context = c };
	struct err e = { .code = ERR_NONE };
	int option, status;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (read_option(&o, option, &e) == -1)
			return campaign_usage(
			    c, &campaign_command_open, "%s", e.text);
	if (argc - optind != (o.events ? 0 : 1))
		return campaign_usage(c, &campaign_command_open,
		    _("one name, as in 2026Q4; or --events"));
	status = o.events ? run_events(&o) : run_opening(&o, argv[optind]);
	store_close(&o.store);
	rule_set_free(&o.rules);
	return status;
}

const struct command_word campaign_command_open = {
	.name = "open",
	.arguments = "NAME --due DATE [--type TYPE] [--from CAMPAIGN] "
	             "[--include WHAT=VALUE]... [--exclude WHAT=VALUE]... "
	             "[--reason TEXT] [--fallback EMPLOYEE] [--draft] | "
	             "--events [--fallback EMPLOYEE]",
	.summary = N_("open a campaign, and freeze who and what is in it"),
	.help =
	    N_("--type     periodic (the preset, else that of --from), "
	       "privileged, ad-hoc\n"
	       "--due      the last day; later decisions are late\n"
	       "--from     copies that campaign's scope, and says what is new, "
	       "what\n"
	       "           is gone, and which systems have no class\n"
	       "--include  only these: WHAT is source, class (core, other), "
	       "group,\n"
	       "--exclude  privileged (yes, no), rule, department, person or "
	       "account;\n"
	       "           VALUE may have * and ?. An account is its name, DN "
	       "or\n"
	       "           SOURCE:NAME. What is left out needs a --reason, is "
	       "signed,\n"
	       "           and counted\n"
	       "--fallback who decides where nobody else may\n"
	       "--draft    do not freeze yet: reeve campaign freeze\n"
	       "--events   one for each person who left or moved in the last "
	       "30 days and has\n"
	       "           accounts, once, assigned at once; by the program, "
	       "unsigned: for a timer\n\n"
	       "Status 4 says that a source or host is missing, or that the "
	       "scope leaves out\n"
	       "accounts of a core one, which two persons must sign.\n"
	       "Example: reeve campaign open 2026Q4 --from 2026Q3 --due "
	       "2026-12-31\n"),
	.run = run_open,
};

/* ---- reeve campaign freeze ---- */

static int
freeze_campaign(struct opening *o, struct buf *receipt, struct err *e)
{
	struct act_how how = act_how(o->context);
	struct act *act = NULL;

	if (act_begin(&act, o->store, "campaign-freeze", &how, e) == -1)
		return -1;
	if (freeze(o, act, o->previous.id, e) == -1 ||
	    act_commit(&act, receipt, e) == -1) {
		act_cancel(&act);
		return -1;
	}
	return 0;
}

static int
run_freeze(struct command_context *c, int argc, char **argv)
{
	struct opening o = { .context = c };
	struct buf receipt = buf_new(RECEIPT_MAX);
	struct err e = { .code = ERR_NONE };
	int status;

	if (argc > 2 || (argc == 2 && argv[1][0] == '-'))
		return campaign_usage(c, &campaign_command_freeze,
		    _("one campaign, or the only open one"));
	if (rule_set_load(&o.rules, c->config->rules_dir, &e) == -1 ||
	    store_open(&o.store, command_database(c), STORE_WRITE, &e) == -1 ||
	    campaign_need(o.store, argv[1], NEED_DRAFT, &o.previous, &e) ==
	        -1 ||
	    freeze_campaign(&o, &receipt, &e) == -1)
		status = campaign_fail(c, "freeze", &e);
	else
		status = show_result(&o, o.previous.id, &e);
	campaign_say_receipt(c, &receipt);
	buf_free(&receipt);
	store_close(&o.store);
	rule_set_free(&o.rules);
	return status;
}

const struct command_word campaign_command_freeze = {
	.name = "freeze",
	.arguments = "[CAMPAIGN]",
	.summary = N_("freeze a draft's population: the newest check's state"),
	.help = N_("What is pulled later is for the next campaign.\n"
	           "Example: reeve campaign freeze 2026Q4\n"),
	.run = run_freeze,
};
