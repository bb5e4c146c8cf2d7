/*
 * reeve findings: what the newest checks found, and what they could not tell.
 */
#include <getopt.h>
#include <string.h>

#include "review/command.h"
#include "review/rule.h"
#include "review/rule_words.h"
#include "schema/base/buf.h"
#include "schema/base/clock.h"
#include "schema/base/enc.h"
#include "schema/message.h"

extern const struct command command_findings;

#define TEXT_ROOM (256u * 1024)
#define NAME_SIZE 1024 /* a longer one is cut */
#define TIME_SIZE 24

enum {
	OPT_RULE = 1,
	OPT_SEVERITY,
	OPT_STATE,
	OPT_ACCOUNT,
	OPT_CLOSED,
	OPT_VERDICTS,
	OPT_PROFILE,
};

static const struct option options[] = {
	{ "rule", required_argument, NULL, OPT_RULE },
	{ "severity", required_argument, NULL, OPT_SEVERITY },
	{ "state", required_argument, NULL, OPT_STATE },
	{ "account", required_argument, NULL, OPT_ACCOUNT },
	{ "closed", no_argument, NULL, OPT_CLOSED },
	{ "verdicts", no_argument, NULL, OPT_VERDICTS },
	{ "profile", required_argument, NULL, OPT_PROFILE },
	{ NULL, 0, NULL, 0 },
};

/* For people: what fits a line. */
static const struct list_column short_columns[] = {
	{ "severity", N_("Severity"), 9 },
	{ "state", N_("State"), 8 },
	{ "rule", N_("Rule"), 7 },
	{ "subject", N_("Subject"), 20 },
	{ "source", N_("Source"), 10 },
	{ "text", N_("What was found"), 0 },
	{ NULL, NULL, 0 },
};

/* For programs: all there is. */
static const struct list_column long_columns[] = {
	{ "id", N_("Number"), 0 },
	{ "rule", N_("Rule"), 0 },
	{ "severity", N_("Severity"), 0 },
	{ "state", N_("State"), 0 },
	{ "certainty", N_("Certainty"), 0 },
	{ "reason", N_("Reason"), 0 },
	{ "source", N_("Source"), 0 },
	{ "host", N_("Host"), 0 },
	{ "subject", N_("Subject"), 0 },
	{ "key", N_("Key"), 0 },
	{ "about", N_("About"), 0 },
	{ "title", N_("Title"), 0 },
	{ "text", N_("What was found"), 0 },
	{ "excepted", N_("Excepted"), 0 },
	{ "first_seen", N_("First seen"), 0 },
	{ "last_seen", N_("Last seen"), 0 },
	{ "closed", N_("Closed"), 0 },
	{ "evidence", N_("Evidence"), 0 },
	{ NULL, NULL, 0 },
};

/* Of password and lockout policies, one requirement of one profile a row. */
static const struct list_column verdict_columns[] = {
	{ "profile", N_("Profile"), 15 },
	{ "requirement", N_("Requirement"), 28 },
	{ "verdict", N_("Verdict"), 18 },
	{ "wanted", N_("Wanted"), 12 },
	{ "found", N_("Found"), 12 },
	{ "source", N_("Source"), 10 },
	{ "policy", N_("Policy"), 20 },
	{ "clause", N_("Clause"), 0 },
	{ NULL, NULL, 0 },
};

struct query {
	struct command_context *context;
	struct rule_set *rules;
	struct store *store;
	const char *rule, *severity, *state, *account;
	const char *profile;
	bool closed, verdicts;
	int64_t hits, unknowns, untold;
};

static const char *
text_of(struct statement *s, const char *column)
{
	return column_text(s, column_of(s, column));
}

static const char *
time_of(struct statement *s, const char *column, char *out)
{
	struct buf text = buf_new(64);
	int64_t when = column_fact(s, column_of(s, column));

	out[0] = '\0';
	if (column_is_null(s, column_of(s, column)))
		return NULL;
	enc_time(&text, when * CLOCK_NS_PER_SECOND);
	(void)snprintf(out, TIME_SIZE, "%.19sZ", buf_string(&text));
	buf_free(&text);
	return out;
}

static int
put_text(struct query *q, struct statement *s, struct buf *b, struct err *e)
{
	const struct rule *rule = rule_set_find(q->rules, text_of(s, "rule"));

	if (rule == NULL) {
		buf_put_string(b, text_of(s, "about"));
		return 0;
	}
	return rule_finding(rule, text_of(s, "state"), text_of(s, "reason"),
	    text_of(s, "evidence"), q->context->zh, b, e);
}

static const char *
title_of(const struct query *q, const char *id)
{
	const struct rule *rule = rule_set_find(q->rules, id);

	return rule == NULL  ? NULL
	    : q->context->zh ? rule->title_zh
	                     : rule->title;
}

static void
long_row(struct query *q, struct list *l, struct statement *s, const char *text)
{
	char first[TIME_SIZE], last[TIME_SIZE], closed[TIME_SIZE];
	const char *const values[] = { text_of(s, "id"), text_of(s, "rule"),
		text_of(s, "severity"), text_of(s, "state"),
		text_of(s, "certainty"), text_of(s, "reason"),
		text_of(s, "source"), text_of(s, "host"), text_of(s, "name"),
		text_of(s, "key"), text_of(s, "about"),
		title_of(q, text_of(s, "rule")), text,
		column_int(s, column_of(s, "exception")) != 0 ? "1" : "0",
		time_of(s, "first_seen", first), time_of(s, "last_seen", last),
		time_of(s, "closed", closed), text_of(s, "evidence") };

	list_row(l, values);
}

static void
short_row(struct list *l, struct statement *s, const char *text)
{
	const char *name = text_of(s, "name"), *host = text_of(s, "host");
	char local[NAME_SIZE];
	const char *const values[] = { rule_word(text_of(s, "severity")),
		rule_word(text_of(s, "state")), text_of(s, "rule"),
		name == NULL       ? text_of(s, "about")
		    : host == NULL ? name
		                   : local,
		text_of(s, "source"), text };

	/* A local account is one of its host's. */
	(void)snprintf(local, sizeof(local), "%s@%s", name == NULL ? "" : name,
	    host == NULL ? "" : host);
	list_row(l, values);
}

static int
show_row(struct query *q, struct list *l, struct statement *s, struct err *e)
{
	struct buf text = buf_new(TEXT_ROOM);
	int status = put_text(q, s, &text, e);

	if (status == 0 && q->context->format == FORMAT_TEXT)
		short_row(l, s, buf_string(&text));
	else if (status == 0)
		long_row(q, l, s, buf_string(&text));
	if (strcmp(text_of(s, "state"), "hit") == 0)
		q->hits++;
	else
		q->unknowns++;
	buf_free(&text);
	return status;
}

static int
show_rows(struct query *q, struct list *l, struct err *e)
{
	struct statement *s = store_use(q->store, "findings", e);
	int more;

	bind_text(s, ":rule", q->rule);
	bind_text(s, ":severity", q->severity);
	bind_text(s, ":state", q->state);
	bind_text(s, ":account", q->account);
	bind_int(s, ":closed", q->closed);
	while ((more = store_step(s, e)) == 1)
		if (show_row(q, l, s, e) == -1)
			return -1;
	return more;
}

static void
verdict_row(const struct query *q, struct list *l, struct statement *s)
{
	const char *verdict = text_of(s, "verdict");
	const char *const values[] = { text_of(s, "profile"),
		text_of(s, "requirement"),
		q->context->format == FORMAT_TEXT ? rule_word(verdict)
		                                  : verdict,
		text_of(s, "wanted"), text_of(s, "found"), text_of(s, "source"),
		text_of(s, "policy"), text_of(s, "clause") };

	list_row(l, values);
}

static int
show_verdicts(struct query *q, struct err *e)
{
	struct statement *s = store_use(q->store, "verdicts", e);
	struct list *l = NULL;
	int more;

	bind_text(s, ":profile", q->profile);
	if (s == NULL ||
	    list_begin(&l, q->context, "verdicts", verdict_columns, e) == -1)
		return -1;
	while ((more = store_step(s, e)) == 1) {
		const char *verdict = text_of(s, "verdict");

		verdict_row(q, l, s);
		if (strcmp(verdict, "not") == 0 ||
		    strcmp(verdict, "conflict") == 0)
			q->hits++;
	}
	return list_end(&l, e) == -1 || more == -1 ? -1 : 0;
}

/* No finding of a rule that could not run is no "nothing found". */
static int
show_untold(struct query *q, struct err *e)
{
	struct statement *s = store_use(q->store, "untold", e);
	FILE *err = q->context->err;
	int more;

	bind_text(s, ":rule", q->rule);
	for (; (more = store_step(s, e)) == 1; q->untold++)
		if (*text_of(s, "rule") == '\0')
			fprintf(err, "%s\n",
			    _("nothing was checked yet: reeve check"));
		else
			fprintf(err,
			    _("%s could not be checked: what is not listed of "
			      "it may be there\n"),
			    text_of(s, "rule"));
	return more;
}

static int
show(struct query *q, struct err *e)
{
	struct command_context *c = q->context;
	struct list *l = NULL;
	int status;

	if (list_begin(&l, c, "findings",
	        c->format == FORMAT_TEXT ? short_columns : long_columns,
	        e) == -1)
		return -1;
	status = show_rows(q, l, e);
	if (list_end(&l, e) == -1)
		status = -1;
	if (status == 0 && c->format == FORMAT_TEXT)
		fprintf(c->out, _("\n%lld hits, %lld that can't be told\n"),
		    (long long)q->hits, (long long)q->unknowns);
	return status == -1 || q->closed ? status : show_untold(q, e);
}

static int
answer(struct query *q)
{
	struct command_context *c = q->context;
	const char *db = command_database(c);
	struct err e = { .code = ERR_NONE };

	if (rule_set_load(&q->rules, c->config->rules_dir, &e) == -1 ||
	    store_open(&q->store, db, STORE_READ, &e) == -1 ||
	    (q->verdicts ? show_verdicts(q, &e) : show(q, &e)) == -1)
		return command_fail(c, "findings", &e);
	if (q->untold > 0)
		return STATUS_USAGE;
	return q->hits > 0 ? STATUS_FOUND : STATUS_DONE;
}

static int
read_options(struct query *q, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case OPT_RULE:
			q->rule = optarg;
			break;
		case OPT_SEVERITY:
			q->severity = optarg;
			break;
		case OPT_STATE:
			q->state = optarg;
			break;
		case OPT_ACCOUNT:
			q->account = optarg;
			break;
		case OPT_CLOSED:
			q->closed = true;
			break;
		case OPT_VERDICTS:
			q->verdicts = true;
			break;
		case OPT_PROFILE:
			q->profile = optarg;
			break;
		default:
			return -1;
		}
	return optind == argc ? 0 : -1;
}

static int
run_findings(struct command_context *c, int argc, char **argv)
{
	struct query q = { .context = c };
	int status;

	if (read_options(&q, argc, argv) == -1)
		return command_usage(
		    c, &command_findings, _("unknown argument"));
	status = answer(&q);
	store_close(&q.store);
	rule_set_free(&q.rules);
	return status;
}

const struct command command_findings = {
	.name = "findings",
	.arguments = N_("[--rule ID] [--severity WORD] [--state hit|unknown] "
	                "[--account NAME] [--closed]\n"
	                "       reeve findings --verdicts [--profile PROFILE]"),
	.summary = N_("what checks found, and what they could not tell"),
	.help =
	    N_("--verdicts tells what each profile says of each password and "
	       "lockout policy.\n"
	       "Status 1 says that there are findings.\n"),
	.run = run_findings,
};
