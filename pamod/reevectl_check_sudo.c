/*
 * reevectl check, sudo: what in sudoers(5) makes sudo ask PAM for less, or
 * for somebody else.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schema/message.h"
#include "pamod/reevectl_check.h"
#include "schema/base/enc.h"

#define AREA         "sudo"
#define SUDOERS      "/etc/sudoers"
#define DEFAULT_S    (15 * 60) /* sudo's own timestamp_timeout on Debian */
#define INCLUDES_MAX 16
#define LINE_SIZE    8192u
#define ENTRIES_MAX  256
#define SUBJECT_SIZE 384

struct reading {
	struct check *check;
	const char *path;
	unsigned number;
	bool timestamp_seen;
};

static void
tell(
    struct reading *r, const char *change, const char *text, const char *detail)
{
	char subject[SUBJECT_SIZE];

	if (r->number == 0)
		(void)snprintf(subject, sizeof(subject), "%s", r->path);
	else
		(void)snprintf(
		    subject, sizeof(subject), "%s:%u", r->path, r->number);
	check_tell(r->check, CHECK_FINDING, AREA, subject, change, "%s%s%s",
	    check_text(r->check, text), detail[0] == '\0' ? "" : ": ", detail);
}

/* ---- Defaults ---- */

/* "15", "0.5", "-1" in seconds; -1 for "never ends" and what is no number. */
static long
seconds_of(const char *minutes)
{
	char *end = NULL;
	double value = strtod(minutes, &end);

	if (end == minutes || value < 0 || value > 1e6)
		return -1;
	return (long)(value * 60.0 + 0.5);
}

static void
judge_timeout(struct reading *r, const char *value)
{
	int64_t lifetime = r->check->options->stepup.lifetime;
	long seconds = seconds_of(value);
	char change[128];

	r->timestamp_seen = true;
	if (seconds >= 0 && seconds <= lifetime)
		return;
	(void)snprintf(change, sizeof(change),
	    check_text(
	        r->check, N_("set timestamp_timeout to at most %lld.%02lld")),
	    (long long)(lifetime / 60), (long long)(lifetime % 60 * 100 / 60));
	tell(r, change,
	    N_("timestamp_timeout outlasts our step-up: sudo would not ask, "
	       "and "
	       "account refuse with the hint sudo -k; it is, in minutes"),
	    value);
}

static void
judge_service(struct reading *r, const char *value)
{
	const struct options_service *s =
	    options_service(r->check->options, value);

	if (s == NULL || s->type != SERVICE_SUDO)
		tell(r,
		    N_("add a section [service NAME] with type = sudo to "
		       "reeve.conf"),
		    N_("pam_service names a service that is not listed"),
		    value);
}

static void
judge_default(struct reading *r, const char *name, const char *value)
{
	static const char *const others[] = { "targetpw", "rootpw", "runaspw" };

	if (strcmp(name, "!authenticate") == 0)
		tell(r, N_("remove it"),
		    N_("!authenticate: sudo asks PAM for no factor"), "");
	if (strcmp(name, "!pam_session") == 0 ||
	    strcmp(name, "!pam_acct_mgmt") == 0)
		tell(r, N_("remove it"),
		    N_("sudo leaves out a phase in which we decide or record"),
		    name);
	if (strcmp(name, "timestamp_timeout") == 0)
		judge_timeout(r, value);
	if (strcmp(name, "pam_service") == 0 ||
	    strcmp(name, "pam_login_service") == 0)
		judge_service(r, value);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (strcmp(name, others[i]) == 0)
			tell(r, N_("remove it: people prove who they are"),
			    N_("another's password is asked for; the identity "
			       "is "
			       "still the invoker's, and no name is on that "
			       "password"),
			    name);
}

/* "a=b, !c, d += \"e f\"" */
static void
judge_defaults(struct reading *r, char *at)
{
	/* "Defaults:alice", "Defaults@host", "Defaults>root" */
	at += strcspn(at, " \t");
	while (*(at += strspn(at, " \t,")) != '\0') {
		char *name = at;
		char *end = at + strcspn(at, ",= \t+");
		char *value = end;
		char last;

		value += strspn(value, " \t+-");
		if (*value == '=') {
			value++;
			value += strspn(value, " \t");
			if (*value == '"') {
				value++;
				at = value + strcspn(value, "\"");
			} else {
				at = value + strcspn(value, ", \t");
			}
		} else {
			at = end;
			value = end;
		}
		last = *at;
		*end = '\0';
		*at = '\0';
		judge_default(r, name, value == end ? "" : value);
		at += last != '\0';
	}
}

/* ---- Rules ---- */

/* Whether every user of "a, b, %c" is exempt by [stepup] automation. */
static bool
all_automated(struct reading *r, const char *users, size_t length)
{
	const struct conf_list *automation =
	    &r->check->options->stepup.automation;
	char copy[1024];
	char *save = NULL;
	bool any = false;

	if (length >= sizeof(copy))
		return false;
	memcpy(copy, users, length);
	copy[length] = '\0';
	for (char *word = strtok_r(copy, " \t,", &save); word != NULL;
	     word = strtok_r(NULL, " \t,", &save)) {
		if (!conf_list_has(automation, word))
			return false;
		any = true;
	}
	return any;
}

/* The end of the user list: behind it stands a host list and '='. */
static size_t
length_of_users(const char *line)
{
	size_t length = 0;

	for (;;) {
		length += strspn(line + length, " \t");
		length += strcspn(line + length, " \t,=");
		if (line[length + strspn(line + length, " \t")] != ',')
			return length;
		length += strspn(line + length, " \t") + 1;
	}
}

static bool
has_tag(const char *line, const char *tag)
{
	size_t length = strlen(tag);

	for (const char *at = strstr(line, tag); at != NULL;
	     at = strstr(at + 1, tag)) {
		const char *after = at + length;
		bool starts = at == line || !isalnum((unsigned char)at[-1]);

		if (starts && after[strspn(after, " \t")] == ':')
			return true;
	}
	return false;
}

static void
judge_rule(struct reading *r, const char *line)
{
	size_t users = length_of_users(line);
	char who[256];

	if (!has_tag(line, "NOPASSWD") || all_automated(r, line, users))
		return;
	(void)snprintf(who, sizeof(who), "%.*s", (int)users, line);
	tell(r,
	    N_("remove NOPASSWD, or name the users under [stepup] automation "
	       "in reeve.conf; else account refuses them unless their "
	       "step-up is fresh"),
	    N_("NOPASSWD: sudo asks no factor"), who);
}

/* ---- Files ---- */

static void read_sudoers(
    struct check *, const char *path, unsigned depth, bool *timestamp_seen);

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* sudoers(5): names with a '.' or ending in '~' are passed over. */
static int
is_wanted(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return strchr(entry->d_name, '.') == NULL && length > 0 &&
	    entry->d_name[length - 1] != '~';
}

static void
read_directory(struct reading *r, const char *path, unsigned depth)
{
	struct dirent **entries = NULL;
	int count = scandir(path, &entries, is_wanted, by_name);
	char name[1024];

	if (count == -1 && errno != ENOENT)
		check_tell(r->check, CHECK_UNSEEN, AREA, path, "", "%s",
		    strerror(errno));
	for (int i = 0; i < count; i++) {
		(void)snprintf(
		    name, sizeof(name), "%s/%s", path, entries[i]->d_name);
		read_sudoers(r->check, name, depth + 1, &r->timestamp_seen);
		free(entries[i]);
	}
	free(entries);
}

static bool
read_include(struct reading *r, char *line, unsigned depth)
{
	static const char *const words[] = { "@includedir", "#includedir",
		"@include", "#include" };
	char path[512];
	char *rest;
	size_t i = 0;

	while (i < 4 &&
	    (strncmp(line, words[i], strlen(words[i])) != 0 ||
	        !isblank((unsigned char)line[strlen(words[i])])))
		i++;
	if (i == 4)
		return false;
	rest = line + strlen(words[i]);
	rest += strspn(rest, " \t\"");
	rest[strcspn(rest, "\"\n")] = '\0';
	(void)snprintf(
	    path, sizeof(path), "%s%s", rest[0] == '/' ? "" : "/etc/", rest);
	if (depth == INCLUDES_MAX)
		check_tell(r->check, CHECK_UNSEEN, AREA, path, "",
		    "includes are nested too deeply");
	else if (i < 2)
		read_directory(r, path, depth);
	else
		read_sudoers(r->check, path, depth + 1, &r->timestamp_seen);
	return true;
}

/* '#' begins a comment, but not as "#1000" or within quotes. */
static void
cut_comment(char *line)
{
	bool quoted = false;

	for (char *c = line; *c != '\0'; c++) {
		if (*c == '\\' && c[1] != '\0')
			c++;
		else if (*c == '"')
			quoted = !quoted;
		else if (*c == '#' && !quoted &&
		    !isdigit((unsigned char)c[1])) {
			*c = '\0';
			return;
		}
	}
}

static void
judge_line(struct reading *r, char *line, unsigned depth)
{
	static const char *const aliases[] = { "User_Alias", "Runas_Alias",
		"Host_Alias", "Cmnd_Alias", "Cmd_Alias" };

	line += strspn(line, " \t");
	if (read_include(r, line, depth))
		return;
	cut_comment(line);
	if (strncmp(line, "Defaults", 8) == 0) {
		judge_defaults(r, line);
		return;
	}
	for (size_t i = 0; i < sizeof(aliases) / sizeof(*aliases); i++)
		if (strncmp(line, aliases[i], strlen(aliases[i])) == 0)
			return;
	if (line[0] != '\0')
		judge_rule(r, line);
}

static void
read_sudoers(
    struct check *c, const char *path, unsigned depth, bool *timestamp_seen)
{
	struct reading r = {
		.check = c, .path = path, .timestamp_seen = *timestamp_seen
	};
	char *text = check_read(c, AREA, path);
	char line[LINE_SIZE];
	size_t used = 0;

	if (text == NULL)
		return;
	for (const char *at = text; *at != '\0';) {
		size_t length = strcspn(at, "\n");
		bool more = length > 0 && at[length - 1] == '\\';
		size_t kept = length - more;

		r.number++;
		if (kept >= sizeof(line) - used) {
			check_tell(c, CHECK_UNSEEN, AREA, path, "",
			    "line %u is too long to be judged", r.number);
			kept = 0;
			used = 0;
		}
		memcpy(line + used, at, kept);
		used += kept;
		line[used] = '\0';
		at += length + (at[length] == '\n');
		if (more && *at != '\0')
			continue;
		judge_line(&r, line, depth);
		used = 0;
	}
	free(text);
	*timestamp_seen = r.timestamp_seen;
}

/* nsswitch.conf(5): rules that come from a directory are not seen here. */
static void
look_for_directory(struct check *c)
{
	char *text = check_read(c, AREA, "/etc/nsswitch.conf");
	char *save = NULL;

	if (text == NULL)
		return;
	for (char *line = strtok_r(text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		if (strncmp(line, "sudoers:", 8) == 0 &&
		    (strstr(line, "ldap") != NULL ||
		        strstr(line, "sss") != NULL))
			check_tell(c, CHECK_UNSEEN, AREA, "/etc/nsswitch.conf",
			    N_("look at the directory's sudoRole entries for "
			       "!authenticate and timestamp_timeout"),
			    "rules come from a directory too, which is not "
			    "read");
	free(text);
}

void
check_sudo(struct check *c)
{
	struct reading r = { .check = c, .path = SUDOERS };
	bool timestamp_seen = false;

	if (access(SUDOERS, F_OK) == -1)
		return;
	read_sudoers(c, SUDOERS, 0, &timestamp_seen);
	if (!timestamp_seen && c->options->stepup.lifetime < DEFAULT_S) {
		r.timestamp_seen = false;
		judge_timeout(&r, "15");
	}
	look_for_directory(c);
}
