#include "review/journal.h"

#include <stdlib.h>
#include <string.h>

#include "schema/base/buf.h"
#include "schema/base/enc.h"

#define FIELD_MAX   AUTHLOG_LINE_MAX
#define NESTING_MAX 8

/* The fields that are looked at; systemd.journal-fields(7). */
enum field {
	FIELD_TIME,
	FIELD_HOST,
	FIELD_TAG,
	FIELD_PID,
	FIELD_UID,
	FIELD_EXE,
	FIELD_MESSAGE,
	FIELDS
};

static const char *const field_names[FIELDS] = { "__REALTIME_TIMESTAMP",
	"_HOSTNAME", "SYSLOG_IDENTIFIER", "_PID", "_UID", "_EXE", "MESSAGE" };

struct value {
	bool there;
	bool bad; /* too long, or not a text */
	struct buf bytes;
};

struct journal {
	enum journal_form form;
	struct textfile *file;
	struct value values[FIELDS];
	void (*watch)(void *, const char *host, int64_t at);
	void *context;
};

enum journal_form
journal_form(const char *start, size_t length)
{
	static const char cursor[] = "__CURSOR=";

	if (length >= sizeof(cursor) - 1 &&
	    memcmp(start, cursor, sizeof(cursor) - 1) == 0)
		return JOURNAL_EXPORT;
	if (length > 0 && start[0] == '{' &&
	    (memmem(start, length, "\"__CURSOR\"", 10) != NULL ||
	        memmem(start, length, "\"_HOSTNAME\"", 11) != NULL ||
	        memmem(start, length, "\"MESSAGE\"", 9) != NULL ||
	        memmem(start, length, "\"__REALTIME_TIMESTAMP\"", 22) != NULL))
		return JOURNAL_JSON;
	return JOURNAL_NONE;
}

int
journal_new(struct journal **out, enum journal_form form, struct textfile *file,
    struct err *e)
{
	struct journal *j = calloc(1, sizeof(*j));

	*out = j;
	if (j == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	j->form = form;
	j->file = file;
	for (size_t i = 0; i < FIELDS; i++)
		j->values[i].bytes = buf_new(FIELD_MAX);
	return 0;
}

void
journal_free(struct journal **j)
{
	if (*j == NULL)
		return;
	for (size_t i = 0; i < FIELDS; i++)
		buf_free(&(*j)->values[i].bytes);
	free(*j);
	*j = NULL;
}

void
journal_watch(struct journal *j,
    void (*watch)(void *, const char *host, int64_t at), void *context)
{
	j->watch = watch;
	j->context = context;
}

static void
forget(struct journal *j)
{
	for (size_t i = 0; i < FIELDS; i++) {
		buf_clear(&j->values[i].bytes);
		j->values[i].bytes.failed = ERR_NONE;
		j->values[i].there = false;
		j->values[i].bad = false;
	}
}

/* The field of that name for its first value; NULL: not looked at. */
static struct value *
value_of(struct journal *j, const char *name, size_t length)
{
	for (size_t i = 0; i < FIELDS; i++)
		if (strlen(field_names[i]) == length &&
		    memcmp(field_names[i], name, length) == 0) {
			if (j->values[i].there)
				return NULL;
			j->values[i].there = true;
			return &j->values[i];
		}
	return NULL;
}

/* ---- What an entry says ---- */

static int64_t
number(struct journal *j, enum field field)
{
	struct value *v = &j->values[field];
	uint64_t value;
	struct err e;

	if (!v->there || v->bad ||
	    enc_number((const char *)v->bytes.data, v->bytes.length, INT64_MAX,
	        &value, &e) == -1)
		return -1;
	return (int64_t)value;
}

static const char *
text(struct journal *j, enum field field)
{
	struct value *v = &j->values[field];

	return v->there && !v->bad ? buf_string(&v->bytes) : "";
}

/*
 * Anyone may log as "sshd". The kernel says the writer's uid, and that of
 * sudo and su is the uid of who called them; then the file that runs tells.
 */
static bool
is_believed(struct journal *j)
{
	static const char *const programs[] = { "/usr/bin/sudo", "/usr/bin/su",
		"/bin/su", "/usr/bin/login", "/bin/login" };
	const char *exe = text(j, FIELD_EXE);

	if (!j->values[FIELD_UID].there)
		return false;
	if (number(j, FIELD_UID) == 0)
		return true;
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (strcmp(exe, programs[i]) == 0)
			return true;
	return false;
}

/* 1, 0 or -1, as authlog_message. */
static int
judge(struct journal *j, struct authlog_event *event)
{
	const struct value *message = &j->values[FIELD_MESSAGE];
	int64_t us = number(j, FIELD_TIME);
	int result;

	if (!j->values[FIELD_TAG].there || !message->there)
		return 0;
	result = authlog_message(text(j, FIELD_TAG),
	    message->bytes.data == NULL
	        ? ""
	        : buf_string(&j->values[FIELD_MESSAGE].bytes),
	    message->bytes.length, event);
	/* sshd says as the account itself that the client went: no matter. */
	if (result == 0 ||
	    (result == 1 && event->kind == AUTHLOG_GONE && !is_believed(j)))
		return 0;
	if (result == -1 || message->bad || us <= 0 || !is_believed(j) ||
	    strlen(text(j, FIELD_HOST)) > AUTHLOG_NAME_MAX ||
	    !enc_is_utf8(text(j, FIELD_HOST), strlen(text(j, FIELD_HOST))))
		return -1;
	event->at = us / 1000000;
	event->pid = number(j, FIELD_PID);
	memcpy(
	    event->host, text(j, FIELD_HOST), strlen(text(j, FIELD_HOST)) + 1);
	return 1;
}

static void
tell(struct journal *j)
{
	int64_t us = number(j, FIELD_TIME);
	const char *host = text(j, FIELD_HOST);

	if (j->watch != NULL && us > 0 && strlen(host) <= AUTHLOG_NAME_MAX &&
	    enc_is_utf8(host, strlen(host)))
		j->watch(j->context, host, us / 1000000);
}

/* ---- journalctl -o export ---- */

static uint64_t
little_endian(const unsigned char *bytes)
{
	uint64_t value = 0;

	for (size_t i = 8; i-- > 0;)
		value = value << 8 | bytes[i];
	return value;
}

/* A field whose value has line feeds: its length in 8 bytes before it. */
static int
export_binary(struct journal *j, struct value *v, struct err *e)
{
	unsigned char bytes[8], feed;
	uint64_t length;

	if (textfile_bytes(j->file, bytes, sizeof(bytes), e) == -1)
		return -1;
	length = little_endian(bytes);
	if (v == NULL || length > FIELD_MAX) {
		if (v != NULL)
			v->bad = true;
		if (textfile_bytes(j->file, NULL, length, e) == -1)
			return -1;
	} else {
		buf_put_zeros(&v->bytes, (size_t)length);
		if (buf_status(&v->bytes, e) == -1 ||
		    textfile_bytes(j->file, v->bytes.data, length, e) == -1)
			return -1;
	}
	if (textfile_bytes(j->file, &feed, 1, e) == -1)
		return -1;
	return feed == '\n' ? 0 : err_set(e, ERR_FORMAT, "not a journal");
}

/* 1: an entry is whole; 0: the end; -1. */
static int
export_entry(struct journal *j, struct err *e)
{
	struct textfile_line line;
	bool any = false;
	int more;

	while ((more = textfile_next(j->file, &line, e)) == 1) {
		const char *sign = memchr(line.text, '=', line.length);
		struct value *v;

		if (line.length == 0) {
			if (any)
				return 1;
			continue;
		}
		any = true;
		v = value_of(j, line.text,
		    sign == NULL ? line.length : (size_t)(sign - line.text));
		if (sign == NULL) {
			if (line.cut)
				return err_set(e, ERR_FORMAT, "not a journal");
			if (export_binary(j, v, e) == -1)
				return -1;
		} else if (v != NULL) {
			buf_put(&v->bytes, sign + 1,
			    line.length - (size_t)(sign + 1 - line.text));
			v->bad = line.cut || v->bytes.failed != ERR_NONE;
		}
	}
	return more == -1 ? -1 : any;
}

/* ---- journalctl -o json (RFC 8259) ---- */

static void
blanks(struct cursor *c)
{
	while (c->at < c->end && strchr(" \t\r\n", *c->at) != NULL &&
	    *c->at != '\0')
		c->at++;
}

static bool
take(struct cursor *c, char byte)
{
	blanks(c);
	if (c->at == c->end || *c->at != (unsigned char)byte)
		return false;
	c->at++;
	return true;
}

static int
hex4(struct cursor *c)
{
	const unsigned char *digits = cursor_take(c, 4);
	unsigned char bytes[2];
	struct err e;

	if (digits == NULL ||
	    enc_unhex((const char *)digits, 4, bytes, 2, &e) == -1)
		return -1;
	return bytes[0] << 8 | bytes[1];
}

static void
put_utf8(struct buf *b, int32_t code)
{
	if (code < 0x80) {
		buf_put_byte(b, (unsigned char)code);
	} else if (code < 0x800) {
		buf_put_byte(b, (unsigned char)(0xc0 | code >> 6));
		buf_put_byte(b, (unsigned char)(0x80 | (code & 0x3f)));
	} else if (code < 0x10000) {
		buf_put_byte(b, (unsigned char)(0xe0 | code >> 12));
		buf_put_byte(b, (unsigned char)(0x80 | (code >> 6 & 0x3f)));
		buf_put_byte(b, (unsigned char)(0x80 | (code & 0x3f)));
	} else {
		buf_put_byte(b, (unsigned char)(0xf0 | code >> 18));
		buf_put_byte(b, (unsigned char)(0x80 | (code >> 12 & 0x3f)));
		buf_put_byte(b, (unsigned char)(0x80 | (code >> 6 & 0x3f)));
		buf_put_byte(b, (unsigned char)(0x80 | (code & 0x3f)));
	}
}

static bool
json_escape(struct cursor *c, struct buf *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	unsigned char byte = cursor_byte(c);
	const char *place;
	int32_t code, low;

	if (byte != 'u') {
		place = byte == '\0' ? NULL : strchr(from, byte);
		if (place == NULL)
			return false;
		buf_put_byte(out, (unsigned char)to[place - from]);
		return true;
	}
	code = hex4(c);
	if (code >= 0xd800 && code < 0xdc00) {
		if (cursor_byte(c) != '\\' || cursor_byte(c) != 'u' ||
		    (low = hex4(c)) < 0xdc00 || low > 0xdfff)
			return false;
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
	}
	if (code < 0 || (code >= 0xdc00 && code < 0xe000))
		return false;
	put_utf8(out, code);
	return true;
}

/* Behind the first quote; out may not hold it all. */
static bool
json_string(struct cursor *c, struct buf *out)
{
	while (c->at < c->end) {
		unsigned char byte = cursor_byte(c);

		if (byte == '"')
			return true;
		if (byte == '\\') {
			if (!json_escape(c, out))
				return false;
		} else {
			buf_put_byte(out, byte);
		}
	}
	return false;
}

static bool
json_word(struct cursor *c, struct buf *out)
{
	const unsigned char *start = c->at;

	while (c->at < c->end &&
	    ((*c->at >= '0' && *c->at <= '9') ||
	        (*c->at >= 'a' && *c->at <= 'z') || *c->at == '-' ||
	        *c->at == '+' || *c->at == '.' || *c->at == 'E'))
		c->at++;
	buf_put(out, start, (size_t)(c->at - start));
	return c->at > start;
}

static bool json_value(struct cursor *, struct buf *, int depth);

/* Of bytes (a value that is no text): those; of values: the first. */
static bool
json_array(struct cursor *c, struct buf *out, int depth)
{
	struct buf item = buf_new(FIELD_MAX);
	bool first = true, good = false;

	if (take(c, ']'))
		return true;
	do {
		uint64_t byte;
		struct err e;
		bool is_byte;

		buf_clear(&item);
		item.failed = ERR_NONE;
		blanks(c);
		is_byte = c->at < c->end && *c->at >= '0' && *c->at <= '9';
		if (!json_value(c, &item, depth + 1))
			goto out;
		if (is_byte &&
		    enc_number((const char *)item.data, item.length, 255, &byte,
		        &e) == 0)
			buf_put_byte(out, (unsigned char)byte);
		else if (first)
			buf_put(out, item.data, item.length);
		first = false;
	} while (take(c, ','));
	good = take(c, ']');
out:
	buf_free(&item);
	return good;
}

static bool
json_object(struct cursor *c, int depth)
{
	struct buf ignored = buf_new(FIELD_MAX);
	bool good = false;

	if (take(c, '}'))
		return true;
	do {
		ignored.length = 0;
		if (!take(c, '"') || !json_string(c, &ignored) ||
		    !take(c, ':') || !json_value(c, &ignored, depth + 1))
			goto out;
	} while (take(c, ','));
	good = take(c, '}');
out:
	buf_free(&ignored);
	return good;
}

static bool
json_value(struct cursor *c, struct buf *out, int depth)
{
	if (depth > NESTING_MAX)
		return false;
	if (take(c, '"'))
		return json_string(c, out);
	if (take(c, '['))
		return json_array(c, out, depth);
	if (take(c, '{'))
		return json_object(c, depth);
	return json_word(c, out);
}

static bool
json_entry(struct journal *j, const char *line, size_t length)
{
	struct cursor c = cursor_new(line, length);
	struct buf name = buf_new(256), ignored = buf_new(FIELD_MAX);
	bool good = false;

	if (!take(&c, '{'))
		goto out;
	do {
		struct value *v;
		struct buf *to;

		buf_clear(&name);
		buf_clear(&ignored);
		ignored.failed = ERR_NONE;
		if (!take(&c, '"') || !json_string(&c, &name) ||
		    name.failed != ERR_NONE || !take(&c, ':'))
			goto out;
		v = value_of(j, buf_string(&name), name.length);
		to = v == NULL ? &ignored : &v->bytes;
		if (!json_value(&c, to, 0))
			goto out;
		if (v != NULL)
			v->bad = to->failed != ERR_NONE;
	} while (take(&c, ','));
	if (take(&c, '}')) {
		blanks(&c);
		good = c.at == c.end;
	}
out:
	buf_free(&name);
	buf_free(&ignored);
	return good;
}

/* ---- Both ---- */

int
journal_next(struct journal *j, struct authlog_event *event, int64_t *refused,
    struct err *e)
{
	struct textfile_line line = { .text = NULL };
	int more, result;

	for (;;) {
		bool good = true;

		forget(j);
		more = j->form == JOURNAL_EXPORT
		    ? export_entry(j, e)
		    : textfile_next(j->file, &line, e);
		if (more != 1)
			return more;
		if (j->form == JOURNAL_JSON)
			good = !line.cut &&
			    (line.length == 0 ||
			        json_entry(j, line.text, line.length));
		if (good)
			tell(j);
		result = good ? judge(j, event) : -1;
		if (result == 1)
			return 1;
		*refused += result == -1;
	}
}
