#include "review/ldif.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "review/decode.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"

#define FIRST_ROOM ((size_t)1 << 20)

struct ldif {
	char *name;
	const char *source; /* the caller's bytes; NULL: fd is read */
	size_t source_length, source_at;
	int fd; /* -1: none */
	bool regular;
	bool again; /* after a rewind the digest stands */
	bool ended;
	bool started;   /* something but comments was read */
	bool hashed;    /* digest is there */
	bool scattered; /* an attribute came back after another */
	unsigned char digest[32];
	EVP_MD_CTX *hash;

	/* What was read and not given yet; one byte behind it is free. */
	char *data;
	size_t length, room;
	size_t most;         /* of length, ever: what is wiped */
	size_t at;           /* where the next record begins */
	int64_t record_line; /* of the record's first line */
	struct ldif_report report;

	/* The entry: its attributes, and its values in the order of the file. */
	struct entry_attribute *attributes;
	size_t attribute_count, attribute_room;
	struct entry_value *values, *sorted;
	size_t *owners; /* the attribute of each value */
	size_t value_count, value_room;
	uint64_t seen; /* bits of names that the entry has */
};

/* ---- opening ---- */

static struct ldif *
ldif_new(const char *name)
{
	struct ldif *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->fd = -1;
	l->name = strdup(name);
	l->hash = EVP_MD_CTX_new();
	l->data = malloc(FIRST_ROOM + 1);
	l->room = FIRST_ROOM;
	if (l->name == NULL || l->hash == NULL || l->data == NULL ||
	    EVP_DigestInit_ex(l->hash, EVP_sha256(), NULL) != 1)
		ldif_close(&l);
	return l;
}

static int
open_file(struct ldif *l, const char *path, struct err *e)
{
	struct stat st;

	l->fd = strcmp(path, "-") == 0
	    ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
	    : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (l->fd == -1)
		return err_sys(e, errno, "%s", l->name);
	if (fstat(l->fd, &st) == -1)
		return err_sys(e, errno, "%s", l->name);
	if (S_ISDIR(st.st_mode))
		return err_set(e, ERR_FORMAT, "%s: it is a folder", l->name);
	l->regular = S_ISREG(st.st_mode);
	if (l->regular)
		l->report.total = st.st_size;
	return 0;
}

int
ldif_open(struct ldif **out, const char *path, struct err *e)
{
	struct ldif *l =
	    ldif_new(strcmp(path, "-") == 0 ? "standard input" : path);

	*out = NULL;
	if (l == NULL)
		return err_sys(e, ENOMEM, "%s", path);
	if (open_file(l, path, e) == -1) {
		ldif_close(&l);
		return -1;
	}
	*out = l;
	return 0;
}

int
ldif_of(struct ldif **out, const char *name, const void *bytes, size_t length,
    struct err *e)
{
	struct ldif *l = ldif_new(name);

	*out = l;
	if (l == NULL)
		return err_sys(e, ENOMEM, "%s", name);
	l->source = bytes;
	l->source_length = length;
	l->report.total = (int64_t)length;
	return 0;
}

void
ldif_close(struct ldif **pointer)
{
	struct ldif *l = *pointer;

	if (l == NULL)
		return;
	file_close(&l->fd);
	EVP_MD_CTX_free(l->hash);
	if (l->data != NULL)
		explicit_bzero(l->data, l->most);
	free(l->data);
	free(l->attributes);
	free(l->values);
	free(l->sorted);
	free(l->owners);
	free(l->name);
	free(l);
	*pointer = NULL;
}

bool
ldif_can_rewind(const struct ldif *l)
{
	return l->regular || l->source != NULL;
}

int
ldif_rewind(struct ldif *l, struct err *e)
{
	if (!ldif_can_rewind(l))
		return err_set(
		    e, ERR_USAGE, "%s: can't be read twice", l->name);
	if (l->fd != -1 && lseek(l->fd, 0, SEEK_SET) == -1)
		return err_sys(e, errno, "%s", l->name);
	l->source_at = l->length = l->at = 0;
	l->ended = l->started = false;
	l->again = true;
	memset(&l->report, 0, sizeof(l->report));
	return 0;
}

const struct ldif_report *
ldif_report(const struct ldif *l)
{
	return &l->report;
}

int
ldif_digest(struct ldif *l, unsigned char out[32], struct err *e)
{
	if (!l->hashed && EVP_DigestFinal_ex(l->hash, l->digest, NULL) != 1)
		return err_set(e, ERR_CRYPTO, "%s: SHA-256 failed", l->name);
	l->hashed = true;
	memcpy(out, l->digest, 32);
	return 0;
}

/* ---- reading records ---- */

static int
read_some(struct ldif *l, char *into, size_t room, size_t *got, struct err *e)
{
	ssize_t n;

	if (l->fd == -1) {
		*got = l->source_length - l->source_at;
		if (*got > room)
			*got = room;
		memcpy(into, l->source + l->source_at, *got);
		l->source_at += *got;
		return 0;
	}
	do
		n = read(l->fd, into, room);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return err_sys(e, errno, "%s", l->name);
	*got = (size_t)n;
	return 0;
}

/* Passwords may be in what is left behind. */
static int
grow(struct ldif *l, struct err *e)
{
	size_t room = l->room * 2;
	char *data = malloc(room + 1);

	if (data == NULL)
		return err_sys(e, ENOMEM, "%s", l->name);
	memcpy(data, l->data, l->length);
	explicit_bzero(l->data, l->room + 1);
	free(l->data);
	l->data = data;
	l->room = room;
	return 0;
}

/* More bytes behind those from l->at on, which move to the front. */
static int
fill(struct ldif *l, struct err *e)
{
	size_t got = 0;

	if (l->at > 0) {
		memmove(l->data, l->data + l->at, l->length - l->at);
		l->length -= l->at;
		l->at = 0;
	}
	if (l->length == l->room) {
		if (l->room >= LDIF_ENTRY_MAX)
			return err_set(e, ERR_LIMIT,
			    "%s:%lld: an entry of more than %u MiB", l->name,
			    (long long)l->report.line + 1,
			    LDIF_ENTRY_MAX >> 20);
		if (grow(l, e) == -1)
			return -1;
	}
	if (read_some(l, l->data + l->length, l->room - l->length, &got, e) ==
	    -1)
		return -1;
	l->length += got;
	if (l->length > l->most)
		l->most = l->length;
	l->report.bytes += (int64_t)got;
	l->ended = got == 0;
	return 0;
}

static int
hash(struct ldif *l, size_t from, size_t to, struct err *e)
{
	if (l->again || from == to)
		return 0;
	if (EVP_DigestUpdate(l->hash, l->data + from, to - from) != 1)
		return err_set(e, ERR_CRYPTO, "%s: SHA-256 failed", l->name);
	return 0;
}

/* One line: [from, end) without its end, next is where the next begins. */
struct line {
	size_t from, end, next;
};

/* The line at that offset from l->at; 0: the input is over. */
static int
line_at(struct ldif *l, size_t offset, struct line *out, struct err *e)
{
	size_t searched = offset;

	for (;;) {
		size_t from = l->at + offset;
		char *feed = memchr(l->data + l->at + searched, '\n',
		    l->length - l->at - searched);

		if (feed != NULL || (l->ended && from < l->length)) {
			out->from = from;
			out->end =
			    feed == NULL ? l->length : (size_t)(feed - l->data);
			out->next = feed == NULL ? l->length : out->end + 1;
			if (out->end > from && l->data[out->end - 1] == '\r')
				out->end--;
			return 1;
		}
		if (l->ended)
			return 0;
		searched = l->length - l->at;
		if (fill(l, e) == -1)
			return -1;
	}
}

static size_t
secret_length(const struct ldif *l, const struct line *line)
{
	const char *text = l->data + line->from;
	size_t length = line->end - line->from;
	const char *colon = memchr(text, ':', length < 256 ? length : 256);
	size_t name = colon == NULL ? 0 : (size_t)(colon - text);
	const char *semicolon = memchr(text, ';', name);

	if (colon == NULL)
		return 0;
	if (semicolon == NULL)
		semicolon = colon;
	return entry_is_secret(text, (size_t)(semicolon - text))
	    ? (size_t)(colon + 1 - text)
	    : 0;
}

/* A byte order mark at the very start; ldifde -u writes UTF-16. */
static int
pass_mark(struct ldif *l, struct err *e)
{
	if (l->report.bytes > 0)
		return 0;
	if (fill(l, e) == -1)
		return -1;
	if (l->length >= 2 &&
	    (memcmp(l->data, "\xff\xfe", 2) == 0 ||
	        memcmp(l->data, "\xfe\xff", 2) == 0))
		return err_set(e, ERR_FORMAT,
		    "%s: UTF-16; iconv -f UTF-16 -t UTF-8 makes it UTF-8",
		    l->name);
	if (l->length < 3 || memcmp(l->data, "\xef\xbb\xbf", 3) != 0)
		return 0;
	l->at = 3;
	return hash(l, 0, 3, e);
}

/*
 * Finds the next record, whole in memory, and hashes it before anything in it
 * is moved. 1: it is [l->at, *end); 0: there is none.
 */
static int
next_record(struct ldif *l, size_t *end, struct err *e)
{
	size_t offset = 0, hashed = 0;
	bool content = false, secret = false, comment = false;
	struct line line;
	int found;

	if (pass_mark(l, e) == -1)
		return -1;
	l->record_line = l->report.line + 1;
	while ((found = line_at(l, offset, &line, e)) == 1) {
		bool blank = line.from == line.end;
		char first = blank ? '\0' : l->data[line.from];

		l->report.line++;
		if (first == ' ' && secret) {
			hashed = line.next - l->at;
		} else {
			size_t kept = blank ? 0 : secret_length(l, &line);

			secret = kept > 0;
			if (secret) {
				if (hash(l, l->at + hashed, line.from + kept,
				        e) == -1)
					return -1;
				hashed = line.next - l->at;
			}
		}
		offset = line.next - l->at;
		if (blank && content)
			break;
		comment = first == '#' || (comment && first == ' ');
		content = content || (!blank && !comment);
		/* What is no part of a record need not stay. */
		if (!content) {
			if (hash(l, l->at + hashed, line.next, e) == -1)
				return -1;
			l->at = line.next;
			offset = hashed = 0;
			l->record_line = l->report.line + 1;
		}
	}
	if (found == -1 || hash(l, l->at + hashed, l->at + offset, e) == -1)
		return -1;
	*end = l->at + offset;
	return content ? 1 : 0;
}

/* ---- lines of a record ---- */

/* A logical line being read: the name, closed by a NUL, and its value. */
struct field {
	int64_t number; /* of its first line */
	char *name;
	size_t name_length;
	char *value;
	size_t length;
	char kind; /* ':' base64, '<' a URL, else ' ' */
};

struct reader {
	struct ldif *ldif;
	size_t at, end;
	int64_t number; /* of the line at at */
};

static int
bad(const struct ldif *l, int64_t number, struct err *e, const char *what)
{
	(void)err_set(
	    e, ERR_FORMAT, "%s:%lld: %s", l->name, (long long)number, what);
	return -1;
}

/* The line at r->at; its end is a line feed, or the end of the record. */
static struct line
take_line(struct reader *r)
{
	const char *data = r->ldif->data;
	char *feed = memchr(data + r->at, '\n', r->end - r->at);
	struct line line = { .from = r->at };

	line.end = feed == NULL ? r->end : (size_t)(feed - data);
	line.next = feed == NULL ? r->end : line.end + 1;
	if (line.end > line.from && data[line.end - 1] == '\r')
		line.end--;
	r->at = line.next;
	r->number++;
	return line;
}

static bool
is_folded(const struct reader *r)
{
	return r->at < r->end && r->ldif->data[r->at] == ' ';
}

/* Joins what is folded, in place. Returns where it ends. */
static size_t
unfold(struct reader *r, const struct line *first)
{
	char *data = r->ldif->data;
	size_t end = first->end;

	while (is_folded(r)) {
		struct line more = take_line(r);

		memmove(
		    data + end, data + more.from + 1, more.end - more.from - 1);
		end += more.end - more.from - 1;
	}
	return end;
}

/* RFC 2849's AttributeDescription, and '_' and '#', which servers have. */
static bool
is_name(const char *name, size_t length)
{
	if (length == 0 || name[0] == ';')
		return false;
	for (size_t i = 0; i < length; i++) {
		char c = name[i];

		if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') &&
		    (c < '0' || c > '9') && strchr("-.;_#=*", c) == NULL)
			return false;
	}
	return true;
}

/* 1: a field; 0: the record is over. Comments are passed over. */
static int
next_field(struct reader *r, struct field *f, struct err *e)
{
	struct ldif *l = r->ldif;
	struct line line;
	size_t end;
	char *colon;

	do {
		if (r->at == r->end)
			return 0;
		f->number = r->number;
		line = take_line(r);
		if (line.from == line.end)
			return 0;
		end = unfold(r, &line);
	} while (l->data[line.from] == '#');
	if (l->data[line.from] == ' ')
		return bad(l, f->number, e, "a folded line continues nothing");
	if (end - line.from > LDIF_LINE_MAX)
		return bad(l, f->number, e, "a line of more than 16 MiB");
	/* The line feed's place, or the free byte behind everything. */
	l->data[end] = '\0';
	f->name = l->data + line.from;
	colon = memchr(f->name, ':', end - line.from);
	if (colon == NULL || !is_name(f->name, (size_t)(colon - f->name)))
		return bad(l, f->number, e,
		    strcmp(f->name, "-") == 0
		        ? "a change record: only entries are read"
		        : "not \"attribute: value\"");
	f->name_length = (size_t)(colon - f->name);
	*colon = '\0';
	f->value = colon + 1;
	f->kind = ' ';
	if (*f->value == ':' || *f->value == '<')
		f->kind = *f->value++;
	while (*f->value == ' ')
		f->value++;
	f->length = (size_t)(l->data + end - f->value);
	return 1;
}

/* Undoes base64, and judges the characters of what is none. */
static int
read_value(const struct ldif *l, struct field *f, struct err *e)
{
	if (f->kind == '<')
		return bad(l, f->number, e,
		    "a value from a file or URL (\":<\") is refused");
	if (f->kind == ':') {
		if (!decode_base64(f->value, f->length,
		        (unsigned char *)f->value, &f->length))
			return bad(l, f->number, e, "not base64");
		f->value[f->length] = '\0';
		return 0;
	}
	if (memchr(f->value, '\r', f->length) != NULL)
		return bad(l, f->number, e,
		    "a carriage return inside a line (RFC 2849: base64)");
	if (!enc_is_utf8(f->value, f->length))
		return bad(l, f->number, e,
		    "neither UTF-8 nor base64 (RFC 2849: base64)");
	return 0;
}

/* ---- entries ---- */

static uint64_t
name_bit(const struct field *f)
{
	unsigned first = (unsigned char)f->name[0] | 0x20u;
	unsigned last = (unsigned char)f->name[f->name_length - 1] | 0x20u;

	return UINT64_C(1) << ((first * 5 + last * 11 + f->name_length) & 63);
}

static bool
is_named(const struct entry_attribute *a, const struct field *f)
{
	const char *semicolon = memchr(f->name, ';', f->name_length);
	size_t length =
	    semicolon == NULL ? f->name_length : (size_t)(semicolon - f->name);

	/* Mostly it is spelt the same on every line. */
	if (strncmp(a->name, f->name, length) != 0 &&
	    strncasecmp(a->name, f->name, length) != 0)
		return false;
	if (a->name[length] != '\0')
		return false;
	if (semicolon == NULL)
		return a->options == NULL;
	return a->options != NULL && strcasecmp(a->options, semicolon + 1) == 0;
}

/* Which attribute the field is a value of; attribute_count: a new one. */
static size_t
owner_of(const struct ldif *l, const struct field *f)
{
	size_t last = l->attribute_count;

	if (last > 0 && is_named(&l->attributes[last - 1], f))
		return last - 1;
	if ((l->seen & name_bit(f)) == 0)
		return last;
	for (size_t i = 0; i < last; i++)
		if (is_named(&l->attributes[i], f))
			return i;
	return last;
}

static int
make_room(struct ldif *l, struct err *e)
{
	if (l->attribute_count == l->attribute_room) {
		size_t room = l->attribute_room * 2 + 64;
		struct entry_attribute *a =
		    reallocarray(l->attributes, room, sizeof(*a));

		if (a == NULL)
			return err_sys(e, ENOMEM, "%s", l->name);
		l->attributes = a;
		l->attribute_room = room;
	}
	if (l->value_count == l->value_room) {
		size_t room = l->value_room * 2 + 256;
		struct entry_value *v =
		    reallocarray(l->values, room, sizeof(*v));
		size_t *o;

		if (v != NULL)
			l->values = v;
		o = reallocarray(l->owners, room, sizeof(*o));
		if (o != NULL)
			l->owners = o;
		if (v == NULL || o == NULL)
			return err_sys(e, ENOMEM, "%s", l->name);
		l->value_room = room;
	}
	return 0;
}

static int
add_value(struct ldif *l, struct field *f, struct err *e)
{
	size_t owner;

	if (make_room(l, e) == -1)
		return -1;
	owner = owner_of(l, f);
	if (owner == l->attribute_count) {
		char *semicolon = memchr(f->name, ';', f->name_length);

		l->seen |= name_bit(f);
		if (semicolon != NULL)
			*semicolon = '\0';
		l->attributes[l->attribute_count++] =
		    (struct entry_attribute){ .name = f->name,
			    .options =
			        semicolon == NULL ? NULL : semicolon + 1 };
	} else if (owner + 1 != l->attribute_count) {
		l->scattered = true;
	}
	l->attributes[owner].count++;
	l->owners[l->value_count] = owner;
	l->values[l->value_count].data = f->value;
	l->values[l->value_count++].length = f->length;
	l->report.values++;
	return 0;
}

/* Values of one attribute side by side, in the order of the file. */
static int
sort_values(struct ldif *l, struct err *e)
{
	struct entry_value *sorted =
	    reallocarray(l->sorted, l->value_count, sizeof(*sorted));

	if (sorted == NULL)
		return err_sys(e, ENOMEM, "%s", l->name);
	l->sorted = sorted;
	for (size_t i = 0; i < l->value_count; i++) {
		struct entry_attribute *a = &l->attributes[l->owners[i]];
		size_t place = (size_t)(a->values - l->values);

		sorted[place] = l->values[i];
		a->values++;
	}
	for (size_t i = 0; i < l->attribute_count; i++) {
		struct entry_attribute *a = &l->attributes[i];

		a->values = sorted + (a->values - l->values) - a->count;
	}
	return 0;
}

static int
finish_entry(struct ldif *l, struct entry *out, struct err *e)
{
	const struct entry_value *at = l->values;

	for (size_t i = 0; i < l->attribute_count; i++) {
		l->attributes[i].values = at;
		at += l->attributes[i].count;
	}
	if (l->scattered && sort_values(l, e) == -1)
		return -1;
	out->attributes = l->attributes;
	out->count = l->attribute_count;
	l->report.entries++;
	return 1;
}

static bool
is_field(const struct field *f, const char *name)
{
	return strcasecmp(f->name, name) == 0;
}

/* Lines of an entry that are no attribute. 1: it is none of them; 0; -1. */
static int
judge_word(struct ldif *l, const struct field *f, struct err *e)
{
	if (is_field(f, "changetype")) {
		if (f->length == 3 && strcasecmp(f->value, "add") == 0)
			return 0;
		return bad(l, f->number, e,
		    "a change record (changetype): only entries are read");
	}
	if (is_field(f, "control"))
		return bad(l, f->number, e,
		    "a change record (control): only entries are read");
	if (is_field(f, "dn"))
		return bad(l, f->number, e,
		    "a second dn: a blank line between entries is missing");
	return 1;
}

/* 1: an attribute of the entry; 0: passed over; -1. */
static int
judge_field(struct ldif *l, const struct field *f, struct err *e)
{
	const char *semicolon = memchr(f->name, ';', f->name_length);
	size_t length =
	    semicolon == NULL ? f->name_length : (size_t)(semicolon - f->name);
	char first = (char)(f->name[0] | 0x20);

	if (first == 'c' || first == 'd') {
		int judged = judge_word(l, f, e);

		if (judged != 1)
			return judged;
	}
	if (!entry_is_secret(f->name, length))
		return 1;
	l->report.secrets++;
	return 0;
}

static int
read_entry(struct ldif *l, struct reader *r, struct field *f, struct entry *out,
    struct err *e)
{
	int found;

	l->attribute_count = l->value_count = 0;
	l->scattered = false;
	l->seen = 0;
	if (read_value(l, f, e) == -1)
		return -1;
	if (!enc_is_utf8(f->value, f->length))
		return bad(l, f->number, e, "a dn that is not UTF-8");
	out->dn = f->value;
	while ((found = next_field(r, f, e)) == 1) {
		int judged = judge_field(l, f, e);

		if (judged == 0)
			continue;
		if (judged == -1 || read_value(l, f, e) == -1 ||
		    add_value(l, f, e) == -1)
			return -1;
	}
	return found == -1 ? -1 : finish_entry(l, out, e);
}

/* ---- what ldapsearch prints around entries ---- */

static void
take_result(struct ldif *l, const struct field *f)
{
	char *end;
	long code = strtol(f->value, &end, 10);

	l->report.results++;
	if (code == 0 || l->report.result != 0)
		return;
	l->report.result = code;
	while (*end == ' ')
		end++;
	strncpy(l->report.result_text, end, sizeof(l->report.result_text) - 1);
}

static void
take_reference(struct ldif *l, const struct field *f)
{
	(void)f;
	l->report.referrals++;
}

static void
take_page(struct ldif *l, const struct field *f)
{
	const char *cookie = strstr(f->value, "cookie=");

	l->report.page_open = cookie != NULL && cookie[7] != '\0';
}

static const struct {
	const char *name;
	void (*take)(struct ldif *, const struct field *);
} remarks[] = {
	{ "search", NULL },
	{ "result", take_result },
	{ "matchedDN", NULL },
	{ "text", NULL },
	{ "ref", take_reference },
	{ "control", NULL },
	{ "pagedresults", take_page },
	{ "sortResult", NULL },
};

/* 1: it was one; 0: it is something else. */
static int
take_remark(struct ldif *l, const struct field *f)
{
	for (size_t i = 0; i < sizeof(remarks) / sizeof(*remarks); i++) {
		if (!is_field(f, remarks[i].name))
			continue;
		if (remarks[i].take != NULL)
			remarks[i].take(l, f);
		return 1;
	}
	return 0;
}

static int
read_remarks(struct ldif *l, struct reader *r, struct field *f, struct err *e)
{
	int found = 1;

	while (found == 1) {
		if (take_remark(l, f) == 0)
			return bad(
			    l, f->number, e, "an entry begins with \"dn:\"");
		found = next_field(r, f, e);
	}
	return found;
}

static int
read_version(struct ldif *l, const struct field *f, struct err *e)
{
	if (strcmp(f->value, "1") != 0)
		return bad(l, f->number, e, "LDIF of another version than 1");
	return 0;
}

/* 1: an entry; 2: something else, well-formed; -1. */
static int
read_record(struct ldif *l, size_t end, struct entry *out, struct err *e)
{
	struct reader r = { l, l->at, end, l->record_line };
	struct field f = { 0 };
	bool first = !l->started;
	int found = next_field(&r, &f, e);

	l->started = true;
	l->at = end;
	if (found == 1 && first && is_field(&f, "version")) {
		if (read_version(l, &f, e) == -1)
			return -1;
		found = next_field(&r, &f, e);
	}
	if (found != 1)
		return found == 0 ? 2 : -1;
	if (is_field(&f, "dn"))
		return read_entry(l, &r, &f, out, e);
	return read_remarks(l, &r, &f, e) == -1 ? -1 : 2;
}

int
ldif_next(struct ldif *l, struct entry *out, struct err *e)
{
	size_t end;
	int found;

	do {
		found = next_record(l, &end, e);
		if (found == 1)
			found = read_record(l, end, out, e);
	} while (found == 2);
	return found;
}
