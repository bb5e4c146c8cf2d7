#include "review/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "review/fact.h"
#include "review/pack_value.h"
#include "review/pack_xml.h"
#include "review/xml_text.h"
#include "schema/base/enc.h"
#include "schema/message.h"

/* What evidence.xsd allows of each. */
#define SCOPES     64u
#define RETENTIONS 64u
#define SIGNERS    16u
#define CLASSES    64u

int
manifest_new(struct manifest **out, struct err *e)
{
	struct manifest *m = calloc(1, sizeof(*m));

	*out = m;
	if (m == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	m->state = m->state_at = m->check = m->checked = FACT_UNKNOWN;
	return 0;
}

void
manifest_free(struct manifest **manifest)
{
	struct manifest *m = *manifest;

	if (m == NULL)
		return;
	free(m->scopes);
	free(m->retentions);
	free(m->signers);
	free(m->classes);
	free(m->files);
	free(m);
	*manifest = NULL;
}

/* The list with room for one more, zeroed; NULL with *e set. */
static void *
grow(void *list, size_t count, size_t max, size_t size, struct err *e)
{
	char *grown = list;

	if (count == max) {
		err_set(e, ERR_LIMIT, "the manifest has more than %zu", max);
		return NULL;
	}
	/* It was filled when its count is a power of two. */
	if ((count & (count - 1)) == 0)
		grown = realloc(list, (count == 0 ? 1 : count * 2) * size);
	if (grown == NULL)
		err_set(e, ERR_MEMORY, "out of memory");
	else
		memset(grown + count * size, 0, size);
	return grown;
}

struct manifest_scope *
manifest_add_scope(struct manifest *m, struct err *e)
{
	struct manifest_scope *list =
	    grow(m->scopes, m->scope_count, SCOPES, sizeof(*list), e);

	if (list == NULL)
		return NULL;
	m->scopes = list;
	return &list[m->scope_count++];
}

struct manifest_retention *
manifest_add_retention(struct manifest *m, struct err *e)
{
	struct manifest_retention *list = grow(
	    m->retentions, m->retention_count, RETENTIONS, sizeof(*list), e);

	if (list == NULL)
		return NULL;
	m->retentions = list;
	list[m->retention_count].oldest = FACT_UNKNOWN;
	list[m->retention_count].purged = FACT_UNKNOWN;
	return &list[m->retention_count++];
}

struct manifest_signer *
manifest_add_signer(struct manifest *m, struct err *e)
{
	struct manifest_signer *list =
	    grow(m->signers, m->signer_count, SIGNERS, sizeof(*list), e);

	if (list == NULL)
		return NULL;
	m->signers = list;
	return &list[m->signer_count++];
}

struct manifest_class *
manifest_add_class(struct manifest *m, struct err *e)
{
	struct manifest_class *list =
	    grow(m->classes, m->class_count, CLASSES, sizeof(*list), e);

	if (list == NULL)
		return NULL;
	m->classes = list;
	return &list[m->class_count++];
}

struct manifest_file *
manifest_add_file(struct manifest *m, struct err *e)
{
	struct manifest_file *list =
	    grow(m->files, m->file_count, EVIDENCE_FILES, sizeof(*list), e);

	if (list == NULL)
		return NULL;
	m->files = list;
	return &list[m->file_count++];
}

const struct manifest_file *
manifest_file_find(const struct manifest *m, const char *name)
{
	for (size_t i = 0; i < m->file_count; i++)
		if (strcmp(m->files[i].name, name) == 0)
			return &m->files[i];
	return NULL;
}

const struct manifest_class *
manifest_class_find(const struct manifest *m, const char *name)
{
	for (size_t i = 0; i < m->class_count; i++)
		if (strcmp(m->classes[i].name, name) == 0)
			return &m->classes[i];
	return NULL;
}

/* ---- Written ---- */

static void
put_number(struct buf *b, const char *name, int64_t value)
{
	if (value != FACT_UNKNOWN)
		buf_printf(b, " %s=\"%lld\"", name, (long long)value);
}

static void
put_time(struct buf *b, const char *name, int64_t at)
{
	char text[PACK_TIME_SIZE];

	if (at != FACT_UNKNOWN)
		xml_put_attribute(b, name, pack_time(at, text));
}

static void
put_digest(struct buf *b, const char *name, const unsigned char *digest)
{
	buf_printf(b, " %s=\"", name);
	enc_hex(b, digest, DIGEST_SHA256_LENGTH);
	buf_put_byte(b, '"');
}

/* NULL where it is empty: then there is no attribute. */
static const char *
unless_empty(const char *text)
{
	return *text == '\0' ? NULL : text;
}

static void
put_root(const struct manifest *m, struct buf *b)
{
	buf_printf(b,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<manifest xmlns=\"%s\" version=\"1\" sequence=\"%lld\"",
	    EVIDENCE_NAMESPACE, (long long)m->sequence);
	if (!m->first)
		put_digest(b, "previous", m->previous);
	xml_put_attribute(b, "kind", m->kind);
	put_time(b, "from", m->from);
	put_time(b, "to", m->to);
	put_time(b, "made", m->made);
	xml_put_attribute(b, "program", m->program);
	xml_put_attribute(b, "rehearsal", m->rehearsal ? "true" : "false");
	buf_put_string(b, ">\n");
}

static void
put_whole(const struct manifest *m, struct buf *b)
{
	for (size_t i = 0; i < m->scope_count; i++) {
		buf_put_string(b, " <scope");
		xml_put_attribute(b, "what", m->scopes[i].what);
		xml_put_attribute(b, "value", m->scopes[i].value);
		buf_put_string(b, "/>\n");
	}
	buf_put_string(b, " <state");
	put_number(b, "pull", m->state);
	put_time(b, "at", m->state_at);
	put_number(b, "check", m->check);
	put_time(b, "checked", m->checked);
	xml_put_attribute(b, "profile", unless_empty(m->profile));
	buf_put_string(b, "/>\n <head");
	put_number(b, "act", m->head);
	put_digest(b, "digest", m->head_digest);
	buf_put_string(b, "/>\n <coverage");
	put_number(b, "places", m->places);
	put_number(b, "covered", m->covered);
	buf_put_string(b, "/>\n");
	for (size_t i = 0; i < m->retention_count; i++) {
		const struct manifest_retention *r = &m->retentions[i];

		buf_put_string(b, " <retention");
		xml_put_attribute(b, "kind", r->kind);
		put_number(b, "months", r->months);
		put_time(b, "oldest", r->oldest);
		put_time(b, "purged", r->purged);
		buf_put_string(b, "/>\n");
	}
}

static void
put_parts(const struct manifest *m, struct buf *b)
{
	for (size_t i = 0; i < m->signer_count; i++) {
		buf_put_string(b, " <signer");
		xml_put_attribute(b, "name", m->signers[i].name);
		if (m->signers[i].pinned)
			put_digest(b, "certificate", m->signers[i].certificate);
		buf_put_string(b, "/>\n");
	}
	for (size_t i = 0; i < m->class_count; i++) {
		const struct manifest_class *c = &m->classes[i];

		buf_put_string(b, " <class");
		xml_put_attribute(b, "name", c->name);
		put_number(b, "rows", c->rows);
		put_number(b, "total", c->total);
		put_number(b, "parts", c->parts);
		xml_put_attribute(b, "withheld", unless_empty(c->withheld));
		buf_put_string(b, "/>\n");
	}
	for (size_t i = 0; i < m->file_count; i++) {
		const struct manifest_file *f = &m->files[i];

		buf_put_string(b, " <file");
		xml_put_attribute(b, "name", f->name);
		put_number(b, "bytes", f->bytes);
		put_digest(b, "sha256", f->sha256);
		if (*f->class != '\0') {
			xml_put_attribute(b, "class", f->class);
			put_number(b, "rows", f->rows);
		}
		buf_put_string(b, "/>\n");
	}
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct manifest_file *)a)->name,
	    ((const struct manifest_file *)b)->name);
}

int
manifest_write(struct manifest *m, struct buf *out, struct err *e)
{
	struct buf b = buf_new(MANIFEST_BYTES);
	int result;

	if (m->file_count > 0)
		qsort(m->files, m->file_count, sizeof(*m->files), by_name);
	put_root(m, &b);
	put_whole(m, &b);
	put_parts(m, &b);
	buf_put_string(&b, "</manifest>\n");
	result = buf_status(&b, e);
	if (result == 0) {
		buf_put(out, b.data, b.length);
		result = buf_status(out, e);
	}
	buf_free(&b);
	return result == -1 ? err_in(e, EVIDENCE_MANIFEST) : 0;
}

static void
put_sum(struct buf *b, const unsigned char *digest, const char *name)
{
	enc_hex(b, digest, DIGEST_SHA256_LENGTH);
	buf_printf(b, "  %s\n", name);
}

int
manifest_sums(const struct manifest *m, const void *bytes, size_t length,
    struct buf *out, struct err *e)
{
	unsigned char digest[DIGEST_SHA256_LENGTH];
	bool done = false;

	if (digest_sha256(bytes, length, digest, e) == -1)
		return -1;
	for (size_t i = 0; i < m->file_count; i++) {
		const struct manifest_file *f = &m->files[i];

		if (!done && strcmp(f->name, EVIDENCE_MANIFEST) > 0) {
			put_sum(out, digest, EVIDENCE_MANIFEST);
			done = true;
		}
		put_sum(out, f->sha256, f->name);
	}
	if (!done)
		put_sum(out, digest, EVIDENCE_MANIFEST);
	return buf_status(out, e);
}

/* ---- Read: evidence.xsd has judged forms, and what must be there ---- */

/* Copies it; "" if it is not there. */
static int
take_text(const struct pack_element *x, const char *name, char *out,
    size_t size, struct err *e)
{
	const char *value = pack_element_get(x, name);
	size_t length = value == NULL ? 0 : strlen(value);

	if (length >= size)
		return err_set(e, ERR_FORMAT, _("%s is too long"), name);
	memcpy(out, value == NULL ? "" : value, length + 1);
	return 0;
}

/* FACT_UNKNOWN if it is not there. */
static int
take_number(
    const struct pack_element *x, const char *name, int64_t *out, struct err *e)
{
	const char *value = pack_element_get(x, name);

	*out = FACT_UNKNOWN;
	return value == NULL ? 0 : pack_uncount(value, out, e);
}

static int
take_time(
    const struct pack_element *x, const char *name, int64_t *out, struct err *e)
{
	const char *value = pack_element_get(x, name);

	*out = FACT_UNKNOWN;
	return value == NULL ? 0 : pack_untime(value, out, e);
}

static int
take_digest(const struct pack_element *x, const char *name, bool *there,
    unsigned char *out, struct err *e)
{
	const char *value = pack_element_get(x, name);

	*there = value != NULL;
	return value == NULL
	    ? 0
	    : enc_unhex(value, strlen(value), out, DIGEST_SHA256_LENGTH, e);
}

static int
read_root(struct manifest *m, const struct pack_element *x, struct err *e)
{
	const char *rehearsal = pack_element_get(x, "rehearsal");
	bool previous;

	if (take_number(x, "sequence", &m->sequence, e) == -1 ||
	    take_digest(x, "previous", &previous, m->previous, e) == -1 ||
	    take_text(x, "kind", m->kind, sizeof(m->kind), e) == -1 ||
	    take_time(x, "from", &m->from, e) == -1 ||
	    take_time(x, "to", &m->to, e) == -1 ||
	    take_time(x, "made", &m->made, e) == -1 ||
	    take_text(x, "program", m->program, sizeof(m->program), e) == -1)
		return -1;
	m->first = !previous;
	m->rehearsal = rehearsal != NULL && strcmp(rehearsal, "true") == 0;
	if (m->sequence < 1 || m->first != (m->sequence == 1))
		return err_set(e, ERR_FORMAT,
		    _("sequence 1 alone has no previous manifest"));
	return 0;
}

static int
read_scope(struct manifest *m, const struct pack_element *x, struct err *e)
{
	struct manifest_scope *s = manifest_add_scope(m, e);

	return s == NULL ||
	        take_text(x, "what", s->what, sizeof(s->what), e) == -1 ||
	        take_text(x, "value", s->value, sizeof(s->value), e) == -1
	    ? -1
	    : 0;
}

static int
read_state(struct manifest *m, const struct pack_element *x, struct err *e)
{
	return take_number(x, "pull", &m->state, e) == -1 ||
	        take_time(x, "at", &m->state_at, e) == -1 ||
	        take_number(x, "check", &m->check, e) == -1 ||
	        take_time(x, "checked", &m->checked, e) == -1 ||
	        take_text(x, "profile", m->profile, sizeof(m->profile), e) == -1
	    ? -1
	    : 0;
}

static int
read_head(struct manifest *m, const struct pack_element *x, struct err *e)
{
	bool there;

	return take_number(x, "act", &m->head, e) == -1
	    ? -1
	    : take_digest(x, "digest", &there, m->head_digest, e);
}

static int
read_coverage(struct manifest *m, const struct pack_element *x, struct err *e)
{
	return take_number(x, "places", &m->places, e) == -1
	    ? -1
	    : take_number(x, "covered", &m->covered, e);
}

static int
read_retention(struct manifest *m, const struct pack_element *x, struct err *e)
{
	struct manifest_retention *r = manifest_add_retention(m, e);

	return r == NULL ||
	        take_text(x, "kind", r->kind, sizeof(r->kind), e) == -1 ||
	        take_number(x, "months", &r->months, e) == -1 ||
	        take_time(x, "oldest", &r->oldest, e) == -1 ||
	        take_time(x, "purged", &r->purged, e) == -1
	    ? -1
	    : 0;
}

static int
read_signer(struct manifest *m, const struct pack_element *x, struct err *e)
{
	struct manifest_signer *s = manifest_add_signer(m, e);

	if (s == NULL ||
	    take_text(x, "name", s->name, sizeof(s->name), e) == -1 ||
	    take_digest(x, "certificate", &s->pinned, s->certificate, e) == -1)
		return -1;
	for (size_t i = 0; i + 1 < m->signer_count; i++)
		if (strcmp(m->signers[i].name, s->name) == 0)
			return err_set(
			    e, ERR_FORMAT, _("%s is there twice"), s->name);
	return 0;
}

static int
read_class(struct manifest *m, const struct pack_element *x, struct err *e)
{
	struct manifest_class *c = manifest_add_class(m, e);

	if (c == NULL ||
	    take_text(x, "name", c->name, sizeof(c->name), e) == -1 ||
	    take_number(x, "rows", &c->rows, e) == -1 ||
	    take_number(x, "total", &c->total, e) == -1 ||
	    take_number(x, "parts", &c->parts, e) == -1 ||
	    take_text(x, "withheld", c->withheld, sizeof(c->withheld), e) == -1)
		return -1;
	return manifest_class_find(m, c->name) == c
	    ? 0
	    : err_set(e, ERR_FORMAT, _("%s is there twice"), c->name);
}

/* In the order of their names: so that none is there twice. */
static int
read_file(struct manifest *m, const struct pack_element *x, struct err *e)
{
	struct manifest_file *f = manifest_add_file(m, e);
	bool there;

	if (f == NULL ||
	    take_text(x, "name", f->name, sizeof(f->name), e) == -1 ||
	    take_number(x, "bytes", &f->bytes, e) == -1 ||
	    take_digest(x, "sha256", &there, f->sha256, e) == -1 ||
	    take_text(x, "class", f->class, sizeof(f->class), e) == -1 ||
	    take_number(x, "rows", &f->rows, e) == -1)
		return -1;
	if (!evidence_name_ok(f->name))
		return err_set(
		    e, ERR_FORMAT, _("%s: no name of a file"), f->name);
	if (m->file_count > 1 && by_name(f - 1, f) >= 0)
		return err_set(e, ERR_FORMAT,
		    _("%s: files are not in the order of their names"),
		    f->name);
	if ((*f->class == '\0') != (f->rows == FACT_UNKNOWN))
		return err_set(e, ERR_FORMAT,
		    _("%s: rows without a class, or a class without rows"),
		    f->name);
	if (*f->class == '\0')
		f->rows = 0;
	return 0;
}

static const struct {
	const char *name;
	int (*read)(
	    struct manifest *, const struct pack_element *, struct err *);
} readers[] = {
	{ "manifest", read_root },
	{ "scope", read_scope },
	{ "state", read_state },
	{ "head", read_head },
	{ "coverage", read_coverage },
	{ "retention", read_retention },
	{ "signer", read_signer },
	{ "class", read_class },
	{ "file", read_file },
};

static int
read_element(void *context, const struct pack_element *x, struct err *e)
{
	struct manifest *m = context;

	if (x->depth == 1 && strcmp(x->name, readers[0].name) != 0)
		return err_set(e, ERR_FORMAT, _("it is no manifest"));
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		if (strcmp(x->name, readers[i].name) == 0)
			return readers[i].read(m, x, e);
	return 0; /* the extension: evidence.xsd knows none that has content */
}

int
manifest_read(
    struct manifest **out, const void *bytes, size_t length, struct err *e)
{
	struct pack_document document = { .name = EVIDENCE_MANIFEST,
		.space = EVIDENCE_NAMESPACE,
		.depth = 2,
		.begin = read_element };
	struct pack_xsd *xsd = NULL;
	int result;

	*out = NULL;
	if (length > MANIFEST_BYTES)
		return err_set(
		    e, ERR_LIMIT, _("%s is too long"), EVIDENCE_MANIFEST);
	if (manifest_new(out, e) == -1)
		return -1;
	document.context = *out;
	result = pack_xsd_new(&xsd, e);
	document.xsd = xsd;
	if (result == 0)
		result = pack_xml_parse(bytes, length, &document, e);
	pack_xsd_free(&xsd);
	if (result == -1)
		manifest_free(out);
	return result;
}
