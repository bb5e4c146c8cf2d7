#include "review/command_daily.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "review/workday.h"
#include "schema/base/enc.h"
#include "schema/message.h"

#define CELL_WIDTH 11 /* columns of the calendar's cells; seven make 77 */

/* ---- The calendar ---- */

static const struct list_column calendar_columns[] = {
	{ "day", N_("Day"), 10 },
	{ "status", N_("Status"), 8 },
	{ "incomplete", N_("Incomplete"), 10 },
	{ "expected", N_("Hosts"), 6 },
	{ "records", N_("Records"), 7 },
	{ "on_time", N_("On time"), 7 },
	{ "late", N_("Late"), 5 },
	{ "missing", N_("Missing"), 0 },
	{ NULL, NULL, 0 },
};

struct calendar {
	struct command_context *context;
	struct list *list; /* NULL: as a calendar, for people */
	int column, month;
	int64_t counts[DAILY_STATUSES], incomplete;
};

static const char *const marks[DAILY_STATUSES] = {
	[DAILY_NONE] = "-",
	[DAILY_OPEN] = N_("due"),
	[DAILY_ON_TIME] = N_("ok"),
	[DAILY_LATE] = N_("late"),
	[DAILY_MISSING] = N_("missing"),
};

/* Terminal columns: our marks have ASCII and wide characters only. */
static int
width_of(const char *text)
{
	int width = 0;

	for (const unsigned char *p = (const unsigned char *)text; *p != '\0';
	     p++)
		width += *p < 0x80 ? 1 : *p >= 0xe0 ? 2 : 0;
	return width;
}

static void
put_padded(FILE *out, const char *text, int width, bool last)
{
	int used = width_of(text);

	fprintf(out, "%s%*s", text,
	    last || used >= width ? (last ? 0 : 1) : width - used, "");
}

static void
begin_month(struct calendar *c, const struct tm *tm)
{
	static const char *const days[] = { N_("Mon"), N_("Tue"), N_("Wed"),
		N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun") };
	FILE *out = c->context->out;

	if (c->column > 0)
		fputc('\n', out);
	c->column = 0;
	fprintf(out, "%s%d-%02d\n", c->month == -1 ? "" : "\n",
	    tm->tm_year + 1900, tm->tm_mon + 1);
	c->month = tm->tm_mon;
	for (int i = 0; i < 7; i++)
		put_padded(out, _(days[i]), CELL_WIDTH, i == 6);
	fputc('\n', out);
}

static void
text_cell(struct calendar *c, const struct daily_cell *cell)
{
	time_t at = (time_t)(cell->day * DAY_SECONDS_);
	int week = day_of_week(cell->day);
	const char *mark = cell->status == DAILY_NONE ? marks[DAILY_NONE]
	                                              : _(marks[cell->status]);
	char text[64];
	struct tm tm;

	if (gmtime_r(&at, &tm) == NULL)
		return;
	if (tm.tm_mon != c->month)
		begin_month(c, &tm);
	for (; c->column < week; c->column++)
		put_padded(c->context->out, "", CELL_WIDTH, false);
	(void)snprintf(text, sizeof(text), "%02d %s%s", tm.tm_mday, mark,
	    cell->incomplete && cell->status != DAILY_MISSING ? "*" : "");
	put_padded(c->context->out, text, CELL_WIDTH, week == 6);
	c->column = week + 1;
	if (week == 6) {
		fputc('\n', c->context->out);
		c->column = 0;
	}
}

static void
list_cell(struct calendar *c, const struct daily_cell *cell)
{
	const int64_t values[] = { cell->expected, cell->records, cell->on_time,
		cell->late, cell->missing };
	char day[DAY_TEXT], numbers[5][24];

	for (size_t i = 0; i < 5; i++)
		(void)snprintf(numbers[i], sizeof(numbers[i]), "%lld",
		    (long long)values[i]);
	list_row(c->list,
	    (const char *const[]){ day_text(cell->day, day),
	        daily_status_names[cell->status],
	        cell->incomplete ? "yes" : "no", numbers[0], numbers[1],
	        numbers[2], numbers[3], numbers[4] });
}

static int
take_cell(void *context, const struct daily_cell *cell, struct err *e)
{
	struct calendar *c = context;

	(void)e;
	if (c->list != NULL)
		list_cell(c, cell);
	else
		text_cell(c, cell);
	c->counts[cell->status]++;
	c->incomplete += cell->incomplete;
	return 0;
}

static void
put_summary(struct calendar *c)
{
	const struct conf_list *not = &c->context->config->daily_not;
	FILE *out = c->context->out;
	const char *word = NULL;

	if (c->column > 0)
		fputc('\n', out);
	fprintf(out,
	    _("\non time %lld, late %lld, missing %lld, due %lld; * "
	      "incomplete: %lld\n"),
	    (long long)c->counts[DAILY_ON_TIME],
	    (long long)c->counts[DAILY_LATE],
	    (long long)c->counts[DAILY_MISSING],
	    (long long)c->counts[DAILY_OPEN], (long long)c->incomplete);
	fputs(_("Customers' logins at trading systems are not in it.\n"), out);
	while ((word = conf_list_next(not, word)) != NULL)
		fprintf(out, _("not covered: %s\n"), word);
}

int
command_daily_calendar(
    struct command_context *c, struct daily *d, const char *quarter)
{
	struct calendar cal = { .context = c, .month = -1 };
	struct err e = { .code = ERR_NONE };
	int64_t first, last;

	quarter_of(day_of(c->now, daily_zone(d)), &first, &last);
	if (*quarter != '\0' && quarter_read(quarter, &first, &last, &e) == -1)
		return command_fail(c, "daily", &e);
	if (c->format != FORMAT_TEXT &&
	    list_begin(&cal.list, c, "days", calendar_columns, &e) == -1)
		return command_fail(c, "daily", &e);
	if (daily_calendar(d, first, last, take_cell, &cal, &e) == -1 ||
	    (cal.list != NULL && list_end(&cal.list, &e) == -1)) {
		struct err unused;

		if (cal.list != NULL)
			(void)list_end(&cal.list, &unused);
		return command_fail(c, "daily", &e);
	}
	if (c->format == FORMAT_TEXT)
		put_summary(&cal);
	return cal.counts[DAILY_MISSING] > 0 ? STATUS_FOUND : STATUS_DONE;
}

/* ---- What waits ---- */

static const struct list_column open_columns[] = {
	{ "day", N_("Day"), 10 },
	{ "source", N_("Host"), 14 },
	{ "version", N_("Version"), 7 },
	{ "state", N_("State"), 10 },
	{ "due", N_("Due"), 16 },
	{ "overdue", N_("Overdue"), 7 },
	{ "reason", N_("Note"), 0 },
	{ NULL, NULL, 0 },
};

int
command_daily_open(struct command_context *c, struct store *store, int64_t zone)
{
	struct err e = { .code = ERR_NONE };
	struct statement *s;
	struct list *l = NULL;
	bool text = c->format == FORMAT_TEXT, overdue = false;
	int more;

	if (list_begin(&l, c, "records", open_columns, &e) == -1)
		return command_fail(c, "daily", &e);
	s = store_use(store, "daily_open", &e);
	while ((more = store_step(s, &e)) == 1) {
		char day[DAY_TEXT], due[DAILY_TIME_SIZE], version[24];
		bool late = c->now > column_int(s, 5);

		overdue = overdue || late;
		(void)snprintf(version, sizeof(version), "%lld",
		    (long long)column_int(s, 2));
		list_row(l,
		    (const char *const[]){ day_text(column_int(s, 0), day),
		        column_text(s, 1), version,
		        text ? _(column_text(s, 3)) : column_text(s, 3),
		        daily_time_text(column_int(s, 5), zone, due),
		        text && late ? _("yes")
		            : text   ? _("no")
		            : late   ? "yes"
		                     : "no",
		        text ? daily_reason_text(column_text(s, 4))
		             : column_text(s, 4) });
	}
	store_done(s);
	if (more == -1) {
		struct err unused;

		(void)list_end(&l, &unused);
		return command_fail(c, "daily", &e);
	}
	if (list_end(&l, &e) == -1)
		return command_fail(c, "daily", &e);
	return overdue ? STATUS_FOUND : STATUS_DONE;
}

/* ---- One day ---- */

static const struct list_column day_columns[] = {
	{ "day", N_("Day"), 10 },
	{ "source", N_("Host"), 14 },
	{ "version", N_("Version"), 7 },
	{ "state", N_("State"), 10 },
	{ "reason", N_("Note"), 12 },
	{ "due", N_("Due"), 16 },
	{ "signed", N_("Signed"), 7 },
	{ "facts", N_("Facts"), 0 },
	{ NULL, NULL, 0 },
};

/* The record that is shown. */
struct shown {
	struct command_context *context;
	struct store *store;
	int64_t day, version, zone;
	const char *source;
};

/* The columns of daily_facts_list. */
enum {
	RULE,
	SUBJECT,
	ACCOUNT,
	SERVICE,
	ORIGIN,
	BY,
	COUNT,
	FIRST,
	LAST,
	LIST,
	HERE,
	NAMES,
	DAYS,
	NAME,
	ATTEMPTS,
	TICKET
};

/* The arrays in the order that people read them. */
static const struct {
	const char *path, *title;
} arrays[] = {
	{ "$.rules", N_("Rules that fired") },
	{ "$.listed", N_("Addresses on a warning list") },
	{ "$.unknown_sources", N_("Logins from unknown sources") },
	{ "$.off_hours", N_("Logins outside working hours") },
	{ "$.idle", N_("First use after long idleness") },
	{ "$.service", N_("Service accounts used interactively") },
	{ "$.sessions",
	    N_("Use of highest-privilege accounts: to be examined") },
	{ "$.top_sources", N_("Failed most, by source") },
	{ "$.top_accounts", N_("Failed most, by account") },
};

static struct statement *
ask(const struct shown *v, const char *name, const char *path, struct err *e)
{
	struct statement *s = store_use(v->store, name, e);

	bind_int(s, ":day", v->day);
	bind_text(s, ":source", v->source);
	bind_int(s, ":version", v->version);
	bind_text(s, ":path", path);
	return s;
}

static void
say_column(FILE *out, struct statement *s, int column, const char *before)
{
	const char *text = column_text(s, column);

	if (text == NULL || text[0] == '\0')
		return;
	fputs(before, out);
	command_say(out, text);
}

static void
say_item(const struct shown *v, struct statement *s)
{
	FILE *out = v->context->out;

	fputs("  ", out);
	if (!column_is_null(s, RULE))
		fprintf(out, "%s: ", daily_rule_text(column_text(s, RULE)));
	say_column(out, s, SUBJECT, "");
	say_column(out, s, ACCOUNT, "");
	say_column(out, s, NAME, "");
	say_column(out, s, ORIGIN, column_is_null(s, ACCOUNT) ? "" : " < ");
	say_column(out, s, SERVICE, "  ");
	say_column(out, s, LIST, "  ");
	if (!column_is_null(s, ATTEMPTS))
		fprintf(out, _("  %lld attempts, %lld of them here"),
		    (long long)column_int(s, ATTEMPTS),
		    (long long)column_int(s, HERE));
	else
		fprintf(out, "  %lld x", (long long)column_int(s, COUNT));
	if (!column_is_null(s, NAMES))
		fprintf(
		    out, _(", %lld names"), (long long)column_int(s, NAMES));
	if (!column_is_null(s, DAYS))
		fprintf(
		    out, _(", %lld days idle"), (long long)column_int(s, DAYS));
	if (!column_is_null(s, TICKET))
		fprintf(out, ", %s",
		    column_length(s, TICKET) == 0 ? _("NO TICKET") : "");
	say_column(out, s, TICKET, "");
	say_column(out, s, FIRST, "  ");
	say_column(out, s, LAST, " - ");
	fputc('\n', out);
}

static int
show_array(const struct shown *v, size_t i, struct err *e)
{
	struct statement *s = ask(v, "daily_facts_list", arrays[i].path, e);
	bool any = false;
	int more;

	while ((more = store_step(s, e)) == 1) {
		if (!any)
			fprintf(v->context->out, "%s:\n", _(arrays[i].title));
		any = true;
		say_item(v, s);
	}
	store_done(s);
	return more;
}

static int64_t
fact(const struct shown *v, const char *path)
{
	struct err e = { .code = ERR_NONE };
	struct statement *s = ask(v, "daily_fact", path, &e);
	int64_t value = store_step(s, &e) == 1 ? column_int(s, 0) : 0;

	store_done(s);
	return value;
}

static void
show_counts(const struct shown *v)
{
	static const struct {
		const char *path, *title;
	} counts[] = {
		{ "$.failed.unknown", N_("unknown account") },
		{ "$.failed.secret", N_("wrong secret") },
		{ "$.failed.locked", N_("locked") },
		{ "$.failed.disabled", N_("disabled or expired") },
		{ "$.failed.password", N_("password expired") },
		{ "$.failed.refused", N_("not allowed") },
		{ "$.elsewhere", N_("unknown here, an account elsewhere") },
		{ "$.sources", N_("sources") },
		{ "$.accounts", N_("names") },
		{ "$.directory", N_("directory down (nobody's failure)") },
	};
	FILE *out = v->context->out;

	fprintf(out, _("Failed logins: %lld\n"),
	    (long long)fact(v, "$.failed.total"));
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		int64_t count = fact(v, counts[i].path);

		if (count > 0)
			fprintf(out, "  %s: %lld\n", _(counts[i].title),
			    (long long)count);
	}
	fprintf(out, _("Logins: %lld\n"), (long long)fact(v, "$.logins"));
}

static int
show_signatures(const struct shown *v, struct err *e)
{
	struct statement *s = store_use(v->store, "daily_signatures", e);
	FILE *out = v->context->out;
	int more;

	bind_int(s, ":day", v->day);
	bind_text(s, ":source", v->source);
	while ((more = store_step(s, e)) == 1) {
		char at[DAILY_TIME_SIZE];

		fprintf(out, _("Signed: version %lld, %s, "),
		    (long long)column_int(s, 0),
		    daily_time_text(column_int(s, 3), v->zone, at));
		command_say(out, column_text(s, 4));
		fprintf(out, "%s: ", column_int(s, 2) != 0 ? _(", LATE") : "");
		command_say(out, column_text(s, 1));
		fputc('\n', out);
	}
	store_done(s);
	return more;
}

static int
show_record(const struct shown *v, const char *state, const char *reason,
    int64_t due, struct err *e)
{
	FILE *out = v->context->out;
	char day[DAY_TEXT], when[DAILY_TIME_SIZE];

	fprintf(out, "%s  ", day_text(v->day, day));
	command_say(out, v->source);
	fprintf(out, _("  version %lld  %s"), (long long)v->version, _(state));
	if (reason[0] != '\0')
		fprintf(out, " (%s)", daily_reason_text(reason));
	fprintf(out, _("  due %s\n"), daily_time_text(due, v->zone, when));
	show_counts(v);
	for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++)
		if (show_array(v, i, e) == -1)
			return -1;
	if (show_signatures(v, e) == -1)
		return -1;
	fputc('\n', out);
	return 0;
}

static int
list_record(struct list *l, const struct shown *v, struct statement *s)
{
	char day[DAY_TEXT], due[DAILY_TIME_SIZE], version[24];

	(void)snprintf(version, sizeof(version), "%lld", (long long)v->version);
	list_row(l,
	    (const char *const[]){ day_text(v->day, day), v->source, version,
	        column_text(s, 2), column_text(s, 3),
	        daily_time_text(column_int(s, 4), v->zone, due),
	        column_int(s, 6) < v->version ? "no"
	            : column_int(s, 7) != 0   ? "late"
	                                      : "on-time",
	        column_text(s, 5) });
	return 0;
}

static int
show_day(
    const struct shown *all, const char *source, struct list *l, struct err *e)
{
	struct statement *s = store_use(all->store, "daily_of_day", e);
	struct shown v = *all;
	char name[320], state[16], reason[32], day[DAY_TEXT];
	bool any = false;
	int more;

	bind_int(s, ":day", v.day);
	bind_text(s, ":source", source);
	while ((more = store_step(s, e)) == 1) {
		any = true;
		v.version = column_int(s, 1);
		v.source = name;
		(void)snprintf(name, sizeof(name), "%s", column_text(s, 0));
		(void)snprintf(state, sizeof(state), "%s", column_text(s, 2));
		(void)snprintf(reason, sizeof(reason), "%s", column_text(s, 3));
		if ((l != NULL ? list_record(l, &v, s)
		               : show_record(&v, state, reason,
		                     column_int(s, 4), e)) == -1) {
			more = -1;
			break;
		}
	}
	store_done(s);
	if (more == 0 && !any)
		return err_set(e, ERR_USAGE,
		    _("%s: there is no record of it; reeve daily makes them"),
		    day_text(v.day, day));
	return more;
}

int
command_daily_show(struct command_context *c, struct store *store, int64_t day,
    const char *source, int64_t zone)
{
	const struct shown v = {
		.context = c, .store = store, .day = day, .zone = zone
	};
	struct err e = { .code = ERR_NONE }, failed = { .code = ERR_NONE };
	struct list *l = NULL;
	int done;

	if (c->format != FORMAT_TEXT &&
	    list_begin(&l, c, "records", day_columns, &e) == -1)
		return command_fail(c, "daily", &e);
	done = show_day(&v, source, l, &e);
	if (l != NULL && list_end(&l, &failed) == -1 && done == 0) {
		done = -1;
		e = failed;
	}
	return done == -1 ? command_fail(c, "daily", &e) : STATUS_DONE;
}
