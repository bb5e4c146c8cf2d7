/*
 * reeve campaign status.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "review/command_campaign.h"
#include "review/decision.h"
#include "schema/message.h"

extern const struct command_word campaign_command_status;

#define TEXT_ROOM 4096u

enum { OPT_BY = 1 };

static const struct option options[] = {
	{ "by", required_argument, NULL, OPT_BY },
	{ NULL, 0, NULL, 0 },
};

struct status {
	struct command_context *context;
	struct store *store;
	struct campaign campaign;
	char profile[128];
};

/* ---- By reviewer ---- */

static const struct list_column reviewer_columns[] = {
	{ "reviewer", N_("Reviewer"), 10 },
	{ "name", N_("Name"), 12 },
	{ "department", N_("Department"), 12 },
	{ "questions", N_("Questions"), 9 },
	{ "undecided", N_("Undecided"), 9 },
	{ "waiting", N_("To approve"), 10 },
	{ "keeps", N_("Kept"), 9 },
	{ "median", N_("Seconds"), 8 },
	{ "remark", N_("Remark"), 0 },
	{ NULL, NULL, 0 },
};

static const char *
remark_of(const struct status *st, struct statement *s)
{
	bool text = st->context->format == FORMAT_TEXT;

	if (column_int(s, column_of(s, "stamped")) != 0)
		return text ? _("as if rubber-stamped") : "stamped";
	if (column_int(s, column_of(s, "undecided")) > 0 &&
	    st->context->now >= st->campaign.due)
		return text ? _("overdue") : "overdue";
	return "";
}

static void
reviewer_row(struct status *st, struct list *l, struct statement *s)
{
	char questions[NUMBER_SIZE], undecided[NUMBER_SIZE],
	    waiting[NUMBER_SIZE], keeps[2 * NUMBER_SIZE],
	    median[NUMBER_SIZE] = "";
	const char *reviewer = column_text(s, column_of(s, "reviewer"));
	const char *seconds = column_text(s, column_of(s, "median"));
	bool nobody = *reviewer == '\0' && st->context->format == FORMAT_TEXT;
	const char *const values[] = { nobody ? _("(nobody)") : reviewer,
		column_text(s, column_of(s, "name")),
		column_text(s, column_of(s, "department")),
		campaign_number(
		    questions, column_int(s, column_of(s, "questions"))),
		campaign_number(
		    undecided, column_int(s, column_of(s, "undecided"))),
		campaign_number(
		    waiting, column_int(s, column_of(s, "waiting"))),
		keeps, median, remark_of(st, s) };

	(void)snprintf(keeps, sizeof(keeps), "%lld/%lld",
	    (long long)column_int(s, column_of(s, "keeps")),
	    (long long)column_int(s, column_of(s, "decisions")));
	if (seconds != NULL)
		(void)snprintf(median, sizeof(median), "%.8s", seconds);
	list_row(l, values);
}

static int
bind_stamp(const struct status *st, struct statement *s, struct err *e)
{
	double decisions, seconds;

	if (view_threshold(
	        st->profile, "rubber_stamp_decisions", &decisions, e) == -1 ||
	    view_threshold(st->profile, "rubber_stamp_seconds", &seconds, e) ==
	        -1)
		return -1;
	bind_int(s, ":rubber_stamp_decisions", (int64_t)decisions);
	bind_int(s, ":rubber_stamp_seconds", (int64_t)seconds);
	return 0;
}

static int
show_reviewers(struct status *st, struct err *e)
{
	struct statement *s = store_use(st->store, "progress_reviewers", e);
	struct list *l = NULL;
	int more;

	if (s == NULL || bind_stamp(st, s, e) == -1 ||
	    list_begin(&l, st->context, "reviewers", reviewer_columns, e) == -1)
		return -1;
	while ((more = store_step(s, e)) == 1)
		reviewer_row(st, l, s);
	return list_end(&l, e) == -1 || more == -1 ? -1 : 0;
}

/* ---- By department, by decision ---- */

static const struct list_column department_columns[] = {
	{ "department", N_("Department"), 20 },
	{ "reviewers", N_("Reviewers"), 9 },
	{ "questions", N_("Questions"), 9 },
	{ "items", N_("Items"), 9 },
	{ "undecided", N_("Undecided"), 9 },
	{ "waiting", N_("To approve"), 0 },
	{ NULL, NULL, 0 },
};

static const struct list_column decision_columns[] = {
	{ "decision", N_("Decision"), 12 },
	{ "grade", N_("Grade"), 12 },
	{ "items", N_("Items"), 9 },
	{ "grouped", N_("Of several"), 10 },
	{ "effective", N_("In effect"), 0 },
	{ NULL, NULL, 0 },
};

static const char *
grade_text(const char *grade)
{
	static const struct {
		const char *word, *text;
	} texts[] = {
		{ "signed", N_("signed") },
		{ "coded", N_("coded") },
		{ "transcribed", N_("transcribed") },
		{ "silent", N_("nobody answered") },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(texts[i].word, grade) == 0)
			return _(texts[i].text);
	return grade;
}

/* A column of a statement that a list has by the same name. */
static const char *
cell(const struct status *st, struct statement *s, const char *name)
{
	const char *text = column_text(s, column_of(s, name));

	if (text == NULL || st->context->format != FORMAT_TEXT)
		return text;
	if (strcmp(name, "grade") == 0)
		return grade_text(text);
	if (strcmp(name, "decision") == 0)
		return decision_title(
		    decision_find(text, strlen(text)), st->context->zh);
	return text;
}

static int
show_list(struct status *st, const char *statement, const char *what,
    const struct list_column *columns, struct err *e)
{
	struct statement *s = store_use(st->store, statement, e);
	const char *values[8];
	struct list *l = NULL;
	int more;

	if (s == NULL || list_begin(&l, st->context, what, columns, e) == -1)
		return -1;
	while ((more = store_step(s, e)) == 1) {
		for (size_t i = 0; columns[i].name != NULL; i++)
			values[i] = cell(st, s, columns[i].name);
		list_row(l, values);
	}
	return list_end(&l, e) == -1 || more == -1 ? -1 : 0;
}

/* ---- What keeps it from closing ---- */

static const struct list_column block_columns[] = {
	{ "what", N_("What"), 10 },
	{ "who", N_("Who"), 16 },
	{ "host", N_("Host"), 16 },
	{ "count", N_("Number"), 7 },
	{ "text", N_("Why it can't be closed"), 0 },
	{ NULL, NULL, 0 },
};

void
campaign_block_text(const struct campaign_block *block, char *out, size_t size)
{
	if (strcmp(block->what, "source") == 0)
		campaign_reason_text(
		    block->why, block->accounts, block->rights, out, size);
	else if (strcmp(block->what, "missing") == 0)
		(void)snprintf(out, size, "%s",
		    _("more hosts are let through than may be"));
	else if (strcmp(block->what, "nobody") == 0)
		(void)snprintf(out, size, "%s",
		    _("questions that nobody may decide: assign, or name a "
		      "--list"));
	else if (strcmp(block->what, "undecided") == 0)
		(void)snprintf(out, size, "%s", _("questions are undecided"));
	else
		(void)snprintf(out, size,
		    _("items have no effect until a second person runs: "
		      "reeve approve %lld"),
		    (long long)block->act);
}

static void
block_row(void *context, const struct campaign_block *block)
{
	char count[NUMBER_SIZE], text[TEXT_ROOM];
	const char *const values[] = { block->what, block->who, block->host,
		campaign_number(count, block->count), text };

	campaign_block_text(block, text, sizeof(text));
	list_row(context, values);
}

static int
show_blocks(struct status *st, struct err *e)
{
	struct list *l = NULL;
	int64_t count;
	int status;

	if (list_begin(&l, st->context, "blocking", block_columns, e) == -1)
		return -1;
	status = campaign_blocks(
	    st->store, st->profile, st->campaign.id, block_row, l, &count, e);
	return list_end(&l, e) == -1 ? -1 : status;
}

/* ---- What it is of ---- */

static const struct list_column scope_columns[] = {
	{ "n", N_("Line"), 5 },
	{ "include", N_("Scope"), 8 },
	{ "what", N_("What"), 10 },
	{ "value", N_("Value"), 20 },
	{ "reason", N_("Reason"), 0 },
	{ NULL, NULL, 0 },
};

static int
show_scope(struct status *st, struct err *e)
{
	bool text = st->context->format == FORMAT_TEXT;
	struct statement *s = store_use(st->store, "campaign_scope_rows", e);
	struct list *l = NULL;
	int more;

	bind_int(s, ":campaign", st->campaign.id);
	if (s == NULL ||
	    list_begin(&l, st->context, "scope", scope_columns, e) == -1)
		return -1;
	while ((more = store_step(s, e)) == 1) {
		bool include = column_int(s, column_of(s, "include")) != 0;
		const char *const values[] = { column_text(
			                           s, column_of(s, "n")),
			!text         ? (include ? "include" : "exclude")
			    : include ? _("only")
			              : _("without"),
			column_text(s, column_of(s, "what")),
			column_text(s, column_of(s, "value")),
			column_text(s, column_of(s, "reason")) };

		list_row(l, values);
	}
	return list_end(&l, e) == -1 || more == -1 ? -1 : 0;
}

/* ---- The command ---- */

static int
show_departments(struct status *st, struct err *e)
{
	return show_list(
	    st, "progress_departments", "departments", department_columns, e);
}

static int
show_decisions(struct status *st, struct err *e)
{
	return show_list(
	    st, "progress_decisions", "decisions", decision_columns, e);
}

static const struct view_of {
	const char *name;
	int (*show)(struct status *, struct err *);
} views[] = {
	{ "reviewer", show_reviewers },
	{ "department", show_departments },
	{ "decision", show_decisions },
	{ "blocking", show_blocks },
	{ "scope", show_scope },
};
#define VIEWS (sizeof(views) / sizeof(views[0]))

static const struct view_of *
find_view(const char *name)
{
	for (size_t i = 0; i < VIEWS; i++)
		if (strcmp(views[i].name, name) == 0)
			return &views[i];
	return NULL;
}

static int
show_head(const struct status *st, struct err *e)
{
	struct statement *s = store_use(st->store, "campaign_freeze_row", e);
	char due[TIME_SIZE];
	const char *end = st->campaign.end;
	int more;

	fprintf(st->context->out, _("%s: %s; due %s\n"), st->campaign.name,
	    *end == '\0'                     ? _("open")
	        : strcmp(end, "closed") == 0 ? _("closed")
	                                     : _("cancelled"),
	    campaign_when(due, st->campaign.due - 1));
	bind_int(s, ":campaign", st->campaign.id);
	if ((more = store_step(s, e)) == 1)
		fprintf(st->context->out,
		    _("%lld accounts in the campaign, %lld left out, and %lld "
		      "rights of others\n"),
		    (long long)column_int(s, column_of(s, "accounts")),
		    (long long)column_int(s, column_of(s, "excluded")),
		    (long long)column_int(s, column_of(s, "excluded_rights")));
	store_done(s);
	fputc('\n', st->context->out);
	return more;
}

static int
show_all(struct status *st, struct err *e)
{
	if (show_head(st, e) == -1)
		return -1;
	for (size_t i = 0; i < VIEWS; i++) {
		if (i > 0)
			fputc('\n', st->context->out);
		if (views[i].show(st, e) == -1)
			return -1;
	}
	return 0;
}

/* Without a view: all of them to people, reviewers to programs. */
static int
show(struct status *st, const struct view_of *by, struct err *e)
{
	if (by != NULL)
		return by->show(st, e);
	return st->context->format == FORMAT_TEXT ? show_all(st, e)
	                                          : show_reviewers(st, e);
}

static int
run_shown(struct status *st, const char *name, const struct view_of *by)
{
	struct command_context *c = st->context;
	struct err e = { .code = ERR_NONE };
	struct view *view = NULL;
	int status = -1;

	if (store_open(&st->store, command_database(c), STORE_READ, &e) == 0 &&
	    campaign_find(st->store, name, &st->campaign, &e) == 0 &&
	    campaign_profile(st->store, c, st->campaign.id, st->profile, &e) ==
	        0 &&
	    campaign_progress(
	        &view, st->store, st->profile, st->campaign.id, &e) == 0)
		status = show(st, by, &e);
	if (campaign_progress_end(&view, &e) == -1)
		status = -1;
	return status == -1 ? campaign_fail(c, "status", &e) : STATUS_DONE;
}

static int
run_status(struct command_context *c, int argc, char **argv)
{
	struct status st = { .context = c };
	const struct view_of *by = NULL;
	int option, status;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (option != OPT_BY || (by = find_view(optarg)) == NULL)
			return campaign_usage(c, &campaign_command_status,
			    _("--by reviewer, department, decision, blocking "
			      "or scope"));
	if (argc - optind > 1)
		return campaign_usage(c, &campaign_command_status,
		    _("one campaign, or the only open one"));
	status = run_shown(&st, argv[optind], by);
	store_close(&st.store);
	return status;
}

const struct command_word campaign_command_status = {
	.name = "status",
	.arguments =
	    "[CAMPAIGN] [--by reviewer|department|decision|blocking|scope]",
	.summary = N_("how far it is, and what keeps it from closing"),
	.help = N_("Example: reeve --format csv campaign status --by "
	           "blocking\n"),
	.run = run_status,
};
