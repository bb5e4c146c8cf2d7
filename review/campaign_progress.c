#include "review/campaign.h"

#include <math.h>
#include <string.h>

#include "review/decision.h"
#include "schema/message.h"

#define STEPS "review/sql/progress.sql"
#define DROPS "review/sql/progress_drop.sql"

int
campaign_progress(struct view **view, struct store *store, const char *profile,
    int64_t campaign, struct err *e)
{
	const struct view_options options = { .profile = profile };

	if (view_begin(view, store, &options, e) == -1)
		return -1;
	view_set(*view, ":campaign", campaign);
	if (view_steps(*view, STEPS, e) == -1) {
		(void)view_end(view, false, e);
		return -1;
	}
	return 0;
}

int
campaign_progress_end(struct view **view, struct err *e)
{
	int status = *view == NULL ? 0 : view_steps(*view, DROPS, e);

	return view_end(view, status == 0, e) == -1 ? -1 : status;
}

/* ---- What keeps it from closing ---- */

struct blocking {
	void (*say)(void *, const struct campaign_block *);
	void *context;
	int64_t count;
};

static void
tell(struct blocking *b, const struct campaign_block *block)
{
	b->count++;
	if (b->say != NULL)
		b->say(b->context, block);
}

static int
count_places(
    struct store *store, int64_t campaign, int64_t *places, struct err *e)
{
	struct statement *s = store_use(store, "campaign_places", e);
	int more;

	bind_int(s, ":campaign", campaign);
	more = store_step(s, e);
	if (more == 1)
		*places = column_int(s, 0);
	store_done(s);
	return more == 1 ? 0 : -1;
}

/*
 * A core source never; of others a share, if two persons signed each. What the
 * scope leaves out of core was read, and two persons may sign that.
 */
static int
block_sources(struct blocking *b, struct store *store, const char *profile,
    int64_t campaign, struct err *e)
{
	struct statement *s;
	int64_t excused = 0, places = 0;
	double share;
	int more;

	if (view_threshold(profile, "review_missing_share", &share, e) == -1 ||
	    count_places(store, campaign, &places, e) == -1)
		return -1;
	s = store_use(store, "campaign_missing_rows", e);
	bind_int(s, ":campaign", campaign);
	while ((more = store_step(s, e)) == 1) {
		const struct campaign_block block = {
			.what = "source",
			.who = column_text(s, column_of(s, "source")),
			.host = column_text(s, column_of(s, "host")),
			.why = column_text(s, column_of(s, "reason")),
			.count = 1,
			.accounts = column_int(s, column_of(s, "excluded")),
			.rights =
			    column_int(s, column_of(s, "excluded_rights")),
		};

		bool signed_for = column_int(s, column_of(s, "excused")) != 0;

		if (signed_for && strcmp(block.why, "excluded") == 0)
			continue;
		if (signed_for && column_int(s, column_of(s, "core")) == 0)
			excused++;
		else
			tell(b, &block);
	}
	if (more == 0 && (double)excused > floor(share * (double)places))
		tell(b,
		    &(struct campaign_block){ .what = "missing",
		        .who = "",
		        .host = "",
		        .why = "",
		        .count = excused });
	return more;
}

static int
block_nobody(struct blocking *b, struct store *store, struct err *e)
{
	struct statement *s = store_use(store, "progress_nobody", e);
	int more = store_step(s, e);

	if (more == 1 && column_int(s, 0) > 0)
		tell(b,
		    &(struct campaign_block){ .what = "nobody",
		        .who = "",
		        .host = "",
		        .why = "",
		        .count = column_int(s, 0) });
	store_done(s);
	return more == 1 ? 0 : -1;
}

static int
block_undecided(struct blocking *b, struct store *store, struct err *e)
{
	struct statement *s = store_use(store, "progress_undecided", e);
	int more;

	while ((more = store_step(s, e)) == 1) {
		const struct campaign_block block = {
			.what = "undecided",
			.who = column_text(s, 0),
			.host = "",
			.why = "",
			.count = column_int(s, 1),
		};

		tell(b, &block);
	}
	return more;
}

static int
block_waiting(struct blocking *b, struct store *store, struct err *e)
{
	struct statement *s = store_use(store, "progress_waiting", e);
	int more;

	while ((more = store_step(s, e)) == 1) {
		const struct campaign_block block = {
			.what = "waiting",
			.who = column_text(s, 1),
			.host = "",
			.why = "",
			.count = column_int(s, 2),
			.act = column_int(s, 0),
		};

		tell(b, &block);
	}
	return more;
}

int
campaign_blocks(struct store *store, const char *profile, int64_t campaign,
    void (*say)(void *, const struct campaign_block *), void *context,
    int64_t *count, struct err *e)
{
	struct blocking b = { .say = say, .context = context };

	if (block_sources(&b, store, profile, campaign, e) == -1 ||
	    block_nobody(&b, store, e) == -1 ||
	    block_undecided(&b, store, e) == -1 ||
	    block_waiting(&b, store, e) == -1)
		return -1;
	*count = b.count;
	return 0;
}

/* ---- Silence ---- */

int
campaign_propose(struct act *act, struct store *store, int64_t campaign,
    int64_t *count, struct err *e)
{
	struct statement *s = store_use(store, "progress_silent", e);
	int more;

	*count = 0;
	bind_int(s, ":campaign", campaign);
	while ((more = store_step(s, e)) == 1) {
		const struct decision d = {
			.campaign = campaign,
			.question = column_int(s, 0),
			.kind = DECISION_REVOKE,
			.reason = "nobody answered",
			.ends = FACT_UNKNOWN,
			.reviewer = column_text(s, 1),
			.grade = "silent",
			.decided = FACT_UNKNOWN,
			.seconds = FACT_UNKNOWN,
			.bulk = 1,
		};

		if (decision_add(act, store, &d, e) == -1)
			return -1;
		(*count)++;
	}
	return more;
}

int
campaign_may_ask(
    struct store *store, const char *employee, int64_t now, struct err *e)
{
	struct statement *s = store_use(store, "campaign_can_be_asked", e);
	int more;

	bind_text(s, ":employee", employee);
	bind_int(s, ":now", now);
	more = store_step(s, e);
	if (more == 1)
		more = column_int(s, 0) != 0;
	store_done(s);
	return more;
}
