/*
 * Break-glass: sealed codes for the day on which nothing else works.
 *
 * A code has two halves of 80 random bits each, given to two named people who
 * never see each other's; both are needed. Halves say what they are: code 3's
 * are BG03A-XXXX-XXXX-XXXX-XXXX and BG03B-XXXX-XXXX-XXXX-XXXX. Nothing here
 * needs reeve.conf, a right clock, or room on a disk. The file keeps SHA-256
 * of each whole code under a salt: who stole it and has one half still lacks
 * 80 bits, so no slow hash is needed, which would want 16 MiB on a bad day.
 *
 * A code is burnt in place, in a file that was written whole when it was made,
 * and synced before the answer is yes; where that can't be done (a read-only
 * file system, an I/O error) it is burnt under the run directory, and moved to
 * the file as soon as it can be. A reboot before that makes it good again.
 */
#ifndef PAMOD_BREAKGLASS_H
#define PAMOD_BREAKGLASS_H

#include <stdbool.h>
#include <stdint.h>

#include "pamod/factor.h"
#include "schema/base/err.h"
#include "schema/base/secret.h"

/* Where they are when reeve.conf can't be read. */
#define BREAKGLASS_STATE_DIRECTORY REEVE_LOCALSTATEDIR "/lib/reeve"
#define BREAKGLASS_RUN_DIRECTORY   REEVE_RUNSTATEDIR "/reeve"

#define BREAKGLASS_CODES_MAX 16
#define BREAKGLASS_DEFAULT   8
#define BREAKGLASS_HALF_SIZE 26 /* "BG03A-ABCD-EFGH-IJKL-MNOP" with its NUL */
#define BREAKGLASS_NAME_MAX  64 /* bytes of a holder's name */

/*
 * Whether this is the machine's own console; compiled in, no policy changes
 * it. service is PAM_SERVICE, which must be login(1)'s; tty is PAM_TTY, a
 * virtual console (tty1), the kernel's console, or a serial or hypervisor line
 * (ttyS0, ttyAMA0, hvc0), with or without "/dev/"; rhost is PAM_RHOST, which
 * must be NULL or empty. Any of them may be NULL.
 */
bool breakglass_is_console(
    const char *service, const char *tty, const char *rhost);

/* Whether answer has the form of a half: cheap, and asks no file. */
bool breakglass_looks_like(const char *answer);

struct breakglass_used {
	unsigned number; /* of the code, from 1 */
	unsigned left;   /* codes that are good after this one */
	bool unsettled;  /* burnt under the run directory only */
	char holders[2][BREAKGLASS_NAME_MAX + 1];
};

/*
 * Judges two halves, in either order. ALLOW at most once a code, among any number of processes:
 * the file is locked, and the burning is on disk (or under the run directory)
 * before this returns. UNAVAILABLE: no codes were ever made, which is no
 * error. A file that can't be opened, locked or understood is a DENY with *e.
 */
enum verdict breakglass_judge(const char *state_directory,
    const char *run_directory, const char *first, const char *second,
    int64_t now, struct breakglass_used *, struct err *);

/* What a sheet for one holder says: their half of each code. */
struct breakglass_halves {
	char half[BREAKGLASS_CODES_MAX][BREAKGLASS_HALF_SIZE];
};

/*
 * Makes count codes for two holders. ERR_LIMIT when there are codes already
 * and renew is false: nothing is renewed silently. first and second are in
 * clear nowhere else: shown apart, and wiped, by the caller.
 */
int breakglass_make(const char *state_directory, unsigned count,
    const char *first_holder, const char *second_holder, bool renew,
    const struct entropy *, int64_t now, struct breakglass_halves *first,
    struct breakglass_halves *second, struct err *);

struct breakglass_status {
	int64_t made;
	unsigned count;
	char holders[2][BREAKGLASS_NAME_MAX + 1];
	bool burnt[BREAKGLASS_CODES_MAX];
	int64_t burnt_at[BREAKGLASS_CODES_MAX]; /* by the clock of that day */
	bool unsettled[BREAKGLASS_CODES_MAX];   /* burnt, but not on disk yet */
	unsigned left;
};

/*
 * How many are left, and when the others went; moves what was burnt under the
 * run directory to the file if it can. ERR_MISSING: none were made.
 */
int breakglass_read(const char *state_directory, const char *run_directory,
    struct breakglass_status *, struct err *);

#endif
