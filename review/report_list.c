/*
 * A list is the rows of some cells of a tally: those that a figure on a page
 * counts. Its name is a cell's place in summary.xml, from 1; with letters
 * before it, as in "ab12", it is of all cells that agree with that one in
 * those columns; "0" is of all rows that the tally counts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "review/report_internal.h"
#include "review/tally.h"
#include "review/xml_node.h"
#include "schema/base/enc.h"

#define X(text) ((const xmlChar *)(text))

#define LISTS 10000u /* of one report; figures beyond have no link */

static const char letters[TALLY_BY + 1] = "abc";

struct list {
	char name[32];
	const char *values[TALLY_BY]; /* what it agrees in; NULL: anything */
	struct report_pick pick;
	size_t next; /* list of the tally + 1; 0: none */
};

struct tally {
	const xmlNode *node; /* of summary.xml; texts are in it */
	const struct pack_class *class;
	int by[TALLY_BY]; /* columns; -1 */
	int where[TALLY_WHERE];
	const char *values[TALLY_WHERE];
	size_t where_count;
	size_t first; /* list + 1 */
};

struct report_lists {
	struct report_pack *pack;
	struct report_rows *rows;
	struct tally *tallies;
	size_t tally_count;
	struct list *lists;
	size_t count, room;
};

/* ---- The tallies of summary.xml ---- */

static int
read_where(struct tally *t, struct err *e)
{
	const xmlNode *n = xml_node_child(t->node, "where");

	for (; n != NULL; n = xml_node_next(n->next, "where")) {
		const char *column = xml_node_value(n, "column");
		size_t i = t->where_count;

		if (i == TALLY_WHERE || column == NULL ||
		    (t->where[i] = pack_column_find(t->class, column)) == -1 ||
		    (t->values[i] = xml_node_value(n, "value")) == NULL)
			return err_set(e, ERR_FORMAT, "a \"where\"");
		t->where_count++;
	}
	return 0;
}

static int
read_by(struct tally *t, struct err *e)
{
	const char *by = xml_node_value(t->node, "by");
	char copy[256], *save = NULL;
	size_t count = 0;

	for (size_t i = 0; i < TALLY_BY; i++)
		t->by[i] = -1;
	if (by == NULL || strlen(by) >= sizeof(copy))
		return err_set(e, ERR_FORMAT, "\"by\"");
	(void)strcpy(copy, by);
	for (char *word = strtok_r(copy, " ", &save); word != NULL;
	     word = strtok_r(NULL, " ", &save))
		if (count == TALLY_BY ||
		    (t->by[count++] = pack_column_find(t->class, word)) == -1)
			return err_set(e, ERR_FORMAT, "by %s", word);
	return 0;
}

static int
read_tally(struct report_lists *l, const xmlNode *node, struct err *e)
{
	struct tally *t = &l->tallies[l->tally_count];
	const char *class = xml_node_value(node, "class");
	const char *id = xml_node_value(node, "id");

	t->node = node;
	if (id == NULL || !evidence_name_ok(id) || class == NULL ||
	    (t->class = pack_schema_find(l->pack->schema, class)) == NULL)
		return err_set(e, ERR_FORMAT, "a tally without class or id");
	if (read_by(t, e) == -1 || read_where(t, e) == -1)
		return err_in(e, "tally %s", id);
	l->tally_count++;
	return 0;
}

static int
read_tallies(struct report_lists *l, struct err *e)
{
	const xmlNode *root = xmlDocGetRootElement(l->pack->summary_xml);

	l->tallies =
	    calloc(xml_node_count(root, "tally") + 1, sizeof(*l->tallies));
	if (l->tallies == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (const xmlNode *n = xml_node_child(root, "tally"); n != NULL;
	     n = xml_node_next(n->next, "tally"))
		if (read_tally(l, n, e) == -1)
			return err_in(e, "%s", EVIDENCE_SUMMARY);
	return 0;
}

int
report_lists_new(struct report_lists **out, struct report_pack *pack,
    struct report_rows *rows, struct err *e)
{
	struct report_lists *l = calloc(1, sizeof(*l));

	*out = NULL;
	if (l == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	l->pack = pack;
	l->rows = rows;
	if (read_tallies(l, e) == -1) {
		report_lists_free(&l);
		return -1;
	}
	*out = l;
	return 0;
}

void
report_lists_free(struct report_lists **lists)
{
	struct report_lists *l = *lists;

	if (l == NULL)
		return;
	for (size_t i = 0; i < l->count; i++)
		report_pick_free(&l->lists[i].pick);
	free(l->tallies);
	free(l->lists);
	free(l);
	*lists = NULL;
}

/* ---- Those that are wanted ---- */

static struct tally *
find_tally(struct report_lists *l, const char *id)
{
	for (size_t i = 0; i < l->tally_count; i++)
		if (strcmp(xml_node_value(l->tallies[i].node, "id"), id) == 0)
			return &l->tallies[i];
	return NULL;
}

static bool
has_list(const struct report_lists *l, const struct tally *t, const char *name)
{
	for (size_t i = t->first; i != 0; i = l->lists[i - 1].next)
		if (strcmp(l->lists[i - 1].name, name) == 0)
			return true;
	return false;
}

static const xmlNode *
find_cell(const struct tally *t, uint64_t place)
{
	const xmlNode *n = xml_node_child(t->node, "cell");

	while (n != NULL && --place > 0)
		n = xml_node_next(n->next, "cell");
	return n;
}

/* Of one cell all columns that the tally has. */
static int
read_name(struct list *list, const struct tally *t, struct err *e)
{
	size_t length = strspn(list->name, letters);
	const char *digits = list->name + length;
	const xmlNode *cell;
	uint64_t place;

	if (enc_number(digits, strlen(digits), TALLY_CELLS, &place, e) == -1)
		return err_set(e, ERR_FORMAT, "a list \"%s\"", list->name);
	if (place == 0)
		return 0;
	if ((cell = find_cell(t, place)) == NULL)
		return err_set(e, ERR_FORMAT, "no cell \"%s\"", list->name);
	for (size_t i = 0; i < TALLY_BY; i++) {
		char name[] = { letters[i], '\0' };
		const char *value = xml_node_value(cell, name);

		if (t->by[i] != -1 &&
		    (length == 0 || memchr(list->name, *name, length) != NULL))
			list->values[i] = value == NULL ? "" : value;
	}
	return 0;
}

static int
add_list(
    struct report_lists *l, struct tally *t, const char *name, struct err *e)
{
	size_t room = l->room == 0 ? 64 : 2 * l->room;
	struct list *more, *list;

	if (l->count == l->room) {
		more = realloc(l->lists, room * sizeof(*more));
		if (more == NULL)
			return err_set(e, ERR_MEMORY, "out of memory");
		l->lists = more;
		l->room = room;
	}
	list = &l->lists[l->count];
	memset(list, 0, sizeof(*list));
	if (strlen(name) >= sizeof(list->name))
		return err_set(e, ERR_FORMAT, "a list \"%.40s\"", name);
	(void)strcpy(list->name, name);
	if (read_name(list, t, e) == -1)
		return -1;
	list->pick.class = t->class;
	list->pick.limit = REPORT_LIST_ROWS;
	list->next = t->first;
	t->first = ++l->count;
	return 0;
}

static int
want(struct report_lists *l, xmlNode *link, struct err *e)
{
	const char *id = xml_node_value(link, "data-tally");
	const char *name = xml_node_value(link, "data-cell");
	struct tally *t;

	if (id == NULL || name == NULL || *name == '\0' ||
	    xmlHasProp(link, X("href")) == NULL)
		return 0;
	if ((t = find_tally(l, id)) == NULL)
		return err_set(e, ERR_FORMAT, "a figure of tally %s", id);
	if (has_list(l, t, name))
		return 0;
	if (l->count < LISTS)
		return add_list(l, t, name, e);
	return xmlUnsetProp(link, X("href"));
}

/* Next in document order; NULL behind the last. */
static xmlNode *
next_node(xmlNode *node)
{
	if (node->type == XML_ELEMENT_NODE && node->children != NULL)
		return node->children;
	while (node != NULL && node->next == NULL)
		node = node->parent != NULL &&
		        node->parent->type == XML_ELEMENT_NODE
		    ? node->parent
		    : NULL;
	return node == NULL ? NULL : node->next;
}

int
report_lists_want(struct report_lists *l, xmlDoc *page, struct err *e)
{
	for (xmlNode *n = xmlDocGetRootElement(page); n != NULL;
	     n = next_node(n))
		if (n->type == XML_ELEMENT_NODE &&
		    strcmp((const char *)n->name, "a") == 0 &&
		    want(l, n, e) == -1)
			return -1;
	return 0;
}

/* ---- Which rows are in them ---- */

static const char *
value_of(const struct pack_row *row, int column)
{
	const char *value = column == -1 ? NULL : row->values[column];

	return value == NULL ? "" : value;
}

static bool
counts(const struct tally *t, const struct pack_row *row)
{
	for (size_t i = 0; i < t->where_count; i++)
		if (strcmp(value_of(row, t->where[i]), t->values[i]) != 0)
			return false;
	return true;
}

static bool
agrees(
    const struct list *list, const struct tally *t, const struct pack_row *row)
{
	for (size_t i = 0; i < TALLY_BY; i++)
		if (list->values[i] != NULL &&
		    strcmp(value_of(row, t->by[i]), list->values[i]) != 0)
			return false;
	return true;
}

static int
keep_of(struct report_lists *l, const struct tally *t,
    const struct pack_row *row, struct err *e)
{
	for (size_t i = t->first; i != 0; i = l->lists[i - 1].next) {
		struct list *list = &l->lists[i - 1];

		if (agrees(list, t, row) &&
		    report_keep(l->rows, &list->pick, row, e) == -1)
			return -1;
	}
	return 0;
}

static int
keep(void *context, const struct pack_row *row, struct err *e)
{
	struct report_lists *l = context;

	report_rows_next(l->rows);
	for (size_t i = 0; i < l->tally_count; i++) {
		struct tally *t = &l->tallies[i];

		if (t->first != 0 && t->class == row->class && counts(t, row) &&
		    keep_of(l, t, row, e) == -1)
			return -1;
	}
	return 0;
}

static int
collect(struct report_lists *l, struct err *e)
{
	const struct pack_class *class;

	for (size_t i = 0; (class = pack_schema_at(l->pack->schema, i)) != NULL;
	     i++) {
		bool any = false;

		for (size_t j = 0; j < l->tally_count; j++)
			any = any ||
			    (l->tallies[j].first != 0 &&
			        l->tallies[j].class == class);
		if (any &&
		    report_pack_rows(l->pack, class->name, keep, l, e) == -1)
			return -1;
	}
	return 0;
}

/* ---- Their pages ---- */

struct writing {
	struct report_lists *lists;
	struct report_sheets *sheets;
	struct report_input *input;
	int out;
	const struct report_wanted *wanted;
};

static bool
set(xmlNode *node, const char *name, const char *value)
{
	return node != NULL && xmlNewProp(node, X(name), X(value)) != NULL;
}

static bool
set_number(xmlNode *node, const char *name, size_t value)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%zu", value);
	return set(node, name, text);
}

static bool
add_where(const struct writing *w, xmlNode *list, const struct tally *t,
    int column, const char *value)
{
	xmlNode *node = report_input_element(w->input, "where");

	if (!set(node, "column", t->class->columns[column].name) ||
	    !set(node, "value", value))
		return false;
	xmlUnlinkNode(node);
	return xmlAddChild(list, node) != NULL;
}

/* What its rows have in common: <list><where/></list>. */
static int
describe(struct writing *w, const struct tally *t, const struct list *list,
    size_t page, size_t pages, struct err *e)
{
	xmlNode *node = report_input_element(w->input, "list");
	bool done = set(node, "tally", xml_node_value(t->node, "id")) &&
	    set(node, "class", t->class->name) &&
	    set(node, "name", list->name) && set_number(node, "page", page) &&
	    set_number(node, "pages", pages) &&
	    set_number(node, "limit", REPORT_LIST_ROWS);

	for (size_t i = 0; done && i < t->where_count; i++)
		done = add_where(w, node, t, t->where[i], t->values[i]);
	for (size_t i = 0; done && i < TALLY_BY; i++)
		if (list->values[i] != NULL)
			done = add_where(w, node, t, t->by[i], list->values[i]);
	return done ? 0 : err_set(e, ERR_MEMORY, "out of memory");
}

static int
write_page(struct writing *w, const struct tally *t, const struct list *list,
    size_t page, struct err *e)
{
	char path[EVIDENCE_NAME_MAX + 256], suffix[24] = "";
	const char *languages[] = { w->wanted->en ? "en" : NULL,
		w->wanted->zh ? "zh_TW" : NULL };

	if (page > 1)
		(void)snprintf(suffix, sizeof(suffix), "-%zu", page);
	for (size_t i = 0; i < 2; i++) {
		xmlDoc *result = NULL;
		int written, below;

		if (languages[i] == NULL)
			continue;
		below = snprintf(path, sizeof(path), "%s/", languages[i]);
		(void)snprintf(path + below, sizeof(path) - (size_t)below,
		    "lists/%s/%s%s.html", xml_node_value(t->node, "id"),
		    list->name, suffix);
		if (report_go_on(w->wanted, e) == -1 ||
		    report_input_language(w->input, languages[i], path + below,
		        w->wanted, e) == -1 ||
		    report_sheet_apply(
		        w->sheets, "list", w->input->doc, &result, e) == -1)
			return -1;
		written = report_sheet_write(
		    w->sheets, "list", result, w->out, path, e);
		xmlFreeDoc(result);
		if (written == -1)
			return -1;
	}
	return 0;
}

static int
write_list(struct writing *w, const struct tally *t, const struct list *list,
    struct err *e)
{
	size_t pages =
	    (list->pick.count + REPORT_LIST_PAGE - 1) / REPORT_LIST_PAGE;

	for (size_t page = 1; page <= pages || page == 1; page++) {
		size_t first = (page - 1) * REPORT_LIST_PAGE;
		size_t count = list->pick.count - first;

		if (count > REPORT_LIST_PAGE)
			count = REPORT_LIST_PAGE;
		if (report_input_begin(w->input, "list", "../../", e) == -1 ||
		    describe(w, t, list, page, pages, e) == -1 ||
		    report_input_add(w->input, w->lists->rows, &list->pick,
		        first, count, e) == -1 ||
		    write_page(w, t, list, page, e) == -1)
			return -1;
	}
	return 0;
}

int
report_lists_write(struct report_lists *l, struct report_sheets *sheets,
    struct report_input *input, int out, const struct report_wanted *wanted,
    int64_t *written, struct err *e)
{
	struct writing w = { l, sheets, input, out, wanted };

	*written = 0;
	if (collect(l, e) == -1)
		return -1;
	for (size_t i = 0; i < l->tally_count; i++)
		for (size_t j = l->tallies[i].first; j != 0;
		     j = l->lists[j - 1].next) {
			if (write_list(
			        &w, &l->tallies[i], &l->lists[j - 1], e) == -1)
				return -1;
			wanted->progress(wanted->context, "lists", ++*written,
			    (int64_t)l->count);
		}
	return 0;
}
