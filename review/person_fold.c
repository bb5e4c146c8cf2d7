#include <stdlib.h>
#include <string.h>

#include "review/person.h"

#define WORDS_MAX 16u

/*
 * One character for comparing, put into out; NULL behind the text. A blank is
 * put for what parts words.
 */
static const unsigned char *
fold_one(const unsigned char *p, struct buf *out)
{
	static const char parts[] = " \t,;";
	static const char ignored[] = ".'-_\"()`";

	if (*p >= 'A' && *p <= 'Z') {
		buf_put_byte(out, (unsigned char)(*p + 'a' - 'A'));
	} else if (*p < 0x80) {
		if (strchr(parts, *p) != NULL)
			buf_put_byte(out, ' ');
		else if (strchr(ignored, *p) == NULL && *p >= ' ')
			buf_put_byte(out, *p);
	} else if (p[0] == 0xe3 && p[1] == 0x80 && p[2] == 0x80) {
		buf_put_byte(out, ' '); /* U+3000 */
		return p + 3;
	} else if ((p[0] == 0xef && p[1] == 0xbc && p[2] >= 0x81) ||
	    (p[0] == 0xef && p[1] == 0xbd && p[2] >= 0x80 && p[2] <= 0x9e)) {
		/* U+FF01 to U+FF5E: ASCII, wide. */
		unsigned char ascii[2] = {
			(unsigned char)(p[2] - (p[1] == 0xbc ? 0x60 : 0x20)), 0
		};

		(void)fold_one(ascii, out);
		return p + 3;
	} else if ((p[0] == 0xc2 && p[1] == 0xb7) ||
	    (p[0] == 0xe2 && p[1] == 0x80 && p[2] == 0xa7)) {
		return p + (p[0] == 0xc2 ? 2 : 3); /* the dots of names */
	} else {
		buf_put_byte(out, *p);
	}
	return p + 1;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The words of text, which is cut up, each once, sorted, with blanks. */
static void
put_words(struct buf *out, char *text)
{
	char *words[WORDS_MAX], *rest = text, *word;
	size_t count = 0;

	while (count < WORDS_MAX && (word = strsep(&rest, " ")) != NULL)
		if (word[0] != '\0')
			words[count++] = word;
	if (count > 1)
		qsort(words, count, sizeof(words[0]), by_text);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_put_byte(out, ' ');
		buf_put_string(out, words[i]);
	}
}

static bool
is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

void
person_fold_name(struct buf *out, const char *name)
{
	struct buf b = buf_new(FACT_TEXT_MAX);
	const unsigned char *p = (const unsigned char *)name;
	char *text;

	while (*p != '\0')
		p = fold_one(p, &b);
	text = strdup(buf_string(&b));
	buf_free(&b);
	if (text == NULL)
		return;
	if (is_ascii(text)) {
		put_words(out, text);
	} else {
		for (const char *c = text; *c != '\0'; c++)
			if (*c != ' ')
				buf_put_byte(out, (unsigned char)*c);
	}
	free(text);
}

void
person_fold_key(struct buf *out, const char *key)
{
	struct buf b = buf_new(FACT_TEXT_MAX);
	const unsigned char *p = (const unsigned char *)key;
	const char *text;

	/* Marks count here: "a-b@x" is not "ab@x". */
	for (; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			buf_put_byte(&b, (unsigned char)(*p + 'a' - 'A'));
		else if (*p > ' ')
			buf_put_byte(&b, *p);
	text = buf_string(&b);
	if (text[0] != '\0' && text[strspn(text, "0123456789")] == '\0')
		while (text[0] == '0' && text[1] != '\0')
			text++;
	buf_put_string(out, text);
	buf_free(&b);
}
