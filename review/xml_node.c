#include "review/xml_node.h"

#include <string.h>

const xmlNode *
xml_node_next(const xmlNode *node, const char *name)
{
	while (node != NULL &&
	    (node->type != XML_ELEMENT_NODE ||
	        strcmp((const char *)node->name, name) != 0))
		node = node->next;
	return node;
}

const xmlNode *
xml_node_child(const xmlNode *parent, const char *name)
{
	return parent == NULL ? NULL : xml_node_next(parent->children, name);
}

size_t
xml_node_count(const xmlNode *parent, const char *name)
{
	size_t n = 0;

	for (const xmlNode *c = xml_node_child(parent, name); c != NULL;
	     c = xml_node_next(c->next, name))
		n++;
	return n;
}

const char *
xml_node_value(const xmlNode *node, const char *name)
{
	const xmlAttr *a = xmlHasProp(node, (const xmlChar *)name);

	if (a == NULL)
		return NULL;
	if (a->children == NULL || a->children->content == NULL)
		return "";
	return (const char *)a->children->content;
}

const char *
xml_node_text(const xmlNode *node, const char *name)
{
	const char *value = xml_node_value(node, name);

	return value == NULL ? "" : value;
}
