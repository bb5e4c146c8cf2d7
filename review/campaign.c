#include "review/campaign.h"

#include <string.h>

#include "schema/message.h"

#define NAMES_MAX 4096u /* bytes of the names there are, in an error */

/* ---- Finding one ---- */

static int
read_campaign(struct statement *s, struct campaign *c, struct err *e)
{
	const char *name = column_text(s, column_of(s, "name"));
	const char *type = column_text(s, column_of(s, "type"));
	const char *ended = column_text(s, column_of(s, "ended"));
	const void *digest;
	size_t length;

	memset(c, 0, sizeof(*c));
	if (strlen(name) >= sizeof(c->name) ||
	    strlen(type) >= sizeof(c->type) || strlen(ended) >= sizeof(c->end))
		return err_set(e, ERR_FORMAT, "campaign %.64s", name);
	c->id = column_int(s, column_of(s, "id"));
	c->due = column_int(s, column_of(s, "due"));
	c->frozen = column_int(s, column_of(s, "frozen")) != 0;
	(void)strcpy(c->name, name);
	(void)strcpy(c->type, type);
	(void)strcpy(c->end, ended);
	digest = column_blob(s, column_of(s, "population"), &length);
	if (length == sizeof(c->population))
		memcpy(c->population, digest, length);
	return 0;
}

/* The names of those that are open; how many, or -1. */
static int
open_names(struct store *store, struct buf *names, struct err *e)
{
	struct statement *s = store_use(store, "campaign_open_names", e);
	int count = 0, more;

	while ((more = store_step(s, e)) == 1) {
		buf_printf(
		    names, "%s%s", count > 0 ? ", " : "", column_text(s, 0));
		count++;
	}
	return more == -1 ? -1 : count;
}

static int
only_open(struct store *store, struct buf *name, struct err *e)
{
	int count = open_names(store, name, e);

	if (count == -1)
		return -1;
	if (count == 0)
		return err_set(e, ERR_MISSING,
		    _("no campaign is open: reeve campaign open NAME"));
	if (count > 1)
		return err_set(e, ERR_MISSING,
		    _("several campaigns are open, name one: %s"),
		    buf_string(name));
	return buf_status(name, e);
}

static int
no_such(struct store *store, const char *name, struct err *e)
{
	struct buf names = buf_new(NAMES_MAX);
	int count = open_names(store, &names, e);

	if (count == 0)
		err_set(e, ERR_MISSING, _("%s: no such campaign"), name);
	else if (count > 0)
		err_set(e, ERR_MISSING, _("%s: no such campaign; open are: %s"),
		    name, buf_string(&names));
	buf_free(&names);
	return -1;
}

int
campaign_find(
    struct store *store, const char *name, struct campaign *c, struct err *e)
{
	struct buf only = buf_new(NAMES_MAX);
	struct statement *s;
	int status = -1, more;

	if (name == NULL || *name == '\0') {
		if (only_open(store, &only, e) == -1)
			goto out;
		name = buf_string(&only);
	}
	s = store_use(store, "campaign_by_name", e);
	bind_text(s, ":name", name);
	more = store_step(s, e);
	if (more == 0)
		no_such(store, name, e);
	else if (more == 1)
		status = read_campaign(s, c, e);
	store_done(s);
out:
	buf_free(&only);
	return status;
}

/* ---- Who may decide ---- */

static int
has_left(struct store *store, const char *employee, int64_t now, struct err *e)
{
	struct statement *s = store_use(store, "campaign_left", e);
	int more;

	bind_text(s, ":employee", employee);
	bind_int(s, ":now", now);
	more = store_step(s, e);
	if (more == 1)
		more = column_int(s, 0) != 0;
	store_done(s);
	return more;
}

static const char *
conflict_word(const char *why)
{
	static const char *const words[] = { "holder", "requester",
		"approver" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (why != NULL && strcmp(words[i], why) == 0)
			return words[i];
	return "holder";
}

int
campaign_conflict(struct store *store, int64_t campaign, int64_t item,
    const char *employee, int64_t now, const char **why, struct err *e)
{
	struct statement *s;
	int status = has_left(store, employee, now, e);

	*why = "left";
	if (status != 0)
		return status;
	s = store_use(store, "campaign_item_conflict", e);
	bind_int(s, ":campaign", campaign);
	bind_int(s, ":item", item);
	bind_text(s, ":employee", employee);
	status = store_step(s, e);
	*why = status == 1 ? conflict_word(column_text(s, 0)) : NULL;
	store_done(s);
	return status;
}

static int
question_conflict(struct store *store, int64_t campaign, int64_t question,
    const char *employee, struct err *e)
{
	struct statement *s = store_use(store, "campaign_question_conflict", e);
	int status;

	bind_int(s, ":campaign", campaign);
	bind_int(s, ":question", question);
	bind_text(s, ":employee", employee);
	status = store_step(s, e);
	store_done(s);
	return status;
}

int
campaign_reviewer(struct store *store, int64_t campaign, int64_t question,
    int64_t now, char employee[64], struct err *e)
{
	struct statement *s = store_use(store, "campaign_reviewer_of", e);
	int status;

	employee[0] = '\0';
	bind_int(s, ":campaign", campaign);
	bind_int(s, ":question", question);
	status = store_step(s, e);
	if (status == 1) {
		const char *text = column_text(s, 0);

		if (strlen(text) > 63)
			status = err_set(e, ERR_FORMAT, "reviewer %s", text);
		else
			(void)strcpy(employee, text);
	}
	store_done(s);
	if (status == -1 || employee[0] == '\0')
		return status == -1 ? -1 : 0;
	status = has_left(store, employee, now, e);
	if (status == 0)
		status =
		    question_conflict(store, campaign, question, employee, e);
	if (status != 0)
		employee[0] = '\0';
	return status == -1 ? -1 : 0;
}
