#include "pamod/zhuyin.h"

#include <string.h>

#include "schema/base/secret.h"

#define TEXT_MAX      512u
#define SYLLABLE_MAX  4u /* keys: initial, medial, final, tone */
#define SYLLABLES_MAX 7u /* more are a sentence */
#define SHARE_OF      100u
#define SHARE_TYPED   70u /* of a hundred characters */
#define LEFT_MAX      8u

/*
 * Which initials a final may follow; '_' stands for none. The initials are
 * 1qaz (b p m f), 2wsx (d t n l), edc (g k h), rfv (j q x), 5tgb (zh ch sh r),
 * yhn (z c s).
 */
static const struct final {
	const char *keys;
	const char *initials;
} finals[] = {
	{ "", "5tgbyhn" },              /* zhi, zi */
	{ "8", "_1qaz2wsxedc5tgyhn" },  /* a */
	{ "i", "_1qazx" },              /* o */
	{ "k", "_a2wsxedc5tgbyhn" },    /* e */
	{ "9", "_1qa2wsxedc5tgyhn" },   /* ai */
	{ "o", "_1qaz2sxec5gy" },       /* ei */
	{ "l", "_1qa2wsxedc5tgbyhn" },  /* ao */
	{ ".", "_qaz2wsxedc5tgbyhn" },  /* ou */
	{ "0", "_1qaz2wsxedc5tgbyhn" }, /* an */
	{ "p", "_1qaz2sedc5tgbyhn" },   /* en */
	{ ";", "_1qaz2wsxedc5tgbyhn" }, /* ang */
	{ "/", "1qaz2wsxedc5tgbyhn" },  /* eng */
	{ "-", "_" },                   /* er */
	{ "u", "_1qa2wsxrfv" },         /* yi */
	{ "u8", "_2xrfv" },             /* ya */
	{ "u,", "_1qa2wsxrfv" },        /* ye */
	{ "ul", "_1qa2wsxrfv" },        /* yao */
	{ "u.", "_a2sxrfv" },           /* you */
	{ "u0", "_1qa2wsxrfv" },        /* yan */
	{ "up", "_1qasxrfv" },          /* yin */
	{ "u;", "_sxrfv" },             /* yang */
	{ "u/", "_1qa2wsxrfv" },        /* ying */
	{ "j", "_1qaz2wsxedc5tgbyhn" }, /* wu */
	{ "j8", "_edc5g" },             /* wa */
	{ "ji", "_2wsxedc5tgbyhn" },    /* wo */
	{ "j9", "_edc5tg" },            /* wai */
	{ "jo", "_2wedc5tgbyhn" },      /* wei */
	{ "j0", "_2wsxedc5tgbyhn" },    /* wan */
	{ "jp", "_2wsxedc5tgbyhn" },    /* wen */
	{ "j;", "_edc5tg" },            /* wang */
	{ "j/", "_2wsxedc5tbyhn" },     /* weng, -ong */
	{ "m", "_sxrfv" },              /* yu */
	{ "m,", "_sxrfv" },             /* yue */
	{ "m0", "_rfv" },               /* yuan */
	{ "mp", "_rfv" },               /* yun */
	{ "m/", "_rfv" },               /* yong */
};

#define INITIALS "1qaz2wsxedcrfv5tgbyhn"
#define TONES    "3467" /* third, fourth, second, light; the first is a blank */

/* What people say to a computer; the first tone, a blank, is left out. */
static const char *const words[] = {
	"ji32k7au4a83", /* my password */
	"au4a83",       /* password */
	"ji32k7",       /* my */
	"ji394su3",     /* I love you */
	"94su3",        /* love you */
	"ji394",        /* I love */
	"su3cl3",       /* hello */
	"w96j0",        /* Taiwan */
	"w961o3",       /* Taipei */
	"w965j/",       /* Taichung */
	"elvm/6",       /* Kaohsiung */
	"vup5j6",       /* Hsinchu */
	"5j/eji6",      /* China */
	"5j/cj86",      /* Chunghwa */
	"ej03xu3",      /* to manage */
	"ej03xu3m06",   /* administrator */
	"g3m/45k3",     /* user */
	"5;4cl4",       /* account */
	"vu4wj/3",      /* system */
	"2u04sl3",      /* computer */
	"j;3xj4",       /* network */
	"up6c;6",       /* bank */
	"5/4fm04",      /* securities */
	"ej3qul4",      /* stock */
	"vm,6g/",       /* student */
	"q/6u.3",       /* friend */
	"1l31o4",       /* darling */
	"xl3qi6",       /* wife */
	"xl3ej/",       /* husband */
	"184187",       /* dad */
	"a8a87",        /* mum */
	"dj94xk4",      /* happy */
	"vu/4zj6",      /* happiness */
	"qu/60",        /* peace */
	"ru04d;",       /* health */
	"z8h96",        /* get rich */
	"ej/vu3",       /* congratulations */
	"vupsu06",      /* new year */
	"vu,4vu,7",     /* thanks */
	"y94ru04",      /* good-bye */
	"cl3q/6u.3",    /* good friend */
	"ao3sm3",       /* beauty */
	"gj94ek",       /* handsome */
	"g4ru,4",       /* world */
	"su3g4go6",     /* who are you */
	"ji3g4",        /* I am */
	"1j452l4",      /* I do not know */
	"njo61u04",     /* whatever */
	"hk4g4",        /* test */
	"au4au4",       /* secret */
	"0fm06",        /* safety */
};

static size_t
final_at(const char *text, size_t length, char initial)
{
	size_t best = (size_t)-1;

	for (size_t i = 0; i < sizeof(finals) / sizeof(finals[0]); i++) {
		size_t keys = strlen(finals[i].keys);

		if (keys <= length && memcmp(text, finals[i].keys, keys) == 0 &&
		    strchr(finals[i].initials, initial) != NULL &&
		    (best == (size_t)-1 || keys > best))
			best = keys;
	}
	return best;
}

size_t
zhuyin_syllable(const char *text, size_t length, bool *toned)
{
	bool initial =
	    length > 0 && text[0] != '\0' && strchr(INITIALS, text[0]) != NULL;
	size_t final =
	    final_at(text + initial, length - initial, initial ? text[0] : '_');
	size_t end = initial + final;

	*toned = false;
	if (final == (size_t)-1 || end == 0)
		return 0;
	if (end < length && text[end] != '\0' &&
	    strchr(TONES " ", text[end]) != NULL) {
		*toned = true;
		end++;
	}
	return end;
}

/*
 * Most of the text, a few syllables, two of three with their tone. Without it
 * a single key is a syllable too often.
 */
static bool
is_typed_from(const char *text, size_t length, size_t start)
{
	size_t syllables = 0;
	size_t with_tone = 0;
	size_t at = start;

	while (at < length) {
		bool toned;
		size_t keys = zhuyin_syllable(text + at, length - at, &toned);

		if (keys == 0 || (keys == 1 && !toned))
			break;
		at += keys;
		with_tone += toned;
		syllables++;
	}
	return syllables >= 2 && syllables <= SYLLABLES_MAX &&
	    3 * with_tone >= 2 * syllables &&
	    (at - start) * SHARE_OF >= length * SHARE_TYPED;
}

/* How many keys of the text are words of the table. */
static size_t
word_keys(const char *text)
{
	bool covered[TEXT_MAX + 1] = { false };
	size_t count = 0;

	for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++) {
		size_t keys = strlen(words[w]);

		for (const char *at = strstr(text, words[w]); at != NULL;
		     at = strstr(at + 1, words[w]))
			memset(covered + (at - text), true, keys);
	}
	for (size_t i = 0; text[i] != '\0'; i++)
		count += covered[i];
	return count;
}

static bool
is_words(const char *text, size_t length)
{
	char joined[TEXT_MAX + 1];
	size_t joined_length = 0;
	size_t in_words;

	for (size_t i = 0; i < length; i++)
		if (text[i] != ' ')
			joined[joined_length++] = text[i];
	joined[joined_length] = '\0';
	in_words = word_keys(joined);
	secret_wipe(joined, sizeof(joined));
	return in_words > 0 && joined_length - in_words < LEFT_MAX;
}

bool
zhuyin_is_typed(const char *text, size_t length)
{
	if (length > TEXT_MAX)
		return false;
	for (size_t start = 0;
	     start * SHARE_OF <= length * (SHARE_OF - SHARE_TYPED); start++)
		if (is_typed_from(text, length, start))
			return true;
	return is_words(text, length);
}
