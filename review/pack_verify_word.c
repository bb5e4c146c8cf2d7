/*
 * Which word has effect on an item: the newest one that may have consequences,
 * as the view item_effect of the store has it. It is found anew of all
 * decisions that the pack shows, which are those that were signed.
 */
#include "review/pack_verify_internal.h"

#include <stdlib.h>
#include <string.h>

#include "review/pack_value.h"
#include "schema/message.h"

#define WORDS_MAX (1u << 24)
#define TEXT_MAX  (1u << 20)
#define N_BITS    36u /* of a decision's number in its act */

struct word {
	struct hash on; /* what it is about, and whether for plain items only */
	struct hash said;
	uint64_t order; /* act, number */
};

struct pack_words {
	struct pack_check *check;
	struct buf tuple;
	struct word *list;
	size_t count;
	bool sorted;
};

int
pack_words_new(struct pack_words **out, struct pack_check *c, struct err *e)
{
	struct pack_words *w = calloc(1, sizeof(*w));

	*out = w;
	if (w == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	w->check = c;
	w->tuple = buf_new(TEXT_MAX);
	return 0;
}

void
pack_words_free(struct pack_words **words)
{
	if (*words == NULL)
		return;
	buf_free(&(*words)->tuple);
	free((*words)->list);
	free(*words);
	*words = NULL;
}

/* ---- Hashes ---- */

static void
put(struct pack_words *w, const char *text)
{
	buf_put_string(&w->tuple, text == NULL ? "" : text);
	buf_put_byte(&w->tuple, '\0');
}

static struct hash
hash_tuple(struct pack_words *w)
{
	return hash_of(&w->check->key, w->tuple.data, w->tuple.length);
}

static struct hash
hash_on(struct pack_words *w, const struct pack_row *row, const char *item,
    bool plain)
{
	buf_clear(&w->tuple);
	put(w, pack_value(row, "campaign"));
	put(w, pack_value(row, "question"));
	put(w, item);
	put(w, plain ? "plain" : "any");
	return hash_tuple(w);
}

static struct hash
hash_said(struct pack_words *w, const struct pack_row *row)
{
	buf_clear(&w->tuple);
	put(w, pack_value(row, "act"));
	put(w, pack_value(row, "decision"));
	put(w, pack_value(row, "reviewer"));
	return hash_tuple(w);
}

static int
by_order(const void *a, const void *b)
{
	const struct word *x = a, *y = b;
	int order = hash_order(&x->on, &y->on);

	return order != 0 ? order
	                  : (x->order > y->order) - (x->order < y->order);
}

/* ---- Decisions ---- */

enum effect { NONE, ON_PLAIN, ON_ANY };

static enum effect
effect_of(const struct pack_row *row, const struct pack_act *a)
{
	const char *decision = pack_value(row, "decision");
	const char *grade = pack_value(row, "grade");
	bool exception = strcmp(decision, "exception") == 0;
	bool own = strcmp(grade, "signed") == 0 && !exception;

	if (strcmp(decision, "not-mine") == 0 || (a->refused && !own))
		return NONE;
	if (own || a->approved)
		return ON_ANY;
	return !exception &&
	        (strcmp(grade, "coded") == 0 ||
	            strcmp(grade, "transcribed") == 0)
	    ? ON_PLAIN
	    : NONE;
}

static int
add_word(struct pack_words *w, const struct word *word, struct err *e)
{
	struct word *grown = w->list;

	if (w->count == WORDS_MAX)
		return err_set(e, ERR_LIMIT, _("more rows than a pack has"));
	if ((w->count & (w->count - 1)) == 0) {
		grown = realloc(w->list,
		    (w->count == 0 ? 1 : 2 * w->count) * sizeof(*grown));
		if (grown == NULL)
			return err_set(e, ERR_MEMORY, "out of memory");
	}
	w->list = grown;
	w->list[w->count++] = *word;
	w->sorted = false;
	return buf_status(&w->tuple, e);
}

int
pack_words_take(struct pack_words *w, const struct pack_row *row, struct err *e)
{
	const struct pack_act *a;
	struct word word;
	int64_t act, n;
	enum effect effect;

	if (pack_uncount(pack_value(row, "act"), &act, e) == -1 ||
	    pack_uncount(pack_value(row, "number"), &n, e) == -1)
		return -1;
	if (n >= INT64_C(1) << N_BITS)
		return err_set(e, ERR_LIMIT, _("more rows than a pack has"));
	if ((a = pack_act_find(w->check, act)) == NULL ||
	    (effect = effect_of(row, a)) == NONE)
		return 0;
	word.on = hash_on(w, row, pack_value(row, "item"), effect == ON_PLAIN);
	word.said = hash_said(w, row);
	word.order = (uint64_t)act << N_BITS | (uint64_t)n;
	return add_word(w, &word, e);
}

/* ---- Items ---- */

/* The newest about that; NULL: there is none. */
static const struct word *
newest_of(const struct pack_words *w, struct hash on)
{
	size_t low = 0, high = w->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (hash_order(&w->list[middle].on, &on) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && hash_order(&w->list[low - 1].on, &on) == 0
	    ? &w->list[low - 1]
	    : NULL;
}

static bool
is_plain(const struct pack_row *row)
{
	static const char *const low[] = { "", "low", "info" };
	const char *severity = pack_value(row, "severity");
	const char *privileged = pack_value(row, "privileged");

	if (privileged == NULL || strcmp(privileged, "false") != 0)
		return false;
	for (size_t i = 0; i < sizeof(low) / sizeof(low[0]); i++)
		if (strcmp(severity == NULL ? "" : severity, low[i]) == 0)
			return true;
	return false;
}

static const struct word *
find_effect(struct pack_words *w, const struct pack_row *row)
{
	const char *const items[] = { "0", pack_value(row, "number") };
	const struct word *newest = NULL;

	if (!w->sorted && w->count > 0)
		qsort(w->list, w->count, sizeof(*w->list), by_order);
	w->sorted = true;
	for (size_t i = 0; i < 4; i++) {
		const struct word *word = i < 2 || is_plain(row)
		    ? newest_of(w, hash_on(w, row, items[i % 2], i >= 2))
		    : NULL;

		if (word != NULL &&
		    (newest == NULL || word->order > newest->order))
			newest = word;
	}
	return newest;
}

static void
judge_word(struct pack_words *w, const struct pack_row *row, int64_t act,
    const struct word *newest)
{
	struct pack_check *c = w->check;
	const struct pack_act *a = pack_act_find(c, act);
	int64_t last = newest == NULL ? 0 : (int64_t)(newest->order >> N_BITS);
	struct hash said = hash_said(w, row);

	if (a == NULL || !pack_act_has(a, "decision"))
		pack_row_altered(c, row, _("no act that is here can have it"));
	else if (last > act)
		pack_row_altered(
		    c, row, _("a later decision than this one has effect"));
	else if (last < act && !a->included)
		c->verdict->unproven++;
	else if (newest == NULL || last < act ||
	    hash_order(&newest->said, &said) != 0)
		pack_row_altered(
		    c, row, _("its act has no such decision on it"));
}

int
pack_words_check(
    struct pack_words *w, const struct pack_row *row, struct err *e)
{
	const char *text = pack_value(row, "act");
	const struct word *newest = find_effect(w, row);
	int64_t act;

	if (text != NULL) {
		if (pack_uncount(text, &act, e) == -1)
			return -1;
		judge_word(w, row, act, newest);
	} else if (pack_value(row, "decision") != NULL ||
	    pack_value(row, "reviewer") != NULL)
		pack_row_altered(w->check, row, _("a decision of no act"));
	else if (newest != NULL)
		pack_row_altered(w->check, row,
		    _("it shows no decision, and one has effect"));
	return buf_status(&w->tuple, e);
}
