/*
 * reeve check: runs the rules over what was pulled.
 */
#include <getopt.h>
#include <string.h>

#include "review/act.h"
#include "review/command.h"
#include "review/rule.h"
#include "review/rule_words.h"
#include "schema/message.h"

extern const struct command command_check;

#define NUMBER_SIZE 24
#define TEXT_ROOM   (64u * 1024) /* bytes of a name, or of a reason */

static const struct option options[] = {
	{ "profile", required_argument, NULL, 'p' },
	{ NULL, 0, NULL, 0 },
};

static const struct list_column columns[] = {
	{ "rule", N_("Rule"), 8 },
	{ "severity", N_("Severity"), 9 },
	{ "judged", N_("Judged"), 8 },
	{ "hits", N_("Hits"), 7 },
	{ "unknowns", N_("Unknown"), 8 },
	{ "excepted", N_("Excepted"), 9 },
	{ "title", N_("Title"), 0 },
	{ NULL, NULL, 0 },
};

struct run {
	struct command_context *context;
	struct rule_set *rules;
	struct store *store;
	struct check_options options;
	struct check_result result;
};

static const char *
number(char *out, int64_t value)
{
	(void)snprintf(out, NUMBER_SIZE, "%lld", (long long)value);
	return out;
}

static void
show_rule(struct run *run, struct list *l, struct statement *s)
{
	char population[NUMBER_SIZE], hits[NUMBER_SIZE];
	char unknowns[NUMBER_SIZE], excepted[NUMBER_SIZE];
	const char *id = column_text(s, column_of(s, "rule"));
	const char *error = column_text(s, column_of(s, "error"));
	const struct rule *rule = rule_set_find(run->rules, id);
	const char *title = rule == NULL ? ""
	    : run->context->zh           ? rule->title_zh
	                                 : rule->title;
	bool text = run->context->format == FORMAT_TEXT;
	const char *severity = rule == NULL ? "" : rule->severity;
	const char *const values[] = { id,
		text ? rule_word(severity) : severity,
		number(population, column_int(s, column_of(s, "population"))),
		number(hits, column_int(s, column_of(s, "hits"))),
		number(unknowns, column_int(s, column_of(s, "unknowns"))),
		number(excepted, column_int(s, column_of(s, "excepted"))),
		error == NULL ? title : error };

	list_row(l, values);
}

static int
show_rules(struct run *run, struct err *e)
{
	struct statement *s = store_use(run->store, "check_rules", e);
	struct list *l = NULL;
	int more;

	bind_int(s, ":run", run->result.run);
	if (s == NULL ||
	    list_begin(&l, run->context, "rules", columns, e) == -1)
		return -1;
	while ((more = store_step(s, e)) == 1)
		show_rule(run, l, s);
	return list_end(&l, e) == -1 || more == -1 ? -1 : 0;
}

static void
say_incomplete(FILE *out, const char *name, const char *why)
{
	struct buf harmless_name = buf_new(TEXT_ROOM);
	struct buf harmless = buf_new(TEXT_ROOM);

	command_harmless(&harmless_name, name);
	command_harmless(&harmless, why);
	fprintf(out,
	    _("%s: not complete (%s): nothing missing from it "
	      "was judged to be gone\n"),
	    buf_string(&harmless_name), buf_string(&harmless));
	buf_free(&harmless_name);
	buf_free(&harmless);
}

/* What was judged, and whether it was all there. */
static int
show_sources(struct run *run, bool *complete, struct err *e)
{
	struct statement *s = store_use(run->store, "check_sources", e);
	FILE *out = run->context->out;
	bool text = run->context->format == FORMAT_TEXT;
	int more;

	*complete = true;
	while ((more = store_step(s, e)) == 1) {
		const char *why = column_text(s, column_of(s, "incomplete"));

		if (column_int(s, column_of(s, "complete")) != 0)
			continue;
		*complete = false;
		if (text)
			say_incomplete(out,
			    column_text(s, column_of(s, "name")),
			    why == NULL ? "?" : why);
	}
	return more;
}

static void
show_totals(const struct run *run)
{
	const struct check_result *r = &run->result;

	if (run->context->format != FORMAT_TEXT)
		return;
	fprintf(run->context->out,
	    _("\n%lld hits (%lld excepted), %lld unknown; %lld new, %lld "
	      "closed; profile %s\n"),
	    (long long)r->hits, (long long)r->excepted, (long long)r->unknowns,
	    (long long)r->fresh, (long long)r->closed, run->options.profile);
}

static int
show(struct run *run, struct err *e)
{
	bool complete;
	int status = STATUS_DONE;

	command_progress_end(run->context);
	if (show_rules(run, e) == -1)
		return command_fail(run->context, "check", e);
	show_totals(run);
	if (show_sources(run, &complete, e) == -1)
		return command_fail(run->context, "check", e);
	if (run->result.hits > run->result.excepted)
		status = command_worse(status, STATUS_FOUND);
	if (!complete)
		status = command_worse(status, STATUS_INCOMPLETE);
	if (run->result.failed > 0)
		status = command_worse(status, STATUS_USAGE);
	return status;
}

static int
check(struct run *run)
{
	struct command_context *c = run->context;
	struct err e = { .code = ERR_NONE };
	const char *db = command_database(c);

	if (rule_set_load(&run->rules, c->config->rules_dir, &e) == -1)
		return command_fail(c, "check", &e);
	if (run->options.only != NULL &&
	    rule_set_find(run->rules, run->options.only) == NULL)
		return command_usage(
		    c, &command_check, _("no rule %s"), run->options.only);
	/* Exceptions cover findings. */
	if (store_open(&run->store, db, STORE_WRITE, &e) == -1 ||
	    act_check(run->store, "exception", 0, &e) == -1 ||
	    check_run(run->store, c->config, run->rules, &run->options,
	        &run->result, &e) == -1) {
		command_progress_end(c);
		return command_fail(c, "check", &e);
	}
	return show(run, &e);
}

static int
run_check(struct command_context *c, int argc, char **argv)
{
	struct run run = {
		.context = c,
		.options = { .now = c->now,
		    .now_given = c->now_given,
		    .profile = c->config->profile,
		    .progress = command_progress,
		    .progress_context = c },
	};
	int option, status;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'p')
			return command_usage(c, &command_check, "?");
		run.options.profile = optarg;
	}
	if (argc - optind > 1)
		return command_usage(
		    c, &command_check, _("one rule, or all of them"));
	run.options.only = argv[optind];
	status = check(&run);
	store_close(&run.store);
	rule_set_free(&run.rules);
	return status;
}

const struct command command_check = {
	.name = "check",
	.arguments = N_("[RULE] [--profile PROFILE[,PROFILE...]]"),
	.summary = N_("run the rules over what was pulled"),
	.help = N_("Status 1 says that something was found, 4 that a source "
	           "was not complete.\n"),
	.run = run_check,
	.writes = true,
};
