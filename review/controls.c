#include "review/controls.h"

#include <libxml/parser.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "review/embedded.h"
#include "review/xml_node.h"

#define HOUSE "house"

/* One <value> of a threshold. */
struct given {
	const char *profile;
	double value;
};

#define GIVEN_MAX 16u

struct number {
	struct threshold threshold;
	struct given given[GIVEN_MAX];
	size_t count;
};

struct controls {
	xmlDoc *document; /* all texts are in it */
	struct profile *profiles;
	size_t profile_count;
	struct requirement *requirements;
	size_t requirement_count;
	struct number *numbers;
	size_t number_count;
	struct control *controls;
	size_t control_count;
	struct gap *gaps;
	size_t gap_count;
};

static int
needed(const xmlNode *node, const char *name, const char **out, struct err *e)
{
	*out = xml_node_text(node, name);
	if (**out == '\0')
		return err_set(e, ERR_FORMAT, "line %ld: <%s> without %s",
		    xmlGetLineNo(node), (const char *)node->name, name);
	return 0;
}

static bool
is_one_of(const char *word, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

static int
read_requirement(const xmlNode *node, struct requirement *r, struct err *e)
{
	static const char *const ops[] = { "min", "max", "equals", "contains",
		"forbid", "unspecified", NULL };
	static const char *const marks[] = { "seen", "copy", "slide", "house",
		NULL };

	if (needed(node, "key", &r->key, e) == -1 ||
	    needed(node, "op", &r->op, e) == -1 ||
	    needed(node, "source", &r->source, e) == -1 ||
	    needed(node, "mark", &r->mark, e) == -1)
		return -1;
	r->value = xml_node_text(node, "value");
	r->clause = xml_node_text(node, "clause");
	r->applies = xml_node_text(node, "applies");
	r->when = xml_node_text(node, "when");
	if (!is_one_of(r->op, ops) || !is_one_of(r->mark, marks))
		return err_set(e, ERR_FORMAT, "line %ld: op %s, mark %s",
		    xmlGetLineNo(node), r->op, r->mark);
	return 0;
}

static int
read_profile(struct controls *c, const xmlNode *node, struct err *e)
{
	struct profile *p = &c->profiles[c->profile_count];
	const char *force;

	if (needed(node, "id", &p->id, e) == -1 ||
	    needed(node, "force", &force, e) == -1 ||
	    needed(node, "name", &p->name, e) == -1 ||
	    needed(node, "name-zh", &p->name_zh, e) == -1)
		return -1;
	p->mandatory = strcmp(force, "mandatory") == 0;
	p->requirements = c->requirements + c->requirement_count;
	for (const xmlNode *n = node->children; n != NULL; n = n->next) {
		if (n->type != XML_ELEMENT_NODE)
			continue;
		if (read_requirement(
		        n, &c->requirements[c->requirement_count], e) == -1)
			return -1;
		c->requirement_count++;
		p->count++;
	}
	c->profile_count++;
	return 0;
}

static int
read_value(struct number *number, const xmlNode *node, struct err *e)
{
	struct given *g = &number->given[number->count];
	const char *text = "";
	char *end;

	if (node->children != NULL && node->children->content != NULL)
		text = (const char *)node->children->content;
	g->value = strtod(text, &end);
	if (end == text || *end != '\0' || number->count == GIVEN_MAX - 1)
		return err_set(e, ERR_FORMAT, "line %ld: not a number: %s",
		    xmlGetLineNo(node), text);
	if (needed(node, "profile", &g->profile, e) == -1)
		return -1;
	number->count++;
	return 0;
}

static int
read_threshold(struct controls *c, const xmlNode *node, struct err *e)
{
	struct number *number = &c->numbers[c->number_count];
	struct threshold *t = &number->threshold;
	const char *stricter;
	bool house = false;

	if (needed(node, "name", &t->name, e) == -1 ||
	    needed(node, "unit", &t->unit, e) == -1 ||
	    needed(node, "note", &t->note, e) == -1 ||
	    needed(node, "note-zh", &t->note_zh, e) == -1 ||
	    needed(node, "stricter", &stricter, e) == -1)
		return -1;
	t->less_is_stricter = strcmp(stricter, "less") == 0;
	for (const xmlNode *n = node->children; n != NULL; n = n->next)
		if (n->type == XML_ELEMENT_NODE &&
		    read_value(number, n, e) == -1)
			return -1;
	for (size_t i = 0; i < number->count; i++)
		house |= strcmp(number->given[i].profile, HOUSE) == 0;
	if (!house)
		return err_set(e, ERR_FORMAT,
		    "threshold %s has no value of the house", t->name);
	c->number_count++;
	return 0;
}

static int
read_control(struct controls *c, const xmlNode *node, struct err *e)
{
	struct control *control = &c->controls[c->control_count];

	if (needed(node, "id", &control->id, e) == -1 ||
	    needed(node, "title", &control->title, e) == -1 ||
	    needed(node, "title-zh", &control->title_zh, e) == -1 ||
	    needed(node, "requirement", &control->requirement, e) == -1 ||
	    needed(node, "requirement-zh", &control->requirement_zh, e) == -1 ||
	    needed(node, "nist", &control->nist, e) == -1 ||
	    needed(node, "records", &control->records, e) == -1)
		return -1;
	control->requires = xml_node_text(node, "requires");
	control->shown = xml_node_text(node, "shown");
	c->control_count++;
	return 0;
}

static int
read_gap(struct controls *c, const xmlNode *node, struct err *e)
{
	struct gap *gap = &c->gaps[c->gap_count];

	if (needed(node, "id", &gap->id, e) == -1 ||
	    needed(node, "text", &gap->text, e) == -1 ||
	    needed(node, "text-zh", &gap->text_zh, e) == -1)
		return -1;
	c->gap_count++;
	return 0;
}

static const struct {
	const char *name;
	int (*read)(struct controls *, const xmlNode *, struct err *);
} elements[] = {
	{ "profile", read_profile },
	{ "threshold", read_threshold },
	{ "control", read_control },
	{ "gap", read_gap },
};

static int
read_element(struct controls *c, const xmlNode *node, struct err *e)
{
	const char *name = (const char *)node->name;

	for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++)
		if (strcmp(elements[i].name, name) == 0)
			return elements[i].read(c, node, e);
	return err_set(
	    e, ERR_FORMAT, "line %ld: <%s>", xmlGetLineNo(node), name);
}

static int
make_room(struct controls *c, const xmlNode *root, struct err *e)
{
	size_t requirements = 0;

	for (const xmlNode *n = root->children; n != NULL; n = n->next)
		requirements += xml_node_count(n, "require");
	c->profiles =
	    calloc(xml_node_count(root, "profile") + 1, sizeof(*c->profiles));
	c->requirements = calloc(requirements + 1, sizeof(*c->requirements));
	c->numbers =
	    calloc(xml_node_count(root, "threshold") + 1, sizeof(*c->numbers));
	c->controls =
	    calloc(xml_node_count(root, "control") + 1, sizeof(*c->controls));
	c->gaps = calloc(xml_node_count(root, "gap") + 1, sizeof(*c->gaps));
	if (c->profiles == NULL || c->requirements == NULL ||
	    c->numbers == NULL || c->controls == NULL || c->gaps == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	return 0;
}

static int
parse(struct controls *c, const char *xml, size_t length, struct err *e)
{
	const xmlNode *root;

	if (length > INT_MAX)
		return err_set(e, ERR_LIMIT, "too long");
	c->document = xmlReadMemory(xml, (int)length, "controls.xml", NULL,
	    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	root = c->document == NULL ? NULL : xmlDocGetRootElement(c->document);
	if (root == NULL || strcmp((const char *)root->name, "controls") != 0)
		return err_set(e, ERR_FORMAT, "not <controls>");
	if (make_room(c, root, e) == -1)
		return -1;
	for (const xmlNode *n = root->children; n != NULL; n = n->next)
		if (n->type == XML_ELEMENT_NODE && read_element(c, n, e) == -1)
			return -1;
	return 0;
}

int
controls_parse(
    struct controls **out, const char *xml, size_t length, struct err *e)
{
	struct controls *c = calloc(1, sizeof(*c));

	*out = NULL;
	if (c == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (parse(c, xml, length, e) == -1) {
		controls_free(&c);
		return err_in(e, "schema/controls.xml");
	}
	*out = c;
	return 0;
}

int
controls_load(struct controls **out, struct err *e)
{
	const char *text = embedded_text("schema/controls.xml");

	*out = NULL;
	if (text == NULL)
		return err_set(e, ERR_MISSING, "schema/controls.xml");
	return controls_parse(out, text, strlen(text), e);
}

void
controls_free(struct controls **controls)
{
	struct controls *c = *controls;

	if (c == NULL)
		return;
	free(c->profiles);
	free(c->requirements);
	free(c->numbers);
	free(c->controls);
	free(c->gaps);
	if (c->document != NULL)
		xmlFreeDoc(c->document);
	free(c);
	*controls = NULL;
}

size_t
controls_profile_count(const struct controls *c)
{
	return c->profile_count;
}

const struct profile *
controls_profile_at(const struct controls *c, size_t i)
{
	return &c->profiles[i];
}

const struct profile *
controls_profile(const struct controls *c, const char *id)
{
	for (size_t i = 0; i < c->profile_count; i++)
		if (strcmp(c->profiles[i].id, id) == 0)
			return &c->profiles[i];
	return NULL;
}

size_t
controls_threshold_count(const struct controls *c)
{
	return c->number_count;
}

const struct threshold *
controls_threshold_at(const struct controls *c, size_t i)
{
	return &c->numbers[i].threshold;
}

bool
controls_has_threshold(const struct controls *c, const char *name)
{
	for (size_t i = 0; i < c->number_count; i++)
		if (strcmp(c->numbers[i].threshold.name, name) == 0)
			return true;
	return false;
}

size_t
controls_control_count(const struct controls *c)
{
	return c->control_count;
}

const struct control *
controls_control_at(const struct controls *c, size_t i)
{
	return &c->controls[i];
}

const struct gap *
controls_gap(const struct controls *c, const char *id)
{
	for (size_t i = 0; i < c->gap_count; i++)
		if (strcmp(c->gaps[i].id, id) == 0)
			return &c->gaps[i];
	return NULL;
}

const struct control *
controls_control(const struct controls *c, const char *id)
{
	for (size_t i = 0; i < c->control_count; i++)
		if (strcmp(c->controls[i].id, id) == 0)
			return &c->controls[i];
	return NULL;
}

static int
no_such_profile(const struct controls *c, const char *name, struct err *e)
{
	char known[200] = "";

	for (size_t i = 0; i < c->profile_count; i++) {
		size_t used = strlen(known);

		(void)snprintf(known + used, sizeof(known) - used, "%s%s",
		    i == 0 ? "" : ", ", c->profiles[i].id);
	}
	return err_set(
	    e, ERR_USAGE, "no profile %s; there are %s", name, known);
}

int
controls_enforce(const struct controls *c, const char *names,
    struct enforced *out, struct err *e)
{
	char name[64];

	out->count = 0;
	for (const char *p = names; *p != '\0';) {
		size_t length = strcspn(p, ",");

		(void)snprintf(name, sizeof(name), "%.*s",
		    length < sizeof(name) ? (int)length : 0, p);
		if (out->count == CONTROLS_PROFILES_MAX)
			return err_set(e, ERR_USAGE, "too many profiles");
		out->profiles[out->count] = controls_profile(c, name);
		if (out->profiles[out->count] == NULL)
			return no_such_profile(c, name, e);
		out->count++;
		p += length;
		p += *p == ',';
	}
	if (out->count == 0)
		return no_such_profile(c, "\"\"", e);
	return 0;
}

static const struct given *
given_by(const struct number *number, const char *profile)
{
	for (size_t i = 0; i < number->count; i++)
		if (strcmp(number->given[i].profile, profile) == 0)
			return &number->given[i];
	return NULL;
}

double
controls_value(const struct controls *c, const struct enforced *enforced,
    size_t threshold, const char **from)
{
	const struct number *number = &c->numbers[threshold];
	bool less = number->threshold.less_is_stricter;
	const struct given *best = NULL;

	for (size_t i = 0; i < enforced->count; i++) {
		const struct given *g =
		    given_by(number, enforced->profiles[i]->id);

		if (g != NULL &&
		    (best == NULL ||
		        (less ? g->value < best->value
		              : g->value > best->value)))
			best = g;
	}
	if (best == NULL)
		best = given_by(number, HOUSE);
	if (from != NULL)
		*from = best->profile;
	return best->value;
}

static bool
forbids(const struct requirement *r)
{
	return strcmp(r->op, "forbid") == 0;
}

static bool
wants(const struct requirement *r)
{
	return !forbids(r) && strcmp(r->op, "unspecified") != 0;
}

/* The n-th requirement over all enforced profiles, or NULL. */
static const struct requirement *
nth(const struct enforced *enforced, size_t n, const struct profile **profile)
{
	for (size_t i = 0; i < enforced->count; i++) {
		*profile = enforced->profiles[i];
		if (n < (*profile)->count)
			return &(*profile)->requirements[n];
		n -= (*profile)->count;
	}
	return NULL;
}

static size_t
total(const struct enforced *enforced)
{
	size_t n = 0;

	for (size_t i = 0; i < enforced->count; i++)
		n += enforced->profiles[i]->count;
	return n;
}

bool
controls_conflict(
    const struct enforced *enforced, size_t *at, struct conflict *out)
{
	size_t n = total(enforced);

	for (; *at < n * n; ++*at) {
		out->wants = nth(enforced, *at / n, &out->first);
		out->forbids = nth(enforced, *at % n, &out->second);
		if (wants(out->wants) && forbids(out->forbids) &&
		    out->first != out->second &&
		    strcmp(out->wants->key, out->forbids->key) == 0) {
			++*at;
			return true;
		}
	}
	return false;
}
