/*
 * reeve account: one account's whole story on one page.
 */
#include <string.h>

#include "review/command.h"
#include "review/fact.h"
#include "review/graph.h"
#include "review/rule.h"
#include "review/rule_words.h"
#include "schema/base/buf.h"
#include "schema/base/clock.h"
#include "schema/base/enc.h"
#include "schema/message.h"

extern const struct command command_account;

#define TEXT_ROOM (256u * 1024)
#define TIME_SIZE 24

static const struct list_column columns[] = {
	{ "part", N_("Part"), 10 },
	{ "when", N_("When"), 20 },
	{ "what", N_("What"), 24 },
	{ "value", N_("Value"), 0 },
	{ NULL, NULL, 0 },
};

static const struct list_column candidate_columns[] = {
	{ "source", N_("Source"), 12 },
	{ "host", N_("Host"), 12 },
	{ "name", N_("Name"), 20 },
	{ "key", N_("Key"), 0 },
	{ NULL, NULL, 0 },
};

struct page {
	struct command_context *context;
	struct store *store;
	struct rule_set *rules;
	struct list *list;
	int64_t object;
};

static const char *
text_of(struct statement *s, const char *column)
{
	return column_text(s, column_of(s, column));
}

static int64_t
fact_of(struct statement *s, const char *column)
{
	return column_fact(s, column_of(s, column));
}

/* NULL: not recorded. */
static const char *
say_time(char *out, int64_t when)
{
	struct buf text = buf_new(64);

	if (when == FACT_UNKNOWN)
		return NULL;
	if (when == FACT_NEVER)
		return _("never");
	out[0] = '\0';
	enc_time(&text, when * CLOCK_NS_PER_SECOND);
	if (buf_status(&text, &(struct err){ .code = ERR_NONE }) == 0)
		(void)snprintf(out, TIME_SIZE, "%.19sZ", buf_string(&text));
	buf_free(&text);
	return out;
}

static void
line(struct page *p, const char *part, int64_t when, const char *what,
    const char *value)
{
	char time[TIME_SIZE];
	const char *shown = when == FACT_UNKNOWN ? "" : say_time(time, when);
	const char *const values[] = { part, shown, what, value };

	list_row(p->list, values);
}

/* ---- What it is, and what changed ---- */

/* The columns that tell who it is; each is a line if recorded. */
static const char *const identity[] = { "name", "display", "dn", "host", "kind",
	"mail", "phone", "employee", "department", "title", "company",
	"manager", "owner", "description", "sid", "uid_number", "shell",
	"status_reason", "conditions" };

/* Bookkeeping of the store, no facts. */
static bool
is_bookkeeping(const char *name)
{
	static const char *const names[] = { "object", "since", "until",
		"digest", "seen_first", "gone" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

#define FACT_COLUMNS 80

/* The row before, as texts, to see what changed. */
struct before {
	struct buf values[FACT_COLUMNS];
	bool null[FACT_COLUMNS];
	bool any;
};

static void
remember(struct before *b, struct statement *s)
{
	for (int i = 0; i < column_count(s) && i < FACT_COLUMNS; i++) {
		if (!b->any)
			b->values[i] = buf_new(TEXT_ROOM);
		buf_clear(&b->values[i]);
		b->null[i] = column_is_null(s, i);
		if (!b->null[i] && !is_bookkeeping(column_name(s, i)))
			buf_put_string(&b->values[i], column_text(s, i));
	}
	b->any = true;
}

static void
forget(struct before *b)
{
	for (int i = 0; b->any && i < FACT_COLUMNS; i++)
		buf_free(&b->values[i]);
}

static void
show_change(struct page *p, struct statement *s, struct before *b, int i)
{
	struct buf text = buf_new(TEXT_ROOM);
	const char *now = column_text(s, i);

	buf_printf(&text, "%s -> %s",
	    b->null[i] ? "-" : buf_string(&b->values[i]),
	    now == NULL ? "-" : now);
	line(p, _("changed"), fact_of(s, "seen_first"), column_name(s, i),
	    buf_string(&text));
	buf_free(&text);
}

static void
show_changes(struct page *p, struct statement *s, struct before *b)
{
	for (int i = 0; i < column_count(s) && i < FACT_COLUMNS; i++) {
		const char *now = column_text(s, i);

		if (is_bookkeeping(column_name(s, i)))
			continue;
		if (b->null[i] != (now == NULL) ||
		    (now != NULL &&
		        strcmp(buf_string(&b->values[i]), now) != 0))
			show_change(p, s, b, i);
	}
}

static void
show_identity(struct page *p, struct statement *s)
{
	for (size_t i = 0; i < sizeof(identity) / sizeof(identity[0]); i++)
		if (text_of(s, identity[i]) != NULL)
			line(p, _("identity"), FACT_UNKNOWN, identity[i],
			    text_of(s, identity[i]));
	line(p, _("created"), fact_of(s, "created"), "created", NULL);
	line(p, _("created"), fact_of(s, "seen_first"), _("first read"), NULL);
	line(
	    p, _("password"), fact_of(s, "password_set"), "password_set", NULL);
}

static void
show_status(struct page *p, struct statement *s)
{
	int64_t enabled = fact_of(s, "enabled");
	int64_t gone = fact_of(s, "gone");

	if (gone != FACT_UNKNOWN)
		line(p, _("status"), gone, _("no longer there"), NULL);
	line(p, _("status"), fact_of(s, "expires"), _("enabled"),
	    enabled == FACT_UNKNOWN ? NULL
	        : enabled == 1      ? _("yes")
	                            : _("no"));
}

static int
show_facts(struct page *p, struct err *e)
{
	struct statement *s = store_use(p->store, "account_facts", e);
	struct before before = { .any = false };
	int more;

	bind_int(s, ":object", p->object);
	while ((more = store_step(s, e)) == 1) {
		if (!before.any)
			show_identity(p, s);
		else
			show_changes(p, s, &before);
		remember(&before, s);
		if (fact_of(s, "gone") != FACT_UNKNOWN)
			line(p, _("changed"), fact_of(s, "gone"),
			    _("this state ended"), NULL);
		show_status(p, s);
	}
	forget(&before);
	return more;
}

/* ---- The other parts: a statement each, and how its rows are told ---- */

static void
tell_person(struct page *p, struct statement *s, struct buf *b)
{
	buf_printf(b, "%s, %s, %s (%s, %s: %s)", text_of(s, "name"),
	    text_of(s, "department"), text_of(s, "title"), text_of(s, "status"),
	    text_of(s, "how"), text_of(s, "evidence"));
	line(p, _("person"), fact_of(s, "left_at"), text_of(s, "employee"),
	    buf_string(b));
}

static void
tell_move(struct page *p, struct statement *s, struct buf *b)
{
	buf_printf(b, "%s -> %s",
	    text_of(s, "before") == NULL ? "-" : text_of(s, "before"),
	    text_of(s, "after") == NULL ? "-" : text_of(s, "after"));
	line(p, _("person"), fact_of(s, "at"), text_of(s, "what"),
	    buf_string(b));
}

static void
tell_approval(struct page *p, struct statement *s, struct buf *b)
{
	buf_printf(b, "%s: %s / %s",
	    text_of(s, "right") == NULL ? "-" : text_of(s, "right"),
	    text_of(s, "requester") == NULL ? "-" : text_of(s, "requester"),
	    text_of(s, "approver") == NULL ? "-" : text_of(s, "approver"));
	line(p, _("approved"), fact_of(s, "not_before"), text_of(s, "ticket"),
	    buf_string(b));
}

static void
tell_usage(struct page *p, struct statement *s, struct buf *b)
{
	const char *raw = text_of(s, "maximum_raw");

	buf_printf(b, _("%s %s; may lag %lld days"), text_of(s, "server"),
	    raw == NULL ? "" : raw,
	    (long long)(fact_of(s, "resolution") / 86400));
	line(p, _("used"), fact_of(s, "maximum"), text_of(s, "attribute"),
	    buf_string(b));
}

static void
tell_days(struct page *p, struct statement *s, struct buf *b)
{
	buf_printf(b, _("%s: %s days, %s sessions, %s keys, %s origins"),
	    text_of(s, "host"), text_of(s, "days"), text_of(s, "sessions"),
	    text_of(s, "keys"), text_of(s, "origins"));
	line(p, _("used"), fact_of(s, "last"), text_of(s, "service"),
	    buf_string(b));
}

static void
tell_ended(struct page *p, struct statement *s, struct buf *b)
{
	(void)b;
	line(p, _("right"), fact_of(s, "ended"), text_of(s, "name"),
	    _("held no more"));
}

static void
tell_finding(struct page *p, struct statement *s, struct buf *b)
{
	const struct rule *rule = rule_set_find(p->rules, text_of(s, "rule"));
	struct err ignored = { .code = ERR_NONE };

	if (rule == NULL)
		return;
	buf_printf(b, "%s, %s, %s: ", rule_word(text_of(s, "severity")),
	    rule_word(text_of(s, "state")),
	    p->context->zh ? rule->title_zh : rule->title);
	if (strcmp(text_of(s, "state"), "unknown") == 0)
		buf_put_string(b, rule_word(text_of(s, "reason")));
	else if (rule_text(rule, text_of(s, "evidence"), p->context->zh, b,
	             &ignored) == -1)
		buf_put_string(b, ignored.text);
	if (fact_of(s, "closed") != FACT_UNKNOWN)
		buf_printf(b, " (%s)", _("closed"));
	line(p, _("finding"), fact_of(s, "first"), text_of(s, "rule"),
	    buf_string(b));
}

static const struct part {
	const char *statement;
	void (*tell)(struct page *, struct statement *, struct buf *);
} parts_before[] = {
	{ "account_persons", tell_person },
	{ "account_moves", tell_move },
	{ "account_approvals", tell_approval },
	{ "account_usage", tell_usage },
	{ "account_days", tell_days },
	{ "account_memberships_ended", tell_ended },
}, parts_after[] = {
	{ "account_findings", tell_finding },
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static int
show_part(struct page *p, const struct part *part, struct err *e)
{
	struct statement *s = store_use(p->store, part->statement, e);
	struct buf text = buf_new(TEXT_ROOM);
	int more;

	bind_int(s, ":object", p->object);
	while ((more = store_step(s, e)) == 1) {
		buf_clear(&text);
		part->tell(p, s, &text);
	}
	buf_free(&text);
	return more;
}

static int
put_name(struct page *p, int64_t object, struct buf *b, struct err *e)
{
	struct statement *s = store_use(p->store, "object_name", e);

	bind_int(s, ":object", object);
	if (store_step(s, e) != 1)
		return -1;
	buf_put_string(b, text_of(s, "name"));
	store_done(s);
	return 0;
}

/* graph_report */
static int
show_right(void *context, const struct graph_holding *h, struct err *e)
{
	struct page *p = context;
	struct buf name = buf_new(TEXT_ROOM), path = buf_new(TEXT_ROOM);
	int status = put_name(p, h->right, &name, e);

	for (size_t i = 0; status == 0 && i < h->depth; i++) {
		if (i > 0)
			buf_put_string(&path, " > ");
		if (h->steps[i].how != EDGE_MEMBER)
			buf_printf(
			    &path, "(%s) ", edge_how_names[h->steps[i].how]);
		status = put_name(p, h->steps[i].group, &path, e);
	}
	if (status == 0)
		line(p, _("right"), FACT_UNKNOWN, buf_string(&name),
		    buf_string(&path));
	buf_free(&name);
	buf_free(&path);
	return status;
}

static int
show_page(struct page *p, struct err *e)
{
	if (show_facts(p, e) == -1)
		return -1;
	for (size_t i = 0; i < COUNT_OF(parts_before); i++)
		if (show_part(p, &parts_before[i], e) == -1)
			return -1;
	if (graph_rights(p->store, STORE_NOW, p->object, show_right, p, e) ==
	    -1)
		return -1;
	for (size_t i = 0; i < COUNT_OF(parts_after); i++)
		if (show_part(p, &parts_after[i], e) == -1)
			return -1;
	line(p, _("review"), FACT_UNKNOWN, _("decisions"), _("none recorded"));
	return 0;
}

/* ---- Which account is meant ---- */

/* How many fit; the object is the last of them. */
static int
find(struct page *p, const char *what, int *count, struct list *candidates,
    struct err *e)
{
	struct statement *s = store_use(p->store, "account_find", e);
	int more;

	*count = 0;
	bind_text(s, ":what", what);
	while ((more = store_step(s, e)) == 1) {
		const char *const values[] = { text_of(s, "source"),
			text_of(s, "host"), text_of(s, "name"),
			text_of(s, "key") };

		p->object = fact_of(s, "id");
		*count += 1;
		if (candidates != NULL)
			list_row(candidates, values);
	}
	return more;
}

static int
list_candidates(struct page *p, const char *what, struct err *e)
{
	struct list *l = NULL;
	int count;

	if (list_begin(&l, p->context, "accounts", candidate_columns, e) == -1)
		return -1;
	if (find(p, what, &count, l, e) == -1) {
		(void)list_end(&l, &(struct err){ .code = ERR_NONE });
		return -1;
	}
	return list_end(&l, e);
}

static int
answer(struct page *p, const char *what, struct err *e)
{
	int count;
	int status;

	if (find(p, what, &count, NULL, e) == -1)
		return -1;
	if (count == 0)
		return err_set(
		    e, ERR_MISSING, _("no account is or was %s"), what);
	if (count > 1)
		return list_candidates(p, what, e);
	if (list_begin(&p->list, p->context, "account", columns, e) == -1)
		return -1;
	status = show_page(p, e);
	if (list_end(&p->list, e) == -1)
		status = -1;
	return status;
}

static int
run_account(struct command_context *c, int argc, char **argv)
{
	struct page p = { .context = c };
	struct err e = { .code = ERR_NONE };
	const char *db = command_database(c);
	int status = STATUS_DONE;

	if (argc != 2)
		return command_usage(c, &command_account, _("one name or key"));
	if (rule_set_load(&p.rules, c->config->rules_dir, &e) == -1 ||
	    store_open(&p.store, db, STORE_READ, &e) == -1 ||
	    answer(&p, argv[1], &e) == -1)
		status = command_fail(c, "account", &e);
	store_close(&p.store);
	rule_set_free(&p.rules);
	return status;
}

const struct command command_account = {
	.name = "account",
	.arguments = N_("KEY|NAME"),
	.summary = N_("one account's whole story on one page"),
	.help = N_("Where several accounts have the name, their keys are "
	           "listed.\n"),
	.run = run_account,
};
