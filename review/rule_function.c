/*
 * What a rule may call, read and do. Times are whole seconds since 1970, UTC;
 * NULL in is NULL out.
 */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "review/fact.h"
#include "review/generic.h"
#include "review/reproduce.h"
#include "review/rule_internal.h"
#include "schema/base/clock.h"
#include "schema/base/enc.h"

#define DAY        86400
#define PATH_MAX_  4096u /* bytes of a path's text */
#define PATH_STEPS 100
#define WORK_STEP  1000000 /* virtual machine steps between two looks */

/* ---- Times ---- */

static bool
times(sqlite3_value **values, int64_t *from, int64_t *to)
{
	if (sqlite3_value_type(values[0]) != SQLITE_INTEGER ||
	    sqlite3_value_type(values[1]) != SQLITE_INTEGER)
		return false;
	*from = sqlite3_value_int64(values[0]);
	*to = sqlite3_value_int64(values[1]);
	/* Outside of these, a difference could overflow. */
	return *from > INT64_MIN / 2 && *from < INT64_MAX / 2 &&
	    *to > INT64_MIN / 2 && *to < INT64_MAX / 2;
}

/* when_text(t): 2026-11-24T14:44:58Z, or "never". */
static void
when_text(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct buf text = buf_new(64);
	int64_t when = sqlite3_value_int64(values[0]);

	(void)count;
	if (sqlite3_value_type(values[0]) != SQLITE_INTEGER)
		return;
	if (when == FACT_NEVER)
		buf_put_string(&text, "never");
	else if (llabs(when) < INT64_MAX / CLOCK_NS_PER_SECOND)
		enc_time(&text, when * CLOCK_NS_PER_SECOND);
	if (text.length > 8 && buf_string(&text)[19] == '.')
		sqlite3_result_text(context,
		    sqlite3_mprintf("%.19sZ", buf_string(&text)), -1,
		    sqlite3_free);
	else if (text.length > 0)
		sqlite3_result_text(
		    context, buf_string(&text), -1, SQLITE_TRANSIENT);
	buf_free(&text);
}

static int64_t
floor_days(int64_t seconds)
{
	return seconds / DAY - (seconds % DAY < 0);
}

/* days_between(from, to): whole days, rounded down. */
static void
days_between(sqlite3_context *context, int count, sqlite3_value **values)
{
	int64_t from, to;

	(void)count;
	if (times(values, &from, &to))
		sqlite3_result_int64(context, floor_days(to - from));
}

/*
 * working_days(from, to): Mondays to Fridays after the day of from, up to that
 * of to, in UTC+8; public holidays are not known here and count.
 */
static void
working_days(sqlite3_context *context, int count, sqlite3_value **values)
{
	int64_t from, to, days, working;

	(void)count;
	if (!times(values, &from, &to))
		return;
	from = floor_days(from + DAY / 3);
	to = floor_days(to + DAY / 3);
	days = to > from ? to - from : 0;
	working = days / 7 * 5;
	for (int64_t day = to - days % 7 + 1; day <= to; day++)
		working += (day + 3) % 7 < 5; /* 1970-01-01 was a Thursday */
	sqlite3_result_int64(context, working);
}

/* ---- Shares ---- */

/* Wilson's score interval at 95 % (z = 1.96), of hits among total. */
static void
wilson(sqlite3_context *context, sqlite3_value **values, double sign)
{
	double hits = sqlite3_value_double(values[0]);
	double n = sqlite3_value_double(values[1]);
	double z = 1.96, share, middle, half;

	if (sqlite3_value_type(values[0]) == SQLITE_NULL || !(n > 0) ||
	    !(hits >= 0) || hits > n)
		return;
	share = hits / n;
	middle = share + z * z / (2 * n);
	half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n));
	sqlite3_result_double(
	    context, (middle + sign * half) / (1 + z * z / n));
}

static void
wilson_low(sqlite3_context *context, int count, sqlite3_value **values)
{
	(void)count;
	wilson(context, values, -1);
}

static void
wilson_high(sqlite3_context *context, int count, sqlite3_value **values)
{
	(void)count;
	wilson(context, values, 1);
}

/* hours_used(hours): how many different hours of the day, over the rows. */
static void
hours_step(sqlite3_context *context, int count, sqlite3_value **values)
{
	uint64_t *bits = sqlite3_aggregate_context(context, sizeof(*bits));

	(void)count;
	if (bits != NULL)
		*bits |= (uint64_t)sqlite3_value_int64(values[0]);
}

static void
hours_final(sqlite3_context *context)
{
	const uint64_t *bits = sqlite3_aggregate_context(context, 0);

	sqlite3_result_int(
	    context, bits == NULL ? 0 : __builtin_popcountll(*bits & 0xffffff));
}

/* ---- Names ---- */

static const struct conf_list *
list_of(const struct review_config *c, const char *name)
{
	const struct {
		const char *name;
		const struct conf_list *list;
	} lists[] = {
		{ "privileged_groups", &c->privileged_groups },
		{ "privileged_not", &c->privileged_not },
		{ "service", &c->service_patterns },
		{ "admin", &c->admin_patterns },
		{ "shared_hosts", &c->shared_hosts },
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (strcmp(lists[i].name, name) == 0)
			return lists[i].list;
	return NULL;
}

/*
 * '*' and '?' in any case of ASCII. fnmatch(3) turns both texts into wide
 * characters first, which is most of the time of a million accounts.
 */
bool
rule_fits(const char *glob, const char *text)
{
	const char *star = NULL, *from = NULL;

	while (*text != '\0') {
		if (*glob == '*') {
			star = glob++;
			from = text;
		} else if (*glob == '?' ||
		    tolower((unsigned char)*glob) ==
		        tolower((unsigned char)*text)) {
			glob++;
			text++;
		} else if (star != NULL) {
			glob = star + 1;
			text = ++from;
		} else {
			return false;
		}
	}
	while (*glob == '*')
		glob++;
	return *glob == '\0';
}

static bool
is_in(const struct conf_list *list, const char *text)
{
	for (const char *w = conf_list_next(list, NULL); w != NULL;
	     w = conf_list_next(list, w))
		if (rule_fits(w, text))
			return true;
	return false;
}

/* listed(list, text): whether one of that configured list's globs fits. */
static void
listed(sqlite3_context *context, int count, sqlite3_value **values)
{
	const struct check *check = sqlite3_user_data(context);
	const char *name = (const char *)sqlite3_value_text(values[0]);
	const char *text = (const char *)sqlite3_value_text(values[1]);
	const struct conf_list *list;

	(void)count;
	list = name == NULL ? NULL : list_of(check->config, name);
	if (list == NULL)
		sqlite3_result_error(context, "listed(): no such list", -1);
	else
		sqlite3_result_int(context,
		    text != NULL && list->count > 0 && is_in(list, text));
}

/* generic_name(name): the word that makes it a role's, not a person's. */
static void
generic_name(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *text = (const char *)sqlite3_value_text(values[0]);
	const char *word = text == NULL ? NULL : generic_word(text);

	(void)count;
	if (word != NULL)
		sqlite3_result_text(context, word, -1, SQLITE_STATIC);
}

/* ---- What a finding shows beside its values ---- */

static const char *
text_at(sqlite3_stmt *st, int column)
{
	return (const char *)sqlite3_column_text(st, column);
}

/* reproduce(object, topics): the command that shows the same values. */
static void
reproduce(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct check *check = sqlite3_user_data(context);
	sqlite3_stmt *st = check->subject_of;
	const char *topics = (const char *)sqlite3_value_text(values[1]);
	struct buf text = buf_new(8192);

	(void)count;
	check->trusted = true;
	if (sqlite3_value_type(values[0]) == SQLITE_INTEGER && topics != NULL &&
	    sqlite3_bind_value(st, 1, values[0]) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW) {
		struct reproduce_subject subject = {
			.url = text_at(st, 0),
			.product = text_at(st, 1),
			.key = text_at(st, 2),
			.dn = text_at(st, 3),
		};

		reproduce_command(&text, &subject, topics);
	}
	(void)sqlite3_reset(st);
	check->trusted = false;
	if (text.length > 0 && text.failed == ERR_NONE)
		sqlite3_result_text(
		    context, buf_string(&text), -1, SQLITE_TRANSIENT);
	buf_free(&text);
}

/* One step up: binds, and leaves the row; false: there is none. */
static bool
step_up(sqlite3_stmt *st, int64_t group, int64_t member, int64_t plain)
{
	(void)sqlite3_reset(st);
	return sqlite3_bind_int64(st, 1, group) == SQLITE_OK &&
	    sqlite3_bind_int64(st, 2, member) == SQLITE_OK &&
	    sqlite3_bind_int64(st, 3, plain) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW;
}

void
rule_path(struct check *check, int64_t holder, int64_t group,
    void (*step)(void *, const char *name, int64_t how), void *context)
{
	sqlite3_stmt *st = check->step_of;
	int64_t member = holder;
	int64_t plain = -1; /* the better of both, at first */

	check->trusted = true;
	for (int i = 0; i < PATH_STEPS && member != group &&
	     step_up(st, group, member, plain);
	     i++) {
		const char *name = text_at(st, 2);

		step(context, name == NULL ? "?" : name,
		    sqlite3_column_int64(st, 3));
		member = sqlite3_column_int64(st, 0);
		plain = sqlite3_column_int64(st, 1);
	}
	(void)sqlite3_reset(st);
	check->trusted = false;
}

static void
put_step(void *context, const char *name, int64_t how)
{
	struct buf *text = context;

	if (text->length > 0)
		buf_put_string(text, " > ");
	if (how > 0 && how < EDGE_HOWS && how != EDGE_NAME)
		buf_printf(text, "(%s) ", edge_how_names[how]);
	buf_put_string(text, name);
}

/*
 * path_text(holder, group): "Helpdesk > (primary) Server Team > Domain Admins",
 * the shortest way by which the holder has the group's right.
 */
static void
path_text(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct buf text = buf_new(PATH_MAX_);

	(void)count;
	rule_path(sqlite3_user_data(context), sqlite3_value_int64(values[0]),
	    sqlite3_value_int64(values[1]), put_step, &text);
	if (text.length > 0 && text.failed == ERR_NONE)
		sqlite3_result_text(
		    context, buf_string(&text), -1, SQLITE_TRANSIENT);
	buf_free(&text);
}

static const struct function {
	const char *name;
	int arguments;
	int flags;
	void (*call)(sqlite3_context *, int, sqlite3_value **);
	void (*step)(sqlite3_context *, int, sqlite3_value **);
	void (*final)(sqlite3_context *);
} functions[] = {
	{ "when_text", 1, SQLITE_DETERMINISTIC, when_text, NULL, NULL },
	{ "days_between", 2, SQLITE_DETERMINISTIC, days_between, NULL, NULL },
	{ "working_days", 2, SQLITE_DETERMINISTIC, working_days, NULL, NULL },
	{ "wilson_low", 2, SQLITE_DETERMINISTIC, wilson_low, NULL, NULL },
	{ "wilson_high", 2, SQLITE_DETERMINISTIC, wilson_high, NULL, NULL },
	{ "hours_used", 1, 0, NULL, hours_step, hours_final },
	{ "listed", 2, SQLITE_DETERMINISTIC, listed, NULL, NULL },
	{ "generic_name", 1, SQLITE_DETERMINISTIC, generic_name, NULL, NULL },
	{ "reproduce", 2, 0, reproduce, NULL, NULL },
	{ "path_text", 2, 0, path_text, NULL, NULL },
};
#define FUNCTIONS (sizeof(functions) / sizeof(functions[0]))

/* Of SQLite's own: none tells a time, a random number, or leaves the file. */
static const char *const builtins[] = { "abs", "avg", "coalesce", "count",
	"dense_rank", "first_value", "glob", "group_concat", "ifnull", "iif",
	"instr", "lag", "last_value", "lead", "length", "like", "lower",
	"ltrim", "max", "min", "nullif", "rank", "replace", "round",
	"row_number", "rtrim", "substr", "substring", "sum", "total", "trim",
	"typeof", "unicode", "upper" };

static const char *const readable[] = {
	/* views.sql */
	"judged", "attribute_now", "source_now", "grp", "pair", "crossed",
	"holder", "privileged_path", "seen", "person_now", "person_of",
	"policy_now", "policy_of", "policy_default", "registered", "account",
	"use_now", "enabled_unknown", "fact", "everyone", "settled", "peers",
	"mover", "peer_share", "privileged_share", "origin_shared",
	"origin_use", "origin_person", "key_use", "review", "review_question",
	"review_item", "review_answer", "review_stroke", "review_pace",
	"mover_review", "revoked",
	/* store.sql: facts */
	"source", "pull", "drift", "query", "attribute_seen", "use_begins",
	"object", "account_fact", "account_value", "group_fact", "edge",
	"dangling", "usage", "policy_fact", "policy_target", "hr_import",
	"person", "person_fact", "person_event", "person_account",
	"register_import", "approval", "system", "right_name", "workstation",
	"contract", "sod_pair", "registered_account", "trail_import", "use_day",
	"host_pin"
};

static bool
is_among(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; name != NULL && i < count; i++)
		if (sqlite3_stricmp(names[i], name) == 0)
			return true;
	return false;
}

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static bool
may_call(const char *name)
{
	for (size_t i = 0; i < FUNCTIONS; i++)
		if (strcmp(functions[i].name, name) == 0)
			return true;
	return is_among(builtins, COUNT_OF(builtins), name);
}

/* sqlite3_set_authorizer: reading of those tables, and nothing else. */
static int
authorize(void *context, int action, const char *first, const char *second,
    const char *database, const char *inner)
{
	const struct check *check = context;

	(void)database;
	(void)inner;
	if (check->trusted)
		return SQLITE_OK;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_READ:
		/* No column: rows are counted, as of a rule's own WITH. */
		return (second != NULL && *second == '\0') ||
		        is_among(readable, COUNT_OF(readable), first)
		    ? SQLITE_OK
		    : SQLITE_DENY;
	case SQLITE_FUNCTION:
		return second != NULL && may_call(second) ? SQLITE_OK
		                                          : SQLITE_DENY;
	default:
		return SQLITE_DENY;
	}
}

static int
count_work(void *context)
{
	struct check *check = context;

	if (check->work < WORK_STEP)
		return 1;
	check->work -= WORK_STEP;
	return 0;
}

void
rule_confine(struct check *check)
{
	check->trusted = false;
	(void)sqlite3_set_authorizer(check->db, authorize, check);
	sqlite3_progress_handler(check->db, WORK_STEP, count_work, check);
}

void
rule_release(struct check *check)
{
	(void)sqlite3_set_authorizer(check->db, NULL, NULL);
	sqlite3_progress_handler(check->db, 0, NULL, NULL);
}

int
rule_functions_add(struct check *check, struct err *e)
{
	for (size_t i = 0; i < FUNCTIONS; i++) {
		const struct function *f = &functions[i];

		if (sqlite3_create_function_v2(check->db, f->name, f->arguments,
		        SQLITE_UTF8 | SQLITE_DIRECTONLY | f->flags, check,
		        f->call, f->step, f->final, NULL) != SQLITE_OK)
			return check_sqlite(check, f->name, e);
	}
	return 0;
}

static int
prepare(struct check *check, const char *sql, sqlite3_stmt **out, struct err *e)
{
	if (sqlite3_prepare_v2(check->db, sql, -1, out, NULL) != SQLITE_OK)
		return check_sqlite(check, sql, e);
	return 0;
}

int
rule_functions_prepare(struct check *check, struct err *e)
{
	if (prepare(check,
	        "SELECT s.url, n.product, o.key, ifnull(a.dn, g.dn)"
	        " FROM object o JOIN source s ON s.id = o.source"
	        " LEFT JOIN source_now n ON n.source = o.source"
	        " LEFT JOIN account_fact a ON a.object = o.id"
	        " AND a.until = 9223372036854775807"
	        " LEFT JOIN group_fact g ON g.object = o.id"
	        " AND g.until = 9223372036854775807 WHERE o.id = ?1",
	        &check->subject_of, e) == -1)
		return -1;
	return prepare(check,
	    "SELECT h.via, h.via_plain, coalesce(g.name, a.name, o.key), h.how"
	    " FROM holder h JOIN object o ON o.id = h.via"
	    " LEFT JOIN grp g ON g.object = h.via"
	    " LEFT JOIN account a ON a.object = h.via"
	    " WHERE h.grp = ?1 AND h.member = ?2"
	    " AND (?3 = -1 OR h.plain = ?3)"
	    " ORDER BY h.depth, h.plain DESC LIMIT 1",
	    &check->step_of, e);
}

void
rule_functions_remove(struct check *check)
{
	(void)sqlite3_finalize(check->subject_of);
	(void)sqlite3_finalize(check->step_of);
	check->subject_of = check->step_of = NULL;
	for (size_t i = 0; i < FUNCTIONS; i++)
		(void)sqlite3_create_function_v2(check->db, functions[i].name,
		    functions[i].arguments, SQLITE_UTF8, NULL, NULL, NULL, NULL,
		    NULL);
}
