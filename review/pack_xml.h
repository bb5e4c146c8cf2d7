/*
 * A document of a pack, from anybody, as a stream of elements: libxml2's push
 * parser with handlers of our own, so that nothing is built in memory, a line's
 * number is right beyond 65535, and each element is judged before the next is
 * read. Where evidence.xsd is compiled in and given, the validator is fed from
 * the same handlers.
 *
 * markup.h refuses DOCTYPE, entities, comments and instructions before the
 * parser sees them. An element is in the one namespace, without a prefix; an
 * attribute is in none: so there is no xsi:schemaLocation to fetch, and no
 * xsi:type. XML_PARSE_NOENT, DTDLOAD, XINCLUDE and HUGE are never set, and
 * nothing of the process is changed.
 */
#ifndef REVIEW_PACK_XML_H
#define REVIEW_PACK_XML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "review/markup.h"
#include "schema/base/err.h"

#define PACK_XML_DEPTH     64u          /* elements, of any document */
#define PACK_XML_ATTRIBUTE (256u << 10) /* bytes of a value: 65536 characters */
#define PACK_XML_TEXT      (32u << 20)  /* bytes: 8388608 characters */

struct pack_xsd; /* schema/evidence.xsd */
int pack_xsd_new(struct pack_xsd **, struct err *);
void pack_xsd_free(struct pack_xsd **);

struct pack_attribute {
	const char *name, *value;
};

struct pack_element {
	const char *name;
	unsigned depth; /* 1: the root */
	int64_t line;   /* of its tag's end, from 1 */
	/* Until another element begins; none at the end of one with children.
	 */
	struct pack_attribute attributes[MARKUP_ATTRIBUTES];
	size_t count;
	const char *text; /* at its end, if it has no children; else "" */
	size_t text_length;
};
/* NULL: it has none of that name. */
const char *pack_element_get(const struct pack_element *, const char *name);

/* -1 stops, with *e set: it is then put behind "NAME, line 7: ". */
typedef int pack_element_fn(
    void *context, const struct pack_element *, struct err *);

struct pack_document {
	const char *name;  /* of the file, for texts */
	const char *space; /* namespace of all elements */
	unsigned depth;    /* at most */
	bool mixed; /* text beside elements is passed over, not refused */
	struct pack_xsd *xsd;         /* NULL: not validated */
	const unsigned char *sha256;  /* of all its bytes; NULL: unknown */
	pack_element_fn *begin, *end; /* either may be NULL */
	void *context;
};

/*
 * Reads fd from its beginning; it stays open. ERR_FORMAT with "NAME, line 7:
 * why"; ERR_TAMPERED if the bytes are not those of sha256.
 */
int pack_xml_read(int fd, const struct pack_document *, struct err *);
int pack_xml_parse(const void *bytes, size_t length,
    const struct pack_document *, struct err *);

#endif
