/*
 * Chinese as it is spelt in Latin letters, in mainland China (Hanyu Pinyin)
 * and on passports of Taiwan (Wade-Giles without its marks): names above all.
 */
#ifndef PAMOD_PINYIN_H
#define PAMOD_PINYIN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * How many letters at the front of text (small letters) may be a syllable, as
 * bits: bit n is set if n letters may. n is 1 to 6.
 */
unsigned pinyin_syllables(const char *text, size_t length);

/* The same for a surname that is common in Taiwan. */
unsigned pinyin_surnames(const char *text, size_t length);

#endif
