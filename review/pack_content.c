#include <stdio.h>
#include <string.h>

#include "review/campaign.h"
#include "review/pack_internal.h"
#include "review/purge.h"
#include "schema/message.h"

#define NAME_SIZE 64

/* ---- Classes ---- */

static int
write_rows(struct pack_making *m, const char *class, struct err *e)
{
	char name[NAME_SIZE];

	(void)snprintf(name, sizeof(name), "pack_%s", class);
	return pack_rows(m->writer, store_use(m->store, name, e), e);
}

static int
write_sessions(struct pack_making *m, struct err *e)
{
	const char *withheld = "";
	int result;

	m->total = 0;
	if (m->scope->sessions == NULL)
		return 0;
	result = m->scope->sessions(
	    m->scope->sessions_context, m->writer, &m->total, &withheld, e);
	(void)snprintf(m->withheld, sizeof(m->withheld), "%s", withheld);
	return result;
}

static int
write_reviewers_of(struct pack_making *m, int64_t campaign,
    const double *limits, struct err *e)
{
	struct view *progress = NULL;
	struct statement *s;
	int status = -1;

	if (campaign_progress(&progress, m->store, m->profile, campaign, e) ==
	    -1)
		return -1;
	s = store_use(m->store, "pack_reviewer", e);
	bind_int(s, ":campaign", campaign);
	bind_int(s, ":rubber_stamp_decisions", (int64_t)limits[0]);
	bind_int(s, ":rubber_stamp_seconds", (int64_t)limits[1]);
	if (pack_rows(m->writer, s, e) == 0)
		status = 0;
	store_done(s);
	if (campaign_progress_end(&progress, e) == -1)
		status = -1;
	return status;
}

static int
write_reviewers(struct pack_making *m, struct err *e)
{
	struct statement *s;
	double limits[2];
	int64_t campaign = 0;
	int more;

	if (view_threshold(
	        m->profile, "rubber_stamp_decisions", &limits[0], e) == -1 ||
	    view_threshold(m->profile, "rubber_stamp_seconds", &limits[1], e) ==
	        -1)
		return -1;
	do { /* tables come and go, so that no other statement may be open */
		s = store_use(m->store, "pack_campaign_next", e);
		bind_int(s, ":after", campaign);
		if ((more = store_step(s, e)) == 1)
			campaign = column_int(s, 0);
		store_done(s);
		if (more == 1 &&
		    write_reviewers_of(m, campaign, limits, e) == -1)
			return -1;
	} while (more == 1);
	return more;
}

/* Those that are more than one statement. */
static const struct {
	const char *class;
	int (*write)(struct pack_making *, struct err *);
} by_hand[] = {
	{ "reviewer", write_reviewers },
	{ "signed", pack_write_signed },
	{ "session", write_sessions },
	{ "control", pack_write_controls },
};
#define BY_HAND (sizeof(by_hand) / sizeof(by_hand[0]))

static int
write_class(struct pack_making *m, const char *class, struct err *e)
{
	for (size_t i = 0; i < BY_HAND; i++)
		if (strcmp(by_hand[i].class, class) == 0)
			return by_hand[i].write(m, e);
	return write_rows(m, class, e);
}

static int
find_total(
    struct pack_making *m, const char *class, int64_t *total, struct err *e)
{
	char name[NAME_SIZE];
	struct statement *s;
	int more;

	(void)snprintf(name, sizeof(name), "pack_total_%s", class);
	s = store_use(m->store, name, e);
	more = store_step(s, e);
	if (more == 1)
		*total = column_int(s, 0);
	else if (more == 0)
		err_set(e, ERR_FORMAT, "%s has no row", name);
	store_done(s);
	return more == 1 ? 0 : -1;
}

static int
write_one(struct pack_making *m, const char *class, struct err *e)
{
	m->total = -1;
	m->withheld[0] = '\0';
	if (pack_begin(m->writer, class, e) == -1 ||
	    write_class(m, class, e) == -1 ||
	    (m->total == -1 && find_total(m, class, &m->total, e) == -1))
		return err_in(e, "%s", class);
	return pack_end(m->writer, m->total,
	    m->withheld[0] == '\0' ? NULL : m->withheld, e);
}

static int
write_classes(struct pack_making *m, const struct pack_schema *schema,
    const struct pack_progress *progress, struct err *e)
{
	const struct pack_class *class;
	size_t count = 0;

	while (pack_schema_at(schema, count) != NULL)
		count++;
	for (size_t i = 0; (class = pack_schema_at(schema, i)) != NULL; i++) {
		if (progress != NULL && progress->tell != NULL)
			progress->tell(progress->context, class->name,
			    (int64_t)i, (int64_t)count);
		if (write_one(m, class->name, e) == -1)
			return -1;
	}
	return 0;
}

/* ---- The manifest ---- */

static int
say_limit(
    struct manifest *m, const char *what, const char *value, struct err *e)
{
	struct manifest_scope *scope;

	if (value == NULL)
		return 0;
	scope = manifest_add_scope(m, e);
	if (scope == NULL)
		return -1;
	if (strlen(value) >= sizeof(scope->value))
		return err_set(e, ERR_USAGE, _("%s: too long"), what);
	(void)snprintf(scope->what, sizeof(scope->what), "%s", what);
	(void)snprintf(scope->value, sizeof(scope->value), "%s", value);
	return 0;
}

static int
say_limits(struct manifest *m, const struct pack_scope *scope, struct err *e)
{
	m->from = scope->from;
	m->to = scope->to;
	if (say_limit(m, "system", scope->system, e) == -1 ||
	    say_limit(m, "person", scope->person, e) == -1 ||
	    say_limit(m, "rule", scope->rule, e) == -1)
		return -1;
	return say_limit(m, "campaign", scope->campaign, e);
}

static int
say_state(struct pack_making *m, struct err *e)
{
	struct statement *s = store_use(m->store, "pack_state", e);
	int more = store_step(s, e);

	m->manifest->state = more == 1 ? column_int(s, 0) : FACT_UNKNOWN;
	m->manifest->state_at = more == 1 ? column_int(s, 1) : FACT_UNKNOWN;
	store_done(s);
	return more == -1 ? -1 : 0;
}

static int
say_check(struct pack_making *m, struct err *e)
{
	struct statement *s = store_use(m->store, "pack_check", e);
	int more = store_step(s, e);

	m->manifest->check = more == 1 ? column_int(s, 0) : FACT_UNKNOWN;
	m->manifest->checked = more == 1 ? column_int(s, 1) : FACT_UNKNOWN;
	(void)snprintf(m->manifest->profile, sizeof(m->manifest->profile), "%s",
	    more == 1 ? column_text(s, 2) : "");
	m->profile = more == 1 ? m->manifest->profile : m->config->profile;
	store_done(s);
	return more == -1 ? -1 : 0;
}

static int
say_head(struct pack_making *m, struct err *e)
{
	struct statement *s = store_use(m->store, "pack_head", e);
	int more = store_step(s, e);
	size_t length = 0;
	const void *digest;

	m->manifest->head = 0;
	memset(m->manifest->head_digest, 0, sizeof(m->manifest->head_digest));
	if (more == 1) {
		m->manifest->head = column_int(s, 0);
		digest = column_blob(s, 1, &length);
		if (digest != NULL && length == DIGEST_SHA256_LENGTH)
			memcpy(m->manifest->head_digest, digest, length);
		else
			more = err_set(e, ERR_TAMPERED,
			    "act %lld has no digest; see reeve verify",
			    (long long)m->manifest->head);
	}
	store_done(s);
	return more == -1 ? -1 : 0;
}

static int
say_places(struct pack_making *m, struct err *e)
{
	struct statement *s = store_use(m->store, "pack_places", e);
	int more = store_step(s, e);

	if (more == 1) {
		m->manifest->places = column_int(s, 0);
		m->manifest->covered = column_int(s, 1);
	}
	store_done(s);
	return more == -1 ? -1 : 0;
}

static int
say_all(struct pack_making *m, struct err *e)
{
	if (say_limits(m->manifest, m->scope, e) == -1 ||
	    say_state(m, e) == -1 || say_head(m, e) == -1 ||
	    say_places(m, e) == -1)
		return -1;
	return purge_retention(
	    m->store, &m->config->retention, m->now, m->manifest, e);
}

/* ---- The whole ---- */

int
pack_content(struct pack_writer *writer, struct store *store,
    const struct pack_scope *scope, const struct review_config *config,
    int64_t now, const struct pack_progress *progress,
    struct manifest *manifest, struct err *e)
{
	struct pack_making m = { .writer = writer,
		.store = store,
		.scope = scope,
		.config = config,
		.now = now,
		.manifest = manifest };
	struct pack_schema *schema = NULL;
	struct rule_set *rules = NULL;
	int status = -1;

	if (pack_schema_load(&schema, e) == -1 ||
	    rule_set_load(&rules, config->rules_dir, e) == -1)
		goto out;
	m.rules = rules;
	if (say_check(&m, e) == -1 ||
	    pack_tables(
	        &m.view, store, scope, config, rules, now, progress, e) == -1)
		goto out;
	if (say_all(&m, e) == 0 && write_classes(&m, schema, progress, e) == 0)
		status = pack_tables_end(&m.view, e);
	else
		(void)view_end(&m.view, false, e);
out:
	rule_set_free(&rules);
	pack_schema_free(&schema);
	return status;
}
