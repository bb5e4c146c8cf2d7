#include "pamod/guess.h"

#include <stdbool.h>
#include <string.h>

#include "pamod/keyboard.h"
#include "pamod/password_inside.h"
#include "pamod/pinyin.h"
#include "schema/base/secret.h"

#define BITS(bits) ((unsigned)((bits)*16.0))
#define RANK_UNIT  (GUESS_UNIT / 2) /* ranks come in half bits */

/*
 * What the parts cost besides what chooses them. They were set by trying, with
 * tests/bench/password.sh: leaked passwords low, random ones and passphrases
 * as high as they are.
 */
#define COST_WORD    BITS(1.5) /* that a word comes next */
#define COST_LEET    BITS(1)   /* and for each character */
#define COST_BACK    BITS(2)
#define COST_INITIAL BITS(1)    /* a capital behind no letter */
#define COST_INNER   BITS(3.5)  /* behind a small letter */
#define COST_STAY    BITS(0.25) /* behind another */
#define COST_FALL    BITS(1.5)  /* a small letter behind two capitals */
#define COST_GIVEN   BITS(14.5) /* two syllables of Chinese */
#define COST_SURNAME BITS(6)    /* one before them, or behind */
#define COST_LUCKY   BITS(7)
#define COST_PLACE   BITS(8)
#define COST_WALK    BITS(7)
#define COST_ON      BITS(0.25) /* the same way */
#define COST_TURN    BITS(2)
#define COST_HOP     BITS(3) /* next to the key before the last */
#define COST_REPEAT  BITS(4)
#define COST_COPY    BITS(6)
#define COST_YEAR    BITS(7)
#define COST_DATE    BITS(15)
#define COST_WIDE    BITS(4) /* which byte of a wide character */
#define WALK_MIN     4u
#define COPY_MIN     3u
#define GIVEN_MIN    5u /* letters of two syllables */

/* One text, and the cheapest way to each place in it. */
struct path {
	const struct blocklist *list;
	size_t length;
	struct folded folded;
	struct folded plain[2]; /* leet undone, '1' as 'i' or 'l' */
	bool leet[2];           /* and there was some, not as in the first */
	bool capital[GUESS_MAX];
	unsigned cost[GUESS_MAX + 1];
	size_t in_words[GUESS_MAX + 1];
};

static void
offer(struct path *p, size_t from, size_t to, unsigned cost, bool word)
{
	if (p->cost[from] + cost >= p->cost[to])
		return;
	p->cost[to] = p->cost[from] + cost;
	p->in_words[to] = p->in_words[from] + (word ? to - from : 0);
}

static bool
is_letter(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static unsigned
capital_cost(const struct path *p, size_t at)
{
	bool after_letter = at > 0 && is_letter(p->folded.text[at - 1]);
	bool after_capital = at > 0 && p->capital[at - 1];
	bool after_two = after_capital && at > 1 && p->capital[at - 2];

	if (!is_letter(p->folded.text[at]))
		return 0;
	if (!p->capital[at])
		return after_two ? COST_FALL : 0;
	if (!after_letter)
		return COST_INITIAL;
	return after_capital ? COST_STAY : COST_INNER;
}

static unsigned
capitals(const struct path *p, size_t from, size_t to)
{
	unsigned cost = 0;

	for (size_t i = from; i < to; i++)
		cost += capital_cost(p, i);
	return cost;
}

/* What it costs to write p like that, when text is what was meant. */
static unsigned
as_written(
    const struct path *p, const struct folded *text, size_t from, size_t to)
{
	unsigned cost = 0;

	for (size_t i = from; i < to; i++)
		if (text->text[i] != p->folded.text[i])
			cost += cost == 0 ? 2 * COST_LEET : COST_LEET;
	return cost + capitals(p, from, to);
}

/* Which symbol: people use a few of the 33. */
static unsigned
symbol_cost(char c)
{
	static const char often[] = "!._-@";
	static const char rarer[] = "#$*&?+,/";

	return strchr(often, c) != NULL ? BITS(1.5)
	    : strchr(rarer, c) != NULL  ? BITS(3)
	                                : BITS(5);
}

static void
offer_character(struct path *p, size_t at)
{
	const char *text = p->folded.text;
	char c = text[at];
	unsigned cost = blocklist_surprise(p->list,
	    at > 1 ? text[at - 2] : '\0', at > 0 ? text[at - 1] : '\0', c);

	if (((unsigned char)c & 0x80) != 0)
		cost += COST_WIDE;
	else if (!is_letter(c) && !is_digit(c) && c != ' ')
		cost += symbol_cost(c);
	offer(p, at, at + 1, cost + capitals(p, at, at + 1), false);
}

/* Words of `text` (p's own, or with leet undone) that begin there. */
static int
offer_words(struct path *p, const struct folded *text, size_t at, struct err *e)
{
	struct blocklist_core core = blocklist_core_new();
	bool changed = text == &p->folded;

	for (size_t end = at; end < p->length && end - at < BLOCKLIST_CORE_MAX;
	     end++) {
		unsigned half_bits;
		int found;

		blocklist_core_add(&core, text->text[end]);
		changed = changed || text->text[end] != p->folded.text[end];
		if (end + 1 - at < BLOCKLIST_CORE_MIN || !changed)
			continue;
		found = blocklist_core_find(p->list, &core, &half_bits, e);
		if (found == -1)
			return -1;
		if (found == 1)
			offer(p, at, end + 1,
			    COST_WORD + half_bits * RANK_UNIT +
			        as_written(p, text, at, end + 1),
			    true);
	}
	return 0;
}

/* Words written backwards, the last letter of which is there. */
static int
offer_backwards(struct path *p, size_t at, struct err *e)
{
	for (size_t end = at + BLOCKLIST_CORE_MIN + 1;
	     end <= p->length && end - at <= BLOCKLIST_CORE_MAX; end++) {
		struct blocklist_core core = blocklist_core_new();
		unsigned half_bits;
		int found;

		for (size_t i = end; i > at; i--)
			blocklist_core_add(&core, p->folded.text[i - 1]);
		found = blocklist_core_find(p->list, &core, &half_bits, e);
		if (found == -1)
			return -1;
		if (found == 1)
			offer(p, at, end,
			    COST_WORD + COST_BACK + half_bits * RANK_UNIT +
			        capitals(p, at, end),
			    true);
	}
	return 0;
}

/* What the next key of a walk costs; 0 if it is not one. */
static unsigned
step_cost(const char *text, size_t from, size_t at)
{
	bool touches = keyboard_touches(text[at - 1], text[at]);

	if (touches && at > from + 1 &&
	    text[at] - text[at - 1] == text[at - 1] - text[at - 2])
		return COST_ON;
	if (touches)
		return COST_TURN;
	return at > from + 1 && keyboard_touches(text[at - 2], text[at])
	    ? COST_HOP
	    : 0;
}

/* Each key touches the last, or the one before that. */
static void
offer_walks(struct path *p, size_t at)
{
	unsigned cost = COST_WALK;

	for (size_t end = at + 1; end < p->length; end++) {
		unsigned step = step_cost(p->folded.text, at, end);

		if (step == 0)
			break;
		cost += step;
		if (end + 1 - at >= WALK_MIN)
			offer(p, at, end + 1, cost + capitals(p, at, end + 1),
			    false);
	}
}

/* What stood before it, again: next to it, or anywhere. */
static void
offer_copies(struct path *p, size_t at)
{
	const char *text = p->folded.text;

	for (size_t from = 0; from < at; from++) {
		size_t same = 0;

		while (at + same < p->length &&
		    text[from + same] == text[at + same]) {
			same++;
			if (from + 1 == at && same >= 2)
				offer(p, at, at + same,
				    COST_REPEAT + capitals(p, at, at + same),
				    false);
			if (same >= COPY_MIN)
				offer(p, at, at + same,
				    (from + same >= at ? COST_REPEAT
				                       : COST_COPY) +
				        capitals(p, at, at + same),
				    false);
		}
	}
}

static int
number(const char *digits, size_t length)
{
	int value = 0;

	for (size_t i = 0; i < length; i++)
		value = value * 10 + (digits[i] - '0');
	return value;
}

static bool
is_month_day(const char *digits)
{
	int month = number(digits, 2);
	int day = number(digits + 2, 2);

	return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

static void
offer_numbers(struct path *p, size_t at)
{
	const char *text = p->folded.text + at;
	size_t digits = 0;

	while (at + digits < p->length && digits < 8 && is_digit(text[digits]))
		digits++;
	/* 1950 to 2039, and 95 to 119 of the Republic */
	if (digits >= 4 && number(text, 4) >= 1950 && number(text, 4) < 2040)
		offer(p, at, at + 4, COST_YEAR, false);
	if (digits >= 3 && number(text, 3) >= 95 && number(text, 3) < 120)
		offer(p, at, at + 3, COST_YEAR, false);
	if (digits >= 6 && (is_month_day(text) || is_month_day(text + 2)))
		offer(p, at, at + 6, COST_DATE, false);
	if (digits >= 7 && text[0] <= '1' && is_month_day(text + 3))
		offer(p, at, at + 7, COST_DATE, false);
	if (digits >= 8 && (is_month_day(text + 4) || is_month_day(text)))
		offer(p, at, at + 8, COST_DATE, false);
}

/* A surname, or none, from `from` to at; two syllables from there. */
static void
offer_given(struct path *p, const struct folded *text, size_t from, size_t at,
    unsigned surname)
{
	unsigned first = pinyin_syllables(text->text + at, p->length - at);

	for (size_t i = 1; first >> i != 0; i++) {
		unsigned second = (first >> i & 1) == 0
		    ? 0
		    : pinyin_syllables(text->text + at + i, p->length - at - i);

		for (size_t j = 1; second >> j != 0; j++)
			if ((second >> j & 1) != 0 && i + j >= GIVEN_MIN)
				offer(p, from, at + i + j,
				    COST_GIVEN + surname +
				        as_written(p, text, from, at + i + j),
				    true);
	}
}

static void
offer_names(struct path *p, const struct folded *text, size_t at)
{
	unsigned surname;

	if (!is_letter(text->text[at]))
		return;
	surname = pinyin_surnames(text->text + at, p->length - at);
	offer_given(p, text, at, at, 0);
	for (size_t i = 2; surname >> i != 0; i++)
		if ((surname >> i & 1) != 0)
			offer_given(p, text, at, at + i, COST_SURNAME);
}

/* Places and numbers that sound like good wishes. */
static void
offer_local(struct path *p, const struct folded *text, size_t at)
{
	static const char *const places[] = { "changhua", "chiayi", "formosa",
		"hsinchu", "hualien", "kaohsiung", "keelung", "kinmen",
		"miaoli", "nantou", "penghu", "pingtung", "taichung", "tainan",
		"taipei", "taitung", "taiwan", "taoyuan", "yilan", "yunlin" };
	static const char *const lucky[] = { "0800", "1314", "168", "1688",
		"520", "5201314", "530", "666", "668", "777", "888", "8888",
		"999" };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		size_t end = at + strlen(places[i]);

		if (end <= p->length &&
		    memcmp(text->text + at, places[i], end - at) == 0)
			offer(p, at, end,
			    COST_PLACE + as_written(p, text, at, end), true);
	}
	for (size_t i = 0; i < sizeof(lucky) / sizeof(lucky[0]); i++) {
		size_t end = at + strlen(lucky[i]);

		if (end <= p->length &&
		    memcmp(p->folded.text + at, lucky[i], end - at) == 0)
			offer(p, at, end, COST_LUCKY, false);
	}
}

/* What begins there, with leet undone or as it stands. */
static int
offer_named(struct path *p, const struct folded *text, size_t at, struct err *e)
{
	offer_names(p, text, at);
	offer_local(p, text, at);
	return offer_words(p, text, at, e);
}

static int
walk_path(struct path *p, struct err *e)
{
	for (size_t at = 0; at < p->length; at++) {
		offer_character(p, at);
		offer_walks(p, at);
		offer_copies(p, at);
		offer_numbers(p, at);
		if (offer_named(p, &p->folded, at, e) == -1 ||
		    offer_backwards(p, at, e) == -1)
			return -1;
		for (size_t i = 0; i < 2; i++)
			if (p->leet[i] &&
			    offer_named(p, &p->plain[i], at, e) == -1)
				return -1;
	}
	return 0;
}

static void
begin_path(struct path *p, const struct blocklist *list, const char *text,
    size_t length)
{
	memset(p, 0, sizeof(*p));
	p->list = list;
	password_fold(&p->folded, text, length);
	if (p->folded.length > GUESS_MAX)
		p->folded.length = GUESS_MAX;
	p->length = p->folded.length;
	/* Wide text moves the places; then capitals are not counted. */
	for (size_t i = 0; length == p->length && i < length; i++)
		p->capital[i] = text[i] != p->folded.text[i];
	for (size_t i = 1; i <= p->length; i++)
		p->cost[i] = ~0u;
	p->plain[0] = p->folded;
	p->plain[1] = p->folded;
	password_unleet(&p->plain[0], 'i');
	password_unleet(&p->plain[1], 'l');
	p->leet[0] = strcmp(p->plain[0].text, p->folded.text) != 0;
	p->leet[1] = strcmp(p->plain[1].text, p->plain[0].text) != 0;
}

int
guess_cost(const struct blocklist *list, const char *text, size_t length,
    struct guess *g, struct err *e)
{
	struct path p;
	int result = -1;

	begin_path(&p, list, text, length);
	if (walk_path(&p, e) == 0) {
		g->cost = p.cost[p.length];
		g->in_words = p.in_words[p.length];
		result = 0;
	}
	secret_wipe(&p, sizeof(p));
	return result;
}
