#include "review/sample.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/enc.h"
#include "schema/message.h"

#define KEY_MAX (64u * 1024) /* bytes of an item's key, escaped */

const char *const sample_strata[] = { "all", "privileged", "flagged", "new",
	"low", "rest", NULL };

void
sample_key(const char *key, struct buf *out)
{
	for (const unsigned char *p = (const unsigned char *)key; *p != '\0';
	     p++)
		if (*p == '\\')
			buf_put_string(out, "\\\\");
		else if ((*p < ' ' && *p != '\t') || *p == 0x7f)
			buf_printf(out, "\\u%04x", *p);
		else
			buf_put_byte(out, *p);
}

int
sample_check(const struct sample *s, struct err *e)
{
	size_t length = strlen(s->seed);
	bool known = false;

	for (size_t i = 0; sample_strata[i] != NULL; i++)
		known = known || strcmp(sample_strata[i], s->stratum) == 0;
	if (!known)
		return err_set(e, ERR_USAGE,
		    _("--stratum %s: all, privileged, flagged, new, low or "
		      "rest"),
		    s->stratum);
	if (s->size == 0 || s->size > SAMPLE_SIZE_MAX)
		return err_set(
		    e, ERR_USAGE, _("--size: 1 to %u"), SAMPLE_SIZE_MAX);
	if (length == 0 || length > SAMPLE_SEED_MAX ||
	    !enc_is_utf8(s->seed, length))
		return err_set(e, ERR_USAGE,
		    _("--seed: a text of at most %u bytes"), SAMPLE_SEED_MAX);
	for (const char *p = s->seed; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return err_set(
			    e, ERR_USAGE, _("--seed: one line of text"));
	return 0;
}

static struct statement *
ask(struct store *store, const struct sample *s, struct err *e)
{
	struct statement *st = store_use(store, "sample_items", e);

	bind_int(st, ":campaign", s->campaign);
	bind_text(st, ":stratum", s->stratum);
	return st;
}

int
sample_keys(struct store *store, const struct sample *s,
    int (*give)(void *, const char *, struct err *), void *context,
    struct err *e)
{
	struct statement *st = ask(store, s, e);
	struct buf key = buf_new(KEY_MAX);
	int more;

	while ((more = store_step(st, e)) == 1) {
		buf_clear(&key);
		sample_key(column_text(st, 1), &key);
		if (buf_status(&key, e) == -1 ||
		    give(context, buf_string(&key), e) == -1) {
			more = -1;
			break;
		}
	}
	store_done(st);
	buf_free(&key);
	return more;
}

/* ---- Drawing: the smallest, in a heap whose root is the greatest ---- */

struct drawing {
	struct sample_item *items;
	size_t count, size;
};

static int
by_digest(const void *a, const void *b)
{
	const struct sample_item *x = a, *y = b;
	int order = memcmp(x->digest, y->digest, sizeof(x->digest));

	if (order != 0)
		return order;
	return x->item < y->item ? -1 : x->item > y->item;
}

static void
swap(struct drawing *d, size_t i, size_t j)
{
	struct sample_item item = d->items[i];

	d->items[i] = d->items[j];
	d->items[j] = item;
}

static void
sink(struct drawing *d)
{
	for (size_t i = 0;;) {
		size_t most = i;

		for (size_t child = 2 * i + 1;
		     child <= 2 * i + 2 && child < d->count; child++)
			if (by_digest(&d->items[child], &d->items[most]) > 0)
				most = child;
		if (most == i)
			return;
		swap(d, i, most);
		i = most;
	}
}

static void
put_item(struct drawing *d, const struct sample_item *item)
{
	if (d->count == d->size) {
		if (by_digest(item, &d->items[0]) > 0)
			return;
		d->items[0] = *item;
		sink(d);
		return;
	}
	d->items[d->count] = *item;
	for (size_t i = d->count++; i > 0; i = (i - 1) / 2) {
		if (by_digest(&d->items[i], &d->items[(i - 1) / 2]) <= 0)
			return;
		swap(d, i, (i - 1) / 2);
	}
}

static int
draw_one(EVP_MD_CTX *c, const struct buf *head, const char *key,
    struct sample_item *item, struct err *e)
{
	struct buf line = buf_new(KEY_MAX);
	int result = -1;

	sample_key(key, &line);
	buf_put_byte(&line, '\n');
	if (buf_status(&line, e) == -1)
		;
	else if (EVP_DigestInit_ex(c, EVP_sha256(), NULL) != 1 ||
	    EVP_DigestUpdate(c, head->data, head->length) != 1 ||
	    EVP_DigestUpdate(c, line.data, line.length) != 1 ||
	    EVP_DigestFinal_ex(c, item->digest, NULL) != 1)
		err_set(e, ERR_CRYPTO, "SHA-256");
	else
		result = 0;
	buf_free(&line);
	return result;
}

static int
draw_all(struct store *store, const struct sample *s, struct drawing *d,
    int64_t *population, struct err *e)
{
	struct statement *st = ask(store, s, e);
	struct buf head = buf_new(512);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	int more = -1;

	buf_printf(&head, "%s\n", s->seed);
	enc_hex(&head, s->population, 32);
	buf_put_byte(&head, '\n');
	*population = 0;
	if (c == NULL)
		err_set(e, ERR_CRYPTO, "SHA-256");
	else if (buf_status(&head, e) == 0)
		while ((more = store_step(st, e)) == 1) {
			struct sample_item item = { .item = column_int(st, 0) };

			if (draw_one(c, &head, column_text(st, 1), &item, e) ==
			    -1) {
				more = -1;
				break;
			}
			put_item(d, &item);
			(*population)++;
		}
	store_done(st);
	buf_free(&head);
	EVP_MD_CTX_free(c);
	return more;
}

int
sample_draw(struct store *store, const struct sample *s,
    struct sample_item **items, size_t *count, int64_t *population,
    struct err *e)
{
	struct drawing d = { .size = s->size };

	*items = NULL;
	*count = 0;
	if (sample_check(s, e) == -1)
		return -1;
	d.items = calloc(s->size, sizeof(*d.items));
	if (d.items == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (draw_all(store, s, &d, population, e) == -1) {
		free(d.items);
		return -1;
	}
	qsort(d.items, d.count, sizeof(*d.items), by_digest);
	*items = d.items;
	*count = d.count;
	return 0;
}

/* ---- Records ---- */

static struct statement *
use(struct store *store, const char *name, const struct sample *s,
    struct err *e)
{
	struct statement *st = store_use(store, name, e);

	bind_int(st, ":campaign", s->campaign);
	bind_text(st, ":seed", s->seed);
	bind_int(st, ":size", (int64_t)s->size);
	bind_text(st, ":stratum", s->stratum);
	return st;
}

int
sample_add(
    struct act *act, struct store *store, const struct sample *s, struct err *e)
{
	struct statement *st = use(store, "sample_add", s, e);

	bind_int(st, ":act", act_number(act));
	return store_run(st, e);
}

int
sample_drawn(
    struct store *store, const struct sample *s, int64_t *act, struct err *e)
{
	struct statement *st = use(store, "sample_drawn", s, e);
	int there = store_step(st, e);

	*act = there == 1 ? column_int(st, 0) : 0;
	store_done(st);
	return there == -1 ? -1 : 0;
}
