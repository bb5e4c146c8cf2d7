/*
 * What classes show of rows that persons signed is what they signed: nobody is
 * shown one decision where another was signed. A table says which columns of
 * which class are which values of which signed rows.
 *
 * Both sides are hashed with a key that nobody could know beforehand. Where a
 * class shows every row of an act, the sums of both sides are compared, in
 * memory of a fixed size; else each shown row must be among the signed ones.
 */
#include "review/pack_verify_internal.h"

#include <stdlib.h>
#include <string.h>

#include "review/act_internal.h"
#include "review/json.h"
#include "review/pack_value.h"
#include "review/workday.h"
#include "review/xml_text.h"
#include "schema/message.h"

#define COLUMNS   20u
#define SET_MAX   (1u << 24) /* rows of one set */
#define TEXT_MAX  (34u << 20)
#define KEY_MAX   65536u
#define NAMED_MAX 1000000

enum as {
	AS_TEXT = 0,
	AS_TIME,   /* s since 1970 */
	AS_DAY,    /* since 1970 */
	AS_FLAG,   /* 0, 1 */
	AS_MEMBER, /* of an object in JSON, by "member" */
	AS_COUNT,  /* elements of one; or, as "one.number", a number in one */
};

enum always {
	NEVER = 0,
	ALWAYS,
	BY_DAY, /* of days that are whole in the period, in whatever zone */
};

struct shown_column {
	const char *column;
	unsigned value; /* of the signed row */
	enum as as;
	const char *member;
};

struct shown {
	const char *class, *table;
	bool whole; /* every row of an act that is included is shown */
	/* Of a pack without scopes: each such row is shown, and maybe more. */
	enum always always; /* and was signed in the period */
	/* The column with the act; or with what "owner" has at "owned". */
	const char *by;
	const char *owner; /* a table; NULL: "by" is the act */
	unsigned owned;
	const char *at;       /* the column with the act's time; or NULL */
	const char *approved; /* a flag: a second person approved it */
	struct shown_column columns[COLUMNS];
};

/* What a class shows is added here. */
static const struct shown table[] = {
	{ "decision", "decision", true, NEVER, "act", NULL, 0, "at", NULL,
	    { { "act", 0, 0, NULL }, { "number", 1, 0, NULL },
	        { "campaign", 2, 0, NULL }, { "question", 3, 0, NULL },
	        { "item", 4, 0, NULL }, { "decision", 5, 0, NULL },
	        { "reason", 6, 0, NULL }, { "change", 7, 0, NULL },
	        { "compensation", 8, 0, NULL }, { "ends", 9, AS_TIME, NULL },
	        { "proposal", 10, 0, NULL }, { "reviewer", 11, 0, NULL },
	        { "grade", 12, 0, NULL }, { "decided", 13, AS_TIME, NULL },
	        { "seconds", 14, 0, NULL }, { "bulk", 15, 0, NULL } } },
	{ "item", "item", true, NEVER, "campaign", "campaign_freeze", 1, NULL,
	    NULL,
	    { { "campaign", 1, 0, NULL }, { "number", 2, 0, NULL },
	        { "question", 3, 0, NULL }, { "account", 5, 0, NULL },
	        { "right", 6, 0, NULL }, { "employee", 7, 0, NULL },
	        { "privileged", 8, AS_FLAG, NULL }, { "severity", 9, 0, NULL },
	        { "novelty", 10, 0, NULL }, { "low", 11, AS_FLAG, NULL },
	        { "name", 13, AS_MEMBER, "account" },
	        { "rightName", 13, AS_MEMBER, "right" } } },
	{ "campaign", "campaign", false, ALWAYS, "id", "campaign", 0, NULL,
	    NULL,
	    { { "id", 0, 0, NULL }, { "name", 2, 0, NULL },
	        { "type", 3, 0, NULL }, { "due", 4, AS_TIME, NULL } } },
	{ "exception", "exempted", false, ALWAYS, "act", NULL, 0, "since", NULL,
	    { { "act", 0, 0, NULL }, { "number", 1, 0, NULL },
	        { "account", 2, 0, NULL }, { "right", 3, 0, NULL },
	        { "holder", 4, 0, NULL }, { "rule", 5, 0, NULL },
	        { "reason", 6, 0, NULL }, { "compensation", 7, 0, NULL },
	        { "ends", 8, AS_TIME, NULL }, { "owner", 9, 0, NULL } } },
	{ "exception", "decision", false, NEVER, "act", NULL, 0, "since", NULL,
	    { { "act", 0, 0, NULL }, { "number", 1, 0, NULL },
	        { "reason", 6, 0, NULL }, { "compensation", 8, 0, NULL },
	        { "ends", 9, AS_TIME, NULL }, { "owner", 11, 0, NULL } } },
	{ "remedy", "remedy", false, ALWAYS, "act", NULL, 0, "ordered",
	    "approved",
	    { { "act", 0, 0, NULL }, { "id", 1, 0, NULL },
	        { "account", 2, 0, NULL }, { "right", 3, 0, NULL },
	        { "holder", 4, 0, NULL }, { "action", 5, 0, NULL },
	        { "severity", 6, 0, NULL }, { "owner", 8, 0, NULL },
	        { "campaign", 10, 0, NULL }, { "finding", 12, 0, NULL } } },
	{ "daily", "daily", false, NEVER, "act", NULL, 0, NULL, NULL,
	    { { "act", 0, 0, NULL }, { "day", 1, AS_DAY, NULL },
	        { "source", 2, 0, NULL }, { "version", 3, 0, NULL },
	        { "state", 4, 0, NULL }, { "reason", 5, 0, NULL },
	        { "due", 6, AS_TIME, NULL },
	        { "failures", 7, AS_COUNT, "failed.total" },
	        { "unknown", 7, AS_COUNT, "failed.unknown" },
	        { "sessions", 7, AS_COUNT, "sessions" }, { "", 7, 0, NULL } } },
	{ "daily", "daily", false, BY_DAY, "act", NULL, 0, NULL, NULL,
	    { { "day", 1, AS_DAY, NULL }, { "source", 2, 0, NULL } } },
	{ "sample", "sample", false, NEVER, "act", NULL, 0, "at", NULL,
	    { { "act", 0, 0, NULL }, { "campaign", 1, 0, NULL },
	        { "seed", 2, 0, NULL }, { "size", 3, 0, NULL },
	        { "stratum", 4, 0, NULL } } },
	{ "purge", "purged", false, ALWAYS, "act", NULL, 0, "at", NULL,
	    { { "act", 0, 0, NULL }, { "kind", 2, 0, NULL },
	        { "before", 3, AS_TIME, NULL }, { "rows", 4, 0, NULL } } },
	{ "signer", "signer", false, NEVER, "act", NULL, 0, NULL, NULL,
	    { { "act", 1, 0, NULL }, { "name", 2, 0, NULL },
	        { "employee", 3, 0, NULL }, { "role", 4, 0, NULL },
	        { "key", 5, 0, NULL }, { "fingerprint", 6, 0, NULL } } },
};

#define SHOWN (sizeof(table) / sizeof(table[0]))

struct set { /* of hashes */
	struct hash *list;
	size_t count;
	bool sorted;
};

struct side {
	struct set set;       /* of those that are not shown whole */
	struct set owners;    /* numbers that "by" may have */
	struct set due, seen; /* of "always": signed; shown */
	struct hash sum;      /* signed less shown; modulo 2^128 */
	int64_t left;         /* signed rows less shown ones */
};

struct pack_shown {
	struct pack_check *check;
	struct buf tuple, member, values;
	struct side sides[SHOWN];
	const struct shown *comparing; /* a class of it */
	bool naming;              /* in the second pass, which line it is */
	struct set examined;      /* daily records, by whom */
	struct pack_words *words; /* decisions */
};

/* ---- Hashes ---- */

static int
set_add(struct set *s, struct hash h, struct err *e)
{
	struct hash *grown = s->list;

	if (s->count == SET_MAX)
		return err_set(e, ERR_LIMIT, _("more rows than a pack has"));
	if ((s->count & (s->count - 1)) == 0) {
		grown = realloc(s->list,
		    (s->count == 0 ? 1 : 2 * s->count) * sizeof(*grown));
		if (grown == NULL)
			return err_set(e, ERR_MEMORY, "out of memory");
	}
	s->list = grown;
	s->list[s->count++] = h;
	s->sorted = false;
	return 0;
}

static bool
set_has(struct set *s, struct hash h)
{
	if (!s->sorted && s->count > 0)
		qsort(s->list, s->count, sizeof(*s->list), hash_order);
	s->sorted = true;
	return s->count > 0 &&
	    bsearch(&h, s->list, s->count, sizeof(h), hash_order) != NULL;
}

static void
sum_add(struct hash *sum, struct hash h)
{
	sum->low += h.low;
	sum->high += h.high + (sum->low < h.low);
}

static void
sum_subtract(struct hash *sum, struct hash h)
{
	sum->high -= h.high + (sum->low < h.low);
	sum->low -= h.low;
}

/* ---- One row, as a text to be hashed ---- */

static void
put_end(struct pack_shown *p)
{
	buf_put_byte(&p->tuple, '\0');
}

/* A member of an object, where it is a text. */
static void
put_member(struct pack_shown *p, const char *json, const char *name)
{
	struct json j = json_new(json, strlen(json));
	struct buf key = buf_new(KEY_MAX);
	struct err ignored;

	buf_clear(&p->member);
	(void)json_begin(&j, '{');
	while (json_member(&j, &key)) {
		if (strcmp(buf_string(&key), name) != 0 || j.at == j.end ||
		    *j.at != '"') {
			(void)json_skip(&j);
			continue;
		}
		buf_clear(&p->member);
		(void)json_string(&j, &p->member);
	}
	if (json_finish(&j, &ignored) == 0)
		xml_put_clean(
		    &p->tuple, (const char *)p->member.data, p->member.length);
	buf_free(&key);
}

/* What a member counts; behind it. */
static int64_t
count_inner(struct json *j, const char *inner, struct buf *key)
{
	int64_t count = 0;

	if (inner == NULL) {
		(void)json_begin(j, '[');
		while (json_element(j) && json_skip(j))
			count++;
		return count;
	}
	(void)json_begin(j, '{');
	while (json_member(j, key))
		if (strcmp(buf_string(key), inner) == 0)
			count = json_int(j, INT64_MIN, INT64_MAX);
		else
			(void)json_skip(j);
	return count;
}

/* 0 where there is none. */
static void
put_count(
    struct pack_shown *p, const char *json, const struct shown_column *column)
{
	struct json j = json_new(json, strlen(json));
	struct buf key = buf_new(KEY_MAX);
	size_t length = strcspn(column->member, ".");
	const char *inner =
	    column->member[length] == '.' ? &column->member[length + 1] : NULL;
	int64_t count = 0;

	(void)json_begin(&j, '{');
	while (json_member(&j, &key))
		if (key.length == length &&
		    strncmp(buf_string(&key), column->member, length) == 0)
			count = count_inner(&j, inner, &key);
		else
			(void)json_skip(&j);
	buf_printf(&p->tuple, "%lld", (long long)count);
	buf_free(&key);
}

static void
put_signed(
    struct pack_shown *p, const struct shown_column *column, const char *value)
{
	char time[PACK_TIME_SIZE], day[DAY_TEXT];
	int64_t number = 0;

	if (value == NULL)
		return;
	if (column->as == AS_TIME || column->as == AS_DAY)
		number = strtoll(value, NULL, 10);
	switch (column->as) {
	case AS_TEXT:
		xml_put_clean(&p->tuple, value, strlen(value));
		break;
	case AS_TIME:
		buf_put_string(&p->tuple, pack_time(number, time));
		break;
	case AS_DAY:
		buf_put_string(&p->tuple, day_text(number, day));
		break;
	case AS_FLAG:
		buf_put_string(
		    &p->tuple, strcmp(value, "0") == 0 ? "false" : "true");
		break;
	case AS_MEMBER:
		put_member(p, value, column->member);
		break;
	case AS_COUNT:
		put_count(p, value, column);
		break;
	}
}

static struct hash
hash_tuple(struct pack_shown *p)
{
	return hash_of(&p->check->key, p->tuple.data, p->tuple.length);
}

/* 1, or 0: the row has too few values. */
static int
hash_signed(struct pack_shown *p, const struct shown *s,
    const struct pack_signed *row, struct hash *h, struct err *e)
{
	buf_clear(&p->tuple);
	for (size_t i = 0; i < COLUMNS && s->columns[i].column != NULL; i++) {
		if (s->columns[i].value >= row->count)
			return err_set(e, ERR_FORMAT,
			    _("a row of table %s with too few values"),
			    row->table);
		put_signed(p, &s->columns[i], row->values[s->columns[i].value]);
		put_end(p);
	}
	*h = hash_tuple(p);
	return buf_status(&p->tuple, e);
}

static int
hash_shown(struct pack_shown *p, const struct shown *s,
    const struct pack_row *row, struct hash *h, struct err *e)
{
	buf_clear(&p->tuple);
	for (size_t i = 0; i < COLUMNS && s->columns[i].column != NULL; i++) {
		const char *value = *s->columns[i].column == '\0'
		    ? row->values[row->class->count - 1]
		    : pack_value(row, s->columns[i].column);

		if (value != NULL)
			buf_put_string(&p->tuple, value);
		put_end(p);
	}
	*h = hash_tuple(p);
	return buf_status(&p->tuple, e);
}

static struct hash
hash_number(struct pack_shown *p, const char *number)
{
	return hash_of(&p->check->key, number, strlen(number));
}

/* ---- Signed rows ---- */

int
pack_shown_new(struct pack_shown **out, struct pack_check *c, struct err *e)
{
	struct pack_shown *p = calloc(1, sizeof(*p));

	*out = p;
	if (p == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	p->check = c;
	p->tuple = buf_new(TEXT_MAX);
	p->member = buf_new(TEXT_MAX);
	p->values = buf_new(TEXT_MAX);
	return pack_words_new(&p->words, c, e);
}

void
pack_shown_free(struct pack_shown **shown)
{
	struct pack_shown *p = *shown;

	if (p == NULL)
		return;
	for (size_t i = 0; i < SHOWN; i++) {
		free(p->sides[i].set.list);
		free(p->sides[i].owners.list);
		free(p->sides[i].due.list);
		free(p->sides[i].seen.list);
	}
	free(p->examined.list);
	pack_words_free(&p->words);
	buf_free(&p->tuple);
	buf_free(&p->member);
	buf_free(&p->values);
	free(p);
	*shown = NULL;
}

#define DAY INT64_C(86400)

/* Whether a class must show it. */
static bool
is_due(const struct pack_shown *p, const struct shown *s,
    const struct pack_signed *row)
{
	const struct manifest *m = p->check->manifest;
	const struct pack_act *a = pack_act_find(p->check, row->act);
	int64_t day;

	if (p->naming || s->always == NEVER || m->scope_count > 0 ||
	    a == NULL || a->at < m->from || a->at >= m->to)
		return false;
	if (s->always == ALWAYS)
		return true;
	if (row->values[s->columns[0].value] == NULL)
		return false;
	day = strtoll(row->values[s->columns[0].value], NULL, 10);
	return day > m->from / DAY + 1 && day < m->to / DAY - 1;
}

static int
take_one(struct pack_shown *p, size_t i, const struct pack_signed *row,
    struct err *e)
{
	const struct shown *s = &table[i];
	struct side *side = &p->sides[i];
	struct hash h;

	if (s->owner != NULL && !p->naming &&
	    strcmp(row->table, s->owner) == 0 && s->owned < row->count &&
	    row->values[s->owned] != NULL &&
	    set_add(&side->owners, hash_number(p, row->values[s->owned]), e) ==
	        -1)
		return -1;
	if (strcmp(row->table, s->table) != 0)
		return 0;
	if (hash_signed(p, s, row, &h, e) == -1 ||
	    (is_due(p, s, row) && set_add(&side->due, h, e) == -1))
		return -1;
	if (!s->whole || p->naming)
		return set_add(&side->set, h, e);
	sum_add(&side->sum, h);
	side->left++;
	return 0;
}

/* A daily record that one examined, as both sides have it. */
static struct hash
hash_examined(struct pack_shown *p, const char *const values[6])
{
	buf_clear(&p->tuple);
	for (size_t i = 0; i < 6; i++) {
		buf_put_string(&p->tuple, values[i] == NULL ? "" : values[i]);
		put_end(p);
	}
	return hash_tuple(p);
}

enum { EXAMINED_DAY = 1, EXAMINED_VALUES = 6 };

/* By each person with the key: the act does not say which of them it is. */
static int
take_examined(
    struct pack_shown *p, const struct pack_signed *row, struct err *e)
{
	const struct pack_act *a = pack_act_find(p->check, row->act);
	const struct pack_person *by;
	char day[DAY_TEXT], time[PACK_TIME_SIZE];

	if (strcmp(row->table, "daily_sign") != 0 || a == NULL ||
	    row->count < EXAMINED_VALUES || row->values[EXAMINED_DAY] == NULL)
		return 0;
	for (size_t i = 0; (by = pack_act_person(p->check, a, i)) != NULL;
	     i++) {
		const char *const values[] = {
			day_text(
			    strtoll(row->values[EXAMINED_DAY], NULL, 10), day),
			row->values[2], row->values[3], row->values[4],
			pack_time(a->at, time), by->name
		};

		if (set_add(&p->examined, hash_examined(p, values), e) == -1)
			return -1;
	}
	return 0;
}

int
pack_shown_take(
    struct pack_shown *p, const struct pack_signed *row, struct err *e)
{
	if (!p->naming && take_examined(p, row, e) == -1)
		return -1;
	for (size_t i = 0; i < SHOWN; i++)
		if (take_one(p, i, row, e) == -1)
			return -1;
	return 0;
}

/* ---- Shown rows ---- */

bool
pack_act_has(const struct pack_act *a, const char *table_name)
{
	const char *const *tables = a->kind->tables;

	for (size_t i = 0; i < ACT_TABLES && tables[i] != NULL; i++)
		if (strcmp(tables[i], table_name) == 0)
			return true;
	return false;
}

/* The act that a row is of, if it says one. */
static const struct pack_act *
act_of(const struct pack_shown *p, const struct shown *s,
    const struct pack_row *row)
{
	const char *text = s->owner == NULL ? pack_value(row, s->by) : NULL;
	int64_t act;
	struct err e;

	if (text == NULL || pack_uncount(text, &act, &e) == -1)
		return NULL;
	return pack_act_find(p->check, act);
}

/* Whether its signed row must be here. */
static bool
is_claimed(struct pack_shown *p, const struct shown *s, struct side *side,
    const struct pack_row *row)
{
	const char *by = pack_value(row, s->by);
	const struct pack_act *a = act_of(p, s, row);

	if (by == NULL)
		return false;
	if (s->owner != NULL) {
		if (set_has(&side->owners, hash_number(p, by)))
			return true;
		p->check->verdict->unproven += !p->naming;
		return false;
	}
	if (a == NULL || !pack_act_has(a, s->table))
		return false;
	p->check->verdict->unproven += !a->included && !p->naming;
	return a->included;
}

void
pack_row_altered(
    struct pack_check *c, const struct pack_row *row, const char *why)
{
	pack_fault(c, "altered", c->part, row->line, "%s", why);
}

static void
row_fault(struct pack_shown *p, const struct pack_row *row, const char *why)
{
	pack_row_altered(p->check, row, why);
}

/* Whether a status agrees with what a second person said of the act. */
static bool
status_agrees(const struct pack_act *a, const char *status)
{
	static const char *const after[] = { "counts", "approved" };
	static const char *const before[] = { "waiting", "draft" };
	bool agrees = (strcmp(status, "refused") == 0) == a->refused;

	for (size_t i = 0; i < sizeof(after) / sizeof(after[0]); i++)
		agrees = agrees &&
		    (a->approved || strcmp(status, after[i]) != 0) &&
		    (!a->approved || strcmp(status, before[i]) != 0);
	return agrees;
}

/* Whether an exception names whoever approved it, and nobody else. */
static bool
approver_agrees(
    const struct pack_check *c, const struct pack_act *a, const char *approver)
{
	const struct pack_act *second = pack_act_find(c, a->second);

	if (!a->approved || second == NULL)
		return approver == NULL;
	return pack_act_is_by(c, second, approver);
}

static void
check_act(
    struct pack_shown *p, const struct shown *s, const struct pack_row *row)
{
	const struct pack_act *a = act_of(p, s, row);
	char time[PACK_TIME_SIZE];
	const char *status = pack_value(row, "status");
	const char *approved;

	if (a == NULL || !pack_act_has(a, s->table))
		return;
	if (s->at != NULL &&
	    strcmp(pack_value(row, s->at), pack_time(a->at, time)) != 0)
		row_fault(p, row, _("its time is not that of its act"));
	approved = s->approved == NULL ? NULL : pack_value(row, s->approved);
	if ((approved != NULL &&
	        (strcmp(approved, "true") == 0) !=
	            (a->approved && !a->refused)) ||
	    (status != NULL && !status_agrees(a, status)) ||
	    (strcmp(s->class, "exception") == 0 &&
	        !approver_agrees(p->check, a, pack_value(row, "approver"))))
		row_fault(p, row,
		    _("whether it was approved is not what a second person "
		      "signed"));
}

static int
compare_row(
    struct pack_shown *p, size_t i, const struct pack_row *row, struct err *e)
{
	const struct shown *s = &table[i];
	struct side *side = &p->sides[i];
	struct hash h;

	if (!p->naming)
		check_act(p, s, row);
	if (!is_claimed(p, s, side, row))
		return 0;
	if (hash_shown(p, s, row, &h, e) == -1 ||
	    (s->always != NEVER && !p->naming &&
	        set_add(&side->seen, h, e) == -1))
		return -1;
	if (s->whole && !p->naming) {
		sum_subtract(&side->sum, h);
		side->left--;
	} else if (!set_has(&side->set, h))
		row_fault(
		    p, row, _("it is not what was signed, or nobody did"));
	return 0;
}

/* ---- What one row is beside what was signed ---- */

static int
check_word(struct pack_shown *p, const struct pack_row *row, struct err *e)
{
	if (strcmp(row->class->name, "decision") == 0)
		return pack_words_take(p->words, row, e);
	if (strcmp(row->class->name, "item") == 0)
		return pack_words_check(p->words, row, e);
	return 0;
}

/* Whether acts of that time all have their rows in the pack. */
static bool
is_covered(const struct pack_check *c, int64_t at)
{
	const struct manifest *m = c->manifest;
	const struct manifest_class *rows = manifest_class_find(m, "signed");

	return m->scope_count == 0 && at >= m->from && at < m->to &&
	    rows != NULL && rows->withheld[0] == '\0';
}

static int
check_examined(struct pack_shown *p, const struct pack_row *row, struct err *e)
{
	const char *mark = pack_value(row, "mark");
	const char *const values[] = { pack_value(row, "day"),
		pack_value(row, "source"), pack_value(row, "version"),
		pack_value(row, "disposition"), pack_value(row, "examined"),
		pack_value(row, "examiner") };
	bool late = strcmp(mark, "late") == 0;
	int64_t at;

	if (values[3] == NULL && values[4] == NULL && values[5] == NULL) {
		if (strcmp(mark, "on-time") == 0)
			row_fault(
			    p, row, _("nobody is said to have examined it"));
		return 0;
	}
	if (values[4] == NULL || (!late && strcmp(mark, "on-time") != 0))
		row_fault(p, row, _("it is said to be examined, and not"));
	else if (pack_untime(values[4], &at, e) == -1)
		return -1;
	else if (!set_has(&p->examined, hash_examined(p, values))) {
		p->check->verdict->unproven += !is_covered(p->check, at);
		if (is_covered(p->check, at))
			row_fault(
			    p, row, _("nobody signed that it was examined so"));
	}
	return buf_status(&p->tuple, e);
}

/* A row of an act that is not there, or is of no kind that has such rows. */
static bool
is_stray(const struct pack_shown *p, const struct pack_row *row)
{
	const char *class = row->class->name;
	bool by_act = false;

	for (size_t i = 0; i < SHOWN; i++) {
		const struct pack_act *a;

		if (strcmp(table[i].class, class) != 0 ||
		    table[i].owner != NULL)
			continue;
		by_act = pack_value(row, "act") != NULL;
		a = act_of(p, &table[i], row);
		if (a != NULL && pack_act_has(a, table[i].table))
			return false;
	}
	return by_act;
}

static int
compare_shown(void *context, const struct pack_row *row, struct err *e)
{
	struct pack_shown *p = context;

	if (!p->naming && is_stray(p, row))
		row_fault(p, row, _("no act that is here can have it"));
	if (!p->naming && check_word(p, row, e) == -1)
		return -1;
	if (!p->naming && strcmp(row->class->name, "daily") == 0 &&
	    check_examined(p, row, e) == -1)
		return -1;
	for (size_t i = 0; i < SHOWN; i++)
		if (strcmp(table[i].class, row->class->name) == 0 &&
		    (!p->naming || p->comparing == &table[i]) &&
		    compare_row(p, i, row, e) == -1)
			return -1;
	return 0;
}

/* ---- Which line it is ---- */

static int
name_signed(void *context, const struct pack_row *row, struct err *e)
{
	struct pack_shown *p = context;
	struct pack_signed r;

	if (pack_signed_read(&r, &p->values, row, e) == -1)
		return -1;
	return take_one(p, (size_t)(p->comparing - table), &r, e);
}

/* The sums differ: signed rows are read again, and kept this time. */
static int
name_lines(struct pack_shown *p, size_t i, struct err *e)
{
	const struct manifest_class *rows =
	    manifest_class_find(p->check->manifest, table[i].class);
	int result;

	if (rows == NULL || rows->rows > NAMED_MAX)
		return 0;
	p->naming = true;
	p->comparing = &table[i];
	result = pack_each_row(p->check, "signed", false, name_signed, p, e);
	if (result == 0)
		result = pack_each_row(
		    p->check, table[i].class, false, compare_shown, p, e);
	p->naming = false;
	return result;
}

static int
compare_class(struct pack_shown *p, size_t i, struct err *e)
{
	const struct shown *s = &table[i];

	for (size_t j = 0; j < i; j++)
		if (strcmp(table[j].class, s->class) == 0)
			return 0;
	return pack_each_row(p->check, s->class, false, compare_shown, p, e);
}

static void
check_due(struct pack_shown *p, size_t i)
{
	struct side *side = &p->sides[i];

	for (size_t n = 0; n < side->due.count; n++)
		if (!set_has(&side->seen, side->due.list[n])) {
			pack_fault(p->check, "incomplete", "", 0,
			    _("class %s does not show the rows of table %s "
			      "that were signed"),
			    table[i].class, table[i].table);
			return;
		}
}

int
pack_shown_compare(struct pack_shown *p, struct err *e)
{
	for (size_t i = 0; i < SHOWN; i++)
		if (compare_class(p, i, e) == -1)
			return -1;
	for (size_t i = 0; i < SHOWN; i++) {
		const struct side *side = &p->sides[i];

		check_due(p, i);
		if (!table[i].whole ||
		    (side->left == 0 && side->sum.low == 0 &&
		        side->sum.high == 0))
			continue;
		pack_fault(p->check, side->left > 0 ? "incomplete" : "altered",
		    "", 0,
		    _("class %s does not show the rows of table %s that were "
		      "signed"),
		    table[i].class, table[i].table);
		if (name_lines(p, i, e) == -1)
			return -1;
	}
	return 0;
}
