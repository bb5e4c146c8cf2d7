/*
 * reeve acts: what was signed, by whom, and what waits for a second person.
 */
#include <getopt.h>
#include <string.h>
#include <time.h>

#include "review/act_internal.h"
#include "review/command.h"
#include "review/command_acts.h"
#include "schema/base/enc.h"
#include "schema/message.h"

extern const struct command command_acts;

#define NUMBER_SIZE 24

enum { OPT_WAITING = 1, OPT_TEXT, OPT_SIGNATURE, OPT_ROWS };

static const struct option options[] = {
	{ "waiting", no_argument, NULL, OPT_WAITING },
	{ "text", no_argument, NULL, OPT_TEXT },
	{ "signature", no_argument, NULL, OPT_SIGNATURE },
	{ "rows", required_argument, NULL, OPT_ROWS },
	{ NULL, 0, NULL, 0 },
};

struct arguments {
	bool waiting;
	int part; /* of one act: OPT_TEXT, OPT_SIGNATURE, OPT_ROWS; 0: all */
	const char *table;
	int64_t act; /* 0: all */
};

/* ---- The list ---- */

static const struct list_column columns[] = {
	{ "act", N_("Act"), 6 },
	{ "at", N_("Time"), 20 },
	{ "kind", N_("What"), 15 },
	{ "signer", N_("Signed by"), 16 },
	{ "state", N_("State"), 8 },
	{ "second", N_("Second person"), 0 },
	{ NULL, NULL, 0 },
};

/* Columns of act_list. */
enum {
	LIST_ID,
	LIST_AT,
	LIST_KIND,
	LIST_NAME,
	LIST_VERDICT,
	LIST_SECOND,
	LIST_SELF
};

/* Of what each act of its kind must have, or this one. 1, 0, -1. */
static int
wants_second(struct store *store, const char *name, int64_t act, bool self,
    struct err *e)
{
	const struct act_kind *kind = act_kind_find(name);
	struct statement *st;
	int found;

	if (kind == NULL || self)
		return 0;
	if (kind->need == ACT_SECOND || kind->wants == NULL)
		return kind->need == ACT_SECOND;
	st = store_use(store, kind->wants, e);
	bind_int(st, ":act", act);
	found = store_step(st, e);
	store_done(st);
	return found;
}

static int
list_one(struct store *store, struct list *l, struct statement *st,
    bool only_waiting, struct err *e)
{
	char id[NUMBER_SIZE], at[NUMBER_SIZE] = "";
	const char *verdict = column_text(st, LIST_VERDICT);
	time_t time = (time_t)column_int(st, LIST_AT);
	struct tm tm;
	int wants = 0;

	if (verdict == NULL)
		wants = wants_second(store, column_text(st, LIST_KIND),
		    column_int(st, LIST_ID), column_int(st, LIST_SELF) != 0, e);
	if (wants == -1 || (only_waiting && wants == 0))
		return wants;
	(void)snprintf(
	    id, sizeof(id), "%lld", (long long)column_int(st, LIST_ID));
	if (gmtime_r(&time, &tm) != NULL)
		(void)strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%SZ", &tm);
	list_row(l,
	    (const char *const[]){ id, at, column_text(st, LIST_KIND),
	        column_text(st, LIST_NAME),
	        verdict != NULL  ? verdict
	            : wants == 1 ? "waiting"
	                         : "done",
	        column_text(st, LIST_SECOND) });
	return 0;
}

static int
list_all(
    struct command_context *c, struct store *store, bool waiting, struct err *e)
{
	struct statement *st = store_use(store, "act_list", e);
	struct list *l = NULL;
	int more;

	if (list_begin(&l, c, "acts", columns, e) == -1)
		return -1;
	bind_int(st, ":first", 1);
	while ((more = store_step(st, e)) == 1)
		if (list_one(store, l, st, waiting, e) == -1) {
			more = -1;
			break;
		}
	store_done(st);
	if (list_end(&l, e) == -1)
		return -1;
	return more;
}

/* ---- One act ---- */

#define ROWS_SHOWN 50 /* of a table, before somebody approves */

struct rows {
	struct command_context *context;
	bool raw;
	int64_t most; /* 0: all */
};

static int
print_row(
    void *context, int64_t row, const char *text, size_t length, struct err *e)
{
	struct rows *r = context;

	(void)length;
	if (r->most != 0 && row >= r->most)
		return 0;
	if (!r->raw)
		command_say(r->context->out, text);
	else if (fputs(text, r->context->out) == EOF)
		return err_set(
		    e, ERR_SYS, "standard output could not be written");
	fputc('\n', r->context->out);
	return 0;
}

static int
print_table(struct command_context *c, struct store *store, const char *table,
    int64_t act, bool raw, struct err *e)
{
	struct rows rows = { .context = c, .raw = raw };
	struct act_digest digest;

	if (!raw)
		fprintf(c->out, "\n%s\n", table);
	return act_digest_rows(store, table, act, &digest, print_row, &rows, e);
}

static int
print_tables(struct command_context *c, struct store *store,
    const struct arguments *a, const struct act_kind *kind, struct err *e)
{
	bool found = false;

	for (size_t i = 0; i < ACT_TABLES && kind->tables[i] != NULL; i++) {
		if (a->table != NULL && strcmp(a->table, kind->tables[i]) != 0)
			continue;
		found = true;
		if (print_table(c, store, kind->tables[i], a->act,
		        a->table != NULL, e) == -1)
			return -1;
	}
	return found ? 0
	             : err_set(e, ERR_USAGE,
	                   _("act %lld (%s) has no rows of a table %s"),
	                   (long long)a->act, kind->name, a->table);
}

int
acts_show(
    struct command_context *c, struct store *store, int64_t act, struct err *e)
{
	struct statement *st = store_use(store, "act_get", e);
	const struct act_kind *kind = NULL;
	int found;

	bind_int(st, ":id", act);
	if ((found = store_step(st, e)) == 1) {
		const char *name = column_text(st, 7);

		kind = act_kind_find(column_text(st, 2));
		fprintf(c->out, _("Act %lld, %s, by "), (long long)act,
		    column_text(st, 2));
		command_say(c->out, name == NULL ? "reeve" : name);
		fputc('\n', c->out);
	}
	store_done(st);
	if (found != 1 || kind == NULL)
		return found == -1
		    ? -1
		    : err_set(e, ERR_USAGE, _("there is no act %lld"),
		          (long long)act);
	for (size_t i = 0; i < ACT_TABLES && kind->tables[i] != NULL; i++) {
		struct rows rows = { .context = c, .most = ROWS_SHOWN };
		struct act_digest d;

		if (act_digest_rows(store, kind->tables[i], act, &d, print_row,
		        &rows, e) == -1)
			return -1;
		if (d.rows > ROWS_SHOWN)
			fprintf(c->out,
			    _("... %lld more: reeve acts %lld --rows %s\n"),
			    (long long)d.rows - ROWS_SHOWN, (long long)act,
			    kind->tables[i]);
	}
	return 0;
}

/* As it was signed, byte for byte, where one part is asked for. */
static int
print_one(struct command_context *c, struct store *store,
    const struct arguments *a, struct err *e)
{
	struct statement *st = store_use(store, "act_get", e);
	const struct act_kind *kind = NULL;
	int found;

	bind_int(st, ":id", a->act);
	if ((found = store_step(st, e)) == 1) {
		kind = act_kind_find(column_text(st, 2));
		if (a->part == 0 || a->part == OPT_TEXT)
			fputs(column_text(st, 4), c->out);
		if (a->part == 0)
			fputc('\n', c->out);
		if (a->part == 0 || a->part == OPT_SIGNATURE)
			fputs(column_text(st, 5), c->out);
	}
	store_done(st);
	if (found == 0 || (found == 1 && kind == NULL))
		return err_set(
		    e, ERR_USAGE, _("there is no act %lld"), (long long)a->act);
	if (found == 1 && (a->part == 0 || a->part == OPT_ROWS))
		return print_tables(c, store, a, kind, e);
	return found == 1 ? 0 : -1;
}

/* ---- The command ---- */

static int
read_arguments(
    struct command_context *c, int argc, char **argv, struct arguments *a)
{
	uint64_t number = 0;
	struct err e;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case OPT_WAITING:
			a->waiting = true;
			break;
		case OPT_ROWS:
			a->table = optarg;
			a->part = option;
			break;
		case OPT_TEXT:
		case OPT_SIGNATURE:
			a->part = option;
			break;
		default:
			return command_usage(
			    c, &command_acts, _("no such option"));
		}
	if (optind < argc &&
	    (optind + 1 < argc || a->waiting ||
	        enc_number(argv[optind], strlen(argv[optind]), INT64_MAX,
	            &number, &e) == -1 ||
	        number == 0))
		return command_usage(c, &command_acts,
		    _("the number of one act is wanted, or none"));
	a->act = (int64_t)number;
	if (a->act == 0 && a->part != 0)
		return command_usage(c, &command_acts,
		    _("--text, --signature and --rows are of one act"));
	return STATUS_DONE;
}

static int
run(struct command_context *c, int argc, char **argv)
{
	struct arguments a = { 0 };
	struct store *store = NULL;
	struct err e = { .code = ERR_NONE };
	int status = read_arguments(c, argc, argv, &a);

	if (status != STATUS_DONE)
		return status;
	if (store_open(&store, command_database(c), STORE_READ, &e) == -1 ||
	    (a.act == 0 ? list_all(c, store, a.waiting, &e)
	                : print_one(c, store, &a, &e)) == -1)
		status = command_fail(c, "acts", &e);
	store_close(&store);
	return status;
}

const struct command command_acts = {
	.name = "acts",
	.arguments = "[--waiting] | ACT [--text | --signature | --rows TABLE]",
	.summary = N_("list what was signed, and what waits for approval"),
	.help =
	    N_("  --waiting     only what a second person has to approve\n"
	       "  ACT           what that act says: its text, signature and "
	       "rows\n"
	       "  --text, --signature, --rows TABLE\n"
	       "                one of these, byte for byte: see "
	       "reeve-acts(5)\n\n"
	       "Example: reeve acts --waiting\n"),
	.run = run,
};
