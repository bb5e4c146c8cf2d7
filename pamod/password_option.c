/*
 * The option "classes" of reeve.conf(5): "none", or some of the words below.
 */
#include <string.h>

#include "pamod/password.h"

static const struct {
	const char *word;
	enum password_class class;
} class_words[] = {
	{ "letter", CLASS_LETTER },
	{ "digit", CLASS_DIGIT },
	{ "symbol", CLASS_SYMBOL },
};
#define CLASS_WORDS (sizeof(class_words) / sizeof(class_words[0]))

static unsigned
class_of(const char *word, size_t length)
{
	for (size_t i = 0; i < CLASS_WORDS; i++)
		if (strlen(class_words[i].word) == length &&
		    memcmp(class_words[i].word, word, length) == 0)
			return (unsigned)class_words[i].class;
	return 0;
}

int
password_set_classes(
    void *field, const char *value, const struct conf_key *key, struct err *e)
{
	static const char separators[] = ", ";
	unsigned *classes = field;
	unsigned found = 0;
	size_t length;

	(void)key;
	if (strcmp(value, "none") == 0) {
		*classes = 0;
		return 0;
	}
	for (const char *at = value + strspn(value, separators); *at != '\0';
	     at += length + strspn(at + length, separators)) {
		length = strcspn(at, separators);
		if (class_of(at, length) == 0)
			break;
		found |= class_of(at, length);
		if (at[length] == '\0') {
			*classes = found;
			return 0;
		}
	}
	return err_set(
	    e, ERR_CONFIG, "must be none, or some of letter,digit,symbol");
}

void
password_get_classes(
    const void *field, const struct conf_key *key, struct buf *b)
{
	const unsigned *classes = field;
	const char *comma = "";

	(void)key;
	if (*classes == 0)
		buf_put_string(b, "none");
	for (size_t i = 0; i < CLASS_WORDS; i++) {
		if ((*classes & (unsigned)class_words[i].class) == 0)
			continue;
		buf_put_string(b, comma);
		buf_put_string(b, class_words[i].word);
		comma = ",";
	}
}
