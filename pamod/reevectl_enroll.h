/*
 * What the files of "reevectl enroll" share.
 */
#ifndef PAMOD_REEVECTL_ENROLL_H
#define PAMOD_REEVECTL_ENROLL_H

#include <sys/types.h>

#include "pamod/reevectl_desk.h"
#include "schema/base/buf.h"

#define ENROLL_FILE_MAX 16384u /* bytes of a key, seed or export */

enum enroll_option {
	OPTION_LABEL = 1,
	OPTION_ALGORITHM,
	OPTION_DIGITS,
	OPTION_PERIOD,
	OPTION_SEED,
	OPTION_FINGERPRINT,
	OPTION_FILE,
	OPTION_UNTIL,
	OPTION_EXPORT,
	OPTION_IMPORT,
	OPTION_COUNT,
	OPTION_TICKET,
	OPTION_RENEW,
	OPTION_RESYNC,
	OPTION_PUBLIC_KEY,
	OPTIONS
};

/* What the command line says. */
struct enroll_wish {
	const char *type;           /* NULL: none */
	const char *given[OPTIONS]; /* each option's text, or NULL */
	struct state_factor factor; /* what they make of one */
	unsigned count;             /* of recovery codes */
};

struct enroll_work {
	struct desk desk;
	struct desk_person person;
	const struct enroll_wish *wish;
};

/*
 * A file's bytes, "-" for standard input. Its owner is who runs us: a seed or
 * key that others could have written is refused.
 */
int enroll_read_input(
    const char *path, mode_t forbidden, struct buf *, struct err *);

/*
 * Tries apply on a copy, puts the change on the trail, makes it by apply under
 * the record's lock, and saves. If that failed after all, the trail gets a
 * second line that says so. apply is called twice and must bear it. *user is
 * the record afterwards; the caller wipes it.
 */
int enroll_change(struct enroll_work *, const char *factors, const char *detail,
    int (*apply)(struct enroll_work *, struct state_user *, void *argument,
        struct err *),
    void *argument, struct state_user *user, struct err *);

/* Says so when a user has but one factor: it does not do for a step-up. */
void enroll_hint(const struct state_user *);

/* reevectl_carry.c: enrolments on their way between hosts. */
int carry_public_key(const struct context *, struct err *);
int carry_export(struct enroll_work *, struct err *);
int carry_import(struct enroll_work *, struct err *);

#endif
