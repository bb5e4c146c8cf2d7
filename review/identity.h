/*
 * National identity numbers of Taiwan, and the residence numbers of the same
 * form: a letter, a digit (1 or 2, 8 or 9), seven digits and one that checks.
 * They are never stored; this tells a column of them.
 */
#ifndef REVIEW_IDENTITY_H
#define REVIEW_IDENTITY_H

#include <stdbool.h>

bool identity_is(const char *text);

#endif
