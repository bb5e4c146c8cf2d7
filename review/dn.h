/*
 * Distinguished names, brought to one spelling so that two of them can be
 * compared (RFC 4514; caseIgnoreMatch of RFC 4517 section 4.2.11 in so far as
 * ASCII goes): types and values in lower case, escapes undone, blanks around
 * values gone and within them single, the parts of a multi-valued RDN sorted.
 */
#ifndef REVIEW_DN_H
#define REVIEW_DN_H

#include <stddef.h>

/* Room that is always enough for a DN of so many bytes. */
#define DN_ROOM(length) (2 * (length) + 2)

/*
 * Writes bytes that are the same for the same name and for no other (not for
 * people: separators are control characters) and returns how many; 0 if the
 * text is no DN, is empty, or room is less than DN_ROOM(length).
 */
size_t dn_normal(const char *dn, size_t length, char *out, size_t room);

#endif
