/*
 * tool_review_pack FOLDER ACCOUNTS FINDINGS [plain]: a pack of rows that are
 * made up, written as reeve evidence export writes them, with names that
 * somebody who means harm, or does not know ASCII, would choose. For tests of
 * what reads packs; its state is no database's.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "review/fact.h"
#include "review/pack_file.h"
#include "review/pack_write.h"

#define BEGIN    INT64_C(1790784000) /* 2026-09-30T16:00:00Z */
#define DAY      INT64_C(86400)
#define VALUE    2048u /* bytes of one */
#define FEW      7     /* rows of most classes */
#define SEQUENCE 3

static const char *const names[] = {
	"ada",
	"<script>alert(1)</script>",
	"O'Neil & Söhne \"AG\"",
	"]]>",
	"\xe6\x9e\x97\xe9\x9b\x85\xe5\xa9\xb7", /* Chinese */
	"\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xd8\xb3\xd9\x84\xd8\xa7\xd9\x85",
	"\xe2\x80\xae"
	"evil\xe2\x80\xac",                             /* U+202E */
	"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb", /* an emoji of three */
	"=cmd|'/c calc'!A1",
	"javascript:alert(1)",
	"&lt;b&gt;",
	"%s%n",
	"",
	"../../etc/passwd",
	"-1+1",
	"@SUM(A1)",
};

/* Of columns that are words without a list in evidence.xsd. */
static const struct {
	const char *class, *column;
	const char *values[8];
} words[] = {
	{ "exception", "status", { "counts", "waiting", "expired", "ended" } },
	{ "remedy", "status",
	    { "draft", "approved", "open", "proven", "refused" } },
	{ "remedy", "action", { "revoke", "disable", "delete", "modify" } },
	{ "campaign", "how", { "closed", NULL } },
	{ "account", "kind", { "user", "machine", "managed-service" } },
	{ "person", "status", { "active", "left" } },
	{ "finding", "state", { "hit", "unknown" } },
	{ "registered", "kind",
	    { "privileged", "shared", "service", "temporary" } },
	{ "item", "novelty", { "new", "finding", "unchanged" } },
	{ "signer", "role", { "officer", "reviewer", "approver" } },
};

struct making {
	int64_t accounts, findings;
	bool plain;
	const struct pack_schema *schema;
	struct pack_writer *writer;
	char values[PACK_COLUMNS][VALUE];
};

static struct err e;

static void
must(int result)
{
	if (result != -1)
		return;
	fprintf(stderr, "tool_review_pack: %s\n", e.text);
	exit(2);
}

static int64_t
rows_of(const struct making *m, const char *class)
{
	static const char *const of_accounts[] = { "account", "person",
		"membership", "privilege", "item" };

	for (size_t i = 0; i < 5; i++)
		if (strcmp(class, of_accounts[i]) == 0)
			return m->accounts;
	if (strcmp(class, "finding") == 0)
		return m->findings;
	if (strcmp(class, "decision") == 0 || strcmp(class, "remedy") == 0)
		return m->accounts < 300 ? m->accounts : 300;
	return strcmp(class, "daily") == 0 ? 92 : FEW;
}

/* ---- One value ---- */

static int64_t
id_of(const struct making *m, const char *class, const char *column, int64_t i)
{
	int64_t rows = rows_of(m, class);

	if (strcmp(column, "id") == 0 || strcmp(column, "number") == 0 ||
	    strcmp(column, "act") == 0)
		return i + 1;
	if (strcmp(column, "item") == 0 || strcmp(column, "question") == 0)
		return i + 1;
	if (strcmp(column, "account") == 0 || strcmp(column, "member") == 0)
		rows = m->accounts;
	else if (pack_schema_find(m->schema, column) != NULL)
		rows = rows_of(m, column);
	return rows == 0 ? 1 : i % rows + 1;
}

static void
put_time(char *out, int64_t at)
{
	struct tm tm;
	time_t when = (time_t)at;

	(void)gmtime_r(&when, &tm);
	(void)strftime(out, VALUE, "%FT%TZ", &tm);
}

static void
put_text(const struct making *m, char *out, const char *column, int64_t i)
{
	const char *name = m->plain
	    ? "name"
	    : names[(size_t)i % (sizeof(names) / sizeof(names[0]))];

	(void)snprintf(out, VALUE, "%s", name);
	if (strcmp(column, "key") == 0 || strcmp(column, "employee") == 0)
		(void)snprintf(out, VALUE, "%s-%lld", column, (long long)i);
	else if (!m->plain && strcmp(column, "name") == 0 && i % 50 == 3)
		for (size_t n = 0; n < 300; n++)
			memcpy(out + n, "W", 2); /* 300 without a space */
	else if (strcmp(column, "department") == 0)
		(void)snprintf(out, VALUE, "dept %lld", (long long)i % 12);
	else if (strcmp(column, "rule") == 0)
		(void)snprintf(out, VALUE, "AR-%lld", 101 + (long long)i % 5);
}

static const char *
word_of(const char *class, const char *column, int64_t i)
{
	for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++) {
		size_t count = 1;

		if (strcmp(words[w].class, class) != 0 ||
		    strcmp(words[w].column, column) != 0)
			continue;
		while (count < 8 && words[w].values[count] != NULL)
			count++;
		return words[w].values[(size_t)i % count];
	}
	return "some-word";
}

static void
put_value(const struct making *m, const char *class,
    const struct pack_column *c, int64_t i, char *out)
{
	size_t count = 0;

	while (c->as->words[count] != NULL)
		count++;
	if (count > 0)
		(void)snprintf(
		    out, VALUE, "%s", c->as->words[(size_t)i % count]);
	else if (strcmp(c->type, "id") == 0 || strcmp(c->name, "number") == 0 ||
	    strcmp(c->name, "question") == 0 || strcmp(c->name, "item") == 0)
		(void)snprintf(
		    out, VALUE, "%lld", (long long)id_of(m, class, c->name, i));
	else if (strcmp(c->type, "count") == 0 || strcmp(c->type, "long") == 0)
		(void)snprintf(out, VALUE, "%lld", (long long)(i * 7 % 100));
	else if (strcmp(c->type, "decimal") == 0)
		(void)snprintf(out, VALUE, "%lld.%lld", (long long)(i % 30),
		    (long long)(i % 10));
	else if (strcmp(c->type, "time") == 0)
		put_time(out, BEGIN + i % 92 * DAY + i % DAY);
	else if (strcmp(c->type, "day") == 0) {
		put_time(out, BEGIN + i % 92 * DAY);
		out[10] = '\0';
	} else if (strcmp(c->type, "hex") == 0 ||
	    strcmp(c->type, "sha256") == 0)
		(void)snprintf(out, VALUE, "%064llx", (unsigned long long)i);
	else if (strcmp(c->type, "word") == 0)
		(void)snprintf(out, VALUE, "%s", word_of(class, c->name, i));
	else
		put_text(m, out, c->name, i);
}

/* ---- The pack ---- */

static void
put_class(struct making *m, const struct pack_class *class)
{
	int64_t rows = rows_of(m, class->name);

	must(pack_begin(m->writer, class->name, &e));
	for (int64_t i = 0; i < rows; i++) {
		const char *values[PACK_COLUMNS] = { NULL };

		for (size_t c = 0; c < class->count; c++) {
			const struct pack_column *column = &class->columns[c];

			put_value(m, class->name, column, i, m->values[c]);
			if (column->required || (i + (int64_t)c) % 4 != 0)
				values[c] = m->values[c];
		}
		if (class->has_body)
			values[class->count - 1] = "{\"a\":\"<&]]>\"}";
		must(pack_row(m->writer, values, &e));
	}
	must(pack_end(m->writer, rows, "", &e));
}

static void
fill_manifest(struct manifest *manifest)
{
	struct manifest_retention *kept;
	struct manifest_signer *signer;

	manifest->sequence = SEQUENCE;
	memset(manifest->previous, 7, sizeof(manifest->previous));
	(void)strcpy(manifest->kind, "periodic");
	manifest->from = BEGIN;
	manifest->to = BEGIN + 92 * DAY;
	manifest->made = BEGIN + 93 * DAY;
	(void)strcpy(manifest->program, "tool_review_pack");
	manifest->rehearsal = true;
	manifest->state = 1;
	manifest->state_at = manifest->checked = BEGIN + 91 * DAY;
	manifest->check = 1;
	(void)strcpy(manifest->profile, "house <&>");
	manifest->head = FEW;
	manifest->places = FEW;
	manifest->covered = FEW - 2;
	kept = manifest_add_retention(manifest, &e);
	signer = manifest_add_signer(manifest, &e);
	if (kept == NULL || signer == NULL) {
		must(-1);
		return;
	}
	(void)strcpy(kept->kind, "logins");
	kept->months = 60;
	kept->oldest = BEGIN;
	kept->purged = FACT_UNKNOWN;
	(void)strcpy(signer->name, "officer");
}

static void
put_file(int folder, const char *name, const struct buf *b)
{
	int fd = pack_file_create(folder, name, &e);

	must(fd);
	if (write(fd, b->data, b->length) != (ssize_t)b->length)
		must(err_set(&e, ERR_FULL, "%s", name));
	must(pack_file_done(&fd, name, &e));
}

static void
make(struct making *m, int folder, struct tallies *tallies,
    struct manifest *manifest)
{
	struct buf b = buf_new(64u << 20), sums = buf_new(1u << 20);
	const struct pack_class *class;

	fill_manifest(manifest);
	for (size_t i = 0; (class = pack_schema_at(m->schema, i)) != NULL; i++)
		put_class(m, class);
	must(tallies_write(tallies, SEQUENCE, &b, &e));
	must(pack_put_file(m->writer, EVIDENCE_SUMMARY, b.data, b.length, &e));
	buf_clear(&b);
	must(manifest_write(manifest, &b, &e));
	put_file(folder, EVIDENCE_MANIFEST, &b);
	must(manifest_sums(manifest, b.data, b.length, &sums, &e));
	put_file(folder, EVIDENCE_SUMS, &sums);
	buf_free(&b);
	buf_free(&sums);
}

int
main(int argc, char **argv)
{
	struct making m = { .accounts = argc > 3 ? atoll(argv[2]) : 0,
		.findings = argc > 3 ? atoll(argv[3]) : 0,
		.plain = argc > 4 };
	struct pack_schema *schema = NULL;
	struct tallies *tallies = NULL;
	struct manifest *manifest = NULL;
	int folder;

	if (argc < 4 || mkdir(argv[1], 0750) == -1 ||
	    (folder = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC)) ==
	        -1) {
		fputs("usage: tool_review_pack NEW-FOLDER ACCOUNTS FINDINGS "
		      "[plain]\n",
		    stderr);
		return 2;
	}
	must(pack_schema_load(&schema, &e));
	must(tallies_new(&tallies, schema, &e));
	must(manifest_new(&manifest, &e));
	m.schema = schema;
	must(pack_writer_new(&m.writer, folder, manifest, schema, tallies, &e));
	make(&m, folder, tallies, manifest);
	pack_writer_free(&m.writer);
	manifest_free(&manifest);
	tallies_free(&tallies);
	pack_schema_free(&schema);
	(void)close(folder);
	return 0;
}
