#include "review/campaign.h"

#include <string.h>

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

	if (store_run(s, e) == -1 ||
	    store_run(store_use(store, "assign_rule_clear", e), e) == -1)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (judge_rule(&list[i], e) == -1)
			return -1;
		s = store_use(store, "assign_rule_add", e);
		bind_text(s, ":what", list[i].what);
		bind_text(s, ":value", list[i].value);
		bind_text(s, ":employee", list[i].employee);
		if (store_run(s, e) == -1)
			return -1;
	}
	return 0;
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
	return status;
}
