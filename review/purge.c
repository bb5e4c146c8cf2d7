#include "review/purge.h"

#include <string.h>
#include <time.h>

#include "review/fact.h"
#include "schema/base/enc.h"
#include "schema/message.h"

#define MONTHS(field) offsetof(struct config_retention, field)

const struct purge_kind purge_kinds[] = {
	{ "logins", N_("logins, from trails"), MONTHS(logins),
	    "purge_count_logins", "purge_oldest_logins",
	    { "purge_logins_use_day", "purge_logins_use_part",
	        "purge_logins_trail_span" } },
	{ "alerts", N_("alerts of attempts that belong together"),
	    MONTHS(alerts), "purge_count_alerts", "purge_oldest_alerts",
	    { "purge_alerts_daily_alert" } },
	{ "accounts", N_("what held of accounts and rights once"),
	    MONTHS(accounts), "purge_count_accounts", "purge_oldest_accounts",
	    { "purge_accounts_account_fact", "purge_accounts_account_value",
	        "purge_accounts_group_fact", "purge_accounts_edge",
	        "purge_accounts_dangling", "purge_accounts_policy_target",
	        "purge_accounts_policy_fact" } },
	{ "personnel", N_("what held of persons once"), MONTHS(personnel),
	    "purge_count_personnel", "purge_oldest_personnel",
	    { "purge_personnel_person_fact", "purge_personnel_person_event" } },
	{ .name = NULL },
};

static const struct purge_kind *
find_kind(const char *name)
{
	for (const struct purge_kind *k = purge_kinds; k->name != NULL; k++)
		if (strcmp(k->name, name) == 0)
			return k;
	return NULL;
}

static int64_t
months_of(const struct config_retention *r, const struct purge_kind *k)
{
	int64_t months;

	memcpy(&months, (const char *)r + k->months, sizeof(months));
	return months;
}

int64_t
purge_before(int64_t now, int64_t months)
{
	time_t at = (time_t)now;
	struct tm tm;

	if (gmtime_r(&at, &tm) == NULL)
		return 0;
	tm.tm_mon -= (int)months; /* timegm(3) carries it into the years */
	tm.tm_mday = 1;
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	at = timegm(&tm);
	return at < 0 ? 0 : (int64_t)at;
}

/* ---- Looking ---- */

/* A statement of one row and up to two numbers. :before is bound if >= 0. */
static int
ask(struct store *store, const char *statement, int64_t before, int64_t *first,
    int64_t *second, struct err *e)
{
	struct statement *s = store_use(store, statement, e);
	int more;

	if (before >= 0)
		bind_int(s, ":before", before);
	if ((more = store_step(s, e)) == 1) {
		*first = column_fact(s, 0);
		if (second != NULL)
			*second = column_fact(s, 1);
	}
	store_done(s);
	return more == 1 ? 0
	    : more == 0  ? err_set(e, ERR_FORMAT, "%s: no row", statement)
	                 : -1;
}

int
purge_last(
    struct store *store, const char *kind, int64_t *before, struct err *e)
{
	struct statement *s = store_use(store, "purge_last", e);
	int more;

	*before = FACT_UNKNOWN;
	bind_text(s, ":kind", kind);
	if ((more = store_step(s, e)) == 1)
		*before = column_fact(s, 0);
	store_done(s);
	return more == -1 ? -1 : 0;
}

static int
look(struct store *store, const struct purge_kind *kind,
    const struct config_retention *retention, int64_t now, struct purge_part *p,
    struct err *e)
{
	*p = (struct purge_part){ .kind = kind,
		.months = months_of(retention, kind),
		.oldest = FACT_UNKNOWN,
		.have = FACT_UNKNOWN };
	p->before = purge_before(now, p->months);
	if (ask(store, kind->count, p->before, &p->rows, &p->oldest, e) == -1 ||
	    ask(store, kind->oldest, -1, &p->have, NULL, e) == -1)
		return -1;
	return purge_last(store, kind->name, &p->purged, e);
}

int
purge_look(struct store *store, const struct config_retention *retention,
    int64_t now, struct purge_part parts[PURGE_KINDS], struct err *e)
{
	for (size_t i = 0; i < PURGE_KINDS; i++)
		if (look(store, &purge_kinds[i], retention, now, &parts[i],
		        e) == -1)
			return err_in(e, "%s", purge_kinds[i].name);
	return 0;
}

/* ---- Proposing ---- */

static bool
in_list(const char *list, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = list;; at++) {
		size_t word = strcspn(at, ",");

		if (word == length && memcmp(at, name, word) == 0)
			return true;
		at += word;
		if (*at == '\0')
			return false;
	}
}

/* Every word of the list is a kind. */
static int
check_kinds(const char *list, struct err *e)
{
	char word[32];

	for (const char *at = list;; at++) {
		size_t length = strcspn(at, ",");

		(void)snprintf(word, sizeof(word), "%.*s", (int)length, at);
		if (length >= sizeof(word) || find_kind(word) == NULL)
			return err_set(e, ERR_USAGE,
			    _("%s: no such kind of record"), word);
		at += length;
		if (*at == '\0')
			return 0;
	}
}

static int
add_part(
    struct store *store, int64_t act, const struct purge_part *p, struct err *e)
{
	struct statement *s = store_use(store, "purge_add", e);

	bind_int(s, ":act", act);
	bind_text(s, ":kind", p->kind->name);
	bind_int(s, ":before", p->before);
	bind_int(s, ":rows", p->rows);
	bind_fact(s, ":oldest", p->oldest);
	return store_run(s, e);
}

/* *count: how many kinds have something that is due. */
static int
add_parts(struct store *store, const struct config_retention *retention,
    const char *kinds, int64_t now, int64_t act, size_t *count, struct err *e)
{
	struct purge_part parts[PURGE_KINDS];

	*count = 0;
	if (purge_look(store, retention, now, parts, e) == -1)
		return -1;
	for (size_t i = 0; i < PURGE_KINDS; i++) {
		const struct purge_part *p = &parts[i];

		if (p->rows == 0 ||
		    (kinds != NULL && !in_list(kinds, p->kind->name)))
			continue;
		if (add_part(store, act, p, e) == -1)
			return -1;
		++*count;
	}
	return 0;
}

int
purge_propose(struct store *store, const struct config_retention *retention,
    const char *kinds, const struct act_how *how, int64_t *number,
    struct buf *receipt, struct err *e)
{
	struct act *act = NULL;
	int result = -1;
	size_t count;

	if (kinds != NULL && check_kinds(kinds, e) == -1)
		return -1;
	if (act_begin(&act, store, "purge", how, e) == -1)
		return -1;
	*number = act_number(act);
	if (add_parts(
	        store, retention, kinds, act_at(act), *number, &count, e) == -1)
		goto out;
	if (count == 0) {
		err_set(e, ERR_MISSING,
		    _("nothing has passed its period: nothing to propose"));
		goto out;
	}
	result = act_commit(&act, receipt, e);
out:
	act_cancel(&act);
	return result;
}

/* ---- Applying ---- */

struct applying {
	struct store *store;
	const struct config_retention *retention;
	int64_t of, now;
	struct purge_part parts[PURGE_KINDS]; /* kind, before; rows deleted */
	int64_t approved[PURGE_KINDS];        /* rows of each */
	size_t count;
};

/* What two persons signed. */
static int
read_parts(struct applying *a, struct err *e)
{
	struct statement *s = store_use(a->store, "purge_of", e);
	int more;

	bind_int(s, ":act", a->of);
	while ((more = store_step(s, e)) == 1) {
		struct purge_part *p = &a->parts[a->count];
		const char *kind = column_text(s, 0);

		if (a->count == PURGE_KINDS ||
		    (p->kind = find_kind(kind)) == NULL) {
			err_set(e, ERR_NEWER,
			    "act %lld: a kind of record that this program "
			    "does not know: %.20s",
			    (long long)a->of, kind);
			more = -1;
			break;
		}
		p->before = column_int(s, 1);
		a->approved[a->count++] = column_int(s, 2);
	}
	store_done(s);
	if (more == 0 && a->count == 0)
		return err_set(
		    e, ERR_USAGE, _("act %lld is no purge"), (long long)a->of);
	return more;
}

/* A period that was made longer since holds for what waits, too. */
static int
judge_periods(const struct applying *a, struct err *e)
{
	for (size_t i = 0; i < a->count; i++) {
		const struct purge_part *p = &a->parts[i];
		int64_t months = months_of(a->retention, p->kind);

		if (p->before > purge_before(a->now, months))
			return err_set(e, ERR_ACCESS,
			    _("%s is kept for %lld months by now: propose the "
			      "purge anew"),
			    p->kind->name, (long long)months);
	}
	return 0;
}

static int
has_row(struct store *store, const char *statement, int64_t act,
    int64_t *number, struct err *e)
{
	struct statement *s = store_use(store, statement, e);
	int more;

	bind_int(s, ":act", act);
	if ((more = store_step(s, e)) == 1)
		*number = column_int(s, 0);
	store_done(s);
	return more;
}

/* One person ends a hold: two must have known that it is no more. */
static int
judge_holds(const struct applying *a, struct err *e)
{
	int64_t held = purge_holds(a->store, NULL, NULL, e), act;
	int since;

	if (held == -1)
		return -1;
	if (held > 0)
		return err_set(e, ERR_ACCESS,
		    _("a legal hold stands: nothing is erased (reeve hold "
		      "list)"));
	since = has_row(a->store, "purge_hold_since", a->of, &act, e);
	return since == 1
	    ? err_set(e, ERR_ACCESS,
	          _("act %lld began or ended a legal hold after act %lld was "
	            "approved: propose the purge anew"),
	          (long long)act, (long long)a->of)
	    : since;
}

static int
judge_words(const struct applying *a, struct err *e)
{
	int approved, refused;
	int64_t ignored;

	if (judge_holds(a, e) == -1)
		return -1;
	refused = has_row(a->store, "purge_refused", a->of, &ignored, e);
	if (refused != 0)
		return refused == 1
		    ? err_set(e, ERR_ACCESS, _("act %lld was refused"),
		          (long long)a->of)
		    : -1;
	approved = act_approved(a->store, a->of, e);
	return approved == 0 ? err_set(e, ERR_ACCESS,
	                           _("act %lld waits for a second person: "
	                             "reeve approve %lld"),
	                           (long long)a->of, (long long)a->of)
	    : approved == 1  ? act_check(a->store, "purge", a->of, e)
	                     : -1;
}

static int
delete_part(struct store *store, struct purge_part *p, struct err *e)
{
	p->rows = 0;
	for (const char *const *name = p->kind->deletes; *name != NULL;
	     name++) {
		struct statement *s = store_use(store, *name, e);

		bind_int(s, ":before", p->before);
		if (store_run(s, e) == -1)
			return err_in(e, "%s", *name);
		p->rows += store_changes(store);
	}
	return 0;
}

static int
add_purged(const struct applying *a, int64_t act, const struct purge_part *p,
    struct err *e)
{
	struct statement *s = store_use(a->store, "purged_add", e);

	bind_int(s, ":act", act);
	bind_int(s, ":of", a->of);
	bind_text(s, ":kind", p->kind->name);
	bind_int(s, ":before", p->before);
	bind_int(s, ":rows", p->rows);
	return store_run(s, e);
}

/* What came since, as of an old trail that was read late, nobody approved. */
static int
judge_rows(const struct applying *a, size_t i, struct err *e)
{
	if (a->parts[i].rows <= a->approved[i])
		return 0;
	return err_set(e, ERR_ACCESS,
	    _("%s: %lld rows are due by now, and %lld were approved: propose "
	      "the purge anew"),
	    a->parts[i].kind->name, (long long)a->parts[i].rows,
	    (long long)a->approved[i]);
}

/* In the act's transaction. 1: it was done before. */
static int
carry_out(struct applying *a, const struct act *act, struct purge_result *r,
    struct err *e)
{
	int done;

	a->now = act_at(act);
	if (read_parts(a, e) == -1)
		return -1;
	done = has_row(a->store, "purge_done", a->of, &r->act, e);
	if (done != 0)
		return done;
	if (judge_words(a, e) == -1 || judge_periods(a, e) == -1)
		return -1;
	r->act = act_number(act);
	for (size_t i = 0; i < a->count; i++) {
		if (delete_part(a->store, &a->parts[i], e) == -1 ||
		    judge_rows(a, i, e) == -1 ||
		    add_purged(a, r->act, &a->parts[i], e) == -1)
			return -1;
		r->rows += a->parts[i].rows;
	}
	return 0;
}

int
purge_apply(struct store *store, const struct config_retention *retention,
    int64_t of, const struct act_how *how, struct purge_result *r,
    struct buf *receipt, struct err *e)
{
	struct applying a = {
		.store = store, .retention = retention, .of = of
	};
	struct act *act = NULL;
	int done, result = -1;

	*r = (struct purge_result){ .rows = 0 };
	if (store_overwrite(store, e) == -1 ||
	    act_begin(&act, store, "purged", how, e) == -1)
		return -1;
	done = carry_out(&a, act, r, e);
	r->before = done == 1;
	if (done == 0)
		result = act_commit(&act, receipt, e);
	else if (done == 1)
		result = 0;
	act_cancel(&act);
	return result;
}

int
purge_clean(struct store *store, struct err *e)
{
	return store_rewrite(store, e);
}

/* ---- Holds ---- */

int64_t
purge_holds(struct store *store, void (*fn)(void *, const struct purge_hold *),
    void *context, struct err *e)
{
	struct statement *s = store_use(store, "holds", e);
	int64_t count = 0;
	int more;

	while ((more = store_step(s, e)) == 1) {
		const struct purge_hold h = { .name = column_text(s, 0),
			.reason = column_text(s, 1),
			.at = column_int(s, 2),
			.by = column_text(s, 3),
			.act = column_int(s, 4) };

		count++;
		if (fn != NULL)
			fn(context, &h);
	}
	store_done(s);
	return more == -1 ? -1 : count;
}

static int
check_text(const char *what, const char *text, size_t max, struct err *e)
{
	size_t length = text == NULL ? 0 : strlen(text);

	if (length == 0 || text[strspn(text, " \t\n")] == '\0')
		return err_set(e, ERR_USAGE, _("%s is wanted"), what);
	if (length > max || !enc_is_utf8(text, length))
		return err_set(e, ERR_USAGE, _("%s: at most %u bytes of UTF-8"),
		    what, (unsigned)max);
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return err_set(e, ERR_USAGE,
			    _("%s: has a control character"), what);
	return 0;
}

/* Ending what is not held, or holding twice, is a mistake. */
static int
judge_hold(struct store *store, const char *name, bool held, struct err *e)
{
	struct statement *s = store_use(store, "hold_find", e);
	bool is = false;
	int more;

	bind_text(s, ":name", name);
	if ((more = store_step(s, e)) == 1)
		is = column_int(s, 0) != 0;
	store_done(s);
	if (more == -1)
		return -1;
	if (is == held)
		return err_set(e, ERR_USAGE,
		    held ? _("%s is held already") : _("%s is not held"), name);
	return 0;
}

int
purge_hold(struct store *store, const char *name, bool held, const char *reason,
    const struct act_how *how, struct buf *receipt, struct err *e)
{
	struct act *act = NULL;
	struct statement *s;
	int result = -1;

	if (check_text("NAME", name, PURGE_NAME_MAX, e) == -1 ||
	    check_text("--reason", reason, PURGE_REASON_MAX, e) == -1 ||
	    act_begin(&act, store, "hold", how, e) == -1)
		return -1;
	if (judge_hold(store, name, held, e) == -1)
		goto out;
	s = store_use(store, "hold_add", e);
	bind_int(s, ":act", act_number(act));
	bind_text(s, ":name", name);
	bind_int(s, ":held", held);
	bind_text(s, ":reason", reason);
	if (store_run(s, e) == 0)
		result = act_commit(&act, receipt, e);
out:
	act_cancel(&act);
	return result;
}
