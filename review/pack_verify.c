#include "review/pack_verify_internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "review/embedded.h"
#include "review/fact.h"
#include "schema/base/file.h"
#include "schema/message.h"

#define TEXT_SIZE 600u
#define SCHEMA    "schema/evidence.xsd"
#define PART_MAX  (2 * (int64_t)EVIDENCE_PART_BYTES) /* with its last row */

/* ---- Faults ---- */

void
pack_fault(struct pack_check *c, const char *word, const char *name,
    int64_t line, const char *format, ...)
{
	char text[TEXT_SIZE];
	struct pack_fault f = {
		.word = word, .name = name, .line = line, .text = text
	};
	va_list list;

	c->faults++;
	if (c->faults > PACK_FAULTS)
		return;
	va_start(list, format);
	(void)vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	c->asked->report(c->asked->context, &f);
}

/* "NAME, line 7: why" and "NAME: why" without what is said beside it. */
static const char *
split_text(const char *text, const char *name, int64_t *line)
{
	size_t length = strlen(name);
	struct buf b = buf_new(TEXT_SIZE);
	const char *why = text;

	if (strncmp(text, name, length) != 0)
		return text;
	if (strncmp(text + length, ": ", 2) == 0)
		return text + length + 2;
	*line = strtoll(
	    text + length + strcspn(text + length, "0123456789"), NULL, 10);
	buf_printf(&b, _("%s, line %lld"), name, (long long)*line);
	buf_put_string(&b, ": ");
	if (b.failed == ERR_NONE &&
	    strncmp(text, buf_string(&b), b.length) == 0)
		why = text + b.length;
	else
		*line = 0;
	buf_free(&b);
	return why;
}

int
pack_fault_of(struct pack_check *c, const char *name, struct err *e)
{
	const char *text = e->text;
	int64_t line = 0;

	switch (e->code) {
	case ERR_FORMAT:
	case ERR_TAMPERED:
	case ERR_LIMIT:
	case ERR_ACCESS:
	case ERR_NEWER:
	case ERR_MISSING:
	case ERR_INCOMPLETE:
		break;
	default:
		return -1;
	}
	text = split_text(text, name, &line);
	pack_fault(c,
	    e->code == ERR_MISSING || e->code == ERR_INCOMPLETE ? "incomplete"
	                                                        : "altered",
	    name, line, "%s", text);
	e->code = ERR_NONE;
	return 0;
}

static void
on_oddity(void *context, const char *name, const char *why)
{
	pack_fault(context, "altered", name, 0, "%s", why);
}

void
pack_told(void *context, int64_t bytes)
{
	struct pack_check *c = context;

	c->done += bytes;
	if (c->asked->progress != NULL)
		c->asked->progress(c->asked->progress_context,
		    _("megabytes verified"), c->done >> 20, c->total >> 20);
}

/* ---- Which files there are, and which there should be ---- */

static bool
is_signature(const char *name)
{
	return strncmp(name, EVIDENCE_SIGNATURES "/",
	           strlen(EVIDENCE_SIGNATURES "/")) == 0;
}

static int
by_reference(const void *name, const void *reference)
{
	return strcmp(
	    name, ((const struct xmldsig_reference *)reference)->name);
}

/* What nobody signed is refused however long it is: so it is not read. */
static bool
is_vouched(const struct pack_check *c, const char *name)
{
	return c->references == NULL ||
	    bsearch(name, c->references, c->reference_count,
	        sizeof(*c->references), by_reference) != NULL;
}

static int
hash_all(struct pack_check *c, struct err *e)
{
	for (size_t i = 0; i < c->folder.count; i++) {
		struct pack_entry *entry = &c->folder.entries[i];

		if (is_signature(entry->name) || !is_vouched(c, entry->name))
			continue;
		if (entry->bytes > PART_MAX)
			pack_fault(c, "altered", entry->name, 0,
			    _("it is longer than any file of a pack"));
		else if (pack_entry_hash(&c->folder, entry, pack_told, c, e) ==
		        -1 &&
		    pack_fault_of(c, entry->name, e) == -1)
			return -1;
	}
	return 0;
}

/* Both are sorted: what is in one of them only, and what differs. */
static void
compare_files(struct pack_check *c)
{
	size_t at = 0;

	for (size_t i = 0; i < c->folder.count; i++) {
		const struct pack_entry *entry = &c->folder.entries[i];
		int order = 1;

		if (is_signature(entry->name))
			continue;
		while (at < c->reference_count &&
		    (order = strcmp(c->references[at].name, entry->name)) < 0)
			pack_fault(c, "incomplete", c->references[at++].name, 0,
			    _("it is not there"));
		if (at == c->reference_count || order > 0)
			pack_fault(c, "altered", entry->name, 0,
			    _("nothing signed lists it"));
		else if (memcmp(entry->sha256, c->references[at++].sha256,
		             sizeof(entry->sha256)) != 0)
			pack_fault(c, "altered", entry->name, 0,
			    _("its bytes are not those that were signed"));
	}
	while (at < c->reference_count)
		pack_fault(c, "incomplete", c->references[at++].name, 0,
		    _("it is not there"));
}

/* ---- The manifest ---- */

static int
read_manifest(struct pack_check *c, struct buf *bytes, struct err *e)
{
	const struct pack_entry *entry =
	    pack_folder_find(&c->folder, EVIDENCE_MANIFEST);
	unsigned char digest[DIGEST_SHA256_LENGTH];

	if (entry == NULL) {
		pack_fault(c, "incomplete", EVIDENCE_MANIFEST, 0,
		    _("it is not there: this is no whole pack"));
		return 0;
	}
	if (pack_entry_read(&c->folder, entry, bytes, e) == -1)
		return pack_fault_of(c, EVIDENCE_MANIFEST, e);
	if (digest_sha256(bytes->data, bytes->length, digest, e) == -1)
		return -1;
	if (c->references != NULL &&
	    memcmp(digest, entry->sha256, sizeof(digest)) != 0) {
		pack_fault(c, "altered", EVIDENCE_MANIFEST, 0,
		    _("it changed while it was read"));
		return 0;
	}
	memcpy(c->verdict->manifest, digest, sizeof(digest));
	if (manifest_read(&c->manifest, bytes->data, bytes->length, e) == -1)
		return pack_fault_of(c, EVIDENCE_MANIFEST, e);
	return 0;
}

static bool
is_own(const char *name)
{
	return strcmp(name, EVIDENCE_MANIFEST) == 0 ||
	    strcmp(name, EVIDENCE_SUMS) == 0 || is_signature(name);
}

/* The manifest's files in ascending order: so none is there twice. */
static void
check_names(struct pack_check *c)
{
	const struct manifest *m = c->manifest;

	for (size_t i = 0; i < m->file_count; i++) {
		const char *name = m->files[i].name;

		if (is_own(name) ||
		    (i > 0 && strcmp(m->files[i - 1].name, name) >= 0))
			pack_fault(c, "altered", EVIDENCE_MANIFEST, 0,
			    _("it lists %s twice, out of order, or where it "
			      "must not"),
			    name);
	}
}

/* What is there against what the manifest lists: name, size, digest. */
static void
compare_manifest(struct pack_check *c)
{
	const struct manifest *m = c->manifest;
	size_t at = 0;

	for (size_t i = 0; i < m->file_count; i++) {
		const struct manifest_file *f = &m->files[i];
		const struct pack_entry *entry =
		    pack_folder_find(&c->folder, f->name);

		if (entry == NULL)
			pack_fault(c, "incomplete", f->name, 0,
			    _("the manifest lists it, and it is not there"));
		else if (entry->bytes != f->bytes ||
		    memcmp(entry->sha256, f->sha256, sizeof(f->sha256)) != 0)
			pack_fault(c, "altered", f->name, 0,
			    _("its bytes are not those that the manifest "
			      "lists"));
	}
	for (size_t i = 0; i < c->folder.count; i++) {
		const char *name = c->folder.entries[i].name;

		if (is_own(name))
			continue;
		while (
		    at < m->file_count && strcmp(m->files[at].name, name) < 0)
			at++;
		if (at == m->file_count || strcmp(m->files[at].name, name) != 0)
			pack_fault(c, "altered", name, 0,
			    _("the manifest does not list it"));
	}
}

/* SHA256SUMS has one form: so it is compared, not read. */
static int
compare_sums(struct pack_check *c, const struct buf *manifest, struct err *e)
{
	const struct pack_entry *entry =
	    pack_folder_find(&c->folder, EVIDENCE_SUMS);
	struct buf wanted = buf_new(XMLDSIG_BYTES),
	           found = buf_new(XMLDSIG_BYTES);
	int result = 0;

	if (entry == NULL)
		pack_fault(
		    c, "incomplete", EVIDENCE_SUMS, 0, _("it is not there"));
	else if (manifest_sums(c->manifest, manifest->data, manifest->length,
	             &wanted, e) == -1)
		result = -1;
	else if (pack_entry_read(&c->folder, entry, &found, e) == -1)
		result = pack_fault_of(c, EVIDENCE_SUMS, e);
	else if (found.length != wanted.length ||
	    memcmp(found.data, wanted.data, wanted.length) != 0)
		pack_fault(c, "altered", EVIDENCE_SUMS, 0,
		    _("it is not what the manifest lists"));
	buf_free(&wanted);
	buf_free(&found);
	return result;
}

static void
note_schema(struct pack_check *c)
{
	const struct pack_entry *entry = pack_folder_find(&c->folder, SCHEMA);
	const char *text = embedded_text(SCHEMA);
	unsigned char digest[DIGEST_SHA256_LENGTH];
	struct err e;

	if (entry == NULL)
		pack_fault(c, "incomplete", SCHEMA, 0, _("it is not there"));
	else if (digest_sha256(text, strlen(text), digest, &e) == 0)
		c->verdict->other_schema =
		    memcmp(digest, entry->sha256, sizeof(digest)) != 0;
}

static int
check_manifest(struct pack_check *c, struct err *e)
{
	struct buf bytes = buf_new(MANIFEST_BYTES);
	struct pack_verdict *v = c->verdict;
	int result = read_manifest(c, &bytes, e);

	if (result == -1 || c->manifest == NULL)
		goto out;
	v->sequence = c->manifest->sequence;
	(void)snprintf(v->kind, sizeof(v->kind), "%s", c->manifest->kind);
	v->from = c->manifest->from;
	v->to = c->manifest->to;
	v->made = c->manifest->made;
	v->scopes = c->manifest->scope_count;
	v->files = (int64_t)c->manifest->file_count;
	v->covered = c->manifest->covered;
	v->places = c->manifest->places;
	v->rehearsal = c->manifest->rehearsal;
	v->first = c->manifest->first;
	if (c->references == NULL && (result = hash_all(c, e)) == -1)
		goto out;
	check_names(c);
	compare_manifest(c);
	result = compare_sums(c, &bytes, e);
	if (result == 0 && c->references != NULL)
		result = pack_check_required(c, e);
	if (result == 0)
		note_schema(c);
out:
	buf_free(&bytes);
	return result;
}

/* ---- Rows ---- */

void
pack_part_name(const char *class, int64_t number, char *out, size_t size)
{
	(void)snprintf(
	    out, size, PACK_PARTS "%s-%04lld.xml", class, (long long)number);
}

static int
read_part(struct pack_check *c, const struct pack_entry *entry,
    struct pack_reading *reading, pack_row_fn *take, void *context,
    int64_t *rows, struct err *e)
{
	int fd, result;

	if (entry->bytes > PART_MAX)
		return err_set(e, ERR_LIMIT, _("it is too long"));
	if ((fd = pack_entry_open(&c->folder, entry, e)) == -1)
		return -1;
	reading->sha256 = entry->sha256;
	result = pack_read(fd, reading, take, context, rows, e);
	file_close(&fd);
	return result;
}

/* *rows: of it; -1: it could not be read, which was reported. */
static int
each_of_part(struct pack_check *c, struct pack_reading *reading,
    const struct manifest_class *class, pack_row_fn *take, void *context,
    int64_t *rows, struct err *e)
{
	char name[EVIDENCE_NAME_MAX + 1];
	const struct manifest_file *file;
	const struct pack_entry *entry;

	*rows = -1;
	pack_part_name(class->name, reading->number, name, sizeof(name));
	file = manifest_file_find(c->manifest, name);
	entry = pack_folder_find(&c->folder, name);
	if (file == NULL || entry == NULL) {
		pack_fault(c, "incomplete", name, 0,
		    _("class %s has %lld parts, and this one is not there"),
		    class->name, (long long)class->parts);
		return 0;
	}
	(void)snprintf(c->part, sizeof(c->part), "%s", name);
	reading->name = c->part;
	if (read_part(c, entry, reading, take, context, rows, e) == -1) {
		*rows = -1;
		return pack_fault_of(c, name, e);
	}
	if (strcmp(file->class, class->name) != 0 || file->rows != *rows)
		pack_fault(c, "altered", name, 0,
		    _("it has %lld rows; the manifest says %lld of class "
		      "\"%s\""),
		    (long long)*rows, (long long)file->rows, file->class);
	if (reading->validate)
		pack_told(c, entry->bytes);
	return 0;
}

const char *
pack_value(const struct pack_row *row, const char *column)
{
	int place = pack_column_find(row->class, column);

	return place == -1 ? NULL : row->values[place];
}

int
pack_each_row(struct pack_check *c, const char *class, bool validate,
    pack_row_fn *take, void *context, struct err *e)
{
	const struct manifest_class *known =
	    manifest_class_find(c->manifest, class);
	struct pack_reading reading = { .schema = c->schema,
		.class = class,
		.pack = c->manifest->sequence,
		.number = 1,
		.validate = validate,
		.xsd = c->xsd };
	int64_t rows, all = 0;

	if (known == NULL)
		return 0;
	for (; reading.number <= known->parts; reading.number++) {
		if (each_of_part(c, &reading, known, take, context, &rows, e) ==
		    -1)
			return -1;
		if (rows == -1)
			return 0;
		all += rows;
	}
	if (all != known->rows)
		pack_fault(c, "altered", EVIDENCE_MANIFEST, 0,
		    _("class %s has %lld rows; the manifest says %lld"), class,
		    (long long)all, (long long)known->rows);
	return 0;
}

/* ---- All of it ---- */

static bool
sound(const struct pack_check *c)
{
	return c->faults == 0 && c->manifest != NULL;
}

static int
check_content(struct pack_check *c, struct err *e)
{
	if (pack_schema_load(&c->schema, e) == -1 ||
	    pack_xsd_new(&c->xsd, e) == -1)
		return -1;
	if (getrandom(&c->key, sizeof(c->key), 0) != sizeof(c->key))
		return err_sys(e, errno, "getrandom");
	if (pack_check_previous(c, e) == -1 || pack_check_parts(c, e) == -1)
		return -1;
	/* Rows that do not read well are not looked into. */
	if (c->faults > 0)
		return 0;
	if (pack_check_acts(c, e) == -1 || pack_check_sessions(c, e) == -1)
		return -1;
	return pack_check_oscal(c, e);
}

static int
check_all(struct pack_check *c, struct err *e)
{
	for (size_t i = 0; i < c->folder.count; i++)
		c->total += 2 * c->folder.entries[i].bytes;
	if (!c->asked->unsigned_ok) {
		if (pack_check_signatures(c, e) == -1)
			return -1;
		if (c->references == NULL)
			return 0;
		if (hash_all(c, e) == -1)
			return -1;
		compare_files(c);
		/* Which of them somebody trusted signed is known now. */
		if (c->faults > 0)
			return 0;
	}
	if (check_manifest(c, e) == -1)
		return -1;
	return sound(c) ? check_content(c, e) : 0;
}

int64_t
pack_verify(const char *folder, const struct pack_verifying *asked,
    struct pack_verdict *verdict, struct err *e)
{
	struct pack_check c = {
		.asked = asked, .verdict = verdict, .folder = { .fd = -1 }
	};
	int result;

	memset(verdict, 0, sizeof(*verdict));
	result = pack_folder_open(&c.folder, folder, on_oddity, &c, e);
	if (result == 0)
		result = check_all(&c, e);
	else if (e->code == ERR_LIMIT)
		result = pack_fault_of(&c, "", e);
	pack_folder_close(&c.folder);
	manifest_free(&c.manifest);
	manifest_free(&c.before);
	pack_schema_free(&c.schema);
	pack_xsd_free(&c.xsd);
	oscal_free(&c.oscal);
	free(c.references);
	free(c.acts);
	free(c.persons);
	return result == -1 ? -1 : c.faults;
}
