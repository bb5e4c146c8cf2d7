#include <string.h>

#include "review/command_csv.h"
#include "review/csv.h"
#include "review/decide.h"
#include "schema/base/clock.h"
#include "schema/message.h"

#define DAY_SECONDS  INT64_C(86400)
#define RECEIPT_ROOM 256u
#define WHO          "officer,reviewer"

int
decide_now(const struct command_context *c, int64_t *now, struct err *e)
{
	struct clock clock = clock_system();
	struct moment m;

	*now = c->now;
	if (c->now_given)
		return 0;
	if (clock_read(&clock, &m, e) == -1)
		return -1;
	*now = moment_seconds(&m);
	return 0;
}

static int
begin(struct act **act, struct command_context *c, struct store *store,
    struct err *e)
{
	struct act_how how = act_how(c);

	how.roles = WHO;
	if (decide_now(c, &how.now, e) == -1)
		return -1;
	return act_begin(act, store, "decisions", &how, e);
}

int
decide_person(struct command_context *c, struct store *store,
    struct signer *signer, struct err *e)
{
	struct act *act = NULL;

	if (begin(&act, c, store, e) == -1)
		return -1;
	*signer = *act_signer(act);
	act_cancel(&act);
	if (signer->employee[0] == '\0')
		return err_set(e, ERR_ACCESS,
		    _("%s is enrolled without an employee number, so nothing "
		      "is theirs to decide: see reeve person"),
		    signer->name);
	return 0;
}

int
decide_end(const char *text, int64_t now, int64_t *ends, struct err *e)
{
	struct csv_dates dates = { .format = "roc",
		.offset = command_local_zone(now) };

	if (csv_date(&dates, text, ends, e) == -1)
		return err_set(
		    e, ERR_ACCESS, _("%s: not a date like 2027-03-31"), text);
	if (strchr(text, ':') != NULL)
		return 0;
	*ends += DAY_SECONDS;
	if (*ends > now + DECISION_EXCEPTION_MAX &&
	    *ends <= now + DECISION_EXCEPTION_MAX + DAY_SECONDS)
		*ends = now + DECISION_EXCEPTION_MAX;
	return 0;
}

static void
tell(struct command_context *c, int64_t act, int64_t exceptions,
    struct buf *receipt)
{
	fprintf(c->out, "%s\n", buf_string(receipt));
	if (exceptions > 0)
		fprintf(c->out,
		    _("An exception counts once a second person runs: reeve "
		      "approve %lld\n"),
		    (long long)act);
}

int
decide_sign(struct command_context *c, struct store *store,
    const struct draft *draft, struct err *e)
{
	struct act *act = NULL;
	struct buf receipt = buf_new(RECEIPT_ROOM);
	int64_t exceptions = 0, number;
	int status = -1;

	if (begin(&act, c, store, e) == -1)
		goto out;
	number = act_number(act);
	for (size_t i = 0; i < draft_count(draft); i++) {
		struct decision d = *draft_at(draft, i, NULL);

		d.reviewer = act_signer(act)->employee;
		exceptions += d.kind == DECISION_EXCEPTION;
		if (decision_add(act, store, &d, e) == -1) {
			err_in(e, _("question %lld"), (long long)d.question);
			act_cancel(&act);
			goto out;
		}
	}
	if (act_commit(&act, &receipt, e) == -1)
		goto out;
	tell(c, number, exceptions, &receipt);
	status = 0;
out:
	buf_free(&receipt);
	return status;
}
