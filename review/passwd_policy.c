/*
 * What password and lockout rules a host enforces: login.defs(5), the PAM
 * stacks, pwquality.conf(5), faillock.conf(5). PAM's arguments come after the
 * files and so stand over them.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "review/passwd.h"
#include "schema/base/enc.h"

#define FILE_MAX      (1024u * 1024) /* bytes */
#define INCLUDE_MAX   16u            /* deep */
#define DAY           INT64_C(86400)
#define DAYS_FOR_EVER 99999

/* Numbers that configuration gives; each has a name in one file or another. */
enum number {
	PASS_MAX_DAYS,
	PASS_MIN_DAYS,
	MINLEN,
	MINCLASS,
	DCREDIT,
	UCREDIT,
	LCREDIT,
	OCREDIT,
	DICTCHECK,
	REMEMBER,
	DENY,
	UNLOCK_TIME,
	FAIL_INTERVAL,
	UNIX_MINLEN,
	NUMBERS
};

static const char *const number_names[NUMBERS] = { "PASS_MAX_DAYS",
	"PASS_MIN_DAYS", "minlen", "minclass", "dcredit", "ucredit", "lcredit",
	"ocredit", "dictcheck", "remember", "deny", "unlock_time",
	"fail_interval", "pam_unix-minlen" };

struct reading {
	struct passwd_host *host;
	int64_t numbers[NUMBERS]; /* FACT_UNKNOWN: nobody said */
	bool pam_read;            /* a password stack, whole */
	bool auth_read;
	bool broken; /* an include was not there */
	/* Modules of the stacks. */
	bool has_quality;
	bool has_cracklib;
	bool has_faillock;
	bool has_other; /* one whose rules are not in these files */
	bool has_unix;
	bool obscure;
	struct buf detail;
};

static bool
is_between(int64_t number, int64_t low, int64_t high)
{
	return number >= low && number <= high;
}

/* "14", "-1", "never": false if it is none. */
static bool
read_number(const char *text, int64_t *out)
{
	struct err unused;
	uint64_t number;
	bool negative = text[0] == '-';

	if (strcmp(text, "never") == 0) {
		*out = 0;
		return true;
	}
	text += negative ? 1 : 0;
	if (enc_number(text, strlen(text), 1000000000, &number, &unused) == -1)
		return false;
	*out = negative ? -(int64_t)number : (int64_t)number;
	return true;
}

static void
set_number(
    struct reading *r, enum number which, const char *value, const char *where)
{
	int64_t number;

	if (!read_number(value, &number)) {
		ledger_invalid(&r->host->ledger, "%s: %s is no number", where,
		    number_names[which]);
		return;
	}
	r->numbers[which] = number;
	buf_printf(&r->detail, "%s%s=%" PRId64 " (%s)",
	    r->detail.length == 0 ? "" : "; ", number_names[which], number,
	    where);
}

/* ---- Files of "KEY value" and "key = value" ---- */

/* The line's key and value, or false: it has none. */
static bool
cut_setting(char *line, char **key, char **value)
{
	size_t length;

	line[strcspn(line, "#\r")] = '\0';
	line += strspn(line, " \t");
	length = strcspn(line, " \t=");
	if (length == 0)
		return false;
	*key = line;
	*value = line + length;
	*value += strspn(*value, " \t=");
	line[length] = '\0';
	(*value)[strcspn(*value, " \t")] = '\0';
	return true;
}

static enum passwd_got
read_settings(
    struct reading *r, const char *path, const enum number *which, size_t count)
{
	struct buf text = buf_new(FILE_MAX);
	enum passwd_got got = passwd_read(r->host, path, &text);
	char *rest;
	char *line;
	char *key;
	char *value;

	buf_put_byte(&text, '\0');
	if (got != PASSWD_GOT || text.failed != ERR_NONE) {
		buf_free(&text);
		return got;
	}
	rest = (char *)text.data;
	while ((line = passwd_next_line(&rest)) != NULL) {
		if (!cut_setting(line, &key, &value))
			continue;
		for (size_t i = 0; i < count; i++)
			if (strcmp(key, number_names[which[i]]) == 0)
				set_number(r, which[i], value, path);
	}
	buf_free(&text);
	return got;
}

static const enum number defs_numbers[] = { PASS_MAX_DAYS, PASS_MIN_DAYS };
static const enum number quality_numbers[] = { MINLEN, MINCLASS, DCREDIT,
	UCREDIT, LCREDIT, OCREDIT, DICTCHECK };
static const enum number faillock_numbers[] = { DENY, UNLOCK_TIME,
	FAIL_INTERVAL };
static const enum number history_numbers[] = { REMEMBER };
#define COUNT(table) (sizeof(table) / sizeof(*(table)))

static void
read_quality(struct reading *r)
{
	const char **names;
	size_t count;
	char path[512];

	/* The folder's first, so that the file stands over them. */
	if (passwd_list(r->host, "etc/security/pwquality.conf.d", &names,
	        &count) == PASSWD_GOT)
		for (size_t i = 0; i < count; i++) {
			size_t length = strlen(names[i]);

			if (length < 5 ||
			    strcmp(names[i] + length - 5, ".conf") != 0)
				continue;
			(void)snprintf(path, sizeof(path),
			    "etc/security/pwquality.conf.d/%s", names[i]);
			(void)read_settings(
			    r, path, quality_numbers, COUNT(quality_numbers));
		}
	free(names);
	(void)read_settings(r, "etc/security/pwquality.conf", quality_numbers,
	    COUNT(quality_numbers));
}

/* ---- PAM ---- */

static char *
next_word(char **rest)
{
	char *word = *rest + strspn(*rest, " \t\r");
	char *end;

	if (*word == '\0')
		return NULL;
	/* "[success=1 default=ignore]" is one. */
	end = *word == '[' ? strchr(word, ']') : NULL;
	end = end != NULL ? end + 1 : word + strcspn(word, " \t\r");
	*rest = end;
	if (*end != '\0')
		*(*rest)++ = '\0';
	return word;
}

static void
take_arguments(struct reading *r, char *rest, const enum number *which,
    size_t count, const char *where)
{
	char *word;

	while ((word = next_word(&rest)) != NULL) {
		char *equals = strchr(word, '=');

		if (equals == NULL)
			continue;
		*equals = '\0';
		for (size_t i = 0; i < count; i++)
			if (strcmp(word, number_names[which[i]]) == 0)
				set_number(r, which[i], equals + 1, where);
	}
}

static void
take_unix(struct reading *r, char *rest, const char *where)
{
	char *word;

	r->has_unix = true;
	while ((word = next_word(&rest)) != NULL) {
		if (strcmp(word, "obscure") == 0)
			r->obscure = true;
		else if (strncmp(word, "minlen=", 7) == 0)
			set_number(r, UNIX_MINLEN, word + 7, where);
		else if (strncmp(word, "remember=", 9) == 0)
			set_number(r, REMEMBER, word + 9, where);
	}
}

static void
take_password_module(
    struct reading *r, const char *module, char *rest, const char *where)
{
	if (strcmp(module, "pam_unix.so") == 0) {
		take_unix(r, rest, where);
	} else if (strcmp(module, "pam_pwquality.so") == 0) {
		r->has_quality = true;
		read_quality(r);
		take_arguments(
		    r, rest, quality_numbers, COUNT(quality_numbers), where);
	} else if (strcmp(module, "pam_cracklib.so") == 0) {
		r->has_cracklib = true;
		take_arguments(
		    r, rest, quality_numbers, COUNT(quality_numbers), where);
	} else if (strcmp(module, "pam_pwhistory.so") == 0) {
		/* Its own default. */
		r->numbers[REMEMBER] = 10;
		(void)read_settings(r, "etc/security/pwhistory.conf",
		    history_numbers, COUNT(history_numbers));
		take_arguments(
		    r, rest, history_numbers, COUNT(history_numbers), where);
	} else if (strcmp(module, "pam_passwdqc.so") == 0 ||
	    strcmp(module, "pam_reeve.so") == 0 ||
	    strcmp(module, "pam_sss.so") == 0 ||
	    strcmp(module, "pam_krb5.so") == 0 ||
	    strcmp(module, "pam_ldap.so") == 0) {
		/* What it asks for is said elsewhere. */
		r->has_other = true;
		buf_printf(&r->detail, "%s%s (%s)",
		    r->detail.length == 0 ? "" : "; ", module, where);
	}
}

static void
take_auth_module(
    struct reading *r, const char *module, char *rest, const char *where)
{
	if (strcmp(module, "pam_faillock.so") != 0 &&
	    strcmp(module, "pam_tally2.so") != 0 &&
	    strcmp(module, "pam_tally.so") != 0) {
		if (strcmp(module, "pam_reeve.so") == 0)
			buf_printf(&r->detail, "%s%s (%s)",
			    r->detail.length == 0 ? "" : "; ", module, where);
		return;
	}
	if (!r->has_faillock && strcmp(module, "pam_faillock.so") == 0)
		(void)read_settings(r, "etc/security/faillock.conf",
		    faillock_numbers, COUNT(faillock_numbers));
	r->has_faillock = true;
	take_arguments(
	    r, rest, faillock_numbers, COUNT(faillock_numbers), where);
}

static enum passwd_got read_stack(
    struct reading *, const char *service, const char *type, unsigned depth);

static void
take_include(
    struct reading *r, const char *service, const char *type, unsigned depth)
{
	if (service == NULL || depth == INCLUDE_MAX ||
	    strchr(service, '/') != NULL ||
	    read_stack(r, service, type, depth + 1) != PASSWD_GOT)
		r->broken = true;
}

static void
take_pam_line(struct reading *r, char *line, const char *type,
    const char *where, unsigned depth)
{
	char *rest = line;
	char *word;
	char *control;
	char *module;

	line[strcspn(line, "#")] = '\0';
	if ((word = next_word(&rest)) == NULL)
		return;
	if (strcmp(word, "@include") == 0) {
		take_include(r, next_word(&rest), type, depth);
		return;
	}
	word += word[0] == '-' ? 1 : 0;
	if (strcmp(word, type) != 0)
		return;
	control = next_word(&rest);
	module = next_word(&rest);
	if (control == NULL || module == NULL)
		return;
	if (strcmp(control, "include") == 0 ||
	    strcmp(control, "substack") == 0) {
		take_include(r, module, type, depth);
		return;
	}
	if (strrchr(module, '/') != NULL)
		module = strrchr(module, '/') + 1;
	if (strcmp(type, "password") == 0)
		take_password_module(r, module, rest, where);
	else
		take_auth_module(r, module, rest, where);
}

static enum passwd_got
read_stack(
    struct reading *r, const char *service, const char *type, unsigned depth)
{
	struct buf text = buf_new(FILE_MAX);
	char path[512];
	enum passwd_got got;
	char *rest;
	char *line;
	char *next;

	(void)snprintf(path, sizeof(path), "etc/pam.d/%s", service);
	got = passwd_read(r->host, path, &text);
	buf_put_byte(&text, '\0');
	if (got == PASSWD_GOT && text.failed == ERR_NONE) {
		/* A backslash at its end joins a line to the next. */
		for (next = (char *)text.data;
		     (next = strstr(next, "\\\n")) != NULL;)
			next[0] = next[1] = ' ';
		rest = (char *)text.data;
		while ((line = passwd_next_line(&rest)) != NULL)
			take_pam_line(r, line, type, path, depth);
	}
	buf_free(&text);
	return got;
}

/* The first of those services that is there. */
static bool
read_first(struct reading *r, const char *type, const char *const *services)
{
	for (; *services != NULL; services++)
		switch (read_stack(r, *services, type, 0)) {
		case PASSWD_GOT:
			return true;
		case PASSWD_UNREADABLE:
			return false;
		case PASSWD_MISSING:
			break;
		}
	return false;
}

/* ---- What it comes to ---- */

static int64_t
or_else(int64_t number, int64_t preset)
{
	return number == FACT_UNKNOWN ? preset : number;
}

static enum tri
tri(bool value)
{
	return value ? TRI_YES : TRI_NO;
}

/* A positive credit shortens what is asked for; a negative one demands. */
static void
judge_quality(const struct reading *r, struct policy *p)
{
	const int64_t *n = r->numbers;
	int64_t preset = r->has_cracklib ? 1 : 0;
	int64_t length = or_else(n[MINLEN], r->has_cracklib ? 9 : 8);

	for (int i = DCREDIT; i <= OCREDIT; i++)
		if (or_else(n[i], preset) > 0)
			length -= or_else(n[i], preset);
	p->min_length = length < 6 ? 6 : length;
	p->min_classes = or_else(n[MINCLASS], 0);
	p->needs_digit = tri(or_else(n[DCREDIT], preset) < 0);
	p->needs_symbol = tri(or_else(n[OCREDIT], preset) < 0);
	p->needs_letter = tri(
	    or_else(n[UCREDIT], preset) < 0 || or_else(n[LCREDIT], preset) < 0);
	/* All four kinds are the kinds that are asked for. */
	if (p->min_classes >= 4)
		p->needs_digit = p->needs_symbol = p->needs_letter = TRI_YES;
	p->blocklist = tri(r->has_cracklib || or_else(n[DICTCHECK], 1) != 0);
}

static void
judge_passwords(const struct reading *r, struct policy *p)
{
	if (!r->pam_read)
		return;
	p->history = or_else(r->numbers[REMEMBER], 0);
	if (r->has_other)
		return; /* a person has to look there */
	if (r->has_quality || r->has_cracklib) {
		judge_quality(r, p);
	} else if (r->has_unix) {
		p->min_length = or_else(r->numbers[UNIX_MINLEN], 6);
		p->min_classes = 0;
		p->needs_digit = p->needs_symbol = p->needs_letter = TRI_NO;
		p->blocklist = TRI_NO;
	}
}

static void
judge_lockout(const struct reading *r, struct policy *p)
{
	int64_t unlock = or_else(r->numbers[UNLOCK_TIME], 600);

	if (!r->auth_read)
		return;
	if (!r->has_faillock || or_else(r->numbers[DENY], 3) <= 0) {
		p->lockout_attempts = FACT_NEVER;
		return;
	}
	p->lockout_attempts = or_else(r->numbers[DENY], 3);
	p->lockout_duration = unlock == 0 ? FACT_NEVER : unlock;
	p->lockout_window = or_else(r->numbers[FAIL_INTERVAL], 900);
}

static void
judge_age(const struct reading *r, struct policy *p)
{
	int64_t max = r->numbers[PASS_MAX_DAYS];
	int64_t min = r->numbers[PASS_MIN_DAYS];

	if (max != FACT_UNKNOWN)
		p->max_age = is_between(max, 0, DAYS_FOR_EVER - 1) ? max * DAY
		                                                   : FACT_NEVER;
	if (min != FACT_UNKNOWN)
		p->min_age = min <= 0 ? 0 : min * DAY;
}

static int
deliver(struct reading *r, struct err *e)
{
	char key[512];
	char name[512];
	struct policy p;

	policy_init(&p);
	(void)snprintf(key, sizeof(key), "%s/local", r->host->name);
	(void)snprintf(
	    name, sizeof(name), "local passwords of %s", r->host->name);
	p.key = key;
	p.name = name;
	p.form = "local";
	p.is_default = true;
	p.host = r->host->name;
	p.reversible = TRI_NO;
	judge_age(r, &p);
	judge_passwords(r, &p);
	judge_lockout(r, &p);
	p.detail = buf_string(&r->detail);
	return r->host->sink->policy(r->host->sink, &p, e);
}

int
passwd_policy(struct passwd_host *h, struct err *e)
{
	static const char *const password_services[] = { "passwd",
		"common-password", "system-auth", "password-auth", NULL };
	static const char *const auth_services[] = { "sshd", "login",
		"common-auth", "system-auth", "password-auth", NULL };
	struct reading r = { .host = h, .detail = buf_new(FACT_TEXT_MAX) };
	bool has_defs;
	int result = 0;

	for (size_t i = 0; i < NUMBERS; i++)
		r.numbers[i] = FACT_UNKNOWN;
	has_defs = read_settings(&r, "etc/login.defs", defs_numbers,
	               COUNT(defs_numbers)) == PASSWD_GOT;
	r.pam_read = read_first(&r, "password", password_services) && !r.broken;
	r.broken = false;
	r.auth_read = read_first(&r, "auth", auth_services) && !r.broken;
	if (has_defs || r.pam_read || r.auth_read)
		result = deliver(&r, e);
	buf_free(&r.detail);
	return result;
}
