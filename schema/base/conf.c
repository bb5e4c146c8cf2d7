#include "schema/base/conf.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/enc.h"

#define SECTION_NAME_MAX 100u

/* Two numbers out of "A-B" or "AxB" in a table's arg; a bug if they are not. */
static int
two_numbers(
    const char *arg, char between, uint64_t *a, uint64_t *b, struct err *e)
{
	const char *middle = strchr(arg, between);

	if (middle == NULL ||
	    enc_number(arg, (size_t)(middle - arg), INT64_MAX, a, e) == -1 ||
	    enc_number(middle + 1, strlen(middle + 1), INT64_MAX, b, e) == -1)
		return err_set(e, ERR_CONFIG, "bug: bad bounds \"%s\"", arg);
	return 0;
}

int
conf_set_int(
    void *field, const char *value, const struct conf_key *key, struct err *e)
{
	uint64_t low = 0;
	uint64_t high = 0;
	uint64_t number = 0;

	if (two_numbers(key->arg, '-', &low, &high, e) == -1)
		return -1;
	if (enc_number(value, strlen(value), high, &number, e) == -1 ||
	    number < low)
		return err_set(
		    e, ERR_CONFIG, "must be a number of %s", key->arg);
	*(int64_t *)field = (int64_t)number;
	return 0;
}

void
conf_get_int(const void *field, const struct conf_key *key, struct buf *b)
{
	(void)key;
	buf_printf(b, "%lld", (long long)*(const int64_t *)field);
}

static const struct unit {
	char letter;
	uint64_t seconds;
} units[] = {
	{ 'd', 86400 },
	{ 'h', 3600 },
	{ 'm', 60 },
	{ 's', 1 },
};

#define UNITS (sizeof(units) / sizeof(*units))

int
conf_set_seconds(
    void *field, const char *value, const struct conf_key *key, struct err *e)
{
	size_t digits = strspn(value, "0123456789");
	uint64_t scale = value[digits] == '\0' ? 1 : 0;
	uint64_t low = 0;
	uint64_t high = 0;
	uint64_t number = 0;

	if (two_numbers(key->arg, '-', &low, &high, e) == -1)
		return -1;
	for (size_t i = 0; i < UNITS; i++)
		if (value[digits] == units[i].letter &&
		    value[digits + 1] == '\0')
			scale = units[i].seconds;
	if (scale == 0 ||
	    enc_number(value, digits, high / scale, &number, e) == -1 ||
	    number * scale < low)
		return err_set(e, ERR_CONFIG,
		    "must be a time of %s seconds, like 90s, 5m, 8h or 30d",
		    key->arg);
	*(int64_t *)field = (int64_t)(number * scale);
	return 0;
}

void
conf_get_seconds(const void *field, const struct conf_key *key, struct buf *b)
{
	uint64_t value = (uint64_t) * (const int64_t *)field;

	(void)key;
	for (size_t i = 0; i < UNITS; i++)
		if (value % units[i].seconds == 0) {
			buf_printf(b, "%llu%c",
			    (unsigned long long)(value / units[i].seconds),
			    value == 0 ? 's' : units[i].letter);
			return;
		}
}

int
conf_set_bool(
    void *field, const char *value, const struct conf_key *key, struct err *e)
{
	(void)key;
	if (strcmp(value, "yes") == 0)
		*(bool *)field = true;
	else if (strcmp(value, "no") == 0)
		*(bool *)field = false;
	else
		return err_set(e, ERR_CONFIG, "must be yes or no");
	return 0;
}

void
conf_get_bool(const void *field, const struct conf_key *key, struct buf *b)
{
	(void)key;
	buf_put_string(b, *(const bool *)field ? "yes" : "no");
}

int
conf_set_choice(
    void *field, const char *value, const struct conf_key *key, struct err *e)
{
	size_t length = strlen(value);
	int place = 0;

	for (const char *word = key->arg;; place++) {
		size_t end = strcspn(word, "|");

		if (end == length && memcmp(word, value, length) == 0) {
			*(int *)field = place;
			return 0;
		}
		if (word[end] == '\0')
			break;
		word += end + 1;
	}
	return err_set(e, ERR_CONFIG, "must be one of %s", key->arg);
}

void
conf_get_choice(const void *field, const struct conf_key *key, struct buf *b)
{
	const char *word = key->arg;

	for (int i = *(const int *)field; i > 0; i--) {
		const char *next = strchr(word, '|');

		if (next == NULL)
			return;
		word = next + 1;
	}
	buf_put(b, word, strcspn(word, "|"));
}

static int
plain_text(const char *value, size_t max, struct err *e)
{
	size_t length = strlen(value);

	if (length > max)
		return err_set(e, ERR_CONFIG, "longer than %zu bytes", max);
	if (!enc_is_utf8(value, length))
		return err_set(e, ERR_CONFIG, "not UTF-8");
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)value[i] < 0x20 || value[i] == 0x7f)
			return err_set(e, ERR_CONFIG, "control character");
	/* What a file could not say, an argument may not say either. */
	if (length > 0 &&
	    (value[0] == ' ' || value[0] == ';' || value[length - 1] == ' '))
		return err_set(e, ERR_CONFIG,
		    "begins or ends with a blank, "
		    "or begins with a semicolon");
	if (strstr(value, " ;") != NULL)
		return err_set(e, ERR_CONFIG, "a semicolon after a blank");
	return 0;
}

int
conf_set_text(
    void *field, const char *value, const struct conf_key *key, struct err *e)
{
	uint64_t max = 0;

	if (enc_number(key->arg, strlen(key->arg), CONF_LIST_SIZE, &max, e) ==
	    -1)
		return err_set(
		    e, ERR_CONFIG, "bug: bad bound \"%s\"", key->arg);
	if (plain_text(value, max, e) == -1)
		return -1;
	memcpy(field, value, strlen(value) + 1);
	return 0;
}

int
conf_set_path(
    void *field, const char *value, const struct conf_key *key, struct err *e)
{
	size_t length = strlen(value);
	bool climbs = strstr(value, "/../") != NULL ||
	    (length >= 3 && strcmp(value + length - 3, "/..") == 0);

	if (value[0] != '\0' && (value[0] != '/' || climbs))
		return err_set(
		    e, ERR_CONFIG, "must be an absolute path without /../");
	return conf_set_text(field, value, key, e);
}

void
conf_get_text(const void *field, const struct conf_key *key, struct buf *b)
{
	(void)key;
	buf_put_string(b, field);
}

/* The word at *value, which moves past it; "quoted, with blanks" or plain. */
static const char *
take_word(const char **value, size_t *length, struct err *e)
{
	const char *word = *value;

	if (*word == '"') {
		*length = strcspn(++word, "\"");
		*value = word + *length + 1;
		if (word[*length] == '\0' ||
		    (**value != '\0' && strchr(", ", **value) == NULL)) {
			err_set(e, ERR_CONFIG, "a quote that is not closed");
			return NULL;
		}
		return word;
	}
	*length = strcspn(word, ", ");
	*value = word + *length;
	if (memchr(word, '"', *length) != NULL) {
		err_set(e, ERR_CONFIG, "a quote within a word");
		return NULL;
	}
	return word;
}

int
conf_set_list(
    void *field, const char *value, const struct conf_key *key, struct err *e)
{
	struct conf_list *list = field;
	size_t used = 0;
	uint64_t count = 0;
	uint64_t size = 0;

	if (two_numbers(key->arg, 'x', &count, &size, e) == -1)
		return -1;
	if (plain_text(value, CONF_LIST_SIZE - 2, e) == -1)
		return -1;
	/* Not all of it: most lists are short, and untouched pages cost nothing. */
	list->count = 0;
	list->words[0] = '\0';
	while (*value != '\0') {
		const char *word;
		size_t end;

		value += strspn(value, ", ");
		if (*value == '\0')
			break;
		word = take_word(&value, &end, e);
		if (word == NULL)
			return -1;
		if (end == 0)
			return err_set(e, ERR_CONFIG, "an empty word");
		/* Printed, it may begin a line. */
		if (strchr(";#[", *word) != NULL)
			return err_set(e, ERR_CONFIG,
			    "a word that looks like a comment or a section");
		if (end > size)
			return err_set(e, ERR_CONFIG,
			    "a word of more than %zu bytes", (size_t)size);
		if (list->count == count || used + end + 2 > CONF_LIST_SIZE)
			return err_set(e, ERR_CONFIG, "more than %zu words",
			    (size_t)count);
		memcpy(list->words + used, word, end);
		list->words[used + end] = '\0';
		used += end + 1;
		list->words[used] = '\0';
		list->count++;
	}
	return 0;
}

void
conf_get_list(const void *field, const struct conf_key *key, struct buf *b)
{
	const struct conf_list *list = field;
	const char *separator = "";

	(void)key;
	for (const char *word = conf_list_next(list, NULL); word != NULL;
	     word = conf_list_next(list, word)) {
		const char *quote = strpbrk(word, ", ") == NULL ? "" : "\"";

		buf_printf(b, "%s%s%s%s", separator, quote, word, quote);
		separator = ",";
	}
}

const char *
conf_list_next(const struct conf_list *list, const char *word)
{
	const char *next = word == NULL ? list->words : word + strlen(word) + 1;

	return *next == '\0' ? NULL : next;
}

bool
conf_list_has(const struct conf_list *list, const char *word)
{
	for (const char *each = conf_list_next(list, NULL); each != NULL;
	     each = conf_list_next(list, each))
		if (strcmp(each, word) == 0)
			return true;
	return false;
}

int
conf_preset(void *target, const struct conf_key *keys, struct err *e)
{
	for (const struct conf_key *key = keys; key->name != NULL; key++)
		if (key->set((char *)target + key->offset, key->preset, key,
		        e) == -1)
			return err_in(e, "preset of %s", key->name);
	return 0;
}

static const struct conf_section *
find_section(
    const struct conf_section *sections, const char *name, size_t length)
{
	for (const struct conf_section *s = sections; s->name != NULL; s++)
		if (strlen(s->name) == length &&
		    memcmp(s->name, name, length) == 0)
			return s;
	return NULL;
}

static const struct conf_key *
find_key(const struct conf_section *section, const char *name)
{
	for (const struct conf_key *key = section->keys; key->name != NULL;
	     key++)
		if (strcmp(key->name, name) == 0)
			return key;
	return NULL;
}

/* What one conf_parse knows. */
struct parse {
	void *config;
	const struct conf_section *sections;
	struct err *e;
	bool failed;
	char name[SECTION_NAME_MAX]; /* of the section we are in */
	const struct conf_section *section;
	void *target;
	bool seen[CONF_KEYS_MAX]; /* keys of this section */
	int last;         /* the key just set, or -1: for continued values */
	struct buf value; /* what a continued value has so far */
};

/* The NAME of a section: the name of a service, one word of ASCII. */
static bool
is_instance(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
	                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                              "0123456789-_.@+";

	return name[strspn(name, allowed)] == '\0';
}

/* "service sshd" or "throttle": which section, which instance of it. */
static int
enter_section(struct parse *p, const char *name)
{
	size_t word = strcspn(name, " ");
	const char *instance = name + word + strspn(name + word, " ");
	const struct conf_section *s = find_section(p->sections, name, word);

	if (strlen(name) >= SECTION_NAME_MAX)
		return err_set(p->e, ERR_CONFIG, "section name too long");
	if (s == NULL || (*instance != '\0') != s->named ||
	    !is_instance(instance))
		return err_set(p->e, ERR_CONFIG, "unknown section [%s]", name);
	if ((p->target = s->target(p->config, instance, p->e)) == NULL)
		return err_in(p->e, "[%s]", name);
	p->section = s;
	memcpy(p->name, name, strlen(name) + 1);
	memset(p->seen, 0, sizeof(p->seen));
	p->last = -1;
	return 0;
}

static int
set_key(struct parse *p, const char *name, const char *value)
{
	const struct conf_key *key = find_key(p->section, name);
	int place;

	if (key == NULL)
		return err_set(p->e, ERR_CONFIG, "unknown key \"%s\" in [%s]",
		    name, p->name);
	place = (int)(key - p->section->keys);
	/* libinih gives each line of a continued value as the key again. */
	if (place != p->last || key->set != conf_set_list) {
		if (place >= (int)CONF_KEYS_MAX || p->seen[place])
			return err_set(
			    p->e, ERR_CONFIG, "\"%s\" is given twice", name);
		buf_clear(&p->value);
	} else {
		buf_put_byte(&p->value, ' ');
	}
	p->seen[place] = true;
	p->last = place;
	buf_put_string(&p->value, value);
	if (buf_status(&p->value, p->e) == -1 ||
	    key->set((char *)p->target + key->offset, buf_string(&p->value),
	        key, p->e) == -1)
		return err_in(p->e, "%s", name);
	return 0;
}

/* libinih's handler: 1 is good; it returns the line of the first 0. */
static int
on_line(void *context, const char *section, const char *name, const char *value)
{
	struct parse *p = context;

	if (p->failed)
		return 0;
	p->failed = true;
	if ((p->section == NULL || strcmp(section, p->name) != 0) &&
	    enter_section(p, section) == -1)
		return 0;
	if (p->section == NULL || set_key(p, name, value) == -1)
		return 0;
	p->failed = false;
	return 1;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* What libinih would cut off, pass over or read otherwise in silence. */
static const char *
fault_of_line(const char *line, size_t length)
{
	size_t start = 0;

	if (length > CONF_LINE_MAX)
		return "too long a line; continue a list on an indented line";
	if (memchr(line, '\0', length) != NULL)
		return "a NUL byte";
	while (length > 0 && is_blank(line[length - 1]))
		length--;
	while (start < length && is_blank(line[start]))
		start++;
	if (start == length || line[start] == '#' || line[start] == ';')
		return NULL;
	for (size_t i = start + 1; i < length; i++)
		if (line[i] == ';' && is_blank(line[i - 1]))
			return "a comment needs a line of its own";
	if (line[start] == '[' && line[length - 1] != ']')
		return "something behind [section]";
	return NULL;
}

static int
check_lines(const char *text, size_t length, const char *file, struct err *e)
{
	size_t line = 1;
	size_t start = 0;

	if (!enc_is_utf8(text, length))
		return err_set(e, ERR_CONFIG, "%s: not UTF-8 text", file);
	for (size_t i = 0; i <= length; i++) {
		const char *fault;

		if (i < length && text[i] != '\n')
			continue;
		fault = fault_of_line(text + start, i - start);
		if (fault != NULL)
			return err_set(
			    e, ERR_CONFIG, "%s:%zu: %s", file, line, fault);
		start = i + 1;
		line++;
	}
	return 0;
}

int
conf_parse(void *config, const struct conf_section *sections, const char *text,
    size_t length, const char *file, struct err *e)
{
	struct parse p = { .config = config,
		.sections = sections,
		.e = e,
		.last = -1,
		.value = buf_new(CONF_FILE_MAX) };
	struct buf copy = buf_new(CONF_FILE_MAX); /* libinih wants a NUL */
	int result = -1;
	int line;

	if (check_lines(text, length, file, e) == -1)
		return -1;
	buf_put(&copy, text, length);
	if (buf_status(&copy, e) == -1) {
		err_in(e, "%s", file);
		goto out;
	}
	line = ini_parse_string(buf_string(&copy), on_line, &p);
	if (line < 0)
		err_set(e, ERR_MEMORY, "%s: out of memory", file);
	else if (p.failed)
		err_in(e, "%s:%d", file, line);
	else if (line > 0)
		err_set(e, ERR_CONFIG,
		    "%s:%d: neither [section] nor key = "
		    "value",
		    file, line);
	else
		result = 0;
	if (result == -1 && e->code != ERR_MEMORY)
		e->code = ERR_CONFIG;
out:
	buf_free(&copy);
	buf_free(&p.value);
	return result;
}

int
conf_load(void *config, const struct conf_section *sections, const char *path,
    const struct file_rule *rule, struct err *e)
{
	struct buf text = buf_new(CONF_FILE_MAX);
	int result = -1;

	if (file_read_path(path, rule, &text, e) == 0)
		result = conf_parse(
		    config, sections, buf_string(&text), text.length, path, e);
	buf_free(&text);
	return result;
}

int
conf_argument(void *config, const struct conf_section *sections,
    const char *argument, struct err *e)
{
	const char *equals = strchr(argument, '=');
	const char *dot = strchr(argument, '.');
	const struct conf_section *s;
	const struct conf_key *key;
	char instance[SECTION_NAME_MAX] = "";
	char name[SECTION_NAME_MAX];
	const char *last = dot;
	void *target;

	if (equals == NULL || dot == NULL || dot > equals)
		return 0;
	s = find_section(sections, argument, (size_t)(dot - argument));
	for (const char *c = dot; c < equals; c++)
		if (*c == '.')
			last = c;
	if (s == NULL || (last != dot) != s->named ||
	    (size_t)(equals - argument) >= SECTION_NAME_MAX ||
	    strlen(argument) > CONF_LINE_MAX)
		return err_set(
		    e, ERR_CONFIG, "unknown argument \"%s\"", argument);
	if (last != dot) {
		memcpy(instance, dot + 1, (size_t)(last - dot - 1));
		instance[last - dot - 1] = '\0';
	}
	memcpy(name, last + 1, (size_t)(equals - last - 1));
	name[equals - last - 1] = '\0';
	if (!is_instance(instance) || s->named != (instance[0] != '\0') ||
	    (key = find_key(s, name)) == NULL)
		return err_set(
		    e, ERR_CONFIG, "unknown argument \"%s\"", argument);
	if ((target = s->target(config, instance, e)) == NULL ||
	    key->set((char *)target + key->offset, equals + 1, key, e) == -1)
		return err_in(e, "argument %s", name);
	return 1;
}

/* Whether text may be broken before end: behind a comma outside quotes. */
static bool
is_between_words(const char *text, size_t end)
{
	bool quoted = false;

	for (size_t i = 0; i < end; i++)
		quoted ^= text[i] == '"';
	return !quoted && text[end - 1] == ',';
}

static void
print_key(
    const void *target, const struct conf_key *key, bool help, struct buf *b)
{
	struct buf value = buf_new(CONF_LIST_SIZE);
	const char *comment;
	bool shown;

	key->get((const char *)target + key->offset, key, &value);
	comment =
	    help && strcmp(buf_string(&value), key->preset) == 0 ? "#" : "";
	/* Sizes of texts and lists are for the manual. */
	shown = key->get == conf_get_int || key->get == conf_get_seconds ||
	    key->get == conf_get_choice;
	if (help)
		buf_printf(b, "# %s%s%s%s\n", key->help, shown ? " (" : "",
		    shown ? key->arg : "", shown ? ")" : "");
	buf_printf(b, "%s%s =", comment, key->name);
	/* Lists are broken at commas, so that no line passes the bound. */
	for (const char *at = buf_string(&value); *at != '\0';) {
		size_t end = strlen(at) > 120 ? 120 : strlen(at);

		while (at[end] != '\0' && end > 1 && !is_between_words(at, end))
			end--;
		if (end <= 1)
			end = strlen(at);
		if (at != buf_string(&value))
			buf_printf(b, "\n%s ", comment);
		buf_printf(b, " %.*s", (int)end, at);
		at += end;
	}
	buf_put_byte(b, '\n');
	buf_free(&value);
}

void
conf_print(const void *target, const struct conf_section *section,
    const char *instance, bool help, struct buf *b)
{
	if (help)
		buf_printf(b, "# %s\n", section->help);
	buf_printf(b, "[%s%s%s]\n", section->name, instance == NULL ? "" : " ",
	    instance == NULL ? "" : instance);
	for (const struct conf_key *key = section->keys; key->name != NULL;
	     key++)
		print_key(target, key, help, b);
}
