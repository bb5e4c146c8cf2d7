#include "review/report.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review/report_internal.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"
#include "schema/message.h"

#define NEEDS     12u
#define PATH_MAX_ 512u

#define SEVERITIES "critical|high|medium|low|info"
#define RANKS      6u /* of severity; the last is of none */

/* Rows of a class: only those that have, in each column, one of "a|b". */
struct need {
	const char *class;
	struct {
		const char *column, *values;
	} of[2];
	size_t limit; /* 0: REPORT_ROWS. Of findings the gravest are kept */
};

#define ALL(name)                                                              \
	{                                                                      \
		.class = (name)                                                \
	}
#define OF(name, column, values)                                               \
	{                                                                      \
		.class = (name), .of = { { (column), (values) } }              \
	}
#define GRAVEST(...)                                                           \
	{                                                                      \
		.class = "finding", .of = { __VA_ARGS__ },                     \
		.limit = REPORT_FINDINGS                                       \
	}

struct page {
	const char *name; /* NAME.html, and reports/NAME.xsl */
	struct need needs[NEEDS];
};

/* In the order of their links; a page is added here. */
static const struct page pages[] = {
	{ "index",
	    { ALL("source"), OF("coverage", "complete", "false"),
	        ALL("signer") } },
	{ "quarter",
	    { ALL("source"), OF("coverage", "complete", "false"), ALL("rule"),
	        ALL("trend"), ALL("campaign"), ALL("exception") } },
	{ "dashboard", { ALL("risk"), ALL("trend"), ALL("rule") } },
	{ "worklist",
	    { GRAVEST({ "status", "overdue" }), GRAVEST({ "status", "open" }),
	        OF("remedy", "status", "draft|approved|open|back"),
	        OF("daily", "mark", "late|missing|waiting"),
	        OF("exception", "status", "counts|waiting"),
	        OF("campaign", "how", ""), OF("pull", "complete", "false"),
	        OF("coverage", "complete", "false") } },
	{ "remediation",
	    { ALL("remedy"),
	        GRAVEST({ "repeated", "true" },
	            { "status", "open|overdue|excepted" }),
	        ALL("person") } },
	{ "calendar", { ALL("daily") } },
	{ "register",
	    { ALL("privilege"), ALL("registered"),
	        OF("account", "privileged", "true"),
	        OF("right", "privileged", "true"), ALL("person") } },
	{ "reviewer", { ALL("campaign"), ALL("reviewer") } },
	{ "verdicts", { ALL("verdict"), ALL("source") } },
	{ "controls", { ALL("control") } },
};

#define PAGES (sizeof(pages) / sizeof(pages[0]))

#define STORY "account"

struct report {
	const struct report_wanted *wanted;
	struct report_pack pack;
	struct report_rows rows;
	struct report_sheets *sheets;
	struct report_lists *lists;
	struct report_input input;
	char *path; /* where all is written first */
	int out;
	struct report_made *made;
};

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

int
report_go_on(const struct report_wanted *w, struct err *e)
{
	return w->stop != NULL && w->stop(w->context)
	    ? err_set(e, ERR_SYS, "stopped")
	    : 0;
}

/* ---- Pages ---- */

/* Its place among "a|b"; -1: it is none of them. */
static int
place_among(const char *value, const char *values)
{
	size_t length = strlen(value);
	int place = 0;

	for (const char *at = values;; at++, place++) {
		size_t room = strcspn(at, "|");

		if (room == length && memcmp(at, value, length) == 0)
			return place;
		at += room;
		if (*at == '\0')
			return -1;
	}
}

struct picking {
	struct report_rows *rows;
	const struct need *need;
	const struct pack_class *class;
	int columns[2]; /* -1: anything */
	int severity;   /* -1: of no rank */
	struct report_pick ranks[RANKS];
};

static const char *
value_of(const struct pack_row *row, int column)
{
	const char *value = row->values[column];

	return value == NULL ? "" : value;
}

static int
pick_row(void *context, const struct pack_row *row, struct err *e)
{
	struct picking *p = context;
	int rank = -1;

	for (size_t i = 0; i < 2; i++)
		if (p->columns[i] != -1 &&
		    place_among(value_of(row, p->columns[i]),
		        p->need->of[i].values) == -1)
			return 0;
	if (p->severity != -1)
		rank = place_among(value_of(row, p->severity), SEVERITIES);
	report_rows_next(p->rows);
	return report_keep(
	    p->rows, &p->ranks[rank == -1 ? RANKS - 1 : (size_t)rank], row, e);
}

static int
begin_picking(struct picking *p, const struct need *need, struct err *e)
{
	p->need = need;
	for (size_t i = 0; i < RANKS; i++) {
		p->ranks[i].class = p->class;
		p->ranks[i].limit =
		    need->limit == 0 ? REPORT_ROWS : need->limit;
	}
	p->severity =
	    need->limit == 0 ? -1 : pack_column_find(p->class, "severity");
	for (size_t i = 0; i < 2; i++) {
		const char *column = need->of[i].column;

		p->columns[i] = -1;
		if (column != NULL &&
		    (p->columns[i] = pack_column_find(p->class, column)) == -1)
			return err_set(
			    e, ERR_FORMAT, "%s: no %s", need->class, column);
	}
	return 0;
}

/* The gravest first, as many as the page may have. */
static int
merge(struct picking *p, struct report_pick *out, struct err *e)
{
	out->class = p->class;
	out->of = p->need->of[0].values;
	out->limit = p->ranks[0].limit;
	for (size_t i = 0; i < RANKS; i++)
		if (report_pick_append(out, &p->ranks[i], e) == -1)
			return -1;
	return 0;
}

static int
pick(struct report *r, const struct need *need, struct report_pick *out,
    struct err *e)
{
	struct picking p = { .rows = &r->rows,
		.class = pack_schema_find(r->pack.schema, need->class) };
	int result = -1;

	if (p.class == NULL)
		return err_set(e, ERR_FORMAT, "no class %s", need->class);
	if (report_go_on(r->wanted, e) == 0 &&
	    begin_picking(&p, need, e) == 0 &&
	    report_pack_rows(&r->pack, need->class, pick_row, &p, e) == 0)
		result = merge(&p, out, e);
	for (size_t i = 0; i < RANKS; i++)
		report_pick_free(&p.ranks[i]);
	return result;
}

static int
write_language(
    struct report *r, const char *name, const char *language, struct err *e)
{
	char path[PATH_MAX_];
	xmlDoc *result = NULL;
	int below, done = -1;

	below = snprintf(path, sizeof(path), "%s/", language);
	(void)snprintf(
	    path + below, sizeof(path) - (size_t)below, "%s.html", name);
	if (report_go_on(r->wanted, e) == 0 &&
	    report_input_language(
	        &r->input, language, path + below, r->wanted, e) == 0 &&
	    report_sheet_apply(r->sheets, name, r->input.doc, &result, e) ==
	        0 &&
	    report_lists_want(r->lists, result, e) == 0)
		done = report_sheet_write(
		    r->sheets, name, result, r->out, path, e);
	xmlFreeDoc(result);
	return done == -1 ? err_in(e, "%s", path) : 0;
}

static int
write_page(struct report *r, const char *name, const struct report_pick *picks,
    size_t count, struct err *e)
{
	if (report_input_begin(&r->input, name, "", e) == -1)
		return -1;
	for (size_t i = 0; i < count && picks[i].class != NULL; i++)
		if (report_input_add(&r->input, &r->rows, &picks[i], 0,
		        picks[i].count, e) == -1)
			return -1;
	if ((r->wanted->en && write_language(r, name, "en", e) == -1) ||
	    (r->wanted->zh && write_language(r, name, "zh_TW", e) == -1))
		return -1;
	r->made->pages++;
	return 0;
}

static int
make_page(struct report *r, const struct page *page, struct err *e)
{
	struct report_pick picks[NEEDS] = { { .class = NULL } };
	int result = 0;

	r->wanted->progress(
	    r->wanted->context, page->name, r->made->pages, (int64_t)PAGES);
	for (size_t i = 0; result == 0 && i < NEEDS; i++)
		if (page->needs[i].class != NULL)
			result = pick(r, &page->needs[i], &picks[i], e);
	if (result == 0)
		result = write_page(r, page->name, picks, NEEDS, e);
	for (size_t i = 0; i < NEEDS; i++)
		report_pick_free(&picks[i]);
	return result;
}

static int
make_story(struct report *r, struct err *e)
{
	struct report_pick picks[REPORT_STORY_CLASSES];
	int result =
	    report_story(&r->pack, &r->rows, r->wanted->account, picks, e);

	if (result == 0)
		result = write_page(r, STORY, picks, REPORT_STORY_CLASSES, e);
	for (size_t i = 0; i < REPORT_STORY_CLASSES; i++)
		report_pick_free(&picks[i]);
	return result;
}

static int
make_pages(struct report *r, struct err *e)
{
	for (size_t i = 0; i < PAGES; i++)
		if (report_input_add_page(&r->input, pages[i].name, e) == -1)
			return -1;
	if (r->wanted->account != NULL &&
	    report_input_add_page(&r->input, STORY, e) == -1)
		return -1;
	for (size_t i = 0; i < PAGES; i++)
		if (make_page(r, &pages[i], e) == -1)
			return -1;
	return r->wanted->account == NULL ? 0 : make_story(r, e);
}

/* With less of the pack in it: there may be thousands of lists. */
static int
make_lists(struct report *r, struct err *e)
{
	struct report_input input;
	int result;

	if (report_input_new(&input, &r->pack, r->wanted->banner, false, e) ==
	    -1)
		return -1;
	result = 0;
	for (size_t i = 0; result == 0 && i < PAGES; i++)
		result = report_input_add_page(&input, pages[i].name, e);
	if (result == 0)
		result = report_lists_write(r->lists, r->sheets, &input, r->out,
		    r->wanted, &r->made->lists, e);
	report_input_free(&input);
	return result;
}

/* ---- All of it ---- */

static int
make(struct report *r, struct err *e)
{
	const struct report_wanted *w = r->wanted;

	if (report_rows_new(&r->rows, r->path, e) == -1 ||
	    report_sheets_new(&r->sheets, e) == -1 ||
	    report_lists_new(&r->lists, &r->pack, &r->rows, e) == -1 ||
	    report_input_new(&r->input, &r->pack, w->banner, true, e) == -1)
		return -1;
	if (make_pages(r, e) == -1 || make_lists(r, e) == -1)
		return -1;
	return report_tables_write(
	    &r->pack, r->path, r->out, w, &r->made->tables, e);
}

/* Beside OUT, so that it can take its place. */
static int
begin(struct report *r, struct err *e)
{
	const char *out = r->wanted->out;
	size_t length = strlen(out);

	while (length > 1 && out[length - 1] == '/')
		length--;
	if (asprintf(&r->path, "%.*s.XXXXXX", (int)length, out) == -1) {
		r->path = NULL;
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	if (mkdtemp(r->path) == NULL) {
		int number = errno;

		free(r->path);
		r->path = NULL;
		return err_sys(e, number, "%s", r->wanted->out);
	}
	r->out = open(r->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->out == -1 || fchmod(r->out, 0750) == -1)
		return err_sys(e, errno, "%s", r->path);
	return 0;
}

/* rename(2) replaces a folder only if it is empty. */
static int
finish(struct report *r, struct err *e)
{
	if (syncfs(r->out) == -1)
		return err_sys(e, errno, "%s", r->wanted->out);
	if (rename(r->path, r->wanted->out) == -1)
		return errno == ENOTEMPTY || errno == EEXIST
		    ? err_set(
		          e, ERR_USAGE, "%s: it is not empty", r->wanted->out)
		    : err_sys(e, errno, "%s", r->wanted->out);
	return 0;
}

/* Said before the work, not after it. */
static int
check_out(const char *out, struct err *e)
{
	DIR *d = opendir(out);
	size_t names = 0;

	if (d == NULL)
		return errno == ENOENT ? 0 : err_sys(e, errno, "%s", out);
	while (readdir(d) != NULL)
		names++;
	(void)closedir(d);
	return names <= 2 ? 0
	                  : err_set(e, ERR_USAGE, "%s: it is not empty", out);
}

/* The pack may be another than it was when it was verified. */
static int
check_verified(const struct report *r, struct err *e)
{
	struct buf hex = buf_new(2 * DIGEST_SHA256_LENGTH);
	int result = 0;

	if (r->wanted->manifest == NULL)
		return 0;
	enc_hex(&hex, r->wanted->manifest, DIGEST_SHA256_LENGTH);
	if (strcmp(buf_string(&hex), r->pack.digest) != 0)
		result = err_set(e, ERR_TAMPERED,
		    _("%s: it changed since it was verified"),
		    r->wanted->folder);
	buf_free(&hex);
	return result;
}

int
report_make(
    const struct report_wanted *wanted, struct report_made *made, struct err *e)
{
	struct report r = { .wanted = wanted, .made = made, .out = -1 };
	int result = -1;

	memset(made, 0, sizeof(*made));
	r.pack.folder = -1;
	if (check_out(wanted->out, e) == -1 ||
	    report_pack_open(&r.pack, wanted->folder, e) == -1)
		return -1;
	if (check_verified(&r, e) == 0 && begin(&r, e) == 0 && make(&r, e) == 0)
		result = finish(&r, e);
	report_lists_free(&r.lists);
	report_sheets_free(&r.sheets);
	report_rows_free(&r.rows);
	report_input_free(&r.input);
	report_pack_close(&r.pack);
	file_close(&r.out);
	if (result == -1 && r.path != NULL)
		(void)nftw(r.path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(r.path);
	return result;
}
