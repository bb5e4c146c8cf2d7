#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "review/csv.h"
#include "review/fact.h"
#include "review/identity.h"
#include "review/person.h"

#define DAY_SECONDS 86400
#define TEXT_MAX    1024u /* bytes of a cell that is kept */
/* An effective date so long before the last import is of an older change. */
#define EFFECTIVE_BACK (62 * INT64_C(86400))

enum column {
	EMPLOYEE,
	NAME,
	DEPARTMENT,
	TITLE,
	MANAGER,
	MAIL,
	STATUS,
	HIRED,
	LEFT,
	ABSENT,
	EFFECTIVE,
	CONTRACT,
	CONTRACT_END,
	KIND,
	COLUMNS
};

static const struct csv_field fields[COLUMNS] = {
	[EMPLOYEE] = { "employee",
	    "employee number|employee no|employee id|emp no|staff no|"
	    "員工編號|員編|工號|人員編號|職員編號",
	    1 },
	[NAME] = { "name", "full name|display name|姓名|員工姓名|中文姓名", 1 },
	[DEPARTMENT] = { "department", "dept|unit|部門|部門名稱|單位|單位名稱",
	    0 },
	[TITLE] = { "title", "job title|position|職稱|職務", 0 },
	[MANAGER] = { "manager",
	    "manager number|supervisor|主管|主管員編|主管工號|直屬主管", 0 },
	[MAIL] = { "mail",
	    "email|e-mail address|電子郵件|電子信箱|信箱|公司信箱", 0 },
	[STATUS] = { "status", "state|狀態|在職狀態|任職狀態", 0 },
	[HIRED] = { "hired", "hire date|start date|到職日|到職日期|入職日", 0 },
	[LEFT] = { "left",
	    "left date|termination date|end date|離職日|離職日期", 0 },
	[ABSENT] = { "absent",
	    "absent since|leave from|留停日|留停起日|留職停薪日|"
	    "留職停薪起日",
	    0 },
	[EFFECTIVE] = { "effective",
	    "effective date|transfer date|異動日|異動日期|生效日|生效日期|"
	    "調職日",
	    0 },
	[CONTRACT] = { "contract", "contract no|合約|合約編號|契約編號", 0 },
	[CONTRACT_END] = { "contract_end",
	    "contract end date|合約到期日|合約迄日|契約到期日", 0 },
	[KIND] = { "kind", "type|身分別|人員類別|類別|員工類別", 0 },
};

/* Words of a file, and ours. */
struct word {
	const char *says;
	const char *is;
};

static const struct word statuses[] = {
	{ "active", "active" },
	{ "employed", "active" },
	{ "在職", "active" },
	{ "現職", "active" },
	{ "試用", "active" },
	{ "復職", "active" },
	{ "absent", "absent" },
	{ "on leave", "absent" },
	{ "leave", "absent" },
	{ "留職停薪", "absent" },
	{ "留停", "absent" },
	{ "育嬰留停", "absent" },
	{ "left", "left" },
	{ "terminated", "left" },
	{ "resigned", "left" },
	{ "retired", "left" },
	{ "離職", "left" },
	{ "退休", "left" },
	{ "資遣", "left" },
	{ "解約", "left" },
	{ NULL, NULL },
};

static const struct word kinds[] = {
	{ "staff", "staff" },
	{ "employee", "staff" },
	{ "員工", "staff" },
	{ "正職", "staff" },
	{ "正式", "staff" },
	{ "約聘", "staff" },
	{ "工讀", "staff" },
	{ "vendor", "vendor" },
	{ "contractor", "vendor" },
	{ "external", "vendor" },
	{ "委外", "vendor" },
	{ "委外人員", "vendor" },
	{ "委外廠商", "vendor" },
	{ "廠商", "vendor" },
	{ "駐點", "vendor" },
	{ "派遣", "vendor" },
	{ NULL, NULL },
};

/* One person as a file or the store has it. Texts are NULL if not said. */
struct person {
	char *employee;
	char *name, *mail, *department, *title, *manager, *contract;
	const char *kind, *status; /* of the tables above */
	int64_t hired, left_at, absent_since, contract_end;
	int64_t effective; /* of a file only */
	int64_t id;        /* of the store only */
	int64_t line;      /* of a file only */
	bool there;        /* of the store: the file has it, too */
};

struct people {
	struct person *rows;
	size_t count, room;
};

struct import {
	struct store *store;
	const struct person_import_options *options;
	struct person_import_result *result;
	const char *path;
	struct csv *csv;
	struct csv_dates dates;
	size_t place[COLUMNS];
	/* By column of the file: cells with something, identity numbers. */
	int64_t filled[CSV_COLUMNS_MAX], identities[CSV_COLUMNS_MAX];
	struct people now, before;
	int64_t newest_as_of; /* FACT_UNKNOWN: there was none */
	unsigned char digest[32];
	struct buf *errors;
	size_t error_count;
};

/* ---- Persons in memory ---- */

static void
person_clear(struct person *p)
{
	char *texts[] = { p->employee, p->name, p->mail, p->department,
		p->title, p->manager, p->contract };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		free(texts[i]);
	*p = (struct person){ 0 };
}

static void
people_free(struct people *all)
{
	for (size_t i = 0; i < all->count; i++)
		person_clear(&all->rows[i]);
	free(all->rows);
	*all = (struct people){ 0 };
}

static struct person *
people_add(struct people *all, struct err *e)
{
	struct person *p;

	if (all->count == all->room) {
		size_t room = all->room == 0 ? 256 : 2 * all->room;

		p = reallocarray(all->rows, room, sizeof(*p));
		if (p == NULL) {
			err_set(e, ERR_MEMORY, "out of memory");
			return NULL;
		}
		all->rows = p;
		all->room = room;
	}
	p = &all->rows[all->count++];
	*p = (struct person){ .hired = FACT_UNKNOWN,
		.left_at = FACT_UNKNOWN,
		.absent_since = FACT_UNKNOWN,
		.contract_end = FACT_UNKNOWN,
		.effective = FACT_UNKNOWN };
	return p;
}

static int
by_employee(const void *a, const void *b)
{
	const struct person *x = a, *y = b;

	return strcmp(x->employee, y->employee);
}

static struct person *
people_find(const struct people *all, char *employee)
{
	struct person like = { .employee = employee };

	return all->count == 0
	    ? NULL
	    : bsearch(&like, all->rows, all->count, sizeof(like), by_employee);
}

/* Empty is NULL. */
static int
keep(char **out, const char *text, struct err *e)
{
	*out = NULL;
	if (text == NULL || text[0] == '\0')
		return 0;
	*out = strdup(text);
	return *out == NULL ? err_set(e, ERR_MEMORY, "out of memory") : 0;
}

/* ---- Reading a row ---- */

static const char *
cell(const struct import *m, enum column column)
{
	return csv_at(m->csv, m->place[column]);
}

static int
take_text(const struct import *m, enum column column, char **out, struct err *e)
{
	const char *text = cell(m, column);

	if (strlen(text) > TEXT_MAX)
		return err_set(e, ERR_FORMAT, "%s: over %u bytes",
		    fields[column].name, TEXT_MAX);
	return keep(out, text, e);
}

/* whole: what is a day without a time is meant to its end. */
static int
take_date(const struct import *m, enum column column, bool whole, int64_t *out,
    struct err *e)
{
	const char *text = cell(m, column);

	if (text[0] == '\0')
		return 0;
	if (csv_date(&m->dates, text, out, e) == -1)
		return err_in(e, "%s", fields[column].name);
	if (whole && strchr(text, ':') == NULL)
		*out += DAY_SECONDS;
	return 0;
}

/* In any case; *out stays if the cell is empty. */
static int
take_word(const struct import *m, enum column column, const struct word *words,
    const char **out, struct err *e)
{
	const char *text = cell(m, column);
	struct buf all = buf_new(512);

	for (const struct word *w = words; w->says != NULL; w++)
		if (strcasecmp(w->says, text) == 0)
			*out = w->is;
	if (text[0] == '\0' || *out != NULL)
		return 0;
	for (const struct word *w = words; w->says != NULL; w++)
		buf_printf(&all, "%s%s", w == words ? "" : ", ", w->says);
	err_set(e, ERR_FORMAT, "%s \"%.60s\" is none of %s",
	    fields[column].name, text, buf_string(&all));
	buf_free(&all);
	return -1;
}

static void
settle_status(const struct import *m, struct person *p)
{
	if (p->kind == NULL)
		p->kind = "staff";
	if (p->status != NULL)
		return;
	p->status = p->left_at != FACT_UNKNOWN &&
	        p->left_at <= m->options->as_of + DAY_SECONDS
	    ? "left"
	    : "active";
}

static int
take_person(const struct import *m, struct person *p, struct err *e)
{
	p->line = csv_line(m->csv);
	if (take_text(m, EMPLOYEE, &p->employee, e) == -1 ||
	    take_text(m, NAME, &p->name, e) == -1 ||
	    take_text(m, DEPARTMENT, &p->department, e) == -1 ||
	    take_text(m, TITLE, &p->title, e) == -1 ||
	    take_text(m, MANAGER, &p->manager, e) == -1 ||
	    take_text(m, MAIL, &p->mail, e) == -1 ||
	    take_text(m, CONTRACT, &p->contract, e) == -1 ||
	    take_word(m, STATUS, statuses, &p->status, e) == -1 ||
	    take_word(m, KIND, kinds, &p->kind, e) == -1 ||
	    take_date(m, HIRED, false, &p->hired, e) == -1 ||
	    take_date(m, LEFT, true, &p->left_at, e) == -1 ||
	    take_date(m, ABSENT, false, &p->absent_since, e) == -1 ||
	    take_date(m, EFFECTIVE, false, &p->effective, e) == -1 ||
	    take_date(m, CONTRACT_END, true, &p->contract_end, e) == -1)
		return -1;
	if (p->employee == NULL || p->name == NULL)
		return err_set(e, ERR_FORMAT, "%s is empty",
		    p->employee == NULL ? "employee" : "name");
	if (p->hired != FACT_UNKNOWN && p->left_at != FACT_UNKNOWN &&
	    p->hired >= p->left_at)
		return err_set(e, ERR_FORMAT, "left before hired");
	settle_status(m, p);
	return 0;
}

/* Its rows are told, its import goes on for the sake of the others. */
static void
bad_row(struct import *m, int64_t line, const struct err *e)
{
	m->error_count++;
	if (m->error_count > PERSON_ERRORS)
		return;
	/* What the CSV reader says has file and line. */
	if (line == 0)
		buf_printf(m->errors, "%s\n", e->text);
	else
		buf_printf(m->errors, "%s: line %lld: %s\n", m->path,
		    (long long)line, e->text);
}

static void
look_for_identities(struct import *m)
{
	for (size_t i = 0; i < csv_columns(m->csv); i++) {
		const char *text = csv_cell(m->csv, i);

		m->filled[i] += text[0] != '\0';
		m->identities[i] += identity_is(text);
	}
}

/* One in ten numbers of that form has the right last digit by chance. */
static int
refuse_identities(const struct import *m, struct err *e)
{
	for (size_t i = 0; i < csv_columns(m->csv); i++)
		if (m->identities[i] > 0 &&
		    m->identities[i] * 2 >= m->filled[i])
			return err_set(e, ERR_FORMAT,
			    "%s: the column \"%s\" holds national identity "
			    "numbers, which are never stored: take it out of "
			    "the file, and use the employee number",
			    m->path, csv_column(m->csv, i));
	return 0;
}

static int
read_rows(struct import *m, struct err *e)
{
	enum csv_row row;
	struct err why;

	while ((row = csv_next(m->csv, &why)) != CSV_END) {
		struct person *p;

		if (row == CSV_FAILED) {
			*e = why;
			return -1;
		}
		if (row == CSV_BAD) {
			bad_row(m, 0, &why);
			continue;
		}
		look_for_identities(m);
		if (m->now.count == PERSON_MAX)
			return err_set(e, ERR_LIMIT, "%s: over %u rows",
			    m->path, PERSON_MAX);
		if ((p = people_add(&m->now, e)) == NULL)
			return -1;
		why.code = ERR_NONE;
		if (take_person(m, p, &why) == -1) {
			bad_row(m, p->line, &why);
			person_clear(p);
			m->now.count--;
		}
	}
	return csv_digest(m->csv, m->digest, e);
}

/* Sorted, and each number once. */
static void
check_twins(struct import *m)
{
	struct people *all = &m->now;

	if (all->count == 0)
		return;
	qsort(all->rows, all->count, sizeof(all->rows[0]), by_employee);
	for (size_t i = 1; i < all->count; i++) {
		const struct person *a = &all->rows[i - 1], *b = &all->rows[i];
		struct err why;

		if (strcmp(a->employee, b->employee) != 0)
			continue;
		err_set(&why, ERR_FORMAT,
		    "employee \"%s\" stands in line %lld, too", b->employee,
		    (long long)(a->line < b->line ? a->line : b->line));
		bad_row(m, a->line < b->line ? b->line : a->line, &why);
	}
}

static int
read_file(struct import *m, struct err *e)
{
	const struct source_settings *s = m->options->settings;
	const struct csv_form form = { s->delimiter, s->encoding };

	/* ISO 8601 is read in this form, too. */
	m->dates.format = s->date_format[0] == '\0' ? "roc" : s->date_format;
	m->dates.offset = m->options->zone;
	if (csv_open(&m->csv, m->path, &form, e) == -1)
		return -1;
	if (csv_map(m->csv, fields, COLUMNS, &s->columns, m->place, e) == -1)
		return err_in(e, "%s", m->path);
	if (read_rows(m, e) == -1 || refuse_identities(m, e) == -1)
		return -1;
	check_twins(m);
	if (m->error_count > 0)
		return err_set(e, ERR_FORMAT,
		    "%s: %zu rows can't be taken, so none is", m->path,
		    m->error_count);
	if (m->now.count == 0)
		return err_set(e, ERR_FORMAT, "%s: nobody is in it", m->path);
	return 0;
}

/* ---- What was known before ---- */

static const char *
known_word(const struct word *words, const char *is)
{
	for (const struct word *w = words; w->says != NULL; w++)
		if (is != NULL && strcmp(w->is, is) == 0)
			return w->is;
	return words[0].is;
}

static int
load_before(struct import *m, struct err *e)
{
	struct statement *s = store_use(m->store, "person_now", e);
	int more;

	while ((more = store_step(s, e)) == 1) {
		struct person *p = people_add(&m->before, e);

		if (p == NULL ||
		    keep(&p->employee, column_text(s, 1), e) == -1 ||
		    keep(&p->name, column_text(s, 2), e) == -1 ||
		    keep(&p->mail, column_text(s, 3), e) == -1 ||
		    keep(&p->department, column_text(s, 4), e) == -1 ||
		    keep(&p->title, column_text(s, 5), e) == -1 ||
		    keep(&p->manager, column_text(s, 6), e) == -1 ||
		    keep(&p->contract, column_text(s, 12), e) == -1)
			return -1;
		p->id = column_int(s, 0);
		p->kind = known_word(kinds, column_text(s, 7));
		p->status = known_word(statuses, column_text(s, 8));
		p->hired = column_fact(s, 9);
		p->left_at = column_fact(s, 10);
		p->absent_since = column_fact(s, 11);
		p->contract_end = column_fact(s, 13);
		m->result->before += strcmp(p->status, "left") != 0;
	}
	store_done(s);
	return more;
}

/* More than 10 %, or more than 20, who had not left and are not there. */
static int
judge_loss(struct import *m)
{
	int64_t gone = 0;

	for (size_t i = 0; i < m->now.count; i++) {
		struct person *old =
		    people_find(&m->before, m->now.rows[i].employee);

		if (old != NULL)
			old->there = true;
	}
	for (size_t i = 0; i < m->before.count; i++)
		gone += !m->before.rows[i].there &&
		    strcmp(m->before.rows[i].status, "left") != 0;
	m->result->gone = gone;
	if (m->options->confirm ||
	    (gone <= 20 && gone * 10 <= m->result->before))
		return 0;
	m->result->state = PERSON_IMPORT_HELD;
	return 1;
}

/* ---- Writing ---- */

static int
add_event(struct import *m, int64_t person, int64_t at, const char *what,
    const char *before, const char *after, struct err *e)
{
	struct statement *s = store_use(m->store, "person_event_add", e);

	bind_int(s, ":person", person);
	bind_int(s, ":at", at);
	bind_text(s, ":what", what);
	bind_text(s, ":before", before);
	bind_text(s, ":after", after);
	bind_int(s, ":import", m->result->id);
	return store_run(s, e);
}

static int
write_fact(struct import *m, const struct person *p, struct err *e)
{
	struct statement *s = store_use(m->store, "person_fact_end", e);

	bind_int(s, ":person", p->id);
	bind_int(s, ":import", m->result->id);
	if (store_run(s, e) == -1)
		return -1;
	s = store_use(m->store, "person_fact_add", e);
	bind_int(s, ":person", p->id);
	bind_int(s, ":import", m->result->id);
	bind_text(s, ":name", p->name);
	bind_text(s, ":mail", p->mail);
	bind_text(s, ":department", p->department);
	bind_text(s, ":title", p->title);
	bind_text(s, ":manager", p->manager);
	bind_text(s, ":kind", p->kind);
	bind_text(s, ":status", p->status);
	bind_fact(s, ":hired", p->hired);
	bind_fact(s, ":left_at", p->left_at);
	bind_fact(s, ":absent_since", p->absent_since);
	bind_text(s, ":contract", p->contract);
	bind_fact(s, ":contract_end", p->contract_end);
	return store_run(s, e);
}

/* Somebody who was known and is not now may be there from long ago. */
static int
find_or_add(struct import *m, struct person *p, struct err *e)
{
	struct statement *s = store_use(m->store, "person_by_employee", e);
	int there;

	bind_text(s, ":employee", p->employee);
	there = store_step(s, e);
	if (there == 1)
		p->id = column_int(s, 0);
	store_done(s);
	if (there != 0)
		return there == 1 ? 0 : -1;
	s = store_use(m->store, "person_add", e);
	bind_text(s, ":employee", p->employee);
	if (store_run(s, e) == -1)
		return -1;
	p->id = store_last_id(m->store);
	return 0;
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
is_status(const struct person *p, const char *status)
{
	return p != NULL && strcmp(p->status, status) == 0;
}

static bool
is_same(const struct person *a, const struct person *b)
{
	return same_text(a->name, b->name) && same_text(a->mail, b->mail) &&
	    same_text(a->department, b->department) &&
	    same_text(a->title, b->title) &&
	    same_text(a->manager, b->manager) &&
	    same_text(a->contract, b->contract) &&
	    strcmp(a->kind, b->kind) == 0 &&
	    strcmp(a->status, b->status) == 0 && a->hired == b->hired &&
	    a->left_at == b->left_at && a->absent_since == b->absent_since &&
	    a->contract_end == b->contract_end;
}

/* Times that the file leaves out: as before, else its own day. */
static void
fill_times(const struct import *m, const struct person *old, struct person *p)
{
	if (is_status(p, "left") && p->left_at == FACT_UNKNOWN)
		p->left_at =
		    is_status(old, "left") ? old->left_at : m->options->as_of;
	if (is_status(p, "absent") && p->absent_since == FACT_UNKNOWN)
		p->absent_since = is_status(old, "absent") ? old->absent_since
		                                           : m->options->as_of;
	if (p->hired == FACT_UNKNOWN && old != NULL)
		p->hired = old->hired;
}

/* When a change took place that the file shows for the first time. */
static int64_t
when_changed(const struct import *m, const struct person *p)
{
	if (p->effective == FACT_UNKNOWN || m->newest_as_of == FACT_UNKNOWN ||
	    p->effective > m->options->as_of + DAY_SECONDS ||
	    p->effective < m->newest_as_of - EFFECTIVE_BACK)
		return m->options->as_of;
	return p->effective;
}

static int
write_coming(struct import *m, const struct person *old, const struct person *p,
    struct err *e)
{
	bool again = is_status(old, "left") && !is_status(p, "left");
	int64_t at = p->hired;

	if (old != NULL && !again)
		return 0;
	if (again && (at == FACT_UNKNOWN || at < old->left_at))
		at = when_changed(m, p);
	/* At the very first import nobody joins for want of a date. */
	if (at == FACT_UNKNOWN && m->newest_as_of != FACT_UNKNOWN)
		at = m->options->as_of;
	return at == FACT_UNKNOWN
	    ? 0
	    : add_event(m, p->id, at, "joined", NULL, p->department, e);
}

static int
write_events(struct import *m, const struct person *old, const struct person *p,
    struct err *e)
{
	if (write_coming(m, old, p, e) == -1)
		return -1;
	if (old != NULL && !is_status(old, "left") &&
	    !same_text(old->department, p->department) &&
	    add_event(m, p->id, when_changed(m, p), "transferred",
	        old->department, p->department, e) == -1)
		return -1;
	if (is_status(p, "left") && !is_status(old, "left") &&
	    add_event(m, p->id, p->left_at, "left", p->department, NULL, e) ==
	        -1)
		return -1;
	if (is_status(p, "absent") && !is_status(old, "absent") &&
	    add_event(m, p->id, p->absent_since, "absent", p->department, NULL,
	        e) == -1)
		return -1;
	if (is_status(old, "absent") && is_status(p, "active"))
		return add_event(m, p->id, when_changed(m, p), "returned", NULL,
		    p->department, e);
	return 0;
}

static int
write_person(struct import *m, struct person *p, struct err *e)
{
	struct person *old = people_find(&m->before, p->employee);

	fill_times(m, old, p);
	if (old != NULL && is_same(old, p))
		return 0;
	if (old != NULL)
		p->id = old->id;
	else if (find_or_add(m, p, e) == -1)
		return -1;
	m->result->fresh += old == NULL;
	m->result->changed += old != NULL;
	return write_fact(m, p, e) == -1 ? -1 : write_events(m, old, p, e);
}

/* Who is not in the file any more has left, unless that was known. */
static int
write_gone(struct import *m, struct person *old, struct err *e)
{
	if (old->there || is_status(old, "left"))
		return 0;
	old->status = "left";
	if (old->left_at == FACT_UNKNOWN || old->left_at > m->options->as_of)
		old->left_at = m->options->as_of;
	return write_fact(m, old, e) == -1
	    ? -1
	    : add_event(
	          m, old->id, old->left_at, "left", old->department, NULL, e);
}

static int
write_import(struct import *m, struct err *e)
{
	struct statement *s = store_use(m->store, "hr_import_add", e);

	bind_int(s, ":at", m->options->now);
	bind_int(s, ":as_of", m->options->as_of);
	bind_text(s, ":file", m->path);
	bind_blob(s, ":digest", m->digest, sizeof(m->digest));
	bind_int(s, ":rows", (int64_t)m->now.count);
	if (store_run(s, e) == -1)
		return -1;
	m->result->id = store_last_id(m->store);
	m->result->rows = (int64_t)m->now.count;
	return 0;
}

static int
count_events(struct import *m, struct err *e)
{
	struct statement *s = store_use(m->store, "person_changes", e);
	int there;

	bind_int(s, ":import", m->result->id);
	there = store_step(s, e);
	if (there == 1)
		m->result->events = column_int(s, 0);
	store_done(s);
	return there == 1 ? 0 : -1;
}

static int
write_all(struct import *m, struct err *e)
{
	if (write_import(m, e) == -1)
		return -1;
	for (size_t i = 0; i < m->now.count; i++)
		if (write_person(m, &m->now.rows[i], e) == -1)
			return -1;
	for (size_t i = 0; i < m->before.count; i++)
		if (write_gone(m, &m->before.rows[i], e) == -1)
			return -1;
	return count_events(m, e);
}

/* 1: go on; 0: that file was imported; -1. */
static int
judge_order(struct import *m, struct err *e)
{
	struct statement *s = store_use(m->store, "hr_seen", e);
	int there;

	bind_blob(s, ":digest", m->digest, sizeof(m->digest));
	bind_int(s, ":as_of", m->options->as_of);
	there = store_step(s, e);
	store_done(s);
	if (there == 1)
		m->result->state = PERSON_IMPORT_SEEN;
	if (there != 0)
		return there == 1 ? 0 : -1;
	s = store_use(m->store, "hr_newest", e);
	if (store_step(s, e) != 1) {
		store_done(s);
		return -1;
	}
	m->newest_as_of = column_fact(s, 1);
	store_done(s);
	if (m->newest_as_of == FACT_UNKNOWN ||
	    m->options->as_of >= m->newest_as_of)
		return 1;
	return err_set(e, ERR_USAGE,
	    "%s: a file of a later day was imported already; --as-of DAY says "
	    "of which day this one is",
	    m->path);
}

/* 0, also when nothing was to be done; -1. */
static int
apply(struct import *m, struct err *e)
{
	int more = judge_order(m, e);

	if (more != 1)
		return more;
	if (load_before(m, e) == -1)
		return -1;
	return judge_loss(m) == 1 ? 0 : write_all(m, e);
}

int
person_import(struct store *store, const char *path,
    const struct person_import_options *options,
    struct person_import_result *result, struct buf *rows, struct err *e)
{
	struct import *m = calloc(1, sizeof(*m));
	int done = -1;

	*result = (struct person_import_result){ 0 };
	if (m == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	m->store = store;
	m->options = options;
	m->result = result;
	m->path = path;
	m->errors = rows;
	if (read_file(m, e) == 0 && store_begin(store, e) == 0) {
		done = apply(m, e);
		if (done == -1)
			store_rollback(store);
		else if (store_commit(store, e) == -1)
			done = -1;
	}
	csv_free(&m->csv);
	people_free(&m->now);
	people_free(&m->before);
	free(m);
	return done;
}
