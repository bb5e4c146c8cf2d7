/*
 * A returned file becomes decisions. What it says is held against the store
 * as it is now: nothing that was shown may have changed, and the rest is
 * decision.h's to judge.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "review/csv.h"
#include "review/decision.h"
#include "review/employee.h"
#include "review/fact.h"
#include "review/sshsig.h"
#include "review/worksheet.h"
#include "schema/base/digest.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"
#include "schema/base/secret.h"
#include "schema/message.h"

#define DAY         INT64_C(86400)
#define CELLS_MAX   (512u * 1024 * 1024) /* bytes of a question's rows */
#define EXCEL_LEAST 36526 /* days since 1899-12-30: years 2000 to 2099 */
#define EXCEL_MOST  73050

/* A question's rows as they were handed out. */
struct shown {
	struct worksheet_question question; /* n 0: none yet */
	struct buf texts;                   /* a NUL after each */
	struct shown_row {
		int64_t item;
		size_t cells[WORKSHEET_LAST + 1];
	} * rows;
	size_t count, room;
	bool has_rows; /* else only the digest was looked up */
};

struct taking {
	struct worksheet_import *import;
	struct worksheet_taken *taken;
	const char *file;
	struct buf bytes;
	enum worksheet_form form;
	struct worksheet_identity identity;
	struct campaign campaign;
	unsigned char digest[32]; /* of the worksheet */
	unsigned char file_digest[32];
	struct buf signature; /* armoured; "" none */
	struct signer signer; /* whose it is; id 0: nobody's */
	struct shown shown;
};

/* What is the file's fault; all else stops the import. */
static bool
is_refusal(const struct err *e)
{
	static const enum err_code codes[] = { ERR_ACCESS, ERR_FORMAT,
		ERR_LIMIT, ERR_MISSING, ERR_TAMPERED, ERR_CONFIG, ERR_USAGE };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (e->code == codes[i])
			return true;
	return false;
}

static int
refuse(struct taking *t, const char *place, struct err *e)
{
	struct err why = *e;

	if (!is_refusal(&why))
		return -1;
	e->code = ERR_NONE;
	t->taken->refused++;
	return t->import->report(
	    t->import->context, t->file, place, why.text, e);
}

/* ---- What was shown ---- */

static int
keep_row(void *context, const struct worksheet_row *row, struct err *e)
{
	struct shown *s = context;
	struct shown_row *more;

	if (s->count == s->room) {
		s->room = s->room == 0 ? 64 : 2 * s->room;
		more = realloc(s->rows, s->room * sizeof(*more));
		if (more == NULL)
			return err_set(e, ERR_MEMORY, "out of memory");
		s->rows = more;
	}
	s->rows[s->count].item = row->item;
	for (int i = 0; i <= WORKSHEET_LAST; i++) {
		s->rows[s->count].cells[i] = s->texts.length;
		buf_put(&s->texts, row->cells[i], strlen(row->cells[i]) + 1);
	}
	s->count++;
	return buf_status(&s->texts, e);
}

/* The question's digest, and its rows if a table is held against them. */
static int
look_up(struct taking *t, int64_t question, bool rows, struct err *e)
{
	struct shown *s = &t->shown;
	int64_t campaign = t->campaign.id;

	if (s->question.n != question) {
		s->question.n = 0;
		s->has_rows = false;
		if (worksheet_seen(t->import->store, campaign, question,
		        s->question.seen, e) == -1)
			return -1;
		s->question.n = question;
	}
	if (!rows || s->has_rows)
		return 0;
	buf_clear(&s->texts);
	s->count = 0;
	if (worksheet_question_rows(
	        t->import->store, campaign, &s->question, keep_row, s, e) == -1)
		return -1;
	s->has_rows = true;
	return 0;
}

static int
by_item(const void *a, const void *b)
{
	const int64_t *item = a;
	const struct shown_row *row = b;

	return (*item > row->item) - (*item < row->item);
}

/* No column that was shown may be another. */
static int
judge_cells(struct taking *t, const struct worksheet_answer *a, struct err *e)
{
	struct shown *s = &t->shown;
	const struct shown_row *row =
	    bsearch(&a->item, s->rows, s->count, sizeof(*s->rows), by_item);

	if (row == NULL)
		return err_set(e, ERR_FORMAT,
		    _("item %lld is not of question %lld"), (long long)a->item,
		    (long long)a->question);
	for (int i = WORKSHEET_RISK; i <= WORKSHEET_LAST; i++) {
		const char *was = (const char *)s->texts.data + row->cells[i];

		if (strcmp(a->cells[i], was) != 0)
			return err_set(e, ERR_TAMPERED,
			    _("column \"%s\" was changed: \"%.60s\", was "
			      "\"%.60s\""),
			    worksheet_columns[i].name, a->cells[i], was);
	}
	return 0;
}

static int
judge_shown(struct taking *t, const struct worksheet_answer *a, struct err *e)
{
	if (look_up(t, a->question, a->cells != NULL, e) == -1)
		return -1;
	if (strcmp(a->seen, t->shown.question.seen) != 0)
		return err_set(e, ERR_TAMPERED,
		    _("the digest is not that of question %lld"),
		    (long long)a->question);
	return a->cells == NULL ? 0 : judge_cells(t, a, e);
}

/* ---- One answer ---- */

enum decision_kind
worksheet_kind(const char *text)
{
	enum decision_kind kind = decision_find(text, strlen(text));

	return kind != DECISION_NONE ? kind
	                             : decision_find(text, strcspn(text, " "));
}

int
worksheet_day(const char *text, int64_t zone, int64_t *out, struct err *e)
{
	struct csv_dates dates = { "", zone };
	struct err ignored;
	uint64_t serial;

	*out = FACT_UNKNOWN;
	if (text[0] == '\0')
		return 0;
	if (enc_number(text, strlen(text), EXCEL_MOST, &serial, &ignored) ==
	        0 &&
	    serial >= EXCEL_LEAST) {
		*out = ((int64_t)serial - 25569 + 1) * DAY - zone;
		return 0;
	}
	if (csv_date(&dates, text, out, &ignored) == -1) {
		dates.format = "roc";
		if (csv_date(&dates, text, out, &ignored) == -1)
			return err_set(e, ERR_FORMAT,
			    _("\"%.40s\" is not a day like 2027-03-31"), text);
	}
	*out += DAY;
	return 0;
}

static int
rank(const char *grade)
{
	return strcmp(grade, "signed") == 0 ? 3
	    : strcmp(grade, "coded") == 0   ? 2
	                                    : 1;
}

static bool
is_same_text(struct statement *s, const char *column, const char *text)
{
	const char *found = column_text(s, column_of(s, column));

	return strcmp(found == NULL ? "" : found, text == NULL ? "" : text) ==
	    0;
}

/* Only what belongs to the decision is stored, see decision_add. */
static const char *
only(const struct decision *d, enum decision_kind kind, const char *text)
{
	return d->kind == kind ? text : "";
}

static bool
is_same(struct statement *s, const struct decision *d)
{
	return is_same_text(s, "decision", decision_names[d->kind]) &&
	    is_same_text(s, "reason", d->reason) &&
	    is_same_text(s, "change", only(d, DECISION_MODIFY, d->change)) &&
	    is_same_text(s, "compensation",
	        only(d, DECISION_EXCEPTION, d->compensation)) &&
	    is_same_text(
	        s, "proposal", only(d, DECISION_NOT_MINE, d->proposal)) &&
	    (d->kind != DECISION_EXCEPTION ||
	        column_fact(s, column_of(s, "ends")) == d->ends);
}

/*
 * What anybody said of an item of it holds: a deputy, or a person before this
 * one, or of an item by itself. Without a time, an answer is as old as its
 * worksheet.
 */
static int
judge_concerned(
    struct taking *t, const struct decision *d, bool same, struct err *e)
{
	static const char *const names[] = { "", "transcribed", "coded",
		"signed" };
	struct statement *s =
	    store_use(t->import->store, "returned_concerned", e);
	int64_t best, newest, decided;
	int more;

	bind_int(s, ":campaign", d->campaign);
	bind_int(s, ":question", d->question);
	bind_int(s, ":item", d->item);
	bind_int(s, ":act", act_number(t->import->act));
	if ((more = store_step(s, e)) != 1)
		return more;
	best = column_int(s, 0);
	newest = column_int(s, 1);
	decided = column_int(s, 2);
	store_done(s);
	if (best > rank(d->grade))
		return err_set(e, ERR_ACCESS,
		    _("what stands is %s: what is %s does not replace it"),
		    names[best], d->grade);
	if (same)
		return 0;
	if (d->decided != FACT_UNKNOWN && d->decided < decided)
		return err_set(
		    e, ERR_ACCESS, _("a later answer to it was taken before"));
	if (d->decided == FACT_UNKNOWN && newest > t->taken->exported)
		return err_set(e, ERR_ACCESS,
		    _("it was decided after this worksheet was handed out (by "
		      "act %lld): export it again, and answer in the new one"),
		    (long long)t->taken->exported);
	return 0;
}

/* 1: that is what stands; 0: it is new; -1: it may not replace what stands. */
static int
judge_standing(struct taking *t, const struct decision *d, struct err *e)
{
	struct statement *s = store_use(t->import->store, "returned_stands", e);
	int64_t decided;
	int more, better;
	bool same;

	bind_int(s, ":campaign", d->campaign);
	bind_int(s, ":question", d->question);
	bind_int(s, ":item", d->item);
	bind_text(s, ":reviewer", d->reviewer);
	more = store_step(s, e);
	if (more == -1)
		return -1;
	if (more == 0)
		return judge_concerned(t, d, false, e);
	better = rank(column_text(s, column_of(s, "grade"))) - rank(d->grade);
	decided = column_fact(s, column_of(s, "decided"));
	same = is_same(s, d);
	if (better >= 0 && same)
		return 1;
	if (better > 0)
		return err_set(e, ERR_ACCESS,
		    _("what stands is %s: what is %s does not replace it"),
		    column_text(s, column_of(s, "grade")), d->grade);
	if (d->decided != FACT_UNKNOWN && decided != FACT_UNKNOWN &&
	    d->decided < decided)
		return err_set(
		    e, ERR_ACCESS, _("a later answer to it was taken before"));
	store_done(s);
	return judge_concerned(t, d, same, e);
}

static const char *
unless_empty(const char *text)
{
	return text[0] == '\0' ? NULL : text;
}

static int
fill(struct taking *t, const struct worksheet_answer *a, struct decision *d,
    struct err *e)
{
	*d = (struct decision){
		.campaign = t->campaign.id,
		.question = a->question,
		.item = a->item,
		.kind = worksheet_kind(a->decision),
		.reason = a->reason,
		.change = unless_empty(a->change),
		.compensation = unless_empty(a->compensation),
		.proposal = unless_empty(a->proposal),
		.reviewer = t->taken->reviewer,
		.grade = t->taken->grade,
		.decided = a->decided,
		.seconds = a->seconds,
		.bulk = a->bulk,
	};
	if (a->decision[0] == '\0')
		return err_set(
		    e, ERR_FORMAT, _("there is a text, but no decision"));
	if (d->kind == DECISION_NONE)
		return err_set(
		    e, ERR_FORMAT, _("\"%.40s\" is no decision"), a->decision);
	return worksheet_day(a->ends, t->import->zone, &d->ends, e);
}

/* 1: it is taken; 0: it stands already; -1. */
static int
take_answer(struct taking *t, const struct worksheet_answer *a, struct err *e)
{
	struct decision d;
	int stands;

	if (judge_shown(t, a, e) == -1 || fill(t, a, &d, e) == -1)
		return -1;
	stands = judge_standing(t, &d, e);
	if (stands != 0)
		return stands == 1 ? 0 : -1;
	return decision_add(t->import->act, t->import->store, &d, e) == -1 ? -1
	                                                                   : 1;
}

static int
on_answer(void *context, const struct worksheet_answer *a, struct err *e)
{
	struct taking *t = context;
	int got = take_answer(t, a, e);

	if (got == -1)
		return refuse(t, a->place, e);
	t->taken->taken += got;
	t->taken->unchanged += 1 - got;
	return 0;
}

/* ---- The file ---- */

static int
read_bytes(const char *path, struct buf *out, struct err *e)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int result = -1;

	if (fd == -1)
		return err_sys(e, errno, "it can't be opened");
	if (fstat(fd, &st) == -1)
		err_sys(e, errno, "fstat");
	else if (!S_ISREG(st.st_mode))
		err_set(e, ERR_ACCESS, "it is no file");
	else
		result = file_read(fd, out, e);
	file_close(&fd);
	return result;
}

/* FILE.sig beside it, if there is one: then it must be good. */
static int
read_signature(struct taking *t, struct err *e)
{
	struct buf path = buf_new(8192);
	struct sshsig sig = { .raw = buf_new(0) };
	char fingerprint[SSHSIG_FINGERPRINT];
	int result = -1, found;

	buf_printf(&path, "%s.sig", t->file);
	if (buf_status(&path, e) == -1)
		goto out;
	if (read_bytes(buf_string(&path), &t->signature, e) == -1) {
		if (e->code == ERR_MISSING)
			result = 0;
		goto out;
	}
	if (sshsig_read(&sig, (const char *)t->signature.data,
	        t->signature.length, e) == -1 ||
	    sshsig_verify(&sig, WORKSHEET_NAMESPACE, t->bytes.data,
	        t->bytes.length, e) == -1 ||
	    sshsig_fingerprint(&sig, fingerprint, e) == -1)
		goto out;
	found = signer_find(t->import->store, fingerprint, &t->signer, e);
	if (found == 1 && t->signer.employee[0] != '\0')
		result = 0;
	else if (found != -1)
		err_set(e, ERR_ACCESS,
		    _("%s is no enrolled person's of personnel data"),
		    fingerprint);
out:
	if (result == -1)
		err_in(e, "%s.sig", t->file);
	sshsig_free(&sig);
	buf_free(&path);
	return result;
}

int
worksheet_hmac(const struct worksheet_identity *i, const void *bytes,
    const unsigned char *key, size_t length, bool *good, struct err *e)
{
	unsigned char wanted[32], found[32];

	if (length != WORKSHEET_KEY)
		return 0;
	if (enc_unhex(i->hmac, strlen(i->hmac), found, sizeof(found), e) ==
	        -1 ||
	    digest_hmac(DIGEST_SHA256, key, length, bytes, i->hmac_length,
	        wanted, e) == -1)
		return -1;
	*good = *good || secret_equal(wanted, found, sizeof(found));
	return 0;
}

/* It was handed out; *coded if its code was used. */
static int
judge_worksheet(struct taking *t, bool *coded, struct err *e)
{
	struct statement *s = store_use(t->import->store, "worksheet_key", e);
	const void *key;
	size_t length;
	int more;

	bind_int(s, ":campaign", t->campaign.id);
	bind_text(s, ":reviewer", t->identity.reviewer);
	bind_blob(s, ":digest", t->digest, sizeof(t->digest));
	if ((more = store_step(s, e)) == -1)
		return -1;
	if (more == 1) {
		key = column_blob(s, 0, &length);
		t->taken->exported = column_int(s, 1);
		t->taken->newest = column_int(s, 2);
		if (t->identity.hmac[0] != '\0' &&
		    worksheet_hmac(&t->identity, t->bytes.data, key, length,
		        coded, e) == -1)
			more = -1;
		store_done(s);
	}
	if (more == -1)
		return -1;
	if (more == 0)
		return err_set(e, ERR_TAMPERED,
		    _("no such worksheet was handed out to %s in %s"),
		    t->identity.reviewer, t->campaign.name);
	if (t->identity.hmac[0] != '\0' && !*coded)
		return err_set(e, ERR_TAMPERED,
		    _("it was altered, or made with another code"));
	return 0;
}

/* By whom, and how well that is known. */
static int
judge_grade(struct taking *t, bool coded, struct err *e)
{
	const char *reviewer = t->identity.reviewer;
	const struct signer *importer = act_signer(t->import->act);

	t->taken->grade = coded ? "coded" : "transcribed";
	if (t->signer.id != 0) {
		t->taken->grade = "signed";
		reviewer = t->signer.employee;
	} else if (importer != NULL &&
	    employee_same(importer->employee, reviewer)) {
		return err_set(e, ERR_ACCESS,
		    _("it is your own: sign the file, or use reeve decide"));
	}
	(void)strcpy(t->taken->reviewer, reviewer);
	return 0;
}

static int
seen_before(struct taking *t, struct err *e)
{
	struct statement *s = store_use(t->import->store, "returned_before", e);
	int more;

	bind_blob(s, ":digest", t->file_digest, sizeof(t->file_digest));
	bind_int(s, ":campaign", t->campaign.id);
	bind_text(s, ":reviewer", t->taken->reviewer);
	bind_text(s, ":grade", t->taken->grade);
	more = store_step(s, e);
	if (more == 1)
		t->taken->before = column_int(s, 0);
	store_done(s);
	return more;
}

static int
add_returned(struct taking *t, struct err *e)
{
	const struct worksheet_taken *taken = t->taken;
	struct statement *s = store_use(t->import->store, "returned_add", e);
	bool proved = strcmp(taken->grade, "transcribed") != 0;

	bind_int(s, ":act", act_number(t->import->act));
	bind_int(s, ":n", ++t->import->files);
	bind_int(s, ":campaign", t->campaign.id);
	bind_text(s, ":reviewer", taken->reviewer);
	bind_int(s, ":exported", taken->exported);
	bind_text(s, ":file", t->file);
	bind_text(s, ":form", taken->form);
	bind_blob(s, ":digest", t->file_digest, sizeof(t->file_digest));
	bind_text(s, ":grade", taken->grade);
	bind_null(s, ":signer");
	if (t->signer.id != 0)
		bind_int(s, ":signer", t->signer.id);
	bind_text(s, ":signature", buf_string(&t->signature));
	bind_null(s, ":bytes");
	if (proved)
		bind_blob(s, ":bytes", t->bytes.data, t->bytes.length);
	bind_int(s, ":decisions", taken->taken);
	bind_int(s, ":refused", taken->refused);
	return store_run(s, e);
}

static int
read_file(struct taking *t, struct err *e)
{
	struct buf hex = buf_new(WORKSHEET_HEX);

	if (read_bytes(t->file, &t->bytes, e) == -1 ||
	    digest_sha256(t->bytes.data, t->bytes.length, t->file_digest, e) ==
	        -1)
		return -1;
	enc_hex(&hex, t->file_digest, sizeof(t->file_digest));
	(void)strcpy(t->taken->digest, buf_string(&hex));
	buf_free(&hex);
	return read_signature(t, e);
}

/* All that is judged before its first answer. */
static int
judge_file(struct taking *t, struct err *e)
{
	bool coded = false;

	if (worksheet_read(t->bytes.data, t->bytes.length, &t->form,
	        &t->identity, NULL, NULL, e) == -1)
		return -1;
	t->taken->form = worksheet_forms[t->form];
	(void)strcpy(t->taken->campaign, t->identity.campaign);
	if (enc_unhex(t->identity.digest, strlen(t->identity.digest), t->digest,
	        sizeof(t->digest), e) == -1)
		return err_set(
		    e, ERR_FORMAT, _("its digest is not one of a worksheet"));
	if (campaign_find(t->import->store, t->identity.campaign, &t->campaign,
	        e) == -1 ||
	    judge_worksheet(t, &coded, e) == -1)
		return -1;
	return judge_grade(t, coded, e);
}

static int
take_file(struct taking *t, struct err *e)
{
	if (read_file(t, e) == -1 || judge_file(t, e) == -1) {
		t->taken->reviewer[0] = '\0';
		return refuse(t, NULL, e);
	}
	switch (seen_before(t, e)) {
	case 0:
		break;
	case 1:
		return 0;
	default:
		return -1;
	}
	if (worksheet_read(t->bytes.data, t->bytes.length, &t->form,
	        &t->identity, on_answer, t, e) == -1)
		return -1;
	return t->taken->taken > 0 ? add_returned(t, e) : 0;
}

int
worksheet_take(struct worksheet_import *import, const char *path,
    struct worksheet_taken *taken, struct err *e)
{
	struct taking t = { .import = import,
		.taken = taken,
		.file = path,
		.bytes = buf_new(WORKSHEET_FILE_MAX),
		.signature = buf_new(SSHSIG_TEXT_MAX) };
	int result;

	memset(taken, 0, sizeof(*taken));
	taken->form = taken->grade = "";
	t.shown.texts = buf_new(CELLS_MAX);
	result = take_file(&t, e);
	buf_free(&t.bytes);
	buf_free(&t.signature);
	buf_free(&t.shown.texts);
	free(t.shown.rows);
	return result;
}
