#include "review/worksheet.h"

#include <stdlib.h>
#include <string.h>

#include "schema/base/digest.h"
#include "schema/base/enc.h"

#define LINE_MAX  4096u                /* bytes of a worksheet's first line */
#define LINES_MAX (256u * 1024 * 1024) /* of a question with all its items */

static int
digest_hex(const struct buf *b, unsigned char digest[32],
    char hex[WORKSHEET_HEX], struct err *e)
{
	struct buf text = buf_new(WORKSHEET_HEX);

	if (buf_status(b, e) == -1 ||
	    digest_sha256(b->data, b->length, digest, e) == -1)
		return -1;
	enc_hex(&text, digest, DIGEST_SHA256_LENGTH);
	(void)strcpy(hex, buf_string(&text));
	buf_free(&text);
	return 0;
}

int
worksheet_seen(struct store *store, int64_t campaign, int64_t question,
    char seen[WORKSHEET_HEX], struct err *e)
{
	struct buf lines = buf_new(LINES_MAX);
	unsigned char digest[DIGEST_SHA256_LENGTH];
	struct statement *s = store_use(store, "worksheet_lines", e);
	int more, result = -1;

	bind_int(s, ":campaign", campaign);
	bind_int(s, ":question", question);
	while ((more = store_step(s, e)) == 1) {
		buf_put(&lines, column_text(s, 0), column_length(s, 0));
		buf_put_byte(&lines, '\n');
	}
	if (more == 0 && lines.length == 0)
		err_set(e, ERR_MISSING, "question %lld is not of the campaign",
		    (long long)question);
	else if (more == 0)
		result = digest_hex(&lines, digest, seen, e);
	buf_free(&lines);
	return result;
}

/* ---- A reviewer's ---- */

static int
read_questions(struct worksheet *w, struct store *store, struct err *e)
{
	struct statement *s = store_use(store, "worksheet_questions", e);
	struct worksheet_question *more_room;
	size_t room = 0;
	int more;

	bind_int(s, ":campaign", w->campaign->id);
	bind_text(s, ":reviewer", w->reviewer);
	while ((more = store_step(s, e)) == 1) {
		if (w->count == room) {
			room = room == 0 ? 64 : 2 * room;
			more_room =
			    realloc(w->questions, room * sizeof(*w->questions));
			if (more_room == NULL)
				return err_set(e, ERR_MEMORY, "out of memory");
			w->questions = more_room;
		}
		w->questions[w->count++] =
		    (struct worksheet_question){ .n = column_int(s, 0) };
	}
	if (more == 0 && w->count == 0)
		return err_set(e, ERR_MISSING, "%s has nothing to decide in %s",
		    w->reviewer, w->campaign->name);
	return more;
}

static int
copy(char **out, const char *text, struct err *e)
{
	if (text == NULL)
		return 0;
	*out = strdup(text);
	return *out == NULL ? err_set(e, ERR_MEMORY, "out of memory") : 0;
}

static int
make_head(struct worksheet *w, int64_t exported, struct err *e)
{
	struct buf line = buf_new(LINE_MAX), hex = buf_new(WORKSHEET_HEX);
	const char *parts[] = { WORKSHEET_FORM, w->campaign->name, NULL,
		w->reviewer };
	int result = -1;

	enc_hex(&hex, w->campaign->population, sizeof(w->campaign->population));
	parts[2] = buf_string(&hex);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		buf_put_byte(&line, i == 0 ? '[' : ',');
		enc_json_string(&line, parts[i], strlen(parts[i]));
	}
	buf_printf(&line, ",%lld]", (long long)exported);
	if (buf_status(&line, e) == 0)
		result = copy(&w->head, buf_string(&line), e);
	buf_free(&line);
	buf_free(&hex);
	return result;
}

static int
read_digests(struct worksheet *w, struct store *store, struct err *e)
{
	struct buf all = buf_new(LINES_MAX);
	int result = -1;

	buf_printf(&all, "%s\n", w->head);
	for (size_t i = 0; i < w->count; i++) {
		if (worksheet_seen(store, w->campaign->id, w->questions[i].n,
		        w->questions[i].seen, e) == -1)
			goto out;
		buf_printf(&all, "%s\n", w->questions[i].seen);
	}
	result = digest_hex(&all, w->digest, w->digest_hex, e);
out:
	buf_free(&all);
	return result;
}

static int
read_person(struct worksheet *w, struct store *store, struct err *e)
{
	struct statement *s = store_use(store, "worksheet_reviewer", e);
	int more;

	bind_text(s, ":reviewer", w->reviewer);
	more = store_step(s, e);
	if (more == 1 &&
	    (copy(&w->name, column_text(s, 0), e) == -1 ||
	        copy(&w->mail, column_text(s, 1), e) == -1))
		more = -1;
	store_done(s);
	return more == -1 ? -1 : 0;
}

int
worksheet_open(struct worksheet **out, struct store *store,
    const struct campaign *campaign, const char *reviewer, int64_t exported,
    struct err *e)
{
	struct worksheet *w = calloc(1, sizeof(*w));

	*out = NULL;
	if (w == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	w->campaign = campaign;
	if (strlen(reviewer) >= sizeof(w->reviewer)) {
		err_set(e, ERR_LIMIT, "%.70s...: too long", reviewer);
		goto out;
	}
	(void)strcpy(w->reviewer, reviewer);
	if (make_head(w, exported, e) == -1 ||
	    read_questions(w, store, e) == -1 ||
	    read_digests(w, store, e) == -1 || read_person(w, store, e) == -1)
		goto out;
	*out = w;
	w = NULL;
out:
	worksheet_free(&w);
	return *out == NULL ? -1 : 0;
}

void
worksheet_free(struct worksheet **w)
{
	if (*w == NULL)
		return;
	free((*w)->questions);
	free((*w)->head);
	free((*w)->name);
	free((*w)->mail);
	free(*w);
	*w = NULL;
}
