/*
 * Class "control": of each control of controls.xml, which rules serve it, how
 * many of its records the pack has, what is open, and what is missing. It
 * conforms only if all that judges it ran, saw everything, and left nothing
 * open; a control that nothing judges is for a person to read.
 */
#include <stdio.h>
#include <string.h>

#include "review/controls.h"
#include "review/pack_internal.h"
#include "schema/base/buf.h"

#define TEXT_MAX    65536u
#define NUMBER_SIZE 24
#define WORD_SIZE   64

/* From the best to the worst; none: nothing judges it yet. */
enum grade { NONE = 0, CONFORMING, READING, UNAVAILABLE, PARTLY, NOT };
static const char *const grade_names[] = { [NONE] = "needs-reading",
	[CONFORMING] = "conforming",
	[READING] = "needs-reading",
	[UNAVAILABLE] = "unavailable",
	[PARTLY] = "partly",
	[NOT] = "not" };

struct judging {
	struct pack_making *making;
	const struct controls *controls;
	const struct control *control;
	bool checked; /* in the period */
	enum grade grade;
	int64_t open; /* findings */
	struct buf rules, gap, gap_zh;
};

/* ---- Saying ---- */

static void
put_phrase(struct buf *b, const char *phrase, int64_t n, const char *between)
{
	const char *place = strstr(phrase, "{n}");

	if (b->length > 0)
		buf_put_string(b, between);
	if (place == NULL) {
		buf_put_string(b, phrase);
		return;
	}
	buf_put(b, phrase, (size_t)(place - phrase));
	buf_printf(b, "%lld%s", (long long)n, place + strlen("{n}"));
}

/* What is missing, n times; 0 is nothing. */
static int
miss(struct judging *j, const char *id, int64_t n, enum grade grade,
    struct err *e)
{
	const struct gap *gap = controls_gap(j->controls, id);

	if (n == 0)
		return 0;
	if (gap == NULL)
		return err_set(e, ERR_MISSING, "controls.xml: gap %s", id);
	put_phrase(&j->gap, gap->text, n, "; ");
	put_phrase(&j->gap_zh, gap->text_zh, n, "；");
	/* What is there beside what is not is a part of it. */
	if (grade == UNAVAILABLE && j->grade == CONFORMING)
		grade = PARTLY;
	if (grade > j->grade)
		j->grade = grade;
	return 0;
}

/* Something judged it; what it missed has been said. */
static void
judged(struct judging *j)
{
	if (j->grade == UNAVAILABLE)
		j->grade = PARTLY;
	else if (j->grade < CONFORMING)
		j->grade = CONFORMING;
}

/* Each column of the statement's one row names a gap and says how often. */
struct wanted {
	const char *gap;
	enum grade grade;
};

static int
take_row(struct judging *j, struct statement *s, int first,
    const struct wanted *wanted, struct err *e)
{
	for (int i = first; wanted[i - first].gap != NULL; i++)
		if (miss(j, wanted[i - first].gap, column_int(s, i),
		        wanted[i - first].grade, e) == -1)
			return -1;
	return 0;
}

/* ---- What judges it ---- */

static bool
has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *p = list; *p != '\0'; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");

		if (n == length && strncmp(p, word, n) == 0)
			return true;
		p += n;
	}
	return false;
}

struct rule_sums {
	int64_t rules, ran, failed, population;
	int64_t unknown, open, overdue, excepted;
};

static int
add_rule(
    struct judging *j, const char *id, struct rule_sums *sums, struct err *e)
{
	struct statement *s =
	    store_use(j->making->store, "pack_control_rule", e);
	int more;

	if (j->rules.length > 0)
		buf_put_byte(&j->rules, ' ');
	buf_put_string(&j->rules, id);
	bind_text(s, ":rule", id);
	more = store_step(s, e);
	if (more == 1) {
		sums->rules++;
		sums->ran += column_int(s, 0);
		sums->failed += column_int(s, 1);
		sums->population += column_int(s, 2);
		sums->unknown += column_int(s, 3);
		sums->open += column_int(s, 4);
		sums->overdue += column_int(s, 5);
		sums->excepted += column_int(s, 6);
	}
	store_done(s);
	return more == -1 ? -1 : 0;
}

static int
judge_rules(struct judging *j, struct err *e)
{
	struct rule_sums sums = { 0 };

	for (size_t i = 0; i < rule_set_count(j->making->rules); i++) {
		const struct rule *rule = rule_set_at(j->making->rules, i);

		if (has_word(rule->controls, j->control->id) &&
		    add_rule(j, rule->id, &sums, e) == -1)
			return -1;
	}
	if (sums.rules == 0)
		return 0;
	if (!j->checked)
		return miss(j, "no-check", 1, UNAVAILABLE, e);
	j->open = sums.open + sums.overdue;
	if (sums.population + sums.unknown + j->open + sums.excepted > 0)
		judged(j);
	else if (sums.ran > 0 && miss(j, "nothing", 1, UNAVAILABLE, e) == -1)
		return -1;
	if (miss(j, "rule-failed", sums.rules - sums.ran + sums.failed,
	        UNAVAILABLE, e) == -1 ||
	    miss(j, "overdue", sums.overdue, NOT, e) == -1 ||
	    miss(j, "open", sums.open, PARTLY, e) == -1 ||
	    miss(j, "excepted", sums.excepted, PARTLY, e) == -1 ||
	    miss(j, "unknown", sums.unknown, PARTLY, e) == -1)
		return -1;
	return miss(j, "place",
	    j->making->manifest->places - j->making->manifest->covered, PARTLY,
	    e);
}

/* Verdicts of the profiles that are enforced, on the keys it requires. */
static int
judge_verdicts(struct judging *j, struct err *e)
{
	struct statement *s;
	const char *verdict;
	int64_t all = 0, not = 0, other = 0;
	int more;

	if (j->control->requires[0] == '\0')
		return 0;
	if (!j->checked)
		return j->rules.length > 0
		    ? 0
		    : miss(j, "no-check", 1, UNAVAILABLE, e);
	s = store_use(j->making->store, "pack_control_verdicts", e);
	bind_text(s, ":profiles", j->making->manifest->profile);
	while ((more = store_step(s, e)) == 1) {
		verdict = column_text(s, 1);
		if (!has_word(j->control->requires, column_text(s, 0)) ||
		    strcmp(verdict, "not-applicable") == 0)
			continue;
		all += column_int(s, 2);
		if (strcmp(verdict, "not") == 0 ||
		    strcmp(verdict, "conflict") == 0)
			not += column_int(s, 2);
		else if (strcmp(verdict, "conforming") != 0)
			other += column_int(s, 2);
	}
	store_done(s);
	if (more == -1)
		return -1;
	if (all == 0)
		return miss(j, "no-verdict", 1, UNAVAILABLE, e);
	judged(j);
	return miss(j, "verdict-not", not, NOT, e) == -1 ||
	        miss(j, "verdict-other", other, PARTLY, e) == -1
	    ? -1
	    : 0;
}

static int
judge_coverage(struct judging *j, struct err *e)
{
	const struct manifest *m = j->making->manifest;

	if (m->places > 0)
		judged(j);
	return miss(j, "place", m->places - m->covered,
	    m->covered > 0 ? PARTLY : UNAVAILABLE, e);
}

/* One row: how many there are at all, then what is missing of them. */
static int
judge_by(struct judging *j, const char *statement, const char *none,
    const struct wanted *wanted, struct err *e)
{
	struct statement *s = store_use(j->making->store, statement, e);
	int more = store_step(s, e), status = -1;

	if (more == 1 && column_int(s, 0) == 0 && none != NULL) {
		status = miss(j, none, 1, UNAVAILABLE, e);
	} else if (more == 1) {
		judged(j);
		status = take_row(j, s, 1, wanted, e);
	}
	store_done(s);
	return status;
}

static int
judge_daily(struct judging *j, struct err *e)
{
	static const struct wanted wanted[] = { { "daily-missing", NOT },
		{ "daily-late", PARTLY }, { "daily-incomplete", PARTLY },
		{ "daily-waiting", PARTLY }, { NULL, NONE } };

	return judge_by(j, "pack_control_daily", "no-daily", wanted, e);
}

static int
judge_campaign(struct judging *j, struct err *e)
{
	static const struct wanted wanted[] = { { "campaign-open", PARTLY },
		{ NULL, NONE } };

	return judge_by(j, "pack_control_campaign", "no-campaign", wanted, e);
}

static int
judge_remedy(struct judging *j, struct err *e)
{
	static const struct wanted wanted[] = { { "remedy-overdue", NOT },
		{ "finding-overdue", NOT }, { "remedy-open", PARTLY },
		{ NULL, NONE } };

	return judge_by(j, "pack_control_remedy", NULL, wanted, e);
}

static int
judge_exception(struct judging *j, struct err *e)
{
	static const struct wanted wanted[] = { { "exception-waiting", PARTLY },
		{ NULL, NONE } };

	return judge_by(j, "pack_control_exception", NULL, wanted, e);
}

static int
judge_reading(struct judging *j, struct err *e)
{
	return miss(j, "reading", 1, READING, e);
}

static const struct {
	const char *shown;
	int (*judge)(struct judging *, struct err *);
} judges[] = {
	{ "coverage", judge_coverage },
	{ "daily", judge_daily },
	{ "campaign", judge_campaign },
	{ "remedy", judge_remedy },
	{ "exception", judge_exception },
	{ "reading", judge_reading },
};

static int
judge_shown(struct judging *j, struct err *e)
{
	if (j->control->shown[0] == '\0')
		return 0;
	for (size_t i = 0; i < sizeof(judges) / sizeof(judges[0]); i++)
		if (strcmp(judges[i].shown, j->control->shown) == 0)
			return judges[i].judge(j, e);
	return err_set(e, ERR_CONFIG, "controls.xml: %s is shown by %s",
	    j->control->id, j->control->shown);
}

static int
judge(struct judging *j, struct err *e)
{
	if (judge_rules(j, e) == -1 || judge_verdicts(j, e) == -1 ||
	    judge_shown(j, e) == -1)
		return -1;
	if (!j->checked && j->grade == CONFORMING)
		return miss(j, "no-check", 1, UNAVAILABLE, e);
	if (j->making->manifest->scope_count > 0 && j->grade == CONFORMING)
		return miss(j, "limited", 1, READING, e);
	return 0;
}

/* ---- Writing ---- */

/* How many rows its records have in the pack; of findings its rules' alone. */
static int
count_records(struct judging *j, int64_t *count, struct err *e)
{
	struct statement *s;
	char word[WORD_SIZE];
	int more = 0;

	*count = 0;
	for (const char *p = j->control->records; *p != '\0';
	     p += strspn(p, " ")) {
		const struct manifest_class *class;
		size_t n = strcspn(p, " ");

		(void)snprintf(word, sizeof(word), "%.*s", (int)n, p);
		p += n;
		class = manifest_class_find(j->making->manifest, word);
		if (strcmp(word, "finding") == 0)
			continue;
		if (class == NULL)
			return err_set(e, ERR_CONFIG,
			    "controls.xml: %s: no class %s before it",
			    j->control->id, word);
		*count += class->rows;
	}
	if (!has_word(j->control->records, "finding"))
		return 0;
	s = store_use(j->making->store, "pack_control_findings", e);
	bind_text(s, ":rules", buf_string(&j->rules));
	if ((more = store_step(s, e)) == 1)
		*count += column_int(s, 0);
	store_done(s);
	return more == -1 ? -1 : 0;
}

static int
write_control(struct judging *j, struct err *e)
{
	const struct control *c = j->control;
	char count_text[NUMBER_SIZE], open_text[NUMBER_SIZE];
	int64_t count;

	if (judge(j, e) == -1 || count_records(j, &count, e) == -1 ||
	    buf_status(&j->rules, e) == -1 || buf_status(&j->gap, e) == -1 ||
	    buf_status(&j->gap_zh, e) == -1)
		return -1;
	(void)snprintf(
	    count_text, sizeof(count_text), "%lld", (long long)count);
	(void)snprintf(
	    open_text, sizeof(open_text), "%lld", (long long)j->open);
	{
		const char *const values[] = { c->id, c->title, c->title_zh,
			c->requirement, c->requirement_zh, c->nist,
			buf_string(&j->rules), c->records, count_text,
			open_text, grade_names[j->grade], buf_string(&j->gap),
			buf_string(&j->gap_zh) };

		return pack_row(j->making->writer, values, e);
	}
}

/* 1, 0, -1 */
static int
was_checked(struct store *store, struct err *e)
{
	struct statement *s = store_use(store, "pack_control_checked", e);
	int more = store_step(s, e);

	if (more == 1)
		more = column_int(s, 0) != 0;
	store_done(s);
	return more;
}

static int
write_all(struct pack_making *m, const struct controls *controls, struct err *e)
{
	int checked = was_checked(m->store, e);

	if (checked == -1)
		return -1;
	for (size_t i = 0; i < controls_control_count(controls); i++) {
		struct judging j = { .making = m,
			.controls = controls,
			.control = controls_control_at(controls, i),
			.checked = checked == 1,
			.rules = buf_new(TEXT_MAX),
			.gap = buf_new(TEXT_MAX),
			.gap_zh = buf_new(TEXT_MAX) };
		int status = write_control(&j, e);

		buf_free(&j.rules);
		buf_free(&j.gap);
		buf_free(&j.gap_zh);
		if (status == -1)
			return err_in(e, "%s", j.control->id);
	}
	return 0;
}

int
pack_write_controls(struct pack_making *m, struct err *e)
{
	struct controls *controls = NULL;
	int status = -1;

	if (controls_load(&controls, e) == 0)
		status = write_all(m, controls, e);
	if (status == 0)
		m->total = (int64_t)controls_control_count(controls);
	controls_free(&controls);
	return status;
}
