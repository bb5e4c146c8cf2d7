#include "review/sudoers.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "review/known.h"
#include "review/pool.h"
#include "schema/base/buf.h"

#define POOL_MAX        (256u * 1024 * 1024) /* bytes */
#define ALIAS_DEPTH_MAX 32
#define ALIAS_NAME_MAX  255u
/* Looked at, aliases resolved: for one rule, and for all. No bombs. */
#define RULE_ITEMS_MAX 100000u
#define ITEMS_MAX      20000000u

enum kind { USERS, RUNAS, HOSTS, COMMANDS, KINDS };

/* One word of a list; of a command, with what stands before it. */
struct item {
	struct item *next;
	bool negated;
	enum sudo_form form;
	char *text;      /* a name, a number, a host, a command's path */
	char *arguments; /* of a command; NULL: any */
	/* Of a command within a specification: what holds from here on. */
	bool has_runas;
	struct item *runas_users;
	struct item *runas_groups;
	unsigned tags_on;
	unsigned tags_off;
};

struct alias {
	char *name; /* its kind's digit, then the name */
	struct item *items;
};

/* "HOSTS = COMMANDS" of a user specification. */
struct spec {
	struct spec *next;
	struct item *users;
	struct item *hosts;
	struct item *commands;
	char *file;
	int64_t line;
	char *text;
};

struct sudoers {
	const struct sudoers_world *world;
	struct pool pool;
	struct known known; /* aliases by name: place + 1 */
	struct alias *aliases;
	size_t alias_count;
	struct spec *specs;
	struct spec **specs_end;
	char *runas_default;  /* NULL: root */
	bool no_authenticate; /* Defaults !authenticate */
	unsigned depth;       /* of includes */
	size_t text_total;
	size_t rule_items;
	size_t items;
	bool too_many;
	size_t elsewhere;
};

/* A logical line being read. */
struct parse {
	struct sudoers *s;
	char *file;
	int64_t line;
	char *text; /* whole, for the grant */
	char *at;
	const char *wrong;
};

static void
tell(const struct parse *p, const char *what, bool harmless)
{
	p->s->world->tell(
	    p->s->world->context, p->file, p->line, what, harmless);
}

/* ---- Words ---- */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void
pass_blanks(struct parse *p)
{
	while (is_blank(*p->at))
		p->at++;
}

static bool
take(struct parse *p, char c)
{
	pass_blanks(p);
	if (*p->at != c)
		return false;
	p->at++;
	return true;
}

static void *
no_more(struct parse *p, const char *wrong)
{
	if (p->wrong == NULL)
		p->wrong = wrong;
	return NULL;
}

/* Up to one of those, unescaped; the backslashes are taken out. */
static char *
take_word(struct parse *p, const char *ends)
{
	char *word = pool_take(&p->s->pool, strlen(p->at) + 1);
	size_t length = 0;

	if (word == NULL)
		return no_more(p, "out of memory");
	while (*p->at != '\0' && strchr(ends, *p->at) == NULL) {
		if (p->at[0] == '\\' && p->at[1] != '\0')
			p->at++;
		word[length++] = *p->at++;
	}
	word[length] = '\0';
	return word;
}

static char *
take_quoted(struct parse *p)
{
	char *word;

	p->at++;
	word = take_word(p, "\"");
	if (*p->at != '"')
		return no_more(p, "a quote that is not closed");
	p->at++;
	return word;
}

static bool
is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
is_alias_char(char c)
{
	return is_upper(c) || (c >= '0' && c <= '9') || c == '_';
}

static size_t
alias_length(const char *text)
{
	size_t length = 0;

	if (!is_upper(*text))
		return 0;
	while (is_alias_char(text[length]))
		length++;
	return length;
}

/* ---- Items ---- */

static bool
is_number(const char *text)
{
	return text[0] != '\0' && strspn(text, "0123456789") == strlen(text);
}

/* "%#12", "%name", "%:name", "+name", "#12", "name", "ALL". */
static void
set_form(struct item *item, char *text)
{
	item->text = text;
	if (strcmp(text, "ALL") == 0) {
		item->form = SUDO_ALL;
	} else if (text[0] == '#' && is_number(text + 1)) {
		item->form = SUDO_UID;
		item->text++;
	} else if (text[0] == '%' && text[1] == ':') {
		item->form = SUDO_OTHER;
		item->text += 2;
	} else if (text[0] == '%' && text[1] == '#' && is_number(text + 2)) {
		item->form = SUDO_GID;
		item->text += 2;
	} else if (text[0] == '%') {
		item->form = SUDO_GROUP;
		item->text++;
	} else if (text[0] == '+') {
		item->form = SUDO_NETGROUP;
		item->text++;
	}
}

/* A name may be quoted whole or behind its '%', '%:' or '+'. */
static char *
take_name(struct parse *p)
{
	const char *ends = " \t\r,:=!()\"";
	char mark[3] = "";
	size_t length;
	char *rest;
	char *word;

	if (*p->at == '"')
		return take_quoted(p);
	length = strspn(p->at, "%+");
	if (length > 1)
		return no_more(p, "a name that is none");
	if (length == 1 && p->at[0] == '%' && p->at[1] == ':')
		length = 2;
	memcpy(mark, p->at, length);
	p->at += length;
	rest = *p->at == '"' ? take_quoted(p) : take_word(p, ends);
	if (rest == NULL || rest[0] == '\0')
		return no_more(p, "a name is missing");
	word = pool_take(&p->s->pool, length + strlen(rest) + 1);
	if (word == NULL)
		return no_more(p, "out of memory");
	memcpy(word, mark, length);
	(void)strcpy(word + length, rest);
	return word;
}

/* An address of IPv6 has colons of its own. */
static char *
take_host(struct parse *p)
{
	size_t length = strspn(p->at, "0123456789abcdefABCDEF:.");
	size_t colons = 0;
	char *word;

	for (size_t i = 0; i < length; i++)
		colons += p->at[i] == ':';
	if (colons < 2 || p->at[0] == '"')
		return take_name(p);
	if (p->at[length] == '/')
		length += 1 + strspn(p->at + length + 1, "0123456789abcdef:");
	word = pool_text(&p->s->pool, p->at, length);
	p->at += length;
	return word;
}

static struct item *
item_new(struct parse *p)
{
	struct item *item = pool_take(&p->s->pool, sizeof(*item));

	if (item == NULL)
		return no_more(p, "out of memory");
	while (take(p, '!'))
		item->negated = !item->negated;
	pass_blanks(p);
	return item;
}

static struct item *
take_member(struct parse *p, enum kind kind)
{
	struct item *item = item_new(p);
	char *text;

	if (item == NULL)
		return NULL;
	text = kind == HOSTS ? take_host(p) : take_name(p);
	if (text == NULL || text[0] == '\0')
		return no_more(p, "a name is missing");
	set_form(item, text);
	return item;
}

/* ---- Commands ---- */

enum {
	TAG_NOPASSWD = 1,
	TAG_NOEXEC = 2,
	TAG_SETENV = 4,
};

static const struct {
	const char *name;
	unsigned on;
	unsigned off;
} tags[] = {
	{ "NOPASSWD", TAG_NOPASSWD, 0 },
	{ "PASSWD", 0, TAG_NOPASSWD },
	{ "NOEXEC", TAG_NOEXEC, 0 },
	{ "EXEC", 0, TAG_NOEXEC },
	{ "SETENV", TAG_SETENV, 0 },
	{ "NOSETENV", 0, TAG_SETENV },
	{ "FOLLOW", 0, 0 },
	{ "NOFOLLOW", 0, 0 },
	{ "INTERCEPT", 0, 0 },
	{ "NOINTERCEPT", 0, 0 },
	{ "LOG_INPUT", 0, 0 },
	{ "NOLOG_INPUT", 0, 0 },
	{ "LOG_OUTPUT", 0, 0 },
	{ "NOLOG_OUTPUT", 0, 0 },
	{ "MAIL", 0, 0 },
	{ "NOMAIL", 0, 0 },
};

static const char *const settings[] = { "ROLE", "TYPE", "APPARMOR_PROFILE",
	"PRIVS", "LIMITPRIVS", "NOTBEFORE", "NOTAFTER", "TIMEOUT", "CWD",
	"CHROOT" };

static bool
is_word_at(const char *at, const char *word, char behind)
{
	size_t length = strlen(word);

	if (strncmp(at, word, length) != 0)
		return false;
	at += length;
	while (is_blank(*at))
		at++;
	return *at == behind;
}

/* "NOPASSWD:" and the like; false: none is here. */
static bool
take_tag(struct parse *p, struct item *item)
{
	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++)
		if (is_word_at(p->at, tags[i].name, ':')) {
			item->tags_on =
			    (item->tags_on & ~tags[i].off) | tags[i].on;
			item->tags_off =
			    (item->tags_off & ~tags[i].on) | tags[i].off;
			p->at = strchr(p->at, ':') + 1;
			return true;
		}
	return false;
}

static bool
take_setting(struct parse *p)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		if (is_word_at(p->at, settings[i], '=')) {
			p->at = strchr(p->at, '=') + 1;
			pass_blanks(p);
			if (*p->at == '"')
				(void)take_quoted(p);
			else
				(void)take_word(p, " \t\r,");
			return true;
		}
	return false;
}

static struct item *take_list(struct parse *, enum kind);

static bool
take_runas(struct parse *p, struct item *item)
{
	if (!take(p, '('))
		return false;
	item->has_runas = true;
	pass_blanks(p);
	if (*p->at != ':' && *p->at != ')')
		item->runas_users = take_list(p, RUNAS);
	if (take(p, ':')) {
		pass_blanks(p);
		if (*p->at != ')')
			item->runas_groups = take_list(p, RUNAS);
	}
	if (!take(p, ')'))
		(void)no_more(p, "\"(\" without \")\"");
	return true;
}

/* "sha256:... , sha512:..." before a command. */
static bool
take_digests(struct parse *p)
{
	bool any = false;

	for (;;) {
		char *before = p->at;

		pass_blanks(p);
		if (any && *p->at == ',') {
			p->at++;
			pass_blanks(p);
		}
		if (strncmp(p->at, "sha224:", 7) != 0 &&
		    strncmp(p->at, "sha256:", 7) != 0 &&
		    strncmp(p->at, "sha384:", 7) != 0 &&
		    strncmp(p->at, "sha512:", 7) != 0) {
			p->at = before;
			return any;
		}
		p->at += 7;
		pass_blanks(p);
		(void)take_word(p, " \t\r,");
		any = true;
	}
}

/* From '^' to the '$' that ends the command or its arguments. */
static char *
take_regex(struct parse *p, const char *ends)
{
	char *start = p->at;

	for (p->at++; *p->at != '\0'; p->at++) {
		if (p->at[0] == '\\' && p->at[1] != '\0') {
			p->at++;
			continue;
		}
		if (p->at[0] == '$' &&
		    (p->at[1] == '\0' || strchr(ends, p->at[1]) != NULL)) {
			p->at++;
			return pool_text(
			    &p->s->pool, start, (size_t)(p->at - start));
		}
	}
	return no_more(p, "a regular expression without its '$'");
}

static char *
take_arguments(struct parse *p)
{
	char *word;
	size_t length;

	pass_blanks(p);
	if (*p->at == '\0' || *p->at == ',' || *p->at == ':')
		return NULL;
	if (*p->at == '^')
		return take_regex(p, " \t\r,:");
	if ((word = take_word(p, ",:")) == NULL)
		return NULL;
	length = strlen(word);
	while (length > 0 && is_blank(word[length - 1]))
		word[--length] = '\0';
	if (strcmp(word, "\"\"") == 0)
		word[0] = '\0';
	return word;
}

static void
take_path(struct parse *p, struct item *item)
{
	size_t alias = alias_length(p->at);

	if (alias > 0 &&
	    (p->at[alias] == '\0' || strchr(" \t\r,:", p->at[alias]) != NULL)) {
		item->text = pool_text(&p->s->pool, p->at, alias);
		if (strcmp(item->text, "ALL") == 0)
			item->form = SUDO_ALL;
		p->at += alias;
		return;
	}
	if (*p->at == '^') {
		item->text = take_regex(p, " \t\r,:");
	} else {
		item->text = take_word(p, " \t\r,:=");
		if (item->text != NULL && item->text[0] != '/' &&
		    strcmp(item->text, "sudoedit") != 0 &&
		    strcmp(item->text, "list") != 0)
			(void)no_more(
			    p, "a command that is neither a path nor an alias");
	}
	if (item->text != NULL)
		item->arguments = take_arguments(p);
}

static struct item *
take_command(struct parse *p)
{
	struct item *item = pool_take(&p->s->pool, sizeof(*item));

	if (item == NULL)
		return no_more(p, "out of memory");
	pass_blanks(p);
	/* In this order in the manual, in any in practice. */
	while (p->wrong == NULL &&
	    (take_tag(p, item) || take_setting(p) || take_runas(p, item)))
		pass_blanks(p);
	(void)take_digests(p);
	while (take(p, '!'))
		item->negated = !item->negated;
	(void)take_digests(p);
	pass_blanks(p);
	take_path(p, item);
	return p->wrong == NULL ? item : NULL;
}

static struct item *
take_list(struct parse *p, enum kind kind)
{
	struct item *first = NULL;
	struct item **end = &first;

	do {
		*end =
		    kind == COMMANDS ? take_command(p) : take_member(p, kind);
		if (*end == NULL)
			return NULL;
		end = &(*end)->next;
	} while (take(p, ','));
	return first;
}

/* ---- Lines ---- */

static const struct {
	const char *word;
	enum kind kind;
} alias_words[] = {
	{ "User_Alias", USERS },
	{ "Runas_Alias", RUNAS },
	{ "Host_Alias", HOSTS },
	{ "Cmnd_Alias", COMMANDS },
	{ "Cmd_Alias", COMMANDS },
};

static char *
alias_name(struct sudoers *s, enum kind kind, const char *name)
{
	char *key = pool_take(&s->pool, strlen(name) + 2);

	if (key != NULL) {
		key[0] = (char)('0' + (int)kind);
		(void)strcpy(key + 1, name);
	}
	return key;
}

static const struct alias *
find_alias(const struct sudoers *s, enum kind kind, const char *name)
{
	char key[ALIAS_NAME_MAX + 2];
	size_t length = alias_length(name);
	int64_t number;

	if (length == 0 || length > ALIAS_NAME_MAX || name[length] != '\0')
		return NULL;
	key[0] = (char)('0' + (int)kind);
	(void)strcpy(key + 1, name);
	number = known_number(&s->known, key);
	return number == 0 ? NULL : &s->aliases[number - 1];
}

/* False: no memory. */
static bool
add_alias(struct sudoers *s, const struct alias *alias)
{
	struct err unused;
	struct known_entry *entry = known_find(&s->known, alias->name, &unused);
	size_t count = s->alias_count;

	if (entry == NULL)
		return false;
	if ((count & (count - 1)) == 0) {
		struct alias *wider = realloc(
		    s->aliases, (count == 0 ? 1 : 2 * count) * sizeof(*wider));

		if (wider == NULL)
			return false;
		s->aliases = wider;
	}
	s->aliases[s->alias_count++] = *alias;
	entry->number = (int64_t)s->alias_count;
	return true;
}

static bool
read_one_alias(struct parse *p, enum kind kind)
{
	struct alias alias = { .name = NULL };
	size_t length;
	char *name;

	pass_blanks(p);
	length = alias_length(p->at);
	name = pool_text(&p->s->pool, p->at, length);
	p->at += length;
	if (length == 0 || length > ALIAS_NAME_MAX ||
	    strcmp(name, "ALL") == 0 || !take(p, '='))
		(void)no_more(p, "an alias without a name");
	else if (find_alias(p->s, kind, name) != NULL)
		(void)no_more(p, "an alias that is there already");
	else if ((alias.name = alias_name(p->s, kind, name)) == NULL ||
	    (alias.items = take_list(p, kind)) == NULL ||
	    !add_alias(p->s, &alias))
		(void)no_more(p, "out of memory");
	return p->wrong == NULL;
}

static void
read_alias(struct parse *p, enum kind kind)
{
	while (read_one_alias(p, kind) && take(p, ':'))
		;
}

static void
read_spec(struct parse *p)
{
	struct item *users = take_list(p, USERS);

	if (users == NULL)
		return;
	do {
		struct spec *spec = pool_take(&p->s->pool, sizeof(*spec));

		if (spec == NULL) {
			(void)no_more(p, "out of memory");
			return;
		}
		spec->users = users;
		if ((spec->hosts = take_list(p, HOSTS)) == NULL)
			return;
		if (!take(p, '=')) {
			(void)no_more(p, "\"=\" is missing");
			return;
		}
		if ((spec->commands = take_list(p, COMMANDS)) == NULL)
			return;
		spec->file = p->file;
		spec->line = p->line;
		spec->text = p->text;
		*p->s->specs_end = spec;
		p->s->specs_end = &spec->next;
	} while (take(p, ':'));
}

/* What matters of Defaults: who need not prove who he is, and the default. */
static void
read_defaults(struct parse *p)
{
	bool scoped = *p->at != '\0' && strchr("@:>!", *p->at) != NULL;
	char *authenticate = strstr(p->at, "authenticate");
	char *runas = strstr(p->at, "runas_default");

	if (authenticate != NULL && authenticate[-1] == '!') {
		if (scoped)
			tell(p, "!authenticate for some", true);
		else
			p->s->no_authenticate = true;
	}
	if (runas != NULL && !scoped) {
		p->at = runas + strlen("runas_default");
		if (take(p, '=')) {
			pass_blanks(p);
			p->s->runas_default = take_name(p);
		}
	}
	p->at += strlen(p->at);
}

static void
read_include(struct parse *p, bool is_dir)
{
	char *path;

	pass_blanks(p);
	path = *p->at == '"' ? take_quoted(p) : take_word(p, " \t\r");
	if (path == NULL || path[0] == '\0') {
		(void)no_more(p, "an include without a path");
		return;
	}
	if (p->s->depth == SUDOERS_INCLUDE_MAX) {
		(void)no_more(p, "includes 128 deep");
		return;
	}
	p->s->depth++;
	p->s->world->include(p->s->world->context, p->s, path, is_dir);
	p->s->depth--;
}

/* The word with a blank, or the end, behind it; passes it. */
static bool
take_keyword(struct parse *p, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(p->at, word, length) != 0 ||
	    (p->at[length] != '\0' && !is_blank(p->at[length])))
		return false;
	p->at += length;
	return true;
}

static void
read_statement(struct parse *p)
{
	if (take_keyword(p, "@include") || take_keyword(p, "#include")) {
		read_include(p, false);
		return;
	}
	if (take_keyword(p, "@includedir") || take_keyword(p, "#includedir")) {
		read_include(p, true);
		return;
	}
	if (strncmp(p->at, "Defaults", 8) == 0 &&
	    (is_blank(p->at[8]) ||
	        (p->at[8] != '\0' && strchr("@:>!", p->at[8]) != NULL))) {
		p->at += 8;
		read_defaults(p);
		return;
	}
	for (size_t i = 0; i < sizeof(alias_words) / sizeof(*alias_words); i++)
		if (take_keyword(p, alias_words[i].word)) {
			read_alias(p, alias_words[i].kind);
			return;
		}
	read_spec(p);
}

/*
 * A '#' begins a comment, but for a number where a name may be, and for the
 * old spelling of includes.
 */
static bool
is_comment(const char *text, size_t at)
{
	size_t before = at;

	while (before > 0 && is_blank(text[before - 1]))
		before--;
	if (before == 0 &&
	    (strncmp(text + at, "#include ", 9) == 0 ||
	        strncmp(text + at, "#include\t", 9) == 0 ||
	        strncmp(text + at, "#includedir ", 12) == 0 ||
	        strncmp(text + at, "#includedir\t", 12) == 0))
		return false;
	if (text[at + 1] < '0' || text[at + 1] > '9')
		return true;
	return before > 0 && strchr(",!(%:", text[before - 1]) == NULL;
}

/* Cuts the comment off; a quote or a backslash keeps a '#' from being one. */
static void
cut_comment(char *text)
{
	bool quoted = false;

	for (size_t i = 0; text[i] != '\0'; i++) {
		if (text[i] == '\\' && text[i + 1] != '\0') {
			i++;
		} else if (text[i] == '"') {
			quoted = !quoted;
		} else if (text[i] == '#' && !quoted && is_comment(text, i)) {
			text[i] = '\0';
			return;
		}
	}
}

static void
read_line(struct sudoers *s, char *file, int64_t number, char *text)
{
	struct parse p = { .s = s, .file = file, .line = number, .text = text };
	size_t length;

	cut_comment(text);
	length = strlen(text);
	while (length > 0 && is_blank(text[length - 1]) &&
	    (length < 2 || text[length - 2] != '\\'))
		text[--length] = '\0';
	p.at = text;
	pass_blanks(&p);
	p.text = p.at;
	if (*p.at == '\0')
		return;
	read_statement(&p);
	pass_blanks(&p);
	if (p.wrong == NULL && *p.at != '\0')
		p.wrong = "not understood";
	if (p.wrong != NULL)
		tell(&p, p.wrong, false);
}

void
sudoers_read(
    struct sudoers *s, const char *file, const char *text, size_t length)
{
	char *name = pool_text(&s->pool, file, strlen(file));
	char *line = pool_take(&s->pool, length + 1);
	int64_t number = 1;
	size_t at = 0;

	if (line == NULL || length > SUDOERS_TEXT_MAX - s->text_total) {
		s->pool.failed = true;
		return;
	}
	s->text_total += length;
	while (at < length) {
		int64_t first = number;
		char *start = line;

		/* A backslash at its end joins a line to the next. */
		while (at < length && text[at] != '\n') {
			if (text[at] == '\\' && at + 1 < length &&
			    text[at + 1] == '\n') {
				at += 2;
				number++;
				continue;
			}
			*line++ = text[at] == '\0' ? '\1' : text[at];
			at++;
		}
		*line++ = '\0';
		at++;
		number++;
		read_line(s, name, first, start);
	}
}

int
sudoers_new(
    struct sudoers **out, const struct sudoers_world *world, struct err *e)
{
	struct sudoers *s = calloc(1, sizeof(*s));

	*out = NULL;
	if (s == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	s->world = world;
	s->pool = pool_new(POOL_MAX);
	s->specs_end = &s->specs;
	*out = s;
	return 0;
}

void
sudoers_free(struct sudoers **s)
{
	if (*s == NULL)
		return;
	pool_free(&(*s)->pool);
	known_free(&(*s)->known);
	free((*s)->aliases);
	free(*s);
	*s = NULL;
}

bool
sudoers_failed(const struct sudoers *s)
{
	return s->pool.failed || s->too_many;
}

size_t
sudoers_elsewhere(const struct sudoers *s)
{
	return s->elsewhere;
}

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
			alias = find_alias(q->s, q->kind, items->text);
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
		    ? find_alias(w->s, kind, items->text)
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
		if (items->form == SUDO_USER && alias_length(items->text) > 0)
			alias = find_alias(w->s, COMMANDS, items->text);
		if (alias != NULL)
			write_commands(w, alias->items,
			    negate != items->negated, depth + 1);
		else if (items->form == SUDO_USER &&
		    alias_length(items->text) > 0)
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
		    ? find_alias(u->s, USERS, items->text)
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
