/*
 * A candidate folded, and how it is like words and like the old password.
 */
#include <string.h>

#include "pamod/password_inside.h"
#include "schema/base/secret.h"

#define WORD_SHORT    3u /* bytes: must stand alone, shorter ones don't count */
#define WORD_MAX      64u /* bytes looked at of one word */
#define WORDS_MAX     64u /* words looked at of one text */
#define CORE_MIN      4u  /* letters that make two passwords the same word */
#define SIMILAR_EDITS 5u  /* fewer are a small change */

/* The letters that digits and symbols stand for; '1' is the caller's. */
static const char leet[] = "0o3e4a5s6g7t8b9g@a$s!i(c+t|l";

static size_t
character_bytes(unsigned char lead)
{
	return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/* U+FF01 to U+FF5E, and the blank U+3000, as ASCII; else 0. */
static char
narrow(const unsigned char *c)
{
	unsigned point =
	    (c[0] & 0x0fu) << 12 | (c[1] & 0x3fu) << 6 | (c[2] & 0x3fu);

	if (point >= 0xff01 && point <= 0xff5e)
		return (char)(point - 0xff01 + '!');
	return point == 0x3000 ? ' ' : '\0';
}

/* The character at text as ASCII, 0 if it is none; *bytes is its length. */
static char
ascii_at(const char *text, size_t left, size_t *bytes)
{
	const unsigned char *c = (const unsigned char *)text;

	*bytes = character_bytes(c[0]);
	if (*bytes > left) {
		*bytes = left;
		return '\0';
	}
	return *bytes == 1 ? *text : *bytes == 3 ? narrow(c) : '\0';
}

void
password_fold(struct folded *f, const char *text, size_t length)
{
	size_t bytes;

	memset(f, 0, sizeof(*f));
	if (length > PASSWORD_MAX)
		length = PASSWORD_MAX;
	for (size_t i = 0; i < length; i += bytes) {
		char c = ascii_at(text + i, length - i, &bytes);

		if (c == '\0') {
			memcpy(f->text + f->length, text + i, bytes);
			f->length += bytes;
			continue;
		}
		f->text[f->length++] =
		    c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
}

void
password_unleet(struct folded *f, char one)
{
	for (size_t i = 0; i < f->length; i++) {
		if (f->text[i] == '1')
			f->text[i] = one;
		for (const char *l = leet; *l != '\0'; l += 2)
			if (f->text[i] == l[0]) {
				f->text[i] = l[1];
				break;
			}
	}
}

size_t
password_characters(const char *text, size_t length)
{
	size_t count = 0;

	for (size_t i = 0; i < length; i++)
		count += ((unsigned char)text[i] & 0xc0u) != 0x80;
	return count;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || ((unsigned char)c & 0x80) != 0;
}

/* General punctuation, symbols, arrows, CJK punctuation. */
static bool
is_wide_symbol(const char *text, size_t bytes)
{
	const unsigned char *c = (const unsigned char *)text;

	return bytes == 3 &&
	    ((c[0] == 0xe2 && c[1] <= 0xaf) || (c[0] == 0xe3 && c[1] == 0x80));
}

unsigned
password_classes(const char *text, size_t length)
{
	unsigned classes = 0;
	size_t bytes;

	for (size_t i = 0; i < length; i += bytes) {
		char c = ascii_at(text + i, length - i, &bytes);

		if (c >= '0' && c <= '9')
			classes |= CLASS_DIGIT;
		else if (c == '\0' ? !is_wide_symbol(text + i, bytes)
		                   : is_letter((char)(c | 0x20)))
			classes |= CLASS_LETTER;
		else
			classes |= CLASS_SYMBOL;
	}
	return classes;
}

/* Short words are in everything; they count where they stand alone. */
static bool
contains(const struct folded *f, const char *word, size_t length)
{
	const char *at = f->text;
	const char *end = f->text + f->length;

	while ((at = memmem(at, (size_t)(end - at), word, length)) != NULL) {
		if (length > WORD_SHORT ||
		    ((at == f->text || !is_letter(at[-1])) &&
		        (at + length == end || !is_letter(at[length]))))
			return true;
		at++;
	}
	return false;
}

static bool
contains_any_way(const struct folded *f, const struct folded *word)
{
	char back[WORD_MAX];

	for (size_t i = 0; i < word->length; i++)
		back[i] = word->text[word->length - 1 - i];
	return contains(f, word->text, word->length) ||
	    contains(f, back, word->length);
}

static bool
has_folded_word(const struct folded *f, const struct folded *word)
{
	static const char ones[] = "il";

	if (word->length < WORD_SHORT || word->length > WORD_MAX)
		return false;
	if (contains_any_way(f, word))
		return true;
	for (const char *one = ones; *one != '\0'; one++) {
		struct folded plain = *f;
		struct folded plain_word = *word;
		bool found;

		password_unleet(&plain, *one);
		password_unleet(&plain_word, *one);
		found = contains_any_way(&plain, &plain_word);
		secret_wipe(&plain, sizeof(plain));
		if (found)
			return true;
	}
	return false;
}

bool
password_has_word(const struct folded *f, const char *word)
{
	struct folded folded;

	password_fold(&folded, word, strlen(word));
	return has_folded_word(f, &folded);
}

static bool
is_in_word(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9');
}

/* Names that say nothing about anybody. */
static bool
is_common_name(const struct folded *word)
{
	static const char *const names[] = { "admin", "com", "debian", "edu",
		"gov", "host", "internal", "linux", "local", "localdomain",
		"localhost", "mail", "net", "org", "root", "server", "user",
		"www" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(word->text, names[i]) == 0)
			return true;
	return false;
}

/* The word at the front of *left, its digits at the end gone: wang for wang01. */
static void
next_word(const char **at, size_t *left, struct folded *word)
{
	size_t length = 0;

	while (*left > 0 && !is_in_word(**at)) {
		(*at)++;
		(*left)--;
	}
	while (length < *left && is_in_word((*at)[length]))
		length++;
	password_fold(word, *at, length);
	*at += length;
	*left -= length;
	while (word->length > 0 && word->text[word->length - 1] >= '0' &&
	    word->text[word->length - 1] <= '9')
		word->text[--word->length] = '\0';
}

bool
password_has_words_of(const struct folded *f, const char *text)
{
	struct folded folded;
	struct folded word;
	const char *at = folded.text;
	size_t left;

	password_fold(&folded, text, strnlen(text, PASSWORD_MAX));
	left = folded.length;
	for (size_t i = 0; i < WORDS_MAX && left > 0; i++) {
		next_word(&at, &left, &word);
		if (!is_common_name(&word) && has_folded_word(f, &word))
			return true;
	}
	return false;
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance, and the longest run that both have. */
static size_t
edits_between(const struct folded *a, const struct folded *b, size_t *shared)
{
	size_t edits[PASSWORD_MAX + 1];
	size_t run[PASSWORD_MAX + 1] = { 0 };
	size_t result;

	*shared = 0;
	for (size_t j = 0; j <= b->length; j++)
		edits[j] = j;
	for (size_t i = 1; i <= a->length; i++) {
		size_t corner = edits[0]++;
		size_t run_corner = 0;

		for (size_t j = 1; j <= b->length; j++) {
			bool same = a->text[i - 1] == b->text[j - 1];
			size_t above = edits[j];
			size_t run_above = run[j];

			edits[j] = least(
			    least(above, edits[j - 1]) + 1, corner + !same);
			run[j] = same ? run_corner + 1 : 0;
			if (run[j] > *shared)
				*shared = run[j];
			corner = above;
			run_corner = run_above;
		}
	}
	result = edits[b->length];
	return result;
}

static void
reverse(struct folded *f)
{
	for (size_t i = 0; i < f->length / 2; i++) {
		char c = f->text[i];

		f->text[i] = f->text[f->length - 1 - i];
		f->text[f->length - 1 - i] = c;
	}
}

void
password_strip(struct folded *f)
{
	size_t start = 0;

	while (f->length > 0 && !is_letter(f->text[f->length - 1]))
		f->text[--f->length] = '\0';
	while (start < f->length && !is_letter(f->text[start]))
		start++;
	f->length -= start;
	memmove(f->text, f->text + start, f->length + 1);
}

/* 'l' becomes 'i' too, so that whatever '1' stands for is the same. */
static void
make_core(struct folded *f)
{
	password_strip(f);
	password_unleet(f, 'i');
	for (size_t i = 0; i < f->length; i++)
		if (f->text[i] == 'l')
			f->text[i] = 'i';
}

static bool
has_same_core(const struct folded *a, const struct folded *b)
{
	struct folded core_a = *a;
	struct folded core_b = *b;
	bool same;

	make_core(&core_a);
	make_core(&core_b);
	same = core_a.length >= CORE_MIN && core_a.length == core_b.length &&
	    memcmp(core_a.text, core_b.text, core_a.length) == 0;
	secret_wipe(&core_a, sizeof(core_a));
	secret_wipe(&core_b, sizeof(core_b));
	return same;
}

/* Few edits for its length, or half of it there already. */
static bool
is_near(const struct folded *f, const struct folded *old)
{
	size_t shared;
	size_t edits = edits_between(f, old, &shared);

	return edits < SIMILAR_EDITS || edits * 3 < f->length ||
	    (shared >= SIMILAR_EDITS && shared * 2 >= f->length);
}

bool
password_is_similar(const struct folded *f, const struct folded *old)
{
	struct folded back = *old;
	bool similar;

	reverse(&back);
	similar = is_near(f, old) || is_near(f, &back) || has_same_core(f, old);
	secret_wipe(&back, sizeof(back));
	return similar;
}
