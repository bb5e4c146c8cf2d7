/*
 * tool_review_facts CONF SOURCE [COOKIES]
 *
 * Pulls a source into a sink that only prints: a line per fact, fields parted
 * by tabs, those not recorded left out. COOKIES is a file where what the
 * source remembers is kept (NAME=TEXT a line); without it there is nothing to
 * recall, so the pull is a full one.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "review/config.h"
#include "review/source.h"

#define COOKIES_MAX 16

struct cookie {
	char name[64];
	char *text;
};

struct dump {
	struct sink sink;
	struct cookie old[COOKIES_MAX];
	struct cookie new[COOKIES_MAX];
	size_t old_count;
	size_t new_count;
};

static void
text(const char *name, const char *value)
{
	if (value != NULL)
		printf("\t%s=%s", name, value);
}

static void
number(const char *name, int64_t value)
{
	if (value == FACT_NEVER)
		printf("\t%s=never", name);
	else if (value != FACT_UNKNOWN)
		printf("\t%s=%" PRId64, name, value);
}

static void
truth(const char *name, enum tri value)
{
	if (value != TRI_UNKNOWN)
		printf("\t%s=%s", name, value == TRI_YES ? "yes" : "no");
}

static int
end_line(void)
{
	putchar('\n');
	return 0;
}

static void
usage(const struct account *a, const struct usage *u)
{
	printf("usage\t%s\t%s\tattribute=%s\tserver=%s", a->key, a->name,
	    u->attribute, u->server);
	number("when", u->when);
	number("resolution", u->resolution);
	text("raw", u->raw);
	end_line();
}

static int
account(struct sink *sink, const struct account *a, struct err *e)
{
	(void)sink;
	(void)e;
	printf("account\t%s\tkind=%s", a->key, account_kind_names[a->kind]);
	text("name", a->name);
	text("dn", a->dn);
	text("display", a->display);
	text("mail", a->mail);
	text("employee", a->employee);
	text("department", a->department);
	text("manager", a->manager);
	text("principal", a->principal);
	text("sid", a->sid);
	text("policy", a->policy);
	text("conditions", a->conditions);
	number("uid", a->uid_number);
	number("gid", a->gid_number);
	number("primary", a->primary_rid);
	number("control", a->control);
	truth("enabled", a->enabled);
	text("status", a->status_reason);
	truth("locked", a->locked);
	number("created", a->created);
	number("expires", a->expires);
	number("password-set", a->password_set);
	number("password-expires", a->password_expires);
	for (size_t i = 0; i < ACCOUNT_FLAGS; i++)
		truth(account_flag_names[i], a->flags[i]);
	if (a->deleted)
		printf("\tdeleted");
	end_line();
	for (size_t i = 0; i < a->value_count; i++)
		printf("value\t%s\t%s\t%s=%s\n", a->key, a->name,
		    a->values[i].attribute, a->values[i].value);
	for (size_t i = 0; i < a->usage_count; i++)
		usage(a, &a->usages[i]);
	return 0;
}

static int
group(struct sink *sink, const struct group *g, struct err *e)
{
	(void)sink;
	(void)e;
	printf("group\t%s\tkind=%s", g->key, group_kind_names[g->kind]);
	text("name", g->name);
	text("dn", g->dn);
	text("sid", g->sid);
	text("owner", g->owner);
	text("detail", g->detail);
	number("gid", g->gid_number);
	number("rid", g->rid);
	number("created", g->created);
	truth("privileged", g->privileged);
	if (g->members_incomplete)
		printf("\tmembers-incomplete");
	if (g->deleted)
		printf("\tdeleted");
	return end_line();
}

static void
reference(const char *name, const struct reference *r)
{
	static const char *const forms[] = { "key", "dn", "name", "group-name",
		"sid", "uid", "gid", "rid", "every" };

	printf(
	    "\t%s=%s:%s", name, forms[r->form], r->text == NULL ? "" : r->text);
}

static int
member(struct sink *sink, const struct member *m, struct err *e)
{
	(void)sink;
	(void)e;
	printf("member");
	reference("group", &m->group);
	reference("member", &m->member);
	printf("\thow=%s", edge_how_names[m->how]);
	number("acquired", m->acquired);
	if (m->removed)
		printf("\tremoved");
	return end_line();
}

static int
policy(struct sink *sink, const struct policy *p, struct err *e)
{
	(void)sink;
	(void)e;
	printf("policy\t%s\tform=%s", p->key, p->form);
	number("min-length", p->min_length);
	number("history", p->history);
	number("max-age", p->max_age);
	number("lockout-attempts", p->lockout_attempts);
	number("lockout-duration", p->lockout_duration);
	number("idle-disable", p->idle_disable);
	number("precedence", p->precedence);
	truth("complexity", p->complexity);
	if (p->is_default)
		printf("\tdefault");
	for (size_t i = 0; i < p->target_count; i++)
		reference("target", &p->targets[i]);
	return end_line();
}

static int
query(struct sink *sink, const struct query *q, struct err *e)
{
	(void)sink;
	(void)e;
	printf("query\t%s", q->what);
	text("server", q->server);
	text("base", q->base);
	text("identity", q->identity);
	text("tls", q->tls);
	number("result", q->result);
	number("entries", q->entries);
	number("values", q->values);
	number("pages", q->pages);
	number("ranges", q->ranges);
	number("ranges-open", q->ranges_open);
	number("referrals", q->referrals);
	number("skipped", q->skipped);
	number("invalid", q->invalid);
	text("diagnostic", q->diagnostic);
	printf("\t%s", q->complete ? "complete" : "incomplete");
	text("because", q->incomplete);
	return end_line();
}

static int
seen(struct sink *sink, const struct attribute_seen *s, struct err *e)
{
	(void)sink;
	(void)e;
	printf("seen\t%s\t%s", s->what, s->attribute);
	number("entries", s->entries);
	truth("recorded", s->recorded);
	return end_line();
}

static int
gone(struct sink *sink, const char *key, struct err *e)
{
	(void)sink;
	(void)e;
	printf("gone\t%s\n", key);
	return 0;
}

static int
present(struct sink *sink, const char *key, struct err *e)
{
	(void)sink;
	(void)e;
	printf("present\t%s\n", key);
	return 0;
}

static int
members_anew(struct sink *sink, const char *key, struct err *e)
{
	(void)sink;
	(void)e;
	printf("members-anew\t%s\n", key);
	return 0;
}

static int
put_cookie(struct cookie *cookies, size_t *count, const char *name,
    const char *value, struct err *e)
{
	struct cookie *c = &cookies[*count];

	if (*count == COOKIES_MAX || strlen(name) >= sizeof(c->name))
		return err_set(e, ERR_LIMIT, "too many cookies");
	(void)strcpy(c->name, name);
	c->text = strdup(value);
	if (c->text == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	(*count)++;
	return 0;
}

static int
remember(struct sink *sink, const char *name, const char *value, struct err *e)
{
	struct dump *d = (struct dump *)sink;

	printf("remember\t%s\n", name);
	return put_cookie(d->new, &d->new_count, name, value, e);
}

static const char *
recall(struct sink *sink, const char *name)
{
	struct dump *d = (struct dump *)sink;

	for (size_t i = 0; i < d->old_count; i++)
		if (strcmp(d->old[i].name, name) == 0)
			return d->old[i].text;
	return NULL;
}

static int
load_cookies(struct dump *d, const char *path, struct err *e)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t length;
	FILE *file = fopen(path, "r");
	int result = 0;

	if (file == NULL)
		return 0; /* none yet */
	while (result == 0 && (length = getline(&line, &room, file)) > 0) {
		char *equals = strchr(line, '=');

		line[strcspn(line, "\n")] = '\0';
		if (equals == NULL)
			continue;
		*equals = '\0';
		result = put_cookie(d->old, &d->old_count, line, equals + 1, e);
	}
	free(line);
	(void)fclose(file);
	return result;
}

static int
save_cookies(const struct dump *d, const char *path, struct err *e)
{
	FILE *file = fopen(path, "w");

	if (file == NULL)
		return err_set(e, ERR_SYS, "%s: can't be written", path);
	for (size_t i = 0; i < d->new_count; i++)
		fprintf(file, "%s=%s\n", d->new[i].name, d->new[i].text);
	if (fclose(file) != 0)
		return err_set(e, ERR_SYS, "%s: can't be written", path);
	return 0;
}

static void
free_cookies(struct cookie *cookies, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(cookies[i].text);
}

int
main(int argc, char **argv)
{
	static const char *const modes[] = { "full", "changes", "present" };
	static struct source_settings settings;
	static struct dump d = { .sink = { .account = account,
		                     .group = group,
		                     .member = member,
		                     .policy = policy,
		                     .query = query,
		                     .seen = seen,
		                     .gone = gone,
		                     .present = present,
		                     .members_anew = members_anew,
		                     .remember = remember,
		                     .recall = recall } };
	struct review_config *config = NULL;
	const struct source_type *type;
	struct err e = { .code = ERR_NONE };
	int status = 1;

	if (argc != 3 && argc != 4)
		return 2;
	d.sink.now = time(NULL);
	config = config_load(argv[1], true, &e);
	if (config == NULL ||
	    config_source(config, argv[2], &settings, &e) == -1 ||
	    (argc == 4 && load_cookies(&d, argv[3], &e) == -1))
		goto out;
	type = source_type(settings.url, &e);
	if (type == NULL || type->pull(&settings, &d.sink, &e) == -1)
		goto out;
	printf("mode\t%s\n", modes[d.sink.mode]);
	if (argc == 4 && save_cookies(&d, argv[3], &e) == -1)
		goto out;
	status = 0;
out:
	if (status == 1)
		fprintf(stderr, "tool_review_facts: %s\n", e.text);
	free_cookies(d.old, d.old_count);
	free_cookies(d.new, d.new_count);
	config_free(&config);
	return status;
}
