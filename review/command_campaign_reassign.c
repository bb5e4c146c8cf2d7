/*
 * reeve campaign reassign, deputy.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "review/command_campaign.h"
#include "review/employee.h"
#include "schema/base/enc.h"
#include "schema/message.h"

extern const struct command_word campaign_command_deputy;
extern const struct command_word campaign_command_reassign;

#define RECEIPT_MAX   256u
#define DEPUTY_PRESET 50 /* questions of a campaign */
#define DEPUTY_MAX    100000

enum { OPT_FROM = 1, OPT_TO, OPT_QUESTION, OPT_UNTIL, OPT_QUESTIONS, OPT_END };

static const struct option reassign_options[] = {
	{ "from", required_argument, NULL, OPT_FROM },
	{ "to", required_argument, NULL, OPT_TO },
	{ "question", required_argument, NULL, OPT_QUESTION },
	{ NULL, 0, NULL, 0 },
};

static const struct option deputy_options[] = {
	{ "from", required_argument, NULL, OPT_FROM },
	{ "until", required_argument, NULL, OPT_UNTIL },
	{ "questions", required_argument, NULL, OPT_QUESTIONS },
	{ "end", no_argument, NULL, OPT_END },
	{ NULL, 0, NULL, 0 },
};

static int
read_number(const char *text, int64_t max, int64_t *out, struct err *e)
{
	uint64_t number;

	if (enc_number(text, strlen(text), (uint64_t)max, &number, e) == -1 ||
	    number == 0)
		return err_set(e, ERR_USAGE,
		    _("%s: not a number from 1 to %lld"), text, (long long)max);
	*out = (int64_t)number;
	return 0;
}

/* ---- reassign ---- */

struct moving {
	struct command_context *context;
	struct store *store;
	struct campaign campaign;
	char profile[128];
	const char *from, *to;
	int64_t question; /* 0: all of them */
	char from_number[EMPLOYEE_SIZE], to_number[EMPLOYEE_SIZE];
	int64_t act, moved, kept, picked;
};

static int
has_conflict(
    struct moving *m, int64_t question, const char *employee, struct err *e)
{
	struct statement *s =
	    store_use(m->store, "campaign_question_conflict", e);
	int more;

	bind_int(s, ":campaign", m->campaign.id);
	bind_int(s, ":question", question);
	bind_text(s, ":employee", employee);
	more = store_step(s, e);
	store_done(s);
	return more;
}

/* Nobody picks who decides on them: not in person, nor one below them. */
static int
is_picked(struct moving *m, struct act *act, int64_t question, struct err *e)
{
	const struct signer *signer = act_signer(act);
	struct statement *s;
	int more =
	    signer == NULL ? 0 : has_conflict(m, question, signer->employee, e);

	if (more != 0)
		return more;
	s = store_use(m->store, "decision_reports", e);
	bind_int(s, ":campaign", m->campaign.id);
	bind_int(s, ":question", question);
	bind_text(s, ":employee", m->to);
	more = store_step(s, e);
	store_done(s);
	return more;
}

static int
give(struct moving *m, struct act *act, int64_t question, struct err *e)
{
	struct statement *s;
	char why[128];
	int conflict = has_conflict(m, question, m->to, e);
	int picked = conflict == 0 ? is_picked(m, act, question, e) : 0;

	if (conflict == -1 || picked == -1)
		return -1;
	if (conflict == 1 || picked == 1) {
		m->kept += conflict;
		m->picked += picked;
		return 0;
	}
	(void)snprintf(why, sizeof(why), "instead-of:%.64s", m->from);
	s = store_use(m->store, "assignment_add", e);
	bind_int(s, ":act", act_number(act));
	bind_int(s, ":campaign", m->campaign.id);
	bind_int(s, ":question", question);
	bind_text(s, ":reviewer", m->to);
	bind_text(s, ":why", why);
	m->moved++;
	return store_run(s, e);
}

static int
give_all(struct moving *m, struct act *act, struct err *e)
{
	struct statement *s = store_use(m->store, "reassign_rows", e);
	int more;

	bind_text(s, ":reviewer", m->from);
	bind_int(s, ":question", m->question);
	while ((more = store_step(s, e)) == 1)
		if (give(m, act, column_int(s, 0), e) == -1)
			return -1;
	return more;
}

/* From one person to another, but what the other may not decide. */
static int
move_named(struct moving *m, struct act *act, struct err *e)
{
	struct view *view = NULL;
	int status = campaign_may_ask(m->store, m->to, act_at(act), e);

	if (status == 0)
		err_set(e, ERR_USAGE, _("%s: does not work here, or is absent"),
		    m->to);
	if (status != 1 ||
	    campaign_progress(&view, m->store, m->profile, m->campaign.id, e) ==
	        -1)
		return -1;
	status = give_all(m, act, e);
	if (campaign_progress_end(&view, e) == -1)
		status = -1;
	if (status == 0 && m->moved == 0 && m->picked > 0)
		status = err_set(e, ERR_ACCESS,
		    _("who signs it holds, asked for or approved what is "
		      "asked, or %s reports to who holds it: somebody else "
		      "gives it to another"),
		    m->to);
	else if (status == 0 && m->moved == 0)
		status = err_set(e, ERR_USAGE,
		    _("%s has no undecided question that %s may decide"),
		    m->from, m->to);
	return status;
}

static int
move(struct moving *m, struct buf *receipt, struct err *e)
{
	struct act_how how = act_how(m->context);
	struct act *act = NULL;
	int status;

	if (campaign_profile(
	        m->store, m->context, m->campaign.id, m->profile, e) == -1 ||
	    act_begin(&act, m->store, "assign", &how, e) == -1)
		return -1;
	m->act = act_number(act);
	status = m->from != NULL
	    ? move_named(m, act, e)
	    : campaign_assign(act, m->store, m->profile, m->campaign.id,
	          ASSIGN_INSTEAD, NULL, 0, e);
	if (status == -1 || act_commit(&act, receipt, e) == -1) {
		act_cancel(&act);
		return -1;
	}
	return 0;
}

/* Both as personnel data spells them. */
static int
spell(struct moving *m, struct err *e)
{
	if (m->from == NULL)
		return 0;
	if (employee_find(m->store, m->from, m->from_number, e) == -1 ||
	    employee_find(m->store, m->to, m->to_number, e) == -1)
		return -1;
	m->from = m->from_number;
	m->to = m->to_number;
	return 0;
}

static int
run_moving(struct moving *m, const char *name)
{
	struct command_context *c = m->context;
	struct buf receipt = buf_new(RECEIPT_MAX);
	struct err e = { .code = ERR_NONE };
	int status = STATUS_DONE;

	if (store_open(&m->store, command_database(c), STORE_WRITE, &e) == -1 ||
	    campaign_need(m->store, name, NEED_FROZEN, &m->campaign, &e) ==
	        -1 ||
	    spell(m, &e) == -1 || move(m, &receipt, &e) == -1 ||
	    campaign_say_assigned(m->store, c, m->act, &e) == -1)
		status = campaign_fail(c, "reassign", &e);
	if (m->kept > 0)
		fprintf(c->err,
		    _("%lld questions stay: %s holds, asked for or approved "
		      "what is in them\n"),
		    (long long)m->kept, m->to);
	if (m->picked > 0 && status == STATUS_DONE)
		fprintf(c->err,
		    _("%lld questions stay: you hold, asked for or approved "
		      "what is in them, or %s reports to who holds it\n"),
		    (long long)m->picked, m->to);
	campaign_say_receipt(c, &receipt);
	buf_free(&receipt);
	return status;
}

static int
run_reassign(struct command_context *c, int argc, char **argv)
{
	struct moving m = { .context = c };
	struct err e = { .code = ERR_NONE };
	int option, status = 0;

	while ((option = getopt_long(argc, argv, "", reassign_options, NULL)) !=
	    -1)
		if (option == OPT_FROM)
			m.from = optarg;
		else if (option == OPT_TO)
			m.to = optarg;
		else if (option != OPT_QUESTION ||
		    read_number(optarg, INT64_MAX, &m.question, &e) == -1)
			status = -1;
	if (status == -1 || argc - optind > 1 ||
	    (m.from == NULL) != (m.to == NULL) ||
	    (m.question > 0 && m.from == NULL))
		return campaign_usage(c, &campaign_command_reassign,
		    _("--from and --to, or neither"));
	status = run_moving(&m, argv[optind]);
	store_close(&m.store);
	return status;
}

const struct command_word campaign_command_reassign = {
	.name = "reassign",
	.arguments = "[CAMPAIGN] [--from EMPLOYEE --to EMPLOYEE "
	             "[--question N]]",
	.summary = N_("give what is undecided to somebody else"),
	.help = N_("Without --from: all that is with somebody who left, is "
	           "absent, holds it, or\n"
	           "asked for or approved the grant; and what a reviewer said "
	           "is another's.\n"
	           "Example: reeve campaign reassign 2026Q4 --from E1001 --to "
	           "E1002\n"),
	.run = run_reassign,
};

/* ---- deputy ---- */

struct standing {
	const char *reviewer, *deputy;
	char reviewer_number[EMPLOYEE_SIZE], deputy_number[EMPLOYEE_SIZE];
	const char *from, *until;
	int64_t not_before, not_after, questions;
	bool end;
};

static int
judge_deputy(struct command_context *c, struct store *store, struct standing *d,
    struct err *e)
{
	int may;

	if (employee_find(store, d->reviewer, d->reviewer_number, e) == -1)
		return -1;
	d->reviewer = d->reviewer_number;
	if (d->end) {
		d->deputy = "";
		return 0;
	}
	if (employee_find(store, d->deputy, d->deputy_number, e) == -1)
		return -1;
	d->deputy = d->deputy_number;
	d->not_before = c->now;
	if ((d->from != NULL &&
	        campaign_time(c, d->from, false, &d->not_before, e) == -1) ||
	    campaign_time(c, d->until, true, &d->not_after, e) == -1)
		return -1;
	if (d->not_after <= d->not_before || d->not_after <= c->now)
		return err_set(
		    e, ERR_USAGE, _("--until %s: is past"), d->until);
	if (employee_same(d->reviewer, d->deputy))
		return err_set(e, ERR_USAGE, _("nobody is their own deputy"));
	may = campaign_may_ask(store, d->deputy, c->now, e);
	if (may == 0)
		return err_set(e, ERR_USAGE,
		    _("%s: does not work here, or is absent"), d->deputy);
	return may == -1 ? -1 : 0;
}

static int
add_deputy(struct command_context *c, struct store *store,
    const struct standing *d, struct buf *receipt, struct err *e)
{
	struct act_how how = act_how(c);
	struct act *act = NULL;
	struct statement *s;

	if (act_begin(&act, store, "deputy", &how, e) == -1)
		return -1;
	s = store_use(store, "deputy_add", e);
	bind_int(s, ":act", act_number(act));
	bind_text(s, ":reviewer", d->reviewer);
	bind_text(s, ":deputy", d->deputy);
	bind_int(s, ":not_before", d->not_before);
	bind_int(s, ":not_after", d->not_after);
	bind_int(s, ":questions", d->questions);
	if (store_run(s, e) == -1 || act_commit(&act, receipt, e) == -1) {
		act_cancel(&act);
		return -1;
	}
	return 0;
}

static int
run_standing(struct command_context *c, struct standing *d)
{
	struct store *store = NULL;
	struct buf receipt = buf_new(RECEIPT_MAX);
	struct err e = { .code = ERR_NONE };
	int status = STATUS_DONE;

	if (store_open(&store, command_database(c), STORE_WRITE, &e) == -1 ||
	    judge_deputy(c, store, d, &e) == -1 ||
	    add_deputy(c, store, d, &receipt, &e) == -1)
		status = campaign_fail(c, "deputy", &e);
	campaign_say_receipt(c, &receipt);
	buf_free(&receipt);
	store_close(&store);
	return status;
}

static int
read_deputy(struct standing *d, int argc, char **argv, struct err *e)
{
	int option;

	while (
	    (option = getopt_long(argc, argv, "", deputy_options, NULL)) != -1)
		switch (option) {
		case OPT_FROM:
			d->from = optarg;
			break;
		case OPT_UNTIL:
			d->until = optarg;
			break;
		case OPT_QUESTIONS:
			if (read_number(optarg, DEPUTY_MAX, &d->questions, e) ==
			    -1)
				return -1;
			break;
		case OPT_END:
			d->end = true;
			break;
		default:
			return err_set(e, ERR_USAGE, "%s", _("no such option"));
		}
	if (argc - optind != (d->end ? 1 : 2) || (!d->end && d->until == NULL))
		return err_set(e, ERR_USAGE, "%s",
		    _("a reviewer, a deputy, and --until; or --end"));
	d->reviewer = argv[optind];
	d->deputy = argv[optind + 1];
	return 0;
}

static int
run_deputy(struct command_context *c, int argc, char **argv)
{
	struct standing d = { .questions = DEPUTY_PRESET };
	struct err e = { .code = ERR_NONE };

	if (read_deputy(&d, argc, argv, &e) == -1)
		return campaign_usage(
		    c, &campaign_command_deputy, "%s", e.text);
	return run_standing(c, &d);
}

const struct command_word campaign_command_deputy = {
	.name = "deputy",
	.arguments = "EMPLOYEE DEPUTY --until DATE [--from DATE] "
	             "[--questions N] | EMPLOYEE --end",
	.summary = N_("who may decide in a reviewer's place, how long and how "
	              "much"),
	.help =
	    N_("--questions  of one campaign; 50 is the preset\n"
	       "A deputy decides nothing that is their own, or that whoever "
	       "named them\n"
	       "or is above them holds. The newest word counts.\n"
	       "Example: reeve campaign deputy E1001 E1002 --until "
	       "2026-12-24\n"),
	.run = run_deputy,
};
