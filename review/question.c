#include "review/question.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "review/decision.h"
#include "review/rule_words.h"
#include "review/screen.h"
#include "schema/message.h"

#define QUESTIONS_MAX 1000000u
#define LABEL_WIDTH   10
#define TEXT_ROOM     (64u * 1024)
#define DAY_LENGTH    10 /* of "2026-11-29" */
#define FINDINGS_MIN  3
#define NAMES         12 /* of alike items that are named */

static const char *
text_of(struct statement *s, const char *column)
{
	return column_text(s, column_of(s, column));
}

static const char *
text_or(struct statement *s, const char *column, const char *otherwise)
{
	const char *text = text_of(s, column);

	return text == NULL ? otherwise : text;
}

static int64_t
int_of(struct statement *s, const char *column)
{
	return column_int(s, column_of(s, column));
}

static void
copy(char *out, size_t size, const char *text)
{
	(void)snprintf(out, size, "%s", text == NULL ? "" : text);
}

/* ---- Reading them ---- */

static struct question *
add(struct questions *all, size_t at, struct err *e)
{
	struct question *rows;

	if (all->count >= QUESTIONS_MAX) {
		err_set(e, ERR_LIMIT, "more than %u questions", QUESTIONS_MAX);
		return NULL;
	}
	if (all->count == all->room) {
		size_t room = all->room == 0 ? 64 : all->room * 2;

		rows = realloc(all->rows, room * sizeof(*rows));
		if (rows == NULL) {
			err_set(e, ERR_MEMORY, "out of memory");
			return NULL;
		}
		all->rows = rows;
		all->room = room;
	}
	memmove(&all->rows[at + 1], &all->rows[at],
	    (all->count - at) * sizeof(*all->rows));
	all->count++;
	memset(&all->rows[at], 0, sizeof(all->rows[at]));
	return &all->rows[at];
}

static int
read_question(struct questions *all, struct statement *s,
    const struct question *campaign, bool undecided, struct err *e)
{
	struct question *q;

	if (undecided && int_of(s, "left_") == 0)
		return 0;
	if ((q = add(all, all->count, e)) == NULL)
		return -1;
	*q = *campaign;
	q->number = int_of(s, "n");
	copy(q->kind, sizeof(q->kind), text_of(s, "kind"));
	copy(q->reviewer, sizeof(q->reviewer), text_of(s, "reviewer"));
	q->items = int_of(s, "items");
	q->left = int_of(s, "left_");
	q->privileged = int_of(s, "privileged") != 0;
	q->flagged = int_of(s, "flagged") != 0;
	q->low = int_of(s, "low") != 0;
	return 0;
}

static int
read_campaign(struct questions *all, struct store *store,
    const struct question *campaign, const char *employee, bool undecided,
    int64_t now, struct err *e)
{
	struct statement *s = store_use(store,
	    employee == NULL ? "decide_questions_all" : "decide_questions", e);
	int more;

	bind_int(s, ":campaign", campaign->campaign);
	if (employee != NULL) {
		bind_text(s, ":employee", employee);
		bind_int(s, ":now", now);
	}
	while ((more = store_step(s, e)) == 1)
		if (read_question(all, s, campaign, undecided, e) == -1)
			return -1;
	return more;
}

int
questions_read(struct questions *all, struct store *store, const char *name,
    const char *employee, bool undecided, int64_t now, struct err *e)
{
	struct statement *s = store_use(store, "decide_campaigns", e);
	int64_t campaigns = 0;
	int more;

	bind_text(s, ":name", name);
	for (; (more = store_step(s, e)) == 1; campaigns++) {
		struct question c = { .campaign = int_of(s, "id"),
			.due = int_of(s, "due") };

		copy(c.name, sizeof(c.name), text_of(s, "name"));
		copy(c.population, sizeof(c.population),
		    text_of(s, "population"));
		if (read_campaign(
		        all, store, &c, employee, undecided, now, e) == -1)
			return -1;
	}
	if (more == 0 && campaigns == 0)
		return err_set(e, ERR_MISSING,
		    name == NULL ? _("no campaign is open: reeve campaign")
		                 : _("%s: no such campaign is open and frozen: "
		                     "reeve campaign status"),
		    name);
	return more;
}

int
questions_split(
    struct questions *all, size_t at, struct store *store, struct err *e)
{
	struct question whole = all->rows[at];
	struct statement *s = store_use(store, "decide_items", e);
	size_t place = at;
	int more;

	bind_int(s, ":campaign", whole.campaign);
	bind_int(s, ":question", whole.number);
	while ((more = store_step(s, e)) == 1) {
		struct question *q =
		    place == at ? &all->rows[at] : add(all, place, e);

		if (q == NULL)
			return -1;
		place++;
		*q = whole;
		q->item = int_of(s, "n");
		q->left = text_of(s, "decision") == NULL;
		q->privileged = int_of(s, "privileged") != 0;
		q->flagged = int_of(s, "flagged") != 0;
		q->low = int_of(s, "low") != 0;
	}
	return more;
}

void
questions_free(struct questions *all)
{
	free(all->rows);
	memset(all, 0, sizeof(*all));
}

void
question_label(const struct question *q, char out[48])
{
	if (q->item == 0)
		(void)snprintf(out, 48, "%lld", (long long)q->number);
	else
		(void)snprintf(out, 48, "%lld/%lld", (long long)q->number,
		    (long long)q->item);
}

/* ---- Showing one ---- */

struct page {
	struct store *store;
	const struct question *question;
	struct statement *item; /* decide_item */
	bool zh;
	int columns, lines;
	struct buf *out;
	struct buf text; /* of the field that is being made */
};

static struct statement *
use_item(struct store *store, const struct question *q, struct err *e)
{
	struct statement *s = store_use(store, "decide_item", e);
	int more;

	bind_int(s, ":campaign", q->campaign);
	bind_int(s, ":question", q->number);
	bind_int(s, ":item", q->item);
	more = store_step(s, e);
	if (more == 0)
		err_set(e, ERR_MISSING, "question %lld has no item",
		    (long long)q->number);
	return more == 1 ? s : NULL;
}

/* The right as people call it, and what the directory calls it. */
static void
put_right(struct buf *b, struct statement *s, bool zh)
{
	const char *name = text_of(s, "right");
	const char *plain = text_of(s, zh ? "right_zh" : "right_en");

	if (plain == NULL)
		plain = text_of(s, zh ? "right_en" : "right_zh");
	if (name == NULL)
		buf_put_string(b, _("the account itself"));
	else if (plain != NULL)
		buf_printf(b, "%s (%s)", plain, name);
	else
		buf_put_string(b, name);
}

static void
put_account(struct buf *b, struct statement *s)
{
	const char *host = text_of(s, "host");

	buf_printf(b, "%s @ %s", text_or(s, "account", "?"),
	    host != NULL ? host : text_or(s, "source", "?"));
}

int
question_line(struct store *store, const struct question *q,
    struct buf *account, struct buf *right, bool zh, struct err *e)
{
	struct statement *s = use_item(store, q, e);

	if (s == NULL)
		return -1;
	if (q->items > 1 && q->item == 0)
		buf_put_string(
		    account, text_or(s, zh ? "title_zh" : "title", ""));
	else
		put_account(account, s);
	if (q->items == 1 || q->item > 0)
		put_right(right, s, zh);
	store_done(s);
	return buf_status(account, e) == -1 ? -1 : buf_status(right, e);
}

/* Ends a field that was put into page->text. */
static void
field(struct page *p, const char *label, int lines)
{
	screen_field(p->out, label, LABEL_WIDTH, buf_string(&p->text),
	    p->columns, lines);
	buf_clear(&p->text);
}

static void
put_day(struct buf *b, const char *time)
{
	buf_put(b, time, strnlen(time, DAY_LENGTH));
}

static void
show_right(struct page *p)
{
	const char *description = text_of(p->item, "description");

	put_right(&p->text, p->item, p->zh);
	if (description != NULL && *description != '\0')
		buf_printf(&p->text, ": %s", description);
	field(p, _("Right"), 2);
}

static void
show_account(struct page *p)
{
	const char *enabled = text_of(p->item, "enabled");
	const char *display = text_of(p->item, "display");

	put_account(&p->text, p->item);
	if (display != NULL && *display != '\0')
		buf_printf(&p->text, ", %s", display);
	buf_printf(&p->text, ", %s",
	    enabled == NULL                 ? _("not known whether enabled")
	        : strcmp(enabled, "1") == 0 ? _("enabled")
	                                    : _("disabled"));
	field(p, _("Account"), 2);
}

static void
put_if(struct buf *b, struct statement *s, const char *column)
{
	const char *text = text_of(s, column);

	if (text != NULL && *text != '\0')
		buf_printf(b, ", %s", text);
}

static void
show_holder(struct page *p)
{
	struct statement *s = p->item;
	const char *owner = text_of(s, "owner");
	const char *confirmed = text_of(s, "owner_confirmed");

	if (text_of(s, "employee") != NULL) {
		buf_printf(&p->text, "%s (%s)", text_or(s, "person", "?"),
		    text_of(s, "employee"));
		put_if(&p->text, s, "job");
		put_if(&p->text, s, "department");
		buf_printf(
		    &p->text, ", %s", rule_word(text_or(s, "status", "?")));
	} else {
		buf_put_string(&p->text, _("nobody that is known"));
		if (owner != NULL)
			buf_printf(&p->text,
			    confirmed != NULL && strcmp(confirmed, "1") == 0
			        ? _("; owner %s")
			        : _("; owner %s, who did not confirm it"),
			    owner);
	}
	field(p, _("Holder"), 2);
}

static void
show_path(struct page *p)
{
	const char *path = text_of(p->item, "path");
	int64_t ways = int_of(p->item, "ways");

	if (path == NULL)
		return;
	buf_printf(&p->text, "%s > %s", text_or(p->item, "account", "?"), path);
	if (ways > 1)
		buf_printf(&p->text, _(" (the shortest of %lld ways)"),
		    (long long)ways);
	field(p, _("Path"), 2);
}

static void
show_acquired(struct page *p)
{
	const char *when = text_of(p->item, "acquired");
	const char *how = text_of(p->item, "acquired_how");
	const char *ticket = text_of(p->item, "ticket");

	if (when == NULL)
		buf_put_string(&p->text, _("not known when"));
	else
		put_day(&p->text, when);
	if (ticket != NULL)
		buf_printf(&p->text, _(", approved by ticket %s"), ticket);
	else if (how != NULL)
		buf_printf(&p->text, ", %s",
		    strcmp(how, "directory") == 0
		        ? _("as the directory says")
		        : _("as first seen by a pull"));
	else
		buf_put_string(&p->text, _(", no approval on record"));
	field(p, _("Acquired"), 2);
}

static void
show_used(struct page *p)
{
	struct statement *s = p->item;
	const char *when = text_of(s, "used");
	const char *certain = text_of(s, "used_certain");

	if (when == NULL) {
		buf_put_string(&p->text, _("never, as far as is recorded"));
	} else {
		put_day(&p->text, when);
		buf_printf(&p->text, " (%s", text_or(s, "used_attribute", "?"));
		if (certain == NULL || strcmp(certain, "1") != 0)
			buf_printf(&p->text, _(", perhaps up to %lld d later"),
			    (long long)(int_of(s, "used_resolution") + 86399) /
			        86400);
		buf_put_string(&p->text, ")");
	}
	field(p, _("Last used"), 2);
}

static void
show_peers(struct page *p)
{
	if (text_of(p->item, "peers") == NULL)
		return;
	buf_printf(&p->text, _("%lld of %lld settled colleagues hold it"),
	    (long long)int_of(p->item, "peers_holding"),
	    (long long)int_of(p->item, "peers"));
	field(p, _("Peers"), 1);
}

static void
show_last(struct page *p)
{
	struct statement *s = p->item;
	const char *last = text_of(s, "last");
	enum decision_kind kind;

	if (last == NULL) {
		buf_put_string(&p->text, _("not asked before"));
	} else {
		kind = decision_find(last, strlen(last));
		buf_printf(&p->text, _("%s by %s, %.10s, in %s"),
		    decision_title(kind, p->zh), text_or(s, "last_by", "?"),
		    text_or(s, "last_at", "?"),
		    text_or(s, "last_campaign", "?"));
	}
	field(p, _("Last time"), 2);
}

static void
put_finding(struct page *p, struct statement *s)
{
	const char *text = text_of(s, p->zh ? "text_zh" : "text");
	const char *excepted = text_of(s, "excepted");

	buf_printf(&p->text, "%s %s %s", rule_word(text_or(s, "severity", "")),
	    text_or(s, "rule", ""),
	    text_or(s, p->zh ? "title_zh" : "title", ""));
	if (strcmp(text_or(s, "state", ""), "unknown") == 0)
		buf_printf(
		    &p->text, p->zh ? "（%s）" : " (%s)", rule_word("unknown"));
	if (excepted != NULL && strcmp(excepted, "1") == 0)
		buf_put_string(&p->text, _(" (excepted)"));
	if (text != NULL && *text != '\0')
		buf_printf(&p->text, p->zh ? "：%s" : ": %s", text);
}

static int
count_lines(struct buf *b)
{
	int lines = 0;

	for (const char *at = buf_string(b); *at != '\0'; at++)
		lines += *at == '\n';
	return lines;
}

static int
show_findings(struct page *p, struct err *e)
{
	struct statement *s = store_use(p->store, "decide_findings", e);
	int room = p->lines - count_lines(p->out);
	int64_t shown = 0, hidden = 0;
	int more;

	bind_int(s, ":campaign", p->question->campaign);
	bind_int(s, ":item", int_of(p->item, "n"));
	room = room < FINDINGS_MIN * 2 ? FINDINGS_MIN * 2 : room;
	while ((more = store_step(s, e)) == 1) {
		if (p->lines > 0 && (shown + 1) * 2 > room) {
			hidden++;
			continue;
		}
		put_finding(p, s);
		field(p, shown == 0 ? _("Findings") : "", p->lines > 0 ? 2 : 0);
		shown++;
	}
	if (more == 0 && shown == 0) {
		buf_put_string(&p->text, _("none"));
		field(p, _("Findings"), 1);
	}
	if (hidden > 0) {
		buf_printf(
		    &p->text, _("and %lld more: press f"), (long long)hidden);
		field(p, "", 1);
	}
	return more;
}

/* Of several that are alike: who they are, as far as there is room. */
static int
show_alike(struct page *p, struct err *e)
{
	struct statement *s = store_use(p->store, "decide_items", e);
	int64_t named = 0;
	int more;

	buf_put_string(
	    &p->text, text_or(p->item, p->zh ? "title_zh" : "title", ""));
	field(p, _("Question"), 2);
	bind_int(s, ":campaign", p->question->campaign);
	bind_int(s, ":question", p->question->number);
	while ((more = store_step(s, e)) == 1) {
		const char *right = text_of(s, "right");

		if (p->lines > 0 && ++named > NAMES)
			continue;
		buf_printf(&p->text, "%s%s",
		    buf_string(&p->text)[0] == '\0' ? "" : ", ",
		    text_or(s, "account", "?"));
		if (strcmp(p->question->kind, "account") == 0)
			buf_printf(&p->text, ": %s",
			    right == NULL ? _("the account itself") : right);
	}
	if (named > NAMES)
		buf_printf(&p->text, _(", and %lld more: press i"),
		    (long long)(named - NAMES));
	field(p, _("Items"), p->lines > 0 ? 4 : 0);
	if (strcmp(p->question->kind, "account") != 0) {
		buf_put_string(&p->text, _("the first of them:"));
		field(p, "", 1);
	}
	return more;
}

static int
show_item(struct page *p, struct err *e)
{
	bool several = p->question->items > 1 && p->question->item == 0;

	if (several && show_alike(p, e) == -1)
		return -1;
	if (!several || strcmp(p->question->kind, "account") != 0)
		show_right(p);
	show_account(p);
	show_holder(p);
	show_path(p);
	show_acquired(p);
	show_used(p);
	show_peers(p);
	show_last(p);
	return show_findings(p, e);
}

int
question_show(struct store *store, const struct question *q, bool zh,
    int columns, int lines, struct buf *out, struct err *e)
{
	struct page p = { .store = store,
		.question = q,
		.zh = zh,
		.columns = columns,
		.lines = lines,
		.out = out,
		.text = buf_new(TEXT_ROOM) };
	int status = -1;

	p.item = use_item(store, q, e);
	if (p.item != NULL)
		status = show_item(&p, e);
	store_done(p.item);
	if (status == 0)
		status = buf_status(out, e);
	buf_free(&p.text);
	return status;
}
