/*
 * For a test that makes calls fail: the functions of fault_preload.so, found
 * at run time, because the library is there only when it was preloaded.
 */
#ifndef TESTS_FAULT_H
#define TESTS_FAULT_H

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Whether this build can preload: sanitizers have an allocator of their own. */
#if defined(__SANITIZE_ADDRESS__)
#define FAULT_POSSIBLE false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FAULT_POSSIBLE false
#endif
#endif
#ifndef FAULT_POSSIBLE
#define FAULT_POSSIBLE true
#endif

/* Starts to count; call number at fails (0: none), and all later if onward. */
static inline void
fault_arm(unsigned long at, bool onward)
{
	union {
		void *object;
		void (*function)(unsigned long, bool);
	} u = { .object = dlsym(RTLD_DEFAULT, "fault_arm") };

	u.function(at, onward);
}

/* Stops; how many were counted. *name: the function that failed, or NULL. */
static inline unsigned long
fault_disarm(const char **name)
{
	union {
		void *object;
		unsigned long (*function)(const char **);
	} u = { .object = dlsym(RTLD_DEFAULT, "fault_disarm") };

	return u.function(name);
}

/*
 * To be called first in main: starts the program anew with the library that
 * lies beside it. Returns when it is loaded; ends the process if it can't be.
 */
static inline void
fault_preload(char **argv)
{
	char path[4096] = "";
	ssize_t length;
	char *slash;

	if (!FAULT_POSSIBLE || dlsym(RTLD_DEFAULT, "fault_arm") != NULL)
		return;
	length = readlink("/proc/self/exe", path, sizeof(path) - 32);
	slash = length > 0 ? strrchr(path, '/') : NULL;
	if (slash != NULL && getenv("LD_PRELOAD") == NULL) {
		memcpy(slash, "/fault_preload.so", sizeof("/fault_preload.so"));
		(void)setenv("LD_PRELOAD", path, 1);
		(void)execv("/proc/self/exe", argv);
	}
	(void)fprintf(stderr, "%s can't be preloaded\n", path);
	exit(EXIT_FAILURE);
}

#endif
