#include <errno.h>
#include <fcntl.h>
#include <libxml/parser.h>
#include <stdio.h>
#include <string.h>

#include "review/pack_file.h"
#include "review/report_internal.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"

#define SUMMARY_BYTES (64u << 20)

static int
read_whole(int dir, const char *name, struct buf *b, struct err *e)
{
	int fd = pack_file_open(dir, name, e), result;

	if (fd == -1)
		return -1;
	result = file_read(fd, b, e);
	file_close(&fd);
	return result == -1 ? err_in(e, "%s", name) : 0;
}

static int
parse(xmlDoc **out, const struct buf *b, const char *name, struct err *e)
{
	*out = xmlReadMemory((const char *)b->data, (int)b->length, NULL, NULL,
	    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
	        XML_PARSE_NOBLANKS);
	if (*out != NULL && (*out)->intSubset == NULL)
		return 0;
	xmlFreeDoc(*out);
	*out = NULL;
	return err_set(e, ERR_FORMAT, "%s: not well-formed", name);
}

static int
read_manifest(struct report_pack *p, struct err *e)
{
	struct buf b = buf_new(MANIFEST_BYTES), hex = buf_new(128);
	unsigned char sum[DIGEST_SHA256_LENGTH];
	int result = -1;

	if (read_whole(p->folder, EVIDENCE_MANIFEST, &b, e) == 0 &&
	    manifest_read(&p->manifest, b.data, b.length, e) == 0 &&
	    parse(&p->manifest_xml, &b, EVIDENCE_MANIFEST, e) == 0 &&
	    digest_sha256(b.data, b.length, sum, e) == 0) {
		enc_hex(&hex, sum, sizeof(sum));
		(void)snprintf(
		    p->digest, sizeof(p->digest), "%s", buf_string(&hex));
		result = 0;
	}
	buf_free(&hex);
	buf_free(&b);
	return result;
}

/* The bytes that the manifest lists, and no others. */
static int
read_summary(struct report_pack *p, struct err *e)
{
	const struct manifest_file *f =
	    manifest_file_find(p->manifest, EVIDENCE_SUMMARY);
	struct buf b = buf_new(SUMMARY_BYTES);
	unsigned char sum[DIGEST_SHA256_LENGTH];
	int result = -1;

	if (f == NULL)
		(void)err_set(e, ERR_INCOMPLETE, "no %s", EVIDENCE_SUMMARY);
	else if (read_whole(p->folder, f->name, &b, e) == -1 ||
	    digest_sha256(b.data, b.length, sum, e) == -1)
		result = -1;
	else if (memcmp(sum, f->sha256, sizeof(sum)) != 0)
		(void)err_set(e, ERR_TAMPERED,
		    "%s: not what the manifest lists", f->name);
	else
		result = parse(&p->summary_xml, &b, f->name, e);
	buf_free(&b);
	return result;
}

int
report_pack_open(struct report_pack *p, const char *folder, struct err *e)
{
	memset(p, 0, sizeof(*p));
	p->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->folder == -1)
		return err_sys(e, errno, "%s", folder);
	if (pack_schema_load(&p->schema, e) == 0 && read_manifest(p, e) == 0 &&
	    read_summary(p, e) == 0)
		return 0;
	report_pack_close(p);
	return err_in(e, "%s", folder);
}

void
report_pack_close(struct report_pack *p)
{
	xmlFreeDoc(p->manifest_xml);
	xmlFreeDoc(p->summary_xml);
	manifest_free(&p->manifest);
	pack_schema_free(&p->schema);
	file_close(&p->folder);
}

/* ---- Rows ---- */

static int
read_part(struct report_pack *p, const struct manifest_file *f, pack_row_fn *fn,
    void *context, struct err *e)
{
	struct pack_reading how = { .schema = p->schema,
		.name = f->name,
		.class = f->class,
		.pack = p->manifest->sequence,
		.sha256 = f->sha256 };
	int64_t rows;
	int fd = pack_file_open(p->folder, f->name, e), result;

	if (fd == -1)
		return -1;
	result = pack_read(fd, &how, fn, context, &rows, e);
	file_close(&fd);
	return result;
}

int
report_pack_rows(struct report_pack *p, const char *class, pack_row_fn *fn,
    void *context, struct err *e)
{
	for (size_t i = 0; i < p->manifest->file_count; i++) {
		const struct manifest_file *f = &p->manifest->files[i];

		if (strcmp(f->class, class) == 0 &&
		    read_part(p, f, fn, context, e) == -1)
			return -1;
	}
	return 0;
}
