/*
 * Employee numbers as people write them: "e1" is personnel data's "E1".
 * Whoever is asked, enrolled or named is kept as personnel data spells them,
 * so that no other spelling makes a second person of one.
 */
#ifndef REVIEW_EMPLOYEE_H
#define REVIEW_EMPLOYEE_H

#include <stdbool.h>

#include "review/store.h"

#define EMPLOYEE_SIZE 64u /* bytes of a number, with its NUL */

/* Whether two numbers mean one person; of "" nobody's. */
bool employee_same(const char *number, const char *other);

/* As personnel data spells it, if it has it in any spelling; else as given. */
int employee_find(
    struct store *, const char *given, char out[EMPLOYEE_SIZE], struct err *);

#endif
