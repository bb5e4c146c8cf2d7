#include "review/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "review/fact.h"
#include "review/pack_value.h"
#include "review/xml_text.h"
#include "schema/base/enc.h"

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
