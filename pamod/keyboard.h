/*
 * Keys next to each other on a US keyboard, and letters next to each other in
 * the alphabet: "qwer", "1qaz2wsx", "qawsed", "abcdef", "aaaa".
 */
#ifndef PAMOD_KEYBOARD_H
#define PAMOD_KEYBOARD_H

#include <stdbool.h>
#include <stddef.h>

/* Whether b is on a's key, with or without shift, or on one that touches it. */
bool keyboard_touches(char a, char b);

/* How many of the characters (at most 512) are part of a walk of 4 or more. */
size_t keyboard_walked(const char *text, size_t length);

/* Whether walks are most of it and little else is left. */
bool keyboard_is_walk(const char *text, size_t length);

#endif
