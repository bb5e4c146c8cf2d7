/*
 * Dynamic groups: memberURL, an LDAP URL (RFC 4516) whose search is the list
 * of members. Evaluated on each account as it is read, so that nothing is
 * kept: base, scope, and a filter (RFC 4515) of &, |, !, presence, equality
 * and substrings, compared without case as most attributes are. What needs
 * more makes the group incomplete.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "review/attrmap_run.h"

#define URL_MAX   4096u /* bytes */
#define DEPTH_MAX 16
#define NODES_MAX 256u

enum node_kind { NODE_AND, NODE_OR, NODE_NOT, NODE_IS, NODE_THERE };

struct node {
	enum node_kind kind;
	size_t next;   /* after this one and what is below it */
	char *name;    /* of NODE_IS and NODE_THERE: into the filter's text */
	char *value;   /* pieces between stars, each closed by a NUL */
	size_t pieces; /* more than 1: substrings */
};

struct url_filter {
	size_t count;
	struct node nodes[NODES_MAX];
	char text[]; /* the filter; names and values point into it */
};

/* ---- reading a filter ---- */

struct parser {
	struct url_filter *filter;
	char *at;
	int depth;
};

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static struct node *
new_node(struct parser *p, enum node_kind kind)
{
	struct node *n;

	if (p->filter->count == NODES_MAX)
		return NULL;
	n = &p->filter->nodes[p->filter->count++];
	memset(n, 0, sizeof(*n));
	n->kind = kind;
	return n;
}

/* Up to the closing parenthesis, "\2a" undone in place; a star parts pieces. */
static bool
parse_value(struct parser *p, struct node *n)
{
	char *out = p->at;

	n->value = out;
	n->pieces = 1;
	for (; *p->at != ')'; p->at++) {
		int high, low;

		if (*p->at == '\0' || *p->at == '(')
			return false;
		if (*p->at == '*') {
			*out++ = '\0';
			n->pieces++;
			continue;
		}
		if (*p->at != '\\') {
			*out++ = *p->at;
			continue;
		}
		high = hex_value(p->at[1]);
		low = high < 0 ? -1 : hex_value(p->at[2]);
		if (low < 0 || (high == 0 && low == 0))
			return false;
		*out++ = (char)(high << 4 | low);
		p->at += 2;
	}
	p->at++;
	*out = '\0';
	return true;
}

static bool
parse_item(struct parser *p)
{
	struct node *n = new_node(p, NODE_IS);
	char *equals = strchr(p->at, '=');

	if (n == NULL || equals == NULL || equals == p->at)
		return false;
	n->name = p->at;
	/* "~=", ">=", "<=", ":=", options and blanks are more than we do. */
	if (strspn(p->at,
	        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	        "0123456789-.") != (size_t)(equals - p->at))
		return false;
	*equals = '\0';
	p->at = equals + 1;
	if (p->at[0] == '*' && p->at[1] == ')') {
		n->kind = NODE_THERE;
		p->at += 2;
	} else if (!parse_value(p, n)) {
		return false;
	}
	n->next = p->filter->count;
	return true;
}

static bool parse_filter(struct parser *);

static bool
parse_set(struct parser *p, enum node_kind kind)
{
	struct node *n = new_node(p, kind);
	size_t first;

	if (n == NULL)
		return false;
	p->at++;
	first = p->filter->count;
	while (*p->at == '(')
		if (!parse_filter(p))
			return false;
	if (*p->at != ')' || (kind == NODE_NOT && first == p->filter->count) ||
	    (kind == NODE_NOT &&
	        p->filter->nodes[first].next != p->filter->count))
		return false;
	p->at++;
	n->next = p->filter->count;
	return true;
}

static bool
parse_filter(struct parser *p)
{
	bool good;

	if (*p->at != '(' || ++p->depth > DEPTH_MAX)
		return false;
	p->at++;
	if (*p->at == '&')
		good = parse_set(p, NODE_AND);
	else if (*p->at == '|')
		good = parse_set(p, NODE_OR);
	else if (*p->at == '!')
		good = parse_set(p, NODE_NOT);
	else
		good = parse_item(p);
	p->depth--;
	return good;
}

static struct url_filter *
filter_new(const char *text)
{
	size_t length = strlen(text);
	struct url_filter *f = calloc(1, sizeof(*f) + length + 1);
	struct parser p = { .filter = f };

	if (f == NULL)
		return NULL;
	memcpy(f->text, text, length);
	p.at = f->text;
	if (parse_filter(&p) && *p.at == '\0')
		return f;
	free(f);
	return NULL;
}

/* ---- judging an entry ---- */

static bool
starts_with(const char *text, size_t length, const char *piece, size_t size)
{
	return length >= size && strncasecmp(text, piece, size) == 0;
}

/* The pieces in their order: first at the start, last at the end. */
static bool
matches(const struct node *n, const struct entry_value *v)
{
	const char *at = v->data, *end = v->data + v->length;
	const char *piece = n->value;

	for (size_t i = 0; i < n->pieces; i++, piece += strlen(piece) + 1) {
		size_t size = strlen(piece);
		bool last = i + 1 == n->pieces;

		if (last && n->pieces > 1) {
			if ((size_t)(end - at) < size)
				return false;
			at = end - size;
		}
		while (!starts_with(at, (size_t)(end - at), piece, size)) {
			if (i == 0 || last || at == end)
				return false;
			at++;
		}
		at += size;
	}
	return at == end || n->pieces > 1;
}

static bool
item_holds(const struct node *n, const struct entry *entry)
{
	for (size_t i = 0; i < entry->count; i++) {
		const struct entry_attribute *a = &entry->attributes[i];

		if (strcasecmp(a->name, n->name) != 0)
			continue;
		if (n->kind == NODE_THERE && a->count > 0)
			return true;
		for (size_t v = 0; v < a->count; v++)
			if (n->kind == NODE_IS && matches(n, &a->values[v]))
				return true;
	}
	return false;
}

/* The depth was bounded when it was read. */
static bool
holds(const struct url_filter *f, size_t index, const struct entry *entry)
{
	const struct node *n = &f->nodes[index];
	size_t at = index + 1;

	switch (n->kind) {
	case NODE_NOT:
		return !holds(f, at, entry);
	case NODE_AND:
		for (; at < n->next; at = f->nodes[at].next)
			if (!holds(f, at, entry))
				return false;
		return true;
	case NODE_OR:
		for (; at < n->next; at = f->nodes[at].next)
			if (holds(f, at, entry))
				return true;
		return false;
	case NODE_IS:
	case NODE_THERE:
		break;
	}
	return item_holds(n, entry);
}

static const char *
parent_of(const char *dn)
{
	for (; *dn != '\0'; dn++) {
		if (*dn == '\\' && dn[1] != '\0')
			dn++;
		else if (*dn == ',')
			return dn + 1;
	}
	return dn;
}

static bool
in_scope(const struct url *u, const char *dn)
{
	if (u->scope == 0)
		return dn_equal(dn, u->base);
	if (u->scope == 1)
		return dn_equal(parent_of(dn), u->base);
	return dn_is_below(dn, u->base);
}

/* ---- URLs ---- */

void
url_free(struct url *u)
{
	free(u->group_key);
	free(u->base);
	free(u->filter);
}

/* RFC 3986 section 2.1, in place. */
static bool
undo_percent(char *text)
{
	char *out = text;

	for (; *text != '\0'; text++) {
		int high, low;

		if (*text != '%') {
			*out++ = *text;
			continue;
		}
		high = hex_value(text[1]);
		low = high < 0 ? -1 : hex_value(text[2]);
		if (low < 0 || (high == 0 && low == 0))
			return false;
		*out++ = (char)(high << 4 | low);
		text += 2;
	}
	*out = '\0';
	return true;
}

/* Every attribute of the filter was asked for, so that absence is absence. */
static bool
can_see(const struct attrmap_run *run, const struct url_filter *f)
{
	if (run_is_file(run))
		return true;
	for (size_t i = 0; i < f->count; i++) {
		const char *const *asked = NULL;
		const struct attrmap_query *q = run->map->queries;

		if (f->nodes[i].name == NULL)
			continue;
		for (; q->what != NULL && asked == NULL; q++)
			if (strcmp(q->what, "accounts") == 0)
				asked = q->attributes;
		while (asked != NULL && *asked != NULL &&
		    strcasecmp(*asked, f->nodes[i].name) != 0)
			asked++;
		if (asked == NULL || *asked == NULL)
			return false;
	}
	return true;
}

/* "ldap://host/base?attributes?scope?filter?extensions" */
static bool
url_parse(const struct attrmap_run *run, const char *text, struct url *out)
{
	char copy[URL_MAX + 1];
	char *parts[5] = { NULL }, *at;
	size_t length = strlen(text);

	if (length > URL_MAX || strncasecmp(text, "ldap://", 7) != 0)
		return false;
	memcpy(copy, text + 7, length - 6);
	at = strchr(copy, '/');
	/* Another server's entries are not ours to judge. */
	if (at != copy)
		return false;
	at++;
	for (size_t i = 0; i < 5 && at != NULL; i++) {
		parts[i] = at;
		at = strchr(at, '?');
		if (at != NULL)
			*at++ = '\0';
		if (!undo_percent(parts[i]))
			return false;
	}
	if (at != NULL || (parts[4] != NULL && strchr(parts[4], '!') != NULL))
		return false;
	/* Attributes make it a list of their values, not of entries. */
	if (parts[1] != NULL && *parts[1] != '\0' &&
	    strcasecmp(parts[1], "dn") != 0 && strcmp(parts[1], "1.1") != 0)
		return false;
	out->scope = 0;
	if (parts[2] != NULL && strcasecmp(parts[2], "one") == 0)
		out->scope = 1;
	else if (parts[2] != NULL && strcasecmp(parts[2], "sub") == 0)
		out->scope = 2;
	else if (parts[2] != NULL && *parts[2] != '\0' &&
	    strcasecmp(parts[2], "base") != 0)
		return false;
	out->filter =
	    filter_new(parts[3] == NULL || *parts[3] == '\0' ? "(objectClass=*)"
	                                                     : parts[3]);
	out->base = strdup(parts[0]);
	return out->filter != NULL && out->base != NULL &&
	    can_see(run, out->filter);
}

static bool
is_known(const struct attrmap_run *run)
{
	for (size_t i = 0; i < run->url_count; i++)
		if (strcmp(run->urls[i].group_key, run->reading.key) == 0)
			return true;
	return false;
}

static void
learn(struct attrmap_run *run, const char *text)
{
	struct url *grown, u = { .late = run->counts.accounts > 0 };

	if (text == NULL || !url_parse(run, text, &u)) {
		url_free(&u);
		u.base = NULL;
		u.filter = NULL;
	}
	u.group_key = strdup(run->reading.key);
	grown = run_grow(
	    run, run->urls, run->url_count, &run->url_room, sizeof(*grown));
	if (grown != NULL)
		run->urls = grown;
	if (u.group_key == NULL || grown == NULL) {
		run->failed = true;
		url_free(&u);
		return;
	}
	run->urls[run->url_count++] = u;
}

void
urls_learn(struct attrmap_run *run, const struct entry_attribute *a)
{
	if (is_known(run))
		return;
	for (size_t i = 0; i < a->count && !run->failed; i++)
		learn(run, run_text(run, a, &a->values[i]));
}

bool
urls_are_complete(const struct attrmap_run *run)
{
	for (size_t i = 0; i < run->url_count; i++) {
		const struct url *u = &run->urls[i];

		if (strcmp(u->group_key, run->reading.key) == 0 &&
		    (u->filter == NULL || (u->late && !run->shown_again)))
			return false;
	}
	return true;
}

static int
deliver(struct attrmap_run *run, const struct url *u, struct err *e)
{
	bool in = in_scope(u, run->reading.entry->dn) &&
	    holds(u->filter, 0, run->reading.entry);
	const struct member m = {
		.group = { REF_KEY, u->group_key, NULL },
		.member = { REF_KEY, run->reading.key, NULL },
		.how = EDGE_DYNAMIC,
		.acquired = FACT_UNKNOWN,
		.removed = !in,
	};

	/* When only changes are told, one that fits no more is one. */
	if (!in && run->sink->mode == SINK_FULL)
		return 0;
	return run->sink->member(run->sink, &m, e);
}

int
urls_deliver(struct attrmap_run *run, bool late, struct err *e)
{
	for (size_t i = 0; i < run->url_count; i++) {
		const struct url *u = &run->urls[i];

		if (u->filter != NULL && u->late == late &&
		    deliver(run, u, e) == -1)
			return -1;
	}
	return 0;
}
