#include "review/pack_export.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "review/embedded.h"
#include "review/oscal.h"
#include "review/pack_file.h"
#include "review/pack_trail.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"
#include "schema/message.h"

#define SUMMARY_BYTES (64u << 20)
#define SUMS_BYTES    (EVIDENCE_FILES * (EVIDENCE_NAME_MAX + 70u))
#define RECEIPT_BYTES 256u
#define SCOPE_BYTES   4096u

/* Texts that every pack has. */
static const struct {
	const char *name, *embedded;
} texts[] = {
	{ "schema/evidence.xsd", "schema/evidence.xsd" },
	{ "VERIFY.txt", "schema/VERIFY.txt" },
	{ "VERIFY.zh_TW.txt", "schema/VERIFY.zh_TW.txt" },
	{ "trail-verify.py", "contrib/trail-verify.py" },
};

struct export
{
	const struct pack_exporting *x;
	struct store *store;
	int directory;
	struct act *act;
	struct manifest *manifest;
	struct pack_schema *schema;
	struct tallies *tallies;
	struct pack_writer *writer;
	struct oscal *oscal;
	struct pack_trail *trail;
	struct buf bytes; /* of the manifest */
	unsigned char digest[DIGEST_SHA256_LENGTH];
};

/* ---- The folder ---- */

/* A folder of ours that nobody else writes to. Returns it, or -1. */
static int
open_folder(const char *path, struct err *e)
{
	const struct file_rule ours = { .owner = geteuid(), .forbidden = 022 };

	if (mkdir(path, 0750) == -1 && errno != EEXIST)
		return err_sys(e, errno, "%s", path);
	return file_open_dir(path, &ours, e);
}

static bool
has(int directory, const char *name)
{
	struct stat st;

	return fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* 1, 0, -1 */
static int
is_empty(int directory, struct err *e)
{
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *names = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int empty = 1;

	if (names == NULL) {
		file_close(&fd);
		return err_sys(e, errno, "the folder");
	}
	while (empty == 1 && (entry = readdir(names)) != NULL)
		empty = strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0;
	(void)closedir(names);
	return empty;
}

static int
say_occupied(const struct export *p, struct err *e)
{
	const char *folder = p->x->folder;

	if (has(p->directory, EVIDENCE_MANIFEST))
		return err_set(e, ERR_USAGE, _("%s: there is a pack"), folder);
	if (has(p->directory, "parts"))
		return err_set(e, ERR_USAGE,
		    _("%s: there is what was written of a pack that was not "
		      "finished; remove it"),
		    folder);
	return err_set(e, ERR_USAGE, _("%s is not empty"), folder);
}

static int
name_manifest(const struct export *p, struct err *e)
{
	int result = renameat2(p->directory, EVIDENCE_MANIFEST_NEW,
	    p->directory, EVIDENCE_MANIFEST, RENAME_NOREPLACE);

	/* Not every file system can, nor every kernel. */
	if (result == -1 && (errno == EINVAL || errno == ENOSYS))
		result = renameat(p->directory, EVIDENCE_MANIFEST_NEW,
		    p->directory, EVIDENCE_MANIFEST);
	if (result == -1)
		return err_sys(e, errno, "%s", EVIDENCE_MANIFEST);
	return fsync(p->directory) == -1 ? err_sys(e, errno, "%s", p->x->folder)
	                                 : 0;
}

/*
 * 1: it holds a pack that is registered and lacked only its manifest's name,
 * which it has now; 0: it does not; -1.
 */
static int
finish_before(struct export *p, struct pack_exported *out, struct err *e)
{
	struct buf b = buf_new(MANIFEST_BYTES);
	struct statement *s;
	int fd, found = -1;

	if (has(p->directory, EVIDENCE_MANIFEST) ||
	    !has(p->directory, EVIDENCE_MANIFEST_NEW))
		return 0;
	fd = pack_file_open(p->directory, EVIDENCE_MANIFEST_NEW, e);
	if (fd != -1 && file_read(fd, &b, e) == 0 &&
	    digest_sha256(b.data, b.length, out->digest, e) == 0) {
		s = store_use(p->store, "evidence_by_manifest", e);
		bind_blob(s, ":manifest", out->digest, sizeof(out->digest));
		if ((found = store_step(s, e)) == 1)
			out->sequence = column_int(s, 0);
		store_done(s);
	}
	file_close(&fd);
	buf_free(&b);
	return found == 1 && name_manifest(p, e) == -1 ? -1 : found;
}

/* ---- Its place in the chain ---- */

static void
keep_fault(void *context, const struct act_fault *f)
{
	struct err *first = context;

	if (first->code != ERR_NONE)
		return;
	if (f->act == 0)
		err_set(
		    first, ERR_TAMPERED, _("%s; see reeve verify"), f->text);
	else
		err_set(first, ERR_TAMPERED,
		    _("act %lld: %s; see reeve verify"), (long long)f->act,
		    f->text);
}

/* What does not check is not quoted. */
static int
check_acts(const struct export *p, struct err *e)
{
	const struct act_trust trust = { .quick = true,
		.progress = p->x->progress,
		.progress_context = p->x->progress_context };
	struct err first = { .code = ERR_NONE };
	int64_t faults = act_verify(p->store, &trust, keep_fault, &first, e);

	if (faults <= 0)
		return (int)faults;
	*e = first;
	return -1;
}

static int
find_rehearsal(struct export *p, struct err *e)
{
	struct statement *s = store_use(p->store, "setting_get", e);
	int found;

	bind_text(s, ":name", "rehearsal");
	found = store_step(s, e);
	p->manifest->rehearsal = found == 1;
	store_done(s);
	return found == -1 ? -1 : 0;
}

static int
find_last(struct export *p, struct err *e)
{
	struct statement *s = store_use(p->store, "evidence_last", e);
	struct manifest *m = p->manifest;
	int found = store_step(s, e);
	size_t length = 0;
	const void *digest;

	m->first = found == 0;
	m->sequence = 1;
	if (found == 1) {
		m->sequence = column_int(s, 0) + 1;
		digest = column_blob(s, 1, &length);
		if (digest != NULL && length == sizeof(m->previous))
			memcpy(m->previous, digest, length);
		else
			found = err_set(e, ERR_TAMPERED,
			    "pack %lld has no digest", (long long)m->sequence);
	}
	store_done(s);
	return found == -1 ? -1 : 0;
}

static int
say_what(struct export *p, struct err *e)
{
	struct manifest *m = p->manifest;
	struct manifest_signer *signer;

	(void)snprintf(m->kind, sizeof(m->kind), "%s", p->x->kind);
	(void)snprintf(
	    m->program, sizeof(m->program), "reeve %s", REEVE_VERSION);
	m->made = act_at(p->act);
	for (size_t i = 0; i < p->x->signer_count; i++) {
		if ((signer = manifest_add_signer(m, e)) == NULL)
			return -1;
		*signer = p->x->signers[i];
	}
	return find_rehearsal(p, e) == -1 ? -1 : find_last(p, e);
}

/* ---- What is in it ---- */

/* Their files come before the classes, their rows among these. */
static int
quote_sessions(struct export *p, struct pack_scope *scope, struct err *e)
{
	if (p->x->trail_count == 0)
		return 0;
	if (pack_trail_new(&p->trail,
	        scope->system != NULL || scope->person != NULL ||
	            scope->rule != NULL || scope->campaign != NULL,
	        e) == -1)
		return -1;
	for (size_t i = 0; i < p->x->trail_count; i++)
		if (pack_trail_add(p->trail, p->x->trails[i], p->directory,
		        p->writer, p->store, scope->from, scope->to, e) == -1)
			return -1;
	scope->sessions = pack_trail_rows;
	scope->sessions_context = p->trail;
	return 0;
}

static int
write_content(struct export *p, struct err *e)
{
	struct pack_scope scope = p->x->scope;
	const struct pack_progress progress = { p->x->progress,
		p->x->progress_context };

	if (oscal_new(&p->oscal, e) == -1 ||
	    pack_schema_load(&p->schema, e) == -1 ||
	    tallies_new(&p->tallies, p->schema, e) == -1 ||
	    pack_writer_new(&p->writer, p->directory, p->manifest, p->schema,
	        p->tallies, e) == -1)
		return -1;
	pack_watch(p->writer, p->x->progress, p->x->progress_context);
	pack_hear(p->writer, oscal_row, p->oscal);
	if (quote_sessions(p, &scope, e) == -1)
		return -1;
	return pack_content(p->writer, p->store, &scope, p->x->config,
	    p->manifest->made, &progress, p->manifest, e);
}

static int
write_summary(struct export *p, struct err *e)
{
	struct buf b = buf_new(SUMMARY_BYTES);
	int result = tallies_write(p->tallies, p->manifest->sequence, &b, e);

	if (result == 0)
		result = pack_put_file(
		    p->writer, EVIDENCE_SUMMARY, b.data, b.length, e);
	buf_free(&b);
	return result;
}

static int
write_texts(struct export *p, struct err *e)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *text = embedded_text(texts[i].embedded);

		if (text == NULL)
			return err_set(e, ERR_MISSING, "%s", texts[i].embedded);
		if (pack_put_file(
		        p->writer, texts[i].name, text, strlen(text), e) == -1)
			return -1;
	}
	return 0;
}

static int
write_oscal(struct export *p, struct err *e)
{
	static const struct {
		const char *name;
		int (*make)(const struct oscal *, const struct manifest *,
		    struct buf *, struct err *);
	} files[] = {
		{ OSCAL_RESULTS, oscal_results },
		{ OSCAL_PLAN, oscal_plan },
	};
	struct buf b[2] = { buf_new(OSCAL_BYTES), buf_new(OSCAL_BYTES) };
	int result = 0;

	if (!oscal_any(p->oscal))
		return 0;
	/* Both first: what they list are the files before them. */
	for (size_t i = 0; result == 0 && i < 2; i++)
		result = files[i].make(p->oscal, p->manifest, &b[i], e);
	for (size_t i = 0; result == 0 && i < 2; i++)
		result = pack_put_file(
		    p->writer, files[i].name, b[i].data, b[i].length, e);
	buf_free(&b[0]);
	buf_free(&b[1]);
	return result;
}

/* ---- The manifest ---- */

static int
write_file(int directory, const char *name, const struct buf *b, struct err *e)
{
	int fd = pack_file_create(directory, name, e);

	if (fd == -1)
		return -1;
	if (file_put(fd, b->data, b->length, 0, e) == -1) {
		file_close(&fd);
		return err_in(e, "%s", name);
	}
	return pack_file_done(&fd, name, e);
}

/* Folders of the files, and the one that the pack is in. */
static int
sync_folders(const struct export *p, struct err *e)
{
	const char *before = "";
	size_t length = 0;
	int above, result;

	for (size_t i = 0; i < p->manifest->file_count; i++) {
		const char *name = p->manifest->files[i].name;
		const char *slash = strrchr(name, '/');

		if (slash == NULL ||
		    ((size_t)(slash - name) == length &&
		        strncmp(name, before, length) == 0))
			continue;
		if (pack_file_sync_folder(p->directory, name, e) == -1)
			return -1;
		before = name;
		length = (size_t)(slash - name);
	}
	above = openat(p->directory, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	result = above == -1 || fsync(above) == -1 || fsync(p->directory) == -1
	    ? err_sys(e, errno, "%s", p->x->folder)
	    : 0;
	file_close(&above);
	return result;
}

static int
write_manifest(struct export *p, struct err *e)
{
	struct buf sums = buf_new(SUMS_BYTES);
	int result = -1;

	if (manifest_write(p->manifest, &p->bytes, e) == 0 &&
	    digest_sha256(p->bytes.data, p->bytes.length, p->digest, e) == 0 &&
	    manifest_sums(
	        p->manifest, p->bytes.data, p->bytes.length, &sums, e) == 0 &&
	    write_file(p->directory, EVIDENCE_SUMS, &sums, e) == 0 &&
	    write_file(p->directory, EVIDENCE_MANIFEST_NEW, &p->bytes, e) == 0)
		result = sync_folders(p, e);
	buf_free(&sums);
	return result;
}

/* What it is limited to, as JSON. */
static void
scope_text(const struct manifest *m, struct buf *b)
{
	buf_put_byte(b, '{');
	for (size_t i = 0; i < m->scope_count; i++) {
		const struct manifest_scope *s = &m->scopes[i];

		buf_printf(b, "%s\"%s\":", i == 0 ? "" : ",", s->what);
		enc_json_string(b, s->value, strlen(s->value));
	}
	buf_put_byte(b, '}');
}

static int
enter(struct export *p, struct err *e)
{
	const struct manifest *m = p->manifest;
	struct buf scope = buf_new(SCOPE_BYTES);
	struct statement *s;
	int result = -1;

	scope_text(m, &scope);
	if (buf_status(&scope, e) == 0) {
		s = store_use(p->store, "evidence_add", e);
		bind_int(s, ":act", act_number(p->act));
		bind_int(s, ":sequence", m->sequence);
		bind_text(s, ":kind", m->kind);
		bind_int(s, ":from", m->from);
		bind_int(s, ":to", m->to);
		bind_text(s, ":scope", buf_string(&scope));
		bind_text(s, ":folder", p->x->folder);
		bind_blob(s, ":manifest", p->digest, sizeof(p->digest));
		result = store_run(s, e);
		store_done(s);
	}
	buf_free(&scope);
	return result;
}

/* ---- The whole ---- */

static int
write_all(struct export *p, struct pack_exported *out, struct err *e)
{
	if (act_begin(&p->act, p->store, "pack", &p->x->how, e) == -1)
		return -1;
	/* Now nobody else exports. */
	switch (is_empty(p->directory, e)) {
	case 1:
		break;
	case 0:
		return say_occupied(p, e);
	default:
		return -1;
	}
	if (say_what(p, e) == -1 || write_content(p, e) == -1 ||
	    write_summary(p, e) == -1 || write_texts(p, e) == -1 ||
	    write_oscal(p, e) == -1 || write_manifest(p, e) == -1 ||
	    enter(p, e) == -1 || act_commit(&p->act, &out->receipt, e) == -1)
		return -1;
	return name_manifest(p, e);
}

int
pack_export(struct store *store, const struct pack_exporting *x,
    struct pack_exported *out, struct err *e)
{
	struct export p = { .x = x,
		.store = store,
		.directory = -1,
		.bytes = buf_new(MANIFEST_BYTES) };
	int result = -1, before;

	*out = (struct pack_exported){ .receipt = buf_new(RECEIPT_BYTES) };
	if (check_acts(&p, e) == -1 ||
	    (p.directory = open_folder(x->folder, e)) == -1 ||
	    manifest_new(&p.manifest, e) == -1)
		goto out;
	before = finish_before(&p, out, e);
	if (before == 1)
		result = 0;
	else if (before == 0 && write_all(&p, out, e) == 0) {
		out->sequence = p.manifest->sequence;
		memcpy(out->digest, p.digest, sizeof(out->digest));
		out->manifest = p.manifest;
		p.manifest = NULL;
		result = 0;
	}
out:
	act_cancel(&p.act);
	pack_writer_free(&p.writer);
	tallies_free(&p.tallies);
	pack_schema_free(&p.schema);
	oscal_free(&p.oscal);
	pack_trail_free(&p.trail);
	manifest_free(&p.manifest);
	buf_free(&p.bytes);
	file_close(&p.directory);
	return result;
}

void
pack_exported_free(struct pack_exported *out)
{
	manifest_free(&out->manifest);
	buf_free(&out->receipt);
}
