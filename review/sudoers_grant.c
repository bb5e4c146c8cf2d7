/*
 * Rules that were read, as grants on a host: which apply, as whom, with which
 * commands, given to whom.
 */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "review/sudoers_internal.h"
#include "schema/base/buf.h"

/* Looked at, aliases resolved: for one rule, and for all. No bombs. */
#define RULE_ITEMS_MAX 100000u
#define ITEMS_MAX      20000000u

/* ---- Asking: the last item that matches decides, as in sudo ---- */

enum answer { NO_MATCH = 0, YES, NO, PERHAPS };

static bool
is_too_many(struct sudoers *s)
{
	if (++s->rule_items <= RULE_ITEMS_MAX && ++s->items <= ITEMS_MAX)
		return false;
	s->too_many = true;
	return true;
}

/* Whether the list covers what is asked for; alias lists are lists. */
struct question {
	struct sudoers *s;
	enum kind kind;
	enum answer (*matches)(const struct item *, const void *);
	const void *what;
};

static enum answer
negated(enum answer answer)
{
	return answer == YES ? NO : answer == NO ? YES : answer;
}

static enum answer
ask(const struct question *q, const struct item *items, int depth)
{
	enum answer answer = NO_MATCH;

	if (depth > ALIAS_DEPTH_MAX)
		return PERHAPS;
	for (; items != NULL; items = items->next) {
		const struct alias *alias = NULL;
		enum answer one;

		if (is_too_many(q->s))
			return PERHAPS;
		if (items->form == SUDO_USER)
			alias = sudoers_alias(q->s, q->kind, items->text);
		one = alias != NULL ? ask(q, alias->items, depth + 1)
		                    : q->matches(items, q->what);
		if (one != NO_MATCH)
			answer = items->negated ? negated(one) : one;
	}
	return answer;
}

static enum answer
is_root(const struct item *item, const void *what)
{
	(void)what;
	switch (item->form) {
	case SUDO_ALL:
		return YES;
	case SUDO_USER:
	case SUDO_GROUP:
		return strcmp(item->text, "root") == 0 ? YES : NO_MATCH;
	case SUDO_UID:
	case SUDO_GID:
		return strcmp(item->text, "0") == 0 ? YES : NO_MATCH;
	case SUDO_NETGROUP:
	case SUDO_OTHER:
		break;
	}
	return NO_MATCH;
}

struct names {
	const char *const *names;
	size_t count;
};

/* The name, its first part, or a pattern of either. */
static bool
is_host(const char *pattern, const char *name)
{
	size_t length = strcspn(name, ".");
	char first[256];

	if (fnmatch(pattern, name, FNM_CASEFOLD) == 0)
		return true;
	if (strchr(pattern, '.') != NULL) {
		/* The folder may be called by the first part alone. */
		return name[length] == '\0' &&
		    strcspn(pattern, ".") == length &&
		    strncasecmp(pattern, name, length) == 0;
	}
	if (length >= sizeof(first))
		return false;
	memcpy(first, name, length);
	first[length] = '\0';
	return fnmatch(pattern, first, FNM_CASEFOLD) == 0;
}

static enum answer
is_here(const struct item *item, const void *what)
{
	const struct names *names = what;

	if (item->form == SUDO_ALL)
		return YES;
	/* Netgroups and addresses are not in the files. */
	if (item->form != SUDO_USER || strchr(item->text, ':') != NULL ||
	    strspn(item->text, "0123456789./") == strlen(item->text))
		return PERHAPS;
	if (names->count == 0)
		return PERHAPS;
	for (size_t i = 0; i < names->count; i++)
		if (is_host(item->text, names->names[i]))
			return YES;
	return NO_MATCH;
}

/* ---- A grant, spelt out ---- */

struct writing {
	struct sudoers *s;
	const struct spec *spec;
	struct buf what;
	struct buf last_runas; /* what stands before the last command */
	unsigned last_tags;
	bool any;
	/* What holds for the item at hand. */
	bool has_runas;
	const struct item *runas_users;
	const struct item *runas_groups;
	unsigned tags;
	bool as_root;
	char why[300];
	bool without_password;
};

static void
write_list(struct writing *w, struct buf *out, enum kind kind,
    const struct item *items, bool negate, bool *any, int depth)
{
	static const char *const marks[] = { "", "#", "%", "%#", "+",
		"%:", "" };

	for (; items != NULL; items = items->next) {
		const struct alias *alias = items->form == SUDO_USER
		    ? sudoers_alias(w->s, kind, items->text)
		    : NULL;

		if (is_too_many(w->s) || depth > ALIAS_DEPTH_MAX)
			return;
		if (alias != NULL) {
			write_list(w, out, kind, alias->items,
			    negate != items->negated, any, depth + 1);
			continue;
		}
		buf_printf(out, "%s%s%s%s", *any ? ", " : "",
		    negate != items->negated ? "!" : "", marks[items->form],
		    items->text);
		*any = true;
	}
}

static void
write_runas(struct writing *w, struct buf *out)
{
	bool any = false;

	buf_clear(out);
	if (!w->has_runas)
		return;
	buf_put_byte(out, '(');
	write_list(w, out, RUNAS, w->runas_users, false, &any, 0);
	if (w->runas_groups != NULL) {
		any = false;
		buf_put_string(out, " : ");
		write_list(w, out, RUNAS, w->runas_groups, false, &any, 0);
	}
	buf_put_string(out, ") ");
}

static void
write_tags(struct writing *w)
{
	static const struct {
		unsigned tag;
		const char *on;
		const char *off;
	} words[] = {
		{ TAG_NOPASSWD, "NOPASSWD: ", "PASSWD: " },
		{ TAG_NOEXEC, "NOEXEC: ", "EXEC: " },
		{ TAG_SETENV, "SETENV: ", "NOSETENV: " },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (((w->tags ^ w->last_tags) & words[i].tag) != 0)
			buf_put_string(&w->what,
			    (w->tags & words[i].tag) != 0 ? words[i].on
			                                  : words[i].off);
	w->last_tags = w->tags;
}

/* As root, or as who is as good: the superuser's number or group. */
static bool
runs_as_root(struct writing *w)
{
	const struct question q = { w->s, RUNAS, is_root, NULL };

	if (!w->has_runas)
		return w->s->runas_default == NULL ||
		    strcmp(w->s->runas_default, "root") == 0;
	return ask(&q, w->runas_users, 0) == YES ||
	    ask(&q, w->runas_users, 0) == PERHAPS ||
	    ask(&q, w->runas_groups, 0) == YES;
}

static void
judge(struct writing *w, const struct item *item, bool is_negated)
{
	const char *why = NULL;

	if (is_negated || w->as_root || !runs_as_root(w))
		return;
	if (item->form == SUDO_ALL)
		why = "";
	else if (strcmp(item->text, "list") != 0)
		why = sudo_shell(
		    item->text, item->arguments, (w->tags & TAG_NOEXEC) != 0);
	if (why == NULL)
		return;
	w->as_root = true;
	if (item->form == SUDO_ALL)
		(void)strcpy(w->why, "ALL");
	else
		(void)snprintf(
		    w->why, sizeof(w->why), "%.200s: %s", item->text, why);
}

static void
write_command(struct writing *w, const struct item *item, bool is_negated)
{
	struct buf runas = buf_new(SUDOERS_GRANT_MAX);

	buf_put_string(&w->what, w->any ? ", " : "");
	w->any = true;
	write_runas(w, &runas);
	if (strcmp(buf_string(&runas), buf_string(&w->last_runas)) != 0) {
		buf_put_string(&w->what, buf_string(&runas));
		buf_clear(&w->last_runas);
		buf_put_string(&w->last_runas, buf_string(&runas));
	}
	buf_free(&runas);
	write_tags(w);
	buf_printf(&w->what, "%s%s", is_negated ? "!" : "", item->text);
	if (item->arguments != NULL)
		buf_printf(&w->what, " %s",
		    item->arguments[0] == '\0' ? "\"\"" : item->arguments);
	if ((w->tags & TAG_NOPASSWD) != 0 && !is_negated)
		w->without_password = true;
	judge(w, item, is_negated);
}

static void
tell_spec(const struct writing *w, const char *what)
{
	w->s->world->tell(
	    w->s->world->context, w->spec->file, w->spec->line, what, false);
}

static void
write_commands(
    struct writing *w, const struct item *items, bool negate, int depth)
{
	if (depth > ALIAS_DEPTH_MAX) {
		tell_spec(w, "aliases that go round");
		return;
	}
	for (; items != NULL; items = items->next) {
		const struct alias *alias = NULL;

		if (is_too_many(w->s))
			return;
		if (items->has_runas) {
			w->has_runas = true;
			w->runas_users = items->runas_users;
			w->runas_groups = items->runas_groups;
		}
		w->tags = (w->tags & ~items->tags_off) | items->tags_on;
		if (items->form == SUDO_USER &&
		    sudoers_alias_length(items->text) > 0)
			alias = sudoers_alias(w->s, COMMANDS, items->text);
		if (alias != NULL)
			write_commands(w, alias->items,
			    negate != items->negated, depth + 1);
		else if (items->form == SUDO_USER &&
		    sudoers_alias_length(items->text) > 0)
			tell_spec(w, "an alias of commands that is not there");
		else
			write_command(w, items, negate != items->negated);
	}
}

/* ---- Whom it is given to ---- */

struct users {
	struct sudoers *s;
	struct sudo_user *list;
	size_t count;
	size_t room;
};

static void
drop_user(struct users *u, const struct item *item)
{
	size_t kept = 0;

	/* "!ALL" takes back all that was given before. */
	for (size_t i = 0; i < u->count; i++)
		if (item->form != SUDO_ALL &&
		    (u->list[i].form != item->form ||
		        strcmp(u->list[i].text, item->text) != 0))
			u->list[kept++] = u->list[i];
	u->count = kept;
}

static bool
add_user(struct users *u, const struct item *item)
{
	if (u->count == u->room) {
		size_t room = u->room == 0 ? 16 : 2 * u->room;
		struct sudo_user *wider =
		    realloc(u->list, room * sizeof(*wider));

		if (wider == NULL)
			return false;
		u->list = wider;
		u->room = room;
	}
	u->list[u->count++] = (struct sudo_user){ item->form, item->text };
	return true;
}

static bool
list_users(struct users *u, const struct item *items, bool negate, int depth)
{
	if (depth > ALIAS_DEPTH_MAX)
		return false;
	for (; items != NULL; items = items->next) {
		const struct alias *alias = items->form == SUDO_USER
		    ? sudoers_alias(u->s, USERS, items->text)
		    : NULL;

		if (is_too_many(u->s))
			return false;
		if (alias != NULL) {
			if (!list_users(u, alias->items,
			        negate != items->negated, depth + 1))
				return false;
		} else if (negate != items->negated) {
			drop_user(u, items);
		} else if (!add_user(u, items)) {
			return false;
		}
	}
	return true;
}

static int
give(struct sudoers *s, const struct spec *spec, bool uncertain,
    int (*take_grant)(void *, const struct sudo_grant *), void *context)
{
	struct writing w = { .s = s,
		.spec = spec,
		.what = buf_new(SUDOERS_GRANT_MAX),
		.last_runas = buf_new(SUDOERS_GRANT_MAX) };
	struct users u = { .s = s };
	int result = 0;

	if (s->no_authenticate)
		w.tags = TAG_NOPASSWD;
	write_commands(&w, spec->commands, false, 0);
	if (!list_users(&u, spec->users, false, 0))
		tell_spec(&w, "too many users, or aliases that go round");
	if (w.what.failed != ERR_NONE)
		tell_spec(&w, "a rule of more than 64 KiB");
	if (u.count > 0 && w.any) {
		const struct sudo_grant grant = {
			.users = u.list,
			.user_count = u.count,
			.what = w.what.failed != ERR_NONE ? spec->text
			                                  : buf_string(&w.what),
			.as_root = w.as_root,
			.why = w.as_root ? w.why : NULL,
			.without_password = w.without_password,
			.uncertain = uncertain,
			.file = spec->file,
			.line = spec->line,
			.text = spec->text,
		};

		result = take_grant(context, &grant);
	}
	free(u.list);
	buf_free(&w.what);
	buf_free(&w.last_runas);
	return result;
}

int
sudoers_each(struct sudoers *s, const char *const *names, size_t count,
    int (*take_grant)(void *, const struct sudo_grant *), void *context)
{
	const struct names here = { names, count };
	const struct question q = { s, HOSTS, is_here, &here };

	s->elsewhere = 0;
	s->items = 0;
	for (const struct spec *spec = s->specs; spec != NULL;
	     spec = spec->next) {
		enum answer answer;
		int result;

		s->rule_items = 0;
		answer = ask(&q, spec->hosts, 0);
		if (answer == NO || answer == NO_MATCH) {
			s->elsewhere++;
			continue;
		}
		result = give(s, spec, answer == PERHAPS, take_grant, context);
		if (result != 0)
			return result;
	}
	return 0;
}
