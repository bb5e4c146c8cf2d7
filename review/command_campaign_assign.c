/*
 * reeve campaign assign.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "review/command_campaign.h"
#include "review/csv.h"
#include "review/pool.h"
#include "schema/message.h"

extern const struct command_word campaign_command_assign;

#define RECEIPT_MAX 256u
#define RULES_MAX   100000u             /* lines of a list */
#define POOL_SIZE   (64u * 1024 * 1024) /* bytes of its texts */

enum { OPT_LIST = 1, OPT_AGAIN };

static const struct option options[] = {
	{ "list", required_argument, NULL, OPT_LIST },
	{ "again", no_argument, NULL, OPT_AGAIN },
	{ NULL, 0, NULL, 0 },
};

struct rules {
	struct pool pool; /* of the texts */
	struct campaign_rule *rows;
	size_t count;
};

static void
rules_free(struct rules *r)
{
	free(r->rows);
	pool_free(&r->pool);
	memset(r, 0, sizeof(*r));
}

/* ---- The list ---- */

enum { LIST_WHAT, LIST_VALUE, LIST_REVIEWER, LIST_COLUMNS };

static const struct csv_field fields[LIST_COLUMNS] = {
	{ "what", "種類", true },
	{ "value", "對象", true },
	{ "reviewer", "審查人|employee", true },
};

static const char *
copy_cell(struct rules *r, const struct csv *csv, size_t place)
{
	const char *text = csv_at(csv, place);

	return pool_text(&r->pool, text, strlen(text));
}

static int
add_rule(
    struct rules *r, const struct csv *csv, const size_t *place, struct err *e)
{
	struct campaign_rule *more;

	if (r->count == RULES_MAX)
		return err_set(
		    e, ERR_LIMIT, _("more than %u lines"), RULES_MAX);
	more = realloc(r->rows, (r->count + 1) * sizeof(*more));
	if (more == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	r->rows = more;
	more[r->count++] = (struct campaign_rule){
		.what = copy_cell(r, csv, place[LIST_WHAT]),
		.value = copy_cell(r, csv, place[LIST_VALUE]),
		.employee = copy_cell(r, csv, place[LIST_REVIEWER]),
	};
	return r->pool.failed ? err_set(e, ERR_MEMORY, "out of memory") : 0;
}

static int
read_rules(struct rules *r, const char *path, struct err *e)
{
	static const struct csv_form form = { ",", "UTF-8" };
	static const struct conf_list none = { .count = 0 };
	size_t place[LIST_COLUMNS];
	struct csv *csv = NULL;
	enum csv_row row = CSV_END;
	int status = -1;

	if (csv_open(&csv, path, &form, e) == -1)
		return -1;
	if (csv_map(csv, fields, LIST_COLUMNS, &none, place, e) == -1)
		goto out;
	while ((row = csv_next(csv, e)) == CSV_GOOD)
		if (add_rule(r, csv, place, e) == -1)
			goto out;
	status = row == CSV_END ? 0 : -1;
out:
	csv_free(&csv);
	return status;
}

/* ---- The command ---- */

struct assigning {
	struct command_context *context;
	struct store *store;
	struct campaign campaign;
	enum assign_mode mode;
	struct rules rules;
	int64_t act;
};

static int
assign(struct assigning *a, struct buf *receipt, struct err *e)
{
	struct act_how how = act_how(a->context);
	struct act *act = NULL;
	char profile[128];

	if (campaign_profile(
	        a->store, a->context, a->campaign.id, profile, e) == -1 ||
	    act_begin(&act, a->store, "assign", &how, e) == -1)
		return -1;
	a->act = act_number(act);
	if (campaign_assign(act, a->store, profile, a->campaign.id, a->mode,
	        a->rules.rows, a->rules.count, e) == -1 ||
	    act_commit(&act, receipt, e) == -1) {
		act_cancel(&act);
		return -1;
	}
	return 0;
}

static int
run_assigning(struct assigning *a, const char *name, const char *list)
{
	struct command_context *c = a->context;
	struct buf receipt = buf_new(RECEIPT_MAX);
	struct err e = { .code = ERR_NONE };
	int status = STATUS_DONE;

	if ((list != NULL && read_rules(&a->rules, list, &e) == -1) ||
	    store_open(&a->store, command_database(c), STORE_WRITE, &e) == -1 ||
	    campaign_need(a->store, name, NEED_FROZEN, &a->campaign, &e) ==
	        -1 ||
	    assign(a, &receipt, &e) == -1 ||
	    campaign_say_assigned(a->store, c, a->act, &e) == -1)
		status = campaign_fail(c, "assign", &e);
	campaign_say_receipt(c, &receipt);
	buf_free(&receipt);
	return status;
}

static int
run_assign(struct command_context *c, int argc, char **argv)
{
	struct assigning a = { .context = c,
		.rules = { .pool = pool_new(POOL_SIZE) } };
	const char *list = NULL;
	int option, status;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case OPT_LIST:
			list = optarg;
			break;
		case OPT_AGAIN:
			a.mode = ASSIGN_AGAIN;
			break;
		default:
			return campaign_usage(c, &campaign_command_assign, "%s",
			    _("no such option"));
		}
	if (argc - optind > 1)
		return campaign_usage(c, &campaign_command_assign,
		    _("one campaign, or the only open one"));
	status = run_assigning(&a, argv[optind], list);
	rules_free(&a.rules);
	store_close(&a.store);
	return status;
}

const struct command_word campaign_command_assign = {
	.name = "assign",
	.arguments = "[CAMPAIGN] [--list FILE] [--again]",
	.summary = N_("give each question to somebody who may decide it"),
	.help = N_(
	    "In turn: the list, the holder's manager, the account's owner (who "
	    "has\n"
	    "confirmed to be that), the system's, the right's, managers "
	    "above, the\n"
	    "campaign's fallback. Never the holder, nor who asked for the "
	    "grant or\n"
	    "approved it, nor who left.\n\n"
	    "--list   CSV with the columns what (right, department, person, "
	    "source,\n"
	    "         account), value, reviewer (an employee number)\n"
	    "--again  all that is undecided; else what nobody has\n\n"
	    "Example: reeve campaign assign 2026Q4 --list owners.csv\n"),
	.run = run_assign,
};
