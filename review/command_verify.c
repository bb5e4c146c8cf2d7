/*
 * reeve verify: the review database's own check of what was signed in it.
 */
#include <getopt.h>
#include <string.h>

#include "review/act.h"
#include "review/command.h"
#include "schema/message.h"

extern const struct command command_verify;

#define NUMBER_SIZE 24

enum { OPT_ROSTER = 1, OPT_HEAD, OPT_QUICK };

static const struct option options[] = {
	{ "roster", required_argument, NULL, OPT_ROSTER },
	{ "head", required_argument, NULL, OPT_HEAD },
	{ "quick", no_argument, NULL, OPT_QUICK },
	{ NULL, 0, NULL, 0 },
};

static const struct list_column columns[] = {
	{ "fault", N_("Fault"), 10 },
	{ "act", N_("Act"), 6 },
	{ "text", N_("What"), 0 },
	{ NULL, NULL, 0 },
};

struct run {
	struct command_context *context;
	struct list *list; /* of the machine formats; NULL in text */
};

static void
report(void *context, const struct act_fault *f)
{
	struct run *run = context;
	struct command_context *c = run->context;
	char act[NUMBER_SIZE];

	(void)snprintf(act, sizeof(act), "%lld", (long long)f->act);
	if (run->list != NULL) {
		list_row(run->list,
		    (const char *const[]){
		        f->word, f->act == 0 ? NULL : act, f->text });
		return;
	}
	command_progress_end(c);
	fprintf(c->out, "%s: ", f->word);
	if (f->act != 0)
		fprintf(c->out, _("act %s: "), act);
	command_say(c->out, f->text);
	fputc('\n', c->out);
}

static void
say_verified(struct command_context *c, const struct act_trust *trust,
    const struct act_state *s)
{
	fprintf(c->out, _("verified: %lld acts; head: %s\n"),
	    (long long)s->acts, s->acts == 0 ? "-" : s->head);
	if (s->acts == 0)
		return;
	if (s->unsigned_after > 0)
		fprintf(c->out,
		    _("  The last %lld acts are the program's own; no person's "
		      "signature stands behind them yet.\n"),
		    (long long)s->unsigned_after);
	if (s->unnumbered > 0)
		fprintf(c->out,
		    _("  Persons without an employee number: %lld. That two of "
		      "them are two people is what their enrolment says.\n"),
		    (long long)s->unnumbered);
	if (trust->roster == NULL && trust->head == NULL)
		fputs(_("  Not compared with anything held elsewhere: whoever "
		        "made it all anew, with other\n  keys, is not "
		        "noticed. Keep a roster (reeve person list --roster) "
		        "and the head, and\n  give them with --roster and "
		        "--head.\n"),
		    c->out);
	else if (trust->head == NULL)
		fputs(_("  Not compared with a head: that its end was cut off "
		        "is not noticed. Give one\n  with --head.\n"),
		    c->out);
}

static int
verify(struct run *run, struct store *store, const struct act_trust *trust)
{
	struct command_context *c = run->context;
	struct act_state state;
	struct err e = { .code = ERR_NONE };
	int64_t faults;

	if (c->format != FORMAT_TEXT &&
	    list_begin(&run->list, c, "faults", columns, &e) == -1)
		return command_fail(c, "verify", &e);
	faults = act_verify(store, trust, report, run, &e);
	command_progress_end(c);
	if (faults == -1 ||
	    (run->list != NULL && list_end(&run->list, &e) == -1) ||
	    (faults == 0 && act_state(store, &state, &e) == -1))
		return command_fail(c, "verify", &e);
	if (faults == 0 && run->list == NULL)
		say_verified(c, trust, &state);
	return faults == 0 ? STATUS_DONE : STATUS_UNVERIFIED;
}

static int
run(struct command_context *c, int argc, char **argv)
{
	struct run r = { .context = c };
	struct act_trust trust = { .progress = command_progress,
		.progress_context = c };
	struct store *store = NULL;
	struct err e = { .code = ERR_NONE };
	int option, status;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case OPT_ROSTER:
			trust.roster = optarg;
			break;
		case OPT_HEAD:
			trust.head = optarg;
			break;
		case OPT_QUICK:
			trust.quick = true;
			break;
		default:
			return command_usage(
			    c, &command_verify, _("no such option"));
		}
	if (optind != argc)
		return command_usage(
		    c, &command_verify, _("verify wants no argument"));
	if (store_open(&store, command_database(c), STORE_READ, &e) == -1) {
		status = command_fail(c, "verify", &e);
		/* What can't even be read as a database does not verify. */
		return e.code == ERR_FORMAT ? STATUS_UNVERIFIED : status;
	}
	status = verify(&r, store, &trust);
	store_close(&store);
	return status;
}

const struct command command_verify = {
	.name = "verify",
	.arguments = "[--roster FILE] [--head \"ACT HEX\"] [--quick]",
	.summary = N_("check every act, signature and signed row again"),
	.help = N_(
	    "Prints a line for each fault, with one word first: altered, "
	    "incomplete,\nunsigned, untrusted; the exit status is then 3.\n\n"
	    "  --roster FILE    whose keys may sign, as you kept it: reeve "
	    "person list --roster\n"
	    "  --head \"17 HEX\"  the end of the chain, as an act was "
	    "acknowledged to you\n"
	    "  --quick          not whether the database file is sound\n\n"
	    "Example: reeve verify --roster /media/audit/roster\n"),
	.run = run,
};
