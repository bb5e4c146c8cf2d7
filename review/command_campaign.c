/*
 * reeve campaign: a table of its subcommands.
 */
#include "review/command_campaign.h"

#include <getopt.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include "review/command_csv.h"
#include "review/csv.h"
#include "schema/message.h"

extern const struct command command_campaign;

/* A subcommand is added here: its declaration and its line. */
extern const struct command_word campaign_command_assign;
extern const struct command_word campaign_command_cancel;
extern const struct command_word campaign_command_close;
extern const struct command_word campaign_command_deputy;
extern const struct command_word campaign_command_escalate;
extern const struct command_word campaign_command_export;
extern const struct command_word campaign_command_freeze;
extern const struct command_word campaign_command_import;
extern const struct command_word campaign_command_list;
extern const struct command_word campaign_command_missing;
extern const struct command_word campaign_command_open;
extern const struct command_word campaign_command_reassign;
extern const struct command_word campaign_command_remind;
extern const struct command_word campaign_command_status;

static const struct command_word *const words[] = {
	&campaign_command_open,
	&campaign_command_freeze,
	&campaign_command_assign,
	&campaign_command_reassign,
	&campaign_command_deputy,
	&campaign_command_export,
	&campaign_command_import,
	&campaign_command_remind,
	&campaign_command_escalate,
	&campaign_command_status,
	&campaign_command_missing,
	&campaign_command_close,
	&campaign_command_cancel,
	&campaign_command_list,
	NULL,
};

/* ---- What they share ---- */

int
campaign_fail(struct command_context *c, const char *word, const struct err *e)
{
	return command_word_fail(c, "campaign", word, e);
}

int
campaign_usage(struct command_context *c, const struct command_word *word,
    const char *format, ...)
{
	va_list args;
	int status;

	va_start(args, format);
	status = command_word_usage(c, "campaign", word, format, args);
	va_end(args);
	return status;
}

int
campaign_need(struct store *store, const char *name, enum campaign_need need,
    struct campaign *c, struct err *e)
{
	if (campaign_find(store, name, c, e) == -1)
		return -1;
	if (strcmp(c->end, "closed") == 0)
		return err_set(e, ERR_USAGE, _("%s: is closed"), c->name);
	if (strcmp(c->end, "") != 0)
		return err_set(e, ERR_USAGE, _("%s: was cancelled"), c->name);
	if (need == NEED_DRAFT && c->frozen)
		return err_set(e, ERR_USAGE,
		    _("%s: is frozen; what came later is for the next "
		      "campaign"),
		    c->name);
	if (need == NEED_FROZEN && !c->frozen)
		return err_set(e, ERR_USAGE,
		    _("%s: is a draft: reeve campaign freeze %s"), c->name,
		    c->name);
	return 0;
}

int
campaign_time(struct command_context *c, const char *text, bool end,
    int64_t *out, struct err *e)
{
	const struct csv_dates dates = { "", command_local_zone(c->now) };

	if (csv_date(&dates, text, out, e) == -1)
		return -1;
	if (end && strpbrk(text, "T :") == NULL)
		*out += 86400;
	return 0;
}

const char *
campaign_when(char out[TIME_SIZE], int64_t when)
{
	time_t at = (time_t)when;
	struct tm tm;

	out[0] = '\0';
	if (when != FACT_UNKNOWN && when != FACT_NEVER &&
	    localtime_r(&at, &tm) != NULL)
		(void)strftime(out, TIME_SIZE, "%Y-%m-%d %H:%M", &tm);
	return out;
}

const char *
campaign_number(char out[NUMBER_SIZE], int64_t value)
{
	(void)snprintf(out, NUMBER_SIZE, "%lld", (long long)value);
	return out;
}

int
campaign_profile(struct store *store, struct command_context *c,
    int64_t campaign, char out[128], struct err *e)
{
	struct statement *s = store_use(store, "campaign_freeze_row", e);
	const char *profile = c->config->profile;
	int more;

	bind_int(s, ":campaign", campaign);
	more = store_step(s, e);
	if (more == 1)
		profile = column_text(s, column_of(s, "profile"));
	(void)snprintf(out, 128, "%s", profile);
	store_done(s);
	return more == -1 ? -1 : 0;
}

void
campaign_reason_text(const char *reason, int64_t accounts, int64_t rights,
    char *out, size_t size)
{
	static const struct {
		const char *word, *text;
	} texts[] = {
		{ "never-pulled", N_("was never pulled") },
		{ "not-read",
		    N_("is in the register of systems, and no pull "
		       "has read it") },
		{ "old", N_("was last pulled too long ago") },
		{ "held", N_("its newest pull is held") },
		{ "failed", N_("its newest pull failed") },
		{ "refused", N_("its newest pull was refused") },
		{ "gone", N_("was in the campaign before, and is not there") },
	};
	const char *text = reason;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(texts[i].word, reason) == 0)
			text = _(texts[i].text);
	if (strcmp(reason, "excluded") == 0)
		(void)snprintf(out, size,
		    _("the scope leaves out accounts (%lld) or rights (%lld) "
		      "of it, which two persons must sign: reeve campaign "
		      "missing"),
		    (long long)accounts, (long long)rights);
	else
		(void)snprintf(out, size, "%s", text);
}

static void
say_missing(struct command_context *c, struct statement *s)
{
	const char *host = column_text(s, column_of(s, "host"));
	char text[REASON_SIZE];

	campaign_reason_text(column_text(s, column_of(s, "reason")),
	    column_int(s, column_of(s, "excluded")),
	    column_int(s, column_of(s, "excluded_rights")), text, sizeof(text));
	command_say(c->err, column_text(s, column_of(s, "source")));
	if (*host != '\0') {
		fputc(' ', c->err);
		command_say(c->err, host);
	}
	fputs(column_int(s, column_of(s, "core")) != 0 ? _(" (core): ") : ": ",
	    c->err);
	command_say(c->err, text);
	if (column_int(s, column_of(s, "excused")) != 0)
		fputs(_(" (two persons let it close without)"), c->err);
	fputc('\n', c->err);
}

int
campaign_say_missing(struct store *store, struct command_context *c,
    int64_t campaign, bool *missing, struct err *e)
{
	struct statement *s = store_use(store, "campaign_missing_rows", e);
	int more;

	*missing = false;
	bind_int(s, ":campaign", campaign);
	while ((more = store_step(s, e)) == 1) {
		*missing =
		    *missing || column_int(s, column_of(s, "excused")) == 0;
		say_missing(c, s);
	}
	return more;
}

void
campaign_say_receipt(struct command_context *c, struct buf *receipt)
{
	if (c->format == FORMAT_TEXT)
		fprintf(c->out, "%s\n", buf_string(receipt));
}

int
campaign_say_assigned(
    struct store *store, struct command_context *c, int64_t act, struct err *e)
{
	static const struct list_column columns[] = {
		{ "reviewer", N_("Reviewer"), 12 },
		{ "questions", N_("Questions"), 10 },
		{ "why", N_("Why"), 0 },
		{ NULL, NULL, 0 },
	};
	struct statement *s = store_use(store, "campaign_assigned", e);
	struct list *l = NULL;
	int more;

	bind_int(s, ":act", act);
	if (s == NULL || list_begin(&l, c, "assigned", columns, e) == -1)
		return -1;
	while ((more = store_step(s, e)) == 1) {
		char questions[NUMBER_SIZE];
		const char *const values[] = { column_text(s, 0),
			campaign_number(questions, column_int(s, 2)),
			column_text(s, 1) };

		list_row(l, values);
	}
	return list_end(&l, e) == -1 || more == -1 ? -1 : 0;
}

/* ---- The list of campaigns ---- */

static const struct list_column list_columns[] = {
	{ "campaign", N_("Campaign"), 24 },
	{ "type", N_("Type"), 10 },
	{ "state", N_("State"), 9 },
	{ "due", N_("Due"), 16 },
	{ "items", N_("Items"), 8 },
	{ "questions", N_("Questions"), 9 },
	{ "excluded", N_("Left out"), 8 },
	{ "excluded_rights", N_("Rights out"), 10 },
	{ "cause", N_("Cause"), 0 },
	{ NULL, NULL, 0 },
};

static void
list_campaign(struct list *l, struct statement *s)
{
	char due[TIME_SIZE];
	const char *const values[] = { column_text(s, column_of(s, "name")),
		column_text(s, column_of(s, "type")),
		column_text(s, column_of(s, "state")),
		campaign_when(due, column_int(s, column_of(s, "due")) - 1),
		column_text(s, column_of(s, "items")),
		column_text(s, column_of(s, "questions")),
		column_text(s, column_of(s, "excluded")),
		column_text(s, column_of(s, "excluded_rights")),
		column_text(s, column_of(s, "cause")) };

	list_row(l, values);
}

static int
list_campaigns(struct command_context *c, struct store *store, struct err *e)
{
	struct statement *s = store_use(store, "campaign_list", e);
	struct list *l = NULL;
	int more;

	if (s == NULL || list_begin(&l, c, "campaigns", list_columns, e) == -1)
		return -1;
	while ((more = store_step(s, e)) == 1)
		list_campaign(l, s);
	return list_end(&l, e) == -1 || more == -1 ? -1 : 0;
}

static int
run_list(struct command_context *c, int argc, char **argv)
{
	struct store *store = NULL;
	struct err e = { .code = ERR_NONE };
	int status = STATUS_DONE;

	(void)argv;
	if (argc > 1)
		return campaign_usage(
		    c, &campaign_command_list, _("nothing more is wanted"));
	if (store_open(&store, command_database(c), STORE_READ, &e) == -1 ||
	    list_campaigns(c, store, &e) == -1)
		status = campaign_fail(c, "list", &e);
	store_close(&store);
	return status;
}

const struct command_word campaign_command_list = {
	.name = "list",
	.arguments = "",
	.summary = N_("all campaigns, and what became of them"),
	.run = run_list,
};

static int
run_campaign(struct command_context *c, int argc, char **argv)
{
	return command_words(c, "campaign", words, argc, argv);
}

const struct command command_campaign = {
	.name = "campaign",
	.arguments = N_("WORD [ARGUMENT...]"),
	.summary = N_("the review: open, assign, remind, close; see its "
	              "--help"),
	.help = N_("open, freeze, assign, reassign, deputy, remind, escalate, "
	           "status, missing,\n"
	           "cancel, close, list: each has its own --help.\n"
	           "Example: reeve campaign open 2026Q4 --due 2026-12-31\n"),
	.run = run_campaign,
	.writes = true,
};
