/*
 * Columns that other rows of the pack tell anew: what became of remedies, by
 * the events that were signed and the pulls that prove them; until when
 * findings and remedies are due, by severity and extensions; and what is
 * overdue when the pack is made. One table has them, each with the function
 * that tells it.
 */
#include "review/pack_verify_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "review/act_internal.h"
#include "review/fact.h"
#include "review/pack_value.h"
#include "review/xml_text.h"
#include "schema/message.h"

#define DAY          INT64_C(86400)
#define REMEDIES_MAX (1u << 20)
#define PULLS_MAX    (1u << 22)
#define COVERED_MAX  (1u << 24)
#define VALUE_SIZE   64u
#define TEXT_MAX     (1u << 20)

struct remedy {
	int64_t id, act;
	int64_t finding; /* 0: of none */
	int64_t due;     /* as extended */
	int64_t extended;
	int64_t newest;    /* act of the newest of its events; 0: none */
	int64_t told;      /* of the newest that says what became of it */
	const char *what;  /* that says; NULL: nothing did */
	int64_t pull;      /* that one's; -1: none */
	struct hash after; /* its text */
	struct hash ticket;
	bool ticketed;
	bool refused, signed_here; /* else as its row is shown */
};

struct seen_pull {
	int64_t id, started;
	bool whole; /* complete, and applied */
};

struct pack_derived {
	struct pack_check *check;
	struct remedy *remedies; /* those that are signed here first, by id */
	size_t remedy_count, signed_count;
	const struct remedy **of_finding; /* by finding, id */
	size_t of_finding_count;
	struct seen_pull *pulls; /* by id */
	size_t pull_count;
	struct hash *covered; /* account and rule of an exception */
	size_t covered_count;
	/* The newest acts whose rows are not here; 0: all are. */
	int64_t unseen_remedy, unseen_event;
	struct buf text;
};

int
pack_derived_new(struct pack_derived **out, struct pack_check *c, struct err *e)
{
	struct pack_derived *d = calloc(1, sizeof(*d));

	*out = d;
	if (d == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	d->check = c;
	d->text = buf_new(TEXT_MAX);
	return 0;
}

void
pack_derived_free(struct pack_derived **derived)
{
	struct pack_derived *d = *derived;

	if (d == NULL)
		return;
	free(d->remedies);
	free(d->of_finding);
	free(d->pulls);
	free(d->covered);
	buf_free(&d->text);
	free(d);
	*derived = NULL;
}

/* ---- Texts and numbers of rows ---- */

/* 0 where there is none. */
static int
take_number(const struct pack_row *row, const char *column, int64_t none,
    int64_t *out, struct err *e)
{
	const char *text = pack_value(row, column);

	*out = none;
	return text == NULL ? 0 : pack_uncount(text, out, e);
}

static int
take_time(const struct pack_row *row, const char *column, int64_t none,
    int64_t *out, struct err *e)
{
	const char *text = pack_value(row, column);

	*out = none;
	return text == NULL ? 0 : pack_untime(text, out, e);
}

static bool
is_true(const struct pack_row *row, const char *column)
{
	return strcmp(pack_value(row, column), "true") == 0;
}

/* As it is shown in XML. */
static struct hash
hash_text(struct pack_derived *d, const char *text)
{
	buf_clear(&d->text);
	xml_put_clean(&d->text, text, strlen(text));
	return hash_of(&d->check->key, d->text.data, d->text.length);
}

static struct hash
hash_covered(struct pack_derived *d, const char *account, const char *rule)
{
	buf_clear(&d->text);
	buf_printf(&d->text, "%s %s", account, rule == NULL ? "" : rule);
	return hash_of(&d->check->key, d->text.data, d->text.length);
}

static bool
same_hash(struct hash a, struct hash b)
{
	return a.low == b.low && a.high == b.high;
}

/* ---- Signed rows ---- */

enum { REMEDY_ID = 1, REMEDY_DUE = 7, REMEDY_FINDING = 12 };

static struct remedy *
find_remedy(const struct pack_derived *d, int64_t id)
{
	size_t low = 0, high = d->signed_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (d->remedies[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < d->signed_count && d->remedies[low].id == id
	    ? &d->remedies[low]
	    : NULL;
}

/* NULL with *e set. */
static struct remedy *
add_remedy(struct pack_derived *d, int64_t id, struct err *e)
{
	struct remedy *list = pack_grow(
	    d->remedies, d->remedy_count, REMEDIES_MAX, sizeof(*list), e);

	if (list == NULL)
		return NULL;
	d->remedies = list;
	list[d->remedy_count] = (struct remedy){ .id = id, .pull = -1 };
	return &list[d->remedy_count++];
}

static int
take_remedy(
    struct pack_derived *d, const struct pack_signed *row, struct err *e)
{
	const struct pack_act *a = pack_act_find(d->check, row->act);
	int64_t id = pack_signed_number(row, REMEDY_ID),
	        finding = pack_signed_number(row, REMEDY_FINDING);
	struct remedy *r;

	/* The store numbers them as they are ordered. */
	if (d->signed_count > 0 && id <= d->remedies[d->signed_count - 1].id) {
		pack_signed_fault(d->check, row, "altered",
		    _("a remedy is there twice, or out of order"));
		return 0;
	}
	if ((r = add_remedy(d, id, e)) == NULL)
		return -1;
	d->signed_count++;
	r->act = row->act;
	r->finding = finding < 0 ? 0 : finding;
	r->due = pack_signed_number(row, REMEDY_DUE);
	r->refused = a->refused;
	r->signed_here = true;
	return 0;
}

enum { EVENT_REMEDY = 1, EVENT_WHAT, EVENT_PULL, EVENT_DUE, EVENT_DETAIL };

/* What says what became of it. */
static const char *
verdict_of(const char *what)
{
	static const char *const verdicts[] = { "proven", "open", "back" };

	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		if (strcmp(what, verdicts[i]) == 0)
			return verdicts[i];
	return NULL;
}

static void
take_event(struct pack_derived *d, const struct pack_signed *row)
{
	const struct pack_act *a = pack_act_find(d->check, row->act);
	struct remedy *r =
	    find_remedy(d, pack_signed_number(row, EVENT_REMEDY));
	const char *what = pack_signed_text(row, EVENT_WHAT);
	const char *detail = pack_signed_text(row, EVENT_DETAIL);

	if (r == NULL)
		return; /* it was ordered in an act whose rows are not here */
	r->newest = row->act;
	if (strcmp(what, "extended") == 0 && a->approved) {
		r->due = pack_signed_number(row, EVENT_DUE);
		r->extended++;
	} else if (strcmp(what, "ticket") == 0) {
		r->ticket = hash_text(d, detail);
		r->ticketed = true;
	} else if (verdict_of(what) != NULL) {
		r->told = row->act;
		r->what = verdict_of(what);
		r->pull = pack_signed_number(row, EVENT_PULL);
		r->after = hash_text(d, detail);
	}
}

int
pack_derived_take(
    struct pack_derived *d, const struct pack_signed *row, struct err *e)
{
	if (strcmp(row->table, "remedy") == 0)
		return take_remedy(d, row, e);
	if (strcmp(row->table, "remedy_event") == 0)
		take_event(d, row);
	return 0;
}

/* ---- What a column should be ---- */

struct derived; /* of the table */

/* What was told of one row's column. */
struct told {
	char wanted[VALUE_SIZE]; /* "": not recorded */
	bool text;               /* it is the text that was signed, or not */
	bool same;               /* of text */
	bool sure;               /* else rows that are not here may differ */
};

typedef int derive_fn(struct pack_derived *, const struct pack_row *,
    const struct remedy *, struct told *, struct err *);

static void
want_time(struct told *t, int64_t at)
{
	char time[PACK_TIME_SIZE];

	(void)snprintf(t->wanted, sizeof(t->wanted), "%s", pack_time(at, time));
}

static void
want_number(struct told *t, int64_t number)
{
	(void)snprintf(t->wanted, sizeof(t->wanted), "%lld", (long long)number);
}

static void
want(struct told *t, const char *word)
{
	(void)snprintf(t->wanted, sizeof(t->wanted), "%s", word);
}

/* Whether no event of it can be missing. */
static bool
is_known(const struct pack_derived *d, const struct remedy *r)
{
	return r->signed_here &&
	    (r->act > d->unseen_event || r->newest > d->unseen_event);
}

static int
remedy_due(struct pack_derived *d, const struct pack_row *row,
    const struct remedy *r, struct told *t, struct err *e)
{
	(void)row;
	(void)e;
	t->sure = is_known(d, r);
	want_time(t, r->due);
	return 0;
}

static int
remedy_extended(struct pack_derived *d, const struct pack_row *row,
    const struct remedy *r, struct told *t, struct err *e)
{
	(void)row;
	(void)e;
	t->sure = is_known(d, r);
	want_number(t, r->extended);
	return 0;
}

static int
remedy_status(struct pack_derived *d, const struct pack_row *row,
    const struct remedy *r, struct told *t, struct err *e)
{
	const struct pack_act *a = pack_act_find(d->check, r->act);

	(void)row;
	(void)e;
	t->sure = is_known(d, r);
	want(t,
	    r->refused                     ? "refused"
	        : r->what != NULL          ? r->what
	        : a != NULL && a->approved ? "approved"
	                                   : "draft");
	return 0;
}

static int
remedy_proof(struct pack_derived *d, const struct pack_row *row,
    const struct remedy *r, struct told *t, struct err *e)
{
	(void)row;
	(void)e;
	t->sure = is_known(d, r);
	if (r->what != NULL && strcmp(r->what, "proven") == 0 && r->pull >= 0)
		want_number(t, r->pull);
	return 0;
}

static int
remedy_after(struct pack_derived *d, const struct pack_row *row,
    const struct remedy *r, struct told *t, struct err *e)
{
	const char *after = pack_value(row, "after");

	(void)e;
	t->sure = is_known(d, r);
	t->text = true;
	t->same = after == NULL
	    ? r->what == NULL
	    : r->what != NULL && same_hash(r->after, hash_text(d, after));
	return 0;
}

static int
remedy_ticket(struct pack_derived *d, const struct pack_row *row,
    const struct remedy *r, struct told *t, struct err *e)
{
	const char *ticket = pack_value(row, "ticket");

	(void)e;
	t->sure = is_known(d, r);
	t->text = true;
	t->same = ticket == NULL
	    ? !r->ticketed
	    : r->ticketed && same_hash(r->ticket, hash_text(d, ticket));
	return 0;
}

static int
by_pull(const void *id, const void *pull)
{
	int64_t x = *(const int64_t *)id,
	        y = ((const struct seen_pull *)pull)->id;

	return (x > y) - (x < y);
}

/* By a pull that is here, complete, and later than the order. */
static int
remedy_closed(struct pack_derived *d, const struct pack_row *row,
    const struct remedy *r, struct told *t, struct err *e)
{
	const struct seen_pull *pull = NULL;
	int64_t proof, ordered;

	(void)r;
	if (take_number(row, "proof", -1, &proof, e) == -1 ||
	    take_time(row, "ordered", 0, &ordered, e) == -1)
		return -1;
	t->sure = true;
	if (proof == -1)
		return 0;
	if (d->pull_count > 0)
		pull = bsearch(&proof, d->pulls, d->pull_count,
		    sizeof(*d->pulls), by_pull);
	if (pull == NULL) /* earlier versions did not bring it along */
		t->sure = !d->check->verdict->other_program;
	else if (pull->whole && pull->started > ordered)
		want_time(t, pull->started);
	return 0;
}

static int
remedy_overdue(struct pack_derived *d, const struct pack_row *row,
    const struct remedy *r, struct told *t, struct err *e)
{
	const char *status = pack_value(row, "status");
	int64_t due;

	(void)r;
	if (take_time(row, "due", 0, &due, e) == -1)
		return -1;
	t->sure = true;
	want(t,
	    due < d->check->manifest->made && strcmp(status, "proven") != 0 &&
	            strcmp(status, "refused") != 0
	        ? "true"
	        : "false");
	return 0;
}

/* ---- Findings ---- */

static const char *const severities[PACK_SEVERITIES] = { "critical", "high",
	"medium", "low" };

static const struct remedy *
remedy_of(const struct pack_derived *d, int64_t finding)
{
	size_t low = 0, high = d->of_finding_count;

	/* Behind the last of it. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (d->of_finding[middle]->finding <= finding)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && d->of_finding[low - 1]->finding == finding
	    ? d->of_finding[low - 1]
	    : NULL;
}

/*
 * So many days after it was found first, as all others of its severity: the
 * number is the firm's, and is told to who verifies.
 */
static int
due_by_severity(struct pack_derived *d, const struct pack_row *row,
    const char *severity, struct told *t, struct err *e)
{
	int64_t first, due;
	size_t i = 0;

	if (take_time(row, "first", 0, &first, e) == -1 ||
	    take_time(row, "due", -1, &due, e) == -1)
		return -1;
	while (i < PACK_SEVERITIES && strcmp(severities[i], severity) != 0)
		i++;
	t->sure = d->unseen_remedy == 0;
	if (i == PACK_SEVERITIES || first == FACT_NEVER || due == FACT_NEVER)
		return 0;
	if (d->check->verdict->days[i] == 0 && t->sure && due > first)
		d->check->verdict->days[i] = (due - first) / DAY;
	want_time(t, first + d->check->verdict->days[i] * DAY);
	return 0;
}

static int
finding_due(struct pack_derived *d, const struct pack_row *row,
    const struct remedy *unused, struct told *t, struct err *e)
{
	const char *severity = pack_value(row, "severity");
	const struct remedy *r;
	int64_t id;

	(void)unused;
	t->sure = true;
	if (strcmp(pack_value(row, "state"), "hit") != 0 ||
	    strcmp(severity, "info") == 0)
		return 0;
	if (take_number(row, "id", 0, &id, e) == -1)
		return -1;
	if ((r = remedy_of(d, id)) == NULL)
		return due_by_severity(d, row, severity, t, e);
	t->sure = is_known(d, r) && d->unseen_remedy == 0;
	want_time(t, r->due);
	return 0;
}

static bool
is_covered(struct pack_derived *d, const char *account, const char *rule)
{
	const struct hash h = hash_covered(d, account, rule);

	return d->covered_count > 0 &&
	    bsearch(&h, d->covered, d->covered_count, sizeof(h), hash_order) !=
	    NULL;
}

/* An exception of an account is here, if it was seen in the period. */
static int
is_excepted(struct pack_derived *d, const struct pack_row *row, bool *excepted,
    struct err *e)
{
	const struct manifest *m = d->check->manifest;
	const char *account = pack_value(row, "account");
	int64_t last;

	*excepted = strcmp(pack_value(row, "status"), "excepted") == 0;
	if (!*excepted || account == NULL)
		return 0;
	if (take_time(row, "last", 0, &last, e) == -1)
		return -1;
	*excepted = last < m->from || last >= m->to ||
	    is_covered(d, account, pack_value(row, "rule")) ||
	    is_covered(d, account, NULL);
	return 0;
}

static int
finding_status(struct pack_derived *d, const struct pack_row *row,
    const struct remedy *unused, struct told *t, struct err *e)
{
	int64_t due;
	bool excepted;

	(void)unused;
	if (take_time(row, "due", INT64_MAX, &due, e) == -1 ||
	    is_excepted(d, row, &excepted, e) == -1)
		return -1;
	t->sure = true;
	want(t,
	    pack_value(row, "closed") != NULL    ? "closed"
	        : excepted                       ? "excepted"
	        : due < d->check->manifest->made ? "overdue"
	                                         : "open");
	return 0;
}

/* The house's own scoring, formula house-1. */
static int
finding_points(struct pack_derived *d, const struct pack_row *row,
    const struct remedy *unused, struct told *t, struct err *e)
{
	static const int64_t weights[PACK_SEVERITIES] = { 5, 3, 2, 1 };
	const char *status = pack_value(row, "status");
	int64_t tenths = 0;

	(void)unused;
	(void)e;
	for (size_t i = 0; i < PACK_SEVERITIES; i++)
		if (strcmp(severities[i], pack_value(row, "severity")) == 0)
			tenths = weights[i];
	if (strcmp(pack_value(row, "state"), "hit") != 0 ||
	    pack_value(row, "closed") != NULL)
		tenths = 0;
	tenths *= strcmp(status, "excepted") == 0 ? 5
	    : is_true(row, "repeated")            ? 20
	    : strcmp(status, "overdue") == 0      ? 15
	                                          : 10;
	t->sure = !d->check->verdict->other_program;
	(void)snprintf(t->wanted, sizeof(t->wanted), "%lld.%lld",
	    (long long)tenths / 10, (long long)tenths % 10);
	return 0;
}

/* ---- The table ---- */

static const struct derived {
	const char *class, *column;
	derive_fn *derive;
} table[] = {
	{ "remedy", "due", remedy_due },
	{ "remedy", "extended", remedy_extended },
	{ "remedy", "status", remedy_status },
	{ "remedy", "proof", remedy_proof },
	{ "remedy", "after", remedy_after },
	{ "remedy", "ticket", remedy_ticket },
	{ "remedy", "closed", remedy_closed },
	{ "remedy", "overdue", remedy_overdue },
	{ "finding", "due", finding_due },
	{ "finding", "status", finding_status },
	{ "finding", "points", finding_points },
};

static void
judge(struct pack_derived *d, const struct pack_row *row,
    const struct derived *column, const struct remedy *r, const struct told *t)
{
	const char *shown = pack_value(row, column->column);

	if (t->text ? t->same
	            : strcmp(t->wanted, shown == NULL ? "" : shown) == 0)
		return;
	if (!t->sure)
		d->check->verdict->unproven += r != NULL && r->signed_here;
	else if (t->text)
		pack_fault(d->check, "altered", d->check->part, row->line,
		    _("%s %s: the column \"%s\" is not what was signed"),
		    row->class->name, pack_value(row, "id"), column->column);
	else
		pack_fault(d->check, "altered", d->check->part, row->line,
		    _("%s %s: the column \"%s\" says \"%.40s\"; by the other "
		      "rows it is \"%.40s\""),
		    row->class->name, pack_value(row, "id"), column->column,
		    shown == NULL ? "" : shown, t->wanted);
}

/* r: of a row of the class "remedy"; NULL: of another. */
static int
judge_row(struct pack_derived *d, const struct pack_row *row,
    const struct remedy *r, struct err *e)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct told t = { .sure = false };

		if (strcmp(table[i].class, row->class->name) != 0)
			continue;
		if (table[i].derive(d, row, r, &t, e) == -1)
			return -1;
		judge(d, row, &table[i], r, &t);
	}
	return 0;
}

/* ---- Classes, in this order ---- */

static int
take_pull(void *context, const struct pack_row *row, struct err *e)
{
	struct pack_derived *d = context;
	struct seen_pull *list =
	    pack_grow(d->pulls, d->pull_count, PULLS_MAX, sizeof(*list), e);
	struct seen_pull *pull;

	if (list == NULL)
		return -1;
	d->pulls = list;
	pull = &list[d->pull_count++];
	pull->whole = is_true(row, "complete") &&
	    strcmp(pack_value(row, "state"), "applied") == 0;
	return take_number(row, "id", 0, &pull->id, e) == -1
	    ? -1
	    : take_time(row, "started", 0, &pull->started, e);
}

/* One whose order is not here is as it is shown. */
static int
check_remedy(void *context, const struct pack_row *row, struct err *e)
{
	struct pack_derived *d = context;
	struct remedy *r;
	int64_t id;

	if (take_number(row, "id", 0, &id, e) == -1)
		return -1;
	if ((r = find_remedy(d, id)) != NULL)
		return judge_row(d, row, r, e);
	if ((r = add_remedy(d, id, e)) == NULL ||
	    take_number(row, "act", 0, &r->act, e) == -1 ||
	    take_number(row, "finding", 0, &r->finding, e) == -1 ||
	    take_time(row, "due", 0, &r->due, e) == -1)
		return -1;
	r->refused = strcmp(pack_value(row, "status"), "refused") == 0;
	return judge_row(d, row, r, e);
}

static int
take_exception(void *context, const struct pack_row *row, struct err *e)
{
	struct pack_derived *d = context;
	const char *status = pack_value(row, "status");
	struct hash *list;

	if (strcmp(status, "waiting") == 0 || strcmp(status, "refused") == 0)
		return 0;
	list = pack_grow(
	    d->covered, d->covered_count, COVERED_MAX, sizeof(*list), e);
	if (list == NULL)
		return -1;
	d->covered = list;
	list[d->covered_count++] = hash_covered(
	    d, pack_value(row, "account"), pack_value(row, "rule"));
	return 0;
}

static int
by_finding(const void *a, const void *b)
{
	const struct remedy *x = *(const struct remedy *const *)a,
	                    *y = *(const struct remedy *const *)b;

	if (x->finding != y->finding)
		return x->finding < y->finding ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static int
sort(struct pack_derived *d, struct err *e)
{
	d->of_finding = calloc(d->remedy_count + 1, sizeof(struct remedy *));
	if (d->of_finding == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < d->remedy_count; i++)
		if (d->remedies[i].finding != 0 && !d->remedies[i].refused)
			d->of_finding[d->of_finding_count++] = &d->remedies[i];
	qsort(d->of_finding, d->of_finding_count, sizeof(struct remedy *),
	    by_finding);
	if (d->covered_count > 0)
		qsort(d->covered, d->covered_count, sizeof(*d->covered),
		    hash_order);
	return 0;
}

static int
check_finding(void *context, const struct pack_row *row, struct err *e)
{
	return judge_row(context, row, NULL, e);
}

static void
find_unseen(struct pack_derived *d)
{
	const struct pack_check *c = d->check;

	for (int64_t act = 1; act <= c->act_count; act++) {
		const struct pack_act *a = pack_act_find(c, act);

		if (a->included)
			continue;
		if (strcmp(a->kind->name, "remedy") == 0)
			d->unseen_remedy = act;
		if (strcmp(a->kind->name, "remedy-event") == 0)
			d->unseen_event = act;
	}
}

int
pack_derived_check(struct pack_derived *d, struct err *e)
{
	struct pack_check *c = d->check;

	find_unseen(d);
	if (pack_each_row(c, "pull", false, take_pull, d, e) == -1 ||
	    pack_each_row(c, "remedy", false, check_remedy, d, e) == -1 ||
	    pack_each_row(c, "exception", false, take_exception, d, e) == -1 ||
	    sort(d, e) == -1)
		return -1;
	return pack_each_row(c, "finding", false, check_finding, d, e);
}
