#include "review/use_part.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/digest.h"
#include "schema/base/enc.h"

#define SUCCESS_SECONDS 900
#define FAILURE_SECONDS 60

#define HASH_BYTES 12u /* of a mask; 96 bits tell names apart */

/* Six texts, each with its NUL. */
#define TEXT_MAX (6 * (AUTHLOG_NAME_MAX + 1))

struct part {
	char *text; /* its texts, as set_text puts them */
	size_t length;
	struct use_part part;
};

/* How many names of one minute, host, service, origin and class are told. */
struct group {
	char *text;
	size_t length;
	size_t names;
};

struct use_parts {
	void *parts;  /* tsearch(3) of struct part */
	void *groups; /* tsearch(3) of struct group */
	size_t count;
	/* While they are walked. */
	int (*give)(void *, const struct use_part *, struct err *);
	void *context;
	struct err *error;
	int failed;
};

int64_t
use_part_at(int64_t at, bool success)
{
	int64_t step = success ? SUCCESS_SECONDS : FAILURE_SECONDS;

	return at - ((at % step) + step) % step;
}

/* ---- Masks ---- */

static size_t
characters_of(const char *text, size_t length)
{
	size_t count = 0;

	for (size_t i = 0; i < length; i++)
		count += ((unsigned char)text[i] & 0xc0) != 0x80;
	return count;
}

/* The first character, if it is one that can be shown; else '?'. */
static int
first_of(const char *text, size_t length)
{
	size_t first = 1;

	while (first < length && ((unsigned char)text[first] & 0xc0) == 0x80)
		first++;
	if (length == 0 || first > 4 || !enc_is_utf8(text, first) ||
	    (unsigned char)text[0] <= ' ' || text[0] == 0x7f ||
	    ((unsigned char)text[0] == 0xc2 && (unsigned char)text[1] < 0xa0))
		return 0;
	return (int)first;
}

int
use_part_mask(const unsigned char key[32], const char *typed, size_t length,
    char out[USE_MASK_MAX], struct err *e)
{
	size_t kept = length < AUTHLOG_NAME_MAX ? length : AUTHLOG_NAME_MAX;
	unsigned char hash[DIGEST_SHA256_LENGTH];
	char hex[2 * HASH_BYTES + 1];
	int first = first_of(typed, kept);

	if (digest_hmac(DIGEST_SHA256, key, 32, typed, kept, hash, e) == -1)
		return -1;
	for (size_t i = 0; i < HASH_BYTES; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", hash[i]);
	(void)snprintf(out, USE_MASK_MAX, "%s %zu %.*s", hex,
	    characters_of(typed, kept) + (length - kept),
	    first == 0 ? 1 : first, first == 0 ? "?" : typed);
	return 0;
}

/* ---- Parts ---- */

int
use_parts_new(struct use_parts **out, struct err *e)
{
	*out = calloc(1, sizeof(**out));
	return *out == NULL ? err_set(e, ERR_MEMORY, "out of memory") : 0;
}

static void
free_part(void *node)
{
	struct part *p = node;

	free(p->text);
	free(p);
}

static void
free_group(void *node)
{
	struct group *g = node;

	free(g->text);
	free(g);
}

void
use_parts_clear(struct use_parts *u)
{
	if (u == NULL)
		return;
	tdestroy(u->parts, free_part);
	tdestroy(u->groups, free_group);
	u->parts = NULL;
	u->groups = NULL;
	u->count = 0;
}

void
use_parts_free(struct use_parts **u)
{
	use_parts_clear(*u);
	free(*u);
	*u = NULL;
}

size_t
use_parts_count(const struct use_parts *u)
{
	return u->count;
}

static int
by_bytes(const char *a, size_t a_length, const char *b, size_t b_length)
{
	int order = memcmp(a, b, a_length < b_length ? a_length : b_length);

	if (order != 0 || a_length == b_length)
		return order;
	return a_length < b_length ? -1 : 1;
}

static int
by_part(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	if (x->part.at != y->part.at)
		return x->part.at < y->part.at ? -1 : 1;
	if (x->part.success != y->part.success)
		return x->part.success ? -1 : 1;
	if (x->part.why != y->part.why)
		return x->part.why < y->part.why ? -1 : 1;
	return by_bytes(x->text, x->length, y->text, y->length);
}

static int
by_group(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	return by_bytes(x->text, x->length, y->text, y->length);
}

static size_t
put(char *to, size_t at, const char *text)
{
	size_t length = strlen(text) + 1;

	memcpy(to + at, text, length);
	return at + length;
}

/* The part's texts become those of like, which are copied to p->text. */
static void
set_text(struct part *p, const struct use_part *like)
{
	const char *const values[] = { like->host, like->service, like->origin,
		like->key, like->name, like->mask };
	const char **const to[] = { &p->part.host, &p->part.service,
		&p->part.origin, &p->part.key, &p->part.name, &p->part.mask };
	size_t at = 0;

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		*to[i] = p->text + at;
		at = put(p->text, at, values[i]);
	}
	p->length = at;
}

/* Whether one more name may be told apart: 1, 0, -1. */
static int
may_name(struct use_parts *u, const struct use_part *p, struct err *e)
{
	char text[TEXT_MAX + sizeof(p->at) + 1];
	struct group like = { .text = text }, *g;
	void *node;

	like.length = put(text, 0, p->host);
	like.length = put(text, like.length, p->service);
	like.length = put(text, like.length, p->origin);
	memcpy(text + like.length, &p->at, sizeof(p->at));
	like.length += sizeof(p->at);
	text[like.length++] = (char)p->why;
	if ((node = tfind(&like, &u->groups, by_group)) != NULL) {
		g = *(struct group **)node;
		if (g->names >= USE_PART_NAMES)
			return 0;
		g->names++;
		return 1;
	}
	g = calloc(1, sizeof(*g));
	if (g != NULL && (g->text = malloc(like.length)) != NULL) {
		memcpy(g->text, text, like.length);
		g->length = like.length;
		g->names = 1;
		if (tsearch(g, &u->groups, by_group) != NULL)
			return 1;
	}
	if (g != NULL)
		free_group(g);
	return err_set(e, ERR_MEMORY, "out of memory");
}

static struct part *
new_part(struct use_parts *u, const struct use_part *like, size_t length,
    struct err *e)
{
	struct part *p = calloc(1, sizeof(*p));

	if (p != NULL && (p->text = malloc(length)) != NULL) {
		p->part = *like;
		p->part.count = 0;
		set_text(p, like);
		if (tsearch(p, &u->parts, by_part) != NULL) {
			u->count++;
			return p;
		}
	}
	if (p != NULL)
		free_part(p);
	err_set(e, ERR_MEMORY, "out of memory");
	return NULL;
}

/* The one that is there, or a new one with nothing counted. */
static struct part *
find_part(struct use_parts *u, const struct use_part *wanted, struct err *e)
{
	char text[TEXT_MAX];
	struct use_part like = *wanted;
	struct part key = { .text = text, .part = like };
	void *node;
	int may;

	set_text(&key, &like);
	node = tfind(&key, &u->parts, by_part);
	if (node == NULL && !like.success) {
		if ((may = may_name(u, &like, e)) == -1)
			return NULL;
		if (may == 0) {
			like.name = "";
			like.mask = USE_MASK_MORE;
			like.elsewhere = false;
			set_text(&key, &like);
			node = tfind(&key, &u->parts, by_part);
		}
	}
	return node != NULL ? *(struct part **)node
	                    : new_part(u, &like, key.length, e);
}

int
use_parts_add(struct use_parts *u, const struct use_part *add, struct err *e)
{
	struct part *p = find_part(u, add, e);

	if (p == NULL)
		return -1;
	p->part.count += add->count;
	if (add->first < p->part.first)
		p->part.first = add->first;
	if (add->last > p->part.last)
		p->part.last = add->last;
	return 0;
}

static void
give_one(const void *node, VISIT visit, void *context)
{
	const struct part *p = *(struct part *const *)node;
	struct use_parts *u = context;

	if ((visit == postorder || visit == leaf) && u->failed == 0)
		u->failed = u->give(u->context, &p->part, u->error);
}

int
use_parts_walk(struct use_parts *u,
    int (*give)(void *, const struct use_part *, struct err *), void *context,
    struct err *e)
{
	u->give = give;
	u->context = context;
	u->error = e;
	u->failed = 0;
	twalk_r(u->parts, give_one, u);
	return u->failed;
}
