/*
 * Numbers that people in Taiwan know by heart, and so do those who know them:
 * identity and residence numbers, telephone numbers, dates of the Republic's
 * calendar and of the common one.
 */
#ifndef PAMOD_TAIWAN_H
#define PAMOD_TAIWAN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * An identity number (letter, sex, 8 digits), a residence certificate of
 * either form (letter or digit in the second place); the last digit checks.
 * text has 10 characters, the letters small.
 */
bool taiwan_is_identity(const char *text);

/* Whether such numbers are in the text (in small letters), and little else. */
bool taiwan_is_number(const char *text, size_t length);

#endif
