#include <getopt.h>
#include <signal.h>
#include <string.h>

#include "review/command.h"
#include "review/evidence.h"
#include "review/pack_trust.h"
#include "review/pack_verify.h"
#include "review/report.h"
#include "schema/message.h"

extern const struct command command_report;

struct report_arguments {
	const char *out, *lang, *account;
	struct pack_trust *trust;
	bool trusted; /* --trust was given */
	bool unverified;
};

enum { OPT_OUT = 1, OPT_LANG, OPT_ACCOUNT, OPT_TRUST, OPT_UNVERIFIED };

static const struct option options[] = {
	{ "out", required_argument, NULL, OPT_OUT },
	{ "lang", required_argument, NULL, OPT_LANG },
	{ "account", required_argument, NULL, OPT_ACCOUNT },
	{ "trust", required_argument, NULL, OPT_TRUST },
	{ "unverified", no_argument, NULL, OPT_UNVERIFIED },
	{ NULL, 0, NULL, 0 },
};

/* 1: unknown option; 0; -1. */
static int
read_options(struct report_arguments *a, int argc, char **argv, struct err *e)
{
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case OPT_OUT:
			a->out = optarg;
			break;
		case OPT_LANG:
			a->lang = optarg;
			break;
		case OPT_ACCOUNT:
			a->account = optarg;
			break;
		case OPT_TRUST:
			a->trusted = true;
			if (pack_trust_file(a->trust, optarg, e) == -1)
				return -1;
			break;
		case OPT_UNVERIFIED:
			a->unverified = true;
			break;
		default:
			return 1;
		}
	return 0;
}

static void
say_fault(void *context, const struct pack_fault *f)
{
	struct command_context *c = context;

	command_progress_end(c);
	fprintf(c->err, "%s: ", f->word);
	if (*f->name != '\0') {
		command_say(c->err, f->name);
		fputs(": ", c->err);
	}
	if (f->line != 0)
		fprintf(c->err, _("line %lld: "), (long long)f->line);
	command_say(c->err, f->text);
	fputc('\n', c->err);
}

/* Returns how many faults, or -1. */
static int64_t
verify(struct command_context *c, const char *folder,
    const struct report_arguments *a, struct pack_verdict *verdict,
    struct err *e)
{
	struct pack_verifying how = { .trust = a->trust,
		.now = c->now,
		.unsigned_ok = !a->trusted,
		.report = say_fault,
		.context = c,
		.progress = command_progress,
		.progress_context = c };

	return a->unverified ? 0 : pack_verify(folder, &how, verdict, e);
}

/*
 * Signals that end the program wait until what was begun is removed. One that
 * is ignored, as by nohup, stays ignored.
 */
static void
hold_signals(sigset_t *before)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	sigset_t held;
	struct sigaction now;

	(void)sigemptyset(&held);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (sigaction(numbers[i], NULL, &now) == 0 &&
		    now.sa_handler != SIG_IGN)
			(void)sigaddset(&held, numbers[i]);
	(void)sigprocmask(SIG_BLOCK, &held, before);
}

static bool
is_ended(void *context)
{
	sigset_t waiting;

	(void)context;
	return sigpending(&waiting) == 0 &&
	    (sigismember(&waiting, SIGINT) == 1 ||
	        sigismember(&waiting, SIGTERM) == 1 ||
	        sigismember(&waiting, SIGHUP) == 1);
}

static int
make(struct command_context *c, const char *folder,
    const struct report_arguments *a)
{
	struct report_wanted wanted = { .folder = folder,
		.out = a->out,
		.en = a->lang == NULL || strcmp(a->lang, "en") == 0,
		.zh = a->lang == NULL || strcmp(a->lang, "zh_TW") == 0,
		.account = a->account,
		.progress = command_progress,
		.stop = is_ended,
		.context = c };
	struct report_made made;
	sigset_t before;
	struct err e = { .code = ERR_NONE };
	struct pack_verdict verdict;
	int64_t faults = verify(c, folder, a, &verdict, &e);
	int result = -1;

	wanted.banner = a->trusted ? "" : "unsigned";
	if (a->unverified)
		wanted.banner = "unverified";
	else
		wanted.manifest = verdict.manifest;
	if (faults == 0) {
		hold_signals(&before);
		result = report_make(&wanted, &made, &e);
		(void)sigprocmask(SIG_SETMASK, &before, NULL);
	}
	command_progress_end(c);
	if (faults > 0)
		return STATUS_UNVERIFIED;
	if (result == -1)
		return command_fail(c, "report", &e);
	fprintf(c->out,
	    P_("%s: %lld page", "%s: %lld pages", (unsigned long)made.pages),
	    a->out, (long long)made.pages);
	fprintf(c->out, _(", lists behind figures: %lld, tables: %lld\n"),
	    (long long)made.lists, (long long)made.tables);
	return STATUS_DONE;
}

static int
run(struct command_context *c, int argc, char **argv)
{
	struct report_arguments a = { .out = NULL };
	struct err e = { .code = ERR_NONE };
	int status, read = -1;

	if (pack_trust_new(&a.trust, &e) == 0)
		read = read_options(&a, argc, argv, &e);
	if (read == -1)
		status = command_fail(c, "report", &e);
	else if (read == 1 || optind + 1 != argc)
		status = command_usage(
		    c, &command_report, "%s", _("one folder: the pack"));
	else if (a.trusted && a.unverified)
		status = command_usage(c, &command_report, "%s",
		    _("--unverified looks at no signature: not with --trust"));
	else if (a.out == NULL)
		status = command_usage(
		    c, &command_report, "%s", _("--out: where to?"));
	else if (a.lang != NULL && strcmp(a.lang, "en") != 0 &&
	    strcmp(a.lang, "zh_TW") != 0)
		status = command_usage(
		    c, &command_report, "%s", _("--lang: en or zh_TW"));
	else
		status = make(c, argv[optind], &a);
	pack_trust_free(&a.trust);
	return status;
}

static bool
alone(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return true;
}

const struct command command_report = {
	.name = "report",
	.arguments = "PACK --out FOLDER [--lang en|zh_TW] [--account ACCOUNT] "
	             "[--trust FILE] [--unverified]",
	.summary = N_("a pack of evidence as pages for people, and as tables"),
	.help = N_(
	    "Reads the pack and nothing else; it is verified first. Pages need "
	    "no network and\nno script; every figure leads to the rows behind "
	    "it.\n\n"
	    "  --out FOLDER       made here: en/index.html, "
	    "zh_TW/index.html, tables/\n"
	    "  --lang en|zh_TW    only that language\n"
	    "  --account ACCOUNT  also this account's life: its key, name or "
	    "number\n"
	    "  --trust FILE       certificates and keys (PEM) that you trust; "
	    "without, each page\n"
	    "                     says that no signature was checked\n"
	    "  --unverified       only what is read is held against the "
	    "manifest; each page says so\n\n"
	    "Example: reeve report 2026Q4 --out 2026Q4.html --trust "
	    "officer.pem\n"),
	.run = run,
	.alone = alone,
};
