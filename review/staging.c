#include "review/staging.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "review/staging_internal.h"
#include "schema/base/secret.h"

#define BLOCK_SIZE (1u << 18) /* bytes of an arena's block */

/* ---- Memory ---- */

struct block {
	struct block *next;
	size_t used, room;
	char bytes[];
};

int
array_reserve(struct array *a, size_t size, struct err *e)
{
	size_t room = a->room == 0 ? 256 : a->room + a->room / 2;
	void *more;

	if (a->count < a->room)
		return 0;
	if ((more = realloc(a->data, room * size)) == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	a->data = more;
	a->room = room;
	return 0;
}

/* A copy that lives as long as the staging. NULL stays NULL. */
int
staging_keep(struct staging *s, const char **text, struct err *e)
{
	size_t length = *text == NULL ? 0 : strlen(*text) + 1;
	struct block *b = s->arena;
	size_t room = length > BLOCK_SIZE ? length : BLOCK_SIZE;

	if (*text == NULL)
		return 0;
	if (b == NULL || b->room - b->used < length) {
		if ((b = malloc(sizeof(*b) + room)) == NULL)
			return err_set(e, ERR_MEMORY, "out of memory");
		b->next = s->arena;
		b->used = 0;
		b->room = room;
		s->arena = b;
	}
	memcpy(b->bytes + b->used, *text, length);
	*text = b->bytes + b->used;
	b->used += length;
	return 0;
}

int
staging_digest(const struct buf *b, unsigned char digest[32], struct err *e)
{
	return EVP_Digest(
	           b->data, b->length, digest, NULL, EVP_sha256(), NULL) == 1
	    ? 0
	    : err_set(e, ERR_CRYPTO, "SHA-256 failed");
}

/* 0 is "nothing", and no hash. */
uint64_t
staging_hash(const struct staging *s)
{
	uint64_t low;

	if (s->extras.length == 0)
		return 0;
	low = hash_of(&s->key, s->extras.data, s->extras.length).low;
	return low == 0 ? 1 : low;
}

/* ---- Objects ---- */

struct object *
staging_object(struct staging *s, uint32_t place)
{
	return (struct object *)s->objects.data + place;
}

static struct reference
key_reference(const char *key)
{
	return (struct reference){ .form = REF_KEY, .text = key };
}

static int
add_object(struct staging *s, enum object_kind kind, const char *key,
    uint32_t *place, struct err *e)
{
	struct reference ref = key_reference(key);
	struct object *o;

	if (s->objects.count >= REF_NONE - 1)
		return err_set(e, ERR_LIMIT, "too many objects");
	if (array_reserve(&s->objects, sizeof(*o), e) == -1 ||
	    staging_keep(s, &key, e) == -1)
		return -1;
	*place = (uint32_t)s->objects.count;
	o = staging_object(s, *place);
	memset(o, 0, sizeof(*o));
	o->key = key;
	o->kind = (uint8_t)kind;
	s->objects.count++;
	return refindex_define(s->index, &ref, *place, e);
}

static void
take_stored(struct object *o, struct statement *st, int column)
{
	size_t length;
	const void *digest = column_blob(st, column + 2, &length);

	o->id = column_int(st, column);
	if (column_is_null(st, column + 1))
		return;
	o->since = column_int(st, column + 1);
	o->flags |= OBJECT_CURRENT;
	if (length == sizeof(o->digest))
		memcpy(o->digest, digest, length);
}

/* Asks the store for one, where not all were loaded. */
static int
load_one(struct staging *s, enum object_kind kind, const char *key,
    uint32_t *place, struct err *e)
{
	struct statement *st = store_use(s->store, "stored_object", e);
	int more;

	bind_int(st, ":source", s->source);
	bind_int(st, ":kind", kind);
	bind_text(st, ":key", key);
	more = store_step(st, e);
	if (more == 1) {
		if (add_object(s, kind, key, place, e) == -1)
			more = -1;
		else
			take_stored(staging_object(s, *place), st, 0);
	}
	store_done(st);
	return more == -1 ? -1 : 0;
}

int
staging_find(struct staging *s, enum object_kind kind, const char *key,
    uint32_t *place, struct err *e)
{
	struct reference ref = key_reference(key);
	uint32_t slot, object;

	*place = REF_NONE;
	if (refindex_find(s->index, &ref, &slot, e) == -1)
		return -1;
	if (slot != REF_NONE)
		for (uint32_t state = 0; (object = refindex_next(s->index, slot,
		                              &state)) != REF_NONE;)
			if (staging_object(s, object)->kind == kind) {
				*place = object;
				return 0;
			}
	return s->loaded || s->source == 0 ? 0
	                                   : load_one(s, kind, key, place, e);
}

/* The same, made if nobody knows it. */
int
staging_object_of(struct staging *s, enum object_kind kind, const char *key,
    uint32_t *place, struct err *e)
{
	if (key == NULL || key[0] == '\0')
		return err_set(e, ERR_FORMAT, "a source gave no key");
	if (staging_find(s, kind, key, place, e) == -1)
		return -1;
	return *place != REF_NONE ? 0 : add_object(s, kind, key, place, e);
}

/* ---- Values and signs of use, as bytes in a fixed order ---- */

void
staging_put_text(struct buf *b, const char *text)
{
	buf_put_string(b, text == NULL ? "" : text);
	buf_put_byte(b, '\0');
}

void
staging_put_value(struct buf *b, const struct value *v)
{
	staging_put_text(b, v->attribute);
	staging_put_text(b, v->value);
}

void
staging_put_usage(struct buf *b, const struct usage *u)
{
	staging_put_text(b, u->attribute);
	staging_put_text(b, u->server);
	buf_put_u64(b, (uint64_t)u->when);
	buf_put_u64(b, (uint64_t)u->resolution);
	buf_put_byte(b, u->raw != NULL);
	staging_put_text(b, u->raw);
}

static const char *
take_text(struct cursor *c)
{
	const unsigned char *end =
	    memchr(c->at, '\0', (size_t)(c->end - c->at));

	if (end == NULL) {
		c->failed = true;
		return "";
	}
	return (const char *)cursor_take(c, (size_t)(end - c->at) + 1);
}

int
staged_value(struct cursor *c, struct value *v, struct err *e)
{
	if (cursor_left(c) == 0)
		return 0;
	v->attribute = take_text(c);
	v->value = take_text(c);
	return c->failed ? err_set(e, ERR_FORMAT, "a staged value is cut") : 1;
}

int
staged_usage(struct cursor *c, struct usage *u, struct err *e)
{
	bool raw;

	if (cursor_left(c) == 0)
		return 0;
	u->attribute = take_text(c);
	u->server = take_text(c);
	u->when = (int64_t)cursor_u64(c);
	u->resolution = (int64_t)cursor_u64(c);
	raw = cursor_byte(c) != 0;
	u->raw = take_text(c);
	if (!raw)
		u->raw = NULL;
	return c->failed ? err_set(e, ERR_FORMAT, "a staged usage is cut") : 1;
}

/* ---- Loading what the store has ---- */

static int
load_objects(struct staging *s, struct err *e)
{
	struct statement *st = store_use(s->store, "stored_objects", e);
	uint32_t place;
	int more;

	bind_int(st, ":source", s->source);
	while ((more = store_step(st, e)) == 1) {
		if (add_object(s, (enum object_kind)column_int(st, 3),
		        column_text(st, 4), &place, e) == -1) {
			more = -1;
			break;
		}
		take_stored(staging_object(s, place), st, 0);
	}
	store_done(st);
	return more;
}

/* The hash of one object's rows, which come together and in its order. */
static void
close_hash(struct staging *s, size_t place, bool usages)
{
	struct object *o = staging_object(s, (uint32_t)place);

	if (s->extras.length == 0)
		return;
	if (usages)
		o->usages = staging_hash(s);
	else
		o->values = staging_hash(s);
	buf_clear(&s->extras);
}

static void
put_stored(struct staging *s, struct statement *st, bool usages)
{
	struct value v = { column_text(st, 1), column_text(st, 2) };
	struct usage u;

	if (!usages) {
		staging_put_value(&s->extras, &v);
		return;
	}
	u = (struct usage){ .attribute = v.attribute,
		.server = v.value,
		.when = column_fact(st, 3),
		.raw = column_text(st, 4),
		.resolution = column_int(st, 5) };
	staging_put_usage(&s->extras, &u);
}

static int
load_hashes(
    struct staging *s, const char *statement, bool usages, struct err *e)
{
	struct statement *st = store_use(s->store, statement, e);
	size_t place = 0;
	int more;

	bind_int(st, ":source", s->source);
	buf_clear(&s->extras);
	while ((more = store_step(st, e)) == 1) {
		int64_t id = column_int(st, 0);

		if (staging_object(s, (uint32_t)place)->id != id)
			close_hash(s, place, usages);
		while (place + 1 < s->objects.count &&
		    staging_object(s, (uint32_t)place)->id < id)
			place++;
		put_stored(s, st, usages);
	}
	store_done(st);
	if (s->objects.count > 0)
		close_hash(s, place, usages);
	return more == -1 ? -1 : buf_status(&s->extras, e);
}

int
staging_begin(struct staging *s, struct err *e)
{
	if (s->begun)
		return 0;
	s->begun = true;
	s->loaded = s->sink.mode != SINK_CHANGES;
	if (s->source == 0 || !s->loaded)
		return 0;
	return load_objects(s, e) == -1 ||
	        load_hashes(s, "stored_values", false, e) == -1 ||
	        load_hashes(s, "stored_usages", true, e) == -1
	    ? -1
	    : 0;
}

/* ---- Stored objects that are asked for ---- */

static bool
is_open(struct staging *s, enum reference_form form, const char *text,
    const char *host, uint32_t *slot)
{
	struct reference ref = { form, text, host };
	struct err ignored;
	uint32_t state = 0;

	return text != NULL && text[0] != '\0' &&
	    refindex_find(s->index, &ref, slot, &ignored) == 0 &&
	    *slot != REF_NONE &&
	    refindex_next(s->index, *slot, &state) == REF_NONE;
}

/*
 * One row: kind, key, dn, name, host, sid, and uid or gid as text. Each name
 * that is asked for and that nobody delivered bears.
 */
static int
answer_row(struct staging *s, struct statement *st, struct err *e)
{
	enum object_kind kind = (enum object_kind)column_int(st, 0);
	const char *host = column_text(st, 4);
	const struct {
		enum reference_form form;
		int column;
		bool local;
	} names[] = {
		{ REF_DN, 2, false },
		{ kind == OBJECT_ACCOUNT ? REF_NAME : REF_GROUP_NAME, 3, true },
		{ REF_SID, 5, false },
		{ kind == OBJECT_ACCOUNT ? REF_UID : REF_GID, 6, true },
	};
	uint32_t place, slot;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!is_open(s, names[i].form, column_text(st, names[i].column),
		        names[i].local ? host : NULL, &slot))
			continue;
		if (staging_find(s, kind, column_text(st, 1), &place, e) == -1)
			return -1;
		if (place == REF_NONE ||
		    (staging_object(s, place)->flags &
		        (OBJECT_DELIVERED | OBJECT_GONE)) != 0)
			return 0;
		if (refindex_add(s->index, slot, place, e) == -1)
			return -1;
	}
	return 0;
}

/* Keys are asked for one by one; the rest in a walk over what is stored. */
static int
answer_keys(struct staging *s, bool *others, struct err *e)
{
	uint32_t count = refindex_count(s->index);

	*others = false;
	for (uint32_t i = 0; i < count; i++) {
		struct reference ref;
		uint32_t state = 0, place;

		if (refindex_next(s->index, i, &state) != REF_NONE ||
		    !refindex_reference(s->index, i, &ref))
			continue;
		if (ref.form != REF_KEY) {
			*others = *others || ref.form != REF_EVERY;
			continue;
		}
		for (int kind = OBJECT_ACCOUNT; kind <= OBJECT_GROUP; kind++) {
			struct buf key = buf_new(RECORD_MAX);
			int result;

			/* The index may move its texts while we add. */
			staging_put_text(&key, ref.text);
			result = buf_status(&key, e) == -1
			    ? -1
			    : staging_find(s, (enum object_kind)kind,
			          (const char *)key.data, &place, e);
			buf_free(&key);
			if (result == -1 ||
			    !refindex_reference(s->index, i, &ref))
				return -1;
		}
	}
	return 0;
}

int
staging_resolve_stored(struct staging *s, struct err *e)
{
	struct statement *st;
	bool others;
	int more;

	if (s->source == 0 || answer_keys(s, &others, e) == -1)
		return s->source == 0 ? 0 : -1;
	if (!others)
		return 0;
	st = store_use(s->store, "stored_names", e);
	bind_int(st, ":source", s->source);
	while ((more = store_step(st, e)) == 1)
		if (answer_row(s, st, e) == -1) {
			more = -1;
			break;
		}
	store_done(st);
	return more;
}

/* ---- Making and ending ---- */

static int
load_cookies(struct staging *s, struct err *e)
{
	struct statement *st = store_use(s->store, "cookies", e);
	int more;

	bind_int(st, ":source", s->source);
	while ((more = store_step(st, e)) == 1) {
		struct staged_text kept = { column_text(st, 0),
			column_text(st, 1) };

		if (staging_keep(s, &kept.name, e) == -1 ||
		    staging_keep(s, &kept.text, e) == -1 ||
		    array_reserve(&s->cookies, sizeof(kept), e) == -1) {
			more = -1;
			break;
		}
		((struct staged_text *)s->cookies.data)[s->cookies.count++] =
		    kept;
	}
	store_done(st);
	return more;
}

int
staging_new(struct staging **out, struct store *store, int64_t source,
    const char *folder, const struct pull_options *options, struct err *e)
{
	struct entropy entropy = entropy_system();
	struct staging *s = calloc(1, sizeof(*s));

	*out = NULL;
	if (s == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	s->sink = staging_sink;
	s->sink.now = options->now;
	s->store = store;
	s->source = source;
	s->options = options;
	s->bytes = buf_new(RECORD_MAX);
	s->extras = buf_new(RECORD_MAX);
	s->values = buf_new(RECORD_MAX);
	s->usages = buf_new(RECORD_MAX);
	s->whole = buf_new(RECORD_MAX);
	s->last.text = buf_new(RECORD_MAX);
	if (entropy_fill(&entropy, &s->key, sizeof(s->key), e) == -1 ||
	    refindex_new(&s->index, &s->key, e) == -1 ||
	    scratch_new(&s->scratch, folder, e) == -1 ||
	    load_cookies(s, e) == -1) {
		staging_free(&s);
		return -1;
	}
	*out = s;
	return 0;
}

void
staging_free(struct staging **out)
{
	struct staging *s = *out;

	if (s == NULL)
		return;
	for (struct block *b = s->arena, *next; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	refindex_free(&s->index);
	scratch_free(&s->scratch);
	buf_free(&s->bytes);
	buf_free(&s->extras);
	buf_free(&s->values);
	buf_free(&s->usages);
	buf_free(&s->whole);
	buf_free(&s->last.text);
	free(s->objects.data);
	free(s->edges.data);
	free(s->acquired.data);
	free(s->policies.data);
	free(s->targets.data);
	free(s->queries.data);
	free(s->seen.data);
	free(s->cookies.data);
	free(s->remembered.data);
	free(s);
	*out = NULL;
}
