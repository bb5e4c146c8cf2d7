#include "schema/denylist.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/clock.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"
#include "schema/note.h"

#define MAGIC        "reeve-denylist "
#define VERSION      "1"
#define SUBDIRECTORY "denylist"
#define LIST_FILE    "list"
#define HELD_FILE    "held"
#define COUNTER_FILE "counter"
#define LOCK_FILE    "lock"
#define LOCK_WAIT_MS 5000
#define KEY_FILE_MAX 512u
#define COUNTER_TEXT 24u
#define FIELDS       6u

struct denylist {
	struct buf note;
	size_t text_length; /* of the note, what is signed */
	size_t entries_at;
	struct denylist_facts facts;
	struct denylist *held; /* newer, waiting; only after denylist_load */
};

/* A piece of the note, not ended by a NUL. */
struct piece {
	const char *at;
	size_t length;
};

/* The line at *cursor without its line feed; false at the end. */
static bool
take_line(struct cursor *c, struct piece *line)
{
	const unsigned char *end = memchr(c->at, '\n', cursor_left(c));

	if (end == NULL)
		return false;
	line->at = (const char *)c->at;
	line->length = (size_t)(end - c->at);
	(void)cursor_take(c, line->length + 1);
	return true;
}

static bool
piece_is(const struct piece *p, const char *text)
{
	return strlen(text) == p->length && memcmp(p->at, text, p->length) == 0;
}

/* What stands behind word and a space. */
static bool
take_after(const struct piece *line, const char *word, struct piece *value)
{
	size_t length = strlen(word);

	if (line->length <= length + 1 || memcmp(line->at, word, length) != 0 ||
	    line->at[length] != ' ')
		return false;
	value->at = line->at + length + 1;
	value->length = line->length - length - 1;
	return true;
}

static int
copy_piece(const struct piece *p, char *out, size_t size, const char *what,
    struct err *e)
{
	if (p->length == 0 || p->length >= size)
		return err_set(
		    e, ERR_FORMAT, "%s: not 1 to %zu bytes", what, size - 1);
	memcpy(out, p->at, p->length);
	out[p->length] = '\0';
	return 0;
}

/* Host names, UUIDs, services, reasons: no escapes, no blanks. */
static int
copy_word(const struct piece *p, char *out, size_t size, const char *what,
    struct err *e)
{
	for (size_t i = 0; i < p->length; i++)
		if (p->at[i] <= ' ' || p->at[i] > '~' || p->at[i] == '%')
			return err_set(e, ERR_FORMAT,
			    "%s: a character that has no place there", what);
	return copy_piece(p, out, size, what, e);
}

/* A name, in which a space is %20 and % is %25, and nothing else is so. */
static int
copy_name(const struct piece *p, char *out, struct err *e)
{
	size_t used = 0;

	for (size_t i = 0; i < p->length; i++) {
		char c = p->at[i];

		if (c == '%') {
			if (p->length - i < 3 || p->at[i + 1] != '2' ||
			    (p->at[i + 2] != '0' && p->at[i + 2] != '5'))
				return err_set(e, ERR_FORMAT,
				    "name: only %%20 and %%25 are escapes");
			c = p->at[i + 2] == '0' ? ' ' : '%';
			i += 2;
		}
		if (used == DENYLIST_NAME_MAX)
			return err_set(e, ERR_FORMAT,
			    "name: more than %d bytes", DENYLIST_NAME_MAX);
		out[used++] = c;
	}
	if (used == 0)
		return err_set(e, ERR_FORMAT, "name: empty");
	out[used] = '\0';
	return 0;
}

static int
take_number(const struct piece *p, uint64_t max, uint64_t *value,
    const char *what, struct err *e)
{
	if (enc_number(p->at, p->length, max, value, e) == -1)
		return err_in(e, "%s", what);
	return 0;
}

static int
take_time(
    const struct piece *p, int64_t *seconds, const char *what, struct err *e)
{
	int64_t ns;

	if (enc_untime(p->at, p->length, &ns, e) == -1)
		return err_in(e, "%s", what);
	if (ns % CLOCK_NS_PER_SECOND != 0)
		return err_set(e, ERR_FORMAT, "%s: not a whole second", what);
	*seconds = ns / CLOCK_NS_PER_SECOND;
	return 0;
}

static int
split(const struct piece *line, struct piece *fields, struct err *e)
{
	const char *at = line->at;
	const char *end = line->at + line->length;

	for (size_t i = 0; i < FIELDS; i++) {
		const char *space = memchr(at, ' ', (size_t)(end - at));
		bool last = i + 1 == FIELDS;

		if ((space == NULL) != last)
			return err_set(e, ERR_FORMAT, "not %u fields", FIELDS);
		fields[i].at = at;
		fields[i].length = (size_t)((last ? end : space) - at);
		at = last ? end : space + 1;
	}
	return 0;
}

static int
parse_entry(
    const struct piece *line, struct denylist_entry *entry, struct err *e)
{
	struct piece field[FIELDS];
	uint64_t uid = 0;

	*entry = (struct denylist_entry){ .uid = -1, .expires = INT64_MAX };
	if (line->length > DENYLIST_LINE_MAX)
		return err_set(
		    e, ERR_FORMAT, "longer than %u bytes", DENYLIST_LINE_MAX);
	if (split(line, field, e) == -1 ||
	    copy_word(&field[0], entry->host, sizeof(entry->host), "host", e) ==
	        -1 ||
	    copy_word(&field[1], entry->service, sizeof(entry->service),
	        "service", e) == -1 ||
	    copy_name(&field[2], entry->name, e) == -1 ||
	    copy_word(&field[4], entry->reason, sizeof(entry->reason), "reason",
	        e) == -1)
		return -1;
	if (!piece_is(&field[3], "-")) {
		/* (uid_t)-1 is nobody's number. */
		if (take_number(&field[3], UINT32_MAX - 1, &uid, "uid", e) ==
		    -1)
			return -1;
		entry->uid = (int64_t)uid;
	}
	if (!piece_is(&field[5], "-"))
		return take_time(&field[5], &entry->expires, "expiry", e);
	return 0;
}

void
denylist_put_entry(struct buf *b, const struct denylist_entry *entry)
{
	buf_printf(b, "%s %s ", entry->host, entry->service);
	for (const char *c = entry->name; *c != '\0'; c++)
		if (*c == ' ')
			buf_put_string(b, "%20");
		else if (*c == '%')
			buf_put_string(b, "%25");
		else
			buf_put_byte(b, (unsigned char)*c);
	if (entry->uid < 0)
		buf_printf(b, " - %s ", entry->reason);
	else
		buf_printf(
		    b, " %lld %s ", (long long)entry->uid, entry->reason);
	if (entry->expires == INT64_MAX)
		buf_put_byte(b, '-');
	else
		enc_time(b, entry->expires * CLOCK_NS_PER_SECOND);
	buf_put_byte(b, '\n');
}

/* The value of a header line that must come next. */
static int
take_header(
    struct cursor *c, const char *word, struct piece *value, struct err *e)
{
	struct piece line;

	if (!take_line(c, &line) || !take_after(&line, word, value))
		return err_set(
		    e, ERR_FORMAT, "no line \"%s ...\" in its place", word);
	return 0;
}

static int
parse_version(struct cursor *c, struct err *e)
{
	struct piece line;

	if (!take_line(c, &line) || line.length < sizeof(MAGIC) ||
	    memcmp(line.at, MAGIC, sizeof(MAGIC) - 1) != 0)
		return err_set(e, ERR_FORMAT, "not a deny list");
	if (!piece_is(&line, MAGIC VERSION))
		return err_set(e, ERR_NEWER,
		    "a deny list of another version than " VERSION);
	return 0;
}

static int
parse_header(struct cursor *c, struct denylist_facts *f, struct err *e)
{
	struct piece value;
	uint64_t entries;

	if (parse_version(c, e) == -1 ||
	    take_header(c, "scope", &value, e) == -1 ||
	    copy_word(&value, f->scope, sizeof(f->scope), "scope", e) == -1 ||
	    take_header(c, "counter", &value, e) == -1 ||
	    take_number(&value, INT64_MAX, &f->counter, "counter", e) == -1 ||
	    take_header(c, "issued", &value, e) == -1 ||
	    take_time(&value, &f->issued, "issued", e) == -1 ||
	    take_header(c, "entries", &value, e) == -1 ||
	    take_number(&value, DENYLIST_ENTRIES_MAX, &entries, "entries", e) ==
	        -1)
		return -1;
	if (f->counter == 0)
		return err_set(e, ERR_FORMAT, "counter: must not be 0");
	f->entries = (size_t)entries;
	return 0;
}

static struct cursor
text_cursor(const struct denylist *list, size_t at)
{
	return cursor_new(list->note.data + at, list->text_length - at);
}

static int
parse_text(struct denylist *list, struct err *e)
{
	struct cursor c = text_cursor(list, 0);
	struct denylist_entry entry;
	struct piece line;
	size_t count = 0;

	if (parse_header(&c, &list->facts, e) == -1)
		return -1;
	list->entries_at = list->text_length - cursor_left(&c);
	for (; take_line(&c, &line); count++)
		if (parse_entry(&line, &entry, e) == -1)
			return err_in(e, "entry %zu", count + 1);
	if (count != list->facts.entries)
		return err_set(e, ERR_FORMAT, "%zu entries, not %zu", count,
		    list->facts.entries);
	return cursor_finish(&c, "deny list", e);
}

/*
 * C2SP signed-note: text, an empty line, lines of signatures. The text is
 * UTF-8 without control characters but line feeds, and ends with one.
 */
static int
find_text(struct denylist *list, struct err *e)
{
	const unsigned char *note = list->note.data;
	size_t length = list->note.length;

	if (length == 0 || !enc_is_utf8(note, length))
		return err_set(e, ERR_FORMAT, "empty, or not UTF-8");
	for (size_t i = 0; i < length; i++)
		if ((note[i] < ' ' && note[i] != '\n') || note[i] == 0x7f)
			return err_set(e, ERR_FORMAT, "control character");
	for (size_t i = length - 1; i > 0; i--)
		if (note[i] == '\n' && note[i - 1] == '\n') {
			list->text_length = i;
			return 0;
		}
	return err_set(e, ERR_FORMAT, "no signature");
}

int
denylist_parse(
    struct denylist **out, const void *note, size_t length, struct err *e)
{
	struct denylist *list;

	*out = NULL;
	if ((list = calloc(1, sizeof(*list))) == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	list->note = buf_new(DENYLIST_FILE_MAX);
	buf_put(&list->note, note, length);
	if (buf_status(&list->note, e) == -1 || find_text(list, e) == -1 ||
	    parse_text(list, e) == -1) {
		denylist_free(&list);
		return -1;
	}
	*out = list;
	return 0;
}

void
denylist_free(struct denylist **list)
{
	if (*list == NULL)
		return;
	denylist_free(&(*list)->held);
	buf_free(&(*list)->note);
	free(*list);
	*list = NULL;
}

struct denylist_facts
denylist_facts(const struct denylist *list)
{
	return list->facts;
}

/* The pinned key's file: one verifier key on one line. */
static int
parse_key(const char *text, size_t length, struct note_key *key, struct err *e)
{
	char copy[KEY_FILE_MAX + 1];

	if (length > 0 && text[length - 1] == '\n')
		length--;
	if (length > KEY_FILE_MAX || memchr(text, '\0', length) != NULL)
		return err_set(e, ERR_FORMAT, "not a verifier key");
	memcpy(copy, text, length);
	copy[length] = '\0';
	return note_key_parse(copy, key, e);
}

int
denylist_verify(
    struct denylist *list, const char *key, size_t key_length, struct err *e)
{
	const char *text = (const char *)list->note.data;
	/* A note's end is one too; the whole may be longer than a note. */
	size_t from = list->text_length - 2;
	const struct note_line *line;
	struct note_key pinned;
	struct note note;
	size_t took;

	list->facts.signer[0] = '\0';
	if (parse_key(key, key_length, &pinned, e) == -1)
		return err_in(e, "pinned key");
	took = note_parse(text + from, list->note.length - from, &note, e);
	if (took == 0)
		return -1;
	if (took != list->note.length - from)
		return err_set(
		    e, ERR_FORMAT, "something stands behind the signatures");
	if ((line = note_find(&note, &pinned)) == NULL)
		return err_set(
		    e, ERR_TAMPERED, "not signed by %s", pinned.name);
	if (note_verify(&pinned, text, list->text_length, line->signature, e) ==
	    -1)
		return -1;
	memcpy(list->facts.signer, pinned.name, sizeof(pinned.name));
	return 0;
}

int
denylist_each(const struct denylist *list,
    int (*visit)(void *, const struct denylist_entry *), void *context)
{
	struct cursor c = text_cursor(list, list->entries_at);
	struct denylist_entry entry;
	struct piece line;
	struct err e;
	int result = 0;

	/* denylist_parse has seen that each line is one. */
	while (result == 0 && take_line(&c, &line) &&
	    parse_entry(&line, &entry, &e) == 0)
		result = visit(context, &entry);
	return result;
}

static bool
names_host(const char *word, const struct denylist_place *place)
{
	return strcmp(word, "*") == 0 ||
	    (place->host != NULL && strcasecmp(word, place->host) == 0) ||
	    (place->uuid != NULL && strcasecmp(word, place->uuid) == 0);
}

/* As RFC 9562 section 4 writes one, of either case. */
static bool
is_uuid(const char *word)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	if (strlen(word) != sizeof(form) - 1)
		return false;
	for (size_t i = 0; form[i] != '\0'; i++)
		if (form[i] == '-' ? word[i] != '-'
		                   : !isxdigit((unsigned char)word[i]))
			return false;
	return true;
}

bool
denylist_is_here(
    const struct denylist_entry *entry, const struct denylist_place *place)
{
	return names_host(entry->host, place) ||
	    (place->uuid == NULL && is_uuid(entry->host));
}

struct question {
	const struct denylist_place *place;
	const char *user;
	int64_t uid;
	const char *service;
	int64_t now;
	bool leavers_only;
	struct denylist_entry *entry;
};

static int
answers(void *context, const struct denylist_entry *entry)
{
	struct question *q = context;
	bool same = strcmp(entry->name, q->user) == 0 ||
	    (entry->uid >= 0 && entry->uid == q->uid);

	if (!same || q->now >= entry->expires ||
	    !denylist_is_here(entry, q->place) ||
	    (strcmp(entry->service, "*") != 0 &&
	        strcmp(entry->service, q->service) != 0) ||
	    (q->leavers_only && strcmp(entry->reason, DENYLIST_LEAVER) != 0))
		return 0;
	if (q->entry != NULL)
		*q->entry = *entry;
	return 1;
}

bool
denylist_match(const struct denylist *list, const struct denylist_place *place,
    const char *user, int64_t uid, const char *service, int64_t now,
    struct denylist_entry *entry)
{
	struct question q = { place, user, uid, service, now, list->facts.held,
		entry };

	if (denylist_each(list, answers, &q) != 0)
		return true;
	if (list->held == NULL)
		return false;
	q.leavers_only = true;
	return denylist_each(list->held, answers, &q) != 0;
}

bool
denylist_is_stale(const struct denylist *list, int64_t now, int64_t max_age)
{
	return max_age > 0 && now - list->facts.issued > max_age;
}

static struct file_rule
rule_of(const struct denylist_place *place)
{
	return (struct file_rule){ .owner = place->owner, .forbidden = 022 };
}

/* The host's directory of lists, or -1; with create it is made. */
static int
open_place(const struct denylist_place *place, bool create, struct err *e)
{
	struct file_rule rule = rule_of(place);
	int state = file_open_dir(place->directory, &rule, e);
	int dir = -1;

	if (state == -1) {
		/* The state directory is always there: a list may be gone. */
		if (e->code == ERR_MISSING)
			e->code = ERR_ACCESS;
		return -1;
	}
	if (create && mkdirat(state, SUBDIRECTORY, 0700) == -1 &&
	    errno != EEXIST)
		err_sys(e, errno, SUBDIRECTORY);
	else
		dir = file_open_dir_at(state, SUBDIRECTORY, &rule, e);
	file_close(&state);
	return dir;
}

/* *counter is 0, and that is no error, if no list was ever in force. */
static int
read_counter(
    int dir, const struct file_rule *rule, uint64_t *counter, struct err *e)
{
	struct buf text = buf_new(COUNTER_TEXT);
	int result = -1;

	*counter = 0;
	if (file_read_at(dir, COUNTER_FILE, rule, &text, e) == -1) {
		result = e->code == ERR_MISSING ? 0 : -1;
		goto out;
	}
	if (text.length < 2 || text.data[text.length - 1] != '\n' ||
	    enc_number((const char *)text.data, text.length - 1, INT64_MAX,
	        counter, e) == -1) {
		err_set(e, ERR_FORMAT, COUNTER_FILE ": not a number");
		goto out;
	}
	result = 0;
out:
	buf_free(&text);
	return result;
}

static int
verify_pinned(
    struct denylist *list, const struct denylist_place *place, struct err *e)
{
	struct file_rule rule = rule_of(place);
	struct buf key = buf_new(KEY_FILE_MAX);
	int result = -1;

	if (file_read_path(place->key, &rule, &key, e) == 0)
		result = denylist_verify(list, buf_string(&key), key.length, e);
	/* A key that is gone is not a list that never was. */
	if (result == -1 && e->code == ERR_MISSING)
		e->code = ERR_ACCESS;
	buf_free(&key);
	return result;
}

/* ERR_MISSING only if the file is not there. */
static int
load_file(struct denylist **list, int dir, const char *name,
    const struct denylist_place *place, struct err *e)
{
	struct file_rule rule = rule_of(place);
	struct buf note = buf_new(DENYLIST_FILE_MAX);
	int result = -1;

	*list = NULL;
	if (file_read_at(dir, name, &rule, &note, e) == -1)
		goto out;
	if (denylist_parse(list, note.data, note.length, e) == -1 ||
	    verify_pinned(*list, place, e) == -1) {
		err_in(e, "deny list \"%s\"", name);
		denylist_free(list);
		goto out;
	}
	result = 0;
out:
	buf_free(&note);
	return result;
}

/* The held list, where it is newer than counter; else NULL. */
static int
load_held(struct denylist **held, int dir, uint64_t counter,
    const struct denylist_place *place, struct err *e)
{
	if (load_file(held, dir, HELD_FILE, place, e) == -1)
		return e->code == ERR_MISSING ? 0 : -1;
	(*held)->facts.held = true;
	if ((*held)->facts.counter <= counter)
		denylist_free(held);
	return 0;
}

static int
load_all(struct denylist **out, int dir, const struct denylist_place *place,
    struct err *e)
{
	struct file_rule rule = rule_of(place);
	struct denylist *list = NULL;
	struct denylist *held = NULL;
	uint64_t counter;

	/* Before the list: an install puts the list first, the counter then. */
	if (read_counter(dir, &rule, &counter, e) == -1)
		return -1;
	if (load_file(&list, dir, LIST_FILE, place, e) == -1) {
		if (e->code != ERR_MISSING)
			return -1;
		if (counter > 0)
			return err_set(e, ERR_TAMPERED,
			    "the deny list that was installed is gone");
	} else if (list->facts.counter < counter) {
		denylist_free(&list);
		return err_set(e, ERR_TAMPERED,
		    "the deny list is older than the one that was installed");
	}
	if (load_held(&held, dir, list == NULL ? 0 : list->facts.counter, place,
	        e) == -1) {
		denylist_free(&list);
		return -1;
	}
	if (list == NULL && held == NULL)
		return err_set(e, ERR_MISSING, "no deny list was installed");
	if (list == NULL)
		list = held;
	else
		list->held = held;
	*out = list;
	return 0;
}

int
denylist_load(
    struct denylist **list, const struct denylist_place *place, struct err *e)
{
	int dir = open_place(place, false, e);
	int result;

	*list = NULL;
	if (dir == -1)
		return -1;
	result = load_all(list, dir, place, e);
	file_close(&dir);
	return result;
}

int
denylist_load_held(
    struct denylist **list, const struct denylist_place *place, struct err *e)
{
	int dir = open_place(place, false, e);
	int result;

	*list = NULL;
	if (dir == -1)
		return -1;
	if ((result = load_file(list, dir, HELD_FILE, place, e)) == 0)
		(*list)->facts.held = true;
	file_close(&dir);
	return result;
}

/* Newer than what is in force; a held list may come again to be confirmed. */
static int
judge_counter(int dir, const struct denylist *list,
    const struct denylist_place *place, struct err *e)
{
	struct file_rule rule = rule_of(place);
	struct denylist *held = NULL;
	uint64_t newest;
	int result = -1;

	if (read_counter(dir, &rule, &newest, e) == -1)
		return -1;
	if (list->facts.counter <= newest)
		return err_set(e, ERR_TAMPERED,
		    "counter %llu is not above %llu, which was installed",
		    (unsigned long long)list->facts.counter,
		    (unsigned long long)newest);
	if (load_held(&held, dir, newest, place, e) == -1)
		return -1;
	if (held != NULL &&
	    (list->facts.counter < held->facts.counter ||
	        (list->facts.counter == held->facts.counter &&
	            (list->note.length != held->note.length ||
	                memcmp(list->note.data, held->note.data,
	                    held->note.length) != 0))))
		err_set(e, ERR_TAMPERED,
		    "counter %llu is not above %llu, which is held",
		    (unsigned long long)list->facts.counter,
		    (unsigned long long)held->facts.counter);
	else
		result = 0;
	denylist_free(&held);
	return result;
}

static int
judge_scope(const struct denylist *list, const struct denylist_place *place,
    struct err *e)
{
	if (names_host(list->facts.scope, place))
		return 0;
	return err_set(e, ERR_ACCESS, "it is for %s, and this host is %s",
	    list->facts.scope, place->host);
}

int
denylist_accept(struct denylist **list, const struct denylist_place *place,
    const void *note, size_t length, struct err *e)
{
	int dir = -1;
	int result = -1;

	if (denylist_parse(list, note, length, e) == -1)
		return -1;
	if (verify_pinned(*list, place, e) == -1 ||
	    judge_scope(*list, place, e) == -1)
		goto out;
	if ((dir = open_place(place, false, e)) == -1) {
		if (e->code == ERR_MISSING) /* the first one */
			result = 0;
		goto out;
	}
	result = judge_counter(dir, *list, place, e);
out:
	file_close(&dir);
	if (result == -1)
		denylist_free(list);
	return result;
}

static int
put_in_force(int dir, const struct denylist *list, struct err *e)
{
	struct buf counter = buf_new(COUNTER_TEXT);
	int result = -1;

	buf_printf(&counter, "%llu\n", (unsigned long long)list->facts.counter);
	if (buf_status(&counter, e) == -1 ||
	    file_replace_at(dir, LIST_FILE, 0600, list->note.data,
	        list->note.length, e) == -1 ||
	    file_replace_at(
	        dir, COUNTER_FILE, 0600, counter.data, counter.length, e) == -1)
		goto out;
	if (unlinkat(dir, HELD_FILE, 0) == -1 && errno != ENOENT) {
		err_sys(e, errno, HELD_FILE);
		goto out;
	}
	result = 0;
out:
	buf_free(&counter);
	return result;
}

int
denylist_install(const struct denylist *list,
    const struct denylist_place *place, bool held, struct err *e)
{
	struct file_rule rule = rule_of(place);
	int dir = open_place(place, true, e);
	int lock = -1;
	int result = -1;

	if (dir == -1)
		return -1;
	if ((lock = file_open_at(dir, LOCK_FILE, O_RDWR | O_CREAT, &rule, e)) ==
	        -1 ||
	    file_lock(lock, true, LOCK_WAIT_MS, e) == -1 ||
	    judge_counter(dir, list, place, e) == -1)
		goto out;
	if (held)
		result = file_replace_at(dir, HELD_FILE, 0600, list->note.data,
		    list->note.length, e);
	else
		result = put_in_force(dir, list, e);
out:
	file_close(&lock);
	file_close(&dir);
	return result;
}
