/*
 * The chain of acts in a pack: links, digests, signatures, and whether whoever
 * signed was enrolled, might, and was two where two are wanted. It is what
 * act_verify() does in the database, as far as a pack has it.
 */
#include "review/pack_verify_internal.h"

#include <stdlib.h>
#include <string.h>

#include "review/act_internal.h"
#include "review/act_trust.h"
#include "review/employee.h"
#include "review/pack_value.h"
#include "schema/base/enc.h"
#include "schema/message.h"

#define ACTS_MAX    (INT64_C(1) << 24)
#define PERSONS_MAX 65536u
#define SAME_KEY    16u /* persons with one key, one after the other */

struct chain {
	struct pack_check *check;
	struct pins pins;
	unsigned char digest[DIGEST_SHA256_LENGTH]; /* of the act before */
	int64_t at;                                 /* of it */
	struct pack_table *tables;
	size_t table_count;
	int64_t packs; /* acts that say that a pack was exported */
	bool broken;   /* there is a gap: nothing after it was looked at */
};

struct pack_act *
pack_act_find(const struct pack_check *c, int64_t act)
{
	return act < 1 || act > c->act_count ? NULL : &c->acts[act - 1];
}

void *
pack_grow(void *list, size_t count, size_t max, size_t size, struct err *e)
{
	void *grown = list;

	if (count == max) {
		err_set(e, ERR_LIMIT, _("more rows than a pack has"));
		return NULL;
	}
	if ((count & (count - 1)) == 0) {
		grown = realloc(list, (count == 0 ? 1 : 2 * count) * size);
		if (grown == NULL)
			err_set(e, ERR_MEMORY, "out of memory");
	}
	return grown;
}

/* ---- Persons ---- */

static void
copy(char *out, size_t size, const char *text)
{
	(void)snprintf(out, size, "%s", text == NULL ? "" : text);
}

static int
take_id(
    const struct pack_row *row, const char *column, int64_t *id, struct err *e)
{
	const char *text = pack_value(row, column);

	*id = 0;
	return text == NULL ? 0 : pack_uncount(text, id, e);
}

static int
take_person(void *context, const struct pack_row *row, struct err *e)
{
	struct pack_check *c = context;
	struct pack_person *grown = pack_grow(
	    c->persons, c->person_count, PERSONS_MAX, sizeof(*grown), e);
	char fingerprint[SSHSIG_FINGERPRINT];
	const char *key = pack_value(row, "key");
	struct buf line = buf_new(SSHKEY_LINE_MAX);
	struct pack_person *p;
	int result = 0;

	if (grown == NULL)
		return -1;
	c->persons = grown;
	p = &grown[c->person_count++];
	memset(p, 0, sizeof(*p));
	copy(p->name, sizeof(p->name), pack_value(row, "name"));
	copy(p->employee, sizeof(p->employee), pack_value(row, "employee"));
	copy(p->role, sizeof(p->role), pack_value(row, "role"));
	copy(p->fingerprint, sizeof(p->fingerprint),
	    pack_value(row, "fingerprint"));
	if (take_id(row, "act", &p->act, e) == -1 ||
	    take_id(row, "ended", &p->ended, e) == -1)
		result = -1;
	else if (sshkey_read(key, strlen(key), &line, fingerprint, e) == -1 ||
	    strcmp(fingerprint, p->fingerprint) != 0)
		pack_fault(c, "altered", c->part, row->line,
		    _("the key of %s has another fingerprint"), p->name);
	buf_free(&line);
	return result;
}

static int
by_fingerprint(const void *a, const void *b)
{
	const struct pack_person *x = a, *y = b;
	int order = strcmp(x->fingerprint, y->fingerprint);

	return order != 0 ? order : (x->act > y->act) - (x->act < y->act);
}

static int32_t
find_person(const struct pack_check *c, const char *fingerprint)
{
	size_t low = 0, high = c->person_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(c->persons[middle].fingerprint, fingerprint) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < c->person_count &&
	        strcmp(c->persons[low].fingerprint, fingerprint) == 0
	    ? (int32_t)low
	    : -1;
}

const struct pack_person *
pack_act_person(const struct pack_check *c, const struct pack_act *a, size_t i)
{
	int32_t first = a->person;
	size_t at = (size_t)first + i;

	if (first < 0 || at >= c->person_count ||
	    strcmp(c->persons[at].fingerprint, c->persons[first].fingerprint) !=
	        0)
		return NULL;
	return &c->persons[at];
}

bool
pack_act_is_by(
    const struct pack_check *c, const struct pack_act *a, const char *name)
{
	const struct pack_person *p;

	for (size_t i = 0; (p = pack_act_person(c, a, i)) != NULL; i++)
		if (name != NULL && strcmp(p->name, name) == 0)
			return true;
	return false;
}

/* The first two persons' acts: they enrol themselves. */
static int64_t
find_founded(const struct pack_check *c)
{
	int64_t first = INT64_MAX, second = INT64_MAX;

	for (size_t i = 0; i < c->person_count; i++) {
		int64_t act = c->persons[i].act;

		if (act < first) {
			second = first;
			first = act;
		} else if (act < second)
			second = act;
	}
	return second;
}

/* Of two rows one could say that a person's end never came. */
static void
check_twice(struct pack_check *c)
{
	for (size_t i = 1; i < c->person_count; i++)
		if (by_fingerprint(&c->persons[i - 1], &c->persons[i]) == 0)
			pack_fault(c, "altered", "", 0,
			    _("act %lld enrols %s, and class signer has it "
			      "twice"),
			    (long long)c->persons[i].act, c->persons[i].name);
}

static int
read_persons(struct pack_check *c, struct err *e)
{
	if (pack_each_row(c, "signer", false, take_person, c, e) == -1)
		return -1;
	if (c->person_count > 0)
		qsort(c->persons, c->person_count, sizeof(*c->persons),
		    by_fingerprint);
	check_twice(c);
	for (size_t i = SAME_KEY; i < c->person_count; i++)
		if (strcmp(c->persons[i].fingerprint,
		        c->persons[i - SAME_KEY].fingerprint) == 0) {
			pack_fault(c, "altered", "", 0,
			    _("%s is enrolled too often"),
			    c->persons[i].fingerprint);
			break;
		}
	c->founded = find_founded(c);
	return 0;
}

/* ---- The text of an act ---- */

static bool
take_literal(const char **at, const char *literal)
{
	size_t length = strlen(literal);

	if (strncmp(*at, literal, length) != 0)
		return false;
	*at += length;
	return true;
}

/* {"table":"decision","rows":25,"digest":"HEX"} */
static bool
take_table(const char **at, struct pack_table *t)
{
	struct err e;
	uint64_t rows;
	size_t digits;

	if (!take_literal(at, "{\"table\":\"") || !take_literal(at, t->name) ||
	    !take_literal(at, "\",\"rows\":"))
		return false;
	digits = strspn(*at, "0123456789");
	if (enc_number(*at, digits, INT64_MAX, &rows, &e) == -1)
		return false;
	t->rows = (int64_t)rows;
	*at += digits;
	if (!take_literal(at, ",\"digest\":\"") ||
	    strnlen(*at, 2 * sizeof(t->digest)) < 2 * sizeof(t->digest) ||
	    strspn(*at, "0123456789abcdef") < 2 * sizeof(t->digest) ||
	    enc_unhex(*at, 2 * sizeof(t->digest), t->digest, sizeof(t->digest),
	        &e) == -1)
		return false;
	*at += 2 * sizeof(t->digest);
	return take_literal(at, "\"}");
}

static int
add_table(struct chain *h, const struct pack_table *t, struct err *e)
{
	struct pack_table *grown = pack_grow(h->tables, h->table_count,
	    (size_t)ACTS_MAX * ACT_TABLES, sizeof(*grown), e);

	if (grown == NULL)
		return -1;
	h->tables = grown;
	h->tables[h->table_count++] = *t;
	return 0;
}

/* What stands behind the head: each table of the kind, in order. 1, 0, -1 */
static int
take_tables(struct chain *h, const struct pack_act *a, int64_t id,
    const char *text, struct err *e)
{
	const struct act_kind *kind = a->kind;

	for (size_t i = 0; i < ACT_TABLES && kind->tables[i] != NULL; i++) {
		struct pack_table t = { .act = id, .name = kind->tables[i] };

		if ((i > 0 && !take_literal(&text, ",")) ||
		    !take_table(&text, &t))
			return 0;
		if (a->included && add_table(h, &t, e) == -1)
			return -1;
	}
	return strcmp(text, "]}") == 0;
}

static int
check_text(struct chain *h, const struct pack_row *row,
    const struct pack_act *a, int64_t id, struct err *e)
{
	struct pack_check *c = h->check;
	const struct act_head head = { .id = id,
		.at = a->at,
		.kind = a->kind->name,
		.signer = pack_value(row, "signer"),
		.previous = h->digest,
		.rehearsal = c->manifest->rehearsal };
	const char *text = row->values[row->class->count - 1];
	struct buf b = buf_new(ACT_TEXT_MAX);
	int good = 0;

	act_put_head(&b, &head);
	if (buf_status(&b, e) == -1)
		good = -1;
	else if (strncmp(text, buf_string(&b), b.length) == 0)
		good = take_tables(h, a, id, text + b.length, e);
	buf_free(&b);
	if (good == 0)
		pack_fault(c, "altered", c->part, row->line,
		    _("act %lld: its text is not of this act, or does not "
		      "follow the act before"),
		    (long long)id);
	return good == -1 ? -1 : 0;
}

/* ---- Signatures ---- */

static bool
in_roster(const struct pack_check *c, const char *fingerprint)
{
	return !c->pins->roster || pins_have(c->pins, fingerprint);
}

static void
check_signature(
    struct chain *h, const struct pack_row *row, int64_t id, const char *armour)
{
	struct pack_check *c = h->check;
	const char *signer = pack_value(row, "signer");
	const char *text = row->values[row->class->count - 1];
	char fingerprint[SSHSIG_FINGERPRINT];
	struct err e = { .code = ERR_NONE };
	struct sshsig s;

	if (sshsig_read(&s, armour, strlen(armour), &e) == -1) {
		pack_fault(c, "altered", c->part, row->line, _("act %lld: %s"),
		    (long long)id, e.text);
		return;
	}
	if (sshsig_verify(&s, ACT_NAMESPACE, text, strlen(text), &e) == -1 ||
	    sshsig_fingerprint(&s, fingerprint, &e) == -1)
		pack_fault(c, "altered", c->part, row->line, _("act %lld: %s"),
		    (long long)id, e.text);
	else if (strcmp(fingerprint, signer) != 0)
		pack_fault(c, "untrusted", c->part, row->line,
		    _("act %lld is signed with %s, which is not its signer's "
		      "key"),
		    (long long)id, fingerprint);
	else if (!in_roster(c, fingerprint))
		pack_fault(c, "untrusted", c->part, row->line,
		    _("act %lld: %s is not in the roster"), (long long)id,
		    fingerprint);
	sshsig_free(&s);
}

/* Whose key it is, and that it is called by their name. */
static void
check_name(struct chain *h, const struct pack_row *row,
    const struct pack_act *a, int64_t id)
{
	struct pack_check *c = h->check;

	if (!pack_act_is_by(c, a, pack_value(row, "name")))
		pack_fault(c, "untrusted", c->part, row->line,
		    _("act %lld: its key is of no enrolled person of that "
		      "name"),
		    (long long)id);
}

static void
check_by(
    struct chain *h, const struct pack_row *row, struct pack_act *a, int64_t id)
{
	struct pack_check *c = h->check;
	const char *signer = pack_value(row, "signer");
	const char *armour = pack_value(row, "signature");

	a->person = -1;
	if (signer == NULL) {
		if (!a->kind->program || armour != NULL ||
		    pack_value(row, "name") != NULL)
			pack_fault(c, "unsigned", c->part, row->line,
			    _("act %lld: no person signed it, and \"%s\" "
			      "wants one"),
			    (long long)id, a->kind->name);
		return;
	}
	if (armour == NULL) {
		pack_fault(c, "unsigned", c->part, row->line,
		    _("act %lld has no signature"), (long long)id);
		return;
	}
	check_signature(h, row, id, armour);
	a->person = find_person(c, signer);
	check_name(h, row, a, id);
}

/* ---- One act ---- */

static int
check_digest(
    struct chain *h, const struct pack_row *row, int64_t id, struct err *e)
{
	struct pack_check *c = h->check;
	const char *armour = pack_value(row, "signature");
	struct buf hex = buf_new(2 * sizeof(h->digest) + 1);

	if (act_make_digest(row->values[row->class->count - 1],
	        armour == NULL ? "" : armour, h->digest, e) == -1)
		return -1;
	enc_hex(&hex, h->digest, sizeof(h->digest));
	if (strcmp(pack_value(row, "digest"), buf_string(&hex)) != 0)
		pack_fault(c, "altered", c->part, row->line,
		    _("act %lld: its digest is not that of its text and "
		      "signature"),
		    (long long)id);
	if (c->before != NULL && id == c->before->head &&
	    memcmp(h->digest, c->before->head_digest, sizeof(h->digest)) != 0)
		pack_fault(c, "altered", c->part, row->line,
		    _("act %lld is another than in the pack before"),
		    (long long)id);
	if (id == h->pins.head &&
	    memcmp(h->digest, h->pins.digest, sizeof(h->digest)) != 0)
		pack_fault(c, "altered", c->part, row->line,
		    _("act %lld is not the head that is held elsewhere"),
		    (long long)id);
	buf_free(&hex);
	return 0;
}

static bool
is_enrolment(const struct act_kind *kind)
{
	return strncmp(kind->name, "person", 6) == 0 ||
	    strcmp(kind->name, "second") == 0;
}

/* By them what became of remedies is told anew (pack_verify_derived.c). */
static bool
is_remedy(const struct act_kind *kind)
{
	return strncmp(kind->name, "remedy", 6) == 0;
}

/* Acts whose rows should be here, and are not. */
static void
check_included(struct chain *h, const struct pack_row *row,
    const struct pack_act *a, int64_t id)
{
	struct pack_check *c = h->check;
	const struct manifest *m = c->manifest;
	const struct manifest_class *class = manifest_class_find(m, "signed");

	if (a->included)
		return;
	if (a->person != -1)
		c->verdict->unseen++;
	if (is_enrolment(a->kind))
		pack_fault(c, "incomplete", c->part, row->line,
		    _("act %lld is of who may sign, and its rows are not "
		      "here"),
		    (long long)id);
	else if (is_remedy(a->kind) && m->scope_count == 0 &&
	    !c->verdict->other_program)
		pack_fault(c, "incomplete", c->part, row->line,
		    _("act %lld is of remedies, and its rows are not here"),
		    (long long)id);
	else if (m->scope_count == 0 && a->at >= m->from && a->at < m->to &&
	    class != NULL && class->withheld[0] == '\0')
		pack_fault(c, "incomplete", c->part, row->line,
		    _("act %lld is of the period, and its rows are not here"),
		    (long long)id);
}

static int
read_act(const struct pack_row *row, struct pack_act *a, struct err *e)
{
	const char *seconded = pack_value(row, "seconded");

	memset(a, 0, sizeof(*a));
	a->kind = act_kind_find(pack_value(row, "kind"));
	if (a->kind == NULL)
		return err_set(e, ERR_FORMAT, _("an act of no known kind"));
	a->included = strcmp(pack_value(row, "included"), "true") == 0;
	if (seconded != NULL) {
		a->approved = strcmp(seconded, "approved") == 0;
		a->refused = strcmp(seconded, "refused") == 0;
		if (!a->approved && !a->refused)
			return err_set(e, ERR_FORMAT,
			    _("seconded: neither approved nor refused"));
	}
	return pack_untime(pack_value(row, "at"), &a->at, e);
}

static int
take_act(void *context, const struct pack_row *row, struct err *e)
{
	struct chain *h = context;
	struct pack_check *c = h->check;
	struct pack_act *grown;
	struct pack_act *a;
	int64_t id;

	if (h->broken)
		return 0;
	if (take_id(row, "id", &id, e) == -1)
		return -1;
	if (id != c->act_count + 1) {
		h->broken = true;
		pack_fault(c, "incomplete", c->part, row->line,
		    _("acts %lld to %lld are not there"),
		    (long long)c->act_count + 1, (long long)id - 1);
		return 0;
	}
	grown = pack_grow(
	    c->acts, (size_t)c->act_count, (size_t)ACTS_MAX, sizeof(*grown), e);
	if (grown == NULL)
		return -1;
	c->acts = grown;
	a = &c->acts[c->act_count++];
	if (read_act(row, a, e) == -1)
		return -1;
	if (a->at < h->at)
		pack_fault(c, "altered", c->part, row->line,
		    _("act %lld is older than the act before it"),
		    (long long)id);
	h->at = a->at;
	h->packs += strcmp(a->kind->name, "pack") == 0;
	check_by(h, row, a, id);
	check_included(h, row, a, id);
	if (check_text(h, row, a, id, e) == -1)
		return -1;
	return check_digest(h, row, id, e);
}

/* ---- The head ---- */

static void
check_head(struct chain *h)
{
	struct pack_check *c = h->check;
	const struct manifest *m = c->manifest;

	if (c->act_count != m->head ||
	    memcmp(h->digest, m->head_digest, sizeof(h->digest)) != 0)
		pack_fault(c, c->act_count < m->head ? "incomplete" : "altered",
		    EVIDENCE_MANIFEST, 0,
		    _("its head is act %lld; the chain ends at act %lld, or "
		      "with another digest"),
		    (long long)m->head, (long long)c->act_count);
	if (h->packs >= m->sequence)
		pack_fault(c, "altered", EVIDENCE_MANIFEST, 0,
		    _("it says that it is pack %lld; its acts know of %lld "
		      "before it"),
		    (long long)m->sequence, (long long)h->packs);
	if (c->before != NULL && c->act_count < c->before->head)
		pack_fault(c, "incomplete", "", 0,
		    _("it ends at act %lld; the pack before has act %lld"),
		    (long long)c->act_count, (long long)c->before->head);
	if (c->act_count < h->pins.head)
		pack_fault(c, "incomplete", "", 0,
		    _("it ends at act %lld; act %lld is held elsewhere"),
		    (long long)c->act_count, (long long)h->pins.head);
}

/* ---- Who might sign, once all rows were read ---- */

static bool
enrolled_self(const struct pack_check *c, const struct pack_person *p)
{
	const struct pack_act *a = pack_act_find(c, p->act);
	const struct pack_person *own;

	if (a == NULL || p->act > c->founded ||
	    strcmp(a->kind->name, "person") != 0)
		return false;
	for (size_t i = 0; (own = pack_act_person(c, a, i)) != NULL; i++)
		if (own == p)
			return true;
	return false;
}

/* Whether a second person approved that act before the other. */
static bool
approved_before(const struct pack_check *c, int64_t act, int64_t before)
{
	const struct pack_act *a = pack_act_find(c, act);

	return a != NULL && a->approved && a->second != 0 && a->second < before;
}

static bool
was_valid(const struct pack_check *c, const struct pack_person *p, int64_t act)
{
	if (p->act == act)
		return enrolled_self(c, p);
	return p->act < act &&
	    (enrolled_self(c, p) || approved_before(c, p->act, act)) &&
	    (p->ended == 0 || !approved_before(c, p->ended, act));
}

bool
pack_person_valid(
    const struct pack_check *c, const struct pack_person *p, int64_t act)
{
	return was_valid(c, p, act) && in_roster(c, p->fingerprint);
}

/* The person whose key it is, as enrolled then; NULL: nobody was. */
const struct pack_person *
pack_act_signer(const struct pack_check *c, int64_t act)
{
	const struct pack_act *a = pack_act_find(c, act);
	const struct pack_person *p;

	for (size_t i = 0; a != NULL && (p = pack_act_person(c, a, i)) != NULL;
	     i++)
		if (was_valid(c, p, act))
			return p;
	return NULL;
}

static void
judge_second(struct pack_check *c, const struct pack_person *p, int64_t act)
{
	const struct pack_person *first;
	const struct pack_act *of;
	int64_t number = c->acts[act - 1].of;

	of = pack_act_find(c, number);
	if (number >= act || of == NULL || of->kind->need == ACT_ALONE) {
		pack_fault(c, "untrusted", "", 0,
		    _("act %lld approves or refuses nothing that waits"),
		    (long long)act);
		return;
	}
	first = pack_act_signer(c, number);
	if (first != NULL &&
	    (strcmp(first->fingerprint, p->fingerprint) == 0 ||
	        employee_same(first->employee, p->employee)))
		pack_fault(c, "untrusted", "", 0,
		    _("%s signed act %lld as well: one person, not two"),
		    p->name, (long long)number);
	if (!act_role_in(act_seconds(of->kind), p->role))
		pack_fault(c, "untrusted", "", 0,
		    _("act %lld: %s, enrolled as %s, may not"), (long long)act,
		    p->name, p->role);
}

static void
judge_signer(struct pack_check *c, int64_t act)
{
	const struct pack_act *a = pack_act_find(c, act);
	const struct pack_person *p;

	if (a->person == -1)
		return;
	p = pack_act_signer(c, act);
	if (p == NULL)
		pack_fault(c, "untrusted", "", 0,
		    _("act %lld: %s was not enrolled then, or not any more"),
		    (long long)act, c->persons[a->person].name);
	else if (!act_role_in(a->kind->roles, p->role))
		pack_fault(c, "untrusted", "", 0,
		    _("act %lld: %s, enrolled as %s, may not"), (long long)act,
		    p->name, p->role);
	else if (strcmp(a->kind->name, "second") == 0)
		judge_second(c, p, act);
}

/* What a row says of a second person is what one said. */
static void
judge_seconded(struct pack_check *c, int64_t act)
{
	const struct pack_act *a = pack_act_find(c, act);

	if ((a->approved || a->refused) != (a->second != 0))
		pack_fault(c, "altered", "", 0,
		    _("act %lld: what is said of a second person is not what "
		      "one signed"),
		    (long long)act);
}

/* What a row says of a person's end is what two persons signed. */
static void
judge_ends(struct pack_check *c)
{
	for (size_t i = 0; i < c->person_count; i++) {
		const struct pack_person *p = &c->persons[i];

		if (p->ended != 0 && !p->end_signed)
			pack_fault(c, "altered", "", 0,
			    _("class signer says that act %lld ended %s; it "
			      "did not"),
			    (long long)p->ended, p->name);
	}
}

static int
check_chain(struct chain *h, struct err *e)
{
	struct pack_check *c = h->check;
	int64_t before = c->faults;

	if (pack_each_row(c, "act", false, take_act, h, e) == -1)
		return -1;
	c->verdict->acts = c->act_count;
	check_head(h);
	/* A chain that does not hold says nothing about its rows. */
	if (c->faults > before)
		return 0;
	if (pack_check_signed(c, h->tables, h->table_count, e) == -1)
		return -1;
	for (int64_t act = 1; act <= c->act_count; act++) {
		judge_signer(c, act);
		judge_seconded(c, act);
	}
	judge_ends(c);
	return 0;
}

int
pack_check_acts(struct pack_check *c, struct err *e)
{
	struct chain h = { .check = c };
	int64_t before = c->faults;
	int result = pins_load(&h.pins, c->asked->roster, c->asked->head, e);

	if (result == 0) {
		c->pins = &h.pins;
		c->verdict->roster = h.pins.roster;
		result = read_persons(c, e);
	}
	if (result == 0 && c->faults == before)
		result = check_chain(&h, e);
	free(h.tables);
	pins_free(&h.pins);
	c->pins = NULL;
	return result;
}
