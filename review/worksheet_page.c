#include "review/worksheet.h"

#include <string.h>

#include "review/embedded.h"
#include "schema/base/clock.h"
#include "schema/base/digest.h"
#include "schema/base/enc.h"

#define FOLDER   "review/page/"
#define TEXT_MAX (8u * 1024 * 1024) /* bytes of a line as text in a page */

/*
 * JSON inside of a script element: nothing in it may end the element, or be
 * taken for the beginning of a comment. U+2028 and U+2029 are line ends to
 * JavaScript before ES2019.
 */
static void
put_json(FILE *out, const char *json)
{
	for (const char *at = json; *at != '\0'; at++)
		if (strchr("<>&", *at) != NULL)
			fprintf(out, "\\u%04x", (unsigned)*at);
		else if (strncmp(at, "\xe2\x80\xa8", 3) == 0 ||
		    strncmp(at, "\xe2\x80\xa9", 3) == 0) {
			fprintf(out, "\\u202%x",
			    (unsigned)((unsigned char)at[2] & 0xfu));
			at += 2;
		} else
			putc(*at, out);
}

static int
put_string(FILE *out, const char *text, size_t length, struct err *e)
{
	struct buf b = buf_new(TEXT_MAX);

	enc_json_string(&b, text, length);
	put_json(out, buf_string(&b));
	if (buf_status(&b, e) == -1) {
		buf_free(&b);
		return -1;
	}
	buf_free(&b);
	return 0;
}

static int
put_member(FILE *out, const char *name, const char *value, struct err *e)
{
	fprintf(out, ",\"%s\":", name);
	if (value != NULL)
		return put_string(out, value, strlen(value), e);
	fputs("null", out);
	return 0;
}

static int
put_question(FILE *out, struct store *store, int64_t campaign,
    const struct worksheet_question *q, struct err *e)
{
	struct statement *s = store_use(store, "worksheet_lines", e);
	bool first = true;
	int more;

	fprintf(out, "{\"seen\":\"%s\",\"lines\":[", q->seen);
	bind_int(s, ":campaign", campaign);
	bind_int(s, ":question", q->n);
	while ((more = store_step(s, e)) == 1) {
		if (!first)
			putc(',', out);
		first = false;
		if (put_string(
		        out, column_text(s, 0), column_length(s, 0), e) == -1)
			return -1;
	}
	fputs("]}", out);
	return more;
}

struct page {
	struct store *store;
	const struct worksheet *worksheet;
	const unsigned char *check;
	bool rehearsal;
	const char *file;
};

static int
put_data(FILE *out, const struct page *p, struct err *e)
{
	const struct worksheet *w = p->worksheet;
	struct buf due = buf_new(64), check = buf_new(16);
	int result = -1;

	/* The last moment of the last day, not the first of the next. */
	enc_time(&due, (w->campaign->due - 1) * CLOCK_NS_PER_SECOND);
	if (p->check != NULL)
		enc_hex(&check, p->check, 2);
	fprintf(out, "{\"rehearsal\":%s", p->rehearsal ? "true" : "false");
	if (put_member(out, "head", w->head, e) == -1 ||
	    put_member(out, "name", w->name, e) == -1 ||
	    put_member(out, "due", buf_string(&due), e) == -1 ||
	    put_member(out, "digest", w->digest_hex, e) == -1 ||
	    put_member(out, "check",
	        p->check == NULL ? NULL : buf_string(&check), e) == -1 ||
	    put_member(out, "file", p->file, e) == -1)
		goto out;
	fputs(",\"questions\":[", out);
	for (size_t i = 0; i < w->count; i++) {
		if (i > 0)
			fputs(",\n", out);
		if (put_question(out, p->store, w->campaign->id,
		        &w->questions[i], e) == -1)
			goto out;
	}
	fputs("]}", out);
	result = 0;
out:
	buf_free(&due);
	buf_free(&check);
	return result;
}

/* ---- The frame ---- */

static int
put_hash(FILE *out, const char *name, const struct buf *text, struct err *e)
{
	unsigned char digest[DIGEST_SHA256_LENGTH];
	struct buf b = buf_new(64);

	if (digest_sha256(text->data, text->length, digest, e) == -1)
		return -1;
	enc_base64(&b, digest, sizeof(digest));
	fprintf(out, "; %s 'sha256-%s'", name, buf_string(&b));
	buf_free(&b);
	return 0;
}

/* What stands for a mark of page.html. */
static int
put_mark(FILE *out, const char *mark, size_t length, const struct page *p,
    const struct buf *style, const struct buf *script, struct err *e)
{
	if (strncmp(mark, "STYLE", length) == 0) {
		(void)fwrite(style->data, 1, style->length, out);
		return 0;
	}
	if (strncmp(mark, "SCRIPT", length) == 0) {
		(void)fwrite(script->data, 1, script->length, out);
		return 0;
	}
	if (strncmp(mark, "DATA", length) == 0)
		return put_data(out, p, e);
	fputs("default-src 'none'", out);
	if (put_hash(out, "script-src", script, e) == -1 ||
	    put_hash(out, "style-src", style, e) == -1)
		return -1;
	fputs("; base-uri 'none'; form-action 'none'", out);
	return 0;
}

/* page.html's text, with what its @MARKS@ stand for. */
static int
put_page(FILE *out, const struct page *p, const struct buf *style,
    const struct buf *script, struct err *e)
{
	const char *at = embedded_text(FOLDER "page.html");

	while (at != NULL && *at != '\0') {
		size_t length = strcspn(at, "@");

		(void)fwrite(at, 1, length, out);
		at += length;
		if (*at == '\0')
			break;
		length = strcspn(at + 1, "@");
		if (put_mark(out, at + 1, length, p, style, script, e) == -1)
			return -1;
		at += length + 2;
	}
	return ferror(out)
	    ? err_set(e, ERR_FULL, "%s: could not be written", p->file)
	    : 0;
}

int
worksheet_page(FILE *out, struct store *store, const struct worksheet *w,
    const unsigned char check[2], bool rehearsal, const char *file,
    struct err *e)
{
	const struct page page = { store, w, check, rehearsal, file };
	struct buf style = buf_new(TEXT_MAX), script = buf_new(TEXT_MAX);
	int result = -1;

	buf_put_string(&style, embedded_text(FOLDER "style.css"));
	buf_put_string(&script, embedded_text(FOLDER "words.js"));
	buf_put_string(&script, embedded_text(FOLDER "page.js"));
	if (buf_status(&style, e) == 0 && buf_status(&script, e) == 0)
		result = put_page(out, &page, &style, &script, e);
	buf_free(&style);
	buf_free(&script);
	return result;
}
