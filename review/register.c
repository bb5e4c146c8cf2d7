#include "review/register.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "review/csv.h"
#include "review/fact.h"

#define DAY_SECONDS 86400
#define COLUMNS_MAX 8u
#define TEXT_MAX    1024u /* bytes of a cell */
/* Between values of a row that is kept as one text; not in a cell. */
#define MARK    '\x1f'
#define NOTHING "\x1e" /* a value of NULL */

enum form {
	TEXT = 0,
	WORD,
	YES_NO,
	FROM, /* a day is meant from its beginning */
	TO,   /* a day is meant to its end */
	DAY   /* a day as such, in no zone: days since 1970 */
};

struct word {
	const char *says, *is;
};

struct column {
	struct csv_field field;
	enum form form;
	const char *parameter;
	const struct word *words;
};

struct kind {
	const char *name;
	const char *rows, *add, *end; /* statements */
	/* NULL, or what the columns together must be. */
	int (*judge)(const struct register_options *, const char *const *values,
	    struct err *);
	bool adds;  /* what is not in the file does not end */
	bool parts; /* the first column says which part of the register */
	struct column columns[COLUMNS_MAX + 1];
};

/* ---- What rows must be ---- */

static const struct word classes[] = { { "core", "core" }, { "other", "other" },
	{ "non-core", "other" }, { "核心", "core" }, { "核心系統", "core" },
	{ "非核心", "other" }, { "非核心系統", "other" }, { NULL, NULL } };

static const struct word account_kinds[] = { { "privileged", "privileged" },
	{ "shared", "shared" }, { "service", "service" },
	{ "temporary", "temporary" }, { "emergency", "temporary" },
	{ "特權", "privileged" }, { "特權帳號", "privileged" },
	{ "最高權限", "privileged" }, { "最高權限帳號", "privileged" },
	{ "共用", "shared" }, { "共用帳號", "shared" }, { "服務", "service" },
	{ "服務帳號", "service" }, { "系統連線帳號", "service" },
	{ "臨時", "temporary" }, { "臨時帳號", "temporary" },
	{ "緊急", "temporary" }, { "臨時或緊急帳號", "temporary" },
	{ "break-glass", "break-glass" }, { "破窗", "break-glass" },
	{ "緊急破窗帳號", "break-glass" }, { NULL, NULL } };

static const struct word yes_no[] = { { "yes", "1" }, { "no", "0" },
	{ "y", "1" }, { "n", "0" }, { "true", "1" }, { "false", "0" },
	{ "1", "1" }, { "0", "0" }, { "是", "1" }, { "否", "0" }, { "有", "1" },
	{ "無", "0" }, { NULL, NULL } };

static bool
is_nothing(const char *value)
{
	return strcmp(value, NOTHING) == 0;
}

static int64_t
number_of(const char *value)
{
	return is_nothing(value) ? FACT_UNKNOWN : strtoll(value, NULL, 10);
}

static int
judge_approval(
    const struct register_options *o, const char *const *values, struct err *e)
{
	int64_t from = number_of(values[5]), to = number_of(values[6]);

	(void)o;
	if (from != FACT_UNKNOWN && to != FACT_UNKNOWN && to <= from)
		return err_set(e, ERR_FORMAT, "it ends before it begins");
	if (!is_nothing(values[2]) && strcmp(values[1], values[2]) == 0)
		return err_set(
		    e, ERR_FORMAT, "requester and approver are the same");
	return 0;
}

static int
judge_pair(
    const struct register_options *o, const char *const *values, struct err *e)
{
	(void)o;
	return strcmp(values[1], values[2]) != 0
	    ? 0
	    : err_set(e, ERR_FORMAT, "both rights are the same");
}

static int
judge_account(
    const struct register_options *o, const char *const *values, struct err *e)
{
	(void)o;
	return strcmp(values[0], "temporary") != 0 || !is_nothing(values[6])
	    ? 0
	    : err_set(e, ERR_FORMAT, "a temporary account needs its end");
}

static int
judge_exception(
    const struct register_options *o, const char *const *values, struct err *e)
{
	int64_t ends = number_of(values[6]);

	if (ends - o->now > o->exception_days * DAY_SECONDS)
		return err_set(e, ERR_FORMAT,
		    "an exception ends within %lld days",
		    (long long)o->exception_days);
	return 0;
}

/* "holiday" is the negative of what is kept; 2 is DGPA's, 0 both have. */
static const struct word holidays[] = { { "yes", "0" }, { "no", "1" },
	{ "y", "0" }, { "n", "1" }, { "2", "0" }, { "1", "0" }, { "0", "1" },
	{ "是", "0" }, { "否", "1" }, { "放假", "0" }, { "上班", "1" },
	{ NULL, NULL } };

/* ---- The kinds ---- */

static const struct kind kinds[] = {
	{ "approvals", "approval_rows", "approval_add", "approval_end",
	    judge_approval, true, false,
	    { { { "ticket", "ticket no|單號|申請單號|工單|表單編號", 1 }, TEXT,
	          ":ticket", NULL },
	        { { "requester", "申請人|申請者", 0 }, TEXT, ":requester",
	            NULL },
	        { { "approver", "核准人|核准者|簽核主管|權責主管", 0 }, TEXT,
	            ":approver", NULL },
	        { { "account", "帳號", 1 }, TEXT, ":account", NULL },
	        { { "right", "group|權限|群組|權限名稱", 0 }, TEXT, ":right",
	            NULL },
	        { { "not_before", "from|valid from|起日|生效日|開始時間", 0 },
	            FROM, ":not_before", NULL },
	        { { "not_after", "to|until|valid to|迄日|到期日|結束時間", 0 },
	            TO, ":not_after", NULL } } },
	{ "systems", "system_rows", "system_add", "system_end", NULL, false,
	    false,
	    { { { "name", "system|系統|系統名稱", 1 }, TEXT, ":name", NULL },
	        { { "class", "系統分級|系統類別|核心系統", 1 }, WORD, ":class",
	            classes },
	        { { "owner", "擁有者|負責人|權責單位|系統負責人", 0 }, TEXT,
	            ":owner", NULL },
	        { { "tags", "標籤|資料類別", 0 }, TEXT, ":tags", NULL },
	        { { "source", "來源", 0 }, TEXT, ":source", NULL },
	        { { "host", "主機|主機名稱", 0 }, TEXT, ":host", NULL } } },
	{ "rights", "right_name_rows", "right_name_add", "right_name_end", NULL,
	    false, false,
	    { { { "right", "group|權限|群組", 1 }, TEXT, ":right", NULL },
	        { { "name_en", "english name|英文名稱", 0 }, TEXT, ":name_en",
	            NULL },
	        { { "name_zh", "chinese name|中文名稱|權限說明", 0 }, TEXT,
	            ":name_zh", NULL },
	        { { "owner", "擁有者|負責人|權責單位", 0 }, TEXT, ":owner",
	            NULL },
	        { { "privileged", "特權|是否特權", 0 }, YES_NO, ":privileged",
	            yes_no } } },
	{ "workstations", "workstation_rows", "workstation_add",
	    "workstation_end", NULL, false, false,
	    { { { "host", "computer|workstation|電腦|電腦名稱|主機|主機名稱",
	            1 },
	          TEXT, ":host", NULL },
	        { { "address", "ip|ip address|位址|IP位址", 0 }, TEXT,
	            ":address", NULL },
	        { { "person", "employee|user|員工編號|員編|工號|使用人|保管人",
	              0 },
	            TEXT, ":person", NULL },
	        { { "shared", "共用|是否共用", 0 }, YES_NO, ":shared",
	            yes_no } } },
	{ "contracts", "contract_rows", "contract_add", "contract_end", NULL,
	    false, false,
	    { { { "contract", "contract no|合約|合約編號|契約編號", 1 }, TEXT,
	          ":contract", NULL },
	        { { "vendor", "supplier|廠商|廠商名稱|委外廠商", 0 }, TEXT,
	            ":vendor", NULL },
	        { { "sponsor", "承辦人|負責人|窗口", 0 }, TEXT, ":sponsor",
	            NULL },
	        { { "ends", "end|end date|到期日|合約到期日|合約迄日", 0 }, TO,
	            ":ends", NULL } } },
	{ "sod", "sod_pair_rows", "sod_pair_add", "sod_pair_end", judge_pair,
	    false, false,
	    { { { "name", "rule|名稱|規則|規則名稱", 1 }, TEXT, ":name", NULL },
	        { { "first", "right 1|first right|權限一|權限1|甲權限", 1 },
	            TEXT, ":first", NULL },
	        { { "second", "right 2|second right|權限二|權限2|乙權限", 1 },
	            TEXT, ":second", NULL },
	        { { "reason", "原因|理由", 0 }, TEXT, ":reason", NULL } } },
	{ "accounts", "registered_account_rows", "registered_account_add",
	    "registered_account_end", judge_account, false, true,
	    { { { "kind", "type|類別|帳號類別", 1 }, WORD, ":kind",
	          account_kinds },
	        { { "account", "帳號", 1 }, TEXT, ":account", NULL },
	        { { "source", "system|來源|系統", 0 }, TEXT, ":source", NULL },
	        { { "owner", "擁有者|負責人|保管人", 0 }, TEXT, ":owner",
	            NULL },
	        { { "purpose", "用途", 0 }, TEXT, ":purpose", NULL },
	        { { "approver", "核准人|核准者|權責主管", 0 }, TEXT,
	            ":approver", NULL },
	        { { "ends", "end|end date|到期日|使用期限", 0 }, TO, ":ends",
	            NULL },
	        { { "confirmed", "confirmed at|確認日|確認日期|最近確認日", 0 },
	            FROM, ":confirmed", NULL } } },
	{ "exceptions", "exception_rows", "exception_add", "exception_end",
	    judge_exception, false, false,
	    { { { "rule", "規則|規則編號", 1 }, TEXT, ":rule", NULL },
	        { { "account", "帳號", 1 }, TEXT, ":account", NULL },
	        { { "source", "system|來源|系統", 0 }, TEXT, ":source", NULL },
	        { { "reason", "原因|理由|例外原因", 1 }, TEXT, ":reason",
	            NULL },
	        { { "compensation", "補強管控|補償措施|補強措施", 0 }, TEXT,
	            ":compensation", NULL },
	        { { "approver", "核准人|核准者|權責主管", 1 }, TEXT,
	            ":approver", NULL },
	        { { "ends", "end|end date|到期日|例外到期日", 1 }, TO, ":ends",
	            NULL } } },
	/* The day is its part: a file speaks of the days that it has. */
	{ "calendar", "calendar_rows", "calendar_add", "calendar_end", NULL,
	    false, true,
	    { { { "day", "date|西元日期|日期", 1 }, DAY, ":day", NULL },
	        { { "holiday", "是否放假", 1 }, YES_NO, ":works", holidays },
	        { { "name", "note|備註|名稱|說明", 0 }, TEXT, ":name",
	            NULL } } },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static size_t
columns_of(const struct kind *k)
{
	size_t count = 0;

	while (count < COLUMNS_MAX && k->columns[count].field.name != NULL)
		count++;
	return count;
}

/* ---- Rows in memory ---- */

struct row {
	char *text;   /* its values, MARK between */
	int64_t line; /* of the file; of the store: the rowid */
	bool there;   /* of the store: the file has it, too */
};

struct table {
	struct row *rows;
	size_t count, room;
};

struct import {
	struct store *store;
	const struct register_options *options;
	struct register_result *result;
	const char *path;
	const struct kind *kind;
	size_t columns;
	const char *part; /* of accounts: the one that the caller names */
	struct csv *csv;
	struct csv_dates dates;
	size_t place[COLUMNS_MAX];
	struct table file, before;
	unsigned char digest[32];
	int64_t id; /* of the import; 0: nothing is written yet */
	struct buf *errors;
	size_t error_count;
};

static void
table_free(struct table *t)
{
	for (size_t i = 0; i < t->count; i++)
		free(t->rows[i].text);
	free(t->rows);
	*t = (struct table){ 0 };
}

static int
table_add(struct table *t, const char *text, int64_t line, struct err *e)
{
	struct row *rows = t->rows;
	char *own = strdup(text);

	if (t->count == t->room && own != NULL) {
		size_t room = t->room == 0 ? 256 : 2 * t->room;

		rows = reallocarray(t->rows, room, sizeof(*rows));
		if (rows != NULL)
			t->room = room;
	}
	if (own == NULL || rows == NULL) {
		free(own);
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	t->rows = rows;
	rows[t->count++] = (struct row){ .text = own, .line = line };
	return 0;
}

static int
by_text(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int order = strcmp(x->text, y->text);

	if (order != 0)
		return order;
	return x->line < y->line ? -1 : x->line > y->line;
}

static void
table_sort(struct table *t)
{
	if (t->count > 1)
		qsort(t->rows, t->count, sizeof(t->rows[0]), by_text);
}

static int
same_text(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return strcmp(x->text, y->text);
}

static struct row *
table_find(const struct table *t, const struct row *like)
{
	return t->count == 0
	    ? NULL
	    : bsearch(like, t->rows, t->count, sizeof(*like), same_text);
}

/* Cuts the text up; values has room for COLUMNS_MAX. */
static void
split(char *text, const char **values)
{
	static const char mark[] = { MARK, '\0' };

	for (size_t i = 0; i < COLUMNS_MAX; i++)
		values[i] = text == NULL ? NOTHING : strsep(&text, mark);
}

/* ---- Reading ---- */

static int
put_word(const struct import *m, const struct column *c, const char *text,
    struct buf *out, struct err *e)
{
	struct buf all = buf_new(512);

	(void)m;
	for (const struct word *w = c->words; w->says != NULL; w++)
		if (strcasecmp(w->says, text) == 0) {
			buf_put_string(out, w->is);
			return 0;
		}
	for (const struct word *w = c->words; w->says != NULL; w++)
		buf_printf(&all, "%s%s", w == c->words ? "" : ", ", w->says);
	err_set(e, ERR_FORMAT, "%s \"%.60s\" is none of %s", c->field.name,
	    text, buf_string(&all));
	buf_free(&all);
	return -1;
}

static int
put_date(const struct import *m, const struct column *c, const char *text,
    struct buf *out, struct err *e)
{
	int64_t when;

	if (csv_date(&m->dates, text, &when, e) == -1)
		return err_in(e, "%s", c->field.name);
	if (c->form == TO && strchr(text, ':') == NULL)
		when += DAY_SECONDS;
	buf_printf(out, "%lld", (long long)when);
	return 0;
}

static int
put_day(const struct import *m, const struct column *c, const char *text,
    struct buf *out, struct err *e)
{
	const struct csv_dates dates = { .format = m->dates.format };
	int64_t when;

	if (csv_date(&dates, text, &when, e) == -1)
		return err_in(e, "%s", c->field.name);
	if (when % DAY_SECONDS != 0)
		return err_set(
		    e, ERR_FORMAT, "%s: a day, not a time", c->field.name);
	buf_printf(out, "%lld", (long long)(when / DAY_SECONDS));
	return 0;
}

static int
put_text(const struct import *m, const struct column *c, const char *text,
    struct buf *out, struct err *e)
{
	(void)m;
	if (strlen(text) > TEXT_MAX)
		return err_set(e, ERR_FORMAT, "%s: over %u bytes",
		    c->field.name, TEXT_MAX);
	if (strchr(text, MARK) != NULL || strcmp(text, NOTHING) == 0)
		return err_set(
		    e, ERR_FORMAT, "%s: a control character", c->field.name);
	buf_put_string(out, text);
	return 0;
}

static int
put_value(const struct import *m, size_t i, struct buf *out, struct err *e)
{
	static int (*const put[])(const struct import *, const struct column *,
	    const char *, struct buf *, struct err *) = { [TEXT] = put_text,
		[WORD] = put_word,
		[YES_NO] = put_word,
		[FROM] = put_date,
		[TO] = put_date,
		[DAY] = put_day };
	const struct column *c = &m->kind->columns[i];
	const char *text = csv_at(m->csv, m->place[i]);

	if (i > 0)
		buf_put_byte(out, MARK);
	if (i == 0 && m->part != NULL) {
		buf_put_string(out, m->part);
		return 0;
	}
	if (text[0] != '\0')
		return put[c->form](m, c, text, out, e);
	if (c->field.required != 0)
		return err_set(e, ERR_FORMAT, "%s is empty", c->field.name);
	/* A workstation that nobody calls shared is not. */
	buf_put_string(
	    out, strcmp(c->parameter, ":shared") == 0 ? "0" : NOTHING);
	return 0;
}

static int
take_row(struct import *m, struct err *e)
{
	struct buf text = buf_new((TEXT_MAX + 32) * COLUMNS_MAX);
	const char *values[COLUMNS_MAX];
	char *copy = NULL;
	int result = -1;

	for (size_t i = 0; i < m->columns; i++)
		if (put_value(m, i, &text, e) == -1)
			goto out;
	if (buf_status(&text, e) == -1)
		goto out;
	if (m->kind->judge != NULL) {
		copy = strdup(buf_string(&text));
		split(copy, values);
		if (m->kind->judge(m->options, values, e) == -1)
			goto out;
	}
	result = table_add(&m->file, buf_string(&text), csv_line(m->csv), e);
out:
	free(copy);
	buf_free(&text);
	return result;
}

static void
bad_row(struct import *m, int64_t line, const struct err *e)
{
	m->error_count++;
	if (m->error_count > REGISTER_ERRORS)
		return;
	/* What the CSV reader says has file and line. */
	if (line == 0)
		buf_printf(m->errors, "%s\n", e->text);
	else
		buf_printf(m->errors, "%s: line %lld: %s\n", m->path,
		    (long long)line, e->text);
}

static int
read_rows(struct import *m, struct err *e)
{
	enum csv_row row;
	struct err why;

	while ((row = csv_next(m->csv, &why)) != CSV_END) {
		if (row == CSV_FAILED) {
			*e = why;
			return -1;
		}
		if (m->file.count == REGISTER_MAX)
			return err_set(e, ERR_LIMIT, "%s: over %u rows",
			    m->path, REGISTER_MAX);
		if (row == CSV_BAD)
			bad_row(m, 0, &why);
		else if (take_row(m, &why) == -1) {
			if (why.code == ERR_MEMORY) {
				*e = why;
				return -1;
			}
			bad_row(m, csv_line(m->csv), &why);
		}
	}
	return csv_digest(m->csv, m->digest, e);
}

static void
check_twins(struct import *m)
{
	struct err why;

	table_sort(&m->file);
	for (size_t i = 1; i < m->file.count; i++)
		if (same_text(&m->file.rows[i - 1], &m->file.rows[i]) == 0) {
			err_set(&why, ERR_FORMAT, "the same as line %lld",
			    (long long)m->file.rows[i - 1].line);
			bad_row(m, m->file.rows[i].line, &why);
		}
}

/* ---- Which kind ---- */

/* 1: the file's columns are of that kind; 0. *found: how many are. */
static int
map_kind(struct import *m, const struct kind *k, bool part, size_t *found,
    struct err *e)
{
	struct csv_field fields[COLUMNS_MAX];
	size_t count = columns_of(k);

	for (size_t i = 0; i < count; i++)
		fields[i] = k->columns[i].field;
	if (part)
		fields[0].required = 0;
	*found = 0;
	if (csv_map(m->csv, fields, count, &m->options->settings->columns,
	        m->place, e) == -1)
		return 0;
	for (size_t i = 0; i < count; i++)
		*found += m->place[i] != CSV_NOWHERE;
	return 1;
}

static const struct kind *
kind_called(const char *name, const char **part)
{
	for (size_t i = 0; i < KINDS; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	for (const struct word *w = account_kinds; w->says != NULL; w++)
		if (strcmp(w->is, name) == 0)
			*part = w->is;
	return *part == NULL ? NULL : kind_called("accounts", part);
}

/* The kind that most columns are of; two of the same number are none. */
static int
guess_kind(struct import *m, struct err *e)
{
	size_t most = 0, found;
	bool twice = false;
	struct err unused;

	for (size_t i = 0; i < KINDS; i++) {
		if (map_kind(m, &kinds[i], false, &found, &unused) != 1 ||
		    found < most)
			continue;
		twice = found == most;
		most = found;
		m->kind = &kinds[i];
	}
	if (m->kind == NULL || twice)
		return err_set(e, ERR_USAGE,
		    "%s: its header does not tell which register it is: "
		    "--kind approvals, systems, rights, workstations, "
		    "contracts, sod, accounts, privileged, shared, service, "
		    "temporary, exceptions or calendar",
		    m->path);
	return 0;
}

static int
find_kind(struct import *m, struct err *e)
{
	size_t found;

	if (m->options->kind == NULL) {
		if (guess_kind(m, e) == -1)
			return -1;
	} else if ((m->kind = kind_called(m->options->kind, &m->part)) ==
	    NULL) {
		return err_set(
		    e, ERR_USAGE, "--kind %s: no such", m->options->kind);
	}
	m->columns = columns_of(m->kind);
	m->result->kind = m->part != NULL ? m->part : m->kind->name;
	return map_kind(m, m->kind, m->part != NULL, &found, e) == 1
	    ? 0
	    : err_in(e, "%s", m->path);
}

static int
read_file(struct import *m, struct err *e)
{
	const struct source_settings *s = m->options->settings;
	const struct csv_form form = { s->delimiter, s->encoding };

	/* ISO 8601 is read in this form, too. */
	m->dates.format = s->date_format[0] == '\0' ? "roc" : s->date_format;
	m->dates.offset = m->options->zone;
	if (csv_open(&m->csv, m->path, &form, e) == -1 ||
	    find_kind(m, e) == -1 || read_rows(m, e) == -1)
		return -1;
	check_twins(m);
	if (m->error_count > 0)
		return err_set(e, ERR_FORMAT,
		    "%s: %zu rows can't be taken, so none is", m->path,
		    m->error_count);
	if (m->file.count == 0 && !m->options->empty)
		return err_set(e, ERR_FORMAT,
		    "%s: no row is in it; --empty empties the register",
		    m->path);
	return 0;
}

/* ---- Writing ---- */

static int
load_before(struct import *m, struct err *e)
{
	struct statement *s = store_use(m->store, m->kind->rows, e);
	struct buf text = buf_new(SIZE_MAX / 4);
	int more, result = -1;

	while ((more = store_step(s, e)) == 1) {
		buf_clear(&text);
		for (int i = 1; i <= (int)m->columns; i++) {
			if (i > 1)
				buf_put_byte(&text, MARK);
			buf_put_string(&text,
			    column_is_null(s, i) ? NOTHING : column_text(s, i));
		}
		if (buf_status(&text, e) == -1 ||
		    table_add(&m->before, buf_string(&text), column_int(s, 0),
		        e) == -1)
			goto out;
	}
	store_done(s);
	table_sort(&m->before);
	result = more;
out:
	buf_free(&text);
	return result;
}

/* Written once something changes. */
static int
need_import(struct import *m, struct err *e)
{
	struct statement *s;

	if (m->id != 0)
		return 0;
	s = store_use(m->store, "register_import_add", e);
	bind_int(s, ":at", m->options->now);
	bind_text(s, ":file", m->path);
	bind_blob(s, ":digest", m->digest, sizeof(m->digest));
	bind_text(s, ":kind", m->result->kind);
	bind_int(s, ":rows", (int64_t)m->file.count);
	if (store_run(s, e) == -1)
		return -1;
	m->id = store_last_id(m->store);
	m->result->changed = true;
	return 0;
}

static int
write_row(struct import *m, const struct row *row, struct err *e)
{
	const char *values[COLUMNS_MAX];
	char *copy = strdup(row->text);
	struct statement *s;
	int result;

	if (copy == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	split(copy, values);
	s = store_use(m->store, m->kind->add, e);
	for (size_t i = 0; i < m->columns; i++) {
		const struct column *c = &m->kind->columns[i];

		if (c->form == TEXT || c->form == WORD)
			bind_text(s, c->parameter,
			    is_nothing(values[i]) ? NULL : values[i]);
		else
			bind_fact(s, c->parameter, number_of(values[i]));
	}
	bind_int(s, ":import", m->id);
	result = store_run(s, e);
	free(copy);
	return result;
}

static int
write_new(struct import *m, struct err *e)
{
	for (size_t i = 0; i < m->file.count; i++) {
		struct row *old = table_find(&m->before, &m->file.rows[i]);

		if (old != NULL) {
			old->there = true;
			m->result->kept++;
			continue;
		}
		if (need_import(m, e) == -1 ||
		    write_row(m, &m->file.rows[i], e) == -1)
			return -1;
		m->result->fresh++;
	}
	return 0;
}

/* Whether the file speaks of that row's part of the register. */
static bool
is_of_part(const struct import *m, const struct row *old)
{
	size_t length = strcspn(old->text, (const char[]){ MARK, '\0' });

	if (!m->kind->parts)
		return true;
	if (m->part != NULL)
		return strlen(m->part) == length &&
		    strncmp(m->part, old->text, length) == 0;
	for (size_t i = 0; i < m->file.count; i++)
		if (strncmp(m->file.rows[i].text, old->text, length + 1) == 0)
			return true;
	return m->file.count == 0;
}

static int
end_old(struct import *m, struct err *e)
{
	for (size_t i = 0; !m->kind->adds && i < m->before.count; i++) {
		const struct row *old = &m->before.rows[i];
		struct statement *s;

		if (old->there || !is_of_part(m, old))
			continue;
		if (need_import(m, e) == -1)
			return -1;
		s = store_use(m->store, m->kind->end, e);
		bind_int(s, ":import", m->id);
		bind_int(s, ":row", old->line);
		if (store_run(s, e) == -1)
			return -1;
		m->result->ended++;
	}
	return 0;
}

static int
apply(struct import *m, struct err *e)
{
	m->result->rows = (int64_t)m->file.count;
	if (load_before(m, e) == -1 || write_new(m, e) == -1 ||
	    end_old(m, e) == -1)
		return -1;
	/* That there is nothing is said, too. */
	return m->file.count == 0 ? need_import(m, e) : 0;
}

int
register_import(struct store *store, const char *path,
    const struct register_options *options, struct register_result *result,
    struct buf *rows, struct err *e)
{
	struct import m = { .store = store,
		.options = options,
		.result = result,
		.path = path,
		.errors = rows };
	int done = -1;

	*result = (struct register_result){ .kind = "" };
	if (read_file(&m, e) == 0 && store_begin(store, e) == 0) {
		done = apply(&m, e);
		if (done == -1)
			store_rollback(store);
		else if (store_commit(store, e) == -1)
			done = -1;
	}
	csv_free(&m.csv);
	table_free(&m.file);
	table_free(&m.before);
	return done;
}
