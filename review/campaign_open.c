#include "review/campaign.h"

#include <string.h>

#include "review/employee.h"
#include "schema/base/enc.h"
#include "schema/message.h"

#define TEXT_MAX 1024u /* bytes of a value or reason */

static const char *const types[] = { "periodic", "privileged", "event",
	"ad-hoc", NULL };
static const char *const whats[] = { "source", "class", "group", "privileged",
	"rule", "department", "person", "account", NULL };

static bool
is_one_of(const char *word, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

/* One line of UTF-8, so that it is shown as it is. */
static int
judge_line(const char *what, const char *text, size_t max, struct err *e)
{
	size_t length = strlen(text);

	if (length > max)
		return err_set(
		    e, ERR_USAGE, _("%s: longer than %zu bytes"), what, max);
	if (!enc_is_utf8(text, length))
		return err_set(e, ERR_USAGE, _("%s: not UTF-8"), what);
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return err_set(
			    e, ERR_USAGE, _("%s: not one line of text"), what);
	return 0;
}

static int
judge_scope(const struct campaign_scope *s, struct err *e)
{
	if (!is_one_of(s->what, whats))
		return err_set(e, ERR_USAGE,
		    _("%s: not source, class, group, privileged, rule, "
		      "department, person or account"),
		    s->what);
	if (*s->value == '\0')
		return err_set(e, ERR_USAGE, _("%s: of which?"), s->what);
	if (judge_line(s->what, s->value, TEXT_MAX, e) == -1 ||
	    judge_line("--reason", s->reason, TEXT_MAX, e) == -1)
		return -1;
	if (!s->include && s->reason[strspn(s->reason, " \t")] == '\0')
		return err_set(e, ERR_USAGE,
		    _("%s=%s: what is left out needs a reason (--reason), "
		      "which is signed"),
		    s->what, s->value);
	return 0;
}

static int
judge_new(struct store *store, const struct campaign_new *n, struct err *e)
{
	struct statement *s;
	int more;

	if (*n->name == '\0' || strlen(n->name) > CAMPAIGN_NAME_MAX)
		return err_set(e, ERR_USAGE,
		    _("a campaign's name has 1 to %u bytes"),
		    CAMPAIGN_NAME_MAX);
	if (judge_line("NAME", n->name, CAMPAIGN_NAME_MAX, e) == -1)
		return -1;
	if (!is_one_of(n->type, types))
		return err_set(e, ERR_USAGE,
		    _("--type %s: periodic, privileged, event or ad-hoc"),
		    n->type);
	for (size_t i = 0; i < n->scope_count; i++)
		if (judge_scope(&n->scope[i], e) == -1)
			return -1;
	s = store_use(store, "campaign_by_name", e);
	bind_text(s, ":name", n->name);
	more = store_step(s, e);
	store_done(s);
	if (more == 1)
		return err_set(
		    e, ERR_USAGE, _("%s: there is such a campaign"), n->name);
	return more;
}

static int
add_scope(struct act *act, struct store *store, int64_t campaign,
    const struct campaign_scope *scope, struct err *e)
{
	struct statement *s = store_use(store, "campaign_scope_add", e);

	bind_int(s, ":act", act_number(act));
	bind_int(s, ":campaign", campaign);
	bind_int(s, ":include", scope->include);
	bind_text(s, ":what", scope->what);
	bind_text(s, ":value", scope->value);
	bind_text(s, ":reason", scope->reason);
	return store_run(s, e);
}

static int
copy_scope(struct act *act, struct store *store, int64_t campaign,
    int64_t previous, struct err *e)
{
	struct statement *s = store_use(store, "campaign_scope_copy", e);

	bind_int(s, ":act", act_number(act));
	bind_int(s, ":campaign", campaign);
	bind_int(s, ":previous", previous);
	return store_run(s, e);
}

static int
scope_has(
    struct store *store, int64_t campaign, const char *what, struct err *e)
{
	struct statement *s = store_use(store, "campaign_scope_has", e);
	int more;

	bind_int(s, ":campaign", campaign);
	bind_text(s, ":what", what);
	more = store_step(s, e);
	store_done(s);
	return more;
}

/* A campaign of privileged rights has only those, whatever else is said. */
static int
add_type_scope(struct act *act, struct store *store, int64_t campaign,
    const struct campaign_new *n, struct err *e)
{
	static const struct campaign_scope privileged = { true, "privileged",
		"yes", "" };
	int has;

	if (strcmp(n->type, "privileged") != 0)
		return 0;
	for (size_t i = 0; i < n->scope_count; i++)
		if (strcmp(n->scope[i].what, "privileged") == 0)
			return err_set(e, ERR_USAGE,
			    _("--type privileged says it already"));
	has = scope_has(store, campaign, "privileged", e);
	if (has != 0)
		return has == 1 ? 0 : -1;
	return add_scope(act, store, campaign, &privileged, e);
}

int
campaign_open(struct act *act, struct store *store,
    const struct campaign_new *n, int64_t *id, struct err *e)
{
	char fallback[EMPLOYEE_SIZE];
	struct statement *s;

	if (judge_new(store, n, e) == -1 ||
	    employee_find(store, n->fallback, fallback, e) == -1)
		return -1;
	s = store_use(store, "campaign_add", e);
	bind_int(s, ":act", act_number(act));
	bind_text(s, ":name", n->name);
	bind_text(s, ":type", n->type);
	bind_int(s, ":due", n->due);
	bind_text(s, ":fallback", fallback);
	if (n->previous > 0)
		bind_int(s, ":previous", n->previous);
	else
		bind_null(s, ":previous");
	bind_text(s, ":cause", n->cause);
	if (store_run(s, e) == -1)
		return -1;
	*id = store_last_id(store);
	if (n->previous > 0 &&
	    copy_scope(act, store, *id, n->previous, e) == -1)
		return -1;
	if (add_type_scope(act, store, *id, n, e) == -1)
		return -1;
	for (size_t i = 0; i < n->scope_count; i++)
		if (add_scope(act, store, *id, &n->scope[i], e) == -1)
			return -1;
	return 0;
}
