#include "review/decide.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "review/command.h"
#include "review/question.h"
#include "review/screen.h"
#include "review/terminal.h"
#include "schema/base/clock.h"
#include "schema/message.h"

#define PAGE_ROOM (1024u * 1024)
#define LINE_ROOM 4096u
#define KEY_LINES 5 /* below what is shown */
#define TITLE     64

struct session {
	struct command_context *context;
	struct store *store;
	struct terminal *terminal;
	const struct signer *me;
	const char *campaign;
	struct questions questions;
	struct draft *draft;
	size_t at;
	int64_t shown_ns; /* when the question came on the screen */
	bool over;
	struct buf notice; /* to be read above the next question */
};

/* ---- Small things ---- */

static FILE *
out_of(const struct session *s)
{
	return s->context->out;
}

static int
uptime(int64_t *ns, struct err *e)
{
	struct clock clock = clock_system();

	return clock_uptime(&clock, ns, e);
}

static struct question *
current(const struct session *s)
{
	return &s->questions.rows[s->at];
}

static const struct decision *
said_of(const struct session *s, const struct question *q)
{
	return draft_find(s->draft, q->campaign, q->number, q->item);
}

static void
notice(struct session *s, const char *text)
{
	buf_clear(&s->notice);
	buf_put_string(&s->notice, text);
}

static void
say_field(const struct session *s, const char *label, const char *text)
{
	struct buf b = buf_new(PAGE_ROOM);
	int columns, lines;

	terminal_size(s->terminal, &columns, &lines);
	screen_field(&b, label, *label == '\0' ? 0 : 10, text, columns, 0);
	fputs(buf_string(&b), out_of(s));
	buf_free(&b);
}

/* ---- Showing ---- */

static void
show_head(const struct session *s, const struct question *q)
{
	char label[48];

	question_label(q, label);
	fprintf(out_of(s), _("%zu of %zu   %s, question %s"), s->at + 1,
	    s->questions.count, q->name, label);
	if (q->privileged)
		fprintf(out_of(s), "   [%s]", _("privileged"));
	if (q->flagged)
		fprintf(out_of(s), "   [%s]", _("has findings"));
	if (q->low)
		fprintf(out_of(s), "   [%s]", _("low risk"));
	if (strcmp(q->reviewer, s->me->employee) != 0)
		fprintf(out_of(s), _("   [as deputy of %s]"), q->reviewer);
	fputs("\n\n", out_of(s));
}

static void
show_said(const struct session *s, const struct decision *d)
{
	char text[TITLE + DECISION_REASON_MAX + 8];

	if (d == NULL)
		return;
	(void)snprintf(text, sizeof(text), "%s%s%s",
	    decision_title(d->kind, s->context->zh),
	    *d->reason == '\0' ? "" : ": ", d->reason);
	say_field(s, _("You said"), text);
}

static void
show_keys(const struct session *s, const struct question *q)
{
	fputs(_("\nk keep  m modify  r revoke  d disable  x delete  "
	        "e exception  n not mine\n"),
	    out_of(s));
	fputs(q->items > 1 && q->item == 0
	        ? _("i each item  K keep all of low risk  s later  b back  "
	            "? help  q end and sign ")
	        : _("f all findings  K keep all of low risk  s later  b back  "
	            "? help  q end and sign "),
	    out_of(s));
}

static int
show(struct session *s, bool all, struct err *e)
{
	const struct question *q = current(s);
	struct buf b = buf_new(PAGE_ROOM);
	int columns, lines, status;

	terminal_size(s->terminal, &columns, &lines);
	status = question_show(s->store, q, s->context->zh, columns,
	    all ? 0 : lines - KEY_LINES, &b, e);
	if (status == 0) {
		terminal_clear(s->terminal);
		if (s->notice.length > 0)
			say_field(s, "", buf_string(&s->notice));
		buf_clear(&s->notice);
		show_head(s, q);
		fputs(buf_string(&b), out_of(s));
		show_said(s, said_of(s, q));
		show_keys(s, q);
	}
	buf_free(&b);
	return status;
}

static int
show_help(struct session *s, struct err *e)
{
	int key;

	terminal_clear(s->terminal);
	fputs(_("k  keep the right\n"
	        "m  modify: say what it should become\n"
	        "r  revoke the right\n"
	        "d  disable the account\n"
	        "x  delete the account\n"
	        "e  exception: against the rule, for a time, with a "
	        "compensating control\n"
	        "n  not mine: say whose it is\n\n"
	        "i  decide each item of such a question by itself\n"
	        "f  show all findings in full\n"
	        "K  keep all that is left and of low risk, at one stroke\n"
	        "u  take back what you said of this one\n"
	        "s  later: go on to the next; b  back to the one before\n"
	        "q  end: what you said is shown, and signed once\n\n"
	        "Nothing counts before it is signed. What you said is kept "
	        "until then, also\nwhen the connection is lost.\n\n"
	        "any key goes on "),
	    out_of(s));
	return terminal_key(s->terminal, &key, e);
}

/* ---- Asking ---- */

/*
 * A line, behind its label. Compulsory ones are asked until there is one, or
 * Ctrl-C. 1, 0: given up, -1.
 */
static int
ask(struct session *s, const char *label, bool compulsory, struct buf *line,
    struct err *e)
{
	int got;

	do {
		buf_clear(line);
		fprintf(out_of(s), "\n%s: ", label);
		got = terminal_line(s->terminal, line, e);
	} while (got == 1 && compulsory &&
	    buf_string(line)[strspn(buf_string(line), " ")] == '\0');
	return got;
}

struct said { /* lines of one answer */
	struct buf reason, change, compensation, proposal;
};

static struct said
said_new(void)
{
	return (struct said){ buf_new(LINE_ROOM), buf_new(LINE_ROOM),
		buf_new(LINE_ROOM), buf_new(LINE_ROOM) };
}

static void
said_free(struct said *a)
{
	buf_free(&a->reason);
	buf_free(&a->change);
	buf_free(&a->compensation);
	buf_free(&a->proposal);
}

static int
ask_end(struct session *s, int64_t *ends, struct err *e)
{
	struct buf line = buf_new(LINE_ROOM);
	int64_t now;
	int got;

	if (decide_now(s->context, &now, e) == -1)
		return -1;
	do {
		got = ask(
		    s, _("Until which day (at most 180 days)"), true, &line, e);
		if (got == 1 &&
		    decide_end(buf_string(&line), now, ends, e) == 0)
			break;
		if (got == 1)
			say_field(s, "", e->text);
	} while (got == 1);
	buf_free(&line);
	return got;
}

/* What that decision needs beside itself. 1, 0: given up, -1. */
static int
ask_parts(struct session *s, struct decision *d, struct said *a, struct err *e)
{
	const struct question *q = current(s);
	int got = 1;

	if (d->kind == DECISION_MODIFY)
		got = ask(s, _("What it should become"), true, &a->change, e);
	if (d->kind == DECISION_NOT_MINE)
		got = ask(s, _("Whose it is (employee number)"), true,
		    &a->proposal, e);
	if (d->kind == DECISION_EXCEPTION)
		got = ask(
		    s, _("Compensating control"), true, &a->compensation, e);
	if (got == 1 && d->kind == DECISION_EXCEPTION)
		got = ask_end(s, &d->ends, e);
	if (got == 1 &&
	    (d->kind != DECISION_KEEP || q->privileged || q->flagged))
		got = ask(s, _("Reason"), true, &a->reason, e);
	d->reason = buf_string(&a->reason);
	d->change = buf_string(&a->change);
	d->compensation = buf_string(&a->compensation);
	d->proposal = buf_string(&a->proposal);
	return got;
}

static int
fill(const struct session *s, const struct question *q, struct decision *d,
    struct err *e)
{
	int64_t ns;

	if (uptime(&ns, e) == -1 ||
	    decide_now(s->context, &d->decided, e) == -1)
		return -1;
	d->campaign = q->campaign;
	d->question = q->number;
	d->item = q->item;
	d->reviewer = s->me->employee;
	d->grade = "signed";
	d->seconds =
	    (ns - s->shown_ns + CLOCK_NS_PER_SECOND - 1) / CLOCK_NS_PER_SECOND;
	return 0;
}

/* 1: it is in the draft; 0: it is refused, and said why; -1. */
static int
judge_and_put(struct session *s, const struct question *q,
    const struct decision *d, struct err *e)
{
	if (decision_judge(s->store, d, d->decided, e) == -1) {
		if (e->code != ERR_ACCESS)
			return -1;
		notice(s, e->text);
		return 0;
	}
	return draft_put(s->draft, d, q->population, e) == -1 ? -1 : 1;
}

static int
decide(struct session *s, enum decision_kind kind, struct err *e)
{
	struct decision d = { .kind = kind, .ends = FACT_UNKNOWN, .bulk = 1 };
	struct said a = said_new();
	int got = ask_parts(s, &d, &a, e);

	if (got == 1) {
		got = fill(s, current(s), &d, e);
		if (got == 0)
			got = judge_and_put(s, current(s), &d, e);
		if (got == 1)
			got = draft_save(s->draft, e) == -1 ? -1 : 1;
	}
	said_free(&a);
	if (got == 1)
		s->at++;
	return got == -1 ? -1 : 0;
}

/* ---- Keep at one stroke ---- */

static bool
may_be_bulk(const struct session *s, const struct question *q)
{
	return q->low && !q->privileged && !q->flagged && said_of(s, q) == NULL;
}

static int
list_bulk(struct session *s, int64_t *count, struct err *e)
{
	struct buf account = buf_new(LINE_ROOM * 4);
	struct buf right = buf_new(LINE_ROOM * 4);
	int status = 0;

	terminal_clear(s->terminal);
	*count = 0;
	for (size_t i = 0; i < s->questions.count && status == 0; i++) {
		const struct question *q = &s->questions.rows[i];
		char label[48];

		if (!may_be_bulk(s, q))
			continue;
		++*count;
		buf_clear(&account);
		buf_clear(&right);
		status = question_line(
		    s->store, q, &account, &right, s->context->zh, e);
		question_label(q, label);
		if (right.length > 0)
			buf_printf(&account, ": %s", buf_string(&right));
		say_field(s, label, buf_string(&account));
	}
	buf_free(&account);
	buf_free(&right);
	return status;
}

static int
put_bulk(struct session *s, int64_t count, struct err *e)
{
	struct decision d = { .kind = DECISION_KEEP,
		.reason = "",
		.ends = FACT_UNKNOWN,
		.bulk = count };
	int got = 0;

	for (size_t i = 0; i < s->questions.count && got != -1; i++) {
		const struct question *q = &s->questions.rows[i];

		if (!may_be_bulk(s, q))
			continue;
		got = fill(s, q, &d, e);
		if (got == 0)
			got = judge_and_put(s, q, &d, e);
	}
	if (got == -1)
		return -1;
	return draft_save(s->draft, e);
}

static int
keep_all(struct session *s, struct err *e)
{
	int64_t count;
	int key;

	if (uptime(&s->shown_ns, e) == -1 || list_bulk(s, &count, e) == -1)
		return -1;
	if (count == 0) {
		notice(s, _("Nothing that is left is of low risk."));
		return 0;
	}
	fprintf(out_of(s),
	    _("\nThese %lld are of low risk. Keep all of them? y/n "),
	    (long long)count);
	if (terminal_key(s->terminal, &key, e) == -1)
		return -1;
	return key == 'y' ? put_bulk(s, count, e) : 0;
}

/* ---- Keys ---- */

static int
split(struct session *s, struct err *e)
{
	const struct question *q = current(s);

	if (q->items < 2 || q->item != 0)
		return 0;
	draft_remove(s->draft, q->campaign, q->number, 0);
	if (questions_split(&s->questions, s->at, s->store, e) == -1)
		return -1;
	return draft_save(s->draft, e);
}

static int
take_back(struct session *s, struct err *e)
{
	const struct question *q = current(s);

	draft_remove(s->draft, q->campaign, q->number, q->item);
	return draft_save(s->draft, e);
}

static int
show_all_findings(struct session *s, struct err *e)
{
	int key;

	if (show(s, true, e) == -1)
		return -1;
	return terminal_key(s->terminal, &key, e);
}

/* Nothing is lost; whether to leave is asked. */
static int
interrupted(struct session *s, struct err *e)
{
	int key;

	fprintf(out_of(s),
	    _("\nLeave? What you said (%zu) is kept for next time, unsigned. "
	      "y/n "),
	    draft_count(s->draft));
	if (terminal_key(s->terminal, &key, e) == -1)
		return -1;
	s->over =
	    key == 'y' || key == TERMINAL_INTERRUPT || key == TERMINAL_END;
	return 0;
}

static int
obey(struct session *s, int key, struct err *e)
{
	static const struct {
		int key;
		enum decision_kind kind;
	} kinds[] = { { 'k', DECISION_KEEP }, { 'm', DECISION_MODIFY },
		{ 'r', DECISION_REVOKE }, { 'd', DECISION_DISABLE },
		{ 'x', DECISION_DELETE }, { 'e', DECISION_EXCEPTION },
		{ 'n', DECISION_NOT_MINE } };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].key == key)
			return decide(s, kinds[i].kind, e);
	switch (key) {
	case 'K':
		return keep_all(s, e);
	case 'i':
		return split(s, e);
	case 'f':
		return show_all_findings(s, e);
	case 'u':
		return take_back(s, e);
	case '?':
		return show_help(s, e);
	case 's':
	case ' ':
		s->at++;
		return 0;
	case 'b':
		s->at -= s->at > 0;
		return 0;
	case 'q':
		s->at = s->questions.count;
		return 0;
	case TERMINAL_INTERRUPT:
	case TERMINAL_END:
		return interrupted(s, e);
	default:
		return 0;
	}
}

static int
ask_one(struct session *s, struct err *e)
{
	int key;

	if (show(s, false, e) == -1 || uptime(&s->shown_ns, e) == -1 ||
	    terminal_key(s->terminal, &key, e) == -1)
		return -1;
	return obey(s, key, e);
}

/* ---- The end ---- */

static void
count_said(const struct session *s)
{
	size_t counts[DECISION_KINDS] = { 0 };

	for (size_t i = 0; i < draft_count(s->draft); i++)
		counts[draft_at(s->draft, i, NULL)->kind]++;
	for (int k = DECISION_KEEP; k < DECISION_KINDS; k++)
		if (counts[k] > 0)
			fprintf(out_of(s), "  %6zu  %s\n", counts[k],
			    decision_title(
			        (enum decision_kind)k, s->context->zh));
}

static int
list_said(struct session *s, struct err *e)
{
	struct buf text = buf_new(LINE_ROOM * 8),
	           right = buf_new(LINE_ROOM * 4);
	int status = 0;

	for (size_t i = 0; i < s->questions.count && status == 0; i++) {
		const struct question *q = &s->questions.rows[i];
		const struct decision *d = said_of(s, q);
		char label[48];

		if (d == NULL)
			continue;
		buf_clear(&text);
		buf_clear(&right);
		buf_printf(
		    &text, "%s  ", decision_title(d->kind, s->context->zh));
		status = question_line(
		    s->store, q, &text, &right, s->context->zh, e);
		if (right.length > 0)
			buf_printf(&text, ": %s", buf_string(&right));
		if (*d->reason != '\0')
			buf_printf(&text, " (%s)", d->reason);
		question_label(q, label);
		say_field(s, label, buf_string(&text));
	}
	buf_free(&text);
	buf_free(&right);
	return status;
}

/* 1: signed; 0: not, and the questions go on; -1. */
static int
sign(struct session *s, struct err *e)
{
	if (terminal_rest(s->terminal, e) == -1)
		return -1;
	fputs("\n", out_of(s));
	(void)fflush(out_of(s));
	if (decide_sign(s->context, s->store, s->draft, e) == -1) {
		notice(s, e->text);
		return 0;
	}
	return draft_clear(s->draft, e) == -1 ? -1 : 1;
}

static int
finish(struct session *s, struct err *e)
{
	int key, done = 0;

	terminal_clear(s->terminal);
	if (s->notice.length > 0)
		say_field(s, "", buf_string(&s->notice));
	buf_clear(&s->notice);
	fprintf(out_of(s),
	    _("%s (%s) has decided %zu of %zu, none of it signed yet:\n\n"),
	    s->me->name, s->me->employee, draft_count(s->draft),
	    s->questions.count);
	count_said(s);
	fputs(_("\ny sign all of it  l list it  b back to the questions  "
	        "q leave, unsigned "),
	    out_of(s));
	if (terminal_key(s->terminal, &key, e) == -1)
		return -1;
	if (key == 'y' && draft_count(s->draft) > 0)
		done = sign(s, e);
	else if (key == 'l') {
		fputs("\n\n", out_of(s));
		done = list_said(s, e);
		if (done == 0)
			done = terminal_key(s->terminal, &key, e);
	} else if (key == 'b')
		s->at = 0;
	else
		s->over = key == 'q' || key == TERMINAL_INTERRUPT ||
		    key == TERMINAL_END;
	if (done == 1)
		s->over = true;
	return done == -1 ? -1 : 0;
}

/* ---- All of it ---- */

/* Items of a question that were decided one by one are asked so again. */
static int
split_as_drafted(struct session *s, struct err *e)
{
	for (size_t i = 0; i < s->questions.count; i++) {
		const struct question *q = &s->questions.rows[i];
		bool apart = false;

		for (size_t n = 0; n < draft_count(s->draft); n++) {
			const struct decision *d = draft_at(s->draft, n, NULL);

			apart = apart ||
			    (d->campaign == q->campaign &&
			        d->question == q->number && d->item != 0);
		}
		if (q->items > 1 && q->item == 0 && apart &&
		    questions_split(&s->questions, i, s->store, e) == -1)
			return -1;
	}
	return 0;
}

static const struct question *
find_asked(const struct session *s, const struct decision *d)
{
	for (size_t i = 0; i < s->questions.count; i++) {
		const struct question *q = &s->questions.rows[i];

		if (q->campaign == d->campaign && q->number == d->question &&
		    (q->item == d->item || q->item == 0))
			return q;
	}
	return NULL;
}

/* What is not asked any more, or of another population, or not allowed. */
static int
drop_stale(struct session *s, struct err *e)
{
	size_t dropped = 0, i = 0;
	int64_t now;

	if (decide_now(s->context, &now, e) == -1)
		return -1;
	while (i < draft_count(s->draft)) {
		const char *population;
		const struct decision *d = draft_at(s->draft, i, &population);
		const struct question *q = find_asked(s, d);

		if (q != NULL && strcmp(q->population, population) == 0 &&
		    decision_judge(s->store, d, now, e) == 0) {
			i++;
			continue;
		}
		draft_remove(s->draft, d->campaign, d->question, d->item);
		dropped++;
	}
	if (draft_count(s->draft) + dropped > 0)
		buf_printf(&s->notice,
		    _("Not signed yet, from last time: %zu. Dropped, for they "
		      "are not asked any more: %zu."),
		    draft_count(s->draft), dropped);
	return dropped > 0 ? draft_save(s->draft, e) : 0;
}

static int
prepare(struct session *s, struct err *e)
{
	int64_t now;

	if (terminal_open(&s->terminal, out_of(s), e) == -1 ||
	    decide_now(s->context, &now, e) == -1 ||
	    questions_read(&s->questions, s->store, s->campaign,
	        s->me->employee, true, now, e) == -1 ||
	    draft_open(&s->draft, store_path(s->store), s->me->employee, e) ==
	        -1)
		return -1;
	if (drop_stale(s, e) == -1)
		return -1;
	return split_as_drafted(s, e);
}

static int
go_on(struct session *s, struct err *e)
{
	while (!s->over)
		if ((s->at < s->questions.count ? ask_one(s, e)
		                                : finish(s, e)) == -1)
			return -1;
	return 0;
}

int
decide_session(struct command_context *c, struct store *store,
    const struct signer *me, const char *campaign)
{
	struct session s = { .context = c,
		.store = store,
		.me = me,
		.campaign = campaign,
		.notice = buf_new(LINE_ROOM) };
	struct err e = { .code = ERR_NONE };
	int status = prepare(&s, &e);

	if (status == 0 && s.questions.count == 0)
		fprintf(c->out, _("Nothing is left for %s (%s) to decide.\n"),
		    me->name, me->employee);
	else if (status == 0)
		status = go_on(&s, &e);
	if (s.draft != NULL && draft_count(s.draft) > 0)
		fprintf(c->out,
		    _("\nNot signed, and kept in %s: reeve decide goes on "
		      "with it.\n"),
		    draft_path(s.draft));
	questions_free(&s.questions);
	draft_close(&s.draft);
	terminal_close(&s.terminal);
	buf_free(&s.notice);
	return status == -1 ? command_fail(c, "decide", &e) : STATUS_DONE;
}
