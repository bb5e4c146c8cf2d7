/*
 * The words that findings and verdicts are told with, for people.
 */
#ifndef REVIEW_RULE_WORDS_H
#define REVIEW_RULE_WORDS_H

#include <stdbool.h>

#include "review/rule.h"

/* "medium", "unknown", "possible", "partly", "not-recorded": in the language
 * of the locale; a word that is not one of ours, itself. */
const char *rule_word(const char *word);
/* The same in English or Chinese, whatever the locale: for files in both. */
const char *rule_word_in(const char *word, bool zh);

#endif
