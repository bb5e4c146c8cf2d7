/*
 * reeve rules: what is judged, and how.
 */
#include <string.h>

#include "review/command.h"
#include "review/controls.h"
#include "review/rule.h"
#include "review/rule_words.h"
#include "schema/message.h"

extern const struct command command_rules;

static const struct list_column columns[] = {
	{ "rule", N_("Rule"), 8 },
	{ "severity", N_("Severity"), 9 },
	{ "controls", N_("Controls"), 16 },
	{ "title", N_("Title"), 0 },
	{ NULL, NULL, 0 },
};

static int
list_rules(
    struct command_context *c, const struct rule_set *rules, struct err *e)
{
	struct list *l = NULL;

	if (list_begin(&l, c, "rules", columns, e) == -1)
		return -1;
	for (size_t i = 0; i < rule_set_count(rules); i++) {
		const struct rule *r = rule_set_at(rules, i);
		const char *const values[] = { r->id,
			c->format == FORMAT_TEXT ? rule_word(r->severity)
			                         : r->severity,
			r->controls, c->zh ? r->title_zh : r->title };

		list_row(l, values);
	}
	return list_end(&l, e);
}

static bool
next_word(const char **p, char *word, size_t size)
{
	size_t length;

	if (*p == NULL)
		return false;
	*p += strspn(*p, " ");
	length = strcspn(*p, " ");
	(void)snprintf(word, size, "%.*s", (int)length, *p);
	*p += length;
	return length > 0;
}

static void
show_thresholds(struct command_context *c, const struct controls *controls,
    const struct enforced *enforced, const struct rule *r)
{
	const char *p = r->thresholds;
	char name[64];

	while (next_word(&p, name, sizeof(name)))
		for (size_t i = 0; i < controls_threshold_count(controls);
		     i++) {
			const struct threshold *t =
			    controls_threshold_at(controls, i);
			const char *from;
			double value =
			    controls_value(controls, enforced, i, &from);

			if (strcmp(t->name, name) == 0)
				fprintf(c->out, "  %s = %g (%s; %s): %s\n",
				    name, value, t->unit, from,
				    c->zh ? t->note_zh : t->note);
		}
}

static void
show_controls(struct command_context *c, const struct controls *controls,
    const struct rule *r)
{
	const char *p = r->controls;
	char id[64];

	while (next_word(&p, id, sizeof(id))) {
		const struct control *control = controls_control(controls, id);

		if (control != NULL)
			fprintf(c->out, "  %s %s\n", id,
			    c->zh ? control->title_zh : control->title);
	}
}

static int
show_rule(struct command_context *c, const struct rule *r, struct err *e)
{
	struct controls *controls = NULL;
	struct enforced enforced;

	if (controls_load(&controls, e) == -1)
		return -1;
	if (controls_enforce(controls, c->config->profile, &enforced, e) ==
	    -1) {
		controls_free(&controls);
		return -1;
	}
	fprintf(c->out, "%s  %s  (%s)\n%s\n\n%s\n", r->id,
	    c->zh ? r->title_zh : r->title, rule_word(r->severity),
	    c->zh ? r->why_zh : r->why, c->zh ? r->text_zh : r->text);
	show_thresholds(c, controls, &enforced, r);
	show_controls(c, controls, r);
	fprintf(c->out, "\n%s:\n%s", r->file, r->sql);
	controls_free(&controls);
	return 0;
}

static int
answer(struct command_context *c, const struct rule_set *rules, int argc,
    char **argv, struct err *e)
{
	const struct rule *r;

	if (argc == 1)
		return list_rules(c, rules, e);
	r = rule_set_find(rules, argv[2]);
	if (r == NULL)
		return err_set(e, ERR_USAGE, _("no rule %s"), argv[2]);
	return show_rule(c, r, e);
}

static int
run_rules(struct command_context *c, int argc, char **argv)
{
	struct rule_set *rules = NULL;
	struct err e = { .code = ERR_NONE };
	int status = STATUS_DONE;

	if (argc != 1 && (argc != 3 || strcmp(argv[1], "show") != 0))
		return command_usage(c, &command_rules, _("unknown argument"));
	if (rule_set_load(&rules, c->config->rules_dir, &e) == -1 ||
	    answer(c, rules, argc, argv, &e) == -1)
		status = command_fail(c, "rules", &e);
	rule_set_free(&rules);
	return status;
}

const struct command command_rules = {
	.name = "rules",
	.arguments = N_("[show RULE]"),
	.summary = N_("what is judged, and how"),
	.run = run_rules,
};
