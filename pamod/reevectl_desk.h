/*
 * What the commands that change something work on: the host's records, and
 * its trail. Where the trail can't be written nothing is changed.
 */
#ifndef PAMOD_REEVECTL_DESK_H
#define PAMOD_REEVECTL_DESK_H

#include <stdint.h>
#include <sys/types.h>

#include "pamod/command.h"
#include "pamod/state.h"
#include "schema/trail.h"

struct desk {
	const struct context *context;
	struct state *state;
	struct trail *trail; /* NULL if it was not asked for */
	int64_t now;         /* s since 1970 */
};

enum desk_use { DESK_READ, DESK_CHANGE };

/* DESK_CHANGE opens the trail too, and fails if that can't be done. */
int desk_open(
    struct desk *, const struct context *, enum desk_use, struct err *);
void desk_close(struct desk *);

/* Reads the clock again. */
int desk_read_clock(struct desk *, struct err *);

/* A user that the name service knows; name as it spells it. */
struct desk_person {
	char name[STATE_NAME_MAX + 1];
	uid_t uid;
};
int desk_person(const char *name, struct desk_person *, struct err *);

/*
 * One line of the trail, on disk when this returns 0: who (by audit login, or
 * the real uid) did what to whom. factors and detail may be NULL.
 */
int desk_record(const struct desk *, const char *type, const char *result,
    const struct desk_person *, const char *factors, const char *detail,
    struct err *);
/* The same behind a trail that is already open. */
int desk_record_in(struct trail *, const char *type, const char *result,
    const struct desk_person *, const char *factors, const char *detail,
    struct err *);

#endif
