/*
 * A second person's word on an act.
 */
#include "review/act_internal.h"

#include <stdio.h>
#include <string.h>

#include "review/employee.h"
#include "schema/message.h"

bool
act_same_person(const char *number, const char *other)
{
	return employee_same(number, other);
}

static int
ask_about(struct store *store, const char *statement, int64_t act,
    const struct signer *s, struct err *e)
{
	char number[EMPLOYEE_SIZE];
	struct statement *st;
	int found;

	if (employee_find(store, s->employee, number, e) == -1)
		return -1;
	st = store_use(store, statement, e);
	bind_int(st, ":act", act);
	bind_text(st, ":employee", number[0] == '\0' ? s->fingerprint : number);
	found = store_step(st, e);
	store_done(st);
	return found;
}

int
act_is_about(struct store *store, const struct act_kind *kind, int64_t act,
    const struct signer *s, struct err *e)
{
	return kind->about == NULL ? 0
	                           : ask_about(store, kind->about, act, s, e);
}

/* 1 approved, 0 refused, -1 failed, 2 nobody said anything. */
static int
find_verdict(struct store *store, int64_t of, struct err *e)
{
	struct statement *st = store_use(store, "act_verdict", e);
	int found, result;

	bind_int(st, ":of", of);
	found = store_step(st, e);
	result = found == 0 ? 2
	    : found == 1    ? strcmp(column_text(st, 0), "approved") == 0
	                    : -1;
	store_done(st);
	return result;
}

int
act_approved(struct store *store, int64_t act, struct err *e)
{
	int verdict = find_verdict(store, act, e);

	return verdict == -1 ? -1 : verdict == 1;
}

/* What the act is that a second person speaks of. */
struct first {
	const struct act_kind *kind;
	int64_t signer;
	char employee[sizeof(((struct signer *)NULL)->employee)];
};

static int
find_first(struct store *store, int64_t of, struct first *f, struct err *e)
{
	struct statement *st = store_use(store, "act_get", e);
	int found;

	memset(f, 0, sizeof(*f));
	bind_int(st, ":id", of);
	if ((found = store_step(st, e)) == 1) {
		f->kind = act_kind_find(column_text(st, 2));
		f->signer = column_int(st, 3);
		if (!column_is_null(st, 8))
			(void)snprintf(f->employee, sizeof(f->employee), "%s",
			    column_text(st, 8));
	}
	store_done(st);
	if (found == -1)
		return -1;
	if (found == 1 && f->kind != NULL)
		return 0;
	err_set(e, ERR_USAGE, _("there is no act %lld"), (long long)of);
	return -1;
}

static int64_t
ask_number(struct store *store, const char *statement, struct err *e)
{
	struct statement *st = store_use(store, statement, e);
	int more = store_step(st, e);
	int64_t number = more == 1 ? column_int(st, 0) : more;

	store_done(st);
	return number;
}

/*
 * Who has no number can't be told from the first, nor from whom it is about,
 * once there are numbers. Two without may still enrol those who have one.
 */
static int
judge_numberless(struct store *store, const struct signer *s,
    const struct act_kind *kind, struct err *e)
{
	int64_t any = ask_number(store, "employee_any", e), officers;

	if (any < 1)
		return any == 0 ? 0 : -1;
	if ((officers = ask_number(store, "employee_officers", e)) == -1)
		return -1;
	if (officers < 2 && strcmp(kind->name, "person") == 0)
		return 0;
	return err_set(e, ERR_ACCESS,
	    _("%s is enrolled without an employee number, and can't be a "
	      "second "
	      "person since there are personnel data: enrol a key with "
	      "--employee"),
	    s->name);
}

static int
check_second(
    struct store *store, const struct signer *s, int64_t of, struct err *e)
{
	struct first f;
	int verdict, about;

	if (find_first(store, of, &f, e) == -1 ||
	    (verdict = find_verdict(store, of, e)) == -1)
		return -1;
	if (f.kind->need == ACT_ALONE)
		return err_set(e, ERR_USAGE,
		    _("act %lld (%s) needs no second person"), (long long)of,
		    f.kind->name);
	if (verdict != 2)
		return err_set(e, ERR_USAGE,
		    verdict == 1 ? _("act %lld is approved already")
		                 : _("act %lld was refused; what is still "
		                     "wanted needs a new act"),
		    (long long)of);
	if (s->employee[0] == '\0' &&
	    judge_numberless(store, s, f.kind, e) == -1)
		return -1;
	if (f.signer == s->id || act_same_person(f.employee, s->employee))
		return err_set(e, ERR_ACCESS,
		    _("%s signed act %lld already: another person is wanted"),
		    s->name, (long long)of);
	if (!act_role_in(act_seconds(f.kind), s->role))
		return err_set(e, ERR_ACCESS,
		    _("%s is enrolled as %s; this is for: %s"), s->name,
		    s->role, act_seconds(f.kind));
	if ((about = act_is_about(store, f.kind, of, s, e)) == 0)
		about = ask_about(store, "act_about_matched", of, s, e);
	if (about == 1)
		return err_set(e, ERR_ACCESS,
		    _("act %lld is about %s, who can't be its second person"),
		    (long long)of, s->name);
	return about;
}

int
act_second(struct store *store, int64_t of, bool approve, const char *reason,
    const struct act_how *how, struct buf *receipt, struct err *e)
{
	struct act *a;
	struct statement *st;

	if (act_begin(&a, store, "second", how, e) == -1)
		return -1;
	if (check_second(store, act_signer(a), of, e) == -1)
		goto fail;
	st = store_use(store, "second_add", e);
	bind_int(st, ":act", act_number(a));
	bind_int(st, ":of", of);
	bind_text(st, ":verdict", approve ? "approved" : "refused");
	bind_text(st, ":reason", reason == NULL ? "" : reason);
	if (store_run(st, e) == -1)
		goto fail;
	return act_commit(&a, receipt, e);
fail:
	act_cancel(&a);
	return -1;
}
