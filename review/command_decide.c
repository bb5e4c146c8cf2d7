/*
 * reeve decide: a reviewer with a key of their own decides: on a terminal, by
 * name, or confirms what others brought in.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "review/command.h"
#include "review/decide.h"
#include "review/question.h"
#include "review/rule_words.h"
#include "schema/base/enc.h"
#include "schema/message.h"

extern const struct command command_decide;

#define TEXT_ROOM    (64u * 1024)
#define TIME_SIZE    24
#define RECEIPT_ROOM 256u
#define ITEMS_MAX    10000u

enum {
	OPT_CAMPAIGN = 1,
	OPT_REASON,
	OPT_CHANGE,
	OPT_ENDS,
	OPT_COMPENSATION,
	OPT_PROPOSAL,
	OPT_LIST,
	OPT_ALL,
	OPT_REVIEWER,
	OPT_SHOW,
	OPT_CONFIRM,
	OPT_YES,
};

static const struct option options[] = {
	{ "campaign", required_argument, NULL, OPT_CAMPAIGN },
	{ "reason", required_argument, NULL, OPT_REASON },
	{ "change", required_argument, NULL, OPT_CHANGE },
	{ "ends", required_argument, NULL, OPT_ENDS },
	{ "compensation", required_argument, NULL, OPT_COMPENSATION },
	{ "proposal", required_argument, NULL, OPT_PROPOSAL },
	{ "list", no_argument, NULL, OPT_LIST },
	{ "all", no_argument, NULL, OPT_ALL },
	{ "reviewer", required_argument, NULL, OPT_REVIEWER },
	{ "show", required_argument, NULL, OPT_SHOW },
	{ "confirm", required_argument, NULL, OPT_CONFIRM },
	{ "yes", no_argument, NULL, OPT_YES },
	{ NULL, 0, NULL, 0 },
};

struct arguments {
	struct command_context *context;
	struct store *store;
	const char *campaign, *reason, *change, *ends, *compensation, *proposal;
	const char *reviewer, *show, *confirm;
	const char *items, *decision;
	bool list, all, yes;
};

/* ---- Numbers ---- */

/* "12", or "12/345". */
static int
read_label(const char *text, size_t length, int64_t *question, int64_t *item,
    struct err *e)
{
	const char *slash = memchr(text, '/', length);
	size_t first = slash == NULL ? length : (size_t)(slash - text);
	uint64_t q = 0, i = 0;

	if (enc_number(text, first, INT64_MAX, &q, e) == -1 ||
	    (slash != NULL &&
	        enc_number(slash + 1, length - first - 1, INT64_MAX, &i, e) ==
	            -1))
		return err_set(e, ERR_USAGE,
		    _("%.*s: not a question like 12, or an item of one like "
		      "12/345"),
		    (int)length, text);
	*question = (int64_t)q;
	*item = (int64_t)i;
	return 0;
}

/* ---- List ---- */

static const struct list_column columns[] = {
	{ "campaign", N_("Campaign"), 8 },
	{ "question", N_("Question"), 8 },
	{ "reviewer", N_("Reviewer"), 8 },
	{ "items", N_("Items"), 5 },
	{ "left", N_("Left"), 5 },
	{ "risk", N_("Risk"), 10 },
	{ "account", N_("Account"), 28 },
	{ "right", N_("Right"), 0 },
	{ NULL, NULL, 0 },
};

/* In lists for programs English, as column names are. */
static const char *
risk_of(const struct question *q, bool people)
{
	const char *risk = q->privileged ? N_("privileged")
	    : q->flagged                 ? N_("has findings")
	    : q->low                     ? N_("low risk")
	                                 : "";

	return people && *risk != '\0' ? _(risk) : risk;
}

static int
list_one(const struct arguments *a, struct list *l, const struct question *q,
    struct err *e)
{
	struct buf account = buf_new(TEXT_ROOM), right = buf_new(TEXT_ROOM);
	char label[48], items[24], left[24];
	int status =
	    question_line(a->store, q, &account, &right, a->context->zh, e);

	question_label(q, label);
	(void)snprintf(items, sizeof(items), "%lld", (long long)q->items);
	(void)snprintf(left, sizeof(left), "%lld", (long long)q->left);
	if (status == 0)
		list_row(l,
		    (const char *const[]){ q->name, label, q->reviewer, items,
		        left, risk_of(q, a->context->format == FORMAT_TEXT),
		        buf_string(&account), buf_string(&right) });
	buf_free(&account);
	buf_free(&right);
	return status;
}

static int
list_questions(const struct arguments *a, const char *employee, struct err *e)
{
	struct questions all = { .rows = NULL };
	struct list *l = NULL;
	int status = questions_read(
	    &all, a->store, a->campaign, employee, true, a->context->now, e);

	if (status == 0)
		status = list_begin(&l, a->context, "questions", columns, e);
	for (size_t i = 0; i < all.count && status == 0; i++)
		status = list_one(a, l, &all.rows[i], e);
	if (l != NULL && list_end(&l, e) == -1)
		status = -1;
	if (status == 0)
		status = all.count > 0 ? STATUS_FOUND : STATUS_DONE;
	questions_free(&all);
	return status;
}

/* Of oneself, which needs the key; of another; of all. */
static int
run_list(const struct arguments *a, struct err *e)
{
	struct signer me;

	if (a->all)
		return list_questions(a, NULL, e);
	if (a->reviewer != NULL)
		return list_questions(a, a->reviewer, e);
	if (decide_person(a->context, a->store, &me, e) == -1)
		return -1;
	return list_questions(a, me.employee, e);
}

/* ---- By name ---- */

static int
find_campaign(
    const struct arguments *a, struct campaign *campaign, struct err *e)
{
	if (campaign_find(a->store, a->campaign, campaign, e) == -1)
		return -1;
	if (!campaign->frozen)
		return err_set(e, ERR_ACCESS,
		    _("%s is not frozen yet: nothing is asked"),
		    campaign->name);
	return 0;
}

static int
run_show(const struct arguments *a, struct err *e)
{
	struct question q = { .items = 1 };
	struct campaign campaign;
	struct buf b = buf_new(TEXT_ROOM * 16);
	int status = -1;

	if (find_campaign(a, &campaign, e) == 0 &&
	    read_label(a->show, strlen(a->show), &q.number, &q.item, e) == 0) {
		q.campaign = campaign.id;
		status =
		    question_show(a->store, &q, a->context->zh, 80, 0, &b, e);
	}
	if (status == 0)
		fputs(buf_string(&b), a->context->out);
	buf_free(&b);
	return status;
}

static int64_t
count_items(const char *items)
{
	int64_t count = 1;

	for (; *items != '\0'; items++)
		count += *items == ',';
	return count;
}

static int
fill(const struct arguments *a, struct decision *d, struct err *e)
{
	d->kind = decision_find(a->decision, strlen(a->decision));
	if (d->kind == DECISION_NONE)
		return err_set(e, ERR_USAGE,
		    _("%s: not keep, modify, revoke, disable, delete, "
		      "exception or not-mine"),
		    a->decision);
	d->reason = a->reason == NULL ? "" : a->reason;
	d->change = a->change;
	d->compensation = a->compensation;
	d->proposal = a->proposal;
	d->grade = "signed";
	d->decided = a->context->now;
	d->seconds = d->ends = FACT_UNKNOWN;
	d->bulk = count_items(a->items);
	if (d->bulk > (int64_t)ITEMS_MAX)
		return err_set(
		    e, ERR_LIMIT, "more than %u at one stroke", ITEMS_MAX);
	return a->ends == NULL
	    ? 0
	    : decide_end(a->ends, a->context->now, &d->ends, e);
}

static int
add_all(const struct arguments *a, struct act *act, struct decision *d,
    struct err *e)
{
	for (const char *at = a->items; *at != '\0';) {
		size_t length = strcspn(at, ",");

		if (read_label(at, length, &d->question, &d->item, e) == -1)
			return -1;
		if (decision_add(act, a->store, d, e) == -1)
			return err_in(e, "%.*s", (int)length, at);
		at += length + (at[length] == ',');
	}
	return 0;
}

static int
run_by_name(const struct arguments *a, struct err *e)
{
	struct act_how how = act_how(a->context);
	struct buf receipt = buf_new(RECEIPT_ROOM);
	struct decision d = { .kind = DECISION_NONE };
	struct campaign campaign;
	struct act *act = NULL;
	int64_t number = 0;
	int status = -1;

	how.roles = "officer,reviewer";
	if (fill(a, &d, e) == -1 || find_campaign(a, &campaign, e) == -1 ||
	    act_begin(&act, a->store, "decisions", &how, e) == -1)
		goto out;
	d.campaign = campaign.id;
	d.reviewer = act_signer(act)->employee;
	number = act_number(act);
	if (add_all(a, act, &d, e) == 0)
		status = act_commit(&act, &receipt, e);
	act_cancel(&act);
	if (status == 0) {
		fprintf(a->context->out, "%s\n", buf_string(&receipt));
		if (d.kind == DECISION_EXCEPTION)
			fprintf(a->context->out,
			    _("An exception counts once a second person runs: "
			      "reeve approve %lld\n"),
			    (long long)number);
	}
out:
	buf_free(&receipt);
	return status;
}

/* ---- Confirming what others brought in ---- */

static const struct list_column confirmed[] = {
	{ "campaign", N_("Campaign"), 8 },
	{ "question", N_("Question"), 8 },
	{ "account", N_("Account"), 16 },
	{ "right", N_("Right"), 20 },
	{ "risk", N_("Risk"), 10 },
	{ "decision", N_("Decision"), 10 },
	{ "reviewer", N_("Reviewer"), 8 },
	{ "grade", N_("Grade"), 11 },
	{ "reason", N_("Reason"), 0 },
	{ NULL, NULL, 0 },
};

static const char *
text_of(struct statement *s, const char *column)
{
	return column_text(s, column_of(s, column));
}

static void
show_confirmed(const struct arguments *a, struct list *l, struct statement *s)
{
	bool people = a->context->format == FORMAT_TEXT;
	const char *name = text_of(s, "decision");
	const char *severity = text_of(s, "severity");
	bool privileged = column_int(s, column_of(s, "privileged")) != 0;
	char label[64];

	(void)snprintf(label, sizeof(label), "%s/%s", text_of(s, "question"),
	    text_of(s, "item"));
	list_row(l,
	    (const char *const[]){ text_of(s, "campaign"), label,
	        text_of(s, "account"), text_of(s, "right"),
	        privileged   ? (people ? _("privileged") : "privileged")
	            : people ? rule_word(severity)
	                     : severity,
	        people ? decision_title(
	                     decision_find(name, strlen(name)), a->context->zh)
	               : name,
	        text_of(s, "reviewer"), text_of(s, "grade"),
	        text_of(s, "reason") });
}

static int
show_act(const struct arguments *a, int64_t act, struct err *e)
{
	struct statement *s = store_use(a->store, "decide_confirmed", e);
	struct list *l = NULL;
	int64_t rows = 0;
	int more;

	bind_int(s, ":act", act);
	if (list_begin(&l, a->context, "decisions", confirmed, e) == -1)
		return -1;
	for (; (more = store_step(s, e)) == 1; rows++)
		show_confirmed(a, l, s);
	if (list_end(&l, e) == -1 || more == -1)
		return -1;
	return rows > 0 ? 0
	                : err_set(e, ERR_MISSING,
	                      _("act %lld has no decisions; reeve acts shows "
	                        "what waits"),
	                      (long long)act);
}

static int
show_who_may_not(const struct arguments *a, int64_t act, struct err *e)
{
	struct statement *s = store_use(a->store, "decide_may_not_confirm", e);
	FILE *out = a->context->err;
	int more;

	bind_int(s, ":act", act);
	while ((more = store_step(s, e)) == 1)
		fprintf(out,
		    strcmp(text_of(s, "why"), "signer") == 0
		        ? _("%s may not confirm it, having signed it\n")
		        : _("%s may not confirm it, holding what it "
		            "decides\n"),
		    text_of(s, "employee"));
	return more;
}

static int
run_confirm(const struct arguments *a, struct err *e)
{
	struct act_how how = act_how(a->context);
	struct buf receipt = buf_new(RECEIPT_ROOM);
	int64_t act, none;
	int status = -1;

	how.roles = "officer,reviewer";
	if (read_label(a->confirm, strlen(a->confirm), &act, &none, e) == -1 ||
	    show_act(a, act, e) == -1 || show_who_may_not(a, act, e) == -1)
		goto out;
	status = 0;
	if (!a->yes)
		fprintf(a->context->err,
		    _("\nNothing is confirmed yet: the same with --yes signs "
		      "it with your key.\n"));
	else if ((status = act_second(a->store, act, true,
	              a->reason == NULL ? "" : a->reason, &how, &receipt, e)) ==
	    0)
		fprintf(a->context->out, "%s\n", buf_string(&receipt));
out:
	buf_free(&receipt);
	return status;
}

/* ---- The command ---- */

static int
run_terminal(const struct arguments *a, struct err *e)
{
	struct signer me;

	if (decide_person(a->context, a->store, &me, e) == -1)
		return -1;
	return decide_session(a->context, a->store, &me, a->campaign);
}

static bool
read_option(struct arguments *a, int option)
{
	const char **const texts[] = {
		[OPT_CAMPAIGN] = &a->campaign,
		[OPT_REASON] = &a->reason,
		[OPT_CHANGE] = &a->change,
		[OPT_ENDS] = &a->ends,
		[OPT_COMPENSATION] = &a->compensation,
		[OPT_PROPOSAL] = &a->proposal,
		[OPT_REVIEWER] = &a->reviewer,
		[OPT_SHOW] = &a->show,
		[OPT_CONFIRM] = &a->confirm,
		[OPT_YES] = NULL,
	};
	bool *const flags[] = {
		[OPT_LIST] = &a->list, [OPT_ALL] = &a->all, [OPT_YES] = &a->yes
	};

	if (option < OPT_CAMPAIGN || option > OPT_YES)
		return false;
	if (texts[option] != NULL)
		*texts[option] = optarg;
	else
		*flags[option] = true;
	return true;
}

static int
answer(struct arguments *a, int arguments)
{
	struct err e = { .code = ERR_NONE };
	bool reads = a->list && (a->all || a->reviewer != NULL);
	int status = store_open(&a->store, command_database(a->context),
	    reads || a->show != NULL ? STORE_READ : STORE_WRITE, &e);

	if (status == 0)
		status = a->list         ? run_list(a, &e)
		    : a->show != NULL    ? run_show(a, &e)
		    : a->confirm != NULL ? run_confirm(a, &e)
		    : arguments == 2     ? run_by_name(a, &e)
		                         : run_terminal(a, &e);
	store_close(&a->store);
	return status == -1 ? command_fail(a->context, "decide", &e) : status;
}

static int
run_decide(struct command_context *c, int argc, char **argv)
{
	struct arguments a = { .context = c };
	int option, rest;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (!read_option(&a, option))
			return command_usage(
			    c, &command_decide, _("no such option"));
	rest = argc - optind;
	if ((a.list || a.show != NULL || a.confirm != NULL)
	        ? rest != 0
	        : rest != 0 && rest != 2)
		return command_usage(c, &command_decide,
		    _("a question and a decision are wanted, or neither"));
	if (rest == 2) {
		a.items = argv[optind];
		a.decision = argv[optind + 1];
	}
	return answer(&a, rest);
}

const struct command command_decide = {
	.name = "decide",
	.arguments =
	    N_("[--campaign NAME]\n"
	       "       reeve decide [--campaign NAME] QUESTION[/ITEM][,...] "
	       "DECISION [--reason TEXT]\n"
	       "           [--change TEXT] [--ends DATE --compensation TEXT] "
	       "[--proposal NUMBER]\n"
	       "       reeve decide --list [--all | --reviewer NUMBER]\n"
	       "       reeve decide --show QUESTION[/ITEM]\n"
	       "       reeve decide --confirm ACT [--yes]"),
	.summary = N_("decide on the rights you are asked about"),
	.help = N_(
	    "Without arguments the questions are asked one by one on the "
	    "terminal, and all\nanswers are signed once, with your key.\n\n"
	    "DECISION is keep, modify (--change), revoke, disable, delete, "
	    "exception (--ends,\n--compensation) or not-mine (--proposal). "
	    "What is privileged or has findings, and\nall but keep, needs "
	    "--reason. Several questions are one stroke: keep of low risk\n"
	    "alone. A later decision corrects an earlier one.\n\n"
	    "  --list         what is open: yours, or of --all, or of "
	    "--reviewer; status 1 if any\n"
	    "  --show         all that is known of a question\n"
	    "  --confirm ACT  what a second person's word on it makes count, "
	    "and who may not\n"
	    "                 give it; --yes gives it\n\n"
	    "Example: reeve decide 17 revoke --reason 'Moved to Finance'\n"),
	.run = run_decide,
	.writes = true,
};
