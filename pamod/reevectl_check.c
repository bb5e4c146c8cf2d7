/*
 * reevectl check: each way in that would skip a factor, and each person who
 * could not come in, with what to change.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "schema/message.h"
#include "pamod/profile.h"
#include "pamod/reevectl_check.h"
#include "pamod/state.h"
#include "schema/base/enc.h"
#include "schema/base/file.h"
#include "schema/denylist.h"
#include "schema/trail.h"

extern const struct command command_check;

#define OUTPUT_MAX (16u * 1024 * 1024) /* bytes */
#define TEXT_MAX   4096u
#define FILE_MAX   (1024u * 1024)

static const struct {
	const char *word;
	const char *sign; /* before a line of text */
} grades[] = {
	[CHECK_FINDING] = { "finding", "!" },
	[CHECK_NOTE] = { "note", "-" },
	[CHECK_UNSEEN] = { "unseen", "?" },
};

/* Without control characters, but without quotes too. */
static void
put_clean(struct buf *b, const char *text)
{
	struct buf quoted = buf_new(2 * TEXT_MAX);

	enc_json_string(&quoted, text, strlen(text));
	for (size_t i = 1; i + 1 < quoted.length; i++) {
		bool escape = quoted.data[i] == '\\' &&
		    (quoted.data[i + 1] == '"' || quoted.data[i + 1] == '\\');

		buf_put_byte(b, quoted.data[i += escape]);
	}
	buf_free(&quoted);
}

static void
put_member(struct buf *b, const char *name, const char *value)
{
	buf_printf(b, ",\"%s\":", name);
	enc_json_string(b, value, strlen(value));
}

static void
count(struct check *c, enum check_grade grade)
{
	c->findings += grade == CHECK_FINDING;
	c->notes += grade == CHECK_NOTE;
	c->incomplete = c->incomplete || grade == CHECK_UNSEEN;
}

const char *
check_text(const struct check *c, const char *text)
{
	/* gettext(3): the empty text is the catalogue's head. */
	return c->json || text[0] == '\0' ? text : _(text);
}

void
check_tell(struct check *c, enum check_grade grade, const char *area,
    const char *subject, const char *change, const char *format, ...)
{
	char text[TEXT_MAX];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), check_text(c, format), arguments);
	va_end(arguments);
	if (c->json) {
		buf_printf(&c->out, "%s\n{\"grade\":\"%s\"",
		    c->out.length > 1 ? "," : "", grades[grade].word);
		put_member(&c->out, "area", area);
		put_member(&c->out, "subject", subject);
		put_member(&c->out, "text", text);
		put_member(&c->out, "change", change);
		buf_put_byte(&c->out, '}');
	} else {
		buf_printf(&c->out, "%s %s: ", grades[grade].sign, area);
		put_clean(&c->out, subject);
		buf_put_string(&c->out, ": ");
		put_clean(&c->out, text);
		buf_put_byte(&c->out, '\n');
		if (change[0] != '\0') {
			buf_put_string(&c->out, "    ");
			put_clean(&c->out, check_text(c, change));
			buf_put_byte(&c->out, '\n');
		}
	}
	count(c, grade);
}

char *
check_read(struct check *c, const char *area, const char *path)
{
	struct buf text = buf_new(FILE_MAX);
	struct err e = { .code = ERR_NONE };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char *copy = NULL;

	if (fd == -1) {
		if (errno != ENOENT)
			check_tell(c, CHECK_UNSEEN, area, path, "", "%s",
			    strerror(errno));
		return NULL;
	}
	if (file_read(fd, &text, &e) == -1 ||
	    (copy = strdup(buf_string(&text))) == NULL)
		check_tell(c, CHECK_UNSEEN, area, path, "", "%s",
		    e.code == ERR_NONE ? "out of memory" : e.text);
	file_close(&fd);
	buf_free(&text);
	return copy;
}

/* ---- Files: whose, and who may touch them ---- */

static void
check_file(struct check *c, const char *path, mode_t type, mode_t forbidden)
{
	char change[512];
	struct stat st;

	if (path[0] == '\0')
		return;
	if (lstat(path, &st) == -1) {
		if (errno != ENOENT)
			check_tell(c, CHECK_UNSEEN, "files", path, "", "%s",
			    strerror(errno));
		return;
	}
	if ((st.st_mode & S_IFMT) != type) {
		check_tell(c, CHECK_FINDING, "files", path,
		    N_("put the file itself there, not a link"), "not a %s",
		    type == S_IFDIR ? "directory" : "plain file");
		return;
	}
	if (st.st_uid != 0) {
		(void)snprintf(change, sizeof(change), "chown root %s", path);
		check_tell(c, CHECK_FINDING, "files", path, change,
		    "belongs to uid %u and not to root", (unsigned)st.st_uid);
	}
	if ((st.st_mode & forbidden) != 0) {
		(void)snprintf(change, sizeof(change), "chmod %04o %s",
		    (unsigned)(st.st_mode & 07777 & ~forbidden), path);
		check_tell(c, CHECK_FINDING, "files", path, change,
		    "mode %04o lets others in", (unsigned)(st.st_mode & 07777));
	}
}

/* Each directory down to the path could be renamed by who may write above. */
static void
check_above(struct check *c, const char *path)
{
	char part[OPTIONS_PATH_MAX + 1];

	if (strlen(path) > OPTIONS_PATH_MAX)
		return;
	for (const char *slash = strchr(path + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		(void)snprintf(
		    part, sizeof(part), "%.*s", (int)(slash - path), path);
		check_file(c, part, S_IFDIR, 022);
	}
}

/* With SELinux on, an unlabelled state would be EACCES in sshd. */
static void
check_label(struct check *c, const char *path)
{
	char label[256] = "";
	char change[512];
	ssize_t got;

	if (access("/sys/fs/selinux/enforce", F_OK) == -1)
		return;
	got = lgetxattr(path, "security.selinux", label, sizeof(label) - 1);
	if (got == -1 && errno == ENOENT)
		return;
	if (got > 0 && strstr(label, ":default_t") == NULL &&
	    strstr(label, ":unlabeled_t") == NULL &&
	    strstr(label, ":user_tmp_t") == NULL)
		return;
	(void)snprintf(change, sizeof(change), "restorecon -R %s", path);
	check_tell(c, CHECK_FINDING, "files", path, change,
	    "SELinux label \"%s\"", label);
}

static void
check_files(struct check *c)
{
	const struct options *o = c->options;
	const struct {
		const char *path;
		mode_t type;
		mode_t forbidden;
	} files[] = {
		{ c->context->config, S_IFREG, 022 },
		{ o->reeve.state_directory, S_IFDIR, 077 },
		{ o->reeve.run_directory, S_IFDIR, 077 },
		{ o->reeve.trail_directory, S_IFDIR, 077 },
		{ o->denylist.key, S_IFREG, 022 },
		{ o->password.blocklist, S_IFREG, 022 },
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		check_file(c, files[i].path, files[i].type, files[i].forbidden);
		check_above(c, files[i].path);
		check_label(c, files[i].path);
	}
}

/* ---- What the door needs to be there ---- */

static void
check_state(struct check *c)
{
	const char *path = c->options->reeve.state_directory;
	struct state *state = NULL;
	struct err e = { .code = ERR_NONE };

	if (state_open(&state, path, &c->context->clock, &c->context->entropy,
	        &e) == -1)
		check_tell(c, CHECK_FINDING, "state", path,
		    e.code == ERR_MISSING ? "reevectl init" : "",
		    "everybody is refused: %s", e.text);
	state_close(&state);
}

static void
check_trail(struct check *c)
{
	const char *path = c->options->reeve.trail_directory;
	struct trail *trail = NULL;
	struct err e = { .code = ERR_NONE };

	if (trail_open(&trail, path, &c->context->clock, &e) == -1)
		check_tell(c, CHECK_FINDING, "trail", path,
		    e.code == ERR_MISSING ? "reevectl init" : "",
		    "nothing can be recorded: %s", e.text);
	trail_close(&trail);
}

static void
check_denylist(struct check *c)
{
	const struct options *o = c->options;
	char host[DENYLIST_HOST_MAX + 1] = "";
	struct denylist_place place = { .directory = o->reeve.state_directory,
		.key = o->denylist.key,
		.host = host,
		.owner = 0 };
	struct denylist *list = NULL;
	struct err e = { .code = ERR_NONE };

	(void)gethostname(host, sizeof(host) - 1);
	if (denylist_load(&list, &place, &e) == -1) {
		if (e.code != ERR_MISSING && e.code != ERR_ACCESS)
			check_tell(c, CHECK_FINDING, "denylist",
			    o->reeve.state_directory,
			    N_("install the newest list: reevectl denylist "
			       "install FILE"),
			    "everybody but break-glass is refused: %s", e.text);
		return;
	}
	if (denylist_is_stale(list, c->now, o->denylist.max_age))
		check_tell(c,
		    o->denylist.refuse_when_stale ? CHECK_FINDING : CHECK_NOTE,
		    "denylist", o->reeve.state_directory,
		    N_("install a newer list"), "the deny list is stale%s",
		    o->denylist.refuse_when_stale ? ": everybody is refused"
		                                  : "");
	denylist_free(&list);
}

/* ---- Profiles ---- */

static void
tell_lines(struct check *c, const char *profile, const char *lines)
{
	while (*lines != '\0') {
		size_t length = strcspn(lines, "\n");

		check_tell(c, CHECK_NOTE, "profile", profile, "", "%.*s",
		    (int)length, lines);
		lines += length + (lines[length] == '\n');
	}
}

static void
check_profiles(struct check *c)
{
	for (size_t i = 0; profile_names[i] != NULL; i++) {
		const char *name = profile_names[i];
		struct buf lines = buf_new(OUTPUT_MAX);
		enum profile_verdict verdict =
		    profile_judge(c->options, profile_demands, name, &lines);
		bool enforced = profile_is_enforced(c->options, name);

		check_tell(c, CHECK_NOTE, "profile", name, "", "%s (%s)",
		    profile_verdict_text(verdict),
		    check_text(c, enforced ? N_("enforced") : N_("measured")));
		if (enforced)
			tell_lines(c, name, buf_string(&lines));
		buf_free(&lines);
	}
}

static void
check_mode(struct check *c)
{
	if (c->options->reeve.mode == MODE_OBSERVE)
		check_tell(c, CHECK_NOTE, "mode", c->context->config,
		    "reevectl observe off",
		    "observe: what would be refused is recorded, nothing is "
		    "refused");
}

/* ---- The command ---- */

static void (*const areas[])(struct check *) = {
	check_mode,
	check_files,
	check_state,
	check_trail,
	check_denylist,
	check_people, /* before sshd, which asks for them */
	check_pam,
	check_sshd,
	check_sudo,
	check_host,
	check_profiles,
};

static enum status
finish(struct check *c)
{
	struct err e = { .code = ERR_NONE };

	if (c->json)
		buf_put_string(&c->out, "\n]\n");
	else
		buf_printf(&c->out,
		    P_("%zu finding", "%zu findings", c->findings),
		    c->findings);
	if (!c->json)
		buf_printf(&c->out, "%s\n",
		    c->incomplete ? _(", and something could not be looked at")
		                  : "");
	if (buf_status(&c->out, &e) == -1)
		return command_error("check", &e);
	fputs(buf_string(&c->out), stdout);
	if (c->incomplete)
		return STATUS_INCOMPLETE;
	return c->findings > 0 ? STATUS_FOUND : STATUS_DONE;
}

static enum status
run(const struct context *context, int argc, char **argv)
{
	struct check c = { .context = context,
		.options = context->options,
		.out = buf_new(OUTPUT_MAX) };
	struct err e = { .code = ERR_NONE };
	struct moment moment;
	enum status status;

	if (argc == 3 && strcmp(argv[1], "--format") == 0)
		c.json = strcmp(argv[2], "json") == 0;
	if (argc != 1 &&
	    !(argc == 3 && (c.json || strcmp(argv[2], "text") == 0)))
		return command_usage(&command_check);
	if (geteuid() != 0) {
		err_set(&e, ERR_ACCESS, "root is needed");
		return command_error("check", &e);
	}
	if (clock_read(&context->clock, &moment, &e) == -1)
		return command_error("check", &e);
	c.now = moment_seconds(&moment);
	if ((c.people = calloc(CHECK_PEOPLE_MAX, sizeof(*c.people))) == NULL) {
		err_set(&e, ERR_MEMORY, "out of memory");
		return command_error("check", &e);
	}
	buf_put_string(&c.out, c.json ? "[" : "");
	for (size_t i = 0; i < sizeof(areas) / sizeof(*areas); i++)
		areas[i](&c);
	status = finish(&c);
	free(c.people);
	buf_free(&c.out);
	return status;
}

const struct command command_check = {
	.name = "check",
	.summary = N_("find each way in that would skip a factor"),
	.usage = "reevectl check [--format text|json]\n",
	.run = run,
};
