#include "review/refindex.h"

#include <stdlib.h>
#include <string.h>

#include "review/dn.h"

#define NO_TEXT UINT32_MAX
#define UNIT    8u /* bytes; texts begin at multiples, so 32 GiB can be named */

struct slot {
	uint64_t low;
	uint32_t high;   /* 96 bits of the hash in all */
	uint32_t object; /* the first, or REF_NONE */
	uint32_t more;   /* 1 + the place of the next in links, or 0 */
	uint32_t text;   /* in units; NO_TEXT: nobody asked */
};

/* Two objects of one name: rare. */
struct link {
	uint32_t object;
	uint32_t more;
};

struct refindex {
	struct hash_key key;
	struct slot *slots;
	size_t count, room;
	uint32_t *table; /* 1 + slot, or 0; a power of two */
	size_t table_size;
	struct link *links;
	size_t link_count, link_room;
	char *texts;
	size_t text_length, text_room;
	char *normal; /* of one reference */
	size_t normal_room;
};

int
refindex_new(struct refindex **out, const struct hash_key *key, struct err *e)
{
	struct refindex *r = calloc(1, sizeof(*r));

	*out = NULL;
	if (r != NULL) {
		r->key = *key;
		r->table_size = 4096;
		r->table = calloc(r->table_size, sizeof(*r->table));
	}
	if (r == NULL || r->table == NULL) {
		refindex_free(&r);
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	*out = r;
	return 0;
}

void
refindex_free(struct refindex **r)
{
	if (*r == NULL)
		return;
	free((*r)->slots);
	free((*r)->table);
	free((*r)->links);
	free((*r)->texts);
	free((*r)->normal);
	free(*r);
	*r = NULL;
}

static int
reserve(void **array, size_t size, size_t *room, size_t wanted, struct err *e)
{
	size_t larger = *room == 0 ? 1024 : *room + *room / 2;
	void *more;

	if (wanted <= *room)
		return 0;
	if (larger < wanted)
		larger = wanted;
	if ((more = realloc(*array, larger * size)) == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	*array = more;
	*room = larger;
	return 0;
}

/* ---- From a reference to its hash ---- */

/* A directory's names do not differ by case; a host's do. */
static size_t
put_folded(char *out, const char *text, size_t length, bool fold)
{
	for (size_t i = 0; i < length; i++)
		out[i] = fold && text[i] >= 'A' && text[i] <= 'Z'
		    ? (char)(text[i] - 'A' + 'a')
		    : text[i];
	return length;
}

static int
hash_reference(struct refindex *r, const struct reference *ref,
    struct hash *hash, struct err *e)
{
	const char *text = ref->text == NULL ? "" : ref->text;
	size_t length = strlen(text);
	size_t host = ref->host == NULL ? 0 : strlen(ref->host);
	size_t at = 0, name = 0;

	if (reserve((void **)&r->normal, 1, &r->normal_room,
	        3 + host + DN_ROOM(length), e) == -1)
		return -1;
	r->normal[at++] = (char)ref->form;
	if (ref->host != NULL) {
		memcpy(r->normal + at, ref->host, host);
		at += host;
	}
	r->normal[at++] = '\0';
	if (ref->form == REF_DN)
		name = dn_normal(text, length, r->normal + at, DN_ROOM(length));
	if (name == 0)
		name = put_folded(r->normal + at, text, length,
		    ref->form != REF_KEY && ref->host == NULL);
	*hash = hash_of(&r->key, r->normal, at + name);
	return 0;
}

/* ---- The table ---- */

static size_t
place_of(const struct refindex *r, const struct hash *h)
{
	size_t place = (size_t)h->low & (r->table_size - 1);

	while (r->table[place] != 0) {
		const struct slot *s = &r->slots[r->table[place] - 1];

		if (s->low == h->low && s->high == (uint32_t)h->high)
			break;
		place = (place + 1) & (r->table_size - 1);
	}
	return place;
}

static int
widen(struct refindex *r, struct err *e)
{
	size_t size = r->table_size * 2;
	uint32_t *table = calloc(size, sizeof(*table));

	if (table == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	free(r->table);
	r->table = table;
	r->table_size = size;
	for (size_t i = 0; i < r->count; i++) {
		size_t place = (size_t)r->slots[i].low & (size - 1);

		while (table[place] != 0)
			place = (place + 1) & (size - 1);
		table[place] = (uint32_t)i + 1;
	}
	return 0;
}

static int
find_or_make(struct refindex *r, const struct reference *ref, uint32_t *slot,
    struct err *e)
{
	struct hash h;
	size_t place;

	if (hash_reference(r, ref, &h, e) == -1)
		return -1;
	place = place_of(r, &h);
	if (r->table[place] == 0) {
		if (r->count >= REF_NONE - 2)
			return err_set(e, ERR_LIMIT, "too many names");
		if (reserve((void **)&r->slots, sizeof(*r->slots), &r->room,
		        r->count + 1, e) == -1)
			return -1;
		if ((r->count + 1) * 4 > r->table_size * 3) {
			if (widen(r, e) == -1)
				return -1;
			place = place_of(r, &h);
		}
		r->slots[r->count] = (struct slot){ .low = h.low,
			.high = (uint32_t)h.high,
			.object = REF_NONE,
			.text = NO_TEXT };
		r->table[place] = (uint32_t)++r->count;
	}
	*slot = r->table[place] - 1;
	return 0;
}

/* form, host and NUL (or 0xff for none), text and NUL. */
static int
keep_text(struct refindex *r, struct slot *s, const struct reference *ref,
    struct err *e)
{
	const char *text = ref->text == NULL ? "" : ref->text;
	size_t host = ref->host == NULL ? 0 : strlen(ref->host) + 1;
	size_t length = strlen(text) + 1;
	size_t at = (r->text_length + UNIT - 1) / UNIT * UNIT;
	char *out;

	if (at / UNIT >= NO_TEXT)
		return err_set(e, ERR_LIMIT, "too many references");
	if (reserve((void **)&r->texts, 1, &r->text_room,
	        at + 2 + host + length, e) == -1)
		return -1;
	out = r->texts + at;
	*out++ = (char)ref->form;
	*out++ = ref->host != NULL;
	if (ref->host != NULL)
		memcpy(out, ref->host, host);
	memcpy(out + host, text, length);
	r->text_length = at + 2 + host + length;
	s->text = (uint32_t)(at / UNIT);
	return 0;
}

int
refindex_slot(struct refindex *r, const struct reference *ref, uint32_t *slot,
    struct err *e)
{
	struct slot *s;

	if (find_or_make(r, ref, slot, e) == -1)
		return -1;
	s = &r->slots[*slot];
	/* Whom an object answers to already needs no text. */
	return s->text != NO_TEXT || s->object != REF_NONE
	    ? 0
	    : keep_text(r, s, ref, e);
}

static int
add_object(struct refindex *r, uint32_t slot, uint32_t object, struct err *e)
{
	struct slot *s = &r->slots[slot];

	for (uint32_t state = 0, known;
	     (known = refindex_next(r, slot, &state)) != REF_NONE;)
		if (known == object)
			return 0;
	if (s->object == REF_NONE) {
		s->object = object;
		return 0;
	}
	if (reserve((void **)&r->links, sizeof(*r->links), &r->link_room,
	        r->link_count + 1, e) == -1)
		return -1;
	r->links[r->link_count] =
	    (struct link){ .object = object, .more = s->more };
	s->more = (uint32_t)++r->link_count;
	return 0;
}

int
refindex_define(struct refindex *r, const struct reference *ref,
    uint32_t object, struct err *e)
{
	uint32_t slot = REF_NONE;

	return find_or_make(r, ref, &slot, e) == -1
	    ? -1
	    : add_object(r, slot, object, e);
}

int
refindex_find(struct refindex *r, const struct reference *ref, uint32_t *slot,
    struct err *e)
{
	struct hash h;

	*slot = REF_NONE;
	if (hash_reference(r, ref, &h, e) == -1)
		return -1;
	*slot = r->table[place_of(r, &h)] - 1; /* 0 - 1 is REF_NONE */
	return 0;
}

int
refindex_add(struct refindex *r, uint32_t slot, uint32_t object, struct err *e)
{
	return add_object(r, slot, object, e);
}

uint32_t
refindex_next(const struct refindex *r, uint32_t slot, uint32_t *state)
{
	const struct slot *s = &r->slots[slot];
	uint32_t more;

	/* state: 0 at first, else 1 + the place in links, REF_NONE at the end */
	if (*state == 0) {
		*state = s->more == 0 ? REF_NONE : s->more;
		return s->object;
	}
	if (*state == REF_NONE)
		return REF_NONE;
	more = r->links[*state - 1].more;
	slot = r->links[*state - 1].object;
	*state = more == 0 ? REF_NONE : more;
	return slot;
}

uint32_t
refindex_count(const struct refindex *r)
{
	return (uint32_t)r->count;
}

bool
refindex_reference(
    const struct refindex *r, uint32_t slot, struct reference *out)
{
	const char *at;

	if (r->slots[slot].text == NO_TEXT)
		return false;
	at = r->texts + (size_t)r->slots[slot].text * UNIT;
	out->form = (enum reference_form) * at++;
	out->host = NULL;
	if (*at++ != 0) {
		out->host = at;
		at += strlen(at) + 1;
	}
	out->text = at;
	return true;
}

int
refindex_copy(struct refindex *r, uint32_t to, uint32_t from, struct err *e)
{
	uint32_t object;

	for (uint32_t state = 0;
	     (object = refindex_next(r, from, &state)) != REF_NONE;)
		if (add_object(r, to, object, e) == -1)
			return -1;
	return 0;
}
