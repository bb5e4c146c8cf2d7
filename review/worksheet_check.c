/*
 * Who imports could write more into the store than was sent back. So each
 * decision that claims a signature or a code is looked for in the files that
 * came with it.
 */
#include <stdlib.h>
#include <string.h>

#include "review/employee.h"
#include "review/fact.h"
#include "review/worksheet.h"
#include "schema/base/digest.h"
#include "schema/base/enc.h"
#include "schema/message.h"

#define ZONE_MOST     (INT64_C(14) * 3600) /* s that a day's end may be off */
#define DECISIONS_MAX 100000000

struct checking {
	struct store *store;
	int64_t act, campaign, exported;
	char reviewer[64], grade[16];
	unsigned char *found; /* a byte a decision, by its number */
	int64_t count;        /* bytes there are */
	worksheet_fault_fn *fault;
	void *context;
};

static int
mark(struct checking *c, int64_t n, struct err *e)
{
	unsigned char *more;
	int64_t count = c->count == 0 ? 1024 : c->count;

	if (n < 0 || n >= DECISIONS_MAX)
		return 0;
	while (count <= n)
		count *= 2;
	if (count > c->count) {
		more = realloc(c->found, (size_t)count);
		if (more == NULL)
			return err_set(e, ERR_MEMORY, "out of memory");
		memset(more + c->count, 0, (size_t)(count - c->count));
		c->found = more;
		c->count = count;
	}
	c->found[n] = 1;
	return 0;
}

static bool
is_text(struct statement *s, const char *column, const char *wanted)
{
	const char *text = column_text(s, column_of(s, column));

	return strcmp(text == NULL ? "" : text, wanted) == 0;
}

static bool
is_fact(struct statement *s, const char *column, int64_t wanted)
{
	return column_fact(s, column_of(s, column)) == wanted;
}

/* The store's day ends where it was imported; that place is not recorded. */
static bool
is_end(struct statement *s, const char *text)
{
	int64_t ends = column_fact(s, column_of(s, "ends")), wanted;
	struct err ignored;

	return worksheet_day(text, 0, &wanted, &ignored) == 0 &&
	    wanted != FACT_UNKNOWN && ends - wanted <= ZONE_MOST &&
	    wanted - ends <= ZONE_MOST;
}

/* Whether that row is what the answer says. */
static bool
is_answer(struct statement *s, const struct worksheet_answer *a)
{
	enum decision_kind kind = worksheet_kind(a->decision);

	return is_text(s, "decision", decision_names[kind]) &&
	    is_text(s, "reason", a->reason) &&
	    is_text(s, "change", kind == DECISION_MODIFY ? a->change : "") &&
	    is_text(s, "compensation",
	        kind == DECISION_EXCEPTION ? a->compensation : "") &&
	    is_text(
	        s, "proposal", kind == DECISION_NOT_MINE ? a->proposal : "") &&
	    (kind != DECISION_EXCEPTION || is_end(s, a->ends)) &&
	    is_fact(s, "seconds", a->seconds) &&
	    is_fact(s, "decided", a->decided) && is_fact(s, "bulk", a->bulk);
}

static int
on_answer(void *context, const struct worksheet_answer *a, struct err *e)
{
	struct checking *c = context;
	struct statement *s = store_use(c->store, "returned_decision", e);
	int more;

	bind_int(s, ":campaign", c->campaign);
	bind_int(s, ":question", a->question);
	bind_int(s, ":item", a->item);
	bind_int(s, ":act", c->act);
	bind_text(s, ":reviewer", c->reviewer);
	bind_text(s, ":grade", c->grade);
	while ((more = store_step(s, e)) == 1)
		if (is_answer(s, a) && mark(c, column_int(s, 0), e) == -1)
			return -1;
	return more;
}

/*
 * Sets *handed if it is what the act handed out that is recorded, and *coded if
 * that one's code made the HMAC.
 */
static int
find_export(struct checking *c, const struct worksheet_identity *i,
    const void *bytes, bool *handed, bool *coded, struct err *e)
{
	struct statement *s;
	unsigned char digest[32];
	struct err ignored;
	size_t length;
	int more;

	*handed = *coded = false;
	if (enc_unhex(i->digest, strlen(i->digest), digest, sizeof(digest),
	        &ignored) == -1)
		return 0;
	s = store_use(c->store, "worksheet_key", e);
	bind_int(s, ":campaign", c->campaign);
	bind_text(s, ":reviewer", i->reviewer);
	bind_blob(s, ":digest", digest, sizeof(digest));
	if ((more = store_step(s, e)) == 1) {
		const void *key = column_blob(s, 0, &length);

		*handed = column_int(s, 1) == c->exported;
		(void)worksheet_hmac(i, bytes, key, length, coded, &ignored);
	}
	store_done(s);
	return more == -1 ? -1 : 0;
}

static void
say(struct checking *c, const char *what, int64_t n)
{
	char text[200];

	(void)snprintf(text, sizeof(text), "%s %lld", what, (long long)n);
	c->fault(c->context, text);
}

/* So that it is known again when it comes back once more. */
static int
check_digest(struct checking *c, struct statement *s, const void *bytes,
    size_t length, struct err *e)
{
	unsigned char digest[DIGEST_SHA256_LENGTH];
	size_t said_length;
	const void *said = column_blob(s, 6, &said_length);

	if (digest_sha256(bytes, length, digest, e) == -1)
		return -1;
	if (said_length != sizeof(digest) ||
	    memcmp(said, digest, sizeof(digest)) != 0)
		say(c, _("its digest is not that of its bytes: worksheet"),
		    column_int(s, 0));
	return 0;
}

/* A file that is not what it says marks no decision. */
static int
check_file(struct checking *c, struct statement *s, struct err *e)
{
	struct worksheet_identity identity;
	enum worksheet_form form;
	size_t length;
	const void *bytes = column_blob(s, 4, &length);
	int64_t n = column_int(s, 0);
	struct err why = { .code = ERR_NONE };
	bool handed, coded;

	c->campaign = column_int(s, 1);
	(void)snprintf(
	    c->reviewer, sizeof(c->reviewer), "%s", column_text(s, 2));
	(void)snprintf(c->grade, sizeof(c->grade), "%s", column_text(s, 3));
	c->exported = column_int(s, 5);
	if (check_digest(c, s, bytes, length, e) == -1)
		return -1;
	if (worksheet_read(bytes, length, &form, &identity, NULL, NULL, &why) ==
	    -1) {
		say(c, _("it can't be read: worksheet"), n);
		return 0;
	}
	if (find_export(c, &identity, bytes, &handed, &coded, e) == -1)
		return -1;
	if (strcmp(c->grade, "coded") == 0 &&
	    (!coded || strcmp(identity.reviewer, c->reviewer) != 0)) {
		say(c, _("it was not made with its code: worksheet"), n);
		return 0;
	}
	if (!handed) {
		say(c, _("it is not of the export that is recorded: worksheet"),
		    n);
		return 0;
	}
	return worksheet_read(bytes, length, &form, &identity, on_answer, c, e);
}

static int
check_claims(struct checking *c, struct err *e)
{
	struct statement *s = store_use(c->store, "returned_claims", e);
	int more;

	bind_int(s, ":act", c->act);
	while ((more = store_step(s, e)) == 1) {
		int64_t n = column_int(s, 0);

		/* They may be enrolled with a number spelt otherwise. */
		if (employee_same(column_text(s, 1), column_text(s, 2)))
			continue;
		if (n < 0 || n >= c->count || c->found[n] == 0)
			say(c, _("in no worksheet that came with it: decision"),
			    n);
	}
	return more;
}

int
worksheet_check(struct store *store, int64_t act, worksheet_fault_fn *fault,
    void *context, struct err *e)
{
	struct checking c = {
		.store = store, .act = act, .fault = fault, .context = context
	};
	struct statement *s = store_use(store, "returned_proved", e);
	int more;

	bind_int(s, ":act", act);
	while ((more = store_step(s, e)) == 1)
		if (check_file(&c, s, e) == -1) {
			more = -1;
			break;
		}
	store_done(s);
	if (more == 0)
		more = check_claims(&c, e);
	free(c.found);
	return more;
}
