/*
 * reevectl state upgrade: writes every record anew, in the newest format, and
 * suspends in it what the trail says is older than it looks.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/message.h"
#include "pamod/reevectl_desk.h"
#include "schema/reader.h"

extern const struct command command_state;

#define NEWEST_MAX 100000u /* users that a trail may name */

/* The newest attempt that the trail has of a user. */
struct newest {
	char user[STATE_NAME_MAX + 1];
	uint64_t attempt;
};

struct work {
	struct desk desk;
	struct newest *newest;
	size_t count;
	size_t room;
	unsigned done;
	unsigned failed;
	unsigned old;
	struct err last;
};

static struct newest *
find_newest(struct work *w, const char *user)
{
	for (size_t i = 0; i < w->count; i++)
		if (strcmp(w->newest[i].user, user) == 0)
			return &w->newest[i];
	return NULL;
}

static struct newest *
add_newest(struct work *w, const char *user, struct err *e)
{
	size_t room = w->room == 0 ? 64 : 2 * w->room;
	struct newest *more;

	if (w->count == NEWEST_MAX) {
		err_set(e, ERR_LIMIT, "the trail names more than %u users",
		    NEWEST_MAX);
		return NULL;
	}
	if (w->count == w->room) {
		more = reallocarray(w->newest, room, sizeof(*more));
		if (more == NULL) {
			err_set(e, ERR_MEMORY, "out of memory");
			return NULL;
		}
		w->newest = more;
		w->room = room;
	}
	more = &w->newest[w->count++];
	*more = (struct newest){ .attempt = 0 };
	memcpy(more->user, user, strlen(user) + 1);
	return more;
}

static int
note_attempt(struct work *w, const struct reader_item *item, struct err *e)
{
	char user[STATE_NAME_MAX + 1];
	struct newest *n;
	int64_t attempt;

	/* A name that is no record's does not fit; a pruned line has none. */
	if (item->bytes == NULL ||
	    line_get_number(&item->line, "attempt", &attempt, e) != 1 ||
	    attempt <= 0 ||
	    line_get_text(&item->line, "user", user, sizeof(user), e) != 1)
		return 0;
	if ((n = find_newest(w, user)) == NULL &&
	    (n = add_newest(w, user, e)) == NULL)
		return -1;
	if ((uint64_t)attempt > n->attempt)
		n->attempt = (uint64_t)attempt;
	return 0;
}

static int
read_trail(struct work *w, struct err *e)
{
	struct reader *reader;
	struct reader_item item;
	int more;

	if (reader_open(&reader, trail_directory(w->desk.trail), e) == -1)
		return -1;
	while ((more = reader_next(reader, &item, e)) == 1)
		if ((more = note_attempt(w, &item, e)) == -1)
			break;
	reader_close(&reader);
	return more;
}

/* An old copy is made to know it; door.md calls that suspended. */
static int
suspend_old(struct work *w, const char *name, struct err *e)
{
	const struct newest *n = find_newest(w, name);
	struct desk_person person = { .uid = 0 };
	struct state_user user;
	struct state_lock *lock;
	bool old = false;
	int result;

	if (state_lock(w->desk.state, name, &lock, &user, e) == -1)
		return -1;
	result = 0;
	if (n != NULL && state_suspend_old(&user, n->attempt)) {
		old = true;
		result = state_save(lock, &user, true, e);
	}
	state_unlock(&lock);
	person.uid = user.uid;
	memcpy(person.name, user.name, sizeof(person.name));
	state_wipe(&user);
	if (!old || result == -1)
		return result;
	w->old++;
	printf(_("%s: the record is older than the trail; HOTP factors are "
	         "suspended, recovery codes spent\n"),
	    person.name);
	return desk_record(&w->desk, "suspend", "yes", &person, NULL,
	    "the record is older than the trail", e);
}

/* One that can't be is told, and does not stop the others. */
static int
upgrade_one(void *context, const char *user)
{
	struct work *w = context;

	if (suspend_old(w, user, &w->last) == 0 &&
	    state_upgrade(w->desk.state, user, &w->last) == 0) {
		w->done++;
	} else {
		w->failed++;
		(void)command_error("state", &w->last);
	}
	return 0;
}

static int
upgrade(struct work *w, struct err *e)
{
	char detail[96];

	/* A trail that does not verify is no reason not to upgrade. */
	if (read_trail(w, &w->last) == -1) {
		w->failed++;
		(void)command_error("state", &w->last);
	}
	if (state_each(w->desk.state, upgrade_one, w, e) == -1)
		return -1;
	printf(_("Records written anew: %u, failed: %u\n"), w->done, w->failed);
	(void)snprintf(detail, sizeof(detail),
	    "records %u, failed %u, suspended %u", w->done, w->failed, w->old);
	return desk_record(&w->desk, "state-upgrade",
	    w->failed == 0 ? "yes" : "no", NULL, NULL, detail, e);
}

static enum status
run(const struct context *context, int argc, char **argv)
{
	struct err e = { .code = ERR_NONE };
	struct work work = { .done = 0 };
	int result = -1;

	if (argc != 2 || strcmp(argv[1], "upgrade") != 0)
		return command_usage(&command_state);
	if (desk_open(&work.desk, context, DESK_CHANGE, &e) == 0) {
		result = upgrade(&work, &e);
		desk_close(&work.desk);
	}
	free(work.newest);
	if (result == -1)
		return command_error("state", &e);
	return work.failed == 0 ? STATUS_DONE : STATUS_FOUND;
}

const struct command command_state = {
	.name = "state",
	.summary = N_("write the records of users in the newest format"),
	.usage = "reevectl state upgrade\n",
	.run = run,
};
