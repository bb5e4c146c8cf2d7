#include "review/campaign.h"

#include <string.h>

#include "review/command_csv.h"
#include "schema/message.h"

#define PLACES      "review/sql/place.sql"
#define STEPS       "review/sql/freeze.sql"
#define DROPS       "review/sql/freeze_drop.sql"
#define PLACES_DROP "review/sql/place_drop.sql"

struct newest { /* check */
	int64_t run;
	char profile[128];
};

/* Findings and population must be of the same state. */
static int
find_check(struct store *store, struct newest *newest, struct err *e)
{
	struct statement *s = store_use(store, "campaign_check", e);
	int more = store_step(s, e);
	const char *profile;
	int status = 0;

	if (more == 0)
		return err_set(e, ERR_MISSING,
		    _("nothing was checked yet: reeve pull, then reeve "
		      "check"));
	if (more == -1)
		return -1;
	newest->run = column_int(s, column_of(s, "id"));
	profile = column_text(s, column_of(s, "profile"));
	if (strlen(profile) >= sizeof(newest->profile))
		status = err_set(e, ERR_FORMAT, "profile %s", profile);
	else if (column_int(s, column_of(s, "state")) !=
	    column_int(s, column_of(s, "newest")))
		status = err_set(e, ERR_CONFIG,
		    _("the newest check is older than the newest pull, so its "
		      "findings are of another state: run reeve check"));
	else
		(void)strcpy(newest->profile, profile);
	store_done(s);
	return status;
}

int
campaign_view(struct view **view, struct act *act, struct store *store,
    const struct review_config *config, const struct rule_set *rules,
    void (*progress)(void *, const char *, int64_t, int64_t), void *context,
    struct err *e)
{
	struct newest newest;
	struct view_options options = {
		.config = config,
		.rules = rules,
		.profile = newest.profile,
		.now = act_at(act),
		.tables = true,
		.doing = _("freezing"),
		.progress = progress,
		.progress_context = context,
	};

	*view = NULL;
	if (find_check(store, &newest, e) == -1 ||
	    view_begin(view, store, &options, e) == -1)
		return -1;
	view_set(*view, ":run", newest.run);
	view_set(*view, ":only", 0);
	return 0;
}

static int
find_compared(
    struct store *store, int64_t campaign, int64_t *compared, struct err *e)
{
	struct statement *s = store_use(store, "campaign_compare", e);
	int more;

	bind_int(s, ":campaign", campaign);
	more = store_step(s, e);
	if (more == 1)
		*compared = column_int(s, 0);
	store_done(s);
	return more == 1 ? 0 : -1;
}

/* Sources that review.conf names and that were never pulled are missing, too. */
static int
add_never(struct act *act, struct store *store,
    const struct review_config *config, int64_t campaign, struct err *e)
{
	for (size_t i = 0; i < config->source_count; i++) {
		const struct source_settings *source = &config->sources[i];
		struct statement *s;

		if (command_csv_is_section(source))
			continue;
		s = store_use(store, "campaign_source_never", e);
		bind_int(s, ":act", act_number(act));
		bind_int(s, ":campaign", campaign);
		bind_text(s, ":source", source->name);
		bind_int(s, ":core", source->system_class == CLASS_CORE);
		if (store_run(s, e) == -1)
			return -1;
	}
	return 0;
}

int
campaign_freeze(struct act *act, struct store *store, struct view *view,
    const struct review_config *config, int64_t campaign, struct err *e)
{
	int64_t compared = 0;

	if (find_compared(store, campaign, &compared, e) == -1)
		return -1;
	view_set(view, ":act", act_number(act));
	view_set(view, ":campaign", campaign);
	view_set(view, ":compare", compared);
	if (view_scope(view, campaign, e) == -1 ||
	    view_steps(view, PLACES, e) == -1 ||
	    view_steps(view, STEPS, e) == -1 ||
	    view_steps(view, DROPS, e) == -1 ||
	    view_steps(view, PLACES_DROP, e) == -1)
		return -1;
	return add_never(act, store, config, campaign, e);
}
