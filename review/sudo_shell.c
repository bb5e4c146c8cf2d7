#include <fnmatch.h>
#include <stdbool.h>
#include <string.h>

#include "review/sudoers.h"

/*
 * Programs that give their caller's rights away: a shell, an interpreter, an
 * editor or a pager with a way out, or what writes any file. Known from their
 * own manuals; a site adds its own by a rule.
 */
enum power {
	SHELL,  /* a shell, whatever the arguments */
	ESCAPE, /* starts one from inside; not with NOEXEC */
	BECOME, /* a shell of whom the arguments name */
	FREE,   /* only where the arguments are the caller's to choose */
};

static const struct program {
	const char *name;
	enum power power;
} programs[] = {
	{ "ash", SHELL },
	{ "bash", SHELL },
	{ "csh", SHELL },
	{ "dash", SHELL },
	{ "fish", SHELL },
	{ "ksh", SHELL },
	{ "ksh93", SHELL },
	{ "mksh", SHELL },
	{ "rbash", SHELL },
	{ "sh", SHELL },
	{ "tcsh", SHELL },
	{ "zsh", SHELL },
	{ "busybox", FREE },
	{ "su", BECOME },
	{ "runuser", BECOME },
	{ "sudo", FREE },
	{ "visudo", ESCAPE },
	{ "vipw", ESCAPE },
	{ "vigr", ESCAPE },
	/* Editors and pagers. */
	{ "ed", ESCAPE },
	{ "emacs", ESCAPE },
	{ "ex", ESCAPE },
	{ "joe", ESCAPE },
	{ "less", ESCAPE },
	{ "man", ESCAPE },
	{ "mcedit", ESCAPE },
	{ "more", ESCAPE },
	{ "most", ESCAPE },
	{ "nano", ESCAPE },
	{ "nvim", ESCAPE },
	{ "pg", ESCAPE },
	{ "pico", ESCAPE },
	{ "rvim", ESCAPE },
	{ "vi", ESCAPE },
	{ "view", ESCAPE },
	{ "vim", ESCAPE },
	{ "vim.basic", ESCAPE },
	{ "vim.tiny", ESCAPE },
	{ "ftp", ESCAPE },
	{ "gdb", ESCAPE },
	{ "mc", ESCAPE },
	{ "mutt", ESCAPE },
	{ "screen", ESCAPE },
	{ "tmux", ESCAPE },
	{ "script", ESCAPE },
	{ "top", FREE },
	{ "mysql", ESCAPE },
	{ "psql", ESCAPE },
	{ "sqlite3", ESCAPE },
	{ "sftp", ESCAPE },
	{ "telnet", ESCAPE },
	/* Interpreters and what runs a program that it is given. */
	{ "ansible", FREE },
	{ "ansible-playbook", FREE },
	{ "at", FREE },
	{ "awk", FREE },
	{ "batch", FREE },
	{ "capsh", FREE },
	{ "chroot", FREE },
	{ "chrt", FREE },
	{ "crontab", FREE },
	{ "dpkg-reconfigure", FREE },
	{ "env", FREE },
	{ "expect", FREE },
	{ "find", FREE },
	{ "flock", FREE },
	{ "gawk", FREE },
	{ "git", FREE },
	{ "guile", FREE },
	{ "ionice", FREE },
	{ "irb", FREE },
	{ "java", FREE },
	{ "ld.so", FREE },
	{ "logsave", FREE },
	{ "ltrace", FREE },
	{ "lua", FREE },
	{ "machinectl", FREE },
	{ "make", FREE },
	{ "mawk", FREE },
	{ "nawk", FREE },
	{ "nice", FREE },
	{ "nmap", FREE },
	{ "node", FREE },
	{ "nohup", FREE },
	{ "nsenter", FREE },
	{ "openssl", FREE },
	{ "perl", FREE },
	{ "php", FREE },
	{ "pip", FREE },
	{ "pip3", FREE },
	{ "pkexec", FREE },
	{ "python", FREE },
	{ "python2", FREE },
	{ "python3", FREE },
	{ "ruby", FREE },
	{ "run-parts", FREE },
	{ "setarch", FREE },
	{ "setpriv", FREE },
	{ "setsid", FREE },
	{ "socat", FREE },
	{ "ssh", FREE },
	{ "start-stop-daemon", FREE },
	{ "stdbuf", FREE },
	{ "strace", FREE },
	{ "systemctl", FREE },
	{ "systemd-run", FREE },
	{ "taskset", FREE },
	{ "tclsh", FREE },
	{ "tcpdump", FREE },
	{ "time", FREE },
	{ "timeout", FREE },
	{ "unshare", FREE },
	{ "watch", FREE },
	{ "wish", FREE },
	{ "xargs", FREE },
	{ "zip", FREE },
	/* What writes any file, or makes any file anybody's. */
	{ "chmod", FREE },
	{ "chown", FREE },
	{ "chgrp", FREE },
	{ "cp", FREE },
	{ "cpio", FREE },
	{ "curl", FREE },
	{ "dd", FREE },
	{ "debugfs", FREE },
	{ "gzip", FREE },
	{ "install", FREE },
	{ "ln", FREE },
	{ "mount", FREE },
	{ "mv", FREE },
	{ "mkfs", FREE },
	{ "patch", FREE },
	{ "rsync", FREE },
	{ "scp", FREE },
	{ "sed", FREE },
	{ "setcap", FREE },
	{ "setfacl", FREE },
	{ "sponge", FREE },
	{ "tar", FREE },
	{ "tee", FREE },
	{ "truncate", FREE },
	{ "wget", FREE },
	{ "sudoedit", FREE },
	/* Accounts, packages, modules and containers. */
	{ "adduser", FREE },
	{ "apt", FREE },
	{ "apt-get", FREE },
	{ "aptitude", FREE },
	{ "chage", FREE },
	{ "chpasswd", FREE },
	{ "chsh", FREE },
	{ "ctr", FREE },
	{ "dnf", FREE },
	{ "docker", FREE },
	{ "dpkg", FREE },
	{ "gpasswd", FREE },
	{ "groupadd", FREE },
	{ "groupmod", FREE },
	{ "insmod", FREE },
	{ "kubectl", FREE },
	{ "lxc", FREE },
	{ "microdnf", FREE },
	{ "modprobe", FREE },
	{ "newusers", FREE },
	{ "nerdctl", FREE },
	{ "passwd", FREE },
	{ "podman", FREE },
	{ "rpm", FREE },
	{ "snap", FREE },
	{ "useradd", FREE },
	{ "usermod", FREE },
	{ "virsh", FREE },
	{ "yum", FREE },
	{ "zypper", FREE },
};

/* Of these a pattern or a folder must match none. */
static const char *const shells[] = { "/bin/sh", "/bin/bash", "/bin/dash",
	"/usr/bin/sh", "/usr/bin/bash", "/usr/bin/dash", "/bin/su",
	"/usr/bin/su", "/usr/bin/env", "/usr/bin/python3", "/usr/bin/perl",
	"/usr/bin/vi", "/usr/bin/vim", "/usr/sbin/visudo", "/sbin/visudo",
	"/usr/local/bin/bash" };

static bool
matches_a_shell(const char *pattern)
{
	size_t length = strlen(pattern);

	for (size_t i = 0; i < sizeof(shells) / sizeof(*shells); i++) {
		const char *shell = shells[i];
		const char *name = strrchr(shell, '/') + 1;

		/* "/usr/bin/" is all programs of that folder. */
		if (pattern[length - 1] == '/'
		        ? (size_t)(name - shell) == length &&
		            strncmp(shell, pattern, length) == 0
		        : fnmatch(pattern, shell, FNM_PATHNAME) == 0)
			return true;
	}
	return false;
}

static bool
is_open(const char *arguments)
{
	return arguments == NULL || arguments[0] == '^' ||
	    strpbrk(arguments, "*?[") != NULL;
}

static bool
is_same_program(const char *name, const char *program)
{
	size_t length = strlen(program);

	/* "python3.11", "vim-nox": a version or variant of it. */
	return strncmp(name, program, length) == 0 &&
	    (name[length] == '\0' ||
	        (name[length] == '.' &&
	            strspn(name + length, ".0123456789") ==
	                strlen(name + length)));
}

/* No script and no "-c": nothing, or options alone. */
static bool
is_bare_shell(const char *arguments)
{
	return arguments[0] == '\0' ||
	    (arguments[0] == '-' && strchr(arguments, ' ') == NULL &&
	        strchr(arguments, 'c') == NULL);
}

/* su: no user is root; the last word else is the user, or an option. */
static bool
becomes_root(const char *arguments)
{
	const char *blank = strrchr(arguments, ' ');
	const char *last = blank == NULL ? arguments : blank + 1;

	return last[0] == '\0' || last[0] == '-' || strcmp(last, "root") == 0;
}

const char *
sudo_shell(const char *command, const char *arguments, bool noexec)
{
	const char *slash = strrchr(command, '/');
	const char *name = slash == NULL ? command : slash + 1;

	if (command[0] == '^')
		return "a regular expression of commands";
	if (strpbrk(command, "*?[") != NULL ||
	    (slash != NULL && slash[1] == '\0'))
		return matches_a_shell(command) ? "a pattern that fits a shell"
		                                : NULL;
	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		const struct program *p = &programs[i];

		if (!is_same_program(name, p->name))
			continue;
		if (p->power == FREE)
			return is_open(arguments)
			    ? "with arguments of one's choice"
			    : NULL;
		if (p->power == SHELL)
			return is_open(arguments) || is_bare_shell(arguments)
			    ? "a shell"
			    : NULL;
		if (p->power == BECOME)
			return is_open(arguments) || becomes_root(arguments)
			    ? "a shell"
			    : NULL;
		return noexec && !is_open(arguments) ? NULL : "starts a shell";
	}
	return NULL;
}
