#include "review/oscal.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libxml/xmlwriter.h>

#include "review/fact.h"
#include "schema/base/enc.h"

#define NAMESPACE    "http://csrc.nist.gov/ns/oscal/1.0"
#define OUR_SPACE    "urn:reeve:oscal:1" /* of our props */
#define UUID_SIZE    37
#define TIME_SIZE    24
#define ID_SIZE      24
#define TEXT(string) ((const xmlChar *)(string))
#define CATALOG      "NIST SP 800-53 Rev. 5"
#define PLAN_LOCAL   "assessment-plan.xml" /* beside the results */

static const unsigned char space[16] = { 0x38, 0xcf, 0xac, 0x72, 0x48, 0x7d,
	0x4c, 0xe8, 0x99, 0xe8, 0x2a, 0xed, 0xc6, 0x2c, 0xde, 0x6f };

enum oscal_kind { OSCAL_RULE, OSCAL_CONTROL, OSCAL_SOURCE, OSCAL_COVERAGE };
#define TEXTS 8

/* What is kept of a row: the columns, in the order of the enums below. */
static const struct oscal_take {
	const char *class;
	const char *columns[TEXTS];
} takes[] = {
	[OSCAL_RULE] = { "rule",
	    { "id", "title", "severity", "population", "hits", "unknowns",
	        "excepted", "error" } },
	[OSCAL_CONTROL] = { "control",
	    { "id", "title", "nist", "rules", "verdict", "gap", "findings",
	        "requirement" } },
	[OSCAL_SOURCE] = { "source",
	    { "id", "name", "product", "realm", "core" } },
	[OSCAL_COVERAGE] = { "coverage", { "source", "complete" } },
};
enum {
	RULE_ID,
	RULE_TITLE,
	RULE_SEVERITY,
	RULE_POPULATION,
	RULE_HITS,
	RULE_UNKNOWNS,
	RULE_EXCEPTED,
	RULE_ERROR
};
enum {
	CONTROL_ID,
	CONTROL_TITLE,
	CONTROL_NIST,
	CONTROL_RULES,
	CONTROL_VERDICT,
	CONTROL_GAP,
	CONTROL_FINDINGS,
	CONTROL_REQUIREMENT
};
enum { SOURCE_ID, SOURCE_NAME, SOURCE_PRODUCT, SOURCE_REALM, SOURCE_CORE };

struct row {
	char *text[TEXTS];       /* "" what was not recorded */
	int64_t places, covered; /* of a source */
};

struct table {
	struct row *rows;
	size_t count;
};

struct oscal {
	struct table of[OSCAL_COVERAGE]; /* coverage is counted, not kept */
	char (*nist)[ID_SIZE];           /* "ac-2.3", sorted, each once */
	size_t nist_count;
};

int
oscal_new(struct oscal **o, struct err *e)
{
	*o = calloc(1, sizeof(**o));
	return *o == NULL ? err_set(e, ERR_MEMORY, "out of memory") : 0;
}

void
oscal_free(struct oscal **o)
{
	if (*o == NULL)
		return;
	for (size_t k = 0; k < OSCAL_COVERAGE; k++) {
		struct table *t = &(*o)->of[k];

		for (size_t i = 0; i < t->count; i++)
			for (size_t c = 0; c < TEXTS; c++)
				free(t->rows[i].text[c]);
		free(t->rows);
	}
	free((*o)->nist);
	free(*o);
	*o = NULL;
}

/* ---- Rows ---- */

static const struct oscal_take *
take_of(const char *class)
{
	for (size_t k = 0; k < sizeof(takes) / sizeof(takes[0]); k++)
		if (strcmp(takes[k].class, class) == 0)
			return &takes[k];
	return NULL;
}

bool
oscal_wants(const char *class)
{
	return take_of(class) != NULL;
}

static const char *
value_of(const struct pack_row *r, const char *column)
{
	int at = column == NULL ? -1 : pack_column_find(r->class, column);

	return at == -1 || r->values[at] == NULL ? "" : r->values[at];
}

/* ERR_LIMIT beyond OSCAL_ROWS. The table is made at its first row. */
static struct row *
add_row(struct table *t, const char *what, struct err *e)
{
	if (t->rows == NULL &&
	    (t->rows = calloc(OSCAL_ROWS, sizeof(*t->rows))) == NULL) {
		err_set(e, ERR_MEMORY, "out of memory");
		return NULL;
	}
	if (t->count == OSCAL_ROWS) {
		err_set(e, ERR_LIMIT, "OSCAL: more than %u rows of %s",
		    OSCAL_ROWS, what);
		return NULL;
	}
	return &t->rows[t->count++];
}

static int
count_coverage(struct oscal *o, const struct pack_row *r)
{
	struct table *sources = &o->of[OSCAL_SOURCE];

	for (size_t i = 0; i < sources->count; i++) {
		struct row *s = &sources->rows[i];

		if (strcmp(s->text[SOURCE_ID], value_of(r, "source")) != 0)
			continue;
		s->places++;
		s->covered += strcmp(value_of(r, "complete"), "true") == 0;
	}
	return 0;
}

static int
compare_ids(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int
add_nist(struct oscal *o, const char *id, struct err *e)
{
	if (o->nist == NULL &&
	    (o->nist = calloc(OSCAL_ROWS, sizeof(*o->nist))) == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (bsearch(id, o->nist, o->nist_count, sizeof(*o->nist),
	        compare_ids) != NULL)
		return 0;
	if (o->nist_count == OSCAL_ROWS)
		return err_set(
		    e, ERR_LIMIT, "OSCAL: more than %u controls", OSCAL_ROWS);
	(void)snprintf(o->nist[o->nist_count++], ID_SIZE, "%s", id);
	qsort(o->nist, o->nist_count, sizeof(*o->nist), compare_ids);
	return 0;
}

static size_t
digits(const char *text)
{
	return strspn(text, "0123456789");
}

/*
 * The next control in a text as people write it, "AC-2 j, AC-6(7)", as the
 * catalogue spells it: "ac-2", "ac-6.7". NULL: no more.
 */
static const char *
next_nist(const char *at, char id[ID_SIZE])
{
	for (; *at != '\0'; at++) {
		size_t number, part = 0;

		if (!isupper((unsigned char)at[0]) ||
		    !isupper((unsigned char)at[1]) || at[2] != '-' ||
		    (number = digits(at + 3)) == 0 || number > 3)
			continue;
		if (at[3 + number] == '(')
			part = digits(at + 3 + number + 1);
		if (part > 3 || (part > 0 && at[4 + number + part] != ')'))
			part = 0;
		(void)snprintf(id, ID_SIZE, "%c%c-%.*s%s%.*s",
		    tolower((unsigned char)at[0]),
		    tolower((unsigned char)at[1]), (int)number, at + 3,
		    part > 0 ? "." : "", (int)part, at + 4 + number);
		return at + 3 + number;
	}
	return NULL;
}

static int
take_nist(struct oscal *o, const char *text, struct err *e)
{
	char id[ID_SIZE];

	for (const char *at = text; (at = next_nist(at, id)) != NULL;)
		if (add_nist(o, id, e) == -1)
			return -1;
	return 0;
}

int
oscal_row(void *context, const struct pack_row *r, struct err *e)
{
	const struct oscal_take *take = take_of(r->class->name);
	struct oscal *o = context;
	struct row *row;

	if (take == NULL)
		return 0;
	if (take == &takes[OSCAL_COVERAGE])
		return count_coverage(o, r);
	row = add_row(&o->of[take - takes], take->class, e);
	if (row == NULL)
		return -1;
	for (size_t c = 0; c < TEXTS; c++) {
		row->text[c] = strdup(value_of(r, take->columns[c]));
		if (row->text[c] == NULL)
			return err_set(e, ERR_MEMORY, "out of memory");
	}
	if (take == &takes[OSCAL_CONTROL])
		return take_nist(o, row->text[CONTROL_NIST], e);
	return 0;
}

bool
oscal_any(const struct oscal *o)
{
	return o->nist_count > 0;
}

/* ---- Writing: the first failure is latched ---- */

struct writing {
	xmlTextWriterPtr writer;
	const struct manifest *manifest;
	struct buf name; /* of a UUID */
	bool failed;
};

static void
begin(struct writing *w, const char *element)
{
	w->failed |= w->failed ||
	    xmlTextWriterStartElement(w->writer, TEXT(element)) == -1;
}

static void
end(struct writing *w)
{
	w->failed |= w->failed || xmlTextWriterEndElement(w->writer) == -1;
}

static void
attribute(struct writing *w, const char *name, const char *value)
{
	w->failed |= w->failed ||
	    xmlTextWriterWriteAttribute(w->writer, TEXT(name), TEXT(value)) ==
	        -1;
}

static void
text(struct writing *w, const char *value)
{
	w->failed |=
	    w->failed || xmlTextWriterWriteString(w->writer, TEXT(value)) == -1;
}

static void
element(struct writing *w, const char *name, const char *value)
{
	begin(w, name);
	text(w, value);
	end(w);
}

/* An element of paragraphs, with one. */
static void paragraph(struct writing *w, const char *name, const char *format,
    ...) __attribute__((format(printf, 3, 4)));
static void
paragraph(struct writing *w, const char *name, const char *format, ...)
{
	char *value = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&value, format, args) == -1) {
		value = NULL;
		w->failed = true;
	}
	va_end(args);
	begin(w, name);
	element(w, "p", value == NULL ? "" : value);
	end(w);
	free(value);
}

/* OSCAL's strings have no blank at either end and no line end, or aren't. */
static void
prop(struct writing *w, const char *name, const char *value)
{
	size_t length;
	char *line;

	value += strspn(value, " \t\r\n");
	length = strlen(value);
	while (length > 0 && strchr(" \t\r\n", value[length - 1]) != NULL)
		length--;
	if (length == 0)
		return;
	if ((line = strndup(value, length)) == NULL) {
		w->failed = true;
		return;
	}
	for (char *p = line; (p = strpbrk(p, "\t\r\n")) != NULL;)
		*p = ' ';
	begin(w, "prop");
	attribute(w, "name", name);
	attribute(w, "ns", OUR_SPACE);
	attribute(w, "value", line);
	end(w);
	free(line);
}

static void
prop_number(struct writing *w, const char *name, int64_t value)
{
	char number[24];

	(void)snprintf(number, sizeof(number), "%lld", (long long)value);
	prop(w, name, number);
}

static void
time_text(int64_t at, char out[TIME_SIZE])
{
	time_t when = (time_t)at;
	struct tm tm;

	if (gmtime_r(&when, &tm) == NULL ||
	    strftime(out, TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		(void)strcpy(out, "1970-01-01T00:00:00Z");
}

static void
time_element(struct writing *w, const char *name, int64_t at)
{
	char when[TIME_SIZE];

	time_text(at, when);
	element(w, name, when);
}

/* RFC 4122 section 4.3, version 5. "" if it could not be made. */
static void
uuid(struct writing *w, const char *kind, const char *of, char out[UUID_SIZE])
{
	const struct manifest *m = w->manifest;
	unsigned char d[20];
	struct err ignored;

	buf_clear(&w->name);
	buf_put(&w->name, space, sizeof(space));
	buf_printf(
	    &w->name, "%lld %lld ", (long long)m->sequence, (long long)m->made);
	enc_hex(&w->name, m->head_digest, sizeof(m->head_digest));
	buf_printf(&w->name, " %s %s", kind, of);
	out[0] = '\0';
	if (buf_status(&w->name, &ignored) == -1 ||
	    digest_make(
	        DIGEST_SHA1, w->name.data, w->name.length, d, &ignored) == -1) {
		w->failed = true;
		return;
	}
	d[6] = (unsigned char)((d[6] & 0x0f) | 0x50);
	d[8] = (unsigned char)((d[8] & 0x3f) | 0x80);
	(void)snprintf(out, UUID_SIZE,
	    "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x"
	    "%02x",
	    d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7], d[8], d[9], d[10],
	    d[11], d[12], d[13], d[14], d[15]);
}

static void
uuid_attribute(
    struct writing *w, const char *name, const char *kind, const char *of)
{
	char id[UUID_SIZE];

	uuid(w, kind, of, id);
	attribute(w, name, id);
}

static void
begin_with_uuid(
    struct writing *w, const char *name, const char *kind, const char *of)
{
	begin(w, name);
	uuid_attribute(w, "uuid", kind, of);
}

/* A reference to a resource of this document. */
static void
href(struct writing *w, const char *kind, const char *of)
{
	char id[UUID_SIZE], value[UUID_SIZE + 1];

	uuid(w, kind, of, id);
	(void)snprintf(value, sizeof(value), "#%s", id);
	attribute(w, "href", value);
}

static void
put_metadata(struct writing *w, const char *title)
{
	const struct manifest *m = w->manifest;
	char number[24], line[96];

	(void)snprintf(
	    line, sizeof(line), "%s, pack %lld", title, (long long)m->sequence);
	(void)snprintf(number, sizeof(number), "%lld", (long long)m->sequence);
	begin(w, "metadata");
	element(w, "title", line);
	time_element(w, "last-modified", m->made);
	element(w, "version", number);
	element(w, "oscal-version", OSCAL_VERSION);
	prop(w, "program", m->program);
	prop(w, "rehearsal", m->rehearsal ? "true" : "");
	end(w);
}

static void
put_reviewed(struct writing *w, const struct oscal *o)
{
	char objective[ID_SIZE + 8];

	begin(w, "reviewed-controls");
	paragraph(w, "description", "Controls of %s.", CATALOG);
	begin(w, "control-selection");
	for (size_t i = 0; i < o->nist_count; i++) {
		begin(w, "include-control");
		attribute(w, "control-id", o->nist[i]);
		end(w);
	}
	end(w);
	begin(w, "control-objective-selection");
	for (size_t i = 0; i < o->nist_count; i++) {
		(void)snprintf(
		    objective, sizeof(objective), "%s_obj", o->nist[i]);
		begin(w, "include-objective");
		attribute(w, "objective-id", objective);
		end(w);
	}
	end(w);
	end(w);
}

/* ---- The plan ---- */

static void
put_plan(struct writing *w, const struct oscal *o)
{
	begin(w, "assessment-plan");
	attribute(w, "xmlns", NAMESPACE);
	uuid_attribute(w, "uuid", "document", "assessment-plan");
	put_metadata(w, "Plan of an access review");
	begin(w, "import-ssp");
	href(w, "document", "system-security-plan");
	end(w);
	put_reviewed(w, o);
	begin(w, "back-matter");
	begin_with_uuid(w, "resource", "document", "system-security-plan");
	element(w, "title", "System security plan");
	paragraph(w, "description",
	    "The organization's own; it is no part of this pack.");
	end(w);
	end(w);
	end(w);
}

/* ---- The results ---- */

static void
put_definitions(struct writing *w, const struct oscal *o)
{
	const struct table *sources = &o->of[OSCAL_SOURCE];

	begin(w, "local-definitions");
	begin_with_uuid(w, "component", "tool", "reeve");
	attribute(w, "type", "software");
	element(w, "title", "Reeve");
	paragraph(w, "description",
	    "Reads accounts and rights, applies rules to them, and made this "
	    "pack.");
	prop(w, "version", w->manifest->program);
	begin(w, "status");
	attribute(w, "state", "operational");
	end(w);
	end(w);
	for (size_t i = 0; i < sources->count; i++) {
		const struct row *s = &sources->rows[i];

		begin_with_uuid(
		    w, "inventory-item", "source", s->text[SOURCE_ID]);
		paragraph(w, "description", "Source of accounts: %s.",
		    s->text[SOURCE_NAME]);
		prop(w, "product", s->text[SOURCE_PRODUCT]);
		prop(w, "realm", s->text[SOURCE_REALM]);
		prop(w, "core", s->text[SOURCE_CORE]);
		prop_number(w, "places", s->places);
		prop_number(w, "places-covered", s->covered);
		end(w);
	}
	end(w);
}

static void
put_entry(struct writing *w, const char *of, const char *title, int64_t at)
{
	begin_with_uuid(w, "entry", "entry", of);
	element(w, "title", title);
	time_element(w, "start", at);
	end(w);
}

static void
put_log(struct writing *w)
{
	const struct manifest *m = w->manifest;

	begin(w, "assessment-log");
	if (m->state_at != FACT_UNKNOWN)
		put_entry(w, "pull", "The newest state was read", m->state_at);
	if (m->checked != FACT_UNKNOWN)
		put_entry(w, "check", "Rules were applied to it", m->checked);
	put_entry(w, "export", "The pack was exported", m->made);
	end(w);
}

/* The parts of these classes are what an observation rests on. */
static bool
is_evidence(const struct manifest_file *f)
{
	return strcmp(f->class, "rule") == 0 ||
	    strcmp(f->class, "finding") == 0;
}

static void
put_evidence(struct writing *w)
{
	const struct manifest *m = w->manifest;

	for (size_t i = 0; i < m->file_count; i++) {
		const struct manifest_file *f = &m->files[i];

		if (!is_evidence(f))
			continue;
		begin(w, "relevant-evidence");
		href(w, "file", f->name);
		paragraph(w, "description", "%s", f->name);
		end(w);
	}
}

static void
put_observation(
    struct writing *w, const struct oscal *o, const struct row *rule)
{
	const struct table *sources = &o->of[OSCAL_SOURCE];
	const struct manifest *m = w->manifest;
	char *const *t = rule->text;

	begin_with_uuid(w, "observation", "rule", t[RULE_ID]);
	begin(w, "title");
	text(w, t[RULE_ID]);
	text(w, " ");
	text(w, t[RULE_TITLE]);
	end(w);
	paragraph(w, "description",
	    "Of %s looked at, %s hit, %s could not be told; %s are under an "
	    "approved exception.%s%s",
	    t[RULE_POPULATION], t[RULE_HITS], t[RULE_UNKNOWNS],
	    t[RULE_EXCEPTED],
	    t[RULE_ERROR][0] == '\0' ? "" : " It failed: ", t[RULE_ERROR]);
	prop(w, "rule", t[RULE_ID]);
	prop(w, "severity", t[RULE_SEVERITY]);
	prop(w, "population", t[RULE_POPULATION]);
	prop(w, "hits", t[RULE_HITS]);
	prop(w, "unknowns", t[RULE_UNKNOWNS]);
	prop(w, "excepted", t[RULE_EXCEPTED]);
	element(w, "method", "TEST");
	element(w, "type", "control-objective");
	begin(w, "origin");
	begin(w, "actor");
	attribute(w, "type", "tool");
	uuid_attribute(w, "actor-uuid", "tool", "reeve");
	end(w);
	end(w);
	for (size_t i = 0; i < sources->count; i++) {
		begin(w, "subject");
		uuid_attribute(w, "subject-uuid", "source",
		    sources->rows[i].text[SOURCE_ID]);
		attribute(w, "type", "inventory-item");
		end(w);
	}
	put_evidence(w);
	time_element(
	    w, "collected", m->checked == FACT_UNKNOWN ? m->made : m->checked);
	end(w);
}

/* Whether a text of words has that one. */
static bool
has_word(const char *words, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = words; length > 0;) {
		size_t one;

		at += strspn(at, " ,;");
		if ((one = strcspn(at, " ,;")) == 0)
			break;
		if (one == length && memcmp(at, word, one) == 0)
			return true;
		at += one;
	}
	return false;
}

static bool
serves(const struct row *control, const char *nist)
{
	char id[ID_SIZE];

	for (const char *at = control->text[CONTROL_NIST];
	     (at = next_nist(at, id)) != NULL;)
		if (strcmp(id, nist) == 0)
			return true;
	return false;
}

/* What a verdict (evidence.xsd) comes to; of several the greatest counts. */
enum said { SAID_NOTHING, SAID_PASS, SAID_OTHER, SAID_FAIL };
static const struct {
	const char *state, *reason;
} said_words[] = {
	[SAID_PASS] = { "satisfied", "pass" },
	[SAID_OTHER] = { "not-satisfied", "other" },
	[SAID_FAIL] = { "not-satisfied", "fail" },
};

static enum said
say_verdict(const char *verdict)
{
	static const struct {
		const char *verdict;
		enum said said;
	} table[] = {
		{ "conforming", SAID_PASS },
		{ "not-applicable", SAID_NOTHING },
		{ "partly", SAID_FAIL },
		{ "not", SAID_FAIL },
		{ "conflict", SAID_FAIL },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(verdict, table[i].verdict) == 0)
			return table[i].said;
	return SAID_OTHER;
}

static enum said
say_control(const struct oscal *o, const char *nist)
{
	const struct table *controls = &o->of[OSCAL_CONTROL];
	enum said worst = SAID_NOTHING;

	for (size_t i = 0; i < controls->count; i++) {
		const struct row *c = &controls->rows[i];
		enum said one = say_verdict(c->text[CONTROL_VERDICT]);

		if (serves(c, nist) && one > worst)
			worst = one;
	}
	return worst;
}

static void
put_target(
    struct writing *w, const struct oscal *o, const char *nist, enum said said)
{
	const struct table *controls = &o->of[OSCAL_CONTROL];
	char objective[ID_SIZE + 8];

	(void)snprintf(objective, sizeof(objective), "%s_obj", nist);
	begin(w, "target");
	attribute(w, "type", "objective-id");
	attribute(w, "target-id", objective);
	begin(w, "status");
	attribute(w, "state", said_words[said].state);
	attribute(w, "reason", said_words[said].reason);
	begin(w, "remarks");
	for (size_t i = 0; i < controls->count; i++) {
		char *const *t = controls->rows[i].text;

		if (!serves(&controls->rows[i], nist))
			continue;
		begin(w, "p");
		text(w, t[CONTROL_ID]);
		text(w, " ");
		text(w, t[CONTROL_TITLE]);
		text(w, ": ");
		text(w, t[CONTROL_VERDICT]);
		text(w, t[CONTROL_GAP][0] == '\0' ? "" : ". ");
		text(w, t[CONTROL_GAP]);
		end(w);
	}
	end(w);
	end(w);
	end(w);
}

/* Whether a control of ours that serves it names that rule. */
static bool
is_related(const struct oscal *o, const char *nist, const char *rule)
{
	const struct table *controls = &o->of[OSCAL_CONTROL];

	for (size_t i = 0; i < controls->count; i++)
		if (serves(&controls->rows[i], nist) &&
		    has_word(controls->rows[i].text[CONTROL_RULES], rule))
			return true;
	return false;
}

static void
put_finding(struct writing *w, const struct oscal *o, const char *nist)
{
	const struct table *rules = &o->of[OSCAL_RULE];
	enum said said = say_control(o, nist);

	if (said == SAID_NOTHING)
		return;
	begin_with_uuid(w, "finding", "control", nist);
	element(w, "title", nist);
	paragraph(w, "description",
	    "What this pack says of %s of %s; the remarks name the controls "
	    "it was judged by.",
	    nist, CATALOG);
	put_target(w, o, nist, said);
	for (size_t i = 0; i < rules->count; i++) {
		const char *rule = rules->rows[i].text[RULE_ID];

		if (!is_related(o, nist, rule))
			continue;
		begin(w, "related-observation");
		uuid_attribute(w, "observation-uuid", "rule", rule);
		end(w);
	}
	end(w);
}

static void
put_result(struct writing *w, const struct oscal *o)
{
	const struct manifest *m = w->manifest;
	char from[TIME_SIZE], to[TIME_SIZE];

	time_text(m->from, from);
	time_text(m->to, to);
	begin_with_uuid(w, "result", "document", "result");
	element(w, "title", "Review of accounts and access rights");
	paragraph(w, "description",
	    "From %s until before %s. Of %lld places that should have been "
	    "read, %lld were; the parts of class coverage name the others.",
	    from, to, (long long)m->places, (long long)m->covered);
	time_element(w, "start", m->from);
	time_element(w, "end", m->to);
	prop(w, "kind", m->kind);
	prop(w, "profile", m->profile);
	prop_number(w, "places", m->places);
	prop_number(w, "places-covered", m->covered);
	put_definitions(w, o);
	put_reviewed(w, o);
	put_log(w);
	for (size_t i = 0; i < o->of[OSCAL_RULE].count; i++)
		put_observation(w, o, &o->of[OSCAL_RULE].rows[i]);
	for (size_t i = 0; i < o->nist_count; i++)
		put_finding(w, o, o->nist[i]);
	end(w);
}

static void
put_resources(struct writing *w)
{
	const struct manifest *m = w->manifest;
	char hash[2 * DIGEST_SHA256_LENGTH + 1], path[EVIDENCE_NAME_MAX + 4];

	begin(w, "back-matter");
	for (size_t i = 0; i < m->file_count; i++) {
		const struct manifest_file *f = &m->files[i];

		if (f->class[0] == '\0')
			continue;
		for (size_t b = 0; b < DIGEST_SHA256_LENGTH; b++)
			(void)snprintf(hash + 2 * b, 3, "%02x", f->sha256[b]);
		(void)snprintf(path, sizeof(path), "../%s", f->name);
		begin_with_uuid(w, "resource", "file", f->name);
		element(w, "title", f->name);
		prop(w, "class", f->class);
		prop_number(w, "rows", f->rows);
		begin(w, "rlink");
		attribute(w, "href", path);
		attribute(w, "media-type", "application/xml");
		begin(w, "hash");
		attribute(w, "algorithm", "SHA-256");
		text(w, hash);
		end(w);
		end(w);
		end(w);
	}
	end(w);
}

static void
put_results(struct writing *w, const struct oscal *o)
{
	begin(w, "assessment-results");
	attribute(w, "xmlns", NAMESPACE);
	uuid_attribute(w, "uuid", "document", "assessment-results");
	put_metadata(w, "Results of an access review");
	begin(w, "import-ap");
	attribute(w, "href", PLAN_LOCAL);
	end(w);
	put_result(w, o);
	put_resources(w);
	end(w);
}

static int
write_document(void (*put)(struct writing *, const struct oscal *),
    const struct oscal *o, const struct manifest *m, struct buf *out,
    struct err *e)
{
	struct writing w = { .manifest = m, .name = buf_new(4096) };
	xmlBufferPtr bytes = xmlBufferCreate();

	if (bytes != NULL)
		w.writer = xmlNewTextWriterMemory(bytes, 0);
	w.failed = w.writer == NULL ||
	    xmlTextWriterSetIndent(w.writer, 1) == -1 ||
	    xmlTextWriterStartDocument(w.writer, NULL, "UTF-8", NULL) == -1;
	if (!w.failed)
		put(&w, o);
	w.failed |= w.failed || xmlTextWriterEndDocument(w.writer) == -1;
	if (w.writer != NULL)
		xmlFreeTextWriter(w.writer);
	if (!w.failed)
		buf_put(out, xmlBufferContent(bytes),
		    (size_t)xmlBufferLength(bytes));
	if (bytes != NULL)
		xmlBufferFree(bytes);
	buf_free(&w.name);
	return w.failed ? err_set(e, ERR_MEMORY, "OSCAL: can't be written")
	                : buf_status(out, e);
}

int
oscal_plan(const struct oscal *o, const struct manifest *m, struct buf *out,
    struct err *e)
{
	return write_document(put_plan, o, m, out, e);
}

int
oscal_results(const struct oscal *o, const struct manifest *m, struct buf *out,
    struct err *e)
{
	return write_document(put_results, o, m, out, e);
}
