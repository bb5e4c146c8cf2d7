#include "review/decision.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "review/employee.h"
#include "schema/base/enc.h"
#include "schema/message.h"

const char *const decision_names[DECISION_KINDS] = { "", "keep", "modify",
	"revoke", "disable", "delete", "exception", "not-mine" };

static const struct {
	const char *en, *zh;
} titles[DECISION_KINDS] = {
	{ "Not decided", "未決定" },
	{ "Keep", "保留" },
	{ "Modify", "調整" },
	{ "Revoke", "撤銷權限" },
	{ "Disable", "停用" },
	{ "Delete", "刪除" },
	{ "Exception", "例外" },
	{ "Not mine", "非本人權責" },
};

#define CLOCKS_DIFFER 300 /* s, between a reviewer's and ours */

static const char *const grades[] = { "signed", "coded", "transcribed",
	"silent" };

const char *
decision_title(enum decision_kind kind, bool zh)
{
	return zh ? titles[kind].zh : titles[kind].en;
}

static bool
is_text(const char *text, const char *name, size_t length)
{
	return strlen(text) == length && strncasecmp(text, name, length) == 0;
}

enum decision_kind
decision_find(const char *name, size_t length)
{
	for (int i = DECISION_NONE + 1; i < DECISION_KINDS; i++)
		if (is_text(decision_names[i], name, length) ||
		    is_text(titles[i].en, name, length) ||
		    is_text(titles[i].zh, name, length))
			return (enum decision_kind)i;
	return DECISION_NONE;
}

static bool
is_silent(const struct decision *d)
{
	return strcmp(d->grade, "silent") == 0;
}

/* ---- Whether it is well said ---- */

static bool
is_blank(const char *text)
{
	return text == NULL || text[strspn(text, " \t\n")] == '\0';
}

/* Lines of text and no more: they are shown to others. */
static int
judge_text(const char *what, const char *text, struct err *e)
{
	size_t length = text == NULL ? 0 : strlen(text);

	if (length > DECISION_REASON_MAX)
		return err_set(e, ERR_ACCESS,
		    _("the %s is longer than %u bytes"), what,
		    DECISION_REASON_MAX);
	if (length > 0 && !enc_is_utf8(text, length))
		return err_set(e, ERR_ACCESS, _("the %s is not UTF-8"), what);
	for (size_t i = 0; i < length; i++)
		if (((unsigned char)text[i] < 0x20 && text[i] != '\n' &&
		        text[i] != '\t') ||
		    text[i] == 0x7f)
			return err_set(e, ERR_ACCESS,
			    _("the %s has a control character"), what);
	return 0;
}

static int
judge_texts(const struct decision *d, struct err *e)
{
	if (judge_text(_("reason"), d->reason, e) == -1 ||
	    judge_text(_("change"), d->change, e) == -1 ||
	    judge_text(_("compensating control"), d->compensation, e) == -1 ||
	    judge_text(_("proposal"), d->proposal, e) == -1)
		return -1;
	if (d->kind == DECISION_MODIFY && is_blank(d->change))
		return err_set(
		    e, ERR_ACCESS, _("say what it should be changed to"));
	if (d->kind != DECISION_KEEP && is_blank(d->reason))
		return err_set(e, ERR_ACCESS, _("this needs a reason"));
	return 0;
}

static int
judge_exception(const struct decision *d, int64_t now, struct err *e)
{
	if (d->kind != DECISION_EXCEPTION)
		return 0;
	if (is_blank(d->compensation))
		return err_set(e, ERR_ACCESS,
		    _("an exception needs a compensating control"));
	if (d->ends == FACT_UNKNOWN || d->ends <= now)
		return err_set(e, ERR_ACCESS,
		    _("an exception needs an end that is to come"));
	if (d->ends - now > DECISION_EXCEPTION_MAX)
		return err_set(e, ERR_ACCESS,
		    _("an exception ends within %d days"),
		    (int)(DECISION_EXCEPTION_MAX / 86400));
	return 0;
}

/* What only a program that calls us can get wrong. */
static int
judge_form(const struct decision *d, struct err *e)
{
	bool graded = false;

	for (size_t i = 0; i < sizeof(grades) / sizeof(grades[0]); i++)
		graded = graded || strcmp(grades[i], d->grade) == 0;
	if (d->kind <= DECISION_NONE || d->kind >= DECISION_KINDS)
		return err_set(e, ERR_ACCESS, _("there is no such decision"));
	if (!is_silent(d) && is_blank(d->reviewer))
		return err_set(
		    e, ERR_ACCESS, _("who decides has no employee number"));
	if (!graded || d->item < 0 || d->bulk < 1 ||
	    (d->seconds != FACT_UNKNOWN && d->seconds < 0))
		return err_set(
		    e, ERR_FORMAT, "grade \"%s\", bulk or seconds", d->grade);
	return 0;
}

/* ---- Whether it may be said of that question ---- */

struct asked { /* what is decided, and of whom it is asked */
	char reviewer[64];
	int64_t due, frozen;
	int64_t items;
	bool privileged, flagged, low;
};

static int
read_question(struct store *store, const struct decision *d,
    struct asked *asked, struct err *e)
{
	struct statement *s = store_use(store, "decision_question", e);
	const char *ended, *reviewer;
	int more;

	bind_int(s, ":campaign", d->campaign);
	bind_int(s, ":question", d->question);
	more = store_step(s, e);
	if (more != 1)
		return more == -1 ? -1
		                  : err_set(e, ERR_ACCESS,
		                        _("question %lld is not of that "
		                          "campaign"),
		                        (long long)d->question);
	ended = column_text(s, column_of(s, "ended"));
	reviewer = column_text(s, column_of(s, "reviewer"));
	asked->due = column_int(s, column_of(s, "due"));
	asked->frozen = column_fact(s, column_of(s, "frozen"));
	if (asked->frozen == FACT_UNKNOWN)
		return err_set(
		    e, ERR_ACCESS, _("the campaign is not frozen yet"));
	if (ended != NULL)
		return err_set(e, ERR_ACCESS,
		    strcmp(ended, "closed") == 0
		        ? _("the campaign is closed")
		        : _("the campaign was cancelled"));
	if (strlen(reviewer) >= sizeof(asked->reviewer))
		return err_set(e, ERR_FORMAT, "reviewer \"%s\"", reviewer);
	(void)strcpy(asked->reviewer, reviewer);
	store_done(s);
	return 0;
}

/* Whether the reviewer may decide that item; nobody is asked by silence. */
static int
judge_conflict(struct store *store, const struct decision *d, int64_t item,
    const char *account, struct err *e)
{
	struct statement *s = store_use(store, "decision_conflict", e);
	const char *why;
	int more;

	bind_int(s, ":campaign", d->campaign);
	bind_int(s, ":item", item);
	bind_text(s, ":employee", d->reviewer);
	more = store_step(s, e);
	if (more != 1)
		return more;
	why = column_text(s, 0);
	return err_set(e, ERR_ACCESS,
	    strcmp(why, "holder") == 0
	        ? _("%s holds what is decided (%s): somebody else decides it")
	        : strcmp(why, "approver") == 0
	        ? _("%s approved what is decided (%s): somebody else decides "
	            "it")
	        : _("%s asked for what is decided (%s): somebody else decides "
	            "it"),
	    d->reviewer, account);
}

static int
judge_item(struct store *store, const struct decision *d, struct statement *s,
    struct asked *asked, struct err *e)
{
	const char *person = column_text(s, column_of(s, "person"));
	const char *account = column_text(s, column_of(s, "account"));

	asked->items++;
	asked->privileged = asked->privileged || column_int(s, 1) != 0;
	asked->flagged = asked->flagged || column_int(s, 2) != 0;
	asked->low = (asked->low || asked->items == 1) && column_int(s, 3) != 0;
	if (d->kind == DECISION_NOT_MINE && d->proposal != NULL &&
	    person != NULL && employee_same(person, d->proposal))
		return err_set(e, ERR_ACCESS,
		    _("%s holds it, so it is not theirs to decide"),
		    d->proposal);
	return is_silent(d) ? 0
	                    : judge_conflict(store, d, column_int(s, 0),
	                          account == NULL ? "" : account, e);
}

static int
judge_items(struct store *store, const struct decision *d, struct asked *asked,
    struct err *e)
{
	struct statement *s = store_use(
	    store, d->item == 0 ? "decision_items" : "decision_item", e);
	int more;

	bind_int(s, ":campaign", d->campaign);
	bind_int(s, ":question", d->question);
	if (d->item != 0)
		bind_int(s, ":item", d->item);
	while ((more = store_step(s, e)) == 1)
		if (judge_item(store, d, s, asked, e) == -1)
			return -1;
	if (more == 0 && asked->items == 0)
		return err_set(e, ERR_ACCESS,
		    _("item %lld is not of question %lld"), (long long)d->item,
		    (long long)d->question);
	return more;
}

/* Nobody picks who decides on them, nor decides on whom they report to. */
static int
judge_naming(struct store *store, const struct decision *d, const char *namer,
    struct err *e)
{
	char number[EMPLOYEE_SIZE];
	struct statement *s;
	int more;

	if (employee_find(store, namer, number, e) == -1)
		return -1;
	s = store_use(store, "campaign_question_conflict", e);
	bind_int(s, ":campaign", d->campaign);
	bind_int(s, ":question", d->question);
	bind_text(s, ":employee", number);
	more = store_step(s, e);
	store_done(s);
	if (more == 1)
		return err_set(e, ERR_ACCESS,
		    _("%s named this deputy, and holds, asked for or approved "
		      "what is decided"),
		    number);
	if (more == -1)
		return -1;
	s = store_use(store, "decision_reports", e);
	bind_int(s, ":campaign", d->campaign);
	bind_int(s, ":question", d->question);
	bind_text(s, ":employee", d->reviewer);
	more = store_step(s, e);
	store_done(s);
	return more == 1
	    ? err_set(e, ERR_ACCESS,
	          _("%s reports to who holds it, and is no deputy for that"),
	          d->reviewer)
	    : more;
}

static int
judge_deputy(struct store *store, const struct decision *d,
    const struct asked *asked, int64_t now, struct err *e)
{
	struct statement *s = store_use(store, "decision_deputy", e);
	char namer[EMPLOYEE_SIZE];
	int64_t limit;
	int more;

	bind_text(s, ":reviewer", asked->reviewer);
	bind_text(s, ":deputy", d->reviewer);
	bind_int(s, ":now", now);
	more = store_step(s, e);
	if (more != 1)
		return more == -1 ? -1
		                  : err_set(e, ERR_ACCESS,
		                        _("question %lld is not %s's to "
		                          "decide"),
		                        (long long)d->question, d->reviewer);
	limit = column_int(s, 0);
	(void)snprintf(namer, sizeof(namer), "%s", column_text(s, 1));
	store_done(s);
	if (judge_naming(store, d, namer, e) == -1)
		return -1;
	s = store_use(store, "decision_deputy_used", e);
	bind_int(s, ":campaign", d->campaign);
	bind_int(s, ":question", d->question);
	bind_text(s, ":reviewer", asked->reviewer);
	bind_text(s, ":deputy", d->reviewer);
	bind_int(s, ":limit", limit);
	if (store_step(s, e) != 1)
		return -1;
	if (column_int(s, 0) >= limit)
		return err_set(e, ERR_ACCESS,
		    _("as deputy %s decides at most %lld questions of a "
		      "campaign"),
		    d->reviewer, (long long)limit);
	store_done(s);
	return 0;
}

static int
judge_person(struct store *store, const char *employee, int64_t now,
    bool must_exist, struct err *e)
{
	struct statement *s = store_use(store, "decision_person", e);
	int more;

	bind_text(s, ":employee", employee);
	bind_int(s, ":now", now);
	more = store_step(s, e);
	if (more == 1 && column_int(s, 0) != 0)
		return err_set(e, ERR_ACCESS, _("%s has left"), employee);
	if (more == 0 && must_exist)
		return err_set(e, ERR_ACCESS,
		    _("personnel data has nobody with the number %s"),
		    employee);
	store_done(s);
	return more == -1 ? -1 : 0;
}

static int
judge_reviewer(struct store *store, const struct decision *d,
    const struct asked *asked, int64_t now, struct err *e)
{
	if (is_blank(d->reviewer))
		return err_set(
		    e, ERR_ACCESS, _("who decides has no employee number"));
	if (judge_person(store, d->reviewer, now, false, e) == -1)
		return -1;
	return strcmp(d->reviewer, asked->reviewer) == 0
	    ? 0
	    : judge_deputy(store, d, asked, now, e);
}

static int
judge_proposal(
    struct store *store, const struct decision *d, int64_t now, struct err *e)
{
	if (d->kind != DECISION_NOT_MINE)
		return 0;
	if (is_blank(d->proposal))
		return err_set(
		    e, ERR_ACCESS, _("say whose it is: an employee number"));
	if (employee_same(d->proposal, d->reviewer))
		return err_set(e, ERR_ACCESS,
		    _("what is not yours can't be proposed to yourself"));
	return judge_person(store, d->proposal, now, true, e);
}

static int
judge_risk(const struct decision *d, const struct asked *asked, struct err *e)
{
	if ((asked->privileged || asked->flagged) && is_blank(d->reason))
		return err_set(e, ERR_ACCESS,
		    asked->privileged ? _("what is privileged needs a reason")
		                      : _("what has findings needs a reason"));
	if (d->bulk > 1 && d->kind != DECISION_KEEP)
		return err_set(e, ERR_ACCESS,
		    _("only keep can be said of many at one stroke"));
	if (d->bulk > 1 && (!asked->low || asked->privileged || asked->flagged))
		return err_set(e, ERR_ACCESS,
		    _("only what is of low risk can be kept at one stroke"));
	if (d->kind == DECISION_EXCEPTION && d->item == 0 && asked->items > 1)
		return err_set(e, ERR_ACCESS,
		    _("an exception is made for each item by itself"));
	return 0;
}

/* The program proposes to revoke what nobody answered in time; no more. */
static int
judge_silence(struct store *store, const struct decision *d,
    const struct asked *asked, int64_t now, struct err *e)
{
	struct statement *s;
	int more;

	if (d->kind != DECISION_REVOKE)
		return err_set(e, ERR_ACCESS,
		    "silence proposes to revoke, and nothing else");
	if (now < asked->due)
		return err_set(
		    e, ERR_ACCESS, "nobody is silent before it is due");
	s = store_use(store, "decision_stands", e);
	bind_int(s, ":campaign", d->campaign);
	bind_int(s, ":question", d->question);
	bind_int(s, ":item", d->item);
	more = store_step(s, e);
	return more == 1 ? err_set(e, ERR_ACCESS, "it is decided") : more;
}

/* When it was decided is self-reported: no time that can't be. */
static int
judge_time(const struct decision *d, const struct asked *asked, int64_t now,
    struct err *e)
{
	if (d->decided == FACT_UNKNOWN)
		return 0;
	if (d->decided > now + CLOCKS_DIFFER)
		return err_set(e, ERR_ACCESS,
		    _("it is said to be decided at a time that is to come"));
	if (d->decided < asked->frozen)
		return err_set(e, ERR_ACCESS,
		    _("it is said to be decided before the campaign was "
		      "frozen"));
	return 0;
}

int
decision_judge(
    struct store *store, const struct decision *d, int64_t now, struct err *e)
{
	struct asked asked = { .items = 0 };

	if (judge_form(d, e) == -1 || judge_texts(d, e) == -1 ||
	    judge_exception(d, now, e) == -1 ||
	    read_question(store, d, &asked, e) == -1 ||
	    judge_time(d, &asked, now, e) == -1)
		return -1;
	/* A holder is told so, whoever is asked. */
	if (judge_items(store, d, &asked, e) == -1)
		return -1;
	if (!is_silent(d) &&
	    (judge_reviewer(store, d, &asked, now, e) == -1 ||
	        judge_proposal(store, d, now, e) == -1))
		return -1;
	return is_silent(d) ? judge_silence(store, d, &asked, now, e)
	                    : judge_risk(d, &asked, e);
}

/* ---- Recording it ---- */

/*
 * Whoever signs the act decides by "signed" alone: who brings in what others
 * wrote down counts neither as reviewer nor as second person, and brings in
 * nothing on what they hold, asked for or approved themselves.
 */
static int
judge_signer(const struct act *act, struct store *store,
    const struct decision *d, struct err *e)
{
	const struct signer *signer = act_signer(act);
	struct asked asked = { .items = 0 };
	struct decision brought = *d;

	if (signer == NULL)
		return strcmp(d->grade, "silent") == 0
		    ? 0
		    : err_set(e, ERR_ACCESS, "nobody signs this decision");
	if (strcmp(d->grade, "coded") != 0 &&
	    strcmp(d->grade, "transcribed") != 0)
		return 0;
	if (employee_same(signer->employee, d->reviewer))
		return err_set(e, ERR_ACCESS,
		    _("your own decisions are signed: reeve decide"));
	if (is_blank(signer->employee))
		return err_set(e, ERR_ACCESS,
		    _("who brings in what others decided has no employee "
		      "number"));
	brought.reviewer = signer->employee;
	if (judge_items(store, &brought, &asked, e) == 0)
		return 0;
	return e->code == ERR_ACCESS
	    ? err_in(e, "%s", _("who brings in what others decided"))
	    : -1;
}

static const char *
only_of(const struct decision *d, enum decision_kind kind, const char *text)
{
	return d->kind == kind ? text : NULL;
}

int
decision_add(struct act *act, struct store *store, const struct decision *d,
    struct err *e)
{
	struct statement *s;

	if (decision_judge(store, d, act_at(act), e) == -1 ||
	    judge_signer(act, store, d, e) == -1)
		return -1;
	s = store_use(store, "decision_add", e);
	bind_int(s, ":act", act_number(act));
	bind_int(s, ":campaign", d->campaign);
	bind_int(s, ":question", d->question);
	bind_int(s, ":item", d->item);
	bind_text(s, ":decision", decision_names[d->kind]);
	bind_text(s, ":reason", d->reason == NULL ? "" : d->reason);
	bind_text(s, ":change", only_of(d, DECISION_MODIFY, d->change));
	bind_text(s, ":compensation",
	    only_of(d, DECISION_EXCEPTION, d->compensation));
	bind_fact(
	    s, ":ends", d->kind == DECISION_EXCEPTION ? d->ends : FACT_UNKNOWN);
	bind_text(s, ":proposal", only_of(d, DECISION_NOT_MINE, d->proposal));
	bind_text(s, ":reviewer", d->reviewer);
	bind_text(s, ":grade", d->grade);
	bind_fact(s, ":decided", d->decided);
	bind_fact(s, ":seconds", d->seconds);
	bind_int(s, ":bulk", d->bulk);
	return store_run(s, e);
}
