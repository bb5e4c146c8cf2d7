#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "review/command.h"
#include "review/command_csv.h"
#include "review/controls.h"
#include "review/register.h"
#include "review/store.h"
#include "schema/message.h"

#define SECTION "register" /* [source register] says how files are written */

extern const struct command command_register;

struct register_arguments {
	const char *kind, *zone, *encoding;
	bool empty;
};

/* The strictest that the profiles in force give. */
static int
load_exception_days(struct command_context *c, int64_t *days, struct err *e)
{
	struct controls *controls = NULL;
	struct enforced enforced;
	const char *from;
	int result = -1;

	if (controls_load(&controls, e) == -1)
		return -1;
	if (controls_enforce(controls, c->config->profile, &enforced, e) == 0)
		for (size_t i = 0; i < controls_threshold_count(controls); i++)
			if (strcmp(controls_threshold_at(controls, i)->name,
			        "exception_days") == 0) {
				*days = (int64_t)controls_value(
				    controls, &enforced, i, &from);
				result = 0;
			}
	if (result == -1 && e->code == ERR_NONE)
		err_set(e, ERR_CONFIG, "exception_days is no threshold");
	controls_free(&controls);
	return result;
}

static void
say_result(struct command_context *c, const char *path,
    const struct register_result *r)
{
	if (!r->changed)
		fprintf(c->out, _("%s: %s: %lld rows, nothing is changed\n"),
		    path, r->kind, (long long)r->rows);
	else
		fprintf(c->out,
		    _("%s: %s: %lld rows: %lld new, %lld as before, "
		      "%lld ended\n"),
		    path, r->kind, (long long)r->rows, (long long)r->fresh,
		    (long long)r->kept, (long long)r->ended);
}

static int
import(struct command_context *c, const struct register_arguments *a,
    const char *path)
{
	struct source_settings settings;
	struct register_options o = { .now = c->now,
		.kind = a->kind,
		.empty = a->empty,
		.settings = &settings };
	struct register_result result;
	struct buf rows = buf_new(64u * 1024);
	struct err e = { .code = ERR_NONE };
	struct store *store = NULL;
	int status = STATUS_DONE;

	if (command_csv_settings(c, SECTION, a->encoding, a->zone, &settings,
	        &o.zone, &e) == -1 ||
	    load_exception_days(c, &o.exception_days, &e) == -1 ||
	    store_open(&store, command_database(c), STORE_WRITE, &e) == -1 ||
	    register_import(store, path, &o, &result, &rows, &e) == -1) {
		command_say_lines(c->err, buf_string(&rows));
		status = command_fail(c, "register", &e);
	} else {
		say_result(c, path, &result);
	}
	store_close(&store);
	buf_free(&rows);
	return status;
}

enum { OPT_KIND = 1, OPT_ZONE, OPT_ENCODING, OPT_EMPTY };

static const struct option options[] = {
	{ "kind", required_argument, NULL, OPT_KIND },
	{ "zone", required_argument, NULL, OPT_ZONE },
	{ "encoding", required_argument, NULL, OPT_ENCODING },
	{ "empty", no_argument, NULL, OPT_EMPTY },
	{ NULL, 0, NULL, 0 },
};

static int
run(struct command_context *c, int argc, char **argv)
{
	struct register_arguments a = { .kind = NULL };
	int option, status = STATUS_DONE;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case OPT_KIND:
			a.kind = optarg;
			break;
		case OPT_ZONE:
			a.zone = optarg;
			break;
		case OPT_ENCODING:
			a.encoding = optarg;
			break;
		case OPT_EMPTY:
			a.empty = true;
			break;
		default:
			return command_usage(c, &command_register, "%s",
			    _("see reeve register --help"));
		}
	if (optind == argc)
		return command_usage(
		    c, &command_register, "%s", _("no file is named"));
	for (int i = optind; i < argc; i++)
		status = command_worse(status, import(c, &a, argv[i]));
	return status;
}

const struct command command_register = {
	.name = "register",
	.arguments = "[--kind KIND] [--zone +08:00] [--encoding BIG5] "
	             "[--empty] FILE...",
	.summary =
	    N_("import what no directory knows: approvals, systems, ..."),
	.help = N_(
	    "FILE is CSV and all of its register: rows it no longer has end. "
	    "Approvals are\nadded instead. Without --kind the header tells "
	    "which it is; names of columns may\nbe Chinese. * must be "
	    "there.\n\n"
	    "  approvals     ticket* requester approver account* right "
	    "not_before not_after\n"
	    "  systems       name* class* (core, other) owner tags source "
	    "host\n"
	    "  rights        right* name_en name_zh owner privileged\n"
	    "  workstations  host* address person shared\n"
	    "  contracts     contract* vendor sponsor ends\n"
	    "  sod           name* first* second* reason\n"
	    "  accounts      kind* (privileged, shared, service, temporary) "
	    "account* source\n"
	    "                owner purpose approver ends confirmed\n"
	    "  exceptions    rule* account* source reason* compensation "
	    "approver* ends*\n\n"
	    "  --kind K       one of these, or a kind of account\n"
	    "  --zone +08:00  of its dates; default: this machine's\n"
	    "  --encoding E   of the file: UTF-8, BIG5\n"
	    "  --empty        though FILE has no row\n"),
	.run = run,
	.writes = true,
};
