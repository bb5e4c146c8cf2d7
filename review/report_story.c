/*
 * All that a pack has of an account: its own row, then, class by class, rows
 * that name what an earlier one has.
 */
#include <libxml/hash.h>
#include <stdlib.h>
#include <string.h>

#include "review/report_internal.h"

#define X(text) ((const xmlChar *)(text))

#define JOINS      24u
#define KEY        2u   /* columns */
#define ACCOUNTS   100u /* of one name */
#define STORY_ROWS 5000u

/* Rows of the class whose columns have the values that the other's have. */
struct join {
	const char *class, *columns[KEY];
	const char *of, *of_columns[KEY];
};

static const struct join joins[JOINS] = {
	{ "source", { "id" }, "account", { "source" } },
	{ "person", { "employee" }, "account", { "employee" } },
	{ "person", { "employee" }, "account", { "owner" } },
	{ "membership", { "member" }, "account", { "id" } },
	{ "privilege", { "account" }, "account", { "id" } },
	{ "registered", { "account" }, "account", { "key" } },
	{ "registered", { "account" }, "account", { "name" } },
	{ "finding", { "account" }, "account", { "id" } },
	{ "item", { "account" }, "account", { "id" } },
	{ "exception", { "account" }, "account", { "id" } },
	{ "remedy", { "account" }, "account", { "id" } },
	{ "decision", { "campaign", "item" }, "item",
	    { "campaign", "number" } },
	{ "campaign", { "id" }, "item", { "campaign" } },
	{ "right", { "id" }, "membership", { "right" } },
	{ "right", { "id" }, "privilege", { "right" } },
	{ "right", { "id" }, "item", { "right" } },
	{ "right", { "id" }, "exception", { "right" } },
	{ "right", { "id" }, "remedy", { "right" } },
	{ "rule", { "id" }, "finding", { "rule" } },
	{ "act", { "id" }, "decision", { "act" } },
	{ "act", { "id" }, "exception", { "act" } },
	{ "act", { "id" }, "remedy", { "act" } },
	{ NULL, { NULL }, NULL, { NULL } },
};

struct collecting {
	struct report_rows *rows;
	struct report_pick *pick;
	const char *account; /* of the class "account"; then keys are not */
	struct {
		xmlHashTable *values;
		int columns[KEY]; /* -1: none */
	} keys[JOINS];
	size_t count;
};

static void
find_columns(
    const struct pack_class *class, const char *const names[KEY], int out[KEY])
{
	for (size_t i = 0; i < KEY; i++)
		out[i] =
		    names[i] == NULL ? -1 : pack_column_find(class, names[i]);
}

static const char *
value_of(const struct pack_row *row, int column)
{
	return column == -1 ? NULL : row->values[column];
}

/* ---- The account ---- */

static bool
is_account(const struct pack_row *row, const char *wanted)
{
	static const char *const columns[] = { "key", "name", "id" };

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		const char *value =
		    value_of(row, pack_column_find(row->class, columns[i]));

		if (value != NULL && strcmp(value, wanted) == 0)
			return true;
	}
	return false;
}

/* ---- What belongs to it ---- */

static bool
is_joined(const struct collecting *c, const struct pack_row *row)
{
	for (size_t i = 0; i < c->count; i++) {
		const char *a = value_of(row, c->keys[i].columns[0]);
		const char *b = value_of(row, c->keys[i].columns[1]);

		if (a != NULL &&
		    xmlHashLookup2(c->keys[i].values, X(a), X(b)) != NULL)
			return true;
	}
	return false;
}

static int
keep(void *context, const struct pack_row *row, struct err *e)
{
	struct collecting *c = context;
	bool mine = c->account != NULL ? is_account(row, c->account)
	                               : is_joined(c, row);

	report_rows_next(c->rows);
	return mine ? report_keep(c->rows, c->pick, row, e) : 0;
}

static int
add_values(struct collecting *c, const struct join *j,
    const struct report_pick *from, struct err *e)
{
	xmlHashTable *values = xmlHashCreate(64);
	int columns[KEY];

	if (values == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	c->keys[c->count].values = values;
	find_columns(c->pick->class, j->columns, c->keys[c->count].columns);
	c->count++;
	find_columns(from->class, j->of_columns, columns);
	for (size_t i = 0; i < from->count; i++) {
		struct pack_row row;
		const char *a, *b;

		if (report_kept(c->rows, from, i, &row, e) == -1)
			return -1;
		a = value_of(&row, columns[0]);
		b = value_of(&row, columns[1]);
		if (a != NULL && *a != '\0') /* again: it is there already */
			(void)xmlHashAddEntry2(values, X(a), X(b), c);
	}
	return 0;
}

static const struct report_pick *
find_pick(const struct report_pick *picks, size_t count, const char *class)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(picks[i].class->name, class) == 0)
			return &picks[i];
	return NULL;
}

/* picks[count] is of the class now; those before it have their rows. */
static int
collect_class(struct report_pack *p, struct report_rows *rows,
    struct report_pick *picks, size_t count, struct err *e)
{
	struct collecting c = { .rows = rows, .pick = &picks[count] };
	int result = 0;

	for (const struct join *j = joins; result == 0 && j->class != NULL;
	     j++) {
		const struct report_pick *from = find_pick(picks, count, j->of);

		if (from != NULL && from->count > 0 &&
		    strcmp(j->class, c.pick->class->name) == 0)
			result = add_values(&c, j, from, e);
	}
	if (result == 0 && c.count > 0)
		result = report_pack_rows(p, c.pick->class->name, keep, &c, e);
	for (size_t i = 0; i < c.count; i++)
		xmlHashFree(c.keys[i].values, NULL);
	return result;
}

static int
collect_account(struct report_pack *p, struct report_rows *rows,
    const char *account, struct report_pick *pick, struct err *e)
{
	struct collecting c = {
		.rows = rows, .pick = pick, .account = account
	};

	pick->class = pack_schema_find(p->schema, "account");
	pick->limit = ACCOUNTS;
	if (report_pack_rows(p, "account", keep, &c, e) == -1)
		return -1;
	if (pick->total == 0)
		return err_set(
		    e, ERR_MISSING, "no account \"%.200s\"", account);
	return pick->total <= ACCOUNTS
	    ? 0
	    : err_set(e, ERR_LIMIT, "\"%.200s\": %lld accounts; take a key",
	          account, (long long)pick->total);
}

int
report_story(struct report_pack *p, struct report_rows *rows,
    const char *account, struct report_pick picks[REPORT_STORY_CLASSES],
    struct err *e)
{
	size_t count = 1;

	memset(picks, 0, REPORT_STORY_CLASSES * sizeof(*picks));
	if (collect_account(p, rows, account, &picks[0], e) == -1)
		return -1;
	for (const struct join *j = joins; j->class != NULL; j++) {
		struct report_pick *pick = &picks[count];

		if (find_pick(picks, count, j->class) != NULL)
			continue;
		pick->class = pack_schema_find(p->schema, j->class);
		pick->limit = STORY_ROWS;
		if (collect_class(p, rows, picks, count, e) == -1)
			return -1;
		count++;
	}
	return 0;
}
