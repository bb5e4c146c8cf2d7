#include "review/act_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "review/act_trust.h"
#include "review/workday.h"
#include "review/worksheet.h"
#include "schema/base/enc.h"
#include "schema/message.h"

#define TEXT_SIZE 512u
#define ROW_SHOWN 160 /* bytes of a row in a fault's text */

struct verify {
	struct store *store;
	const struct act_trust *trust;
	struct pins pins;
	void (*report)(void *, const struct act_fault *);
	void *context;
	int64_t faults;
	bool rehearsal;
	int64_t total; /* acts */
	int64_t aids;  /* rows of act_aid that were looked at */
	/* The act before. */
	int64_t last, at;
	unsigned char digest[DIGEST_SHA256_LENGTH];
};

struct entry { /* one act, as it is in the table; valid until the next */
	int64_t id, at;
	const char *kind, *text, *signature, *fingerprint;
	size_t text_length, signature_length;
	const void *digest;
	size_t digest_length;
	bool person; /* has a signer */
	const struct act_kind *known;
};

static void fault(struct verify *, int64_t act, const char *word,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

static void
fault(struct verify *v, int64_t act, const char *word, const char *format, ...)
{
	char text[TEXT_SIZE];
	struct act_fault f = { .act = act, .word = word, .text = text };
	va_list list;

	va_start(list, format);
	(void)vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	v->faults++;
	v->report(v->context, &f);
}

/* ---- Rows ---- */

struct rows { /* of one table of one act, beside their aid */
	struct verify *verify;
	struct statement *aid;
	const unsigned char *sums;
	size_t left;    /* bytes of sums */
	bool over;      /* the aid has no more */
	bool misplaced; /* or its parts have other numbers */
	bool more;      /* than there are rows */
	int64_t part;
	int64_t differs; /* the first row that is not as the aid has it; -1 */
	char shown[ROW_SHOWN + 1];
};

static int
more_sums(struct rows *r, struct err *e)
{
	while (r->left == 0 && !r->over) {
		int more = store_step(r->aid, e);

		if (more == -1)
			return -1;
		r->over = more == 0;
		if (more == 0)
			return 0;
		r->verify->aids++;
		/* Parts are counted from 0. */
		if (column_int(r->aid, 0) == r->part++)
			r->sums = column_blob(r->aid, 1, &r->left);
		else
			r->misplaced = true;
	}
	return 0;
}

/* What the aid has beyond the last row. */
static int
drain_sums(struct rows *r, struct err *e)
{
	do {
		r->more = r->more || r->left > 0;
		r->left = 0;
		if (more_sums(r, e) == -1)
			return -1;
	} while (!r->over);
	return 0;
}

static void
note_row(struct rows *r, int64_t row, const char *text)
{
	if (r->differs != -1)
		return;
	r->differs = row;
	(void)snprintf(r->shown, sizeof(r->shown), "%s", text);
}

static int
compare_row(
    void *context, int64_t row, const char *text, size_t length, struct err *e)
{
	struct rows *r = context;
	unsigned char sum[ACT_AID_SIZE];

	if (more_sums(r, e) == -1 || act_row_sum(text, length, sum, e) == -1)
		return -1;
	if (r->left < sizeof(sum) || memcmp(r->sums, sum, sizeof(sum)) != 0)
		note_row(r, row, text);
	if (r->left >= sizeof(sum)) {
		r->sums += sizeof(sum);
		r->left -= sizeof(sum);
	} else
		r->left = 0;
	return 0;
}

/* The digest in the text is not that of the rows: which of them it is. */
static void
name_rows(const struct rows *r, const struct entry *a, const char *table,
    int64_t found)
{
	if (r->differs == -1 && r->more)
		fault(r->verify, a->id, "altered",
		    _("table %s: rows after row %lld are gone"), table,
		    (long long)found);
	else if (r->differs == -1)
		fault(r->verify, a->id, "altered",
		    _("table %s: its rows are not those that were signed"),
		    table);
	else
		fault(r->verify, a->id, "altered",
		    _("table %s, row %lld is not as it was signed, or one "
		      "before it is gone: %s"),
		    table, (long long)r->differs + 1, r->shown);
}

static int
check_table(struct verify *v, const struct entry *a, const char *table,
    struct buf *text, struct err *e)
{
	struct rows r = { .verify = v, .differs = -1 };
	struct buf part = buf_new(ACT_TEXT_MAX);
	struct act_digest d;
	int result = -1;

	r.aid = store_use(v->store, "act_aid_get", e);
	bind_int(r.aid, ":act", a->id);
	bind_text(r.aid, ":table", table);
	if (act_digest_rows(v->store, table, a->id, &d, compare_row, &r, e) ==
	    -1) {
		if (e->code != ERR_FORMAT && e->code != ERR_SYS)
			goto out;
		fault(v, a->id, "altered", _("table %s can't be read: %s"),
		    table, e->text);
		result = 0;
		goto out;
	}
	if (drain_sums(&r, e) == -1)
		goto out;
	act_put_table(&part, table, &d);
	act_put_table(text, table, &d);
	if (strstr(a->text, buf_string(&part)) == NULL)
		name_rows(&r, a, table, d.rows);
	else if (r.differs != -1 || r.more || r.misplaced)
		fault(v, a->id, "altered",
		    _("table act_aid: not of the rows of %s"), table);
	result = 0;
out:
	store_done(r.aid);
	buf_free(&part);
	return result;
}

/* ---- The text ---- */

static void
check_parts(struct verify *v, const struct entry *a, const struct act_head *h)
{
	static const char *const names[ACT_PARTS] = {
		[ACT_PART_ACT] = N_("its number"),
		[ACT_PART_PREVIOUS] = N_("its link to the act before"),
		[ACT_PART_AT] = N_("its time"),
		[ACT_PART_KIND] = N_("its kind"),
		[ACT_PART_SIGNER] = N_("its signer"),
		[ACT_PART_REHEARSAL] = N_("whether it is a rehearsal"),
	};

	for (int i = 0; i < ACT_PARTS; i++) {
		struct buf part = buf_new(ACT_TEXT_MAX);

		act_put_part(&part, h, (enum act_part)i);
		if (strstr(a->text, buf_string(&part)) == NULL)
			fault(v, a->id, "altered",
			    _("%s is not what was signed"), _(names[i]));
		buf_free(&part);
	}
}

static int
check_text(struct verify *v, const struct entry *a, struct err *e)
{
	const struct act_head head = { .id = a->id,
		.at = a->at,
		.kind = a->kind,
		.signer = a->person ? a->fingerprint : NULL,
		.previous = v->digest,
		.rehearsal = v->rehearsal };
	struct buf text = buf_new(ACT_TEXT_MAX);
	int64_t before = v->faults;
	int result = -1;

	act_put_head(&text, &head);
	check_parts(v, a, &head);
	for (size_t i = 0; i < ACT_TABLES && a->known->tables[i] != NULL; i++) {
		if (i > 0)
			buf_put_byte(&text, ',');
		if (check_table(v, a, a->known->tables[i], &text, e) == -1)
			goto out;
	}
	buf_put_string(&text, "]}");
	if (v->faults == before &&
	    (text.failed != ERR_NONE || text.length != a->text_length ||
	        memcmp(text.data, a->text, text.length) != 0))
		fault(v, a->id, "altered", _("its text is not of the form"));
	result = 0;
out:
	buf_free(&text);
	return result;
}

/* ---- Who signed ---- */

static void
check_signature(struct verify *v, const struct entry *a)
{
	char fingerprint[SSHSIG_FINGERPRINT];
	struct err e = { .code = ERR_NONE };
	struct sshsig s;

	if (a->signature_length == 0) {
		fault(v, a->id, "unsigned", _("it has no signature"));
		return;
	}
	if (sshsig_read(&s, a->signature, a->signature_length, &e) == -1) {
		fault(v, a->id, "altered", "%s", e.text);
		return;
	}
	if (sshsig_verify(&s, ACT_NAMESPACE, a->text, a->text_length, &e) ==
	        -1 ||
	    sshsig_fingerprint(&s, fingerprint, &e) == -1)
		fault(v, a->id, "altered", "%s", e.text);
	else if (a->fingerprint == NULL ||
	    strcmp(fingerprint, a->fingerprint) != 0)
		fault(v, a->id, "untrusted",
		    _("signed with %s, which is not its signer's key"),
		    fingerprint);
	else if (v->pins.roster && !pins_have(&v->pins, fingerprint))
		fault(v, a->id, "untrusted", _("%s is not in the roster"),
		    fingerprint);
	sshsig_free(&s);
}

/* One of the first two, by this very act. */
static int
enrols_self(struct verify *v, const struct entry *a, struct err *e)
{
	struct statement *st;
	int found;

	if (strcmp(a->kind, "person") != 0)
		return 0;
	st = store_use(v->store, "act_self", e);
	bind_int(st, ":act", a->id);
	bind_text(st, ":fingerprint", a->fingerprint);
	found = store_step(st, e);
	if (found == 1)
		found = column_int(st, 0) < 2;
	store_done(st);
	return found;
}

/* signer: who it is, for check_second. 1: may sign; 0: said why not; -1 */
static int
check_signer(
    struct verify *v, const struct entry *a, struct signer *s, struct err *e)
{
	int self, valid;

	if (a->fingerprint == NULL) {
		fault(v, a->id, "untrusted", _("its signer is not there"));
		return 0;
	}
	if ((self = enrols_self(v, a, e)) != 0)
		return self;
	valid = signer_find_at(v->store, a->fingerprint, a->id, s, NULL, e);
	if (valid == 0)
		fault(v, a->id, "untrusted",
		    _("%s was not enrolled then, or not any more"),
		    a->fingerprint);
	if (valid == 1 && !act_role_in(a->known->roles, s->role)) {
		fault(v, a->id, "untrusted", _("%s, enrolled as %s, may not"),
		    s->name, s->role);
		valid = 0;
	}
	return valid;
}

/* What the program said by itself must be what it may say. */
static int
check_program(struct verify *v, const struct entry *a, struct err *e)
{
	struct statement *st;
	int found = 0;

	if (!a->known->program || a->signature_length > 0)
		fault(v, a->id, "unsigned",
		    _("no person signed it, and \"%s\" wants one"), a->kind);
	if (strcmp(a->kind, "decisions") != 0)
		return 0;
	st = store_use(v->store, "act_said_by_program", e);
	bind_int(st, ":act", a->id);
	if ((found = store_step(st, e)) == 1)
		fault(v, a->id, "unsigned",
		    _("decision %lld is not the program's own, and nobody "
		      "signed it"),
		    (long long)column_int(st, 0));
	store_done(st);
	return found == -1 ? -1 : 0;
}

/* ---- Worksheets that reviewers signed ---- */

struct sheet { /* of the table "returned"; valid until the next */
	int64_t n;
	const char *reviewer, *signature, *fingerprint, *employee;
	size_t signature_length, length;
	const void *bytes;
};

/* Whether that signature is its signer's, over just those bytes. */
static void
check_sheet_signature(
    struct verify *v, const struct entry *a, const struct sheet *w)
{
	char fingerprint[SSHSIG_FINGERPRINT];
	struct err e = { .code = ERR_NONE };
	struct sshsig s;

	if (sshsig_read(&s, w->signature, w->signature_length, &e) == -1) {
		fault(v, a->id, "altered", _("worksheet %lld: %s"),
		    (long long)w->n, e.text);
		return;
	}
	if (sshsig_verify(&s, WORKSHEET_NAMESPACE, w->bytes, w->length, &e) ==
	        -1 ||
	    sshsig_fingerprint(&s, fingerprint, &e) == -1)
		fault(v, a->id, "altered", _("worksheet %lld: %s"),
		    (long long)w->n, e.text);
	else if (strcmp(fingerprint, w->fingerprint) != 0 ||
	    (v->pins.roster && !pins_have(&v->pins, fingerprint)))
		fault(v, a->id, "untrusted",
		    _("worksheet %lld: %s is not its signer's key, or not in "
		      "the roster"),
		    (long long)w->n, fingerprint);
	sshsig_free(&s);
}

static int
check_sheet(struct verify *v, const struct entry *a, const struct sheet *w,
    struct err *e)
{
	struct signer s;
	int valid;

	if (w->fingerprint == NULL || w->signature_length == 0 ||
	    w->bytes == NULL) {
		fault(v, a->id, "unsigned",
		    _("worksheet %lld has no signature"), (long long)w->n);
		return 0;
	}
	check_sheet_signature(v, a, w);
	if (w->employee == NULL || strcmp(w->employee, w->reviewer) != 0)
		fault(v, a->id, "untrusted",
		    _("worksheet %lld: its signer is not its reviewer, %s"),
		    (long long)w->n, w->reviewer);
	valid = signer_find_at(v->store, w->fingerprint, a->id, &s, NULL, e);
	if (valid == 0)
		fault(v, a->id, "untrusted",
		    _("worksheet %lld: %s was not enrolled then, or not any "
		      "more"),
		    (long long)w->n, w->fingerprint);
	return valid == -1 ? -1 : 0;
}

static int
check_sheets(struct verify *v, const struct entry *a, struct err *e)
{
	struct statement *st = store_use(v->store, "act_returned", e);
	int more;

	bind_int(st, ":act", a->id);
	while ((more = store_step(st, e)) == 1) {
		struct sheet w = { .n = column_int(st, 0),
			.reviewer = column_text(st, 1),
			.signature = column_text(st, 2),
			.signature_length = column_length(st, 2),
			.fingerprint = column_text(st, 5),
			.employee = column_text(st, 6) };

		w.bytes = column_blob(st, 3, &w.length);
		if (check_sheet(v, a, &w, e) == -1) {
			more = -1;
			break;
		}
	}
	store_done(st);
	return more;
}

struct answering {
	struct verify *verify;
	const struct entry *entry;
};

static void
check_answer(void *context, const char *text)
{
	struct answering *a = context;

	fault(a->verify, a->entry->id, "unsigned", "%s", text);
}

/* Each decision that says "signed" is somebody's signature. */
static int
check_decisions(struct verify *v, const struct entry *a, struct err *e)
{
	struct statement *st;
	int found;

	if (check_sheets(v, a, e) == -1)
		return -1;
	st = store_use(v->store, "act_signed_by_nobody", e);
	bind_int(st, ":act", a->id);
	if ((found = store_step(st, e)) == 1)
		fault(v, a->id, "unsigned",
		    _("decision %lld: %s, whose it is, signed neither it nor "
		      "a worksheet"),
		    (long long)column_int(st, 0), column_text(st, 1));
	store_done(st);
	if (found == -1)
		return -1;
	return worksheet_check(
	    v->store, a->id, check_answer, &(struct answering){ v, a }, e);
}

/* A record of a day is signed as the program would have let it be. */
static int
check_daily(struct verify *v, const struct entry *a, struct err *e)
{
	static const struct {
		const char *why, *text;
	} texts[] = {
		{ "no-record", N_("there was no such record") },
		{ "late", N_("whether it was late is not as it was") },
		{ "older", N_("a newer version was there") },
		{ "user", N_("its signer used an account in it") },
	};
	struct statement *st = store_use(v->store, "daily_sign_wrong", e);
	char day[DAY_TEXT];
	int more;

	bind_int(st, ":act", a->id);
	while ((more = store_step(st, e)) == 1)
		for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
			if (strcmp(texts[i].why, column_text(st, 2)) == 0)
				fault(v, a->id, "untrusted",
				    _("the record of %s, %s: %s"),
				    day_text(column_int(st, 0), day),
				    column_text(st, 1), _(texts[i].text));
	store_done(st);
	return more;
}

/* ---- A second person ---- */

static int
check_second(struct verify *v, const struct entry *a, const struct signer *s,
    struct err *e)
{
	struct statement *st = store_use(v->store, "act_second_get", e);
	const struct act_kind *kind = NULL;
	char employee[sizeof(s->employee)] = "";
	int64_t of = 0, signer = 0, others = 0;
	int found, about = 0;

	bind_int(st, ":act", a->id);
	if ((found = store_step(st, e)) == 1) {
		of = column_int(st, 0);
		kind = act_kind_find(column_text(st, 1));
		signer = column_int(st, 2);
		if (!column_is_null(st, 3))
			(void)snprintf(employee, sizeof(employee), "%s",
			    column_text(st, 3));
		others = column_int(st, 4);
	}
	store_done(st);
	if (found == -1)
		return -1;
	if (found == 0 || kind == NULL || kind->need == ACT_ALONE)
		fault(v, a->id, "untrusted",
		    _("it approves or refuses nothing that waits"));
	else if (others > 0)
		fault(v, a->id, "untrusted",
		    _("act %lld had its second person already"), (long long)of);
	else if (signer == s->id || act_same_person(employee, s->employee))
		fault(v, a->id, "untrusted",
		    _("%s signed act %lld as well: one person, not two"),
		    s->name, (long long)of);
	else if (!act_role_in(act_seconds(kind), s->role))
		fault(v, a->id, "untrusted", _("%s, enrolled as %s, may not"),
		    s->name, s->role);
	else if ((about = act_is_about(v->store, kind, of, s, e)) == 1)
		fault(v, a->id, "untrusted",
		    _("act %lld is about %s, its second person"), (long long)of,
		    s->name);
	return about == -1 ? -1 : 0;
}

/* One act enrols, or ends, one person: whoever approves it sees whom. */
static int
check_enrolment(struct verify *v, const struct entry *a, struct err *e)
{
	struct statement *st = store_use(v->store, "act_enrolled", e);
	int found;

	bind_int(st, ":act", a->id);
	if ((found = store_step(st, e)) == 1 && column_int(st, 0) != 1)
		fault(v, a->id, "untrusted",
		    _("it is of %lld persons, not of one"),
		    (long long)column_int(st, 0));
	store_done(st);
	return found == -1 ? -1 : 0;
}

static int
check_persons(struct verify *v, const struct entry *a, struct err *e)
{
	struct signer s = { .id = 0 };
	int may;

	if (strcmp(a->kind, "decisions") == 0 && check_decisions(v, a, e) == -1)
		return -1;
	if (strcmp(a->kind, "daily-sign") == 0 && check_daily(v, a, e) == -1)
		return -1;
	if (strncmp(a->kind, "person", 6) == 0 &&
	    check_enrolment(v, a, e) == -1)
		return -1;
	if (!a->person)
		return check_program(v, a, e);
	check_signature(v, a);
	may = check_signer(v, a, &s, e);
	if (may == 1 && strcmp(a->kind, "second") == 0)
		return check_second(v, a, &s, e);
	return may == -1 ? -1 : 0;
}

/* ---- The chain ---- */

static void
check_place(struct verify *v, const struct entry *a)
{
	if (a->id != v->last + 1)
		fault(v, a->id, "incomplete",
		    _("acts %lld to %lld are not there"),
		    (long long)v->last + 1, (long long)a->id - 1);
	if (a->at < v->at)
		fault(v, a->id, "altered",
		    _("it is older than the act before it"));
}

/* Its own digest, which the next act and whoever holds the head know. */
static int
check_digest(struct verify *v, const struct entry *a, struct err *e)
{
	if (act_make_digest(a->text, a->signature, v->digest, e) == -1)
		return -1;
	if (a->digest_length != sizeof(v->digest) ||
	    memcmp(a->digest, v->digest, sizeof(v->digest)) != 0)
		fault(v, a->id, "altered",
		    _("its digest is not that of its text and signature"));
	if (a->id == v->pins.head &&
	    memcmp(v->digest, v->pins.digest, sizeof(v->digest)) != 0)
		fault(v, a->id, "altered",
		    _("it is not the head that is held elsewhere"));
	return 0;
}

static void
read_entry(struct statement *st, struct entry *a)
{
	a->id = column_int(st, 0);
	a->at = column_int(st, 1);
	a->kind = column_text(st, 2);
	a->text = column_text(st, 3);
	a->text_length = column_length(st, 3);
	a->signature = column_text(st, 4);
	a->signature_length = column_length(st, 4);
	a->digest = column_blob(st, 5, &a->digest_length);
	a->person = !column_is_null(st, 6);
	a->fingerprint = column_text(st, 7);
	a->known = a->kind == NULL ? NULL : act_kind_find(a->kind);
}

static int
check_act(struct verify *v, const struct entry *a, struct err *e)
{
	if (a->kind == NULL || a->text == NULL || a->signature == NULL ||
	    a->known == NULL) {
		fault(v, a->id, "altered", _("it is of no known kind"));
		return 0;
	}
	check_place(v, a);
	if (check_text(v, a, e) == -1 || check_persons(v, a, e) == -1 ||
	    check_digest(v, a, e) == -1)
		return -1;
	return 0;
}

static int
check_chain(struct verify *v, struct err *e)
{
	struct statement *st = store_use(v->store, "act_all", e);
	struct entry a;
	int more;

	while ((more = store_step(st, e)) == 1) {
		read_entry(st, &a);
		if (v->trust->progress != NULL)
			v->trust->progress(v->trust->progress_context,
			    _("acts"), a.id, v->total);
		if (check_act(v, &a, e) == -1) {
			more = -1;
			break;
		}
		v->last = a.id;
		v->at = a.at;
	}
	store_done(st);
	if (more == 0 && v->last < v->pins.head)
		fault(v, 0, "incomplete",
		    _("it ends at act %lld; act %lld is held elsewhere"),
		    (long long)v->last, (long long)v->pins.head);
	return more;
}

/* ---- Rows that no act has ---- */

static int
check_stray(struct verify *v, const char *table, struct err *e)
{
	char name[64];
	struct statement *st;
	int more;

	(void)snprintf(name, sizeof(name), "act_stray_%s", table);
	st = store_use(v->store, name, e);
	while ((more = store_step(st, e)) == 1)
		if (strcmp(table, "question") == 0)
			fault(v, 0, "altered",
			    _("table question: rows of campaign %lld, which "
			      "no act has frozen"),
			    (long long)column_int(st, 0));
		else
			fault(v, column_int(st, 0), "altered",
			    _("table %s: rows that no such act has"), table);
	store_done(st);
	return more;
}

static int
check_strays(struct verify *v, struct err *e)
{
	struct statement *st;
	int found;

	for (const struct act_kind *k = act_kinds; k->name != NULL; k++)
		for (size_t i = 0; i < ACT_TABLES && k->tables[i] != NULL; i++)
			if (check_stray(v, k->tables[i], e) == -1)
				return -1;
	st = store_use(v->store, "act_aid_count", e);
	if ((found = store_step(st, e)) == 1 && column_int(st, 0) != v->aids)
		fault(
		    v, 0, "altered", _("table act_aid: rows that no act has"));
	store_done(st);
	return found == -1 ? -1 : 0;
}

static int
check_again(struct verify *v, struct err *e)
{
	struct statement *st = store_use(v->store, "act_returned_again", e);
	int more;

	while ((more = store_step(st, e)) == 1)
		fault(v, column_int(st, 0), "altered",
		    _("a worksheet came back that act %lld has already"),
		    (long long)column_int(st, 1));
	store_done(st);
	return more;
}

/* ---- What was done for want of a signature ---- */

static int
check_pulls(struct verify *v, struct err *e)
{
	struct statement *st = store_use(v->store, "act_unconfirmed_pull", e);
	int more;

	while ((more = store_step(st, e)) == 1)
		fault(v, 0, "unsigned",
		    _("pull %lld let a loss through that two persons did not "
		      "confirm"),
		    (long long)column_int(st, 0));
	store_done(st);
	return more;
}

/* A host's key that is said to be confirmed is the one that two signed for. */
static int
check_hosts(struct verify *v, struct err *e)
{
	struct statement *st = store_use(v->store, "act_confirmed_hosts", e);
	unsigned char digest[DIGEST_SHA256_LENGTH];
	int more;

	while ((more = store_step(st, e)) == 1) {
		size_t length;
		const void *said = column_blob(st, 2, &length);

		if (digest_sha256(column_text(st, 1), column_length(st, 1),
		        digest, e) == -1) {
			more = -1;
			break;
		}
		if (said == NULL || length != sizeof(digest) ||
		    memcmp(said, digest, length) != 0)
			fault(v, 0, "unsigned",
			    _("the key of %s is not one that two persons "
			      "confirmed"),
			    column_text(st, 0));
	}
	store_done(st);
	return more;
}

/* ---- All ---- */

static void
unsound(void *context, const char *text)
{
	fault(context, 0, "altered", "%s", text);
}

static int
find_settings(struct verify *v, struct err *e)
{
	struct statement *st = store_use(v->store, "setting_get", e);
	struct act_state state;
	int found;

	bind_text(st, ":name", "rehearsal");
	found = store_step(st, e);
	store_done(st);
	v->rehearsal = found == 1;
	if (found == -1 || act_state(v->store, &state, e) == -1)
		return -1;
	v->total = state.acts;
	return 0;
}

int64_t
act_verify(struct store *store, const struct act_trust *trust,
    void (*report)(void *, const struct act_fault *), void *context,
    struct err *e)
{
	struct verify v = { .store = store,
		.trust = trust,
		.report = report,
		.context = context };
	int64_t result = -1;

	if (pins_load(&v.pins, trust->roster, trust->head, e) == -1)
		return -1;
	if (store_begin(store, e) == 0) { /* one state of it */
		if (store_check(store, trust->quick, unsound, &v, e) != -1 &&
		    find_settings(&v, e) == 0 && check_chain(&v, e) == 0 &&
		    check_strays(&v, e) == 0 && check_again(&v, e) == 0 &&
		    check_pulls(&v, e) == 0 && check_hosts(&v, e) == 0)
			result = v.faults;
		store_rollback(store);
		/* Pages that can't be read are a fault of the database. */
		if (result == -1 && e->code == ERR_FORMAT) {
			fault(&v, 0, "altered", _("the rest can't be read: %s"),
			    e->text);
			result = v.faults;
		}
	}
	pins_free(&v.pins);
	return result;
}

int
act_state(struct store *store, struct act_state *s, struct err *e)
{
	struct statement *st = store_use(store, "act_count", e);
	struct buf head = buf_new(sizeof(s->head) - 1);
	int found = store_step(st, e);

	memset(s, 0, sizeof(*s));
	if (found == 1) {
		s->acts = column_int(st, 0);
		s->signed_by = column_int(st, 1);
		s->unsigned_after = column_int(st, 2);
		s->unnumbered = column_int(st, 3);
	}
	store_done(st);
	if (found != 1)
		return -1;
	st = store_use(store, "act_newest", e);
	if ((found = store_step(st, e)) == 1 && !column_is_null(st, 0)) {
		size_t length;
		const void *digest = column_blob(st, 1, &length);

		buf_printf(&head, "%lld ", (long long)column_int(st, 0));
		enc_hex(&head, digest, digest == NULL ? 0 : length);
		(void)snprintf(
		    s->head, sizeof(s->head), "%s", buf_string(&head));
	}
	store_done(st);
	buf_free(&head);
	return found == 1 ? 0 : -1;
}

/* ---- Before an effect ---- */

struct first_fault {
	int64_t act;
	char text[TEXT_SIZE];
};

static void
keep_first(void *context, const struct act_fault *f)
{
	struct first_fault *first = context;

	if (first->text[0] == '\0') {
		first->act = f->act;
		(void)snprintf(first->text, sizeof(first->text), "%s", f->text);
	}
}

/* An act by itself; the one before it is taken as it stands. */
static int
check_alone(struct verify *v, struct statement *st, struct err *e)
{
	struct entry a;
	const void *previous;
	size_t length;

	read_entry(st, &a);
	previous = column_blob(st, 8, &length);
	memset(v->digest, 0, sizeof(v->digest));
	if (previous != NULL && length == sizeof(v->digest))
		memcpy(v->digest, previous, length);
	v->last = a.id - 1;
	v->at = 0;
	return check_act(v, &a, e);
}

static int
check_kind(struct verify *v, const char *kind, int64_t act, struct err *e)
{
	const struct act_kind *known = act_kind_find(kind);
	struct statement *st = store_use(v->store, "act_with_seconds", e);
	int more;

	bind_text(st, ":kind", kind);
	bind_int(st, ":act", act);
	while ((more = store_step(st, e)) == 1)
		if (check_alone(v, st, e) == -1) {
			more = -1;
			break;
		}
	store_done(st);
	for (size_t i = 0; more == 0 && i < ACT_TABLES && known != NULL &&
	     known->tables[i] != NULL;
	     i++)
		more = check_stray(v, known->tables[i], e);
	return more;
}

static int
check_roster(struct verify *v, struct err *e)
{
	if (find_settings(v, e) == -1 || check_kind(v, "person", 0, e) == -1 ||
	    check_kind(v, "person-end", 0, e) == -1)
		return -1;
	return check_stray(v, "second", e);
}

static int
judge_faults(const struct verify *v, const struct first_fault *f, struct err *e)
{
	if (v->faults == 0)
		return 0;
	return err_set(e, ERR_TAMPERED,
	    _("act %lld: %s; nothing is done before reeve verify finds all "
	      "well"),
	    (long long)f->act, f->text);
}

int
act_check(struct store *store, const char *kind, int64_t act, struct err *e)
{
	struct first_fault first = { .act = 0 };
	struct act_trust trust = { .roster = NULL };
	struct verify v = { .store = store,
		.trust = &trust,
		.report = keep_first,
		.context = &first };

	if (check_roster(&v, e) == -1 || check_kind(&v, kind, act, e) == -1)
		return -1;
	return judge_faults(&v, &first, e);
}

int
act_check_head(struct store *store, struct err *e)
{
	struct first_fault first = { .act = 0 };
	struct act_trust trust = { .roster = NULL };
	struct verify v = { .store = store,
		.trust = &trust,
		.report = keep_first,
		.context = &first };
	struct statement *st;
	struct entry a;
	int found;

	if (check_roster(&v, e) == -1)
		return -1;
	st = store_use(store, "act_head", e);
	if ((found = store_step(st, e)) == 1) {
		read_entry(st, &a);
		/* Its rows are many after a freeze, and reeve verify's. */
		if (a.person)
			check_signature(&v, &a);
		found = check_digest(&v, &a, e);
	}
	store_done(st);
	return found == -1 ? -1 : judge_faults(&v, &first, e);
}
