/*
 * Worksheets that came back: their bytes are those of their digest, signed by
 * their reviewer or made with their code, and of the export that is recorded;
 * and each decision that claims that is what one of them says. It is what
 * act_verify() does in the database (worksheet_check), as far as a pack has it.
 */
#include "review/pack_verify_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "review/act_internal.h"
#include "review/employee.h"
#include "review/fact.h"
#include "review/pack_value.h"
#include "review/worksheet.h"
#include "schema/base/enc.h"
#include "schema/message.h"

#define BYTES_MAX     (17u << 20) /* of a file: a signed row has it in hex */
#define TUPLE_MAX     (1u << 20)
#define HANDED_MAX    (1u << 20)
#define SHEETS_MAX    (1u << 20) /* of one act */
#define CAME_MAX      (1u << 22)
#define ANSWERS_MAX   (1u << 24) /* so, too */
#define CAMPAIGNS_MAX 65536u

struct handed { /* out: a row of the table "worksheet" */
	int64_t act, campaign;
	char reviewer[EMPLOYEE_SIZE];
	unsigned char digest[DIGEST_SHA256_LENGTH];
	unsigned char code[WORKSHEET_KEY];
	bool has_code;
};

struct campaign_name { /* a row of the class "campaign" */
	int64_t id;
	char name[CAMPAIGN_NAME_MAX + 1];
};

struct came {             /* back */
	struct hash file; /* campaign, reviewer, digest */
	int64_t act;
	int grade; /* the better the more */
};

struct answer { /* in one of them */
	struct hash said;
	int64_t ends; /* FACT_UNKNOWN: none */
};

struct pack_sheets {
	struct pack_check *check;
	struct campaign_name *campaigns; /* by id */
	size_t campaign_count;
	struct handed *handed; /* by act; the first handed_sorted wholly */
	size_t handed_count, handed_sorted;
	int64_t act;         /* that is being read */
	struct hash *sheets; /* whose came back in it: campaign, reviewer */
	size_t sheet_count;
	struct came *came;
	size_t came_count;
	struct answer *answers;
	size_t answer_count;
	bool sorted; /* sheets and answers */
	struct buf tuple, bytes;
};

static int
take_campaign(void *context, const struct pack_row *row, struct err *e)
{
	struct pack_sheets *s = context;
	struct campaign_name *c = pack_grow(
	    s->campaigns, s->campaign_count, CAMPAIGNS_MAX, sizeof(*c), e);

	if (c == NULL)
		return -1;
	s->campaigns = c;
	c += s->campaign_count++;
	(void)snprintf(c->name, sizeof(c->name), "%s", pack_value(row, "name"));
	return pack_uncount(pack_value(row, "id"), &c->id, e);
}

int
pack_sheets_new(struct pack_sheets **out, struct pack_check *c, struct err *e)
{
	struct pack_sheets *s = calloc(1, sizeof(*s));

	*out = s;
	if (s == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	s->check = c;
	s->tuple = buf_new(TUPLE_MAX);
	s->bytes = buf_new(BYTES_MAX);
	return pack_each_row(c, "campaign", false, take_campaign, s, e);
}

void
pack_sheets_free(struct pack_sheets **sheets)
{
	struct pack_sheets *s = *sheets;

	if (s == NULL)
		return;
	buf_free(&s->tuple);
	buf_free(&s->bytes);
	free(s->campaigns);
	free(s->handed);
	free(s->sheets);
	free(s->came);
	free(s->answers);
	free(s);
	*sheets = NULL;
}

static int
unhex(const char *hex, unsigned char *out, size_t length)
{
	struct err ignored;

	return enc_unhex(hex, strlen(hex), out, length, &ignored);
}

/* ---- Handed out ---- */

enum { HANDED_CAMPAIGN = 1, HANDED_REVIEWER, HANDED_DIGEST, HANDED_CODE };

static int
take_handed(struct pack_sheets *s, const struct pack_signed *row, struct err *e)
{
	struct handed *h =
	    pack_grow(s->handed, s->handed_count, HANDED_MAX, sizeof(*h), e);

	if (h == NULL)
		return -1;
	s->handed = h;
	h += s->handed_count++;
	memset(h, 0, sizeof(*h));
	h->act = row->act;
	h->campaign = pack_signed_number(row, HANDED_CAMPAIGN);
	(void)snprintf(h->reviewer, sizeof(h->reviewer), "%s",
	    pack_signed_text(row, HANDED_REVIEWER));
	if (unhex(pack_signed_text(row, HANDED_DIGEST), h->digest,
	        sizeof(h->digest)) == -1)
		pack_signed_fault(
		    s->check, row, "altered", _("a worksheet has no digest"));
	h->has_code = unhex(pack_signed_text(row, HANDED_CODE), h->code,
	                  sizeof(h->code)) == 0;
	return 0;
}

static int
by_handed(const void *a, const void *b)
{
	const struct handed *x = a, *y = b;
	int order = 0;

	if (x->act != y->act)
		return x->act < y->act ? -1 : 1;
	if (x->campaign != y->campaign)
		return x->campaign < y->campaign ? -1 : 1;
	if ((order = strcmp(x->reviewer, y->reviewer)) != 0)
		return order;
	return memcmp(x->digest, y->digest, sizeof(x->digest));
}

/* What that act handed out, as the file says it is; NULL: it did not. */
static const struct handed *
find_handed(struct pack_sheets *s, int64_t act, int64_t campaign,
    const struct worksheet_identity *i)
{
	size_t left = s->handed_count - s->handed_sorted;
	struct handed wanted = { .act = act, .campaign = campaign };

	/* Acts ascend: what was sorted stays before what was not yet. */
	if (left > 0)
		qsort(&s->handed[s->handed_sorted], left, sizeof(*s->handed),
		    by_handed);
	s->handed_sorted = s->handed_count;
	(void)snprintf(
	    wanted.reviewer, sizeof(wanted.reviewer), "%s", i->reviewer);
	if (s->handed_count == 0 ||
	    unhex(i->digest, wanted.digest, sizeof(wanted.digest)) == -1)
		return NULL;
	return bsearch(
	    &wanted, s->handed, s->handed_count, sizeof(*s->handed), by_handed);
}

static int
by_campaign(const void *id, const void *campaign)
{
	int64_t x = *(const int64_t *)id,
	        y = ((const struct campaign_name *)campaign)->id;

	return (x > y) - (x < y);
}

static bool
is_campaign(const struct pack_sheets *s, int64_t id, const char *name)
{
	const struct campaign_name *c = s->campaign_count == 0
	    ? NULL
	    : bsearch(&id, s->campaigns, s->campaign_count, sizeof(*c),
	          by_campaign);

	return c != NULL && strcmp(c->name, name) == 0;
}

/* ---- What an answer and a decision say ---- */

static void
put(struct pack_sheets *s, const char *text)
{
	buf_put_string(&s->tuple, text == NULL ? "" : text);
	buf_put_byte(&s->tuple, '\0');
}

static void
put_fact(struct pack_sheets *s, int64_t fact)
{
	if (fact != FACT_UNKNOWN)
		buf_printf(&s->tuple, "%" PRId64, fact);
	buf_put_byte(&s->tuple, '\0');
}

static int
hash_tuple(struct pack_sheets *s, struct hash *h, struct err *e)
{
	if (buf_status(&s->tuple, e) == -1)
		return -1;
	*h = hash_of(&s->check->key, s->tuple.data, s->tuple.length);
	return 0;
}

/* ---- Returned ---- */

enum {
	RETURNED_CAMPAIGN = 2,
	RETURNED_REVIEWER,
	RETURNED_EXPORTED,
	RETURNED_DIGEST = 7,
	RETURNED_GRADE,
	RETURNED_SIGNER,
	RETURNED_SIGNATURE,
	RETURNED_BYTES
};

struct reading {
	struct pack_sheets *sheets;
	const char *reviewer, *grade;
	int64_t campaign;
};

static int
take_answer(void *context, const struct worksheet_answer *a, struct err *e)
{
	struct reading *r = context;
	struct pack_sheets *s = r->sheets;
	enum decision_kind kind = worksheet_kind(a->decision);
	struct answer *grown = pack_grow(
	    s->answers, s->answer_count, ANSWERS_MAX, sizeof(*grown), e);
	struct answer answer = { .ends = FACT_UNKNOWN };
	struct err ignored;

	if (grown == NULL)
		return -1;
	s->answers = grown;
	if (kind == DECISION_EXCEPTION &&
	    worksheet_day(a->ends, 0, &answer.ends, &ignored) == -1)
		return 0; /* it was refused */
	buf_clear(&s->tuple);
	put_fact(s, r->campaign);
	put_fact(s, a->question);
	put_fact(s, a->item);
	put(s, decision_names[kind]);
	put(s, a->reason);
	put(s, kind == DECISION_MODIFY ? a->change : "");
	put(s, kind == DECISION_EXCEPTION ? a->compensation : "");
	put(s, kind == DECISION_NOT_MINE ? a->proposal : "");
	put(s, r->reviewer);
	put(s, r->grade);
	put_fact(s, a->decided);
	put_fact(s, a->seconds);
	put_fact(s, a->bulk);
	s->sorted = false;
	if (hash_tuple(s, &answer.said, e) == -1)
		return -1;
	s->answers[s->answer_count++] = answer;
	return 0;
}

static const struct pack_person *
person_of(const struct pack_check *c, int64_t id)
{
	for (size_t i = 0; id > 0 && i < c->person_count; i++)
		if (c->persons[i].id == id)
			return &c->persons[i];
	return NULL;
}

static int
put_unhex(struct buf *out, const char *hex, struct err *e)
{
	size_t length = strlen(hex);
	unsigned char byte;

	buf_clear(out);
	for (size_t i = 0; i < length; i += 2) {
		if (enc_unhex(hex + i, 2, &byte, 1, e) == -1)
			return -1;
		buf_put_byte(out, byte);
	}
	return buf_status(out, e);
}

static int
check_digest(
    struct pack_sheets *s, const struct pack_signed *row, struct err *e)
{
	unsigned char digest[DIGEST_SHA256_LENGTH], said[sizeof(digest)];

	if (put_unhex(&s->bytes, pack_signed_text(row, RETURNED_BYTES), e) ==
	        -1 ||
	    digest_sha256(s->bytes.data, s->bytes.length, digest, e) == -1)
		return -1;
	return unhex(pack_signed_text(row, RETURNED_DIGEST), said,
	           sizeof(said)) == 0 &&
	        memcmp(digest, said, sizeof(digest)) == 0
	    ? 0
	    : err_set(e, ERR_TAMPERED,
	          _("a worksheet has another digest than its bytes"));
}

/* Whether it is the person's signature over the bytes. */
static int
check_signature(
    struct pack_sheets *s, const struct pack_signed *row, struct err *e)
{
	const struct pack_person *p =
	    person_of(s->check, pack_signed_number(row, RETURNED_SIGNER));
	const char *armour = pack_signed_text(row, RETURNED_SIGNATURE);
	char fingerprint[SSHSIG_FINGERPRINT];
	struct sshsig signature;
	int result;

	if (p == NULL ||
	    strcmp(p->employee, pack_signed_text(row, RETURNED_REVIEWER)) != 0)
		return err_set(e, ERR_ACCESS,
		    _("the signer of a worksheet is not its reviewer"));
	if (sshsig_read(&signature, armour, strlen(armour), e) == -1)
		return -1;
	result = sshsig_verify(
	    &signature, WORKSHEET_NAMESPACE, s->bytes.data, s->bytes.length, e);
	if (result == 0)
		result = sshsig_fingerprint(&signature, fingerprint, e);
	if (result == 0 && strcmp(fingerprint, p->fingerprint) != 0)
		result = err_set(e, ERR_TAMPERED,
		    _("a worksheet is not signed by its signer"));
	if (result == 0 && !pack_person_valid(s->check, p, row->act))
		result = err_set(e, ERR_ACCESS,
		    _("the signer of a worksheet was not enrolled then, or not "
		      "any more, or is not in the roster"));
	sshsig_free(&signature);
	return result;
}

/* By the export that is recorded: where its rows are here, and its code. */
static int
check_handed(struct pack_sheets *s, const struct pack_signed *row,
    const struct reading *r, const struct worksheet_identity *i, struct err *e)
{
	int64_t exported = pack_signed_number(row, RETURNED_EXPORTED);
	const struct pack_act *act = pack_act_find(s->check, exported);
	const struct handed *h = find_handed(s, exported, r->campaign, i);
	bool coded = strcmp(r->grade, "coded") == 0, made = false;

	if (act == NULL || exported >= row->act ||
	    strcmp(act->kind->name, "worksheets") != 0 ||
	    (act->included && h == NULL) ||
	    !is_campaign(s, r->campaign, i->campaign))
		return err_set(e, ERR_TAMPERED,
		    _("a worksheet is not of the export that is recorded"));
	if (!coded)
		return 0;
	if (h == NULL) {
		s->check->verdict->uncoded++;
		return 0;
	}
	if (h->has_code &&
	    worksheet_hmac(
	        i, s->bytes.data, h->code, sizeof(h->code), &made, e) == -1)
		return -1;
	return made && strcmp(i->reviewer, r->reviewer) == 0
	    ? 0
	    : err_set(
	          e, ERR_TAMPERED, _("a worksheet was not made with its code"));
}

static int
hash_sheet(struct pack_sheets *s, int64_t campaign, const char *reviewer,
    struct hash *h, struct err *e)
{
	buf_clear(&s->tuple);
	put_fact(s, campaign);
	put(s, reviewer);
	return hash_tuple(s, h, e);
}

static int
add_sheet(struct pack_sheets *s, const struct reading *r, struct err *e)
{
	struct hash *grown =
	    pack_grow(s->sheets, s->sheet_count, SHEETS_MAX, sizeof(*grown), e);

	if (grown == NULL)
		return -1;
	s->sheets = grown;
	s->sorted = false;
	return hash_sheet(
	    s, r->campaign, r->reviewer, &grown[s->sheet_count++], e);
}

static int
note_came(struct pack_sheets *s, const struct pack_signed *row,
    const struct reading *r, struct err *e)
{
	static const char *const grades[] = { "transcribed", "coded",
		"signed" };
	struct came *grown =
	    pack_grow(s->came, s->came_count, CAME_MAX, sizeof(*grown), e);

	if (grown == NULL)
		return -1;
	s->came = grown;
	grown += s->came_count++;
	*grown = (struct came){ .act = row->act };
	for (int i = 0; i < (int)(sizeof(grades) / sizeof(grades[0])); i++)
		if (strcmp(r->grade, grades[i]) == 0)
			grown->grade = i;
	buf_clear(&s->tuple);
	put_fact(s, r->campaign);
	put(s, r->reviewer);
	put(s, pack_signed_text(row, RETURNED_DIGEST));
	return hash_tuple(s, &grown->file, e);
}

static int
check_returned(struct pack_sheets *s, const struct pack_signed *row,
    struct reading *r, struct err *e)
{
	struct worksheet_identity identity;
	enum worksheet_form form;

	if (check_digest(s, row, e) == -1 ||
	    (strcmp(r->grade, "signed") == 0 &&
	        check_signature(s, row, e) == -1) ||
	    worksheet_read(s->bytes.data, s->bytes.length, &form, &identity,
	        NULL, NULL, e) == -1 ||
	    check_handed(s, row, r, &identity, e) == -1)
		return -1;
	return worksheet_read(s->bytes.data, s->bytes.length, &form, &identity,
	    take_answer, r, e);
}

static int
take_returned(
    struct pack_sheets *s, const struct pack_signed *row, struct err *e)
{
	struct reading r = { .sheets = s,
		.reviewer = pack_signed_text(row, RETURNED_REVIEWER),
		.grade = pack_signed_text(row, RETURNED_GRADE),
		.campaign = pack_signed_number(row, RETURNED_CAMPAIGN) };
	struct err why = { .code = ERR_NONE };

	if (note_came(s, row, &r, e) == -1)
		return -1;
	if (strcmp(r.grade, "transcribed") == 0)
		return 0;
	if (check_returned(s, row, &r, &why) == -1) {
		if (why.code == ERR_MEMORY || why.code == ERR_CRYPTO) {
			*e = why;
			return -1;
		}
		pack_signed_fault(s->check, row,
		    why.code == ERR_ACCESS ? "untrusted" : "altered", why.text);
	}
	return add_sheet(s, &r, e);
}

/* ---- Decisions ---- */

enum {
	DECISION_ROW_CAMPAIGN = 2,
	DECISION_ROW_QUESTION,
	DECISION_ROW_ITEM,
	DECISION_ROW_DECISION,
	DECISION_ROW_REASON,
	DECISION_ROW_CHANGE,
	DECISION_ROW_COMPENSATION,
	DECISION_ROW_ENDS,
	DECISION_ROW_PROPOSAL,
	DECISION_ROW_REVIEWER,
	DECISION_ROW_GRADE,
	DECISION_ROW_BULK = 15
};

static int
by_said(const void *a, const void *b)
{
	const struct answer *x = a, *y = b;
	int order = hash_order(&x->said, &y->said);

	return order != 0 ? order : (x->ends > y->ends) - (x->ends < y->ends);
}

static void
sort(struct pack_sheets *s)
{
	if (!s->sorted && s->answer_count > 0)
		qsort(
		    s->answers, s->answer_count, sizeof(*s->answers), by_said);
	if (!s->sorted && s->sheet_count > 0)
		qsort(
		    s->sheets, s->sheet_count, sizeof(*s->sheets), hash_order);
	s->sorted = true;
}

/* The store's day ends where it was imported; that place is not recorded. */
#define ZONE_MOST (INT64_C(14) * 3600)

static bool
is_said(const struct pack_sheets *s, const struct answer *wanted)
{
	int64_t off = wanted->ends == FACT_UNKNOWN ? 0 : ZONE_MOST;
	const struct answer from = { wanted->said, wanted->ends - off };
	size_t low = 0, high = s->answer_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (by_said(&s->answers[middle], &from) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < s->answer_count &&
	    hash_order(&s->answers[low].said, &wanted->said) == 0 &&
	    s->answers[low].ends - off <= wanted->ends;
}

/* As take_answer has it. */
static int
find_answer(struct pack_sheets *s, const struct pack_signed *row, bool *said,
    struct err *e)
{
	static const size_t columns[] = { DECISION_ROW_CAMPAIGN,
		DECISION_ROW_QUESTION, DECISION_ROW_ITEM, DECISION_ROW_DECISION,
		DECISION_ROW_REASON, DECISION_ROW_CHANGE,
		DECISION_ROW_COMPENSATION, DECISION_ROW_PROPOSAL };
	struct answer wanted = { .ends = FACT_UNKNOWN };

	buf_clear(&s->tuple);
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		put(s, pack_signed_text(row, columns[i]));
	for (size_t i = DECISION_ROW_REVIEWER; i <= DECISION_ROW_BULK; i++)
		put(s, pack_signed_text(row, i));
	if (row->count > DECISION_ROW_ENDS &&
	    row->values[DECISION_ROW_ENDS] != NULL)
		wanted.ends = pack_signed_number(row, DECISION_ROW_ENDS);
	if (hash_tuple(s, &wanted.said, e) == -1)
		return -1;
	*said = is_said(s, &wanted);
	return 0;
}

static int
has_sheet(struct pack_sheets *s, int64_t campaign, const char *reviewer,
    bool *has, struct err *e)
{
	struct hash h;

	if (hash_sheet(s, campaign, reviewer, &h, e) == -1)
		return -1;
	*has = s->sheet_count > 0 &&
	    bsearch(&h, s->sheets, s->sheet_count, sizeof(h), hash_order) !=
	        NULL;
	return 0;
}

/* By the act's signer, it is their own word; else a worksheet's. */
static int
take_decision(
    struct pack_sheets *s, const struct pack_signed *row, struct err *e)
{
	struct pack_check *c = s->check;
	const struct pack_act *a = pack_act_find(c, row->act);
	const char *reviewer = pack_signed_text(row, DECISION_ROW_REVIEWER);
	const char *grade = pack_signed_text(row, DECISION_ROW_GRADE);
	const struct pack_person *signer = pack_act_signer(c, row->act);
	bool sent = false, said = false;

	if (a->person == -1 && strcmp(grade, "silent") != 0)
		pack_signed_fault(c, row, "unsigned",
		    _("a decision that is not the program's own, and nobody "
		      "signed it"));
	if ((strcmp(grade, "signed") != 0 && strcmp(grade, "coded") != 0) ||
	    a->person == -1 ||
	    (signer != NULL && employee_same(signer->employee, reviewer)))
		return 0;
	sort(s);
	if (has_sheet(s, pack_signed_number(row, DECISION_ROW_CAMPAIGN),
	        reviewer, &sent, e) == -1)
		return -1;
	if (!sent)
		pack_signed_fault(c, row, "unsigned",
		    _("whose decision it is signed neither it nor a "
		      "worksheet"));
	else if (find_answer(s, row, &said, e) == -1)
		return -1;
	else if (!said)
		pack_signed_fault(c, row, "altered",
		    _("no worksheet that came with it says so"));
	return 0;
}

int
pack_sheets_take(
    struct pack_sheets *s, const struct pack_signed *row, struct err *e)
{
	if (s->act != row->act)
		s->sheet_count = s->answer_count = 0;
	s->act = row->act;
	if (strcmp(row->table, "worksheet") == 0)
		return take_handed(s, row, e);
	if (strcmp(row->table, "returned") == 0)
		return take_returned(s, row, e);
	if (strcmp(row->table, "decision") == 0)
		return take_decision(s, row, e);
	return 0;
}

/* ---- Once all were taken ---- */

static int
by_came(const void *a, const void *b)
{
	const struct came *x = a, *y = b;
	int order = hash_order(&x->file, &y->file);

	return order != 0 ? order : (x->act > y->act) - (x->act < y->act);
}

/* Once more it would pass for its reviewer's newest word. */
void
pack_sheets_end(struct pack_sheets *s)
{
	const struct came *before = s->came;

	if (s->came_count > 0)
		qsort(s->came, s->came_count, sizeof(*s->came), by_came);
	for (size_t i = 1; i < s->came_count; i++) {
		const struct came *c = &s->came[i];

		if (hash_order(&c->file, &before->file) == 0 &&
		    c->act > before->act && c->grade <= before->grade)
			pack_fault(s->check, "altered", "", 0,
			    _("act %lld: a worksheet came back that act %lld "
			      "has already"),
			    (long long)c->act, (long long)before->act);
		before = c;
	}
}
