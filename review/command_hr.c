#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "review/command.h"
#include "review/command_csv.h"
#include "review/csv.h"
#include "review/person.h"
#include "review/store.h"
#include "schema/message.h"

#define DAY_SECONDS 86400
#define SECTION     "hr" /* [source hr] says how its files are written */

extern const struct command command_hr;

struct hr_arguments {
	const char *as_of, *zone, *encoding;
	bool confirm, all;
};

static int
open_store(struct command_context *c, enum store_mode mode,
    struct store **store, struct err *e)
{
	return store_open(store, command_database(c), mode, e);
}

/* ---- reeve hr FILE ---- */

static int
read_as_of(struct command_context *c, const struct hr_arguments *a,
    struct person_import_options *o, struct err *e)
{
	const struct csv_dates dates = { .format = "roc", .offset = o->zone };
	int64_t local = c->now + o->zone;

	o->as_of =
	    local - (local % DAY_SECONDS + DAY_SECONDS) % DAY_SECONDS - o->zone;
	if (a->as_of == NULL)
		return 0;
	if (csv_date(&dates, a->as_of, &o->as_of, e) == -1 ||
	    o->as_of > c->now) {
		if (e->code == ERR_NONE)
			err_set(e, ERR_USAGE, "that day is to come");
		e->code = ERR_USAGE;
		return err_in(e, "--as-of %s", a->as_of);
	}
	return 0;
}

static int
say_result(struct command_context *c, const char *path,
    const struct person_import_result *r)
{
	if (r->state == PERSON_IMPORT_SEEN) {
		fprintf(
		    c->out, _("%s: seen before, nothing is changed\n"), path);
		return STATUS_DONE;
	}
	if (r->state == PERSON_IMPORT_HELD) {
		fprintf(c->err,
		    _("reeve hr: %s: of %lld persons %lld are not in it, and "
		      "none is said to have left; nothing is changed. If "
		      "that is right, --confirm\n"),
		    path, (long long)r->before, (long long)r->gone);
		return STATUS_INCOMPLETE;
	}
	fprintf(c->out,
	    _("%s: %lld persons: %lld new, %lld changed, %lld gone; "
	      "%lld events\n"),
	    path, (long long)r->rows, (long long)r->fresh,
	    (long long)r->changed, (long long)r->gone, (long long)r->events);
	return STATUS_DONE;
}

static int
run_import(
    struct command_context *c, const struct hr_arguments *a, const char *path)
{
	struct source_settings settings;
	struct person_import_options o = {
		.now = c->now, .confirm = a->confirm, .settings = &settings
	};
	struct person_import_result result;
	struct buf rows = buf_new(64u * 1024);
	struct err e = { .code = ERR_NONE };
	struct store *store = NULL;
	int status;

	if (command_csv_settings(c, SECTION, a->encoding, a->zone, &settings,
	        &o.zone, &e) == -1 ||
	    read_as_of(c, a, &o, &e) == -1 ||
	    open_store(c, STORE_WRITE, &store, &e) == -1 ||
	    person_import(store, path, &o, &result, &rows, &e) == -1 ||
	    person_match(store, c->now, &e) == -1) {
		command_say_lines(c->err, buf_string(&rows));
		status = command_fail(c, "hr", &e);
	} else {
		status = say_result(c, path, &result);
	}
	store_close(&store);
	buf_free(&rows);
	return status;
}

/* ---- reeve hr match, unmatch ---- */

static int
run_match(struct command_context *c, const struct hr_arguments *a, int argc,
    char **argv)
{
	struct err e = { .code = ERR_NONE };
	struct store *store = NULL;
	int64_t object;
	int result = -1;

	(void)a;
	if (argc != 2)
		return command_usage(c, &command_hr, "%s",
		    _("an account and an employee number are wanted"));
	if (open_store(c, STORE_WRITE, &store, &e) == 0 &&
	    person_account(store, argv[0], &object, &e) == 0)
		result = person_confirm(store, object, argv[1], c->now, &e);
	store_close(&store);
	return result == -1 ? command_fail(c, "hr match", &e) : STATUS_DONE;
}

static int
run_unmatch(struct command_context *c, const struct hr_arguments *a, int argc,
    char **argv)
{
	struct err e = { .code = ERR_NONE };
	struct store *store = NULL;
	int64_t object;
	int result = -1;

	(void)a;
	if (argc != 1)
		return command_usage(
		    c, &command_hr, "%s", _("an account is wanted"));
	if (open_store(c, STORE_WRITE, &store, &e) == 0 &&
	    person_account(store, argv[0], &object, &e) == 0 &&
	    person_release(store, object, &e) == 0)
		result = person_match(store, c->now, &e);
	store_close(&store);
	return result == -1 ? command_fail(c, "hr unmatch", &e) : STATUS_DONE;
}

/* ---- reeve hr unmatched ---- */

static const struct list_column columns[] = {
	{ "source", N_("Source"), 12 },
	{ "account", N_("Account"), 16 },
	{ "display", N_("Name"), 16 },
	{ "mail", N_("Mail"), 24 },
	{ "employee", N_("Number"), 8 },
	{ "department", N_("Department"), 12 },
	{ "candidates", N_("Fits"), 4 },
	{ "who", N_("Who it might be"), 0 },
	{ NULL, NULL, 0 },
};
#define COLUMN_COUNT (sizeof(columns) / sizeof(columns[0]) - 1)

static int
list_unmatched(struct command_context *c, struct store *store, bool all,
    int64_t *count, struct err *e)
{
	struct statement *s = store_use(store, "hr_unmatched", e);
	struct list *l = NULL;
	int more;

	bind_int(s, ":all", all);
	if (list_begin(&l, c, "unmatched", columns, e) == -1)
		return -1;
	while ((more = store_step(s, e)) == 1) {
		const char *values[COLUMN_COUNT];

		for (int i = 0; i < (int)COLUMN_COUNT; i++)
			values[i] =
			    column_is_null(s, i) ? NULL : column_text(s, i);
		list_row(l, values);
		++*count;
	}
	store_done(s);
	if (more == -1) {
		struct err unused;

		(void)list_end(&l, &unused);
		return -1;
	}
	return list_end(&l, e);
}

static int
run_unmatched(struct command_context *c, const struct hr_arguments *a, int argc,
    char **argv)
{
	struct err e = { .code = ERR_NONE };
	struct store *store = NULL;
	int64_t count = 0;
	int result = -1;

	(void)argv;
	if (argc != 0)
		return command_usage(
		    c, &command_hr, "%s", _("nothing more is wanted"));
	if (open_store(c, STORE_READ, &store, &e) == 0)
		result = list_unmatched(c, store, a->all, &count, &e);
	store_close(&store);
	if (result == -1)
		return command_fail(c, "hr unmatched", &e);
	return count > 0 ? STATUS_FOUND : STATUS_DONE;
}

/* ---- All ---- */

static const struct {
	const char *name;
	int (*run)(struct command_context *, const struct hr_arguments *,
	    int argc, char **argv);
} subcommands[] = {
	{ "match", run_match },
	{ "unmatch", run_unmatch },
	{ "unmatched", run_unmatched },
};

enum { OPT_AS_OF = 1, OPT_ZONE, OPT_ENCODING, OPT_CONFIRM, OPT_ALL };

static const struct option options[] = {
	{ "as-of", required_argument, NULL, OPT_AS_OF },
	{ "zone", required_argument, NULL, OPT_ZONE },
	{ "encoding", required_argument, NULL, OPT_ENCODING },
	{ "confirm", no_argument, NULL, OPT_CONFIRM },
	{ "all", no_argument, NULL, OPT_ALL },
	{ NULL, 0, NULL, 0 },
};

static int
read_options(struct hr_arguments *a, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case OPT_AS_OF:
			a->as_of = optarg;
			break;
		case OPT_ZONE:
			a->zone = optarg;
			break;
		case OPT_ENCODING:
			a->encoding = optarg;
			break;
		case OPT_CONFIRM:
			a->confirm = true;
			break;
		case OPT_ALL:
			a->all = true;
			break;
		default:
			return -1;
		}
	return 0;
}

static int
run(struct command_context *c, int argc, char **argv)
{
	struct hr_arguments a = { .as_of = NULL };

	if (read_options(&a, argc, argv) == -1)
		return command_usage(
		    c, &command_hr, "%s", _("see reeve hr --help"));
	if (optind == argc)
		return command_usage(
		    c, &command_hr, "%s", _("no file is named"));
	for (size_t i = 0; i < sizeof(subcommands) / sizeof(subcommands[0]);
	     i++)
		if (strcmp(subcommands[i].name, argv[optind]) == 0)
			return subcommands[i].run(
			    c, &a, argc - optind - 1, argv + optind + 1);
	if (argc - optind != 1)
		return command_usage(
		    c, &command_hr, "%s", _("one file is wanted"));
	return run_import(c, &a, argv[optind]);
}

const struct command command_hr = {
	.name = "hr",
	.arguments =
	    "[--as-of DAY] [--zone +08:00] [--encoding BIG5] "
	    "[--confirm] FILE | match ACCOUNT NUMBER | unmatch ACCOUNT "
	    "| unmatched [--all]",
	.summary = N_("import personnel; say whose an account is"),
	.help = N_(
	    "FILE is CSV, all of personnel on one day. Columns, by these or "
	    "Chinese names:\nemployee, name, department, title, manager, mail, "
	    "status (active, absent, left),\nhired, left, absent, effective, "
	    "contract, contract_end, kind (staff, vendor).\nDates are ISO 8601 "
	    "or of the Republic. National identity numbers are refused.\n\n"
	    "  match      says whose an account is, for good\n"
	    "  unmatch    takes that back\n"
	    "  unmatched  lists accounts that are nobody's for certain\n\n"
	    "  --as-of DAY    the day the file speaks of; default: today\n"
	    "  --zone +08:00  of its dates; default: this machine's\n"
	    "  --encoding E   of the file: UTF-8, BIG5\n"
	    "  --confirm      though more than a tenth, or than 20, are gone\n"
	    "  --all          disabled accounts, too\n"),
	.run = run,
	.writes = true,
};
