/*
 * What each profile says of each password and lockout policy: one verdict a
 * requirement, never one over all. Where proof is missing the verdict is
 * "partly" or "unavailable", and a person reads.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "review/fact.h"
#include "review/rule_internal.h"

#define TEXT_MAX_ 300

/* A row of policy_now; FACT_UNKNOWN is not stated, FACT_NEVER no limit. */
struct policy_row {
	int64_t source;
	const char *key;
	int64_t min_length, history, max_age, min_age, lockout_attempts,
	    lockout_duration, complexity, min_classes, needs_letter,
	    needs_digit, needs_symbol, reversible, first_use_change, blocklist,
	    idle_disable, privileged_accounts;
};

#define CONFORMING     "conforming"
#define PARTLY         "partly"
#define NOT            "not"
#define NEEDS_READING  "needs-reading"
#define UNAVAILABLE    "unavailable"
#define NOT_APPLICABLE "not-applicable"

/* pwquality counts four kinds: upper, lower, digits, others. */
#define KINDS_ALL 4

enum shape { NUMBER, YES_NO, CLASSES };

/* One row a key: where its value is, and what one unit of it is. */
static const struct measure {
	const char *key;
	enum shape shape;
	size_t offset;
	int64_t unit; /* s, or 1 */
} measures[] = {
	{ "password.min_length", NUMBER,
	    offsetof(struct policy_row, min_length), 1 },
	{ "password.history", NUMBER, offsetof(struct policy_row, history), 1 },
	{ "password.max_age_days", NUMBER, offsetof(struct policy_row, max_age),
	    86400 },
	{ "password.min_age_days", NUMBER, offsetof(struct policy_row, min_age),
	    86400 },
	{ "lockout.attempts", NUMBER,
	    offsetof(struct policy_row, lockout_attempts), 1 },
	{ "lockout.minutes", NUMBER,
	    offsetof(struct policy_row, lockout_duration), 60 },
	{ "account.idle_disable_days", NUMBER,
	    offsetof(struct policy_row, idle_disable), 86400 },
	{ "password.reversible", YES_NO,
	    offsetof(struct policy_row, reversible), 1 },
	{ "password.first_use_change", YES_NO,
	    offsetof(struct policy_row, first_use_change), 1 },
	{ "password.blocklist", YES_NO, offsetof(struct policy_row, blocklist),
	    1 },
	{ "password.classes", CLASSES, 0, 1 },
};

static const struct measure *
measure_of(const char *key)
{
	for (size_t i = 0; i < sizeof(measures) / sizeof(measures[0]); i++)
		if (strcmp(measures[i].key, key) == 0)
			return &measures[i];
	return NULL;
}

static int64_t
value_of(const struct policy_row *p, const struct measure *m)
{
	return *(const int64_t *)(const void *)((const char *)p + m->offset);
}

static bool
is(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* In seconds or pieces, so that a part of a day is never rounded away. */
static const char *
judge_number(
    const struct requirement *r, const struct measure *m, int64_t found)
{
	int64_t wanted = strtoll(r->value, NULL, 10) * m->unit;

	if (is(r->op, "forbid"))
		return found == FACT_NEVER ? CONFORMING : NOT;
	if (is(r->op, "min"))
		return found >= wanted ? CONFORMING : NOT;
	return found <= wanted ? CONFORMING : NOT; /* never is the greatest */
}

static const char *
judge_yes_no(const struct requirement *r, int64_t found)
{
	return (found == 1) == is(r->value, "yes") ? CONFORMING : NOT;
}

static int64_t
needs(const struct policy_row *p, const char *class)
{
	if (p->min_classes != FACT_UNKNOWN && p->min_classes >= KINDS_ALL)
		return 1;
	return is(class, "letter") ? p->needs_letter
	    : is(class, "digit")   ? p->needs_digit
	                           : p->needs_symbol;
}

/* How many of the wanted classes the policy demands by name. */
static void
count_classes(
    const struct policy_row *p, const char *wanted, int *total, int *met)
{
	char class[16];

	*total = *met = 0;
	for (const char *w = wanted; *w != '\0';) {
		size_t length = strcspn(w, " ");

		(void)snprintf(class, sizeof(class), "%.*s",
		    length < sizeof(class) ? (int)length : 0, w);
		*total += 1;
		*met += needs(p, class) == 1;
		w += length;
		w += strspn(w, " ");
	}
}

/* Any demand on composition at all; -1: nothing is known of it. */
static int
composes(const struct policy_row *p)
{
	const int64_t facts[] = { p->complexity, p->needs_letter,
		p->needs_digit, p->needs_symbol };
	bool known = false;

	if (p->min_classes != FACT_UNKNOWN && p->min_classes > 1)
		return 1;
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		if (facts[i] == 1)
			return 1;
		known |= facts[i] == 0;
	}
	return known || p->min_classes != FACT_UNKNOWN ? 0 : -1;
}

/*
 * AD's complexity wants three of five classes, so it proves no single one of
 * them: "partly", until a filter or the module demands them by name.
 */
static const char *
judge_classes(const struct requirement *r, const struct policy_row *p)
{
	int any = composes(p);
	int total, met;

	if (any == -1)
		return UNAVAILABLE;
	if (is(r->op, "forbid"))
		return any == 0 ? CONFORMING : NOT;
	count_classes(p, r->value, &total, &met);
	if (met == total)
		return CONFORMING;
	return any == 1 ? PARTLY : NOT;
}

static const char *
judge_plainly(const struct requirement *r, const struct measure *m,
    const struct policy_row *p)
{
	if (m->shape == CLASSES)
		return is(r->op, "unspecified") ? NEEDS_READING
		                                : judge_classes(r, p);
	if (value_of(p, m) == FACT_UNKNOWN)
		return UNAVAILABLE;
	if (is(r->op, "unspecified"))
		return NEEDS_READING;
	return m->shape == NUMBER ? judge_number(r, m, value_of(p, m))
	                          : judge_yes_no(r, value_of(p, m));
}

static const char *
judge(const struct requirement *r, const struct policy_row *p)
{
	const struct measure *m = measure_of(r->key);
	const char *verdict;

	if (m == NULL)
		return NEEDS_READING;
	if (is(r->applies, "privileged") && p->privileged_accounts == 0)
		return NOT_APPLICABLE;
	verdict = judge_plainly(r, m, p);
	/* It asks less of accounts with a second factor; who has one? */
	if (is(r->when, "single-factor") && is(verdict, NOT))
		return NEEDS_READING;
	return verdict;
}

/* ---- As texts ---- */

static void
say_number(char *out, size_t size, const struct measure *m, int64_t value)
{
	if (value == FACT_UNKNOWN)
		(void)snprintf(out, size, "not stated");
	else if (value == FACT_NEVER)
		(void)snprintf(out, size, "no limit");
	else if (value % m->unit == 0)
		(void)snprintf(out, size, "%lld", (long long)(value / m->unit));
	else
		(void)snprintf(
		    out, size, "%.2f", (double)value / (double)m->unit);
}

static const char *
yes_no(int64_t value)
{
	return value == 1 ? "yes" : value == 0 ? "no" : "not stated";
}

static void
say_found(char *out, size_t size, const struct requirement *r,
    const struct policy_row *p)
{
	const struct measure *m = measure_of(r->key);

	if (m == NULL)
		(void)snprintf(out, size, "%s", "");
	else if (m->shape == NUMBER)
		say_number(out, size, m, value_of(p, m));
	else if (m->shape == YES_NO)
		(void)snprintf(out, size, "%s", yes_no(value_of(p, m)));
	else
		(void)snprintf(out, size,
		    "complexity %s, letter %s, digit %s, symbol %s",
		    yes_no(p->complexity), yes_no(needs(p, "letter")),
		    yes_no(needs(p, "digit")), yes_no(needs(p, "symbol")));
}

static void
say_requirement(char *out, size_t size, const struct requirement *r)
{
	const char *extra = *r->applies != '\0' ? r->applies : r->when;

	(void)snprintf(
	    out, size, *extra == '\0' ? "%s" : "%s [%s]", r->key, extra);
}

static void
say_wanted(char *out, size_t size, const struct requirement *r)
{
	(void)snprintf(
	    out, size, *r->value == '\0' ? "%s" : "%s %s", r->op, r->value);
}

/* ---- Into the store ---- */

struct line {
	const char *profile, *requirement, *policy, *verdict, *wanted, *found,
	    *clause;
	int64_t source;
};

static int
add_line(struct check *check, const struct line *l, struct err *e)
{
	struct statement *s = store_use(check->store, "verdict_add", e);

	bind_int(s, ":run", check->run);
	bind_text(s, ":profile", l->profile);
	bind_text(s, ":requirement", l->requirement);
	bind_int(s, ":source", l->source);
	bind_text(s, ":policy", l->policy);
	bind_text(s, ":verdict", l->verdict);
	bind_text(s, ":wanted", l->wanted);
	bind_text(s, ":found", l->found);
	bind_text(s, ":clause", l->clause);
	return store_run(s, e);
}

/* p NULL: of that source no policy could be read. */
static int
add_requirement(struct check *check, const struct profile *profile,
    const struct requirement *r, int64_t source, const struct policy_row *p,
    struct err *e)
{
	char requirement[TEXT_MAX_], wanted[TEXT_MAX_], found[TEXT_MAX_] = "";
	char clause[TEXT_MAX_];
	struct line l = {
		.profile = profile->id,
		.requirement = requirement,
		.source = source,
		.policy = p == NULL ? "" : p->key,
		.verdict = p == NULL ? UNAVAILABLE : judge(r, p),
		.wanted = wanted,
		.found = found,
		.clause = clause,
	};

	say_requirement(requirement, sizeof(requirement), r);
	say_wanted(wanted, sizeof(wanted), r);
	(void)snprintf(clause, sizeof(clause),
	    *r->clause == '\0' ? "%s" : "%s %s", r->source, r->clause);
	if (p != NULL)
		say_found(found, sizeof(found), r, p);
	return add_line(check, &l, e);
}

static int
add_policy(struct check *check, int64_t source, const struct policy_row *p,
    struct err *e)
{
	size_t count = controls_profile_count(check->controls);

	for (size_t i = 0; i < count; i++) {
		const struct profile *profile =
		    controls_profile_at(check->controls, i);

		for (size_t j = 0; j < profile->count; j++)
			if (add_requirement(check, profile,
			        &profile->requirements[j], source, p, e) == -1)
				return -1;
	}
	return 0;
}

static int64_t
fact_at(sqlite3_stmt *st, int column)
{
	return sqlite3_column_type(st, column) == SQLITE_NULL
	    ? FACT_UNKNOWN
	    : sqlite3_column_int64(st, column);
}

static void
read_policy(sqlite3_stmt *st, struct policy_row *p)
{
	int64_t *const fields[] = { &p->min_length, &p->history, &p->max_age,
		&p->min_age, &p->lockout_attempts, &p->lockout_duration,
		&p->complexity, &p->min_classes, &p->needs_letter,
		&p->needs_digit, &p->needs_symbol, &p->reversible,
		&p->first_use_change, &p->blocklist, &p->idle_disable,
		&p->privileged_accounts };

	p->source = sqlite3_column_int64(st, 0);
	p->key = (const char *)sqlite3_column_text(st, 1);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		*fields[i] = fact_at(st, (int)i + 2);
}

static int
add_policies(struct check *check, struct err *e)
{
	sqlite3_stmt *st = check_over(check, "policy rows", e);
	struct policy_row p;
	int result;

	if (st == NULL)
		return -1;
	while ((result = sqlite3_step(st)) == SQLITE_ROW) {
		read_policy(st, &p);
		if (add_policy(check, p.source, p.key == NULL ? NULL : &p, e) ==
		    -1) {
			(void)sqlite3_finalize(st);
			return -1;
		}
	}
	(void)sqlite3_finalize(st);
	return result == SQLITE_DONE ? 0 : check_sqlite(check, "policies", e);
}

static int
add_conflicts(struct check *check, struct err *e)
{
	struct conflict c;
	size_t at = 0;

	while (controls_conflict(&check->enforced, &at, &c)) {
		char profiles[TEXT_MAX_], wanted[TEXT_MAX_], text[TEXT_MAX_];
		struct line l = {
			.profile = profiles,
			.requirement = c.wants->key,
			.policy = "",
			.verdict = "conflict",
			.wanted = text,
			.found = "",
			.clause = c.forbids->source,
		};

		(void)snprintf(profiles, sizeof(profiles), "%s+%s", c.first->id,
		    c.second->id);
		say_wanted(wanted, sizeof(wanted), c.wants);
		(void)snprintf(text, sizeof(text), "%s: %.100s; %s: forbid",
		    c.first->id, wanted, c.second->id);
		if (add_line(check, &l, e) == -1)
			return -1;
	}
	return 0;
}

static int
forget(struct check *check, struct err *e)
{
	struct statement *s = store_use(check->store, "verdict_forget", e);

	bind_int(s, ":run", check->run);
	return store_run(s, e);
}

int
verdicts_make(struct check *check, struct err *e)
{
	if (forget(check, e) == -1 || add_policies(check, e) == -1)
		return -1;
	return add_conflicts(check, e);
}
