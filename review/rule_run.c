#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "review/embedded.h"
#include "review/fact.h"
#include "review/rule_internal.h"
#include "schema/base/digest.h"
#include "schema/base/enc.h"

#define VIEWS        "review/sql/views.sql"
#define LIVES        "review/sql/check.sql"
#define DROPS        "review/sql/drop.sql"
#define EVIDENCE_MAX (1024u * 1024) /* bytes of one finding's */
#define VALUE_MAX    8192           /* of one text in it */
#define SEVERITIES   "info low medium high critical"
#define WORK_PRESET  UINT64_C(4000000000) /* a minute or so */
#define REPEAT_MAX   1000                 /* levels of nesting */
#define NAME_MAX_    64

/* The columns that every rule gives first, in this order. */
enum { SUBJECT, ABOUT, STATE, CERTAINTY, SEVERITY, REASON, OWN };
static const char *const columns[] = { "subject", "about", "state", "certainty",
	"severity", "reason" };

int
check_sqlite(struct check *check, const char *where, struct err *e)
{
	return err_set(
	    e, ERR_CONFIG, "%s: %s", where, sqlite3_errmsg(check->db));
}

/* ---- Parameters ---- */

static const struct {
	const char *name;
	int64_t value;
} constants[] = {
	{ ":day", 86400 },
	{ ":hour", 3600 },
	{ ":open", STORE_OPEN },
	{ ":never", FACT_NEVER },
};

/* The place in the table, or -1. */
static int
threshold_place(const struct check *check, const char *name)
{
	size_t count = controls_threshold_count(check->controls);

	for (size_t i = 0; i < count; i++)
		if (strcmp(controls_threshold_at(check->controls, i)->name,
		        name) == 0)
			return (int)i;
	return -1;
}

/* Whether a header names that word in its blank-separated list. */
static bool
header_names(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *p = list; p != NULL && *p != '\0';) {
		size_t n = strcspn(p, " ");

		if (n == length && strncmp(p, word, n) == 0)
			return true;
		p += n;
		p += strspn(p, " ");
	}
	return false;
}

static int
bind_threshold(
    struct check *check, sqlite3_stmt *st, int place, const char *name)
{
	int at = threshold_place(check, name);
	double value;

	if (at == -1)
		return SQLITE_ERROR;
	value =
	    controls_value(check->controls, &check->enforced, (size_t)at, NULL);
	/* Counts and days are whole, so that SQL compares integers. */
	if (value >= 0 && value < 1e15 && (double)(int64_t)value == value)
		return sqlite3_bind_int64(st, place, (int64_t)value);
	return sqlite3_bind_double(st, place, value);
}

static int
bind_parameter(
    struct check *check, sqlite3_stmt *st, int place, const char *name)
{
	for (size_t i = 0; i < sizeof(constants) / sizeof(constants[0]); i++)
		if (strcmp(constants[i].name, name) == 0)
			return sqlite3_bind_int64(
			    st, place, constants[i].value);
	if (strcmp(name, ":now") == 0)
		return sqlite3_bind_int64(st, place, check->options->now);
	for (const struct check_parameter *p = check->parameters;
	     p != NULL && p->name != NULL; p++)
		if (check->rule == NULL && strcmp(p->name, name) == 0)
			return sqlite3_bind_int64(st, place, p->value);
	if (strcmp(name, ":run") == 0 && check->rule == NULL)
		return sqlite3_bind_int64(st, place, check->run);
	if (check->rule != NULL &&
	    !header_names(check->rule->thresholds, name + 1))
		return SQLITE_ERROR;
	return bind_threshold(check, st, place, name + 1);
}

static int
bind_all(struct check *check, sqlite3_stmt *st, struct err *e)
{
	int count = sqlite3_bind_parameter_count(st);

	for (int i = 1; i <= count; i++) {
		const char *name = sqlite3_bind_parameter_name(st, i);

		if (name == NULL || name[0] != ':' ||
		    bind_parameter(check, st, i, name) != SQLITE_OK)
			return err_set(e, ERR_CONFIG,
			    "parameter %s is not :now or a threshold that its "
			    "header names",
			    name == NULL ? "?" : name);
	}
	return 0;
}

/* ---- Steps ---- */

struct step {
	char name[NAME_MAX_];
	const char *sql;
	size_t length;
	bool repeat;
};

static const char *
next_line(const char *at)
{
	const char *end = strchr(at, '\n');

	return end == NULL ? at + strlen(at) : end + 1;
}

/* The next block that begins with such a mark, at or after *at. */
static bool
next_block(const char **at, const char *mark, struct step *step)
{
	for (; **at != '\0'; *at = next_line(*at)) {
		const char *line = *at;

		if (strncmp(line, mark, strlen(mark)) != 0)
			continue;
		line += strlen(mark);
		(void)snprintf(step->name, sizeof(step->name), "%.*s",
		    (int)strcspn(line, "\n"), line);
		step->sql = next_line(line);
		for (*at = step->sql; **at != '\0'; *at = next_line(*at))
			if (strncmp(*at, "-- step: ", 9) == 0 ||
			    strncmp(*at, "-- repeat: ", 11) == 0 ||
			    strncmp(*at, "-- over: ", 9) == 0 ||
			    strncmp(*at, "-- name: ", 9) == 0)
				break;
		step->length = (size_t)(*at - step->sql);
		return true;
	}
	return false;
}

static int
run_statement(struct check *check, sqlite3_stmt *st, bool repeat, struct err *e)
{
	int rounds = repeat ? REPEAT_MAX : 1;

	if (bind_all(check, st, e) == -1)
		return -1;
	do {
		if (sqlite3_step(st) != SQLITE_DONE)
			return err_set(
			    e, ERR_SYS, "%s", sqlite3_errmsg(check->db));
		(void)sqlite3_reset(st);
	} while (--rounds > 0 && sqlite3_changes(check->db) > 0);
	return 0;
}

static int
run_step(struct check *check, const struct step *step, struct err *e)
{
	sqlite3_stmt *st = NULL;
	int status = -1;

	if (sqlite3_prepare_v2(check->db, step->sql, (int)step->length, &st,
	        NULL) != SQLITE_OK)
		err_set(e, ERR_SYS, "%s", sqlite3_errmsg(check->db));
	else
		status = run_statement(check, st, step->repeat, e);
	(void)sqlite3_finalize(st);
	return status == 0 ? 0 : err_in(e, "%s", step->name);
}

/* The one that comes first of the next step and the next repeated one. */
static bool
next_step(const char **at, struct step *step)
{
	const char *once = *at, *often = *at;
	struct step repeated;
	bool has_once = next_block(&once, "-- step: ", step);
	bool has_often = next_block(&often, "-- repeat: ", &repeated);

	step->repeat = false;
	if (has_often && (!has_once || repeated.sql < step->sql)) {
		*step = repeated;
		step->repeat = true;
		*at = often;
		return true;
	}
	*at = once;
	return has_once;
}

static int64_t
count_steps(const char *text)
{
	struct step step;
	int64_t count = 0;

	while (next_step(&text, &step))
		count++;
	return count;
}

static void
tell_step(const struct check *check, int64_t done, int64_t total)
{
	const struct check_options *o = check->options;

	if (check->doing != NULL && o->progress != NULL)
		o->progress(o->progress_context, check->doing, done, total);
}

int
check_steps(struct check *check, const char *file, struct err *e)
{
	const char *at = embedded_text(file);
	struct step step;
	int64_t total, done = 0;

	if (at == NULL)
		return err_set(e, ERR_MISSING, "%s", file);
	total = count_steps(at);
	while (next_step(&at, &step)) {
		tell_step(check, done++, total);
		if (run_step(check, &step, e) == -1)
			return err_in(e, "%s", file);
	}
	return 0;
}

sqlite3_stmt *
check_over(struct check *check, const char *name, struct err *e)
{
	const char *at = embedded_text(VIEWS);
	sqlite3_stmt *st = NULL;
	struct step step;

	while (at != NULL && next_block(&at, "-- over: ", &step)) {
		if (strcmp(step.name, name) != 0)
			continue;
		if (sqlite3_prepare_v2(check->db, step.sql, (int)step.length,
		        &st, NULL) != SQLITE_OK)
			check_sqlite(check, name, e);
		return st;
	}
	err_set(e, ERR_CONFIG, "over %s: no such table", name);
	return NULL;
}

static int
count_over(
    struct check *check, const struct rule *rule, int64_t *count, struct err *e)
{
	sqlite3_stmt *st = check_over(check, rule->over, e);

	*count = 0;
	if (st == NULL)
		return -1;
	if (sqlite3_step(st) == SQLITE_ROW)
		*count = sqlite3_column_int64(st, 0);
	return sqlite3_finalize(st) == SQLITE_OK
	    ? 0
	    : check_sqlite(check, rule->over, e);
}

/* ---- One rule ---- */

/* A longer text, such as a list of names, is cut and says so. */
static void
put_text(struct buf *b, const char *text, int length)
{
	char cut[VALUE_MAX + sizeof("...")];
	int kept = VALUE_MAX;

	if (length <= VALUE_MAX) {
		enc_json_string(b, text, (size_t)length);
		return;
	}
	while (kept > 0 && ((unsigned char)text[kept] & 0xc0) == 0x80)
		kept--; /* not within a character */
	memcpy(cut, text, (size_t)kept);
	memcpy(cut + kept, "...", sizeof("..."));
	enc_json_string(b, cut, (size_t)kept + 3);
}

static void
put_value(struct buf *b, sqlite3_stmt *st, int column)
{
	switch (sqlite3_column_type(st, column)) {
	case SQLITE_INTEGER:
		buf_printf(
		    b, "%lld", (long long)sqlite3_column_int64(st, column));
		break;
	case SQLITE_FLOAT:
		buf_printf(b, "%.4g", sqlite3_column_double(st, column));
		break;
	case SQLITE_NULL:
		buf_put_string(b, "null");
		break;
	default:
		put_text(b, (const char *)sqlite3_column_text(st, column),
		    sqlite3_column_bytes(st, column));
		break;
	}
}

/* The rule's own columns as a JSON object. */
static int64_t
put_evidence(struct buf *b, sqlite3_stmt *st)
{
	int count = sqlite3_column_count(st);
	int64_t stands_for = 1;
	bool any = false;

	buf_put_byte(b, '{');
	for (int i = OWN; i < count; i++) {
		const char *name = sqlite3_column_name(st, i);

		if (strcmp(name, "stands_for") == 0)
			stands_for = sqlite3_column_int64(st, i);
		buf_put_string(b, any ? "," : "");
		enc_json_string(b, name, strlen(name));
		buf_put_byte(b, ':');
		put_value(b, st, i);
		any = true;
	}
	buf_put_byte(b, '}');
	return stands_for;
}

static bool
is_one_of(const char *word, const char *const *words)
{
	for (; word != NULL && *words != NULL; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

static const char *
text_or(sqlite3_stmt *st, int column, const char *otherwise)
{
	const char *text = (const char *)sqlite3_column_text(st, column);

	return text == NULL ? otherwise : text;
}

static int
judge_row(const struct check *check, sqlite3_stmt *st, struct err *e)
{
	static const char *const states[] = { "hit", "unknown", NULL };
	static const char *const certainties[] = { "certain", "possible",
		"hint", NULL };
	static const char *const severities[] = { "critical", "high", "medium",
		"low", "info", NULL };
	const char *state = text_or(st, STATE, "");

	if (!is_one_of(state, states))
		return err_set(e, ERR_CONFIG, "state \"%s\"", state);
	if (!is_one_of(text_or(st, CERTAINTY, "certain"), certainties))
		return err_set(e, ERR_CONFIG, "certainty \"%s\"",
		    text_or(st, CERTAINTY, ""));
	if (!is_one_of(
	        text_or(st, SEVERITY, check->rule->severity), severities))
		return err_set(e, ERR_CONFIG, "severity \"%s\"",
		    text_or(st, SEVERITY, ""));
	if (strcmp(state, "unknown") == 0 && *text_or(st, REASON, "") == '\0')
		return err_set(e, ERR_CONFIG, "unknown without a reason");
	return 0;
}

static int
bind_kept(sqlite3_stmt *keep, int place, const char *text)
{
	return sqlite3_bind_text(keep, place, text, -1, SQLITE_TRANSIENT);
}

/* The row into temp.result. */
static int
keep_row(
    struct check *check, sqlite3_stmt *st, struct buf *evidence, struct err *e)
{
	sqlite3_stmt *keep = check->keep;
	int64_t stands_for;
	int result;

	buf_clear(evidence);
	stands_for = put_evidence(evidence, st);
	if (buf_status(evidence, e) == -1 || judge_row(check, st, e) == -1)
		return -1;
	if (bind_kept(keep, 1, check->rule->id) != SQLITE_OK ||
	    sqlite3_bind_int64(keep, 2, sqlite3_column_int64(st, SUBJECT)) !=
	        SQLITE_OK ||
	    bind_kept(keep, 3, text_or(st, ABOUT, "")) != SQLITE_OK ||
	    bind_kept(keep, 4, text_or(st, STATE, "")) != SQLITE_OK ||
	    bind_kept(keep, 5, text_or(st, CERTAINTY, "certain")) !=
	        SQLITE_OK ||
	    bind_kept(keep, 6, text_or(st, SEVERITY, check->rule->severity)) !=
	        SQLITE_OK ||
	    bind_kept(keep, 7, text_or(st, REASON, "")) != SQLITE_OK ||
	    bind_kept(keep, 8, buf_string(evidence)) != SQLITE_OK ||
	    sqlite3_bind_int64(keep, 9, stands_for) != SQLITE_OK)
		return check_sqlite(check, "a result", e);
	check->trusted = true;
	result = sqlite3_step(keep);
	check->trusted = false;
	if (result != SQLITE_DONE)
		check_sqlite(check, "a result", e);
	(void)sqlite3_reset(keep);
	return result == SQLITE_DONE ? 0 : -1;
}

static int
judge_columns(sqlite3_stmt *st, struct err *e)
{
	for (int i = 0; i < OWN; i++)
		if (i >= sqlite3_column_count(st) ||
		    strcmp(sqlite3_column_name(st, i), columns[i]) != 0)
			return err_set(e, ERR_CONFIG,
			    "column %d must be \"%s\"", i + 1, columns[i]);
	return 0;
}

static int
step_rows(struct check *check, sqlite3_stmt *st, struct err *e)
{
	struct buf evidence = buf_new(EVIDENCE_MAX);
	int status = 0;
	int result = SQLITE_DONE;

	while (status == 0 && (result = sqlite3_step(st)) == SQLITE_ROW)
		status = keep_row(check, st, &evidence, e);
	if (status == 0 && result == SQLITE_INTERRUPT)
		status = err_set(e, ERR_LIMIT, "takes too long");
	else if (status == 0 && result != SQLITE_DONE)
		status =
		    err_set(e, ERR_CONFIG, "%s", sqlite3_errmsg(check->db));
	buf_free(&evidence);
	return status;
}

/* Reads only, and one statement only. */
static int
prepare_rule(struct check *check, sqlite3_stmt **st, struct err *e)
{
	const char *rest = "";

	if (sqlite3_prepare_v2(check->db, check->rule->sql, -1, st, &rest) !=
	    SQLITE_OK)
		return err_set(e, ERR_CONFIG, "%s", sqlite3_errmsg(check->db));
	if (*st == NULL || sqlite3_stmt_readonly(*st) == 0 ||
	    rest[strspn(rest, " \t\n;")] != '\0')
		return err_set(e, ERR_CONFIG, "not exactly one query");
	return judge_columns(*st, e);
}

static int
run_confined(struct check *check, struct err *e)
{
	sqlite3_stmt *st = NULL;
	int status = -1;

	if (prepare_rule(check, &st, e) == 0 && bind_all(check, st, e) == 0)
		status = step_rows(check, st, e);
	(void)sqlite3_finalize(st);
	return status;
}

static int
add_rule_run(struct check *check, const struct rule *rule, int64_t population,
    const char *error, struct err *e)
{
	struct statement *s = store_use(check->store, "rule_run_add", e);

	bind_int(s, ":run", check->run);
	bind_text(s, ":rule", rule->id);
	bind_blob(s, ":digest", rule->digest, sizeof(rule->digest));
	bind_int(s, ":population", population);
	bind_text(s, ":error", error);
	return store_run(s, e);
}

/* What a failed rule had found so far is no result. */
static int
forget_results(struct check *check, const struct rule *rule, struct err *e)
{
	sqlite3_stmt *st = NULL;
	int status = 0;

	if (sqlite3_prepare_v2(check->db,
	        "DELETE FROM temp.result WHERE rule = ?1", -1, &st,
	        NULL) != SQLITE_OK ||
	    bind_kept(st, 1, rule->id) != SQLITE_OK ||
	    sqlite3_step(st) != SQLITE_DONE)
		status = check_sqlite(check, rule->id, e);
	(void)sqlite3_finalize(st);
	return status;
}

/* A rule that can't run is recorded, and the others go on. */
static int
run_rule(struct check *check, const struct rule *rule, struct err *e)
{
	struct err trouble = { .code = ERR_NONE };
	int64_t population;
	int status;

	if (count_over(check, rule, &population, &trouble) == -1)
		return add_rule_run(check, rule, 0, trouble.text, e);
	check->rule = rule;
	check->work =
	    check->options->work > 0 ? check->options->work : WORK_PRESET;
	rule_confine(check);
	status = run_confined(check, &trouble);
	rule_release(check);
	check->rule = NULL;
	if (status == 0)
		return add_rule_run(check, rule, population, NULL, e);
	err_in(&trouble, "%s", rule->file);
	if (forget_results(check, rule, e) == -1)
		return -1;
	return add_rule_run(check, rule, population, trouble.text, e);
}

/* ---- All of them ---- */

static void
tell(const struct check_options *options, size_t done, size_t total)
{
	if (options->progress != NULL)
		options->progress(options->progress_context, "rules",
		    (int64_t)done, (int64_t)total);
}

static int
run_rules(struct check *check, const struct rule_set *set, struct err *e)
{
	size_t count = rule_set_count(set);
	const char *only = check->options->only;

	for (size_t i = 0; i < count; i++) {
		const struct rule *rule = rule_set_at(set, i);

		if (only != NULL && strcmp(only, rule->id) != 0)
			continue;
		tell(check->options, i, count);
		if (run_rule(check, rule, e) == -1)
			return -1;
	}
	return 0;
}

static int
read_state(struct check *check, int64_t *state, struct err *e)
{
	struct statement *s = store_use(check->store, "check_state", e);

	int64_t newest;

	if (store_step(s, e) != 1)
		return -1;
	*state = column_int(s, 0);
	newest = column_int(s, 1);
	store_done(s);
	if (*state == 0)
		return err_set(e, ERR_MISSING,
		    "nothing was pulled yet: reeve pull SOURCE");
	if (newest > check->options->now)
		return err_set(e, ERR_USAGE,
		    "the clock is behind what is stored: it would say that "
		    "what was seen is still to come");
	return 0;
}

/* So that two checks can be told to have judged by the same numbers. */
static int
digest_thresholds(const struct check *check,
    unsigned char out[DIGEST_SHA256_LENGTH], struct err *e)
{
	const struct controls *c = check->controls;
	struct buf text = buf_new(64u * 1024);
	int status = -1;

	for (size_t i = 0; i < controls_threshold_count(c); i++)
		buf_printf(&text, "%s=%.15g\n",
		    controls_threshold_at(c, i)->name,
		    controls_value(c, &check->enforced, i, NULL));
	if (buf_status(&text, e) == 0)
		status = digest_sha256(text.data, text.length, out, e);
	buf_free(&text);
	return status;
}

static int
add_run(struct check *check, int64_t state, struct err *e)
{
	const struct check_options *o = check->options;
	unsigned char thresholds[DIGEST_SHA256_LENGTH];
	struct statement *s;

	if (digest_thresholds(check, thresholds, e) == -1)
		return -1;
	s = store_use(check->store, "check_run_add", e);
	bind_blob(s, ":thresholds", thresholds, sizeof(thresholds));
	bind_int(s, ":now", o->now);
	bind_int(s, ":now_given", o->now_given);
	bind_int(s, ":state", state);
	bind_text(s, ":profile", o->profile);
	bind_text(s, ":program", "reeve " REEVE_VERSION);
	if (store_run(s, e) == -1)
		return -1;
	check->run = store_last_id(check->store);
	return 0;
}

static int
read_totals(struct check *check, struct check_result *out, struct err *e)
{
	struct statement *s = store_use(check->store, "check_totals", e);

	bind_int(s, ":run", check->run);
	if (store_step(s, e) != 1)
		return -1;
	out->run = check->run;
	out->hits = column_int(s, 0);
	out->unknowns = column_int(s, 1);
	out->excepted = column_int(s, 2);
	out->failed = (size_t)column_int(s, 3);
	out->fresh = column_int(s, 4);
	out->closed = column_int(s, 5);
	store_done(s);
	return 0;
}

int
check_tables(struct check *check, struct err *e)
{
	if (rule_functions_add(check, e) == -1 ||
	    check_steps(check, VIEWS, e) == -1)
		return -1;
	return rule_functions_prepare(check, e);
}

int
check_drop(struct check *check, struct err *e)
{
	rule_functions_remove(check);
	return check_steps(check, DROPS, e);
}

static int
prepare_keep(struct check *check, struct err *e)
{
	/*
	 * Of two rows about the same, the worse stands: names and registers are
	 * others' to write, and must not make a rule fail for everybody.
	 */
	if (sqlite3_prepare_v2(check->db,
	        "INSERT INTO temp.result (rule, subject, about, state,"
	        " certainty, severity, reason, evidence, stands_for)"
	        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
	        " ON CONFLICT DO UPDATE SET state = excluded.state,"
	        " certainty = excluded.certainty,"
	        " severity = excluded.severity, reason = excluded.reason,"
	        " evidence = excluded.evidence,"
	        " stands_for = excluded.stands_for"
	        " WHERE (excluded.state = 'hit',"
	        " instr('" SEVERITIES "', excluded.severity))"
	        " > (state = 'hit', instr('" SEVERITIES "', severity))",
	        -1, &check->keep, NULL) != SQLITE_OK)
		return check_sqlite(check, "temp.result", e);
	return 0;
}

static int
run_check(struct check *check, const struct rule_set *set,
    struct check_result *out, struct err *e)
{
	int64_t state;

	if (read_state(check, &state, e) == -1 ||
	    add_run(check, state, e) == -1 || check_tables(check, e) == -1 ||
	    prepare_keep(check, e) == -1 || run_rules(check, set, e) == -1 ||
	    check_steps(check, LIVES, e) == -1 || verdicts_make(check, e) == -1)
		return -1;
	return read_totals(check, out, e);
}

/* Everything, the temporary tables too, is one transaction's. */
int
check_run(struct store *store, const struct review_config *config,
    const struct rule_set *set, const struct check_options *options,
    struct check_result *out, struct err *e)
{
	struct check check = {
		.store = store,
		.db = store_handle(store),
		.config = config,
		.options = options,
	};
	int status = -1;

	memset(out, 0, sizeof(*out));
	if (controls_load(&check.controls, e) == 0 &&
	    controls_enforce(
	        check.controls, options->profile, &check.enforced, e) == 0 &&
	    store_begin(store, e) == 0) {
		status = run_check(&check, set, out, e);
		(void)sqlite3_finalize(check.keep);
		rule_functions_remove(&check);
		if (status == 0)
			status = check_steps(&check, DROPS, e);
		if (status == 0)
			status = store_commit(store, e);
		else
			store_rollback(store);
	}
	controls_free(&check.controls);
	return status;
}
