#include <libxml/parser.h>
#include <string.h>

#include "review/embedded.h"
#include "review/report_internal.h"
#include "review/xml_node.h"

#define X(text) ((const xmlChar *)(text))

static xmlNode *
add(const struct report_input *in, xmlNode *parent, const char *name)
{
	xmlNode *node = xmlNewDocNode(in->doc, in->ns, X(name), NULL);

	return node == NULL ? NULL : xmlAddChild(parent, node);
}

static bool
set(xmlNode *node, const char *name, const char *value)
{
	return node != NULL && xmlNewProp(node, X(name), X(value)) != NULL;
}

static bool
put_text(const struct report_input *in, xmlNode *node, const char *text)
{
	xmlNode *child = xmlNewDocText(in->doc, X(text));

	return child != NULL && xmlAddChild(node, child) != NULL;
}

/* ---- What all pages have ---- */

static bool
add_copy(const struct report_input *in, const xmlDoc *document, bool deep)
{
	xmlNode *copy = xmlDocCopyNode(xmlDocGetRootElement(document), in->doc,
	    deep ? 1 : 2 /* attributes and namespaces alone */);

	return copy != NULL && xmlAddChild(in->root, copy) != NULL;
}

/* The manifest without its files, of which there may be thousands. */
static bool
add_manifest(const struct report_input *in, const xmlDoc *document)
{
	const xmlNode *state =
	    xml_node_child(xmlDocGetRootElement(document), "state");
	xmlNode *copy;

	if (!add_copy(in, document, false))
		return false;
	if (state == NULL)
		return true;
	copy = xmlDocCopyNode((xmlNode *)(uintptr_t)state, in->doc, 1);
	return copy != NULL && xmlAddChild(in->root->last, copy) != NULL;
}

static bool
add_class(const struct report_input *in, xmlNode *classes,
    const struct pack_class *class)
{
	xmlNode *node = add(in, classes, "class");

	if (!set(node, "name", class->name) ||
	    !set(node, "title", class->title) ||
	    !set(node, "titleZh", class->title_zh) ||
	    !set(node, "what", class->what))
		return false;
	for (size_t i = 0; i < class->count; i++) {
		const struct pack_column *c = &class->columns[i];
		xmlNode *column = add(in, node, "column");

		if (!set(column, "name", c->name) ||
		    !set(column, "type", c->type) ||
		    !set(column, "title", c->title) ||
		    !set(column, "titleZh", c->title_zh))
			return false;
	}
	return true;
}

static bool
add_classes(const struct report_input *in, const struct pack_schema *schema)
{
	xmlNode *classes = add(in, in->root, "classes");
	const struct pack_class *class;

	if (classes == NULL)
		return false;
	for (size_t i = 0; (class = pack_schema_at(schema, i)) != NULL; i++)
		if (!add_class(in, classes, class))
			return false;
	return true;
}

static bool
add_words_of(const struct report_input *in, xmlNode *words, const char *text)
{
	xmlDoc *document = xmlReadMemory(text, (int)strlen(text), NULL, NULL,
	    XML_PARSE_NONET | XML_PARSE_NOBLANKS);
	xmlNode *copy = NULL;

	if (document == NULL)
		return false;
	for (xmlNode *n = xmlDocGetRootElement(document)->children; n != NULL;
	     n = n->next) {
		if (n->type != XML_ELEMENT_NODE)
			continue;
		copy = xmlDocCopyNode(n, in->doc, 1);
		if (copy == NULL || xmlAddChild(words, copy) == NULL)
			break;
	}
	xmlFreeDoc(document);
	return copy != NULL;
}

/* Each reports/words*.xml. */
static bool
add_words(const struct report_input *in)
{
	static const char prefix[] = "reports/words";
	xmlNode *words = add(in, in->root, "words");

	if (words == NULL)
		return false;
	for (const struct embedded *f = embedded_files; f->name != NULL; f++)
		if (strncmp(f->name, prefix, sizeof(prefix) - 1) == 0 &&
		    !add_words_of(in, words, f->text))
			return false;
	return true;
}

static bool
add_style(const struct report_input *in)
{
	const char *text = embedded_text("reports/style.css");
	xmlNode *style = add(in, in->root, "style");

	return style != NULL && text != NULL && put_text(in, style, text);
}

static bool
add_all(const struct report_input *in, const struct report_pack *pack,
    const char *banner, bool whole)
{
	return set(in->root, "digest", pack->digest) &&
	    set(in->root, "banner", banner) &&
	    (whole ? add_copy(in, pack->manifest_xml, true)
	           : add_manifest(in, pack->manifest_xml)) &&
	    (!whole || add_copy(in, pack->summary_xml, true)) &&
	    add_style(in) && add_words(in) && add(in, in->root, "pages") &&
	    add_classes(in, pack->schema);
}

int
report_input_new(struct report_input *in, const struct report_pack *pack,
    const char *banner, bool whole, struct err *e)
{
	memset(in, 0, sizeof(*in));
	in->doc = xmlNewDoc(X("1.0"));
	if (in->doc != NULL)
		in->doc->dict = xmlDictCreate(); /* names are kept once */
	if (in->doc != NULL && in->doc->dict != NULL)
		in->root = xmlNewDocNode(in->doc, NULL, X("input"), NULL);
	if (in->root != NULL) {
		(void)xmlDocSetRootElement(in->doc, in->root);
		in->ns = xmlNewNs(in->root, X(EVIDENCE_NAMESPACE), NULL);
		xmlSetNs(in->root, in->ns);
	}
	if (in->ns != NULL && add_all(in, pack, banner, whole))
		return 0;
	report_input_free(in);
	return err_set(e, ERR_MEMORY, "out of memory");
}

void
report_input_free(struct report_input *in)
{
	xmlFreeDoc(in->doc);
	memset(in, 0, sizeof(*in));
}

/* ---- What one page has ---- */

static bool
is_named(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE &&
	    strcmp((const char *)node->name, name) == 0;
}

int
report_input_set(
    struct report_input *in, const char *name, const char *value, struct err *e)
{
	return xmlSetProp(in->root, X(name), X(value)) != NULL
	    ? 0
	    : err_set(e, ERR_MEMORY, "out of memory");
}

int
report_input_begin(
    struct report_input *in, const char *page, const char *root, struct err *e)
{
	for (xmlNode *n = in->root->children, *next; n != NULL; n = next) {
		next = n->next;
		if (!is_named(n, "rows") && !is_named(n, "list"))
			continue;
		xmlUnlinkNode(n);
		xmlFreeNode(n);
	}
	return report_input_set(in, "page", page, e) == -1
	    ? -1
	    : report_input_set(in, "root", root, e);
}

int
report_input_add_page(struct report_input *in, const char *name, struct err *e)
{
	xmlNode *pages = in->root->children;

	while (pages != NULL && !is_named(pages, "pages"))
		pages = pages->next;
	if (pages != NULL && set(add(in, pages, "page"), "name", name))
		return 0;
	return err_set(e, ERR_MEMORY, "out of memory");
}

int
report_input_language(struct report_input *in, const char *language,
    const char *path, const struct report_wanted *w, struct err *e)
{
	bool en = strcmp(language, "en") == 0;
	const char *other = en ? "zh_TW" : "en";

	if (report_input_set(in, "lang", en ? "en" : "zh", e) == -1 ||
	    report_input_set(in, "path", path, e) == -1)
		return -1;
	return report_input_set(in, "other", w->en && w->zh ? other : "", e);
}

xmlNode *
report_input_element(struct report_input *in, const char *name)
{
	return add(in, in->root, name);
}

static bool
add_row(
    const struct report_input *in, xmlNode *rows, const struct pack_row *row)
{
	xmlNode *node = add(in, rows, row->class->name);
	size_t count = row->class->count;

	if (node == NULL)
		return false;
	if (row->class->has_body) {
		const char *body = row->values[--count];

		if (body != NULL && *body != '\0' && !put_text(in, node, body))
			return false;
	}
	for (size_t i = 0; i < count; i++)
		if (row->values[i] != NULL &&
		    !set(node, row->class->columns[i].name, row->values[i]))
			return false;
	return true;
}

/* Of the columns, whether a row has something in it. */
static void
note_columns(bool *has, const struct pack_row *row)
{
	for (size_t i = 0; i < row->class->count; i++)
		has[i] = has[i] ||
		    (row->values[i] != NULL && *row->values[i] != '\0');
}

static bool
set_columns(xmlNode *rows, const struct pack_class *class, const bool *has)
{
	struct buf names = buf_new(PACK_COLUMNS * EVIDENCE_NAME_MAX);
	bool done;

	for (size_t i = 0; i < class->count; i++)
		if (has[i])
			buf_printf(&names, "%s ", class->columns[i].name);
	done = names.failed == ERR_NONE && set(rows, "has", buf_string(&names));
	buf_free(&names);
	return done;
}

int
report_input_add(struct report_input *in, struct report_rows *rows,
    const struct report_pick *pick, size_t first, size_t count, struct err *e)
{
	xmlNode *node = add(in, in->root, "rows");
	bool has[PACK_COLUMNS] = { false };
	char total[24], shown[24];

	(void)snprintf(total, sizeof(total), "%lld", (long long)pick->total);
	(void)snprintf(shown, sizeof(shown), "%zu", count);
	if (!set(node, "class", pick->class->name) ||
	    (pick->of != NULL && !set(node, "of", pick->of)) ||
	    !set(node, "total", total) || !set(node, "shown", shown))
		return err_set(e, ERR_MEMORY, "out of memory");
	for (size_t i = first; i < first + count; i++) {
		struct pack_row row;

		if (report_kept(rows, pick, i, &row, e) == -1)
			return -1;
		if (!add_row(in, node, &row))
			return err_set(e, ERR_MEMORY, "out of memory");
		note_columns(has, &row);
	}
	return set_columns(node, pick->class, has)
	    ? 0
	    : err_set(e, ERR_MEMORY, "out of memory");
}
