/*
 * Names that are a role's and not a person's: "test01", "共用帳號".
 */
#ifndef REVIEW_GENERIC_H
#define REVIEW_GENERIC_H

/*
 * The word of the lists that the name is, or NULL. A Latin word must be the
 * whole name, but for case, up to three figures at the end and what separates words; a
 * Chinese one may be part of it.
 */
const char *generic_word(const char *name);

#endif
