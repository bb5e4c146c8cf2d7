#include "review/rule_view.h"

#include <stdlib.h>
#include <string.h>

#include "review/rule_internal.h"
#include "review/rule_words.h"
#include "schema/base/enc.h"

#define JSON_MAX  (64u * 1024 * 1024) /* bytes of one item's */
#define PATH_MAX_ (64u * 1024)

struct scope_row {
	bool include;
	char *what, *value;
};

struct view {
	struct check check;
	struct check_options options;
	const struct rule_set *rules;
	bool tables;
	struct check_parameter parameters[VIEW_PARAMETERS_MAX + 1];
	struct scope_row *scope;
	size_t scope_count;
};

/* ---- Functions ---- */

static bool
fits_any(const struct scope_row *row, int count, sqlite3_value **values)
{
	for (int i = 1; i < count; i++) {
		const char *text = (const char *)sqlite3_value_text(values[i]);

		if (text != NULL && rule_fits(row->value, text))
			return true;
	}
	return false;
}

static void
judge_scope(sqlite3_context *context, int count, sqlite3_value **values,
    bool includes_alone)
{
	const struct view *view = sqlite3_user_data(context);
	const char *what = (const char *)sqlite3_value_text(values[0]);
	bool asked = false, in = false, out = false;

	for (size_t i = 0; what != NULL && i < view->scope_count; i++) {
		const struct scope_row *row = &view->scope[i];

		if (strcmp(row->what, what) != 0)
			continue;
		if (row->include) {
			asked = true;
			in = in || fits_any(row, count, values);
		} else if (!includes_alone) {
			out = out || fits_any(row, count, values);
		}
	}
	sqlite3_result_int(context, (!asked || in) && !out);
}

static void
in_scope(sqlite3_context *context, int count, sqlite3_value **values)
{
	judge_scope(context, count, values, false);
}

static void
included(sqlite3_context *context, int count, sqlite3_value **values)
{
	judge_scope(context, count, values, true);
}

static void
put_step(void *context, const char *name, int64_t how)
{
	struct buf *json = context;

	(void)how;
	buf_put_string(json, json->length > 0 ? "," : "[");
	enc_json_string(json, name, strlen(name));
}

static void
result_json(sqlite3_context *context, struct buf *json)
{
	if (json->failed != ERR_NONE)
		sqlite3_result_error_nomem(context);
	else
		sqlite3_result_text(
		    context, buf_string(json), -1, SQLITE_TRANSIENT);
}

/* NULL if it holds no privileged right of that kind. */
static void
path_json(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct view *view = sqlite3_user_data(context);
	struct buf json = buf_new(PATH_MAX_);

	(void)count;
	rule_path(&view->check, sqlite3_value_int64(values[0]),
	    sqlite3_value_int64(values[1]), put_step, &json);
	if (json.length > 0) {
		buf_put_byte(&json, ']');
		result_json(context, &json);
	}
	buf_free(&json);
}

static void
put_member(struct buf *json, const char *name, const char *text)
{
	if (text == NULL)
		return;
	buf_printf(json, ",\"%s\":", name);
	enc_json_string(json, text, strlen(text));
}

static void
put_texts(struct buf *json, const struct rule *rule, const char *evidence,
    struct buf *text)
{
	struct err e = { .code = ERR_NONE };

	put_member(json, "title", rule->title);
	put_member(json, "title_zh", rule->title_zh);
	if (rule_text(rule, evidence, false, text, &e) == 0)
		put_member(json, "text", buf_string(text));
	buf_clear(text);
	if (rule_text(rule, evidence, true, text, &e) == 0)
		put_member(json, "text_zh", buf_string(text));
}

static void
finding_json(sqlite3_context *context, int count, sqlite3_value **values)
{
	enum { ID, RULE, STATE, SEVERITY, EXCEPTED, EVIDENCE };
	const struct view *view = sqlite3_user_data(context);
	const char *id = (const char *)sqlite3_value_text(values[RULE]);
	const char *evidence =
	    (const char *)sqlite3_value_text(values[EVIDENCE]);
	const struct rule *rule = view->rules == NULL || id == NULL
	    ? NULL
	    : rule_set_find(view->rules, id);
	struct buf json = buf_new(JSON_MAX);
	struct buf text = buf_new(JSON_MAX);

	(void)count;
	buf_printf(
	    &json, "{\"id\":%lld", (long long)sqlite3_value_int64(values[ID]));
	put_member(&json, "rule", id);
	put_member(
	    &json, "state", (const char *)sqlite3_value_text(values[STATE]));
	put_member(&json, "severity",
	    (const char *)sqlite3_value_text(values[SEVERITY]));
	if (sqlite3_value_int64(values[EXCEPTED]) != 0)
		buf_put_string(&json, ",\"excepted\":true");
	if (rule != NULL && evidence != NULL)
		put_texts(&json, rule, evidence, &text);
	buf_put_byte(&json, '}');
	result_json(context, &json);
	buf_free(&text);
	buf_free(&json);
}

static void
put_value(struct buf *json, const char *name, sqlite3_value *value)
{
	bool raw = *name == '=';

	buf_put_string(json, json->length > 1 ? "," : "");
	enc_json_string(json, name + raw, strlen(name + raw));
	buf_put_byte(json, ':');
	if (raw)
		buf_put(json, sqlite3_value_text(value),
		    (size_t)sqlite3_value_bytes(value));
	else if (sqlite3_value_type(value) == SQLITE_INTEGER)
		buf_printf(json, "%lld", (long long)sqlite3_value_int64(value));
	else
		enc_json_string(json, (const char *)sqlite3_value_text(value),
		    (size_t)sqlite3_value_bytes(value));
}

static void
facts_json(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct buf json = buf_new(JSON_MAX);

	buf_put_byte(&json, '{');
	for (int i = 0; i + 1 < count; i += 2) {
		const char *name = (const char *)sqlite3_value_text(values[i]);

		if (name != NULL &&
		    sqlite3_value_type(values[i + 1]) != SQLITE_NULL)
			put_value(&json, name, values[i + 1]);
	}
	buf_put_byte(&json, '}');
	result_json(context, &json);
	buf_free(&json);
}

static void
finding_text(sqlite3_context *context, int count, sqlite3_value **values)
{
	enum { RULE, STATE, REASON, ABOUT, EVIDENCE, ZH, COUNT };
	const struct view *view = sqlite3_user_data(context);
	const char *given[COUNT];
	struct buf text = buf_new(JSON_MAX);
	struct err e = { .code = ERR_NONE };
	const struct rule *rule;

	(void)count;
	for (int i = 0; i < COUNT; i++) {
		given[i] = (const char *)sqlite3_value_text(values[i]);
		if (given[i] == NULL)
			given[i] = "";
	}
	rule = view->rules == NULL ? NULL
	                           : rule_set_find(view->rules, given[RULE]);
	/* Of a rule that is no more, what there is. */
	if (rule == NULL ||
	    rule_finding(rule, given[STATE], given[REASON], given[EVIDENCE],
	        sqlite3_value_int(values[ZH]) != 0, &text, &e) == -1) {
		buf_clear(&text);
		buf_put_string(&text, given[ABOUT]);
	}
	result_json(context, &text);
	buf_free(&text);
}

static void
rule_told(sqlite3_context *context, int count, sqlite3_value **values)
{
	const struct view *view = sqlite3_user_data(context);
	const char *id = (const char *)sqlite3_value_text(values[0]);
	const char *what = (const char *)sqlite3_value_text(values[1]);
	const struct rule *rule = view->rules == NULL || id == NULL
	    ? NULL
	    : rule_set_find(view->rules, id);
	const struct {
		const char *name, *text, *otherwise;
	} told[] = {
		{ "severity", rule == NULL ? NULL : rule->severity, "info" },
		{ "title", rule == NULL ? NULL : rule->title, id },
		{ "title_zh", rule == NULL ? NULL : rule->title_zh, id },
		{ "controls", rule == NULL ? NULL : rule->controls, "" },
	};

	(void)count;
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (what != NULL && strcmp(what, told[i].name) == 0)
			sqlite3_result_text(context,
			    told[i].text == NULL ? told[i].otherwise
			                         : told[i].text,
			    -1, SQLITE_TRANSIENT);
}

static const struct {
	const char *name;
	int arguments;
	void (*call)(sqlite3_context *, int, sqlite3_value **);
} functions[] = {
	{ "in_scope", -1, in_scope },
	{ "included", -1, included },
	{ "path_json", 2, path_json },
	{ "finding_json", 6, finding_json },
	{ "finding_text", 6, finding_text },
	{ "rule_told", 2, rule_told },
	{ "facts_json", -1, facts_json },
};
#define FUNCTIONS (sizeof(functions) / sizeof(functions[0]))

static int
add_functions(struct view *view, struct err *e)
{
	for (size_t i = 0; i < FUNCTIONS; i++)
		if (sqlite3_create_function_v2(view->check.db,
		        functions[i].name, functions[i].arguments,
		        SQLITE_UTF8 | SQLITE_DIRECTONLY, view,
		        functions[i].call, NULL, NULL, NULL) != SQLITE_OK)
			return check_sqlite(&view->check, functions[i].name, e);
	return 0;
}

static void
remove_functions(struct view *view)
{
	for (size_t i = 0; i < FUNCTIONS; i++)
		(void)sqlite3_create_function_v2(view->check.db,
		    functions[i].name, functions[i].arguments, SQLITE_UTF8,
		    NULL, NULL, NULL, NULL, NULL);
}

/* ---- The scope ---- */

static void
forget_scope(struct view *view)
{
	for (size_t i = 0; i < view->scope_count; i++) {
		free(view->scope[i].what);
		free(view->scope[i].value);
	}
	free(view->scope);
	view->scope = NULL;
	view->scope_count = 0;
}

static int
add_row(struct view *view, bool include, const char *what, const char *value,
    struct err *e)
{
	struct scope_row *more = realloc(
	    view->scope, (view->scope_count + 1) * sizeof(*view->scope));
	struct scope_row *row;

	if (more == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	view->scope = more;
	row = &more[view->scope_count++];
	row->include = include;
	row->what = strdup(what);
	row->value = strdup(value);
	if (row->what == NULL || row->value == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	return 0;
}

int
view_scope(struct view *view, int64_t campaign, struct err *e)
{
	struct statement *s =
	    store_use(view->check.store, "campaign_scope_rows", e);
	int more;

	forget_scope(view);
	bind_int(s, ":campaign", campaign);
	while ((more = store_step(s, e)) == 1)
		if (add_row(view, column_int(s, column_of(s, "include")) != 0,
		        column_text(s, column_of(s, "what")),
		        column_text(s, column_of(s, "value")), e) == -1)
			return -1;
	return more;
}

/* ---- The whole ---- */

void
view_set(struct view *view, const char *name, int64_t value)
{
	struct check_parameter *p = view->parameters;
	size_t i = 0;

	while (i < VIEW_PARAMETERS_MAX && p[i].name != NULL &&
	    strcmp(p[i].name, name) != 0)
		i++;
	if (i < VIEW_PARAMETERS_MAX) { /* else the step says it has none */
		p[i].name = name;
		p[i].value = value;
	}
}

static int
begin(struct view *view, struct err *e)
{
	if (controls_load(&view->check.controls, e) == -1 ||
	    controls_enforce(view->check.controls, view->options.profile,
	        &view->check.enforced, e) == -1)
		return -1;
	if (!view->tables)
		return 0; /* may be within one that has them */
	return add_functions(view, e) == -1 ? -1
	                                    : check_tables(&view->check, e);
}

int
view_begin(struct view **out, struct store *store,
    const struct view_options *options, struct err *e)
{
	struct view *view = calloc(1, sizeof(*view));

	*out = NULL;
	if (view == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	view->options = (struct check_options){
		.now = options->now,
		.profile = options->profile,
		.progress = options->progress,
		.progress_context = options->progress_context,
	};
	view->rules = options->rules;
	view->tables = options->tables;
	view->check.store = store;
	view->check.db = store_handle(store);
	view->check.config = options->config;
	view->check.options = &view->options;
	view->check.parameters = view->parameters;
	view->check.doing = options->doing;
	if (begin(view, e) == -1) {
		(void)view_end(&view, false, e);
		return -1;
	}
	*out = view;
	return 0;
}

int
view_steps(struct view *view, const char *file, struct err *e)
{
	return check_steps(&view->check, file, e);
}

int
view_end(struct view **at, bool done, struct err *e)
{
	struct view *view = *at;
	int status = 0;

	*at = NULL;
	if (view == NULL)
		return 0;
	if (view->tables && done)
		status = check_drop(&view->check, e);
	else if (view->tables)
		rule_functions_remove(&view->check);
	if (view->tables)
		remove_functions(view);
	forget_scope(view);
	controls_free(&view->check.controls);
	free(view);
	return status;
}

static int
read_threshold(struct controls *controls, const char *profile, const char *name,
    double *value, struct err *e)
{
	size_t count = controls_threshold_count(controls);
	struct enforced enforced;

	if (controls_enforce(controls, profile, &enforced, e) == -1)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (strcmp(controls_threshold_at(controls, i)->name, name) ==
		    0) {
			*value = controls_value(controls, &enforced, i, NULL);
			return 0;
		}
	return err_set(e, ERR_CONFIG, "threshold %s is not there", name);
}

int
view_threshold(
    const char *profile, const char *name, double *value, struct err *e)
{
	struct controls *controls = NULL;
	int status;

	if (controls_load(&controls, e) == -1)
		return -1;
	status = read_threshold(controls, profile, name, value, e);
	controls_free(&controls);
	return status;
}
