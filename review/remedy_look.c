/*
 * What directories say at the time of planning: the values that a change will
 * take away are compared with what is there. Directories are read only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "review/directory.h"
#include "review/remedy.h"
#include "schema/message.h"

#define SOURCES_MAX 64u /* whose connections are kept */

struct place {
	char source[CONFIG_NAME_MAX + 1];
	struct directory *directory; /* NULL: can't be read, and why */
	char why[ERR_TEXT_SIZE];
};

struct remedy_look {
	const struct review_config *config;
	struct place places[SOURCES_MAX];
	size_t count;
	struct entry *entry; /* the last one */
	bool failed;         /* no memory for it */
	char attribute[64];
	char value[DIRECTORY_DN_MAX];
	char why[ERR_TEXT_SIZE];
	struct directory_answer answer;
};

int
remedy_look_new(
    struct remedy_look **out, const struct review_config *config, struct err *e)
{
	struct remedy_look *l = calloc(1, sizeof(*l));

	*out = NULL;
	if (l == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	l->config = config;
	*out = l;
	return 0;
}

void
remedy_look_free(struct remedy_look **l)
{
	if (*l == NULL)
		return;
	for (size_t i = 0; i < (*l)->count; i++)
		directory_close(&(*l)->places[i].directory);
	free((*l)->entry);
	free(*l);
	*l = NULL;
}

static bool
is_directory(const char *url)
{
	return url != NULL &&
	    (strncmp(url, "ldap://", 7) == 0 ||
	        strncmp(url, "ldaps://", 8) == 0 ||
	        strncmp(url, "ldapi://", 8) == 0);
}

static void
open_place(struct remedy_look *l, struct place *p)
{
	struct source_settings *settings = calloc(1, sizeof(*settings));
	struct err e = { .code = ERR_NONE };

	if (settings == NULL)
		err_set(&e, ERR_MEMORY, "out of memory");
	else if (config_source(l->config, p->source, settings, &e) == 0)
		(void)directory_open(&p->directory, settings, NULL, &e);
	if (p->directory == NULL)
		(void)snprintf(p->why, sizeof(p->why), "%s", e.text);
	free(settings);
}

/* The source's connection, made at the first question. */
static struct directory *
directory_of(struct remedy_look *l, const struct remedy_subject *s)
{
	struct place *p;

	l->why[0] = '\0';
	if (!is_directory(s->url)) {
		(void)snprintf(l->why, sizeof(l->why), "%s",
		    _("no directory to ask: nothing was compared"));
		return NULL;
	}
	for (size_t i = 0; i < l->count; i++)
		if (strcmp(l->places[i].source, s->source) == 0) {
			p = &l->places[i];
			goto found;
		}
	if (l->count == SOURCES_MAX || strlen(s->source) > CONFIG_NAME_MAX) {
		(void)snprintf(
		    l->why, sizeof(l->why), "%s", _("too many sources"));
		return NULL;
	}
	p = &l->places[l->count++];
	(void)strcpy(p->source, s->source);
	open_place(l, p);
found:
	if (p->directory == NULL)
		(void)snprintf(l->why, sizeof(l->why),
		    _("could not be compared: %.300s"), p->why);
	return p->directory;
}

static int
keep_entry(void *context, const struct entry *entry, struct err *e)
{
	struct remedy_look *l = context;

	(void)e;
	free(l->entry);
	l->entry = entry_copy(entry);
	l->failed = l->entry == NULL;
	return 0;
}

static void
no_progress(void *context, int64_t entries)
{
	(void)context;
	(void)entries;
}

/* One entry by its name, if the filter fits; NULL with why otherwise. */
static const struct entry *
read_entry(struct remedy_look *l, struct directory *d, const char *dn,
    const char *filter, const char *const *attributes)
{
	struct directory_search search = { .what = "remedy",
		.base = dn,
		.scope = SCOPE_BASE,
		.filter = filter,
		.attributes = attributes,
		.optional = true };
	struct directory_reader reader = {
		.entry = keep_entry, .progress = no_progress, .context = l
	};
	struct err e = { .code = ERR_NONE };

	free(l->entry);
	l->entry = NULL;
	l->failed = false;
	memset(&l->answer, 0, sizeof(l->answer));
	if (directory_search(d, &search, &reader, &l->answer, &e) == -1)
		(void)snprintf(l->why, sizeof(l->why), "%s", e.text);
	else if (l->failed)
		(void)snprintf(l->why, sizeof(l->why), "out of memory");
	else if (l->entry == NULL && !l->answer.query.complete)
		(void)snprintf(l->why, sizeof(l->why),
		    _("could not be compared: %.300s"), l->answer.reason);
	return l->entry;
}

const struct entry *
remedy_look_account(
    struct remedy_look *l, const struct remedy_subject *s, const char **why)
{
	static const char *const attributes[] = { "objectClass",
		"userAccountControl", "nsAccountLock", "pwdAccountLockedTime",
		"shadowExpire", NULL };
	struct directory *d = directory_of(l, s);
	const struct entry *entry = NULL;

	if (d != NULL && s->dn != NULL) {
		entry = read_entry(l, d, s->dn, "(objectClass=*)", attributes);
		if (entry == NULL && l->why[0] == '\0')
			(void)snprintf(l->why, sizeof(l->why), "%s",
			    _("would fail: the entry is not there any more"));
	}
	*why = l->why[0] == '\0' ? NULL : l->why;
	return entry;
}

/* ---- Members ---- */

/* RFC 4515 section 3: any byte may be \XX. */
static void
put_escaped(struct buf *b, const char *text)
{
	for (; *text != '\0'; text++)
		if (strchr("*()\\", *text) != NULL ||
		    (unsigned char)*text < ' ' || (unsigned char)*text > '~')
			buf_printf(b, "\\%02x", (unsigned char)*text);
		else
			buf_put_byte(b, (unsigned char)*text);
}

/* As the group spells it, where that came; else as we do. */
static void
keep_value(struct remedy_look *l, const struct entry *entry, bool is_dn,
    const char *wanted)
{
	const struct entry_attribute *a = entry_find(entry, l->attribute);

	(void)snprintf(l->value, sizeof(l->value), "%s", wanted);
	for (size_t i = 0; a != NULL && i < a->count; i++)
		if (a->values[i].length < sizeof(l->value) &&
		    (is_dn ? dn_equal(a->values[i].data, wanted)
		           : strcmp(a->values[i].data, wanted) == 0)) {
			(void)strcpy(l->value, a->values[i].data);
			return;
		}
}

static bool
has_member(struct remedy_look *l, struct directory *d, const char *group,
    const char *attribute, bool is_dn, const char *value)
{
	const char *const attributes[] = { attribute, NULL };
	struct buf filter = buf_new(4 * DIRECTORY_DN_MAX);
	const struct entry *entry = NULL;
	struct err ignored;

	buf_printf(&filter, "(%s=", attribute);
	put_escaped(&filter, value);
	buf_put_byte(&filter, ')');
	if (buf_status(&filter, &ignored) == 0)
		entry =
		    read_entry(l, d, group, buf_string(&filter), attributes);
	buf_free(&filter);
	if (entry == NULL)
		return false;
	(void)snprintf(l->attribute, sizeof(l->attribute), "%s", attribute);
	keep_value(l, entry, is_dn, value);
	return true;
}

bool
remedy_look_member(struct remedy_look *l, const struct remedy_subject *s,
    const struct remedy_right *r, enum edge_how how, const char **attribute,
    const char **value, const char **why)
{
	static const struct {
		const char *attribute;
		enum edge_how how;
		bool is_dn;
	} ways[] = { { "member", EDGE_MEMBER, true },
		{ "member", EDGE_FOREIGN, true },
		{ "uniqueMember", EDGE_MEMBER, true },
		{ "roleOccupant", EDGE_MEMBER, true },
		{ "memberUid", EDGE_NAME, false },
		{ "sudoUser", EDGE_RULE, false },
		{ "memberUser", EDGE_RULE, true } };
	struct directory *d = directory_of(l, s);
	bool found = false;

	for (size_t i = 0; d != NULL && r->dn != NULL && !found &&
	     i < sizeof(ways) / sizeof(ways[0]);
	     i++) {
		const char *wanted = ways[i].is_dn ? s->dn : s->name;

		if (wanted != NULL && ways[i].how == how)
			found = has_member(l, d, r->dn, ways[i].attribute,
			    ways[i].is_dn, wanted);
	}
	if (d != NULL && !found && l->why[0] == '\0')
		(void)snprintf(l->why, sizeof(l->why), "%s",
		    _("would fail: the group does not name it any more"));
	*attribute = l->attribute;
	*value = l->value;
	*why = found || l->why[0] == '\0' ? NULL : l->why;
	return found;
}
