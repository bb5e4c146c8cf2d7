#include "review/sudoers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "review/sudoers_internal.h"
#include "schema/base/buf.h"

#define POOL_MAX       (256u * 1024 * 1024) /* bytes */
#define ALIAS_NAME_MAX 255u

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

size_t
sudoers_alias_length(const char *text)
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
	size_t alias = sudoers_alias_length(p->at);

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

const struct alias *
sudoers_alias(const struct sudoers *s, enum kind kind, const char *name)
{
	char key[ALIAS_NAME_MAX + 2];
	size_t length = sudoers_alias_length(name);
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
	length = sudoers_alias_length(p->at);
	name = pool_text(&p->s->pool, p->at, length);
	p->at += length;
	if (length == 0 || length > ALIAS_NAME_MAX ||
	    strcmp(name, "ALL") == 0 || !take(p, '='))
		(void)no_more(p, "an alias without a name");
	else if (sudoers_alias(p->s, kind, name) != NULL)
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
