/*
 * Texts as XML 1.0 has them. What it can't carry (section 2.2: most control
 * characters, U+FFFE, U+FFFF) and what is no UTF-8 becomes U+FFFD.
 */
#ifndef REVIEW_XML_TEXT_H
#define REVIEW_XML_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "schema/base/buf.h"

/* How many bytes at the start stand for themselves, also in an attribute. */
size_t xml_plain(const char *text, size_t length);
/*
 * The text between tags or in quotes, escaped so that a reader gets what
 * xml_put_clean writes: also tabs, line feeds, and carriage returns.
 */
void xml_put(struct buf *, const char *text, size_t length);
void xml_put_clean(struct buf *, const char *text, size_t length);
/* Whether that is the text itself. */
bool xml_is_clean(const char *text, size_t length);
/* ' name="value"'; nothing of NULL. */
void xml_put_attribute(struct buf *, const char *name, const char *value);

#endif
