#include "review/pack_schema.h"

#include <libxml/parser.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "review/embedded.h"
#include "review/pack_value.h"
#include "review/xml_node.h"
#include "schema/base/enc.h"

#define SCHEMA "schema/evidence.xsd"

struct pack_schema {
	xmlDoc *document; /* all texts are in it */
	struct pack_type *types;
	struct pack_class *classes;
	size_t type_count, class_count;
};

static const char *
without_prefix(const char *name)
{
	const char *colon = strchr(name, ':');

	return colon == NULL ? name : colon + 1;
}

/* The documentation of a node in a language; "" if there is none. */
static const char *
documentation(const xmlNode *node, const char *language)
{
	const xmlNode *d =
	    xml_node_child(xml_node_child(node, "annotation"), "documentation");

	for (; d != NULL; d = xml_node_next(d->next, "documentation"))
		if (strcmp(xml_node_text(d, "lang"), language) == 0 &&
		    d->children != NULL)
			return (const char *)d->children->content;
	return "";
}

/* ---- Types ---- */

static int
read_type(struct pack_schema *s, const xmlNode *node, struct err *e)
{
	struct pack_type *type = &s->types[s->type_count++];
	const xmlNode *restriction = xml_node_child(node, "restriction");
	const xmlNode *length = xml_node_child(restriction, "maxLength");
	const xmlNode *word = xml_node_child(restriction, "enumeration");
	size_t count = 0;
	uint64_t max = 0;

	type->name = xml_node_text(node, "name");
	type->form = pack_form(type->name);
	if (length != NULL &&
	    enc_number(xml_node_text(length, "value"),
	        strlen(xml_node_text(length, "value")), INT_MAX, &max, e) == -1)
		return err_in(e, "%s", type->name);
	type->max = (size_t)max;
	for (; word != NULL; word = xml_node_next(word->next, "enumeration")) {
		if (count == PACK_WORDS)
			return 0; /* the type "class" */
		type->words[count++] = xml_node_text(word, "value");
	}
	return 0;
}

static const struct pack_type *
find_type(const struct pack_schema *s, const char *name)
{
	for (size_t i = 0; i < s->type_count; i++)
		if (strcmp(s->types[i].name, name) == 0)
			return &s->types[i];
	return NULL;
}

/* ---- Classes ---- */

/* node has the annotation; type is the name of its type, with a prefix. */
static int
add_column(const struct pack_schema *s, struct pack_class *c,
    const xmlNode *node, const char *name, const char *type, struct err *e)
{
	struct pack_column *column = &c->columns[c->count];

	if (c->count == PACK_COLUMNS)
		return err_set(e, ERR_LIMIT, "%s: too many columns", c->name);
	c->count++;
	column->name = name;
	column->type = without_prefix(type);
	column->as = find_type(s, column->type);
	column->title = documentation(node, "en");
	column->title_zh = documentation(node, "zh-TW");
	column->required = strcmp(xml_node_text(node, "use"), "required") == 0;
	if (column->as == NULL || *column->title == '\0' ||
	    *column->title_zh == '\0')
		return err_set(e, ERR_FORMAT,
		    "%s: column \"%s\" without type or titles", c->name, name);
	return 0;
}

static int
read_class(struct pack_schema *s, const xmlNode *node, struct err *e)
{
	struct pack_class *c = &s->classes[s->class_count++];
	const xmlNode *type = xml_node_child(node, "complexType");
	const xmlNode *content =
	    xml_node_child(xml_node_child(type, "simpleContent"), "extension");
	const xmlNode *a =
	    xml_node_child(content == NULL ? type : content, "attribute");

	c->name = xml_node_text(node, "name");
	c->title = documentation(node, "en");
	c->title_zh = documentation(node, "zh-TW");
	c->what = documentation(node, "");
	c->has_body = content != NULL;
	if (*c->title == '\0' || *c->title_zh == '\0' || *c->what == '\0')
		return err_set(e, ERR_FORMAT, "%s: not documented", c->name);
	for (; a != NULL; a = xml_node_next(a->next, "attribute"))
		if (add_column(s, c, a, xml_node_text(a, "name"),
		        xml_node_text(a, "type"), e) == -1)
			return -1;
	return content == NULL
	    ? 0
	    : add_column(s, c, content, "", xml_node_text(content, "base"), e);
}

/* The names of classes are the values of the type "class". */
static const xmlNode *
class_names(const xmlNode *root)
{
	const xmlNode *type = xml_node_child(root, "simpleType");

	while (
	    type != NULL && strcmp(xml_node_text(type, "name"), "class") != 0)
		type = xml_node_next(type->next, "simpleType");
	return xml_node_child(type, "restriction");
}

static bool
is_class(const xmlNode *names, const char *name)
{
	const xmlNode *n = xml_node_child(names, "enumeration");

	for (; n != NULL; n = xml_node_next(n->next, "enumeration"))
		if (strcmp(xml_node_text(n, "value"), name) == 0)
			return true;
	return false;
}

static int
read_all(struct pack_schema *s, const xmlNode *root, struct err *e)
{
	const xmlNode *names = class_names(root);
	const xmlNode *n;

	s->types =
	    calloc(xml_node_count(root, "simpleType") + 1, sizeof(*s->types));
	s->classes = calloc(
	    xml_node_count(names, "enumeration") + 1, sizeof(*s->classes));
	if (s->types == NULL || s->classes == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (n = xml_node_child(root, "simpleType"); n != NULL;
	     n = xml_node_next(n->next, "simpleType"))
		if (read_type(s, n, e) == -1)
			return -1;
	/* The one of XML Schema's own that columns have. */
	s->types[s->type_count++] =
	    (struct pack_type){ .name = "long", .form = pack_form("long") };
	for (n = xml_node_child(root, "element"); n != NULL;
	     n = xml_node_next(n->next, "element"))
		if (is_class(names, xml_node_text(n, "name")) &&
		    read_class(s, n, e) == -1)
			return -1;
	if (s->class_count == 0 ||
	    s->class_count != xml_node_count(names, "enumeration"))
		return err_set(e, ERR_FORMAT, "classes without an element");
	return 0;
}

int
pack_schema_load(struct pack_schema **out, struct err *e)
{
	const char *text = embedded_text(SCHEMA);
	struct pack_schema *s = calloc(1, sizeof(*s));
	const xmlNode *root;

	*out = NULL;
	if (s == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (text != NULL)
		s->document = xmlReadMemory(text, (int)strlen(text), SCHEMA,
		    NULL,
		    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	root = s->document == NULL ? NULL : xmlDocGetRootElement(s->document);
	if (root == NULL)
		err_set(e, ERR_FORMAT, "not XML");
	if (root == NULL || read_all(s, root, e) == -1) {
		pack_schema_free(&s);
		return err_in(e, SCHEMA);
	}
	*out = s;
	return 0;
}

void
pack_schema_free(struct pack_schema **schema)
{
	struct pack_schema *s = *schema;

	if (s == NULL)
		return;
	if (s->document != NULL)
		xmlFreeDoc(s->document);
	free(s->types);
	free(s->classes);
	free(s);
	*schema = NULL;
}

const struct pack_class *
pack_schema_at(const struct pack_schema *s, size_t i)
{
	return i < s->class_count ? &s->classes[i] : NULL;
}

const struct pack_class *
pack_schema_find(const struct pack_schema *s, const char *name)
{
	for (size_t i = 0; i < s->class_count; i++)
		if (strcmp(s->classes[i].name, name) == 0)
			return &s->classes[i];
	return NULL;
}

int
pack_column_find(const struct pack_class *c, const char *name)
{
	for (size_t i = 0; i < c->count; i++)
		if (strcmp(c->columns[i].name, name) == 0)
			return (int)i;
	return -1;
}
