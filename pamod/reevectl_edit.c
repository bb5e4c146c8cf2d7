/*
 * reevectl edit, observe: change reeve.conf only into one that is good, and
 * keep the one before.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "schema/message.h"
#include "pamod/reevectl_desk.h"
#include "pamod/reevectl_terminal.h"
#include "schema/base/file.h"

extern const struct command command_edit;
extern const struct command command_observe;

#define EDITOR_WORDS_MAX 16
#define BACKUPS_MAX      100u /* in one second */
#define PATH_SIZE        (OPTIONS_PATH_MAX + 1)
#define SUFFIX_EDIT      ".edit"

/* A reeve.conf that is about to be replaced. */
struct change {
	const struct context *context;
	char directory[PATH_SIZE];
	char name[PATH_SIZE];      /* in the directory */
	char temporary[PATH_SIZE]; /* whole path */
	int dir;
	int lock; /* on the temporary: one at a time */
	struct buf before;
};

static const struct file_rule ours = { .owner = 0, .forbidden = 022 };

static int
split_path(struct change *c, const char *path, struct err *e)
{
	char copy[2][PATH_SIZE];

	if (strlen(path) + sizeof(SUFFIX_EDIT) + 20 > PATH_SIZE)
		return err_set(e, ERR_USAGE, "%s: path too long", path);
	(void)snprintf(copy[0], sizeof(copy[0]), "%s", path);
	(void)snprintf(copy[1], sizeof(copy[1]), "%s", path);
	(void)snprintf(
	    c->directory, sizeof(c->directory), "%s", dirname(copy[0]));
	(void)snprintf(c->name, sizeof(c->name), "%s", basename(copy[1]));
	(void)snprintf(
	    c->temporary, sizeof(c->temporary), "%s" SUFFIX_EDIT, path);
	return 0;
}

static int
begin(struct change *c, const struct context *context, struct err *e)
{
	*c = (struct change){ .context = context,
		.dir = -1,
		.lock = -1,
		.before = buf_new(CONF_FILE_MAX) };
	if (geteuid() != 0)
		return err_set(e, ERR_ACCESS, "root is needed");
	if (split_path(c, context->config, e) == -1 ||
	    (c->dir = file_open_dir(c->directory, &ours, e)) == -1 ||
	    file_read_at(c->dir, c->name, &ours, &c->before, e) == -1)
		return -1;
	/* One that a killed editor left is only in the way if it is locked. */
	c->lock = file_open(c->temporary, O_RDWR | O_CREAT, &ours, e);
	if (c->lock == -1)
		return -1;
	if (file_lock(c->lock, true, 0, e) == -1) {
		file_close(&c->lock); /* theirs stays */
		return e->code == ERR_BUSY
		    ? err_set(e, ERR_BUSY, "somebody else is editing it")
		    : -1;
	}
	return 0;
}

static void
finish(struct change *c)
{
	if (c->lock != -1)
		(void)unlink(c->temporary);
	file_close(&c->lock);
	file_close(&c->dir);
	buf_free(&c->before);
}

static int
put_temporary(struct change *c, const struct buf *text, struct err *e)
{
	if (ftruncate(c->lock, 0) == -1)
		return err_sys(e, errno, "%s", c->temporary);
	return file_put(c->lock, text->data, text->length, 0, e);
}

/* The file of that name now; an editor may have made a new one. */
static int
read_temporary(struct change *c, struct buf *text, struct err *e)
{
	buf_clear(text);
	return file_read_path(c->temporary, &ours, text, e);
}

/* As the module would: every line, every bound, every profile. */
static int
judge(const char *path, struct err *e)
{
	struct options *o = options_new(e);
	int result = o == NULL ? -1 : options_load(o, path, e);

	options_free(&o);
	return result;
}

/* NAME.YYYYMMDDThhmmssZ-0, beside it. */
static int
keep_backup(struct change *c, char *backup, size_t size, struct err *e)
{
	struct moment m;
	struct tm tm;
	time_t now;
	char stamp[32];

	if (clock_read(&c->context->clock, &m, e) == -1)
		return -1;
	now = (time_t)moment_seconds(&m);
	if (gmtime_r(&now, &tm) == NULL)
		return err_set(e, ERR_SYS, "the clock is wrong");
	(void)strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm);
	/* Two changes in one second keep two files. */
	for (unsigned n = 0; n < BACKUPS_MAX; n++) {
		(void)snprintf(backup, size, "%.200s.%s-%u", c->name, stamp, n);
		if (faccessat(c->dir, backup, F_OK, AT_SYMLINK_NOFOLLOW) == -1)
			break;
	}
	return file_replace_at(
	    c->dir, backup, 0600, c->before.data, c->before.length, e);
}

/* What changed is recorded first, where there is a trail. */
static int
record(struct change *c, const char *detail, struct err *e)
{
	const char *path = c->context->options->reeve.trail_directory;
	struct trail *trail = NULL;
	int result;

	if (trail_open(&trail, path, &c->context->clock, e) == -1) {
		/* A broken trail must not keep root from mending things. */
		fprintf(stderr, _("reevectl: not recorded: %s\n"), e->text);
		return 0;
	}
	result = desk_record_in(trail, "config", "yes", NULL, NULL, detail, e);
	trail_close(&trail);
	return result;
}

static int
replace(
    struct change *c, const struct buf *text, const char *what, struct err *e)
{
	char backup[256];
	char detail[PATH_SIZE + 64];

	(void)snprintf(
	    detail, sizeof(detail), "%s: %s", c->context->config, what);
	if (keep_backup(c, backup, sizeof(backup), e) == -1 ||
	    record(c, detail, e) == -1 ||
	    file_replace_at(
	        c->dir, c->name, 0644, text->data, text->length, e) == -1)
		return -1;
	printf(_("%s is replaced; the one before is %s/%s\n"),
	    c->context->config, c->directory, backup);
	return 0;
}

/* ---- The editor ---- */

/* $VISUAL, $EDITOR, or vi, split at blanks: no shell reads it. */
static char *
choose_editor(char *words, size_t size)
{
	static const char *const names[] = { "VISUAL", "EDITOR" };

	(void)snprintf(words, size, "vi");
	for (size_t i = 2; i-- > 0;) {
		const char *value = getenv(names[i]);

		if (value != NULL && value[0] != '\0')
			(void)snprintf(words, size, "%s", value);
	}
	return words;
}

static int
run_editor(struct change *c, struct err *e)
{
	char words[512];
	char *argv[EDITOR_WORDS_MAX + 2];
	char *save = NULL;
	size_t argc = 0;
	int status = 0;
	pid_t pid;

	for (char *word =
	         strtok_r(choose_editor(words, sizeof(words)), " ", &save);
	     word != NULL && argc < EDITOR_WORDS_MAX;
	     word = strtok_r(NULL, " ", &save))
		argv[argc++] = word;
	argv[argc++] = c->temporary;
	argv[argc] = NULL;
	if ((pid = fork()) == -1)
		return err_sys(e, errno, "fork");
	if (pid == 0) {
		(void)execvp(argv[0], argv);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return err_sys(e, errno, "%s", argv[0]);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return err_set(
		    e, ERR_USAGE, "%s failed; nothing is changed", argv[0]);
	return 0;
}

static bool
is_same(const struct buf *a, const struct buf *b)
{
	return a->length == b->length &&
	    (a->length == 0 || memcmp(a->data, b->data, a->length) == 0);
}

/* Asks what to do with a bad one: 1 edit again, 0 leave it. */
static int
ask_again(const struct err *bad)
{
	char answer[TERMINAL_LINE_MAX + 1];
	struct err e = { .code = ERR_NONE };

	fprintf(stderr, "reevectl: edit: %s\n", bad->text);
	if (!isatty(STDIN_FILENO) ||
	    terminal_ask(_("Edit it again (e), or leave it as it was (x)? "),
	        true, answer, &e) == -1)
		return 0;
	return answer[0] == 'e' || answer[0] == 'E';
}

static enum status
edit(struct change *c, struct err *e)
{
	struct buf text = buf_new(CONF_FILE_MAX);
	enum status status = STATUS_USAGE;

	if (put_temporary(c, &c->before, e) == -1)
		goto fail;
	for (;;) {
		if (run_editor(c, e) == -1 || read_temporary(c, &text, e) == -1)
			goto fail;
		if (judge(c->temporary, e) == 0)
			break;
		if (!ask_again(e)) {
			fputs(_("Nothing is changed.\n"), stderr);
			goto out;
		}
	}
	if (is_same(&text, &c->before)) {
		puts(_("Nothing is changed."));
		status = STATUS_DONE;
		goto out;
	}
	if (replace(c, &text, "edited", e) == -1)
		goto fail;
	status = STATUS_DONE;
	goto out;
fail:
	status = command_error("edit", e);
out:
	buf_free(&text);
	return status;
}

static enum status
run_edit(const struct context *context, int argc, char **argv)
{
	struct err e = { .code = ERR_NONE };
	struct change c;
	enum status status;

	(void)argv;
	if (argc != 1)
		return command_usage(&command_edit);
	if (begin(&c, context, &e) == -1)
		status = command_error("edit", &e);
	else
		status = edit(&c, &e);
	finish(&c);
	return status;
}

/* ---- observe ---- */

static bool
is_section(const char *line, size_t length, const char *name)
{
	while (length > 0 &&
	    (line[length - 1] == ' ' || line[length - 1] == '\t' ||
	        line[length - 1] == '\r'))
		length--;
	return length == strlen(name) && strncmp(line, name, length) == 0;
}

static bool
is_mode(const char *line)
{
	return strncmp(line, "mode", 4) == 0 &&
	    line[4 + strspn(line + 4, " \t")] == '=';
}

/* Whether a line in [reeve] says the mode. */
static bool
says_mode(const char *text)
{
	bool inside = false;

	for (const char *at = text; *at != '\0';) {
		size_t length = strcspn(at, "\n");

		if (at[0] == '[')
			inside = is_section(at, length, "[reeve]");
		else if (inside && is_mode(at))
			return true;
		at += length + (at[length] == '\n');
	}
	return false;
}

/*
 * The text with "mode = WORD" in [reeve]: in place of the line that says it,
 * else right below the section's head, else in a section of its own.
 */
static void
set_mode(struct buf *out, const char *text, const char *word)
{
	bool said = says_mode(text);
	bool inside = false;
	bool done = false;

	for (const char *at = text; *at != '\0';) {
		size_t length = strcspn(at, "\n");
		bool head = is_section(at, length, "[reeve]");
		bool here;

		if (at[0] == '[')
			inside = head;
		here = !done && (said ? inside && is_mode(at) : head);
		if (!here || head) {
			buf_put(out, at, length);
			buf_put_byte(out, '\n');
		}
		if (here)
			buf_printf(out, "mode = %s\n", word);
		done = done || here;
		at += length + (at[length] == '\n');
	}
	if (!done)
		buf_printf(out, "\n[reeve]\nmode = %s\n", word);
}

static int
observe(struct change *c, bool on, struct err *e)
{
	struct buf text = buf_new(CONF_FILE_MAX);
	const char *word = on ? "observe" : "enforce";
	int result = -1;

	set_mode(&text, buf_string(&c->before), word);
	if (buf_status(&text, e) == -1 || put_temporary(c, &text, e) == -1 ||
	    judge(c->temporary, e) == -1 ||
	    replace(c, &text, on ? "mode observe" : "mode enforce", e) == -1)
		goto out;
	puts(on ? _("Observing: what would be refused is recorded, nothing is "
	            "refused, from the next login on.")
	        : _("Enforcing from the next login on. Keep this session "
	            "open and try another."));
	result = 0;
out:
	buf_free(&text);
	return result;
}

static enum status
run_observe(const struct context *context, int argc, char **argv)
{
	bool off = argc == 2 && strcmp(argv[1], "off") == 0;
	bool on = argc == 1 || (argc == 2 && strcmp(argv[1], "on") == 0);
	struct err e = { .code = ERR_NONE };
	struct change c;
	enum status status = STATUS_DONE;

	if (!on && !off)
		return command_usage(&command_observe);
	if ((context->options->reeve.mode == MODE_OBSERVE) == on) {
		puts(on ? _("Observing already.") : _("Enforcing already."));
		return STATUS_DONE;
	}
	if (begin(&c, context, &e) == -1 || observe(&c, on, &e) == -1)
		status = command_error("observe", &e);
	finish(&c);
	return status;
}

const struct command command_edit = {
	.name = "edit",
	.summary = N_("change reeve.conf, only into a good one"),
	.usage = "reevectl edit\n",
	.without_options = true,
	.run = run_edit,
};

const struct command command_observe = {
	.name = "observe",
	.summary = N_("record what would be refused, refuse nothing"),
	.usage = "reevectl observe [on|off]\n",
	.run = run_observe,
};
