#include "review/pack_write.h"

#include <errno.h>
#include <libxml/xmlwriter.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review/pack_file.h"
#include "review/pack_value.h"
#include "review/workday.h"
#include "review/xml_text.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"

#define BLOCK     65536u
#define VALUE_MAX (64u << 20) /* a content, every byte of it escaped */
/* BAD_CAST casts const away. */
#define XML_TEXT(text) ((const xmlChar *)(text))
#define WATCH_ROWS     4096

struct pack_writer {
	int directory;
	struct manifest *manifest;
	const struct pack_schema *schema;
	struct tallies *tallies;
	uint64_t part_bytes;
	void (*progress)(void *, const char *, int64_t, int64_t);
	void *progress_context;
	pack_row_fn *hear;
	void *hear_context;

	const struct pack_class *class; /* NULL: between two */
	int64_t class_rows, parts;

	/* The part that is open. */
	xmlTextWriter *xml; /* NULL: none is */
	int fd;
	EVP_MD_CTX *hash;
	char name[EVIDENCE_NAME_MAX + 1];
	int64_t rows;
	uint64_t bytes;
	struct err failure; /* the first, of the file */

	/* The row that is being written: how long its values are, and which
	 * need no escaping. */
	size_t lengths[PACK_COLUMNS];
	bool plain[PACK_COLUMNS];
	struct buf escaped;             /* a value */
	struct buf clean[PACK_COLUMNS]; /* those that XML can't carry */
	struct buf given[PACK_COLUMNS]; /* what pack_rows made of numbers */
};

int
pack_writer_new(struct pack_writer **out, int directory,
    struct manifest *manifest, const struct pack_schema *schema,
    struct tallies *tallies, struct err *e)
{
	struct pack_writer *w = calloc(1, sizeof(*w));

	*out = NULL;
	if (w == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	w->directory = directory;
	w->manifest = manifest;
	w->schema = schema;
	w->tallies = tallies;
	w->part_bytes = EVIDENCE_PART_BYTES;
	w->fd = -1;
	w->escaped = buf_new(VALUE_MAX);
	for (size_t i = 0; i < PACK_COLUMNS; i++) {
		w->clean[i] = buf_new(VALUE_MAX);
		w->given[i] = buf_new(VALUE_MAX);
	}
	w->hash = EVP_MD_CTX_new();
	if (w->hash == NULL) {
		pack_writer_free(&w);
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	*out = w;
	return 0;
}

void
pack_writer_free(struct pack_writer **writer)
{
	struct pack_writer *w = *writer;

	if (w == NULL)
		return;
	if (w->xml != NULL)
		xmlFreeTextWriter(w->xml);
	file_close(&w->fd);
	EVP_MD_CTX_free(w->hash);
	buf_free(&w->escaped);
	for (size_t i = 0; i < PACK_COLUMNS; i++) {
		buf_free(&w->clean[i]);
		buf_free(&w->given[i]);
	}
	free(w);
	*writer = NULL;
}

void
pack_part_bytes(struct pack_writer *w, uint64_t bytes)
{
	w->part_bytes = bytes;
}

void
pack_watch(struct pack_writer *w,
    void (*progress)(void *, const char *, int64_t, int64_t), void *context)
{
	w->progress = progress;
	w->progress_context = context;
}

void
pack_hear(struct pack_writer *w, pack_row_fn *hear, void *context)
{
	w->hear = hear;
	w->hear_context = context;
}

/* ---- Bytes of a file ---- */

static int
write_all(int fd, const void *bytes, size_t length)
{
	const char *at = bytes;

	while (length > 0) {
		ssize_t n = write(fd, at, length);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		at += n;
		length -= (size_t)n;
	}
	return 0;
}

/*
 * libxml2's output. A failure is kept, and the rest is dropped: libxml2 itself
 * would print it.
 */
static int
put_bytes(void *context, const char *bytes, int length)
{
	struct pack_writer *w = context;

	if (w->failure.code != ERR_NONE || length <= 0)
		return length;
	if (EVP_DigestUpdate(w->hash, bytes, (size_t)length) != 1)
		err_set(&w->failure, ERR_CRYPTO, "SHA-256");
	else if (write_all(w->fd, bytes, (size_t)length) == -1)
		err_sys(&w->failure, errno, "%s", w->name);
	else
		w->bytes += (uint64_t)length;
	return length;
}

static int
end_bytes(void *context)
{
	(void)context;
	return 0;
}

static int
failed(const struct pack_writer *w, int status, struct err *e)
{
	if (w->failure.code != ERR_NONE) {
		*e = w->failure;
		return -1;
	}
	return status < 0 ? err_set(e, ERR_MEMORY, "%s: out of memory", w->name)
	                  : 0;
}

typedef int open_fn(int directory, const char *name, struct err *);

static int
begin_file(
    struct pack_writer *w, const char *name, open_fn *open, struct err *e)
{
	if (w->xml != NULL)
		return err_set(e, ERR_USAGE, "%s: within a part", name);
	(void)snprintf(w->name, sizeof(w->name), "%s", name);
	w->bytes = 0;
	w->rows = 0;
	w->failure.code = ERR_NONE;
	if (EVP_DigestInit_ex(w->hash, EVP_sha256(), NULL) != 1)
		return err_set(e, ERR_CRYPTO, "SHA-256");
	w->fd = open(w->directory, name, e);
	return w->fd == -1 ? -1 : 0;
}

/* Adds what was hashed to the manifest; its entry, or NULL. */
static struct manifest_file *
add_file(struct pack_writer *w, struct err *e)
{
	struct manifest_file *file = manifest_add_file(w->manifest, e);

	if (file == NULL)
		return NULL;
	memcpy(file->name, w->name, sizeof(file->name));
	file->bytes = (int64_t)w->bytes;
	if (EVP_DigestFinal_ex(w->hash, file->sha256, NULL) != 1) {
		err_set(e, ERR_CRYPTO, "SHA-256");
		return NULL;
	}
	return file;
}

/* ---- Parts ---- */

static int
write_head(struct pack_writer *w)
{
	return xmlTextWriterWriteFormatRaw(w->xml,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<part xmlns=\"%s\" version=\"1\" pack=\"%lld\" class=\"%s\""
	    " number=\"%lld\">\n",
	    EVIDENCE_NAMESPACE, (long long)w->manifest->sequence,
	    w->class->name, (long long)w->parts);
}

static int
begin_part(struct pack_writer *w, struct err *e)
{
	char name[EVIDENCE_NAME_MAX + 1];
	xmlOutputBuffer *out;

	w->parts++;
	(void)snprintf(name, sizeof(name), "parts/%s-%04lld.xml",
	    w->class->name, (long long)w->parts);
	if (begin_file(w, name, pack_file_create, e) == -1)
		return -1;
	out = xmlOutputBufferCreateIO(put_bytes, end_bytes, w, NULL);
	w->xml = out == NULL ? NULL : xmlNewTextWriter(out);
	if (w->xml == NULL) {
		if (out != NULL)
			(void)xmlOutputBufferClose(out);
		return err_set(e, ERR_MEMORY, "%s: out of memory", name);
	}
	return failed(w, write_head(w), e);
}

static int
end_part(struct pack_writer *w, struct err *e)
{
	struct manifest_file *file;
	int status = xmlTextWriterWriteRaw(w->xml, XML_TEXT("</part>\n"));

	if (status >= 0)
		status = xmlTextWriterFlush(w->xml);
	xmlFreeTextWriter(w->xml);
	w->xml = NULL;
	if (failed(w, status, e) == -1 ||
	    pack_file_done(&w->fd, w->name, e) == -1 ||
	    (file = add_file(w, e)) == NULL)
		return -1;
	(void)snprintf(file->class, sizeof(file->class), "%s", w->class->name);
	file->rows = w->rows;
	return 0;
}

int
pack_begin(struct pack_writer *w, const char *class, struct err *e)
{
	w->class = pack_schema_find(w->schema, class);
	w->class_rows = 0;
	w->parts = 0;
	return w->class == NULL
	    ? err_set(e, ERR_FORMAT, "evidence.xsd has no class %s", class)
	    : 0;
}

int
pack_end(
    struct pack_writer *w, int64_t total, const char *withheld, struct err *e)
{
	struct manifest_class *c;

	if (w->xml != NULL && end_part(w, e) == -1)
		return -1;
	if ((c = manifest_add_class(w->manifest, e)) == NULL)
		return -1;
	(void)snprintf(c->name, sizeof(c->name), "%s", w->class->name);
	(void)snprintf(c->withheld, sizeof(c->withheld), "%s",
	    withheld == NULL ? "" : withheld);
	c->rows = w->class_rows;
	c->total = total;
	c->parts = w->parts;
	w->class = NULL;
	return 0;
}

/* ---- Rows ---- */

/* The value as a reader will have it; NULL with *e set. */
static const char *
clean(struct pack_writer *w, size_t i, const char *value, struct err *e)
{
	w->lengths[i] = strlen(value);
	w->plain[i] = xml_plain(value, w->lengths[i]) == w->lengths[i];
	if (w->plain[i] || xml_is_clean(value, w->lengths[i]))
		return value;
	buf_clear(&w->clean[i]);
	xml_put_clean(&w->clean[i], value, w->lengths[i]);
	w->lengths[i] = w->clean[i].length;
	return buf_status(&w->clean[i], e) == -1 ? NULL
	                                         : buf_string(&w->clean[i]);
}

static int
check_row(struct pack_writer *w, const char *const *values,
    struct pack_row *row, struct err *e)
{
	const struct pack_class *c = w->class;

	row->line = w->rows + 3; /* behind the declaration and <part> */
	for (size_t i = 0; i < c->count; i++) {
		const struct pack_column *column = &c->columns[i];

		row->values[i] = NULL;
		if (values[i] == NULL && column->required)
			return err_set(e, ERR_FORMAT, "%s %lld: no %s", c->name,
			    (long long)w->class_rows + 1, column->name);
		if (values[i] == NULL)
			continue;
		if ((row->values[i] = clean(w, i, values[i], e)) == NULL)
			return -1;
		if (!pack_value_ok(column->as, row->values[i], w->lengths[i]))
			return err_set(e, ERR_FORMAT,
			    "%s %lld: %s \"%.80s\" is no %s", c->name,
			    (long long)w->class_rows + 1, column->name,
			    row->values[i], column->type);
	}
	return 0;
}

static int
write_value(struct pack_writer *w, size_t i, const char *value)
{
	if (w->plain[i])
		return xmlTextWriterWriteRawLen(
		    w->xml, XML_TEXT(value), (int)w->lengths[i]);
	buf_clear(&w->escaped);
	xml_put(&w->escaped, value, w->lengths[i]);
	return xmlTextWriterWriteRawLen(
	    w->xml, XML_TEXT(buf_string(&w->escaped)), (int)w->escaped.length);
}

static int
write_row(struct pack_writer *w, const struct pack_row *row)
{
	const struct pack_class *c = w->class;
	xmlTextWriter *x = w->xml;

	if (xmlTextWriterStartElement(x, XML_TEXT(c->name)) < 0)
		return -1;
	for (size_t i = 0; i < c->count - c->has_body; i++)
		if (row->values[i] != NULL &&
		    (xmlTextWriterStartAttribute(
		         x, XML_TEXT(c->columns[i].name)) < 0 ||
		        write_value(w, i, row->values[i]) < 0 ||
		        xmlTextWriterEndAttribute(x) < 0))
			return -1;
	if (c->has_body && row->values[c->count - 1] != NULL &&
	    write_value(w, c->count - 1, row->values[c->count - 1]) < 0)
		return -1;
	if (xmlTextWriterEndElement(x) < 0)
		return -1;
	return xmlTextWriterWriteRaw(x, XML_TEXT("\n")) < 0 ? -1 : 0;
}

int
pack_row(struct pack_writer *w, const char *const *values, struct err *e)
{
	struct pack_row row = { .class = w->class };

	if (check_row(w, values, &row, e) == -1 ||
	    (w->xml == NULL && begin_part(w, e) == -1) ||
	    failed(w, write_row(w, &row), e) == -1)
		return -1;
	if ((w->tallies != NULL && tallies_count(w->tallies, &row, e) == -1) ||
	    (w->hear != NULL && w->hear(w->hear_context, &row, e) == -1))
		return -1;
	w->rows++;
	w->class_rows++;
	if (w->progress != NULL && w->class_rows % WATCH_ROWS == 0)
		w->progress(
		    w->progress_context, w->class->name, w->class_rows, 0);
	return w->bytes >= w->part_bytes ? end_part(w, e) : 0;
}

/* ---- Rows of a statement ---- */

enum form { FORM_TEXT, FORM_TIME, FORM_DAY, FORM_FLAG, FORM_HEX };

static const struct {
	const char *suffix;
	enum form form;
} forms[] = {
	{ ":time", FORM_TIME },
	{ ":day", FORM_DAY },
	{ ":flag", FORM_FLAG },
	{ ":hex", FORM_HEX },
};

/* That the statement's column is the class's, and how it is written. */
static int
read_form(const struct pack_column *column, const char *name, enum form *out,
    struct err *e)
{
	size_t length = strlen(column->name);

	*out = FORM_TEXT;
	if (*column->name == '\0' && strcmp(name, "body:body") == 0)
		return 0;
	if (strncmp(name, column->name, length) == 0) {
		if (name[length] == '\0')
			return 0;
		for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
			if (strcmp(forms[i].suffix, name + length) == 0) {
				*out = forms[i].form;
				return 0;
			}
	}
	return err_set(e, ERR_FORMAT,
	    "a statement has \"%s\" in place of \"%s\"", name,
	    *column->name == '\0' ? "body:body" : column->name);
}

static int
read_forms(
    struct pack_writer *w, struct statement *s, enum form *out, struct err *e)
{
	const struct pack_class *c = w->class;

	if (column_count(s) != (int)c->count)
		return err_set(e, ERR_FORMAT, "%s: %d columns, not %zu",
		    c->name, column_count(s), c->count);
	for (size_t i = 0; i < c->count; i++)
		if (read_form(&c->columns[i], column_name(s, (int)i), &out[i],
		        e) == -1)
			return err_in(e, "%s", c->name);
	return 0;
}

static const char *
read_value(struct statement *s, int column, enum form form, struct buf *b)
{
	char time[PACK_TIME_SIZE], day[DAY_TEXT];
	const void *blob;
	size_t length = 0;

	if (column_is_null(s, column))
		return NULL;
	if (form == FORM_TEXT)
		return column_text(s, column);
	if (form == FORM_FLAG)
		return column_int(s, column) != 0 ? "true" : "false";
	buf_clear(b);
	if (form == FORM_TIME)
		buf_put_string(b, pack_time(column_int(s, column), time));
	else if (form == FORM_DAY)
		buf_put_string(b, day_text(column_int(s, column), day));
	else {
		blob = column_blob(s, column, &length);
		enc_hex(b, blob, length);
	}
	return buf_string(b);
}

int
pack_rows(struct pack_writer *w, struct statement *s, struct err *e)
{
	enum form how[PACK_COLUMNS] = { FORM_TEXT };
	const char *values[PACK_COLUMNS];
	int more = store_step(s, e);

	if (more == 1 && read_forms(w, s, how, e) == -1)
		more = -1;
	while (more == 1) {
		for (size_t i = 0; i < w->class->count; i++)
			values[i] = read_value(s, (int)i, how[i], &w->given[i]);
		more = pack_row(w, values, e) == -1 ? -1 : store_step(s, e);
	}
	store_done(s);
	return more;
}

/* ---- Other files ---- */

int
pack_put_file(struct pack_writer *w, const char *name, const void *bytes,
    size_t length, struct err *e)
{
	if (length > INT_MAX)
		return err_set(e, ERR_LIMIT, "%s: too long", name);
	if (begin_file(w, name, pack_file_create, e) == -1)
		return -1;
	(void)put_bytes(w, bytes, (int)length);
	if (failed(w, 0, e) == -1 || pack_file_done(&w->fd, w->name, e) == -1)
		return -1;
	return add_file(w, e) == NULL ? -1 : 0;
}

static int
hash_file(struct pack_writer *w, struct err *e)
{
	char block[BLOCK];
	ssize_t n;

	while ((n = read(w->fd, block, sizeof(block))) > 0) {
		if (EVP_DigestUpdate(w->hash, block, (size_t)n) != 1)
			return err_set(e, ERR_CRYPTO, "SHA-256");
		w->bytes += (uint64_t)n;
	}
	return n == -1 ? err_sys(e, errno, "%s", w->name) : 0;
}

int
pack_add_file(struct pack_writer *w, const char *name, struct err *e)
{
	if (begin_file(w, name, pack_file_open, e) == -1 ||
	    hash_file(w, e) == -1 || pack_file_done(&w->fd, w->name, e) == -1)
		return -1;
	return add_file(w, e) == NULL ? -1 : 0;
}
