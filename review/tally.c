#include "review/tally.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "review/evidence.h"
#include "review/pack_value.h"
#include "review/pack_xml.h"
#include "review/xml_text.h"
#include "schema/message.h"

#define KEY_MAX (TALLY_BY * (TALLY_VALUE + 1))

struct key { /* the values of "by", a NUL after each */
	const char *bytes;
	size_t length;
};

struct cell {
	struct key key; /* first: the tree compares keys */
	int64_t count, sum;
	int64_t said_count, said_sum; /* by summary.xml */
	bool said;
	char bytes[]; /* of the key */
};

struct tally {
	const struct tally_kind *kind;
	int by[TALLY_BY], where[TALLY_WHERE], sum; /* places in the class */
	size_t by_count, where_count;
	void *cells;       /* a tree of tsearch(3), by key */
	struct cell *last; /* that was counted: the next is often the same */
	size_t cell_count;
	int64_t rows, said_rows;
	bool truncated, said_truncated, said;
};

struct tallies {
	struct tally *list;
	size_t count;
	/* Those of the class that was counted last stand together. */
	const struct pack_class *class;
	size_t begin, end;
};

/* ---- The table, and the places of its columns ---- */

static int
find_place(const struct tally_kind *k, const struct pack_class *c,
    const char *column, int *place, struct err *e)
{
	*place = pack_column_find(c, column);
	return *place == -1
	    ? err_set(e, ERR_FORMAT, "tally %s: no column %s", k->id, column)
	    : 0;
}

static int
find_places(struct tally *t, const struct pack_schema *schema, struct err *e)
{
	const struct tally_kind *k = t->kind;
	const struct pack_class *c = pack_schema_find(schema, k->class);

	if (c == NULL)
		return err_set(
		    e, ERR_FORMAT, "tally %s: no class %s", k->id, k->class);
	for (; t->by_count < TALLY_BY && k->by[t->by_count] != NULL;
	     t->by_count++)
		if (find_place(
		        k, c, k->by[t->by_count], &t->by[t->by_count], e) == -1)
			return -1;
	for (; t->where_count < TALLY_WHERE &&
	     k->where[t->where_count].column != NULL;
	     t->where_count++)
		if (find_place(k, c, k->where[t->where_count].column,
		        &t->where[t->where_count], e) == -1)
			return -1;
	return k->sum == NULL ? 0 : find_place(k, c, k->sum, &t->sum, e);
}

int
tallies_new(
    struct tallies **out, const struct pack_schema *schema, struct err *e)
{
	struct tallies *a = calloc(1, sizeof(*a));
	size_t count = 0;

	*out = NULL;
	while (tally_kinds[count].id != NULL)
		count++;
	if (a != NULL)
		a->list = calloc(count + 1, sizeof(*a->list));
	if (a == NULL || a->list == NULL) {
		free(a);
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	for (; a->count < count; a->count++) {
		a->list[a->count].kind = &tally_kinds[a->count];
		if (find_places(&a->list[a->count], schema, e) == -1) {
			tallies_free(&a);
			return -1;
		}
	}
	*out = a;
	return 0;
}

void
tallies_free(struct tallies **tallies)
{
	struct tallies *a = *tallies;

	if (a == NULL)
		return;
	for (size_t i = 0; i < a->count; i++)
		tdestroy(a->list[i].cells, free);
	free(a->list);
	free(a);
	*tallies = NULL;
}

/* ---- Counting ---- */

static bool
holds(const struct tally *t, const struct pack_row *row)
{
	for (size_t i = 0; i < t->where_count; i++) {
		const char *value = row->values[t->where[i]];

		if (strcmp(value == NULL ? "" : value,
		        t->kind->where[i].value) != 0)
			return false;
	}
	return true;
}

/* How much of a value is kept: whole characters. */
static size_t
kept(const char *value)
{
	size_t length = strnlen(value, TALLY_VALUE + 1);

	if (length <= TALLY_VALUE)
		return length;
	for (length = TALLY_VALUE;
	     length > 0 && ((unsigned char)value[length] & 0xc0) == 0x80;)
		length--;
	return length;
}

static struct key
make_key(const struct tally *t, const struct pack_row *row, char *bytes)
{
	struct key key = { bytes, 0 };

	for (size_t i = 0; i < t->by_count; i++) {
		const char *value = row->values[t->by[i]];
		size_t length = value == NULL ? 0 : kept(value);

		if (length > 0)
			memcpy(bytes + key.length, value, length);
		key.length += length;
		bytes[key.length++] = '\0';
	}
	return key;
}

static int
by_key(const void *a, const void *b)
{
	const struct key *x = a, *y = b;
	size_t least = x->length < y->length ? x->length : y->length;
	int order = memcmp(x->bytes, y->bytes, least);

	if (order != 0)
		return order;
	return x->length < y->length ? -1 : x->length > y->length;
}

static struct cell *
new_cell(const struct key *key)
{
	struct cell *cell = malloc(sizeof(*cell) + key->length);

	if (cell == NULL)
		return NULL;
	*cell = (struct cell){ .key = { cell->bytes, key->length } };
	memcpy(cell->bytes, key->bytes, key->length);
	return cell;
}

/* The cell of that key; NULL without an error if there are too many. */
static int
find_cell(
    struct tally *t, const struct key *key, struct cell **out, struct err *e)
{
	struct cell *const *found = tfind(key, &t->cells, by_key);

	*out = found == NULL ? NULL : *found;
	if (found != NULL || t->cell_count == TALLY_CELLS)
		return 0;
	*out = new_cell(key);
	if (*out == NULL || tsearch(*out, &t->cells, by_key) == NULL) {
		free(*out);
		*out = NULL;
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	t->cell_count++;
	return 0;
}

static int
add_sum(
    const struct tally *t, struct cell *cell, const char *value, struct err *e)
{
	int64_t number;

	if (value == NULL)
		return 0;
	if (pack_undecimal(value, &number, e) == -1)
		return -1;
	if (__builtin_add_overflow(cell->sum, number, &cell->sum))
		return err_set(
		    e, ERR_LIMIT, "tally %s: its sum overflows", t->kind->id);
	return 0;
}

static int
count_row(struct tally *t, const struct pack_row *row, struct err *e)
{
	char bytes[KEY_MAX];
	struct key key = make_key(t, row, bytes);

	t->rows++;
	if (t->last == NULL || by_key(&t->last->key, &key) != 0) {
		if (find_cell(t, &key, &t->last, e) == -1)
			return -1;
		if (t->last == NULL) {
			t->truncated = true;
			return 0;
		}
	}
	t->last->count++;
	return t->kind->sum == NULL
	    ? 0
	    : add_sum(t, t->last, row->values[t->sum], e);
}

static void
find_class(struct tallies *a, const struct pack_class *class)
{
	a->class = class;
	a->begin = 0;
	while (a->begin < a->count &&
	    strcmp(a->list[a->begin].kind->class, class->name) != 0)
		a->begin++;
	a->end = a->begin;
	while (a->end < a->count &&
	    strcmp(a->list[a->end].kind->class, class->name) == 0)
		a->end++;
}

int
tallies_count(struct tallies *a, const struct pack_row *row, struct err *e)
{
	if (a->class != row->class)
		find_class(a, row->class);
	for (size_t i = a->begin; i < a->end; i++)
		if (holds(&a->list[i], row) &&
		    count_row(&a->list[i], row, e) == -1)
			return -1;
	return 0;
}

/* ---- Written ---- */

static const char *const cell_names[TALLY_BY] = { "a", "b", "c" };

struct writing {
	const struct tally *tally;
	struct buf *out;
};

static void
put_cell(const void *node, VISIT visit, void *context)
{
	const struct cell *cell = *(const struct cell *const *)node;
	const struct writing *w = context;
	const char *value = cell->bytes;
	char sum[PACK_DECIMAL_SIZE];

	if (visit != postorder && visit != leaf)
		return;
	buf_put_string(w->out, "  <cell");
	for (size_t i = 0; i < TALLY_BY && i < w->tally->by_count; i++) {
		xml_put_attribute(w->out, cell_names[i], value);
		value += strlen(value) + 1;
	}
	buf_printf(w->out, " count=\"%lld\"", (long long)cell->count);
	if (w->tally->kind->sum != NULL)
		xml_put_attribute(w->out, "sum", pack_decimal(cell->sum, sum));
	buf_put_string(w->out, "/>\n");
}

/* The columns of "by", as they are written. */
static void
by_text(const struct tally *t, struct buf *b)
{
	for (size_t i = 0; i < t->by_count; i++)
		buf_printf(b, "%s%s", i == 0 ? "" : " ", t->kind->by[i]);
}

static void
put_tally(const struct tally *t, struct buf *b)
{
	struct writing w = { t, b };

	buf_printf(b, " <tally id=\"%s\" class=\"%s\" by=\"", t->kind->id,
	    t->kind->class);
	by_text(t, b);
	buf_put_byte(b, '"');
	xml_put_attribute(b, "sum", t->kind->sum);
	buf_printf(b, " count=\"%lld\" truncated=\"%s\">\n", (long long)t->rows,
	    t->truncated ? "true" : "false");
	for (size_t i = 0; i < t->where_count; i++) {
		buf_put_string(b, "  <where");
		xml_put_attribute(b, "column", t->kind->where[i].column);
		xml_put_attribute(b, "value", t->kind->where[i].value);
		buf_put_string(b, "/>\n");
	}
	twalk_r(t->cells, put_cell, &w);
	buf_put_string(b, " </tally>\n");
}

int
tallies_write(
    const struct tallies *a, int64_t pack, struct buf *b, struct err *e)
{
	buf_printf(b,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<summary xmlns=\"%s\" version=\"1\" pack=\"%lld\">\n",
	    EVIDENCE_NAMESPACE, (long long)pack);
	for (size_t i = 0; i < a->count; i++)
		put_tally(&a->list[i], b);
	buf_put_string(b, "</summary>\n");
	return buf_status(b, e) == -1 ? err_in(e, EVIDENCE_SUMMARY) : 0;
}

/* ---- Read and compared ---- */

struct reading {
	struct tallies *tallies;
	int64_t pack;
	struct tally *tally; /* that we are in */
	size_t where;        /* conditions of it so far */
};

static bool
same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static int
read_summary(struct reading *r, const struct pack_element *x, struct err *e)
{
	int64_t pack;

	if (pack_uncount(pack_element_get(x, "pack"), &pack, e) == -1)
		return -1;
	return pack == r->pack
	    ? 0
	    : err_set(e, ERR_TAMPERED, _("it is of another pack"));
}

static bool
is_of_kind(const struct tally *t, const struct pack_element *x)
{
	struct buf by = buf_new(256);
	bool ok;

	by_text(t, &by);
	ok = same(pack_element_get(x, "class"), t->kind->class) &&
	    same(pack_element_get(x, "by"), buf_string(&by)) &&
	    same(pack_element_get(x, "sum"), t->kind->sum);
	buf_free(&by);
	return ok;
}

static int
read_tally(struct reading *r, const struct pack_element *x, struct err *e)
{
	const char *id = pack_element_get(x, "id");
	struct tally *t = NULL;

	for (size_t i = 0; i < r->tallies->count; i++)
		if (strcmp(r->tallies->list[i].kind->id, id) == 0)
			t = &r->tallies->list[i];
	if (t == NULL || t->said || !is_of_kind(t, x))
		return err_set(e, ERR_FORMAT,
		    _("tally %s is not known, not so, or there twice"), id);
	r->tally = t;
	r->where = 0;
	t->said = true;
	t->said_truncated = same(pack_element_get(x, "truncated"), "true");
	return pack_uncount(pack_element_get(x, "count"), &t->said_rows, e);
}

static int
read_where(struct reading *r, const struct pack_element *x, struct err *e)
{
	const struct tally_where *w = &r->tally->kind->where[r->where];

	if (r->where++ < r->tally->where_count &&
	    same(pack_element_get(x, "column"), w->column) &&
	    same(pack_element_get(x, "value"), w->value))
		return 0;
	return err_set(e, ERR_FORMAT, _("tally %s: another condition"),
	    r->tally->kind->id);
}

static int
read_key(const struct tally *t, const struct pack_element *x, char *bytes,
    struct key *key, struct err *e)
{
	*key = (struct key){ bytes, 0 };
	for (size_t i = 0; i < TALLY_BY; i++) {
		const char *value = pack_element_get(x, cell_names[i]);

		if ((value != NULL) != (i < t->by_count) ||
		    (value != NULL && kept(value) != strlen(value)))
			return err_set(e, ERR_FORMAT,
			    _("tally %s: a cell of other columns"),
			    t->kind->id);
		if (value != NULL) {
			memcpy(bytes + key->length, value, strlen(value) + 1);
			key->length += strlen(value) + 1;
		}
	}
	return 0;
}

static int
read_cell(struct reading *r, const struct pack_element *x, struct err *e)
{
	const char *sum = pack_element_get(x, "sum");
	char bytes[KEY_MAX];
	struct cell *cell;
	struct key key;

	if (read_key(r->tally, x, bytes, &key, e) == -1 ||
	    find_cell(r->tally, &key, &cell, e) == -1)
		return -1;
	if (cell == NULL || cell->said ||
	    (sum != NULL) != (r->tally->kind->sum != NULL))
		return err_set(e, ERR_FORMAT,
		    _("tally %s: a cell twice, or with another sum"),
		    r->tally->kind->id);
	cell->said = true;
	if (pack_uncount(pack_element_get(x, "count"), &cell->said_count, e) ==
	    -1)
		return -1;
	return sum == NULL ? 0 : pack_undecimal(sum, &cell->said_sum, e);
}

static const struct {
	const char *name;
	int (*read)(
	    struct reading *, const struct pack_element *, struct err *);
} readers[] = {
	{ "summary", read_summary },
	{ "tally", read_tally },
	{ "where", read_where },
	{ "cell", read_cell },
};

static int
read_element(void *context, const struct pack_element *x, struct err *e)
{
	if (x->depth == 1 && strcmp(x->name, readers[0].name) != 0)
		return err_set(e, ERR_FORMAT, _("it is no summary"));
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		if (strcmp(x->name, readers[i].name) == 0)
			return readers[i].read(context, x, e);
	return err_set(e, ERR_FORMAT, "<%s>", x->name);
}

static int
read_end(void *context, const struct pack_element *x, struct err *e)
{
	const struct reading *r = context;

	if (strcmp(x->name, "tally") == 0 && r->where != r->tally->where_count)
		return err_set(e, ERR_FORMAT, _("tally %s: another condition"),
		    r->tally->kind->id);
	return 0;
}

int
tallies_read(struct tallies **out, const struct pack_schema *schema,
    const void *xml, size_t length, int64_t pack, struct err *e)
{
	struct reading r = { .pack = pack };
	struct pack_document document = { .name = EVIDENCE_SUMMARY,
		.space = EVIDENCE_NAMESPACE,
		.depth = 3,
		.begin = read_element,
		.end = read_end,
		.context = &r };
	struct pack_xsd *xsd = NULL;
	int result = -1;

	*out = NULL;
	if (pack_xsd_new(&xsd, e) == 0 &&
	    tallies_new(&r.tallies, schema, e) == 0) {
		document.xsd = xsd;
		result = pack_xml_parse(xml, length, &document, e);
	}
	pack_xsd_free(&xsd);
	if (result == -1)
		tallies_free(&r.tallies);
	*out = r.tallies;
	return result;
}

static void
compare_cell(const void *node, VISIT visit, void *context)
{
	const struct cell *cell = *(const struct cell *const *)node;
	const struct cell **other = context;

	if ((visit == postorder || visit == leaf) && *other == NULL &&
	    (cell->count != cell->said_count || cell->sum != cell->said_sum ||
	        !cell->said))
		*other = cell;
}

static int
compare_tally(const struct tally *t, struct err *e)
{
	const struct cell *other = NULL;

	if (!t->said)
		return err_set(e, ERR_TAMPERED, _("%s: tally %s is missing"),
		    EVIDENCE_SUMMARY, t->kind->id);
	twalk_r(t->cells, compare_cell, &other);
	if (other != NULL)
		return err_set(e, ERR_TAMPERED,
		    _("%s: tally %s says %lld of \"%s\", the rows are %lld"),
		    EVIDENCE_SUMMARY, t->kind->id, (long long)other->said_count,
		    t->by_count == 0 ? "" : other->bytes,
		    (long long)other->count);
	if (t->rows != t->said_rows || t->truncated != t->said_truncated)
		return err_set(e, ERR_TAMPERED,
		    _("%s: tally %s says %lld, the rows are %lld"),
		    EVIDENCE_SUMMARY, t->kind->id, (long long)t->said_rows,
		    (long long)t->rows);
	return 0;
}

int
tallies_compare(const struct tallies *a, struct err *e)
{
	for (size_t i = 0; i < a->count; i++)
		if (compare_tally(&a->list[i], e) == -1)
			return -1;
	return 0;
}
