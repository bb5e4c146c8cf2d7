/*
 * reevectl check, the host: ways to a shell that ask PAM for nothing.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "schema/message.h"
#include "pamod/reevectl_check.h"

/*
 * Files, and what in a line of them opens a way. A line counts if it holds
 * all the words; comments don't.
 */
static const struct {
	const char *files; /* glob(7) */
	const char *words[3];
	const char *area;
	const char *text;
	const char *change;
} openings[] = {
	{ "/etc/systemd/system/*getty*.service", { "ExecStart", "autologin" },
	    "console", N_("a getty logs somebody in without asking"),
	    N_("take --autologin out of it") },
	{ "/etc/systemd/system/*getty*.service.d/*.conf",
	    { "ExecStart", "autologin" }, "console",
	    N_("a getty logs somebody in without asking"),
	    N_("take --autologin out of it") },
	{ "/run/systemd/*/*getty*.service.d/*.conf",
	    { "ExecStart", "autologin" }, "console",
	    N_("a getty logs somebody in without asking"),
	    N_("take --autologin out of it") },
	{ "/etc/systemd/system/*getty*.service*", { "ExecStart", "login -f" },
	    "console", N_("a getty logs somebody in without asking"),
	    N_("take -f out of it") },
	{ "/etc/inittab", { "getty", "autologin" }, "console",
	    N_("a getty logs somebody in without asking"),
	    N_("take --autologin out of it") },
	{ "/etc/gdm3/*.conf", { "AutomaticLoginEnable", "true" }, "console",
	    N_("the display manager logs somebody in without asking"),
	    N_("set AutomaticLoginEnable=false") },
	{ "/etc/gdm3/*.conf", { "TimedLoginEnable", "true" }, "console",
	    N_("the display manager logs somebody in without asking"),
	    N_("set TimedLoginEnable=false") },
	{ "/etc/lightdm/lightdm.conf", { "autologin-user=" }, "console",
	    N_("the display manager logs somebody in without asking"),
	    N_("remove autologin-user") },
	{ "/etc/lightdm/lightdm.conf.d/*.conf", { "autologin-user=" },
	    "console",
	    N_("the display manager logs somebody in without asking"),
	    N_("remove autologin-user") },
	{ "/etc/systemd/system/rescue.service.d/*.conf",
	    { "SYSTEMD_SULOGIN_FORCE" }, "rescue",
	    N_("the rescue shell asks for no password"), N_("remove it") },
	{ "/etc/systemd/system/emergency.service.d/*.conf",
	    { "SYSTEMD_SULOGIN_FORCE" }, "rescue",
	    N_("the emergency shell asks for no password"), N_("remove it") },
	{ "/etc/systemd/system/*.service", { "sulogin", "--force" }, "rescue",
	    N_("sulogin opens a shell when root's password is locked"),
	    N_("remove --force") },
	{ "/proc/cmdline", { "systemd.debug-shell" }, "rescue",
	    N_("a root shell without a password waits on tty9"),
	    N_("take systemd.debug-shell off the kernel's command line") },
	{ "/proc/cmdline", { "systemd.debug_shell" }, "rescue",
	    N_("a root shell without a password waits on tty9"),
	    N_("take systemd.debug_shell off the kernel's command line") },
	{ "/proc/cmdline", { "init=/bin/" }, "rescue",
	    N_("the kernel starts a shell in place of init"),
	    N_("take init= off the kernel's command line") },
	{ "/etc/polkit-1/rules.d/*.rules", { "Result.YES" }, "polkit",
	    N_("a rule grants without asking anybody"),
	    N_("return polkit.Result.AUTH_ADMIN in its place") },
	{ "/etc/polkit-1/localauthority/*/*.pkla", { "Result", "=yes" },
	    "polkit", N_("a rule grants without asking anybody"),
	    N_("say auth_admin in its place") },
	{ "/etc/polkit-1/localauthority.conf.d/*.conf", { "unix-user:" },
	    "polkit",
	    N_("administrators for polkit are named here: they step up as "
	       "themselves"),
	    "" },
#ifndef REEVE_FIPS
	{ "/proc/sys/crypto/fips_enabled", { "1" }, "crypto",
	    N_("the kernel is in FIPS mode, and this build of Reeve calls "
	       "SHA, HMAC and AES-GCM past libcrypto's providers"),
	    N_("build it with FIPS=1") },
#endif
};

/* Units that must not be enabled. */
static const struct {
	const char *files;
	const char *text;
	const char *change;
} units[] = {
	{ "/etc/systemd/system/*.wants/debug-shell.service",
	    N_("a root shell without a password waits on tty9"),
	    "systemctl disable debug-shell" },
	{ "/run/systemd/system/*.wants/debug-shell.service",
	    N_("a root shell without a password waits on tty9"),
	    "systemctl disable --runtime debug-shell" },
};

static bool
is_comment(const char *line)
{
	line += strspn(line, " \t");
	return *line == '#' || *line == ';' || strncmp(line, "//", 2) == 0;
}

static bool
holds_all(const char *line, const char *const *words)
{
	for (size_t i = 0; i < 3 && words[i] != NULL; i++)
		if (strcasestr(line, words[i]) == NULL)
			return false;
	return !is_comment(line);
}

static void
look_in(struct check *c, size_t which, const char *path)
{
	char *text = check_read(c, openings[which].area, path);
	enum check_grade grade =
	    openings[which].change[0] == '\0' ? CHECK_NOTE : CHECK_FINDING;
	char *save = NULL;

	if (text == NULL)
		return;
	for (char *line = strtok_r(text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		if (holds_all(line, openings[which].words)) {
			check_tell(c, grade, openings[which].area, path,
			    openings[which].change, "%s",
			    check_text(c, openings[which].text));
			break;
		}
	free(text);
}

static void
look_for_openings(struct check *c)
{
	glob_t found;

	for (size_t i = 0; i < sizeof(openings) / sizeof(*openings); i++) {
		if (glob(openings[i].files, 0, NULL, &found) != 0)
			continue;
		for (size_t n = 0; n < found.gl_pathc; n++)
			look_in(c, i, found.gl_pathv[n]);
		globfree(&found);
	}
}

static void
look_for_units(struct check *c)
{
	glob_t found;

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (glob(units[i].files, 0, NULL, &found) != 0)
			continue;
		check_tell(c, CHECK_FINDING, "rescue", found.gl_pathv[0],
		    units[i].change, "%s", check_text(c, units[i].text));
		globfree(&found);
	}
}

/* shadow(5): a second field that is empty is a password that is none. */
static void
look_for_empty_passwords(struct check *c)
{
	char *text = check_read(c, "rescue", "/etc/shadow");
	char *save = NULL;

	if (text == NULL)
		return;
	for (char *line = strtok_r(text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		char *colon = strchr(line, ':');

		if (colon == NULL || colon[1] != ':')
			continue;
		*colon = '\0';
		check_tell(c, CHECK_FINDING, "rescue", line,
		    N_("passwd -l, or set a password"),
		    "the account has an empty password");
	}
	explicit_bzero(text, strlen(text));
	free(text);
}

static void
note_sulogin(struct check *c)
{
	if (access("/usr/sbin/sulogin", X_OK) == 0 ||
	    access("/sbin/sulogin", X_OK) == 0)
		check_tell(c, CHECK_NOTE, "rescue", "sulogin",
		    N_("guard the boot loader and the console, and keep "
		       "root's password sealed"),
		    "rescue and emergency mode ask for root's password alone, "
		    "and not through PAM");
}

void
check_host(struct check *c)
{
	look_for_openings(c);
	look_for_units(c);
	look_for_empty_passwords(c);
	note_sulogin(c);
}
