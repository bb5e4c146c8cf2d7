/*
 * What a pack quotes and is quoted by: sessions of hosts' trails with their
 * proofs, OSCAL, and the pack before.
 */
#include "review/pack_verify_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review/pack_value.h"
#include "schema/archive.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"
#include "schema/message.h"
#include "schema/note.h"

#define FOLDER      (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define TRAIL       "trail/"
#define OSCAL       "oscal/"
#define OSCAL_URN   "http://csrc.nist.gov/ns/oscal/1.0"
#define OSCAL_DEPTH 32u
#define ABOVE       "../"

/* ---- Sessions ---- */

/* The folder below the pack, no link on the way; or -1. */
static int
open_below(const struct pack_check *c, const char *name, struct err *e)
{
	char part[EVIDENCE_NAME_MAX + 1];
	int fd = openat(c->folder.fd, ".", FOLDER), next;

	while (fd != -1 && *name != '\0') {
		size_t length = strcspn(name, "/");

		(void)snprintf(part, sizeof(part), "%.*s", (int)length, name);
		next = openat(fd, part, FOLDER);
		file_close(&fd);
		fd = next;
		name += length + (name[length] == '/');
	}
	return fd == -1 ? err_sys(e, errno, "%s", name) : fd;
}

static bool
is_given(const struct pack_check *c, const char *key)
{
	for (const char *const *k = c->asked->host_keys;
	     k != NULL && *k != NULL; k++)
		if (strcmp(*k, key) == 0)
			return true;
	return false;
}

struct quoted { /* what a row says of a session */
	const char *folder, *key;
	int64_t records, tree;
};

static int
check_proofs(const struct pack_check *c, const struct quoted *q, struct err *e)
{
	struct buf note = buf_new(NOTE_MAX);
	struct checkpoint checkpoint;
	struct note_key key;
	struct note parsed;
	uint64_t records = 0;
	int fd = open_below(c, q->folder, e), result = -1;

	if (fd == -1 || note_key_parse(q->key, &key, e) == -1 ||
	    archive_check_proofs(fd, &key, &note, &records, e) == -1 ||
	    note_parse((const char *)note.data, note.length, &parsed, e) == 0 ||
	    checkpoint_parse(parsed.text, parsed.text_length, &checkpoint, e) ==
	        -1)
		goto out;
	if (records != (uint64_t)q->records ||
	    checkpoint.size != (uint64_t)q->tree)
		err_set(e, ERR_TAMPERED,
		    _("%lld records of a tree of %lld; there are %lld, of "
		      "%lld"),
		    (long long)q->records, (long long)q->tree,
		    (long long)records, (long long)checkpoint.size);
	else
		result = 0;
out:
	file_close(&fd);
	buf_free(&note);
	return result;
}

static int
take_session(void *context, const struct pack_row *row, struct err *e)
{
	struct pack_check *c = context;
	struct quoted q = { .folder = pack_value(row, "folder"),
		.key = pack_value(row, "key") };
	struct err why = { .code = ERR_NONE };

	if (pack_uncount(pack_value(row, "records"), &q.records, e) == -1 ||
	    pack_uncount(pack_value(row, "tree"), &q.tree, e) == -1)
		return -1;
	c->verdict->sessions++;
	c->verdict->hosts += !is_given(c, q.key);
	if (!evidence_name_ok(q.folder) ||
	    strncmp(q.folder, TRAIL, strlen(TRAIL)) != 0)
		return err_set(e, ERR_FORMAT, _("not a folder of sessions"));
	if (check_proofs(c, &q, &why) == -1)
		pack_fault(c,
		    why.code == ERR_MISSING || why.code == ERR_INCOMPLETE
		        ? "incomplete"
		        : "altered",
		    q.folder, 0, "%s", why.text);
	return 0;
}

int
pack_check_sessions(struct pack_check *c, struct err *e)
{
	return pack_each_row(c, "session", false, take_session, c, e);
}

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
