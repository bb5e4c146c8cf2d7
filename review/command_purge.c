/*
 * reeve purge: what has passed its period is proposed by one person, approved
 * by another, and erased. reeve hold: what stops that.
 */
#include <getopt.h>
#include <string.h>
#include <time.h>

#include "review/command.h"
#include "review/fact.h"
#include "review/purge.h"
#include "schema/base/enc.h"
#include "schema/message.h"

extern const struct command command_purge, command_hold;

#define RECEIPT_SIZE 256u
#define TIME_SIZE    24
#define NUMBER_SIZE  24

static const char *
time_text(int64_t at, char out[TIME_SIZE])
{
	time_t when = (time_t)at;
	struct tm tm;

	if (at == FACT_UNKNOWN)
		return NULL;
	if (gmtime_r(&when, &tm) == NULL ||
	    strftime(out, TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		out[0] = '\0';
	return out;
}

static const char *
number_text(int64_t number, char out[NUMBER_SIZE])
{
	(void)snprintf(out, NUMBER_SIZE, "%lld", (long long)number);
	return out;
}

static int
open_store(struct command_context *c, enum store_mode mode,
    struct store **store, struct err *e)
{
	return store_open(store, command_database(c), mode, e);
}

/* ---- purge --list ---- */

static const struct list_column purge_columns[] = {
	{ "kind", N_("Kind"), 10 },
	{ "months", N_("Months"), 7 },
	{ "before", N_("Older than"), 20 },
	{ "rows", N_("Rows due"), 9 },
	{ "oldest", N_("Oldest of them"), 20 },
	{ "purged", N_("Purged before"), 20 },
	{ "what", N_("Record"), 0 },
	{ NULL, NULL, 0 },
};

static void
put_part(struct list *l, const struct purge_part *p)
{
	char months[NUMBER_SIZE], rows[NUMBER_SIZE], before[TIME_SIZE],
	    oldest[TIME_SIZE], purged[TIME_SIZE];

	list_row(l,
	    (const char *const[]){ p->kind->name,
	        number_text(p->months, months), time_text(p->before, before),
	        number_text(p->rows, rows), time_text(p->oldest, oldest),
	        time_text(p->purged, purged), _(p->kind->title) });
}

static void
say_hold(void *context, const struct purge_hold *h)
{
	struct command_context *c = context;

	fputs(_("held: "), c->out);
	command_say(c->out, h->name);
	fputs(": ", c->out);
	command_say(c->out, h->reason);
	fputc('\n', c->out);
}

static int
say_open(struct command_context *c, struct store *store, struct err *e)
{
	struct statement *s = store_use(store, "purge_open", e);
	int more;

	while ((more = store_step(s, e)) == 1) {
		long long act = (long long)column_int(s, 0);

		if (column_int(s, 3) != 0)
			fprintf(c->out,
			    _("act %lld is approved: reeve purge --apply "
			      "%lld\n"),
			    act, act);
		else
			fprintf(c->out,
			    _("act %lld waits for a second person: reeve "
			      "approve %lld\n"),
			    act, act);
	}
	store_done(s);
	return more;
}

static int
run_list(struct command_context *c, struct store *store, struct err *e)
{
	struct purge_part parts[PURGE_KINDS];
	struct list *l = NULL;

	if (purge_look(store, &c->config->retention, c->now, parts, e) == -1 ||
	    list_begin(&l, c, "purge", purge_columns, e) == -1)
		return -1;
	for (size_t i = 0; i < PURGE_KINDS; i++)
		put_part(l, &parts[i]);
	if (list_end(&l, e) == -1)
		return -1;
	if (c->format != FORMAT_TEXT)
		return 0;
	return purge_holds(store, say_hold, c, e) == -1 ? -1
	                                                : say_open(c, store, e);
}

/* ---- purge --propose, --apply ---- */

static int
run_propose(struct command_context *c, struct store *store, const char *kinds,
    struct err *e)
{
	struct act_how how = act_how(c);
	struct buf receipt = buf_new(RECEIPT_SIZE);
	int64_t act = 0;
	int result = purge_propose(
	    store, &c->config->retention, kinds, &how, &act, &receipt, e);

	if (result == 0)
		fprintf(c->out,
		    _("%s\nNothing is erased yet. A second person runs: reeve "
		      "approve %lld\nand then: reeve purge --apply %lld\n"),
		    buf_string(&receipt), (long long)act, (long long)act);
	buf_free(&receipt);
	return result;
}

static int
run_apply(
    struct command_context *c, struct store *store, int64_t of, struct err *e)
{
	struct act_how how = act_how(c);
	struct buf receipt = buf_new(RECEIPT_SIZE);
	struct purge_result r;
	int result = purge_apply(
	    store, &c->config->retention, of, &how, &r, &receipt, e);

	if (result == 0 && r.before)
		fprintf(c->out, _("act %lld carried it out before\n"),
		    (long long)r.act);
	else if (result == 0)
		fprintf(c->out, _("%s\n%lld rows erased\n"),
		    buf_string(&receipt), (long long)r.rows);
	buf_free(&receipt);
	if (result == 0 && purge_clean(store, e) == -1)
		return err_in(e,
		    _("it was erased, but its remains are not: run the same "
		      "again"));
	return result;
}

struct purge_arguments {
	bool list, propose;
	const char *kinds, *apply;
	int64_t act;
};

enum { OPT_LIST = 1, OPT_PROPOSE, OPT_APPLY, OPT_KIND };

static const struct option purge_options[] = {
	{ "list", no_argument, NULL, OPT_LIST },
	{ "propose", no_argument, NULL, OPT_PROPOSE },
	{ "apply", required_argument, NULL, OPT_APPLY },
	{ "kind", required_argument, NULL, OPT_KIND },
	{ NULL, 0, NULL, 0 },
};

static int
read_purge(
    struct command_context *c, int argc, char **argv, struct purge_arguments *a)
{
	uint64_t number = 0;
	struct err ignored;
	int option;

	while (
	    (option = getopt_long(argc, argv, "", purge_options, NULL)) != -1) {
		if (option == OPT_LIST)
			a->list = true;
		else if (option == OPT_PROPOSE)
			a->propose = true;
		else if (option == OPT_APPLY)
			a->apply = optarg;
		else if (option == OPT_KIND)
			a->kinds = optarg;
		else
			return command_usage(
			    c, &command_purge, _("no such option"));
	}
	if (optind != argc)
		return command_usage(
		    c, &command_purge, _("%s: not expected"), argv[optind]);
	if (a->list + a->propose + (a->apply != NULL) > 1)
		return command_usage(
		    c, &command_purge, _("one of --list, --propose, --apply"));
	if (a->kinds != NULL && !a->propose)
		return command_usage(
		    c, &command_purge, _("--kind goes with --propose"));
	if (a->apply != NULL &&
	    enc_number(
	        a->apply, strlen(a->apply), INT64_MAX, &number, &ignored) == -1)
		return command_usage(c, &command_purge,
		    _("%s: not the number of an act"), a->apply);
	a->act = (int64_t)number;
	return STATUS_DONE;
}

static int
run_purge(struct command_context *c, int argc, char **argv)
{
	struct purge_arguments a = { .list = false };
	struct err e = { .code = ERR_NONE };
	struct store *store = NULL;
	int status = read_purge(c, argc, argv, &a);
	bool writes = a.propose || a.apply != NULL;
	int result = -1;

	if (status != STATUS_DONE)
		return status;
	if (open_store(c, writes ? STORE_WRITE : STORE_READ, &store, &e) == 0)
		result = a.propose    ? run_propose(c, store, a.kinds, &e)
		    : a.apply != NULL ? run_apply(c, store, a.act, &e)
		                      : run_list(c, store, &e);
	store_close(&store);
	return result == 0 ? STATUS_DONE : command_fail(c, "purge", &e);
}

const struct command command_purge = {
	.name = "purge",
	.arguments = N_("[--list | --propose [--kind KINDS] | --apply ACT]"),
	.summary = N_("erase what has passed its period, signed by two"),
	.help =
	    N_("Without an option, or with --list: what is kept how long, and "
	       "what is due.\n"
	       "  --propose     one person proposes to erase what is due\n"
	       "  --kind KINDS  only these: logins, alerts, accounts, "
	       "personnel\n"
	       "  --apply ACT   erases what that act proposed, once a second "
	       "person approved\n"
	       "Periods are in [retention] of review.conf. What was signed is "
	       "never erased.\n"),
	.run = run_purge,
	.writes = true,
};

/* ---- hold ---- */

static const struct list_column hold_columns[] = {
	{ "name", N_("Name"), 20 },
	{ "since", N_("Since"), 20 },
	{ "by", N_("By"), 16 },
	{ "act", N_("Act"), 5 },
	{ "reason", N_("Reason"), 0 },
	{ NULL, NULL, 0 },
};

static void
put_hold(void *context, const struct purge_hold *h)
{
	char since[TIME_SIZE], act[NUMBER_SIZE];

	list_row(context,
	    (const char *const[]){ h->name, time_text(h->at, since), h->by,
	        number_text(h->act, act), h->reason });
}

static int
list_holds(struct command_context *c, struct store *store, struct err *e)
{
	struct err failed = { .code = ERR_NONE };
	struct list *l = NULL;
	int result = 0;

	if (list_begin(&l, c, "hold", hold_columns, e) == -1)
		return -1;
	if (purge_holds(store, put_hold, l, e) == -1)
		result = -1;
	if (list_end(&l, &failed) == -1 && result == 0) {
		*e = failed;
		result = -1;
	}
	return result;
}

static int
say_word(struct command_context *c, struct store *store, const char *name,
    bool held, const char *reason, struct err *e)
{
	struct act_how how = act_how(c);
	struct buf receipt = buf_new(RECEIPT_SIZE);
	int result = purge_hold(store, name, held, reason, &how, &receipt, e);

	if (result == 0)
		fprintf(c->out, "%s\n", buf_string(&receipt));
	buf_free(&receipt);
	return result;
}

static const struct option hold_options[] = {
	{ "reason", required_argument, NULL, 'r' },
	{ NULL, 0, NULL, 0 },
};

static int
run_hold(struct command_context *c, int argc, char **argv)
{
	const char *reason = NULL, *word = argc > 1 ? argv[1] : "list";
	bool add = strcmp(word, "add") == 0, end = strcmp(word, "end") == 0;
	struct err e = { .code = ERR_NONE };
	struct store *store = NULL;
	int option, result = -1;

	if (!add && !end && strcmp(word, "list") != 0)
		return command_usage(
		    c, &command_hold, _("%s: not expected"), word);
	while (
	    (option = getopt_long(argc, argv, "", hold_options, NULL)) != -1) {
		if (option != 'r')
			return command_usage(
			    c, &command_hold, _("no such option"));
		reason = optarg;
	}
	/* getopt_long(3) has put what is no option last. */
	if (argc - optind != (add || end ? 2 : argc > 1))
		return command_usage(
		    c, &command_hold, _("add NAME, end NAME, or list"));
	if (open_store(c, add || end ? STORE_WRITE : STORE_READ, &store, &e) ==
	    0)
		result = add || end
		    ? say_word(c, store, argv[optind + 1], add, reason, &e)
		    : list_holds(c, store, &e);
	store_close(&store);
	return result == 0 ? STATUS_DONE : command_fail(c, "hold", &e);
}

const struct command command_hold = {
	.name = "hold",
	.arguments = N_("add NAME --reason TEXT | end NAME --reason TEXT | "
	                "list"),
	.summary = N_("a legal hold: while one stands, nothing is erased"),
	.help = N_("NAME is the case's. Each word is an act, signed by who "
	           "says it.\n"),
	.run = run_hold,
	.writes = true,
};
