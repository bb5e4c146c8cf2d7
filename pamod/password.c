/*
 * The judge: a table of rules, all of them asked, so that whoever is refused
 * learns everything at once.
 */
#include "pamod/password.h"

#include <stdlib.h>
#include <string.h>

#include "pamod/blocklist.h"
#include "pamod/guess.h"
#include "pamod/keyboard.h"
#include "schema/message.h"
#include "pamod/password_inside.h"
#include "pamod/strength.h"
#include "pamod/taiwan.h"
#include "pamod/zhuyin.h"
#include "schema/base/enc.h"
#include "schema/base/secret.h"

/*
 * What a candidate must cost by guess.h, in bits. From 10 characters on it is
 * what 999 of 1000 random ones of letters and digits cost, up to where good
 * passphrases begin; shorter ones have to make up for their length.
 */
#define COST_SHORT 50.0
#define COST_TEN   39.0
#define COST_MORE  5.0 /* for each character after that */
#define COST_MOST  60.0

#define DAY       INT64_C(86400)
#define HINTS_MAX 300u  /* words libzxcvbn is told */
#define REFUSED   (~0u) /* every reason there is, and will be */

struct password_means {
	const struct password_rules *rules;
	struct strength *strength; /* NULL: not asked for */
	struct blocklist *list;    /* the same */
};

/* One candidate being judged. */
struct judging {
	const struct password_means *means;
	const struct password_rules *rules;
	const struct password_subject *subject;
	const char *candidate;
	size_t length; /* bytes */
	size_t characters;
	struct folded folded;
	bool listed; /* the filter has it */
	bool cheap;  /* guessed too early by who knows the filter's lists */
	bool worded; /* and most of it is words of theirs */
};

/* 1: this speaks against it; 0: nothing does; -1: can't be told. */
typedef int rule(const struct judging *, struct err *);

static int
too_short(const struct judging *j, struct err *e)
{
	(void)e;
	return j->length == 0 || (int64_t)j->characters < j->rules->min_length;
}

static int
classes(const struct judging *j, struct err *e)
{
	unsigned there = password_classes(j->candidate, j->length);

	(void)e;
	if (j->rules->passphrase_length > 0 &&
	    (int64_t)j->characters >= j->rules->passphrase_length)
		return 0;
	return (j->rules->classes & ~there) != 0;
}

static int
used_before(const struct judging *j, struct err *e)
{
	const char *old = j->subject->old;

	if (old != NULL && strcmp(old, j->candidate) == 0)
		return 1;
	if (j->subject->record == NULL)
		return 0;
	return password_in_history(
	    j->subject->record, j->candidate, j->rules->history, e);
}

static int
similar(const struct judging *j, struct err *e)
{
	struct folded old;
	int result;

	(void)e;
	if (j->subject->old == NULL || j->subject->old[0] == '\0')
		return 0;
	password_fold(
	    &old, j->subject->old, strnlen(j->subject->old, PASSWORD_MAX));
	result = password_is_similar(&j->folded, &old);
	secret_wipe(&old, sizeof(old));
	return result;
}

static int
user_word(const struct judging *j, struct err *e)
{
	const char *texts[] = { j->subject->user, j->subject->gecos,
		j->subject->host };

	(void)e;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i] != NULL &&
		    password_has_words_of(&j->folded, texts[i]))
			return 1;
	return 0;
}

static int
site_word(const struct judging *j, struct err *e)
{
	const struct conf_list *words = &j->rules->site_words;

	(void)e;
	for (const char *word = conf_list_next(words, NULL); word != NULL;
	     word = conf_list_next(words, word))
		if (password_has_word(&j->folded, word))
			return 1;
	return 0;
}

static int
walk(const struct judging *j, struct err *e)
{
	(void)e;
	return keyboard_is_walk(j->folded.text, j->folded.length);
}

/* Whether letters are all small, or all capitals, but for the first. */
static bool
is_one_case(const char *text, size_t length)
{
	bool small = false;
	bool capital = false;

	for (size_t i = 1; i < length; i++) {
		small = small || (text[i] >= 'a' && text[i] <= 'z');
		capital = capital || (text[i] >= 'A' && text[i] <= 'Z');
	}
	return !small || !capital;
}

static int
zhuyin(const struct judging *j, struct err *e)
{
	(void)e;
	return is_one_case(j->candidate, j->length) &&
	    zhuyin_is_typed(j->folded.text, j->folded.length);
}

static int
identity(const struct judging *j, struct err *e)
{
	(void)e;
	return taiwan_is_number(j->folded.text, j->folded.length);
}

/* What whoever guesses knows of the user and the site. */
static void
list_hints(const struct judging *j, const char **hints)
{
	const struct conf_list *words = &j->rules->site_words;
	size_t count = 0;

	if (j->subject->user != NULL)
		hints[count++] = j->subject->user;
	if (j->subject->host != NULL)
		hints[count++] = j->subject->host;
	for (const char *word = conf_list_next(words, NULL);
	     word != NULL && count < HINTS_MAX;
	     word = conf_list_next(words, word))
		hints[count++] = word;
	hints[count] = NULL;
}

static int
blocked(const struct judging *j, struct err *e)
{
	(void)e;
	return j->listed || (j->cheap && j->worded);
}

static int
guessable(const struct judging *j, struct err *e)
{
	const char *hints[HINTS_MAX + 1];

	(void)e;
	if (j->cheap && !j->worded)
		return 1;
	if (j->means->strength == NULL)
		return 0;
	list_hints(j, hints);
	return strength_bits(j->means->strength, j->candidate, hints) <
	    (double)j->rules->min_strength_bits;
}

/*
 * A date ahead of now by more than a day comes of a clock that was wrong; it
 * stops nobody, since keeping a password that is known is worse.
 */
static int
too_new(const struct judging *j, struct err *e)
{
	const struct state_user *record = j->subject->record;
	int64_t now = j->subject->now;
	int64_t changed = j->subject->changed;

	(void)e;
	if (now == 0 || (record != NULL && record->must_change != 0))
		return 0;
	if (record != NULL && record->password_changed > changed)
		changed = record->password_changed;
	if (changed <= 0 || changed > now + DAY)
		return 0;
	return changed > now || now - changed < j->rules->min_age_days * DAY;
}

/* The slow one is last. */
static const struct {
	enum password_reason reason;
	rule *speaks_against;
} judges[] = {
	{ PASSWORD_TOO_SHORT, too_short },
	{ PASSWORD_CLASSES, classes },
	{ PASSWORD_SIMILAR, similar },
	{ PASSWORD_USER_WORD, user_word },
	{ PASSWORD_SITE_WORD, site_word },
	{ PASSWORD_WALK, walk },
	{ PASSWORD_ZHUYIN, zhuyin },
	{ PASSWORD_IDENTITY, identity },
	{ PASSWORD_BLOCKED, blocked },
	{ PASSWORD_GUESSABLE, guessable },
	{ PASSWORD_TOO_NEW, too_new },
	{ PASSWORD_USED_BEFORE, used_before },
};

static double
least_cost(size_t characters)
{
	double cost;

	if (characters < 10)
		return COST_SHORT;
	cost = COST_TEN + COST_MORE * (double)(characters - 10);
	return cost < COST_MOST ? cost : COST_MOST;
}

static int
ask_list(struct judging *j, struct err *e)
{
	const struct blocklist *list = j->means->list;
	struct guess guess;
	int listed;

	if (list == NULL)
		return 0;
	listed = blocklist_has(list, j->candidate, j->length, e);
	if (listed == -1)
		return -1;
	j->listed = listed != 0;
	if (!blocklist_facts(list).model)
		return 0;
	if (guess_cost(list, j->candidate, j->length, &guess, e) == -1)
		return -1;
	j->cheap = guess.cost < GUESS_UNIT * least_cost(j->characters);
	j->worded = 2 * guess.in_words >= j->folded.length;
	return 0;
}

/* C0, DEL, and C1 (RFC 6429), which no keyboard types. */
static bool
is_text(const char *text, size_t length)
{
	const unsigned char *c = (const unsigned char *)text;

	for (size_t i = 0; i < length; i++)
		if (c[i] < 0x20 || c[i] == 0x7f ||
		    (c[i] == 0xc2 && i + 1 < length && c[i + 1] < 0xa0))
			return false;
	return enc_is_utf8(text, length);
}

static int
ask_all(const struct judging *j, unsigned *found, struct err *e)
{
	*found = 0;
	for (size_t i = 0; i < sizeof(judges) / sizeof(judges[0]); i++) {
		int answer = judges[i].speaks_against(j, e);

		if (answer == -1)
			return -1;
		if (answer != 0)
			*found |= (unsigned)judges[i].reason;
	}
	return 0;
}

int
password_judge_with(const struct password_means *means,
    const struct password_subject *subject, const char *candidate,
    unsigned *reasons, struct err *e)
{
	struct judging j = { .means = means,
		.rules = means->rules,
		.subject = subject,
		.candidate = candidate };
	unsigned found = REFUSED;
	int result = -1;

	*reasons = REFUSED;
	j.length = strnlen(candidate, PASSWORD_MAX + 1);
	if (j.length > PASSWORD_MAX) {
		*reasons = PASSWORD_TOO_LONG;
		return 0;
	}
	if (!is_text(candidate, j.length)) {
		*reasons = PASSWORD_NOT_TEXT;
		return 0;
	}
	j.characters = password_characters(candidate, j.length);
	password_fold(&j.folded, candidate, j.length);
	if (ask_list(&j, e) == -1) {
		err_in(e, "%s", means->rules->blocklist);
		goto out;
	}
	if (ask_all(&j, &found, e) == -1)
		goto out;
	*reasons = found;
	result = 0;
out:
	secret_wipe(&j.folded, sizeof(j.folded));
	return result;
}

int
password_means_open(struct password_means **out,
    const struct password_rules *rules, struct err *e)
{
	const struct file_rule roots = { .owner = 0, .forbidden = 022 };
	struct password_means *m = calloc(1, sizeof(*m));

	*out = NULL;
	if (m == NULL) {
		err_set(e, ERR_MEMORY, "out of memory");
		return -1;
	}
	m->rules = rules;
	if (rules->min_strength_bits > 0 &&
	    strength_open(&m->strength, STRENGTH_LIBRARY, e) == -1)
		goto fail;
	if (rules->blocklist[0] != '\0' &&
	    blocklist_open(&m->list, rules->blocklist, &roots, e) == -1)
		goto fail;
	*out = m;
	return 0;
fail:
	/* What the configuration asks for and is not there. */
	if (e->code == ERR_MISSING)
		e->code = ERR_CONFIG;
	password_means_close(&m);
	return -1;
}

void
password_means_close(struct password_means **m)
{
	if (*m == NULL)
		return;
	strength_close(&(*m)->strength);
	blocklist_close(&(*m)->list);
	free(*m);
	*m = NULL;
}

int
password_judge(const struct password_rules *rules,
    const struct password_subject *subject, const char *candidate,
    unsigned *reasons, struct err *e)
{
	struct password_means *means;
	int result;

	*reasons = REFUSED;
	if (password_means_open(&means, rules, e) == -1)
		return -1;
	result = password_judge_with(means, subject, candidate, reasons, e);
	password_means_close(&means);
	return result;
}

static const struct {
	enum password_reason reason;
	const char *word;
	const char *text;
} reason_texts[] = {
	{ PASSWORD_TOO_SHORT, "too-short", N_("The password is too short.") },
	{ PASSWORD_TOO_LONG, "too-long", N_("The password is too long.") },
	{ PASSWORD_CLASSES, "classes",
	    N_("The password lacks letters, digits or symbols; a long "
	       "passphrase may do without.") },
	{ PASSWORD_USED_BEFORE, "used-before",
	    N_("The password has been used before.") },
	{ PASSWORD_SIMILAR, "similar",
	    N_("The password is too much like the old one.") },
	{ PASSWORD_USER_WORD, "user-word",
	    N_("The password contains your name or the name of this host.") },
	{ PASSWORD_SITE_WORD, "site-word",
	    N_("The password contains a word of this organisation.") },
	{ PASSWORD_WALK, "walk",
	    N_("The password follows the keys of the keyboard.") },
	{ PASSWORD_ZHUYIN, "zhuyin",
	    N_("The password is Chinese words typed on a Zhuyin keyboard.") },
	{ PASSWORD_IDENTITY, "identity",
	    N_("The password is an identity number, a telephone number or a "
	       "date.") },
	{ PASSWORD_BLOCKED, "blocked",
	    N_("The password, or what it is made from, is known from leaks.") },
	{ PASSWORD_GUESSABLE, "guessable",
	    N_("The password is too easy to guess.") },
	{ PASSWORD_TOO_NEW, "too-new",
	    N_("The present password is too new to be changed again.") },
	{ PASSWORD_NOT_TEXT, "not-text",
	    N_("The password has characters that are not text.") },
};

const enum password_reason password_reasons[] = { PASSWORD_TOO_SHORT,
	PASSWORD_TOO_LONG, PASSWORD_CLASSES, PASSWORD_USED_BEFORE,
	PASSWORD_SIMILAR, PASSWORD_USER_WORD, PASSWORD_SITE_WORD, PASSWORD_WALK,
	PASSWORD_ZHUYIN, PASSWORD_IDENTITY, PASSWORD_BLOCKED,
	PASSWORD_GUESSABLE, PASSWORD_TOO_NEW, PASSWORD_NOT_TEXT, 0 };

const char *
password_reason_text(enum password_reason reason)
{
	for (size_t i = 0; i < sizeof(reason_texts) / sizeof(reason_texts[0]);
	     i++)
		if (reason_texts[i].reason == reason)
			return reason_texts[i].text;
	return N_("The password was refused.");
}

const char *
password_reason_word(enum password_reason reason)
{
	for (size_t i = 0; i < sizeof(reason_texts) / sizeof(reason_texts[0]);
	     i++)
		if (reason_texts[i].reason == reason)
			return reason_texts[i].word;
	return "refused";
}
