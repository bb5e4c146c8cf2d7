#include "review/campaign.h"

#include <string.h>

#include "review/employee.h"
#include "schema/message.h"

#define STEPS "review/sql/assign.sql"
#define DROPS "review/sql/assign_drop.sql"

static const char *const whats[] = { "right", "department", "person", "source",
	"account", NULL };

static int
judge_rule(const struct campaign_rule *rule, struct err *e)
{
	for (size_t i = 0; whats[i] != NULL; i++)
		if (strcmp(whats[i], rule->what) == 0)
			return 0;
	return err_set(e, ERR_USAGE,
	    _("%s: not right, department, person, source or account"),
	    rule->what);
}

static int
add_rules(struct store *store, const struct campaign_rule *list, size_t count,
    struct err *e)
{
	struct statement *s = store_use(store, "assign_rule_make", e);
	char number[EMPLOYEE_SIZE];

	if (store_run(s, e) == -1 ||
	    store_run(store_use(store, "assign_rule_clear", e), e) == -1)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (judge_rule(&list[i], e) == -1 ||
		    employee_find(store, list[i].employee, number, e) == -1)
			return -1;
		s = store_use(store, "assign_rule_add", e);
		bind_text(s, ":what", list[i].what);
		bind_text(s, ":value", list[i].value);
		bind_text(s, ":employee", number);
		if (store_run(s, e) == -1)
			return -1;
	}
	return 0;
}

/* Nobody picks who decides on them: not in person, nor one below them. */
static int
judge_list(
    struct act *act, struct store *store, int64_t campaign, struct err *e)
{
	const struct signer *signer = act_signer(act);
	struct statement *s = store_use(store, "assign_list_picked", e);
	int more;

	bind_int(s, ":act", act_number(act));
	bind_int(s, ":campaign", campaign);
	bind_text(s, ":signer", signer == NULL ? "" : signer->employee);
	more = store_step(s, e);
	if (more == 1)
		err_set(e, ERR_ACCESS,
		    column_int(s, 2) != 0
		        ? _("the list gives question %lld to %s: who signs it "
		            "holds, asked for or approved what is in it")
		        : _("the list gives question %lld to %s, who reports "
		            "to who holds what is in it"),
		    (long long)column_int(s, 0), column_text(s, 1));
	store_done(s);
	return more == 0 ? 0 : -1;
}

int
campaign_assign(struct act *act, struct store *store, const char *profile,
    int64_t campaign, enum assign_mode mode, const struct campaign_rule *list,
    size_t count, struct err *e)
{
	struct view_options options = { .profile = profile,
		.now = act_at(act) };
	struct view *view = NULL;
	int status = -1;

	if (add_rules(store, list, count, e) == -1 ||
	    view_begin(&view, store, &options, e) == -1)
		return -1;
	view_set(view, ":act", act_number(act));
	view_set(view, ":campaign", campaign);
	view_set(view, ":mode", mode);
	if (view_steps(view, STEPS, e) == 0 && view_steps(view, DROPS, e) == 0)
		status = 0;
	(void)view_end(&view, status == 0, e);
	if (status == 0 && count > 0)
		status = judge_list(act, store, campaign, e);
	return status;
}
