/*
 * Chinese typed on a Zhuyin (bopomofo) keyboard while the Latin letters were
 * on: "ji32k7au4a83" is what comes of typing "my password". The layout is
 * Dachen, Taiwan's standard.
 */
#ifndef PAMOD_ZHUYIN_H
#define PAMOD_ZHUYIN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The length of the longest syllable that text (in small letters) begins with,
 * 0 if with none. *toned is set if it ends with a written tone.
 */
size_t zhuyin_syllable(const char *text, size_t length, bool *toned);

/*
 * Whether a few syllables are most of the text, or common words are and little
 * else is left. A long sentence is as good as another passphrase.
 */
bool zhuyin_is_typed(const char *text, size_t length);

#endif
