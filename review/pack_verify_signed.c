/*
 * The rows that acts are over: their digests are in the acts' texts. Of some of
 * them it matters here what they say: who is enrolled, who approved what, whose
 * word a decision is.
 */
#include "review/pack_verify_internal.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "review/act_internal.h"
#include "review/json.h"
#include "review/pack_value.h"
#include "schema/base/enc.h"
#include "schema/message.h"

#define TEXT_MAX (34u << 20) /* of one row's values */

struct signed_rows {
	struct pack_check *check;
	const struct pack_table *expected;
	size_t count, at; /* which of them is being read */
	bool begun;
	int64_t rows, number, line;
	EVP_MD_CTX *hash;
	struct buf text;
	struct pack_shown *shown;
	struct pack_sheets *sheets;
	struct pack_derived *derived;
};

/* ---- JSON ---- */

static bool
take_number(struct json *j, struct buf *out)
{
	const char *from;

	if (j->failed != NULL || j->at == j->end)
		return false;
	from = j->at;
	(void)json_int(j, INT64_MIN, INT64_MAX);
	buf_put(out, from, (size_t)(j->at - from));
	return j->failed == NULL;
}

/* The next value, behind the last; false: it is none of ours. */
static bool
take_value(struct json *j, struct buf *out, bool *null)
{
	struct buf text = buf_new(TEXT_MAX);
	bool good;

	*null = j->at < j->end && *j->at == 'n';
	if (*null)
		return json_skip(j);
	if (j->at < j->end && *j->at != '"')
		return take_number(j, out);
	good = json_string(j, &text);
	buf_put(out, text.data, text.length);
	buf_free(&text);
	return good;
}

static int
read_values(
    struct pack_signed *row, struct buf *out, const char *text, struct err *e)
{
	struct json j = json_new(text, strlen(text));
	size_t starts[PACK_VALUES] = { 0 };
	bool null = false;

	buf_clear(out);
	(void)json_begin(&j, '[');
	while (json_element(&j)) {
		if (row->count == PACK_VALUES) {
			json_fail(&j, "too many values");
			break;
		}
		starts[row->count] = out->length;
		if (!take_value(&j, out, &null))
			json_fail(&j, "neither a number, a text nor null");
		buf_put_byte(out, '\0');
		row->values[row->count++] = null ? NULL : "";
	}
	if (json_finish(&j, e) == -1 || buf_status(out, e) == -1)
		return -1;
	for (size_t i = 0; i < row->count; i++)
		if (row->values[i] != NULL)
			row->values[i] = (const char *)out->data + starts[i];
	return 0;
}

int
pack_signed_read(struct pack_signed *r, struct buf *text,
    const struct pack_row *row, struct err *e)
{
	*r = (struct pack_signed){ .table = pack_value(row, "table"),
		.line = row->line };
	if (pack_uncount(pack_value(row, "act"), &r->act, e) == -1)
		return -1;
	return read_values(r, text, row->values[row->class->count - 1], e);
}

int64_t
pack_signed_number(const struct pack_signed *row, size_t i)
{
	int64_t number;
	struct err e;

	return i < row->count && row->values[i] != NULL &&
	        pack_uncount(row->values[i], &number, &e) == 0
	    ? number
	    : -1;
}

const char *
pack_signed_text(const struct pack_signed *row, size_t i)
{
	return i < row->count && row->values[i] != NULL ? row->values[i] : "";
}

void
pack_signed_fault(struct pack_check *c, const struct pack_signed *row,
    const char *word, const char *why)
{
	pack_fault(c, word, c->part, row->line, _("act %lld, table %s: %s"),
	    (long long)row->act, row->table, why);
}

/* ---- What some rows say ---- */

enum { SIGNER_ID, SIGNER_ACT, SIGNER_NAME };

/* Other rows call a person by a number that is here alone. */
static void
take_signer(struct signed_rows *s, const struct pack_signed *row)
{
	struct pack_check *c = s->check;

	for (size_t i = 0; i < c->person_count; i++)
		if (c->persons[i].act == row->act &&
		    strcmp(c->persons[i].name,
		        pack_signed_text(row, SIGNER_NAME)) == 0)
			c->persons[i].id = pack_signed_number(row, SIGNER_ID);
}

enum { END_ACT, END_SIGNER };

static void
take_signer_end(struct signed_rows *s, const struct pack_signed *row)
{
	struct pack_check *c = s->check;
	const struct pack_act *a = pack_act_find(c, row->act);
	int64_t id = pack_signed_number(row, END_SIGNER);

	for (size_t i = 0; i < c->person_count; i++) {
		struct pack_person *p = &c->persons[i];

		if (p->id != id || id < 1)
			continue;
		p->end_signed |= a->approved && p->ended == row->act;
		if (a->approved && (p->ended == 0 || p->ended > row->act))
			pack_signed_fault(s->check, row, "altered",
			    _("the class signer does not say that this ended "
			      "a person"));
		return;
	}
	pack_signed_fault(
	    s->check, row, "altered", _("it ends nobody who is enrolled"));
}

enum { SECOND_ACT, SECOND_OF, SECOND_VERDICT };

static void
take_second(struct signed_rows *s, const struct pack_signed *row)
{
	struct pack_act *of =
	    pack_act_find(s->check, pack_signed_number(row, SECOND_OF));
	const char *verdict = pack_signed_text(row, SECOND_VERDICT);

	if (of == NULL || pack_signed_number(row, SECOND_OF) >= row->act) {
		pack_signed_fault(s->check, row, "untrusted",
		    _("it is about no act before it"));
		return;
	}
	if (of->second != 0)
		pack_signed_fault(s->check, row, "untrusted",
		    _("the act had its second person already"));
	else if (strcmp(verdict, of->approved ? "approved" : "refused") != 0 ||
	    of->approved == of->refused)
		pack_signed_fault(s->check, row, "altered",
		    _("the act's row says something else of its second "
		      "person"));
	of->second = row->act;
	pack_act_find(s->check, row->act)->of =
	    pack_signed_number(row, SECOND_OF);
}

/* ---- The pack before ---- */

enum { PACK_SEQUENCE = 1, PACK_MANIFEST = 7 };

/* What was signed of the pack before is the one that the manifest names. */
static void
take_pack(struct signed_rows *s, const struct pack_signed *row)
{
	const struct manifest *m = s->check->manifest;
	const char *hex = pack_signed_text(row, PACK_MANIFEST);
	unsigned char digest[DIGEST_SHA256_LENGTH];
	struct err e;

	if (pack_signed_number(row, PACK_SEQUENCE) + 1 != m->sequence)
		return;
	if (enc_unhex(hex, strlen(hex), digest, sizeof(digest), &e) == -1 ||
	    memcmp(digest, m->previous, sizeof(digest)) != 0)
		pack_signed_fault(s->check, row, "altered",
		    _("the pack before is not the one that the manifest "
		      "names"));
}

static void
take_meaning(struct signed_rows *s, const struct pack_signed *row)
{
	if (strcmp(row->table, "signer") == 0)
		take_signer(s, row);
	else if (strcmp(row->table, "signer_end") == 0)
		take_signer_end(s, row);
	else if (strcmp(row->table, "second") == 0)
		take_second(s, row);
	else if (strcmp(row->table, "pack") == 0)
		take_pack(s, row);
}

/* ---- Digests ---- */

/* The table that was being read is over. */
static int
end_table(struct signed_rows *s, struct err *e)
{
	const struct pack_table *t = &s->expected[s->at];
	unsigned char digest[DIGEST_SHA256_LENGTH];

	if (EVP_DigestFinal_ex(s->hash, digest, NULL) != 1 ||
	    EVP_DigestInit_ex(s->hash, EVP_sha256(), NULL) != 1)
		return err_set(e, ERR_CRYPTO, "SHA-256");
	if (s->rows != t->rows ||
	    memcmp(digest, t->digest, sizeof(digest)) != 0)
		pack_fault(s->check,
		    s->rows < t->rows ? "incomplete" : "altered",
		    s->check->part, s->line,
		    _("act %lld: the rows of table %s (%lld, of %lld) are not "
		      "those that were signed"),
		    (long long)t->act, t->name, (long long)s->rows,
		    (long long)t->rows);
	s->rows = 0;
	s->at++;
	return 0;
}

static bool
is_of(const struct pack_table *t, int64_t act, const char *table)
{
	return t->act == act && strcmp(t->name, table) == 0;
}

/* Ends tables until the row's is read. 1; 0: no act has it; -1 */
static int
find_table(struct signed_rows *s, int64_t act, const char *table, struct err *e)
{
	size_t next = s->at;

	while (next < s->count && !is_of(&s->expected[next], act, table) &&
	    s->expected[next].act <= act)
		next++;
	if (next == s->count || !is_of(&s->expected[next], act, table))
		return 0;
	while (s->at < next)
		if (end_table(s, e) == -1)
			return -1;
	return 1;
}

static int
take_signed(void *context, const struct pack_row *row, struct err *e)
{
	struct signed_rows *s = context;
	const char *text = row->values[row->class->count - 1];
	struct pack_signed r;
	int64_t number;
	int found;

	if (pack_signed_read(&r, &s->text, row, e) == -1 ||
	    pack_uncount(pack_value(row, "number"), &number, e) == -1 ||
	    (found = find_table(s, r.act, r.table, e)) == -1)
		return -1;
	if (found == 0)
		return err_set(e, ERR_FORMAT,
		    _("a row of act %lld, table %.64s, which no act here "
		      "has, or out of order"),
		    (long long)r.act, r.table);
	if (number != s->rows + 1)
		return err_set(e, ERR_FORMAT,
		    _("act %lld, table %s: rows are missing or out of order"),
		    (long long)r.act, r.table);
	s->rows++;
	s->line = row->line;
	if (EVP_DigestUpdate(s->hash, text, strlen(text)) != 1 ||
	    EVP_DigestUpdate(s->hash, "\n", 1) != 1)
		return err_set(e, ERR_CRYPTO, "SHA-256");
	take_meaning(s, &r);
	return pack_sheets_take(s->sheets, &r, e) == -1 ||
	        pack_derived_take(s->derived, &r, e) == -1
	    ? -1
	    : pack_shown_take(s->shown, &r, e);
}

static int
read_signed(struct signed_rows *s, struct err *e)
{
	struct pack_check *c = s->check;
	int64_t before = c->faults;

	if (pack_each_row(c, "signed", false, take_signed, s, e) == -1)
		return -1;
	/* What could not be read says nothing of what comes after it. */
	while (c->faults == before && s->at < s->count)
		if (end_table(s, e) == -1)
			return -1;
	if (c->faults > before)
		return 0;
	pack_sheets_end(s->sheets);
	return pack_shown_compare(s->shown, e) == -1
	    ? -1
	    : pack_derived_check(s->derived, e);
}

int
pack_check_signed(struct pack_check *c, const struct pack_table *expected,
    size_t count, struct err *e)
{
	struct signed_rows s = { .check = c,
		.expected = expected,
		.count = count,
		.text = buf_new(TEXT_MAX) };
	int result = -1;

	s.hash = EVP_MD_CTX_new();
	if (s.hash == NULL ||
	    EVP_DigestInit_ex(s.hash, EVP_sha256(), NULL) != 1)
		err_set(e, ERR_MEMORY, "out of memory");
	else if (pack_shown_new(&s.shown, c, e) == 0 &&
	    pack_sheets_new(&s.sheets, c, e) == 0 &&
	    pack_derived_new(&s.derived, c, e) == 0)
		result = read_signed(&s, e);
	pack_shown_free(&s.shown);
	pack_sheets_free(&s.sheets);
	pack_derived_free(&s.derived);
	EVP_MD_CTX_free(s.hash);
	buf_free(&s.text);
	return result;
}
