/*
 * What the files password*.c share: one candidate, folded, and the questions
 * asked about it. Every question is answered in time that its bounds limit.
 */
#ifndef PAMOD_PASSWORD_INSIDE_H
#define PAMOD_PASSWORD_INSIDE_H

#include "pamod/password.h"

/*
 * A text as guessers see it: full-width forms made ASCII, letters A-Z made
 * small. Other bytes stand. The place of a byte is not that of the original.
 */
struct folded {
	size_t length; /* bytes, without the NUL */
	char text[PASSWORD_MAX + 1];
};

void password_fold(struct folded *, const char *text, size_t length);
/*
 * Digits and symbols that stand for letters, as letters: "p4$$" to "pass". one
 * is what '1' stands for, 'i' or 'l'.
 */
void password_unleet(struct folded *, char one);

/* Cuts the digits and symbols off both ends. */
void password_strip(struct folded *);

/* Code points of valid UTF-8. */
size_t password_characters(const char *text, size_t length);
/* Bits of enum password_class that are there. */
unsigned password_classes(const char *text, size_t length);

/* Whether one of the words in text (a name, a GECOS field) is in it. */
bool password_has_words_of(const struct folded *, const char *text);
/* Whether that very word is in it, forwards or backwards, leet or not. */
bool password_has_word(const struct folded *, const char *word);

/* Whether too little of it is new. */
bool password_is_similar(const struct folded *, const struct folded *old);

/* 1: it is one of the newest `count` in the history; 0; -1: damaged. */
int password_in_history(const struct state_user *, const char *candidate,
    int64_t count, struct err *);

#endif
