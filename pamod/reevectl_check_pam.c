/*
 * reevectl check, PAM: for each service whether it can grant without us.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schema/message.h"
#include "pamod/reevectl_check.h"
#include "pamod/stack.h"

#define AREA         "pam"
#define SERVICES_MAX 512

static const char *const directories[] = { "/etc/pam.d", "/usr/lib/pam.d",
	NULL };

/*
 * Services that let nobody in: they change the caller's own account, or only
 * root may call them, or they are pieces for others to include.
 */
static const char *const harmless[] = { "chfn", "chsh", "chpasswd", "groupadd",
	"groupdel", "groupmems", "groupmod", "newusers", "passwd", "runuser",
	"runuser-l", "useradd", "userdel", "usermod", "common-auth",
	"common-account", "common-password", "common-session",
	"common-session-noninteractive", "system-auth", "password-auth",
	"postlogin", "smartcard-auth", "fingerprint-auth" };

/* Programs that ask PAM without being root: they can't read our records. */
static const char *const not_root[] = { "i3lock", "swaylock", "xscreensaver",
	"kscreensaver", "kde", "kde-fingerprint", "kde-smartcard", "screen",
	"vlock", "xlock", "hyprlock", "gtklock", "waylock" };

struct names {
	size_t count;
	char name[SERVICES_MAX][STACK_NAME_MAX + 1];
};

static bool
is_among(const char *const *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i], name) == 0)
			return true;
	return false;
}

/* What package managers and editors leave behind; no program asks for it. */
static bool
is_leftover(const char *name)
{
	static const char *const ends[] = { ".pam-old", ".pam-new", ".dpkg-old",
		".dpkg-new", ".dpkg-dist", ".dpkg-bak", ".rpmsave", ".rpmnew",
		".rpmorig", ".bak", ".orig", "~" };
	size_t length = strlen(name);

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		size_t end = strlen(ends[i]);

		if (length > end && strcmp(name + length - end, ends[i]) == 0)
			return true;
	}
	return false;
}

#define AMONG(list, name) is_among(list, sizeof(list) / sizeof(*(list)), name)

static void
add_name(struct names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->name[i], name) == 0)
			return;
	if (names->count < SERVICES_MAX && strlen(name) <= STACK_NAME_MAX)
		memcpy(names->name[names->count++], name, strlen(name) + 1);
}

static void
add_directory(struct check *c, struct names *names, const char *path)
{
	DIR *dir = opendir(path);

	if (dir == NULL) {
		if (errno != ENOENT)
			check_tell(c, CHECK_UNSEEN, AREA, path, "", "%s",
			    strerror(errno));
		return;
	}
	for (struct dirent *entry = readdir(dir); entry != NULL;
	     entry = readdir(dir))
		if (entry->d_name[0] != '.' && !is_leftover(entry->d_name))
			add_name(names, entry->d_name);
	(void)closedir(dir);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* ---- One service ---- */

struct service {
	struct check *check;
	const struct options_service *options; /* NULL: not listed */
	const struct stack *stack;
};

static void
tell(const struct service *s, const char *change, const char *text)
{
	check_tell(s->check, CHECK_FINDING, AREA, s->stack->service, change,
	    "%s", check_text(s->check, text));
}

static bool
asks_factors(const struct service *s)
{
	return s->options != NULL && s->options->type != SERVICE_BATCH;
}

/* What is wrong is that our line is not there, or that it can be passed. */
static void
tell_without(
    const struct service *s, enum stack_phase phase, struct stack_paths *paths)
{
	static const char *const places[STACK_PHASES] = {
		[STACK_AUTH] = N_(" behind the password module"),
		[STACK_ACCOUNT] = "",
		[STACK_SESSION] = N_(" behind pam_loginuid"),
		[STACK_PASSWORD] = N_(" first"),
	};
	const char *name = stack_phase_name(phase);
	char change[256];

	if (stack_find(s->stack, phase, "pam_reeve") == NULL) {
		(void)snprintf(change, sizeof(change),
		    check_text(
		        s->check, N_("add \"%s required pam_reeve.so\"%s")),
		    name, check_text(s->check, places[phase]));
		check_tell(s->check, CHECK_FINDING, AREA, s->stack->service,
		    change, "%s does not ask pam_reeve", name);
		return;
	}
	check_tell(s->check, CHECK_FINDING, AREA, s->stack->service,
	    phase == STACK_ACCOUNT
	        ? N_("put our account line first; an expired password ends a "
	             "block with new_authtok_reqd=done")
	        : N_("make our line \"required\", and let nothing before it "
	             "end the stack or jump over it"),
	    "%s can succeed without pam_reeve: %s", name,
	    buf_string(&paths->witness));
}

static void
check_phase(const struct service *s, enum stack_phase phase)
{
	struct stack_paths paths;
	struct err e = { .code = ERR_NONE };

	if (stack_explore(s->stack, phase, &paths, &e) == -1) {
		check_tell(s->check, CHECK_UNSEEN, AREA, s->stack->service, "",
		    "%s", e.text);
		stack_paths_free(&paths);
		return;
	}
	if (!paths.grants && s->options != NULL)
		check_tell(s->check, CHECK_FINDING, AREA, s->stack->service,
		    N_("look for a jump that leads nowhere, or pam_deny"),
		    "%s can't succeed at all: nobody gets in",
		    stack_phase_name(phase));
	if (paths.grants_without)
		tell_without(s, phase, &paths);
	if (phase == STACK_AUTH && paths.unreserved &&
	    stack_find(s->stack, phase, "pam_reeve") != NULL)
		tell(s,
		    N_("put \"auth required pam_reeve.so reserve\" before "
		       "the password module"),
		    N_("a password is checked before the guess is counted"));
	if (phase == STACK_AUTH && paths.judged_early)
		tell(s,
		    N_("put \"auth required pam_reeve.so\" behind the "
		       "password module"),
		    N_("the code is asked for before the password"));
	stack_paths_free(&paths);
}

/* The audit session must exist before we key ours by it. */
static void
check_session_order(const struct service *s)
{
	const struct stack_line *loginuid =
	    stack_find(s->stack, STACK_SESSION, "pam_loginuid");
	const struct stack_line *ours =
	    stack_find(s->stack, STACK_SESSION, "pam_reeve");
	bool begins = s->options->type == SERVICE_SSHD ||
	    s->options->type == SERVICE_LOGIN;

	if (ours == NULL)
		return;
	if (begins && loginuid == NULL)
		tell(s,
		    N_("add \"session required pam_loginuid.so\" before "
		       "our session line"),
		    N_("no pam_loginuid: sudo can't know the login's factors"));
	if (loginuid != NULL && ours < loginuid)
		tell(s, N_("move our session line behind pam_loginuid"),
		    N_("our session line comes before pam_loginuid"));
}

static void
check_password_order(const struct service *s)
{
	const struct stack_line *ours =
	    stack_find(s->stack, STACK_PASSWORD, "pam_reeve");
	bool any = false;

	for (size_t i = 0; i < s->stack->count; i++) {
		const struct stack_line *line = &s->stack->lines[i];

		if (line->phase != STACK_PASSWORD || !stack_is_password(line))
			continue;
		any = true;
		if (ours != NULL && line < ours)
			tell(s, N_("put our password line first"),
			    N_("a password is set before we have judged it"));
		else if (ours != NULL && !stack_line_has(line, "use_authtok"))
			tell(s, N_("add use_authtok to the line behind ours"),
			    N_("the password that is set need not be the one "
			       "that we judged"));
	}
	if (any && ours == NULL)
		tell(s,
		    N_("add \"password requisite pam_reeve.so\" before "
		       "the others, and use_authtok to them"),
		    N_("new passwords are not judged"));
}

static void
check_lines(const struct service *s)
{
	for (size_t i = 0; i < s->stack->count; i++) {
		const struct stack_line *line = &s->stack->lines[i];

		if (line->fails && !s->stack->other[line->phase])
			check_tell(s->check, CHECK_FINDING, AREA,
			    s->stack->service, N_("mend that line"),
			    "%s:%u: libpam can't read it%s%s", line->file,
			    line->number, line->module[0] == '\0' ? ": " : "",
			    line->module[0] == '\0' ? line->arguments : "");
	}
}

/* The next argument at or behind at that is not "reserve"; "" at the end. */
static const char *
next_argument(const char *at, size_t *length)
{
	static const char reserve[] = "reserve";

	do {
		at += strspn(at, " ");
		*length = strcspn(at, " ");
		if (*length != sizeof(reserve) - 1 ||
		    memcmp(at, reserve, *length) != 0)
			break;
		at += *length;
	} while (true);
	return at;
}

static bool
says_the_same(const char *a, const char *b)
{
	size_t length;
	size_t other;

	do {
		a = next_argument(a, &length);
		b = next_argument(b, &other);
		if (length != other || memcmp(a, b, length) != 0)
			return false;
		a += length;
		b += length;
	} while (length > 0);
	return true;
}

/* Of one handle the first line's arguments hold, and others are refused. */
static void
check_arguments(const struct service *s)
{
	const struct stack_line *first = NULL;

	for (size_t i = 0; i < s->stack->count; i++) {
		const struct stack_line *line = &s->stack->lines[i];

		if (strcmp(line->module, "pam_reeve") != 0)
			continue;
		if (first == NULL)
			first = line;
		if (!says_the_same(first->arguments, line->arguments))
			check_tell(s->check, CHECK_FINDING, AREA,
			    s->stack->service,
			    N_("give all of our lines the same arguments, or "
			       "say it in reeve.conf"),
			    "%s:%u: other arguments than in %s:%u: this line "
			    "refuses",
			    line->file, line->number, first->file,
			    first->number);
	}
}

/* Whether any of our lines is in it. */
static bool
has_ours(const struct stack *stack)
{
	for (int i = 0; i < STACK_PHASES; i++)
		if (stack_find(stack, (enum stack_phase)i, "pam_reeve") != NULL)
			return true;
	return false;
}

static void
check_listed(const struct service *s)
{
	check_lines(s);
	check_arguments(s);
	if (asks_factors(s))
		check_phase(s, STACK_AUTH);
	check_phase(s, STACK_ACCOUNT);
	check_phase(s, STACK_SESSION);
	if (asks_factors(s))
		check_session_order(s);
	if (s->options->type == SERVICE_SSHD ||
	    s->options->type == SERVICE_LOGIN)
		check_password_order(s);
}

/* Not ours by configuration: it must not let anybody in by itself. */
static void
check_unlisted(const struct service *s)
{
	struct stack_paths paths;
	struct err e = { .code = ERR_NONE };
	char change[512];

	if (strcmp(s->stack->service, "passwd") == 0)
		check_password_order(s);
	if (AMONG(harmless, s->stack->service))
		return;
	if (AMONG(not_root, s->stack->service)) {
		if (has_ours(s->stack))
			tell(s,
			    N_("take our lines out of it, or use a locker "
			       "that runs as root"),
			    N_("its program is not root: those who are "
			       "concerned "
			       "can't unlock it"));
		return;
	}
	(void)snprintf(change, sizeof(change),
	    check_text(s->check,
	        N_("remove the package, or add our lines and [service %s] to "
	           "reeve.conf")),
	    s->stack->service);
	if (stack_explore(s->stack, STACK_ACCOUNT, &paths, &e) == 0 &&
	    paths.grants_without)
		check_tell(s->check, CHECK_FINDING, AREA, s->stack->service,
		    change, "lets in without pam_reeve: %s",
		    buf_string(&paths.witness));
	stack_paths_free(&paths);
}

static void
check_service(struct check *c, const char *name)
{
	struct stack_source source = stack_directories(directories);
	struct service s = { .check = c,
		.options = options_service(c->options, name) };
	struct stack *stack = NULL;
	struct err e = { .code = ERR_NONE };

	if (stack_load(&stack, &source, name, &e) == -1) {
		check_tell(c, s.options != NULL ? CHECK_FINDING : CHECK_UNSEEN,
		    AREA, name, N_("mend the file; it must belong to root"),
		    "%s", e.text);
		return;
	}
	s.stack = stack;
	if (s.options == NULL)
		check_unlisted(&s);
	else if (!stack->missing)
		check_listed(&s);
	stack_free(&stack);
}

void
check_pam(struct check *c)
{
	struct names *names = calloc(1, sizeof(*names));

	if (names == NULL) {
		check_tell(
		    c, CHECK_UNSEEN, AREA, directories[0], "", "out of memory");
		return;
	}
	for (size_t i = 0; directories[i] != NULL; i++)
		add_directory(c, names, directories[i]);
	if (names->count == SERVICES_MAX)
		check_tell(c, CHECK_UNSEEN, AREA, directories[0],
		    N_("remove what is not used"), "more than %d services",
		    SERVICES_MAX - 1);
	qsort(names->name, names->count, sizeof(names->name[0]), by_name);
	for (size_t i = 0; i < names->count; i++)
		check_service(c, names->name[i]);
	free(names);
}
