/*
 * A line of shell, where a test arranges files.
 */
#ifndef TESTS_SHELL_H
#define TESTS_SHELL_H

#include <stdarg.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Its exit status, or -1. */
__attribute__((format(printf, 1, 2))) static inline int
shell(const char *format, ...)
{
	char command[1024];
	va_list list;
	int status;
	pid_t pid;

	va_start(list, format);
	(void)vsnprintf(command, sizeof(command), format, list);
	va_end(list);
	pid = fork();
	if (pid == 0) {
		(void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status)
	    ? WEXITSTATUS(status)
	    : -1;
}

#endif
