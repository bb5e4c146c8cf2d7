#include "pamod/pinyin.h"

#include <string.h>

#define LETTERS_MAX 6u

/* Both spellings; "" where a syllable begins with its vowel. */
static const char *const initials[] = { "", "b", "c", "ch", "d", "f", "g", "h",
	"hs", "j", "k", "l", "m", "n", "p", "q", "r", "s", "sh", "t", "ts", "w",
	"x", "y", "z", "zh", NULL };
static const char *const finals[] = { "a", "ai", "an", "ang", "ao", "e", "ei",
	"en", "eng", "er", "i", "ia", "ian", "iang", "iao", "ie", "ieh", "ien",
	"ih", "in", "ing", "iong", "iu", "iung", "o", "ong", "ou", "u", "ua",
	"uai", "uan", "uang", "ue", "ueh", "uei", "ui", "un", "ung", "uo",
	NULL };

static const char *const surnames[] = { "cai", "chan", "chang", "chao", "chen",
	"cheng", "chiang", "chien", "chiu", "chou", "chu", "chuang", "feng",
	"fu", "gao", "guo", "he", "ho", "hong", "hou", "hsiao", "hsieh", "hsu",
	"hu", "huang", "hung", "jian", "jiang", "kao", "ko", "kuo", "lai",
	"lee", "li", "liang", "liao", "lin", "liu", "lo", "lu", "luo", "ma",
	"pan", "peng", "qiu", "shen", "shih", "su", "sun", "sung", "tang",
	"tsai", "tseng", "tsou", "tu", "wang", "wei", "weng", "wu", "xie", "xu",
	"yan", "yang", "yao", "yeh", "yen", "yu", "zeng", "zhang", "zheng",
	"zhou", NULL };

static bool
begins(const char *text, size_t length, const char *with)
{
	size_t i = 0;

	while (i < length && with[i] != '\0' && with[i] == text[i])
		i++;
	return with[i] == '\0';
}

unsigned
pinyin_syllables(const char *text, size_t length)
{
	unsigned found = 0;

	for (const char *const *i = initials; *i != NULL; i++) {
		size_t first = strlen(*i);

		if (!begins(text, length, *i))
			continue;
		for (const char *const *f = finals; *f != NULL; f++)
			if (begins(text + first, length - first, *f) &&
			    first + strlen(*f) <= LETTERS_MAX)
				found |= 1u << (first + strlen(*f));
	}
	return found;
}

unsigned
pinyin_surnames(const char *text, size_t length)
{
	unsigned found = 0;

	for (const char *const *s = surnames; *s != NULL; s++)
		if (begins(text, length, *s))
			found |= 1u << strlen(*s);
	return found;
}
