/*
 * reevectl disable: takes every line of ours out of the PAM stacks, by one
 * command, and keeps what was there.
 *
 * A line that a jump before it counts is replaced by one that does nothing,
 * so that the jump still leads where it did. A stack that would then let
 * people in without a password is left alone.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "pamod/child.h"
#include "schema/message.h"
#include "pamod/reevectl_desk.h"
#include "pamod/stack.h"
#include "schema/base/file.h"

extern const struct command command_disable;

#define PAM_DIRECTORY "/etc/pam.d"
#define AUTH_UPDATE   "/usr/sbin/pam-auth-update"
#define SECONDS_MAX   60
#define NAME_SIZE     256
#define BACKUPS_MAX   100u /* in one second */

struct disabling {
	const struct context *context;
	struct trail *trail; /* NULL: not to be had; that stops nobody */
	int pam;             /* the directory */
	int backup;
	char backup_path[512];
	bool profiles; /* of pam-auth-update were taken out */
	size_t changed;
	size_t failed;
};

static const struct file_rule ours = { .owner = 0, .forbidden = 022 };
static const char *const directories[] = { PAM_DIRECTORY, "/usr/lib/pam.d",
	NULL };

/* ---- A file without us ---- */

/* The end of the logical line at `at`: behind its last continuation. */
static size_t
length_of_line(const char *at)
{
	size_t length = 0;

	for (;;) {
		size_t part = strcspn(at + length, "\n");
		bool more = part > 0 && at[length + part - 1] == '\\';

		length += part + (at[length + part] == '\n');
		if (!more || at[length] == '\0')
			return length;
	}
}

static bool
contains(const char *line, size_t length, const char *word)
{
	return memmem(line, length, word, strlen(word)) != NULL;
}

/* "auth" of "-auth [success=1] ...", in lower case; "" for a comment. */
static void
phase_of(const char *line, size_t length, char phase[16])
{
	size_t used = 0;

	while (length > 0 && (*line == ' ' || *line == '\t' || *line == '-')) {
		line++;
		length--;
	}
	while (
	    used < length && used < 15 && isalpha((unsigned char)line[used])) {
		phase[used] = (char)tolower((unsigned char)line[used]);
		used++;
	}
	phase[used] = '\0';
}

/* "[success=2 default=ignore]": a number as an action. */
static bool
jumps(const char *line, size_t length)
{
	for (size_t i = 1; i < length && line[i] != '#'; i++)
		if (line[i - 1] == '=' && isdigit((unsigned char)line[i]))
			return memchr(line, '[', i) != NULL &&
			    memchr(line, ']', i) == NULL;
	return false;
}

static bool
is_ours(const char *line, size_t length)
{
	const char *comment = memchr(line, '#', length);

	return contains(line,
	    comment == NULL ? length : (size_t)(comment - line), "pam_reeve");
}

/* Whether a line of that phase before `end` jumps. */
static bool
is_jumped_over(const char *text, const char *end, const char *phase)
{
	char other[16];

	for (const char *at = text; at < end; at += length_of_line(at)) {
		size_t length = length_of_line(at);

		phase_of(at, length, other);
		if (strcmp(other, phase) == 0 && jumps(at, length))
			return true;
	}
	return false;
}

/* Whether there was a line of ours. */
static bool
take_out(struct buf *out, const char *text)
{
	bool found = false;
	char phase[16];

	for (const char *at = text; *at != '\0';) {
		size_t length = length_of_line(at);

		if (!is_ours(at, length)) {
			buf_put(out, at, length);
		} else {
			found = true;
			phase_of(at, length, phase);
			if (is_jumped_over(text, at, phase))
				buf_printf(out,
				    "%s\t[default=ignore]\tpam_permit.so\n",
				    phase);
		}
		at += length;
	}
	return found;
}

/* ---- The stacks, before and after ---- */

struct outlook {
	bool grants[STACK_PHASES];
	bool asks_us;       /* in auth */
	bool asks_password; /* in auth */
};

static int
look_at(const char *service, struct outlook *o, struct err *e)
{
	struct stack_source source = stack_directories(directories);
	struct stack *stack = NULL;
	int result = -1;

	*o = (struct outlook){ .asks_us = false };
	if (stack_load(&stack, &source, service, e) == -1)
		return -1;
	for (int i = 0; i < STACK_PHASES; i++) {
		struct stack_paths paths;

		result = stack_explore(stack, (enum stack_phase)i, &paths, e);
		o->grants[i] = paths.grants;
		stack_paths_free(&paths);
		if (result == -1)
			break;
	}
	for (size_t i = 0; i < stack->count; i++)
		o->asks_password = o->asks_password ||
		    (stack->lines[i].phase == STACK_AUTH &&
		        stack_is_password(&stack->lines[i]));
	o->asks_us = stack_find(stack, STACK_AUTH, "pam_reeve") != NULL;
	stack_free(&stack);
	return result;
}

/* Why the file can't stay as it is now; NULL: it can. */
static const char *
find_fault(const char *service, const struct outlook *before)
{
	struct outlook after;
	struct err e;

	if (look_at(service, &after, &e) == -1)
		return N_("it could not be read again");
	if (before->asks_us && after.grants[STACK_AUTH] && !after.asks_password)
		return N_("without us it would let in without a password");
	for (int i = 0; i < STACK_PHASES; i++)
		if (before->grants[i] && !after.grants[i])
			return N_("without us nobody would get in");
	return NULL;
}

static int
replace_file(struct disabling *d, const char *name, const struct buf *text,
    struct err *e)
{
	struct stat st;

	if (fstatat(d->pam, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return err_sys(e, errno, "%s", name);
	return file_replace_at(
	    d->pam, name, st.st_mode & 07777, text->data, text->length, e);
}

static int
change_file(struct disabling *d, const char *name, const struct buf *text,
    struct err *e)
{
	struct buf without = buf_new(STACK_FILE_MAX);
	struct outlook before;
	const char *fault;
	int result = -1;

	(void)take_out(&without, (const char *)text->data);
	if (buf_status(&without, e) == -1 || look_at(name, &before, e) == -1 ||
	    file_replace_at(
	        d->backup, name, 0600, text->data, text->length, e) == -1)
		goto out;
	/* An empty file is a service without a line, not one that is gone. */
	if (without.length == 0)
		buf_put_byte(&without, '\n');
	if (replace_file(d, name, &without, e) == -1)
		goto out;
	if ((fault = find_fault(name, &before)) != NULL) {
		if (replace_file(d, name, text, e) == 0)
			err_set(e, ERR_ACCESS, "left as it was: %s", _(fault));
		goto out;
	}
	result = 0;
out:
	buf_free(&without);
	return result;
}

static void
disable_file(struct disabling *d, const char *name)
{
	struct buf text = buf_new(STACK_FILE_MAX);
	struct buf ignored = buf_new(STACK_FILE_MAX);
	struct err e = { .code = ERR_NONE };

	if (file_read_at(d->pam, name, &ours, &text, &e) == -1) {
		/* A link is somebody else's file, which is seen there. */
		struct stat st;

		if (fstatat(d->pam, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode))
			goto fail;
		goto out;
	}
	if (!take_out(&ignored, buf_string(&text)))
		goto out;
	if (change_file(d, name, &text, &e) == -1)
		goto fail;
	d->changed++;
	printf(_("took out  %s/%s\n"), PAM_DIRECTORY, name);
	goto out;
fail:
	d->failed++;
	fprintf(stderr, "reevectl: disable: %s/%s: %s\n", PAM_DIRECTORY, name,
	    e.text);
out:
	buf_free(&ignored);
	buf_free(&text);
}

static int
disable_files(struct disabling *d, struct err *e)
{
	struct dirent **entries = NULL;
	int count = scandir(PAM_DIRECTORY, &entries, NULL, alphasort);

	if (count == -1)
		return err_sys(e, errno, "%s", PAM_DIRECTORY);
	for (int i = 0; i < count; i++) {
		if (entries[i]->d_name[0] != '.')
			disable_file(d, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return 0;
}

/* ---- pam-auth-update's own profiles ---- */

/*
 * So that it does not put us back; what it leaves is taken out by hand. Its
 * files are kept before it writes them.
 */
static int
keep_common(struct disabling *d, struct err *e)
{
	static const char *const names[] = { "common-auth", "common-account",
		"common-password", "common-session",
		"common-session-noninteractive" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct buf text = buf_new(STACK_FILE_MAX);
		int result = 0;

		if (file_read_at(d->pam, names[i], &ours, &text, e) == 0)
			result = file_replace_at(d->backup, names[i], 0600,
			    text.data, text.length, e);
		buf_free(&text);
		if (result == -1)
			return -1;
	}
	return 0;
}

static void
disable_profiles(struct disabling *d)
{
	static const char *const profiles[] = { "reeve", "reeve-reserve",
		"reeve-password" };
	char words[6][32] = { AUTH_UPDATE, "--package", "--remove", "reeve",
		"reeve-reserve", "reeve-password" };
	char *argv[7];
	char path[64];
	struct buf output = buf_new(65536);
	struct err e = { .code = ERR_NONE };
	bool any = false;
	int status = 0;

	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), "/usr/share/pam-configs/%s",
		    profiles[i]);
		any = any || access(path, F_OK) == 0;
	}
	if (!any || access(AUTH_UPDATE, X_OK) == -1)
		goto out;
	for (size_t i = 0; i < 6; i++)
		argv[i] = words[i];
	argv[6] = NULL;
	if (keep_common(d, &e) == -1 ||
	    child_run(argv, SECONDS_MAX, &output, &status, &e) == -1)
		fprintf(stderr, "reevectl: disable: %s\n", e.text);
	else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fprintf(
		    stderr, _("reevectl: disable: %s failed\n"), AUTH_UPDATE);
	else {
		d->profiles = true;
		puts(_("took out  the profiles of pam-auth-update"));
	}
out:
	buf_free(&output);
}

/* ---- The command ---- */

static int
open_backup(struct disabling *d, struct err *e)
{
	struct moment m;
	struct tm tm;
	time_t now;
	char stamp[32];
	const char *slash = strrchr(d->context->config, '/');

	if (clock_read(&d->context->clock, &m, e) == -1)
		return -1;
	now = (time_t)moment_seconds(&m);
	if (gmtime_r(&now, &tm) == NULL)
		return err_set(e, ERR_SYS, "the clock is wrong");
	(void)strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm);
	for (unsigned n = 0; n < BACKUPS_MAX; n++) {
		(void)snprintf(d->backup_path, sizeof(d->backup_path),
		    "%.*s/pam.d.%s-%u",
		    slash == NULL ? 1 : (int)(slash - d->context->config),
		    slash == NULL ? "." : d->context->config, stamp, n);
		if (mkdir(d->backup_path, 0700) == 0)
			break;
		if (errno != EEXIST)
			return err_sys(e, errno, "%s", d->backup_path);
	}
	d->backup = file_open_dir(d->backup_path, &ours, e);
	return d->backup == -1 ? -1 : 0;
}

static void
announce(struct disabling *d)
{
	const char *path = d->context->options->reeve.trail_directory;
	struct err e = { .code = ERR_NONE };

	openlog("reevectl", LOG_PID, LOG_AUTHPRIV);
	syslog(LOG_ALERT, "disabled: taken out of the PAM stacks by uid %u",
	    (unsigned)getuid());
	closelog();
	/* A bad day is when this is wanted: no record does not stop it. */
	if (trail_open(&d->trail, path, &d->context->clock, &e) == -1 ||
	    desk_record_in(d->trail, "config", "yes", NULL, NULL,
	        "disabled: to be taken out of the PAM stacks", &e) == -1)
		fprintf(stderr, _("reevectl: not recorded: %s\n"), e.text);
	trail_close(&d->trail);
}

static enum status
disable(struct disabling *d, struct err *e)
{
	if (open_backup(d, e) == -1)
		return command_error("disable", e);
	announce(d);
	disable_profiles(d);
	if (disable_files(d, e) == -1)
		return command_error("disable", e);
	if (d->changed == 0 && d->failed == 0 && !d->profiles)
		printf(_("No file in %s has a line of ours.\n"), PAM_DIRECTORY);
	printf(_("What was there is in %s.\n"
	         "State, trail and codes are kept. Back again: copy the files "
	         "back.\n"),
	    d->backup_path);
	return d->failed > 0 ? STATUS_INCOMPLETE : STATUS_DONE;
}

static enum status
run(const struct context *context, int argc, char **argv)
{
	struct disabling d = { .context = context, .pam = -1, .backup = -1 };
	struct err e = { .code = ERR_NONE };
	enum status status;

	(void)argv;
	if (argc != 1)
		return command_usage(&command_disable);
	if (geteuid() != 0) {
		err_set(&e, ERR_ACCESS, "root is needed");
		return command_error("disable", &e);
	}
	if ((d.pam = file_open_dir(PAM_DIRECTORY, &ours, &e)) == -1)
		status = command_error("disable", &e);
	else
		status = disable(&d, &e);
	file_close(&d.backup);
	file_close(&d.pam);
	return status;
}

const struct command command_disable = {
	.name = "disable",
	.summary = N_("take everything out of the PAM stacks again"),
	.usage = "reevectl disable\n",
	.without_options = true,
	.run = run,
};
