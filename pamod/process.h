/*
 * Which process, which boot, which audit session: what the kernel says, never
 * the environment.
 */
#ifndef PAMOD_PROCESS_H
#define PAMOD_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/base/err.h"

#define PROCESS_BOOT_SIZE 16

/* A pid alone is used again; with its start time and boot it is not. */
struct process {
	int32_t pid;
	uint64_t start; /* clock ticks since boot, proc(5) stat field 22 */
	unsigned char boot[PROCESS_BOOT_SIZE]; /* boot_id */
};

/* ERR_MISSING: no such process. */
int process_read(int32_t pid, struct process *, struct err *);

/* Whether that very process still exists; a doubt is a yes. */
bool process_lives(const struct process *);

/*
 * The kernel's audit session and login uid of this process; -1: unset, as in
 * containers and for what systemd starts.
 */
int process_audit(int64_t *session, int64_t *login_uid, struct err *);

/*
 * Whether any task has that audit session: one pass over /proc, so for
 * reevectl and never for the module.
 */
int process_session_lives(int64_t audit_session, bool *lives, struct err *);

#endif
