/*
 * A sink that only remembers: each fact a line of text, what is not recorded
 * left out. Tests compare the lines; tool_review_dump prints them.
 *
 *	account name:wang name=wang enabled=yes created=1700000000
 *	value name:wang mail=w@x
 *	usage name:wang last_login=1700000000 resolution=86399 raw=...
 *	group role:dba role name=dba privileged=yes
 *	member role:dba name:wang member
 *	policy KEY local min_length=14
 *	query accounts FILE entries=3 skipped=0 invalid=0 complete
 *	seen accounts name 3
 */
#ifndef TESTS_REVIEW_SINK_H
#define TESTS_REVIEW_SINK_H

#include <stdio.h>
#include <string.h>

#include "review/sink.h"
#include "schema/base/buf.h"

struct text_sink {
	struct sink sink; /* first */
	struct buf lines;
};

static inline void
sink_text(struct buf *b, const char *name, const char *text)
{
	if (text != NULL)
		buf_printf(b, " %s=%s", name, text);
}

static inline void
sink_number(struct buf *b, const char *name, int64_t number)
{
	if (number == FACT_NEVER)
		buf_printf(b, " %s=never", name);
	else if (number != FACT_UNKNOWN)
		buf_printf(b, " %s=%lld", name, (long long)number);
}

static inline void
sink_tri(struct buf *b, const char *name, enum tri value)
{
	if (value != TRI_UNKNOWN)
		buf_printf(b, " %s=%s", name, value == TRI_YES ? "yes" : "no");
}

static inline void
sink_values(struct buf *b, const struct account *a)
{
	for (size_t i = 0; i < a->value_count; i++)
		buf_printf(b, "value %s %s=%s\n", a->key,
		    a->values[i].attribute, a->values[i].value);
	for (size_t i = 0; i < a->usage_count; i++) {
		const struct usage *u = &a->usages[i];

		buf_printf(b, "usage %s", a->key);
		sink_number(b, u->attribute, u->when);
		sink_number(b, "resolution", u->resolution);
		if (u->server != NULL && u->server[0] != '\0')
			sink_text(b, "server", u->server);
		sink_text(b, "raw", u->raw);
		buf_put_byte(b, '\n');
	}
}

static inline int
sink_account(struct sink *s, const struct account *a, struct err *e)
{
	struct buf *b = &((struct text_sink *)s)->lines;

	buf_printf(b, "account %s", a->key);
	if (a->kind != ACCOUNT_USER)
		sink_text(b, "kind", account_kind_names[a->kind]);
	sink_text(b, "name", a->name);
	sink_text(b, "dn", a->dn);
	sink_text(b, "host", a->host);
	sink_text(b, "display", a->display);
	sink_text(b, "mail", a->mail);
	sink_text(b, "phone", a->phone);
	sink_text(b, "employee", a->employee);
	sink_text(b, "department", a->department);
	sink_text(b, "title", a->title);
	sink_text(b, "company", a->company);
	sink_text(b, "manager", a->manager);
	sink_text(b, "owner", a->owner);
	sink_text(b, "description", a->description);
	sink_text(b, "principal", a->principal);
	sink_text(b, "sid", a->sid);
	sink_text(b, "shell", a->shell);
	sink_text(b, "home", a->home);
	sink_text(b, "policy", a->policy);
	sink_text(b, "conditions", a->conditions);
	sink_number(b, "uid", a->uid_number);
	sink_number(b, "gid", a->gid_number);
	sink_number(b, "primary_rid", a->primary_rid);
	sink_number(b, "control", a->control);
	sink_tri(b, "enabled", a->enabled);
	sink_text(b, "reason", a->status_reason);
	sink_tri(b, "locked", a->locked);
	sink_number(b, "created", a->created);
	sink_number(b, "expires", a->expires);
	sink_number(b, "password_set", a->password_set);
	sink_number(b, "password_expires", a->password_expires);
	for (size_t i = 0; i < ACCOUNT_FLAGS; i++)
		sink_tri(b, account_flag_names[i], a->flags[i]);
	buf_put_string(b, a->deleted ? " deleted\n" : "\n");
	sink_values(b, a);
	return buf_status(b, e);
}

static inline int
sink_group(struct sink *s, const struct group *g, struct err *e)
{
	struct buf *b = &((struct text_sink *)s)->lines;

	buf_printf(b, "group %s %s", g->key, group_kind_names[g->kind]);
	sink_text(b, "name", g->name);
	sink_text(b, "dn", g->dn);
	sink_text(b, "host", g->host);
	sink_text(b, "description", g->description);
	sink_text(b, "owner", g->owner);
	sink_text(b, "mail", g->mail);
	sink_text(b, "sid", g->sid);
	sink_number(b, "gid", g->gid_number);
	sink_number(b, "rid", g->rid);
	sink_number(b, "created", g->created);
	sink_tri(b, "privileged", g->privileged);
	sink_text(b, "detail", g->detail);
	buf_printf(b, "%s%s\n", g->members_incomplete ? " incomplete" : "",
	    g->deleted ? " deleted" : "");
	return buf_status(b, e);
}

static inline void
sink_reference(struct buf *b, const struct reference *r)
{
	static const char *const forms[] = { "", "dn:", "account:", "group:",
		"sid:", "uid:", "gid:", "rid:", "every:" };

	buf_printf(b, " %s%s", forms[r->form], r->text);
	if (r->host != NULL)
		buf_printf(b, "@%s", r->host);
}

static inline int
sink_member(struct sink *s, const struct member *m, struct err *e)
{
	struct buf *b = &((struct text_sink *)s)->lines;

	buf_put_string(b, "member");
	sink_reference(b, &m->group);
	sink_reference(b, &m->member);
	buf_printf(
	    b, " %s%s", edge_how_names[m->how], m->removed ? " removed" : "");
	sink_number(b, "acquired", m->acquired);
	buf_put_byte(b, '\n');
	return buf_status(b, e);
}

static inline int
sink_policy(struct sink *s, const struct policy *p, struct err *e)
{
	struct buf *b = &((struct text_sink *)s)->lines;

	buf_printf(b, "policy %s %s", p->key, p->form);
	sink_text(b, "name", p->name);
	sink_text(b, "host", p->host);
	buf_put_string(b, p->is_default ? " default" : "");
	sink_number(b, "precedence", p->precedence);
	sink_number(b, "min_length", p->min_length);
	sink_number(b, "history", p->history);
	sink_number(b, "max_age", p->max_age);
	sink_number(b, "min_age", p->min_age);
	sink_number(b, "lockout_attempts", p->lockout_attempts);
	sink_number(b, "lockout_duration", p->lockout_duration);
	sink_number(b, "lockout_window", p->lockout_window);
	sink_number(b, "min_classes", p->min_classes);
	sink_tri(b, "complexity", p->complexity);
	sink_tri(b, "needs_letter", p->needs_letter);
	sink_tri(b, "needs_digit", p->needs_digit);
	sink_tri(b, "needs_symbol", p->needs_symbol);
	sink_tri(b, "reversible", p->reversible);
	sink_tri(b, "first_use_change", p->first_use_change);
	sink_tri(b, "blocklist", p->blocklist);
	sink_number(b, "idle_disable", p->idle_disable);
	sink_text(b, "detail", p->detail);
	for (size_t i = 0; i < p->target_count; i++)
		sink_reference(b, &p->targets[i]);
	buf_put_byte(b, '\n');
	return buf_status(b, e);
}

static inline int
sink_query(struct sink *s, const struct query *q, struct err *e)
{
	struct buf *b = &((struct text_sink *)s)->lines;

	buf_printf(b, "query %s %s entries=%lld skipped=%lld invalid=%lld %s",
	    q->what, q->base == NULL ? "" : q->base, (long long)q->entries,
	    (long long)q->skipped, (long long)q->invalid,
	    q->complete ? "complete" : "incomplete");
	sink_text(b, "why", q->incomplete);
	sink_text(b, "diagnostic", q->diagnostic);
	buf_put_byte(b, '\n');
	return buf_status(b, e);
}

static inline int
sink_seen(struct sink *s, const struct attribute_seen *a, struct err *e)
{
	struct buf *b = &((struct text_sink *)s)->lines;

	buf_printf(
	    b, "seen %s %s %lld", a->what, a->attribute, (long long)a->entries);
	sink_text(b, "server", a->server[0] == '\0' ? NULL : a->server);
	sink_tri(b, "recorded", a->recorded);
	buf_put_byte(b, '\n');
	return buf_status(b, e);
}

static inline int
sink_gone(struct sink *s, const char *key, struct err *e)
{
	struct buf *b = &((struct text_sink *)s)->lines;

	buf_printf(b, "gone %s\n", key);
	return buf_status(b, e);
}

static inline int
sink_members_anew(struct sink *s, const char *key, struct err *e)
{
	struct buf *b = &((struct text_sink *)s)->lines;

	buf_printf(b, "anew %s\n", key);
	return buf_status(b, e);
}

static inline int
sink_remember(struct sink *s, const char *name, const char *text, struct err *e)
{
	struct buf *b = &((struct text_sink *)s)->lines;

	buf_printf(b, "remember %s=%s\n", name, text);
	return buf_status(b, e);
}

static inline const char *
sink_recall(struct sink *s, const char *name)
{
	(void)s;
	(void)name;
	return NULL;
}

static inline void
sink_progress(struct sink *s, const char *what, int64_t done, int64_t total)
{
	(void)s;
	(void)what;
	(void)done;
	(void)total;
}

static inline struct text_sink
text_sink_new(int64_t now)
{
	return (struct text_sink){
		.sink = { .account = sink_account,
		    .group = sink_group,
		    .member = sink_member,
		    .policy = sink_policy,
		    .query = sink_query,
		    .seen = sink_seen,
		    .gone = sink_gone,
		    .members_anew = sink_members_anew,
		    .remember = sink_remember,
		    .recall = sink_recall,
		    .progress = sink_progress,
		    .now = now },
		.lines = buf_new(256u * 1024 * 1024),
	};
}

/* Whether the text is a whole line of what was delivered. */
static inline bool
text_sink_has(struct text_sink *s, const char *line)
{
	const char *all = buf_string(&s->lines);
	size_t length = strlen(line);

	for (const char *at = strstr(all, line); at != NULL;
	     at = strstr(at + 1, line))
		if ((at == all || at[-1] == '\n') && at[length] == '\n')
			return true;
	return false;
}

#endif
