/*
 * reeve pull: reads the sources, shows what came and what is held.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "review/command.h"
#include "review/command_csv.h"
#include "review/confirmation.h"
#include "review/loss.h"
#include "review/person.h"
#include "review/pull.h"
#include "review/use_import.h"
#include "schema/base/enc.h"
#include "schema/message.h"

extern const struct command command_pull;

#define NUMBER_SIZE 24
#define LOST_SHOWN  50 /* lines */

enum { OPT_FULL = 1, OPT_CONFIRM, OPT_LIST };

static const struct option option_table[] = {
	{ "full", no_argument, NULL, OPT_FULL },
	{ "confirm", required_argument, NULL, OPT_CONFIRM },
	{ "list", no_argument, NULL, OPT_LIST },
	{ NULL, 0, NULL, 0 },
};

struct arguments {
	bool full, list;
	int64_t confirm; /* 0: none */
};

struct run {
	struct command_context *context;
	struct store *store;
	struct arguments arguments;
	struct list *list; /* of the machine formats; NULL in text */
	int64_t applied;   /* the first pull that was; 0: none */
};

/* ---- What is printed ---- */

static const struct list_column pull_columns[] = {
	{ "source", N_("Source"), 16 },
	{ "pull", N_("Pull"), 6 },
	{ "state", N_("State"), 8 },
	{ "complete", N_("Complete"), 8 },
	{ "accounts", N_("Accounts"), 9 },
	{ "groups", N_("Rights"), 8 },
	{ "memberships", N_("Memberships"), 11 },
	{ "accounts_new", N_("New"), 8 },
	{ "accounts_changed", N_("Changed"), 8 },
	{ "accounts_gone", N_("Gone"), 8 },
	{ "memberships_new", N_("New"), 8 },
	{ "memberships_gone", N_("Gone"), 8 },
	{ "reason", N_("Reason"), 0 },
	{ NULL, NULL, 0 },
};

/* The same words in every language: they are in the store, too. */
static const char *const states[] = {
	[PULL_FAILED] = "failed",
	[PULL_APPLIED] = "applied",
	[PULL_HELD] = "held",
};

static void
list_pull(struct list *l, const char *name, const struct pull_result *r)
{
	const int64_t numbers[] = { r->id, r->accounts, r->groups, r->members,
		r->accounts_new, r->accounts_changed, r->accounts_gone,
		r->members_new, r->members_gone };
	char text[sizeof(numbers) / sizeof(numbers[0])][NUMBER_SIZE];

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		(void)snprintf(
		    text[i], NUMBER_SIZE, "%lld", (long long)numbers[i]);
	list_row(l,
	    (const char *const[]){ name, text[0], states[r->state],
	        r->complete ? "yes" : "no", text[1], text[2], text[3], text[4],
	        text[5], text[6], text[7], text[8],
	        r->reason[0] == '\0' ? NULL : r->reason });
}

static void
say_reason(FILE *out, const char *name, const char *what, const char *reason)
{
	command_say(out, name);
	fprintf(out, ": %s: ", what);
	command_say(out, reason);
	fputc('\n', out);
}

static void
say_counts(FILE *out, const char *name, const struct pull_result *r)
{
	command_say(out, name);
	fprintf(out,
	    _(": %lld accounts (new %lld, changed %lld, gone %lld), %lld "
	      "rights, %lld memberships (new %lld, gone %lld); pull %lld\n"),
	    (long long)r->accounts, (long long)r->accounts_new,
	    (long long)r->accounts_changed, (long long)r->accounts_gone,
	    (long long)r->groups, (long long)r->members,
	    (long long)r->members_new, (long long)r->members_gone,
	    (long long)r->id);
}

static void
say_held(FILE *out, const char *name, const struct pull_result *r)
{
	say_reason(out, name, _("HELD, nothing was changed"), r->reason);
	fprintf(out,
	    _("  Look at the source first. If this loss is right, two persons "
	      "let it through, each with this command:\n"
	      "  reeve pull --confirm %lld\n"),
	    (long long)r->id);
}

static void
say_pull(FILE *out, const char *name, const struct pull_result *r)
{
	if (r->state == PULL_FAILED) {
		say_reason(
		    out, name, _("FAILED, the old state stands"), r->reason);
		return;
	}
	if (r->state == PULL_HELD) {
		say_held(out, name, r);
		return;
	}
	say_counts(out, name, r);
	if (!r->complete)
		say_reason(out, name, _("NOT COMPLETE, so nothing was ended"),
		    r->reason);
	else if (r->reason[0] != '\0')
		say_reason(out, name, _("let through as confirmed"), r->reason);
	if (r->first)
		fputs(_("  First pull: see whether these are all accounts "
		        "there are; losses are judged from now on.\n"),
		    out);
}

/* ---- Pulling ---- */

static int
status_of(const struct pull_result *r)
{
	if (r->state == PULL_FAILED)
		return STATUS_USAGE;
	return r->state == PULL_HELD || !r->complete ? STATUS_INCOMPLETE
	                                             : STATUS_DONE;
}

static int
pull_one(struct run *run, const struct source_settings *s)
{
	struct command_context *c = run->context;
	struct pull_options options = { .now = c->now,
		.now_given = c->now_given,
		.full = run->arguments.full,
		.progress = command_progress,
		.progress_context = c };
	const struct source_type *type;
	struct pull_result result;
	struct err e = { .code = ERR_NONE };
	int status;

	type = source_type(s->url, &e);
	status = type == NULL
	    ? -1
	    : pull_run(run->store, s, type, &options, &result, &e);
	command_progress_end(c);
	if (status == -1) {
		err_in(&e, "%s", s->name);
		return command_fail(c, "pull", &e);
	}
	if (run->list != NULL)
		list_pull(run->list, s->name, &result);
	else
		say_pull(c->out, s->name, &result);
	if (result.state == PULL_APPLIED && run->applied == 0)
		run->applied = result.id;
	return status_of(&result);
}

static int
pull_named(struct run *run, const char *name)
{
	struct source_settings *s = calloc(1, sizeof(*s));
	struct err e = { .code = ERR_NONE };
	int status;

	if (s == NULL) {
		err_set(&e, ERR_MEMORY, "out of memory");
		return command_fail(run->context, "pull", &e);
	}
	status = config_source(run->context->config, name, s, &e) == -1
	    ? command_fail(run->context, "pull", &e)
	    : pull_one(run, s);
	free(s);
	return status;
}

static int
pull_all(struct run *run, int count, char **names)
{
	const struct review_config *config = run->context->config;
	int status = STATUS_DONE;

	for (int i = 0; i < count; i++)
		status = command_worse(status, pull_named(run, names[i]));
	for (size_t i = 0; count == 0 && i < config->source_count; i++)
		if (!command_csv_is_section(&config->sources[i]))
			status = command_worse(
			    status, pull_named(run, config->sources[i].name));
	return status;
}

/* Whose the new accounts are, and whose the names in trails. */
static int
match(struct run *run)
{
	struct command_context *c = run->context;
	struct err e = { .code = ERR_NONE };

	if (run->applied == 0)
		return STATUS_DONE;
	if (person_match_since(run->store, run->applied, c->now, &e) == -1 ||
	    use_day_match(run->store, &e) == -1)
		return command_fail(c, "pull", &e);
	return STATUS_DONE;
}

/* ---- Letting a held one through ---- */

struct showing {
	struct command_context *context;
	int64_t lost;
};

/* "NAME (KEY)" */
static void
say_named(FILE *out, const char *name, const char *key)
{
	if (name == NULL) {
		command_say(out, key);
		return;
	}
	command_say(out, name);
	fputs(" (", out);
	command_say(out, key);
	fputc(')', out);
}

static int
show_lost(void *context, const struct loss_row *row, struct err *e)
{
	struct showing *s = context;
	FILE *out = s->context->out;

	(void)e;
	if (s->lost++ >= LOST_SHOWN)
		return 0;
	fputs(strcmp(row->what, "account") == 0 ? _("  account gone: ")
	        : row->group == NULL            ? _("  right gone: ")
	                                        : _("  membership lost: "),
	    out);
	say_named(out, row->name, row->key);
	if (row->group != NULL) {
		fputs(_(" in "), out);
		say_named(out, row->group_name, row->group);
	}
	fputc('\n', out);
	return 0;
}

/* What is signed for: it is shown before. */
static int
show_loss(struct run *run, struct err *e)
{
	struct showing s = { .context = run->context };
	int64_t pull = run->arguments.confirm;

	if (run->list != NULL)
		return 0;
	fprintf(
	    run->context->out, _("Pull %lld would lose:\n"), (long long)pull);
	if (loss_each(run->store, pull, show_lost, &s, e) == -1)
		return -1;
	if (s.lost > LOST_SHOWN)
		fprintf(run->context->out, _("  and %lld more\n"),
		    (long long)(s.lost - LOST_SHOWN));
	(void)fflush(run->context->out);
	return 0;
}

static void
say_confirmed(struct run *run, const struct confirmed *c)
{
	struct command_context *context = run->context;

	if (run->list != NULL)
		return;
	if (c->receipt[0] != '\0')
		fprintf(context->out, "%s\n", c->receipt);
	if (c->done)
		fprintf(context->out,
		    _("Pull %lld: its loss is let through once, by %s\n"),
		    (long long)run->arguments.confirm, c->by);
	else
		fprintf(context->out,
		    _("Pull %lld waits for a second person, who runs the same "
		      "command: reeve pull --confirm %lld\n"),
		    (long long)run->arguments.confirm,
		    (long long)run->arguments.confirm);
}

/* STATUS_DONE: two persons said so, and it may be pulled again. */
static int
confirm(struct run *run, char name[CONFIG_TEXT_MAX + 1])
{
	struct command_context *c = run->context;
	unsigned char digest[LOSS_DIGEST];
	struct act_how how = act_how(c);
	struct confirmed confirmed;
	char subject[NUMBER_SIZE];
	struct err e = { .code = ERR_NONE };

	(void)snprintf(subject, sizeof(subject), "%lld",
	    (long long)run->arguments.confirm);
	if (pull_held(run->store, run->arguments.confirm, digest, name, &e) ==
	        -1 ||
	    show_loss(run, &e) == -1 ||
	    confirmation_say(run->store, CONFIRMATION_PULL, subject, digest,
	        &how, &confirmed, &e) == -1)
		return command_fail(c, "pull", &e);
	say_confirmed(run, &confirmed);
	return confirmed.done ? STATUS_DONE : STATUS_INCOMPLETE;
}

/* ---- The sources' states ---- */

static const struct list_column source_columns[] = {
	{ "source", N_("Source"), 20 },
	{ "product", N_("Product"), 9 },
	{ "class", N_("Class"), 6 },
	{ "pull", N_("Pull"), 6 },
	{ "pulled", N_("Pulled"), 20 },
	{ "age_hours", N_("Hours ago"), 9 },
	{ "mode", N_("Mode"), 8 },
	{ "complete", N_("Complete"), 8 },
	{ "accounts", N_("Accounts"), 9 },
	{ "groups", N_("Rights"), 8 },
	{ "memberships", N_("Memberships"), 11 },
	{ "last", N_("Last try"), 8 },
	{ "reason", N_("Reason"), 0 },
	{ NULL, NULL, 0 },
};

static const char *
print_number(char out[NUMBER_SIZE], struct statement *st, int column)
{
	if (column_is_null(st, column))
		return NULL;
	(void)snprintf(
	    out, NUMBER_SIZE, "%lld", (long long)column_int(st, column));
	return out;
}

static const char *
print_time(char out[NUMBER_SIZE], struct statement *st, int column)
{
	time_t at = (time_t)column_int(st, column);
	struct tm tm;

	return column_is_null(st, column) || gmtime_r(&at, &tm) == NULL ||
	        strftime(out, NUMBER_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0
	    ? NULL
	    : out;
}

/* Columns of source_list. */
enum {
	LIST_NAME,
	LIST_PRODUCT,
	LIST_CORE,
	LIST_PULL,
	LIST_STARTED,
	LIST_MODE,
	LIST_COMPLETE,
	LIST_INCOMPLETE,
	LIST_ACCOUNTS,
	LIST_GROUPS,
	LIST_MEMBERS,
	LIST_LAST,
	LIST_LAST_STATE,
	LIST_LAST_STARTED,
	LIST_LAST_REASON
};

static int
list_source(struct run *run, struct list *l, struct statement *st)
{
	char pull[NUMBER_SIZE], at[NUMBER_SIZE], age[NUMBER_SIZE];
	char accounts[NUMBER_SIZE], groups[NUMBER_SIZE], members[NUMBER_SIZE];
	bool pulled = !column_is_null(st, LIST_PULL);
	bool complete = pulled && column_int(st, LIST_COMPLETE) != 0;
	bool newest =
	    pulled && column_int(st, LIST_PULL) == column_int(st, LIST_LAST);

	(void)snprintf(age, sizeof(age), "%lld",
	    (long long)((run->context->now - column_int(st, LIST_STARTED)) /
	        3600));
	list_row(l,
	    (const char *const[]){ column_text(st, LIST_NAME),
	        column_text(st, LIST_PRODUCT),
	        column_int(st, LIST_CORE) != 0 ? "core" : "other",
	        print_number(pull, st, LIST_PULL),
	        print_time(at, st, LIST_STARTED), pulled ? age : NULL,
	        column_text(st, LIST_MODE),
	        pulled ? (complete ? "yes" : "no") : NULL,
	        print_number(accounts, st, LIST_ACCOUNTS),
	        print_number(groups, st, LIST_GROUPS),
	        print_number(members, st, LIST_MEMBERS),
	        column_text(st, LIST_LAST_STATE),
	        newest ? column_text(st, LIST_INCOMPLETE)
	               : column_text(st, LIST_LAST_REASON) });
	return complete && newest ? STATUS_DONE : STATUS_INCOMPLETE;
}

static int
list_sources(struct run *run)
{
	struct command_context *c = run->context;
	struct statement *st;
	struct list *l = NULL;
	struct err e = { .code = ERR_NONE };
	int status = STATUS_DONE, more;

	if (list_begin(&l, c, "sources", source_columns, &e) == -1)
		return command_fail(c, "pull", &e);
	st = store_use(run->store, "source_list", &e);
	while ((more = store_step(st, &e)) == 1)
		status = command_worse(status, list_source(run, l, st));
	store_done(st);
	if (more == -1)
		status = command_worse(status, command_fail(c, "pull", &e));
	if (list_end(&l, &e) == -1)
		status = command_worse(status, command_fail(c, "pull", &e));
	return status;
}

/* ---- The command ---- */

static int
read_arguments(
    struct command_context *c, int argc, char **argv, struct arguments *a)
{
	uint64_t number;
	struct err e;
	int option;

	while ((option = getopt_long(argc, argv, "", option_table, NULL)) != -1)
		switch (option) {
		case OPT_FULL:
			a->full = true;
			break;
		case OPT_LIST:
			a->list = true;
			break;
		case OPT_CONFIRM:
			if (enc_number(optarg, strlen(optarg), INT64_MAX,
			        &number, &e) == -1 ||
			    number == 0)
				return command_usage(c, &command_pull,
				    _("--confirm %s: not the number of a pull"),
				    optarg);
			a->confirm = (int64_t)number;
			break;
		default:
			return command_usage(
			    c, &command_pull, _("no such option"));
		}
	return STATUS_DONE;
}

static int
check_arguments(struct command_context *c, const struct arguments *a, int count)
{
	if (a->list && (count > 0 || a->full || a->confirm != 0))
		return command_usage(
		    c, &command_pull, _("--list stands alone"));
	if (a->confirm != 0 && count > 0)
		return command_usage(c, &command_pull,
		    _("--confirm pulls the source of that pull; name none"));
	if (!a->list && a->confirm == 0 && count == 0 &&
	    c->config->source_count == 0)
		return command_usage(c, &command_pull,
		    _("review.conf has no source, and none is named"));
	return STATUS_DONE;
}

static int
run_pulls(struct run *run, int count, char **names)
{
	struct command_context *c = run->context;
	char name[CONFIG_TEXT_MAX + 1];
	struct err e = { .code = ERR_NONE };
	int status = STATUS_DONE;

	if (c->format != FORMAT_TEXT &&
	    list_begin(&run->list, c, "pulls", pull_columns, &e) == -1)
		return command_fail(c, "pull", &e);
	if (run->arguments.confirm == 0)
		status = pull_all(run, count, names);
	else if ((status = confirm(run, name)) == STATUS_DONE)
		status = pull_named(run, name);
	status = command_worse(status, match(run));
	if (run->list != NULL && list_end(&run->list, &e) == -1)
		status = command_worse(status, command_fail(c, "pull", &e));
	return status;
}

static int
run(struct command_context *c, int argc, char **argv)
{
	struct run r = { .context = c };
	struct err e = { .code = ERR_NONE };
	int status = read_arguments(c, argc, argv, &r.arguments);

	if (status == STATUS_DONE)
		status = check_arguments(c, &r.arguments, argc - optind);
	if (status != STATUS_DONE)
		return status;
	if (store_open(&r.store, command_database(c),
	        r.arguments.list ? STORE_READ : STORE_WRITE, &e) == -1)
		return command_fail(c, "pull", &e);
	status = r.arguments.list ? list_sources(&r)
	                          : run_pulls(&r, argc - optind, argv + optind);
	store_close(&r.store);
	return status;
}

const struct command command_pull = {
	.name = "pull",
	.arguments = "[SOURCE...] [--full] | --list | --confirm PULL",
	.summary = N_("read accounts and rights from the sources"),
	.help = N_(
	    "A SOURCE is a name from review.conf or a URL: ldap://HOST,\n"
	    "ldaps://HOST, ldapi://, ldif:FILE, passwd:DIR, csv:FILE. Without "
	    "one, all of\nreview.conf are read.\n\n"
	    "A pull is applied whole or not at all. One that would lose more "
	    "than a\n"
	    "tenth, or than 20, of the accounts or memberships, or whose scope "
	    "changed,\n"
	    "is held until two persons let it through. One that is not "
	    "complete adds and\n"
	    "changes, and ends nothing.\n\n"
	    "  --full           read everything, also where changes would do\n"
	    "  --list           each source: how complete, how old\n"
	    "  --confirm PULL   show what that held pull would lose, and sign "
	    "that it is right;\n"
	    "                   the second person to do so lets it through, "
	    "once, and pulls\n\n"
	    "Exit status: 0 complete, 2 a source could not be read at all, 4 "
	    "held or not\ncomplete.\n"),
	.run = run,
	.writes = true,
};
