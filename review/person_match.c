#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "review/fact.h"
#include "review/person.h"
#include "schema/base/enc.h"

#define CANDIDATES_MAX 20u /* of an ambiguous account, that are kept */

/* A key of a person's, folded; text is a place in the index's text. */
struct key {
	size_t text;
	size_t person; /* place in persons */
};

struct index {
	struct key *keys; /* sorted by text, then person */
	size_t count, room;
};

struct candidate_person {
	int64_t id;
	size_t employee; /* as it is spelt; a place in text */
};

struct extra_mail {
	int64_t object;
	size_t person;
};

/* What an account's row says, or should. */
struct row {
	int64_t person;
	const char *how;
	char evidence[200];
};

struct rows {
	struct row row[CANDIDATES_MAX];
	size_t count;
};

/* One row that an account gets, in place of all that it has. */
struct change {
	int64_t object;
	int64_t person;
	const char *how; /* NULL: it gets none */
	size_t evidence; /* a place in text */
};

struct match {
	struct store *store;
	int64_t since;   /* only accounts that changed in that pull or later */
	struct buf text; /* keys and evidence, each with its NUL */
	struct candidate_person *persons;
	size_t count, room;
	struct index employees, mails, names, names_only;
	struct extra_mail *extra; /* further mails of accounts that fit */
	size_t extra_count, extra_room, extra_at;
	struct change *changes;
	size_t change_count, change_room;
	struct statement *old; /* the rows that are there, by object */
	int old_more;
	struct buf key; /* of the account that is looked at */
};

/* ---- Persons ---- */

/* One more of an array that doubles. */
static void *
grow(void *array, size_t count, size_t *room, size_t size, struct err *e)
{
	void *larger = array;

	if (count == *room) {
		size_t more = *room == 0 ? 256 : 2 * *room;

		larger = reallocarray(array, more, size);
		if (larger == NULL)
			err_set(e, ERR_MEMORY, "out of memory");
		else
			*room = more;
	}
	return larger;
}

static const char *
text_at(const struct match *m, size_t at)
{
	return (const char *)m->text.data + at;
}

/* Takes what m->key holds, if it is not empty. */
static int
add_key(struct match *m, struct index *index, size_t person, struct err *e)
{
	struct key *keys;

	if (m->key.length == 0)
		return buf_status(&m->key, e);
	keys = grow(index->keys, index->count, &index->room, sizeof(*keys), e);
	if (keys == NULL)
		return -1;
	index->keys = keys;
	keys[index->count++] =
	    (struct key){ .text = m->text.length, .person = person };
	buf_put(&m->text, m->key.data, m->key.length);
	buf_put_byte(&m->text, '\0');
	return buf_status(&m->text, e);
}

/* Name and department in one key; the department may not be missing. */
static void
fold_pair(struct match *m, const char *name, const char *department)
{
	size_t length;

	buf_clear(&m->key);
	if (name == NULL || department == NULL)
		return;
	person_fold_name(&m->key, name);
	length = m->key.length;
	if (length == 0)
		return;
	buf_put_byte(&m->key, '\n');
	person_fold_name(&m->key, department);
	if (m->key.length == length + 1)
		buf_clear(&m->key);
}

static void
fold(struct match *m, void (*how)(struct buf *, const char *), const char *text)
{
	buf_clear(&m->key);
	if (text != NULL)
		how(&m->key, text);
}

static int
add_person(struct match *m, struct statement *s, struct err *e)
{
	struct candidate_person *persons =
	    grow(m->persons, m->count, &m->room, sizeof(*persons), e);
	size_t at = m->count;

	if (persons == NULL)
		return -1;
	m->persons = persons;
	persons[m->count++] = (struct candidate_person){ .id = column_int(s, 0),
		.employee = m->text.length };
	buf_put_string(&m->text, column_text(s, 1));
	buf_put_byte(&m->text, '\0');
	fold(m, person_fold_key, column_text(s, 1));
	if (add_key(m, &m->employees, at, e) == -1)
		return -1;
	fold(m, person_fold_key, column_text(s, 2));
	if (add_key(m, &m->mails, at, e) == -1)
		return -1;
	fold(m, person_fold_name, column_text(s, 3));
	if (add_key(m, &m->names_only, at, e) == -1)
		return -1;
	fold_pair(m, column_text(s, 3), column_text(s, 4));
	return add_key(m, &m->names, at, e);
}

static int
by_key(const void *a, const void *b, void *context)
{
	const struct key *x = a, *y = b;
	const char *text = context;
	int order = strcmp(text + x->text, text + y->text);

	if (order != 0)
		return order;
	return x->person < y->person ? -1 : x->person > y->person;
}

static void
sort_index(struct match *m, struct index *index)
{
	if (index->count > 1)
		qsort_r(index->keys, index->count, sizeof(*index->keys), by_key,
		    m->text.data);
}

static int
load_persons(struct match *m, struct err *e)
{
	struct statement *s = store_use(m->store, "match_persons", e);
	int more;

	while ((more = store_step(s, e)) == 1)
		if (add_person(m, s, e) == -1)
			return -1;
	store_done(s);
	sort_index(m, &m->employees);
	sort_index(m, &m->mails);
	sort_index(m, &m->names);
	sort_index(m, &m->names_only);
	return more;
}

/* The keys that equal m->key: the first, and how many. */
static size_t
find_keys(
    const struct match *m, const struct index *index, const struct key **first)
{
	const char *text = (const char *)m->key.data;
	size_t low = 0, high = index->count, count = 0;

	if (m->key.length == 0)
		return 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strncmp(text_at(m, index->keys[middle].text), text,
		        m->key.length) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*first = &index->keys[low];
	while (low + count < index->count) {
		const char *key = text_at(m, index->keys[low + count].text);

		if (strncmp(key, text, m->key.length) != 0 ||
		    key[m->key.length] != '\0')
			break;
		count++;
	}
	return count;
}

/* ---- Further mails ---- */

static int
by_object(const void *a, const void *b)
{
	const struct extra_mail *x = a, *y = b;

	if (x->object != y->object)
		return x->object < y->object ? -1 : 1;
	return x->person < y->person ? -1 : x->person > y->person;
}

static int
load_mails(struct match *m, struct err *e)
{
	struct statement *s = store_use(m->store, "match_mails", e);
	int more;

	while ((more = store_step(s, e)) == 1) {
		const struct key *keys = NULL;
		size_t count;

		fold(m, person_fold_key, column_text(s, 1));
		count = find_keys(m, &m->mails, &keys);
		for (size_t i = 0; i < count; i++) {
			struct extra_mail *extra = grow(m->extra,
			    m->extra_count, &m->extra_room, sizeof(*extra), e);

			if (extra == NULL)
				return -1;
			m->extra = extra;
			extra[m->extra_count++] =
			    (struct extra_mail){ .object = column_int(s, 0),
				    .person = keys[i].person };
		}
	}
	store_done(s);
	if (m->extra_count > 1)
		qsort(m->extra, m->extra_count, sizeof(*m->extra), by_object);
	return more;
}

/* ---- One account ---- */

static void
add_row(struct match *m, struct rows *rows, size_t person, const char *how,
    const char *what, const char *value)
{
	int64_t id = m->persons[person].id;
	struct row *row;

	for (size_t i = 0; i < rows->count; i++)
		if (rows->row[i].person == id)
			return;
	if (rows->count == CANDIDATES_MAX)
		return;
	row = &rows->row[rows->count++];
	row->person = id;
	row->how = how;
	(void)snprintf(
	    row->evidence, sizeof(row->evidence), "%s %s", what, value);
	/* A text that was cut is cut between characters. */
	for (size_t n = strlen(row->evidence);
	     n > 0 && !enc_is_utf8(row->evidence, n);)
		row->evidence[--n] = '\0';
}

/* Several are ambiguous, and no other key is asked then. */
static void
settle(struct rows *rows)
{
	if (rows->count > 1)
		for (size_t i = 0; i < rows->count; i++)
			rows->row[i].how = "ambiguous";
}

static bool
by_index(struct match *m, const struct index *index, struct rows *rows,
    const char *how, const char *what, const char *value)
{
	const struct key *keys = NULL;
	size_t count = find_keys(m, index, &keys);

	for (size_t i = 0; i < count; i++)
		add_row(m, rows, keys[i].person, how, what, value);
	return rows->count > 0;
}

static void
more_mails(struct match *m, int64_t object, struct rows *rows)
{
	while (m->extra_at < m->extra_count &&
	    m->extra[m->extra_at].object < object)
		m->extra_at++;
	for (size_t i = m->extra_at;
	     i < m->extra_count && m->extra[i].object == object; i++)
		add_row(m, rows, m->extra[i].person, "mail", "mail",
		    "among further ones");
}

static void
judge(struct match *m, struct statement *s, struct rows *rows)
{
	const char *employee = column_text(s, 1), *mail = column_text(s, 2),
	           *display = column_text(s, 3),
	           *department = column_text(s, 4);

	rows->count = 0;
	fold(m, person_fold_key, employee);
	if (by_index(m, &m->employees, rows, "employee", "employee number",
	        employee))
		goto out;
	fold(m, person_fold_key, mail);
	(void)by_index(m, &m->mails, rows, "mail", "mail", mail);
	more_mails(m, column_int(s, 0), rows);
	if (rows->count > 0)
		goto out;
	fold_pair(m, display, department);
	if (by_index(
	        m, &m->names, rows, "name", "name and department", display))
		goto out;
	/* A name alone is a hint for whoever decides, not an answer. */
	fold(m, person_fold_name, display);
	(void)by_index(
	    m, &m->names_only, rows, "ambiguous", "name alone", display);
out:
	settle(rows);
}

/* ---- What changes ---- */

static int
by_person(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return x->person < y->person ? -1 : x->person > y->person;
}

static int
next_old(struct match *m, struct err *e)
{
	m->old_more = store_step(m->old, e);
	return m->old_more == -1 ? -1 : 0;
}

/* The rows of that object that are there: the same, others, or confirmed. */
static int
compare_old(struct match *m, int64_t object, const struct rows *rows,
    bool *same, bool *confirmed, struct err *e)
{
	size_t count = 0;

	*same = true;
	*confirmed = false;
	while (m->old_more == 1 && column_int(m->old, 0) < object)
		if (next_old(m, e) == -1)
			return -1;
	while (m->old_more == 1 && column_int(m->old, 0) == object) {
		const char *how = column_text(m->old, 2);

		if (strcmp(how, "confirmed") == 0)
			*confirmed = true;
		else if (count >= rows->count ||
		    rows->row[count].person != column_int(m->old, 1) ||
		    strcmp(rows->row[count].how, how) != 0 ||
		    strcmp(rows->row[count].evidence, column_text(m->old, 3)) !=
		        0)
			*same = false;
		count++;
		if (next_old(m, e) == -1)
			return -1;
	}
	*same = *same && count == rows->count;
	return 0;
}

static int
note_change(
    struct match *m, int64_t object, const struct row *row, struct err *e)
{
	struct change *changes = grow(
	    m->changes, m->change_count, &m->change_room, sizeof(*changes), e);

	if (changes == NULL)
		return -1;
	m->changes = changes;
	changes[m->change_count++] = (struct change){ .object = object,
		.person = row->person,
		.how = row->how,
		.evidence = m->text.length };
	buf_put_string(&m->text, row->evidence);
	buf_put_byte(&m->text, '\0');
	return buf_status(&m->text, e);
}

static int
note_changes(
    struct match *m, int64_t object, const struct rows *rows, struct err *e)
{
	static const struct row none;

	if (rows->count == 0)
		return note_change(m, object, &none, e);
	for (size_t i = 0; i < rows->count; i++)
		if (note_change(m, object, &rows->row[i], e) == -1)
			return -1;
	return 0;
}

static int
find_changes(struct match *m, struct err *e)
{
	struct statement *s = store_use(m->store, "match_accounts", e);
	struct rows rows;
	int more;

	bind_int(s, ":since", m->since);
	m->old = store_use(m->store, "match_rows", e);
	if (next_old(m, e) == -1)
		return -1;
	while ((more = store_step(s, e)) == 1) {
		int64_t object = column_int(s, 0);
		bool same, confirmed;

		judge(m, s, &rows);
		qsort(rows.row, rows.count, sizeof(rows.row[0]), by_person);
		if (compare_old(m, object, &rows, &same, &confirmed, e) == -1)
			return -1;
		if (!same && !confirmed &&
		    note_changes(m, object, &rows, e) == -1)
			return -1;
	}
	store_done(s);
	store_done(m->old);
	return more;
}

static int
add_match(struct store *store, int64_t object, int64_t person, const char *how,
    const char *evidence, int64_t now, struct err *e)
{
	struct statement *s = store_use(store, "match_add", e);

	bind_int(s, ":object", object);
	bind_int(s, ":person", person);
	bind_text(s, ":how", how);
	bind_text(s, ":evidence", evidence);
	bind_int(s, ":at", now);
	return store_run(s, e);
}

static int
clear_matches(struct store *store, int64_t object, struct err *e)
{
	struct statement *s = store_use(store, "match_clear", e);

	bind_int(s, ":object", object);
	return store_run(s, e);
}

/* Those of an account stand together. */
static int
write_changes(struct match *m, int64_t now, struct err *e)
{
	for (size_t i = 0; i < m->change_count; i++) {
		const struct change *c = &m->changes[i];

		if ((i == 0 || c[-1].object != c->object) &&
		    clear_matches(m->store, c->object, e) == -1)
			return -1;
		if (c->how != NULL &&
		    add_match(m->store, c->object, c->person, c->how,
		        text_at(m, c->evidence), now, e) == -1)
			return -1;
	}
	return 0;
}

static int
match_all(struct match *m, int64_t now, struct err *e)
{
	/* Without personnel there is nothing to be matched, or unmatched. */
	if (load_persons(m, e) == -1)
		return -1;
	if (m->count == 0)
		return 0;
	if (load_mails(m, e) == -1 || find_changes(m, e) == -1)
		return -1;
	return write_changes(m, now, e);
}

int
person_match_since(
    struct store *store, int64_t pull, int64_t now, struct err *e)
{
	struct match m = { .store = store,
		.since = pull,
		.text = buf_new(SIZE_MAX / 4),
		.key = buf_new(4 * FACT_TEXT_MAX) };
	int result = -1;

	if (store_begin(store, e) == 0) {
		result = match_all(&m, now, e);
		if (result == -1)
			store_rollback(store);
		else
			result = store_commit(store, e);
	}
	buf_free(&m.text);
	buf_free(&m.key);
	free(m.persons);
	free(m.employees.keys);
	free(m.mails.keys);
	free(m.names.keys);
	free(m.names_only.keys);
	free(m.extra);
	free(m.changes);
	return result;
}

int
person_match(struct store *store, int64_t now, struct err *e)
{
	return person_match_since(store, 0, now, e);
}

/* ---- By a person's word ---- */

int
person_account(
    struct store *store, const char *account, int64_t *object, struct err *e)
{
	struct statement *s = store_use(store, "match_account", e);
	struct buf all = buf_new(ERR_TEXT_SIZE);
	size_t count = 0;
	int more;

	bind_text(s, ":text", account);
	while ((more = store_step(s, e)) == 1) {
		*object = column_int(s, 0);
		buf_printf(&all, "%s%s:%s", count == 0 ? "" : ", ",
		    column_text(s, 1), column_text(s, 2));
		count++;
	}
	store_done(s);
	if (more == 0 && count == 0)
		more = err_set(e, ERR_USAGE, "%s: no such account", account);
	else if (more == 0 && count > 1)
		more = err_set(e, ERR_USAGE, "%s: several accounts: %s",
		    account, buf_string(&all));
	buf_free(&all);
	return more;
}

/* 1: it is; 0; -1. */
static int
is_confirmed(struct store *store, int64_t object, struct err *e)
{
	struct statement *s = store_use(store, "match_confirmed", e);
	int there;

	bind_int(s, ":object", object);
	there = store_step(s, e);
	store_done(s);
	return there;
}

static int
find_person(
    struct store *store, const char *employee, int64_t *person, struct err *e)
{
	struct statement *s = store_use(store, "person_by_employee", e);
	int there;

	bind_text(s, ":employee", employee);
	there = store_step(s, e);
	if (there == 1)
		*person = column_int(s, 0);
	store_done(s);
	if (there == 0)
		return err_set(
		    e, ERR_USAGE, "%s: no such employee number", employee);
	return there == 1 ? 0 : -1;
}

int
person_confirm(struct store *store, int64_t object, const char *employee,
    int64_t now, struct err *e)
{
	int64_t person = 0;

	if (store_begin(store, e) == -1)
		return -1;
	if (find_person(store, employee, &person, e) == -1 ||
	    clear_matches(store, object, e) == -1 ||
	    add_match(store, object, person, "confirmed", "by a person's word",
	        now, e) == -1) {
		store_rollback(store);
		return -1;
	}
	return store_commit(store, e);
}

int
person_release(struct store *store, int64_t object, struct err *e)
{
	int there;

	if (store_begin(store, e) == -1)
		return -1;
	there = is_confirmed(store, object, e);
	if (there == 0)
		err_set(e, ERR_USAGE, "nothing was confirmed of it");
	if (there != 1 || clear_matches(store, object, e) == -1) {
		store_rollback(store);
		return -1;
	}
	return store_commit(store, e);
}
