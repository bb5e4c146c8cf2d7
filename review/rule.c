#include "review/rule.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review/controls.h"
#include "review/embedded.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"

#define RULE_FILE_MAX  (64u * 1024) /* bytes */
#define RULE_VALUE_MAX 4096u
#define RULES_MAX      1000u
#define RULE_FOLDER    "review/rules/"

struct rule_set {
	struct rule *rules;
	size_t count;
};

/* One row a header line; long texts are allocated, short ones copied. */
struct header_key {
	const char *name;
	size_t offset;
	size_t room; /* 0: a pointer that the rule owns */
	bool optional;
};

#define TEXT_OF(field) offsetof(struct rule, field), 0
#define ARRAY_OF(field)                                                        \
	offsetof(struct rule, field), sizeof(((struct rule *)0)->field)

static const struct header_key header_keys[] = {
	{ "id", ARRAY_OF(id), false },
	{ "severity", ARRAY_OF(severity), false },
	{ "title", TEXT_OF(title), false },
	{ "title.zh_TW", TEXT_OF(title_zh), false },
	{ "why", TEXT_OF(why), false },
	{ "why.zh_TW", TEXT_OF(why_zh), false },
	{ "over", TEXT_OF(over), false },
	{ "thresholds", TEXT_OF(thresholds), true },
	{ "controls", TEXT_OF(controls), false },
	{ "text", TEXT_OF(text), false },
	{ "text.zh_TW", TEXT_OF(text_zh), false },
};
#define HEADER_KEYS (sizeof(header_keys) / sizeof(header_keys[0]))

static const char *const severities[] = { "critical", "high", "medium", "low",
	"info" };

static const struct header_key *
find_key(const char *name, size_t length)
{
	for (size_t i = 0; i < HEADER_KEYS; i++)
		if (strlen(header_keys[i].name) == length &&
		    strncmp(header_keys[i].name, name, length) == 0)
			return &header_keys[i];
	return NULL;
}

static const char **
pointer_of(struct rule *rule, const struct header_key *key)
{
	return (const char **)(void *)((char *)rule + key->offset);
}

static char *
array_of(struct rule *rule, const struct header_key *key)
{
	return (char *)rule + key->offset;
}

static bool
is_given(struct rule *rule, const struct header_key *key)
{
	return key->room == 0 ? *pointer_of(rule, key) != NULL
	                      : *array_of(rule, key) != '\0';
}

static int
keep(struct rule *rule, const struct header_key *key, struct buf *value,
    struct err *e)
{
	const char *text = buf_string(value);
	char *copy;

	if (buf_status(value, e) == -1)
		return -1;
	if (is_given(rule, key))
		return err_set(e, ERR_CONFIG, "%s given twice", key->name);
	if (key->room > 0) {
		if (strlen(text) >= key->room)
			return err_set(
			    e, ERR_CONFIG, "%s is too long", key->name);
		memcpy(array_of(rule, key), text, strlen(text) + 1);
		return 0;
	}
	copy = strdup(text);
	if (copy == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	*pointer_of(rule, key) = copy;
	return 0;
}

/* A file being read, line by line. */
struct lines {
	const char *at; /* the next line */
	int number;     /* of the line last taken */
};

static const char *
take_line(struct lines *l, size_t *length)
{
	const char *line = l->at;

	if (*line == '\0')
		return NULL;
	*length = strcspn(line, "\n");
	l->at += *length + (line[*length] == '\n');
	l->number++;
	return line;
}

static bool
is_comment(const char *line)
{
	return line[0] == '-' && line[1] == '-';
}

/* "--" and at least four blanks: the value above goes on. */
static bool
goes_on(const char *line)
{
	return strncmp(line, "--    ", 6) == 0;
}

static void
put_trimmed(struct buf *value, const char *text, size_t length)
{
	while (length > 0 && (*text == ' ' || *text == '\t')) {
		text++;
		length--;
	}
	while (length > 0 && isspace((unsigned char)text[length - 1]))
		length--;
	buf_put(value, text, length);
}

/* Chinese has no blanks, so nothing is put between two of its characters. */
static void
put_joint(struct buf *value, const char *next)
{
	while (*next == ' ')
		next++;
	if (value->length > 0 && value->data[value->length - 1] < 0x80 &&
	    (unsigned char)*next < 0x80)
		buf_put_byte(value, ' ');
}

static int
read_header_line(struct rule *rule, struct lines *l, const char *line,
    size_t length, struct err *e)
{
	struct buf value = buf_new(RULE_VALUE_MAX);
	const char *name = line + 2;
	const char *colon = memchr(line, ':', length);
	const struct header_key *key;
	int status;

	while (*name == ' ')
		name++;
	key = colon == NULL || colon < name
	    ? NULL
	    : find_key(name, (size_t)(colon - name));
	if (key == NULL)
		return err_set(e, ERR_CONFIG, "unknown: %.*s",
		    (int)(length > 40 ? 40 : length), line);
	put_trimmed(&value, colon + 1, length - (size_t)(colon + 1 - line));
	while (goes_on(l->at)) {
		line = take_line(l, &length);
		put_joint(&value, line + 2);
		put_trimmed(&value, line + 2, length - 2);
	}
	status = keep(rule, key, &value, e);
	buf_free(&value);
	return status;
}

/* The comment at the top, up to a line "--" or one that is none. */
static int
read_header(struct rule *rule, struct lines *l, struct err *e)
{
	const char *line;
	size_t length;

	while (is_comment(l->at)) {
		line = take_line(l, &length);
		if (length == 2)
			break;
		if (read_header_line(rule, l, line, length, e) == -1)
			return err_in(e, "line %d", l->number);
	}
	for (size_t i = 0; i < HEADER_KEYS; i++)
		if (!is_given(rule, &header_keys[i]) &&
		    !header_keys[i].optional)
			return err_set(e, ERR_CONFIG, "no \"-- %s:\"",
			    header_keys[i].name);
	return 0;
}

/* Passes over a quoted text or a comment; NULL if p begins neither. */
static const char *
skip_opaque(const char *p)
{
	const char *end;

	if (p[0] == '-' && p[1] == '-')
		return p + strcspn(p, "\n");
	if (p[0] == '/' && p[1] == '*') {
		end = strstr(p + 2, "*/");
		return end == NULL ? p + strlen(p) : end + 2;
	}
	if (p[0] != '\'' && p[0] != '"' && p[0] != '`')
		return NULL;
	end = strchr(p + 1, p[0]);
	return end == NULL ? p + strlen(p) : end + 1;
}

static bool
is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == ':' || c == '$' ||
	    (unsigned char)c >= 0x80;
}

/* A number in a rule would be a threshold that no table lists. */
static int
refuse_numbers(const char *sql, int line, struct err *e)
{
	for (const char *p = sql; *p != '\0';) {
		const char *end = skip_opaque(p);

		if (end == NULL && is_word(*p)) {
			for (end = p; is_word(*end) ||
			     (*end == '.' && isdigit((unsigned char)*p));)
				end++;
			if (isdigit((unsigned char)*p) &&
			    (end - p != 1 || (*p != '0' && *p != '1')))
				return err_set(e, ERR_CONFIG,
				    "line %d: the number %.*s: name a "
				    "threshold of schema/controls.xml",
				    line, (int)(end - p), p);
		}
		if (end == NULL)
			end = p + 1;
		for (; p < end; p++)
			line += *p == '\n';
	}
	return 0;
}

static int
check_severity(const struct rule *rule, struct err *e)
{
	for (size_t i = 0; i < sizeof(severities) / sizeof(severities[0]); i++)
		if (strcmp(severities[i], rule->severity) == 0)
			return 0;
	return err_set(e, ERR_CONFIG, "severity %s", rule->severity);
}

/* Letters, '-', digits: what may stand in a file name and on a page. */
static int
check_id(const struct rule *rule, struct err *e)
{
	const char *p = rule->id;

	while (isupper((unsigned char)*p))
		p++;
	if (p > rule->id && *p == '-') {
		p++;
		if (*p != '\0' && strspn(p, "0123456789") == strlen(p))
			return 0;
	}
	return err_set(e, ERR_CONFIG, "id %s: not like AR-101", rule->id);
}

static int
parse(struct rule *rule, const char *file, const char *text, struct err *e)
{
	struct lines l = { text, 0 };
	unsigned int length = sizeof(rule->digest);
	char *copy;

	if (!enc_is_utf8(text, strlen(text)))
		return err_set(e, ERR_CONFIG, "not UTF-8");
	rule->file = strdup(file);
	if (rule->file == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (read_header(rule, &l, e) == -1 || check_id(rule, e) == -1 ||
	    check_severity(rule, e) == -1 ||
	    refuse_numbers(l.at, l.number + 1, e) == -1)
		return -1;
	copy = strdup(l.at);
	if (copy == NULL)
		return err_set(e, ERR_MEMORY, "out of memory");
	rule->sql = copy;
	if (EVP_Digest(text, strlen(text), rule->digest, &length, EVP_sha256(),
	        NULL) != 1)
		return err_set(e, ERR_CRYPTO, "SHA-256");
	return 0;
}

int
rule_parse(struct rule *rule, const char *file, const char *text, struct err *e)
{
	*rule = (struct rule){ .file = NULL };
	if (parse(rule, file, text, e) == -1) {
		rule_clear(rule);
		return err_in(e, "%s", file);
	}
	return 0;
}

static void
release(const char **text)
{
	free((void *)(uintptr_t)*text);
	*text = NULL;
}

void
rule_clear(struct rule *rule)
{
	for (size_t i = 0; i < HEADER_KEYS; i++)
		if (header_keys[i].room == 0)
			release(pointer_of(rule, &header_keys[i]));
	release(&rule->sql);
	release(&rule->file);
}

/* ---- Sets ---- */

/* Each blank-separated word of a header must be known to the table. */
static int
check_words(const char *words, const char *what, const struct controls *c,
    bool (*known)(const struct controls *, const char *), struct err *e)
{
	char word[64];

	if (words == NULL)
		return 0;
	for (const char *p = words + strspn(words, " "); *p != '\0';) {
		size_t length = strcspn(p, " ");

		(void)snprintf(word, sizeof(word), "%.*s",
		    length < sizeof(word) ? (int)length : 0, p);
		if (!known(c, word))
			return err_set(e, ERR_CONFIG,
			    "no %s \"%s\" in schema/controls.xml", what, word);
		p += length;
		p += strspn(p, " ");
	}
	return 0;
}

static bool
is_control(const struct controls *c, const char *id)
{
	return controls_control(c, id) != NULL;
}

static int
add(struct rule_set *set, const struct controls *c, const char *file,
    const char *text, struct err *e)
{
	struct rule *rule = &set->rules[set->count];
	const struct rule *other;

	if (set->count == RULES_MAX)
		return err_set(e, ERR_LIMIT, "more than %u rules", RULES_MAX);
	if (rule_parse(rule, file, text, e) == -1)
		return -1;
	set->count++; /* freed with the set from here on */
	if (check_words(rule->thresholds, "threshold", c,
	        controls_has_threshold, e) == -1 ||
	    check_words(rule->controls, "control", c, is_control, e) == -1)
		return err_in(e, "%s", file);
	other = rule_set_find(set, rule->id);
	if (other != rule)
		return err_set(e, ERR_CONFIG, "%s: id %s is that of %s", file,
		    rule->id, other->file);
	return 0;
}

static int
add_embedded(struct rule_set *set, const struct controls *c, struct err *e)
{
	for (const struct embedded *f = embedded_files; f->name != NULL; f++)
		if (strncmp(f->name, RULE_FOLDER, strlen(RULE_FOLDER)) == 0 &&
		    add(set, c, f->name, f->text, e) == -1)
			return -1;
	return 0;
}

static int
add_file(struct rule_set *set, const struct controls *c, int dir,
    const char *path, const char *name, struct err *e)
{
	static const struct file_rule roots = { .owner = 0, .forbidden = 022 };
	struct buf text = buf_new(RULE_FILE_MAX);
	struct buf file = buf_new(RULE_VALUE_MAX);
	int status = -1;

	buf_printf(&file, "%s/%s", path, name);
	if (file_read_at(dir, name, &roots, &text, e) == -1)
		err_in(e, "%s", buf_string(&file));
	else
		status = add(set, c, buf_string(&file), buf_string(&text), e);
	buf_free(&text);
	buf_free(&file);
	return status;
}

static int
is_rule_file(const struct dirent *d)
{
	size_t length = strlen(d->d_name);

	return d->d_name[0] != '.' && length > 4 &&
	    strcmp(d->d_name + length - 4, ".sql") == 0;
}

static int
add_directory(struct rule_set *set, const struct controls *c, const char *path,
    struct err *e)
{
	static const struct file_rule roots = { .owner = 0, .forbidden = 022 };
	struct dirent **names = NULL;
	int dir = file_open_dir(path, &roots, e);
	int count;
	int status = 0;

	if (dir == -1)
		return e->code == ERR_MISSING ? 0 : -1;
	count = scandirat(dir, ".", &names, is_rule_file, alphasort);
	if (count == -1)
		status = err_set(e, ERR_SYS, "%s can't be listed", path);
	for (int i = 0; i < count; i++) {
		if (status == 0)
			status =
			    add_file(set, c, dir, path, names[i]->d_name, e);
		free(names[i]);
	}
	free(names);
	file_close(&dir);
	return status;
}

static int
by_id(const void *a, const void *b)
{
	return strcmp(
	    ((const struct rule *)a)->id, ((const struct rule *)b)->id);
}

int
rule_set_load(struct rule_set **out, const char *dir, struct err *e)
{
	struct rule_set *set = calloc(1, sizeof(*set));
	struct controls *c = NULL;
	int status = -1;

	*out = NULL;
	if (set != NULL)
		set->rules = calloc(RULES_MAX, sizeof(*set->rules));
	if (set == NULL || set->rules == NULL)
		err_set(e, ERR_MEMORY, "out of memory");
	else if (controls_load(&c, e) == 0 && add_embedded(set, c, e) == 0 &&
	    (dir == NULL || *dir == '\0' || add_directory(set, c, dir, e) == 0))
		status = 0;
	controls_free(&c);
	if (status == -1) {
		rule_set_free(&set);
		return -1;
	}
	qsort(set->rules, set->count, sizeof(*set->rules), by_id);
	*out = set;
	return 0;
}

void
rule_set_free(struct rule_set **set)
{
	if (*set == NULL)
		return;
	for (size_t i = 0; i < (*set)->count; i++)
		rule_clear(&(*set)->rules[i]);
	free((*set)->rules);
	free(*set);
	*set = NULL;
}

size_t
rule_set_count(const struct rule_set *set)
{
	return set->count;
}

const struct rule *
rule_set_at(const struct rule_set *set, size_t i)
{
	return &set->rules[i];
}

const struct rule *
rule_set_find(const struct rule_set *set, const char *id)
{
	for (size_t i = 0; i < set->count; i++)
		if (strcmp(set->rules[i].id, id) == 0)
			return &set->rules[i];
	return NULL;
}
