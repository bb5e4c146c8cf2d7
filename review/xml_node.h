/* What is read of a tree of libxml2's. Texts belong to the tree. */
#ifndef REVIEW_XML_NODE_H
#define REVIEW_XML_NODE_H

#include <libxml/tree.h>
#include <stddef.h>

/* The first element of that name at node or behind it among its siblings;
 * NULL if there is none. */
const xmlNode *xml_node_next(const xmlNode *node, const char *name);

/* The first child of that name; NULL if there is none or no parent. */
const xmlNode *xml_node_child(const xmlNode *parent, const char *name);

/* How many children have that name. */
size_t xml_node_count(const xmlNode *parent, const char *name);

/* An attribute's value; NULL if the element has none of that name. */
const char *xml_node_value(const xmlNode *node, const char *name);

/* The same; "" if there is none. */
const char *xml_node_text(const xmlNode *node, const char *name);

#endif
