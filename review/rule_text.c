/*
 * A rule's text with a finding's evidence put in. The evidence is a flat JSON
 * object that rule_run.c wrote: texts, numbers and nulls.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "review/fact.h"
#include "review/rule.h"
#include "review/rule_words.h"
#include "schema/base/clock.h"
#include "schema/base/enc.h"

#define VALUE_MAX  (64u * 1024)
#define DAY        86400
#define DAY_LENGTH 10 /* of 2026-11-24 */

/* ---- JSON, as far as we write it ---- */

static unsigned int
hex4(const char *p)
{
	char digits[5] = "";

	memcpy(digits, p, strnlen(p, 4));
	return (unsigned int)strtoul(digits, NULL, 16);
}

static void
put_utf8(struct buf *b, unsigned int c)
{
	if (c < 0x80) {
		buf_put_byte(b, (unsigned char)c);
	} else if (c < 0x800) {
		buf_put_byte(b, (unsigned char)(0xc0 | c >> 6));
		buf_put_byte(b, (unsigned char)(0x80 | (c & 0x3f)));
	} else {
		buf_put_byte(b, (unsigned char)(0xe0 | c >> 12));
		buf_put_byte(b, (unsigned char)(0x80 | (c >> 6 & 0x3f)));
		buf_put_byte(b, (unsigned char)(0x80 | (c & 0x3f)));
	}
}

/* From behind the quote to behind the closing one; NULL: it does not end. */
static const char *
read_string(const char *p, struct buf *out)
{
	static const char escapes[][2] = { { 'n', '\n' }, { 't', '\t' },
		{ 'r', '\r' }, { 'b', '\b' }, { 'f', '\f' } };

	for (; *p != '"'; p++) {
		unsigned char c = (unsigned char)*p;

		if (c == '\0')
			return NULL;
		if (c == '\\') {
			c = (unsigned char)*++p;
			if (c == '\0')
				return NULL;
			if (c == 'u') {
				if (strnlen(p + 1, 4) < 4)
					return NULL;
				put_utf8(out, hex4(p + 1));
				p += 4;
				continue;
			}
			for (size_t i = 0; i < 5; i++)
				if (escapes[i][0] == (char)c)
					c = (unsigned char)escapes[i][1];
		}
		buf_put_byte(out, c);
	}
	return p + 1;
}

/* A value as text; *null tells the word null from a text of it. */
static const char *
read_value(const char *p, struct buf *out, bool *null)
{
	size_t length;

	*null = false;
	if (*p == '"')
		return read_string(p + 1, out);
	length = strcspn(p, ",}");
	*null = length == 4 && strncmp(p, "null", 4) == 0;
	if (!*null)
		buf_put(out, p, length);
	return p[length] == '\0' ? NULL : p + length;
}

/* The member of that name into out. 1, 0: null or not there, -1: malformed. */
static int
find_member(const char *json, const char *name, struct buf *out)
{
	struct buf key = buf_new(VALUE_MAX);
	const char *p = *json == '{' ? json + 1 : NULL;
	bool null = true, found = false;

	while (p != NULL && *p == '"' && !found) {
		buf_clear(&key);
		buf_clear(out);
		p = read_string(p + 1, &key);
		if (p == NULL || *p != ':')
			p = NULL;
		else
			p = read_value(p + 1, out, &null);
		found = p != NULL && strcmp(buf_string(&key), name) == 0;
		if (p != NULL && *p == ',')
			p++;
	}
	buf_free(&key);
	if (p == NULL)
		return -1;
	return found && !null ? 1 : 0;
}

int
rule_evidence(const char *evidence, const char *name, struct buf *out)
{
	return find_member(evidence, name, out);
}

/* ---- Forms ---- */

struct words {
	const char *never, *not_recorded;
};
static const struct words english = { "never", "not recorded" };
static const struct words chinese = { "從未", "未記錄" };

static void
put_when(struct buf *b, int64_t when, size_t length, const struct words *w)
{
	struct buf text = buf_new(64);

	if (when == FACT_NEVER)
		buf_put_string(b, w->never);
	else if (llabs(when) < INT64_MAX / CLOCK_NS_PER_SECOND) {
		enc_time(&text, when * CLOCK_NS_PER_SECOND);
		buf_printf(b, "%.*s%s", (int)length, buf_string(&text),
		    length > DAY_LENGTH ? "Z" : "");
	}
	buf_free(&text);
}

static void
put_time(struct buf *b, const char *value, const struct words *w)
{
	put_when(b, strtoll(value, NULL, 10), 19, w);
}

static void
put_day(struct buf *b, const char *value, const struct words *w)
{
	put_when(b, strtoll(value, NULL, 10), DAY_LENGTH, w);
}

static void
put_days(struct buf *b, const char *value, const struct words *w)
{
	int64_t seconds = strtoll(value, NULL, 10);

	if (seconds == FACT_NEVER)
		buf_put_string(b, w->never);
	else
		buf_printf(b, "%lld", (long long)(seconds / DAY));
}

static void
put_percent(struct buf *b, const char *value, const struct words *w)
{
	(void)w;
	buf_printf(b, "%.0f %%", strtod(value, NULL) * 100);
}

static void
put_plain(struct buf *b, const char *value, const struct words *w)
{
	(void)w;
	buf_put_string(b, value);
}

static const struct form {
	const char *name;
	void (*put)(struct buf *, const char *, const struct words *);
} forms[] = {
	{ "", put_plain },
	{ "time", put_time },
	{ "day", put_day },
	{ "days", put_days },
	{ "percent", put_percent },
};

/* {name} or {name:form}; p is behind the brace, end at the closing one. */
static int
put_place(struct buf *out, const char *p, const char *end, const char *evidence,
    const struct words *w, struct err *e)
{
	struct buf value = buf_new(VALUE_MAX);
	char name[64];
	const char *form = memchr(p, ':', (size_t)(end - p));
	size_t i;
	int found;

	(void)snprintf(name, sizeof(name), "%.*s",
	    (int)((form == NULL ? end : form) - p), p);
	form = form == NULL ? end : form + 1;
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (strlen(forms[i].name) == (size_t)(end - form) &&
		    strncmp(forms[i].name, form, (size_t)(end - form)) == 0)
			break;
	found = find_member(evidence, name, &value);
	if (found == 1 && i < sizeof(forms) / sizeof(forms[0]))
		forms[i].put(out, buf_string(&value), w);
	else
		buf_put_string(out, w->not_recorded);
	buf_free(&value);
	if (found == -1)
		return err_set(e, ERR_FORMAT, "the evidence is not JSON");
	if (i == sizeof(forms) / sizeof(forms[0]))
		return err_set(
		    e, ERR_CONFIG, "{%.*s}: no such form", (int)(end - p), p);
	return 0;
}

int
rule_text(const struct rule *rule, const char *evidence, bool zh,
    struct buf *out, struct err *e)
{
	const char *p = zh ? rule->text_zh : rule->text;

	while (*p != '\0') {
		const char *end = *p == '{' ? strchr(p, '}') : NULL;

		if (end == NULL) {
			buf_put_byte(out, (unsigned char)*p++);
			continue;
		}
		if (put_place(out, p + 1, end, evidence,
		        zh ? &chinese : &english, e) == -1)
			return err_in(e, "%s", rule->file);
		p = end + 1;
	}
	return buf_status(out, e);
}

int
rule_finding(const struct rule *rule, const char *state, const char *reason,
    const char *evidence, bool zh, struct buf *out, struct err *e)
{
	buf_put_string(out, zh ? rule->title_zh : rule->title);
	buf_put_string(out, zh ? "：" : ": ");
	if (strcmp(state, "unknown") != 0)
		return rule_text(rule, evidence, zh, out, e);
	buf_put_string(out, rule_word_in(reason, zh));
	return buf_status(out, e);
}
