/*
 * reeve campaign remind, escalate.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "review/campaign_mail.h"
#include "review/command_campaign.h"
#include "review/signer.h"
#include "schema/message.h"

extern const struct command_word campaign_command_escalate;
extern const struct command_word campaign_command_remind;

#define DAY          86400
#define MAIL_MAX     (64u * 1024)
#define OUTPUT_MAX   4096u
#define SEND_SECONDS 60
#define SENDMAIL     "/usr/sbin/sendmail"

enum { OPT_SEND = 1, OPT_STEP, OPT_FROM, OPT_SENDMAIL, OPT_LIST };

static const struct option options[] = {
	{ "send", no_argument, NULL, OPT_SEND },
	{ "step", required_argument, NULL, OPT_STEP },
	{ "from", required_argument, NULL, OPT_FROM },
	{ "sendmail", required_argument, NULL, OPT_SENDMAIL },
	{ "list", no_argument, NULL, OPT_LIST },
	{ NULL, 0, NULL, 0 },
};

struct reminding {
	struct command_context *context;
	struct store *store;
	struct campaign campaign;
	char profile[128];
	const char *step, *from, *sendmail;
	bool send, list;
	int64_t sent, failed;
	struct list *rows;
};

/* ---- Which step it is ---- */

static bool
is_step(const char *text)
{
	static const char *const steps[] = { "opened", "reminder", "overdue" };

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (strcmp(steps[i], text) == 0)
			return true;
	return false;
}

static int
has_passed(
    struct reminding *r, const char *threshold, bool *passed, struct err *e)
{
	double days;

	if (view_threshold(r->profile, threshold, &days, e) == -1)
		return -1;
	*passed = r->context->now >= r->campaign.due + (int64_t)(days * DAY);
	return 0;
}

/* By the days since it was due, if nobody says which. */
static int
find_step(struct reminding *r, struct err *e)
{
	bool second, third;

	if (r->step != NULL)
		return 0;
	if (has_passed(r, "review_remind_days", &second, e) == -1 ||
	    has_passed(r, "review_overdue_days", &third, e) == -1)
		return -1;
	r->step = third ? "overdue" : second ? "reminder" : "opened";
	return 0;
}

/* ---- One reviewer ---- */

static const struct list_column columns[] = {
	{ "reviewer", N_("Reviewer"), 10 },
	{ "name", N_("Name"), 14 },
	{ "mail", N_("Mail"), 28 },
	{ "questions", N_("Questions"), 9 },
	{ "privileged", N_("Privileged"), 10 },
	{ "step", N_("Step"), 0 },
	{ NULL, NULL, 0 },
};

static void
list_reviewer(struct reminding *r, struct statement *s)
{
	char questions[NUMBER_SIZE], privileged[NUMBER_SIZE];
	const char *const values[] = { column_text(s, 0), column_text(s, 1),
		column_text(s, 2), campaign_number(questions, column_int(s, 3)),
		campaign_number(privileged, column_int(s, 4)), r->step };

	list_row(r->rows, values);
}

static int
send_mail(struct reminding *r, struct buf *mail, struct err *e)
{
	const char *const argv[] = { r->sendmail, "-t", "-i", NULL };
	struct buf said = buf_new(OUTPUT_MAX);
	int status = signer_run(
	    argv, buf_string(mail), mail->length, SEND_SECONDS, &said, e);

	buf_free(&said);
	return status;
}

static int
record(struct reminding *r, struct act *act, struct statement *s, struct err *e)
{
	struct statement *add = store_use(r->store, "reminder_add", e);

	bind_int(add, ":act", act_number(act));
	bind_int(add, ":campaign", r->campaign.id);
	bind_text(add, ":reviewer", column_text(s, 0));
	bind_text(add, ":step", r->step);
	bind_text(add, ":mail", column_text(s, 2));
	bind_int(add, ":questions", column_int(s, 3));
	r->sent++;
	return store_run(add, e);
}

/* Who has no address, or whose mail is refused, is told of; others go on. */
static void
say_unsent(struct reminding *r, const char *reviewer, const struct err *e)
{
	FILE *err = r->context->err;

	r->failed++;
	command_say(err, reviewer);
	fputs(": ", err);
	command_say(err, e->text);
	fputc('\n', err);
}

static int
remind_reviewer(
    struct reminding *r, struct act *act, struct statement *s, struct err *e)
{
	struct buf mail = buf_new(MAIL_MAX);
	const struct campaign_mail m = {
		.from = r->from,
		.to = column_text(s, 2),
		.name = column_text(s, 1),
		.campaign = r->campaign.name,
		.step = r->step,
		.due = r->campaign.due,
		.now = r->context->now,
		.questions = column_int(s, 3),
		.privileged = column_int(s, 4),
	};
	struct err trouble = { .code = ERR_NONE };
	int status = 0;

	if (campaign_mail_write(&mail, &m, &trouble) == -1 ||
	    (r->send && send_mail(r, &mail, &trouble) == -1))
		say_unsent(r, column_text(s, 0), &trouble);
	else if (r->send)
		status = record(r, act, s, e);
	else
		fprintf(r->context->out, "%s\n", buf_string(&mail));
	buf_free(&mail);
	return status;
}

/* ---- All of them ---- */

static int
remind_all(struct reminding *r, struct act *act, struct err *e)
{
	struct statement *s = store_use(r->store, "progress_unsent", e);
	int more, status = 0;

	bind_int(s, ":campaign", r->campaign.id);
	bind_text(s, ":step", r->step);
	while (status == 0 && (more = store_step(s, e)) == 1)
		if (r->rows != NULL)
			list_reviewer(r, s);
		else
			status = remind_reviewer(r, act, s, e);
	return status == -1 || more == -1 ? -1 : 0;
}

static int
remind_told(struct reminding *r, struct act *act, struct err *e)
{
	struct view *view = NULL;
	int status;

	if (campaign_progress(&view, r->store, r->profile, r->campaign.id, e) ==
	    -1)
		return -1;
	status = remind_all(r, act, e);
	if (campaign_progress_end(&view, e) == -1)
		status = -1;
	return status;
}

/* Only what was really sent is recorded, by the program. */
static int
remind_and_record(struct reminding *r, struct err *e)
{
	struct act_how how = act_how(r->context);
	struct act *act = NULL;
	int status;

	how.by_program = true;
	if (act_begin(&act, r->store, "remind", &how, e) == -1)
		return -1;
	status = remind_told(r, act, e);
	if (status == 0 && r->sent > 0)
		return act_commit(&act, NULL, e);
	act_cancel(&act);
	return status;
}

static int
remind(struct reminding *r, struct err *e)
{
	int status;

	if (r->send)
		return remind_and_record(r, e);
	if (r->list || r->context->format != FORMAT_TEXT)
		if (list_begin(&r->rows, r->context, "reminders", columns, e) ==
		    -1)
			return -1;
	status = remind_told(r, NULL, e);
	if (r->rows != NULL && list_end(&r->rows, e) == -1)
		status = -1;
	return status;
}

static int
run_reminding(struct reminding *r, const char *name)
{
	struct command_context *c = r->context;
	struct err e = { .code = ERR_NONE };
	char host[256] = "localhost", from[300];

	if (gethostname(host, sizeof(host) - 1) == -1)
		(void)strcpy(host, "localhost");
	(void)snprintf(from, sizeof(from), "reeve@%s", host);
	if (r->from == NULL)
		r->from = from;
	if (store_open(&r->store, command_database(c),
	        r->send ? STORE_WRITE : STORE_READ, &e) == -1 ||
	    campaign_need(r->store, name, NEED_FROZEN, &r->campaign, &e) ==
	        -1 ||
	    campaign_profile(r->store, c, r->campaign.id, r->profile, &e) ==
	        -1 ||
	    find_step(r, &e) == -1 || remind(r, &e) == -1)
		return campaign_fail(c, "remind", &e);
	if (r->send)
		fprintf(c->out, _("%lld mails sent\n"), (long long)r->sent);
	else if (r->rows == NULL && !r->list && c->format == FORMAT_TEXT)
		fputs(_("nothing was sent: --send does\n"), c->err);
	return r->failed > 0 ? STATUS_FOUND : STATUS_DONE;
}

static int
read_reminding(struct reminding *r, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case OPT_SEND:
			r->send = true;
			break;
		case OPT_LIST:
			r->list = true;
			break;
		case OPT_STEP:
			r->step = optarg;
			break;
		case OPT_FROM:
			r->from = optarg;
			break;
		case OPT_SENDMAIL:
			r->sendmail = optarg;
			break;
		default:
			return -1;
		}
	return argc - optind > 1 || r->sendmail[0] != '/' ||
	        (r->step != NULL && !is_step(r->step))
	    ? -1
	    : 0;
}

static int
run_remind(struct command_context *c, int argc, char **argv)
{
	struct reminding r = { .context = c, .sendmail = SENDMAIL };
	int status;

	if (read_reminding(&r, argc, argv) == -1)
		return campaign_usage(c, &campaign_command_remind,
		    _("--step opened, reminder or overdue; --sendmail with "
		      "its whole path"));
	status = run_reminding(&r, argv[optind]);
	store_close(&r.store);
	return status;
}

const struct command_word campaign_command_remind = {
	.name = "remind",
	.arguments = "[CAMPAIGN] [--send] [--list] [--step STEP] [--from "
	             "ADDRESS] [--sendmail FILE]",
	.summary = N_("tell reviewers what waits for them, by mail or as a "
	              "list"),
	.help = N_(
	    "Without --send the mails are only shown. Nobody is told the same "
	    "step twice:\n"
	    "opened, from two days after it was due reminder, from four on "
	    "overdue.\n\n"
	    "--list      who would be told; so does --format\n"
	    "--sendmail  the program that takes mail with -t; preset "
	    "/usr/sbin/sendmail\n\n"
	    "Status 1 says that somebody could not be told.\n"
	    "Example: reeve campaign remind 2026Q4 --from audit@example.com "
	    "--send\n"),
	.run = run_remind,
};

/* ---- escalate ---- */

static int
count_assigned(struct reminding *r, int64_t act, int64_t *count, struct err *e)
{
	struct statement *s = store_use(r->store, "campaign_assigned_count", e);
	int more;

	bind_int(s, ":act", act);
	more = store_step(s, e);
	if (more == 1)
		*count = column_int(s, 0);
	store_done(s);
	return more == 1 ? 0 : -1;
}

/* First who left or may not; then, when it is late, up. */
static int
move_up(struct reminding *r, struct err *e)
{
	struct act_how how = act_how(r->context);
	struct act *act = NULL;
	int64_t number, count = 0;
	bool late;

	how.by_program = true;
	if (has_passed(r, "review_overdue_days", &late, e) == -1 ||
	    act_begin(&act, r->store, "assign", &how, e) == -1)
		return -1;
	number = act_number(act);
	if (campaign_assign(act, r->store, r->profile, r->campaign.id,
	        ASSIGN_INSTEAD, NULL, 0, e) == -1 ||
	    (late &&
	        campaign_assign(act, r->store, r->profile, r->campaign.id,
	            ASSIGN_ESCALATED, NULL, 0, e) == -1) ||
	    count_assigned(r, number, &count, e) == -1 ||
	    (count > 0 && act_commit(&act, NULL, e) == -1)) {
		act_cancel(&act);
		return -1;
	}
	act_cancel(&act);
	r->sent += count;
	return count == 0
	    ? 0
	    : campaign_say_assigned(r->store, r->context, number, e);
}

static int
propose_within(
    struct reminding *r, struct act *act, int64_t *count, struct err *e)
{
	struct view *view = NULL;
	int status;

	if (campaign_progress(&view, r->store, r->profile, r->campaign.id, e) ==
	    -1)
		return -1;
	status = campaign_propose(act, r->store, r->campaign.id, count, e);
	if (campaign_progress_end(&view, e) == -1)
		status = -1;
	return status;
}

/* Who was silent for long enough has proposed to revoke it. */
static int
propose(struct reminding *r, struct err *e)
{
	struct act_how how = act_how(r->context);
	struct act *act = NULL;
	int64_t number, count = 0;
	bool late;

	how.by_program = true;
	if (has_passed(r, "review_propose_days", &late, e) == -1)
		return -1;
	if (!late)
		return 0;
	if (act_begin(&act, r->store, "decisions", &how, e) == -1)
		return -1;
	number = act_number(act);
	if (propose_within(r, act, &count, e) == -1 ||
	    (count > 0 && act_commit(&act, NULL, e) == -1)) {
		act_cancel(&act);
		return -1;
	}
	act_cancel(&act);
	r->sent += count;
	if (count > 0)
		fprintf(r->context->err,
		    _("%lld questions nobody answered: it is proposed to "
		      "revoke them; a second person runs: reeve approve "
		      "%lld\n"),
		    (long long)count, (long long)number);
	return 0;
}

static int
run_escalate(struct command_context *c, int argc, char **argv)
{
	struct reminding r = { .context = c };
	struct err e = { .code = ERR_NONE };
	int status = STATUS_DONE;

	if (argc > 2 || (argc == 2 && argv[1][0] == '-'))
		return campaign_usage(c, &campaign_command_escalate,
		    _("one campaign, or the only open one"));
	if (store_open(&r.store, command_database(c), STORE_WRITE, &e) == -1 ||
	    campaign_need(r.store, argv[1], NEED_FROZEN, &r.campaign, &e) ==
	        -1 ||
	    campaign_profile(r.store, c, r.campaign.id, r.profile, &e) == -1 ||
	    move_up(&r, &e) == -1 || propose(&r, &e) == -1)
		status = campaign_fail(c, "escalate", &e);
	else if (r.sent == 0)
		fputs(_("nothing to escalate\n"), c->err);
	store_close(&r.store);
	return status;
}

const struct command_word campaign_command_escalate = {
	.name = "escalate",
	.arguments = "[CAMPAIGN]",
	.summary = N_("what is late goes up; at last, silence proposes to "
	              "revoke"),
	.help = N_(
	    "Each day, by a timer: what is with somebody who left or may not "
	    "decide it goes\n"
	    "to who may; from four days after it was due, to the manager "
	    "above or the\n"
	    "fallback; from seven on it is proposed to revoke it, which a "
	    "second person\n"
	    "approves. Silence never keeps. These are the program's acts, "
	    "unsigned.\n"
	    "Example: reeve campaign escalate 2026Q4\n"),
	.run = run_escalate,
};
