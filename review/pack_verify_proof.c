/*
 * What is said of a pack elsewhere: in its OSCAL, and by the pack before.
 */
#include "review/pack_verify_internal.h"

#include <stdlib.h>
#include <string.h>

#include "schema/base/enc.h"
#include "schema/base/file.h"
#include "schema/message.h"

#define OSCAL       "oscal/"
#define OSCAL_URN   "http://csrc.nist.gov/ns/oscal/1.0"
#define OSCAL_DEPTH 32u
#define ABOVE       "../"

/* ---- OSCAL: the digests of the parts that it names ---- */

struct naming {
	const struct pack_check *check;
	char href[EVIDENCE_NAME_MAX + 1];
};

static int
begin_element(void *context, const struct pack_element *x, struct err *e)
{
	struct naming *o = context;
	const char *href = pack_element_get(x, "href");

	(void)e;
	if (strcmp(x->name, "rlink") == 0)
		(void)snprintf(
		    o->href, sizeof(o->href), "%s", href == NULL ? "" : href);
	return 0;
}

static int
end_element(void *context, const struct pack_element *x, struct err *e)
{
	struct naming *o = context;
	const struct manifest_file *f = NULL;
	unsigned char digest[DIGEST_SHA256_LENGTH];

	if (strcmp(x->name, "rlink") == 0)
		o->href[0] = '\0';
	if (strcmp(x->name, "hash") != 0 || o->href[0] == '\0')
		return 0;
	if (strncmp(o->href, ABOVE, strlen(ABOVE)) == 0)
		f = manifest_file_find(
		    o->check->manifest, o->href + strlen(ABOVE));
	if (f == NULL)
		return err_set(e, ERR_TAMPERED,
		    _("it names %.200s, which the manifest does not list"),
		    o->href);
	if (enc_unhex(x->text, x->text_length, digest, sizeof(digest), e) ==
	        -1 ||
	    memcmp(digest, f->sha256, sizeof(digest)) != 0)
		return err_set(e, ERR_TAMPERED,
		    _("its digest of %s is not that of the manifest"), f->name);
	return 0;
}

static int
check_document(
    struct pack_check *c, const struct pack_entry *entry, struct err *e)
{
	struct naming o = { .check = c };
	const struct pack_document document = { .name = entry->name,
		.space = OSCAL_URN,
		.depth = OSCAL_DEPTH,
		.mixed = true,
		.sha256 = entry->sha256,
		.begin = begin_element,
		.end = end_element,
		.context = &o };
	int fd = pack_entry_open(&c->folder, entry, e);
	int result = fd == -1 ? -1 : pack_xml_read(fd, &document, e);

	file_close(&fd);
	return result;
}

/* The parts as they were when it was made: in the order of the classes. */
static int
in_order(const struct pack_check *c, struct manifest *copy, struct err *e)
{
	const struct manifest *m = c->manifest;
	const struct pack_class *class;

	*copy = *m;
	copy->file_count = 0;
	copy->files = calloc(m->file_count + 1, sizeof(*copy->files));
	if (copy->files == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (size_t i = 0; (class = pack_schema_at(c->schema, i)) != NULL; i++)
		for (size_t n = 0; n < m->file_count; n++)
			if (strcmp(m->files[n].class, class->name) == 0)
				copy->files[copy->file_count++] = m->files[n];
	return 0;
}

/* A document is what the rows give, or, where they give none, is not there. */
static int
compare_document(struct pack_check *c, const struct manifest *m,
    const char *name,
    int (*make)(const struct oscal *, const struct manifest *, struct buf *,
        struct err *),
    struct err *e)
{
	const struct pack_entry *entry = pack_folder_find(&c->folder, name);
	struct buf wanted = buf_new(OSCAL_BYTES), found = buf_new(OSCAL_BYTES);
	bool any = oscal_any(c->oscal);
	int result = 0;

	if (any != (entry != NULL))
		pack_fault(c, any ? "incomplete" : "altered", name, 0,
		    _("it is not what the rows give"));
	else if (any && make(c->oscal, m, &wanted, e) == -1)
		result = -1;
	else if (any && pack_entry_read(&c->folder, entry, &found, e) == -1)
		result = pack_fault_of(c, name, e);
	else if (any &&
	    (found.length != wanted.length ||
	        memcmp(found.data, wanted.data, found.length) != 0))
		pack_fault(
		    c, "altered", name, 0, _("it is not what the rows give"));
	buf_free(&wanted);
	buf_free(&found);
	return result;
}

static int
compare_oscal(struct pack_check *c, struct err *e)
{
	struct manifest copy;
	int result;

	if (c->oscal == NULL)
		return 0;
	if (in_order(c, &copy, e) == -1)
		return -1;
	result = compare_document(c, &copy, OSCAL_RESULTS, oscal_results, e);
	if (result == 0)
		result = compare_document(c, &copy, OSCAL_PLAN, oscal_plan, e);
	free(copy.files);
	return result;
}

int
pack_check_oscal(struct pack_check *c, struct err *e)
{
	for (size_t i = 0; i < c->folder.count; i++) {
		const struct pack_entry *entry = &c->folder.entries[i];

		if (strncmp(entry->name, OSCAL, strlen(OSCAL)) == 0 &&
		    check_document(c, entry, e) == -1 &&
		    pack_fault_of(c, entry->name, e) == -1)
			return -1;
	}
	return compare_oscal(c, e);
}

/* ---- The pack before ---- */

/* Its manifest has the digest that this one names. */
static int
check_follows(struct pack_check *c, const struct manifest *before,
    const struct buf *bytes, struct err *e)
{
	const struct manifest *m = c->manifest;
	unsigned char digest[DIGEST_SHA256_LENGTH];

	if (digest_sha256(bytes->data, bytes->length, digest, e) == -1)
		return -1;
	if (!m->first && before->sequence + 1 == m->sequence &&
	    memcmp(digest, m->previous, sizeof(digest)) == 0)
		c->verdict->previous = true;
	else if (before->sequence + 1 < m->sequence)
		pack_fault(c, "incomplete", "", 0,
		    _("packs %lld to %lld are missing: this is %lld, and the "
		      "one before it that you have is %lld"),
		    (long long)before->sequence + 1, (long long)m->sequence - 1,
		    (long long)m->sequence, (long long)before->sequence);
	else
		pack_fault(c, "altered", EVIDENCE_MANIFEST, 0,
		    _("it does not follow that pack, which is number %lld"),
		    (long long)before->sequence);
	return 0;
}

static void
ignore_oddity(void *context, const char *name, const char *why)
{
	(void)context;
	(void)name;
	(void)why;
}

int
pack_check_previous(struct pack_check *c, struct err *e)
{
	struct pack_folder folder = { .fd = -1 };
	const struct pack_entry *entry = NULL;
	struct buf bytes = buf_new(MANIFEST_BYTES);
	struct manifest *before = NULL;
	int result = -1;

	if (c->asked->previous == NULL)
		return 0;
	if (pack_folder_open(
	        &folder, c->asked->previous, ignore_oddity, NULL, e) == 0)
		entry = pack_folder_find(&folder, EVIDENCE_MANIFEST);
	if (folder.fd == -1 ||
	    (entry == NULL &&
	        err_set(e, ERR_MISSING, _("there is no pack")) == -1) ||
	    pack_entry_read(&folder, entry, &bytes, e) == -1 ||
	    manifest_read(&before, bytes.data, bytes.length, e) == -1)
		err_in(e, "%s", c->asked->previous);
	else
		result = check_follows(c, before, &bytes, e);
	if (result == 0 && c->verdict->previous)
		c->before = before;
	else
		manifest_free(&before);
	buf_free(&bytes);
	pack_folder_close(&folder);
	return result;
}
