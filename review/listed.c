#include "review/listed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "review/textfile.h"
#include "schema/base/enc.h"
#include "schema/message.h"

#define WIDEST_FOUR (96u + 8u)
#define WIDEST_SIX  16u
#define LISTS_MAX   64u

/* ---- Lines ---- */

static bool
parts(char byte)
{
	return byte == ',' || byte == ';' || byte == '\t' || byte == ' ' ||
	    byte == '"' || byte == '\'';
}

static bool
is_too_wide(const struct network *n)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	bool four =
	    n->bits >= 96 && memcmp(n->first, mapped, sizeof(mapped)) == 0;

	return n->bits < (four ? WIDEST_FOUR : WIDEST_SIX);
}

/* What may be stored and shown of the line. */
static void
put_note(struct listed_line *out, const char *line, size_t length)
{
	size_t kept = length < LISTED_NOTE_MAX ? length : LISTED_NOTE_MAX;

	while (kept > 0 && kept < length &&
	    ((unsigned char)line[kept] & 0xc0) == 0x80)
		kept--;
	out->note[0] = '\0';
	if (!enc_is_utf8(line, kept))
		return;
	memcpy(out->note, line, kept);
	out->note[kept] = '\0';
	for (char *p = out->note; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
}

int
listed_read(const char *line, size_t length, struct listed_line *out)
{
	const char *at = line, *end = line + length;

	if (length >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0)
		at += 3;
	while (at < end && parts(*at) && *at != ';')
		at++;
	if (at == end || *at == '#' || *at == ';')
		return 0;
	while (at < end) {
		const char *cell = at;

		while (at < end && !parts(*at))
			at++;
		if (network_read(cell, (size_t)(at - cell), &out->network)) {
			put_note(out, line, length);
			return is_too_wide(&out->network) ? -1 : 1;
		}
		while (at < end && parts(*at))
			at++;
	}
	return -1;
}

/* ---- Importing ---- */

struct import {
	struct store *store;
	const char *path, *name;
	struct listed_result *result;
	struct buf *rows;
	size_t errors;
	int64_t id;
};

static void
bad_line(struct import *m, int64_t number)
{
	if (m->errors++ < LISTED_ERRORS)
		buf_printf(m->rows,
		    _("%s: line %lld: no address or network, or too wide a "
		      "one\n"),
		    m->path, (long long)number);
}

/* The row that was just ended lives on, or there is a new one. */
static int
add_line(struct import *m, const struct listed_line *line, struct err *e)
{
	struct statement *s = store_use(m->store, "listed_state", e);
	int there;
	int64_t until = 0;

	bind_text(s, ":list", m->name);
	bind_blob(s, ":network", line->network.first, NETWORK_BYTES);
	bind_int(s, ":bits", line->network.bits);
	if ((there = store_step(s, e)) == 1)
		until = column_int(s, 0);
	store_done(s);
	if (there == -1)
		return -1;
	if (there == 1 && until == STORE_OPEN)
		return 0; /* twice in the file */
	m->result->rows++;
	s = store_use(m->store,
	    there == 1 && until == m->id ? "listed_keep" : "listed_add", e);
	bind_text(s, ":list", m->name);
	bind_blob(s, ":network", line->network.first, NETWORK_BYTES);
	bind_int(s, ":bits", line->network.bits);
	bind_int(s, ":import", m->id);
	if (there == 1 && until == m->id) {
		m->result->kept++;
	} else {
		bind_text(s, ":note", line->note);
		m->result->fresh++;
	}
	return store_run(s, e);
}

static int
read_lines(struct import *m, struct textfile *file, struct err *e)
{
	struct textfile_line line;
	struct listed_line out;
	int more;

	while ((more = textfile_next(file, &line, e)) == 1) {
		int got =
		    line.cut ? -1 : listed_read(line.text, line.length, &out);

		if (got == -1 && line.number > 1)
			bad_line(m, line.number);
		if (got != 1)
			continue;
		if (m->result->rows == LISTED_MAX)
			return err_set(e, ERR_LIMIT, "%s: over %u rows",
			    m->path, LISTED_MAX);
		if (add_line(m, &out, e) == -1)
			return -1;
	}
	if (more == -1)
		return -1;
	if (m->errors > 0)
		return err_set(e, ERR_FORMAT,
		    _("%s: %zu lines can't be taken, so none is"), m->path,
		    m->errors);
	if (m->result->rows == 0)
		return err_set(
		    e, ERR_FORMAT, _("%s: no address is in it"), m->path);
	return 0;
}

static int
begin_import(struct import *m, int64_t now, struct err *e)
{
	unsigned char digest[TEXTFILE_DIGEST];
	char kind[sizeof("list:") + LISTED_NAME_MAX];
	struct statement *s;

	if (textfile_digest(m->path, digest, e) == -1)
		return -1;
	(void)snprintf(kind, sizeof(kind), "list:%s", m->name);
	s = store_use(m->store, "register_import_add", e);
	bind_int(s, ":at", now);
	bind_text(s, ":file", m->path);
	bind_blob(s, ":digest", digest, sizeof(digest));
	bind_text(s, ":kind", kind);
	bind_int(s, ":rows", 0);
	if (store_run(s, e) == -1)
		return -1;
	m->id = store_last_id(m->store);
	s = store_use(m->store, "listed_end", e);
	bind_text(s, ":list", m->name);
	bind_int(s, ":import", m->id);
	return store_run(s, e);
}

static int
end_import(struct import *m, struct err *e)
{
	struct statement *s = store_use(m->store, "listed_ended", e);
	int there;

	bind_text(s, ":list", m->name);
	bind_int(s, ":import", m->id);
	if ((there = store_step(s, e)) == 1)
		m->result->ended = column_int(s, 0);
	store_done(s);
	if (there != 1)
		return -1;
	s = store_use(m->store, "register_import_rows", e);
	bind_int(s, ":import", m->id);
	bind_int(s, ":rows", m->result->rows);
	return store_run(s, e);
}

int
listed_import(struct store *store, const char *path, const char *name,
    int64_t now, struct listed_result *result, struct buf *rows, struct err *e)
{
	struct import m = { .store = store,
		.path = path,
		.name = name,
		.result = result,
		.rows = rows };
	struct textfile *file = NULL;
	int done = -1;

	*result = (struct listed_result){ .rows = 0 };
	if (textfile_open(&file, path, LISTED_LINE_MAX, e) == -1)
		return -1;
	if (store_begin(store, e) == 0) {
		if (begin_import(&m, now, e) == 0 &&
		    read_lines(&m, file, e) == 0 && end_import(&m, e) == 0)
			done = 0;
		result->changed = result->fresh > 0 || result->ended > 0;
		if (done == -1 || !result->changed)
			store_rollback(store);
		else
			done = store_commit(store, e);
	}
	textfile_close(&file);
	return done;
}

/* ---- Finding ---- */

struct entry {
	struct network network;
	size_t list;
};

struct listed {
	struct entry *entries; /* by bits, then network */
	size_t count, room;
	char lists[LISTS_MAX][LISTED_NAME_MAX + 1];
	size_t list_count;
	/* Where those of each prefix begin; the last is the end. */
	size_t begins[8 * NETWORK_BYTES + 2];
};

static int
list_place(struct listed *l, const char *name, struct err *e)
{
	for (size_t i = 0; i < l->list_count; i++)
		if (strcmp(l->lists[i], name) == 0)
			return (int)i;
	if (l->list_count == LISTS_MAX)
		return err_set(e, ERR_LIMIT, "over %u lists", LISTS_MAX);
	(void)snprintf(
	    l->lists[l->list_count], LISTED_NAME_MAX + 1, "%s", name);
	return (int)l->list_count++;
}

static int
add_entry(struct listed *l, struct statement *s, struct err *e)
{
	int list = list_place(l, column_text(s, 0), e);
	const void *network;
	struct entry *entry;
	size_t length;

	if (list == -1)
		return -1;
	if (l->count == l->room) {
		size_t room = l->room == 0 ? 1024 : 2 * l->room;
		struct entry *more =
		    reallocarray(l->entries, room, sizeof(*more));

		if (more == NULL)
			return err_set(e, ERR_MEMORY, "out of memory");
		l->entries = more;
		l->room = room;
	}
	network = column_blob(s, 1, &length);
	entry = &l->entries[l->count];
	entry->network.bits = (unsigned)column_int(s, 2);
	entry->list = (size_t)list;
	if (length != NETWORK_BYTES || entry->network.bits > 8 * NETWORK_BYTES)
		return err_set(e, ERR_FORMAT, "listed_network: not a network");
	memcpy(entry->network.first, network, length);
	l->count++;
	return 0;
}

int
listed_load(struct listed **out, struct store *store, struct err *e)
{
	struct listed *l = calloc(1, sizeof(*l));
	struct statement *s = store_use(store, "listed_all", e);
	int more;

	*out = l;
	if (l == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	while ((more = store_step(s, e)) == 1)
		if (add_entry(l, s, e) == -1) {
			more = -1;
			break;
		}
	store_done(s);
	for (size_t bits = 0, i = 0; bits <= 8 * NETWORK_BYTES; bits++) {
		l->begins[bits] = i;
		while (i < l->count && l->entries[i].network.bits == bits)
			i++;
		l->begins[bits + 1] = i;
	}
	if (more == -1)
		listed_free(out);
	return more;
}

void
listed_free(struct listed **l)
{
	if (*l == NULL)
		return;
	free((*l)->entries);
	free(*l);
	*l = NULL;
}

static int
by_network(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return memcmp(x->network.first, y->network.first, NETWORK_BYTES);
}

const char *
listed_find(const struct listed *l, const unsigned char address[NETWORK_BYTES])
{
	for (unsigned bits = 8 * NETWORK_BYTES + 1; bits-- > 0;) {
		size_t begin = l->begins[bits], end = l->begins[bits + 1];
		struct entry like = { 0 };
		const struct entry *found;

		if (begin == end)
			continue;
		memcpy(like.network.first, address, NETWORK_BYTES);
		network_mask(like.network.first, bits);
		found = bsearch(&like, l->entries + begin, end - begin,
		    sizeof(like), by_network);
		if (found != NULL)
			return l->lists[found->list];
	}
	return NULL;
}
