#include <getopt.h>
#include <string.h>

#include "review/command.h"
#include "review/evidence.h"
#include "review/report.h"
#include "schema/message.h"

extern const struct command command_report;

struct report_arguments {
	const char *out, *lang, *account;
};

enum { OPT_OUT = 1, OPT_LANG, OPT_ACCOUNT };

static const struct option options[] = {
	{ "out", required_argument, NULL, OPT_OUT },
	{ "lang", required_argument, NULL, OPT_LANG },
	{ "account", required_argument, NULL, OPT_ACCOUNT },
	{ NULL, 0, NULL, 0 },
};

static int
read_options(struct report_arguments *a, int argc, char **argv)
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
		default:
			return -1;
		}
	return optind + 1 == argc ? 0 : -1;
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
		.banner = "unsigned",
		.progress = command_progress,
		.context = c };
	struct report_made made;
	struct err e = { .code = ERR_NONE };
	int result = report_make(&wanted, &made, &e);

	command_progress_end(c);
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

	if (read_options(&a, argc, argv) == -1)
		return command_usage(
		    c, &command_report, "%s", _("one folder: the pack"));
	if (a.out == NULL)
		return command_usage(
		    c, &command_report, "%s", _("--out: where to?"));
	if (a.lang != NULL && strcmp(a.lang, "en") != 0 &&
	    strcmp(a.lang, "zh_TW") != 0)
		return command_usage(
		    c, &command_report, "%s", _("--lang: en or zh_TW"));
	return make(c, argv[optind], &a);
}

const struct command command_report = {
	.name = "report",
	.arguments = "PACK --out FOLDER [--lang en|zh_TW] [--account ACCOUNT]",
	.summary = N_("a pack of evidence as pages for people, and as tables"),
	.help = N_(
	    "Reads the pack and nothing else. Each file is held against the "
	    "manifest's\ndigest, but no signature is checked: every page says "
	    "so. Pages need no network\nand no script; every figure leads to "
	    "the rows behind it.\n\n"
	    "  --out FOLDER       made here: en/index.html, "
	    "zh_TW/index.html, tables/\n"
	    "  --lang en|zh_TW    only that language\n"
	    "  --account ACCOUNT  also this account's life: its key, name or "
	    "number\n\n"
	    "Example: reeve report 2026Q4 --out 2026Q4.html\n"),
	.run = run,
};
