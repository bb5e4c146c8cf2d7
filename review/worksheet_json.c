#include <string.h>

#include "review/fact.h"
#include "review/json.h"
#include "review/worksheet.h"
#include "schema/base/clock.h"
#include "schema/base/enc.h"

#define TEXT_MAX    8192u /* bytes of a string */
#define ANSWERS_MAX 1000000

enum text {
	NAME,
	SEEN,
	DECISION,
	REASON,
	CHANGE,
	COMPENSATION,
	ENDS,
	PROPOSAL,
	DECIDED,
	TEXTS
};

static const char *const text_names[TEXTS] = { NULL, "seen", "decision",
	"reason", "change", "compensation", "ends", "proposal", "decided" };

struct answers {
	struct json json;
	struct worksheet_identity *identity;
	struct buf texts[TEXTS];
	worksheet_answer_fn *fn;
	void *context;
	struct err *e;
	int result;
	int64_t count;
};

/* A string that has a room of its own. */
static void
take(struct answers *a, char *out, size_t size)
{
	struct buf *text = &a->texts[SEEN];

	if (!json_string(&a->json, text))
		return;
	if (text->length >= size)
		json_fail(&a->json, "a string is too long");
	else
		(void)strcpy(out, buf_string(text));
}

/* "2026-11-29T12:00:00Z"; "" is not said. */
static int64_t
read_time(struct json *j, struct buf *text)
{
	char full[sizeof("2026-11-24T08:15:30.000000Z")];
	int64_t ns = 0;
	struct err e;

	if (text->length == 0)
		return FACT_UNKNOWN;
	(void)snprintf(full, sizeof(full), "%.19s.000000Z", buf_string(text));
	if (text->length != 20 || text->data[19] != 'Z' ||
	    enc_untime(full, strlen(full), &ns, &e) == -1) {
		json_fail(j, "a time like 2026-11-24T08:15:30Z is wanted");
		return FACT_UNKNOWN;
	}
	return ns / CLOCK_NS_PER_SECOND;
}

static void
read_member(struct answers *a, const char *name, struct worksheet_answer *out)
{
	for (size_t i = SEEN; i < TEXTS; i++)
		if (strcmp(name, text_names[i]) == 0) {
			(void)json_string(&a->json, &a->texts[i]);
			return;
		}
	if (strcmp(name, "question") == 0)
		out->question = json_int(&a->json, 1, INT64_MAX);
	else if (strcmp(name, "item") == 0)
		out->item = json_int(&a->json, 0, INT64_MAX);
	else if (strcmp(name, "seconds") == 0)
		out->seconds = json_int(&a->json, 0, INT32_MAX);
	else if (strcmp(name, "bulk") == 0)
		out->bulk = json_int(&a->json, 1, INT32_MAX);
	else
		json_fail(&a->json, "a member that is not known");
}

static void
read_answer(struct answers *a, int64_t line)
{
	struct worksheet_answer answer = { .seconds = FACT_UNKNOWN, .bulk = 1 };
	char place[32];

	(void)snprintf(place, sizeof(place), "line %lld", (long long)line);
	for (size_t i = SEEN; i < TEXTS; i++)
		buf_clear(&a->texts[i]);
	(void)json_begin(&a->json, '{');
	while (json_member(&a->json, &a->texts[NAME]))
		read_member(a, buf_string(&a->texts[NAME]), &answer);
	answer.decided = read_time(&a->json, &a->texts[DECIDED]);
	if (answer.question == 0)
		json_fail(&a->json, "an answer without a question");
	if (++a->count > ANSWERS_MAX)
		json_fail(&a->json, "too many answers");
	if (a->json.failed != NULL || a->fn == NULL)
		return;
	answer.place = place;
	answer.seen = buf_string(&a->texts[SEEN]);
	answer.decision = buf_string(&a->texts[DECISION]);
	answer.reason = buf_string(&a->texts[REASON]);
	answer.change = buf_string(&a->texts[CHANGE]);
	answer.compensation = buf_string(&a->texts[COMPENSATION]);
	answer.ends = buf_string(&a->texts[ENDS]);
	answer.proposal = buf_string(&a->texts[PROPOSAL]);
	a->result = a->fn(a->context, &answer, a->e);
}

/* Lines are counted as it goes: a file has many answers. */
static void
read_answers(struct answers *a)
{
	int64_t line = json_line(&a->json);
	const char *counted = a->json.at;

	(void)json_begin(&a->json, '[');
	while (a->result == 0 && json_element(&a->json)) {
		while (a->json.at < a->json.end &&
		    strchr(" \t\r\n", *a->json.at) != NULL &&
		    *a->json.at != '\0')
			a->json.at++;
		for (; counted < a->json.at; counted++)
			line += *counted == '\n';
		read_answer(a, line);
	}
}

/* The HMAC is over all before its own line. */
static void
read_hmac(struct answers *a, const char *from)
{
	struct worksheet_identity *i = a->identity;

	take(a, i->hmac, sizeof(i->hmac));
	while (from > a->json.start && from[-1] != '\n')
		from--;
	i->hmac_length = (size_t)(from - a->json.start);
}

/* What is there for people alone. */
static bool
is_told(const char *name)
{
	static const char *const names[] = { "population", "language", "opened",
		"saved" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static void
read_head(struct answers *a, const char *name, bool *known, bool *last)
{
	struct worksheet_identity *i = a->identity;
	char form[sizeof(WORKSHEET_FORM)] = "";
	const char *from = a->json.at;

	if (*last) {
		json_fail(&a->json, "the HMAC is to be the last");
	} else if (strcmp(name, "worksheet") == 0) {
		take(a, form, sizeof(form));
		*known = strcmp(form, WORKSHEET_FORM) == 0;
	} else if (strcmp(name, "campaign") == 0) {
		take(a, i->campaign, sizeof(i->campaign));
	} else if (strcmp(name, "reviewer") == 0) {
		take(a, i->reviewer, sizeof(i->reviewer));
	} else if (strcmp(name, "digest") == 0) {
		take(a, i->digest, sizeof(i->digest));
	} else if (strcmp(name, "decisions") == 0) {
		read_answers(a);
	} else if (strcmp(name, "hmac") == 0) {
		read_hmac(a, from);
		*last = true;
	} else {
		if (!is_told(name))
			json_fail(&a->json, "a member that is not known");
		(void)json_skip(&a->json);
	}
}

int
worksheet_read_json(const void *bytes, size_t length,
    struct worksheet_identity *identity, worksheet_answer_fn *fn, void *context,
    struct err *e)
{
	struct answers a = { .json = json_new(bytes, length),
		.identity = identity,
		.fn = fn,
		.context = context,
		.e = e };
	struct buf name = buf_new(TEXT_MAX);
	bool known = false, last = false;

	memset(identity, 0, sizeof(*identity));
	for (size_t i = 0; i < TEXTS; i++)
		a.texts[i] = buf_new(TEXT_MAX);
	(void)json_begin(&a.json, '{');
	while (a.result == 0 && json_member(&a.json, &name)) {
		read_head(&a, buf_string(&name), &known, &last);
		if (!known)
			json_fail(&a.json,
			    "\"worksheet\":\"" WORKSHEET_FORM
			    "\" is to be the first");
	}
	if (!last)
		json_fail(&a.json, "there is no \"hmac\"");
	if (a.result == 0)
		a.result = json_finish(&a.json, e);
	for (size_t i = 0; i < TEXTS; i++)
		buf_free(&a.texts[i]);
	buf_free(&name);
	return a.result;
}
