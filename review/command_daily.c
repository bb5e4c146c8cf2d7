#include "review/command_daily.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "review/csv.h"
#include "review/listed.h"
#include "review/workday.h"
#include "schema/base/enc.h"
#include "schema/message.h"

extern const struct command command_daily;

#define SIGN_DAYS_MAX 100u

struct daily_arguments {
	const char *from, *to, *source, *disposition, *version, *list, *name;
	bool calendar, open, alert;
};

/* ---- Words ---- */

struct word {
	const char *name, *text;
};

static const char *
say_word(const struct word *words, const char *name)
{
	for (; words->name != NULL; words++)
		if (strcmp(words->name, name) == 0)
			return _(words->text);
	return name;
}

const char *
daily_reason_text(const char *reason)
{
	static const struct word words[] = {
		{ "no-trail", N_("no trail tells of it") },
		{ "silent", N_("the trail was silent") },
		{ "missing-records",
		    N_("the trail says that records are missing") },
		{ "unverified", N_("its trail does not verify") },
		{ "too-many-sessions", N_("too many sessions to examine") },
		{ NULL, NULL },
	};

	return say_word(words, reason);
}

const char *
daily_rule_text(const char *rule)
{
	static const struct word words[] = {
		{ "stuffing", N_("credential stuffing: names of nobody") },
		{ "spray", N_("password spraying") },
		{ "bruteforce", N_("brute force on one account") },
		{ "listed-source", N_("address on a warning list") },
		{ "unknown-source", N_("login from an unknown source") },
		{ "idle-account", N_("first use after long idleness") },
		{ "service-account", N_("service account used interactively") },
		{ NULL, NULL },
	};

	return say_word(words, rule);
}

const char *
daily_time_text(int64_t at, int64_t zone, char *out)
{
	time_t local = (time_t)(at + zone);
	struct tm tm;

	if (gmtime_r(&local, &tm) == NULL ||
	    strftime(out, DAILY_TIME_SIZE, "%Y-%m-%d %H:%M", &tm) == 0)
		out[0] = '\0';
	return out;
}

/* ---- Making records ---- */

static const struct list_column made_columns[] = {
	{ "day", N_("Day"), 10 },
	{ "source", N_("Host"), 14 },
	{ "version", N_("Version"), 7 },
	{ "state", N_("State"), 10 },
	{ "failed", N_("Failed"), 7 },
	{ "unknown", N_("Unknown"), 7 },
	{ "logins", N_("Logins"), 7 },
	{ "sessions", N_("To examine"), 10 },
	{ "rules", N_("Rules"), 5 },
	{ "due", N_("Due"), 16 },
	{ "reason", N_("Note"), 0 },
	{ NULL, NULL, 0 },
};

struct made {
	struct command_context *context;
	struct list *list;
	int64_t zone;
	bool incomplete;
};

static const char *
number_text(char *out, size_t size, int64_t number)
{
	(void)snprintf(out, size, "%lld", (long long)number);
	return out;
}

static void
made_row(void *context, const struct daily_record *r)
{
	char day[DAY_TEXT], due[DAILY_TIME_SIZE], numbers[6][24];
	struct made *m = context;
	bool text = m->context->format == FORMAT_TEXT;
	const int64_t values[] = { r->version, r->failed, r->unknown, r->logins,
		r->sessions, r->rules };

	for (size_t i = 0; i < 6; i++)
		(void)number_text(numbers[i], sizeof(numbers[i]), values[i]);
	m->incomplete = m->incomplete || strcmp(r->state, "incomplete") == 0;
	list_row(m->list,
	    (const char *const[]){ day_text(r->day, day), r->source, numbers[0],
	        text ? _(r->state) : r->state, numbers[1], numbers[2],
	        numbers[3], numbers[4], numbers[5],
	        daily_time_text(r->due, m->zone, due),
	        text ? daily_reason_text(r->reason) : r->reason });
}

/* Marked here for translation: states of a record. */
static const char *const states[]
    __attribute__((unused)) = { N_("complete"), N_("incomplete") };

static int
read_span(struct daily *d, const struct daily_arguments *a, int64_t *first,
    int64_t *last, int64_t now, struct err *e)
{
	*last = day_of(now, daily_zone(d)) - 1;
	if (a->from == NULL ? daily_begin(d, first, e) == -1
	                    : day_read(a->from, first, e) == -1)
		return -1;
	if (a->to != NULL && day_read(a->to, last, e) == -1)
		return -1;
	if (a->to != NULL && *first > *last)
		return err_set(e, ERR_USAGE, _("--to is before --from"));
	return *last - *first > 4000
	    ? err_set(e, ERR_USAGE, _("at most 4000 days at once"))
	    : 0;
}

static int
make_records(
    struct command_context *c, struct daily *d, const struct daily_arguments *a)
{
	struct act_how how = act_how(c);
	struct made m = { .context = c, .zone = daily_zone(d) };
	struct err e = { .code = ERR_NONE }, failed = { .code = ERR_NONE };
	int64_t first, last, count = 0;
	int done;

	how.by_program = true;
	if (read_span(d, a, &first, &last, c->now, &e) == -1 ||
	    list_begin(&m.list, c, "records", made_columns, &e) == -1)
		return command_fail(c, "daily", &e);
	done = daily_run(
	    d, first, last, a->source, &how, made_row, &m, &count, &e);
	command_progress_end(c);
	if (list_end(&m.list, &failed) == -1 && done == 0) {
		done = -1;
		e = failed;
	}
	if (done == -1)
		return command_fail(c, "daily", &e);
	if (count == 0 && c->format == FORMAT_TEXT)
		fputs(_("nothing is new\n"), c->out);
	return m.incomplete ? STATUS_INCOMPLETE : STATUS_DONE;
}

/* ---- Alerts ---- */

static const struct list_column alert_columns[] = {
	{ "rule", N_("Alert"), 24 },
	{ "subject", N_("Who"), 20 },
	{ "hosts", N_("Hosts"), 12 },
	{ "at", N_("From"), 16 },
	{ "last", N_("To"), 16 },
	{ "count", N_("Times"), 6 },
	{ "names", N_("Names"), 0 },
	{ NULL, NULL, 0 },
};

static int
alert_row(void *context, const struct daily_alert *a, struct err *e)
{
	char at[DAILY_TIME_SIZE], last[DAILY_TIME_SIZE], count[24], names[24];
	struct made *m = context;

	(void)e;
	list_row(m->list,
	    (const char *const[]){ m->context->format == FORMAT_TEXT
	            ? daily_rule_text(a->rule)
	            : a->rule,
	        a->subject, a->hosts, daily_time_text(a->at, m->zone, at),
	        daily_time_text(a->last, m->zone, last),
	        number_text(count, sizeof(count), a->count),
	        number_text(names, sizeof(names), a->names) });
	return 0;
}

/* Of yesterday and today, or from --from on. */
static int
tell_alerts(
    struct command_context *c, struct daily *d, const struct daily_arguments *a)
{
	int64_t last = day_of(c->now, daily_zone(d)), first = last - 1, count;
	struct made m = { .context = c, .zone = daily_zone(d) };
	struct err e = { .code = ERR_NONE }, failed = { .code = ERR_NONE };
	int done;

	if ((a->from != NULL && day_read(a->from, &first, &e) == -1) ||
	    (a->to != NULL && day_read(a->to, &last, &e) == -1) ||
	    list_begin(&m.list, c, "alerts", alert_columns, &e) == -1)
		return command_fail(c, "daily", &e);
	done = daily_alerts(d, first, last, alert_row, &m, &count, &e);
	if (list_end(&m.list, &failed) == -1 && done == 0) {
		done = -1;
		e = failed;
	}
	if (done == -1)
		return command_fail(c, "daily", &e);
	return count > 0 ? STATUS_FOUND : STATUS_DONE;
}

/* ---- Lists ---- */

/* "fisac-2026-11.csv" is called so without its folder and ending. */
static int
list_name(const char *path, const char *given, char *out, struct err *e)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash == NULL ? path : slash + 1;
	const char *dot = strchr(base, '.');
	size_t length = given != NULL ? strlen(given)
	    : dot == NULL             ? strlen(base)
	                              : (size_t)(dot - base);

	if (length == 0 || length > LISTED_NAME_MAX ||
	    !enc_is_utf8(given != NULL ? given : base, length))
		return err_set(e, ERR_USAGE,
		    _("%s: name the list with --name, of at most %u bytes"),
		    path, LISTED_NAME_MAX);
	memcpy(out, given != NULL ? given : base, length);
	out[length] = '\0';
	return 0;
}

static int
import_list(struct command_context *c, struct store *store,
    const struct daily_arguments *a)
{
	char name[LISTED_NAME_MAX + 1];
	struct buf rows = buf_new(64u * 1024);
	struct listed_result r;
	struct err e = { .code = ERR_NONE };
	int status = STATUS_DONE;

	if (list_name(a->list, a->name, name, &e) == -1 ||
	    listed_import(store, a->list, name, c->now, &r, &rows, &e) == -1) {
		command_say_lines(c->err, buf_string(&rows));
		status = command_fail(c, "daily", &e);
	} else if (!r.changed) {
		fprintf(c->out, _("list %s: %lld addresses, as before\n"), name,
		    (long long)r.rows);
	} else {
		fprintf(c->out,
		    _("list %s: %lld addresses: %lld new, %lld as before, "
		      "%lld ended\n"),
		    name, (long long)r.rows, (long long)r.fresh,
		    (long long)r.kept, (long long)r.ended);
	}
	buf_free(&rows);
	return status;
}

/* ---- Signing ---- */

static int
read_days(int argc, char **argv, int64_t *days, size_t *count, struct err *e)
{
	*count = 0;
	for (int i = 0; i < argc; i++) {
		if (*count == SIGN_DAYS_MAX)
			return err_set(
			    e, ERR_USAGE, _("at most %u days"), SIGN_DAYS_MAX);
		if (day_read(argv[i], &days[(*count)++], e) == -1)
			return -1;
	}
	return 0;
}

static int
read_version(const char *text, int64_t *version, struct err *e)
{
	uint64_t number = 0;

	if (text != NULL &&
	    (enc_number(text, strlen(text), INT32_MAX, &number, e) == -1 ||
	        number == 0))
		return err_set(
		    e, ERR_USAGE, _("--version %s: not a number"), text);
	*version = (int64_t)number;
	return 0;
}

static int
sign(struct command_context *c, struct store *store,
    const struct daily_arguments *a, int argc, char **argv)
{
	int64_t days[SIGN_DAYS_MAX], records, late;
	struct daily_signing wanted = {
		.days = days, .source = a->source, .disposition = a->disposition
	};
	struct act_how how = act_how(c);
	struct buf receipt = buf_new(256);
	struct err e = { .code = ERR_NONE };
	int status = STATUS_DONE;

	if (argc == 0)
		return command_usage(
		    c, &command_daily, "%s", _("which days are signed?"));
	if (a->disposition == NULL || a->disposition[0] == '\0')
		return command_usage(c, &command_daily, "%s",
		    _("--disposition TEXT says what was found and done"));
	if (read_days(argc, argv, days, &wanted.count, &e) == -1 ||
	    read_version(a->version, &wanted.version, &e) == -1 ||
	    daily_sign(store, &wanted, &how, &records, &late, &receipt, &e) ==
	        -1) {
		status = command_fail(c, "daily", &e);
	} else {
		fprintf(c->out, _("records signed: %lld"), (long long)records);
		if (late > 0)
			fprintf(
			    c->out, _(", %lld of them late"), (long long)late);
		fprintf(c->out, "\n%s\n", buf_string(&receipt));
	}
	buf_free(&receipt);
	return status;
}

/* ---- Options ---- */

enum {
	OPT_FROM = 1,
	OPT_TO,
	OPT_SOURCE,
	OPT_DISPOSITION,
	OPT_VERSION,
	OPT_LIST,
	OPT_NAME,
	OPT_CALENDAR,
	OPT_OPEN,
	OPT_ALERT
};

static const struct option options[] = {
	{ "from", required_argument, NULL, OPT_FROM },
	{ "to", required_argument, NULL, OPT_TO },
	{ "source", required_argument, NULL, OPT_SOURCE },
	{ "disposition", required_argument, NULL, OPT_DISPOSITION },
	{ "version", required_argument, NULL, OPT_VERSION },
	{ "list", required_argument, NULL, OPT_LIST },
	{ "name", required_argument, NULL, OPT_NAME },
	{ "calendar", no_argument, NULL, OPT_CALENDAR },
	{ "list-open", no_argument, NULL, OPT_OPEN },
	{ "alert", no_argument, NULL, OPT_ALERT },
	{ NULL, 0, NULL, 0 },
};

static int
read_options(struct daily_arguments *a, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case OPT_FROM:
			a->from = optarg;
			break;
		case OPT_TO:
			a->to = optarg;
			break;
		case OPT_SOURCE:
			a->source = optarg;
			break;
		case OPT_DISPOSITION:
			a->disposition = optarg;
			break;
		case OPT_VERSION:
			a->version = optarg;
			break;
		case OPT_LIST:
			a->list = optarg;
			break;
		case OPT_NAME:
			a->name = optarg;
			break;
		case OPT_CALENDAR:
			a->calendar = true;
			break;
		case OPT_OPEN:
			a->open = true;
			break;
		case OPT_ALERT:
			a->alert = true;
			break;
		default:
			return -1;
		}
	return 0;
}

/* A time that was given may only be written into a rehearsal. */
static int
check_now(struct command_context *c, struct store *store, struct err *e)
{
	struct statement *s;
	int rehearsal;

	if (!c->now_given)
		return 0;
	s = store_use(store, "setting_get", e);
	bind_text(s, ":name", "rehearsal");
	rehearsal = store_step(s, e);
	store_done(s);
	if (rehearsal == 0)
		return err_set(e, ERR_USAGE,
		    "--now: only in a database made by reeve init --rehearsal");
	return rehearsal == -1 ? -1 : 0;
}

static int
with_daily(struct command_context *c, struct store *store,
    const struct daily_arguments *a, const char *quarter)
{
	const struct daily_options o = { .now = c->now,
		.config = c->config,
		.profile = c->config->profile,
		.looks = a->calendar,
		.progress = command_progress,
		.progress_context = c };
	struct err e = { .code = ERR_NONE };
	struct daily *d = NULL;
	int status;

	if (daily_new(&d, store, &o, &e) == -1)
		return command_fail(c, "daily", &e);
	status = a->calendar ? command_daily_calendar(c, d, quarter)
	    : a->alert       ? tell_alerts(c, d, a)
	                     : make_records(c, d, a);
	daily_free(&d);
	return status;
}

static int
read_zone(struct command_context *c, int64_t *zone, struct err *e)
{
	return csv_zone(c->config->time_zone, zone, e) == -1
	    ? err_in(e, "time_zone")
	    : 0;
}

static int
show(struct command_context *c, struct store *store,
    const struct daily_arguments *a, int argc, char **argv)
{
	struct err e = { .code = ERR_NONE };
	int64_t day, zone;

	if (argc != 1)
		return command_usage(
		    c, &command_daily, "%s", _("which day is shown?"));
	if (day_read(argv[0], &day, &e) == -1 || read_zone(c, &zone, &e) == -1)
		return command_fail(c, "daily", &e);
	return command_daily_show(c, store, day, a->source, zone);
}

static int
dispatch(struct command_context *c, struct store *store,
    const struct daily_arguments *a, int argc, char **argv)
{
	const char *word = argc > 0 ? argv[0] : "";
	struct err e = { .code = ERR_NONE };
	int64_t zone;

	if (strcmp(word, "sign") == 0)
		return sign(c, store, a, argc - 1, argv + 1);
	if (strcmp(word, "show") == 0)
		return show(c, store, a, argc - 1, argv + 1);
	if (a->open)
		return read_zone(c, &zone, &e) == -1
		    ? command_fail(c, "daily", &e)
		    : command_daily_open(c, store, zone);
	if (argc > (a->calendar ? 1 : 0))
		return command_usage(
		    c, &command_daily, _("%s: neither sign nor show"), word);
	if (a->list != NULL)
		return import_list(c, store, a);
	return with_daily(c, store, a, word);
}

static int
run(struct command_context *c, int argc, char **argv)
{
	struct daily_arguments a = { .from = NULL };
	struct err e = { .code = ERR_NONE };
	struct store *store = NULL;
	bool reads;
	int status;

	if (read_options(&a, argc, argv) == -1)
		return command_usage(
		    c, &command_daily, "%s", _("see reeve daily --help"));
	reads = a.calendar || a.open ||
	    (optind < argc && strcmp(argv[optind], "show") == 0);
	if (store_open(&store, command_database(c),
	        reads ? STORE_READ : STORE_WRITE, &e) == -1 ||
	    (!reads && check_now(c, store, &e) == -1))
		status = command_fail(c, "daily", &e);
	else
		status = dispatch(c, store, &a, argc - optind, argv + optind);
	store_close(&store);
	return status;
}

const struct command command_daily = {
	.name = "daily",
	.arguments = "[--from DAY] [--to DAY] [--source HOST] | show DAY | "
	             "sign DAY... --disposition TEXT | --calendar [QUARTER] | "
	             "--list-open | --alert | --list FILE",
	.summary = N_("each day's failed logins and privileged use, to sign"),
	.help = N_(
	    "Makes one record for each day that is over and each host, from "
	    "the trails that\nreeve trail imported; run it from cron behind "
	    "that. A day with nothing has a\nrecord, too; a silent trail "
	    "makes it incomplete. Somebody who used nothing of\nit examines "
	    "and signs it by noon of the next working day.\n\n"
	    "  --from DAY --to DAY  2026-11-28; default: all that have none\n"
	    "  --source HOST        one host, or source:NAME of a directory\n"
	    "  show DAY             what is in the records of a day\n"
	    "  sign DAY...          signs the newest version, with your key\n"
	    "    --disposition TEXT   what was found and done\n"
	    "    --version N          only if the newest is that one\n"
	    "  --calendar [2026Q4]  the quarter: on time, late, missing\n"
	    "  --list-open          what waits for a signature\n"
	    "  --alert              what fired and was not told before\n"
	    "  --list FILE          addresses that others warn of, as F-ISAC\n"
	    "    --name NAME          the list's name; default: the file's\n\n"
	    "Example: reeve daily sign 2026-11-28 --disposition "
	    "\"known scanner, blocked\"\n"),
	.run = run,
};
