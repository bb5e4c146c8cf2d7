/*
 * reeve remedy list: what is to be done, by whom, until when; and the text
 * that follows it up each quarter until nothing is open.
 */
#include <getopt.h>
#include <string.h>
#include <time.h>

#include "review/command_remedy.h"
#include "review/remedy.h"
#include "review/rule_words.h"
#include "review/store.h"
#include "schema/base/clock.h"
#include "schema/base/enc.h"
#include "schema/message.h"

extern const struct command command_remedy;

#define TIME_SIZE 32
#define TEXT_MAX  65536u

enum { OPT_CAMPAIGN = 1, OPT_OVERDUE, OPT_FOLLOWUP };

static const struct option options[] = {
	{ "campaign", required_argument, NULL, OPT_CAMPAIGN },
	{ "overdue", no_argument, NULL, OPT_OVERDUE },
	{ "followup", required_argument, NULL, OPT_FOLLOWUP },
	{ NULL, 0, NULL, 0 },
};

static const struct list_column columns[] = {
	{ "remedy", N_("Remedy"), 7 },
	{ "state", N_("State"), 8 },
	{ "overdue", N_("Overdue"), 7 },
	{ "due", N_("Due"), 10 },
	{ "severity", N_("Severity"), 9 },
	{ "action", N_("What to do"), 16 },
	{ "account", N_("Account"), 18 },
	{ "right", N_("Right"), 18 },
	{ "source", N_("Source"), 10 },
	{ "host", N_("Host"), 10 },
	{ "owner", N_("By whom"), 10 },
	{ "ticket", N_("Ticket"), 10 },
	{ "act", N_("Act"), 5 },
	{ "detail", N_("Why"), 0 },
	{ NULL, NULL, 0 },
};

struct query {
	struct command_context *context;
	struct store *store;
	const char *campaign, *followup;
	bool overdue;
	int64_t from, to; /* of the quarter; s since 1970 */
	size_t late;
};

static const char *
text_of(struct statement *s, const char *column)
{
	return column_text(s, column_of(s, column));
}

static const char *
put_day(char *out, int64_t when)
{
	struct buf text = buf_new(64);

	enc_time(&text, when * CLOCK_NS_PER_SECOND);
	(void)snprintf(out, TIME_SIZE, "%.10s", buf_string(&text));
	buf_free(&text);
	return out;
}

static bool
is_done(const char *state)
{
	return strcmp(state, "proven") == 0 || strcmp(state, "refused") == 0;
}

static bool
is_late(const struct query *q, struct statement *s)
{
	return column_int(s, column_of(s, "due")) < q->context->now &&
	    !is_done(text_of(s, "state"));
}

static struct statement *
ask(struct query *q, struct err *e)
{
	struct statement *s = store_use(q->store, "remedy_list", e);

	bind_text(s, ":campaign", q->campaign);
	bind_int(s, ":overdue", q->overdue);
	bind_int(s, ":now", q->context->now);
	if (q->followup != NULL) {
		bind_int(s, ":from", q->from);
		bind_int(s, ":to", q->to);
	}
	return s;
}

static void
show_row(struct query *q, struct list *l, struct statement *s)
{
	bool text = q->context->format == FORMAT_TEXT, late = is_late(q, s);
	char due[TIME_SIZE];
	const char *const values[] = { text_of(s, "id"), text_of(s, "state"),
		late       ? text ? _("yes") : "1"
		    : text ? ""
		           : "0",
		put_day(due, column_int(s, column_of(s, "due"))),
		text ? rule_word(text_of(s, "severity"))
		     : text_of(s, "severity"),
		text ? remedy_action_title(text_of(s, "action"))
		     : text_of(s, "action"),
		text_of(s, "account"), text_of(s, "right_name"),
		text_of(s, "source"), text_of(s, "host"), text_of(s, "owner"),
		text_of(s, "ticket"), text_of(s, "act"), text_of(s, "detail") };

	list_row(l, values);
	q->late += late;
}

static int
show_list(struct query *q, struct err *e)
{
	struct statement *s;
	struct list *l = NULL;
	int more;

	if (list_begin(&l, q->context, "remedies", columns, e) == -1)
		return -1;
	s = ask(q, e);
	while ((more = store_step(s, e)) == 1)
		show_row(q, l, s);
	return list_end(&l, e) == -1 || more == -1 ? -1 : 0;
}

/* ---- The quarter's text ---- */

struct tally {
	size_t planned, proven, open, late, back, extended;
};

static void
count_row(const struct query *q, struct statement *s, struct tally *t)
{
	const char *state = text_of(s, "state");

	if (strcmp(state, "refused") == 0)
		return;
	t->planned += column_int(s, column_of(s, "planned")) >= q->from;
	t->proven += strcmp(state, "proven") == 0;
	t->open += !is_done(state);
	t->back += strcmp(state, "back") == 0;
	t->late += is_late(q, s);
	t->extended += column_int(s, column_of(s, "extensions")) > 0;
}

static void
put_open(struct query *q, struct statement *s, struct buf *b)
{
	const char *right = text_of(s, "right_name");
	const char *ticket = text_of(s, "ticket");
	const char *detail = text_of(s, "detail");
	char due[TIME_SIZE];

	buf_printf(b, "  %s. ", text_of(s, "id"));
	command_harmless(b, text_of(s, "account"));
	buf_printf(b, " (%s): %s", text_of(s, "source"),
	    remedy_action_title(text_of(s, "action")));
	if (right != NULL) {
		buf_put_byte(b, ' ');
		command_harmless(b, right);
	}
	buf_printf(b, _("; %s, due %s"), rule_word(text_of(s, "severity")),
	    put_day(due, column_int(s, column_of(s, "due"))));
	if (is_late(q, s))
		buf_put_string(b, _(", overdue"));
	if (*text_of(s, "owner") != '\0')
		buf_printf(b, _(", by %s"), text_of(s, "owner"));
	if (ticket != NULL) {
		buf_put_string(b, _(", ticket "));
		command_harmless(b, ticket);
	}
	if (detail != NULL) {
		buf_put_string(b, ": ");
		command_harmless(b, detail);
	}
	buf_put_byte(b, '\n');
}

static void
say_followup(struct query *q, const struct tally *t, struct buf *open)
{
	FILE *out = q->context->out;
	char from[TIME_SIZE], to[TIME_SIZE], now[TIME_SIZE];

	fprintf(out,
	    _("Follow-up of improvements, %s (%s to %s, UTC), as of "
	      "%s\n\n"),
	    q->followup, put_day(from, q->from), put_day(to, q->to - 1),
	    put_day(now, q->context->now));
	fprintf(out,
	    _("Planned in the quarter: %zu\nProven by a later complete "
	      "collection: %zu\nOpen: %zu, of these overdue: %zu, came back: "
	      "%zu\nExtended with a second person's approval: %zu\n\n"),
	    t->planned, t->proven, t->open, t->late, t->back, t->extended);
	if (t->open == 0) {
		fprintf(out, _("Nothing is open.\n"));
		return;
	}
	fprintf(out,
	    _("Open; followed up again next quarter until improved:\n%s"),
	    buf_string(open));
}

static int
show_followup(struct query *q, struct err *e)
{
	struct statement *s = ask(q, e);
	struct tally t = { .planned = 0 };
	struct buf open = buf_new(256u * TEXT_MAX);
	int more;

	while ((more = store_step(s, e)) == 1) {
		count_row(q, s, &t);
		if (!is_done(text_of(s, "state")))
			put_open(q, s, &open);
	}
	if (more == 0 && (more = buf_status(&open, e)) == 0)
		say_followup(q, &t, &open);
	q->late = t.late;
	buf_free(&open);
	return more;
}

/* "2026Q4" */
static int
read_quarter(const char *text, int64_t *from, int64_t *to)
{
	struct tm first = { .tm_mday = 1 }, last = { .tm_mday = 1 };

	if (strlen(text) != 6 || strspn(text, "0123456789") != 4 ||
	    text[4] != 'Q' || text[5] < '1' || text[5] > '4' ||
	    strncmp(text, "1970", 4) < 0)
		return -1;
	first.tm_year = (text[0] - '0') * 1000 + (text[1] - '0') * 100 +
	    (text[2] - '0') * 10 + (text[3] - '0') - 1900;
	first.tm_mon = (text[5] - '1') * 3;
	last = first;
	last.tm_mon += 3;
	*from = timegm(&first);
	*to = timegm(&last);
	return 0;
}

static int
read_options(struct query *q, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case OPT_CAMPAIGN:
			q->campaign = optarg;
			break;
		case OPT_OVERDUE:
			q->overdue = true;
			break;
		case OPT_FOLLOWUP:
			q->followup = optarg;
			if (read_quarter(optarg, &q->from, &q->to) == -1)
				return -1;
			break;
		default:
			return -1;
		}
	return optind == argc ? 0 : -1;
}

int
remedy_command_list(struct command_context *c, int argc, char **argv)
{
	struct query q = { .context = c };
	const char *db = command_database(c);
	struct err e = { .code = ERR_NONE };
	int status = STATUS_DONE;

	if (read_options(&q, argc, argv) == -1)
		return command_usage(c, &command_remedy, _("unknown argument"));
	if (store_open(&q.store, db, STORE_READ, &e) == -1 ||
	    (q.followup != NULL ? show_followup(&q, &e) : show_list(&q, &e)) ==
	        -1)
		status = command_fail(c, "remedy", &e);
	else if (q.late > 0)
		status = STATUS_FOUND;
	store_close(&q.store);
	return status;
}
